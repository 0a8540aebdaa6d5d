// make bench-virtual: each query of a folder over a project, beside the SQL that an expert would write for it, in one
// process on the same database; their rows must be the same.  Medians, the ratio of each, and their geometric mean.
// Queries find their plans kept, from their second run on; reading and planning alone is measured cold and warm.
// One that is not answered within the limit is late: its ratio is the least it can be.  One that fails or has other
// rows is told as such, is not in the mean, and makes the exit code 1.
//   twins PROJECT QUERIES sqlite FOLDER [SOURCE...] | postgres CONNINFO
// With SOURCES the expert sees their files at once (PostgreSQL: one database has a schema for each).
// STOA_BENCH_LIMIT: seconds for one answer (20); STOA_BENCH_PATIENCE: milliseconds for the runs of one query (3000).
#include "graph/base/clock.h"
#include "graph/plan/planning.h"
#include "graph/plan/plans.h"
#include "graph/result/answer.h"
#include "graph/sparql/parser.h"
#include "personalizer/engine.h"
#include <dirent.h>
#include <libpq-fe.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_QUERIES = 100, RUNS = 15, MOST_SOURCES = 8 };

typedef struct {
  char name[280];
  double stoa_ms, sql_ms, cold_ms, warm_ms, ratio;
  uint64_t n_rows;
  const char *fault; ///< "" for none, else what there is in place of a measure
} result;

static const char *kind, *address, *sources[MOST_SOURCES];
static int n_sources;
static double limit_ms = 20000, patience_ms = 3000;
static stoa_engine *engine;

static void die(const char *what, const char *why)
{
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

static double now_ms(void)
{
  return (double)stoa_clock_steady_ns() / 1e6;
}

static char *read_file(const char *path)
{
  FILE *const file = fopen(path, "rb");
  if (!file) {
    return NULL;
  }
  char *const text = calloc(1, 1 << 16);
  const size_t n = fread(text, 1, (1 << 16) - 1, file);
  text[n] = '\0';
  fclose(file);
  return text;
}

// ---- Stoa

static bool keep(void *data, const char *bytes, size_t n_bytes)
{
  stoa_buf_add(data, bytes, n_bytes);
  return true;
}

static stoa_status ask_stoa(const char *text, stoa_format format, stoa_buf *out, uint64_t *n_rows, double *ms,
                            stoa_error *err)
{
  const stoa_question question = {stoa_slice_of(text), "query", stoa_engine_layer(engine)->project->base};
  stoa_context context;
  out->length = 0;
  const double start = now_ms();
  stoa_context_init(&context, 0);
  context.deadline_ns = stoa_clock_steady_ns() + (int64_t)(limit_ms * 1e6);
  const stoa_status status = stoa_answer(&question, &stoa_engine_layer(engine)->project->mapping.rewriter, &context,
                                         format, (stoa_sink){keep, out}, n_rows, err);
  *ms = now_ms() - start;
  return status;
}

// Reading and planning, nothing kept from before.
static double compile(const char *text)
{
  stoa_arena arena;
  const stoa_query *query;
  const stoa_plan *plan;
  stoa_context context;
  stoa_error err = {0};
  stoa_context_init(&context, 0);
  const double start = now_ms();
  stoa_arena_init(&arena, 0);
  if (stoa_query_read(stoa_slice_of(text), "query", stoa_engine_layer(engine)->project->base, &arena, &query, &err) !=
        STOA_OK ||
      stoa_plan_make(query, &stoa_engine_layer(engine)->project->mapping.rewriter, &context, &arena, &plan, &err) !=
        STOA_OK) {
    die(text, err.text);
  }
  stoa_arena_done(&arena);
  return now_ms() - start;
}

// Cutting the text and finding the plan that is kept for its shape.
static double recall(const char *text)
{
  const stoa_question question = {stoa_slice_of(text), "query", stoa_engine_layer(engine)->project->base};
  const stoa_rewriter *const rewriter = &stoa_engine_layer(engine)->project->mapping.rewriter;
  stoa_arena arena;
  stoa_lease lease;
  stoa_context context;
  stoa_error err = {0};
  stoa_context_init(&context, 0);
  const double start = now_ms();
  stoa_arena_init(&arena, 0);
  if (stoa_plans_lease(&question, rewriter, &context, &arena, &lease, &err) != STOA_OK) {
    die(text, err.text);
  }
  stoa_plans_give_back(rewriter, &lease);
  stoa_arena_done(&arena);
  return now_ms() - start;
}

// ---- the expert

static void put_field(stoa_buf *out, int column, const char *text)
{
  stoa_buf_text(out, column ? "," : "");
  stoa_buf_text(out, text ? text : "");
}

static double ask_sqlite(sqlite3 *db, const char *sql, stoa_buf *out)
{
  sqlite3_stmt *statement;
  out->length = 0;
  const double start = now_ms();
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
    die(sql, sqlite3_errmsg(db));
  }
  const int n = sqlite3_column_count(statement);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    for (int i = 0; i < n; ++i) {
      put_field(out, i, (const char *)sqlite3_column_text(statement, i));
    }
    stoa_buf_byte(out, '\n');
  }
  sqlite3_finalize(statement);
  return now_ms() - start;
}

static double ask_postgres(PGconn *pg, const char *sql, stoa_buf *out)
{
  out->length = 0;
  const double start = now_ms();
  PGresult *const rows = PQexec(pg, sql);
  if (PQresultStatus(rows) != PGRES_TUPLES_OK) {
    die(sql, PQerrorMessage(pg));
  }
  for (int r = 0; r < PQntuples(rows); ++r) {
    for (int i = 0; i < PQnfields(rows); ++i) {
      put_field(out, i, PQgetisnull(rows, r, i) ? NULL : PQgetvalue(rows, r, i));
    }
    stoa_buf_byte(out, '\n');
  }
  PQclear(rows);
  return now_ms() - start;
}

typedef struct {
  char name[64];
  sqlite3 *sqlite;
  PGconn *pg;
} database;

static sqlite3 *open_sqlite(const char *name)
{
  char text[600];
  sqlite3 *db;
  if (n_sources) {
    snprintf(text, sizeof text, ":memory:");
  } else {
    snprintf(text, sizeof text, "file:%s/%s.db?mode=ro", address, name);
  }
  if (sqlite3_open_v2(text, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI, NULL) != SQLITE_OK) {
    die(text, "cannot be opened");
  }
  for (int i = 0; i < n_sources; ++i) {
    snprintf(text, sizeof text, "ATTACH 'file:%s/%s.db?mode=ro' AS %s", address, sources[i], sources[i]);
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK) {
      die(text, sqlite3_errmsg(db));
    }
  }
  sqlite3_exec(db, "PRAGMA mmap_size=268435456", NULL, NULL, NULL);
  return db;
}

static database *database_of(const char *sql)
{
  static database all[16];
  char name[64] = "", path[512];
  sscanf(sql, "-- %63[a-z_]", name);
  for (int i = 0; i < 16; ++i) {
    database *const d = &all[i];
    if (strcmp(d->name, name) == 0) {
      return d;
    }
    if (d->name[0]) {
      continue;
    }
    snprintf(d->name, sizeof d->name, "%s", name);
    if (strcmp(kind, "sqlite") == 0) {
      d->sqlite = open_sqlite(name);
    } else {
      snprintf(path, sizeof path, "%s dbname=%s options='-c TimeZone=UTC'", address, name);
      d->pg = PQconnectdb(path);
      if (PQstatus(d->pg) != CONNECTION_OK) {
        die(path, PQerrorMessage(d->pg));
      }
    }
    return d;
  }
  return NULL;
}

static double ask_expert(const char *sql, stoa_buf *out)
{
  const database *const d = database_of(sql);
  return d->sqlite ? ask_sqlite(d->sqlite, sql, out) : ask_postgres(d->pg, sql, out);
}

// ---- the same rows

static int by_text(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

// A field as both sides can write it: IRIs by what follows the last slash, numbers by their value, instants with T and
// Z.
static void normalise(char *field, stoa_buf *out)
{
  char *const slash = strncmp(field, "http", 4) == 0 ? strrchr(field, '/') : NULL;
  char *end;
  field = slash ? slash + 1 : field;
  const double number = strtod(field, &end);
  const size_t n = strlen(field);
  if (end > field && *end == '\0') {
    stoa_buf_print(out, "%.10g", number);
    return;
  }
  for (size_t i = 0; i < n; ++i) {
    if (i == 10 && field[i] == ' ' && field[4] == '-') {
      stoa_buf_byte(out, 'T');
    } else if (i > 10 && strcmp(field + i, "+00") == 0) {
      stoa_buf_byte(out, 'Z');
      return;
    } else {
      stoa_buf_byte(out, field[i]);
    }
  }
}

static char *normal(const stoa_buf *rows, bool head, bool ordered)
{
  char *const text = strndup(rows->data ? rows->data : "", rows->length), *save = NULL;
  char **lines = calloc(rows->length + 2, sizeof *lines);
  size_t n = 0;
  stoa_buf out = {0};
  for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
    stoa_buf one = {0};
    if (head) {
      head = false;
      continue;
    }
    line[strcspn(line, "\r")] = '\0';
    for (char *field = line, *next; field; field = next) {
      next = strchr(field, ',');
      if (next) {
        *next++ = '\0';
      }
      normalise(field, &one);
      stoa_buf_text(&one, next ? "," : "");
    }
    lines[n++] = strdup(stoa_buf_string(&one));
    stoa_buf_done(&one);
  }
  if (!ordered) {
    qsort(lines, n, sizeof *lines, by_text);
  }
  for (size_t i = 0; i < n; ++i) {
    stoa_buf_print(&out, "%s\n", lines[i]);
    free(lines[i]);
  }
  free(lines);
  free(text);
  char *const all = strdup(stoa_buf_string(&out));
  stoa_buf_done(&out);
  return all;
}

static bool same_rows(const char *name, const char *sql, const stoa_buf *a, const stoa_buf *b)
{
  const bool ordered = strstr(sql, "ORDER BY") != NULL;
  char *const x = normal(a, true, ordered), *const y = normal(b, false, ordered);
  const bool same = strcmp(x, y) == 0;
  if (!same) {
    size_t at = 0;
    while (x[at] && x[at] == y[at]) {
      ++at;
    }
    at = at > 60 ? at - 60 : 0;
    fprintf(stderr, "%s: the rows differ\nstoa: %.200s\n sql: %.200s\n", name, x + at, y + at);
  }
  free(x);
  free(y);
  return same;
}

// ---- the same types

// Money that printf wrote, for SQLite has no decimals, is a text of digits: it may be a number.
static bool is_number(const char *text)
{
  char *end;
  strtod(text, &end);
  return *text && *end == '\0';
}

// A column as the expert's database types it: n for numbers, t for anything else; from its first row.
static void expert_types(const char *sql, char *out)
{
  const database *const d = database_of(sql);
  if (d->sqlite) {
    sqlite3_stmt *statement;
    sqlite3_prepare_v2(d->sqlite, sql, -1, &statement, NULL);
    const bool any = sqlite3_step(statement) == SQLITE_ROW;
    for (int i = 0; any && i < sqlite3_column_count(statement); ++i) {
      const int type = sqlite3_column_type(statement, i);
      *out++ = type == SQLITE_NULL                                          ? '?'
               : type == SQLITE_INTEGER || type == SQLITE_FLOAT             ? 'n'
               : is_number((const char *)sqlite3_column_text(statement, i)) ? '?'
                                                                            : 't';
    }
    sqlite3_finalize(statement);
  } else {
    PGresult *const rows = PQexec(d->pg, sql);
    for (int i = 0; PQntuples(rows) && i < PQnfields(rows); ++i) {
      const Oid type = PQftype(rows, i); // int8, int2, int4, float4, float8, numeric
      const bool number = type == 20 || type == 21 || type == 23 || type == 700 || type == 701 || type == 1700;
      *out++ = PQgetisnull(rows, 0, i) ? '?' : number ? 'n' : 't';
    }
    PQclear(rows);
  }
  *out = '\0';
}

// A term of a TSV result: n for numbers, i for IRIs, which stand for keys of any type, t for other literals.
static char type_of(const char *term)
{
  static const char *const numbers[] = {"integer>", "decimal>", "double>"};
  const char *const tag = strstr(term, "\"^^<http://www.w3.org/2001/XMLSchema#");
  if (*term == '\0') {
    return '?';
  }
  for (int i = 0; tag && i < 3; ++i) {
    if (strcmp(strchr(tag, '#') + 1, numbers[i]) == 0) {
      return 'n';
    }
  }
  return *term == '<' ? 'i' : *term == '"' ? 't' : strcmp(term, "true") == 0 || strcmp(term, "false") == 0 ? 't' : 'n';
}

// Numbers are numbers on both sides, in the first rows.
static bool same_types(const char *name, const char *query, const char *sql)
{
  char expert[64] = "";
  stoa_buf rows = {0};
  stoa_error err = {0};
  uint64_t n_rows;
  double ms;
  bool same = ask_stoa(query, STOA_FORMAT_TSV, &rows, &n_rows, &ms, &err) == STOA_OK;
  expert_types(sql, expert);
  char *line = strchr(stoa_buf_string(&rows), '\n');
  char *const text = strdup(line ? line + 1 : ""), *rest = text;
  text[strcspn(text, "\n")] = '\0';
  for (size_t i = 0; same && expert[i]; ++i) {
    const char *const term = strsep(&rest, "\t");
    const char own = term ? type_of(term) : 'x';
    if (own == 'x' || (own != '?' && expert[i] != '?' && own != 'i' && own != expert[i])) {
      fprintf(stderr, "%s: column %zu is of another type: %s\n", name, i + 1, term ? term : "(none)");
      same = false;
    }
  }
  free(text);
  stoa_buf_done(&rows);
  return same;
}

// ---- timing

static int by_number(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static double median(double *times, int n)
{
  qsort(times, (size_t)n, sizeof *times, by_number);
  return times[n / 2];
}

// What the query is, and what its twin on this driver.
static void read_pair(const char *folder, const char *name, char **query, char **twin)
{
  char path[512];
  snprintf(path, sizeof path, "%s/%s.rq", folder, name);
  *query = read_file(path);
  snprintf(path, sizeof path, "%s/%s.%s.sql", folder, name, kind);
  *twin = read_file(path);
  if (!*twin) {
    snprintf(path, sizeof path, "%s/%s.sql", folder, name);
    *twin = read_file(path);
  }
  if (!*query || !*twin) {
    die(path, "cannot be read");
  }
}

// The first answer: NULL when it is the expert's, else what is wrong with it.
static const char *check(const char *name, const char *query, const char *twin, result *out)
{
  stoa_buf a = {0}, b = {0};
  stoa_error err = {0};
  ask_expert(twin, &b);
  out->sql_ms = ask_expert(twin, &b);
  const stoa_status status = ask_stoa(query, STOA_FORMAT_CSV, &a, &out->n_rows, &out->stoa_ms, &err);
  const char *fault = "";
  if (status == STOA_TIMEOUT) {
    fault = "late";
  } else if (status != STOA_OK) {
    fprintf(stderr, "%s: %s\n", name, err.text);
    fault = "fails";
  } else if (!same_rows(name, twin, &a, &b) || !same_types(name, query, twin)) {
    fault = "differs";
  }
  stoa_buf_done(&a);
  stoa_buf_done(&b);
  return fault;
}

static void run_both(const char *query, const char *twin, result *out)
{
  double stoa[RUNS], sql[RUNS], cold[RUNS], warm[RUNS];
  stoa_buf a = {0}, b = {0};
  stoa_error err = {0};
  int n = 0;
  const double start = now_ms();
  while (n < RUNS && (n < 3 || now_ms() - start < patience_ms)) {
    if (ask_stoa(query, STOA_FORMAT_CSV, &a, &out->n_rows, &stoa[n], &err) != STOA_OK) {
      stoa[n] = limit_ms;
    }
    sql[n] = ask_expert(twin, &b);
    cold[n] = compile(query);
    warm[n] = recall(query);
    ++n;
  }
  out->stoa_ms = median(stoa, n), out->sql_ms = median(sql, n);
  out->cold_ms = median(cold, n), out->warm_ms = median(warm, n);
  stoa_buf_done(&a);
  stoa_buf_done(&b);
}

static void measure(const char *folder, const char *name, result *out)
{
  char *query, *twin;
  read_pair(folder, name, &query, &twin);
  snprintf(out->name, sizeof out->name, "%s", name);
  out->fault = check(name, query, twin, out);
  if (!*out->fault) {
    run_both(query, twin, out);
  }
  out->ratio = out->stoa_ms / out->sql_ms;
  printf("%-30s %10.3f %10.3f %8.2f %8.3f %8.3f %8llu %s\n", name, out->stoa_ms, out->sql_ms, out->ratio, out->cold_ms,
         out->warm_ms, (unsigned long long)out->n_rows, out->fault);
  fflush(stdout);
  free(query);
  free(twin);
}

static int worst_first(const void *a, const void *b)
{
  return -by_number(&((const result *)a)->ratio, &((const result *)b)->ratio);
}

static bool is_measure(const result *r)
{
  return !*r->fault || strcmp(r->fault, "late") == 0;
}

static double milliseconds(const char *variable, double scale, double otherwise)
{
  const char *const text = getenv(variable);
  return text && *text ? strtod(text, NULL) * scale : otherwise;
}

// Measure the queries of a folder, in the order of their names.
static int measure_all(const char *folder, result *results)
{
  const char *const only = getenv("STOA_BENCH_QUERIES"); // beginnings of names
  struct dirent **files;
  int n = 0;
  const int n_files = scandir(folder, &files, NULL, alphasort);
  for (int i = 0; i < n_files; ++i) {
    char *const dot = strstr(files[i]->d_name, ".rq");
    if (dot && n < MOST_QUERIES && (!only || strncmp(files[i]->d_name, only, strlen(only)) == 0)) {
      *dot = '\0';
      measure(folder, files[i]->d_name, &results[n++]);
    }
    free(files[i]);
  }
  free(files);
  return n;
}

// One line about all of them; true when nothing is wrong.
static bool sum_up(result *results, int n)
{
  double sum = 0, most_compile = 0;
  int n_measures = 0;
  for (int i = 0; i < n; ++i) {
    sum += is_measure(&results[i]) ? log(results[i].ratio) : 0;
    n_measures += is_measure(&results[i]);
    most_compile = fmax(most_compile, results[i].cold_ms);
  }
  qsort(results, (size_t)n, sizeof *results, worst_first);
  printf("geometric mean of the ratios on %s: %.3f; %d of %d wrong; longest compilation %.3f ms; worst:", kind,
         n_measures ? exp(sum / n_measures) : 0, n - n_measures, n, most_compile);
  for (int i = 0; i < n && i < 5; ++i) {
    printf("%s %s %.2f", i ? "," : "", results[i].name, results[i].ratio);
  }
  printf("\n");
  return n_measures == n;
}

int main(int argc, char **argv)
{
  static result results[MOST_QUERIES];
  stoa_faults faults = {0};
  stoa_error err = {0};
  if (argc < 5) {
    die("usage", "twins PROJECT QUERIES sqlite FOLDER [SOURCE...] | postgres CONNINFO");
  }
  kind = argv[3], address = argv[4];
  for (int i = 5; i < argc && n_sources < MOST_SOURCES; ++i) {
    sources[n_sources++] = argv[i];
  }
  limit_ms = milliseconds("STOA_BENCH_LIMIT", 1000, limit_ms);
  patience_ms = milliseconds("STOA_BENCH_PATIENCE", 1, patience_ms);
  if (stoa_engine_open(argv[1], STOA_ENGINE_READ, &faults, &engine, &err) != STOA_OK || faults.n_errors) {
    die(argv[1], faults.n_errors ? faults.items[0].text : err.text);
  }
  printf("%-30s %10s %10s %8s %8s %8s %8s\n", "query", "stoa ms", "sql ms", "ratio", "cold ms", "warm ms", "rows");
  const int n = measure_all(argv[2], results);
  const bool right = sum_up(results, n);
  stoa_faults_done(&faults);
  stoa_engine_close(engine);
  return right ? 0 : 1;
}
