#ifndef STOA_GRAPH_SOURCE_DIALECT_H
#define STOA_GRAPH_SOURCE_DIALECT_H

#include "graph/source/catalog.h"

/// How one kind of database spells what generated SQL says.  In a spelling %0 and %1 are its arguments; what is NULL
/// where that is not explained cannot be said, and the executor does it.  Rules ask for them by the operators of
/// graph/plan/sqlop.h, one for each.
typedef struct stoa_dialect {
  const char *name;
  bool numbered;      ///< parameters are "$1", not "?"
  bool cast;          ///< parameters are said with their types
  bool typed;         ///< each column of a UNION must have one type
  bool one_writing;   ///< dates, times and booleans have one way to be written
  bool closures;      ///< WITH RECURSIVE may stand in a subquery, and "=" tells texts apart
  bool wide_decimals; ///< a decimal has as many digits as it needs, and its type is told without their number
  bool pads;          ///< CHAR(n) comes with its blanks
  bool folds;         ///< names without quotes are those in lower case
  bool keeps_same;    ///< rows that several branches begin with are worked out once (SQLite takes them for many, and
                      ///< filters what they are joined to by reading it whole)
  bool lateral;       ///< LATERAL subqueries
  bool with_ties;     ///< FETCH FIRST n ROWS WITH TIES
  bool nulls_high;    ///< NULL sorts above all values unless told otherwise
  bool nulls_unknown; ///< where it sorts is not known
  const char *below[STOA_SQL_TYPES]; ///< by type: a value is below NaN, and below infinity where XSD has none; NULL: it
                                     ///< always is
  const char *above[STOA_SQL_TYPES]; ///< ... it is above minus infinity
  const char *is_number;             ///< a column of numbers holds one; NULL: it holds nothing else
  const char *time;                  ///< a date or a timestamp, as what `instant` can be compared with
  const char *text_time;             ///< the same of a text column; NULL: it cannot be said
  const char *time_near[2]; ///< where values may have a zone or not: the same of either, to be compared with %1,
                            ///< which has none or one; NULL where the order of the two is open
  const char *from_near;    ///< column %0 may be an instant at %1 or later, whatever the zones that are not told, so
                            ///< that an index finds it; or NULL
  const char *to_near;      ///< ... at %1 or earlier
  const char *instant;      ///< microseconds since 1970
  const char *part;         ///< the YEAR, MONTH or DAY (%1) of a date or a timestamp, NULL of one that is no day
  const char *integer_text; ///< the digits of an integer
  const char *in_integers;  ///< %0 is one of the JSON array %1
  const char *in_texts;     ///< the same of texts
  const char *integer_sum;  ///< an integer, 0 of none
  const char *wide_sum;     ///< an integer's lexical form, "0" of none, where integer_sum ends beyond 64 bits; else NULL
  const char *sum_or_null;  ///< an integer's lexical form, NULL of none; NULL: it cannot be said
  const char *decimal_sum;  ///< a decimal's lexical form, NULL of none; %1 is the declared scale
  const char *average;      ///< a decimal's lexical form, or SUM/COUNT as a text; %1 as above
  const char *least_truth;  ///< MIN and MAX of a boolean; NULL: by their names
  const char *greatest_truth;
  const char *by_code_point;         ///< a text, compared in the order of code points
  const char *starts;                ///< text %0 starts with %1, which is not empty
  const char *ends;                  ///< ... ends with it
  const char *contains;              ///< ... has it somewhere
  const char *lower, *upper;         ///< a text whose characters are all of ASCII in lower or upper case
  const char *beyond_ascii;          ///< true for a text with other characters
  const char *same_text;             ///< two texts are the same, letter by letter; NULL: "=" says so
  const char *join;                  ///< of tables whose conditions stand in WHERE
  const char *join_after;            ///< ... of a table that is to be read after the one before it; or NULL
  const char *no_order;              ///< before a text column: no index is used for its order; NULL: none would
  const char *materialized;          ///< how a WITH says that it is worked out once; NULL: it need not be
  const char *all_rows;              ///< the LIMIT that is none
  const char *types[STOA_SQL_TYPES]; ///< for CAST; of `cast` and `typed` ones
  const char *version; ///< SQL for one value that stays the same for a connection as long as nothing changes that it
                       ///< reads; NULL: none does
  const char *row_id;                ///< what tells rows without a key apart; or NULL
  const char *const *settings;       ///< what a session begins with; NULL at the end; or NULL
} stoa_dialect;

extern const stoa_dialect stoa_dialect_sqlite;
extern const stoa_dialect stoa_dialect_postgres, stoa_dialect_old_postgres;
extern const stoa_dialect stoa_dialect_mariadb;
/// Through ODBC: without functions of ours, parameters as "?".
extern const stoa_dialect stoa_dialect_odbc_postgres;
extern const stoa_dialect stoa_dialect_odbc_sqlite;
extern const stoa_dialect stoa_dialect_ansi; ///< what nothing more is known of

/// Append an identifier in its quotes.
void stoa_sql_name(const char *name, stoa_buf *out);

#endif
