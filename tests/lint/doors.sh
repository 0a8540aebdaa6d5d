#!/bin/sh
# Each library is included by a few named adapter files, and by no header but the server's own.
cd "${STOA_SRC:?}" || exit 99
N=0
door() { # LIBRARY HEADER-PATTERN FILES...
  lib=$1 pattern=$2; shift 2; N=$((N + 1))
  got=$(grep -lE "^#include <($pattern)>" $(find graph ontology features personalizer server cli -name '*.[ch]') | sort | paste -sd' ')
  want=$(printf '%s\n' "$@" | sort | paste -sd' ')
  if [ "$got" = "$want" ]; then echo "ok $N - $lib stays at its door"; else echo "not ok $N - $lib stays at its door"; echo "#  found: $got"; echo "# wanted: $want"; fi
}
door raptor 'raptor2?\.h' graph/rdf/reader.c graph/rdf/writer.c
door rasqal 'rasqal\.h'
door libxml2 'libxml/[a-z]*\.h' graph/rdf/results_xml.c
door librdf '(librdf|redland)\.h' graph/redland/model.c ontology/redland_storage.c
door jansson 'jansson\.h' graph/base/json.c
door libyaml 'yaml\.h' graph/base/yaml.c
door PCRE 'pcre2\.h' graph/exec/matches.c
door GMP 'gmp\.h' graph/term/decimal.c
door libunistring '(unicase|unictype)\.h' graph/base/letters.c
door OpenSSL 'openssl/[a-z]*\.h' graph/exec/digest.c
door libcurl 'curl/curl\.h' graph/http/client.c
door SQLite 'sqlite3\.h' cli/init.c features/state/arrivals.c features/state/erasure.c features/state/glance.c features/state/schema.c features/state/sqlite_state.c features/state/tables.c features/state/waiting.c graph/source/sqlite.c graph/source/sqlite_calls.c graph/source/sqlite_catalog.c graph/source/sqlite_csv.c graph/source/sqlite_functions.c graph/source/sqlite_statistics.c
door libpg_query 'pg_query\.h' graph/semantic/tree.c
door libpq 'libpq-fe\.h' graph/source/postgres.c graph/source/postgres_cancel.c graph/source/postgres_catalog.c graph/source/postgres_values.c
door libcsv 'csv\.h' graph/source/csv.c
door unixODBC 'sql(ext)?\.h' graph/source/odbc.c graph/source/odbc_catalog.c
door libsmartcols 'libsmartcols\.h' graph/result/table.c
door libuv 'uv\.h' server/address.c server/peer.h
door http-parser 'http_parser\.h' server/http_message.c
echo "1..$N"
