#include "ontology/meets.h"
#include "graph/plan/makes.h"
#include "graph/result/answer.h"
#include <stdio.h>

enum { SAMPLE = 200 };

typedef struct {
  const stoa_project *project;
  stoa_faults *faults;
  stoa_arena arena;
  stoa_map asked; ///< places: a term map stands in many leaves
} checker;

static bool makes_iris(const stoa_leaf *leaf, const stoa_ctor *c)
{
  return !leaf->native && c->makes == STOA_TERM_IRI && c->kind == STOA_CTOR_TEMPLATE;
}

// Is there a subject that another triples map makes, by a template that can make the same IRIs?
static bool has_subject(const checker *c, const stoa_ctor *object)
{
  const stoa_leaves *const all = &c->project->mapping.all;
  for (uint32_t i = 0; i < all->n; ++i) {
    const stoa_leaf *const leaf = all->items[i];
    if (makes_iris(leaf, &leaf->subject) && leaf->subject.home != object->home &&
        stoa_template_overlap(leaf->subject.tmpl, object->tmpl)) {
      return true;
    }
  }
  return false;
}

static bool ignore(void *data, const char *bytes, size_t n_bytes)
{
  (void)data;
  (void)bytes;
  (void)n_bytes;
  return true;
}

// The rows of a query; a failure of a source is told by the other checks.
static bool count(checker *c, const char *text, uint64_t *n_rows)
{
  stoa_context context;
  stoa_error err = {0};
  stoa_context_init(&context, 0);
  const stoa_question question = {stoa_slice_of(text), "check", c->project->base};
  return stoa_answer(&question, &c->project->mapping.rewriter, &context, STOA_FORMAT_CSV, (stoa_sink){ignore, NULL},
                     n_rows, &err) == STOA_OK;
}

static void check_object(checker *c, const stoa_leaf *leaf)
{
  uint64_t n_objects = 0, n_met = 0;
  const char *const property = stoa_arena_copy(&c->arena, stoa_term_text(leaf->predicate.constant));
  const char *const objects =
    stoa_arena_print(&c->arena, "SELECT DISTINCT ?o { ?s <%s> ?o FILTER(isIRI(?o)) } LIMIT %d", property, SAMPLE);
  const char *const met = stoa_arena_print(&c->arena, "SELECT ?o { { %s } ?o ?p ?x } LIMIT 1", objects);
  if (!count(c, objects, &n_objects) || n_objects == 0 || !count(c, met, &n_met) || n_met) {
    return;
  }
  stoa_error err = {0};
  stoa_error_at(&err, STOA_NOT_FOUND, leaf->object.place,
                "none of %llu IRIs that <%s> points to is a subject, though a mapping makes some by such a template as "
                "\"%s\": are the values written alike?",
                (unsigned long long)n_objects, property, leaf->object.tmpl->pattern);
  stoa_faults_add(c->faults, &err, true);
}

void stoa_meets_check(const stoa_project *project, stoa_faults *faults)
{
  checker c = {.project = project, .faults = faults};
  stoa_arena_init(&c.arena, 0);
  for (uint32_t i = 0; i < project->mapping.all.n; ++i) {
    const stoa_leaf *const leaf = project->mapping.all.items[i];
    const stoa_place at = leaf->object.place;
    const char *const place = stoa_arena_print(&c.arena, "%s:%d:%d", at.file ? at.file : "", at.line, at.column);
    if (!makes_iris(leaf, &leaf->object) || leaf->predicate.kind != STOA_CTOR_CONSTANT ||
        stoa_map_find(&c.asked, stoa_slice_of(place)) || !has_subject(&c, &leaf->object)) {
      continue;
    }
    stoa_map_add(&c.asked, &c.arena, stoa_slice_of(place), &c);
    check_object(&c, leaf);
  }
  stoa_arena_done(&c.arena);
}
