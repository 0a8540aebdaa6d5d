#ifndef STOA_GRAPH_EXEC_FUNCTION_H
#define STOA_GRAPH_EXEC_FUNCTION_H

#include "graph/exec/op.h"

/// Functions of values (SPARQL 1.1, sections 17.3 to 17.5): what the rows of STOA_FUNCTION_TABLE name.  Arguments are
/// bound; an unbound result is SPARQL's error.

typedef struct {
  const stoa_expr *expr; ///< the call as it was written
  const stoa_term *args;
  uint32_t n_args;
  stoa_arena *arena; ///< of the result's bytes: it lives as long as the batch
  stoa_run *run;
  uint64_t solution; ///< number of the row, for BNODE(text)
} stoa_call;

/// Apply the function of `call->expr`, a call.
stoa_term stoa_function_apply(const stoa_call *call);

#define X(name, text, form, least, most, computed_by) stoa_term stoa_function_##computed_by(const stoa_call *call);
STOA_FUNCTION_TABLE(X)
#undef X

/// ---- what the files of functions share

static inline bool stoa_term_is_text(stoa_term t)
{
  return t.kind == STOA_TERM_STRING || t.kind == STOA_TERM_LANG;
}
/// The characters of a text, with a language or without.
static inline stoa_slice stoa_text_of(stoa_term t)
{
  return t.kind == STOA_TERM_LANG ? t.as.literal->text : stoa_term_text(t);
}
/// A text with the language of `like`.
stoa_term stoa_text_like(const stoa_call *call, stoa_term like, stoa_slice text);
/// Room for `n_bytes` of a result, or NULL where the query's cap would be passed: the query ends then.
char *stoa_call_room(const stoa_call *call, size_t n_bytes);
/// Move what a buffer holds into such room, and empty it.  False where there is none.
bool stoa_call_take(const stoa_call *call, stoa_buf *text, stoa_slice *out);

#endif
