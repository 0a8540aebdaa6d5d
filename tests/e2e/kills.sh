#!/bin/sh
# STOA_KILLS times (50) kill -9, at any point, under clients that write down what was acknowledged: nothing of it is lost, nothing
# is there twice, and the model is what its log says.  STOA_KILLS_SEED replays the clients and the moments.
. "${STOA_SRC:?}/tests/support/lib.sh"
kills=${STOA_KILLS:-50} seed=${STOA_KILLS_SEED:-1}
bank 50
P=$T/bank D=$T/bank/state/stoa.db
serve "$P" || exit 1
mkfifo "$T/until"
"$BUILD/tests/load/acknowledged" "$SOCK" 8 "$seed" < "$T/until" > "$T/told" & clients=$!
exec 9> "$T/until"
trap 'exec 9>&-; cleanup' EXIT
k=0; while [ $k -lt "$kills" ]; do
  k=$((k + 1))
  sleep "0.$(printf %03d $(((k * 7919 + seed * 104729) % 251)))"
  kill -9 "$SERVER"; wait "$SERVER" 2> /dev/null
  serve "$P" || break
done
is "$kills times kill -9, and each time it starts again" "$k" "$kills"
exec 9>&-; stop_server; wait $clients # the server holds the pipe too: it was started beside it
say() { sqlite3 "$D" "$1"; }
sort "$T/told" > "$T/told.sorted"
lost() { # KIND SQL of what is there in the same words: what was acknowledged and is not there
  grep "^$1 " "$T/told.sorted" > "$T/told.$1"; say "$2" | sort > "$T/there.$1"
  is "of $(wc -l < "$T/told.$1") acknowledged ${1}s none is lost" "$(comm -23 "$T/told.$1" "$T/there.$1" | head -3)" ""
  ok "... there are some" test -s "$T/told.$1"
  # What had no answer was sent again, so that at most the last one of each client is there without.
  n=$(comm -13 "$T/told.$1" "$T/there.$1" | wc -l)
  ok "... and what is there besides was under way at the end ($n)" test "$n" -le 8
}
is "nobody was refused" "$(grep '^refused' "$T/told" | head -3)" ""
lost event "SELECT 'event ' || id FROM event_click"
lost decision "SELECT 'decision ' || event_id || ' ' || action FROM decision"
lost reward "SELECT 'reward ' || reward_id || ' ' || CAST(value AS INTEGER) FROM reward"
is "no event is there twice" "$(say 'SELECT id FROM event_click GROUP BY id HAVING count(*) > 1 LIMIT 3')" ""
is "no decision" "$(say 'SELECT event_id FROM decision GROUP BY event_id HAVING count(*) > 1 LIMIT 3')" ""
is "no reward" "$(say 'SELECT event_id FROM reward GROUP BY event_id HAVING count(*) > 1 LIMIT 3')" ""
is "a reward and its label go together" "$(say 'SELECT event_id, value FROM reward EXCEPT SELECT event_id, value FROM label')$(say 'SELECT event_id, value FROM label EXCEPT SELECT event_id, value FROM reward')" ""
all='SELECT log_offset AS o, 0 AS k FROM event_click UNION ALL SELECT "offset", 1 FROM decision UNION ALL SELECT "offset", 2 FROM reward UNION ALL SELECT "offset", 3 FROM label UNION ALL SELECT "offset", 4 FROM options'
is "the log and its records agree, one by one" "$(say "SELECT count(*), count(DISTINCT o), max(o) FROM ($all)")" "$(say 'SELECT count(*), count(*), count(*) FROM log')"
is "... in kind too" "$(say "SELECT o, k FROM ($all) EXCEPT SELECT \"offset\", kind FROM log")" ""
is "the database is whole" "$(say 'PRAGMA integrity_check')" ok
model() { say 'SELECT policy, "offset", hex(bytes) FROM model' | sha256sum; }
kept=$(model)
say 'DELETE FROM model'
serve "$P" && stop_server
is "the model learned again from the log is equal bit for bit" "$(model)" "$kept"
done_testing
