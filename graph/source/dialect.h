#ifndef STOA_GRAPH_SOURCE_DIALECT_H
#define STOA_GRAPH_SOURCE_DIALECT_H

#include "graph/source/catalog.h"

/// How one kind of database spells what generated SQL says.  In a spelling %0 and %1 are its arguments.
typedef struct stoa_dialect {
  const char *name;
  bool numbered; ///< parameters are "CAST($1 AS type)", not "?"
  /// Every column holds values of its declared type only, and so must each column of a UNION; dates, times
  /// and booleans have one way to be written.
  bool typed;
  const char *is_number;             ///< a column of numbers holds one; NULL: it holds nothing else
  const char *time;                  ///< a date or a timestamp, as what `instant` can be compared with
  const char *text_time;             ///< the same of a text column; NULL: it cannot be said
  const char *instant;               ///< microseconds since 1970
  const char *integer_text;          ///< the digits of an integer
  const char *in_integers;           ///< %0 is one of the JSON array %1
  const char *in_texts;              ///< the same of texts
  const char *integer_sum;           ///< an integer, 0 of none
  const char *decimal_sum;           ///< a decimal's lexical form, NULL of none; %1 is the declared scale
  const char *average;               ///< a decimal's lexical form, or SUM/COUNT as a text; %1 as above
  const char *by_code_point;         ///< a text, compared in the order of code points
  const char *same_text;             ///< two texts are the same, letter by letter; NULL: "=" says so
  const char *join;                  ///< of tables whose conditions stand in WHERE
  const char *all_rows;              ///< the LIMIT that is none
  bool folds;                        ///< names without quotes are those in lower case
  bool nulls_high;                   ///< NULL sorts above all values unless told otherwise
  const char *types[STOA_SQL_TYPES]; ///< for CAST; of `numbered` and `typed` ones
} stoa_dialect;

extern const stoa_dialect stoa_dialect_sqlite;
extern const stoa_dialect stoa_dialect_postgres;

/// Append an identifier in its quotes.
void stoa_sql_name(const char *name, stoa_buf *out);

#endif
