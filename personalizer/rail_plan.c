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
  const stoa_plan **plans;    ///< [rule]
  const stoa_plan **segments; ///< [entry of options]; NULL: everybody
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

static stoa_status plan_text(const char *text, stoa_place place, const stoa_project *project, stoa_arena *arena,
                             const stoa_plan **out, stoa_error *err)
{
  const stoa_query *query;
  stoa_context context;
  STOA_TRY(stoa_query_read(stoa_slice_of(text), place.file, project->base, arena, &query, err));
  const stoa_var subject = subject_of(query);
  if (query->form != STOA_FORM_SELECT && query->form != STOA_FORM_ASK) {
    return stoa_error_set(err, STOA_BAD_ARG, "who is meant is told by an ASK or a SELECT");
  }
  if (subject == STOA_NO_VAR) {
    return stoa_error_set(err, STOA_BAD_ARG, "it does not speak of ?subject, whom the decision is about");
  }
  STOA_TRY(check_names(project, query, err));
  stoa_context_init(&context, 0);
  return stoa_plan_make(about_subject(query, subject, arena), &project->mapping.rewriter, &context, arena, out, err);
}

typedef struct {
  stoa_arena *arena;
  const stoa_project *project;
  stoa_faults *faults;
} planner;

static const stoa_plan *plan(const planner *p, const char *kind, const char *name, const char *text, stoa_place place)
{
  stoa_error fault = {0}, placed = {0};
  const stoa_plan *made = NULL;
  if (plan_text(text, place, p->project, p->arena, &made, &fault) != STOA_OK) {
    stoa_error_at(&placed, fault.status, place, "%s %s: %s", kind, name, fault.text);
    stoa_faults_add(p->faults, &placed, false);
  }
  return made;
}

void stoa_rail_plans_add(stoa_rail_plans *plans, const stoa_rails *rails, const stoa_project *project,
                         stoa_faults *faults)
{
  const planner p = {&plans->arena, project, faults};
  const railed_policy policy = {rails, STOA_NEWS(p.arena, const stoa_plan *, rails->n_rules + 1),
                                STOA_NEWS(p.arena, const stoa_plan *, rails->n_options + 1)};
  for (uint32_t i = 0; i < rails->n_rules; ++i) {
    const stoa_rail *const rule = &rails->rules[i];
    policy.plans[i] = plan(&p, "rail", rule->name, rule->text, rule->place);
  }
  for (uint32_t i = 0; i < rails->n_options; ++i) {
    const stoa_options_entry *const entry = &rails->options[i];
    policy.segments[i] =
      entry->segment ? plan(&p, "segment of options", entry->lists[0].name, entry->segment, entry->place) : NULL;
  }
  STOA_PUSH(p.arena, &plans->policies, policy);
}

// ---- asking

static stoa_status count_rows(const stoa_batch *batch, void *data, stoa_error *err)
{
  (void)err;
  *(uint32_t *)data += batch->n_rows;
  return STOA_OK;
}

typedef struct {
  const railed_policy *policy;
  const stoa_rails_request *request;
  const stoa_rail **taken;
  stoa_error *err;
} asking;

static stoa_status holds(const asking *a, const stoa_plan *plan, bool *out)
{
  const stoa_slot_rows slot = {&a->request->subject, 1};
  uint32_t n_rows = 0;
  *out = false;
  if (!stoa_term_is_bound(a->request->subject)) {
    return STOA_OK;
  }
  if (a->request->context->at_once) {
    return stoa_error_set(a->err, STOA_UNAVAILABLE, "a source is to be asked for rails");
  }
  STOA_TRY(stoa_answer_each(plan, a->request->context, &slot, 1, count_rows, &n_rows, a->err));
  *out = n_rows > 0;
  return STOA_OK;
}

// ---- which of the actions that are left are meant

typedef bool marks[STOA_MOST_ACTIONS];

static bool is_left(const asking *a, uint32_t i)
{
  return !a->request->excluded[i] && !a->taken[i];
}

static const char *id_of(const asking *a, uint32_t i)
{
  return a->request->example->actions[i].id;
}

static bool mark_ruled(const asking *a, const stoa_rail *rule, bool *out)
{
  bool any = false;
  for (uint32_t i = 0; i < a->request->example->n_actions; ++i) {
    out[i] = is_left(a, i) && stoa_rail_is_for(a->policy->rails, rule, id_of(a, i));
    any |= out[i];
  }
  return any;
}

// Of a list; `listed` false: those that do not stand in it.
static bool mark_listed(const asking *a, const stoa_rail *list, bool listed, bool *out)
{
  bool any = false;
  for (uint32_t i = 0; i < a->request->example->n_actions; ++i) {
    bool stands = false;
    for (uint32_t k = 0; k < list->n_actions && !stands; ++k) {
      stands = strcmp(list->actions[k], id_of(a, i)) == 0;
    }
    out[i] = is_left(a, i) && stands == listed;
    any |= out[i];
  }
  return any;
}

// `nothing` stays, but for what says which one is shown.
static void take(const asking *a, const stoa_rail *rule, bool keeps_nothing, const bool *marked)
{
  const char *const nothing = keeps_nothing ? a->policy->rails->nothing : NULL;
  for (uint32_t i = 0; i < a->request->example->n_actions; ++i) {
    if (marked[i] && !(nothing && strcmp(nothing, id_of(a, i)) == 0)) {
      a->taken[i] = rule;
    }
  }
}

static stoa_status ask_rule(const asking *a, uint32_t i)
{
  marks marked;
  bool good = true;
  const stoa_rail *const rule = &a->policy->rails->rules[i];
  if (mark_ruled(a, rule, marked)) {
    STOA_TRY(holds(a, a->policy->plans[i], &good));
  }
  if (!good) {
    take(a, rule, true, marked);
  }
  return STOA_OK;
}

static stoa_status is_meant(const asking *a, uint32_t i, bool *out)
{
  const stoa_options_entry *const entry = &a->policy->rails->options[i];
  *out = !entry->channel || stoa_slice_is(a->request->channel, entry->channel);
  return *out && entry->segment ? holds(a, a->policy->segments[i], out) : STOA_OK;
}

// A pin none of whose actions is left pins nothing.
static void apply_lists(const asking *a, const stoa_options_entry *entry, bool pins)
{
  const stoa_rail *const lists = entry->lists;
  marks marked;
  if (!pins && lists[STOA_OPTIONS_ALLOWED].n_actions && mark_listed(a, &lists[STOA_OPTIONS_ALLOWED], false, marked)) {
    take(a, &lists[STOA_OPTIONS_ALLOWED], true, marked);
  }
  if (!pins && lists[STOA_OPTIONS_EXCLUDED].n_actions && mark_listed(a, &lists[STOA_OPTIONS_EXCLUDED], true, marked)) {
    take(a, &lists[STOA_OPTIONS_EXCLUDED], true, marked);
  }
  if (pins && mark_listed(a, &lists[STOA_OPTIONS_PINNED], true, marked) &&
      mark_listed(a, &lists[STOA_OPTIONS_PINNED], false, marked)) {
    take(a, &lists[STOA_OPTIONS_PINNED], false, marked);
  }
}

// What is pinned is looked for in what all lists leave.
static stoa_status ask_options(const asking *a)
{
  bool meant[STOA_MOST_OPTIONS];
  for (uint32_t i = 0; i < a->policy->rails->n_options; ++i) {
    STOA_TRY(is_meant(a, i, &meant[i]));
  }
  for (uint32_t k = 0; k < 2 * a->policy->rails->n_options; ++k) {
    const uint32_t i = k % a->policy->rails->n_options;
    if (meant[i]) {
      apply_lists(a, &a->policy->rails->options[i], k >= a->policy->rails->n_options);
    }
  }
  return STOA_OK;
}

// The first action that is left is the baseline.
static void switch_off(const asking *a)
{
  bool found = false;
  for (uint32_t i = 0; i < a->request->example->n_actions; ++i) {
    if (is_left(a, i) && found) {
      a->taken[i] = &stoa_rail_killed;
    }
    found |= is_left(a, i);
  }
}

stoa_status stoa_rail_plans_ask(const stoa_rail_plans *plans, const stoa_rails *rails,
                                const stoa_rails_request *request, stoa_rails_taken taken, stoa_error *err)
{
  asking a = {.request = request, .taken = taken, .err = err};
  marks marked;
  for (uint32_t i = 0; i < plans->policies.n; ++i) {
    a.policy = plans->policies.items[i].rails == rails ? &plans->policies.items[i] : a.policy;
  }
  STOA_ASSERT(a.policy);
  if (mark_ruled(&a, &stoa_rail_unknown, marked)) {
    take(&a, &stoa_rail_unknown, false, marked);
  }
  for (uint32_t i = 0; i < rails->n_rules; ++i) {
    STOA_TRY(ask_rule(&a, i));
  }
  STOA_TRY(ask_options(&a));
  if (rails->kill_switch) {
    switch_off(&a);
  }
  return STOA_OK;
}
