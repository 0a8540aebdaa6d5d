// SQLite: read-only connections in a pool, each with its prepared statements; deadlines by the
// progress handler, cancel by interrupt.  Money is summed by our own aggregates (sqlite_functions.c).
#include "graph/source/sqlite.h"
#include "graph/source/stamp.h"
#include "graph/base/clock.h"
#include "graph/base/map.h"
#include "graph/source/csv.h"
#include "graph/source/pool.h"
#include "graph/term/batch.h"
#include "graph/term/number.h"
#include "graph/term/xsd.h"
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_STATEMENTS = 128, MOST_IN_USE = 32, PROGRESS_STEPS = 10000 };
enum { LOCK_PAUSE_US = 10000, LOCK_TRIES = 1000, LOCK_TRIES_OF_SHARE = 100 };

typedef struct {
  stoa_connection base;
  sqlite3 *db;
  stoa_arena arena;    ///< keys of `statements`
  stoa_map statements; ///< SQL text -> sqlite3_stmt
  stoa_context *context;
  stoa_error call_error;             ///< of what a statement handed back; STOA_OK: none
  sqlite3_stmt *in_use[MOST_IN_USE]; ///< of `statements`: those that a cursor holds, run or not yet
  int n_in_use;
  struct stat file; ///< as it was when the connection last looked
  bool broken;      ///< what it reads is no database any more
  bool is_tuned;    ///< its cache has its size, which takes a look into the file
} connection;

typedef struct {
  stoa_pooled base;
  stoa_csv_heads *heads; ///< of a CSV source
} sqlite_source;

static const stoa_source_class csv_class;

struct stoa_cursor {
  connection *c;
  sqlite3_stmt *statement;
  bool own; ///< not from the cache: finalize at close
  bool done;
};

// The mapping was checked by the catalog when the project was loaded: what it names has gone since.
static bool is_missing(sqlite3 *db)
{
  static const char *const begins[] = {"no such table", "no such column"};
  return sqlite3_errcode(db) == SQLITE_ERROR && (strncmp(sqlite3_errmsg(db), begins[0], strlen(begins[0])) == 0 ||
                                                 strncmp(sqlite3_errmsg(db), begins[1], strlen(begins[1])) == 0);
}

static stoa_status failed(stoa_source *source, sqlite3 *db, stoa_error *err)
{
  const int code = sqlite3_errcode(db);
  if (is_missing(db)) {
    return stoa_error_set(err, STOA_IO, "source %s: %s; its database has changed", source->name, sqlite3_errmsg(db));
  }
  const stoa_status status = code == SQLITE_BUSY || code == SQLITE_CANTOPEN || code == SQLITE_LOCKED ? STOA_UNAVAILABLE
                             : code == SQLITE_INTERRUPT                                              ? STOA_TIMEOUT
                             : code == SQLITE_ERROR                                                  ? STOA_BAD_MAPPING
                                                                                                     : STOA_IO;
  return stoa_error_set(err, status, "source %s: %s", source->name, sqlite3_errmsg(db));
}

static int on_progress(void *data)
{
  connection *const c = data;
  return c->context && stoa_context_check(c->context, NULL) != STOA_OK;
}

// A source waits for a lock as long as the deadline allows, ten seconds at most; a second for requests that have only a
// share of it.
static int on_busy(void *data, int n_calls)
{
  connection *const c = data;
  const int most = c->context && c->context->share ? LOCK_TRIES_OF_SHARE : LOCK_TRIES;
  if ((c->context && stoa_context_check(c->context, NULL) != STOA_OK) || n_calls > most) {
    return 0;
  }
  usleep(LOCK_PAUSE_US);
  return 1;
}

static stoa_pool *pool_of(connection *c)
{
  return &((stoa_pooled *)c->base.source)->pool;
}

// Note what a failure says of the file: that others hold it, or that it is no database any more.
static void note_failure(connection *c)
{
  const int code = sqlite3_errcode(c->db) & 0xff;
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
    char why[200];
    snprintf(why, sizeof why, "source %s: %s", c->base.source->name, sqlite3_errmsg(c->db));
    stoa_pool_blocked(pool_of(c), why);
  }
  c->broken |= code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_IOERR;
}

static void statements_done(connection *c)
{
  for (uint32_t i = 0; i < c->statements.n_slots; ++i) {
    sqlite3_finalize(c->statements.slots[i].value);
  }
  c->statements = (stoa_map){0};
  stoa_arena_reset(&c->arena);
}

static void connection_free(connection *c)
{
  statements_done(c);
  stoa_arena_done(&c->arena);
  sqlite3_close(c->db);
  stoa_answered_done(&c->base.answered);
  free(c);
}

static void connection_close(stoa_connection *base)
{
  connection_free((connection *)base);
}

static stoa_status open_database(const stoa_pooled *s, sqlite3 **out, stoa_error *err)
{
  if (s->base.klass == &csv_class) {
    return sqlite3_open_v2(":memory:", out, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK
             ? stoa_sqlite_mount_csv(*out, s->base.name, ((const sqlite_source *)s)->heads, err)
             : stoa_error_set(err, STOA_NO_MEM, "no memory for source %s", s->base.name);
  }
  return sqlite3_open_v2(s->address, out, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL) ==
             SQLITE_OK
           ? STOA_OK
           : stoa_error_set(err, STOA_UNAVAILABLE, "source %s: cannot open %s: %s", s->base.name, s->address,
                            sqlite3_errmsg(*out));
}

// stoa_known(): up to which offset the engine's log is known to the request (features/state/events.c).
static void known_offset(sqlite3_context *call, int n, sqlite3_value **args)
{
  const connection *const c = sqlite3_user_data(call);
  (void)n;
  (void)args;
  sqlite3_result_int64(call, c->context && c->context->known_offset ? c->context->known_offset : INT64_MAX);
}

// stoa_knows(INSTANT): whether what says that it was known then is known to the request; NULL for no instant.
static void is_known(sqlite3_context *call, int n, sqlite3_value **args)
{
  const connection *const c = sqlite3_user_data(call);
  const char *const text = (const char *)sqlite3_value_text(args[0]);
  stoa_instant at;
  (void)n;
  if (!c->context || !c->context->known_offset) {
    sqlite3_result_int(call, 1);
  } else if (text && stoa_xsd_datetime_read(stoa_slice_of(text), &at)) {
    sqlite3_result_int(call, at.us <= c->context->now_us);
  }
}

static stoa_status connection_new(stoa_pooled *s, connection **out, stoa_error *err)
{
  connection *const c = calloc(1, sizeof *c);
  if (!c) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a connection");
  }
  c->base.source = &s->base;
  stoa_arena_init(&c->arena, 0);
  stat(s->address, &c->file);
  const stoa_status status = open_database(s, &c->db, err);
  if (status != STOA_OK) {
    connection_free(c);
    return status;
  }
  sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_extended_result_codes(c->db, 0);
  sqlite3_busy_handler(c->db, on_busy, c);
  sqlite3_progress_handler(c->db, PROGRESS_STEPS, on_progress, c);
  // No memory map: of a file that others shorten it would end the process.
  sqlite3_exec(c->db, "PRAGMA query_only=1; PRAGMA temp_store=MEMORY", NULL, NULL, NULL);
  stoa_sqlite_functions(c->db);
  sqlite3_create_function(c->db, "stoa_known", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, c, known_offset, NULL, NULL);
  sqlite3_create_function(c->db, "stoa_knows", 1, SQLITE_UTF8 | SQLITE_INNOCUOUS, c, is_known, NULL, NULL);
  stoa_sqlite_calls(c->db, &c->call_error);
  *out = c;
  return STOA_OK;
}

static stoa_status sqlite_make(stoa_source *source, stoa_connection **out, stoa_error *err)
{
  connection *c;
  STOA_TRY(connection_new((stoa_pooled *)source, &c, err));
  *out = &c->base;
  return STOA_OK;
}

static void drop(connection *c)
{
  stoa_pool *const pool = pool_of(c);
  const bool was_shared = c->base.is_shared;
  connection_free(c);
  stoa_pool_forget(pool, was_shared);
}

// Whether the connection still reads the file that has the name.  One that was written from elsewhere may lack the
// marks by which SQLite knows that pages it keeps are old.  CSV files are opened by each statement that reads them.
static bool reads_its_file(connection *c)
{
  const stoa_pooled *const s = (const stoa_pooled *)c->base.source;
  struct stat now;
  if (s->base.klass == &csv_class || strncmp(s->address, "file:", 5) == 0) {
    return true;
  }
  if (stat(s->address, &now) != 0 || now.st_ino != c->file.st_ino || now.st_dev != c->file.st_dev ||
      now.st_size < c->file.st_size) {
    return false;
  }
  if (now.st_size != c->file.st_size || now.st_mtim.tv_sec != c->file.st_mtim.tv_sec ||
      now.st_mtim.tv_nsec != c->file.st_mtim.tv_nsec) {
    sqlite3_db_release_memory(c->db);
    c->file = now;
  }
  return true;
}

static stoa_status begin(connection *c, stoa_error *err)
{
  stoa_source *const source = c->base.source;
  const bool tries = stoa_pool_is_blocked(pool_of(c)); // the one that asks whether the source goes on
  if (sqlite3_exec(c->db, tries ? "BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1" : "BEGIN", NULL, NULL, NULL) !=
      SQLITE_OK) {
    const stoa_status status = failed(source, c->db, err);
    note_failure(c);
    source->klass->give_back(&c->base);
    return status;
  }
  if (!c->is_tuned) {
    c->is_tuned = sqlite3_exec(c->db, "PRAGMA cache_size=-32768", NULL, NULL, NULL) == SQLITE_OK;
  }
  if (tries) {
    stoa_pool_goes_on(pool_of(c));
  }
  return STOA_OK;
}

static stoa_status sqlite_lease(stoa_source *source, stoa_context *context, stoa_connection **out, stoa_error *err)
{
  stoa_pooled *const s = (stoa_pooled *)source;
  if (source->klass == &csv_class && access(s->address, R_OK | X_OK) != 0) { // its tables open their files one by one
    return stoa_error_set(err, STOA_UNAVAILABLE, "source %s: no folder at %s: %s", source->name, s->address,
                          strerror(errno));
  }
  for (int tries = 0;; ++tries) {
    stoa_connection *taken;
    STOA_TRY(stoa_pool_take(&s->pool, source, sqlite_make, context, &taken, err));
    connection *const c = (connection *)taken;
    if (reads_its_file(c)) {
      c->context = context;
      c->call_error = (stoa_error){0};
      STOA_TRY(begin(c, err)); // which gives it back when it fails
      *out = taken;
      return STOA_OK;
    }
    drop(c);
    if (tries > STOA_POOL_MOST) {
      return stoa_error_set(err, STOA_UNAVAILABLE, "source %s: the database %s is replaced again and again, or gone",
                            source->name, s->address);
    }
  }
}

static void sqlite_give_back(stoa_connection *base)
{
  connection *const c = (connection *)base;
  c->context = NULL;
  sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
  if (c->broken) {
    drop(c);
  } else {
    stoa_pool_put(pool_of(c), base);
  }
}

static bool is_in_use(const connection *c, const sqlite3_stmt *statement)
{
  for (int i = 0; i < c->n_in_use; ++i) {
    if (c->in_use[i] == statement) {
      return true;
    }
  }
  return false;
}

static void take_out_of_use(connection *c, const sqlite3_stmt *statement)
{
  for (int i = 0; i < c->n_in_use; ++i) {
    if (c->in_use[i] == statement) {
      c->in_use[i] = c->in_use[--c->n_in_use];
      return;
    }
  }
}

// What a WITH or a list of values gives SQLite takes for a million rows, and reads each table that is joined to it
// whole into a Bloom filter, to look few of its rows up.  We know that they are few.  The switch is SQLite's own for
// its tests: it chooses between plans, never answers, and a version that knows another meaning of the bit is slower at
// most.
static void without_filters(sqlite3 *db, const char *sql)
{
  enum { BLOOM_FILTER = 0x00080000 };
  const bool unknown = strstr(sql, "WITH ") || strstr(sql, "json_each(");
  sqlite3_test_control(SQLITE_TESTCTRL_OPTIMIZATIONS, db, unknown ? BLOOM_FILTER : 0);
}

// A statement of the cache serves one cursor at a time; a second one of the same text gets its own.
static stoa_status prepare(connection *c, const char *sql, sqlite3_stmt **out, bool *own, stoa_error *err)
{
  const stoa_slice key = stoa_slice_of(sql);
  *out = stoa_map_find(&c->statements, key);
  *own = (*out && is_in_use(c, *out)) || c->n_in_use == MOST_IN_USE;
  if (*out && !*own) {
    c->in_use[c->n_in_use++] = *out;
    return STOA_OK;
  }
  without_filters(c->db, sql);
  if (sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) != SQLITE_OK) {
    note_failure(c);
    return failed(c->base.source, c->db, err);
  }
  if (!*own && c->statements.n >= MOST_STATEMENTS) {
    if (c->n_in_use) {
      *own = true; // the cache is full and in use: it is emptied another time
      return STOA_OK;
    }
    statements_done(c);
  }
  if (!*own) {
    stoa_map_add(&c->statements, &c->arena, key, *out);
    c->in_use[c->n_in_use++] = *out;
  }
  return STOA_OK;
}

// Columns of decimals hold integers of 64 bits and doubles.
static void bind_decimal(sqlite3_stmt *statement, int at, stoa_slice text)
{
  stoa_number number;
  const bool whole = stoa_number_read_decimal(text, &number) && number.scale == 0 && number.mantissa >= INT64_MIN &&
                     number.mantissa <= INT64_MAX;
  if (whole) {
    sqlite3_bind_int64(statement, at, (int64_t)number.mantissa);
  } else {
    sqlite3_bind_double(statement, at, strtod(text.data, NULL));
  }
}

static void bind_all(sqlite3_stmt *statement, const stoa_fragment *f)
{
  for (uint32_t i = 0; i < f->n_params; ++i) {
    const stoa_value *const v = &f->params[i];
    const int at = (int)i + 1;
    switch (v->kind) {
      case STOA_VALUE_NULL:
        sqlite3_bind_null(statement, at);
        break;
      case STOA_VALUE_INTEGER:
        sqlite3_bind_int64(statement, at, v->as.integer);
        break;
      case STOA_VALUE_REAL:
        sqlite3_bind_double(statement, at, v->as.real);
        break;
      case STOA_VALUE_DECIMAL:
        bind_decimal(statement, at, v->text);
        break;
      case STOA_VALUE_TEXT:
        sqlite3_bind_text64(statement, at, v->text.data, v->text.length, SQLITE_TRANSIENT, SQLITE_UTF8);
        break;
      case STOA_VALUE_BLOB:
        sqlite3_bind_blob64(statement, at, v->text.data, v->text.length, SQLITE_TRANSIENT);
        break;
      case STOA_VALUE_CALL:
        stoa_sqlite_bind_call(statement, at, v->as.call);
        break;
    }
  }
}

static stoa_status sqlite_open(stoa_connection *base, const stoa_fragment *fragment, stoa_context *context,
                               stoa_cursor **out, stoa_error *err)
{
  connection *const c = (connection *)base;
  stoa_cursor *const cursor = calloc(1, sizeof *cursor);
  (void)context;
  if (!cursor) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a cursor");
  }
  cursor->c = c;
  const stoa_status status = prepare(c, fragment->sql, &cursor->statement, &cursor->own, err);
  if (status != STOA_OK) {
    free(cursor);
    return status;
  }
  bind_all(cursor->statement, fragment);
  *out = cursor;
  return STOA_OK;
}

static void read_value(sqlite3_stmt *statement, int column, stoa_arena *arena, stoa_value *out)
{
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      out->kind = STOA_VALUE_INTEGER;
      out->as.integer = sqlite3_column_int64(statement, column);
      break;
    case SQLITE_FLOAT:
      out->kind = STOA_VALUE_REAL;
      out->as.real = sqlite3_column_double(statement, column);
      break;
    case SQLITE_TEXT:
    case SQLITE_BLOB: {
      out->kind = sqlite3_column_type(statement, column) == SQLITE_TEXT ? STOA_VALUE_TEXT : STOA_VALUE_BLOB;
      const char *const bytes = sqlite3_column_blob(statement, column);
      out->text = stoa_arena_slice(arena, (stoa_slice){bytes, (size_t)sqlite3_column_bytes(statement, column)});
      break;
    }
    default:
      out->kind = STOA_VALUE_NULL;
  }
}

static stoa_status sqlite_next(stoa_cursor *cursor, stoa_arena *arena, stoa_rows *out, stoa_error *err)
{
  stoa_source *const source = cursor->c->base.source;
  const int n_columns = sqlite3_column_count(cursor->statement);
  stoa_value **const values = STOA_NEWS(arena, stoa_value *, n_columns);
  uint32_t n = 0;
  uint32_t capacity = 16;
  for (int i = 0; i < n_columns; ++i) {
    values[i] = STOA_NEWS(arena, stoa_value, capacity);
  }
  while (!cursor->done && n < STOA_BATCH_ROWS) {
    const int code = sqlite3_step(cursor->statement);
    if (code == SQLITE_DONE) {
      cursor->done = true;
      break;
    }
    if (code != SQLITE_ROW) {
      note_failure(cursor->c);
      if (cursor->c->context) {
        STOA_TRY(stoa_context_check(cursor->c->context, err));
      }
      if (cursor->c->call_error.status != STOA_OK) {
        *err = cursor->c->call_error;
        return err->status;
      }
      return failed(source, cursor->c->db, err);
    }
    if (n == capacity) {
      for (int i = 0; i < n_columns; ++i) {
        stoa_value *const wider = STOA_NEWS(arena, stoa_value, capacity * 4);
        memcpy(wider, values[i], n * sizeof *wider);
        values[i] = wider;
      }
      capacity *= 4;
    }
    for (int i = 0; i < n_columns; ++i) {
      read_value(cursor->statement, i, arena, &values[i][n]);
    }
    ++n;
  }
  *out = (stoa_rows){.n_rows = n, .n_columns = (uint32_t)n_columns, .values = values};
  return STOA_OK;
}

static void sqlite_close(stoa_cursor *cursor)
{
  if (!cursor) {
    return;
  }
  if (cursor->own) {
    sqlite3_finalize(cursor->statement);
  } else {
    sqlite3_reset(cursor->statement);
    sqlite3_clear_bindings(cursor->statement);
    take_out_of_use(cursor->c, cursor->statement);
  }
  free(cursor);
}

static void sqlite_cancel(stoa_connection *base)
{
  sqlite3_interrupt(((connection *)base)->db);
}

static void sqlite_free(stoa_source *source)
{
  stoa_csv_heads *const heads = ((sqlite_source *)source)->heads;
  stoa_pooled_free((stoa_pooled *)source, connection_close);
  stoa_csv_heads_free(heads); // which the connections had
}

static stoa_status sqlite_describe(stoa_source *source, stoa_arena *arena, const stoa_catalog **out, stoa_error *err)
{
  connection *c;
  STOA_TRY(connection_new((stoa_pooled *)source, &c, err));
  const stoa_status status = stoa_sqlite_catalog(c->db, source->name, arena, out, err);
  connection_free(c);
  for (uint32_t i = 0; status == STOA_OK && source->klass == &csv_class && i < (*out)->n_tables; ++i) {
    stoa_table_info *const table = (stoa_table_info *)&(*out)->tables[i];
    stoa_csv_measure(stoa_arena_print(arena, "%s/%s.csv", ((stoa_pooled *)source)->address, table->name), table, arena);
  }
  return status;
}

static stoa_status sqlite_describe_query(stoa_source *source, const char *sql, stoa_arena *arena,
                                         const stoa_table_info **out, stoa_error *err)
{
  connection *c;
  STOA_TRY(connection_new((stoa_pooled *)source, &c, err));
  const stoa_status status = stoa_sqlite_query_columns(c->db, source->name, sql, arena, out, err);
  connection_free(c);
  return status;
}

static bool sqlite_stamp(const stoa_source *source, stoa_buf *out)
{
  const char *const file = ((const stoa_pooled *)source)->address;
  if (strncmp(file, "file:", 5) == 0) { // an URI may name anything
    return false;
  }
  stoa_stamp_sqlite(file, out);
  return true;
}

static bool csv_stamp(const stoa_source *source, stoa_buf *out)
{
  return stoa_stamp_folder(((const stoa_pooled *)source)->address, out);
}

#define SQLITE_CLASS                                                                                                   \
  .describe = sqlite_describe, .describe_query = sqlite_describe_query, .lease = sqlite_lease,                         \
  .give_back = sqlite_give_back, .open = sqlite_open, .next = sqlite_next, .close = sqlite_close,                      \
  .cancel = sqlite_cancel, .free = sqlite_free

static const stoa_source_class sqlite_class = {.name = "sqlite", .calls = true, .stamp = sqlite_stamp, SQLITE_CLASS};
static const stoa_source_class csv_class = {.name = "csv", .scans = true, .stamp = csv_stamp, SQLITE_CLASS};

static stoa_status source_new(const stoa_source_class *klass, const char *name, const char *file, stoa_source **out,
                              stoa_error *err)
{
  stoa_pooled *s;
  stoa_status status = STOA_OK;
  if (access(file, R_OK) != 0 && strncmp(file, "file:", 5) != 0) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "source %s: no database at %s: %s", name, file, strerror(errno));
  }
  STOA_TRY(
    stoa_pooled_new(sizeof(sqlite_source), (stoa_source){klass, &stoa_dialect_sqlite, NULL}, name, file, &s, err));
  if (klass == &csv_class) {
    status = stoa_csv_heads_new(name, file, &((sqlite_source *)s)->heads, err);
  }
  status = status == STOA_OK ? stoa_pooled_try(s, sqlite_make, err) : status;
  if (status != STOA_OK) {
    sqlite_free(&s->base);
    return status;
  }
  *out = &s->base;
  return STOA_OK;
}

void stoa_source_sqlite_alone(void)
{
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); // where it comes too late, nothing is lost but time
}

stoa_status stoa_source_sqlite_new(const char *name, const char *file, stoa_source **out, stoa_error *err)
{
  return source_new(&sqlite_class, name, file, out, err);
}

stoa_status stoa_source_csv_new(const char *name, const char *folder, stoa_source **out, stoa_error *err)
{
  return source_new(&csv_class, name, folder, out, err);
}
