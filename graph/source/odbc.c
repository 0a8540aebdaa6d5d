// Any database through unixODBC.  ODBC calls block, so a watch of the source's own cancels what may not go on:
// SQLCancel is the one call that another thread may make.
#include "graph/source/odbc.h"
#include "graph/base/clock.h"
#include "graph/source/pool.h"
#include "graph/term/batch.h"
#include <errno.h>
#include <sql.h>
#include <sqlext.h>
#include <stdlib.h>
#include <unistd.h>

enum { WATCH_US = 20000, LONGEST_TEXT = 1 << 24 };

typedef struct connection {
  stoa_connection base;
  SQLHDBC db;
  stoa_context *context;
  SQLHSTMT running;        ///< under the source's watch_lock; what blocks now
  struct connection *next; ///< of the source's lent ones
  bool broken;
  bool silent; ///< what was executed has given nothing yet
} connection;

typedef struct {
  stoa_pooled pooled;
  SQLHENV environment;
  pthread_mutex_t watch_lock;
  connection *lent;
  pthread_t watch;
  bool watching, stop;
} odbc_source;

struct stoa_cursor {
  connection *c;
  SQLHSTMT statement;
  stoa_arena arena;
  SQLLEN *lengths;          ///< of the parameters
  stoa_column_info *wanted; ///< types of the columns
  uint32_t n_wanted;
  bool executed, done;
};

static bool good(SQLRETURN code)
{
  return code == SQL_SUCCESS || code == SQL_SUCCESS_WITH_INFO;
}

static SQLCHAR *sql_text(const char *text)
{
  return (SQLCHAR *)(uintptr_t)text;
}

// ---- the watch

static void *watch(void *data)
{
  odbc_source *const s = data;
  pthread_mutex_lock(&s->watch_lock);
  while (!s->stop) {
    for (connection *c = s->lent; c; c = c->next) {
      if (c->running && c->context && stoa_context_check(c->context, NULL) != STOA_OK) {
        SQLCancel(c->running);
      }
    }
    pthread_mutex_unlock(&s->watch_lock);
    usleep(WATCH_US);
    pthread_mutex_lock(&s->watch_lock);
  }
  pthread_mutex_unlock(&s->watch_lock);
  return NULL;
}

static void set_running(connection *c, SQLHSTMT statement)
{
  odbc_source *const s = (odbc_source *)c->base.source;
  pthread_mutex_lock(&s->watch_lock);
  c->running = statement;
  pthread_mutex_unlock(&s->watch_lock);
}

static void set_lent(odbc_source *s, connection *c, bool lent)
{
  pthread_mutex_lock(&s->watch_lock);
  if (!s->watching && lent) {
    s->watching = pthread_create(&s->watch, NULL, watch, s) == 0;
  }
  if (lent) {
    c->next = s->lent;
    s->lent = c;
  } else {
    connection **at = &s->lent;
    while (*at != c) {
      at = &(*at)->next;
    }
    *at = c->next;
    c->context = NULL;
  }
  pthread_mutex_unlock(&s->watch_lock);
}

// ---- connections

static void connection_free(connection *c)
{
  SQLDisconnect(c->db);
  SQLFreeHandle(SQL_HANDLE_DBC, c->db);
  stoa_answered_done(&c->base.answered);
  free(c);
}

static void connection_close(stoa_connection *base)
{
  connection_free((connection *)base);
}

static void run(SQLHDBC db, const char *sql)
{
  SQLHSTMT statement;
  if (good(SQLAllocHandle(SQL_HANDLE_STMT, db, &statement))) {
    SQLExecDirect(statement, sql_text(sql), SQL_NTS);
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
  }
}

static stoa_status connect_to(odbc_source *s, SQLHDBC *out, stoa_error *err)
{
  SQLHDBC db;
  SQLCHAR ignored[1024];
  SQLSMALLINT n;
  if (!good(SQLAllocHandle(SQL_HANDLE_DBC, s->environment, &db))) {
    return stoa_error_set(err, STOA_NO_MEM, "source %s: no ODBC connection", s->pooled.base.name);
  }
  SQLSetConnectAttr(db, SQL_ATTR_LOGIN_TIMEOUT, (SQLPOINTER)5, 0);
  SQLSetConnectAttr(db, SQL_ATTR_ACCESS_MODE, (SQLPOINTER)SQL_MODE_READ_ONLY, 0);
  if (!good(SQLDriverConnect(db, NULL, sql_text(s->pooled.address), SQL_NTS, ignored, sizeof ignored, &n,
                             SQL_DRIVER_NOPROMPT))) {
    const stoa_status status = stoa_odbc_failed(s->pooled.base.name, SQL_HANDLE_DBC, db, err);
    SQLFreeHandle(SQL_HANDLE_DBC, db);
    return status == STOA_IO ? err->status = STOA_UNAVAILABLE : status;
  }
  for (const char *const *sql = stoa_odbc_dialect(db)->settings; sql && *sql; ++sql) {
    run(db, *sql);
  }
  SQLSetConnectAttr(db, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0);
  *out = db;
  return STOA_OK;
}

static stoa_status odbc_make(stoa_source *source, stoa_connection **out, stoa_error *err)
{
  connection *const c = calloc(1, sizeof *c);
  if (!c) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a connection");
  }
  c->base.source = source;
  const stoa_status status = connect_to((odbc_source *)source, &c->db, err);
  if (status != STOA_OK) {
    free(c);
    return status;
  }
  *out = &c->base;
  return STOA_OK;
}

static stoa_status odbc_lease(stoa_source *source, stoa_context *context, stoa_connection **out, stoa_error *err)
{
  odbc_source *const s = (odbc_source *)source;
  for (;;) {
    STOA_TRY(stoa_pool_take(&s->pooled.pool, source, odbc_make, context, out, err));
    connection *const c = (connection *)*out;
    SQLUINTEGER dead = SQL_CD_FALSE;
    SQLGetConnectAttr(c->db, SQL_ATTR_CONNECTION_DEAD, &dead, sizeof dead, NULL);
    if (dead == SQL_CD_FALSE) {
      c->context = context;
      set_lent(s, c, true);
      return STOA_OK;
    }
    const bool was_shared = c->base.is_shared;
    connection_free(c);
    stoa_pool_forget(&s->pooled.pool, was_shared);
  }
}

static void odbc_give_back(stoa_connection *base)
{
  connection *const c = (connection *)base;
  odbc_source *const s = (odbc_source *)base->source;
  set_lent(s, c, false);
  c->broken |= !good(SQLEndTran(SQL_HANDLE_DBC, c->db, SQL_ROLLBACK));
  if (c->broken) {
    const bool was_shared = c->base.is_shared;
    connection_free(c);
    stoa_pool_forget(&s->pooled.pool, was_shared);
  } else {
    stoa_pool_put(&s->pooled.pool, base);
  }
}

static stoa_pool *pool_of(connection *c)
{
  return &((stoa_pooled *)c->base.source)->pool;
}

static stoa_status failed(connection *c, SQLHSTMT statement, stoa_error *err)
{
  stoa_error fault = {0};
  stoa_status status = stoa_odbc_failed(c->base.source->name, SQL_HANDLE_STMT, statement, &fault);
  if (stoa_odbc_is_missing(statement)) {
    status = STOA_IO;
  }
  if (stoa_odbc_is_locked(statement, c->base.source->dialect)) {
    status = STOA_UNAVAILABLE;
    stoa_pool_blocked(pool_of(c), fault.text);
  } else if (c->silent) {
    stoa_pool_silent(pool_of(c), c->context);
  }
  c->silent = false; // it is told once
  c->broken |= status == STOA_UNAVAILABLE || status == STOA_TIMEOUT;
  if (c->context) {
    STOA_TRY(stoa_context_check(c->context, err));
  }
  return stoa_error_set(err, status, "%s", fault.text);
}

// ---- cursors

static void bind(stoa_cursor *cursor, uint32_t i, const stoa_value *value)
{
  const SQLUSMALLINT at = (SQLUSMALLINT)(i + 1);
  SQLLEN *const length = &cursor->lengths[i];
  if (value->kind == STOA_VALUE_INTEGER) {
    int64_t *const number = STOA_NEW(&cursor->arena, int64_t);
    *number = value->as.integer;
    SQLBindParameter(cursor->statement, at, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0, number, 0, length);
    return;
  }
  if (value->kind == STOA_VALUE_REAL) {
    double *const number = STOA_NEW(&cursor->arena, double);
    *number = value->as.real;
    SQLBindParameter(cursor->statement, at, SQL_PARAM_INPUT, SQL_C_DOUBLE, SQL_DOUBLE, 0, 0, number, 0, length);
    return;
  }
  const bool null = value->kind == STOA_VALUE_NULL || memchr(value->text.data, 0, value->text.length);
  char *const text = stoa_arena_copy(&cursor->arena, null ? stoa_slice_of("") : value->text);
  const SQLULEN width = value->text.length ? value->text.length : 1;
  *length = null ? SQL_NULL_DATA : (SQLLEN)value->text.length;
  SQLBindParameter(cursor->statement, at, SQL_PARAM_INPUT, SQL_C_CHAR, width > 4000 ? SQL_LONGVARCHAR : SQL_VARCHAR,
                   width, 0, text, (SQLLEN)width, length);
}

static void odbc_close(stoa_cursor *cursor);

static stoa_status odbc_open(stoa_connection *base, const stoa_fragment *fragment, stoa_context *context,
                             stoa_cursor **out, stoa_error *err)
{
  connection *const c = (connection *)base;
  stoa_cursor *const cursor = calloc(1, sizeof *cursor);
  (void)context;
  if (!cursor) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a cursor");
  }
  cursor->c = c;
  stoa_arena_init(&cursor->arena, 0);
  if (!good(SQLAllocHandle(SQL_HANDLE_STMT, c->db, &cursor->statement))) {
    const stoa_status status = stoa_odbc_failed(base->source->name, SQL_HANDLE_DBC, c->db, err);
    c->broken = true;
    odbc_close(cursor);
    return status;
  }
  if (!good(SQLPrepare(cursor->statement, sql_text(fragment->sql), SQL_NTS))) {
    const stoa_status status = failed(c, cursor->statement, err);
    odbc_close(cursor);
    return status;
  }
  cursor->lengths = STOA_NEWS(&cursor->arena, SQLLEN, fragment->n_params + 1);
  for (uint32_t i = 0; i < fragment->n_params; ++i) {
    bind(cursor, i, &fragment->params[i]);
  }
  cursor->wanted = STOA_NEWS(&cursor->arena, stoa_column_info, fragment->n_columns + 1);
  cursor->n_wanted = fragment->columns ? fragment->n_columns : 0;
  for (uint32_t i = 0; i < cursor->n_wanted; ++i) {
    cursor->wanted[i] = fragment->columns[i];
  }
  *out = cursor;
  return STOA_OK;
}

static void read_text(stoa_cursor *cursor, SQLUSMALLINT column, bool binary, stoa_arena *arena, stoa_value *out)
{
  char piece[4096];
  stoa_buf all = {0};
  SQLLEN n = 0;
  SQLRETURN code;
  do {
    code = SQLGetData(cursor->statement, column, binary ? SQL_C_BINARY : SQL_C_CHAR, piece, sizeof piece, &n);
    if (!good(code) || n == SQL_NULL_DATA) {
      break;
    }
    const size_t room = sizeof piece - (binary ? 0 : 1);
    const bool whole = n != SQL_NO_TOTAL && (size_t)n <= room;
    stoa_buf_add(&all, piece, whole ? (size_t)n : room);
  } while (code == SQL_SUCCESS_WITH_INFO && all.length < LONGEST_TEXT);
  if (n != SQL_NULL_DATA || all.length) {
    out->text = stoa_arena_slice(arena, (stoa_slice){all.data ? all.data : "", all.length});
    out->kind = binary ? STOA_VALUE_BLOB : STOA_VALUE_TEXT;
  }
  stoa_buf_done(&all);
}

static bool is_decimal(stoa_slice text)
{
  size_t digits = 0;
  for (size_t i = 0; i < text.length; ++i) {
    const char c = text.data[i];
    digits += c >= '0' && c <= '9';
    if ((c < '0' || c > '9') && c != '.' && !(c == '-' && i == 0)) {
      return false;
    }
  }
  return digits > 0;
}

// The text of a number as a value; integers that do not fit stay exact.
static void number_of_text(stoa_value *out, stoa_sql_type wanted)
{
  char *end;
  if (wanted == STOA_SQL_REAL) {
    const double real = strtod(out->text.data, &end);
    *out = (stoa_value){.kind = end > out->text.data ? STOA_VALUE_REAL : STOA_VALUE_NULL, .as.real = real};
    return;
  }
  if (!is_decimal(out->text)) {
    return;
  }
  errno = 0;
  const int64_t integer = strtoll(out->text.data, &end, 10);
  if (wanted != STOA_SQL_DECIMAL && *end == '\0' && errno == 0) {
    *out = (stoa_value){.kind = STOA_VALUE_INTEGER, .as.integer = integer};
  } else {
    out->kind = STOA_VALUE_DECIMAL;
  }
}

// "2024-01-01 12:00:00.250000" ends with digits that say nothing; sessions are in UTC.
static void set_instant(stoa_value *out, bool zoned, stoa_arena *arena)
{
  if (out->text.length > 19 && out->text.data[19] == '.') {
    while (out->text.data[out->text.length - 1] == '0') {
      out->text.length--;
    }
    out->text.length -= out->text.length == 20;
  }
  if (zoned) {
    out->text = stoa_slice_of(stoa_arena_print(
      arena, "%.*sZ",
      (int)(out->text.length < strcspn(out->text.data, "+") ? out->text.length : strcspn(out->text.data, "+")),
      out->text.data));
  }
}

// Drivers tell the types of expressions as they please, so that what is wanted counts; without it, what they tell.
static stoa_sql_type wanted_type(const stoa_cursor *cursor, uint32_t column, long type)
{
  if (column < cursor->n_wanted) {
    return cursor->wanted[column].type;
  }
  switch (type) {
    case SQL_BIT:
    case SQL_TINYINT:
    case SQL_SMALLINT:
    case SQL_INTEGER:
    case SQL_BIGINT:
      return STOA_SQL_INTEGER;
    case SQL_REAL:
    case SQL_FLOAT:
    case SQL_DOUBLE:
      return STOA_SQL_REAL;
    case SQL_DECIMAL:
    case SQL_NUMERIC:
      return STOA_SQL_DECIMAL;
    default:
      return STOA_SQL_TEXT;
  }
}

static void read_value(stoa_cursor *cursor, uint32_t i, long type, stoa_arena *arena, stoa_value *out)
{
  const SQLUSMALLINT column = (SQLUSMALLINT)(i + 1);
  const stoa_sql_type wanted = wanted_type(cursor, i, type);
  const bool integer = type == SQL_BIT || type == SQL_TINYINT || type == SQL_SMALLINT || type == SQL_INTEGER;
  SQLLEN n = SQL_NULL_DATA;
  *out = (stoa_value){.kind = STOA_VALUE_NULL};
  if (integer && (wanted == STOA_SQL_INTEGER || wanted == STOA_SQL_BOOLEAN)) {
    SQLGetData(cursor->statement, column, SQL_C_SBIGINT, &out->as.integer, sizeof out->as.integer, &n);
    out->kind = n == SQL_NULL_DATA ? STOA_VALUE_NULL : STOA_VALUE_INTEGER;
  } else if (wanted == STOA_SQL_REAL && (type == SQL_DOUBLE || type == SQL_FLOAT)) {
    SQLGetData(cursor->statement, column, SQL_C_DOUBLE, &out->as.real, sizeof out->as.real, &n);
    out->kind = n == SQL_NULL_DATA ? STOA_VALUE_NULL : STOA_VALUE_REAL;
  } else {
    read_text(cursor, column, wanted == STOA_SQL_BLOB, arena, out);
    if (out->kind == STOA_VALUE_TEXT && wanted == STOA_SQL_DATETIME) {
      set_instant(out, i < cursor->n_wanted && cursor->wanted[i].zoned, arena);
    } else if (out->kind == STOA_VALUE_TEXT &&
               (wanted == STOA_SQL_INTEGER || wanted == STOA_SQL_REAL || wanted == STOA_SQL_DECIMAL)) {
      number_of_text(out, wanted);
    }
  }
}

static stoa_status execute(stoa_cursor *cursor, stoa_error *err)
{
  connection *const c = cursor->c;
  if (c->context) {
    STOA_TRY(stoa_context_check(c->context, err));
  }
  c->silent = true;
  set_running(c, cursor->statement);
  const SQLRETURN code = SQLExecute(cursor->statement);
  set_running(c, NULL);
  cursor->executed = true;
  cursor->done = code == SQL_NO_DATA;
  return good(code) || cursor->done ? STOA_OK : failed(c, cursor->statement, err);
}

static stoa_status odbc_next(stoa_cursor *cursor, stoa_arena *arena, stoa_rows *out, stoa_error *err)
{
  SQLSMALLINT n_columns = 0;
  uint32_t n = 0;
  STOA_TRY(cursor->executed ? STOA_OK : execute(cursor, err));
  SQLNumResultCols(cursor->statement, &n_columns);
  long *const types = STOA_NEWS(arena, long, n_columns + 1);
  stoa_value **const values = STOA_NEWS(arena, stoa_value *, n_columns + 1);
  for (SQLSMALLINT i = 0; i < n_columns; ++i) {
    SQLLEN type = 0;
    SQLColAttribute(cursor->statement, (SQLUSMALLINT)(i + 1), SQL_DESC_CONCISE_TYPE, NULL, 0, NULL, &type);
    types[i] = type;
    values[i] = STOA_NEWS(arena, stoa_value, STOA_BATCH_ROWS);
  }
  while (!cursor->done && n < STOA_BATCH_ROWS) {
    set_running(cursor->c, cursor->statement);
    const SQLRETURN code = SQLFetch(cursor->statement);
    set_running(cursor->c, NULL);
    cursor->done = code == SQL_NO_DATA;
    if (cursor->c->silent && (good(code) || cursor->done)) { // some drivers execute with the first fetch
      cursor->c->silent = false;
      stoa_pool_goes_on(pool_of(cursor->c));
    }
    if (!good(code)) {
      STOA_TRY(cursor->done ? STOA_OK : failed(cursor->c, cursor->statement, err));
      break;
    }
    for (SQLSMALLINT i = 0; i < n_columns; ++i) {
      read_value(cursor, (uint32_t)i, types[i], arena, &values[i][n]);
    }
    ++n;
  }
  *out = (stoa_rows){.n_rows = n, .n_columns = (uint32_t)n_columns, .values = values};
  return STOA_OK;
}

static void odbc_close(stoa_cursor *cursor)
{
  if (!cursor) {
    return;
  }
  if (cursor->statement) {
    SQLFreeHandle(SQL_HANDLE_STMT, cursor->statement);
  }
  stoa_arena_done(&cursor->arena);
  free(cursor);
}

static void odbc_cancel(stoa_connection *base)
{
  connection *const c = (connection *)base;
  odbc_source *const s = (odbc_source *)base->source;
  pthread_mutex_lock(&s->watch_lock);
  if (c->running) {
    SQLCancel(c->running);
  }
  pthread_mutex_unlock(&s->watch_lock);
}

// ---- the class

static void odbc_free(stoa_source *source)
{
  odbc_source *const s = (odbc_source *)source;
  pthread_mutex_lock(&s->watch_lock);
  s->stop = true;
  pthread_mutex_unlock(&s->watch_lock);
  if (s->watching) {
    pthread_join(s->watch, NULL);
  }
  pthread_mutex_destroy(&s->watch_lock);
  const SQLHENV environment = s->environment;
  stoa_pooled_free(&s->pooled, connection_close);
  if (environment) {
    SQLFreeHandle(SQL_HANDLE_ENV, environment);
  }
}

static stoa_status odbc_describe(stoa_source *source, stoa_arena *arena, const stoa_catalog **out, stoa_error *err)
{
  stoa_connection *base;
  STOA_TRY(odbc_lease(source, NULL, &base, err));
  const stoa_status status =
    stoa_odbc_catalog(((connection *)base)->db, source->name, source->dialect, arena, out, err);
  odbc_give_back(base);
  return status;
}

static stoa_status odbc_describe_query(stoa_source *source, const char *sql, stoa_arena *arena,
                                       const stoa_table_info **out, stoa_error *err)
{
  stoa_connection *base;
  STOA_TRY(odbc_lease(source, NULL, &base, err));
  const stoa_status status =
    stoa_odbc_query_columns(((connection *)base)->db, source->name, source->dialect, sql, arena, out, err);
  odbc_give_back(base);
  return status;
}

static const stoa_source_class odbc_class = {.name = "odbc",
                                             .describe = odbc_describe,
                                             .describe_query = odbc_describe_query,
                                             .lease = odbc_lease,
                                             .give_back = odbc_give_back,
                                             .open = odbc_open,
                                             .next = odbc_next,
                                             .close = odbc_close,
                                             .cancel = odbc_cancel,
                                             .free = odbc_free};

stoa_status stoa_source_odbc_new(const char *name, const char *address, stoa_source **out, stoa_error *err)
{
  const stoa_source base = {&odbc_class, &stoa_dialect_ansi, NULL};
  stoa_pooled *pooled;
  STOA_TRY(stoa_pooled_new(sizeof(odbc_source), base, name, address, &pooled, err));
  odbc_source *const s = (odbc_source *)pooled;
  pthread_mutex_init(&s->watch_lock, NULL);
  SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &s->environment);
  SQLSetEnvAttr(s->environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
  stoa_connection *first;
  const stoa_status status = stoa_pool_take(&pooled->pool, &pooled->base, odbc_make, NULL, &first, err);
  if (status != STOA_OK) {
    odbc_free(&pooled->base);
    return status;
  }
  pooled->base.dialect = stoa_odbc_dialect(((connection *)first)->db);
  stoa_pool_put(&pooled->pool, first);
  *out = &pooled->base;
  return STOA_OK;
}
