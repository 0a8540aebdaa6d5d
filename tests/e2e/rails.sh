#!/bin/sh
# Rails: what a subject may not be shown is never drawn, and it is told why.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 120
P=$T/bank
F=$P/personalizer/next_offer.yaml
state() { sqlite3 "$P/state/stoa.db" "$1"; }
rank() { r RANK "${2:-next_offer}" "$1"; }
taken() { jq -r "if .rewardActionId then . else error end | [.explanation.taken[] | .id + \" \" + .step + \" \" + .rail + \" \" + .reason] | join(\", \")"; }
cat > "$F" <<'X'
policy: next_offer
service: next_offer_v1
default_action: nothing
actions:
  - {id: home_credit, group: credit, channel: branch, features: {family: credit}}
  - {id: instant_credit, group: credit, channel: mobile, features: {family: credit}}
  - {id: car_lease, group: lease, channel: mobile}
  - {id: nothing}
rails:
  suitability:
    - name: few_holdings
      group: lease
      holds: |
        PREFIX b: <https://bank.example/ontology#>
        SELECT (COUNT(?h) AS ?n) { ?h b:heldBy ?subject } HAVING (COUNT(?h) < 4)
      reason: HAS_MANY
  eligibility:
    - name: born_before
      group: credit
      channel: mobile
      holds: |
        PREFIX b: <https://bank.example/ontology#>
        PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
        ASK { ?subject b:birthDate ?d FILTER(?d < "1985-01-01"^^xsd:date) }
      reason: TOO_YOUNG
    - name: consent
      actions: all
      holds: "PREFIX b: <https://bank.example/ontology#> ASK { FILTER NOT EXISTS { ?subject b:marketingConsent false } }"
      reason: NO_CONSENT
  applicability:
    - name: reported
      actions: [home_credit]
      holds: "PREFIX b: <https://bank.example/ontology#> ASK { OPTIONAL { ?r b:subject ?subject ; b:delinquencies ?d FILTER(?d > 0) } FILTER(!BOUND(?d)) }"
      reason: DELINQUENT
explorer: {kind: epsilon, epsilon: 0.4}
X
cat > "$P/personalizer/menu.yaml" <<'X'
policy: menu
service: next_offer_v1
nothing: none
default_action: safe
actions: [{id: gold, group: card}, {id: blue, group: card}, {id: safe}, {id: none}]
rails: {eligibility: [{name: nobody, actions: all, holds: "ASK { ?subject a <https://bank.example/ontology#Region> }", reason: NEVER}]}
X
cat > "$P/personalizer/lists.yaml" <<'X'
policy: lists
service: next_offer_v1
nothing: none
actions: [{id: gold}, {id: blue}, {id: safe}, {id: none}]
options:
  - {name: sms, channel: sms, allowed: [blue, safe]}
  - {name: closed, excluded: [blue], segment: "PREFIX b: <https://bank.example/ontology#> ASK { ?subject b:marketingConsent false }"}
  - {name: desk, channel: branch, pinned: [blue, safe]}
X
printf 'policy: off\nkill_switch: true\nactions: [{id: gold}, {id: blue}, {id: safe}]\n' > "$P/personalizer/off.yaml"
like "check likes the policy" "$("$STOA" check -C "$P" 2>&1)" 'all good'
ok "the server starts" serve "$P"

# ---- what rules take away is what queries of everybody tell
ids() { sparql "$B SELECT DISTINCT (STRAFTER(STR(?c), \"customer/\") AS ?id) { $1" | tr -d '\r' | tail -n +2 | sort; }
ids '?c b:birthDate ?d FILTER(?d < "1985-01-01"^^<http://www.w3.org/2001/XMLSchema#date>) }' > "$T/old"
ids '?c b:marketingConsent false }' > "$T/closed"
ids '?c a b:Customer . ?h b:heldBy ?c } GROUP BY ?c HAVING (COUNT(?h) >= 4)' > "$T/many"
ids '?r b:subject ?c ; b:delinquencies ?d FILTER(?d > 0) }' > "$T/late"
n() { wc -l < "$T/$1"; }
has() { grep -qx "$2" "$T/$1"; }
for f in old closed many late; do
  ok "a rule holds for some and not for others ($f: $(n $f))" test "$(n $f)" -gt 5 -a "$(n $f)" -lt 115
done
for c in $(seq 120); do echo "RANK next_offer '{\"eventId\":\"e$c\",\"subject\":\"$c\",\"explain\":true}'"; done | redis-cli -p "$RESP" > "$T/answers"
for c in $(seq 120); do
  young="instant_credit eligibility born_before TOO_YOUNG"
  if has closed "$c"; then
    has old "$c" && young="instant_credit eligibility consent NO_CONSENT"
    echo "$c default home_credit eligibility consent NO_CONSENT, $young, car_lease eligibility consent NO_CONSENT"
    continue
  fi
  w=
  has late "$c" && w="home_credit applicability reported DELINQUENT"
  has old "$c" || w="$w${w:+, }$young"
  has many "$c" && w="$w${w:+, }car_lease suitability few_holdings HAS_MANY"
  echo "$c free $w"
done > "$T/want"
jq -r '(.eventId | ltrimstr("e")) + (if .explanation.default then " default " else " free " end) + ([.explanation.taken[] | .id + " " + .step + " " + .rail + " " + .reason] | join(", "))' < "$T/answers" > "$T/got"
is "the reasons of 120 decisions are those of the graph" "$(diff "$T/want" "$T/got" | head -5)" ""
is "... what is taken away has probability 0, all else a share, and they sum to 1" "$(jq -c 'select(([.ranking[].probability] | add | . < 0.999999 or . > 1.000001) or (([.ranking[] | select(.probability == 0).id] | sort) != ([.explanation.taken[].id] | sort)))' < "$T/answers")" ""
is "... is never shown" "$(jq -c '. as $a | select(any(.explanation.taken[]; .id == $a.rewardActionId))' < "$T/answers")" ""
is "... keeps its place" "$(jq -r 'select(any(.explanation.taken[]; .id == "home_credit")) | .ranking[0].id' < "$T/answers" | sort -u)" home_credit
is "... and the rest is what the explorer shares: of two, each a half, nothing being learned" "$(jq -r 'select(.explanation.default | not) | select(.explanation.taken | length == 2) | .ranking[].probability' < "$T/answers" | sort -u | tr '\n' ' ')" "0 0.5 "
is "the log has the propensity that was answered" "$(state "SELECT event_id || ' ' || action || ' ' || printf('%.6f', probability) FROM decision ORDER BY \"offset\"")" "$(jq -r '. as $a | .ranking[] | select(.id == $a.rewardActionId) | $a.eventId + " " + .id + " " + (.probability | tostring)' < "$T/answers" | awk '{ printf "%s %s %.6f\n", $1, $2, $3 }')"
is "... and the reasons" "$(state "SELECT rails FROM decision ORDER BY \"offset\"" | jq -c .)" "$(jq -c .explanation < "$T/answers")"

# ---- nothing left
C=$(head -1 "$T/closed"); O=$(comm -12 "$T/old" "$T/closed" | tail -1); F1=$(comm -23 "$T/old" "$T/closed" | head -1)
is "the default is shown when nothing is left" "$(rank '{"eventId":"d1","subject":"'"$C"'"}' | jq -c '[.rewardActionId, (.ranking[] | select(.id == "nothing").probability)]')" '["nothing",1]'
is "... its reward is taken" "$(r REWARD d1 1)" OK
like "... and nothing is learned of it" "$(r POLICY.SHOW next_offer)" 'policy next_offer: 0 labels learned'
rank '{"eventId":"f1","subject":"'"$F1"'"}' > /dev/null; r REWARD f1 1 > /dev/null
like "... but of another" "$(r POLICY.SHOW next_offer)" 'policy next_offer: 1 labels learned'
like "the default that the caller excludes is not shown" "$(rank '{"subject":"'"$C"'","excludedActions":["nothing"]}')" 'leave no action, and the policy.s default "nothing"'
is "who is nobody fails every rule" "$(rank '{"eventId":"x1","explain":true}' | taken)" "home_credit eligibility consent NO_CONSENT, instant_credit eligibility born_before TOO_YOUNG, car_lease eligibility consent NO_CONSENT"
is "an action that the policy does not have is taken away" "$(rank '{"subject":"'"$F1"'","explain":true,"actions":[{"id":"gold"},{"id":"nothing"}]}' | taken)" "gold policy unknown UNKNOWN_ACTION"
is "without explain nothing is told" "$(rank '{"subject":"'"$C"'"}' | jq -c 'keys')" '["eventId","ranking","rewardActionId"]'
is "a decision again gets its answer" "$(rank '{"eventId":"e7"}' | jq -c .)" "$(sed -n 7p "$T/answers" | jq -c .)"
like "explain is true or false" "$(rank '{"explain":1}')" 'ERR "explain" must be true or false'

# ---- what no rule takes away, lists, and the switch
is "nothing is left by every rule" "$(rank '{"eventId":"m1","subject":"'"$C"'","explain":true}' menu | jq -c '[.rewardActionId, .explanation.default, ([.explanation.taken[].id] | join(" "))]')" '["none",false,"gold blue safe"]'
lists() { rank "{\"explain\":true,$1}" lists > "$T/list"; taken < "$T/list" || cat "$T/list"; }
is "a list of another channel says nothing" "$(lists '"subject":"'"$F1"'"')" ""
is "... of the channel takes what it does not allow, but not nothing" "$(lists '"subject":"'"$F1"'","channel":"sms"')" "gold options sms NOT_ALLOWED"
is "... of a segment what it excludes" "$(lists '"subject":"'"$C"'"')" "blue options closed EXCLUDED"
is "... of both, both" "$(lists '"subject":"'"$C"'","channel":"sms"')" "gold options sms NOT_ALLOWED, blue options closed EXCLUDED"
is "nobody is in no segment" "$(lists '"eventId":"nobody"')" ""
is "what is pinned is shown" "$(lists '"subject":"'"$F1"'","channel":"branch"')" "gold options desk NOT_PINNED, none options desk NOT_PINNED"
is "... as far as it is left" "$(lists '"subject":"'"$C"'","channel":"branch"')" "gold options desk NOT_PINNED, blue options closed EXCLUDED, none options desk NOT_PINNED"
is "... and pins nothing when it is not" "$(lists '"subject":"'"$F1"'","channel":"branch","excludedActions":["blue","safe"]')" ""
like "a channel is a text" "$(rank '{"channel":7}' lists)" 'ERR "channel" must be a text'
is "the switch leaves the baseline" "$(rank '{"explain":true}' off | jq -c '[.rewardActionId, .ranking[0].probability]'; rank '{"explain":true}' off | taken)" '["gold",1]
blue policy kill_switch KILL_SWITCH, safe policy kill_switch KILL_SWITCH'
is "... the first that the caller does not exclude" "$(rank '{"excludedActions":["gold"]}' off | jq -r .rewardActionId)" blue

# ---- a reload plans them anew
is "a reload is done" "$(curl -s -o /dev/null -w '%{http_code}' -X POST "$HTTP/reload")" 200
is "... and keeps the rails" "$(rank '{"subject":"'"$O"'","explain":true}' | taken)" "home_credit eligibility consent NO_CONSENT, instant_credit eligibility consent NO_CONSENT, car_lease eligibility consent NO_CONSENT"

# ---- reasons tell of somebody: they go with him
like "an erasure" "$(r ERASE customer "$C")" '"decisions":[1-9]'
is "... takes the reasons along, from the record and the answer" "$(state "SELECT count(*) FROM decision WHERE event_id = 'e$C' AND (rails NOTNULL OR answer LIKE '%NO_CONSENT%')")" 0
is "... the answer being there" "$(state "SELECT json_extract(answer, '\$.eventId') FROM decision WHERE event_id = 'e$C'")" "e$C"
is "... and leaves others theirs" "$(state "SELECT count(*) FROM decision WHERE event_id LIKE 'e%' AND rails LIKE '%NO_CONSENT%'")" $(($(n closed) - 1))
ok "... and stops" stop_server

# ---- check names what is wrong, with its place
cp "$F" "$T/good.yaml"
wrong() { # NAME SED EXPECTED
  cp "$T/good.yaml" "$F"; sed -i "$2" "$F"
  like "check names $1" "$("$STOA" check -C "$P" 2>&1)" "next_offer.yaml:[0-9]+:[0-9]+: error: $3"
}
wrong "an unknown step" 's/^  eligibility:/  eligibilty:/' '.*did you mean "eligibility"'
wrong "an unknown key" 's/reason: HAS_MANY/raeson: HAS_MANY/' '.*did you mean "reason"'
wrong "an unknown action" 's/actions: \[home_credit\]/actions: [home_kredit]/' '.*no action "home_kredit"; did you mean "home_credit"'
wrong "an unknown group" 's/^      group: lease$/      group: leese/' '.*no action of group "leese"; did you mean "lease"'
wrong "an unknown channel" 's/^      channel: mobile$/      channel: mobil/' '.*no action of channel "mobil"; did you mean "mobile"'
wrong "an unknown default" 's/^default_action: nothing/default_action: nothin/' '.*no action "nothin"; did you mean "nothing"'
wrong "a property that nobody has" 's/b:delinquencies/b:delinquences/' 'rail reported: .*delinquences'
wrong "a rule about nobody" 's/?h b:heldBy ?subject/?h b:heldBy ?x/' 'rail few_holdings: it does not speak of .subject'
wrong "what is no query" 's/ASK { OPTIONAL/ASK OPTIONAL/' 'rail reported: '
wrong "a query of another form" 's/ASK { OPTIONAL/DESCRIBE ?r { OPTIONAL/' 'rail reported: who is meant is told by an ASK or a SELECT'
wrong "a rail for no action" '/^      group: lease$/d' 'rail "few_holdings" is for no action'
wrong "a rail without a reason" '/reason: HAS_MANY/d' 'a rail needs "reason"'
wrong "a reason that is no code" 's/reason: HAS_MANY/reason: has many/' 'a reason is a code'
wrong "two of one name" 's/name: consent/name: born_before/' '.*there is a rail "born_before" already'
wrong "rails without a service" '/^service:/d' 'rails ask about the subject'
cp "$T/good.yaml" "$F"
list() { # NAME SED EXPECTED
  cp "$P/personalizer/lists.yaml" "$T/lists.yaml"; sed -i "$2" "$P/personalizer/lists.yaml"
  like "check names $1" "$("$STOA" check -C "$P" 2>&1)" "lists.yaml:[0-9]+:[0-9]+: error: $3"
  cp "$T/lists.yaml" "$P/personalizer/lists.yaml"
}
list "an unknown list" 's/pinned:/pined:/' '.*did you mean "pinned"'
list "an unknown action of a list" 's/allowed: \[blue/allowed: [blu/' '.*no action "blu"; did you mean "blue"'
list "an entry without a list" 's/, allowed: \[blue, safe\]//' 'an entry of options needs "allowed"'
list "an entry without a name" 's/{name: sms, /{/' '.*an entry of options'
list "an unknown class of a segment" 's/b:marketingConsent/b:marketingConsnt/' 'segment of options closed: .*marketingConsnt'
list "an unknown nothing" 's/^nothing: none/nothing: non/' '.*no action "non"; did you mean "none"'
list "segments without a service" '/^service:/d' 'options ask about the subject'
list "a switch that is neither on nor off" 's/^nothing: none/kill_switch: maybe/' '"kill_switch" is true or false'
done_testing
