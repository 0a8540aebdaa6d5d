#ifndef STOA_GRAPH_BASE_STATUS_H
#define STOA_GRAPH_BASE_STATUS_H

/// Status codes.  One table names every code with its text, its HTTP status and its exit code, so
/// that a door (socket, program) never invents a mapping of its own.
#define STOA_STATUS_TABLE(X)                                                                                           \
  X(OK, "ok", 200, 0)                                                                                                  \
  X(NO_MEM, "out of memory", 500, 3)                                                                                   \
  X(BAD_ARG, "bad argument", 400, 2)                                                                                   \
  X(BAD_SYNTAX, "bad syntax", 400, 1)                                                                                  \
  X(BAD_MAPPING, "bad mapping", 400, 1)                                                                                \
  X(BAD_TYPE, "bad type", 400, 1)                                                                                      \
  X(NOT_FOUND, "not found", 404, 1)                                                                                    \
  X(EXISTS, "exists already", 409, 1)                                                                                  \
  X(UNSUPPORTED, "not supported", 400, 1)                                                                              \
  X(UNAVAILABLE, "unavailable", 503, 3)                                                                                \
  X(TIMEOUT, "deadline passed", 503, 3)                                                                                \
  X(LIMIT, "limit reached", 503, 1)                                                                                    \
  X(TOO_LARGE, "too large", 413, 1)                                                                                    \
  X(DENIED, "denied", 403, 1)                                                                                          \
  X(CONFLICT, "conflict", 409, 1)                                                                                      \
  X(IO, "input/output failed", 500, 3)                                                                                 \
  X(INTERNAL, "internal error", 500, 3)

typedef enum {
#define X(name, text, http, code) STOA_##name,
  STOA_STATUS_TABLE(X)
#undef X
} stoa_status;

/// Return the text of a status, lower case, no full stop.  Static.
const char *stoa_status_text(stoa_status status);
/// Return the HTTP status code that tells a client of `status`.
int stoa_status_http(stoa_status status);
/// Return the exit code of the program (0 done, 1 input, 2 usage, 3 environment).
int stoa_status_exit(stoa_status status);

/// Pass a failure on to the caller.
#define STOA_TRY(expression)                                                                                           \
  do {                                                                                                                 \
    const stoa_status stoa_try_status_ = (expression);                                                                 \
    if (stoa_try_status_ != STOA_OK) {                                                                                 \
      return stoa_try_status_;                                                                                         \
    }                                                                                                                  \
  } while (0)

#endif
