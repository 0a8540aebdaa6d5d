#!/bin/sh
# Decisions and rewards as clients may send them: nothing of what they send spoils a model, is taken for something
# else, or is dropped without a word.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 50
P=$T/bank
state() { sqlite3 "$P/state/stoa.db" "$1"; }
rank() { r RANK "${2:-next_offer}" "$1"; }

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
like "updates that would make the model infinite are refused and counted" "$(curl -s "$HTTP/metrics")" '^stoa_policy_labels_refused\{policy="next_offer"\} 8'
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
like "... and what it refused is refused again" "$(curl -s "$HTTP/metrics")" '^stoa_policy_labels_refused\{policy="next_offer"\} 8'
ok "... and stops" stop_server
done_testing
