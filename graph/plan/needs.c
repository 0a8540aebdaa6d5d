// Two questions of an expression: with which kinds of terms can it be true (or false), and with which can it have a
// value at all.  Errors are neither: `!(?x > 3)` is an error for an IRI as `?x > 3` is, but `?x != 3` is true for one.
#include "graph/plan/needs.h"
#include "graph/base/assert.h"

static const stoa_kinds TEXT = STOA_KIND_STRING | STOA_KIND_LANG;

static void narrow(const stoa_expr *e, stoa_kinds most, stoa_kinds *kinds);

// What the function takes in place `i`.  Typed literals may be texts to an engine that is generous, times and durations
// may be added: only what is an error everywhere is left out.
static stoa_kinds taken(stoa_function f, uint32_t i)
{
  switch (f) {
    case STOA_FN_ADD:
    case STOA_FN_SUBTRACT:
    case STOA_FN_MULTIPLY:
    case STOA_FN_DIVIDE:
    case STOA_FN_NEGATE:
      return STOA_KIND_NUMBER | STOA_KIND_DATE | STOA_KIND_DATETIME | STOA_KIND_OTHER;
    case STOA_FN_ABS:
    case STOA_FN_CEIL:
    case STOA_FN_FLOOR:
    case STOA_FN_ROUND:
      return STOA_KIND_NUMBER | STOA_KIND_OTHER;
    case STOA_FN_STRLEN:
    case STOA_FN_UCASE:
    case STOA_FN_LCASE:
    case STOA_FN_ENCODE_FOR_URI:
    case STOA_FN_STRSTARTS:
    case STOA_FN_STRENDS:
    case STOA_FN_CONTAINS:
    case STOA_FN_STRBEFORE:
    case STOA_FN_STRAFTER:
    case STOA_FN_LANGMATCHES:
      return TEXT;
    case STOA_FN_SUBSTR:
    case STOA_FN_REGEX:
    case STOA_FN_REPLACE:
      return i == 0 ? TEXT : STOA_KIND_LITERAL;
    case STOA_FN_YEAR:
    case STOA_FN_MONTH:
    case STOA_FN_DAY:
    case STOA_FN_HOURS:
    case STOA_FN_MINUTES:
    case STOA_FN_SECONDS:
    case STOA_FN_TIMEZONE:
    case STOA_FN_TZ:
      return STOA_KIND_DATE | STOA_KIND_DATETIME | STOA_KIND_OTHER;
    case STOA_FN_LANG:
    case STOA_FN_DATATYPE:
      return STOA_KIND_LITERAL;
    case STOA_FN_STR:
      return STOA_KIND_ANY & ~STOA_KIND_BLANK;
    default:
      return STOA_KIND_ANY;
  }
}

// Functions that have a value although an argument is an error or unbound.
static bool forgives(stoa_function f)
{
  return f == STOA_FN_OR || f == STOA_FN_AND || f == STOA_FN_IF || f == STOA_FN_COALESCE || f == STOA_FN_BOUND ||
         f == STOA_FN_IN || f == STOA_FN_NOT_IN;
}

// The kinds of values that an expression has, as far as its outermost operator tells.
static stoa_kinds given(const stoa_expr *e)
{
  if (e->kind == STOA_EXPR_TERM) {
    return stoa_kind_of_term(e->term);
  }
  if (e->kind != STOA_EXPR_CALL) {
    return STOA_KIND_ANY;
  }
  switch (e->function) {
    case STOA_FN_STRLEN:
    case STOA_FN_YEAR:
    case STOA_FN_MONTH:
    case STOA_FN_DAY:
    case STOA_FN_HOURS:
    case STOA_FN_MINUTES:
    case STOA_FN_SECONDS:
    case STOA_FN_ABS:
    case STOA_FN_CEIL:
    case STOA_FN_FLOOR:
    case STOA_FN_ROUND:
      return STOA_KIND_NUMBER;
    case STOA_FN_NOW:
      return STOA_KIND_DATETIME;
    case STOA_FN_UCASE:
    case STOA_FN_LCASE:
    case STOA_FN_SUBSTR:
    case STOA_FN_REPLACE:
    case STOA_FN_CONCAT:
      return TEXT;
    case STOA_FN_STR:
      return STOA_KIND_STRING;
    default:
      return STOA_KIND_ANY;
  }
}

// What `<` can compare with values of these kinds: numbers with numbers, texts with texts, times with times of their
// own kind; other datatypes may be ordered by an extension.
static stoa_kinds comparable_with(stoa_kinds kinds)
{
  stoa_kinds with = 0;
  with |= kinds & TEXT ? TEXT : 0;
  with |= kinds & STOA_KIND_NUMBER ? STOA_KIND_NUMBER : 0;
  with |= kinds & STOA_KIND_BOOLEAN ? STOA_KIND_BOOLEAN : 0;
  with |= kinds & STOA_KIND_DATE ? STOA_KIND_DATE : 0;
  with |= kinds & STOA_KIND_DATETIME ? STOA_KIND_DATETIME : 0;
  with |= kinds & STOA_KIND_OTHER ? STOA_KIND_OTHER : 0;
  return with;
}

// `=` is true of terms of comparable kinds, or of the same IRI or blank node.
static stoa_kinds equal_to(stoa_kinds kinds)
{
  return comparable_with(kinds) | (kinds & (STOA_KIND_IRI | STOA_KIND_BLANK));
}

// The expression has a value, and one of these kinds.
static void narrow(const stoa_expr *e, stoa_kinds most, stoa_kinds *kinds)
{
  if (e->kind == STOA_EXPR_VAR) {
    kinds[e->var] &= most;
  }
  if (e->kind != STOA_EXPR_CALL || forgives(e->function)) {
    return;
  }
  for (uint32_t i = 0; i < e->n_args; ++i) {
    narrow(e->args[i], taken(e->function, i), kinds);
  }
}

static void narrow_both(const stoa_expr *e, stoa_kinds (*with)(stoa_kinds), stoa_kinds *kinds)
{
  narrow(e->args[0], with(given(e->args[1])), kinds);
  narrow(e->args[1], with(given(e->args[0])), kinds);
}

typedef struct {
  stoa_kinds *kinds;
  const stoa_kinds *a, *b;
} merged;

static void merge_var(stoa_var var, void *data)
{
  const merged *const m = data;
  m->kinds[var] &= m->a[var] | m->b[var];
}

typedef struct {
  stoa_var most;
} greatest;

static void see_var(stoa_var var, void *data)
{
  greatest *const g = data;
  g->most = var > g->most ? var : g->most;
}

enum { MOST_VARS = 512 };

// Either side may make it so: a variable is narrowed to what one of the two would take.
static void either(const stoa_expr *e, bool holds, stoa_kinds *kinds)
{
  stoa_kinds a[MOST_VARS], b[MOST_VARS];
  greatest g = {0};
  stoa_expr_vars(e, see_var, &g);
  if (g.most >= MOST_VARS) {
    return;
  }
  memcpy(a, kinds, (g.most + 1) * sizeof *a);
  memcpy(b, kinds, (g.most + 1) * sizeof *b);
  stoa_needs(e->args[0], holds, a);
  stoa_needs(e->args[1], holds, b);
  const merged m = {kinds, a, b};
  stoa_expr_vars(e, merge_var, (void *)&m);
}

static void both(const stoa_expr *e, bool holds, stoa_kinds *kinds)
{
  stoa_needs(e->args[0], holds, kinds);
  stoa_needs(e->args[1], holds, kinds);
}

// One of the list, if no other.
static void among(const stoa_expr *e, stoa_kinds *kinds)
{
  stoa_kinds any = 0;
  for (uint32_t i = 1; i < e->n_args; ++i) {
    any |= equal_to(given(e->args[i]));
  }
  narrow(e->args[0], any, kinds);
}

// Functions that tell the kind of a term; another function is true of what gives it a value.
static void tested(const stoa_expr *e, bool holds, stoa_kinds *kinds)
{
  stoa_kinds asked, least = 0;
  switch (e->function) {
    case STOA_FN_ISIRI:
    case STOA_FN_ISURI:
      asked = STOA_KIND_IRI;
      break;
    case STOA_FN_ISBLANK:
      asked = STOA_KIND_BLANK;
      break;
    case STOA_FN_ISLITERAL:
      asked = STOA_KIND_LITERAL;
      break;
    case STOA_FN_ISNUMERIC:
      asked = STOA_KIND_NUMBER;
      least = STOA_KIND_ANY; // a literal of a number's datatype that is none is not numeric either
      break;
    default:
      narrow(e, STOA_KIND_ANY, kinds);
      return;
  }
  narrow(e->args[0], holds ? asked : (STOA_KIND_ANY & ~asked) | least, kinds);
}

void stoa_needs(const stoa_expr *e, bool holds, stoa_kinds *kinds)
{
  STOA_ASSERT(kinds);
  if (e->kind != STOA_EXPR_CALL) {
    if (e->kind == STOA_EXPR_VAR) {
      kinds[e->var] &= STOA_KIND_LITERAL; // its effective boolean value
    }
    return;
  }
  switch (e->function) {
    case STOA_FN_NOT:
      stoa_needs(e->args[0], !holds, kinds);
      return;
    case STOA_FN_AND:
      (holds ? both : either)(e, holds, kinds);
      return;
    case STOA_FN_OR:
      (holds ? either : both)(e, holds, kinds);
      return;
    case STOA_FN_LT:
    case STOA_FN_GT:
    case STOA_FN_LE:
    case STOA_FN_GE:
      narrow_both(e, comparable_with, kinds);
      return;
    case STOA_FN_EQ:
    case STOA_FN_NE:
      if (holds == (e->function == STOA_FN_EQ)) {
        narrow_both(e, equal_to, kinds);
      }
      return;
    case STOA_FN_SAMETERM:
      if (holds) {
        narrow(e->args[0], given(e->args[1]), kinds);
        narrow(e->args[1], given(e->args[0]), kinds);
      }
      return;
    case STOA_FN_IN:
    case STOA_FN_NOT_IN:
      if (holds == (e->function == STOA_FN_IN)) {
        among(e, kinds);
      }
      return;
    default:
      tested(e, holds, kinds);
  }
}

void stoa_needs_value(const stoa_expr *expr, stoa_kinds *kinds)
{
  narrow(expr, STOA_KIND_ANY, kinds);
}
