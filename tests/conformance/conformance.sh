#!/bin/sh
# The W3C SPARQL suites by group: 1.1 query evaluation and syntax, result formats, and 1.0 where 1.1 does not
# overrule it.  Left out: entailment, federated service, and the protocols, which other tests cover.
. "${STOA_SRC:?}/tests/support/lib.sh"
SUITES=${STOA_SHARED:?}/suites/w3c-sparql
[ -d "$SUITES/sparql11" ] || skip_all "w3c-sparql: absent; see README.md for where to get it"
LIST=$SRC/tests/conformance/expected-failures
N=0
: > "$T/table"
for group in $(cd "$SUITES" && ls -d sparql11/*/ sparql10/*/); do
  group=${group%/}
  case $group in */entailment | */service | */protocol | */graph-store-protocol | */http-rdf-update | */service-description) continue ;; esac
  "$BUILD/tests/conformance/runner" "$SUITES" "$group" "$LIST" > "$T/group" 2>&1 || echo "not ok 1 - $group: the runner failed" >> "$T/group"
  # Number the claims anew, over all groups.
  awk -v n="$N" '/^(not )?ok /{ n++; sub(/ok [0-9]+/, "ok " n) } !/^1\.\./' "$T/group"
  tests=$(grep -cE '^(not )?ok ' "$T/group"); passed=$(grep -c '^ok ' "$T/group")
  N=$((N + tests))
  printf '# %-36s %4d of %4d\n' "$group" "$passed" "$tests" >> "$T/table"
done
cat "$T/table"
N=$((N + 1))
cp "$SRC/tests/conformance/expected-failures" "$T/list"
if "$BUILD/tests/conformance/runner" "$SUITES" sparql11/aggregates "$T/list" agg01 | grep -q '^ok 1'; then echo "ok $N - the runner can pass"; else echo "not ok $N - the runner can pass"; fi
cp -r "$SUITES/sparql11/aggregates" "$T/aggregates" && mkdir -p "$T/wrong/sparql11" && mv "$T/aggregates" "$T/wrong/sparql11/"
chmod -R u+w "$T/wrong"
sed -i 's/>5</>6</' "$T/wrong/sparql11/aggregates/agg01.srx"
N=$((N + 1))
if "$BUILD/tests/conformance/runner" "$T/wrong" sparql11/aggregates "$T/list" agg01 | grep -q '^not ok 1'; then echo "ok $N - and fails on a wrong expected row"; else echo "not ok $N - and fails on a wrong expected row"; fi
done_testing
