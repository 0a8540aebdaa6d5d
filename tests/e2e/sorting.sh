#!/bin/sh
# ORDER BY of more rows than are sorted at once: in order, equal keys as they came, and under a LIMIT the first of them.
. "${STOA_SRC:?}/tests/support/lib.sh"
awk 'BEGIN { for (i = 1; i <= 10000; ++i) printf "<https://e/x/%05d> <https://e/k> \"%d\"^^<http://www.w3.org/2001/XMLSchema#integer> .\n", i, i * 7919 % 97 }' > "$T/d.nt"
q() { "$STOA" query --data "$T/d.nt" --format csv -e "$1" | tr -d '\r' | sed 1d; }
q 'SELECT ?k ?x { ?x <https://e/k> ?k }' > "$T/as-they-come"
q 'SELECT ?k ?x { ?x <https://e/k> ?k } ORDER BY ?k' > "$T/sorted"
sort -s -t , -k 1,1n "$T/as-they-come" > "$T/expected"
ok "10,000 rows leave in order, equal keys as they came" cmp "$T/expected" "$T/sorted"
q 'SELECT ?k ?x { ?x <https://e/k> ?k } ORDER BY DESC(?k) ?x' > "$T/down"
sort -t , -k 1,1nr -k 2,2 "$T/as-they-come" > "$T/expected-down"
ok "by two keys, the first downwards" cmp "$T/expected-down" "$T/down"
for n in 1 50 104 4097; do
  q "SELECT ?k ?x { ?x <https://e/k> ?k } ORDER BY ?k LIMIT $n" > "$T/first"
  head -n $n "$T/sorted" > "$T/head"
  ok "LIMIT $n gives the first of them" cmp "$T/head" "$T/first"
done
q 'SELECT ?k ?x { ?x <https://e/k> ?k } ORDER BY ?k OFFSET 100 LIMIT 20' > "$T/middle"
sed -n '101,120p' "$T/sorted" > "$T/expected-middle"
ok "OFFSET leaves out the first of them" cmp "$T/expected-middle" "$T/middle"
q 'SELECT ?k ?x { ?x <https://e/k> ?k } OFFSET 3000 LIMIT 1500' > "$T/beyond"
sed -n '3001,4500p' "$T/as-they-come" > "$T/expected-beyond"
ok "and so without an order, beyond several batches" cmp "$T/expected-beyond" "$T/beyond"
done_testing
