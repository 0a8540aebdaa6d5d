// rasqal's CSV and TSV as the oracle of our streaming writers: our XML is read by rasqal, written again
// as CSV and TSV, and must be what we write ourselves.
#include "tests/support/unit.h"

#include "graph/rdf/results_reader.h"
#include "graph/result/answer.h"
#include "ontology/project.h"
#include <rasqal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char data[] =
  "<http://x/a> <http://x/p> \"plain\" , \"a,b\" , \"say \\\"hi\\\"\" , \"two\\nlines\" , \"\xC3\xA9t\xC3\xA9\"@fr , "
  "\"\" , <http://x/o> , \"2024-01-01\"^^<http://www.w3.org/2001/XMLSchema#date> .\n";

static bool append(void *to, const char *bytes, size_t n_bytes)
{
  stoa_buf_add(to, bytes, n_bytes);
  return true;
}

static void write_ours(stoa_files *files, const char *condition, stoa_format format, stoa_buf *out)
{
  char text[256];
  snprintf(text, sizeof text,
           "SELECT ?s ?o ?none { ?s <http://x/p> ?o OPTIONAL { ?s <http://x/q> ?none } %s } ORDER BY STR(?o)",
           condition);
  const stoa_question q = {stoa_slice_of(text), "q", NULL};
  stoa_context context;
  stoa_error err = {0};
  stoa_context_init(&context, 0);
  assert_int_equal(stoa_answer(&q, &files->mapping.rewriter, &context, format, (stoa_sink){append, out}, NULL, &err),
                   STOA_OK);
}

// rasqal has no frame pointers: its XML reader's leak is known to tests/support/lsan.supp by its caller.
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
  return "fast_unwind_on_malloc=0";
}

static char *write_rasqal(const stoa_buf *xml, const char *format)
{
  rasqal_world *const world = rasqal_new_world();
  rasqal_world_open(world);
  raptor_world *const raptor = rasqal_world_get_raptor(world);
  raptor_uri *const base = raptor_new_uri(raptor, (const unsigned char *)"http://x/");
  raptor_iostream *const in = raptor_new_iostream_from_string(raptor, xml->data, xml->length);
  rasqal_query_results *const results = rasqal_new_query_results2(world, NULL, RASQAL_QUERY_RESULTS_BINDINGS);
  rasqal_query_results_formatter *const reader = rasqal_new_query_results_formatter(world, "xml", NULL, NULL);
  rasqal_query_results_formatter *const writer = rasqal_new_query_results_formatter(world, format, NULL, NULL);
  void *text = NULL;
  size_t length = 0;
  assert_int_equal(rasqal_query_results_formatter_read(world, in, reader, results, base), 0);
  raptor_iostream *const out = raptor_new_iostream_to_string(raptor, &text, &length, malloc);
  assert_int_equal(rasqal_query_results_formatter_write(out, writer, results, base), 0);
  raptor_free_iostream(out);
  raptor_free_iostream(in);
  rasqal_free_query_results_formatter(writer);
  rasqal_free_query_results_formatter(reader);
  rasqal_free_query_results(results);
  raptor_free_uri(base);
  rasqal_free_world(world);
  return text;
}

static void agree(stoa_files *files, const char *condition, stoa_format format, const char *name)
{
  stoa_buf xml = {0}, ours = {0};
  write_ours(files, condition, STOA_FORMAT_XML, &xml);
  write_ours(files, condition, format, &ours);
  char *const theirs = write_rasqal(&xml, name);
  assert_string_equal(stoa_buf_string(&ours), theirs);
  assert_true(ours.length > 100);
  free(theirs);
  stoa_buf_done(&xml);
  stoa_buf_done(&ours);
}

static void csv_and_tsv_are_what_rasqal_writes(void **state)
{
  char turtle[80];
  stoa_files files;
  stoa_error err = {0};
  (void)state;
  snprintf(turtle, sizeof turtle, "/tmp/stoa-results-%d.ttl", (int)getpid());
  FILE *const file = fopen(turtle, "w");
  assert_non_null(file);
  fputs(data, file);
  fclose(file);
  assert_int_equal(stoa_files_init(&files, &err), STOA_OK);
  assert_int_equal(stoa_files_load(&files, turtle, NULL, NULL, &err), STOA_OK);
  stoa_files_finish(&files);
  unlink(turtle);
  agree(&files, "", STOA_FORMAT_CSV, "csv");
  // In TSV rasqal writes \u escapes where we write the characters; both are right.
  agree(&files, "FILTER(!ISLITERAL(?o) || LANG(?o) = '')", STOA_FORMAT_TSV, "tsv");
  stoa_files_done(&files);
}

// ---- what endpoints send

static stoa_status parse(stoa_arena *arena, const char *text, stoa_results *out, stoa_error *err)
{
  const stoa_results_syntax syntax = *text == '{' ? STOA_RESULTS_JSON : STOA_RESULTS_XML;
  *err = (stoa_error){0};
  return stoa_results_parse("doc", syntax, stoa_slice_of(text), NULL, arena, out, err);
}

static const char *cell(const stoa_results *r, uint32_t row, uint32_t column, stoa_arena *arena)
{
  stoa_buf text = {0};
  stoa_term_write(r->rows[(size_t)row * r->n_columns + column], &text);
  const char *const copy = stoa_arena_copy(arena, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
  return copy;
}

#define SRX(body) "<sparql xmlns='http://www.w3.org/2005/sparql-results#'>" body "</sparql>"

static void documents_of_both_syntaxes_are_read_alike(void **state)
{
  static const char *const documents[] = {
    "{\"results\":{\"distinct\":true,\"bindings\":[{\"b\":{\"type\":\"uri\",\"value\":\"http://x/\"},"
    "\"a\":{\"type\":\"literal\",\"value\":\"q\\u00e9\\n\",\"xml:lang\":\"en-GB\"}},{},"
    "{\"a\":{\"type\":\"bnode\",\"value\":\"x> <y\"},\"b\":{\"type\":\"typed-literal\",\"value\":\"07\","
    "\"datatype\":\"http://www.w3.org/2001/XMLSchema#integer\"}}]},"
    "\"other\":[[{\"x\":\"]}\"}]],\"head\":{\"link\":[],\"vars\":[\"b\",\"a\"]}} ",
    "<?xml version='1.0'?><!-- c --><sparql xmlns='http://www.w3.org/2005/sparql-results#'><head><variable name='b'/>"
    "<variable name='a'/><link href='x'/></head><results><result><binding name='b'><uri>http://x/</uri></binding>"
    "<binding name='a'><literal xml:lang='en-GB'>q&#xe9;\n</literal></binding></result><result/><result>"
    "<binding name='a'><bnode><![CDATA[x> <y]]></bnode></binding><binding name='b'>"
    "<literal datatype='http://www.w3.org/2001/XMLSchema#integer'>07</literal></binding></result></results></sparql>"};
  stoa_arena arena;
  stoa_error err;
  stoa_results r;
  (void)state;
  stoa_arena_init(&arena, 0);
  for (int i = 0; i < 2; ++i) {
    assert_int_equal(parse(&arena, documents[i], &r, &err), STOA_OK);
    assert_false(r.is_boolean);
    assert_int_equal(r.n_columns, 2);
    assert_int_equal(r.n_rows, 3);
    assert_string_equal(r.names[0], "b");
    assert_string_equal(cell(&r, 0, 0, &arena), "<http://x/>");
    assert_string_equal(cell(&r, 0, 1, &arena), "\"q\xC3\xA9\\n\"@en-GB");
    assert_string_equal(cell(&r, 1, 1, &arena), "UNDEF");
    assert_string_equal(cell(&r, 2, 1, &arena), "_:b0"); // no label of theirs goes into our outputs
    assert_string_equal(cell(&r, 2, 0, &arena), "\"07\"^^<http://www.w3.org/2001/XMLSchema#integer>");
  }
  assert_int_equal(parse(&arena, "{\"head\":{},\"boolean\":true}", &r, &err), STOA_OK);
  assert_true(r.is_boolean && r.truth);
  assert_int_equal(parse(&arena, SRX("<head/><boolean> false </boolean>"), &r, &err), STOA_OK);
  assert_true(r.is_boolean && !r.truth);
  assert_int_equal(parse(&arena, "{\"head\":{\"vars\":[]},\"results\":{\"bindings\":[{},{}]}}", &r, &err), STOA_OK);
  assert_int_equal(r.n_rows, 2);
  stoa_arena_done(&arena);
}

#define ROW(binding) "{\"head\":{},\"results\":{\"bindings\":[{\"a\":" binding "}]}}"
#define BOUND(term) SRX("<head/><results><result><binding name='a'>" term "</binding></result></results>")

static void what_is_no_result_document_is_refused(void **state)
{
  static const char *const faulty[] = {
    "{",
    "{}",
    "{\"head\":{}}",
    "{\"head\":{},\"results\":{\"bindings\":[}}",
    "{\"head\":{},\"results\":{\"bindings\":[{},]}}",
    "{\"head\":{},\"results\":{\"bindings\":{}}}",
    "{\"head\":{},\"boolean\":1}",
    "{\"head\":{},\"boolean\":true} x",
    "{\"boolean\":true,\"boolean\":false}",
    "{\"head\":{\"vars\":[1]},\"boolean\":true}",
    ROW("7"),
    ROW("{\"type\":\"uri\"}"),
    ROW("{\"type\":\"triple\",\"value\":\"x\"}"),
    ROW("{\"type\":\"uri\",\"value\":\"http://x/a b\"}"),
    ROW("{\"type\":\"uri\",\"value\":\"rel\"}"),
    ROW("{\"type\":\"literal\",\"value\":\"x\",\"xml:lang\":\"en . <x:y>\"}"),
    ROW("{\"type\":\"literal\",\"value\":\"x\",\"datatype\":\"http://x/>\"}"),
    ROW("{\"type\":\"literal\",\"value\":\"\xFF\"}"),
    ROW("[[[[[[[[[[[[]]]]]]]]]]]]"),
    "<x",
    "<sparql/>",
    SRX("<head/>"),
    SRX("<head/><boolean>maybe</boolean>"),
    SRX("<head/><boolean>true</boolean><results/>"),
    SRX("<results><row/></results>"),
    SRX("<results><result><binding><uri>http://x/</uri></binding></result></results>"),
    SRX("<results>text</results>"),
    BOUND(""),
    BOUND("<uri>http://x/a b</uri>"),
    BOUND("<uri>rel</uri>"),
    BOUND("<uri>http://x/<b/></uri>"),
    BOUND("<uri>http://x/</uri><uri>http://x/</uri>"),
    BOUND("<literal xml:lang='not a tag'>x</literal>"),
    BOUND("<literal>&unknown;</literal>"),
    BOUND("<literal>\xFF</literal>"),
    "<!DOCTYPE sparql [<!ENTITY a 'b'>]>" BOUND("<literal>&a;</literal>"),
    "<!DOCTYPE sparql SYSTEM 'http://127.0.0.1:1/x.dtd'>" BOUND("<literal>x</literal>")};
  stoa_arena arena;
  stoa_error err;
  stoa_results r;
  (void)state;
  stoa_arena_init(&arena, 0);
  for (size_t i = 0; i < sizeof faulty / sizeof *faulty; ++i) {
    assert_int_equal(parse(&arena, faulty[i], &r, &err), STOA_BAD_SYNTAX);
    assert_true(err.text[0] != '\0');
  }
  stoa_arena_done(&arena);
}

static void reading_ends_at_the_cap_and_with_the_request(void **state)
{
  stoa_arena arena;
  stoa_error err = {0};
  stoa_results r;
  stoa_context context;
  stoa_buf text = {0};
  (void)state;
  stoa_buf_text(&text, "{\"head\":{},\"results\":{\"bindings\":[{}");
  for (int i = 0; i < 100000; ++i) {
    stoa_buf_text(&text, ",{\"a\":{\"type\":\"literal\",\"value\":\"x\"}}");
  }
  stoa_buf_text(&text, "]}}");
  const stoa_slice document = {text.data, text.length};
  stoa_context_init(&context, 0);
  stoa_arena_init(&arena, 1 << 20);
  assert_int_equal(stoa_results_parse("doc", STOA_RESULTS_JSON, document, &context, &arena, &r, &err), STOA_LIMIT);
  stoa_arena_done(&arena);
  stoa_arena_init(&arena, 0);
  err = (stoa_error){0};
  assert_int_equal(stoa_results_parse("doc", STOA_RESULTS_JSON, document, &context, &arena, &r, &err), STOA_OK);
  assert_int_equal(r.n_rows, 100001);
  context.deadline_ns = 1;
  assert_int_equal(stoa_results_parse("doc", STOA_RESULTS_JSON, document, &context, &arena, &r, &err), STOA_TIMEOUT);
  stoa_arena_done(&arena);
  stoa_buf_done(&text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    CLAIM(csv_and_tsv_are_what_rasqal_writes), CLAIM(documents_of_both_syntaxes_are_read_alike),
    CLAIM(what_is_no_result_document_is_refused), CLAIM(reading_ends_at_the_cap_and_with_the_request)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
