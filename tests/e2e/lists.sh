#!/bin/sh
# Features that are lists and bytes: how rows become one, in which order, and what they are to each who asks: the command
# line, RESP, HTTP, Feast's contract, kept rows, samples, training sets, profiles and ranks.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v jq > /dev/null && command -v curl > /dev/null && command -v sqlite3 > /dev/null && command -v redis-cli > /dev/null || skip_all "jq, curl, sqlite3 and redis-cli are needed"
P=$T/shop
mkdir -p "$P/features" "$P/personalizer"
cat > "$P/stoa.yaml" <<'E'
project: shop
base: https://shop.example/
sources: {shop: {driver: sqlite, address: shop.db, mappings: [map.ttl]}}
ontology: [o.ttl]
state: {driver: sqlite, address: state/stoa.db}
samples: {share: 1}
events:
  visit:
    class: https://shop.example/o#Visit
    known: at
    fields:
      id:       {type: string}
      at:       {type: dateTime, property: "https://shop.example/o#at"}
      customer: {type: integer, property: "https://shop.example/o#of", iri: "https://shop.example/customer/{customer}"}
      channel:  {type: string, property: "https://shop.example/o#channel"}
      rank:     {type: integer, property: "https://shop.example/o#rank"}
      paid:     {type: "decimal(12,2)", property: "https://shop.example/o#paid"}
      weight:   {type: double, property: "https://shop.example/o#weight"}
      good:     {type: boolean, property: "https://shop.example/o#good"}
E
cat > "$P/o.ttl" <<'E'
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix o: <https://shop.example/o#> .
o:Customer a owl:Class . o:Visit a owl:Class . o:of a owl:ObjectProperty .
o:channel a owl:DatatypeProperty . o:at a owl:DatatypeProperty . o:rank a owl:DatatypeProperty . o:paid a owl:DatatypeProperty . o:weight a owl:DatatypeProperty .
o:good a owl:DatatypeProperty . o:tags a owl:DatatypeProperty . o:numbers a owl:DatatypeProperty . o:photo a owl:DatatypeProperty . o:many a owl:DatatypeProperty . o:name a owl:DatatypeProperty .
E
cat > "$P/map.ttl" <<'E'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix o: <https://shop.example/o#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
<#c> rr:logicalTable [ rr:tableName "customer" ] ; rr:subjectMap [ rr:template "https://shop.example/customer/{id}" ; rr:class o:Customer ] ;
  rr:predicateObjectMap [ rr:predicate o:name ; rr:objectMap [ rr:column "name" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:photo ; rr:objectMap [ rr:column "photo" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:tags ; rr:objectMap [ rr:column "tags" ; rr:datatype rdf:JSON ] ] ;
  rr:predicateObjectMap [ rr:predicate o:numbers ; rr:objectMap [ rr:column "numbers" ; rr:datatype rdf:JSON ] ] .
<#m> rr:logicalTable [ rr:tableName "many" ] ; rr:subjectMap [ rr:template "https://shop.example/customer/{customer}" ] ;
  rr:predicateObjectMap [ rr:predicate o:many ; rr:objectMap [ rr:column "n" ] ] .
E
sqlite3 "$P/shop.db" <<'E'
CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT, photo BLOB, tags TEXT, numbers TEXT);
CREATE TABLE many(customer INTEGER, n INTEGER, PRIMARY KEY(customer, n));
INSERT INTO customer VALUES(1, 'a', x'00016869', '["b", "a, \"b\"", "é", ""]', '[3, 1, 2]'), (2, 'b', NULL, '[]', NULL), (3, 'c', x'', NULL, '[1, 2.5]'), (4, 'd', x'ff', '["x", null]', '[[1]]'), (5, 'e', NULL, '{"a": 1}', '[1');
WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 10001) INSERT INTO many SELECT 1, n FROM i WHERE n <= 10000 UNION ALL SELECT 2, n FROM i;
E
cat > "$P/features/entities.yaml" <<'E'
prefixes: {o: "https://shop.example/o#"}
customer: {class: o:Customer, key: {customer_id: int64}, iri: "https://shop.example/customer/{customer_id}"}
E
cat > "$P/features/visits.rq" <<'E'
#+ feature_view:
#+   name: visits
#+   kind: query
#+   entity: {customer: customer_id}
#+   time: at
#+   freshness: 1h
#+   features: {channel: list(string), rank: list(int32), paid: "list(decimal(12,2))", weight: list(double), good: list(bool), at: list(timestamp), name: string}
#+   default: {channel: [none, "a,b"], rank: []}
PREFIX o: <https://shop.example/o#>
SELECT ?customer ?at ?channel ?rank ?paid ?weight ?good ?name WHERE {
  ?customer o:name ?name . ?v o:of ?customer ; o:at ?at .
  OPTIONAL { ?v o:channel ?channel } OPTIONAL { ?v o:rank ?rank } OPTIONAL { ?v o:paid ?paid } OPTIONAL { ?v o:weight ?weight } OPTIONAL { ?v o:good ?good }
  FILTER(?at <= ?_asof_xsd_dateTime)
} ORDER BY DESC(?at)
E
cat > "$P/features/kinds.rq" <<'E'
#+ feature_view: {name: kinds, kind: query, entity: {customer: customer_id}, features: {channel: list(string), rank: list(int64)}}
PREFIX o: <https://shop.example/o#>
SELECT DISTINCT ?customer ?channel ?rank WHERE { ?v o:of ?customer ; o:channel ?channel . OPTIONAL { ?v o:rank ?rank } }
E
cat > "$P/features/held.rq" <<'E'
#+ feature_view: {name: held, kind: query, entity: {customer: customer_id}, freshness: 1h, features: {tags: list(string), numbers: list(int64), photo: bytes}, default: {photo: AAE=}}
PREFIX o: <https://shop.example/o#>
SELECT ?customer ?tags ?numbers ?photo WHERE { ?customer a o:Customer OPTIONAL { ?customer o:tags ?tags } OPTIONAL { ?customer o:numbers ?numbers } OPTIONAL { ?customer o:photo ?photo } }
E
cat > "$P/features/raw.rq" <<'E'
#+ feature_view: {name: raw, kind: query, entity: {customer: customer_id}, features: {numbers: list(int64)}}
PREFIX o: <https://shop.example/o#>
SELECT ?customer ?numbers WHERE { ?customer o:numbers ?numbers }
E
cat > "$P/features/tagged.rq" <<'E'
#+ feature_view: {name: tagged, kind: query, entity: {customer: customer_id}, features: {tags: list(string)}}
PREFIX o: <https://shop.example/o#>
SELECT ?customer ?tags WHERE { ?customer o:tags ?tags }
E
cat > "$P/features/many.rq" <<'E'
#+ feature_view: {name: many, kind: query, entity: {customer: customer_id}, features: {n: list(int64)}}
PREFIX o: <https://shop.example/o#>
SELECT ?customer ?n WHERE { ?customer o:many ?n }
E
cat > "$P/features/read.rq" <<'E'
#+ feature_view: {name: read, kind: request, entity: {customer: customer_id}, inputs: {x: int64}, reads: {tags: "held:tags"}, features: {again: list(string), one: list(int64)}}
SELECT (IF(true, ?tags, "") AS ?again) (?x + 1 AS ?one) {}
E
cat > "$P/features/services.yaml" <<'E'
services:
  - {name: all, features: ["visits:*", "held:photo", "held:tags"]}
E
cat > "$P/personalizer/offer.yaml" <<'E'
policy: offer
service: all
actions: [{id: a}, {id: b}]
E
get() { "$STOA" features get -C "$P" "$@" 2> "$T/err"; }
event() { r EVENT visit "$1" > /dev/null; }
check() { "$STOA" check -C "$P" 2>&1; }
like "a list with a null, one within, and what is no array are told, with the entity" "$(check)" '(held|raw).rq:1:1: error: feature (held__tags|(held|raw)__numbers): an element of the list of <https://shop.example/customer/[345]> does not fit its declared type'
sqlite3 "$P/shop.db" 'DELETE FROM customer WHERE id > 3; UPDATE customer SET numbers = NULL WHERE id = 3'
like "a list that is too long is told, too" "$(check)" 'many.rq:1:1: error: feature many__n: the list of <https://shop.example/customer/2> has more than 10000 elements'
is "... served it is none" "$(get many 2)" '{"customer_id": "2", "many__n": null}'
like "... and why is said" "$(cat "$T/err")" 'such as of many__n \(it has more than 10000 elements\): none is served'
is "... the longest is served" "$(get many 1 | jq '.many__n | length')" 10000
sqlite3 "$P/shop.db" 'DELETE FROM many WHERE customer = 2'
is "then all is good" "$(check | grep -c 'all good')" 1
serve "$P" || exit 1

# ---- rows of one entity, in the order of the view
event '{"id":"1","at":"2026-01-01T00:00:00Z","customer":1,"channel":"web","rank":1,"paid":10.10,"weight":0.5,"good":true}'
event '{"id":"2","at":"2026-01-03T00:00:00.5Z","customer":1,"channel":"é\"\\\\,\n","rank":2147483647,"paid":5,"weight":3,"good":false}'
event '{"id":"3","at":"2026-01-02T00:00:00Z","customer":1,"channel":"app"}'
event '{"id":"4","at":"2026-01-02T00:00:00Z","customer":2}'
row=$(get visits 1)
is "rows make lists, as the view orders them" "$(printf '%s\n' "$row" | jq -c '[.visits__channel, .visits__at]')" '[["é\"\\\\,\n","app","web"],["2026-01-03T00:00:00.5Z","2026-01-02T00:00:00Z","2026-01-01T00:00:00Z"]]'
is "... what is unbound adds nothing" "$(printf '%s\n' "$row" | jq -c '[.visits__rank, .visits__good]')" '[[2147483647,1],[false,true]]'
is "... decimals are exact, and doubles have a point" "$(printf '%s\n' "$row" | grep -o '"visits__paid": [^]]*], "visits__weight": [^]]*]')" '"visits__paid": [5,10.1], "visits__weight": [3.0,0.5]'
is "... what is no list is the same in all rows" "$(printf '%s\n' "$row" | jq -c .visits__name)" '"a"'
is "for many entities at once as for one" "$(get visits 2 3 1 | tail -1)" "$row"
is "a row without a value, and no row, have what stands for none" "$(get visits 2 3 | jq -c '[.visits__channel, .visits__rank, .visits__paid]' | paste -sd' ')" '[["none","a,b"],[],null] [["none","a,b"],[],null]'
is "without an order values go up" "$(get kinds 1 | jq -c '[.kinds__channel, .kinds__rank]')" '[["app","web","é\"\\\\,\n"],[1,2147483647]]'
event '{"id":"5","at":"2026-01-05T00:00:00Z","customer":1,"channel":"app"}'
is "... and DISTINCT leaves each once" "$(get kinds 1 | jq -c .kinds__channel)" '["app","web","é\"\\\\,\n"]'

# ---- values that are arrays, and bytes
is "an array of JSON is a list, in its own order" "$(get held 1 2 3 | jq -c '[.held__tags, .held__numbers]' | paste -sd' ')" '[["b","a, \"b\"","é",""],[3,1,2]] [[],null] [null,null]'
is "bytes are base64" "$(get held 1 2 3 | jq -c .held__photo | paste -sd' ')" '"AAFoaQ==" "AAE=" ""'
is "... as CSV" "$(get --format csv held 1 2 | tr -d '\r')" 'customer_id,held__tags,held__numbers,held__photo
1,"[""b"",""a, \""b\"""",""é"",""""]","[3,1,2]",AAFoaQ==
2,[],,AAE='
is "... as one JSON" "$(get --format json held 1 2 | jq -c 'map(.held__numbers)')" '[[3,1,2],null]'

# ---- served
is "RESP has the text of JSON" "$(r HMGET held:1 held__numbers held__tags | paste -sd'|')" '[3,1,2]|["b","a, \"b\"","é",""]'
is "... bytes in base64" "$(r HGET held:1 held__photo)" 'AAFoaQ=='
is "HTTP has JSON" "$(curl -s "$HTTP/features/held?key=1&key=2" | jq -c .rows)" '[[["b","a, \"b\"","é",""],[3,1,2],"AAFoaQ=="],[[],null,"AAE="]]'
online() { curl -s "$HTTP/get-online-features" -d "$1"; }
out=$(online '{"features":["visits:at","visits:paid","visits:weight","visits:rank","held:photo"],"entities":{"customer_id":[1,2]}}')
is "Feast's times are seconds, its decimals texts" "$(echo "$out" | grep -o '"values":\[\[1[^}]*"statuses' | head -1)$(echo "$out" | grep -o '"values":\[\["5[^}]*"statuses')" '"values":[[1767571200,1767398400,1767312000,1767225600],[1767312000]],"statuses"values":[["5.00","10.10"],null],"statuses'
is "... its doubles have a point" "$(echo "$out" | grep -o '"values":\[\[3[^}]*"statuses')" '"values":[[3.0,0.5],null],"statuses'
is "... an empty list is present" "$(echo "$out" | jq -c '.results[4] | [.values, .statuses]')" '[[[2147483647,1],[]],["PRESENT","PRESENT"]]'
is "a request view has lists" "$(online '{"features":["read:again","read:one"],"entities":{"customer_id":[1,3],"x":[4,5]}}' | jq -c '[.results[1:][].values]')" '[[["b","a, \"b\"","é",""],null],[[5],[6]]]'
is "the registry names their types" "$(curl -s "$HTTP/api/v1/feature_views/visits" | jq -c '[.spec.features[].valueType]')" '["STRING_LIST","INT32_LIST","DECIMAL_LIST","DOUBLE_LIST","BOOL_LIST","UNIX_TIMESTAMP_LIST","STRING"]'
is "... in RDF too" "$("$STOA" query -C "$P" --format csv -e 'PREFIX stoa: <https://stoa.example/ns#> PREFIX d: <http://purl.org/dc/terms/> SELECT ?t { GRAPH stoa:registry { ?f d:title "visits__paid" ; stoa:datatype ?t } }' | tail -1 | tr -d '\r"')" 'list(decimal(12,2))'
like "show tells type and default" "$("$STOA" features show -C "$P" visits)" 'feature     visits__channel: list\(string\), default \["none","a,b"\]'
awk 'BEGIN { printf "{\"features\":[\"many:n\"],\"entities\":{\"customer_id\":["; for (i = 0; i < 2000; ++i) printf "%s1", i ? "," : ""; print "]}}" }' > "$T/rows"
like "one long list in very many rows is refused" "$(curl -s -o "$T/body" -w '%{http_code} ' "$HTTP/get-online-features" -d @"$T/rows"; cat "$T/body")" '^[45][0-9]* .*more than 64 MiB'
sqlite3 "$P/shop.db" "INSERT INTO customer VALUES(9, 'n', NULL, json_array(printf('%.*c', 70000, 'x')), NULL)"
like "... over RESP too" "$(r FEATURES.GET tagged $(awk 'BEGIN { for (i = 0; i < 1020; ++i) print 9 }') 2>&1 | head -c 300)" 'more than 64 MiB'
is "a rank takes them" "$(r RANK offer '{"subject":"1","eventId":"e1"}' | jq -r '.eventId')" e1
is "... each element by itself" "$(sqlite3 "$P/state/stoa.db" "SELECT hex(substr(example, 2, 4)) FROM decision WHERE event_id = 'e1'")" 16000000 # 22 features of the context

# ---- kept, sampled, learned from
r HGET visits:1 visits__channel > /dev/null
event '{"id":"6","at":"2026-01-06T00:00:00Z","customer":1,"channel":"branch"}'
is "an event is in the kept list at once" "$(r HGET visits:1 visits__channel | jq -c '.[:3]')" '["branch","app","é\"\\\\,\n"]'
is "... from the kept row, too" "$(r HGET visits:1 visits__at | jq -c '.[0]') $(r HGET visits:1 visits__name)" '"2026-01-06T00:00:00Z" a'
for c in 1 2 3; do r HGETALL all:$c > /dev/null; r HGETALL held:$c > /dev/null; done
sleep 1.2
sqlite3 "$P/shop.db" "UPDATE customer SET numbers = '[1,\"x\"]' WHERE id = 2"
is "what does not fit is none, and invalid" "$(online '{"features":["raw:numbers"],"entities":{"customer_id":[1,2]}}' | jq -c '.results[1] | [.values, .statuses]')" '[[[3,1,2],null],["PRESENT","INVALID"]]'
like "... and whoever asks is told" "$(curl -s -D - -o /dev/null "$HTTP/features/raw?key=2")" 'Stoa-Warning: .*raw__numbers'
stop_server
out=$("$STOA" features replay -C "$P"); code=$?
like "what was served is computed again" "$code $out" '^0 [1-9][0-9]* rows, [1-9][0-9]* values: 0 differ'
printf 'customer_id,at\n1,2026-01-02T12:00:00Z\n1,2026-01-01\n1,2025-01-01\n2,2026-02-01\n' > "$T/labels.csv"
"$STOA" features history --known event -C "$P" --entities "$T/labels.csv" --timestamp-column at --service visits -o "$T/set.csv" 2> /dev/null
is "a training set has the lists as they were" "$(cut -d, -f3- "$T/set.csv" | sed -n '2,4p')" '"[""app"",""web""]",[1],[10.1],[0.5],[true],"[""2026-01-02T00:00:00Z"",""2026-01-01T00:00:00Z""]",a
"[""web""]",[1],[10.1],[0.5],[true],"[""2026-01-01T00:00:00Z""]",a
"[""none"",""a,b""]",[],,,,,'
is "... each as it is served as of then" "$(sed 1d "$T/set.csv" | cut -d, -f3-)" "$(while IFS=, read -r c at; do get --format csv --asof "$at" visits "$c" | sed -n 2p | cut -d, -f2-; done <<E
1,2026-01-02T12:00:00Z
1,2026-01-01
1,2025-01-01
2,2026-02-01
E
)"
sqlite3 "$P/shop.db" "UPDATE customer SET numbers = NULL WHERE id = 2; WITH RECURSIVE i(n) AS (SELECT 10 UNION ALL SELECT n + 1 FROM i WHERE n < 200) INSERT INTO customer SELECT n, 'x', NULL, CASE n % 2 WHEN 0 THEN '[\"p\",\"q\"]' ELSE '[\"p\"]' END, NULL FROM i"
"$STOA" features apply -C "$P" > /dev/null 2>&1
is "the profile of a list counts its elements" "$(jq -c '.views[] | select(.name == "held") | .features[] | select(.name == "held__tags") | .profile | [.numbers, .edges]' "$P/state/features.json")" '[true,[1.5,3]]'
is "... and that of bytes as well" "$(jq -c '.views[] | select(.name == "held") | .features[] | select(.name == "held__photo") | .profile | [.numbers, .distinct]' "$P/state/features.json")" '[true,3]'
sqlite3 "$P/shop.db" "UPDATE customer SET tags = '[\"p\",\"q\",\"r\"]' WHERE id >= 10"
like "lists that grow are a drift" "$("$STOA" features drift -C "$P")" 'held__tags'

# ---- what is refused
cp -r "$P" "$T/good"
caught() { # CLAIM FILE SED PATTERN
  rm -rf "$T/p"; cp -r "$T/good" "$T/p"; sed -i "$3" "$T/p/$2"
  like "$1" "$("$STOA" check -C "$T/p" 2>&1)" "$(basename "$2"):[0-9]+:[0-9]+: error: $4"
}
caught "a type of elements that there is not" features/many.rq 's/list(int64)/list(int46)/' 'unknown type "list\(int46\)"; did you mean "int"'
caught "a list of lists" features/many.rq 's/list(int64)/list(list(int64))/' 'unknown type "list\(list\(int64\)\)"'
caught "... or a list of nothing" features/many.rq 's/list(int64)/list()/' 'unknown type "list\(\)"'
caught "a default that is no list" features/many.rq 's/}}$/}, default: {n: 1}}/' 'the default of "n" is no value of its type: a list is written as \[VALUE, ...\]'
caught "... or one of other elements" features/many.rq 's/}}$/}, default: {n: [1, x]}}/' 'the default of "n" is no value of its type'
caught "a default that is a list where there is none" features/visits.rq 's/default: {/default: {name: [x], /' 'the default of "name" is no value of its type'
caught "an input that is a list" features/read.rq 's/{x: int64}/{x: list(int64)}/' '"list\(int64\)": lists are features of views of kind query and request'
caught "a LIMIT" features/many.rq 's/?n }$/?n } LIMIT 3/' 'LIMIT and OFFSET are of the rows of all entities together'
caught "rows that differ in what is no list" features/visits.rq 's/name: string}/name: string, good2: bool}/; s/?good ?name WHERE/?good ?name ?good2 WHERE/; s/OPTIONAL { ?v o:good ?good }/OPTIONAL { ?v o:good ?good BIND(?good AS ?good2) }/' 'view visits has more than one row for <https://shop.example/customer/1>, and they differ in visits__good2; group by the entity'
caught "bytes that are none" features/held.rq 's/tags: list(string)/tags: bytes/' 'feature held__tags: .* does not fit its declared type'
caught "a default that is no base64" features/held.rq 's/AAE=/A/' 'the default of "photo" is no value of its type: A'
done_testing
