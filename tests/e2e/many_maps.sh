#!/bin/sh
# A mapping with more alternatives than a database takes SELECTs in one statement (SQLite: 500): 700 tables with a triples map
# each, which tell a class, a property of their own, one that all have, and one whose triples every table tells again.
. "${STOA_SRC:?}/tests/support/lib.sh"
TABLES=700
mkdir "$T/p"
awk -v n=$TABLES 'BEGIN {
  print "BEGIN;"
  for (i = 0; i < n; i++) {
    printf "CREATE TABLE t%d (id INTEGER PRIMARY KEY, name TEXT NOT NULL, note TEXT);\n", i
    printf "INSERT INTO t%d VALUES (1, \047one of %d\047, NULL), (2, \047two of %d\047, \047noted\047);\n", i, i, i
  }
  print "COMMIT;" }' | sqlite3 "$T/p/d.db"
awk -v n=$TABLES 'BEGIN {
  print "@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix e: <http://e/> ."
  for (i = 0; i < n; i++) {
    printf "<#t%d> rr:logicalTable [ rr:tableName \"t%d\" ] ; rr:subjectMap [ rr:template \"http://e/t%d/{id}\" ; rr:class e:T%d ] ;\n", i, i, i, i
    printf "  rr:predicateObjectMap [ rr:predicate e:name ; rr:objectMap [ rr:column \"name\" ] ] , [ rr:predicate e:note%d ; rr:objectMap [ rr:column \"note\" ] ] .\n", i
    printf "<#u%d> rr:logicalTable [ rr:tableName \"t%d\" ] ; rr:subjectMap [ rr:template \"http://e/all/{id}\" ] ; rr:predicateObjectMap [ rr:predicate e:in ; rr:object e:all ] .\n", i, i
  } }' > "$T/p/mapping.ttl"
printf 'project: p\nbase: http://e/\nsources:\n  d: {driver: sqlite, address: d.db, mappings: [mapping.ttl]}\n' > "$T/p/stoa.yaml"
ask() { "$STOA" query -C "$T/p" --format csv -e "PREFIX e: <http://e/> $1" 2>&1 | tr -d '\r' | sed 1d; }
# Of each table 2 classes, 2 names and 1 note; of all together 2 triples that are told 700 times.
ALL=$((5 * TABLES + 2))
is "?s ?p ?o: every triple once" "$(ask 'SELECT ?s ?p ?o { ?s ?p ?o }' | sort | uniq -c | awk '{ n++; twice += $1 > 1 } END { print n, twice + 0 }')" "$ALL 0"
is "... counted" "$(ask 'SELECT (COUNT(*) AS ?n) { ?s ?p ?o }')" $ALL
is "the triples of one subject" "$(ask 'SELECT ?p ?o { <http://e/t699/2> ?p ?o }' | sort | tr '\n' ' ')" "http://e/name,two of 699 http://e/note699,noted http://www.w3.org/1999/02/22-rdf-syntax-ns#type,http://e/T699 "
ask 'SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p' > "$T/groups"
is "GROUP BY ?p: a group for each property" "$(wc -l < "$T/groups")" $((TABLES + 3))
is "... with its count" "$(grep -v /note "$T/groups" | sort | tr '\n' ' ')" "http://e/in,2 http://e/name,1400 http://www.w3.org/1999/02/22-rdf-syntax-ns#type,1400 "
is "... the notes with theirs" "$(grep /note "$T/groups" | cut -d, -f2 | sort | uniq -c | tr -s ' ')" " $TABLES 1"
is "the classes" "$(ask 'SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c } GROUP BY ?c' | cut -d, -f2 | sort | uniq -c | tr -s ' ')" " $TABLES 2"
is "rows of all tables in order" "$(ask 'SELECT ?n { ?s e:name ?n } ORDER BY DESC(?n) LIMIT 2' | tr '\n' ' ')" 'two of 99 two of 98 '
is "the names of what has a note of any kind" "$(ask 'SELECT (COUNT(*) AS ?n) { ?s e:name ?x ; ?p "noted" }')" $TABLES
is "DISTINCT over all" "$(ask 'SELECT DISTINCT ?p { ?s ?p ?o }' | sort -u | wc -l)" $((TABLES + 3))
is "OPTIONAL" "$(ask 'SELECT (COUNT(?o) AS ?k) (COUNT(*) AS ?n) { ?s e:name ?x OPTIONAL { ?s ?p ?o FILTER(?o = "noted") } }')" "$TABLES,$((2 * TABLES))"
"$STOA" materialize -C "$T/p" -o "$T/all.nt" > "$T/out" 2>&1
is "materialize" "$? $(sort -u "$T/all.nt" | wc -l) $(wc -l < "$T/all.nt")" "0 $ALL $ALL"
"$STOA" map --source "sqlite:$T/p/d.db" --mapping "$T/p/mapping.ttl" > "$T/map.nq" 2> "$T/err"
is "... and map tell the same" "$? $(sort "$T/map.nq" | md5sum)" "0 $(sort "$T/all.nt" | md5sum)"
"$STOA" query -C "$T/p" --explain=sql -e 'SELECT ?s ?n { ?s <http://e/name> ?n }' > "$T/sql" 2>&1
is "700 alternatives are two statements" "$(grep -c 'SQL on d' "$T/sql") $(grep -c 'FROM "t[0-9]*"' "$T/sql")" "2 $TABLES"
done_testing
