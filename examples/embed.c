// The engine inside a program of yours: a query, a feature vector, a decision and a reward, without a
// server.  Links libstoa alone:  cc embed.c $(pkg-config --cflags --libs stoa)
#include "personalizer/engine.h"
#include <stdio.h>

static bool to_stdout(void *data, const char *bytes, size_t n_bytes)
{
  return fwrite(bytes, 1, n_bytes, data) == n_bytes;
}

static int fail(const stoa_error *err)
{
  char text[800];
  fprintf(stderr, "%s\n", stoa_error_print(err, text, sizeof text));
  return 1;
}

int main(int argc, char **argv)
{
  if (argc != 5) {
    fputs("usage: embed PROJECT-FOLDER SERVICE POLICY KEY\n", stderr);
    return 2;
  }
  stoa_engine *engine;
  stoa_faults faults = {0};
  stoa_error err = {0};
  if (stoa_engine_open(argv[1], STOA_ENGINE_OWN, &faults, &engine, &err) != STOA_OK) {
    return fail(&err);
  }
  if (faults.n_errors) {
    return fail(&faults.items[0]);
  }

  // A query.
  stoa_context context;
  stoa_context_init(&context, stoa_engine_now(engine));
  if (stoa_engine_query(engine, "SELECT (COUNT(*) AS ?triples) WHERE { ?s ?p ?o }", &context, STOA_FORMAT_CSV,
                        (stoa_sink){to_stdout, stdout}, &err) != STOA_OK) {
    return fail(&err);
  }

  // A feature vector.
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  const stoa_service *service;
  const stoa_term *values;
  const stoa_slice key = stoa_slice_of(argv[4]);
  if (stoa_registry_need_service(stoa_engine_layer(engine)->registry, argv[2], &service, &err) != STOA_OK ||
      stoa_features_compute(service, &key, 1, NULL, &context, &arena, &values, &err) != STOA_OK) {
    return fail(&err);
  }
  for (uint32_t i = 0; i < service->features.n; ++i) {
    const stoa_slice text = stoa_term_lexical(values[i], &arena);
    printf("%s = %.*s\n", service->features.items[i]->name, (int)text.length, text.data);
  }

  // A decision, and its reward.
  stoa_slice answer;
  const char *const request =
    stoa_arena_print(&arena, "{\"subject\":\"%s\",\"eventId\":\"embed-%lld\"}", argv[4], (long long)context.now_us);
  if (stoa_engine_rank(engine, argv[3], stoa_slice_of(request), &arena, &answer, &err) != STOA_OK ||
      stoa_engine_reward(engine, stoa_arena_print(&arena, "embed-%lld", (long long)context.now_us), 1, &err) !=
        STOA_OK) {
    return fail(&err);
  }
  printf("%.*s\nlabels learned: %llu\n", (int)answer.length, answer.data,
         (unsigned long long)stoa_bandit_tell(stoa_engine_policy(engine, argv[3])->bandit).n_learned);
  stoa_arena_done(&arena);
  stoa_faults_done(&faults);
  stoa_engine_close(engine);
  return 0;
}
