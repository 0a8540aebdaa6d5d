#!/bin/sh
# Semantic SQL: each SELECT of semantic_sql.txt has the plan and the answer of the SPARQL beside it; what is at fault is told with its
# place; and a feature view may be written in it.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 240 2026-11-01
P=$T/bank
AT=2026-10-20T09:30:00Z
# Variables are told by the order in which they appear, notes without their places.
plan() { # FILE
  "$STOA" query -C "$P" --asof $AT --explain=sql "$1" 2>&1 | sed 's/^-- [0-9]*:[0-9]*: /-- /; s/ for ?[^ ]*$//' | awk '/^--/ { print | "sort -u"; next }
    { line = ""; while (match($0, /\?[A-Za-z_.][A-Za-z_0-9.?]*/)) { v = substr($0, RSTART, RLENGTH); if (!(v in n)) n[v] = ++k; line = line substr($0, 1, RSTART - 1) "?" n[v]; $0 = substr($0, RSTART + RLENGTH) } print line $0 }'
}
values() { "$STOA" query -C "$P" --asof $AT --format csv "$1" 2>&1 | tr -d '\r' > "$T/rows"; head -1 "$T/rows"; sed 1d "$T/rows" | sort; }
awk -v to="$T" 'BEGIN { RS = ""; FS = "\n" } { n++; q = to "/" n ".sql"; for (i = 2; i <= NF; ++i) if ($i == "---") { q = to "/" n ".rq"; print "PREFIX b: <https://bank.example/ontology#> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>" > q } else print $i > q
  print substr($1, 3) > (to "/" n ".claim") }' "$SRC/tests/e2e/semantic_sql.txt"
i=1
while [ -f "$T/$i.sql" ]; do
  claim=$(cat "$T/$i.claim")
  plan "$T/$i.sql" > "$T/plan.sql"; plan "$T/$i.rq" > "$T/plan.rq"
  ok "$claim: one plan" diff "$T/plan.sql" "$T/plan.rq"
  values "$T/$i.sql" > "$T/values.sql"; values "$T/$i.rq" > "$T/values.rq"
  ok "... and one answer ($(($(wc -l < "$T/values.sql") - 1)) rows)" sh -c 'diff "$1" "$2" && [ "$(wc -l < "$1")" -gt 1 ] && ! grep -q error: "$1"' same "$T/values.sql" "$T/values.rq"
  i=$((i + 1))
done
is "there are so many pairs" "$([ $i -gt 20 ] && echo enough)" enough
done_testing
