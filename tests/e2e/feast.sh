#!/bin/sh
# Feast's contract over HTTP, case by case as the suite has them, then what it leaves open: values, times, events by columns,
# hostile bodies, limits, the registry, and views over RESP.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/feast_project.sh"
command -v jq > /dev/null && command -v curl > /dev/null && command -v sqlite3 > /dev/null && command -v redis-cli > /dev/null || skip_all "jq, curl, sqlite3 and redis-cli are needed"
SUITE=${STOA_SHARED:?}/suites/feast-api
P=$T/shop
feast_project "$P"
like "the project is good" "$("$STOA" check -C "$P" 2>&1)" 'all good'
serve "$P" || exit 1
post() { curl -s -X POST "$HTTP$1" -H 'Content-Type: application/json' -d "$2"; }
code() { curl -s -o "$T/body" -w '%{http_code}' -X POST "$HTTP$1" -H 'Content-Type: application/json' -d "$2"; }
online() { post /get-online-features "$1"; }
of() { printf '%s\n' "$1" | jq "$3" --arg f "$2" "$4"; }
# What a feature has for the rows that were asked for.
values() { of "$1" "$2" -c '.results[.metadata.feature_names | index($f)].values'; }
statuses() { of "$1" "$2" -r '.results[.metadata.feature_names | index($f)].statuses | join(" ")'; }
stamps() { of "$1" "$2" -r '.results[.metadata.feature_names | index($f)].event_timestamps | join(" ")'; }

# -- the cases of the suite
class() { jq -r 'fromjson | [.module, .class, (keys_unsorted | join(","))] | join(" ")' "$T/body"; }
rules() { # NAME: what the cases have as rules
  body=$(cat "$T/body")
  case $1 in
    stale_value_go_style)
      is "... a value past its ttl is not served" "$(values "$body" score) $(statuses "$body" score)" '[null] OUTSIDE_MAX_AGE'
      is "... its time is told" "$(stamps "$body" score)" 2020-02-29T12:00:00Z ;;
    request_time_input)
      is "... from the stored rate and the quoted one" "$(values "$body" rate_gap | jq -c 'map(. * 10 | round)')" '[14]'
      is "... which is no feature" "$(jq -c .metadata.feature_names "$T/body")" '["customer_id","rate_gap"]' ;;
    unknown_feature_view)
      is "... a string that holds an object" "$(class)" 'feast.errors FeatureViewNotFoundException module,class,message'
      like "... that says which" "$(jq -r 'fromjson.message' "$T/body")" '^Feature view nope does not exist' ;;
    unknown_feature_service)
      is "... likewise" "$(class)" 'feast.errors FeatureServiceNotFoundException module,class,message'
      like "... with its name" "$(jq -r 'fromjson.message' "$T/body")" 'nope.*shop' ;;
    entities_missing) is "... the field" "$(jq -c '.detail[0] | [.type, .loc, .msg, has("input")]' "$T/body")" '["missing",["body","entities"],"Field required",true]' ;;
    name_collision) is "... the class" "$(class | cut -d' ' -f2)" FeatureNameCollisionError ;;
    push_online) is "... the event counts at once" "$(values "$(online '{"features":["spent:sum_amount_36500d"],"entities":{"customer_id":["C1"]}}')" sum_amount_36500d)" '["42.50"]' ;;
    push_unknown_source) is "... the class and the text" "$(class | cut -d' ' -f2) $(jq -r 'fromjson.message' "$T/body")" "PushSourceNotFoundException Unable to find push source 'nope'." ;;
    write_to_online_store) is "... the row is served from then on" "$(values "$(online '{"features":["txn_rfm:txn_count_7d"],"entities":{"customer_id":["C1"]}}')" txn_count_7d)" '[13]' ;;
  esac
}
run_case() { # FILE
  jq -r '.name, .request.method, .request.path, .response.status, (.response.headers["content-type"] // ""), (if .response.body then "body" elif .response | has("body") then "null" else "rules" end)' "$1" > "$T/case"
  { read -r name; read -r method; read -r path; read -r status; read -r type; read -r told; } < "$T/case"
  jq -c '.request.body // empty' "$1" > "$T/sent"
  file=$1
  if [ "$method" = GET ]; then set --; else set -- -H 'Content-Type: application/json' -d "@$T/sent"; fi
  got=$(curl -s -o "$T/body" -w '%{http_code} %{content_type}' -X "$method" "$HTTP$path" "$@")
  is "$name: status and type" "$(echo "$got" | sed 's/ $//')" "$(echo "$status $type" | sed 's/ $//')"
  if [ "$told" = body ]; then
    is "$name: body" "$(jq -Sc . "$T/body")" "$(jq -Sc .response.body "$file")"
  elif [ "$told" = null ]; then # a type says that there is JSON, none that there is nothing
    is "$name: null" "$(cat "$T/body")" "${type:+null}"
  fi
  rules "$name"
}
# One line for each column.  Of maps there are no features.
columns() { { tr -d ' \n'; echo; } | sed 's/{"values":/\n&/g' | sed -n '/^{"values":\[{/d; s/^{\("values":[^}]*\)}.*/\1/p'; }
if [ -d "$SUITE/cases" ]; then
  for f in "$SUITE"/cases/*.json; do run_case "$f"; done
  # An empty value is PRESENT there, and NULL_VALUE here, as the contract's other servers have it.
  columns < "$SUITE/golden/response_full.json" | sed '/1794990000\|"10.10"\|AAFoaQ\|0.1000/s/"statuses":\["PRESENT","PRESENT"/"statuses":["PRESENT","NULL_VALUE"/' > "$T/golden"
  online '{"features":["typed:txn_count_7d","typed:txn_sum_30d","typed:txn_avg_f32","typed:has_mortgage","listed:last_channels","typed:last_login","listed:emb","listed:blob","typed:decimal_bal"],"entities":{"customer_id":["C1","C2","C404"]}}' | columns > "$T/ours"
  ok "values, statuses and times are written as in the golden answer" sh -c 'test $(wc -l < "$1") = 10 && diff "$1" "$2"' same "$T/golden" "$T/ours"
fi

# -- entities
out=$(online '{"features":["loan:rate","spent:count_36500d"],"entities":{"customer_id":["C2","C_NEW","NOPE","C_OLD"]}}')
is "one whose features are empty is told from one who does not exist" "$(statuses "$out" rate)" 'NULL_VALUE NULL_VALUE NOT_FOUND PRESENT'
is "... a default is a value of the one and not of the other" "$(values "$out" count_36500d) $(statuses "$out" count_36500d)" '[0,0,null,0] PRESENT PRESENT NOT_FOUND PRESENT'
is "... in a view without a row of either" "$(statuses "$(online '{"features":["household:size"],"entities":{"customer_id":["C_NEW","NOPE"]}}')" size)" 'NULL_VALUE NOT_FOUND'
is "no rows at all" "$(online '{"features":["loan:rate"],"entities":{"customer_id":[]}}')" '{"results":[{"values":[],"statuses":[]},{"values":[],"statuses":[]}],"metadata":{"feature_names":["customer_id","rate"]}}'
out=$(online '{"features":["loan:rate","cust_product:clicks_30d"],"entities":{"product_id":["P2","P1"],"customer_id":["C2","C1"]}}')
is "views of two entities in one request; keys come back in the order that they were sent in" "$(of "$out" x -c .metadata.feature_names) $(values "$out" rate) $(values "$out" clicks_30d)" '["product_id","customer_id","rate","clicks_30d"] [null,3.5] [7,4]'
is "a service wins over a list" "$(online '{"feature_service":"offer_ranking_v1","features":["nope:x"],"entities":{"customer_id":[]}}' | jq -c .metadata.feature_names)" '["customer_id","txn_count_7d","size"]'
is "a view is served without a service" "$(online '{"feature_service":"household","entities":{"customer_id":["C1"]}}' | jq -c .metadata.feature_names)" '["customer_id","size"]'
is "a column that these features do not need is no fault" "$(code /get-online-features '{"features":["loan:rate"],"entities":{"customer_id":["C1"],"product_id":["P1"]}}')" 200
is "... nor is a body of no type" "$(curl -s -o /dev/null -w '%{http_code}' "$HTTP/get-online-features" -d '{"features":["loan:rate"],"entities":{"customer_id":["C1"]}}')" 200
is "... but a member that is not known is one" "$(code /get-online-features '{"features":["loan:rate"],"entities":{"customer_id":["C1"]},"max_ag":1}') $(jq -c '.detail[0].loc' "$T/body")" '422 ["body","max_ag"]'

# -- age
out=$(online '{"features":["household:size","loan:rate"],"entities":{"customer_id":["C1"]},"max_age":1}')
is "max_age of the request" "$(values "$out" size) $(statuses "$out" size)" '[null] OUTSIDE_MAX_AGE'
is "... does not touch what has no time" "$(statuses "$out" rate)" PRESENT
is "... and leaves what is younger" "$(statuses "$(online '{"features":["household:size"],"entities":{"customer_id":["C1"]},"max_age":"36500d"}')" size)" PRESENT
sqlite3 "$P/shop.db" "INSERT INTO report VALUES('C1', strftime('%Y-%m-%dT%H:%M:%SZ','now','-89 days'), 700), ('C2', strftime('%Y-%m-%dT%H:%M:%SZ','now','-91 days'), 600)"
out=$(online '{"features":["bureau:score","a:score"],"full_feature_names":true,"entities":{"customer_id":["C1","C2","C_OLD","C_NEW"]}}')
is "ttl: 89, 91 and 2,000 days old" "$(statuses "$out" bureau__score)" 'PRESENT OUTSIDE_MAX_AGE OUTSIDE_MAX_AGE NULL_VALUE'
is "... a view without one goes on serving" "$(values "$out" a__score)" '[700,600,641,null]'
out=$(online '{"features":["rating:half"],"entities":{"customer_id":["C1","C2","C_NEW"]}}')
is "... nor is what is made of it" "$(values "$out" half | jq -c 'map(if . then . * 2 else . end)') $(statuses "$out" half)" '[700,null,null] PRESENT OUTSIDE_MAX_AGE NULL_VALUE'
is "... over RESP there is nothing" "$(r HGET bureau:C2 bureau__score) $(r HGET bureau:C1 bureau__score)" ' 700'
is "... nor on the command line" "$("$STOA" features get -C "$P" bureau C1 C2 | jq -c .bureau__score | paste -sd' ')" '700 null'
out=$(online '{"features":["txn_rfm:txn_count_7d","price_sensitivity:rate_gap"],"entities":{"customer_id":["C2"]},"request_context":{"quoted_rate":["1.5"]},"explain":true}')
is "explain tells which columns a feature is made of" "$(of "$out" x -c '[.lineage[0].sources[] | select(.role == "value") | .source + "." + .table + "." + .column]')" '["shop.rfm.count7","state.event_txn_rfm.txn_count_7d"]'
is "... what a request view reads" "$(of "$out" x -c '.lineage[1] | [.kind, .file, .sources[0].table]')" '["request","features/price_sensitivity.rq","customer"]'
age=$(($(date +%s) - $(date -d 2026-11-18T11:06:40Z +%s)))
is "... and the age of each value in seconds" "$(of "$out" x -c "[.results[].ages[0]] | [.[0], (.[1] - $age | . > -60 and . < 60), .[2]]")" '[null,true,null]'

# -- inputs of the request
out=$(online '{"features":["price_sensitivity:rate_gap"],"entities":{"customer_id":["C1","C_NEW","NOPE","C1"],"quoted_rate":[4.5,4.5,4.5,null]}}')
is "inputs row by row" "$(values "$out" rate_gap | jq -c 'map(if . then . * 10 else . end)') $(statuses "$out" rate_gap)" '[10,null,null,null] PRESENT NULL_VALUE NOT_FOUND NULL_VALUE'
is "an input that is missing" "$(code /get-online-features '{"features":["price_sensitivity:rate_gap"],"entities":{"customer_id":["C1"]}}') $(jq -r 'fromjson.class' "$T/body")" '404 RequestDataNotFoundInEntityRowsException'
is "... or of another type" "$(code /get-online-features '{"features":["price_sensitivity:rate_gap"],"entities":{"customer_id":["C1"],"quoted_rate":["x"]}}') $(jq -c '.detail[0].loc' "$T/body")" '422 ["body","entities","quoted_rate",0]'
like "... or cannot be sent" "$(r HGETALL quoted:C1)" 'needs the input "quoted_rate"'

# -- what is refused
refused() { # CLAIM BODY STATUS PATTERN
  got=$(code /get-online-features "$2"); like "$1" "$got $(cat "$T/body")" "^$3 .*$4"
}
refused "no JSON" '{' 422 json_invalid
refused "no object" '[]' 422 'JSON object'
refused "a member twice" '{"entities":{},"entities":{}}' 422 json_invalid
refused "entities that are no object" '{"features":["loan:rate"],"entities":["C1"]}' 422 dict_type
refused "a key that is no list" '{"features":["loan:rate"],"entities":{"customer_id":"C1"}}' 422 'list_type.*customer_id'
refused "lists of two lengths" '{"features":["cust_product:clicks_30d"],"entities":{"customer_id":["C1"],"product_id":["P1","P2"]}}' 422 'has 2 values'
refused "a key that is an object" '{"features":["loan:rate"],"entities":{"customer_id":[{}]}}' 422 'a text or a whole number'
refused "a key that is null" '{"features":["loan:rate"],"entities":{"customer_id":[null]}}' 422 '"customer_id",0'
refused "a key that is missing" '{"features":["cust_product:clicks_30d"],"entities":{"customer_id":["C1"]}}' 500 'product_id'
refused "a column that nothing knows" '{"features":["loan:rate"],"entities":{"customer_id":["C1"],"frob":[1]}}' 404 EntityNotFoundException
refused "a feature that the view has not" '{"features":["loan:rat"],"entities":{"customer_id":["C1"]}}' 404 'Feature rat does not exist in feature view loan'
refused "a reference without a view" '{"features":["rate"],"entities":{"customer_id":["C1"]}}' 422 'view:feature'
refused "one that is no text" '{"features":[7],"entities":{"customer_id":["C1"]}}' 422 'view:feature'
refused "one with a NUL" '{"features":["loan:rate\u0000"],"entities":{"customer_id":["C1"]}}' 422 .
refused "no features" '{"entities":{"customer_id":["C1"]}}' 422 'feature_service'
refused "a service that is no text" '{"feature_service":1,"entities":{"customer_id":["C1"]}}' 422 string_type
refused "one feature twice" '{"features":["loan:rate","loan:rate"],"full_feature_names":true,"entities":{"customer_id":["C1"]}}' 500 FeatureNameCollisionError
refused "an age below nothing" '{"features":["loan:rate"],"entities":{"customer_id":["C1"]},"max_age":-1}' 422 max_age
refused "an age that is none" '{"features":["loan:rate"],"entities":{"customer_id":["C1"]},"max_age":"soon"}' 422 max_age
refused "a flag that is none" '{"features":["loan:rate"],"entities":{"customer_id":["C1"]},"full_feature_names":"yes"}' 422 bool_type
is "keys with quotes and nothing are keys like others" "$(values "$(online '{"features":["loan:rate"],"entities":{"customer_id":["C1'"'"' OR 1=1 --","","C1","\"é%2F"]}}')" rate)" '[null,null,3.5,null]'
same_key() { awk -v n="$1" -v what="$2" 'BEGIN { printf "{%s,\"full_feature_names\":true,\"entities\":{\"customer_id\":[", what; for (i = 0; i < n; ++i) printf "%s\"C1\"", i ? "," : ""; print "]}}" }' > "$T/rows"; curl -s -o "$T/body" -w '%{http_code}' "$HTTP/get-online-features" -d @"$T/rows"; }
is "10,000 rows" "$(same_key 10000 '"features":["loan:rate"]') $(jq '.results[1].values | length' "$T/body")" '200 10000'
like "... and one more" "$(same_key 10001 '"features":["loan:rate"]') $(cat "$T/body")" '^422 .*at most 10,000 rows'
is "262,144 values, nearly" "$(same_key 8456 '"feature_service":"wide"') $(jq '.results | length' "$T/body")" '200 32'
like "... and some more" "$(same_key 8457 '"feature_service":"wide"') $(cat "$T/body")" '^422 .*at most 262,144 values'

# -- events by columns
counted() { values "$(online "{\"features\":[\"spent:count_36500d\"],\"entities\":{\"customer_id\":[\"$1\"]}}")" count_36500d; }
push() { code /push "{\"push_source_name\":\"txn_events\",\"df\":$1}"; }
rows='{"customer_id":["P1","P1","P1"],"amount":[1,2.5,2.5],"channel":["app","web","web"],"event_timestamp":["2026-01-02T03:04:05","2026-01-02T03:04:06","2026-01-02T03:04:06"]}'
is "three rows, two of them alike, are three events" "$(push "$rows") $(counted P1)" '200 [3]'
is "... and when they are sent again the same" "$(push "$rows") $(counted P1)" '200 [3]'
is "... and one that says something else is another" "$(push '{"customer_id":["P1"],"amount":[1],"channel":["web"],"event_timestamp":["2026-01-02T03:04:05"]}') $(counted P1)" '200 [4]'
is "... by their own ids, where they have any" "$(push '{"id":["x","y","x"],"customer_id":["P2","P2","P2"],"amount":[1,1,1],"event_timestamp":["2026-01-02T03:04:05Z","2026-01-02T03:04:05Z","2026-01-02T03:04:05Z"]}') $(counted P2)" '200 [2]'
is "a time without a zone is UTC" "$(stamps "$(online '{"features":["spent:count_36500d"],"entities":{"customer_id":["P1"]}}')" count_36500d)" 2026-01-02T03:04:06Z
is "one bad row keeps all of them out" "$(push '{"customer_id":["P3","P3"],"amount":[1,"much"],"event_timestamp":["2026-01-02T03:04:05Z","2026-01-02T03:04:05Z"]}') $(jq -r '.detail[0] | (.msg | split(":")[0]) + " " + (.loc | join("."))' "$T/body") $(counted P3)" '422 row 1 body.df [null]'
is "no rows are no fault" "$(push '{}') $(push '{"customer_id":[],"event_timestamp":[]}')" '200 200'
is "an unknown column is one" "$(push '{"customer_id":["P3"],"frob":[1],"event_timestamp":["2026-01-02T03:04:05Z"]}')" 422
is "... as are columns of two lengths" "$(push '{"customer_id":["P3","P4"],"event_timestamp":["2026-01-02T03:04:05Z"]}')" 422
is "... a row without its time" "$(push '{"customer_id":["P3"],"amount":[1]}')" 422
is "... a time that is none" "$(push '{"customer_id":["P3"],"event_timestamp":["yesterday"]}')" 422
is "... a frame that is none" "$(push '[]') $(code /push '{"push_source_name":"txn_events"}') $(code /push '{"push_source_name":7,"df":{}}') $(code /push '{"df":{}}')" '422 422 422 422'
is "to: online_and_offline is what is done" "$(code /push '{"push_source_name":"txn_events","df":{},"to":"online_and_offline"}')" 200
like "... offline alone is not" "$(code /push '{"push_source_name":"txn_events","df":{},"to":"offline"}') $(cat "$T/body")" '^422 .*kept once'
is "integers with a gap come as reals" "$(code /write-to-online-store '{"feature_view_name":"txn_rfm","df":{"customer_id":["C_NEW","C2"],"txn_count_7d":[5.0,null],"event_timestamp":["2026-11-24T00:00:00","2026-11-24T00:00:00"]}}') $(values "$(online '{"features":["txn_rfm:txn_count_7d"],"entities":{"customer_id":["C_NEW"]}}')" txn_count_7d)" '200 [5]'
like "a row cannot be written into what is computed from its sources" "$(code /write-to-online-store '{"feature_view_name":"loan","df":{"customer_id":["C1"],"rate":[1]}}') $(cat "$T/body")" '^422 .*computed from its sources'
is "... nor into what there is not" "$(code /write-to-online-store '{"feature_view_name":"nope","df":{}}')" 404
is "a page of another origin may not push" "$(curl -s -o /dev/null -w '%{http_code}' -H 'Origin: http://evil.example' "$HTTP/push" -d '{"push_source_name":"txn_events","df":{}}')" 403
many() { awk -v n="$1" 'BEGIN { printf "{\"push_source_name\":\"txn_events\",\"df\":{\"id\":["; for (i = 0; i < n; ++i) printf "%s\"m%d\"", i ? "," : "", i; printf "],\"customer_id\":["; for (i = 0; i < n; ++i) printf "%s\"M\"", i ? "," : ""; printf "],\"event_timestamp\":["; for (i = 0; i < n; ++i) printf "%s\"2026-01-02T00:00:00Z\"", i ? "," : ""; print "]}}" }' > "$T/rows"; curl -s -o "$T/body" -w '%{http_code}' "$HTTP/push" -d @"$T/rows"; }
is "10,000 rows in one push" "$(many 10000) $(sqlite3 "$P/state/stoa.db" "SELECT COUNT(*) FROM event_txn_events WHERE customer_id = 'M'")" '200 10000'
like "... and not one more" "$(many 10001) $(cat "$T/body")" '^422 .*at most 10,000 rows'

# -- nothing to fill
is "materialize answers with what it was asked for" "$(code '/materialize?async=true' '{"start_ts":"2026-11-01T00:00:00","end_ts":"2026-11-02T00:00:00","feature_views":["loan"]}') $(jq -c . "$T/body")" '202 {"status":"accepted","feature_views":["loan"]}'
is "... and refuses what there is not" "$(code /materialize '{"feature_views":["nope"]}') $(code /materialize '{"start_ts":"soon"}') $(code /materialize-incremental '{}')" '404 422 422'

# -- the registry
api() { curl -s "$HTTP/api/v1/$1"; }
# The paths of a document with the kinds of their values; of tags there may be any.
shape() { jq -r '[paths(type != "object" and type != "array") as $p | ($p | map(if type == "number" then "N" else . end) | join("/")) + " " + (getpath($p) | type)] | unique | .[]' | grep -v '/tags/'; }
has_shape() { # SAMPLE FILE: no path of the sample is missing
  shape < "$1" > "$T/sample"; shape < "$2" > "$T/shown"; [ -s "$T/sample" ] && ! grep -vxFf "$T/shown" "$T/sample"
}
if [ -d "$SUITE/registry-rest" ]; then
  for n in projects entities feature_views feature_services data_sources features; do
    api "$n?project=shop&include_relationships=true" > "$T/list"
    sed 's/"req": {/"request": {/' "$SUITE/registry-rest/$n.json" > "$T/rest" # names of sources are the sample's own
    ok "$n has the sample's shape" has_shape "$T/rest" "$T/list"
    is "... and its members" "$(jq -c keys "$T/list")" "$(jq -c keys "$T/rest")"
    is "... whatever the project" "$(api "$n/all?include_relationships=true")" "$(cat "$T/list")"
  done
  for n in label_views saved_datasets permissions; do is "$n: none" "$(api "$n?project=shop" | jq -cS .)" "$(jq -cS . "$SUITE/registry-rest/$n.json")"; done
  api 'feature_views/txn_rfm?project=shop&include_relationships=true' > "$T/list"; ok "one view has the sample's shape" has_shape "$SUITE/registry-rest/feature_view_detail.json" "$T/list"
  api 'feature_services/offer_ranking_v1?project=shop' > "$T/list"; ok "... one service" has_shape "$SUITE/registry-rest/feature_service_detail.json" "$T/list"
  curl -s "$HTTP/projects-list.json" > "$T/list"; ok "... the list of projects" has_shape "$SUITE/registry-rest/projects-list.json" "$T/list"
fi
is "a view as it is declared" "$(api feature_views/bureau | jq -c '[.type, .spec.ttl, .spec.entities, .spec.features, .spec.batchSource.timestampField]')" '["featureView","7776000s",["customer"],[{"name":"score","valueType":"INT32","tags":{}}],"at"]'
is "... its tags, owner and summary" "$(api feature_views/txn_rfm | jq -c '[.spec.tags, .spec.owner, .spec.description]')" '[{"layer":"transaction"},"risk@shop.example","What the customer did lately"]'
is "... its description, where it has one" "$(api feature_views/household | jq -r .spec.description)" 'All who share an address'
is "a key of two parts is of two entities" "$(api feature_views/cust_product | jq -c '[.spec.entities, (.spec.entityColumns | map(.name))]')" '[["customer","product_id"],["customer_id","product_id"]]'
is "a request view has its inputs and what it reads" "$(api feature_views/price_sensitivity | jq -c '[.type, .spec.sources.request.requestDataSource.requestDataOptions.schema, (.spec.sources | keys)]')" '["onDemandFeatureView",[{"name":"quoted_rate","valueType":"DOUBLE"}],["loan:rate","request"]]'
is "the types of features" "$(api features | jq -c '[.features[] | select(.featureView == "typed") | .type]')" '["INT64","DOUBLE","FLOAT","BOOL","UNIX_TIMESTAMP","DECIMAL"]'
is "... of lists and bytes too" "$(api features | jq -c '[.features[] | select(.featureView == "listed") | .type]')" '["STRING_LIST","FLOAT_LIST","BYTES"]'
is "event types are push sources" "$(api data_sources | jq -c '[.dataSources[] | select(.type == "PUSH_SOURCE") | .name]')" '["txn_events","txn_rfm"]'
is "all of it unless a page is asked for" "$(api features | jq '(.features | length) == .pagination.totalCount') $(api 'features?page=2&limit=3' | jq -c '[(.features | length), .pagination.hasNext, .pagination.hasPrevious]') $(api 'features?page=900' | jq '.features | length')" 'true [3,true,true] 0'
is "... a page goes on where the one before it ended" "$(for i in 1 2 3 4; do api "features?page=$i&limit=2"; done | jq -c '.features[] | [.featureView, .name]' | cksum)" "$(api features | jq -c '.features[:8][] | [.featureView, .name]' | cksum)"
is "what is not there" "$(for u in feature_views/nope frob 'features?project=nope' 'features?page=0' 'features?limit=x'; do curl -s -o /dev/null -w '%{http_code} ' "$HTTP/api/v1/$u"; done)" '404 404 404 400 400 '
is "editing is not allowed" "$(curl -s -o /dev/null -w '%{http_code} ' -X POST "$HTTP/api/v1/entities" -d '{}'; curl -s -o /dev/null -w '%{http_code}' -X PUT "$HTTP/api/v1/feature_views/loan")" '405 405'

# -- over RESP
is "a view over RESP" "$(r HGETALL household:C1 | paste -sd' ')" 'household__size 2'
is "a request view that needs no inputs" "$(r HGETALL rating:C1 | paste -sd' ')" 'rating__half 350 rating__who https://shop.example/customer/C1'
is "a key of two parts" "$(r HGET cust_product:C1:P1 cust_product__clicks_30d) $(redis-cli -2 -p "$RESP" --json FEATURES.GET cust_product C2:P2 C1:P1 C2:P2 C1:P2)" '4 [["cust_product__clicks_30d"],["7"],["4"],["7"],null]'
like "... that lacks one" "$(r HGETALL cust_product:C1 2>&1)" 'a key of interest has 2 parts'
like "... in the path of a vector" "$(curl -s "$HTTP/features/cust_product?key=C1:P1&key=C1" | jq -r .error.message)" 'a key of interest has 2 parts'
for c in "HGETALL loan:NOPE" "HMGET loan:NOPE loan__rate" "HGET loan:NOPE loan__rate" "HVALS loan:NOPE"; do
  # shellcheck disable=SC2086
  is "one who does not exist is told: $c" "$(r $c)" 'NOTFOUND there is no customer with customer_id "NOPE"'
done
is "... among others by nothing in its place" "$(redis-cli -2 -p "$RESP" --json FEATURES.GET loan C1 NOPE C_NEW C1)" '[["loan__rate"],["3.5"],null,[null],["3.5"]]'
is "... in RESP3 too" "$(redis-cli -3 -p "$RESP" --json FEATURES.GET loan NOPE C1)" '[["loan__rate"],null,["3.5"]]'
is "... and counts as nobody" "$(r EXISTS loan:NOPE loan:C1 loan:C_NEW) $(r HEXISTS loan:NOPE loan__rate)" '1 0'
is "over /features its row is null" "$(curl -s "$HTTP/features/loan?key=C1&key=NOPE&key=C_NEW" | jq -c .rows)" '[[3.5],null,[null]]'
is "a pipeline with repeats keeps its order" "$(for i in $(seq 1 200); do echo "HGET household:C$((i % 2 + 1)) household__size"; done | redis-cli -p "$RESP" | paste -sd' ')" "$(for i in $(seq 1 100); do printf '1 2 '; done | sed 's/ $//')"
is "many keys with repeats" "$(r FEATURES.GET household $(for i in $(seq 1 500); do echo C1 C2; done) | sed 1d | paste -sd' ')" "$(for i in $(seq 1 500); do printf '2 1 '; done | sed 's/ $//')"
like "an unknown feature, and view" "$(r HGET household:C1 household__siz 2>&1) $(r HGETALL househol:C1 2>&1)" 'did you mean "household__size".*did you mean "household"'
sed -i 's/{customer_id: string}/{customer_id: int64}/' "$P/features/entities.yaml"
r RELOAD > /dev/null
like "a key of another type is refused" "$(r HGETALL loan:C1 2>&1)" 'customer_id is of type int64; "C1" is none'
refused "... over HTTP with its place" '{"features":["loan:rate"],"entities":{"customer_id":[7,"x"]}}' 422 '"customer_id",1'
is "... a number that is a text is a number" "$(online '{"features":["loan:rate"],"entities":{"customer_id":["7",-8]}}' | jq -c '.results[0].values')" '[7,-8]'
for k in 07 +7 7.0 9223372036854775808 -9223372036854775809 '' -; do like "no int64: \"$k\"" "$(r HGETALL "loan:$k" 2>&1)" 'is none'; done
like "the least and the greatest" "$(r HGETALL loan:9223372036854775807 2>&1) $(r HGETALL loan:-9223372036854775808 2>&1)" 'NOTFOUND.*NOTFOUND'
ok "the server stops cleanly" stop_server

# -- training sets
feast_project "$T/q"
printf 'customer_id,product_id,at\nC1,P1,2026-12-01\nC2,P1,2026-12-01\nC2,P2,2026-12-01\nC1,P1,2026-12-02\n' > "$T/pairs.csv"
history() { "$STOA" features history -C "$T/q" --entities "$1" --timestamp-column at --service "$2" 2> "$T/said"; }
is "rows of keys of two parts" "$(history "$T/pairs.csv" cust_product | cut -d, -f4 | paste -sd' ')" 'cust_product__clicks_30d 4  7 4'
printf 'customer_id,at\nC_OLD,2020-04-01\nC_OLD,2020-07-01\nC_OLD,2020-04-02\n' > "$T/old.csv"
is "a row is as old as it was at its instant" "$(history "$T/old.csv" bureau | cut -d, -f3 | paste -sd' ')" 'bureau__score 641  641'
is "... and so is what a view of kind request makes of it" "$(history "$T/old.csv" rating | cut -d, -f3- | sed 's/[a-z]*:.*C_OLD/C_OLD/' | paste -sd' ') $(grep -c rating "$T/said")" 'rating__half,rating__who 320.5,C_OLD , 320.5,C_OLD 0'
sed -i 's/{customer_id: string}/{customer_id: int64}/' "$T/q/features/entities.yaml"
history "$T/old.csv" bureau > /dev/null
like "a key of another type is refused in its place" "$(cat "$T/said")" 'old.csv:2:1: error: customer_id is of type int64; "C_OLD" is none'

# -- declarations, by their place
feast_project "$T/q"
caught() { # CLAIM FILE SCRIPT PATTERN
  cp "$T/q/features/$2" "$T/saved"; sed -i "$3" "$T/q/features/$2"
  "$STOA" check -C "$T/q" > "$T/said" 2>&1; like "$1" "$(cat "$T/said")" "features/$2:[0-9]+:[0-9]+: error: .*$4"
  cp "$T/saved" "$T/q/features/$2"
}
caught "a ttl without a time" bureau.rq '/time: at/d' '"ttl" needs "time: VARIABLE"'
caught "a ttl that is none" bureau.rq 's/ttl: 90d/ttl: long/' '"ttl" is a number with'
caught "a ttl of nothing" bureau.rq 's/ttl: 90d/ttl: 0d/' '"ttl" is from 1s'
caught "a ttl of a request view" price_sensitivity.rq 's/#+   inputs/#+   ttl: 5s\n&/' 'a view of kind request has no "ttl"'
caught "a time that is not selected" bureau.rq 's/time: at/time: att/' 'does not select .att; did you mean .at'
caught "inputs of another kind" loan.rq 's/#+   features/#+   inputs: {x: double}\n&/' 'a view of kind query has no "inputs"'
caught "an input that nobody speaks of" price_sensitivity.rq 's/{quoted_rate: double}/{quoted_rate: double, x: double}/' 'does not speak of .x'
caught "an input of no type" price_sensitivity.rq 's/{quoted_rate: double}/{quoted_rate: money}/' 'unknown type "money"'
caught "a list as a type" typed.rq 's/txn_count_7d: int64/txn_count_7d: array/' 'unknown type "array"'
caught "a view that is read and not there" price_sensitivity.rq 's/loan:rate/lone:rate/' 'there is no feature "lone:rate"'
caught "a feature that is read and not there" price_sensitivity.rq 's/loan:rate/loan:rat/' 'there is no feature "loan:rat"'
caught "one of another entity" price_sensitivity.rq 's/loan:rate/cust_product:clicks_30d/' 'view cust_product is of another entity, interest'
caught "one of kind request" price_sensitivity.rq 's/loan:rate/price_sensitivity:rate_gap/' 'view price_sensitivity is of kind request too'
caught "patterns in a request view" price_sensitivity.rq 's/{}$/{ ?x ?y ?paid }/' 'selects expressions and nothing else'
caught "an input as a feature" price_sensitivity.rq 's/SELECT .*/SELECT ?quoted_rate ?paid (1 AS ?rate_gap) {}/; s/features: {/features: {paid: double, /' 'is an input as it comes'
caught "a key twice" entities.yaml 's/\[customer_id, product_id\]/[customer_id, customer_id]/' 'has the key "customer_id" twice'
caught "a part of a key that the IRI lacks" entities.yaml 's|/{product_id}/{customer_id}|/{product_id}|' 'must hold {customer_id} once'
caught "parts that nothing parts" entities.yaml 's|/{product_id}/{customer_id}|/{product_id}{customer_id}|' 'does not part its keys'
caught "a column of the IRI that is no key" entities.yaml 's|/{product_id}/{customer_id}|/{product_id}/{customer}|' 'which is no key'
caught "a key of an unknown type" entities.yaml 's/customer_id: string/customer_id: text/' 'unknown type "text" of a key'
caught "a view of keys in another order" cust_product.rq 's/\[customer_id, product_id\]/[product_id, customer_id]/' 'no entity .* has the key'
caught "tags that are none" txn_rfm.rq 's/tags: {layer: transaction}/tags: {layer: [x]}/' '"tags" are'
mkdir -p "$T/q/personalizer"
printf 'policy: p\nservice: quoted\nactions: [{id: x}, {id: y}]\n' > "$T/q/personalizer/p.yaml"
like "a policy of a service with inputs" "$("$STOA" check -C "$T/q" 2>&1)" 'p.yaml:2:[0-9]+: error: service quoted needs the input "quoted_rate"'
done_testing
