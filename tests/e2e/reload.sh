#!/bin/sh
# Hot reload: what is good replaces the layer between two requests, what is bad leaves the old one where it is.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 100 2026-11-01
P=$T/bank
ok "the server starts" serve "$P"
n() { sparql "$B SELECT (COUNT(*) AS ?n) { ?c b:nickname ?x }" | tr -d '\r' | tail -1; }
reload() { curl -s -o "$T/reply" -w '%{http_code}' -X POST "$HTTP/reload"; }
is "a property that is not mapped has no triples" "$(n)" 0
echo 'b:nickname a owl:DatatypeProperty .' >> "$P/ontology/bank.ttl"
grep -q 'prefix owl:' "$P/ontology/bank.ttl" || sed -i '1i @prefix owl: <http://www.w3.org/2002/07/owl#> .' "$P/ontology/bank.ttl"
cat >> "$P/mappings/product.ttl" <<'M'
<#nickname> rr:logicalTable [ rr:tableName "customer" ] ; rr:subjectMap [ rr:template "customer/{customer_id}" ] ;
  rr:predicateObjectMap [ rr:predicate b:nickname ; rr:objectMap [ rr:column "given_name" ] ] .
M
is "... nor has it before a reload" "$(n)" 0
is "POST /reload answers 200" "$(reload)" 200
like "... and says so" "$(cat "$T/reply")" '"reloaded":true,"ms":[0-9]+,"faults":\[\]'
is "... and the new mapping counts" "$(n)" 100
sed -i 's/rr:column "given_name" \] \] \.$/rr:column "given_nmae" ] ] ./' "$P/mappings/product.ttl"
is "a bad mapping is refused" "$(reload)" 400
like "... with file, line, column and what was meant" "$(jq -r '.faults[0]' "$T/reply")" 'product.ttl:[0-9]+:[0-9]+: error: .*given_nmae.*did you mean .given_name'
is "... and the old layer answers" "$(n)" 100
sed -i 's/given_nmae/given_name/' "$P/mappings/product.ttl"
before=$(grep -c 'reload: done' "$T/server.log")
kill -HUP "$SERVER"; i=0; until [ "$(grep -c 'reload: done' "$T/server.log")" -gt "$before" ] || [ $i -gt 600 ]; do i=$((i + 1)); sleep 0.05; done
ok "SIGHUP reloads" test $i -le 100
sed -i 's/^@prefix b:.*/@prefix b <broken/' "$P/mappings/bureau.ttl"
before=$(grep -c 'the old layer stays' "$T/server.log")
kill -HUP "$SERVER"; i=0; until [ "$(grep -c 'the old layer stays' "$T/server.log")" -gt "$before" ] || [ $i -gt 600 ]; do i=$((i + 1)); sleep 0.05; done
like "SIGHUP with a bad project tells why in the log" "$(cat "$T/server.log")" 'reload: .*bureau.ttl:[0-9]+'
is "... and nothing changes" "$(n)" 100
sed -i 's/^@prefix b <broken/@prefix b: <https:\/\/bank.example\/ontology#> ./' "$P/mappings/bureau.ttl"
mv "$P/features/services.yaml" "$T/"; printf 'services: []\n' > "$P/features/services.yaml"
is "a service that a policy needs may not go" "$(reload)" 400
like "... and is named" "$(cat "$T/reply")" 'next_offer'
mv "$T/services.yaml" "$P/features/"
O=$P/personalizer/next_offer.yaml; cp "$O" "$T/policy"
echo '# a remark' >> "$O"; sed 's/^policy: .*/policy: other/' "$T/policy" > "$P/personalizer/other.yaml"
is "a policy that was changed is no fault" "$(reload)" 200
like "... and the answer names it" "$(jq -r '.faults[]' "$T/reply")" 'next_offer.yaml:1:1: warning: the policy was changed since the start; policies are read when the server starts: restart it'
like "... so one that came" "$(jq -r '.faults[]' "$T/reply")" 'other.yaml:1:1: warning: the policy was added since the start'
mv "$O" "$T/away"; rm "$P/personalizer/other.yaml"; reload > /dev/null
is "... or has gone" "$(jq -r '.faults[]' "$T/reply" | sed 's/.*next_offer.yaml:1:1: //')" 'warning: the policy was removed since the start; policies are read when the server starts: restart it'
cp "$T/policy" "$O"; reload > /dev/null
is "... and nothing of one that is as it was" "$(jq -c .faults "$T/reply")" '[]'
is "GET is refused" "$(curl -s -o /dev/null -w '%{http_code}' "$HTTP/reload")" 405
rank='{"subject":"7","contextFeatures":[],"actions":[{"id":"a","features":[{"x":1}]},{"id":"b","features":[{"x":2}]}]}'
# Requests of every kind while the layer is replaced again and again.
( i=0; while [ $i -lt 20 ]; do i=$((i + 1)); curl -s -X POST "$HTTP/reload" > /dev/null; done ) & R=$!
bad=0; done=0
while kill -0 $R 2> /dev/null; do
  [ "$(n)" = 100 ] || bad=$((bad + 1))
  [ "$(r HMGET next_offer_v1:7 profile__segment 2> /dev/null | wc -l)" -ge 1 ] || bad=$((bad + 1))
  [ "$(curl -s -o /dev/null -w '%{http_code}' -X POST "$HTTP/personalizer/v1.0/rank" -H 'Content-Type: application/json' -d "$rank")" = 201 ] || bad=$((bad + 1))
  done=$((done + 3))
done
wait $R
ok "requests during 20 reloads: none failed of $done" test $bad -eq 0 -a $done -ge 3
ok "the server stops cleanly" stop_server
printf 'security: {api_key: geheim}\n' >> "$P/stoa.yaml"
serve "$P"
k() { curl -s -o /dev/null -w '%{http_code} ' "$@" -H 'Ocp-Apim-Subscription-Key: geheim'; }
is "the key outlives the layer that it was read with" "$(k -X POST "$HTTP/reload"; k "$HTTP/metrics"; k -X POST "$HTTP/reload"; k "$HTTP/metrics")" '200 200 200 200 '
ok "... to the end" stop_server
done_testing
