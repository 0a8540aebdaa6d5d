#!/bin/sh
# EVENTs of a pipeline are kept together and answered one by one, in order, beside whatever else stands among them.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 20
P=$T/bank
serve "$P" || exit 1
metric() { curl -s "$HTTP/metrics" | awk -v n="stoa_$1" '$1 == n { print $2 }'; }
now=$(date -u +%FT%TZ)
event() { printf '{"id":"%s","at":"%s","customer":%s,"channel":"web","kind":"viewed"}' "$1" "$now" "${2:-7}"; }
frame() { printf '*%d\r\n' $#; for a; do printf '$%d\r\n%s\r\n' "$(printf %s "$a" | wc -c)" "$a"; done; } # a command
many() { i=$1; while [ $i -le $2 ]; do frame EVENT click "$(event "$3$i" "${4:-7}")"; i=$((i + 1)); done; } # FROM TO PREFIX
ask() { nc -N 127.0.0.1 "$RESP" | tr -d '\r'; }
stored() { sparql "$B SELECT (COUNT(*) AS ?n) { ?e a b:EngagementEvent FILTER(REGEX(STR(?e), \"/$1[0-9]+$\")) }" | tail -1 | tr -d '\r'; }
bulk() { grep -v '^[$*]' | paste -sd' '; }

commits=$(metric commits_total)
many 1 300 a > "$T/a"
is "each of 300 has its id, in order" "$(ask < "$T/a" | bulk | cksum)" "$(seq 1 300 | sed 's/^/a/' | paste -sd' ' | cksum)"
is "... and is there" "$(stored a)" 300
ok "they took fewer commits ($(($(metric commits_total) - commits)))" test $(($(metric commits_total) - commits)) -lt 30
is "they are counted one by one" "$(metric events_total) $(metric 'operation_calls_total{operation="event",end="done"}')" '300 300'
is "the same again changes nothing" "$(many 290 310 a | ask | bulk) $(stored a)" "$(seq 290 310 | sed 's/^/a/' | paste -sd' ') 310"
is "the same within a pipeline is one" "$( { many 1 3 b; many 1 3 b; } | ask | bulk) $(stored b)" 'b1 b2 b3 b1 b2 b3 3'

# ---- one that is refused is none of the others' concern
r1=$( { many 1 2 c; frame EVENT click '{"id":"c3"}'; many 4 4 c; frame EVENT nothing '{}'; frame EVENT click '{'; frame EVENT '' '{}'; many 5 5 c; } | ask | grep -v '^\$')
like "errors stand where they belong" "$(printf '%s' "$r1" | cut -c1-4 | paste -sd' ')" '^c1 c2 -ERR c4 -ERR -ERR -ERR c5$'
like "... with their reasons" "$(printf '%s\n' "$r1" | sed -n 3p)" 'event type click needs the field "at"'
like "... of each" "$(printf '%s\n' "$r1" | sed -n 5p)" 'there is no event type "nothing"'
is "... and the others are kept" "$(stored c)" 4
is "they are counted" "$(metric 'operation_calls_total{operation="event",end="failed"}')" 4
is "all may be wrong" "$( { frame EVENT x '{}'; frame EVENT x '{}'; frame PING; } | ask | cut -c1-5 | paste -sd' ')" '-ERR  -ERR  +PONG'

# ---- what stands among them
count() { r HGET contact:9 contact__count_7d_web; }
before=$(count)
is "what is read after an event in a pipeline has it" "$( { frame HGET contact:9 contact__count_7d_web; many 1 2 d 9; frame HGET contact:9 contact__count_7d_web; many 3 3 d 9; frame HGET contact:9 contact__count_7d_web; frame ECHO x; } | ask | bulk)" "$before d1 d2 $((before + 2)) d3 $((before + 3)) x"
is "a transaction has them one after another" "$( { frame MULTI; many 1 2 e; frame PING; many 3 3 e; frame EXEC; many 4 4 e; } | ask | grep -v '^\$' | paste -sd' ')" '+OK +QUEUED +QUEUED +QUEUED +QUEUED *4 e1 e2 +PONG e3 e4'
is "too few arguments are told after those before" "$( { many 1 1 f; frame EVENT click; many 2 2 f; } | ask | grep -v '^\$' | cut -c1-30 | paste -sd' ')" "f1 -ERR wrong number of arguments f2"
is "inline commands too" "$( { many 1 1 g; printf 'PING\r\n'; printf "EVENT click '%s'\r\n" "$(event g2)"; printf 'QUIT\r\n'; } | ask | grep -v '^\$' | paste -sd' ')" 'g1 +PONG g2 +OK'
is "what is no frame ends the connection after the answers" "$( { many 1 3 h; printf '*1\r\n!\r\n'; } | ask | grep -v '^\$' | cut -c1-20 | paste -sd' ')" 'h1 h2 h3 -ERR Protocol error:'
is "... which are kept" "$(stored h)" 3
is "half of one waits for the rest" "$( { many 1 1 i; many 2 2 i | head -c 40; sleep 0.3; many 2 2 i | tail -c +41; } | ask | bulk)" 'i1 i2'
stop_server

# ---- nobody but callers
printf 'security: {api_key: sesame}\n' >> "$P/stoa.yaml"
serve "$P" || exit 1
is "a key is asked for" "$( { many 1 2 k; frame AUTH sesame; many 3 4 k; } | ask | grep -v '^\$' | cut -c1-7 | paste -sd' ')" '-NOAUTH -NOAUTH +OK k3 k4'
stop_server
done_testing
