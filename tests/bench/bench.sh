#!/bin/sh
# make bench: queries/s, feature vectors/s and ranks/s, with redis-server's HMGET and hand-written SQL in
# the same run as yardsticks.  Figures are ratios on this machine, now.
. "${STOA_SRC:?}/tests/support/lib.sh"
customers=${STOA_CUSTOMERS:-2000}
bank $customers
P=$T/bank
serve "$P" || exit 1
redis-server --port 0 --unixsocket "$T/redis.sock" --save '' --appendonly no --daemonize yes --pidfile "$T/redis.pid" > /dev/null
trap 'kill $(cat "$T/redis.pid") 2> /dev/null; cleanup' EXIT
sleep 0.5
redis-cli -s "$T/redis.sock" HSET segment:42 profile__income_band low bureau__risk_band fair household__leans saver > /dev/null
rb() { redis-benchmark -q -c 16 "$@" 2> /dev/null | tr '\r' '\n' | grep 'requests per second' | tail -1 | sed 's/.*: \([0-9.]*\) requests per second.*/\1/'; }
row() { printf '%-52s %12s\n' "$1" "$2"; }
echo "customers: $customers; cores: $(nproc); each figure per second"
ping=$(rb -s "$SOCK" -n 100000 PING)
rping=$(rb -s "$T/redis.sock" -n 100000 PING)
row "PING, stoa, Unix socket" "$ping"
row "PING, redis-server, Unix socket" "$rping"
hm=$(rb -s "$SOCK" -n 10000 HMGET segment:42 profile__income_band bureau__risk_band household__leans)
rhm=$(rb -s "$T/redis.sock" -n 100000 HMGET segment:42 profile__income_band bureau__risk_band household__leans)
row "HMGET 3 features of 3 views, stoa (from the sources)" "$hm"
row "HMGET 3 fields, redis-server (stored row)" "$rhm"
vec=$(rb -s "$SOCK" -n 3000 FEATURES.GET next_offer_v1 42)
row "vectors of next_offer_v1 (17 features, 4 databases)" "$vec"
rank=$(rb -s "$SOCK" -n 2000 RANK next_offer '{"subject":"42","contextFeatures":[{"channel":"web"}]}')
row "ranks with those features, durable" "$rank"
plain=$(rb -s "$SOCK" -n 5000 RANK next_offer '{"contextFeatures":[{"channel":"web"}]}')
row "ranks with the caller's features alone, durable" "$plain"
# Queries beside the SQL that a person would write for the same answer.
time_n() { # N COMMAND...: runs per second
  n=$1; shift; s=$(date +%s%N); i=0; while [ $i -lt "$n" ]; do "$@" > /dev/null; i=$((i + 1)); done; e=$(date +%s%N)
  awk -v n="$n" -v t=$((e - s)) 'BEGIN { printf "%.1f", n / (t / 1e9) }'
}
ask() { curl -s "$HTTP/sparql" -H 'Accept: text/csv' --data-urlencode "query@$1"; }
null() { curl -s "$HTTP/healthz"; }
row "HTTP round trip by curl, nothing asked" "$(time_n 100 null)"
row "products_held.rq over HTTP" "$(time_n 50 ask "$P/queries/products_held.rq")"
hand() { sqlite3 "$P/data/product.db" "SELECT p.name, p.term, count(*), count(DISTINCT h.customer_id) FROM holding h JOIN product p USING(product_id) GROUP BY p.name, p.term HAVING count(*) > 1 ORDER BY 3 DESC"; }
row "the same by hand, sqlite3 program" "$(time_n 50 hand)"
row "inflow.rq over HTTP" "$(time_n 10 ask "$P/queries/inflow.rq")"
hand2() { sqlite3 "$P/data/transaction.db" "SELECT direction, count(*), sum(amount), avg(amount), min(amount), max(amount) FROM (SELECT NULL AS direction, amount FROM card_txn UNION ALL SELECT direction, amount FROM transfer) GROUP BY direction"; }
row "the same by hand, sqlite3 program" "$(time_n 10 hand2)"
stop_server
