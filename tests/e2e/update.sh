#!/bin/sh
# stoa update: a graph of files changed, and the file replaced wholly or not at all.
. "${STOA_SRC:?}/tests/support/lib.sh"
F=$T/g.nq
cat > "$F" <<'X'
<http://x/a> <http://x/p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .
<http://x/b> <http://x/p> "zwei \"2\""@de .
<http://x/c> <http://x/p> _:n <http://x/g> .
X
up() { "$STOA" update --data "$F" -o "$F" "$@" 2>&1; }
n() { "$STOA" query --data "$F" --format csv -e "SELECT (COUNT(*) AS ?n) $1" | tr -d '\r' | tail -1; }
like "INSERT DATA comes in" "$(up -e 'PREFIX x: <http://x/> INSERT DATA { x:d x:p "é\u0041", 2.5 . GRAPH x:g { x:e x:q true } }')" '0 quads asked to go, 3 to come; .* holds 6'
is "and is in the file" "$(n '{ <http://x/d> <http://x/p> "éA" }')" 1
is "in its graph" "$(n '{ GRAPH <http://x/g> { <http://x/e> ?p true } }')" 1
up -e 'PREFIX x: <http://x/> DELETE { ?s x:p ?o } INSERT { ?s x:was ?o ; x:note [ x:of ?s ] } WHERE { ?s x:p ?o FILTER(ISNUMERIC(?o)) }' > "$T/o"
is "DELETE and INSERT WHERE change what matches" "$(n '{ ?s <http://x/was> ?o ; <http://x/note>/<http://x/of> ?s }')" 2
is "and leave the rest" "$(n '{ ?s <http://x/p> ?o }')" 2
is "a language's letters survive the file" "$("$STOA" query --data "$F" --format csv -e 'SELECT ?o { <http://x/b> ?p ?o FILTER(LANG(?o) = "de") }' | tr -d '\r' | tail -1)" '"zwei ""2"""'
before=$(cksum < "$F")
out=$(up -e 'INSERT DATA { <http://x/z> <http://x/p> 1 } ; DROP GRAPH <http://x/none>'); code=$?
like "a graph that is not there is told with its place" "$out" '^-e:1:47: error: there is no graph <http://x/none>'
is "... exit 1" $code 1
is "and nothing of the request reached the file" "$(cksum < "$F")" "$before"
like "a variable in DATA is told with its place" "$(up -e 'INSERT DATA { ?x <p> 1 }')" '1:15: error: variables cannot stand in DATA'
like "a query is no update" "$(up -e 'SELECT * {}')" '1:1: error: INSERT, DELETE, .* expected, found "SELECT"'
answer() { # BYTES: serve them once; sets P
  P=$((20000 + ($$ + N * 89) % 30000))
  printf '%b' "$1" | timeout 20 nc -l -N 127.0.0.1 "$P" > "$T/nc" 2>&1 &
  sleep 0.3
}
answer 'HTTP/1.1 200 OK\r\nContent-Type: text/turtle\r\nContent-Length: 11\r\n\r\n<a> <b> 7 .'
is "LOAD fetches a document; its IRIs are relative to where it lies" "$("$STOA" update -e "LOAD <http://127.0.0.1:$P/d/x> INTO GRAPH <http://x/g>" | sed "s/$P/P/g")" '<http://127.0.0.1:P/d/a> <http://127.0.0.1:P/d/b> "7"^^<http://www.w3.org/2001/XMLSchema#integer> <http://x/g> .'
answer 'HTTP/1.1 200 OK\r\nContent-Type: text/turtle\r\nContent-Length: 5\r\n\r\n<><>{'
like "a document that crashes the reader is an error" "$("$STOA" update -e "LOAD <http://127.0.0.1:$P/>" 2>&1)" 'error: '
answer 'HTTP/1.1 200 OK\r\nContent-Type: text/turtle\r\nContent-Length: 7\r\n\r\n<a> <b>'
like "half a document too" "$("$STOA" update -e "LOAD <http://127.0.0.1:$P/>" 2>&1)" 'error: '
answer 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>'
like "HTML is no RDF" "$("$STOA" update -e "LOAD <http://127.0.0.1:$P/>" 2>&1)" 'answered "text/html", which is no RDF syntax'
like "no server there" "$("$STOA" update -e 'LOAD <http://127.0.0.1:1/x>' 2>&1)" 'cannot be asked'
is "... and SILENT goes on" "$("$STOA" update -e 'LOAD SILENT <http://127.0.0.1:1/x> ; INSERT DATA { <http://x/a> <http://x/b> 1 }' | wc -l)" 1
printf '<http://x/l> <http://x/p> 5 .\n' > "$T/l.ttl"
up -e "LOAD <file://$T/l.ttl> INTO GRAPH <http://x/l> ; COPY GRAPH <http://x/l> TO <http://x/m> ; MOVE <http://x/m> TO DEFAULT" > "$T/o"
is "LOAD, COPY and MOVE" "$(n '{ <http://x/l> <http://x/p> 5 }')$(n '{ GRAPH <http://x/l> { ?s ?p ?o } }')$(n '{ GRAPH <http://x/m> { ?s ?p ?o } }')" 110
mkdir "$T/full"; chmod 500 "$T/full"
[ "$(id -u)" = 0 ] || like "a folder that cannot be written to is told" "$("$STOA" update -o "$T/full/x.nq" -e 'CLEAR ALL' 2>&1)" 'Permission denied'
is "--check only parses" "$("$STOA" update --check -e 'CLEAR ALL'; echo $?)" 0
is "without -o the quads go to standard output" "$("$STOA" update -e 'INSERT DATA { <http://x/a> <http://x/b> "c" }')" '<http://x/a> <http://x/b> "c" .'
done_testing
