#include "graph/term/equality.h"
#include "graph/base/code.h"
#include "graph/base/hash.h"
#include "graph/term/duration.h"
#include "graph/term/number.h"
#include "graph/term/value.h"
#include <strings.h>

static stoa_slice expand(stoa_term t, stoa_buf *buf)
{
  if (t.kind != STOA_TERM_BUILT) {
    return stoa_term_text(t);
  }
  stoa_template_write(t.as.built->tmpl, t.as.built->values, true, buf);
  return (stoa_slice){buf->data, buf->length};
}

static int order_iris(stoa_term a, stoa_term b)
{
  stoa_buf x = {0}, y = {0};
  const int order = stoa_slice_compare(expand(a, &x), expand(b, &y));
  stoa_buf_done(&x);
  stoa_buf_done(&y);
  return order;
}

static bool same_iri(stoa_term a, stoa_term b)
{
  if (a.kind == STOA_TERM_IRI && b.kind == STOA_TERM_IRI) {
    return stoa_slice_equal(stoa_term_text(a), stoa_term_text(b));
  }
  if (a.kind == b.kind && strcmp(a.as.built->tmpl->shape, b.as.built->tmpl->shape) == 0) {
    uint32_t i = 0;
    while (i < a.as.built->tmpl->n_columns && stoa_slice_equal(a.as.built->values[i], b.as.built->values[i])) {
      ++i;
    }
    if (i == a.as.built->tmpl->n_columns || a.as.built->tmpl->exact) {
      return i == a.as.built->tmpl->n_columns;
    }
  }
  return order_iris(a, b) == 0;
}

// RDF 1.1, section 3.3: the value space of language tags is in lower case.
bool stoa_language_equal(stoa_slice a, stoa_slice b)
{
  return a.length == b.length && (a.length == 0 || strncasecmp(a.data, b.data, a.length) == 0);
}

bool stoa_language_is_tag(stoa_slice tag)
{
  enum { LONGEST = 8 };
  size_t n = 0;
  bool first = true;
  for (size_t i = 0; i < tag.length; ++i) {
    const char c = tag.data[i], small = (char)(c | 32);
    if (c == '-' && n > 0) {
      n = 0;
      first = false;
    } else if (n++ == LONGEST || !((small >= 'a' && small <= 'z') || (c >= '0' && c <= '9' && !first))) {
      return false;
    }
  }
  return n > 0;
}

static void capital(char *c)
{
  *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
}

void stoa_language_spell(char *tag, size_t n)
{
  bool extension = false; // behind a single letter everything stays small
  for (size_t start = 0, at = 0; at <= n; ++at) {
    if (at < n && tag[at] != '-') {
      continue;
    }
    const size_t length = at - start;
    extension |= length == 1;
    if (start > 0 && !extension && (length == 2 || length == 4)) {
      capital(&tag[start]);
      if (length == 2) {
        capital(&tag[start + 1]);
      }
    }
    start = at + 1;
  }
}

bool stoa_term_same(stoa_term a, stoa_term b)
{
  if (stoa_term_is_iri(a) && stoa_term_is_iri(b)) {
    return same_iri(a, b);
  }
  if (a.kind != b.kind) {
    return false;
  }
  switch ((stoa_term_kind)a.kind) {
    case STOA_TERM_UNBOUND:
      return true;
    case STOA_TERM_BLANK:
    case STOA_TERM_STRING:
      return stoa_slice_equal(stoa_term_text(a), stoa_term_text(b));
    case STOA_TERM_LANG:
      return stoa_slice_equal(a.as.literal->text, b.as.literal->text) &&
             stoa_language_equal(a.as.literal->tag, b.as.literal->tag);
    case STOA_TERM_TYPED:
      return stoa_slice_equal(a.as.literal->text, b.as.literal->text) &&
             stoa_slice_equal(a.as.literal->tag, b.as.literal->tag);
    case STOA_TERM_DOUBLE:
      return memcmp(&a.as.real, &b.as.real, sizeof a.as.real) == 0;
    default:
      return a.as.integer == b.as.integer && a.length == b.length && a.flags == b.flags && a.zone == b.zone;
  }
}

// Feed the bytes that stoa_template_write would write, without writing them.
static uint64_t hash_built(const stoa_built *built)
{
  stoa_hasher hasher = {.hash = STOA_HASH_SEED};
  for (uint32_t i = 0; i < built->tmpl->n_columns; ++i) {
    stoa_hasher_add(&hasher, built->tmpl->texts[i].data, built->tmpl->texts[i].length);
    for (size_t j = 0; j < built->values[i].length; ++j) {
      const unsigned char c = (unsigned char)built->values[i].data[j];
      char escape[3];
      if (stoa_percent_keeps(STOA_PERCENT_IUNRESERVED, c)) {
        stoa_hasher_add(&hasher, (const char *)&c, 1);
      } else {
        stoa_percent_byte(c, escape);
        stoa_hasher_add(&hasher, escape, sizeof escape);
      }
    }
  }
  const stoa_slice last = built->tmpl->texts[built->tmpl->n_columns];
  stoa_hasher_add(&hasher, last.data, last.length);
  return stoa_hasher_end(&hasher);
}

uint64_t stoa_term_hash(stoa_term t)
{
  switch ((stoa_term_kind)t.kind) {
    case STOA_TERM_UNBOUND:
      return 0;
    case STOA_TERM_BUILT:
      return hash_built(t.as.built);
    case STOA_TERM_IRI:
      return stoa_hash_text(0, t.as.text, t.length);
    case STOA_TERM_BLANK:
    case STOA_TERM_STRING:
      return stoa_hash_text(t.kind, t.as.text, t.length);
    case STOA_TERM_LANG:
      return stoa_hash_text(t.kind + t.as.literal->tag.length, t.as.literal->text.data, t.as.literal->text.length);
    case STOA_TERM_TYPED:
      return stoa_hash_text(stoa_hash_text(t.kind, t.as.literal->tag.data, t.as.literal->tag.length),
                            t.as.literal->text.data, t.as.literal->text.length);
    default:
      return stoa_hash_mix((uint64_t)t.as.integer ^ (uint64_t)t.kind << 56 ^ (uint64_t)t.length << 48);
  }
}

// The families within which values have an order, in the order of the families themselves.
typedef enum {
  FAMILY_UNBOUND,
  FAMILY_BLANK,
  FAMILY_IRI,
  FAMILY_NUMBER,
  FAMILY_BOOLEAN,
  FAMILY_STRING,
  FAMILY_LANG,
  FAMILY_DATETIME,
  FAMILY_DATE,
  FAMILY_YEAR_MONTH,
  FAMILY_DAY_TIME,
  FAMILY_OTHER
} family;

static family family_of_typed(stoa_term t)
{
  stoa_number number;
  stoa_instant instant;
  stoa_duration duration;
  bool truth, is_date;
  if (stoa_number_of(t, &number)) {
    return FAMILY_NUMBER;
  }
  if (stoa_term_boolean_value(t, &truth)) {
    return FAMILY_BOOLEAN;
  }
  if (stoa_term_instant(t, &instant, &is_date)) {
    return is_date ? FAMILY_DATE : FAMILY_DATETIME;
  }
  if (!stoa_duration_of(t, &duration) || duration.kind == STOA_DURATION_ANY) {
    return FAMILY_OTHER;
  }
  return duration.kind == STOA_DURATION_YEAR_MONTH ? FAMILY_YEAR_MONTH : FAMILY_DAY_TIME;
}

static family family_of(stoa_term t)
{
  switch ((stoa_term_kind)t.kind) {
    case STOA_TERM_UNBOUND:
      return FAMILY_UNBOUND;
    case STOA_TERM_BLANK:
      return FAMILY_BLANK;
    case STOA_TERM_IRI:
    case STOA_TERM_BUILT:
      return FAMILY_IRI;
    case STOA_TERM_STRING:
      return FAMILY_STRING;
    case STOA_TERM_LANG:
      return FAMILY_LANG;
    default:
      return family_of_typed(t);
  }
}

static int order_instants(stoa_term a, stoa_term b)
{
  stoa_instant x, y;
  bool is_date;
  if (!stoa_term_instant(a, &x, &is_date) || !stoa_term_instant(b, &y, &is_date)) {
    return 0;
  }
  return (x.us > y.us) - (x.us < y.us);
}

static int order_booleans(stoa_term a, stoa_term b)
{
  bool x = false, y = false;
  stoa_term_boolean_value(a, &x);
  stoa_term_boolean_value(b, &y);
  return x - y;
}

static int order_durations(stoa_term a, stoa_term b)
{
  stoa_duration x, y;
  return stoa_duration_of(a, &x) && stoa_duration_of(b, &y) ? stoa_duration_compare(&x, &y) : 0;
}

static int order_literals(stoa_term a, stoa_term b)
{
  stoa_buf x = {0}, y = {0};
  stoa_term_write(a, &x);
  stoa_term_write(b, &y);
  const int order = stoa_slice_compare((stoa_slice){x.data, x.length}, (stoa_slice){y.data, y.length});
  stoa_buf_done(&x);
  stoa_buf_done(&y);
  return order;
}

static int order_numbers(stoa_term a, stoa_term b)
{
  stoa_number x, y;
  if (!stoa_number_of(a, &x) || !stoa_number_of(b, &y)) {
    return 0;
  }
  const int order = stoa_number_compare(&x, &y);
  return order == STOA_NUMBER_UNORDERED ? isnan(stoa_number_real(&y)) - isnan(stoa_number_real(&x)) : order;
}

// By value; 0 also for two literals of one value, which are then ordered as texts.
static int order_values(family of, stoa_term a, stoa_term b)
{
  switch (of) {
    case FAMILY_IRI:
      return order_iris(a, b);
    case FAMILY_BLANK:
    case FAMILY_STRING:
      return stoa_slice_compare(stoa_term_text(a), stoa_term_text(b));
    case FAMILY_NUMBER:
      return order_numbers(a, b);
    case FAMILY_BOOLEAN:
      return order_booleans(a, b);
    case FAMILY_DATETIME:
    case FAMILY_DATE:
      return order_instants(a, b);
    case FAMILY_YEAR_MONTH:
    case FAMILY_DAY_TIME:
      return order_durations(a, b);
    default:
      return 0;
  }
}

int stoa_term_order(stoa_term a, stoa_term b)
{
  if (a.kind == b.kind && (a.kind == STOA_TERM_INTEGER || (a.kind == STOA_TERM_DECIMAL && a.length == b.length))) {
    return (a.as.integer > b.as.integer) - (a.as.integer < b.as.integer);
  }
  const family of_a = family_of(a), of_b = family_of(b);
  if (of_a != of_b) {
    return of_a < of_b ? -1 : 1;
  }
  const int order = order_values(of_a, a, b);
  const bool settled = order || of_a == FAMILY_UNBOUND || stoa_term_same(a, b);
  return settled ? order : order_literals(a, b);
}

int stoa_term_order_at(const void *a, const void *b)
{
  return stoa_term_order(*(const stoa_term *)a, *(const stoa_term *)b);
}
