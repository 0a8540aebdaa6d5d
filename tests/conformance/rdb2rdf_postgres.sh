#!/bin/sh
# The same cases on PostgreSQL, started from its package.
DRIVER=postgresql; export DRIVER
. "${STOA_SRC:?}/tests/conformance/rdb2rdf.sh"
