// From algebra to plan.  Every node first tries to stay one relation of SQL; what SQL cannot say with
// SPARQL's meaning becomes an operator of the executor over it.  VALUES is pushed down as a restriction
// through every operator that lets it pass, so that a look-up of one customer reads one customer.
#include "graph/plan/planner.h"
#include "graph/plan/shape.h"
#include "graph/term/equality.h"

stoa_plan_node *stoa_plan_node_new(stoa_planner *p, stoa_plan_kind kind, const stoa_plan_node *a,
                                   const stoa_plan_node *b)
{
  stoa_plan_node *const node = STOA_NEW(p->arena, stoa_plan_node);
  node->kind = kind;
  node->inputs[0] = a;
  node->inputs[1] = b;
  return node;
}

stoa_var stoa_plan_extra_var(stoa_planner *p)
{
  const char *const name = stoa_arena_print(p->arena, "_:c%u", p->extra_names.n);
  STOA_PUSH(p->arena, &p->extra_names, name);
  return p->rels.query->n_vars + p->extra_names.n - 1;
}

int stoa_plan_column(const stoa_plan_node *node, stoa_var var)
{
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    if (node->vars[i] == var) {
      return (int)i;
    }
  }
  return -1;
}

void stoa_plan_merge_vars(stoa_planner *p, stoa_plan_node *node)
{
  uint32_t most = 0;
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    most += node->inputs[i]->n_vars;
  }
  stoa_var *const vars = STOA_NEWS(p->arena, stoa_var, most + 1);
  node->vars = vars;
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    for (uint32_t k = 0; k < node->inputs[i]->n_vars; ++k) {
      if (stoa_plan_column(node, node->inputs[i]->vars[k]) < 0) {
        vars[node->n_vars++] = node->inputs[i]->vars[k];
      }
    }
  }
}

bool stoa_piece_has(const stoa_piece *piece, stoa_var var)
{
  if (!piece->rel) {
    return piece->node && stoa_plan_column(piece->node, var) >= 0;
  }
  for (uint32_t i = 0; i < piece->rel->blocks.n; ++i) {
    if (!stoa_block_find(piece->rel->blocks.items[i], var)) {
      return false;
    }
  }
  return piece->rel->blocks.n > 0;
}

static const stoa_plan_node *sql_node(stoa_planner *p, const stoa_rel *rel)
{
  stoa_plan_node *const node = stoa_plan_node_new(p, rel->blocks.n ? STOA_PLAN_SQL : STOA_PLAN_EMPTY, NULL, NULL);
  stoa_var *vars = NULL;
  uint32_t capacity = 0;
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    for (uint32_t k = 0; k < rel->blocks.items[i]->bindings.n; ++k) {
      const stoa_var var = rel->blocks.items[i]->bindings.items[k].var;
      if (stoa_plan_column(node, var) < 0) {
        if (node->n_vars == capacity) {
          vars = stoa_arena_grow(p->arena, vars, node->n_vars, &capacity, sizeof *vars);
        }
        node->vars = vars;
        vars[node->n_vars++] = var;
      }
    }
  }
  if (rel->blocks.n == 0) {
    return node;
  }
  stoa_params params = {0};
  stoa_buf text = {0};
  stoa_rel_print(&p->rels, rel, &params, &node->layout, &text);
  node->source = rel->source;
  node->rel = rel;
  node->sql = stoa_arena_copy(p->arena, (stoa_slice){text.data, text.length});
  node->params = params.items;
  node->n_params = params.n;
  stoa_buf_done(&text);
  return node;
}

// A UNION of SQL that compares rows must make its terms alike; else each block is read and the
// executor drops what is there twice.
const stoa_plan_node *stoa_piece_node(stoa_planner *p, const stoa_piece *piece)
{
  if (!piece->rel) {
    return piece->node;
  }
  if (!piece->rel->set) {
    return sql_node(p, piece->rel);
  }
  const stoa_block *const open = stoa_rel_open(&p->rels, piece->rel);
  stoa_rel *const rel = STOA_NEW(p->arena, stoa_rel);
  rel->source = piece->rel->source;
  if (open) {
    STOA_PUSH(p->arena, &rel->blocks, open);
    return sql_node(p, rel);
  }
  rel->blocks.items = piece->rel->blocks.items;
  rel->blocks.n = piece->rel->blocks.n;
  stoa_plan_node *const distinct = stoa_plan_node_new(p, STOA_PLAN_DISTINCT, sql_node(p, rel), NULL);
  stoa_plan_merge_vars(p, distinct);
  return distinct;
}

static const stoa_rel *apply(stoa_planner *p, stoa_plan_kind kind, const stoa_rel *a, const stoa_rel *b,
                             const stoa_expr *condition)
{
  switch (kind) {
    case STOA_PLAN_JOIN:
      return stoa_rel_join(&p->rels, a, b);
    case STOA_PLAN_LEFT_JOIN:
      return stoa_rel_left_join(&p->rels, a, b, condition);
    default:
      return stoa_rel_union(&p->rels, a, b);
  }
}

// Two pieces of one source by an operator of relations; NULL when SQL cannot say it.
const stoa_rel *stoa_plan_in_sql(stoa_planner *p, stoa_plan_kind kind, const stoa_piece *a, const stoa_piece *b,
                                 const stoa_expr *condition)
{
  const stoa_rel *x = a->rel, *y = b->rel, *rel = NULL;
  if (p->options.plain) {
    return NULL;
  }
  if (x && y && x->source == y->source) {
    rel = apply(p, kind, x, y, condition);
  }
  if (!rel && stoa_plan_host(p, a, b, &x, &y)) {
    rel = apply(p, kind, x, y, condition);
    p->rels.hosted = false;
  }
  return rel;
}

stoa_piece stoa_piece_join(stoa_planner *p, const stoa_piece *a, const stoa_piece *b)
{
  const stoa_rel *const rel = stoa_plan_in_sql(p, STOA_PLAN_JOIN, a, b, NULL);
  if (rel) {
    return (stoa_piece){.rel = rel};
  }
  const stoa_plan_node *const x = stoa_piece_node(p, a), *const y = stoa_piece_node(p, b);
  if (x->kind == STOA_PLAN_EMPTY || y->kind == STOA_PLAN_EMPTY) {
    stoa_plan_node *const none = stoa_plan_node_new(p, STOA_PLAN_EMPTY, x, y);
    stoa_plan_merge_vars(p, none);
    none->inputs[0] = none->inputs[1] = NULL;
    return (stoa_piece){.node = none};
  }
  const stoa_plan_node *const both =
    p->options.plain ? NULL : stoa_quads_merged(p, stoa_piece_quads(a), stoa_piece_quads(b));
  if (both) {
    return (stoa_piece){.node = both};
  }
  for (int i = 0; i < 2 && !p->options.plain; ++i) {
    const stoa_plan_node *const quads = stoa_piece_quads(i ? a : b);
    stoa_plan_node *const over = quads ? stoa_quads_over(p, i ? y : x, quads, STOA_QUADS_JOIN) : NULL;
    if (over) {
      return (stoa_piece){.node = over};
    }
  }
  // The side with fewer rows asks, the other one is read, and perhaps only for what the first has.
  const bool turned = !p->options.plain && stoa_plan_rows(y) < stoa_plan_rows(x);
  stoa_plan_node *const join = stoa_plan_node_new(p, STOA_PLAN_JOIN, turned ? y : x, turned ? x : y);
  stoa_plan_merge_vars(p, join);
  stoa_plan_bind_right(p, join);
  return (stoa_piece){.node = join};
}

stoa_plan_node *stoa_plan_over(stoa_planner *p, stoa_plan_kind kind, const stoa_node *node, const stoa_piece *input)
{
  stoa_plan_node *const n = stoa_plan_node_new(p, kind, stoa_piece_node(p, input), NULL);
  n->node = node;
  n->expr = node->expr;
  stoa_plan_merge_vars(p, n);
  return n;
}

const stoa_restriction *stoa_plan_keep(stoa_planner *p, const stoa_restriction *all, const stoa_node *child,
                                       const stoa_var *only, uint32_t n_only)
{
  const stoa_restriction *kept = NULL;
  for (; all; all = all->next) {
    bool passes = child ? stoa_node_binds(child, all->values->vars[0]) : false;
    for (uint32_t i = 0; only && i < n_only; ++i) {
      passes |= only[i] == all->values->vars[0];
    }
    if (passes) {
      stoa_restriction *const one = STOA_NEW(p->arena, stoa_restriction);
      *one = (stoa_restriction){all->values, kept};
      kept = one;
    }
  }
  return kept;
}

static stoa_status plan_union(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                              stoa_piece *out)
{
  stoa_piece a, b;
  STOA_TRY(stoa_plan_algebra(p, node->inputs[0], restrictions, &a));
  STOA_TRY(stoa_plan_algebra(p, node->inputs[1], restrictions, &b));
  const stoa_rel *const rel = stoa_plan_in_sql(p, STOA_PLAN_UNION, &a, &b, NULL);
  if (rel) {
    *out = (stoa_piece){.rel = rel};
    return STOA_OK;
  }
  stoa_plan_node *const both = stoa_plan_node_new(p, STOA_PLAN_UNION, stoa_piece_node(p, &a), stoa_piece_node(p, &b));
  stoa_plan_merge_vars(p, both);
  *out = (stoa_piece){.node = both};
  return STOA_OK;
}

static stoa_status plan_extend(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                               stoa_piece *out)
{
  stoa_piece input;
  STOA_TRY(stoa_plan_algebra(p, node->inputs[0], stoa_plan_keep(p, restrictions, node->inputs[0], NULL, 0), &input));
  const stoa_rel *const rel = input.rel ? stoa_rel_extend(&p->rels, input.rel, node->var, node->expr) : NULL;
  if (rel) {
    *out = (stoa_piece){.rel = rel};
    return STOA_OK;
  }
  stoa_plan_node *const extend = stoa_plan_over(p, STOA_PLAN_EXTEND, node, &input);
  stoa_plan_append_var(p, extend, node->var);
  *out = (stoa_piece){.node = extend};
  return STOA_OK;
}

static stoa_status plan_project(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                                stoa_piece *out)
{
  stoa_piece input;
  STOA_TRY(
    stoa_plan_algebra(p, node->inputs[0], stoa_plan_keep(p, restrictions, NULL, node->vars, node->n_vars), &input));
  const stoa_rel *const rel = input.rel ? stoa_rel_project(&p->rels, input.rel, node->vars, node->n_vars) : NULL;
  if (rel) {
    *out = (stoa_piece){.rel = rel};
    return STOA_OK;
  }
  stoa_plan_node *const project = stoa_plan_over(p, STOA_PLAN_PROJECT, node, &input);
  project->vars = node->vars;
  project->n_vars = node->n_vars;
  *out = (stoa_piece){.node = project};
  return STOA_OK;
}

static stoa_status plan_distinct(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                                 stoa_piece *out)
{
  stoa_piece input;
  STOA_TRY(stoa_plan_algebra(p, node->inputs[0], restrictions, &input));
  const stoa_rel *const rel = input.rel ? stoa_rel_distinct(&p->rels, input.rel) : NULL;
  *out = rel ? (stoa_piece){.rel = rel} : (stoa_piece){.node = stoa_plan_over(p, STOA_PLAN_DISTINCT, node, &input)};
  return STOA_OK;
}

static stoa_status plan_order(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                              stoa_piece *out)
{
  stoa_piece input;
  STOA_TRY(stoa_plan_algebra(p, node->inputs[0], restrictions, &input));
  const stoa_rel *const rel = input.rel ? stoa_rel_order(&p->rels, input.rel, node) : NULL;
  *out = rel ? (stoa_piece){.rel = rel} : (stoa_piece){.node = stoa_plan_over(p, STOA_PLAN_ORDER, node, &input)};
  return STOA_OK;
}

enum { MOST_KEPT = 100000 };

// ORDER BY under LIMIT keeps only what can be in the answer.
static const stoa_plan_node *limited(stoa_planner *p, const stoa_plan_node *node, uint64_t limit)
{
  const bool passes = node->kind == STOA_PLAN_PROJECT || node->kind == STOA_PLAN_EXTEND;
  if ((!passes && node->kind != STOA_PLAN_ORDER) || limit > MOST_KEPT || limit == 0) {
    return node;
  }
  stoa_plan_node *const copy = STOA_NEW(p->arena, stoa_plan_node);
  *copy = *node;
  if (passes) {
    copy->inputs[0] = limited(p, node->inputs[0], limit);
  } else {
    copy->limit = (uint32_t)limit;
  }
  return copy;
}

static stoa_status plan_slice(stoa_planner *p, const stoa_node *node, stoa_piece *out)
{
  stoa_piece input;
  STOA_TRY(stoa_plan_algebra(p, node->inputs[0], NULL, &input));
  const stoa_rel *const rel = input.rel ? stoa_rel_slice(&p->rels, input.rel, node->offset, node->limit) : NULL;
  if (!rel && !p->options.plain && node->limit <= MOST_KEPT && node->offset <= MOST_KEPT) {
    input = (stoa_piece){.node = limited(p, stoa_piece_node(p, &input), node->offset + node->limit)};
  }
  *out = rel ? (stoa_piece){.rel = rel} : (stoa_piece){.node = stoa_plan_over(p, STOA_PLAN_SLICE, node, &input)};
  return STOA_OK;
}

static stoa_status plan_values(stoa_planner *p, const stoa_node *node, stoa_piece *out)
{
  stoa_plan_node *const values = stoa_plan_node_new(p, STOA_PLAN_VALUES, NULL, NULL);
  values->node = node;
  values->vars = node->vars;
  values->n_vars = node->n_vars;
  *out = (stoa_piece){.node = values};
  return STOA_OK;
}

static stoa_status plan_kind(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                             stoa_piece *out)
{
  switch (node->kind) {
    case STOA_NODE_UNIT:
      *out = (stoa_piece){.node = stoa_plan_node_new(p, STOA_PLAN_UNIT, NULL, NULL)};
      return STOA_OK;
    case STOA_NODE_BGP:
      return stoa_plan_bgp(p, node, restrictions, NULL, out);
    case STOA_NODE_JOIN:
      return stoa_plan_join(p, node, restrictions, out);
    case STOA_NODE_LEFT_JOIN:
      return stoa_plan_left_join(p, node, restrictions, out);
    case STOA_NODE_UNION:
      return plan_union(p, node, restrictions, out);
    case STOA_NODE_MINUS:
      return stoa_plan_minus(p, node, restrictions, out);
    case STOA_NODE_FILTER:
      return stoa_plan_filter(p, node, restrictions, out);
    case STOA_NODE_EXTEND:
      return plan_extend(p, node, restrictions, out);
    case STOA_NODE_VALUES:
      return plan_values(p, node, out);
    case STOA_NODE_GROUP:
      return stoa_plan_group(p, node, restrictions, out);
    case STOA_NODE_ORDER:
      return plan_order(p, node, restrictions, out);
    case STOA_NODE_PROJECT:
      return plan_project(p, node, restrictions, out);
    case STOA_NODE_DISTINCT:
      return plan_distinct(p, node, restrictions, out);
    case STOA_NODE_SLICE:
      return plan_slice(p, node, out);
    case STOA_NODE_PATH:
      return stoa_plan_path(p, node, NULL, NULL, out);
    case STOA_NODE_SERVICE:
      stoa_plan_service(p, node, NULL, out);
      return STOA_OK;
  }
  return stoa_error_set(p->err, STOA_INTERNAL, "unknown algebra node %d", (int)node->kind);
}

bool stoa_plan_goes_on(stoa_planner *p)
{
  const uint64_t most = p->context->memory_bytes, held = p->arena->n_bytes + p->arena->n_bytes_above;
  if (p->stopped == STOA_OK && most && held > most) {
    p->stopped = stoa_error_set(
      p->err, STOA_LIMIT, "the plan of the query needs more than its memory cap of %llu MiB; ask with fewer patterns",
      (unsigned long long)(most >> 20));
  }
  if (p->stopped == STOA_OK) {
    p->stopped = stoa_context_check(p->context, p->err);
  }
  return p->stopped == STOA_OK;
}

stoa_status stoa_plan_algebra(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                              stoa_piece *out)
{
  if (!stoa_plan_goes_on(p)) {
    return p->stopped;
  }
  STOA_TRY(plan_kind(p, node, restrictions, out));
  STOA_TRY(p->stopped);
  if (p->options.plain) {
    *out = (stoa_piece){.node = stoa_piece_node(p, out)};
  }
  return STOA_OK;
}

typedef STOA_LIST(stoa_source *) source_list;

static void collect(stoa_planner *p, const stoa_plan_node *node, source_list *list, uint32_t *n_fragments)
{
  if (node->source) {
    bool known = false;
    for (uint32_t i = 0; i < list->n; ++i) {
      known |= list->items[i] == node->source;
    }
    if (!known) {
      STOA_PUSH(p->arena, list, node->source);
    }
    ++*n_fragments;
  }
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    collect(p, node->inputs[i], list, n_fragments);
  }
}

static stoa_status check_functions(stoa_planner *p, const stoa_node *node);

// An extension function is refused here, by name, and never evaluated to an error in silence.
static stoa_status check_expr(stoa_planner *p, const stoa_expr *e)
{
  if (!e) {
    return STOA_OK;
  }
  if (e->kind == STOA_EXPR_CALL && e->function == STOA_FN_EXTENSION) {
    return stoa_error_at(p->err, STOA_UNSUPPORTED, e->place, "function <%.*s> is not known", (int)e->term.length,
                         e->term.as.text);
  }
  for (uint32_t i = 0; i < e->n_args; ++i) {
    STOA_TRY(check_expr(p, e->args[i]));
  }
  return e->kind == STOA_EXPR_EXISTS ? check_functions(p, e->pattern) : STOA_OK;
}

static stoa_status check_functions(stoa_planner *p, const stoa_node *node)
{
  STOA_TRY(check_expr(p, node->expr));
  for (uint32_t i = 0; i < node->n_aggregates; ++i) {
    STOA_TRY(check_expr(p, node->aggregates[i].expr));
  }
  for (uint32_t i = 0; i < node->n_orders; ++i) {
    STOA_TRY(check_expr(p, node->orders[i].expr));
  }
  for (int i = 0; i < 2 && node->inputs[i] && node->kind != STOA_NODE_SERVICE; ++i) {
    STOA_TRY(check_functions(p, node->inputs[i]));
  }
  return STOA_OK;
}

stoa_status stoa_plan_make(const stoa_query *query, const stoa_rewriter *rewriter, const stoa_context *context,
                           stoa_arena *arena, const stoa_plan **out, stoa_error *err)
{
  return stoa_plan_make_with(query, rewriter, context, (stoa_plan_options){false, false}, arena, out, err);
}

stoa_status stoa_plan_make_with(const stoa_query *query, const stoa_rewriter *rewriter, const stoa_context *context,
                                stoa_plan_options options, stoa_arena *arena, const stoa_plan **out, stoa_error *err)
{
  stoa_planner p = {.rels = {.arena = arena, .query = query, .shape = stoa_shape_new(query, arena)},
                    .rewriter = rewriter,
                    .context = context,
                    .err = err,
                    .arena = arena,
                    .options = options};
  stoa_piece root;
  STOA_TRY(check_functions(&p, query->root));
  STOA_TRY(stoa_plan_algebra(&p, query->root, NULL, &root));
  stoa_plan *const plan = STOA_NEW(arena, stoa_plan);
  source_list list = {0};
  plan->query = query;
  plan->rewriter = rewriter;
  plan->root = stoa_piece_node(&p, &root);
  plan->root = options.plain ? plan->root : stoa_plan_narrow(&p, plan->root);
  collect(&p, plan->root, &list, &plan->n_fragments);
  plan->sources = list.items;
  plan->n_sources = list.n;
  stoa_shape_fix_plan(p.rels.shape, plan->root);
  for (uint32_t i = 0; i < query->n_construct; ++i) {
    stoa_shape_fix_pattern(p.rels.shape, &query->construct[i]);
  }
  plan->shape = p.rels.shape;
  *out = plan;
  return STOA_OK;
}
