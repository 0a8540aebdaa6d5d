#!/bin/sh
# Ranges on PostgreSQL: how many rows are expected of one, and the wide bound beside a comparison of times of which only
# one has a zone.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/postgres.sh"
pg_start one || skip_all "PostgreSQL: not installed (package postgresql)"
mkdir "$T/p"; cd "$T/p" || exit 99
# Ten events a day from 2020-01-01 on; a fourth of them cost 100. The last of them lie around now.
pg << 'Q'
CREATE DOMAIN day AS date;
CREATE TABLE ev(id integer PRIMARY KEY, due day, at timestamp, seen timestamptz, amount numeric(10,2));
INSERT INTO ev SELECT n, DATE '2020-01-01' + n / 10, TIMESTAMP '2020-01-01' + n * INTERVAL '144 minutes', TIMESTAMPTZ '2020-01-01 00:00Z' + n * INTERVAL '144 minutes', CASE WHEN n % 4 = 0 THEN 100 ELSE n / 10.0 END FROM generate_series(0, 9999) n;
INSERT INTO ev SELECT 20000 + n, NULL, (now() AT TIME ZONE 'UTC') + n * INTERVAL '5 hours', now() + n * INTERVAL '5 hours', NULL FROM generate_series(-9, 9) n;
CREATE INDEX ON ev(at);
CREATE TABLE parent(id integer PRIMARY KEY, v integer);
CREATE TABLE child() INHERITS (parent);
INSERT INTO parent SELECT n, n FROM generate_series(1, 1000) n;
INSERT INTO child SELECT n, n FROM generate_series(2001, 5000) n;
ANALYZE;
Q
cat > m.ttl <<'Y'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix : <https://e/> .
<#ev> rr:logicalTable [ rr:tableName "ev" ] ; rr:subjectMap [ rr:template "ev/{id}" ] ;
  rr:predicateObjectMap [ rr:predicate :due ; rr:objectMap [ rr:column "due" ] ] ;
  rr:predicateObjectMap [ rr:predicate :at ; rr:objectMap [ rr:column "at" ] ] ;
  rr:predicateObjectMap [ rr:predicate :seen ; rr:objectMap [ rr:column "seen" ] ] ;
  rr:predicateObjectMap [ rr:predicate :amount ; rr:objectMap [ rr:column "amount" ] ] .
<#parent> rr:logicalTable [ rr:tableName "parent" ] ; rr:subjectMap [ rr:template "parent/{id}" ] ;
  rr:predicateObjectMap [ rr:predicate :v ; rr:objectMap [ rr:column "v" ] ] .
Y
printf 'project: ranges\nbase: https://e/\nsources:\n  db: { driver: postgres, address: "%s", mappings: [m.ttl] }\n' "$PG" > stoa.yaml
"$STOA" materialize -C . -o all.nt 2> /dev/null
P='PREFIX : <https://e/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>'
answer() { "$STOA" query -C . --format csv -e "$P SELECT ?x { $1 }" | tr -d '\r' | sed 1d | sort; }
expects() { # WHERE FACTOR: the rows that come, up to a factor
  wanted=$(answer "$1" | wc -l)
  got=$("$STOA" query -C . --explain=plan -e "$P SELECT ?x { $1 }" | sed -n '1s/.*about \([0-9]*\) rows.*/\1/p')
  ok "about as many rows are expected as come ($got of $wanted): $1" awk -v g="$got" -v w="$wanted" -v f="$2" 'BEGIN { exit !(w > 0 && g >= w / f && g <= w * f) }'
}
expects '?x :due ?d FILTER(?d >= "2021-02-10"^^xsd:date && ?d < "2021-02-20"^^xsd:date)' 1.5
expects '?x :due ?d FILTER(?d >= "2021-02-10"^^xsd:date) FILTER("2022-06-20"^^xsd:date > ?d)' 1.2
expects '?x :at ?t FILTER(?t < "2020-07-01T00:00:00"^^xsd:dateTime)' 1.2
expects '?x :seen ?t FILTER(?t > "2021-02-10T00:00:00Z"^^xsd:dateTime && ?t <= "2021-03-10T00:00:00+02:00"^^xsd:dateTime)' 1.5
expects '?x :seen ?t FILTER(?t < NOW())' 1.2
expects '?x :amount ?a FILTER(?a > 300)' 1.2
expects '?x :amount ?a FILTER(?a > 99 && ?a < 101)' 1.2
expects '?x :v ?v FILTER(?v > 1000)' 1.2 # children are read with their parents

wide() { # WHERE PATTERN: the executor's filter decides, over the rows that SQL leaves
  text="$P SELECT ?x ?t { $1 }"
  sql=$("$STOA" query -C . --explain=sql -e "$text" | tr '\n' ' ')
  like "SQL bounds it widely: $1" "$sql" "$2"
  like "... and the executor asks it" "$sql" 'Filter'
  same_rows "$1" . all.nt "$text"
}
from="\"at\" >= .* - INTERVAL '14 hours'" to="\"at\" <= .* \\+ INTERVAL '14 hours'"
wide '?x :at ?t FILTER(?t >= "2021-02-10T00:00:00Z"^^xsd:dateTime && ?t < "2021-02-20T00:00:00+02:00"^^xsd:dateTime)' "$from.*$to"
wide '?x :at ?t FILTER("2020-01-05T01:02:03Z"^^xsd:dateTime > ?t)' "$to"
wide '?x :at ?t FILTER(?t = "2020-01-02T00:00:00Z"^^xsd:dateTime || ?t > "2022-09-01T00:00:00Z"^^xsd:dateTime)' "$from"
wide '?x :seen ?t FILTER(?t <= "2020-01-05T01:02:03"^^xsd:dateTime)' "\"seen\" <= "
wide '?x :due ?t FILTER(?t < "2020-01-05Z"^^xsd:date)' "\"due\" <= "
wide '?x :at ?t FILTER(?t < "9999-12-31T23:59:59Z"^^xsd:dateTime)' "$to"
wide '?x :at ?t FILTER(?t > "0001-01-01T00:00:00Z"^^xsd:dateTime)' "$from"
# Between the bound and the instant lie rows of which it is not true: 10 of the last 19 are later than now, and those
# within 14 hours are neither.
is "an instant of the request is bounded" "$("$STOA" query -C . --explain=sql -e "$P SELECT ?x { ?x :at ?t FILTER(?t > NOW()) }" | grep -c "INTERVAL '14 hours'")" 1
is "... and rows whose order is open are none" "$(answer '?x :at ?t FILTER(?t > NOW())' | wc -l)" 7
is "... on either side" "$(answer '?x :at ?t FILTER(?t < NOW() && ?t > "2024-01-01T00:00:00Z"^^xsd:dateTime)' | wc -l)" 7
out=$("$STOA" query -C . --explain=sql -e "$P SELECT ?x { ?x :at ?t FILTER(!(?t > NOW())) }")
ok "a denied comparison is not bounded" sh -c "! printf %s \"\$1\" | grep -q '14 hours'" sh "$out"
done_testing
