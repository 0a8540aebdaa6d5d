#ifndef STOA_SERVER_LIMITS_H
#define STOA_SERVER_LIMITS_H

#include "graph/base/name.h"
#include <stdint.h>

/// Every limit that a client can meet.  What is fixed stands in the first table (name, value, what a client is told);
/// what `limits:` of stoa.yaml can change in the second (name, key, least, most, usual value, what a client is told).
/// Each is met by a test: tests/e2e/limits.sh and tests/unit/test_operations.c, and those of peers (test_peer.c,
/// peers.sh), queues (test_threads.c, blocked.sh), slow queries (log.sh), and rows and values (feast.sh).
#define STOA_FIXED_LIMITS(X)                                                                                           \
  X(HEAD, 16384, "a head has at most 16 KiB")                                                                          \
  X(BODY, 1 << 20, "a body has at most 1 MiB")                                                                         \
  X(FRAME, 1 << 20, "a command has at most 1 MiB")                                                                     \
  X(ARGUMENTS, 1024, "a command has at most 1,024 arguments")                                                          \
  X(INLINE, 65536, "an inline command has at most 64 KiB")                                                             \
  X(QUEUED, 1024, "a transaction has at most 1,024 commands and 1 MiB")                                                \
  X(NAME, STOA_LONGEST_NAME, "a name has 1 to 256 bytes and no NUL")                                                   \
  X(KEY, STOA_LONGEST_KEY, "a key has at most 512 bytes")                                                              \
  X(EVENT_ID, STOA_LONGEST_EVENT_ID, "the id of an event has 1 to 1,024 bytes")                                        \
  X(ROWS, 10000, "a request has at most 10,000 rows")                                                                  \
  X(VALUES, 1 << 18, "a request asks for at most 262,144 values")                                                      \
  X(REQUEST_MEMORY, 64 << 20, "the request needs more than 64 MiB of memory")                                          \
  X(AHEAD, 65536, "what is sent ahead of an answer waits above 64 KiB")                                                \
  X(UNSENT, 1 << 20, "requests wait while more than 1 MiB of answers is unsent")                                       \
  X(STREAM, 256 << 10, "an answer waits for its reader above 256 KiB")                                                 \
  X(SPILLED, 1 << 30, "answers that are not read take at most 1 GiB of disk")                                          \
  X(BEHIND, 256 << 10, "the subscriber has fallen behind by more than 256 KiB")                                        \
  X(LINGER, 1 << 20, "what comes after the last answer is dropped, 1 MiB of it")                                       \
  X(KEYED_QUEUE, 4096, "busy: the queue is full, try again")                                                           \
  X(QUERY_QUEUE, 64, "busy: the queue is full, try again")                                                             \
  X(MANAGE_QUEUE, 16, "busy: the queue is full, try again")                                                            \
  X(WRITER_QUEUE, 8192, "busy: the state log's queue is full, try again")                                              \
  X(WRITER_RECORDS, 1 << 17, "busy: the state log's queue is full, try again")

enum {
#define X(name, value, told) STOA_MOST_##name = (value),
  STOA_FIXED_LIMITS(X)
#undef X
};

/// What a client is told that meets a fixed limit.
typedef enum {
#define X(name, value, told) STOA_LIMIT_##name,
  STOA_FIXED_LIMITS(X)
#undef X
} stoa_fixed_limit;
const char *stoa_limit_text(stoa_fixed_limit limit);

/// Times are in seconds, but for slow_query.  Of connections 0 is the usual: as many as there are descriptors for, and
/// half of those for one address.
#define STOA_SET_LIMITS(X)                                                                                             \
  X(idle_s, "idle_timeout", 1, 86400, 300, "the connection was idle for too long")                                     \
  X(head_s, "head_timeout", 1, 3600, 10, "the head of the request took too long")                                      \
  X(body_s, "body_timeout", 1, 3600, 30, "the request took too long to come")                                          \
  X(write_s, "write_timeout", 1, 3600, 30, "the answer was not read for too long")                                     \
  X(stop_s, "stop_timeout", 0, 3600, 5, "the server stops")                                                            \
  X(connections, "connections", 0, 1 << 20, 0, "the server has as many connections as it can hold")                    \
  X(per_address, "connections_per_address", 0, 1 << 20, 0, "this address has as many connections as it may")           \
  X(subscribers, "subscribers", 0, 1 << 20, 1000, "the server has as many subscribers as it may")                      \
  X(slow_ms, "slow_query", 0, 86400000, 1000, "a query that takes longer is told in the log, with its plan")

typedef struct {
#define X(name, key, least, most, usual, told) int64_t name;
  STOA_SET_LIMITS(X)
#undef X
} stoa_limits;

/// What a client is told that meets one of them.
typedef enum {
#define X(name, key, least, most, usual, told) STOA_SET_##name,
  STOA_SET_LIMITS(X)
#undef X
} stoa_set_limit;
const char *stoa_set_limit_text(stoa_set_limit limit);

#endif
