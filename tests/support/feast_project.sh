# feast_project DIR: a project with the views, entities and services that the cases of Feast's contract name, over tables and
# event types of its own.
feast_project() {
  rm -rf "$1"; mkdir -p "$1/features"
  cat > "$1/stoa.yaml" <<'E'
project: shop
base: https://shop.example/
sources: {shop: {driver: sqlite, address: shop.db, mappings: [map.ttl]}}
ontology: [o.ttl]
state: {driver: sqlite, address: state/stoa.db}
events:
  txn_events:
    class: https://shop.example/o#Txn
    time: event_timestamp
    fields:
      id:              {type: string}
      event_timestamp: {type: dateTime, property: "https://shop.example/o#at"}
      customer_id:     {type: string, property: "https://shop.example/o#customer", iri: "https://shop.example/customer/{customer_id}"}
      amount:          {type: "decimal(12,2)", property: "https://shop.example/o#amount"}
      channel:         {type: string, property: "https://shop.example/o#channel"}
  txn_rfm:
    class: https://shop.example/o#Rfm
    time: event_timestamp
    fields:
      id:              {type: string}
      event_timestamp: {type: dateTime, property: "https://shop.example/o#at"}
      customer_id:     {type: string, property: "https://shop.example/o#customer", iri: "https://shop.example/customer/{customer_id}"}
      txn_count_7d:    {type: integer, property: "https://shop.example/o#count7"}
      txn_sum_30d:     {type: double, property: "https://shop.example/o#sum30"}
E
  cat > "$1/o.ttl" <<'E'
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix o: <https://shop.example/o#> .
o:Customer a owl:Class . o:Interest a owl:Class . o:Txn a owl:Class . o:Rfm a owl:Class . o:Report a owl:Class . o:Home a owl:Class .
o:customer a owl:ObjectProperty . o:at a owl:DatatypeProperty . o:amount a owl:DatatypeProperty . o:channel a owl:DatatypeProperty .
o:count7 a owl:DatatypeProperty . o:sum30 a owl:DatatypeProperty . o:score a owl:DatatypeProperty . o:size a owl:DatatypeProperty .
o:clicks a owl:DatatypeProperty . o:rate a owl:DatatypeProperty . o:n a owl:DatatypeProperty . o:seen a owl:DatatypeProperty .
o:last a owl:DatatypeProperty . o:emb a owl:DatatypeProperty . o:blob a owl:DatatypeProperty .
o:d a owl:DatatypeProperty . o:f a owl:DatatypeProperty . o:flag a owl:DatatypeProperty . o:login a owl:DatatypeProperty . o:money a owl:DatatypeProperty .
E
  cat > "$1/map.ttl" <<'E'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix o: <https://shop.example/o#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
<#c> rr:logicalTable [ rr:tableName "customer" ] ; rr:subjectMap [ rr:template "https://shop.example/customer/{customer_id}" ; rr:class o:Customer ] ;
  rr:predicateObjectMap [ rr:predicate o:rate ; rr:objectMap [ rr:column "rate" ] ] .
<#r> rr:logicalTable [ rr:tableName "rfm" ] ; rr:subjectMap [ rr:template "https://shop.example/rfm/{id}" ; rr:class o:Rfm ] ;
  rr:predicateObjectMap [ rr:predicate o:customer ; rr:objectMap [ rr:template "https://shop.example/customer/{customer_id}" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:at ; rr:objectMap [ rr:column "at" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:count7 ; rr:objectMap [ rr:column "count7" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:sum30 ; rr:objectMap [ rr:column "sum30" ] ] .
<#h> rr:logicalTable [ rr:tableName "home" ] ; rr:subjectMap [ rr:template "https://shop.example/home/{customer_id}" ; rr:class o:Home ] ;
  rr:predicateObjectMap [ rr:predicate o:customer ; rr:objectMap [ rr:template "https://shop.example/customer/{customer_id}" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:at ; rr:objectMap [ rr:column "at" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:size ; rr:objectMap [ rr:column "size" ] ] .
<#b> rr:logicalTable [ rr:tableName "report" ] ; rr:subjectMap [ rr:template "https://shop.example/report/{customer_id}" ; rr:class o:Report ] ;
  rr:predicateObjectMap [ rr:predicate o:customer ; rr:objectMap [ rr:template "https://shop.example/customer/{customer_id}" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:at ; rr:objectMap [ rr:column "at" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:score ; rr:objectMap [ rr:column "score" ] ] .
<#t> rr:logicalTable [ rr:tableName "typed" ] ; rr:subjectMap [ rr:template "https://shop.example/customer/{customer_id}" ] ;
  rr:predicateObjectMap [ rr:predicate o:seen ; rr:objectMap [ rr:column "at" ] ] ; rr:predicateObjectMap [ rr:predicate o:n ; rr:objectMap [ rr:column "n" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:d ; rr:objectMap [ rr:column "d" ] ] ; rr:predicateObjectMap [ rr:predicate o:f ; rr:objectMap [ rr:column "f" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:flag ; rr:objectMap [ rr:column "flag" ] ] ; rr:predicateObjectMap [ rr:predicate o:login ; rr:objectMap [ rr:column "login" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:money ; rr:objectMap [ rr:column "money" ] ] .
<#l> rr:logicalTable [ rr:tableName "listed" ] ; rr:subjectMap [ rr:template "https://shop.example/customer/{customer_id}" ] ;
  rr:predicateObjectMap [ rr:predicate o:last ; rr:objectMap [ rr:column "last" ; rr:datatype rdf:JSON ] ] ;
  rr:predicateObjectMap [ rr:predicate o:emb ; rr:objectMap [ rr:column "emb" ; rr:datatype rdf:JSON ] ] ;
  rr:predicateObjectMap [ rr:predicate o:blob ; rr:objectMap [ rr:column "blob" ] ] .
<#i> rr:logicalTable [ rr:tableName "interest" ] ; rr:subjectMap [ rr:template "https://shop.example/interest/{product_id}/{customer_id}" ; rr:class o:Interest ] ;
  rr:predicateObjectMap [ rr:predicate o:at ; rr:objectMap [ rr:column "at" ] ] ;
  rr:predicateObjectMap [ rr:predicate o:clicks ; rr:objectMap [ rr:column "clicks" ] ] .
E
  sqlite3 "$1/shop.db" <<'E'
CREATE TABLE customer(customer_id TEXT PRIMARY KEY, rate DOUBLE);
CREATE TABLE typed(customer_id TEXT PRIMARY KEY, at TIMESTAMP, n BIGINT, d DOUBLE, f DOUBLE, flag BOOLEAN, login TIMESTAMP, money DECIMAL(12,2));
CREATE TABLE listed(customer_id TEXT PRIMARY KEY, last TEXT, emb TEXT, blob BLOB);
INSERT INTO listed VALUES('C1', '["app", "branch"]', '[0.1, 0.2]', x'00016869'), ('C2', '[]', NULL, NULL);
CREATE TABLE rfm(id INTEGER PRIMARY KEY, customer_id TEXT, at TIMESTAMP, count7 INTEGER, sum30 DOUBLE);
CREATE TABLE home(customer_id TEXT PRIMARY KEY, at TIMESTAMP, size INTEGER);
CREATE TABLE report(customer_id TEXT PRIMARY KEY, at TIMESTAMP, score INTEGER);
CREATE TABLE interest(customer_id TEXT, product_id TEXT, at TIMESTAMP, clicks INTEGER, PRIMARY KEY(customer_id, product_id));
INSERT INTO typed VALUES('C1', '2026-11-18T11:06:40Z', 12, 1234.5, 0.7, 1, '2026-11-18T08:20:00Z', 10.1), ('C2', '2026-11-18T11:06:40.250Z', 9007199254740993, 1e22, 3, 0, NULL, NULL);
INSERT INTO customer(customer_id, rate) VALUES('C1', 3.5), ('C2', NULL), ('C_OLD', 1), ('C_NEW', NULL);
INSERT INTO rfm VALUES(1, 'C1', '2026-11-18T11:06:40Z', 12, 1234.5), (2, 'C2', '2026-11-18T11:06:40Z', 3, 80), (3, 'C1', '2026-11-01T00:00:00Z', 99, 1);
INSERT INTO home VALUES('C1', '2026-11-18T11:06:40Z', 2), ('C2', '2026-11-18T11:06:40Z', 1);
INSERT INTO report VALUES('C_OLD', '2020-02-29T12:00:00Z', 641);
INSERT INTO interest VALUES('C1', 'P1', '2026-11-18T11:06:40Z', 4), ('C2', 'P2', '2026-11-18T11:06:40Z', 7);
E
  cat > "$1/features/entities.yaml" <<'E'
prefixes: {o: "https://shop.example/o#"}
customer: {class: o:Customer, key: {customer_id: string}, iri: "https://shop.example/customer/{customer_id}"}
interest: {class: o:Interest, key: [customer_id, product_id], iri: "https://shop.example/interest/{product_id}/{customer_id}"}
E
  cat > "$1/features/txn_rfm.rq" <<'E'
#+ summary: What the customer did lately
#+ tags: {layer: transaction}
#+ feature_view:
#+   name: txn_rfm
#+   kind: query
#+   entity: {customer: customer_id}
#+   owner: risk@shop.example
#+   time: at
#+   features: {txn_count_7d: int64, txn_sum_30d: double}
PREFIX o: <https://shop.example/o#>
SELECT ?customer ?at ?txn_count_7d ?txn_sum_30d
WHERE {
  { SELECT ?customer (MAX(?t) AS ?at) WHERE { ?r a o:Rfm ; o:customer ?customer ; o:at ?t } GROUP BY ?customer }
  ?row a o:Rfm ; o:customer ?customer ; o:at ?at ; o:count7 ?txn_count_7d .
  OPTIONAL { ?row o:sum30 ?txn_sum_30d }
}
E
  cat > "$1/features/household.rq" <<'E'
#+ summary: Who lives together
#+ description: All who share an address
#+ feature_view:
#+   name: household
#+   kind: query
#+   entity: {customer: customer_id}
#+   time: at
#+   features: {size: int64}
PREFIX o: <https://shop.example/o#>
SELECT ?customer ?at ?size WHERE { ?h a o:Home ; o:customer ?customer ; o:at ?at ; o:size ?size }
E
  cat > "$1/features/cust_product.rq" <<'E'
#+ feature_view:
#+   name: cust_product
#+   kind: query
#+   entity: {interest: [customer_id, product_id]}
#+   time: at
#+   features: {clicks_30d: int64}
PREFIX o: <https://shop.example/o#>
SELECT ?interest ?at ?clicks_30d WHERE { ?interest a o:Interest ; o:at ?at ; o:clicks ?clicks_30d }
E
  cat > "$1/features/bureau.rq" <<'E'
#+ feature_view:
#+   name: bureau
#+   kind: query
#+   entity: {customer: customer_id}
#+   time: at
#+   ttl: 90d
#+   features: {score: int32}
PREFIX o: <https://shop.example/o#>
SELECT ?customer ?at ?score WHERE { ?r a o:Report ; o:customer ?customer ; o:at ?at ; o:score ?score }
E
  cat > "$1/features/typed.rq" <<'E'
#+ feature_view:
#+   name: typed
#+   kind: query
#+   entity: {customer: customer_id}
#+   time: at
#+   features: {txn_count_7d: int64, txn_sum_30d: double, txn_avg_f32: float, has_mortgage: boolean, last_login: timestamp, decimal_bal: "decimal(12,2)"}
PREFIX o: <https://shop.example/o#>
SELECT ?customer ?at ?txn_count_7d ?txn_sum_30d ?txn_avg_f32 ?has_mortgage ?last_login ?decimal_bal WHERE {
  ?customer o:seen ?at ; o:n ?txn_count_7d ; o:d ?txn_sum_30d ; o:f ?txn_avg_f32 ; o:flag ?has_mortgage .
  OPTIONAL { ?customer o:login ?last_login } OPTIONAL { ?customer o:money ?decimal_bal }
}
E
  cat > "$1/features/listed.rq" <<'E'
#+ feature_view:
#+   name: listed
#+   kind: query
#+   entity: {customer: customer_id}
#+   time: at
#+   features: {last_channels: list(string), emb: list(float), blob: bytes}
PREFIX o: <https://shop.example/o#>
SELECT ?customer ?at ?last_channels ?emb ?blob WHERE {
  ?customer o:seen ?at ; o:last ?last_channels .
  OPTIONAL { ?customer o:emb ?emb } OPTIONAL { ?customer o:blob ?blob }
}
E
  cat > "$1/features/loan.rq" <<'E'
#+ feature_view:
#+   name: loan
#+   kind: query
#+   entity: {customer: customer_id}
#+   features: {rate: double}
PREFIX o: <https://shop.example/o#>
SELECT ?customer ?rate WHERE { ?customer o:rate ?rate }
E
  cat > "$1/features/price_sensitivity.rq" <<'E'
#+ feature_view:
#+   name: price_sensitivity
#+   kind: request
#+   entity: {customer: customer_id}
#+   inputs: {quoted_rate: double}
#+   reads: {paid: "loan:rate"}
#+   features: {rate_gap: double}
SELECT (?quoted_rate - ?paid AS ?rate_gap) {}
E
  cat > "$1/features/rating.rq" <<'E'
#+ feature_view:
#+   name: rating
#+   kind: request
#+   entity: {customer: customer_id}
#+   reads: {score: "bureau:score"}
#+   features: {half: double, who: string}
SELECT (?score / 2 AS ?half) (STR(?customer) AS ?who) {}
E
  cat > "$1/features/spent.rq" <<'E'
#+ feature_view:
#+   name: spent
#+   kind: window
#+   entity: {customer: customer_id}
#+   time: at
#+   value: amount
#+   windows: [1d, 7d, 30d, 90d, 365d, 36500d]
#+   aggregates: [count, sum, max]
#+   type: {sum: "decimal(12,2)"}
#+   default: {count: 0}
PREFIX o: <https://shop.example/o#>
SELECT ?customer ?at ?amount WHERE { ?t a o:Txn ; o:customer ?customer ; o:at ?at ; o:amount ?amount }
E
  for v in a b; do cat > "$1/features/$v.rq" <<E
#+ feature_view: {name: $v, kind: query, entity: {customer: customer_id}, features: {score: int32}}
PREFIX o: <https://shop.example/o#>
SELECT ?customer ?score WHERE { ?r a o:Report ; o:customer ?customer ; o:score ?score }
E
  done
  cat > "$1/features/services.yaml" <<'E'
services:
  - {name: offer_ranking_v1, owner: p13n, features: ["txn_rfm:txn_count_7d", "household:size"]}
  - {name: wide, features: ["typed:*", "spent:*", "txn_rfm:*", "loan:*", "household:*", "bureau:*", "a:*", "b:*"]}
  - {name: quoted, features: ["price_sensitivity:*", "loan:*"]}
E
}
