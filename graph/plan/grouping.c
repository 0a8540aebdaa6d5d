// GROUP BY in parts (rule 26).
//
// Where SQL cannot group all rows together, because they lie in several sources or some make a term that SQL cannot add,
// it groups those that it can, and the executor groups their groups with the rows that are left.  Often there are none:
// the alternative that makes another kind of term exists in the mapping alone.
//
// Where it cannot join all, the side that holds what is added up is grouped before it is joined, by what it is joined by
// (Yan and Larson, 1995): a row of the other side meets all the rows of such a group or none.
//
// What is counted once for each value, COUNT(DISTINCT ?x), may come from several parts: then each part is grouped by ?x as
// well, so that its values are keys, and the executor counts those that differ.  All such counts must be of one ?x.
#include "graph/plan/grouping.h"
#include "graph/plan/cost.h"
#include "graph/plan/group.h"
#include "graph/plan/statement.h"

static bool counts_values(const stoa_aggregate *one)
{
  return one->kind == STOA_AGG_COUNT && one->distinct && one->expr && one->expr->kind == STOA_EXPR_VAR;
}

// What an aggregate of aggregates is: without keys MIN and MAX of a branch that has no rows would be errors.  *values:
// the variable whose values are counted; or STOA_NO_VAR.
static bool combines(const stoa_node *group, stoa_var *values)
{
  bool any = false;
  *values = STOA_NO_VAR;
  for (uint32_t i = 0; i < group->n_aggregates; ++i) {
    const stoa_aggregate *const one = &group->aggregates[i];
    const bool picks = (one->kind == STOA_AGG_MIN || one->kind == STOA_AGG_MAX) && group->n_vars > 0;
    const bool averages = one->kind == STOA_AGG_AVG && group->n_vars > 0; // the average of no rows is 0, no quotient
    const bool adds = (one->kind == STOA_AGG_COUNT || one->kind == STOA_AGG_SUM || averages) && !one->distinct;
    const bool counts = counts_values(one) && (*values == STOA_NO_VAR || *values == one->expr->var);
    if (!picks && !adds && !counts) {
      return false;
    }
    *values = counts ? one->expr->var : *values;
    any |= !counts;
  }
  return any;
}

/// A group in two steps: `inner` of each part's rows, `outer` of what these give; then an average is a quotient.
typedef struct {
  const stoa_node *group;
  stoa_node inner, outer;
  STOA_LIST(stoa_aggregate) parts, wholes;
  const stoa_aggregate **averages; ///< by aggregate of the group: its sum, which the count follows; or NULL
} steps;

static stoa_expr *new_expr(stoa_planner *p, stoa_expr_kind kind, stoa_place place)
{
  stoa_expr *const e = STOA_NEW(p->arena, stoa_expr);
  e->kind = kind;
  e->place = place;
  return e;
}

static const stoa_expr *var_expr(stoa_planner *p, stoa_var var, stoa_place place)
{
  stoa_expr *const e = new_expr(p, STOA_EXPR_VAR, place);
  e->var = var;
  return e;
}

static const stoa_expr *call_expr(stoa_planner *p, stoa_function f, const stoa_expr *a, const stoa_expr *b)
{
  stoa_expr *const e = new_expr(p, STOA_EXPR_CALL, a->place);
  e->function = f;
  e->args = STOA_NEWS(p->arena, const stoa_expr *, 2);
  e->args[0] = a;
  e->args[1] = b;
  e->n_args = b ? 2 : 1;
  return e;
}

// Counts are added up; what else there is, is what it was.
static void add_step(stoa_planner *p, steps *s, const stoa_aggregate *of, stoa_aggregate_kind kind, stoa_var out)
{
  stoa_aggregate part = *of, whole = *of;
  part.kind = kind;
  part.out = stoa_plan_extra_var(p);
  part.of_bound = whole.of_bound = of->of_bound && kind != STOA_AGG_COUNT; // the count of none is 0
  whole.kind = kind == STOA_AGG_COUNT ? STOA_AGG_SUM : kind;
  whole.distinct = false;
  whole.expr = var_expr(p, part.out, of->place);
  whole.out = out;
  STOA_PUSH(p->arena, &s->parts, part);
  STOA_PUSH(p->arena, &s->wholes, whole);
}

// The group's keys and one more.
static void add_key(stoa_planner *p, stoa_node *group, stoa_var var)
{
  stoa_var *const vars = STOA_NEWS(p->arena, stoa_var, group->n_vars + 1);
  for (uint32_t i = 0; i < group->n_vars; ++i) {
    if (group->vars[i] == var) {
      return;
    }
    vars[i] = group->vars[i];
  }
  vars[group->n_vars++] = var;
  group->vars = vars;
}

static steps split(stoa_planner *p, const stoa_node *group, stoa_var values)
{
  steps s = {.group = group, .inner = *group, .outer = *group};
  uint32_t *const sums = STOA_NEWS(p->arena, uint32_t, group->n_aggregates + 1);
  s.averages = STOA_NEWS(p->arena, const stoa_aggregate *, group->n_aggregates + 1);
  for (uint32_t i = 0; i < group->n_aggregates; ++i) {
    const stoa_aggregate *const one = &group->aggregates[i];
    sums[i] = s.wholes.n;
    if (one->kind == STOA_AGG_AVG) {
      add_step(p, &s, one, STOA_AGG_SUM, stoa_plan_extra_var(p));
      add_step(p, &s, one, STOA_AGG_COUNT, stoa_plan_extra_var(p));
    } else if (counts_values(one)) {
      STOA_PUSH(p->arena, &s.wholes, *one);
    } else {
      add_step(p, &s, one, one->kind, one->out);
    }
  }
  if (values != STOA_NO_VAR) {
    add_key(p, &s.inner, values);
  }
  for (uint32_t i = 0; i < group->n_aggregates; ++i) {
    s.averages[i] = group->aggregates[i].kind == STOA_AGG_AVG ? &s.wholes.items[sums[i]] : NULL;
  }
  s.inner.aggregates = s.parts.items;
  s.outer.aggregates = s.wholes.items;
  s.inner.n_aggregates = s.parts.n;
  s.outer.n_aggregates = s.wholes.n;
  return s;
}

static stoa_plan_node *extend(stoa_planner *p, const stoa_plan_node *input, stoa_var var, const stoa_expr *e)
{
  stoa_node *const node = STOA_NEW(p->arena, stoa_node);
  *node = (stoa_node){.kind = STOA_NODE_EXTEND, .var = var, .expr = e, .limit = UINT64_MAX};
  const stoa_piece piece = {.node = input};
  stoa_plan_node *const out = stoa_piece_over(p, STOA_PLAN_EXTEND, node, &piece);
  stoa_plan_append_var(p, out, var);
  return out;
}

static const stoa_expr *call_expr3(stoa_planner *p, stoa_function f, const stoa_expr *a, const stoa_expr *b,
                                   const stoa_expr *c)
{
  stoa_expr *const e = new_expr(p, STOA_EXPR_CALL, a->place);
  e->function = f;
  e->args = STOA_NEWS(p->arena, const stoa_expr *, 3);
  e->args[0] = a;
  e->args[1] = b;
  e->args[2] = c;
  e->n_args = 3;
  return e;
}

// A row as a group of its own: it counts as one, if it has what is counted, and adds what it has.
static const stoa_plan_node *rows_as_groups(stoa_planner *p, const steps *s, const stoa_plan_node *rows)
{
  for (uint32_t i = 0; i < s->parts.n; ++i) {
    const stoa_aggregate *const part = &s->parts.items[i];
    stoa_expr *const one = new_expr(p, STOA_EXPR_TERM, part->place), *const none = new_expr(p, STOA_EXPR_TERM, part->place);
    const stoa_expr *value = part->expr;
    one->term = stoa_term_integer(1);
    none->term = stoa_term_integer(0);
    if (part->kind == STOA_AGG_COUNT) {
      value = one;
    }
    if (part->kind == STOA_AGG_COUNT && part->expr) { // a value that is an error does not count
      const stoa_expr *const is_there = call_expr(p, STOA_FN_SAMETERM, part->expr, part->expr);
      value = call_expr(p, STOA_FN_COALESCE, call_expr3(p, STOA_FN_IF, is_there, one, none), none);
    }
    rows = extend(p, rows, part->out, value);
  }
  return rows;
}

/// What is grouped by SQL, and what is left.
typedef struct {
  const stoa_plan_node *groups, *rows;
} halves;

// The blocks of a statement that can be grouped by themselves, and the others.
static void halve_statement(stoa_planner *p, const steps *s, const stoa_plan_node *node, halves *out)
{
  stoa_rel *const groups = STOA_NEW(p->arena, stoa_rel), *const rows = STOA_NEW(p->arena, stoa_rel);
  groups->source = rows->source = node->sql.rel->source;
  for (uint32_t i = 0; i < node->sql.rel->blocks.n; ++i) {
    stoa_rel *const alone = STOA_NEW(p->arena, stoa_rel);
    alone->source = node->sql.rel->source;
    STOA_PUSH(p->arena, &alone->blocks, node->sql.rel->blocks.items[i]);
    const stoa_rel *grouped;
    if (stoa_rel_group(&p->rels, alone, &s->inner, &grouped) == STOA_CANNOT_SAY) {
      STOA_PUSH(p->arena, &rows->blocks, node->sql.rel->blocks.items[i]);
      continue;
    }
    for (uint32_t k = 0; k < grouped->blocks.n; ++k) {
      STOA_PUSH(p->arena, &groups->blocks, grouped->blocks.items[k]);
    }
  }
  if (groups->blocks.n) {
    out->groups = stoa_plan_union(p, out->groups, stoa_plan_statement(p, groups));
  }
  if (rows->blocks.n) {
    out->rows = stoa_plan_union(p, out->rows, stoa_plan_statement(p, rows));
  }
}

// ---- below a join

// Reads the aggregates only what `side` alone binds?
static bool reads_alone(const stoa_planner *p, const steps *s, const stoa_plan_node *side, const stoa_plan_node *other)
{
  bool *const reads = STOA_NEWS(p->arena, bool, p->rels.query->n_vars + 1);
  for (uint32_t i = 0; i < s->parts.n; ++i) {
    if (s->parts.items[i].expr) {
      stoa_expr_reads(s->parts.items[i].expr, reads);
    }
  }
  for (stoa_var v = 0; v < p->rels.query->n_vars; ++v) {
    if (reads[v] && (stoa_plan_column(side, v) < 0 || stoa_plan_column(other, v) >= 0)) {
      return false;
    }
  }
  return true;
}

// The keys of the side's groups: what it is joined by, and what it has of the keys of all.  None: it is not joined.
static stoa_node keys_of_side(stoa_planner *p, const steps *s, const stoa_plan_node *side, const stoa_plan_node *other)
{
  stoa_node group = s->inner;
  group.n_vars = 0;
  for (uint32_t i = 0; i < side->n_vars; ++i) {
    if (stoa_plan_column(other, side->vars[i]) >= 0) {
      add_key(p, &group, side->vars[i]);
    }
  }
  for (uint32_t i = 0; group.n_vars && i < s->inner.n_vars; ++i) {
    if (stoa_plan_column(side, s->inner.vars[i]) >= 0) {
      add_key(p, &group, s->inner.vars[i]);
    }
  }
  return group;
}

static stoa_piece piece_of(const stoa_plan_node *node)
{
  return node->kind == STOA_PLAN_SQL ? (stoa_piece){.rel = node->sql.rel} : (stoa_piece){.node = node};
}

// The join of one side's groups with the other; its rows are groups as those of parts are.  Only where the groups are
// much fewer than the rows.
static const stoa_plan_node *join_of_groups(stoa_planner *p, const steps *s, const stoa_plan_node *join)
{
  for (int i = 1; join->kind == STOA_PLAN_JOIN && i >= 0; --i) {
    const stoa_plan_node *const side = join->inputs[i], *const other = join->inputs[1 - i];
    if (side->kind != STOA_PLAN_SQL || !reads_alone(p, s, side, other)) {
      continue;
    }
    stoa_node *const group = STOA_NEW(p->arena, stoa_node);
    stoa_piece grouped = {0};
    *group = keys_of_side(p, s, side, other);
    if (group->n_vars && stoa_rel_group(&p->rels, side->sql.rel, group, &grouped.rel) != STOA_CANNOT_SAY &&
        stoa_cost_rel(grouped.rel) * 2 < stoa_cost_rel(side->sql.rel)) {
      const stoa_piece rest = piece_of(other);
      const stoa_piece joined = stoa_piece_join(p, &rest, &grouped);
      return stoa_piece_node(p, &joined);
    }
  }
  return NULL;
}

// ---- all parts

static void halve(stoa_planner *p, const steps *s, const stoa_plan_node *node, halves *out)
{
  const stoa_plan_node *const joined = join_of_groups(p, s, node);
  if (node->kind == STOA_PLAN_UNION) {
    halve(p, s, node->inputs[0], out);
    halve(p, s, node->inputs[1], out);
  } else if (node->kind == STOA_PLAN_SQL && !node->sql.bound && !node->sql.rel->set) {
    halve_statement(p, s, node, out);
  } else if (joined) {
    out->groups = stoa_plan_union(p, out->groups, joined);
  } else {
    out->rows = stoa_plan_union(p, out->rows, node);
  }
}

stoa_plan_node *stoa_group_node(stoa_planner *p, const stoa_node *node, const stoa_piece *input)
{
  stoa_plan_node *const group = stoa_piece_over(p, STOA_PLAN_GROUP, node, input);
  group->n_vars = 0;
  group->vars = NULL;
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    stoa_plan_append_var(p, group, node->vars[i]);
  }
  for (uint32_t i = 0; i < node->n_aggregates; ++i) {
    stoa_plan_append_var(p, group, node->aggregates[i].out);
  }
  return group;
}

static bool is_native(const stoa_plan_node *node)
{
  return node->kind == STOA_PLAN_QUADS ||
         (node->kind == STOA_PLAN_UNION ? is_native(node->inputs[0]) && is_native(node->inputs[1])
          : node->kind == STOA_PLAN_FILTER || node->kind == STOA_PLAN_EXTEND ? is_native(node->inputs[0])
                                                                             : false);
}

// What a native graph has is counted there, and is groups as well.
static const stoa_plan_node *groups_of_rest(stoa_planner *p, const steps *s, const stoa_plan_node *rows)
{
  const stoa_piece piece = {.node = rows};
  return is_native(rows) ? stoa_group_node(p, &s->inner, &piece) : rows_as_groups(p, s, rows);
}

const stoa_plan_node *stoa_group_in_parts(stoa_planner *p, const stoa_node *group, const stoa_plan_node *input)
{
  halves h = {NULL, NULL};
  const bool parts = input->kind == STOA_PLAN_UNION || input->kind == STOA_PLAN_JOIN ||
                     (input->kind == STOA_PLAN_SQL && input->sql.rel->blocks.n > 1);
  stoa_var values;
  if (p->options.plain || !parts || !combines(group, &values)) {
    return NULL;
  }
  steps *const s = STOA_NEW(p->arena, steps);
  *s = split(p, group, values);
  halve(p, s, input, &h);
  if (!h.groups) {
    return NULL;
  }
  const stoa_plan_node *const all = stoa_plan_union(p, h.groups, h.rows ? groups_of_rest(p, s, h.rows) : NULL);
  const stoa_piece piece = {.node = all};
  const stoa_plan_node *out = stoa_group_node(p, &s->outer, &piece);
  for (uint32_t i = 0; i < group->n_aggregates; ++i) {
    const stoa_aggregate *const sum = s->averages[i], *const one = &group->aggregates[i];
    if (sum) {
      out = extend(p, out, one->out,
                   call_expr(p, STOA_FN_DIVIDE, var_expr(p, sum->out, one->place), var_expr(p, sum[1].out, one->place)));
    }
  }
  return out;
}

