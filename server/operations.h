#ifndef STOA_SERVER_OPERATIONS_H
#define STOA_SERVER_OPERATIONS_H

#include "server/call.h"

/// The table of operations: all that can be asked of the server, whatever the protocol.  To add one: a row here, its
/// function in an operations_*.c, and what a client sends for it in http_routes.c or resp_commands.c.
///
/// X(ID, name, lane, deadline in ms, longest that a caller may ask for, role, commits, function, what it does)
#define STOA_OPERATION_TABLE(X)                                                                                        \
  X(QUERY, "query", QUERIES, 30000, 600000, CALLER, false, stoa_run_query, "answer SPARQL: body, format, dataset")     \
  X(EXPLAIN, "explain", QUERIES, 30000, 600000, CALLER, false, stoa_run_explain, "explain SPARQL: body, how")          \
  X(VECTOR, "vector", KEYED, 10000, 10000, CALLER, false, stoa_run_vector,                                             \
    "compute feature vectors: name of a service, keys, fields")                                                        \
  X(SERVICE, "service", NONE, 0, 0, CALLER, false, stoa_run_service,                                                   \
    "tell the features of a service, and for how many seconds each is declared fresh: name, fields")                   \
  X(WATCH, "watch", NONE, 0, 0, CALLER, false, stoa_run_watch,                                                         \
    "tell when conditions turn true: name of a view, or VIEW:CONDITION, keys")                                         \
  X(RANK, "rank", KEYED, 10000, 10000, CALLER, true, stoa_run_rank, "make a decision: name of a policy, body")         \
  X(REWARD, "reward", NONE, 10000, 10000, CALLER, true, stoa_run_reward,                                               \
    "reward a decision: name of its event, value, id, policy")                                                                 \
  X(EVENT, "event", NONE, 10000, 10000, CALLER, true, stoa_run_event, "keep an event: name of its type, body")         \
  X(ONLINE, "online", KEYED, 10000, 10000, CALLER, false, stoa_run_online,                                             \
    "features, statuses and times of many entities, as Feast's clients ask for them: body")                            \
  X(PUSH, "push", NONE, 10000, 10000, CALLER, true, stoa_run_push,                                                     \
    "keep columns of events, as Feast's push does: body")                                                              \
  X(WRITE_ROWS, "write rows", NONE, 10000, 10000, CALLER, true, stoa_run_write_rows,                                   \
    "keep rows of a feature view that is fed by events: body")                                                         \
  X(MATERIALIZE, "materialize", NONE, 0, 0, CALLER, false, stoa_run_materialize,                                       \
    "answer Feast's call to fill its store, which is none here: body, how")                                            \
  X(REGISTRY, "registry", NONE, 0, 0, CALLER, false, stoa_run_registry,                                                \
    "tell what is declared, as Feast's registry does: how, name, fields")                                              \
  X(SERVING, "serving", NONE, 0, 0, ANYONE, false, stoa_run_serving,                                                   \
    "tell with a status alone whether features are served")                                                            \
  X(ERASE, "erase", MANAGE, 60000, 600000, CALLER, true, stoa_run_erase,                                               \
    "erase what the engine holds of entities: name of their kind, keys")                                               \
  X(POLICY, "policy", MANAGE, 10000, 10000, CALLER, false, stoa_run_policy, "tell what a policy has learned: name")      \
  X(RELOAD, "reload", MANAGE, 0, 0, CALLER, false, stoa_run_reload, "read the project again")                          \
  X(CHECK, "check", MANAGE, 0, 0, CALLER, false, stoa_run_check_project,                                               \
    "tell every fault of the project as it is on disk")                                                                \
  X(METRICS, "metrics", NONE, 0, 0, CALLER, false, stoa_run_metrics, "tell the counters, for Prometheus")              \
  X(HEALTH, "health", NONE, 0, 0, ANYONE, false, stoa_run_health, "tell that the process lives")                       \
  X(READY, "ready", NONE, 0, 0, ANYONE, false, stoa_run_ready, "tell whether state, sources and lanes can serve")

typedef enum {
#define X(id, name, lane, usual, longest, role, commits, run, summary) STOA_OPERATION_##id,
  STOA_OPERATION_TABLE(X)
#undef X
    STOA_N_OPERATIONS
} stoa_operation_id;

extern const stoa_operation stoa_operations[STOA_N_OPERATIONS];

/// The functions of the table: read call->request, fill call->reply, or call->records where the row commits.
#define X(id, name, lane, usual, longest, role, commits, run, summary)                                                 \
  stoa_status run(stoa_call *call, stoa_error *err);
STOA_OPERATION_TABLE(X)
#undef X

#endif
