#include "tests/support/unit.h"

#include "personalizer/layer.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char dir[64], file[80];
static const stoa_event_types none;

static int make_project(void **state)
{
  (void)state;
  snprintf(dir, sizeof dir, "/tmp/stoa-layers-XXXXXX");
  if (!mkdtemp(dir)) {
    return 1;
  }
  snprintf(file, sizeof file, "%s/stoa.yaml", dir);
  FILE *const f = fopen(file, "w");
  if (!f) {
    return 1;
  }
  fputs("project: p\nbase: http://x.example/\n", f);
  return fclose(f);
}

static int remove_project(void **state)
{
  (void)state;
  unlink(file);
  return rmdir(dir);
}

static stoa_status open_one(void *data, stoa_layer **out, stoa_error *err)
{
  stoa_faults faults = {0};
  (void)data;
  const stoa_status status = stoa_layer_open(dir, NULL, STOA_LOG_WHOLE, &none, &faults, out, err);
  stoa_faults_done(&faults);
  return status;
}

static stoa_status refuse(void *data, stoa_layer **out, stoa_error *err)
{
  (void)data;
  (void)out;
  return stoa_error_set(err, STOA_BAD_MAPPING, "a fault");
}

static void requests_end_on_the_layer_that_they_began_on(void **state)
{
  stoa_layer *first;
  stoa_error err = {0};
  (void)state;
  assert_int_equal(open_one(NULL, &first, &err), STOA_OK);
  stoa_layers *const layers = stoa_layers_new(first);
  stoa_layer *const held = stoa_layers_take(layers);
  assert_ptr_equal(held, first);
  assert_int_equal(stoa_layers_replace(layers, open_one, NULL, &err), STOA_OK);
  stoa_layer *const later = stoa_layers_take(layers);
  assert_ptr_not_equal(later, held);
  assert_ptr_equal(later, stoa_layers_current(layers));
  assert_string_equal(held->project->base, "http://x.example/"); // still there
  assert_int_equal(stoa_layers_replace(layers, refuse, NULL, &err), STOA_BAD_MAPPING);
  assert_ptr_equal(later, stoa_layers_current(layers));
  stoa_layers_drop(layers, held);
  stoa_layers_drop(layers, later);
  stoa_layers_free(layers);
}

static atomic_bool stops;

static void *use(void *data)
{
  stoa_layers *const layers = data;
  size_t n = 0;
  while (!atomic_load(&stops)) {
    stoa_layer *const layer = stoa_layers_take(layers);
    n += strlen(layer->project->base);
    stoa_layers_drop(layers, layer);
  }
  return n ? NULL : layers;
}

static void many_use_layers_while_they_are_replaced(void **state)
{
  enum { N = 4, RELOADS = 60 };
  pthread_t threads[N];
  stoa_layer *first;
  stoa_error err = {0};
  (void)state;
  assert_int_equal(open_one(NULL, &first, &err), STOA_OK);
  stoa_layers *const layers = stoa_layers_new(first);
  for (int i = 0; i < N; ++i) {
    assert_int_equal(pthread_create(&threads[i], NULL, use, layers), 0);
  }
  for (int i = 0; i < RELOADS; ++i) {
    assert_int_equal(stoa_layers_replace(layers, open_one, NULL, &err), STOA_OK);
  }
  atomic_store(&stops, true);
  for (int i = 0; i < N; ++i) {
    void *failed;
    pthread_join(threads[i], &failed);
    assert_null(failed);
  }
  stoa_layers_free(layers);
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(requests_end_on_the_layer_that_they_began_on),
                                     CLAIM(many_use_layers_while_they_are_replaced)};
  return cmocka_run_group_tests(tests, make_project, remove_project);
}
