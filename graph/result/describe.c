#include "graph/result/describe.h"
#include "graph/base/map.h"
#include "graph/plan/planning.h"

typedef struct {
  const stoa_plan *plan; ///< of the batches that come
  stoa_result_writer *writer;
  stoa_arena *arena;
  stoa_map known; ///< labels of blank nodes that are told of, or will be
  STOA_LIST(stoa_term) pending;
} description;

static bool see(description *d, stoa_term node)
{
  const bool is_new = !stoa_map_find(&d->known, stoa_term_text(node));
  if (is_new) {
    stoa_map_add(&d->known, d->arena, stoa_term_text(node), d);
  }
  return is_new;
}

static stoa_status take(const stoa_batch *batch, void *data, stoa_error *err)
{
  description *const d = data;
  const stoa_pattern *const triple = d->plan->query->construct;
  const int subject = stoa_plan_column(d->plan->root, triple->subject.var);
  const int object = stoa_plan_column(d->plan->root, triple->object.var);
  for (uint32_t row = 0; row < batch->n_rows && subject >= 0 && object >= 0; ++row) {
    const stoa_term s = batch->columns[subject][row], o = batch->columns[object][row];
    if (s.kind == STOA_TERM_BLANK) {
      see(d, s);
    }
    if (o.kind == STOA_TERM_BLANK && see(d, o)) {
      const stoa_term kept = stoa_term_copy(o, d->arena);
      STOA_PUSH(d->arena, &d->pending, kept);
    }
  }
  if (stoa_arena_status(d->arena) != STOA_OK) {
    return stoa_error_set(err, STOA_LIMIT, "the description has more blank nodes than the query's memory holds");
  }
  return stoa_result_writer_add(d->writer, batch, err);
}

// The triples of all pending nodes at once, round by round.
static stoa_status follow(description *d, const stoa_rewriter *rewriter, stoa_context *context, stoa_error *err)
{
  stoa_query query = *d->plan->query;
  const stoa_plan *plan;
  query.root = query.closure;
  STOA_TRY(stoa_plan_make(&query, rewriter, context, d->arena, &plan, err));
  d->plan = plan;
  stoa_result_writer_follow(d->writer, plan);
  while (d->pending.n) {
    const stoa_slot_rows nodes = {d->pending.items, d->pending.n};
    d->pending.items = NULL;
    d->pending.n = d->pending.capacity = 0;
    STOA_TRY(stoa_answer_each(plan, context, &nodes, 1, take, d, err));
  }
  return STOA_OK;
}

stoa_status stoa_describe(const stoa_plan *plan, const stoa_rewriter *rewriter, stoa_context *context,
                          stoa_result_writer *writer, stoa_error *err)
{
  stoa_arena arena;
  stoa_arena_init(&arena, context->memory_bytes);
  description d = {.plan = plan, .writer = writer, .arena = &arena};
  stoa_status status = STOA_OK;
  if (plan->query->n_construct) { // else nothing was named
    status = stoa_answer_each(plan, context, NULL, 0, take, &d, err);
    status = status == STOA_OK && d.pending.n ? follow(&d, rewriter, context, err) : status;
  }
  stoa_arena_done(&arena);
  return status;
}
