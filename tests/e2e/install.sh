#!/bin/sh
# make install gives program, library, headers, stoa.pc and man pages; a program builds against them.
. "${STOA_SRC:?}/tests/support/lib.sh"
ok "make install" make -s -C "$BUILD" install DESTDIR="$T/root"
prefix=$(sed -n 's/^prefix=//p' "$BUILD/stoa.pc")
at=$T/root$prefix
for f in bin/stoa lib/libstoa.so share/man/man1/stoa-query.1 include/stoa/personalizer/engine.h; do
  ok "$f is installed" test -r "$at/$f"
done
PKG_CONFIG_PATH=$at/lib/pkgconfig; export PKG_CONFIG_PATH
san=$(sed -n 's/^SAN_FLAGS = //p' "$BUILD/Makefile")
ok "the embedding example builds against what is installed" ${CC:-cc} -std=gnu17 $san "$SRC/examples/embed.c" -o "$T/embed" \
  $(pkg-config --define-variable=prefix="$at" --cflags --libs stoa) -Wl,-rpath,"$at/lib"
alone=$(cd "$at/include/stoa" && find . -name '*.h' | while read -r h; do
  ${CC:-cc} -std=gnu17 -I. -fsyntax-only -x c "$h" 2> /dev/null || echo "$h"
done)
is "each installed header stands alone among them" "$alone" ""
"$STOA" init "$T/p" > /dev/null
like "and runs" "$("$T/embed" "$T/p" offer next_offer 1 2>&1)" 'labels learned: 1'
done_testing
