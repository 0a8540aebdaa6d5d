// registry: what the project declares, in the shapes that Feast's registry has over REST and its web UI reads:
// entities, views, services, sources.  Only reading: declarations are files.
#include "features/lineage.h"
#include "server/feast.h"

typedef STOA_LIST(const char *) name_list;

typedef struct {
  const stoa_registry *registry;
  const stoa_event_types *events;
  const char *project;
  stoa_arena *arena;
  stoa_buf *out;
  // what is listed is gathered first
  name_list keys;    ///< names of keys: Feast's entities have one each
  name_list sources; ///< of views, each once
} tell;

static void text(const tell *t, const char *name, const char *value)
{
  stoa_buf_print(t->out, "\"%s\":", name);
  stoa_buf_json(t->out, stoa_slice_of(value));
}

static void member(const tell *t, const char *name, const char *value)
{
  text(t, name, value);
  stoa_buf_byte(t->out, ',');
}

// The files are all that is known of when a thing was made.
static void meta(const tell *t, int64_t us)
{
  stoa_buf_text(t->out, "\"meta\":{\"createdTimestamp\":");
  stoa_feast_time(us, t->out);
  stoa_buf_text(t->out, ",\"lastUpdatedTimestamp\":");
  stoa_feast_time(us, t->out);
  stoa_buf_byte(t->out, '}');
}

// Of a list the name of its elements' type, with _LIST.
static const char *value_type(const stoa_feature *f)
{
  static const struct {
    stoa_feature_type type;
    const char *one, *many;
  } names[] = {{STOA_FEATURE_INTEGER, "INT64", "INT64_LIST"},
               {STOA_FEATURE_DOUBLE, "DOUBLE", "DOUBLE_LIST"},
               {STOA_FEATURE_DECIMAL, "DECIMAL", "DECIMAL_LIST"},
               {STOA_FEATURE_STRING, "STRING", "STRING_LIST"},
               {STOA_FEATURE_BOOLEAN, "BOOL", "BOOL_LIST"},
               {STOA_FEATURE_FLOAT, "FLOAT", "FLOAT_LIST"},
               {STOA_FEATURE_TIMESTAMP, "UNIX_TIMESTAMP", "UNIX_TIMESTAMP_LIST"},
               {STOA_FEATURE_BYTES, "BYTES", "BYTES_LIST"}};
  const bool is_list = f->type == STOA_FEATURE_LIST;
  const stoa_feature_type type = is_list ? f->element : f->type;
  if (f->word && strstr(f->word, "int32")) {
    return is_list ? "INT32_LIST" : "INT32";
  }
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    if (names[i].type == type) {
      return is_list ? names[i].many : names[i].one;
    }
  }
  return "UNKNOWN";
}

static const char *key_type(stoa_key_type type)
{
  return type == STOA_KEY_INT32 ? "INT32" : type == STOA_KEY_INT64 ? "INT64" : "STRING";
}

// ---- entities: one for each name of a key; a key of several parts is of several entities

static const stoa_entity *entity_of_key(const tell *t, const char *key)
{
  for (uint32_t i = 0; i < t->registry->entities.n; ++i) {
    const stoa_entity *const e = &t->registry->entities.items[i];
    if (e->n_keys == 1 && strcmp(e->keys[0], key) == 0) {
      return e;
    }
  }
  return NULL;
}

static const char *entity_name(const tell *t, const char *key)
{
  const stoa_entity *const e = entity_of_key(t, key);
  return e ? e->name : key;
}

static stoa_key_type type_of_key(const tell *t, const char *key)
{
  for (uint32_t i = 0; i < t->registry->entities.n; ++i) {
    const stoa_entity *const e = &t->registry->entities.items[i];
    for (uint32_t k = 0; k < e->n_keys; ++k) {
      if (strcmp(e->keys[k], key) == 0 && e->types[k] != STOA_KEY_ANY) {
        return e->types[k];
      }
    }
  }
  return STOA_KEY_ANY;
}

static void add_once(stoa_arena *arena, const char *name, name_list *names)
{
  for (uint32_t i = 0; i < names->n; ++i) {
    if (strcmp(names->items[i], name) == 0) {
      return;
    }
  }
  STOA_PUSH(arena, names, name);
}

static void gather_keys(tell *t)
{
  for (uint32_t i = 0; i < t->registry->entities.n; ++i) {
    const stoa_entity *const e = &t->registry->entities.items[i];
    for (uint32_t k = 0; k < e->n_keys; ++k) {
      add_once(t->arena, e->keys[k], &t->keys);
    }
  }
}

static uint32_t count_entities(const tell *t)
{
  return t->keys.n;
}

static const char *name_entity(const tell *t, uint32_t i)
{
  return entity_name(t, t->keys.items[i]);
}

static void write_entity(const tell *t, uint32_t i)
{
  const char *const key = t->keys.items[i];
  const stoa_entity *const e = entity_of_key(t, key);
  stoa_buf_byte(t->out, '{');
  member(t, "project", t->project);
  stoa_buf_text(t->out, "\"spec\":{");
  member(t, "name", entity_name(t, key));
  member(t, "project", t->project);
  member(t, "valueType", key_type(type_of_key(t, key)));
  member(t, "joinKey", key);
  member(t, "description", e ? e->iri->pattern : "a part of a key");
  stoa_buf_text(t->out, "\"tags\":{");
  if (e) {
    text(t, "iri", e->class_iri);
  }
  stoa_buf_text(t->out, "}},");
  meta(t, t->registry->changed_us);
  stoa_buf_byte(t->out, '}');
}

// ---- sources

// "product+bureau": what a view joins.
static const char *source_of(const tell *t, const stoa_view *view)
{
  stoa_lineage all = {0};
  stoa_buf name = {0};
  const char *last = "";
  stoa_view_lineage(view, t->arena, &all);
  for (uint32_t i = 0; i < all.n; ++i) { // sorted by source
    if (strcmp(all.items[i].source, last) != 0) {
      last = all.items[i].source;
      stoa_buf_text(&name, name.length ? "+" : "");
      stoa_buf_text(&name, last);
    }
  }
  const char *const copy = name.length ? stoa_arena_copy(t->arena, (stoa_slice){name.data, name.length}) : view->name;
  stoa_buf_done(&name);
  return copy;
}

static void gather_sources(tell *t)
{
  for (uint32_t i = 0; i < t->registry->views.n; ++i) {
    if (t->registry->views.items[i]->kind != STOA_VIEW_REQUEST) {
      add_once(t->arena, source_of(t, t->registry->views.items[i]), &t->sources);
    }
  }
}

static uint32_t count_sources(const tell *t)
{
  return t->sources.n + t->events->n;
}

static const char *name_source(const tell *t, uint32_t i)
{
  return i < t->sources.n ? t->sources.items[i] : t->events->items[i - t->sources.n].name;
}

static void write_named_source(const tell *t, const char *name, const char *type, const char *time,
                               const char *description)
{
  stoa_buf_byte(t->out, '{');
  member(t, "name", name);
  member(t, "type", type);
  member(t, "project", t->project);
  member(t, "timestampField", time);
  member(t, "description", description);
  meta(t, t->registry->changed_us);
  stoa_buf_byte(t->out, '}');
}

static void write_source(const tell *t, uint32_t i)
{
  const stoa_event_type *const type = i < t->sources.n ? NULL : &t->events->items[i - t->sources.n];
  write_named_source(t, name_source(t, i), type ? "PUSH_SOURCE" : "CUSTOM_SOURCE", type ? type->time : "",
                     type ? type->class_iri : "read through the mapping");
}

// ---- views

static uint32_t count_views(const tell *t)
{
  return t->registry->views.n;
}

static const char *name_view(const tell *t, uint32_t i)
{
  return t->registry->views.items[i]->name;
}

static void write_column(const tell *t, const char *name, const char *type, bool tagged)
{
  stoa_buf_byte(t->out, '{');
  member(t, "name", name);
  text(t, "valueType", type);
  stoa_buf_text(t->out, tagged ? ",\"tags\":{}}" : "}");
}

static void write_features(const tell *t, const stoa_view *v)
{
  stoa_buf_text(t->out, "\"features\":[");
  for (uint32_t i = 0; i < v->features.n; ++i) {
    stoa_buf_text(t->out, i ? "," : "");
    write_column(t, stoa_feast_short_name(v, &v->features.items[i]), value_type(&v->features.items[i]), true);
    if (v->features.items[i].dimensions) { // one more member of it
      t->out->length--;
      stoa_buf_print(t->out, ",\"vectorLength\":%u}", v->features.items[i].dimensions);
    }
  }
  stoa_buf_text(t->out, "],");
}

static void write_view_entities(const tell *t, const stoa_view *v)
{
  stoa_buf_text(t->out, "\"entities\":[");
  for (uint32_t k = 0; k < v->entity->n_keys; ++k) {
    stoa_buf_text(t->out, k ? "," : "");
    stoa_buf_json(t->out, stoa_slice_of(entity_name(t, v->entity->keys[k])));
  }
  stoa_buf_text(t->out, "],\"entityColumns\":[");
  for (uint32_t k = 0; k < v->entity->n_keys; ++k) {
    stoa_buf_text(t->out, k ? "," : "");
    write_column(t, v->entity->keys[k], key_type(type_of_key(t, v->entity->keys[k])), true);
  }
  stoa_buf_text(t->out, "],");
}

// An on-demand view must have `sources`, or the UI throws.
static void write_request_sources(const tell *t, const stoa_view *v)
{
  bool any = false;
  stoa_buf_text(t->out, "\"sources\":{");
  for (uint32_t i = 0; i < v->inputs.n; ++i) {
    const stoa_view_input *const input = &v->inputs.items[i];
    if (!input->name) {
      continue;
    }
    stoa_buf_text(t->out, any ? ","
                              : "\"request\":{\"requestDataSource\":{\"name\":\"request\",\"type\":\"REQUEST_SOURCE\","
                                "\"requestDataOptions\":{\"schema\":[");
    write_column(t, input->name, value_type(&input->input), false);
    any = true;
  }
  stoa_buf_text(t->out, any ? "]}}}" : "");
  for (uint32_t i = 0; i < v->inputs.n; ++i) {
    const stoa_view_input *const input = &v->inputs.items[i];
    if (input->view) {
      stoa_buf_print(t->out, "%s\"%s\":{\"featureViewProjection\":{\"featureViewName\":\"%s\",\"featureColumns\":[",
                     any ? "," : "", input->reference, input->view->name);
      any = true;
      const stoa_feature *const f = &input->view->features.items[input->feature];
      write_column(t, stoa_feast_short_name(input->view, f), value_type(f), true);
      stoa_buf_text(t->out, "]}}");
    }
  }
  stoa_buf_text(t->out, "},\"mode\":\"sparql\",");
}

static void write_tags(const tell *t, const stoa_view *v)
{
  stoa_buf_text(t->out, "\"tags\":{");
  for (uint32_t i = 0; i < v->tags.n; ++i) {
    stoa_buf_text(t->out, i ? "," : "");
    stoa_buf_json(t->out, stoa_slice_of(v->tags.items[i].key));
    stoa_buf_byte(t->out, ':');
    stoa_buf_json(t->out, stoa_slice_of(v->tags.items[i].value));
  }
  stoa_buf_text(t->out, "},");
}

static void write_view(const tell *t, uint32_t i)
{
  const stoa_view *const v = t->registry->views.items[i];
  const bool on_demand = v->kind == STOA_VIEW_REQUEST;
  stoa_buf_byte(t->out, '{');
  member(t, "type", on_demand ? "onDemandFeatureView" : "featureView");
  member(t, "project", t->project);
  stoa_buf_text(t->out, "\"spec\":{");
  member(t, "name", v->name);
  member(t, "project", t->project);
  write_view_entities(t, v);
  write_features(t, v);
  write_tags(t, v);
  member(t, "owner", v->owner);
  if (on_demand) {
    write_request_sources(t, v);
  } else {
    stoa_buf_print(t->out, "\"ttl\":\"%llds\",\"online\":true,\"batchSource\":", (long long)(v->ttl_us / 1000000));
    write_named_source(t, source_of(t, v), "CUSTOM_SOURCE", v->time_name ? v->time_name : "",
                       "read through the mapping");
    stoa_buf_byte(t->out, ',');
  }
  text(t, "description", v->description);
  stoa_buf_text(t->out, "},");
  meta(t, v->changed_us);
  stoa_buf_byte(t->out, '}');
}

// ---- services

static uint32_t count_services(const tell *t)
{
  return t->registry->services.n;
}

static const char *name_service(const tell *t, uint32_t i)
{
  return t->registry->services.items[i].name;
}

static void write_projection(const tell *t, const stoa_service *s, uint32_t view)
{
  bool any = false;
  stoa_buf_byte(t->out, '{');
  member(t, "featureViewName", s->views.items[view]->name);
  stoa_buf_text(t->out, "\"featureColumns\":[");
  for (uint32_t i = 0; i < s->features.n; ++i) {
    if (s->view_of.items[i] == view) {
      stoa_buf_text(t->out, any ? "," : "");
      write_column(t, stoa_feast_short_name(s->views.items[view], s->features.items[i]),
                   value_type(s->features.items[i]), true);
      any = true;
    }
  }
  stoa_buf_text(t->out, "]}");
}

static void write_service(const tell *t, uint32_t i)
{
  const stoa_service *const s = &t->registry->services.items[i];
  stoa_buf_byte(t->out, '{');
  member(t, "project", t->project);
  stoa_buf_text(t->out, "\"spec\":{");
  member(t, "name", s->name);
  member(t, "project", t->project);
  stoa_buf_text(t->out, "\"features\":[");
  for (uint32_t v = 0; v < s->views.n; ++v) {
    stoa_buf_text(t->out, v ? "," : "");
    write_projection(t, s, v);
  }
  stoa_buf_text(t->out, "],\"tags\":{},\"description\":\"\",");
  text(t, "owner", s->owner);
  stoa_buf_text(t->out, "},");
  meta(t, t->registry->changed_us);
  stoa_buf_byte(t->out, '}');
}

// ---- features, projects, and what there is none of

static uint32_t count_features(const tell *t)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < t->registry->views.n; ++i) {
    n += t->registry->views.items[i]->features.n;
  }
  return n;
}

static const stoa_feature *find_feature(const tell *t, uint32_t i, const stoa_view **view)
{
  uint32_t v = 0;
  while (i >= t->registry->views.items[v]->features.n) {
    i -= t->registry->views.items[v++]->features.n;
  }
  *view = t->registry->views.items[v];
  return &(*view)->features.items[i];
}

static const char *name_feature(const tell *t, uint32_t i)
{
  const stoa_view *view;
  return find_feature(t, i, &view)->name;
}

static void write_feature(const tell *t, uint32_t i)
{
  const stoa_view *view;
  const stoa_feature *const f = find_feature(t, i, &view);
  stoa_buf_byte(t->out, '{');
  member(t, "name", stoa_feast_short_name(view, f));
  member(t, "featureView", view->name);
  member(t, "type", value_type(f));
  text(t, "project", t->project);
  stoa_buf_byte(t->out, '}');
}

static uint32_t count_one(const tell *t)
{
  (void)t;
  return 1;
}

static const char *name_project(const tell *t, uint32_t i)
{
  (void)i;
  return t->project;
}

static void write_project(const tell *t, uint32_t i)
{
  (void)i;
  stoa_buf_text(t->out, "{\"spec\":{");
  member(t, "name", t->project);
  text(t, "description", "");
  stoa_buf_text(t->out, "},");
  meta(t, t->registry->changed_us);
  stoa_buf_byte(t->out, '}');
}

// The UI's own list of registries; the path is where it finds this one.
static void write_listed_project(const tell *t, uint32_t i)
{
  (void)i;
  stoa_buf_byte(t->out, '{');
  member(t, "name", t->project);
  member(t, "description", "");
  member(t, "id", t->project);
  stoa_buf_text(t->out, "\"registryPath\":\"/api/v1\"}");
}

static uint32_t count_none(const tell *t)
{
  (void)t;
  return 0;
}

// ---- the table

typedef struct {
  const char *name, *key; ///< in the path, and of the list in the answer
  bool relates, counts;   ///< has "relationships"; tells how many there are
  uint32_t (*count)(const tell *t);
  const char *(*named)(const tell *t, uint32_t i);
  void (*write)(const tell *t, uint32_t i);
} collection;

static const collection collections[] = {
  {"entities", "entities", true, false, count_entities, name_entity, write_entity},
  {"feature_views", "featureViews", true, false, count_views, name_view, write_view},
  {"label_views", "featureViews", false, false, count_none, NULL, NULL},
  {"feature_services", "featureServices", true, false, count_services, name_service, write_service},
  {"data_sources", "dataSources", true, false, count_sources, name_source, write_source},
  {"saved_datasets", "savedDatasets", false, false, count_none, NULL, NULL},
  {"permissions", "permissions", false, false, count_none, NULL, NULL},
  {"features", "features", false, true, count_features, name_feature, write_feature},
  {"projects", "projects", false, true, count_one, name_project, write_project},
  {"projects-list", "projects", false, false, count_one, name_project, write_listed_project},
};

// All of it unless a page is asked for: the UI asks for none.
static void write_list(const tell *t, const collection *c, const stoa_request *r)
{
  const int64_t n = c->count(t), size = r->page_size ? r->page_size : 50;
  const int64_t first = r->page ? (r->page - 1) * size : 0, last = r->page && first + size < n ? first + size : n;
  const int64_t pages = r->page ? (n + size - 1) / size : 1;
  stoa_buf_print(t->out, "{\"%s\":[", c->key);
  for (int64_t i = first; i < last; ++i) {
    stoa_buf_text(t->out, i > first ? "," : "");
    c->write(t, (uint32_t)i);
  }
  stoa_buf_byte(t->out, ']');
  if (strcmp(c->name, "projects-list") == 0) {
    stoa_buf_byte(t->out, '}');
    return;
  }
  stoa_buf_text(t->out, ",\"pagination\":{");
  if (r->page) {
    stoa_buf_print(t->out, "\"page\":%lld,\"limit\":%lld,", (long long)r->page, (long long)size);
  }
  if (r->page || c->counts) {
    stoa_buf_print(t->out, "\"totalCount\":%lld,\"totalPages\":%lld", (long long)n, (long long)pages);
  }
  if (r->page) {
    stoa_buf_print(t->out, ",\"hasNext\":%s,\"hasPrevious\":%s", r->page < pages ? "true" : "false",
                   r->page > 1 ? "true" : "false");
  }
  stoa_buf_text(t->out, c->relates ? "},\"relationships\":{}}" : "}}");
}

static bool write_one(const tell *t, const collection *c, const char *name)
{
  const uint32_t n = c->count(t);
  for (uint32_t i = 0; i < n; ++i) {
    if (strcmp(c->named(t, i), name) == 0) {
      c->write(t, i);
      return true;
    }
  }
  return false;
}

static const collection *find_collection(const char *name)
{
  for (size_t i = 0; i < sizeof collections / sizeof *collections; ++i) {
    if (strcmp(collections[i].name, name) == 0) {
      return &collections[i];
    }
  }
  return NULL;
}

stoa_status stoa_run_registry(stoa_call *call, stoa_error *err)
{
  const stoa_request *const r = &call->request;
  const collection *const c = find_collection(r->how);
  tell t = {.registry = call->layer->registry,
            .events = stoa_engine_event_types(call->shared->engine),
            .project = call->layer->project->name,
            .arena = &call->arena,
            .out = &call->stream};
  if (!c) {
    return stoa_error_set(err, STOA_NOT_FOUND, "the registry has no list \"%.60s\"", r->how);
  }
  if (r->project && strcmp(r->project, t.project) != 0) {
    return stoa_error_set(err, STOA_NOT_FOUND, "project %.60s does not exist; this is %s", r->project, t.project);
  }
  gather_keys(&t);
  gather_sources(&t);
  if (r->name[0] && !write_one(&t, c, r->name)) {
    return stoa_error_set(err, STOA_NOT_FOUND, "there is no \"%.60s\" among %s", r->name, r->how);
  }
  if (!r->name[0]) {
    write_list(&t, c, r);
  }
  call->reply.kind = STOA_REPLY_STREAM;
  call->reply.media_type = "application/json";
  return STOA_OK;
}
