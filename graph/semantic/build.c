#include "graph/semantic/build.h"
#include "graph/sparql/parser.h"
#include "graph/term/equality.h"
#include "graph/term/vocab.h"

stoa_var stoa_semantic_var(stoa_semantic_builder *b, const char *name)
{
  const stoa_var var = b->vars.n;
  STOA_PUSH(b->arena, &b->vars, name);
  if (var >= b->n_room) {
    const uint32_t room = b->n_room ? 2 * b->n_room : 64;
    stoa_var *const same = STOA_NEWS(b->arena, stoa_var, room);
    const stoa_semantic_select **const givers = STOA_NEWS(b->arena, const stoa_semantic_select *, room);
    for (uint32_t i = 0; i < var; ++i) {
      same[i] = b->same[i];
      givers[i] = b->givers[i];
    }
    b->same = same;
    b->givers = givers;
    b->n_room = room;
  }
  b->same[var] = var;
  return var;
}

stoa_var stoa_semantic_root(const stoa_semantic_builder *b, stoa_var var)
{
  while (b->same[var] != var) {
    var = b->same[var];
  }
  return var;
}

// The rows of a sub-select have both columns, equal or not: as one variable it would give only those where they are.
static bool given_twice(const stoa_semantic_builder *b, stoa_var x, stoa_var y)
{
  for (stoa_var v = 0; v < b->vars.n; ++v) {
    if (!b->givers[v] || stoa_semantic_root(b, v) != x) {
      continue;
    }
    for (stoa_var w = 0; w < b->vars.n; ++w) {
      if (b->givers[w] == b->givers[v] && stoa_semantic_root(b, w) == y) {
        return true;
      }
    }
  }
  return false;
}

bool stoa_semantic_unify(stoa_semantic_builder *b, stoa_var var, stoa_var other)
{
  const stoa_var x = stoa_semantic_root(b, var), y = stoa_semantic_root(b, other);
  if (x == y) {
    return true;
  }
  if (given_twice(b, x, y)) {
    return false;
  }
  b->same[x > y ? x : y] = x > y ? y : x;
  return true;
}

stoa_status stoa_semantic_size(const stoa_semantic_builder *b)
{
  const struct {
    uint32_t n, most;
    const char *what;
  } limits[] = {{b->n_operators, STOA_QUERY_MOST_OPERATORS, "joins, conditions and computed columns"},
                {b->n_patterns, STOA_QUERY_MOST_PATTERNS, "classes and properties"},
                {b->vars.n, STOA_QUERY_MOST_VARIABLES, "columns"},
                {b->n_arithmetic, STOA_QUERY_MOST_ARITHMETIC, "operators + - * /"}};
  for (size_t i = 0; i < sizeof limits / sizeof *limits; ++i) {
    if (limits[i].n > limits[i].most) {
      return stoa_error_at(b->err, STOA_TOO_LARGE, b->place,
                           "a query may have %u %s, and here this one has more; ask in parts", limits[i].most,
                           limits[i].what);
    }
  }
  return STOA_OK;
}

// ---- operators

stoa_node *stoa_semantic_op(stoa_semantic_builder *b, stoa_node_kind kind, const stoa_node *x, const stoa_node *y)
{
  stoa_node *const node = STOA_NEW(b->arena, stoa_node);
  b->n_operators++;
  node->kind = kind;
  node->place = b->place;
  node->inputs[0] = x;
  node->inputs[1] = y;
  node->limit = UINT64_MAX;
  return node;
}

const stoa_node *stoa_semantic_join(stoa_semantic_builder *b, const stoa_node *x, const stoa_node *y)
{
  return x && y ? stoa_semantic_op(b, STOA_NODE_JOIN, x, y) : x ? x : y;
}

const stoa_node *stoa_semantic_extend(stoa_semantic_builder *b, const stoa_node *x, stoa_var var, const stoa_expr *e)
{
  stoa_node *const node = stoa_semantic_op(b, STOA_NODE_EXTEND, x, NULL);
  node->var = var;
  node->expr = e;
  return node;
}

const stoa_node *stoa_semantic_filter(stoa_semantic_builder *b, const stoa_node *x, const stoa_expr *e)
{
  stoa_node *const node = stoa_semantic_op(b, STOA_NODE_FILTER, x, NULL);
  node->expr = e;
  node->place = e->place;
  return node;
}

// ---- expressions

static stoa_expr *new_expr(stoa_semantic_builder *b, stoa_expr_kind kind)
{
  stoa_expr *const e = STOA_NEW(b->arena, stoa_expr);
  e->kind = kind;
  e->place = b->place;
  return e;
}

const stoa_expr *stoa_semantic_term_expr(stoa_semantic_builder *b, stoa_term term)
{
  stoa_expr *const e = new_expr(b, STOA_EXPR_TERM);
  e->term = term;
  return e;
}

const stoa_expr *stoa_semantic_var_expr(stoa_semantic_builder *b, stoa_var var)
{
  stoa_expr *const e = new_expr(b, STOA_EXPR_VAR);
  e->var = var;
  return e;
}

const stoa_expr *stoa_semantic_calls(stoa_semantic_builder *b, stoa_function f, const stoa_expr *const *args,
                                     uint32_t n)
{
  stoa_expr *const e = new_expr(b, STOA_EXPR_CALL);
  b->n_arithmetic += f >= STOA_FN_ADD && f <= STOA_FN_DIVIDE;
  e->function = f;
  e->args = STOA_NEWS(b->arena, const stoa_expr *, n + 1);
  e->n_args = n;
  for (uint32_t i = 0; i < n; ++i) {
    e->args[i] = args[i];
  }
  return e;
}

const stoa_expr *stoa_semantic_call(stoa_semantic_builder *b, stoa_function f, const stoa_expr *x, const stoa_expr *y,
                                    const stoa_expr *z)
{
  const stoa_expr *const args[] = {x, y, z};
  return stoa_semantic_calls(b, f, args, !x ? 0 : !y ? 1 : !z ? 2 : 3);
}

const stoa_expr *stoa_semantic_null_expr(stoa_semantic_builder *b)
{
  return stoa_semantic_calls(b, STOA_FN_COALESCE, NULL, 0);
}

const stoa_expr *stoa_semantic_cast(stoa_semantic_builder *b, const char *type, const stoa_expr *x)
{
  stoa_expr *const e = (stoa_expr *)stoa_semantic_calls(b, STOA_FN_CAST, &x, 1);
  e->term = stoa_term_iri(stoa_slice_of(type));
  return e;
}

const stoa_expr *stoa_semantic_chain(stoa_semantic_builder *b, stoa_function f, const stoa_expr *const *parts,
                                     uint32_t n)
{
  if (n == 1) {
    return parts[0];
  }
  const uint32_t half = (n + 1) / 2;
  const stoa_expr *const left = stoa_semantic_chain(b, f, parts, half);
  const stoa_expr *const right = stoa_semantic_chain(b, f, parts + half, n - half);
  stoa_expr *const e = (stoa_expr *)stoa_semantic_call(b, f, left, right, NULL);
  e->place = parts[half]->place;
  return e;
}

const stoa_expr *stoa_semantic_now(stoa_semantic_builder *b, int64_t offset_us)
{
  stoa_expr *const now = (stoa_expr *)stoa_semantic_calls(b, STOA_FN_NOW, NULL, 0);
  now->term = stoa_term_integer(offset_us);
  b->asks_when = true;
  return now;
}

bool stoa_semantic_alike(const stoa_semantic_builder *b, const stoa_expr *x, const stoa_expr *y)
{
  if (x->kind != y->kind || x->kind == STOA_EXPR_EXISTS) {
    return false;
  }
  if (x->kind == STOA_EXPR_VAR) {
    return stoa_semantic_root(b, x->var) == stoa_semantic_root(b, y->var);
  }
  if (x->kind == STOA_EXPR_TERM) {
    return stoa_term_same(x->term, y->term);
  }
  bool alike = x->function == y->function && x->n_args == y->n_args && x->term.kind == y->term.kind &&
               (!stoa_term_is_bound(x->term) || stoa_term_same(x->term, y->term));
  for (uint32_t i = 0; i < x->n_args && alike; ++i) {
    alike = stoa_semantic_alike(b, x->args[i], y->args[i]);
  }
  return alike;
}
