#include "graph/term/compare.h"
#include "graph/term/duration.h"
#include "graph/term/equality.h"
#include "graph/term/number.h"
#include "graph/term/value.h"
#include "graph/term/vocab.h"

int stoa_term_truth(stoa_term t)
{
  stoa_number number;
  bool truth;
  switch ((stoa_term_kind)t.kind) {
    case STOA_TERM_BOOLEAN:
      return t.as.integer != 0;
    case STOA_TERM_STRING:
      return t.length > 0;
    case STOA_TERM_LANG:
      return t.as.literal->text.length > 0;
    case STOA_TERM_TYPED:
      if (stoa_slice_is(t.as.literal->tag, STOA_XSD "boolean")) {
        return stoa_term_boolean_value(t, &truth) && truth;
      }
      if (!stoa_number_is_type(t.as.literal->tag)) {
        return -1;
      }
      break;
    default:
      break;
  }
  if (stoa_number_of(t, &number)) {
    return stoa_number_is_true(&number);
  }
  return t.kind == STOA_TERM_TYPED ? 0 : -1;
}

// Families of values that operators compare; LANG only by sameness.
typedef enum {
  FAMILY_OTHER,
  FAMILY_STRING,
  FAMILY_BOOLEAN,
  FAMILY_DATETIME,
  FAMILY_DATE,
  FAMILY_NUMBER,
  FAMILY_DURATION,
  FAMILY_LANG
} family;

typedef struct {
  family family;
  stoa_number number;
  stoa_instant instant;
  stoa_duration duration;
  bool truth;
} value;

static value value_of(stoa_term t)
{
  value v = {.family = FAMILY_OTHER};
  bool is_date;
  if (t.kind == STOA_TERM_STRING) {
    v.family = FAMILY_STRING;
  } else if (t.kind == STOA_TERM_LANG) {
    v.family = FAMILY_LANG;
  } else if (stoa_number_of(t, &v.number)) {
    v.family = FAMILY_NUMBER;
  } else if (stoa_term_boolean_value(t, &v.truth)) {
    v.family = FAMILY_BOOLEAN;
  } else if (stoa_term_instant(t, &v.instant, &is_date)) {
    v.family = is_date ? FAMILY_DATE : FAMILY_DATETIME;
  } else if (stoa_duration_of(t, &v.duration)) {
    v.family = FAMILY_DURATION;
  }
  return v;
}

static int decide(stoa_comparison how, int order)
{
  switch (how) {
    case STOA_COMPARE_EQ:
      return order == 0;
    case STOA_COMPARE_NE:
      return order != 0;
    case STOA_COMPARE_LT:
      return order < 0;
    case STOA_COMPARE_GT:
      return order > 0;
    case STOA_COMPARE_LE:
      return order <= 0;
    default:
      return order >= 0;
  }
}

static int compare_values(stoa_comparison how, stoa_term a, const value *x, stoa_term b, const value *y)
{
  int order;
  switch (x->family) {
    case FAMILY_NUMBER:
      order = stoa_number_compare(&x->number, &y->number);
      return order == STOA_NUMBER_UNORDERED ? how == STOA_COMPARE_NE : decide(how, order);
    case FAMILY_STRING:
      return decide(how, stoa_slice_compare(stoa_term_text(a), stoa_term_text(b)));
    case FAMILY_BOOLEAN:
      return decide(how, x->truth - y->truth);
    case FAMILY_DURATION: // two that have no order between them may still be told apart
      order = stoa_duration_compare(&x->duration, &y->duration);
      return order != STOA_DURATION_UNORDERED                   ? decide(how, order)
             : how == STOA_COMPARE_EQ || how == STOA_COMPARE_NE ? how == STOA_COMPARE_NE
                                                                : -1;
    default:
      order = stoa_instant_compare(x->instant, y->instant);
      return order == 2 ? -1 : decide(how, order);
  }
}

static bool is_inline_number(stoa_term t)
{
  return t.kind == STOA_TERM_INTEGER || t.kind == STOA_TERM_DECIMAL;
}

int stoa_term_compare(stoa_comparison how, stoa_term a, stoa_term b)
{
  if (!stoa_term_is_bound(a) || !stoa_term_is_bound(b)) {
    return -1;
  }
  // The usual case first: two values held inline, in one unit.
  const bool integers = a.kind == STOA_TERM_INTEGER || a.kind == STOA_TERM_BOOLEAN ||
                        (a.kind == STOA_TERM_DECIMAL && a.length == b.length) ||
                        ((a.kind == STOA_TERM_DATETIME || a.kind == STOA_TERM_DATE) &&
                         (a.flags & STOA_TERM_HAS_ZONE) == (b.flags & STOA_TERM_HAS_ZONE));
  if (a.kind == b.kind && integers) {
    return decide(how, (a.as.integer > b.as.integer) - (a.as.integer < b.as.integer));
  }
  if (a.kind == b.kind && (a.kind == STOA_TERM_DATETIME || a.kind == STOA_TERM_DATE)) {
    const int order = stoa_instant_compare(stoa_term_inline_instant(a), stoa_term_inline_instant(b));
    return order == 2 ? -1 : decide(how, order);
  }
  if (is_inline_number(a) && is_inline_number(b)) {
    stoa_number x, y;
    (void)(stoa_number_of(a, &x) && stoa_number_of(b, &y));
    return decide(how, stoa_number_compare(&x, &y));
  }
  if (a.kind == STOA_TERM_STRING && b.kind == STOA_TERM_STRING) {
    return decide(how, stoa_slice_compare(stoa_term_text(a), stoa_term_text(b)));
  }
  // What is no literal has no value: it is equal to itself alone, and before or after nothing.
  if (!stoa_term_is_literal(a) || !stoa_term_is_literal(b)) {
    return how == STOA_COMPARE_EQ || how == STOA_COMPARE_NE ? stoa_term_same(a, b) == (how == STOA_COMPARE_EQ) : -1;
  }
  const value x = value_of(a), y = value_of(b);
  if (x.family == y.family && x.family != FAMILY_OTHER && x.family != FAMILY_LANG) {
    return compare_values(how, a, &x, b, &y);
  }
  if (how != STOA_COMPARE_EQ && how != STOA_COMPARE_NE) {
    return -1;
  }
  const bool same = stoa_term_same(a, b);
  // Two literals that are not the same may still mean the same value when a datatype is unknown; a text
  // with a language is never the value of anything else.
  if (!same && x.family != FAMILY_LANG && y.family != FAMILY_LANG && (x.family == FAMILY_OTHER || y.family == FAMILY_OTHER)) {
    return -1;
  }
  return same == (how == STOA_COMPARE_EQ);
}
