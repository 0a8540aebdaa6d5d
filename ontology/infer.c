// Types are told from all rows: a datatype that one value does not allow is out.  Equal values are found by their
// hashes of 64 bits; a chance meeting of two could only make a key go unseen, or, once in some hundred million
// projects, a reference be taken for one.
#include "ontology/infer.h"
#include "graph/base/hash.h"
#include "graph/term/lexical.h"
#include "graph/term/vocab.h"
#include <stdio.h>
#include <stdlib.h>

// From the narrowest to the widest; what fits none is text.
static const char *const types[] = {"boolean", "integer", "decimal", "double", "date", "dateTime", "time"};
enum { N_TYPES = sizeof types / sizeof *types, FIRST_LOOK = 4096 };

typedef struct {
  unsigned fits;    ///< a bit for each type
  bool any, unique; ///< any: there is a value
  STOA_LIST(uint64_t) hashes;
} column_state;

typedef struct {
  stoa_source *source;
  const stoa_table_info *table;
  stoa_connection *connection;
  stoa_cursor *cursor;
  stoa_context context;
  stoa_arena scratch;
} row_reader;

static stoa_status begin(row_reader *r, stoa_source *source, const stoa_table_info *table, uint32_t first, uint32_t n,
                         stoa_error *err)
{
  stoa_buf sql = {0};
  *r = (row_reader){.source = source, .table = table};
  stoa_context_init(&r->context, 0);
  stoa_arena_init(&r->scratch, 0);
  stoa_buf_text(&sql, "SELECT ");
  for (uint32_t i = first; i < first + n; ++i) {
    stoa_buf_text(&sql, i > first ? ", " : "");
    stoa_column_print(&table->columns[i], "t", &sql);
  }
  stoa_buf_text(&sql, " FROM ");
  if (table->sql) {
    stoa_buf_text(&sql, table->sql);
  } else {
    stoa_sql_name(table->name, &sql);
  }
  stoa_buf_text(&sql, " AS t");
  const stoa_fragment fragment = {.sql = stoa_buf_string(&sql), .columns = &table->columns[first], .n_columns = n};
  stoa_status status = source->klass->lease(source, &r->context, &r->connection, err);
  if (status == STOA_OK) {
    status = source->klass->open(r->connection, &fragment, &r->context, &r->cursor, err);
  }
  stoa_buf_done(&sql);
  return status;
}

static stoa_status next(row_reader *r, stoa_rows *out, stoa_error *err)
{
  stoa_arena_reset(&r->scratch);
  return r->source->klass->next(r->cursor, &r->scratch, out, err);
}

static void end(row_reader *r)
{
  if (r->cursor) {
    r->source->klass->close(r->cursor);
  }
  if (r->connection) {
    r->source->klass->give_back(r->connection);
  }
  stoa_arena_done(&r->scratch);
}

static stoa_slice text_of(const stoa_value *value, stoa_buf *text)
{
  if (value->kind == STOA_VALUE_TEXT || value->kind == STOA_VALUE_BLOB || value->kind == STOA_VALUE_DECIMAL) {
    return value->text;
  }
  text->length = 0;
  stoa_value_print(value, text);
  return (stoa_slice){text->data, text->length};
}

// Noughts before a number belong to a code (a postcode, an account).
static bool is_code(stoa_slice text)
{
  return text.length > 1 && text.data[0] == '0' && text.data[1] >= '0' && text.data[1] <= '9';
}

static void look(column_state *c, stoa_slice text)
{
  char datatype[64];
  for (unsigned i = 0; i < N_TYPES; ++i) {
    if (c->fits >> i & 1) {
      const int n = snprintf(datatype, sizeof datatype, "%s%s", STOA_XSD, types[i]);
      const bool number = i >= 1 && i <= 3;
      const bool digit = i == 0 && text.length == 1; // 0 and 1 are numbers here
      if (!stoa_lexical_fits(text, (stoa_slice){datatype, (size_t)n}) || (number && is_code(text)) || digit) {
        c->fits &= ~(1U << i);
      }
    }
  }
}

static int compare(const void *a, const void *b)
{
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static bool all_differ(column_state *c)
{
  qsort(c->hashes.items, c->hashes.n, sizeof *c->hashes.items, compare);
  for (uint32_t i = 1; i < c->hashes.n; ++i) {
    if (c->hashes.items[i] == c->hashes.items[i - 1]) {
      return false;
    }
  }
  return true;
}

static void take(column_state *c, const stoa_value *value, stoa_buf *buffer, stoa_arena *arena)
{
  if (value->kind == STOA_VALUE_NULL) {
    c->unique = false;
    return;
  }
  const stoa_slice text = text_of(value, buffer);
  c->any = true;
  if (c->fits) {
    look(c, text);
  }
  if (c->unique) {
    STOA_PUSH(arena, &c->hashes, stoa_hash_text(0, text.data, text.length));
    c->unique = c->hashes.n != FIRST_LOOK || all_differ(c); // most columns are out soon, and cost no more
  }
}

static void conclude(column_state *c, stoa_inferred *out)
{
  *out = (stoa_inferred){0};
  for (unsigned i = 0; c->any && i < N_TYPES && !out->datatype; ++i) {
    out->datatype = c->fits >> i & 1 ? types[i] : NULL;
  }
  out->unique = c->unique && c->any && all_differ(c);
  out->hashes = c->hashes.items;
  out->n_hashes = c->hashes.n;
}

stoa_status stoa_infer_columns(stoa_source *source, const stoa_table_info *table, stoa_arena *arena, stoa_inferred *out,
                               stoa_error *err)
{
  column_state *const columns = STOA_NEWS(arena, column_state, table->n_columns + 1);
  row_reader r;
  stoa_rows rows = {.n_rows = 1};
  stoa_buf buffer = {0};
  for (uint32_t i = 0; i < table->n_columns; ++i) {
    columns[i].fits = (1U << N_TYPES) - 1;
    columns[i].unique = true;
  }
  stoa_status status = begin(&r, source, table, 0, table->n_columns, err);
  while (status == STOA_OK && rows.n_rows) {
    status = next(&r, &rows, err);
    for (uint32_t i = 0; status == STOA_OK && i < table->n_columns; ++i) {
      for (uint32_t row = 0; row < rows.n_rows; ++row) {
        take(&columns[i], &rows.values[i][row], &buffer, arena);
      }
    }
  }
  end(&r);
  stoa_buf_done(&buffer);
  for (uint32_t i = 0; i < table->n_columns; ++i) {
    conclude(&columns[i], &out[i]);
  }
  return status;
}

stoa_status stoa_infer_reference(stoa_source *source, const stoa_table_info *table, const stoa_column_info *column,
                                 const stoa_inferred *key, bool *out, stoa_error *err)
{
  row_reader r;
  stoa_rows rows = {.n_rows = 1};
  stoa_buf buffer = {0};
  bool any = false;
  *out = true;
  stoa_status status = begin(&r, source, table, (uint32_t)(column - table->columns), 1, err);
  while (status == STOA_OK && rows.n_rows && *out) {
    status = next(&r, &rows, err);
    for (uint32_t row = 0; status == STOA_OK && row < rows.n_rows && *out; ++row) {
      if (rows.values[0][row].kind != STOA_VALUE_NULL) {
        const stoa_slice text = text_of(&rows.values[0][row], &buffer);
        const uint64_t hash = stoa_hash_text(0, text.data, text.length);
        *out = bsearch(&hash, key->hashes, key->n_hashes, sizeof hash, compare) != NULL;
        any = true;
      }
    }
  }
  end(&r);
  stoa_buf_done(&buffer);
  *out &= any;
  return status;
}
