#!/bin/sh
# Training sets: each row has its features as they were at its instant, whatever else is asked for beside it.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v sqlite3 > /dev/null || skip_all "sqlite3 is needed"
bank 200 2026-11-01
P=$T/bank
cat > "$P/features/services.yaml" <<'X'
services:
  - name: set
    purpose: credit
    features: ["bureau:*", "txn:count_30d_all", "txn:sum_amount_90d_all", "txn:avg_amount_30d_all", "txn:p90_amount_90d_all", "txn:distinct_merchant_30d_all", "txn:recency_90d_all", "txn:count_7d_web", "contact:count_30d_all"]
X
sed -i '/^service:/d' "$P"/personalizer/*.yaml
awk 'BEGIN { srand(4); print "row,customer_id,at,note"; for (i = 0; i < 120; ++i)
  printf "%d,%d,2026-%02d-%02dT%02d:%02d:%02dZ,%s\n", i, rand() * 60 + 1, rand() * 4 + 7, rand() * 28 + 1, rand() * 24, rand() * 60, rand() * 60, (i % 3 ? "\"a, \"\"b\"\"\"" : "") }' > "$T/labels.csv"
history() { "$STOA" features history -C "$P" --entities "$@"; }
history "$T/labels.csv" --timestamp-column at --service set -o "$T/set.csv" > "$T/log" 2>&1; code=$?
is "a training set is made, without a word" "$code$(cat "$T/log")" 0
is "... of all rows" "$(wc -l < "$T/set.csv")" 121
is "... as they stood, in their order" "$(cut -d, -f1-3 "$T/set.csv" | md5sum)" "$(cut -d, -f1-3 "$T/labels.csv" | md5sum)"
is "... fields in quotes too" "$(grep -c ',"a, ""b""",' "$T/set.csv")" 80

# Each row by itself.
sed 1d "$T/labels.csv" | while IFS=, read -r _ key at _; do
  "$STOA" features get -C "$P" --asof "$at" set "$key" | tr -d '{}" ' | tr , '\n' | cut -d: -f2 | sed 's/^null$//' | paste -sd,
done > "$T/each"
ok "... each with what is served as of its instant" sh -c 'sed 1d "$1" | sed "s/\"a, \"\"b\"\"\"//" | awk -F, "{ s = \$2; for (i = 5; i <= NF; ++i) s = s \",\" \$i; print s }" | diff - "$2"' same "$T/set.csv" "$T/each"

# What comes with a request is a column; what a view of kind request reads is as of the row's instant.
cat > "$P/features/pace.rq" <<'X'
#+ feature_view:
#+   name: pace
#+   kind: request
#+   entity: {customer: customer_id}
#+   inputs: {factor: integer}
#+   reads: {n: "txn:count_30d_all"}
#+   features: {pace: integer, year: integer}
SELECT (?n * ?factor + ?n AS ?pace) (YEAR(?_asof_xsd_dateTime) AS ?year) {}
X
printf '  - name: paced\n    purpose: credit\n    features: ["pace:*", "bureau:score"]\n' >> "$P/features/services.yaml"
awk -F, 'NR == 1 { print $0 ",factor"; next } { print $0 "," (NR % 5 ? NR % 4 : "") }' "$T/labels.csv" > "$T/asked.csv"
sed -i '2,9s/2026-/2025-/' "$T/asked.csv"
history "$T/asked.csv" --timestamp-column at --service paced -o "$T/paced.csv" > "$T/log" 2>&1; code=$?
is "views of kind request are in training sets" "$code$(cat "$T/log")" 0
is "... beside what was asked with" "$(head -1 "$T/paced.csv")" "row,customer_id,at,note,factor,pace__pace,pace__year,bureau__score"
sed 's/"a, ""b"""//' "$T/paced.csv" > "$T/paced.csv.plain"
n=$(head -1 "$T/set.csv" | tr , '\n' | grep -nx txn__count_30d_all | cut -d: -f1)
sed 's/"a, ""b"""//' "$T/set.csv" | cut -d, -f1,"$n" > "$T/counts"
ok "... each is made of its own row's" awk -F, '
  FNR == 1 { next } NR == FNR { n[$1] = $2; next }
  { year = substr($3, 1, 4); count = year == 2025 ? 0 : n[$1]; want = $5 == "" ? "" : count * $5 + count; if ($6 != want || $7 != year) { print; bad = 1 } if ($6 > 0) some++; if ($5 == "") none++; if (year == 2025) old++ }
  END { exit bad || some < 20 || none < 15 || old != 8 }' "$T/counts" "$T/paced.csv.plain"
like "a column that is not there is told" "$(history "$T/labels.csv" --timestamp-column at --service paced -o - 2>&1)" 'labels.csv:1:1: error: there is no column "factor" \(an input'
sed '5s/,[^,]*$/,some/' "$T/asked.csv" > "$T/wrong.csv"
like "a value of another type is told with its line" "$(history "$T/wrong.csv" --timestamp-column at --service paced -o - 2>&1)" 'wrong.csv:5:1: error: "factor" is of type integer, which "some" is not'

# The same by hand, in SQL.
sed 's/"a, ""b"""//' "$T/labels.csv" > "$T/plain.csv"
by_hand() { # CLAIM FEATURE DATABASE SQL of one value for a row l of labels
  sqlite3 -csv "$P/data/$3.db" 'CREATE TEMP TABLE label("row" INTEGER, customer_id INTEGER, at TEXT, note TEXT)' ".import --skip 1 --schema temp $T/plain.csv label" \
    "SELECT ($4) FROM label l ORDER BY l.\"row\"" | tr -d '\r' > "$T/sql"
  n=$(head -1 "$T/set.csv" | tr , '\n' | grep -nx "$2" | cut -d: -f1)
  sed '1d; s/"a, ""b"""//' "$T/set.csv" | cut -d, -f"$n" > "$T/served"
  ok "$1, as SQL has it ($(grep -cv '^0*$' "$T/sql") rows have some)" sh -c 'diff "$1" "$2" > /dev/null && [ "$(grep -cv "^0*$" "$1")" -gt 10 ] || { diff "$1" "$2" | head -5; exit 1; }' same "$T/sql" "$T/served"
}
of_txn() { echo "FROM card_txn t JOIN account a USING (account_id) WHERE a.customer_id = l.customer_id AND datetime(t.booked_at) <= datetime(l.at) AND datetime(t.booked_at) > datetime(l.at, '-$1 days')"; }
by_hand "a count of 30 days" txn__count_30d_all transaction "SELECT COUNT(*) $(of_txn 30)"
by_hand "a sum of 90 days" txn__sum_amount_90d_all transaction "SELECT COALESCE(CAST(ROUND(SUM(t.amount) * 100) AS INTEGER) / 100.0, 0) $(of_txn 90)"
by_hand "different merchants of 30 days" txn__distinct_merchant_30d_all transaction "SELECT NULLIF(COUNT(DISTINCT t.merchant), 0) $(of_txn 30)"
by_hand "seconds since the latest" txn__recency_90d_all transaction "SELECT CAST(strftime('%s', l.at) AS INTEGER) - CAST(strftime('%s', MAX(t.booked_at)) AS INTEGER) $(of_txn 90)"
by_hand "the bureau's score that was known" bureau__score bureau "SELECT r.score FROM report r WHERE r.customer_id = l.customer_id AND r.pulled_on <= l.at ORDER BY r.pulled_on DESC LIMIT 1"

# Whoever is not there has no features, as it is served.
as_served() { # CLAIM SERVICE: what history and get give for some who are there, and for one who is not
  printf 'customer_id,at\n1,2026-10-01\n99999,2026-10-01\n2,2026-10-01\n99999,2026-10-02\n' > "$T/x.csv"
  sed 1d "$T/x.csv" | while IFS=, read -r key at; do
    "$STOA" features get -C "$P" --asof "$at" --purpose credit "$2" "$key" 2> /dev/null | tr -d '{}" ' | tr , '\n' | cut -d: -f2 | sed 1d | sed 's/^null$//' | paste -sd,
  done > "$T/each"
  is "$1" "$(history "$T/x.csv" --timestamp-column at --purpose credit --service "$2" 2> /dev/null | sed 1d | cut -d, -f3- | tr -d '"')" "$(cat "$T/each")"
}
as_served "an unknown entity has no features of a window view, as it is served" txn
is "... not even a count of 0" "$(sed -n 2p "$T/each" | tr -d ,)" ''
as_served "... nor of query views with defaults" household
ok "... which those who are there have" grep -q '[a-z]' "$T/each"
printf 'customer_id,at\n1,290000-01-01\n1,-290000-01-01\n1,2026-10-01\n' > "$T/x.csv"
is "farthest instants beside one of now change nothing" "$(history "$T/x.csv" --timestamp-column at --purpose credit --service txn 2> /dev/null | sed -n 4p | cut -d, -f3- | tr -d '"')" \
  "$("$STOA" features get -C "$P" --asof 2026-10-01 --purpose credit txn 1 | tr -d '{}" ' | tr , '\n' | cut -d: -f2 | sed 1d | sed 's/^null$//' | paste -sd,)"

# What is not told, and what is wrong.
sed -i 's/"bureau:\*"/"profile:region"/' "$P/features/services.yaml"
like "a view without a past is told" "$(history "$T/labels.csv" --timestamp-column at --service set 2>&1 > /dev/null)" 'features/profile.rq:1:1: warning: view profile does not ask for the instant'
is "... to standard output the same rows come" "$(history "$T/labels.csv" --timestamp-column at --purpose credit --service txn 2> /dev/null | wc -l)" 121
like "an unknown column" "$(history "$T/labels.csv" --timestamp-column att --service set 2>&1)" 'labels.csv:1:1: error: there is no column "att"; did you mean "at"'
like "a file without the key" "$(printf 'customer,at\n1,2026-10-01\n' > "$T/x.csv"; history "$T/x.csv" --timestamp-column at --service set 2>&1)" 'x.csv:1:1: error: there is no column "customer_id"'
printf 'customer_id,at,note\n1,2026-10-01,"a\nb"\n\n2,soon,\n' > "$T/x.csv"
like "a row whose time is none is told with its line" "$(history "$T/x.csv" --timestamp-column at --service set 2>&1)" 'x.csv:5:1: error: "soon" is no instant'
printf 'customer_id,at\n1,2026-10-01\n2,soon\n' > "$T/x.csv"
like "a row whose time is none" "$(history "$T/x.csv" --timestamp-column at --service set -o "$T/none.csv" 2>&1)" 'x.csv:3:1: error: "soon" is no instant; write it as'
is "... leaves no file" "$(ls "$T"/none.csv* 2> /dev/null)" ''
printf 'customer_id,at,at\n1,2026-10-01,1999-01-01\n' > "$T/x.csv"
like "a head with two columns of instants" "$(history "$T/x.csv" --timestamp-column at --purpose credit --service txn 2>&1)" 'x.csv:1:1: error: the column "at" stands there twice; name one otherwise'
printf 'customer_id,customer_id,at\n1,2,2026-10-01\n' > "$T/x.csv"
like "... or two keys" "$(history "$T/x.csv" --timestamp-column at --purpose credit --service txn 2>&1)" 'x.csv:1:1: error: the column "customer_id" stands there twice'
printf 'customer_id,at,txn__count_7d_all\n1,2026-10-01,mine\n' > "$T/x.csv"
echo mine > "$T/target.csv"; ln -s target.csv "$T/link.csv"
like "a column that is named as a feature" "$(history "$T/x.csv" --timestamp-column at --purpose credit --service txn -o "$T/link.csv" 2>&1)" 'x.csv:1:1: error: the column "txn__count_7d_all" has the name of a feature of txn; name it otherwise'
is "... is told before anything is written" "$(cat "$T/target.csv")" mine
printf 'customer_id,at\n1,2026-10-01\n' > "$T/x.csv"
history "$T/x.csv" --timestamp-column at --purpose credit --service txn -o "$T/link.csv" 2> /dev/null
is "a link is written through, and stays one" "$(wc -l < "$T/target.csv")$(find "$T/link.csv" -type l)" "2$T/link.csv"
mkfifo "$T/fifo.csv"; wc -l < "$T/fifo.csv" > "$T/lines" & reader=$!
history "$T/x.csv" --timestamp-column at --purpose credit --service txn -o "$T/fifo.csv" 2> /dev/null; wait $reader
is "a FIFO is written into" "$(cat "$T/lines")$(find "$T/fifo.csv" -type p)" "2$T/fifo.csv"
awk 'BEGIN { print "customer_id,at"; for (i = 0; i < 2000000; ++i) printf "%d,2026-10-%02d\n", i % 200 + 1, i % 28 + 1 }' > "$T/long.csv"
"$STOA" features history -C "$P" --entities "$T/long.csv" --timestamp-column at --purpose credit --service txn -o "$T/none.csv" 2> /dev/null & long=$!
"$STOA" features history -C "$P" --entities "$T/long.csv" --timestamp-column at --purpose credit --service txn -o "$T/none.csv" 2> /dev/null & other=$!
parts() { find "$T" -name "none.csv.*.part" | wc -l; }
until [ "$(parts)" = 2 ] || ! kill -0 $long; do sleep 0.02; done
is "two of one name have a file each" "$(parts)" 2
is "... with the permissions that are usual" "$(stat -c %a "$T"/none.csv.*.part | sort -u)" "$(: > "$T/usual"; stat -c %a "$T/usual")"
kill -TERM $long; wait $long
is "one that is ended takes its own along, and ends by the signal" "$?,$(parts)" 143,1
kill -INT $other; kill -TERM $other 2> /dev/null; wait $other # a shell's background jobs pass SIGINT over
is "... and then none is left" "$(ls "$T"/none.csv* 2> /dev/null)" ''
rm "$T/long.csv"
like "an unknown service" "$(history "$T/labels.csv" --timestamp-column at --service sett 2>&1)" 'unknown feature service "sett"; did you mean "set"'
like "a file that is not there" "$(history "$T/no.csv" --timestamp-column at --service set 2>&1)" 'no.csv'
like "words are none of it" "$(history "$T/labels.csv" --timestamp-column at --service set 5 2>&1)" 'history takes its instants from the file'
like "an instant that is none" "$("$STOA" features get -C "$P" --asof soon set 5 2>&1)" 'takes an instant such as'
printf 'customer_id,at\n1,2026-10-01\n1,2026-10-01 02:00:00\n1,2026-10-01T00:00:00Z\n' > "$T/x.csv"
sed -i '1i timezone: Europe/Prague' "$P/stoa.yaml"
is "a time without a zone has the project's" "$(history "$T/x.csv" --timestamp-column at --purpose credit --service txn 2> /dev/null | sed 1d | cut -d, -f3- | uniq -c | awk '{ print $1 }' | paste -sd' ')" "1 2"
is "a query may be asked as of then" "$("$STOA" query --format csv --asof 2026-10-01T12:00:00Z -e 'SELECT ?t { BIND(?_asof_xsd_dateTime AS ?t) }' | tail -1 | tr -d '\r')" 2026-10-01T12:00:00Z
done_testing
