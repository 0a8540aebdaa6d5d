// What rows tell, before a project is written: keys of views, and of CSV files their types and references too.
#include "ontology/bootstrap.h"
#include "ontology/infer.h"
#include "ontology/r2rml_text.h"
#include <ctype.h>
#include <strings.h>

typedef struct {
  stoa_mapped *mapped;
  stoa_arena *arena;
  stoa_bootstrap *out;
  const stoa_bootstrap_options *options;
  stoa_inferred **inferred; ///< [table][column]; NULL: not read
  STOA_LIST(const char *) notes;
} preparer;

static void copy_catalog(preparer *p)
{
  const stoa_catalog *const catalog = p->mapped->catalog;
  stoa_bootstrap *const b = p->out;
  const uint32_t n = catalog->n_tables;
  b->tables = STOA_NEWS(p->arena, stoa_table_info, n + 1);
  b->n_tables = n;
  b->datatypes = STOA_NEWS(p->arena, const char **, n + 1);
  b->keyed = STOA_NEWS(p->arena, bool, n + 1);
  p->inferred = STOA_NEWS(p->arena, stoa_inferred *, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    b->tables[i] = catalog->tables[i];
  }
}

static void set_key(preparer *p, uint32_t table, const char **columns, uint32_t n)
{
  p->out->tables[table].primary = columns;
  p->out->tables[table].n_primary = n;
  p->out->keyed[table] = true;
}

// "TABLE=COLUMN,COLUMN"; a name may hold what it likes but "=" and ",".
static stoa_status read_option(preparer *p, const char *text, stoa_error *err)
{
  const char *const equals = strchr(text, '=');
  const char *const name = equals ? stoa_arena_copy(p->arena, (stoa_slice){text, (size_t)(equals - text)}) : "";
  const stoa_table_info *const table = stoa_bootstrap_table(p->out, name);
  STOA_LIST(const char *) columns = {0};
  if (!table) {
    const char *const near = stoa_catalog_nearest(p->mapped->catalog, name, p->arena);
    return stoa_error_set(err, STOA_BAD_ARG,
                          "--key %s: TABLE=COLUMN[,COLUMN] is wanted, of a table of the source%s%s%s", text,
                          near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
  }
  for (const char *at = equals + 1; *at; at += *at == ',') {
    const size_t n = strcspn(at, ",");
    const char *const column = stoa_arena_copy(p->arena, (stoa_slice){at, n});
    const stoa_column_info *const info = stoa_table_find(table, column);
    if (!info) {
      const char *const near = stoa_table_nearest(table, column, p->arena);
      return stoa_error_set(err, STOA_BAD_ARG, "--key %s: table %s has no column \"%s\"%s%s%s", text, table->name,
                            column, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    }
    STOA_PUSH(p->arena, &columns, info->name);
    at += n;
  }
  if (!columns.n) {
    return stoa_error_set(err, STOA_BAD_ARG, "--key %s: a column is wanted behind the \"=\"", text);
  }
  set_key(p, (uint32_t)(table - p->out->tables), columns.items, columns.n);
  return STOA_OK;
}

static bool ends_like_key(const char *column)
{
  static const char *const ends[] = {"id", "_no", "_nr", "_key", "code", "number", "uuid", NULL};
  const size_t n = strlen(column);
  for (size_t i = 0; ends[i]; ++i) {
    const size_t m = strlen(ends[i]);
    if (n >= m && strcasecmp(column + n - m, ends[i]) == 0) {
      return true;
    }
  }
  return false;
}

// Few rows differ in many columns by chance: only a name tells then.
static bool may_be_key(const preparer *p, uint32_t table, uint32_t column, bool by_name)
{
  enum { MANY = 20 };
  const stoa_inferred *const told = &p->inferred[table][column];
  const bool countable = !told->datatype || strcmp(told->datatype, "integer") == 0;
  return told->unique && countable &&
         (by_name ? ends_like_key(p->out->tables[table].columns[column].name) : told->n_hashes >= MANY);
}

// The first column that is named like a key and tells rows apart, else the very first one when it does.
static void choose_key(preparer *p, uint32_t table)
{
  const stoa_table_info *const t = &p->out->tables[table];
  uint32_t found = 0;
  while (found < t->n_columns && !may_be_key(p, table, found, true)) {
    ++found;
  }
  if (found == t->n_columns && (t->n_columns == 0 || !may_be_key(p, table, found = 0, false))) {
    return;
  }
  const char **const column = STOA_NEW(p->arena, const char *);
  *column = t->columns[found].name;
  set_key(p, table, column, 1);
}

static stoa_status read_rows(preparer *p, uint32_t table, bool is_csv, stoa_error *err)
{
  const stoa_table_info *const t = &p->out->tables[table];
  p->inferred[table] = STOA_NEWS(p->arena, stoa_inferred, t->n_columns + 1);
  STOA_TRY(stoa_infer_columns(p->mapped->source, t, p->arena, p->inferred[table], err));
  if (is_csv) {
    p->out->datatypes[table] = STOA_NEWS(p->arena, const char *, t->n_columns + 1);
    for (uint32_t i = 0; i < t->n_columns; ++i) {
      p->out->datatypes[table][i] = p->inferred[table][i].datatype;
    }
  }
  if (t->n_primary == 0) {
    choose_key(p, table);
  }
  return STOA_OK;
}

static stoa_status read_all_rows(preparer *p, bool is_csv, stoa_error *err)
{
  for (uint32_t i = 0; i < p->out->n_tables; ++i) {
    const stoa_table_info *const t = &p->out->tables[i];
    if (t->fault || (!is_csv && (!p->options->views || stoa_r2rml_has_own_rows(t)))) {
      continue;
    }
    STOA_TRY(read_rows(p, i, is_csv, err));
    if (!stoa_r2rml_has_own_rows(&p->out->tables[i])) {
      STOA_PUSH(p->arena, &p->notes,
                stoa_arena_print(p->arena,
                                 "%s is left out: no column tells its rows apart; --key %s=COLUMN[,COLUMN] "
                                 "names those that do",
                                 t->name, t->name));
    }
  }
  return STOA_OK;
}

// The table whose key of one column has this name, and no other has.
static bool parent_of(const preparer *p, uint32_t child, const char *column, uint32_t *out)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < p->out->n_tables; ++i) {
    const stoa_table_info *const t = &p->out->tables[i];
    if (t->n_primary == 1 && strcasecmp(t->primary[0], column) == 0) {
      n += i == child ? 2 : 1; // a table's own key refers to no other
      *out = i;
    }
  }
  return n == 1;
}

static const stoa_inferred *inferred_of(const preparer *p, uint32_t table, const char *column)
{
  const stoa_table_info *const t = &p->out->tables[table];
  return &p->inferred[table][stoa_table_find(t, column) - t->columns];
}

static stoa_status find_references(preparer *p, uint32_t child, stoa_error *err)
{
  stoa_table_info *const t = &p->out->tables[child];
  STOA_LIST(stoa_foreign_key) keys = {0};
  for (uint32_t i = 0; i < t->n_columns; ++i) {
    const stoa_column_info *const column = &t->columns[i];
    uint32_t parent;
    bool leads = false;
    if (!parent_of(p, child, column->name, &parent)) {
      continue;
    }
    const char *const to = p->out->tables[parent].primary[0];
    const stoa_inferred *const key = inferred_of(p, parent, to);
    if (key->unique) {
      STOA_TRY(stoa_infer_reference(p->mapped->source, t, column, key, &leads, err));
    }
    if (leads) {
      const stoa_foreign_key reference = {
        .table = p->out->tables[parent].name, .n = 1, .from = {column->name}, .to = {to}};
      STOA_PUSH(p->arena, &keys, reference);
    }
  }
  t->foreign = keys.items;
  t->n_foreign = keys.n;
  return STOA_OK;
}

stoa_status stoa_bootstrap_prepare(stoa_mapped *mapped, const char *base, const stoa_bootstrap_options *options,
                                   stoa_bootstrap *out, stoa_error *err)
{
  preparer p = {.mapped = mapped, .arena = &mapped->arena, .out = out, .options = options};
  const bool is_csv = strcmp(mapped->driver, "csv") == 0;
  *out = (stoa_bootstrap){.space = stoa_arena_print(p.arena, "%sontology#", base), .base = base};
  copy_catalog(&p);
  for (uint32_t i = 0; i < options->n_keys; ++i) {
    STOA_TRY(read_option(&p, options->keys[i], err));
  }
  STOA_TRY(read_all_rows(&p, is_csv, err));
  for (uint32_t i = 0; is_csv && i < out->n_tables; ++i) {
    STOA_TRY(find_references(&p, i, err));
  }
  STOA_PUSH(p.arena, &p.notes, NULL);
  out->notes = p.notes.items;
  return STOA_OK;
}
