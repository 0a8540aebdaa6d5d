#ifndef STOA_SERVER_HTTP_FORM_H
#define STOA_SERVER_HTTP_FORM_H

#include "graph/base/arena.h"
#include "graph/base/buf.h"
#include <stdbool.h>

/// Parameters of a query string or a form (application/x-www-form-urlencoded).

/// Decode percents, and with `plus` also "+".  `out` is overwritten.
void stoa_form_decode(stoa_slice text, bool plus, stoa_buf *out);
/// Step to the next parameter, whatever its name, which is put into `name`, decoded; false when there is none.
bool stoa_form_step(stoa_slice *form, stoa_buf *name);
/// Step to the next parameter with this name, decoded; false when there is none.
bool stoa_form_next(stoa_slice *form, const char *name, stoa_buf *out);
/// Find a parameter, the last one of that name; returns how often it stands there.
int stoa_form_find(stoa_slice form, const char *name, stoa_buf *out);
/// All parameters of that name, copied.
typedef STOA_LIST(stoa_slice) stoa_form_list;
void stoa_form_all(stoa_slice form, const char *name, stoa_arena *arena, stoa_form_list *out);

#endif
