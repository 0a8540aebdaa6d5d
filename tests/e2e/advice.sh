#!/bin/sh
# stoa check warns of what is no fault and yet seldom meant, each with its place; it still exits 0.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 50 2026-11-01
P=$T/bank
is "the example bank has no warnings" "$("$STOA" check -C "$P" 2>&1 | grep -c warning)" 0
warned() { # CLAIM FILE SED PATTERN
  rm -rf "$T/b"; cp -r "$P" "$T/b"; sed -i "$3" "$T/b/$2"
  out=$("$STOA" check -C "$T/b" 2>&1); code=$?
  like "$1" "$out" "$4"
  is "... and check still exits 0" "$code" 0
}
warned "a template whose columns cannot be told apart" mappings/product.ttl 's|"holding/{holding_id}"|"holding/{holding_id}-{customer_id}"|' 'product.ttl:[0-9]+:[0-9]+: warning: triples map holding: .*columns cannot be told apart'
warned "templates that can make the same IRI" mappings/product.ttl 's|"region/{region_id}"|"{region_id}"|;s|"household/{household_id}"|"{household_id}x"|' 'product.ttl:[0-9]+:[0-9]+: warning: .*same IRI by chance'
warned "subjects without a class" mappings/bureau.ttl 's| ; rr:class b:BureauReport||' 'bureau.ttl:[0-9]+:[0-9]+: warning: triples map report: its subjects have no class'
warned "a datatype that the column does not fit" mappings/product.ttl 's|rr:column "formed_on"|rr:column "formed_on" ; rr:datatype <http://www.w3.org/2001/XMLSchema#integer>|' 'product.ttl:[0-9]+:[0-9]+: warning: .*column "formed_on" of household does not fit'
mkdir "$T/j"
sqlite3 "$T/j/j.db" "CREATE TABLE a(id INTEGER PRIMARY KEY, k INTEGER); CREATE TABLE b(id INTEGER PRIMARY KEY, k INTEGER);
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO a SELECT i, i FROM n; INSERT INTO b SELECT * FROM a"
cat > "$T/j/j.ttl" <<'M'
@prefix rr: <http://www.w3.org/ns/r2rml#> .
<#b> rr:logicalTable [ rr:tableName "b" ] ; rr:subjectMap [ rr:template "http://x/b/{id}" ; rr:class <http://x/B> ] .
<#a> rr:logicalTable [ rr:tableName "a" ] ; rr:subjectMap [ rr:template "http://x/a/{id}" ; rr:class <http://x/A> ] ;
  rr:predicateObjectMap [ rr:predicate <http://x/p> ; rr:objectMap [ rr:parentTriplesMap <#b> ; rr:joinCondition [ rr:child "k" ; rr:parent "k" ] ] ] .
M
printf '<http://x/A> a <http://www.w3.org/2002/07/owl#Class> . <http://x/B> a <http://www.w3.org/2002/07/owl#Class> . <http://x/p> a <http://www.w3.org/2002/07/owl#ObjectProperty> .' > "$T/j/o.ttl"
printf 'project: p\nbase: http://x/\nsources: {s: {driver: sqlite, address: j.db, mappings: [j.ttl]}}\nontology: [o.ttl]\n' > "$T/j/stoa.yaml"
like "a join without an index" "$("$STOA" check -C "$T/j" 2>&1)" 'warning: triples map a: the join of a.k with b.k has no index on either side; CREATE INDEX ON b\(k\)'
sqlite3 "$T/j/j.db" 'CREATE INDEX bk ON b(k)'
is "... and none once there is one" "$("$STOA" check -C "$T/j" 2>&1 | grep -c warning)" 0
done_testing
