#ifndef STOA_FEATURES_SAMPLES_H
#define STOA_FEATURES_SAMPLES_H

#include "features/feature.h"
#include "features/state/erasure.h"

/// Rows that are served, some of them, in a file: what training would have to give for the same entity and instant.  A
/// line is a JSON object: "at" (microseconds since 1970), "offset" (of the engine's log, up to which records were known),
/// "service", "purpose" (where one was stated, or the service has one), "key" (an array), "values" (feature: a term in N-Triples, or null; of views whose rows are not exact none).
typedef struct stoa_samples stoa_samples;

/// Keep about this share of the rows, always the same entities of a service; a file of more than `most_bytes` becomes
/// FILE.1, in the place of the one before.  NULL without memory; the file is opened when there is something to write.
stoa_samples *stoa_samples_new(const char *file, double share, uint64_t most_bytes);
/// Write what is left and release it.
void stoa_samples_free(stoa_samples *samples);
/// Is the row of a key among those that are kept?
bool stoa_samples_want(const stoa_samples *samples, const stoa_service *service, const stoa_slice *key);
/// Keep a row: values[feature of the service]; `wanted` marks those that were asked for (NULL: all).  Any thread; it waits
/// for no disk.
void stoa_samples_add(stoa_samples *samples, int64_t at_us, int64_t offset, const char *purpose,
                      const stoa_service *service, const stoa_slice *key, const stoa_term *values, const bool *wanted);
/// Take out the rows of who was erased, and those that tell its IRI, or its key where that is long; `registry` knows
/// whose keys the services have.  What is written since is somebody new's.  Counts them in `erasure`; files that cannot
/// be written anew: STOA_IO, and they are as they were.
stoa_status stoa_samples_erase(stoa_samples *samples, const stoa_registry *registry, stoa_erasure *erasure,
                               stoa_error *err);
/// Write what has been gathered.  Call it about once a second; it waits for the disk.
void stoa_samples_flush(stoa_samples *samples);
/// Rows that could not be written, since the start.
uint64_t stoa_samples_lost(stoa_samples *samples);

#endif
