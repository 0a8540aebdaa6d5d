#!/bin/sh
# No two rooms have a function or a variable of one name: linked statically they would clash, and linked dynamically one of
# them would be called for the other.
cd "${STOA_BUILD:?}" || exit 99
rooms=$(for d in graph ontology features personalizer server; do [ -d "$d" ] && echo "$d"; done)
# shellcheck disable=SC2086
objects=$(find $rooms -name '*.o' -path '*/.libs/*')
# shellcheck disable=SC2086
[ -n "$objects" ] || objects=$(find $rooms -name '*.o')
if [ -z "$objects" ] || ! command -v nm > /dev/null; then echo "1..0 # SKIP nothing is built, or there is no nm"; exit 0; fi
# shellcheck disable=SC2086
twice=$(nm -g -P $objects | awk '$2 ~ /^[TDBR]$/ { print $1 }' | sort | uniq -d)
if [ -z "$twice" ]; then echo "ok 1 - every name is given once"; else echo "not ok 1 - every name is given once"; echo "# twice: $twice"; fi
echo 1..1
