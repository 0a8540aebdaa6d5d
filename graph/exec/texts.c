// Functions of texts: SPARQL 1.1, section 17.4.3.
#include "graph/base/code.h"
#include "graph/base/letters.h"
#include "graph/base/utf8.h"
#include "graph/exec/function.h"
#include "graph/term/equality.h"
#include "graph/term/number.h"

static const stoa_term failure = {0};
static const stoa_slice nothing = {"", 0};

// Argument compatibility, section 17.4.3.1.2.
static bool compatible(stoa_term a, stoa_term b)
{
  return stoa_term_is_text(a) && stoa_term_is_text(b) &&
         (b.kind == STOA_TERM_STRING ||
          (a.kind == STOA_TERM_LANG && stoa_language_equal(a.as.literal->tag, b.as.literal->tag)));
}

stoa_term stoa_function_strlen(const stoa_call *call)
{
  const stoa_term a = call->args[0];
  return stoa_term_is_text(a)
           ? stoa_term_integer((int64_t)stoa_utf8_count(stoa_text_of(a).data, stoa_text_of(a).length))
           : failure;
}

// Characters [start, start + length) of fn:substring: positions are rounded and begin at 1.
stoa_term stoa_function_substr(const stoa_call *call)
{
  const stoa_term *const args = call->args;
  stoa_number start, length;
  if (!stoa_term_is_text(args[0]) || !stoa_number_of(args[1], &start) ||
      (call->n_args == 3 && !stoa_number_of(args[2], &length))) {
    return failure;
  }
  const double first = floor(stoa_number_real(&start) + 0.5);
  const double last = call->n_args == 3 ? first + floor(stoa_number_real(&length) + 0.5) : INFINITY;
  const stoa_slice x = stoa_text_of(args[0]);
  size_t from = x.length, to = 0;
  double position = 1;
  for (size_t i = 0; i < x.length && position < last; position += 1) {
    uint32_t code;
    const size_t n = stoa_utf8_read(x.data + i, x.length - i, &code);
    if (position >= first) {
      from = i < from ? i : from;
      to = i + n;
    }
    i += n;
  }
  return stoa_text_like(call, args[0], to > from ? (stoa_slice){x.data + from, to - from} : nothing);
}

static stoa_term cased(const stoa_call *call, bool capital)
{
  stoa_buf text = {0};
  stoa_slice result;
  if (!stoa_term_is_text(call->args[0]) || !stoa_run_has_room(call->run, stoa_text_of(call->args[0]).length)) {
    return failure;
  }
  stoa_letters_map(stoa_text_of(call->args[0]), capital, &text);
  return stoa_call_take(call, &text, &result) ? stoa_text_like(call, call->args[0], result) : failure;
}

stoa_term stoa_function_ucase(const stoa_call *call)
{
  return cased(call, true);
}

stoa_term stoa_function_lcase(const stoa_call *call)
{
  return cased(call, false);
}

stoa_term stoa_function_strstarts(const stoa_call *call)
{
  return compatible(call->args[0], call->args[1])
           ? stoa_term_boolean(stoa_slice_starts(stoa_text_of(call->args[0]), stoa_text_of(call->args[1])))
           : failure;
}

stoa_term stoa_function_strends(const stoa_call *call)
{
  if (!compatible(call->args[0], call->args[1])) {
    return failure;
  }
  const stoa_slice x = stoa_text_of(call->args[0]), y = stoa_text_of(call->args[1]);
  return stoa_term_boolean(x.length >= y.length &&
                           (y.length == 0 || memcmp(x.data + x.length - y.length, y.data, y.length) == 0));
}

// Where the second text stands in the first; NULL where it does not.
static const char *place_of(stoa_slice x, stoa_slice y)
{
  return y.length ? memmem(x.data, x.length, y.data, y.length) : x.data ? x.data : "";
}

stoa_term stoa_function_contains(const stoa_call *call)
{
  return compatible(call->args[0], call->args[1])
           ? stoa_term_boolean(place_of(stoa_text_of(call->args[0]), stoa_text_of(call->args[1])) != NULL)
           : failure;
}

static stoa_term beside(const stoa_call *call, bool before)
{
  if (!compatible(call->args[0], call->args[1])) {
    return failure;
  }
  const stoa_slice x = stoa_text_of(call->args[0]), y = stoa_text_of(call->args[1]);
  const char *const at = place_of(x, y);
  if (!at) {
    return stoa_term_string(nothing);
  }
  const size_t n = x.length ? (size_t)(at - x.data) : 0;
  const stoa_slice rest = {at + y.length, x.length - n - y.length};
  return stoa_text_like(call, call->args[0], before ? (stoa_slice){x.data, n} : rest);
}

stoa_term stoa_function_strbefore(const stoa_call *call)
{
  return beside(call, true);
}

stoa_term stoa_function_strafter(const stoa_call *call)
{
  return beside(call, false);
}

// Of one language when all arguments are.
stoa_term stoa_function_concat(const stoa_call *call)
{
  size_t length = 0;
  bool same_language = call->n_args > 0;
  for (uint32_t i = 0; i < call->n_args; ++i) {
    const stoa_term a = call->args[i];
    if (!stoa_term_is_text(a)) {
      return failure;
    }
    length += stoa_text_of(a).length;
    same_language &=
      a.kind == STOA_TERM_LANG && stoa_language_equal(stoa_term_language(a), stoa_term_language(call->args[0]));
  }
  char *const room = length <= UINT32_MAX ? stoa_call_room(call, length) : NULL;
  if (!room) {
    return failure;
  }
  size_t at = 0;
  for (uint32_t i = 0; i < call->n_args; ++i) {
    const stoa_slice text = stoa_text_of(call->args[i]);
    memcpy(room + at, text.data ? text.data : "", text.length);
    at += text.length;
  }
  const stoa_slice all = {room, length};
  return same_language ? stoa_text_like(call, call->args[0], all) : stoa_term_string(all);
}

stoa_term stoa_function_encode_for_uri(const stoa_call *call)
{
  stoa_buf text = {0};
  stoa_slice result;
  if (!stoa_term_is_text(call->args[0]) || !stoa_run_has_room(call->run, stoa_text_of(call->args[0]).length)) {
    return failure;
  }
  stoa_percent_write(stoa_text_of(call->args[0]), STOA_PERCENT_UNRESERVED, &text);
  return stoa_call_take(call, &text, &result) ? stoa_term_string(result) : failure;
}
