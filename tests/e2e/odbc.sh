#!/bin/sh
# Any database through unixODBC: the example bank by way of the drivers for SQLite, PostgreSQL and MariaDB (a real
# server of each) answers as the same data materialised.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/postgres.sh"
. "${STOA_SRC:?}/tests/support/mariadb.sh"
. "${STOA_SRC:?}/tests/support/bank_postgres.sh"
trap 'pg_stop; mariadb_stop; cleanup' EXIT
pg_start one || skip_all "PostgreSQL: not installed (package postgresql)"
mariadb_start two || skip_all "MariaDB: not installed (package mariadb-server)"
bank 100 2026-11-01
PG_INITDB=
ok "the example bank moves to PostgreSQL" bank_postgres
mkdir "$T/odbcpg" "$T/odbcmaria" "$T/odbcsqlite"
cp -r "$T/pgbank/." "$T/odbcpg"; cp -r "$T/bank/." "$T/odbcmaria"; cp -r "$T/bank/." "$T/odbcsqlite"
for db in product bureau transaction engagement; do
  sed -i "s|{driver: postgres, address: \"[^\"]*dbname=$db\"|{driver: odbc, address: \"Driver=PostgreSQL Unicode;Servername=$T/one;Username=postgres;Database=$db;UseDeclareFetch=1\"|" "$T/odbcpg/stoa.yaml"
  sed -i "s|{driver: sqlite, address: data/$db.db|{driver: odbc, address: \"Driver=SQLite3;Database=$T/bank/data/$db.db\"|" "$T/odbcsqlite/stoa.yaml"
  sed -i "s|{driver: sqlite, address: data/$db.db|{driver: odbc, address: \"$MARIADB_ODBC;DATABASE=$db\"|" "$T/odbcmaria/stoa.yaml"
  { echo "CREATE DATABASE \`$db\`; USE \`$db\`; SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'; SET foreign_key_checks = 0; START TRANSACTION;"
    sqlite3 "$T/bank/data/$db.db" .schema | grep -v -e sqlite_stat | sed 's/ TIMESTAMP/ DATETIME/g'
    for table in $(sqlite3 "$T/bank/data/$db.db" .schema | sed -n 's/^CREATE TABLE \([a-z_]*\)(.*/\1/p' | grep -v sqlite_); do
      sqlite3 "$T/bank/data/$db.db" ".mode insert $table" "SELECT * FROM $table" | sed "s/\('[0-9-]*T[0-9:]*\)Z'/\1'/g"
    done
    echo 'COMMIT;'
  } > "$T/$db.maria"
  maria < "$T/$db.maria" || echo "# $db did not load"
done
answer() { # PROJECT QUERY
  f=csv; ! grep -q '^CONSTRUCT' "$2" || f=nt
  "$STOA" query -C "$1" --format $f "$2" 2>> "$T/err" | sort
}
compare() { # PROJECT QUERY
  f=csv; ! grep -q '^CONSTRUCT' "$2" || f=nt
  answer "$1" "$2" > "$T/virtual"
  "$STOA" query --data "$1/all.nt" --base https://bank.example/ --format $f "$2" 2>> "$T/err" | sort > "$T/native" || return 1
  [ "$(wc -l < "$T/virtual")" -ge 1 ] && cmp "$T/virtual" "$T/native"
}
q() { "$STOA" query -C "$P" --format csv -e "$B $1" 2>&1 | tr -d '\r' | sed 1d; }
m() { "$STOA" query --data "$P/all.nt" --base https://bank.example/ --format csv -e "$B $1" 2>&1 | tr -d '\r' | sed 1d; }
same() { got=$(q "$2"); is "$1" "$(echo "$got" | sort)" "$(m "$2" | sort)"; [ -n "$got" ] || ok "... with rows" false; }
B="PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> $B"
for P in "$T/odbcsqlite" "$T/odbcpg" "$T/odbcmaria"; do
  name=$(basename "$P")
  ok "$name checks" "$STOA" check -C "$P"
  ok "$name is materialised" "$STOA" materialize -C "$P" -o "$P/all.nt"
  is "$name has as many triples as the bank on SQLite" "$(wc -l < "$P/all.nt")" "$("$STOA" materialize -C "$T/bank" 2> /dev/null | wc -l)"
  rows=0; n=0
  for query in "$P"/queries/*.rq "$P"/features/*.rq; do
    ! grep -q 'stoa:registry' "$query" || continue # what is declared is no data (registry.sh)
    ok "$name: $(basename "$query") answers the same virtual and materialised" compare "$P" "$query"
    n=$((n + 1)); [ "$(wc -l < "$T/virtual")" -le 1 ] || rows=$((rows + 1))
  done
  ok "$name: at least half of the answers are not empty" test $((rows * 2)) -ge $n
  same "$name: sums and averages are exact" 'SELECT ?d (SUM(?a) AS ?s) (AVG(?a) AS ?m) (COUNT(*) AS ?n) { ?t a b:Transfer ; b:amount ?a ; b:direction ?d } GROUP BY ?d'
  same "$name: texts are compared letter by letter" 'SELECT ?n { ?c b:familyName ?n FILTER(?n >= "N" && ?n < "e") }'
  same "$name: and grouped so" 'SELECT ?n (COUNT(*) AS ?k) { ?c b:familyName ?n } GROUP BY ?n'
  same "$name: dates are compared" 'SELECT ?h { ?h b:openedOn ?d FILTER(?d > "2024-06-01"^^<http://www.w3.org/2001/XMLSchema#date>) }'
  same "$name: a zone on one side is met" "SELECT ?t { ?t b:bookedAt ?w FILTER(?w >= \"2026-09-01T00:00:00Z\"^^xsd:dateTime && ?w < \"2026-09-20T00:00:00+02:00\"^^xsd:dateTime) }"
  same "$name: the end of time, too" "SELECT (COUNT(*) AS ?n) { ?t b:bookedAt ?w FILTER(?w < \"9999-12-31T23:59:59Z\"^^xsd:dateTime && ?w > \"0001-01-01T00:00:00Z\"^^xsd:dateTime) }"
  same "$name: a union of what differs in type" 'SELECT ?x { { ?c b:familyName ?x } UNION { ?r b:score ?x } UNION { ?h b:balance ?x } UNION { ?h b:openedOn ?x } }'
  same "$name: two statements of one source at once" 'SELECT ?c { ?c a b:Customer FILTER NOT EXISTS { ?h b:heldBy ?c ; b:balance ?x FILTER(?x > 50000) } }'
  same "$name: a look-up" 'SELECT ?p ?o { <https://bank.example/customer/7> ?p ?o }'
  same "$name: ORDER BY and LIMIT" 'SELECT ?c ?e { ?c b:familyName ?n OPTIONAL { ?c b:email ?e } } ORDER BY ?e ?c LIMIT 30'
  ok "$name: constants are parameters" sh -c "'$STOA' query -C '$P' --explain=sql -e '$B SELECT ?c { ?c b:familyName \"Smith\" }' | grep SELECT | grep -vq Smith"
done
maria -D product -e "INSERT INTO region VALUES (901, 'Straße', 1), (902, 'STRASSE', 1), (903, 'strasse', 1), (904, 'strasse ', 1)"
P=$T/odbcmaria
like "a time without a zone is bounded widely" "$("$STOA" query -C "$P" --explain=sql -e "$B SELECT ?t { ?t b:bookedAt ?w FILTER(?w > NOW()) }" | tr '\n' ' ')" 'Filter.*INTERVAL 14 HOUR'
is "a case-insensitive database finds the very letters" "$(q 'SELECT (COUNT(*) AS ?n) { ?r b:name "strasse" }')" 1
is "... and groups by them" "$(q 'SELECT (COUNT(DISTINCT ?n) AS ?k) { ?r a b:Region ; b:name ?n FILTER(STRSTARTS(LCASE(?n), "stra")) }')" 4
is "... and tells them apart" "$(q 'SELECT (COUNT(*) AS ?k) { ?r a b:Region ; b:name ?n FILTER(?n != "strasse" && STRSTARTS(LCASE(?n), "strass")) }')" 2
like "a driver that is not installed is told" "$("$STOA" map --source 'odbc:Driver=Nobody' --direct 2>&1)" "error: source source: .*(Can't open lib|not found)"
like "a server that is not there is told" "$("$STOA" map --source "odbc:Driver=MariaDB Unicode;SERVER=localhost;SOCKET=/nonexistent;USER=root" --direct 2>&1)" "error: source source: "
ok "stoa serves from MariaDB" serve "$T/odbcmaria"
maria -D transaction -e 'CREATE TABLE big AS SELECT a.txn_id * 100000 + b.txn_id AS id FROM card_txn a, card_txn b LIMIT 1500'
heavy="$B SELECT (COUNT(*) AS ?n) { ?a b:amount ?x . ?b b:amount ?y . ?c b:amount ?z FILTER(?x < ?y && ?y < ?z) }"
is "a query over its time ends with 503" "$(curl -s -o /dev/null -w '%{http_code}' "$HTTP/sparql?timeout=500" -H 'Accept: text/csv' --data-urlencode "query=$heavy")" 503
i=0; while [ "$(maria -N -e "SELECT COUNT(*) FROM information_schema.processlist WHERE command = 'Execute'")" != 0 ] && [ $i -lt 30 ]; do i=$((i + 1)); sleep 0.1; done
ok "... and runs at the database no more" test $i -lt 30
is "... and the next one is answered" "$(sparql "$B SELECT ?n { <https://bank.example/customer/1> b:familyName ?n }" | wc -l)" 2
echo 'RENAME TABLE product.customer TO product.client' | maria
is "a table that is gone is no fault of who asks" "$(curl -s -o "$T/body" -w '%{http_code}' "$HTTP/sparql" --data-urlencode "query=$B SELECT ?n { ?c b:familyName ?n }")" 500
like "... and named" "$(cat "$T/body")" "customer.* doesn't exist"
ok "the server stops" stop_server
done_testing
