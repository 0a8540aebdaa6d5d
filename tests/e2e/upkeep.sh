#!/bin/sh
# What the state's owner does by itself: when labels cannot be closed, or models not be kept, it says so, and goes on later.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v redis-cli > /dev/null && command -v sqlite3 > /dev/null && command -v curl > /dev/null || skip_all "redis-cli, sqlite3 and curl are needed"
bank 20
P=$T/bank
printf 'policy: waits\nactions: [{id: p}, {id: q}]\nreward: {wait: 1s, default: -0.25}\n' > "$P/personalizer/waits.yaml"
state() { sqlite3 "$P/state/stoa.db" "$1"; }
ready() { curl -s "$HTTP/readyz"; }
until_ready() { # PATTERN: until readyz says so
  i=0; until ready | grep -q "$1" || [ $i -ge 200 ]; do i=$((i + 1)); sleep 0.1; done
}
failures() { curl -s "$HTTP/metrics" | sed -n "s/^stoa_state_failures_total{of=\"$1\"} //p"; }
ok "the server starts" serve "$P"
is "nothing has failed" "$(failures labels) $(failures models) $(failures commit)" "0 0 0"
state "CREATE TRIGGER full BEFORE INSERT ON label BEGIN SELECT RAISE(ABORT, 'no label fits'); END"
like "a decision that waits is made" "$(r RANK waits '{"eventId":"w"}')" '"eventId":"w"'
until_ready '^labels:'
like "labels that cannot be closed make the server not ready" "$(ready)" '^labels: .*no label fits'
like "... which the log tells" "$(cat "$T/server.log")" 'error not ready: .*no label fits.* part=labels'
like "... and metrics count" "$(failures labels)" '^[1-9]'
sleep 2
is "it is told once, and not each second" "$(grep -c 'no label fits' "$T/server.log")" 1
like "a commit that goes well makes it no better" "$(r RANK waits '{"eventId":"v"}' > /dev/null; ready)" '^labels:'
state "DROP TRIGGER full"
until_ready '^ok'
is "when they are closed it is ready again" "$(ready)" ok
like "... and says so" "$(cat "$T/server.log")" 'info ready again part=labels'
is "... and the label is there" "$(state "SELECT value FROM label WHERE event_id = 'w'")" -0.25
state "CREATE TRIGGER full BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'no record fits'); END"
like "a commit that fails is told to who asked" "$(r RANK waits '{"eventId":"x"}' 2>&1)" 'no record fits'
is "... and counted" "$(failures commit)" 1
like "... and in the log" "$(cat "$T/server.log")" 'error not ready: .*no record fits.* part=state'
state "DROP TRIGGER full"
ok "the server stops" stop_server
done_testing
