// Which other constants a plan holds for.
//
// A bank asks the same query for customer after customer, with nothing else than a constant changed.  To plan each anew
// would cost more than to answer.  So the planner notes what it asks of each constant and how that ended; for other
// constants the same questions are asked again, and if all end the same way, every rule would have decided as it did:
// the plan is the one that planning would give, but for the values that go into SQL, which the questions give as well.
// A constant that anything else looks at is fixed: the plan holds for that very term alone.
#include "graph/plan/shape.h"
#include "graph/plan/plan.h"
#include "graph/term/equality.h"
#include <math.h>

stoa_shape *stoa_shape_new(const stoa_query *query, stoa_arena *arena)
{
  stoa_shape *const shape = STOA_NEW(arena, stoa_shape);
  shape->fixed = ~UINT64_C(0);
  for (uint32_t i = 0; i < query->n_constants; ++i) {
    if (stoa_term_is_bound(query->constants[i].term)) {
      shape->fixed &= ~(UINT64_C(1) << i);
    }
  }
  return shape;
}

// ---- fixing

void stoa_shape_fix(stoa_shape *shape, uint32_t constant)
{
  if (constant) {
    shape->fixed |= UINT64_C(1) << (constant - 1);
  }
}

void stoa_shape_fix_pattern(stoa_shape *shape, const stoa_pattern *pattern)
{
  const stoa_slot *const slots[] = {&pattern->subject, &pattern->predicate, &pattern->object, &pattern->graph};
  for (int i = 0; i < 4; ++i) {
    stoa_shape_fix(shape, slots[i]->constant);
  }
}

// The pattern of an EXISTS that the executor asks is planned when it runs: everything in it is read then.
void stoa_shape_fix_expr(stoa_shape *shape, const stoa_expr *expr)
{
  if (!expr) {
    return;
  }
  if (expr->kind == STOA_EXPR_EXISTS) {
    shape->fixed = ~UINT64_C(0);
  }
  stoa_shape_fix(shape, expr->constant);
  for (uint32_t i = 0; i < expr->n_args; ++i) {
    stoa_shape_fix_expr(shape, expr->args[i]);
  }
}

// What the executor reads in the algebra of a node it evaluates itself: the constants there are used as they are.
static void fix_algebra(stoa_shape *shape, const stoa_node *node)
{
  stoa_shape_fix_expr(shape, node->expr);
  for (uint32_t i = 0; i < node->n_aggregates; ++i) {
    stoa_shape_fix_expr(shape, node->aggregates[i].expr);
  }
  for (uint32_t i = 0; i < node->n_orders; ++i) {
    stoa_shape_fix_expr(shape, node->orders[i].expr);
  }
  for (int i = 0; i < 2; ++i) {
    stoa_shape_fix(shape, node->ends[i].constant);
  }
  stoa_shape_fix(shape, node->graph.constant);
}

// Expressions that SQL hands back are evaluated by the executor, with the constants they were planned with.
static void fix_params(stoa_shape *shape, const stoa_plan_node *node)
{
  for (uint32_t i = 0; i < node->sql.n_params; ++i) {
    const stoa_param *const param = &node->sql.params[i];
    if (param->kind == STOA_PARAM_HOSTED) {
      const stoa_hosted *const hosted = param->hosted;
      stoa_shape_fix_expr(shape, hosted->expr);
      stoa_shape_fix_expr(shape, hosted->aggregate ? hosted->aggregate->expr : NULL);
    }
  }
}

void stoa_shape_fix_plan(stoa_shape *shape, const stoa_plan_node *node)
{
  stoa_shape_fix_expr(shape, node->expr);
  if (node->node) {
    fix_algebra(shape, node->node);
  }
  if (node->kind == STOA_PLAN_SQL) {
    fix_params(shape, node);
  }
  for (uint32_t i = 0; node->kind == STOA_PLAN_QUADS && i < node->quads.n_patterns; ++i) {
    stoa_shape_fix_pattern(shape, node->quads.patterns[i]);
  }
  if (node->kind == STOA_PLAN_SQL && node->sql.bound) {
    stoa_shape_fix_plan(shape, node->sql.bound);
  }
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    stoa_shape_fix_plan(shape, node->inputs[i]);
  }
}

// ---- uses

// A constant that is not fixed (yet): only of such are questions noted.
static bool is_open(const stoa_rels *r, uint32_t constant)
{
  return r->shape && constant && !(r->shape->fixed >> (constant - 1) & 1);
}

// The number of a use from 1.  Constructors that are alike give the same, so that equal conditions are known as equal.
static uint32_t use_of(stoa_rels *r, const stoa_use *use)
{
  for (uint32_t i = 0; i < r->shape->uses.n; ++i) {
    const stoa_use *const other = &r->shape->uses.items[i];
    if (other->kind == use->kind && other->constant == use->constant && use->kind != STOA_USE_SAME &&
        other->exact == use->exact &&
        (use->kind == STOA_USE_OPERAND || other->ctor == use->ctor || stoa_ctor_alike(other->ctor, use->ctor))) {
      return i + 1;
    }
  }
  STOA_PUSH(r->arena, &r->shape->uses, *use);
  return r->shape->uses.n;
}

stoa_said stoa_shape_invert(stoa_rels *r, const stoa_ctor *ctor, stoa_term term, uint32_t constant, stoa_param *out)
{
  stoa_value values[STOA_TEMPLATE_COLUMNS];
  const stoa_said said = stoa_ctor_invert(ctor, term, r->arena, values);
  const stoa_use use = {.kind = STOA_USE_INVERSE, .constant = constant, .ctor = ctor, .said = said};
  const uint32_t number = is_open(r, constant) ? use_of(r, &use) : 0;
  for (uint32_t i = 0; said == STOA_SAID && i < ctor->n_columns; ++i) {
    out[i] = (stoa_param){
      .kind = STOA_PARAM_VALUE, .value = values[i], .type = ctor->columns[i]->type, .use = number, .part = i};
  }
  return said;
}

bool stoa_shape_same(stoa_rels *r, stoa_term mapped, stoa_term term, uint32_t constant)
{
  const bool same = stoa_term_same(mapped, term);
  if (is_open(r, constant)) {
    const stoa_use use = {.kind = STOA_USE_SAME, .constant = constant, .term = mapped, .same = same};
    use_of(r, &use);
  }
  return same;
}

// Where decimals are held as doubles: whole numbers of 64 bits are exact, and so are 15 digits; what has more is left
// to the executor.
static stoa_operand_kind double_operand(const stoa_number *number, stoa_arena *arena, stoa_value *out)
{
  const __int128 most = INT64_C(1000000000000000), m = number->mantissa;
  if (number->scale == 0 && m <= INT64_MAX && m >= INT64_MIN && !number->digits.data) {
    *out = (stoa_value){.kind = STOA_VALUE_INTEGER, .as.integer = (int64_t)m};
    return STOA_OPERAND_NUMBER;
  }
  *out = stoa_value_decimal(number, arena);
  return m < most && m > -most ? STOA_OPERAND_NUMBER : STOA_OPERAND_NONE;
}

// A number as SQL compares it: exactly where the database does, else only if a double holds it.
static stoa_operand_kind number_operand(stoa_term term, bool exact, stoa_arena *arena, stoa_value *out)
{
  stoa_number number;
  if (!stoa_number_of(term, &number)) {
    return STOA_OPERAND_NONE;
  }
  if (number.kind == STOA_NUMBER_DECIMAL || number.kind == STOA_NUMBER_INTEGER) {
    if (!exact) {
      return double_operand(&number, arena, out);
    }
    *out = stoa_value_decimal(&number, arena);
    return STOA_OPERAND_NUMBER;
  }
  // Beside a float every other number is rounded to one (section 17.3), beside a double to a double: SQL does the
  // latter, but not where whole numbers are compared digit by digit.
  *out = (stoa_value){.kind = STOA_VALUE_REAL, .as.real = number.real};
  const bool alike = number.kind == STOA_NUMBER_DOUBLE && (exact || fabs(number.real) < 0x1p53);
  return isnan(number.real) || !alike ? STOA_OPERAND_NONE : STOA_OPERAND_NUMBER;
}

// The years 1 to 9999, which every database's timestamps reach.
static bool is_known_time(int64_t us)
{
  return us >= INT64_C(-62135596800000000) && us < INT64_C(253402300800000000);
}

// Databases end texts at NUL: one that has it is no operand.
static stoa_operand_kind operand(stoa_term term, bool exact, stoa_arena *arena, stoa_value *out)
{
  switch (term.kind) {
    case STOA_TERM_INTEGER:
      *out = (stoa_value){.kind = STOA_VALUE_INTEGER, .as.integer = term.as.integer};
      return STOA_OPERAND_NUMBER;
    case STOA_TERM_STRING:
      *out = (stoa_value){.kind = STOA_VALUE_TEXT, .text = stoa_term_text(term)};
      return memchr(out->text.data, 0, out->text.length) ? STOA_OPERAND_NONE : STOA_OPERAND_STRING;
    case STOA_TERM_DATETIME:
    case STOA_TERM_DATE:
      *out = (stoa_value){.kind = STOA_VALUE_INTEGER, .as.integer = term.as.integer};
      return exact && !is_known_time(term.as.integer) ? STOA_OPERAND_NONE : STOA_OPERAND_TIME;
    default:
      return number_operand(term, exact, arena, out);
  }
}

stoa_operand_kind stoa_shape_operand(stoa_rels *r, stoa_term term, uint32_t constant, stoa_param *out)
{
  *out = (stoa_param){.kind = STOA_PARAM_VALUE};
  const bool exact = r->dialect->typed;
  const stoa_operand_kind kind = operand(term, exact, r->arena, &out->value);
  if (is_open(r, constant)) {
    const stoa_use use = {.kind = STOA_USE_OPERAND, .constant = constant, .operand = kind, .exact = exact};
    out->use = use_of(r, &use);
  }
  return kind;
}

// ---- other constants

// Terms of one kind, of which no rule may think differently: an empty text is the part of every text.
static bool alike(stoa_term a, stoa_term b)
{
  if (a.kind != b.kind || a.flags != b.flags) {
    return false;
  }
  if (a.kind == STOA_TERM_STRING) {
    return (a.length == 0) == (b.length == 0);
  }
  return a.kind == STOA_TERM_IRI || (stoa_slice_equal(stoa_term_datatype(a), stoa_term_datatype(b)) &&
                                     stoa_slice_equal(stoa_term_language(a), stoa_term_language(b)));
}

// Ends the noted question for this term as it did for the one that was planned with?
static bool ends_alike(const stoa_use *use, stoa_term term, stoa_arena *arena, stoa_value *out)
{
  switch (use->kind) {
    case STOA_USE_INVERSE:
      return stoa_ctor_invert(use->ctor, term, arena, out) == use->said;
    case STOA_USE_SAME:
      return stoa_term_same(use->term, term) == use->same;
    default:
      return operand(term, use->exact, arena, out) == use->operand;
  }
}

const stoa_value *stoa_shape_bind(const stoa_shape *shape, const stoa_query *query, const stoa_term *terms,
                                  stoa_arena *arena)
{
  stoa_value *const values = STOA_NEWS(arena, stoa_value, (size_t)(shape->uses.n + 1) * STOA_TEMPLATE_COLUMNS);
  for (uint32_t i = 0; i < query->n_constants; ++i) {
    const stoa_constant *const planned = &query->constants[i];
    const bool open = !(shape->fixed >> i & 1);
    if (open &&
        (!alike(planned->term, terms[i]) || (planned->same && !stoa_term_same(terms[i], terms[planned->same - 1])))) {
      return NULL;
    }
  }
  for (uint32_t i = 0; i < shape->uses.n; ++i) {
    const stoa_use *const use = &shape->uses.items[i];
    if (!ends_alike(use, terms[use->constant - 1], arena, values + (size_t)i * STOA_TEMPLATE_COLUMNS)) {
      return NULL;
    }
  }
  return values;
}
