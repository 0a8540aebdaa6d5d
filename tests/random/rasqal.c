// Random queries of the sublanguage that rasqal answers right, each answered by rasqal and by Stoa on the same
// triples; all must agree.  The sublanguage, as a grammar:
//
//   query   = "SELECT" ["DISTINCT"] vars "{" body "}"
//   body    = triples [filter] | "{" triples "} UNION {" triples "}"
//   triples = one to three patterns, each sharing a variable with one before it
//   filter  = a number's comparison with a constant, or a text's equality, of a variable of `triples`
//
// Left out, because rasqal 0.9.33 gets it wrong: arithmetic, aggregates, paths, EXISTS (tests/why-not-rasqal.sh), and
// OPTIONAL, whose rows survive a FILTER or a constant of the pattern before it (176 of 2,000 queries with it).
#include "graph/base/hash.h"
#include "graph/plan/planning.h"
#include "graph/result/answer.h"
#include "graph/sparql/parser.h"
#include "ontology/project.h"
#include <rasqal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_SUBJECTS = 12, N_PROPERTIES = 4, MOST_VARS = 12 };

typedef enum { KIND_NODE, KIND_NUMBER, KIND_TEXT } kind;

// p0 and p3 lead to nodes, p1 to numbers, p2 to texts.
static const kind ends[N_PROPERTIES] = {KIND_NODE, KIND_NUMBER, KIND_TEXT, KIND_NODE};

typedef enum { USE_FILTER, USE_UNION, USE_DISTINCT, USE_JOIN, USE_CONSTANT, N_USES } use;
static const char *const use_names[] = {"filter", "union", "distinct", "join", "constant"};

typedef struct {
  stoa_buf text;
  kind kinds[MOST_VARS];
  int n_vars;
  bool uses[N_USES];
} generator;

static uint64_t state;

static uint32_t below(uint32_t n)
{
  state += UINT64_C(0x9E3779B97F4A7C15);
  return (uint32_t)(stoa_hash_mix(state) % n);
}

// Every triple once: rasqal keeps what a file says twice, a graph does not.
static void write_data(const char *path)
{
  FILE *const file = fopen(path, "w");
  for (uint32_t s = 0; file && s < N_SUBJECTS; ++s) {
    for (uint32_t p = 0; p < N_PROPERTIES; ++p) {
      for (uint32_t i = 0; i < N_SUBJECTS; ++i) {
        state = s * 1000 + p * 100 + i;
        if (below(100) >= (ends[p] == KIND_NODE ? 11 : ends[p] == KIND_NUMBER ? 10 : 8)) {
          continue;
        }
        if (ends[p] == KIND_NODE) {
          fprintf(file, "<http://x/s%u> <http://x/p%u> <http://x/s%u> .\n", s, p, i);
        } else if (ends[p] == KIND_NUMBER) {
          fprintf(file, "<http://x/s%u> <http://x/p%u> \"%u\"^^<http://www.w3.org/2001/XMLSchema#integer> .\n", s, p,
                  i);
        } else {
          fprintf(file, "<http://x/s%u> <http://x/p%u> \"t%u\" .\n", s, p, i);
        }
      }
    }
  }
  if (file) {
    fclose(file);
  }
}

static int new_var(generator *g, kind k)
{
  g->kinds[g->n_vars] = k;
  return g->n_vars++;
}

static int node_var(generator *g)
{
  int found[MOST_VARS], n = 0;
  for (int i = 0; i < g->n_vars; ++i) {
    if (g->kinds[i] == KIND_NODE) {
      found[n++] = i;
    }
  }
  return n ? found[below((uint32_t)n)] : new_var(g, KIND_NODE);
}

static void pattern(generator *g)
{
  const uint32_t p = below(N_PROPERTIES);
  const int s = node_var(g);
  stoa_buf_print(&g->text, "?v%d <http://x/p%u> ", s, p);
  if (below(100) < 12) {
    g->uses[USE_CONSTANT] = true;
    if (ends[p] == KIND_NODE) {
      stoa_buf_print(&g->text, "<http://x/s%u> . ", below(N_SUBJECTS));
    } else if (ends[p] == KIND_NUMBER) {
      stoa_buf_print(&g->text, "%u . ", below(N_SUBJECTS));
    } else {
      stoa_buf_print(&g->text, "\"t%u\" . ", below(6));
    }
  } else {
    stoa_buf_print(&g->text, "?v%d . ", new_var(g, ends[p]));
  }
}

static void triples(generator *g, uint32_t n)
{
  g->uses[USE_JOIN] |= n > 1;
  for (uint32_t i = 0; i < n; ++i) {
    pattern(g);
  }
}

static void filter(generator *g)
{
  static const char *const signs[] = {"<", ">", "<=", ">=", "=", "!="};
  for (int i = 0; i < g->n_vars; ++i) {
    if (g->kinds[i] == KIND_NUMBER) {
      stoa_buf_print(&g->text, "FILTER(?v%d %s %u) ", i, signs[below(6)], below(N_SUBJECTS));
    } else if (g->kinds[i] == KIND_TEXT) {
      stoa_buf_print(&g->text, "FILTER(?v%d %s \"t%u\") ", i, signs[4 + below(2)], below(6));
    } else {
      continue;
    }
    g->uses[USE_FILTER] = true;
    return;
  }
}

static void query(generator *g, stoa_buf *out)
{
  const uint32_t shape = below(4);
  if (shape == 0) {
    g->uses[USE_UNION] = true;
    stoa_buf_text(&g->text, "{ ");
    triples(g, 1 + below(2));
    stoa_buf_text(&g->text, "} UNION { ");
    triples(g, 1 + below(2));
    stoa_buf_text(&g->text, "} ");
  } else {
    triples(g, 1 + below(3));
    if (below(100) < 50) {
      filter(g);
    }
  }
  g->uses[USE_DISTINCT] = below(100) < 30;
  stoa_buf_text(out, g->uses[USE_DISTINCT] ? "SELECT DISTINCT" : "SELECT");
  for (int i = 0; i < g->n_vars; ++i) {
    stoa_buf_print(out, " ?v%d", i);
  }
  stoa_buf_text(out, " WHERE { ");
  stoa_buf_slice(out, (stoa_slice){g->text.data, g->text.length});
  stoa_buf_text(out, "}");
}

// ---- answers as sorted texts

typedef struct {
  stoa_arena arena;
  STOA_LIST(const char *) rows;
  const stoa_plan *plan;
} answer;

static stoa_status collect(const stoa_batch *batch, void *data, stoa_error *err)
{
  answer *const a = data;
  const stoa_query *const q = a->plan->query;
  (void)err;
  for (uint32_t r = 0; r < batch->n_rows; ++r) {
    stoa_buf text = {0};
    for (uint32_t i = 0; i < q->n_columns; ++i) {
      const int column = stoa_plan_column(a->plan->root, q->columns[i]);
      const stoa_term t = column < 0 ? (stoa_term){0} : batch->columns[column][r];
      if (stoa_term_is_bound(t)) {
        stoa_buf_byte(&text, stoa_term_is_iri(t) ? '<' : '"');
        stoa_term_write_lexical(t, &text);
      }
      stoa_buf_byte(&text, ' ');
    }
    const char *const copy = stoa_arena_copy(&a->arena, (stoa_slice){text.data, text.length});
    STOA_PUSH(&a->arena, &a->rows, copy);
    stoa_buf_done(&text);
  }
  return STOA_OK;
}

static int by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort(answer *a)
{
  if (a->rows.n) {
    qsort(a->rows.items, a->rows.n, sizeof *a->rows.items, by_text);
  }
}

static bool ask_stoa(const char *text, const stoa_rewriter *rewriter, answer *out)
{
  const stoa_query *q;
  stoa_context context;
  stoa_error err = {0};
  stoa_context_init(&context, 0);
  const bool good = stoa_query_read(stoa_slice_of(text), "random", NULL, &out->arena, &q, &err) == STOA_OK &&
                    stoa_plan_make(q, rewriter, &context, &out->arena, &out->plan, &err) == STOA_OK &&
                    stoa_answer_each(out->plan, &context, NULL, 0, collect, out, &err) == STOA_OK;
  sort(out);
  return good;
}

static bool ask_rasqal(rasqal_world *world, const char *text, const char *path, answer *out)
{
  raptor_world *const raptor = rasqal_world_get_raptor(world);
  unsigned char *const file = raptor_uri_filename_to_uri_string(path);
  raptor_uri *const uri = raptor_new_uri(raptor, file);
  rasqal_query *const q = rasqal_new_query(world, "sparql", NULL);
  rasqal_query_results *results = NULL;
  if (rasqal_query_prepare(q, (const unsigned char *)text, uri) == 0) {
    rasqal_query_add_data_graph(
      q, rasqal_new_data_graph_from_uri(world, uri, NULL, RASQAL_DATA_GRAPH_BACKGROUND, NULL, "ntriples", NULL));
    results = rasqal_query_execute(q);
  }
  const bool good = results != NULL;
  for (; results && !rasqal_query_results_finished(results); rasqal_query_results_next(results)) {
    stoa_buf row = {0};
    for (int i = 0; i < rasqal_query_results_get_bindings_count(results); ++i) {
      rasqal_literal *const l = rasqal_query_results_get_binding_value(results, i);
      if (l) {
        stoa_buf_byte(&row, rasqal_literal_get_rdf_term_type(l) == RASQAL_LITERAL_URI ? '<' : '"');
        stoa_buf_text(&row, (const char *)rasqal_literal_as_string(l));
      }
      stoa_buf_byte(&row, ' ');
    }
    const char *const copy = stoa_arena_copy(&out->arena, (stoa_slice){row.data, row.length});
    STOA_PUSH(&out->arena, &out->rows, copy);
    stoa_buf_done(&row);
  }
  if (results) {
    rasqal_free_query_results(results);
  }
  rasqal_free_query(q);
  raptor_free_uri(uri);
  raptor_free_memory(file);
  sort(out);
  return good;
}

static bool same(const answer *a, const answer *b)
{
  bool all = a->rows.n == b->rows.n;
  for (uint32_t i = 0; all && i < a->rows.n; ++i) {
    all = strcmp(a->rows.items[i], b->rows.items[i]) == 0;
  }
  return all;
}

int main(int argc, char **argv)
{
  if (argc < 4) {
    fputs("usage: rasqal DATA.nt SEED QUERIES [fault]\n", stderr);
    return 2;
  }
  stoa_files files;
  stoa_error err = {0};
  uint32_t n_different = 0, n_rows = 0, uses[N_USES] = {0};
  const uint32_t n = (uint32_t)strtoul(argv[3], NULL, 10);
  rasqal_world *const world = rasqal_new_world();
  write_data(argv[1]);
  if (rasqal_world_open(world) != 0 || stoa_files_init(&files, &err) != STOA_OK ||
      stoa_files_load(&files, argv[1], NULL, NULL, &err) != STOA_OK) {
    return 3;
  }
  stoa_files_finish(&files);
  if (argc > 4) { // a planted fault: the triples are not there
    stoa_source_native_clear(files.native, (stoa_term){0}, false);
  }
  for (uint32_t i = 0; i < n; ++i) {
    generator g = {0};
    stoa_buf text = {0};
    answer ours = {0}, theirs = {0};
    stoa_arena_init(&ours.arena, 0);
    stoa_arena_init(&theirs.arena, 0);
    state = strtoull(argv[2], NULL, 10) * 1000003 + i * UINT64_C(7919);
    query(&g, &text);
    const char *const q = stoa_buf_string(&text);
    const bool agree =
      ask_stoa(q, &files.mapping.rewriter, &ours) && ask_rasqal(world, q, argv[1], &theirs) && same(&ours, &theirs);
    if (!agree && ++n_different < 6) {
      printf("# %s: %u rows, rasqal %u\n", q, ours.rows.n, theirs.rows.n);
    }
    n_rows += theirs.rows.n > 0;
    for (int k = 0; k < N_USES; ++k) {
      uses[k] += g.uses[k];
    }
    stoa_arena_done(&ours.arena);
    stoa_arena_done(&theirs.arena);
    stoa_buf_done(&g.text);
    stoa_buf_done(&text);
  }
  bool covered = n_rows * 2 >= n;
  printf("queries %u different %u with-rows %u\noperators:", n, n_different, n_rows);
  for (int k = 0; k < N_USES; ++k) {
    printf(" %s %.1f%%", use_names[k], 100.0 * uses[k] / n);
    covered &= uses[k] * 20 >= n;
  }
  printf("\ncovered %s\n", covered ? "yes" : "no");
  stoa_files_done(&files);
  rasqal_free_world(world);
  return n_different != 0;
}
