#!/bin/sh
# What was acknowledged survives kill -9; a model is a function of the log.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v redis-cli > /dev/null || skip_all "redis-cli is needed"
bank 50
P=$T/bank
serve "$P"
i=0; while [ $i -lt 60 ]; do
  i=$((i + 1))
  r RANK next_offer "{\"subject\":\"$((i % 50 + 1))\",\"eventId\":\"k$i\"}" > "$T/rank" && a=$(jq -r .rewardActionId "$T/rank")
  v=0; [ "$a" != car_lease ] || v=1
  r REWARD "k$i" $v > /dev/null
done
r EVENT click '{"id":"x1","at":"2026-01-01T00:00:00Z","customer":1,"channel":"web","kind":"viewed"}' > /dev/null
# The probe sends its own features: a window of the graph could move between two askings.
ask() { r RANK next_offer '{"contextFeatures":[{"probe":1}],"eventId":"probe'"$1"'"}' | jq -c '[.ranking[] | {id, p: .probability}] | sort_by(.id)'; }
before=$(ask 1)
kill -9 "$SERVER"; wait "$SERVER" 2> /dev/null
serve "$P"
is "the model after kill -9 gives the same probabilities" "$(ask 2)" "$before"
like "every label is there" "$(r POLICY.SHOW next_offer)" ': 60 labels learned'
is "every decision is there" "$(sparql 'PREFIX s: <https://stoa.example/ns#> SELECT (COUNT(*) AS ?n) { ?d a s:Decision }' | tr -d '\r' | tail -1)" 62
is "the event is there" "$(sparql "$B ASK { <https://bank.example/click/x1> a b:WebEvent }" | tr -d '\r')" true
stop_server
serve "$P"
is "and after an orderly restart, from the kept model" "$(ask 3)" "$before"
stop_server
model() { sqlite3 "$P/state/stoa.db" 'SELECT "offset", hex(bytes) FROM model' | sha256sum; }
kept=$(model)
sqlite3 "$P/state/stoa.db" 'DELETE FROM model'
serve "$P"
is "and from the log alone" "$(ask 4)" "$before"
stop_server
is "the model learned again from the log is equal bit for bit" "$(model)" "$kept"
done_testing
