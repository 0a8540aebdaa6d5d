# The example bank of $T/bank on PostgreSQL as well: $T/pgbank, the same project with four databases of the cluster.
# To be read after postgres.sh; pg_start first.
bank_postgres() {
  cp -r "$T/bank" "$T/pgbank"
  for db in product bureau transaction engagement; do
    pg -c "CREATE DATABASE $db"
    sqlite3 "$T/bank/data/$db.db" .schema | grep -v sqlite_stat | sed 's/ TIMESTAMP/ TIMESTAMPTZ/g' > "$T/$db.sql"
    { grep -v 'CREATE INDEX' "$T/$db.sql"
      for table in $(sed -n 's/^CREATE TABLE \([a-z_]*\)(.*/\1/p' "$T/$db.sql"); do
        echo "COPY $table FROM STDIN WITH (FORMAT csv, NULL 'NULL');"
        sqlite3 -csv -nullvalue NULL "$T/bank/data/$db.db" "SELECT * FROM $table" | tr -d '\r'
        echo '\.'
      done
      grep 'CREATE INDEX' "$T/$db.sql"
      echo 'ANALYZE;'
    } > "$T/$db.copy"
    DB=$db pg -f "$T/$db.copy" || return 1
    sed -i "s|{driver: sqlite, address: data/$db.db,  *mappings|{driver: postgres, address: \"$PG dbname=$db\", mappings|" "$T/pgbank/stoa.yaml"
  done
}
