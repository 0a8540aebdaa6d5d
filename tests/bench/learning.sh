#!/bin/sh
# make bench-learning: how well policies learn.  Prints a table of progressive loss by task, of the defaults and of what was
# best of explorers and learners that were tuned for each task; then bank-marketing, drift, and rare rewards.
#
# STOA_TASKS="NAME...": only these            STOA_ROWS=N: of each generated table (20000)
# STOA_SHARED/data/bank-marketing: the table of UCI, left out when it is not there
set -u
SRC=${STOA_SRC:?} BUILD=${STOA_BUILD:?}
LC_ALL=C.UTF-8; export LC_ALL
T=$(mktemp -d "${TMPDIR:-/tmp}/stoa-learning.XXXXXX")
trap 'rm -rf "$T"' EXIT
trap 'exit 99' INT TERM
rows=${STOA_ROWS:-20000}
s() { "$BUILD/stoa" policy simulate --label y --format json "$@"; }
table() { awk -v task="$1" -v seed="$2" -v rows="$3" -v rate="${4:-}" -f "$SRC/tests/bench/task.awk" > "$T/$1.csv"; }

# What the defaults are held against, on each task for itself.
tuned() {
  for gamma in 1 10 100; do printf '{kind: squarecb, gamma: %s, floor: 0}\n' $gamma; done
  for epsilon in 0.02 0.05; do printf '{kind: epsilon, epsilon: %s, floor: 0}\n' $epsilon; done
  for c0 in 0.01 0.1; do printf '{kind: regcb-opt, c0: %s, floor: 0}\n' $c0; done
  for alpha in 0.05 0.15; do printf '{kind: thompson, alpha: %s, floor: 0}\n' $alpha; done
  printf '{kind: fastcb, floor: 0}\n{kind: softmax, lambda: 20, floor: 0}\n'
}
one_task() { # NAME
  table "$1" 1 "$rows"
  usual=$(s "$T/$1.csv" | jq .loss)
  former=$(s --explorer '{kind: squarecb, floor: 0.01}' --learner '{rate: 0.5}' "$T/$1.csv" | jq .loss)
  tuned | while read -r explorer; do
    for learner in '{rate: race}' '{rate: 0.1}' '{rate: 0.5}' '{rate: 2}'; do
      printf '%s\t%s %s\n' "$(s --explorer "$explorer" --learner "$learner" "$T/$1.csv" | jq .loss)" "$explorer" "$learner"
    done
  done | sort -g | head -1 > "$T/best"
  printf '%-9s %9.4f %9.4f %9.4f   %s\n' "$1" "$former" "$usual" "$(cut -f1 "$T/best")" "$(cut -f2 "$T/best")"
}
printf '%-9s %9s %9s %9s   %s\n' task squarecb default best "which was"
for task in ${STOA_TASKS:-centres words teacher mixed letters pairs shades topics}; do one_task "$task"; done | tee "$T/losses"
awk '{ former += $2; usual += $3; best += $4 } $1 != "shades" && $1 != "topics" { u += $3; b += $4 }
  END { if (NR) printf "%-9s %9.4f %9.4f %9.4f\nthe defaults are %.1f %% above the best of each task, %.1f %% of the six by which they were chosen\n", "mean", former / NR, usual / NR, best / NR, 100 * (usual / best - 1), b ? 100 * (u / b - 1) : 0 }' "$T/losses"
[ -z "${STOA_TASKS:-}" ] || exit 0

echo
table drift 1 "$rows"
s "$T/drift.csv" | jq -r '"drift: mean reward by tenths, labels inverted half-way: " + (.tenths | map(. * 1000 | round / 1000 | tostring) | join(" "))'
table drift 2 "$rows" && s "$T/drift.csv" | jq -r '"       with another seed:                               " + (.tenths | map(. * 1000 | round / 1000 | tostring) | join(" "))'

echo
for rate in 0.005 0.00007; do
  [ $rate = 0.005 ] && n=100000 || n=1000000
  table rare 1 $n $rate
  for explorer in '' '{kind: squarecb}' '{kind: epsilon}'; do
    s --rewards c0=c0:1 --rewards c1=c1:1 --explorer "$explorer" --log "$T/log.csv" "$T/rare.csv" > "$T/out"
    "$BUILD/stoa" policy evaluate --format json --against c0 "$T/log.csv" > "$T/estimate"
    jq -rs --arg rate $rate --arg explorer "${explorer:-the default}" '.[0] as $s | .[1] as $e |
      "rare \($rate): \($explorer) earned \($s.reward), always the same \([$s.always[]] | max); always c0: \($s.always.c0 / $s.rows), estimated \($e.IPS.value | . * 1e7 | round / 1e7) +- \(1.96 * $e.IPS.error | . * 1e7 | round / 1e7)"' "$T/out" "$T/estimate"
  done
done

D=${STOA_SHARED:-}/data/bank-marketing/bank-additional-full.csv
[ -f "$D" ] || { echo "no bank-marketing in STOA_SHARED"; exit 0; }
echo
printf '%-40s %9s %9s\n' "bank-marketing, mean of five seeds" loss reward
for explorer in '' '{kind: squarecb}' '{kind: epsilon}' '{kind: thompson}'; do
  for seed in 1 2 3 4 5; do
    echo "$(s --ignore duration --seed $seed --explorer "$explorer" "$D" | jq .loss) $(s --ignore duration --seed $seed --explorer "$explorer" --rewards offer=yes:1,no:-0.05 --rewards nothing=0 "$D" | jq -r '"\(.reward) \(.always.offer)"')"
  done | awk -v what="${explorer:-the default}" '{ l += $1; r += $2; a = $3 } END { printf "%-40s %9.5f %9.1f   (always offering %.1f, never 0)\n", what, l / NR, r / NR, a }'
done
