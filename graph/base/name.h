#ifndef STOA_GRAPH_BASE_NAME_H
#define STOA_GRAPH_BASE_NAME_H

#include "graph/base/error.h"
#include "graph/base/slice.h"

/// How long it may be what people name things by, in projects and in requests; in bytes.  What a client meets of it
/// stands in server/limits.h.
enum {
  STOA_LONGEST_NAME = 256,     ///< of a name: a service, policy, type, field, action; an event of a decision, a reward
  STOA_LONGEST_KEY = 512,      ///< of a key of an entity, or a part of one
  STOA_LONGEST_EVENT_ID = 1024 ///< of the id of an event
};

/// Refuse a name that is empty, too long or has a NUL; `what` it names is told.
stoa_status stoa_name_check(const char *what, stoa_slice name, stoa_error *err);
/// Refuse a key that is too long; `what` part of a key it is is told.
stoa_status stoa_key_check(const char *what, stoa_slice key, stoa_error *err);
/// Refuse a word that is none of the `n` known ones: "WHAT has no "WORD"; did you mean "KNOWN"?".
stoa_status stoa_name_known(const char *what, const char *word, const char *const *known, size_t n, stoa_error *err);

#endif
