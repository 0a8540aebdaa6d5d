// SPARQL 1.1 Update on a native graph: an operation's rows are read first and its quads made from them; then
// queries are kept out while they come and go.
#include "graph/update/update.h"
#include "graph/exec/run.h"
#include "graph/plan/planning.h"
#include "graph/plan/plans.h"
#include "graph/term/equality.h"

typedef struct {
  stoa_term terms[4];
} quad;

typedef STOA_LIST(quad) quads;

typedef struct {
  const stoa_update_target *target;
  stoa_context *context;
  stoa_error *err;
  stoa_arena arena; ///< of one operation
  quads going, coming;
  uint64_t n_solutions;
} update_run;

// ---- templates

static stoa_term fill_slot(update_run *u, const stoa_plan *plan, const stoa_slot *slot, const stoa_batch *batch,
                           uint32_t row)
{
  if (slot->var == STOA_NO_VAR) {
    return slot->term;
  }
  const int column = batch ? stoa_plan_column(plan->root, slot->var) : -1;
  if (column >= 0) {
    return stoa_term_copy(batch->columns[column][row], &u->arena);
  }
  // A blank node of the template: a new one for each solution.
  const char *const name = plan->query->names[slot->var];
  if (name[0] != '_') {
    return (stoa_term){0};
  }
  return stoa_term_blank(stoa_slice_of(stoa_arena_print(
    &u->arena, "u%llx_%llux%s", (unsigned long long)u->context->now_us, (unsigned long long)u->n_solutions, name + 2)));
}

static bool is_triple(const quad *q)
{
  return (stoa_term_is_iri(q->terms[0]) || q->terms[0].kind == STOA_TERM_BLANK) && stoa_term_is_iri(q->terms[1]) &&
         stoa_term_is_bound(q->terms[2]);
}

static void fill(update_run *u, const stoa_plan *plan, const stoa_pattern *templates, uint32_t n,
                 const stoa_batch *batch, uint32_t row, quads *out)
{
  for (uint32_t i = 0; i < n; ++i) {
    const stoa_pattern *const t = &templates[i];
    const quad q = {{fill_slot(u, plan, &t->subject, batch, row), fill_slot(u, plan, &t->predicate, batch, row),
                     fill_slot(u, plan, &t->object, batch, row), fill_slot(u, plan, &t->graph, batch, row)}};
    const bool graph = t->graph.var == STOA_NO_VAR || stoa_term_is_iri(q.terms[3]);
    if (is_triple(&q) && graph) {
      STOA_PUSH(&u->arena, out, q);
    }
  }
}

static stoa_status collect(update_run *u, const stoa_update_operation *op)
{
  const stoa_plan *plan;
  stoa_run *run;
  STOA_TRY(stoa_plan_make(op->where, u->target->rewriter, u->context, &u->arena, &plan, u->err));
  STOA_TRY(stoa_run_open(plan, u->context, NULL, 0, &run, u->err));
  stoa_status status;
  for (;;) {
    const stoa_batch *batch = NULL;
    status = stoa_run_next(run, &batch, u->err);
    if (status != STOA_OK || !batch) {
      break;
    }
    for (uint32_t row = 0; row < batch->n_rows; ++row, ++u->n_solutions) {
      fill(u, plan, op->deletes, op->n_deletes, batch, row, &u->going);
      fill(u, plan, op->inserts, op->n_inserts, batch, row, &u->coming);
    }
    status = stoa_arena_status(&u->arena);
    if (status != STOA_OK) {
      stoa_error_set(u->err, STOA_LIMIT, "the update needs more than its memory cap of %llu MiB",
                     (unsigned long long)(u->context->memory_bytes >> 20));
      break;
    }
  }
  stoa_run_close(run);
  return status;
}

// ---- changes

static stoa_status log_all(update_run *u, bool insert, const quads *list)
{
  for (uint32_t i = 0; u->target->log && i < list->n; ++i) {
    STOA_TRY(u->target->log(u->target->data, insert, list->items[i].terms, u->err));
  }
  return STOA_OK;
}

static stoa_status change(update_run *u)
{
  stoa_source *const g = u->target->native;
  STOA_TRY(log_all(u, false, &u->going));
  STOA_TRY(log_all(u, true, &u->coming));
  stoa_source_native_lock(g);
  for (uint32_t i = 0; i < u->going.n; ++i) {
    const stoa_term *const t = u->going.items[i].terms;
    stoa_source_native_remove(g, t[0], t[1], t[2], t[3]);
  }
  if (u->going.n) {
    stoa_source_native_finish(g);
  }
  for (uint32_t i = 0; i < u->coming.n; ++i) {
    const stoa_term *const t = u->coming.items[i].terms;
    stoa_source_native_add(g, t[0], t[1], t[2], t[3]);
  }
  stoa_source_native_finish(g);
  stoa_source_native_unlock(g);
  return STOA_OK;
}

// All quads of a graph as templates would give them.
static stoa_status quads_of(update_run *u, stoa_term graph, bool any_named, quads *out)
{
  stoa_source *const g = u->target->native;
  stoa_connection *connection;
  stoa_cursor *cursor;
  stoa_fragment_pattern all = {.vars = {0, 1, 2, any_named ? 3 : -1}, .terms = {{0}, {0}, {0}, graph}};
  const stoa_fragment fragment = {.patterns = &all, .n_patterns = 1, .n_vars = any_named ? 4 : 3};
  STOA_TRY(g->klass->lease(g, u->context, &connection, u->err));
  stoa_status status = g->klass->open(connection, &fragment, u->context, &cursor, u->err);
  stoa_rows rows = {.n_rows = status == STOA_OK};
  while (status == STOA_OK && rows.n_rows) {
    status = g->klass->next(cursor, &u->arena, &rows, u->err);
    for (uint32_t i = 0; status == STOA_OK && i < rows.n_rows; ++i) {
      const quad q = {{rows.terms[0][i], rows.terms[1][i], rows.terms[2][i], any_named ? rows.terms[3][i] : graph}};
      STOA_PUSH(&u->arena, out, q);
    }
  }
  if (cursor) {
    g->klass->close(cursor);
  }
  g->klass->give_back(connection);
  return status;
}

static stoa_term graph_of(const stoa_graphs *graphs)
{
  return graphs->kind == STOA_GRAPHS_ONE ? graphs->iri : (stoa_term){0};
}

static stoa_status need_graph(update_run *u, const stoa_update_operation *op, const stoa_graphs *graphs)
{
  if (graphs->kind != STOA_GRAPHS_ONE || stoa_source_native_has_graph(u->target->native, graphs->iri)) {
    return STOA_OK;
  }
  return stoa_error_at(u->err, STOA_NOT_FOUND, op->place, "there is no graph <%.*s>; SILENT takes it for empty",
                       (int)graphs->iri.length, graphs->iri.as.text);
}

static stoa_status clear(update_run *u, const stoa_update_operation *op)
{
  STOA_TRY(need_graph(u, op, &op->to));
  if (op->to.kind != STOA_GRAPHS_NAMED) {
    STOA_TRY(quads_of(u, graph_of(&op->to), false, &u->going));
  }
  if (op->to.kind == STOA_GRAPHS_NAMED || op->to.kind == STOA_GRAPHS_ALL) {
    STOA_TRY(quads_of(u, (stoa_term){0}, true, &u->going));
  }
  return change(u);
}

static bool same_graphs(const stoa_graphs *a, const stoa_graphs *b)
{
  return stoa_term_same(graph_of(a), graph_of(b));
}

static stoa_status transfer(update_run *u, const stoa_update_operation *op)
{
  STOA_TRY(need_graph(u, op, &op->from));
  if (same_graphs(&op->from, &op->to)) {
    return STOA_OK;
  }
  STOA_TRY(quads_of(u, graph_of(&op->from), false, &u->coming));
  if (op->kind != STOA_UPDATE_ADD) {
    STOA_TRY(quads_of(u, graph_of(&op->to), false, &u->going));
  }
  for (uint32_t i = 0; i < u->coming.n; ++i) {
    if (op->kind == STOA_UPDATE_MOVE) {
      STOA_PUSH(&u->arena, &u->going, u->coming.items[i]);
    }
    u->coming.items[i].terms[3] = graph_of(&op->to);
  }
  return change(u);
}

static stoa_status create(update_run *u, const stoa_update_operation *op)
{
  return stoa_source_native_has_graph(u->target->native, op->to.iri)
           ? stoa_error_at(u->err, STOA_EXISTS, op->place, "graph <%.*s> is there already", (int)op->to.iri.length,
                           op->to.iri.as.text)
           : STOA_OK;
}

static stoa_status load(update_run *u, const stoa_update_operation *op)
{
  return u->target->load ? u->target->load(u->target->data, op->document, graph_of(&op->to), u->err)
                         : stoa_error_at(u->err, STOA_UNSUPPORTED, op->place, "LOAD is not allowed here");
}

static stoa_status modify(update_run *u, const stoa_update_operation *op)
{
  STOA_TRY(collect(u, op));
  return change(u);
}

static stoa_status apply(update_run *u, const stoa_update_operation *op)
{
  switch (op->kind) {
    case STOA_UPDATE_MODIFY:
      return modify(u, op);
    case STOA_UPDATE_LOAD:
      return load(u, op);
    case STOA_UPDATE_CLEAR:
      return clear(u, op);
    case STOA_UPDATE_CREATE:
      return create(u, op);
    case STOA_UPDATE_COPY:
    case STOA_UPDATE_MOVE:
    case STOA_UPDATE_ADD:
      return transfer(u, op);
  }
  return STOA_INTERNAL;
}

stoa_status stoa_update_apply(const stoa_update *update, const stoa_update_target *target, stoa_context *context,
                              stoa_update_counts *counts, stoa_error *err)
{
  stoa_status status = STOA_OK;
  *counts = (stoa_update_counts){0};
  for (uint32_t i = 0; status == STOA_OK && i < update->n_operations; ++i) {
    stoa_error own = {0};
    update_run u = {.target = target, .context = context, .err = &own};
    stoa_arena_init(&u.arena, context->memory_bytes);
    u.n_solutions = (uint64_t)i << 32;
    status = apply(&u, &update->operations[i]);
    counts->n_inserted += u.coming.n;
    counts->n_deleted += u.going.n;
    stoa_arena_done(&u.arena);
    if (status != STOA_OK && update->operations[i].silent) {
      status = STOA_OK;
    } else if (status != STOA_OK) {
      *err = own;
    }
  }
  stoa_plans_clear(target->rewriter->plans);
  return status;
}
