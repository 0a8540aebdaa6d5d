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

// "b:Customer" with the prefixes of the file's `prefixes:` map, or an absolute IRI.
static const char *expand(stoa_registry *r, const stoa_yaml *root, const char *name)
{
  const char *const colon = strchr(name, ':');
  const stoa_yaml *const prefixes = stoa_yaml_find(root, "prefixes");
  if (colon && prefixes) {
    const char *const prefix = stoa_arena_copy(&r->arena, (stoa_slice){name, (size_t)(colon - name)});
    const char *const space = stoa_yaml_text(prefixes, prefix, NULL);
    return space ? stoa_arena_print(&r->arena, "%s%s", space, colon + 1) : name;
  }
  return name;
}

// What the engine tells of itself takes any IRI as a subject.
static bool makes(const stoa_leaf *leaf, const stoa_ctor *c, const stoa_template *iri)
{
  return strcmp(leaf->source->name, "state") != 0 && c->makes == STOA_TERM_IRI && c->kind != STOA_CTOR_CONSTANT &&
         (c->kind != STOA_CTOR_TEMPLATE || stoa_template_overlap(c->tmpl, iri));
}

// An entity whose IRIs no mapping makes has features that are silently empty.
static stoa_status check_iri(const stoa_registry *r, const stoa_entity *e, stoa_place place, stoa_error *err)
{
  const stoa_mapping *const m = &r->project->mapping;
  const stoa_leaves *const of_class = stoa_map_find(&m->by_class, stoa_slice_of(e->class_iri));
  for (uint32_t i = 0; i < m->all.n; ++i) {
    const stoa_leaf *const leaf = m->all.items[i];
    if (makes(leaf, &leaf->subject, e->iri) || makes(leaf, &leaf->object, e->iri)) {
      return STOA_OK;
    }
  }
  if (m->native || m->all.n == 0) {
    return STOA_OK;
  }
  const stoa_ctor *const subject = of_class && of_class->n ? &of_class->items[0]->subject : NULL;
  const char *const mapped = subject && subject->kind == STOA_CTOR_TEMPLATE ? subject->tmpl->pattern : NULL;
  return stoa_error_at(err, STOA_NOT_FOUND, place, "entity \"%s\": no mapping makes IRIs like \"%s\"%s%s%s", e->name,
                       e->iri->pattern, mapped ? "; those of its class are \"" : "", mapped ? mapped : "",
                       mapped ? "\"" : "");
}

static stoa_status check_class(stoa_registry *r, const stoa_entity *e, stoa_place place, stoa_error *err)
{
  const stoa_hierarchy *const h = &r->project->hierarchy;
  if (stoa_hierarchy_knows(h, e->class_iri)) {
    return STOA_OK;
  }
  const char *const near = stoa_hierarchy_nearest(h, e->class_iri, &r->arena);
  return stoa_error_at(err, STOA_NOT_FOUND, place, "entity \"%s\": class <%s> is not in the ontology%s%s%s", e->name,
                       e->class_iri, near ? "; did you mean <" : "", near ? near : "", near ? ">?" : "");
}

static stoa_status read_entity(stoa_registry *r, const stoa_yaml *root, const stoa_yaml *node, stoa_error *err)
{
  static const char *const keys[] = {"class", "key", "iri", NULL};
  static const char *const texts[] = {"class", "iri", NULL};
  STOA_TRY(stoa_yaml_known(node, keys, err));
  STOA_TRY(stoa_yaml_plain(node, texts, err));
  const stoa_yaml *const key = stoa_yaml_find(node, "key");
  const char *const class_name = stoa_yaml_text(node, "class", NULL);
  const char *const iri = stoa_yaml_text(node, "iri", NULL);
  if (!class_name || !iri || !key) {
    return stoa_error_at(err, STOA_BAD_ARG, node->key_place, "entity \"%s\" needs class, key and iri", node->key);
  }
  stoa_entity e = {.name = node->key, .class_iri = expand(r, root, class_name)};
  e.key = key->kind == STOA_YAML_LIST && key->n_items == 1 ? key->items[0].text : key->text;
  if (!e.key) {
    return stoa_error_at(err, STOA_UNSUPPORTED, key->place, "a composite key is not supported yet");
  }
  STOA_TRY(stoa_template_read(iri, r->project->base, true, &r->arena, &e.iri, err));
  if (e.iri->n_columns != 1 || strcmp(e.iri->columns[0], e.key) != 0) {
    return stoa_error_at(err, STOA_BAD_ARG, stoa_yaml_find(node, "iri")->place, "the IRI must hold {%s} once", e.key);
  }
  for (uint32_t i = 0; i < r->entities.n; ++i) {
    if (strcmp(r->entities.items[i].key, e.key) == 0) { // views name their entity by its key
      return stoa_error_at(err, STOA_EXISTS, key->place, "entity \"%s\" has the key \"%s\" already; name one otherwise",
                           r->entities.items[i].name, e.key);
    }
  }
  STOA_TRY(check_class(r, &e, stoa_yaml_find(node, "class")->place, err));
  STOA_TRY(check_iri(r, &e, stoa_yaml_find(node, "iri")->place, err));
  STOA_PUSH(&r->arena, &r->entities, e);
  return STOA_OK;
}

static stoa_status read_entities(stoa_registry *r, stoa_error *err)
{
  const stoa_yaml *root;
  STOA_TRY(read_yaml(r, "features/entities.yaml", &root, err));
  for (uint32_t i = 0; root && i < root->n_items; ++i) {
    if (strcmp(root->items[i].key, "prefixes") != 0) {
      STOA_TRY(read_entity(r, root, &root->items[i], err));
    }
  }
  return STOA_OK;
}

static void read_views(stoa_registry *r, stoa_faults *faults)
{
  stoa_file_names files = {0};
  stoa_error unread = {0};
  if (stoa_file_glob(r->project->dir, "features/*.rq", &r->arena, &files, &unread) != STOA_OK) {
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
    }
  }
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

// "view:*" or "view:feature"
static stoa_status add_features(stoa_registry *r, stoa_service *s, const stoa_yaml *node, stoa_error *err)
{
  const char *const text = node->text ? node->text : "";
  const char *const colon = strchr(text, ':');
  const char *const name =
    stoa_arena_copy(&r->arena, (stoa_slice){text, colon ? (size_t)(colon - text) : strlen(text)});
  const stoa_view *const view = stoa_registry_view(r, name);
  if (!view || !colon) {
    return stoa_error_at(err, STOA_NOT_FOUND, node->place,
                         view ? "write \"%s:*\" or \"%s:FEATURE\"" : "there is no feature view \"%s\"", name, name);
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
  return found ? STOA_OK
               : stoa_error_at(err, STOA_NOT_FOUND, node->place, "view %s has no feature \"%s\"", name, colon + 1);
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

static stoa_status read_service(stoa_registry *r, const stoa_yaml *node, stoa_error *err)
{
  static const char *const keys[] = {"name", "features", "precompute", "owner", NULL};
  static const char *const texts[] = {"name", "precompute", "owner", NULL};
  STOA_TRY(stoa_yaml_known(node, keys, err));
  STOA_TRY(stoa_yaml_plain(node, texts, err));
  const stoa_yaml *const list = stoa_yaml_find(node, "features");
  stoa_service s = {.name = stoa_yaml_text(node, "name", NULL)};
  if (!s.name || !list || list->kind != STOA_YAML_LIST || list->n_items == 0) {
    return stoa_error_at(err, STOA_BAD_ARG, node->place, "a service needs a name and a list of features");
  }
  if (stoa_registry_service(r, s.name)) {
    return stoa_error_at(err, STOA_EXISTS, stoa_yaml_find(node, "name")->place, "there is a service \"%s\" already",
                         s.name);
  }
  for (uint32_t i = 0; i < list->n_items; ++i) {
    STOA_TRY(add_features(r, &s, &list->items[i], err));
    STOA_TRY(check_once(&s, list->items[i].place, err));
  }
  STOA_PUSH(&r->arena, &r->services, s);
  return STOA_OK;
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
      stoa_faults_add(faults, &fault, false);
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

stoa_status stoa_registry_need_service(const stoa_registry *r, const char *name, const stoa_service **out,
                                       stoa_error *err)
{
  enum { MOST = 256 };
  const char *names[MOST];
  *out = stoa_registry_service(r, name);
  if (*out) {
    return STOA_OK;
  }
  const uint32_t n = r->services.n < MOST ? r->services.n : MOST;
  for (uint32_t i = 0; i < n; ++i) {
    names[i] = r->services.items[i].name;
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

stoa_status stoa_service_need(const stoa_service *s, stoa_slice name, uint32_t *out, stoa_error *err)
{
  const int found = stoa_service_find(s, name);
  if (found >= 0) {
    *out = (uint32_t)found;
    return STOA_OK;
  }
  char text[128];
  const char *best = NULL;
  snprintf(text, sizeof text, "%.*s", (int)(name.length < 100 ? name.length : 100), name.data);
  for (uint32_t i = 0; i < s->features.n && !best; ++i) {
    best = stoa_nearest(text, &s->features.items[i]->name, 1);
  }
  return stoa_error_set(err, STOA_NOT_FOUND, "unknown feature \"%s\" in service %s%s%s%s", text, s->name,
                        best ? "; did you mean \"" : "", best ? best : "", best ? "\"?" : "");
}
