#!/bin/sh
# A peer that takes no bytes, sends half a request, or leaves, holds nothing that others need.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v curl > /dev/null && command -v nc > /dev/null && command -v redis-cli > /dev/null || skip_all "curl, nc and redis-cli are needed"
bank 200
P=$T/bank
pids=
end_peers() { # the first and the last of each pipeline
  jobs -p > "$T/jobs"
  for p in $pids $(cat "$T/jobs"); do [ "$p" = "$SERVER" ] || kill "$p" 2> /dev/null; done; pids=
}
trap 'end_peers; cleanup' EXIT
nap=12 slow=1; [ -z "${STOA_SANITIZERS:-}" ] || slow=8 nap=40 # times that a build of tests may take
ASAN_OPTIONS="${ASAN_OPTIONS:-}:quarantine_size_mb=8"; export ASAN_OPTIONS # what is freed counts for nothing
ms() { date +%s%N | cut -c1-13; }
port() { echo "${HTTP##*:}"; }
all='/sparql?query=SELECT%20*%20%7B%20?s%20?p%20?o%20%7D'
metric() { curl -s "$HTTP/metrics" | awk -v n="stoa_$1" '$1 == n { print $2 }'; }
# A client that asks and then does not read: what nc has read waits in its pipe.
never_reads() { # PORT TEXT (of printf)
  { printf "$2"; exec sleep $nap; } | nc 127.0.0.1 "$1" | { exec sleep $nap; } & pids="$pids $!"
}
quick() { # CLAIM: a small query is answered at once
  s=$(ms); c=$(curl -s -m 20 -o /dev/null -w '%{http_code}' "$HTTP/sparql?query=ASK%7B%7D"); e=$(($(ms) - s))
  ok "$1 ($c, $e ms)" test "$c" = 200 -a "$e" -lt $((4000 * slow))
}
printf 'limits: {idle_timeout: 3, head_timeout: 1, body_timeout: 2, write_timeout: 4, stop_timeout: 2, connections_per_address: 40}\n' >> "$P/stoa.yaml"
serve "$P" || exit 1

like "HEAD has the head of GET" "$(curl -sI -H 'Accept: text/csv' "$HTTP$all" | tr -d '\r')" '^Content-Type: text/csv'
is "... and no body" "$(printf 'HEAD %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' "$all" | nc -q 5 127.0.0.1 "$(port)" | sed '1,/^\r*$/d' | wc -c)" 0
is "HEAD of what is no query is 400" "$(curl -sI -o /dev/null -w '%{http_code}' "$HTTP/sparql?query=SELEC")" 400
i=0; while [ $i -lt 4 ]; do i=$((i + 1)); curl -sI -o /dev/null "$HTTP$all"; done
quick "HEAD of long answers leaves the workers free"
i=0; while [ $i -lt 8 ]; do i=$((i + 1)); never_reads "$(port)" "GET $(printf %s "$all" | sed 's/%/%%/g') HTTP/1.1\r\nHost: x\r\n\r\n"; done
sleep 3
quick "eight clients that do not read long answers leave the workers free"
is "... and the connections of sources: feature look-ups go on" "$(r HMGET segment:5 bureau__risk_band | wc -l)" 1
i=0; until [ "$(metric connections_timed_out_total)" -ge 8 ] || [ $i -gt 60 ]; do i=$((i + 1)); sleep 0.5; done
ok "a client that does not read is cut when its time is over ($(metric connections_timed_out_total))" test "$(metric connections_timed_out_total)" -ge 8
end_peers
n=$(curl -s "$HTTP$all" -H 'Accept: text/csv' | wc -l)
is "a client that reads slowly gets all of it" "$(curl -s --limit-rate 2M "$HTTP$all" -H 'Accept: text/csv' | wc -l)" "$n"

heavy='SELECT (COUNT(*) AS ?n) { ?a ?p ?o . ?b ?q ?o2 FILTER(STRLEN(STR(?o)) > STRLEN(STR(?o2))) }'
before=$(metric cancelled_total)
curl -s -m 30 -o /dev/null -G "$HTTP/sparql" --data-urlencode "query=$heavy" & one=$!
curl -s -m 30 -o /dev/null -G "$HTTP/sparql" --data-urlencode "query=$heavy" & two=$!
sleep 1; kill $one $two; s=$(ms)
until [ "$(metric cancelled_total)" -ge $((before + 2)) ] || [ $(($(ms) - s)) -gt $((5000 * slow)) ]; do sleep 0.01; done
e=$(($(ms) - s))
ok "queries whose clients have left are cancelled ($e ms)" test "$e" -lt $((500 * slow))
quick "... and their workers are free"
is "a client that has ended its side is answered all the same" "$(printf 'GET /sparql?query=ASK%%7B%%7D HTTP/1.1\r\nHost: x\r\n\r\n' | nc -N 127.0.0.1 "$(port)" | head -1 | tr -d '\r')" 'HTTP/1.1 200 OK'
is "... so is a pipeline of commands" "$(printf 'PING\r\nPOLICY.SHOW next_offer\r\nECHO x\r\n' | nc -N 127.0.0.1 "$RESP" | tr -d '\r' | grep -c '^+PONG$\|^policy\|^x$')" 3

s=$(ms); out=$({ printf 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: '; sleep 4; } | nc 127.0.0.1 "$(port)" | tr -d '\r' | head -1)
is "half a head is waited for so long" "$out" 'HTTP/1.1 408 Request Timeout'
out=$({ printf 'POST /events/click HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{'; sleep 5; } | nc 127.0.0.1 "$(port)" | tr -d '\r' | head -1)
is "half a body too" "$out" 'HTTP/1.1 408 Request Timeout'
out=$({ printf '*2\r\n$4\r\nPING\r\n$9\r\nab'; sleep 3; } | nc 127.0.0.1 "$RESP" | tr -d '\r')
like "half a command too" "$out" '^-ERR the head of the request took too long'
s=$(ms); timeout 9 nc -d 127.0.0.1 "$RESP" > /dev/null; e=$(($(ms) - s))
ok "a connection that says nothing is ended ($e ms)" test "$e" -ge 2500 -a "$e" -lt 9000

end_peers; sleep 0.5
i=0; while [ $i -lt 45 ]; do i=$((i + 1)); { exec sleep $nap; } | nc 127.0.0.1 "$RESP" > "$T/peer.$i" 2>&1 & pids="$pids $!"; done
sleep 1
is "one address has only so many connections" "$(cat "$T"/peer.* | grep -c '^-ERR this address has as many connections as it may')" 5
like "... over HTTP too" "$(curl -s -i "$HTTP/healthz")" '503 Service Unavailable|this address has as many'
is "... but the Unix socket is of no address" "$(redis-cli -s "$SOCK" PING)" PONG
end_peers; sleep 0.5

rss() { awk '/^VmRSS/ { print $2 }' "/proc/$SERVER/status"; }
held=$(rss) # by what came before
i=0; while [ $i -lt 30 ]; do i=$((i + 1)); never_reads "$RESP" "$(i=0; while [ $i -lt 400 ]; do i=$((i + 1)); printf 'INFO\\r\\n'; done)"; done
sleep 2
held=$(($(rss) - held))
quick "30 clients that never read their commands' answers slow nobody"
ok "... and hold little ($((held / 1024)) MiB)" test "$held" -lt 200000
never_reads "$(port)" "GET $(printf %s "$all" | sed 's/%/%%/g') HTTP/1.1\r\nHost: x\r\n\r\n"
sleep 0.5
s=$(ms); stop_server; code=$?; e=$(($(ms) - s))
ok "SIGTERM ends the server in its time whatever peers do ($e ms)" test "$code" = 0 -a "$e" -lt $((6000 * slow))

sed -i 's/write_timeout: 4, stop_timeout: 2/write_timeout: 100, stop_timeout: 100/' "$P/stoa.yaml"
serve "$P" --loops 64 || exit 1 # the client is hardly on the first of them, which takes the signals
never_reads "$(port)" "GET $(printf %s "$all" | sed 's/%/%%/g') HTTP/1.1\r\nHost: x\r\n\r\n"
sleep 0.5; kill -TERM "$SERVER"; sleep 0.5
ok "a server that stops waits for its clients" kill -0 "$SERVER"
s=$(ms); stop_server; code=$?; e=$(($(ms) - s))
ok "... but not after a second signal ($e ms)" test "$code" = 0 -a "$e" -lt $((nap * 500))

# Where answers that are not read cannot wait on disk, who does not read is not waited for.
sed -i 's/^limits:.*/limits: {write_timeout: 60}/' "$P/stoa.yaml"
end_peers; sleep 0.5
TMPDIR_BEFORE=${TMPDIR:-}; TMPDIR=$T/none; export TMPDIR
serve "$P" || exit 1
TMPDIR=$TMPDIR_BEFORE; [ -n "$TMPDIR" ] || unset TMPDIR
nap=60
i=0; while [ $i -lt 8 ]; do i=$((i + 1)); never_reads "$(port)" "GET $(printf %s "$all" | sed 's/%/%%/g') HTTP/1.1\r\nHost: x\r\n\r\n"; done
sleep 1
s=$(ms); c=$(curl -s -m 60 -o /dev/null -w '%{http_code}' "$HTTP/sparql?query=ASK%7B%7D"); e=$(($(ms) - s))
ok "without a disk, clients that do not read hold workers for a short time ($c, $e ms)" test "$c" = 200 -a "$e" -lt $((15000 * slow))
is "... and a client that reads slowly gets all of it" "$(curl -s --limit-rate 2M "$HTTP$all" -H 'Accept: text/csv' | wc -l)" "$n"
stop_server
done_testing
