// Closures of property paths (p+ and p*) as WITH RECURSIVE.
//
// A step is a relation with two groups of columns: the values that make its subject, and those that make its object.
// The recursion starts with some steps and adds those that begin where one ended; UNION, without ALL, adds a row only
// once, so that it ends on cycles, and gives each node or pair once, as SPARQL's closures do (section 18.4, ALP). Nodes
// are compared by their columns, so both ends of a step must be made alike, by one exact template.  From or to a
// constant only the reached nodes are kept; between two variables pairs are.  p* takes no step as well: this is said
// only where the node to begin at is known, for any node of the graph is related to itself.
#include "graph/plan/rel.h"

typedef struct {
  const stoa_binding *from, *to; ///< of a step
  stoa_sx_list begin;            ///< conditions on the first step
} step;

static bool is_text_or_integer(const stoa_binding *b)
{
  for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
    const stoa_sql_type type = b->columns[k]->info->type;
    if (type != STOA_SQL_INTEGER && type != STOA_SQL_TEXT) {
      return false;
    }
  }
  return b->ctor->n_columns > 0;
}

// A step must end where the next one can begin.
static bool may_follow(const stoa_block *block, const stoa_node *path, step *out)
{
  out->from = stoa_block_find(block, path->step[0]);
  out->to = stoa_block_find(block, path->step[1]);
  return out->from && out->to && block->bindings.n == 2 && stoa_binding_alike(out->from, out->to) &&
         !out->from->guard && !out->from->nullable && !out->to->nullable && stoa_binding_exact(out->from) &&
         is_text_or_integer(out->from);
}

static const stoa_sx *column_of(stoa_rels *r, uint32_t alias, const stoa_sx *like, uint32_t number)
{
  stoa_column_info *const info = STOA_NEW(r->arena, stoa_column_info);
  *info = *like->info;
  info->name = stoa_arena_print(r->arena, "c%u", number);
  info->read = NULL;
  return stoa_sx_column(r, alias, info);
}

// The binding of one end over the closure's columns, which stand in the order of the step's: first those of its
// start, then those of its end.
static stoa_binding end_binding(stoa_rels *r, uint32_t alias, stoa_var var, const stoa_binding *like, uint32_t first)
{
  stoa_binding b = {.var = var, .ctor = like->ctor};
  for (uint32_t k = 0; k < like->ctor->n_columns; ++k) {
    b.columns[k] = column_of(r, alias, like->columns[k], first + k);
  }
  return b;
}

// A constant end as the column values that make it.
static stoa_said begin_at(stoa_rels *r, const stoa_slot *at, const stoa_binding *b, stoa_sx_list *out)
{
  stoa_param params[STOA_TEMPLATE_COLUMNS];
  const stoa_said said = stoa_shape_invert(r, b->ctor, at->term, at->constant, params);
  for (uint32_t k = 0; said == STOA_SAID && k < b->ctor->n_columns; ++k) {
    stoa_block_add(r, out, stoa_sx_equals_param(r, b->columns[k], params[k]));
  }
  return said;
}

static stoa_closure *closure_new(stoa_rels *r, const stoa_rel *steps, const step *s, bool start_is_first)
{
  stoa_closure *const c = STOA_NEW(r->arena, stoa_closure);
  c->steps = steps;
  c->width = s->from->ctor->n_columns;
  c->start = start_is_first ? 0 : c->width;
  c->next = start_is_first ? c->width : 0;
  c->like = s->from->columns;
  return c;
}

// A recursion that begins at nodes asks for the steps that begin at what it has reached: these begin somewhere, and
// need not be told so.
static const stoa_rel *asked_steps(stoa_rels *r, const stoa_rel *steps, uint32_t start)
{
  stoa_block *const block = stoa_block_copy(r, steps->blocks.items[0]);
  const stoa_binding *const begin = &block->bindings.items[start ? 1 : 0];
  uint32_t kept = 0;
  for (uint32_t i = 0; i < block->where.n; ++i) {
    const stoa_sx *const sx = block->where.items[i];
    bool said = false;
    for (uint32_t k = 0; k < begin->ctor->n_columns && stoa_sx_is(sx, STOA_OP_IS_NOT_NULL); ++k) {
      said |= stoa_sx_same(sx->args[0], begin->columns[k]);
    }
    if (!said) {
      block->where.items[kept++] = sx;
    }
  }
  block->where.n = kept;
  return stoa_rel_of_block(r, steps->source, block);
}

// From one known end to the other, followed backward where it is the object that is known.
static stoa_said closure_of_one(stoa_rels *r, const stoa_rel *steps, const stoa_node *path, step *s,
                                const stoa_rel **out)
{
  const stoa_block *const block = steps->blocks.items[0];
  const bool backward = path->ends[0].var != STOA_NO_VAR;
  const bool swapped = block->bindings.items[0].var != path->step[0];
  const uint32_t alias = r->n_aliases++;
  stoa_rel *const rel = stoa_rel_new(r, steps->source);
  stoa_block *const result = stoa_block_new(r);
  stoa_closure *const c = closure_new(r, steps, s, swapped == backward);
  const stoa_slot *const known = &path->ends[backward], *const sought = &path->ends[!backward];
  const stoa_binding begin = end_binding(r, 0, STOA_NO_VAR, s->from, 0);
  stoa_said said = begin_at(r, known, &begin, &s->begin);
  if (said != STOA_SAID) {
    return said == STOA_SAID_NEVER && !path->zero ? stoa_rel_said(rel, out) : STOA_CANNOT_SAY;
  }
  for (uint32_t i = 0; i < s->begin.n; ++i) {
    STOA_PUSH(r->arena, &c->values, s->begin.items[i]->args[1]);
  }
  c->zero = path->zero;
  c->steps = asked_steps(r, steps, c->start);
  const stoa_from from = {.kind = STOA_FROM_CLOSURE, .closure = c, .alias = alias};
  STOA_PUSH(r->arena, &result->from, from);
  const stoa_binding end = end_binding(r, alias, sought->var, s->to, 0);
  if (sought->var != STOA_NO_VAR) {
    STOA_PUSH(r->arena, &result->bindings, end);
  } else {
    said = begin_at(r, sought, &end, &result->where);
    if (said != STOA_SAID) {
      return said == STOA_SAID_NEVER ? stoa_rel_said(rel, out) : STOA_CANNOT_SAY;
    }
  }
  STOA_PUSH(r->arena, &rel->blocks, result);
  return stoa_rel_said(rel, out);
}

// Both ends are one node when all their columns are equal, for they are made alike and exactly.
static const stoa_sx *same_node(stoa_rels *r, const stoa_binding *a, const stoa_binding *b, uint32_t width)
{
  const stoa_sx *same = NULL;
  for (uint32_t k = 0; k < width; ++k) {
    const stoa_sx *const one = stoa_sx_equals_column(r, a->columns[k], b->columns[k]);
    same = same ? stoa_sx_call(r, STOA_OP_ALSO, same, one) : one;
  }
  return same;
}

// All pairs; `apart`: but those of a node with itself.
static stoa_said closure_of_all(stoa_rels *r, const stoa_rel *steps, const stoa_node *path, const step *s, bool apart,
                                const stoa_rel **out)
{
  const uint32_t alias = r->n_aliases++;
  const bool swapped = steps->blocks.items[0]->bindings.items[0].var != path->step[0];
  stoa_rel *const rel = stoa_rel_new(r, steps->source);
  stoa_block *const result = stoa_block_new(r);
  const stoa_from from = {.kind = STOA_FROM_CLOSURE, .closure = closure_new(r, steps, s, !swapped), .alias = alias};
  const stoa_binding start = end_binding(r, alias, path->ends[0].var, s->from, 0);
  const stoa_binding end = end_binding(r, alias, path->ends[1].var, s->to, from.closure->width);
  const stoa_sx *same = NULL;
  STOA_PUSH(r->arena, &result->from, from);
  STOA_PUSH(r->arena, &result->bindings, start);
  if (start.var != end.var) {
    STOA_PUSH(r->arena, &result->bindings, end);
  }
  same = same_node(r, &start, &end, from.closure->width);
  if (apart || start.var == end.var) {
    STOA_PUSH(r->arena, &result->where, apart ? stoa_sx_call(r, STOA_OP_NOT, same, NULL) : same);
  }
  STOA_PUSH(r->arena, &rel->blocks, result);
  return stoa_rel_said(rel, out);
}

// SQL follows steps of one open block; a path within GRAPH ?g must stay in one graph, which columns do not tell.
static bool can_follow(stoa_rels *r, const stoa_rel *steps, const stoa_node *path, step *out)
{
  stoa_rels_speak(r, steps->source);
  return path->many && path->graph.var == STOA_NO_VAR && r->dialect->closures && !steps->source->klass->scans &&
         !steps->set && steps->blocks.n == 1 && !steps->blocks.items[0]->closed &&
         may_follow(steps->blocks.items[0], path, out);
}

stoa_said stoa_rel_path(stoa_rels *r, const stoa_rel *steps, const stoa_node *path, const stoa_rel **out)
{
  step s = {0};
  const bool at_constant = path->ends[0].var == STOA_NO_VAR || path->ends[1].var == STOA_NO_VAR;
  if ((path->zero && !at_constant) || !can_follow(r, steps, path, &s)) {
    return STOA_CANNOT_SAY;
  }
  return at_constant ? closure_of_one(r, steps, path, &s, out) : closure_of_all(r, steps, path, &s, false, out);
}

stoa_said stoa_rel_path_apart(stoa_rels *r, const stoa_rel *steps, const stoa_node *path, const stoa_rel **out)
{
  step s = {0};
  return can_follow(r, steps, path, &s) ? closure_of_all(r, steps, path, &s, true, out) : STOA_CANNOT_SAY;
}

// Only the end that is bound, once for each row: the recursion drops what it has already.
static stoa_said seed_of(stoa_rels *r, const stoa_rel *left, stoa_var var, const stoa_binding *like, bool *all,
                         const stoa_rel **out)
{
  stoa_rel *const seed = stoa_rel_new(r, left->source);
  const stoa_rel *x;
  *all = true;
  if (stoa_rel_opened(r, left, &x) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  for (uint32_t i = 0; i < x->blocks.n; ++i) {
    const stoa_binding *const b = stoa_block_find(x->blocks.items[i], var);
    if (!b || b->nullable || b->guard) {
      return STOA_CANNOT_SAY;
    }
    if (!stoa_ctors_meet(b->ctor, like->ctor)) {
      *all = false; // no step begins there
      continue;
    }
    if (!stoa_binding_alike(b, like)) {
      return STOA_CANNOT_SAY;
    }
    stoa_block *const block = stoa_block_copy(r, x->blocks.items[i]);
    block->bindings.n = 0;
    STOA_PUSH(r->arena, &block->bindings, *b);
    STOA_PUSH(r->arena, &seed->blocks, block);
  }
  return stoa_rel_said(seed, out);
}

// The recursion begins at the different values that the rows of `left` have for one end: pairs that begin elsewhere
// would not be joined to them.
stoa_said stoa_rel_path_from(stoa_rels *r, const stoa_rel *steps, const stoa_node *path, const stoa_rel *left,
                             bool backward, bool *all, const stoa_rel **out)
{
  step s = {0};
  if (!can_follow(r, steps, path, &s)) {
    return STOA_CANNOT_SAY;
  }
  const stoa_binding *const first = backward ? s.to : s.from, *const last = backward ? s.from : s.to;
  const stoa_rel *seed;
  if (seed_of(r, left, path->ends[backward].var, first, all, &seed) != STOA_SAID) {
    return STOA_CANNOT_SAY; // without any row to begin at, the executor has nothing to do either
  }
  const uint32_t alias = r->n_aliases++;
  const bool swapped = steps->blocks.items[0]->bindings.items[0].var != path->step[0];
  stoa_closure *const c = closure_new(r, steps, &s, swapped == backward);
  stoa_rel *const rel = stoa_rel_new(r, steps->source);
  stoa_block *const result = stoa_block_new(r);
  c->seed = seed;
  c->steps = asked_steps(r, steps, c->start);
  c->zero = path->zero && *all;
  STOA_PUSH(r->arena, &result->from, ((stoa_from){.kind = STOA_FROM_CLOSURE, .closure = c, .alias = alias}));
  const stoa_binding start = end_binding(r, alias, path->ends[backward].var, first, 0);
  const stoa_binding end = end_binding(r, alias, path->ends[!backward].var, last, c->width);
  STOA_PUSH(r->arena, &result->bindings, start);
  STOA_PUSH(r->arena, &result->bindings, end);
  if (path->zero && !*all) {
    STOA_PUSH(r->arena, &result->where, stoa_sx_call(r, STOA_OP_NOT, same_node(r, &start, &end, c->width), NULL));
  }
  STOA_PUSH(r->arena, &rel->blocks, result);
  return stoa_rel_said(rel, out);
}
