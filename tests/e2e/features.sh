#!/bin/sh
# Feature vectors against values computed by SQL.
. "${STOA_SRC:?}/tests/support/lib.sh"
for d in one two; do "$BUILD/examples/bank/generate" "$T/$d" 50 9 2026-11-01 > /dev/null; for f in "$T/$d"/*.db; do sqlite3 "$f" .dump; done > "$T/$d.sql"; done
ok "the example bank is the same from the same seed" cmp "$T/one.sql" "$T/two.sql"
"$BUILD/examples/bank/generate" "$T/three" 50 10 2026-11-01 > /dev/null
for f in "$T/three"/*.db; do sqlite3 "$f" .dump; done > "$T/three.sql"
cmp -s "$T/one.sql" "$T/three.sql"; is "and another one from another seed" $? 1
bank 120
P=$T/bank
is "nine channels are in touch" "$(sqlite3 "$P/data/engagement.db" 'SELECT count(DISTINCT channel) FROM event')" 9
awk '/^```sparql/{f=1;next}/^```/{f=0}f' "${STOA_SHARED:-/nonexistent}/design/features.md" 2> /dev/null > "$T/example.rq"
[ ! -s "$T/example.rq" ] || ok "the documented example of a window view is shipped unchanged" cmp "$T/example.rq" "$P/features/txn.rq"
like "views and services are listed" "$("$STOA" features list -C "$P")" 'service  next_offer_v1 .* 17 features of 6 views'
"$STOA" features preview -C "$P" next_offer_v1 --limit 1000 > "$T/all.json"
is "a vector for every customer" "$(wc -l < "$T/all.json")" 120
json() { jq -s "$1" "$T/all.json"; }
is "holdings match SQL" "$(json 'map(.holdings__open) | add')" "$(sqlite3 "$P/data/product.db" 'SELECT count(*) FROM holding WHERE closed_on IS NULL')"
is "balances match SQL to the cent" "$(json 'map(.holdings__balance) | add | . * 100 | round')" \
  "$(sqlite3 "$P/data/product.db" 'SELECT sum(CAST(round(balance * 100) AS INTEGER)) FROM holding WHERE closed_on IS NULL')"
is "30-day counts match SQL" "$(json 'map(.txn__count_30d_all) | add')" \
  "$(sqlite3 "$P/data/transaction.db" "SELECT count(*) FROM card_txn WHERE booked_at > strftime('%Y-%m-%dT%H:%M:%SZ','now','-30 days') AND booked_at <= strftime('%Y-%m-%dT%H:%M:%SZ','now')")"
is "the household two hops away matches SQL" "$(json 'map(.household__others_hold) | add')" \
  "$(sqlite3 "$P/data/product.db" 'SELECT count(*) FROM customer c JOIN customer o ON o.household_id = c.household_id AND o.customer_id <> c.customer_id JOIN holding h ON h.customer_id = o.customer_id WHERE h.product_id <> 9')"
is "the latest bureau score matches SQL" "$(json 'map(.bureau__score) | map(select(. != null)) | add')" \
  "$(sqlite3 "$P/data/bureau.db" "SELECT sum(score) FROM report r WHERE pulled_on = (SELECT max(pulled_on) FROM report x WHERE x.customer_id = r.customer_id AND x.pulled_on <= date('now'))")"
"$STOA" features get -C "$P" next_offer_v1 7 > "$T/one.json"
is "one key gives the same vector as many" "$(cat "$T/one.json")" "$(grep '"customer_id": "7"' "$T/all.json")"
"$STOA" features get -C "$P" spending 7 > "$T/w.json"
is "listed slots and _other add up to _all" "$(jq '.txn__count_90d_app + .txn__count_90d_web + .txn__count_90d_branch + .txn__count_90d_call + .txn__count_90d_other == .txn__count_90d_all' "$T/w.json")" true
is "windows nest" "$(jq '.txn__count_7d_all <= .txn__count_30d_all and .txn__count_30d_all <= .txn__count_90d_all' "$T/w.json")" true
is "sum, avg and count agree" "$(jq '(.txn__sum_amount_90d_all / .txn__count_90d_all - .txn__avg_amount_90d_all) | fabs < 1e-9' "$T/w.json")" true
is "p90 lies between the mean and the maximum here" "$(jq '.txn__p90_amount_90d_all <= .txn__max_amount_90d_all' "$T/w.json")" true
out=$("$STOA" features get -C "$P" next_offer_v1 "7' OR 1=1 --" 2>&1); like "a key that is none is refused by its type" "$out" 'customer_id is of type int64; "7. OR 1=1 --" is none'
out=$("$STOA" features get -C "$P" next_offer_v1 99999999 2> "$T/absent"); like "whoever does not exist has no features, not even defaults" "$out" '"holdings__open": null'
like "... and is told" "$(cat "$T/absent")" 'there is no customer with customer_id "99999999"'
out=$("$STOA" features get -C "$P" nextoffer_v1 7 2>&1); is "an unknown service is refused (exit 1)" $? 1
like "and the nearest is named" "$out" 'did you mean "next_offer_v1"'
# An entity whose IRI is made of two columns: each gets its own part of the key.
mkdir -p "$T/accounts/features"
sqlite3 "$T/accounts/d.db" "CREATE TABLE account(branch INTEGER NOT NULL, no INTEGER NOT NULL, cents INTEGER NOT NULL, PRIMARY KEY(branch, no));
INSERT INTO account VALUES (1,1,11),(1,7,17),(7,1,71),(7,7,77)"
cat > "$T/accounts/m.ttl" <<'Y'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix x: <http://x/> .
<#a> rr:logicalTable [ rr:tableName "account" ] ; rr:subjectMap [ rr:template "http://x/account/{branch}-{no}" ; rr:class x:Account ] ;
  rr:predicateObjectMap [ rr:predicate x:cents ; rr:objectMap [ rr:column "cents" ] ] .
Y
printf 'project: p\nbase: http://e/\nsources:\n  db: {driver: sqlite, address: d.db, mappings: [m.ttl]}\n' > "$T/accounts/stoa.yaml"
printf 'prefixes: {x: "http://x/"}\naccount: {class: x:Account, key: [account_id], iri: "http://x/account/{account_id}"}\n' > "$T/accounts/features/entities.yaml"
echo 'services: []' > "$T/accounts/features/services.yaml"
printf '%s\n' '#+ feature_view:' '#+   name: money' '#+   kind: query' '#+   entity: {account: account_id}' '#+   owner: x' '#+   features: {cents: int32}' \
  'PREFIX x: <http://x/> SELECT ?account ?cents { ?account x:cents ?cents }' > "$T/accounts/features/money.rq"
is "the vector of a key of two columns" "$("$STOA" features get -C "$T/accounts" money 1-7)" '{"account_id": "1-7", "money__cents": 17}'
is "and of two such keys" "$("$STOA" features get -C "$T/accounts" money 7-1 1-7 | jq -c .money__cents | tr '\n' ' ')" '71 17 '
done_testing
