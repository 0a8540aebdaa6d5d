#!/bin/sh
# No skew between what is served and what is learned from: rows that were served are computed again as of their instants
# and as of what was known then, while events come, many of them late.
#   STOA_REPLAY_SECONDS: how long rows are served (3; 120 gives more than 100,000 rows)
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 60
P=$T/bank
seconds=${STOA_REPLAY_SECONDS:-3}
slower=1; [ -z "${STOA_SANITIZERS:-}" ] || slower=10 # what a build of tests can take
printf 'samples: {share: 1, most: 2048}\n' >> "$P/stoa.yaml"
ok "a project may keep samples" "$STOA" check -C "$P"
serve "$P" || exit 1
late() { # N: events of the last weeks, one after another
  i=0
  while [ $i -lt "$1" ]; do
    i=$((i + 1))
    echo "EVENT click {\"id\":\"l$i\",\"at\":\"$(date -u -d "-$((i * 7 % 800)) hours" +%FT%TZ)\",\"customer\":$((i % 60 + 1)),\"channel\":\"web\",\"kind\":\"viewed\"}" | sed "s/{/'{/; s/}/}'/"
    [ $((i % 5)) != 0 ] || sleep 0.05
  done | redis-cli -s "$SOCK" > /dev/null
}
late $((seconds * 60)) &
events=$!
ok "vectors are served meanwhile" "$BUILD/tests/load/steady" "$SOCK" resp $((50 / slower)) 4 "$seconds" churn $((20 / slower)) 60
ok "... and those that are watched by the second" "$BUILD/tests/load/steady" "$SOCK" resp $((20 / slower)) 4 "$seconds" dialogue 5 60
wait $events
sleep 0.3
for c in 1 2 3; do r HMGET churn:$c contact__count_7d_all > /dev/null; done
printf 'PURPOSE credit\nHMGET txn:4 txn__count_7d_all\n' | r > /dev/null
stop_server
is "the purpose that a row was read for is kept" "$(grep -o '"service":"[a-z]*","purpose":"[a-z]*"' "$P/state/samples.jsonl" | sort -u | paste -sd' ')" '"service":"churn","purpose":"personalisation" "service":"txn","purpose":"credit"'
is "of a row only what was asked for is kept" "$(grep -c '"values":{"contact__count_7d_all":"[^,]*"}}' "$P/state/samples.jsonl")" 3
rows=$(wc -l < "$P/state/samples.jsonl")
ok "rows were sampled ($rows)" test "$rows" -gt $((seconds * 100 / slower / slower))
ok "... at many states of the log ($(grep -o '"offset":[0-9]*' "$P/state/samples.jsonl" | sort -u | wc -l))" \
  test "$(grep -o '"offset":[0-9]*' "$P/state/samples.jsonl" | sort -u | wc -l)" -gt $((seconds * 3 / slower))
out=$("$STOA" features replay -C "$P"); code=$?
is "they are computed again as they were served" "$code $(echo "$out" | grep -c differ)" "0 1"
like "... all of them ($out)" "$out" "^$rows rows, [0-9]+ values: 0 differ\$"

# What a replay must see: a value that was served otherwise, and what is no sample.
sed '1s/"contact__count_7d_all":"\\"[0-9]*\\"/"contact__count_7d_all":"\\"777\\"/' "$P/state/samples.jsonl" | head -5 > "$T/changed"
out=$("$STOA" features replay -C "$P" "$T/changed"); code=$?
is "a value that differs is an exit code of 1" "$code" 1
like "... and told with the line, the key and both values" "$out" 'changed:1: (churn|dialogue) [0-9]+ contact__count_7d_all: served "777".*computed "[0-9]+"'
# As if all events had been known from the start.
sed 's/"offset":[0-9]*/"offset":999999999/' "$P/state/samples.jsonl" > "$T/later"
out=$("$STOA" features replay -C "$P" "$T/later"); code=$?
is "what came later is not known: with it rows would differ" "$code" 1
echo '{"at":1}' > "$T/none"
like "what is no sample is told with its place" "$("$STOA" features replay -C "$P" "$T/none" 2>&1)" 'none:1:1: error: a sample has "at"'
echo 'x' > "$T/none"
like "... and what is no JSON" "$("$STOA" features replay -C "$P" "$T/none" 2>&1)" 'none:1:1: error: '
sed -i 's/^samples: .*/samples: {share: 2}/' "$P/stoa.yaml"
like "a share above 1 is refused" "$("$STOA" check -C "$P" 2>&1)" 'stoa.yaml:[0-9]+:[0-9]+: error: "samples" needs "share"'
sed -i 's/^samples: .*/samples: {shares: 0.1}/' "$P/stoa.yaml"
like "... and a key that nobody reads" "$("$STOA" check -C "$P" 2>&1)" 'unknown key "shares"'
sed -i '/^samples: /d' "$P/stoa.yaml"
like "without samples there is nothing to replay" "$("$STOA" features replay -C "$P" 2>&1)" 'declares no samples'
done_testing
