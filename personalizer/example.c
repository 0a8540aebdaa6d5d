#include "personalizer/example.h"
#include "graph/base/hash.h"
#include <float.h>
#include <math.h>

static uint64_t name_hash(const char *space, const char *name)
{
  uint64_t hash = stoa_hash_more(STOA_HASH_SEED, space, strlen(space));
  hash = stoa_hash_more(hash, "\x1f", 1);
  return stoa_hash_more(hash, name, strlen(name));
}

static stoa_status add(stoa_hashed_list *list, stoa_arena *arena, uint64_t hash, float value, stoa_error *err)
{
  if (list->n == STOA_MOST_FEATURES) {
    return stoa_error_set(err, STOA_TOO_LARGE, "the context, or an action, has more than %d features",
                          STOA_MOST_FEATURES);
  }
  const stoa_hashed feature = {stoa_hash_mix(hash), value};
  STOA_PUSH(arena, list, feature);
  return STOA_OK;
}

stoa_status stoa_hashed_text(stoa_hashed_list *list, stoa_arena *arena, const char *space, const char *name,
                             stoa_slice value, stoa_error *err)
{
  const uint64_t hash = stoa_hash_more(name_hash(space, name), "\x1e", 1);
  return add(list, arena, stoa_hash_more(hash, value.data, value.length), 1, err);
}

stoa_status stoa_hashed_number(stoa_hashed_list *list, stoa_arena *arena, const char *space, const char *name,
                               double value, stoa_error *err)
{
  const float held = (float)value;
  if (!isfinite(held)) {
    return stoa_error_set(err, STOA_BAD_TYPE, "feature \"%s\" is %g; a model takes numbers from %g to %g", name, value,
                          (double)-FLT_MAX, (double)FLT_MAX);
  }
  return held == 0 ? STOA_OK : add(list, arena, name_hash(space, name), held, err);
}

static stoa_status add_json(stoa_hashed_list *list, stoa_arena *arena, const char *space, const char *name,
                            const stoa_json *value, stoa_error *err);

static stoa_status add_members(stoa_hashed_list *list, stoa_arena *arena, const char *space, const char *name,
                               const stoa_json *value, stoa_error *err)
{
  for (uint32_t i = 0; i < value->n_items; ++i) {
    const char *const inner = value->kind == STOA_JSON_OBJECT ? value->items[i].name : "";
    const bool both = name[0] && inner[0];
    const char *const path = both ? stoa_arena_print(arena, "%s.%s", name, inner) : name[0] ? name : inner;
    STOA_TRY(add_json(list, arena, space, path, &value->items[i], err));
  }
  return STOA_OK;
}

static stoa_status add_json(stoa_hashed_list *list, stoa_arena *arena, const char *space, const char *name,
                            const stoa_json *value, stoa_error *err)
{
  switch (value->kind) {
    case STOA_JSON_NULL:
      break;
    case STOA_JSON_BOOLEAN:
    case STOA_JSON_INTEGER:
    case STOA_JSON_REAL:
      return stoa_hashed_number(list, arena, space, name, value->real, err);
    case STOA_JSON_STRING:
      return stoa_hashed_text(list, arena, space, name, value->text, err);
    case STOA_JSON_ARRAY:
    case STOA_JSON_OBJECT:
      return add_members(list, arena, space, name, value, err);
  }
  return STOA_OK;
}

stoa_status stoa_hashed_json(stoa_hashed_list *list, stoa_arena *arena, const char *space, const stoa_json *object,
                             stoa_error *err)
{
  return add_json(list, arena, space, "", object, err);
}

stoa_status stoa_example_check(const stoa_example *example, stoa_error *err)
{
  uint64_t n = 0;
  for (uint32_t i = 0; i < example->n_actions; ++i) {
    n += (uint64_t)example->actions[i].features.n * (example->context.n + 1);
  }
  return n <= STOA_MOST_PAIRS
           ? STOA_OK
           : stoa_error_set(err, STOA_TOO_LARGE,
                            "the features of context and actions make %llu pairs; at most %d are scored",
                            (unsigned long long)n, STOA_MOST_PAIRS);
}

static void write_number(stoa_buf *out, uint64_t value, int n_bytes)
{
  for (int i = 0; i < n_bytes; ++i) {
    stoa_buf_byte(out, (char)(value >> (8 * i)));
  }
}

static void write_list(stoa_buf *out, const stoa_hashed_list *list)
{
  write_number(out, list->n, 4);
  for (uint32_t i = 0; i < list->n; ++i) {
    uint32_t bits;
    memcpy(&bits, &list->items[i].value, sizeof bits);
    write_number(out, list->items[i].hash, 8);
    write_number(out, bits, 4);
  }
}

void stoa_example_write(const stoa_example *example, stoa_buf *out)
{
  stoa_buf_byte(out, 1);
  write_list(out, &example->context);
  write_number(out, example->n_actions, 4);
  for (uint32_t i = 0; i < example->n_actions; ++i) {
    const size_t n = strlen(example->actions[i].id);
    write_number(out, n, 4);
    stoa_buf_add(out, example->actions[i].id, n);
    write_list(out, &example->actions[i].features);
  }
}

typedef struct {
  stoa_slice rest;
  bool good;
} reader;

static uint64_t read_number(reader *r, size_t n_bytes)
{
  uint64_t value = 0;
  if (!r->good || r->rest.length < n_bytes) {
    r->good = false;
    return 0;
  }
  for (size_t i = 0; i < n_bytes; ++i) {
    value |= (uint64_t)(unsigned char)r->rest.data[i] << (8 * i);
  }
  r->rest = (stoa_slice){r->rest.data + n_bytes, r->rest.length - n_bytes};
  return value;
}

static void read_list(reader *r, stoa_arena *arena, stoa_hashed_list *out)
{
  const uint64_t n = read_number(r, 4);
  if (n > STOA_MOST_FEATURES || r->rest.length < n * 12) {
    r->good = false;
    return;
  }
  out->items = STOA_NEWS(arena, stoa_hashed, n);
  out->n = (uint32_t)n;
  out->capacity = (uint32_t)n;
  for (uint64_t i = 0; i < n; ++i) {
    out->items[i].hash = read_number(r, 8);
    const uint32_t bits = (uint32_t)read_number(r, 4);
    memcpy(&out->items[i].value, &bits, sizeof bits);
  }
}

bool stoa_example_read(stoa_slice bytes, stoa_arena *arena, stoa_example *out)
{
  reader r = {bytes, true};
  *out = (stoa_example){0};
  r.good = read_number(&r, 1) == 1;
  read_list(&r, arena, &out->context);
  const uint64_t n = read_number(&r, 4);
  r.good = r.good && n <= STOA_MOST_ACTIONS;
  for (uint64_t i = 0; r.good && i < n; ++i) {
    const uint64_t length = read_number(&r, 4);
    if (!r.good || r.rest.length < length) {
      return false;
    }
    out->actions[i].id = stoa_arena_copy(arena, (stoa_slice){r.rest.data, length});
    r.rest = (stoa_slice){r.rest.data + length, r.rest.length - length};
    read_list(&r, arena, &out->actions[i].features);
  }
  out->n_actions = (uint32_t)n;
  return r.good;
}
