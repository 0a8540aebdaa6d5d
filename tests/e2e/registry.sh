#!/bin/sh
# What is declared of features is a graph: asked by name, part of nothing else, fresh after a reload.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 50 2026-11-01
P=$T/bank
sed -i '/^    purpose:/d' "$P/features/services.yaml" # views have others here
sed -i 's/^#+   owner: risk-data@bank.example/&\n#+   purpose: [credit, collections]/' "$P/features/bureau.rq"
sed -i 's/^#+   owner: risk-data@bank.example/&\n#+   purpose: credit/' "$P/features/bureau_trend.rq"
sed -i '1i #+ tags: {team: risk, tier: "1"}\n#+ description: Longer than the summary' "$P/features/bureau.rq"
sed -i 's/^#+   time: latest.*/&\n#+   ttl: 90d/' "$P/features/bureau.rq"
cat > "$P/features/headroom.rq" <<'F'
#+ summary: What may be asked for beside the score
#+ feature_view:
#+   name: headroom
#+   kind: request
#+   entity: {customer: customer_id}
#+   inputs: {asked: double}
#+   reads: {score: "bureau:score"}
#+   features: {gap: double}
SELECT (?score - ?asked AS ?gap) {}
F
W='PREFIX stoa: <https://stoa.example/ns#> PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX owl: <http://www.w3.org/2002/07/owl#>'
q() { "$STOA" query -C "$P" --format csv -e "$B $W $1" 2>&1 | tr -d '\r' | tail -n +2; }
g() { q "SELECT $1 { GRAPH stoa:registry { $2 } } ORDER BY $1"; }
ok "a project with purposes, tags and a request view is good" "$STOA" check -C "$P"
# A customer of a shop who is a customer of the bank.
printf 'shopper: {class: b:Customer, key: shopper_id, iri: "https://bank.example/customer/{shopper_id}", same_as: {customer: click}}\n' >> "$P/features/entities.yaml"

# ---- the question
golden='next_offer_v1,bureau__delinquencies,collections,risk-data@bank.example
next_offer_v1,bureau__delinquencies,credit,risk-data@bank.example
next_offer_v1,bureau__risk_band,collections,risk-data@bank.example
next_offer_v1,bureau__risk_band,credit,risk-data@bank.example
next_offer_v1,bureau__score,collections,risk-data@bank.example
next_offer_v1,bureau__score,credit,risk-data@bank.example
next_offer_v1,bureau__utilisation,collections,risk-data@bank.example
next_offer_v1,bureau__utilisation,credit,risk-data@bank.example
product_ranking,bureau__delinquencies,collections,risk-data@bank.example
product_ranking,bureau__delinquencies,credit,risk-data@bank.example
product_ranking,bureau__risk_band,collections,risk-data@bank.example
product_ranking,bureau__risk_band,credit,risk-data@bank.example
product_ranking,bureau__score,collections,risk-data@bank.example
product_ranking,bureau__score,credit,risk-data@bank.example
product_ranking,bureau__utilisation,collections,risk-data@bank.example
product_ranking,bureau__utilisation,credit,risk-data@bank.example
product_ranking,bureau_trend__change,credit,risk-data@bank.example
product_ranking,co_borrowers__others,,risk-data@bank.example
product_ranking,co_borrowers__worst,,risk-data@bank.example
product_ranking,credit_appetite__credit_views,,risk-data@bank.example
product_ranking,credit_appetite__inquiries,,risk-data@bank.example
product_ranking,region_statistics__customers,,risk-data@bank.example
product_ranking,region_statistics__mean_score,,risk-data@bank.example
segment,bureau__risk_band,collections,risk-data@bank.example
segment,bureau__risk_band,credit,risk-data@bank.example'
is "which features read bureau data, for which purpose, in which service" "$("$STOA" query -C "$P" --format csv "$P/queries/bureau_features.rq" | tr -d '\r' | tail -n +2)" "$golden"

# ---- what is told
is "an entity" "$(g '?e ?c ?k ?i' '?e dcterms:title "customer" ; a stoa:Entity ; stoa:ofClass ?c ; stoa:joinKey ?k ; stoa:iriTemplate ?i')" 'https://bank.example/entity/customer,https://bank.example/ontology#Customer,customer_id,https://bank.example/customer/{customer_id}'
is "... that another one is as well" "$(g '?e ?o' '?e stoa:sameAs ?o')" 'https://bank.example/entity/shopper,https://bank.example/entity/customer'
is "a view" "$(g '?t ?s ?d ?k ?e ?f ?ttl' '?v stoa:ttl ?ttl ; dcterms:title ?t ; dcterms:abstract ?s ; dcterms:description ?d ; stoa:kind ?k ; stoa:entity/dcterms:title ?e ; dcterms:source ?f')" 'bureau,The latest bureau report that is known at the instant asked about,Longer than the summary,query,customer,features/bureau.rq,P90D'
is "its tags" "$(g '?k ?v' '[] stoa:tag [ dcterms:title ?k ; rdf:value ?v ]')" "$(printf 'team,risk\ntier,1')"
is "its conditions" "$(g '?k ?v' '?x dcterms:title "contact" ; stoa:condition [ dcterms:title ?k ; rdf:value ?v ]')" 'busy,?count_7d_web >= 3'
is "when its file was written" "$(g '?m' '[] dcterms:title "bureau" ; dcterms:modified ?m' | cut -c1-19)" "$(date -u -r "$P/features/bureau.rq" +%Y-%m-%dT%H:%M:%S)"
is "how fresh it is" "$(g '?v ?f' '[] dcterms:title ?v ; stoa:freshness ?f')" "$(printf 'contact,PT1S\ntxn,PT2S')"
is "what its query names" "$(g '?p' '?v dcterms:title "holdings" ; stoa:readsClass|stoa:readsProperty ?p' | sed 's/.*#//' | paste -sd' ')" 'Holding balance category closedOn heldBy product'
is "a feature, its type and its default" "$(g '?t ?d ?x' '?f dcterms:title ?t ; stoa:featureOf/dcterms:title "bureau" ; stoa:datatype ?d OPTIONAL { ?f stoa:default ?x }')" "$(printf 'bureau__delinquencies,int32,0\nbureau__risk_band,string,unknown\nbureau__score,int32,\nbureau__utilisation,double,')"
is "... of a window" "$(g '?t ?a ?w ?s ?d' '?f dcterms:title ?t ; stoa:aggregate ?a ; stoa:window ?w ; stoa:slot ?s ; stoa:datatype ?d FILTER(STRSTARTS(?t, "txn__p90_amount_90d_"))' | head -2)" "$(printf 'txn__p90_amount_90d_all,p90,P90D,all,any\ntxn__p90_amount_90d_app,p90,P90D,app,any')"
is "... and the events of no slot apart from all" "$(g '?s' '[] stoa:featureOf/dcterms:title "txn" ; stoa:slot ?s ; stoa:window "P7D"^^<http://www.w3.org/2001/XMLSchema#dayTimeDuration> ; stoa:aggregate "sum"' | paste -sd' ')" 'all app branch call other web'
is "a default has the type of its feature" "$(q 'SELECT (DATATYPE(?x) AS ?d) { GRAPH stoa:registry { ?f dcterms:title "txn__sum_amount_7d_app" ; stoa:default ?x } }')" http://www.w3.org/2001/XMLSchema#decimal
is "every feature of every view" "$(q 'SELECT (COUNT(DISTINCT ?f) AS ?n) { GRAPH stoa:registry { ?f a stoa:Feature } }')" "$("$STOA" features list -C "$P" | awk '$1 == "view" { n += $5 } END { print n }')"
is "services and what they serve" "$(q 'SELECT ?s (COUNT(?f) AS ?n) { GRAPH stoa:registry { [] dcterms:title ?s ; stoa:serves ?f } } GROUP BY ?s ORDER BY ?s' | paste -sd' ')" "$("$STOA" features list -C "$P" | awk '$1 == "service" { print $2 "," $4 }' | sort | paste -sd' ')"
is "a policy asks a service" "$(g '?p ?s ?f' '?x a stoa:Policy ; dcterms:title ?p ; stoa:asks/dcterms:title ?s ; dcterms:source ?f')" 'next_offer,next_offer_v1,personalizer/next_offer.yaml'
is "sources and their drivers" "$(g '?s ?d' '?x a stoa:Source ; dcterms:title ?s ; stoa:driver ?d' | paste -sd' ')" 'bureau,sqlite data,native engagement,sqlite product,sqlite state,sqlite transaction,sqlite'

# ---- lineage: that of the registry is what `stoa lineage` tells, of every feature
for what in value,prov:wasDerivedFrom any,stoa:readsColumn; do
  "$STOA" query -C "$P" --format tsv -e "$W SELECT ?f ?s ?t ?c { GRAPH stoa:registry { ?x a stoa:Feature ; dcterms:title ?f ; ${what#*,} ?k . ?k a stoa:Column ; dcterms:title ?c ; stoa:columnOf ?y . ?y dcterms:title ?t ; stoa:tableOf/dcterms:title ?s } }" | tail -n +2 | tr -d '"\r' | tr '\t' ' ' | sort > "$T/told"
  q 'SELECT ?v { GRAPH stoa:registry { ?x a stoa:FeatureView ; dcterms:title ?v } }' | while read -r v; do "$STOA" lineage -C "$P" "$v"; done |
    awk -v role="${what%,*}" '$1 == "feature" { f = $2; next } role == "any" || $1 == role { sub(/^ *(value|read) */, ""); s = $0; sub(/:.*/, "", s); sub(/^[^:]*: /, ""); at = match($0, /\.[^.]*$/); if (s == "data") { at = 4 } print f, s, substr($0, 1, at - 1), substr($0, at + 1) }' | sort > "$T/lineage"
  ok "${what#*,} is what lineage tells ($(wc -l < "$T/told") columns)" sh -c '[ "$(wc -l < "$1")" -gt 200 ] && diff "$1" "$2"' same "$T/told" "$T/lineage"
done
is "a filter, and a join by a column: who else reads what the score is made of" "$(q 'SELECT DISTINCT ?view { GRAPH stoa:registry { ?f dcterms:title "bureau__score" ; prov:wasDerivedFrom ?c . ?c dcterms:title ?column . ?g prov:wasDerivedFrom ?c ; stoa:featureOf/dcterms:title ?view FILTER(?column = "score" && ?view != "bureau") } } ORDER BY ?view' | paste -sd' ')" 'bureau_trend headroom region_statistics'
is "a request view is derived of the feature that it reads, and of its columns" "$(g '?d' '?f dcterms:title "headroom__gap" ; prov:wasDerivedFrom+ ?x . ?x dcterms:title ?d' | paste -sd' ')" 'bureau__score score'
is "... and names its input" "$(g '?v ?i' '[] dcterms:title ?v ; stoa:input ?i')" headroom,asked
is "what no service serves" "$(q 'SELECT ?v (COUNT(?f) AS ?n) { GRAPH stoa:registry { ?f stoa:featureOf/dcterms:title ?v } FILTER NOT EXISTS { GRAPH stoa:registry { ?s stoa:serves ?f } } } GROUP BY ?v ORDER BY ?v' | grep -E '^(bureau|headroom)' | paste -sd' ')" 'bureau_trend,2 headroom,1'

# ---- with the data: two native graphs and four databases in one query
"$STOA" materialize -C "$P" -o "$T/all.nt" 2> /dev/null
q_nt() { "$STOA" query -C "$P" --format nt -e "$W CONSTRUCT { ?s ?p ?o } { GRAPH stoa:registry { ?s ?p ?o } }"; }
q_nt > "$T/registry.nt"
n=0
while read -r text; do
  n=$((n + 1))
  "$STOA" query -C "$P" --format tsv -e "$B $W $text" 2> /dev/null | sort > "$T/virtual"
  "$STOA" query --data "$T/all.nt" --graph "https://stoa.example/ns#registry=$T/registry.nt" --format tsv -e "$B $W $text" 2> /dev/null | sort > "$T/native"
  ok "query $n over registry and data is what it is over both as files ($(($(wc -l < "$T/native") - 1)) rows)" sh -c '[ "$(wc -l < "$1")" -gt 1 ] && cmp "$1" "$2"' same "$T/native" "$T/virtual"
done <<'Q'
SELECT ?v ?class (COUNT(?x) AS ?n) { GRAPH stoa:registry { ?r stoa:readsClass ?class ; dcterms:title ?v } ?x a ?class } GROUP BY ?v ?class
SELECT ?v ?s ?o { GRAPH stoa:registry { ?r stoa:readsProperty ?p ; dcterms:title ?v } ?s ?p ?o . ?s a b:DigitalChannel }
SELECT ?kind ?name ?v { ?c a ?kind ; b:name ?name . GRAPH stoa:registry { ?r stoa:readsClass|stoa:readsProperty ?p ; dcterms:title ?v FILTER(?p = b:name) } FILTER(?kind != b:Channel) }
SELECT ?class (COUNT(DISTINCT ?v) AS ?n) { GRAPH stoa:registry { ?e stoa:ofClass ?class . ?v stoa:entity ?e } OPTIONAL { ?x a ?class ; b:memberOf ?h } } GROUP BY ?class
SELECT ?p (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH stoa:registry { ?s ?p ?o } } } GROUP BY ?p
SELECT ?t FROM stoa:registry { ?f a stoa:Feature ; dcterms:title ?t } ORDER BY ?t LIMIT 7
SELECT ?g (COUNT(*) AS ?n) FROM NAMED stoa:registry { GRAPH ?g { ?f a stoa:Feature ; stoa:featureOf ?v } } GROUP BY ?g
SELECT ?g ?t FROM NAMED <http://nowhere.example/> FROM NAMED stoa:registry { GRAPH ?g { ?v a stoa:Entity ; dcterms:title ?t } }
SELECT ?t { GRAPH stoa:registry { ?v a stoa:FeatureView ; dcterms:title ?t } MINUS { GRAPH stoa:registry { ?v stoa:purpose ?p } } }
Q

# ---- and is part of nothing else
is "the default graph is without it" "$(q 'SELECT (COUNT(*) AS ?n) { ?s ?p ?o }')" "$(wc -l < "$T/all.nt")"
is "a variable of GRAPH does not range over it" "$(q 'SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }')" 0
ok "nothing of it is materialized" sh -c '! "$1" materialize -C "$2" --format nq 2> /dev/null | grep -q "ns#registry\|FeatureView"' same "$STOA" "$P"
is "a query that does not name it never looks at it" "$("$STOA" query -C "$P" --explain=plan -e 'SELECT * { ?s ?p ?o }' 2>&1 | grep -c registry)" 0
like "... one that does reads it in memory" "$("$STOA" query -C "$P" --explain=plan -e "$W SELECT * { GRAPH stoa:registry { ?s ?p ?o } }" 2>&1)" 'registry'
is "it is not written anywhere" "$(grep -rl 'FeatureView' "$P" | wc -l)" 0
like "a word that is misspelt is a warning" "$("$STOA" query -C "$P" --format csv -e "$W SELECT ?x { GRAPH stoa:registry { ?f stoa:serve ?x } }" 2>&1)" 'warning: .*knows the property <https://stoa.example/ns#serve>'
cp "$P/features/holdings.rq" "$T/"
sed -i 's/^WHERE {/WHERE { GRAPH <https:\/\/stoa.example\/ns#registry> { ?any a ?thing }/' "$P/features/holdings.rq"
like "a feature view that reads it is refused, with the place" "$("$STOA" check -C "$P" 2>&1)" 'features/holdings.rq:[0-9]+:[0-9]+: error: a feature is of the data; what is declared of features .* is for queries alone'
sed -i 's/GRAPH <https:..stoa.example.ns#registry> { ?any a ?thing }/FILTER NOT EXISTS { GRAPH <https:\/\/stoa.example\/ns#registry> { ?any a ?thing } }/' "$P/features/holdings.rq"
like "... in EXISTS too" "$("$STOA" check -C "$P" 2>&1)" 'holdings.rq:[0-9]+:[0-9]+: error: a feature is of the data'
cp "$T/holdings.rq" "$P/features/"
sed -i 's/purpose: credit$/purpose: {credit: yes}/' "$P/features/bureau_trend.rq"
like "a purpose that is no word is refused" "$("$STOA" check -C "$P" 2>&1)" 'bureau_trend.rq:[0-9]+:[0-9]+: error: "purpose" is a word, or \[WORD, ...\]'
sed -i 's/purpose: {credit: yes}/purpose: credit/' "$P/features/bureau_trend.rq"

# ---- Turtle, and the vocabulary
"$STOA" features registry -C "$P" > "$T/registry.ttl"
is "features registry prints it as Turtle, whole" "$("$STOA" query --data "$T/registry.ttl" --format csv -e 'SELECT (COUNT(*) AS ?n) { ?s ?p ?o }' | tr -d '\r' | tail -1)" "$(wc -l < "$T/registry.nt")"
"$STOA" features registry -C "$P" | cmp -s - "$T/registry.ttl"; is "... the same each time" $? 0
like "... and takes no more words" "$("$STOA" features registry -C "$P" txn 2>&1)" 'registry takes no words'
v() { "$STOA" query --data "$SRC/ontology/vocab/registry.ttl" --graph "http://g/=$T/registry.nt" --format csv -e "$W $1" | tr -d '\r' | tail -n +2; }
is "every word of the graph stands in the ontology, and no other" "$(v 'SELECT ?w { { GRAPH <http://g/> { ?w a ?k FILTER(?k = rdf:Property || ?k = rdfs:Class) } MINUS { ?w rdfs:comment|rdfs:domain ?any } } UNION { ?w a ?k FILTER(STRSTARTS(STR(?w), STR(stoa:)) && ?k != owl:Ontology) MINUS { GRAPH <http://g/> { ?w a ?x } } } }')" ''
is "every property and class that is told is a word of it" "$(v 'SELECT DISTINCT ?w { GRAPH <http://g/> { { ?s ?w ?o } UNION { ?s a ?w } MINUS { ?w a ?k } } FILTER(?w != rdf:type && ?w != rdf:Property && ?w != rdfs:Class) }')" ''

# ---- over HTTP, and after a reload
ok "the server starts" serve "$P"
h() { sparql "$B $W $1" | tr -d '\r' | tail -n +2; }
is "the question over HTTP" "$(sparql "$(cat "$P/queries/bureau_features.rq")" | tr -d '\r' | tail -n +2)" "$golden"
is "plans that are kept know it by its name" "$(for g in http://nowhere.example/ https://stoa.example/ns#registry http://nowhere.example/; do h "SELECT (COUNT(*) AS ?n) { GRAPH <$g> { ?e a stoa:Entity } }"; done | paste -sd' ')" '0 2 0'
sed -i 's/purpose: credit$/purpose: [credit, pricing]/' "$P/features/bureau_trend.rq"
sed -i 's/^  - name: dialogue/  - name: prices\n    features: ["bureau_trend:*"]\n&/' "$P/features/services.yaml"
one='SELECT ?s ?p { GRAPH stoa:registry { ?f dcterms:title "bureau_trend__change" ; stoa:featureOf/stoa:purpose ?p . [] stoa:serves ?f ; dcterms:title ?s } } ORDER BY ?s ?p'
is "before a reload it is what the server has read" "$(h "$one")" 'product_ranking,credit'
is "a reload" "$(curl -s -o /dev/null -w '%{http_code}' -X POST "$HTTP/reload")" 200
is "after it, what stands in the files" "$(h "$one" | paste -sd' ')" 'prices,credit prices,pricing product_ranking,credit product_ranking,pricing'
is "... and policies are told as before" "$(h 'SELECT ?p { GRAPH stoa:registry { ?x stoa:asks/dcterms:title "next_offer_v1" ; dcterms:title ?p } }')" next_offer
echo broken >> "$P/features/bureau_trend.rq"
is "a reload of a faulty view" "$(curl -s -o /dev/null -w '%{http_code}' -X POST "$HTTP/reload")" 400
is "... leaves it" "$(h "$one" | wc -l)" 4
many() { for i in 1 2 3 4 5 6; do h 'SELECT (COUNT(*) AS ?n) { GRAPH stoa:registry { ?s ?p ?o } }' > "$T/many$1$i"; done; }
sed -i '/^broken$/d' "$P/features/bureau_trend.rq"
curl -s -o /dev/null -X POST "$HTTP/reload"
many a & A=$!; many b & C=$!; many c & D=$!; wait $A $C $D
is "many who ask first at once get the same" "$(sort -u "$T"/many* | wc -l)" 1
ok "the server stops cleanly" stop_server

# ---- the page of the example bank
cp -r "$SRC"/examples/bank/features "$P/shipped"; rm -rf "$P/features"; mv "$P/shipped" "$P/features"; chmod -R u+w "$P/features"
is "a word that nothing uses is no warning" "$("$STOA" query -C "$P" --format csv -e "$W SELECT ?x { GRAPH stoa:registry { ?f stoa:ttl ?x ; a stoa:Feature } }" 2>&1 | tr -d '\r' | paste -sd' ')" x
if command -v jq > /dev/null; then
  sh "$SRC/docs/features.sh" "$STOA" "$P" > "$T/features.md" 2>&1
  ok "docs/features.md is what the example bank declares (else: make docs-features)" diff "$SRC/docs/features.md" "$T/features.md"
  sed -i 's/int32, risk_band/int64, risk_band/' "$P/features/bureau.rq"
  sh "$SRC/docs/features.sh" "$STOA" "$P" > "$T/features.md"
  is "... and a changed declaration is seen" "$(diff "$SRC/docs/features.md" "$T/features.md" | grep -c '^[<>]')" 2
fi
done_testing
