#!/bin/sh
# The Berka data, a real bank: load, check, queries, vectors of all accounts, rank and reward; counts and
# sums are compared with SQL over the same files.
. "${STOA_SRC:?}/tests/support/lib.sh"
DATA=${STOA_SHARED:-}/data/berka
[ -r "$DATA/account.asc.gz" ] || skip_all "suite berka is absent: no $DATA (README: where to get it)"
mkdir "$T/b"; cp -r "$SRC"/examples/berka/. "$T/b/"; chmod -R u+w "$T/b"
ok "the loader takes the folder of its files" sh "$SRC/examples/berka/load.sh" "$DATA" "$T/b"
ok "check finds it good" "$STOA" check -C "$T/b"
P='PREFIX b: <http://berka.example/onto#>'
q() { "$STOA" query -C "$T/b" --format csv -e "$P $1" | tr -d '\r' | tail -n +2; }
raw() { zcat "$DATA/$1" | tr -d '\r"' | tail -n +2; }
cz=trans_1993-01_1994-03.asc.gz en=trans_preloan_354.csv.gz
both() { raw $cz; raw $en; }
is "accounts" "$(q 'SELECT (COUNT(?a) AS ?n) { ?a a b:Account }')" "$(raw account.asc.gz | wc -l)"
is "loans, as classes good and bad" "$(q 'SELECT (COUNT(?a) AS ?n) { ?a a b:BadLoan }'),$(q 'SELECT (COUNT(?a) AS ?n) { ?a a b:GoodLoan }')" \
  "$(raw loan.asc.gz | grep -c '[BD]$'),$(raw loan.asc.gz | grep -c '[AC]$')"
is "transactions of both systems are one class" "$(q 'SELECT (COUNT(?t) AS ?n) { ?t a b:Transaction }')" "$(both | grep -c .)"
is "credits, by two code lists" "$(q 'SELECT (COUNT(?t) AS ?n) { ?t a b:Credit }')" "$(both | awk -F';' '$4 == "PRIJEM" || $4 == "credit"' | wc -l)"
is "cash withdrawals" "$(q 'SELECT (COUNT(?t) AS ?n) { ?t a b:CashWithdrawal }')" "$(both | awk -F';' '$5 == "VYBER" || $5 == "withdrawal in cash"' | wc -l)"
is "sanction interest" "$(q 'SELECT (COUNT(?t) AS ?n) { ?t a b:SanctionInterest }')" "$(both | grep -cE 'SANKC. UROK|sanction interest')"
sum_sql() { for d in history preloan; do sqlite3 "$T/b/data/$d.db" "SELECT sum(CAST(round(amount * 100) AS INTEGER)) FROM trans WHERE $1"; done | awk '{ s += $1 } END { printf "%.2f", s / 100 }'; }
is "the sum of all amounts, to the cent" "$(printf '%.2f' "$(q 'SELECT (SUM(?x) AS ?s) { ?t a b:Transaction ; b:amount ?x }')")" "$(sum_sql 1)"
is "the sum of credits, to the cent" "$(printf '%.2f' "$(q 'SELECT (SUM(?x) AS ?s) { ?t a b:Credit ; b:amount ?x }')")" "$(sum_sql "type IN ('PRIJEM','credit')")"
is "bad loans by region match SQL" "$("$STOA" query -C "$T/b" --format csv "$T/b/queries/bad_loans_by_region.rq" | tr -d '\r' | tail -n +2)" \
  "$(sqlite3 -csv "$T/b/data/core.db" "SELECT d.region, count(*), CAST(sum(l.amount) AS INTEGER) FROM loan l JOIN account a USING(account_id) JOIN district d ON d.district_id = a.district_id WHERE l.status IN ('B','D') GROUP BY 1 ORDER BY 1" | tr -d '"\r')"
"$STOA" features preview -C "$T/b" account_v1 --limit 100000 > "$T/v.json"
is "a vector for every account" "$(wc -l < "$T/v.json")" "$(raw account.asc.gz | wc -l)"
is "counts of the vectors add up to all transactions" "$(jq -s 'map(.activity__n) | add' "$T/v.json")" "$(both | grep -c .)"
is "amounts of the vectors add up, to the cent" "$(jq -s 'map(.activity__amount) | add | . * 100 | round' "$T/v.json")" "$(sum_sql 1 | tr -d .)"
serve "$T/b"
is "a vector over the socket is the command line's" "$(r HMGET account_v1:2 activity__n credits__amount | paste -sd' ')" "$(grep '"account_id": "2"' "$T/v.json" | jq -r '"\(.activity__n) \(.credits__amount)"')"
like "rank over the socket" "$(r RANK restructure '{"subject":"2","eventId":"b1"}')" '"rewardActionId"'
is "reward over the socket" "$(r REWARD b1 1)" OK
like "and it was learned" "$(r POLICY.SHOW restructure)" '1 labels learned, mean reward 1.0000'
stop_server
done_testing
