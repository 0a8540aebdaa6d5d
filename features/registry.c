// The registry: entities, views and services of a project, read once.
#include "features/feature.h"
#include "graph/base/file.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static stoa_status read_yaml(stoa_registry *r, const char *name, const stoa_yaml **out, stoa_error *err)
{
  const char *const path = stoa_file_join(&r->arena, r->project->dir, name);
  stoa_slice text;
  *out = NULL;
  if (access(path, F_OK) != 0 && errno == ENOENT) {
    return STOA_OK;
  }
  STOA_TRY(stoa_file_read(path, &r->arena, &text, err));
  return stoa_yaml_read(text, path, 1, &r->arena, out, err);
}

static stoa_status read_entities(stoa_registry *r, stoa_error *err)
{
  const stoa_yaml *root;
  STOA_TRY(read_yaml(r, "features/entities.yaml", &root, err));
  return stoa_entities_read(r, root, err);
}

// The names that a view may have which could not be read: its file's, and what its header says.
static void note_faulty(stoa_registry *r, const char *path)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  const char *const slash = strrchr(path, '/'), *const file = slash ? slash + 1 : path;
  const char *const stem = stoa_arena_copy(&r->arena, (stoa_slice){file, strcspn(file, ".")});
  stoa_error unread = {0};
  stoa_slice text;
  STOA_PUSH(&r->arena, &r->faulty, stem);
  if (stoa_file_read(path, &r->arena, &text, &unread) == STOA_OK) {
    const char *const whole = stoa_arena_copy(&r->arena, text), *const key = strstr(whole, "name:");
    const char *const value = key ? key + 5 + strspn(key + 5, " \"'") : "";
    const char *const name = stoa_arena_copy(&r->arena, (stoa_slice){value, strspn(value, letters)});
    STOA_PUSH(&r->arena, &r->faulty, name);
  }
}

static void read_views(stoa_registry *r, stoa_faults *faults)
{
  stoa_file_names files = {0};
  stoa_error unread = {0};
  if (stoa_file_glob(r->project->dir, "features/*.rq", &r->arena, &files, &unread) != STOA_OK ||
      stoa_file_glob(r->project->dir, "features/*.sql", &r->arena, &files, &unread) != STOA_OK) {
    stoa_faults_add(faults, &unread, false);
  }
  for (uint32_t i = 0; i < files.n; ++i) {
    stoa_error fault = {0};
    stoa_view *view;
    stoa_status status = stoa_view_read(files.items[i], r, &view, &fault);
    if (status == STOA_OK && stoa_registry_view(r, view->name)) {
      status =
        stoa_error_at(&fault, STOA_EXISTS, (stoa_place){files.items[i], 1, 1},
                      "a view \"%s\" is declared already in %s", view->name, stoa_registry_view(r, view->name)->file);
    }
    if (status == STOA_OK) {
      STOA_PUSH(&r->arena, &r->views, view);
    } else {
      if (!fault.where[0]) {
        snprintf(fault.where, sizeof fault.where, "%s", files.items[i]);
        fault.line = 1;
      }
      stoa_faults_add(faults, &fault, false);
      note_faulty(r, files.items[i]);
    }
  }
}

// What request views read stands in any file.
static void resolve_views(stoa_registry *r, stoa_faults *faults)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < r->views.n; ++i) {
    stoa_view *const view = r->views.items[i];
    stoa_error fault = {0};
    if (view->kind != STOA_VIEW_REQUEST || stoa_request_resolve(view, r, &fault) == STOA_OK) {
      r->views.items[n++] = view;
    } else {
      stoa_faults_add(faults, &fault, false);
      STOA_PUSH(&r->arena, &r->faulty, view->name);
    }
  }
  r->views.n = n;
}

// True when a service lists features of a view that has a fault of its own, and so is not there either.
static bool follows_fault(stoa_registry *r, const stoa_yaml *list)
{
  for (uint32_t i = 0; i < list->n_items; ++i) {
    const char *const text = list->items[i].text ? list->items[i].text : "";
    if (stoa_registry_is_faulty(r, stoa_arena_copy(&r->arena, (stoa_slice){text, strcspn(text, ":")}))) {
      return true;
    }
  }
  return false;
}

static void add_feature(stoa_registry *r, stoa_service *s, const stoa_view *view, const stoa_feature *feature)
{
  uint32_t v = 0;
  while (v < s->views.n && s->views.items[v] != view) {
    ++v;
  }
  if (v == s->views.n) {
    STOA_PUSH(&r->arena, &s->views, view);
  }
  STOA_PUSH(&r->arena, &s->features, feature);
  STOA_PUSH(&r->arena, &s->view_of, v);
}

static stoa_status refuse_feature(stoa_registry *r, const stoa_view *view, const char *name, stoa_place place,
                                  stoa_error *err)
{
  const char **const names = STOA_NEWS(&r->arena, const char *, view->features.n + 1);
  for (uint32_t i = 0; i < view->features.n; ++i) {
    names[i] = view->features.items[i].name + strlen(view->name) + 2;
  }
  const char *const near = stoa_nearest(name, names, view->features.n);
  return stoa_error_at(err, STOA_NOT_FOUND, place, "view %s has no feature \"%s\"%s%s%s", view->name, name,
                       near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

// "view:*" or "view:feature"
static stoa_status add_features(stoa_registry *r, stoa_service *s, const stoa_yaml *node, stoa_error *err)
{
  const char *const text = node->text ? node->text : "";
  const char *const colon = strchr(text, ':');
  const char *const name =
    stoa_arena_copy(&r->arena, (stoa_slice){text, colon ? (size_t)(colon - text) : strlen(text)});
  const stoa_view *const view = stoa_registry_view(r, name);
  if (view && !colon) {
    return stoa_error_at(err, STOA_NOT_FOUND, node->place, "write \"%s:*\" or \"%s:FEATURE\"", name, name);
  }
  if (!view) {
    const char **const names = STOA_NEWS(&r->arena, const char *, r->views.n + 1);
    for (uint32_t i = 0; i < r->views.n; ++i) {
      names[i] = r->views.items[i]->name;
    }
    const char *const near = stoa_nearest(name, names, r->views.n);
    return stoa_error_at(err, STOA_NOT_FOUND, node->place, "there is no feature view \"%s\"%s%s%s", name,
                         near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
  }
  if (s->entity && view->entity != s->entity) {
    return stoa_error_at(err, STOA_CONFLICT, node->place, "view %s is of entity %s, the service of %s", name,
                         view->entity->name, s->entity->name);
  }
  s->entity = view->entity;
  bool found = false;
  for (uint32_t i = 0; i < view->features.n; ++i) {
    const stoa_feature *const f = &view->features.items[i];
    if (strcmp(colon + 1, "*") == 0 || strcmp(f->name + strlen(view->name) + 2, colon + 1) == 0) {
      add_feature(r, s, view, f);
      found = true;
    }
  }
  return found ? STOA_OK : refuse_feature(r, view, colon + 1, node->place, err);
}

// "view:*" and "view:feature" beside each other would make one feature two columns of one name.
static stoa_status check_once(const stoa_service *s, stoa_place place, stoa_error *err)
{
  for (uint32_t i = 0; i < s->features.n; ++i) {
    for (uint32_t k = 0; k < i; ++k) {
      if (s->features.items[i] == s->features.items[k]) {
        return stoa_error_at(err, STOA_EXISTS, place, "service %s has the feature %s twice", s->name,
                             s->features.items[i]->name);
      }
    }
  }
  return STOA_OK;
}

// Rows that are made ahead have to be kept.
static stoa_status read_precompute(stoa_service *s, const stoa_yaml *node, stoa_error *err)
{
  const char *const word = node ? node->text : "false";
  s->precompute = strcmp(word, "true") == 0;
  if (!s->precompute && strcmp(word, "false") != 0) {
    return stoa_error_at(err, STOA_BAD_ARG, node->place, "\"precompute\" is true or false");
  }
  for (uint32_t i = 0; s->precompute && i < s->views.n; ++i) {
    if (!s->views.items[i]->fresh_us && s->views.items[i]->kind != STOA_VIEW_REQUEST) {
      return stoa_error_at(err, STOA_BAD_ARG, node->place,
                           "service %s cannot be computed ahead: view %s keeps no rows; say how old they may be by its "
                           "\"freshness\"",
                           s->name, s->views.items[i]->name);
    }
  }
  return STOA_OK;
}

static stoa_status read_service(stoa_registry *r, const stoa_yaml *node, stoa_error *err)
{
  static const char *const keys[] = {"name", "features", "precompute", "owner", "purpose", NULL};
  static const char *const texts[] = {"name", "precompute", "owner", "purpose", NULL};
  STOA_TRY(stoa_yaml_known(node, keys, err));
  STOA_TRY(stoa_yaml_plain(node, texts, err));
  const stoa_yaml *const list = stoa_yaml_find(node, "features");
  const stoa_yaml *const purpose = stoa_yaml_find(node, "purpose");
  stoa_service s = {.name = stoa_yaml_text(node, "name", NULL),
                    .owner = stoa_yaml_text(node, "owner", ""),
                    .purpose = purpose ? purpose->text : NULL};
  if (s.purpose && !s.purpose[0]) {
    return stoa_error_at(err, STOA_BAD_ARG, purpose->place, "\"purpose\" is one word, such as credit");
  }
  if (!s.name || !list || list->kind != STOA_YAML_LIST || list->n_items == 0) {
    return stoa_error_at(err, STOA_BAD_ARG, node->place, "a service needs a name and a list of features");
  }
  STOA_TRY(stoa_yaml_name(s.name, "the service", stoa_yaml_find(node, "name")->place, err));
  if (stoa_registry_service(r, s.name)) {
    return stoa_error_at(err, STOA_EXISTS, stoa_yaml_find(node, "name")->place, "there is a service \"%s\" already",
                         s.name);
  }
  if (follows_fault(r, list)) {
    STOA_PUSH(&r->arena, &r->faulty, s.name);
    return STOA_OK;
  }
  for (uint32_t i = 0; i < list->n_items; ++i) {
    STOA_TRY(add_features(r, &s, &list->items[i], err));
    STOA_TRY(check_once(&s, list->items[i].place, err));
  }
  STOA_TRY(stoa_service_check_purpose(&s, purpose ? purpose->place : node->place, err));
  STOA_TRY(read_precompute(&s, stoa_yaml_find(node, "precompute"), err));
  STOA_PUSH(&r->arena, &r->services, s);
  return STOA_OK;
}

static void make_services_of_views(stoa_registry *r)
{
  for (uint32_t i = 0; i < r->views.n; ++i) {
    const stoa_view *const view = r->views.items[i];
    stoa_service s = {.name = view->name, .owner = view->owner, .entity = view->entity};
    for (uint32_t k = 0; k < view->features.n; ++k) {
      add_feature(r, &s, view, &view->features.items[k]);
    }
    STOA_PUSH(&r->arena, &r->of_views, s);
  }
}

static void note_change(stoa_registry *r)
{
  static const char *const files[] = {"features/entities.yaml", "features/services.yaml"};
  for (int i = 0; i < 2; ++i) {
    const int64_t us = stoa_file_changed(stoa_file_join(&r->arena, r->project->dir, files[i]));
    r->changed_us = us > r->changed_us ? us : r->changed_us;
  }
  for (uint32_t i = 0; i < r->views.n; ++i) {
    const int64_t us = r->views.items[i]->changed_us;
    r->changed_us = us > r->changed_us ? us : r->changed_us;
  }
}

static stoa_status read_services(stoa_registry *r, stoa_faults *faults, stoa_error *err)
{
  static const char *const keys[] = {"services", NULL};
  const stoa_yaml *root;
  STOA_TRY(read_yaml(r, "features/services.yaml", &root, err));
  if (!root) {
    return STOA_OK;
  }
  STOA_TRY(stoa_yaml_known(root, keys, err));
  const stoa_yaml *const list = stoa_yaml_find(root, "services");
  if (list && list->kind != STOA_YAML_LIST && (list->kind != STOA_YAML_MAP || list->n_items)) {
    return stoa_error_at(err, STOA_BAD_ARG, list->place, "\"services\" is a list of {name: ..., features: [...]}");
  }
  for (uint32_t i = 0; list && i < list->n_items; ++i) {
    stoa_error fault = {0};
    if (read_service(r, &list->items[i], &fault) != STOA_OK) {
      const char *const name = stoa_yaml_text(&list->items[i], "name", NULL);
      stoa_faults_add(faults, &fault, false);
      if (name) {
        STOA_PUSH(&r->arena, &r->faulty, name);
      }
    }
  }
  return STOA_OK;
}

stoa_status stoa_registry_open(const stoa_project *project, stoa_faults *faults, stoa_registry **out, stoa_error *err)
{
  stoa_registry *const r = calloc(1, sizeof *r);
  if (!r) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the feature registry");
  }
  stoa_arena_init(&r->arena, 0);
  r->project = project;
  stoa_status status = read_entities(r, err);
  if (status == STOA_OK) {
    read_views(r, faults);
    resolve_views(r, faults);
    make_services_of_views(r);
    note_change(r);
    status = read_services(r, faults, err);
  }
  if (status != STOA_OK) {
    stoa_registry_free(r);
    return status;
  }
  *out = r;
  return STOA_OK;
}

void stoa_registry_free(stoa_registry *r)
{
  if (r) {
    stoa_arena_done(&r->arena);
    free(r);
  }
}

bool stoa_registry_is_faulty(const stoa_registry *r, const char *name)
{
  for (uint32_t i = 0; i < r->faulty.n; ++i) {
    if (strcmp(r->faulty.items[i], name) == 0) {
      return true;
    }
  }
  return false;
}

const stoa_entity *stoa_registry_entity(const stoa_registry *r, const char *name)
{
  for (uint32_t i = 0; i < r->entities.n; ++i) {
    if (strcmp(r->entities.items[i].name, name) == 0) {
      return &r->entities.items[i];
    }
  }
  return NULL;
}

const stoa_view *stoa_registry_view(const stoa_registry *r, const char *name)
{
  for (uint32_t i = 0; i < r->views.n; ++i) {
    if (strcmp(r->views.items[i]->name, name) == 0) {
      return r->views.items[i];
    }
  }
  return NULL;
}

const stoa_service *stoa_registry_service(const stoa_registry *r, const char *name)
{
  for (uint32_t i = 0; i < r->services.n; ++i) {
    if (strcmp(r->services.items[i].name, name) == 0) {
      return &r->services.items[i];
    }
  }
  return NULL;
}

static const stoa_service *service_of_view(const stoa_registry *r, const char *name)
{
  for (uint32_t i = 0; i < r->of_views.n; ++i) {
    if (strcmp(r->of_views.items[i].name, name) == 0) {
      return &r->of_views.items[i];
    }
  }
  return NULL;
}

stoa_status stoa_registry_need_service(const stoa_registry *r, const char *name, const stoa_service **out,
                                       stoa_error *err)
{
  enum { MOST = 256 };
  const char *names[MOST];
  uint32_t n = 0;
  const stoa_service *const service = stoa_registry_service(r, name), *const view = service_of_view(r, name);
  if (service || view) {
    *out = service ? service : view;
    return STOA_OK;
  }
  for (uint32_t i = 0; i < r->services.n && n < MOST; ++i) {
    names[n++] = r->services.items[i].name;
  }
  for (uint32_t i = 0; i < r->of_views.n && n < MOST; ++i) {
    names[n++] = r->of_views.items[i].name;
  }
  const char *const near = stoa_nearest(name, names, n);
  return stoa_error_set(err, STOA_NOT_FOUND, "unknown feature service \"%s\"%s%s%s", name,
                        near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

int stoa_service_find(const stoa_service *s, stoa_slice name)
{
  for (uint32_t i = 0; i < s->features.n; ++i) {
    if (stoa_slice_is(name, s->features.items[i]->name)) {
      return (int)i;
    }
  }
  return -1;
}

static const char *nearest_feature(const stoa_service *s, const char *name)
{
  enum { MOST = 1024 };
  const char *names[MOST];
  uint32_t n = 0;
  for (; n < s->features.n && n < MOST; ++n) {
    names[n] = s->features.items[n]->name;
  }
  return stoa_nearest(name, names, n);
}

stoa_status stoa_service_need(const stoa_service *s, stoa_slice name, uint32_t *out, stoa_error *err)
{
  const int found = stoa_service_find(s, name);
  if (found >= 0) {
    *out = (uint32_t)found;
    return STOA_OK;
  }
  char text[128];
  snprintf(text, sizeof text, "%.*s", (int)(name.length < 100 ? name.length : 100), name.data);
  const char *const best = nearest_feature(s, text);
  return stoa_error_set(err, STOA_NOT_FOUND, "unknown feature \"%s\" in service %s%s%s%s", text, s->name,
                        best ? "; did you mean \"" : "", best ? best : "", best ? "\"?" : "");
}
