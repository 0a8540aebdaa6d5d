#include "graph/base/json.h"
#include "graph/base/json_plain.h"
#include "graph/base/name.h"
#include <jansson.h>

enum { DEEPEST = 64 };

static stoa_status convert(const json_t *from, stoa_arena *arena, int depth, stoa_json *out, stoa_error *err);

static stoa_status convert_array(const json_t *from, stoa_arena *arena, int depth, stoa_json *out, stoa_error *err)
{
  const size_t n = json_array_size(from);
  stoa_json *const items = STOA_NEWS(arena, stoa_json, n);
  for (size_t i = 0; i < n; ++i) {
    STOA_TRY(convert(json_array_get(from, i), arena, depth + 1, &items[i], err));
  }
  out->kind = STOA_JSON_ARRAY;
  out->items = items;
  out->n_items = (uint32_t)n;
  return STOA_OK;
}

static stoa_status convert_object(const json_t *from, stoa_arena *arena, int depth, stoa_json *out, stoa_error *err)
{
  stoa_json *const items = STOA_NEWS(arena, stoa_json, json_object_size(from));
  const char *name;
  json_t *value;
  uint32_t n = 0;
  json_object_foreach((json_t *)from, name, value)
  {
    STOA_TRY(convert(value, arena, depth + 1, &items[n], err));
    items[n++].name = stoa_arena_copy(arena, stoa_slice_of(name));
  }
  out->kind = STOA_JSON_OBJECT;
  out->items = items;
  out->n_items = n;
  return STOA_OK;
}

static stoa_status convert(const json_t *from, stoa_arena *arena, int depth, stoa_json *out, stoa_error *err)
{
  if (depth > DEEPEST) {
    return stoa_error_set(err, STOA_TOO_LARGE, "JSON nested deeper than %d", DEEPEST);
  }
  switch (json_typeof(from)) {
    case JSON_OBJECT:
      return convert_object(from, arena, depth, out, err);
    case JSON_ARRAY:
      return convert_array(from, arena, depth, out, err);
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
  return STOA_OK;
}

static stoa_status read(stoa_slice text, size_t flags, size_t *n_read, stoa_arena *arena, const stoa_json **out,
                        stoa_error *err)
{
  json_error_t at;
  json_t *const root =
    json_loadb(text.data ? text.data : "", text.length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | flags, &at);
  if (!root) {
    return stoa_error_at(err, STOA_BAD_SYNTAX, (stoa_place){"JSON", at.line, at.column}, "%s", at.text);
  }
  *n_read = (size_t)at.position;
  stoa_json *const value = STOA_NEW(arena, stoa_json);
  const stoa_status status = convert(root, arena, 0, value, err);
  json_decref(root);
  if (status == STOA_OK) {
    *out = value;
  }
  return status;
}

stoa_status stoa_json_read(stoa_slice text, stoa_arena *arena, const stoa_json **out, stoa_error *err)
{
  size_t n_read;
  if (stoa_json_read_plain(text, arena, out)) {
    return STOA_OK;
  }
  return read(text, 0, &n_read, arena, out, err);
}

stoa_status stoa_json_next(stoa_slice text, size_t *at, stoa_arena *arena, const stoa_json **out, stoa_error *err)
{
  size_t n_read = 0;
  STOA_TRY(read((stoa_slice){text.data + *at, text.length - *at}, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &n_read,
                arena, out, err));
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
