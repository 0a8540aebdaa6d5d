#!/bin/sh
# A class or property that nothing knows is a warning: on standard error, and in a header of an HTTP answer.  The answer
# stays what it is.
. "${STOA_SRC:?}/tests/support/lib.sh"
mkdir -p "$T/p"
cat > "$T/p/o.ttl" <<'O'
@prefix x: <http://x/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
x:Loan a owl:Class . x:Lease a owl:Class . x:amount a owl:DatatypeProperty . x:declared a owl:DatatypeProperty .
O
cat > "$T/p/m.ttl" <<'M'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix x: <http://x/> .
<#loans> rr:logicalTable [ rr:tableName "loan" ] ; rr:subjectMap [ rr:template "http://x/loan/{id}" ; rr:class x:Loan ] ;
  rr:predicateObjectMap [ rr:predicate x:amount ; rr:objectMap [ rr:column "amount" ] ] .
M
echo '<http://x/loan/1> <http://x/note> "n" . <http://x/loan/1> a <http://x/Noted> .' > "$T/p/d.ttl"
sqlite3 "$T/p/l.db" "CREATE TABLE loan (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL); INSERT INTO loan VALUES (1, 100), (2, 200);"
cat > "$T/p/stoa.yaml" <<'Y'
project: p
base: http://x/
ontology: [o.ttl]
sources:
  loans: {driver: sqlite, address: l.db, mappings: [m.ttl]}
data: [d.ttl]
state: {driver: sqlite, address: state.db}
Y
P='PREFIX x: <http://x/>'
q() { "$STOA" query -C "$T/p" --format csv -e "$P $1" 2> "$T/warned" | tr -d '\r' | sed 1d | paste -sd' '; }
warned() { paste -sd' ' "$T/warned"; }
NOBODY='warning: no mapping, ontology or data knows the'
is "what is known is not warned of" "$(q 'SELECT ?a { ?l a x:Loan ; x:amount ?a } ORDER BY ?a')$(warned)" '100 200'
is "nor what only reference data has" "$(q 'SELECT ?n { ?l a x:Noted ; x:note ?n }')$(warned)" n
is "nor what is only declared" "$(q 'SELECT ?l { { ?l a x:Lease } UNION { ?l x:declared ?d } }')$(warned)" ''
is "nor a value that no row has" "$(q 'SELECT ?l { ?l x:amount 999 ; x:note "none" }')$(warned)" ''
is "nor rdf:type" "$(q 'SELECT ?c { <http://x/none> a ?c }')$(warned)" ''
is "a property nearly so" "$(q 'SELECT ?a { ?l x:amuont ?a }')$(warned)" "$NOBODY property <http://x/amuont>; did you mean <http://x/amount>?"
is "a class nearly so" "$(q 'SELECT ?l { ?l a x:Laon }')$(warned)" "$NOBODY class <http://x/Laon>; did you mean <http://x/Loan>?"
is "a namespace that is another" "$(q 'SELECT ?l { ?l a <https://x/Loan> }')$(warned)" "$NOBODY class <https://x/Loan>; did you mean <http://x/Loan>?"
is "one that nothing is like" "$(q 'SELECT ?l { ?l x:zzzzzz 1 }')$(warned)" "$NOBODY property <http://x/zzzzzz>"
is "the rest of the answer is there" "$(q 'SELECT ?a { ?l x:amount ?a OPTIONAL { ?l x:colour ?c } } ORDER BY ?a')$(warned)" "100 200$NOBODY property <http://x/colour>"
is "once, however often it is named" "$(q 'SELECT ?a { { ?l x:colour ?a } UNION { ?l x:colour ?b } MINUS { ?l x:colour+ ?d } FILTER NOT EXISTS { ?l x:colour ?e } }')$(warned)" "$NOBODY property <http://x/colour>"
is "in files it is told as well" "$("$STOA" query --data "$T/p/d.ttl" --format csv -e "$P SELECT ?n { ?s x:note ?n ; x:not ?m }" 2>&1 >/dev/null)" "$NOBODY property <http://x/not>"
serve "$T/p" || exit 1
h() { curl -s -G -o "$T/body" -D - "$HTTP/sparql" -H 'Accept: text/csv' --data-urlencode "query=$P $1" | tr -d '\r' | grep -i '^stoa-warning' | paste -sd' '; }
W='Stoa-Warning: no mapping, ontology or data knows the'
is "a header over HTTP" "$(h 'SELECT ?a { ?l x:amount ?a OPTIONAL { ?l x:colour ?c } }') $(tr -d '\r' < "$T/body" | sort | paste -sd' ')" "$W property <http://x/colour> 100 200 a"
is "also when the plan was kept" "$(h 'SELECT  ?a { ?l x:amount ?a OPTIONAL { ?l x:colour ?c } }')" "$W property <http://x/colour>"
is "of each a line" "$(h 'SELECT ?a { ?l x:colour ?a ; a x:Laon }')" "$W property <http://x/colour> $W class <http://x/Laon>; did you mean <http://x/Loan>?"
is "none without" "$(h 'SELECT ?a { ?l x:amount ?a }')" ''
is "a long answer has it before its rows" "$(h 'SELECT ?a ?b ?c ?d ?e ?f ?g ?h ?i ?j ?k ?l ?m { ?q1 x:amount ?a . ?q2 x:amount ?b . ?q3 x:amount ?c . ?q4 x:amount ?d . ?q5 x:amount ?e . ?q6 x:amount ?f . ?q7 x:amount ?g . ?q8 x:amount ?h . ?q9 x:amount ?i . ?q10 x:amount ?j . ?q11 x:amount ?k . ?q12 x:amount ?l OPTIONAL { ?q12 x:colour ?m } }') $(wc -l < "$T/body")" "$W property <http://x/colour> 4097"
is "what no header may hold is left out of it" "$(h 'SELECT ?a { ?l x:färbe ?a }')" "$W property <http://x/f??rbe>"
done_testing
