# A PostgreSQL cluster of the test's own: a private folder, a Unix socket, an unprivileged user.  To be read after
# lib.sh.
PG_BIN=$(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -V | tail -1)
PG_LOG=
pg_run() { # as the user that owns the cluster
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups env HOME=/ "$@"; else "$@"; fi
}
pg_start() { # NAME: the cluster in $T/NAME; sets PG (what libpq connects to) and PG_URL
  [ -n "$PG_BIN" ] && [ -x "$PG_BIN/initdb" ] || return 1
  chmod 755 "$T"
  mkdir "$T/$1"
  [ "$(id -u)" != 0 ] || chown postgres "$T/$1"
  PG_LOG=$T/$1/log
  pg_run "$PG_BIN/initdb" -D "$T/$1/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 ${PG_INITDB:-} -N > "$T/initdb.log" 2>&1 || { cat "$T/initdb.log"; return 1; }
  { echo "listen_addresses = ''"; echo "unix_socket_directories = '$T/$1'"; echo "fsync = off"; echo "${PG_SETTINGS:-}"; } | pg_run tee -a "$T/$1/data/postgresql.conf" > /dev/null
  pg_run "$PG_BIN/pg_ctl" -D "$T/$1/data" -w -l "$PG_LOG" start > /dev/null || { pg_run cat "$PG_LOG"; return 1; }
  PG_CLUSTERS="${PG_CLUSTERS:-} $T/$1/data"
  PG="host=$T/$1 user=postgres"
  PG_URL="postgresql://postgres@/postgres?host=$(printf %s "$T/$1" | sed 's|/|%2F|g')"
}
pg_stop() { for cluster in ${PG_CLUSTERS:-}; do pg_run "$PG_BIN/pg_ctl" -D "$cluster" -m immediate stop > /dev/null 2>&1; done; PG_CLUSTERS=; }
pg() { psql -X -q -v ON_ERROR_STOP=1 "$PG dbname=${DB:-postgres}" "$@"; }
pg_copy() { # NAME FILE: an SQLite database as the database NAME of the cluster
  pg -c "CREATE DATABASE $1"
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
