// The table of functions, operators of numbers and order, and what the other files of functions share: texts.c (section
// 17.4.3), terms.c (17.4.2), times.c (17.4.5), casts.c (17.5), matches.c (REGEX and REPLACE), volatile.c.
#include "graph/exec/function.h"
#include "graph/term/compare.h"
#include "graph/term/arithmetic.h"
#include "graph/term/number.h"

static stoa_term (*const bodies[])(const stoa_call *) = {
#define X(name, text, form, least, most, computed_by) [STOA_FN_##name] = stoa_function_##computed_by,
  STOA_FUNCTION_TABLE(X)
#undef X
};

static const stoa_term failure = {0};

stoa_term stoa_function_apply(const stoa_call *call)
{
  return bodies[call->expr->function](call);
}

// A name that is no function of ours; the planner has refused it unless nothing asks for its value.
stoa_term stoa_function_unknown(const stoa_call *call)
{
  (void)call;
  return failure;
}

// eval.c does not come here: it looks at the arguments itself.
stoa_term stoa_function_lazy(const stoa_call *call)
{
  (void)call;
  return failure;
}

// ---- room

char *stoa_call_room(const stoa_call *call, size_t n_bytes)
{
  const size_t most = UINT32_MAX; // of a term's length
  return stoa_run_has_room(call->run, n_bytes < most ? n_bytes : SIZE_MAX / 2) && n_bytes < most
           ? stoa_arena_raw(call->arena, n_bytes + 1)
           : NULL;
}

bool stoa_call_take(const stoa_call *call, stoa_buf *text, stoa_slice *out)
{
  char *const room = stoa_call_room(call, text->length);
  if (room && text->length) {
    memcpy(room, text->data, text->length);
  }
  *out = (stoa_slice){room, text->length};
  stoa_buf_done(text);
  return room != NULL;
}

stoa_term stoa_text_like(const stoa_call *call, stoa_term like, stoa_slice text)
{
  return like.kind == STOA_TERM_LANG ? stoa_term_lang(call->arena, text, like.as.literal->tag) : stoa_term_string(text);
}

// ---- order

static stoa_term compared(const stoa_call *call, stoa_comparison how)
{
  const int truth = stoa_term_compare(how, call->args[0], call->args[1]);
  return truth < 0 ? failure : stoa_term_boolean(truth);
}

stoa_term stoa_function_equal(const stoa_call *call)
{
  return compared(call, STOA_COMPARE_EQ);
}

stoa_term stoa_function_unequal(const stoa_call *call)
{
  return compared(call, STOA_COMPARE_NE);
}

stoa_term stoa_function_less(const stoa_call *call)
{
  return compared(call, STOA_COMPARE_LT);
}

stoa_term stoa_function_greater(const stoa_call *call)
{
  return compared(call, STOA_COMPARE_GT);
}

stoa_term stoa_function_at_most(const stoa_call *call)
{
  return compared(call, STOA_COMPARE_LE);
}

stoa_term stoa_function_at_least(const stoa_call *call)
{
  return compared(call, STOA_COMPARE_GE);
}

// ---- numbers (and what XPath computes with times)

static stoa_term computed(const stoa_call *call, char op)
{
  return stoa_term_arithmetic(op, call->args[0], call->args[1], call->arena);
}

stoa_term stoa_function_add(const stoa_call *call)
{
  return computed(call, '+');
}

stoa_term stoa_function_subtract(const stoa_call *call)
{
  return computed(call, '-');
}

stoa_term stoa_function_multiply(const stoa_call *call)
{
  return computed(call, '*');
}

stoa_term stoa_function_divide(const stoa_call *call)
{
  return computed(call, '/');
}

static stoa_term changed(const stoa_call *call, void (*change)(const stoa_number *, stoa_arena *, stoa_number *))
{
  stoa_number n;
  if (!stoa_number_of(call->args[0], &n)) {
    return failure;
  }
  change(&n, call->arena, &n);
  return stoa_number_term(&n, call->arena);
}

stoa_term stoa_function_negate(const stoa_call *call)
{
  return changed(call, stoa_number_negate);
}

stoa_term stoa_function_abs(const stoa_call *call)
{
  return changed(call, stoa_number_absolute);
}

static stoa_term rounded(const stoa_call *call, char how)
{
  stoa_number n;
  if (!stoa_number_of(call->args[0], &n)) {
    return failure;
  }
  stoa_number_round(how, &n, call->arena, &n);
  return stoa_number_term(&n, call->arena);
}

stoa_term stoa_function_ceil(const stoa_call *call)
{
  return rounded(call, 'c');
}

stoa_term stoa_function_floor(const stoa_call *call)
{
  return rounded(call, 'f');
}

stoa_term stoa_function_round(const stoa_call *call)
{
  return rounded(call, 'r');
}
