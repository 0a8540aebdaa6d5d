#!/bin/sh
# Each fault gets one clear error with its place.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 20
P=$T/bank
broken() { # CLAIM FILE SED PATTERN: break one file, check, compare the message
  rm -rf "$T/b"; cp -r "$P" "$T/b"; sed -i "$3" "$T/b/$2"
  cmp -s "$P/$2" "$T/b/$2" && echo "# the fault was not planted in $2"
  out=$("$STOA" check -C "$T/b" 2>&1); code=$?
  like "$1" "$out" "$4"
  is "... and check exits 1" $code 1
}
line() { grep -n "$2" "$P/$1" | head -1 | cut -d: -f1; }
broken "a wrong column names file, line, column and the nearest" mappings/product.ttl 's/rr:column "family_name"/rr:column "familyname"/' \
  "mappings/product.ttl:$(line mappings/product.ttl family_name):[0-9]+: error: .*no column \"familyname\"; did you mean \"family_name\""
broken "a wrong table" mappings/bureau.ttl 's/rr:tableName "report"/rr:tableName "reports"/' 'mappings/bureau.ttl:4:[0-9]+: error: .*no table "reports"; did you mean "report"'
broken "a wrong template column" mappings/bureau.ttl 's/{report_id}/{repot_id}/' 'mappings/bureau.ttl:[0-9]+:[0-9]+: error: .*no column "repot_id"'
broken "an unknown class" mappings/bureau.ttl 's/b:BureauReport/b:BureauRepotr/' 'mappings/bureau.ttl:5:[0-9]+: error: .*class .*BureauRepotr.* not in the ontology; did you mean .*BureauReport'
broken "an unknown property" mappings/bureau.ttl 's/b:utilisation /b:utilization /' 'mappings/bureau.ttl:[0-9]+:[0-9]+: error: .*property .*did you mean .*utilisation'
broken "a broken SQL query" mappings/product.ttl 's/WHERE category_id = 3/WHERE categry = 3/' 'mappings/product.ttl:[0-9]+:[0-9]+: error: .*no such column: categry'
broken "broken Turtle" mappings/bureau.ttl '4s/\[/[[/' 'mappings/bureau.ttl:[0-9]+:[0-9]+: error:'
broken "an unknown annotation" mappings/product.ttl 's/stoa:key "product_id"/stoa:keey "product_id"/' 'mappings/product.ttl:[0-9]+:[0-9]+: error: unknown term stoa:keey; did you mean stoa:key\?'
broken "an unknown key of stoa.yaml" stoa.yaml 's/^ontology:/ontologies:/' 'stoa.yaml:8:1: error: unknown key "ontologies"; did you mean "ontology"'
broken "a broken YAML file" stoa.yaml 's/^sources:/sources: {/' 'stoa.yaml:[0-9]+:[0-9]+: error:'
broken "broken SPARQL in a feature view" features/holdings.rq 's/GROUP BY ?customer/GROUP BY/' 'features/holdings.rq:[0-9]+:[0-9]+: error:'
broken "an unknown class in a feature view" features/holdings.rq 's/b:Holding/b:Holdings/' 'features/holdings.rq:12:[0-9]+: error: nothing is mapped to class .*Holdings.*did you mean .*Holding>'
broken "a feature that the query does not select" features/holdings.rq 's/families: int32}/famlies: int32}/' 'features/holdings.rq:7:[0-9]+: error: the query does not select .famlies; did you mean .families'
broken "an unknown aggregate" features/contact.rq 's/aggregates: \[count,/aggregates: [cuont,/' 'features/contact.rq:[0-9]+:[0-9]+: error: unknown aggregate "cuont"'
broken "an unknown kind of view" features/holdings.rq 's/kind: query/kind: embeding/' 'features/holdings.rq:4:[0-9]+: error: unknown kind "embeding"; use window, query, request or embedding'
broken "an unknown service of a policy" personalizer/next_offer.yaml 's/next_offer_v1/next_ofer_v1/' 'personalizer/next_offer.yaml:3:[0-9]+: error: unknown feature service "next_ofer_v1"; did you mean'
broken "an unknown explorer" personalizer/next_offer.yaml 's/squarecb/squarcb/' 'personalizer/next_offer.yaml:[0-9]+:[0-9]+: error: unknown explorer'
broken "an unknown driver" stoa.yaml 's/bureau:      {driver: sqlite/bureau:      {driver: oracle/' 'stoa.yaml:5:[0-9]+: error: unknown driver "oracle"; use sqlite'
rm -rf "$T/b"; cp -r "$P" "$T/b"; sed -i 's/rr:column "name"/rr:column "nmae"/;s/rr:column "term"/rr:column "trem"/' "$T/b/mappings/product.ttl"
is_attribute='$a <#attribute> rr:logicalTable [ rr:tableName "report" ] ; rr:subjectMap [ rr:template "report/{report_id}" ] ; rr:predicateObjectMap [ rr:predicateMap [ rr:template "https://bank.example/ontology#attr_{score}" ] ; rr:objectMap [ rr:column "score" ] ] .'
P0=$P; P=$T/attributes; cp -r "$P0" "$P"; sed -i "$is_attribute" "$P/mappings/bureau.ttl"
like "predicates in a column are no fault" "$("$STOA" check -C "$P" 2>&1)" 'all good'
broken "... and hide no misspelt property" features/bureau.rq 's/b:utilisation/b:utilization/' 'features/bureau.rq:[0-9]+:[0-9]+: error: nothing is mapped to property .*utilization.*did you mean .*utilisation'
P=$P0
rm -rf "$T/b"; cp -r "$P" "$T/b"; sed -i 's/rr:column "name"/rr:column "nmae"/;s/rr:column "term"/rr:column "trem"/' "$T/b/mappings/product.ttl"
is "all faults are reported, not the first alone" "$("$STOA" check -C "$T/b" 2>&1 | grep -c 'error:')" 5
rm -rf "$T/b"; cp -r "$P" "$T/b"; sed -i 's/b:utilisation/b:utilization/' "$T/b/features/bureau.rq"; sed -i 's/kind: window/kind: widow/' "$T/b/features/txn.rq"
is "... and no second one for what names the faulty" "$("$STOA" check -C "$T/b" 2>&1 | sed 's|.*/features/||; s/:.*//' | sort | paste -sd' ')" "bureau.rq txn.rq"
broken "an unknown term of R2RML" mappings/product.ttl 's/rr:class b:Region/rr:clas b:Region/' 'mappings/product.ttl:[0-9]+:[0-9]+: error: unknown term rr:clas; did you mean rr:class\?'
broken "a term map behind a shortcut" mappings/product.ttl '0,/rr:objectMap \[ rr:column/s//rr:object [ rr:column/' 'mappings/product.ttl:[0-9]+:[0-9]+: error: rr:object takes a constant; write rr:objectMap before a term map'

bad() { # CLAIM QUERY PATTERN
  out=$("$STOA" query -C "$P" -e "$2" 2>&1); code=$?
  like "$1" "$out" "$3"
  is "... exit 1" $code 1
}
bad "an undeclared prefix" 'SELECT * { ?x b:y ?z }' '^-e:1:15: error: prefix "b:" is not declared'
bad "a missing dot" 'SELECT * { ?x ?y ?z ?a ?b ?c }' '^-e:1:21: error: .*is a dot missing'
bad "a missing brace" 'SELECT * { ?x ?y ?z' 'error: .*"}" expected, but the text ends|expected, but the text ends'
bad "a variable outside GROUP BY" 'SELECT ?x (COUNT(*) AS ?n) { ?x ?y ?z }' '\?x stands outside GROUP BY'
bad "an update is no query" 'DELETE WHERE { ?s ?p ?o }' 'DELETE is an update'
bad "an extension function is refused by name and place" 'SELECT (<http://f>(1) AS ?x) { }' '1:9: error: function <http://f> is not known'
bad "an unknown function" 'SELECT (<http://f>(1) AS ?x) {}' 'function <http://f> is not known'
bad "a function's name is nearly right" 'SELECT * { ?x ?y ?z FILTER(CONTIANS(?z, "a")) }' '1:28: error: an expression expected, found "CONTIANS"; did you mean CONTAINS\?'
bad "a keyword's name is nearly right" 'SELCT * { ?x ?y ?z }' '1:1: error: SELECT, ASK, CONSTRUCT or DESCRIBE expected, found "SELCT"; did you mean SELECT\?'
bad "an aggregate without brackets" 'SELECT COUNT(?x) { ?x ?y ?z }' '1:8: .*stands in brackets with a name: \(COUNT'
bad "an expression without a name" 'SELECT (?x + 1) { ?x ?y ?z }' '1:15: .*a computed column needs a name'
bad "== for =" 'SELECT * { ?x ?y ?z FILTER(?z == 1) }' '1:32: .*compares with one "="'
bad "AND for &&" 'SELECT * { ?x ?y ?z FILTER(?z = 1 AND ?y = 2) }' '1:35: .*write && for and'
bad "an IRI without brackets" 'SELECT * { ?x http://x ?z }' '1:15: error: an IRI stands in < >'
bad "an IRI without its end" 'SELECT * { ?x <http://x ?z }' '1:15: .*an IRI ends with'
bad "a prefix that everybody knows" 'SELECT * { ?x foaf:name ?z }' 'add a line "PREFIX foaf: <http://xmlns.com/foaf/0.1/>"'
bad "a prefix without its colon" 'PREFIX x <http://x> SELECT * {}' '1:8: .*a prefix ends with a colon'
bad "a brace too many" 'SELECT * { ?x ?y ?z }}' '1:22: .*one "}" too many'
bad "an open string" 'SELECT * { ?x ?y "abc }' 'string without closing quote'
printf 'limits: {query_memory: 8}\n' >> "$P/stoa.yaml"
bad "a runaway query ends at its cap and says how to raise it" 'SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?a' 'memory cap of 8 MiB; narrow it, or raise limits: query_memory in stoa.yaml'
head -c 3000 /dev/urandom | tr -d '\0' > "$T/noise.rq"
"$STOA" query -C "$P" "$T/noise.rq" > /dev/null 2>&1; is "noise as a query is an error, not a crash" $? 1
i=0; while [ $i -lt 2000 ]; do printf '('; i=$((i + 1)); done > "$T/deep.rq"; { printf 'SELECT ('; cat "$T/deep.rq"; printf '1 AS ?x) {}'; } > "$T/d.rq"
out=$("$STOA" query -C "$P" "$T/d.rq" 2>&1); is "nesting without end is an error, not a crash" $? 1
done_testing
