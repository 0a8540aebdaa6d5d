#!/bin/sh
# Training sets hold what was known: an event that came late is in no row of an instant before it came, though it lies
# in the windows; rows equal those that were served.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 50
P=$T/bank
cat > "$P/features/clicks.rq" <<'E'
#+ summary: Clicks at any time, by a query
#+ feature_view:
#+   name: clicks
#+   kind: query
#+   entity: {customer: customer_id}
#+   features: {n: int32, latest: timestamp}
#+   default: {n: 0}
PREFIX b: <https://bank.example/ontology#>
SELECT ?customer (COUNT(?e) AS ?n) (MAX(?at) AS ?latest)
WHERE { ?e a b:EngagementEvent ; b:actor ?customer ; b:occurredAt ?at FILTER(?at <= ?_asof_xsd_dateTime) } GROUP BY ?customer
E
cat > "$P/features/services.yaml" <<'E'
services:
  - {name: seen, features: ["contact:count_7d_web", "contact:count_7d_all", "contact:recency_7d_web", "clicks:n"]}
E
rm -f "$P"/personalizer/*.yaml
serve "$P" || exit 1
click() { r EVENT click "{\"id\":\"$1\",\"at\":\"$(date -u -d "$2" +%FT%TZ)\",\"customer\":$3,\"channel\":\"web\",\"kind\":\"viewed\"}" > /dev/null; }
now() { date -u +%FT%T.%6NZ; }
served() { r HMGET "seen:$1" contact__count_7d_web contact__count_7d_all clicks__n | tr '\n' ',' | sed 's/,$//'; }
: > "$T/told"
printf 'customer_id,at\n' > "$T/labels.csv"
note() { printf '%s,%s\n' "$1" "$(now)" >> "$T/labels.csv"; echo "$1,$(served "$1")" >> "$T/told"; sleep 0.05; }
note 7; note 8
click now '-1 minute' 7; sleep 1.2; note 7
click late '-3 days' 7; sleep 1.2; note 7; note 8      # came late: three days
click later '-6 days' 8; sleep 1.2; note 8; note 7
click old '-20 days' 7; sleep 1.2; note 7              # in no window of a week, and a click all the same
click other '-2 days' 9; sleep 1.2; note 9
stop_server
history() { "$STOA" features history -C "$P" --entities "$T/labels.csv" --timestamp-column at --service seen -o "$T/set.csv" 2> "$T/err"; }
ok "a training set of those instants" history
is "each row is what was served at its instant" "$(tail -n +2 "$T/set.csv" | cut -d, -f1,3,4,6)" "$(cat "$T/told")"
is "... in which a late event counts from when it came" "$(grep '^7,' "$T/told" | cut -d, -f2 | awk 'NR == 1 { first = $1 } { printf "%d ", $1 - first }')" '0 1 2 2 2 '
is "... to queries as well" "$(grep '^7,' "$T/told" | cut -d, -f4 | awk 'NR == 1 { first = $1 } { printf "%d ", $1 - first }')" '0 1 2 2 3 '
cp "$T/labels.csv" "$T/all.csv"
"$STOA" features history -C "$P" --entities "$T/all.csv" --timestamp-column at --service seen --known event -o "$T/set.csv" 2> /dev/null
is "or events count from their own time" "$(grep "^7," "$T/set.csv" | cut -d, -f3 | sort -u | wc -l),$(tail -1 "$T/told" | cut -d, -f2)" "1,$(tail -1 "$T/set.csv" | cut -d, -f3)"
like "what else it may be" "$("$STOA" features history -C "$P" --entities "$T/all.csv" --timestamp-column at --service seen --known then 2>&1)" 'is arrival'
printf 'customer_id,at\n7,2020-01-01T00:00:00Z\n' > "$T/labels.csv"
ok "before anything was known" history
is "... there is nothing of the log" "$(tail -1 "$T/set.csv" | cut -d, -f3,6)" '0,0'

# ---- a source that records when it was loaded
S=$T/shop
mkdir -p "$S/features"
sqlite3 "$T/shop/shop.db" "CREATE TABLE pay(id INTEGER PRIMARY KEY, customer INTEGER, at TEXT, loaded TEXT); INSERT INTO pay VALUES
  (1, 1, '2026-03-01T10:00:00Z', '2026-03-01T10:00:05Z'), (2, 1, '2026-03-01T11:00:00Z', '2026-03-04T02:00:00Z'), (3, 1, '2026-03-02T11:00:00Z', NULL)"
printf 'project: shop\nbase: http://x/\nsources: {shop: {driver: sqlite, address: shop.db, mappings: [map.ttl]}}\n' > "$S/stoa.yaml"
cat > "$S/map.ttl" <<'E'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix x: <http://x/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<#p> rr:logicalTable [ rr:tableName "pay" ] ; rr:subjectMap [ rr:template "http://x/pay/{id}" ; rr:class x:Pay ] ;
  rr:predicateObjectMap [ rr:predicate x:by ; rr:objectMap [ rr:template "http://x/customer/{customer}" ] ] ;
  rr:predicateObjectMap [ rr:predicate x:at ; rr:objectMap [ rr:column "at" ; rr:datatype xsd:dateTime ] ] ;
  rr:predicateObjectMap [ rr:predicate x:loaded ; rr:objectMap [ rr:column "loaded" ; rr:datatype xsd:dateTime ] ] .
E
printf "customer: {class: 'http://x/Customer', key: id, iri: 'http://x/customer/{id}'}\n" > "$S/features/entities.yaml"
cat > "$S/features/paid.rq" <<'E'
#+ feature_view: {name: paid, kind: window, entity: {c: id}, time: at, known: loaded, windows: [30d], aggregates: [count], default: {count: 0}, freshness: 1h}
PREFIX x: <http://x/>
SELECT ?c ?at ?loaded { ?t a x:Pay ; x:by ?c ; x:at ?at OPTIONAL { ?t x:loaded ?loaded } }
E
count() { "$STOA" features get -C "$S" --asof "$1" --format csv paid 1 2> "$T/err" | tail -1 | cut -d, -f2; }
is "known: an event counts from when it was loaded" "$(count 2026-03-01T10:00:04Z),$(count 2026-03-01T10:00:05Z),$(count 2026-03-03T00:00:00Z),$(count 2026-03-04T01:59:59Z),$(count 2026-03-04T02:00:00Z)" '0,1,2,2,3'
printf 'id,at\n1,2026-03-01T10:00:04Z\n1,2026-03-01T10:00:05Z\n1,2026-03-03T00:00:00Z\n1,2026-03-04T01:59:59Z\n1,2026-03-04T02:00:00Z\n' > "$T/labels.csv"
"$STOA" features history -C "$S" --entities "$T/labels.csv" --timestamp-column at --service paid -o "$T/set.csv" 2> "$T/err"
is "... in a training set as well" "$(tail -n +2 "$T/set.csv" | cut -d, -f3 | paste -sd,)" '0,1,2,2,3'
done_testing
