#!/bin/sh
# make bench-personalizer: what a decision and a label cost in process, by explorer (tests/bench/decide.c), and what a vw on PATH
# takes for the same examples in the same run, parsing of its text included; there a decision is what it takes without learning.
# STOA_ROUNDS=N: labels of each explorer (50000)
set -u
BUILD=${STOA_BUILD:?} rounds=${STOA_ROUNDS:-50000}
echo "$(nproc) cores; load $(cut -d' ' -f1 /proc/loadavg)"
"$BUILD/tests/bench/decide" "$rounds" || exit 1
command -v vw > /dev/null || { echo "no vw on PATH"; exit 0; }
T=$(mktemp -d "${TMPDIR:-/tmp}/stoa-vw.XXXXXX")
trap 'rm -rf "$T"' EXIT
seconds() { bash -c "TIMEFORMAT=%U; { time $* > /dev/null 2>&1; } 2>&1"; }
vw --version
for kind in A B; do
  "$BUILD/tests/bench/decide" vw $kind "$rounds" > "$T/$kind.txt"
  [ $kind = B ] && pairs='-q ca' || pairs=
  for explorer in '--epsilon 0.1' --squarecb '--regcb --mellowness 0.1' '--regcbopt --mellowness 0.1' '--bag 5' '--cover 3'; do
    learn=$(seconds vw --quiet --cb_explore_adf --cb_type mtr $explorer $pairs -f "$T/m.vw" "$T/$kind.txt")
    decide=$(seconds vw --quiet -t -i "$T/m.vw" "$T/$kind.txt")
    awk -v k="$kind" -v e="$explorer" -v l="$learn" -v d="$decide" -v n="$rounds" \
      'BEGIN { printf "%s  vw %-38s %8.1f us %10.0f /s\n", k, e, d / n * 1e6, n / l }'
  done
done
