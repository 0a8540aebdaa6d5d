// Values of expressions in SQL: the few that SQL gives with SPARQL's meaning, so that a group by the year of a date, or
// a sum of IF(condition, 1, 0), stays one statement.  An error must come out as NULL, and NULL as nothing else.
#include "graph/plan/rel.h"
#include "graph/term/vocab.h"

stoa_binding stoa_binding_computed(stoa_rels *r, stoa_var var, const stoa_sx *sx, stoa_sql_type type,
                                   const char *datatype, bool nullable)
{
  stoa_column_info *const info = STOA_NEW(r->arena, stoa_column_info);
  stoa_sx *const copy = STOA_NEW(r->arena, stoa_sx);
  stoa_ctor *const ctor = STOA_NEW(r->arena, stoa_ctor);
  info->name = "computed";
  info->type = type;
  *copy = *sx;
  copy->info = info;
  ctor->kind = STOA_CTOR_COLUMN;
  ctor->makes = STOA_TERM_TYPED;
  ctor->datatype = stoa_slice_of(datatype);
  ctor->columns[0] = info;
  ctor->n_columns = 1;
  stoa_binding b = {.var = var, .ctor = ctor, .nullable = nullable};
  b.columns[0] = copy;
  return b;
}

// ---- parts of dates

static stoa_sql_op part_name(stoa_function f)
{
  return f == STOA_FN_YEAR    ? STOA_OP_YEAR
         : f == STOA_FN_MONTH ? STOA_OP_MONTH
         : f == STOA_FN_DAY   ? STOA_OP_DAY
                              : STOA_OP_NONE;
}

// A date has one writing, in which its year, month and day stand as SQL gives them; a timestamp with a zone is written
// in UTC, which is the session's.
static stoa_said date_part(stoa_rels *r, const stoa_block *block, const stoa_expr *e, stoa_var var, stoa_binding *out)
{
  const stoa_sql_op part = part_name(e->function);
  const bool of_var = part != STOA_OP_NONE && e->args[0]->kind == STOA_EXPR_VAR;
  const stoa_binding *const b = of_var ? stoa_block_find(block, e->args[0]->var) : NULL;
  if (!b || !stoa_sql_op_said(STOA_OP_PART, r->dialect) || b->nullable || b->guard ||
      b->ctor->kind != STOA_CTOR_COLUMN || b->ctor->makes != STOA_TERM_TYPED) {
    return STOA_CANNOT_SAY;
  }
  const stoa_sql_type type = b->columns[0]->info->type;
  const stoa_kinds kinds = stoa_ctor_kinds(b->ctor);
  if (!(type == STOA_SQL_DATE && kinds == STOA_KIND_DATE) &&
      !(type == STOA_SQL_DATETIME && kinds == STOA_KIND_DATETIME)) {
    return STOA_CANNOT_SAY;
  }
  const stoa_sx *const name = stoa_sx_call(r, part, NULL, NULL);
  *out = stoa_binding_computed(r, var, stoa_sx_call(r, STOA_OP_PART, b->columns[0], name), STOA_SQL_INTEGER,
                               STOA_XSD "integer", true);
  return STOA_SAID;
}

// ---- IF of two whole numbers

static bool is_plain(const stoa_block *block, const stoa_expr *e)
{
  if (e->kind == STOA_EXPR_TERM) {
    return e->term.kind == STOA_TERM_STRING || e->term.kind == STOA_TERM_INTEGER || e->term.kind == STOA_TERM_DECIMAL ||
           e->term.kind == STOA_TERM_IRI;
  }
  const stoa_binding *const b = e->kind == STOA_EXPR_VAR ? stoa_block_find(block, e->var) : NULL;
  if (!b || b->nullable || b->guard) {
    return false;
  }
  const stoa_kinds kinds = stoa_ctor_kinds(b->ctor);
  return kinds == STOA_KIND_STRING || kinds == STOA_KIND_NUMBER || kinds == STOA_KIND_IRI;
}

// A comparison of what is bound and of one kind has a value: SQL's NULL would be left out of a sum, where SPARQL's
// error makes the sum one.
static bool never_errs(const stoa_block *block, const stoa_expr *e)
{
  if (e->kind != STOA_EXPR_CALL) {
    return false;
  }
  switch (e->function) {
    case STOA_FN_AND:
    case STOA_FN_OR:
      return never_errs(block, e->args[0]) && never_errs(block, e->args[1]);
    case STOA_FN_NOT:
      return never_errs(block, e->args[0]);
    case STOA_FN_EQ:
    case STOA_FN_NE:
    case STOA_FN_LT:
    case STOA_FN_LE:
    case STOA_FN_GT:
    case STOA_FN_GE:
      return is_plain(block, e->args[0]) && is_plain(block, e->args[1]);
    default:
      return false;
  }
}

static stoa_said integer_of(stoa_rels *r, const stoa_expr *e, const stoa_sx **out)
{
  if (e->kind != STOA_EXPR_TERM || e->term.kind != STOA_TERM_INTEGER) {
    return STOA_CANNOT_SAY;
  }
  stoa_shape_fix(r->shape, e->constant);
  *out = stoa_sx_number(r, e->term.as.integer);
  return STOA_SAID;
}

// IF of a condition that is never an error is SQL's CASE; one that may be an error would have to give an error, where
// CASE takes NULL for false.
static stoa_said choice(stoa_rels *r, const stoa_block *block, const stoa_expr *e, stoa_var var, stoa_binding *out)
{
  if (!never_errs(block, e->args[0])) {
    return STOA_CANNOT_SAY;
  }
  const bool hosted = r->hosted;
  r->hosted = false;
  const stoa_sx *condition, *a, *b;
  const stoa_said said = stoa_sx_condition(r, block, e->args[0], &condition);
  r->hosted = hosted;
  if (said == STOA_CANNOT_SAY || integer_of(r, e->args[1], &a) == STOA_CANNOT_SAY ||
      integer_of(r, e->args[2], &b) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  const stoa_sx *const args[] = {condition, a, b};
  const stoa_sx *const sx = stoa_sx_call_of(r, STOA_OP_CHOICE, args, 3);
  *out = stoa_binding_computed(r, var, sx, STOA_SQL_INTEGER, STOA_XSD "integer", false);
  return STOA_SAID;
}

stoa_said stoa_binding_of(stoa_rels *r, const stoa_block *block, const stoa_expr *e, stoa_var var, stoa_binding *out)
{
  if (e->kind != STOA_EXPR_CALL) {
    return STOA_CANNOT_SAY;
  }
  return e->function == STOA_FN_IF ? choice(r, block, e, var, out) : date_part(r, block, e, var, out);
}
