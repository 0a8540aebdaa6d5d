#!/bin/sh
# Load the Berka files (a real Czech bank, PKDD'99) into three SQLite databases, as a bank would have
# them: the core system, the old transaction system (Czech codes), the new one (English codes).
#   examples/berka/load.sh FOLDER-OF-THE-FILES [PROJECT-FOLDER]
set -eu
from=${1:?usage: load.sh FOLDER-OF-THE-FILES [PROJECT-FOLDER]}
to=${2:-$(dirname "$0")}
for f in account client disp loan order card district; do
  [ -r "$from/$f.asc.gz" ] || { echo "load.sh: $from/$f.asc.gz is missing" >&2; exit 3; }
done
mkdir -p "$to/data"
raw=$(mktemp -d)
trap 'rm -rf "$raw"' EXIT
for f in account client disp loan order card district; do zcat "$from/$f.asc.gz" | tr -d '\r' > "$raw/$f.csv"; done
zcat "$from/trans_1993-01_1994-03.asc.gz" | tr -d '\r' > "$raw/trans_cz.csv"
zcat "$from/trans_preloan_354.csv.gz" | tr -d '\r' > "$raw/trans_en.csv"

day() { echo "'19' || substr($1,1,2) || '-' || substr($1,3,2) || '-' || substr($1,5,2)"; }
rm -f "$to/data/core.db" "$to/data/history.db" "$to/data/preloan.db"

sqlite3 "$to/data/core.db" <<SQL
.mode csv
.separator ;
.import $raw/account.csv a
.import $raw/client.csv c
.import $raw/disp.csv d
.import $raw/loan.csv l
.import $raw/order.csv o
.import $raw/card.csv k
.import $raw/district.csv r
CREATE TABLE district(district_id INTEGER PRIMARY KEY, name TEXT NOT NULL, region TEXT NOT NULL, inhabitants INTEGER, salary INTEGER, unemployment DECIMAL(5,2), crimes INTEGER);
INSERT INTO district SELECT A1, A2, A3, A4, A11, nullif(A13,'?'), nullif(A16,'?') FROM r;
CREATE TABLE account(account_id INTEGER PRIMARY KEY, district_id INTEGER NOT NULL REFERENCES district(district_id), frequency TEXT NOT NULL, opened_on DATE NOT NULL);
INSERT INTO account SELECT account_id, district_id, frequency, $(day date) FROM a;
CREATE TABLE client(client_id INTEGER PRIMARY KEY, birth_number TEXT NOT NULL, district_id INTEGER NOT NULL REFERENCES district(district_id));
INSERT INTO client SELECT client_id, birth_number, district_id FROM c;
CREATE TABLE disposition(disp_id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL REFERENCES client(client_id), account_id INTEGER NOT NULL REFERENCES account(account_id), type TEXT NOT NULL);
INSERT INTO disposition SELECT disp_id, client_id, account_id, type FROM d;
CREATE TABLE loan(loan_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL UNIQUE REFERENCES account(account_id), granted_on DATE NOT NULL, amount DECIMAL(12,2) NOT NULL, duration INTEGER NOT NULL, payment DECIMAL(12,2) NOT NULL, status TEXT NOT NULL);
INSERT INTO loan SELECT loan_id, account_id, $(day date), amount, duration, payments, status FROM l;
CREATE TABLE standing_order(order_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account(account_id), bank_to TEXT, account_to TEXT, amount DECIMAL(12,2) NOT NULL, purpose TEXT);
INSERT INTO standing_order SELECT order_id, account_id, bank_to, account_to, amount, nullif(trim(k_symbol),'') FROM o;
CREATE TABLE card(card_id INTEGER PRIMARY KEY, disp_id INTEGER NOT NULL REFERENCES disposition(disp_id), type TEXT NOT NULL, issued_on DATE NOT NULL);
INSERT INTO card SELECT card_id, disp_id, type, $(day issued) FROM k;
CREATE INDEX disposition_account ON disposition(account_id);
CREATE INDEX standing_order_account ON standing_order(account_id);
DROP TABLE a; DROP TABLE c; DROP TABLE d; DROP TABLE l; DROP TABLE o; DROP TABLE k; DROP TABLE r;
VACUUM;
SQL

transactions() { # file database
  sqlite3 "$2" <<SQL
.mode csv
.separator ;
.import $1 t
CREATE TABLE trans(trans_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, booked_on DATE NOT NULL, type TEXT NOT NULL, operation TEXT, amount DECIMAL(12,2) NOT NULL, balance DECIMAL(12,2) NOT NULL, k_symbol TEXT, bank TEXT, partner TEXT);
INSERT INTO trans SELECT trans_id, account_id, $(day date), type, nullif(operation,''), amount, balance, nullif(trim(k_symbol),''), nullif(bank,''), nullif(account,'') FROM t;
CREATE INDEX trans_account ON trans(account_id, booked_on);
DROP TABLE t;
VACUUM;
SQL
}
transactions "$raw/trans_cz.csv" "$to/data/history.db" 2>/dev/null
transactions "$raw/trans_en.csv" "$to/data/preloan.db" 2>/dev/null
echo "loaded into $to/data: core.db, history.db, preloan.db"
