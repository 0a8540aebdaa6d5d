#!/bin/sh
# While one query is held open by a blocked source, PINGs and feature look-ups go on; a full queue
# answers busy at once.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v redis-cli > /dev/null && command -v curl > /dev/null || skip_all "redis-cli and curl are needed"
bank 50
P=$T/bank
sqlite3 "$P/data/engagement.db" 'PRAGMA journal_mode=DELETE' > /dev/null
serve "$P"
mkfifo "$T/hold"
sqlite3 "$P/data/engagement.db" > "$T/held" < "$T/hold" &
exec 3> "$T/hold"
# The server may be reading it now.
printf ".timeout 20000\nBEGIN EXCLUSIVE;\nSELECT 'held';\n" >&3
i=0; until grep -q held "$T/held" || [ $i -gt 200 ]; do i=$((i + 1)); sleep 0.1; done
curl -s -o "$T/slow" -w '%{http_code}' "$HTTP/sparql?timeout=20000" -H 'Accept: text/csv' --data-urlencode "query=$B SELECT (COUNT(*) AS ?n) { ?e b:kind ?k }" > "$T/code" &
slow=$!
sleep 0.5
i=0; while [ $i -lt 1000 ]; do echo PING; i=$((i + 1)); done | redis-cli -p "$RESP" > "$T/pings"
is "1,000 PINGs complete meanwhile" "$(grep -c PONG "$T/pings")" 1000
i=0; while [ $i -lt 1000 ]; do echo "HMGET segment:$((i % 50 + 1)) bureau__risk_band household__leans"; i=$((i + 1)); done | redis-cli -p "$RESP" > "$T/vectors"
is "1,000 feature look-ups complete meanwhile" "$(grep -cE 'good|fair|poor|unknown' "$T/vectors")" 1000
ok "the query is still held" kill -0 $slow
# Two workers are held; 64 more wait; the next is turned away at once.
j=0; pids=; while [ $j -lt 80 ]; do
  curl -s -o /dev/null -w '%{http_code}\n' "$HTTP/sparql?timeout=15000" --data-urlencode "query=$B SELECT * { ?e b:kind ?k }" >> "$T/codes" & pids="$pids $!"; j=$((j + 1))
done
sleep 2
busy=$(grep -c 503 "$T/codes")
ok "a full queue answers busy at once ($busy of 80)" test "$busy" -ge 10
echo 'ROLLBACK;' >&3
exec 3>&-
wait $slow
is "the held query completes when the source is free" "$(cat "$T/code")" 200
wait $pids
is "nothing was lost: each request got an answer" "$(grep -cE '^(200|503)$' "$T/codes")" 80
ok "the server stops cleanly" stop_server
done_testing
