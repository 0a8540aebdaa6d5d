#!/bin/sh
# Each limit that a client can meet (server/limits.h): just below it goes on, above it there is one message.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v nc > /dev/null && command -v redis-cli > /dev/null || skip_all "nc and redis-cli are needed"
bank 50
P=$T/bank
serve "$P" || exit 1
PORT=${HTTP##*:}
x() { head -c "$1" /dev/zero | tr '\0' x; } # so many letters
http() { nc -N 127.0.0.1 "$PORT" | tr -d '\r'; }
resp() { nc -N 127.0.0.1 "$RESP" | tr -d '\r' | cut -c1-200; }
head_of() { printf 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: '; x "$1"; printf '\r\n\r\n'; }
is "a head of 16 KiB" "$(head_of $((16384 - 39)) | http | head -1)" 'HTTP/1.1 200 OK'
like "... and one byte more" "$(head_of $((16384 - 38)) | http)" '^HTTP/1.1 413|a head has at most 16 KiB'
like "... says so" "$(head_of $((16384 - 38)) | http)" 'a head has at most 16 KiB'
body_of() { printf 'POST /events/none HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n' "$1"; x "$1"; }
like "a body of 1 MiB is read" "$(body_of 1048576 | http)" '"code":"(InvalidSyntax|NotFound)"'
like "... and not one byte more" "$(body_of 1048577 | http)" 'a body has at most 1 MiB'
chunks() { printf 'POST /events/none HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'; i=0; while [ $i -lt $1 ]; do i=$((i + 1)); printf '10000\r\n'; x 65536; printf '\r\n'; done; printf '0\r\n\r\n'; }
like "nor in chunks" "$(chunks 17 | http)" 'a body has at most 1 MiB'
echo_of() { printf '*2\r\n$4\r\nECHO\r\n$%d\r\n' "$1"; x "$1"; printf '\r\n'; }
is "an argument of 1 MiB" "$(echo_of 1048576 | resp | head -1)" '$1048576'
is "... and one byte more" "$(echo_of 1048577 | resp)" '-ERR Protocol error: a command has at most 1 MiB'
three() { printf '*4\r\n$4\r\nPING\r\n'; for i in 1 2 3; do printf '$700000\r\n'; x 700000; printf '\r\n'; done; }
is "three that are more together" "$(three | resp)" '-ERR Protocol error: a command has at most 1 MiB'
arguments() { printf '*%d\r\n$4\r\nPING\r\n' "$1"; i=1; while [ $i -lt "$1" ]; do i=$((i + 1)); printf '$1\r\nx\r\n'; done; }
like "1,024 arguments" "$(arguments 1024 | resp)" 'wrong number of arguments'
is "... and one more" "$(arguments 1025 | resp)" '-ERR Protocol error: a command has at most 1,024 arguments'
is "... inline" "$( { printf 'PING '; i=0; while [ $i -lt 1100 ]; do i=$((i + 1)); printf 'x '; done; echo; } | resp)" '-ERR Protocol error: a command has at most 1,024 arguments'
is "an inline command of 70 KB" "$( { printf 'ECHO '; x 70000; echo; } | resp)" '-ERR Protocol error: an inline command has at most 64 KiB'
like "a name of 256 bytes" "$(r RANK "$(x 256)" '{}' 2>&1)" 'no policy'
is "... and of 257" "$(r RANK "$(x 257)" '{}' 2>&1)" 'ERR POLICY: a name has 1 to 256 bytes and no NUL'
is "... over HTTP" "$(curl -s "$HTTP/policies/$(x 257)" | jq -r .error.message)" 'the policy: a name has 1 to 256 bytes and no NUL'
like "... or a NUL in it" "$(curl -s "$HTTP/policies/next_offer%00x" | jq -r .error.message)" 'no NUL'
like "keys over HTTP" "$(curl -s "$HTTP/features/segment" | jq -r .error.message)" 'at most 1,024 times'
stop_server
for l in 'idle_timeout: 0' 'head_timeout: 3601' 'body_timeout: x' 'write_timeout: -1' 'stop_timeout: 1.5' 'connections: -1' 'connections_per_address: x' 'slow_query: -1' 'subscribers: -1'; do
  cp "$P/stoa.yaml" "$T/yaml"; echo "limits: {$l}" >> "$P/stoa.yaml"
  timeout 20 "$STOA" serve -C "$P" --http 127.0.0.1:0 --resp 127.0.0.1:0 > "$T/said" 2>&1
  like "limits: $l is refused in its place" "$(cat "$T/said")" "stoa.yaml:[0-9]+:[0-9]+: error: .*${l%%:*}"
  cp "$T/yaml" "$P/stoa.yaml"
done
done_testing
