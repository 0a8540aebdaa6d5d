#include "graph/plan/lineage.h"
#include "graph/plan/rels.h"
#include <stdlib.h>

typedef struct {
  stoa_arena *arena;
  stoa_lineage *out;
  const char *source;
  const struct scope *scope;
} walk;

// The blocks in whose FROM an alias may stand, innermost first.
typedef struct scope {
  const stoa_block *block;
  const struct scope *outer;
} scope;

static int compare(const stoa_lineage_column *a, const char *source, const char *table, const char *column)
{
  int order = strcmp(a->source, source);
  order = order ? order : strcmp(a->table, table);
  return order ? order : strcmp(a->column, column);
}

void stoa_lineage_add(stoa_lineage *list, stoa_arena *arena, const char *source, const char *table, const char *column)
{
  uint32_t at = 0;
  while (at < list->n && compare(&list->items[at], source, table, column) < 0) {
    ++at;
  }
  if (at < list->n && compare(&list->items[at], source, table, column) == 0) {
    return;
  }
  const stoa_lineage_column added = {source, table, column};
  STOA_PUSH(arena, list, added);
  memmove(&list->items[at + 1], &list->items[at], (list->n - 1 - at) * sizeof *list->items);
  list->items[at] = added;
}

static void read_rel(const walk *w, const stoa_rel *rel);
static void read_sx(const walk *w, const stoa_sx *sx);

static const stoa_from *from_of(const scope *s, uint32_t alias)
{
  for (; s; s = s->outer) {
    for (uint32_t i = 0; i < s->block->from.n; ++i) {
      if (s->block->from.items[i].alias == alias) {
        return &s->block->from.items[i];
      }
    }
  }
  return NULL;
}

// Column "c3" of a subquery is the third of each of its blocks.
static void read_sub_column(const walk *w, const stoa_rel *sub, const char *name)
{
  const unsigned long number = strtoul(name + 1, NULL, 10);
  stoa_rels rels = {.arena = w->arena};
  for (uint32_t i = 0; i < sub->blocks.n; ++i) {
    const scope inner = {sub->blocks.items[i], w->scope};
    const walk inside = {w->arena, w->out, w->source, &inner};
    stoa_sx_list columns = {0};
    stoa_block_columns(&rels, sub->blocks.items[i], &columns);
    if (number < columns.n) {
      read_sx(&inside, columns.items[number]);
    }
  }
}

static void read_column(const walk *w, const stoa_sx *sx)
{
  const stoa_from *const from = from_of(w->scope, sx->alias);
  if (from && from->kind == STOA_FROM_CLOSURE) {
    read_rel(w, from->closure->steps);
  } else if (from && from->kind == STOA_FROM_SUB) {
    read_sub_column(w, from->sub, sx->info->name);
  } else if (from && from->kind == STOA_FROM_TABLE) {
    const stoa_leaf_table *const t = &from->table;
    stoa_lineage_add(w->out, w->arena, w->source,
                     t->base    ? t->base->name
                     : t->table ? t->table
                                : t->view,
                     sx->info->name);
  }
}

static void read_sx(const walk *w, const stoa_sx *sx)
{
  if (!sx) {
    return;
  }
  if (sx->kind == STOA_SX_COLUMN) {
    read_column(w, sx);
  } else if (sx->kind == STOA_SX_EXISTS) {
    read_rel(w, sx->sub);
  }
  for (uint32_t i = 0; i < sx->n_args; ++i) {
    read_sx(w, sx->args[i]);
  }
}

static void read_list(const walk *w, const stoa_sx_list *list)
{
  for (uint32_t i = 0; i < list->n; ++i) {
    read_sx(w, list->items[i]);
  }
}

static void read_binding(const walk *w, const stoa_binding *b)
{
  for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
    read_sx(w, b->columns[k]);
  }
  read_sx(w, b->guard);
}

static void read_block(const walk *outer, const stoa_block *block)
{
  const scope inner = {block, outer->scope};
  const walk w = {outer->arena, outer->out, outer->source, &inner};
  read_list(&w, &block->where);
  read_list(&w, &block->group);
  for (uint32_t i = 0; i < block->from.n; ++i) {
    const stoa_from *const from = &block->from.items[i];
    read_list(&w, &from->on);
    if (from->kind == STOA_FROM_SUB) {
      read_rel(&w, from->sub);
    } else if (from->kind == STOA_FROM_CLOSURE) {
      read_rel(&w, from->closure->steps);
    }
  }
  for (uint32_t i = 0; i < block->order.n; ++i) {
    read_sx(&w, block->order.items[i].sx);
  }
  for (uint32_t i = 0; i < block->bindings.n; ++i) {
    read_binding(&w, &block->bindings.items[i]);
  }
}

static void read_rel(const walk *w, const stoa_rel *rel)
{
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    read_block(w, rel->blocks.items[i]);
  }
}

static void read_quads(const walk *w, const stoa_plan_node *node, stoa_var var)
{
  for (uint32_t i = 0; i < node->quads.n_patterns; ++i) {
    const stoa_pattern *const p = node->quads.patterns[i];
    const bool wanted = var == STOA_NO_VAR || p->subject.var == var || p->object.var == var || p->predicate.var == var;
    if (wanted) {
      stoa_lineage_add(w->out, w->arena, node->source->name, "RDF",
                       p->predicate.var == STOA_NO_VAR
                         ? stoa_arena_copy(w->arena, stoa_term_lexical(p->predicate.term, w->arena))
                         : "any property");
    }
  }
}

static void read_node(const stoa_plan_node *node, stoa_arena *arena, stoa_lineage *out)
{
  const walk w = {arena, out, node->source ? node->source->name : "", NULL};
  if (node->kind == STOA_PLAN_SQL) {
    read_rel(&w, node->sql.rel);
  } else if (node->kind == STOA_PLAN_QUADS) {
    read_quads(&w, node, STOA_NO_VAR);
  }
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    read_node(node->inputs[i], arena, out);
  }
}

void stoa_lineage_of_plan(const stoa_plan *plan, stoa_arena *arena, stoa_lineage *out)
{
  read_node(plan->root, arena, out);
}

// ---- one variable

typedef struct {
  stoa_arena *arena;
  stoa_lineage *out;
  const stoa_plan_node *input;
} var_walk;

static void var_of_node(const stoa_plan_node *node, stoa_var var, stoa_arena *arena, stoa_lineage *out);

static void follow(stoa_var var, void *data)
{
  const var_walk *const w = data;
  var_of_node(w->input, var, w->arena, w->out);
}

static void var_of_rel(const walk *w, const stoa_rel *rel, stoa_var var)
{
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    const stoa_binding *const b = stoa_block_find(rel->blocks.items[i], var);
    const scope inner = {rel->blocks.items[i], NULL};
    const walk inside = {w->arena, w->out, w->source, &inner};
    if (b) {
      read_binding(&inside, b);
    }
  }
}

static bool var_of_expression(const stoa_plan_node *node, stoa_var var, var_walk *w)
{
  if (node->kind == STOA_PLAN_EXTEND && node->node->var == var) {
    stoa_expr_vars(node->expr, follow, w);
    return true;
  }
  for (uint32_t i = 0; node->kind == STOA_PLAN_GROUP && i < node->node->n_aggregates; ++i) {
    if (node->node->aggregates[i].out == var && node->node->aggregates[i].expr) {
      stoa_expr_vars(node->node->aggregates[i].expr, follow, w);
      return true;
    }
  }
  return false;
}

static void var_of_node(const stoa_plan_node *node, stoa_var var, stoa_arena *arena, stoa_lineage *out)
{
  const walk w = {arena, out, node->source ? node->source->name : "", NULL};
  var_walk below = {arena, out, node->inputs[0]};
  if (node->kind == STOA_PLAN_SQL) {
    var_of_rel(&w, node->sql.rel, var);
  } else if (node->kind == STOA_PLAN_QUADS) {
    read_quads(&w, node, var);
  }
  if (var_of_expression(node, var, &below)) {
    return;
  }
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    var_of_node(node->inputs[i], var, arena, out);
  }
}

void stoa_lineage_of_var(const stoa_plan *plan, stoa_var var, stoa_arena *arena, stoa_lineage *out)
{
  var_of_node(plan->root, var, arena, out);
}
