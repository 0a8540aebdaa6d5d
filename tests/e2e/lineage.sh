#!/bin/sh
# Lineage: each property, class, feature and query tells the columns that it is made of.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 50 2026-11-01
P=$T/bank
l() { "$STOA" lineage -C "$P" "$@" 2>&1; }
is "a property" "$(l https://bank.example/ontology#email)" 'property https://bank.example/ontology#email
  value  product: customer.email
  read   product: customer.customer_id'
is "a class that a view picks counts its table once" "$(l https://bank.example/ontology#Account)" 'class https://bank.example/ontology#Account
  read   transaction: account.account_id'
like "a feature: what it sums" "$(l holdings__balance)" '^  value  product: holding.balance$'
like "... and what it chooses by" "$(l holdings__balance)" '^  read   product: holding.closed_on$'
is "... one line a column" "$(l holdings__balance | sort | uniq -d | wc -l)" 0
like "a window feature: its value and its time" "$(l txn__sum_amount_7d_app | tr '\n' ' ')" 'value  transaction: card_txn.amount .*value  transaction: card_txn.booked_at'
is "a service tells all of its features" "$(l next_offer_v1 | grep -c '^feature')" "$("$STOA" features list -C "$P" | sed -n 's/^service  *next_offer_v1 .* \([0-9]*\) features.*/\1/p')"
is "a query over two sources" "$(l -e "$B SELECT ?f ?s { ?c b:familyName ?f . ?r b:subject ?c ; b:score ?s }" | grep value | tr -s ' ')" ' value product: customer.family_name
 value bureau: report.score'
like "an expression is followed" "$(l -e "$B SELECT (?a * 2 AS ?x) { ?h b:balance ?a }")" 'value  product: holding.balance'
like "an aggregate too" "$(l -e "$B SELECT ?c (SUM(?a) AS ?x) { ?h b:heldBy ?c ; b:balance ?a } GROUP BY ?c" | tr '\n' ' ')" 'column [?]x +value  product: holding.balance'
l --format ttl https://bank.example/ontology#heldBy > "$T/l.ttl"
is "as RDF it can be asked" "$("$STOA" query --data "$T/l.ttl" --format csv -e 'PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX stoa: <https://stoa.example/ns#> SELECT ?t ?k { ?p prov:wasDerivedFrom [ stoa:table ?t ; stoa:column ?k ; stoa:role "value" ] }' | tr -d '\r' | tail -1)" holding,customer_id
like "what there is not is told" "$(l nobody)" 'error: nothing is called "nobody"'
done_testing
