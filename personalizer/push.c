#include "personalizer/push.h"
#include "graph/base/hash.h"
#include "graph/base/map.h"
#include "personalizer/event.h"
#include <math.h>

typedef struct {
  const stoa_event_type *type;
  const stoa_json *columns;
  const char **names; ///< of the fields that the columns are; NULL: passed over
  int *fields;        ///< their places in the type; -1
  bool has_id;
  stoa_map seen; ///< ids that were made -> how often
  stoa_arena *arena;
  stoa_error *err;
} push;

stoa_status stoa_push_rows(const stoa_json *columns, uint32_t *out, stoa_error *err)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < columns->n_items; ++i) {
    const stoa_json *const column = &columns->items[i];
    if (column->kind != STOA_JSON_ARRAY) {
      return stoa_error_set(err, STOA_BAD_ARG, "column \"%.200s\" is no list", column->name);
    }
    if (i && column->n_items != n) {
      return stoa_error_set(err, STOA_BAD_ARG, "column \"%.200s\" has %u values, the columns before it have %u",
                            column->name, column->n_items, n);
    }
    n = column->n_items;
  }
  *out = n;
  return STOA_OK;
}

static int find_field(const stoa_event_type *type, const char *name)
{
  for (uint32_t i = 0; i < type->n_fields; ++i) {
    if (strcmp(type->fields[i], name) == 0) {
      return (int)i;
    }
  }
  return -1;
}

static void name_columns(push *p)
{
  const uint32_t n = p->columns->n_items;
  p->names = STOA_NEWS(p->arena, const char *, n + 1);
  p->fields = STOA_NEWS(p->arena, int, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    const char *name = p->columns->items[i].name;
    p->fields[i] = find_field(p->type, name);
    if (p->fields[i] < 0 && strcmp(name, "event_timestamp") == 0 && !stoa_json_find(p->columns, p->type->time)) {
      name = p->type->time;
      p->fields[i] = find_field(p->type, name);
    }
    p->names[i] = p->fields[i] < 0 && strcmp(name, "created") == 0 ? NULL : name;
    p->has_id |= p->names[i] && strcmp(p->names[i], p->type->id) == 0;
  }
}

// A column of integers with gaps comes as one of reals.
static stoa_json cell_of(const push *p, uint32_t column, uint32_t row)
{
  stoa_json cell = p->columns->items[column].items[row];
  const int field = p->fields[column];
  if (cell.kind == STOA_JSON_REAL && field >= 0 && strcmp(p->type->types[field], "INTEGER") == 0 &&
      cell.real == floor(cell.real) && fabs(cell.real) <= 9007199254740992.0) {
    cell.kind = STOA_JSON_INTEGER;
    cell.integer = (int64_t)cell.real;
  }
  cell.name = p->names[column];
  return cell;
}

static uint64_t hash_cell(uint64_t hash, const stoa_json *cell)
{
  hash = stoa_hash_more(hash, cell->name, strlen(cell->name) + 1);
  hash = stoa_hash_more(hash, &(const char){(char)cell->kind}, 1);
  if (cell->kind == STOA_JSON_STRING) {
    return stoa_hash_more(stoa_hash_more(hash, cell->text.data, cell->text.length), "", 1);
  }
  const uint64_t bits = htole64((uint64_t)cell->integer);
  uint64_t real;
  memcpy(&real, &cell->real, sizeof real);
  real = htole64(real);
  return stoa_hash_more(stoa_hash_more(hash, &bits, sizeof bits), &real, sizeof real);
}

// The id of a row that has none: 128 bits of what it says, and its number among those that say the same.
static stoa_json made_id(push *p, const stoa_json *cells, uint32_t n)
{
  uint64_t low = STOA_HASH_SEED, high = stoa_hash_mix(STOA_HASH_SEED);
  for (uint32_t i = 0; i < n; ++i) {
    low = hash_cell(low, &cells[i]);
    high = hash_cell(high, &cells[i]);
  }
  const char *text = stoa_arena_print(p->arena, "push-%016llx%016llx", (unsigned long long)stoa_hash_mix(low),
                                      (unsigned long long)stoa_hash_mix(high));
  uint32_t *times = stoa_map_find(&p->seen, stoa_slice_of(text));
  if (!times) {
    times = STOA_NEW(p->arena, uint32_t);
    stoa_map_add(&p->seen, p->arena, stoa_slice_of(text), times);
  }
  if (++*times > 1) {
    text = stoa_arena_print(p->arena, "%s-%u", text, *times);
  }
  return (stoa_json){.kind = STOA_JSON_STRING, .name = p->type->id, .text = stoa_slice_of(text)};
}

static stoa_status read_row(push *p, uint32_t row, int64_t now_us, stoa_record *out)
{
  const stoa_zone utc = stoa_zone_fixed(0);
  stoa_json *const cells = STOA_NEWS(p->arena, stoa_json, p->columns->n_items + 1);
  stoa_error fault = {0};
  uint32_t n = 0;
  for (uint32_t i = 0; i < p->columns->n_items; ++i) {
    if (p->names[i]) {
      cells[n++] = cell_of(p, i, row);
    }
  }
  if (!p->has_id) {
    cells[n] = made_id(p, cells, n);
    n++;
  }
  const stoa_json object = {.kind = STOA_JSON_OBJECT, .items = cells, .n_items = n};
  const stoa_status status = stoa_event_of(p->type, &utc, &object, now_us, p->arena, out, &fault);
  return status == STOA_OK ? STOA_OK : stoa_error_set(p->err, status, "row %u: %s", row, fault.text);
}

stoa_status stoa_push_read(const stoa_event_type *type, const stoa_json *columns, int64_t now_us, stoa_arena *arena,
                           stoa_record **out, uint32_t *n_out, stoa_error *err)
{
  push p = {.type = type, .columns = columns, .arena = arena, .err = err};
  uint32_t n;
  STOA_TRY(stoa_push_rows(columns, &n, err));
  name_columns(&p);
  stoa_record *const records = STOA_NEWS(arena, stoa_record, n + 1);
  for (uint32_t row = 0; row < n; ++row) {
    STOA_TRY(read_row(&p, row, now_us, &records[row]));
  }
  *out = records;
  *n_out = n;
  return STOA_OK;
}
