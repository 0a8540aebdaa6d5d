#!/bin/sh
# Keys that may be NULL (rule 20): rows that agree on one are one row where it is there, and only there.
. "${STOA_SRC:?}/tests/support/lib.sh"
mkdir "$T/p"; cd "$T/p" || exit 99
sqlite3 data.db "CREATE TABLE card(no VARCHAR(9) UNIQUE, holder VARCHAR(9), kind VARCHAR(9), until INTEGER);
INSERT INTO card VALUES ('a','Ann','gold',1),('b','Bob',NULL,2),('c',NULL,'blue',NULL),(NULL,'Dot','gold',4),(NULL,'Eve',NULL,5),(NULL,NULL,'blue',6)"
cat > m.ttl <<'Y'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix : <https://e/> .
<#card> rr:logicalTable [ rr:tableName "card" ] ; rr:subjectMap [ rr:template "card/{no}" ; rr:class :Card ] ;
  rr:predicateObjectMap [ rr:predicate :holder ; rr:objectMap [ rr:column "holder" ] ] ;
  rr:predicateObjectMap [ rr:predicate :kind ; rr:objectMap [ rr:column "kind" ] ] ;
  rr:predicateObjectMap [ rr:predicate :until ; rr:objectMap [ rr:column "until" ] ] .
Y
printf 'project: keys\nbase: https://e/\nsources:\n  db: { driver: sqlite, address: data.db, mappings: [m.ttl] }\n' > stoa.yaml
"$STOA" materialize -C . -o all.nt 2> /dev/null
cat > queries <<'Q'
?c :holder ?h OPTIONAL { ?c :kind ?k }
?c :holder ?h OPTIONAL { ?c :kind ?k ; :until ?u }
?c a :Card OPTIONAL { ?c :holder ?h OPTIONAL { ?c :kind ?k } }
?c :holder ?h ; :kind ?k ; :until ?u
?c a :Card FILTER NOT EXISTS { ?c :kind ?k }
?c a :Card FILTER EXISTS { ?c :holder ?h ; :until ?u FILTER(?u > 1) }
?c :until ?u MINUS { ?c :holder ?h }
?c a :Card FILTER NOT EXISTS { ?c :holder ?h FILTER NOT EXISTS { ?c :kind ?k } }
Q
while read -r q; do
  text="PREFIX : <https://e/> SELECT * { $q }"
  same_rows "$q" . all.nt "$text"
  is "... is one scan" "$("$STOA" query -C . --explain=sql -e "$text" | grep -o 'FROM "card"' | wc -l)" 1
done < queries
done_testing
