// Comparisons in SQL (rule 30).
//
// A comparison may be said in SQL when it is true, false or NULL for just the rows for which SPARQL's is true, false or
// an error.  That depends on what the compared terms are: numbers of a known datatype, texts without a language, times
// with or without a zone, IRIs by the columns that make them.
#include "graph/plan/rel.h"
#include "graph/term/equality.h"
#include "graph/term/number.h"
#include "graph/term/vocab.h"
#include "graph/term/xsd.h"

typedef enum { ZONE_UNKNOWN, ZONE_NONE, ZONE_SOME } zone_kind;

typedef struct {
  stoa_operand_kind kind; ///< never NONE, which cannot be said
  const stoa_sx *sx;
  zone_kind zone;      ///< of TIME
  const stoa_sx *text; ///< of TIME: the column whose values may have a zone or not
  bool day;            ///< of TIME: an xsd:date, which has no order with an xsd:dateTime (section 17.3)
} operand;

// ---- operands

// A column of dates or timestamps, as the dialect compares it with an instant.
static stoa_said time_operand(stoa_rels *r, const stoa_sx *column, stoa_slice type, stoa_sql_op op, operand *out)
{
  if (!stoa_sql_op_said(op, r->dialect)) {
    return STOA_CANNOT_SAY;
  }
  const stoa_column_info *const info = column->info;
  const bool as_it_is = stoa_sql_op_adds_nothing(op, r->dialect); // an index may find it
  *out = (operand){.kind = STOA_OPERAND_TIME,
                   .sx = as_it_is ? column : stoa_sx_call(r, op, column, NULL),
                   .day = stoa_slice_is(type, STOA_XSD "date")};
  if (r->dialect->typed) {
    out->zone = info->type == STOA_SQL_DATETIME && info->zoned ? ZONE_SOME : ZONE_NONE;
  } else {
    out->text = column;
  }
  return STOA_SAID;
}

static stoa_said number_operand(const stoa_sx *column, stoa_slice type, operand *out)
{
  const bool whole = column->info->type == STOA_SQL_INTEGER && stoa_slice_is(type, STOA_XSD "integer");
  if (!whole && !stoa_slice_is(type, STOA_XSD "decimal") && !stoa_slice_is(type, STOA_XSD "double")) {
    return STOA_CANNOT_SAY;
  }
  *out = (operand){.kind = STOA_OPERAND_NUMBER, .sx = column};
  return STOA_SAID;
}

static stoa_said text_operand(stoa_rels *r, const stoa_sx *column, stoa_slice type, operand *out)
{
  if (stoa_slice_is(type, STOA_XSD "string")) {
    *out = (operand){.kind = STOA_OPERAND_STRING, .sx = column};
    return STOA_SAID;
  }
  const bool time = stoa_slice_is(type, STOA_XSD "dateTime") || stoa_slice_is(type, STOA_XSD "date");
  return time ? time_operand(r, column, type, STOA_OP_TEXT_TIME, out) : STOA_CANNOT_SAY;
}

// A column as an operand: only of a literal whose datatype says that SQL's order and equality are SPARQL's.
static stoa_said column_operand(stoa_rels *r, const stoa_binding *b, operand *out)
{
  if (b->ctor->kind != STOA_CTOR_COLUMN || b->ctor->makes != STOA_TERM_TYPED || b->ctor->language.length || b->guard) {
    return STOA_CANNOT_SAY;
  }
  // A datatype that the column's values may not allow is left to the executor, which tells of them.
  const stoa_slice type = stoa_ctor_datatype(b->ctor);
  switch (b->columns[0]->info->type) {
    case STOA_SQL_INTEGER:
    case STOA_SQL_DECIMAL:
    case STOA_SQL_REAL:
      return number_operand(b->columns[0], type, out);
    case STOA_SQL_TEXT:
      return text_operand(r, b->columns[0], type, out);
    case STOA_SQL_DATETIME:
    case STOA_SQL_DATE: {
      const bool day = b->columns[0]->info->type == STOA_SQL_DATE;
      const bool own = stoa_slice_is(type, day ? STOA_XSD "date" : STOA_XSD "dateTime");
      return own ? time_operand(r, b->columns[0], type, STOA_OP_TIME, out) : STOA_CANNOT_SAY;
    }
    default:
      return STOA_CANNOT_SAY;
  }
}

// A constant as an operand, through shape.h, since the plan may be run for another constant.
static stoa_said term_operand(stoa_rels *r, stoa_term term, uint32_t constant, operand *out)
{
  stoa_param param;
  const stoa_operand_kind kind = stoa_shape_operand(r, term, constant, &param);
  const bool time = kind == STOA_OPERAND_TIME;
  if (kind == STOA_OPERAND_NONE || (time && !stoa_sql_op_said(STOA_OP_INSTANT, r->dialect))) {
    return STOA_CANNOT_SAY;
  }
  const stoa_sx *const sx = stoa_sx_param(r, param);
  *out = (operand){.kind = kind, .sx = time ? stoa_sx_call(r, STOA_OP_INSTANT, sx, NULL) : sx};
  if (time) {
    out->zone = term.flags & STOA_TERM_HAS_ZONE ? ZONE_SOME : ZONE_NONE;
    out->day = term.kind == STOA_TERM_DATE;
  }
  return STOA_SAID;
}

static stoa_said now_operand(stoa_rels *r, const stoa_expr *e, operand *out)
{
  if (!stoa_sql_op_said(STOA_OP_INSTANT, r->dialect)) {
    return STOA_CANNOT_SAY;
  }
  const stoa_param now = {.kind = STOA_PARAM_NOW, .offset_us = e->term.as.integer, .planned_us = r->now_us};
  *out = (operand){.kind = STOA_OPERAND_TIME,
                   .sx = stoa_sx_call(r, STOA_OP_INSTANT, stoa_sx_param(r, now), NULL),
                   .zone = e->any_zone ? ZONE_UNKNOWN : ZONE_SOME};
  return STOA_SAID;
}

static bool is_now(const stoa_expr *e)
{
  return e->kind == STOA_EXPR_CALL && e->function == STOA_FN_NOW;
}

// xsd:dateTime(?x): of an instant itself, of a day the instant at which it begins (XPath's Functions and Operators,
// section 17.1.5), which are the same to SQL.  NULL: e is no such expression.
static const stoa_expr *cast_to_instant(const stoa_expr *e)
{
  return e->kind == STOA_EXPR_CALL && e->function == STOA_FN_CAST && e->args[0]->kind == STOA_EXPR_VAR &&
             stoa_slice_is(stoa_term_text(e->term), STOA_XSD "dateTime")
           ? e->args[0]
           : NULL;
}

static stoa_said operand_of(stoa_rels *r, const stoa_block *block, const stoa_expr *e, operand *out)
{
  const stoa_expr *const cast = cast_to_instant(e);
  if (cast) {
    const stoa_said said = operand_of(r, block, cast, out);
    out->day = false;
    return said == STOA_SAID && out->kind != STOA_OPERAND_TIME ? STOA_CANNOT_SAY : said;
  }
  if (e->kind == STOA_EXPR_TERM) {
    return term_operand(r, e->term, e->constant, out);
  }
  if (is_now(e)) {
    return now_operand(r, e, out);
  }
  const stoa_binding *const b = e->kind == STOA_EXPR_VAR ? stoa_block_find(block, e->var) : NULL;
  if (!b) {
    return STOA_CANNOT_SAY;
  }
  const bool constant = b->ctor->kind == STOA_CTOR_CONSTANT && !b->nullable;
  return constant ? term_operand(r, b->ctor->constant, 0, out) : column_operand(r, b, out);
}

stoa_said stoa_sx_text(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  const stoa_binding *const b = e->kind == STOA_EXPR_VAR ? stoa_block_find(block, e->var) : NULL;
  operand o;
  if (b && !b->guard && b->ctor->kind == STOA_CTOR_COLUMN && stoa_ctor_kinds(b->ctor) == STOA_KIND_LANG &&
      b->columns[0]->info->type == STOA_SQL_TEXT) {
    *out = b->columns[0];
    return STOA_SAID;
  }
  if (operand_of(r, block, e, &o) == STOA_CANNOT_SAY || o.kind != STOA_OPERAND_STRING) {
    return STOA_CANNOT_SAY;
  }
  *out = o.sx;
  return STOA_SAID;
}

// ---- IRIs

// ?x = <iri>: the IRI is taken apart into the columns that make it.  An exact template makes an IRI from one row of
// values only, so that all columns equal is the same as the IRI equal; an IRI that the template never makes is equal to
// none.
static stoa_said iri_equals(stoa_rels *r, const stoa_block *block, const stoa_expr *var, const stoa_expr *constant,
                            bool negated, const stoa_sx **out)
{
  const stoa_binding *const b = var->kind == STOA_EXPR_VAR ? stoa_block_find(block, var->var) : NULL;
  if (!b || b->guard || constant->kind != STOA_EXPR_TERM || !stoa_term_is_iri(constant->term) ||
      b->ctor->makes != STOA_TERM_IRI) {
    return STOA_CANNOT_SAY;
  }
  if (b->ctor->kind == STOA_CTOR_CONSTANT) {
    const bool holds = stoa_shape_same(r, b->ctor->constant, constant->term, constant->constant) != negated;
    if (b->nullable) {
      return STOA_CANNOT_SAY;
    }
    *out = stoa_sx_call(r, holds ? STOA_OP_TRUE : STOA_OP_FALSE, NULL, NULL);
    return STOA_SAID;
  }
  stoa_param params[STOA_TEMPLATE_COLUMNS];
  const stoa_said said = stoa_shape_invert(r, b->ctor, constant->term, constant->constant, params);
  if (said == STOA_CANNOT_SAY || (said == STOA_SAID_NEVER && b->nullable)) {
    return STOA_CANNOT_SAY;
  }
  if (said == STOA_SAID_NEVER) {
    *out = stoa_sx_call(r, negated ? STOA_OP_TRUE : STOA_OP_FALSE, NULL, NULL);
    return STOA_SAID;
  }
  const stoa_sx *all = NULL;
  for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
    const stoa_sx *const one = stoa_sx_equals_param(r, b->columns[k], params[k]);
    all = all ? stoa_sx_call(r, STOA_OP_AND, all, one) : one;
  }
  *out = negated ? stoa_sx_call(r, STOA_OP_NOT, all, NULL) : all;
  return STOA_SAID;
}

// ---- comparisons

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

static stoa_said compare_texts(stoa_rels *r, stoa_function f, const stoa_sx *x, const stoa_sx *y, const stoa_sx **out)
{
  if (f == STOA_FN_NE && stoa_sql_op_said(STOA_OP_SAME_TEXT, r->dialect)) {
    *out = stoa_sx_call(r, STOA_OP_NOT, stoa_sx_call(r, STOA_OP_SAME_TEXT, x, y), NULL);
    return STOA_SAID;
  }
  const bool by_order = f != STOA_FN_EQ && f != STOA_FN_NE;
  if (by_order && !stoa_sql_op_said(STOA_OP_BY_CODE_POINT, r->dialect)) {
    return STOA_CANNOT_SAY;
  }
  const stoa_sx *const ordered = by_order ? stoa_sx_call(r, STOA_OP_BY_CODE_POINT, x, NULL) : x;
  *out = stoa_sx_call(r, sql_comparison(f), ordered, y);
  return STOA_SAID;
}

// Two times as SQL may compare them.  An order that XSD leaves open, for only one of the two has a zone, is an error
// (section 3.2.7.4 of XML Schema 2).  UNCHANGED: by their values.
static stoa_said meet_zones(stoa_rels *r, operand *x, operand *y)
{
  for (int i = 0; i < 2; ++i) {
    operand *const column = i ? y : x, *const other = i ? x : y;
    const stoa_sql_op near = other->zone == ZONE_SOME ? STOA_OP_TIME_NEAR_ZONE : STOA_OP_TIME_NEAR_NO_ZONE;
    if (column->text && other->zone != ZONE_UNKNOWN && stoa_sql_op_said(near, r->dialect)) {
      column->sx = stoa_sx_call(r, near, column->text, other->sx);
      return STOA_SAID;
    }
  }
  const bool meet = x->zone == ZONE_UNKNOWN || y->zone == ZONE_UNKNOWN || x->zone == y->zone;
  return meet ? STOA_SAID_UNCHANGED : STOA_CANNOT_SAY;
}

static stoa_said compare_times(stoa_rels *r, stoa_function f, operand x, operand y, const stoa_sx **out)
{
  if (x.day != y.day || meet_zones(r, &x, &y) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  *out = stoa_sx_call(r, sql_comparison(f), x.sx, y.sx);
  return STOA_SAID;
}

// Operands of different kinds are not compared here: SPARQL's answer is an error or, for = and !=, depends on the terms
// (section 17.4.1.7).
static stoa_said compare_operands(stoa_rels *r, stoa_function f, const operand *x, const operand *y,
                                  const stoa_sx **out)
{
  if (x->kind != y->kind) {
    return STOA_CANNOT_SAY;
  }
  switch (x->kind) {
    case STOA_OPERAND_STRING:
      return compare_texts(r, f, x->sx, y->sx, out);
    case STOA_OPERAND_TIME:
      return compare_times(r, f, *x, *y, out);
    default:
      *out = compare_numbers(r, f, x->sx, y->sx);
      return STOA_SAID;
  }
}

stoa_said stoa_sx_compare(stoa_rels *r, const stoa_block *block, stoa_function f, const stoa_expr *a,
                          const stoa_expr *b, const stoa_sx **out)
{
  const bool equates = f == STOA_FN_EQ || f == STOA_FN_NE;
  if (equates && (iri_equals(r, block, a, b, f == STOA_FN_NE, out) == STOA_SAID ||
                  iri_equals(r, block, b, a, f == STOA_FN_NE, out) == STOA_SAID)) {
    return STOA_SAID;
  }
  operand x, y;
  if (operand_of(r, block, a, &x) == STOA_CANNOT_SAY || operand_of(r, block, b, &y) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  return compare_operands(r, f, &x, &y, out);
}

// ---- times of which one has a zone

static stoa_said widened(stoa_rels *r, stoa_function f, const stoa_sx *x, const stoa_sx *y, const stoa_sx **out)
{
  const stoa_sx *const from = stoa_sx_call(r, STOA_OP_FROM_NEAR, x, y), *const to =
                                                                          stoa_sx_call(r, STOA_OP_TO_NEAR, x, y);
  switch (f) {
    case STOA_FN_GT:
    case STOA_FN_GE:
      *out = from;
      return STOA_SAID;
    case STOA_FN_LT:
    case STOA_FN_LE:
      *out = to;
      return STOA_SAID;
    case STOA_FN_EQ:
      *out = stoa_sx_call(r, STOA_OP_AND, from, to);
      return STOA_SAID;
    default:
      return STOA_CANNOT_SAY;
  }
}

stoa_said stoa_sx_widened(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  operand x, y;
  if (e->kind != STOA_EXPR_CALL || e->n_args != 2 || !r->dialect->typed ||
      !stoa_sql_op_said(STOA_OP_FROM_NEAR, r->dialect) || operand_of(r, block, e->args[0], &x) == STOA_CANNOT_SAY ||
      operand_of(r, block, e->args[1], &y) == STOA_CANNOT_SAY || x.kind != STOA_OPERAND_TIME ||
      y.kind != STOA_OPERAND_TIME || x.day != y.day || meet_zones(r, &x, &y) != STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  // The column stands alone on its side.
  return x.sx->kind == STOA_SX_COLUMN ? widened(r, e->function, x.sx, y.sx, out)
                                      : widened(r, stoa_function_mirrored(e->function), y.sx, x.sx, out);
}

// ---- an index for instants

// Where instants are kept as texts, no index finds them by their value.  But an instant's text begins with its day and
// hour in some zone, none of which is more than 14 hours off UTC: so the texts around narrow the rows first, and the
// comparison itself stays.
void stoa_sx_near(stoa_rels *r, const stoa_block *block, const stoa_expr *e, stoa_sx_list *out)
{
  const bool asks = e->kind == STOA_EXPR_CALL && e->n_args == 2 && stoa_sql_op_said(STOA_OP_FROM_NEAR, r->dialect);
  for (int side = 0; side < 2 && asks; ++side) {
    const stoa_function f = side ? stoa_function_mirrored(e->function) : e->function;
    const stoa_expr *const cast = cast_to_instant(e->args[side]), *const var = cast ? cast : e->args[side];
    const stoa_expr *const other = e->args[1 - side];
    const stoa_binding *const b = var->kind == STOA_EXPR_VAR ? stoa_block_find(block, var->var) : NULL;
    operand x, y;
    if (!b || column_operand(r, b, &x) == STOA_CANNOT_SAY || x.kind != STOA_OPERAND_TIME || !x.text ||
        (x.text->info->type != STOA_SQL_DATE && x.text->info->type != STOA_SQL_DATETIME) ||
        (other->kind != STOA_EXPR_TERM && !is_now(other)) || operand_of(r, block, other, &y) == STOA_CANNOT_SAY ||
        y.kind != STOA_OPERAND_TIME) {
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
