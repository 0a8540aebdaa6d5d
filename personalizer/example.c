#include "personalizer/example.h"
#include "graph/base/hash.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static uint64_t name_hash(const char *space, const char *name)
{
  uint64_t hash = stoa_hash_more(STOA_HASH_SEED, space, strlen(space));
  hash = stoa_hash_more(hash, "\x1f", 1);
  return stoa_hash_more(hash, name, strlen(name));
}

// So many bytes of a text are shown: whole characters.
static int shown(const char *text, size_t length)
{
  size_t n = length < STOA_LONGEST_FEATURE ? length : STOA_LONGEST_FEATURE;
  while (n > 0 && n < length && ((unsigned char)text[n] & 0xC0) == 0x80) {
    --n;
  }
  return (int)n;
}

static const char *feature_name(stoa_arena *arena, const char *space, const char *name, const stoa_slice *value)
{
  const int n = shown(name, strnlen(name, STOA_LONGEST_FEATURE + 1));
  return value ? stoa_arena_print(arena, "%s.%.*s=%.*s", space, n, name, shown(value->data, value->length), value->data)
               : stoa_arena_print(arena, "%s.%.*s", space, n, name);
}

static stoa_status add(stoa_hashed_list *list, stoa_arena *arena, uint64_t hash, float value, const char *name,
                       stoa_error *err)
{
  if (list->n == STOA_MOST_FEATURES) {
    return stoa_error_set(err, STOA_TOO_LARGE, "the context, or an action, has more than %d features",
                          STOA_MOST_FEATURES);
  }
  const stoa_hashed feature = {stoa_hash_mix(hash), value, name};
  STOA_PUSH(arena, list, feature);
  return STOA_OK;
}

stoa_status stoa_hashed_text(stoa_hashed_list *list, stoa_arena *arena, const char *space, const char *name,
                             stoa_slice value, stoa_error *err)
{
  const uint64_t hash = stoa_hash_more(name_hash(space, name), "\x1e", 1);
  return add(list, arena, stoa_hash_more(hash, value.data, value.length), 1, feature_name(arena, space, name, &value), err);
}

static stoa_status refuse_number(const char *name, double value, stoa_error *err)
{
  return stoa_error_set(err, STOA_BAD_TYPE, "feature \"%s\" is %g; a model takes numbers from %g to %g", name, value,
                        (double)-FLT_MAX, (double)FLT_MAX);
}

stoa_status stoa_hashed_number(stoa_hashed_list *list, stoa_arena *arena, const char *space, const char *name,
                               double value, stoa_error *err)
{
  const float held = (float)value;
  if (!isfinite(held)) {
    return refuse_number(name, value, err);
  }
  return held == 0 ? STOA_OK
                   : add(list, arena, name_hash(space, name), held, feature_name(arena, space, name, NULL), err);
}

// Where a member stands: its name behind those of what it lies in, with dots between.  A hash goes on from the one of
// what is outside, so that a member costs its own name alone, however deep it lies.
typedef struct place {
  const struct place *outer;
  const char *name;  ///< "" of the whole, and of elements
  const char *space;
  uint64_t hash;
  bool has_name; ///< it, or something around it
} place;

static place place_within(const place *outer, const char *name)
{
  uint64_t hash = outer->hash;
  if (name[0]) {
    hash = outer->has_name ? stoa_hash_more(hash, ".", 1) : hash;
    hash = stoa_hash_more(hash, name, strlen(name));
  }
  return (place){outer, name, outer->space, hash, outer->has_name || name[0]};
}

// The whole name, as far as it has room.
static void print_place(const place *at, char *out, size_t n_bytes)
{
  if (at->outer) {
    print_place(at->outer, out, n_bytes);
  }
  if (at->name[0]) {
    const size_t n = strlen(out);
    snprintf(out + n, n_bytes - n, "%s%s", n ? "." : "", at->name);
  }
}

// Of what lies deep the innermost names, which tell the most: so a name costs what is seen of it.
static const char *name_at(stoa_arena *arena, const place *at, const stoa_slice *value)
{
  enum { NAMES = 4 };
  const char *names[NAMES], *const space = at->space;
  char text[NAMES * (STOA_LONGEST_FEATURE + 1) + 1] = "";
  size_t n = 0;
  int k = 0;
  for (; at && k < NAMES; at = at->outer) {
    if (at->name[0]) {
      names[k++] = at->name;
    }
  }
  for (; k > 0; --k) {
    const char *const name = names[k - 1];
    n += (size_t)snprintf(text + n, sizeof text - n, "%s%.*s", n ? "." : "",
                          shown(name, strnlen(name, STOA_LONGEST_FEATURE + 1)), name);
  }
  return feature_name(arena, space, text, value);
}

static stoa_status add_number_at(stoa_hashed_list *list, stoa_arena *arena, const place *at, double value,
                                 stoa_error *err)
{
  const float held = (float)value;
  if (!isfinite(held)) {
    char name[200] = "";
    print_place(at, name, sizeof name);
    return refuse_number(name, value, err);
  }
  return held == 0 ? STOA_OK : add(list, arena, at->hash, held, name_at(arena, at, NULL), err);
}

static stoa_status add_json(stoa_hashed_list *list, stoa_arena *arena, const place *at, const stoa_json *value,
                            stoa_error *err)
{
  switch (value->kind) {
    case STOA_JSON_NULL:
      break;
    case STOA_JSON_BOOLEAN:
    case STOA_JSON_INTEGER:
    case STOA_JSON_REAL:
      return add_number_at(list, arena, at, value->real, err);
    case STOA_JSON_STRING:
      return add(list, arena, stoa_hash_more(stoa_hash_more(at->hash, "\x1e", 1), value->text.data, value->text.length),
                 1, name_at(arena, at, &value->text), err);
    case STOA_JSON_ARRAY:
    case STOA_JSON_OBJECT:
      for (uint32_t i = 0; i < value->n_items; ++i) {
        const place inner = place_within(at, value->kind == STOA_JSON_OBJECT ? value->items[i].name : "");
        STOA_TRY(add_json(list, arena, &inner, &value->items[i], err));
      }
      break;
  }
  return STOA_OK;
}

stoa_status stoa_hashed_json(stoa_hashed_list *list, stoa_arena *arena, const char *space, const stoa_json *object,
                             stoa_error *err)
{
  const place whole = {NULL, "", space, name_hash(space, ""), false};
  return add_json(list, arena, &whole, object, err);
}

enum { WITHOUT_NAMES = 1, WITH_NAMES = 2 };

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
    const char *const name = list->items[i].name ? list->items[i].name : "";
    const size_t n = strlen(name);
    write_number(out, n, 2);
    stoa_buf_add(out, name, n);
  }
}

void stoa_example_write(const stoa_example *example, stoa_buf *out)
{
  stoa_buf_byte(out, WITH_NAMES);
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
  bool good, has_names;
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

static const char *read_name(reader *r, stoa_arena *arena)
{
  const uint64_t n = read_number(r, 2);
  if (!r->good || r->rest.length < n) {
    r->good = false;
    return NULL;
  }
  const char *const name = stoa_arena_copy(arena, (stoa_slice){r->rest.data, n});
  r->rest = (stoa_slice){r->rest.data + n, r->rest.length - n};
  return name;
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
    out->items[i].name = r->has_names ? read_name(r, arena) : NULL;
  }
}

bool stoa_example_read(stoa_slice bytes, stoa_arena *arena, stoa_example *out)
{
  reader r = {bytes, true, false};
  *out = (stoa_example){0};
  const uint64_t version = read_number(&r, 1);
  r.good = version == WITH_NAMES || version == WITHOUT_NAMES;
  r.has_names = version == WITH_NAMES;
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
