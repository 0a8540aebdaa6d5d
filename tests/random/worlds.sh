#!/bin/sh
# Random mappings of random tables in random databases (SQLite, PostgreSQL, CSV, one or two at once), each asked random
# queries: over the sources, and plainly over the same triples.
#   STOA_RANDOM_WORLDS: how many (12)   STOA_RANDOM_PER_WORLD: queries of each (40)   STOA_RANDOM_SEED: the first (1)
#   STOA_RANDOM_STOP=1: no further than the first world that differs
. "${STOA_SRC:?}/tests/support/lib.sh"
. "${STOA_SRC:?}/tests/support/postgres.sh"
pg_start pg > /dev/null 2>&1 || PG=-
n=${STOA_RANDOM_WORLDS:-12}
each=${STOA_RANDOM_PER_WORLD:-40}
first=${STOA_RANDOM_SEED:-1}
make_world() { # SEED: a project in $W with its databases
  W=$T/w$1
  mkdir -p "$W/s0" "$W/s1"
  "$BUILD/tests/random/world" "$W" "$1" "$PG" > "$W/sources" || return 1
  while read -r source driver; do
    case $driver in
      sqlite) sqlite3 "$W/$source.db" < "$W/$source.sql" || return 1 ;;
      postgres) { echo "DROP SCHEMA IF EXISTS $source CASCADE; CREATE SCHEMA $source; SET search_path = $source;"; cat "$W/$source.sql"; } | pg > /dev/null 2>&1 || return 1 ;;
    esac
  done < "$W/sources"
}
i=0
: > "$T/report"
while [ $i -lt "$n" ]; do
  seed=$((first + i))
  if make_world $seed && "$STOA" materialize -C "$W" -o "$W/all.nt" 2> "$W/why"; then
    "$BUILD/tests/random/worlds" "$W" "$W/all.nt" $seed "$each" > "$W/report" 2>&1 || echo "world $seed: failed" >> "$T/report"
    sed "s/^# /# world $seed: /" "$W/report" >> "$T/report"
  else
    echo "world $seed: not made: $(head -1 "$W/why" 2> /dev/null)" >> "$T/report"
  fi
  [ -n "${STOA_RANDOM_KEEP:-}" ] || rm -rf "$W"
  i=$((i + 1))
  [ -z "${STOA_RANDOM_STOP:-}" ] || ! awk '/^queries/ { bad += $4 + $6 } /: not made|: failed$/ { ++bad } END { exit !bad }' "$T/report" || break
done
grep -v '^queries' "$T/report" | sed 's/^#* */# /'
awk '/^queries/ { n += $2; different += $4; failed += $6; limits += $8; rows += $10
    for (i = 12; i <= NF; i++) { split($i, part, "="); uses[part[1]] += part[2] } }
  /not made|: failed$/ { lost++ }
  END { answered = n - failed - limits; covered = rows * 2 >= answered && n > 0
    printf "# queries %d different %d failed %d beyond-limits %d with-rows %d lost-worlds %d\n# operators:", n, different, failed, limits, rows, lost
    for (u in uses) { printf " %s %.1f%%", u, 100 * uses[u] / (answered ? answered : 1); covered = covered && uses[u] * 20 >= answered }
    printf "\nsum %d %d %d %s\n", different, failed, lost, covered ? "yes" : "no" }' "$T/report" > "$T/sum"
grep '^#' "$T/sum"
is "$n random worlds of $each queries: no answer differs, none fails, all are made" "$(sed -n 's/^sum \([0-9]* [0-9]* [0-9]*\) .*/\1/p' "$T/sum")" "0 0 0"
is "half of the answers have rows, every operator stands in 5 % of the queries" "$(sed -n 's/^sum .* //p' "$T/sum")" yes
done_testing
