// Functions that give another value each time: RAND, UUID, STRUUID and BNODE (sections 17.4.2.7 to 17.4.2.12
// and 17.4.4.5).
#include "graph/base/code.h"
#include "graph/exec/digest.h"
#include "graph/exec/function.h"

stoa_term stoa_function_rand(const stoa_call *call)
{
  uint64_t bits;
  (void)call;
  stoa_random_bytes((unsigned char *)&bits, sizeof bits);
  return stoa_term_double((double)(bits >> 11) * 0x1p-53);
}

// RFC 4122, section 4.4.
static const char *uuid(const char *before, stoa_arena *arena)
{
  unsigned char b[16];
  stoa_random_bytes(b, sizeof b);
  b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
  b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
  const char *const hex = stoa_hex_write((stoa_slice){(const char *)b, sizeof b}, STOA_HEX_SMALL, arena).data;
  return stoa_arena_print(arena, "%s%.8s-%.4s-%.4s-%.4s-%.12s", before, hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

stoa_term stoa_function_uuid(const stoa_call *call)
{
  return stoa_term_iri(stoa_slice_of(uuid("urn:uuid:", call->arena)));
}

stoa_term stoa_function_struuid(const stoa_call *call)
{
  return stoa_term_string(stoa_slice_of(uuid("", call->arena)));
}

// BNODE("x") is the same node for the same text within one solution, and never the same in two.
stoa_term stoa_function_bnode(const stoa_call *call)
{
  if (call->n_args == 0) {
    return stoa_term_blank(
      stoa_slice_of(stoa_arena_print(call->arena, "n%llu", (unsigned long long)++call->run->n_blanks)));
  }
  const stoa_term text = call->args[0];
  if (text.kind != STOA_TERM_STRING || !stoa_run_has_room(call->run, (size_t)text.length * 4)) {
    return (stoa_term){0};
  }
  const stoa_slice hex = stoa_hex_write(stoa_term_text(text), STOA_HEX_SMALL, call->arena);
  return stoa_term_blank(stoa_slice_of(
    stoa_arena_print(call->arena, "r%llux%.*s", (unsigned long long)call->solution, (int)hex.length, hex.data)));
}
