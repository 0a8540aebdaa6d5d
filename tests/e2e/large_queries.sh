#!/bin/sh
# Texts as large as a client can send: what is data (VALUES, IN, chains of conditions) is answered, what cannot be planned
# in bounded time is refused by name and place, and nothing ends the program.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 50
generate() { # N BEFORE EACH BETWEEN AFTER: %d in EACH is the number
  printf 'PREFIX b: <https://bank.example/ontology#>\n'
  awk -v n="$1" -v before="$2" -v each="$3" -v between="$4" -v after="$5" 'BEGIN {
    printf "%s", before
    for (i = 0; i < n; i++) { one = each; gsub(/%d/, i, one); printf "%s%s", i ? between : "", one }
    print after }'
}
ask() { "$STOA" query -C "$T/bank" --format csv "$@" 2>&1; }
refused() { # WHAT N BEFORE EACH BETWEEN AFTER
  what=$1; shift
  generate "$@" > "$T/q.rq"
  out=$(ask "$T/q.rq"); code=$?
  like "$what: refused at its place" "$code $out" '^1 .*q\.rq:[0-9]+:[0-9]+: error: (a query may have [0-9]+ .*; ask in parts|nesting this deep)'
}
answered() { # WHAT ROWS N BEFORE EACH BETWEEN AFTER
  what=$1; rows=$2; shift 2
  generate "$@" > "$T/q.rq"
  out=$(ask "$T/q.rq"); code=$?
  is "$what" "$code $(($(printf '%s\n' "$out" | wc -l) - 1))" "0 $rows"
  [ "$code" = 0 ] || printf '%s\n' "$out" | head -2 | cut -c1-300 | sed 's/^/# /'
}
customer='<https://bank.example/customer/%d>'
answered "IN of 40,000 IRIs" 50 40000 'SELECT ?s { ?s b:familyName ?n FILTER(?s IN (' "$customer" ', ' ')) }'
answered "NOT IN of as many" 0 40000 'SELECT ?s { ?s b:familyName ?n FILTER(?s NOT IN (' "$customer" ', ' ')) }'
answered "IN of 40,000 texts" 0 40000 'SELECT ?s { ?s b:familyName ?n FILTER(?n IN (' '"Name %d"' ', ' ')) }'
answered "NOT IN of as many" 50 40000 'SELECT ?s { ?s b:familyName ?n FILTER(?n NOT IN (' '"Name %d"' ', ' ')) }'
answered "IN of 40,000 terms in the executor" 1 40000 'SELECT ?x { BIND(IRI(CONCAT("https://bank.example/customer/", "7")) AS ?x) FILTER(?x IN (' "$customer" ', ' ')) }'
answered "VALUES of 40,000 IRIs" 50 40000 'SELECT ?s { ?s b:familyName ?n VALUES ?s { ' "$customer" ' ' ' } }'
answered "VALUES of 40,000 texts with escapes" 0 40000 'SELECT ?s { ?s b:familyName ?n VALUES ?n { ' '"a\\t%d"' ' ' ' } }'
answered "VALUES of 40,000 prefixed names" 0 40000 'SELECT ?s { ?s b:familyName ?n VALUES ?s { ' 'b:n%d' ' ' ' } }'
answered "an OR of 5,000 conditions" 50 5000 'SELECT ?s { ?s b:familyName ?n FILTER(' "?s = $customer" ' || ' ') }'
answered "an AND of 3,000" 50 3000 'SELECT ?s { ?s b:familyName ?n FILTER(' '?n != "%d"' ' && ' ') }'
answered "3,000 FILTERs" 50 3000 'SELECT ?s { ?s b:familyName ?n ' 'FILTER(?n != "%d")' ' ' ' }'
answered "a sum of 1,500 terms" 50 1500 'SELECT (' '1' '+' ' AS ?x) { ?s b:familyName ?n }'
answered "500 columns" 50 500 'SELECT ?s ' '(%d AS ?c%d)' ' ' ' { ?s b:familyName ?n }'
refused "a sum of 500,000" 500000 'SELECT (' '1' '+' ' AS ?x) { ?s b:familyName ?n }'
refused "an OR of 200,000" 200000 'SELECT ?s { ?s b:familyName ?n FILTER(' '?n = "%d"' ' || ' ') }'
refused "a path of 100,000 steps" 100000 'SELECT ?s { ?s ' 'b:holds' '/' ' ?o }'
refused "a path of 100,000 alternatives" 100000 'SELECT ?s { ?s ' 'b:p%d' '|' ' ?o }'
refused "10,000 patterns" 10000 'SELECT * { ' '?s%d b:name ?n%d' ' . ' ' }'
refused "10,000 properties of one" 10000 'SELECT * { ?s ' 'b:name ?n%d' ' ; ' ' }'
refused "a list of 10,000" 10000 'SELECT * { ?s ?p ( ' '?n%d' ' ' ' ) }'
refused "10,000 unions" 10000 'SELECT * { ' '{ ?s b:name ?n }' ' UNION ' ' }'
refused "10,000 OPTIONALs" 10000 'SELECT * { ?s b:familyName ?n ' 'OPTIONAL { ?s b:email ?e%d }' ' ' ' }'
refused "10,000 MINUSes" 10000 'SELECT * { ?s b:familyName ?n ' 'MINUS { ?s b:email "%d" }' ' ' ' }'
refused "10,000 EXISTS" 10000 'SELECT * { ?s b:familyName ?n ' 'FILTER EXISTS { ?s b:email "%d" }' ' ' ' }'
refused "10,000 BINDs" 10000 'SELECT * { ?s b:familyName ?n ' 'BIND(%d AS ?x%d)' ' ' ' }'
refused "10,000 graphs" 10000 'SELECT * { ' 'GRAPH ?g%d { ?s b:name ?n }' ' ' ' }'
refused "FROM 10,000" 10000 'SELECT * ' 'FROM <https://e/%d>' ' ' ' { ?s ?p ?o }'
refused "10,000 columns" 10000 'SELECT ' '(MAX(?n) AS ?c%d)' ' ' ' { ?s b:familyName ?n }'
refused "10,000 brackets" 10000 'SELECT * { ?s b:familyName ?n FILTER(' '(' '' ' 1 = 1) }'
refused "10,000 groups" 10000 'SELECT * { ' '{' '' ' ?s b:familyName ?n }'
# Nesting that the language allows and SQLite's parser does not: the executor does what lies deeper.
nested() { # WHAT ROWS N EACH MIDDLE END
  { printf 'PREFIX b: <https://bank.example/ontology#>\nSELECT * { ?a b:familyName ?n '
    awk -v n="$3" -v each="$4" -v middle="$5" -v end="$6" 'BEGIN {
      for (i = 0; i < n; i++) { one = each; gsub(/%d/, i, one); printf "%s", one }
      printf "%s", middle
      for (i = 0; i < n; i++) printf "%s", end
      print "}" }'; } > "$T/q.rq"
  out=$(ask "$T/q.rq"); code=$?
  is "$1" "$code $(($(printf '%s\n' "$out" | wc -l) - 1))" "0 $2"
  [ "$code" = 0 ] || printf '%s\n' "$out" | head -2 | cut -c1-300 | sed 's/^/# /'
}
nested "90 OPTIONALs, each in the one before" 50 90 'OPTIONAL { ?a b:email ?e%d . FILTER(?e%d != "") ' '' '} '
nested "90 OPTIONALs that find nothing" 50 90 'OPTIONAL { ?h%d b:heldBy ?a ; b:balance -%d . FILTER(?h%d != ?a) ' '' '} '
nested "91 NOT EXISTS" 50 91 'FILTER NOT EXISTS { ?a b:familyName ?e%d . ' 'FILTER(?e0 = "")' '} '
nested "91 MINUSes" 0 91 'MINUS { ?a b:familyName ?e%d . ' '' '} '
nested "90 UNIONs" 4550 90 '{ { ?a b:familyName ?e%d } UNION { ?a b:familyName ?e%d ' '' '} } '
nested "190 negations" 50 190 '' 'FILTER('"$(printf '!%.0s' $(seq 190))"'BOUND(?n))' ''
nested "90 times && and ||" 50 90 '' 'FILTER('"$(seq -f '?n != "x%g" || ?a != <https://e/x> && (' 90 | tr '\n' ' ')"'true'"$(printf ')%.0s' $(seq 90))"')' ''
# A plan that is too large for the request, and one that takes longer.
printf '\nlimits: {query_memory: 16}\n' >> "$T/bank/stoa.yaml"
generate 200 'SELECT * { ?s ' '?p%d ?o%d' ' ; ' ' }' > "$T/q.rq"
like "a plan beyond the memory of a query ends" "$(ask "$T/q.rq")" 'the plan of the query needs more than its memory cap of 16 MiB'
# Updates: data has no limit of its own, patterns have.
generate 20000 'INSERT DATA { ' 'b:s%d b:p "x%d" . ' '' ' }' > "$T/u.ru"
printf '' > "$T/empty.nt"
ok "INSERT DATA of 20,000 triples" "$STOA" update --data "$T/empty.nt" "$T/u.ru" -o "$T/out.nt"
is "... all of them" "$(sort -u "$T/out.nt" | wc -l)" 20000
generate 10000 'DELETE WHERE { ' '?s b:p "%d" . ' '' ' }' > "$T/u.ru"
like "DELETE WHERE of 10,000 patterns is refused" "$("$STOA" update --data "$T/empty.nt" "$T/u.ru" 2>&1)" 'a query may have 1000 triple patterns'
done_testing
