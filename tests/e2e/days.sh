#!/bin/sh
# Window views whose time is a day (an SQL DATE): it counts from the beginning of its day in the project's zone.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/postgres.sh"
command -v sqlite3 > /dev/null || skip_all "sqlite3 is needed"
P=$T/days
mkdir -p "$P/features"
cat > "$P/stoa.yaml" <<'E'
project: days
base: https://days.example/
timezone: Asia/Kolkata
sources: {d: {driver: sqlite, address: d.db, mappings: [map.ttl]}}
ontology: [o.ttl]
state: {driver: sqlite, address: state/stoa.db}
E
cat > "$P/o.ttl" <<'E'
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix o: <https://days.example/o#> .
o:Customer a owl:Class . o:Visit a owl:Class . o:of a owl:ObjectProperty . o:on a owl:DatatypeProperty . o:paid a owl:DatatypeProperty .
E
cat > "$P/map.ttl" <<'E'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix o: <https://days.example/o#> .
<#c> rr:logicalTable [ rr:tableName "customer" ] ; rr:subjectMap [ rr:template "https://days.example/customer/{customer_id}" ; rr:class o:Customer ] .
<#v> rr:logicalTable [ rr:tableName "visit" ] ; rr:subjectMap [ rr:template "https://days.example/visit/{visit_id}" ; rr:class o:Visit ] ;
  rr:predicateObjectMap [ rr:predicate o:of ; rr:objectMap [ rr:template "https://days.example/customer/{customer_id}" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:paid ; rr:objectMap [ rr:column "paid" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:on ; rr:objectMap [ rr:column "day" ] ] .
E
cat > "$P/features/entities.yaml" <<'E'
prefixes: {o: "https://days.example/o#"}
customer: {class: o:Customer, key: [customer_id], iri: "https://days.example/customer/{customer_id}"}
E
cat > "$P/features/visit.rq" <<'E'
#+ feature_view:
#+   name: visit
#+   kind: window
#+   entity: {customer: customer_id}
#+   time: day
#+   value: paid
#+   windows: [1d, 7d, 30d]
#+   aggregates: [count, sum, recency]
#+   default: {count: 0}
PREFIX o: <https://days.example/o#>
SELECT ?customer ?day ?paid WHERE { ?v a o:Visit ; o:of ?customer ; o:on ?day ; o:paid ?paid }
E
# Customer c visits every c-th day, up to the tenth of December.
{ echo 'CREATE TABLE customer(customer_id INTEGER PRIMARY KEY);
CREATE TABLE visit(visit_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, day DATE NOT NULL, paid INTEGER NOT NULL);
CREATE INDEX visit_day ON visit(customer_id, day);'
  i=0
  for c in 1 2 3 4 5 6; do
    echo "INSERT INTO customer VALUES($c);"
    for k in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do i=$((i + 1)); echo "INSERT INTO visit VALUES($i, $c, date('2026-12-10', '-' || ($c * $k) || ' days'), $i);"; done
  done
  echo ANALYZE\;; } | sqlite3 "$P/d.db"
ok "the project has no fault" "$STOA" check -C "$P"
# A day begins five hours and a half before it does at Greenwich.
by_hand() { # INSTANT: a row for each customer
  sqlite3 -csv -nullvalue null "$P/d.db" "SELECT customer_id, count(*) FILTER (WHERE a < 86400), count(*) FILTER (WHERE a < 7 * 86400), count(*) FILTER (WHERE a < 30 * 86400), sum(paid) FILTER (WHERE a < 86400), sum(paid) FILTER (WHERE a < 7 * 86400),
    sum(paid) FILTER (WHERE a < 30 * 86400), min(a) FILTER (WHERE a < 86400), min(a) FILTER (WHERE a < 7 * 86400), min(a) FILTER (WHERE a < 30 * 86400) FROM customer LEFT JOIN
    (SELECT customer_id AS c, paid, CAST(strftime('%s', '$1') AS INTEGER) - CAST(strftime('%s', day) AS INTEGER) + 19800 AS a FROM visit) ON c = customer_id AND a >= 0 GROUP BY customer_id ORDER BY customer_id" | tr -d '\r'
}
served() { "$STOA" features get -C "$1" --asof "$2" visit 1 2 3 4 5 6 | tr -d '{}" ' | sed 's/[a-z0-9_]*://g'; }
at() { for h in 2026-12-09T18:29:59Z 2026-12-09T18:30:00Z 2026-12-10T00:00:00Z 2026-12-10T18:29:59Z 2026-12-10T18:30:00Z 2026-11-20T12:00:00Z; do echo $h; done; }
agree() { # CLAIM PROJECT
  for h in $(at); do is "$1, as of $h" "$(served "$2" $h)" "$(by_hand $h)"; done
}
agree "days count in windows" "$P"
{ echo customer_id,at; for h in $(at); do for c in 1 2 3 4 5 6; do echo $c,$h; done; done; } > "$T/labels.csv"
history() { "$STOA" features history -C "$1" --entities "$T/labels.csv" --timestamp-column at --service visit 2> /dev/null | sed 1d | cut -d, -f1,3-; }
for h in $(at); do by_hand $h; done | sed 's/null//g' > "$T/each"
is "... and in training sets" "$(history "$P")" "$(cat "$T/each")"
# Live, and kept: what is kept changes with the day.
now=$(date -u +%FT%TZ)
sqlite3 "$P/d.db" "INSERT INTO visit VALUES(1000, 6, date('$now'), 5), (1001, 6, date('$now', '-2 days'), 7), (1002, 6, date('$now', '-9 days'), 11)"
counts() { "$STOA" features get -C "$1" visit 6 | grep -o '"visit__count_7d": [0-9]*'; }
expected=$(sqlite3 "$P/d.db" "SELECT count(*) FROM visit, (SELECT CAST(strftime('%s', '$now') AS INTEGER) + 19800 AS now) WHERE customer_id = 6 AND CAST(strftime('%s', day) AS INTEGER) BETWEEN now - 7 * 86400 + 1 AND now")
is "days count as of now" "$(counts "$P")" "\"visit__count_7d\": $expected"
sed -i 's/^#+   time:.*/&\n#+   freshness: 1h/' "$P/features/visit.rq"
serve "$P" || exit 1
first=$(r HMGET visit:6 visit__count_7d visit__sum_paid_30d)
is "... and where rows are kept" "$(r HMGET visit:6 visit__count_7d visit__sum_paid_30d; r HMGET visit:6 visit__count_7d; curl -s "$HTTP/metrics" | awk '$1 == "stoa_feature_rows_found_total{view=\"visit\"}" { print $2 }')" "$first
$expected
1" # the third read is of the service's row, which the second has left
stop_server
sqlite3 "$P/d.db" 'DELETE FROM visit WHERE visit_id >= 1000'

# ---- other sources and other writings
sed -i 's/"day" \]/"day" ; rr:datatype <http:\/\/www.w3.org\/2001\/XMLSchema#string> ]/' "$P/map.ttl"
like "a time that is mapped to a text is refused" "$("$STOA" check -C "$P" 2>&1)" 'visit.rq:5:[0-9]+: error: \?day is mapped to no xsd:dateTime or xsd:date; map it with that rr:datatype, or cast it'
sed -i 's/o:on ?day/o:on ?text/; s/?paid }/?paid BIND(<http:\/\/www.w3.org\/2001\/XMLSchema#date>(?text) AS ?day) }/' "$P/features/visit.rq"
agree "days that the query casts" "$P"
sed -i 's/o:on ?text/o:on ?day/; s/ BIND.*}/ }/' "$P/features/visit.rq"
sed -i 's/ ; rr:datatype [^]]*]/ ]/' "$P/map.ttl"
"$STOA" materialize -C "$P" -o "$T/d.nt"
sed -e 's/^sources:.*/sources: {}\ndata: [d.nt]/' "$P/stoa.yaml" > "$T/native.yaml"
mkdir "$T/native"; cp -r "$P/features" "$P/o.ttl" "$T/native/"; cp "$T/native.yaml" "$T/native/stoa.yaml"; cp "$T/d.nt" "$T/native/"
agree "days of the native graph" "$T/native"
if pg_start pg > "$T/pg.log" 2>&1 && pg_copy d "$P/d.db" > "$T/pg.log" 2>&1; then
  cp -r "$P" "$T/pgdays"
  sed -i "s|{driver: sqlite, address: d.db,|{driver: postgres, address: \"$PG dbname=d\",|" "$T/pgdays/stoa.yaml"
  agree "days of PostgreSQL" "$T/pgdays"
  is "... and in training sets" "$(history "$T/pgdays")" "$(cat "$T/each")"
else
  echo "# no PostgreSQL here"
fi
done_testing
