#!/bin/sh
# Training sets hold what was known: an event that came late is in no row of an instant before it came, though it lies
# in the windows; rows equal those that were served.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 50
P=$T/bank
cat > "$P/features/clicks.rq" <<'E'
#+ summary: Clicks at any time, by a query
#+ feature_view:
#+   name: clicks
#+   kind: query
#+   entity: {customer: customer_id}
#+   features: {n: int32, latest: timestamp}
#+   default: {n: 0}
PREFIX b: <https://bank.example/ontology#>
SELECT ?customer (COUNT(?e) AS ?n) (MAX(?at) AS ?latest)
WHERE { ?e a b:EngagementEvent ; b:actor ?customer ; b:occurredAt ?at FILTER(?at <= ?_asof_xsd_dateTime) } GROUP BY ?customer
E
cat > "$P/features/services.yaml" <<'E'
services:
  - {name: seen, features: ["contact:count_7d_web", "contact:count_7d_all", "contact:recency_7d_web", "clicks:n"]}
E
rm -f "$P"/personalizer/*.yaml
serve "$P" || exit 1
click() { r EVENT click "{\"id\":\"$1\",\"at\":\"$(date -u -d "$2" +%FT%TZ)\",\"customer\":$3,\"channel\":\"web\",\"kind\":\"viewed\"}" > /dev/null; }
now() { date -u +%FT%T.%6NZ; }
served() { r HMGET "seen:$1" contact__count_7d_web contact__count_7d_all clicks__n | tr '\n' ',' | sed 's/,$//'; }
: > "$T/told"
printf 'customer_id,at\n' > "$T/labels.csv"
note() { printf '%s,%s\n' "$1" "$(now)" >> "$T/labels.csv"; echo "$1,$(served "$1")" >> "$T/told"; sleep 0.05; }
note 7; note 8
click now '-1 minute' 7; sleep 1.2; note 7
click late '-3 days' 7; sleep 1.2; note 7; note 8      # came late: three days
click later '-6 days' 8; sleep 1.2; note 8; note 7
click old '-20 days' 7; sleep 1.2; note 7              # in no window of a week, and a click all the same
click other '-2 days' 9; sleep 1.2; note 9
stop_server
history() { "$STOA" features history -C "$P" --entities "$T/labels.csv" --timestamp-column at --service seen -o "$T/set.csv" 2> "$T/err"; }
ok "a training set of those instants" history
is "each row is what was served at its instant" "$(tail -n +2 "$T/set.csv" | cut -d, -f1,3,4,6)" "$(cat "$T/told")"
is "... in which a late event counts from when it came" "$(grep '^7,' "$T/told" | cut -d, -f2 | awk 'NR == 1 { first = $1 } { printf "%d ", $1 - first }')" '0 1 2 2 2 '
is "... to queries as well" "$(grep '^7,' "$T/told" | cut -d, -f4 | awk 'NR == 1 { first = $1 } { printf "%d ", $1 - first }')" '0 1 2 2 3 '
printf 'customer_id,at\n7,2020-01-01T00:00:00Z\n' > "$T/labels.csv"
ok "before anything was known" history
is "... there is nothing of the log" "$(tail -1 "$T/set.csv" | cut -d, -f3,6)" '0,0'
done_testing
