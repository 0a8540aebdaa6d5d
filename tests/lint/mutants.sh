#!/bin/sh
# Each fault of make check-mutants still fits the tree: its text stands there once, and the test that it names is there.
n=0
for list in list worlds.list state.list server.list; do
  n=$((n + 1))
  bad=$(STOA_MUTANTS=check STOA_MUTANTS_LIST="${STOA_SRC:?}/tests/mutants/$list" sh "$STOA_SRC/tests/mutants/run.sh" 2>&1) && echo "ok $n - the texts of tests/mutants/$list stand where they should" ||
    { echo "not ok $n - the texts of tests/mutants/$list stand where they should"; printf '%s\n' "$bad" | sed 's/^/# /'; }
done
echo 1..4
