#!/bin/sh
# RESP by redis-cli, HTTP by curl, both unchanged; the state is part of the graph.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v redis-cli > /dev/null && command -v curl > /dev/null || skip_all "redis-cli and curl are needed"
bank 100
P=$T/bank
serve "$P" || { echo "1..1"; echo "not ok 1 - the server starts"; exit 1; }
is "PING" "$(r PING)" PONG
is "ECHO of an argument" "$(r PING 'héllo wörld')" 'héllo wörld'
is "the Unix socket answers too" "$(redis-cli -s "$SOCK" PING)" PONG
is "HMGET equals the command line's vector" "$(r HMGET next_offer_v1:5 holdings__open household__leans)" \
  "$("$STOA" features get -C "$P" next_offer_v1 5 | jq -r '.holdings__open, .household__leans')"
is "HGETALL gives every feature" "$(r HGETALL segment:5 | wc -l)" 6
is "FEATURES.GET gives names and rows" "$(r FEATURES.GET segment 5 6 | wc -l)" 9
like "an unknown feature is named with the nearest" "$(r HMGET next_offer_v1:5 holdings__opne 2>&1)" 'unknown feature "holdings__opne".*did you mean "holdings__open"'
like "an unknown service" "$(r HMGET nosuch:5 x 2>&1)" 'unknown feature service'
like "an unknown command" "$(r FROB 2>&1)" "unknown command 'FROB'"
like "a wrong number of arguments" "$(r HMGET 2>&1)" 'wrong number of arguments'

is "no click before the event" "$(r HMGET dialogue:5 contact__count_7d_web)" "$(r HMGET dialogue:5 contact__count_7d_web)"
before=$(r HMGET dialogue:5 contact__count_7d_web)
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
is "EVENT is acknowledged with its id" "$(r EVENT click "{\"id\":\"c1\",\"at\":\"$now\",\"customer\":5,\"channel\":\"web\",\"kind\":\"clicked\"}")" c1
is "the acknowledged event is in the next feature vector" "$(r HMGET dialogue:5 contact__count_7d_web)" $((before + 1))
r EVENT click "{\"id\":\"c1\",\"at\":\"$now\",\"customer\":5,\"channel\":\"web\",\"kind\":\"clicked\"}" > /dev/null
is "the same event twice counts once" "$(r HMGET dialogue:5 contact__count_7d_web)" $((before + 1))
is "and in the next SPARQL answer, through the class hierarchy" "$(sparql "$B SELECT ?c { <https://bank.example/click/c1> a b:EngagementEvent ; b:involves ?c }" | tr -d '\r' | tail -1)" https://bank.example/customer/5
like "a bad event names the field" "$(r EVENT click '{"id":"c2","at":"yesterday","customer":5}' 2>&1)" 'field "at" of event type click'
like "half a JSON body has its place" "$(r EVENT click '{"id":' 2>&1)" 'JSON:1:'
like "an unknown event type" "$(r EVENT klick '{}' 2>&1)" 'no event type "klick"'

rank=$(r RANK next_offer '{"subject":"5","eventId":"r1"}')
like "RANK gives ranking, event id and action" "$rank" '^\{"ranking":\[\{"id":.*"eventId":"r1","rewardActionId":'
is "probabilities sum to 1" "$(printf '%s' "$rank" | jq '[.ranking[].probability] | add | . - 1 | fabs < 1e-9')" true
is "the same event id gets the same answer" "$(r RANK next_offer '{"subject":"5","eventId":"r1"}')" "$rank"
is "the decision is in the next SPARQL answer, with its subject" "$(sparql 'PREFIX s: <https://stoa.example/ns#> SELECT ?a ?c { ?d s:eventId "r1" ; s:action ?a ; s:subject ?c }' | tr -d '\r' | tail -1)" \
  "$(printf '%s' "$rank" | jq -r .rewardActionId),https://bank.example/customer/5"
a=$(printf '%s' "$rank" | jq -r .rewardActionId); p() { r RANK next_offer "{\"subject\":\"5\",\"eventId\":\"$1\"}" | jq ".ranking[] | select(.id == \"$a\") | .probability"; }
p0=$(p r2); is "REWARD is acknowledged" "$(r REWARD r1 1)" OK
p1=$(p r3); ok "a reward raises the probability of what was shown ($p0 -> $p1)" jq -ne "$p1 > $p0"
is "the reward is in the next SPARQL answer" "$(sparql 'PREFIX s: <https://stoa.example/ns#> SELECT ?v { ?r s:rewardFor/s:eventId "r1" ; s:value ?v }' | tr -d '\r' | tail -1)" 1.0E0
i=0; while :; do i=$((i + 1)); x=$(r RANK next_offer "{\"subject\":\"5\",\"eventId\":\"n$i\"}" | jq -r .rewardActionId); [ "$x" != "$a" ] && [ $i -lt 100 ] || break; done
r REWARD "n$i" -1 > /dev/null
p2=$(p r4); ok "a penalty lowers it ($p1 -> $p2)" jq -ne "$p2 < $p1"
like "a reward for nothing" "$(r REWARD nothing 1 2>&1)" 'no decision with event id "nothing"'
like "a reward out of range" "$(r REWARD r1 7 2>&1)" 'from -1 to 1'
like "an unknown policy" "$(r RANK nope '{}' 2>&1)" 'no policy "nope"'
like "rank and reward are forwarded from the command line to the server" "$("$STOA" rank -C "$P" next_offer '{"subject":"6","eventId":"f1"}')" '"eventId":"f1"'

code() { curl -s -o "$T/body" -w '%{http_code}' "$@"; }
is "HTTP rank is 201, as in the Personalizer's API" "$(code "$HTTP/personalizer/v1.0/rank" -d '{"contextFeatures":[{"timeOfDay":"Morning"}],"actions":[{"id":"NewsArticle","features":[{"type":"News"}]},{"id":"SportsArticle","features":[{"type":"Sports"}]},{"id":"EntertainmentArticle","features":[{"type":"Entertainment"}]}],"excludedActions":["SportsArticle"],"eventId":"75269AD0-BFEE-4598-8196-C57383D38E10","deferActivation":false}')" 201
is "an excluded action keeps its place with probability 0" "$(jq -c '.ranking[1]' "$T/body")" '{"id":"SportsArticle","probability":0}'
is "HTTP reward is 204" "$(code "$HTTP/personalizer/v1.0/events/75269AD0-BFEE-4598-8196-C57383D38E10/reward" -d '{"value":0.5}')" 204
is "with no body" "$(wc -c < "$T/body")" 0
is "a doubled slash is tolerated" "$(code "$HTTP//personalizer/v1.0/rank" -d '{"actions":[{"id":"x"}]}')" 201
is "half a JSON body is 400" "$(code "$HTTP/personalizer/v1.0/rank" -d '{"actions":[')" 400
like "with the place" "$(cat "$T/body")" '"error":\{"code":"InvalidRankRequest","message":"JSON:1:'
is "too many actions are 400" "$(code "$HTTP/personalizer/v1.0/rank" -d "{\"actions\":[$(seq 60 | sed 's/.*/{"id":"&"}/' | paste -sd,)]}")" 400
is "a body over 1 MiB is 413" "$(head -c 1500000 /dev/zero | tr '\0' x | code "$HTTP/personalizer/v1.0/rank" -H 'Expect:' --data-binary @-)" 413
is "SPARQL by GET" "$(curl -s -G "$HTTP/sparql" -H 'Accept: text/csv' --data-urlencode "query=$B ASK { ?x a b:Customer }" | tr -d '\r')" true
is "SPARQL as application/sparql-query" "$(curl -s "$HTTP/sparql" -H 'Accept: text/tab-separated-values' -H 'Content-Type: application/sparql-query' -d 'SELECT (1+1 AS ?x) {}' | tail -1)" 2
like "JSON by default" "$(curl -si "$HTTP/sparql" --data-urlencode 'query=SELECT (1 AS ?x) {}')" 'application/sparql-results\+json'
like "XML when asked for" "$(curl -s "$HTTP/sparql" -H 'Accept: application/sparql-results+xml' --data-urlencode 'query=SELECT (1 AS ?x) {}')" '<sparql xmlns='
is "a broken query is 400" "$(code "$HTTP/sparql" --data-urlencode 'query=SELEC')" 400
is "no query is 400" "$(code "$HTTP/sparql" -d x=y)" 400
is "two queries are 400" "$(code "$HTTP/sparql" -d 'query=ASK{}&query=ASK{}')" 400
is "another media type is 415" "$(code "$HTTP/sparql" -H 'Content-Type: text/plain' -d 'ASK{}')" 415
is "a format that is not there is 406" "$(code "$HTTP/sparql" -H 'Accept: image/png' --data-urlencode 'query=ASK{}')" 406
is "another method is 405" "$(code -X DELETE "$HTTP/sparql")" 405
is "another path is 404" "$(code "$HTTP/nothing")" 404
is "healthz" "$(curl -s "$HTTP/healthz")" ok
like "metrics count decisions" "$(curl -s "$HTTP/metrics")" '^stoa_ranks_total [1-9]'
n=$(curl -s "$HTTP/sparql" -H 'Accept: text/csv' --data-urlencode 'query=SELECT * { ?s ?p ?o }' | wc -l)
ok "a long answer is streamed whole ($n lines)" test "$n" -gt 20000
for id in 1 2 3; do curl -s "$HTTP/sparql" -H 'Accept: text/csv' --data-urlencode "query=SELECT ?f { <https://bank.example/customer/$id> <https://bank.example/ontology#familyName> ?f }" | tail -1; done | sort -u > "$T/names"
ok "three look-ups of one shape give three names ($(paste -sd' ' "$T/names" | tr -d '\r'))" test "$(wc -l < "$T/names")" -gt 1
like "... and the plan of the first is used again" "$(curl -s "$HTTP/metrics")" '^stoa_plans_reused_total ([2-9]|[1-9][0-9])'
like "metrics tell the most memory that a query held" "$(curl -s "$HTTP/metrics")" '^stoa_query_peak_bytes [1-9]'
is "pipelined requests are answered in order" "$(printf 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /sparql?query=ASK%%7B%%7D HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' | nc -q 2 127.0.0.1 "${HTTP##*:}" | grep -o '^HTTP/1.1 [0-9]*' | paste -sd' ')" 'HTTP/1.1 200 HTTP/1.1 200 HTTP/1.1 404'
like "a head over 16 KiB is refused" "$( (printf 'GET / HTTP/1.1\r\nX: '; head -c 40000 /dev/zero | tr '\0' y; printf '\r\n\r\n') | nc -q 2 127.0.0.1 "${HTTP##*:}")" '^HTTP/1.1 413'
like "TE and CL together are refused" "$(printf 'POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' | nc -q 2 127.0.0.1 "${HTTP##*:}")" '^HTTP/1.1 400'
like "a RESP frame that is too long is refused" "$(printf '*1\r\n$99999999\r\n' | nc -q 2 127.0.0.1 "$RESP")" '^-ERR Protocol error'
like "bytes that are no RESP are refused" "$(printf '*1\r\n+oops\r\n' | nc -q 2 127.0.0.1 "$RESP")" '^-ERR Protocol error'
is "the process lives" "$(r PING)" PONG
is "inline commands work" "$(printf 'PING\r\n' | nc -q 1 127.0.0.1 "$RESP" | tr -d '\r')" '+PONG'
i=0; while [ $i -lt 500 ]; do echo "PING $i"; i=$((i + 1)); done | redis-cli -p "$RESP" > "$T/pings"
is "500 commands over one connection" "$(tail -1 "$T/pings")" 499
out=$("$STOA" serve -C "$P" --http 0.0.0.0:0 2>&1); code=$?
like "a second owner of the state is refused" "$out" 'belongs to a running process'
ok "the server stops cleanly on SIGTERM" stop_server
out=$("$STOA" serve -C "$P" --http 0.0.0.0:0 2>&1); is "a non-loopback listener without a key is refused" $? 1
like "and says what to do" "$out" 'not a loopback address: set security: api_key'
printf 'security: {api_key: "${STOA_TEST_KEY}"}\n' >> "$P/stoa.yaml"
out=$("$STOA" serve -C "$P" 2>&1); like "a key that is not in the environment is an error with its place" "$out" 'stoa.yaml:[0-9]+:[0-9]+: error: environment variable STOA_TEST_KEY is not set'
STOA_TEST_KEY=geheim; export STOA_TEST_KEY
serve "$P"
is "without the key HTTP answers 401" "$(code "$HTTP/metrics")" 401
is "with the key 200" "$(code "$HTTP/metrics" -H 'Ocp-Apim-Subscription-Key: geheim')" 200
is "as a bearer token too" "$(code "$HTTP/metrics" -H 'Authorization: Bearer geheim')" 200
is "a wrong key 401" "$(code "$HTTP/metrics" -H 'Ocp-Apim-Subscription-Key: geheimx')" 401
like "RESP wants AUTH" "$(r PING 2>&1)" NOAUTH
is "and takes it" "$(redis-cli -p "$RESP" -a geheim --no-auth-warning PING)" PONG
stop_server
done_testing
