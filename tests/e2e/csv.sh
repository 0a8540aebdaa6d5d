#!/bin/sh
# CSV folders as sources: read in place, typed by the mapping, joined with each other and with a database.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v sqlite3 > /dev/null && command -v curl > /dev/null || skip_all "sqlite3 and curl are needed"
P=$T/p
mkdir -p "$P/clicks" "$P/mappings" "$P/ontology"
printf '\357\273\277customer_id,name,joined,balance\r\n1,"O\047Hara, ""Pat""",2024-01-05,10.50\r\n2,,2024-02-01,-0.05\r\n3,"",2023-12-31,1000000.10\r\n4," Zo\303\253\nLund ",2024-01-05,7\r\n' > "$P/clicks/customer.csv"
printf 'click;customer;channel\n10;1;web\n11;1;mobile\n12;3;web\n13;9;web\n' > "$P/clicks/click.csv"
sqlite3 "$P/core.db" "CREATE TABLE rating(customer_id INTEGER PRIMARY KEY, score INTEGER); INSERT INTO rating VALUES (1, 700), (3, 550), (4, 610)"
cat > "$P/stoa.yaml" <<'Y'
project: p
base: http://x/
sources:
  clicks: {driver: csv, address: clicks, mappings: [mappings/clicks.ttl], keys: {customer: [customer_id], click: [click]}}
  core:   {driver: sqlite, address: core.db, mappings: [mappings/core.ttl]}
ontology: [ontology/*.ttl]
Y
cat > "$P/mappings/clicks.ttl" <<'M'
@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix x: <http://x/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<#customer> rr:logicalTable [ rr:tableName "customer" ] ; rr:subjectMap [ rr:template "http://x/customer/{customer_id}" ; rr:class x:Customer ] ;
  rr:predicateObjectMap [ rr:predicate x:name ; rr:objectMap [ rr:column "name" ] ] ;
  rr:predicateObjectMap [ rr:predicate x:joined ; rr:objectMap [ rr:column "joined" ; rr:datatype xsd:date ] ] ;
  rr:predicateObjectMap [ rr:predicate x:balance ; rr:objectMap [ rr:column "balance" ; rr:datatype xsd:decimal ] ] .
<#click> rr:logicalTable [ rr:tableName "click" ] ; rr:subjectMap [ rr:template "http://x/click/{click}" ; rr:class x:Click ] ;
  rr:predicateObjectMap [ rr:predicate x:channel ; rr:objectMap [ rr:column "channel" ] ] ;
  rr:predicateObjectMap [ rr:predicate x:by ; rr:objectMap [ rr:parentTriplesMap <#customer> ; rr:joinCondition [ rr:child "customer" ; rr:parent "customer_id" ] ] ] .
M
cat > "$P/mappings/core.ttl" <<'M'
@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix x: <http://x/> .
<#rating> rr:logicalTable [ rr:tableName "rating" ] ; rr:subjectMap [ rr:template "http://x/customer/{customer_id}" ] ;
  rr:predicateObjectMap [ rr:predicate x:score ; rr:objectMap [ rr:column "score" ] ] .
M
cat > "$P/ontology/x.ttl" <<'M'
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix x: <http://x/> .
x:Customer a owl:Class . x:Click a owl:Class .
x:name a owl:DatatypeProperty . x:joined a owl:DatatypeProperty . x:balance a owl:DatatypeProperty .
x:channel a owl:DatatypeProperty . x:by a owl:ObjectProperty . x:score a owl:DatatypeProperty .
M
e() { "$STOA" query -C "$P" -e 'SELECT ?n { ?c <http://x/name> ?n }' 2>&1; }
q() { "$STOA" query -C "$P" --format tsv -e "PREFIX x: <http://x/> $1" 2>&1 | sed 1d; }
before=$(cksum "$P"/clicks/*)
ok "the project checks" "$STOA" check -C "$P"
is "quotes, commas, line breaks and blanks stay; an empty field is unbound, a quoted one is not" \
  "$(q 'SELECT ?n { ?c x:name ?n } ORDER BY ?n')" "$(printf '""\n" Zo\303\253\\nLund "\n"O\047Hara, \\"Pat\\""')"
is "numbers are typed by the mapping, exactly" "$(q 'SELECT (SUM(?b) AS ?s) { ?c x:balance ?b }' | cut -d'"' -f2)" 1000017.55
is "dates too" "$(q 'SELECT (COUNT(?c) AS ?n) { ?c x:joined ?d FILTER(?d >= "2024-01-05"^^<http://www.w3.org/2001/XMLSchema#date>) }')" 3
is "a semicolon is found to be the delimiter" "$(q 'SELECT (COUNT(DISTINCT ?h) AS ?n) { ?k x:channel ?h }')" 2
is "two files are joined by the mapping" "$(q 'SELECT ?k { ?k x:by <http://x/customer/1> } ORDER BY ?k' | tr '\n' ' ')" '<http://x/click/10> <http://x/click/11> '
is "and by a query" "$(q 'SELECT (COUNT(*) AS ?n) { ?k x:by ?c . ?c x:balance ?b OPTIONAL { ?c x:name ?m } }')" 3
is "and with a database" "$(q 'SELECT ?s (COUNT(?k) AS ?n) { ?k x:by ?c . ?c x:score ?s } GROUP BY ?s ORDER BY ?s' | tr '\n' ' ')" "$(printf '550\t1 700\t2 ')"
like "one look-up reads one file" "$("$STOA" query -C "$P" --explain=sql -e 'SELECT ?n { <http://x/customer/1> <http://x/name> ?n }' 2>&1)" 'SQL on clicks'
"$STOA" materialize -C "$P" -o "$T/all.nt" 2> /dev/null
for query in 'SELECT ?c ?n ?b { ?c x:name ?n ; x:balance ?b }' 'SELECT ?k ?c ?s { ?k x:by ?c OPTIONAL { ?c x:score ?s } }' 'SELECT ?s ?p ?o { ?s ?p ?o }'; do
  is "virtual and materialised: $query" "$(q "$query" | sort)" "$("$STOA" query --data "$T/all.nt" --format tsv -e "PREFIX x: <http://x/> $query" | sed 1d | sort)"
done
is "the files are as they were" "$(cksum "$P"/clicks/*)" "$before"
echo '5,Ann,2024-03-01,1' >> "$P/clicks/customer.csv"
is "a row that was added is in the next answer" "$(q 'SELECT ?n { <http://x/customer/5> x:name ?n }')" '"Ann"'
echo '6,Bob' >> "$P/clicks/customer.csv"
like "a row that is too short is told" "$(e)" 'customer.csv: line 8: it has 2 fields, the head has 4'
sed -i '$d' "$P/clicks/customer.csv"; printf '6,B\350b,2024-03-01,1\n' >> "$P/clicks/customer.csv"
like "a row that is no UTF-8 is told" "$(e)" 'customer.csv: line 8: it is not UTF-8'
sed -i '$d' "$P/clicks/customer.csv"; printf '6,"Bob,2024-03-01,1\n' >> "$P/clicks/customer.csv"
like "a quote that does not end is told" "$(e)" 'customer.csv: line 8: a quote is not closed'
sed -i '$d' "$P/clicks/customer.csv"
cat "$P/clicks/customer.csv" > "$T/good.csv"
like "a mapped column that the file lacks is told with its nearest" "$(sed -i 's/rr:column "balance"/rr:column "balanse"/' "$P/mappings/clicks.ttl"; "$STOA" check -C "$P" 2>&1)" 'clicks.ttl:[0-9]+:[0-9]+: error: .*did you mean "balance"'
sed -i 's/rr:column "balanse"/rr:column "balance"/' "$P/mappings/clicks.ttl"
: > "$P/clicks/empty.csv"
like "an empty file is told" "$("$STOA" check -C "$P" 2>&1)" 'empty.csv: the first row must name the columns'
rm "$P/clicks/empty.csv"
awk 'BEGIN { print "click;customer;channel"; for (i = 0; i < 200000; ++i) printf "%d;%d;ch%d\n", i, i % 5, i % 9 }' > "$P/clicks/click.csv"
is "200,000 rows are joined and grouped" "$(q 'SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?h) AS ?m) { ?k x:by ?c ; x:channel ?h . ?c x:name ?n2 }' | tr '\t' ' ')" "120000 9"
is "the Direct Mapping needs a key" "$("$STOA" map --source "csv:$P/clicks" --direct 2>/dev/null | grep -c 'customer#name')" 4

# Files are written anew under a running server: their columns are found by name.
printf 'customer_id,name,joined,balance\n1,ann,2024-01-05,1\n2,bob,2024-01-05,2\n' > "$P/clicks/customer.csv"
printf 'click,customer,channel\n1,1,web\n' > "$P/clicks/click.csv"
rows() { sparql 'PREFIX x: <http://x/> SELECT ?n ?b { ?c x:name ?n ; x:balance ?b } ORDER BY ?n' | tr -d '\r' | paste -sd' '; }
serve "$P" || exit 1
is "a server reads a file" "$(rows)" "n,b ann,1 bob,2"
printf 'balance;customer_id;new;joined;name\n3;1;x;2024-01-05;ann\n4;2;x;2024-01-05;bob\n' > "$P/clicks/customer.csv"
is "columns that change places are read by name" "$(rows)" "n,b ann,3 bob,4"
for i in 1 2 3 4 5 6 7 8; do rows > "$T/at-once.$i" & at_once="${at_once:-} $!"; done
wait $at_once
is "... by connections that are made meanwhile too" "$(cat "$T"/at-once.* | sort -u)" "n,b ann,3 bob,4"
printf 'customer_id,title,joined,balance\n1,ann,2024-01-05,1\n' > "$P/clicks/customer.csv"
like "a column that has gone is told with its file and a remedy" "$(rows)" 'clicks/customer.csv: its first row has changed: the column .*name.* is missing; write the file with its columns, or load the project again'
printf 'customer_id,name,name,joined,balance\n1,ann,eve,2024-01-05,1\n' > "$P/clicks/customer.csv"
like "... one that stands there twice" "$(rows)" 'the column .*name.* stands there twice'
printf 'customer_id,name,joined,balance\n1,ann,2024-01-05,5\n' > "$P/clicks/customer.csv"
is "... a file as it was is read again" "$(rows)" "n,b ann,5"
printf '"a;b;c;d;e",balance,joined,name,customer_id\n1,6,2024-01-05,ann,1\n' > "$P/clicks/customer.csv"
is "what stands in quotes in the first row parts no fields" "$(rows)" "n,b ann,6"
like "a reload takes the columns as they are" "$(curl -s -X POST "$HTTP/reload")" '"reloaded":true'
printf 'customer_id,name,joined,balance\n1,ann,2024-01-05,7\n' > "$P/clicks/customer.csv"
like "... so that another one may be missing then" "$(rows)" 'the column .*a;b;c;d;e.* is missing'
curl -s -X POST "$HTTP/reload" > /dev/null
is "... until the next" "$(rows)" "n,b ann,7"
ok "the server stops cleanly" stop_server
done_testing
