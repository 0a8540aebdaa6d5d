// Any bytes as semantic SQL over a graph that has the names of the example bank: an answer or an error, never a crash
// or a hang.
#include "graph/result/answer.h"
#include "graph/semantic/semantic.h"
#include "graph/term/vocab.h"
#include "ontology/lexicon.h"
#include "ontology/project.h"
#include <stdlib.h>

static bool drop(void *data, const char *bytes, size_t n)
{
  (void)data;
  (void)bytes;
  (void)n;
  return true;
}

static stoa_files files;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static stoa_term iri(const char *space, const char *name, int i)
{
  return stoa_term_iri(
    stoa_slice_of(stoa_arena_print(stoa_source_native_arena(files.native), "%s%s%s", space, name, i ? "2" : "")));
}

// Two of each class, with a value of each property: the other one, a number, a text, a day.
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
  static const char *const classes[] = {"Customer",     "Holding",      "Product",         "Credit",
                                        "BureauReport", "Offer",        "Account",         "Region",
                                        "Transfer",     "HumanChannel", "CardTransaction", "EngagementEvent"};
  static const char *const properties[] = {"heldBy", "product",    "actor",    "account",   "balance",
                                           "name",   "incomeBand", "pulledOn", "occurredAt"};
  enum { N = sizeof properties / sizeof *properties };
  const char *const space = "https://bank.example/ontology#";
  stoa_arena *arena;
  stoa_error err = {0};
  (void)argc;
  (void)argv;
  stoa_files_init(&files, &err);
  arena = stoa_source_native_arena(files.native);
  const stoa_term values[] = {stoa_term_integer(3), stoa_term_string(stoa_slice_of("high")),
                              stoa_term_literal(arena, stoa_slice_of("2026-01-31"), stoa_slice_of(STOA_XSD "date")),
                              stoa_term_lang(arena, stoa_slice_of("Gold"), stoa_slice_of("en"))};
  for (size_t c = 0; c < 2 * sizeof classes / sizeof *classes; ++c) {
    const stoa_term subject = iri("http://x/", classes[c / 2], (int)(c % 2));
    stoa_source_native_add(files.native, subject, stoa_term_iri(stoa_slice_of(STOA_RDF_TYPE)),
                           iri(space, classes[c / 2], 0), (stoa_term){0});
    for (size_t p = 0; p < N; ++p) {
      const stoa_term object = p < 4 ? iri("http://x/", classes[(c + p) % 12], (int)(p % 2)) : values[(c + p) % 4];
      if ((c + p) % 5) {
        stoa_source_native_add(files.native, subject, iri(space, properties[p], 0), object, (stoa_term){0});
      }
    }
  }
  stoa_files_finish(&files);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  stoa_arena arena;
  stoa_context context;
  stoa_error err = {0};
  stoa_buf said = {0};
  const stoa_query *query;
  const stoa_slice text = {(const char *)data, size};
  stoa_context_init(&context, 1700000000000000);
  context.memory_bytes = (uint64_t)16 << 20;
  stoa_arena_init(&arena, 0);
  if (stoa_lexicon_read(&files.mapping, true, text, "fuzz", "http://x/", &arena, &query, &err) == STOA_OK) {
    stoa_answer_query(query, &files.mapping.rewriter, &context, STOA_FORMAT_JSON, (stoa_sink){drop, NULL}, NULL, &err);
    err = (stoa_error){0};
    if (stoa_semantic_say(text, "fuzz", &arena, &said, &err) != STOA_OK) {
      abort(); // what was read once can be read again
    }
  }
  stoa_buf_done(&said);
  stoa_arena_done(&arena);
  return 0;
}
