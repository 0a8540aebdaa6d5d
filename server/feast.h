#ifndef STOA_SERVER_FEAST_H
#define STOA_SERVER_FEAST_H

#include "features/served.h"
#include "graph/base/json.h"
#include "server/operations.h"

/// Feast's contract of serving: what POST /get-online-features asks for, and how values, statuses and errors are
/// written. Where its documents and its servers differ, the servers count.

/// One feature that is asked for.
typedef struct {
  const stoa_view *view;
  uint32_t feature; ///< of the view
} stoa_feast_column;

/// One part of a key, as it is echoed.
typedef struct {
  const char *name;
  stoa_key_type type;
  const stoa_json *cells; ///< n_rows of them
} stoa_feast_key;

typedef struct {
  STOA_LIST(stoa_feast_column) columns; ///< in the order that they were asked for
  STOA_LIST(stoa_feast_key) keys;       ///< of their entities, in the order of the request
  uint32_t n_rows;
  bool full_names, explain;
  int64_t max_age_us; ///< -1: none is asked for
  const stoa_service *service; ///< that was named; its features are the columns, in their order.  NULL: they were listed
  const stoa_slice *keys_of_service; ///< of its entity
  stoa_vectors *vectors;
  stoa_arena *arena;
} stoa_feast_request;

typedef enum {
  STOA_FEAST_PRESENT,
  STOA_FEAST_NULL_VALUE,
  STOA_FEAST_NOT_FOUND,
  STOA_FEAST_OUTSIDE_MAX_AGE,
  STOA_FEAST_INVALID
} stoa_feast_status;

/// Read a request.  What is refused is told as Feast does (below).
stoa_status stoa_feast_read(stoa_call *call, stoa_feast_request *out, stoa_error *err);
/// Write the answer, column by column, straight into the call's stream.
stoa_status stoa_feast_write(stoa_call *call, const stoa_feast_request *request, stoa_error *err);

/// The statuses of a column behind its values; NULL: all are present.
void stoa_feast_write_statuses(const stoa_feast_status *statuses, uint32_t n, stoa_buf *out);
/// The same columns from rows that are kept: one for each of the request, which are left afterwards.  NULL: they are not all
/// there, or something is to be told that they do not tell.
stoa_served_row **stoa_feast_rows(stoa_call *call, const stoa_feast_request *request);
void stoa_feast_leave(const stoa_feast_request *request, stoa_served_row **rows);
stoa_status stoa_feast_write_rows(stoa_call *call, const stoa_feast_request *request, stoa_served_row *const *rows,
                                  stoa_buf *out, stoa_error *err);
/// Refuse an answer that has become too long (STOA_LIMIT).
stoa_status stoa_feast_check(const stoa_buf *out, stoa_error *err);

/// Refuse with the class of an error that Feast's clients raise again: a JSON string that holds a JSON object.
stoa_status stoa_feast_refuse(stoa_call *call, int http, const char *class_name, stoa_error *err, const char *format,
                              ...) __attribute__((format(printf, 5, 6)));
/// Refuse a body: 422, with the place as a JSON array, such as ["body","entities"].
stoa_status stoa_feast_invalid(stoa_call *call, const char *type, const char *place, stoa_error *err,
                               const char *format, ...) __attribute__((format(printf, 5, 6)));
/// Refuse a member of the body that is none of the `n` that the contract knows.
stoa_status stoa_feast_known(stoa_call *call, const stoa_json *body, const char *const *known, size_t n,
                             stoa_error *err);
/// Refuse a name that is none: empty, too long, or with a NUL.
stoa_status stoa_feast_name(stoa_call *call, const char *what, const char *place, stoa_slice name, stoa_error *err);
/// Read the body as a JSON object.
stoa_status stoa_feast_body(stoa_call *call, const stoa_json **out, stoa_error *err);
/// Answer with a text; `media_type` NULL: with nothing at all.
void stoa_feast_say(stoa_call *call, const char *text, const char *media_type);
/// A time as Feast's JSON has it: RFC 3339 in UTC, with 0, 3 or 6 digits of fraction; unknown is 1970.
void stoa_feast_time(int64_t us, stoa_buf *out);
/// A value of a feature; false for one that JSON has no number for, and null is written.
bool stoa_feast_value(stoa_term value, const stoa_feature *feature, stoa_buf *out);
/// The shortest digits that read back equal.
void stoa_feast_double(double value, stoa_buf *out);
/// The name of a feature without that of its view.
const char *stoa_feast_short_name(const stoa_view *view, const stoa_feature *feature);

#endif
