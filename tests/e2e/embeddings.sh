#!/bin/sh
# Views of kind embedding: vectors from bytes, from arrays of JSON and from rows, served whole or not at all.
. "${STOA_SRC:?}/tests/support/lib.sh"
P=$T/shop
mkdir -p "$P/features" "$P/personalizer"
cat > "$P/stoa.yaml" <<'E'
project: shop
base: https://shop.example/
sources: {shop: {driver: sqlite, address: shop.db, mappings: [map.ttl]}}
state: {driver: sqlite, address: state/stoa.db}
E
cat > "$P/map.ttl" <<'E'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix o: <https://shop.example/o#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
<#c> rr:logicalTable [ rr:tableName "customer" ] ; rr:subjectMap [ rr:template "https://shop.example/customer/{id}" ; rr:class o:Customer ] ;
  rr:predicateObjectMap [ rr:predicate o:bytes ; rr:objectMap [ rr:column "bytes" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:wide ; rr:objectMap [ rr:column "wide" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:text ; rr:objectMap [ rr:column "text" ; rr:datatype rdf:JSON ] ] ;
  rr:predicateObjectMap [ rr:predicate o:array ; rr:objectMap [ rr:column "text" ] ] .
<#p> rr:logicalTable [ rr:tableName "place" ] ; rr:subjectMap [ rr:template "https://shop.example/place/{customer}/{i}" ] ;
  rr:predicateObjectMap [ rr:predicate o:of ; rr:objectMap [ rr:template "https://shop.example/customer/{customer}" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:i ; rr:objectMap [ rr:column "i" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:x ; rr:objectMap [ rr:column "x" ] ] .
E
# 1.5, -2, 0.25 in 32 bits, and in 64; a vector that is cut; one with a number that is none.
sqlite3 "$P/shop.db" <<'E'
CREATE TABLE customer(id INTEGER PRIMARY KEY, bytes BLOB, wide BLOB, text TEXT);
CREATE TABLE place(customer INTEGER, i INTEGER, x REAL, PRIMARY KEY(customer, i));
INSERT INTO customer VALUES
  (1, x'0000c03f000000c00000803e', x'000000000000f83f00000000000000c0000000000000d03f', '[1.5, -2, 0.25]'),
  (2, x'0000c03f000000c0', x'000000000000f83f', '[1.5, -2]'),
  (3, x'0000c03f000000c0000080', NULL, '[1.5, "x", 2]'),
  (4, x'0000c03f0000c07f0000803e', NULL, NULL), (5, NULL, NULL, NULL);
INSERT INTO place VALUES (1, 2, 0.25), (1, 0, 1.5), (1, 1, -2), (2, 0, 1.5), (2, 1, -2);
E
cat > "$P/features/entities.yaml" <<'E'
prefixes: {o: "https://shop.example/o#"}
customer: {class: o:Customer, key: {customer_id: int64}, iri: "https://shop.example/customer/{customer_id}"}
E
view() { # NAME HEADER QUERY
  printf '#+ feature_view:\n#+   name: %s\n#+   kind: embedding\n#+   entity: {c: customer_id}\n%s\nPREFIX o: <https://shop.example/o#>\n%s\n' "$1" "$2" "$3" > "$P/features/$1.rq"
}
view bytes '#+   vector: v
#+   dimensions: 3
#+   freshness: 1h' 'SELECT ?c ?v { ?c o:bytes ?v }'
view wide '#+   vector: v
#+   dimensions: 3
#+   element: double' 'SELECT ?c ?v { ?c o:wide ?v }'
view text '#+   vector: v
#+   dimensions: 3
#+   default: {v: [0, 0, 0]}' 'SELECT ?c ?v { ?c o:text ?v }'
view places '#+   vector: x
#+   dimensions: 3' 'SELECT ?c ?x { ?p o:of ?c ; o:i ?i ; o:x ?x } ORDER BY ?i'
view placed '#+   vector: x
#+   index: i
#+   element: double
#+   dimensions: 3' 'SELECT ?c ?i ?x { ?p o:of ?c ; o:i ?i OPTIONAL { ?p o:x ?x } }'
view array '#+   vector: v
#+   source: shop
#+   dimensions: 3' 'SELECT ?c ?v { ?c o:array ?v }'
printf 'services: [{name: taste, features: ["bytes:*", "wide:*", "text:*", "places:*"]}]\n' > "$P/features/services.yaml"
like "check reads samples, and tells what is no vector" "$("$STOA" check -C "$P" 2>&1)" 'bytes.rq:1:1: error: feature bytes__v: the vector of <https://shop.example/customer/2> \(shop: customer.bytes\) has 8 bytes, not 12 \(of floats\) or 24 \(of doubles\)'

get() { "$STOA" features get -C "$P" --format csv taste "$@" 2> "$T/err" | tail -n +2; }
is "bytes of 32 and 64 bits, an array of JSON, rows in their order" "$(get 1)" '1,"[1.5,-2.0,0.25]","[1.5,-2.0,0.25]","[1.5,-2.0,0.25]","[1.5,-2.0,0.25]"'
is "vectors of another length are none" "$(get 2)" '2,,,,'
get 2 > /dev/null
like "... and told with both numbers" "$(cat "$T/err")" 'such as of places__x \(it has 2 elements, not 3\): none is served'
is "nor are bytes that are cut, nor what is no number" "$(get 3)" '3,,,,'
is "nor what is not finite; where nothing is, what stands for it" "$(get 4)" '4,,,"[0.0,0.0,0.0]",'
# A row for each element, from 0 or from 1 on; the rows of each entity, and what they make.
placed() { sqlite3 "$P/shop.db" 'DELETE FROM place' "INSERT INTO place SELECT 1, * FROM (VALUES $1)"; "$STOA" features get -C "$P" placed 1 2> "$T/err" | jq -c .placed__x; sed -n 's/.*(it \([^)]*\)).*/\1/p' "$T/err"; }
is "an element a row, in any order" "$(placed '(1, -2), (2, 0.1), (0, 1.5)')" '[1.5,-2,0.1]'
is "... with indexes from 1 on" "$(placed '(1, -2), (2, 0.1), (3, 1.5)')" '[-2,0.1,1.5]'
is "... of which one is missing" "$(placed '(0, 1), (2, 0.1)' | paste -sd' ')" 'null has no row of index 1, of 0 to 2'
is "... or is none" "$(placed '(1, 1), (2, NULL), (3, 1)' | paste -sd' ')" 'null has no number at index 2'
is "... or there are more" "$(placed '(0, 1), (1, 1), (2, 1), (3, 1)' | paste -sd' ')" 'null has rows of index 0 to 3, which are more than 3'
is "... or one is far off" "$(placed '(0, 1), (1, 1), (-1, 1)' | paste -sd' ')" 'null has a row whose index is no whole number from 0 to 3'
is "... or all are NULL" "$(placed '(0, NULL), (1, NULL), (2, NULL)' | paste -sd' ')" 'null has no number at index 0'
sqlite3 "$P/shop.db" 'DELETE FROM place' 'INSERT INTO place VALUES (1, 2, 0.25), (1, 0, 1.5), (1, 1, -2)'
# The whole of it in a text of no datatype.
array() { sqlite3 "$P/shop.db" "UPDATE customer SET text = '$1' WHERE id = 5"; "$STOA" features get -C "$P" array 5 2> "$T/err" | jq -c .array__v; sed -n 's/.*(it \(.*\)): none.*/\1/p' "$T/err"; }
is "an array of JSON as a text" "$(array ' [ 1, 2e0 ,-3.50] ')" '[1,2,-3.5]'
is "... of PostgreSQL" "$(array '{1,2,3}')" '[1,2,3]'
is "... that is too short" "$(array '[1, 2]' | paste -sd' ')" 'null has 2 elements, not 3'
is "... too long" "$(array '[1, 2, 3, 4, 5]' | paste -sd' ')" 'null has 5 elements, not 3'
is "... with a NULL" "$(array '{1,NULL,3}' | paste -sd' ')" 'null has as element 2 no number'
is "... with one that 32 bits do not hold" "$(array '[1, 1e39, 3]' | paste -sd' ')" 'null has as element 2 no finite number of 32 bits'
is "... that is not closed" "$(array '[1, 2, 3' | paste -sd' ')" 'null is an array that does not end behind element 3'
is "... and goes on" "$(array '[1, 2, 3] 4' | paste -sd' ')" 'null is an array that does not end behind element 3'
is "... or is none" "$(array '1, 2, 3' | paste -sd' ')" 'null is no array of JSON or PostgreSQL, and no bytes'
sqlite3 "$P/shop.db" 'UPDATE customer SET text = NULL WHERE id = 5'
is "show tells the kind" "$("$STOA" features show -C "$P" placed | grep -E '^  (kind|feature)')" '  kind        embedding
  feature     placed__x: list(double)'
view long '#+   vector: v
#+   dimensions: 30' 'SELECT ?c ?v { ?c o:array ?v }'
serve "$P" || exit 1
is "over RESP, the text of the array" "$(r HMGET taste:1 bytes__v | head -1)" '[1.5,-2.0,0.25]'
is "... kept or not" "$(r HMGET taste:1 bytes__v | head -1)" '[1.5,-2.0,0.25]'
is "over HTTP, as Feast has it" "$(curl -s "$HTTP/get-online-features" -H 'Content-Type: application/json' -d '{"features": ["bytes:v", "places:x"], "entities": {"customer_id": [1, 5]}}' | jq -c '[.results[] | .values]')" '[[1,5],[[1.5,-2,0.25],null],[[1.5,-2,0.25],null]]'
like "the registry tells the kind" "$(curl -s "$HTTP/sparql" -H 'Accept: text/csv' --data-urlencode 'query=SELECT ?v ?k { GRAPH <https://stoa.example/ns#registry> { ?v a <https://stoa.example/ns#FeatureView> ; <https://stoa.example/ns#kind> ?k } }')" 'embedding'
is "... with its dimensions" "$(curl -s "$HTTP/api/v1/feature_views/placed" | jq -c '.spec.features')" '[{"name":"x","valueType":"DOUBLE_LIST","tags":{},"vectorLength":3}]'
is "... in RDF" "$("$STOA" query -C "$P" --format csv -e 'PREFIX stoa: <https://stoa.example/ns#> PREFIX d: <http://purl.org/dc/terms/> SELECT ?n { GRAPH stoa:registry { ?f d:title "placed__x" ; stoa:dimensions ?n } }' | tail -1 | tr -d '\r')" 3
rows() { awk -v n="$1" 'BEGIN { printf "{\"features\":[\"long:v\"],\"entities\":{\"customer_id\":["; for (i = 0; i < n; ++i) printf "%s1", i ? "," : ""; print "]}}" }' > "$T/rows"; curl -s -o "$T/body" -w '%{http_code}' "$HTTP/get-online-features" -d @"$T/rows"; }
is "each element is one of the values that a request may ask for" "$(rows 8738)" 200
like "... of so many and no more" "$(rows 8739) $(cat "$T/body")" '^422 .*at most 262,144 values'
stop_server
rm "$P/features/long.rq"
"$STOA" features apply -C "$P" > /dev/null 2>&1
is "a profile of vectors is one of their lengths" "$(jq -c '.views[] | select(.name == "places") | .features[0].profile | [.numbers, .nulls, .distinct]' "$P/state/features.json")" '[true,4,1]'

bad() { view broken "$1" 'SELECT ?c ?v { ?c o:bytes ?v }'; "$STOA" check -C "$P" 2>&1; rm "$P/features/broken.rq"; }
like "without a length" "$(bad '#+   vector: v')" 'broken.rq:2:.*needs "dimensions: N"'
like "without a vector" "$(bad '#+   dimensions: 3')" 'needs "vector: VARIABLE"'
like "a variable that the query has not" "$(bad '#+   vector: w
#+   dimensions: 3')" 'broken.rq:5:[0-9]+: error: the query does not select .w'
like "a length that is none" "$(bad '#+   vector: v
#+   dimensions: 0')" 'broken.rq:6:[0-9]+: error'
like "another element" "$(bad '#+   vector: v
#+   dimensions: 3
#+   element: int8')" 'broken.rq:7:[0-9]+: error: "element" is float'
like "a default of another length" "$(bad '#+   vector: v
#+   dimensions: 3
#+   default: {v: [0, 0]}')" 'broken.rq:7:[0-9]+: error: the default of "v" has another number'
like "another source" "$(bad '#+   vector: v
#+   source: core
#+   dimensions: 3')" 'broken.rq:6:[0-9]+: error: the vector is read from source "shop" \(customer.bytes\), not from "core"'
like "an index that is not selected" "$(bad '#+   vector: v
#+   index: i
#+   dimensions: 3')" 'broken.rq:6:[0-9]+: error: the query does not select .i'
view loose '#+   vector: x
#+   dimensions: 3' 'SELECT ?c ?x { ?p o:of ?c ; o:x ?x }'
like "elements in no order" "$("$STOA" check -C "$P" 2>&1)" 'feature loose__x: the vector of <https://shop.example/customer/1> \(shop: place.x\) has several rows in no order; declare "index", or add ORDER BY'
rm "$P/features/loose.rq"
like "what queries alone have" "$(bad '#+   vector: v
#+   dimensions: 3
#+   features: {v: double}')" 'a view of kind embedding has no "features"'
done_testing
