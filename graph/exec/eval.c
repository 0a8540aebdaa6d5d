// Expressions, row by row.  Operators that look at errors (||, &&, IF, COALESCE, BOUND, IN) are here;
// functions of values are in functions.c.
#include "graph/exec/eval.h"
#include "graph/term/equality.h"
#include "graph/term/number.h"
#include "graph/term/value.h"
#include <stdlib.h>

enum { MOST_ARGS = 8 };

static stoa_term truth_term(int truth)
{
  return truth < 0 ? (stoa_term){0} : stoa_term_boolean(truth);
}

int stoa_term_truth(stoa_term t)
{
  stoa_number number;
  bool truth;
  if (stoa_term_boolean_value(t, &truth)) {
    return truth;
  }
  switch ((stoa_term_kind)t.kind) {
    case STOA_TERM_STRING:
      return t.length > 0;
    case STOA_TERM_LANG:
      return t.as.literal->text.length > 0;
    default:
      break;
  }
  if (stoa_number_of(t, &number)) {
    return number.kind >= STOA_NUMBER_FLOAT ? number.real != 0 && !isnan(number.real) : number.mantissa != 0;
  }
  return -1;
}

// Families of values that operators compare; LANG only by sameness.
typedef enum {
  FAMILY_OTHER,
  FAMILY_STRING,
  FAMILY_BOOLEAN,
  FAMILY_DATETIME,
  FAMILY_DATE,
  FAMILY_NUMBER,
  FAMILY_LANG
} family;

typedef struct {
  family family;
  stoa_number number;
  stoa_instant instant;
  bool truth;
} value;

static value value_of(stoa_term t)
{
  value v = {FAMILY_OTHER, {0}, {0, false, 0}, false};
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
  }
  return v;
}

static int decide(stoa_function op, int order)
{
  switch (op) {
    case STOA_FN_EQ:
      return order == 0;
    case STOA_FN_NE:
      return order != 0;
    case STOA_FN_LT:
      return order < 0;
    case STOA_FN_GT:
      return order > 0;
    case STOA_FN_LE:
      return order <= 0;
    default:
      return order >= 0;
  }
}

static int compare_values(stoa_function op, stoa_term a, const value *x, stoa_term b, const value *y)
{
  int order;
  switch (x->family) {
    case FAMILY_NUMBER:
      order = stoa_number_compare(&x->number, &y->number);
      return order == STOA_NUMBER_UNORDERED ? op == STOA_FN_NE : decide(op, order);
    case FAMILY_STRING:
      return decide(op, stoa_slice_compare(stoa_term_text(a), stoa_term_text(b)));
    case FAMILY_BOOLEAN:
      return decide(op, x->truth - y->truth);
    default:
      order = stoa_instant_compare(x->instant, y->instant);
      return order == 2 ? -1 : decide(op, order);
  }
}

static bool is_inline_number(stoa_term t)
{
  return t.kind == STOA_TERM_INTEGER || t.kind == STOA_TERM_DECIMAL;
}

int stoa_term_compare(stoa_function op, stoa_term a, stoa_term b)
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
    return decide(op, (a.as.integer > b.as.integer) - (a.as.integer < b.as.integer));
  }
  if (a.kind == b.kind && (a.kind == STOA_TERM_DATETIME || a.kind == STOA_TERM_DATE)) {
    const int order = stoa_instant_compare(stoa_term_inline_instant(a), stoa_term_inline_instant(b));
    return order == 2 ? -1 : decide(op, order);
  }
  if (is_inline_number(a) && is_inline_number(b)) {
    stoa_number x, y;
    (void)(stoa_number_of(a, &x) && stoa_number_of(b, &y));
    return decide(op, stoa_number_compare(&x, &y));
  }
  const value x = value_of(a), y = value_of(b);
  if (x.family == y.family && x.family != FAMILY_OTHER && x.family != FAMILY_LANG) {
    return compare_values(op, a, &x, b, &y);
  }
  if (op != STOA_FN_EQ && op != STOA_FN_NE) {
    return -1;
  }
  const bool same = stoa_term_same(a, b);
  // Two literals that are not the same may still mean the same value when a datatype is unknown; a text
  // with a language is never the value of anything else.
  if (!same && stoa_term_is_literal(a) && stoa_term_is_literal(b) && x.family != FAMILY_LANG &&
      y.family != FAMILY_LANG && (x.family == FAMILY_OTHER || y.family == FAMILY_OTHER)) {
    return -1;
  }
  return same == (op == STOA_FN_EQ);
}

static stoa_term eval_in(const stoa_expr *e, const stoa_scope *scope)
{
  const stoa_term item = stoa_eval(e->args[0], scope);
  if (e->sorted && (stoa_term_is_iri(item) || item.kind == STOA_TERM_STRING)) {
    const bool there = bsearch(&item, e->sorted, e->n_args - 1, sizeof item, stoa_term_order_at) != NULL;
    return stoa_term_boolean(there == (e->function == STOA_FN_IN));
  }
  int found = 0;
  for (uint32_t i = 1; i < e->n_args && found != 1; ++i) {
    const int one = stoa_term_compare(STOA_FN_EQ, item, stoa_eval(e->args[i], scope));
    found = one == 1 ? 1 : one < 0 || found < 0 ? -1 : 0;
  }
  return truth_term(found < 0 ? found : found == (e->function == STOA_FN_IN));
}

static stoa_term eval_logic(const stoa_expr *e, const stoa_scope *scope)
{
  const int a = stoa_eval_condition(e->args[0], scope);
  const int absorber = e->function == STOA_FN_OR;
  if (a == absorber) {
    return stoa_term_boolean(absorber);
  }
  const int b = stoa_eval_condition(e->args[1], scope);
  if (b == absorber) {
    return stoa_term_boolean(absorber);
  }
  return truth_term(a < 0 || b < 0 ? -1 : !absorber);
}

static stoa_term eval_call(const stoa_expr *e, const stoa_scope *scope)
{
  switch (e->function) {
    case STOA_FN_OR:
    case STOA_FN_AND:
      return eval_logic(e, scope);
    case STOA_FN_NOT: {
      const int truth = stoa_eval_condition(e->args[0], scope);
      return truth_term(truth < 0 ? truth : !truth);
    }
    case STOA_FN_IN:
    case STOA_FN_NOT_IN:
      return eval_in(e, scope);
    case STOA_FN_BOUND:
      return stoa_term_boolean(stoa_term_is_bound(stoa_eval(e->args[0], scope)));
    case STOA_FN_IF: {
      const int truth = stoa_eval_condition(e->args[0], scope);
      return truth < 0 ? (stoa_term){0} : stoa_eval(e->args[truth ? 1 : 2], scope);
    }
    case STOA_FN_COALESCE:
      for (uint32_t i = 0; i < e->n_args; ++i) {
        const stoa_term t = stoa_eval(e->args[i], scope);
        if (stoa_term_is_bound(t)) {
          return t;
        }
      }
      return (stoa_term){0};
    default:
      break;
  }
  stoa_term few[MOST_ARGS];
  stoa_term *const args = e->n_args <= MOST_ARGS ? few : STOA_NEWS(scope->arena, stoa_term, e->n_args);
  for (uint32_t i = 0; i < e->n_args; ++i) {
    args[i] = stoa_eval(e->args[i], scope);
    if (!stoa_term_is_bound(args[i])) {
      return (stoa_term){0};
    }
  }
  return stoa_function_apply(e, args, e->n_args, scope);
}

stoa_term stoa_eval(const stoa_expr *e, const stoa_scope *scope)
{
  switch (e->kind) {
    case STOA_EXPR_TERM:
      return e->term;
    case STOA_EXPR_VAR: {
      const int column = stoa_plan_column(scope->node, e->var);
      return column < 0 ? (stoa_term){0} : scope->batch->columns[column][scope->row];
    }
    case STOA_EXPR_CALL:
      return eval_call(e, scope);
    case STOA_EXPR_EXISTS:
      return stoa_term_boolean(stoa_exists_apply(e, scope));
  }
  return (stoa_term){0};
}

int stoa_eval_condition(const stoa_expr *e, const stoa_scope *scope)
{
  return stoa_term_truth(stoa_eval(e, scope));
}
