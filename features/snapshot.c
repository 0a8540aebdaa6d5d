#include "features/snapshot.h"
#include "graph/base/json.h"
#include <stdlib.h>

enum { FORMAT = 1 };

// ---- taking

static const char *type_of(const stoa_feature *f)
{
  return f->word ? f->word : stoa_feature_type_name(f->type);
}

static void take_features(const stoa_view *v, stoa_view_note *note, stoa_arena *arena)
{
  for (uint32_t i = 0; i < v->features.n; ++i) {
    const stoa_feature *const f = &v->features.items[i];
    const stoa_feature_note one = {.name = f->name,
                                   .type = type_of(f),
                                   .fallback = stoa_term_is_bound(f->fallback)
                                                 ? stoa_arena_copy(arena, stoa_term_lexical(f->fallback, arena))
                                                 : NULL};
    STOA_PUSH(arena, &note->features, one);
  }
}

stoa_status stoa_snapshot_take(const stoa_registry *r, stoa_arena *arena, stoa_snapshot *out, stoa_error *err)
{
  *out = (stoa_snapshot){.applied = ""};
  for (uint32_t i = 0; i < r->views.n; ++i) {
    stoa_view_note note = {.name = r->views.items[i]->name};
    STOA_TRY(stoa_view_version(r->views.items[i], r->project, arena, &note.version, err));
    take_features(r->views.items[i], &note, arena);
    STOA_PUSH(arena, &out->views, note);
  }
  for (uint32_t i = 0; i < r->services.n; ++i) {
    const stoa_service *const s = &r->services.items[i];
    stoa_service_note note = {.name = s->name, .purpose = s->purpose ? s->purpose : ""};
    for (uint32_t k = 0; k < s->features.n; ++k) {
      STOA_PUSH(arena, &note.features, s->features.items[k]->name);
    }
    STOA_PUSH(arena, &out->services, note);
  }
  return STOA_OK;
}

// ---- writing

static void write_text(const char *name, const char *text, stoa_buf *out)
{
  stoa_buf_json(out, stoa_slice_of(name));
  stoa_buf_byte(out, ':');
  stoa_buf_json(out, stoa_slice_of(text));
}

static void write_hash(const char *name, uint64_t hash, stoa_buf *out)
{
  stoa_buf_print(out, "\"%s\":\"%016llx\"", name, (unsigned long long)hash);
}

static void write_numbers(const char *name, const double *items, uint32_t n, stoa_buf *out)
{
  stoa_buf_print(out, ",\"%s\":[", name);
  for (uint32_t i = 0; i < n; ++i) {
    stoa_buf_text(out, i ? "," : "");
    stoa_buf_number(out, items[i]);
  }
  stoa_buf_byte(out, ']');
}

static void write_profile(const stoa_profile *p, stoa_buf *out)
{
  stoa_buf_print(out, ",\"profile\":{\"entities\":%u,\"nulls\":%u,\"distinct\":%u,\"numbers\":%s", p->n, p->n_null,
                 p->n_distinct, p->is_number ? "true" : "false");
  write_numbers("edges", p->edges.items, p->edges.n, out);
  stoa_buf_text(out, ",\"values\":[");
  for (uint32_t i = 0; i < p->values.n; ++i) {
    stoa_buf_text(out, i ? "," : "");
    stoa_buf_json(out, stoa_slice_of(p->values.items[i]));
  }
  stoa_buf_byte(out, ']');
  write_numbers("shares", p->shares.items, p->shares.n, out);
  stoa_buf_byte(out, '}');
}

static void write_version(const stoa_version *v, stoa_buf *out)
{
  write_hash("version", v->all, out);
  stoa_buf_byte(out, ',');
  write_hash("query", v->query, out);
  stoa_buf_byte(out, ',');
  write_hash("ontology", v->ontology, out);
  stoa_buf_text(out, ",\"maps\":[");
  for (uint32_t i = 0; i < v->maps.n; ++i) {
    stoa_buf_print(out, "%s\"%016llx\"", i ? "," : "", (unsigned long long)v->maps.items[i]);
  }
  stoa_buf_text(out, "],\"declared\":{");
  for (uint32_t i = 0; i < v->declared.n; ++i) {
    stoa_buf_text(out, i ? "," : "");
    write_text(v->declared.items[i].key, v->declared.items[i].text, out);
  }
  stoa_buf_text(out, "}");
}

static void write_view(const stoa_view_note *v, stoa_buf *out)
{
  stoa_buf_byte(out, '{');
  write_text("name", v->name, out);
  stoa_buf_byte(out, ',');
  write_version(&v->version, out);
  stoa_buf_text(out, ",\"features\":[");
  for (uint32_t i = 0; i < v->features.n; ++i) {
    const stoa_feature_note *const f = &v->features.items[i];
    stoa_buf_text(out, i ? ",\n  {" : "\n  {");
    write_text("name", f->name, out);
    stoa_buf_byte(out, ',');
    write_text("type", f->type, out);
    if (f->fallback) {
      stoa_buf_byte(out, ',');
      write_text("default", f->fallback, out);
    }
    if (f->profile.n) {
      write_profile(&f->profile, out);
    }
    stoa_buf_byte(out, '}');
  }
  stoa_buf_text(out, "]}");
}

static void write_service(const stoa_service_note *s, stoa_buf *out)
{
  stoa_buf_byte(out, '{');
  write_text("name", s->name, out);
  stoa_buf_byte(out, ',');
  write_text("purpose", s->purpose, out);
  stoa_buf_text(out, ",\"features\":[");
  for (uint32_t i = 0; i < s->features.n; ++i) {
    stoa_buf_text(out, i ? "," : "");
    stoa_buf_json(out, stoa_slice_of(s->features.items[i]));
  }
  stoa_buf_text(out, "]}");
}

void stoa_snapshot_write(const stoa_snapshot *s, stoa_buf *out)
{
  stoa_buf_print(out, "{\"format\":%d,", FORMAT);
  write_text("applied", s->applied, out);
  stoa_buf_text(out, ",\n\"views\":[");
  for (uint32_t i = 0; i < s->views.n; ++i) {
    stoa_buf_text(out, i ? ",\n " : "\n ");
    write_view(&s->views.items[i], out);
  }
  stoa_buf_text(out, "],\n\"services\":[");
  for (uint32_t i = 0; i < s->services.n; ++i) {
    stoa_buf_text(out, i ? ",\n " : "\n ");
    write_service(&s->services.items[i], out);
  }
  stoa_buf_text(out, "]}\n");
}

// ---- reading: what is missing, or of another type, is empty, and so is told as a change

static const char *text_of(const stoa_json *node, const char *otherwise, stoa_arena *arena)
{
  return node && node->kind == STOA_JSON_STRING ? stoa_arena_copy(arena, node->text) : otherwise;
}

static uint64_t hash_in(const stoa_json *node, stoa_arena *arena)
{
  return strtoull(text_of(node, "", arena), NULL, 16);
}

static uint32_t count_in(const stoa_json *object, const char *name)
{
  const stoa_json *const node = stoa_json_find(object, name);
  return node && node->kind == STOA_JSON_INTEGER && node->integer >= 0 && node->integer <= UINT32_MAX
           ? (uint32_t)node->integer
           : 0;
}

static uint32_t items_of(const stoa_json *node)
{
  return node && (node->kind == STOA_JSON_ARRAY || node->kind == STOA_JSON_OBJECT) ? node->n_items : 0;
}

static void read_profile(const stoa_json *node, stoa_arena *arena, stoa_profile *out)
{
  const stoa_json *const edges = stoa_json_find(node, "edges"), *const values = stoa_json_find(node, "values"),
                         *const shares = stoa_json_find(node, "shares"),
                         *const numbers = stoa_json_find(node, "numbers");
  *out = (stoa_profile){.n = count_in(node, "entities"),
                        .n_null = count_in(node, "nulls"),
                        .n_distinct = count_in(node, "distinct"),
                        .is_number = numbers && numbers->integer};
  for (uint32_t i = 0; i < items_of(edges); ++i) {
    STOA_PUSH(arena, &out->edges, edges->items[i].real);
  }
  for (uint32_t i = 0; i < items_of(values); ++i) {
    const char *const text = text_of(&values->items[i], "", arena);
    STOA_PUSH(arena, &out->values, text);
  }
  for (uint32_t i = 0; i < items_of(shares); ++i) {
    STOA_PUSH(arena, &out->shares, shares->items[i].real);
  }
}

static void read_version(const stoa_json *node, stoa_arena *arena, stoa_version *out)
{
  const stoa_json *const maps = stoa_json_find(node, "maps"), *const declared = stoa_json_find(node, "declared");
  out->all = hash_in(stoa_json_find(node, "version"), arena);
  out->query = hash_in(stoa_json_find(node, "query"), arena);
  out->ontology = hash_in(stoa_json_find(node, "ontology"), arena);
  for (uint32_t i = 0; i < items_of(maps); ++i) {
    const uint64_t hash = hash_in(&maps->items[i], arena);
    STOA_PUSH(arena, &out->maps, hash);
  }
  for (uint32_t i = 0; i < items_of(declared); ++i) {
    const stoa_declared one = {declared->items[i].name, text_of(&declared->items[i], "", arena)};
    STOA_PUSH(arena, &out->declared, one);
  }
}

static void read_view(const stoa_json *node, stoa_arena *arena, stoa_view_note *out)
{
  const stoa_json *const features = stoa_json_find(node, "features");
  *out = (stoa_view_note){.name = text_of(stoa_json_find(node, "name"), "", arena)};
  read_version(node, arena, &out->version);
  for (uint32_t i = 0; i < items_of(features); ++i) {
    const stoa_json *const f = &features->items[i], *const profile = stoa_json_find(f, "profile");
    stoa_feature_note note = {.name = text_of(stoa_json_find(f, "name"), "", arena),
                              .type = text_of(stoa_json_find(f, "type"), "", arena),
                              .fallback = text_of(stoa_json_find(f, "default"), NULL, arena)};
    if (profile) {
      read_profile(profile, arena, &note.profile);
    }
    STOA_PUSH(arena, &out->features, note);
  }
}

static void read_service(const stoa_json *node, stoa_arena *arena, stoa_service_note *out)
{
  const stoa_json *const features = stoa_json_find(node, "features");
  *out = (stoa_service_note){.name = text_of(stoa_json_find(node, "name"), "", arena),
                             .purpose = text_of(stoa_json_find(node, "purpose"), "", arena)};
  for (uint32_t i = 0; i < items_of(features); ++i) {
    const char *const name = text_of(&features->items[i], "", arena);
    STOA_PUSH(arena, &out->features, name);
  }
}

stoa_status stoa_snapshot_read(stoa_slice text, const char *file, stoa_arena *arena, stoa_snapshot *out,
                               stoa_error *err)
{
  const stoa_json *root;
  stoa_error fault = {0};
  *out = (stoa_snapshot){.applied = ""};
  if (stoa_json_read(text, arena, &root, &fault) != STOA_OK) {
    return stoa_error_at(err, STOA_BAD_SYNTAX,
                         (stoa_place){file, fault.line ? fault.line : 1, fault.column ? fault.column : 1},
                         "%s; remove the file, and apply again", fault.text);
  }
  const stoa_json *const format = stoa_json_find(root, "format");
  if (!format || format->integer != FORMAT) {
    return stoa_error_at(err, STOA_UNSUPPORTED, (stoa_place){file, 1, 1},
                         "this is not what this version of stoa has applied; remove the file, and apply again");
  }
  const stoa_json *const views = stoa_json_find(root, "views"), *const services = stoa_json_find(root, "services");
  out->applied = text_of(stoa_json_find(root, "applied"), "", arena);
  for (uint32_t i = 0; i < items_of(views); ++i) {
    stoa_view_note note;
    read_view(&views->items[i], arena, &note);
    STOA_PUSH(arena, &out->views, note);
  }
  for (uint32_t i = 0; i < items_of(services); ++i) {
    stoa_service_note note;
    read_service(&services->items[i], arena, &note);
    STOA_PUSH(arena, &out->services, note);
  }
  return STOA_OK;
}

// ---- by name

stoa_view_note *stoa_snapshot_view(const stoa_snapshot *s, const char *name)
{
  for (uint32_t i = 0; i < s->views.n; ++i) {
    if (strcmp(s->views.items[i].name, name) == 0) {
      return &s->views.items[i];
    }
  }
  return NULL;
}

stoa_feature_note *stoa_snapshot_feature(const stoa_view_note *v, const char *name)
{
  for (uint32_t i = 0; i < v->features.n; ++i) {
    if (strcmp(v->features.items[i].name, name) == 0) {
      return &v->features.items[i];
    }
  }
  return NULL;
}

stoa_service_note *stoa_snapshot_service(const stoa_snapshot *s, const char *name)
{
  for (uint32_t i = 0; i < s->services.n; ++i) {
    if (strcmp(s->services.items[i].name, name) == 0) {
      return &s->services.items[i];
    }
  }
  return NULL;
}
