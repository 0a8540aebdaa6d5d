#!/bin/sh
# A source that stands still opens its breaker, whatever kind it is of: SQLite, PostgreSQL, MariaDB and SQLite by ODBC.  The
# log tells each change by the source's name.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/postgres.sh"
. "${STOA_SRC:?}/tests/support/mariadb.sh"
trap 'exec 3>&-; pg_stop; mariadb_stop; cleanup' EXIT
command -v redis-cli > /dev/null && command -v sqlite3 > /dev/null || skip_all "redis-cli and sqlite3 are needed"
P=$T/p; mkdir -p "$P/features" "$P/mappings"
table="CREATE TABLE person(id INTEGER PRIMARY KEY, band VARCHAR(20)); INSERT INTO person VALUES (1, 'good')"
kinds="lite odbclite"
sqlite3 "$P/lite.db" "$table"; sqlite3 "$P/odbclite.db" "$table"
if pg_start one; then kinds="$kinds pg"; pg -c "$table"; else echo "# no PostgreSQL here"; fi
if mariadb_start two; then kinds="$kinds maria"; maria -e 'CREATE DATABASE d'; maria -D d -e "$table"; else echo "# no MariaDB here"; fi
address() {
  case $1 in
    lite) echo "driver: sqlite, address: lite.db" ;;
    odbclite) echo "driver: odbc, address: \"Driver=SQLite3;Database=$P/odbclite.db;Timeout=1000\"" ;;
    pg) echo "driver: postgres, address: \"$PG dbname=postgres\"" ;;
    maria) echo "driver: odbc, address: \"$MARIADB_ODBC;DATABASE=d\"" ;;
  esac
}
{ echo "project: p"; echo "base: http://x/"; echo "state: {driver: sqlite, address: state.db}"; echo "sources:"
  for k in $kinds; do echo "  $k: {$(address $k), mappings: [mappings/$k.ttl]}"; done; } > "$P/stoa.yaml"
{ echo 'prefixes: {x: "http://x/"}'; for k in $kinds; do echo "$k: {class: x:$k, key: [${k}_id], iri: \"http://x/$k/{${k}_id}\"}"; done; } > "$P/features/entities.yaml"
{ echo "services:"; for k in $kinds; do printf '  - name: %s\n    features: ["%s:*"]\n' "of_$k" "v_$k"; done; } > "$P/features/services.yaml"
for k in $kinds; do
  cat > "$P/mappings/$k.ttl" <<X
@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix x: <http://x/> .
<#m> rr:logicalTable [ rr:tableName "person" ] ; rr:subjectMap [ rr:template "http://x/$k/{id}" ; rr:class x:$k ] ;
  rr:predicateObjectMap [ rr:predicate x:band_$k ; rr:objectMap [ rr:column "band" ] ] .
X
  cat > "$P/features/v_$k.rq" <<X
#+ summary: A band
#+ feature_view:
#+   name: v_$k
#+   kind: query
#+   entity: {$k: ${k}_id}
#+   owner: x@x.example
#+   features: {band: string}
PREFIX x: <http://x/>
SELECT ?$k ?band WHERE { ?$k a x:$k ; x:band_$k ?band }
X
done
lock() { # KIND: who holds the table, as long as descriptor 3 is open
  rm -f "$T/hold"; mkfifo "$T/hold"
  case $1 in
    lite | odbclite) sqlite3 "$P/$1.db" < "$T/hold" > /dev/null 2>&1 & ;;
    pg) psql -X -q "$PG dbname=postgres" < "$T/hold" > /dev/null 2>&1 & ;;
    maria) maria -D d < "$T/hold" > /dev/null 2>&1 & ;;
  esac
  exec 3> "$T/hold"
  case $1 in
    lite | odbclite) echo 'BEGIN EXCLUSIVE;' >&3 ;;
    pg) echo 'BEGIN; LOCK TABLE person IN ACCESS EXCLUSIVE MODE;' >&3 ;;
    maria) echo 'LOCK TABLES person WRITE;' >&3 ;;
  esac
  sleep 0.5
}
band() { r HGET "of_$1:1" "v_$1__band" 2>&1; }
told() { grep -E "breaker.* source=$1 state=$2" "$T/server.log"; }
ok "the server starts" serve "$P"
[ -n "${RESP:-}" ] || { done_testing; exit 1; }
for k in $kinds; do
  is "$k: a feature of it" "$(band $k)" good
  is "$k: nothing is told of a breaker" "$(told $k '.*')" ''
  lock $k
  like "$k: who asks for what is locked is told" "$(band $k)" "source $k: .*[Ll]ock"
  like "$k: its breaker opens, which the log tells, and why" "$(told $k opened)" "warning breaker: source $k: .*[Ll]ock"
  like "$k: others are refused at once" "$(band $k; band $k; band $k; band $k)" "source $k is tried again in"
  i=0; while [ -z "$(told $k '"half open"')" ] && [ $i -lt 20 ]; do i=$((i + 1)); band $k > /dev/null; sleep 0.1; done
  like "$k: it is tried now and then" "$(told $k '"half open"')" 'info breaker'
  exec 3>&-
  i=0; until [ "$(band $k)" = good ] || [ $i -gt 600 ]; do i=$((i + 1)); sleep 0.05; done
  is "$k: when the lock is gone it is read" "$(band $k)" good
  like "$k: ... and its breaker closes, which the log tells" "$(told $k closed | tail -1)" "info breaker source=$k state=closed"
  is "$k: it is the last that is told" "$(told $k '.*' | tail -1 | grep -c closed)" 1
done
# A server that hangs whole takes not even the request to cancel.
case $kinds in *pg*)
  postmaster=$(head -1 "$T/one/data/postmaster.pid"); hung="$postmaster $(pgrep -P "$postmaster" | tr '\n' ' ')"
  sparql 'SELECT * { ?x <http://x/band_pg> ?b }' > /dev/null
  kill -STOP $hung
  s=$(date +%s%N); out=$(curl -s -m 60 -G "$HTTP/sparql" --data-urlencode 'query=SELECT (COUNT(*) AS ?n) { ?x <http://x/band_pg> ?b }' -d timeout=1s); e=$((($(date +%s%N) - s) / 1000000))
  kill -CONT $hung
  ok "pg: a query to a server that hangs ends ($e ms)" test "$e" -lt 15000
  like "... and says why" "$out" 'deadline of the query passed'
  i=0; until [ "$(band pg)" = good ] || [ $i -gt 600 ]; do i=$((i + 1)); sleep 0.05; done
  is "pg: when it goes on it is read" "$(band pg)" good ;;
esac
mv "$P/lite.db" "$P/away.db"
i=0; until [ "$(told lite opened | grep -c 'cannot open')" -gt 0 ] || [ $i -gt 20 ]; do i=$((i + 1)); band lite > /dev/null; sleep 0.1; done
like "one that cannot be reached opens its breaker too" "$(told lite opened | tail -1)" 'warning breaker: .*cannot open'
mv "$P/away.db" "$P/lite.db"
i=0; until [ "$(band lite)" = good ] || [ $i -gt 120 ]; do i=$((i + 1)); sleep 0.05; done
like "... and closes it when it is back" "$(told lite '.*' | tail -1)" 'state=closed'
ok "the server stops" stop_server
done_testing
