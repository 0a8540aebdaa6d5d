#!/bin/sh
# Cases over databases: tests/cases/virtual/NAME has schema.sql (schema.pg.sql, schema.maria.sql where a database needs
# its own, csv/ for files), mapping.ttl, and for each X.rq what is right in X.expected.csv, or in X.expected.error a
# pattern that the refusal matches.  note.txt names the databases in its first line, and tells the claim.  `options`
# holds more of the source's entry in stoa.yaml.  What is materialised must answer as the database does, unless the
# case says `virtual-only`.  STOA_CASE=NAME: that one alone.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "$SRC/tests/support/postgres.sh"
. "$SRC/tests/support/mariadb.sh"
trap 'mariadb_stop; pg_stop; cleanup' EXIT
CASES=$SRC/tests/cases/virtual
HAVE_PG= HAVE_MARIA=
needs() { [ -z "${STOA_CASE:-}" ] || grep -q "^on:.* $1\>" "$CASES/$STOA_CASE/note.txt"; } # DATABASE
needs pg && pg_start cluster > "$T/pg.log" 2>&1 && HAVE_PG=1
needs maria && odbcinst -q -d -n 'MariaDB Unicode' > /dev/null 2>&1 && mariadb_start server > "$T/maria.log" 2>&1 && HAVE_MARIA=1

schema() { # CASE DATABASE
  if [ -f "$CASES/$1/schema.$2.sql" ]; then echo "$CASES/$1/schema.$2.sql"; else echo "$CASES/$1/schema.sql"; fi
}
source_of() { # CASE DATABASE: make its data in $P, and print the source's driver and address
  db=c_$(echo "$1" | tr 'A-Z-' 'a-z_')
  case $2 in
  sqlite) sqlite3 "$P/d.db" < "$(schema "$1" sqlite)" && echo "driver: sqlite, address: d.db" ;;
  csv) cp -r "$CASES/$1/csv" "$P/" && echo "driver: csv, address: csv" ;;
  pg) pg -c "CREATE DATABASE $db" && DB=$db pg -f "$(schema "$1" pg)" > /dev/null && echo "driver: postgres, address: \"$PG dbname=$db\"" ;;
  maria) maria -e "CREATE DATABASE $db CHARACTER SET utf8mb4" && maria "$db" < "$(schema "$1" maria)" && echo "driver: odbc, address: \"$MARIADB_ODBC;DATABASE=$db\"" ;;
  esac
}
rows() { # FILE QUERY: in an order of their own, unless the query gives one
  if grep -qi 'order by' "$2"; then tr -d '\r' < "$1"; else tr -d '\r' < "$1" | sed -n 1p; tr -d '\r' < "$1" | sed 1d | sort; fi
}
refused() { # PATTERN: the query failed, and said why
  cat "$T/said"
  [ "$CODE" != 0 ] && grep -qE -- "$1" "$T/said"
}
ask() { # CASE DATABASE QUERY
  stem=${3%.rq}.expected
  claim="$1 on $2: $(basename "$3" .rq)"
  "$STOA" query -C "$P" --format csv "$3" > "$T/got" 2> "$T/said"; CODE=$?
  if [ -f "$stem.error" ]; then
    ok "$claim is refused" refused "$(cat "$stem.error")"
    return
  fi
  grep -v '^stoa: ' "$T/said" >> "$T/got"
  is "$claim" "$(rows "$T/got" "$3")" "$(rows "$stem.csv" "$3")"
  [ -f "$P/all.nt" ] || return
  "$STOA" query --data "$P/all.nt" --format csv "$3" > "$T/got" 2>&1
  is "$claim, materialised" "$(rows "$T/got" "$3")" "$(rows "$stem.csv" "$3")"
}
run_case() { # CASE DATABASE
  P=$T/$1-$2
  mkdir -p "$P"
  cp "$CASES/$1"/*.ttl "$P/"
  source=$(source_of "$1" "$2") || { ok "$1: its data on $2" false; return; }
  printf 'project: p\nbase: http://e/\nsources:\n  db: {%s, mappings: [mapping.ttl]%s}\n' "$source" "$(cat "$CASES/$1/options" 2> /dev/null)" > "$P/stoa.yaml"
  [ ! -f "$P/ontology.ttl" ] || echo 'ontology: [ontology.ttl]' >> "$P/stoa.yaml"
  [ -f "$CASES/$1/virtual-only" ] || "$STOA" materialize -C "$P" -o "$P/all.nt" > /dev/null 2>&1 || rm -f "$P/all.nt"
  for query in "$CASES/$1"/*.rq; do ask "$1" "$2" "$query"; done
}
for folder in "$CASES"/*/; do
  case=$(basename "$folder")
  [ -z "${STOA_CASE:-}" ] || [ "$STOA_CASE" = "$case" ] || continue
  for database in $(sed -n '1s/^on: *//p' "$folder/note.txt"); do
    case $database in
    pg) [ -n "$HAVE_PG" ] || { N=$((N + 1)); echo "ok $N - $case on pg # SKIP no PostgreSQL"; continue; } ;;
    maria) [ -n "$HAVE_MARIA" ] || { N=$((N + 1)); echo "ok $N - $case on maria # SKIP no MariaDB"; continue; } ;;
    esac
    run_case "$case" "$database"
  done
done
done_testing
