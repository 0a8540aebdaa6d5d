#!/bin/sh
# Semantic SQL: each SELECT of semantic_sql.txt has the plan and the answer of the SPARQL beside it; what is at fault is told with its
# place; and a feature view may be written in it.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 240 2026-11-01
P=$T/bank
AT=2026-10-20T09:30:00Z
# Variables are told by the order in which they appear, notes without their places.
plan() { # FILE
  "$STOA" query -C "$P" --asof $AT --explain=sql "$1" 2>&1 | sed 's/^-- [0-9]*:[0-9]*: /-- /; s/ for ?[^ ]*$//' | awk '/^--/ { print | "sort -u"; next }
    { line = ""; while (match($0, /\?[A-Za-z_.][A-Za-z_0-9.?]*/)) { v = substr($0, RSTART, RLENGTH); if (!(v in n)) n[v] = ++k; line = line substr($0, 1, RSTART - 1) "?" n[v]; $0 = substr($0, RSTART + RLENGTH) } print line $0 }'
}
values() { "$STOA" query -C "$P" --asof $AT --format csv "$1" 2>&1 | tr -d '\r' > "$T/rows"; head -1 "$T/rows"; sed 1d "$T/rows" | sort; }
awk -v to="$T" 'BEGIN { RS = ""; FS = "\n" } { n++; q = to "/" n ".sql"; for (i = 2; i <= NF; ++i) if ($i == "---") { q = to "/" n ".rq"; print "PREFIX b: <https://bank.example/ontology#> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>" > q } else print $i > q
  print substr($1, 3) > (to "/" n ".claim") }' "$SRC/tests/e2e/semantic_sql.txt"
i=1
while [ -f "$T/$i.sql" ]; do
  claim=$(cat "$T/$i.claim")
  plan "$T/$i.sql" > "$T/plan.sql"; plan "$T/$i.rq" > "$T/plan.rq"
  ok "$claim: one plan" diff "$T/plan.sql" "$T/plan.rq"
  values "$T/$i.sql" > "$T/values.sql"; values "$T/$i.rq" > "$T/values.rq"
  ok "... and one answer ($(($(wc -l < "$T/values.sql") - 1)) rows)" sh -c 'diff "$1" "$2" && [ "$(wc -l < "$1")" -gt 1 ] && ! grep -q error: "$1"' same "$T/values.sql" "$T/values.rq"
  i=$((i + 1))
done
# The same over RDF files alone, whose properties may have values of any kind: but for a date less what may be none.
"$STOA" materialize -C "$P" -o "$T/all.nt" 2> /dev/null
plainly() { "$STOA" query --data "$T/all.nt" --base https://bank.example/ --asof $AT --format csv "$1" 2>&1 | sort > "$2"; }
equal=0; refused=
for n in $(seq $((i - 1))); do
  plainly "$T/$n.sql" "$T/values.sql"; plainly "$T/$n.rq" "$T/values.rq"
  if grep -q 'a date - a value of several types; CAST' "$T/values.sql"; then refused="$refused $(cat "$T/$n.claim")"; elif cmp -s "$T/values.sql" "$T/values.rq" && [ "$(wc -l < "$T/values.sql")" -gt 1 ]; then equal=$((equal + 1)); else sed 's/^/# /' "$T/$n.sql"; fi
done
is "over RDF files all but one have the answers of their SPARQL" "$equal,$refused" "$((i - 2)), expressions: dates, texts, casts, NULLIF"
is "there are so many pairs" "$([ $i -gt 20 ] && echo enough)" enough

# ---- what is at fault, with its place and what would be right
sql() { "$STOA" query -C "$P" --sql --format csv -e "$1" 2>&1 | tr -d '\r'; }
like "a class that nothing knows" "$(sql 'SELECT c.id FROM Custmer c')" '^-e:1:18: error: there is no class "custmer"; did you mean Customer\?$'
like "a property that the class has not" "$(sql 'SELECT c.id,
  c.incomband FROM Customer c')" '^-e:2:3: error: Customer has no property "incomband"; did you mean incomeBand\?$'
like "... though others have it" "$(sql 'SELECT c.score FROM Customer c')" '^-e:1:8: error: Customer has no property "score", which others have$'
like "an alias that is not there" "$(sql 'SELECT h.balance FROM Holding hh')" '^-e:1:8: error: there is no "h" in FROM; did you mean hh\?$'
like "... or stands later than its ON" "$(sql 'SELECT h.id FROM Holding h LEFT JOIN Product p ON p.id = c.id JOIN Customer c ON h.heldBy = c.id')" '^-e:1:58: error: there is no "c" in FROM before this ON'
like "a name that two tables have" "$(sql 'SELECT name FROM Product p, Region r')" '^-e:1:8: error: "name" may be p.name or r.name; say which$'
like "a table in the place of a column" "$(sql 'SELECT c FROM Customer c')" '^-e:1:8: error: "c" is a table; its IRI is c.id$'
like "one alias twice" "$(sql 'SELECT 1 AS x FROM Customer c, Holding c')" '^-e:1:32: error: "c" stands twice in FROM'
like "a prefix that is not declared" "$(sql 'SELECT x.id FROM b.Customer x')" '^-e:1:18: error: the prefix "b" is not declared; add a line --\+ prefixes: \{b: "https://\.\.\.#"\}$'
like "syntax, by letters and not bytes" "$(sql "SELECT 'é' AS a, 'ü' FROM Customer c WHERE c.id = c.id c.id")" '^-e:1:56: error: syntax error at or near "c"$'
like "a parameter" "$(sql 'SELECT c.id FROM Customer c WHERE c.birthDate < :asof')" '^-e:1:49: error: .*the instant asked about is CURRENT_TIMESTAMP$'
like "SPARQL in the place of SQL" "$(sql 'SELECT ?c { ?c a b:Customer }')" '^-e:1:11: error: .*this is read as SQL, and looks like SPARQL$'
like "another statement" "$(sql 'DELETE FROM Customer')" '^-e:1:1: error: a SELECT is expected, and this is a statement of Delete$'
like "two of them" "$(sql 'SELECT 1 AS a; SELECT 2 AS b')" '^-e:1:16: error: a second statement; a text is one SELECT$'
like "what is no constant of its type" "$(sql "SELECT c.id FROM Customer c WHERE c.birthDate < 'yesterday'")" "^-e:1:49: error: a date is meant here, such as '2026-11-27', and 'yesterday' is none$"
like "... in a cast" "$(sql "SELECT DATE '2026-02-30' AS d")" "^-e:1:13: error: '2026-02-30' is no value of that type, which looks like '2026-11-27'$"
like "types that are not compared" "$(sql 'SELECT c.id FROM Customer c WHERE c.incomeBand = 1')" '^-e:1:48: error: a text is compared with a number; CAST one of them$'
like "an IRI and a key" "$(sql 'SELECT c.familyName FROM Customer c WHERE c.id = 42')" '^-e:1:48: error: an IRI is compared with a number'
like "arithmetic with a text" "$(sql 'SELECT c.familyName + 1 AS x FROM Customer c')" '^-e:1:21: error: a text \+ a number'
like "equal to NULL" "$(sql 'SELECT c.id FROM Customer c WHERE c.email = NULL')" '^-e:1:45: error: NULL here makes all of it NULL.*write IS NULL'
like "no condition" "$(sql 'SELECT c.id FROM Customer c WHERE c.familyName')" '^-e:1:35: error: a condition is needed, and this is a text'
like "a column beside an aggregate" "$(sql 'SELECT c.familyName, COUNT(*) AS n FROM Customer c')" '^-e:1:8: error: c.familyName stands outside GROUP BY; add it there'
like "an aggregate in WHERE" "$(sql 'SELECT c.id FROM Customer c WHERE COUNT(*) > 1')" '^-e:1:35: error: an aggregate cannot stand here'
like "two columns of one name" "$(sql 'SELECT c.id, h.id FROM Customer c JOIN Holding h ON h.heldBy = c.id')" '^-e:1:14: error: two columns are named id'
like "a computed one without any" "$(sql 'SELECT 1 + 1')" '^-e:1:10: error: a computed column needs a name'
like "a function" "$(sql 'SELECT uppr(c.familyName) AS x FROM Customer c')" '^-e:1:8: error: there is no function uppr in semantic SQL; did you mean upper\?$'
like "IN of a sub-select with NULLs, denied" "$(sql 'SELECT p.id FROM Product p WHERE p.id NOT IN (SELECT e.about FROM EngagementEvent e)')" '^-e:1:39: error: IN of a sub-select with NULLs .*write NOT EXISTS'
while IFS='|' read -r what text; do
  like "$what is refused with a remedy" "$(sql "$text")" '^-e:1:[0-9]+: error: .* is not supported in semantic SQL; [a-z]'
done << 'X'
a window function|SELECT rank() OVER (ORDER BY c.id) AS r FROM Customer c
SELECT *|SELECT * FROM Customer c
a sub-select as a value|SELECT (SELECT COUNT(*) FROM Holding h WHERE h.heldBy = c.id) AS n FROM Customer c
FULL JOIN|SELECT c.id FROM Customer c FULL JOIN Holding h ON h.heldBy = c.id
USING|SELECT c.id FROM Customer c JOIN Holding h USING (id)
NATURAL JOIN|SELECT c.id FROM Customer c NATURAL JOIN Holding h
LATERAL|SELECT c.id FROM Customer c, LATERAL (SELECT h.id AS x FROM Holding h) y
DISTINCT ON|SELECT DISTINCT ON (c.id) c.id FROM Customer c
EXCEPT|SELECT c.id FROM Customer c EXCEPT SELECT h.heldBy FROM Holding h
ROLLUP|SELECT c.incomeBand, COUNT(*) AS n FROM Customer c GROUP BY ROLLUP (c.incomeBand)
WITH RECURSIVE|WITH RECURSIVE x AS (SELECT c.id FROM Customer c) SELECT x.id FROM x
FOR UPDATE|SELECT c.id FROM Customer c FOR UPDATE
VALUES|SELECT v.a FROM (VALUES (1)) v
TABLESAMPLE|SELECT c.id FROM Customer c TABLESAMPLE SYSTEM (1)
an operator|SELECT c.id FROM Customer c WHERE c.familyName ~ 'x'
ANY|SELECT c.id FROM Customer c WHERE c.incomeBand = ANY (ARRAY['high'])
an array|SELECT ARRAY[1] AS x
GREATEST|SELECT GREATEST(1, 2) AS x
a type|SELECT c.familyName::json AS x FROM Customer c
a precision|SELECT CAST(1.5 AS numeric(4, 1)) AS x
IS DISTINCT FROM|SELECT c.id FROM Customer c WHERE c.email IS DISTINCT FROM 'x'
ORDER BY within an aggregate|SELECT SUM(h.balance ORDER BY h.id) AS x FROM Holding h
FETCH WITH TIES|SELECT c.id FROM Customer c ORDER BY c.id FETCH FIRST 1 ROWS WITH TIES
SELECT INTO|SELECT c.id INTO x FROM Customer c
a function in FROM|SELECT x.a FROM generate_series(1, 2) x
X
like "a cast of a fraction says how" "$(sql 'SELECT CAST(h.balance AS integer) AS x FROM Holding h')" '^-e:1:8: error: a number is cast to an integer; say how: CAST\(ROUND'
like "too long" "$(sql "SELECT $(yes '1 +' | head -12000 | tr -d '\n') 1 AS x")" '^-e:1:1: error: semantic SQL may be 32768 bytes long'
like "too deep" "$(sql "SELECT $(yes '1 +' | head -5000 | tr -d '\n') 1 AS x")" '^-e:1:1: error: the SELECT nests too deeply'
like "... in brackets of sub-selects" "$(sql "SELECT x.a FROM $(yes '(SELECT x.a FROM ' | head -70 | tr -d '\n')(SELECT 1 AS a)$(yes ' x)' | head -70 | tr -d '\n') x")" 'error: .*deep'
like "WITH that doubles" "$(sql "WITH a0 AS (SELECT c.id FROM Customer c)$(i=1; while [ $i -lt 30 ]; do echo ", a$i AS (SELECT x.id FROM a$((i - 1)) x JOIN a$((i - 1)) y ON y.id = x.id)"; i=$((i + 1)); done) SELECT a29.id FROM a29")" 'error: a query may have 20000 operators, functions and columns'
for name in "c.$(printf 'x%.0s' $(seq 70)) FROM Customer c" "c.id FROM $(printf 'X%.0s' $(seq 70)) c"; do
  like "a name that the grammar would cut off" "$(sql "SELECT $name")" '^-e:1:[0-9]+: error: a name in SQL has at most 62 bytes'
done
like "a byte that is no UTF-8" "$(printf 'SELECT \047\377\047 AS x' > "$T/bad.sql"; "$STOA" query -C "$P" "$T/bad.sql" 2>&1)" 'bad.sql:1:9: error: byte 0xFF is no UTF-8 here'
is "--check reads without asking" "$("$STOA" query -C "$P" --check --sql -e 'SELECT c.id FROM Customer c' 2>&1; echo $?)" 0

# ---- values that are told here alone
is "negative numbers, quotients, casts" "$(sql "SELECT -5 AS a, - 7 AS b, 0 AS c, -2.5 AS d, 7 / 2 AS e, -7 / 2 AS f, 7 / 2.0 AS g, CAST(ROUND(2.5) AS integer) AS h, '12'::int + 1 AS i, CAST(1.50 AS text) AS j" | tail -1)" '-5,-7,0,-2.5,3,-3,3.5,3,13,1.50'
is "days and months" "$(sql "SELECT DATE '2026-01-31' + INTERVAL '1 month' AS a, DATE '2026-03-01' - DATE '2026-02-01' AS b, DATE '2026-03-01' - 1 AS c, DATE '2026-03-01' + INTERVAL '90 minutes' AS d, EXTRACT(EPOCH FROM TIMESTAMP '2026-03-01 01:00' - TIMESTAMP '2026-03-01 00:00+00') AS e, TIMESTAMP '2026-03-01 12:00:00+02' AS f, INTERVAL '3' HOUR AS g" | tail -1)" '2026-02-28,28,2026-02-28,2026-03-01T01:30:00Z,3600,2026-03-01T12:00:00+02:00,PT3H'
now() { "$STOA" query -C "$P" --asof "$1" --sql --format csv -e "$2" 2>&1 | tr -d '\r' | tail -1; }
is "today, at its first instant" "$(now 2026-10-20T00:00:00Z "SELECT CURRENT_DATE AS a, CURRENT_DATE - 1 AS b, CAST(CURRENT_TIMESTAMP AS date) AS c, EXTRACT(MONTH FROM CURRENT_DATE) AS d")" '2026-10-20,2026-10-19,2026-10-20,10'
for f in '<' '<=' '=' '>=' '>' '<>'; do # what SQLite says of days and of instants
  for at in 2026-09-01T00:00:00Z 2026-09-01T09:30:00Z; do
    is "days $f today, at $at" "$(now $at "SELECT COUNT(*) AS n FROM BureauReport r WHERE r.pulledOn $f CURRENT_DATE")" "$(sqlite3 "$P/data/bureau.db" "SELECT COUNT(*) FROM report WHERE pulled_on $f date('$at')")"
    is "days $f now, at $at" "$(now $at "SELECT COUNT(*) AS n FROM BureauReport r WHERE r.pulledOn $f CURRENT_TIMESTAMP")" "$(sqlite3 "$P/data/bureau.db" "SELECT COUNT(*) FROM report WHERE strftime('%s', pulled_on) + 0 $f strftime('%s', '$at') + 0")"
    is "instants $f today, at $at" "$(now $at "SELECT COUNT(*) AS n FROM Offer o WHERE CURRENT_DATE $f o.presentedAt")" "$(sqlite3 "$P/data/engagement.db" "SELECT COUNT(*) FROM offer WHERE strftime('%s', date('$at')) + 0 $f strftime('%s', presented_at) + 0")"
  done
done
is "NULLs are last, and first in descending order" "$(sql 'SELECT c.email FROM Customer c ORDER BY c.email LIMIT 1' | tail -1 | grep -c @) $(sql 'SELECT c.id, c.email FROM Customer c ORDER BY c.email DESC, c.id LIMIT 1' | tail -1 | grep -c '/[0-9]*,$')" "1 1"

# ---- feature views
sed 's/^#+ /--+ /; s/name: offer_contact/name: offers_in_sql/; /^PREFIX/,$d' "$P/features/offer_contact.rq" > "$P/features/offers_in_sql.sql"
echo 'SELECT o.offeredTo AS customer, o.presentedAt AS at, o.viaChannel AS channel, o.about AS product FROM Offer o' >> "$P/features/offers_in_sql.sql"
vectors() { "$STOA" features get -C "$P" --asof $AT --format csv "$1" $(seq 60) 2>&1 | sed "s/$1__//g"; }
vectors offer_contact > "$T/in.rq"; vectors offers_in_sql > "$T/in.sql"
ok "a window view in SQL has the features that it has in SPARQL" sh -c 'cmp "$1" "$2" && [ "$(tail -n +2 "$1" | grep -c "[1-9],")" -gt 20 ]' same "$T/in.rq" "$T/in.sql"
cat > "$P/features/touched.sql" <<'V'
--+ feature_view:
--+   name: touched
--+   kind: query
--+   entity: {who: customer_id}
--+   features: {n: int32}
SELECT e.actor AS who, COUNT(*) AS n FROM EngagementEvent e GROUP BY e.actor
V
serve "$P" || ok "the server starts" false
for i in 1 2 3; do curl -s "$HTTP/events/click" -d "{\"id\": \"n$i\", \"at\": \"2026-10-19T10:00:00Z\", \"channel\": \"web\", \"kind\": \"viewed\"}" > "$T/event"; done
is "an event of nobody is nobody's" "$(r HMGET touched:1 touched__n; r HMGET touched:2 touched__n)" "$(for i in 1 2; do sqlite3 "$P/data/engagement.db" "SELECT COUNT(*) FROM event WHERE customer_id = $i"; done)"
is "... and is there" "$(curl -s "$HTTP/sparql" -H 'Accept: text/csv' --data-urlencode "query=$B SELECT (COUNT(*) AS ?n) { ?e a b:WebEvent FILTER NOT EXISTS { ?e b:actor ?c } }" | tr -d '\r' | tail -1)" 3
stop_server
check() { "$STOA" check -C "$P" 2>&1; }
fault() { # CLAIM SED PATTERN: of the view touched
  cp "$P/features/touched.sql" "$T/kept"; sed -i "$2" "$P/features/touched.sql"; like "$1" "$(check)" "$3"; cp "$T/kept" "$P/features/touched.sql"
}
fault "a fault in a view has its place" 's/e.actor AS/e.acter AS/' 'features/touched.sql:6:8: error: EngagementEvent has no property "acter"; did you mean actor\?'
fault "a feature that is not selected is named" 's/{n: int32}/{m: int32}/' 'features/touched.sql:5:[0-9]+: error: the query does not select \?m'
fault "what is one of SPARQL's kind" 's/kind: query/kind: request/' 'features/touched.sql:3:[0-9]+: error: a view of kind request is written in SPARQL'
fault "a header that is missing" 's/^--+/--/' 'features/touched.sql:1:1: error: needs a header line "--\+ feature_view:"'
fault "a key of the header" 's/kind: query/kind: query\n--+   knd: x/' 'features/touched.sql:4:[0-9]+: error: .*knd'
version() { "$STOA" features show -C "$P" touched | sed -n 's/^ *version *//p'; }
v=$(version); sed -i 's/^SELECT /-- a remark\nselect   /; s/ FROM / from  /' "$P/features/touched.sql"
is "how it is written is no part of a view's version" "$(version)" "$v"
sed -i 's/ GROUP BY/ WHERE LENGTH(e.kind) > -5&/' "$P/features/touched.sql"; w=$(version)
ok "... what it says is" test "$w" != "$v"
sed -i 's/> -5/> -6/' "$P/features/touched.sql"
ok "... negative numbers among it" test "$(version)" != "$w"
printf 'SELECT c.id, c.emial\nFROM Customer c\n' > "$P/queries/mails.sql"
like "a saved query is checked" "$(check)" 'queries/mails.sql:1:14: error: Customer has no property "emial"; did you mean email\?'
sed -i 's/emial/email/' "$P/queries/mails.sql"
is "... and its lineage told" "$("$STOA" lineage -C "$P" "$P/queries/mails.sql" | grep value | sort -u | tr -s ' ')" ' value product: customer.customer_id
 value product: customer.email'
done_testing
