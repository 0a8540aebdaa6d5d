#!/bin/sh
# What a server says of itself: metrics, readiness, and what is wrong when it starts.
. "${STOA_SRC:?}/tests/support/lib.sh"
command -v curl > /dev/null && command -v redis-cli > /dev/null || skip_all "curl and redis-cli are needed"
bank 50
P=$T/bank
starts() { # ARGUMENTS...: try to serve; what it says is in $T/said, how it ended in $code
  timeout 20 "$STOA" serve -C "$P" --http 127.0.0.1:0 --resp 127.0.0.1:0 "$@" > "$T/said" 2>&1; code=$?
}
refused() { # CLAIM CODE PATTERN
  is "$1 (exit $2)" "$code" "$2"
  like "... in one clear message" "$(cat "$T/said")" "$3"
  is "... and no more" "$(grep -c . "$T/said")" "${4:-1}"
}

# -- metrics
cat > "$P/personalizer/odd.yaml" <<'Y'
policy: 'se"co\nd'
actions: [{id: x}, {id: y}]
Y
serve "$P" || exit 1
curl -s "$HTTP/metrics" > "$T/metrics"
like "labels are escaped" "$(cat "$T/metrics")" '^stoa_policy_model_offset\{policy="se\\"co\\\\nd"\} 0$'
is "each family is told once" "$(grep '^# TYPE' "$T/metrics" | sort | uniq -d)" ''
is "each sample has a family" "$(awk '/^# TYPE/ { known[$3] = 1; next } /^#/ { next } { n = $1; sub(/\{.*/, "", n); if (!known[n]) print n }' "$T/metrics" | sort -u)" ''
is "each type has its help" "$(grep -c '^# HELP' "$T/metrics")" "$(grep -c '^# TYPE' "$T/metrics")"
is "families stay together" "$(awk '/^#/ { next } { n = $1; sub(/\{.*/, "", n); if (n != last && seen[n]) print n; seen[n] = 1; last = n }' "$T/metrics")" ''
if command -v promtool > /dev/null; then
  ok "promtool finds nothing" promtool check metrics < "$T/metrics"
else
  echo "# SKIP: promtool is absent (Debian: prometheus), 1 claim"
fi
like "operations are counted" "$(curl -s "$HTTP/sparql?query=ASK%7B%7D" > /dev/null; curl -s "$HTTP/metrics")" '^stoa_operation_calls_total\{operation="query",end="done"\} 1$'
is "ready" "$(curl -s "$HTTP/readyz")" ok
stop_server
rm "$P/personalizer/odd.yaml"

# -- sources
serve "$P"
mkdir "$T/away"; mv "$P/data/bureau.db" "$T/away/"
i=0; until [ "$(curl -s -o "$T/why" -w '%{http_code}' "$HTTP/readyz")" = 503 ] || [ $i -gt 600 ]; do i=$((i + 1)); sleep 0.1; done
like "a source that is away is told" "$(cat "$T/why")" '^sources: .*bureau'
like "... and in the log" "$(cat "$T/server.log")" 'not ready: .*bureau.* part=sources'
is "what needs it not is answered" "$(curl -s -o /dev/null -w '%{http_code}' "$HTTP/sparql?query=ASK%7B%7D")" 200
mv "$T/away/bureau.db" "$P/data/"
i=0; until [ "$(curl -s "$HTTP/readyz")" = ok ] || [ $i -gt 600 ]; do i=$((i + 1)); sleep 0.1; done
ok "when it is back the server is ready" test $i -le 100
like "... and says so" "$(cat "$T/server.log")" 'ready again part=sources'
stop_server

# -- the state's disk
mkdir -p "$P/state"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=3m tmpfs "$P/state" 2> /dev/null; then
  trap 'umount -l "$P/state"; cleanup' EXIT
  serve "$P"
  k=$(printf '%02000d' 0); i=0
  while [ $i -lt 3000 ] && r EVENT click "{\"id\":\"e$i\",\"at\":\"2026-11-20T10:00:00Z\",\"customer\":1,\"channel\":\"web\",\"kind\":\"$k\"}" 2>&1 | grep -q "^e$i"; do i=$((i + 1)); done
  ok "a full disk ends the acknowledgements ($i were given)" test $i -lt 3000
  is "... and the server is not ready" "$(curl -s -o "$T/why" -w '%{http_code}' "$HTTP/readyz")" 503
  like "... and says why" "$(cat "$T/why")" '^state: '
  r REWARD nothing 1 > /dev/null 2>&1
  is "... nor after a commit of nothing" "$(curl -s -o /dev/null -w '%{http_code}' "$HTTP/readyz")" 503
  is "it lives" "$(curl -s "$HTTP/healthz")" ok
  is "... and its metrics say so" "$(curl -s "$HTTP/metrics" | awk '$1 == "stoa_ready" { print $2 }')" 0
  mount -o remount,size=12m "$P/state"
  i=0; until [ "$(curl -s "$HTTP/readyz")" = ok ] || [ $i -gt 600 ]; do i=$((i + 1)); sleep 0.1; done
  ok "with room it is ready again" test $i -le 100
  is "... and acknowledges" "$(r EVENT click '{"id":"x","at":"2026-11-20T10:00:00Z","customer":1,"channel":"web","kind":"x"}')" x
  stop_server
  head -c 20000000 /dev/zero > "$P/state/ballast" 2> /dev/null
  starts --http 127.0.0.1:0
  refused "a server does not start on a full disk" 3 'the disk of the state, .*, takes no more|the state .* fails'
  umount "$P/state"
  trap cleanup EXIT
fi

# -- folders and files that may not be used
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null; then
  chmod 755 "$T" "$P"; rm -rf "$P/run"; chown -R 65534:65534 "$P"
  real=$STOA; libs=$BUILD/.libs
  case $real in */stoa) [ -x "$libs/stoa" ] && real=$libs/stoa || [ -x "$libs/lt-stoa" ] && real=$libs/lt-stoa ;; esac
  nobody() { LD_LIBRARY_PATH=$libs timeout 20 setpriv --reuid=65534 --regid=65534 --clear-groups "$real" serve -C "$P" --http 127.0.0.1:0 --resp 127.0.0.1:0 > "$T/said" 2>&1; code=$?; }
  if LD_LIBRARY_PATH=$libs setpriv --reuid=65534 --regid=65534 --clear-groups "$real" init "$T/bank/probe" > /dev/null 2>&1; then
    rm -rf "$T/bank/probe"
    LD_LIBRARY_PATH=$libs setpriv --reuid=65534 --regid=65534 --clear-groups "$real" rank -C "$P" next_offer '{"eventId":"one"}' > /dev/null
    chmod 0444 "$P/state/stoa.db"; nobody
    refused "a state that may not be written" 3 'state/stoa.db cannot be written: Permission denied'
    chmod 0644 "$P/state/stoa.db"
    chmod 0000 "$P/personalizer"; nobody
    refused "policies that may not be read" 3 'the folder .*/personalizer cannot be read: Permission denied'
    chmod 0755 "$P/personalizer"; chmod 0000 "$P/data/bureau.db"; nobody
    refused "a source that may not be read" 3 'data/bureau.db.*Permission denied' 3
    chmod 0644 "$P/data/bureau.db"
  fi
fi

# -- what is asked of the start
for l in abc '' -1 0x2 65 2.5; do starts --loops "$l"; refused "--loops \"$l\"" 2 'loops' 2; done
starts --http 127.0.0.1:0 --frob; refused "an option that there is not" 2 'frob' 2
starts --http; refused "an option without its value" 2 'http' 2
starts --http 127.0.0.1:0 --log xml; refused "a log that there is not" 2 'text, json' 2
(ulimit -n 60; timeout 20 "$STOA" serve -C "$P" --http 127.0.0.1:0 --resp 127.0.0.1:0 > "$T/said" 2>&1); code=$?
refused "few descriptors" 3 'limit on open files is 60'
f=$P/data/product.db; s=$(sha256sum < "$f")
starts --http 127.0.0.1:0 --socket "$f"
refused "a socket's path where a file is" 2 'product.db is there already and is no socket'
is "... which stays as it is" "$(sha256sum < "$f")" "$s"
mkdir "$T/dir"; starts --socket "$T/dir"; refused "... or a folder" 2 'is no socket'
starts --socket "$T/$(printf '%0150d' 0)"; refused "a path longer than the system takes" 2 'bytes; 107 fit'
starts --socket "$T/no/such/folder/s"; refused "one into nowhere" 3 'cannot listen on .*No such file'
rm -f "$T/server.log" # the old one is ready already
"$STOA" serve -C "$P" --http 127.0.0.1:0 --resp 127.0.0.1:0 --socket "$T/left" > "$T/server.log" 2>&1 & SERVER=$!
i=0; until grep -q ^ready "$T/server.log" 2> /dev/null || [ $i -gt 400 ]; do i=$((i + 1)); sleep 0.05; done
kill -9 "$SERVER"; wait "$SERVER" 2> /dev/null; rm -f "$T/server.log" # which says ready already
"$STOA" serve -C "$P" --http 127.0.0.1:0 --resp 127.0.0.1:0 --socket "$T/left" > "$T/server.log" 2>&1 & SERVER=$!
i=0; until grep -q ^ready "$T/server.log" 2> /dev/null || [ $i -gt 400 ]; do i=$((i + 1)); sleep 0.05; done
is "a socket that nobody listens on gives way" "$(redis-cli -s "$T/left" PING)" PONG
stop_server
is "... and goes with its server" "$([ -e "$T/left" ] && echo there)" ''
done_testing
