#include "features/reads.h"
#include "features/link.h"
#include "graph/plan/lineage.h"
#include "graph/plan/makes.h"
#include <string.h>

// The source that the engine brings along, and its tables (features/state/events.c).
static const char STATE[] = "state", DECISIONS[] = "decision", REWARDS[] = "reward";

// One kind of record: events of a type, or decisions where `type` is NULL.
typedef struct {
  const stoa_view *view;
  const stoa_project *project;
  const stoa_event_type *type;
  stoa_arena *arena;
  stoa_status *status;
  stoa_error *err;
} kind;

static bool is_state(const stoa_source *source)
{
  return source && source->name && strcmp(source->name, STATE) == 0;
}

// A view joins decisions with their subjects.
static bool is_decisions(const char *text)
{
  return stoa_state_is_table(text, DECISIONS) || strstr(text, "FROM decision d ") != NULL;
}

static bool is_table(const stoa_leaf *leaf, const kind *k)
{
  const stoa_leaf_table *const t = &leaf->tables[0];
  if (!is_state(leaf->source) || leaf->native || leaf->n_tables == 0) {
    return false;
  }
  const char *const text = t->view ? t->view : t->table;
  return text && (k->type ? stoa_state_is_table(text, k->type->table) : is_decisions(text));
}

// Does a term map make the record's own IRI?
static bool makes_record(const stoa_ctor *ctor, const kind *k)
{
  const char *const subject = k->type ? k->type->subject : "decision/{event_id}";
  const size_t n = strlen(subject);
  if (ctor->kind != STOA_CTOR_TEMPLATE || ctor->makes != STOA_TERM_IRI || strlen(ctor->tmpl->pattern) < n) {
    return false;
  }
  return strcmp(ctor->tmpl->pattern + strlen(ctor->tmpl->pattern) - n, subject) == 0; // the base may stand before it
}

static int field_of(const stoa_event_type *type, const char *name)
{
  for (uint32_t i = 0; i < type->n_fields; ++i) {
    if (strcmp(type->fields[i], name) == 0) {
      return (int)i;
    }
  }
  return -1;
}

// What the columns of a template are of a record.
static bool find_fields(const stoa_ctor *ctor, const kind *k, stoa_naming *out)
{
  *out = (stoa_naming){.iri = ctor->tmpl};
  for (uint32_t i = 0; i < ctor->n_columns; ++i) {
    const int field = field_of(k->type, ctor->columns[i]->name);
    if (field < 0) {
      return false;
    }
    out->fields[i] = (uint32_t)field;
  }
  return true;
}

// Does a term map make an IRI that can be an entity's, of what the record has?
static bool names_entity(const stoa_ctor *ctor, const kind *k, stoa_naming *out)
{
  if (!k->type) {
    return ctor->kind == STOA_CTOR_COLUMN && ctor->makes == STOA_TERM_IRI &&
           strcmp(ctor->columns[0]->name, "entity_iri") == 0;
  }
  return ctor->kind == STOA_CTOR_TEMPLATE && ctor->makes == STOA_TERM_IRI &&
         stoa_template_overlap(ctor->tmpl, k->view->entity->iri) && find_fields(ctor, k, out);
}

static void define(const kind *k, const stoa_pattern *pattern, stoa_leaves *out)
{
  const stoa_rewriter *const rewriter = &k->project->mapping.rewriter;
  stoa_context context;
  stoa_context_init(&context, 0);
  if (*k->status == STOA_OK) {
    *k->status = rewriter->define(rewriter, pattern, &context, k->arena, out, k->err);
  }
}

static stoa_touch touch_of_leaf(const kind *k, const stoa_pattern *p, const stoa_leaf *leaf)
{
  stoa_naming naming;
  const bool from = p->subject.var == k->view->entity_var && names_entity(&leaf->subject, k, &naming);
  const bool to = p->object.var == k->view->entity_var && names_entity(&leaf->object, k, &naming);
  if (makes_record(&leaf->subject, k) && p->subject.var != STOA_NO_VAR) {
    return (stoa_touch){STOA_TOUCH_RECORD, p->subject.var, to};
  }
  if (makes_record(&leaf->object, k) && p->object.var != STOA_NO_VAR) {
    return (stoa_touch){STOA_TOUCH_RECORD, p->object.var, from};
  }
  return (stoa_touch){from || to ? STOA_TOUCH_ENTITY : STOA_TOUCH_ANY, STOA_NO_VAR, false};
}

// Another map may tell the same predicate of the record: then the entity may be another one too.
static bool may_tell(const stoa_pattern *p, const stoa_leaf *other, const stoa_leaf *own, stoa_var record)
{
  if (other->native) {
    return true;
  }
  const stoa_ctor *const mine = p->subject.var == record ? &own->subject : &own->object;
  return stoa_ctors_meet(p->subject.var == record ? &other->subject : &other->object, mine);
}

static stoa_touch touches(const stoa_pattern *p, const void *data)
{
  const kind *const k = data;
  stoa_leaves leaves = {0};
  const stoa_leaf *own = NULL;
  stoa_touch all = {STOA_TOUCH_NONE, STOA_NO_VAR, true};
  define(k, p, &leaves);
  for (uint32_t i = 0; i < leaves.n; ++i) {
    if (!is_table(leaves.items[i], k)) {
      continue;
    }
    const stoa_touch one = touch_of_leaf(k, p, leaves.items[i]);
    const bool agrees = all.how == STOA_TOUCH_NONE || (all.how == one.how && all.record == one.record);
    all = agrees ? (stoa_touch){one.how, one.record, one.links && all.links} : (stoa_touch){STOA_TOUCH_ANY, STOA_NO_VAR, false};
    own = leaves.items[i];
  }
  for (uint32_t i = 0; i < leaves.n && all.links && all.how == STOA_TOUCH_RECORD; ++i) {
    all.links = is_table(leaves.items[i], k) || !may_tell(p, leaves.items[i], own, all.record);
  }
  return all;
}

static const stoa_ctor *ctor_at(const stoa_leaf *leaf, const stoa_pattern *p, stoa_var var)
{
  return p->subject.var == var ? &leaf->subject : &leaf->object;
}

static bool may_share(const stoa_pattern *p, stoa_var record, const stoa_pattern *other, const void *data)
{
  const kind *const k = data;
  stoa_leaves own = {0}, others = {0};
  define(k, p, &own);
  define(k, other, &others);
  for (uint32_t i = 0; i < own.n; ++i) {
    for (uint32_t n = 0; n < others.n && is_table(own.items[i], k); ++n) {
      if (others.items[n]->native || stoa_ctors_meet(ctor_at(own.items[i], p, record), ctor_at(others.items[n], other, record))) {
        return true;
      }
    }
  }
  return false;
}

// ---- by which fields

static void add_naming(const kind *k, const stoa_ctor *ctor, stoa_event_reach *out)
{
  stoa_naming naming;
  bool known = !names_entity(ctor, k, &naming);
  for (uint32_t i = 0; i < out->namings.n && !known; ++i) {
    known = out->namings.items[i].iri == naming.iri && out->namings.items[i].fields[0] == naming.fields[0];
  }
  if (!known) {
    STOA_PUSH(k->arena, &out->namings, naming);
  }
}

typedef struct {
  const kind *k;
  stoa_event_reach *out;
} namings;

static void add_own(const kind *k, const stoa_ctor *ctor, stoa_event_reach *out)
{
  if (!out->own.iri && makes_record(ctor, k) && !find_fields(ctor, k, &out->own)) {
    out->own.iri = NULL;
  }
}

static void find_namings(const stoa_pattern *p, void *data)
{
  const namings *const n = data;
  stoa_leaves leaves = {0};
  define(n->k, p, &leaves);
  for (uint32_t i = 0; i < leaves.n; ++i) {
    if (is_table(leaves.items[i], n->k)) {
      add_own(n->k, &leaves.items[i]->subject, n->out);
      add_naming(n->k, &leaves.items[i]->subject, n->out);
      add_naming(n->k, &leaves.items[i]->object, n->out);
    }
  }
}

// ---- all patterns and operators of a query

typedef struct {
  void (*pattern)(const stoa_pattern *pattern, void *data);
  void *data;
  bool untold; ///< there is a SERVICE, or a function that may give another value each time
} visit;

static void visit_node(visit *v, const stoa_node *node);

static void visit_expr(visit *v, const stoa_expr *e)
{
  if (!e) {
    return;
  }
  v->untold |= e->kind == STOA_EXPR_CALL && stoa_function_is_volatile(e->function);
  if (e->kind == STOA_EXPR_EXISTS) {
    visit_node(v, e->pattern);
  }
  for (uint32_t i = 0; i < e->n_args; ++i) {
    visit_expr(v, e->args[i]);
  }
}

static void visit_node(visit *v, const stoa_node *node)
{
  v->untold |= node->kind == STOA_NODE_SERVICE;
  for (uint32_t i = 0; i < node->n_patterns && v->pattern; ++i) {
    v->pattern(&node->patterns[i], v->data);
  }
  visit_expr(v, node->expr);
  for (uint32_t i = 0; i < node->n_aggregates; ++i) {
    visit_expr(v, node->aggregates[i].expr);
  }
  for (uint32_t i = 0; i < node->n_orders; ++i) {
    visit_expr(v, node->orders[i].expr);
  }
  for (int i = 0; i < 2; ++i) {
    if (node->inputs[i]) {
      visit_node(v, node->inputs[i]);
    }
  }
}

// ---- a view

static void add_event(const kind *k, stoa_reads *out)
{
  const stoa_link_kind link = {touches, may_share, k};
  stoa_event_reach reach = {.type = k->type, .reach = STOA_REACH_ALL, .record = STOA_NO_VAR};
  if (stoa_link_holds(k->view, &link)) {
    namings n = {k, &reach};
    visit v = {.pattern = find_namings, .data = &n};
    reach.reach = STOA_REACH_ONE;
    visit_node(&v, k->view->query->root);
    stoa_var record;
    reach.record = reach.own.iri && stoa_link_record(k->view, &link, &record) ? record : STOA_NO_VAR;
  }
  STOA_PUSH(k->arena, &out->events, reach);
}

static void add_decisions(const kind *k, stoa_reads *out)
{
  const stoa_link_kind link = {touches, may_share, k};
  out->decisions = stoa_link_holds(k->view, &link) ? STOA_REACH_ONE : STOA_REACH_ALL;
}

// May a query of SQL give another answer though its tables are the same?  Whatever looks like a clock or dice is one.
static bool asks_more(const char *sql)
{
  static const char *const words[] = {"now", "current_", "localtime", "random", "()"};
  bool asks = false;
  for (size_t i = 0; i < sizeof words / sizeof *words; ++i) {
    asks |= strcasestr(sql, words[i]) != NULL;
  }
  return asks;
}

// What a source tells of its changes is true of tables that are stored there, and of R2RML views over its own files.  What
// another view gives may depend on the clock, or on another server.
static bool is_told_of(const stoa_project_source *its, const char *table)
{
  if (strchr(table, ' ')) {
    return its->source->klass->stamp && !asks_more(table);
  }
  const stoa_table_info *const info = its->catalog ? stoa_catalog_find(its->catalog, table) : NULL;
  return info && info->stored;
}

static void add_source(const stoa_project *project, const stoa_lineage_column *read, stoa_arena *arena, stoa_reads *out)
{
  for (uint32_t i = 0; i < project->sources.n; ++i) {
    stoa_source *const source = project->sources.items[i].source;
    bool known = strcmp(source->name, read->source) != 0 || source == project->native || is_state(source);
    out->untold |= !known && !is_told_of(&project->sources.items[i], read->table);
    for (uint32_t k = 0; k < out->sources.n && !known; ++k) {
      known = out->sources.items[k] == source;
    }
    if (!known) {
      STOA_PUSH(arena, &out->sources, source);
    }
  }
}

stoa_source *stoa_reads_source(const stoa_project *project, const char *name)
{
  for (uint32_t i = 0; i < project->sources.n; ++i) {
    stoa_source *const source = project->sources.items[i].source;
    if (strcmp(source->name, name) == 0 && source != project->native && !is_state(source)) {
      return source;
    }
  }
  return NULL;
}

static bool reads_table(const stoa_lineage *read, const char *table)
{
  bool found = false;
  for (uint32_t i = 0; i < read->n && !found; ++i) {
    const stoa_lineage_column *const c = &read->items[i];
    found = strcmp(c->source, STATE) == 0 &&
            (strcmp(table, DECISIONS) == 0 ? is_decisions(c->table) : stoa_state_is_table(c->table, table));
  }
  return found;
}

bool stoa_plan_reads_log(const stoa_plan *plan, stoa_arena *arena)
{
  stoa_lineage read = {0};
  bool reads = false;
  stoa_lineage_of_plan(plan, arena, &read);
  for (uint32_t i = 0; i < read.n; ++i) {
    reads |= strcmp(read.items[i].source, STATE) == 0;
  }
  return reads;
}

stoa_status stoa_view_reads(const stoa_view *view, const stoa_project *project, const stoa_event_types *types,
                            stoa_arena *arena, stoa_reads *out, stoa_error *err)
{
  stoa_lineage read = {0};
  stoa_status status = STOA_OK;
  visit v = {0};
  *out = (stoa_reads){.time = view->query->asks_when};
  visit_node(&v, view->query->root);
  out->untold = v.untold;
  stoa_lineage_of_plan(view->plan_one, arena, &read);
  stoa_lineage_of_plan(view->plan_many, arena, &read);
  for (uint32_t i = 0; i < read.n; ++i) {
    add_source(project, &read.items[i], arena, out);
  }
  for (uint32_t i = 0; i < types->n; ++i) {
    const kind k = {view, project, &types->items[i], arena, &status, err};
    if (reads_table(&read, types->items[i].table)) {
      add_event(&k, out);
    }
  }
  if (reads_table(&read, DECISIONS)) {
    const kind k = {view, project, NULL, arena, &status, err};
    add_decisions(&k, out);
  }
  out->rewards = reads_table(&read, REWARDS);
  return status;
}

// ---- a record

bool stoa_iri_entity(const stoa_entity *entity, stoa_slice iri, stoa_arena *arena, const stoa_slice **out)
{
  stoa_slice values[STOA_TEMPLATE_COLUMNS];
  if (!stoa_template_invert(entity->iri, iri, true, arena, values)) {
    return false;
  }
  stoa_slice *const key = STOA_NEWS(arena, stoa_slice, entity->n_keys);
  for (uint32_t c = 0; c < entity->n_keys; ++c) {
    key[entity->place[c]] = values[c];
  }
  *out = key;
  return true;
}

static stoa_slice integer_text(int64_t integer, stoa_arena *arena)
{
  char *const digits = stoa_arena_raw(arena, STOA_INTEGER_DIGITS);
  return (stoa_slice){digits, stoa_integer_write(integer, digits)};
}

// The texts of the fields that make the name.  False: it has none of them.  *all: their texts cannot be told here.
static bool texts_of(const stoa_naming *naming, const stoa_record *event, stoa_arena *arena, stoa_slice *out, bool *all)
{
  for (uint32_t i = 0; i < naming->iri->n_columns; ++i) {
    const stoa_value *const value = &event->values[naming->fields[i]];
    switch (value->kind) {
      case STOA_VALUE_NULL:
        return false;
      case STOA_VALUE_TEXT:
        out[i] = value->text;
        break;
      case STOA_VALUE_INTEGER:
        out[i] = integer_text(value->as.integer, arena);
        break;
      default:
        *all = true;
        return false;
    }
  }
  return true;
}

bool stoa_event_iri(const stoa_naming *own, const stoa_record *event, stoa_arena *arena, stoa_slice *out)
{
  stoa_slice values[STOA_TEMPLATE_COLUMNS];
  stoa_buf iri = {0};
  bool all = false;
  if (!texts_of(own, event, arena, values, &all)) {
    return false;
  }
  stoa_template_write(own->iri, values, true, &iri);
  *out = stoa_arena_slice(arena, (stoa_slice){iri.data, iri.length});
  stoa_buf_done(&iri);
  return true;
}

// Where both templates are the same text around one value, the value is the key, if no letter of it is encoded.
static bool is_key(const stoa_entity *entity, const stoa_naming *naming, stoa_slice text)
{
  bool plain = text.length > 0 && naming->iri->n_columns == 1 && strcmp(naming->iri->shape, entity->iri->shape) == 0;
  for (size_t i = 0; i < text.length && plain; ++i) {
    const char c = text.data[i];
    plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
  }
  return plain;
}

void stoa_event_entities(const stoa_entity *entity, const stoa_event_reach *reach, const stoa_record *event,
                         stoa_arena *arena, stoa_entity_keys *out, bool *all)
{
  *all = reach->reach == STOA_REACH_ALL || !entity->iri->exact; // an IRI may be made from other keys too
  for (uint32_t i = 0; i < reach->namings.n && !*all; ++i) {
    stoa_slice values[STOA_TEMPLATE_COLUMNS];
    stoa_buf iri = {0};
    const stoa_slice *key;
    if (!texts_of(&reach->namings.items[i], event, arena, values, all)) {
      continue;
    }
    if (is_key(entity, &reach->namings.items[i], values[0])) {
      stoa_slice *const own = STOA_NEW(arena, stoa_slice);
      *own = values[0];
      key = own;
      STOA_PUSH(arena, out, key);
      continue;
    }
    stoa_template_write(reach->namings.items[i].iri, values, true, &iri);
    if (stoa_iri_entity(entity, (stoa_slice){iri.data, iri.length}, arena, &key)) {
      STOA_PUSH(arena, out, key);
    }
    stoa_buf_done(&iri);
  }
}
