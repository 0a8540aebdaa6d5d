#!/bin/sh
# No circles of files in the planner: what a file calls lies in files that never call back.
cd "${STOA_BUILD:?}/graph/plan" || exit 99
command -v nm > /dev/null && command -v tsort > /dev/null || { echo "1..0 # SKIP nm or tsort is not there"; exit 0; }
objects=$(ls .libs/*.o 2> /dev/null || ls ./*.o)
calls=$(for o in $objects; do
  nm "$o" | sed "s|^|$(basename "$o" .o) |"
done | awk '
  BEGIN { n = 0 }
  $3 ~ /^[TDRB]$/ { home[$4] = $1 }
  $2 == "U" { user[n] = $1; name[n++] = $3 }
  END { for (i = 0; i < n; ++i) if (home[name[i]] && home[name[i]] != user[i]) print user[i], home[name[i]] }' | sort -u)
n=$(printf '%s\n' "$calls" | wc -l)
bad=$(printf '%s\n' "$calls" | tsort 2>&1 > /dev/null)
[ "$n" -gt 50 ] && echo "ok 1 - calls between files are seen" || echo "not ok 1 - calls between files are seen ($n)"
[ -z "$bad" ] && echo "ok 2 - files of graph/plan call one way" || { echo "not ok 2 - files of graph/plan call one way"; printf '%s\n' "$bad" | sed 's/^/# /'; }
echo 1..2
