#!/bin/sh
# Every test script can be run, and is run by the suite.
cd "${STOA_SRC:?}" || exit 99
bad=
for f in tests/e2e/*.sh tests/lint/*.sh; do
  [ -x "$f" ] || bad="$bad $f(not-executable)"
  grep -q "$f" tests/local.mk || bad="$bad $f(not-in-local.mk)"
done
if [ -z "$bad" ]; then echo "ok 1 - every script can be run, and is"; else echo "not ok 1 - every script can be run, and is"; echo "#$bad"; fi
echo 1..1
