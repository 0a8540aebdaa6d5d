#!/bin/sh
# What a feature view declares is enforced: purposes, groups that are too small, late events.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 60
P=$T/bank
check() { "$STOA" check -C "$P" 2>&1; }
get() { "$STOA" features get -C "$P" "$@" 2>&1; }

# ---- purposes
like "a view that declares purposes is not read without one" "$(get txn 7)" '^error: view txn may be read for personalisation, credit; the request states no purpose$'
get txn 7 > /dev/null; is "... which the exit status tells" $? 1
like "... nor for another" "$(get --purpose marketing txn 7)" '^error: view txn may be read for personalisation, credit, not for "marketing"$'
like "... but for one of them" "$(get --purpose credit txn 7)" '"txn__count_7d_all": [0-9]'
like "a preview states it too" "$("$STOA" features preview -C "$P" txn 2>&1)" 'states no purpose'
like "... and has rows" "$("$STOA" features preview -C "$P" --purpose credit --limit 2 txn | wc -l)" '^2$'
printf 'customer_id,at\n7,2026-10-01\n' > "$T/labels.csv"
history() { "$STOA" features history -C "$P" --entities "$T/labels.csv" --timestamp-column at "$@" 2>&1; }
like "a training set is read for a purpose" "$(history --service txn)" 'view txn may be read for personalisation, credit; the request states no purpose'
like "... as it is said" "$(history --purpose credit --service txn | sed -n 2p)" '^7,2026-10-01,'
like "a service has the purpose that it declares" "$(get spending 7)" '"txn__count_7d_all": [0-9]'
like "... also where it is stated" "$(get --purpose personalisation spending 7)" '"txn__count_7d_all": [0-9]'
like "... and no other, whatever its views allow" "$(get --purpose credit spending 7)" '^error: service spending is read for personalisation, not for "credit"$'
like "a view without purposes is read for any" "$(get --purpose whatever profile 7; get profile 7)" 'profile__'

cat > "$P/features/pace.rq" <<'F'
#+ feature_view:
#+   name: pace
#+   kind: request
#+   entity: {customer: customer_id}
#+   inputs: {factor: double}
#+   reads: {n: "txn:count_30d_all"}
#+   features: {pace: double}
SELECT (?n * ?factor AS ?pace) {}
F
sed -i 's/?n \* ?factor/?n * ?facto + ?factor/' "$P/features/pace.rq"
like "a variable of a request view that is neither an input nor read is a fault in its place" "$(check)" 'pace.rq:8:14: error: \?facto is neither an input nor read of another view; did you mean \?factor'
sed -i 's/?n \* ?facto + ?factor/?n * ?factor/' "$P/features/pace.rq"
cp "$P/features/services.yaml" "$T/services.yaml"
printf '  - name: bad\n    purpose: marketing\n    features: ["profile:*", "txn:count_7d_all"]\n' >> "$P/features/services.yaml"
like "a service for which a view may not be read is a fault with its place" "$(check)" 'services.yaml:[0-9]+:14: error: service bad: view txn may be read for personalisation, credit, not for "marketing"; name a purpose'
cp "$T/services.yaml" "$P/features/services.yaml"
printf '  - name: bad\n    purpose: marketing\n    features: ["pace:pace"]\n' >> "$P/features/services.yaml"
like "... also through a request view" "$(check)" 'services.yaml:[0-9]+:14: error: service bad: view txn may be read for'
cp "$T/services.yaml" "$P/features/services.yaml"
printf '  - name: bad\n    purpose: [a, b]\n    features: ["pace:pace"]\n' >> "$P/features/services.yaml"
like "the purpose of a service is one word" "$(check)" 'services.yaml:[0-9]+:[0-9]+: error: .*purpose'
cp "$T/services.yaml" "$P/features/services.yaml"
sed -i '/^    features: \["txn:\*"\]/i\    owner: us' "$P/features/services.yaml"
printf '  - name: unsaid\n    features: ["profile:income_band", "txn:count_7d_all"]\n' >> "$P/features/services.yaml"
is "the project has no fault" "$(check | grep -c error)" 0

serve "$P" || exit 1
like "RESP refuses" "$(r HMGET txn:7 txn__count_7d_all)" 'view txn may be read for personalisation, credit; the request states no purpose'
like "... a service without a purpose too" "$(r FEATURES.GET unsaid 7)" 'view txn may be read for'
is "... unless that view is not read" "$(r HMGET unsaid:7 profile__income_band | grep -c may)" 0
like "... and serves one that has one" "$(r HMGET spending:7 txn__count_7d_all)" '^[0-9]+$'
is "a connection states its purpose" "$(printf 'PURPOSE\nPURPOSE credit\nPURPOSE\nHMGET txn:7 txn__count_7d_all\nPURPOSE x\nHMGET txn:7 txn__count_7d_all\nPURPOSE ""\nHMGET txn:7 txn__count_7d_all\n' | r | sed 's/^[0-9.][0-9.]*$/N/' | grep -v '^txn__' | uniq)" '
OK
credit
N
OK
ERR view txn may be read for personalisation, credit, not for "x"

OK
ERR view txn may be read for personalisation, credit; the request states no purpose'
is "... which a table is read for too" "$(printf 'PURPOSE credit\nFEATURES.GET txn 7\n' | r | grep -c '^txn__count_7d_all$')" 1
is "... until RESET" "$(printf 'PURPOSE credit\nRESET\nPURPOSE\n' | r | tail -1)" ''
like "... also within MULTI" "$(printf 'MULTI\nPURPOSE credit\nHMGET txn:7 txn__count_7d_all\nEXEC\n' | r | tail -1)" '^[0-9]+$'
like "a purpose is a name" "$(r PURPOSE "$(head -c 300 /dev/zero | tr '\0' x)")" 'a name has 1 to 256 bytes'
http() { path=$1; shift; curl -s -w ' %{http_code}' "$@" "$HTTP$path" | tr '\n' ' '; }
like "HTTP refuses" "$(http '/features/txn?key=7')" 'view txn may be read for .* 403$'
like "... and reads the header" "$(http '/features/txn?key=7&field=txn__count_7d_all' -H 'Stoa-Purpose: credit')" '[0-9].* 200$'
like "... two of which are no purpose" "$(http '/features/txn?key=7' -H 'Stoa-Purpose: credit' -H 'Stoa-Purpose: credit')" 'not for .*credit, credit.* 403$'
online() { http /get-online-features -H 'Content-Type: application/json' "$@"; }
A='"features": ["txn:count_7d_all"], "entities": {"customer_id": [7]}'
like "Feast's request refuses" "$(online -d "{$A}")" 'states no purpose.* 403$'
like "... and reads its member" "$(online -d "{$A, \"purpose\": \"credit\"}")" 'PRESENT.* 200$'
like "... or the header" "$(online -d "{$A}" -H 'Stoa-Purpose: credit')" 'PRESENT.* 200$'
like "... not two different ones" "$(online -d "{$A, \"purpose\": \"credit\"}" -H 'Stoa-Purpose: personalisation')" 'another than the header.* 422$'
like "... that is a word" "$(online -d "{$A, \"purpose\": 5}")" 'purpose.* 422$'
like "a service has its own" "$(online -d '{"feature_service": "spending", "entities": {"customer_id": [7]}}')" 'PRESENT.* 200$'
like "... and no other" "$(online -d '{"feature_service": "spending", "entities": {"customer_id": [7]}, "purpose": "credit"}')" 'service spending is read for personalisation, not for .* 403$'
R='"features": ["pace:pace"], "entities": {"customer_id": [7]}, "request_context": {"factor": [2]}'
like "what a request view reads is read for the purpose" "$(online -d "{$R}")" 'view txn may be read for .* 403$'
like "... if it may" "$(online -d "{$R, \"purpose\": \"credit\"}")" 'pace.* 200$'
stop_server
sed -i 's/^service: .*/service: unsaid/' "$P/personalizer/next_offer.yaml"
rank() { "$STOA" rank -C "$P" next_offer "{\"subject\": \"7\", \"eventId\": \"$1\", \"actions\": [{\"id\": \"a\", \"features\": {}}, {\"id\": \"b\", \"features\": {}}]$2}" 2>&1; }
like "a decision reads features for a purpose" "$(rank e1 '')" 'error: view txn may be read for personalisation, credit; the request states no purpose'
like "... that it states" "$(rank e2 ', "purpose": "credit"')" '"ranking"'

# ---- groups that are too small
sed -e 's/name: colleagues$/name: crowd/; s/^#+   features:.*/&\n#+   min_group: {group: colleagues, least: 3}/' "$P/features/colleagues.rq" > "$P/features/crowd.rq"
is "a view with a least group has no fault" "$(check | grep -c error)" 0
all() { "$STOA" features preview -C "$P" --limit 100 "$1" | sed "s/$1__//g"; }
all colleagues | sed 's/"colleagues": [012], "with_credit": [0-9]*/"colleagues": null, "with_credit": null/' > "$T/expected"
all crowd > "$T/served"
ok "rows about fewer are not served, and others are ($(grep -c null "$T/served") and $(grep -vc null "$T/served"))" sh -c 'diff "$1" "$2" && grep -q null "$1" && grep -qv null "$1"' same "$T/expected" "$T/served"
few=$(grep null "$T/served" | head -1 | tr -dc 0-9) many=$(grep -v null "$T/served" | head -1 | cut -d'"' -f4)
printf 'customer_id,at\n%s,2030-01-01\n%s,2030-01-01\n' "$few" "$many" > "$T/labels.csv"
like "... nor in training sets" "$(history --service crowd | paste -sd' ')" "$few,2030-01-01,, $many,2030-01-01,[0-9]+,[0-9]+$"
sed -i 's/^#+   min_group/#+   freshness: 1h\n&/' "$P/features/crowd.rq"
serve "$P" || exit 1
G="\"features\": [\"crowd:with_credit\"], \"entities\": {\"customer_id\": [$few, $many]}"
is "... nor where rows are kept, and explain tells why" "$(for i in 1 2; do online -d "{$G, \"explain\": true}" | grep -o '"withheld":[^]]*]\|"NULL_VALUE","PRESENT"'; done)" '"NULL_VALUE","PRESENT"
"withheld":["min_group",null]
"NULL_VALUE","PRESENT"
"withheld":["min_group",null]'
is "... over RESP neither" "$(r HMGET crowd:$few crowd__colleagues crowd__with_credit | paste -sd,)" ','
stop_server
refused() { # CLAIM LINE OF min_group PATTERN
  cp "$P/features/crowd.rq" "$T/crowd.rq"
  sed -i "s/^#+   min_group:.*/#+   $2/" "$P/features/crowd.rq"
  like "$1" "$(check)" "$3"
  cp "$T/crowd.rq" "$P/features/crowd.rq"
}
refused "a number alone counts nobody" 'min_group: 5' 'crowd.rq:9:17: error: "min_group" is \{group: VARIABLE, least: NUMBER\}'
refused "the group is a variable of the query" 'min_group: {group: colleages, least: 5}' 'crowd.rq:9:[0-9]+: error: the query does not select \?colleages; did you mean \?colleagues\?'
refused "a group of one is none" 'min_group: {group: colleagues, least: 1}' 'crowd.rq:9:[0-9]+: error: "least" is a number from 2 to 1000000'
refused "... nor is what is no number" 'min_group: {group: colleagues, least: 3d}' '"least" is a number from 2'
refused "another key is no key" 'min_group: {group: colleagues, most: 3}' 'crowd.rq:9:[0-9]+: error: unknown key "most"'
refused "late is of windows" 'late: 3d' 'crowd.rq:9:[0-9]+: error: a view of kind query has no "late"'
cp "$P/features/txn.rq" "$T/txn.rq"
sed -i 's/^#+   late:.*/#+   min_group: {group: merchant, least: 3}/' "$P/features/txn.rq"
like "a window view has no least group" "$(check)" 'txn.rq:15:[0-9]+: error: a view of kind window has no "min_group"'
for l in 0s 40000d soon; do
  sed "s/^#+   late:.*/#+   late: $l/" "$T/txn.rq" > "$P/features/txn.rq"
  like "late is a span: $l" "$(check)" 'txn.rq:15:[0-9]+: error: "late" is'
done
cp "$T/txn.rq" "$P/features/txn.rq"
serve "$P" || exit 1
count() { r HMGET dialogue:7 contact__count_30d_web; }
before=$(count)
r EVENT click "{\"id\":\"late\",\"at\":\"$(date -u -d '29 days ago' +%FT%TZ)\",\"customer\":7,\"channel\":\"web\",\"kind\":\"viewed\"}" > /dev/null
is "an event counts however late it is" "$(count)" $((before + 1))
stop_server
done_testing
