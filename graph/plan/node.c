// What planning carries, and the nodes of a plan.
#include "graph/plan/planner.h"
#include <stdarg.h>
#include <stdio.h>

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

enum { MOST_NOTES = 100 };

// The first hundred lines, each once.
static void add_line(stoa_planner *p, stoa_plan_lines *lines, const char *format, va_list args)
{
  char text[512];
  vsnprintf(text, sizeof text, format, args);
  for (uint32_t i = 0; i < lines->n; ++i) {
    if (strcmp(lines->items[i], text) == 0) {
      return;
    }
  }
  if (lines->n < MOST_NOTES) {
    STOA_PUSH(p->arena, lines, stoa_arena_copy(p->arena, stoa_slice_of(text)));
  }
}

void stoa_plan_note(stoa_planner *p, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  add_line(p, &p->notes, format, args);
  va_end(args);
}

void stoa_plan_warn(stoa_planner *p, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  add_line(p, &p->warnings, format, args);
  va_end(args);
}

stoa_var stoa_plan_extra_var(stoa_planner *p)
{
  const char *const name = stoa_arena_print(p->arena, "_:c%u", p->extra_names.n);
  STOA_PUSH(p->arena, &p->extra_names, name);
  return p->rels.query->n_vars + p->extra_names.n - 1;
}

uint32_t stoa_plan_n_vars(const stoa_planner *p)
{
  return p->rels.query->n_vars + p->extra_names.n;
}

stoa_plan_node *stoa_plan_node_new(stoa_planner *p, stoa_plan_kind kind, const stoa_plan_node *a,
                                   const stoa_plan_node *b)
{
  stoa_plan_node *const node = STOA_NEW(p->arena, stoa_plan_node);
  node->kind = kind;
  node->inputs[0] = a;
  node->inputs[1] = b;
  return node;
}

const stoa_plan_node *stoa_plan_quads_bottom(const stoa_plan_node *node)
{
  while (node->kind == STOA_PLAN_QUADS && !node->expr && node->inputs[0] && node->inputs[0]->kind == STOA_PLAN_QUADS &&
         !node->inputs[0]->expr && node->inputs[0]->source == node->source) {
    node = node->inputs[0];
  }
  return node;
}

bool stoa_plan_is_join(const stoa_plan_node *node)
{
  return node->kind == STOA_PLAN_JOIN || node->kind == STOA_PLAN_LEFT_JOIN || node->kind == STOA_PLAN_MINUS ||
         node->kind == STOA_PLAN_SEMI_JOIN;
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

void stoa_plan_append_var(stoa_planner *p, stoa_plan_node *node, stoa_var var)
{
  if (stoa_plan_column(node, var) < 0) {
    stoa_var *const vars = STOA_NEWS(p->arena, stoa_var, node->n_vars + 1);
    if (node->n_vars) {
      memcpy(vars, node->vars, node->n_vars * sizeof *vars);
    }
    vars[node->n_vars++] = var;
    node->vars = vars;
  }
}

stoa_plan_node *stoa_plan_empty(stoa_planner *p)
{
  return stoa_plan_node_new(p, STOA_PLAN_EMPTY, NULL, NULL);
}

stoa_plan_node *stoa_plan_values(stoa_planner *p, const stoa_node *node)
{
  stoa_plan_node *const values = stoa_plan_node_new(p, STOA_PLAN_VALUES, NULL, NULL);
  values->node = node;
  values->vars = node->vars;
  values->n_vars = node->n_vars;
  return values;
}

const stoa_plan_node *stoa_plan_union(stoa_planner *p, const stoa_plan_node *a, const stoa_plan_node *b)
{
  if (!a || !b) {
    return a ? a : b;
  }
  stoa_plan_node *const both = stoa_plan_node_new(p, STOA_PLAN_UNION, a, b);
  stoa_plan_merge_vars(p, both);
  return both;
}

unsigned stoa_plan_open_inputs(const stoa_plan_node *node, stoa_var var)
{
  switch (node->kind) {
    case STOA_PLAN_EXTEND:
      return node->node->var != var;
    case STOA_PLAN_FILTER:
    case STOA_PLAN_PROJECT:
    case STOA_PLAN_DISTINCT:
    case STOA_PLAN_LEFT_JOIN:
    case STOA_PLAN_SEMI_JOIN:
    case STOA_PLAN_MINUS:
      return 1;
    case STOA_PLAN_JOIN:
    case STOA_PLAN_UNION:
      return 3;
    default:
      return 0;
  }
}
