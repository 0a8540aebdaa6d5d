#include "server/forms.h"
#include "server/feast.h"
#include "server/resp_write.h"

static bool write_resp2(stoa_term value, const stoa_feature *feature, stoa_buf *out)
{
  (void)feature;
  stoa_resp_value(out, 2, value);
  return true;
}

static bool write_resp3(stoa_term value, const stoa_feature *feature, stoa_buf *out)
{
  (void)feature;
  stoa_resp_value(out, 3, value);
  return true;
}

const stoa_value_forms stoa_server_forms = {.forms = {[STOA_FORM_RESP2] = write_resp2,
                                                      [STOA_FORM_RESP3] = write_resp3,
                                                      [STOA_FORM_FEAST] = stoa_feast_value},
                                            .n = STOA_N_FORMS,
                                            .first = 1U << STOA_FORM_RESP2 | 1U << STOA_FORM_FEAST};
