#include "ontology/vocabulary.h"
#include "graph/plan/makes.h"
#include "graph/term/vocab.h"

typedef struct {
  const stoa_project *project;
  stoa_faults *faults;
  stoa_arena arena;
  stoa_map told;
} checker;

static void tell(checker *c, const stoa_pattern *pattern, bool is_class)
{
  const char *const text =
    stoa_arena_copy(&c->arena, stoa_term_text(is_class ? pattern->object.term : pattern->predicate.term));
  const bool known = c->project->hierarchy.declared.n && stoa_hierarchy_knows(&c->project->hierarchy, text);
  const char *const near = known ? NULL : stoa_hierarchy_nearest(&c->project->hierarchy, is_class, text, &c->arena);
  stoa_error err = {0};
  if (stoa_map_find(&c->told, stoa_slice_of(text))) {
    return;
  }
  stoa_map_add(&c->told, &c->arena, stoa_slice_of(text), c);
  stoa_error_at(&err, STOA_NOT_FOUND, pattern->place, "nothing is mapped to %s <%s>%s%s%s",
                is_class ? "class" : "property", text, near ? "; did you mean <" : "", near ? near : "",
                near ? ">?" : "");
  stoa_faults_add(c->faults, &err, known);
}

// A native graph speaks of the names that it has; the engine's own is only a leaf of those that it knows.
static bool quads_speak_of(checker *c, const stoa_leaf *leaf, const stoa_pattern *pattern, bool is_class)
{
  const stoa_rewriter *const rewriter = &c->project->mapping.rewriter;
  const char *near;
  return leaf->source != c->project->mapping.native || !rewriter->knows ||
         rewriter->knows(rewriter, is_class, is_class ? pattern->object.term : pattern->predicate.term, &c->arena,
                         &near);
}

// A predicate that stands in a column may be any that its template can make.
static bool any_speaks_of(checker *c, const stoa_leaves *leaves, const stoa_pattern *pattern, bool is_class)
{
  bool any = false;
  for (uint32_t i = 0; i < leaves->n && !any; ++i) {
    const stoa_leaf *const leaf = leaves->items[i];
    stoa_value values[STOA_TEMPLATE_COLUMNS];
    any = leaf->native ? quads_speak_of(c, leaf, pattern, is_class)
          : leaf->predicate.kind == STOA_CTOR_CONSTANT
            ? true
            : stoa_ctor_invert(&leaf->predicate, pattern->predicate.term, &c->arena, values) != STOA_SAID_NEVER;
  }
  return any;
}

static void check_pattern(checker *c, const stoa_pattern *pattern)
{
  const stoa_mapping *const m = &c->project->mapping;
  stoa_leaves leaves = {0};
  stoa_context context;
  stoa_error err = {0};
  stoa_context_init(&context, 0);
  if (pattern->predicate.var != STOA_NO_VAR) {
    return;
  }
  const bool is_class = stoa_slice_is(stoa_term_text(pattern->predicate.term), STOA_RDF_TYPE) &&
                        pattern->object.var == STOA_NO_VAR && stoa_term_is_iri(pattern->object.term);
  // Whether some subject or value is there is the data's affair.
  stoa_pattern any = *pattern;
  any.subject = (stoa_slot){.var = 0};
  any.object = is_class ? pattern->object : any.subject;
  if (m->rewriter.define(&m->rewriter, &any, &context, &c->arena, &leaves, &err) == STOA_OK &&
      !any_speaks_of(c, &leaves, pattern, is_class)) {
    tell(c, pattern, is_class);
  }
}

static void check_node(checker *c, const stoa_node *node)
{
  if (node->kind == STOA_NODE_SERVICE) {
    return;
  }
  for (uint32_t i = 0; i < node->n_patterns; ++i) {
    check_pattern(c, &node->patterns[i]);
  }
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    check_node(c, node->inputs[i]);
  }
}

void stoa_vocabulary_check(const stoa_project *project, const stoa_query *query, stoa_faults *faults)
{
  checker c = {.project = project, .faults = faults};
  stoa_arena_init(&c.arena, 0);
  check_node(&c, query->root);
  stoa_arena_done(&c.arena);
}
