#include "personalizer/rail_plan.h"
#include "graph/base/assert.h"
#include "graph/plan/planning.h"
#include "graph/result/answer.h"
#include "graph/sparql/parser.h"
#include "ontology/vocabulary.h"
#include <stdlib.h>
#include <string.h>

typedef struct {
  const stoa_rails *rails;
  const stoa_plan **plans; ///< [rule]
} railed_policy;

struct stoa_rail_plans {
  stoa_arena arena;
  STOA_LIST(railed_policy) policies;
};

stoa_rail_plans *stoa_rail_plans_new(void)
{
  stoa_rail_plans *const p = calloc(1, sizeof *p);
  if (p) {
    stoa_arena_init(&p->arena, 0);
  }
  return p;
}

void stoa_rail_plans_free(stoa_rail_plans *plans)
{
  if (plans) {
    stoa_arena_done(&plans->arena);
    free(plans);
  }
}

// ---- compilation

static stoa_node *node_over(stoa_arena *arena, stoa_node_kind kind, const stoa_node *left, const stoa_node *right)
{
  stoa_node *const node = STOA_NEW(arena, stoa_node);
  *node = (stoa_node){.kind = kind, .inputs = {left, right}, .limit = UINT64_MAX};
  return node;
}

// What is evaluated over the rows of a group: the subject is bound below.  A list within the list of the SELECT is a
// query of its own.
static bool stands_above(const stoa_node *node, bool in_select)
{
  switch (node->kind) {
    case STOA_NODE_FILTER:
    case STOA_NODE_EXTEND:
    case STOA_NODE_LEFT_JOIN:
    case STOA_NODE_MINUS:
    case STOA_NODE_ORDER:
    case STOA_NODE_GROUP:
      return true;
    case STOA_NODE_SLICE: // of an ASK, whose group has no list
      return !in_select || (node->inputs[0]->kind != STOA_NODE_PROJECT && node->inputs[0]->kind != STOA_NODE_DISTINCT);
    case STOA_NODE_PROJECT:
    case STOA_NODE_DISTINCT:
      return !in_select;
    default:
      return false;
  }
}

static const stoa_node *bind_first(const stoa_node *node, const stoa_node *values, bool in_select, stoa_arena *arena)
{
  if (!stands_above(node, in_select)) {
    return node->kind == STOA_NODE_UNIT ? values : node_over(arena, STOA_NODE_JOIN, values, node);
  }
  stoa_node *const copy = STOA_NEW(arena, stoa_node);
  *copy = *node;
  copy->inputs[0] = bind_first(node->inputs[0], values, in_select || node->kind == STOA_NODE_PROJECT, arena);
  return copy;
}

static stoa_var subject_of(const stoa_query *query)
{
  for (stoa_var v = 0; v < query->n_vars; ++v) {
    if (strcmp(query->names[v], "subject") == 0) {
      return v;
    }
  }
  return STOA_NO_VAR;
}

// One answer is as good as many.
static stoa_query *about_subject(const stoa_query *query, stoa_var subject, stoa_arena *arena)
{
  stoa_var *const var = STOA_NEW(arena, stoa_var);
  stoa_query *const wrapped = STOA_NEW(arena, stoa_query);
  stoa_node *const values = node_over(arena, STOA_NODE_VALUES, NULL, NULL);
  const bool asks = query->form == STOA_FORM_ASK;
  *var = subject;
  values->vars = var;
  values->n_vars = 1;
  values->slot = 1;
  const stoa_node *root = bind_first(query->root, values, asks, arena);
  *wrapped = *query;
  if (asks) {
    stoa_node *const project = node_over(arena, STOA_NODE_PROJECT, root, NULL);
    project->vars = var;
    project->n_vars = 1;
    root = project;
    wrapped->form = STOA_FORM_SELECT;
    wrapped->columns = var;
    wrapped->n_columns = 1;
  }
  stoa_node *const first = node_over(arena, STOA_NODE_SLICE, root, NULL);
  first->limit = 1;
  wrapped->root = first;
  return wrapped;
}

// A property that nothing is mapped to makes a rule that never holds, or one that always does.
static stoa_status check_names(const stoa_project *project, const stoa_query *query, stoa_error *err)
{
  stoa_faults faults = {0};
  stoa_vocabulary_check(project, query, &faults);
  if (faults.n_items) {
    const char *const text = faults.items[0].text;
    stoa_error_set(err, STOA_NOT_FOUND, "%s", strncmp(text, "warning: ", 9) == 0 ? text + 9 : text);
  }
  stoa_faults_done(&faults);
  return err->status;
}

static stoa_status plan_rule(const stoa_rail *rule, const stoa_project *project, stoa_arena *arena,
                             const stoa_plan **out, stoa_error *err)
{
  const stoa_query *query;
  stoa_context context;
  STOA_TRY(stoa_query_read(stoa_slice_of(rule->text), rule->place.file, project->base, arena, &query, err));
  const stoa_var subject = subject_of(query);
  if (query->form != STOA_FORM_SELECT && query->form != STOA_FORM_ASK) {
    return stoa_error_set(err, STOA_BAD_ARG, "a rail holds by an ASK or a SELECT");
  }
  if (subject == STOA_NO_VAR) {
    return stoa_error_set(err, STOA_BAD_ARG, "it does not speak of ?subject, whom the decision is about");
  }
  STOA_TRY(check_names(project, query, err));
  stoa_context_init(&context, 0);
  return stoa_plan_make(about_subject(query, subject, arena), &project->mapping.rewriter, &context, arena, out, err);
}

void stoa_rail_plans_add(stoa_rail_plans *plans, const stoa_rails *rails, const stoa_project *project,
                         stoa_faults *faults)
{
  const railed_policy policy = {rails, STOA_NEWS(&plans->arena, const stoa_plan *, rails->n_rules + 1)};
  for (uint32_t i = 0; i < rails->n_rules; ++i) {
    stoa_error fault = {0}, placed = {0};
    const stoa_rail *const rule = &rails->rules[i];
    if (plan_rule(rule, project, &plans->arena, &policy.plans[i], &fault) != STOA_OK) {
      stoa_error_at(&placed, fault.status, rule->place, "rail %s: %s", rule->name, fault.text);
      stoa_faults_add(faults, &placed, false);
    }
  }
  STOA_PUSH(&plans->arena, &plans->policies, policy);
}

// ---- asking

static stoa_status count_rows(const stoa_batch *batch, void *data, stoa_error *err)
{
  (void)err;
  *(uint32_t *)data += batch->n_rows;
  return STOA_OK;
}

static stoa_status holds(const stoa_plan *plan, stoa_term subject, stoa_context *context, bool *out, stoa_error *err)
{
  const stoa_slot_rows slot = {&subject, 1};
  uint32_t n_rows = 0;
  *out = false;
  if (!stoa_term_is_bound(subject)) {
    return STOA_OK;
  }
  if (context->at_once) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "a source is to be asked for a rail");
  }
  STOA_TRY(stoa_answer_each(plan, context, &slot, 1, count_rows, &n_rows, err));
  *out = n_rows > 0;
  return STOA_OK;
}

// The actions left that a rule is for.
static uint32_t mark(const stoa_rails *rails, const stoa_rail *rule, const stoa_example *example, const bool *excluded,
                     const stoa_rail *const *taken, bool *out)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < example->n_actions; ++i) {
    out[i] = !excluded[i] && !taken[i] && stoa_rail_is_for(rails, rule, example->actions[i].id);
    n += out[i];
  }
  return n;
}

static void take(const stoa_rail *rule, const bool *marked, uint32_t n, stoa_rails_taken taken)
{
  for (uint32_t i = 0; i < n; ++i) {
    taken[i] = marked[i] ? rule : taken[i];
  }
}

stoa_status stoa_rail_plans_ask(const stoa_rail_plans *plans, const stoa_rails *rails, const stoa_example *example,
                                const bool *excluded, stoa_term subject, stoa_context *context, stoa_rails_taken taken,
                                stoa_error *err)
{
  bool marked[STOA_MOST_ACTIONS];
  const railed_policy *own = NULL;
  for (uint32_t i = 0; i < plans->policies.n; ++i) {
    own = plans->policies.items[i].rails == rails ? &plans->policies.items[i] : own;
  }
  STOA_ASSERT(own);
  if (mark(rails, &stoa_rail_unknown, example, excluded, taken, marked)) {
    take(&stoa_rail_unknown, marked, example->n_actions, taken);
  }
  for (uint32_t i = 0; i < rails->n_rules; ++i) {
    bool good = true;
    if (mark(rails, &rails->rules[i], example, excluded, taken, marked)) {
      STOA_TRY(holds(own->plans[i], subject, context, &good, err));
    }
    if (!good) {
      take(&rails->rules[i], marked, example->n_actions, taken);
    }
  }
  return STOA_OK;
}
