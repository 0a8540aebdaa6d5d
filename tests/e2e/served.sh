#!/bin/sh
# Rows of services that are kept as texts: the same bytes as rows that are computed, at once another when an event comes,
# gone with who is erased, and for no other purposes.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 60
P=$T/bank
cat >> "$P/features/services.yaml" <<'END'
  - name: wide
    purpose: personalisation
    precompute: true
    features: ["profile:*", "bureau:*", "holdings:*", "household:*", "contact:count_7d_all", "contact:count_30d_all", "txn:count_30d_all", "txn:sum_amount_30d_all", "txn:avg_amount_30d_all", "tenure:*", "channel_preference:*", "region_statistics:*"]
  - name: grows
    features: ["contact:recency_30d_web", "contact:count_7d_web"]
END
for f in "$P"/features/*.rq; do grep -q freshness "$f" || sed -i '0,/^#+   kind: .*/s//&\n#+   freshness: 60s/' "$f"; done
sed -i "/^#+   watch: /d" "$P/features/contact.rq"
metric() { curl -s "$HTTP/metrics" | awk -v n="stoa_$1" '$1 == n { print $2 }'; }
click() { r EVENT click "{\"id\":\"$1\",\"at\":\"$(date -u +%FT%TZ)\",\"customer\":${2:-7},\"channel\":\"web\",\"kind\":\"viewed\"}" > /dev/null; }
online() { curl -s "$HTTP/get-online-features" -H 'Content-Type: application/json' -d "$1"; echo; }
# Everything that can be asked of the services: twice, so that what was computed is then kept.
ask_all() {
  for p in 2 3; do
    for k in 1 7 42 60; do
      redis-cli -$p -p "$RESP" HGETALL wide:$k
      redis-cli -$p -p "$RESP" HVALS wide:$k
      redis-cli -$p -p "$RESP" HMGET wide:$k region_statistics__mean_score bureau__score profile__region bureau__score
      redis-cli -$p -p "$RESP" HGET wide:$k household__leans
      redis-cli -$p -p "$RESP" HGET contact:$k contact__count_30d_web
      redis-cli -$p -p "$RESP" HGET contact:$k contact__count_30d_sms
      redis-cli -$p -p "$RESP" HMGET wide:$k bureau__score nothing__here
    done
    redis-cli -$p -p "$RESP" HGETALL wide:4711 # nobody
    redis-cli -$p -p "$RESP" FEATURES.GET wide $(seq 1 60) 7 7
    redis-cli -$p -p "$RESP" FEATURES.GET wide 60 61 62 1
    redis-cli -$p -p "$RESP" FEATURES.GET bureau 3 4
    redis-cli -$p -p "$RESP" FEATURES.GET wide
    redis-cli -$p -p "$RESP" FEATURES.GET wide ''
    redis-cli -$p -p "$RESP" FEATURES.GET nothing 1
  done
  for more in '' ',"full_feature_names":true' ',"full_feature_names":true,"max_age":"30d"' ',"full_feature_names":true,"max_age":1'; do
    for k in 7 "1,2,3" "7,7,\"8\"" "60,61,1" "" "$(seq 1 60 | paste -sd,)"; do
      online "{\"feature_service\":\"wide\",\"entities\":{\"customer_id\":[$k]}$more}"
    done
  done
  online '{"feature_service":"wide","purpose":"credit","entities":{"customer_id":[1]}}'
  online '{"feature_service":"wide","entities":{"customer_id":["x"]}}'
}
serve "$P" --log json || exit 1 # each request is told in the log, so that none is answered from texts
ask_all > "$T/computed" 2>&1
ask_all >> "$T/computed" 2>&1
stop_server
serve "$P" || exit 1
i=0; until kept=$(metric 'service_rows_kept{service="wide"}'); [ "$kept" = 60 ] || [ $i -gt 300 ]; do i=$((i + 1)); sleep 0.1; done
is "rows of a service that says so are made ahead" "$kept" 60
ask_all > "$T/kept" 2>&1
ask_all >> "$T/kept" 2>&1
ok "what is kept is what is computed, byte for byte ($(wc -l < "$T/kept") lines)" diff "$T/computed" "$T/kept"
ok "... and there is much of it" test "$(wc -l < "$T/kept")" -gt 5000
found=$(metric 'service_rows_found_total{service="wide"}')
ok "it was answered from what is kept ($found rows)" test "$found" -gt 200
ok "the memory of it is told" test "$(metric 'service_rows_bytes{service="wide"}')" -gt 20000
like "... by stoa features show too" "$("$STOA" features show -C "$P" wide)" '^  kept +60 rows, [0-9]{5,} bytes$'
done_vectors() { metric 'operation_calls_total{operation="vector",end="done"}'; }
before=$(done_vectors) rows=$(metric feature_vectors_total)
r HGETALL wide:7 > /dev/null; r FEATURES.GET wide 1 2 3 > /dev/null
is "what is answered at once is counted like other vectors" "$(($(done_vectors) - before)) $(($(metric feature_vectors_total) - rows))" '2 4'

# ---- purposes
like "a purpose that is not the service's is refused" "$(printf 'PURPOSE credit\r\nHGET wide:7 profile__region\r\n' | nc -N 127.0.0.1 "$RESP")" 'ERR.*wide is read for personalisation'
like "... also where the same was asked for before, by the same connection" "$(printf 'HGET wide:7 tenure__years\r\nPURPOSE credit\r\nHGET wide:7 tenure__years\r\n' | nc -N 127.0.0.1 "$RESP" | tail -1)" 'ERR.*wide is read for personalisation'

# ---- what changes
count() { r HGET wide:7 contact__count_7d_all; }
first=$(count); i=0; bad=0
while [ $i -lt 20 ]; do
  i=$((i + 1)); click "s$i"
  [ "$(count)" = $((first + i)) ] || bad=$((bad + 1))
  [ "$(online '{"feature_service":"wide","full_feature_names":true,"entities":{"customer_id":[6,7]}}' | jq -c '.metadata.feature_names as $n | .results[$n | index("contact__count_7d_all")].values[1]')" = $((first + i)) ] || bad=$((bad + 1))
done
is "each of twenty events is in the next answers" "$bad" 0
found=$(metric 'service_rows_found_total{service="wide"}'); click other 8; count > /dev/null
is "an event of another customer drops no row of this one" "$(metric 'service_rows_found_total{service="wide"}')" $((found + 1))
r EVENT click "{\"id\":\"g1\",\"at\":\"$(date -u -d '-100 seconds' +%FT%TZ)\",\"customer\":9,\"channel\":\"web\",\"kind\":\"viewed\"}" > /dev/null
a=$(r HGET grows:9 contact__recency_30d_web); sleep 2; b=$(r HMGET grows:9 contact__recency_30d_web contact__count_7d_web | head -1); made=$(metric 'service_rows_made_total{service="grows"}'); c=$(r HGETALL grows:9 | sed -n 2p)
ok "a recency grows within a row that is kept ($a, $b, $c)" test "$((b - a))" -ge 2 -a "$((b - a))" -le 4 -a "$c" -ge "$b" -a "$made" = 1
curl -s -X POST -H 'Content-Type: application/json' "$HTTP/reload" > /dev/null
is "a reload keeps nothing of before" "$(count)" $((first + 20))

# ---- erasure
like "the rows of who is erased go" "$(count > /dev/null; r ERASE customer 7)" '"kept_rows":[1-9]'
is "... and what was told of the events is told no more" "$(count)" "$first"
stop_server

# ---- one view is live: nothing is kept of the service
sed -i 's/^#+   freshness: .*/#+   freshness: live/' "$P/features/profile.rq"
sed -i '/precompute: true/d' "$P/features/services.yaml"
serve "$P" || exit 1
r HGETALL wide:8 > /dev/null; r HGETALL wide:8 > /dev/null
is "a service with a live view keeps nothing" "$(curl -s "$HTTP/metrics" | grep -c 'service="wide"')" 0
stop_server
done_testing
