#!/bin/sh
# make check-mutants: plant the faults of tests/mutants/list one at a time in a copy of the tree, build, and see whether
# a test fails.  A fault that no test sees is printed: a test is missing.
#
# STOA_MUTANTS=TEXT: only those whose paragraph has the text, or "from:N" to go on with the Nth (the tests without a
# fault are not run again)
# STOA_MUTANTS_LIST=FILE: another list         STOA_MUTANTS_TESTS="...": other tests, in the order in which they are tried, after
# the one that a fault names
# STOA_MUTANTS_KEEP=DIR: the copy stays there, and is built again from where it was
#
# The list: paragraphs of lines.  "# " why it is a fault; the place, files from the top of the tree (graph/exec/*.c); "- " a
# line of the text that is replaced, which must stand there exactly once, "+ " a line of what stands there then (several
# make several lines); "@ TEST" the one to try first: say which catches it.
set -u
SRC=${STOA_SRC:?}
LC_ALL=C.UTF-8; export LC_ALL
work=${STOA_MUTANTS_KEEP:-$(mktemp -d "${TMPDIR:-/tmp}/stoa-mutants.XXXXXX")}
mkdir -p "$work"
[ -n "${STOA_MUTANTS_KEEP:-}" ] || trap 'rm -rf "$work"' EXIT
trap 'exit 99' INT TERM
list=${STOA_MUTANTS_LIST:-$SRC/tests/mutants/list}
export STOA_RANDOM_STOP=1 # a world that shows the fault is enough
# The quickest first.
tests=${STOA_MUTANTS_TESTS:-tests/unit/test_sparql tests/unit/test_native tests/unit/test_native_store tests/unit/test_plan tests/e2e/sorting.sh tests/e2e/nullable_keys.sh tests/unit/test_term tests/e2e/cases_sparql.sh tests/conformance/conformance.sh tests/e2e/functions.sh tests/e2e/csv.sh tests/e2e/virtual.sh tests/e2e/statements.sh tests/e2e/paths.sh tests/e2e/federation.sh tests/e2e/edges.sh tests/e2e/cases_virtual.sh tests/random/differential.sh tests/e2e/postgres.sh tests/e2e/explain.sh}
export STOA_RANDOM_QUERIES="${STOA_RANDOM_QUERIES:-120}"
S=$work/src B=$work/build O=$work/whole

copy_tree() { # what git would see, and what autogen.sh made
  mkdir -p "$S"
  (cd "$SRC" && { git ls-files -co --exclude-standard 2> /dev/null || find . -type f ! -path './build*' | sed 's|^\./||'; }) > "$work/files"
  (cd "$SRC" && ls -d configure aclocal.m4 config.h.in Makefile.in build-aux/* m4/*.m4 2> /dev/null) >> "$work/files"
  (cd "$SRC" && sort -u "$work/files" | while read -r f; do [ -f "$f" ] && echo "$f"; done | tar -cf - -T -) | tar -xf - -C "$S" --keep-newer-files 2> /dev/null
  # What the last run left planted is put back, and what the files were is kept: the tree may change meanwhile.
  rm -rf "$O"; mkdir "$O"
  (cd "$SRC" && sort -u "$work/files" | grep '\.[ch]$') | while read -r f; do
    [ ! -f "$SRC/$f" ] || cmp -s "$SRC/$f" "$S/$f" || cp "$SRC/$f" "$S/$f"
  done
  (cd "$S" && find . -name '*.[ch]' | tar -cf - -T -) | tar -xf - -C "$O"
}
programs() { # what the tests need, besides the program itself
  for t in $tests; do case $t in *.sh) ;; *) echo "$t" ;; esac; done
  echo stoa examples/bank/generate tests/random/differential tests/conformance/runner tests/conformance/same examples/embed tests/random/world tests/random/worlds
}
build() { # WHAT...: quietly; the log in $work/build.log
  (cd "$B" && make -s -j2 "$@") > "$work/build.log" 2>&1
}
# The library with $file as it stands now, and the file of the fault before: linked by hand, since libtool takes longer than
# the compiler.  ${before:-}: that file.
rebuild() {
  build "${file%.c}.lo" ${before:+"${before%.c}.lo"} || return 1
  (cd "$B" && ${CC:-gcc} -shared -Wl,-Bsymbolic-functions -Wl,--version-script="$work/exports" -Wl,-soname,libstoa.so.0 -o .libs/libstoa.so.new \
    $(cat "$work/objects") $(cat "$work/libraries") && mv .libs/libstoa.so.new .libs/libstoa.so.0.0.0) >> "$work/build.log" 2>&1
}
one() { # TEST: does it pass?
  STOA_SRC=$S STOA_BUILD=$B STOA_SHARED=${STOA_SHARED:-$SRC/../shared} CMOCKA_MESSAGE_OUTPUT=TAP
  export STOA_SRC STOA_BUILD STOA_SHARED CMOCKA_MESSAGE_OUTPUT
  case $1 in
    *.sh) (cd "$B" && timeout 300 sh "$S/$1") > "$work/test.log" 2>&1 ;;
    *) (cd "$B" && timeout 120 "$B/$1") > "$work/test.log" 2>&1 ;;
  esac && ! grep '^not ok' "$work/test.log" | grep -qv '# TODO'
}
first_failing() { # TEST...: its name; nothing when all pass
  for t; do
    one "$t" || { echo "$t"; return; }
  done
}

# The one file among PLACE that has the text, once, in $file; with the fault in $work/planted.  Else what is wrong, in $told.
find_place() {
  file= told="the text does not stand in $1"
  head -n 1 "$f.from" > "$work/first"
  for one in $(cd "$O" && grep -lF -f "$work/first" -- $1 2> /dev/null); do
    awk -v from="$f.from" -v to="$f.to" -f "$SRC/tests/mutants/plant.awk" "$O/$one" > "$work/one"
    case $? in
      3) continue ;;
      0) ;;
      *) told="the text stands more than once in $one"; return 1 ;;
    esac
    [ -z "$file" ] || { told="the text stands in $file and in $one"; return 1; }
    file=$one
    mv "$work/one" "$work/planted"
  done
  [ -n "$file" ]
}

echo "building a copy of the tree"
copy_tree
mkdir -p "$B"
[ -f "$B/Makefile" ] || (cd "$B" && "$S/configure" --quiet --disable-static CFLAGS='-O1') > "$work/configure.log" 2>&1 || { tail -5 "$work/configure.log"; exit 1; }
build $(programs) || { tail -20 "$work/build.log"; exit 1; }
(cd "$B" && find graph ontology features personalizer -path '*/.libs/*.o') > "$work/objects"
sed -n "s/^dependency_libs='\(.*\)'/\1/p" "$B/libstoa.la" | sed 's|[^ ]*/lib\([^/ ]*\)\.la|-l\1|g' > "$work/libraries"
echo '{ global: stoa_*; local: *; };' > "$work/exports"
# A test that fails anyway would seem to catch what it is tried for.
others=$(for t in $(sed -n 's/^@ //p' "$list" | sort -u); do case " $tests " in *" $t "*) ;; *) echo "$t" ;; esac; done)
failing=
case ${STOA_MUTANTS:-} in from:*) ;; *) failing=$(first_failing $tests $others) ;; esac
[ -z "$failing" ] || { echo "$failing fails without any fault:"; grep -A5 '^not ok' "$work/test.log" | grep -v '# TODO' | tail -20; exit 1; }

# One folder a fault: why, file, from, to, test.
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
n=$(cat "$work/count") planted=0 caught=0 errors=0
: > "$work/survivors"
i=0
while [ $i -lt "$n" ]; do
  i=$((i + 1))
  f=$work/faults/$i
  why=$(tr '\n' ' ' < "$f.why")
  case ${STOA_MUTANTS:-} in
    from:*) [ $i -ge "${STOA_MUTANTS#from:}" ] || continue ;;
    ?*) cat "$f".* | grep -qF -- "$STOA_MUTANTS" || continue ;;
  esac
  [ -f "$f.to" ] || : > "$f.to"
  if ! find_place "$(cat "$f.file")"; then
    echo "$i error: $told ($why)"; errors=$((errors + 1)); continue
  fi
  cp "$work/planted" "$S/$file"
  if ! rebuild; then # which the programs load
    echo "$i error: $file does not compile ($why)"; grep error: "$work/build.log" | head -3; errors=$((errors + 1))
  else
    planted=$((planted + 1))
    hint=$(cat "$f.test" 2> /dev/null)
    by=$(first_failing $hint $(for t in $tests; do [ "$t" = "$hint" ] || echo "$t"; done))
    if [ -n "$by" ]; then
      caught=$((caught + 1))
      echo "$i caught by ${by#tests/}: $why"
    else
      echo "$i NOT CAUGHT $file: $why" | tee -a "$work/survivors"
    fi
  fi
  cp "$O/$file" "$S/$file"
  before=$file
done
echo "$planted planted, $caught caught, $errors errors in the list"
cat "$work/survivors"
[ "$errors" = 0 ] && [ "$((caught * 100))" -ge "$((planted * 95))" ]
