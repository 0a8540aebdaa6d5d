#ifndef STOA_SERVER_REQUEST_H
#define STOA_SERVER_REQUEST_H

#include "graph/base/context.h"
#include "graph/result/answer.h"

/// What is asked of the server, and what it answers, as values: protocols make the one and write the other, operations
/// read the one and make the other; neither knows the other side.

/// An event as it was sent: the name of its type, and JSON.
typedef struct {
  stoa_slice type, body;
} stoa_event_text;

/// Everything that any operation reads; each says in its row of the table which members it does.
typedef struct {
  const char *name; ///< a service, policy, entity, type of event, event id, or what is watched; "" when none is named
  stoa_slice body;  ///< SPARQL or JSON
  const stoa_event_text *events; ///< of event: several, each of which is answered by itself; then it has no name and body
  uint32_t n_events;
  const stoa_slice *keys, *fields;
  uint32_t n_keys, n_fields; ///< no fields: all
  double value;              ///< of a reward
  const char *policy;        ///< of a reward: whose decision it must be; NULL: anyone's
  stoa_slice id;             ///< of a reward: its own
  stoa_format format;
  const stoa_dataset *dataset; ///< NULL: the text decides
  int64_t timeout_ms;          ///< 0: the operation's own
  const char *how;             ///< of explain: algebra, plan, sql, analyze; of registry: what is listed
  const char *project;         ///< of registry; NULL: any
  int64_t page, page_size;     ///< of registry; page 0: all of it
  bool head_only;              ///< the caller reads no body: a query is not run for one
  const char *trace;           ///< the caller's traceparent, or ""
} stoa_request;

/// What is said of one of several events: why it was refused, or its text.
typedef struct {
  const stoa_error *err; ///< NULL: it was not
  stoa_slice text;
} stoa_event_answer;

typedef enum {
  STOA_REPLY_DONE,   ///< there is nothing to say but that it is done
  STOA_REPLY_TEXT,   ///< `text`
  STOA_REPLY_VALUES, ///< a table of feature values
  STOA_REPLY_EACH,   ///< `each`
  STOA_REPLY_TURNS,  ///< turns of conditions, each when it comes (hub.h); `err` tells why there are no more
  STOA_REPLY_STREAM  ///< the bytes went out as they were made, or lie in the call's stream
} stoa_reply_kind;

/// A reply with a status other than STOA_OK says why in `err`; its text, if it has one, says it at more length.
typedef struct {
  stoa_status status;
  stoa_error err;
  stoa_reply_kind kind;
  bool made_something;    ///< as HTTP's 201 tells
  const char *media_type; ///< of a text or a stream
  stoa_slice text;
  const stoa_event_answer *each;  ///< of the request's events, in their order
  const char *const *names; ///< of the columns
  const stoa_term *values;  ///< row by row
  uint32_t n_columns, n_rows;
  const bool *absent;  ///< of each row: there is no such entity; NULL: nobody asked
  const char *absence; ///< what is to be said of the first of them
  int http;          ///< the status that HTTP tells, where the contract served has one of its own; 0: that of `status`
  uint64_t rows;     ///< of a query, for the log
  stoa_buf warnings; ///< one a line
} stoa_reply;

/// Write a value of a table as JSON, or as the text that it has in SPARQL's results.  Unbound: null, or nothing.
void stoa_value_json(stoa_term value, stoa_buf *out);
void stoa_value_text(stoa_term value, stoa_buf *out);

#endif
