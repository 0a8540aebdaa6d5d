// Views of kind request: a SELECT of expressions over inputs that come with the request and features of other views.
// Its algebra stands on the rows that are asked for, in a slot of VALUES, where others stand on patterns.
#include "features/feature.h"
#include "graph/base/assert.h"
#include "graph/base/file.h"
#include "graph/exec/op.h"
#include "graph/plan/planning.h"
#include "graph/result/answer.h"

// ---- compilation

static bool is_leaf(const stoa_node *node)
{
  return node->kind == STOA_NODE_UNIT || (node->kind == STOA_NODE_BGP && node->n_patterns == 0);
}

// The same expressions over `rows`; NULL where there is anything but expressions.
static const stoa_node *stand_on(const stoa_node *node, const stoa_node *rows, stoa_var row_var, stoa_arena *arena)
{
  if (is_leaf(node)) {
    return rows;
  }
  const stoa_node *const below = node->kind == STOA_NODE_PROJECT || node->kind == STOA_NODE_EXTEND
                                   ? stand_on(node->inputs[0], rows, row_var, arena)
                                   : NULL;
  if (!below) {
    return NULL;
  }
  stoa_node *const copy = STOA_NEW(arena, stoa_node);
  *copy = *node;
  copy->inputs[0] = below;
  if (node->kind == STOA_NODE_PROJECT) {
    stoa_var *const vars = STOA_NEWS(arena, stoa_var, node->n_vars + 1);
    memcpy(vars, node->vars, node->n_vars * sizeof *vars);
    vars[node->n_vars] = row_var;
    copy->vars = vars;
    copy->n_vars = node->n_vars + 1;
  }
  return copy;
}

// Which row of the request, the entity where the query speaks of it, then the inputs.
static stoa_node *rows_of(const stoa_view *v, stoa_arena *arena)
{
  stoa_node *const values = STOA_NEW(arena, stoa_node);
  stoa_var *const vars = STOA_NEWS(arena, stoa_var, v->inputs.n + 2);
  uint32_t n = 0;
  vars[n++] = v->row_var;
  if (v->entity_var != STOA_NO_VAR) {
    vars[n++] = v->entity_var;
  }
  for (uint32_t i = 0; i < v->inputs.n; ++i) {
    vars[n++] = v->inputs.items[i].var;
  }
  *values =
    (stoa_node){.kind = STOA_NODE_VALUES, .vars = vars, .n_vars = n, .slot = 1, .slot_many = true, .limit = UINT64_MAX};
  return values;
}

// ---- what expressions are made of

static bool is_given(const stoa_view *v, const stoa_node *below, stoa_var var)
{
  bool given = var == v->entity_var;
  for (uint32_t i = 0; i < v->inputs.n; ++i) {
    given |= v->inputs.items[i].var == var;
  }
  for (; below && !is_leaf(below) && !given; below = below->inputs[0]) {
    given = below->kind == STOA_NODE_EXTEND && below->var == var;
  }
  return given;
}

static const stoa_expr *find_missing(const stoa_view *v, const stoa_node *below, const stoa_expr *e)
{
  const stoa_expr *missing = e->kind == STOA_EXPR_VAR && !is_given(v, below, e->var) ? e : NULL;
  for (uint32_t i = 0; i < e->n_args && !missing; ++i) {
    missing = find_missing(v, below, e->args[i]);
  }
  return missing;
}

static stoa_status refuse_missing(const stoa_view *v, const stoa_expr *missing, stoa_error *err)
{
  enum { MOST = 64 };
  const char *names[MOST];
  size_t n = 0;
  for (uint32_t i = 0; i < v->inputs.n && n < MOST; ++i) {
    names[n++] = v->query->names[v->inputs.items[i].var];
  }
  const char *const name = v->query->names[missing->var], *const near = stoa_nearest(name, names, n);
  const stoa_place place = {v->file, missing->place.line, missing->place.column};
  return stoa_error_at(err, STOA_NOT_FOUND, place.line ? place : (stoa_place){v->file, 1, 1},
                       "?%s is neither an input nor read of another view%s%s%s", name, near ? "; did you mean ?" : "",
                       near ? near : "", near ? "?" : "; name it under \"inputs\" or \"reads\"");
}

// Of a variable that nothing binds nothing is made, without a word.
static stoa_status check_given(const stoa_view *v, stoa_error *err)
{
  for (const stoa_node *node = v->query->root; !is_leaf(node); node = node->inputs[0]) {
    const stoa_expr *const missing =
      node->kind == STOA_NODE_EXTEND ? find_missing(v, node->inputs[0], node->expr) : NULL;
    if (missing) {
      return refuse_missing(v, missing, err);
    }
  }
  return STOA_OK;
}

stoa_status stoa_request_compile(stoa_view *v, stoa_registry *r, stoa_error *err)
{
  const stoa_query *const query = v->query;
  stoa_arena *const arena = &r->arena;
  stoa_query *const wrapped = STOA_NEW(arena, stoa_query);
  const char **const names = STOA_NEWS(arena, const char *, query->n_vars + 1);
  stoa_var *const columns = STOA_NEWS(arena, stoa_var, query->n_columns + 1);
  stoa_context context;
  for (uint32_t i = 0; i < v->features.n; ++i) {
    for (uint32_t k = 0; k < v->inputs.n; ++k) {
      if (v->features.items[i].var == v->inputs.items[k].var) {
        return stoa_error_at(err, STOA_BAD_ARG, v->inputs.items[k].place, "feature %s is an input as it comes",
                             v->features.items[i].name);
      }
    }
  }
  v->row_var = query->n_vars;
  memcpy(names, query->names, query->n_vars * sizeof *names);
  memcpy(columns, query->columns, query->n_columns * sizeof *columns);
  names[v->row_var] = "_:row";
  columns[query->n_columns] = v->row_var;
  *wrapped = *query;
  wrapped->names = names;
  wrapped->n_vars = query->n_vars + 1;
  wrapped->columns = columns;
  wrapped->n_columns = query->n_columns + 1;
  wrapped->root = stand_on(query->root, rows_of(v, arena), v->row_var, arena);
  if (!wrapped->root) {
    return stoa_error_at(err, STOA_UNSUPPORTED, (stoa_place){v->file, 1, 1},
                         "a view of kind request selects expressions and nothing else; what it reads of the graph is a "
                         "feature of another view, named under \"reads\"");
  }
  STOA_TRY(check_given(v, err));
  stoa_context_init(&context, 0);
  STOA_TRY(stoa_plan_make(wrapped, &r->project->mapping.rewriter, &context, arena, &v->plan_one, err));
  v->plan_many = v->plan_one;
  return STOA_OK;
}

// ---- what it reads

static stoa_status resolve(const stoa_view *v, stoa_view_input *input, const stoa_registry *r, stoa_error *err)
{
  const char *const colon = strchr(input->reference, ':');
  for (uint32_t i = 0; colon && i < r->views.n; ++i) {
    const stoa_view *const other = r->views.items[i];
    const size_t length = strlen(other->name);
    if (length != (size_t)(colon - input->reference) || memcmp(other->name, input->reference, length) != 0) {
      continue;
    }
    if (other->kind == STOA_VIEW_REQUEST || other->entity != v->entity) {
      return stoa_error_at(err, STOA_BAD_ARG, input->place,
                           other->entity != v->entity ? "view %s is of another entity, %s"
                                                      : "view %s is of kind request too; read what it reads%.0s",
                           other->name, other->entity->name);
    }
    for (uint32_t k = 0; k < other->features.n; ++k) {
      if (strcmp(other->features.items[k].name + length + 2, colon + 1) == 0) {
        input->view = other;
        input->feature = k;
        return STOA_OK;
      }
    }
  }
  return stoa_error_at(err, STOA_NOT_FOUND, input->place, "there is no feature \"%s\"; write \"view:feature\"",
                       input->reference);
}

stoa_status stoa_request_resolve(stoa_view *v, const stoa_registry *r, stoa_error *err)
{
  for (uint32_t i = 0; i < v->inputs.n; ++i) {
    if (!v->inputs.items[i].name) {
      STOA_TRY(resolve(v, &v->inputs.items[i], r, err));
    }
  }
  return STOA_OK;
}

// ---- computation

typedef struct {
  const stoa_view *view;
  stoa_context *context;
  stoa_arena *arena;
  stoa_term *out;
  stoa_view_row *rows;
  uint32_t n_rows;
} results;

static void note_misfit(const results *r, int64_t row, uint32_t feature)
{
  if (!r->rows[row].misfits) {
    r->rows[row].misfits = STOA_NEWS(r->arena, bool, r->view->features.n);
  }
  r->rows[row].misfits[feature] = true;
}

static stoa_status take_results(const stoa_batch *batch, void *data, stoa_error *err)
{
  const results *const r = data;
  const stoa_view *const v = r->view;
  const int at = stoa_plan_column(v->plan_one->root, v->row_var);
  (void)err;
  for (uint32_t row = 0; row < batch->n_rows; ++row) {
    const int64_t which = batch->columns[at][row].as.integer;
    STOA_ASSERT(which >= 0 && which < r->n_rows);
    for (uint32_t i = 0; i < v->features.n; ++i) {
      const stoa_feature *const f = &v->features.items[i];
      const int column = stoa_plan_column(v->plan_one->root, f->var);
      const stoa_term value = column < 0 ? (stoa_term){0} : batch->columns[column][row];
      const uint64_t before = r->context->n_misfits;
      r->out[(size_t)which * v->features.n + i] = stoa_feature_settle(f, value, r->context, r->arena);
      if (r->context->n_misfits != before) {
        note_misfit(r, which, i);
      }
    }
  }
  return STOA_OK;
}

stoa_status stoa_request_compute(const stoa_view *v, const stoa_term *entities, const stoa_term *const *inputs,
                                 uint32_t n_rows, stoa_context *context, stoa_arena *arena, stoa_term *out,
                                 stoa_view_row *its, stoa_error *err)
{
  const uint32_t before = v->entity_var == STOA_NO_VAR ? 1 : 2, n = before + v->inputs.n;
  if (context->at_once) { // an expression may take any time
    return stoa_error_set(err, STOA_UNAVAILABLE, "expressions of view %s are to be evaluated", v->name);
  }
  stoa_term *const rows = STOA_NEWS(arena, stoa_term, (size_t)n * n_rows + 1);
  results r = {v, context, arena, out, its, n_rows};
  for (uint32_t i = 0; i < n_rows; ++i) {
    stoa_term *const row = rows + (size_t)i * n;
    row[0] = stoa_term_integer(i);
    if (before == 2) {
      row[1] = entities[i];
    }
    for (uint32_t k = 0; k < v->inputs.n; ++k) {
      row[before + k] = inputs[k][i];
    }
  }
  const stoa_slot_rows slot = {rows, n_rows};
  return stoa_answer_each(v->plan_one, context, &slot, 1, take_results, &r, err);
}
