#ifndef STOA_GRAPH_SOURCE_CSV_H
#define STOA_GRAPH_SOURCE_CSV_H

#include "graph/source/source.h"

/// Files of comma-separated values (RFC 4180), read in place, row by row.  The first row names the columns; the
/// delimiter is the one of , ; | and tab that is most often in it outside quotes.  An empty field is NULL, a quoted
/// empty one is the empty text.  A column without a name is called by its place: column1.

enum { STOA_CSV_COLUMNS = 2000 };

typedef struct stoa_csv stoa_csv;

/// Open a file and read its head.  Errors name the file.
stoa_status stoa_csv_open(const char *path, stoa_csv **out, stoa_error *err);
void stoa_csv_close(stoa_csv *csv);
uint32_t stoa_csv_n_columns(const stoa_csv *csv);
const char *stoa_csv_name(const stoa_csv *csv, uint32_t column);
/// Go to the next row.  *out: there is one.  Errors: STOA_BAD_SYNTAX, with the line; STOA_UNAVAILABLE: another
/// head was written into the file meanwhile.
stoa_status stoa_csv_next(stoa_csv *csv, bool *out, stoa_error *err);
/// The number of the row, from 1.
int64_t stoa_csv_row(const stoa_csv *csv);
/// The line at which it begins, for messages: the file is read again.
int64_t stoa_csv_line(const stoa_csv *csv);
/// A field of the row; data NULL for NULL.  Valid until the next row.
stoa_slice stoa_csv_field(const stoa_csv *csv, uint32_t column);

/// Guess how many rows a file has, and what its columns hold, from its first rows.
void stoa_csv_measure(const char *path, stoa_table_info *table, stoa_arena *arena);

/// A file as it was declared: its path and its columns.
typedef struct {
  const char *path, *const *names;
  uint32_t n_names;
} stoa_csv_head;

/// The heads of a folder's *.csv, read once.  Whatever becomes of the files, each connection declares them so, and
/// reads each column by its name.  Immutable.
typedef struct {
  stoa_arena arena;
  STOA_LIST(stoa_csv_head) files;
} stoa_csv_heads;

stoa_status stoa_csv_heads_new(const char *source, const char *folder, stoa_csv_heads **out, stoa_error *err);
void stoa_csv_heads_free(stoa_csv_heads *heads);
/// Where the columns of a declared file stand in the file as it is now: out[declared column], n_names of them.
/// STOA_BAD_MAPPING, with the file and the column: it is missing, or stands there twice.
stoa_status stoa_csv_head_find(const stoa_csv_head *head, const stoa_csv *csv, uint32_t *out, stoa_error *err);

struct sqlite3;
/// Make each file a virtual table of its name without the ending.  `heads` must outlive the database.
stoa_status stoa_sqlite_mount_csv(struct sqlite3 *db, const char *source, const stoa_csv_heads *heads, stoa_error *err);

#endif
