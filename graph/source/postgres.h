#ifndef STOA_GRAPH_SOURCE_POSTGRES_H
#define STOA_GRAPH_SOURCE_POSTGRES_H

#include "graph/source/source.h"

/// The parts of the PostgreSQL driver; only its files include this.
struct pg_conn;
struct pg_result;

/// Read tables, views, keys and foreign keys that the session may select from: by their names where the search
/// path finds them, else as "schema.name".
stoa_status stoa_postgres_catalog(struct pg_conn *pg, const char *source, stoa_arena *arena, const stoa_catalog **out,
                                  stoa_error *err);
/// Read the columns that `sql` would give.
stoa_status stoa_postgres_query_columns(struct pg_conn *pg, const char *source, const char *sql, stoa_arena *arena,
                                        const stoa_table_info **out, stoa_error *err);
/// Read a value of a result in binary form into `out`; texts lie in `arena`.  `scratch` is written over.
void stoa_postgres_value(const struct pg_result *result, int row, int column, stoa_arena *arena, stoa_buf *scratch,
                         stoa_value *out);
/// A parameter's text as PostgreSQL reads it; NULL for SQL's NULL.
const char *stoa_postgres_param(const stoa_value *value, stoa_arena *arena);
/// A request to cancel what a connection runs, under way on a thread of its own (postgres_cancel.c).
typedef struct stoa_postgres_cancel stoa_postgres_cancel;
/// Ask the server to end what `pg` runs, and wait for nobody.  NULL: it could not be asked.
stoa_postgres_cancel *stoa_postgres_cancel_send(struct pg_conn *pg);
/// Wait until the request can meet no statement that is sent from now on; false: after so long it still can.  Gives the
/// request up.
bool stoa_postgres_cancel_done(stoa_postgres_cancel *cancel, int patience_ms);
/// Tell the failure that a result (or, without one, the connection) reports.
stoa_status stoa_postgres_failed(const char *source, struct pg_conn *pg, const struct pg_result *result,
                                 stoa_error *err);

#endif
