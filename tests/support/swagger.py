"""Whether an answer is what a Swagger 2.0 description says of it: swagger.py FILE METHOD PATH STATUS BODY-FILE.

PATH is one of the description. Members that it does not name are faults too. Prints each fault, or nothing."""
import json
import sys

KINDS = {"object": dict, "array": list, "string": str, "boolean": bool, "number": (int, float), "integer": int}


def check(schema, value, where, root, faults):
    while "$ref" in schema or "allOf" in schema:
        name = (schema.get("$ref") or schema["allOf"][0]["$ref"]).rsplit("/", 1)[1]
        schema = root["definitions"][name]
    kind = schema.get("type", "object")
    if not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean"):
        faults.append(f"{where} is no {kind}")
    elif kind == "object":
        known = schema.get("properties", {})
        faults += [f"{where} has no {name}" for name in schema.get("required", []) if name not in value]
        for name, member in value.items():
            if name in known:
                check(known[name], member, f"{where}.{name}", root, faults)
            else:
                faults.append(f"{where}.{name} is not described")
    elif kind == "array":
        for i, item in enumerate(value):
            check(schema["items"], item, f"{where}[{i}]", root, faults)
    elif kind == "string":
        if len(value) > schema.get("maxLength", len(value)) or value not in schema.get("enum", [value]):
            faults.append(f"{where} is {value!r}")
    elif not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        faults.append(f"{where} is {value}")


def main(file, method, path, status, body_file):
    with open(file, encoding="utf-8") as f:
        root = json.load(f)
    with open(body_file, encoding="utf-8") as f:
        text = f.read()
    responses = root["paths"][path][method]["responses"]
    faults = []
    response = responses.get(status) or (responses.get("default") if status[0] in "45" else None)
    if response is None:
        faults.append(f"status {status} is not described")
    elif "schema" in response:
        check(response["schema"], json.loads(text), "answer", root, faults)
    elif text:
        faults.append("there is a body")
    print("\n".join(faults), end="")


main(*sys.argv[1:])
