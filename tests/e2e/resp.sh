#!/bin/sh
# RESP as clients of Redis speak it: both protocols, transactions, what they ask of a server besides data.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v redis-cli > /dev/null && command -v nc > /dev/null || skip_all "redis-cli and nc are needed"
bank 50
P=$T/bank
serve "$P" || exit 1
send() { printf "$1" | nc -N 127.0.0.1 "$RESP" | tr -d '\r' | paste -sd' '; } # TEXT of printf
frame() { for w in "$@"; do :; done; printf '*%d\\r\\n' $#; for w in "$@"; do printf '$%d\\r\\n%s\\r\\n' "$(printf %s "$w" | wc -c)" "$w"; done; }
ping=$(frame PING)

# -- HELLO and its kin
like "HELLO tells RESP2 as an array" "$(send "$(frame HELLO)")" '^\*14 \$6 server \$4 stoa .* \$5 proto :2 \$2 id :[0-9]+ '
like "HELLO 3 as a map" "$(send "$(frame HELLO 3)")" '^%7 \$6 server \$4 stoa .* \$5 proto :3 '
is "another protocol is refused" "$(send "$(frame HELLO 4)$ping")" '-NOPROTO unsupported protocol version +PONG'
like "HELLO with a name" "$(send "$(frame HELLO 2 SETNAME me)$(frame CLIENT GETNAME)")" ' \$2 me$'
like "HELLO with a word too many" "$(send "$(frame HELLO 2 SETNAME)")" '^-ERR syntax error in HELLO'
is "RESP2 has nothing as a bulk" "$(send "$(frame CLIENT GETNAME)")" '$-1'
like "RESP3 has a null" "$(send "$(frame HELLO 3)$(frame CLIENT GETNAME)")" ' _$'
like "HGETALL is a map in RESP3" "$(send "$(frame HELLO 3)$(frame HGETALL segment:5)")" ' %3 \$[0-9]+ [a-z_]+ '
like "... and an array in RESP2" "$(send "$(frame HGETALL segment:5)")" '^\*6 \$'
is "redis-cli -3 reads it" "$(redis-cli -3 -p "$RESP" --json HGETALL segment:5 | jq 'keys | length')" 3
is "CLIENT SETINFO" "$(r CLIENT SETINFO LIB-NAME x)" OK
like "CLIENT ID is a number" "$(r CLIENT ID)" '^[1-9][0-9]*$'
like "CLIENT LIST tells this one" "$(r CLIENT LIST)" '^id=[0-9]+ name='
like "another CLIENT tells what there is" "$(r CLIENT KILL x 2>&1)" 'CLIENT ID, GETNAME'
is "RESET begins anew" "$(send "$(frame HELLO 3 SETNAME me)$(frame RESET)$(frame CLIENT GETNAME)" | sed 's/.*+RESET/+RESET/')" '+RESET $-1'
is "QUIT" "$(send "$(frame QUIT)$ping")" +OK

# -- COMMAND, CONFIG, INFO
n=$(r COMMAND COUNT)
ok "COMMAND COUNT ($n)" test "$n" -gt 25
is "COMMAND tells as many" "$(redis-cli -2 -p "$RESP" --json COMMAND | jq length)" "$n"
is "COMMAND DOCS tells each" "$(redis-cli -3 -p "$RESP" --json COMMAND DOCS | jq length)" "$n"
is "... or one" "$(redis-cli -3 -p "$RESP" --json COMMAND DOCS rank | jq -r '.rank.syntax')" 'POLICY JSON'
is "COMMAND INFO of what there is and what there is not" "$(redis-cli -2 -p "$RESP" --json COMMAND INFO hmget nothing | jq -c '[.[0][0], .[0][1], .[1]]')" '["hmget",-3,null]'
missing=$(redis-cli -p "$RESP" COMMAND LIST | tr a-z A-Z | while read -r c; do grep -q "Cm $c" "$STOA_SRC/docs/man/stoa-serve.1" || printf '%s ' "$c"; done)
is "each stands in the manual" "$missing" ''
is "CONFIG GET" "$(r CONFIG GET save | paste -sd,)" 'save,'
is "... by a pattern" "$(redis-cli -3 -p "$RESP" --json CONFIG GET 'max*' | jq -c keys)" '["maxclients","maxmemory"]'
like "CONFIG SET is refused" "$(r CONFIG SET maxmemory 1 2>&1)" 'configured by stoa.yaml'
is "INFO of a section" "$(r INFO server | grep -c '^# ')" 1
like "INFO has what clients look for" "$(r INFO)" 'redis_version:[0-9]'

# -- data
is "ECHO" "$(r ECHO 'a b')" 'a b'
is "HGET" "$(r HGET segment:5 bureau__risk_band)" "$(r HMGET segment:5 bureau__risk_band)"
is "HEXISTS" "$(r HEXISTS segment:5 bureau__risk_band)" 1
is "HLEN, HKEYS and HVALS agree" "$(r HLEN segment:5) $(r HKEYS segment:5 | wc -l) $(r HVALS segment:5 | wc -l)" '3 3 3'
is "EXISTS counts keys with a value" "$(r EXISTS segment:5 segment:6)" 2
like "... of one service" "$(r EXISTS segment:5 spending:6 2>&1)" 'one service'
is "TYPE" "$(r TYPE segment:5) $(r TYPE nothing:5)" 'hash none'
is "TTL of what no service has" "$(r TTL nothing:5)" -2
is "TTL is the least freshness of the service's views, in seconds" "$(r TTL spending:5)" 2
like "an argument too many is refused" "$(r TTL spending:5 more 2>&1)" 'wrong number of arguments'
is "... with views of two freshnesses it is the lesser" "$(r TTL next_offer_v1:5)" 1
like "TTL is the freshness in seconds, or -1" "$(r TTL segment:5)" '^(-1|[0-9]+)$'
is "HTTL tells each field's" "$(r HTTL segment:5 FIELDS 2 bureau__risk_band household__leans | wc -l)" 2
like "HTTL counts its fields" "$(r HTTL segment:5 FIELDS 3 bureau__risk_band 2>&1)" 'HTTL SERVICE:KEY FIELDS N FIELD'
like "a key without a service" "$(r HGETALL five 2>&1)" 'the key is SERVICE:KEY'

# -- transactions
is "MULTI, EXEC: replies in one array" "$(send "$(frame MULTI)$ping$(frame ECHO x)$(frame EXEC)$ping")" '+OK +QUEUED +QUEUED *2 +PONG $1 x +PONG'
is "... also what runs on workers" "$(send "$(frame MULTI)$(frame HLEN segment:5)$(frame HEXISTS segment:5 bureau__risk_band)$(frame EXEC)$ping")" '+OK +QUEUED +QUEUED *2 :3 :1 +PONG'
is "an empty one" "$(send "$(frame MULTI)$(frame EXEC)")" '+OK *0'
is "one with a fault runs nothing" "$(send "$(frame MULTI)$(frame FROB)$ping$(frame EXEC)$ping")" "+OK -ERR unknown command 'FROB' +QUEUED -EXECABORT transaction discarded because of previous errors +PONG"
is "DISCARD forgets" "$(send "$(frame MULTI)$ping$(frame DISCARD)$(frame EXEC)")" '+OK +QUEUED +OK -ERR EXEC without MULTI'
is "one has only so many commands" "$( { printf 'MULTI\r\n'; yes 'PING' | head -1025; printf 'EXEC\r\nPING\r\n'; } | nc -N 127.0.0.1 "$RESP" | tr -d '\r' | tail -2 | paste -sd' ')" '-EXECABORT transaction discarded because of previous errors +PONG'

# -- frames
is "a name with a NUL is none" "$(send '*3\r\n$4\r\nRANK\r\n$12\r\nnext_offer\000x\r\n$2\r\n{}\r\n')" '-ERR POLICY: a name has 1 to 256 bytes and no NUL'
is "a reward with a NUL is none" "$(send '*3\r\n$6\r\nREWARD\r\n$1\r\ne\r\n$4\r\n1\000xx\r\n')" '-ERR the reward is no number'
for v in nan inf 0x1 1e400 '' ' 1' '1,0' 1.5.2; do like "a reward \"$v\" is none" "$(r REWARD e "$v" 2>&1)" 'the reward is no number'; done
is "line ends within a name do not end a reply" "$(send '*1\r\n$9\r\nA\r\n+OK\r\nB\r\n'"$ping")" "-ERR unknown command 'A??+OK??B' +PONG"
for f in '*1\r\n$-1\r\n' '*1\r\n:5\r\n' '*1\r\n*1\r\n$4\r\nPING\r\n' '*+1\r\n$4\r\nPING\r\n' '* 1\r\n' '*1\r\n$3\r\nPING\r\n' '*1\r\n$5\r\nPING\r\n*1\r\n' '*99999999999999999999\r\n'; do
  is "what is no RESP ends the connection" "$(send "$f$ping")" '-ERR Protocol error: this is no RESP'
done
is "an array of none is passed over" "$(send '*0\r\n*-1\r\n'"$ping")" +PONG
is "inline words in quotes" "$(send 'ECHO "a \\"b\\x41"\r\n')" '$5 a "bA'
is "... that do not close" "$(send 'ECHO "a\r\n')" '-ERR Protocol error: this is no RESP'
for l in 'POST / HTTP/1.1' 'GET /x HTTP/1.0' 'Host: 127.0.0.1' 'OPTIONS * HTTP/1.1'; do
  is "HTTP is refused at its first line: $l" "$(send "$l"'\r\nREWARD x 1\r\nPING\r\n')" '-ERR this port speaks RESP, not HTTP'
done
i=0; while [ $i -lt 20000 ]; do echo PING; i=$((i + 1)); done > "$T/pings"
{ printf 'POLICY.SHOW next_offer\r\nHLEN segment:5\r\n'; cat "$T/pings"; } > "$T/ahead"
is "20,000 commands behind one that runs are all answered" "$(nc -N 127.0.0.1 "$RESP" < "$T/ahead" | grep -c PONG)" 20000
is "redis-cli --pipe" "$(yes PING | head -5000 | timeout 20 redis-cli -p "$RESP" --pipe 2>&1 | grep -c 'errors: 0, replies: 5000')" 1

# -- the key
stop_server
printf 'security: {api_key: geheim}\n' >> "$P/stoa.yaml"
serve "$P"
like "HELLO without the key" "$(send "$(frame HELLO 2)")" '^-NOAUTH'
like "HELLO with it" "$(send "$(frame HELLO 3 AUTH default geheim)$ping")" '^%7 .* \+PONG$'
is "HELLO with another" "$(send "$(frame HELLO 3 AUTH default falsch)$ping")" '-WRONGPASS invalid username-password pair -NOAUTH authentication required: AUTH KEY'
is "AUTH with a user" "$(send "$(frame AUTH u geheim)$ping")" '+OK +PONG'
is "what is queued without it is not" "$(send "$(frame MULTI)$ping")" '-NOAUTH authentication required: AUTH KEY -NOAUTH authentication required: AUTH KEY'
is "RESET takes it back" "$(send "$(frame AUTH geheim)$(frame RESET)$ping")" '+OK +RESET -NOAUTH authentication required: AUTH KEY'
stop_server

# -- clients by their defaults, where they are
if [ -n "${STOA_NODE_MODULES:-}" ] && command -v node > /dev/null; then
  serve "$P"
  cat > "$T/clients.mjs" <<'J'
import { createRequire } from 'node:module';
const require = createRequire(process.env.STOA_NODE_MODULES + '/');
const [port, password] = process.argv.slice(2);
const { createClient } = require('redis');
const c = createClient({ url: `redis://127.0.0.1:${port}`, password });
c.on('error', e => console.log('error', e.message));
await c.connect();
console.log('node-redis', await c.ping(), Object.keys(await c.hGetAll('segment:5')).length, (await c.multi().ping().hGet('segment:5', 'bureau__risk_band').exec()).length);
await c.close();
const Redis = require('ioredis');
const i = new Redis({ port, password });
console.log('ioredis', await i.ping(), Object.keys(await i.hgetall('segment:5')).length, (await i.multi().ping().exec()).length);
await i.quit();
J
  is "node-redis and ioredis by their defaults" "$(node "$T/clients.mjs" "$RESP" geheim 2>&1 | paste -sd,)" 'node-redis PONG 3 2,ioredis PONG 3 1'
  stop_server
else
  echo "# SKIP: STOA_NODE_MODULES names no folder with the newest redis and ioredis, 1 claim"
fi
done_testing
