#ifndef STOA_SERVER_LOG_H
#define STOA_SERVER_LOG_H

#include "graph/base/buf.h"
#include <stdbool.h>

/// The log: one line for each thing that happened, on standard error, as text or as JSON.  Names of things, times and
/// numbers go in; keys, bodies and values of data never do.

typedef enum { STOA_LOG_INFO, STOA_LOG_WARNING, STOA_LOG_ERROR } stoa_log_level;

typedef struct {
  bool json;
  bool requests; ///< each request too
} stoa_log;

/// A line that is being written.
typedef struct {
  const stoa_log *log;
  stoa_buf text;
} stoa_log_line;

/// Begin a line of an event such as "reload"; `message` NULL: none.
stoa_log_line stoa_log_begin(const stoa_log *log, stoa_log_level level, const char *event, const char *message);
void stoa_log_text(stoa_log_line *line, const char *key, const char *text);
void stoa_log_integer(stoa_log_line *line, const char *key, int64_t value);
void stoa_log_ms(stoa_log_line *line, const char *key, int64_t ns);
/// Write it.
void stoa_log_end(stoa_log_line *line);
/// A line without more to it.
void stoa_log_say(const stoa_log *log, stoa_log_level level, const char *event, const char *message);

#endif
