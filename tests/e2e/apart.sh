#!/bin/sh
# A server that asked its sources whether a letter tells the values of a template apart does not ask again while
# nothing changes; when something does, the next answer is right.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/postgres.sh"
C=$SRC/tests/cases/virtual/apart
project() { # NAME SOURCE
  mkdir -p "$T/$1"
  cp "$C/mapping.ttl" "$T/$1/"
  printf 'project: apart\nbase: http://t/\nsources:\n  s: {%s, mappings: [mapping.ttl]}\nstate: {driver: sqlite, address: state.db}\n' "$2" > "$T/$1/stoa.yaml"
}
# "ax" with day d makes what "a" makes with land "x" and day d: {line}x{day}, {line}x{land}x{day}.
PLAIN="INSERT INTO roaming VALUES ('c', 'IT', '2025-01-03', 'y')"
LETTER="INSERT INTO \"usage\" VALUES ('axIT', '2025-01-01', 9)"
BACK="DELETE FROM \"usage\" WHERE line = 'axIT'"
rows() { sparql "PREFIX t: <http://t/> $1" | tr -d '\r' | tail -n +2 | tr '\n' ' '; }
count() { rows 'SELECT (COUNT(DISTINCT ?x) AS ?n) { ?x t:line ?m }'; }
join() { rows 'SELECT ?n ?l { ?x t:mb ?n ; t:land ?l }'; }
changes() { # NAME CHANGE
  serve "$T/$1" || exit 1
  for i in 1 2 3 4 5 6 7 8 9 10; do count > /dev/null; join > /dev/null; done # whichever connection answers
  is "$1: four nodes, no node of both tables" "$(count),$(join)" "4 ,"
  "$2" "$PLAIN"
  is "$1: a row that changes nothing of it" "$(count),$(join)" "5 ,"
  "$2" "$LETTER"
  for i in 1 2 3 4; do
    is "$1: a value with the letter joins what it makes ($i)" "$(count),$(join)" "5 ,9,IT "
  done
  "$2" "$BACK"
  is "$1: and no more" "$(count),$(join)" "5 ,"
  ok "$1: the server stops" stop_server
}
sqlite3 "$T/s.db" < "$C/schema.sql"
project sqlite "driver: sqlite, address: \"$T/s.db\""
in_sqlite() { sqlite3 "$T/s.db" "$1"; }
changes sqlite in_sqlite
if pg_start pg; then
  pg -c 'CREATE DATABASE apart'
  DB=apart pg -f "$C/schema.sql"
  project postgres "driver: postgres, address: \"$PG dbname=apart\""
  in_postgres() { DB=apart pg -c "$1"; }
  changes postgres in_postgres
else
  echo "# SKIP: PostgreSQL is absent, 8 claims"
fi
done_testing
