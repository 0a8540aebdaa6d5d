#ifndef STOA_SERVER_DISPATCHER_H
#define STOA_SERVER_DISPATCHER_H

#include "server/operations.h"

/// Runs calls: each on the lane of its operation, within its deadline, and through the state writer when it commits.
/// No sockets: servers, programs and tests drive it alike.

/// With threads: lanes of workers and a state writer.  Without: everything on the thread that asks, which then is the
/// only one.  The engine and the log must outlive it.
stoa_status stoa_dispatcher_new(stoa_engine *engine, const stoa_limits *limits, const stoa_log *log, bool with_threads,
                                stoa_dispatcher **out, stoa_error *err);
/// Finish what is queued and stop the threads; calls that have ended may still be freed.
void stoa_dispatcher_stop(stoa_dispatcher *dispatcher);
/// Stop and release it.
void stoa_dispatcher_free(stoa_dispatcher *dispatcher);

/// What calls that it is to run are made with.
const stoa_shared *stoa_dispatcher_shared(const stoa_dispatcher *dispatcher);
/// Start a call.  True: it has ended already, and `tell` says nothing; false: `tell` will say so.
bool stoa_dispatcher_start(stoa_dispatcher *dispatcher, stoa_call *call, stoa_role caller);
/// Run a call to its end on this thread.
void stoa_dispatcher_run(stoa_dispatcher *dispatcher, stoa_call *call, stoa_role caller);

#endif
