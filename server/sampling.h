#ifndef STOA_SERVER_SAMPLING_H
#define STOA_SERVER_SAMPLING_H

#include "features/served_row.h"
#include "personalizer/engine.h"

/// Rows that are served, some of them kept for replays (features/samples.h).  What was computed while the log stood still
/// is as of an offset; what was computed while it grew is not sampled.

typedef struct {
  struct stoa_samples *samples; ///< NULL: none are kept
  stoa_stand before;
} stoa_sampling;

/// Before the rows are computed.
stoa_sampling stoa_sampling_begin(const stoa_engine *engine);
/// The log has stood still since, and samples are kept.
bool stoa_sampling_holds(const stoa_sampling *sampling, const stoa_engine *engine);
/// While it holds: rows of a service, values[key][feature], as of an instant and for a purpose; `known` marks entities
/// that are there, `wanted` the features that were asked for (NULL: all).
void stoa_sampling_rows(const stoa_sampling *sampling, const stoa_context *context, const stoa_service *service,
                        const stoa_slice *keys, uint32_t n_keys, const stoa_term *values, const bool *known,
                        const bool *wanted);
/// The same of one that is kept as texts.
void stoa_sampling_served(const stoa_sampling *sampling, int64_t now_us, const char *purpose, const stoa_service *service,
                          const stoa_slice *key, const stoa_served_row *row, const bool *wanted, stoa_arena *arena);

#endif
