# TAP for shell tests: each claim is a sentence and a command.
set -u
SRC=${STOA_SRC:?} BUILD=${STOA_BUILD:?}
STOA=$BUILD/stoa
LC_ALL=C.UTF-8; export LC_ALL
N=0
T=$(mktemp -d "${TMPDIR:-/tmp}/stoa-test.XXXXXX")
SERVER=
# What a test holds open at 3 would keep its reader waiting.
cleanup() { [ -z "$SERVER" ] || kill "$SERVER" 2> /dev/null; exec 3>&-; wait 2> /dev/null; rm -rf "$T"; }
trap cleanup EXIT
trap 'exit 99' INT TERM

stop_if_asked() { [ -z "${STOA_TESTS_STOP:-}" ] || exit 1; } # where one failure is enough
ok() { # CLAIM COMMAND...
  claim=$1; shift
  N=$((N + 1))
  if "$@" > "$T/out" 2>&1; then echo "ok $N - $claim"; else echo "not ok $N - $claim"; sed 's/^/# /' "$T/out" | head -20; stop_if_asked; fi
}
is() { # CLAIM GOT EXPECTED
  N=$((N + 1))
  if [ "$2" = "$3" ]; then echo "ok $N - $1"; else echo "not ok $N - $1"; echo "#      got: $2" | head -10; echo "# expected: $3" | head -10; stop_if_asked; fi
}
like() { # CLAIM TEXT PATTERN (grep -E)
  N=$((N + 1))
  if printf '%s\n' "$2" | grep -qE -- "$3"; then echo "ok $N - $1"; else echo "not ok $N - $1"; printf '%s\n' "$2" | head -5 | sed 's/^/#      got: /'; echo "# expected: $3"; stop_if_asked; fi
}
same_rows() { # CLAIM PROJECT FILE.nt TEXT: a query without fault gives over a project what it gives over the same data as RDF
  "$STOA" query -C "$2" --format tsv -e "$4" > "$T/virtual" 2>&1; code=$?
  "$STOA" query --data "$3" --format tsv -e "$4" > "$T/native" 2>&1 || code=1
  case $4 in *'ORDER BY'*) ;; *) sort -o "$T/virtual" "$T/virtual"; sort -o "$T/native" "$T/native" ;; esac
  ok "$1 ($(($(wc -l < "$T/virtual") - 1)) rows)" sh -c 'diff "$1" "$2" && [ "$3" = 0 ]' same "$T/native" "$T/virtual" "$code"
}
done_testing() { echo "1..$N"; }
skip_all() { echo "1..0 # SKIP $1"; exit 0; }

bank() { # make the example bank in $T/bank with N customers; the last day is fixed
  mkdir -p "$T/bank"
  cp -r "$SRC"/examples/bank/ontology "$SRC"/examples/bank/reference "$SRC"/examples/bank/mappings "$SRC"/examples/bank/features \
    "$SRC"/examples/bank/personalizer "$SRC"/examples/bank/queries "$SRC"/examples/bank/stoa.yaml "$T/bank/"
  chmod -R u+w "$T/bank"
  "$BUILD/examples/bank/generate" "$T/bank/data" "${1:-200}" 7 ${2:-} > /dev/null
}
serve() { # DIR [OPTIONS...]: start a server on free ports, within SERVE_SECONDS; sets HTTP, RESP, SOCK, SERVER
  rm -f "$T/server.log"
  "$STOA" serve -C "$@" --http 127.0.0.1:0 --resp 127.0.0.1:0 > "$T/server.log" 2>&1 &
  SERVER=$!
  i=0
  until grep -q '^ready' "$T/server.log" 2> /dev/null; do
    i=$((i + 1)); [ $i -lt $((${SERVE_SECONDS:-10} * 20)) ] && kill -0 "$SERVER" 2> /dev/null || { sed 's/^/# /' "$T/server.log"; return 1; }
    sleep 0.05
  done
  HTTP=http://$(awk '$1 == "http" { print $2 }' "$T/server.log")
  RESP=$(awk '$1 == "resp" { sub(/.*:/, "", $2); print $2 }' "$T/server.log")
  SOCK=$(awk '$1 == "socket" { print $2 }' "$T/server.log")
}
stop_server() { kill -TERM "$SERVER"; wait "$SERVER"; CODE=$?; SERVER=; [ $CODE -eq 0 ] || cat "$T/server.log"; return $CODE; }
r() { redis-cli -p "$RESP" "$@"; }
sparql() { curl -s "$HTTP/sparql" -H 'Accept: text/csv' --data-urlencode "query=$1"; }
B='PREFIX b: <https://bank.example/ontology#>'
