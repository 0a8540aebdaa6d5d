// stoa features list | show: what there is, and all that is known of a view, a feature or a service.
#include "cli/cli.h"
#include "cli/features.h"
#include "cli/forward.h"
#include "cli/rows.h"
#include "features/lineage.h"
#include "features/version.h"
#include "graph/plan/explain.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  stoa_engine *engine;
  const char *purpose;
  stoa_arena *arena;
  stoa_buf out;
} show;

static const stoa_registry *registry_of(const show *s)
{
  return stoa_engine_layer(s->engine)->registry;
}

static const char *inside(const show *s, const char *file)
{
  const char *const dir = registry_of(s)->project->dir;
  const size_t n = strlen(dir);
  return strncmp(file, dir, n) == 0 && file[n] == '/' ? file + n + 1 : file;
}

int stoa_cli_list(stoa_engine *engine, stoa_arena *arena)
{
  const stoa_registry *const r = stoa_engine_layer(engine)->registry;
  stoa_error err = {0};
  for (uint32_t i = 0; i < r->views.n; ++i) {
    const stoa_view *const v = r->views.items[i];
    stoa_version version;
    char text[STOA_VERSION_DIGITS + 1];
    if (stoa_view_version(v, r->project, arena, &version, &err) != STOA_OK) {
      return stoa_cli_fail(&err);
    }
    stoa_version_write(version.all, text);
    printf("view     %-20s %-9s %-10s %4u features  %s  %s\n", v->name, stoa_view_kind_name(v), v->entity->name, v->features.n,
           text, v->summary);
  }
  for (uint32_t i = 0; i < r->services.n; ++i) {
    const stoa_service *const s = &r->services.items[i];
    printf("service  %-20s           %-10s %4u features of %u views\n", s->name, s->entity->name, s->features.n,
           s->views.n);
  }
  return 0;
}

static void line(show *s, const char *name, const char *text)
{
  if (text && text[0]) {
    stoa_buf_print(&s->out, "  %-11s %s\n", name, text);
  }
}

// ---- what a server keeps

// The number behind "stoa_LABEL_NAME{LABEL="WHICH"} " in a server's metrics; 0 where there is none.
static unsigned long long metric(const char *metrics, const char *name, const char *label, const char *which)
{
  char key[600];
  const char *const of = strcmp(label, "view") == 0 ? "feature" : label;
  snprintf(key, sizeof key, "\nstoa_%s_%s{%s=\"%s\"} ", of, name, label, which);
  const char *const at = strstr(metrics, key);
  return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

// Nothing is kept outside a server; of one that runs for this project its socket tells.
static void show_kept(show *s, const char *label, const char *which)
{
  const stoa_slice command[] = {stoa_slice_of("INFO"), stoa_slice_of("stats")};
  stoa_buf metrics = {0};
  stoa_error ignored = {0};
  const bool runs = stoa_forward_text(stoa_engine_dir(s->engine), command, 2, &metrics, &ignored) == STOA_OK;
  const char *const text = runs ? stoa_buf_string(&metrics) : "";
  stoa_buf_print(&s->out, "  %-11s %llu rows, %llu bytes%s\n", "kept", metric(text, "rows_kept", label, which),
                 metric(text, "rows_bytes", label, which), runs ? "" : " (no server runs)");
  stoa_buf_done(&metrics);
}

// ---- views

static stoa_status show_version(show *s, const stoa_view *v, stoa_error *err)
{
  stoa_version version;
  char all[STOA_VERSION_DIGITS + 1];
  STOA_TRY(stoa_view_version(v, registry_of(s)->project, s->arena, &version, err));
  stoa_version_write(version.all, all);
  line(s, "version", all);
  return STOA_OK;
}

static void show_purposes(show *s, const stoa_view *v)
{
  stoa_buf text = {0};
  for (uint32_t i = 0; i < v->purposes.n; ++i) {
    stoa_buf_print(&text, "%s%s", i ? ", " : "", v->purposes.items[i]);
  }
  line(s, "purposes", stoa_buf_string(&text));
  stoa_buf_done(&text);
}

static void show_features(show *s, const stoa_view *v, const stoa_feature *only)
{
  for (uint32_t i = 0; i < v->features.n; ++i) {
    const stoa_feature *const f = &v->features.items[i];
    if (only && f != only) {
      continue;
    }
    stoa_buf_print(&s->out, "  feature     %s: %s", f->name, f->word ? f->word : stoa_feature_type_name(f->type));
    if (stoa_term_is_bound(f->fallback)) {
      stoa_buf_text(&s->out, ", default ");
      stoa_term_write_lexical(f->fallback, &s->out);
    }
    stoa_buf_byte(&s->out, '\n');
  }
}

static void show_lineage(show *s, const stoa_view *v, const stoa_feature *only)
{
  stoa_lineage values = {0}, all = {0};
  for (uint32_t i = 0; i < v->features.n; ++i) {
    const stoa_feature *const f = &v->features.items[i];
    if (!only || f == only) {
      stoa_feature_lineage(v, f, s->arena, &values, &all);
    }
  }
  for (uint32_t i = 0; i < all.n; ++i) {
    const stoa_lineage_column *const c = &all.items[i];
    stoa_buf_print(&s->out, "  %-11s %s: %s.%s\n", stoa_lineage_has(&values, c) ? "made of" : "reads", c->source,
                   c->table, c->column);
  }
}

static void show_services(show *s, const stoa_view *v)
{
  stoa_buf text = {0};
  for (uint32_t i = 0; i < registry_of(s)->services.n; ++i) {
    const stoa_service *const service = &registry_of(s)->services.items[i];
    for (uint32_t k = 0; k < service->views.n; ++k) {
      if (service->views.items[k] == v) {
        stoa_buf_print(&text, "%s%s", text.length ? ", " : "", service->name);
      }
    }
  }
  line(s, "served in", stoa_buf_string(&text));
  stoa_buf_done(&text);
}

static stoa_status show_view(show *s, const stoa_view *v, const stoa_feature *only, stoa_error *err)
{
  stoa_buf_print(&s->out, "view %s\n", v->name);
  line(s, "summary", v->summary);
  line(s, "kind", stoa_view_kind_name(v));
  line(s, "entity", v->entity->name);
  line(s, "file", inside(s, v->file));
  line(s, "owner", v->owner);
  STOA_TRY(show_version(s, v, err));
  line(s, "time", v->time_name);
  line(s, "ttl", stoa_yaml_text(v->header, "ttl", NULL));
  line(s, "freshness", stoa_yaml_text(v->header, "freshness", "live"));
  line(s, "late", v->late);
  if (v->least_group) {
    stoa_buf_print(&s->out, "  %-11s %u\n", "min_group", v->least_group);
  }
  show_purposes(s, v);
  show_services(s, v);
  show_kept(s, "view", v->name);
  show_features(s, v, only);
  show_lineage(s, v, only);
  if (v->kind != STOA_VIEW_REQUEST) {
    stoa_buf_text(&s->out, "\n");
    stoa_plan_print(v->plan_one, true, &s->out);
  }
  return STOA_OK;
}

static stoa_status show_service(show *s, const stoa_service *service, stoa_error *err)
{
  stoa_buf_print(&s->out, "service %s\n", service->name);
  line(s, "entity", service->entity->name);
  line(s, "owner", service->owner);
  line(s, "purpose", service->purpose);
  line(s, "precompute", service->precompute ? "true" : NULL);
  show_kept(s, "service", service->name);
  for (uint32_t i = 0; i < service->views.n; ++i) {
    stoa_version version;
    char text[STOA_VERSION_DIGITS + 1];
    STOA_TRY(stoa_view_version(service->views.items[i], registry_of(s)->project, s->arena, &version, err));
    stoa_version_write(version.all, text);
    stoa_buf_print(&s->out, "  view        %s %s\n", service->views.items[i]->name, text);
  }
  for (uint32_t i = 0; i < service->features.n; ++i) {
    stoa_buf_print(&s->out, "  feature     %s\n", service->features.items[i]->name);
  }
  return STOA_OK;
}

// ---- an example

// A row of the first entity of the class; what may not be read, or needs more than a key, is told instead.
static void show_example(show *s, const stoa_service *service)
{
  stoa_context context;
  stoa_slice *keys;
  uint32_t n = 0;
  const stoa_term *values;
  const bool *known;
  stoa_error why = {0};
  stoa_context_init(&context, stoa_engine_now(s->engine));
  stoa_engine_limit(s->engine, &context);
  context.purpose = s->purpose;
  stoa_status status =
    stoa_view_keys(service->views.items[0], registry_of(s)->project, 1, &context, s->arena, &keys, &n, &why);
  if (status == STOA_OK && n) {
    status = stoa_features_find(service, keys, 1, NULL, &context, s->arena, &values, &known, &why);
  }
  if (status != STOA_OK || n == 0) {
    printf("\nno example: %s\n", n ? why.text : "there is no entity");
    return;
  }
  stoa_row_writer rows = {.format = STOA_ROWS_JSONL, .service = service};
  printf("\n");
  stoa_rows_write(&rows, keys, values, known, 1, s->arena);
}

static const stoa_view *view_of_feature(const stoa_registry *r, const char *name, const stoa_feature **out)
{
  for (uint32_t i = 0; i < r->views.n; ++i) {
    for (uint32_t k = 0; k < r->views.items[i]->features.n; ++k) {
      if (strcmp(r->views.items[i]->features.items[k].name, name) == 0) {
        *out = &r->views.items[i]->features.items[k];
        return r->views.items[i];
      }
    }
  }
  return NULL;
}

int stoa_cli_show(stoa_engine *engine, const char *name, const char *purpose, stoa_arena *arena)
{
  show s = {.engine = engine, .purpose = purpose, .arena = arena};
  stoa_error err = {0};
  const stoa_feature *feature = NULL;
  const stoa_view *const of_feature = view_of_feature(registry_of(&s), name, &feature);
  const stoa_view *const view = of_feature ? of_feature : stoa_registry_view(registry_of(&s), name);
  const stoa_service *service = NULL;
  stoa_status status = stoa_registry_need_service(registry_of(&s), view ? view->name : name, &service, &err);
  if (status == STOA_OK) {
    status = view ? show_view(&s, view, feature, &err) : show_service(&s, service, &err);
  }
  if (status == STOA_OK) {
    fwrite(s.out.data, 1, s.out.length, stdout);
    show_example(&s, service);
  }
  stoa_buf_done(&s.out);
  return status == STOA_OK ? 0 : stoa_cli_fail(&err);
}
