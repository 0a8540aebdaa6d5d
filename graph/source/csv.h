#ifndef STOA_GRAPH_SOURCE_CSV_H
#define STOA_GRAPH_SOURCE_CSV_H

#include "graph/source/source.h"

/// Files of comma-separated values (RFC 4180), read in place, row by row.  The first row names the columns; the
/// delimiter is the one of , ; | and tab that is most often in it.  An empty field is NULL, a quoted empty one is the
/// empty text.

enum { STOA_CSV_COLUMNS = 2000 };

typedef struct stoa_csv stoa_csv;

/// Open a file and read its head.  Errors name the file.
stoa_status stoa_csv_open(const char *path, stoa_csv **out, stoa_error *err);
void stoa_csv_close(stoa_csv *csv);
uint32_t stoa_csv_n_columns(const stoa_csv *csv);
const char *stoa_csv_name(const stoa_csv *csv, uint32_t column);
/// Go to the next row.  *out: there is one.  Errors: STOA_BAD_SYNTAX, with the row's number.
stoa_status stoa_csv_next(stoa_csv *csv, bool *out, stoa_error *err);
/// The number of the row, from 1.
int64_t stoa_csv_row(const stoa_csv *csv);
/// A field of the row; data NULL for NULL.  Valid until the next row.
stoa_slice stoa_csv_field(const stoa_csv *csv, uint32_t column);

/// Guess how many rows a file has, and what its columns hold, from its first rows.
void stoa_csv_measure(const char *path, stoa_table_info *table, stoa_arena *arena);

struct sqlite3;
/// Make each *.csv of a folder a virtual table of its name without the ending.
stoa_status stoa_sqlite_mount_csv(struct sqlite3 *db, const char *source, const char *folder, stoa_error *err);

#endif
