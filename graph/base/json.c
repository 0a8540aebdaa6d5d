#include "graph/base/json.h"
#include "graph/base/json_plain.h"
#include "graph/base/name.h"
#include <jansson.h>

// `levels`: so many may be nested below.  False where there are more.
static bool convert(const json_t *from, stoa_arena *arena, int levels, stoa_json *out);

static bool convert_array(const json_t *from, stoa_arena *arena, int levels, stoa_json *out)
{
  const size_t n = json_array_size(from);
  stoa_json *const items = STOA_NEWS(arena, stoa_json, n);
  bool good = true;
  for (size_t i = 0; i < n && good; ++i) {
    good = convert(json_array_get(from, i), arena, levels - 1, &items[i]);
  }
  out->kind = STOA_JSON_ARRAY;
  out->items = items;
  out->n_items = (uint32_t)n;
  return good;
}

static bool convert_object(const json_t *from, stoa_arena *arena, int levels, stoa_json *out)
{
  stoa_json *const items = STOA_NEWS(arena, stoa_json, json_object_size(from));
  const char *name;
  json_t *value;
  uint32_t n = 0;
  bool good = true;
  json_object_foreach((json_t *)from, name, value)
  {
    good = good && convert(value, arena, levels - 1, &items[n]);
    items[n++].name = stoa_arena_copy(arena, stoa_slice_of(name));
  }
  out->kind = STOA_JSON_OBJECT;
  out->items = items;
  out->n_items = n;
  return good;
}

static bool convert(const json_t *from, stoa_arena *arena, int levels, stoa_json *out)
{
  if (levels < 0) {
    return false;
  }
  switch (json_typeof(from)) {
    case JSON_OBJECT:
      return convert_object(from, arena, levels, out);
    case JSON_ARRAY:
      return convert_array(from, arena, levels, out);
    case JSON_STRING:
      out->kind = STOA_JSON_STRING;
      out->text = stoa_arena_slice(arena, (stoa_slice){json_string_value(from), json_string_length(from)});
      break;
    case JSON_INTEGER:
      out->kind = STOA_JSON_INTEGER;
      out->integer = json_integer_value(from);
      out->real = (double)out->integer;
      break;
    case JSON_REAL:
      out->kind = STOA_JSON_REAL;
      out->real = json_real_value(from);
      break;
    case JSON_TRUE:
    case JSON_FALSE:
      out->kind = STOA_JSON_BOOLEAN;
      out->integer = json_is_true(from);
      out->real = (double)out->integer;
      break;
    case JSON_NULL:
      break;
  }
  return true;
}

static stoa_status read(stoa_slice text, size_t flags, int deepest, size_t *n_read, stoa_arena *arena,
                        const stoa_json **out, stoa_error *err)
{
  json_error_t at;
  json_t *const root =
    json_loadb(text.data ? text.data : "", text.length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | flags, &at);
  if (!root) {
    return stoa_error_at(err, STOA_BAD_SYNTAX, (stoa_place){"JSON", at.line, at.column}, "%s", at.text);
  }
  *n_read = (size_t)at.position;
  stoa_json *const value = STOA_NEW(arena, stoa_json);
  const bool good = convert(root, arena, deepest, value);
  json_decref(root);
  if (!good) {
    return stoa_error_set(err, STOA_TOO_LARGE, "JSON nested deeper than %d", deepest);
  }
  *out = value;
  return STOA_OK;
}

stoa_status stoa_json_read(stoa_slice text, stoa_arena *arena, const stoa_json **out, stoa_error *err)
{
  return stoa_json_read_plain(text, arena, out) ? STOA_OK : stoa_json_read_deep(text, STOA_JSON_DEEPEST, arena, out, err);
}

stoa_status stoa_json_read_deep(stoa_slice text, int deepest, stoa_arena *arena, const stoa_json **out, stoa_error *err)
{
  size_t n_read;
  return read(text, 0, deepest, &n_read, arena, out, err);
}

stoa_status stoa_json_next(stoa_slice text, size_t *at, stoa_arena *arena, const stoa_json **out, stoa_error *err)
{
  size_t n_read = 0;
  STOA_TRY(read((stoa_slice){text.data + *at, text.length - *at}, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL,
                STOA_JSON_DEEPEST, &n_read, arena, out, err));
  *at += n_read;
  return STOA_OK;
}

const stoa_json *stoa_json_find(const stoa_json *object, const char *name)
{
  if (!object || object->kind != STOA_JSON_OBJECT) {
    return NULL;
  }
  for (uint32_t i = 0; i < object->n_items; ++i) {
    if (strcmp(object->items[i].name, name) == 0) {
      return &object->items[i];
    }
  }
  return NULL;
}

stoa_status stoa_json_known(const stoa_json *object, const char *what, const char *const *known, size_t n,
                            stoa_error *err)
{
  for (uint32_t i = 0; object->kind == STOA_JSON_OBJECT && i < object->n_items; ++i) {
    STOA_TRY(stoa_name_known(what, object->items[i].name, known, n, err));
  }
  return STOA_OK;
}
