#!/bin/sh
# Every verb has a man page, and the pages are clean.
cd "${STOA_SRC:?}" || exit 99
N=0
for v in init check query materialize features rank reward policy serve; do
  N=$((N + 1)); [ -s docs/man/stoa-$v.1 ] && echo "ok $N - stoa $v has a man page" || echo "not ok $N - stoa $v has a man page"
done
N=$((N + 1))
if command -v mandoc > /dev/null; then
  out=$(mandoc -Tlint -W warning docs/man/*.1 docs/man/*.5 2>&1) && echo "ok $N - the pages are clean" || { echo "not ok $N - the pages are clean"; printf '%s\n' "$out" | sed 's/^/# /'; }
else
  echo "ok $N - the pages are clean # SKIP no mandoc"
fi
echo "1..$N"
