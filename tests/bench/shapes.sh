# The data models of the benches beside the bank: a folder of shapes/ each, with queries (NAME.rq, their twins NAME.sql or
# NAME.sqlite.sql and NAME.postgres.sql; more in aside/), mappings, stoa.yaml where @SOURCE@ stands for driver and address,
# and data.sql, or data.SOURCE.sql for each of several sources.  In these, @N@ is the size and @r SALT M@ a number from 0
# to M - 1 that looks random for each row i.  To be read after lib.sh, postgres.sh and bank_postgres.sh.
#
# STOA_BENCH_KEEP=DIR keeps the generated databases there; a shape's data that changed are made again.
SHAPES_DIR=$SRC/tests/bench/shapes
shape_sources() { # SHAPE
  for f in "$SHAPES_DIR/$1"/data*.sql; do
    f=${f##*/data}; f=${f%.sql}; f=${f#.}
    printf '%s ' "${f:-$1}"
  done
}
shape_size() { # SHAPE: what N is at full size
  case $1 in shop | transit) full=20000 ;; *) full=100000 ;; esac
  awk -v n=$full -v s="${STOA_BENCH_SCALE:-1}" 'BEGIN { n = int(n * s); print n < 100 ? 100 : n }'
}
shape_data_file() { # SHAPE SOURCE
  if [ -f "$SHAPES_DIR/$1/data.$2.sql" ]; then echo "$SHAPES_DIR/$1/data.$2.sql"; else echo "$SHAPES_DIR/$1/data.sql"; fi
}
shape_data() { # SHAPE SOURCE N: the SQL that makes a source
  sed -e "s/@N@/$3/g" \
    -e 's/@r \([0-9]*\) \([^@]*\)@/((((i + \1) * 2654435761 % 4294967291) * ((i + \1) % 65521 + \1) % 4294967291) \/ 61 % (\2))/g' \
    "$(shape_data_file "$1" "$2")"
}
shape_folder() { # SHAPE N: where its databases lie, named by what makes them
  sum=$(cat "$SHAPES_DIR/$1"/data*.sql "$SRC/tests/bench/shapes.sh" | cksum | cut -d' ' -f1)
  echo "${STOA_BENCH_KEEP:-$T}/$1-$2-$sum"
}
shape_sqlite() { # SHAPE N: its SQLite files in $DATA
  DATA=$(shape_folder "$1" "$2")
  mkdir -p "$DATA"
  for source in $(shape_sources "$1"); do
    [ -f "$DATA/$source.db" ] && continue
    shape_data "$1" "$source" "$2" > "$DATA/$source.data"
    rm -f "$DATA/$source.new"
    sqlite3 "$DATA/$source.new" < "$DATA/$source.data" > /dev/null || return 1
    mv "$DATA/$source.new" "$DATA/$source.db"
  done
}
shape_postgres() { # SHAPE N: a cluster with the same tables; one database, a schema for each source where there are several
  shape_sqlite "$1" "$2" || return 1
  chmod 755 "${STOA_BENCH_KEEP:-$T}" "$DATA"
  if [ -f "$DATA/pg/complete" ]; then
    pg_restart "$DATA/pg"
    return
  fi
  rm -rf "$DATA/pg"
  pg_start_in "$DATA/pg" || return 1
  pg -c "CREATE DATABASE $1"
  for source in $(shape_sources "$1"); do
    if [ "$source" = "$1" ]; then
      schema=public
    else
      schema=$source
      DB=$1 pg -c "CREATE SCHEMA $schema"
    fi
    PGOPTIONS="-c search_path=$schema"; export PGOPTIONS
    pg_tables "$1" "$DATA/$source.db" || return 1
    unset PGOPTIONS
  done
  pg -c "ALTER DATABASE $1 SET search_path = $(shape_sources "$1" | sed 's/ $//; s/ /, /g'), public" -c CHECKPOINT
  : > "$DATA/pg/complete"
}
shape_address() { # SHAPE SOURCE DRIVER
  if [ "$3" = sqlite ]; then
    echo "driver: sqlite, address: \"$DATA/$2.db\""
  elif [ "$1" = "$2" ]; then
    echo "driver: postgres, address: \"$PG dbname=$1\""
  else
    echo "driver: postgres, address: \"$PG dbname=$1 options='-c search_path=$2'\""
  fi
}
shape_project() { # SHAPE DRIVER FOLDER: a project over its databases
  mkdir -p "$3"
  cp "$SHAPES_DIR/$1"/*.ttl "$3/"
  cp "$SHAPES_DIR/$1/stoa.yaml" "$3/stoa.yaml"
  for source in $(shape_sources "$1"); do
    sed -i "s|@$source@|$(shape_address "$1" "$source" "$2")|" "$3/stoa.yaml"
  done
}
