#!/bin/sh
# Sources change under a running server: files that are replaced, shortened, overwritten, removed, locked.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v redis-cli > /dev/null && command -v sqlite3 > /dev/null || skip_all "redis-cli and sqlite3 are needed"
bank 100
P=$T/bank; F=$P/data/product.db
slow=1; [ -z "${STOA_SANITIZERS:-}" ] || slow=8
ms() { date +%s%N | cut -c1-13; }
for f in "$P"/data/*.db; do sqlite3 "$f" 'PRAGMA journal_mode=DELETE' > /dev/null; done
serve "$P" || exit 1
band() { r HGET next_offer_v1:7 profile__income_band 2>&1; }
soon() { # CLAIM EXPECTED: what the breaker holds back for a moment comes soon
  i=0; until [ "$(band)" = "$2" ] || [ $i -gt 200 ]; do i=$((i + 1)); sleep 0.05; done; is "$1" "$(band)" "$2"
}
old=$(band)
like "a feature of the source" "$old" '^[a-z]'
cp "$F" "$T/new.db"
sqlite3 "$T/new.db" "UPDATE customer SET income_band = 'replaced' WHERE customer_id = 7"
cp "$T/new.db" "$T/renamed.db"; mv "$T/renamed.db" "$F"
is "a file that another took the place of is read at the next request" "$(band)" replaced
is "... by SPARQL too" "$(sparql "$B SELECT ?b { <https://bank.example/customer/7> b:incomeBand ?b }" | tr -d '\r' | tail -1)" replaced
sqlite3 "$T/new.db" "UPDATE customer SET income_band = 'copied' WHERE customer_id = 7"
cat "$T/new.db" > "$F"
is "one that was written over in its place" "$(band)" copied
mv "$F" "$T/away.db"
like "one that is gone is an error that says so" "$(band)" 'source product: cannot open .*product.db'
is "... for those alone who need it" "$(r HGET segment:7 bureau__risk_band | grep -c .)" 1
mv "$T/away.db" "$F"
i=0; until [ "$(band)" = copied ] || [ $i -gt 120 ]; do i=$((i + 1)); sleep 0.05; done
is "when it is back it is read" "$(band)" copied
: > "$F"
like "one that was emptied is an error" "$(band)" 'source product'
cat "$T/new.db" > "$F"
soon "... until it is filled" copied
head -c 200000 /dev/urandom | dd of="$F" conv=notrunc 2> /dev/null
like "one that is no database any more is an error" "$(band)" 'source product'
cat "$T/new.db" > "$F"
soon "... until it is one" copied
i=0; while [ $i -lt 40 ]; do
  i=$((i + 1)); cat "$T/new.db" > "$F" & w=$!
  while kill -0 $w 2> /dev/null; do r HMGET next_offer_v1:$i profile__income_band > /dev/null 2>&1; done
done
ok "a server whose files are written over while it reads lives" kill -0 "$SERVER"
soon "... and answers" copied
sqlite3 "$F" 'ALTER TABLE customer RENAME COLUMN income_band TO band'
like "a column that is gone is named" "$(band)" 'no such column'
bands() { curl -s -o "$T/body" -w '%{http_code}' "$HTTP/sparql" --data-urlencode "query=$B SELECT * { ?s b:incomeBand ?b }"; }
is "... which is no fault of who asks" "$(bands)" 500
sqlite3 "$F" 'ALTER TABLE customer RENAME TO client'
is "... nor is a table" "$(bands)" 500
like "... that is named" "$(cat "$T/body")" '"code":"InternalError".*no such table'
sqlite3 "$F" 'ALTER TABLE client RENAME TO customer'
sqlite3 "$F" 'ALTER TABLE customer RENAME COLUMN band TO income_band'
soon "... and back" copied

# A lock that another process holds.
mkfifo "$T/hold"
sqlite3 "$F" > /dev/null < "$T/hold" &
exec 3> "$T/hold"
echo 'BEGIN EXCLUSIVE;' >&3
sleep 0.5
i=0; while [ $i -lt 6 ]; do i=$((i + 1)); r HMGET next_offer_v1:$i profile__income_band > "$T/blocked.$i" 2>&1 & done
sleep 0.2
s=$(ms)
like "while a source is locked a rank without it is made" "$(r RANK next_offer '{}')" '"ranking"'
is "... features of other sources are computed" "$(r HGET segment:7 bureau__risk_band | grep -c .)" 1
is "... and events kept" "$(r EVENT click '{"id":"l","at":"2026-11-20T10:00:00Z","customer":1,"channel":"web","kind":"x"}')" l
e=$(($(ms) - s)); ok "... at once ($e ms)" test "$e" -lt $((700 * slow))
sleep 3
is "who needs it is told" "$(cat "$T"/blocked.* | grep -c 'database is locked\|requests wait for it')" 6
s=$(ms); like "its breaker is open" "$(band)" 'database is locked'; e=$(($(ms) - s))
ok "... mostly without a wait ($e ms)" test "$e" -lt $((2500 * slow))
i=0; until grep -q 'not ready: .*product.*locked.* part=sources' "$T/server.log" || [ $i -gt 80 ]; do i=$((i + 1)); sleep 0.1; done
ok "the log says that the server is not ready" test $i -le 80
echo 'ROLLBACK;' >&3
exec 3>&-
soon "when the lock is gone it is read" copied
i=0; until [ "$(curl -s "$HTTP/readyz")" = ok ] || [ $i -gt 50 ]; do i=$((i + 1)); sleep 0.1; done
ok "... and the server is ready" test $i -le 50
ok "the server stops cleanly" stop_server

# Files of a folder.
C=$T/folder; mkdir -p "$C/data"
printf 'base: https://x.example/\nsources: {c: {driver: csv, address: data, mappings: [m.ttl]}}\n' > "$C/stoa.yaml"
cat > "$C/m.ttl" <<'M'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix x: <https://x.example/> .
<#a> rr:logicalTable [ rr:tableName "people" ]; rr:subjectMap [ rr:template "p/{id}" ]; rr:predicateObjectMap [ rr:predicate x:name; rr:objectMap [ rr:column "name" ] ] .
M
printf 'id,name\n1,ann\n' > "$C/data/people.csv"; cp "$C/data/people.csv" "$C/data/more.csv"
serve "$C"
names() { curl -s -o "$T/body" -w '%{http_code}' "$HTTP/sparql" --data-urlencode 'query=SELECT * { ?s <https://x.example/name> ?n }'; }
is "a file of a folder is read" "$(names)" 200
mv "$C/data/people.csv" "$T/people.csv"
is "one that is gone is no fault of who asks" "$(names)" 503
like "... and named" "$(cat "$T/body")" 'people.csv: No such file'
printf 'id,name\n1,"ann\n' > "$C/data/people.csv"
is "nor one that is no CSV" "$(names)" 500
mv "$T/people.csv" "$C/data/people.csv"
is "when it is back it is read" "$(names)" 200
mv "$C/data" "$C/away"
is "the folder itself" "$(names)" 503
i=0; until [ "$(curl -s -o "$T/why" -w '%{http_code}' "$HTTP/readyz")" = 503 ] || [ $i -gt 400 ]; do i=$((i + 1)); sleep 0.05; done
like "... is away, the server is not ready" "$(cat "$T/why")" 'sources: .*no folder at .*data'
mv "$C/away" "$C/data"
is "... and when it is back it is read" "$(names)" 200
stop_server
done_testing
