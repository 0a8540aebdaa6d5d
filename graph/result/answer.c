#include "graph/result/answer.h"
#include "graph/plan/explain.h"
#include "graph/plan/planning.h"
#include "graph/plan/plans.h"
#include "graph/result/describe.h"
#include "graph/sparql/parser.h"

stoa_status stoa_answer_each(const stoa_plan *plan, stoa_context *context, const stoa_slot_rows *slots,
                             uint32_t n_slots,
                             stoa_status (*take)(const stoa_batch *batch, void *data, stoa_error *err), void *data,
                             stoa_error *err)
{
  stoa_run *run;
  STOA_TRY(stoa_run_open(plan, context, slots, n_slots, &run, err));
  stoa_status status;
  for (;;) {
    const stoa_batch *batch = NULL;
    status = stoa_run_next(run, &batch, err);
    if (status != STOA_OK || !batch) {
      break;
    }
    status = take(batch, data, err);
    if (status != STOA_OK) {
      break;
    }
  }
  stoa_run_close(run);
  return status;
}

static stoa_status write_batch(const stoa_batch *batch, void *data, stoa_error *err)
{
  return stoa_result_writer_add(data, batch, err);
}

static stoa_status run_plan(const stoa_plan *plan, const stoa_rewriter *rewriter, stoa_context *context,
                            stoa_format format, stoa_sink sink, uint64_t *n_rows, stoa_error *err)
{
  stoa_result_writer *writer;
  if ((plan->query->form == STOA_FORM_CONSTRUCT || plan->query->form == STOA_FORM_DESCRIBE) &&
      !stoa_format_is_graph(format)) {
    format = STOA_FORMAT_NT;
  }
  STOA_TRY(stoa_result_writer_new(format, plan, sink, &writer, err));
  stoa_status status = plan->query->form == STOA_FORM_DESCRIBE
                         ? stoa_describe(plan, rewriter, context, writer, err)
                         : stoa_answer_each(plan, context, NULL, 0, write_batch, writer, err);
  if (status == STOA_OK) {
    status = stoa_result_writer_end(writer, err);
  }
  if (n_rows) {
    *n_rows = stoa_result_writer_count(writer);
  }
  stoa_result_writer_free(writer);
  return status;
}

static void tell_warnings(const stoa_plan *plan, const stoa_context *context)
{
  for (uint32_t i = 0; context->warn && i < plan->n_warnings; ++i) {
    context->warn(plan->warnings[i], context->warn_data);
  }
}

stoa_status stoa_answer(const stoa_question *question, const stoa_rewriter *rewriter, stoa_context *context,
                        stoa_format format, stoa_sink sink, uint64_t *n_rows, stoa_error *err)
{
  stoa_arena arena;
  stoa_lease lease;
  stoa_arena_init(&arena, 0);
  stoa_status status = stoa_plans_lease(question, rewriter, context, &arena, &lease, err);
  if (status == STOA_OK) {
    tell_warnings(&lease.plan, context);
    status = run_plan(&lease.plan, rewriter, context, format, sink, n_rows, err);
    stoa_plans_give_back(rewriter, &lease);
  }
  stoa_arena_done(&arena);
  return status;
}

stoa_status stoa_answer_query(const stoa_query *query, const stoa_rewriter *rewriter, stoa_context *context,
                              stoa_format format, stoa_sink sink, uint64_t *n_rows, stoa_error *err)
{
  stoa_arena arena;
  const stoa_plan *plan;
  stoa_arena_init(&arena, context->memory_bytes);
  stoa_status status = stoa_plan_make(query, rewriter, context, &arena, &plan, err);
  if (status == STOA_OK) {
    tell_warnings(plan, context);
    status = run_plan(plan, rewriter, context, format, sink, n_rows, err);
  }
  stoa_arena_done(&arena);
  return status;
}

static stoa_status analyze(const stoa_plan *plan, stoa_context *context, stoa_buf *out, stoa_error *err)
{
  stoa_run *run;
  const stoa_batch *batch = NULL;
  STOA_TRY(stoa_run_open(plan, context, NULL, 0, &run, err));
  stoa_run_time(run);
  stoa_status status;
  do {
    status = stoa_run_next(run, &batch, err);
  } while (status == STOA_OK && batch);
  if (status == STOA_OK) {
    stoa_run_print(run, out);
  }
  stoa_run_close(run);
  return status;
}

stoa_status stoa_answer_explain_query(const stoa_query *query, const stoa_rewriter *rewriter, stoa_context *context,
                                      const char *what, stoa_buf *out, stoa_error *err)
{
  stoa_arena arena;
  const stoa_plan *plan;
  if (strcmp(what, "algebra") == 0) {
    stoa_algebra_print(query, query->root, out);
    return STOA_OK;
  }
  stoa_arena_init(&arena, 0);
  stoa_status status = stoa_plan_make(query, rewriter, context, &arena, &plan, err);
  if (status == STOA_OK) {
    tell_warnings(plan, context);
  }
  if (status == STOA_OK && strcmp(what, "analyze") == 0) {
    status = analyze(plan, context, out, err);
  } else if (status == STOA_OK) {
    stoa_plan_print(plan, strcmp(what, "plan") != 0, out);
  }
  stoa_arena_done(&arena);
  return status;
}

stoa_status stoa_answer_explain(const stoa_question *q, const stoa_rewriter *rewriter, stoa_context *context,
                                const char *what, stoa_buf *out, stoa_error *err)
{
  stoa_arena arena;
  const stoa_query *query;
  stoa_arena_init(&arena, 0);
  stoa_status status = stoa_query_read_on(context->dataset, q->text, q->file, q->base, &arena, &query, err);
  if (status == STOA_OK) {
    status = stoa_answer_explain_query(query, rewriter, context, what, out, err);
  }
  stoa_arena_done(&arena);
  return status;
}
