#!/bin/sh
# stoa bootstrap: what it writes is checked, answers as the database does, and is never written over.
. "${STOA_SRC:?}/tests/support/lib.sh"
bank 60
for name in bureau product transaction engagement; do
  db=$T/bank/data/$name.db
  [ -f "$db" ] || continue
  ok "$name: a folder is written" "$STOA" bootstrap --source "sqlite:$db" -o "$T/$name" --base http://b.example/
  ok "$name: it passes the check" "$STOA" check -C "$T/$name"
  want=0; for t in $(sqlite3 "$db" "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"); do
    want=$((want + $(sqlite3 "$db" "SELECT COUNT(*) FROM \"$t\"")))
  done
  is "$name: every row is a node of its table's class" "$("$STOA" query -C "$T/$name" --format csv -e 'SELECT (COUNT(*) AS ?n) { ?s a ?c FILTER(STRSTARTS(STR(?c), "http://b.example/")) }' | tr -d '\r' | tail -1)" "$want"
done
is "foreign keys are object properties" "$("$STOA" query -C "$T/product" --format csv -e 'PREFIX : <http://b.example/ontology#> SELECT (COUNT(*) AS ?n) { ?h a :Holding ; :customer ?c . ?c a :Customer ; :household ?f . ?f a :Household }' | tr -d '\r' | tail -1)" "$(sqlite3 "$T/bank/data/product.db" 'SELECT COUNT(*) FROM holding')"
"$STOA" bootstrap --source "sqlite:$T/bank/data/product.db" -o "$T/product" > "$T/again" 2>&1; is "nothing is written over (exit 1)" $? 1
like "... by name" "$(cat "$T/again")" 'product/stoa.yaml: error: is there already'
sqlite3 "$T/odd.db" <<'X'
CREATE TABLE "Target {1}" ("P K" INTEGER PRIMARY KEY, "k""1" TEXT, "k\2" TEXT, UNIQUE ("k""1", "k\2"));
CREATE TABLE source (id INTEGER, a TEXT, b TEXT, "2nd" INTEGER REFERENCES "Target {1}", FOREIGN KEY (a, b) REFERENCES "Target {1}"("k""1", "k\2"));
INSERT INTO "Target {1}" VALUES (1, 'x', 'y'), (2, 'z', NULL);
INSERT INTO source VALUES (7, 'x', 'y', 2), (7, 'x', 'y', 2), (8, 'z', NULL, NULL);
X
ok "odd names and keys: a folder is written" "$STOA" bootstrap --source "sqlite:$T/odd.db" -o "$T/odd" --base http://o.example/
ok "... and passes the check" "$STOA" check -C "$T/odd"
is "... rows without a key are told apart" "$("$STOA" query -C "$T/odd" --format csv -e 'PREFIX : <http://o.example/ontology#> SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a :Source }' | tr -d '\r' | tail -1)" 3
is "... a key that points to no primary key is joined" "$("$STOA" query -C "$T/odd" --format csv -e 'PREFIX : <http://o.example/ontology#> SELECT (COUNT(*) AS ?n) { ?s a :Source ; :target1 ?t . ?t :pK 1 }' | tr -d '\r' | tail -1)" 2
is "... one that points to it is not" "$("$STOA" query -C "$T/odd" --format csv -e 'PREFIX : <http://o.example/ontology#> SELECT (COUNT(*) AS ?n) { ?s :_2nd <http://o.example/Target%20%7B1%7D/2> }' | tr -d '\r' | tail -1)" 2
"$STOA" bootstrap --source "sqlite:$T/none.db" -o "$T/none" > "$T/out" 2>&1; is "no database there" $? 3
done_testing
