#ifndef STOA_GRAPH_SOURCE_CATALOG_H
#define STOA_GRAPH_SOURCE_CATALOG_H

#include "graph/base/arena.h"
#include "graph/base/buf.h"
#include "graph/base/error.h"

/// What a source tells of its tables.  Lives in the arena that `describe` was given.
typedef enum {
  STOA_SQL_TEXT,
  STOA_SQL_INTEGER,
  STOA_SQL_DECIMAL, ///< exact; stored by SQLite as doubles, read at the declared scale
  STOA_SQL_REAL,
  STOA_SQL_BOOLEAN,
  STOA_SQL_DATE,
  STOA_SQL_DATETIME,
  STOA_SQL_BLOB,
  STOA_SQL_ANY,     ///< not declared: each value tells its own type
  STOA_SQL_LEXICAL, ///< lexical forms of decimals as text, made by our own aggregates
  STOA_SQL_PACKED,  ///< terms as text, made by calls into the engine; equal texts are the same term
  STOA_SQL_CHAR,    ///< padded with blanks to `scale` letters
  STOA_SQL_TIME,    ///< of a day, as text
  STOA_SQL_TYPES    ///< how many there are
} stoa_sql_type;

/// A value that many rows of a column have, known by the hash of its text (stoa_hash_text from 0).
typedef struct {
  uint64_t hash;
  double share; ///< of the table's rows
} stoa_common_value;

/// A point of a column's distribution (quantiles.h).
typedef struct {
  double value;
  double upto; ///< the share of the table's rows that have no greater value
} stoa_quantile;

typedef struct {
  const char *name;
  stoa_sql_type type;
  int scale; ///< of DECIMAL; of CHAR its length
  bool not_null;
  bool zoned;           ///< of DATETIME: values have a time zone
  const char *read;     ///< how SQL must say it, %0 being the column (casts of types that are not known here); or NULL
  double n_distinct;    ///< values that differ, roughly; 0: not known
  double null_fraction; ///< of its rows, roughly; below 0: not known
  const stoa_common_value *common;
  uint32_t n_common;
  double other_share;   ///< of the rows that a value has which is none of the common ones; 0: not known
  const stoa_quantile *quantiles; ///< in the order of values: of numbers, and of dates and times as microseconds since
                                  ///< 1970 (UTC, where they have no zone); a common value stands twice
  uint32_t n_quantiles;           ///< 0: not known
  uint8_t place;        ///< of its bit in sets, from 1; 0: it has none
  bool keyed;           ///< a key, a foreign key or an index speaks of it: its bit is not given away
} stoa_column_info;

/// A set of a table's columns.  64 of them have a bit: those of keys first, wherever they stand.
typedef uint64_t stoa_column_set;

typedef struct {
  stoa_column_set columns; ///< of this table
  const char *table;       ///< the table that they point to
  uint32_t n;
  const char *from[8], *to[8];
  bool enforced; ///< the row that it points to is there, letter by letter; else it is a hint alone
} stoa_foreign_key;

typedef struct {
  const char *name;
  const char *sql; ///< how SQL must say it, where that is not its name in quotes; or NULL
  const stoa_column_info *columns;
  uint32_t n_columns;
  const stoa_column_set *keys; ///< primary key and unique constraints
  uint32_t n_keys;
  const stoa_foreign_key *foreign;
  uint32_t n_foreign;
  const char *const *primary; ///< columns of the primary key in its order
  uint32_t n_primary;
  const char *row_id;      ///< SQL for what tells one row from another where no key does; or NULL
  stoa_column_set leading; ///< columns that some index begins with
  double rows;             ///< how many there are, roughly; 0: not known
  const char *parent;      ///< the table that it inherits from (PostgreSQL's INHERITS); or NULL
  bool stored;             ///< its rows lie in this database, and in no other table: no view, and nothing foreign
  bool has_children;       ///< tables that inherit from it are read with it
  const char *fault;       ///< why nothing is known of a view that cannot be read; or NULL
} stoa_table_info;

typedef struct {
  const stoa_table_info *tables;
  uint32_t n_tables;
} stoa_catalog;

/// Return the table `name` or NULL; the letters count where names differ by them alone.
const stoa_table_info *stoa_catalog_find(const stoa_catalog *catalog, const char *name);
/// Return the column `name` or NULL; the letters count where names differ by them alone.
const stoa_column_info *stoa_table_find(const stoa_table_info *table, const char *name);
/// Give the first columns their bits; before any key is told.
void stoa_table_number(stoa_table_info *table);
/// Return the set that holds the column alone; empty when it has no bit.
stoa_column_set stoa_table_bit(const stoa_table_info *table, const char *name);
/// The same of a column that a key speaks of, which gets a bit if need be.  Empty when there is no such column, or too
/// many of them.
stoa_column_set stoa_table_key_bit(const stoa_table_info *table, const char *name);
/// Return the table name nearest to `name`, or NULL.
const char *stoa_catalog_nearest(const stoa_catalog *catalog, const char *name, stoa_arena *arena);
/// Add a column to a key that is put together; a key with one that no set holds (an expression, say) is none, and *set
/// stays 0.
void stoa_key_add(const stoa_table_info *table, const char *column, stoa_column_set *set, bool *broken);
/// Add a key to a table.
void stoa_table_add_key(stoa_table_info *table, stoa_column_set key, stoa_arena *arena);
/// Append a column as SQL must say it, of the table that SQL calls `alias`.
void stoa_column_print(const stoa_column_info *column, const char *alias, stoa_buf *out);
/// Let keys and NOT NULL say what they say of a column's values, over what statistics do.
void stoa_table_settle(stoa_table_info *table);
/// Return the column name nearest to `name`, or NULL.
const char *stoa_table_nearest(const stoa_table_info *table, const char *name, stoa_arena *arena);
/// Read a declared type such as DECIMAL(12,2) (SQL:2016's names and SQLite's habits).
stoa_sql_type stoa_sql_type_read(const char *declared, int *out_scale);

#endif
