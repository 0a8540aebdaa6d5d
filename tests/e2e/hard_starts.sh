#!/bin/sh
# A server in what nobody wishes for: closed descriptors, a socket that is another's.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v redis-cli > /dev/null && command -v sqlite3 > /dev/null || skip_all "redis-cli and sqlite3 are needed"
bank 20
P=$T/bank D=$T/bank/state/stoa.db
# The program itself, without libtool's script before it.
real=$STOA; LD_LIBRARY_PATH=$BUILD/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}; export LD_LIBRARY_PATH
[ ! -x "$BUILD/.libs/stoa" ] || real=$BUILD/.libs/stoa
until_true() { i=0; until "$@" > /dev/null 2>&1 || [ $i -gt 400 ]; do i=$((i + 1)); sleep 0.05; done; }

# -- a closed descriptor is no place for a file
"$real" rank -C "$P" next_offer '{"subject":"1","eventId":"kept"}' > /dev/null
whole() { sqlite3 "$D" "PRAGMA integrity_check; SELECT event_id FROM decision" 2>&1 | tr '\n' ' '; }
for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
  rm -f "$T/sock"
  sh -c "exec \"\$0\" \"\$@\" $closed" "$real" serve -C "$P" --log json --socket "$T/sock" --http 127.0.0.1:0 --resp 127.0.0.1:0 > "$T/said" 2>&1 & SERVER=$!
  until_true redis-cli -s "$T/sock" PING
  is "started with $closed it serves" "$(redis-cli -s "$T/sock" PING)" PONG
  kill "$SERVER"; wait "$SERVER"; SERVER=
  is "... and its state is whole" "$(whole)" 'ok kept '
done
sh -c 'exec "$0" "$@" >&-' "$real" query -C "$P" -e 'ASK {}' 2> "$T/said"
is "an answer that nobody can read is a failure" "$?" 3

# -- the socket at its path may be another's by now
socket_server() { # NAME: start one on $T/sock; sets SERVER
  rm -rf "$T/$1"; cp -r "$P" "$T/$1"
  "$real" serve -C "$T/$1" --socket "$T/sock" --http 127.0.0.1:0 --resp 127.0.0.1:0 > "$T/$1.log" 2>&1 & SERVER=$!
  until_true grep -q '^ready' "$T/$1.log"
}
rm -f "$T/sock"; socket_server a; A=$SERVER
is "a socket can be reached by its owner alone" "$(stat -c %a "$T/sock")" 600
rm "$T/sock"; socket_server b
kill "$A"; wait "$A"
is "a server that stops leaves another's socket" "$(redis-cli -s "$T/sock" PING)" PONG
kill "$SERVER"; wait "$SERVER"; SERVER=
is "... and takes its own along" "$(ls "$T/sock" 2> /dev/null)" ''
timeout 20 "$STOA" serve -C "$P" --socket '' > "$T/said" 2>&1
is "an empty path is no socket's" "$?" 2
like "... and told" "$(cat "$T/said")" 'socket takes a path'
done_testing
