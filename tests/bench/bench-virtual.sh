#!/bin/sh
# make bench-virtual: 25 queries over the example bank, 12 over a shop (BSBM-like) and 12 over a transit feed
# (GTFS-like), on SQLite and on PostgreSQL, each beside its SQL twin.
# STOA_BENCH_CUSTOMERS: how many (26,000 make a million rows); STOA_BENCH_SHAPES: products and trips;
# STOA_BENCH_GROWTH=1: the bank at a hundredth of the size too.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/postgres.sh"
. "${STOA_SRC:?}/tests/support/bank_postgres.sh"
PG_SETTINGS="shared_buffers = 512MB
work_mem = 64MB
jit = off"
twins=$BUILD/tests/bench/twins
rows() { # FILE...: how many there are in all tables
  rows=0
  for db; do
    for table in $(sqlite3 "$db" "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"); do
      rows=$((rows + $(sqlite3 "$db" "SELECT COUNT(*) FROM \"$table\"")))
    done
  done
  echo "$rows rows, $(nproc) cores"
}
bank_twins() { # CUSTOMERS CLUSTER
  rm -rf "$T/bank" "$T/pgbank"
  bank "$1" 2026-11-01
  rows "$T"/bank/data/*.db
  "$twins" "$T/bank" "$SRC/tests/bench/virtual" sqlite "$T/bank/data"
  pg_start "$2" || { echo "PostgreSQL: absent"; return; }
  bank_postgres && "$twins" "$T/pgbank" "$SRC/tests/bench/virtual" postgres "$PG"
  pg_stop
}
project() { # FOLDER NAME SOURCE: a project over one source with the shape's mapping
  mkdir -p "$1"
  cp "$SRC/tests/bench/shapes/$2/mapping.ttl" "$1/"
  printf 'project: %s\nbase: https://%s.example/\nsources:\n  %s: {%s, foreign_keys: trusted, mappings: [mapping.ttl]}\n' "$2" "$2" "$2" "$3" > "$1/stoa.yaml"
}
shape_twins() { # NAME N
  sed "s/@N@/$2/g" "$SRC/tests/bench/shapes/$1/data.sql" > "$T/$1.data"
  mkdir -p "$T/$1"
  sqlite3 "$T/$1/$1.db" < "$T/$1.data"
  echo "$1:"
  rows "$T/$1/$1.db"
  project "$T/$1" "$1" "driver: sqlite, address: $1.db"
  "$twins" "$T/$1" "$SRC/tests/bench/shapes/$1" sqlite "$T/$1"
  pg_start "pg-$1" || { echo "PostgreSQL: absent"; return; }
  project "$T/$1-pg" "$1" "driver: postgres, address: \"$PG dbname=$1\""
  pg_copy "$1" "$T/$1/$1.db" && "$twins" "$T/$1-pg" "$SRC/tests/bench/shapes/$1" postgres "$PG"
  pg_stop
}
[ -z "${STOA_BENCH_GROWTH:-}" ] || bank_twins $((${STOA_BENCH_CUSTOMERS:-26000} / 100)) small
bank_twins "${STOA_BENCH_CUSTOMERS:-26000}" large
shape_twins shop "${STOA_BENCH_SHAPES:-20000}"
shape_twins transit "${STOA_BENCH_SHAPES:-20000}"
