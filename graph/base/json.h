#ifndef STOA_GRAPH_BASE_JSON_H
#define STOA_GRAPH_BASE_JSON_H

#include "graph/base/arena.h"
#include "graph/base/error.h"

/// A JSON value as read by jansson (the only file that knows jansson is json.c).  Answers are not
/// built from these: they are streamed (buf.h).
typedef enum {
  STOA_JSON_NULL,
  STOA_JSON_BOOLEAN,
  STOA_JSON_INTEGER,
  STOA_JSON_REAL,
  STOA_JSON_STRING,
  STOA_JSON_ARRAY,
  STOA_JSON_OBJECT
} stoa_json_kind;

typedef struct stoa_json {
  stoa_json_kind kind;
  const char *name; ///< name of the member in its object, or NULL
  int64_t integer;  ///< also 0 or 1 of a boolean
  double real;      ///< also of an integer
  stoa_slice text;
  const struct stoa_json *items; ///< elements or members
  uint32_t n_items;
} stoa_json;

enum { STOA_JSON_DEEPEST = 64 };
/// Parse a text; duplicate members, trailing bytes and nesting over STOA_JSON_DEEPEST are refused with the place.
stoa_status stoa_json_read(stoa_slice text, stoa_arena *arena, const stoa_json **out, stoa_error *err);
/// The same for a document of the engine's own making, which may nest deeper: STOA_TOO_LARGE beyond `deepest`.
stoa_status stoa_json_read_deep(stoa_slice text, int deepest, stoa_arena *arena, const stoa_json **out,
                                stoa_error *err);
/// Parse the one value that begins at `*at`, and step behind it; what follows is the caller's.  Texts may hold NUL.
stoa_status stoa_json_next(stoa_slice text, size_t *at, stoa_arena *arena, const stoa_json **out, stoa_error *err);
/// Return the member `name` of an object, or NULL.
const stoa_json *stoa_json_find(const stoa_json *object, const char *name);
/// Refuse a member of an object that is none of the `n` known ones, by its name; `what` the object is is told.
stoa_status stoa_json_known(const stoa_json *object, const char *what, const char *const *known, size_t n,
                            stoa_error *err);

#endif
