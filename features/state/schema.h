#ifndef STOA_FEATURES_STATE_SCHEMA_H
#define STOA_FEATURES_STATE_SCHEMA_H

#include "graph/base/error.h"
#include <stdbool.h>

struct sqlite3;

/// The tables of the state database, version by version (docs/state.md); those of events are in tables.h.

/// Refuse a database that has tables and none of the state's (STOA_UNSUPPORTED): it is somebody else's.  Changes
/// nothing.
stoa_status stoa_schema_check(struct sqlite3 *db, stoa_error *err);
/// Bring a database to the newest version, in one transaction, and to what makes an append durable (`in_file`).  One of
/// a newer program is refused: STOA_UNSUPPORTED.
stoa_status stoa_schema_upgrade(struct sqlite3 *db, bool in_file, stoa_error *err);

#endif
