#include "graph/source/catalog.h"
#include "graph/base/file.h"
#include "graph/source/dialect.h"
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

const stoa_table_info *stoa_catalog_find(const stoa_catalog *catalog, const char *name)
{
  for (uint32_t i = 0; i < catalog->n_tables; ++i) {
    if (strcmp(catalog->tables[i].name, name) == 0) {
      return &catalog->tables[i];
    }
  }
  for (uint32_t i = 0; i < catalog->n_tables; ++i) {
    if (strcasecmp(catalog->tables[i].name, name) == 0) {
      return &catalog->tables[i];
    }
  }
  return NULL;
}

const stoa_column_info *stoa_table_find(const stoa_table_info *table, const char *name)
{
  for (uint32_t i = 0; i < table->n_columns; ++i) {
    if (strcmp(table->columns[i].name, name) == 0) {
      return &table->columns[i];
    }
  }
  for (uint32_t i = 0; i < table->n_columns; ++i) {
    if (strcasecmp(table->columns[i].name, name) == 0) {
      return &table->columns[i];
    }
  }
  return NULL;
}

enum { BITS = 64 };

void stoa_table_number(stoa_table_info *table)
{
  stoa_column_info *const columns = (stoa_column_info *)table->columns;
  for (uint32_t i = 0; i < table->n_columns && i < BITS; ++i) {
    columns[i].place = (uint8_t)(i + 1);
  }
}

static stoa_column_set bit_of(const stoa_column_info *column)
{
  return column && column->place ? UINT64_C(1) << (column->place - 1) : 0;
}

stoa_column_set stoa_table_bit(const stoa_table_info *table, const char *name)
{
  return bit_of(stoa_table_find(table, name));
}

// A column beyond the 64th takes the bit of one that no key speaks of.
stoa_column_set stoa_table_key_bit(const stoa_table_info *table, const char *name)
{
  stoa_column_info *const columns = (stoa_column_info *)table->columns;
  stoa_column_info *const column = (stoa_column_info *)stoa_table_find(table, name);
  if (!column) {
    return 0;
  }
  for (uint32_t i = table->n_columns; i-- > 0 && !column->place;) {
    if (columns[i].place && !columns[i].keyed) {
      column->place = columns[i].place;
      columns[i].place = 0;
    }
  }
  column->keyed = true;
  return bit_of(column);
}

void stoa_key_add(const stoa_table_info *table, const char *column, stoa_column_set *set, bool *broken)
{
  const stoa_column_set bit = stoa_table_key_bit(table, column);
  *broken |= bit == 0;
  *set = *broken ? 0 : *set | bit;
}

void stoa_table_add_key(stoa_table_info *table, stoa_column_set key, stoa_arena *arena)
{
  stoa_column_set *const all = STOA_NEWS(arena, stoa_column_set, table->n_keys + 1);
  if (table->n_keys) {
    memcpy(all, table->keys, table->n_keys * sizeof *all);
  }
  all[table->n_keys++] = key;
  table->keys = all;
}

// Identifiers come from the catalog and are quoted all the same.
void stoa_column_print(const stoa_column_info *column, const char *alias, stoa_buf *out)
{
  for (const char *text = column->read ? column->read : "%0"; *text; ++text) {
    if (*text == '%') {
      stoa_buf_print(out, "%s.", alias);
      stoa_sql_name(column->name, out);
      ++text;
    } else {
      stoa_buf_byte(out, *text);
    }
  }
}

static bool is_key(const stoa_table_info *table, const stoa_column_info *column)
{
  const stoa_column_set bit = stoa_table_bit(table, column->name);
  for (uint32_t k = 0; bit && k < table->n_keys; ++k) {
    if (table->keys[k] == bit) {
      return true;
    }
  }
  return false;
}

void stoa_table_settle(stoa_table_info *table)
{
  stoa_column_info *const columns = (stoa_column_info *)table->columns;
  for (uint32_t i = 0; i < table->n_columns; ++i) {
    stoa_column_info *const c = &columns[i];
    c->null_fraction = c->not_null ? 0 : c->null_fraction;
    const double values = table->rows * (1 - (c->null_fraction > 0 ? c->null_fraction : 0));
    if (table->rows > 0 && (c->n_distinct > values || is_key(table, c))) {
      c->n_distinct = values;
    }
  }
}

const char *stoa_catalog_nearest(const stoa_catalog *catalog, const char *name, stoa_arena *arena)
{
  const char **const names = STOA_NEWS(arena, const char *, catalog->n_tables);
  for (uint32_t i = 0; i < catalog->n_tables; ++i) {
    names[i] = catalog->tables[i].name;
  }
  return stoa_nearest(name, names, catalog->n_tables);
}

const char *stoa_table_nearest(const stoa_table_info *table, const char *name, stoa_arena *arena)
{
  const char **const names = STOA_NEWS(arena, const char *, table->n_columns);
  for (uint32_t i = 0; i < table->n_columns; ++i) {
    names[i] = table->columns[i].name;
  }
  return stoa_nearest(name, names, table->n_columns);
}

stoa_sql_type stoa_sql_type_read(const char *declared, int *out_scale)
{
  static const struct {
    const char *word;
    stoa_sql_type type;
  } words[] = {{"BOOL", STOA_SQL_BOOLEAN},    {"TIMESTAMP", STOA_SQL_DATETIME}, {"DATETIME", STOA_SQL_DATETIME},
               {"DATE", STOA_SQL_DATE},       {"INTERVAL", STOA_SQL_TEXT},      {"TIME", STOA_SQL_TIME},
               {"INT", STOA_SQL_INTEGER},     {"CHAR", STOA_SQL_TEXT},          {"CLOB", STOA_SQL_TEXT},
               {"TEXT", STOA_SQL_TEXT},       {"BLOB", STOA_SQL_BLOB},          {"BINARY", STOA_SQL_BLOB},
               {"REAL", STOA_SQL_REAL},       {"FLOA", STOA_SQL_REAL},          {"DOUB", STOA_SQL_REAL},
               {"DECIMAL", STOA_SQL_DECIMAL}, {"NUMERIC", STOA_SQL_DECIMAL}};
  char upper[64];
  size_t n = 0;
  for (; declared && declared[n] && n + 1 < sizeof upper; ++n) {
    upper[n] = (char)toupper((unsigned char)declared[n]);
  }
  upper[n] = '\0';
  *out_scale = 0;
  for (size_t i = 0; i < sizeof words / sizeof *words; ++i) {
    if (strstr(upper, words[i].word)) {
      const char *const comma = strchr(upper, ',');
      *out_scale = words[i].type == STOA_SQL_DECIMAL && comma ? atoi(comma + 1) : 0;
      // DECIMAL without a scale says nothing of fractions: its values are read as they are.
      return words[i].type == STOA_SQL_DECIMAL && !strchr(upper, '(') ? STOA_SQL_LEXICAL : words[i].type;
    }
  }
  return n ? STOA_SQL_TEXT : STOA_SQL_ANY;
}
