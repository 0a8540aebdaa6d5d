#include "graph/term/value.h"
#include "graph/term/vocab.h"

bool stoa_term_instant(stoa_term t, stoa_instant *out, bool *is_date)
{
  *is_date = t.kind == STOA_TERM_DATE;
  if (t.kind == STOA_TERM_DATETIME || t.kind == STOA_TERM_DATE) {
    *out = stoa_term_inline_instant(t);
    return true;
  }
  if (t.kind != STOA_TERM_TYPED) {
    return false;
  }
  *is_date = stoa_slice_is(t.as.literal->tag, STOA_XSD "date");
  return *is_date                                                ? stoa_xsd_date_read(t.as.literal->text, out)
         : stoa_slice_is(t.as.literal->tag, STOA_XSD "dateTime") ? stoa_xsd_datetime_read(t.as.literal->text, out)
                                                                 : false;
}

bool stoa_term_boolean_value(stoa_term t, bool *out)
{
  if (t.kind == STOA_TERM_BOOLEAN) {
    *out = t.as.integer != 0;
    return true;
  }
  if (t.kind != STOA_TERM_TYPED || !stoa_slice_is(t.as.literal->tag, STOA_XSD "boolean")) {
    return false;
  }
  const stoa_slice x = t.as.literal->text;
  *out = stoa_slice_is(x, "1") || stoa_slice_is(x, "true");
  return *out || stoa_slice_is(x, "0") || stoa_slice_is(x, "false");
}

int stoa_instant_compare(stoa_instant a, stoa_instant b)
{
  const int64_t far = (int64_t)14 * 3600 * 1000000;
  const int order = (a.us > b.us) - (a.us < b.us);
  if (a.has_zone == b.has_zone) {
    return order;
  }
  const int64_t apart = a.us > b.us ? a.us - b.us : b.us - a.us;
  return apart > far ? order : 2;
}
