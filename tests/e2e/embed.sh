#!/bin/sh
. "${STOA_SRC:?}/tests/support/lib.sh"
"$STOA" init "$T/p" > /dev/null
out=$("$BUILD/examples/embed" "$T/p" offer next_offer 1 2>&1); code=$?
is "the embedding example runs" $code 0
like "it asks a query" "$out" '^triples'
like "it computes a vector" "$out" '^wealth__accounts = 2$'
like "it decides" "$out" '"rewardActionId"'
like "and learns" "$out" 'labels learned: 1'
ok "it links libstoa and no server" sh -c "! ldd '$BUILD/examples/.libs/embed' 2>/dev/null | grep -q libuv"
done_testing
