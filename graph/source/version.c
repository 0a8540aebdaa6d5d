#include "graph/source/version.h"
#include "graph/base/buf.h"

static bool stamped(const stoa_source *source, stoa_arena *arena, stoa_slice *out)
{
  stoa_buf text = {0};
  const bool tells = source->klass->stamp && source->klass->stamp(source, &text);
  if (tells) {
    *out = stoa_arena_slice(arena, (stoa_slice){text.data, text.length});
  }
  stoa_buf_done(&text);
  return tells;
}

stoa_status stoa_source_version(stoa_source *source, stoa_context *context, stoa_arena *arena, stoa_slice *out,
                                stoa_error *err)
{
  stoa_rows rows = {0};
  *out = (stoa_slice){0};
  // What SQLite's data_version tells is true of one connection alone; its file tells it to all.
  if (source->klass->stamp) {
    stamped(source, arena, out);
    return STOA_OK;
  }
  if (!source->dialect || !source->dialect->version) {
    return STOA_OK;
  }
  STOA_TRY(stoa_source_first(source, source->dialect->version, context, arena, &rows, err));
  if (rows.n_rows == 1 && rows.values[0][0].kind == STOA_VALUE_TEXT) {
    *out = rows.values[0][0].text;
  }
  return STOA_OK;
}
