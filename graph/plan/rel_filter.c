// Conditions in SQL (rules 21, 25, 28 and 30).
//
// A FILTER keeps the rows for which its expression is true, and drops those for which it is false or an error
// (SPARQL 1.1, section 17.2).  WHERE does the same with false and NULL, and AND, OR and NOT treat SQL's NULL as SPARQL
// treats errors. So a condition may be said in SQL when each comparison in it is true, false or NULL for just the rows
// for which SPARQL's is true, false or an error.  That depends on what the compared terms are: numbers of a known
// datatype, texts without a language, times with or without a zone, IRIs by the columns that make them.  What is not of
// this kind is left to the executor, as a whole condition: half of one could drop a row too many.  Within this file the
// parts of a condition are NULL where they cannot be said.
#include "graph/plan/rel.h"
#include "graph/term/equality.h"
#include "graph/term/number.h"
#include "graph/term/vocab.h"
#include "graph/term/xsd.h"

typedef enum { ZONE_UNKNOWN, ZONE_NONE, ZONE_SOME } zone_kind;

typedef struct {
  stoa_operand_kind kind;
  const stoa_sx *sx;
  zone_kind zone;      ///< of TIME
  const stoa_sx *text; ///< of TIME: the column whose values may have a zone or not
  bool day;            ///< of TIME: an xsd:date, which has no order with an xsd:dateTime (section 17.3)
} operand;

// A column of dates or timestamps, as the dialect compares it with an instant.
static operand time_operand(stoa_rels *r, const stoa_sx *column, stoa_slice type, stoa_sql_op op)
{
  const stoa_column_info *const info = column->info;
  operand o = {
    .kind = STOA_OPERAND_TIME, .sx = stoa_sx_call(r, op, column, NULL), .day = stoa_slice_is(type, STOA_XSD "date")};
  if (r->dialect->typed) {
    o.zone = info->type == STOA_SQL_DATETIME && info->zoned ? ZONE_SOME : ZONE_NONE;
  } else {
    o.text = column;
  }
  return o;
}

// An order that XSD leaves open, for only one of the two has a zone, is an error (section 3.2.7.4 of XML Schema 2).
// False: SQL cannot tell.
static bool meet_zones(stoa_rels *r, operand *x, operand *y)
{
  for (int i = 0; i < 2; ++i) {
    operand *const column = i ? y : x, *const other = i ? x : y;
    const stoa_sql_op near = other->zone == ZONE_SOME ? STOA_OP_TIME_NEAR_ZONE : STOA_OP_TIME_NEAR_NO_ZONE;
    if (column->text && other->zone != ZONE_UNKNOWN && stoa_sql_op_said(near, r->dialect)) {
      column->sx = stoa_sx_call(r, near, column->text, other->sx);
      return true;
    }
  }
  return x->zone == ZONE_UNKNOWN || y->zone == ZONE_UNKNOWN || x->zone == y->zone;
}

// A column as an operand: only of a literal whose datatype says that SQL's order and equality are SPARQL's.
static operand column_operand(stoa_rels *r, const stoa_binding *b)
{
  const operand none = {.kind = STOA_OPERAND_NONE};
  if (b->ctor->kind != STOA_CTOR_COLUMN || b->ctor->makes != STOA_TERM_TYPED || b->ctor->language.length || b->guard) {
    return none;
  }
  // A datatype that the column's values may not allow is left to the executor, which tells of them.
  const stoa_slice type = stoa_ctor_datatype(b->ctor);
  switch (b->columns[0]->info->type) {
    case STOA_SQL_INTEGER:
    case STOA_SQL_DECIMAL:
    case STOA_SQL_REAL: {
      const bool whole = b->columns[0]->info->type == STOA_SQL_INTEGER && stoa_slice_is(type, STOA_XSD "integer");
      const bool number = whole || stoa_slice_is(type, STOA_XSD "decimal") || stoa_slice_is(type, STOA_XSD "double");
      return number ? (operand){.kind = STOA_OPERAND_NUMBER, .sx = b->columns[0]} : none;
    }
    case STOA_SQL_TEXT:
      if (stoa_slice_is(type, STOA_XSD "string")) {
        return (operand){.kind = STOA_OPERAND_STRING, .sx = b->columns[0]};
      }
      if (!stoa_slice_is(type, STOA_XSD "dateTime") && !stoa_slice_is(type, STOA_XSD "date")) {
        return none;
      }
      return stoa_sql_op_said(STOA_OP_TEXT_TIME, r->dialect) ? time_operand(r, b->columns[0], type, STOA_OP_TEXT_TIME)
                                                             : none;
    case STOA_SQL_DATETIME:
    case STOA_SQL_DATE: {
      const bool day = b->columns[0]->info->type == STOA_SQL_DATE;
      const bool own = stoa_slice_is(type, day ? STOA_XSD "date" : STOA_XSD "dateTime");
      return own && stoa_sql_op_said(STOA_OP_TIME, r->dialect) ? time_operand(r, b->columns[0], type, STOA_OP_TIME)
                                                               : none;
    }
    default:
      return none;
  }
}

// A constant as an operand, through shape.h, since the plan may be run for another constant.
static operand term_operand(stoa_rels *r, stoa_term term, uint32_t constant)
{
  stoa_param param;
  const stoa_operand_kind kind = stoa_shape_operand(r, term, constant, &param);
  const stoa_sx *const sx = stoa_sx_param(r, param);
  if (kind != STOA_OPERAND_TIME) {
    return (operand){.kind = kind, .sx = sx};
  }
  const bool said = stoa_sql_op_said(STOA_OP_INSTANT, r->dialect);
  return (operand){.kind = said ? kind : STOA_OPERAND_NONE,
                   .sx = said ? stoa_sx_call(r, STOA_OP_INSTANT, sx, NULL) : NULL,
                   .zone = term.flags & STOA_TERM_HAS_ZONE ? ZONE_SOME : ZONE_NONE,
                   .day = term.kind == STOA_TERM_DATE};
}

static operand operand_of(stoa_rels *r, const stoa_block *block, const stoa_expr *e)
{
  if (e->kind == STOA_EXPR_TERM) {
    return term_operand(r, e->term, e->constant);
  }
  if (e->kind == STOA_EXPR_CALL && e->function == STOA_FN_NOW && stoa_sql_op_said(STOA_OP_INSTANT, r->dialect)) {
    const stoa_param now = {.kind = STOA_PARAM_NOW, .offset_us = e->term.as.integer};
    return (operand){.kind = STOA_OPERAND_TIME,
                     .sx = stoa_sx_call(r, STOA_OP_INSTANT, stoa_sx_param(r, now), NULL),
                     .zone = e->any_zone ? ZONE_UNKNOWN : ZONE_SOME};
  }
  const stoa_binding *const b = e->kind == STOA_EXPR_VAR ? stoa_block_find(block, e->var) : NULL;
  if (b && b->ctor->kind == STOA_CTOR_CONSTANT && !b->nullable) {
    return term_operand(r, b->ctor->constant, 0);
  }
  return b ? column_operand(r, b) : (operand){.kind = STOA_OPERAND_NONE};
}

// The column or parameter of a text.
static const stoa_sx *text_of(stoa_rels *r, const stoa_block *block, const stoa_expr *e)
{
  const stoa_binding *const b = e->kind == STOA_EXPR_VAR ? stoa_block_find(block, e->var) : NULL;
  if (b && !b->guard && b->ctor->kind == STOA_CTOR_COLUMN && stoa_ctor_kinds(b->ctor) == STOA_KIND_LANG &&
      b->columns[0]->info->type == STOA_SQL_TEXT) {
    return b->columns[0];
  }
  const operand o = operand_of(r, block, e);
  return o.kind == STOA_OPERAND_STRING ? o.sx : NULL;
}

stoa_said stoa_sx_text(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  const stoa_sx *const text = text_of(r, block, e);
  if (!text) {
    return STOA_CANNOT_SAY;
  }
  *out = text;
  return STOA_SAID;
}

static stoa_sql_op sql_comparison(stoa_function f)
{
  switch (f) {
    case STOA_FN_EQ:
      return STOA_OP_EQ;
    case STOA_FN_NE:
      return STOA_OP_NE;
    case STOA_FN_LT:
      return STOA_OP_LT;
    case STOA_FN_GT:
      return STOA_OP_GT;
    case STOA_FN_LE:
      return STOA_OP_LE;
    default:
      return STOA_OP_GE;
  }
}

// ?x = <iri>: the IRI is taken apart into the columns that make it.  An exact template makes an IRI from one row of
// values only, so that all columns equal is the same as the IRI equal; an IRI that the template never makes is equal to
// none.
static const stoa_sx *iri_equals(stoa_rels *r, const stoa_block *block, const stoa_expr *var, const stoa_expr *constant,
                                 bool negated)
{
  const stoa_binding *const b = var->kind == STOA_EXPR_VAR ? stoa_block_find(block, var->var) : NULL;
  if (!b || b->guard || constant->kind != STOA_EXPR_TERM || !stoa_term_is_iri(constant->term) ||
      b->ctor->makes != STOA_TERM_IRI) {
    return NULL;
  }
  if (b->ctor->kind == STOA_CTOR_CONSTANT) {
    const bool holds = stoa_shape_same(r, b->ctor->constant, constant->term, constant->constant) != negated;
    return b->nullable ? NULL : stoa_sx_call(r, holds ? STOA_OP_TRUE : STOA_OP_FALSE, NULL, NULL);
  }
  stoa_param params[STOA_TEMPLATE_COLUMNS];
  const stoa_said said = stoa_shape_invert(r, b->ctor, constant->term, constant->constant, params);
  if (said == STOA_CANNOT_SAY || (said == STOA_SAID_NEVER && b->nullable)) {
    return NULL;
  }
  if (said == STOA_SAID_NEVER) {
    return stoa_sx_call(r, negated ? STOA_OP_TRUE : STOA_OP_FALSE, NULL, NULL);
  }
  const stoa_sx *all = NULL;
  for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
    const stoa_sx *const one = stoa_sx_equals_param(r, b->columns[k], params[k]);
    all = all ? stoa_sx_call(r, STOA_OP_AND, all, one) : one;
  }
  return negated ? stoa_sx_call(r, STOA_OP_NOT, all, NULL) : all;
}

// The condition, and that the column's value is a number to XSD too, where the dialect has values that are not.
static const stoa_sx *guarded(stoa_rels *r, stoa_sql_op guard, const stoa_sx *column, const stoa_sx *condition)
{
  const bool may_pass = column->info && stoa_sql_op_text(guard, r->dialect, column->info->type);
  return may_pass ? stoa_sx_call(r, STOA_OP_AND, condition, stoa_sx_call(r, guard, column, NULL)) : condition;
}

// To PostgreSQL NaN is the greatest number, and equal to itself; to XPath it is no number.  What is compared with a
// constant by = needs no guard.
static const stoa_sx *compare_numbers(stoa_rels *r, stoa_function f, const stoa_sx *x, const stoa_sx *y)
{
  const bool great = f == STOA_FN_GT || f == STOA_FN_GE, small = f == STOA_FN_LT || f == STOA_FN_LE;
  const bool columns = x->kind != STOA_SX_PARAM && y->kind != STOA_SX_PARAM;
  const stoa_sx *all = stoa_sx_call(r, sql_comparison(f), x, y);
  if (great || (f == STOA_FN_EQ && columns)) {
    all = guarded(r, STOA_OP_BELOW, x, all);
  }
  if (small) {
    all = guarded(r, STOA_OP_BELOW, y, guarded(r, STOA_OP_ABOVE, x, all));
  }
  if (great) {
    all = guarded(r, STOA_OP_ABOVE, y, all);
  }
  return all;
}

// A comparison of two operands of one kind.  Operands of different kinds are not compared here: SPARQL's answer is an
// error or, for = and !=, depends on the terms (section 17.4.1.7).
static const stoa_sx *compare(stoa_rels *r, const stoa_block *block, stoa_function f, const stoa_expr *a,
                              const stoa_expr *b)
{
  if (f == STOA_FN_EQ || f == STOA_FN_NE) {
    const stoa_sx *iri = iri_equals(r, block, a, b, f == STOA_FN_NE);
    iri = iri ? iri : iri_equals(r, block, b, a, f == STOA_FN_NE);
    if (iri) {
      return iri;
    }
  }
  operand x = operand_of(r, block, a), y = operand_of(r, block, b);
  if (x.kind == STOA_OPERAND_STRING && f == STOA_FN_NE && stoa_sql_op_said(STOA_OP_SAME_TEXT, r->dialect)) {
    return y.kind == STOA_OPERAND_STRING
             ? stoa_sx_call(r, STOA_OP_NOT, stoa_sx_call(r, STOA_OP_SAME_TEXT, x.sx, y.sx), NULL)
             : NULL;
  }
  if (x.kind == STOA_OPERAND_STRING && f != STOA_FN_EQ && f != STOA_FN_NE) {
    if (!stoa_sql_op_said(STOA_OP_BY_CODE_POINT, r->dialect)) {
      return NULL;
    }
    x.sx = stoa_sx_call(r, STOA_OP_BY_CODE_POINT, x.sx, NULL);
  }
  if (x.kind == STOA_OPERAND_TIME && y.kind == STOA_OPERAND_TIME && (x.day != y.day || !meet_zones(r, &x, &y))) {
    return NULL;
  }
  if (x.kind == STOA_OPERAND_NUMBER && y.kind == STOA_OPERAND_NUMBER) {
    return compare_numbers(r, f, x.sx, y.sx);
  }
  return x.kind != STOA_OPERAND_NONE && x.kind == y.kind ? stoa_sx_call(r, sql_comparison(f), x.sx, y.sx) : NULL;
}

// A variable is bound when all the columns of its term, and the guard, are there.
const stoa_sx *stoa_sx_bound(stoa_rels *r, const stoa_binding *b)
{
  if (!b->nullable) {
    return stoa_sx_call(r, STOA_OP_TRUE, NULL, NULL);
  }
  const stoa_sx *all = b->guard ? stoa_sx_call(r, STOA_OP_IS_NOT_NULL, b->guard, NULL) : NULL;
  for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
    const stoa_sx *const one = stoa_sx_call(r, STOA_OP_IS_NOT_NULL, b->columns[k], NULL);
    all = all ? stoa_sx_call(r, STOA_OP_AND, all, one) : one;
  }
  return all;
}

// The variable may have been replaced by a row's term, in an EXISTS that is asked row by row.
static const stoa_sx *bound(stoa_rels *r, const stoa_block *block, const stoa_expr *of)
{
  if (of->kind == STOA_EXPR_TERM) {
    return stoa_sx_call(r, STOA_OP_TRUE, NULL, NULL);
  }
  const stoa_binding *const b = of->kind == STOA_EXPR_VAR ? stoa_block_find(block, of->var) : NULL;
  return b ? stoa_sx_bound(r, b) : stoa_sx_call(r, STOA_OP_FALSE, NULL, NULL);
}

// OR of many as a tree of small depth, for parsers bound it.
static const stoa_sx *any_of(stoa_rels *r, const stoa_sx *const *conditions, uint32_t n)
{
  if (n == 1) {
    return conditions[0];
  }
  const uint32_t half = (n + 1) / 2;
  return stoa_sx_call(r, STOA_OP_OR, any_of(r, conditions, half), any_of(r, conditions + half, n - half));
}

// Can both stand in one list of IN?  Values of different types would be made one type, and might be rounded.
static bool same_list(const stoa_sx *a, const stoa_sx *b)
{
  if (!stoa_sx_is_equation(a) || !stoa_sx_is_equation(b)) {
    return false;
  }
  const stoa_sx *const x = a->args[1], *const y = b->args[1];
  return x->kind == STOA_SX_PARAM && y->kind == STOA_SX_PARAM && x->param.kind == STOA_PARAM_VALUE &&
         y->param.kind == STOA_PARAM_VALUE && x->param.value.kind == y->param.value.kind &&
         x->param.type == y->param.type && stoa_sx_same(a->args[0], b->args[0]);
}

// Rule 28: from `at` on, the equations of one column and values of one type are one list; they are taken out.  IN
// compares texts as "=" does, which a database may do by a collation.
static const stoa_sx *gathered(stoa_rels *r, const stoa_sx **equations, uint32_t at, uint32_t n)
{
  const stoa_sx *const first = equations[at];
  if (stoa_sql_op_said(STOA_OP_SAME_TEXT, r->dialect) && stoa_sx_is_equation(first) && first->args[0]->info &&
      first->args[0]->info->type == STOA_SQL_TEXT) {
    return first;
  }
  stoa_sx_list values = {0};
  for (uint32_t i = at; i < n; ++i) {
    if (equations[i] && same_list(first, equations[i])) {
      STOA_PUSH(r->arena, &values, equations[i]->args[1]);
      equations[i] = NULL;
    }
  }
  return values.n < 2
           ? first
           : stoa_sx_call(r, STOA_OP_IN, first->args[0], stoa_sx_call_of(r, STOA_OP_LIST, values.items, values.n));
}

// One list for each column and type of values.  What is certainly false adds nothing to an OR and is left out.
static const stoa_sx *listed(stoa_rels *r, const stoa_sx **all, uint32_t n)
{
  uint32_t n_parts = 0;
  for (uint32_t i = 0; i < n; ++i) {
    const stoa_sx *const part = all[i] ? gathered(r, all, i, n) : NULL;
    if (part && !stoa_sx_is(part, STOA_OP_FALSE)) {
      all[n_parts++] = part;
    }
  }
  return n_parts ? any_of(r, all, n_parts) : stoa_sx_call(r, STOA_OP_FALSE, NULL, NULL);
}

// More terms than these are one parameter, or the executor searches them: databases bound the parameters of a
// statement.
enum { MOST_LISTED = STOA_MOST_CONSTANTS };

// A long list of IN as one parameter: ?x IN (...) is true when one of the terms is ?x, which sameTerm decides for IRIs
// and plain texts.
static const stoa_sx *among(stoa_rels *r, const stoa_block *block, const stoa_expr *e)
{
  const stoa_binding *const b = e->args[0]->kind == STOA_EXPR_VAR ? stoa_block_find(block, e->args[0]->var) : NULL;
  if (!e->sorted || !b || stoa_sql_op_said(STOA_OP_SAME_TEXT, r->dialect) ||
      (b->ctor->makes != STOA_TERM_IRI && column_operand(r, b).kind != STOA_OPERAND_STRING)) {
    return NULL;
  }
  const stoa_sx *any;
  if (stoa_sx_among(r, b, e->sorted, e->n_args - 1, &any) == STOA_CANNOT_SAY) {
    return NULL;
  }
  for (uint32_t i = 1; i < e->n_args; ++i) {
    stoa_shape_fix(r->shape, e->args[i]->constant);
  }
  return any;
}

// ?x IN (a, b) is ?x = a || ?x = b (section 17.4.1.9), NOT IN its denial.
static const stoa_sx *in_list(stoa_rels *r, const stoa_block *block, const stoa_expr *e)
{
  const uint32_t n = e->n_args - 1;
  const stoa_sx *any = NULL;
  if (n > MOST_LISTED) {
    any = among(r, block, e);
  } else {
    const stoa_sx **const all = STOA_NEWS(r->arena, const stoa_sx *, n + 1);
    uint32_t i = 0;
    while (i < n && (all[i] = compare(r, block, STOA_FN_EQ, e->args[0], e->args[i + 1]))) {
      ++i;
    }
    any = i == n && n ? listed(r, all, n) : NULL;
  }
  return any && e->function == STOA_FN_NOT_IN ? stoa_sx_call(r, STOA_OP_NOT, any, NULL) : any;
}

// Rule 30: STRSTARTS, STRENDS and CONTAINS of a text column and a constant without a language, which may be part of a text
// of any language (section 17.4.3.1.2).
static const stoa_sx *has_part(stoa_rels *r, const stoa_block *block, const stoa_expr *e, stoa_sql_op op)
{
  const stoa_expr *const part = e->args[1];
  if (!stoa_sql_op_said(op, r->dialect) || part->kind != STOA_EXPR_TERM || part->term.kind != STOA_TERM_STRING ||
      stoa_term_text(part->term).length == 0) {
    return NULL;
  }
  const stoa_sx *const x = text_of(r, block, e->args[0]), *const y = text_of(r, block, part);
  return x && y ? stoa_sx_call(r, op, x, y) : NULL;
}

static const stoa_sx *condition_of(stoa_rels *r, const stoa_block *block, const stoa_expr *e);

// The sides of ||, however they are nested.  False: one of them cannot be said.
static bool add_alternatives(stoa_rels *r, const stoa_block *block, const stoa_expr *e, stoa_sx_list *out)
{
  if (e->kind == STOA_EXPR_CALL && e->function == STOA_FN_OR) {
    return add_alternatives(r, block, e->args[0], out) && add_alternatives(r, block, e->args[1], out);
  }
  const stoa_sx *const one = condition_of(r, block, e);
  if (one) {
    STOA_PUSH(r->arena, out, one);
  }
  return one != NULL;
}

static const stoa_sx *one_of(stoa_rels *r, const stoa_block *block, const stoa_expr *e)
{
  stoa_sx_list all = {0};
  return add_alternatives(r, block, e, &all) ? listed(r, all.items, all.n) : NULL;
}

// A condition in SQL's own words.
static const stoa_sx *own_condition(stoa_rels *r, const stoa_block *block, const stoa_expr *e)
{
  if (e->kind != STOA_EXPR_CALL) {
    return NULL;
  }
  switch (e->function) {
    case STOA_FN_AND: {
      const stoa_sx *const a = condition_of(r, block, e->args[0]);
      const stoa_sx *const b = a ? condition_of(r, block, e->args[1]) : NULL;
      return b ? stoa_sx_call(r, STOA_OP_AND, a, b) : NULL;
    }
    case STOA_FN_OR:
      return one_of(r, block, e);
    case STOA_FN_NOT: {
      const stoa_expr *const inner = e->args[0];
      if (inner->kind == STOA_EXPR_CALL && inner->function == STOA_FN_NOT) {
        return condition_of(r, block, inner->args[0]);
      }
      const stoa_sx *const a = condition_of(r, block, e->args[0]);
      return a ? stoa_sx_call(r, STOA_OP_NOT, a, NULL) : NULL;
    }
    case STOA_FN_EQ:
    case STOA_FN_NE:
    case STOA_FN_LT:
    case STOA_FN_GT:
    case STOA_FN_LE:
    case STOA_FN_GE:
      return compare(r, block, e->function, e->args[0], e->args[1]);
    case STOA_FN_IN:
    case STOA_FN_NOT_IN:
      return in_list(r, block, e);
    case STOA_FN_BOUND:
      return bound(r, block, e->args[0]);
    case STOA_FN_STRSTARTS:
      return has_part(r, block, e, STOA_OP_STARTS);
    case STOA_FN_STRENDS:
      return has_part(r, block, e, STOA_OP_ENDS);
    case STOA_FN_CONTAINS:
      return has_part(r, block, e, STOA_OP_CONTAINS);
    default:
      return NULL;
  }
}

static const stoa_sx *condition_of(stoa_rels *r, const stoa_block *block, const stoa_expr *e)
{
  const stoa_sx *own = own_condition(r, block, e), *truth;
  own = own && stoa_sx_deeper(own, STOA_SX_DEEPEST) ? NULL : own;
  return own ? own : stoa_hosted_truth(r, block, e, &truth) != STOA_CANNOT_SAY ? truth : NULL;
}

stoa_said stoa_sx_condition(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  const stoa_sx *const condition = condition_of(r, block, e);
  if (!condition) {
    return STOA_CANNOT_SAY;
  }
  *out = condition;
  return stoa_sx_is(condition, STOA_OP_FALSE)  ? STOA_SAID_NEVER
         : stoa_sx_is(condition, STOA_OP_TRUE) ? STOA_SAID_UNCHANGED
                                               : STOA_SAID;
}

// ---- an index for instants

// Where instants are kept as texts, no index finds them by their value.  But an instant's text begins with its day and
// hour in some zone, none of which is more than 14 hours off UTC: so the texts around narrow the rows first, and the
// comparison itself stays.  Only where the condition must hold: denied, a row that it has no value for would pass.
static void add_near(stoa_rels *r, const stoa_block *block, const stoa_expr *e, stoa_sx_list *out)
{
  const bool asks = e->kind == STOA_EXPR_CALL && e->n_args == 2 && stoa_sql_op_said(STOA_OP_FROM_NEAR, r->dialect);
  for (int side = 0; side < 2 && asks; ++side) {
    const stoa_function f = side ? stoa_function_mirrored(e->function) : e->function;
    const stoa_expr *const var = e->args[side], *const other = e->args[1 - side];
    const stoa_binding *const b = var->kind == STOA_EXPR_VAR ? stoa_block_find(block, var->var) : NULL;
    const operand x = b ? column_operand(r, b) : (operand){.kind = STOA_OPERAND_NONE};
    const bool known =
      other->kind == STOA_EXPR_TERM || (other->kind == STOA_EXPR_CALL && other->function == STOA_FN_NOW);
    const operand y = known ? operand_of(r, block, other) : (operand){.kind = STOA_OPERAND_NONE};
    const bool stored = x.kind == STOA_OPERAND_TIME && x.text &&
                        (x.text->info->type == STOA_SQL_DATE || x.text->info->type == STOA_SQL_DATETIME);
    if (!stored || y.kind != STOA_OPERAND_TIME) {
      continue;
    }
    if (f == STOA_FN_GT || f == STOA_FN_GE || f == STOA_FN_EQ) {
      STOA_PUSH(r->arena, out, stoa_sx_call(r, STOA_OP_FROM_NEAR, x.text, y.sx));
    }
    if (f == STOA_FN_LT || f == STOA_FN_LE || f == STOA_FN_EQ) {
      STOA_PUSH(r->arena, out, stoa_sx_call(r, STOA_OP_TO_NEAR, x.text, y.sx));
    }
  }
}

// ---- filters

// The block with one more condition in WHERE, and with what lets an index find the rows.
static stoa_block *with_condition(stoa_rels *r, const stoa_block *a, const stoa_expr *e, const stoa_sx *condition)
{
  stoa_sx_list near = {0};
  stoa_block *const block = stoa_block_copy(r, a);
  add_near(r, a, e, &near);
  for (uint32_t i = 0; i < near.n; ++i) {
    stoa_block_add(r, &block->where, near.items[i]);
  }
  stoa_block_add(r, &block->where, condition);
  return block;
}

// A condition on the terms of a row may be asked below DISTINCT, for equal rows meet it alike; not below a group or a
// slice, whose rows depend on others.
bool stoa_block_takes_conditions(const stoa_block *block)
{
  return !block->closed || (block->distinct && !block->grouped && block->limit == UINT64_MAX && !block->offset);
}

static bool all_take_conditions(const stoa_rel *a)
{
  bool all = !a->set;
  for (uint32_t i = 0; i < a->blocks.n && all; ++i) {
    all = stoa_block_takes_conditions(a->blocks.items[i]);
  }
  return all;
}

// Rule 25: a union is filtered block by block, each in the words of its own columns; a block for which the condition is
// false whatever its rows is left out.
stoa_said stoa_rel_filter(stoa_rels *r, const stoa_rel *a, const stoa_expr *expr, const stoa_rel **out)
{
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  const stoa_rel *x = a;
  if (!all_take_conditions(a) && stoa_rel_opened(r, a, &x) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  for (uint32_t i = 0; i < x->blocks.n; ++i) {
    const stoa_block *const block = x->blocks.items[i];
    const stoa_sx *condition;
    const stoa_said said = stoa_sx_condition(r, block, expr, &condition);
    if (said == STOA_CANNOT_SAY) {
      return STOA_CANNOT_SAY;
    }
    if (said != STOA_SAID_NEVER) {
      STOA_PUSH(r->arena, &rel->blocks, with_condition(r, block, expr, condition));
    }
  }
  return stoa_rel_said(rel, out);
}
