#include "graph/term/packed.h"
#include "graph/term/equality.h"
#include <ctype.h>
#include <string.h>

void stoa_term_pack(stoa_term term, stoa_buf *out)
{
  switch ((stoa_term_kind)term.kind) {
    case STOA_TERM_UNBOUND:
      return;
    case STOA_TERM_IRI:
    case STOA_TERM_BUILT:
      stoa_buf_byte(out, 'I');
      break;
    case STOA_TERM_BLANK:
      stoa_buf_byte(out, 'B');
      break;
    case STOA_TERM_STRING:
      stoa_buf_byte(out, 'S');
      break;
    case STOA_TERM_LANG:
      stoa_buf_byte(out, 'L');
      for (size_t i = 0; i < term.as.literal->tag.length; ++i) {
        stoa_buf_byte(out, (char)tolower((unsigned char)term.as.literal->tag.data[i]));
      }
      stoa_buf_byte(out, ' ');
      break;
    default:
      stoa_buf_byte(out, 'T');
      stoa_buf_slice(out, stoa_term_datatype(term));
      stoa_buf_byte(out, ' ');
      break;
  }
  stoa_term_write_lexical(term, out);
}

stoa_term stoa_term_unpack(stoa_slice packed, stoa_arena *arena)
{
  if (packed.length == 0) {
    return (stoa_term){0};
  }
  const stoa_slice rest = {packed.data + 1, packed.length - 1};
  switch (packed.data[0]) {
    case 'I':
      return stoa_term_iri(rest);
    case 'B':
      return stoa_term_blank(rest);
    case 'S':
      return stoa_term_string(rest);
    default:
      break;
  }
  const char *const space = memchr(rest.data, ' ', rest.length);
  if (!space) {
    return (stoa_term){0};
  }
  const stoa_slice tag = {rest.data, (size_t)(space - rest.data)};
  const stoa_slice text = {space + 1, rest.length - tag.length - 1};
  if (packed.data[0] != 'L') {
    return stoa_term_literal(arena, text, tag);
  }
  char *const spelt = stoa_arena_copy(arena, tag); // packed tags are small, that equal terms be equal texts
  stoa_language_spell(spelt, tag.length);
  return stoa_term_lang(arena, text, (stoa_slice){spelt, tag.length});
}
