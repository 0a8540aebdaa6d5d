#include "personalizer/decision.h"
#include "features/list.h"
#include "graph/base/assert.h"
#include "graph/base/json.h"
#include "graph/base/name.h"
#include "graph/term/number.h"
#include "graph/term/value.h"
#include <stdio.h>
#include <sys/random.h>

typedef struct {
  const stoa_policy *policy;
  const stoa_service *service; ///< of its context features; or NULL
  stoa_context *context;
  stoa_arena *arena;
  stoa_error *err;
  const stoa_json *request;
  stoa_slice event_id, subject, channel;
  stoa_slice key[STOA_TEMPLATE_COLUMNS]; ///< the parts of the subject
  const stoa_term *features;             ///< of the subject
  stoa_example *example;
  bool excluded[STOA_MOST_ACTIONS];
  stoa_rails_taken taken; ///< by whom an action was taken away
  bool explains, falls_back; ///< the caller asks for reasons; nothing is left but the default
  stoa_scores scores;
  double probabilities[STOA_MOST_ACTIONS];
} rank;

// What a client may send; anything else is a slip, and would be dropped without a word.
static stoa_status check_members(const rank *r)
{
  static const char *const members[] = {"actions",         "channel", "contextFeatures", "deferActivation", "eventId",
                                        "excludedActions", "explain", "purpose",         "subject"};
  return stoa_json_known(r->request, "a rank request", members, sizeof members / sizeof *members, r->err);
}

// A member that may be left out, and null is left out.
static const stoa_json *member(const rank *r, const char *name)
{
  const stoa_json *const node = stoa_json_find(r->request, name);
  return node && node->kind != STOA_JSON_NULL ? node : NULL;
}

static stoa_status text_member(const rank *r, const char *name, size_t most, stoa_slice *out)
{
  const stoa_json *const node = member(r, name);
  *out = (stoa_slice){"", 0};
  if (!node) {
    return STOA_OK;
  }
  if (node->kind != STOA_JSON_STRING || node->text.length == 0 || node->text.length > most) {
    return stoa_error_set(r->err, STOA_BAD_ARG, "\"%s\" must be a text of 1 to %zu characters", name, most);
  }
  *out = node->text;
  return STOA_OK;
}

static stoa_status check_deferred(const rank *r)
{
  const stoa_json *const deferred = member(r, "deferActivation");
  if (deferred && deferred->kind != STOA_JSON_BOOLEAN) {
    return stoa_error_set(r->err, STOA_BAD_ARG, "\"deferActivation\" must be true or false");
  }
  return deferred && deferred->integer
           ? stoa_error_set(r->err, STOA_UNSUPPORTED, "\"deferActivation\" is not supported yet; send false")
           : STOA_OK;
}

static stoa_status read_explain(rank *r)
{
  const stoa_json *const explain = member(r, "explain");
  if (explain && explain->kind != STOA_JSON_BOOLEAN) {
    return stoa_error_set(r->err, STOA_BAD_ARG, "\"explain\" must be true or false");
  }
  r->explains = explain && explain->integer;
  return STOA_OK;
}

static stoa_status read_event_id(rank *r)
{
  STOA_TRY(text_member(r, "eventId", STOA_LONGEST_NAME, &r->event_id));
  if (r->event_id.length == 0) {
    uint64_t random[2] = {0};
    if (getrandom(random, sizeof random, 0) != sizeof random) {
      return stoa_error_set(r->err, STOA_IO, "no random bytes for an event id");
    }
    r->event_id = stoa_slice_of(
      stoa_arena_print(r->arena, "%016llx-%016llx", (unsigned long long)random[0], (unsigned long long)random[1]));
  }
  return STOA_OK;
}

static stoa_status read_actions(rank *r)
{
  const stoa_json *const list = member(r, "actions");
  if (!list) {
    memcpy(r->example->actions, r->policy->actions, r->policy->n_actions * sizeof *r->policy->actions);
    r->example->n_actions = r->policy->n_actions;
  } else {
    if (list->kind != STOA_JSON_ARRAY || list->n_items > STOA_MOST_ACTIONS) {
      return stoa_error_set(r->err, STOA_BAD_ARG, "\"actions\" must be an array of at most %d actions",
                            STOA_MOST_ACTIONS);
    }
    for (uint32_t i = 0; i < list->n_items; ++i) {
      STOA_TRY(stoa_action_read(&list->items[i], r->arena, &r->example->actions[i], r->err));
    }
    r->example->n_actions = list->n_items;
  }
  for (uint32_t i = 0; i < r->example->n_actions; ++i) {
    for (uint32_t j = 0; j < i; ++j) {
      if (strcmp(r->example->actions[i].id, r->example->actions[j].id) == 0) {
        return stoa_error_set(r->err, STOA_BAD_ARG, "action \"%s\" stands twice", r->example->actions[i].id);
      }
    }
  }
  return r->example->n_actions
           ? STOA_OK
           : stoa_error_set(r->err, STOA_BAD_ARG, "\"actions\" is empty and the policy has none of its own");
}

// The Personalizer's description has no error for an id that no action has: it is ignored, and counted.
static stoa_status read_excluded(rank *r)
{
  const stoa_json *const list = member(r, "excludedActions");
  uint32_t n_unknown = 0;
  if (list && list->kind != STOA_JSON_ARRAY) {
    return stoa_error_set(r->err, STOA_BAD_ARG, "\"excludedActions\" must be an array of action ids");
  }
  for (uint32_t i = 0; list && i < list->n_items; ++i) {
    if (list->items[i].kind != STOA_JSON_STRING || list->items[i].text.length > STOA_LONGEST_NAME) {
      return stoa_error_set(r->err, STOA_BAD_ARG,
                            "\"excludedActions\" must be texts: the ids of actions, of at most %d characters",
                            STOA_LONGEST_NAME);
    }
    uint32_t a = 0;
    while (a < r->example->n_actions && !stoa_slice_is(list->items[i].text, r->example->actions[a].id)) {
      ++a;
    }
    n_unknown += a == r->example->n_actions;
    if (a < r->example->n_actions) {
      r->excluded[a] = true;
    }
  }
  stoa_bandit_count_unknown(r->policy->bandit, n_unknown);
  return STOA_OK;
}

// Fractions by their places, as a vector has them; of anything else each element is a category.
static stoa_status add_list(rank *r, const stoa_feature *f, const stoa_json *list)
{
  const bool is_measured =
    f->element == STOA_FEATURE_DOUBLE || f->element == STOA_FEATURE_FLOAT || f->element == STOA_FEATURE_DECIMAL;
  for (uint32_t i = 0; i < list->n_items; ++i) {
    const stoa_json *const element = &list->items[i];
    if (is_measured) {
      const char *const name = stoa_arena_print(r->arena, "%s.%u", f->name, i);
      STOA_TRY(stoa_hashed_number(&r->example->context, r->arena, "graph", name, element->real, r->err));
      continue;
    }
    const stoa_slice text =
      element->kind == STOA_JSON_STRING
        ? element->text
        : stoa_slice_of(stoa_arena_print(r->arena, "%lld", (long long)element->integer));
    STOA_TRY(stoa_hashed_text(&r->example->context, r->arena, "graph", f->name, text, r->err));
  }
  return STOA_OK;
}

static stoa_status add_term(rank *r, const stoa_feature *f, stoa_term t)
{
  stoa_number number;
  bool truth;
  const stoa_json *list;
  if (!stoa_term_is_bound(t)) {
    return STOA_OK;
  }
  if (f->type == STOA_FEATURE_LIST && stoa_list_read(t, r->arena, &list)) {
    return add_list(r, f, list);
  }
  if (stoa_number_of(t, &number)) {
    return stoa_hashed_number(&r->example->context, r->arena, "graph", f->name, stoa_number_real(&number), r->err);
  }
  if (stoa_term_boolean_value(t, &truth)) {
    return stoa_hashed_number(&r->example->context, r->arena, "graph", f->name, truth, r->err);
  }
  return stoa_hashed_text(&r->example->context, r->arena, "graph", f->name, stoa_term_lexical(t, r->arena), r->err);
}

// Where a request states it besides, it is the same.
static stoa_status state_purpose(rank *r, stoa_slice purpose)
{
  if (purpose.length && r->context->purpose[0] && !stoa_slice_is(purpose, r->context->purpose)) {
    return stoa_error_set(r->err, STOA_BAD_ARG, "\"purpose\" is another than the request states beside its body");
  }
  r->context->purpose = purpose.length ? stoa_arena_copy(r->arena, purpose) : r->context->purpose;
  return STOA_OK;
}

static stoa_status read_context(rank *r)
{
  const stoa_json *const sent = member(r, "contextFeatures");
  const stoa_service *const service = r->service;
  stoa_slice purpose;
  STOA_TRY(text_member(r, "subject", STOA_LONGEST_KEY, &r->subject));
  STOA_TRY(text_member(r, "channel", STOA_LONGEST_NAME, &r->channel));
  STOA_TRY(text_member(r, "purpose", STOA_LONGEST_NAME, &purpose));
  STOA_TRY(state_purpose(r, purpose));
  if (sent) {
    STOA_TRY(stoa_features_check(sent, "contextFeatures", r->err));
    STOA_TRY(stoa_hashed_json(&r->example->context, r->arena, "c", sent, r->err));
  }
  if (r->subject.length == 0 || !service) {
    return STOA_OK;
  }
  const stoa_term *values;
  STOA_TRY(stoa_entity_key(service->entity, r->subject, r->arena, r->key, r->err));
  STOA_TRY(stoa_features_compute(service, r->key, 1, NULL, r->context, r->arena, &values, r->err));
  r->features = values;
  for (uint32_t i = 0; i < service->features.n; ++i) {
    STOA_TRY(add_term(r, service->features.items[i], values[i]));
  }
  return STOA_OK;
}

// ---- rails

// The default is shown whatever rails say of it, but not against the caller's will.
static stoa_status fall_back(rank *r)
{
  const char *const id = r->policy->rails.default_action;
  uint32_t left = 0, which = r->example->n_actions;
  for (uint32_t i = 0; i < r->example->n_actions; ++i) {
    left += !r->excluded[i] && !r->taken[i];
    which = id && strcmp(r->example->actions[i].id, id) == 0 && r->taken[i] ? i : which;
  }
  if (left) {
    return STOA_OK;
  }
  if (which == r->example->n_actions) {
    return stoa_error_set(r->err, STOA_BAD_ARG, "rails and \"excludedActions\" leave no action%s%s%s",
                          id ? ", and the policy's default \"" : "; give the policy a default_action", id ? id : "",
                          id ? "\" is none of those that may be shown" : "");
  }
  r->taken[which] = NULL;
  r->falls_back = true;
  return STOA_OK;
}

static stoa_status keep_to_rails(rank *r, const stoa_layer *layer)
{
  const stoa_rails *const rails = &r->policy->rails;
  bool any = false;
  if (!stoa_rails_any(rails)) {
    return STOA_OK;
  }
  stoa_rails_request request = {r->example, r->excluded, {0}, r->channel, r->context};
  if (r->subject.length && r->service) {
    request.subject = stoa_entity_term(r->service->entity, r->key, r->arena);
  }
  STOA_TRY(stoa_rail_plans_ask(layer->rails, rails, &request, r->taken, r->err));
  for (uint32_t i = 0; i < r->example->n_actions; ++i) {
    any |= r->taken[i] != NULL;
  }
  if (any) {
    STOA_TRY(fall_back(r));
  }
  for (uint32_t i = 0; i < r->example->n_actions; ++i) {
    r->excluded[i] |= r->taken[i] != NULL;
  }
  return STOA_OK;
}

static void write_taken(const rank *r, stoa_buf *out)
{
  bool first = true;
  stoa_buf_text(out, "{\"taken\":[");
  for (uint32_t i = 0; i < r->example->n_actions; ++i) {
    if (r->taken[i]) {
      stoa_buf_text(out, first ? "{\"id\":" : ",{\"id\":");
      stoa_buf_json(out, stoa_slice_of(r->example->actions[i].id));
      stoa_buf_print(out, ",\"step\":\"%s\",\"rail\":", stoa_rail_step_name(r->taken[i]->step));
      stoa_buf_json(out, stoa_slice_of(r->taken[i]->name));
      stoa_buf_print(out, ",\"reason\":\"%s\"}", r->taken[i]->reason);
      first = false;
    }
  }
  stoa_buf_print(out, "],\"default\":%s}", r->falls_back ? "true" : "false");
}

// ---- the answer

// The ranking lists the shown action first, then the others by probability; excluded ones keep their
// place with probability 0, as the Personalizer API has it.
static stoa_slice write_answer(const rank *r, uint32_t chosen)
{
  const uint32_t n = r->example->n_actions;
  uint32_t order[STOA_MOST_ACTIONS];
  uint32_t free_order[STOA_MOST_ACTIONS], n_free = 0;
  for (uint32_t i = 0; i < n; ++i) {
    if (!r->excluded[i]) {
      uint32_t at = n_free++;
      while (at > 0 && (i == chosen ||
                        (free_order[at - 1] != chosen && r->probabilities[i] > r->probabilities[free_order[at - 1]]))) {
        free_order[at] = free_order[at - 1];
        --at;
      }
      free_order[at] = i;
    }
  }
  for (uint32_t i = 0, k = 0; i < n; ++i) {
    order[i] = r->excluded[i] ? i : free_order[k++];
  }
  stoa_buf out = {0};
  stoa_buf_text(&out, "{\"ranking\":[");
  for (uint32_t i = 0; i < n; ++i) {
    stoa_buf_text(&out, i ? ",{\"id\":" : "{\"id\":");
    stoa_buf_json(&out, stoa_slice_of(r->example->actions[order[i]].id));
    stoa_buf_text(&out, ",\"probability\":");
    stoa_buf_number(&out, r->probabilities[order[i]]);
    stoa_buf_byte(&out, '}');
  }
  stoa_buf_text(&out, "],\"eventId\":");
  stoa_buf_json(&out, r->event_id);
  stoa_buf_text(&out, ",\"rewardActionId\":");
  stoa_buf_json(&out, stoa_slice_of(r->example->actions[chosen].id));
  if (r->explains) {
    stoa_buf_text(&out, ",\"explanation\":");
    write_taken(r, &out);
  }
  stoa_buf_byte(&out, '}');
  const stoa_slice copy = stoa_arena_slice(r->arena, (stoa_slice){out.data, out.length});
  stoa_buf_done(&out);
  return copy;
}

static stoa_status score(rank *r, int64_t *model_offset)
{
  stoa_bandit_figures figures;
  stoa_bandit_predict(r->policy->bandit, r->example, r->excluded, &r->scores, &figures);
  *model_offset = figures.offset;
  if (!stoa_explorer_probabilities(&r->policy->explorer, &r->scores, r->probabilities)) {
    return stoa_error_set(r->err, STOA_BAD_ARG, "every action is excluded");
  }
  return STOA_OK;
}

// What is logged must be what the draw was made by.
static void check_probabilities(const rank *r)
{
  double sum = 0;
  for (uint32_t i = 0; i < r->example->n_actions; ++i) {
    STOA_ASSERT(r->probabilities[i] >= 0 && (!r->excluded[i] || r->probabilities[i] == 0));
    sum += r->probabilities[i];
  }
  STOA_ASSERT(sum > 1 - 1e-9 && sum < 1 + 1e-9);
}

static void fill_record(rank *r, uint32_t chosen, uint64_t seed, int64_t model_offset, stoa_decision *out)
{
  stoa_buf bytes = {0};
  if (!r->falls_back) { // what has no example is not learned from
    stoa_example_write(r->example, &bytes);
  }
  out->policy = r->policy;
  out->record = (stoa_record){.kind = STOA_RECORD_DECISION,
                              .at_us = r->context->now_us,
                              .event_id = r->event_id,
                              .policy = r->policy->name,
                              .action = r->example->actions[chosen].id,
                              .probability = r->probabilities[chosen],
                              .seed = (int64_t)seed,
                              .model_offset = model_offset,
                              .chosen = chosen,
                              .example = stoa_arena_slice(r->arena, (stoa_slice){bytes.data, bytes.length}),
                              .answer = write_answer(r, chosen)};
  bytes.length = 0;
  if (stoa_rails_any(&r->policy->rails)) {
    write_taken(r, &bytes);
    out->record.rails = stoa_arena_slice(r->arena, (stoa_slice){bytes.data, bytes.length});
  }
  stoa_buf_done(&bytes);
  if (r->features) {
    out->service = r->service;
    out->key = r->key;
    out->features = r->features;
  }
  if (r->policy->wait_s) {
    out->record.closes_at_us = r->context->now_us + r->policy->wait_s * 1000000;
  }
  if (r->subject.length && r->service) {
    const stoa_entity *const entity = r->service->entity;
    stoa_buf iri = {0};
    stoa_term_write_lexical(stoa_entity_term(entity, r->key, r->arena), &iri);
    out->record.entity = entity->name;
    out->record.subject_key = r->subject;
    out->record.subject_iri = stoa_arena_slice(r->arena, (stoa_slice){iri.data, iri.length});
    stoa_buf_done(&iri);
  }
}

stoa_status stoa_decision_make(const stoa_policy *policy, const stoa_layer *layer, stoa_slice json,
                               stoa_context *context, stoa_arena *arena, stoa_decision *out, stoa_error *err)
{
  rank *const r = STOA_NEW(arena, rank);
  *r = (rank){.policy = policy, .context = context, .arena = arena, .err = err};
  if (policy->service) {
    STOA_TRY(stoa_registry_need_service(layer->registry, policy->service, &r->service, err));
  }
  r->example = STOA_NEW(arena, stoa_example);
  STOA_TRY(stoa_json_read(json, arena, &r->request, err));
  if (r->request->kind != STOA_JSON_OBJECT) {
    return stoa_error_set(err, STOA_BAD_ARG, "a rank request is a JSON object");
  }
  STOA_TRY(check_members(r));
  STOA_TRY(check_deferred(r));
  STOA_TRY(read_explain(r));
  STOA_TRY(read_event_id(r));
  STOA_TRY(read_actions(r));
  STOA_TRY(read_excluded(r));
  STOA_TRY(read_context(r));
  STOA_TRY(keep_to_rails(r, layer));
  STOA_TRY(stoa_crossings_check(&policy->learner.crossings, r->example, err));
  int64_t model_offset;
  STOA_TRY(score(r, &model_offset));
  check_probabilities(r);
  const uint64_t seed = stoa_explorer_seed(r->event_id.data, r->event_id.length);
  fill_record(r, stoa_explorer_draw(r->probabilities, r->example->n_actions, seed), seed, model_offset, out);
  return STOA_OK;
}
