// The row of a data error is looked for when there is one: a query fetches only the columns that it needs, seldom those
// that tell rows apart, and a fault is worth a second statement.
#include "graph/exec/fault.h"
#include "graph/base/clock.h"
#include "graph/exec/make.h"

typedef struct {
  const stoa_ctor *ctor;
  stoa_binding binding;
  uint32_t at;        ///< its first column in the rows
  const char *wanted; ///< the text of the error that is looked for; NULL: any
  stoa_error *out;    ///< of the first row that has it
} maker;

typedef struct {
  const stoa_home *home;
  maker *makers;
  uint32_t n, n_left;               ///< n_left: makers without a faulty row so far
  const stoa_column_info **columns; ///< of the rows: keys first, then those of the makers
  uint32_t n_columns, n_keys;
  stoa_arena arena;
} search;

// Columns that tell rows apart: those of a key, else none.
static void choose_keys(search *s)
{
  const stoa_table_info *const table = s->home->table.info;
  for (uint32_t i = 0; table->n_keys && i < table->n_columns; ++i) {
    if (table->keys[0] & stoa_table_bit(table, table->columns[i].name)) {
      s->columns[s->n_columns++] = &table->columns[i];
    }
  }
  s->n_keys = s->n_columns;
}

static void add_maker(search *s, maker *m)
{
  m->at = s->n_columns;
  m->binding = (stoa_binding){.ctor = m->ctor};
  for (uint32_t k = 0; k < m->ctor->n_columns; ++k) {
    stoa_sx *const sx = STOA_NEW(&s->arena, stoa_sx);
    *sx = (stoa_sx){.kind = STOA_SX_COLUMN, .info = m->ctor->columns[k]};
    m->binding.columns[k] = sx;
    s->columns[s->n_columns++] = m->ctor->columns[k];
  }
}

static const char *statement_of(search *s)
{
  const stoa_leaf_table *const table = &s->home->table;
  stoa_buf sql = {0};
  stoa_buf_text(&sql, "SELECT ");
  for (uint32_t i = 0; i < s->n_columns; ++i) {
    stoa_buf_text(&sql, i ? ", " : "");
    stoa_column_print(s->columns[i], "t", &sql);
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

static void set_text(stoa_error *err, stoa_buf *text)
{
  const size_t n = text->length < sizeof err->text ? text->length : sizeof err->text - 1;
  memcpy(err->text, text->data, n);
  err->text[n] = '\0';
  stoa_buf_done(text);
}

// ... (the row with id 7)
static void add_row(const search *s, const stoa_rows *rows, uint32_t row, stoa_error *err)
{
  stoa_buf text = {0};
  stoa_buf_text(&text, err->text);
  for (uint32_t i = 0; i < s->n_keys; ++i) {
    stoa_buf_print(&text, i ? ", %s " : " (the row with %s ", s->columns[i]->name);
    stoa_value_print(&rows->values[i][row], &text);
  }
  stoa_buf_text(&text, s->n_keys ? ")" : "");
  set_text(err, &text);
}

static void name_map(const stoa_home *home, stoa_error *err)
{
  stoa_buf whole = {0};
  stoa_buf_print(&whole, "triples map %s: %s", home->name, err->text);
  set_text(err, &whole);
}

static void try_row(search *s, maker *m, const stoa_rows *rows, uint32_t row, stoa_arena *scratch)
{
  const stoa_value *values[STOA_MAKE_COLUMNS];
  stoa_error fault = {0};
  stoa_term term;
  for (uint32_t k = 0; k < m->ctor->n_columns; ++k) {
    values[k] = &rows->values[m->at + k][row];
  }
  const stoa_status status = stoa_make_plain(&m->binding, values, scratch, &term, &fault);
  if (status != STOA_OK && (!m->wanted || strcmp(fault.text, m->wanted) == 0)) {
    *m->out = fault;
    add_row(s, rows, row, m->out);
    name_map(s->home, m->out);
    s->n_left--;
  }
}

static stoa_status read_all(search *s, stoa_connection *connection, stoa_context *context, stoa_error *err)
{
  const stoa_source_class *const klass = connection->source->klass;
  stoa_column_info *const types = STOA_NEWS(&s->arena, stoa_column_info, s->n_columns + 1);
  const stoa_fragment fragment = {.sql = statement_of(s), .columns = types, .n_columns = s->n_columns};
  stoa_arena scratch;
  stoa_cursor *cursor;
  stoa_rows rows = {.n_rows = 1};
  for (uint32_t i = 0; i < s->n_columns; ++i) {
    types[i] = *s->columns[i];
  }
  STOA_TRY(klass->open(connection, &fragment, context, &cursor, err));
  stoa_arena_init(&scratch, 0);
  stoa_status status = STOA_OK;
  while (status == STOA_OK && rows.n_rows && s->n_left) {
    stoa_arena_reset(&scratch);
    status = klass->next(cursor, &scratch, &rows, err);
    for (uint32_t row = 0; status == STOA_OK && row < rows.n_rows; ++row) {
      for (uint32_t i = 0; i < s->n; ++i) {
        if (s->makers[i].out->status == STOA_OK) {
          try_row(s, &s->makers[i], &rows, row, &scratch);
        }
      }
    }
  }
  klass->close(cursor);
  stoa_arena_done(&scratch);
  return status;
}

static stoa_status run(const stoa_home *home, maker *makers, uint32_t n, stoa_context *context, stoa_error *err)
{
  search s = {.home = home, .makers = makers, .n = n, .n_left = n};
  stoa_connection *connection;
  STOA_TRY(home->source->klass->lease(home->source, context, &connection, err));
  stoa_arena_init(&s.arena, 0);
  s.columns = STOA_NEWS(&s.arena, const stoa_column_info *, home->table.info->n_columns + n * STOA_TEMPLATE_COLUMNS);
  choose_keys(&s);
  for (uint32_t i = 0; i < n; ++i) {
    add_maker(&s, &makers[i]);
  }
  const stoa_status status = read_all(&s, connection, context, err);
  home->source->klass->give_back(connection);
  stoa_arena_done(&s.arena);
  return status;
}

void stoa_fault_locate(const stoa_ctor *ctor, stoa_error *err)
{
  enum { PATIENCE_MS = 1000 };
  stoa_context context;
  stoa_error found = {0}, ignored = {0};
  if (!ctor->home || err->status != STOA_BAD_TYPE) {
    return;
  }
  maker m = {.ctor = ctor, .wanted = err->text, .out = &found};
  stoa_context_init(&context, 0);
  context.deadline_ns = stoa_clock_steady_ns() + INT64_C(1000000) * PATIENCE_MS;
  run(ctor->home, &m, 1, &context, &ignored);
  if (found.status != STOA_OK) {
    *err = found;
  } else {
    name_map(ctor->home, err);
  }
}

stoa_status stoa_fault_find(const stoa_ctor *const *ctors, uint32_t n, stoa_context *context, stoa_error *errs,
                            stoa_error *err)
{
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  maker *const makers = STOA_NEWS(&arena, maker, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    errs[i] = (stoa_error){0};
    makers[i] = (maker){.ctor = ctors[i], .out = &errs[i]};
  }
  const stoa_status status = n ? run(ctors[0]->home, makers, n, context, err) : STOA_OK;
  stoa_arena_done(&arena);
  return status;
}
