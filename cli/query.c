// stoa query: over a project folder, or over RDF files alone.
#include "cli/cli.h"
#include "cli/features.h"
#include "cli/load.h"
#include "graph/base/file.h"
#include "graph/plan/planning.h"
#include "graph/rdf/results_reader.h"
#include "graph/semantic/semantic.h"
#include "graph/sparql/parser.h"
#include "graph/term/equality.h"
#include "ontology/lexicon.h"
#include "personalizer/engine.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct {
  const char *dir, *base, *format, *explain, *expect, *asof, *text, *file;
  stoa_file_names data, graphs;
  bool check_only, sql;
  const stoa_engine *engine; ///< whose limits hold; NULL: the usual ones
} options;

static bool read_option(stoa_args *args, options *o, stoa_arena *arena)
{
  const char *value;
  if (stoa_args_option(args, "-C", &o->dir) || stoa_args_option(args, "--base", &o->base) ||
      stoa_args_option(args, "--format", &o->format) || stoa_args_option(args, "--expect", &o->expect) ||
      stoa_args_option(args, "--asof", &o->asof) ||
      stoa_args_option(args, "-e", &o->text)) {
    return true;
  }
  if (stoa_args_option(args, "--data", &value)) {
    STOA_PUSH(arena, &o->data, value);
    return true;
  }
  if (stoa_args_option(args, "--graph", &value)) {
    STOA_PUSH(arena, &o->graphs, value);
    return true;
  }
  if (stoa_args_flag(args, "--check")) {
    o->check_only = true;
    return true;
  }
  if (stoa_args_flag(args, "--sql")) {
    o->sql = true;
    return true;
  }
  if (stoa_args_flag(args, "--explain")) {
    o->explain = "sql";
    return true;
  }
  if (strncmp(stoa_args_current(args), "--explain=", 10) == 0) {
    return stoa_args_option(args, "--explain", &o->explain);
  }
  if (!o->file) {
    o->file = stoa_args_word(args);
    return o->file != NULL;
  }
  return false;
}

// ---- --expect: the answer is compared with a result document, as a bag of rows

typedef struct {
  stoa_arena arena;
  STOA_LIST(const char *) rows;
  const stoa_plan *plan;
} collected;

static const char *row_text(stoa_arena *arena, const stoa_term *terms, uint32_t n)
{
  stoa_buf text = {0};
  for (uint32_t i = 0; i < n; ++i) {
    // Blank nodes have no names of their own.
    if (terms[i].kind == STOA_TERM_BLANK) {
      stoa_buf_text(&text, "_:");
    } else {
      stoa_term_write(terms[i], &text);
    }
    stoa_buf_byte(&text, '\t');
  }
  const char *const copy = stoa_arena_copy(arena, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
  return copy;
}

static stoa_status collect(const stoa_batch *batch, void *data, stoa_error *err)
{
  collected *const c = data;
  const uint32_t n = c->plan->query->n_columns;
  stoa_term *const row = STOA_NEWS(&c->arena, stoa_term, n + 1);
  (void)err;
  for (uint32_t r = 0; r < batch->n_rows; ++r) {
    for (uint32_t i = 0; i < n; ++i) {
      const int column = stoa_plan_column(c->plan->root, c->plan->query->columns[i]);
      row[i] = column < 0 ? (stoa_term){0} : batch->columns[column][r];
    }
    STOA_PUSH(&c->arena, &c->rows, row_text(&c->arena, row, n));
  }
  return STOA_OK;
}

static int by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int compare_rows(collected *c, const stoa_results *expected)
{
  const uint32_t n = expected->n_columns;
  const char **const e = STOA_NEWS(&c->arena, const char *, expected->n_rows + 1);
  for (uint32_t r = 0; r < expected->n_rows; ++r) {
    e[r] = row_text(&c->arena, &expected->rows[(size_t)r * n], n);
  }
  qsort(e, expected->n_rows, sizeof *e, by_text);
  if (c->rows.n) {
    qsort(c->rows.items, c->rows.n, sizeof *c->rows.items, by_text);
  }
  uint32_t i = 0;
  while (i < c->rows.n && i < expected->n_rows && strcmp(c->rows.items[i], e[i]) == 0) {
    ++i;
  }
  if (i == c->rows.n && i == expected->n_rows) {
    printf("the answer is as expected: %u rows\n", i);
    return 0;
  }
  fprintf(
    stderr, "error: the answer has %u rows, %u are expected; the first that differs:\n  answer:   %s\n  expected: %s\n",
    c->rows.n, expected->n_rows, i < c->rows.n ? c->rows.items[i] : "(none)", i < expected->n_rows ? e[i] : "(none)");
  return 1;
}

/// A query as it was asked; of SQL it is read already.
typedef struct {
  const stoa_question *question;
  const stoa_query *sql; ///< NULL: SPARQL
} asked;

static int expect(const options *o, const asked *a, const stoa_rewriter *rewriter, stoa_context *context,
                  stoa_error *err)
{
  const stoa_question *const q = a->question;
  const stoa_query *query = a->sql;
  collected c = {0};
  stoa_results expected;
  stoa_arena_init(&c.arena, 0);
  stoa_status status = stoa_results_read(o->expect, &c.arena, &expected, err);
  if (status == STOA_OK && !query) {
    status = stoa_query_read(q->text, q->file, q->base, &c.arena, &query, err);
  }
  if (status == STOA_OK) {
    status = stoa_plan_make(query, rewriter, context, &c.arena, &c.plan, err);
  }
  if (status == STOA_OK) {
    status = stoa_answer_each(c.plan, context, NULL, 0, collect, &c, err);
  }
  int code = status == STOA_OK ? 0 : stoa_cli_fail(err);
  if (status == STOA_OK && expected.is_boolean) {
    code = expected.truth == (c.rows.n > 0) ? 0 : 1;
    fprintf(code ? stderr : stdout, "the answer is %s, %s is expected\n", c.rows.n ? "true" : "false",
            expected.truth ? "true" : "false");
  } else if (status == STOA_OK) {
    code = compare_rows(&c, &expected);
  }
  stoa_arena_done(&c.arena);
  return code;
}

static bool is_explanation(const char *what)
{
  return strcmp(what, "algebra") == 0 || strcmp(what, "plan") == 0 || strcmp(what, "sql") == 0 ||
         strcmp(what, "analyze") == 0;
}

static void warn(const char *text, void *data)
{
  fprintf(data, "warning: %s\n", text);
}

static int explain(const options *o, const asked *a, const stoa_rewriter *rewriter, stoa_context *context,
                   stoa_error *err)
{
  stoa_buf text = {0};
  const stoa_status status = a->sql
                               ? stoa_answer_explain_query(a->sql, rewriter, context, o->explain, &text, err)
                               : stoa_answer_explain(a->question, rewriter, context, o->explain, &text, err);
  fwrite(text.data, 1, text.length, stdout);
  stoa_buf_done(&text);
  return status == STOA_OK ? 0 : stoa_cli_fail(err);
}

static int answer(const options *o, const asked *a, const stoa_rewriter *rewriter, stoa_error *err)
{
  stoa_context context;
  stoa_format format = isatty(STDOUT_FILENO) ? STOA_FORMAT_TABLE : STOA_FORMAT_JSON;
  stoa_context_init(&context, stoa_clock_system.now_us(&stoa_clock_system));
  if (o->engine) {
    stoa_engine_limit(o->engine, &context);
  }
  const stoa_zone utc = stoa_zone_fixed(0);
  const stoa_zone *const zone = o->engine ? &stoa_engine_layer(o->engine)->project->timezone : &utc;
  if (o->asof && !stoa_cli_instant(stoa_slice_of(o->asof), zone, &context.now_us)) {
    return stoa_cli_usage("query", "--asof takes an instant such as 2026-11-27T10:00:00Z or 2026-11-27, not \"%s\"", o->asof);
  }
  context.endpoints = stoa_cli_any_endpoint;
  context.warn = warn;
  context.warn_data = stderr;
  if (o->format && !stoa_format_read(o->format, &format)) {
    return stoa_cli_usage("query", "unknown format \"%s\"; use table, json, xml, csv, tsv, nt, ttl or rdfxml",
                          o->format);
  }
  if (o->expect) {
    return expect(o, a, rewriter, &context, err);
  }
  if (o->explain && !is_explanation(o->explain)) {
    return stoa_cli_usage("query", "unknown --explain=%s; use algebra, plan, sql or analyze", o->explain);
  }
  if (o->explain) {
    return explain(o, a, rewriter, &context, err);
  }
  const stoa_sink sink = {stoa_cli_write, stdout};
  const stoa_status status = a->sql ? stoa_answer_query(a->sql, rewriter, &context, format, sink, NULL, err)
                                    : stoa_answer(a->question, rewriter, &context, format, sink, NULL, err);
  return status == STOA_OK ? 0 : stoa_cli_fail(err);
}

// What the names in SQL mean the mapping knows.
static int answer_over(const options *o, const stoa_question *q, const stoa_mapping *mapping, stoa_error *err)
{
  stoa_arena arena;
  asked a = {q, NULL};
  stoa_arena_init(&arena, 0);
  stoa_status status = STOA_OK;
  if (o->sql) {
    status = stoa_lexicon_read(mapping, true, q->text, q->file, q->base, &arena, &a.sql, err);
  }
  const int code = status != STOA_OK ? stoa_cli_fail(err) : o->check_only ? 0 : answer(o, &a, &mapping->rewriter, err);
  stoa_arena_done(&arena);
  return code;
}

static int query_files(const options *o, const stoa_question *q, stoa_error *err)
{
  stoa_files files;
  stoa_status status = stoa_files_init(&files, err);
  if (status == STOA_OK) {
    status = stoa_cli_load(&files, &o->data, &o->graphs, err);
  }
  const int code = status == STOA_OK ? answer_over(o, q, &files.mapping, err) : stoa_cli_fail(err);
  stoa_files_done(&files);
  return code;
}

static int query_project(options *o, stoa_question *q, stoa_error *err)
{
  stoa_faults faults = {0};
  stoa_engine *engine;
  if (stoa_engine_open(o->dir ? o->dir : ".", STOA_ENGINE_READ, &faults, &engine, err) != STOA_OK) {
    stoa_faults_done(&faults);
    return stoa_cli_fail(err);
  }
  int code = stoa_cli_faults(&faults);
  stoa_faults_done(&faults);
  if (code == 0) {
    q->base = q->base ? q->base : stoa_engine_layer(engine)->project->base;
    o->engine = engine;
    code = answer_over(o, q, &stoa_engine_layer(engine)->project->mapping, err);
  }
  stoa_engine_close(engine);
  return code;
}

// A query that reads no data needs no project, where there is none.
static bool needs_project(const options *o, const stoa_question *q)
{
  stoa_arena arena;
  stoa_error failed = {0};
  const stoa_query *query;
  if (o->sql || o->dir || access("stoa.yaml", F_OK) == 0) {
    return true;
  }
  stoa_arena_init(&arena, 0);
  const bool parses = stoa_query_read(q->text, q->file, q->base, &arena, &query, &failed) == STOA_OK;
  const bool reads = parses && stoa_query_reads(query);
  stoa_arena_done(&arena);
  return reads;
}

int stoa_verb_query(stoa_args *args)
{
  stoa_arena arena;
  stoa_error err = {0};
  options o = {0};
  stoa_arena_init(&arena, 0);
  while (!stoa_args_end(args)) {
    if (!read_option(args, &o, &arena)) {
      stoa_arena_done(&arena);
      return stoa_cli_usage("query", "cannot take \"%s\"", stoa_args_current(args));
    }
  }
  stoa_question q = {.file = o.file ? o.file : "-e", .base = o.base};
  int code = 0;
  if (o.text && o.file) {
    code = stoa_cli_usage("query", "-e TEXT or a file, not both: \"%s\"", o.file);
  } else if (o.text) {
    q.text = stoa_slice_of(o.text);
  } else if (!o.file) {
    code = stoa_cli_usage("query", "a file or -e TEXT is missing");
  } else if (stoa_file_read(o.file, &arena, &q.text, &err) != STOA_OK) {
    code = stoa_cli_fail(&err);
  }
  o.sql |= o.file && stoa_semantic_is(o.file);
  if (code == 0 && o.check_only && !o.sql) { // what names mean in SQL the project knows
    const stoa_query *query;
    code = stoa_query_read(q.text, q.file, q.base, &arena, &query, &err) == STOA_OK ? 0 : stoa_cli_fail(&err);
  } else if (code == 0) {
    const bool files = o.data.n || o.graphs.n || !needs_project(&o, &q);
    q.base = q.base || !files ? q.base : stoa_cli_base(&arena);
    code = files ? query_files(&o, &q, &err) : query_project(&o, &q, &err);
  }
  stoa_arena_done(&arena);
  return code;
}
