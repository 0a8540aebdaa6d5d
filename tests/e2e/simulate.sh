#!/bin/sh
# stoa policy simulate: what is printed of a table that is played as a bandit, the log that evaluate reads, faults with their places.
. "${STOA_SRC:?}/tests/support/lib.sh"
s() { "$STOA" policy simulate "$@"; }
json() { what=$1; shift; s --format json "$@" | jq -r "$what | map(tostring) | join(\" \")"; }
err() { s "$@" 2>&1 > /dev/null; }
table() { awk -v task="$1" -v seed="$2" -v rows="$3" -v rate="${4:-}" -f "$SRC/tests/bench/task.awk" > "$T/$1.csv"; }

# ---- by hand: b is right in three rows of four
printf 'x,y\np,b\nq,a\np,b\nq,b\n' > "$T/four.csv"
is "what each action would have earned, and the best of each row" "$(json '[.rows, .always.a, .always.b, .best_reward]' --label y "$T/four.csv")" "4 1 3 4"
is "rewards by label, of others nothing" "$(json '[.always.offer, .always.rest, .best_reward]' --label y --rewards offer=b:1,a:-0.5 --rewards rest=0.25 "$T/four.csv")" "2.5 1 3.25"
is "loss and reward are of one play" "$(json '[.loss + .reward / 4]' --label y "$T/four.csv")" 1
like "as text" "$(s --label y "$T/four.csv")" '^always b +0.750000 +3.00'

# ---- a table that can be learned
table centres 1 4000
is "it learns: nine tenths of what the last tenth could earn" "$(json '[.tenths[9] > 0.8, .tenths[0] < .tenths[9], .loss < 0.25]' --label y "$T/centres.csv")" "true true true"
is "the same seed plays the same" "$(s --label y --format json "$T/centres.csv" | cksum)" "$(s --label y --format json --seed 1 "$T/centres.csv" | cksum)"
ok "another seed another play" test "$(s --label y --format json "$T/centres.csv" | cksum)" != "$(s --label y --format json --seed 2 "$T/centres.csv" | cksum)"
for x in squarecb epsilon fastcb regcb-elim regcb-opt softmax thompson bag cover cover-nu; do
  is "explorer $x learns" "$(json '[.greedy_reward / .rows > 0.55]' --label y --explorer "{kind: $x}" "$T/centres.csv")" true
done
for x in '{kind: coin}' '{kind: ftrl}' '{rate: 0.5}' '{rate: [0.1, 0.5, 2, 8]}' '{interactions: [a, ca, cca]}'; do
  is "learner $x learns" "$(json '[.greedy_reward / .rows > 0.7]' --label y --learner "$x" "$T/centres.csv")" true
done
table pairs 1 12000
is "pairs of the context's features tell in the end what each alone does not" \
  "$(echo "$(json '[.tenths[9]]' --label y "$T/pairs.csv") $(json '[.tenths[9]]' --label y --learner '{interactions: [a, cca]}' "$T/pairs.csv")" | awk '{ print ($2 > $1 + 0.05) }')" 1
is "a column that tells the outcome can be left out" \
  "$(awk -F, -v OFS=, '{ print $0, NR == 1 ? "told" : $NF }' "$T/centres.csv" > "$T/told.csv"; json '[.loss]' --label y --ignore told "$T/told.csv")" "$(json '[.loss]' --label y "$T/centres.csv")"
table drift 1 8000
is "labels that are inverted half-way: nine tenths of the former reward a tenth later" "$(json '[.tenths[6] > 0.9 * .tenths[4]]' --label y "$T/drift.csv")" true

# ---- the log: what another policy would have earned, as the table knows it
ok "the log of what was shown" s --label y --explorer '{kind: epsilon, epsilon: 0.3}' --log "$T/log.csv" "$T/centres.csv"
is "... has a row for each" "$(wc -l < "$T/log.csv")" 4001
is "... that adds up to what was earned" "$(awk -F, '{ n += $2 } END { print n }' "$T/log.csv")" "$(json '[.reward]' --label y --explorer '{kind: epsilon, epsilon: 0.3}' "$T/centres.csv")"
is "... and an estimate of it holds the truth" \
  "$("$STOA" policy evaluate --format json --against c1 "$T/log.csv" | jq "(.IPS.value - $(json '[.always.c1 / .rows]' --label y "$T/centres.csv") | fabs) < 3 * .IPS.error")" true

# ---- rewards as rare as 0.5 %: estimates from twenty plays are unbiased
table rare 3 20000 0.005
truth=$(json '[.always.c0 / .rows]' --label y --rewards c0=c0:1 --rewards c1=c1:1 "$T/rare.csv")
for seed in 1 2 3 4 5 6 7 8 9 10 11 12; do
  s --label y --rewards c0=c0:1 --rewards c1=c1:1 --learner '{rate: 0.02, bits: 10}' --explorer '{kind: epsilon, epsilon: 0.5}' --seed $seed --log "$T/rare.log.csv" "$T/rare.csv" > "$T/out" &&
    "$STOA" policy evaluate --format json --against c0 "$T/rare.log.csv" | jq .IPS.value
done > "$T/estimates"
is "estimates of a rare reward are unbiased" "$(awk -v truth="$truth" '{ n++; s += $1; q += $1 * $1 } END { m = s / n; e = sqrt((q / n - m * m) / (n - 1)); print n, (m - truth < 3 * e && truth - m < 3 * e && e > 0) }' "$T/estimates")" "12 1"

# ---- faults
like "a column that is not there" "$(err --label z "$T/four.csv")" 'four.csv:1:1: error: has no column "z"'
like "... to be left out" "$(err --label y --ignore z "$T/four.csv")" 'has no column "z"'
like "rewards that are none" "$(err --label y --rewards offer "$T/four.csv")" 'none of the kind ACTION=LABEL:1'
like "... beyond 1" "$(err --label y --rewards offer=b:2 "$T/four.csv")" 'none of the kind'
like "an option that its explorer does not have" "$(err --label y --explorer '{kind: epsilon, gamma: 1}' "$T/four.csv")" 'explorer:1:17: error: unknown key "gamma"; epsilon has kind, epsilon, floor'
like "an explorer that is none" "$(err --label y --explorer '{kind: best}' "$T/four.csv")" 'unknown explorer "best"; use one of squarecb'
like "a learner that is none" "$(err --label y --learner '{kind: tree}' "$T/four.csv")" 'unknown learner "tree"; use one of adaptive, coin, ftrl'
printf 'x,y\n' > "$T/empty.csv"
like "a table without rows" "$(err --label y "$T/empty.csv")" 'there are no rows'
err --label y "$T/none.csv" > /dev/null; s --label y "$T/none.csv" > /dev/null 2>&1; is "a table that is not there ends with 3" "$?" 3
s --label y --log "$T/no/log.csv" "$T/four.csv" > /dev/null 2>&1; is "a log that cannot be written ends with 3" "$?" 3
s "$T/four.csv" > /dev/null 2>&1; is "no label is a slip of usage" "$?" 2
s --label y --format xml "$T/four.csv" > /dev/null 2>&1; is "so is a format that is none" "$?" 2
done_testing
