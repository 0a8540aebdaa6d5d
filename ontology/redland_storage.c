// A librdf storage: the graph of a project folder, for any program on Redland (rdfproc, roqet, bindings).
//
//   REDLAND_MODULE_PATH=/usr/local/lib/stoa rdfproc -s stoa /path/to/project find - - -
//
// The storage's name is the folder.  It is read-only: the sources behind the mappings stay where they are.
#include "graph/base/clock.h"
#include "graph/exec/run.h"
#include "graph/plan/planning.h"
#include "ontology/project.h"
#include <redland.h>
#include <stdlib.h>
// after redland.h, which it needs
#include <rdf_storage_module.h>

typedef struct {
  stoa_project *project;
} instance;

typedef struct {
  stoa_arena arena;
  stoa_context context;
  librdf_world *world;
  const stoa_plan *plan;
  stoa_run *run;
  const stoa_batch *batch;
  uint32_t row;
  librdf_statement *current;
  stoa_term constants[3]; ///< places that the pattern fixes
} matches;

static const char *const names[] = {"s", "p", "o"};

static void report(librdf_world *world, const stoa_error *err)
{
  char text[900];
  librdf_log(world, 0, LIBRDF_LOG_ERROR, LIBRDF_FROM_STORAGE, NULL, "stoa: %s",
             stoa_error_print(err, text, sizeof text));
}

static int storage_init(librdf_storage *storage, const char *name, librdf_hash *options)
{
  librdf_world *const world = librdf_storage_get_world(storage);
  instance *const i = calloc(1, sizeof *i);
  stoa_faults faults = {0};
  stoa_error err = {0};
  if (options) {
    librdf_free_hash(options);
  }
  if (!i) {
    return 1;
  }
  bool good = stoa_project_open(name, NULL, &faults, &i->project, &err) == STOA_OK;
  if (good && faults.n_errors) {
    err = faults.items[0];
    stoa_project_free(i->project);
    good = false;
  }
  if (!good) {
    report(world, &err);
    free(i);
  } else {
    librdf_storage_set_instance(storage, i);
  }
  stoa_faults_done(&faults);
  return !good;
}

static void storage_terminate(librdf_storage *storage)
{
  instance *const i = librdf_storage_get_instance(storage);
  if (i) {
    stoa_project_free(i->project);
    free(i);
  }
}

static int storage_open(librdf_storage *storage, librdf_model *model)
{
  (void)storage;
  (void)model;
  return 0;
}

static int storage_close(librdf_storage *storage)
{
  (void)storage;
  return 0;
}

static stoa_term term_of(librdf_node *node, stoa_arena *arena)
{
  size_t length;
  if (!node) {
    return (stoa_term){0};
  }
  if (librdf_node_is_resource(node)) {
    return stoa_term_iri(stoa_slice_of((const char *)librdf_uri_as_string(librdf_node_get_uri(node))));
  }
  if (librdf_node_is_blank(node)) {
    return stoa_term_blank(stoa_slice_of((const char *)librdf_node_get_blank_identifier(node)));
  }
  const char *const text = (const char *)librdf_node_get_literal_value_as_counted_string(node, &length);
  const char *const language = librdf_node_get_literal_value_language(node);
  librdf_uri *const type = librdf_node_get_literal_value_datatype_uri(node);
  if (language) {
    return stoa_term_lang(arena, (stoa_slice){text, length}, stoa_slice_of(language));
  }
  return type ? stoa_term_literal(arena, (stoa_slice){text, length},
                                  stoa_slice_of((const char *)librdf_uri_as_string(type)))
              : stoa_term_string((stoa_slice){text, length});
}

static librdf_node *node_of(librdf_world *world, stoa_term t, stoa_arena *arena)
{
  const unsigned char *const text = (const unsigned char *)stoa_arena_copy(arena, stoa_term_lexical(t, arena));
  if (stoa_term_is_iri(t)) {
    return librdf_new_node_from_uri_string(world, text);
  }
  if (t.kind == STOA_TERM_BLANK) {
    return librdf_new_node_from_blank_identifier(world, text);
  }
  if (t.kind == STOA_TERM_LANG) {
    return librdf_new_node_from_literal(world, text, stoa_arena_copy(arena, stoa_term_language(t)), 0);
  }
  if (t.kind == STOA_TERM_STRING) {
    return librdf_new_node_from_literal(world, text, NULL, 0);
  }
  librdf_uri *const type = librdf_new_uri(world, (const unsigned char *)stoa_arena_copy(arena, stoa_term_datatype(t)));
  librdf_node *const node = librdf_new_node_from_typed_literal(world, text, NULL, type);
  librdf_free_uri(type);
  return node;
}

// ---- the stream of what matches a pattern

static void finished(void *data)
{
  matches *const m = data;
  if (m->current) {
    librdf_free_statement(m->current);
  }
  stoa_run_close(m->run);
  stoa_arena_done(&m->arena);
  free(m);
}

static bool fetch(matches *m)
{
  stoa_error err = {0};
  m->row = 0;
  if (stoa_run_next(m->run, &m->batch, &err) != STOA_OK) {
    report(m->world, &err);
    m->batch = NULL;
  }
  return m->batch != NULL;
}

static void make_current(matches *m)
{
  librdf_node *nodes[3];
  stoa_arena arena;
  if (m->current) {
    librdf_free_statement(m->current);
    m->current = NULL;
  }
  if (!m->batch) {
    return;
  }
  stoa_arena_init(&arena, 0);
  for (uint32_t i = 0; i < 3; ++i) {
    const int column = stoa_plan_column(m->plan->root, i);
    nodes[i] = node_of(m->world, column < 0 ? m->constants[i] : m->batch->columns[column][m->row], &arena);
  }
  m->current = librdf_new_statement_from_nodes(m->world, nodes[0], nodes[1], nodes[2]);
  stoa_arena_done(&arena);
}

static int is_end(void *data)
{
  return ((matches *)data)->current == NULL;
}

static int next(void *data)
{
  matches *const m = data;
  if (m->batch && ++m->row >= m->batch->n_rows) {
    fetch(m);
  }
  make_current(m);
  return m->current == NULL;
}

static void *get(void *data, int what)
{
  return what == LIBRDF_ITERATOR_GET_METHOD_GET_OBJECT ? ((matches *)data)->current : NULL;
}

static const stoa_query *query_of(matches *m, librdf_statement *pattern)
{
  stoa_query *const q = STOA_NEW(&m->arena, stoa_query);
  stoa_node *const bgp = STOA_NEW(&m->arena, stoa_node);
  stoa_pattern *const p = STOA_NEW(&m->arena, stoa_pattern);
  stoa_slot *const slots[] = {&p->subject, &p->predicate, &p->object};
  librdf_node *const nodes[] = {pattern ? librdf_statement_get_subject(pattern) : NULL,
                                pattern ? librdf_statement_get_predicate(pattern) : NULL,
                                pattern ? librdf_statement_get_object(pattern) : NULL};
  p->graph.var = STOA_NO_VAR;
  for (uint32_t i = 0; i < 3; ++i) {
    m->constants[i] = stoa_term_copy(term_of(nodes[i], &m->arena), &m->arena);
    slots[i]->var = nodes[i] ? STOA_NO_VAR : i;
    slots[i]->term = m->constants[i];
  }
  *bgp = (stoa_node){.kind = STOA_NODE_BGP, .patterns = p, .n_patterns = 1, .limit = UINT64_MAX};
  *q = (stoa_query){.root = bgp, .names = names, .n_vars = 3, .file = "librdf"};
  return q;
}

static librdf_stream *find(librdf_storage *storage, librdf_statement *pattern)
{
  librdf_world *const world = librdf_storage_get_world(storage);
  const instance *const i = librdf_storage_get_instance(storage);
  matches *const m = calloc(1, sizeof *m);
  stoa_error err = {0};
  if (!m) {
    return NULL;
  }
  m->world = world;
  stoa_arena_init(&m->arena, 0);
  stoa_context_init(&m->context, stoa_clock_system.now_us(&stoa_clock_system));
  stoa_status status =
    stoa_plan_make(query_of(m, pattern), &i->project->mapping.rewriter, &m->context, &m->arena, &m->plan, &err);
  if (status == STOA_OK) {
    status = stoa_run_open(m->plan, &m->context, NULL, 0, &m->run, &err);
  }
  if (status != STOA_OK) {
    report(world, &err);
    stoa_arena_done(&m->arena);
    free(m);
    return NULL;
  }
  fetch(m);
  make_current(m);
  return librdf_new_stream(world, m, is_end, next, get, finished);
}

static librdf_stream *serialise(librdf_storage *storage)
{
  return find(storage, NULL);
}

static int contains(librdf_storage *storage, librdf_statement *statement)
{
  librdf_stream *const stream = find(storage, statement);
  const bool any = stream && !librdf_stream_end(stream);
  if (stream) {
    librdf_free_stream(stream);
  }
  return any;
}

static int size(librdf_storage *storage)
{
  librdf_stream *const stream = find(storage, NULL);
  int n = 0;
  for (; stream && !librdf_stream_end(stream); librdf_stream_next(stream)) {
    ++n;
  }
  if (stream) {
    librdf_free_stream(stream);
  }
  return n;
}

static int refuse(librdf_storage *storage, librdf_statement *statement)
{
  (void)statement;
  librdf_log(librdf_storage_get_world(storage), 0, LIBRDF_LOG_ERROR, LIBRDF_FROM_STORAGE, NULL,
             "stoa: the graph of a project is read-only; change its sources");
  return 1;
}

static void fill(librdf_storage_factory *factory)
{
  factory->version = LIBRDF_STORAGE_INTERFACE_VERSION;
  factory->init = storage_init;
  factory->terminate = storage_terminate;
  factory->open = storage_open;
  factory->close = storage_close;
  factory->size = size;
  factory->add_statement = refuse;
  factory->remove_statement = refuse;
  factory->contains_statement = contains;
  factory->serialise = serialise;
  factory->find_statements = find;
}

void librdf_storage_module_register_factory(librdf_world *world);

void librdf_storage_module_register_factory(librdf_world *world)
{
  librdf_storage_register_factory(world, "stoa", "the virtual graph of a Stoa project", fill);
}
