#ifndef STOA_TESTS_RANDOM_ANSWERS_H
#define STOA_TESTS_RANDOM_ANSWERS_H

#include "graph/plan/planner.h"
#include "graph/plan/plans.h"

/// Answers as sorted texts, so that two can be compared.  `ordered` ones keep the order that the query asks for.
typedef struct {
  stoa_arena arena;
  STOA_LIST(const char *) rows;
  const stoa_plan *plan;
  bool ordered;
  const char *aside; ///< what loading a file put before the labels of blank nodes; left out.  Or NULL
} answer;

/// Ask a query over what `rewriter` defines, at most 20 seconds and 200,000 rows.  Done by freeing out->arena.
stoa_status answer_ask(const char *text, const stoa_rewriter *rewriter, stoa_plan_options options, answer *out,
                       stoa_error *err);
/// Ask with a plan that is kept for the shape.  `fault`: one that is run for the constants it was made for.
stoa_status answer_ask_kept(const char *text, const stoa_rewriter *rewriter, bool fault, answer *out, stoa_error *err);
bool answer_same(const answer *a, const answer *b);
/// Print a query whose answers differ.
void answer_tell(const char *what, const char *text, const answer *a, const answer *b);

#endif
