#!/bin/sh
# stoa map: one mapping, or the Direct Mapping, over one database; templates that cannot be told apart; data errors.
. "${STOA_SRC:?}/tests/support/lib.sh"
sqlite3 "$T/d.db" <<'X'
CREATE TABLE t (x TEXT, y TEXT, n INTEGER, bytes BLOB, PRIMARY KEY (x, y));
INSERT INTO t VALUES ('ab', 'c', 1, x'00ff'), ('a', 'bc', 2, NULL), ('p-q', 'r', 3, NULL), ('p', 'q-r', 4, NULL);
CREATE TABLE nokey (name TEXT, link TEXT);
INSERT INTO nokey VALUES ('Zoë "Q" {1}', 'ok'), ('Zoë "Q" {1}', 'ok'), ('b', NULL);
CREATE TABLE "odd name" ("a;b" INTEGER PRIMARY KEY, "c/d" TEXT REFERENCES "odd name");
INSERT INTO "odd name" VALUES (1, NULL), (2, 1);
CREATE VIEW v AS SELECT * FROM nokey;
X
mapping() { # TEMPLATE [MORE]
  cat <<X
@prefix rr: <http://www.w3.org/ns/r2rml#> .
<#A> rr:logicalTable [ rr:tableName "t" ] ; rr:subjectMap [ rr:template "$1" ${2:-} ] ;
  rr:predicateObjectMap [ rr:predicate <http://e/n> ; rr:objectMap [ rr:column "n" ] ] .
<#B> rr:logicalTable [ rr:sqlQuery "SELECT x, y FROM t" ] ; rr:subjectMap [ rr:template "$1" ${2:-} ; rr:class <http://e/T> ] .
X
}
map() { "$STOA" map --source "sqlite:$T/d.db" "$@" 2> "$T/err"; }
mapping 'http://e/{x}{y}' > "$T/m.ttl"
is "two rows that make one IRI are one subject" "$(map --mapping "$T/m.ttl" | grep -c 'http://e/T')" 3
is "... with the values of both" "$(map --mapping "$T/m.ttl" | grep -c '<http://e/abc> <http://e/n>')" 2
mapping 'http://e/{x}-{y}' > "$T/m.ttl"
is "a separator that values may hold does not tell them apart" "$(map --mapping "$T/m.ttl" | grep '<http://e/p-q-r>' | sort | tr '\n' ' ')" '<http://e/p-q-r> <http://e/n> "3"^^<http://www.w3.org/2001/XMLSchema#integer> . <http://e/p-q-r> <http://e/n> "4"^^<http://www.w3.org/2001/XMLSchema#integer> . <http://e/p-q-r> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://e/T> . '
mkdir "$T/p"; cp "$T/m.ttl" "$T/d.db" "$T/p/"
printf 'project: p\nbase: http://e/\nsources:\n  d: {driver: sqlite, address: d.db, mappings: [m.ttl]}\n' > "$T/p/stoa.yaml"
is "a look-up finds every row that makes the IRI" "$("$STOA" query -C "$T/p" --format csv -e 'SELECT ?n { <http://e/p-q-r> <http://e/n> ?n } ORDER BY ?n' | tr -d '\r' | tr '\n' ' ')" 'n 3 4 '
is "a join compares the IRIs, not the columns" "$("$STOA" query -C "$T/p" --format csv -e 'SELECT (COUNT(*) AS ?k) { ?s a <http://e/T> ; <http://e/n> ?n ; <http://e/n> ?m FILTER(?n != ?m) }' | tr -d '\r' | tail -1)" 2
is "groups are of IRIs" "$("$STOA" query -C "$T/p" --format csv -e 'SELECT ?s (SUM(?n) AS ?k) { ?s <http://e/n> ?n } GROUP BY ?s HAVING(SUM(?n) > 6)' | tr -d '\r' | tail -1)" 'http://e/p-q-r,7'
mapping '{x} {y}' 'rr:termType rr:BlankNode' | sed 's/} ;/} ;/' > "$T/m.ttl"
sed -i 's/\] ;$/] ;/; s/"{x} {y}" rr:termType/"{x} {y}" ; rr:termType/' "$T/m.ttl"
map --mapping "$T/m.ttl" > "$T/o.nq"
is "labels of blank nodes are ones that every reader takes" "$("$STOA" query --data "$T/o.nq" --format csv -e 'SELECT (COUNT(DISTINCT ?s) AS ?k) { ?s a <http://e/T> ; <http://e/n> ?n }' | tr -d '\r' | tail -1)" 4
cat > "$T/m.ttl" <<'X'
@prefix rr: <http://www.w3.org/ns/r2rml#> .
<#A> rr:logicalTable [ rr:tableName "nokey" ] ; rr:subjectMap [ rr:column "name" ] ;
  rr:predicateObjectMap [ rr:predicate <http://e/l> ; rr:objectMap [ rr:column "link" ; rr:termType rr:IRI ] ] .
X
map --mapping "$T/m.ttl" > "$T/o.nq"; is "what makes no IRI ends the run (exit 1)" $? 1
like "... naming the mapping's place, the column and the value" "$(cat "$T/err")" 'm.ttl:2:[0-9]+: error: triples map A: column name of nokey holds "Zoë .*\{1\}", which makes no IRI; use a rr:template'
map --mapping "$T/m.ttl" -o "$T/half.nq"; ok "... and no half of a file stays" test ! -e "$T/half.nq"
cat > "$T/m.ttl" <<'X'
@prefix rr: <http://www.w3.org/ns/r2rml#> .
<#A> rr:logicalTable [ rr:tableName "nokey" ] ; rr:subjectMap [ rr:template "x/{name}" ; rr:graph <http://e/g> , rr:defaultGraph ] ;
  rr:predicateObjectMap [ rr:predicate <http://e/l> ; rr:objectMap [ rr:template "y/{link}" ] ] .
X
is "relative IRIs begin with the base, graphs stand in N-Quads, duplicates are one" "$(map --base http://base.example/ --mapping "$T/m.ttl" | sort)" '<http://base.example/x/Zoë%20%22Q%22%20%7B1%7D> <http://e/l> <http://base.example/y/ok> .
<http://base.example/x/Zoë%20%22Q%22%20%7B1%7D> <http://e/l> <http://base.example/y/ok> <http://e/g> .'
map --direct > "$T/o.nq"
is "the Direct Mapping gives each row of a table without a key a node of its own" "$(grep -c '<http://example.com/base/nokey#name>' "$T/o.nq")" 3
like "... encodes names" "$(cat "$T/o.nq")" '<http://example.com/base/odd%20name/a%3Bb=2> <http://example.com/base/odd%20name#ref-c%2Fd> <http://example.com/base/odd%20name/a%3Bb=1> .'
like "... bytes are hexBinary" "$(cat "$T/o.nq")" '"00FF"\^\^<http://www.w3.org/2001/XMLSchema#hexBinary>'
is "... and leaves views out" "$(grep -c 'base/v' "$T/o.nq")" 0
for f in nt ttl rdfxml; do ok "--format $f" map --direct --format $f; done
map --mapping "$T/nothing.ttl" > /dev/null; is "no mapping there" $? 1
"$STOA" map --source oracle:x --direct > "$T/out" 2>&1; is "a source that nobody knows" $? 2
"$STOA" map --source "sqlite:$T/none.db" --direct > "$T/out" 2>&1; is "no database there" $? 3
sqlite3 "$T/big.db" "CREATE TABLE n(i INTEGER PRIMARY KEY); WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 1000000) INSERT INTO n SELECT i FROM r"
STOA_PROGRESS=1 "$STOA" map --source "sqlite:$T/big.db" --direct -o "$T/big.nq" 2> "$T/bar"
like "a bar tells how far it is" "$(tr '\r' '\n' < "$T/bar" | head -3)" '\[#+\.*\] [0-9]+ triples, [0-9.]+ M/s'
"$STOA" map --source "sqlite:$T/big.db" --direct -o "$T/big.nq" 2> "$T/bar"
is "... and stays away where there is no terminal" "$(cat "$T/bar")" "2000000 triples"
done_testing
