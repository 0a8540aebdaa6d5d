#!/bin/sh
# Stoa and rasqal agree on random queries of the sublanguage that rasqal answers right.
. "${STOA_SRC:?}/tests/support/lib.sh"
LSAN_OPTIONS=suppressions=$SRC/tests/random/rasqal-lsan.supp:print_suppressions=0; export LSAN_OPTIONS
"$BUILD/tests/random/rasqal" "$T/d.nt" 1 2000 > "$T/report" 2> "$T/err"
sed 's/^/# /' "$T/report"
head -20 "$T/err" | sed 's/^/# /'
is "2,000 random queries: all agree" "$(sed -n 's/^queries [0-9]* different \([0-9]*\) .*/\1/p' "$T/report")" 0
is "half of the answers have rows, every operator stands in 5 % of the queries" "$(sed -n 's/^covered //p' "$T/report")" yes
"$BUILD/tests/random/rasqal" "$T/d.nt" 1 50 fault > "$T/fault" 2>&1
ok "a lost graph is caught" awk '/^queries/ { exit !($4 > 10) }' "$T/fault"
done_testing
