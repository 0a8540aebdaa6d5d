#!/bin/sh
# A value that does not fit the type that its feature is declared with is none, and not the default of one who has none;
# and whoever asks, the counters and the log are told.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v redis-cli > /dev/null && command -v sqlite3 > /dev/null || skip_all "redis-cli and sqlite3 are needed"
P=$T/p
mkdir -p "$P/features"
sqlite3 "$P/d.db" "CREATE TABLE c(id INTEGER PRIMARY KEY, score TEXT); INSERT INTO c VALUES (1,'11'),(2,'many'),(3,NULL),(4,'44');
CREATE TABLE e(id INTEGER PRIMARY KEY, c INTEGER, at TEXT, v TEXT); INSERT INTO e VALUES (1,1,'2026-11-01T00:00:00Z','7'),(2,2,'2026-11-01T00:00:00Z','lots')"
cat > "$P/m.ttl" <<'Y'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix x: <http://x/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<#c> rr:logicalTable [ rr:tableName "c" ] ; rr:subjectMap [ rr:template "http://x/c/{id}" ; rr:class x:C ] ;
  rr:predicateObjectMap [ rr:predicate x:score ; rr:objectMap [ rr:column "score" ] ] .
<#e> rr:logicalTable [ rr:tableName "e" ] ; rr:subjectMap [ rr:template "http://x/e/{id}" ; rr:class x:E ] ;
  rr:predicateObjectMap [ rr:predicate x:of ; rr:objectMap [ rr:template "http://x/c/{c}" ] ] ;
  rr:predicateObjectMap [ rr:predicate x:at ; rr:objectMap [ rr:column "at" ; rr:datatype xsd:dateTime ] ] ;
  rr:predicateObjectMap [ rr:predicate x:v ; rr:objectMap [ rr:column "v" ] ] .
Y
printf 'project: p\nbase: http://x/\nsources:\n  db: {driver: sqlite, address: d.db, mappings: [m.ttl]}\n' > "$P/stoa.yaml"
printf 'prefixes: {x: "http://x/"}\nc: {class: x:C, key: [id], iri: "http://x/c/{id}"}\n' > "$P/features/entities.yaml"
printf 'services:\n  - {name: all, features: ["q:*", "w:*", "r:*"]}\n' > "$P/features/services.yaml"
cat > "$P/features/q.rq" <<'Y'
#+ feature_view: {name: q, kind: query, entity: {c: id}, features: {score: int32}, default: {score: 5}}
PREFIX x: <http://x/>
SELECT ?c ?score { ?c a x:C . OPTIONAL { ?c x:score ?s BIND(IF(REGEX(?s, "^[0-9]+$"), <http://www.w3.org/2001/XMLSchema#integer>(?s), ?s) AS ?score) } }
Y
cat > "$P/features/w.rq" <<'Y'
#+ feature_view: {name: w, kind: window, entity: {c: id}, time: at, value: v, windows: [36500d], aggregates: [sum], default: {sum: 0}}
PREFIX x: <http://x/>
SELECT ?c ?at ?v { ?e x:of ?c ; x:at ?at ; x:v ?t BIND(IF(?t = "7", 7, ?t) AS ?v) }
Y
cat > "$P/features/r.rq" <<'Y'
#+ feature_view: {name: r, kind: request, entity: {c: id}, reads: {score: q:score}, features: {twice: int32}, default: {twice: 9}}
SELECT ?twice { BIND(IF(?score = 44, "no number", ?score + ?score) AS ?twice) }
Y
"$STOA" features get -C "$P" all 1 2 3 4 > "$T/got" 2> "$T/said"
of() { jq -c ".$1" "$T/got" | paste -sd' '; }
is "one that does not fit is none, where none has its default" "$(of q__score)" '11 null 5 44'
is "... a sum over what is no number" "$(of w__sum_v_36500d)" '7 null 0 0'
is "... in a view of the request, too" "$(of r__twice)" '22 9 10 null'
is "... and it is told how many there are" "$(cat "$T/said")" 'warning: 3 values of features do not fit their declared types, such as of r__twice: none is served (stoa check tells more)'
is "nothing is told where all fit" "$("$STOA" features get -C "$P" all 1 3 2>&1 > /dev/null)" ''
printf 'id,at\n1,2026-11-20\n2,2026-11-20\n3,2026-11-20\n' > "$T/l.csv"
sed -i 's/, "r:\*"//' "$P/features/services.yaml"
"$STOA" features history -C "$P" --entities "$T/l.csv" --timestamp-column at --service all > "$T/got" 2> "$T/said"
is "a training set has what serving gives" "$(sed 1d "$T/got" | cut -d, -f3- | paste -sd' ')" '11,7 , 5,0'
like "... and tells it" "$(cat "$T/said")" '^warning: 2 values of features do not fit their declared types'
serve "$P" || exit 1
ask() { curl -s -D "$T/head" "$HTTP$1" ${2:+-d "$2"}; }
is "over HTTP it is none" "$(ask '/features/q?key=2&key=1&key=3' | jq -c '[.. | numbers, nulls]')" '[null,11,5]'
like "... and told in the head" "$(cat "$T/head")" '^Stoa-Warning: 1 value of features does not fit its declared type, such as of q__score: none is served'
out=$(ask /get-online-features '{"features":["q:score","w:sum_v_36500d"],"entities":{"id":[1,2,3]}}')
is "Feast's clients see it as invalid" "$(printf %s "$out" | jq -c '[.results[1,2].statuses]')" '[["PRESENT","INVALID","PRESENT"],["PRESENT","INVALID","PRESENT"]]'
is "... without a value" "$(printf %s "$out" | jq -c '[.results[1,2].values]')" '[[11,null,5],[7,null,"0"]]'
is "... each is counted" "$(r HGET q:2 q__score; curl -s "$HTTP/metrics" | awk '$1 == "stoa_feature_misfits_total" { print ($2 >= 4) }')" "$(printf '\n1')"
is "... and the log tells of the first, by its feature alone" "$(grep -c 'features: 1 value of features does not fit its declared type, such as of q__score' "$T/server.log") $(grep -c 'do not fit\|does not fit' "$T/server.log") $(grep -c many "$T/server.log")" '1 1 0'
ok "... and stops" stop_server
done_testing
