// Which fields of events make an entity's IRI is known from their templates alone; which tables of sources do, from the
// mapping.  A source is asked by a plan over the one table, with all but the entity left out.
#include "features/receipt.h"
#include "features/lineage.h"
#include "graph/base/clock.h"
#include "graph/exec/digest.h"
#include "graph/plan/planning.h"
#include "graph/result/answer.h"
#include "graph/term/xsd.h"

// ---- what events name

static int field_of(const stoa_event_type *type, const char *name)
{
  for (uint32_t i = 0; i < type->n_fields; ++i) {
    if (strcmp(type->fields[i], name) == 0) {
      return (int)i;
    }
  }
  return -1;
}

typedef STOA_LIST(stoa_event_naming) namings;

// A template with a column that is no field makes nothing: its mapping has a fault, which was told.
static stoa_status add_naming(const stoa_event_type *type, const char *pattern, const char *base, stoa_arena *arena,
                              namings *out, stoa_error *err)
{
  stoa_event_naming naming = {.type = type};
  STOA_TRY(stoa_template_read(pattern, base, true, arena, &naming.iri, err));
  for (uint32_t i = 0; i < naming.iri->n_columns; ++i) {
    const int field = field_of(type, naming.iri->columns[i]);
    if (field < 0) {
      return STOA_OK;
    }
    naming.fields[i] = (uint32_t)field;
  }
  if (naming.iri->n_columns) {
    STOA_PUSH(arena, out, naming);
  }
  return STOA_OK;
}

// The event itself may be the entity, or be named by others.
static stoa_status find_namings(const stoa_event_types *types, const char *base, stoa_arena *arena, namings *out,
                                stoa_error *err)
{
  for (uint32_t t = 0; t < types->n; ++t) {
    const stoa_event_type *const type = &types->items[t];
    STOA_TRY(add_naming(type, type->subject, base, arena, out, err));
    for (uint32_t i = 0; i < type->n_fields; ++i) {
      if (type->iris[i]) {
        STOA_TRY(add_naming(type, type->iris[i], base, arena, out, err));
      }
    }
  }
  return STOA_OK;
}

// Of these types the text in the database is the text in the IRI.
static bool is_plain(const char *sql)
{
  return strcmp(sql, "TEXT") == 0 || strcmp(sql, "INTEGER") == 0 || strcmp(sql, "DATE") == 0;
}

static stoa_status check_naming(const stoa_event_naming *naming, const stoa_entity *entity, stoa_error *err)
{
  if (!stoa_template_overlap(naming->iri, entity->iri)) {
    return STOA_OK;
  }
  for (uint32_t i = 0; i < naming->iri->n_columns; ++i) {
    const uint32_t field = naming->fields[i];
    if (!is_plain(naming->type->types[field])) {
      return stoa_error_at(err, STOA_UNSUPPORTED, naming->type->places[field],
                           "event type \"%s\" names %s by its field \"%s\" of type %s: its events cannot be found by a "
                           "key; declare a field of type string or integer",
                           naming->type->name, entity->name, naming->type->fields[field], naming->type->words[field]);
    }
  }
  return naming->iri->exact ? STOA_OK
                            : stoa_error_at(err, STOA_UNSUPPORTED, naming->type->place,
                                            "event type \"%s\" names %s by \"%s\", which does not part its fields: its "
                                            "events cannot be found by a key; put a / between them",
                                            naming->type->name, entity->name, naming->iri->pattern);
}

// ---- who is the same

static const stoa_event_type *type_of(const stoa_event_types *types, const char *name)
{
  for (uint32_t i = 0; i < types->n; ++i) {
    if (strcmp(types->items[i].name, name) == 0) {
      return &types->items[i];
    }
  }
  return NULL;
}

typedef STOA_LIST(stoa_identity) identities;

static void find_identities(const stoa_registry *r, const stoa_event_types *types, stoa_arena *arena, identities *out)
{
  for (uint32_t i = 0; i < r->entities.n; ++i) {
    const stoa_entity *const e = &r->entities.items[i];
    for (uint32_t k = 0; k < e->same_as.n; ++k) {
      const stoa_identity link = {e->name, e->same_as.items[k].entity, e->iri,
                                  type_of(types, e->same_as.items[k].event)};
      STOA_PUSH(arena, out, link);
    }
  }
}

static bool names(const namings *all, const stoa_event_type *type, const stoa_entity *entity)
{
  for (uint32_t i = 0; i < all->n; ++i) {
    if (all->items[i].type == type && stoa_template_overlap(all->items[i].iri, entity->iri)) {
      return true;
    }
  }
  return false;
}

static stoa_status check_same(const stoa_registry *r, const stoa_event_types *types, const stoa_entity *e,
                              const stoa_same_as *same, const namings *all, stoa_error *err)
{
  const stoa_event_type *const type = type_of(types, same->event);
  const stoa_entity *const other = stoa_registry_entity(r, same->entity);
  if (!type) {
    return stoa_error_at(err, STOA_NOT_FOUND, same->place,
                         "\"same_as\": there is no event type \"%s\" under events: in stoa.yaml", same->event);
  }
  const stoa_entity *const unnamed = !names(all, type, e) ? e : !other || !names(all, type, other) ? other : NULL;
  return !unnamed
           ? STOA_OK
           : stoa_error_at(err, STOA_BAD_ARG, same->place,
                           "\"same_as\": no field of event type \"%s\" makes an IRI like \"%s\", of entity \"%s\"",
                           type->name, unnamed->iri->pattern, unnamed->name);
}

void stoa_same_as_check(const stoa_registry *r, const stoa_event_types *types, stoa_faults *faults)
{
  stoa_arena arena;
  namings all = {0};
  stoa_error told = {0}; // of templates, by the mapping
  stoa_arena_init(&arena, 0);
  find_namings(types, r->project->base, &arena, &all, &told);
  for (uint32_t i = 0; i < r->entities.n; ++i) {
    const stoa_entity *const e = &r->entities.items[i];
    for (uint32_t k = 0; k < e->same_as.n; ++k) {
      stoa_error err = {0};
      if (check_same(r, types, e, &e->same_as.items[k], &all, &err) != STOA_OK) {
        stoa_faults_add(faults, &err, false);
      }
    }
  }
  stoa_arena_done(&arena);
}

// ---- what sources hold

// The one leaf that a pattern stands for.
typedef struct {
  stoa_rewriter rewriter; ///< first
  const stoa_leaf *leaf;
} lone;

static stoa_status define_lone(const stoa_rewriter *rewriter, const stoa_pattern *pattern, const stoa_context *context,
                               stoa_arena *arena, stoa_leaves *out, stoa_error *err)
{
  (void)pattern;
  (void)context;
  (void)err;
  STOA_PUSH(arena, out, ((const lone *)rewriter)->leaf);
  return STOA_OK;
}

static stoa_ctor constant(stoa_term term)
{
  return (stoa_ctor){.kind = STOA_CTOR_CONSTANT, .makes = STOA_TERM_IRI, .constant = term};
}

// Rows of one table, as triples ENTITY is there.
static stoa_leaf *leaf_of(const stoa_leaf *leaf, const stoa_ctor *entity, stoa_term is, stoa_arena *arena)
{
  stoa_leaf *const out = STOA_NEW(arena, stoa_leaf);
  *out = (stoa_leaf){.source = leaf->source,
                     .tables = {leaf->tables[entity->table]},
                     .n_tables = 1,
                     .subject = *entity,
                     .predicate = constant(is),
                     .object = constant(is),
                     .triples_map = leaf->triples_map};
  out->subject.table = 0;
  return out;
}

// VALUES of slot 1, joined with the one pattern.
static const stoa_query *query_of(stoa_term is, stoa_arena *arena)
{
  static const char *const names_of[] = {"e"};
  static const stoa_var vars[] = {0};
  stoa_pattern *const pattern = STOA_NEW(arena, stoa_pattern);
  stoa_node *const nodes = STOA_NEWS(arena, stoa_node, 5);
  stoa_query *const query = STOA_NEW(arena, stoa_query);
  *pattern = (stoa_pattern){.subject = {.var = 0},
                            .predicate = {.var = STOA_NO_VAR, .term = is},
                            .object = {.var = STOA_NO_VAR, .term = is},
                            .graph = {.var = STOA_NO_VAR}};
  nodes[0] = (stoa_node){.kind = STOA_NODE_VALUES, .vars = vars, .n_vars = 1, .slot = 1, .limit = UINT64_MAX};
  nodes[1] = (stoa_node){.kind = STOA_NODE_BGP, .patterns = pattern, .n_patterns = 1, .limit = UINT64_MAX};
  nodes[2] = (stoa_node){.kind = STOA_NODE_JOIN, .inputs = {&nodes[0], &nodes[1]}, .limit = UINT64_MAX};
  nodes[3] =
    (stoa_node){.kind = STOA_NODE_PROJECT, .inputs = {&nodes[2]}, .vars = vars, .n_vars = 1, .limit = UINT64_MAX};
  nodes[4] = (stoa_node){.kind = STOA_NODE_SLICE, .inputs = {&nodes[3]}, .limit = 1};
  *query = (stoa_query){
    .form = STOA_FORM_SELECT, .names = names_of, .n_vars = 1, .columns = vars, .n_columns = 1, .root = &nodes[4]};
  return query;
}

static stoa_status take_row(const stoa_batch *batch, void *data, stoa_error *err)
{
  (void)err;
  *(bool *)data |= batch->n_rows > 0;
  return STOA_OK;
}

static stoa_status ask(const stoa_leaf *leaf, const stoa_ctor *ctor, stoa_term entity, stoa_context *context,
                       stoa_arena *arena, bool *out, stoa_error *err)
{
  const stoa_term is = stoa_term_iri(stoa_slice_of("https://stoa.example/ns#holds"));
  const lone rewriter = {{define_lone, NULL, NULL}, leaf_of(leaf, ctor, is, arena)};
  const stoa_slot_rows slot = {&entity, 1};
  const stoa_plan *plan;
  *out = false;
  STOA_TRY(stoa_plan_make(query_of(is, arena), &rewriter.rewriter, context, arena, &plan, err));
  return stoa_answer_each(plan, context, &slot, 1, take_row, out, err);
}

static const char *table_of(const stoa_leaf *leaf, const stoa_ctor *ctor)
{
  const stoa_leaf_table *const t = &leaf->tables[ctor->table];
  return t->table ? t->table : t->view;
}

static bool is_known(const stoa_receipt *r, const stoa_leaf *leaf, const stoa_ctor *ctor)
{
  for (uint32_t i = 0; i < r->held.n; ++i) {
    const stoa_holding *const h = &r->held.items[i];
    bool same = strcmp(h->source, leaf->source->name) == 0 && strcmp(h->table, table_of(leaf, ctor)) == 0 &&
                h->columns.n == ctor->n_columns;
    for (uint32_t k = 0; same && k < ctor->n_columns; ++k) {
      same = strcmp(h->columns.items[k], ctor->columns[k]->name) == 0;
    }
    if (same) {
      return true;
    }
  }
  return false;
}

static void add_views(const stoa_registry *registry, stoa_holding *held, stoa_arena *arena)
{
  for (uint32_t i = 0; i < registry->views.n; ++i) {
    stoa_lineage read = {0};
    bool reads = false;
    stoa_view_lineage(registry->views.items[i], arena, &read);
    for (uint32_t k = 0; k < read.n; ++k) {
      reads |= strcmp(read.items[k].source, held->source) == 0 && strcmp(read.items[k].table, held->table) == 0;
    }
    if (reads) {
      STOA_PUSH(arena, &held->views, registry->views.items[i]->name);
    }
  }
}

// A source that cannot be asked may hold it.
static void look_into(stoa_receipt *r, const stoa_registry *registry, const stoa_leaf *leaf, const stoa_ctor *ctor,
                      stoa_term entity, stoa_context *context)
{
  stoa_holding held = {.source = leaf->source->name, .table = table_of(leaf, ctor)};
  stoa_error unheard = {0};
  bool holds;
  if (is_known(r, leaf, ctor)) {
    return;
  }
  for (uint32_t k = 0; k < ctor->n_columns; ++k) {
    STOA_PUSH(&r->arena, &held.columns, ctor->columns[k]->name);
  }
  const stoa_status status = ask(leaf, ctor, entity, context, &r->arena, &holds, &unheard);
  held.holds = status != STOA_OK ? STOA_HOLDS_UNKNOWN : holds ? STOA_HOLDS : STOA_HOLDS_NOT;
  add_views(registry, &held, &r->arena);
  STOA_PUSH(&r->arena, &r->held, held);
}

static bool can_make(const stoa_ctor *ctor, const stoa_entity *entity)
{
  return ctor->makes == STOA_TERM_IRI &&
         (ctor->kind == STOA_CTOR_COLUMN ||
          (ctor->kind == STOA_CTOR_TEMPLATE && stoa_template_overlap(ctor->tmpl, entity->iri)));
}

// Nobody waits to be erased for a source that stands still.
static void look_into_sources(stoa_receipt *r, const stoa_registry *registry, stoa_context *context)
{
  enum { PATIENCE_S = 10 };
  const stoa_mapping *const m = &registry->project->mapping;
  const stoa_term entity = stoa_term_iri(r->erasure.who.iri);
  const int64_t deadline_ns = context->deadline_ns,
                until_ns = stoa_clock_steady_ns() + INT64_C(1000000000) * PATIENCE_S;
  context->deadline_ns = deadline_ns && deadline_ns < until_ns ? deadline_ns : until_ns;
  for (uint32_t i = 0; i < m->all.n; ++i) {
    const stoa_leaf *const leaf = m->all.items[i];
    const stoa_ctor *const ctors[] = {&leaf->subject, &leaf->object};
    for (int k = 0; k < 2 && !leaf->native && strcmp(leaf->source->name, "state") != 0; ++k) {
      if (can_make(ctors[k], r->entity)) {
        look_into(r, registry, leaf, ctors[k], entity, context);
      }
    }
  }
  if (m->native) {
    stoa_holding held = {.source = "data", .table = "RDF"};
    const stoa_term any = {0};
    held.holds =
      stoa_source_native_matches(m->native, entity, any, any) || stoa_source_native_matches(m->native, any, any, entity)
        ? STOA_HOLDS
        : STOA_HOLDS_NOT;
    STOA_PUSH(&r->arena, &r->held, held);
  }
  context->deadline_ns = deadline_ns;
}

// ---- a receipt

static void free_arena(void *arena)
{
  stoa_arena_done(arena);
}

static const char *sha256(stoa_slice text, stoa_arena *arena)
{
  return stoa_arena_copy(arena, stoa_sha256(text, arena));
}

static void set_hash(stoa_receipt *r)
{
  unsigned char random[16];
  stoa_buf text = {0};
  stoa_random_bytes(random, sizeof random);
  r->salt = sha256((stoa_slice){(const char *)random, sizeof random}, &r->arena);
  stoa_buf_print(&text, "%s%s|", r->salt, r->entity->name);
  stoa_buf_slice(&text, r->erasure.who.key);
  r->erasure.hash = sha256((stoa_slice){text.data, text.length}, &r->arena);
  stoa_buf_done(&text);
}

static stoa_status set_names(stoa_receipt *r, const stoa_registry *registry, stoa_error *err)
{
  namings all = {0};
  identities same = {0};
  STOA_TRY(find_namings(r->types, registry->project->base, &r->arena, &all, err));
  find_identities(registry, r->types, &r->arena, &same);
  for (uint32_t i = 0; i < all.n; ++i) {
    STOA_TRY(check_naming(&all.items[i], r->entity, err));
    for (uint32_t k = 0; k < same.n; ++k) {
      STOA_TRY(check_naming(&all.items[i], stoa_registry_entity(registry, same.items[k].entity), err));
    }
  }
  r->erasure.namings = all.items;
  r->erasure.n_namings = all.n;
  r->erasure.identities = same.items;
  r->erasure.n_identities = same.n;
  return STOA_OK;
}

stoa_status stoa_receipt_new(const stoa_registry *registry, const stoa_event_types *types, const stoa_entity *entity,
                             stoa_slice key, stoa_context *context, stoa_arena *arena, stoa_receipt **out,
                             stoa_error *err)
{
  stoa_slice parts[STOA_TEMPLATE_COLUMNS];
  stoa_buf iri = {0};
  stoa_receipt *const r = STOA_NEW(arena, stoa_receipt);
  *r = (stoa_receipt){.entity = entity, .types = types};
  stoa_arena_init(&r->arena, 0);
  stoa_arena_on_done(arena, free_arena, &r->arena);
  STOA_TRY(stoa_entity_key(entity, key, &r->arena, parts, err));
  stoa_term_write_lexical(stoa_entity_term(entity, parts, &r->arena), &iri);
  r->erasure = (stoa_erasure){.arena = &r->arena,
                              .who = {entity->name, stoa_arena_slice(&r->arena, key),
                                      stoa_arena_slice(&r->arena, (stoa_slice){iri.data, iri.length})}};
  stoa_buf_done(&iri);
  STOA_PUSH(&r->arena, &r->erasure.all, r->erasure.who);
  set_hash(r);
  STOA_TRY(set_names(r, registry, err));
  look_into_sources(r, registry, context);
  *out = r;
  return stoa_context_check(context, err);
}

// ---- its text

static void write_text(stoa_buf *out, const char *name, const char *text)
{
  stoa_buf_print(out, ",\"%s\":", name);
  stoa_buf_json(out, stoa_slice_of(text));
}

static void write_list(stoa_buf *out, const char *name, const char *const *items, uint32_t n)
{
  stoa_buf_print(out, ",\"%s\":[", name);
  for (uint32_t i = 0; i < n; ++i) {
    stoa_buf_text(out, i ? "," : "");
    stoa_buf_json(out, stoa_slice_of(items[i]));
  }
  stoa_buf_byte(out, ']');
}

static void write_events(const stoa_receipt *r, stoa_buf *out)
{
  const char *comma = "";
  stoa_buf_text(out, ",\"events\":{");
  for (uint32_t i = 0; i < r->types->n; ++i) {
    if (r->erasure.n_events[i]) {
      stoa_buf_text(out, comma);
      stoa_buf_json(out, stoa_slice_of(r->types->items[i].name));
      stoa_buf_print(out, ":%llu", (unsigned long long)r->erasure.n_events[i]);
      comma = ",";
    }
  }
  stoa_buf_byte(out, '}');
}

// How many of each other entity it was as well: the names of their kinds, never their keys.
static void write_linked(const stoa_erasure *e, stoa_buf *out)
{
  const char *comma = "";
  stoa_buf_text(out, ",\"same_as\":{");
  for (uint32_t i = 1; i < e->all.n; ++i) {
    uint32_t before = 0, n = 0;
    for (uint32_t k = 1; k < e->all.n; ++k) {
      const bool same = strcmp(e->all.items[k].entity, e->all.items[i].entity) == 0;
      n += same;
      before += same && k < i;
    }
    if (before == 0) {
      stoa_buf_text(out, comma);
      stoa_buf_json(out, stoa_slice_of(e->all.items[i].entity));
      stoa_buf_print(out, ":%u", n);
      comma = ",";
    }
  }
  stoa_buf_byte(out, '}');
}

static void write_held(const stoa_receipt *r, stoa_buf *out)
{
  const char *comma = "";
  stoa_buf_text(out, ",\"sources\":[");
  for (uint32_t i = 0; i < r->held.n; ++i) {
    const stoa_holding *const h = &r->held.items[i];
    if (h->holds == STOA_HOLDS_NOT) {
      continue;
    }
    stoa_buf_print(out, "%s{\"source\":", comma);
    stoa_buf_json(out, stoa_slice_of(h->source));
    write_text(out, "table", h->table);
    write_list(out, "columns", h->columns.items, h->columns.n);
    stoa_buf_print(out, ",\"holds\":%s", h->holds == STOA_HOLDS ? "true" : "null");
    write_list(out, "views", h->views.items, h->views.n);
    stoa_buf_byte(out, '}');
    comma = ",";
  }
  stoa_buf_byte(out, ']');
}

void stoa_receipt_write(const stoa_receipt *r, const char *state_file, stoa_buf *out)
{
  const stoa_erasure *const e = &r->erasure;
  stoa_buf at = {0};
  stoa_xsd_datetime_write((stoa_instant){e->at_us, true, 0}, &at);
  stoa_buf_text(out, "{\"entity\":");
  stoa_buf_json(out, stoa_slice_of(e->who.entity));
  write_text(out, "key_hash", e->hash);
  write_text(out, "salt", r->salt);
  write_text(out, "erased_at", stoa_buf_string(&at));
  stoa_buf_print(out, ",\"offset\":%lld", (long long)e->offset);
  write_events(r, out);
  stoa_buf_print(out, ",\"decisions\":%llu,\"rewards_kept\":%llu", (unsigned long long)e->n_decisions,
                 (unsigned long long)e->n_rewards);
  write_linked(e, out);
  stoa_buf_print(out, ",\"samples\":%llu,\"kept_rows\":%llu", (unsigned long long)e->n_samples,
                 (unsigned long long)e->n_kept);
  write_list(out, "views", e->views.items, e->views.n);
  write_list(out, "not_read", e->unread.items, e->unread.n);
  write_text(out, "files", e->is_wiped ? "wiped" : "to be wiped");
  write_held(r, out);
  write_text(
    out, "models",
    "what they learned from these decisions stays in their weights, which hold no key; a model that is learned "
    "from the log anew leaves them out");
  write_text(out, "backups",
             state_file ? "copies of the state are the operator's; it is the file of \"state\"" : "none");
  if (state_file) {
    write_text(out, "state", state_file);
  }
  stoa_buf_byte(out, '}');
  stoa_buf_done(&at);
}
