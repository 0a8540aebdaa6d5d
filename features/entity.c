// Entities: their declaration (features/entities.yaml), their keys, and which of them there are.
#include "features/feature.h"
#include "graph/base/code.h"
#include "graph/base/file.h"
#include "graph/base/name.h"
#include "graph/exec/op.h"
#include "graph/plan/planning.h"
#include "graph/result/answer.h"
#include "graph/term/equality.h"
#include "graph/term/vocab.h"

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
  const char *const near = stoa_hierarchy_nearest(h, true, e->class_iri, &r->arena);
  return stoa_error_at(err, STOA_NOT_FOUND, place, "entity \"%s\": class <%s> is not in the ontology%s%s%s", e->name,
                       e->class_iri, near ? "; did you mean <" : "", near ? near : "", near ? ">?" : "");
}

// ---- keys: NAME, [NAME, ...] or {NAME: TYPE, ...}

static const char *const type_words[] =
  {[STOA_KEY_ANY] = "", [STOA_KEY_STRING] = "string", [STOA_KEY_INT32] = "int32", [STOA_KEY_INT64] = "int64"};

static stoa_status add_key(stoa_entity *e, const char *name, const char *type, stoa_place place, stoa_error *err)
{
  stoa_key_type found = STOA_KEY_ANY;
  if (!name || !name[0]) {
    return stoa_error_at(err, STOA_BAD_ARG, place, "a key is a name, a list of names, or {NAME: TYPE, ...}");
  }
  STOA_TRY(stoa_yaml_name(name, "the key", place, err));
  if (e->n_keys == STOA_TEMPLATE_COLUMNS) {
    return stoa_error_at(err, STOA_LIMIT, place, "a key has at most %d parts", STOA_TEMPLATE_COLUMNS);
  }
  for (uint32_t i = 0; i < e->n_keys; ++i) {
    if (strcmp(e->keys[i], name) == 0) {
      return stoa_error_at(err, STOA_EXISTS, place, "entity \"%s\" has the key \"%s\" twice", e->name, name);
    }
  }
  for (size_t i = STOA_KEY_STRING; type && i < sizeof type_words / sizeof *type_words; ++i) {
    found = strcmp(type, type_words[i]) == 0 ? (stoa_key_type)i : found;
  }
  if (type && found == STOA_KEY_ANY) {
    return stoa_error_at(err, STOA_BAD_ARG, place, "unknown type \"%s\" of a key; use string, int32 or int64", type);
  }
  e->keys[e->n_keys] = name;
  e->types[e->n_keys++] = found;
  return STOA_OK;
}

static stoa_status read_keys(stoa_entity *e, const stoa_yaml *node, stoa_error *err)
{
  if (node->kind == STOA_YAML_SCALAR) {
    return add_key(e, node->text, NULL, node->place, err);
  }
  for (uint32_t i = 0; i < node->n_items; ++i) {
    const stoa_yaml *const item = &node->items[i];
    const bool typed = node->kind == STOA_YAML_MAP;
    STOA_TRY(add_key(e, typed ? item->key : item->text, typed ? item->text ? item->text : "" : NULL, item->place, err));
  }
  return e->n_keys ? STOA_OK : add_key(e, NULL, NULL, node->place, err);
}

// Each part stands in the template once, in any order.
static stoa_status place_keys(stoa_entity *e, stoa_place place, stoa_error *err)
{
  for (uint32_t c = 0; c < e->iri->n_columns; ++c) {
    uint32_t k = 0;
    while (k < e->n_keys && strcmp(e->keys[k], e->iri->columns[c]) != 0) {
      ++k;
    }
    if (k == e->n_keys) {
      return stoa_error_at(err, STOA_BAD_ARG, place, "the IRI holds {%s}, which is no key of entity \"%s\"",
                           e->iri->columns[c], e->name);
    }
    e->place[c] = k;
  }
  for (uint32_t k = 0; k < e->n_keys; ++k) {
    uint32_t times = 0;
    for (uint32_t c = 0; c < e->iri->n_columns; ++c) {
      times += e->place[c] == k;
    }
    if (times != 1) {
      return stoa_error_at(err, STOA_BAD_ARG, place, "the IRI must hold {%s} once", e->keys[k]);
    }
  }
  return e->iri->exact
           ? STOA_OK
           : stoa_error_at(err, STOA_BAD_ARG, place, "the IRI does not part its keys; put a / between them");
}

static stoa_status check_unique(const stoa_registry *r, const stoa_entity *e, stoa_place place, stoa_error *err)
{
  for (uint32_t i = 0; i < r->entities.n; ++i) { // views name their entity by its key
    const stoa_entity *const other = &r->entities.items[i];
    uint32_t same = 0;
    for (uint32_t k = 0; k < e->n_keys && other->n_keys == e->n_keys; ++k) {
      same += strcmp(other->keys[k], e->keys[k]) == 0;
    }
    if (same == e->n_keys) {
      return stoa_error_at(err, STOA_EXISTS, place, "entity \"%s\" has the key \"%s\" already; name one otherwise",
                           other->name, e->keys[0]);
    }
  }
  return STOA_OK;
}

// ---- who else it is: {ENTITY: EVENT} or {ENTITY: [EVENT, ...]}

static stoa_status add_same(stoa_registry *r, stoa_entity *e, const char *entity, const stoa_yaml *event,
                            stoa_error *err)
{
  const stoa_same_as same = {entity, event->text, event->place};
  if (event->kind != STOA_YAML_SCALAR || !event->text || !event->text[0]) {
    return stoa_error_at(err, STOA_BAD_ARG, event->place,
                         "\"same_as\" is {ENTITY: EVENT}, such as {customer: login}: a type of events that name both");
  }
  STOA_PUSH(&r->arena, &e->same_as, same);
  return STOA_OK;
}

static stoa_status read_same_as(stoa_registry *r, stoa_entity *e, const stoa_yaml *node, stoa_error *err)
{
  if (node && node->kind != STOA_YAML_MAP) {
    return stoa_error_at(err, STOA_BAD_ARG, node->place,
                         "\"same_as\" is {ENTITY: EVENT}, such as {customer: login}: a type of events that name both");
  }
  for (uint32_t i = 0; node && i < node->n_items; ++i) {
    const stoa_yaml *const events = &node->items[i];
    if (events->kind != STOA_YAML_LIST) {
      STOA_TRY(add_same(r, e, events->key, events, err));
    }
    for (uint32_t k = 0; events->kind == STOA_YAML_LIST && k < events->n_items; ++k) {
      STOA_TRY(add_same(r, e, events->key, &events->items[k], err));
    }
  }
  return STOA_OK;
}

// An entity may be the same as one that is declared after it.
static stoa_status check_same_as(const stoa_registry *r, stoa_error *err)
{
  for (uint32_t i = 0; i < r->entities.n; ++i) {
    const stoa_entity *const e = &r->entities.items[i];
    for (uint32_t k = 0; k < e->same_as.n; ++k) {
      const stoa_entity *other;
      stoa_error fault = {0};
      if (stoa_registry_need_entity(r, e->same_as.items[k].entity, &other, &fault) != STOA_OK) {
        return stoa_error_at(err, fault.status, e->same_as.items[k].place, "\"same_as\": %s", fault.text);
      }
      if (other == e) {
        return stoa_error_at(err, STOA_BAD_ARG, e->same_as.items[k].place, "entity \"%s\" is the same as itself",
                             e->name);
      }
    }
  }
  return STOA_OK;
}

stoa_status stoa_registry_need_entity(const stoa_registry *r, const char *name, const stoa_entity **out,
                                      stoa_error *err)
{
  enum { MOST = 256 };
  const char *names[MOST];
  uint32_t n = 0;
  for (uint32_t i = 0; i < r->entities.n; ++i) {
    if (strcmp(r->entities.items[i].name, name) == 0) {
      *out = &r->entities.items[i];
      return STOA_OK;
    }
    if (n < MOST) {
      names[n++] = r->entities.items[i].name;
    }
  }
  const char *const near = stoa_nearest(name, names, n);
  return stoa_error_set(err, STOA_NOT_FOUND, "unknown entity \"%s\"%s%s%s", name, near ? "; did you mean \"" : "",
                        near ? near : "", near ? "\"?" : "");
}

// ---- who is there: those of the entities in slot 1 which their class has

static stoa_status make_plan(stoa_registry *r, const stoa_entity *e, bool many, const stoa_plan **out, stoa_error *err)
{
  stoa_arena *const arena = &r->arena;
  static const char *const names[] = {"e"};
  static const stoa_var vars[] = {0};
  stoa_context context;
  stoa_pattern *const pattern = STOA_NEW(arena, stoa_pattern);
  stoa_node *const nodes = STOA_NEWS(arena, stoa_node, 4);
  stoa_query *const query = STOA_NEW(arena, stoa_query);
  *pattern = (stoa_pattern){.subject = {.var = 0},
                            .predicate = {.var = STOA_NO_VAR, .term = stoa_term_iri(stoa_slice_of(STOA_RDF_TYPE))},
                            .object = {.var = STOA_NO_VAR, .term = stoa_term_iri(stoa_slice_of(e->class_iri))},
                            .graph = {.var = STOA_NO_VAR}};
  nodes[0] =
    (stoa_node){.kind = STOA_NODE_VALUES, .vars = vars, .n_vars = 1, .slot = 1, .slot_many = many, .limit = UINT64_MAX};
  nodes[1] = (stoa_node){.kind = STOA_NODE_BGP, .patterns = pattern, .n_patterns = 1, .limit = UINT64_MAX};
  nodes[2] = (stoa_node){.kind = STOA_NODE_JOIN, .inputs = {&nodes[0], &nodes[1]}, .limit = UINT64_MAX};
  nodes[3] =
    (stoa_node){.kind = STOA_NODE_PROJECT, .inputs = {&nodes[2]}, .vars = vars, .n_vars = 1, .limit = UINT64_MAX};
  *query = (stoa_query){
    .form = STOA_FORM_SELECT, .names = names, .n_vars = 1, .columns = vars, .n_columns = 1, .root = &nodes[3]};
  stoa_context_init(&context, 0);
  return stoa_plan_make(query, &r->project->mapping.rewriter, &context, arena, out, err);
}

static stoa_status read_entity(stoa_registry *r, const stoa_yaml *root, const stoa_yaml *node, stoa_error *err)
{
  static const char *const keys[] = {"class", "key", "iri", "same_as", NULL};
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
  const stoa_place iri_place = stoa_yaml_find(node, "iri")->place;
  STOA_TRY(read_keys(&e, key, err));
  STOA_TRY(stoa_template_read(iri, r->project->base, true, &r->arena, &e.iri, err));
  STOA_TRY(place_keys(&e, iri_place, err));
  STOA_TRY(read_same_as(r, &e, stoa_yaml_find(node, "same_as"), err));
  STOA_TRY(check_unique(r, &e, key->place, err));
  STOA_TRY(check_class(r, &e, stoa_yaml_find(node, "class")->place, err));
  STOA_TRY(check_iri(r, &e, iri_place, err));
  STOA_TRY(make_plan(r, &e, false, &e.of_class.one, err));
  STOA_TRY(make_plan(r, &e, true, &e.of_class.many, err));
  STOA_PUSH(&r->arena, &r->entities, e);
  return STOA_OK;
}

stoa_status stoa_entities_read(stoa_registry *r, const stoa_yaml *root, stoa_error *err)
{
  for (uint32_t i = 0; root && i < root->n_items; ++i) {
    if (strcmp(root->items[i].key, "prefixes") != 0) {
      STOA_TRY(read_entity(r, root, &root->items[i], err));
    }
  }
  return check_same_as(r, err);
}

// ---- keys of requests

static bool is_integer(stoa_slice text, stoa_key_type type)
{
  const bool negative = text.length > 0 && text.data[0] == '-';
  const size_t first = negative;
  uint64_t value = 0;
  const uint64_t most = (type == STOA_KEY_INT32 ? (uint64_t)INT32_MAX : (uint64_t)INT64_MAX) + negative;
  if (text.length == first || (text.data[first] == '0' && text.length > 1)) {
    return false;
  }
  for (size_t i = first; i < text.length; ++i) {
    const unsigned digit = (unsigned char)text.data[i] - '0';
    if (digit > 9 || value > (most - digit) / 10) {
      return false;
    }
    value = value * 10 + digit;
  }
  return true;
}

stoa_status stoa_entity_check(const stoa_entity *e, uint32_t part, stoa_slice key, stoa_error *err)
{
  const stoa_key_type type = e->types[part];
  const int n = (int)(key.length < 60 ? key.length : 60);
  STOA_TRY(stoa_key_check(e->keys[part], key, err));
  return (type != STOA_KEY_INT32 && type != STOA_KEY_INT64) || is_integer(key, type)
           ? STOA_OK
           : stoa_error_set(err, STOA_BAD_TYPE, "%s is of type %s; \"%.*s\" is none", e->keys[part], type_words[type],
                            n, key.data);
}

static stoa_slice decoded(stoa_slice text, stoa_arena *arena)
{
  char *const copy = stoa_arena_copy(arena, text);
  return (stoa_slice){copy, stoa_percent_read(text, false, copy)};
}

stoa_status stoa_entity_key(const stoa_entity *e, stoa_slice text, stoa_arena *arena, stoa_slice *out, stoa_error *err)
{
  uint32_t n = 0;
  if (e->n_keys == 1) {
    out[n++] = text;
  }
  for (bool more = n == 0; more; ++n) {
    const char *const colon = memchr(text.data, ':', text.length);
    const size_t length = colon ? (size_t)(colon - text.data) : text.length;
    if (n < e->n_keys) {
      out[n] = decoded((stoa_slice){text.data, length}, arena);
    }
    more = colon != NULL;
    text = more ? (stoa_slice){colon + 1, text.length - length - 1} : text;
  }
  if (n != e->n_keys) {
    return stoa_error_set(err, STOA_BAD_ARG, "a key of %s has %u parts, with \":\" between them; this one has %u",
                          e->name, e->n_keys, n);
  }
  for (uint32_t i = 0; i < n; ++i) {
    STOA_TRY(stoa_entity_check(e, i, out[i], err));
  }
  return STOA_OK;
}

stoa_term stoa_entity_term(const stoa_entity *e, const stoa_slice *key, stoa_arena *arena)
{
  stoa_slice values[STOA_TEMPLATE_COLUMNS];
  for (uint32_t c = 0; c < e->n_keys; ++c) {
    values[c] = key[e->place[c]];
  }
  return stoa_term_built(arena, e->iri, values);
}

const char *stoa_entity_absence(const stoa_entity *e, const stoa_slice *key, stoa_arena *arena)
{
  stoa_buf text = {0};
  stoa_buf_print(&text, "there is no %s with", e->name);
  for (uint32_t i = 0; i < e->n_keys; ++i) {
    const int n = (int)(key[i].length < 60 ? key[i].length : 60);
    stoa_buf_print(&text, "%s %s \"%.*s\"", i ? "," : "", e->keys[i], n, key[i].data);
  }
  const char *const copy = stoa_arena_copy(arena, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
  return copy;
}

// ---- who is there

typedef struct {
  stoa_table asked;
  bool *is_there;
} found;

static stoa_status take_found(const stoa_batch *batch, void *data, stoa_error *err)
{
  found *const f = data;
  (void)err;
  for (uint32_t row = 0; row < batch->n_rows; ++row) {
    const stoa_term t = batch->columns[0][row];
    for (uint32_t at = stoa_table_first(&f->asked, stoa_term_hash(t)); at; at = stoa_table_next(&f->asked, at)) {
      f->is_there[at - 1] |= stoa_term_same(stoa_table_row(&f->asked, at - 1)[0], t);
    }
  }
  return STOA_OK;
}

stoa_status stoa_entity_known(const stoa_entity *e, const stoa_known_plans *plans, const stoa_term *terms, uint32_t n,
                              stoa_context *context, stoa_arena *arena, bool *known, stoa_error *err)
{
  found f = {.asked = {.n_columns = 1}, .is_there = known};
  if (context->at_once) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "a source is to be asked for %s", e->name);
  }
  const bool at_once = e->n_keys == 1 && n > 1;
  for (uint32_t i = 0; i < n; ++i) {
    known[i] = false;
    stoa_table_add(&f.asked, arena, &terms[i], stoa_term_hash(terms[i]));
  }
  for (uint32_t i = 0; i < n; i += at_once ? n : 1) {
    const stoa_slot_rows slot = {terms + i, at_once ? n : 1};
    STOA_TRY(stoa_answer_each(at_once ? plans->many : plans->one, context, &slot, 1, take_found, &f, err));
  }
  return STOA_OK;
}
