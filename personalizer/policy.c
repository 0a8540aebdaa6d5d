#include "personalizer/policy.h"
#include "graph/base/file.h"
#include <stdlib.h>

static stoa_status read_explorer(const stoa_yaml *node, stoa_explorer *out, stoa_error *err)
{
  static const char *const keys[] = {"kind", "gamma", "exponent", "epsilon", "floor", NULL};
  *out = (stoa_explorer){.kind = STOA_EXPLORER_SQUARECB, .gamma = 10, .exponent = 0.5, .epsilon = 0.1, .floor = 0.01};
  if (!node) {
    return STOA_OK;
  }
  STOA_TRY(stoa_yaml_known(node, keys, err));
  const char *const kind = stoa_yaml_text(node, "kind", "squarecb");
  if (strcmp(kind, "epsilon") == 0) {
    out->kind = STOA_EXPLORER_EPSILON;
  } else if (strcmp(kind, "squarecb") != 0) {
    return stoa_error_at(err, STOA_BAD_ARG, stoa_yaml_find(node, "kind")->place,
                         "unknown explorer \"%s\"; use squarecb or epsilon", kind);
  }
  STOA_TRY(stoa_yaml_number(node, "gamma", 0, 1e6, &out->gamma, err));
  STOA_TRY(stoa_yaml_number(node, "exponent", 0, 1, &out->exponent, err));
  STOA_TRY(stoa_yaml_number(node, "epsilon", 0, 1, &out->epsilon, err));
  return stoa_yaml_number(node, "floor", 0, 1, &out->floor, err);
}

static stoa_status read_reward(const stoa_yaml *node, stoa_policy *p, stoa_error *err)
{
  static const char *const keys[] = {"wait", "default", "aggregation", NULL};
  if (!node) {
    return STOA_OK;
  }
  STOA_TRY(stoa_yaml_known(node, keys, err));
  const char *const wait = stoa_yaml_text(node, "wait", "0s");
  const char *const how = stoa_yaml_text(node, "aggregation", "earliest");
  if (!stoa_yaml_span(wait, &p->wait_s)) {
    return stoa_error_at(err, STOA_BAD_ARG, stoa_yaml_find(node, "wait")->place,
                         "\"wait\" is a number with s, m, h, d or w, such as 30m");
  }
  p->sum = strcmp(how, "sum") == 0;
  if (!p->sum && strcmp(how, "earliest") != 0) {
    return stoa_error_at(err, STOA_BAD_ARG, stoa_yaml_find(node, "aggregation")->place,
                         "\"aggregation\" is earliest or sum");
  }
  return stoa_yaml_number(node, "default", -1, 1, &p->default_reward, err);
}

static void add_yaml_feature(const stoa_yaml *node, stoa_arena *arena, stoa_action *a)
{
  char *end;
  const double number = strtod(node->text, &end);
  if (node->text[0] && !*end) {
    stoa_hashed_number(&a->features, arena, "a", node->key, number);
  } else {
    stoa_hashed_text(&a->features, arena, "a", node->key, stoa_slice_of(node->text));
  }
}

static stoa_status read_actions(const stoa_yaml *list, stoa_arena *arena, stoa_policy *p, stoa_error *err)
{
  static const char *const keys[] = {"id", "features", NULL};
  for (uint32_t i = 0; list && i < list->n_items; ++i) {
    const stoa_yaml *const node = &list->items[i];
    STOA_TRY(stoa_yaml_known(node, keys, err));
    const char *const id = stoa_yaml_text(node, "id", NULL);
    if (!id || p->n_actions == STOA_MOST_ACTIONS) {
      return stoa_error_at(err, STOA_BAD_ARG, node->place, id ? "more than %d actions" : "an action needs an id",
                           STOA_MOST_ACTIONS);
    }
    for (uint32_t k = 0; k < p->n_actions; ++k) {
      if (strcmp(p->actions[k].id, id) == 0) {
        return stoa_error_at(err, STOA_EXISTS, stoa_yaml_find(node, "id")->place, "there is an action \"%s\" already",
                             id);
      }
    }
    stoa_action *const a = &p->actions[p->n_actions++];
    a->id = id;
    stoa_hashed_text(&a->features, arena, "a", "id", stoa_slice_of(id));
    const stoa_yaml *const features = stoa_yaml_find(node, "features");
    for (uint32_t k = 0; features && k < features->n_items; ++k) {
      if (features->items[k].kind == STOA_YAML_SCALAR) {
        add_yaml_feature(&features->items[k], arena, a);
      }
    }
  }
  return STOA_OK;
}

static stoa_status read_learner(const stoa_yaml *node, stoa_policy *p, stoa_error *err)
{
  static const char *const keys[] = {"bits", "rate", NULL};
  int64_t bits = 18;
  double rate = 0.5;
  if (node) {
    STOA_TRY(stoa_yaml_known(node, keys, err));
    STOA_TRY(stoa_yaml_integer(node, "bits", 8, 24, &bits, err));
    STOA_TRY(stoa_yaml_number(node, "rate", 1e-6, 100, &rate, err));
  }
  p->bandit = stoa_bandit_new((uint32_t)bits, rate);
  return p->bandit ? STOA_OK : stoa_error_set(err, STOA_NO_MEM, "no memory for a model of %lld bits", (long long)bits);
}

static stoa_status read_policy(const stoa_yaml *root, const stoa_registry *registry, stoa_arena *arena, stoa_policy *p,
                               stoa_error *err)
{
  static const char *const keys[] = {"policy", "service", "actions", "explorer", "learner",
                                     "reward", "summary", "owner",   NULL};
  STOA_TRY(stoa_yaml_known(root, keys, err));
  p->name = stoa_yaml_text(root, "policy", NULL);
  if (!p->name) {
    return stoa_error_at(err, STOA_BAD_ARG, root->place, "needs \"policy: NAME\"");
  }
  const stoa_yaml *const service = stoa_yaml_find(root, "service");
  if (service) {
    stoa_error inner = {0};
    const stoa_service *found;
    if (stoa_registry_need_service(registry, service->text ? service->text : "", &found, &inner) != STOA_OK) {
      return stoa_error_at(err, STOA_NOT_FOUND, service->place, "%s", inner.text);
    }
    p->service = service->text;
  }
  STOA_TRY(read_actions(stoa_yaml_find(root, "actions"), arena, p, err));
  STOA_TRY(read_explorer(stoa_yaml_find(root, "explorer"), &p->explorer, err));
  const stoa_yaml *const floor = stoa_yaml_find(stoa_yaml_find(root, "explorer"), "floor");
  if (floor && p->n_actions && p->explorer.floor > 1.0 / p->n_actions) {
    return stoa_error_at(err, STOA_BAD_ARG, floor->place,
                         "a floor of %g is more than an even share of %u actions; use at most %.3g", p->explorer.floor,
                         (unsigned)p->n_actions, 1.0 / p->n_actions);
  }
  STOA_TRY(read_reward(stoa_yaml_find(root, "reward"), p, err));
  return read_learner(stoa_yaml_find(root, "learner"), p, err);
}

stoa_status stoa_policy_read(const char *path, const stoa_registry *registry, stoa_arena *arena, stoa_policy **out,
                             stoa_error *err)
{
  const stoa_yaml *root;
  stoa_slice text;
  STOA_TRY(stoa_file_read(path, arena, &text, err));
  STOA_TRY(stoa_yaml_read(text, path, 1, arena, &root, err));
  stoa_policy *const p = STOA_NEW(arena, stoa_policy);
  p->file = path;
  const stoa_status status = read_policy(root, registry, arena, p, err);
  if (status != STOA_OK) {
    stoa_policy_free(p);
    return status;
  }
  *out = p;
  return STOA_OK;
}

void stoa_policy_free(stoa_policy *policy)
{
  stoa_bandit_free(policy->bandit);
}

stoa_status stoa_action_read(const stoa_json *node, stoa_arena *arena, stoa_action *out, stoa_error *err)
{
  const stoa_json *const id = stoa_json_find(node, "id");
  const stoa_json *const features = stoa_json_find(node, "features");
  if (!id || id->kind != STOA_JSON_STRING || id->text.length == 0 || id->text.length > 256) {
    return stoa_error_set(err, STOA_BAD_ARG, "each action needs an \"id\" of 1 to 256 characters");
  }
  *out = (stoa_action){.id = stoa_arena_copy(arena, id->text)};
  stoa_hashed_text(&out->features, arena, "a", "id", id->text);
  if (features) {
    stoa_hashed_json(&out->features, arena, "a", features);
  }
  return STOA_OK;
}

void stoa_policies_read(const char *dir, const stoa_registry *registry, stoa_arena *arena, stoa_policies *out,
                        stoa_faults *faults)
{
  stoa_file_names files = {0};
  stoa_file_glob(dir, "personalizer/*.yaml", arena, &files);
  for (uint32_t i = 0; i < files.n; ++i) {
    stoa_error fault = {0};
    stoa_policy *policy;
    if (stoa_policy_read(files.items[i], registry, arena, &policy, &fault) == STOA_OK) {
      STOA_PUSH(arena, out, policy);
    } else {
      stoa_faults_add(faults, &fault, false);
    }
  }
}

stoa_policy *stoa_policies_find(const stoa_policies *policies, const char *name)
{
  for (uint32_t i = 0; i < policies->n; ++i) {
    if (strcmp(policies->items[i]->name, name) == 0) {
      return policies->items[i];
    }
  }
  return NULL;
}

void stoa_policies_check(const stoa_policies *policies, const stoa_registry *registry, stoa_faults *faults)
{
  for (uint32_t i = 0; i < policies->n; ++i) {
    const stoa_service *found;
    stoa_error err = {0};
    const char *const service = policies->items[i]->service;
    if (service && stoa_registry_need_service(registry, service, &found, &err) != STOA_OK) {
      stoa_error named = {0};
      stoa_error_set(&named, err.status, "policy %s: %s", policies->items[i]->name, err.text);
      stoa_faults_add(faults, &named, false);
    }
  }
}
