#!/bin/sh
# make bench-materialize: the example bank's whole graph to N-Triples, read from SQLite, beside raptor writing triples
# that lie in memory, in one run.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank "${STOA_BENCH_CUSTOMERS:-26000}" 2026-11-01
start=$(date +%s%N)
"$STOA" materialize -C "$T/bank" -o "$T/all.nt" 2> /dev/null || exit 1
end=$(date +%s%N)
n=$(wc -l < "$T/all.nt")
# The file is written too: a second time to /dev/null is what raptor does.
s2=$(date +%s%N); "$STOA" materialize -C "$T/bank" -o /dev/null 2> /dev/null; e2=$(date +%s%N)
set -- $("$BUILD/tests/bench/raptor_writer" "$T/all.nt" 1000000)
awk -v n="$n" -v a=$((end - start)) -v b=$((e2 - s2)) -v rn="$1" -v rs="$2" -v rate="$3" 'BEGIN {
  printf "stoa materialize, to a file: %d triples in %.2f s, %.0f a second\n", n, a / 1e9, n * 1e9 / a
  printf "stoa materialize, to /dev/null: %.0f a second\n", n * 1e9 / b
  printf "raptor, %d triples in memory, to /dev/null: %.2f s, %.0f a second; stoa / raptor %.2f\n", rn, rs, rate, n * 1e9 / b / rate }'
