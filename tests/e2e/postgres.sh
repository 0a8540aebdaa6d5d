#!/bin/sh
# PostgreSQL as a source: the example bank in four databases of a private cluster answers as on SQLite, and as the same
# data materialised; constants are bound; many statements share a connection; what is cancelled stops at the server; a
# server that was restarted is found again.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/postgres.sh"
. "${STOA_SRC:?}/tests/support/bank_postgres.sh"
# A collation in which "a" stands before "B", so that the order of code points is not the server's own.
PG_INITDB='--locale-provider=icu --icu-locale=en-US'
pg_start one || skip_all "PostgreSQL: not installed (package postgresql)"
bank 200 2026-11-01
ok "the example bank moves to PostgreSQL" bank_postgres
P=$T/pgbank
ok "it checks" "$STOA" check -C "$P"
ok "materialize reads it" "$STOA" materialize -C "$P" -o "$T/all.nt"
answer() { # PROJECT QUERY
  f=csv; ! grep -q '^CONSTRUCT' "$2" || f=nt
  "$STOA" query -C "$1" --format $f "$2" 2>> "$T/err" | sort
}
compare() { # QUERY: the same rows virtual, materialised, and on SQLite
  f=csv; ! grep -q '^CONSTRUCT' "$1" || f=nt
  answer "$P" "$1" > "$T/virtual"
  "$STOA" query --data "$T/all.nt" --base https://bank.example/ --format $f "$1" 2>> "$T/err" | sort > "$T/native" || return 1
  answer "$T/bank" "$1" > "$T/sqlite"
  [ "$(wc -l < "$T/virtual")" -ge 1 ] && cmp "$T/virtual" "$T/native" && cmp "$T/virtual" "$T/sqlite"
}
rows=0; n=0
for q in "$P"/queries/*.rq "$P"/features/*.rq "$P"/features/*.sql; do
  ! grep -q 'stoa:registry' "$q" || continue # what is declared is no data (registry.sh)
  ok "$(basename "$q") answers the same on PostgreSQL, on SQLite and materialised" compare "$q"
  n=$((n + 1)); [ "$(wc -l < "$T/virtual")" -le 1 ] || rows=$((rows + 1))
done
ok "at least half of the answers are not empty" test $((rows * 2)) -ge $n
q() { "$STOA" query -C "$P" --format csv -e "$B $1" 2>&1 | tr -d '\r' | sed 1d; }
s() { "$STOA" query -C "$T/bank" --format csv -e "$B $1" 2>&1 | tr -d '\r' | sed 1d; }
same() { is "$1" "$(q "$2" | sort)" "$(s "$2" | sort)"; [ -n "$(q "$2")" ] || ok "... with rows" false; }
same "sums and averages are exact" 'SELECT ?d (SUM(?a) AS ?s) (AVG(?a) AS ?m) (COUNT(*) AS ?n) { ?t a b:Transfer ; b:amount ?a ; b:direction ?d } GROUP BY ?d'
# SQL's aggregates leave NULLs out, and are NULL of nothing: said in the statement, where SPARQL's could not be.
same_sql() { # CLAIM SQL PATTERN-OF-THE-STATEMENT
  ask="$STOA query --sql --format csv -e"
  is "$1" "$($ask "$2" -C "$P" 2>&1 | sort)" "$($ask "$2" -C "$T/bank" 2>&1 | sort)"
  like "... in one statement" "$("$STOA" query -C "$P" --sql --explain -e "$2")" "$3"
  [ "$($ask "$2" -C "$P" 2>&1 | wc -l)" -gt 1 ] || ok "... with rows" false
}
same_sql "aggregates over NULLs" 'SELECT r.subject AS c, SUM(r.score) AS s, AVG(r.score) AS a, MIN(r.score) AS l, MAX(r.score) AS g, SUM(r.utilisation) AS u, COUNT(r.score) AS n FROM BureauReport r GROUP BY r.subject' 'CAST\(SUM\('
same_sql "... of nothing" "SELECT SUM(r.score) AS s, AVG(r.score) AS a, MAX(r.score) AS g, COUNT(*) AS n FROM BureauReport r WHERE r.pulledOn < DATE '1900-01-01'" 'CAST\(SUM\('
same_sql "... of all" "SELECT SUM(r.score) AS s, AVG(r.score) AS a, MAX(r.score) AS g, COUNT(*) AS n FROM BureauReport r" 'CAST\(SUM\('
same "texts are ordered by code points" 'SELECT (MIN(?n) AS ?a) (MAX(?n) AS ?b) { ?c b:familyName ?n }'
is "... in ORDER BY too" "$(q 'SELECT ?n { ?c b:familyName ?n } ORDER BY ?n LIMIT 40')" "$(s 'SELECT ?n { ?c b:familyName ?n } ORDER BY ?n LIMIT 40')"
is "... and unbound comes first" "$(q 'SELECT ?c ?e { ?c b:familyName ?n OPTIONAL { ?c b:email ?e } } ORDER BY ?e ?c LIMIT 30' | cut -d, -f2)" "$(s 'SELECT ?c ?e { ?c b:familyName ?n OPTIONAL { ?c b:email ?e } } ORDER BY ?e ?c LIMIT 30' | cut -d, -f2)"
same "... in FILTER" 'SELECT ?n { ?c b:familyName ?n FILTER(?n >= "N" && ?n < "e") }'
same "dates and times are compared" 'SELECT ?h { ?h b:openedOn ?d FILTER(?d > "2024-06-01"^^<http://www.w3.org/2001/XMLSchema#date>) }'
same "a union of what differs in type" 'SELECT ?x { { ?c b:familyName ?x } UNION { ?r b:score ?x } UNION { ?h b:balance ?x } UNION { ?h b:openedOn ?x } }'
same "OPTIONAL around a constant" 'SELECT ?c ?k { ?c b:familyName ?n OPTIONAL { ?c b:email ?e BIND("yes" AS ?k) } }'
same "EXISTS over another statement of the same source" 'SELECT ?c { ?c a b:Customer FILTER NOT EXISTS { ?h b:heldBy ?c ; b:balance ?x FILTER(?x > 50000) } }'
same "two sources" 'SELECT ?c ?s { ?c b:familyName ?n ; b:incomeBand "high" . ?r b:subject ?c ; b:score ?s }'
same "all that is known of a customer" 'SELECT ?p ?o { <https://bank.example/customer/7> ?p ?o }'
same "VALUES becomes a list" 'SELECT ?n { VALUES ?c { <https://bank.example/customer/7> <https://bank.example/customer/8> <https://bank.example/customer/none> } ?c b:familyName ?n }'
out=$("$STOA" query -C "$P" --explain=sql -e "$B SELECT ?c { ?c b:familyName \"O'Hara\" }" 2>&1)
like "constants are parameters" "$(printf '%s' "$out" | tr "\n" " ")" '= CAST\(\$1 AS text\)'
ok "... and nothing of them is in the text" sh -c "! printf '%s' \"\$1\" | grep SELECT | grep -q Hara" sh "$out"
like "DISTINCT, ORDER BY and LIMIT are the server's" "$("$STOA" query -C "$P" --explain=sql -e "$B SELECT DISTINCT ?d { ?h b:openedOn ?d } ORDER BY ?d LIMIT 3" 2>&1)" 'DISTINCT'

ok "a server over PostgreSQL starts" serve "$P"
# An analyst's big answer is stopped at the server when its time is over.
busy() { pg -At -c "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'stoa' AND state = 'active'"; }
heavy="$B SELECT (COUNT(*) AS ?n) { ?a b:amount ?x . ?b b:amount ?y . ?c b:amount ?z FILTER(?x < ?y && ?y < ?z) }"
code=$(curl -s -o "$T/late" -w '%{http_code}' "$HTTP/sparql?timeout=500" -H 'Accept: text/csv' --data-urlencode "query=$heavy")
is "a query over its time ends with 503" "$code" 503
i=0; while [ "$(busy)" != 0 ] && [ $i -lt 30 ]; do i=$((i + 1)); sleep 0.1; done
ok "... and runs at the database no more" test $i -lt 30
name() { sparql "$B SELECT ?n { <https://bank.example/customer/1> b:familyName ?n }" | tr -d '\r' | tail -1; }
before=$(name)
DB=product pg -c "UPDATE customer SET family_name = 'Changed''Here' WHERE customer_id = 1"
ok "a row was different before" test "$before" != "Changed'Here"
is "and is in the next answer" "$(name)" "Changed'Here"
pg_run "$PG_BIN/pg_ctl" -D "$T/one/data" -m fast -w restart > /dev/null
is "a restarted server is found again, nobody sees an error" "$(name)" "Changed'Here"
pg_run "$PG_BIN/pg_ctl" -D "$T/one/data" -m fast -w stop > /dev/null
like "a server that is down is told by its source" "$(name)" 'source product'
is "... with 503" "$(curl -s -o /dev/null -w '%{http_code}' "$HTTP/sparql" --data-urlencode "query=$B SELECT ?n { ?c b:familyName ?n }")" 503
pg_run "$PG_BIN/pg_ctl" -D "$T/one/data" -w -l "$T/one/log" start > /dev/null
sleep 6
is "... and found when it is back" "$(name)" "Changed'Here"
pg -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'stoa'" > /dev/null
is "a connection that was cut is replaced" "$(name)" "Changed'Here"
# The end may come between the statement and its answer: it is told 0.1 ms later at each question, to connections
# that are in use (one that is being made is the source's fault, told as such and tried again later).
# Each cut is over before the next question: a question that is cut twice may be told so.
mkfifo "$T/cuts" "$T/cut"
pg -q -At < "$T/cuts" > "$T/cut" & cutter=$!
exec 4> "$T/cuts" 5< "$T/cut"
cuts=0; while [ $cuts -lt 150 ]; do
  cuts=$((cuts + 1))
  echo "SELECT pg_sleep($cuts / 10000.0); SELECT 'cut', count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'stoa' AND query > '' AND query NOT LIKE 'SET %';" >&4
  name
  while read -r line <&5 && [ "${line%|*}" != cut ]; do :; done
done > "$T/named"
exec 4>&-
cat <&5 > /dev/null
exec 5<&-
wait $cutter
is "... also when it is cut while it is asked, at 150 instants" "$(sort "$T/named" | uniq -c | tr -s ' ')" " 150 Changed'Here"
ok "no more connections than the pool's, four sources of eight" test "$(pg -At -c "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'stoa'")" -le 32
like "stoa cannot write" "$(printf '@prefix rr: <http://www.w3.org/ns/r2rml#> . <#x> rr:logicalTable [ rr:sqlQuery "WITH x AS (DELETE FROM customer RETURNING customer_id) SELECT * FROM x" ] ; rr:subjectMap [ rr:template "http://x/{customer_id}" ; rr:class <http://x/C> ] .' > "$T/w.ttl"; "$STOA" map --source "$(printf %s "$PG_URL" | sed 's|/postgres?|/product?|')" --mapping "$T/w.ttl" 2>&1)" 'error:'
DB=product pg -c "ALTER TABLE customer RENAME TO client"
is "a table that is gone is no fault of who asks" "$(curl -s -o "$T/body" -w '%{http_code}' "$HTTP/sparql" --data-urlencode "query=$B SELECT ?n { ?c b:familyName ?n }")" 500
like "... and named" "$(cat "$T/body")" 'customer.* does not exist'
DB=product pg -c "ALTER TABLE client RENAME TO customer"
is "... and read when it is back" "$(name)" "Changed'Here"
ok "the server stops" stop_server
like "an unknown table is told with its nearest" "$(sed 's/rr:tableName "customer"/rr:tableName "custmer"/' "$P/mappings/product.ttl" > "$T/x.ttl"; cp "$T/x.ttl" "$P/mappings/product.ttl"; "$STOA" check -C "$P" 2>&1)" 'product.ttl:[0-9]+:[0-9]+: error: .*did you mean "customer"'
url=$(printf %s "$PG_URL" | sed 's|/postgres?|/product?|')
ok "bootstrap writes a project from the catalog" "$STOA" bootstrap --source "$url" -o "$T/boot"
like "... that checks" "$("$STOA" check -C "$T/boot" 2>&1)" 'all good'
is "... and answers" "$("$STOA" query -C "$T/boot" --format csv -e 'SELECT (COUNT(*) AS ?n) { ?c a <https://product.example/ontology#Customer> }' 2>&1 | tr -d '\r' | tail -1)" 200
like "an address that nobody listens at is told" "$("$STOA" map --source 'postgresql://x@/x?host=/nonexistent' --direct 2>&1)" 'error: source source: .*nonexistent'
done_testing
