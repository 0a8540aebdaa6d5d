#!/bin/sh
# The command line beside a server, beside others of its kind, and before a server that does not answer.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v sqlite3 > /dev/null && command -v flock > /dev/null || skip_all "sqlite3 and flock are needed"
bank 20 2026-11-01
P=$T/bank Q=$T/other
decisions() { sqlite3 "$1/state/stoa.db" 'SELECT COUNT(*) FROM decision'; }
rank() { "$STOA" rank -C "$1" next_offer "{\"eventId\":\"$2\"}"; }

# Without a server each waits for its turn.
for i in 1 2 3 4; do { rank "$P" "at-once-$i" > /dev/null 2>> "$T/errors"; echo $? >> "$T/codes"; } & ranks="${ranks:-} $!"; done
wait $ranks
is "ranks at once wait for each other" "$(sort "$T/codes" | uniq -c | xargs) $(decisions "$P")" "4 0 4"
is "... without a word" "$(grep -v warning "$T/errors")" ''

# A server is asked, when it has the state of this project.
cp -r "$P" "$Q"
serve "$P" || exit 1
ok "a decision goes through the server" rank "$P" one
ok "... by another name of the project too" sh -c 'ln -s "$1" "$2" && "$3" reward -C "$2" one 1' same "$P" "$T/link" "$STOA"
is "... whose state has it" "$(decisions "$P")" 5
for value in 0x1 ' 1' 1x nan ''; do
  "$STOA" reward -C "$P" one "$value" > /dev/null 2>&1; with=$?
  "$STOA" reward -C "$Q" at-once-1 "$value" > /dev/null 2>&1
  is "the reward \"$value\" is refused with a server and without" "$with$?" 22
done
sed -i "s|socket: [^,}]*|socket: $SOCK|" "$Q/stoa.yaml"
"$STOA" serve -C "$Q" --http 127.0.0.1:0 --resp 127.0.0.1:0 --socket "$T/q" > "$T/q.log" 2>&1 & other=$!
i=0; until grep -q '^ready' "$T/q.log" || [ $i -gt 200 ]; do i=$((i + 1)); sleep 0.1; done
out=$(rank "$Q" two 2>&1); code=$?
is "the server of another project is sent nothing" "$code $(decisions "$P") $(decisions "$Q")" "1 5 4"
like "... and both are named" "$out" "error: the server at .* has the state of .*/bank, not of .*/other; nothing was sent"
kill "$other"; wait "$other"

# A server that stands still, and another process that is no server.
flock -F "$Q/state/stoa.db" sleep 60 & holder=$!
sleep 0.3
sed -i "s|socket: [^,}]*|socket: none.sock|" "$Q/stoa.yaml"
kill -STOP "$SERVER"
{ timeout 60 "$STOA" rank -C "$P" next_offer '{"eventId":"three"}' > "$T/silent" 2>&1; echo $? > "$T/silent.code"; } & silent=$!
out=$(rank "$Q" four 2>&1); code=$?
wait "$silent"
kill -CONT "$SERVER"
kill "$holder"
is "a server that does not answer is not waited for for ever" "$(cat "$T/silent.code")" 3
like "... which is told" "$(cat "$T/silent")" 'error: the server at .*stoa.sock gave no answer for 12 s'
is "a state that another process keeps is waited for for some seconds" $code 3
like "... and then told, with a remedy" "$out" 'error: another process has the state of .*/other, and no server answers at .*none.sock .*wait until it ends'
ok "the server stops cleanly" stop_server
done_testing
