#include "graph/redland/model.h"
#include "graph/base/worlds.h"
#include "graph/base/file.h"
#include "graph/base/map.h"
#include "graph/term/equality.h"
#include <librdf.h>
#include <stdlib.h>

struct stoa_model {
  librdf_world *world;
  librdf_storage *storage;
  librdf_model *model;
  stoa_arena arena;
  stoa_map places;   ///< statement in N-Triples -> stoa_place
  stoa_map subjects; ///< subject in N-Triples -> stoa_statements; librdf finds them too, but decodes each time anew
  stoa_map texts;    ///< file -> stoa_slice
  size_t n;
  uint32_t n_files;
};

static int quiet(void *data, librdf_log_message *message)
{
  (void)data;
  (void)message;
  return 1;
}

stoa_model *stoa_model_new(void)
{
  stoa_model *const m = calloc(1, sizeof *m);
  if (!m) {
    return NULL;
  }
  stoa_arena_init(&m->arena, 0);
  stoa_worlds_enter();
  m->world = librdf_new_world();
  librdf_world_open(m->world);
  stoa_worlds_leave();
  librdf_world_set_logger(m->world, NULL, quiet);
  m->storage = librdf_new_storage(m->world, "hashes", NULL, "hash-type='memory'");
  m->model = m->storage ? librdf_new_model(m->world, m->storage, NULL) : NULL;
  if (!m->model) {
    stoa_model_free(m);
    return NULL;
  }
  return m;
}

void stoa_model_free(stoa_model *m)
{
  if (!m) {
    return;
  }
  if (m->model) {
    librdf_free_model(m->model);
  }
  if (m->storage) {
    librdf_free_storage(m->storage);
  }
  stoa_worlds_enter();
  librdf_free_world(m->world);
  stoa_worlds_leave();
  stoa_arena_done(&m->arena);
  free(m);
}

static librdf_node *node_of(stoa_model *m, stoa_term t, stoa_arena *arena)
{
  if (!stoa_term_is_bound(t)) {
    return NULL;
  }
  const stoa_slice text = stoa_term_lexical(t, arena);
  const unsigned char *const copy = (const unsigned char *)stoa_arena_copy(arena, text);
  if (stoa_term_is_iri(t)) {
    return librdf_new_node_from_uri_string(m->world, copy);
  }
  if (t.kind == STOA_TERM_BLANK) {
    return librdf_new_node_from_blank_identifier(m->world, copy);
  }
  if (t.kind == STOA_TERM_LANG) {
    return librdf_new_node_from_literal(m->world, copy, stoa_arena_copy(arena, t.as.literal->tag), 0);
  }
  librdf_uri *const type =
    t.kind == STOA_TERM_STRING
      ? NULL
      : librdf_new_uri(m->world, (const unsigned char *)stoa_arena_copy(arena, stoa_term_datatype(t)));
  librdf_node *const node = librdf_new_node_from_typed_literal(m->world, copy, NULL, type);
  if (type) {
    librdf_free_uri(type);
  }
  return node;
}

static stoa_term term_of(librdf_node *node, stoa_arena *arena)
{
  size_t length;
  if (librdf_node_is_resource(node)) {
    return stoa_term_iri(
      stoa_arena_slice(arena, stoa_slice_of((const char *)librdf_uri_as_string(librdf_node_get_uri(node)))));
  }
  if (librdf_node_is_blank(node)) {
    return stoa_term_blank(
      stoa_arena_slice(arena, stoa_slice_of((const char *)librdf_node_get_blank_identifier(node))));
  }
  const char *const text = (const char *)librdf_node_get_literal_value_as_counted_string(node, &length);
  const stoa_slice copy = stoa_arena_slice(arena, (stoa_slice){text, length});
  const char *const lang = librdf_node_get_literal_value_language(node);
  if (lang) {
    return stoa_term_lang(arena, copy, stoa_arena_slice(arena, stoa_slice_of(lang)));
  }
  librdf_uri *const type = librdf_node_get_literal_value_datatype_uri(node);
  return type ? stoa_term_literal(arena, copy,
                                  stoa_arena_slice(arena, stoa_slice_of((const char *)librdf_uri_as_string(type))))
              : stoa_term_string(copy);
}

static stoa_slice key_of(stoa_term s, stoa_term p, stoa_term o, stoa_buf *buf)
{
  buf->length = 0;
  stoa_term_write(s, buf);
  stoa_term_write(p, buf);
  stoa_term_write(o, buf);
  return (stoa_slice){buf->data, buf->length};
}

typedef struct {
  stoa_model *model;
  stoa_buf key;
  stoa_arena scratch;
} loader;

// Blank nodes of two files must not meet: their labels are the file's number and the label.
static stoa_term own_blank(loader *l, stoa_term t)
{
  if (t.kind != STOA_TERM_BLANK) {
    return t;
  }
  return stoa_term_blank(
    stoa_slice_of(stoa_arena_print(&l->scratch, "f%u%.*s", l->model->n_files, (int)t.length, t.as.text)));
}

static void keep(loader *l, stoa_term s, stoa_term p, stoa_term o, stoa_place place)
{
  stoa_model *const m = l->model;
  l->key.length = 0;
  stoa_term_write(s, &l->key);
  const stoa_slice key = {l->key.data, l->key.length};
  stoa_statements *list = stoa_map_find(&m->subjects, key);
  if (!list) {
    list = STOA_NEW(&m->arena, stoa_statements);
    stoa_map_add(&m->subjects, &m->arena, key, list);
  }
  const stoa_statement st = {.subject = stoa_term_copy(s, &m->arena),
                             .predicate = stoa_term_copy(p, &m->arena),
                             .object = stoa_term_copy(o, &m->arena),
                             .place = place};
  STOA_PUSH(&m->arena, list, st);
}

static void on_statement(const stoa_statement *st, void *data)
{
  loader *const l = data;
  stoa_model *const m = l->model;
  stoa_arena_reset(&l->scratch);
  const stoa_term s = own_blank(l, st->subject), o = own_blank(l, st->object);
  const stoa_slice key = key_of(s, st->predicate, o, &l->key);
  if (stoa_map_find(&m->places, key)) {
    return;
  }
  stoa_place *const place = STOA_NEW(&m->arena, stoa_place);
  *place = st->place;
  place->file = stoa_arena_copy(&m->arena, stoa_slice_of(st->place.file));
  stoa_map_add(&m->places, &m->arena, key, place);
  librdf_model_add(m->model, node_of(m, s, &l->scratch), node_of(m, st->predicate, &l->scratch),
                   node_of(m, o, &l->scratch));
  keep(l, s, st->predicate, o, *place);
  m->n++;
}

static stoa_status load(stoa_model *model, const char *name, stoa_slice text, const char *base, bool from_file,
                        stoa_error *err)
{
  loader l = {.model = model};
  stoa_slice *const kept = STOA_NEW(&model->arena, stoa_slice);
  *kept = text;
  stoa_map_add(&model->texts, &model->arena, stoa_slice_of(name), kept);
  stoa_arena_init(&l.scratch, 0);
  model->n_files++;
  const stoa_status status = from_file ? stoa_rdf_read(name, base, on_statement, &l, err)
                                       : stoa_rdf_read_text(text, name, base, on_statement, &l, err);
  stoa_buf_done(&l.key);
  stoa_arena_done(&l.scratch);
  return status;
}

stoa_status stoa_model_load(stoa_model *model, const char *path, const char *base, stoa_error *err)
{
  stoa_slice text;
  STOA_TRY(stoa_file_read(path, &model->arena, &text, err));
  return load(model, path, text, base, true, err);
}

stoa_status stoa_model_load_text(stoa_model *model, stoa_slice text, const char *name, const char *base,
                                 stoa_error *err)
{
  return load(model, name, stoa_arena_slice(&model->arena, text), base, false, err);
}

static void take(stoa_model *m, librdf_statement *found, stoa_arena *arena, stoa_buf *key, stoa_statements *out)
{
  stoa_statement st = {.subject = term_of(librdf_statement_get_subject(found), arena),
                       .predicate = term_of(librdf_statement_get_predicate(found), arena),
                       .object = term_of(librdf_statement_get_object(found), arena)};
  const stoa_place *const place = stoa_map_find(&m->places, key_of(st.subject, st.predicate, st.object, key));
  if (place) {
    st.place = *place;
  }
  STOA_PUSH(arena, out, st);
}

static int by_place(const void *a, const void *b)
{
  const stoa_place *const x = &((const stoa_statement *)a)->place, *const y = &((const stoa_statement *)b)->place;
  const int file = strcmp(x->file ? x->file : "", y->file ? y->file : "");
  return file ? file : x->line != y->line ? x->line - y->line : x->column - y->column;
}

static bool fits(stoa_term wanted, stoa_term t)
{
  return !stoa_term_is_bound(wanted) || stoa_term_same(wanted, t);
}

static void find_of_subject(const stoa_model *m, stoa_term subject, stoa_term predicate, stoa_term object,
                            stoa_arena *arena, stoa_statements *out)
{
  stoa_buf key = {0};
  stoa_term_write(subject, &key);
  const stoa_statements *const all = stoa_map_find(&m->subjects, (stoa_slice){key.data, key.length});
  stoa_buf_done(&key);
  for (uint32_t i = 0; all && i < all->n; ++i) {
    stoa_statement st = all->items[i];
    if (fits(predicate, st.predicate) && fits(object, st.object)) {
      st.subject = stoa_term_copy(st.subject, arena);
      st.predicate = stoa_term_copy(st.predicate, arena);
      st.object = stoa_term_copy(st.object, arena);
      STOA_PUSH(arena, out, st);
    }
  }
}

static void find_of_any(stoa_model *m, stoa_term predicate, stoa_term object, stoa_arena *arena, stoa_statements *out)
{
  librdf_statement *const pattern =
    librdf_new_statement_from_nodes(m->world, NULL, node_of(m, predicate, arena), node_of(m, object, arena));
  librdf_stream *const stream = librdf_model_find_statements(m->model, pattern);
  stoa_buf key = {0};
  for (; stream && !librdf_stream_end(stream); librdf_stream_next(stream)) {
    take(m, librdf_stream_get_object(stream), arena, &key, out);
  }
  if (stream) {
    librdf_free_stream(stream);
  }
  librdf_free_statement(pattern);
  stoa_buf_done(&key);
}

void stoa_model_find(stoa_model *m, stoa_term subject, stoa_term predicate, stoa_term object, stoa_arena *arena,
                     stoa_statements *out)
{
  if (stoa_term_is_bound(subject)) {
    find_of_subject(m, subject, predicate, object, arena, out);
  } else {
    find_of_any(m, predicate, object, arena, out);
  }
  if (out->n > 1) {
    qsort(out->items, out->n, sizeof *out->items, by_place);
  }
}

stoa_term stoa_model_object(stoa_model *model, stoa_term subject, const char *predicate, stoa_arena *arena,
                            stoa_place *place)
{
  stoa_statements found = {0};
  stoa_model_find(model, subject, stoa_term_iri(stoa_slice_of(predicate)), (stoa_term){0}, arena, &found);
  if (found.n && place) {
    *place = found.items[0].place;
  }
  return found.n ? found.items[0].object : (stoa_term){0};
}

static stoa_place place_at(stoa_place place, const char *text, const char *at)
{
  int line = 1;
  const char *start = text;
  for (const char *c = text; c < at; ++c) {
    if (*c == '\n') {
      ++line;
      start = c + 1;
    }
  }
  place.line = line;
  place.column = (int)(at - start) + 1;
  return place;
}

stoa_place stoa_model_locate(const stoa_model *model, stoa_place place, const char *token)
{
  const stoa_slice *const text = place.file ? stoa_map_find(&model->texts, stoa_slice_of(place.file)) : NULL;
  if (!text || !token[0]) {
    return place;
  }
  const char *line_end = text->data;
  for (int line = 1; line_end && line <= place.line; ++line) {
    line_end = memchr(line_end, '\n', text->length - (size_t)(line_end - text->data));
    line_end = line_end ? line_end + 1 : NULL;
  }
  const char *const limit = line_end ? line_end : text->data + text->length;
  const char *best = NULL;
  const char *at = text->data;
  while ((at = memmem(at, text->length - (size_t)(at - text->data), token, strlen(token)))) {
    if (best && at >= limit) {
      break;
    }
    best = at++;
    if (best >= limit) {
      break;
    }
  }
  return best ? place_at(place, text->data, best) : place;
}

size_t stoa_model_count(const stoa_model *model)
{
  return model->n;
}
