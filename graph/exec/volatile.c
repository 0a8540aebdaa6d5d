// Functions that give another value each time: RAND, UUID, STRUUID and BNODE (sections 17.4.2.7 to 17.4.2.12
// and 17.4.4.5).
#include "graph/exec/digest.h"
#include "graph/exec/eval.h"

static stoa_term random_number(void)
{
  uint64_t bits;
  stoa_random_bytes((unsigned char *)&bits, sizeof bits);
  return stoa_term_double((double)(bits >> 11) * 0x1p-53);
}

// RFC 4122, section 4.4.
static stoa_term uuid(bool is_iri, stoa_arena *arena)
{
  unsigned char b[16];
  stoa_random_bytes(b, sizeof b);
  b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
  b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
  const char *const text = stoa_arena_print(
    arena, "%s%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", is_iri ? "urn:uuid:" : "", b[0],
    b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
  return is_iri ? stoa_term_iri(stoa_slice_of(text)) : stoa_term_string(stoa_slice_of(text));
}

// BNODE("x") is the same node for the same text within one solution, and never the same in two.
static stoa_term blank(const stoa_term *args, uint32_t n_args, const stoa_scope *scope)
{
  const char *label;
  if (n_args == 0) {
    label = stoa_arena_print(scope->arena, "n%llu", (unsigned long long)++scope->run->n_blanks);
  } else if (args[0].kind == STOA_TERM_STRING) {
    stoa_buf hex = {0};
    const stoa_slice text = stoa_term_text(args[0]);
    for (size_t i = 0; i < text.length; ++i) {
      stoa_buf_print(&hex, "%02x", (unsigned char)text.data[i]);
    }
    label = stoa_arena_print(scope->arena, "r%llux%s", (unsigned long long)(scope->first_row + scope->row),
                             stoa_buf_string(&hex));
    stoa_buf_done(&hex);
  } else {
    return (stoa_term){0};
  }
  return stoa_term_blank(stoa_slice_of(label));
}

stoa_term stoa_volatile_apply(stoa_function function, const stoa_term *args, uint32_t n_args, const stoa_scope *scope)
{
  switch (function) {
    case STOA_FN_RAND:
      return random_number();
    case STOA_FN_BNODE:
      return blank(args, n_args, scope);
    default:
      return uuid(function == STOA_FN_UUID, scope->arena);
  }
}
