// The W3C SPARQL suites: reads a group's manifest and runs its tests, one line of TAP for each.  Tests of
// the list of expected failures are marked TODO with their reason, so that one that passes is seen.
#include "graph/base/file.h"
#include "graph/plan/planning.h"
#include "graph/result/answer.h"
#include "graph/sparql/parser.h"
#include "graph/term/equality.h"
#include "graph/term/vocab.h"
#include "graph/update/update.h"
#include "ontology/project.h"
#include "suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MF "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
#define QT "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
#define UT "http://www.w3.org/2009/sparql/tests/test-update#"
#define ROOT "http://suite.example/"

typedef struct {
  const char *dir;   ///< of the suites
  const char *group; ///< such as sparql11/add
  stoa_arena arena;  ///< of one test
  triples manifest;
  stoa_term test;
  stoa_error err;
  const char *why; ///< of a failure
} suite;

typedef enum { OUTCOME_PASS, OUTCOME_FAIL, OUTCOME_NONE } outcome;

// ---- files: IRIs below ROOT are files of the suites

static const char *path_of(suite *s, stoa_term iri)
{
  const char *const text = text_of(iri, &s->arena);
  return strncmp(text, ROOT, strlen(ROOT)) == 0 ? stoa_arena_print(&s->arena, "%s/%s", s->dir, text + strlen(ROOT))
                                                : text;
}

static stoa_status load(suite *s, stoa_files *files, stoa_term iri, const char *graph)
{
  return stoa_files_load(files, path_of(s, iri), graph, text_of(iri, &s->arena), &s->err);
}

static stoa_status load_all(suite *s, stoa_files *files, stoa_term action, const char *data, const char *graph_data)
{
  const stoa_term plain = stoa_term_iri(stoa_slice_of(data)), named = stoa_term_iri(stoa_slice_of(graph_data));
  for (uint32_t i = 0; i < s->manifest.n; ++i) {
    const triple *const t = &s->manifest.items[i];
    if (!stoa_term_same(t->s, action)) {
      continue;
    }
    if (stoa_term_same(t->p, plain)) {
      STOA_TRY(load(s, files, t->o, NULL));
    } else if (stoa_term_same(t->p, named)) {
      const stoa_term file = object_of(&s->manifest, t->o, UT "graph");
      const stoa_term label = object_of(&s->manifest, t->o, "http://www.w3.org/2000/01/rdf-schema#label");
      const bool is_file = !stoa_term_is_bound(file);
      STOA_TRY(load(s, files, is_file ? t->o : file, text_of(is_file ? t->o : label, &s->arena)));
    }
  }
  return STOA_OK;
}

static stoa_status load_dataset(suite *s, stoa_files *files, const stoa_query *query)
{
  for (uint32_t i = 0; i < query->n_from + query->n_from_named; ++i) {
    const stoa_term iri = i < query->n_from ? query->from[i] : query->from_named[i - query->n_from];
    STOA_TRY(load(s, files, iri, text_of(iri, &s->arena)));
  }
  return STOA_OK;
}

// ---- query evaluation

typedef struct {
  const stoa_plan *plan;
  table *out;
  stoa_arena *arena;
  uint64_t n_blanks;
} collecting;

static stoa_status collect_rows(const stoa_batch *batch, void *data, stoa_error *err)
{
  collecting *const c = data;
  const stoa_query *const q = c->plan->query;
  stoa_term *const row = STOA_NEWS(c->arena, stoa_term, q->n_columns + 1);
  (void)err;
  for (uint32_t r = 0; r < batch->n_rows; ++r) {
    for (uint32_t i = 0; i < q->n_columns; ++i) {
      const int column = stoa_plan_column(c->plan->root, q->columns[i]);
      row[i] = column < 0 ? (stoa_term){0} : stoa_term_copy(batch->columns[column][r], c->arena);
    }
    table_add(c->out, c->arena, row);
  }
  return STOA_OK;
}

static bool sink_text(void *data, const char *bytes, size_t n)
{
  stoa_buf_slice(data, (stoa_slice){bytes, n});
  return true;
}

static void take_triple(const stoa_statement *st, void *data)
{
  collecting *const c = data;
  const stoa_term row[] = {stoa_term_copy(st->subject, c->arena), stoa_term_copy(st->predicate, c->arena),
                           stoa_term_copy(st->object, c->arena)};
  table_add(c->out, c->arena, row);
}

static void drop_duplicates(table *t, stoa_arena *arena)
{
  table fresh = *t;
  fresh.terms.items = NULL;
  fresh.terms.n = fresh.terms.capacity = 0;
  fresh.n_rows = 0;
  for (uint32_t r = 0; r < t->n_rows; ++r) {
    bool again = false;
    const stoa_term *const row = &t->terms.items[(size_t)r * t->n_columns];
    for (uint32_t k = 0; k < fresh.n_rows && !again; ++k) {
      again = true;
      for (uint32_t i = 0; i < t->n_columns; ++i) {
        again &= stoa_term_same(row[i], fresh.terms.items[(size_t)k * t->n_columns + i]);
      }
    }
    if (!again) {
      table_add(&fresh, arena, row);
    }
  }
  *t = fresh;
}

static stoa_status answer_graph(suite *s, const stoa_question *q, const stoa_files *files, stoa_context *context,
                                table *out)
{
  stoa_buf text = {0};
  collecting c = {.out = out, .arena = &s->arena};
  const stoa_sink sink = {sink_text, &text};
  stoa_status status = stoa_answer(q, &files->mapping.rewriter, context, STOA_FORMAT_NT, sink, NULL, &s->err);
  if (status == STOA_OK) {
    status =
      stoa_rdf_read_text((stoa_slice){stoa_buf_string(&text), text.length}, "answer", ROOT, take_triple, &c, &s->err);
  }
  stoa_buf_done(&text);
  drop_duplicates(out, &s->arena);
  return status;
}

static stoa_status answer(suite *s, const stoa_question *q, const stoa_query *query, const stoa_files *files,
                          table *out)
{
  stoa_context context;
  collecting c = {.out = out, .arena = &s->arena};
  stoa_context_init(&context, 1700000000000000);
  context.memory_bytes = (uint64_t)256 << 20;
  if (query->form == STOA_FORM_CONSTRUCT || query->form == STOA_FORM_DESCRIBE) {
    out->n_columns = 3;
    return answer_graph(s, q, files, &context, out);
  }
  STOA_TRY(stoa_plan_make(query, &files->mapping.rewriter, &context, &s->arena, &c.plan, &s->err));
  out->n_columns = query->n_columns;
  out->names = STOA_NEWS(&s->arena, const char *, query->n_columns + 1);
  for (uint32_t i = 0; i < query->n_columns; ++i) {
    out->names[i] = query->names[query->columns[i]];
  }
  STOA_TRY(stoa_answer_each(c.plan, &context, NULL, 0, collect_rows, &c, &s->err));
  if (query->form == STOA_FORM_ASK) {
    out->is_boolean = true;
    out->truth = out->n_rows > 0;
  }
  return STOA_OK;
}

static stoa_status read_expected(suite *s, stoa_term result, const stoa_query *query, table *out)
{
  if (query->form == STOA_FORM_CONSTRUCT || query->form == STOA_FORM_DESCRIBE) {
    triples g = {0};
    STOA_TRY(read_triples(path_of(s, result), text_of(result, &s->arena), &s->arena, &g, &s->err));
    out->n_columns = 3;
    for (uint32_t i = 0; i < g.n; ++i) {
      const stoa_term row[] = {g.items[i].s, g.items[i].p, g.items[i].o};
      table_add(out, &s->arena, row);
    }
    return STOA_OK;
  }
  return read_results(path_of(s, result), text_of(result, &s->arena), &s->arena, out, &s->err);
}

static bool is_csv(const char *path)
{
  const size_t n = strlen(path);
  return n > 4 && strcmp(path + n - 4, ".csv") == 0;
}

static stoa_status query_of(suite *s, stoa_term file, stoa_question *q, const stoa_query **query)
{
  const char *const path = path_of(s, file);
  *q = (stoa_question){.file = path, .base = text_of(file, &s->arena)};
  STOA_TRY(stoa_file_read(path, &s->arena, &q->text, &s->err));
  return stoa_query_read(q->text, path, q->base, &s->arena, query, &s->err);
}

static outcome evaluate_query(suite *s)
{
  const stoa_term action = object_of(&s->manifest, s->test, MF "action");
  const stoa_term result = object_of(&s->manifest, s->test, MF "result");
  const stoa_term cardinality = object_of(&s->manifest, s->test, MF "resultCardinality");
  stoa_term file = object_of(&s->manifest, action, QT "query");
  stoa_question q;
  const stoa_query *query;
  stoa_files files;
  table got = {0}, wanted = {0};
  file = stoa_term_is_bound(file) ? file : action;
  if (query_of(s, file, &q, &query) != STOA_OK || stoa_files_init(&files, &s->err) != STOA_OK) {
    return OUTCOME_FAIL;
  }
  stoa_status status = load_all(s, &files, action, QT "data", QT "graphData");
  status = status == STOA_OK ? load_dataset(s, &files, query) : status;
  stoa_files_finish(&files);
  status = status == STOA_OK ? read_expected(s, result, query, &wanted) : status;
  status = status == STOA_OK ? answer(s, &q, query, &files, &got) : status;
  stoa_files_done(&files);
  if (status != STOA_OK) {
    return OUTCOME_FAIL;
  }
  wanted.lax = stoa_term_is_bound(cardinality);
  got.lax = wanted.lax;
  s->why = stoa_arena_print(&s->arena, "%u rows, %u expected", got.n_rows, wanted.n_rows);
  if (!wanted.is_boolean && wanted.names && !table_arrange(&got, wanted.names, wanted.n_columns, &s->arena)) {
    s->why = "other columns than expected";
    return OUTCOME_FAIL;
  }
  if (getenv("STOA_CONFORMANCE_VERBOSE")) {
    print_unmatched(&wanted, &got, &s->arena);
    print_unmatched(&got, &wanted, &s->arena);
  }
  return same_tables(&wanted, &got, is_csv(path_of(s, result)), &s->arena) ? OUTCOME_PASS : OUTCOME_FAIL;
}

static outcome check_syntax(suite *s, bool positive)
{
  const stoa_term action = object_of(&s->manifest, s->test, MF "action");
  stoa_question q;
  const stoa_query *query;
  const bool good = query_of(s, action, &q, &query) == STOA_OK;
  s->why = positive ? NULL : "a wrong text was taken";
  // What is refused as not supported is not shown to be wrong.
  return good == positive && (positive || s->err.status != STOA_UNSUPPORTED) ? OUTCOME_PASS : OUTCOME_FAIL;
}

static stoa_status update_of(suite *s, stoa_term file, const stoa_update **update)
{
  const char *const path = path_of(s, file);
  stoa_slice text;
  STOA_TRY(stoa_file_read(path, &s->arena, &text, &s->err));
  return stoa_update_read(text, path, text_of(file, &s->arena), &s->arena, update, &s->err);
}

static outcome check_update_syntax(suite *s, bool positive)
{
  const stoa_update *update;
  const bool good = update_of(s, object_of(&s->manifest, s->test, MF "action"), &update) == STOA_OK;
  s->why = positive ? NULL : "a wrong text was taken";
  return good == positive && (positive || s->err.status != STOA_UNSUPPORTED) ? OUTCOME_PASS : OUTCOME_FAIL;
}

// ---- update evaluation

typedef struct {
  suite *s;
  stoa_files *files;
} loading;

static stoa_status load_document(void *data, stoa_term document, stoa_term graph, stoa_error *err)
{
  loading *const l = data;
  const stoa_status status =
    load(l->s, l->files, document, stoa_term_is_bound(graph) ? text_of(graph, &l->s->arena) : NULL);
  stoa_files_finish(l->files);
  *err = l->s->err;
  l->s->err = (stoa_error){0};
  return status;
}

static stoa_status all_quads(suite *s, const stoa_files *files, table *out)
{
  static const char *const queries[] = {"SELECT ?s ?p ?o { ?s ?p ?o }", "SELECT ?s ?p ?o ?g { GRAPH ?g { ?s ?p ?o } }"};
  for (int i = 0; i < 2; ++i) {
    const stoa_question q = {stoa_slice_of(queries[i]), "all", NULL};
    const stoa_query *query;
    table part = {0};
    STOA_TRY(stoa_query_read(q.text, q.file, NULL, &s->arena, &query, &s->err));
    STOA_TRY(answer(s, &q, query, files, &part));
    out->n_columns = 4;
    for (uint32_t r = 0; r < part.n_rows; ++r) {
      stoa_term row[4] = {{0}};
      memcpy(row, &part.terms.items[(size_t)r * part.n_columns], part.n_columns * sizeof *row);
      table_add(out, &s->arena, row);
    }
  }
  return STOA_OK;
}

static outcome evaluate_update(suite *s)
{
  const stoa_term action = object_of(&s->manifest, s->test, MF "action");
  const stoa_term result = object_of(&s->manifest, s->test, MF "result");
  const stoa_update *update;
  stoa_files got, wanted;
  stoa_context context;
  stoa_update_counts counts;
  table a = {0}, b = {0};
  if (update_of(s, object_of(&s->manifest, action, UT "request"), &update) != STOA_OK ||
      stoa_files_init(&got, &s->err) != STOA_OK || stoa_files_init(&wanted, &s->err) != STOA_OK) {
    return OUTCOME_FAIL;
  }
  loading l = {s, &got};
  const stoa_update_target target = {got.native, &got.mapping.rewriter, load_document, &l, NULL};
  stoa_context_init(&context, 1700000000000000);
  stoa_status status = load_all(s, &got, action, UT "data", UT "graphData");
  status = status == STOA_OK ? load_all(s, &wanted, result, UT "data", UT "graphData") : status;
  stoa_files_finish(&got);
  stoa_files_finish(&wanted);
  status = status == STOA_OK ? stoa_update_apply(update, &target, &context, &counts, &s->err) : status;
  status = status == STOA_OK ? all_quads(s, &got, &a) : status;
  status = status == STOA_OK ? all_quads(s, &wanted, &b) : status;
  stoa_files_done(&got);
  stoa_files_done(&wanted);
  s->why = stoa_arena_print(&s->arena, "%u quads, %u expected", a.n_rows, b.n_rows);
  return status == STOA_OK && same_tables(&b, &a, false, &s->arena) ? OUTCOME_PASS : OUTCOME_FAIL;
}

static outcome run(suite *s, const char *type)
{
  if (strcmp(type, "UpdateEvaluationTest") == 0) {
    return evaluate_update(s);
  }
  if (strncmp(type, "PositiveUpdateSyntaxTest", 24) == 0 || strncmp(type, "NegativeUpdateSyntaxTest", 24) == 0) {
    return check_update_syntax(s, type[0] == 'P');
  }
  if (strncmp(type, "QueryEvaluationTest", 19) == 0 || strcmp(type, "CSVResultFormatTest") == 0) {
    return evaluate_query(s);
  }
  if (strncmp(type, "PositiveSyntaxTest", 18) == 0 || strncmp(type, "NegativeSyntaxTest", 18) == 0) {
    return check_syntax(s, type[0] == 'P');
  }
  return OUTCOME_NONE;
}

// ---- the list of a group

static const char *reason_of(const char *list, const char *name)
{
  const size_t n = strlen(name);
  for (const char *at = list; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
    if (strncmp(at, name, n) == 0 && at[n] == ' ') {
      return at + n + 1;
    }
  }
  return NULL;
}

static const char *type_of(suite *s)
{
  const stoa_term type = stoa_term_iri(stoa_slice_of(STOA_RDF_TYPE));
  for (uint32_t i = 0; i < s->manifest.n; ++i) {
    const triple *const t = &s->manifest.items[i];
    if (stoa_term_same(t->s, s->test) && stoa_term_same(t->p, type)) {
      const char *const text = text_of(t->o, &s->arena);
      if (strncmp(text, MF, strlen(MF)) == 0) {
        return text + strlen(MF);
      }
    }
  }
  return "";
}

static void say(suite *s, uint32_t n, const char *name, outcome o, const char *reason)
{
  char text[900];
  printf("%s %u - %s", o == OUTCOME_PASS ? "ok" : "not ok", n, name);
  if (reason) {
    printf(" # TODO %.*s", (int)strcspn(reason, "\n"), reason);
  }
  printf("\n");
  if (o == OUTCOME_FAIL) {
    printf("# %s\n", s->err.status != STOA_OK ? stoa_error_print(&s->err, text, sizeof text) : s->why ? s->why : "");
  }
}

// Some manifests are blank nodes.
static stoa_term entries_of(const triples *manifest)
{
  const stoa_term entries = stoa_term_iri(stoa_slice_of(MF "entries"));
  for (uint32_t i = 0; i < manifest->n; ++i) {
    if (stoa_term_same(manifest->items[i].p, entries)) {
      return manifest->items[i].o;
    }
  }
  return (stoa_term){0};
}

int main(int argc, char **argv)
{
  suite s = {0};
  stoa_arena arena;
  stoa_slice list = {"", 0};
  uint32_t n = 0;
  if (argc < 3) {
    fputs("usage: runner SUITES GROUP [EXPECTED-FAILURES [TEST]]\n", stderr);
    return 2;
  }
  stoa_arena_init(&arena, 0);
  stoa_arena_init(&s.arena, 0);
  s.dir = argv[1];
  s.group = argv[2];
  const char *const base = stoa_arena_print(&arena, "%s%s/manifest.ttl", ROOT, s.group);
  const char *const path = stoa_arena_print(&arena, "%s/%s/manifest.ttl", s.dir, s.group);
  if (read_triples(path, base, &arena, &s.manifest, &s.err) != STOA_OK ||
      (argc > 3 && stoa_file_read(argv[3], &arena, &list, &s.err) != STOA_OK)) {
    char text[900];
    fprintf(stderr, "%s\n", stoa_error_print(&s.err, text, sizeof text));
    return 1;
  }
  stoa_term node = entries_of(&s.manifest);
  for (; stoa_term_is_bound(node); node = object_of(&s.manifest, node, STOA_RDF "rest")) {
    s.test = object_of(&s.manifest, node, STOA_RDF "first");
    if (!stoa_term_is_bound(s.test)) {
      break;
    }
    const char *const iri = text_of(s.test, &s.arena);
    const char *const name =
      stoa_arena_print(&s.arena, "%s#%s", s.group, strrchr(iri, '#') ? strrchr(iri, '#') + 1 : iri);
    s.err = (stoa_error){0};
    s.why = NULL;
    if (argc < 5 || strcmp(argv[4], strchr(name, '#') + 1) == 0) {
      const outcome o = run(&s, type_of(&s));
      if (o != OUTCOME_NONE) {
        say(&s, ++n, name, o, reason_of(list.data, name));
      }
      fflush(stdout);
    }
    stoa_arena_reset(&s.arena);
  }
  printf("1..%u\n", n);
  stoa_arena_done(&s.arena);
  stoa_arena_done(&arena);
  return 0;
}
