#!/bin/sh
# make soak: STOA_SOAK_SECONDS (600) of mixed load over the example bank; the figures of its first and its last tenth.
. "${STOA_SRC:?}/tests/support/lib.sh"
seconds=${STOA_SOAK_SECONDS:-600}
bank 500
P=$T/bank
serve "$P" || exit 1
echo "$seconds s of 40 ranks with rewards, 40 vectors, 20 events and 2 queries a second and a reload each 5 s; $(nproc) cores"
paths=$(for q in products_held inflow; do jq -sRr '"/sparql?query=" + @uri' "$P/queries/$q.rq"; done)
# shellcheck disable=SC2086
"$BUILD/tests/load/soak" "$SOCK" "${HTTP##*:}" "$SERVER" "$seconds" $paths
code=$?
stop_server || code=1
exit $code
