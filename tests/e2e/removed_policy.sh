#!/bin/sh
# A policy that is removed while its labels wait: told, and the labels stay open until it is back.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v redis-cli > /dev/null && command -v sqlite3 > /dev/null && command -v curl > /dev/null || skip_all "redis-cli, sqlite3 and curl are needed"
bank 20
P=$T/bank
state() { sqlite3 "$P/state/stoa.db" "$1"; }
printf 'policy: waits\nactions: [{id: p}, {id: q}]\nreward: {wait: 1s, default: -0.25}\n' > "$T/waits.yaml"
sed 's/wait: 1s/wait: 1h/' "$T/waits.yaml" > "$P/personalizer/waits.yaml"
ok "the server starts" serve "$P"
like "a decision waits" "$(r RANK waits '{"eventId":"w"}')" '"eventId":"w"'
rm "$P/personalizer/waits.yaml"
like "a reload tells that the policy is gone and a label waits" "$(curl -s -X POST "$HTTP/reload")" '"reloaded":true.*waits.yaml of policy .*waits.* is gone, and 1 label waits for it'
like "... in the log too" "$(cat "$T/server.log")" ' warning reload: .*waits.yaml of policy "waits" is gone'
like "check tells it" "$("$STOA" check -C "$P" 2>&1)" 'warning: there is no policy "waits" any more, and 1 label waits for it'
ok "the server stops" stop_server
state "UPDATE decision SET closes_at = 1000000; UPDATE waiting SET closes_at = 1000000"
ok "it starts without the policy" serve "$P"
like "... which it tells" "$(cat "$T/server.log")" 'warning: there is no policy "waits" any more'
sleep 2
is "the label stays open" "$(state "SELECT count(*) FROM label") $(state "SELECT count(*) FROM waiting")" "0 1"
ok "the server stops" stop_server
cp "$T/waits.yaml" "$P/personalizer/"
ok "the policy is back" serve "$P"
i=0; until [ "$(state "SELECT count(*) FROM label")" = 1 ] || [ $i -gt 600 ]; do i=$((i + 1)); sleep 0.1; done
is "... and closes its label with its default" "$(state "SELECT value FROM label") $(state "SELECT count(*) FROM waiting")" "-0.25 0"
is "nothing is told any more" "$(grep -c warning "$T/server.log")" 0
ok "the server stops" stop_server
done_testing
