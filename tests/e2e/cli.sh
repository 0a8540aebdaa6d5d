#!/bin/sh
. "${STOA_SRC:?}/tests/support/lib.sh"
ok "init makes a project folder" "$STOA" init "$T/p"
ok "check finds it good" "$STOA" check -C "$T/p"
like "... and tells how much there is, the state not among it" "$("$STOA" check -C "$T/p")" ": 1 source, [0-9]+ leaves of the mapping, 2 feature views, 1 service, 1 policy, 1 query: all good"
out=$("$STOA" init "$T/p" 2>&1); is "init refuses a folder that has a project (exit 1)" $? 1
out=$("$STOA" query -C "$T/p" --format csv "$T/p/queries/balances.rq" | tr -d '\r')
is "its query answers" "$out" 'segment,accounts,balance
affluent,2,99311.5
mass,3,9237.8'
mkdir "$T/empty"
out=$(cd "$T/empty" && "$STOA" init "" 2>&1); is "init takes no empty name (exit 2)" "$?$(ls "$T/empty")" 2
like "... and says what it takes" "$out" 'one folder expected'
out=$("$STOA" query -e 'ASK {}' some.rq 2>&1); is "a text and a file are a usage error (exit 2)" $? 2
like "... that names the file" "$out" 'not both: "some.rq"'
out=$("$STOA" frobnicate 2>&1); is "an unknown verb is a usage error (exit 2)" $? 2
out=$("$STOA" query -C "$T/none" -e 'ASK {}' 2>&1); is "a missing project is the input's fault (exit 1)" $? 1
rm "$T/p/data/core.db"
out=$("$STOA" query -C "$T/p" -e 'ASK {}' 2>&1); is "a missing database is the environment's fault (exit 3)" $? 3
like "and the message names it" "$out" 'core.*data/core.db'
for v in init check query materialize features rank reward policy serve; do
  like "stoa $v --help tells its usage" "$("$STOA" $v --help)" "usage: stoa $v"
done
cat > "$T/d.ttl" <<X
@prefix : <http://x.example/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:a :knows :b ; :age 30 ; :name "Ann"@en . :b :knows :c ; :age "41"^^xsd:integer ; :name "Bj\\u00F6rn" . :c :age 2.50 .
X
q() { "$STOA" query --data "$T/d.ttl" --format "${2:-csv}" -e "PREFIX : <http://x.example/> $1" | tr -d '\r'; }
is "--data: a sequence path" "$(q 'SELECT ?z { :a :knows/:knows ?z }')" 'z
http://x.example/c'
is "--data: an inverse path and an alternative" "$(q 'SELECT ?x { :b (^:knows|:knows) ?x } ORDER BY ?x')" 'x
http://x.example/a
http://x.example/c'
is "--data: numbers are added exactly" "$(q 'SELECT (SUM(?a) AS ?s) (AVG(?a) AS ?m) { ?x :age ?a }')" 's,m
73.5,24.5'
is "5-1 is 4, not 5-(-1)" "$(q 'SELECT (5-1 AS ?x) {}')" 'x
4'
is "integer division gives a decimal" "$(q 'SELECT (1/8 AS ?x) {}')" 'x
0.125'
is "COUNT over no match gives a row" "$(q 'SELECT (COUNT(*) AS ?n) { ?x :nothing ?y }')" 'n
0'
is "OPTIONAL leaves unbound" "$(q 'SELECT ?x ?n { ?x :age ?a OPTIONAL { ?x :name ?n } } ORDER BY ?a')" 'x,n
http://x.example/c,
http://x.example/a,Ann
http://x.example/b,Björn'
is "MINUS takes away" "$(q 'SELECT ?x { ?x :age ?a MINUS { ?x :knows ?y } }')" 'x
http://x.example/c'
is "NOT EXISTS takes away" "$(q 'SELECT ?x { ?x :age ?a FILTER NOT EXISTS { ?x :knows ?y } }')" 'x
http://x.example/c'
is "VALUES with UNDEF" "$(q 'SELECT ?x ?a { ?x :age ?a VALUES (?x ?a) { (:a UNDEF) (UNDEF 41) } } ORDER BY ?a')" 'x,a
http://x.example/a,30
http://x.example/b,41'
is "a sub-select's LIMIT counts inside" "$(q 'SELECT ?x ?n { { SELECT ?x { ?x :age ?a } ORDER BY DESC(?a) LIMIT 1 } ?x :name ?n }')" 'x,n
http://x.example/b,Björn'
like "ASK in JSON" "$(q 'ASK { :a :knows :b }' json)" '"boolean":true'
like "language tags survive XML" "$(q 'SELECT ?n { :a :name ?n }' xml)" '<literal xml:lang="en">Ann</literal>'
is "TSV writes terms" "$(q 'SELECT ?n { :a :name ?n }' tsv)" '?n
"Ann"@en'
is "CONSTRUCT in N-Triples" "$(q 'CONSTRUCT { ?y :knownBy ?x } { ?x :knows ?y } ORDER BY ?x' nt)" '<http://x.example/b> <http://x.example/knownBy> <http://x.example/a> .
<http://x.example/c> <http://x.example/knownBy> <http://x.example/b> .'
like "CONSTRUCT in RDF/XML" "$(q 'CONSTRUCT { ?y :knownBy ?x } { ?x :knows ?y }' rdfxml)" '<rdf:RDF'
cat > "$T/odd.nt" <<'X'
<http://x.example/a> <http://x.example/p> "100"^^<http://www.w3.org/2001/XMLSchema#decimal> .
<http://x.example/a> <http://x.example/p> "1.50"^^<http://www.w3.org/2001/XMLSchema#decimal> .
<http://x.example/a> <http://x.example/p> "1.5"^^<http://www.w3.org/2001/XMLSchema#decimal> .
<http://x.example/a> <http://x.example/p> "INF"^^<http://www.w3.org/2001/XMLSchema#double> .
<http://x.example/a> <http://x.example/p> "1.5E2"^^<http://www.w3.org/2001/XMLSchema#double> .
<http://x.example/a> <http://x.example/p> "150"^^<http://www.w3.org/2001/XMLSchema#double> .
<http://x.example/a> <http://x.example/p> "007"^^<http://www.w3.org/2001/XMLSchema#integer> .
<http://x.example/a> <http://x.example/p> "-7"^^<http://www.w3.org/2001/XMLSchema#integer> .
<http://x.example/a> <http://x.example/p> "1"^^<http://www.w3.org/2001/XMLSchema#boolean> .
<http://x.example/a> <http://x.example/p> "true"^^<http://www.w3.org/2001/XMLSchema#boolean> .
<http://x.example/a> <http://x.example/p> "2026-11-23T10:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .
<http://x.example/a> <http://x.example/q.r> "a\"b\\c\nd\re	f'" .
<http://x.example/a> <http://x.example/1> "Zoë ≤ \U0001F600"@de-AT .
<http://x.example/a/b> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://x.example/%C3%A9.> .
<http://x.example/a/b> <http://x.example/p> _:b1 .
_:b1 <http://x.example/p> "x"^^<http://x.example/type> .
X
same() { "$STOA" query --data "$1" --format csv -e 'SELECT ?s ?p ?o (DATATYPE(?o) AS ?d) (LANG(?o) AS ?l) { ?s ?p ?o FILTER(!ISBLANK(?s) && !ISBLANK(?o)) }' | sort; }
"$STOA" query --data "$T/odd.nt" --format ttl -e 'PREFIX : <http://x.example/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }' > "$T/odd.ttl"
is "Turtle reads back as it was" "$(same "$T/odd.ttl")" "$(same "$T/odd.nt")"
is "... with its blank nodes" "$("$STOA" query --data "$T/odd.ttl" --format csv -e 'SELECT ?x { <http://x.example/a/b> <http://x.example/p> ?b . ?b <http://x.example/p> ?x }' | tr -d '\r')" 'x
x'
ok "... and names what it can by prefixes" grep -q '^:a :p 100\|"100"^^xsd:decimal' "$T/odd.ttl"
printf '<http://x.example/g1> <http://x.example/p> "1" .\n' > "$T/g.nt"
out=$("$STOA" query --graph "http://x.example/g=$T/g.nt" --format csv -e 'SELECT ?g ?s { GRAPH ?g { ?s ?p ?o } }' | tr -d '\r')
is "a named graph is asked by GRAPH" "$out" 'g,s
http://x.example/g,http://x.example/g1'
i=0; while [ $i -lt 300 ]; do i=$((i + 1)); echo "<http://x.example/$i> <http://x.example/p> \"$i\" ."; done > "$T/many.nt"
is "the first rows leave before the last are computed" "$(timeout 60 "$STOA" query --data "$T/many.nt" --format csv -e 'SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }' 2> /dev/null | head -3 | wc -l)" 3
out=$("$STOA" query --data "$T/d.ttl" --explain=analyze -e 'PREFIX : <http://x.example/> SELECT ?x { ?x :age ?a FILTER(?a > 30) }')
like "--explain=analyze tells rows and time" "$out" 'Filter .*-- 1 rows, [0-9.]+ ms'
like "... and memory" "$out" '^-- memory: at most [0-9.]+ of 1024.0 MiB'
"$STOA" query --data "$T/d.ttl" --explain=plna -e 'ASK {}' > "$T/out" 2>&1; is "an explanation that nobody knows (exit 2)" $? 2
q 'SELECT ?x ?a { ?x :age ?a }' xml > "$T/e.srx"
ASAN_OPTIONS=${ASAN_OPTIONS:-}:fast_unwind_on_malloc=0; export ASAN_OPTIONS # rasqal has no frame pointers: its leak is known by its caller
ok "--expect reads a result document and agrees" "$STOA" query --data "$T/d.ttl" --expect "$T/e.srx" -e 'PREFIX : <http://x.example/> SELECT ?x ?a { ?x :age ?a }'
out=$("$STOA" query --data "$T/d.ttl" --expect "$T/e.srx" -e 'PREFIX : <http://x.example/> SELECT ?x ?a { ?x :age ?a FILTER(?a > 30) }' 2>&1)
is "--expect sees a missing row (exit 1)" $? 1
mkdir -p "$T/bare"; printf '<rel> <http://x/p> "v" .\n' > "$T/bare/d.ttl"
bare() { (cd "$T/bare" && "$STOA" query --format csv "$@" 2>&1 | tr -d '\r' | paste -sd' '); }
is "a query that reads no data needs no project" "$(bare -e 'SELECT (1+1 AS ?x) {}')" 'x 2'
is "nor does one over VALUES" "$(bare -e 'ASK { VALUES ?x { 1 } FILTER(?x > 1) }')" false
like "one that reads does" "$(bare -e 'SELECT (1 AS ?x) { FILTER EXISTS { ?s ?p ?o } }')" 'stoa.yaml: error: no such file'
like "so does a pattern" "$(bare -e 'ASK { ?s ?p ?o }')" 'stoa.yaml: error: no such file'
like "and a folder that is named" "$(bare -C . -e 'ASK {}')" 'stoa.yaml: error: no such file'
is "--base is of the query" "$(bare --base http://b/c -e 'SELECT (IRI("x") AS ?i) (<y> AS ?j) {}')" 'i,j http://b/x,http://b/y'
is "... and not of the data" "$(bare --data d.ttl --base http://b/c -e 'SELECT (STRSTARTS(STR(?s), "file:///") AS ?f) { ?s ?p ?o }')" 'f true'
is "without it relative IRIs are of the working folder" "$(bare --data d.ttl -e 'SELECT ?o { <rel> ?p ?o }')" 'o v'
is "... in updates too, so that what they write can be read" "$(cd "$T/bare" && "$STOA" update -e 'INSERT DATA { <a> <b> <c> }' | sed "s#$T/bare/##g; s#file://##g")" '<a> <b> <c> .'
# Columns of a table are as wide as what a terminal shows, whatever the locale.
printf '<http://x/a> <http://x/n> "日本語" .\n<http://x/b> <http://x/n> "e\314\201t\303\251" .\n<http://x/c> <http://x/n> "two\\nlines" .\n' > "$T/wide.nt"
printf 'n            | s\n-------------+-----------\n日本語       | http://x/a\ne\314\201t\303\251          | http://x/b\ntwo\\x0alines | http://x/c\n(3 rows)\n' > "$T/wide.expected"
for l in C C.UTF-8; do
  LC_ALL=$l "$STOA" query --data "$T/wide.nt" --format table -e 'SELECT ?n ?s { ?s <http://x/n> ?n } ORDER BY ?s' > "$T/wide" 2>&1
  ok "a table is even with wide letters, combining marks and line ends ($l)" diff "$T/wide" "$T/wide.expected"
done
is "... without rows it has its head" "$("$STOA" query --data "$T/wide.nt" --format table -e 'SELECT ?n ?s { ?s <http://x/n> ?n FILTER(?n = 1) }' 2>&1)" "$(printf 'n | s\n--+--\n(0 rows)')"
is "... and an unbound cell is empty" "$("$STOA" query --data "$T/wide.nt" --format table -e 'SELECT ?n ?t { VALUES ?n { 1 } }' 2>&1)" "$(printf 'n | t\n--+--\n1 | \n(1 row)')"

# Whoever reads the output has enough: as other programs they end by SIGPIPE, without a word.
yes '<http://x/s> <http://x/p> "a text of some length", 1 .' | head -20000 | awk '{ sub("/s>", "/" NR ">"); print }' > "$T/many.ttl"
cut_off() { # COMMAND...: its status and its words, when one line of what it says is read
  { "$STOA" "$@" 2> "$T/said"; echo $? > "$T/code"; } | { read -r line; exec 0<&-; sleep 0.1; }
  sed 's/^/said: /' "$T/said"; cat "$T/code"
}
is "a query whose reader leaves ends by SIGPIPE" "$(cut_off query --data "$T/many.ttl" --format csv -e 'SELECT * { ?s ?p ?o }')" 141
is "... a table" "$(cut_off query --data "$T/many.ttl" --format table -e 'SELECT * { ?s ?p ?o }')" 141
is "... a graph" "$(cut_off query --data "$T/many.ttl" --format nt -e 'CONSTRUCT WHERE { ?s ?p ?o }')" 141
is "... an update" "$(cut_off update --data "$T/many.ttl" -e 'INSERT DATA { <http://x/a> <http://x/b> 1 }')" 141
is "... and what fails for another reason tells it" "$(cut_off query --data "$T/many.ttl" -e 'SELECT' | sed 's/said: .*error.*/told/' | paste -sd' ')" 'told 1'
out=$("$STOA" serv 2>&1); is "a verb that is none is a wrong use" $? 2
like "... and told what it may mean" "$out" 'there is no verb "serv"; did you mean "serve"\?'
is "... or nothing" "$("$STOA" frobnicate 2>&1 | head -1)" 'stoa: there is no verb "frobnicate"'
done_testing
