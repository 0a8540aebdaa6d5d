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
# A table of attributes, of which a sample shows no colour: the colours of things are asked of their own table alone, until
# a row of the other one says something else.
FACTS="CREATE TABLE thing (id INTEGER PRIMARY KEY, colour VARCHAR(9) NOT NULL); INSERT INTO thing VALUES (1, 'red'), (2, 'blue');
CREATE TABLE fact (thing INTEGER NOT NULL, name VARCHAR(9) NOT NULL, value VARCHAR(9) NOT NULL);"
facts() { echo "$FACTS"; awk 'BEGIN { for (i = 1; i <= 1500; ++i) printf "INSERT INTO fact VALUES (%d, '"'%s', '%d'"');\n", i, i % 2 ? "size" : "depth", i }'; }
attributes() { # NAME SOURCE
  mkdir -p "$T/$1"
  cat > "$T/$1/mapping.ttl" <<'M'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix t: <http://t/> .
<#thing> rr:logicalTable [ rr:tableName "thing" ] ; rr:subjectMap [ rr:template "http://t/thing/{id}" ] ;
  rr:predicateObjectMap [ rr:predicate t:colour ; rr:objectMap [ rr:column "colour" ] ] .
<#fact> rr:logicalTable [ rr:tableName "fact" ] ; rr:subjectMap [ rr:template "http://t/thing/{thing}" ] ;
  rr:predicateObjectMap [ rr:predicateMap [ rr:template "http://t/{name}" ] ; rr:objectMap [ rr:column "value" ] ] .
M
  printf 'project: attributes\nbase: http://t/\nsources:\n  s: {%s, mappings: [mapping.ttl]}\nstate: {driver: sqlite, address: state.db}\n' "$2" > "$T/$1/stoa.yaml"
}
colours() { rows 'SELECT ?s ?c ?z { ?s t:colour ?c ; t:size ?z } ORDER BY ?c'; }
speaks() { # NAME CHANGE
  like "$1: the plan does without the attributes" "$("$STOA" query -C "$T/$1" --explain=sql -e 'PREFIX t: <http://t/> SELECT ?s ?c { ?s t:colour ?c }' | sed '/^-- unless/,$d')" 'FROM "thing"'
  is "$1: or asks whether they speak of it" "$("$STOA" query -C "$T/$1" --explain=sql -e 'PREFIX t: <http://t/> SELECT ?s ?c { ?s t:colour ?c }' | grep -c '^-- unless')" 1
  serve "$T/$1" || exit 1
  for i in 1 2 3 4 5 6 7 8 9 10 11 12; do colours > /dev/null; done
  is "$1: the colour of the table" "$(colours)" "http://t/thing/1,red,1 "
  "$2" "INSERT INTO fact VALUES (1, 'colour', 'pink')"
  for i in 1 2 3 4; do
    is "$1: and that of a new attribute ($i)" "$(colours)" "http://t/thing/1,pink,1 http://t/thing/1,red,1 "
  done
  "$2" "DELETE FROM fact WHERE name = 'colour'"
  is "$1: and no more" "$(colours)" "http://t/thing/1,red,1 "
  ok "$1: the server stops" stop_server
}
sqlite3 "$T/s.db" < "$C/schema.sql"
{ echo 'BEGIN;'; facts; echo 'COMMIT;'; } | sqlite3 "$T/s.db"
attributes attributes "driver: sqlite, address: \"$T/s.db\""
project sqlite "driver: sqlite, address: \"$T/s.db\""
in_sqlite() { sqlite3 "$T/s.db" "$1"; }
changes sqlite in_sqlite
speaks attributes in_sqlite
if pg_start pg; then
  pg -c 'CREATE DATABASE apart'
  DB=apart pg -f "$C/schema.sql"
  { facts; echo 'ANALYZE;'; } | DB=apart pg -f -
  attributes pg-attributes "driver: postgres, address: \"$PG dbname=apart\""
  project postgres "driver: postgres, address: \"$PG dbname=apart\""
  in_postgres() { DB=apart pg -c "$1"; }
  changes postgres in_postgres
  speaks pg-attributes in_postgres
else
  echo "# SKIP: PostgreSQL is absent, 17 claims"
fi
# Branches of a UNION give their own rows each, also where their patterns lie in two sources that tell the same.
branches() {
  mkdir -p "$T/branches"
  sqlite3 "$T/one.db" "CREATE TABLE a (id INTEGER PRIMARY KEY, name VARCHAR(5)); INSERT INTO a VALUES (1, 'x'), (2, 'y');"
  sqlite3 "$T/two.db" "CREATE TABLE a (id INTEGER PRIMARY KEY, name VARCHAR(5), q INTEGER); INSERT INTO a VALUES (1, 'x', 7), (3, 'z', 8);"
  echo '@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix t: <http://t/> . <#one> rr:logicalTable [ rr:tableName "a" ] ; rr:subjectMap [ rr:template "http://t/{id}" ] ;
    rr:predicateObjectMap [ rr:predicate t:name, t:alias ; rr:objectMap [ rr:column "name" ] ] .' > "$T/branches/one.ttl"
  echo '@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix t: <http://t/> . <#two> rr:logicalTable [ rr:tableName "a" ] ; rr:subjectMap [ rr:template "http://t/{id}" ] ;
    rr:predicateObjectMap [ rr:predicate t:name ; rr:objectMap [ rr:column "name" ] ] ; rr:predicateObjectMap [ rr:predicate t:q ; rr:objectMap [ rr:column "q" ] ] .' > "$T/branches/two.ttl"
  printf 'project: branches\nbase: http://t/\nsources:\n  one: {driver: sqlite, address: "%s", mappings: [one.ttl]}\n  two: {driver: sqlite, address: "%s", mappings: [two.ttl]}\n' "$T/one.db" "$T/two.db" > "$T/branches/stoa.yaml"
}
of_branches() { "$STOA" query -C "$T/branches" --format csv -e "PREFIX t: <http://t/> $1" | tr -d '\r' | sed 1d | sort | tr '\n' ' '; }
branches
is "a path of two equal branches" "$(of_branches 'SELECT ?s ?n { ?s t:q 7 ; t:name|t:name ?n }')" "http://t/1,x http://t/1,x "
is "a union of two branches that are told alike" "$(of_branches 'SELECT ?n { ?s t:q 7 { ?s t:name ?n } UNION { ?s t:alias ?n } }')" "x x "
is "... and counted" "$(of_branches 'SELECT (COUNT(*) AS ?c) { ?s t:q ?q { ?s t:name ?n } UNION { ?s t:alias|t:name ?n } }')" "5 "
# A value of an SQLite column may be any text, whatever the column is declared as.
mkdir -p "$T/days"; cp "$C/mapping.ttl" "$T/days/"
sqlite3 "$T/days.db" "CREATE TABLE \"usage\" (line VARCHAR(20) NOT NULL, day DATE NOT NULL, mb INTEGER, PRIMARY KEY (line, day)); CREATE TABLE roaming (line VARCHAR(20) NOT NULL, land VARCHAR(20) NOT NULL, day DATE NOT NULL, billed VARCHAR(5), PRIMARY KEY (line, land, day));
INSERT INTO \"usage\" VALUES ('a', 'ITx2025-01-01', 9); INSERT INTO roaming VALUES ('a', 'IT', '2025-01-01', 'y');"
printf 'project: days\nbase: http://t/\nsources:\n  s: {driver: sqlite, address: "%s", mappings: [mapping.ttl]}\n' "$T/days.db" > "$T/days/stoa.yaml"
is "a letter in a column of dates" "$("$STOA" query -C "$T/days" --format csv -e 'PREFIX t: <http://t/> SELECT ?n ?l { ?x t:mb ?n ; t:land ?l }' | tr -d '\r' | sed 1d)" "9,IT"
# What a view gives may change though no table does.
mkdir -p "$T/clock"
{ cat "$C/schema.sql"; echo "CREATE TABLE later (line VARCHAR(20), day DATE, mb INTEGER, at INTEGER); CREATE VIEW now_used AS SELECT line, day, mb FROM later WHERE at <= CAST(strftime('%s', 'now') AS INTEGER);"; } | sqlite3 "$T/clock.db"
sed 's/"usage"/"now_used"/' "$C/mapping.ttl" > "$T/clock/mapping.ttl"
printf 'project: clock\nbase: http://t/\nsources:\n  s: {driver: sqlite, address: "%s", mappings: [mapping.ttl]}\nstate: {driver: sqlite, address: state.db}\n' "$T/clock.db" > "$T/clock/stoa.yaml"
sqlite3 "$T/clock.db" "INSERT INTO later VALUES ('axIT', '2025-01-01', 9, CAST(strftime('%s', 'now') AS INTEGER) + 5)"
serve "$T/clock" || exit 1
for i in 1 2 3 4; do join > /dev/null; done
is "before its time a row is not there" "$(join)" ""
sleep 6
is "and then it is" "$(join)" "9,IT "
ok "the server stops" stop_server
done_testing
