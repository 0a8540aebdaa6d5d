// The catalog of a PostgreSQL database, from pg_catalog.
#include "graph/base/hash.h"
#include "graph/source/postgres.h"
#include "graph/source/quantiles.h"
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

typedef STOA_LIST(stoa_column_info) column_list;
typedef STOA_LIST(stoa_column_set) key_list;
typedef STOA_LIST(stoa_foreign_key) foreign_list;

typedef struct {
  stoa_table_info info;
  const char *oid, *parent; ///< parent: its oid, or NULL
  const char **names;       ///< names[attribute number]
  int n_names;
  column_list columns;
  key_list keys;
  foreign_list foreign;
} table;

typedef struct {
  PGconn *pg;
  const char *source;
  stoa_arena *arena;
  STOA_LIST(table) tables;
} reader;

// What a session may read, by the name that finds it.
static const char tables_sql[] =
  "SELECT c.oid, CASE WHEN pg_table_is_visible(c.oid) THEN c.relname ELSE n.nspname || '.' || c.relname END, "
  "CASE WHEN pg_table_is_visible(c.oid) THEN NULL ELSE quote_ident(n.nspname) || '.' || quote_ident(c.relname) END, "
  "c.relkind, CASE WHEN c.relkind IN ('v', 'f') THEN greatest(c.reltuples, 0) ELSE "
  // Children are read with their parents.  Rows are as dense now as when they were counted, or as their columns let
  // expect; bytes are counted by the file system.
  "(WITH RECURSIVE own(o) AS (SELECT c.oid UNION SELECT h.inhrelid FROM pg_inherits h JOIN own ON h.inhparent = own.o) "
  "SELECT COALESCE(SUM(CASE WHEN k.reltuples > 0 AND k.relpages > 0 THEN k.reltuples / k.relpages * "
  "pg_relation_size(k.oid) / current_setting('block_size')::int ELSE pg_relation_size(k.oid) / (32 + 8 * k.relnatts) "
  "END), 0) FROM own JOIN pg_class k ON k.oid = own.o WHERE k.relkind IN ('r', 'm')) END, "
  "NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhparent = c.oid), "
  "(SELECT h.inhparent FROM pg_inherits h WHERE h.inhrelid = c.oid ORDER BY h.inhseqno LIMIT 1) "
  "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
  "WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition "
  "AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)' "
  "AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') ORDER BY 2";
// Domains are read as what they stand for.
static const char columns_sql[] =
  "SELECT a.attrelid, a.attnum, a.attname, CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END, "
  "CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE a.atttypmod END, a.attnotnull OR t.typnotnull, "
  "EXISTS (SELECT FROM pg_collation l WHERE l.oid = a.attcollation AND NOT l.collisdeterministic) "
  "FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_class c ON c.oid = a.attrelid "
  "WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'm', 'f', 'p') ORDER BY 1, 2";
// The rows of a table with children (INHERITS) are read with theirs, for which its indexes do not hold; "f": no key.
static const char keys_sql[] =
  "SELECT i.indrelid, i.indisprimary, i.indnkeyatts, i.indkey, c.relkind = 'p' OR NOT EXISTS "
  "(SELECT FROM pg_inherits h WHERE h.inhparent = i.indrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
  "WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL "
  "ORDER BY i.indrelid, NOT i.indisprimary";
static const char leading_sql[] = "SELECT indrelid, indkey FROM pg_index WHERE indisvalid AND indpred IS NULL";
// Statistics that ANALYZE made; of a parent with children those over all of them come last.
static const char statistics_sql[] =
  "SELECT c.oid, s.attname, s.null_frac, s.n_distinct FROM pg_stats s JOIN pg_namespace n ON n.nspname = s.schemaname "
  "JOIN pg_class c ON c.relname = s.tablename AND c.relnamespace = n.oid ORDER BY s.inherited";
// The commonest values of columns that have few.
static const char common_sql[] =
  "SELECT c.oid, s.attname, v.value, v.share FROM pg_stats s JOIN pg_namespace n ON n.nspname = s.schemaname "
  "JOIN pg_class c ON c.relname = s.tablename AND c.relnamespace = n.oid, "
  "unnest(CAST(CAST(s.most_common_vals AS text) AS text[]), s.most_common_freqs) AS v(value, share) "
  "WHERE s.n_distinct BETWEEN 1 AND 64 AND NOT s.inherited ORDER BY c.oid, s.attname, v.share DESC";
// How numbers, dates and timestamps lie: bounds of equal parts, in their order, after the commonest values, which have
// shares of their own.
static const char quantiles_sql[] =
  "SELECT c.oid, s.attname, v.value, v.share, s.inherited FROM pg_stats s "
  "JOIN pg_namespace n ON n.nspname = s.schemaname "
  "JOIN pg_class c ON c.relname = s.tablename AND c.relnamespace = n.oid "
  "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = s.attname JOIN pg_type t ON t.oid = a.atttypid, "
  "LATERAL (SELECT value, NULL AS share, place FROM unnest(CAST(CAST(s.histogram_bounds AS text) AS text[])) "
  "WITH ORDINALITY AS b(value, place) UNION ALL SELECT value, share, place "
  "FROM unnest(CAST(CAST(s.most_common_vals AS text) AS text[]), s.most_common_freqs) "
  "WITH ORDINALITY AS m(value, share, place) WHERE place <= 64) v "
  "WHERE CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END IN (20, 21, 23, 700, 701, 1082, 1114, 1184, 1700) "
  "ORDER BY c.oid, s.attname, s.inherited, v.share IS NULL, v.place";
// A reference is not certain to lead to a row when it was declared NOT VALID, its triggers are off, the table has
// children that it does not hold for, or its texts are the same to a collation alone.
static const char foreign_sql[] =
  "SELECT f.conrelid, f.confrelid, array_to_string(f.conkey, ' '), array_to_string(f.confkey, ' '), f.convalidated "
  "AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgconstraint = f.oid AND g.tgenabled IN ('D', 'R')) "
  "AND NOT EXISTS (SELECT FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhparent WHERE h.inhparent = f.conrelid "
  "AND c.relkind <> 'p') AND NOT EXISTS (SELECT FROM pg_attribute a JOIN pg_collation l ON l.oid = a.attcollation "
  "WHERE a.attrelid = f.conrelid AND a.attnum = ANY (f.conkey) AND NOT l.collisdeterministic) "
  "FROM pg_constraint f WHERE f.contype = 'f' ORDER BY f.conrelid, f.conname";

static stoa_status ask(reader *r, const char *sql, PGresult **out, stoa_error *err)
{
  *out = PQexec(r->pg, sql);
  if (PQresultStatus(*out) == PGRES_TUPLES_OK) {
    return STOA_OK;
  }
  const stoa_status status = stoa_postgres_failed(r->source, r->pg, *out, err);
  PQclear(*out);
  return status;
}

static const char *cell(reader *r, const PGresult *rows, int row, int column)
{
  return PQgetisnull(rows, row, column) ? NULL
                                        : stoa_arena_copy(r->arena, stoa_slice_of(PQgetvalue(rows, row, column)));
}

static bool is_true(const PGresult *rows, int row, int column)
{
  return PQgetvalue(rows, row, column)[0] == 't';
}

static table *find(reader *r, const char *oid)
{
  for (uint32_t i = 0; i < r->tables.n; ++i) {
    if (strcmp(r->tables.items[i].oid, oid) == 0) {
      return &r->tables.items[i];
    }
  }
  return NULL;
}

// Types that have no XSD type of their own are read as their text; float4 by the digits that PostgreSQL shows.
static void set_type(unsigned oid, int modifier, stoa_column_info *column)
{
  static const struct {
    unsigned oid;
    stoa_sql_type type;
    const char *read;
  } types[] = {{16, STOA_SQL_BOOLEAN, NULL},
               {17, STOA_SQL_BLOB, NULL},
               {19, STOA_SQL_TEXT, "CAST(%0 AS text)"},
               {20, STOA_SQL_INTEGER, NULL},
               {21, STOA_SQL_INTEGER, NULL},
               {23, STOA_SQL_INTEGER, NULL},
               {25, STOA_SQL_TEXT, NULL},
               {26, STOA_SQL_INTEGER, "CAST(%0 AS bigint)"},
               {700, STOA_SQL_REAL, "CAST(CAST(%0 AS text) AS double precision)"},
               {701, STOA_SQL_REAL, NULL},
               {1042, STOA_SQL_CHAR, NULL},
               {1043, STOA_SQL_TEXT, NULL},
               {1082, STOA_SQL_DATE, NULL},
               {1083, STOA_SQL_TIME, "CAST(%0 AS text)"},
               {1114, STOA_SQL_DATETIME, NULL},
               {1184, STOA_SQL_DATETIME, NULL},
               {1700, STOA_SQL_DECIMAL, NULL}};
  *column = (stoa_column_info){.name = column->name,
                               .not_null = column->not_null,
                               .type = STOA_SQL_TEXT,
                               .read = "CAST(%0 AS text)",
                               .null_fraction = -1};
  for (size_t i = 0; i < sizeof types / sizeof *types; ++i) {
    if (types[i].oid == oid) {
      column->type = types[i].type;
      column->read = types[i].read;
    }
  }
  column->zoned = oid == 1184;
  if (oid == 1042 && modifier > 4) {
    column->scale = modifier - 4;
  } else if (oid == 1042) { // without a length nothing is padded
    column->type = STOA_SQL_TEXT;
    column->read = "CAST(%0 AS text)";
  } else if (oid == 1700 && modifier > 4) {
    column->scale = (modifier - 4) & 0x7ff;
  }
}

// A collation may take different texts for the same (CREATE COLLATION ..., deterministic = false); terms do not.
static void set_by_letters(stoa_arena *arena, stoa_column_info *column)
{
  column->read = stoa_arena_print(arena, "(%s COLLATE \"C\")", column->read ? column->read : "%0");
}

static stoa_status read_tables(reader *r, stoa_error *err)
{
  PGresult *rows;
  STOA_TRY(ask(r, tables_sql, &rows, err));
  for (int i = 0; i < PQntuples(rows); ++i) {
    table t = {.oid = cell(r, rows, i, 0),
               .parent = cell(r, rows, i, 6),
               .info = {.name = cell(r, rows, i, 1), .sql = cell(r, rows, i, 2)}};
    t.info.rows = strtod(PQgetvalue(rows, i, 4), NULL);
    // Only a plain table's rows have places that no other row has.
    const bool plain = PQgetvalue(rows, i, 3)[0] == 'r' && is_true(rows, i, 5);
    t.info.row_id = plain ? "CAST(ctid AS text)" : NULL;
    t.info.stored = plain || PQgetvalue(rows, i, 3)[0] == 'm';
    t.info.has_children = PQgetvalue(rows, i, 3)[0] == 'r' && !is_true(rows, i, 5);
    STOA_PUSH(r->arena, &r->tables, t);
  }
  PQclear(rows);
  for (uint32_t i = 0; i < r->tables.n; ++i) {
    const table *const parent = r->tables.items[i].parent ? find(r, r->tables.items[i].parent) : NULL;
    r->tables.items[i].info.parent = parent ? parent->info.name : NULL;
  }
  return STOA_OK;
}

static stoa_status read_columns(reader *r, stoa_error *err)
{
  PGresult *rows;
  STOA_TRY(ask(r, columns_sql, &rows, err));
  for (int i = 0; i < PQntuples(rows); ++i) {
    table *const t = find(r, PQgetvalue(rows, i, 0));
    if (!t) {
      continue;
    }
    const int number = atoi(PQgetvalue(rows, i, 1));
    stoa_column_info column = {.name = cell(r, rows, i, 2), .not_null = is_true(rows, i, 5), .null_fraction = -1};
    set_type((unsigned)strtoul(PQgetvalue(rows, i, 3), NULL, 10), atoi(PQgetvalue(rows, i, 4)), &column);
    if (is_true(rows, i, 6)) {
      set_by_letters(r->arena, &column);
    }
    STOA_PUSH(r->arena, &t->columns, column);
    if (number >= t->n_names) {
      const char **const wider = STOA_NEWS(r->arena, const char *, number + 16);
      if (t->n_names) {
        memcpy(wider, t->names, (size_t)t->n_names * sizeof *wider);
      }
      t->names = wider;
      t->n_names = number + 16;
    }
    t->names[number] = column.name;
  }
  PQclear(rows);
  for (uint32_t i = 0; i < r->tables.n; ++i) {
    r->tables.items[i].info.columns = r->tables.items[i].columns.items;
    r->tables.items[i].info.n_columns = r->tables.items[i].columns.n;
    stoa_table_number(&r->tables.items[i].info);
  }
  return STOA_OK;
}

// "2 1": the names of a table's attributes 2 and 1; at most 8, as in stoa_foreign_key.
static uint32_t read_numbers(const table *t, const char *numbers, uint32_t most, const char **out)
{
  char *end;
  uint32_t n = 0;
  for (long number = strtol(numbers, &end, 10); end > numbers && n < most; number = strtol(numbers, &end, 10)) {
    out[n++] = number > 0 && number < t->n_names && t->names[number] ? t->names[number] : "";
    numbers = end;
  }
  return n;
}

static stoa_status read_keys(reader *r, stoa_error *err)
{
  PGresult *rows;
  STOA_TRY(ask(r, keys_sql, &rows, err));
  for (int i = 0; i < PQntuples(rows); ++i) {
    table *const t = find(r, PQgetvalue(rows, i, 0));
    if (!t) {
      continue;
    }
    const char **const names = STOA_NEWS(r->arena, const char *, 33);
    const uint32_t most = (uint32_t)atoi(PQgetvalue(rows, i, 2));
    const uint32_t n = read_numbers(t, PQgetvalue(rows, i, 3), most < 32 ? most : 32, names);
    stoa_column_set set = 0;
    bool broken = n != most || !is_true(rows, i, 4);
    for (uint32_t k = 0; k < n; ++k) {
      stoa_key_add(&t->info, names[k], &set, &broken);
    }
    if (set) {
      STOA_PUSH(r->arena, &t->keys, set);
    }
    if (is_true(rows, i, 1)) {
      t->info.primary = names;
      t->info.n_primary = n;
    }
  }
  PQclear(rows);
  return STOA_OK;
}

static stoa_status read_leading(reader *r, stoa_error *err)
{
  PGresult *rows;
  STOA_TRY(ask(r, leading_sql, &rows, err));
  for (int i = 0; i < PQntuples(rows); ++i) {
    table *const t = find(r, PQgetvalue(rows, i, 0));
    const char *first = "";
    if (t && read_numbers(t, PQgetvalue(rows, i, 1), 1, &first) && *first) {
      t->info.leading |= stoa_table_key_bit(&t->info, first);
    }
  }
  PQclear(rows);
  return STOA_OK;
}

// Below zero a number of values is told as a part of the rows.
static stoa_status read_statistics(reader *r, stoa_error *err)
{
  stoa_error fault = {0};
  PGresult *rows;
  const stoa_status status = ask(r, statistics_sql, &rows, &fault);
  if (status == STOA_BAD_MAPPING) {
    return STOA_OK; // what speaks PostgreSQL's protocol alone has no pg_stats
  }
  if (status != STOA_OK) {
    *err = fault;
    return status;
  }
  for (int i = 0; i < PQntuples(rows); ++i) {
    const table *const t = find(r, PQgetvalue(rows, i, 0));
    stoa_column_info *const column = t ? (stoa_column_info *)stoa_table_find(&t->info, PQgetvalue(rows, i, 1)) : NULL;
    if (column) {
      const double n = strtod(PQgetvalue(rows, i, 3), NULL);
      column->null_fraction = strtod(PQgetvalue(rows, i, 2), NULL);
      column->n_distinct = n < 0 ? -n * t->info.rows : n;
    }
  }
  PQclear(rows);
  return STOA_OK;
}

// A value that is not told has at most the share at which ANALYZE, which reads 30,000 rows, would have met it.
static void end_common(stoa_column_info *column, stoa_common_value *values, uint32_t n)
{
  const double least = 1.0 / 60000, others = column->n_distinct - n;
  double left = 1 - (column->null_fraction > 0 ? column->null_fraction : 0);
  for (uint32_t i = 0; i < n; ++i) {
    left -= values[i].share;
  }
  column->common = values;
  column->n_common = n;
  column->other_share = others >= 1 && left / others > least ? left / others : least;
}

static bool is_of_same_column(const PGresult *rows, int a, int b)
{
  return strcmp(PQgetvalue(rows, a, 0), PQgetvalue(rows, b, 0)) == 0 &&
         strcmp(PQgetvalue(rows, a, 1), PQgetvalue(rows, b, 1)) == 0;
}

static stoa_status read_common(reader *r, stoa_error *err)
{
  stoa_error fault = {0};
  PGresult *rows;
  const stoa_status status = ask(r, common_sql, &rows, &fault);
  if (status == STOA_BAD_MAPPING) {
    return STOA_OK; // as above
  }
  if (status != STOA_OK) {
    *err = fault;
    return status;
  }
  const int n_rows = PQntuples(rows);
  for (int i = 0, end; i < n_rows; i = end) {
    const table *const t = find(r, PQgetvalue(rows, i, 0));
    stoa_column_info *const column = t ? (stoa_column_info *)stoa_table_find(&t->info, PQgetvalue(rows, i, 1)) : NULL;
    for (end = i + 1; end < n_rows && is_of_same_column(rows, i, end); ++end) {
    }
    stoa_common_value *const values = STOA_NEWS(r->arena, stoa_common_value, (size_t)(end - i));
    for (int k = i; k < end; ++k) {
      const stoa_slice text = {PQgetvalue(rows, k, 2), (size_t)PQgetlength(rows, k, 2)};
      values[k - i] =
        (stoa_common_value){stoa_hash_text(0, text.data, text.length), strtod(PQgetvalue(rows, k, 3), NULL)};
    }
    if (column) {
      end_common(column, values, (uint32_t)(end - i));
    }
  }
  PQclear(rows);
  return STOA_OK;
}

// Of a column's rows from `first` to `end`.  Of many bounds some are as good; the rows of common values that are not
// told lie among them.
static void set_quantiles(reader *r, const PGresult *rows, int first, int end, stoa_arena *scratch,
                          stoa_column_info *column)
{
  enum { MOST = 33 };
  const uint32_t n = (uint32_t)(end - first);
  double *const bounds = STOA_NEWS(scratch, double, n);
  stoa_valued_share *const common = STOA_NEWS(scratch, stoa_valued_share, n);
  double left = 1 - (column->null_fraction > 0 ? column->null_fraction : 0);
  uint32_t n_bounds = 0, n_common = 0;
  for (int i = first; i < end; ++i) {
    const stoa_slice text = {PQgetvalue(rows, i, 2), (size_t)PQgetlength(rows, i, 2)};
    double value;
    if (!stoa_quantile_value(column->type, text, &value)) {
      continue;
    }
    if (PQgetisnull(rows, i, 3)) {
      bounds[n_bounds++] = value;
    } else {
      common[n_common++] = (stoa_valued_share){value, strtod(PQgetvalue(rows, i, 3), NULL)};
      left -= common[n_common - 1].share;
    }
  }
  const uint32_t n_kept = n_bounds < MOST ? n_bounds : MOST;
  for (uint32_t i = 0; i < n_kept && n_bounds > MOST; ++i) {
    bounds[i] = bounds[(size_t)(n_bounds - 1) * i / (MOST - 1)];
  }
  stoa_quantiles_make(bounds, n_kept, left > 0 ? left : 0, common, n_common, r->arena, column);
}

static stoa_status read_quantiles(reader *r, stoa_error *err)
{
  stoa_error fault = {0};
  PGresult *rows;
  const stoa_status status = ask(r, quantiles_sql, &rows, &fault);
  if (status == STOA_BAD_MAPPING) {
    return STOA_OK; // as above
  }
  if (status != STOA_OK) {
    *err = fault;
    return status;
  }
  stoa_arena scratch;
  stoa_arena_init(&scratch, 0);
  const int n_rows = PQntuples(rows);
  for (int i = 0, end; i < n_rows; i = end) {
    const table *const t = find(r, PQgetvalue(rows, i, 0));
    stoa_column_info *const column = t ? (stoa_column_info *)stoa_table_find(&t->info, PQgetvalue(rows, i, 1)) : NULL;
    for (end = i + 1; end < n_rows && is_of_same_column(rows, i, end) && is_true(rows, i, 4) == is_true(rows, end, 4);
         ++end) {
    }
    if (column) {
      set_quantiles(r, rows, i, end, &scratch, column);
    }
  }
  stoa_arena_done(&scratch);
  PQclear(rows);
  return STOA_OK;
}

static stoa_status read_foreign(reader *r, stoa_error *err)
{
  PGresult *rows;
  STOA_TRY(ask(r, foreign_sql, &rows, err));
  for (int i = 0; i < PQntuples(rows); ++i) {
    table *const child = find(r, PQgetvalue(rows, i, 0)), *const parent = find(r, PQgetvalue(rows, i, 1));
    if (!child || !parent) {
      continue;
    }
    stoa_foreign_key key = {.table = parent->info.name, .enforced = is_true(rows, i, 4)};
    key.n = read_numbers(child, PQgetvalue(rows, i, 2), 8, key.from);
    read_numbers(parent, PQgetvalue(rows, i, 3), 8, key.to);
    for (uint32_t k = 0; k < key.n; ++k) {
      key.columns |= stoa_table_key_bit(&child->info, key.from[k]);
    }
    STOA_PUSH(r->arena, &child->foreign, key);
  }
  PQclear(rows);
  return STOA_OK;
}

stoa_status stoa_postgres_catalog(struct pg_conn *pg, const char *source, stoa_arena *arena, const stoa_catalog **out,
                                  stoa_error *err)
{
  reader r = {.pg = pg, .source = source, .arena = arena};
  STOA_TRY(read_tables(&r, err));
  STOA_TRY(read_columns(&r, err));
  STOA_TRY(read_keys(&r, err));
  STOA_TRY(read_leading(&r, err));
  STOA_TRY(read_foreign(&r, err));
  STOA_TRY(read_statistics(&r, err));
  STOA_TRY(read_common(&r, err));
  STOA_TRY(read_quantiles(&r, err));
  stoa_table_info *const tables = STOA_NEWS(arena, stoa_table_info, r.tables.n + 1);
  for (uint32_t i = 0; i < r.tables.n; ++i) {
    const table *const t = &r.tables.items[i];
    tables[i] = t->info;
    tables[i].keys = t->keys.items;
    tables[i].n_keys = t->keys.n;
    tables[i].foreign = t->foreign.items;
    tables[i].n_foreign = t->foreign.n;
    stoa_table_settle(&tables[i]);
  }
  stoa_catalog *const catalog = STOA_NEW(arena, stoa_catalog);
  *catalog = (stoa_catalog){tables, r.tables.n};
  *out = catalog;
  return STOA_OK;
}

// The collation of an expression is not told, so each text is suspect in a database that has such collations.
static bool has_loose_collations(PGconn *pg)
{
  PGresult *const result = PQexec(pg, "SELECT EXISTS (SELECT FROM pg_collation WHERE NOT collisdeterministic)");
  const bool has = PQresultStatus(result) == PGRES_TUPLES_OK && is_true(result, 0, 0);
  PQclear(result);
  return has;
}

stoa_status stoa_postgres_query_columns(struct pg_conn *pg, const char *source, const char *sql, stoa_arena *arena,
                                        const stoa_table_info **out, stoa_error *err)
{
  column_list columns = {0};
  PGresult *result = PQprepare(pg, "described", sql, 0, NULL);
  if (PQresultStatus(result) == PGRES_COMMAND_OK) {
    PQclear(result);
    result = PQdescribePrepared(pg, "described");
  }
  if (PQresultStatus(result) != PGRES_COMMAND_OK) {
    const stoa_status status = stoa_postgres_failed(source, pg, result, err);
    PQclear(result);
    return status;
  }
  const bool by_letters = has_loose_collations(pg);
  for (int i = 0; i < PQnfields(result); ++i) {
    stoa_column_info column = {.name = stoa_arena_copy(arena, stoa_slice_of(PQfname(result, i)))};
    set_type(PQftype(result, i), PQfmod(result, i), &column);
    if (by_letters && (column.type == STOA_SQL_TEXT || column.type == STOA_SQL_CHAR)) {
      set_by_letters(arena, &column);
    }
    STOA_PUSH(arena, &columns, column);
  }
  PQclear(result);
  stoa_table_info *const table = STOA_NEW(arena, stoa_table_info);
  *table = (stoa_table_info){.name = "the query", .columns = columns.items, .n_columns = columns.n};
  stoa_table_number(table);
  *out = table;
  return STOA_OK;
}
