// How many rows a plan expects of a range of values, by the catalog's quantiles.
#include "tests/support/unit.h"

#include "graph/plan/planning.h"
#include "graph/plan/plans.h"
#include "graph/result/answer.h"
#include "graph/sparql/parser.h"
#include "graph/source/quantiles.h"
#include "ontology/project.h"
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// 20,000 events, ten a day from 2020-01-01 on, of which every fourth costs 100 and the others what is different for
// each; the hours of one in two are not known.
static const char schema[] =
  "CREATE TABLE m(id INTEGER PRIMARY KEY, due DATE, at TIMESTAMP, amount DECIMAL(10,2), day TEXT, note TEXT);"
  "WITH RECURSIVE i(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM i WHERE n + 1 < 20000) "
  "INSERT INTO m SELECT n, date('2020-01-01', (n / 10) || ' days'), CASE WHEN n % 2 THEN datetime('2020-01-01', "
  "(n * 144) || ' minutes') END, CASE WHEN n % 4 = 0 THEN 100 ELSE n / 10.0 END, date('2020-01-01', (n / 10) || "
  "' days'), 'n' || n FROM i;";

static const char mapping_text[] =
  "@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix e: <http://e/> .\n"
  "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
  "<#m> rr:logicalTable [ rr:tableName \"m\" ] ; rr:subjectMap [ rr:template \"http://e/m/{id}\" ; rr:class e:M ] ;\n"
  " rr:predicateObjectMap [ rr:predicate e:due ; rr:objectMap [ rr:column \"due\" ] ] ;\n"
  " rr:predicateObjectMap [ rr:predicate e:at ; rr:objectMap [ rr:column \"at\" ] ] ;\n"
  " rr:predicateObjectMap [ rr:predicate e:day ; rr:objectMap [ rr:column \"day\" ; rr:datatype xsd:date ] ] ;\n"
  " rr:predicateObjectMap [ rr:predicate e:note ; rr:objectMap [ rr:column \"note\" ] ] ;\n"
  " rr:predicateObjectMap [ rr:predicate e:amount ; rr:objectMap [ rr:column \"amount\" ] ] .\n";

static struct {
  char path[64];
  stoa_arena arena;
  stoa_source *source;
  stoa_mapping mapping;
  stoa_hierarchy hierarchy;
} world;

static int setup(void **state)
{
  sqlite3 *db;
  stoa_error err = {0};
  stoa_faults faults = {0};
  const stoa_catalog *catalog;
  (void)state;
  snprintf(world.path, sizeof world.path, "/tmp/stoa-estimates-%d.db", (int)getpid());
  unlink(world.path);
  assert_int_equal(sqlite3_open(world.path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, schema, NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(db);
  stoa_arena_init(&world.arena, 0);
  assert_int_equal(stoa_source_sqlite_new("db", world.path, &world.source, &err), STOA_OK);
  assert_int_equal(world.source->klass->describe(world.source, &world.arena, &catalog, &err), STOA_OK);
  stoa_model *const ontology = stoa_model_new(), *const model = stoa_model_new();
  stoa_hierarchy_read(&world.hierarchy, ontology, &world.arena);
  assert_int_equal(stoa_model_load_text(model, stoa_slice_of(mapping_text), "m.ttl", "http://e/", &err), STOA_OK);
  stoa_mapping_init(&world.mapping, &world.arena);
  stoa_mapping_add(&world.mapping, model, world.source, catalog, "http://e/", &world.hierarchy, &faults);
  assert_int_equal(faults.n_errors, 0);
  stoa_model_free(model);
  stoa_model_free(ontology);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  stoa_source_free(world.source);
  stoa_arena_done(&world.arena);
  unlink(world.path);
  return 0;
}

static const char *whole_query(const char *where)
{
  return stoa_arena_print(
    &world.arena, "PREFIX e: <http://e/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT ?x { %s }", where);
}

enum { FIRST_OF_2022 = 1640995200 };

static double expected(const char *where)
{
  const stoa_query *query;
  const stoa_plan *plan;
  stoa_context context;
  stoa_error err = {0};
  stoa_context_init(&context, INT64_C(1000000) * FIRST_OF_2022);
  assert_int_equal(stoa_query_read(stoa_slice_of(whole_query(where)), "q", NULL, &world.arena, &query, &err), STOA_OK);
  assert_int_equal(stoa_plan_make(query, &world.mapping.rewriter, &context, &world.arena, &plan, &err), STOA_OK);
  return plan->root->rows;
}

static bool count_line(void *data, const char *bytes, size_t n_bytes)
{
  for (size_t i = 0; i < n_bytes; ++i) {
    *(int *)data += bytes[i] == '\n';
  }
  return true;
}

static int answers(const char *where)
{
  const stoa_question q = {stoa_slice_of(whole_query(where)), "q", NULL};
  stoa_context context;
  stoa_error err = {0};
  int n_lines = 0;
  stoa_context_init(&context, INT64_C(1000000) * FIRST_OF_2022);
  assert_int_equal(
    stoa_answer(&q, &world.mapping.rewriter, &context, STOA_FORMAT_TSV, (stoa_sink){count_line, &n_lines}, NULL, &err),
    STOA_OK);
  return n_lines - 1;
}

// The rows that come are expected, up to a factor.
static void assert_expects(const char *where, double factor)
{
  const double rows = expected(where), wanted = answers(where);
  if (!(rows >= wanted / factor && rows <= wanted * factor)) {
    fail_msg("%g are expected of %g: %s", rows, wanted, where);
  }
}

static void a_range_has_its_share(void **state)
{
  (void)state;
  assert_expects("?x e:due ?d FILTER(?d >= \"2021-02-10\"^^xsd:date && ?d < \"2021-02-20\"^^xsd:date)", 2);
  assert_expects("?x e:due ?d FILTER(?d >= \"2021-02-10\"^^xsd:date) FILTER(\"2021-06-20\"^^xsd:date > ?d)", 1.3);
  assert_expects("?x e:day ?d FILTER(?d < \"2020-03-01\"^^xsd:date)", 1.5);
  assert_expects("?x e:amount ?a FILTER(?a > 500)", 1.2);
  assert_expects("?x e:amount ?a FILTER(?a > 99 && ?a < 101)", 1.3); // of the common one
  assert_expects("?x e:amount ?a FILTER(?a >= 1800)", 2);
  // Half of the times are not there.
  assert_expects("?x e:at ?t FILTER(?t < \"2021-01-01T00:00:00\"^^xsd:dateTime)", 1.3);
  assert_expects("?x e:at ?t FILTER(?t >= \"2021-02-10T00:00:00Z\"^^xsd:dateTime && ?t < "
                 "\"2021-04-01T00:00:00Z\"^^xsd:dateTime)",
                 1.6);
}

static void the_instant_of_planning_is_a_bound(void **state)
{
  (void)state;
  assert_expects("?x e:at ?t FILTER(?t < NOW())", 1.3);
  assert_expects("?x e:at ?t FILTER(?t > NOW())", 1.3);
}

static void what_is_beyond_all_values_is_rare(void **state)
{
  (void)state;
  assert_true(expected("?x e:due ?d FILTER(?d > \"2099-01-01\"^^xsd:date)") <= 20);
  assert_true(expected("?x e:due ?d FILTER(?d > \"2021-06-01\"^^xsd:date && ?d < \"2021-05-01\"^^xsd:date)") <= 20);
  assert_true(expected("?x e:due ?d FILTER(?d < \"2099-01-01\"^^xsd:date)") >= 19000);
}

// The plan that was made for few rows answers for many, and the other way round.
static void a_guess_never_decides_what_is_answered(void **state)
{
  static const char *const where = "?x e:due ?d ; e:amount ?a FILTER(?d >= \"%s\"^^xsd:date)";
  static const struct {
    const char *day;
    int n;
  } asked[] = {{"2099-01-01", 0}, {"2020-01-01", 20000}, {"2025-06-20", 30}, {"2020-01-02", 19990}};
  stoa_plans_count count;
  (void)state;
  world.mapping.rewriter.plans = stoa_plans_new();
  for (size_t i = 0; i < sizeof asked / sizeof *asked; ++i) {
    assert_int_equal(answers(stoa_arena_print(&world.arena, where, asked[i].day)), asked[i].n);
  }
  stoa_plans_counts(world.mapping.rewriter.plans, &count);
  assert_int_equal(count.n_hits, 3);
  stoa_plans_free(world.mapping.rewriter.plans);
  world.mapping.rewriter.plans = NULL;
}

// ---- quantiles

static double share(const stoa_column_info *column, double least, bool above, double most, bool below)
{
  const stoa_value_range range = {least, most, above, below};
  return stoa_quantiles_share(column, &range);
}

static void assert_share(double got, double wanted)
{
  if (fabs(got - wanted) > 1e-9) {
    fail_msg("%g is not %g", got, wanted);
  }
}

static void quantiles_tell_parts_of_parts_and_common_values(void **state)
{
  static const double bounds[] = {0, 10, 20};
  stoa_valued_share common[] = {{25, 0.2}, {10, 0.3}};
  stoa_column_info column = {0};
  (void)state;
  stoa_quantiles_make(bounds, 3, 0.4, common, 2, &world.arena, &column);
  assert_share(share(&column, -INFINITY, false, INFINITY, false), 0.9); // a tenth is NULL
  assert_share(share(&column, -INFINITY, false, 10, false), 0.5);
  assert_share(share(&column, -INFINITY, false, 10, true), 0.2);
  assert_share(share(&column, 10, true, INFINITY, false), 0.4);
  assert_share(share(&column, 5, false, 15, false), 0.5);
  assert_share(share(&column, 20, true, INFINITY, false), 0.2);
  assert_share(share(&column, 25, true, INFINITY, false), 0);
  assert_share(share(&column, -5, false, -1, false), 0);
  assert_share(share(&column, 15, false, 5, false), 0);
}

static void common_values_alone_are_quantiles(void **state)
{
  stoa_valued_share common[] = {{2, 0.25}, {1, 0.5}};
  stoa_column_info column = {0};
  (void)state;
  stoa_quantiles_make(NULL, 0, 0, common, 2, &world.arena, &column);
  assert_share(share(&column, -INFINITY, false, 1, false), 0.5);
  assert_share(share(&column, 1, true, 2, true), 0);
  assert_share(share(&column, 1, true, 2, false), 0.25);
}

static void assert_value(stoa_sql_type type, const char *text, bool reads, double wanted)
{
  double value = 0;
  assert_int_equal(stoa_quantile_value(type, stoa_slice_of(text), &value), reads);
  assert_share(reads ? value : wanted, wanted);
}

static void values_are_read_as_sources_write_them(void **state)
{
  (void)state;
  assert_value(STOA_SQL_DECIMAL, "-12.50", true, -12.5);
  assert_value(STOA_SQL_INTEGER, "12x", false, 0);
  assert_value(STOA_SQL_INTEGER, "", false, 0);
  assert_value(STOA_SQL_REAL, "Infinity", false, 0);
  assert_value(STOA_SQL_REAL, "NaN", false, 0);
  assert_value(STOA_SQL_DATE, "1970-01-02", true, 86400e6);
  assert_value(STOA_SQL_DATETIME, "1970-01-02 00:00:01", true, 86401e6);
  assert_value(STOA_SQL_DATETIME, "1970-01-02 02:00:00.5+02", true, 86400.5e6);
  assert_value(STOA_SQL_DATETIME, "infinity", false, 0);
  assert_value(STOA_SQL_TEXT, "1970-01-02", true, 86400e6);
  assert_value(STOA_SQL_TEXT, "2 January", false, 0);
  assert_value(STOA_SQL_BOOLEAN, "1", false, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(a_range_has_its_share),
                                     CLAIM(the_instant_of_planning_is_a_bound),
                                     CLAIM(what_is_beyond_all_values_is_rare),
                                     CLAIM(a_guess_never_decides_what_is_answered),
                                     CLAIM(quantiles_tell_parts_of_parts_and_common_values),
                                     CLAIM(common_values_alone_are_quantiles),
                                     CLAIM(values_are_read_as_sources_write_them)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
