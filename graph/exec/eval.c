// Expressions, row by row.  Operators that look at errors (||, &&, IF, COALESCE, BOUND, IN) are here; functions of
// values are found in the table of functions.c.
#include "graph/exec/eval.h"
#include "graph/exec/function.h"
#include "graph/term/compare.h"
#include "graph/term/equality.h"
#include <stdlib.h>

enum { MOST_ARGS = 8 };

static const stoa_term failure = {0};

static stoa_term truth_term(int truth)
{
  return truth < 0 ? failure : stoa_term_boolean(truth);
}

static stoa_term eval_in(const stoa_expr *e, const stoa_scope *scope)
{
  const stoa_term item = stoa_eval(e->args[0], scope);
  if (!stoa_term_is_bound(item)) {
    return failure; // nothing is sought, not even among nothing
  }
  if (e->sorted && (stoa_term_is_iri(item) || item.kind == STOA_TERM_STRING)) {
    const bool there = bsearch(&item, e->sorted, e->n_args - 1, sizeof item, stoa_term_order_at) != NULL;
    return stoa_term_boolean(there == (e->function == STOA_FN_IN));
  }
  int found = 0;
  for (uint32_t i = 1; i < e->n_args && found != 1; ++i) {
    const int one = stoa_term_compare(STOA_COMPARE_EQ, item, stoa_eval(e->args[i], scope));
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
      return truth < 0 ? failure : stoa_eval(e->args[truth ? 1 : 2], scope);
    }
    case STOA_FN_COALESCE:
      for (uint32_t i = 0; i < e->n_args; ++i) {
        const stoa_term t = stoa_eval(e->args[i], scope);
        if (stoa_term_is_bound(t)) {
          return t;
        }
      }
      return failure;
    default:
      break;
  }
  stoa_term few[MOST_ARGS];
  stoa_term *const args = e->n_args <= MOST_ARGS ? few : STOA_NEWS(scope->arena, stoa_term, e->n_args);
  for (uint32_t i = 0; i < e->n_args; ++i) {
    args[i] = stoa_eval(e->args[i], scope);
    if (!stoa_term_is_bound(args[i])) {
      return failure;
    }
  }
  const stoa_call call = {e, args, e->n_args, scope->arena, scope->run, scope->first_row + scope->row};
  return stoa_run_may_go_on(scope->run) ? stoa_function_apply(&call) : failure;
}

stoa_term stoa_eval(const stoa_expr *e, const stoa_scope *scope)
{
  switch (e->kind) {
    case STOA_EXPR_TERM:
      return e->term;
    case STOA_EXPR_VAR: {
      const int column = stoa_plan_column(scope->node, e->var);
      return column < 0 ? failure : scope->batch->columns[column][scope->row];
    }
    case STOA_EXPR_CALL:
      return eval_call(e, scope);
    case STOA_EXPR_EXISTS:
      return stoa_term_boolean(stoa_exists_apply(e, scope));
  }
  return failure;
}

// What was made on the way to a truth is not asked for again.
int stoa_eval_condition(const stoa_expr *e, const stoa_scope *scope)
{
  const stoa_arena_mark mark = stoa_arena_note(scope->arena);
  const int truth = stoa_term_truth(stoa_eval(e, scope));
  stoa_arena_rewind(scope->arena, &mark);
  return truth;
}
