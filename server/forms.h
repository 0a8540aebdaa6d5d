#ifndef STOA_SERVER_FORMS_H
#define STOA_SERVER_FORMS_H

#include "features/served.h"

/// How protocols write the values of features that are kept as texts.
enum { STOA_FORM_RESP2, STOA_FORM_RESP3, STOA_FORM_FEAST, STOA_N_FORMS };

extern const stoa_value_forms stoa_server_forms;

#endif
