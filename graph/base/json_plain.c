// One pass over the bytes, by RFC 8259; whatever is not plain ends it.  Elements wait on a stack until their list ends.
#include "graph/base/json_plain.h"
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 16, MOST_MEMBERS = 32, MOST_DIGITS = 18 };

typedef struct {
  const char *at, *end;
  stoa_arena *arena;
  int depth;
  stoa_json *stack;
  uint32_t n, capacity;
} reader;

static bool read_value(reader *r, stoa_json *out);

static void skip_blanks(reader *r)
{
  while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t')) {
    ++r->at;
  }
}

// Blanks, then a byte; false when another stands there.
static bool take(reader *r, char byte)
{
  skip_blanks(r);
  if (r->at == r->end || *r->at != byte) {
    return false;
  }
  ++r->at;
  return true;
}

static bool read_text(reader *r, stoa_slice *out)
{
  const char *const begin = r->at;
  while (r->at < r->end && *r->at >= ' ' && *r->at < 0x7f && *r->at != '"' && *r->at != '\\') {
    ++r->at;
  }
  const stoa_slice text = {begin, (size_t)(r->at - begin)};
  if (r->at == r->end || *r->at != '"') {
    return false;
  }
  ++r->at;
  *out = stoa_arena_slice(r->arena, text);
  return true;
}

static bool read_integer(reader *r, stoa_json *out)
{
  const bool negative = *r->at == '-';
  const char *const begin = r->at + negative;
  int64_t value = 0;
  for (r->at = begin; r->at < r->end && *r->at >= '0' && *r->at <= '9' && r->at - begin <= MOST_DIGITS; ++r->at) {
    value = value * 10 + (*r->at - '0');
  }
  const long n = r->at - begin;
  const char next = r->at < r->end ? *r->at : ',';
  if (n < 1 || n > MOST_DIGITS || (n > 1 && *begin == '0') || next == '.' || (next | 32) == 'e' || (negative && value == 0)) {
    return false;
  }
  out->kind = STOA_JSON_INTEGER;
  out->integer = negative ? -value : value;
  out->real = (double)out->integer;
  return true;
}

static bool read_word(reader *r, stoa_json *out)
{
  static const struct {
    const char *word;
    stoa_json value;
  } words[] = {{"null", {.kind = STOA_JSON_NULL}},
               {"true", {.kind = STOA_JSON_BOOLEAN, .integer = 1, .real = 1}},
               {"false", {.kind = STOA_JSON_BOOLEAN}}};
  for (size_t i = 0; i < sizeof words / sizeof *words; ++i) {
    const size_t n = strlen(words[i].word);
    if ((size_t)(r->end - r->at) >= n && memcmp(r->at, words[i].word, n) == 0) {
      r->at += n;
      *out = words[i].value;
      return true;
    }
  }
  return false;
}

static bool push(reader *r, const stoa_json *value)
{
  if (r->n == r->capacity) {
    const uint32_t wider = r->capacity ? r->capacity * 2 : 32;
    stoa_json *const stack = realloc(r->stack, wider * sizeof *stack);
    if (!stack) {
      return false;
    }
    r->stack = stack;
    r->capacity = wider;
  }
  r->stack[r->n++] = *value;
  return true;
}

// What stands on the stack above a place.
static void pop(reader *r, uint32_t from, stoa_json_kind kind, stoa_json *out)
{
  const uint32_t n = r->n - from;
  stoa_json *const items = stoa_arena_raw(r->arena, (n + 1) * sizeof *items);
  if (n) {
    memcpy(items, r->stack + from, n * sizeof *items);
  }
  r->n = from;
  *out = (stoa_json){.kind = kind, .items = items, .n_items = n};
}

static bool read_element(reader *r)
{
  stoa_json item = {0};
  return read_value(r, &item) && push(r, &item);
}

static bool is_new(const reader *r, uint32_t from, const char *name)
{
  for (uint32_t i = from; i < r->n; ++i) {
    if (strcmp(r->stack[i].name, name) == 0) {
      return false;
    }
  }
  return r->n - from < MOST_MEMBERS;
}

static bool read_member(reader *r, uint32_t from)
{
  stoa_json member = {0};
  stoa_slice name;
  if (!take(r, '"') || !read_text(r, &name) || !is_new(r, from, name.data) || !take(r, ':') || !read_value(r, &member)) {
    return false;
  }
  member.name = name.data;
  return push(r, &member);
}

static bool read_list(reader *r, char end, stoa_json *out)
{
  const uint32_t from = r->n;
  bool more = !take(r, end);
  while (more) {
    if (!(end == '}' ? read_member(r, from) : read_element(r))) {
      return false;
    }
    more = take(r, ',');
    if (!more && !take(r, end)) {
      return false;
    }
  }
  pop(r, from, end == '}' ? STOA_JSON_OBJECT : STOA_JSON_ARRAY, out);
  return true;
}

static bool read_nested(reader *r, stoa_json *out)
{
  const char end = *r->at++ == '[' ? ']' : '}';
  const bool good = ++r->depth <= DEEPEST && read_list(r, end, out);
  --r->depth;
  return good;
}

static bool read_value(reader *r, stoa_json *out)
{
  skip_blanks(r);
  if (r->at == r->end) {
    return false;
  }
  switch (*r->at) {
    case '[':
    case '{':
      return read_nested(r, out);
    case '"':
      ++r->at;
      out->kind = STOA_JSON_STRING;
      return read_text(r, &out->text);
    case 't':
    case 'f':
    case 'n':
      return read_word(r, out);
    default:
      return (*r->at == '-' || (*r->at >= '0' && *r->at <= '9')) && read_integer(r, out);
  }
}

bool stoa_json_read_plain(stoa_slice text, stoa_arena *arena, const stoa_json **out)
{
  reader r = {.at = text.data, .end = text.data + text.length, .arena = arena};
  const stoa_arena_mark mark = stoa_arena_note(arena);
  stoa_json *const value = STOA_NEW(arena, stoa_json);
  bool good = text.length && read_value(&r, value);
  skip_blanks(&r);
  good = good && r.at == r.end;
  free(r.stack);
  if (good) {
    *out = value;
  } else {
    stoa_arena_rewind(arena, &mark);
  }
  return good;
}
