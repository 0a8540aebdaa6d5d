#!/bin/sh
# The Personalizer's API as its descriptions have it: base paths of both versions, loops, codes of errors; each answer is
# held against the description. STOA_NODE_MODULES: a folder with the official clients, which are then asked too.
. "${STOA_SRC:?}/tests/support/lib.sh"
suite=${STOA_SHARED:-}/suites/personalizer-api
[ -f "$suite/v1.0/Personalizer.json" ] || skip_all "STOA_SHARED has no suites/personalizer-api"
command -v python3 > /dev/null || skip_all "python3 is not there"
bank 50
P=$T/bank
state() { sqlite3 "$P/state/stoa.db" "$1"; }
for name in port starboard; do
  printf 'policy: %s\nactions: [{id: p}, {id: q}]\n' $name > "$P/personalizer/$name.yaml"
done
post() { # PATH BODY: prints the status
  curl -s -o "$T/body" -w '%{http_code}' -H 'Content-Type: application/json' -H 'Expect:' "$HTTP$1" -d "$2"
}
answers() { # CLAIM VERSION PATH BODY STATUS [CODE]: asked through $loop
  path=$3
  described=$(printf %s "$path" | sed 's,/events/[^/]*/,/events/{eventId}/,')
  is "$1: $5" "$(post "$loop/personalizer/$2$path" "$4")" "$5"
  is "... as described" "$(python3 "$STOA_SRC/tests/support/swagger.py" "$suite/$2/Personalizer.json" post "$described" "$5" "$T/body" 2>&1)" ""
  [ -z "${6:-}" ] || is "... by its code" "$(jq -r .error.code "$T/body")" "$6"
}
n_actions() { seq "$1" | sed 's/.*/{"id":"&","features":[{"n":&}]}/' | paste -sd,; }
ok "the server starts" serve "$P"

# ---- both versions, by the endpoint itself and by a loop's
loop=
two='"actions":[{"id":"p","features":[{"a":1}]},{"id":"q","features":[]}]'
for v in v1.0 v1.1-preview.3; do
  for loop in "" /loops/port /loops/port/; do
    id=e-$v-$(printf %s "$loop" | tr -d /)$(printf %s "$loop" | grep -c '/$')
    answers "a rank of $v at \"$loop\"" $v /rank "{\"eventId\":\"$id\",$two}" 201
    is "... with that event" "$(jq -r .eventId "$T/body")" "$id"
    answers "... and its reward" $v "/events/$id/reward" '{"value":0.5}' 204
  done
  answers "50 actions" $v /rank "{\"actions\":[$(n_actions 50)]}" 201
done
is "the examples of v1.0" "$(jq -c .parameters.rankRequest "$suite/v1.0/examples/Rank.json" > "$T/example"; post /personalizer/v1.0/rank "@$T/example")" 201
is "a loop has its own decisions" "$(state "SELECT count(*) FROM decision WHERE policy = 'port' AND event_id LIKE 'e-%'")" 4
is "... and its own labels" "$(state "SELECT count(*) FROM label WHERE policy = 'port'")" 4
for path in /personalizer/v2.0/rank /personalizer/v1.0rank /loops//personalizer/v1.0/rank /loops/port/metrics /loops/port; do
  is "no route: $path" "$(post $path '{}')" 404
done
is "a loop in the path and a policy beside it are refused" "$(post '/loops/port/personalizer/v1.0/rank?policy=starboard' "{$two}")" 400

# ---- no loop touches another's events
loop=/loops/port
answers "a rank at one loop" v1.0 /rank "{\"eventId\":\"mine\",$two}" 201
loop=/loops/starboard
answers "its reward at another" v1.0 /events/mine/reward '{"value":1}' 404 ResourceNotFound
answers "its event id at another" v1.0 /rank "{\"eventId\":\"mine\",$two}" 409 InvalidRankRequest
is "... and nothing is kept of them" "$(state "SELECT (SELECT count(*) FROM reward WHERE event_id = 'mine') + (SELECT count(*) FROM decision WHERE policy = 'starboard')")" 0
loop=/loops/port
answers "... but at its own" v1.0 /events/mine/reward '{"value":1}' 204
is "... it counts" "$(state "SELECT value FROM label WHERE event_id = 'mine'")" 1.0
loop=/loops/none
answers "a loop that is not there" v1.0 /rank "{$two}" 404 ResourceNotFound

# ---- what is wrong is told by its code, and nothing is kept
loop=/loops/starboard
for v in v1.0 v1.1-preview.3; do
  bad() { answers "$1" $v /rank "$2" 400 InvalidRankRequest; }
  bad "51 actions" "{\"actions\":[$(n_actions 51)]}"
  bad "an id twice" '{"actions":[{"id":"p","features":[]},{"id":"p","features":[]}]}'
  bad "all excluded" "{$two,\"excludedActions\":[\"p\",\"q\"]}"
  bad "NaN" "{$two,\"contextFeatures\":[{\"x\":NaN}]}"
  bad "Infinity" "{$two,\"contextFeatures\":[{\"x\":Infinity}]}"
  bad "a number beyond a float" "{$two,\"contextFeatures\":[{\"x\":1e39}]}"
  bad "half a body" '{"actions":['
  bad "an id of 257 characters" "{\"actions\":[{\"id\":\"$(printf '%0257d' 0)\",\"features\":[]}]}"
  bad "a member that is none" "{$two,\"evntId\":\"x\"}"
  for value in 1.5 NaN '"1"' null 1e999; do
    answers "a reward of $value" $v /events/mine/reward "{\"value\":$value}" 400 InvalidRewardRequest
  done
  answers "a reward of an unknown event" $v /events/never/reward '{"value":1}' 404 ResourceNotFound
done
{ printf '{"contextFeatures":['; head -c 500000 /dev/zero | tr '\0' '['; head -c 500000 /dev/zero | tr '\0' ']'; printf ']}'; } > "$T/deep"
answers "a megabyte of nested JSON" v1.1-preview.3 /rank "@$T/deep" 400 InvalidRankRequest
head -c 1500000 /dev/zero | tr '\0' x > "$T/large"
answers "a body over the limit" v1.1-preview.3 /rank "@$T/large" 413 PayloadSizeExceeded
is "none of them left a trace" "$(state "SELECT (SELECT count(*) FROM decision WHERE policy = 'starboard') + (SELECT count(*) FROM label WHERE policy = 'starboard')")" 0
like "... in the model" "$(r POLICY.SHOW starboard)" '^"?policy starboard: 0 labels learned'

# ---- the official clients
if [ -d "${STOA_NODE_MODULES:-}/@azure" ] && command -v node > /dev/null; then
  node --no-warnings "$STOA_SRC/tests/support/personalizer_client.mjs" "$HTTP/" loops/starboard/ none "$STOA_NODE_MODULES" > "$T/clients" 2>&1
  is "the official clients are understood" "$(cat "$T/clients")" "ga rank 201 2 ga true
ga reward 204
ga error 404 ResourceNotFound
rest rank 201 2 rest
rest reward 204
rest error 400 InvalidRankRequest"
  is "... the loop that the endpoint names" "$(state "SELECT group_concat(event_id || ' ' || policy, ', ') FROM decision WHERE event_id IN ('ga', 'rest') ORDER BY event_id")" "ga next_offer, rest starboard"
else
  N=$((N + 1)); echo "ok $N - the official clients are understood # SKIP set STOA_NODE_MODULES to a folder with @azure/cognitiveservices-personalizer, @azure/ms-rest-js, @azure-rest/ai-personalizer"
fi
ok "... and stops" stop_server
done_testing
