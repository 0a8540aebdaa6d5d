#!/bin/sh
# What an ontology says of classes and properties holds for the virtual graph and for reference data alike (rule 1).
. "${STOA_SRC:?}/tests/support/lib.sh"
mkdir -p "$T/p/m" "$T/p/o" "$T/p/r"; cd "$T/p" || exit 99
sqlite3 data.db "CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL, boss INTEGER REFERENCES person(id));
CREATE TABLE account(no INTEGER PRIMARY KEY, owner INTEGER REFERENCES person(id), signer INTEGER, balance DECIMAL(9,2));
INSERT INTO person VALUES (1,'Ada',NULL),(2,'Ben',1),(3,'Cy',1);
INSERT INTO account VALUES (10,1,7,5.00),(11,2,NULL,NULL),(12,NULL,8,7.25)"
cat > stoa.yaml <<'Y'
project: inference
base: https://e/
sources:
  db: { driver: sqlite, address: data.db, mappings: [m/db.ttl], foreign_keys: trusted }
ontology: [o/o.ttl]
data: [r/r.ttl]
Y
cat > o/o.ttl <<'Y'
@prefix : <https://e/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
:Person a owl:Class ; rdfs:subClassOf :Agent . :Agent a owl:Class . :Account a owl:Class . :Saver a owl:Class . :Boss a owl:Class .
:name a owl:DatatypeProperty .
:owner a owl:ObjectProperty ; rdfs:subPropertyOf :party ; rdfs:domain :Account ; rdfs:range :Person .
:signer a owl:ObjectProperty ; rdfs:subPropertyOf :party .
:party a owl:ObjectProperty ; rdfs:range :Agent .
:balance a owl:DatatypeProperty ; rdfs:domain :Saver .
:leads a owl:ObjectProperty ; owl:inverseOf :boss ; rdfs:domain :Boss . :boss a owl:ObjectProperty .
Y
cat > m/db.ttl <<'Y'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix : <https://e/> .
<#person> rr:logicalTable [ rr:tableName "person" ] ; rr:subjectMap [ rr:template "person/{id}" ; rr:class :Person ] ;
  rr:predicateObjectMap [ rr:predicate :name ; rr:objectMap [ rr:column "name" ] ] ;
  rr:predicateObjectMap [ rr:predicate :boss ; rr:objectMap [ rr:template "person/{boss}" ] ] .
<#account> rr:logicalTable [ rr:tableName "account" ] ; rr:subjectMap [ rr:template "account/{no}" ] ;
  rr:predicateObjectMap [ rr:predicate :owner ; rr:objectMap [ rr:template "person/{owner}" ] ] ;
  rr:predicateObjectMap [ rr:predicate :signer ; rr:objectMap [ rr:template "person/{signer}" ] ] ;
  rr:predicateObjectMap [ rr:predicate :balance ; rr:objectMap [ rr:column "balance" ] ] .
Y
printf '@prefix : <https://e/> .\n:x :owner :y . :y :boss :z .\n' > r/r.ttl
ids() { printf 'PREFIX : <https://e/> SELECT DISTINCT ?x { ?x a :%s } ORDER BY ?x' "$1" > q.rq; "$STOA" query -C . --format csv q.rq 2>&1 | sed '1d;s#https://e/##' | tr -d '\r' | tr '\n' ' '; }
is "the domain: those with an owner, and the reference data's" "$(ids Account)" "account/10 account/11 x "
is "the domain of a literal: those that have one" "$(ids Saver)" "account/10 account/12 "
is "the range with the class's own" "$(ids Person)" "person/1 person/2 person/3 y "
is "the range of a property above, and the classes above" "$(ids Agent)" "person/1 person/2 person/3 person/7 person/8 y "
is "the domain of an inverse" "$(ids Boss)" "person/1 z "
printf 'PREFIX : <https://e/> SELECT ?x { ?x a :Person }' > q.rq
is "what a foreign key leads to is among the table's own: one scan" "$("$STOA" query -C . --explain=sql q.rq | grep -c 'FROM "account"')" 0
printf 'PREFIX : <https://e/> SELECT ?x { ?x a :Agent }' > q.rq
is "... and what has none is not" "$("$STOA" query -C . --explain=sql q.rq | grep -c 'FROM "account"')" 1
printf 'PREFIX : <https://e/> SELECT ?x ?n { ?x a :Agent ; :name ?n }' > q.rq
is "a class of many tables that a property implies is not read" "$("$STOA" query -C . --explain=sql q.rq | grep -c 'FROM "account"')" 0
is "... and the rows are the same" "$("$STOA" query -C . --format csv q.rq | wc -l)" 4
"$STOA" materialize -C . -o all.nt 2> /dev/null
is "each triple is told once" "$(sort all.nt | uniq -d | wc -l)" 0
for c in Account Saver Person Agent Boss; do
  is "materialised: $c" "$(grep -c "type> <https://e/$c> \." all.nt)" "$(ids "$c" | wc -w)"
done
done_testing
