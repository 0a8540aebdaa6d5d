#!/bin/sh
# SERVICE over HTTP: another stoa is the endpoint, and servers that are slow, wrong or not there.
. "${STOA_SRC:?}/tests/support/lib.sh"
mkdir -p "$T/far" "$T/near"
cat > "$T/far/far.nt" <<'X'
<http://x/1> <http://x/v> "one" .
<http://x/2> <http://x/v> "-1.02E4"^^<http://www.w3.org/2001/XMLSchema#double> .
<http://x/2> <http://x/v> "deux & <deux>"@fr .
<http://x/3> <http://x/v> _:b .
X
i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); echo "<http://x/n$i> <http://x/n> \"$i\"^^<http://www.w3.org/2001/XMLSchema#integer> ."; done >> "$T/far/far.nt"
printf 'project: far\nbase: http://x/\ndata: [far.nt]\nstate: {driver: sqlite, address: state.db}\n' > "$T/far/stoa.yaml"
printf '<http://x/%s> <http://x/p> "%s" .\n' 1 a 2 b 4 d > "$T/near/near.nt"
sed -n 's/ <http:\/\/x\/n> / <http:\/\/x\/m> /p' "$T/far/far.nt" >> "$T/near/near.nt"
serve "$T/far" || exit 1
E=$HTTP/sparql
q() { "$STOA" query --data "$T/near/near.nt" --format csv -e "PREFIX x: <http://x/> $1" 2>&1 | tr -d '\r'; }
is "an endpoint extends the rows that it is asked for" "$(q "SELECT ?s ?t ?v { ?s x:p ?t SERVICE <$E> { ?s x:v ?v } } ORDER BY ?s STR(?v)")" 's,t,v
http://x/1,a,one
http://x/2,b,-1.02E4
http://x/2,b,deux & <deux>'
is "OPTIONAL keeps the others" "$(q "SELECT (COUNT(*) AS ?n) (COUNT(?v) AS ?m) { ?s x:p ?t OPTIONAL { SERVICE <$E> { ?s x:v ?v } } }")" 'n,m
4,3'
is "alone it gives all that it has" "$(q "SELECT (COUNT(*) AS ?n) { SERVICE <$E> { ?s ?p ?o } }")" 'n
3004'
is "rows are asked for in batches, each once" "$(q "SELECT (COUNT(*) AS ?n) (SUM(?b) AS ?sum) { ?s x:m ?a SERVICE <$E> { ?s x:n ?b } FILTER(?a = ?b) }")" 'n,sum
3000,4501500'
is "a pattern without variables is a test" "$(q "SELECT ?s { ?s x:p 'a' SERVICE <$E> { x:1 x:v 'one' } }")" 's
http://x/1'
is "a variable may name the endpoint" "$(q "SELECT ?s { VALUES ?e { <$E> } ?s x:p ?t SERVICE ?e { ?s x:v 'one' } }")" 's
http://x/1'
is "EXISTS asks for its row" "$(q "SELECT ?s { ?s x:p ?t FILTER EXISTS { SERVICE <$E> { ?s x:v ?v } FILTER(?t != 'b') } } ORDER BY ?s")" 's
http://x/1'
is "blank nodes of two answers are two" "$(q "SELECT (COUNT(DISTINCT ?v) AS ?n) { { SERVICE <$E> { x:3 x:v ?v } } UNION { SERVICE <$E> { x:3 x:v ?v } } }")" 'n
2'
is "prefixes and sub-selects travel" "$(q "SELECT ?n { SERVICE <$E> { SELECT (MAX(?b) AS ?n) { ?s x:n ?b } } }")" 'n
3000'
like "an error of the endpoint is told" "$(q "SELECT * { SERVICE <$E> { ?s x:v ?v FILTER(x:f(?v)) } }")" '^-e:1:[0-9]+: error: SERVICE <http.*> answered 400: .*function <http://x/f> is not known'
like "no server there" "$(q 'SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }')" 'SERVICE <http://127.0.0.1:1/> cannot be asked'
is "SILENT passes the rows on" "$(q 'SELECT ?s { ?s x:p ?t SERVICE SILENT <http://127.0.0.1:1/> { ?s x:v ?v } } ORDER BY ?s')" 's
http://x/1
http://x/2
http://x/4'
like "only http and https are asked" "$(q 'SELECT * { SERVICE <file:///etc/passwd> { ?s ?p ?o } }')" 'error: SERVICE <file:///etc/passwd> cannot be asked'
like "a text of another type is no answer" "$(q "SELECT * { SERVICE <$HTTP/healthz> { ?s ?p ?o } }")" 'error: SERVICE <http.*healthz> answered'
listening() { grep -q " [0-9A-F]*:$(printf %04X "$1") 0*:0000 0A " /proc/net/tcp; }
listen() { # OPTIONS OF nc: take one connection of standard input; sets P, below the ports that clients are given
  P=$((20000 + ($$ + N * 97) % 12000))
  while listening "$P"; do P=$((P + 1)); done
  timeout 30 nc -l "$@" 127.0.0.1 "$P" > "$T/nc" 2>&1 < "$T/bytes" &
  i=0; until listening "$P" || [ $i -gt 100 ]; do i=$((i + 1)); sleep 0.05; done
}
answer() { printf '%b' "$1" > "$T/bytes"; listen -N; } # BYTES: serve them once
answer 'HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+xml\r\nContent-Length: 9\r\n\r\n<sparql><'
like "half a document is refused" "$(q "SELECT * { SERVICE <http://127.0.0.1:$P/> { ?s ?p ?o } }")" 'error: SERVICE <http://127.0.0.1.*>: the answer is no SPARQL result document'
answer 'HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=utf-8\r\nContent-Length: 89\r\n\r\n{"head":{"vars":["v"]},"results":{"bindings":[{"v":{"type":"literal","value":"ü"}},{}]}}'
is "results in JSON are taken" "$(q "SELECT ?t ?v { ?s x:p ?t SERVICE <http://127.0.0.1:$P/> { ?u x:v ?v } } ORDER BY ?t ?v")" 't,v
a,
a,ü
b,
b,ü
d,
d,ü'
asked=$(sed -n 's/^query=//p' "$T/nc" | sed 's/+/ /g; s/%/\\x/g'); asked=$(env printf '%b' "$asked" | tr '\n' ' ')
is "rows that bind nothing of a pattern send it alone" "$asked" 'PREFIX x: <http://x/> SELECT * WHERE { ?u x:v ?v } '
like "and both syntaxes are asked for" "$(cat "$T/nc")" '^Accept: application/sparql-results\+json, application/sparql-results\+xml'
before=$(curl -s "$HTTP/metrics" | awk '/^stoa_queries_total/ { print $2 }')
is "for all rows once" "$(q "SELECT (COUNT(*) AS ?n) { ?s x:m ?a SERVICE <$E> { x:1 x:v ?v } }")" 'n
3000'
is "by one request" "$(($(curl -s "$HTTP/metrics" | awk '/^stoa_queries_total/ { print $2 }') - before))" 1
answer 'HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\nContent-Length: 90\r\n\r\n{"head":{"vars":["v"]},"results":{"bindings":[{"v":{"type":"uri","value":"http://x> "}}]}}'
like "an IRI that is none does not come in" "$(q "SELECT * { SERVICE <http://127.0.0.1:$P/> { ?s ?p ?v } }")" 'error: SERVICE <http://127.0.0.1.*>: the answer has <http://x> > in row 1, which is no absolute IRI'
printf 'project: near\nbase: http://x/\ndata: [near.nt]\nlimits: {service_timeout: 1}\nendpoints: [%s]\nstate: {driver: sqlite, address: state.db}\n' "$E" > "$T/near/stoa.yaml"
mkfifo "$T/silent"; exec 9<> "$T/silent" # open, and says nothing
ln -sf "$T/silent" "$T/bytes"; listen
s=$(date +%s)
like "a silent server ends at service_timeout" "$("$STOA" query -C "$T/near" -e "SELECT * { SERVICE <http://127.0.0.1:$P/> { ?s ?p ?o } }" 2>&1)" 'did not answer in time'
ok "in time" [ $(($(date +%s) - s)) -lt 10 ]
FAR=$SERVER; SERVER=
serve "$T/near" || exit 1
is "a server asks what endpoints: names" "$(sparql "SELECT ?s { ?s <http://x/p> 'a' SERVICE <$E> { ?s <http://x/v> ?v } }" | tr -d '\r')" 's
http://x/1'
like "and nothing else" "$(sparql "SELECT * { SERVICE <$HTTP/sparql> { ?s ?p ?o } }")" 'not allowed here; name it under endpoints: in stoa.yaml'
kill "$FAR"; stop_server
done_testing
