#include "server/request.h"
#include "features/list.h"

void stoa_value_text(stoa_term t, stoa_buf *out)
{
  if (t.kind == STOA_TERM_DOUBLE) {
    stoa_buf_number(out, t.as.real);
  } else if (stoa_term_is_bound(t)) {
    stoa_term_write_lexical(t, out);
  }
}

void stoa_value_json(stoa_term t, stoa_buf *out)
{
  if (!stoa_term_is_bound(t)) {
    stoa_buf_text(out, "null");
  } else if (t.kind == STOA_TERM_INTEGER || t.kind == STOA_TERM_BOOLEAN || t.kind == STOA_TERM_DECIMAL ||
             t.kind == STOA_TERM_DOUBLE || stoa_list_is(t)) {
    stoa_value_text(t, out);
  } else {
    stoa_buf text = {0};
    stoa_value_text(t, &text);
    stoa_buf_json(out, (stoa_slice){text.data ? text.data : "", text.length});
    stoa_buf_done(&text);
  }
}
