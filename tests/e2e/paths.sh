#!/bin/sh
# Closures as recursive SQL, over rows with cycles: the same rows as over the same data as RDF.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/postgres.sh"
mkdir -p "$T/p" "$T/g"; cd "$T/p" || exit 99
rows="CREATE TABLE place(id INTEGER PRIMARY KEY, up INTEGER, code VARCHAR(9) NOT NULL UNIQUE, via VARCHAR(9));
INSERT INTO place VALUES (1,2,'a','b'),(2,3,'b','c'),(3,1,'c','a'),(4,4,'d','d'),(5,4,'e',NULL),(6,NULL,'f','e'),(7,9,'g','zz'),(8,6,'h x','f');
CREATE TABLE visit(no INTEGER PRIMARY KEY, place INTEGER REFERENCES place(id), guest VARCHAR(9));
INSERT INTO visit VALUES (1,1,'Ann'),(2,5,'Bob'),(3,6,'Cid'),(4,NULL,'Dot')"
sqlite3 data.db "$rows"
cat > m.ttl <<'Y'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix : <https://e/> .
<#place> rr:logicalTable [ rr:tableName "place" ] ; rr:subjectMap [ rr:template "place/{id}" ; rr:class :Place ] ;
  rr:predicateObjectMap [ rr:predicate :up ; rr:objectMap [ rr:template "place/{up}" ] ] .
<#code> rr:logicalTable [ rr:tableName "place" ] ; rr:subjectMap [ rr:template "code/{code}" ; rr:class :Code ] ;
  rr:predicateObjectMap [ rr:predicate :via ; rr:objectMap [ rr:template "code/{via}" ] ] .
<#visit> rr:logicalTable [ rr:tableName "visit" ] ; rr:subjectMap [ rr:template "visit/{no}" ] ;
  rr:predicateObjectMap [ rr:predicate :at ; rr:objectMap [ rr:template "place/{place}" ] ] ;
  rr:predicateObjectMap [ rr:predicate :guest ; rr:objectMap [ rr:column "guest" ] ] .
Y
printf 'project: paths\nbase: https://e/\nsources:\n  db: { driver: sqlite, address: data.db, mappings: [m.ttl] }\n' > stoa.yaml
"$STOA" materialize -C . -o all.nt 2> /dev/null
cat > queries <<'Q'
<place/1> :up+ ?y
<place/1> :up* ?y
<place/5> :up+ ?y
<place/5> :up* ?y
?x :up+ <place/4>
?x :up* <place/4>
?x :up+ ?y
?x :up+ ?x
<place/1> :up+ <place/1>
<place/5> :up+ <place/5>
<place/5> :up* <place/5>
<nothing/5> :up* ?y
<nothing/5> :up+ ?y
<place/77> :up* ?y
<code/h%20x> :via+ ?y
<code/h%20x> :via* ?y
?x :via+ ?y
?y :via* <code/a>
?v :at/:up* ?y
?v :at/:up+ ?y . ?v :guest ?g
?v :guest ?g . ?v :at ?p . ?y :up* ?p
?v :at ?x . ?w :at ?y . ?x :up* ?y
?v :at/(:up|^:up)* ?y
<place/6> (:up|^:up)+ ?y
<place/1> :up? ?y
?v :at/:up? ?y
?v :at ?p . { ?w :at ?y . ?w :guest ?g } UNION { ?w :at ?z } ?p :up* ?y
?v :at ?p . { ?w :at ?y } UNION { ?w :at ?z } ?y :up* ?p
Q
"$STOA" query -C . --explain=sql -e 'PREFIX : <https://e/> SELECT * { ?v :at/:up* ?y }' > one.plan
is "p* over rows is one statement" "$(grep -c '^ *SQL on' one.plan)" 1
is "... of its own" "$(grep -c 'WITH RECURSIVE' one.plan)" 1
compare() { # PROJECT NAME
  while read -r q; do
    same_rows "$2: $q" "$1" all.nt "BASE <https://e/> PREFIX : <https://e/> SELECT * { $q }"
  done < queries
}
compare . sqlite
if ! pg_start paths; then
  ok "PostgreSQL # SKIP absent" true
else
  pg -c "$rows"
  cp m.ttl "$T/g/"
  printf 'project: paths\nbase: https://e/\nsources:\n  db: { driver: postgres, address: "%s dbname=postgres", mappings: [m.ttl] }\n' "$PG" > "$T/g/stoa.yaml"
  compare "$T/g" postgres
  pg_stop
fi
done_testing
