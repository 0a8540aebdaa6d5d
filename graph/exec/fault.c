// The row of a data error is looked for when there is one: a query fetches only the columns that it needs, seldom those
// that tell rows apart, and a fault is worth a second statement.
#include "graph/exec/fault.h"
#include "graph/base/clock.h"
#include "graph/exec/make.h"

typedef struct {
  const stoa_ctor *ctor;
  const char *wanted; ///< the error's text; NULL: any
  const stoa_column_info **keys;
  uint32_t n_keys;
  stoa_binding binding;
  stoa_column_info *types; ///< of all columns: the keys', then the constructor's
  stoa_arena arena;
} search;

// Columns that tell rows apart: those of a key, else none.
static void choose_keys(search *s)
{
  const stoa_table_info *const table = s->ctor->home->table.info;
  s->keys = STOA_NEWS(&s->arena, const stoa_column_info *, table->n_columns + 1);
  for (uint32_t i = 0; table->n_keys && i < table->n_columns; ++i) {
    if (table->keys[0] & stoa_table_bit(table, table->columns[i].name)) {
      s->keys[s->n_keys++] = &table->columns[i];
    }
  }
}

static const char *statement_of(search *s)
{
  const stoa_leaf_table *const table = &s->ctor->home->table;
  const uint32_t n = s->n_keys + s->ctor->n_columns;
  stoa_buf sql = {0};
  s->types = STOA_NEWS(&s->arena, stoa_column_info, n + 1);
  stoa_buf_text(&sql, "SELECT ");
  for (uint32_t i = 0; i < n; ++i) {
    const stoa_column_info *const column = i < s->n_keys ? s->keys[i] : s->ctor->columns[i - s->n_keys];
    stoa_buf_text(&sql, i ? ", " : "");
    stoa_column_print(column, "t", &sql);
    s->types[i] = *column;
  }
  stoa_buf_text(&sql, " FROM ");
  if (table->view) {
    stoa_buf_print(&sql, "(%s\n)", table->view);
  } else if (table->info->sql) {
    stoa_buf_text(&sql, table->info->sql);
  } else {
    stoa_sql_name(table->table, &sql);
  }
  stoa_buf_text(&sql, " AS t");
  const char *const text = stoa_arena_copy(&s->arena, stoa_slice_of(stoa_buf_string(&sql)));
  stoa_buf_done(&sql);
  return text;
}

static void bind(search *s)
{
  s->binding = (stoa_binding){.ctor = s->ctor};
  for (uint32_t k = 0; k < s->ctor->n_columns; ++k) {
    stoa_sx *const sx = STOA_NEW(&s->arena, stoa_sx);
    *sx = (stoa_sx){.kind = STOA_SX_COLUMN, .info = s->ctor->columns[k]};
    s->binding.columns[k] = sx;
  }
}

// "...", in the row with id 7
static void add_row(const search *s, const stoa_rows *rows, uint32_t row, stoa_error *err)
{
  stoa_buf text = {0};
  stoa_buf_text(&text, err->text);
  for (uint32_t i = 0; i < s->n_keys; ++i) {
    stoa_buf_print(&text, i ? ", %s " : " (the row with %s ", s->keys[i]->name);
    stoa_value_print(&rows->values[i][row], &text);
  }
  stoa_buf_text(&text, s->n_keys ? ")" : "");
  const size_t n = text.length < sizeof err->text ? text.length : sizeof err->text - 1;
  memcpy(err->text, text.data, n);
  err->text[n] = '\0';
  stoa_buf_done(&text);
}

static stoa_status try_rows(search *s, const stoa_rows *rows, stoa_arena *scratch, stoa_error *err)
{
  const stoa_value *values[STOA_MAKE_COLUMNS];
  stoa_term term;
  for (uint32_t row = 0; row < rows->n_rows; ++row) {
    stoa_error fault = {0};
    for (uint32_t k = 0; k < s->ctor->n_columns; ++k) {
      values[k] = &rows->values[s->n_keys + k][row];
    }
    const stoa_status status = stoa_make_plain(&s->binding, values, scratch, &term, &fault);
    if (status != STOA_OK && (!s->wanted || strcmp(fault.text, s->wanted) == 0)) {
      add_row(s, rows, row, &fault);
      *err = fault;
      return status;
    }
  }
  return STOA_OK;
}

static stoa_status read_all(search *s, stoa_connection *connection, stoa_context *context, stoa_error *err)
{
  const stoa_source_class *const klass = connection->source->klass;
  const stoa_fragment fragment = {
    .sql = statement_of(s), .columns = s->types, .n_columns = s->n_keys + s->ctor->n_columns};
  stoa_arena scratch;
  stoa_cursor *cursor;
  stoa_rows rows = {.n_rows = 1};
  STOA_TRY(klass->open(connection, &fragment, context, &cursor, err));
  stoa_arena_init(&scratch, 0);
  stoa_status status = STOA_OK;
  while (status == STOA_OK && rows.n_rows) {
    stoa_arena_reset(&scratch);
    status = klass->next(cursor, &scratch, &rows, err);
    status = status == STOA_OK ? try_rows(s, &rows, &scratch, err) : status;
  }
  klass->close(cursor);
  stoa_arena_done(&scratch);
  return status;
}

static stoa_status run(const stoa_ctor *ctor, const char *wanted, stoa_context *context, stoa_error *err)
{
  search s = {.ctor = ctor, .wanted = wanted};
  stoa_source *const source = ctor->home->source;
  stoa_connection *connection;
  STOA_TRY(source->klass->lease(source, context, &connection, err));
  stoa_arena_init(&s.arena, 0);
  choose_keys(&s);
  bind(&s);
  const stoa_status status = read_all(&s, connection, context, err);
  source->klass->give_back(connection);
  stoa_arena_done(&s.arena);
  return status;
}

static void name_map(const stoa_ctor *ctor, stoa_error *err)
{
  char text[sizeof err->text];
  memcpy(text, err->text, sizeof text);
  stoa_buf whole = {0};
  stoa_buf_print(&whole, "triples map %s: %s", ctor->home->name, text);
  const size_t n = whole.length < sizeof err->text ? whole.length : sizeof err->text - 1;
  memcpy(err->text, whole.data, n);
  err->text[n] = '\0';
  stoa_buf_done(&whole);
}

void stoa_fault_locate(const stoa_ctor *ctor, stoa_error *err)
{
  enum { PATIENCE_MS = 1000 };
  stoa_context context;
  stoa_error found = {0};
  if (!ctor->home) {
    return;
  }
  stoa_context_init(&context, 0);
  context.deadline_ns = stoa_clock_steady_ns() + INT64_C(1000000) * PATIENCE_MS;
  if (run(ctor, err->text, &context, &found) == STOA_BAD_TYPE) {
    *err = found;
  }
  name_map(ctor, err);
}

stoa_status stoa_fault_find(const stoa_ctor *ctor, stoa_context *context, stoa_error *err)
{
  const stoa_status status = run(ctor, NULL, context, err);
  if (status == STOA_BAD_TYPE) {
    name_map(ctor, err);
  }
  return status;
}
