#!/bin/sh
# One person on two devices and in a branch is one journey: visits by a visitor, a login that says whose they were, and
# what happened in the branch; live and from rows that are kept, and gone with the person.
. "${STOA_SRC:?}/tests/support/lib.sh"
P=$T/p
mkdir -p "$P/features" "$P/ontology"
J=https://bank.example/ontology#
cat > "$P/stoa.yaml" <<F
project: journeys
base: https://bank.example/
ontology: [ontology/*.ttl]
data: [bank.ttl]
listen: {socket: run/stoa.sock}
state: {driver: sqlite, address: state/stoa.db}
events:
  visit:
    class: ${J}Visit
    fields:
      id: {type: string}
      at: {type: dateTime, property: "${J}at"}
      visitor: {type: string, property: "${J}byVisitor", iri: "visitor/{visitor}"}
      page: {type: string, property: "${J}step"}
  login:
    class: ${J}Login
    fields:
      id: {type: string}
      at: {type: dateTime, property: "${J}at"}
      visitor: {type: string, property: "${J}visitor", iri: "visitor/{visitor}"}
      customer: {type: string, property: "${J}customer", iri: "customer/{customer}"}
      kind: {type: string, property: "${J}step"}
  counter:
    class: ${J}BranchVisit
    fields:
      id: {type: string}
      at: {type: dateTime, property: "${J}at"}
      customer: {type: string, property: "${J}customer", iri: "customer/{customer}"}
      wish: {type: string, property: "${J}step"}
F
mkdir "$P/run"
cat > "$P/ontology/o.ttl" <<F
@prefix j: <$J> . @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
j:Customer a owl:Class . j:Visitor a owl:Class . j:Visit a owl:Class . j:Login a owl:Class . j:BranchVisit a owl:Class .
j:at a owl:DatatypeProperty . j:step a owl:DatatypeProperty .
j:byVisitor a owl:ObjectProperty . j:visitor a owl:ObjectProperty . j:customer a owl:ObjectProperty .
F
echo "<https://bank.example/customer/c-other> a <${J}Customer> ." > "$P/bank.ttl"
cat > "$P/features/entities.yaml" <<F
prefixes: {j: "$J"}
customer: {class: j:Customer, key: customer_id, iri: "customer/{customer_id}"}
visitor: {class: j:Visitor, key: visitor_id, iri: "visitor/{visitor_id}", same_as: {customer: login}}
F
# A query, whose rows are in the order of time, and a window: each live, and kept for an hour.
view() { # NAME KIND HEADER FRESHNESS QUERY
  cat > "$P/features/$1.rq" <<F
#+ summary: steps of a customer on the web and in the branch
#+ feature_view: {name: $1, kind: $2, entity: {customer: customer_id}, $3, freshness: $4}
PREFIX j: <$J>
$5
F
}
EVENTS='{ ?e j:customer ?customer ; j:at ?at ; j:step ?step }
  UNION { { SELECT DISTINCT ?customer ?v { ?l a j:Login ; j:visitor ?v ; j:customer ?customer } } ?e a j:Visit ; j:byVisitor ?v ; j:at ?at ; j:step ?step }'
QUERY="SELECT ?customer (COUNT(?e) AS ?steps) (GROUP_CONCAT(?step; separator=\" > \") AS ?path) {
  SELECT ?customer ?e ?step { $EVENTS } ORDER BY ?at } GROUP BY ?customer"
WINDOW="SELECT ?customer ?at ?step { $EVENTS }"
for f in live 1h; do
  view "path_$f" query 'features: {steps: integer, path: string}, default: {steps: 0}' $f "$QUERY"
  view "steps_$f" window 'time: at, windows: [7d], by: {step: [card, login, sign]}, aggregates: [count, recency], default: {count: 0}' $f "$WINDOW"
done
printf 'services:\n  - {name: journey, features: ["path_live:*", "path_1h:*", "steps_live:*", "steps_1h:*"]}\n' > "$P/features/services.yaml"
ok "the project is good" "$STOA" check -C "$P"
serve "$P" || exit 1
ago() { date -u -d "@$(($(date +%s) - $1))" +%FT%TZ; }
send() { r EVENT "$@" > "$T/sent" 2>&1; }
row() { r HMGET "journey:$1" "path_$2__steps" "path_$2__path" "steps_$2__count_7d_all" "steps_$2__count_7d_card" | paste -sd' '; }
both() { # CLAIM CUSTOMER EXPECTED
  is "$1, live" "$(row "$2" live)" "$3"
  is "$1, kept" "$(row "$2" 1h)" "$3"
  is "$1, as it was kept" "$(row "$2" 1h)" "$3"
}
nobody() { echo "NOTFOUND there is no customer with customer_id \"$1\" "; }
both "a customer of whom nothing is known has no journey" c-anna "$(nobody c-anna)"
ok "a visit on the phone" send visit "{\"id\":\"v1\",\"at\":\"$(ago 3600)\",\"visitor\":\"phone-anna\",\"page\":\"card\"}"
both "a visitor's event is nobody's yet" c-anna "$(nobody c-anna)"
ok "a step in the branch" send counter "{\"id\":\"b1\",\"at\":\"$(ago 60)\",\"customer\":\"c-anna\",\"wish\":\"sign\"}"
both "the branch knows the customer" c-anna '1 sign 1 0'
ok "another visitor" send visit "{\"id\":\"v2\",\"at\":\"$(ago 3500)\",\"visitor\":\"phone-berta\",\"page\":\"card\"}"
both "another visitor's is not the customer's" c-anna '1 sign 1 0'
ok "a login says who the visitor is" send login "{\"id\":\"l1\",\"at\":\"$(ago 1800)\",\"visitor\":\"phone-anna\",\"customer\":\"c-anna\",\"kind\":\"login\"}"
both "one journey of three, in the order of time, at once" c-anna '3 card > login > sign 3 1'
ok "a visit after the login" send visit "{\"id\":\"v3\",\"at\":\"$(ago 30)\",\"visitor\":\"phone-anna\",\"page\":\"card\"}"
both "it is the customer's at once" c-anna '4 card > login > sign > card 4 2'
ok "the visitor logs in once more" send login "{\"id\":\"l2\",\"at\":\"$(ago 20)\",\"visitor\":\"phone-anna\",\"customer\":\"c-anna\",\"kind\":\"login\"}"
both "its visits are not counted twice" c-anna '5 card > login > sign > card > login 5 2'
ok "another customer's login" send login "{\"id\":\"l3\",\"at\":\"$(ago 10)\",\"visitor\":\"phone-berta\",\"customer\":\"c-berta\",\"kind\":\"login\"}"
both "has her own visits" c-berta '2 card > login 2 1'
both "and changes nothing of others" c-anna '5 card > login > sign > card > login 5 2'
send counter "{\"id\":\"b2\",\"at\":\"$(ago 8)\",\"customer\":\"c-berta\",\"wish\":\"sign\"}"
both "a step of hers in the branch" c-berta '3 card > login > sign 3 1'
ok "rows were kept" test "$(curl -s "$HTTP/metrics" | awk '/^stoa_feature_rows_found_total\{view="(path|steps)_1h"\}/ { n += $2 } END { print n + 0 }')" -gt 0

# ---- the customer goes, and with her who she was as a visitor
like "erased" "$(curl -s -X DELETE "$HTTP/entities/customer/c-anna")" '"events":\{"visit":2,"login":2,"counter":1\}.*"same_as":\{"visitor":1\}'
both "nothing is left of her journey" c-anna "$(nobody c-anna)"
both "another's journey stays" c-berta '3 card > login > sign 3 1'
is "nothing of her is in a file" "$(cat "$P"/state/* | grep -acE 'phone-anna|c-anna')" 0
ok "a visit on the same phone" send visit "{\"id\":\"v4\",\"at\":\"$(ago 5)\",\"visitor\":\"phone-anna\",\"page\":\"card\"}"
both "is one of a visitor who is not known" c-anna "$(nobody c-anna)"
like "a visitor goes alone" "$(curl -s -X DELETE "$HTTP/entities/visitor/phone-berta")" '"events":\{"visit":1,"login":1\}.*"same_as":\{\}'
both "what the customer did as such stays" c-berta '1 sign 1 0'
stop_server

# ---- what is declared must be so
same() { sed -i "s/same_as: .*/same_as: $1}/" "$P/features/entities.yaml"; "$STOA" check -C "$P" 2>&1; }
like "an unknown entity" "$(same '{custmer: login}')" 'entities.yaml:3:[0-9]+: error: "same_as": unknown entity "custmer"; did you mean "customer"'
like "an unknown event" "$(same '{customer: logn}')" 'entities.yaml:3:[0-9]+: error: "same_as": there is no event type "logn"'
like "an event that does not name both" "$(same '{customer: [login, visit]}')" 'entities.yaml:3:[0-9]+: error: "same_as": no field of event type "visit" makes an IRI like ".*customer/\{customer_id\}", of entity "customer"'
like "what is no event" "$(same '{customer: {a: b}}')" 'entities.yaml:3:[0-9]+: error: "same_as" is \{ENTITY: EVENT\}'
like "what is no map" "$(same 'customer')" 'entities.yaml:3:[0-9]+: error: "same_as" is \{ENTITY: EVENT\}'
like "itself" "$(same '{visitor: visit}')" 'entities.yaml:3:[0-9]+: error: entity "visitor" is the same as itself'
done_testing
