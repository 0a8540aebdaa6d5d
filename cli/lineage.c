// stoa lineage: from which columns of which sources a property, a class, a feature or a query is made.
#include "cli/cli.h"
#include "features/lineage.h"
#include "graph/base/file.h"
#include "graph/plan/lineage.h"
#include "graph/plan/planning.h"
#include "graph/semantic/semantic.h"
#include "graph/term/vocab.h"
#include "ontology/lexicon.h"
#include "personalizer/engine.h"
#include <stdio.h>
#include <string.h>

typedef struct {
  stoa_engine *engine;
  stoa_arena arena;
  bool turtle;
  stoa_buf out;
} lineage;

static void turtle_text(stoa_buf *out, const char *name, const char *text)
{
  stoa_buf_print(out, "stoa:%s ", name);
  stoa_term_write(stoa_term_string(stoa_slice_of(text)), out);
  stoa_buf_text(out, " ; ");
}

// One thing's columns: those that make its values first, then those that only choose rows.
static void write_thing(lineage *l, const char *kind, const char *name, const char *iri, const stoa_lineage *values,
                        const stoa_lineage *all)
{
  if (!l->turtle) {
    stoa_buf_print(&l->out, "%s %s\n", kind, name);
  }
  for (int pass = 0; pass < 2; ++pass) {
    for (uint32_t i = 0; i < all->n; ++i) {
      const stoa_lineage_column *const c = &all->items[i];
      if (stoa_lineage_has(values, c) != (pass == 0)) {
        continue;
      }
      const char *const role = pass ? "read" : "value";
      if (!l->turtle) {
        stoa_buf_print(&l->out, "  %-6s %s: %s.%s\n", role, c->source, c->table, c->column);
        continue;
      }
      stoa_buf_print(&l->out, "<%s> prov:wasDerivedFrom [ a stoa:Column ; ", iri);
      turtle_text(&l->out, "source", c->source);
      turtle_text(&l->out, "table", c->table);
      turtle_text(&l->out, "column", c->column);
      turtle_text(&l->out, "role", role);
      stoa_buf_text(&l->out, "] .\n");
    }
  }
}

static const char *thing_iri(lineage *l, const char *kind, const char *name)
{
  return stoa_arena_print(&l->arena, "%s%s/%s", stoa_engine_layer(l->engine)->project->base, kind, name);
}

static void of_ctor(lineage *l, const stoa_leaf *leaf, const stoa_ctor *ctor, stoa_lineage *out)
{
  const stoa_leaf_table *const t = &leaf->tables[ctor->table];
  for (uint32_t i = 0; i < ctor->n_columns; ++i) {
    stoa_lineage_add(out, &l->arena, leaf->source->name,
                     t->base    ? t->base->name
                     : t->table ? t->table
                                : t->view,
                     ctor->columns[i]->name);
  }
}

static void of_leaves(lineage *l, const char *kind, const char *iri, const stoa_leaves *leaves)
{
  stoa_lineage values = {0}, all = {0};
  for (uint32_t i = 0; i < leaves->n; ++i) {
    const stoa_leaf *const leaf = leaves->items[i];
    of_ctor(l, leaf, &leaf->object, &values);
    of_ctor(l, leaf, &leaf->object, &all);
    of_ctor(l, leaf, &leaf->subject, &all);
    for (uint32_t k = 0; k < leaf->n_joins; ++k) {
      stoa_lineage_add(&all, &l->arena, leaf->source->name,
                       leaf->tables[0].table ? leaf->tables[0].table : leaf->tables[0].view,
                       leaf->joins[k].child->name);
      stoa_lineage_add(&all, &l->arena, leaf->source->name,
                       leaf->tables[1].table ? leaf->tables[1].table : leaf->tables[1].view,
                       leaf->joins[k].parent->name);
    }
  }
  write_thing(l, kind, iri, iri, &values, &all);
}

static bool of_iri(lineage *l, const char *iri)
{
  const stoa_mapping *const m = &stoa_engine_layer(l->engine)->project->mapping;
  const stoa_leaves *const property = stoa_map_find(&m->by_predicate, stoa_slice_of(iri));
  const stoa_leaves *const class = stoa_map_find(&m->by_class, stoa_slice_of(iri));
  if (property) {
    of_leaves(l, "property", iri, property);
  }
  if (class) {
    of_leaves(l, "class", iri, class);
  }
  return property || class;
}

static void of_feature(lineage *l, const stoa_view *view, const stoa_feature *feature)
{
  stoa_lineage values = {0}, all = {0};
  stoa_feature_lineage(view, feature, &l->arena, &values, &all);
  write_thing(l, "feature", feature->name, thing_iri(l, "feature", feature->name), &values, &all);
}

// A feature, or all of a view or of a service.
static bool of_name(lineage *l, const char *name)
{
  const stoa_registry *const r = stoa_engine_layer(l->engine)->registry;
  const stoa_service *const service = stoa_registry_service(r, name);
  bool any = false;
  for (uint32_t i = 0; i < r->views.n; ++i) {
    const stoa_view *const view = r->views.items[i];
    for (uint32_t k = 0; k < view->features.n; ++k) {
      const stoa_feature *const f = &view->features.items[k];
      const bool wanted = strcmp(f->name, name) == 0 || strcmp(view->name, name) == 0 ||
                          (service && stoa_service_find(service, stoa_slice_of(f->name)) >= 0);
      if (wanted) {
        of_feature(l, view, f);
        any = true;
      }
    }
  }
  return any;
}

static stoa_status of_query(lineage *l, const char *file, stoa_slice text, stoa_error *err)
{
  const stoa_query *query;
  const stoa_plan *plan;
  stoa_context context;
  stoa_lineage all = {0};
  stoa_context_init(&context, 0);
  STOA_TRY(stoa_lexicon_read(&stoa_engine_layer(l->engine)->project->mapping, false, text, file,
                             stoa_engine_layer(l->engine)->project->base, &l->arena, &query, err));
  STOA_TRY(
    stoa_plan_make(query, &stoa_engine_layer(l->engine)->project->mapping.rewriter, &context, &l->arena, &plan, err));
  stoa_lineage_of_plan(plan, &l->arena, &all);
  for (uint32_t i = 0; i < query->n_columns; ++i) {
    stoa_lineage values = {0};
    const char *const name = stoa_arena_print(&l->arena, "?%s", query->names[query->columns[i]]);
    stoa_lineage_of_var(plan, query->columns[i], &l->arena, &values);
    write_thing(l, "column", name, thing_iri(l, "query", name + 1), &values,
                i + 1 == query->n_columns ? &all : &values);
  }
  if (query->n_columns == 0) {
    const stoa_lineage none = {0};
    write_thing(l, "query", file, thing_iri(l, "query", "all"), &none, &all);
  }
  return STOA_OK;
}

static stoa_status tell(lineage *l, const char *word, const char *text, stoa_error *err)
{
  const size_t n = word ? strlen(word) : 0;
  if (l->turtle) {
    stoa_buf_text(&l->out, "@prefix prov: <http://www.w3.org/ns/prov#> .\n@prefix stoa: <" STOA_NS "> .\n");
  }
  if (text) {
    return of_query(l, "query", stoa_slice_of(text), err);
  }
  if ((n > 3 && strcmp(word + n - 3, ".rq") == 0) || (n && stoa_semantic_is(word))) {
    stoa_slice body;
    STOA_TRY(stoa_file_read(word, &l->arena, &body, err));
    return of_query(l, word, body, err);
  }
  const char *const iri = word[0] == '<' ? stoa_arena_copy(&l->arena, (stoa_slice){word + 1, n - 2}) : word;
  return of_iri(l, iri) || of_name(l, word)
           ? STOA_OK
           : stoa_error_set(err, STOA_NOT_FOUND,
                            "nothing is called \"%s\": give the IRI of a mapped property or class, a feature "
                            "(view__feature), a view, a service, or a query FILE.rq or FILE.sql",
                            word);
}

static int run(const char *dir, bool turtle, const char *word, const char *text)
{
  lineage l = {.turtle = turtle};
  stoa_error err = {0};
  stoa_faults faults = {0};
  if (stoa_engine_open(dir, STOA_ENGINE_READ, &faults, &l.engine, &err) != STOA_OK) {
    stoa_faults_done(&faults);
    return stoa_cli_fail(&err);
  }
  stoa_arena_init(&l.arena, 0);
  int code = stoa_cli_faults(&faults);
  if (code == 0) {
    code = tell(&l, word, text, &err) == STOA_OK ? 0 : stoa_cli_fail(&err);
    fwrite(l.out.data, 1, code ? 0 : l.out.length, stdout);
  }
  stoa_buf_done(&l.out);
  stoa_arena_done(&l.arena);
  stoa_faults_done(&faults);
  stoa_engine_close(l.engine);
  return code;
}

int stoa_verb_lineage(stoa_args *args)
{
  const char *dir = ".", *format = "text", *text = NULL, *word = NULL;
  while (!stoa_args_end(args)) {
    if (stoa_args_option(args, "-C", &dir) || stoa_args_option(args, "--format", &format) ||
        stoa_args_option(args, "-e", &text)) {
      continue;
    }
    if (word || stoa_args_current(args)[0] == '-') {
      return stoa_cli_usage("lineage", "cannot take \"%s\"", stoa_args_current(args));
    }
    word = stoa_args_word(args);
  }
  if (!word == !text) {
    return stoa_cli_usage("lineage", "one IRI, feature, view, service, FILE.rq or FILE.sql is needed, or -e TEXT");
  }
  if (strcmp(format, "text") != 0 && strcmp(format, "ttl") != 0) {
    return stoa_cli_usage("lineage", "unknown format \"%s\"; use text or ttl", format);
  }
  return run(dir, strcmp(format, "ttl") == 0, word, text);
}
