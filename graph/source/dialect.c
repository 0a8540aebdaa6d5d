#include "graph/source/dialect.h"

void stoa_sql_name(const char *name, stoa_buf *out)
{
  stoa_buf_byte(out, '"');
  for (; *name; ++name) {
    if (*name == '"') {
      stoa_buf_byte(out, '"');
    }
    stoa_buf_byte(out, *name);
  }
  stoa_buf_byte(out, '"');
}

// Values carry their own types, dates are texts, and money is a double: stoa_time, stoa_sum and stoa_avg are
// functions of ours (sqlite_functions.c).
const stoa_dialect stoa_dialect_sqlite = {.name = "sqlite",
                                          .is_number = "typeof(%0) IN ('integer', 'real')",
                                          .time = "stoa_time(%0)",
                                          .text_time = "stoa_time(%0)",
                                          .instant = "%0",
                                          .integer_text = "CAST(%0 AS TEXT)",
                                          .in_integers = "%0 IN (SELECT value FROM json_each(%1))",
                                          .in_texts = "%0 IN (SELECT value FROM json_each(%1))",
                                          .integer_sum = "COALESCE(SUM(%0), 0)",
                                          .decimal_sum = "stoa_sum(%0, %1)",
                                          .average = "stoa_avg(%0, %1)",
                                          .by_code_point = "%0",
                                          .join = " JOIN ", // "CROSS JOIN" would fix the order
                                          .all_rows = "-1"};

// Sessions are set to UTC, so that a timestamp without a zone compares as SPARQL's does here.  An average is
// divided by us: numeric division rounds where XSD's does not.
const stoa_dialect stoa_dialect_postgres = {
  .name = "postgres",
  .numbered = true,
  .typed = true,
  .time = "%0",
  .instant = "(TIMESTAMP 'epoch' + %0 * INTERVAL '1 microsecond')",
  .integer_text = "CAST(%0 AS text)",
  .in_integers =
    "%0 = ANY (ARRAY(SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(%1 AS json)) AS value))",
  .in_texts = "%0 = ANY (ARRAY(SELECT value FROM json_array_elements_text(CAST(%1 AS json)) AS value))",
  .integer_sum = "COALESCE(SUM(%0), 0)",
  .decimal_sum = "CAST(trim_scale(SUM(%0)) AS text)",
  .average = "CAST(SUM(%0) AS text) || '/' || CAST(COUNT(%0) AS text)",
  .by_code_point = "%0 COLLATE \"C\"",
  .join = " CROSS JOIN ",
  .all_rows = "ALL",
  .folds = true,
  .nulls_high = true,
  .types = {[STOA_SQL_TEXT] = "text",
            [STOA_SQL_CHAR] = "bpchar",
            [STOA_SQL_INTEGER] = "bigint",
            [STOA_SQL_DECIMAL] = "numeric",
            [STOA_SQL_REAL] = "double precision",
            [STOA_SQL_BOOLEAN] = "boolean",
            [STOA_SQL_DATE] = "date",
            [STOA_SQL_DATETIME] = "timestamp",
            [STOA_SQL_TIME] = "text",
            [STOA_SQL_BLOB] = "bytea",
            [STOA_SQL_ANY] = "text",
            [STOA_SQL_LEXICAL] = "text",
            [STOA_SQL_PACKED] = "text"},
};
