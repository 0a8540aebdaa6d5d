// PostgreSQL through libpq: connections in a pool, each in one read-only transaction at a time.  All that a
// statement needs goes out in one flush (pipeline mode: BEGIN, PREPARE once, EXECUTE) and its rows come back one by
// one, in binary.  A second statement of the same query meanwhile reads through a cursor of SQL.
#include "graph/source/postgres.h"
#include "graph/base/map.h"
#include "graph/source/pool.h"
#include "graph/term/batch.h"
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>

enum { MOST_STATEMENTS = 128, POLL_MS = 20, PATIENCE_MS = 5000 };

typedef struct {
  stoa_connection base;
  PGconn *pg;
  stoa_postgres_cancel *cancel; ///< under way; NULL: none
  stoa_arena arena;    ///< keys and names of `statements`
  stoa_map statements; ///< SQL text -> name of the prepared statement
  stoa_context *context;
  bool in_transaction;
  bool to_drain;               ///< the end of the last transaction has not been read
  bool broken;                 ///< not to be lent again
  bool lost;                   ///< the server ended the connection
  bool has_told;               ///< a statement of this lease has given an answer
  bool silent;                 ///< the statement that was sent has given no row yet
  bool aborted;                ///< the transaction ended with a statement that was cancelled
  struct stoa_cursor *running; ///< whose rows come over the wire now
  uint32_t n_cursors;          ///< opened and not closed
  uint32_t n_declared;         ///< names given to cursors of SQL
} connection;

typedef STOA_LIST(PGresult *) results;

typedef enum { CURSOR_NEW, CURSOR_RUNNING, CURSOR_DECLARED, CURSOR_DONE } cursor_state;

struct stoa_cursor {
  connection *c;
  stoa_arena arena;
  const char *sql;
  const char **params;
  int n_params;
  cursor_state state;
  uint32_t number;  ///< of a cursor of SQL
  results kept;     ///< rows read before they were asked for
  uint64_t n_bytes; ///< of them
  uint32_t at, row; ///< the next of them
};

// ---- connecting

static void connection_free(connection *c)
{
  if (c->cancel) {
    stoa_postgres_cancel_done(c->cancel, 0);
  }
  PQfinish(c->pg);
  stoa_arena_done(&c->arena);
  stoa_answered_done(&c->base.answered);
  free(c);
}

static void connection_close(stoa_connection *base)
{
  connection_free((connection *)base);
}

static void ignore_notice(void *data, const char *text)
{
  (void)data, (void)text;
}

static stoa_status connect_to(const stoa_pooled *s, PGconn **out, stoa_error *err)
{
  static const char settings[] = "SET default_transaction_read_only = on; SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; "
                                 "SET bytea_output = 'hex'; SET extra_float_digits = 1; SET cursor_tuple_fraction = 1; "
                                 "SET lock_timeout = 2000";
  // What comes later wins: the address may say how long to wait, not in which letters to speak.
  const char *const keys[] = {"connect_timeout", "dbname", "client_encoding", "fallback_application_name", NULL};
  const char *const values[] = {"5", s->address, "UTF8", "stoa", NULL};
  PGconn *const pg = PQconnectdbParams(keys, values, 1);
  if (PQstatus(pg) != CONNECTION_OK) {
    const char *const text = PQerrorMessage(pg);
    const stoa_status status = stoa_error_set(err, STOA_UNAVAILABLE, "source %s: %.*s", s->base.name,
                                              (int)strcspn(text, "\n") < 400 ? (int)strcspn(text, "\n") : 400, text);
    PQfinish(pg);
    return status;
  }
  PQsetNoticeProcessor(pg, ignore_notice, NULL);
  PGresult *const result = PQexec(pg, settings);
  const bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
  const stoa_status status = good ? STOA_OK : stoa_postgres_failed(s->base.name, pg, result, err);
  PQclear(result);
  if (!good) {
    PQfinish(pg);
    return status;
  }
  *out = pg;
  return STOA_OK;
}

static stoa_status postgres_make(stoa_source *source, stoa_connection **out, stoa_error *err)
{
  connection *const c = calloc(1, sizeof *c);
  if (!c) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a connection");
  }
  stoa_arena_init(&c->arena, 0);
  c->base.source = source;
  const stoa_status status = connect_to((stoa_pooled *)source, &c->pg, err);
  if (status != STOA_OK) {
    connection_free(c);
    return status;
  }
  if (PQserverVersion(c->pg) < 140000 && source->dialect != &stoa_dialect_old_postgres) {
    source->dialect = &stoa_dialect_old_postgres;
  }
  PQenterPipelineMode(c->pg);
  *out = &c->base;
  return STOA_OK;
}

// ---- the wire

static stoa_pool *pool_of(connection *c)
{
  return &((stoa_pooled *)c->base.source)->pool;
}

// What the failure says of the source: that others hold what is asked for, or that it says nothing at all.
static void note_block(connection *c, const char *state, const PGresult *result)
{
  stoa_error why = {0};
  if (state && strcmp(state, "55P03") == 0) { // lock_timeout
    stoa_postgres_failed(c->base.source->name, c->pg, result, &why);
    stoa_pool_blocked(pool_of(c), why.text);
  } else if (c->silent) {
    stoa_pool_silent(pool_of(c), c->context);
  }
  c->silent = false; // it is told once
}

static void note_row(connection *c)
{
  if (c->silent) {
    c->silent = false;
    stoa_pool_goes_on(pool_of(c));
  }
}

// By an administrator, a restart or a fault of the server: libpq may not have seen the end yet when it tells the reason.
static bool is_lost(const connection *c, const char *state)
{
  return PQstatus(c->pg) != CONNECTION_OK || (state && strncmp(state, "57P0", 4) == 0);
}

// A table, a column or a schema that the mapping names, which the catalog had when the project was loaded; or the right
// to read it.
static bool is_missing(const char *state)
{
  return state && (strcmp(state, "42P01") == 0 || strcmp(state, "42703") == 0 || strcmp(state, "3F000") == 0 ||
                   strcmp(state, "42501") == 0);
}

static stoa_status failed(connection *c, const PGresult *result, stoa_error *err)
{
  const char *const state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
  note_block(c, state, result);
  // A table has changed under a prepared statement: the next query prepares anew.
  const bool stale = state && (strcmp(state, "0A000") == 0 || strcmp(state, "26000") == 0);
  c->lost |= is_lost(c, state);
  c->broken |= c->lost || stale;
  if (c->context) {
    STOA_TRY(stoa_context_check(c->context, err));
  }
  const stoa_status status = stoa_postgres_failed(c->base.source->name, c->pg, result, err);
  return is_missing(state) ? (err->status = STOA_IO) : status;
}

static void cancel_now(connection *c)
{
  c->cancel = c->cancel ? c->cancel : stoa_postgres_cancel_send(c->pg);
}

// Before another statement is sent.  A server that does not even take a request to cancel has lost its connection.
static void end_cancel(connection *c)
{
  if (c->cancel) {
    c->broken |= !stoa_postgres_cancel_done(c->cancel, c->broken ? 0 : PATIENCE_MS);
    c->cancel = NULL;
  }
}

// Wait until a result can be had without waiting.  What may not go on is cancelled at the server, which then tells
// so; a server that says nothing for long has lost its connection.
static stoa_status wait_for_result(connection *c, stoa_error *err)
{
  int patience = -1;
  while (PQisBusy(c->pg)) {
    struct pollfd fd = {.fd = PQsocket(c->pg), .events = POLLIN};
    if (patience < 0 && c->context && stoa_context_check(c->context, NULL) != STOA_OK) {
      cancel_now(c);
      patience = PATIENCE_MS / POLL_MS;
    }
    const int n = poll(&fd, 1, POLL_MS);
    if ((n > 0 && !PQconsumeInput(c->pg)) || (patience == 0 && n == 0)) {
      c->broken = true;
      return failed(c, NULL, err);
    }
    patience -= patience > 0 && n == 0;
  }
  return STOA_OK;
}

// Read on to the end of the flush, or `most` results; what comes is dropped.  True at the end.
static bool drain_some(connection *c, uint64_t most)
{
  bool again = false; // two NULLs in a row: nothing is under way
  for (uint64_t i = 0; i < most && !c->broken; ++i) {
    stoa_error ignored = {0};
    if (wait_for_result(c, &ignored) != STOA_OK) {
      return true;
    }
    PGresult *const result = PQgetResult(c->pg);
    const bool end = PQresultStatus(result) == PGRES_PIPELINE_SYNC || (!result && again);
    again = !result;
    PQclear(result);
    c->broken |= PQstatus(c->pg) != CONNECTION_OK;
    if (end) {
      return true;
    }
  }
  return c->broken;
}

static void drain(connection *c)
{
  drain_some(c, UINT64_MAX);
}

// Read the answer of a command that gives no rows.
static stoa_status expect_done(connection *c, stoa_error *err)
{
  STOA_TRY(wait_for_result(c, err));
  PGresult *const result = PQgetResult(c->pg);
  const ExecStatusType code = PQresultStatus(result);
  if (code != PGRES_COMMAND_OK) {
    const stoa_status status = failed(c, result, err);
    PQclear(result);
    drain(c);
    return status;
  }
  PQclear(result);
  PQclear(PQgetResult(c->pg)); // the NULL after each command
  return STOA_OK;
}

static bool send_plain(connection *c, const char *sql)
{
  return PQsendQueryParams(c->pg, sql, 0, NULL, NULL, NULL, NULL, 1) == 1;
}

static stoa_status not_sent(connection *c, stoa_error *err)
{
  c->broken = true;
  return failed(c, NULL, err);
}

// ---- statements

static const char *statement_of(connection *c, const char *sql, bool *is_new)
{
  const char *name = stoa_map_find(&c->statements, stoa_slice_of(sql));
  *is_new = !name;
  if (!name && c->statements.n < MOST_STATEMENTS) {
    name = stoa_arena_print(&c->arena, "s%u", c->statements.n);
    stoa_map_add(&c->statements, &c->arena, stoa_arena_slice(&c->arena, stoa_slice_of(sql)), (void *)name);
  }
  return name ? name : ""; // the unnamed statement is prepared each time
}

static void forget_statement(connection *c, const char *sql)
{
  const char *const name = stoa_map_find(&c->statements, stoa_slice_of(sql));
  if (name) {
    c->broken = true; // a statement that could not be prepared: the next query gets another connection
  }
}

// The rows of what runs are read and kept, so that the wire is free.
static stoa_status keep_running(connection *c, stoa_error *err)
{
  stoa_cursor *const cursor = c->running;
  while (cursor && cursor->state == CURSOR_RUNNING) {
    STOA_TRY(wait_for_result(c, err));
    PGresult *const result = PQgetResult(c->pg);
    if (!result) {
      cursor->state = CURSOR_DONE;
      drain(c);
    } else if (PQresultStatus(result) == PGRES_SINGLE_TUPLE) {
      STOA_PUSH(&cursor->arena, &cursor->kept, result);
      cursor->n_bytes += PQresultMemorySize(result);
      if (c->context && c->context->memory_bytes && cursor->n_bytes > c->context->memory_bytes) {
        return stoa_error_set(err, STOA_LIMIT,
                              "source %s: the rows of one statement that another one of the query "
                              "waits for are over the query's memory cap",
                              c->base.source->name);
      }
    } else {
      const bool good = PQresultStatus(result) == PGRES_TUPLES_OK;
      const stoa_status status = good ? STOA_OK : failed(c, result, err);
      PQclear(result);
      if (!good) {
        cursor->state = CURSOR_DONE;
        drain(c);
        c->running = NULL;
        return status;
      }
    }
  }
  c->running = NULL;
  return STOA_OK;
}

static stoa_status expect_begun(connection *c, bool begin, stoa_error *err)
{
  STOA_TRY(c->aborted ? expect_done(c, err) : STOA_OK);
  c->aborted = false;
  STOA_TRY(begin ? expect_done(c, err) : STOA_OK);
  c->in_transaction = true;
  return STOA_OK;
}

static bool send_statement(stoa_cursor *cursor, const char *name, bool is_new)
{
  connection *const c = cursor->c;
  return (!is_new || PQsendPrepare(c->pg, name, cursor->sql, 0, NULL) == 1) &&
         PQsendQueryPrepared(c->pg, name, cursor->n_params, cursor->params, NULL, NULL, 1) == 1 &&
         PQpipelineSync(c->pg) == 1;
}

static stoa_status start_running(stoa_cursor *cursor, bool begin, stoa_error *err)
{
  connection *const c = cursor->c;
  bool is_new;
  const char *const name = statement_of(c, cursor->sql, &is_new);
  if (!send_statement(cursor, name, is_new)) {
    return not_sent(c, err);
  }
  STOA_TRY(expect_begun(c, begin, err));
  if (is_new) {
    const stoa_status status = expect_done(c, err);
    if (status != STOA_OK) {
      forget_statement(c, cursor->sql);
      return status;
    }
  }
  PQsetSingleRowMode(c->pg);
  cursor->state = CURSOR_RUNNING;
  c->running = cursor;
  return STOA_OK;
}

static stoa_status start_declared(stoa_cursor *cursor, bool begin, stoa_error *err)
{
  connection *const c = cursor->c;
  cursor->number = c->n_declared++;
  const char *const sql =
    stoa_arena_print(&cursor->arena, "DECLARE c%u NO SCROLL CURSOR FOR %s", cursor->number, cursor->sql);
  if (!PQsendQueryParams(c->pg, sql, cursor->n_params, NULL, cursor->params, NULL, NULL, 1) || !PQpipelineSync(c->pg)) {
    return not_sent(c, err);
  }
  STOA_TRY(expect_begun(c, begin, err));
  STOA_TRY(expect_done(c, err));
  drain(c);
  cursor->state = CURSOR_DECLARED;
  return STOA_OK;
}

static stoa_status start(stoa_cursor *cursor, stoa_error *err)
{
  connection *const c = cursor->c;
  STOA_TRY(keep_running(c, err));
  c->silent = true;
  const bool begin = !c->in_transaction;
  if (c->aborted && !send_plain(c, "ROLLBACK")) {
    return not_sent(c, err);
  }
  if (begin && !send_plain(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")) {
    return not_sent(c, err);
  }
  return c->n_cursors > 1 ? start_declared(cursor, begin, err) : start_running(cursor, begin, err);
}

// ---- rows

typedef struct {
  stoa_value **values;
  uint32_t n, capacity, n_columns;
  stoa_buf scratch;
} batch;

static void add_row(batch *b, const PGresult *result, int row, stoa_arena *arena)
{
  if (!b->values) {
    b->n_columns = (uint32_t)PQnfields(result);
    b->values = STOA_NEWS(arena, stoa_value *, b->n_columns + 1);
  }
  if (b->n == b->capacity) {
    const uint32_t wider = b->capacity ? b->capacity * 4 : 16;
    for (uint32_t i = 0; i < b->n_columns; ++i) {
      stoa_value *const values = STOA_NEWS(arena, stoa_value, wider);
      if (b->n) {
        memcpy(values, b->values[i], b->n * sizeof *values);
      }
      b->values[i] = values;
    }
    b->capacity = wider;
  }
  for (uint32_t i = 0; i < b->n_columns; ++i) {
    stoa_postgres_value(result, row, (int)i, arena, &b->scratch, &b->values[i][b->n]);
  }
  b->n++;
}

static void take_kept(stoa_cursor *cursor, batch *b, stoa_arena *arena)
{
  while (cursor->at < cursor->kept.n && b->n < STOA_BATCH_ROWS) {
    PGresult *const result = cursor->kept.items[cursor->at];
    if (cursor->row < (uint32_t)PQntuples(result)) {
      add_row(b, result, (int)cursor->row++, arena);
    } else {
      PQclear(result);
      cursor->at++;
      cursor->row = 0;
    }
  }
  if (cursor->at == cursor->kept.n) {
    cursor->at = cursor->kept.n = 0;
  }
}

static stoa_status take_running(stoa_cursor *cursor, batch *b, stoa_arena *arena, stoa_error *err)
{
  connection *const c = cursor->c;
  while (b->n < STOA_BATCH_ROWS) {
    STOA_TRY(wait_for_result(c, err));
    PGresult *const result = PQgetResult(c->pg);
    const ExecStatusType code = PQresultStatus(result);
    if (code == PGRES_SINGLE_TUPLE || code == PGRES_TUPLES_OK) {
      note_row(c);
    }
    if (result && code == PGRES_SINGLE_TUPLE) {
      add_row(b, result, 0, arena);
      PQclear(result);
      continue;
    }
    const stoa_status status = !result || code == PGRES_TUPLES_OK ? STOA_OK : failed(c, result, err);
    PQclear(result);
    if (!result || status != STOA_OK) {
      cursor->state = CURSOR_DONE;
      c->running = NULL;
      drain(c);
      return status;
    }
  }
  return STOA_OK;
}

static stoa_status fetch_declared(stoa_cursor *cursor, batch *b, stoa_arena *arena, stoa_error *err)
{
  connection *const c = cursor->c;
  char sql[64];
  STOA_TRY(keep_running(c, err));
  snprintf(sql, sizeof sql, "FETCH %d FROM c%u", STOA_BATCH_ROWS, cursor->number);
  if (!send_plain(c, sql) || !PQpipelineSync(c->pg)) {
    return not_sent(c, err);
  }
  STOA_TRY(wait_for_result(c, err));
  PGresult *const result = PQgetResult(c->pg);
  const bool good = PQresultStatus(result) == PGRES_TUPLES_OK;
  const stoa_status status = good ? STOA_OK : failed(c, result, err);
  if (good) {
    note_row(c);
  }
  for (int i = 0; good && i < PQntuples(result); ++i) {
    add_row(b, result, i, arena);
  }
  PQclear(result);
  drain(c);
  cursor->state = b->n ? cursor->state : CURSOR_DONE;
  return status;
}

static stoa_status take_some(stoa_cursor *cursor, batch *b, stoa_arena *arena, stoa_error *err)
{
  if (cursor->state == CURSOR_NEW) {
    STOA_TRY(start(cursor, err));
  }
  take_kept(cursor, b, arena);
  if (b->n == 0 && cursor->state == CURSOR_DECLARED) {
    return fetch_declared(cursor, b, arena, err);
  }
  return b->n == 0 && cursor->state == CURSOR_RUNNING ? take_running(cursor, b, arena, err) : STOA_OK;
}

// The server ended the connection after it was lent and before it gave an answer: nothing of its snapshot was seen,
// so another connection's is as good.
static stoa_status renew(stoa_cursor *cursor, stoa_error *err)
{
  connection *const c = cursor->c;
  PGconn *pg;
  end_cancel(c);
  STOA_TRY(connect_to((stoa_pooled *)c->base.source, &pg, err));
  PQfinish(c->pg);
  c->pg = pg;
  PQenterPipelineMode(pg);
  c->statements = (stoa_map){0};
  stoa_arena_reset(&c->arena);
  c->broken = c->lost = c->in_transaction = c->aborted = false;
  c->running = NULL;
  cursor->state = CURSOR_NEW;
  return STOA_OK;
}

static bool may_be_renewed(const connection *c)
{
  return c->lost && !c->has_told && (!c->context || stoa_context_check(c->context, NULL) == STOA_OK);
}

static stoa_status postgres_next(stoa_cursor *cursor, stoa_arena *arena, stoa_rows *out, stoa_error *err)
{
  connection *const c = cursor->c;
  batch b = {0};
  stoa_error first = {0};
  stoa_status status = take_some(cursor, &b, arena, &first);
  if (status != STOA_OK && may_be_renewed(c) && b.n == 0) {
    status = renew(cursor, err);
    status = status == STOA_OK ? take_some(cursor, &b, arena, err) : status;
  } else if (status != STOA_OK && err) {
    *err = first;
  }
  c->has_told |= status == STOA_OK;
  stoa_buf_done(&b.scratch);
  *out = (stoa_rows){.n_rows = b.n, .n_columns = b.n_columns, .values = b.values};
  return status;
}

// ---- the class

static stoa_status postgres_open(stoa_connection *base, const stoa_fragment *fragment, stoa_context *context,
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
  cursor->sql = stoa_arena_copy(&cursor->arena, stoa_slice_of(fragment->sql));
  cursor->n_params = (int)fragment->n_params;
  cursor->params = STOA_NEWS(&cursor->arena, const char *, fragment->n_params + 1);
  for (uint32_t i = 0; i < fragment->n_params; ++i) {
    cursor->params[i] = stoa_postgres_param(&fragment->params[i], &cursor->arena);
  }
  c->n_cursors++;
  *out = cursor;
  return STOA_OK;
}

// Rows that nobody wants any more: few are read on, many are stopped at the server, unless other statements of the
// transaction would die with them.
static void stop_running(connection *c)
{
  enum { FEW = 4096 };
  if (c->n_cursors > 1) {
    drain(c);
  } else if (!drain_some(c, FEW)) {
    cancel_now(c);
    drain(c);
    end_cancel(c);
    c->aborted = true;
    c->in_transaction = false;
  }
}

static void postgres_close(stoa_cursor *cursor)
{
  if (!cursor) {
    return;
  }
  connection *const c = cursor->c;
  if (cursor->state == CURSOR_RUNNING && !c->broken) {
    stop_running(c);
  }
  if (c->running == cursor) {
    c->running = NULL;
  }
  for (uint32_t i = cursor->at; i < cursor->kept.n; ++i) {
    PQclear(cursor->kept.items[i]);
  }
  c->n_cursors--;
  stoa_arena_done(&cursor->arena);
  free(cursor);
}

static bool is_alive(connection *c)
{
  return !c->broken && PQconsumeInput(c->pg) && PQstatus(c->pg) == CONNECTION_OK;
}

// A connection that died while it lay idle is replaced before anybody sees it.
static stoa_status postgres_lease(stoa_source *source, stoa_context *context, stoa_connection **out, stoa_error *err)
{
  stoa_pooled *const s = (stoa_pooled *)source;
  for (;;) {
    STOA_TRY(stoa_pool_take(&s->pool, source, postgres_make, context, out, err));
    connection *const c = (connection *)*out;
    c->context = context;
    if (is_alive(c) && c->to_drain) {
      drain(c);
      c->to_drain = false;
    }
    if (is_alive(c)) {
      return STOA_OK;
    }
    const bool was_shared = c->base.is_shared;
    connection_free(c);
    stoa_pool_forget(&s->pool, was_shared);
  }
}

static void postgres_give_back(stoa_connection *base)
{
  connection *const c = (connection *)base;
  stoa_pooled *const s = (stoa_pooled *)base->source;
  c->context = NULL;
  end_cancel(c);
  if (!c->broken && (c->in_transaction || c->aborted)) {
    c->broken = !send_plain(c, "ROLLBACK") || !PQpipelineSync(c->pg);
    c->to_drain = true;
  }
  c->in_transaction = c->aborted = c->has_told = false;
  c->n_declared = 0;
  if (c->broken) {
    const bool was_shared = c->base.is_shared;
    connection_free(c);
    stoa_pool_forget(&s->pool, was_shared);
  } else {
    stoa_pool_put(&s->pool, base);
  }
}

static void postgres_cancel(stoa_connection *base)
{
  cancel_now((connection *)base);
}

static void postgres_free(stoa_source *source)
{
  stoa_pooled_free((stoa_pooled *)source, connection_close);
}

static stoa_status postgres_describe(stoa_source *source, stoa_arena *arena, const stoa_catalog **out, stoa_error *err)
{
  PGconn *pg;
  STOA_TRY(connect_to((stoa_pooled *)source, &pg, err));
  const stoa_status status = stoa_postgres_catalog(pg, source->name, arena, out, err);
  PQfinish(pg);
  return status;
}

static stoa_status postgres_describe_query(stoa_source *source, const char *sql, stoa_arena *arena,
                                           const stoa_table_info **out, stoa_error *err)
{
  PGconn *pg;
  STOA_TRY(connect_to((stoa_pooled *)source, &pg, err));
  const stoa_status status = stoa_postgres_query_columns(pg, source->name, sql, arena, out, err);
  PQfinish(pg);
  return status;
}

static const stoa_source_class postgres_class = {.name = "postgres",
                                                 .describe = postgres_describe,
                                                 .describe_query = postgres_describe_query,
                                                 .lease = postgres_lease,
                                                 .give_back = postgres_give_back,
                                                 .open = postgres_open,
                                                 .next = postgres_next,
                                                 .close = postgres_close,
                                                 .cancel = postgres_cancel,
                                                 .free = postgres_free};

stoa_status stoa_source_postgres_new(const char *name, const char *address, stoa_source **out, stoa_error *err)
{
  const stoa_source base = {&postgres_class, &stoa_dialect_postgres, NULL};
  stoa_pooled *s;
  STOA_TRY(stoa_pooled_new(sizeof *s, base, name, address, &s, err));
  const stoa_status status = stoa_pooled_try(s, postgres_make, err);
  if (status != STOA_OK) {
    postgres_free(&s->base);
    return status;
  }
  *out = &s->base;
  return STOA_OK;
}
