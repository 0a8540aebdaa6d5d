// From algebra to plan, stage by stage (planner.h).  The stages do not call each other: here alone a group is planned
// with the groups inside it.
#include "graph/plan/alternatives.h"
#include "graph/plan/apart.h"
#include "graph/plan/cost.h"
#include "graph/plan/modifiers.h"
#include "graph/plan/needed.h"
#include "graph/plan/order.h"
#include "graph/plan/patterns.h"
#include "graph/plan/plain.h"
#include "graph/plan/prune.h"
#include "graph/plan/shape.h"
#include "graph/plan/spread.h"

/// What is known of a group from outside: the terms that matter for some of its variables, and whether rows that come
/// twice matter.
typedef struct {
  const stoa_restriction *restrictions;
  bool sets;
  const bool *needed; ///< variables that are read of the group's rows; NULL: all
} outside;

static stoa_status plan_group(stoa_planner *p, stoa_group *group, const outside *outer, stoa_piece *out);

// ---- VALUES as a restriction

// The restrictions whose variable is certainly bound by `child`, or is among `only`.
static const stoa_restriction *keep(stoa_planner *p, const stoa_restriction *all, const stoa_node *child,
                                    const stoa_var *only, uint32_t n_only)
{
  const stoa_restriction *kept = NULL;
  for (; all; all = all->next) {
    bool passes = child && stoa_node_binds(child, all->values->vars[0]);
    for (uint32_t i = 0; i < n_only; ++i) {
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

// One column of VALUES as VALUES of its own, when it has no UNDEF; NULL otherwise.  More rows may pass than the whole
// would let pass: it is joined all the same.
static const stoa_node *column_of(stoa_planner *p, const stoa_node *values, uint32_t column)
{
  stoa_node *const one = STOA_NEW(p->arena, stoa_node);
  stoa_term *const rows = STOA_NEWS(p->arena, stoa_term, values->n_rows + 1);
  for (uint32_t i = 0; i < values->n_rows; ++i) {
    rows[i] = values->rows[i * values->n_vars + column];
    if (!stoa_term_is_bound(rows[i])) {
      return NULL;
    }
  }
  *one = *values;
  one->vars = &values->vars[column];
  one->n_vars = 1;
  one->rows = rows;
  return one;
}

static const stoa_restriction *with_own(stoa_planner *p, const stoa_group *g, const stoa_restriction *restrictions)
{
  for (uint32_t i = 0; i < g->members.n; ++i) {
    const stoa_member *const m = &g->members.items[i];
    for (uint32_t k = 0; m->kind == STOA_MEMBER_VALUES && k < m->node->n_vars; ++k) {
      const stoa_node *const column =
        m->node->n_vars == 1 && m->node->slot ? m->node : m->node->slot ? NULL : column_of(p, m->node, k);
      stoa_restriction *const own = STOA_NEW(p->arena, stoa_restriction);
      *own = (stoa_restriction){column, restrictions};
      restrictions = column ? own : restrictions;
    }
  }
  return restrictions;
}

// ---- members

static stoa_status plan_union(stoa_planner *p, const stoa_member *m, const outside *outer, stoa_piece *out)
{
  *out = (stoa_piece){.node = stoa_plan_empty(p)};
  for (uint32_t i = 0; i < m->parts.n; ++i) {
    stoa_piece one;
    STOA_TRY(plan_group(p, m->parts.items[i], outer, &one));
    if (i == 0) {
      *out = one;
      continue;
    }
    const stoa_rel *rel;
    *out = stoa_piece_in_sql(p, STOA_PLAN_UNION, out, &one, NULL, &rel) != STOA_CANNOT_SAY
             ? (stoa_piece){.rel = rel}
             : (stoa_piece){.node = stoa_plan_union(p, stoa_piece_node(p, out), stoa_piece_node(p, &one))};
  }
  return STOA_OK;
}

static bool *no_vars(stoa_planner *p)
{
  return STOA_NEWS(p->arena, bool, p->rels.query->n_vars + 1);
}

// What a modifier reads of its input, when `above` is read of what it gives.
static const bool *needed_below(stoa_planner *p, const stoa_node *node, const bool *above)
{
  bool *const needed = no_vars(p);
  if (node->kind == STOA_NODE_DISTINCT || (node->kind == STOA_NODE_ORDER && !above)) {
    return NULL;
  }
  for (stoa_var v = 0; v < p->rels.query->n_vars && above && node->kind != STOA_NODE_GROUP; ++v) {
    needed[v] = above[v];
  }
  if (node->kind == STOA_NODE_SLICE) {
    return above ? needed : NULL;
  }
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    needed[node->vars[i]] = true;
  }
  for (uint32_t i = 0; i < node->n_aggregates; ++i) {
    if (node->aggregates[i].expr) {
      stoa_expr_reads(node->aggregates[i].expr, needed);
    } else if (node->aggregates[i].distinct) {
      return NULL;
    }
  }
  for (uint32_t i = 0; i < node->n_orders; ++i) {
    stoa_expr_reads(node->orders[i].expr, needed);
  }
  return needed;
}

// Modifiers from `node` down to `bottom`, whose group is `group`.  What is known from outside passes them as far as it
// changes none of their rows that are wanted.
static stoa_status plan_select(stoa_planner *p, const stoa_node *node, const stoa_node *bottom, stoa_group *group,
                               const outside *outer, stoa_piece *out)
{
  outside inner = *outer;
  stoa_piece input;
  if (node == bottom) {
    return plan_group(p, group, outer, out);
  }
  if (node->kind == STOA_NODE_PROJECT || node->kind == STOA_NODE_GROUP) {
    inner.restrictions = keep(p, outer->restrictions, NULL, node->vars, node->n_vars);
  }
  if (node->kind == STOA_NODE_SLICE) {
    inner.restrictions = NULL;
  }
  inner.sets = node->kind == STOA_NODE_DISTINCT ||
               (outer->sets && (node->kind == STOA_NODE_PROJECT || node->kind == STOA_NODE_ORDER));
  inner.needed = needed_below(p, node, outer->needed);
  STOA_TRY(plan_select(p, node->inputs[0], bottom, group, &inner, &input));
  *out = stoa_modified(p, node, &input);
  return STOA_OK;
}

static bool needs_nodes(const stoa_group *g, const stoa_node *path)
{
  return !stoa_group_has_node(g, path->ends[0], &path->graph) && !stoa_group_has_node(g, path->ends[1], &path->graph);
}

static stoa_status plan_walk(stoa_planner *p, const stoa_member *m, stoa_work *work)
{
  const outside nothing = {0}, distinct = {.sets = true};
  stoa_walk walk = {.node = m->node};
  STOA_TRY(plan_group(p, m->parts.items[0], m->node->many ? &distinct : &nothing, &walk.steps));
  if (m->parts.n > 1 && needs_nodes(work->group, m->node)) {
    STOA_TRY(plan_group(p, m->parts.items[1], &nothing, &walk.nodes));
  }
  STOA_PUSH(p->arena, &work->walks, walk);
  return STOA_OK;
}

static stoa_status plan_member(stoa_planner *p, const stoa_member *m, const outside *outer, stoa_work *work)
{
  stoa_piece one = {0};
  switch (m->kind) {
    case STOA_MEMBER_PATTERN:
      return STOA_OK; // all of them together: stoa_patterns_pieces
    case STOA_MEMBER_UNION:
      STOA_TRY(plan_union(p, m, outer, &one));
      break;
    case STOA_MEMBER_GROUP:
      STOA_TRY(plan_group(p, m->parts.items[0], outer, &one));
      break;
    case STOA_MEMBER_SELECT:
      STOA_TRY(plan_select(p, m->node, m->bottom, m->parts.items[0], outer, &one));
      break;
    case STOA_MEMBER_VALUES:
      one = (stoa_piece){.node = stoa_plan_values(p, m->node)};
      break;
    case STOA_MEMBER_PATH:
      return plan_walk(p, m, work);
    case STOA_MEMBER_SERVICE:
      STOA_PUSH(p->arena, &work->services, m->node);
      return STOA_OK;
  }
  STOA_PUSH(p->arena, &work->pieces, one);
  return STOA_OK;
}

// What is read of a tail's rows: what is needed above, and whatever stands elsewhere in the group.
static const bool *needed_of_tail(stoa_planner *p, const stoa_group *g, const stoa_tail *of, const bool *above)
{
  bool *const needed = no_vars(p);
  if (!above && of->kind == STOA_TAIL_OPTIONAL) {
    return NULL;
  }
  for (stoa_var v = 0; v < p->rels.query->n_vars && of->kind == STOA_TAIL_OPTIONAL; ++v) {
    needed[v] = above[v];
  }
  for (uint32_t i = 0; i < g->members.n; ++i) {
    stoa_node_vars(g->members.items[i].node, needed);
  }
  for (uint32_t i = 0; i < g->tails.n; ++i) {
    const stoa_tail *const t = &g->tails.items[i];
    if (t->group && t != of) {
      stoa_node_vars(t->group->node, needed);
      stoa_node_reads(t->group->node, needed);
    }
    if (t->expr) {
      stoa_expr_reads(t->expr, needed);
    }
    if (t->kind == STOA_TAIL_EXTEND) {
      needed[t->node->var] = true;
    }
  }
  for (uint32_t i = 0; i < g->conditions.n; ++i) {
    stoa_expr_reads(g->conditions.items[i].expr, needed);
  }
  return needed;
}

// Blocks that bind what nobody reads would have to make it alike.
static stoa_piece only_needed(stoa_planner *p, const stoa_piece *piece, const bool *needed)
{
  stoa_var *const vars = STOA_NEWS(p->arena, stoa_var, p->rels.query->n_vars + 1);
  uint32_t n = 0;
  for (stoa_var v = 0; v < p->rels.query->n_vars && needed; ++v) {
    if (needed[v]) {
      vars[n++] = v;
    }
  }
  stoa_piece out = *piece;
  if (needed && piece->rel && piece->rel->blocks.n > 1) {
    stoa_rel_project(&p->rels, piece->rel, vars, n, &out.rel); // where it cannot be said, all is read
  }
  return out;
}

static stoa_status plan_tail(stoa_planner *p, const stoa_group *g, const stoa_tail *t,
                             const stoa_restriction *restrictions, const bool *above, stoa_work *work)
{
  stoa_planned_tail planned = {.tail = t};
  if (t->dropped) {
    planned.done = true;
  } else if (t->group) {
    const bool *const needed = needed_of_tail(p, g, t, above);
    const outside outer = {keep(p, restrictions, g->node, NULL, 0), t->kind != STOA_TAIL_OPTIONAL, needed};
    STOA_TRY(plan_group(p, t->group, &outer, &planned.right));
    planned.right = only_needed(p, &planned.right, needed);
  }
  STOA_PUSH(p->arena, &work->tails, planned);
  return STOA_OK;
}

// ---- groups

static stoa_status plan_whole(stoa_planner *p, const stoa_group *g, const outside *outer, stoa_piece *out)
{
  stoa_work work = {.group = g, .sets = outer->sets};
  const stoa_restriction *const restrictions = with_own(p, g, outer->restrictions);
  const outside inner = {restrictions, outer->sets, NULL};
  stoa_patterns_pieces(p, g, restrictions, outer->sets, &work.pieces);
  for (uint32_t pass = 0; pass < 2; ++pass) { // VALUES last: the tables that they restrict are joined first
    for (uint32_t i = 0; i < g->members.n; ++i) {
      if ((g->members.items[i].kind == STOA_MEMBER_VALUES) == (pass == 1)) {
        STOA_TRY(plan_member(p, &g->members.items[i], &inner, &work));
      }
    }
  }
  for (uint32_t i = 0; i < g->tails.n; ++i) {
    STOA_TRY(plan_tail(p, g, &g->tails.items[i], restrictions, outer->needed, &work));
  }
  for (uint32_t i = 0; i < g->conditions.n; ++i) {
    STOA_PUSH(p->arena, &work.conditions, g->conditions.items[i].expr);
  }
  *out = stoa_order_join(p, &work);
  return p->stopped;
}

static stoa_piece no_rows(stoa_planner *p, const stoa_group *g)
{
  bool *const seen = STOA_NEWS(p->arena, bool, p->rels.query->n_vars + 1);
  stoa_plan_node *const none = stoa_plan_empty(p);
  stoa_group_vars(g, seen);
  for (stoa_var v = 0; v < p->rels.query->n_vars; ++v) {
    if (seen[v]) {
      stoa_plan_append_var(p, none, v);
    }
  }
  return (stoa_piece){.node = none};
}

// The groups of one set.  Rows that two of them may both tell are made distinct; what was shared with groups that pruning
// left out is shared with none.
static stoa_status plan_set(stoa_planner *p, const stoa_spread_groups *groups, uint32_t set, const outside *outer,
                            const stoa_plan_node **out)
{
  outside inner = *outer;
  uint32_t n = 0;
  *out = NULL;
  for (uint32_t i = 0; i < groups->n; ++i) {
    n += groups->items[i].set == set;
  }
  const bool distinct_above = set && n > 1;
  inner.sets |= distinct_above;
  for (uint32_t i = 0; i < groups->n; ++i) {
    if (groups->items[i].set == set) {
      stoa_piece one;
      STOA_TRY(plan_whole(p, groups->items[i].group, &inner, &one));
      *out = stoa_plan_union(p, *out, stoa_piece_node(p, &one));
    }
  }
  if (distinct_above) {
    stoa_plan_node *const distinct = stoa_plan_node_new(p, STOA_PLAN_DISTINCT, *out, NULL);
    stoa_plan_merge_vars(p, distinct);
    *out = distinct;
  }
  return STOA_OK;
}

static stoa_status plan_spread(stoa_planner *p, const stoa_spread_groups *groups, const outside *outer,
                               stoa_piece *out)
{
  const stoa_plan_node *all = NULL;
  uint32_t n_sets = 0;
  for (uint32_t i = 0; i < groups->n; ++i) {
    n_sets = groups->items[i].set > n_sets ? groups->items[i].set : n_sets;
  }
  for (uint32_t set = 0; set <= n_sets; ++set) {
    const stoa_plan_node *part;
    STOA_TRY(plan_set(p, groups, set, outer, &part));
    all = part ? stoa_plan_union(p, all, part) : all;
  }
  *out = (stoa_piece){.node = all};
  return STOA_OK;
}

static stoa_status plan_group(stoa_planner *p, stoa_group *group, const outside *outer, stoa_piece *out)
{
  stoa_spread_groups groups = {0};
  if (!stoa_plan_goes_on(p)) {
    return p->stopped;
  }
  stoa_spread(p, group, outer->sets, &groups);
  STOA_TRY(p->stopped);
  if (!groups.n) {
    *out = no_rows(p, group);
    return STOA_OK;
  }
  return groups.n == 1 ? plan_whole(p, groups.items[0].group, outer, out) : plan_spread(p, &groups, outer, out);
}

// With the pruned group as it was before it was planned, in `found` where that is wanted.
static stoa_status plan_root(stoa_planner *p, const stoa_node *root, const stoa_apart **found,
                             const stoa_plan_node **out)
{
  const outside nothing = {0};
  const stoa_node *const bottom = stoa_select_bottom(root);
  stoa_group *const group = stoa_group_new(p, bottom);
  stoa_piece piece;
  STOA_TRY(stoa_alternatives_find(p, group));
  stoa_prune(p, group);
  if (found) {
    *found = stoa_apart_find(p, group);
  }
  STOA_TRY(plan_select(p, root, bottom, group, &nothing, &piece));
  *out = stoa_plan_narrow(p, stoa_piece_node(p, &piece));
  stoa_cost_expect((stoa_plan_node *)*out);
  return p->stopped;
}

// The columns of `like`, for who reads them by place.
static const stoa_plan_node *with_columns_of(stoa_planner *p, const stoa_plan_node *node, const stoa_plan_node *like)
{
  stoa_plan_node *const project = stoa_plan_node_new(p, STOA_PLAN_PROJECT, node, NULL);
  project->vars = like->vars;
  project->n_vars = like->n_vars;
  return project;
}

// Once with nothing assumed, and where it can win, once with values told apart (apart.h).
static stoa_status plan_optimised(stoa_planner *p, const stoa_node *root, stoa_plan *plan)
{
  const stoa_plan_node *sure;
  const stoa_apart *apart = NULL;
  STOA_TRY(plan_root(p, root, &apart, &sure));
  if (!apart) {
    plan->root = sure;
    return STOA_OK;
  }
  p->apart = apart;
  STOA_TRY(plan_root(p, root, NULL, &plan->root));
  if (stoa_apart_is_same(plan->root, sure)) {
    plan->root = sure;
    return p->stopped;
  }
  plan->check = stoa_apart_check(p, apart);
  plan->patient = apart->patient;
  if (plan->root->kind == STOA_PLAN_EMPTY) { // it need not know its columns
    plan->root = with_columns_of(p, plan->root, sure);
  }
  plan->unless = with_columns_of(p, sure, plan->root);
  return p->stopped;
}

// ---- the plan

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
  stoa_planner p = {
    .rels = {.arena = arena, .query = query, .shape = stoa_shape_new(query, arena), .now_us = context->now_us},
    .rewriter = rewriter,
    .context = context,
    .err = err,
    .arena = arena,
    .options = options};
  stoa_plan *const plan = STOA_NEW(arena, stoa_plan);
  source_list list = {0};
  STOA_TRY(check_functions(&p, query->root));
  STOA_TRY(options.plain ? stoa_plan_plain(&p, query->root, &plan->root) : plan_optimised(&p, query->root, plan));
  plan->query = query;
  plan->rewriter = rewriter;
  plan->notes = p.notes.items;
  plan->n_notes = p.notes.n;
  plan->warnings = p.warnings.items;
  plan->n_warnings = p.warnings.n;
  collect(&p, plan->root, &list, &plan->n_fragments);
  if (plan->check) {
    uint32_t others = 0;
    collect(&p, plan->check, &list, &others);
    collect(&p, plan->unless, &list, &others);
    stoa_shape_fix_plan(p.rels.shape, plan->unless);
  }
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
