#!/bin/sh
# make bench-features: vectors at a steady rate, with what clients wait; events until they are in the vector; redis-server in
# the same run; bytes an entity.  First with rows that are kept, then with live views, which keep nothing.
. "${STOA_SRC:?}/tests/support/lib.sh"
customers=${STOA_CUSTOMERS:-2000} seconds=${STOA_BENCH_SECONDS:-5}
bank $customers
P=$T/bank
cat >> "$P/features/services.yaml" <<'END'
  - name: fifty
    purpose: personalisation
    precompute: true
    features: ["tenure:*", "journey:steps_7d", "sessions:*", "contact:count_7d_all", "contact:count_30d_all", "txn:recency_90d_all", "txn:count_30d_all", "savings_flow:*", "offer_response:*", "colleagues_response:*", "holdings:*", "bureau:*", "profile:*", "household:*", "credit_appetite:*", "product_interest:*", "channel_preference:*", "region_statistics:*", "holdings_by_family:*", "txn:count_7d_all", "txn:sum_amount_7d_all", "txn:sum_amount_30d_all", "txn:avg_amount_30d_all"]
END
cp -r "$P/features" "$T/live"
sed -i '/precompute: true/d' "$T/live/services.yaml"
sed -i 's/^#+   freshness: .*/#+   freshness: live/' "$T"/live/*.rq
sed -i '/^#+   watch:/d' "$T"/live/*.rq # who watches keeps rows
for f in "$P"/features/*.rq; do grep -q freshness "$f" || sed -i '0,/^#+   kind: .*/s//&\n#+   freshness: 60s/' "$f"; done
redis-server --port 0 --unixsocket "$T/redis.sock" --save '' --appendonly no --daemonize yes --pidfile "$T/redis.pid" > /dev/null
trap 'kill $(cat "$T/redis.pid") 2> /dev/null; cleanup' EXIT
steady() { "$BUILD/tests/load/steady" "$@"; }
rb() { redis-benchmark -q -c 16 "$@" 2> /dev/null | tr '\r' '\n' | grep 'requests per second' | tail -1 | sed 's/.*: \([0-9.]*\) requests per second.*/\1/'; }
row() { printf '%-60s %s\n' "$1" "$2"; }
hmget() { # NAMES...: of 50, beside redis with the same fields
  redis-cli -s "$T/redis.sock" HSET fifty:42 $(for f in "$@"; do echo "$f 12.5"; done) > /dev/null
  for p in 1 16; do
    a=$(rb -s "$SOCK" -P $p -n $((100000 * ${p%6})) HMGET fifty:42 "$@"); b=$(rb -s "$T/redis.sock" -P $p -n $((100000 * ${p%6})) HMGET fifty:42 "$@")
    row "HMGET of $# features, 16 connections, $p at once" "$a beside redis-server's $b: $(awk -v a="$a" -v b="$b" 'BEGIN { printf "%.2f", a / b }')"
  done
}
measure() { # WHAT RATES...: one row over RESP, one over HTTP, 100 rows over both
  echo "-- $1"
  steady "$SOCK" resp $(($2 / 4)) 16 2 fifty 1 $customers > "$T/warm"
  for turn in 1 2 3; do
    row "fifty features x 1 row over RESP" "$(steady "$SOCK" resp $2 16 $seconds fifty 1 $customers)"
    row "fifty features x 1 row over HTTP, by the service's name" "$(steady "${HTTP##*:}" online $3 16 $seconds fifty 1 $customers)"
    row "fifty features x 100 rows over RESP" "$(steady "$SOCK" resp $4 8 $seconds fifty 100 $customers)"
    row "fifty features x 100 rows over HTTP" "$(steady "${HTTP##*:}" online $4 8 $seconds fifty 100 $customers)"
  done
}
echo "customers: $customers; cores: $(nproc); load before: $(cut -d' ' -f1 /proc/loadavg)"
serve "$P" || exit 1
names=$(r FEATURES.GET fifty 42 | grep -o '[a-z_]*__[A-Za-z0-9_]*' | sort -u)
echo "features of the service: $(echo "$names" | wc -w)"
made() { curl -s "$HTTP/metrics" | awk '/^stoa_feature_rows_made_total/ { n += $2 } END { print n }'; }
i=0; before=-1; until [ "$(made)" = "$before" ] || [ $i -gt 600 ]; do i=$((i + 5)); before=$(made); sleep 0.5; done
row "rows made ahead at the start, of all views" "$(made) in $(awk -v t=$i 'BEGIN { printf "%.1f s", t / 10 }')"
measure "rows that are kept" 20000 10000 1000
hmget $names
hmget $(echo "$names" | head -3)
pipes=4; for f in $(seq $pipes); do # of all customers in turn, each connection writes what is ready
  awk -v f=$f -v at="$(date -u +%FT%TZ)" -v n=$customers 'BEGIN { for (i = 0; i < 50000; i++) {
    body = sprintf("{\"id\":\"b%d-%d\",\"at\":\"%s\",\"customer\":%d,\"channel\":\"web\",\"kind\":\"viewed\"}", f, i, at, i * 7 % n + 1)
    printf "*3\r\n$5\r\nEVENT\r\n$5\r\nclick\r\n$%d\r\n%s\r\n", length(body), body } }' > "$T/events$f"
done
s=$(date +%s%N); for f in $(seq $pipes); do redis-cli -s "$SOCK" --pipe < "$T/events$f" > "$T/piped$f" & eval "p$f=$!"; done
for f in $(seq $pipes); do eval "wait \$p$f"; grep -q 'errors: 0' "$T/piped$f" || cat "$T/piped$f"; done; e=$(date +%s%N)
row "events over the socket, durable, $pipes pipelines (a second)" "$(awk -v t=$((e - s)) -v n=$pipes 'BEGIN { printf "%.0f", n * 5e4 / (t / 1e9) }')"
for f in 1 2 3 4 5 6 7 8 9 10; do # columns of 10,000 events each
  awk -v f=$f -v at="$(date -u +%FT%TZ)" -v n=$customers 'function all(v, i, s) { for (i = 0; i < 10000; i++) s = s (i ? "," : "") (v == "id" ? "\"p" f "-" i "\"" : v == "customer" ? i * 7 % n + 1 : "\"" v "\""); return s }
    BEGIN { printf "{\"push_source_name\":\"click\",\"to\":\"online\",\"df\":{\"id\":[%s],\"at\":[%s],\"customer\":[%s],\"channel\":[%s],\"kind\":[%s]}}", all("id"), all(at), all("customer"), all("web"), all("viewed") }' > "$T/push$f"
done
s=$(date +%s%N); for f in 1 2 3 4 5 6 7 8 9 10; do curl -s -f -o /dev/null -H 'Content-Type: application/json' --data-binary "@$T/push$f" "$HTTP/push" || echo "push $f failed"; done; e=$(date +%s%N)
row "events over the socket, durable, 10,000 a push (a second)" "$(awk -v t=$((e - s)) 'BEGIN { printf "%.0f", 1e5 / (t / 1e9) }')"
row "10,000 events a second; until one is in the vector" "
$(steady "$SOCK" event 10000 16 $seconds dialogue/contact__count_7d_web 1 $customers)"
row "memory of what is kept" "$(curl -s "$HTTP/metrics" | awk '/^stoa_feature_rows_bytes/ { b += $2 } /^stoa_feature_rows_kept/ { n += $2 } END { printf "%.1f MB, %d rows", b / 1e6, n }')"
stop_server
for n in ${STOA_BENCH_ENTITIES:-10000 100000 1000000}; do echo "-- $n entities in one process"; "$BUILD/tests/bench/keep_rate" $n; done
rm -r "$P/features" "$P"/state; mv "$T/live" "$P/features"
serve "$P" || exit 1
measure "live views: nothing is kept" ${STOA_BENCH_LIVE_RATES:-200 200 10}
row "memory of what is kept" "$(curl -s "$HTTP/metrics" | grep -c '^stoa_feature_rows_bytes') views"
# One vector after another, beside what the program sqlite3 takes for the SQL that one would write for the same features.
now=$(date -u +%FT%TZ); ago() { date -u -d "-$1 days" +%FT%TZ; }
beside() { # VIEW SQL with :C for the customer
  i=0; while [ $i -lt 500 ]; do i=$((i + 1)); printf 'PURPOSE credit\nFEATURES.GET %s %d\n' "$1" $i; done > "$T/asked"
  { echo "ATTACH '$P/data/bureau.db' AS bureau; ATTACH '$P/data/transaction.db' AS tx;"; i=0; while [ $i -lt 500 ]; do i=$((i + 1)); echo "$2;" | sed "s/:C/$i/g"; done; } > "$T/sql"
  for turn in 1 2 3; do
    s=$(date +%s%N); redis-cli -s "$SOCK" < "$T/asked" > "$T/out"; e=$(date +%s%N); ours=$(((e - s) / 500000))
    s=$(date +%s%N); sqlite3 "$P/data/product.db" < "$T/sql" > "$T/out"; e=$(date +%s%N); theirs=$(((e - s) / 500000))
    row "live view $1, us a vector" "$ours beside SQL's $theirs: $(awk -v a=$ours -v b=$theirs 'BEGIN { printf "%.2f", a / b }')"
  done
}
txn=$(for d in 7 30 90; do for c in "channel = 'app'" "channel = 'web'" "channel = 'branch'" "channel = 'call'" "channel NOT IN ('app', 'web', 'branch', 'call')" 1; do
  for a in 'COUNT(*)' 'SUM(amount)' 'AVG(amount)' 'MAX(amount)' 'MAX(booked_at)' 'COUNT(DISTINCT merchant)'; do echo "$a FILTER (WHERE booked_at > '$(ago $d)' AND $c)"; done; done; done | paste -sd,)
beside holdings "SELECT COUNT(*), SUM(h.balance), COUNT(DISTINCT p.category_id) FROM holding h JOIN product p USING (product_id) WHERE h.customer_id = :C AND h.closed_on IS NULL"
beside txn "SELECT $txn FROM tx.card_txn t JOIN tx.account a USING (account_id) WHERE a.customer_id = :C AND t.booked_at <= '$now' AND t.booked_at > '$(ago 90)'"
beside region_statistics "SELECT (SELECT COUNT(*) FROM customer y WHERE y.region_id = c.region_id), (SELECT AVG(r.score) FROM bureau.report r JOIN customer y USING (customer_id) WHERE y.region_id = c.region_id AND r.pulled_on <= '$now') FROM customer c WHERE c.customer_id = :C"
stop_server
