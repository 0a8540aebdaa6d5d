// stoa features list | preview | get
#include "cli/cli.h"
#include "personalizer/engine.h"
#include <stdio.h>
#include <stdlib.h>

static void write_value(stoa_term t, stoa_buf *out)
{
  if (!stoa_term_is_bound(t)) {
    stoa_buf_text(out, "null");
  } else if (t.kind == STOA_TERM_INTEGER || t.kind == STOA_TERM_BOOLEAN || t.kind == STOA_TERM_DECIMAL) {
    stoa_term_write_lexical(t, out);
  } else if (t.kind == STOA_TERM_DOUBLE) {
    stoa_buf_number(out, t.as.real);
  } else {
    stoa_buf text = {0};
    stoa_term_write_lexical(t, &text);
    stoa_buf_json(out, (stoa_slice){text.data, text.length});
    stoa_buf_done(&text);
  }
}

static void print_vector(const char *key_name, stoa_slice key, const stoa_service *s, const stoa_term *values)
{
  stoa_buf out = {0};
  stoa_buf_print(&out, "{\"%s\": ", key_name);
  stoa_buf_json(&out, key);
  for (uint32_t i = 0; i < s->features.n; ++i) {
    stoa_buf_print(&out, ", \"%s\": ", s->features.items[i]->name);
    write_value(values[i], &out);
  }
  stoa_buf_text(&out, "}\n");
  fwrite(out.data, 1, out.length, stdout);
  stoa_buf_done(&out);
}

static int list(const stoa_registry *r)
{
  for (uint32_t i = 0; i < r->views.n; ++i) {
    const stoa_view *const v = r->views.items[i];
    printf("view     %-20s %-7s %-10s %4u features  %s\n", v->name, v->kind == STOA_VIEW_WINDOW ? "window" : "query",
           v->entity->name, v->features.n, v->summary);
  }
  for (uint32_t i = 0; i < r->services.n; ++i) {
    const stoa_service *const s = &r->services.items[i];
    printf("service  %-20s         %-10s %4u features of %u views\n", s->name, s->entity->name, s->features.n,
           s->views.n);
  }
  return 0;
}

// Services are asked as they are; a view is a service of its own features.
static bool find_service(const stoa_registry *r, const char *name, stoa_arena *arena, stoa_service *out)
{
  const stoa_service *const service = stoa_registry_service(r, name);
  const stoa_view *const view = stoa_registry_view(r, name);
  if (service) {
    *out = *service;
  } else if (view) {
    const uint32_t first = 0;
    *out = (stoa_service){.name = view->name, .entity = view->entity};
    STOA_PUSH(arena, &out->views, view);
    for (uint32_t i = 0; i < view->features.n; ++i) {
      STOA_PUSH(arena, &out->features, &view->features.items[i]);
      STOA_PUSH(arena, &out->view_of, first);
    }
  }
  return service || view;
}

static int compute(stoa_engine *e, const char *name, stoa_slice *keys, uint32_t n_keys, uint32_t preview,
                   stoa_arena *arena, stoa_error *err)
{
  stoa_service service;
  stoa_context context;
  const stoa_layer *const layer = stoa_engine_layer(e);
  stoa_context_init(&context, stoa_engine_now(e));
  if (!find_service(layer->registry, name, arena, &service)) {
    const stoa_service *none;
    stoa_registry_need_service(layer->registry, name, &none, err);
    return stoa_cli_fail(err);
  }
  if (preview && stoa_view_keys(service.views.items[0], layer->project, preview, &context, arena, &keys, &n_keys,
                                err) != STOA_OK) {
    return stoa_cli_fail(err);
  }
  enum { AT_ONCE = 512 };
  for (uint32_t i = 0; i < n_keys; i += AT_ONCE) {
    const uint32_t n = n_keys - i < AT_ONCE ? n_keys - i : AT_ONCE;
    const stoa_term *values;
    if (stoa_features_compute(&service, keys + i, n, NULL, &context, arena, &values, err) != STOA_OK) {
      return stoa_cli_fail(err);
    }
    for (uint32_t k = 0; k < n; ++k) {
      print_vector(service.entity->key, keys[i + k], &service, values + (size_t)k * service.features.n);
    }
  }
  return 0;
}

int stoa_verb_features(stoa_args *args)
{
  const char *dir = ".", *limit = "5", *name = NULL;
  const char *const what = stoa_args_word(args);
  stoa_arena arena;
  stoa_error err = {0};
  stoa_faults faults = {0};
  stoa_engine *engine;
  STOA_LIST(stoa_slice) keys = {0};
  stoa_arena_init(&arena, 0);
  while (!stoa_args_end(args)) {
    if (stoa_args_option(args, "-C", &dir) || stoa_args_option(args, "--limit", &limit)) {
      continue;
    }
    const char *const word = stoa_args_word(args);
    if (!word) {
      stoa_arena_done(&arena);
      return stoa_cli_usage("features", "cannot take \"%s\"", stoa_args_current(args));
    }
    if (name) {
      STOA_PUSH(&arena, &keys, stoa_slice_of(word));
    }
    name = name ? name : word;
  }
  const bool lists = what && strcmp(what, "list") == 0, previews = what && strcmp(what, "preview") == 0,
             gets = what && strcmp(what, "get") == 0;
  const long n = strtol(limit, NULL, 10);
  if ((!lists && !previews && !gets) || (!lists && !name) || (gets && keys.n == 0) || n < 1 || n > 10000000) {
    stoa_arena_done(&arena);
    return stoa_cli_usage("features", gets ? "get takes a service or view and at least one key"
                                           : "list, preview NAME or get NAME KEY... expected");
  }
  int code = 0;
  if (stoa_engine_open(dir, STOA_ENGINE_READ, &faults, &engine, &err) != STOA_OK) {
    code = stoa_cli_fail(&err);
  } else {
    code = stoa_cli_faults(&faults);
    if (code == 0) {
      code = lists ? list(stoa_engine_layer(engine)->registry)
                   : compute(engine, name, keys.items, keys.n, previews ? (uint32_t)n : 0, &arena, &err);
    }
    stoa_engine_close(engine);
  }
  stoa_faults_done(&faults);
  stoa_arena_done(&arena);
  return code;
}
