#!/bin/sh
# make fuzz: libFuzzer on queries and updates, Turtle and N-Quads, result documents, and values and patterns, each for
# STOA_FUZZ_SECONDS (60), under ASan and UBSan, with the W3C suites as corpus where they are.  Needs clang.
set -u
SRC=${STOA_SRC:?} BUILD=$SRC/build-fuzz SUITES=${STOA_SHARED:-$SRC/../shared}/suites
CC=${STOA_FUZZ_CC:-clang}
command -v "$CC" > /dev/null || { echo "make fuzz needs clang"; exit 1; }
[ -x "$SRC/configure" ] || (cd "$SRC" && ./autogen.sh) || exit 1
mkdir -p "$BUILD" && cd "$BUILD" || exit 1
FLAGS='-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined'
[ -f Makefile ] || ../configure --quiet --disable-shared CC="$CC" CFLAGS="$FLAGS" || exit 1
make -s libstoa.la > make.log 2>&1 || { tail -20 make.log; exit 1; }
LIBS=$(pkg-config --libs redland rasqal raptor2 libuv jansson sqlite3 yaml-0.1 libpcre2-8 libcrypto libcurl libxml-2.0 libpq odbc)
LIBS="$LIBS -lcsv -lgmp -lunistring"
code=0
for target in ${STOA_FUZZ_TARGETS:-query load results values}; do
  mkdir -p "corpus-$target" "seeds-$target"
  case $target in query) endings='*.rq *.ru' ;; load) endings='*.ttl *.nt *.nq' ;; results) endings='*.srx *.srj' ;; *) endings= ;; esac
  for e in $endings; do
    find "$SUITES" -name "$e" -size -8k 2> /dev/null | head -1500 | while IFS= read -r f; do cp "$f" "seeds-$target/$(echo "$f" | cksum | cut -d' ' -f1)"; done
  done
  if [ "$target" = values ]; then # what is in the cases, a value or pattern a file
    grep -ho '"[^"]*"' "$SRC"/tests/cases/sparql/*/*.rq "$SRC"/tests/e2e/functions.sh | tr -d '"' | sort -u | awk 'length($0) { f = "seeds-values/" NR; printf "\001ixx%s", $0 > f; close(f); f = f "v"; printf "%s", $0 > f; close(f) }'
  fi
  # shellcheck disable=SC2086
  "$CC" $FLAGS -fsanitize=fuzzer -I"$SRC" -I. -std=gnu17 "$SRC/tests/fuzz/$target.c" .libs/libstoa.a $LIBS -lm -lpthread -o "fuzz-$target" || exit 1
  LSAN_OPTIONS="suppressions=$SRC/tests/fuzz/lsan.supp:print_suppressions=0" "./fuzz-$target" -max_total_time="${STOA_FUZZ_SECONDS:-60}" \
    -timeout=10 -rss_limit_mb=4096 -print_final_stats=1 "corpus-$target" "seeds-$target" > "$target.log" 2>&1
  rc=$?
  echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$target.log" | tail -1) runs, $([ $rc -eq 0 ] && echo 'no finding' || echo "FINDING, see build-fuzz/$target.log")"
  [ $rc -eq 0 ] || code=1
done
exit $code
