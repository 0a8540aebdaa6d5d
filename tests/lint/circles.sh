#!/bin/sh
# No circles of files within a room: what a file calls lies in files that never call back.
BUILD=${STOA_BUILD:?}
command -v nm > /dev/null && command -v tsort > /dev/null || { echo "1..0 # SKIP nm or tsort is not there"; exit 0; }
N=0
room() { # FOLDER LEAST: at least so many calls between its files are seen
  cd "$BUILD/$1" || exit 99
  objects=$(find . -name '*.o' -path '*/.libs/*'); [ -n "$objects" ] || objects=$(find . -name '*.o')
  calls=$(for o in $objects; do
    nm "$o" | sed "s|^|$(basename "$o" .o) |"
  done | awk '
    BEGIN { n = 0 }
    $3 ~ /^[TDRB]$/ { home[$4] = $1 }
    $2 == "U" { user[n] = $1; name[n++] = $3 }
    END { for (i = 0; i < n; ++i) if (home[name[i]] && home[name[i]] != user[i]) print user[i], home[name[i]] }' | sort -u)
  n=$(printf '%s\n' "$calls" | wc -l)
  bad=$(printf '%s\n' "$calls" | tsort 2>&1 > /dev/null)
  N=$((N + 1)); [ "$n" -ge "$2" ] && echo "ok $N - calls between files of $1 are seen" || echo "not ok $N - calls between files of $1 are seen ($n)"
  N=$((N + 1)); [ -z "$bad" ] && echo "ok $N - files of $1 call one way" || { echo "not ok $N - files of $1 call one way"; printf '%s\n' "$bad" | sed 's/^/# /'; }
}
room graph/plan 50
room graph/semantic 15
room features 4
room personalizer 15
room server 40
echo "1..$N"
