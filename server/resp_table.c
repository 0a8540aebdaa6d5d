#include "server/resp.h"
#include <strings.h>

bool stoa_resp_is(stoa_slice argument, const char *word)
{
  return strlen(word) == argument.length && strncasecmp(argument.data, word, argument.length) == 0;
}

const stoa_resp_row *stoa_resp_find(const stoa_resp_table *table, stoa_slice name)
{
  for (uint32_t i = 0; i < table->n; ++i) {
    if (stoa_resp_is(name, table->rows[i].name)) {
      return &table->rows[i];
    }
  }
  return NULL;
}
