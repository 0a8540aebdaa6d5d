#!/bin/sh
# make check-mutants: plant the faults of tests/mutants/list one at a time in a copy of the tree, build, and see whether
# a test fails.  A fault that no test sees is printed: a test is missing.
#
# STOA_MUTANTS=TEXT: only those whose paragraph has the text, or "from:N" to go on with the Nth (the tests without a
# fault are not run again), or "check" to look whether each text stands where it should, without building anything
# STOA_MUTANTS_LIST=FILE: another list         STOA_MUTANTS_TESTS="...": other tests, in the order in which they are tried, after
# the one that a fault names
# STOA_MUTANTS_JOBS=N: so many at once (2), each with a copy of its own
# STOA_MUTANTS_KEEP=DIR: the copies stay there, and are built again from where they were
#
# The list: paragraphs of lines.  "# " why it is a fault; the place, files from the top of the tree (graph/exec/*.c); "- " a
# line of the text that is replaced, which must stand there exactly once, "+ " a line of what stands there then (several
# make several lines); "@ TEST [CASE]" the one to try first: say which catches it, and for tests of many cases (cases_*.sh)
# which case.
set -u
SRC=${STOA_SRC:?}
LC_ALL=C.UTF-8; export LC_ALL
work=${STOA_MUTANTS_KEEP:-$(mktemp -d "${TMPDIR:-/tmp}/stoa-mutants.XXXXXX")}
mkdir -p "$work"
workers=
end() { [ -z "$workers" ] || kill $workers 2> /dev/null; [ -n "${STOA_MUTANTS_KEEP:-}" ] || rm -rf "$work"; }
trap end EXIT
trap 'exit 99' INT TERM
list=${STOA_MUTANTS_LIST:-$SRC/tests/mutants/list}
export STOA_RANDOM_STOP=1 STOA_TESTS_STOP=1 # a world, a claim that shows the fault is enough
# The quickest first.
tests=${STOA_MUTANTS_TESTS:-tests/unit/test_sparql tests/unit/test_native tests/unit/test_native_store tests/unit/test_plan tests/e2e/sorting.sh tests/e2e/nullable_keys.sh tests/unit/test_term tests/e2e/cases_sparql.sh tests/conformance/conformance.sh tests/e2e/functions.sh tests/e2e/csv.sh tests/e2e/virtual.sh tests/e2e/statements.sh tests/e2e/paths.sh tests/e2e/federation.sh tests/e2e/edges.sh tests/e2e/cases_virtual.sh tests/random/differential.sh tests/e2e/postgres.sh tests/e2e/explain.sh}
export STOA_RANDOM_QUERIES="${STOA_RANDOM_QUERIES:-120}"
jobs=${STOA_MUTANTS_JOBS:-2}

# Each worker has its folder $W: the tree in $S, built in $B, and the files as they were in $O.
copy_tree() { # what git would see, and what autogen.sh made
  mkdir -p "$S"
  (cd "$SRC" && { git ls-files -co --exclude-standard 2> /dev/null || find . -type f ! -path './build*' | sed 's|^\./||'; }) > "$W/files"
  (cd "$SRC" && ls -d configure aclocal.m4 config.h.in Makefile.in build-aux/* m4/*.m4 2> /dev/null) >> "$W/files"
  (cd "$SRC" && sort -u "$W/files" | while read -r f; do [ -f "$f" ] && echo "$f"; done | tar -cf - -T -) | tar -xf - -C "$S" --keep-newer-files 2> /dev/null
  # What the last run left planted is put back, and what the files were is kept: the tree may change meanwhile.
  rm -rf "$O"; mkdir "$O"
  (cd "$SRC" && sort -u "$W/files" | grep '\.[ch]$') | while read -r f; do
    [ ! -f "$SRC/$f" ] || cmp -s "$SRC/$f" "$S/$f" || cp "$SRC/$f" "$S/$f"
  done
  (cd "$S" && find . -name '*.[ch]' | tar -cf - -T -) | tar -xf - -C "$O"
}
hints() { sed -n 's/^@ \([^ ]*\).*/\1/p' "$list" | sort -u; }
programs() { # what the tests need, besides the program itself
  for t in $tests $(hints); do case $t in *.sh) ;; *) echo "$t" ;; esac; done | sort -u
  echo stoa examples/bank/generate tests/random/differential tests/conformance/runner tests/conformance/same examples/embed tests/random/world tests/random/worlds
}
build() { # WHAT...: quietly; the log in $W/build.log
  (cd "$B" && make -s "$@") > "$W/build.log" 2>&1
}
# The library with $file as it stands now, and the files of the faults before that are not built since: linked by hand, since
# libtool takes longer than the compiler.  $before: those files.
rebuild() {
  case "$file $before" in *server/* | *cli/*) build $(programs); return ;; esac # which are no part of the library
  build "${file%.c}.lo" $(printf '%s\n' $before | sed 's/c$/lo/') || return 1
  (cd "$B" && ${CC:-gcc} -shared -Wl,-Bsymbolic-functions -Wl,--version-script="$W/exports" -Wl,-soname,libstoa.so.0 -o .libs/libstoa.so.new \
    $(cat "$W/objects") $(cat "$W/libraries") && mv .libs/libstoa.so.new .libs/libstoa.so.0.0.0) >> "$W/build.log" 2>&1
}
one() { # TEST [CASE]: does it pass?
  STOA_SRC=$S STOA_BUILD=$B STOA_SHARED=${STOA_SHARED:-$SRC/../shared} CMOCKA_MESSAGE_OUTPUT=TAP STOA_CASE=${2:-}
  export STOA_SRC STOA_BUILD STOA_SHARED CMOCKA_MESSAGE_OUTPUT STOA_CASE
  case $1 in
    *.sh) (cd "$B" && timeout 300 sh "$S/$1") > "$W/test.log" 2>&1 ;;
    *) (cd "$B" && timeout 120 "$B/$1") > "$W/test.log" 2>&1 ;;
  esac && ! grep '^not ok' "$W/test.log" | grep -qv '# TODO'
}
first_failing() { # TEST...: its name, and the claim; nothing when all pass
  for t; do
    one $t || { echo "${t%% *}: $(sed -n '/# TODO/d; s/^not ok [0-9]* - //p' "$W/test.log" | head -1)"; return; }
  done
}

# The one file among PLACE that has the text, once, in $file; with the fault in $W/planted.  Else what is wrong, in $told.
find_place() {
  file= told="the text does not stand in $1"
  head -n 1 "$f.from" > "$W/first"
  for one in $(cd "$O" && grep -lF -f "$W/first" -- $1 2> /dev/null); do
    awk -v from="$f.from" -v to="$f.to" -f "$SRC/tests/mutants/plant.awk" "$O/$one" > "$W/one"
    case $? in
      3) continue ;;
      0) ;;
      *) told="the text stands more than once in $one"; return 1 ;;
    esac
    [ -z "$file" ] || { told="the text stands in $file and in $one"; return 1; }
    file=$one
    mv "$W/one" "$W/planted"
  done
  [ -n "$file" ]
}
test_stands() { # TEST [CASE], or nothing at all
  [ -z "${1:-}" ] || [ -f "$SRC/$1" ] || [ -f "$SRC/$1.c" ] || { told="there is no $1"; return 1; }
  [ -z "${2:-}" ] || { kind=${1#*cases_}; [ -d "$SRC/tests/cases/${kind%.sh}/$2" ]; } || { told="$1 has no case $2"; return 1; }
}

# One folder a fault: why, file, from, to, test.
split_list() {
  rm -rf "$work/faults"; mkdir "$work/faults"
  awk -v dir="$work/faults" '
    function put(name, text) { file = dir "/" n "." name; printf "%s%s", (name in lines) ? "\n" : "", text > file; lines[name] = 1 }
    function start() { if (!inside) { ++n; inside = 1; split("", lines) } }
    /^$/ { inside = 0; next }
    /^#!/ { next }
    { start() }
    /^# / { put("why", substr($0, 3)); next }
    /^@ / { put("test", substr($0, 3)); next }
    /^- / { put("from", substr($0, 3)); next }
    /^\+ / { put("to", substr($0, 3)); next }
    /^\+$/ { put("to", ""); next }
    { put("file", $0) }
    END { print n }' "$list" > "$work/count"
  n=$(cat "$work/count")
  : > "$work/results"
}
wanted() { # is fault $i among those of STOA_MUTANTS?
  case ${STOA_MUTANTS:-} in
    from:*) [ "$i" -ge "${STOA_MUTANTS#from:}" ] ;;
    check | "") ;;
    *) cat "$f".* | grep -qF -- "$STOA_MUTANTS" ;;
  esac
}
result() { echo "$i $*" | tee -a "$work/results"; } # of fault $i
plant() { # fault $i
  cp "$W/planted" "$S/$file"
  if ! rebuild; then # which the programs load
    result "error: $file does not compile ($why)"; grep error: "$W/build.log" | head -3
  else
    before=
    hint=$(cat "$f.test" 2> /dev/null)
    whole=${hint%% *}
    by=$([ -z "$hint" ] || first_failing "$hint")
    if [ -z "$by" ]; then
      [ -z "$hint" ] || echo "$i not seen by $hint" >> "$work/hints"
      by=$(first_failing $([ "$whole" = "$hint" ] || echo "$whole") $(for t in $tests; do [ "$t" = "$whole" ] || echo "$t"; done))
    fi
    if [ -n "$by" ]; then result "caught by ${by#tests/} | $why"; else result "NOT CAUGHT $file: $why"; fi
  fi
  cp "$O/$file" "$S/$file"
  before="$before $file"
}
each_fault() { # WHAT: for each fault that no other worker has taken
  i=0
  while [ $i -lt "$n" ] && [ ! -e "$work/wrong" ]; do
    i=$((i + 1))
    f=$work/faults/$i
    wanted && mkdir "$f.taken" 2> /dev/null || continue
    why=$(tr '\n' ' ' < "$f.why")
    [ -f "$f.to" ] || : > "$f.to"
    if ! find_place "$(cat "$f.file")" || ! test_stands $(cat "$f.test" 2> /dev/null); then result "error: $told ($why)"; else "$1"; fi
  done
}
wrong() { echo "$*"; : > "$work/wrong"; } # all workers end
worker() { # NUMBER
  W=$work/$1 S=$work/$1/src B=$work/$1/build O=$work/$1/whole
  mkdir -p "$B"
  copy_tree
  [ -f "$B/Makefile" ] || (cd "$B" && "$S/configure" --quiet --disable-static CFLAGS='-O1') > "$W/configure.log" 2>&1 || { wrong "$(tail -5 "$W/configure.log")"; return; }
  build $(programs) || { wrong "$(tail -20 "$W/build.log")"; return; }
  (cd "$B" && find graph ontology features personalizer -path '*/.libs/*.o') > "$W/objects"
  sed -n "s/^dependency_libs='\(.*\)'/\1/p" "$B/libstoa.la" | sed 's|[^ ]*/lib\([^/ ]*\)\.la|-l\1|g' > "$W/libraries"
  echo '{ global: stoa_*; local: *; };' > "$W/exports"
  # A test that fails anyway would seem to catch what it is tried for.  Each worker looks at its share.
  case ${STOA_MUTANTS:-} in from:*) ;; *)
    failing=$(first_failing $(for t in $tests $(hints); do echo "$t"; done | awk '!seen[$0]++' | awk -v n="$jobs" -v i="$1" 'NR % n == i % n'))
    [ -z "$failing" ] || { wrong "without any fault: $failing" "$(grep -A5 '^not ok' "$W/test.log" | grep -v '# TODO' | tail -20)"; return; } ;;
  esac
  before=
  each_fault plant
}

split_list
rm -f "$work/wrong" "$work/hints"
if [ "${STOA_MUTANTS:-}" = check ]; then
  W=$work O=$SRC
  each_fault true
  [ -s "$work/results" ] || echo "$n texts stand where they should"
  [ ! -s "$work/results" ]
  exit
fi
echo "building $jobs copies of the tree"
for j in $(seq "$jobs"); do worker "$j" & workers="$workers $!"; done
wait; workers=
[ ! -e "$work/wrong" ] || exit 1
count() { grep -cE "^[0-9]+ $1" "$work/results"; }
caught=$(count caught) errors=$(count error:) survivors=$(count NOT)
planted=$((caught + survivors))
echo "$planted planted, $caught caught, $errors errors in the list"
sort -n "$work/results" | grep -E '^[0-9]+ (NOT|error)'
[ ! -s "$work/hints" ] || { echo "caught by another test than the list says, or by none:"; sort -n "$work/hints"; }
[ "$errors" = 0 ] && [ "$((caught * 100))" -ge "$((planted * 95))" ]
