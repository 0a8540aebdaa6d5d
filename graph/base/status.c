#include "graph/base/status.h"

static const struct {
  const char *text;
  int http;
  int exit_code;
} status_table[] = {
#define X(name, text, http, code) {text, http, code},
  STOA_STATUS_TABLE(X)
#undef X
};

const char *stoa_status_text(stoa_status status)
{
  return status_table[status].text;
}

int stoa_status_http(stoa_status status)
{
  return status_table[status].http;
}

int stoa_status_exit(stoa_status status)
{
  return status_table[status].exit_code;
}
