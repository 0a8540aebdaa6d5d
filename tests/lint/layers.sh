#!/bin/sh
# A room includes only rooms that stand before it: server -> personalizer -> features -> ontology -> graph.
cd "${STOA_SRC:?}" || exit 99
rooms="graph/base graph/http graph/term graph/rdf graph/sparql graph/source graph/plan graph/semantic graph/exec graph/result graph/update graph/redland ontology features/state features personalizer server cli"
bad=$(for f in $(find graph ontology features personalizer server cli -name '*.[ch]'); do
  dir=$(dirname "$f")
  sed -n 's/^#include "\([^"]*\)".*/\1/p' "$f" | while read -r inc; do
    [ "$inc" = config.h ] && continue
    printf '%s %s %s %s\n' "$dir" "$(dirname "$inc")" "$f" "$inc"
  done
done | awk -v rooms="$rooms" 'BEGIN { n = split(rooms, r, " "); for (i = 1; i <= n; ++i) rank[r[i]] = i }
  !($1 in rank) || !($2 in rank) { print "unknown room: " $3 " includes " $4; next }
  rank[$2] > rank[$1] { print $3 " includes " $4 ", which stands above it" }')
[ -z "$bad" ] && echo "ok 1 - includes point down" || { echo "not ok 1 - includes point down"; printf '%s\n' "$bad" | sed 's/^/# /'; }
echo 1..1
