#!/bin/sh
# What is said and means nothing is an error with its place, or its name, and no answer: in project folders (stoa check)
# and in requests.  Batches of keys are answered place by place, whatever the keys.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 50
P=$T/bank
cp -r "$P" "$T/good"
check() { "$STOA" check -C "$@" 2>&1; }
is "the bank is all good" "$(check "$T/good" | grep -c 'all good')" 1
caught() { # CLAIM FILE SED PATTERN
  rm -rf "$T/p"; cp -r "$T/good" "$T/p"; sed -i "$3" "$T/p/$2"
  out=$(check "$T/p"); code=$?
  like "$1 is found, with its place" "$out" "$(basename "$2"):[0-9]+:[0-9]+: error: $4"
  is "... and check fails" "$code" 1
}

# ---- policies
O=personalizer/next_offer.yaml
cp "$T/good/$O" "$T/again.yaml"
caught "an unknown key of an explorer" $O 's/gamma: 10/gama: 10/' 'unknown key "gama"; did you mean "gamma"'
caught "an unknown key of a reward" $O 's/aggregation: earliest/agregation: earliest/' 'unknown key "agregation"; did you mean "aggregation"'
caught "an unknown key of a learner" $O 's/bits: 18/bit: 18/' 'unknown key "bit"; did you mean "bits"'
caught "an unknown key of an action" $O 's/features: {family: none}/feature: {family: none}/' 'unknown key "feature"; did you mean "features"'
caught "an empty id of an action" $O 's/id: nothing/id: ""/' 'an action needs an id of 1 to 256'
caught "an action without id" $O 's/id: nothing, *//' 'an action needs an id of 1 to 256'
caught "an action that is a list" $O 's/features: {family: none}/features: [none]/' '"features" of an action are names and values'
caught "a feature that is a list" $O 's/family: none/family: [none]/' 'feature "family" must be a number or a text'
caught "an empty name of a policy" $O 's/^policy: .*/policy: ""/' 'needs "policy: NAME"'
caught "a list for a name" $O 's/^policy: .*/policy: [a, b]/' '"policy" is one value'
caught "a list for a wait" $O 's/wait: 0s/wait: [0s]/' '"wait" is one value'
caught "a wait that overflows" $O 's/wait: 0s/wait: 999999999w/' '"wait" is a number with s, m, h, d or w, such as 30m, and at most 3660d'
caught "a wait that no clock counts" $O 's/wait: 0s/wait: 99999999999999999999s/' '"wait" is a number'
caught "a floor that leaves no room" $O 's/floor: 0.02/floor: 0.2/' 'a floor of 0.2 is more than an even share of 7 actions'
caught "a default beyond the rewards" $O 's/default: 0/default: 2/' '"default" must be a number from -1 to 1'
caught "a rate that is no number" $O 's/rate: 0.5/rate: nan/' '"rate" must be a number'
rm -rf "$T/p"; cp -r "$T/good" "$T/p"; cp "$T/again.yaml" "$T/p/personalizer/again.yaml"
like "a policy twice is found, with its place" "$(check "$T/p")" 'next_offer.yaml:1:9: error: there is a policy "next_offer" already, in .*again.yaml'
rm -rf "$T/p"; cp -r "$T/good" "$T/p"; sed '/^actions:/,/nothing/d;s/^policy: .*/policy: free/;s/floor: 0.02/floor: 1/' "$T/again.yaml" > "$T/p/personalizer/free.yaml"
like "a floor of 1, whatever the actions" "$(check "$T/p")" 'free.yaml:[0-9]+:[0-9]+: error: a floor of 1 leaves no room'

# ---- feature files
V=features/txn.rq W=features/profile.rq
caught "a type by its beginning" $V 's/avg: double/avg: doubled/' 'unknown type "doubled"; did you mean "double"'
caught "a type that is a beginning" $W 's/: string/: stringent/' 'unknown type "stringent"'
caught "a decimal of no digits" $V 's/decimal(18,2)/decimal(0,2)/' 'unknown type "decimal\(0,2\)"'
caught "a decimal with a tail" $V 's/decimal(18,2)/decimal(18,2)x/' '.'
caught "a type of no feature" $V 's/type: {sum:/type: {summ:/' '"type" names "summ", which is no feature here; did you mean "sum"'
caught "a default of no feature" $V 's/default: {count:/default: {cuont:/' '"default" names "cuont", which is no feature here; did you mean "count"'
caught "an aggregate twice" $V 's/aggregates: \[/aggregates: [count, /' 'two features are named txn__count'
caught "a window twice" $V 's/windows: \[/windows: [7d, 7d, /' 'two features are named txn__'
caught "a window that overflows" $V 's/windows: \[/windows: [999999999w, /' 'a window is a number with s, m, h, d or w, such as 7d, and at most'
caught "an unknown key of a view" $V 's/^#+   windows:/#+   windos:/' 'unknown key "windos"; did you mean "windows"'
caught "a list for a freshness" $V 's/^#+   freshness: .*/#+   freshness: [2s]/' '"freshness" is one value'
caught "a freshness that is no time" $V 's/^#+   freshness: .*/#+   freshness: soon/' '"freshness" is "live", or a number with s, m, h, d or w'
caught "a name with a blank" $V 's/^#+   name: .*/#+   name: a b/' 'feature_view needs a name of letters, digits and _'
caught "what a view of its kind does not have" $W 's/^#+   owner:/#+   windows: [7d]\n&/' 'a view of kind query has no "windows"'
caught "an unknown key of an entity" features/entities.yaml 's/key: {/keys: {/' 'unknown key "keys"; did you mean "key"'
caught "two entities of one key" features/entities.yaml 's/^customer: .*/&\nclient: {class: b:Customer, key: [customer_id], iri: "https:\/\/bank.example\/customer\/{customer_id}"}/' 'entity "customer" has the key "customer_id" already'
rm -rf "$T/p"; cp -r "$T/good" "$T/p"
cat > "$T/p/features/trap.rq" <<'X'
#+ feature_view: {name: trap, kind: query, entity: {customer: customer_id}, features: {a: int32, b: double, c: double}}
PREFIX b: <https://bank.example/ontology#>
SELECT ?customer (COUNT(?h) AS ?a) (SUM(?amount) AS ?b) (SUM(COALESCE(?amount, 0)) AS ?c)
WHERE {
  ?customer a b:Customer .
  OPTIONAL { ?h b:heldBy ?customer }
  OPTIONAL { ?t b:account/b:holder ?customer ; b:amount ?amount }
}
GROUP BY ?customer
X
out=$(check "$T/p")
like "OPTIONALs that multiply each other are told" "$out" 'trap.rq:3:[0-9]+: warning: what two OPTIONALs bind is aggregated side by side'
like "... and a sum that is lost as soon as one has none" "$out" 'trap.rq:3:[0-9]+: warning: SUM\(\?amount\) has no value as soon as one \?amount is unbound'
is "... once, and nothing else" "$(printf '%s\n' "$out" | grep -c warning)" 2
rm -rf "$T/p"; cp -r "$T/good" "$T/p"
cat > "$T/p/features/typo.rq" <<'X'
#+ feature_view: {name: typo, kind: query, entity: {customer: customer_id}, features: {a: int32}}
PREFIX b: <https://bank.example/ontology#>
SELECT ?customer (COUNT(?h) AS ?a)
WHERE { ?customer a b:Customer . OPTIONAL { SELECT ?customer ?hodling { ?h b:heldBy ?customer . BIND(?h AS ?holding) } } }
GROUP BY ?customer
X
echo 'SELECT ?customer ?nmae WHERE { ?customer <https://bank.example/ontology#givenName> ?name }' > "$T/p/queries/typo.rq"
out=$(check "$T/p")
like "what a query selects and nothing binds is told" "$out" 'queries/typo.rq:1:18: warning: \?nmae is selected and nothing binds it: it never has a value; did you mean \?name\?'
like "... what a sub-select of a view selects, too" "$out" 'features/typo.rq:4:62: warning: \?hodling is selected and nothing binds it.*did you mean \?holding'
is "... and check goes on" "$(printf '%s\n' "$out" | grep -c 'all good')" 1
caught "a property that is spelt nearly as a class" mappings/product.ttl 's/rr:predicate b:givenName/rr:predicate b:custome/' 'triples map customer: property <[^>]*custome> is not in the ontology'
is "... does not mean the class" "$(check "$T/p" | grep -c 'did you mean <[^>]*Customer>')" 0
S=features/services.yaml
caught "an unknown key of a service" $S '0,/features:/s/features:/featurs:/' 'unknown key "featurs"; did you mean "features"'
caught "a feature of no view in a service" $S 's/"bureau:risk_band"/"bureau:risk_bnad"/' 'view bureau has no feature "risk_bnad"; did you mean "risk_band"'
caught "a view of none in a service" $S 's/"bureau:risk_band"/"bureua:risk_band"/' 'there is no feature view "bureua"; did you mean "bureau"'
caught "a service twice" $S 's/name: segment/name: next_offer_v1/' 'there is a service "next_offer_v1" already'
caught "a feature twice in a row" $S 's/features: \["contact:\*"\]/features: ["bureau:risk_band", "bureau:risk_band"]/' 'service dialogue has the feature bureau__risk_band twice'
caught "a feature twice in a service" $S 's/features: \[/features: ["profile:income_band", "profile:*", /' 'service [a-z_0-9]+ has the feature profile__income_band twice'

# ---- stoa.yaml
Y=stoa.yaml
caught "an unknown key of stoa.yaml" $Y 's/^listen:/listn:/' 'unknown key "listn"; did you mean "listen"'
caught "an unknown listener" $Y 's/http: 127/htp: 127/' 'unknown key "htp"; did you mean "http"'
caught "an unknown key of security" $Y 's/^state:/security: {api_kye: x}\n&/' 'unknown key "api_kye"; did you mean "api_key"'
caught "a list for a key" $Y 's/^state:/security: {api_key: [x]}\n&/' '"api_key" is one value, and no list or map'
caught "... a map" $Y 's/^state:/security: {api_key: {x: y}}\n&/' '"api_key" is one value'
caught "... nothing" $Y 's/^state:/security: {api_key: }\n&/' '"api_key" is empty'
caught "... null" $Y 's/^state:/security: {api_key: ~}\n&/' '"api_key" is empty'
caught "a list for an address to listen at" $Y 's/http: 127[0-9.:]*/http: [a, b]/' '"http" is one value'
caught "no path for the socket" $Y 's/^listen:.*/listen: {socket: ""}/' '"socket" is empty'
caught "events and policies without a state" $Y '/^state:/d' 'there is no "state:", where events and decisions are kept; write for instance: state: \{'
caught "an unknown key of the state" $Y 's/^state: .*/state: {drivr: sqlite, address: state\/stoa.db}/' 'unknown key "drivr"; did you mean "driver"'
caught "an unknown limit" $Y 's/^state:/limits: {query_memry: 5}\n&/' 'unknown key "query_memry"; did you mean "query_memory"'
caught "an unknown key of a source" $Y '0,/mappings:/s/mappings:/mapping:/' 'unknown key "mapping"; did you mean "mappings"'
caught "an unknown key of an event type" $Y 's/^    time: at/    tme: at/' 'unknown key "tme"; did you mean "time"'
caught "an unknown key of a field" $Y 's/kind:     {type: string, /kind: {typ: string, /' 'unknown key "typ"; did you mean "type"'
caught "a type of a field by its beginning" $Y 's/kind:     {type: string,/kind: {type: strings,/' 'unknown type "strings"'
caught "a decimal that holds nothing" $Y 's/kind:     {type: string,/kind: {type: decimal(2\,5),/' 'unknown type "decimal\(2,5\)"'
caught "a class of events that the ontology has not" $Y 's/#WebEvent/#WebEvnt/' 'event type "click": class <[^>]*WebEvnt> is not in the ontology; did you mean <[^>]*WebEvent>'
caught "a property of events that the ontology has not" $Y 's/#viaChannel/#viaChanel/' 'event type "click": property <[^>]*viaChanel> is not in the ontology; did you mean <[^>]*viaChannel>'
caught "a property of events that is no IRI" $Y 's/kind:     {type: string, *property: .*}/kind: {type: string, property: "b kind"}/' 'property "b kind" is no absolute IRI'
caught "sources that are a list" $Y 's/^sources:/sources: []\nlimits:/' '.'
caught "events that are a text" $Y '/^events:/,$d;s/^state:.*/&\nevents: click/' '"events" is a map of names'
caught "a list for an address" $Y 's#address: state/stoa.db#address: [a, b]#' '"address" is one value'

caught "a port of two listeners" $Y 's/^listen:.*/listen: {http: 127.0.0.1:8080, resp: 127.0.0.1:8080}/' 'http and resp listen at one address, 127.0.0.1:8080; give resp a port of its own'
caught "... with a host that is any" $Y 's/^listen:.*/security: {api_key: x}\nlisten: {http: 127.0.0.1:8080, resp: 0.0.0.0:8080}/' 'http and resp listen at one address'
caught "a port out of range" $Y 's/^listen:.*/listen: {http: 127.0.0.1:65536}/' '"127.0.0.1:65536" has no port; write HOST:PORT .* at most 65535'
caught "a port that is no number" $Y 's/^listen:.*/listen: {resp: 127.0.0.1:web}/' '"127.0.0.1:web" has no port'
caught "... with a sign" $Y 's/^listen:.*/listen: {resp: 127.0.0.1:+80}/' '"127.0.0.1:.80" has no port'
caught "an address without a host" $Y 's/^listen:.*/listen: {http: 8080}/' '"8080" is no address; write HOST:PORT'
caught "a host that is no address" $Y 's/^listen:.*/listen: {http: web:80}/' '"web" is no IP address'
caught "a listener for all without a key" $Y 's/^listen:.*/listen: {http: 0.0.0.0:80}/' '0.0.0.0:80 is not a loopback address: set security: api_key'
for l in '{http: 127.0.0.1:0, resp: 127.0.0.1:0}' '{http: 127.0.0.1:8080, resp: 127.0.0.2:8080}' '{http: "[::1]:8080", resp: 127.0.0.1:8080}'; do
  rm -rf "$T/p"; cp -r "$T/good" "$T/p"; sed -i "s/^listen:.*/listen: $l/" "$T/p/$Y"
  is "two listeners that do not meet are good: $l" "$(check "$T/p" | grep -c 'all good')" 1
done
caught "an endpoint that is no IRI" $Y 's/^state:/endpoints: x\n&/' '"endpoints" is a list of IRIs, such as \[https'
caught "... in a list" $Y 's/^state:/endpoints: ["*", query.example]\n&/' '"endpoints" is a list of IRIs'
caught "a variable that is not closed" $Y 's#^state: .*#state: {driver: sqlite, address: "state/${HOME.db"}#' '"\$\{HOME.db" is not closed; write \$\{NAME\}'
caught "a second document" $Y '$a---\nlimits: {idle_timeout: 5}' 'a second document begins here, and a file has one; take the line "---" out'
caught "... of a policy" $O '$a---\npolicy: other' 'a second document begins here'
rm -rf "$T/p"; cp -r "$T/good" "$T/p"; sed -i '1i---' "$T/p/$Y"; echo ... >> "$T/p/$Y"
is "one that begins and ends with its lines is good" "$(check "$T/p" | grep -c 'all good')" 1
long=$(head -c 257 /dev/zero | tr '\0' x)
caught "a long name of a source" $Y "s/^sources:/&\n  $long: {driver: sqlite, address: data\/core.db}/" 'the source: a name has 1 to 256 bytes'
caught "... of a type of events" $Y "s/^  click:/  $long:/" 'the event type: a name has 1 to 256'
caught "... of a field" $Y "s/^      kind: /      $long: /" 'the field: a name has 1 to 256'
caught "... of the project" $Y "s/^project: .*/project: $long/" 'the project: a name has 1 to 256'
caught "... of a policy" $O "s/^policy: .*/policy: $long/" 'the policy: a name has 1 to 256'
caught "... of a service" $S "s/name: segment/name: $long/" 'the service: a name has 1 to 256'
caught "a state that is a folder" $Y 's#address: state/stoa.db#address: data#' "the state's address is a folder; name a file in it, such as .*/data/stoa.db"
caught "... that is no file" $Y 's#address: state/stoa.db#address: /dev/null#' "the state's address is no regular file"
caught "... in a folder that is not there" $Y 's#address: state/stoa.db#address: a/b/stoa.db#' 'the folder .*/a/b of the state is not there; make it: mkdir -p .*/a/b'
caught "... in a file" $Y 's#address: state/stoa.db#address: stoa.yaml/stoa.db#' '.*stoa.yaml is no folder for a state'
timeout 20 "$STOA" serve -C "$T/p" > "$T/said" 2>&1
is "serve refuses it too" $? 1
like "... in its place" "$(cat "$T/said")" 'stoa.yaml:[0-9]+:[0-9]+: error: .* is no folder'
rm -rf "$T/p"; cp -r "$T/good" "$T/p"; sed -i 's#address: state/stoa.db#address: /proc/stoa.db#' "$T/p/$Y"
like "a state that cannot be made says what to do" "$(check "$T/p")" 'cannot open the state /proc/stoa.db: .*; it is a file that may be written, by its address under state: in stoa.yaml|/proc of the state cannot be written'

# ---- check --data reads the data
out=$(check "$T/good" --data)
like "check --data tells how often a feature has no value" "$out" '^[a-z_]+__[a-z_0-9]+: no value for [0-9]+ of 50 entities'
like "... and the bank is all good" "$out" 'all good'
rm -rf "$T/p"; cp -r "$T/good" "$T/p"
sqlite3 "$T/p/data/bureau.db" "UPDATE $(sqlite3 "$T/p/data/bureau.db" "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%customer_id%' LIMIT 1") SET customer_id = customer_id + 1000000"
like "a feature that nobody has is told: templates that never meet" "$(check "$T/p" --data)" 'warning: feature bureau__[a-z_0-9]+ has no value for any of 50 entities; do the mappings make its entity'

is "references that lead to somebody are no fault" "$(check "$T/good" --data | grep -c 'points to')" 0
mkdir "$T/m"
sqlite3 "$T/m/a.db" "CREATE TABLE person(id TEXT PRIMARY KEY); INSERT INTO person VALUES ('007'), ('008')"
sqlite3 "$T/m/b.db" "CREATE TABLE call(id INTEGER PRIMARY KEY, person TEXT); INSERT INTO call VALUES (1, '7'), (2, '8')"
printf 'project: m\nbase: http://x/\nsources:\n  a: {driver: sqlite, address: a.db, mappings: [a.ttl]}\n  b: {driver: sqlite, address: b.db, mappings: [b.ttl]}\n' > "$T/m/stoa.yaml"
echo '@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix : <http://x/> . <#p> rr:logicalTable [ rr:tableName "person" ] ; rr:subjectMap [ rr:template "http://x/p/{id}" ; rr:class :P ] .' > "$T/m/a.ttl"
printf '@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix : <http://x/> . <#c> rr:logicalTable [ rr:tableName "call" ] ; rr:subjectMap [ rr:template "http://x/c/{id}" ; rr:class :C ] ;\n  rr:predicateObjectMap [ rr:predicate :of ; rr:objectMap [ rr:template "http://x/p/{person}" ] ] .\n' > "$T/m/b.ttl"
like "two templates that make the same IRIs and never do are told" "$(check "$T/m" --data)" 'b.ttl:2:[0-9]+: warning: none of 2 IRIs that <http://x/of> points to is a subject'
sqlite3 "$T/m/b.db" "UPDATE call SET person = '007' WHERE id = 1"
is "... but not when one of them is met" "$(check "$T/m" --data | grep -c 'points to')" 0

# ---- what cannot be read is not taken for what is not there
mv "$T/good" "$T/a[b]*c"
is "a folder may have any name" "$(check "$T/a[b]*c" | grep -c '26 feature views, 6 services, 1 policy, 9 queries: all good')" 1
mv "$T/a[b]*c" "$T/good"
unreadable() { # FOLDER PATTERN: a link that leads to itself
  rm -rf "$T/p"; cp -r "$T/good" "$T/p"; mv "$T/p/$1" "$T/p/was"; ln -s "$(basename "$1")" "$T/p/$1"
  like "$1 that cannot be read is a fault" "$(check "$T/p")" "$2"
}
unreadable personalizer 'personalizer/\*.yaml: error: cannot read the folder: Too many levels'
unreadable queries 'queries/\*.rq: error: cannot read the folder: Too many levels'
unreadable features/services.yaml 'features/services.yaml: error: cannot open: Too many levels'
unreadable ontology 'stoa.yaml:[0-9]+:[0-9]+: error: .*cannot read the folder: Too many levels'
caught "endpoints that are none" stoa.yaml 's/^state:/endpoints: {a: b}\n&/' '"endpoints" is a list of IRIs'
caught "a map among files" stoa.yaml 's/^ontology: .*/ontology: [{a: b}]/' 'a file, or a pattern such as ontology'

# A value that is no number: the sum is none, and neither nought nor what the others make.
rm -rf "$T/p"; cp -r "$T/good" "$T/p"
sed -i 's/?amount ?channel/(CONCAT(STR(?a), "x") AS ?amount) ?channel/;s/b:amount ?amount/b:amount ?a/' "$T/p/features/txn.rq"
like "a sum over what is no number is found by check" "$(check "$T/p")" 'txn.rq:1:1: error: feature txn__sum_amount_[0-9]+d_[a-z]+: an event of <[^>]*> has a value that is no number'
sums() { "$STOA" features get -C "$1" spending $(seq 1 50) 2> /dev/null | jq -c '[.txn__count_90d_all, .txn__sum_amount_90d_all]'; }
is "... and is none when it is served, not its default" "$(sums "$T/p" | grep -c '\[[1-9][0-9]*,null\]')" "$(sums "$T/good" | grep -c '^\[[1-9]')"

# ---- RANK is strict
ok "the server starts" serve "$P"
refused() { # CLAIM JSON PATTERN
  like "$1 is refused by its name" "$(r RANK next_offer "$2")" "ERR .*$3"
  is "... over HTTP too" "$(curl -s -o "$T/body" -w '%{http_code}' -X POST "$HTTP/personalizer/v1.0/rank" -H 'Content-Type: application/json' -d "$2")" 400
}
refused "a text for excludedActions" '{"excludedActions":"nothing"}' '"excludedActions" must be an array of action ids'
refused "a number among excludedActions" '{"excludedActions":["nothing",5]}' '"excludedActions" must be texts: the ids of actions'
refused "an object for excludedActions" '{"excludedActions":{"id":"nothing"}}' '"excludedActions" must be an array'
refused "a number for deferActivation" '{"deferActivation":1}' '"deferActivation" must be true or false'
refused "a text for deferActivation" '{"deferActivation":"false"}' '"deferActivation" must be true or false'
refused "deferActivation" '{"deferActivation":true}' '"deferActivation" is not supported yet; send false'
refused "a number for eventId" '{"eventId":5}' '"eventId" must be a text of 1 to 256 characters'
refused "an empty eventId" '{"eventId":""}' '"eventId" must be a text of 1 to 256 characters'
refused "a long eventId" "{\"eventId\":\"$(head -c 257 /dev/zero | tr '\0' x)\"}" '"eventId" must be a text of 1 to 256 characters'
refused "a number for subject" '{"subject":42}' '"subject" must be a text of 1 to 512 characters'
refused "an empty subject" '{"subject":""}' '"subject" must be a text of 1 to 512'
refused "a list for purpose" '{"purpose":["x"]}' '"purpose" must be a text'
refused "a number for an action" '{"actions":[5]}' 'each of "actions" needs an "id"'
refused "a number for an action's id" '{"actions":[{"id":5}]}' 'each of "actions" needs an "id", a text of 1 to 256'
refused "an empty id of an action" '{"actions":[{"id":""}]}' 'each of "actions" needs an "id", a text of 1 to 256'
refused "an action twice" '{"actions":[{"id":"a"},{"id":"a"}]}' 'action "a" stands twice'
refused "a text for features" '{"actions":[{"id":"a","features":"x"}]}' '"features" must be an array of objects'
refused "a text for contextFeatures" '{"contextFeatures":"web"}' '"contextFeatures" must be an array of objects'
refused "texts for contextFeatures" '{"contextFeatures":["web"]}' '"contextFeatures" must be an array of objects'
refused "a member that is none" '{"excludeActions":["nothing"]}' 'a rank request has no "excludeActions"; did you mean "excludedActions"'
refused "a member of an action that is none" '{"actions":[{"id":"a","feature":[{"x":1}]}]}' 'an action has no "feature"; did you mean "features"'
refused "a list" '[]' 'a rank request is a JSON object'
refused "all actions excluded" '{"actions":[{"id":"a"}],"excludedActions":["a"]}' 'every action is excluded'
like "null is as if it were not there" "$(r RANK next_offer '{"eventId":null,"actions":null,"excludedActions":null,"contextFeatures":null,"deferActivation":null,"subject":null}')" rewardActionId
like "an excluded id that no action has is ignored" "$(r RANK next_offer '{"excludedActions":["no such","nothing","other"]}')" '\{"id":"nothing","probability":0\}'
like "... and counted" "$(curl -s "$HTTP/metrics")" '^stoa_policy_unknown_exclusions_total\{policy="next_offer"\} 2'

# ---- keys that repeat
batch() { r --json FEATURES.GET segment "$@" | jq -c '.[1:][][0:3]'; }
same() { # CLAIM KEY...: as if each key had been asked for alone
  claim=$1; shift
  is "$claim" "$(batch "$@" | cksum)" "$(for k; do batch "$k"; done | cksum)"
}
same "two keys that are one" 7 7
same "a key that repeats between others" 3 9 3 4 3
same "keys that nobody has" 99999 1 99999
same "65 keys of which one stands twice" $(seq 1 64) 17
same "500 keys of 40" $(i=0; while [ $i -lt 500 ]; do echo $(((i * 7) % 40 + 1)); i=$((i + 1)); done)
same "keys in another order" 5 4 3 2 1
is "windows too" "$(r --json FEATURES.GET dialogue 7 8 7 | jq -c '.[1] == .[3] and .[1] != .[2]')" true
is "the command line answers so too" "$("$STOA" features get -C "$P" segment 7 8 7 | jq -c '.customer_id' | paste -sd' ')" '"7" "8" "7"'
ok "... and stops" stop_server
done_testing
