// What both writers of an answer end a column with.
#include "server/feast.h"

static const char *const status_names[] = {[STOA_FEAST_PRESENT] = "PRESENT",
                                           [STOA_FEAST_NULL_VALUE] = "NULL_VALUE",
                                           [STOA_FEAST_NOT_FOUND] = "NOT_FOUND",
                                           [STOA_FEAST_OUTSIDE_MAX_AGE] = "OUTSIDE_MAX_AGE",
                                           [STOA_FEAST_INVALID] = "INVALID"};

void stoa_feast_write_statuses(const stoa_feast_status *statuses, uint32_t n, stoa_buf *out)
{
  stoa_buf_text(out, "],\"statuses\":[");
  for (uint32_t i = 0; i < n; ++i) {
    stoa_buf_text(out, i ? ",\"" : "\"");
    stoa_buf_text(out, status_names[statuses ? statuses[i] : STOA_FEAST_PRESENT]);
    stoa_buf_byte(out, '"');
  }
  stoa_buf_byte(out, ']');
}

stoa_status stoa_feast_check(const stoa_buf *out, stoa_error *err)
{
  return out->length <= STOA_MOST_REQUEST_MEMORY
           ? STOA_OK
           : stoa_error_set(err, STOA_LIMIT, "%s", stoa_limit_text(STOA_LIMIT_REQUEST_MEMORY));
}
