// EXISTS inside an expression (section 18.6): the row's bindings are substituted into the pattern, which is
// planned and asked for its first row.  Answers are kept by the bindings that the pattern reads.  An EXISTS
// that stands alone in a FILTER and reads nothing from outside is a semi-join instead (planner.c).
#include "graph/exec/eval.h"
#include "graph/plan/planning.h"

struct stoa_exists {
  const stoa_expr *expr;
  const stoa_var *vars; ///< that the pattern mentions
  uint32_t n_vars;
  stoa_table seen; ///< their terms
  STOA_LIST(bool) truths;
  struct stoa_exists *next;
};

typedef struct {
  stoa_arena *arena;
  const stoa_exists *exists;
  const stoa_term *row;
} substitution;

static void see_var(stoa_var var, void *data)
{
  ((bool *)data)[var] = true;
}

static void mentioned(const stoa_node *node, bool *seen);

static void mentioned_in(const stoa_expr *e, bool *seen)
{
  stoa_expr_vars(e, see_var, seen);
  if (e->kind == STOA_EXPR_EXISTS) {
    mentioned(e->pattern, seen);
  }
  for (uint32_t i = 0; i < e->n_args; ++i) {
    mentioned_in(e->args[i], seen);
  }
}

static void mentioned(const stoa_node *node, bool *seen)
{
  stoa_node_vars(node, seen);
  if (node->expr) {
    mentioned_in(node->expr, seen);
  }
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    mentioned(node->inputs[i], seen);
  }
}

static stoa_exists *find(const stoa_expr *e, stoa_run *run)
{
  for (stoa_exists *x = run->exists; x; x = x->next) {
    if (x->expr == e) {
      return x;
    }
  }
  const uint32_t n = run->plan->query->n_vars;
  bool *const seen = STOA_NEWS(&run->arena, bool, n + 1);
  stoa_var *const vars = STOA_NEWS(&run->arena, stoa_var, n + 1);
  stoa_exists *const x = STOA_NEW(&run->arena, stoa_exists);
  mentioned(e->pattern, seen);
  for (stoa_var v = 0; v < n; ++v) {
    if (seen[v]) {
      vars[x->n_vars++] = v;
    }
  }
  x->expr = e;
  x->vars = vars;
  x->seen.n_columns = x->n_vars;
  x->next = run->exists;
  run->exists = x;
  return x;
}

static stoa_term value_of(const substitution *s, stoa_var var)
{
  for (uint32_t i = 0; i < s->exists->n_vars; ++i) {
    if (s->exists->vars[i] == var) {
      return s->row[i];
    }
  }
  return (stoa_term){0};
}

static stoa_slot substituted_slot(const substitution *s, stoa_slot slot)
{
  const stoa_term value = slot.var == STOA_NO_VAR ? (stoa_term){0} : value_of(s, slot.var);
  return stoa_term_is_bound(value) ? (stoa_slot){.var = STOA_NO_VAR, .term = value} : slot;
}

static const stoa_node *substituted(const substitution *s, const stoa_node *node);

static const stoa_expr *substituted_expr(const substitution *s, const stoa_expr *e)
{
  if (!e) {
    return NULL;
  }
  stoa_expr *const copy = STOA_NEW(s->arena, stoa_expr);
  *copy = *e;
  const stoa_term value = e->kind == STOA_EXPR_VAR ? value_of(s, e->var) : (stoa_term){0};
  if (stoa_term_is_bound(value)) {
    copy->kind = STOA_EXPR_TERM;
    copy->term = value;
  }
  if (e->kind == STOA_EXPR_EXISTS) {
    copy->pattern = substituted(s, e->pattern);
  }
  copy->args = STOA_NEWS(s->arena, const stoa_expr *, e->n_args + 1);
  for (uint32_t i = 0; i < e->n_args; ++i) {
    copy->args[i] = substituted_expr(s, e->args[i]);
  }
  return copy;
}

static void substitute_patterns(const substitution *s, stoa_node *node)
{
  stoa_pattern *const patterns = STOA_NEWS(s->arena, stoa_pattern, node->n_patterns + 1);
  for (uint32_t i = 0; i < node->n_patterns; ++i) {
    patterns[i] = node->patterns[i];
    patterns[i].subject = substituted_slot(s, patterns[i].subject);
    patterns[i].predicate = substituted_slot(s, patterns[i].predicate);
    patterns[i].object = substituted_slot(s, patterns[i].object);
    patterns[i].graph = substituted_slot(s, patterns[i].graph);
  }
  node->patterns = patterns;
}

static const stoa_node *substituted(const substitution *s, const stoa_node *node)
{
  stoa_node *const copy = STOA_NEW(s->arena, stoa_node);
  *copy = *node;
  substitute_patterns(s, copy);
  copy->expr = substituted_expr(s, node->expr);
  for (int i = 0; i < 2; ++i) {
    copy->ends[i] = substituted_slot(s, node->ends[i]);
    // What SERVICE sends stays as it was written; the row reaches it by VALUES (with_row).
    const bool stays = !node->inputs[i] || node->kind == STOA_NODE_SERVICE;
    copy->inputs[i] = stays ? node->inputs[i] : substituted(s, node->inputs[i]);
  }
  copy->graph = substituted_slot(s, node->graph);
  stoa_aggregate *const aggregates = STOA_NEWS(s->arena, stoa_aggregate, node->n_aggregates + 1);
  for (uint32_t i = 0; i < node->n_aggregates; ++i) {
    aggregates[i] = node->aggregates[i];
    aggregates[i].expr = substituted_expr(s, node->aggregates[i].expr);
  }
  copy->aggregates = aggregates;
  return copy;
}

// VALUES and sub-selects keep their variables: the row is joined to the pattern as a row of VALUES.
static const stoa_node *with_row(const substitution *s, const stoa_node *pattern)
{
  stoa_node *const values = STOA_NEW(s->arena, stoa_node);
  stoa_node *const join = STOA_NEW(s->arena, stoa_node);
  stoa_var *const vars = STOA_NEWS(s->arena, stoa_var, s->exists->n_vars + 1);
  stoa_term *const terms = STOA_NEWS(s->arena, stoa_term, s->exists->n_vars + 1);
  values->kind = STOA_NODE_VALUES;
  for (uint32_t i = 0; i < s->exists->n_vars; ++i) {
    if (stoa_term_is_bound(s->row[i])) {
      vars[values->n_vars] = s->exists->vars[i];
      terms[values->n_vars++] = s->row[i];
    }
  }
  values->vars = vars;
  values->rows = terms;
  values->n_rows = 1;
  join->kind = STOA_NODE_JOIN;
  join->inputs[0] = values;
  join->inputs[1] = pattern;
  return values->n_vars ? join : pattern;
}

static stoa_status ask(stoa_run *run, const substitution *s, bool *out, stoa_error *err)
{
  stoa_query query = *run->plan->query;
  const stoa_plan *plan;
  stoa_run *inner;
  const stoa_batch *batch = NULL;
  query.root = with_row(s, substituted(s, s->exists->expr->pattern));
  STOA_TRY(stoa_plan_make(&query, run->plan->rewriter, run->context, s->arena, &plan, err));
  STOA_TRY(stoa_run_open_inside(run, plan, &inner, err));
  const stoa_status status = stoa_run_next(inner, &batch, err);
  *out = batch != NULL;
  stoa_run_close(inner);
  return status;
}

// What stands in a query is no template with its values: the planner would take it for another kind of constant.
static const stoa_term *spelt(const stoa_term *row, uint32_t n, stoa_arena *arena)
{
  stoa_term *const out = STOA_NEWS(arena, stoa_term, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    out[i] = row[i].kind == STOA_TERM_BUILT ? stoa_term_iri(stoa_term_lexical(row[i], arena)) : row[i];
  }
  return out;
}

int stoa_exists_apply(const stoa_expr *e, const stoa_scope *scope)
{
  stoa_run *const run = scope->run;
  stoa_exists *const x = find(e, run);
  stoa_term *const row = STOA_NEWS(scope->arena, stoa_term, x->n_vars + 1);
  for (uint32_t i = 0; i < x->n_vars; ++i) {
    const int column = stoa_plan_column(scope->node, x->vars[i]);
    row[i] = column < 0 ? (stoa_term){0} : scope->batch->columns[column][scope->row];
  }
  bool is_new;
  const uint32_t at = stoa_table_intern(&x->seen, &run->arena, row, &is_new);
  if (is_new) {
    stoa_arena arena;
    bool truth = false;
    stoa_arena_init(&arena, 0);
    arena.charge = &run->arena;
    const substitution s = {&arena, x, spelt(row, x->n_vars, &arena)};
    if (run->failed.status == STOA_OK) {
      ask(run, &s, &truth, &run->failed);
    }
    stoa_arena_done(&arena);
    STOA_PUSH(&run->arena, &x->truths, truth);
  }
  return x->truths.items[at] != e->negated;
}
