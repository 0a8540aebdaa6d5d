#ifndef STOA_SERVER_QUICK_H
#define STOA_SERVER_QUICK_H

#include "server/resp.h"

/// Commands that ask for features whose rows are kept as texts (features/served.h): answered where they came in, without a
/// call.  What is not there, is refused, or has something to be told of it (misfits, who does not exist, a request log) is
/// left to a call, so that nothing is decided here that a call would decide otherwise.

/// What a loop keeps for it: the layer that a run of commands is answered from, and the services and features that were
/// asked for last.
typedef struct stoa_quick stoa_quick;

/// NULL without memory.
stoa_quick *stoa_quick_new(void);
void stoa_quick_free(stoa_quick *quick);

/// Answer a command about one key, whose features stand from `first_field` on (none: all), or FEATURES.GET SERVICE KEY...
/// False: nothing was written.
bool stoa_quick_hash(stoa_peer *peer, const stoa_resp_command *command, stoa_resp_shape shape, stoa_slice service,
                     stoa_slice key, uint32_t first_field);
bool stoa_quick_table(stoa_peer *peer, const stoa_resp_command *command);
/// A run of commands has ended, or another command comes: count them, and let the layer go.
void stoa_quick_end(stoa_peer *peer);

#endif
