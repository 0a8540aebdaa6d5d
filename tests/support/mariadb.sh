# A MariaDB server of the test's own: a private folder, a Unix socket, an unprivileged user.  To be read after lib.sh.
MARIADB_PID= # files with the numbers of the servers
mariadb_run() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=mysql --regid=mysql --clear-groups env HOME=/ "$@"; else "$@"; fi
}
mariadb_start() { # NAME [OPTION...]: the server in $T/NAME; sets MARIADB_SOCKET and MARIADB_ODBC
  command -v mariadbd > /dev/null && command -v mariadb-install-db > /dev/null || return 1
  chmod 755 "$T"
  mkdir "$T/$1"
  [ "$(id -u)" != 0 ] || chown mysql "$T/$1"
  dir=$T/$1; shift
  mariadb_run mariadb-install-db --no-defaults --datadir="$dir/data" --auth-root-authentication-method=normal --skip-test-db > "$T/install.log" 2>&1 || { cat "$T/install.log"; return 1; }
  MARIADB_SOCKET=$dir/sock
  mariadb_run mariadbd --no-defaults --datadir="$dir/data" --socket="$MARIADB_SOCKET" --skip-networking --pid-file="$dir/pid" --innodb-flush-method=nosync --innodb-flush-log-at-trx-commit=0 "$@" > "$dir/log" 2>&1 &
  MARIADB_PID="$MARIADB_PID $dir/pid"
  i=0
  until mariadb --no-defaults -S "$MARIADB_SOCKET" -u root -e 'SELECT 1' > /dev/null 2>&1; do
    i=$((i + 1)); [ $i -lt 200 ] || { cat "$dir/log"; return 1; }
    sleep 0.1
  done
  MARIADB_ODBC="Driver=MariaDB Unicode;SERVER=localhost;SOCKET=$MARIADB_SOCKET;USER=root"
}
maria() { mariadb --no-defaults --default-character-set=utf8mb4 -S "$MARIADB_SOCKET" -u root "$@"; }
mariadb_stop() { # by the server's own number: $! is that of a shell around it
  for file in $MARIADB_PID; do [ ! -f "$file" ] || kill -9 "$(cat "$file")" 2> /dev/null; done
  MARIADB_PID=
}
trap 'mariadb_stop; cleanup' EXIT
