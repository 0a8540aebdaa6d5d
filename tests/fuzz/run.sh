#!/bin/sh
# make fuzz: libFuzzer on queries, updates and semantic SQL, Turtle and N-Quads, result documents, values and patterns, requests of HTTP and
# RESP, bodies of ranks and events, YAML files and mappings of a project, each for STOA_FUZZ_SECONDS (60), under ASan and UBSan,
# with the W3C suites and the examples as corpus where they are.  STOA_FUZZ_TARGETS: only these.  Needs clang.
# What a finding was stays as tests/fuzz/found/TARGET-*: those inputs are run first.
set -u
SRC=${STOA_SRC:?} BUILD=$SRC/build-fuzz SUITES=${STOA_SHARED:-$SRC/../shared}/suites
CC=${STOA_FUZZ_CC:-clang}
command -v "$CC" > /dev/null || { echo "make fuzz needs clang"; exit 1; }
[ -x "$SRC/configure" ] || (cd "$SRC" && ./autogen.sh) || exit 1
mkdir -p "$BUILD" && cd "$BUILD" || exit 1
FLAGS='-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined'
[ -f Makefile ] || ../configure --quiet --disable-shared CC="$CC" CFLAGS="$FLAGS" || exit 1
make -s libstoa.la libserver.la > make.log 2>&1 || { tail -20 make.log; exit 1; }
LIBS=$(pkg-config --libs redland rasqal raptor2 libuv jansson sqlite3 yaml-0.1 libpcre2-8 libcrypto libcurl libxml-2.0 libpq odbc smartcols)
LIBS="$LIBS -lcsv -lgmp -lunistring -lpg_query -lhttp_parser"
SERVER=.libs/libserver.a; [ -f "$SERVER" ] || SERVER=libserver.a
dict() { [ ! -f "$SRC/tests/fuzz/dict/$1" ] || echo "-dict=$SRC/tests/fuzz/dict/$1"; }
code=0
for target in ${STOA_FUZZ_TARGETS:-query semantic load results values http resp body yaml r2rml}; do
  mkdir -p "corpus-$target" "seeds-$target"
  case $target in query) endings='*.rq *.ru' ;; load) endings='*.ttl *.nt *.nq' ;; results) endings='*.srx *.srj' ;; r2rml) endings='*r2rml*.ttl' ;; *) endings= ;; esac
  for e in $endings; do
    find "$SUITES" -name "$e" -size -8k 2> /dev/null | head -1500 | while IFS= read -r f; do cp "$f" "seeds-$target/$(echo "$f" | cksum | cut -d' ' -f1)"; done
  done
  if [ "$target" = values ]; then # what is in the cases, a value or pattern a file
    grep -ho '"[^"]*"' "$SRC"/tests/cases/sparql/*/*.rq "$SRC"/tests/e2e/functions.sh | tr -d '"' | sort -u | awk 'length($0) { f = "seeds-values/" NR; printf "\001ixx%s", $0 > f; close(f); f = f "v"; printf "%s", $0 > f; close(f) }'
  fi
  if [ "$target" = semantic ]; then # the SQL of the pairs
    awk 'BEGIN { RS = ""; FS = "\n" } { f = "seeds-semantic/pair-" NR; for (i = 2; i <= NF && $i != "---"; ++i) print $i > f; close(f) }' "$SRC/tests/e2e/semantic_sql.txt"
  fi
  cp "$SRC/tests/fuzz/seeds/$target/"* "$SRC/tests/fuzz/found/$target-"* "seeds-$target" 2> /dev/null
  case $target in
    r2rml) for f in "$SRC"/examples/*/mappings/*.ttl "$SRC"/tests/cases/virtual/*/mapping.ttl; do cp "$f" "seeds-r2rml/$(echo "$f" | cksum | cut -d' ' -f1)"; done ;;
    yaml)
      n=0; for f in "$SRC"/examples/*/stoa.yaml "$SRC"/examples/*/features/*.rq "$SRC"/examples/*/features/*s.yaml "$SRC"/examples/*/personalizer/*.yaml; do
        case $f in *stoa.yaml) k=0 ;; *.rq) k=1 ;; *entities.yaml) k=2 ;; *services.yaml) k=3 ;; *) k=4 ;; esac
        n=$((n + 1)); { printf '%s' $k; cat "$f"; } > "seeds-yaml/example-$n"
      done ;;
  esac
  # shellcheck disable=SC2086
  "$CC" $FLAGS -fsanitize=fuzzer -I"$SRC" -I. -std=gnu17 "$SRC/tests/fuzz/$target.c" $SERVER .libs/libstoa.a $LIBS -lm -lpthread -o "fuzz-$target" || exit 1
  LSAN_OPTIONS="suppressions=$SRC/tests/fuzz/lsan.supp:print_suppressions=0" "./fuzz-$target" $(dict "$target") -max_total_time="${STOA_FUZZ_SECONDS:-60}" \
    -timeout=10 -rss_limit_mb=4096 -print_final_stats=1 "corpus-$target" "seeds-$target" > "$target.log" 2>&1
  rc=$?
  echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$target.log" | tail -1) runs, $([ $rc -eq 0 ] && echo 'no finding' || echo "FINDING, see build-fuzz/$target.log")"
  [ $rc -eq 0 ] || code=1
done
exit $code
