#ifndef STOA_SERVER_STATE_WRITER_H
#define STOA_SERVER_STATE_WRITER_H

#include "server/health.h"
#include "server/metrics.h"

/// The one thread that owns the state: it appends, learns, closes labels and keeps models.
typedef struct stoa_writer stoa_writer;

/// Start it; `ended` is told of each call once its record is on disk, or is not.
stoa_status stoa_writer_new(stoa_engine *engine, stoa_metrics *metrics, stoa_health *health,
                            void (*ended)(stoa_call *call), stoa_writer **out, stoa_error *err);
/// False at once when the queue is full.
bool stoa_writer_add(stoa_writer *writer, stoa_call *call);
/// Commit what is queued and stop.
void stoa_writer_free(stoa_writer *writer);

/// Commit the records of calls, all at once, on this thread; sets their replies.
void stoa_writer_commit(stoa_engine *engine, stoa_metrics *metrics, stoa_health *health, stoa_call **calls, uint32_t n);

#endif
