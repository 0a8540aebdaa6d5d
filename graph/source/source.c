#include "graph/source/source.h"
#include <string.h>

stoa_status stoa_source_open(const char *driver, const char *name, const char *address, stoa_source **out,
                             stoa_error *err)
{
  static const struct {
    const char *driver;
    stoa_status (*open)(const char *name, const char *address, stoa_source **out, stoa_error *err);
  } drivers[] = {{"sqlite", stoa_source_sqlite_new},
                 {"postgres", stoa_source_postgres_new},
                 {"csv", stoa_source_csv_new},
                 {"odbc", stoa_source_odbc_new}};
  for (size_t i = 0; i < sizeof drivers / sizeof *drivers; ++i) {
    if (strcmp(drivers[i].driver, driver) == 0) {
      return drivers[i].open(name, address, out, err);
    }
  }
  return stoa_error_set(err, STOA_BAD_ARG, "unknown driver \"%s\"; use sqlite, postgres, odbc or csv", driver);
}

void stoa_source_free(stoa_source *source)
{
  if (source) {
    source->klass->free(source);
  }
}

stoa_status stoa_source_first(stoa_source *source, const char *sql, stoa_context *context, stoa_arena *arena,
                              stoa_rows *out, stoa_error *err)
{
  const stoa_fragment fragment = {.sql = sql};
  stoa_connection *connection;
  stoa_cursor *cursor;
  STOA_TRY(source->klass->lease(source, context, &connection, err));
  stoa_status status = source->klass->open(connection, &fragment, context, &cursor, err);
  if (status == STOA_OK) {
    status = source->klass->next(cursor, arena, out, err);
    source->klass->close(cursor);
  }
  source->klass->give_back(connection);
  return status;
}

void stoa_value_print(const stoa_value *value, stoa_buf *out)
{
  switch (value->kind) {
    case STOA_VALUE_INTEGER:
      stoa_buf_integer(out, value->as.integer);
      break;
    case STOA_VALUE_REAL:
      stoa_buf_number(out, value->as.real);
      break;
    case STOA_VALUE_DECIMAL:
      stoa_buf_slice(out, value->text);
      break;
    case STOA_VALUE_TEXT:
      stoa_buf_json(out, value->text);
      break;
    case STOA_VALUE_BLOB:
      stoa_buf_print(out, "(%zu bytes)", value->text.length);
      break;
    default:
      stoa_buf_text(out, "NULL");
  }
}
