#!/bin/sh
# A query whose client has left ends at its source: PostgreSQL is told to cancel the statement.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "$SRC/tests/support/postgres.sh"
trap 'pg_stop; cleanup' EXIT
command -v curl > /dev/null || skip_all "curl is needed"
pg_start pg || skip_all "no PostgreSQL server to start"
mkdir "$T/p"
pg -c 'CREATE TABLE t (id integer PRIMARY KEY); INSERT INTO t VALUES (1)'
cat > "$T/p/m.ttl" <<'M'
@prefix rr: <http://www.w3.org/ns/r2rml#> .
<#m> rr:logicalTable [ rr:sqlQuery "SELECT id, CAST(pg_sleep(id * 60) AS text) AS s FROM t" ] ; rr:subjectMap [ rr:template "http://x/{id}" ] ;
  rr:predicateObjectMap [ rr:predicate <http://x/s> ; rr:objectMap [ rr:column "s" ] ] .
M
printf 'project: p\nbase: http://x/\nsources:\n  t: {driver: postgres, address: "%s", mappings: [m.ttl]}\nstate: {driver: sqlite, address: state.db}\n' "$PG_URL" > "$T/p/stoa.yaml"
serve "$T/p" || exit 1
running() { pg -At -c "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()"; }
curl -s -m 60 -o /dev/null -G "$HTTP/sparql" --data-urlencode 'query=SELECT ?o { ?s <http://x/s> ?o }' & asker=$!
i=0; until [ "$(running)" = 1 ] || [ $i -gt 600 ]; do i=$((i + 1)); sleep 0.05; done
is "the statement runs" "$(running)" 1
kill $asker; s=$(date +%s%N | cut -c1-13)
i=0; until [ "$(running)" = 0 ] || [ $i -gt 100 ]; do i=$((i + 1)); sleep 0.02; done
e=$(($(date +%s%N | cut -c1-13) - s))
ok "... and is cancelled when its client has left ($e ms)" test "$e" -lt "${STOA_SANITIZERS:+9}1000"
is "the next query has a connection" "$(curl -s -o /dev/null -w '%{http_code}' "$HTTP/sparql?query=ASK%7B%7D")" 200
curl -s -m 60 -o /dev/null -G "$HTTP/sparql" --data-urlencode 'query=SELECT ?o { ?s <http://x/s> ?o }' & asker=$!
i=0; until [ "$(running)" = 1 ] || [ $i -gt 600 ]; do i=$((i + 1)); sleep 0.05; done
s=$(date +%s%N | cut -c1-13); kill -TERM "$SERVER"; wait "$SERVER"; code=$?; SERVER=; e=$(($(date +%s%N | cut -c1-13) - s))
ok "SIGTERM ends a server whose source does not answer ($e ms)" test "$code" = 0 -a "$e" -lt 8000
kill $asker 2> /dev/null
done_testing
