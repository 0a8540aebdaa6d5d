#!/bin/sh
# Conditions of feature views: whoever subscribes is told when they turn, over HTTP and RESP.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v curl > /dev/null && command -v redis-cli > /dev/null && command -v nc > /dev/null || skip_all "curl, nc and redis-cli are needed"
bank 50
P=$T/bank
watch() { sed -i '/^#+   watch:/d' "$P/features/$1.rq"; [ -z "${2:-}" ] || sed -i "s/^#+   freshness: .*/&\n#+   watch: {$2}/" "$P/features/$1.rq"; } # VIEW CONDITIONS
watch contact 'busy: "?count_7d_web >= 3 + ?base", first: "?count_7d_mobile > 0"'
like "a feature that the view has not is told in its place" "$("$STOA" check -C "$P" 2>&1)" 'contact.rq:[0-9]+:[0-9]+: error: the view has no feature \?base'
# What the example's data give a customer is not known: email, which they seldom use, is asked for.
watch contact 'busy: "?count_7d_livechat >= 100", often: "?count_7d_livechat >= 200"'
PIDS=
away() { for p in $PIDS; do kill "$p" 2> /dev/null; done; PIDS=; }
trap 'away; cleanup' EXIT
click() { r EVENT click "{\"id\":\"$1\",\"at\":\"$(date -u +%FT%TZ)\",\"customer\":$2,\"channel\":\"livechat\",\"kind\":\"viewed\"}" > /dev/null; }
fill() { # NAME CUSTOMER N: so many events at once
  i=0; while [ $i -lt "$3" ]; do i=$((i + 1)); echo "EVENT click '{\"id\":\"$1$i\",\"at\":\"$(date -u +%FT%TZ)\",\"customer\":$2,\"channel\":\"livechat\",\"kind\":\"viewed\"}'"; done | r > /dev/null
}
until_has() { i=0; until grep -qs -- "$2" "$1" || [ $i -gt 200 ]; do i=$((i + 1)); sleep 0.05; done; grep -q -- "$2" "$1"; } # FILE TEXT
metric() { curl -s "$HTTP/metrics" | awk -v n="stoa_$1" '$1 == n { print $2 }'; }
listen() { # NAME WHAT: server-sent events of it go to $T/NAME
  curl -sN -i "$HTTP/watch/$2" > "$T/$1" & PIDS="$PIDS $!"; until_has "$T/$1" '^Content-Type'
}
subscribe() { # NAME OPTIONS CHANNEL...: messages go to $T/NAME
  name=$1 options=$2; shift 2
  redis-cli $options -p "$RESP" SUBSCRIBE "$@" > "$T/$name" & PIDS="$PIDS $!"; until_has "$T/$name" '^1$'
}
grep -q '^limits:' "$P/stoa.yaml" || echo 'limits: {subscribers: 12, idle_timeout: 1, write_timeout: 3600}' >> "$P/stoa.yaml"
like "... and so the limits are these" "$(grep '^limits' "$P/stoa.yaml")" 'subscribers: 12'
serve "$P" || exit 1
fill before 3 100
stop_server
serve "$P" || exit 1

# ---- server-sent events and messages
ok "a view is watched over HTTP" listen sse contact
like "... as server-sent events" "$(tr -d '\r' < "$T/sse")" '^Content-Type: text/event-stream$'
ok "... or a condition of it" listen often contact:often
ok "... or some of its entities" listen eight 'contact:busy?key=8&key=9'
ok "a channel is a condition" subscribe two -2 watch:contact:busy watch:contact
ok "... of RESP3 too" subscribe three -3 watch:contact:busy
fill a 7 99
click last 7
ok "a turn is told within a second of the event" sh -c 'i=0; until grep -q "\"customer_id\":7" "$1"; do i=$((i + 1)); [ $i -le 20 ] || exit 1; sleep 0.05; done' wait "$T/sse"
is "... as an event of its condition" "$(tr -d '\r' < "$T/sse" | sed -n '/^id/,$p' | sed 's/"at":"[^"]*Z"/AT/' | head -3)" 'id: 1
event: busy
data: {"view":"contact","condition":"busy","entity":"customer","key":{"customer_id":7},AT}'
until_has "$T/two" 'customer_id.*$'; until_has "$T/three" customer_id
message='message
watch:contact:busy
{"view":"contact","condition":"busy","entity":"customer","key":{"customer_id":7},AT}'
is "... as a message of RESP2, on each channel" "$(sed 's/"at":"[^"]*Z"/AT/' "$T/two" | sed -n '7,$p')" "$message
$(printf '%s' "$message" | sed 's/:busy$//')"
is "... and as a push of RESP3" "$(sed 's/"at":"[^"]*Z"/AT/' "$T/three" | sed -n '4,$p')" "$message"
fill b 8 100
ok "another entity turns it too" until_has "$T/sse" '"customer_id":8'
ok "... for who asked for it" until_has "$T/eight" '"customer_id":8'
is "... alone" "$(grep -c '"customer_id":7' "$T/eight")" 0
is "what did not turn is not told" "$(grep -c '^id' "$T/often")" 0
fill c 7 20
click d 3
fill e 9 100
until_has "$T/sse" '"customer_id":9'
is "what goes on to hold is not told again" "$(grep -c '"customer_id":7' "$T/sse")" 1
is "nor what held at the start" "$(grep -c '"customer_id":3' "$T/sse")" 0
sleep 2
is "who listens is not idle" "$(metric subscribers_open) $(grep -c 'closed' "$T/two" "$T/three" | sed 's/.*://' | sort -u)" '6 0'
is "turns are counted" "$(metric turns_total) $(metric turns_told_total)" '3 14'

# ---- what is refused
code() { curl -s -o "$T/reply" -w '%{http_code}' "$@"; }
is "an unknown view is not there" "$(code "$HTTP/watch/contakt")" 404
like "... and the nearest is named" "$(cat "$T/reply")" 'did you mean ..contact'
is "so an unknown condition" "$(code "$HTTP/watch/contact:bussy")" 404
like "... and the nearest of those" "$(cat "$T/reply")" 'did you mean ..busy'
like "a view without conditions" "$(curl -s "$HTTP/watch/profile")" 'profile.* has no conditions'
is "a key that is none" "$(code "$HTTP/watch/contact?key=x")" 400
is "a parameter that is none" "$(code "$HTTP/watch/contact?kei=7")" 400
is "POST" "$(code -X POST "$HTTP/watch/contact")" 405
is "HEAD subscribes nobody" "$(curl -s -I "$HTTP/watch/contact" | head -1 | tr -d '\r'; metric subscribers_open)" 'HTTP/1.1 200 OK
6'
like "a channel that is none" "$(r SUBSCRIBE news 2>&1)" 'a channel is watch:VIEW'
like "... or has no such condition: then none is entered" "$(r SUBSCRIBE watch:contact watch:contact:bussy 2>&1)" 'did you mean .busy'
like "patterns" "$(r PSUBSCRIBE 'watch:*' 2>&1)" 'there are no patterns of channels'
resp() { { printf "$1"; sleep 0.3; } | nc -N 127.0.0.1 "$RESP" | tr -d '\r'; }
S='SUBSCRIBE watch:contact:busy\r\n'
is "RESP2 takes little else from who listens" "$(resp "${S}GET x\r\nPING\r\nPING hi\r\nUNSUBSCRIBE\r\nPING\r\n" | sed -n '7,$p' | cut -c1-60)" "-ERR unknown command 'GET'
*2
\$4
pong
\$0

*2
\$4
pong
\$2
hi
*3
\$11
unsubscribe
\$18
watch:contact:busy
:0
+PONG"
like "... of the commands that there are" "$(resp "${S}HGETALL contact:7\r\n" | tail -1)" "Can't execute 'HGETALL': only .*SUBSCRIBE"
like "RESP3 takes all" "$(resp "HELLO 3\r\n${S}HLEN contact:7\r\n" | tail -1)" '^:[0-9]+$'
is "... and RESET leaves" "$(resp "${S}RESET\r\nPING\r\n" | tail -2)" '+RESET
+PONG'
is "a channel is entered once" "$(resp "$S$S" | grep -c '^:1')" 2
like "nobody subscribes within MULTI" "$(resp "MULTI\r\n${S}PING\r\nEXEC\r\n" | tr '\n' ' ')" '\*2 -ERR .*SUBSCRIBE within MULTI.* \+PONG'
is "UNSUBSCRIBE of nothing" "$(resp 'UNSUBSCRIBE\r\n' | tr '\n' ' ')" '*3 $11 unsubscribe $-1 :0 '
is "PUBSUB tells the channels" "$(r PUBSUB CHANNELS 'watch:contact:*' | sort)" 'watch:contact:busy
watch:contact:often'
is "... and how many listen" "$(r PUBSUB NUMSUB watch:contact watch:contact:busy watch:x | tr '\n' ' ')" 'watch:contact 2 watch:contact:busy 3 watch:x 0 '
like "COMMAND DOCS has them" "$(r COMMAND DOCS SUBSCRIBE | tr '\n' ' ')" 'syntax watch:VIEW\[:CONDITION\]'
more=$(metric subscribers_open); while [ "$more" -lt 12 ]; do more=$((more + 1)); listen "more$more" contact; done
is "no more subscribers than the limit" "$(code "$HTTP/watch/contact")" 503
like "... says so" "$(cat "$T/reply")" 'the server has as many subscribers as it may'
like "... over RESP" "$(r SUBSCRIBE watch:contact 2>&1)" 'as many subscribers as it may'
away
i=0; until [ "$(metric subscribers_open)" = 0 ] || [ $i -gt 100 ]; do i=$((i + 1)); sleep 0.05; done
is "who leaves is counted no more" "$(metric subscribers_open)" 0

# ---- reload
listen sse contact:often; listen other contact:busy; subscribe two -2 watch:contact:often
watch contact 'busy: "?count_7d_livechat >= 100"'
curl -s -X POST "$HTTP/reload" > /dev/null
ok "what is not there any more after a reload ends" until_has "$T/sse" 'event: stream-end'
like "... and says why" "$(cat "$T/sse")" 'data: ."why":"the project was read again: view .*contact.* has no condition .*often'
ok "... a channel is left" until_has "$T/two" unsubscribe
fill f 11 100
ok "what is there goes on" until_has "$T/other" '"customer_id":11'
sleep 0.3
is "... and nothing is told again" "$(grep -c '^id' "$T/other")" 1

# ---- SIGTERM, and a new start
started=$(date +%s%N)
ok "SIGTERM ends the server" stop_server
ok "... at once" test $((($(date +%s%N) - started) / 1000000)) -lt 3000
like "... and says so to who listens" "$(cat "$T/other")" '"why":"the server stops"'
away
serve "$P" || exit 1
listen sse contact
fill g 12 100
ok "after a restart what turns is told" until_has "$T/sse" '"customer_id":12'
is "... and nothing that held before" "$(grep -c '^id' "$T/sse")" 1
stop_server; away

# ---- a source that turns many at once, and one who never reads
sed -i 's/^#+   kind: query/&\n#+   freshness: 1s/' "$P/features/profile.rq"
watch profile 'changed: "?income_band = \\"changed\\"", back: "?income_band = \\"other\\""'
sed -i 's/^limits:.*/limits: {write_timeout: 3600}/' "$P/stoa.yaml"
serve "$P" || exit 1
listen sse profile
curl -sN "$HTTP/watch/profile" > "$T/deaf" & DEAF=$!; PIDS="$PIDS $DEAF"; until_has "$T/deaf" :; kill -STOP "$DEAF"
n_of() { grep -c "^event: $1" "$T/sse"; }
turn_all() { # TO CONDITION TIMES: until all are told of
  sqlite3 "$P/data/product.db" "UPDATE customer SET income_band = '$1'"
  i=0; until [ "$(n_of "$2")" -ge $(($3 * 50)) ] || [ $i -gt 200 ]; do i=$((i + 1)); sleep 0.05; done
}
for n in 1 2 3; do turn_all changed changed $n; turn_all other back $n; done
is "a change in a source turns all of them, each time, beside one who never reads" "$(n_of changed) $(n_of back)" "150 150"
ok "the server stops beside who never reads" stop_server
kill -CONT "$DEAF"; away
done_testing
