# The example bank of $T/bank on PostgreSQL as well: $T/pgbank, the same project with four databases of the cluster.
# To be read after postgres.sh; pg_start first.
bank_postgres() {
  cp -r "$T/bank" "$T/pgbank"
  for db in product bureau transaction engagement; do
    pg_copy $db "$T/bank/data/$db.db" || return 1
    sed -i "s|{driver: sqlite, address: data/$db.db,  *mappings|{driver: postgres, address: \"$PG dbname=$db\", mappings|" "$T/pgbank/stoa.yaml"
  done
}
