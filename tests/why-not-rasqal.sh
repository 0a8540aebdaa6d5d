#!/bin/sh
# Why rasqal is neither the parser nor the executor here: what roqet (rasqal-utils) answers to questions of SPARQL 1.1,
# beside stoa and what the standard asks.  For the reader; no test.
STOA=${1:-build/stoa}
D=$(mktemp -d); trap 'rm -rf "$D"' EXIT
printf '<http://x/a> <http://x/p> 2000000000 .\n<http://x/b> <http://x/p> 2000000000 .\n<http://x/a> <http://x/q> <http://x/b> .\n' > "$D/d.ttl"
ask() { # WANTED QUERY
  printf '%s\n  standard: %s\n' "$2" "$1"
  printf '  roqet:    %s\n' "$(timeout 20 roqet -q -i sparql -r csv -D "$D/d.ttl" -e "$2" 2>&1 | tr -d '\r' | tail -n +2 | tr '\n' ' ' | cut -c1-100)"
  printf '  stoa:     %s\n' "$("$STOA" query --data "$D/d.ttl" --format csv -e "$2" 2>&1 | tr -d '\r' | tail -n +2 | tr '\n' ' ' | cut -c1-100)"
}
ask 4 'SELECT (5-1 AS ?x) { }'
ask 4000000000 'SELECT (SUM(?o) AS ?x) { ?s <http://x/p> ?o }'
ask 0 'SELECT (COUNT(*) AS ?n) { ?s <http://x/none> ?o }'
ask 'http://x/b' 'SELECT ?b { <http://x/a> <http://x/q>/<http://x/q>? ?b }'
ask 'http://x/b' 'SELECT ?s { ?s <http://x/p> ?o FILTER NOT EXISTS { ?s <http://x/q> ?b } }'
