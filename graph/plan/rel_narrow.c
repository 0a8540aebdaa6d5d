// Rows for which a condition is certainly not true, where SQL cannot say the condition itself.
//
// CONTAINS(LCASE(?x), "onyx") is asked by the executor, since a database's lower case is not that of all Unicode.  Of
// texts of ASCII alone it is, and the others are few: so SQL keeps the rows whose text in ASCII's lower case has the
// part, and all rows with a text that has other characters; the executor asks the condition of these.
//
// A time without a zone and one that has one are compared by the executor too, for within 14 hours their order is open;
// rows that are farther on the wrong side are left out.
#include "graph/plan/rel.h"

static stoa_sql_op search_of(stoa_function f)
{
  return f == STOA_FN_CONTAINS    ? STOA_OP_CONTAINS
         : f == STOA_FN_STRSTARTS ? STOA_OP_STARTS
         : f == STOA_FN_STRENDS   ? STOA_OP_ENDS
                                  : STOA_OP_NONE;
}

// CONTAINS, STRSTARTS or STRENDS of LCASE or UCASE of a text, and a constant.
static stoa_said near_search(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  const stoa_sql_op search = search_of(e->function);
  const stoa_expr *const folded = search != STOA_OP_NONE ? e->args[0] : NULL;
  if (!folded || folded->kind != STOA_EXPR_CALL || e->args[1]->kind != STOA_EXPR_TERM ||
      stoa_term_text(e->args[1]->term).length == 0 ||
      (folded->function != STOA_FN_LCASE && folded->function != STOA_FN_UCASE)) {
    return STOA_CANNOT_SAY;
  }
  const stoa_sql_op fold = folded->function == STOA_FN_LCASE ? STOA_OP_LOWER : STOA_OP_UPPER;
  const stoa_sx *text, *part;
  if (!stoa_sql_op_said(search, r->dialect) || !stoa_sql_op_said(fold, r->dialect) ||
      stoa_sx_text(r, block, folded->args[0], &text) == STOA_CANNOT_SAY ||
      stoa_sx_text(r, block, e->args[1], &part) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  const stoa_sx *const found = stoa_sx_call(r, search, stoa_sx_call(r, fold, text, NULL), part);
  *out = stoa_sx_call(r, STOA_OP_OR, found, stoa_sx_call(r, STOA_OP_BEYOND_ASCII, text, NULL));
  return STOA_SAID;
}

// A condition that is true wherever `e` is.  Both sides of && must be true, one of those of ||.
static stoa_said near_of(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  if (e->kind != STOA_EXPR_CALL) {
    return STOA_CANNOT_SAY;
  }
  if (e->function != STOA_FN_AND && e->function != STOA_FN_OR) {
    return near_search(r, block, e, out) == STOA_SAID ? STOA_SAID : stoa_sx_widened(r, block, e, out);
  }
  const stoa_sx *a, *b;
  const stoa_said left = near_of(r, block, e->args[0], &a), right = near_of(r, block, e->args[1], &b);
  if (left == STOA_SAID && right == STOA_SAID) {
    *out = stoa_sx_call(r, e->function == STOA_FN_AND ? STOA_OP_AND : STOA_OP_OR, a, b);
    return STOA_SAID;
  }
  if (e->function == STOA_FN_OR || left == right) {
    return STOA_CANNOT_SAY;
  }
  *out = left == STOA_SAID ? a : b;
  return STOA_SAID;
}

stoa_said stoa_rel_narrow(stoa_rels *r, const stoa_rel *a, const stoa_expr *e, const stoa_rel **out)
{
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  bool any = false;
  stoa_rels_speak(r, a->source);
  rel->set = a->set;
  for (uint32_t i = 0; i < a->blocks.n; ++i) {
    const stoa_block *const block = a->blocks.items[i];
    const stoa_sx *near;
    if (!stoa_block_takes_conditions(block) || near_of(r, block, e, &near) == STOA_CANNOT_SAY) {
      STOA_PUSH(r->arena, &rel->blocks, block);
      continue;
    }
    stoa_block *const narrowed = stoa_block_copy(r, block);
    stoa_block_add(r, &narrowed->where, near);
    STOA_PUSH(r->arena, &rel->blocks, narrowed);
    any = true;
  }
  if (!any) {
    return STOA_SAID_UNCHANGED;
  }
  *out = rel;
  return STOA_SAID;
}
