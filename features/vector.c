#include "features/vector.h"
#include "features/list.h"
#include "graph/term/number.h"
#include "graph/term/vocab.h"
#include <math.h>
#include <stdio.h>

// As it is held: a float is rounded, and what it cannot hold is infinite.
static double held(const stoa_feature *f, double value)
{
  return f->element == STOA_FEATURE_FLOAT ? (double)(float)value : value;
}

static stoa_term term_of(const double *values, uint32_t n, stoa_arena *arena)
{
  stoa_elements elements = {.items = STOA_NEWS(arena, stoa_term, n + 1), .n = n, .capacity = n + 1};
  for (uint32_t i = 0; i < n; ++i) {
    elements.items[i] = stoa_term_double(values[i]);
  }
  return stoa_list_term(&elements, arena);
}

static bool are_finite(const stoa_feature *f, double *values, char why[STOA_VECTOR_WHY])
{
  for (uint32_t i = 0; i < f->dimensions; ++i) {
    values[i] = held(f, values[i]);
    if (!isfinite(values[i])) {
      snprintf(why, STOA_VECTOR_WHY, "has as element %u no finite number of %d bits", i + 1,
               f->element == STOA_FEATURE_FLOAT ? 32 : 64);
      return false;
    }
  }
  return true;
}

// ---- one text: [1, 2], or {1,2}

static size_t after_blanks(stoa_slice text, size_t at)
{
  while (at < text.length && strchr(" \t\r\n", text.data[at]) && text.data[at]) {
    ++at;
  }
  return at;
}

static size_t after_number(stoa_slice text, size_t at)
{
  while (at < text.length && (strchr("+-.eE", text.data[at]) || (text.data[at] >= '0' && text.data[at] <= '9')) &&
         text.data[at]) {
    ++at;
  }
  return at;
}

// Those beyond the declared number are read too: how many there are is told.
static bool read_numbers(stoa_slice text, size_t at, char close, double *values, uint32_t most, uint32_t *n,
                         char why[STOA_VECTOR_WHY])
{
  *n = 0;
  at = after_blanks(text, at);
  for (bool more = at < text.length && text.data[at] != close; more; ++*n) {
    const size_t end = after_number(text, at);
    double value;
    if (!stoa_number_read_double((stoa_slice){text.data + at, end - at}, &value)) {
      snprintf(why, STOA_VECTOR_WHY, "has as element %u no number", *n + 1);
      return false;
    }
    if (*n < most) {
      values[*n] = value;
    }
    at = after_blanks(text, end);
    more = at < text.length && text.data[at] == ',';
    at = more ? after_blanks(text, at + 1) : at;
  }
  if (at < text.length && text.data[at] == close && after_blanks(text, at + 1) == text.length) {
    return true;
  }
  snprintf(why, STOA_VECTOR_WHY, "is an array that does not end behind element %u", *n);
  return false;
}

static bool of_text(const stoa_feature *f, stoa_slice text, double *values, char why[STOA_VECTOR_WHY])
{
  const size_t at = after_blanks(text, 0);
  const char open = at < text.length ? text.data[at] : '\0';
  uint32_t n;
  if (open != '[' && open != '{') {
    snprintf(why, STOA_VECTOR_WHY, "is no array of JSON or PostgreSQL, and no bytes");
    return false;
  }
  if (!read_numbers(text, at + 1, open == '[' ? ']' : '}', values, f->dimensions, &n, why)) {
    return false;
  }
  if (n != f->dimensions) {
    snprintf(why, STOA_VECTOR_WHY, "has %u element%s, not %u", n, n == 1 ? "" : "s", f->dimensions);
    return false;
  }
  return true;
}

// ---- bytes

static uint64_t bits_of(const char *bytes, size_t n)
{
  uint64_t bits = 0;
  for (size_t i = 0; i < n; ++i) {
    bits |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
  }
  return bits;
}

// Floats or doubles: the number of bytes tells.
static bool of_bytes(const stoa_feature *f, stoa_slice bytes, double *values, char why[STOA_VECTOR_WHY])
{
  const size_t four = (size_t)f->dimensions * sizeof(float), eight = (size_t)f->dimensions * sizeof(double);
  if (bytes.length != four && bytes.length != eight) {
    snprintf(why, STOA_VECTOR_WHY, "has %zu bytes, not %zu (of floats) or %zu (of doubles)", bytes.length, four, eight);
    return false;
  }
  for (uint32_t i = 0; i < f->dimensions; ++i) {
    if (bytes.length == four) {
      const uint32_t bits = (uint32_t)bits_of(bytes.data + i * sizeof(float), sizeof(float));
      float value;
      memcpy(&value, &bits, sizeof value);
      values[i] = value;
    } else {
      const uint64_t bits = bits_of(bytes.data + i * sizeof(double), sizeof(double));
      memcpy(&values[i], &bits, sizeof values[i]);
    }
  }
  return true;
}

bool stoa_vector_of(const stoa_feature *f, stoa_term value, stoa_arena *arena, stoa_term *out,
                    char why[STOA_VECTOR_WHY])
{
  double *const values = STOA_NEWS(arena, double, f->dimensions);
  stoa_slice bytes;
  const bool reads = stoa_feature_bytes(value, arena, &bytes)
                       ? of_bytes(f, bytes, values, why)
                       : of_text(f, stoa_term_lexical(value, arena), values, why);
  if (!reads || !are_finite(f, values, why)) {
    return false;
  }
  *out = term_of(values, f->dimensions, arena);
  return true;
}

// ---- rows

struct stoa_vector_rows {
  const stoa_feature *feature;
  stoa_vector_form form;
  stoa_arena *arena;
  stoa_term whole; ///< of a row that holds all of it
  double *values;  ///< by index, from 0 to the number of dimensions, or in the order of the rows
  bool *seen;      ///< of INDEXED
  uint32_t n;
  char why[STOA_VECTOR_WHY]; ///< what is wrong with the first row that is at fault
};

stoa_vector_rows *stoa_vector_rows_new(const stoa_feature *f, stoa_vector_form form, stoa_arena *arena)
{
  stoa_vector_rows *const rows = STOA_NEW(arena, stoa_vector_rows);
  *rows = (stoa_vector_rows){.feature = f, .form = form, .arena = arena};
  rows->values = STOA_NEWS(arena, double, f->dimensions + 1);
  rows->seen = form == STOA_VECTOR_INDEXED ? STOA_NEWS(arena, bool, f->dimensions + 1) : NULL;
  return rows;
}

static bool index_of(const stoa_vector_rows *rows, stoa_term index, uint32_t *out)
{
  stoa_number n;
  if (!stoa_number_of(index, &n)) {
    return false;
  }
  const double real = stoa_number_real(&n);
  const bool is_index = real >= 0 && real <= rows->feature->dimensions && real == floor(real);
  *out = is_index ? (uint32_t)real : 0;
  return is_index;
}

static void add_indexed(stoa_vector_rows *rows, stoa_term index, stoa_term value)
{
  stoa_number n;
  uint32_t at;
  rows->n++;
  if (!index_of(rows, index, &at)) {
    snprintf(rows->why, sizeof rows->why, "has a row whose index is no whole number from 0 to %u",
             rows->feature->dimensions);
  } else if (rows->seen[at]) {
    snprintf(rows->why, sizeof rows->why, "has two rows of index %u", at);
  } else if (!stoa_number_of(value, &n)) {
    snprintf(rows->why, sizeof rows->why, "has no number at index %u", at);
  } else {
    rows->seen[at] = true;
    rows->values[at] = stoa_number_real(&n);
  }
}

// Numbers that nothing orders would be another vector each time.
static void add_next(stoa_vector_rows *rows, stoa_term value)
{
  stoa_number n;
  const bool is_element = stoa_number_of(value, &n), is_first = rows->n == 0 && !stoa_term_is_bound(rows->whole);
  if (!is_first && (!is_element || stoa_term_is_bound(rows->whole))) {
    snprintf(rows->why, sizeof rows->why, "has several rows that are not all elements");
  } else if (!is_first && rows->form == STOA_VECTOR_ALONE) {
    snprintf(rows->why, sizeof rows->why, "has several rows in no order; declare \"index\", or add ORDER BY");
  } else if (!is_element) {
    rows->whole = stoa_term_copy(value, rows->arena);
  } else {
    rows->values[rows->n < rows->feature->dimensions ? rows->n : 0] = stoa_number_real(&n);
    rows->n++;
  }
}

void stoa_vector_rows_add(stoa_vector_rows *rows, stoa_term index, stoa_term value)
{
  if (rows->why[0] || (!stoa_term_is_bound(index) && !stoa_term_is_bound(value))) {
    return;
  }
  rows->form == STOA_VECTOR_INDEXED ? add_indexed(rows, index, value) : add_next(rows, value);
}

// Where the vector begins among the values, when it is complete; else `why` not.
static uint32_t begin_of(const stoa_vector_rows *rows, char why[STOA_VECTOR_WHY])
{
  const uint32_t n = rows->feature->dimensions, first = rows->seen && !rows->seen[0];
  uint32_t k = first;
  while (rows->seen && k < first + n && rows->seen[k]) {
    ++k;
  }
  if (rows->seen && k < first + n) {
    snprintf(why, STOA_VECTOR_WHY, "has no row of index %u, of %u to %u", k, first, first + n - 1);
  } else if (rows->seen && rows->n > n) {
    snprintf(why, STOA_VECTOR_WHY, "has rows of index 0 to %u, which are more than %u", n, n);
  } else if (rows->n != n) {
    snprintf(why, STOA_VECTOR_WHY, "has %u element%s, not %u", rows->n, rows->n == 1 ? "" : "s", n);
  }
  return first;
}

bool stoa_vector_rows_term(const stoa_vector_rows *rows, stoa_term *out, char why[STOA_VECTOR_WHY])
{
  snprintf(why, STOA_VECTOR_WHY, "%s", rows->why);
  if (!why[0] && stoa_term_is_bound(rows->whole)) {
    return stoa_vector_of(rows->feature, rows->whole, rows->arena, out, why);
  }
  const uint32_t first = why[0] ? 0 : begin_of(rows, why);
  if (why[0] || !are_finite(rows->feature, rows->values + first, why)) {
    return false;
  }
  *out = term_of(rows->values + first, rows->feature->dimensions, rows->arena);
  return true;
}
