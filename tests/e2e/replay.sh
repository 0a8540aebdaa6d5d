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
ok "vectors are served meanwhile" "$BUILD/tests/load/steady" "$SOCK" resp $((50 / slower)) 4 "$seconds" churn $((10 / slower)) 60
ok "... and those that are watched by the second" "$BUILD/tests/load/steady" "$SOCK" resp $((20 / slower)) 4 "$seconds" dialogue 5 60
ok "... as Feast's clients ask" "$BUILD/tests/load/steady" "${HTTP##*:}" online $((10 / slower)) 2 "$seconds" churn 3 60
online() { curl -s -f "$HTTP/get-online-features" -H 'Content-Type: application/json' -d "$1"; }
i=0; while [ $i -lt 20 ]; do i=$((i + 1))
  online "{\"features\":[\"contact:count_7d_all\",\"bureau:score\"],\"purpose\":\"credit\",\"entities\":{\"customer_id\":[$i,$((i + 1)),99999]}}" > /dev/null || echo "online $i failed"
  r RANK next_offer "{\"subject\":\"$i\",\"contextFeatures\":[{\"channel\":\"web\"}]}" > /dev/null
done
wait $events
sleep 0.3
of() { grep -c "\"service\":\"$1\"" "$P/state/samples.jsonl"; }
for c in 1 2 3; do r HMGET churn:$c contact__count_7d_all > /dev/null; done
r EVENT click "{\"id\":\"after\",\"at\":\"$(date -u -d '-1 day' +%FT%TZ)\",\"customer\":2,\"channel\":\"web\",\"kind\":\"viewed\"}" > /dev/null # of before that row, known after it
printf 'PURPOSE credit\nHMGET txn:4 txn__count_7d_all\n' | r > /dev/null
stop_server
ok "rows of feature lists are sampled view by view ($(of contact), $(of bureau)), and what decisions are made of ($(of next_offer_v1))" \
  test "$(of contact)" -ge $((20 / slower)) -a "$(of bureau)" -ge $((20 / slower)) -a "$(of next_offer_v1)" -ge $((10 / slower))
is "... of nobody who is not there" "$(grep -c '"key":\["99999"' "$P/state/samples.jsonl")" 0
is "the purpose that a row was read for is kept" "$(grep -o '"service":"\(churn\|txn\)","purpose":"[a-z]*"' "$P/state/samples.jsonl" | sort -u | paste -sd' ')" '"service":"churn","purpose":"personalisation" "service":"txn","purpose":"credit" "service":"txn","purpose":"personalisation"'
is "of a row only what was asked for is kept" "$(grep '"service":"churn"' "$P/state/samples.jsonl" | grep -c '"values":{"contact__count_7d_all":"[^,]*"}}')" 3
rows=$(wc -l < "$P/state/samples.jsonl")
ok "rows were sampled ($rows)" test "$rows" -gt $((seconds * 50 / slower / slower))
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
