// SQL functions that hand what they are given back to the engine (stoa_source_call).  The call travels as
// an SQLite pointer value, which no SQL text can forge.
#include "graph/source/sqlite.h"
#include "graph/term/equality.h"
#include "graph/term/packed.h"
#include <sqlite3.h>

static const char pointer_type[] = "stoa_call";

enum { MOST_VALUES = 128 };

typedef struct {
  stoa_source_call *call;
  void *group;
} fold_state;

static stoa_source_call *call_of(sqlite3_value *value)
{
  return sqlite3_value_pointer(value, pointer_type);
}

int stoa_sqlite_bind_call(sqlite3_stmt *statement, int at, stoa_source_call *call)
{
  return sqlite3_bind_pointer(statement, at, call, pointer_type, NULL);
}

static uint32_t read_values(sqlite3_value **args, int n_args, stoa_value *out)
{
  for (int i = 0; i < n_args; ++i) {
    out[i] = (stoa_value){.kind = STOA_VALUE_NULL};
    switch (sqlite3_value_type(args[i])) {
      case SQLITE_INTEGER:
        out[i] = (stoa_value){.kind = STOA_VALUE_INTEGER, .as.integer = sqlite3_value_int64(args[i])};
        break;
      case SQLITE_FLOAT:
        out[i] = (stoa_value){.kind = STOA_VALUE_REAL, .as.real = sqlite3_value_double(args[i])};
        break;
      case SQLITE_TEXT:
      case SQLITE_BLOB:
        out[i].kind = sqlite3_value_type(args[i]) == SQLITE_TEXT ? STOA_VALUE_TEXT : STOA_VALUE_BLOB;
        out[i].text.data = sqlite3_value_blob(args[i]);
        out[i].text.data = out[i].text.data ? out[i].text.data : "";
        out[i].text.length = (size_t)sqlite3_value_bytes(args[i]);
        break;
      default:
        break;
    }
  }
  return (uint32_t)n_args;
}

static void give(sqlite3_context *context, const stoa_value *value)
{
  switch (value->kind) {
    case STOA_VALUE_INTEGER:
      sqlite3_result_int64(context, value->as.integer);
      break;
    case STOA_VALUE_REAL:
      sqlite3_result_double(context, value->as.real);
      break;
    case STOA_VALUE_TEXT:
      sqlite3_result_text64(context, value->text.data, value->text.length, SQLITE_TRANSIENT, SQLITE_UTF8);
      break;
    default:
      sqlite3_result_null(context);
  }
}

// The statement fails with SQLite's own words; the cause is kept for the one who asks why.
static void fail(sqlite3_context *context, const stoa_error *err)
{
  stoa_error *const kept = sqlite3_user_data(context);
  if (kept->status == STOA_OK) {
    *kept = *err;
  }
  sqlite3_result_error(context, err->text, -1);
}

static bool usable(sqlite3_context *context, int n_args, sqlite3_value **args)
{
  const bool ok = n_args >= 1 && n_args <= MOST_VALUES && call_of(args[0]);
  if (!ok) {
    sqlite3_result_error(context, "this function is for generated SQL only", -1);
  }
  return ok;
}

static void apply(sqlite3_context *context, int n_args, sqlite3_value **args)
{
  stoa_value values[MOST_VALUES], out;
  stoa_error err = {0};
  if (!usable(context, n_args, args)) {
    return;
  }
  stoa_source_call *const call = call_of(args[0]);
  const uint32_t n = read_values(args + 1, n_args - 1, values);
  if (call->apply(call, values, n, &out, &err) != STOA_OK) {
    fail(context, &err);
    return;
  }
  give(context, &out);
}

static void fold_step(sqlite3_context *context, int n_args, sqlite3_value **args)
{
  stoa_value values[MOST_VALUES];
  stoa_error err = {0};
  fold_state *const s = sqlite3_aggregate_context(context, sizeof *s);
  if (!s || !usable(context, n_args, args)) {
    return;
  }
  if (!s->group) {
    s->call = call_of(args[0]);
    s->group = s->call->begin(s->call);
  }
  const uint32_t n = read_values(args + 1, n_args - 1, values);
  if (s->call->step(s->call, s->group, values, n, &err) != STOA_OK) {
    fail(context, &err);
  }
}

// An empty text stands for a group whose aggregate is an error, NULL for a group without rows.
static void fold_final(sqlite3_context *context)
{
  stoa_value out;
  stoa_error err = {0};
  const fold_state *const s = sqlite3_aggregate_context(context, 0);
  if (!s || !s->group) {
    return;
  }
  if (s->call->end(s->call, s->group, &out, &err) != STOA_OK) {
    fail(context, &err);
  } else if (out.kind == STOA_VALUE_NULL) {
    sqlite3_result_text(context, "", 0, SQLITE_STATIC);
  } else {
    give(context, &out);
  }
}

static void folded(sqlite3_context *context, int n_args, sqlite3_value **args)
{
  stoa_value out;
  stoa_error err = {0};
  if (!usable(context, n_args, args) || n_args != 2) {
    return;
  }
  if (sqlite3_value_type(args[1]) != SQLITE_NULL) {
    if (sqlite3_value_bytes(args[1]) > 0) {
      sqlite3_result_value(context, args[1]);
    }
    return;
  }
  stoa_source_call *const call = call_of(args[0]);
  if (call->end(call, NULL, &out, &err) != STOA_OK) {
    fail(context, &err);
  } else {
    give(context, &out);
  }
}

// The order of ORDER BY on packed terms.
static int collate(void *data, int n_a, const void *a, int n_b, const void *b)
{
  stoa_arena arena;
  (void)data;
  stoa_arena_init(&arena, 0);
  const stoa_term x = stoa_term_unpack((stoa_slice){a, (size_t)n_a}, &arena);
  const stoa_term y = stoa_term_unpack((stoa_slice){b, (size_t)n_b}, &arena);
  const int order = stoa_term_order(x, y);
  stoa_arena_done(&arena);
  return order;
}

void stoa_sqlite_calls(struct sqlite3 *db, stoa_error *kept)
{
  const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
  sqlite3_create_function(db, "stoa_term", -1, flags, kept, apply, NULL, NULL);
  sqlite3_create_function(db, "stoa_true", -1, flags, kept, apply, NULL, NULL);
  sqlite3_create_function(db, "stoa_cell", -1, flags, kept, apply, NULL, NULL);
  sqlite3_create_function(db, "stoa_fold", -1, flags, kept, NULL, fold_step, fold_final);
  sqlite3_create_function(db, "stoa_folded", 2, flags, kept, folded, NULL, NULL);
  sqlite3_create_collation(db, "stoa_term", SQLITE_UTF8, NULL, collate);
}
