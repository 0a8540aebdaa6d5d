#!/bin/sh
# One source, one statement: forms of SPARQL that SQL alone cannot say stay in the statement of their
# source, and answer what the materialised graph answers.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 200 2026-11-01
P=$T/bank
X="$B PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>"
"$STOA" materialize -C "$P" -o "$T/all.nt"
same() { # QUERY: the same rows from both, in any order
  "$STOA" query -C "$1" --format csv -e "$X $2" > "$T/v" && sort "$T/v" > "$T/virtual" &&
    "$STOA" query --data "$T/all.nt" --base https://bank.example/ --format csv -e "$X $2" > "$T/n" && sort "$T/n" > "$T/native" &&
    cmp "$T/virtual" "$T/native"
}
rows=0; n=0
while IFS='|' read -r claim query; do
  is "$claim: one statement" "$("$STOA" query -C "$P" --explain=sql -e "$X $query" | grep -c ' on [a-z]* \[')" 1
  ok "$claim: the same virtual and materialised" same "$P" "$query"
  n=$((n + 1)); [ "$(wc -l < "$T/v")" -le 1 ] || rows=$((rows + 1))
done < "$SRC/tests/e2e/one_statement.txt"
ok "$rows of $n answers are not empty" test $((rows * 10)) -ge $((n * 9))
sqlite3 "$P/data/bureau.db" "UPDATE report SET pulled_on = '2026-10-31' WHERE report_id % 7 = 0"
same "$P" "$(sed -n "s/^latest report by a date's MAX|//p" "$SRC/tests/e2e/one_statement.txt")" > /dev/null 2>&1
ok "a changed date makes the comparison fail" test $? -ne 0
like "what a statement hands back stands among its parameters" \
  "$("$STOA" query -C "$P" --explain=sql -e "$X SELECT ?c ?y { { SELECT ?c ?y { ?c b:familyName ?n BIND(STRLEN(?n) AS ?y) FILTER(?y > 3) } ORDER BY ?y LIMIT 3 } ?c b:incomeBand ?s }")" 'parameters: \(STRLEN'
done_testing
