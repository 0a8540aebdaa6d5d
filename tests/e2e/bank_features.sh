#!/bin/sh
# The features of the example bank, each beside the SQL that one would write by hand over its databases, for all customers
# at an instant.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v sqlite3 > /dev/null || skip_all "sqlite3 is needed"
bank 240 2026-11-01
P=$T/bank
AT=2026-10-20T09:30:00Z
{ echo customer_id,at; seq 240 | sed "s/\$/,$AT/"; } > "$T/labels.csv"
sql() { # SQL, with AT for the instant, AGO(days) for the one that long before
  text=$(printf '%s' "$1" | sed "s/AGO(\([0-9]*\))/strftime('%Y-%m-%dT%H:%M:%SZ', '$AT', '-\1 days')/g; s/\<AT\>/'$AT'/g")
  sqlite3 -csv "$P/data/product.db" "ATTACH '$P/data/bureau.db' AS bureau" "ATTACH '$P/data/transaction.db' AS tx" "ATTACH '$P/data/engagement.db' AS eng" "$text" 2>&1 | tr -d '\r"'
}
# Numbers are compared to nine digits; where both have nothing for nearly all customers, nothing is compared.
same='{ n = split($0, row, ","); for (i = 2; i <= n / 2; ++i) { a = row[i]; b = row[n / 2 + i]; some += a != "" && a != 0
  if (a != b && (a !~ /^-?[0-9.]+(e[-+]?[0-9]+)?$/ || b !~ /^-?[0-9.]+(e[-+]?[0-9]+)?$/ || (a - b) ^ 2 > 1e-18 * (1 + a * a))) { print; bad = 1 } } }
  END { if (some < 20) { print "only " some + 0 " values"; bad = 1 } exit bad }'
golden() { # VIEW FEATURES SQL: customer_id and the features, for every customer
  "$STOA" features history -C "$P" --entities "$T/labels.csv" --timestamp-column at --purpose personalisation --service "$1" 2> "$T/log" > "$T/all.csv"
  columns=$(for f in $2; do head -1 "$T/all.csv" | tr , '\n' | grep -nx "$1__$f" | cut -d: -f1; done | paste -sd,)
  { [ -n "$columns" ] && cut -d, -f"1,$columns" "$T/all.csv" | sed 1d; } | awk -F, -v OFS=, -v order="1,$columns" 'BEGIN { n = split(order, o, ","); for (i = 1; i <= n; ++i) s[i] = o[i]
    for (i = 1; i <= n; ++i) { rank[i] = 1; for (k = 1; k <= n; ++k) rank[i] += s[k] + 0 < s[i] + 0 } } { line = $1; for (i = 2; i <= n; ++i) line = line "," $rank[i]; print line }' > "$T/served"
  sql "SELECT x.* FROM ($3) x ORDER BY x.customer_id" > "$T/sql"
  paste -d, "$T/sql" "$T/served" > "$T/both"
  ok "$1 is what SQL says ($2)" sh -c 'cat "$2"; [ "$(wc -l < "$3")" = 240 ] && awk -F, "$1" "$4"' same "$same" "$T/log" "$T/sql" "$T/both"
}
latest="(SELECT r.report_id FROM bureau.report r WHERE r.customer_id = c.customer_id AND r.pulled_on <= AT ORDER BY r.pulled_on DESC LIMIT 1)"
before="(SELECT r.report_id FROM bureau.report r WHERE r.customer_id = c.customer_id AND r.pulled_on <= AGO(90) ORDER BY r.pulled_on DESC LIMIT 1)"
golden bureau "score risk_band utilisation delinquencies" "SELECT c.customer_id, r.score, CASE WHEN r.score IS NULL THEN 'unknown' WHEN r.score >= 730 THEN 'good' WHEN r.score >= 600 THEN 'fair' ELSE 'poor' END, r.utilisation,
  COALESCE(r.delinquencies, 0) FROM customer c LEFT JOIN bureau.report r ON r.report_id = $latest"
golden bureau_trend "score_before change reports" "SELECT c.customer_id, p.score, r.score - p.score, (SELECT COUNT(*) FROM bureau.report n WHERE n.customer_id = c.customer_id AND n.pulled_on <= AT)
  FROM customer c LEFT JOIN bureau.report r ON r.report_id = $latest LEFT JOIN bureau.report p ON p.report_id = $before"
golden credit_appetite "inquiries credit_views" "SELECT c.customer_id, COALESCE(r.inquiries6m, 0), (SELECT COUNT(*) FROM eng.event e JOIN product p USING (product_id) WHERE e.customer_id = c.customer_id AND p.category_id = 3
  AND e.occurred_at > AGO(90) AND e.occurred_at <= AT) FROM customer c LEFT JOIN bureau.report r ON r.report_id = $latest"
card="FROM tx.card_txn t JOIN tx.account a USING (account_id) WHERE a.customer_id = c.customer_id AND t.booked_at <= AT AND t.booked_at >"
golden txn "count_30d_all sum_amount_90d_app distinct_merchant_90d_all max_amount_30d_web" "SELECT c.customer_id, (SELECT COUNT(*) $card AGO(30)), (SELECT COALESCE(SUM(t.amount), 0) $card AGO(90) AND t.channel = 'app'),
  (SELECT NULLIF(COUNT(DISTINCT t.merchant), 0) $card AGO(90)), (SELECT MAX(t.amount) $card AGO(30) AND t.channel = 'web') FROM customer c"
moved="FROM tx.transfer t JOIN tx.account a USING (account_id) WHERE a.customer_id = c.customer_id AND t.booked_at <= AT AND t.booked_at >"
golden transfers "count_90d_in sum_amount_30d_out max_amount_90d_all recency_90d_in" "SELECT c.customer_id, (SELECT COUNT(*) $moved AGO(90) AND direction = 'in'), (SELECT COALESCE(SUM(t.amount), 0) $moved AGO(30) AND direction = 'out'),
  (SELECT MAX(t.amount) $moved AGO(90)), (SELECT strftime('%s', AT) - strftime('%s', MAX(t.booked_at)) $moved AGO(90) AND direction = 'in') FROM customer c"
touch="FROM eng.event e WHERE e.customer_id = c.customer_id AND e.occurred_at <= AT AND e.occurred_at >"
golden contact "count_30d_all count_30d_web distinct_kind_30d_all" "SELECT c.customer_id, (SELECT COUNT(*) $touch AGO(30)), (SELECT COUNT(*) $touch AGO(30) AND e.channel = 'web'), (SELECT COUNT(DISTINCT e.kind) $touch AGO(30)) FROM customer c"
shown="FROM eng.offer o WHERE o.customer_id = c.customer_id AND o.presented_at <= AT AND o.presented_at >"
golden offer_contact "count_90d_all count_30d_email distinct_product_90d_all recency_90d_all" "SELECT c.customer_id, (SELECT COUNT(*) $shown AGO(90)), (SELECT COUNT(*) $shown AGO(30) AND o.channel = 'email'), (SELECT COUNT(DISTINCT o.product_id) $shown AGO(90)),
  (SELECT strftime('%s', AT) - strftime('%s', MAX(o.presented_at)) $shown AGO(90)) FROM customer c"
golden channel_preference "digital_share favourite" "SELECT c.customer_id, (SELECT AVG(CASE WHEN e.channel IN ('email', 'virtualagent', 'web', 'mobile', 'sms') THEN 1.0 ELSE 0 END) $touch AGO(90)),
  (SELECT CASE e.channel WHEN 'livechat' THEN 'live chat' WHEN 'virtualagent' THEN 'virtual agent' WHEN 'contactcentre' THEN 'contact centre' WHEN 'sms' THEN 'SMS' ELSE e.channel END AS name $touch AGO(90) GROUP BY name ORDER BY COUNT(*) DESC, name LIMIT 1) FROM customer c"
held="FROM holding h JOIN product p USING (product_id) WHERE h.customer_id = c.customer_id"
golden holdings "open balance families" "SELECT c.customer_id, (SELECT COUNT(*) $held AND h.closed_on IS NULL), (SELECT COALESCE(ROUND(SUM(h.balance), 2), 0) $held AND h.closed_on IS NULL), (SELECT COUNT(DISTINCT p.category_id) $held AND h.closed_on IS NULL) FROM customer c"
open="(SELECT COUNT(*) $held AND h.opened_on <= AT AND (h.closed_on IS NULL OR h.closed_on > AT) AND p.category_id ="
golden holdings_by_family "guarantees credits leases deposits" "SELECT c.customer_id, $open 2), $open 3), $open 4), $open 6) FROM customer c"
golden family_gaps gaps "SELECT c.customer_id, (SELECT COUNT(*) FROM category s WHERE s.parent_id IN (SELECT g.parent_id FROM holding h JOIN product p USING (product_id) JOIN category g USING (category_id) WHERE h.customer_id = c.customer_id AND h.opened_on <= AT)
  AND s.category_id NOT IN (SELECT p.category_id $held AND h.opened_on <= AT)) FROM customer c"
golden co_borrowers "others worst" "SELECT c.customer_id, COUNT(DISTINCT o.other), MAX(r.delinquencies) FROM customer c
  LEFT JOIN (SELECT h.customer_id AS me, b.customer_id AS other FROM holding h JOIN co_borrower b USING (holding_id) UNION ALL SELECT b.customer_id, h.customer_id FROM holding h JOIN co_borrower b USING (holding_id)) o ON o.me = c.customer_id
  LEFT JOIN bureau.report r ON r.customer_id = o.other AND r.pulled_on <= AT GROUP BY c.customer_id"
mates="FROM employment m JOIN employment y ON y.employer_id = m.employer_id AND y.customer_id <> m.customer_id"
golden colleagues "colleagues with_credit" "SELECT c.customer_id, (SELECT COUNT(*) $mates WHERE m.customer_id = c.customer_id), (SELECT COUNT(*) $mates WHERE m.customer_id = c.customer_id
  AND EXISTS (SELECT 1 FROM holding h JOIN product p USING (product_id) WHERE h.customer_id = y.customer_id AND p.category_id = 3 AND h.opened_on <= AT)) FROM customer c"
golden colleagues_response "shown accepted" "SELECT c.customer_id, COUNT(o.offer_id), COALESCE(SUM(o.response = 'accepted'), 0) FROM customer c LEFT JOIN (SELECT m.customer_id AS me, y.customer_id AS other $mates) x ON x.me = c.customer_id
  LEFT JOIN eng.offer o ON o.customer_id = x.other AND o.presented_at > AGO(90) AND o.presented_at <= AT GROUP BY c.customer_id"
golden household "leans others_hold" "SELECT c.customer_id, CASE WHEN COUNT(h.holding_id) = 0 THEN 'none' WHEN SUM(p.category_id = 6) * 2 >= COUNT(h.holding_id) THEN 'saver' ELSE 'borrower' END, COUNT(h.holding_id) FROM customer c
  LEFT JOIN customer y ON y.household_id = c.household_id AND y.customer_id <> c.customer_id LEFT JOIN (holding h JOIN product p ON p.product_id = h.product_id AND p.category_id <> 7) ON h.customer_id = y.customer_id GROUP BY c.customer_id"
golden household_spending "payments spent" "SELECT c.customer_id, COUNT(t.txn_id), COALESCE(ROUND(SUM(t.amount), 2), 0) FROM customer c JOIN customer y ON y.household_id = c.household_id JOIN tx.account a ON a.customer_id = y.customer_id
  LEFT JOIN tx.card_txn t ON t.account_id = a.account_id AND t.booked_at > AGO(30) AND t.booked_at <= AT GROUP BY c.customer_id"
golden journey "last_kind steps_7d" "SELECT c.customer_id, (SELECT e.kind $touch '' ORDER BY e.occurred_at DESC, e.kind LIMIT 1), (SELECT COUNT(*) $touch AGO(7)) FROM customer c"
golden sessions "sessions mean_seconds" "SELECT c.customer_id, (SELECT COUNT(*) $touch AGO(30) AND NOT EXISTS (SELECT 1 FROM eng.event b WHERE b.customer_id = c.customer_id AND b.occurred_at < e.occurred_at
  AND b.occurred_at >= strftime('%Y-%m-%dT%H:%M:%SZ', e.occurred_at, '-30 minutes'))), (SELECT AVG(e.duration_s) $touch AGO(30)) FROM customer c"
golden offer_response "shown accepted ignored rate" "SELECT c.customer_id, (SELECT COUNT(*) $shown AGO(90)), (SELECT COUNT(*) $shown AGO(90) AND o.response = 'accepted'), (SELECT COUNT(*) $shown AGO(90) AND o.response = 'ignored'),
  (SELECT AVG(CASE WHEN o.response = 'accepted' THEN 1.0 ELSE 0 END) $shown AGO(90)) FROM customer c"
fee="(SELECT AVG(p.annual_fee) FROM eng.offer o JOIN product p USING (product_id) WHERE o.customer_id = c.customer_id AND o.presented_at <= AT AND o.response ="
golden price_sensitivity "fee_accepted fee_ignored" "SELECT c.customer_id, $fee 'accepted'), $fee 'ignored') FROM customer c"
golden region_statistics "customers mean_score" "SELECT c.customer_id, (SELECT COUNT(*) FROM customer y WHERE y.region_id = c.region_id), (SELECT AVG(r.score) FROM bureau.report r JOIN customer y USING (customer_id) WHERE y.region_id = c.region_id AND r.pulled_on <= AT) FROM customer c"
golden tenure "years age marketing" "SELECT c.customer_id, strftime('%Y', AT) - strftime('%Y', c.since), strftime('%Y', AT) - strftime('%Y', c.birth_date), CASE c.marketing WHEN 1 THEN 'true' ELSE 'false' END FROM customer c"
golden savings_flow "net balance" "SELECT c.customer_id, (SELECT COALESCE(ROUND(SUM(CASE t.direction WHEN 'in' THEN t.amount ELSE -t.amount END), 2), 0) $moved AGO(30)), (SELECT COALESCE(ROUND(SUM(h.balance), 2), 0) $held AND h.opened_on <= AT) FROM customer c"
seen="$touch AGO(90) AND e.product_id IS NOT NULL AND e.product_id NOT IN (SELECT h.product_id FROM holding h WHERE h.customer_id = c.customer_id AND h.opened_on <= AT)"
golden product_interest "products views" "SELECT c.customer_id, (SELECT COUNT(DISTINCT e.product_id) $seen), (SELECT COUNT(*) $seen) FROM customer c"
golden profile "income_band region unemployment since_year" "SELECT c.customer_id, COALESCE(c.income_band, 'unknown'), r.name, r.unemployment, strftime('%Y', c.since) + 0 FROM customer c JOIN region r USING (region_id)"
people="$touch AGO(90) AND e.channel IN ('adviser', 'livechat', 'branch', 'contactcentre')"
golden personal_service "contacts complaints spent spent_per_contact" "SELECT s.customer_id, s.n, s.complained, COALESCE(ROUND(s.spent, 2), 0), s.spent / NULLIF(s.n, 0) FROM
  (SELECT c.customer_id, (SELECT COUNT(*) $people) AS n, (SELECT COUNT(*) $people AND e.kind = 'complained') AS complained, (SELECT SUM(t.amount) $card AGO(90)) AS spent FROM customer c) s"
is "every view was compared" "$(grep -c '^golden ' "$0")" "$("$STOA" features list -C "$P" | grep -c '^view')"
done_testing
