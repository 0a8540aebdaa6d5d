#include "graph/exec/run.h"
#include "graph/base/assert.h"
#include "graph/base/clock.h"
#include "graph/exec/asked.h"
#include "graph/exec/op.h"
#include "graph/plan/explain.h"
#include <stdlib.h>

static const stoa_op_class *class_of(stoa_plan_kind kind)
{
  switch (kind) {
    case STOA_PLAN_EMPTY:
      return &stoa_op_empty;
    case STOA_PLAN_UNIT:
      return &stoa_op_unit;
    case STOA_PLAN_SQL:
      return &stoa_op_sql;
    case STOA_PLAN_QUADS:
      return &stoa_op_quads;
    case STOA_PLAN_VALUES:
      return &stoa_op_values;
    case STOA_PLAN_JOIN:
    case STOA_PLAN_LEFT_JOIN:
    case STOA_PLAN_MINUS:
    case STOA_PLAN_SEMI_JOIN:
      return &stoa_op_join;
    case STOA_PLAN_PATH:
      return &stoa_op_path;
    case STOA_PLAN_SERVICE:
      return &stoa_op_service;
    case STOA_PLAN_UNION:
      return &stoa_op_union;
    case STOA_PLAN_FILTER:
      return &stoa_op_filter;
    case STOA_PLAN_EXTEND:
      return &stoa_op_extend;
    case STOA_PLAN_GROUP:
      return &stoa_op_group;
    case STOA_PLAN_ORDER:
      return &stoa_op_order;
    case STOA_PLAN_DISTINCT:
      return &stoa_op_distinct;
    case STOA_PLAN_SLICE:
      return &stoa_op_slice;
    case STOA_PLAN_PROJECT:
      return &stoa_op_project;
  }
  return &stoa_op_empty;
}

static stoa_op *op_new(stoa_run *run, const stoa_plan_node *node)
{
  stoa_op *const op = STOA_NEW(&run->arena, stoa_op);
  op->klass = class_of(node->kind);
  op->node = node;
  op->run = run;
  stoa_arena_init(&op->scratch, 0);
  op->scratch.charge = &run->arena;
  const stoa_plan_node *const lowest = stoa_plan_quads_bottom(node);
  for (int i = 0; i < 2 && lowest->inputs[i]; ++i) {
    op->inputs[i] = op_new(run, lowest->inputs[i]);
  }
  return op;
}

static stoa_status op_open(stoa_op *op, stoa_error *err)
{
  for (int i = 0; i < 2 && op->inputs[i]; ++i) {
    STOA_TRY(op_open(op->inputs[i], err));
  }
  return op->klass->open ? op->klass->open(op, err) : STOA_OK;
}

static void op_close(stoa_op *op)
{
  for (int i = 0; i < 2 && op->inputs[i]; ++i) {
    op_close(op->inputs[i]);
  }
  if (op->klass->close) {
    op->klass->close(op);
  }
  stoa_arena_done(&op->scratch);
}

stoa_status stoa_op_pull(stoa_op *op, int i, const stoa_batch **out, stoa_error *err)
{
  return stoa_op_next(op->inputs[i], out, err);
}

stoa_status stoa_op_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  const int64_t start = op->run->timed ? stoa_clock_steady_ns() : 0;
  const stoa_status status = op->klass->next(op, out, err);
  op->n_rows += status == STOA_OK && *out ? (*out)->n_rows : 0;
  op->ns += op->run->timed ? stoa_clock_steady_ns() - start : 0;
  return status;
}

void stoa_op_want(stoa_op *op, stoa_var var, const stoa_slot_rows *keys)
{
  if (op->node->kind == STOA_PLAN_SQL) {
    op->keys = op->node->sql.bound && op->node->sql.bound_var == var ? keys : NULL;
    return;
  }
  if (op->node->kind == STOA_PLAN_QUADS && op->node->quads.keyed) {
    op->keys = op->node->quads.key_var == var && !op->node->quads.weighted ? keys : NULL;
    return;
  }
  const unsigned open = stoa_plan_open_inputs(op->node, var);
  for (int i = 0; i < 2 && op->inputs[i]; ++i) {
    if (open >> i & 1) {
      stoa_op_want(op->inputs[i], var, keys);
    }
  }
}

stoa_connection *stoa_run_connection(const stoa_run *run, const stoa_source *source)
{
  for (uint32_t i = 0; i < run->plan->n_sources; ++i) {
    if (run->plan->sources[i] == source) {
      return run->connections[i];
    }
  }
  return NULL;
}

stoa_connection *stoa_op_connection(stoa_op *op)
{
  return stoa_run_connection(op->run, op->node->source);
}

stoa_status stoa_op_check(stoa_op *op, stoa_error *err)
{
  return stoa_run_check(op->run, err);
}

static size_t held_by(const stoa_run *run)
{
  return run->arena.n_bytes + run->arena.n_bytes_above;
}

static stoa_status over_cap(const stoa_run *run, stoa_error *err)
{
  return stoa_error_set(
    err, STOA_LIMIT,
    "the query needs more than its memory cap of %llu MiB; narrow it, or raise limits: query_memory in stoa.yaml",
    (unsigned long long)(run->context->memory_bytes >> 20));
}

stoa_status stoa_run_check(stoa_run *run, stoa_error *err)
{
  if (run->failed.status != STOA_OK) {
    *err = run->failed;
    return err->status;
  }
  const size_t held = held_by(run);
  run->peak_bytes = held > run->peak_bytes ? held : run->peak_bytes;
  if (stoa_arena_status(&run->arena) != STOA_OK) {
    return over_cap(run, err);
  }
  return stoa_context_check(run->context, err);
}

bool stoa_run_may_go_on(stoa_run *run)
{
  enum { BYTES_BETWEEN = 1 << 20, LOOKS_BETWEEN = 256 };
  if (run->failed.status != STOA_OK) {
    return false;
  }
  const size_t held = held_by(run);
  if (++run->n_looks < LOOKS_BETWEEN && held < run->looked_bytes + BYTES_BETWEEN) {
    return true;
  }
  run->n_looks = 0;
  run->looked_bytes = held;
  return stoa_run_check(run, &run->failed) == STOA_OK;
}

bool stoa_run_has_room(stoa_run *run, size_t n_bytes)
{
  if (run->failed.status != STOA_OK) {
    return false;
  }
  const size_t held = held_by(run);
  if (run->arena.budget && (n_bytes > run->arena.budget || held > run->arena.budget - n_bytes)) {
    over_cap(run, &run->failed);
    return false;
  }
  return true;
}

static stoa_connection *of_outer(const stoa_run *outer, const stoa_source *source)
{
  for (; outer; outer = outer->outer) {
    for (uint32_t i = 0; i < outer->plan->n_sources; ++i) {
      if (outer->plan->sources[i] == source) {
        return outer->connections[i];
      }
    }
  }
  return NULL;
}

// All connections at once, so that two queries never wait for each other's second one; in the order
// of addresses, so that they never deadlock.
static stoa_status lease_all(stoa_run *run, stoa_error *err)
{
  const uint32_t n = run->plan->n_sources;
  run->connections = STOA_NEWS(&run->arena, stoa_connection *, n);
  for (uint32_t done = 0; done < n; ++done) {
    uint32_t next = n;
    for (uint32_t i = 0; i < n; ++i) {
      if (!run->connections[i] &&
          (next == n || (uintptr_t)run->plan->sources[i] < (uintptr_t)run->plan->sources[next])) {
        next = i;
      }
    }
    stoa_source *const source = run->plan->sources[next];
    run->connections[next] = of_outer(run->outer, source);
    if (run->connections[next]) {
      continue;
    }
    STOA_TRY(source->klass->lease(source, run->context, &run->connections[next], err));
  }
  return STOA_OK;
}

static stoa_status has_row(stoa_run *run, const stoa_plan_node *statement, bool *out, stoa_error *err)
{
  const stoa_batch *rows = NULL;
  stoa_op *const op = op_new(run, statement);
  stoa_status status = op_open(op, err);
  do {
    status = status == STOA_OK ? stoa_op_next(op, &rows, err) : status;
  } while (status == STOA_OK && rows && rows->n_rows == 0);
  *out = rows && rows->n_rows;
  op_close(op);
  return status;
}

// Has any statement of the check a row?  Those whose answer is known are not asked.
static stoa_status any_row(stoa_run *run, const stoa_plan_node *check, bool *out, stoa_error *err)
{
  if (check->kind == STOA_PLAN_UNION) {
    STOA_TRY(any_row(run, check->inputs[0], out, err));
    return *out ? STOA_OK : any_row(run, check->inputs[1], out, err);
  }
  STOA_ASSERT(check->kind == STOA_PLAN_SQL);
  *out = false;
  if (stoa_asked_none(run, check)) {
    return STOA_OK;
  }
  if (run->plan->patient && !stoa_asked_before(run, check)) {
    *out = true; // nothing is known, and the other plan is right in any case
    return STOA_OK;
  }
  STOA_TRY(has_row(run, check, out, err));
  if (!*out) {
    stoa_asked_note(run, check);
  }
  return STOA_OK;
}

// The plan that is right for the values as they are now.
static stoa_status choose(stoa_run *run, const stoa_plan_node **root, stoa_error *err)
{
  bool any = false;
  STOA_TRY(any_row(run, run->plan->check, &any, err));
  *root = any ? run->plan->unless : run->plan->root;
  return STOA_OK;
}

static stoa_status run_open(stoa_run *outer, const stoa_plan *plan, stoa_context *context, const stoa_slot_rows *slots,
                            uint32_t n_slots, stoa_run **out, stoa_error *err)
{
  stoa_run *const run = calloc(1, sizeof *run);
  if (!run) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a query");
  }
  run->plan = plan;
  run->context = context;
  run->slots = slots;
  run->n_slots = n_slots;
  run->outer = outer;
  stoa_arena_init(&run->arena, context->memory_bytes);
  stoa_status status = lease_all(run, err);
  const stoa_plan_node *root = plan->root;
  if (status == STOA_OK && plan->check) {
    status = choose(run, &root, err);
  }
  if (status == STOA_OK) {
    run->root = op_new(run, root);
    status = op_open(run->root, err);
  }
  if (status != STOA_OK) {
    stoa_run_close(run);
    return status;
  }
  *out = run;
  return STOA_OK;
}

stoa_status stoa_run_open(const stoa_plan *plan, stoa_context *context, const stoa_slot_rows *slots, uint32_t n_slots,
                          stoa_run **out, stoa_error *err)
{
  return run_open(NULL, plan, context, slots, n_slots, out, err);
}

stoa_status stoa_run_open_inside(stoa_run *outer, const stoa_plan *plan, stoa_run **out, stoa_error *err)
{
  return run_open(outer, plan, outer->context, outer->slots, outer->n_slots, out, err);
}

stoa_status stoa_run_next(stoa_run *run, const stoa_batch **out, stoa_error *err)
{
  STOA_TRY(stoa_op_check(run->root, err));
  STOA_TRY(stoa_op_next(run->root, out, err));
  return stoa_op_check(run->root, err); // expressions fail within a batch: its rows are not given away then
}

void stoa_run_time(stoa_run *run)
{
  run->timed = true;
}

static const stoa_op *op_of(const stoa_op *op, const stoa_plan_node *node)
{
  const stoa_op *found = op && op->node == node ? op : NULL;
  for (int i = 0; i < 2 && op && !found; ++i) {
    found = op_of(op->inputs[i], node);
  }
  return found;
}

static void annotate(const stoa_plan_node *node, void *data, stoa_buf *out)
{
  const stoa_op *const op = op_of(((const stoa_run *)data)->root, node);
  if (op) {
    stoa_buf_print(out, "  -- %llu rows, %.3f ms", (unsigned long long)op->n_rows, (double)op->ns / 1e6);
  }
}

void stoa_run_print(stoa_run *run, stoa_buf *out)
{
  stoa_plan shown = *run->plan;
  shown.root = run->root->node;
  stoa_plan_print_with(&shown, annotate, run, out);
  stoa_buf_print(out, "-- memory: at most %.1f of %.1f MiB\n", (double)run->peak_bytes / 1048576,
                 (double)run->context->memory_bytes / 1048576);
}

void stoa_run_close(stoa_run *run)
{
  if (!run) {
    return;
  }
  if (run->root) {
    op_close(run->root);
  }
  run->context->peak_bytes = run->peak_bytes > run->context->peak_bytes ? run->peak_bytes : run->context->peak_bytes;
  for (uint32_t i = 0; run->connections && i < run->plan->n_sources; ++i) {
    if (run->connections[i] && !of_outer(run->outer, run->plan->sources[i])) {
      run->plan->sources[i]->klass->give_back(run->connections[i]);
    }
  }
  stoa_arena_done(&run->arena);
  free(run);
}
