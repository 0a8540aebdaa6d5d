#ifndef STOA_GRAPH_SOURCE_ODBC_H
#define STOA_GRAPH_SOURCE_ODBC_H

#include "graph/source/source.h"

/// The parts of the ODBC driver; only its files include this.  Handles are those of unixODBC.

/// Tell the first diagnostic of a handle; `type` is SQL_HANDLE_DBC or SQL_HANDLE_STMT.
stoa_status stoa_odbc_failed(const char *source, int type, void *handle, stoa_error *err);
/// True when the first diagnostic of a statement says that a table or a column is not there.
bool stoa_odbc_is_missing(void *statement);
/// True when the first diagnostic of a statement says that another holds what it asks for.
bool stoa_odbc_is_locked(void *statement, const stoa_dialect *dialect);
/// The dialect that the database at the other end speaks.
const stoa_dialect *stoa_odbc_dialect(void *connection);
/// Read tables, views, keys and foreign keys by the catalog functions of ODBC.
stoa_status stoa_odbc_catalog(void *connection, const char *source, const stoa_dialect *dialect, stoa_arena *arena,
                              const stoa_catalog **out, stoa_error *err);
/// Read the columns that `sql` would give.
stoa_status stoa_odbc_query_columns(void *connection, const char *source, const stoa_dialect *dialect, const char *sql,
                                    stoa_arena *arena, const stoa_table_info **out, stoa_error *err);

#endif
