#!/bin/sh
# What a client says and nothing reads is refused by its name, whatever asks: members of bodies, parameters, words behind
# a command.  What the contracts that are served know besides is taken.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v redis-cli > /dev/null || skip_all "redis-cli is needed"
bank 50
P=$T/bank
serve "$P" || exit 1
post() { curl -s -o "$T/body" -w '%{http_code}' -X POST "$HTTP$1" -H 'Content-Type: application/json' -d "$2"; }
refused() { # CLAIM PATH BODY STATUS PATTERN
  is "$1 is refused" "$(post "$2" "$3")" "$4"
  like "... by its name" "$(cat "$T/body")" "$5"
}
get() { curl -s -o "$T/body" -D "$T/head" -w '%{http_code}' "$@"; }
asked() { # CLAIM PATTERN CURL-ARGUMENTS...
  claim=$1 pattern=$2; shift 2
  is "$claim is refused" "$(get "$@")" 400
  like "... by its name" "$(cat "$T/body")" "$pattern"
}

# -- members of bodies
refused "a member of a reward that is none" /personalizer/v1.0/events/e1/reward '{"value":1,"vale":2}' 400 'a reward has no ..vale..; did you mean ..value'
refused "a field of an event that is none" /events/click '{"id":"1","cutomer":1}' 400 'event type click has no field ..cutomer..; did you mean ..customer'
refused "a member of get-online-features" /get-online-features '{"features":["bureau:risk_band"],"entities":{"customer_id":[1]},"max_ag":1}' 422 '"extra_forbidden","loc":\["body","max_ag"\],"msg":"the body has no ..max_ag..; did you mean ..max_age'
refused "a member of push" /push '{"push_source_name":"click","df":{},"too":"online"}' 422 '"loc":\["body","too"\],"msg":"the body has no ..too..; did you mean ..to'
refused "a member of write-to-online-store" /write-to-online-store '{"feature_view":"txn","df":{}}' 422 'no ..feature_view..; did you mean ..feature_view_name'
refused "a member of materialize" /materialize '{"start":"2026-01-01T00:00:00"}' 422 'no ..start'
refused "a member of a reload" /reload '{"policies":true}' 400 'a reload has no ..policies'
is "... but not an empty body" "$(post /reload '{}')" 200
is "what Feast's clients send besides is taken" "$(post /push '{"push_source_name":"click","df":{},"to":"online","allow_registry_cache":true,"transform_on_write":false}')" 200
is "... of materialize, too" "$(post /materialize '{"start_ts":"2026-01-01T00:00:00","end_ts":"2026-01-02T00:00:00","disable_event_timestamp":false}')" 200
is "... and of get-online-features" "$(post '/get-online-features?status=true' '{"features":["bureau:risk_band"],"entities":{"customer_id":[1]},"include_feature_view_version_metadata":false}')" 200
is "features of a context have any name" "$(post /personalizer/v1.0/rank '{"contextFeatures":[{"anything":1}],"actions":[{"id":"a","features":[{"whatever":2}]}]}')" 201

# -- parameters
asked "a parameter of a rank" 'unknown parameter: the request has no ..polcy..; did you mean ..policy' -X POST "$HTTP/personalizer/v1.0/rank?polcy=x" -d '{}'
asked "a parameter of features" 'no ..feild..; did you mean ..field' "$HTTP/features/segment?key=1&feild=bureau__risk_band"
asked "... in a form" 'no ..feild..; did you mean ..field' "$HTTP/features/segment" -d 'key=1&feild=bureau__risk_band'
asked "... without a value" 'no ..fresh' "$HTTP/features/segment?key=1&fresh"
asked "a parameter of an explanation" 'no ..hwo..; did you mean ..how' -G "$HTTP/explain" --data-urlencode 'query=ASK {}' -d hwo=plan
asked "a parameter of an event" 'no ..type' -X POST "$HTTP/events/click?type=x" -d '{}'
asked "a parameter of a reward" 'no ..value' -X POST "$HTTP/personalizer/v1.0/events/e/reward?value=1" -d '{"value":1}'
asked "a parameter of a list" 'no ..pag..; did you mean ..page' "$HTTP/api/v1/feature_views?pag=2"
asked "a parameter of a reload" 'no ..force' -X POST "$HTTP/reload?force=1"
asked "a parameter of metrics" 'no ..x' "$HTTP/metrics?x=1"
is "a parameter that says nothing is passed over" "$(get "$HTTP/features/segment?key=1&&")" 200
is "the parameters of a route are its own" "$(get "$HTTP/features/segment?key=1&field=bureau__risk_band")" 200
is "a body of another type is not passed over" "$(post /features/segment?key=1 '{"field":"x"}')" 415
is "lists take what Feast's UI sends" "$(get "$HTTP/api/v1/feature_views?project=example-bank&include_relationships=true&allow_cache=true")" 200
is "... and a filter that is none here" "$(get "$HTTP/api/v1/feature_views?tags=a:b")" 200
like "... is told" "$(cat "$T/head")" '^Stoa-Warning: "tags" is not read here'
is "others may say more to /sparql" "$(get -G "$HTTP/sparql" --data-urlencode 'query=ASK {}' -d timeot=5s -d format=json)" 200
like "... what is near to something is told" "$(cat "$T/head")" '^Stoa-Warning: unknown parameter: the request has no "timeot"; did you mean "timeout"'
is "... and nothing else" "$(grep -c Stoa-Warning "$T/head")" 1
is "... in a form, too" "$(curl -s -D - -o /dev/null "$HTTP/sparql" --data-urlencode 'query=ASK {}' -d 'quey=%0d%0aX: y' | tr -d '\r' | grep -E '^(Stoa-Warning|X):')" 'Stoa-Warning: unknown parameter: the request has no "quey"; did you mean "query"?'

# -- words behind a command of RESP
word() { like "$1 is refused" "$(r $1 2>&1)" "$2"; }
word 'CLIENT ID x' '^ERR .*nothing behind them'
word 'CLIENT LIST TYPE normal' '^ERR .*nothing behind them'
word 'CLIENT NO-EVICT maybe' '^ERR .*NO-EVICT ON'
word 'COMMAND COUNT x' '^ERR this server has COMMAND COUNT'
word 'COMMAND LIST FILTERBY PATTERN h*' '^ERR this server has COMMAND COUNT'
word 'INFO serve' "^ERR INFO has no section 'serve'; did you mean 'server'"
word 'HTTL segment:5 FIELD 1 bureau__risk_band' 'HTTL is HTTL SERVICE:KEY FIELDS'
is "... but not what Redis has" "$(r CLIENT NO-TOUCH ON) $(r INFO commandstats cluster server | grep -c '^# ')" 'OK 1'

# -- names, ids and keys of any argument have their limit
x() { head -c "$1" /dev/zero | tr '\0' x; }
long=$(x 257)
named() { # CLAIM PATTERN COMMAND...
  claim=$1 pattern=$2; shift 2
  like "$claim" "$(r "$@" 2>&1)" "^ERR $pattern: a name has 1 to 256 bytes and no NUL"
}
e=$(r RANK next_offer '{}' | jq -r .eventId)
named "the id of a reward" REWARD-ID REWARD "$e" 1 "$long"
named "the id of an event" EVENT-ID REWARD "$long" 1
named "a policy" POLICY RANK "$long" '{}'
named "a type of events" TYPE EVENT "$long" '{}'
named "a service" SERVICE FEATURES.GET "$long" 1
named "... before a key" SERVICE HGETALL "$long:1"
named "a feature" 'a feature' HMGET segment:1 "$long"
like "a key" "$(r HGETALL "segment:$(x 513)" 2>&1)" '^ERR customer_id: a key has at most 512 bytes'
like "a reward's id of 900 kB" "$({ printf '*4\r\n$6\r\nREWARD\r\n$%d\r\n%s\r\n$1\r\n1\r\n$900000\r\n' ${#e} "$e"; x 900000; printf '\r\n'; } | nc -N 127.0.0.1 "$RESP")" '^-ERR REWARD-ID: a name has 1 to 256'
is "an id of 256 bytes is taken" "$(r REWARD "$e" 1 "$(x 256)")" OK
told() { # CLAIM PATTERN CURL-ARGUMENTS...
  claim=$1 pattern=$2; shift 2
  like "$claim" "$(curl -s "$@" | jq -r '.error.message // .detail[0].msg')" "$pattern"
}
told "over HTTP: the id of an event" "^the event's id: a name has 1 to 256" -X POST "$HTTP/personalizer/v1.0/events/$long/reward" -d '{"value":1}'
told "... a type of events" "^the event's type: a name has 1 to 256" -X POST "$HTTP/events/$long" -d '{}'
told "... a policy" '^policy: a name has 1 to 256' -X POST "$HTTP/personalizer/v1.0/rank?policy=$long" -d '{}'
told "... a service" '^the service: a name has 1 to 256' "$HTTP/features/$long?key=1"
told "... a feature" '^a feature: a name has 1 to 256' "$HTTP/features/segment?key=1&field=$long"
told "... a key" '^customer_id: a key has at most 512' "$HTTP/features/segment?key=$(x 513)"
told "... an eventId" '"eventId" must be a text of 1 to 256' -X POST "$HTTP/personalizer/v1.0/rank" -d "{\"eventId\":\"$long\"}"
told "... an excluded action" '"excludedActions" must be texts: the ids of actions, of at most 256' -X POST "$HTTP/personalizer/v1.0/rank" -d "{\"excludedActions\":[\"$long\"]}"
told "... the id of an event that is kept" 'is its id, of 1 to 1024 bytes' -X POST "$HTTP/events/click" -d "{\"id\":\"$(x 1025)\",\"at\":\"2026-01-01T00:00:00Z\"}"
told "... a project" '^project: a name has 1 to 256' "$HTTP/api/v1/entities?project=$long"
told "... a feature service of Feast's" '^feature_service: a name has 1 to 256' -X POST "$HTTP/get-online-features" -d "{\"feature_service\":\"$long\",\"entities\":{\"customer_id\":[1]}}"
told "... a key of Feast's" '^customer_id: a key has at most 512' -X POST "$HTTP/get-online-features" -d "{\"features\":[\"bureau:risk_band\"],\"entities\":{\"customer_id\":[\"$(x 513)\"]}}"
told "... a push source" '^push_source_name: a name has 1 to 256' -X POST "$HTTP/push" -d "{\"push_source_name\":\"$long\",\"df\":{}}"
ok "... and stops" stop_server
like "on the command line" "$("$STOA" reward -C "$P" "$long" 1 2>&1)" 'EVENT-ID: a name has 1 to 256'
done_testing
