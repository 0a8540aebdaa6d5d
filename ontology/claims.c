#include "ontology/claims.h"
#include "graph/base/clock.h"
#include <strings.h>

// ---- reading

static stoa_status want_list(const stoa_yaml *node, const char *table, stoa_error *err)
{
  if (node->kind != STOA_YAML_LIST || node->n_items == 0) {
    const char *const example = node->kind == STOA_YAML_SCALAR && *node->text ? node->text : "COLUMN";
    return stoa_error_at(err, STOA_BAD_MAPPING, node->key_place,
                         "keys of table %s: a list of its columns is wanted, as in %s: [%s]", table, table, example);
  }
  return STOA_OK;
}

static stoa_status read_key(stoa_mapping *mapping, const stoa_yaml *node, stoa_source *source,
                            const stoa_catalog *catalog, stoa_error *err)
{
  stoa_table_info *const table = (stoa_table_info *)stoa_catalog_find(catalog, node->key);
  if (!table) {
    const char *const near = stoa_catalog_nearest(catalog, node->key, mapping->arena);
    return stoa_error_at(err, STOA_BAD_MAPPING, node->key_place, "source %s has no table \"%s\"%s%s%s", source->name,
                         node->key, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
  }
  STOA_TRY(want_list(node, table->name, err));
  stoa_claim claim = {.source = source, .table = table, .place = node->key_place, .n = node->n_items};
  claim.columns = STOA_NEWS(mapping->arena, const stoa_column_info *, node->n_items);
  stoa_column_set set = 0;
  for (uint32_t i = 0; i < node->n_items; ++i) {
    const char *const name = node->items[i].kind == STOA_YAML_SCALAR ? node->items[i].text : "";
    const stoa_column_set bit = stoa_table_key_bit(table, name);
    claim.columns[i] = stoa_table_find(table, name);
    if (!claim.columns[i]) {
      const char *const near = stoa_table_nearest(table, name, mapping->arena);
      return stoa_error_at(err, STOA_BAD_MAPPING, node->items[i].place, "table %s has no column \"%s\"%s%s%s",
                           table->name, name, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    }
    if (!bit) {
      return stoa_error_at(err, STOA_BAD_MAPPING, node->items[i].place, "table %s has more than 64 columns in its keys",
                           table->name);
    }
    set |= bit;
  }
  stoa_table_add_key(table, set, mapping->arena);
  STOA_PUSH(mapping->arena, &mapping->claims, claim);
  return STOA_OK;
}

static void trust(stoa_mapping *mapping, stoa_source *source, const stoa_catalog *catalog, const stoa_table_info *table,
                  stoa_place place)
{
  for (uint32_t f = 0; f < table->n_foreign; ++f) {
    stoa_foreign_key *const key = (stoa_foreign_key *)&table->foreign[f];
    const stoa_table_info *const parent = stoa_catalog_find(catalog, key->table);
    if (key->enforced || !parent || key->n == 0) {
      continue;
    }
    stoa_claim claim = {.source = source, .table = table, .parent = parent, .place = place, .n = key->n};
    claim.columns = STOA_NEWS(mapping->arena, const stoa_column_info *, key->n);
    claim.to = STOA_NEWS(mapping->arena, const stoa_column_info *, key->n);
    key->enforced = true;
    for (uint32_t i = 0; i < key->n; ++i) {
      const char *const to = key->to[i][0] ? key->to[i] : i < parent->n_primary ? parent->primary[i] : "";
      claim.columns[i] = stoa_table_find(table, key->from[i]);
      claim.to[i] = stoa_table_find(parent, to);
      key->enforced &= claim.columns[i] && claim.to[i];
    }
    if (key->enforced) {
      STOA_PUSH(mapping->arena, &mapping->claims, claim);
    }
  }
}

static stoa_status read_trusted(stoa_mapping *mapping, const stoa_yaml *node, stoa_source *source,
                                const stoa_catalog *catalog, stoa_error *err)
{
  const bool all = node->kind == STOA_YAML_SCALAR && strcmp(node->text, "trusted") == 0;
  if (!all && node->kind != STOA_YAML_LIST) {
    return stoa_error_at(err, STOA_BAD_MAPPING, node->key_place,
                         "foreign_keys of source %s: \"trusted\", or a list of tables whose references lead to a row",
                         source->name);
  }
  for (uint32_t i = 0; all && i < catalog->n_tables; ++i) {
    trust(mapping, source, catalog, &catalog->tables[i], node->key_place);
  }
  for (uint32_t i = 0; i < node->n_items; ++i) {
    const char *const name = node->items[i].kind == STOA_YAML_SCALAR ? node->items[i].text : "";
    const stoa_table_info *const table = stoa_catalog_find(catalog, name);
    if (!table) {
      return stoa_error_at(err, STOA_BAD_MAPPING, node->items[i].place, "source %s has no table \"%s\"", source->name,
                           name);
    }
    trust(mapping, source, catalog, table, node->items[i].place);
  }
  return STOA_OK;
}

stoa_status stoa_claims_read(stoa_mapping *mapping, const stoa_yaml *node, stoa_source *source,
                             const stoa_catalog *catalog, stoa_error *err)
{
  const stoa_yaml *const keys = stoa_yaml_find(node, "keys"), *const trusted = stoa_yaml_find(node, "foreign_keys");
  if (keys && keys->kind != STOA_YAML_MAP) {
    return stoa_error_at(err, STOA_BAD_MAPPING, keys->key_place,
                         "keys of source %s: a list of columns for each table is wanted, as in keys: {TABLE: [COLUMN]}",
                         source->name);
  }
  for (uint32_t i = 0; keys && i < keys->n_items; ++i) {
    STOA_TRY(read_key(mapping, &keys->items[i], source, catalog, err));
  }
  return trusted ? read_trusted(mapping, trusted, source, catalog, err) : STOA_OK;
}

// ---- checking

// Where "=" takes different texts for the same, they are compared letter by letter.
static void print_column(const stoa_claim *claim, const stoa_column_info *column, const char *alias, stoa_buf *out)
{
  const stoa_dialect *const dialect = claim->source->dialect;
  const bool loose = dialect->same_text && (column->type == STOA_SQL_TEXT || column->type == STOA_SQL_CHAR);
  for (const char *text = loose ? dialect->by_code_point : "%0"; *text; ++text) {
    if (*text == '%') {
      stoa_column_print(column, alias, out);
      ++text;
    } else {
      stoa_buf_byte(out, *text);
    }
  }
}

static void print_names(const stoa_claim *claim, const stoa_column_info *const *columns, const char *alias,
                        const char *between, const char *after, stoa_buf *out)
{
  for (uint32_t i = 0; i < claim->n; ++i) {
    stoa_buf_text(out, i ? between : "");
    print_column(claim, columns[i], alias, out);
    stoa_buf_text(out, after);
  }
}

static void print_table(const stoa_table_info *table, const char *view, const char *alias, stoa_buf *out)
{
  if (view) {
    stoa_buf_print(out, "(%s\n)", view);
  } else if (table->sql) {
    stoa_buf_text(out, table->sql);
  } else {
    stoa_sql_name(table->name, out);
  }
  stoa_buf_print(out, " AS %s", alias);
}

// A value of the key that two rows have.
static void print_repeated(const stoa_claim *claim, stoa_buf *sql)
{
  stoa_buf_text(sql, "SELECT ");
  print_names(claim, claim->columns, "t", ", ", "", sql);
  stoa_buf_text(sql, " FROM ");
  print_table(claim->table, claim->view, "t", sql);
  stoa_buf_text(sql, " WHERE ");
  print_names(claim, claim->columns, "t", " AND ", " IS NOT NULL", sql);
  stoa_buf_text(sql, " GROUP BY ");
  print_names(claim, claim->columns, "t", ", ", "", sql);
  stoa_buf_text(sql, " HAVING COUNT(*) > 1");
}

// A reference that leads nowhere.
static void print_orphan(const stoa_claim *claim, stoa_buf *sql)
{
  stoa_buf_text(sql, "SELECT ");
  print_names(claim, claim->columns, "t", ", ", "", sql);
  stoa_buf_text(sql, " FROM ");
  print_table(claim->table, NULL, "t", sql);
  stoa_buf_text(sql, " WHERE ");
  print_names(claim, claim->columns, "t", " AND ", " IS NOT NULL", sql);
  stoa_buf_text(sql, " AND NOT EXISTS (SELECT 1 FROM ");
  print_table(claim->parent, NULL, "p", sql);
  for (uint32_t i = 0; i < claim->n; ++i) {
    stoa_buf_text(sql, i ? " AND " : " WHERE ");
    print_column(claim, claim->to[i], "p", sql);
    stoa_buf_text(sql, " = ");
    print_column(claim, claim->columns[i], "t", sql);
  }
  stoa_buf_byte(sql, ')');
}

static void print_row(const stoa_claim *claim, const stoa_rows *row, stoa_buf *out)
{
  for (uint32_t i = 0; i < claim->n; ++i) {
    stoa_buf_print(out, "%s%s ", i ? ", " : "", claim->columns[i]->name);
    stoa_value_print(&row->values[i][0], out);
  }
}

static void check_claim(const stoa_claim *claim, int64_t patience_ms, stoa_arena *arena, stoa_faults *faults)
{
  stoa_buf sql = {0}, told = {0};
  stoa_context context;
  stoa_rows row;
  stoa_error err = {0}, fault = {0};
  stoa_context_init(&context, 0);
  context.deadline_ns = patience_ms ? stoa_clock_steady_ns() + patience_ms * 1000000 : 0;
  (claim->parent ? print_orphan : print_repeated)(claim, &sql);
  const stoa_status status = stoa_source_first(claim->source, stoa_buf_string(&sql), &context, arena, &row, &err);
  const char *const name = claim->view ? "the query" : claim->table->name;
  if (status == STOA_TIMEOUT) {
    stoa_error_at(&fault, STOA_BAD_MAPPING, claim->place,
                  "whether %s of %s hold was not found out within %lld ms; stoa check --data takes the time it needs",
                  claim->parent ? "the references" : "the keys", name, (long long)patience_ms);
  } else if (status != STOA_OK) {
    stoa_error_at(&fault, status, claim->place, "%s", err.text);
  } else if (row.n_rows && claim->parent) {
    print_row(claim, &row, &told);
    stoa_error_at(&fault, STOA_BAD_MAPPING, claim->place,
                  "foreign_keys: %s has a row with %s, which table %s does not have; trust only what leads to a row",
                  name, stoa_buf_string(&told), claim->parent->name);
  } else if (row.n_rows) {
    print_row(claim, &row, &told);
    stoa_error_at(&fault, STOA_BAD_MAPPING, claim->place,
                  "this is no key of %s: more than one row has %s; declare only columns that tell every row apart",
                  name, stoa_buf_string(&told));
  }
  if (fault.status != STOA_OK) {
    stoa_faults_add(faults, &fault, status == STOA_TIMEOUT);
  }
  stoa_buf_done(&sql);
  stoa_buf_done(&told);
}

void stoa_claims_check(const stoa_mapping *mapping, int64_t patience_ms, stoa_faults *faults)
{
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  for (uint32_t i = 0; i < mapping->claims.n; ++i) {
    check_claim(&mapping->claims.items[i], patience_ms, &arena, faults);
    stoa_arena_reset(&arena);
  }
  stoa_arena_done(&arena);
}
