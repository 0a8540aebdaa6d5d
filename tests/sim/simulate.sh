#!/bin/sh
# The personalizer learns from the graph: over ten seeds, decisions 15,001 to 20,000 earn at least 80 % of
# what the best policy earns; without the graph's features the same measure fails.  1,000 decisions of
# the same kind go over the socket.
. "${STOA_SRC:?}/tests/support/lib.sh"
customers=1000
bank $customers 2026-11-01
P=$T/bank
cat > "$P/personalizer/simulated.yaml" <<X
policy: simulated
service: segment
actions: [{id: guarantee}, {id: instant_credit}, {id: home_credit}, {id: car_lease}, {id: savings_plan}]
explorer: {kind: squarecb, gamma: 10, exponent: 0.5, floor: 0.01}
learner: {bits: 18, rate: 0.5}
X
decisions=${STOA_SIM_DECISIONS:-20000}
[ "$decisions" -gt 0 ] || skip_all "the simulation is left out by STOA_SIM_DECISIONS=0"
sim() { "$BUILD/tests/sim/simulate" "$P" "$1" "$2" "$decisions" $customers; }
(for s in 1 3 5 7 9; do sim graph $s || echo failed; done > "$T/g1") &
for s in 2 4 6 8 10; do sim graph $s || echo failed; done > "$T/g2"
wait
cat "$T/g1" "$T/g2" | sed 's/^/# /'
cat "$T/g1" "$T/g2" > "$T/g"
is "ten seeds ran" "$(grep -c share "$T/g")" 10
ok "the best fixed offer earns at most 65 % of the best policy" awk '$10 > 0.65 || /failed/ { bad = 1 } END { exit bad }' "$T/g"
ok "the least share of ten seeds is at least 80 % of the best policy" awk '$8 < 0.80 || /failed/ { bad = 1 } END { exit bad }' "$T/g"
sim blind 1 > "$T/blind"; sed 's/^/# without the graph: /' "$T/blind"
ok "without the graph's features the same measure fails" awk '$8 >= 0.80 { bad = 1 } END { exit bad }' "$T/blind"
"$BUILD/tests/sim/simulate" "$P" graph 11 1000 $customers > "$T/inside"
serve "$P"
"$BUILD/tests/sim/simulate" "$P" graph 11 1000 $customers "$SOCK" > "$T/wire"; sed 's/^/# over the socket: /' "$T/wire"
is "1,000 decisions over the socket, rewarded by the same model, earn what they earn in process" "$(cat "$T/wire")" "$(cat "$T/inside")"
ok "which is more than the best fixed offer" awk '!($8 > $10) { exit 1 }' "$T/wire"
! command -v redis-cli > /dev/null || like "all of them learned" "$(r POLICY.SHOW simulated)" ': 1000 labels learned'
stop_server
done_testing
