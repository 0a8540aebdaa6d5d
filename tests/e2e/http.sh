#!/bin/sh
# HTTP as RFC 9110 and 9112 have it: what is framed otherwise than they say is refused, and ends the connection.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v nc > /dev/null && command -v curl > /dev/null || skip_all "nc and curl are needed"
bank 50
P=$T/bank
serve "$P" || exit 1
PORT=${HTTP##*:}
send() { printf "$1" | nc -N 127.0.0.1 "$PORT" | tr -d '\r'; } # TEXT of printf
status() { send "$1" | grep -o 'HTTP/1.1 [0-9][0-9]*' | cut -d' ' -f2 | paste -sd' '; }
field() { send "$2" | sed '/^$/q' | grep -ci "^$1"; }
H='Host: x\r\n'
ok='GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'
post='POST /personalizer/v1.0/rank HTTP/1.1\r\nHost: x\r\n'
body='{"actions":[{"id":"a"}]}'
large='/sparql?query=SELECT%%20*%%20%%7B%%20?s%%20?p%%20?o%%20%%7D'

# -- the head
is "a date in every answer" "$(field 'Date: [A-Z][a-z][a-z], [0-9][0-9] ' "$ok")" 1
is "no Host is 400" "$(status 'GET /healthz HTTP/1.1\r\n\r\n')" 400
is "two are too" "$(status 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n')" 400
is "a Host that is none" "$(status 'GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n')" 400
is "HTTP/1.0 needs none" "$(status 'GET /healthz HTTP/1.0\r\n\r\n')" 200
is "an absolute target is its path" "$(status 'GET http://a.example:80/healthz HTTP/1.1\r\nHost: b\r\n\r\n')" 200
is "... and a host without one is /" "$(status 'GET http://a.example HTTP/1.1\r\nHost: b\r\n\r\n')" 404
is "a target that is no path" "$(status 'GET healthz HTTP/1.1\r\nHost: b\r\n\r\n')" 400
is "HTTP/2 is another version" "$(status 'GET /healthz HTTP/2.0\r\nHost: b\r\n\r\n')" 505
is "... so is its preface" "$(status 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')" 505
is "HTTP/0.9 is none" "$(status 'GET /healthz\r\n\r\n')" 400
is "a hello of TLS is none" "$(status '\026\003\001\002\000\001\000\001\374\003\003')" 400
is "an upgrade is not taken" "$(status 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n'"$ok")" '200 200'
is "... nor with a body" "$(status "$post"'Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 24\r\n\r\n'"$body$ok")" '201 200'
is "empty lines before a request" "$(status '\r\n\r\n'"$ok")" 200
is "a method that there is not" "$(status 'FROB /healthz HTTP/1.1\r\nHost: x\r\n\r\n')" 501
is "a line that ends with LF alone" "$(status 'GET /healthz HTTP/1.1\nHost: x\n\n')" 400
is "... within the head" "$(status 'GET /healthz HTTP/1.1\r\nHost: x\nX: y\r\n\r\n')" 400
is "a CR within a field" "$(status 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\rY: b\r\n\r\n')" 400
is "a NUL" "$(status 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\000b\r\n\r\n')" 400
is "a blank before the colon" "$(status "$post"'Content-Length : 24\r\n\r\n'"$body")" 400
is "a field that goes on on the next line" "$(status "$post"'X: y\r\n Content-Length: 24\r\n\r\n'"$body")" 400
is "a field without a name" "$(status 'GET /healthz HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n')" 400
is "what is refused ends the connection" "$(status 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'"$ok")" 400
is "... and says so" "$(field 'Connection: close' 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n')" 1

# -- bodies
is "a body by its length" "$(status "$post"'Content-Length: 24\r\n\r\n'"$body$ok")" '201 200'
is "two lengths" "$(status "$post"'Content-Length: 24\r\nContent-Length: 24\r\n\r\n'"$body")" 400
for l in '+24' '0x18' '2 4' '-1' '' '24, 24'; do
  is "a length \"$l\"" "$(status "$post"'Content-Length: '"$l"'\r\n\r\n'"$body")" 400
done
for l in 9223372036854775808 18446744073709551640 99999999999999999999999999 '18446744073709551616 ' 2000000; do
  is "a length of \"$l\" is too large" "$(status "$post"'Content-Length: '"$l"'\r\n\r\n'"$body")" 413
done
is "... digits and junk are no length" "$(status "$post"'Content-Length: 99999999999999999999999999x\r\n\r\n'"$body")" 400
is "... nor are two numbers" "$(status "$post"'Content-Length: 99999999999999999999999999 24\r\n\r\n'"$body")" 400
is "a length and chunks" "$(status "$post"'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'"$ok")" 400
is "chunks" "$(status "$post"'Transfer-Encoding: Chunked\r\n\r\nc;a=b\r\n{"actions":[\r\n00C\r\n{"id":"a"}]}\r\n0\r\n\r\n'"$ok")" '201 200'
is "a coding that is none of ours" "$(status "$post"'Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n')" 501
is "one that sounds like ours" "$(status "$post"'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'"$ok")" 501
is "chunks in HTTP/1.0" "$(status 'POST /personalizer/v1.0/rank HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n')" 400
C="$post"'Transfer-Encoding: chunked\r\n\r\n'
is "a chunk that does not end" "$(status "$C"'2\r\n{}XX0\r\n\r\n'"$ok")" 400
is "a chunk's size that is none" "$(status "$C"'0x2\r\n{}\r\n0\r\n\r\n')" 400
is "one below zero" "$(status "$C"'-1\r\n{}\r\n0\r\n\r\n')" 400
is "one beyond all" "$(status "$C"'10000000000000002\r\n{}\r\n0\r\n\r\n')" 413
is "LF alone between chunks" "$(status "$C"'2;x\n{}\r\n0\r\n\r\n'"$ok")" 400
is "trailers are passed over" "$(status "$C"'2\r\n{}\r\n0\r\nX: y\r\n\r\n'"$ok")" '201 200'
is "a GET may have a body" "$(status 'GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello'"$ok")" '200 200'
is "blanks around values are no part of them" "$(status 'POST /personalizer/v1.0/rank HTTP/1.1\r\nHost: \t x \t\r\nTransfer-Encoding: chunked \r\n\r\n2\r\n{}\r\n0\r\n\r\n'"$ok")" '201 200'
is "... nor of an expectation or a length" "$(status 'POST /personalizer/v1.0/rank HTTP/1.1\r\nHost: x\r\nExpect: 100-continue \t\r\nContent-Length: 2 \r\n\r\n{}'"$ok" | sed 's/^100 //')" '201 200'
is "... and a value of nothing else is empty" "$(status 'GET /healthz HTTP/1.1\r\nHost: x\r\nExpect:  \r\n\r\n')" 417
is "Expect: 100-continue is answered before the body" "$({ printf "$post"'Expect: 100-continue\r\nContent-Length: 24\r\n\r\n'; sleep 0.5; printf '%s' "$body"; } | nc -N 127.0.0.1 "$PORT" | grep -o 'HTTP/1.1 [0-9][0-9]*' | cut -d' ' -f2 | paste -sd' ')" '100 201'
is "... with the end where the body would be refused" "$(status "$post"'Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n')" 413
is "... or nobody waits for it" "$(status 'POST /nothing HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n')" 404
is "another expectation" "$(status 'GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n')" 417

# -- answers
is "HTTP/1.0 ends with the answer" "$(field 'Connection: close' 'GET /healthz HTTP/1.0\r\n\r\n')" 1
is "... unless it asks to go on" "$(field 'Connection: keep-alive' 'GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')" 1
is "it has no chunks" "$(field 'Transfer-Encoding' 'GET '"$large"' HTTP/1.0\r\nAccept: text/csv\r\n\r\n')" 0
is "... and gets all" "$(printf 'GET '"$large"' HTTP/1.0\r\nAccept: text/csv\r\n\r\n' | nc 127.0.0.1 "$PORT" | sed '1,/^\r$/d' | wc -l)" "$(curl -s -H 'Accept: text/csv' "$HTTP/sparql?query=SELECT%20*%20%7B%20?s%20?p%20?o%20%7D" | wc -l)"
for r in /healthz /readyz /metrics /policies/next_offer '/explain?query=ASK%7B%7D' '/features/segment?key=5'; do
  is "HEAD $r is GET without a body" "$(curl -sI -o /dev/null -w '%{http_code} %{content_type}' "$HTTP$r")" "$(curl -s -o /dev/null -w '%{http_code} %{content_type}' "$HTTP$r")"
done
is "HEAD of what is not there has no body" "$(send 'HEAD /no HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' | sed '1,/^$/d' | wc -c)" 0
is "405 tells what is allowed" "$(field 'Allow: POST, OPTIONS$' 'GET /reload HTTP/1.1\r\nHost: x\r\n\r\n')" 1
is "... and keeps the connection" "$(status 'GET /reload HTTP/1.1\r\nHost: x\r\n\r\n'"$ok")" '405 200'
is "an event that is kept is 204, which has no body" "$(send 'POST /events/click HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 84\r\n\r\n{"id":"h1","at":"2026-11-01T00:00:00Z","customer":1,"channel":"web","kind":"viewed"}' | sed -n '1p;/^$/,$p' | paste -sd'|')" 'HTTP/1.1 204 No Content|'
is "OPTIONS tells it too" "$(field 'Allow: GET, HEAD, POST, OPTIONS' 'OPTIONS /sparql HTTP/1.1\r\nHost: x\r\n\r\n')" 1
is "... of the server" "$(status 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n')" 204
q() { curl -s -o /dev/null -w '%{http_code}' "$HTTP/sparql" -H "Content-Type: $1" -d "$2"; }
is "types have no case" "$(q 'APPLICATION/SPARQL-Query; charset=UTF-8' 'ASK{}')" 200
is "... and are whole words" "$(q application/sparql-queryx 'ASK{}')" 415
a() { curl -s -o /dev/null -w '%{http_code} %{content_type}' -H "Accept: $1" "$HTTP/sparql?query=ASK%7B%7D"; }
is "Accept has no case" "$(a 'Application/JSON')" '200 application/sparql-results+json'
is "... and weights of any writing" "$(a 'text/csv ; Q=0.2, application/sparql-results+xml;q=0.3')" '200 application/sparql-results+xml'
is "a feature service over HTTP" "$(curl -s "$HTTP/features/segment?key=5&key=6&field=bureau__risk_band" | jq -c '[.names, (.rows | length)]')" '[["bureau__risk_band"],2]'
is "a query is explained" "$(curl -s -G "$HTTP/explain" --data-urlencode 'query=ASK {}' -d how=plan | wc -l | awk '{ print ($1 > 0) }')" 1
is "the project on disk is checked" "$(curl -s "$HTTP/check" | jq .good)" true

cut_off() { curl -s -o "$T/part" "$@" -G "$HTTP/sparql" -H 'Accept: text/csv' -d timeout=700ms --data-urlencode 'query=SELECT * { ?s ?p ?o . ?a ?b ?c }'; echo $?; }
is "an answer that its deadline cuts off ends without its last chunk" "$(cut_off)" 18
ok "... after a part of it ($(wc -l < "$T/part") lines)" test -s "$T/part"
is "in HTTP/1.0, which has none, by a reset" "$(cut_off -0)" 56
x() { curl -s -H "Accept: $1" -G "$HTTP/sparql" --data-urlencode 'query=SELECT ("a\u0001\uFFFE\uFFFFb" AS ?x) {}'; }
is "what XML has no character for is U+FFFD" "$(x application/sparql-results+xml | grep -o '<literal>.*</literal>')" '<literal>a���b</literal>'
if command -v xmllint > /dev/null; then ok "... so that it is XML" sh -c "curl -s -H 'Accept: application/sparql-results+xml' -G '$HTTP/sparql' --data-urlencode 'query=SELECT (\"a\\u0001\\uFFFEb\" AS ?x) {}' | xmllint --noout -"; fi
like "a fault's text is cut between letters" "$(curl -s "$HTTP/events/click" -d "{\"$(printf 'é%.0s' $(seq 600))\":1}" | jq -r .error.message)" 'é'
is "... in RESP too" "$(redis-cli -p "$RESP" EVENT click "{\"$(printf 'é%.0s' $(seq 600))\":1}" 2>&1 | iconv -f UTF-8 -t UTF-8 > /dev/null && echo good)" good

# -- who may
act() { route=$1; shift; curl -s -o /dev/null -w '%{http_code}' -X POST "$HTTP$route" "$@"; }
for route in /personalizer/v1.0/rank /personalizer/v1.0/events/e/reward /events/click; do
  is "text/plain does not reach $route" "$(act $route -H 'Content-Type: text/plain' -d "$body")" 415
  is "a form of another origin does not" "$(act $route -H 'Origin: http://evil.example' -d "$body")" 403
done
is "no type from another origin does not" "$(act /reload -H 'Origin: http://evil.example')" 403
is "... nor what a browser says is of another site" "$(act /reload -H 'Sec-Fetch-Site: cross-site')" 403
is "an origin of nobody does not" "$(act /reload -H 'Origin: null')" 403
is "its own page does" "$(act /reload -H "Origin: $HTTP")" 200
is "whoever is no page does" "$(act /reload)" 200
is "JSON does, as a page must ask before it sends it" "$(act /personalizer/v1.0/rank -H 'Content-Type: Application/JSON; charset=utf-8' -d "$body")" 201
is "no answer lets another origin read" "$(field 'Access-Control' "$ok")" 0
stop_server
printf 'security: {api_key: geheim}\n' >> "$P/stoa.yaml"
serve "$P"
PORT=${HTTP##*:}
K='Ocp-Apim-Subscription-Key: geheim\r\n'
is "the key" "$(status 'GET /metrics HTTP/1.1\r\nHost: x\r\n'"$K"'\r\n')" 200
is "... with blanks around it" "$(status 'GET /metrics HTTP/1.1\r\nHost: x\r\nOcp-Apim-Subscription-Key: \tgeheim \t\r\n\r\n')" 200
is "... as a bearer's, whatever the letters of the scheme" "$(status 'GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: bEARER geheim\r\n\r\n')" 200
is "with the key another origin does" "$(act /reload -H 'Origin: http://evil.example' -H 'Ocp-Apim-Subscription-Key: geheim')" 200
is "a key in two parts is none" "$(status 'GET /metrics HTTP/1.1\r\nHost: x\r\nOcp-Apim-Subscription-Key: geh\r\nOcp-Apim-Subscription-Key: eim\r\n\r\n')" 400
is "a key is that of its request, not of its connection" "$(curl -s -o /dev/null -w '%{http_code} ' -H 'Ocp-Apim-Subscription-Key: geheim' "$HTTP/metrics" --next -s -o /dev/null -w '%{http_code} %{num_connects} ' "$HTTP/metrics" --next -s -o /dev/null -w '%{http_code}' -H 'Ocp-Apim-Subscription-Key: geheim' "$HTTP/metrics")" '200 401 0 200'
is "two keys are none" "$(status 'GET /metrics HTTP/1.1\r\nHost: x\r\n'"$K"'Authorization: Bearer geheim\r\n\r\n')" 400
is "a key in a trailer is none" "$(status "$post"'Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n'"$K"'\r\n')" 401
is "one request's key is not the next one's" "$(status 'GET /metrics HTTP/1.1\r\nHost: x\r\n'"$K"'\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')" '200 401'
is "whether it lives and is ready anybody may ask" "$(status 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /readyz HTTP/1.1\r\nHost: x\r\n\r\n')" '200 200'
ok "the server stops cleanly" stop_server
done_testing
