// Expressions and aggregates that a source's SQL hands back: its values become terms, the executor's own
// functions are applied, and the term goes back packed.
#include "graph/exec/hosted.h"
#include "graph/exec/fold.h"
#include "graph/exec/make.h"
#include "graph/term/packed.h"

typedef struct {
  stoa_source_call base;
  const stoa_hosted *hosted;
  stoa_run *run;
  stoa_arena scratch; ///< of one call
  stoa_buf packed;    ///< the value given out
  stoa_plan_node node;
  stoa_batch batch; ///< one row: the bindings' terms
  stoa_term **columns;
  stoa_term *terms;
} hosted_call;

typedef struct {
  stoa_fold fold;
  stoa_table seen; ///< of DISTINCT
} hosted_group;

static stoa_status read_row(hosted_call *c, const stoa_value *args, uint32_t n, stoa_error *err)
{
  uint32_t at = 0;
  for (uint32_t i = 0; i < c->hosted->n_bindings; ++i) {
    const stoa_binding *const b = &c->hosted->bindings[i];
    const stoa_value *row[STOA_MAKE_COLUMNS];
    for (uint32_t k = 0; k < stoa_make_width(b) && at < n; ++k) {
      row[k] = &args[at++];
    }
    STOA_TRY(stoa_make_term(b, row, &c->scratch, &c->terms[i], err));
  }
  return STOA_OK;
}

static void pack(hosted_call *c, stoa_term term, stoa_value *out)
{
  c->packed.length = 0;
  stoa_term_pack(term, &c->packed);
  *out = stoa_term_is_bound(term) ? (stoa_value){.kind = STOA_VALUE_TEXT, .text = {c->packed.data, c->packed.length}}
                                  : (stoa_value){.kind = STOA_VALUE_NULL};
}

static stoa_scope scope_of(hosted_call *c)
{
  return (stoa_scope){&c->node, &c->batch, 0, &c->scratch, c->run, 0};
}

static stoa_status apply(stoa_source_call *base, const stoa_value *args, uint32_t n, stoa_value *out, stoa_error *err)
{
  hosted_call *const c = (hosted_call *)base;
  const stoa_hosted *const h = c->hosted;
  stoa_arena_reset(&c->scratch);
  if (h->kind == STOA_HOSTED_CELL) {
    const stoa_slot_rows rows = stoa_run_rows(c->run, h->values);
    const bool inside = n == 1 && args[0].kind == STOA_VALUE_INTEGER && (uint64_t)args[0].as.integer < rows.n_rows;
    pack(c, inside ? rows.terms[(size_t)args[0].as.integer * h->values->n_vars + h->column] : (stoa_term){0}, out);
    return STOA_OK;
  }
  STOA_TRY(read_row(c, args, n, err));
  const stoa_scope scope = scope_of(c);
  if (h->kind == STOA_HOSTED_TRUTH) {
    const int truth = stoa_eval_condition(h->expr, &scope);
    *out = (stoa_value){.kind = truth < 0 ? STOA_VALUE_NULL : STOA_VALUE_INTEGER, .as.integer = truth};
  } else {
    pack(c, stoa_eval(h->expr, &scope), out);
  }
  return c->run->failed.status == STOA_OK ? STOA_OK : stoa_run_check(c->run, err);
}

static void *begin(stoa_source_call *base)
{
  hosted_call *const c = (hosted_call *)base;
  hosted_group *const g = STOA_NEW(&c->run->arena, hosted_group);
  stoa_fold_begin(&g->fold, c->hosted->aggregate, &c->run->arena);
  g->seen.n_columns = c->hosted->aggregate->expr ? 1 : c->hosted->n_bindings;
  return g;
}

static stoa_status step(stoa_source_call *base, void *group, const stoa_value *args, uint32_t n, stoa_error *err)
{
  hosted_call *const c = (hosted_call *)base;
  hosted_group *const g = group;
  const stoa_aggregate *const aggregate = c->hosted->aggregate;
  bool is_new = true;
  stoa_arena_reset(&c->scratch);
  STOA_TRY(read_row(c, args, n, err));
  const stoa_scope scope = scope_of(c);
  const stoa_term value = aggregate->expr ? stoa_eval(aggregate->expr, &scope) : stoa_term_boolean(true);
  if (aggregate->distinct && stoa_term_is_bound(value)) {
    stoa_table_intern(&g->seen, &c->run->arena, aggregate->expr ? &value : c->terms, &is_new);
  }
  if (is_new) {
    stoa_fold_add(&g->fold, aggregate, value, 1, &c->run->arena, &c->scratch);
  }
  return stoa_run_check(c->run, err);
}

static stoa_status end(stoa_source_call *base, void *group, stoa_value *out, stoa_error *err)
{
  hosted_call *const c = (hosted_call *)base;
  hosted_group *const g = group ? group : begin(base);
  (void)err;
  stoa_arena_reset(&c->scratch);
  pack(c, stoa_fold_result(&g->fold, c->hosted->aggregate, &c->scratch), out);
  return STOA_OK;
}

static void call_done(void *data)
{
  hosted_call *const c = data;
  stoa_buf_done(&c->packed);
  stoa_arena_done(&c->scratch);
}

stoa_source_call *stoa_hosted_call_new(stoa_run *run, const stoa_hosted *hosted)
{
  hosted_call *const c = STOA_NEW(&run->arena, hosted_call);
  c->base = (stoa_source_call){apply, begin, step, end};
  c->hosted = hosted;
  c->run = run;
  stoa_arena_init(&c->scratch, 0);
  c->scratch.charge = &run->arena;
  c->node.vars = hosted->vars;
  c->node.n_vars = hosted->n_bindings;
  c->terms = STOA_NEWS(&run->arena, stoa_term, hosted->n_bindings + 1);
  c->columns = STOA_NEWS(&run->arena, stoa_term *, hosted->n_bindings + 1);
  for (uint32_t i = 0; i < hosted->n_bindings; ++i) {
    c->columns[i] = &c->terms[i];
  }
  c->batch = (stoa_batch){.n_rows = 1, .n_columns = hosted->n_bindings, .columns = c->columns};
  stoa_arena_on_done(&run->arena, call_done, c);
  return &c->base;
}
