#!/bin/sh
# A server in what nobody wishes for: closed descriptors, a socket that is another's, signals, a limit on file sizes.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v curl > /dev/null && command -v redis-cli > /dev/null && command -v sqlite3 > /dev/null || skip_all "curl, redis-cli and sqlite3 are needed"
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

# -- signals that would end it
rm -rf "$T/a"; cp -r "$P" "$T/a"; mkfifo "$T/a/reference/slow.ttl" # the start waits for it
"$real" serve -C "$T/a" --socket "$T/sock" --http 127.0.0.1:0 --resp 127.0.0.1:0 > "$T/a.log" 2>&1 & SERVER=$!
until_true grep -q '^SigIgn:.*[13579bdf]$' "/proc/$SERVER/status" # SIGHUP is the lowest bit
kill -HUP "$SERVER"
timeout 20 sh -c 'echo "<http://x/s> <http://x/p> 1 ." > "$0"' "$T/a/reference/slow.ttl"
until_true grep -q '^ready' "$T/a.log"
rm "$T/a/reference/slow.ttl" # it is read again below
kill -HUP "$SERVER"
is "SIGHUP while it starts, and after it, is no end" "$(redis-cli -s "$T/sock" PING)" PONG
kill "$SERVER"; wait "$SERVER"; is "... and it ends in order" $? 0; SERVER=
rm "$T/a.log" # its "ready" is another server's
(ulimit -f 1000; exec "$real" serve -C "$T/a" --socket "$T/sock" --http 127.0.0.1:0 --resp 127.0.0.1:0) > "$T/a.log" 2>&1 & SERVER=$!
until_true grep -q '^ready' "$T/a.log"
k=$(printf '%020000d' 0); i=0
event() { redis-cli -s "$T/sock" EVENT click "{\"id\":\"e$1\",\"at\":\"2026-11-20T10:00:00Z\",\"customer\":1,\"channel\":\"web\",\"kind\":\"$k\"}" 2>&1; }
while [ $i -lt 100 ] && event $i | grep -q "^e$i"; do i=$((i + 1)); done
like "at the limit on file sizes an event is refused (after $i)" "$(event x)" 'the state .* (fails|may not grow)'
sleep 1.2 # the watcher looks every second
like "... the server lives, and is not ready" "$(curl -s "http://$(awk '$1 == "http" { print $2 }' "$T/a.log")/readyz")" '^state: .*(ulimit -f|fails)'
kill "$SERVER"; wait "$SERVER"; SERVER=
is "... and what was acknowledged is there" "$(sqlite3 "$T/a/state/stoa.db" 'SELECT count(*) FROM event_click')" "$i"
done_testing
