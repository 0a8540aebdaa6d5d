#!/bin/sh
# make bench-virtual: 25 queries over the example bank on SQLite and on PostgreSQL, each beside its SQL twin.
# STOA_BENCH_CUSTOMERS: how many (26,000 make a million rows); STOA_BENCH_GROWTH=1: at a hundredth of the size too.
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/postgres.sh"
. "${STOA_SRC:?}/tests/support/bank_postgres.sh"
PG_SETTINGS="shared_buffers = 512MB
work_mem = 64MB
jit = off"
Q=$SRC/tests/bench/virtual
run() { # CUSTOMERS NAME
  rm -rf "$T/bank" "$T/pgbank"
  bank "$1" 2026-11-01
  rows=0
  for db in "$T"/bank/data/*.db; do
    for table in $(sqlite3 "$db" "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"); do
      rows=$((rows + $(sqlite3 "$db" "SELECT COUNT(*) FROM \"$table\"")))
    done
  done
  echo "$rows rows, $(nproc) cores"
  "$BUILD/tests/bench/twins" "$T/bank" "$Q" sqlite "$T/bank/data"
  pg_start "$2" || { echo "PostgreSQL: absent"; return; }
  bank_postgres || return
  "$BUILD/tests/bench/twins" "$T/pgbank" "$Q" postgres "$PG"
  pg_stop
}
[ -z "${STOA_BENCH_GROWTH:-}" ] || run $((${STOA_BENCH_CUSTOMERS:-26000} / 100)) small
run "${STOA_BENCH_CUSTOMERS:-26000}" large
