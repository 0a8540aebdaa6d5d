#ifndef STOA_GRAPH_RESULT_ANSWER_H
#define STOA_GRAPH_RESULT_ANSWER_H

#include "graph/exec/run.h"
#include "graph/plan/leaf.h"
#include "graph/plan/question.h"
#include "graph/result/writer.h"

/// A query from text to bytes: parse, plan, run, write.  One of the five facades.

/// Answer a question in a format.  `default_format` of SELECT and ASK is `format`; a CONSTRUCT asked in
/// a format of rows is written as N-Triples.  `n_rows` may be NULL.
stoa_status stoa_answer(const stoa_question *question, const stoa_rewriter *rewriter, stoa_context *context,
                        stoa_format format, stoa_sink sink, uint64_t *n_rows, stoa_error *err);
/// Answer a query that is read already.
stoa_status stoa_answer_query(const stoa_query *query, const stoa_rewriter *rewriter, stoa_context *context,
                              stoa_format format, stoa_sink sink, uint64_t *n_rows, stoa_error *err);
/// Explain it instead: "algebra", "plan", "sql", or "analyze", which runs it and tells rows, time and memory.
stoa_status stoa_answer_explain(const stoa_question *question, const stoa_rewriter *rewriter, stoa_context *context,
                                const char *what, stoa_buf *out, stoa_error *err);
/// Explain a query that is read already.
stoa_status stoa_answer_explain_query(const stoa_query *query, const stoa_rewriter *rewriter, stoa_context *context,
                                      const char *what, stoa_buf *out, stoa_error *err);
/// Run a plan and hand every batch to `take`, which may stop the run with an error.
stoa_status stoa_answer_each(const stoa_plan *plan, stoa_context *context, const stoa_slot_rows *slots,
                             uint32_t n_slots,
                             stoa_status (*take)(const stoa_batch *batch, void *data, stoa_error *err), void *data,
                             stoa_error *err);

#endif
