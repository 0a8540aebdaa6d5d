#!/bin/sh
# One query over SQLite, PostgreSQL, a CSV folder and the native graph: right, and cheap: a customer's data in two
# sources of a million rows each fetches at most a thousand of them, counted at the sources.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/postgres.sh"
ls /usr/lib/postgresql/*/lib/pg_stat_statements.so > /dev/null 2>&1 && PG_SETTINGS="shared_preload_libraries = 'pg_stat_statements'"
pg_start one || skip_all "PostgreSQL: not installed (package postgresql)"
ROWS=1000000
P=$T/p
mkdir -p "$P/mappings" "$P/ontology" "$P/clicks" "$P/reference"
sqlite3 "$P/core.db" "CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT NOT NULL, region INTEGER NOT NULL);
  CREATE TABLE holding(id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customer(id), balance DECIMAL(12,2) NOT NULL);
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) INSERT INTO customer SELECT i, 'name ' || i, i % 50 FROM n;
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $ROWS) INSERT INTO holding SELECT i, i % 100000 + 1, i % 997 + 0.25 FROM n;
  CREATE INDEX holding_customer ON holding(customer); CREATE INDEX customer_name ON customer(name); ANALYZE"
pg -c 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements' \
  -c 'CREATE TABLE txn(id bigint PRIMARY KEY, customer bigint NOT NULL, amount numeric(12,2) NOT NULL, day date NOT NULL)' \
  -c "INSERT INTO txn SELECT i, i % 100000 + 1, (i % 1009) + 0.5, date '2024-01-01' + (i % 365)::int FROM generate_series(1, $ROWS) i" \
  -c 'CREATE INDEX ON txn(customer)' -c 'ANALYZE'
{ echo 'customer,page'; awk 'BEGIN { for (i = 1; i <= 2000; ++i) printf "%d,p%d\n", i * 7 % 100000 + 1, i % 9 }'; } > "$P/clicks/click.csv"
cat > "$P/stoa.yaml" <<Y
project: p
base: http://x/
sources:
  core:   {driver: sqlite, address: core.db, mappings: [mappings/core.ttl]}
  ledger: {driver: postgres, address: "$PG dbname=postgres", mappings: [mappings/ledger.ttl]}
  clicks: {driver: csv, address: clicks, mappings: [mappings/clicks.ttl]}
ontology: [ontology/*.ttl]
data: [reference/*.ttl]
Y
head='@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix x: <http://x/> .'
cat > "$P/mappings/core.ttl" <<M
$head
<#customer> rr:logicalTable [ rr:tableName "customer" ] ; rr:subjectMap [ rr:template "http://x/customer/{id}" ; rr:class x:Customer ] ;
  rr:predicateObjectMap [ rr:predicate x:name ; rr:objectMap [ rr:column "name" ] ] ;
  rr:predicateObjectMap [ rr:predicate x:region ; rr:objectMap [ rr:template "http://x/region/{region}" ] ] .
<#holding> rr:logicalTable [ rr:tableName "holding" ] ; rr:subjectMap [ rr:template "http://x/holding/{id}" ; rr:class x:Holding ] ;
  rr:predicateObjectMap [ rr:predicate x:heldBy ; rr:objectMap [ rr:template "http://x/customer/{customer}" ] ] ;
  rr:predicateObjectMap [ rr:predicate x:balance ; rr:objectMap [ rr:column "balance" ] ] .
M
cat > "$P/mappings/ledger.ttl" <<M
$head
<#txn> rr:logicalTable [ rr:tableName "txn" ] ; rr:subjectMap [ rr:template "http://x/txn/{id}" ; rr:class x:Txn ] ;
  rr:predicateObjectMap [ rr:predicate x:of ; rr:objectMap [ rr:template "http://x/customer/{customer}" ] ] ;
  rr:predicateObjectMap [ rr:predicate x:amount ; rr:objectMap [ rr:column "amount" ] ] ;
  rr:predicateObjectMap [ rr:predicate x:day ; rr:objectMap [ rr:column "day" ] ] .
M
cat > "$P/mappings/clicks.ttl" <<M
$head
<#click> rr:logicalTable [ rr:tableName "click" ] ; rr:subjectMap [ rr:template "http://x/customer/{customer}" ] ;
  rr:predicateObjectMap [ rr:predicate x:clicked ; rr:objectMap [ rr:column "page" ] ] .
M
{ echo '@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix x: <http://x/> .'
  for c in Customer Holding Txn; do echo "x:$c a owl:Class ."; done
  for p in name region heldBy balance of amount day clicked label; do echo "x:$p a owl:DatatypeProperty ."; done; } > "$P/ontology/x.ttl"
{ echo '@prefix x: <http://x/> .'; awk 'BEGIN { for (i = 0; i < 50; ++i) printf "<http://x/region/%d> x:label \"region %d\" .\n", i, i }'; } > "$P/reference/r.ttl"
q() { "$STOA" query -C "$P" --format csv -e "PREFIX x: <http://x/> $1" 2>&1 | tr -d '\r' | sed 1d; }
fetched() { # QUERY: rows that the sources gave; the greatest of one statement
  "$STOA" query -C "$P" --explain=analyze -e "PREFIX x: <http://x/> $1" 2>&1 | sed -n 's/.*\(SQL\|Scan\|Quads\).* on \(core\|ledger\).*-- \([0-9]*\) rows.*/\3/p' | awk '{ s += $1 } END { print s + 0 }'
}
ok "the project checks" "$STOA" check -C "$P"

all='SELECT ?c ?l (SUM(?a) AS ?s) (COUNT(DISTINCT ?g) AS ?pages) { ?c x:name "name 4243" ; x:region ?r . ?r x:label ?l . ?t x:of ?c ; x:amount ?a OPTIONAL { ?c x:clicked ?g } } GROUP BY ?c ?l'
want=$(pg -At -c 'SELECT trim_scale(sum(amount)) FROM txn WHERE customer = 4243')
is "four sources in one query" "$(q "$all")" "http://x/customer/4243,region 43,$want,$(awk -F, '$1 == 4243' "$P/clicks/click.csv" | cut -d, -f2 | sort -u | grep -c .)"
pg -c 'SELECT pg_stat_statements_reset()' > /dev/null
n=$(fetched "$all")
ok "... fetches at most 1,000 rows of the million ($n)" test "$n" -ge 2 -a "$n" -le 1000
m=$(pg -At -c "SELECT coalesce(sum(rows), 0) FROM pg_stat_statements WHERE query LIKE '%\"txn\"%'")
ok "... as PostgreSQL counts them too ($m)" test "$m" -ge 2 -a "$m" -le 1000
two='SELECT ?h ?b ?t ?a { ?c x:name "name 77" . ?h x:heldBy ?c ; x:balance ?b . ?t x:of ?c ; x:amount ?a }'
is "a customer's holdings and transactions, 10 x 10" "$(q "$two" | wc -l)" 100
pg -c 'SELECT pg_stat_statements_reset()' > /dev/null
n=$(fetched "$two")
ok "... fetches at most 1,000 rows ($n)" test "$n" -ge 20 -a "$n" -le 1000
m=$(pg -At -c "SELECT coalesce(sum(rows), 0) FROM pg_stat_statements WHERE query LIKE '%\"txn\"%'")
is "... ten of them from PostgreSQL" "$m" 10
is "... whatever the order of the patterns" "$(fetched 'SELECT ?h ?b ?t ?a { ?t x:amount ?a ; x:of ?c . ?h x:balance ?b ; x:heldBy ?c . ?c x:name "name 77" }')" "$n"
opt='SELECT ?c ?a { ?c x:name "name 78" OPTIONAL { ?t x:of ?c ; x:amount ?a FILTER(?a > 100) } }'
n=$(fetched "$opt"); ok "OPTIONAL sends what it knows ($n rows)" test "$n" -ge 1 -a "$n" -le 100
is "... and is right" "$(q "$opt" | wc -l)" "$(pg -At -c 'SELECT greatest(1, count(*)) FROM txn WHERE customer = 78 AND amount > 100')"
ex='SELECT ?c { ?c x:region <http://x/region/3> ; x:name ?n FILTER(?n < "name 30") FILTER NOT EXISTS { ?t x:of ?c ; x:amount ?a FILTER(?a > 1000) } }'
want=$(sqlite3 "$P/core.db" "SELECT group_concat(id) FROM customer WHERE region = 3 AND name < 'name 30'")
is "NOT EXISTS too" "$(q "$ex" | wc -l)" "$(pg -At -c "SELECT count(*) FROM unnest(array[$want]) c WHERE NOT EXISTS (SELECT FROM txn WHERE customer = c AND amount > 1000)")"
n=$(fetched "$ex"); ok "... with few rows ($n)" test "$n" -le 12000
big='SELECT (COUNT(*) AS ?n) (SUM(?a) AS ?s) { ?c x:region <http://x/region/3> . ?t x:of ?c ; x:amount ?a }'
is "2,000 customers' 20,000 transactions" "$(q "$big")" "$(pg -At -F, -c 'SELECT count(*), trim_scale(sum(amount)) FROM txn WHERE (customer % 50) = 3')"
n=$(fetched "$big"); ok "... without reading the million ($n rows)" test "$n" -le 22000
like "EXPLAIN tells what is sent" "$("$STOA" query -C "$P" --explain -e "PREFIX x: <http://x/> $two" 2>&1)" 'HashJoin sending \?c'
like "... and analyze rows and time of each fragment" "$("$STOA" query -C "$P" --explain=analyze -e "PREFIX x: <http://x/> $two" 2>&1)" 'SQL on ledger .*-- 10 rows, [0-9.]+ ms'
# What two sources tell is told once.
mkdir -p "$T/twice"
for s in a b; do
  echo "CREATE TABLE t(k INTEGER PRIMARY KEY, v TEXT NOT NULL); INSERT INTO t VALUES (1, 'both'), (2, 'in $s');" | sqlite3 "$T/twice/$s.db"
  echo '@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix x: <http://x/> . <#t> rr:logicalTable [ rr:tableName "t" ] ; rr:subjectMap [ rr:template "http://x/{k}" ] ; rr:predicateObjectMap [ rr:predicate x:v ; rr:objectMap [ rr:column "v" ] ] .' > "$T/twice/$s.ttl"
done
printf 'project: p\nbase: http://e/\nsources:\n  a: {driver: sqlite, address: a.db, mappings: [a.ttl]}\n  b: {driver: sqlite, address: b.db, mappings: [b.ttl]}\n' > "$T/twice/stoa.yaml"
told() { "$STOA" query -C "$T/twice" --format csv -e "PREFIX x: <http://x/> $1" 2>&1 | tr -d '\r' | sed 1d | sort | tr '\n' ' '; }
is "a triple of two sources comes once" "$(told 'SELECT ?s ?v { ?s x:v ?v }')" "http://x/1,both http://x/2,in a http://x/2,in b "
is "... and is counted once" "$(told 'SELECT ?s (COUNT(?v) AS ?n) { ?s x:v ?v } GROUP BY ?s')" "http://x/1,1 http://x/2,2 "
is "... and joined once" "$(told 'SELECT ?v ?w { ?s x:v ?v , ?w }')" "both,both in a,in a in a,in b in b,in a in b,in b "
# A native graph beside a source that tells the same property: what few rows join is looked up in both.
mkdir -p "$T/beside"
sqlite3 "$T/beside/a.db" "CREATE TABLE t (id INTEGER PRIMARY KEY, of INTEGER NOT NULL, v TEXT); INSERT INTO t VALUES (9001, 7, 'row'), (9002, 8, NULL), (3, 3, 'v3');"
echo '@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix x: <http://x/> . <#t> rr:logicalTable [ rr:tableName "t" ] ; rr:subjectMap [ rr:template "http://x/t/{id}" ] ; rr:predicateObjectMap [ rr:predicate x:of ; rr:objectMap [ rr:template "http://x/c/{of}" ] ] , [ rr:predicate x:v ; rr:objectMap [ rr:column "v" ] ] .' > "$T/beside/a.ttl"
awk 'BEGIN { for (i = 1; i <= 4000; i++) { printf "<http://x/t/%d> <http://x/of> <http://x/c/%d> .\n<http://x/c/%d> <http://x/kind> \"%s\" .\n", i, i % 1000, i % 1000, (i % 1000 < 8 && i % 1000 > 5 ? "few" : "many"); if (i % 2) printf "<http://x/t/%d> <http://x/v> \"v%d\" .\n", i, i } }' > "$T/beside/d.nt"
printf 'project: p\nbase: http://e/\ndata: [d.nt]\nsources:\n  a: {driver: sqlite, address: a.db, mappings: [a.ttl]}\n' > "$T/beside/stoa.yaml"
beside() { "$STOA" query -C "$T/beside" --format csv -e "PREFIX x: <http://x/> SELECT $1" 2>&1 | tr -d '\r' | sed 1d | sort | tr '\n' ' '; }
is "few rows of a native graph and a source" "$(beside '?t { ?c x:kind "few" . ?t x:of ?c }')" "http://x/t/1006 http://x/t/1007 http://x/t/2006 http://x/t/2007 http://x/t/3006 http://x/t/3007 http://x/t/6 http://x/t/7 http://x/t/9001 "
is "... with what they may have" "$(beside '?t ?v { ?c x:kind "few" OPTIONAL { ?t x:of ?c OPTIONAL { ?t x:v ?v } } }' | tr ' ' '\n' | sed 's/.*,//' | sort | tr '\n' ' ')" "    row v1007 v2007 v3007 v7 "
is "... and have not" "$(beside '(COUNT(?t) AS ?n) { ?c x:kind "few" . ?t x:of ?c FILTER NOT EXISTS { ?t x:v ?v } }')" "4 "
is "... told by both, and told once" "$(beside '(COUNT(*) AS ?n) { VALUES ?c { <http://x/c/3> } ?t x:of ?c ; x:v ?v }')" "4 "
is "many rows too" "$(beside '(COUNT(*) AS ?n) (COUNT(?v) AS ?m) { ?c x:kind "many" OPTIONAL { ?t x:of ?c OPTIONAL { ?t x:v ?v } } }')" "3993,1996 "
like "... looked up by what is sent" "$("$STOA" query -C "$T/beside" --explain=analyze -e 'PREFIX x: <http://x/> SELECT ?t ?v { ?c x:kind "few" OPTIONAL { ?t x:of ?c OPTIONAL { ?t x:v ?v } } }' 2>&1)" 'Quads on data \[\?t \?c\] or for few of \?c  -- 8 rows'
done_testing
