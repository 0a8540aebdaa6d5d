#!/bin/sh
# SPARQL 1.1 Protocol over HTTP: datasets, formats, deadlines and caps that requests name.
. "${STOA_SRC:?}/tests/support/lib.sh"
mkdir "$T/p"
{ printf '<http://x/a> <http://x/p> "default" .\n<http://x/a> <http://x/p> "one" <http://x/g1> .\n<http://x/a> <http://x/p> "two" <http://x/g2> .\n<http://x/a> <http://x/p> "two" <http://x/g1> .\n'
  i=0; while [ $i -lt 1100 ]; do i=$((i + 1)); echo "<http://x/n> <http://x/n> \"$i\"^^<http://www.w3.org/2001/XMLSchema#integer> ."; done; } > "$T/p/d.nq"
printf 'project: p\nbase: http://x/\ndata: [d.nq]\nlimits: {query_memory: 64}\nstate: {driver: sqlite, address: state.db}\n' > "$T/p/stoa.yaml"
serve "$T/p" || exit 1
ask() { q=$1; shift; curl -s -G "$HTTP/sparql" -H 'Accept: text/csv' --data-urlencode "query=$q" "$@" | tr -d '\r' | sed 1d | sort | paste -sd' '; }
code() { curl -s -o "$T/body" -w '%{http_code} %{content_type}' "$@"; }
V='SELECT ?v { <http://x/a> <http://x/p> ?v }' G='SELECT ?v { GRAPH ?g { <http://x/a> <http://x/p> ?v } }'
u() { printf '%s-graph-uri=%s' "$1" "$2"; }
is "without a dataset the text decides" "$(ask "$V")" default
is "default-graph-uri names the default graph" "$(ask "$V" --data-urlencode "$(u default http://x/g1)")" 'one two'
is "several are one graph, a triple counts once" "$(ask "$V" --data-urlencode "$(u default http://x/g1)" --data-urlencode "$(u default http://x/g2)")" 'one two'
is "a graph that does not exist has no rows" "$(ask "$V" --data-urlencode "$(u default http://x/none)")" ''
is "named graphs are not in the default graph" "$(ask "$V" --data-urlencode "$(u named http://x/g1)")" ''
is "GRAPH sees the named ones alone" "$(ask "$G" --data-urlencode "$(u named http://x/g2)")" two
is "the request's dataset takes the place of FROM" "$(ask 'SELECT ?v FROM <http://x/g1> { <http://x/a> <http://x/p> ?v }' --data-urlencode "$(u default http://x/g2)")" two
is "in a form it stands beside the query" "$(curl -s "$HTTP/sparql" -H 'Accept: text/csv' --data-urlencode "query=$V" --data-urlencode "$(u default http://x/g2)" | tr -d '\r' | sed 1d)" two
is "with a query as the body it stands in the URL" "$(curl -s "$HTTP/sparql?default-graph-uri=http%3A%2F%2Fx%2Fg2" -H 'Accept: text/csv' -H 'Content-Type: application/sparql-query' -d "$V" | tr -d '\r' | sed 1d)" two
is "and the next request knows nothing of it" "$(ask "$V")" default
is "what is no IRI is refused" "$(code -G "$HTTP/sparql" --data-urlencode "query=$V" --data-urlencode "$(u default 'g1')")" '400 application/json'
is "nor one with a blank" "$(code -G "$HTTP/sparql" --data-urlencode "query=$V" --data-urlencode "$(u named 'http://x/a b')")" '400 application/json'

t() { curl -s -o "$T/body" -w '%{http_code} %{content_type}' -H "Accept: $1" "$HTTP/sparql" --data-urlencode "query=${2:-ASK{\}}"; }
C='CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 1'
is "q=0 is a type that is not wanted" "$(t 'application/sparql-results+json;q=0, text/csv;q=0.1')" '200 text/csv; charset=utf-8'
is "... also against a wider range" "$(t 'application/sparql-results+json;q=0, application/json; q=0, */*')" '200 application/sparql-results+xml'
is "nothing but q=0 is 406" "$(t 'text/csv;q=0')" '406 application/json'
is "*/*;q=0 too" "$(t '*/*;q=0')" '406 application/json'
is "the greatest q is given" "$(t 'text/csv;q=0.5, application/sparql-results+xml;q=0.9, text/*;q=0.7')" '200 application/sparql-results+xml'
is "text/* is a text" "$(t 'text/*')" '200 text/csv; charset=utf-8'
is "a longer name is another type" "$(t 'text/csvx')" '406 application/json'
is "two headers are one list" "$(curl -s -o /dev/null -w '%{content_type}' -H 'Accept: image/png' -H 'Accept: text/csv' "$HTTP/sparql" --data-urlencode 'query=ASK{}')" 'text/csv; charset=utf-8'
is "a graph is told as a graph" "$(t '*/*' "$C")" '200 application/n-triples'
is "Turtle where rows would be JSON" "$(t 'application/sparql-results+json, text/turtle;q=0.8' "$C")" '200 text/turtle'
is "rows of a graph are 406" "$(t 'text/csv' "$C")" '406 application/json'
is "DESCRIBE is a graph" "$(t 'text/turtle' 'PREFIX x: <http://x/> DESCRIBE x:a')" '200 text/turtle'

W='<http://x/n> <http://x/n> ?n'
Y='BIND("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!" AS ?x)'
late() { # CLAIM TIMEOUT TEXT
  s=$(date +%s%N)
  got=$(code -G "$HTTP/sparql" --data-urlencode "timeout=$2" --data-urlencode "query=$3")
  ms=$((($(date +%s%N) - s) / 1000000))
  is "$1" "$got" '503 application/json'
  ok "... in time ($ms ms)" test "$ms" -lt 4000
  like "... and says so" "$(cat "$T/body")" 'the deadline of the query passed'
}
late "a hostile pattern ends at the deadline" 500 "SELECT (COUNT(?m) AS ?k) { $W $Y BIND(REGEX(?x, '^(a|aa)+(a|aa)+\$') AS ?m) }"
late "REPLACE too" 500ms "SELECT (COUNT(?m) AS ?k) { $W $Y BIND(REPLACE(?x, '(a|aa)+(a|aa)+\$', '') AS ?m) }"
late "in a filter" 1s "SELECT ?n { $W $Y FILTER(!REGEX(?x, '^(([a-z])+.)+[A-Z]([a-z])+\$')) }"
late "in an EXISTS" 1s "SELECT ?n { $W $Y FILTER(EXISTS { <http://x/a> <http://x/p> ?v FILTER(REGEX(CONCAT(?v, ?x), 't(a|aa)+(a|aa)+\$')) } || false) }"
is "units of a deadline" "$(for t in 5000 5000ms 5s 1m; do code -G "$HTTP/sparql" --data-urlencode "timeout=$t" --data-urlencode 'query=ASK{}'; echo; done | cut -d' ' -f1 | sort -u)" 200
is "what is no time is refused" "$(for t in 5h -5 5.5s s '' 0; do code -G "$HTTP/sparql" --data-urlencode "timeout=x$t" --data-urlencode 'query=ASK{}'; echo; done | cut -d' ' -f1 | sort -u)" 400

L='BIND("0123456789abcdef" AS ?l0)'
for i in 0 1 2 3 4 5; do L="$L BIND(CONCAT(?l$i,?l$i,?l$i,?l$i,?l$i,?l$i,?l$i,?l$i) AS ?l$((i + 1)))"; done # ?l6: 16 bytes * 8^6, 4 MiB
capped() { # CLAIM TEXT
  got=$(code -G "$HTTP/sparql" --data-urlencode 'timeout=20s' --data-urlencode "query=$2")
  is "$1" "$got" '503 application/json'
  like "... with the remedy" "$(cat "$T/body")" 'needs more than its memory cap of 64 MiB; narrow it, or raise limits: query_memory in stoa.yaml'
}
capped "long texts over one batch pass the cap" "SELECT (STRLEN(?y) AS ?k) { $L $W BIND(CONCAT(STR(?n), ?l6) AS ?y) } ORDER BY ?y"
capped "so do those of UCASE" "SELECT (SUM(STRLEN(?y)) AS ?k) { $L $W BIND(UCASE(CONCAT(STR(?n), ?l6)) AS ?y) }"
capped "of REPLACE" "SELECT (SUM(STRLEN(?y)) AS ?k) { $L $W BIND(REPLACE(?l6, '.', CONCAT(STR(?n), '0123456789')) AS ?y) }"
capped "of ENCODE_FOR_URI" "SELECT (SUM(STRLEN(?y)) AS ?k) { $L $W BIND(ENCODE_FOR_URI(CONCAT(STR(?n), ?l6)) AS ?y) }"
capped "one that is too long by itself" "SELECT (STRLEN(CONCAT(?l6,?l6,?l6,?l6,?l6,?l6,?l6,?l6,?l6,?l6,?l6,?l6,?l6,?l6,?l6,?l6)) AS ?k) { $L }"
capped "and GROUP_CONCAT's" "SELECT (STRLEN(GROUP_CONCAT('$(printf '%060d' 0)')) AS ?k) { $W . <http://x/n> <http://x/n> ?m }"
K=$(printf '%02000d' 0) M=$(printf '?x,%.0s' $(seq 64)) # 125 KiB a row, 134 MiB of all
is "what a condition made is given back" "$(ask "SELECT (COUNT(*) AS ?k) { BIND('$K' AS ?x) $W FILTER(STRLEN(CONCAT(${M}STR(?n))) > 5) }" -d timeout=20s)" 1100
peak=$(awk '/^VmHWM/ { print $2 }' "/proc/$SERVER/status")
ok "the process has held at most 700 MiB ($((peak / 1024)))" test "$peak" -lt 716800
is "and lives" "$(curl -s "$HTTP/healthz")" ok
stop_server
done_testing
