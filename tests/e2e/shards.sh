#!/bin/sh
# Where one machine is outgrown: the same mapping over PostgreSQL with postgres_fdw hash shards on three clusters, and
# over MariaDB Spider through ODBC.  Key look-ups and grouped aggregates are the shards' work, as their own logs show.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/postgres.sh"
. "${STOA_SRC:?}/tests/support/mariadb.sh"
trap 'pg_stop; mariadb_stop; cleanup' EXIT
PG_SETTINGS="log_statement = 'all'"
pg_start shard1 || skip_all "PostgreSQL: not installed (package postgresql)"
PG1=$PG; pg_start shard2; PG2=$PG; pg_start head; PGH=$PG
for i in 1 2; do
  eval PG=\$PG$i
  pg -c 'CREATE TABLE txn(id bigint NOT NULL, customer bigint NOT NULL, amount numeric(12,2) NOT NULL, PRIMARY KEY (customer, id))'
done
PG=$PGH
pg -c 'CREATE EXTENSION postgres_fdw' -c 'CREATE TABLE txn(id bigint NOT NULL, customer bigint NOT NULL, amount numeric(12,2) NOT NULL) PARTITION BY HASH (customer)'
for i in 1 2; do
  pg -c "CREATE SERVER s$i FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$T/shard$i', dbname 'postgres', fetch_size '10000')" \
    -c "CREATE USER MAPPING FOR postgres SERVER s$i OPTIONS (user 'postgres')" \
    -c "CREATE FOREIGN TABLE txn$i PARTITION OF txn FOR VALUES WITH (MODULUS 3, REMAINDER $((i - 1))) SERVER s$i OPTIONS (table_name 'txn')"
done
pg -c 'CREATE TABLE txn3 PARTITION OF txn (PRIMARY KEY (customer, id)) FOR VALUES WITH (MODULUS 3, REMAINDER 2)' \
  -c "INSERT INTO txn SELECT i, i % 1000, i % 97 + 0.5 FROM generate_series(1, 30000) i" \
  -c 'ALTER DATABASE postgres SET enable_partitionwise_aggregate = on' -c 'ANALYZE'
mkdir "$T/p"
cat > "$T/p/m.ttl" <<'M'
@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix x: <http://x/> .
<#txn> rr:logicalTable [ rr:tableName "txn" ] ; rr:subjectMap [ rr:template "http://x/txn/{id}" ; rr:class x:Txn ] ;
  rr:predicateObjectMap [ rr:predicate x:of ; rr:objectMap [ rr:template "http://x/customer/{customer}" ] ] ;
  rr:predicateObjectMap [ rr:predicate x:amount ; rr:objectMap [ rr:column "amount" ] ] .
M
printf '@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix x: <http://x/> . x:Txn a owl:Class . x:of a owl:ObjectProperty . x:amount a owl:DatatypeProperty .' > "$T/p/o.ttl"
project() { printf 'project: p\nbase: http://x/\nsources:\n  ledger: {driver: %s, address: "%s", mappings: [m.ttl], keys: {txn: [id]}}\nontology: [o.ttl]\n' "$1" "$2" > "$T/p/stoa.yaml"; }
q() { "$STOA" query -C "$T/p" --format csv -e "PREFIX x: <http://x/> $1" 2>&1 | tr -d '\r' | sed 1d; }
K=$(pg -At -c "SELECT i FROM generate_series(1, 99) i WHERE satisfies_hash_partition('txn'::regclass, 3, 0, i::bigint) LIMIT 1")
one="SELECT ?t ?a { ?t x:of <http://x/customer/$K> ; x:amount ?a }"
group='SELECT ?c (COUNT(?t) AS ?n) (MAX(?a) AS ?m) { ?t x:of ?c ; x:amount ?a } GROUP BY ?c'
project postgres "$PGH dbname=postgres"
ok "the project over three clusters checks" "$STOA" check -C "$T/p"
mark() { for i in 1 2; do pg_run sh -c ": > '$T/shard$i/log'"; done; }
asked() { for i in 1 2; do pg_run cat "$T/shard$i/log" | grep -cE "$1"; done | awk '{ s += $1 } END { print s }'; }
mark
is "a customer's transactions" "$(q "$one" | wc -l)" 30
is "... are asked of the one shard that has them" "$(asked "WHERE \(\(customer = $K")" 1
is "... and of no other" "$(asked 'FROM public.txn')" 1
mark
is "1,000 groups" "$(q "$group" | wc -l)" 1000
is "... are counted by the shards themselves" "$(asked 'SELECT.*count\(.*GROUP BY')" 2
is "... rightly" "$(q "$group" | sort | md5sum)" "$(pg -At -F, -c "SELECT 'http://x/customer/' || customer, count(*), trim_scale(max(amount)) FROM txn GROUP BY customer" | sort | md5sum)"

if mariadb_start spider_a > /dev/null 2>&1 && { [ -e /usr/lib/mysql/plugin/ha_spider.so ] || [ -e /usr/lib/x86_64-linux-gnu/mariadb19/plugin/ha_spider.so ]; }; then
  SOCK_A=$MARIADB_SOCKET; mariadb_start spider_b; SOCK_B=$MARIADB_SOCKET
  for s in "$SOCK_A" "$SOCK_B"; do
    MARIADB_SOCKET=$s
    maria -e "CREATE DATABASE x; CREATE TABLE x.txn(id BIGINT NOT NULL, customer BIGINT NOT NULL, amount DECIMAL(12,2) NOT NULL, PRIMARY KEY (customer, id)); SET GLOBAL general_log = ON; SET GLOBAL log_output = 'TABLE'"
  done
  mariadb_start spider_head --plugin-load-add=ha_spider
  maria -e "CREATE SERVER a FOREIGN DATA WRAPPER mysql OPTIONS (USER 'root', DATABASE 'x', SOCKET '$SOCK_A'); CREATE SERVER b FOREIGN DATA WRAPPER mysql OPTIONS (USER 'root', DATABASE 'x', SOCKET '$SOCK_B'); CREATE DATABASE x;
    CREATE TABLE x.txn(id BIGINT NOT NULL, customer BIGINT NOT NULL, amount DECIMAL(12,2) NOT NULL, PRIMARY KEY (customer, id)) ENGINE=SPIDER COMMENT='wrapper \"mysql\", table \"txn\"'
    PARTITION BY KEY (customer) (PARTITION p0 COMMENT = 'srv \"a\"', PARTITION p1 COMMENT = 'srv \"b\"');
    USE x; INSERT INTO x.txn SELECT seq, seq % 1000, seq % 97 + 0.5 FROM seq_1_to_6000"
  HEAD=$MARIADB_SOCKET
  project odbc "$MARIADB_ODBC;DATABASE=x"
  logged() { for s in "$SOCK_A" "$SOCK_B"; do MARIADB_SOCKET=$s; maria -N -e "SELECT COUNT(*) FROM mysql.general_log WHERE command_type = 'Query' AND argument LIKE '$1' AND argument NOT LIKE '%general_log%'"; done | awk '{ s += $1; k += $1 > 0 } END { print k + 0 }'; MARIADB_SOCKET=$HEAD; }
  is "Spider: a customer's transactions" "$(q "$one" | wc -l)" 6
  is "... are asked of one shard" "$(logged "select%txn%= $K%")" 1
  is "... a thousand groups" "$(q "$group" | wc -l)" 1000
  is "... are counted by both shards themselves" "$(logged 'select%count(%txn%group by%')" 2
else
  echo "# MariaDB Spider is not installed (package mariadb-plugin-spider); its claims are left out"
  N=$((N + 1)); echo "ok $N - Spider # SKIP mariadb-plugin-spider is not installed"
fi
done_testing
