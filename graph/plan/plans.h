#ifndef STOA_GRAPH_PLAN_PLANS_H
#define STOA_GRAPH_PLAN_PLANS_H

#include "graph/plan/plan.h"
#include "graph/plan/question.h"

/// Plans kept by the shape of their queries.  The key is the text without blanks, comments and constants; a plan is
/// used again when the constants that are fixed are the same and it holds for the others (shape.h).  Many threads may
/// ask at once.  The least recently used go when there are too many.  What a rewriter's `define` answers may depend on
/// the pattern alone: once it asks who calls, the caller's role belongs to the key.
typedef struct stoa_plans stoa_plans;

enum {
  STOA_PLANS_MOST = 256,              ///< plans kept
  STOA_PLANS_MOST_BYTES = 32 << 20,   ///< of all together
  STOA_PLANS_LONGEST_TEXT = 16 << 10, ///< longer texts are planned each time, and those that ask a SERVICE
};

struct stoa_planned;

/// A plan for a text's own constants, until it is given back.  It borrows the text.
typedef struct {
  stoa_plan plan;
  struct stoa_planned *planned;
} stoa_lease;

typedef struct {
  uint64_t n_hits, n_misses;
  uint32_t n_plans;
  size_t n_bytes;
} stoa_plans_count;

stoa_plans *stoa_plans_new(void);
/// Free them; none may be leased.
void stoa_plans_free(stoa_plans *plans);
/// Forget what is kept: after the native graph was written to, for plans know what it holds.
void stoa_plans_clear(stoa_plans *plans);
void stoa_plans_counts(stoa_plans *plans, stoa_plans_count *out);
/// Return a plan of `question` over `rewriter`, whose `plans` (NULL: none are kept) it comes from or is added to.
/// `arena` holds what belongs to the question alone.  Errors are those of reading and planning.
stoa_status stoa_plans_lease(const stoa_question *question, const stoa_rewriter *rewriter, const stoa_context *context,
                             stoa_arena *arena, stoa_lease *out, stoa_error *err);
void stoa_plans_give_back(const stoa_rewriter *rewriter, stoa_lease *lease);

#endif
