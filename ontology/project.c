#include "ontology/project.h"
#include "graph/base/file.h"
#include "graph/base/iri.h"
#include "graph/plan/plans.h"
#include "graph/term/vocab.h"
#include "ontology/claims.h"
#include <stdlib.h>
#include <sys/stat.h>

static const char *const project_keys[] = {"project",  "base",   "sources", "ontology",  "data",     "listen", "state",
                                           "security", "events", "limits",  "endpoints", "timezone", "samples", NULL};
static const char *const project_texts[] = {"project", "base", "timezone", NULL};
static const char *const project_maps[] = {"sources", "listen", "state", "security", "events", "limits", "samples", NULL};
static const char *const source_keys[] = {"driver", "address", "mappings", "keys", "foreign_keys", NULL};

stoa_status stoa_project_config(const char *dir, stoa_arena *arena, const stoa_yaml **out, stoa_error *err)
{
  const char *const path = stoa_file_join(arena, dir, "stoa.yaml");
  stoa_slice text;
  struct stat info;
  if (stat(path, &info) != 0) {
    return stoa_error_at(err, STOA_NOT_FOUND, (stoa_place){path, 0, 0},
                         "no such file; is %s a project folder? (stoa init DIR makes one)", dir);
  }
  STOA_TRY(stoa_file_read(path, arena, &text, err));
  STOA_TRY(stoa_yaml_read(text, path, 1, arena, out, err));
  STOA_TRY(stoa_yaml_known(*out, project_keys, err));
  STOA_TRY(stoa_yaml_plain(*out, project_texts, err));
  for (size_t i = 0; project_maps[i]; ++i) {
    const stoa_yaml *const node = stoa_yaml_find(*out, project_maps[i]);
    if (node && node->kind != STOA_YAML_MAP) {
      return stoa_error_at(err, STOA_BAD_SYNTAX, node->place, "\"%s\" is a map of names", project_maps[i]);
    }
  }
  return STOA_OK;
}

stoa_status stoa_project_timezone(const stoa_yaml *config, stoa_arena *arena, stoa_zone *out, stoa_error *err)
{
  const stoa_yaml *const node = stoa_yaml_find(config, "timezone");
  stoa_error fault = {0};
  const stoa_status status = stoa_zone_read(node ? node->text : "UTC", arena, out, &fault);
  return status == STOA_OK ? STOA_OK : stoa_error_at(err, status, node->place, "%s", fault.text);
}

// The items of a list; one text is a list of one.
static uint32_t items_of(const stoa_yaml *list, const stoa_yaml **items)
{
  *items = list && list->kind == STOA_YAML_SCALAR ? list : list ? list->items : NULL;
  return !list ? 0 : list->kind == STOA_YAML_SCALAR ? 1 : list->n_items;
}

static stoa_status list_item(const stoa_project *p, const stoa_yaml *item, stoa_arena *arena, stoa_file_names *out,
                             stoa_error *err)
{
  const uint32_t before = out->n;
  if (item->kind != STOA_YAML_SCALAR) {
    return stoa_error_at(err, STOA_BAD_SYNTAX, item->place, "a file, or a pattern such as ontology/*.ttl, is wanted");
  }
  stoa_error fault = {0};
  if (stoa_file_glob(p->dir, item->text, arena, out, &fault) != STOA_OK) {
    return stoa_error_at(err, fault.status, item->place, "\"%s\": %s", item->text, fault.text);
  }
  return out->n == before && !strchr(item->text, '*')
           ? stoa_error_at(err, STOA_NOT_FOUND, item->place, "no file \"%s\"", item->text)
           : STOA_OK;
}

static void list_files(const stoa_project *p, const stoa_yaml *list, stoa_arena *arena, stoa_file_names *out,
                       stoa_faults *faults)
{
  const stoa_yaml *items;
  const uint32_t n = items_of(list, &items);
  for (uint32_t i = 0; i < n; ++i) {
    stoa_error err = {0};
    if (list_item(p, &items[i], arena, out, &err) != STOA_OK) {
      stoa_faults_add(faults, &err, false);
    }
  }
}

static void load_model(stoa_model *model, const stoa_file_names *files, const char *base, stoa_faults *faults)
{
  for (uint32_t i = 0; i < files->n; ++i) {
    stoa_error err = {0};
    if (stoa_model_load(model, files->items[i], base, &err) != STOA_OK) {
      stoa_faults_add(faults, &err, false);
    }
  }
}

static void read_ontology(stoa_project *p, stoa_faults *faults)
{
  stoa_file_names files = {0};
  p->ontology = stoa_model_new();
  list_files(p, stoa_yaml_find(p->config, "ontology"), &p->arena, &files, faults);
  load_model(p->ontology, &files, p->base, faults);
  stoa_hierarchy_read(&p->hierarchy, p->ontology, &p->arena);
  p->mapping.hierarchy = &p->hierarchy;
}

static stoa_status open_source(stoa_project *p, const stoa_yaml *node, stoa_project_source *out, stoa_error *err)
{
  static const char *const texts[] = {"driver", "address", NULL};
  STOA_TRY(stoa_yaml_known(node, source_keys, err));
  STOA_TRY(stoa_yaml_plain(node, texts, err));
  STOA_TRY(stoa_yaml_name(node->key, "the source", node->key_place, err));
  const char *const driver = stoa_yaml_text(node, "driver", NULL);
  const char *const address = stoa_yaml_text(node, "address", NULL);
  if (!driver || !address) {
    return stoa_error_at(err, STOA_BAD_ARG, node->key_place, "source %s needs a driver and an address", node->key);
  }
  const bool is_file = strcmp(driver, "sqlite") == 0 || strcmp(driver, "csv") == 0;
  stoa_error fault = {0};
  out->name = node->key;
  const stoa_status status = stoa_source_open(
    driver, node->key, is_file ? stoa_file_join(&p->arena, p->dir, address) : address, &out->source, &fault);
  if (status == STOA_BAD_ARG) {
    return stoa_error_at(err, STOA_BAD_MAPPING, stoa_yaml_find(node, "driver")->place, "%s", fault.text);
  }
  if (status != STOA_OK) {
    *err = fault;
    return status;
  }
  STOA_PUSH(&p->arena, &p->sources, *out);
  STOA_TRY(out->source->klass->describe(out->source, &p->arena, &out->catalog, err));
  p->sources.items[p->sources.n - 1].catalog = out->catalog;
  return stoa_claims_read(&p->mapping, node, out->source, out->catalog, err);
}

static void map_source(stoa_project *p, const stoa_project_source *source, stoa_model *model, stoa_faults *faults)
{
  stoa_mapping_add(&p->mapping, model, source->source, source->catalog, p->base, &p->hierarchy, faults);
}

static stoa_status read_source(stoa_project *p, const stoa_yaml *node, stoa_faults *faults, stoa_error *err)
{
  stoa_project_source source = {0};
  stoa_file_names files = {0};
  STOA_TRY(open_source(p, node, &source, err));
  stoa_model *const model = stoa_model_new();
  list_files(p, stoa_yaml_find(node, "mappings"), &p->arena, &files, faults);
  load_model(model, &files, p->base, faults);
  map_source(p, &source, model, faults);
  stoa_model_free(model);
  return STOA_OK;
}

static stoa_status read_own(stoa_project *p, const stoa_own_source *own, stoa_faults *faults, stoa_error *err)
{
  stoa_project_source source = {.name = own->name};
  stoa_hierarchy open = p->hierarchy;
  STOA_TRY(stoa_source_sqlite_new(own->name, own->file, &source.source, err));
  STOA_PUSH(&p->arena, &p->sources, source);
  STOA_TRY(source.source->klass->describe(source.source, &p->arena, &source.catalog, err));
  p->sources.items[p->sources.n - 1].catalog = source.catalog;
  stoa_model *const model = stoa_model_new();
  STOA_TRY(stoa_model_load_text(model, stoa_slice_of(own->mapping), "(the state's mapping)", p->base, err));
  open.declared = (stoa_map){0}; // the engine's own vocabulary needs no declaration
  stoa_mapping_add(&p->mapping, model, source.source, source.catalog, p->base, &open, faults);
  stoa_model_free(model);
  return STOA_OK;
}

// Reference data is saturated when it is loaded, as mappings are.
typedef struct {
  stoa_project *project;
  stoa_arena arena;
} reference;

static void add_classes(stoa_project *p, stoa_term subject, const char *class, stoa_term graph)
{
  const stoa_iris *const above = stoa_hierarchy_classes(&p->hierarchy, class);
  for (uint32_t i = 0; i < above->n; ++i) {
    stoa_source_native_add(p->native, subject, stoa_term_iri(stoa_slice_of(STOA_RDF_TYPE)),
                           stoa_term_iri(stoa_slice_of(above->items[i])), graph);
  }
}

static void add_property(stoa_project *p, stoa_term subject, const char *property, stoa_term object, stoa_term graph)
{
  const stoa_iris *const domain = stoa_hierarchy_domain(&p->hierarchy, property), *const range = stoa_hierarchy_range(
                                                                                    &p->hierarchy, property);
  stoa_source_native_add(p->native, subject, stoa_term_iri(stoa_slice_of(property)), object, graph);
  for (uint32_t i = 0; domain && i < domain->n; ++i) {
    add_classes(p, subject, domain->items[i], graph);
  }
  for (uint32_t i = 0; range && i < range->n && !stoa_term_is_literal(object); ++i) {
    add_classes(p, object, range->items[i], graph);
  }
}

static void take_reference(const stoa_statement *st, void *data)
{
  reference *const r = data;
  stoa_project *const p = r->project;
  stoa_arena_reset(&r->arena);
  const char *const predicate = stoa_arena_copy(&r->arena, stoa_term_text(st->predicate));
  stoa_source_native_add(p->native, st->subject, st->predicate, st->object, st->graph);
  if (strcmp(predicate, STOA_RDF_TYPE) == 0 && stoa_term_is_iri(st->object)) {
    add_classes(p, st->subject, stoa_arena_copy(&r->arena, stoa_term_text(st->object)), st->graph);
    return;
  }
  const stoa_iris *const above = stoa_hierarchy_properties(&p->hierarchy, predicate);
  for (uint32_t i = 0; i < above->n; ++i) {
    add_property(p, st->subject, above->items[i], st->object, st->graph);
    const stoa_iris *const inverses = stoa_hierarchy_inverses(&p->hierarchy, above->items[i]);
    for (uint32_t k = 0; inverses && k < inverses->n && !stoa_term_is_literal(st->object); ++k) {
      const stoa_iris *const wider = stoa_hierarchy_properties(&p->hierarchy, inverses->items[k]);
      for (uint32_t j = 0; j < wider->n; ++j) {
        add_property(p, st->object, wider->items[j], st->subject, st->graph);
      }
    }
  }
}

static stoa_status read_data(stoa_project *p, stoa_faults *faults, stoa_error *err)
{
  stoa_file_names files = {0};
  list_files(p, stoa_yaml_find(p->config, "data"), &p->arena, &files, faults);
  if (files.n == 0) {
    return STOA_OK;
  }
  p->native = stoa_source_native_new("data");
  p->mapping.native = p->native;
  reference r = {.project = p};
  stoa_arena_init(&r.arena, 0);
  for (uint32_t i = 0; i < files.n; ++i) {
    stoa_error fault = {0};
    if (stoa_rdf_read(files.items[i], p->base, take_reference, &r, &fault) != STOA_OK) {
      stoa_faults_add(faults, &fault, false);
    }
  }
  stoa_arena_done(&r.arena);
  stoa_source_native_finish(p->native);
  (void)err;
  return STOA_OK;
}

static stoa_status read_project(stoa_project *p, const stoa_own_source *own, stoa_faults *faults, stoa_error *err)
{
  STOA_TRY(stoa_project_config(p->dir, &p->arena, &p->config, err));
  p->file = stoa_file_join(&p->arena, p->dir, "stoa.yaml");
  p->name = stoa_yaml_text(p->config, "project", "project");
  p->base = stoa_yaml_text(p->config, "base", NULL);
  if (stoa_yaml_find(p->config, "project")) {
    STOA_TRY(stoa_yaml_name(p->name, "the project", stoa_yaml_find(p->config, "project")->place, err));
  }
  if (!p->base) {
    return stoa_error_at(err, STOA_BAD_ARG, (stoa_place){p->file, 1, 1},
                         "needs \"base:\", the IRI that relative IRIs start with");
  }
  if (!stoa_iri_is_absolute(stoa_slice_of(p->base)) || !stoa_iri_is_clean(stoa_slice_of(p->base))) {
    return stoa_error_at(err, STOA_BAD_MAPPING, stoa_yaml_find(p->config, "base")->place,
                         "base \"%s\" is no absolute IRI; write a scheme before it, as in https://%s/", p->base,
                         p->base);
  }
  STOA_TRY(stoa_project_timezone(p->config, &p->arena, &p->timezone, err));
  stoa_mapping_init(&p->mapping, &p->arena);
  p->mapping.rewriter.plans = stoa_plans_new();
  read_ontology(p, faults);
  const stoa_yaml *const sources = stoa_yaml_find(p->config, "sources");
  for (uint32_t i = 0; sources && i < sources->n_items; ++i) {
    STOA_TRY(read_source(p, &sources->items[i], faults, err));
  }
  if (own) {
    STOA_TRY(read_own(p, own, faults, err));
  }
  return read_data(p, faults, err);
}

stoa_status stoa_project_open(const char *dir, const stoa_own_source *own, stoa_faults *faults, stoa_project **out,
                              stoa_error *err)
{
  stoa_project *const p = calloc(1, sizeof *p);
  if (!p) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a project");
  }
  stoa_arena_init(&p->arena, 0);
  p->dir = stoa_arena_copy(&p->arena, stoa_slice_of(dir));
  const stoa_status status = read_project(p, own, faults, err);
  if (status != STOA_OK) {
    stoa_project_free(p);
    return status;
  }
  *out = p;
  return STOA_OK;
}

void stoa_project_free(stoa_project *p)
{
  if (!p) {
    return;
  }
  stoa_plans_free(p->mapping.rewriter.plans);
  for (uint32_t i = 0; i < p->sources.n; ++i) {
    stoa_source_free(p->sources.items[i].source);
  }
  stoa_source_free(p->native);
  stoa_model_free(p->ontology);
  stoa_arena_done(&p->arena);
  free(p);
}
