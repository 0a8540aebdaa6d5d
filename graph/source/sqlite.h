#ifndef STOA_GRAPH_SOURCE_SQLITE_H
#define STOA_GRAPH_SOURCE_SQLITE_H

#include "graph/source/source.h"

/// The parts of the SQLite driver; only its files include this.
struct sqlite3;
struct sqlite3_stmt;

/// Register the functions that generated SQL calls: stoa_sum(x, scale), stoa_avg(x, scale) exact on
/// decimals, and stoa_time(text): microseconds since 1970 of a date or dateTime, NULL when malformed.
void stoa_sqlite_functions(struct sqlite3 *db);
/// Register the functions that hand back (stoa_source_call) and the collation stoa_term of packed terms.
/// The first failure of a call is kept in `kept`.
void stoa_sqlite_calls(struct sqlite3 *db, stoa_error *kept);
int stoa_sqlite_bind_call(struct sqlite3_stmt *statement, int at, stoa_source_call *call);
/// Read tables, views, keys and foreign keys from the schema.
stoa_status stoa_sqlite_catalog(struct sqlite3 *db, const char *source, stoa_arena *arena, const stoa_catalog **out,
                                stoa_error *err);
/// Guess how many rows a table has, and what its columns hold; `row_id` names the number of a row, or is NULL.
void stoa_sqlite_statistics(struct sqlite3 *db, stoa_table_info *table, const char *row_id, uint32_t n_tables,
                            stoa_arena *arena);
/// Read the columns that `sql` would give.
stoa_status stoa_sqlite_query_columns(struct sqlite3 *db, const char *source, const char *sql, stoa_arena *arena,
                                      const stoa_table_info **out, stoa_error *err);

#endif
