#!/bin/sh
# Random queries answered by the optimised plan, by a plain plan without any rule, and over the virtual graph.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 30 2026-11-01
P=$T/bank
"$STOA" materialize -C "$P" -o "$T/all.nt" 2> /dev/null
n=${STOA_RANDOM_QUERIES:-250}
"$BUILD/tests/random/differential" "$P" "$T/all.nt" "${STOA_RANDOM_SEED:-1}" "$n" > "$T/report"; code=$?
sed 's/^/# /' "$T/report"
is "$n random queries: no answer differs, none fails" "$(sed -n 's/^queries [0-9]* different \([0-9]*\) failed \([0-9]*\) .*/\1 \2/p' "$T/report")" "0 0"
is "half of the answers have rows, every operator stands in 5 % of the queries" "$(sed -n 's/^covered //p' "$T/report")" yes
"$BUILD/tests/random/differential" "$P" "$T/all.nt" 2 200 fault > "$T/fault" 2>&1
ok "a wrong rule is caught" awk '/^queries/ { exit !($4 > 0) }' "$T/fault"
"$BUILD/tests/random/differential" "$P" "$T/all.nt" 2 100 stale > "$T/stale" 2>&1
ok "a plan that is run for other constants than those asked for is caught" awk '/^queries/ { exit !($4 > 0) }' "$T/stale"
done_testing
