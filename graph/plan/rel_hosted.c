// What SQL hands back to the engine (stoa_hosted): terms, conditions and aggregates that the executor's own functions
// compute inside the statement, where the source runs in this process.  So a join above a BIND, a group or a sub-select
// that SQL cannot say stays in the one statement of its source, which reads tables by their indexes.
//
// A term travels as a *packed* text, which is equal for equal terms: so "=", DISTINCT and GROUP BY of packed terms are
// those of terms, and any two term maps can be compared by it.  It is right since the same functions compute it that
// would do so above the statement; what may give another value each time (RAND, BNODE) stays out.
#include "graph/plan/rel.h"

static const stoa_column_info packed_column = {.name = "packed", .type = STOA_SQL_PACKED};
static const stoa_ctor packed_ctor = {.kind = STOA_CTOR_PACKED,
                                      .makes = STOA_TERM_UNBOUND,
                                      .columns = {&packed_column},
                                      .n_columns = 1};

bool stoa_hosted_may(const stoa_expr *e)
{
  if (e->kind == STOA_EXPR_EXISTS || (e->kind == STOA_EXPR_CALL && stoa_function_is_volatile(e->function))) {
    return false;
  }
  for (uint32_t i = 0; i < e->n_args; ++i) {
    if (!stoa_hosted_may(e->args[i])) {
      return false;
    }
  }
  return true;
}

stoa_binding stoa_hosted_binding(stoa_rels *r, stoa_var var, const stoa_sx *packed)
{
  stoa_binding b = {.var = var, .ctor = &packed_ctor, .nullable = true};
  b.columns[0] = packed->info ? packed : stoa_sx_as(r, packed, &packed_column);
  return b;
}

typedef STOA_LIST(const stoa_sx *) sx_items;

static void push_columns(stoa_rels *r, const stoa_binding *b, sx_items *args)
{
  for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
    STOA_PUSH(r->arena, args, b->columns[k]);
  }
  if (b->guard) {
    STOA_PUSH(r->arena, args, b->guard);
  }
}

static const stoa_sx *call(stoa_rels *r, stoa_sql_op op, const stoa_hosted *hosted, const stoa_sx *argument)
{
  sx_items args = {0};
  STOA_PUSH(r->arena, &args, stoa_sx_param(r, (stoa_param){.kind = STOA_PARAM_HOSTED, .hosted = hosted}));
  for (uint32_t i = 0; i < hosted->n_bindings; ++i) {
    push_columns(r, &hosted->bindings[i], &args);
  }
  if (argument) {
    STOA_PUSH(r->arena, &args, argument);
  }
  return stoa_sx_as(r, stoa_sx_call_of(r, op, args.items, args.n), &packed_column);
}

typedef struct {
  stoa_rels *r;
  const stoa_block *block;
  STOA_LIST(stoa_binding) bindings;
  STOA_LIST(stoa_var) vars;
} reads;

static void read_binding(reads *s, const stoa_binding *b)
{
  for (uint32_t i = 0; i < s->vars.n; ++i) {
    if (s->vars.items[i] == b->var) {
      return;
    }
  }
  STOA_PUSH(s->r->arena, &s->bindings, *b);
  STOA_PUSH(s->r->arena, &s->vars, b->var);
}

static void read_var(stoa_var var, void *data)
{
  reads *const s = data;
  const stoa_binding *const b = stoa_block_find(s->block, var);
  if (b) {
    read_binding(s, b);
  }
}

static stoa_hosted *hosted_new(stoa_rels *r, stoa_hosted_kind kind, const reads *s)
{
  stoa_hosted *const h = STOA_NEW(r->arena, stoa_hosted);
  h->kind = kind;
  h->bindings = s->bindings.items;
  h->vars = s->vars.items;
  h->n_bindings = s->bindings.n;
  return h;
}

// The term of a binding, made from its columns by the engine: NULL where it is unbound.
const stoa_sx *stoa_hosted_term_of(stoa_rels *r, const stoa_binding *b)
{
  if (b->ctor->kind == STOA_CTOR_PACKED) {
    return b->columns[0];
  }
  reads s = {.r = r};
  stoa_expr *const e = STOA_NEW(r->arena, stoa_expr);
  *e = (stoa_expr){.kind = STOA_EXPR_VAR, .var = b->var};
  read_binding(&s, b);
  stoa_hosted *const h = hosted_new(r, STOA_HOSTED_TERM, &s);
  h->expr = e;
  return call(r, STOA_OP_HOSTED_TERM, h, NULL);
}

static stoa_said evaluated(stoa_rels *r, const stoa_block *block, const stoa_expr *e, stoa_hosted_kind kind,
                           const stoa_sx **out)
{
  if (!r->hosted || !stoa_hosted_may(e)) {
    return STOA_CANNOT_SAY;
  }
  reads s = {.r = r, .block = block};
  stoa_expr_vars(e, read_var, &s);
  stoa_hosted *const h = hosted_new(r, kind, &s);
  h->expr = e;
  *out = call(r, kind == STOA_HOSTED_TRUTH ? STOA_OP_HOSTED_TRUTH : STOA_OP_HOSTED_TERM, h, NULL);
  return STOA_SAID;
}

stoa_said stoa_hosted_term(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  const stoa_binding *const b = e->kind == STOA_EXPR_VAR ? stoa_block_find(block, e->var) : NULL;
  if (!b || !r->hosted) {
    return evaluated(r, block, e, STOA_HOSTED_TERM, out);
  }
  *out = stoa_hosted_term_of(r, b);
  return STOA_SAID;
}

stoa_said stoa_hosted_truth(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  return evaluated(r, block, e, STOA_HOSTED_TRUTH, out);
}

// An aggregate that never saw a row does not know its call: stoa_folded gives the empty group's value.
stoa_said stoa_hosted_fold(stoa_rels *r, const stoa_block *block, const stoa_aggregate *aggregate, const stoa_sx **out)
{
  reads s = {.r = r, .block = block};
  if (!r->hosted || (aggregate->expr && !stoa_hosted_may(aggregate->expr))) {
    return STOA_CANNOT_SAY;
  }
  if (aggregate->expr) {
    stoa_expr_vars(aggregate->expr, read_var, &s);
  }
  for (uint32_t i = 0; !aggregate->expr && aggregate->distinct && i < block->bindings.n; ++i) {
    read_binding(&s, &block->bindings.items[i]);
  }
  stoa_hosted *const h = hosted_new(r, STOA_HOSTED_FOLD, &s), *const none = STOA_NEW(r->arena, stoa_hosted);
  h->aggregate = aggregate;
  *none = (stoa_hosted){.kind = STOA_HOSTED_FOLD, .aggregate = aggregate};
  *out = call(r, STOA_OP_HOSTED_FOLDED, none, call(r, STOA_OP_HOSTED_FOLD, h, NULL));
  return STOA_SAID;
}

stoa_block *stoa_hosted_block(stoa_rels *r, const stoa_block *block)
{
  stoa_block *const packed = stoa_block_copy(r, block);
  for (uint32_t i = 0; i < packed->bindings.n; ++i) {
    const stoa_binding b = packed->bindings.items[i];
    packed->bindings.items[i] = stoa_hosted_binding(r, b.var, stoa_hosted_term_of(r, &b));
    packed->bindings.items[i].nullable = b.nullable;
  }
  return packed;
}

static bool alike_everywhere(const stoa_rel *a, stoa_var var)
{
  const stoa_binding *const first = stoa_block_find(a->blocks.items[0], var);
  for (uint32_t i = 0; i < a->blocks.n; ++i) {
    const stoa_binding *const b = stoa_block_find(a->blocks.items[i], var);
    if (!b || !first || !stoa_binding_alike(first, b)) {
      return false;
    }
  }
  return true;
}

// Where blocks make a variable's term in different ways, each packs its own: packed terms are read alike.
static void uniform_var(stoa_rels *r, const stoa_rel *a, stoa_var var, stoa_rel *out)
{
  const bool alike = alike_everywhere(a, var);
  for (uint32_t i = 0; i < a->blocks.n; ++i) {
    stoa_block *const block = (stoa_block *)out->blocks.items[i];
    const stoa_binding *const b = stoa_block_find(a->blocks.items[i], var);
    stoa_binding made;
    if (alike) {
      made = *b;
    } else if (b) {
      made = stoa_hosted_binding(r, var, stoa_hosted_term_of(r, b));
      made.nullable = b->nullable;
    } else {
      made = stoa_hosted_binding(r, var, stoa_sx_call(r, STOA_OP_NULL, NULL, NULL));
    }
    STOA_PUSH(r->arena, &block->bindings, made);
  }
}

stoa_rel *stoa_hosted_uniform(stoa_rels *r, const stoa_rel *a)
{
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  rel->set = a->set;
  for (uint32_t i = 0; i < a->blocks.n; ++i) {
    stoa_block *const block = stoa_block_copy(r, a->blocks.items[i]);
    block->bindings.n = 0;
    block->distinct |= a->set && a->blocks.n == 1; // of several, UNION drops what is there twice
    STOA_PUSH(r->arena, &rel->blocks, block);
  }
  for (uint32_t i = 0; i < a->blocks.n; ++i) {
    for (uint32_t k = 0; k < a->blocks.items[i]->bindings.n; ++k) {
      const stoa_var var = a->blocks.items[i]->bindings.items[k].var;
      if (!stoa_block_find(rel->blocks.items[0], var)) {
        uniform_var(r, a, var, rel);
      }
    }
  }
  return rel;
}

stoa_rel *stoa_hosted_values(stoa_rels *r, stoa_source *source, const stoa_node *values)
{
  static const stoa_column_info row_number = {.name = "value", .type = STOA_SQL_INTEGER, .not_null = true};
  stoa_block *const block = stoa_block_new(r);
  const stoa_from from = {.kind = STOA_FROM_ROWS, .rows = values, .alias = r->n_aliases++};
  STOA_PUSH(r->arena, &block->from, from);
  for (uint32_t i = 0; i < values->n_vars; ++i) {
    stoa_hosted *const h = STOA_NEW(r->arena, stoa_hosted);
    *h = (stoa_hosted){.kind = STOA_HOSTED_CELL, .values = values, .column = i};
    const stoa_sx *const cell = call(r, STOA_OP_HOSTED_CELL, h, stoa_sx_column(r, from.alias, &row_number));
    stoa_binding b = stoa_hosted_binding(r, values->vars[i], cell);
    b.nullable = false; // unless some row has UNDEF; the rows of a slot never do
    for (uint32_t row = 0; row < values->n_rows; ++row) {
      b.nullable |= !stoa_term_is_bound(values->rows[row * values->n_vars + i]);
    }
    STOA_PUSH(r->arena, &block->bindings, b);
  }
  return stoa_rel_of_block(r, source, block);
}
