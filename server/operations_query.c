// query and explain: SPARQL over the layer of the call.
#include "graph/sparql/parser.h"
#include "server/operations.h"
#include "server/metrics.h"

enum { MOST_WARNINGS = 2000 };

static void warn(const char *text, void *data)
{
  stoa_buf *const warnings = &((stoa_call *)data)->reply.warnings;
  if (warnings->length + strlen(text) <= MOST_WARNINGS) {
    stoa_buf_text(warnings, text);
    stoa_buf_byte(warnings, '\n');
  }
}

static stoa_question question_of(const stoa_call *call)
{
  return (stoa_question){call->request.body, "query", call->layer->project->base};
}

// The plan is told without the query's text, whose constants may speak of somebody.
static void tell_slow(stoa_call *call, int64_t ns)
{
  const stoa_log *const log = call->shared->log;
  const int64_t slow_ms = call->shared->limits->slow_ms;
  if (!slow_ms || ns < slow_ms * 1000000 || stoa_call_is_left(call)) {
    return;
  }
  const stoa_question question = question_of(call);
  stoa_context context;
  stoa_buf plan = {0};
  stoa_error ignored = {0};
  stoa_context_init(&context, call->context.now_us);
  context.dataset = call->request.dataset;
  context.endpoints = call->context.endpoints;
  context.deadline_ns = stoa_clock_steady_ns() + 1000000000;
  stoa_answer_explain(&question, &call->layer->project->mapping.rewriter, &context, "plan", &plan, &ignored);
  stoa_log_line line = stoa_log_begin(log, STOA_LOG_WARNING, "slow query", NULL);
  stoa_log_ms(&line, "ms", ns);
  stoa_log_integer(&line, "rows", (int64_t)call->reply.rows);
  if (call->request.trace[0]) {
    stoa_log_text(&line, "trace", call->request.trace);
  }
  stoa_log_text(&line, "plan", stoa_buf_string(&plan));
  stoa_log_end(&line);
  stoa_buf_done(&plan);
}

// Of HEAD only the text is read: what it would answer is not computed for nobody.
static stoa_status only_read(stoa_call *call, stoa_error *err)
{
  const stoa_query *query;
  const stoa_question question = question_of(call);
  call->reply.kind = STOA_REPLY_TEXT;
  return stoa_query_read(question.text, question.file, question.base, &call->arena, &query, err);
}

stoa_status stoa_run_query(stoa_call *call, stoa_error *err)
{
  stoa_metrics *const metrics = call->shared->metrics;
  const stoa_question question = question_of(call);
  const int64_t start = stoa_clock_steady_ns();
  stoa_metrics_add(&metrics->queries, 1);
  call->reply.media_type = stoa_format_media_type(call->request.format);
  if (call->request.head_only) {
    return only_read(call, err);
  }
  call->reply.kind = STOA_REPLY_STREAM;
  call->context.dataset = call->request.dataset;
  call->context.warn = warn;
  call->context.warn_data = call;
  stoa_status status = stoa_answer(&question, &call->layer->project->mapping.rewriter, &call->context,
                                   call->request.format, (stoa_sink){stoa_call_write, call}, &call->reply.rows, err);
  if (call->is_late) {
    *err = (stoa_error){0};
    status = stoa_error_set(err, STOA_TIMEOUT, "the deadline of the query passed while its answer was not read");
  }
  stoa_metrics_most(&metrics->query_peak_bytes, call->context.peak_bytes);
  tell_slow(call, stoa_clock_steady_ns() - start);
  return status;
}

stoa_status stoa_run_explain(stoa_call *call, stoa_error *err)
{
  static const char *const ways[] = {"algebra", "plan", "sql", "analyze"};
  const stoa_question question = question_of(call);
  const char *const how = call->request.how ? call->request.how : "plan";
  stoa_buf text = {0};
  bool known = false;
  for (size_t i = 0; i < sizeof ways / sizeof *ways; ++i) {
    known |= strcmp(how, ways[i]) == 0;
  }
  if (!known) {
    return stoa_error_set(err, STOA_BAD_ARG, "a query is explained as one of algebra, plan, sql, analyze");
  }
  call->context.dataset = call->request.dataset;
  STOA_TRY(stoa_answer_explain(&question, &call->layer->project->mapping.rewriter, &call->context, how, &text, err));
  call->reply.kind = STOA_REPLY_TEXT;
  call->reply.media_type = "text/plain; charset=utf-8";
  call->reply.text = stoa_call_copy(call, (stoa_slice){text.data ? text.data : "", text.length});
  stoa_buf_done(&text);
  return STOA_OK;
}
