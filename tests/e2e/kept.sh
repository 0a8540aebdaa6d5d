#!/bin/sh
# Rows that are kept: events at once, other sources within the freshness, nothing for live views.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 50
P=$T/bank
fresh() { sed -i "s/^#+   freshness: .*/#+   freshness: $2/" "$P/features/$1.rq"; } # VIEW DURATION
metric() { curl -s "$HTTP/metrics" | awk -v n="stoa_$1" '$1 == n { print $2 }'; }
sed -i 's/^#+   kind: query/&\n#+   freshness: 1h/' "$P/features/profile.rq"
sed -i 's/^#+   kind: query/&\n#+   freshness: 1s/' "$P/features/bureau.rq"
sed -i "/^#+   watch: /d" "$P/features/contact.rq" # which would read rows too
fresh contact 1h; fresh txn live
ok "a view may be live by name" "$STOA" check -C "$P"
serve "$P" || exit 1
value() { r HMGET "$1:7" "$2" | head -1; }
click() { r EVENT click "{\"id\":\"$1\",\"at\":\"$(date -u +%FT%TZ)\",\"customer\":${2:-7},\"channel\":\"web\",\"kind\":\"viewed\"}" > /dev/null; }

before=$(value dialogue contact__count_7d_web)
is "a row is kept" "$(value dialogue contact__count_7d_web; metric 'feature_rows_found_total{view="contact"}')" "$before
1"
i=0; bad=0
while [ $i -lt 20 ]; do
  i=$((i + 1)); click "k$i"
  [ "$(value dialogue contact__count_7d_web)" = $((before + i)) ] || bad=$((bad + 1))
done
is "each of twenty events is in the next answer" "$bad" 0
made=$(metric 'feature_rows_made_total{view="contact"}')
click other 8
is "an event of another customer changes no row of this one" "$(value dialogue contact__count_7d_web) $(metric 'feature_rows_made_total{view="contact"}')" "$((before + 20)) $made"
r EVENT click '{"id":"k1","at":"2026-01-01T00:00:00Z","customer":7,"channel":"web","kind":"viewed"}' > /dev/null
is "an event that was sent before changes nothing" "$(value dialogue contact__count_7d_web)" $((before + 20))
# A busy entity: its events are held, and others come while they are read.
i=0; while [ $i -lt 600 ]; do
  i=$((i + 1))
  echo "EVENT click {\\\"id\\\":\\\"busy$i\\\",\\\"at\\\":\\\"$(date -u -d "-$i seconds" +%FT%TZ)\\\",\\\"customer\\\":9,\\\"channel\\\":\\\"sms\\\",\\\"kind\\\":\\\"k$((i % 7))\\\"}"
done | sed 's/{.*}/"&"/' > "$T/busy"
redis-cli -s "$SOCK" < "$T/busy" > /dev/null
busy() { r HMGET dialogue:9 contact__count_7d_sms | head -1; }
start=$(busy)
like "six hundred events count" "$start" '^6[0-9][0-9]$'
rushes=
for w in 1 2 3; do
  (i=0; while [ $i -lt 60 ]; do
     i=$((i + 1))
     r EVENT click "{\"id\":\"rush$w-$i\",\"at\":\"$(date -u +%FT%TZ)\",\"customer\":9,\"channel\":\"sms\",\"kind\":\"viewed\"}" > /dev/null
   done) & rushes="$rushes $!"
done
least=$start; back=0; i=0
while [ $i -lt 100 ]; do
  i=$((i + 1)); now=$(busy)
  [ "$now" -ge "$least" ] || back=$((back + 1))
  least=$now
done
wait $rushes
is "events that come while those of a busy entity are read: none is lost, none counts twice" "$(busy)" $((start + 180))
is "... nor does a row go back" "$back" 0
ok "... and rows are made of events that are held" test "$(metric 'feature_rows_folded_total{view="contact"}')" -gt 10
curl -s -X DELETE "$HTTP/entities/customer/9" > /dev/null
is "events that are held of who is erased are gone" "$(busy)" $((start - 600))
ok "the memory of what is kept is told" test "$(metric 'feature_rows_bytes{view="contact"}')" -gt 100
like "a live view keeps nothing" "$(r HGETALL spending:7 > /dev/null; curl -s "$HTTP/metrics" | grep 'feature_rows.*view="txn"' | wc -l)" '^0$'

# ---- other sources
c=$(sqlite3 "$P/data/bureau.db" "SELECT customer_id FROM report WHERE score IS NOT NULL AND pulled_on = (SELECT max(pulled_on) FROM report o WHERE o.customer_id = report.customer_id) AND pulled_on < date('now') LIMIT 1")
score() { r HMGET "bureau:$c" bureau__score; }
first=$(score)
sqlite3 "$P/data/bureau.db" "UPDATE report SET score = score + 1 WHERE customer_id = $c"
i=0; until [ "$(score)" = $((first + 1)) ] || [ $i -gt 40 ]; do i=$((i + 1)); sleep 0.1; done
is "a change in a source is seen within the freshness" "$(score)" $((first + 1))
ok "... of a second ($i tenths)" test $i -le 15
band=$(value profile profile__income_band)
sqlite3 "$P/data/product.db" "UPDATE customer SET income_band = 'changed'"
is "... and before, the row may be as old as the freshness says" "$(value profile profile__income_band)" "$band"
curl -s -X POST -H 'Content-Type: application/json' "$HTTP/reload" > /dev/null
is "... but not after a reload" "$(value profile profile__income_band)" changed
stop_server

fresh contact soon
like "what is no duration is told with its place" "$("$STOA" check -C "$P" 2>&1)" 'contact.rq:[0-9]+:[0-9]+: error: "freshness" is "live", or a number with s, m, h, d or w'
printf 'limits: {kept_rows: 0}\n' >> "$P/stoa.yaml"
like "the memory for rows has a least" "$("$STOA" check -C "$P" 2>&1)" 'kept_rows'
done_testing
