#!/bin/sh
# make bench-virtual: the queries of the example bank (virtual/) and of the data models of shapes/, on SQLite and on
# PostgreSQL, each beside its SQL twin.  A quick look at one of them:
#   STOA_BENCH_SHAPES=insurer STOA_BENCH_DRIVERS=sqlite STOA_BENCH_SCALE=0.1 STOA_BENCH_KEEP=/tmp/keep make bench-virtual
# STOA_BENCH_SHAPES: some of "bank shop transit insurer telecom"     STOA_BENCH_DRIVERS: some of "sqlite postgres"
# STOA_BENCH_SCALE: 1 is about a million rows each, shop and transit less      STOA_BENCH_QUERIES: a beginning of names
# STOA_BENCH_KEEP: a folder (short path, readable by all) where the databases stay for the next run
# STOA_BENCH_LIMIT: seconds for one answer (20)     STOA_BENCH_PATIENCE: milliseconds for the runs of one query (3000)
# STOA_BENCH_ASIDE=1: the queries of the aside folders instead, which nobody looks at while the planner is tuned: their
# means are told and no names (STOA_BENCH_ASIDE=names tells all)
# STOA_BENCH_GROWTH=1: at a hundredth of the size before
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/postgres.sh"
. "${STOA_SRC:?}/tests/support/bank_postgres.sh"
. "${STOA_SRC:?}/tests/bench/shapes.sh"
PG_SETTINGS="shared_buffers = 512MB
work_mem = 64MB
jit = off"
trap 'pg_halt; cleanup' EXIT
twins=$BUILD/tests/bench/twins
shapes=${STOA_BENCH_SHAPES:-bank shop transit insurer telecom}
drivers=${STOA_BENCH_DRIVERS:-sqlite postgres}
rows() { # FILE...: how many there are in all tables
  rows=0
  for db; do
    for table in $(sqlite3 "$db" "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"); do
      rows=$((rows + $(sqlite3 "$db" "SELECT COUNT(*) FROM \"$table\"")))
    done
  done
  echo "$rows rows, $(nproc) cores"
}
has() { case " $1 " in *" $2 "*) ;; *) false ;; esac; } # LIST WORD
show() { if [ "${STOA_BENCH_ASIDE:-names}" = names ]; then cat; else cat > "$T/unseen"; fi; }
ask() { # SHAPE DRIVER PROJECT QUERIES ADDRESS SOURCE...: one table of figures
  folder=$4${STOA_BENCH_ASIDE:+/aside}
  [ -d "$folder" ] || return 0
  echo "$1 $2${STOA_BENCH_ASIDE:+ aside}:"
  shape=$1 driver=$2 project=$3 address=$5
  shift 5
  { "$twins" "$project" "$folder" "$driver" "$address" "$@" 2>&1 || echo "$shape $driver" >> "$T/wrong"; } | tee "$T/table" | show
  sed -n "s/^\([0-9][0-9]-[^ ]*\) \(  *[0-9]\)/$driver $shape \1 \2/p" "$T/table" >> "$T/figures"
}
bank_twins() { # SCALE
  n=$(awk -v s="$1" 'BEGIN { print int(26000 * s) }')
  bank "$n" 2026-11-01
  rows "$T"/bank/data/*.db
  ! has "$drivers" sqlite || ask bank sqlite "$T/bank" "$SRC/tests/bench/virtual" "$T/bank/data"
  if has "$drivers" postgres; then
    pg_start "bank$n" || { echo "PostgreSQL: absent"; return; }
    bank_postgres && ask bank postgres "$T/pgbank" "$SRC/tests/bench/virtual" "$PG"
    pg_stop
  fi
  rm -rf "$T/bank" "$T/pgbank"
}
shape_twins() { # NAME SCALE
  n=$(STOA_BENCH_SCALE=$2 shape_size "$1")
  shape_sqlite "$1" "$n" || exit 1
  rows $(for source in $(shape_sources "$1"); do echo "$DATA/$source.db"; done)
  queries=$SHAPES_DIR/$1 sources=$(shape_sources "$1")
  if has "$drivers" sqlite; then
    shape_project "$1" sqlite "$T/$1"
    ask "$1" sqlite "$T/$1" "$queries" "$DATA" $sources
  fi
  if has "$drivers" postgres; then
    shape_postgres "$1" "$n" || { echo "PostgreSQL: absent"; return; }
    shape_project "$1" postgres "$T/$1-pg"
    ask "$1" postgres "$T/$1-pg" "$queries" "$PG"
    pg_halt
  fi
  rm -rf "$T/$1" "$T/$1-pg"
}
all() { # SCALE
  : > "$T/figures"
  : > "$T/wrong"
  for shape in $shapes; do
    if [ "$shape" = bank ]; then bank_twins "$1"; else shape_twins "$shape" "$1"; fi
  done
  for driver in $drivers; do
    awk -v d="$driver" -v names="$([ "${STOA_BENCH_ASIDE:-names}" = names ] && echo 1)" '
      function list(n, text) { return sprintf("%d%s", n, names ? ":" text : "") }
      $1 != d { next }
      $NF == "differs" || $NF == "fails" { wrong = wrong " " $2 "/" $3; n_wrong++; next }
      { all += log($6); n_all++; line = sprintf(" %s/%s %.2f", $2, $3, $6) }
      $6 > 3 { over3 = over3 line; n3++ }
      $5 < 1 { next }
      { sum += log($6); n++ }
      $6 > 2.5 { over2 = over2 line; n2++ }
      END {
        printf "all on %s: geometric mean of %d queries of at least 1 ms of SQL: %.3f (of all %d: %.3f)\n", d, n, n ? exp(sum / n) : 0, n_all, n_all ? exp(all / n_all) : 0
        printf "above 2.5 on %s, of at least 1 ms: %s\nabove 3 on %s, of all: %s\nwrong on %s: %s\n", d, list(n2, over2), d, list(n3, over3), d, list(n_wrong, wrong)
      }' "$T/figures"
  done
}
scale=${STOA_BENCH_SCALE:-1}
[ -z "${STOA_BENCH_GROWTH:-}" ] || all "$(awk -v s="$scale" 'BEGIN { print s / 100 }')"
all "$scale"
[ ! -s "$T/wrong" ]
