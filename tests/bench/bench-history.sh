#!/bin/sh
# make bench-history: a training set of STOA_LABELS (1,000,000) rows and 50 features over the example bank, each row as of its
# own instant, beside the as-of joins that one would write by hand in SQL for the 40 of them that one database has.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v sqlite3 > /dev/null || { echo "sqlite3 is needed"; exit 1; }
labels=${STOA_LABELS:-1000000} customers=${STOA_CUSTOMERS:-2000}
bank "$customers" 2026-11-01
P=$T/bank
slots='all app web branch call'
of_txn=$(for d in 7d 30d; do for s in $slots; do for f in count sum_amount avg_amount max_amount; do printf '"txn:%s_%s_%s", ' $f $d $s; done; done; done)
printf 'services:\n  - name: set\n    purpose: credit\n    features: [%s"bureau:*", "txn:recency_90d_all", "txn:p90_amount_90d_all", "txn:distinct_merchant_90d_all", "contact:count_7d_all", "contact:count_30d_web", "contact:recency_30d_all"]\n' "$of_txn" > "$P/features/services.yaml"
sed -i '/^service:/d' "$P"/personalizer/*.yaml
awk -v n="$labels" -v c="$customers" 'BEGIN { srand(11); print "row,customer_id,at"; for (i = 0; i < n; ++i)
  printf "%d,%d,2026-%02d-%02dT%02d:%02d:%02dZ\n", i, rand() * c + 1, rand() * 3 + 8, rand() * 28 + 1, rand() * 24, rand() * 60, rand() * 60 }' > "$T/labels.csv"
seconds() { s=$(date +%s%N); "$@"; echo $(($(date +%s%N) - s)) | awk '{ printf "%.1f", $1 / 1e9 }'; }
by_hand() {
  { echo "CREATE TEMP TABLE label(\"row\" INTEGER, customer_id INTEGER, at TEXT);"
    echo ".import --csv --skip 1 --schema temp $T/labels.csv label"
    echo ".output $T/sql.csv"
    echo "SELECT l.\"row\""
    for d in 7 30; do for s in $slots; do
      when="julianday(t.booked_at) > julianday(l.at) - $d"; [ $s = all ] || when="$when AND t.channel = '$s'"
      echo ", COUNT(CASE WHEN $when THEN 1 END), SUM(CASE WHEN $when THEN t.amount END), AVG(CASE WHEN $when THEN t.amount END), MAX(CASE WHEN $when THEN t.amount END)"
    done; done
    echo "FROM temp.label l LEFT JOIN account a ON a.customer_id = l.customer_id LEFT JOIN card_txn t ON t.account_id = a.account_id AND t.booked_at <= l.at AND julianday(t.booked_at) > julianday(l.at) - 30"
    echo "GROUP BY l.\"row\";"
  } | sqlite3 -csv "$P/data/transaction.db"
}
echo "$labels labels of $customers customers, $(sqlite3 "$P/data/transaction.db" 'SELECT COUNT(*) FROM card_txn') card transactions; $(nproc) cores; load $(cut -d' ' -f1 /proc/loadavg)"
t=$(seconds "$STOA" features history -C "$P" --entities "$T/labels.csv" --timestamp-column at --service set -o "$T/set.csv")
[ "$(wc -l < "$T/set.csv")" = $((labels + 1)) ] || { echo "rows are missing"; exit 1; }
echo "stoa features history, $(head -1 "$T/set.csv" | tr , '\n' | sed 1,3d | wc -l) features: $t s"
if [ "${STOA_BY_HAND:-1}" = 1 ]; then
  t=$(seconds by_hand)
  echo "as-of joins by hand, one sqlite3 process, 40 of those features: $t s"
  same=$(sed 1d "$T/set.csv" | cut -d, -f4 | paste -d, - "$T/sql.csv" | awk -F, '{ n += $1 == $3 } END { print n + 0 }')
  echo "counts that are equal: $same of $labels"
fi
