#include "features/advice.h"
#include "graph/sparql/unbound.h"

enum { MOST_OPTIONALS = 64 };

/// A GROUP of a view's query, and the OPTIONALs that its rows come through.
typedef struct {
  const stoa_query *query;
  const stoa_node *group;
  stoa_faults *faults;
  const bool *optional[MOST_OPTIONALS]; ///< variables that each may bind and the rest of the group does not
  uint32_t n_optionals;
} grouping;

static void warn(const grouping *g, stoa_place place, const char *text)
{
  stoa_error err = {0};
  stoa_error_at(&err, STOA_BAD_MAPPING, place, "%s", text);
  stoa_faults_add(g->faults, &err, true);
}

// From the group down through what keeps the rows that OPTIONALs have made.
static void find_optionals(grouping *g, stoa_arena *arena)
{
  const stoa_node *at = g->group->inputs[0];
  while (at->kind == STOA_NODE_FILTER || at->kind == STOA_NODE_EXTEND || at->kind == STOA_NODE_LEFT_JOIN) {
    if (at->kind == STOA_NODE_LEFT_JOIN && g->n_optionals < MOST_OPTIONALS) {
      bool *const right = STOA_NEWS(arena, bool, g->query->n_vars + 1), *const left = STOA_NEWS(arena, bool, g->query->n_vars + 1);
      stoa_node_vars(at->inputs[1], right);
      stoa_node_vars(at->inputs[0], left);
      for (uint32_t v = 0; v < g->query->n_vars; ++v) {
        right[v] = right[v] && !left[v];
      }
      g->optional[g->n_optionals++] = right;
    }
    at = at->inputs[0];
  }
}

typedef struct {
  const grouping *g;
  int of; ///< the OPTIONAL that binds a variable; -1: none
} origin;

static void note_origin(stoa_var var, void *data)
{
  origin *const o = data;
  for (uint32_t i = 0; i < o->g->n_optionals; ++i) {
    o->of = o->g->optional[i][var] ? (int)i : o->of;
  }
}

static int origin_of(const grouping *g, const stoa_aggregate *a)
{
  origin o = {g, -1};
  if (a->expr) {
    stoa_expr_vars(a->expr, note_origin, &o);
  }
  return o.of;
}

// An expression such as COALESCE takes care of what is unbound; a variable alone does not.
static void check_unbound(const grouping *g, const stoa_aggregate *a, stoa_arena *arena)
{
  const bool fails = !a->of_bound && (a->kind == STOA_AGG_SUM || a->kind == STOA_AGG_AVG || a->kind == STOA_AGG_MIN || a->kind == STOA_AGG_MAX);
  if (fails && a->expr && a->expr->kind == STOA_EXPR_VAR && origin_of(g, a) >= 0) {
    const char *const name = g->query->names[a->expr->var];
    warn(g, a->place,
         stoa_arena_print(arena,
                          "%s(?%s) has no value as soon as one ?%s is unbound, which OPTIONAL allows (SPARQL 1.1, section "
                          "18.5.1); give it a sub-select of its own, or write COALESCE(?%s, 0)",
                          stoa_aggregate_name(a->kind), name, name, name));
  }
}

// MIN, MAX and what is DISTINCT do not mind rows that come again.
static void check_fan_out(const grouping *g)
{
  int first = -1;
  const stoa_aggregate *counts = NULL;
  bool two = false;
  for (uint32_t i = 0; i < g->group->n_aggregates; ++i) {
    const stoa_aggregate *const a = &g->group->aggregates[i];
    const int of = origin_of(g, a);
    const bool adds = a->kind == STOA_AGG_COUNT || a->kind == STOA_AGG_SUM || a->kind == STOA_AGG_AVG || a->kind == STOA_AGG_GROUP_CONCAT;
    two |= of >= 0 && first >= 0 && of != first;
    first = first < 0 ? of : first;
    counts = !counts && of >= 0 && adds && !a->distinct ? a : counts;
  }
  if (two && counts) {
    warn(g, counts->place,
         "what two OPTIONALs bind is aggregated side by side: each row of one stands beside each of the other, and is counted "
         "as often; give each aggregate a sub-select of its own");
  }
}

static void check_node(const stoa_view *view, const stoa_node *node, stoa_faults *faults, stoa_arena *arena)
{
  if (node->kind == STOA_NODE_GROUP) {
    grouping g = {.query = view->query, .group = node, .faults = faults};
    find_optionals(&g, arena);
    check_fan_out(&g);
    for (uint32_t i = 0; i < node->n_aggregates; ++i) {
      check_unbound(&g, &node->aggregates[i], arena);
    }
  }
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    check_node(view, node->inputs[i], faults, arena);
  }
}

void stoa_views_advise(const stoa_registry *registry, stoa_faults *faults)
{
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  for (uint32_t i = 0; i < registry->views.n; ++i) {
    stoa_unbound_check(registry->views.items[i]->query, faults);
    check_node(registry->views.items[i], registry->views.items[i]->query->root, faults, &arena);
  }
  stoa_arena_done(&arena);
}
