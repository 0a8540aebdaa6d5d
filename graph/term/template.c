#include "graph/term/template.h"
#include "graph/base/code.h"
#include <ctype.h>

static stoa_status add_column(stoa_template *t, stoa_buf *name, const char *pattern, stoa_arena *arena, stoa_error *err)
{
  if (name->length == 0) {
    return stoa_error_set(err, STOA_BAD_MAPPING, "template \"%s\" has an empty column name", pattern);
  }
  if (t->n_columns == STOA_TEMPLATE_COLUMNS) {
    return stoa_error_set(err, STOA_BAD_MAPPING, "template \"%s\" has more than %d columns", pattern,
                          STOA_TEMPLATE_COLUMNS);
  }
  t->columns[t->n_columns++] = stoa_arena_copy(arena, (stoa_slice){name->data, name->length});
  name->length = 0;
  return STOA_OK;
}

// Walk the pattern: a backslash escapes, braces hold a name, the rest is fixed text.
static stoa_status parse(stoa_template *t, const char *pattern, stoa_buf *fixed, stoa_buf *name, stoa_arena *arena,
                         stoa_error *err)
{
  bool inside = false;
  for (const char *at = pattern; *at; ++at) {
    const bool escaped = *at == '\\' && at[1];
    if (!escaped && *at == '{' && !inside) {
      t->texts[t->n_columns] = stoa_arena_slice(arena, (stoa_slice){fixed->data, fixed->length});
      fixed->length = 0;
      inside = true;
    } else if (!escaped && *at == '}') {
      if (!inside) {
        return stoa_error_set(err, STOA_BAD_MAPPING, "template \"%s\" has a '}' without '{'", pattern);
      }
      STOA_TRY(add_column(t, name, pattern, arena, err));
      inside = false;
    } else {
      at += escaped;
      stoa_buf_byte(inside ? name : fixed, *at);
    }
  }
  if (inside) {
    return stoa_error_set(err, STOA_BAD_MAPPING, "template \"%s\" has a '{' without '}'", pattern);
  }
  t->texts[t->n_columns] = stoa_arena_slice(arena, (stoa_slice){fixed->data, fixed->length});
  return STOA_OK;
}

static const char *shape_of(const stoa_template *t, stoa_arena *arena)
{
  stoa_buf shape = {0};
  for (uint32_t i = 0; i < t->n_columns; ++i) {
    stoa_buf_slice(&shape, t->texts[i]);
    stoa_buf_text(&shape, "{}");
  }
  stoa_buf_slice(&shape, t->texts[t->n_columns]);
  const char *const copy = stoa_arena_copy(arena, (stoa_slice){shape.data, shape.length});
  stoa_buf_done(&shape);
  return copy;
}

static bool is_absolute(const char *pattern)
{
  const char *at = pattern;
  while (isalnum((unsigned char)*at) || *at == '+' || *at == '-' || *at == '.') {
    ++at;
  }
  return at > pattern && *at == ':';
}

// Values are encoded in IRIs alone; there a "%" may be part of one.
static bool is_exact(const stoa_template *t, bool is_iri)
{
  for (uint32_t i = 1; i < t->n_columns; ++i) {
    bool told = false;
    for (size_t k = 0; k < t->texts[i].length; ++k) {
      told |=
        !stoa_percent_keeps(STOA_PERCENT_IUNRESERVED, (unsigned char)t->texts[i].data[k]) && t->texts[i].data[k] != '%';
    }
    if (!told || !is_iri) {
      return false;
    }
  }
  return true;
}

stoa_status stoa_template_read(const char *pattern, const char *base, bool is_iri, stoa_arena *arena,
                               const stoa_template **out, stoa_error *err)
{
  stoa_template *const t = STOA_NEW(arena, stoa_template);
  stoa_buf fixed = {0}, name = {0};
  t->pattern = stoa_arena_copy(arena, stoa_slice_of(pattern));
  if (is_iri && base && !is_absolute(pattern)) {
    stoa_buf_text(&fixed, base);
  }
  const stoa_status status = parse(t, pattern, &fixed, &name, arena, err);
  stoa_buf_done(&fixed);
  stoa_buf_done(&name);
  STOA_TRY(status);
  t->shape = shape_of(t, arena);
  t->exact = is_exact(t, is_iri);
  *out = t;
  return STOA_OK;
}

void stoa_template_write(const stoa_template *tmpl, const stoa_slice *values, bool encode, stoa_buf *out)
{
  for (uint32_t i = 0; i < tmpl->n_columns; ++i) {
    stoa_buf_slice(out, tmpl->texts[i]);
    if (encode) {
      stoa_percent_write(values[i], STOA_PERCENT_IUNRESERVED, out);
    } else {
      stoa_buf_slice(out, values[i]);
    }
  }
  stoa_buf_slice(out, tmpl->texts[tmpl->n_columns]);
}

// Only capital digits: others are not what a template writes.
static stoa_slice decode(stoa_slice text, stoa_arena *arena)
{
  char *const out = stoa_arena_raw(arena, text.length + 1);
  return (stoa_slice){out, stoa_percent_read(text, true, out)};
}

// The end of column `i`: where the fixed text that follows it begins next.
static const char *column_end(const stoa_template *t, uint32_t i, stoa_slice rest)
{
  const stoa_slice next = t->texts[i + 1];
  if (i + 1 == t->n_columns) {
    const bool fits =
      rest.length >= next.length && memcmp(rest.data + rest.length - next.length, next.data, next.length) == 0;
    return fits ? rest.data + rest.length - next.length : NULL;
  }
  // With nothing between two columns, the first takes one character: some way is found where there is one.
  return next.length ? memmem(rest.data, rest.length, next.data, next.length) : rest.length ? rest.data + 1 : NULL;
}

static bool makes(const stoa_template *tmpl, const stoa_slice *values, bool encoded, stoa_slice text)
{
  stoa_buf again = {0};
  stoa_template_write(tmpl, values, encoded, &again);
  const bool same = stoa_slice_equal((stoa_slice){again.data, again.length}, text);
  stoa_buf_done(&again);
  return same;
}

bool stoa_template_invert(const stoa_template *tmpl, stoa_slice text, bool encoded, stoa_arena *arena,
                          stoa_slice *values)
{
  stoa_slice rest = text;
  if (!stoa_slice_starts(rest, tmpl->texts[0])) {
    return false;
  }
  rest = (stoa_slice){rest.data + tmpl->texts[0].length, rest.length - tmpl->texts[0].length};
  for (uint32_t i = 0; i < tmpl->n_columns; ++i) {
    const char *const end = column_end(tmpl, i, rest);
    if (!end) {
      return false;
    }
    const stoa_slice raw = {rest.data, (size_t)(end - rest.data)};
    values[i] = encoded ? decode(raw, arena) : stoa_arena_slice(arena, raw);
    const size_t n = raw.length + tmpl->texts[i + 1].length;
    rest = (stoa_slice){rest.data + n, rest.length - n};
  }
  return makes(tmpl, values, encoded, text);
}

bool stoa_template_decode(const stoa_template *tmpl, stoa_slice *values, stoa_slice text, stoa_arena *arena)
{
  for (uint32_t i = 0; i < tmpl->n_columns; ++i) {
    values[i] = decode(values[i], arena);
  }
  return makes(tmpl, values, true, text);
}

bool stoa_template_overlap(const stoa_template *a, const stoa_template *b)
{
  if (strcmp(a->shape, b->shape) == 0) {
    return true;
  }
  const stoa_slice x = a->texts[0], y = b->texts[0];
  const size_t n = x.length < y.length ? x.length : y.length;
  if (n && memcmp(x.data, y.data, n) != 0) {
    return false;
  }
  // An encoded value holds no slash: a longer beginning with one in its surplus cannot be a value.
  const stoa_slice longer = x.length > y.length ? x : y;
  const uint32_t columns = x.length > y.length ? b->n_columns : a->n_columns;
  if (columns == 1 && longer.length > n && memchr(longer.data + n, '/', longer.length - n)) {
    return false;
  }
  const stoa_slice p = a->texts[a->n_columns], q = b->texts[b->n_columns];
  const size_t m = p.length < q.length ? p.length : q.length;
  return m == 0 || memcmp(p.data + p.length - m, q.data + q.length - m, m) == 0;
}
