# A PostgreSQL cluster of the test's own: a private folder, a Unix socket, an unprivileged user.  To be read after
# lib.sh.
PG_BIN=$(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -V | tail -1)
PG_LOG=
pg_run() { # as the user that owns the cluster
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups env HOME=/ "$@"; else "$@"; fi
}
pg_start_in() { # FOLDER: a new cluster there; sets PG (what libpq connects to) and PG_URL
  [ -n "$PG_BIN" ] && [ -x "$PG_BIN/initdb" ] || return 1
  mkdir "$1"
  [ "$(id -u)" != 0 ] || chown postgres "$1"
  pg_run "$PG_BIN/initdb" -D "$1/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 ${PG_INITDB:-} -N > "$T/initdb.log" 2>&1 || { cat "$T/initdb.log"; return 1; }
  { echo "listen_addresses = ''"; echo "unix_socket_directories = '$1'"; echo "fsync = off"; echo "${PG_SETTINGS:-}"; } | pg_run tee -a "$1/data/postgresql.conf" > /dev/null
  pg_restart "$1"
}
pg_restart() { # FOLDER: the cluster that was made there
  PG_LOG=$1/log
  pg_run "$PG_BIN/pg_ctl" -D "$1/data" -w -l "$PG_LOG" start > /dev/null || { pg_run cat "$PG_LOG"; return 1; }
  PG_CLUSTERS="${PG_CLUSTERS:-} $1/data"
  PG="host=$1 user=postgres"
  PG_URL="postgresql://postgres@/postgres?host=$(printf %s "$1" | sed 's|/|%2F|g')"
}
pg_start() { # NAME: a new cluster in $T/NAME
  chmod 755 "$T"
  pg_start_in "$T/$1"
}
pg_halt() { for cluster in ${PG_CLUSTERS:-}; do pg_run "$PG_BIN/pg_ctl" -D "$cluster" -m fast -w stop > /dev/null 2>&1; done; PG_CLUSTERS=; } # to be started again
pg_stop() { for cluster in ${PG_CLUSTERS:-}; do pg_run "$PG_BIN/pg_ctl" -D "$cluster" -m immediate stop > /dev/null 2>&1; done; PG_CLUSTERS=; }
pg() { psql -X -q -v ON_ERROR_STOP=1 "$PG dbname=${DB:-postgres}" "$@"; }
pg_copy() { # NAME FILE: an SQLite database as the database NAME of the cluster
  pg -c "CREATE DATABASE $1"
  pg_tables "$1" "$2"
}
pg_tables() { # NAME FILE: the tables of an SQLite database into the database NAME
  sqlite3 "$2" .schema | grep -v sqlite_stat | sed 's/ TIMESTAMP/ TIMESTAMPTZ/g' > "$T/$1.sql"
  { grep -v 'CREATE INDEX' "$T/$1.sql"
    for table in $(sed -n 's/^CREATE TABLE \([a-z_]*\)(.*/\1/p' "$T/$1.sql"); do
      echo "COPY $table FROM STDIN WITH (FORMAT csv, NULL 'NULL');"
      sqlite3 -csv -nullvalue NULL "$2" "SELECT * FROM $table" | tr -d '\r'
      echo '\.'
    done
    grep 'CREATE INDEX' "$T/$1.sql"
    echo 'ANALYZE;'
  } > "$T/$1.copy"
  DB=$1 pg -f "$T/$1.copy"
}
trap 'pg_stop; cleanup' EXIT
