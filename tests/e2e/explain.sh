#!/bin/sh
# The SQL of 60 queries, so that it cannot get worse unseen, on SQLite and on PostgreSQL's dialect.  After a change
# that is meant:  STOA_UPDATE=1 make check TESTS=tests/e2e/explain.sh  and read the difference.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/postgres.sh"
. "${STOA_SRC:?}/tests/support/bank_postgres.sh"
X=$SRC/tests/explain
bank 200 2026-11-01
prefixes="$B PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>"
explain() { # PROJECT: all queries with their plans
  sed -n 's/^# //p' "$X/queries.txt" | while read -r name; do
    query=$(awk -v n="# $name" '$0 == n { getline; print; exit }' "$X/queries.txt")
    printf '## %s\n%s\n' "$name" "$query"
    "$STOA" query -C "$1" --explain=sql -e "$prefixes $query" 2>&1
  done
}
snapshot() { # NAME PROJECT
  explain "$2" > "$T/$1.txt"
  [ -z "${STOA_UPDATE:-}" ] || cp "$T/$1.txt" "$X/$1.txt"
  sed -n 's/^## //p' "$T/$1.txt" > "$T/names"
  while read -r name; do
    awk -v n="## $name" '/^## / { on = $0 == n } on' "$T/$1.txt" > "$T/got"
    awk -v n="## $name" '/^## / { on = $0 == n } on' "$X/$1.txt" > "$T/want"
    ok "$1: $name" diff "$T/want" "$T/got"
  done < "$T/names"
}
snapshot sqlite "$T/bank"
is "all queries have a snapshot" "$(grep -c '^## ' "$X/sqlite.txt")" "$(grep -c '^# ' "$X/queries.txt")"
like "60 and more" "$(grep -c '^## ' "$X/sqlite.txt")" '^([6-9][0-9]|[0-9]{3})$'
is "none of them fails" "$(grep -c 'error:' "$X/sqlite.txt")" 0
if pg_start one; then
  bank_postgres
  snapshot postgres "$T/pgbank"
fi

# Paths that begin or end at a constant are recursive SQL, and end in cycles.
mkdir "$T/path"
edges="CREATE TABLE edge(a TEXT NOT NULL, b TEXT NOT NULL, PRIMARY KEY (a, b)); INSERT INTO edge VALUES ('x', 'y'), ('y', 'z'), ('z', 'x'), ('w', 'x'), ('o''h', 'w'), ('lone', 'lone')"
sqlite3 "$T/path/e.db" "$edges"
echo '@prefix rr: <http://www.w3.org/ns/r2rml#> . <#e> rr:logicalTable [ rr:tableName "edge" ] ; rr:subjectMap [ rr:template "http://x/{a}" ] ; rr:predicateObjectMap [ rr:predicate <http://x/p> ; rr:objectMap [ rr:template "http://x/{b}" ] ] .' > "$T/path/e.ttl"
echo '<http://x/p> a <http://www.w3.org/2002/07/owl#ObjectProperty> .' > "$T/path/o.ttl"
paths() { # DRIVER ADDRESS
  printf 'project: p\nbase: http://x/\nsources: {e: {driver: %s, address: "%s", mappings: [e.ttl]}}\nontology: [o.ttl]\n' "$1" "$2" > "$T/path/stoa.yaml"
  p() { "$STOA" query -C "$T/path" --format csv -e "$1" | tr -d '\r' | sed '1d;s|http://x/||' | sort | tr '\n' ' '; }
  is "$1: from a constant, through a cycle" "$(p 'SELECT ?y { <http://x/w> <http://x/p>+ ?y }')" "x y z "
  is "$1: to a constant" "$(p 'SELECT ?y { ?y <http://x/p>+ <http://x/x> }')" "o%27h w x y z "
  is "$1: both ends known" "$("$STOA" query -C "$T/path" --format csv -e 'ASK { <http://x/x> <http://x/p>+ <http://x/x> }' | tr -d '\r') $("$STOA" query -C "$T/path" --format csv -e 'ASK { <http://x/x> <http://x/p>+ <http://x/w> }' | tr -d '\r')" "true false"
  is "$1: a loop" "$(p 'SELECT ?y { <http://x/lone> <http://x/p>+ ?y }')" "lone "
  is "$1: joined" "$(p 'SELECT ?z { <http://x/w> <http://x/p>+ ?y . ?y <http://x/p> ?z }')" "x y z "
  is "$1: none" "$(p 'SELECT ?y { <http://x/none> <http://x/p>+ ?y }')" ""
  like "$1: ... by WITH RECURSIVE" "$("$STOA" query -C "$T/path" --explain=sql -e 'SELECT ?y { <http://x/w> <http://x/p>+ ?y }')" 'WITH RECURSIVE'
}
paths sqlite e.db
if [ -n "${PG_CLUSTERS:-}" ]; then pg -c "$edges"; paths postgres "$PG dbname=postgres"; fi

# A wide table that is mapped column by column is one scan.
mkdir "$T/wide"
awk 'BEGIN { printf "CREATE TABLE wide(id INTEGER PRIMARY KEY"; for (i = 1; i <= 117; ++i) printf ", c%d INTEGER NOT NULL", i; print ");"
  for (r = 1; r <= 3; ++r) { printf "INSERT INTO wide VALUES(%d", r; for (i = 1; i <= 117; ++i) printf ", %d", i * r; print ");" } }' | sqlite3 "$T/wide/w.db"
{ echo '@prefix rr: <http://www.w3.org/ns/r2rml#> .'
  for i in $(seq 117); do echo "<#m$i> rr:logicalTable [ rr:tableName \"wide\" ] ; rr:subjectMap [ rr:template \"http://x/{id}\" ] ; rr:predicateObjectMap [ rr:predicate <http://x/c$i> ; rr:objectMap [ rr:column \"c$i\" ] ] ."; done; } > "$T/wide/w.ttl"
for i in $(seq 117); do echo "<http://x/c$i> a <http://www.w3.org/2002/07/owl#DatatypeProperty> ."; done > "$T/wide/o.ttl"
printf 'project: p\nbase: http://x/\nsources: {w: {driver: sqlite, address: w.db, mappings: [w.ttl]}}\nontology: [o.ttl]\n' > "$T/wide/stoa.yaml"
{ echo 'SELECT * {'; for i in $(seq 117); do echo "?s <http://x/c$i> ?v$i ."; done; echo '}'; } > "$T/wide.rq"
out=$("$STOA" query -C "$T/wide" --explain=sql "$T/wide.rq" 2>&1)
is "117 columns are one scan of one table" "$(printf '%s' "$out" | grep -o '"wide" AS' | wc -l) $(printf '%s' "$out" | grep -c ' on w ')" "1 1"
is "... with all values" "$("$STOA" query -C "$T/wide" --format csv "$T/wide.rq" | tr -d '\r' | awk -F, 'NR > 1 { s = 0; for (i = 2; i <= NF; ++i) s += $i; t += s } END { print t, NF }')" "$((117 * 118 / 2 * 6)) 118"

# A unique index on an expression, or on a column far to the right, is no key of the columns that it has besides.
mkdir "$T/far"
awk 'BEGIN { printf "CREATE TABLE far(a INTEGER NOT NULL, b TEXT NOT NULL"; for (i = 1; i <= 70; ++i) printf ", c%d INTEGER", i; print ", UNIQUE(a, c70)); CREATE UNIQUE INDEX x ON far(a, lower(b)); INSERT INTO far(a, b, c70) VALUES (1, \047p\047, 1), (1, \047q\047, 2);" }' | sqlite3 "$T/far/f.db"
echo '@prefix rr: <http://www.w3.org/ns/r2rml#> . <#x> rr:logicalTable [ rr:tableName "far" ] ; rr:subjectMap [ rr:template "http://x/{a}" ] ; rr:predicateObjectMap [ rr:predicate <http://x/b> ; rr:objectMap [ rr:column "b" ] ] , [ rr:predicate <http://x/c> ; rr:objectMap [ rr:column "c70" ] ] .' > "$T/far/f.ttl"
printf '<http://x/b> a <http://www.w3.org/2002/07/owl#DatatypeProperty> . <http://x/c> a <http://www.w3.org/2002/07/owl#DatatypeProperty> .' > "$T/far/o.ttl"
printf 'project: p\nbase: http://x/\nsources: {s: {driver: sqlite, address: f.db, mappings: [f.ttl]}}\nontology: [o.ttl]\n' > "$T/far/stoa.yaml"
is "half of a key is no key" "$("$STOA" query -C "$T/far" --format csv -e 'SELECT ?b ?c { ?s <http://x/b> ?b ; <http://x/c> ?c }' | wc -l)" 5

# A column's collation does not make terms equal that differ.
mkdir "$T/nc"
sqlite3 "$T/nc/n.db" "CREATE TABLE c(id INTEGER PRIMARY KEY, n TEXT COLLATE NOCASE); INSERT INTO c VALUES (1, 'Ann'), (2, 'ANN')"
echo '@prefix rr: <http://www.w3.org/ns/r2rml#> . <#x> rr:logicalTable [ rr:tableName "c" ] ; rr:subjectMap [ rr:template "http://x/{id}" ] ; rr:predicateObjectMap [ rr:predicate <http://x/n> ; rr:objectMap [ rr:column "n" ] ] .' > "$T/nc/n.ttl"
echo '<http://x/n> a <http://www.w3.org/2002/07/owl#DatatypeProperty> .' > "$T/nc/o.ttl"
printf 'project: p\nbase: http://x/\nsources: {s: {driver: sqlite, address: n.db, mappings: [n.ttl]}}\nontology: [o.ttl]\n' > "$T/nc/stoa.yaml"
nc() { "$STOA" query -C "$T/nc" --format csv -e "$1" | tr -d '\r' | sed 1d; }
is "a NOCASE column finds the very letters" "$(nc 'SELECT ?s { ?s <http://x/n> "Ann" }')" http://x/1
is "... and counts them" "$(nc 'SELECT (COUNT(DISTINCT ?n) AS ?k) { ?s <http://x/n> ?n }')" 2
done_testing
