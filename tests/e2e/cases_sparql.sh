#!/bin/sh
# The query language, one folder of tests/cases/sparql for each kind of question: NAME/data.ttl and, for each X.rq or X.ru of it, what
# is to come: X.expected.csv (rows in any order, unless the query orders them), .srj (compared by stoa), .nt, .nq (lines in any order)
# or .error (a pattern, and an exit code that is not 0).  A folder with a mapping.ttl and a schema.sql asks an SQLite database through
# them instead.  STOA_CASE=NAME: that folder alone.
. "${STOA_SRC:?}/tests/support/lib.sh"
CASES=$SRC/tests/cases/sparql
in_order() { case $1 in *rows) { head -1 "$2"; sed 1d "$2" | sort; } ;; *) sed 's/_:[A-Za-z0-9]*/_:/g' "$2" | sort ;; esac; } # blank nodes have no names of their own
matches() { # HOW FILE EXPECTED
  if [ "$1" = ordered ]; then tr -d '\r' < "$2" > "$T/a"; tr -d '\r' < "$3" > "$T/b"; else
    tr -d '\r' < "$2" > "$T/a1"; tr -d '\r' < "$3" > "$T/b1"; in_order "$1" "$T/a1" > "$T/a"; in_order "$1" "$T/b1" > "$T/b"; fi
  diff "$T/b" "$T/a"
}
fails() { # PATTERN-FILE COMMAND...
  pattern=$1; shift
  ! "$@" > "$T/got" 2>&1 && grep -qE -f "$pattern" "$T/got" || { cat "$T/got"; false; }
}
gives() { # HOW EXPECTED COMMAND...
  how=$1 want=$2; shift 2
  "$@" > "$T/got" 2> "$T/err" || { cat "$T/err"; return 1; }
  matches "$how" "$T/got" "$want"
}
: > "$T/empty.nt"
for query in "$CASES"/${STOA_CASE:-*}/*.r[qu]; do
  dir=$(dirname "$query") base=$(basename "$query"); stem=$dir/${base%.r?}.expected
  data=$dir/data.ttl; [ -s "$data" ] || data=$T/empty.nt
  set -- --data "$data"
  if [ -e "$dir/mapping.ttl" ]; then
    rm -rf "$T/p"; mkdir "$T/p"; cp "$dir/mapping.ttl" "$T/p/"; sqlite3 "$T/p/d.db" < "$dir/schema.sql"
    printf 'project: p\nbase: http://e/\nsources:\n  db: {driver: sqlite, address: d.db, mappings: [mapping.ttl]}\n' > "$T/p/stoa.yaml"
    set -- -C "$T/p"
  fi
  claim="$(basename "$dir"): $base"
  case $query in *.ru) verb=update ;; *) verb=query ;; esac
  if [ -e "$stem.error" ]; then ok "$claim is refused" fails "$stem.error" "$STOA" $verb "$@" "$query"
  elif [ -e "$stem.srj" ]; then ok "$claim" "$STOA" query "$@" --expect "$stem.srj" "$query"
  elif [ -e "$stem.nq" ]; then ok "$claim" gives lines "$stem.nq" "$STOA" update "$@" "$query"
  elif [ -e "$stem.nt" ]; then ok "$claim" gives lines "$stem.nt" "$STOA" query "$@" --format nt "$query"
  else how=rows; ! grep -qi 'ORDER *BY' "$query" || how=ordered
    ok "$claim" gives $how "$stem.csv" "$STOA" query "$@" --format csv "$query"; fi
done
done_testing
