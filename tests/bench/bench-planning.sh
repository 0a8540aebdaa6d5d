#!/bin/sh
# make bench-planning: milliseconds of reading and planning a query with nothing kept: 25 patterns over the bank, a class
# with 200 subclasses of a table each, and the queries of the other benches.  The databases are small: what a plan takes
# does not grow with rows.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/postgres.sh"
. "${STOA_SRC:?}/tests/support/bank_postgres.sh"
. "${STOA_SRC:?}/tests/bench/shapes.sh"
planning=$BUILD/tests/bench/plan_times
Q=$SRC/tests/bench
subclasses() { # N FOLDER
  mkdir -p "$2"
  awk -v n="$1" 'BEGIN {
    print "BEGIN;"
    for (i = 0; i < n; i++) printf "CREATE TABLE t%d (id INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO t%d VALUES (1, \047x\047);\n", i, i
    print "COMMIT;" }' | sqlite3 "$2/d.db"
  awk -v n="$1" 'BEGIN {
    print "@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix e: <http://e/> ."
    for (i = 0; i < n; i++) printf "<#t%d> rr:logicalTable [ rr:tableName \"t%d\" ] ; rr:subjectMap [ rr:template \"http://e/t%d/{id}\" ; rr:class e:C%d ] ; rr:predicateObjectMap [ rr:predicate e:name ; rr:objectMap [ rr:column \"name\" ] ] .\n", i, i, i, i }' > "$2/m.ttl"
  awk -v n="$1" 'BEGIN {
    print "@prefix e: <http://e/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\ne:Top a owl:Class ."
    for (i = 0; i < n; i++) printf "e:C%d a owl:Class ; rdfs:subClassOf e:Top .\n", i }' > "$2/o.ttl"
  printf 'project: p\nbase: http://e/\nontology: [o.ttl]\nsources:\n  d: {driver: sqlite, address: d.db, mappings: [m.ttl]}\n' > "$2/stoa.yaml"
}
printf '%-34s %9s %9s %9s %9s\n' 'planning, ms' first least median aim
bank 200 2026-11-01
"$planning" "$T/bank" 50 "$Q/planning/25-patterns.rq" || exit 1
subclasses 200 "$T/sub"
"$planning" "$T/sub" 2 "$Q"/planning/200-*.rq || exit 1
{ "$planning" "$T/bank" 2 "$Q"/virtual/*.rq "$Q"/sparql/*.rq
  for shape in shop transit insurer telecom; do
    n=$(STOA_BENCH_SCALE=${STOA_BENCH_SCALE:-0.01} shape_size $shape)
    shape_sqlite $shape "$n" && shape_project $shape sqlite "$T/$shape" && "$planning" "$T/$shape" 2 $(find "$SHAPES_DIR/$shape" -name '*.rq') | sed "s/^/$shape /"
  done; } > "$T/all" || exit 1
echo "the five longest of $(wc -l < "$T/all") queries of the benches:"
awk '{ print ($NF == "above" ? $(NF - 2) : $(NF - 1)), $0 }' "$T/all" | sort -rn | head -5 | cut -d' ' -f2-
