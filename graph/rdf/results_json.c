// SPARQL 1.1 Query Results JSON Format.  The frame is walked here, each of its values read by jansson when its turn
// comes, so that a document of many rows is never held as a tree.
#include "graph/base/json.h"
#include "graph/rdf/results_builder.h"

typedef struct {
  stoa_results_builder *b;
  stoa_slice text;
  size_t at;
  stoa_arena scratch; ///< of one value
} reader;

static int line_of(const reader *r)
{
  int line = 1;
  for (size_t i = 0; i < r->at && i < r->text.length; ++i) {
    line += r->text.data[i] == '\n';
  }
  return line;
}

static stoa_status fault(const reader *r, const char *what)
{
  return stoa_results_fault(r->b, line_of(r), what);
}

static char peek(reader *r)
{
  while (r->at < r->text.length && memchr(" \t\n\r", r->text.data[r->at], 4)) {
    ++r->at;
  }
  return r->at < r->text.length ? r->text.data[r->at] : '\0';
}

static bool take(reader *r, char sign)
{
  const bool there = peek(r) == sign;
  r->at += there;
  return there;
}

enum { DEEPEST = 8, MOST_PARTS = 100000 };

static const char *string_end(const char *at, const char *end)
{
  for (++at; at < end && *at != '"'; ++at) {
    at += *at == '\\' && at + 1 < end;
  }
  return at < end ? at + 1 : end;
}

// The end of the value that begins here, found without reading it; NULL where it is deeper or has more parts than any
// value of a result document: a parser would make much of it.
static const char *value_end(const reader *r)
{
  const char *at = r->text.data + r->at;
  const char *const end = r->text.data + r->text.length;
  int depth = 0, parts = 0;
  while (at < end) {
    const char c = *at;
    if (c == '"') {
      at = string_end(at, end);
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at;
    } else if (c == '}' || c == ']') {
      at += depth > 0;
      --depth;
    } else if (c == ',' && depth == 0) {
      return at;
    } else {
      ++at;
    }
    parts += c == ',' || c == '{' || c == '[';
    if (depth > DEEPEST || parts > MOST_PARTS) {
      return NULL;
    }
    if (depth <= 0 && (c == '"' || c == '}' || c == ']')) {
      return at;
    }
  }
  return end;
}

static stoa_status next(reader *r, const stoa_json **out)
{
  stoa_error failed = {0};
  peek(r);
  stoa_arena_reset(&r->scratch);
  const size_t start = r->at;
  if (!value_end(r)) {
    return fault(r, "a value with more parts than it may have");
  }
  const stoa_status status = stoa_json_next(r->text, &r->at, &r->scratch, out, &failed);
  if (status != STOA_OK) {
    r->at = start;
    return fault(r, failed.text);
  }
  return STOA_OK;
}

// Members of an object or elements of an array, one after the other; `member` gets the name.
static stoa_status each_member(reader *r, stoa_status (*member)(reader *, const char *))
{
  if (!take(r, '{')) {
    return fault(r, "an object is wanted");
  }
  for (bool first = true; !take(r, '}'); first = false) {
    const stoa_json *name;
    if (!first && !take(r, ',')) {
      return fault(r, "a comma is missing");
    }
    STOA_TRY(next(r, &name));
    if (name->kind != STOA_JSON_STRING || !take(r, ':')) {
      return fault(r, "a name and a colon are wanted");
    }
    char known[16] = "";
    if (name->text.length < sizeof known) {
      memcpy(known, name->text.data, name->text.length);
    }
    STOA_TRY(member(r, known));
  }
  return STOA_OK;
}

static stoa_status skip(reader *r)
{
  peek(r);
  const char *const end = value_end(r);
  if (!end || end == r->text.data + r->at) {
    return fault(r, "a value is wanted");
  }
  r->at = (size_t)(end - r->text.data);
  return STOA_OK;
}

static stoa_status read_head(reader *r, const char *name)
{
  const stoa_json *value;
  STOA_TRY(next(r, &value));
  if (strcmp(name, "vars") != 0) {
    return STOA_OK;
  }
  if (value->kind != STOA_JSON_ARRAY) {
    return fault(r, "\"vars\" is no array");
  }
  for (uint32_t i = 0; i < value->n_items; ++i) {
    if (value->items[i].kind != STOA_JSON_STRING) {
      return fault(r, "a variable's name is no string");
    }
    stoa_results_column(r->b, value->items[i].text);
  }
  return STOA_OK;
}

static stoa_slice text_of(const stoa_json *object, const char *name)
{
  const stoa_json *const member = stoa_json_find(object, name);
  return member && member->kind == STOA_JSON_STRING ? member->text : (stoa_slice){NULL, 0};
}

static stoa_status read_binding(reader *r, const stoa_json *binding)
{
  const stoa_slice type = text_of(binding, "type"), value = text_of(binding, "value");
  const uint32_t column = stoa_results_column(r->b, stoa_slice_of(binding->name));
  if (!value.data) {
    return fault(r, "a term has no \"value\"");
  }
  stoa_binding_kind kind = STOA_BINDING_LITERAL;
  if (stoa_slice_is(type, "uri")) {
    kind = STOA_BINDING_IRI;
  } else if (stoa_slice_is(type, "bnode")) {
    kind = STOA_BINDING_BLANK;
  } else if (!stoa_slice_is(type, "literal") && !stoa_slice_is(type, "typed-literal")) {
    return fault(r, "the \"type\" of a term is uri, literal or bnode");
  }
  return stoa_results_bind(r->b, column, kind, value, text_of(binding, "xml:lang"), text_of(binding, "datatype"));
}

static stoa_status read_row(reader *r)
{
  const stoa_json *row;
  STOA_TRY(next(r, &row));
  if (row->kind != STOA_JSON_OBJECT) {
    return fault(r, "a row of \"bindings\" is no object");
  }
  for (uint32_t i = 0; i < row->n_items; ++i) {
    STOA_TRY(read_binding(r, &row->items[i]));
  }
  return stoa_results_end_row(r->b);
}

static stoa_status read_results(reader *r, const char *name)
{
  if (strcmp(name, "bindings") != 0) {
    return skip(r);
  }
  if (!take(r, '[')) {
    return fault(r, "\"bindings\" is no array");
  }
  for (bool first = true; !take(r, ']'); first = false) {
    if (!first && !take(r, ',')) {
      return fault(r, "a comma is missing between rows");
    }
    STOA_TRY(read_row(r));
  }
  return STOA_OK;
}

static stoa_status read_boolean(reader *r)
{
  const stoa_json *value;
  STOA_TRY(next(r, &value));
  if (value->kind != STOA_JSON_BOOLEAN) {
    return fault(r, "\"boolean\" is neither true nor false");
  }
  r->b->is_boolean = true;
  r->b->truth = value->integer != 0;
  return STOA_OK;
}

typedef struct {
  reader base;
  bool answers; ///< results or a boolean have been there
} document;

static stoa_status read_part(reader *r, const char *name)
{
  if (strcmp(name, "head") == 0) {
    return each_member(r, read_head);
  }
  const bool rows = strcmp(name, "results") == 0;
  if (!rows && strcmp(name, "boolean") != 0) {
    return skip(r);
  }
  if (((document *)r)->answers) {
    return fault(r, "two answers in one document");
  }
  ((document *)r)->answers = true;
  return rows ? each_member(r, read_results) : read_boolean(r);
}

stoa_status stoa_results_read_json(stoa_results_builder *b, stoa_slice text)
{
  document d = {.base = {.b = b, .text = text}};
  stoa_arena_init(&d.base.scratch, 0);
  if (text.length >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0) {
    d.base.at = 3; // a byte order mark
  }
  stoa_status status = each_member(&d.base, read_part);
  if (status == STOA_OK && (!d.answers || peek(&d.base))) {
    status = fault(&d.base, d.answers ? "text after its end" : "neither \"results\" nor \"boolean\"");
  }
  stoa_arena_done(&d.base.scratch);
  return status;
}
