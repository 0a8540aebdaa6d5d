// The registry as RDF: entities, views, features and services, with the columns that features are made of.
#include "features/catalog.h"
#include "features/lineage.h"
#include "graph/term/vocab.h"

#define RDFS_CLASS STOA_RDFS "Class"
#define RDF_PROPERTY STOA_RDF "Property"

// Each word of ours, so that a query that misspells one is warned and one that nothing uses is not; the ontology file
// (ontology/vocab/registry.ttl) says what they mean, and tests/e2e/registry.sh that the two agree.
static const struct {
  const char *word, *kind;
} words[] = {
  {STOA_NS "Entity", RDFS_CLASS},          {STOA_NS "FeatureView", RDFS_CLASS},
  {STOA_NS "Feature", RDFS_CLASS},         {STOA_NS "FeatureService", RDFS_CLASS},
  {STOA_NS "Policy", RDFS_CLASS},          {STOA_NS "Source", RDFS_CLASS},
  {STOA_NS "Table", RDFS_CLASS},           {STOA_NS "Column", RDFS_CLASS},
  {STOA_NS "ofClass", RDF_PROPERTY},       {STOA_NS "joinKey", RDF_PROPERTY},
  {STOA_NS "iriTemplate", RDF_PROPERTY},   {STOA_NS "entity", RDF_PROPERTY},
  {STOA_NS "kind", RDF_PROPERTY},          {STOA_NS "owner", RDF_PROPERTY},
  {STOA_NS "purpose", RDF_PROPERTY},       {STOA_NS "freshness", RDF_PROPERTY},
  {STOA_NS "minGroup", RDF_PROPERTY},      {STOA_NS "late", RDF_PROPERTY},
  {STOA_NS "ttl", RDF_PROPERTY},           {STOA_NS "tag", RDF_PROPERTY},
  {STOA_NS "input", RDF_PROPERTY},         {STOA_NS "readsClass", RDF_PROPERTY},
  {STOA_NS "readsProperty", RDF_PROPERTY}, {STOA_NS "featureOf", RDF_PROPERTY},
  {STOA_NS "datatype", RDF_PROPERTY},      {STOA_NS "default", RDF_PROPERTY},
  {STOA_NS "aggregate", RDF_PROPERTY},     {STOA_NS "window", RDF_PROPERTY},
  {STOA_NS "slot", RDF_PROPERTY},          {STOA_NS "readsColumn", RDF_PROPERTY},
  {STOA_NS "dimensions", RDF_PROPERTY},
  {STOA_NS "serves", RDF_PROPERTY},        {STOA_NS "asks", RDF_PROPERTY},
  {STOA_NS "columnOf", RDF_PROPERTY},      {STOA_NS "tableOf", RDF_PROPERTY},
  {STOA_NS "driver", RDF_PROPERTY},        {STOA_NS "sameAs", RDF_PROPERTY},
  {STOA_DCTERMS "title", RDF_PROPERTY},
  {STOA_DCTERMS "abstract", RDF_PROPERTY}, {STOA_DCTERMS "description", RDF_PROPERTY},
  {STOA_DCTERMS "modified", RDF_PROPERTY}, {STOA_DCTERMS "source", RDF_PROPERTY},
  {STOA_NS "condition", RDF_PROPERTY},
  {STOA_RDF "value", RDF_PROPERTY},        {STOA_PROV "wasDerivedFrom", RDF_PROPERTY},
};

static void tell_span(const stoa_teller *t, stoa_term subject, const char *property, const char *text)
{
  int64_t seconds;
  if (text && text[0] && stoa_yaml_span(text, &seconds)) {
    stoa_tell_seconds(t, subject, property, seconds);
  }
}

// ---- sources, tables and columns

static const stoa_project_source *source_of(const stoa_project *p, const char *name)
{
  for (uint32_t i = 0; i < p->sources.n; ++i) {
    if (strcmp(p->sources.items[i].name, name) == 0) {
      return &p->sources.items[i];
    }
  }
  return NULL; // the native graph
}

static stoa_term tell_column(const stoa_teller *t, const stoa_project *p, const stoa_lineage_column *c)
{
  const stoa_project_source *const declared = source_of(p, c->source);
  const stoa_term source = stoa_tell_thing(t, STOA_NS "Source", "source", c->source);
  stoa_tell_text(t, source, STOA_NS "driver", declared ? declared->source->klass->name : "native");
  const char *const of_source = stoa_arena_print(t->arena, "source/%s", c->source);
  const stoa_term table = stoa_tell_thing(t, STOA_NS "Table", of_source, c->table);
  stoa_tell(t, table, STOA_NS "tableOf", source);
  // The IRI of the table, without the base, is the column's kind.
  const stoa_slice path = stoa_term_text(table);
  const size_t n = strlen(t->base);
  const char *const of_table = stoa_arena_copy(t->arena, (stoa_slice){path.data + n, path.length - n});
  const stoa_term column = stoa_tell_thing(t, STOA_NS "Column", of_table, c->column);
  stoa_tell(t, column, STOA_NS "columnOf", table);
  return column;
}

static void tell_lineage(const stoa_teller *t, const stoa_project *p, stoa_term subject, const char *property,
                         const stoa_lineage *columns)
{
  for (uint32_t i = 0; i < columns->n; ++i) {
    stoa_tell(t, subject, property, tell_column(t, p, &columns->items[i]));
  }
}

// ---- entities

static void tell_entity(const stoa_teller *t, const stoa_entity *e)
{
  const stoa_term entity = stoa_tell_thing(t, STOA_NS "Entity", "entity", e->name);
  stoa_tell(t, entity, STOA_NS "ofClass", stoa_tell_iri(e->class_iri));
  stoa_tell_text(t, entity, STOA_NS "iriTemplate", e->iri->pattern);
  for (uint32_t i = 0; i < e->n_keys; ++i) {
    stoa_tell_text(t, entity, STOA_NS "joinKey", e->keys[i]);
  }
  for (uint32_t i = 0; i < e->same_as.n; ++i) {
    stoa_tell(t, entity, STOA_NS "sameAs", stoa_told_iri(t, "entity", e->same_as.items[i].entity));
  }
}

// ---- views and their features

typedef struct {
  const stoa_teller *teller;
  stoa_term view;
} reader;

static void tell_pattern(const stoa_pattern *pattern, void *data)
{
  const reader *const r = data;
  const stoa_slot *const p = &pattern->predicate, *const o = &pattern->object;
  const bool of_class = p->var == STOA_NO_VAR && stoa_slice_is(stoa_term_text(p->term), STOA_RDF_TYPE);
  if (of_class && o->var == STOA_NO_VAR && stoa_term_is_iri(o->term)) {
    stoa_tell(r->teller, r->view, STOA_NS "readsClass", o->term);
  } else if (!of_class && p->var == STOA_NO_VAR) {
    stoa_tell(r->teller, r->view, STOA_NS "readsProperty", p->term);
  }
}

static void tell_tags(const stoa_teller *t, const stoa_view *v, stoa_term view)
{
  for (uint32_t i = 0; i < v->tags.n; ++i) {
    const char *const label = stoa_arena_print(t->arena, "tag-%s-%u", v->name, i);
    const stoa_term tag = stoa_term_blank(stoa_slice_of(label));
    stoa_tell(t, view, STOA_NS "tag", tag);
    stoa_tell_text(t, tag, STOA_DCTERMS "title", v->tags.items[i].key);
    stoa_tell_text(t, tag, STOA_RDF "value", v->tags.items[i].value);
  }
}

static void tell_conditions(const stoa_teller *t, const stoa_view *v, stoa_term view)
{
  for (uint32_t i = 0; i < v->watched.n; ++i) {
    const char *const label = stoa_arena_print(t->arena, "condition-%s-%u", v->name, i);
    const stoa_term condition = stoa_term_blank(stoa_slice_of(label));
    stoa_tell(t, view, STOA_NS "condition", condition);
    stoa_tell_text(t, condition, STOA_DCTERMS "title", v->watched.items[i].name);
    stoa_tell_text(t, condition, STOA_RDF "value", v->watched.items[i].text);
  }
}

static void tell_aggregate(const stoa_teller *t, const stoa_view *v, const stoa_feature *f, stoa_term feature)
{
  static const char *const names[] = {"count", "sum", "avg", "min", "max", "recency", "distinct"};
  const char *const name =
    f->kind == STOA_WINDOW_PERCENTILE ? stoa_arena_print(t->arena, "p%d", f->percent) : names[f->kind];
  stoa_tell_text(t, feature, STOA_NS "aggregate", name);
  stoa_tell_seconds(t, feature, STOA_NS "window", v->windows.items[f->window]);
  if (v->by_var != STOA_NO_VAR) {
    stoa_tell_text(t, feature, STOA_NS "slot",
                   f->slot < 0                           ? "all"
                   : (uint32_t)f->slot == v->by_values.n ? "other"
                                                         : v->by_values.items[f->slot]);
  }
}

static void tell_feature(const stoa_teller *t, const stoa_project *p, const stoa_view *v, const stoa_feature *f,
                         stoa_term view)
{
  const stoa_term feature = stoa_tell_thing(t, STOA_NS "Feature", "feature", f->name);
  stoa_lineage values = {0}, all = {0};
  stoa_tell(t, feature, STOA_NS "featureOf", view);
  stoa_tell_text(t, feature, STOA_NS "datatype", f->word ? f->word : stoa_feature_type_name(f->type));
  if (stoa_term_is_bound(f->fallback)) {
    stoa_tell(t, feature, STOA_NS "default", f->fallback);
  }
  if (v->kind == STOA_VIEW_WINDOW) {
    tell_aggregate(t, v, f, feature);
  }
  if (f->dimensions) {
    stoa_tell(t, feature, STOA_NS "dimensions", stoa_term_integer(f->dimensions));
  }
  for (uint32_t i = 0; i < v->inputs.n; ++i) { // a request view is made of what it reads
    const stoa_view_input *const input = &v->inputs.items[i];
    if (input->view) {
      stoa_tell(t, feature, STOA_PROV "wasDerivedFrom",
                stoa_told_iri(t, "feature", input->view->features.items[input->feature].name));
    }
  }
  stoa_feature_lineage(v, f, t->arena, &values, &all);
  tell_lineage(t, p, feature, STOA_PROV "wasDerivedFrom", &values);
  tell_lineage(t, p, feature, STOA_NS "readsColumn", &all);
}

static void tell_view(const stoa_teller *t, const stoa_project *p, const stoa_view *v)
{
  const stoa_term view = stoa_tell_thing(t, STOA_NS "FeatureView", "feature-view", v->name);
  reader r = {t, view};
  stoa_tell_text(t, view, STOA_DCTERMS "abstract", v->summary);
  if (strcmp(v->description, v->summary) != 0) {
    stoa_tell_text(t, view, STOA_DCTERMS "description", v->description);
  }
  stoa_tell_text(t, view, STOA_NS "kind", stoa_view_kind_name(v));
  stoa_tell(t, view, STOA_NS "entity", stoa_told_iri(t, "entity", v->entity->name));
  stoa_tell_text(t, view, STOA_NS "owner", v->owner);
  stoa_tell_file(t, view, p->dir, v->file);
  stoa_tell_instant(t, view, STOA_DCTERMS "modified", v->changed_us);
  tell_span(t, view, STOA_NS "freshness", v->freshness);
  if (v->ttl_us) {
    stoa_tell_seconds(t, view, STOA_NS "ttl", v->ttl_us / 1000000);
  }
  if (v->least_group) {
    stoa_tell(t, view, STOA_NS "minGroup", stoa_term_integer(v->least_group));
  }
  tell_span(t, view, STOA_NS "late", v->late);
  for (uint32_t i = 0; i < v->purposes.n; ++i) {
    stoa_tell_text(t, view, STOA_NS "purpose", v->purposes.items[i]);
  }
  for (uint32_t i = 0; i < v->inputs.n; ++i) {
    stoa_tell_text(t, view, STOA_NS "input", v->inputs.items[i].name);
  }
  tell_tags(t, v, view);
  tell_conditions(t, v, view);
  if (v->kind != STOA_VIEW_REQUEST) {
    stoa_node_patterns(v->query->root, tell_pattern, &r);
  }
  for (uint32_t i = 0; i < v->features.n; ++i) {
    tell_feature(t, p, v, &v->features.items[i], view);
  }
}

static void tell_service(const stoa_teller *t, const stoa_service *s)
{
  const stoa_term service = stoa_tell_thing(t, STOA_NS "FeatureService", "feature-service", s->name);
  stoa_tell(t, service, STOA_NS "entity", stoa_told_iri(t, "entity", s->entity->name));
  stoa_tell_text(t, service, STOA_NS "owner", s->owner);
  stoa_tell_text(t, service, STOA_NS "purpose", s->purpose);
  for (uint32_t i = 0; i < s->features.n; ++i) {
    stoa_tell(t, service, STOA_NS "serves", stoa_told_iri(t, "feature", s->features.items[i]->name));
  }
}

void stoa_catalog_tell(const stoa_registry *registry, const stoa_teller *teller)
{
  for (size_t i = 0; i < sizeof words / sizeof *words; ++i) {
    stoa_tell(teller, stoa_tell_iri(words[i].word), STOA_RDF_TYPE, stoa_tell_iri(words[i].kind));
  }
  for (uint32_t i = 0; i < registry->entities.n; ++i) {
    tell_entity(teller, &registry->entities.items[i]);
  }
  for (uint32_t i = 0; i < registry->views.n; ++i) {
    tell_view(teller, registry->project, registry->views.items[i]);
  }
  for (uint32_t i = 0; i < registry->services.n; ++i) {
    tell_service(teller, &registry->services.items[i]);
  }
}
