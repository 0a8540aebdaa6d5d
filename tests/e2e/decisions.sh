#!/bin/sh
# Decisions and rewards as clients may send them: nothing of what they send spoils a model, is taken for something
# else, or is dropped without a word.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 50
P=$T/bank
state() { sqlite3 "$P/state/stoa.db" "$1"; }
rank() { r RANK "${2:-next_offer}" "$1"; }
until_is() { # SQL VALUE: wait for it, as long as a slow machine may need
  i=0; until [ "$(state "$1")" = "$2" ] || [ $i -ge 200 ]; do i=$((i + 1)); sleep 0.1; done
}

# ---- no value poisons a model
ok "the server starts" serve "$P"
for value in 1.7976931348623157e308 -3.5e38 1e39; do
  like "a feature of $value is refused by its name" "$(rank '{"eventId":"p","contextFeatures":[{"who":{"income":'$value'}}]}')" '^.*feature "who.income" is .*; a model takes numbers from'
done
like "... of an action too" "$(rank '{"eventId":"p","actions":[{"id":"a","features":[{"price":1e300}]}]}')" 'feature "price" is 1e\+300'
is "... and nothing is stored" "$(state "SELECT count(*) FROM decision")" 0
for i in 1 2 3 4 5 6 7 8; do # floats hold these, but not their squares
  rank '{"eventId":"h'$i'","contextFeatures":[{"x":3e38},{"y":-2e38}]}' > /dev/null; r REWARD h$i 1 > /dev/null
done
like "updates that would make the model infinite are refused and counted" "$(curl -s "$HTTP/metrics")" '^stoa_policy_labels_refused_total\{policy="next_offer"\} 8'
like "... and decisions go on with true probabilities" "$(rank '{"eventId":"n","contextFeatures":[{"x":1}]}')" '"probability":0\.[0-9]+'
for value in nan inf -inf 1e999 2; do
  like "a reward of $value is refused" "$(r REWARD n $value)" '^.*ERR'
done
ok "... and stops" stop_server
sed -i 's/family: guarantee, term: long/family: guarantee, term: 1e39/' "$P/personalizer/next_offer.yaml"
like "check names such a value of a policy, with its place" "$("$STOA" check -C "$P" 2>&1)" 'next_offer.yaml:[0-9]+:[0-9]+: error: feature "term" is 1e\+39'
sed -i 's/term: 1e39/term: .inf/' "$P/personalizer/next_offer.yaml"
like "... infinity by YAML's name" "$("$STOA" check -C "$P" 2>&1)" 'next_offer.yaml:[0-9]+:[0-9]+: error: feature "term" is inf'
sed -i 's/term: .inf/term: nan/' "$P/personalizer/next_offer.yaml"
like "... but nan is a word" "$("$STOA" check -C "$P" 2>&1)" 'all good'
sed -i 's/term: nan/term: long/' "$P/personalizer/next_offer.yaml"

# An older program may have kept a poisoned model and logged poisoned examples.
state "UPDATE model SET bytes = x'01' || bytes"
ok "a server with a damaged model starts" serve "$P"
like "... the log is learned again" "$(r POLICY.SHOW next_offer)" '^"?policy next_offer: 0 labels learned'
like "... and what it refused is refused again" "$(curl -s "$HTTP/metrics")" '^stoa_policy_labels_refused_total\{policy="next_offer"\} 8'
ok "... and stops" stop_server

# ---- one id, one thing
cat > "$P/personalizer/waits.yaml" <<'X'
policy: waits
actions: [{id: p}, {id: q}]
reward: {wait: 2s, default: -0.25, aggregation: sum}
X
printf 'policy: earliest\nactions: [{id: p}, {id: q}]\nreward: {wait: 2s, default: -0.25}\n' > "$P/personalizer/earliest.yaml"
ok "the server starts" serve "$P"
like "an event id of another policy is refused" "$(rank '{"eventId":"n"}' waits)" 'ERR event id "n" belongs to a decision of another policy'
is "... over HTTP too" "$(curl -s -o "$T/body" -w '%{http_code}' -X POST "$HTTP/personalizer/v1.0/rank?policy=waits" -H 'Content-Type: application/json' -d '{"eventId":"n"}')" 409
is "... by a code of its own" "$(jq -r .error.code "$T/body")" InvalidRankRequest
like "the same decision again gets the answer that was given" "$(rank '{"eventId":"n"}')" '"eventId":"n"'
rank '{"eventId":"r1"}' > /dev/null; rank '{"eventId":"r2"}' > /dev/null
is "a reward by an id of its own" "$(r REWARD r1 0.5 once)" OK
is "... the same again changes nothing" "$(r REWARD r1 0.5 once)" OK
like "... by its id for another event is refused" "$(r REWARD r2 0.5 once)" 'ERR reward id "once" names another reward; give each its own'
like "... with another value too" "$(r REWARD r1 0.75 once)" 'ERR reward id "once" names another reward'
is "... and closes no label" "$(state "SELECT group_concat(event_id || ' ' || value) FROM label WHERE event_id IN ('r1', 'r2')")" 'r1 0.5'
is "... nor is it kept" "$(state "SELECT count(*) FROM reward WHERE event_id IN ('r1', 'r2')")" 1

# ---- labels
(for i in $(seq 1200); do echo "RANK waits '{\"eventId\":\"c$i\"}'"; done) | redis-cli -p "$RESP" > /dev/null
rank '{"eventId":"s"}' waits > /dev/null; rank '{"eventId":"e"}' earliest > /dev/null
for id in s e; do r REWARD $id 0.25 > /dev/null; r REWARD $id 0.5 > /dev/null; done
sleep 2
until_is "SELECT count(*) FROM waiting" 0
is "all labels that are due are closed at once" "$(state "SELECT count(*) FROM label WHERE policy = 'waits'")" 1201
is "... with the default, without a reward" "$(state "SELECT DISTINCT value FROM label WHERE event_id LIKE 'c%'")" -0.25
is "... with the sum of their rewards, or the earliest" "$(state "SELECT group_concat(value, ' ') FROM (SELECT value FROM label WHERE event_id IN ('s', 'e') ORDER BY event_id DESC)")" '0.75 0.25'
is "... and nothing is open any more" "$(state "SELECT count(*) FROM waiting")" 0
is "a reward that comes late is acknowledged" "$(r REWARD s 1)" OK
is "... kept as such" "$(state "SELECT group_concat(late, '') FROM (SELECT late FROM reward WHERE event_id = 's' ORDER BY \"offset\")")" 001
is "... and never the label" "$(state "SELECT value FROM label WHERE event_id = 's'")" 0.75
is "so is the second one of a policy that does not wait" "$(r REWARD r1 1; state "SELECT group_concat(late, '') FROM (SELECT late FROM reward WHERE event_id = 'r1' ORDER BY \"offset\")" | tail -1)" "OK
01"
rank '{"eventId":"l"}' waits > /dev/null
sleep 2.05 # over, whether or not the label is closed already
r REWARD l 1 > /dev/null
until_is "SELECT count(*) FROM label WHERE event_id = 'l'" 1
is "a reward that comes when the time is over is late, whoever is first" "$(state "SELECT value FROM label WHERE event_id = 'l'")" -0.25
ok "... and stops" stop_server

# ---- a model is a function of the log, and so are its options
learned() { "$STOA" policy show next_offer -C "$P" 2>&1; }
bytes() { state "SELECT hex(bytes) FROM model WHERE policy = 'next_offer'"; }
options() { state "SELECT group_concat(bits || ' ' || rate, ', ') FROM (SELECT * FROM options WHERE policy = 'next_offer' ORDER BY \"offset\")"; }
rerun() { state "DELETE FROM model"; learned > /dev/null; }
teach() { # N: so many decisions with rewards
  for i in $(seq "$1"); do echo "RANK next_offer '{\"eventId\":\"$2$i\",\"contextFeatures\":[{\"i\":$i}]}'"; echo "REWARD $2$i 0.$((i % 10))"; done | redis-cli -p "$RESP" > /dev/null
}
is "the options of the learner stand in the log" "$(options)" '18 0.5'
ok "the server starts" serve "$P"; teach 20 m; ok "... and stops" stop_server
shown=$(learned)
like "what a policy has learned is told at a glance: rewards" "$(echo "$shown" | sed -n 2p)" '^rewards: mean of the last [0-9]+ labels -?0\.[0-9]+.*; the last [0-9]+ s ago$'
is "... as the state has them" "$(echo "$shown" | sed -n 's/^rewards: mean of the last \([0-9]*\) labels \(-\?[0-9.]*\).*/\1 \2/p')" "$(state "SELECT count(*) || ' ' || printf('%.4f', avg(value)) FROM label WHERE policy = 'next_offer'")"
is "... what waits" "$(echo "$shown" | sed -n 's/^waiting: \([0-9]*\) .*/\1/p')" "$(state "SELECT count(*) FROM waiting WHERE policy = 'next_offer'")"
is "... and each action" "$(echo "$shown" | sed -n 's/^action \(.*\): .* \([0-9]*\) labels$/\1 \2/p' | sort)" "$(state "SELECT d.action || ' ' || count(l.event_id) FROM decision d LEFT JOIN label l USING (event_id) WHERE d.policy = 'next_offer' GROUP BY d.action" | sort)"
sed -i 's/rate: 0.5/rate: 2/' "$P/personalizer/next_offer.yaml"
ok "the server starts" serve "$P"; teach 20 o; ok "... and stops" stop_server
is "a change of them is recorded" "$(options)" '18 0.5, 18 2.0'
is "... and no other start" "$(learned > /dev/null; options)" '18 0.5, 18 2.0'
one=$(bytes); rerun
is "a model equals its replay though its rate has changed" "$(bytes | cksum)" "$(echo "$one" | cksum)"
like "... of all labels" "$(learned)" '4[0-9] labels learned'
sed -i 's/bits: 18/bits: 16/' "$P/personalizer/next_offer.yaml"
like "with other bits all is learned again" "$(learned)" '4[0-9] labels learned'
ok "the server starts" serve "$P"; teach 5 q; ok "... and stops" stop_server
is "... which is recorded too" "$(options)" '18 0.5, 18 2.0, 16 2.0'
one=$(bytes); rerun
is "... and the model equals its replay" "$(bytes | cksum)" "$(echo "$one" | cksum)"
sed -i 's/bits: 16/bits: 18/;s/rate: 2/rate: 0.5/' "$P/personalizer/next_offer.yaml"
learned > /dev/null; one=$(bytes); rerun
is "... when they come back as well" "$(bytes | cksum)" "$(echo "$one" | cksum)"

# ---- one owner, by whatever name
ok "the server starts" serve "$P"
cp -r "$P" "$T/second"; rm -rf "$T/second/state"; mkdir "$T/second/state"
ln -s "$P/state/stoa.db" "$T/second/state/stoa.db"; ln -s "$P" "$T/linked"
for dir in "$T/second" "$T/linked"; do
  like "a second server by another name is refused" "$(timeout 20 "$STOA" serve -C "$dir" --http 127.0.0.1:0 --resp 127.0.0.1:0 2>&1)" 'belongs to a running process'
done
like "the first goes on" "$(rank '{}')" rewardActionId
ok "... and stops" stop_server
done_testing
