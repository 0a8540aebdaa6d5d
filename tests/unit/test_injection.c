// SQL's text does not depend on constants: for each place where a constant may stand, each text of a corpus and
// thousands of random ones give the very statement that a harmless one gives, in every dialect; and on SQLite each
// text finds the rows that hold it and no others.
#include "tests/support/unit.h"

#include "graph/base/code.h"
#include "graph/plan/planning.h"
#include "graph/result/answer.h"
#include "graph/sparql/parser.h"
#include "ontology/project.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// Each holds "xq7", which must never be seen in SQL.
static const char *const corpus[] = {"xq7",
                                     "xq7'",
                                     "xq7''",
                                     "' OR 'xq7'='xq7",
                                     "'; DROP TABLE t; --xq7",
                                     "xq7\"",
                                     "\"xq7\"\"",
                                     "xq7\\",
                                     "\\'xq7",
                                     "xq7\\\\'",
                                     "xq7`",
                                     "xq7]",
                                     "[xq7",
                                     "xq7%27",
                                     "xq7%00",
                                     "%27xq7",
                                     "xq7\\u0027",
                                     "xq7;",
                                     "xq7--",
                                     "xq7/*",
                                     "*/xq7",
                                     "xq7#",
                                     "$1xq7",
                                     "?xq7",
                                     ":xq7",
                                     "@xq7",
                                     "xq7 = 1",
                                     "xq7)",
                                     "(xq7",
                                     "1 UNION SELECT xq7",
                                     "xq7\n",
                                     "\r\nxq7",
                                     "\txq7",
                                     "xq7 ",
                                     " xq7",
                                     "xq7\xC2\xA0",
                                     "xq7\xCA\xBC",
                                     "xq7\xEF\xBC\x87",
                                     "\xE2\x80\x99xq7",
                                     "xq7\xF0\x9F\x99\x82",
                                     "xq7NULL",
                                     "NULLxq7",
                                     "%xq7%",
                                     "_xq7_",
                                     "{xq7}",
                                     "%0 xq7 %1",
                                     "$$xq7$$",
                                     "E'\\xq7'",
                                     "U&'\\0027xq7",
                                     "0xq7",
                                     "xq7'||'",
                                     "CAST(xq7 AS text)",
                                     "xq7', 1, (SELECT 1))"};
enum { N_CORPUS = sizeof corpus / sizeof *corpus, N_RANDOM = 3000 };

// %s is the constant as a SPARQL string, %i as an IRI made by the template.
static const char *const places[] = {
  "SELECT ?x { ?x e:text \"%s\" }",
  "SELECT ?x { ?x e:lang \"%s\"@en }",
  "SELECT ?x { ?x e:text ?t FILTER(?t = \"%s\") }",
  "SELECT ?x { ?x e:text ?t FILTER(?t != \"%s\" && ?t > \"%s\") }",
  "SELECT ?x { ?x e:text ?t FILTER(?t IN (\"%s\", \"b\")) }",
  "SELECT ?x { ?x e:text ?t FILTER(STRSTARTS(?t, \"%s\")) }",
  "SELECT ?x { ?x e:text ?t FILTER(CONTAINS(?t, \"%s\")) }",
  "SELECT ?x { VALUES ?t { \"%s\" } ?x e:text ?t }",
  "SELECT ?t { <http://e/k/%i> e:text ?t }",
  "SELECT ?x { ?x e:see <http://e/k/%i> }",
  "SELECT ?x { ?x e:see ?y FILTER(?y = <http://e/k/%i>) }",
  "SELECT ?x { ?x e:text ?t FILTER NOT EXISTS { ?y e:see ?x ; e:text \"%s\" } }",
  "SELECT ?x (COUNT(?y) AS ?n) { ?x e:text \"%s\" OPTIONAL { ?y e:see ?x } } GROUP BY ?x HAVING (COUNT(?y) < 9)"};
enum { N_PLACES = sizeof places / sizeof *places };

static const char mapping_text[] =
  "@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix e: <http://e/> .\n"
  "<#k> rr:logicalTable [ rr:tableName \"k\" ] ; rr:subjectMap [ rr:template \"http://e/k/{t}\" ] ;\n"
  " rr:predicateObjectMap [ rr:predicate e:text ; rr:objectMap [ rr:column \"t\" ] ] ;\n"
  " rr:predicateObjectMap [ rr:predicate e:lang ; rr:objectMap [ rr:column \"t\" ; rr:language \"en\" ] ] ;\n"
  " rr:predicateObjectMap [ rr:predicate e:see ; rr:objectMap [ rr:template \"http://e/k/{t}\" ] ] .\n";

typedef struct {
  stoa_source fake; ///< speaks a dialect, and is never asked
  stoa_source *source;
  stoa_mapping mapping;
} world;

static struct {
  char path[64];
  stoa_arena arena;
  stoa_hierarchy hierarchy;
  world sqlite, postgres, mariadb, ansi;
} all;

static void read_mapping(world *w, stoa_source *source, const stoa_catalog *catalog)
{
  stoa_error err = {0};
  stoa_faults faults = {0};
  stoa_model *const model = stoa_model_new();
  w->source = source;
  assert_int_equal(stoa_model_load_text(model, stoa_slice_of(mapping_text), "m.ttl", "http://e/", &err), STOA_OK);
  stoa_mapping_init(&w->mapping, &all.arena);
  stoa_mapping_add(&w->mapping, model, source, catalog, "http://e/", &all.hierarchy, &faults);
  assert_int_equal(faults.n_errors, 0);
  stoa_model_free(model);
}

static void fake(world *w, const stoa_dialect *dialect, const stoa_catalog *catalog)
{
  static const stoa_source_class klass = {.name = "fake"};
  w->fake = (stoa_source){&klass, dialect, dialect->name};
  read_mapping(w, &w->fake, catalog);
}

static int setup(void **state)
{
  sqlite3 *db;
  sqlite3_stmt *insert;
  stoa_error err = {0};
  stoa_source *source;
  const stoa_catalog *catalog;
  (void)state;
  snprintf(all.path, sizeof all.path, "/tmp/stoa-injection-%d.db", (int)getpid());
  unlink(all.path);
  assert_int_equal(sqlite3_open(all.path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, "CREATE TABLE k(t TEXT PRIMARY KEY NOT NULL)", NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_prepare_v2(db, "INSERT INTO k VALUES (?)", -1, &insert, NULL), SQLITE_OK);
  for (int i = 0; i < N_CORPUS; ++i) {
    sqlite3_bind_text(insert, 1, corpus[i], -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(insert), SQLITE_DONE);
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  sqlite3_close(db);
  stoa_arena_init(&all.arena, 0);
  stoa_model *const ontology = stoa_model_new();
  stoa_hierarchy_read(&all.hierarchy, ontology, &all.arena);
  all.hierarchy.declared = (stoa_map){0};
  assert_int_equal(stoa_source_sqlite_new("db", all.path, &source, &err), STOA_OK);
  assert_int_equal(source->klass->describe(source, &all.arena, &catalog, &err), STOA_OK);
  read_mapping(&all.sqlite, source, catalog);
  fake(&all.postgres, &stoa_dialect_postgres, catalog);
  fake(&all.mariadb, &stoa_dialect_mariadb, catalog);
  fake(&all.ansi, &stoa_dialect_ansi, catalog);
  stoa_model_free(ontology);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  stoa_source_free(all.sqlite.source);
  stoa_arena_done(&all.arena);
  unlink(all.path);
  return 0;
}

static void write_constant(stoa_buf *out, const char *text, char how)
{
  if (how == 'i') {
    stoa_percent_write(stoa_slice_of(text), STOA_PERCENT_IUNRESERVED, out);
    return;
  }
  for (; *text; ++text) {
    const char escape = *text == '\n' ? 'n' : *text == '\r' ? 'r' : *text == '\t' ? 't' : *text;
    if (strchr("\"\\\n\r\t", *text)) {
      stoa_buf_byte(out, '\\');
    }
    stoa_buf_byte(out, escape);
  }
}

static const char *query_with(const char *place, const char *text, stoa_arena *arena)
{
  stoa_buf out = {0};
  stoa_buf_text(&out, "PREFIX e: <http://e/> ");
  for (; *place; ++place) {
    if (*place == '%' && (place[1] == 's' || place[1] == 'i')) {
      write_constant(&out, text, *++place);
    } else {
      stoa_buf_byte(&out, *place);
    }
  }
  const char *const copy = stoa_arena_copy(arena, (stoa_slice){out.data, out.length});
  stoa_buf_done(&out);
  return copy;
}

static void collect_sql(const stoa_plan_node *node, stoa_buf *out)
{
  if (node->kind == STOA_PLAN_SQL) {
    stoa_buf_print(out, "%s\n", node->sql.text);
  }
  if (node->kind == STOA_PLAN_SQL && node->sql.bound) {
    collect_sql(node->sql.bound, out);
  }
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    collect_sql(node->inputs[i], out);
  }
}

static const char *sql_of(const world *w, const char *place, const char *text, stoa_arena *arena)
{
  const stoa_query *query;
  const stoa_plan *plan;
  stoa_context context;
  stoa_error err = {0};
  stoa_buf out = {0};
  stoa_context_init(&context, 0);
  const char *const whole = query_with(place, text, arena);
  if (stoa_query_read(stoa_slice_of(whole), "q", NULL, arena, &query, &err) != STOA_OK ||
      stoa_plan_make(query, &w->mapping.rewriter, &context, arena, &plan, &err) != STOA_OK) {
    fail_msg("%s: %s", whole, err.text);
  }
  collect_sql(plan->root, &out);
  const char *const copy = stoa_arena_copy(arena, (stoa_slice){out.data, out.length});
  stoa_buf_done(&out);
  return copy;
}

static uint32_t check_all(const world *w, const char *text)
{
  uint32_t n = 0;
  for (int p = 0; p < N_PLACES; ++p) {
    stoa_arena arena;
    stoa_arena_init(&arena, 0);
    const char *const harmless = sql_of(w, places[p], "a", &arena), *const sql = sql_of(w, places[p], text, &arena);
    assert_null(strstr(sql, "xq7"));
    assert_string_equal(sql, harmless);
    assert_true(strstr(sql, "SELECT") != NULL);
    stoa_arena_done(&arena);
    ++n;
  }
  return n;
}

static void the_corpus_leaves_sql_as_it_is(void **state)
{
  const world *const worlds[] = {&all.sqlite, &all.postgres, &all.mariadb, &all.ansi};
  uint32_t n = 0;
  (void)state;
  for (int d = 0; d < 4; ++d) {
    for (int i = 0; i < N_CORPUS; ++i) {
      n += check_all(worlds[d], corpus[i]);
    }
  }
  print_message("# %u statements of %d texts in %d places and 4 dialects\n", n, N_CORPUS, N_PLACES);
}

static void random_texts_leave_sql_as_it_is(void **state)
{
  static const char *const pieces[] = {"'",   "\"",       "\\",           "--", ";", "%", "$1", "?",  "/*", "*/",
                                       "xq7", "a",        "\n",           ")",  "(", "`", "]",  "%0", "%1", "''",
                                       "U&",  "\xC3\xA9", "\xE2\x80\x99", "0"};
  enum { N_PIECES = sizeof pieces / sizeof *pieces };
  uint64_t seed = 42;
  const world *const worlds[] = {&all.sqlite, &all.postgres, &all.mariadb, &all.ansi};
  (void)state;
  for (int i = 0; i < N_RANDOM; ++i) {
    char text[64] = "xq7";
    for (int k = 0; k < 8; ++k) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      strcat(text, pieces[(seed >> 33) % N_PIECES]);
    }
    stoa_arena arena;
    stoa_arena_init(&arena, 0);
    const char *const place = places[i % N_PLACES];
    const world *const w = worlds[i / N_PLACES % 4];
    assert_string_equal(sql_of(w, place, text, &arena), sql_of(w, place, "a", &arena));
    stoa_arena_done(&arena);
  }
}

static bool append(void *data, const char *bytes, size_t n_bytes)
{
  stoa_buf_add(data, bytes, n_bytes);
  return true;
}

static uint32_t rows_of(const char *query)
{
  const stoa_question q = {stoa_slice_of(query), "q", NULL};
  stoa_context context;
  stoa_error err = {0};
  stoa_buf out = {0};
  uint64_t n = 0;
  stoa_context_init(&context, 0);
  if (stoa_answer(&q, &all.sqlite.mapping.rewriter, &context, STOA_FORMAT_TSV, (stoa_sink){append, &out}, &n, &err) !=
      STOA_OK) {
    fail_msg("%s: %s", query, err.text);
  }
  stoa_buf_done(&out);
  return (uint32_t)n;
}

// Literal, language-tagged literal, IRI as subject, as object and in a FILTER: one row each.
static void each_text_finds_its_own_row(void **state)
{
  static const int exact[] = {0, 1, 2, 7, 8, 9, 10};
  uint32_t found = 0;
  (void)state;
  for (int i = 0; i < N_CORPUS; ++i) {
    for (size_t p = 0; p < sizeof exact / sizeof *exact; ++p) {
      stoa_arena arena;
      stoa_arena_init(&arena, 0);
      const char *const query = query_with(places[exact[p]], corpus[i], &arena);
      const uint32_t n = rows_of(query);
      if (n != 1) {
        fail_msg("%u rows: %s", n, query);
      }
      found += n;
      stoa_arena_done(&arena);
    }
  }
  print_message("# %u of %u looked for were found\n", found, (unsigned)(N_CORPUS * (sizeof exact / sizeof *exact)));
}

static void nul_and_broken_utf8_find_nothing(void **state)
{
  (void)state;
  assert_int_equal(rows_of("PREFIX e: <http://e/> SELECT ?x { ?x e:text \"xq7\\u0000\" }"), 0);
  assert_int_equal(rows_of("PREFIX e: <http://e/> SELECT ?x { ?x e:text ?t FILTER(?t = \"xq7\\u0000\") }"), 0);
  const stoa_query *query;
  stoa_error err = {0};
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  assert_int_not_equal(
    stoa_query_read(stoa_slice_of("SELECT ?x { ?x <http://e/text> \"xq7\xFF\" }"), "q", NULL, &arena, &query, &err),
    STOA_OK);
  assert_int_not_equal(
    stoa_query_read(stoa_slice_of("SELECT ?x { ?x <http://e/lang> \"a\"@en'--xq7 }"), "q", NULL, &arena, &query, &err),
    STOA_OK);
  stoa_arena_done(&arena);
}

// A planted fault: a statement with the constant in it is seen.
static void a_printed_constant_would_be_seen(void **state)
{
  (void)state;
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  const char *const sql = sql_of(&all.sqlite, places[0], "a", &arena);
  const char *const wrong = stoa_arena_print(&arena, "%s WHERE t = 'xq7'", sql);
  assert_non_null(strstr(wrong, "xq7"));
  assert_string_not_equal(wrong, sql);
  assert_int_equal(rows_of("PREFIX e: <http://e/> SELECT ?x { ?x e:text \"not there\" }"), 0);
  stoa_arena_done(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(the_corpus_leaves_sql_as_it_is), CLAIM(random_texts_leave_sql_as_it_is),
                                     CLAIM(each_text_finds_its_own_row), CLAIM(nul_and_broken_utf8_find_nothing),
                                     CLAIM(a_printed_constant_would_be_seen)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
