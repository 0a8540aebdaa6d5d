// Variables that a join makes equal become one, as SPARQL would have written it.
#include "graph/semantic/build.h"

static const stoa_expr *settle_expr(stoa_semantic_builder *b, const stoa_expr *e)
{
  stoa_expr *const out = STOA_NEW(b->arena, stoa_expr);
  *out = *e;
  if (e->kind == STOA_EXPR_VAR) {
    out->var = stoa_semantic_root(b, e->var);
  }
  if (e->kind == STOA_EXPR_EXISTS) {
    out->pattern = stoa_semantic_settle(b, e->pattern);
  }
  if (e->n_args) {
    out->args = STOA_NEWS(b->arena, const stoa_expr *, e->n_args);
  }
  for (uint32_t i = 0; i < e->n_args; ++i) {
    out->args[i] = settle_expr(b, e->args[i]);
  }
  return out;
}

static stoa_slot settle_slot(const stoa_semantic_builder *b, stoa_slot slot)
{
  slot.var = slot.var == STOA_NO_VAR ? STOA_NO_VAR : stoa_semantic_root(b, slot.var);
  return slot;
}

// A pattern that says again what one before it says is left out: two columns that a join makes one.
static const stoa_pattern *settle_patterns(stoa_semantic_builder *b, const stoa_node *node, uint32_t *n)
{
  stoa_pattern *const out = STOA_NEWS(b->arena, stoa_pattern, node->n_patterns);
  *n = 0;
  for (uint32_t i = 0; i < node->n_patterns; ++i) {
    stoa_pattern p = node->patterns[i];
    p.subject = settle_slot(b, p.subject);
    p.object = settle_slot(b, p.object);
    bool again = false;
    for (uint32_t k = 0; k < *n && !again; ++k) {
      again = out[k].subject.var == p.subject.var && out[k].object.var == p.object.var &&
              stoa_slice_equal(stoa_term_text(out[k].predicate.term), stoa_term_text(p.predicate.term)) &&
              (p.object.var != STOA_NO_VAR ||
               stoa_slice_equal(stoa_term_text(out[k].object.term), stoa_term_text(p.object.term)));
    }
    if (!again) {
      out[(*n)++] = p;
    }
  }
  return out;
}

// Two keys of a group that are one variable are one key.
static const stoa_var *settle_vars(stoa_semantic_builder *b, const stoa_node *node, uint32_t *n)
{
  stoa_var *const out = STOA_NEWS(b->arena, stoa_var, node->n_vars);
  *n = 0;
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    const stoa_var var = stoa_semantic_root(b, node->vars[i]);
    bool again = false;
    for (uint32_t k = 0; k < *n && !again && node->kind == STOA_NODE_GROUP; ++k) {
      again = out[k] == var;
    }
    if (!again) {
      out[(*n)++] = var;
    }
  }
  return out;
}

static void settle_group(stoa_semantic_builder *b, stoa_node *node)
{
  stoa_aggregate *const aggregates = STOA_NEWS(b->arena, stoa_aggregate, node->n_aggregates + 1);
  for (uint32_t i = 0; i < node->n_aggregates; ++i) {
    aggregates[i] = node->aggregates[i];
    aggregates[i].expr = aggregates[i].expr ? settle_expr(b, aggregates[i].expr) : NULL;
    aggregates[i].out = stoa_semantic_root(b, aggregates[i].out);
  }
  node->aggregates = aggregates;
}

static void settle_orders(stoa_semantic_builder *b, stoa_node *node)
{
  stoa_order *const orders = STOA_NEWS(b->arena, stoa_order, node->n_orders + 1);
  for (uint32_t i = 0; i < node->n_orders; ++i) {
    orders[i] = node->orders[i];
    orders[i].expr = settle_expr(b, orders[i].expr);
  }
  node->orders = orders;
}

const stoa_node *stoa_semantic_settle(stoa_semantic_builder *b, const stoa_node *node)
{
  stoa_node *const out = STOA_NEW(b->arena, stoa_node);
  *out = *node;
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    out->inputs[i] = stoa_semantic_settle(b, node->inputs[i]);
  }
  out->expr = node->expr ? settle_expr(b, node->expr) : NULL;
  out->var = node->kind == STOA_NODE_EXTEND ? stoa_semantic_root(b, node->var) : node->var;
  out->patterns = node->n_patterns ? settle_patterns(b, node, &out->n_patterns) : NULL;
  out->vars = node->n_vars ? settle_vars(b, node, &out->n_vars) : NULL;
  settle_group(b, out);
  settle_orders(b, out);
  return out;
}
