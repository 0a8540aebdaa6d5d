#!/bin/sh
# A person is erased: events, whose decisions were, kept rows, and every byte of the key in the files of the state.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 50
P=$T/bank
cp -r "$P" "$T/numbers" # whose keys are numbers
sed -i 's/customer: {type: integer,/customer: {type: string,/' "$P/stoa.yaml"
sed -i 's/key: {customer_id: int64}/key: customer_id/' "$P/features/entities.yaml"
sed -i 's/^#+   freshness: .*/#+   freshness: 1h/' "$P/features/contact.rq"
cat > "$P/features/all_clicks.rq" <<'F'
#+ summary: clicks of everybody
#+ feature_view: {name: all_clicks, kind: query, entity: {customer: customer_id}, features: {n: integer}, freshness: 1h}
PREFIX b: <https://bank.example/ontology#>
SELECT ?customer ?n { ?customer a b:Customer { SELECT (COUNT(?e) AS ?n) { ?e a b:WebEvent ; b:kind "erasing" } } }
F
printf 'samples: {share: 1}\n' >> "$P/stoa.yaml"
K=unmistakable-key-of-one-person
serve "$P" || exit 1
click() { r EVENT click "{\"id\":\"$1\",\"at\":\"$(date -u +%FT%TZ)\",\"customer\":\"$2\",\"channel\":\"web\",\"kind\":\"erasing\"}" > "$T/sent"; }
rank() { r RANK next_offer "{\"subject\":\"$1\",\"eventId\":\"$2\"}" > "$T/ranked"; }
held() { cat "$P"/state/* | grep -acF -e "$1"; } # lines of the files that have it
state() { sqlite3 "$P/state/stoa.db" "$1"; }
web() { r HMGET "contact:$1" contact__count_7d_web; }
everybody() { r HMGET "all_clicks:7" all_clicks__n; }
erase() { curl -s -X DELETE "$HTTP/entities/$1"; }

# Many others before and between, so that pages of the database are full, and parted.
crowd() { # PREFIX: 2,000 clicks of others, whose keys begin as the person's
  i=0; while [ $i -lt 2000 ]; do
    i=$((i + 1)); h=$(printf '%s%d' "$1" $i | cksum | cut -c1-6)
    printf 'EVENT click "{\\"id\\":\\"%s\\",\\"at\\":\\"2026-01-01T00:00:00Z\\",\\"customer\\":\\"unmistakable-key-of-%s\\",\\"channel\\":\\"web\\",\\"kind\\":\\"other\\"}"\n' "$1$h$i" "$h"
    [ $((i % 40)) -ne 0 ] || printf 'EVENT click "{\\"id\\":\\"%s\\",\\"at\\":\\"2026-01-01T00:00:00Z\\",\\"customer\\":\\"%s\\",\\"channel\\":\\"web\\",\\"kind\\":\\"other\\"}"\n' "$1-$h-$i" "$K"
  done | redis-cli -p "$RESP" | grep -vc "^$1"
}
is "a crowd" "$(crowd c)" 0
click k1 "$K"; click k2 "$K"; click k3 "$K"; click o1 7
rank "$K" "rank-of-$K"; rank "$K" plain; rank 7 other
r REWARD "rank-of-$K" 1 "reward-of-$K" > "$T/sent"; r REWARD plain 0.5 > "$T/sent"; r REWARD other 0.25 > "$T/sent"
before=$(web 7)
is "what is kept counts them" "$(web "$K") $(everybody)" "3 4"
ok "the key stands in the files of the state" test "$(held "$K")" -gt 0
i=0; until grep -qF "$K" "$P/state/samples.jsonl" || [ $i -gt 40 ]; do i=$((i + 1)); sleep 0.1; web "$K" > "$T/sent"; web 7 > "$T/sent"; done
ok "and in the samples of rows" grep -qF "$K" "$P/state/samples.jsonl"
cp "$P/state/samples.jsonl" "$P/state/samples.jsonl.1"
others=$(grep -vcF "$K" "$P/state/samples.jsonl.1")
like "the policy has learned of them" "$(r POLICY.SHOW next_offer)" ' 3 labels learned'
learned=$(r POLICY.SHOW next_offer)

receipt=$(erase "customer/$K")
is "a receipt tells what went" "$(echo "$receipt" | grep -oE '"(events|decisions|rewards_kept|same_as|files)":("[a-z ]*"|\{[^}]*\}|[0-9]+)' | paste -sd' ')" '"events":{"click":53} "decisions":2 "rewards_kept":2 "same_as":{} "files":"wiped"'
ok "... how many samples" test "$(echo "$receipt" | sed 's/.*"samples":\([0-9]*\),.*/\1/')" -ge 2
is "samples of others stay" "$(wc -l < "$P/state/samples.jsonl.1")" "$others"
like "... which rows are made anew" "$receipt" '"kept_rows":2,"views":\["all_clicks","contact","txn"\]'
like "... which record of the log it is, and a hash of the key" "$receipt" '"key_hash":"[0-9a-f]{64}","salt":"[0-9a-f]{64}".*"offset":2065,'
salt=$(echo "$receipt" | sed 's/.*"salt":"\([0-9a-f]*\)".*/\1/'); hash=$(echo "$receipt" | sed 's/.*"key_hash":"\([0-9a-f]*\)".*/\1/')
is "... by which who knows the key can tell that it was this one" "$(printf '%scustomer|%s' "$salt" "$K" | sha256sum | cut -d' ' -f1)" "$hash"
is "the receipt itself has no key" "$(echo "$receipt" | grep -c "$K")" 0
is "no file of the state has a byte of the key" "$(held "$K")" 0
is "nor the salt" "$(held "$salt")" 0
is "the log has the erasure, by the hash" "$(state "SELECT entity, events, decisions, rewards, wiped FROM erasure WHERE key_hash = '$hash'")" 'customer|53|2|2|1'
is "offsets stay, without content" "$(state 'SELECT count(*) = max("offset"), sum(kind = 6), sum(kind = 5) FROM log')" '1|53|1'
is "what is kept does not count them" "$(web "$K" | cut -d' ' -f1) $(everybody)" "NOTFOUND 1"
is "others keep theirs" "$(web 7)" "$before"
is "decisions stay, nobody's" "$(state 'SELECT count(*), count(subject), count(example), count(action) FROM decision')" '3|1|1|3'
is "rewards stay by their event" "$(state 'SELECT count(*) FROM reward JOIN decision USING (event_id)')" 3
is "what was learned stays" "$(r POLICY.SHOW next_offer | grep -v '^feature')" "$(printf '%s\n' "$learned" | grep -v '^feature')"
like "an id that told the key is none any more" "$(r REWARD "rank-of-$K" 1 2>&1)" 'there is no decision'
is "one that did not is" "$(r REWARD plain 0.5 late)" OK
is "SPARQL finds none of it" "$(sparql "SELECT (COUNT(*) AS ?n) { ?s ?p <https://bank.example/customer/$K> }" | tail -1 | tr -d '\r')" 0

# ---- again, and others
like "nothing held is no error" "$(erase "customer/$K")" '"events":\{\},"decisions":0,"rewards_kept":0.*"sources":\[\]'
is "who comes later is a new person" "$(click k1 "$K"; web "$K")" 1
like "... and is erased again, by the one entity that there is" "$(erase "$K")" '"events":\{"click":1\}'
like "sources are only read: those that hold the person are told" "$(r ERASE customer 7)" '\{"source":"product","table":"customer","columns":\["customer_id"\],"holds":true,"views":\['
is "... and have it still" "$(sqlite3 "$P/data/product.db" 'SELECT count(*) FROM customer WHERE customer_id = 7')" 1
is "several at once: a receipt each" "$(r ERASE customer 8 9 10 | grep -c '"entity":"customer"')" 3
is "a key may have any letters" "$(click s1 'a/b %c:ü'; erase 'customer/a%2Fb%20%25c%3A%C3%BC' | grep -oE '"events":\{[^}]*\}')" '"events":{"click":1}'
is "a key that begins as another is another" "$(click s2 "$K-2"; erase "customer/$K" | grep -oE '"events":\{[^}]*\}') $(web "$K-2")" '"events":{} 1'
like "counted" "$(curl -s "$HTTP/metrics")" '^stoa_erasures_total 9$'

# ---- refusals
like "an unknown entity" "$(erase custmer/7)" '"unknown entity \\"custmer\\"; did you mean \\"customer\\"\?"'
is "... is not found" "$(curl -s -o /dev/null -w '%{http_code}' -X DELETE "$HTTP/entities/custmer/7")" 404
is "another method" "$(curl -s -o /dev/null -w '%{http_code}' -X POST "$HTTP/entities/customer/7")" 405
is "... and DELETE of something else" "$(curl -s -o /dev/null -w '%{http_code}' -X DELETE "$HTTP/policies/next_offer")" 405
is "too many parts" "$(curl -s -o /dev/null -w '%{http_code}' -X DELETE "$HTTP/entities/customer/7/8")" 404
is "no key" "$(curl -s -o /dev/null -w '%{http_code}' -X DELETE "$HTTP/entities/customer/")" 400
is "a page of another origin may not" "$(curl -s -o /dev/null -w '%{http_code}' -X DELETE -H 'Origin: http://evil.example' "$HTTP/entities/customer/7")" 403
like "RESP wants a key" "$(r ERASE customer 2>&1)" 'wrong number of arguments'

# ---- the command line, through the server
click c1 "$K"
like "a running server is asked" "$("$STOA" features erase -C "$P" customer "$K")" '^\{"entity":"customer".*"click":1'
like "a table, for a person" "$("$STOA" features erase -C "$P" --format table customer 7 8)" '^entity        customer$'
like "its error" "$("$STOA" features erase -C "$P" custmer 7 2>&1)" 'unknown entity "custmer"; did you mean'
like "what is missing" "$("$STOA" features erase -C "$P" customer 2>&1)" 'erase takes an entity and at least one key'
like "a format that is none" "$("$STOA" features erase -C "$P" --format xml customer 7 2>&1)" 'table or json, not "xml"'
like "options of others" "$("$STOA" features list -C "$P" --format json 2>&1)" 'format is of get, preview and erase'

# ---- somebody reads the state meanwhile: his pages are wiped when he has gone
mkfifo "$T/hold"
erase "customer/$K-2" > "$T/sent"
click h1 "$K"
sqlite3 "$P/state/stoa.db" < "$T/hold" > "$T/held" & reader=$!
exec 3> "$T/hold"
echo 'BEGIN; SELECT count(*) FROM event_click;' >&3
i=0; until [ -s "$T/held" ] || [ $i -gt 200 ]; do i=$((i + 1)); sleep 0.05; done
like "a reader of an older state holds up the wiping" "$(erase "customer/$K")" '"events":\{"click":1\}.*"files":"to be wiped"'
is "... and nothing else" "$(click h2 11; r EVENT click '{"id":"h2","at":"2026-01-01T00:00:00Z","customer":"11","channel":"web","kind":"erasing"}')" h2
ok "his bytes are there" test "$(held "$K")" -gt 0
echo 'COMMIT;' >&3; exec 3>&-; wait $reader
stop_server
ok "when the state is opened next" "$STOA" reward -C "$P" other 0.25
is "they are gone" "$(held "$K") $(state 'SELECT count(*) FROM erasure WHERE NOT wiped')" "0 0"

# ---- without a server
like "the state is opened" "$("$STOA" features erase -C "$P" customer 11)" '"events":\{"click":1\}'
sqlite3 "$P/state/stoa.db" 'CREATE TABLE event_forgotten(log_offset INTEGER, id TEXT)'
like "a type of events that is declared no more is told" "$("$STOA" features erase -C "$P" customer 11)" '"not_read":\["event_forgotten"\]'
like "a key of the wrong type" "$("$STOA" features erase -C "$T/numbers" customer abc 2>&1)" 'customer_id is of type int64; "abc" is none'
like "... by number" "$("$STOA" features erase -C "$T/numbers" customer 7)" '"holds":true'
sed -i 's/customer: {type: integer,/customer: {type: double,/' "$T/numbers/stoa.yaml"; rm -rf "$T/numbers/state"
like "events that no key finds are refused with their place" "$("$STOA" features erase -C "$T/numbers" customer 7 2>&1)" 'stoa.yaml:[0-9]+:[0-9]+: error: event type "click" names customer by its field "customer" of type double'

# ---- the file is not the state's any more
serve "$P" || exit 1
mv "$P/state/stoa.db" "$P/state/away.db"
like "nothing is acknowledged" "$(erase customer/7)" 'is no longer the file that is open'
mv "$P/state/away.db" "$P/state/stoa.db"
stop_server
done_testing
