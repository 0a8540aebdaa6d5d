#!/bin/sh
# Values at the edge (NULL, empty texts, letters of many alphabets, division, instants with zones, big decimals): each
# query gives over the tables what it gives over the same data as RDF, on SQLite and on PostgreSQL.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/postgres.sh"
mkdir -p "$T/sqlite" "$T/postgres"
rows="CREATE TABLE item(id INTEGER PRIMARY KEY, name VARCHAR(40), code VARCHAR(20), qty INTEGER, price DECIMAL(12,2), big DECIMAL(15,3), ratio DOUBLE PRECISION, day DATE, at TIMESTAMP, ok BOOLEAN, of INTEGER REFERENCES item(id));
INSERT INTO item VALUES
(1,'Zoë','a',7,0.10,999999999999.999,0.5,'2024-02-29','2024-02-29 23:59:59',TRUE,NULL),
(2,'zoe','A',2,0.20,-999999999999.999,-0.0,'2024-03-01','2024-03-01 00:00:00',FALSE,1),
(3,'','B',0,0.00,0.001,1e300,NULL,NULL,NULL,1),
(4,NULL,'é',-3,-5.55,0.000,NULL,'1969-12-31','1969-12-31 23:59:59',TRUE,2),
(5,'Ærø','ø',NULL,NULL,NULL,1.5,'1900-01-01','1900-01-01 12:00:00',FALSE,NULL),
(6,'日本','z',1000000,12345678.90,123456789012.345,3.0,'2024-02-29','2024-02-29 23:59:59.5',NULL,3),
(7,'😀 x','',7,7.00,7.000,7,'9999-12-31','2024-03-01 00:00:00',TRUE,6),
(8,'a''b\"c\\d','%41',1,0.30,0.100,0.1,'2024-02-28',NULL,FALSE,7),
(9,'Zoe ',' ',2147483647,0.01,1.000,2.5,'2024-03-01','2024-02-29 23:59:59',NULL,1)"
cat > "$T/m.ttl" <<'Y'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix : <https://e/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<#item> rr:logicalTable [ rr:tableName "item" ] ; rr:subjectMap [ rr:template "item/{id}" ; rr:class :Item ] ;
  rr:predicateObjectMap [ rr:predicate :name ; rr:objectMap [ rr:column "name" ] ] ;
  rr:predicateObjectMap [ rr:predicate :label ; rr:objectMap [ rr:column "name" ; rr:language "de" ] ] ;
  rr:predicateObjectMap [ rr:predicate :code ; rr:objectMap [ rr:column "code" ] ] ;
  rr:predicateObjectMap [ rr:predicate :coded ; rr:objectMap [ rr:template "code/{code}" ] ] ;
  rr:predicateObjectMap [ rr:predicate :qty ; rr:objectMap [ rr:column "qty" ] ] ;
  rr:predicateObjectMap [ rr:predicate :price ; rr:objectMap [ rr:column "price" ] ] ;
  rr:predicateObjectMap [ rr:predicate :big ; rr:objectMap [ rr:column "big" ] ] ;
  rr:predicateObjectMap [ rr:predicate :ratio ; rr:objectMap [ rr:column "ratio" ] ] ;
  rr:predicateObjectMap [ rr:predicate :day ; rr:objectMap [ rr:column "day" ] ] ;
  rr:predicateObjectMap [ rr:predicate :at ; rr:objectMap [ rr:column "at" ] ] ;
  rr:predicateObjectMap [ rr:predicate :ok ; rr:objectMap [ rr:column "ok" ] ] ;
  rr:predicateObjectMap [ rr:predicate :of ; rr:objectMap [ rr:template "item/{of}" ] ] .
Y
cat > "$T/queries" <<'Q'
SELECT * { ?x ?p ?o }
SELECT ?x { ?x :name "" }
SELECT ?x { ?x :name "Zoe" }
SELECT ?x { ?x :name "zoe" }
SELECT ?x { ?x :label "Zoë"@DE }
SELECT ?x { ?x :name "a'b\"c\\d" }
SELECT ?x { ?x :coded <https://e/code/%C3%A9> }
SELECT ?x { ?x :coded <https://e/code/%2541> }
SELECT ?x { ?x :coded <https://e/code/> }
SELECT ?x { ?x :coded <https://e/code/%20> }
SELECT ?n { ?x :name ?n } ORDER BY ?n
SELECT ?c { ?x :code ?c } ORDER BY DESC(?c)
SELECT ?x ?n { ?x :name ?n FILTER(?n > "Z") }
SELECT ?x ?n { ?x :name ?n FILTER(?n <= "Zoe") }
SELECT ?x ?n { ?x :name ?n FILTER(STRSTARTS(?n, "Zo")) }
SELECT ?x ?n { ?x :name ?n FILTER(CONTAINS(?n, "")) }
SELECT ?x ?n { ?x :name ?n FILTER(STRLEN(?n) < 3) }
SELECT ?x ?n { ?x :name ?n FILTER(UCASE(?n) = "ÆRØ") }
SELECT (MIN(?n) AS ?a) (MAX(?n) AS ?z) { ?x :name ?n }
SELECT (COUNT(?n) AS ?k) (COUNT(DISTINCT ?n) AS ?d) (COUNT(*) AS ?r) { ?x a :Item OPTIONAL { ?x :name ?n } }
SELECT ?x ?q { ?x a :Item OPTIONAL { ?x :qty ?q } FILTER(!BOUND(?q) || ?q > 5) }
SELECT ?x (?q / 2 AS ?h) { ?x :qty ?q }
SELECT ?x (10 / ?q AS ?h) { ?x :qty ?q }
SELECT ?x { ?x :qty ?q FILTER(?q / 2 = 3.5) }
SELECT ?x { ?x :qty ?q FILTER(7 / ?q = 1) }
SELECT (AVG(?q) AS ?a) (SUM(?q) AS ?s) { ?x :qty ?q }
SELECT (AVG(?p) AS ?a) (SUM(?p) AS ?s) { ?x :price ?p }
SELECT (SUM(?b) AS ?s) (MAX(?b) AS ?m) (MIN(?b) AS ?n) { ?x :big ?b }
SELECT ?x { ?x :big 999999999999.999 }
SELECT ?x { ?x :big ?b FILTER(?b = 999999999999.999) }
SELECT ?x { ?x :big ?b FILTER(?b < -999999999999.998) }
SELECT ?x { ?x :price 0.1 }
SELECT ?x { ?x :price ?p FILTER(?p = 0.10) }
SELECT ?x { ?x :price ?p FILTER(?p >= 7) }
SELECT ?x { ?x :qty ?q . ?y :price ?p FILTER(?q = ?p) }
SELECT ?x ?y { ?x :price ?p . ?y :big ?p }
SELECT ?x ?y { ?x :price ?p . ?y :big ?q FILTER(?p = ?q) }
SELECT ?x { ?x :ratio ?r FILTER(?r = 0.5) }
SELECT ?x { ?x :ratio ?r FILTER(?r = 0) }
SELECT ?x { ?x :ratio 7.0E0 }
SELECT ?x { ?x :ratio ?r FILTER(?r > 1e299) }
SELECT ?x ?y { ?x :ratio ?r . ?y :qty ?q FILTER(?r = ?q) }
SELECT ?x { ?x :day "2024-02-29"^^xsd:date }
SELECT ?x { ?x :day ?d FILTER(?d < "1970-01-01"^^xsd:date) }
SELECT ?d (COUNT(*) AS ?n) { ?x :day ?d } GROUP BY ?d
SELECT (MIN(?d) AS ?a) (MAX(?d) AS ?z) { ?x :day ?d }
SELECT DISTINCT ?d { ?x :day ?d } ORDER BY ?d
SELECT ?x { ?x :day ?d FILTER(YEAR(?d) = 2024 && MONTH(?d) = 2) }
SELECT ?x { ?x :at "2024-02-29T23:59:59"^^xsd:dateTime }
SELECT ?x { ?x :at ?t FILTER(?t >= "2024-02-29T23:59:59"^^xsd:dateTime) }
SELECT ?x { ?x :at ?t FILTER(?t > "2024-02-29T23:59:59"^^xsd:dateTime) }
SELECT ?x { ?x :at ?t FILTER(?t > "2024-03-01T12:00:00+14:00"^^xsd:dateTime) }
SELECT ?x ?y { ?x :at ?t . ?y :at ?t FILTER(?x != ?y) }
SELECT (MAX(?t) AS ?z) { ?x :at ?t }
SELECT ?x { ?x :ok true }
SELECT ?x { ?x :ok ?b FILTER(?b) }
SELECT ?x { ?x :ok ?b FILTER(!?b) }
SELECT ?b (COUNT(*) AS ?n) { ?x :ok ?b } GROUP BY ?b
SELECT ?x ?b { ?x a :Item OPTIONAL { ?x :ok ?b } } ORDER BY ?b ?x
SELECT ?x ?y { ?x :of ?y OPTIONAL { ?y :name ?n } FILTER(!BOUND(?n)) }
SELECT ?x ?n { ?x :of/:of ?y . ?y :name ?n }
SELECT ?x { ?x a :Item MINUS { ?x :of ?y . ?y :ok true } }
SELECT ?x ?o { { ?x :qty ?o } UNION { ?x :price ?o } FILTER(?o = 7) }
SELECT DISTINCT ?o { { ?x :qty ?o } UNION { ?x :price ?o } UNION { ?x :big ?o } }
SELECT ?n (COUNT(*) AS ?k) { ?x :name ?n } GROUP BY ?n HAVING (COUNT(*) > 0) ORDER BY ?n
Q
compare() { # NAME
  n_rows=0 n_queries=0
  "$STOA" materialize -C "$T/$1" -o "$T/$1.nt" 2> /dev/null
  while read -r q; do
    text="BASE <https://e/> PREFIX : <https://e/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> $q"
    same_rows "$1: $q" "$T/$1" "$T/$1.nt" "$text"
    n_queries=$((n_queries + 1)) n_rows=$((n_rows + ($(wc -l < "$T/virtual") > 1)))
  done < "$T/queries"
  ok "$1: $n_rows of $n_queries queries have rows" test $((n_rows * 2)) -gt $n_queries
}
sqlite3 "$T/sqlite/data.db" "$rows" && cp "$T/m.ttl" "$T/sqlite/"
printf 'project: edges\nbase: https://e/\nsources:\n  db: { driver: sqlite, address: data.db, mappings: [m.ttl] }\n' > "$T/sqlite/stoa.yaml"
compare sqlite
pg_start edges || { ok "PostgreSQL # SKIP absent" true; done_testing; exit 0; }
pg -c "$rows"
pg -c 'CREATE TABLE zoned(id INTEGER PRIMARY KEY, t TIMESTAMPTZ NOT NULL, wide NUMERIC(30,10), any_scale NUMERIC)' \
  -c "INSERT INTO zoned VALUES (1,'2024-03-31 01:30:00+02','12345678901234567890.0123456789',1.50), (2,'2024-03-30 23:30:00Z',-0.0000000001,150), (3,'1969-12-31 16:00:00-08',NULL,0.1)"
cat "$T/m.ttl" - > "$T/postgres/m.ttl" <<'Y'
<#zoned> rr:logicalTable [ rr:tableName "zoned" ] ; rr:subjectMap [ rr:template "zoned/{id}" ] ;
  rr:predicateObjectMap [ rr:predicate :t ; rr:objectMap [ rr:column "t" ] ] ;
  rr:predicateObjectMap [ rr:predicate :wide ; rr:objectMap [ rr:column "wide" ] ] ;
  rr:predicateObjectMap [ rr:predicate :any ; rr:objectMap [ rr:column "any_scale" ] ] .
Y
cat >> "$T/queries" <<'Q'
SELECT ?x ?t { ?x :t ?t } ORDER BY ?t
SELECT ?x { ?x :t ?t FILTER(?t = "2024-03-30T23:30:00Z"^^xsd:dateTime) }
SELECT ?x { ?x :t ?t FILTER(?t > "2024-03-31T00:00:00+01:00"^^xsd:dateTime) }
SELECT ?x ?y { ?x :t ?a . ?y :t ?b FILTER(?a = ?b && ?x != ?y) }
SELECT (MIN(?t) AS ?a) (MAX(?t) AS ?z) { ?x :t ?t }
SELECT ?x { ?x :wide 12345678901234567890.0123456789 }
SELECT ?x { ?x :wide ?w FILTER(?w < 0) }
SELECT (SUM(?w) AS ?s) { ?x :wide ?w }
SELECT ?x { ?x :any 1.5 }
SELECT ?x { ?x :any ?a FILTER(?a = 150) }
SELECT (SUM(?a) AS ?s) (AVG(?a) AS ?m) { ?x :any ?a }
SELECT DISTINCT ?a { ?x :any ?a } ORDER BY ?a
Q
printf 'project: edges\nbase: https://e/\nsources:\n  db: { driver: postgres, address: "%s dbname=postgres", mappings: [m.ttl] }\n' "$PG" > "$T/postgres/stoa.yaml"
compare postgres
pg_stop
done_testing
