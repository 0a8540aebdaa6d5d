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
                                          .closures = true,
                                          .is_number = "%0 < ''", // numbers sort before texts, texts before blobs
                                          .time = "stoa_time(%0)",
                                          .text_time = "stoa_time(%0)",
                                          .time_near = {"stoa_time(%0, %1, 0)", "stoa_time(%0, %1, 1)"},
                                          .from_near = "%0 >= stoa_near(%1, -14)",
                                          .to_near = "%0 < stoa_near(%1, 15)",
                                          .instant = "%0",
                                          .integer_text = "CAST(%0 AS TEXT)",
                                          .in_integers = "%0 IN (SELECT value FROM json_each(%1))",
                                          .in_texts = "%0 IN (SELECT value FROM json_each(%1))",
                                          .integer_sum = "COALESCE(SUM(%0), 0)",
                                          .wide_sum = "COALESCE(stoa_sum(%0, 0), '0')",
                                          .sum_or_null = "stoa_sum(%0, 0)",
                                          .decimal_sum = "stoa_sum(%0, %1)",
                                          .average = "stoa_avg(%0, %1)",
                                          .by_code_point = "%0",
                                          .starts = "substr(%0, 1, length(%1)) = %1",
                                          .ends = "substr(%0, -length(%1)) = %1",
                                          .contains = "instr(%0, %1) > 0",
                                          .join = " JOIN ", // "CROSS JOIN" would fix the order
                                          .join_after = " CROSS JOIN ",
                                          .materialized = "MATERIALIZED",
                                          .no_order = "+",
                                          .version = "PRAGMA data_version",
                                          .all_rows = "-1"};

// Sessions are set to UTC, so that a timestamp without a zone compares as SPARQL's does here.  An average is
// divided by us: numeric division rounds where XSD's does not.
#define POSTGRES_SPELLINGS                                                                                             \
  .cast = true, .typed = true, .closures = true, .one_writing = true, .time = "%0",                                    \
  .instant = "(TIMESTAMP 'epoch' + %0 * INTERVAL '1 microsecond')",                                                    \
  .from_near = "%0 >= %1 - INTERVAL '14 hours'", .to_near = "%0 <= %1 + INTERVAL '14 hours'",                          \
  .part = "CASE WHEN isfinite(%0) THEN CAST(EXTRACT(%1 FROM %0) AS bigint) + "                                         \
          "CASE WHEN EXTRACT(%1 FROM %0) < 0 THEN 1 ELSE 0 END END", /* the year 0 is the year before 1 */             \
  .integer_text = "CAST(%0 AS text)",                                                                                  \
  .in_integers =                                                                                                       \
    "%0 = ANY (ARRAY(SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(%1 AS json)) AS value))",         \
  .in_texts = "%0 = ANY (ARRAY(SELECT value FROM json_array_elements_text(CAST(%1 AS json)) AS value))",               \
  .integer_sum = "COALESCE(SUM(%0), 0)", .sum_or_null = "CAST(SUM(%0) AS text)",                                       \
  .decimal_sum = "CAST(trim_scale(SUM(%0)) AS text)",                                                                  \
  .average = "CAST(SUM(%0) AS text) || '/' || CAST(COUNT(%0) AS text)", .by_code_point = "%0 COLLATE \"C\"",           \
  .least_truth = "bool_and(%0)", .greatest_truth = "bool_or(%0)", .starts = "starts_with(%0, %1)",                     \
  .ends = "right(%0, length(%1)) = %1", .contains = "strpos(%0, %1) > 0", .lower = "lower(%0 COLLATE \"C\")",            \
  .upper = "upper(%0 COLLATE \"C\")",                                                                                  \
  .beyond_ascii = "(octet_length(%0) <> char_length(%0) OR (SELECT getdatabaseencoding() <> 'UTF8'))",                 \
  .join = " CROSS JOIN ",                                                                                              \
  .materialized = "MATERIALIZED", .all_rows = "ALL", .wide_decimals = true, .pads = true, .folds = true,               \
  .keeps_same = true, .nulls_high = true, .lateral = true,                                                             \
  .types = {[STOA_SQL_TEXT] = "text",                                                                                  \
            [STOA_SQL_CHAR] = "bpchar",                                                                                \
            [STOA_SQL_INTEGER] = "bigint",                                                                             \
            [STOA_SQL_DECIMAL] = "numeric",                                                                            \
            [STOA_SQL_REAL] = "double precision",                                                                      \
            [STOA_SQL_BOOLEAN] = "boolean",                                                                            \
            [STOA_SQL_DATE] = "date",                                                                                  \
            [STOA_SQL_DATETIME] = "timestamp",                                                                         \
            [STOA_SQL_TIME] = "text",                                                                                  \
            [STOA_SQL_BLOB] = "bytea",                                                                                 \
            [STOA_SQL_ANY] = "text",                                                                                   \
            [STOA_SQL_LEXICAL] = "text",                                                                               \
            [STOA_SQL_PACKED] = "text"}

const stoa_dialect stoa_dialect_postgres = {
  .name = "postgres",
  .numbered = true,
  .with_ties = true,
  .below = {[STOA_SQL_DECIMAL] = "%0 < 'Infinity'", [STOA_SQL_REAL] = "%0 < 'NaN'"},
  .above = {[STOA_SQL_DECIMAL] = "%0 > '-Infinity'"},
  // Who is equal to it sees the same transactions; a standby does not know which of them run.
  .version = "SELECT CASE WHEN NOT pg_is_in_recovery() THEN CAST(pg_current_snapshot() AS text) END",
  POSTGRES_SPELLINGS};

// Before version 14, numeric had no infinities.
const stoa_dialect stoa_dialect_old_postgres = {
  .name = "postgres",
  .numbered = true,
  .below = {[STOA_SQL_DECIMAL] = "%0 < 'NaN'", [STOA_SQL_REAL] = "%0 < 'NaN'"},
  POSTGRES_SPELLINGS};

static const char *const postgres_settings[] = {"SET default_transaction_read_only = on", "SET TimeZone = 'UTC'",
                                                "SET DateStyle = 'ISO'", "SET lock_timeout = 2000", NULL};
const stoa_dialect stoa_dialect_odbc_postgres = {
  .name = "postgres through ODBC",
  .row_id = NULL,
  .settings = postgres_settings,
  .below = {[STOA_SQL_DECIMAL] = "%0 < 'NaN'", [STOA_SQL_REAL] = "%0 < 'NaN'"},
  POSTGRES_SPELLINGS};

// "=" of MariaDB takes texts for the same that differ in case or in blanks at the end; the second half of same_text
// says no, the first one finds them by an index.
// Its subquery cache keeps the answers of a correlated subquery by outer values that are the same to their collation.
static const char *const mariadb_settings[] = {
  "SET SESSION optimizer_switch = 'subquery_cache=off'",
  "SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES')",
  "SET SESSION TRANSACTION READ ONLY",
  "SET time_zone = '+00:00'",
  "SET NAMES utf8mb4",
  "SET SESSION lock_wait_timeout = 2",
  NULL};
const stoa_dialect stoa_dialect_mariadb = {
  .name = "mariadb",
  .typed = true,
  .one_writing = true,
  .time = "%0",
  .instant = "TIMESTAMPADD(MICROSECOND, %0, TIMESTAMP('1970-01-01'))",
  // Beyond the years that it knows, it says NULL.
  .from_near = "(%0 >= %1 - INTERVAL 14 HOUR OR %1 - INTERVAL 14 HOUR IS NULL)",
  .to_near = "(%0 <= %1 + INTERVAL 14 HOUR OR %1 + INTERVAL 14 HOUR IS NULL)",
  .integer_text = "CAST(%0 AS CHAR)",
  .in_integers = "%0 IN (SELECT j.value FROM JSON_TABLE(%1, '$[*]' COLUMNS (value BIGINT PATH '$')) AS j)",
  .integer_sum = "COALESCE(SUM(%0), 0)",
  .sum_or_null = "CAST(SUM(%0) AS CHAR)",
  .decimal_sum = "CAST(SUM(%0) AS CHAR)",
  .average = "CAST(SUM(%0) AS CHAR) || '/' || CAST(COUNT(%0) AS CHAR)",
  .by_code_point = "CONVERT(%0 USING utf8mb4) COLLATE utf8mb4_nopad_bin",
  .same_text = "(%0 = %1 AND CONVERT(%0 USING utf8mb4) COLLATE utf8mb4_nopad_bin = CONVERT(%1 USING utf8mb4))",
  .join = " JOIN ",
  .all_rows = "18446744073709551615",
  .settings = mariadb_settings,
};

const stoa_dialect stoa_dialect_odbc_sqlite = {
  .name = "sqlite through ODBC",
  .typed = true,
  .is_number = "%0 < ''", // numbers sort before texts, texts before blobs
  .integer_text = "CAST(%0 AS TEXT)",
  .in_integers = "%0 IN (SELECT value FROM json_each(%1))",
  .in_texts = "%0 IN (SELECT value FROM json_each(%1))",
  .integer_sum = "COALESCE(SUM(%0), 0)",
  .by_code_point = "%0",
  .starts = "substr(%0, 1, length(%1)) = %1",
  .ends = "substr(%0, -length(%1)) = %1",
  .contains = "instr(%0, %1) > 0",
  .join = " JOIN ",
  .all_rows = "-1",
  .row_id = "rowid",
};

// Nothing is known of its texts' order, of its NULLs' place, nor of its dates.
const stoa_dialect stoa_dialect_ansi = {
  .name = "ansi",
  .typed = true,
  .nulls_unknown = true,
  .integer_text = "CAST(%0 AS VARCHAR(20))",
  .integer_sum = "COALESCE(SUM(%0), 0)",
  .join = " CROSS JOIN ",
  .types = {[STOA_SQL_TEXT] = "VARCHAR(1)",
            [STOA_SQL_CHAR] = "VARCHAR(1)",
            [STOA_SQL_INTEGER] = "BIGINT",
            [STOA_SQL_DECIMAL] = "DECIMAL",
            [STOA_SQL_REAL] = "DOUBLE PRECISION",
            [STOA_SQL_DATE] = "DATE",
            [STOA_SQL_DATETIME] = "TIMESTAMP",
            [STOA_SQL_TIME] = "TIME",
            [STOA_SQL_LEXICAL] = "VARCHAR(1)"},
};
