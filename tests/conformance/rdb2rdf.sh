#!/bin/sh
# The W3C RDB2RDF suite and the kg-construct R2RML cases, on SQLite, or on PostgreSQL (rdb2rdf_postgres.sh): positive cases give the expected dataset up to the
# names of blank nodes, negative ones are refused with a reason.  STOA_CASES=PATTERN runs those alone.
. "${STOA_SRC:?}/tests/support/lib.sh"
SUITES=${STOA_SHARED:?}/suites/rdb2rdf
[ -d "$SUITES/w3c" ] || skip_all "rdb2rdf: absent; see README.md for where to get it"
DRIVER=${DRIVER:-sqlite}
LIST=$SRC/tests/conformance/expected-failures-rdb2rdf-$DRIVER
if [ "$DRIVER" = postgresql ]; then
  . "${STOA_SRC:?}/tests/support/postgres.sh"
  pg_start cluster || skip_all "PostgreSQL: not installed (package postgresql)"
  URL=$PG_URL
else
  URL=sqlite:$T/d.db
fi
T_NS='PREFIX t: <http://purl.org/NET/rdb2rdf-test#> PREFIX dc: <http://purl.org/dc/elements/1.1/> PREFIX d: <http://purl.org/dc/terms/>'
passed=0
verdict() { # NAME CODE: 0 passed
  N=$((N + 1))
  todo=$(awk -v c="$1" '$1 == c { sub(/^[^ ]+ +/, ""); print " # TODO " $0 }' "$LIST")
  if [ "$2" = 0 ]; then echo "ok $N - $1$todo"; passed=$((passed + 1)); else echo "not ok $N - $1$todo"; head -8 "$T/why" | cut -c1-300 | sed 's/^/# /'; fi
}
database() { # SCRIPT: a database with what it makes
  if [ "$DRIVER" = postgresql ]; then
    pg -c 'DROP SCHEMA public CASCADE' -c 'CREATE SCHEMA public' > "$T/sql" 2>&1
    psql -X -q "$PG dbname=postgres" < "$1" >> "$T/sql" 2>&1
  else
    rm -f "$T/d.db"; sqlite3 "$T/d.db" < "$1" > "$T/sql" 2>&1
  fi
}
script_of() { # DIR
  if [ -f "$1/create.$DRIVER.sql" ]; then echo "$1/create.$DRIVER.sql"; else echo "$1/create.sql"; fi
}
kg_script_of() { # FILE
  own=$SUITES/kg-construct/databases/${1%.sql}-$DRIVER.sql
  if [ -f "$own" ]; then echo "$own"; else echo "$SUITES/kg-construct/databases/$1"; fi
}
run_case() { # NAME EXPECTED-OR-EMPTY ARGS...
  name=$1 expected=$2; shift 2
  timeout 20 "$STOA" map --source "$URL" "$@" -o "$T/out.nq" > "$T/why" 2>&1; code=$?
  if [ -n "$expected" ]; then
    [ $code -ne 0 ] || { "$BUILD/tests/conformance/same" "$T/out.nq" "$expected" > "$T/why" 2>&1; code=$?; }
    verdict "$name" $code
  else
    [ $code -eq 1 ] && grep -q 'error:' "$T/why" && code=0 || { echo "exit $code, an error is expected" >> "$T/why"; code=1; }
    verdict "$name" $code
  fi
}
cases() { # MANIFEST: identifier, mapping, has output, output, script of each case
  "$STOA" query --data "$1" --format tsv -e "$T_NS SELECT ?id (COALESCE(?map, \"-\") AS ?m) ?has (COALESCE(?o, \"-\") AS ?out) ?sql { ?c t:database ?db ; dc:identifier|d:identifier ?id . ?db t:sqlScriptFile ?sql OPTIONAL { ?c t:mappingDocument ?map } OPTIONAL { ?c t:hasExpectedOutput ?has } OPTIONAL { ?c t:output ?o } } ORDER BY ?id" | sed 1d | tr -d '"'
}
for dir in "$SUITES"/w3c/D*/; do
  cases "$dir/manifest.ttl" > "$T/cases"
  database "$(script_of "$dir")"
  while IFS='	' read -r id mapping has out sql; do
    case $id in *${STOA_CASES:-}*) ;; *) continue ;; esac
    case $has in false*) expected= ;; *) expected=$dir$out ;; esac
    if [ "$mapping" != - ]; then run_case "w3c/$id" "$expected" --mapping "$dir$mapping"; else run_case "w3c/$id" "$expected" --direct; fi
  done < "$T/cases"
done
echo "# w3c: $passed of $N"; before=$N; passed=0
cases "$SUITES/kg-construct/manifest.ttl" > "$T/cases"
while IFS='	' read -r id mapping has out sql; do
  case $id in *${STOA_CASES:-}*) ;; *) continue ;; esac
  dir=$SUITES/kg-construct/$id
  database "$(kg_script_of "$sql")"
  case $has in false*) expected= ;; *) expected=$dir/$out ;; esac
  run_case "kg-construct/$id" "$expected" --mapping "$dir/$mapping"
done < "$T/cases"
echo "# kg-construct: $passed of $((N - before))"
if [ -z "${STOA_CASES:-}" ]; then
  ok "all cases were found" [ "$N" -ge 149 ]
  database "$(script_of "$(echo "$SUITES"/w3c/D001*/)")"
  "$STOA" map --source "$URL" --mapping "$(echo "$SUITES"/w3c/D001*/)r2rmla.ttl" -o "$T/out.nq" 2> /dev/null
  sed 's/Venus/Mars/' "$T/out.nq" > "$T/wrong.nq"
  ok "the comparison sees a wrong literal" sh -c "! '$BUILD/tests/conformance/same' '$T/wrong.nq' '$T/out.nq'"
fi
done_testing
