#!/bin/sh
# What was not known yet is in no training set: events that came to the log late, rows of sources and events that say from
# when on they were known.  Each row of a set is what was served at its instant.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v jq > /dev/null && command -v sqlite3 > /dev/null && command -v redis-cli > /dev/null || skip_all "jq, sqlite3 and redis-cli are needed"
P=$T/shop
mkdir -p "$P/features"
cat > "$P/stoa.yaml" <<'E'
project: shop
base: https://shop.example/
sources: {shop: {driver: sqlite, address: shop.db, mappings: [map.ttl]}}
ontology: [o.ttl]
state: {driver: sqlite, address: state/stoa.db}
samples: {share: 1}
events:
  visit:
    class: https://shop.example/o#Visit
    fields:
      id:       {type: string}
      at:       {type: dateTime, property: "https://shop.example/o#at"}
      customer: {type: integer, property: "https://shop.example/o#of", iri: "https://shop.example/customer/{customer}"}
      channel:  {type: string, property: "https://shop.example/o#channel"}
      spent:    {type: "decimal(12,2)", property: "https://shop.example/o#spent"}
  letter:
    class: https://shop.example/o#Letter
    known: received
    fields:
      id:       {type: string}
      at:       {type: dateTime, property: "https://shop.example/o#at"}
      received: {type: dateTime}
      customer: {type: integer, property: "https://shop.example/o#of", iri: "https://shop.example/customer/{customer}"}
E
cat > "$P/o.ttl" <<'E'
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix o: <https://shop.example/o#> .
o:Customer a owl:Class . o:Visit a owl:Class . o:Letter a owl:Class . o:Fact a owl:Class . o:of a owl:ObjectProperty .
o:at a owl:DatatypeProperty . o:channel a owl:DatatypeProperty . o:spent a owl:DatatypeProperty . o:known a owl:DatatypeProperty . o:grade a owl:DatatypeProperty .
E
cat > "$P/map.ttl" <<'E'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix o: <https://shop.example/o#> .
<#c> rr:logicalTable [ rr:tableName "customer" ] ; rr:subjectMap [ rr:template "https://shop.example/customer/{id}" ; rr:class o:Customer ] .
<#f> rr:logicalTable [ rr:tableName "fact" ] ; rr:subjectMap [ rr:template "https://shop.example/fact/{id}" ; rr:class o:Fact ] ;
  rr:predicateObjectMap [ rr:predicate o:of ; rr:objectMap [ rr:template "https://shop.example/customer/{customer}" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:at ; rr:objectMap [ rr:column "at" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:grade ; rr:objectMap [ rr:column "grade" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:known ; rr:objectMap [ rr:column "known" ] ] .
<#v> rr:logicalTable [ rr:tableName "old_visit" ] ; rr:subjectMap [ rr:template "https://shop.example/old/{id}" ; rr:class o:Visit ] ;
  rr:predicateObjectMap [ rr:predicate o:of ; rr:objectMap [ rr:template "https://shop.example/customer/{customer}" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:channel ; rr:objectMap [ rr:column "channel" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:at ; rr:objectMap [ rr:column "at" ] ] .
E
sqlite3 "$P/shop.db" <<'E'
CREATE TABLE customer(id INTEGER PRIMARY KEY);
CREATE TABLE fact(id INTEGER PRIMARY KEY, customer INTEGER, at TIMESTAMP, known TIMESTAMP, grade INTEGER);
CREATE TABLE old_visit(id INTEGER PRIMARY KEY, customer INTEGER, at TIMESTAMP, channel TEXT);
INSERT INTO customer VALUES(1), (2), (3), (4), (5);
INSERT INTO fact VALUES(1, 1, '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z', 7), (2, 2, '2026-01-01T00:00:00Z', NULL, 8),
  (3, 3, '2026-01-01T00:00:00Z', '2026-01-01T12:00:00+01:00', 9), (4, 3, '2026-01-02T00:00:00Z', '2026-01-05T00:00:00Z', 3);
INSERT INTO old_visit VALUES(1, 1, '2026-01-01T00:00:00Z', 'web');
E
cat > "$P/features/entities.yaml" <<'E'
prefixes: {o: "https://shop.example/o#"}
customer: {class: o:Customer, key: {customer_id: int64}, iri: "https://shop.example/customer/{customer_id}"}
E
cat > "$P/features/services.yaml" <<'E'
services:
  - {name: log, features: ["visits:*", "others:*", "latest:*", "total:*", "letters:*", "pairs:*"]}
E
header() { printf '#+ feature_view: {name: %s, kind: %s, entity: {customer: customer_id}, %s}\nPREFIX o: <https://shop.example/o#>\n' "$@"; }
# Events by rows; where another one takes rows away; queries with and without the instant; two events in one row.
{ header visits window 'time: at, value: spent, by: {channel: [web, app]}, windows: [7d, 365d], aggregates: [count, sum, max, recency, distinct(channel)]'
  echo 'SELECT ?customer ?at ?spent ?channel { ?v a o:Visit ; o:of ?customer ; o:at ?at ; o:channel ?channel . OPTIONAL { ?v o:spent ?spent } }'; } > "$P/features/visits.rq"
{ header others window 'time: at, windows: [365d], aggregates: [count]'
  echo 'SELECT ?customer ?at { ?v a o:Visit ; o:of ?customer ; o:at ?at FILTER NOT EXISTS { ?w o:of ?customer ; o:channel "app" ; o:at ?later FILTER(?later > ?at) } }'; } > "$P/features/others.rq"
{ header latest query 'time: at, features: {n: int64}'
  echo 'SELECT ?customer (MAX(?t) AS ?at) (COUNT(?v) AS ?n) { ?v a o:Visit ; o:of ?customer ; o:at ?t FILTER(?t <= ?_asof_xsd_dateTime) } GROUP BY ?customer'; } > "$P/features/latest.rq"
{ header total query 'features: {n: int64}'
  echo 'SELECT ?customer (COUNT(?v) AS ?n) { ?v a o:Visit ; o:of ?customer } GROUP BY ?customer'; } > "$P/features/total.rq"
{ header letters window 'time: at, windows: [365d], aggregates: [count, recency]'
  echo 'SELECT ?customer ?at { ?l a o:Letter ; o:of ?customer ; o:at ?at }'; } > "$P/features/letters.rq"
{ header pairs window 'time: at, windows: [365d], aggregates: [count]'
  echo 'SELECT ?customer ?at { ?v a o:Visit ; o:of ?customer ; o:at ?at . ?l a o:Letter ; o:of ?customer }'; } > "$P/features/pairs.rq"
{ header facts window 'time: at, known: known, windows: [365d], aggregates: [count, recency], default: {count: 0}'
  echo 'SELECT ?customer ?at ?known { ?f a o:Fact ; o:of ?customer ; o:at ?at OPTIONAL { ?f o:known ?known } }'; } > "$P/features/facts.rq"
{ header graded query 'time: at, known: known, features: {grade: list(int64)}, freshness: 1h, default: {grade: []}'
  echo 'SELECT ?customer ?at ?known ?grade { ?f a o:Fact ; o:of ?customer ; o:at ?at ; o:grade ?grade OPTIONAL { ?f o:known ?known } }'; } > "$P/features/graded.rq"
like "the project is good" "$("$STOA" check -C "$P" 2>&1)" 'all good'
set_of() { # SERVICE FILE: the features of each row
  "$STOA" features history -C "$P" --entities "$2" --timestamp-column at --service "$1" 2> "$T/err" | sed 1d | cut -d, -f3-
}
each_of() { # SERVICE FILE: the same, one by one, as they are served as of then
  sed 1d "$2" | while IFS=, read -r c at; do "$STOA" features get -C "$P" --format csv --asof "$at" "$1" "$c" 2> /dev/null | sed 1d | cut -d, -f2-; done
}

# ---- events as they come
now() { date -u +%FT%T.%6NZ; }
ago() { date -u -d "-$1 hours" +%FT%TZ; }
serve "$P" || exit 1
event() { r EVENT "$1" "$2" > /dev/null; }
served() { r HGETALL "log:$1" | paste -sd'|'; }
event visit "{\"id\":\"a\",\"at\":\"$(ago 48)\",\"customer\":1,\"channel\":\"web\",\"spent\":10}"
event letter "{\"id\":\"l1\",\"at\":\"$(ago 90)\",\"received\":\"$(ago 80)\",\"customer\":1}"
sleep 0.1
first=$(now); served 1 > "$T/first"; served 2 > "$T/none"
sleep 0.1
event visit "{\"id\":\"b\",\"at\":\"$(ago 24)\",\"customer\":1,\"channel\":\"app\",\"spent\":5}"
event visit "{\"id\":\"c\",\"at\":\"$(ago 72)\",\"customer\":2,\"channel\":\"app\"}"
event visit "{\"id\":\"d\",\"at\":\"$(ago 72)\",\"customer\":9,\"channel\":\"app\"}"
sleep 0.1
second=$(now); served 1 > "$T/second"
printf 'customer_id,at\n1,%s\n1,%s\n9,%s\n9,%s\n1,%s\n' "$first" "$second" "$first" "$second" "$(ago 36)" > "$T/labels.csv"
sleep 1.2
stop_server
set_of log "$T/labels.csv" > "$T/set"
column() { # NAME: of the set, row by row
  n=$("$STOA" features history -C "$P" --entities "$T/labels.csv" --timestamp-column at --service log 2> /dev/null | head -1 | tr -d '\r' | tr , '\n' | grep -nx "$1" | cut -d: -f1)
  cut -d, -f$((n - 2)) "$T/set" | paste -sd,
}
is "a late event is in no row before it came, and in those after" "$(column visits__count_7d_all)" '1,2,,1,'
is "... of a query that asks for the instant" "$(column latest__n)" '2,3,,1,1'
is "... and of one that does not" "$(column total__n)" '2,3,,1,1'
is "... where it takes another away" "$(column others__count_365d)" '2,1,,1,1'
is "who is known by a late event was not there before" "$(sed -n 3p "$T/set" | tr -d ,)" ''
is "an event that says so was known before it came" "$(column letters__count_365d)" '1,1,,,1'
is "... beside one that does not" "$(column pairs__count_365d)" '2,3,,,1'
like "rows that are older than the log are told, with the remedy" "$(cat "$T/err")" 'warning: 1 rows are older than the log, and have none of its events in view visits; where events of type visit came later than they were known, name the field that says so: known: FIELD'
is "... not of events that say when" "$(grep -c 'view letters' "$T/err")" 0
same_as_served() { # CLAIM ROW FILE: names and values beside each other
  sed -n "$2"p "$T/set" | tr , '\n' > "$T/values"
  is "$1" "$(grep -v recency "$T/names" | cut -d' ' -f1 | while read -r n; do sed -n "$n"p "$T/values"; done | paste -sd,)" "$(tr '|' '\n' < "$3" | paste -d' ' - - | grep -v recency | cut -d' ' -f2 | paste -sd,)"
}
"$STOA" features history -C "$P" --entities "$T/labels.csv" --timestamp-column at --service log 2> /dev/null | head -1 | tr -d '\r' | cut -d, -f3- | tr , '\n' | grep -n . | sed 's/:/ /' > "$T/names"
same_as_served "a row of then is what was served then" 1 "$T/first"
same_as_served "... and so is one of later" 2 "$T/second"
like "what was served is computed again" "$("$STOA" features replay -C "$P")" ': 0 differ$'
is "each row is what is served as of then" "$(each_of log "$T/labels.csv" | md5sum)" "$(md5sum < "$T/set")"
is "a preview as of then knows no more" "$("$STOA" features preview -C "$P" --asof "$first" --limit 1 total | jq -c .total__n) $("$STOA" features preview -C "$P" --limit 1 total | jq -c .total__n)" '2 3'

# ---- many events, which came at any time after
serve "$P" || exit 1
awk 'BEGIN { srand(11); for (i = 0; i < 300; ++i) { t = int(rand() * 90); kind = rand() < 0.3 ? "letter" : "visit"
  more = kind == "letter" ? (rand() < 0.2 ? "" : sprintf(",\"received\":\"2026-%02d-%02dT%02d:00:00%s\"", t / 30 + 3, t % 30 + 1, rand() * 24, rand() < 0.5 ? "Z" : "+05:00")) : sprintf(",\"channel\":\"%s\",\"spent\":%d", rand() < 0.3 ? "app" : "web", rand() * 100)
  printf "EVENT %s '"'"'{\"id\":\"m%d\",\"at\":\"2026-%02d-%02dT%02d:%02d:00Z\",\"customer\":%d%s}'"'"'\n", kind, i, t / 30 + 3, t % 30 + 1, rand() * 24, rand() * 60, rand() * 6 + 1, more } }' | r > /dev/null
stop_server
sqlite3 "$P/state/stoa.db" "UPDATE log SET at = (strftime('%s', '2026-03-01') + \"offset\" * 90 * 864 / 3 + abs(random()) % 40000) * 1000000"
awk 'BEGIN { srand(12); print "customer_id,at"; for (i = 0; i < 60; ++i) printf "%d,2026-%02d-%02dT%02d:%02d:%02dZ\n", rand() * 7 + 1, rand() * 3 + 3, rand() * 30 + 1, rand() * 24, rand() * 60, rand() * 60 }' > "$T/many.csv"
set_of log "$T/many.csv" > "$T/set"; each_of log "$T/many.csv" > "$T/each"
ok "rows at any instants, each as it is served as of then" sh -c 'test "$(sort -u "$1" | wc -l)" -gt 30 && diff "$1" "$2"' same "$T/set" "$T/each"
sed 's/,2026-0[0-9]/,2026-12/' "$T/many.csv" > "$T/now.csv"
set_of log "$T/now.csv" > "$T/late"
ok "... which others have that know all" sh -c '! cmp -s "$1" "$2"' same "$T/set" "$T/late"

# ---- sources that say from when on a row was known
printf 'customer_id,at\n1,2026-01-15\n1,2026-02-01T00:00:00Z\n2,2026-06-01\n3,2026-01-01T10:59:59Z\n3,2026-01-01T11:00:00Z\n3,2026-01-05\n' > "$T/labels.csv"
is "events of a source count from when they were known" "$(set_of facts "$T/labels.csv" | paste -sd' ')" '0, 1,2678400 1,13046400 0, 1,39600 2,259200'
is "... which is no view without a past" "$(grep -c 'does not ask for the instant' "$T/err")" 0
is "rows of a query are there from then on" "$(set_of graded "$T/labels.csv" | paste -sd' ')" '[] [7] [8] [] [9] "[3,9]"'
is "... as it is served as of then" "$(each_of graded "$T/labels.csv" | paste -sd' ') $(each_of facts "$T/labels.csv" | paste -sd' ')" "$(set_of graded "$T/labels.csv" | paste -sd' ') $(set_of facts "$T/labels.csv" | paste -sd' ')"
sqlite3 "$P/shop.db" "INSERT INTO fact VALUES(5, 4, '2026-01-01T00:00:00Z', strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+4 seconds'), 1)"
serve "$P" || exit 1
is "a row that will be known is not served" "$(r HGET graded:4 graded__grade) $(r HGET facts:4 facts__count_365d)" '[] 0'
sleep 4.2
is "... until it is, also where rows are kept" "$(r HGET graded:4 graded__grade) $(r HGET facts:4 facts__count_365d)" '[1] 1'
stop_server

# ---- what is refused
cp -r "$P" "$T/good"
caught() { # CLAIM FILE SED PATTERN
  rm -rf "$T/p"; cp -r "$T/good" "$T/p"; sed -i "$3" "$T/p/$2"
  like "$1" "$("$STOA" check -C "$T/p" 2>&1)" "$(basename "$2"):[0-9]+:[0-9]+: error: $4"
}
caught "what the query does not select" features/facts.rq 's/known: known/known: knowm/' 'the query does not select \?knowm; did you mean \?known'
caught "... or is no time" features/graded.rq 's/known: known/known: grade/' '\?grade is mapped to no xsd:dateTime or xsd:date'
caught "a request view" features/total.rq 's/kind: query/kind: request, known: x/' 'a view of kind request has no "known"'
caught "events whose field is none" stoa.yaml 's/known: received/known: receivd/' 'event type "letter": "known" is a field of type dateTime; "receivd" is no field'
caught "... or no time" stoa.yaml 's/known: received/known: customer/' 'event type "letter": "known" is a field of type dateTime; "customer" is integer'
done_testing
