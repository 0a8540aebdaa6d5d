#!/bin/sh
# Make configure from configure.ac.
set -eu
cd "$(dirname "$0")"
mkdir -p build-aux m4
[ -f build-aux/tap-driver.sh ] || cp "$(automake --print-libdir)/tap-driver.sh" build-aux/
exec autoreconf -fi
