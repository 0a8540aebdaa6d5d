#!/bin/sh
# Each header compiles alone and has the guard its path tells.
cd "${STOA_SRC:?}" || exit 99
N=0
for h in $(find graph ontology features personalizer server cli -name '*.h' | sort); do
  N=$((N + 1))
  guard=STOA_$(printf '%s' "${h%.h}" | tr 'a-z/' 'A-Z_')_H
  flags=$(pkg-config --cflags libuv 2> /dev/null)
  if grep -q "^#ifndef $guard\$" "$h" && ${CC:-cc} -std=gnu17 -D_GNU_SOURCE -I. $flags -fsyntax-only -x c "$h" 2> /dev/null; then
    echo "ok $N - $h stands alone"
  else
    echo "not ok $N - $h stands alone (guard $guard)"
  fi
done
echo "1..$N"
