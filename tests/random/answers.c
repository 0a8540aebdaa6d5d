#include "tests/random/answers.h"
#include "graph/base/clock.h"
#include "graph/plan/planning.h"
#include "graph/plan/plans.h"
#include "graph/result/answer.h"
#include "graph/sparql/parser.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_term(const answer *a, stoa_term t, stoa_buf *out)
{
  const size_t n = a->aside ? strlen(a->aside) : 0;
  if (t.kind == STOA_TERM_BLANK && n && t.length > n && memcmp(t.as.text, a->aside, n) == 0) {
    t = stoa_term_blank((stoa_slice){t.as.text + n, t.length - n});
  }
  stoa_term_write(t, out);
}

static stoa_status collect(const stoa_batch *batch, void *data, stoa_error *err)
{
  answer *const a = data;
  const stoa_query *const q = a->plan->query;
  for (uint32_t r = 0; r < batch->n_rows; ++r) {
    stoa_buf text = {0};
    for (uint32_t i = 0; i < q->n_columns; ++i) {
      const int column = stoa_plan_column(a->plan->root, q->columns[i]);
      write_term(a, column < 0 ? (stoa_term){0} : batch->columns[column][r], &text);
      stoa_buf_byte(&text, ' ');
    }
    const char *const copy = stoa_arena_copy(&a->arena, (stoa_slice){text.data ? text.data : "", text.length});
    STOA_PUSH(&a->arena, &a->rows, copy);
    stoa_buf_done(&text);
  }
  return a->rows.n > 200000 ? stoa_error_set(err, STOA_LIMIT, "too many rows") : STOA_OK;
}

static int by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

stoa_status answer_ask(const char *text, const stoa_rewriter *rewriter, stoa_plan_options options, answer *out,
                       stoa_error *err)
{
  const stoa_query *q;
  stoa_context context;
  stoa_arena_init(&out->arena, 0);
  stoa_context_init(&context, 1790000000000000);
  context.deadline_ns = stoa_clock_steady_ns() + INT64_C(20000000000);
  STOA_TRY(stoa_query_read(stoa_slice_of(text), "random", "https://bank.example/", &out->arena, &q, err));
  STOA_TRY(stoa_plan_make_with(q, rewriter, &context, options, &out->arena, &out->plan, err));
  STOA_TRY(stoa_answer_each(out->plan, &context, NULL, 0, collect, out, err));
  if (out->rows.n && !out->ordered) {
    qsort(out->rows.items, out->rows.n, sizeof *out->rows.items, by_text);
  }
  return STOA_OK;
}

// Ask with a plan that is kept for the shape.  `fault`: one that is run for the constants it was made for.
stoa_status answer_ask_kept(const char *text, const stoa_rewriter *rewriter, bool fault, answer *out, stoa_error *err)
{
  const stoa_question question = {stoa_slice_of(text), "random", "https://bank.example/"};
  stoa_lease lease;
  stoa_context context;
  stoa_arena_init(&out->arena, 0);
  stoa_context_init(&context, 1790000000000000);
  context.deadline_ns = stoa_clock_steady_ns() + INT64_C(20000000000);
  STOA_TRY(stoa_plans_lease(&question, rewriter, &context, &out->arena, &lease, err));
  lease.plan.values = fault ? NULL : lease.plan.values;
  out->plan = &lease.plan;
  const stoa_status status = stoa_answer_each(out->plan, &context, NULL, 0, collect, out, err);
  stoa_plans_give_back(rewriter, &lease);
  out->plan = NULL;
  if (out->rows.n && !out->ordered) {
    qsort(out->rows.items, out->rows.n, sizeof *out->rows.items, by_text);
  }
  return status;
}

bool answer_same(const answer *a, const answer *b)
{
  bool all = a->rows.n == b->rows.n;
  for (uint32_t i = 0; all && i < a->rows.n; ++i) {
    all = strcmp(a->rows.items[i], b->rows.items[i]) == 0;
  }
  return all;
}

void answer_tell(const char *what, const char *text, const answer *a, const answer *b)
{
  uint32_t i = 0;
  while (i < a->rows.n && i < b->rows.n && strcmp(a->rows.items[i], b->rows.items[i]) == 0) {
    ++i;
  }
  printf("# %s differs from the plain plan (%u rows, %u there): %s\n#   first: %s\n#   there: %s\n", what, a->rows.n,
         b->rows.n, text, i < a->rows.n ? a->rows.items[i] : "(none)", i < b->rows.n ? b->rows.items[i] : "(none)");
}
