#!/bin/sh
# The features of the Berka example, a real bank: each beside the SQL that one would write by hand over its databases, for all
# accounts or all clients, at an instant within the old transaction system and at one within the new.
. "${STOA_SRC:?}/tests/support/lib.sh"
DATA=${STOA_SHARED:-$SRC/../shared}/data/berka
[ -r "$DATA/account.asc.gz" ] || skip_all "suite berka is absent, $(grep -c '^golden ' "$0") views of features are compared with nothing: no $DATA (README: where to get it)"
command -v sqlite3 > /dev/null || skip_all "sqlite3 is needed"
P=$T/b
mkdir "$P"; cp -r "$SRC"/examples/berka/. "$P/"; chmod -R u+w "$P"
ok "the loader takes the folder of its files" sh "$SRC/examples/berka/load.sh" "$DATA" "$P"
ok "check finds the project good" "$STOA" check -C "$P"
OLD=1994-03-15T12:00:00Z NEW=1997-06-30T12:00:00Z
for entity in account client; do
  for at in $OLD $NEW; do
    { echo "${entity}_id,at"; sqlite3 "$P/data/core.db" "SELECT ${entity}_id || ',$at' FROM $entity ORDER BY ${entity}_id"; } > "$T/$entity-$at"
  done
done

# Both systems as one table, with one list of words: written by hand, not by the mappings.
cat > "$T/tr.sql" <<SQL
ATTACH '$P/data/history.db' AS old;
ATTACH '$P/data/preloan.db' AS new;
CREATE TEMP TABLE tr AS
SELECT account_id, booked_on, CAST(round(amount * 100) AS INTEGER) AS cents, CAST(round(balance * 100) AS INTEGER) AS left_cents,
  CASE WHEN operation IN ('VKLAD', 'credit in cash') THEN 'cash_deposit' WHEN operation IN ('VYBER', 'withdrawal in cash') THEN 'cash_withdrawal'
    WHEN operation IN ('VYBER KARTOU', 'credit card withdrawal') THEN 'card_withdrawal' WHEN operation IN ('PREVOD Z UCTU', 'collection from another bank') THEN 'transfer_in'
    WHEN operation IN ('PREVOD NA UCET', 'remittance to another bank') THEN 'transfer_out' WHEN operation IS NULL THEN 'interest' END AS operation,
  CASE WHEN k_symbol IN ('SIPO', 'household') THEN 'household' WHEN k_symbol IN ('POJISTNE', 'insurrance payment') THEN 'insurance' WHEN k_symbol = 'DUCHOD' THEN 'pension'
    WHEN k_symbol = 'UVER' THEN 'loan' WHEN k_symbol IN ('SANKC. UROK', 'sanction interest if negative balance') THEN 'sanction'
    WHEN k_symbol IN ('SLUZBY', 'payment for statement') THEN 'statement' WHEN k_symbol IN ('UROK', 'interest credited') THEN 'interest' END AS purpose
FROM (SELECT * FROM old.trans UNION ALL SELECT * FROM new.trans);
CREATE INDEX temp.tr_account ON tr(account_id, booked_on);
SQL
# Columns are found by name.  Numbers must be equal; means, which are marked with "~" before their names, in nine digits.
# Where both have nothing for nearly all, nothing is compared.
cat > "$T/same.awk" <<'A'
function is_number(x) { return x ~ /^-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?$/ }
function differ(a, b, mean) { return a == b ? 0 : !is_number(a) || !is_number(b) ? 1 : mean ? (a - b) ^ 2 > 1e-18 * (1 + a * a) : a + 0 != b + 0 }
BEGIN { FS = ","; n = split(names, name, " ") }
FNR == 1 && NR != 1 { for (i = 1; i <= NF; ++i) at[$i] = i
  for (k = 1; k <= n; ++k) { mean[k] = sub(/^~/, "", name[k]); if (!((view "__" name[k]) in at)) { print "no feature " view "__" name[k]; bad = 1; exit } } next }
FILENAME == ARGV[1] { sql[$1] = $0; ++rows; next }
{ ++served; split(sql[$1], want, ","); if (!($1 in sql)) { print $1 ": SQL has no row"; bad = 1 }
  for (k = 1; k <= n; ++k) { got = $at[view "__" name[k]]; some += got != "" && got != 0
    if (differ(want[k + 1], got, mean[k])) { if (++bad <= 5) print $1, name[k] ": SQL has " want[k + 1] ", served is " got } } }
END { if (rows != served || served < 4000) { print rows + 0 " rows of SQL, " served + 0 " served"; bad = 1 } if (some < 20) { print "only " some + 0 " values"; bad = 1 } exit bad > 0 }
A
golden() { # ENTITY VIEW FEATURES INSTANTS SQL: the key and the features, for every entity
  for at in $4; do
    "$STOA" features history -C "$P" --entities "$T/$1-$at" --timestamp-column at --purpose audit --service "$2" 2> "$T/log" > "$T/served"
    text=$(printf '%s' "$5" | sed "s/AGO(\([0-9]*\))/strftime('%Y-%m-%dT%H:%M:%SZ', '$at', '-\1 days')/g; s/\<AT\>/'$at'/g")
    { cat "$T/tr.sql"; echo "$text;"; } | sqlite3 -csv "$P/data/core.db" 2>&1 | tr -d '\r"' > "$T/sql"
    ok "$2 is what SQL says as of ${at%T*} ($3)" sh -c 'cat "$1"; awk -v view="$2" -v names="$3" -f "$4" "$5" "$6"' same "$T/log" "$2" "$3" "$T/same.awk" "$T/sql" "$T/served"
  done
}
BOTH="$OLD $NEW"
t="FROM tr t WHERE t.account_id = a.account_id AND t.booked_on <= AT AND t.booked_on >"
age="(SELECT strftime('%s', AT) - strftime('%s', MAX(t.booked_on)) $t AGO(90) AND t.operation ="
golden account moves "count_30d_all count_90d_all sum_amount_30d_all sum_amount_90d_cash_deposit sum_amount_90d_cash_withdrawal sum_amount_90d_card_withdrawal sum_amount_90d_transfer_in sum_amount_90d_transfer_out sum_amount_90d_interest count_90d_cash_deposit count_90d_cash_withdrawal count_30d_transfer_in count_90d_transfer_out max_amount_90d_all max_amount_30d_cash_withdrawal recency_90d_cash_deposit recency_90d_transfer_out count_90d_other" "$BOTH" \
"SELECT a.account_id, (SELECT COUNT(*) $t AGO(30)), (SELECT COUNT(*) $t AGO(90)), (SELECT COALESCE(SUM(cents), 0) / 100.0 $t AGO(30)),
  $(for o in cash_deposit cash_withdrawal card_withdrawal transfer_in transfer_out interest; do printf '%s' "(SELECT COALESCE(SUM(cents), 0) / 100.0 $t AGO(90) AND t.operation = '$o'), "; done)
  (SELECT COUNT(*) $t AGO(90) AND operation = 'cash_deposit'), (SELECT COUNT(*) $t AGO(90) AND operation = 'cash_withdrawal'), (SELECT COUNT(*) $t AGO(30) AND operation = 'transfer_in'),
  (SELECT COUNT(*) $t AGO(90) AND operation = 'transfer_out'), (SELECT MAX(cents) / 100.0 $t AGO(90)), (SELECT MAX(cents) / 100.0 $t AGO(30) AND operation = 'cash_withdrawal'),
  $age 'cash_deposit'), $age 'transfer_out'), (SELECT COUNT(*) $t AGO(90) AND operation IS NULL) FROM account a"
golden account payments "count_180d_household sum_amount_180d_household ~avg_amount_180d_household count_180d_insurance sum_amount_180d_insurance sum_amount_180d_statement count_180d_sanction sum_amount_180d_sanction sum_amount_180d_pension sum_amount_180d_loan count_180d_other ~avg_amount_180d_all" "$BOTH" \
"SELECT a.account_id, (SELECT COUNT(*) $t AGO(180) AND purpose = 'household'), (SELECT COALESCE(SUM(cents), 0) / 100.0 $t AGO(180) AND purpose = 'household'), (SELECT AVG(cents) / 100.0 $t AGO(180) AND purpose = 'household'),
  (SELECT COUNT(*) $t AGO(180) AND purpose = 'insurance'), $(for o in insurance statement; do printf '%s' "(SELECT COALESCE(SUM(cents), 0) / 100.0 $t AGO(180) AND purpose = '$o'), "; done)
  (SELECT COUNT(*) $t AGO(180) AND purpose = 'sanction'), $(for o in sanction pension loan; do printf '%s' "(SELECT COALESCE(SUM(cents), 0) / 100.0 $t AGO(180) AND purpose = '$o'), "; done)
  (SELECT COUNT(*) $t AGO(180) AND purpose = 'interest'), (SELECT AVG(cents) / 100.0 $t AGO(180) AND purpose IS NOT NULL) FROM account a"
low="(SELECT MIN(t.left_cents) / 100.0 FROM tr t WHERE t.account_id = a.account_id AND t.booked_on = (SELECT MAX(d.booked_on) FROM tr d WHERE d.account_id = a.account_id AND d.booked_on <="
cents="(SELECT MIN(t.left_cents) FROM tr t WHERE t.account_id = a.account_id AND t.booked_on = (SELECT MAX(d.booked_on) FROM tr d WHERE d.account_id = a.account_id AND d.booked_on <="
golden account balance "low low_before change least_90d greatest_90d ~mean_90d" "$BOTH" "SELECT a.account_id, $low AT)), $low AGO(90))), ($cents AT)) - $cents AGO(90)))) / 100.0,
  (SELECT MIN(left_cents) / 100.0 $t AGO(90)), (SELECT MAX(left_cents) / 100.0 $t AGO(90)), (SELECT AVG(left_cents) / 100.0 $t AGO(90)) FROM account a"
o="FROM standing_order o WHERE o.account_id = a.account_id"
golden account orders "n amount largest banks household insurance loans leasing" "$NEW" "SELECT a.account_id, (SELECT COUNT(*) $o), (SELECT COALESCE(SUM(CAST(round(amount * 100) AS INTEGER)), 0) / 100.0 $o), (SELECT MAX(amount) $o), (SELECT COUNT(DISTINCT bank_to) $o),
  (SELECT COUNT(*) $o AND purpose = 'SIPO'), (SELECT COUNT(*) $o AND purpose = 'POJISTNE'), (SELECT COUNT(*) $o AND purpose = 'UVER'), (SELECT COUNT(*) $o AND purpose = 'LEASING') FROM account a"
due="3 * SUM(CAST(round(o.amount * 100) AS INTEGER))"
golden account burden "income_90d due_90d ~burden" "$BOTH" "SELECT a.account_id, (SELECT COALESCE(SUM(cents), 0) / 100.0 $t AGO(90) AND operation = 'transfer_in'), (SELECT COALESCE($due, 0) / 100.0 $o),
  (SELECT $due $o) * 1.0 / (SELECT SUM(cents) $t AGO(90) AND operation = 'transfer_in') FROM account a"
gone="((strftime('%Y', AT) - strftime('%Y', l.granted_on)) * 12 + strftime('%m', AT) - strftime('%m', l.granted_on))"
golden account debt "amount payment months months_gone rest" "$BOTH" "SELECT a.account_id, l.amount, l.payment, l.duration, $gone, COALESCE(CAST(round(l.payment * 100) AS INTEGER) * (l.duration - $gone), 0) / 100.0
  FROM account a LEFT JOIN loan l ON l.account_id = a.account_id AND l.granted_on <= AT AND $gone <= l.duration"
k="FROM card k JOIN disposition d USING (disp_id) WHERE d.account_id = a.account_id AND k.issued_on <= AT"
golden account cards "n gold junior newest" "$NEW" "SELECT a.account_id, (SELECT COUNT(*) $k), (SELECT COUNT(*) $k AND k.type = 'gold'), (SELECT COUNT(*) $k AND k.type = 'junior'), (SELECT MAX(k.issued_on) $k) FROM account a"
d="FROM disposition d JOIN client c USING (client_id) WHERE d.account_id = a.account_id"
golden account people "users disponents at_home" "$NEW" "SELECT a.account_id, (SELECT COUNT(*) $d), (SELECT COUNT(*) $d AND d.type = 'DISPONENT'), (SELECT CASE WHEN c.district_id = a.district_id THEN 'true' ELSE 'false' END $d AND d.type = 'OWNER') FROM account a"
golden account district "inhabitants salary unemployment ~crime_rate" "$NEW" "SELECT a.account_id, r.inhabitants, r.salary, r.unemployment, r.crimes * 1000.0 / r.inhabitants FROM account a JOIN district r USING (district_id)"
near="FROM loan l JOIN account b USING (account_id) WHERE b.district_id = a.district_id AND b.account_id <> a.account_id AND l.granted_on <= AT"
golden account neighbours "accounts loans lent ~mean_payment" "$BOTH" "SELECT a.account_id, (SELECT COUNT(*) FROM account b WHERE b.district_id = a.district_id AND b.account_id <> a.account_id AND b.opened_on <= AT), (SELECT COUNT(*) $near),
  (SELECT COALESCE(SUM(l.amount), 0) $near), (SELECT AVG(l.payment) $near) FROM account a"
golden account activity "n amount least_balance" "$NEW" "SELECT a.account_id, COUNT(t.cents), COALESCE(SUM(cents), 0) / 100.0, MIN(left_cents) / 100.0 FROM account a LEFT JOIN tr t USING (account_id) GROUP BY 1"
golden account credits "n amount" "$NEW" "SELECT a.account_id, COUNT(t.amount), COALESCE(SUM(CAST(round(t.amount * 100) AS INTEGER)), 0) / 100.0 FROM account a LEFT JOIN (SELECT account_id, amount FROM old.trans WHERE type = 'PRIJEM' UNION ALL SELECT account_id, amount FROM new.trans WHERE type = 'credit') t USING (account_id) GROUP BY 1"
golden account distress "sanctions" "$NEW" "SELECT a.account_id, (SELECT COUNT(*) FROM tr t WHERE t.account_id = a.account_id AND purpose = 'sanction') FROM account a"
golden account loan "amount months payment region unemployment" "$NEW" "SELECT a.account_id, l.amount, l.duration, l.payment, r.region, r.unemployment FROM account a JOIN district r USING (district_id) LEFT JOIN loan l USING (account_id)"
born="date('19' || substr(birth_number, 1, 2) || '-' || printf('%02d', substr(birth_number, 3, 2) - CASE WHEN substr(birth_number, 3, 2) > '50' THEN 50 ELSE 0 END) || '-' || substr(birth_number, 5))"
golden client person "age sex" "$BOTH" "SELECT client_id, strftime('%Y', AT) - strftime('%Y', $born) - (strftime('%m-%d', $born) > strftime('%m-%d', AT)), CASE WHEN substr(birth_number, 3, 2) > '50' THEN 'F' ELSE 'M' END FROM client"
mine="WHERE d.client_id = c.client_id"
golden client household "others loans borrowed cards orders" "$BOTH" "SELECT c.client_id, (SELECT COUNT(DISTINCT y.client_id) FROM disposition d JOIN disposition y USING (account_id) $mine AND y.client_id <> c.client_id),
  (SELECT COUNT(*) FROM disposition d JOIN loan l USING (account_id) $mine AND l.granted_on <= AT), (SELECT COALESCE(SUM(l.amount), 0) FROM disposition d JOIN loan l USING (account_id) $mine AND l.granted_on <= AT),
  (SELECT COUNT(*) FROM disposition d JOIN disposition y USING (account_id) JOIN card k ON k.disp_id = y.disp_id $mine AND k.issued_on <= AT),
  (SELECT COALESCE(SUM(CAST(round(o.amount * 100) AS INTEGER)), 0) / 100.0 FROM disposition d JOIN standing_order o USING (account_id) $mine) FROM client c"
golden client locals "clients owners borrowers" "$BOTH" "SELECT c.client_id, (SELECT COUNT(*) FROM client y WHERE y.district_id = c.district_id), (SELECT COUNT(DISTINCT y.client_id) FROM client y JOIN disposition d USING (client_id) WHERE y.district_id = c.district_id AND d.type = 'OWNER'),
  (SELECT COUNT(DISTINCT y.client_id) FROM client y JOIN disposition d USING (client_id) JOIN loan l USING (account_id) WHERE y.district_id = c.district_id AND d.type = 'OWNER' AND l.granted_on <= AT) FROM client c"
is "every view was compared" "$(grep '^golden ' "$0" | awk '{ print $3 }' | sort)" "$("$STOA" features list -C "$P" | awk '$1 == "view" { print $2 }' | sort)"
is "a wrong value is caught" "$(sed '7s/,[^,]*$/,4711/' "$T/served" | awk -v view=locals -v names="clients owners borrowers" -f "$T/same.awk" "$T/sql" - | grep -c 'served is 4711')" 1
done_testing
