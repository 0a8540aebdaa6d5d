#!/bin/sh
# The W3C SPARQL suites by group: 1.1 query evaluation and syntax, result formats, and 1.0 where 1.1 does not
# overrule it.  Left out: entailment, federated service, and the protocols, which other tests cover.
. "${STOA_SRC:?}/tests/support/lib.sh"
SUITES=${STOA_SHARED:?}/suites/w3c-sparql
[ -d "$SUITES/sparql11" ] || skip_all "w3c-sparql: absent; see README.md for where to get it"
LIST=$SRC/tests/conformance/expected-failures
N=0
: > "$T/table"; : > "$T/claims"; : > "$T/reported"
for group in $(cd "$SUITES" && ls -d sparql11/*/ sparql10/*/); do
  group=${group%/}
  case $group in */entailment | */service | */protocol | */graph-store-protocol | */http-rdf-update | */service-description) continue ;; esac
  "$BUILD/tests/conformance/runner" "$SUITES" "$group" "$LIST" > "$T/group" 2>&1 || echo "not ok 1 - $group: the runner failed" >> "$T/group"
  # Number the claims anew, over all groups.
  awk -v n="$N" '/^(not )?ok /{ n++; sub(/ok [0-9]+/, "ok " n) } !/^1\.\./' "$T/group"
  cat "$T/group" >> "$T/claims"
  tests=$(grep -cE '^(not )?ok ' "$T/group"); passed=$(grep -c '^ok ' "$T/group")
  N=$((N + tests))
  printf '# %-36s %4d of %4d\n' "$group" "$passed" "$tests" >> "$T/table"
done
# Groups that are reported, not required: SPARQL 1.2, and the entailment regimes (no ontology is loaded there).
for group in $(cd "$SUITES" && ls -d sparql12/*/ sparql11/entailment/ 2> /dev/null); do
  group=${group%/}
  "$BUILD/tests/conformance/runner" "$SUITES" "$group" > "$T/group" 2>&1
  cat "$T/group" >> "$T/reported"
  printf '# %-36s %4d of %4d (reported only)\n' "$group" "$(grep -c '^ok ' "$T/group")" "$(grep -cE '^(not )?ok ' "$T/group")" >> "$T/table"
done
cat "$T/table"
# The same as an EARL report (W3C Evaluation and Report Language).
{
  echo '@prefix earl: <http://www.w3.org/ns/earl#> .'
  echo '@prefix doap: <http://usefulinc.com/ns/doap#> .'
  echo '<#stoa> a doap:Project, earl:Software ; doap:name "Stoa" .'
  cat "$T/claims" "$T/reported" | awk '/^(not )?ok /{ o = $1 == "ok" ? "passed" : "failed"; sub(/^(not )?ok [0-9]+ - /, ""); sub(/ #.*/, ""); printf "[] a earl:Assertion ; earl:subject <#stoa> ; earl:mode earl:automatic ; earl:test <https://w3c.github.io/rdf-tests/sparql/%s> ; earl:result [ a earl:TestResult ; earl:outcome earl:%s ] .\n", $0, o }' | sed 's@rdf-tests/sparql/\([^#>]*\)#@rdf-tests/sparql/\1/manifest#@'
} > "$BUILD/earl.ttl"
N=$((N + 1))
if "$STOA" query --data "$BUILD/earl.ttl" --format csv -e 'PREFIX earl: <http://www.w3.org/ns/earl#> SELECT (COUNT(?t) AS ?n) { ?a earl:test ?t }' | tr -d '\r' | tail -1 | grep -qE '^[0-9]{3,}$'; then echo "ok $N - the EARL report is a graph of its assertions"; else echo "not ok $N - the EARL report is a graph of its assertions"; fi
N=$((N + 1))
cp "$SRC/tests/conformance/expected-failures" "$T/list"
if "$BUILD/tests/conformance/runner" "$SUITES" sparql11/aggregates "$T/list" agg01 | grep -q '^ok 1'; then echo "ok $N - the runner can pass"; else echo "not ok $N - the runner can pass"; fi
cp -r "$SUITES/sparql11/aggregates" "$T/aggregates" && mkdir -p "$T/wrong/sparql11" && mv "$T/aggregates" "$T/wrong/sparql11/"
chmod -R u+w "$T/wrong"
sed -i 's/>5</>6</' "$T/wrong/sparql11/aggregates/agg01.srx"
N=$((N + 1))
if "$BUILD/tests/conformance/runner" "$T/wrong" sparql11/aggregates "$T/list" agg01 | grep -q '^not ok 1'; then echo "ok $N - and fails on a wrong expected row"; else echo "not ok $N - and fails on a wrong expected row"; fi
done_testing
