#ifndef STOA_FEATURES_STATE_TABLES_H
#define STOA_FEATURES_STATE_TABLES_H

#include "features/state/state.h"

struct sqlite3;
struct sqlite3_stmt;

/// The tables of events in the state database, which follow the declarations in stoa.yaml.

/// Make the tables and columns that are not there; refuse what would lose or change values (state.h).
stoa_status stoa_tables_make(struct sqlite3 *db, const stoa_event_types *types, stoa_arena *arena, stoa_error *err);
/// Prepare the statement that adds an event: its offset in the log, then the fields in the order of the declaration.
stoa_status stoa_tables_insert(struct sqlite3 *db, const stoa_event_type *type, struct sqlite3_stmt **out,
                               stoa_error *err);

#endif
