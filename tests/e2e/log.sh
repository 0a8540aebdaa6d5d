#!/bin/sh
# The log: a line for each request, each slow query with its plan, each change; as JSON; without secrets.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v jq > /dev/null && command -v curl > /dev/null || skip_all "jq and curl are needed"
bank 50
P=$T/bank
printf 'limits: {slow_query: 1}\nsecurity: {api_key: geheim}\n' >> "$P/stoa.yaml"
start() { # ARGUMENTS...
  rm -f "$T/server.log" # the last one is ready already
  "$STOA" serve -C "$P" --http 127.0.0.1:0 --resp 127.0.0.1:0 "$@" > "$T/server.log" 2> "$T/log" & SERVER=$!
  i=0; until grep -q '^ready' "$T/server.log" 2> /dev/null || [ $i -gt 1200 ]; do i=$((i + 1)); sleep 0.05; done
  HTTP=http://$(awk '$1 == "http" { print $2 }' "$T/server.log")
  RESP=$(awk '$1 == "resp" { sub(/.*:/, "", $2); print $2 }' "$T/server.log")
}
K='Ocp-Apim-Subscription-Key: geheim'
start --log json
curl -s -o /dev/null -H "$K" -H 'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' "$HTTP/sparql?query=SELECT%20*%20%7B%20?s%20a%20?c%20%7D%20LIMIT%207"
curl -s -o /dev/null -H "$K" "$HTTP/sparql?query=SELEC"
redis-cli -p "$RESP" -a geheim --no-auth-warning RANK next_offer '{"subject":"5","eventId":"secret-event","contextFeatures":[{"name":"Müller"}]}' > /dev/null
redis-cli -p "$RESP" -a geheim --no-auth-warning REWARD secret-event 1 > /dev/null
redis-cli -p "$RESP" -a geheim --no-auth-warning HMGET segment:77 bureau__risk_band > /dev/null
curl -s -o /dev/null -H "$K" -X POST "$HTTP/reload"
curl -s -o /dev/null -H 'Ocp-Apim-Subscription-Key: falsch' "$HTTP/metrics"
kill -TERM "$SERVER"; wait "$SERVER"; code=$?; SERVER=
is "the server stops cleanly" "$code" 0
is "each line is JSON with a time, a level and an event" "$(jq -c 'select((.time | test("^[0-9-]{10}T[0-9:.]{12}Z$")) and (.level | IN("info", "warning", "error")) and .event)' "$T/log" | wc -l)" "$(wc -l < "$T/log")"
of() { jq -c "select(.event == \"request\" and .operation == \"$1\")" "$T/log"; }
is "a request's line has its trace, status and rows" "$(of query | head -1 | jq -c '[.trace, .status, .rows]')" '["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","ok",7]'
is "... its protocol and route" "$(of query | head -1 | jq -c '[.protocol, .route]')" '["http","/sparql"]'
is "... and its time" "$(of query | head -1 | jq '.ms > 0 and .ms < 10000')" true
is "one that failed says how" "$(of query | tail -1 | jq -r .status)" 'bad syntax'
is "every request has an id" "$(jq -r 'select(.event == "request") | .id' "$T/log" | sort | uniq -d | wc -l)" 0
is "a rank names its policy" "$(of rank | jq -r .name)" next_offer
is "a vector its service" "$(of vector | jq -r .name)" segment
is "a reload is told" "$(jq -c 'select(.event == "reload") | .message' "$T/log")" '"done"'
is "a slow query has its plan" "$(jq -r 'select(.event == "slow query") | .plan' "$T/log" | head -1 | grep -c .)" 1
for secret in geheim falsch secret-event Müller segment:77; do
  is "nothing of \"$secret\" is in it" "$(grep -c "$secret" "$T/log")" 0
done
start --log text
curl -s -o /dev/null -H "$K" "$HTTP/sparql?query=ASK%7B%7D"
curl -s -o /dev/null -H "$K" -H "$(printf 'traceparent: a b=c')" "$HTTP/sparql?query=ASK%7B%7D"
kill -TERM "$SERVER"; wait "$SERVER"; SERVER=
like "as text a request is a line too" "$(cat "$T/log")" '^[0-9-]{10}T[0-9:.]{12}Z info request id=[0-9a-f-]+ protocol=http route=/sparql operation=query status=ok ms=[0-9.]+ rows=[01]$'
is "a trace that is none is not passed on" "$(grep -c 'b=c' "$T/log")" 0
start
curl -s -o /dev/null -H "$K" "$HTTP/healthz"
kill -TERM "$SERVER"; wait "$SERVER"; SERVER=
is "without --log requests are not told" "$(grep -c request "$T/log")" 0
done_testing
