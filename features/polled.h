#ifndef STOA_FEATURES_POLLED_H
#define STOA_FEATURES_POLLED_H

#include "features/kept.h"

/// What sources tell of their changes: asked, at most once in the time that a row may be old, before rows are taken.

/// Under the lock: nobody has asked for as long as a row may be old, but for `early_us`.
bool stoa_kept_is_to_ask(const stoa_kept *kept, int64_t early_us, int64_t now_us);
/// Ask the sources, if it is time to.
void stoa_kept_ask_sources(stoa_kept *kept, int64_t early_us, stoa_context *context, stoa_arena *arena);
/// Release what they have told.
void stoa_polled_done(stoa_kept *kept);

#endif
