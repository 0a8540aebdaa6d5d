#!/bin/sh
# Rows that are kept of a source that grows: with a watermark only those are made anew that new rows reach.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v sqlite3 > /dev/null || skip_all "sqlite3 is needed"
P=$T/p
mkdir -p "$P/features" "$P/mappings" "$P/data"
db() { sqlite3 "$P/data/$1.db" "$2"; }
db pay "CREATE TABLE pay(id INTEGER PRIMARY KEY, customer INTEGER, at TEXT, amount INTEGER, batch INTEGER GENERATED ALWAYS AS (id / 10)); CREATE INDEX pay_customer ON pay(customer)"
db pay "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO pay(id, customer, at, amount) SELECT i, i % 200, strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-' || (i / 2) || ' minutes'), 1 FROM n"
db shop "CREATE TABLE account(id INTEGER PRIMARY KEY, owner INTEGER); INSERT INTO account SELECT value, value FROM json_each('[$(seq -s, 0 260)]')"
cat > "$P/stoa.yaml" <<'X'
base: https://x.example/
sources:
  pay: {driver: sqlite, address: data/pay.db, mappings: [mappings/pay.ttl]}
  shop: {driver: sqlite, address: data/shop.db, mappings: [mappings/shop.ttl]}
state: {driver: sqlite, address: state.db}
X
cat > "$P/mappings/pay.ttl" <<'X'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix x: <https://x.example/#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<#pay> rr:logicalTable [ rr:tableName "pay" ] ; rr:subjectMap [ rr:template "https://x.example/pay/{id}" ; rr:class x:Pay ] ;
  rr:predicateObjectMap [ rr:predicate x:from ; rr:objectMap [ rr:template "https://x.example/account/{customer}" ] ] ,
    [ rr:predicate x:at ; rr:objectMap [ rr:column "at" ; rr:datatype xsd:dateTime ] ] ,
    [ rr:predicate x:seq ; rr:objectMap [ rr:column "batch" ; rr:datatype xsd:integer ] ] , [ rr:predicate x:note ; rr:objectMap [ rr:template "n{id}" ; rr:termType rr:Literal ] ] ,
    [ rr:predicate x:amount ; rr:objectMap [ rr:column "amount" ] ] .
X
cat > "$P/mappings/shop.ttl" <<'X'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix x: <https://x.example/#> .
<#account> rr:logicalTable [ rr:tableName "account" ] ; rr:subjectMap [ rr:template "https://x.example/account/{id}" ; rr:class x:Account ] ;
  rr:predicateObjectMap [ rr:predicate x:owner ; rr:objectMap [ rr:template "https://x.example/customer/{owner}" ] ] .
X
cat > "$P/features/entities.yaml" <<'X'
customer: {class: "https://x.example/#Account", key: {id: int64}, iri: "https://x.example/customer/{id}"}
X
view() { # NAME KEYS: a window view of payments
  cat > "$P/features/$1.rq" <<X
#+ feature_view: {name: $1, kind: window, entity: {c: id}, time: at, value: v, windows: [1d], aggregates: [count, sum], freshness: 1s$2}
PREFIX x: <https://x.example/#>
SELECT ?c ?at ?v ?seq ?note WHERE { ?p a x:Pay ; x:from/x:owner ?c ; x:at ?at ; x:amount ?v ; x:seq ?seq ; x:note ?note }
X
}
view marked ", watermark: seq"
view plain ""
ok "a window view has a watermark" "$STOA" check -C "$P"
serve "$P" || exit 1
made() { curl -s "$HTTP/metrics" | awk -v v="$1" 'index($0, "stoa_feature_rows_made_total{view=\"" v "\"}") { print $2 }'; }

count() { r HMGET "$1:$2" "$1__count_1d"; }
all() { r FEATURES.GET "$1" $(seq 0 199) > "$T/$1.all"; }
for v in marked plain; do all $v; done
sleep 1.2; for v in marked plain; do all $v; done
m=$(made marked); p=$(made plain)
sleep 1.2; for v in marked plain; do all $v; done
is "while nothing comes no row is made again" "$(made marked) $(made plain)" "$m $p"
db pay "INSERT INTO pay(id, customer, at, amount) VALUES (2001, 7, strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-3 hours'), 5)"
before=$(count marked 8)
sleep 1.2; for v in marked plain; do all $v; done
is "a new row, which is late, is seen" "$(count marked 7) $(count plain 7)" "11 11"
between() { test "$1" -ge "$2" -a "$1" -le "$3"; } # a source that has just changed is asked again
n=$(($(made marked) - m)); ok "... and only its entity's row was made again, and that of the one with as much before ($n)" between $n 2 8
n=$(($(made plain) - p)); ok "... without a watermark all are ($n)" between $n 200 1000
is "... the others are as they were" "$(count marked 8)" "$before"
cmp -s "$T/marked.all" "$T/plain.all"; is "both have the same rows" "$(sed s/marked/plain/g "$T/marked.all" | diff - "$T/plain.all")" ''
db pay "INSERT INTO pay(id, customer, at, amount) SELECT 2001 + value, value, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), 2 FROM json_each('[$(seq -s, 1 20)]')"
m=$(made marked); sleep 1.2; for v in marked plain; do all $v; done
is "of twenty new rows each is seen" "$(sed s/marked/plain/g "$T/marked.all" | diff - "$T/plain.all") $(count marked 20)" " 11"
n=$(($(made marked) - m)); ok "... and those rows are made again, and that of the one with as much ($n)" between $n 21 63
# Somebody of whom no row is kept, and one whose account comes later than the payment.
db pay "INSERT INTO pay(id, customer, at, amount) VALUES (2100, 299, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), 1)"
sleep 1.2; all marked
db shop "INSERT INTO account VALUES (299, 3)"
m=$(made marked); sleep 1.2; for v in marked plain; do all $v; done
n=$(($(made marked) - m)); ok "when another source changes all rows are made again ($n)" between $n 200 1000
is "... with what that brought" "$(sed s/marked/plain/g "$T/marked.all" | diff - "$T/plain.all") $(count marked 3)" " 12"
stop_server

fault() { # CLAIM KEYS PATTERN
  view marked "$2"
  like "$1" "$("$STOA" check -C "$P" 2>&1)" "$3"
}
fault "a watermark that is no column" ", watermark: sequence" 'features/marked.rq:1:[0-9]+: error: .*sequence'
fault "... that has no order" ", watermark: note" 'features/marked.rq:1:[0-9]+: error: \?note is mapped to no number, xsd:dateTime or xsd:date; a watermark grows'
cat > "$P/mappings/more.ttl" <<'X'
@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix x: <https://x.example/#> .
<#more> rr:logicalTable [ rr:tableName "account" ] ; rr:subjectMap [ rr:template "https://x.example/account/{id}" ] ;
  rr:predicateObjectMap [ rr:predicate x:seq ; rr:objectMap [ rr:column "id" ] ] .
X
sed -i 's|mappings/shop.ttl|mappings/shop.ttl, mappings/more.ttl|' "$P/stoa.yaml"
view marked ", watermark: seq"; sed -i 's/?p a x:Pay ; //; s/?p x:from/?p x:from/; s/x:seq ?seq ; x:note ?note/x:note ?note . ?any x:seq ?seq/; s/WHERE { x:from/WHERE { ?p x:from/' "$P/features/marked.rq"
like "... that is read from two sources" "$("$STOA" check -C "$P" 2>&1)" 'marked.rq:1:[0-9]+: error: \?seq is read from source "pay" and from "shop"; the rows of one'
view marked ", watermark: seq"; sed -i 's/freshness: 1s, //; s/, freshness: 1s//' "$P/features/marked.rq"
like "... of rows that are not kept" "$("$STOA" check -C "$P" 2>&1)" 'marked.rq:1:[0-9]+: error: a watermark is of rows that are kept; say how old'
done_testing
