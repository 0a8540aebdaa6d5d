#!/bin/sh
# Project folders: what stoa check finds before anybody asks, and what stoa bootstrap writes.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "$SRC/tests/support/postgres.sh"
ask() { "$STOA" query -C "$1" --format csv -e "$2" 2>&1 | tr -d '\r'; }
check() { "$STOA" check -C "$@" 2>&1; }

# ---- what check does not let through
"$STOA" init "$T/good" > /dev/null
is "what stoa init writes is all good" "$(check "$T/good" | grep -c 'all good')" 1
caught() { # CLAIM FILE SED PATTERN
  rm -rf "$T/p"; cp -r "$T/good" "$T/p"; sed -i "$3" "$T/p/$2"
  out=$(check "$T/p"); code=$?
  like "$1 is found, with its place" "$out" "$4"
  is "... and check fails" "$code" 1
}
caught "a datatype that does not exist" mappings/core.ttl 's/rr:column "balance" \]/rr:column "balance" ; rr:datatype <http:\/\/www.w3.org\/2001\/XMLSchema#interger> ]/' 'core.ttl:[0-9]+:[0-9]+: error: .*is no datatype of XML Schema; did you mean xsd:integer'
caught "a subject template without a column" mappings/core.ttl 's/customer\/{customer_id}" ; rr:class/customer\/x" ; rr:class/' 'core.ttl:[0-9]+:[0-9]+: error: triples map customer: .*names no column'
caught "a base without a scheme" stoa.yaml 's#^base:.*#base: bank.example#' 'stoa.yaml:[0-9]+:[0-9]+: error: base "bank.example" is no absolute IRI'
caught "a base that is no IRI" stoa.yaml 's#^base:.*#base: "http://a b/"#' 'stoa.yaml:[0-9]+:[0-9]+: error: base'
caught "a key that is not unique" stoa.yaml 's#mappings/core.ttl\]}#mappings/core.ttl], keys: {customer: [segment]}}#' 'stoa.yaml:[0-9]+:[0-9]+: error: this is no key of customer: more than one row has segment "mass"'
caught "a key that is no list" stoa.yaml 's#mappings/core.ttl\]}#mappings/core.ttl], keys: {customer: segment}}#' 'stoa.yaml:[0-9]+:[0-9]+: error: keys of table customer: a list of its columns is wanted, as in customer: \[segment\]'
caught "an empty key" stoa.yaml 's#mappings/core.ttl\]}#mappings/core.ttl], keys: {customer: []}}#' 'stoa.yaml:[0-9]+:[0-9]+: error: keys of table customer: a list'
caught "keys that are no map" stoa.yaml 's#mappings/core.ttl\]}#mappings/core.ttl], keys: [customer]}#' 'stoa.yaml:[0-9]+:[0-9]+: error: keys of source .*keys: \{TABLE: \[COLUMN\]\}'
caught "a key of an unknown column" stoa.yaml 's#mappings/core.ttl\]}#mappings/core.ttl], keys: {customer: [segmnet]}}#' 'stoa.yaml:[0-9]+:[0-9]+: error: table customer has no column "segmnet"; did you mean "segment"'
caught "a key of an unknown table" stoa.yaml 's#mappings/core.ttl\]}#mappings/core.ttl], keys: {custmer: [segment]}}#' 'stoa.yaml:[0-9]+:[0-9]+: error: .*no table "custmer"; did you mean "customer"'
caught "a list in a key" stoa.yaml 's#mappings/core.ttl\]}#mappings/core.ttl], keys: {customer: [[segment]]}}#' 'stoa.yaml:[0-9]+:[0-9]+: error: table customer has no column'
caught "foreign_keys that says neither" stoa.yaml 's#mappings/core.ttl\]}#mappings/core.ttl], foreign_keys: yes}#' 'stoa.yaml:[0-9]+:[0-9]+: error: foreign_keys of source'
caught "stoa:key that is not unique" mappings/core.ttl 's/rr:tableName "customer" \]/rr:tableName "customer" ; <https:\/\/stoa.example\/ns#key> "segment" ]/' 'core.ttl:[0-9]+:[0-9]+: error: this is no key of customer'
caught "a saved query with a property that nothing maps" queries/balances.rq 's/b:balance/b:balanec/' 'balances.rq:[0-9]+:[0-9]+: error: nothing is mapped to property <[^>]*balanec>; did you mean <[^>]*#balance>'
caught "a saved query with a class that nothing maps" queries/balances.rq 's/b:Customer/b:Custmer/;s/{/{ ?any a <http:\/\/no.example\/Class> ./' 'balances.rq:[0-9]+:[0-9]+: error: nothing is mapped to class'
caught "an entity IRI that no mapping makes" features/entities.yaml 's#example/customer/{#example/client/{#' 'entities.yaml:[0-9]+:[0-9]+: error: entity "customer": no mapping makes IRIs like "https://bank.example/client/\{customer_id\}"'
caught "an entity class that is not in the ontology" features/entities.yaml 's/b:Customer/b:Custmer/' 'entities.yaml:[0-9]+:[0-9]+: error: entity "customer": class <[^>]*Custmer> is not in the ontology; did you mean'
caught "a feature whose values are of another type" features/wealth.rq 's/segment: string/segment: int32/' 'wealth.rq:[0-9]+:[0-9]+: error: feature wealth__segment: "mass" of <https://bank.example/customer/1> does not fit'
caught "a default of a feature that is not there" features/wealth.rq 's/accounts: 0/acounts: 0/' 'wealth.rq:[0-9]+:[0-9]+: error: "default" names "acounts", which is no feature here; did you mean "accounts"'
caught "a default that is no value of its type" features/wealth.rq 's/accounts: 0/accounts: many/' 'wealth.rq:[0-9]+:[0-9]+: error: the default of "accounts" is no value of its type'
caught "two actions of one id" personalizer/next_offer.yaml 's/id: credit/id: savings_plan/' 'next_offer.yaml:[0-9]+:[0-9]+: error: there is an action "savings_plan" already'
caught "a floor above an even share" personalizer/next_offer.yaml 's/floor: 0.02/floor: 0.9/' 'next_offer.yaml:[0-9]+:[0-9]+: error: a floor of 0.9 is more than an even share of 3 actions'

# ---- what only the data tells: check --data
mkdir -p "$T/d"
sqlite3 "$T/d/d.db" "CREATE TABLE dept(id INTEGER PRIMARY KEY); CREATE TABLE emp(id INTEGER PRIMARY KEY, dept INTEGER REFERENCES dept(id), since TEXT, note TEXT);
  INSERT INTO dept VALUES (1); INSERT INTO emp VALUES (10, 1, '2024-01-31', 'x'), (11, 1, '2024-1-31', CAST(x'FF' AS TEXT))"
cat > "$T/d/m.ttl" <<'M'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix x: <http://x/> .
<#d> rr:logicalTable [ rr:tableName "dept" ] ; rr:subjectMap [ rr:template "http://x/d/{id}" ; rr:class x:Dept ] .
<#e> rr:logicalTable [ rr:tableName "emp" ] ; rr:subjectMap [ rr:template "http://x/e/{id}" ; rr:class x:Emp ] ;
  rr:predicateObjectMap [ rr:predicate x:in ; rr:objectMap [ rr:parentTriplesMap <#d> ; rr:joinCondition [ rr:child "dept" ; rr:parent "id" ] ] ] ;
  rr:predicateObjectMap [ rr:predicate x:since ; rr:objectMap [ rr:column "since" ; rr:datatype <http://www.w3.org/2001/XMLSchema#date> ] ] ;
  rr:predicateObjectMap [ rr:predicate x:note ; rr:objectMap [ rr:column "note" ] ] .
M
config() { printf 'project: p\nbase: http://x/\nsources:\n  db: {driver: sqlite, address: d.db, mappings: [m.ttl]%s}\n' "$1" > "$T/d/stoa.yaml"; }
config ', foreign_keys: trusted'
is "trusted references that hold are all good" "$(check "$T/d" | grep -c 'all good')" 1
sqlite3 "$T/d/d.db" "INSERT INTO emp VALUES (12, 7, NULL, NULL)"
like "trusted references that lead nowhere are found" "$(check "$T/d")" 'stoa.yaml:4:[0-9]+: error: foreign_keys: emp has a row with dept 7, which table dept does not have'
like "... of the tables that are named too" "$(config ', foreign_keys: [emp]'; check "$T/d")" 'foreign_keys: emp has a row with dept 7'
config ''
is "without --data values are not read" "$(check "$T/d" | grep -c 'all good')" 1
out=$(check "$T/d" --data); code=$?
like "with it each faulty term map is told" "$out" 'm.ttl:5:[0-9]+: error: triples map e: column since of emp holds "2024-1-31", which is no xsd:date; .*\(the row with id 11\)'
like "... and the next one" "$out" 'm.ttl:6:[0-9]+: error: triples map e: column note of emp holds .*not UTF-8.*\(the row with id 11\)'
is "... and check fails" "$code" 1

# ---- features of values that are not written in the one canonical way
mkdir -p "$T/f/d" "$T/f/features"
printf 'id,active\n1,1\n2,true\n3,0\n' > "$T/f/d/t.csv"
printf 'project: p\nbase: http://ex.org/\nsources:\n  s: {driver: csv, address: d, mappings: [m.ttl], keys: {t: [id]}}\n' > "$T/f/stoa.yaml"
cat > "$T/f/m.ttl" <<'M'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix : <http://ex.org/> .
<#t> rr:logicalTable [ rr:tableName "t" ] ; rr:subjectMap [ rr:template "http://ex.org/t/{id}" ; rr:class :T ] ;
  rr:predicateObjectMap [ rr:predicate :active ; rr:objectMap [ rr:column "active" ; rr:datatype xsd:boolean ] ] .
M
echo 'thing: {class: <http://ex.org/T>, key: [id], iri: "http://ex.org/t/{id}"}' | sed 's/<//;s/>,/,/' > "$T/f/features/entities.yaml"
echo 'services: [{name: svc, features: ["v:*"]}]' > "$T/f/features/services.yaml"
printf '#+ summary: a boolean\n#+ feature_view:\n#+   name: v\n#+   kind: query\n#+   entity: {t: id}\n#+   features: {active: boolean}\nPREFIX : <http://ex.org/>\nSELECT ?t ?active { ?t :active ?active }\n' > "$T/f/features/v.rq"
is "1 and true are one boolean feature" "$("$STOA" features get -C "$T/f" svc 1 2 3 | jq -c '.v__active' | paste -sd' ')" "true true false"

# ---- event types that are declared when the state is there already
rm -rf "$T/e"; cp -r "$T/good" "$T/e"
printf 'events:\n  click:\n    class: https://bank.example/ontology#Click\n    subject: "https://bank.example/click/{id}"\n    id: id\n    time: at\n    fields:\n      id: {type: string}\n      at: {type: dateTime, property: "https://bank.example/ontology#at"}\n' > "$T/click"
echo 'b:Click a owl:Class . b:at a owl:DatatypeProperty . b:page a owl:DatatypeProperty .' >> "$T/e/ontology/bank.ttl"
rank() { "$STOA" rank -C "$T/e" next_offer '{"subject":"1"}' > "$T/ranked" 2>&1; }
ok "a decision is made, and the state with it" rank
cat "$T/click" >> "$T/e/stoa.yaml"
is "an event type that was declared since then has its table" "$(check "$T/e" | grep -c 'all good')" 1
ok "... and decisions go on" rank
sed -i 's/      at: .type/      page: {type: string, property: "https:\/\/bank.example\/ontology#page"}\n&/' "$T/e/stoa.yaml"
is "so has a field that was, wherever it stands" "$(check "$T/e" | grep -c 'all good')" 1
ok "... and decisions go on" rank
ok "... and a server starts" serve "$T/e"
like "... which keeps fields by their names" "$(curl -s -X POST "$HTTP/events/click" -H 'Content-Type: application/json' -d '{"id":"c1","page":"home","at":"2026-11-01T10:00:00Z"}'; curl -s "$HTTP/sparql" -H 'Accept: text/csv' --data-urlencode 'query=PREFIX b: <https://bank.example/ontology#> SELECT ?p ?a { <https://bank.example/click/c1> b:page ?p ; b:at ?a }' | tr -d '\r' | paste -sd' ')" 'p,a home,2026-11-01T10:00:00Z'
printf 'events: {other: {class: "https://bank.example/ontology#Click", subject: "https://bank.example/other/{id}", id: id, time: at, fields: {id: {type: string}, at: {type: dateTime, property: "https://bank.example/ontology#at"}}}}\n' > "$T/other"
sed -i '/^events:/,$d' "$T/e/stoa.yaml"; cat "$T/other" >> "$T/e/stoa.yaml"
is "while a server holds the state, a new type is not mapped yet, and nothing fails" "$(check "$T/e" | grep -c 'all good')" 1
ok "... and stops" stop_server

# ---- what stoa bootstrap writes works at once
made() { # NAME SOURCE OPTION...: a folder, checked
  name=$1 source=$2; shift 2
  ok "bootstrap of $name" "$STOA" bootstrap --source "$source" -o "$T/b-$name" --base http://b.example/ "$@"
  is "... passes its check" "$(check "$T/b-$name" | grep -c 'all good')" 1
}
O='PREFIX : <http://b.example/ontology#>'
sqlite3 "$T/s.db" "CREATE TABLE store(store_id INTEGER PRIMARY KEY, active INTEGER, price DECIMAL(8,2), note TEXT);
  CREATE TABLE cust(id INTEGER PRIMARY KEY, store_id INT REFERENCES store, active BOOLEAN, price INTEGER, note INTEGER, LIMITBAL INTEGER, \"IDNumber\" TEXT);
  CREATE VIEW v AS SELECT store_id AS v_id, note FROM store; CREATE VIEW u AS SELECT store_id AS store FROM store; CREATE VIEW w AS SELECT active FROM cust; CREATE VIEW broken AS SELECT * FROM nowhere;
  INSERT INTO store VALUES (1, 5, 2.5, 'x'), (2, 6, 3.5, 'y'); INSERT INTO cust VALUES (7, 1, 1, 2, 3, 4, 'a'), (8, 1, 0, 3, 4, 5, 'b')"
made sqlite "sqlite:$T/s.db"
is "a reference has its plain name where no mapped column has it" "$(grep -o ':store[A-Za-z]* ' "$T/b-sqlite/mappings/s.ttl" | sort -u | paste -sd'|')" ':store |:storeId '
is "a range is that of all columns of the name" "$(sed -n 's/^:\(active\|price\|note\) .*" *\(.*\)$/\1 \2/p' "$T/b-sqlite/ontology/s.ttl" | sort | paste -sd'|')" 'active .|note .|price ; rdfs:range xsd:decimal .'
is "names in capitals are read in small letters" "$(grep -cE '^:(limitbal|idNumber) a owl:DatatypeProperty' "$T/b-sqlite/ontology/s.ttl")" 2
is "views are left out" "$(grep -c 'tableName "v"' "$T/b-sqlite/mappings/s.ttl")" 0
is "the query answers" "$("$STOA" query -C "$T/b-sqlite" --format csv "$T/b-sqlite/queries/first.rq" | wc -l)" 3
is "the entity has its feature" "$("$STOA" features get -C "$T/b-sqlite" store 1 2 | jq -c '.store__cust' | paste -sd' ')" '2 0'
ok "the server starts" serve "$T/b-sqlite"
like "... and answers" "$(curl -s "$HTTP/sparql" -H 'Accept: text/csv' --data-urlencode "query=$O SELECT (COUNT(*) AS ?n) { ?c :store ?s }")" '^2'
ok "... and stops" stop_server
made views "sqlite:$T/s.db" --views
is "with --views they are mapped, by a key that their rows tell" "$(ask "$T/b-views" "$O SELECT ?n { <http://b.example/v/2> :note ?n }" | paste -sd' ')" 'n y'
like "... but not those without" "$("$STOA" bootstrap --source "sqlite:$T/s.db" -o "$T/b-views2" --views 2>&1)" 'w is left out: no column tells its rows apart; --key w=COLUMN'
mkdir "$T/csv"
printf 'customer_id,name,JOINED,score,zip,flag,rate\n1,Ann,2024-01-05,10.50,01234,true,1e3\n2,,2024-02-01,-0.05,99999,false,2.5\n' > "$T/csv/customer.csv"
printf 'order_no;customer_id;LIMIT_BAL;at\nA1;1;10;2024-01-01T10:00:00\nA2;1;10;\nA3;2;30;2024-01-02T10:00:00\n' > "$T/csv/orders.csv"
printf 'day,kind,n\n2024-01-01,x,1\n2024-01-01,y,2\n2024-01-02,x,1\n' > "$T/csv/day.csv"
made csv "csv:$T/csv"
is "types of CSV columns are told by their rows" "$(sed -n 's/.*rr:predicate :\([a-zA-Z]*\) ; rr:objectMap \[ rr:column "[^"]*" *;* *\(rr:datatype xsd:\)*\([a-zA-Z]*\).*/\1 \3/p' "$T/b-csv/mappings/csv.ttl" | sort | paste -sd'|')" \
  'at dateTime|customerId integer|day date|flag boolean|joined date|kind |limitBal integer|n integer|name |orderNo |rate double|score decimal|zip '
like "... and so are keys" "$(cat "$T/b-csv/stoa.yaml")" 'keys: \{"customer": \["customer_id"\], "orders": \["order_no"\]\}'
is "... and references" "$(ask "$T/b-csv" "$O SELECT ?n (COUNT(*) AS ?k) { ?o a :Orders ; :customer ?c . ?c :name ?n } GROUP BY ?n" | paste -sd' ')" 'n,k Ann,2'
is "... and rows without a key are rows all the same" "$(ask "$T/b-csv" "$O SELECT (SUM(?n) AS ?s) { ?d a :Day ; :n ?n }" | paste -sd' ')" 's 4'
is "an entity of a CSV file has its feature" "$("$STOA" features get -C "$T/b-csv" customer 1 2 | jq -c '.customer__orders' | paste -sd' ')" '2 1'
made keyed "csv:$T/csv" --key day=day,kind
is "--key names a key of several columns" "$(ask "$T/b-keyed" "$O SELECT ?n { <http://b.example/day/2024-01-01/y> :n ?n }" | paste -sd' ')" 'n 2'
like "... and check holds it against the rows" "$("$STOA" bootstrap --source "csv:$T/csv" -o "$T/b-false" --key day=kind > /dev/null; check "$T/b-false")" 'stoa.yaml:4:[0-9]+: error: this is no key of day: more than one row has kind "x"'
"$STOA" bootstrap --source "csv:$T/csv" -o "$T/b-none" --key day=dya > "$T/said" 2>&1; is "an unknown column (exit 2)" $? 2
like "... is told with the nearest" "$(cat "$T/said")" 'table day has no column "dya"; did you mean "day"'
if pg_start cluster > "$T/pg.log" 2>&1; then
  pg -c "CREATE DATABASE inh"
  DB=inh pg -c "CREATE TABLE base(id int PRIMARY KEY, amt numeric); CREATE TABLE child(extra text) INHERITS (base); CREATE TABLE grandchild() INHERITS (child);
    INSERT INTO base VALUES (1, 10); INSERT INTO child VALUES (2, 20, 'x'); INSERT INTO grandchild VALUES (1, 40, 'y'); CREATE SCHEMA far; CREATE TABLE far.t(id int PRIMARY KEY, v text); INSERT INTO far.t VALUES (1, 'v')"
  made inherits "$(echo "$PG_URL" | sed 's#/postgres?#/inh?#')"
  is "rows of a child are not its parent's too" "$(ask "$T/b-inherits" "$O SELECT (SUM(?a) AS ?s) (COUNT(*) AS ?n) { ?x :amt ?a }" | paste -sd' ')" 's,n 70,3'
  is "... but its class is" "$(ask "$T/b-inherits" "$O SELECT (COUNT(*) AS ?n) { ?x a :Base }" | paste -sd' ')" 'n 3'
  is "... and what is its own is found once" "$(ask "$T/b-inherits" "$O SELECT ?e { ?x a :Child ; :extra ?e } ORDER BY ?e" | paste -sd' ')" 'e x y'
else
  N=$((N + 1)); echo "ok $N - PostgreSQL's INHERITS # SKIP no PostgreSQL"
fi
done_testing
