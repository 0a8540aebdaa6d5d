#!/bin/sh
# The state's file is removed or replaced under a running server: what is written then has no name, and is not acknowledged.
# And what file may be a state.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v curl > /dev/null && command -v redis-cli > /dev/null && command -v sqlite3 > /dev/null || skip_all "curl, redis-cli and sqlite3 are needed"
bank 20
P=$T/bank D=$T/bank/state/stoa.db
event() { r EVENT click "{\"id\":\"$1\",\"at\":\"2026-11-20T10:00:00Z\",\"customer\":1,\"channel\":\"web\",\"kind\":\"x\"}" 2>&1; }
status() { curl -s -o "$T/why" -w '%{http_code}' "$HTTP/readyz"; }
removed() { rm "$D" "$D-wal" "$D-shm"; }
replaced() { sqlite3 "$D" ".backup $T/copy"; rm "$D-wal" "$D-shm"; mv "$T/copy" "$D"; }
without_its_log() { rm "$D-wal"; }
for how in removed replaced without_its_log; do
  rm -rf "$P/state"; serve "$P"
  is "$how: before, an event is acknowledged" "$(event a)" a
  $how
  like "... and after it none" "$(event b)" "the state .*stoa.db is no longer the file that is open: .*restart the server"
  like "... nor a decision" "$(curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' "$HTTP/personalizer/v1.0/rank" -d '{"subject":"1"}')" '^50[03]$'
  is "... the server is not ready" "$(status)" 503
  like "... and says why" "$(cat "$T/why")" '^state: .*restart the server'
  like "... in its log too" "$(cat "$T/server.log")" 'not ready: .*restart the server.* part=state'
  sleep 1.2 # the watcher looks every second
  is "... and it stays so" "$(status)" 503
  is "... told once" "$(grep -c 'not ready: .* part=state' "$T/server.log")" 1
  kill "$SERVER"; wait "$SERVER"; SERVER=
  [ $how != without_its_log ] || continue # what was in the log alone is gone
  serve "$P"
  like "a server that starts again is ready" "$(status)" 200
  is "... and acknowledges" "$(event c)" c
  is "... and has what was acknowledged and is there" "$(sqlite3 "$D" 'SELECT group_concat(id) FROM event_click')" "$([ $how = replaced ] && echo a,)c"
  stop_server
done
rm -rf "$P/state"; serve "$P"
rm "$D"
i=0; until [ "$(status)" = 503 ] || [ $i -gt 400 ]; do i=$((i + 1)); sleep 0.05; done
like "that its file is gone is told though nothing is written" "$(cat "$T/why")" '^state: .*restart the server'
kill "$SERVER"; wait "$SERVER"; SERVER=
# -- a database of somebody else's is no state
state_at() { sed "s|address: state/stoa.db|address: $1|" "$T/stoa.yaml" > "$P/stoa.yaml"; }
cp "$P/stoa.yaml" "$T/stoa.yaml"
refuses() { # CLAIM FILE PATTERN: check and serve refuse, and leave the file as it is
  sum=$(sha256sum < "$2")
  like "$1: check refuses" "$("$STOA" check -C "$P" 2>&1)" "$3"
  like "... serve too" "$(timeout 20 "$STOA" serve -C "$P" --http 127.0.0.1:0 --resp 127.0.0.1:0 2>&1)" "$3"
  is "... and it stays as it is" "$(sha256sum < "$2")" "$sum"
}
state_at data/product.db; refuses "a source's file" "$P/data/product.db" 'stoa.yaml:[0-9]+:[0-9]+: error: the state.s address is the file of source "product"'
ln -s ../data/product.db "$P/reference/link.db"
state_at reference/link.db; refuses "... by another name" "$P/data/product.db" 'stoa.yaml:[0-9]+:[0-9]+: error: .* the file of source "product"'
sqlite3 "$T/foreign.db" 'CREATE TABLE log(line)'
state_at "$T/foreign.db"; refuses "a stranger's database" "$T/foreign.db" 'foreign.db has tables and is no state of this program'
: > "$T/empty.db"
state_at "$T/empty.db"
ok "an empty file becomes one" "$STOA" check -C "$P"
done_testing
