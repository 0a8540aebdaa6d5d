// Versions are kept in files and compared later: their parts are hashed by FNV, which stays as it is.
#include "features/version.h"
#include "graph/base/file.h"
#include "graph/base/hash.h"
#include "graph/semantic/semantic.h"
#include "graph/sparql/lexer.h"
#include "graph/term/vocab.h"
#include <stdio.h>
#include <stdlib.h>

static uint64_t hash_of(const stoa_buf *text)
{
  return stoa_hash_mix(stoa_hash_more(STOA_HASH_SEED, text->data ? text->data : "", text->length));
}

void stoa_version_write(uint64_t version, char out[STOA_VERSION_DIGITS + 1])
{
  snprintf(out, STOA_VERSION_DIGITS + 1, "%012llx", (unsigned long long)(version >> (64 - 4 * STOA_VERSION_DIGITS)));
}

// ---- the query

// Of SQL what the text says, and not how.
static stoa_status hash_sql(const stoa_view *v, stoa_slice text, stoa_arena *arena, uint64_t *out, stoa_error *err)
{
  stoa_buf said = {0};
  const stoa_status status = stoa_semantic_say(text, v->file, arena, &said, err);
  *out = hash_of(&said);
  stoa_buf_done(&said);
  return status;
}

// The header is comments to SPARQL and to SQL, and goes with them.
static stoa_status hash_query(const stoa_view *v, stoa_arena *arena, uint64_t *out, stoa_error *err)
{
  stoa_slice text;
  stoa_lexer lexer;
  stoa_buf tokens = {0};
  STOA_TRY(stoa_file_read(v->file, arena, &text, err));
  if (stoa_semantic_is(v->file)) {
    return hash_sql(v, text, arena, out, err);
  }
  stoa_lexer_init(&lexer, text, v->file, arena);
  for (stoa_token t = stoa_lexer_next(&lexer); t.kind != STOA_TOKEN_END && t.kind != STOA_TOKEN_BAD;
       t = stoa_lexer_next(&lexer)) {
    stoa_buf_slice(&tokens, t.raw);
    stoa_buf_byte(&tokens, '\n');
  }
  *out = hash_of(&tokens);
  stoa_buf_done(&tokens);
  return STOA_OK;
}

// ---- mappings

static void put(stoa_buf *out, const char *text)
{
  stoa_buf_text(out, text ? text : "");
  stoa_buf_byte(out, '\0');
}

static void put_slice(stoa_buf *out, stoa_slice text)
{
  stoa_buf_slice(out, text);
  stoa_buf_byte(out, '\0');
}

// `with_constant`: false where the constant is what was asked for, and so is the query's.
static void put_ctor(stoa_buf *out, const stoa_ctor *c, bool with_constant)
{
  stoa_buf_print(out, "%d %d %u ", c->kind, c->makes, c->table);
  if (c->kind == STOA_CTOR_CONSTANT && with_constant && stoa_term_is_bound(c->constant)) {
    stoa_term_write(c->constant, out);
  }
  put(out, c->kind == STOA_CTOR_TEMPLATE ? c->tmpl->pattern : "");
  put_slice(out, c->datatype);
  put_slice(out, c->language);
  put(out, c->base);
  for (uint32_t i = 0; i < c->n_columns; ++i) {
    stoa_buf_print(out, "%d ", c->columns[i]->type); // of which the natural datatype is made
    put(out, c->columns[i]->name);
  }
}

static uint64_t hash_leaf(const stoa_leaf *leaf, bool of_class)
{
  stoa_buf text = {0};
  put(&text, leaf->source ? leaf->source->name : "");
  put(&text, leaf->source ? leaf->source->klass->name : "");
  stoa_buf_byte(&text, leaf->native ? 'n' : 's');
  for (uint32_t i = 0; i < leaf->n_tables && !leaf->native; ++i) {
    put(&text, leaf->tables[i].table);
    put(&text, leaf->tables[i].view);
  }
  for (uint32_t i = 0; i < leaf->n_joins && !leaf->native; ++i) {
    put(&text, leaf->joins[i].child->name);
    put(&text, leaf->joins[i].parent->name);
  }
  if (!leaf->native) {
    put_ctor(&text, &leaf->subject, true);
    put_ctor(&text, &leaf->predicate, false);
    put_ctor(&text, &leaf->object, !of_class);
    put_ctor(&text, &leaf->graph, true);
    put_ctor(&text, &leaf->witness, true);
  }
  const uint64_t hash = hash_of(&text);
  stoa_buf_done(&text);
  return hash;
}

typedef struct {
  const stoa_rewriter *rewriter;
  stoa_arena *arena;
  stoa_version *out;
  STOA_LIST(const char *) names; ///< classes and properties
  stoa_status status;
  stoa_error *err;
} walk;

static void add_map(stoa_version *v, uint64_t hash, stoa_arena *arena)
{
  uint32_t at = 0;
  while (at < v->maps.n && v->maps.items[at] < hash) {
    ++at;
  }
  if (at < v->maps.n && v->maps.items[at] == hash) {
    return;
  }
  STOA_PUSH(arena, &v->maps, hash);
  memmove(&v->maps.items[at + 1], &v->maps.items[at], (v->maps.n - 1 - at) * sizeof *v->maps.items);
  v->maps.items[at] = hash;
}

static bool has_name(const walk *w, const char *name)
{
  for (uint32_t i = 0; i < w->names.n; ++i) {
    if (strcmp(w->names.items[i], name) == 0) {
      return true;
    }
  }
  return false;
}

static void add_name(walk *w, const char *name)
{
  if (!has_name(w, name)) {
    STOA_PUSH(w->arena, &w->names, name);
  }
}

static void add_term(walk *w, const stoa_slot *slot)
{
  if (slot->var == STOA_NO_VAR && stoa_term_is_iri(slot->term)) {
    add_name(w, stoa_arena_copy(w->arena, stoa_term_text(slot->term)));
  }
}

static void take_pattern(const stoa_pattern *p, void *data)
{
  walk *const w = data;
  stoa_leaves leaves = {0};
  stoa_context context;
  const bool of_class =
    p->predicate.var == STOA_NO_VAR && stoa_slice_is(stoa_term_text(p->predicate.term), STOA_RDF_TYPE);
  add_term(w, of_class ? &p->object : &p->predicate);
  if (w->status != STOA_OK) {
    return;
  }
  stoa_context_init(&context, 0);
  w->status = w->rewriter->define(w->rewriter, p, &context, w->arena, &leaves, w->err);
  for (uint32_t i = 0; i < leaves.n; ++i) {
    add_map(w->out, hash_leaf(leaves.items[i], of_class), w->arena);
  }
}

// ---- axioms

typedef STOA_LIST(const char *) axioms;

static int by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Axioms of one kind that lead to a name: of each of their subjects there is to be known, too, what leads to it.
// `both`: they also lead from it, as inverses do.
static bool add_axioms(walk *w, const stoa_map *map, const char *word, bool both, axioms *out)
{
  const uint32_t before = w->names.n;
  for (uint32_t s = 0; s < map->n_slots; ++s) {
    const stoa_map_slot *const slot = &map->slots[s];
    const stoa_iris *const list = slot->value;
    for (uint32_t i = 0; list && i < list->n; ++i) {
      const char *const subject = stoa_arena_copy(w->arena, slot->key);
      if (strcmp(subject, list->items[i]) != 0 && (has_name(w, list->items[i]) || (both && has_name(w, subject)))) {
        const char *const text = stoa_arena_print(w->arena, "%s %s %s", subject, word, list->items[i]);
        STOA_PUSH(w->arena, out, text);
        add_name(w, subject);
        add_name(w, list->items[i]);
      }
    }
  }
  return w->names.n > before;
}

static uint64_t hash_axioms(walk *w, const stoa_hierarchy *h)
{
  axioms all = {0};
  stoa_buf text = {0};
  for (bool more = true; more;) {
    all.n = 0;
    more = add_axioms(w, &h->above_class, "under class", false, &all);
    more |= add_axioms(w, &h->above_property, "under property", false, &all);
    more |= add_axioms(w, &h->inverse, "inverse", true, &all);
    more |= add_axioms(w, &h->domain, "domain", false, &all);
    more |= add_axioms(w, &h->range, "range", false, &all);
  }
  if (all.n) {
    qsort(all.items, all.n, sizeof *all.items, by_text);
  }
  for (uint32_t i = 0; i < all.n; ++i) {
    put(&text, i && strcmp(all.items[i], all.items[i - 1]) == 0 ? "" : all.items[i]);
  }
  const uint64_t hash = hash_of(&text);
  stoa_buf_done(&text);
  return hash;
}

// ---- the declaration

static void write_yaml(const stoa_yaml *node, stoa_buf *out)
{
  if (node->kind == STOA_YAML_SCALAR) {
    stoa_buf_text(out, node->text ? node->text : "");
    return;
  }
  stoa_buf_byte(out, node->kind == STOA_YAML_MAP ? '{' : '[');
  for (uint32_t i = 0; i < node->n_items; ++i) {
    stoa_buf_text(out, i ? ", " : "");
    if (node->kind == STOA_YAML_MAP) {
      stoa_buf_print(out, "%s: ", node->items[i].key);
    }
    write_yaml(&node->items[i], out);
  }
  stoa_buf_byte(out, node->kind == STOA_YAML_MAP ? '}' : ']');
}

static void declare(stoa_version *v, const char *key, const char *text, stoa_arena *arena)
{
  const stoa_declared one = {key, text};
  STOA_PUSH(arena, &v->declared, one);
}

static int by_key(const void *a, const void *b)
{
  return strcmp(((const stoa_declared *)a)->key, ((const stoa_declared *)b)->key);
}

// What only tells people about the view is no part of its version.
static bool is_told_only(const char *key)
{
  return strcmp(key, "name") == 0 || strcmp(key, "owner") == 0;
}

static void take_declared(const stoa_view *v, const stoa_project *project, stoa_arena *arena, stoa_version *out)
{
  stoa_buf text = {0};
  for (uint32_t i = 0; i < v->header->n_items; ++i) {
    const stoa_yaml *const node = &v->header->items[i];
    text.length = 0;
    if (!is_told_only(node->key)) {
      write_yaml(node, &text);
      declare(out, node->key, stoa_arena_copy(arena, (stoa_slice){text.data, text.length}), arena);
    }
  }
  text.length = 0;
  stoa_buf_print(&text, "%s of %s, %s", v->entity->name, v->entity->class_iri, v->entity->iri->pattern);
  for (uint32_t i = 0; i < v->entity->n_keys; ++i) {
    stoa_buf_print(&text, "%s%s %d", i ? ", " : "; ", v->entity->keys[i], v->entity->types[i]);
  }
  declare(out, "features/entities.yaml", stoa_arena_copy(arena, (stoa_slice){text.data, text.length}), arena);
  if (v->time_var != STOA_NO_VAR) {
    declare(out, "timezone", stoa_yaml_text(project->config, "timezone", "UTC"), arena);
  }
  stoa_buf_done(&text);
  qsort(out->declared.items, out->declared.n, sizeof *out->declared.items, by_key);
}

// ---- all

static uint64_t hash_all(const stoa_version *v)
{
  stoa_buf text = {0};
  stoa_buf_print(&text, "%llx %llx", (unsigned long long)v->query, (unsigned long long)v->ontology);
  for (uint32_t i = 0; i < v->maps.n; ++i) {
    stoa_buf_print(&text, " %llx", (unsigned long long)v->maps.items[i]);
  }
  for (uint32_t i = 0; i < v->declared.n; ++i) {
    put(&text, v->declared.items[i].key);
    put(&text, v->declared.items[i].text);
  }
  const uint64_t hash = hash_of(&text);
  stoa_buf_done(&text);
  return hash;
}

// A request view is made of other views, whatever it is called there.
static stoa_status take_read(const stoa_view *v, const stoa_project *project, stoa_arena *arena, stoa_version *out,
                             stoa_error *err)
{
  for (uint32_t i = 0; i < v->inputs.n; ++i) {
    stoa_version read = {0};
    if (v->inputs.items[i].view) {
      STOA_TRY(stoa_view_version(v->inputs.items[i].view, project, arena, &read, err));
      add_map(out, read.all, arena);
    }
  }
  return STOA_OK;
}

stoa_status stoa_view_version(const stoa_view *view, const stoa_project *project, stoa_arena *arena, stoa_version *out,
                              stoa_error *err)
{
  walk w = {.rewriter = &project->mapping.rewriter, .arena = arena, .out = out, .err = err};
  *out = (stoa_version){0};
  STOA_TRY(hash_query(view, arena, &out->query, err));
  if (view->kind == STOA_VIEW_REQUEST) {
    STOA_TRY(take_read(view, project, arena, out, err));
  } else {
    stoa_node_patterns(view->query->root, take_pattern, &w);
    STOA_TRY(w.status);
  }
  out->ontology = hash_axioms(&w, &project->hierarchy);
  take_declared(view, project, arena, out);
  out->all = hash_all(out);
  return STOA_OK;
}
