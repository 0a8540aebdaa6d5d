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
  rr:predicateObjectMap [ rr:predicate o:text ; rr:objectMap [ rr:column "text" ; rr:datatype rdf:JSON ] ] .
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
printf 'services: [{name: taste, features: ["bytes:*", "wide:*", "text:*", "places:*"]}]\n' > "$P/features/services.yaml"
like "check reads samples, and tells what is no vector" "$("$STOA" check -C "$P" 2>&1)" 'bytes.rq:1:1: error: feature bytes__v: the list of <https://shop.example/customer/2> has 2 elements, and 3 dimensions are declared'

get() { "$STOA" features get -C "$P" --format csv taste "$@" 2> "$T/err" | tail -n +2; }
is "bytes of 32 and 64 bits, an array of JSON, rows in their order" "$(get 1)" '1,"[1.5,-2.0,0.25]","[1.5,-2.0,0.25]","[1.5,-2.0,0.25]","[1.5,-2.0,0.25]"'
is "vectors of another length are none" "$(get 2)" '2,,,,'
get 2 > /dev/null
like "... and told with both numbers" "$(cat "$T/err")" '2 elements, and 3 dimensions are declared|1 elements, and 3 dimensions'
is "nor are bytes that are cut, nor what is no number" "$(get 3)" '3,,,,'
is "nor what is not finite; where nothing is, what stands for it" "$(get 4)" '4,,,"[0.0,0.0,0.0]",'
serve "$P" || exit 1
is "over RESP, the text of the array" "$(r HMGET taste:1 bytes__v | head -1)" '[1.5,-2.0,0.25]'
is "... kept or not" "$(r HMGET taste:1 bytes__v | head -1)" '[1.5,-2.0,0.25]'
is "over HTTP, as Feast has it" "$(curl -s "$HTTP/get-online-features" -H 'Content-Type: application/json' -d '{"features": ["bytes:v", "places:x"], "entities": {"customer_id": [1, 5]}}' | jq -c '[.results[] | .values]')" '[[1,5],[[1.5,-2,0.25],null],[[1.5,-2,0.25],null]]'
like "the registry tells the kind" "$(curl -s "$HTTP/sparql" -H 'Accept: text/csv' --data-urlencode 'query=SELECT ?v ?k { GRAPH <https://stoa.example/ns#registry> { ?v a <https://stoa.example/ns#FeatureView> ; <https://stoa.example/ns#kind> ?k } }')" 'embedding'
stop_server

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
like "what queries alone have" "$(bad '#+   vector: v
#+   dimensions: 3
#+   features: {v: double}')" 'a view of kind embedding has no "features"'
done_testing
