#!/bin/sh
# 1,000 connections that send a byte a second and 100 clients that never read a long answer: the server answers others, cuts
# these at its limits, holds little for them, and ends in its time.  What they cost others is printed, not asserted.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v curl > /dev/null || skip_all "curl is needed"
ulimit -n 8192 2> /dev/null || skip_all "8,192 descriptors are needed"
slow=${STOA_SLOW_PEERS:-1000} deaf=${STOA_DEAF_PEERS:-100} seconds=${STOA_PROBE_SECONDS:-5}
times=1; [ -z "${STOA_SANITIZERS:-}" ] || times=8 # what a build of tests may need more
bank 100
P=$T/bank
printf 'limits: {head_timeout: 3, body_timeout: 3, write_timeout: 12, stop_timeout: 2, connections: 4000, connections_per_address: 3000}\n' >> "$P/stoa.yaml"
serve "$P" || exit 1
ms() { date +%s%N | cut -c1-13; }
metric() { curl -s "$HTTP/metrics" | awk -v n="stoa_$1" '$1 == n { print $2 }'; }
memory() { awk -v k="$1:" '$1 == k { print int($2 / 1024) }' "/proc/$SERVER/status"; }
descriptors() { ls "/proc/$SERVER/fd" | wc -l; }
probe() { "$BUILD/tests/load/probe" "$SOCK" "$seconds"; }
of() { awk -v k="$2" -v f="$3" '$1 == k { for (i = 2; i < NF; ++i) if ($i == f) print $(i + 1) }' "$1"; } # FILE vector|rank p99|errors

probe > "$T/warm"; probe > "$T/alone"
before=$(memory VmRSS) fds=$(descriptors)
mkfifo "$T/until" # the clients run only where no other wants the core, as if on a machine of their own
chrt -i 0 "$BUILD/tests/load/slow" "${HTTP##*:}" "$RESP" "$slow" "$deaf" '/sparql?query=SELECT%20*%20%7B%20?s%20?p%20?o%20%7D' < "$T/until" > "$T/peers" & peers=$!
exec 9> "$T/until"
trap 'exec 9>&-; cleanup' EXIT
i=0; until grep -q 'all are there' "$T/peers" || [ $i -gt 1200 ]; do i=$((i + 1)); sleep 0.1; done
ok "$slow slow and $deaf deaf peers are there" grep -q 'all are there' "$T/peers"
ok "... all of them ($(descriptors) descriptors)" test "$(descriptors)" -ge $((fds + slow * 9 / 10))
probe > "$T/beside" # while the long answers are made
i=0; until [ "$(metric 'operation_calls_total{operation="query",end="done"}')" -ge $((deaf * 3 / 4)) ] || [ $i -gt $((40 * times)) ]; do i=$((i + 1)); sleep 0.25; done
probe > "$T/held" # while they wait for their readers
ok "a client beside them is answered" awk '!($2 > 0) { bad = 1 } END { exit bad }' "$T/beside" "$T/held"
is "... without an error" "$(cat "$T/beside" "$T/held" | awk '{ n += $NF } END { print NR, n }')" "4 0"
for k in vector rank; do
  for p in alone beside held; do
    echo "# benchmark: $k, $(case $p in alone) echo alone ;; beside) echo while the long answers are made ;; *) echo while they wait for their readers ;; esac):" \
      "p50 $(of "$T/$p" $k p50) p99 $(of "$T/$p" $k p99) most $(of "$T/$p" $k most) ms," \
      "p99 $(awk -v a="$(of "$T/alone" $k p99)" -v b="$(of "$T/$p" $k p99)" 'BEGIN { printf "%.2f", b / a }') times"
  done
done
is "a query is answered" "$(curl -s -m $((10 * times)) -o /dev/null -w '%{http_code}' "$HTTP/sparql?query=ASK%7B%7D")" 200
i=0; until [ "$(metric connections_timed_out_total)" -ge $((slow + deaf)) ] || [ $i -gt $((50 * times)) ]; do i=$((i + 1)); sleep 0.5; done
ok "all of them are cut at the limits, and some again ($(metric connections_timed_out_total))" test "$(metric connections_timed_out_total)" -ge $((slow + deaf))
rss=$(memory VmHWM)
ok "they hold little ($before MiB before, $rss at most)" test "$rss" -lt $((before + 400 * times))
s=$(ms); stop_server; code=$?; e=$(($(ms) - s))
ok "SIGTERM ends the server in its time ($e ms)" test "$code" = 0 -a "$e" -lt $((6000 * times))
exec 9>&-; wait $peers
sed 's/^/# /' "$T/peers"
ok "the slow ones saw that they were cut" awk '/^opened/ { exit !($4 >= 1) }' "$T/peers"
done_testing
