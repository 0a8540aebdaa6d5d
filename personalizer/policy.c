#include "personalizer/policy.h"
#include "features/tell.h"
#include "graph/base/file.h"
#include "graph/base/hash.h"
#include "graph/base/name.h"
#include "graph/term/vocab.h"
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <strings.h>

static stoa_status read_reward(const stoa_yaml *node, stoa_policy *p, stoa_error *err)
{
  static const char *const keys[] = {"wait", "default", "aggregation", NULL};
  if (!node) {
    return STOA_OK;
  }
  enum { LONGEST_DAYS = 3660 };
  STOA_TRY(stoa_yaml_known(node, keys, err));
  STOA_TRY(stoa_yaml_plain(node, keys, err));
  const char *const wait = stoa_yaml_text(node, "wait", "0s");
  const char *const how = stoa_yaml_text(node, "aggregation", "earliest");
  if (!stoa_yaml_span(wait, &p->wait_s) || p->wait_s > (int64_t)LONGEST_DAYS * 86400) {
    return stoa_error_at(err, STOA_BAD_ARG, stoa_yaml_find(node, "wait")->place,
                         "\"wait\" is a number with s, m, h, d or w, such as 30m, and at most %dd", LONGEST_DAYS);
  }
  p->sum = strcmp(how, "sum") == 0;
  if (!p->sum && strcmp(how, "earliest") != 0) {
    return stoa_error_at(err, STOA_BAD_ARG, stoa_yaml_find(node, "aggregation")->place,
                         "\"aggregation\" is earliest or sum");
  }
  return stoa_yaml_number(node, "default", -1, 1, &p->default_reward, err);
}

// Numbers begin as numbers do: "nan" and "infinity" are words; ".inf" and ".nan" are YAML's numbers.
static bool is_number(const char *text, double *out)
{
  char *end;
  const char *const digits = text + (text[0] == '-' || text[0] == '+');
  if (strcasecmp(digits, ".inf") == 0 || strcasecmp(digits, ".nan") == 0) {
    *out = digits[1] == 'n' || digits[1] == 'N' ? NAN : INFINITY;
    return true;
  }
  *out = strtod(text, &end);
  return (isdigit((unsigned char)digits[0]) || digits[0] == '.') && !*end && !strpbrk(text, "xX");
}

static stoa_status add_yaml_feature(const stoa_yaml *node, stoa_arena *arena, stoa_action *a, stoa_error *err)
{
  stoa_error fault = {0};
  double number;
  if (node->kind != STOA_YAML_SCALAR) {
    return stoa_error_at(err, STOA_BAD_ARG, node->place, "feature \"%s\" must be a number or a text", node->key);
  }
  const stoa_status status =
    is_number(node->text, &number)
      ? stoa_hashed_number(&a->features, arena, "a", node->key, number, &fault)
      : stoa_hashed_text(&a->features, arena, "a", node->key, stoa_slice_of(node->text), &fault);
  return status == STOA_OK ? STOA_OK : stoa_error_at(err, status, node->place, "%s", fault.text);
}

static stoa_status read_action_id(const stoa_yaml *node, const stoa_policy *p, const char **out, stoa_error *err)
{
  const stoa_yaml *const id = stoa_yaml_find(node, "id");
  if (!id || !id->text || !id->text[0] || strlen(id->text) > STOA_LONGEST_NAME) {
    return stoa_error_at(err, STOA_BAD_ARG, id ? id->place : node->place, "an action needs an id of 1 to %d characters",
                         STOA_LONGEST_NAME);
  }
  for (uint32_t k = 0; k < p->n_actions; ++k) {
    if (strcmp(p->actions[k].id, id->text) == 0) {
      return stoa_error_at(err, STOA_EXISTS, id->place, "there is an action \"%s\" already", id->text);
    }
  }
  *out = id->text;
  return STOA_OK;
}

static stoa_status read_action(const stoa_yaml *node, stoa_arena *arena, stoa_policy *p, stoa_error *err)
{
  static const char *const keys[] = {"id", "features", "group", "channel", NULL};
  const char *id = NULL;
  STOA_TRY(stoa_yaml_known(node, keys, err));
  if (p->n_actions == STOA_MOST_ACTIONS) {
    return stoa_error_at(err, STOA_BAD_ARG, node->place, "more than %d actions", STOA_MOST_ACTIONS);
  }
  STOA_TRY(read_action_id(node, p, &id, err));
  stoa_action *const a = &p->actions[p->n_actions++];
  a->id = id;
  STOA_TRY(stoa_rails_add_action(&p->rails, node, id, err));
  STOA_TRY(stoa_hashed_text(&a->features, arena, "a", "id", stoa_slice_of(id), err));
  const stoa_yaml *const features = stoa_yaml_find(node, "features");
  if (features && features->kind != STOA_YAML_MAP) {
    return stoa_error_at(err, STOA_BAD_ARG, features->place, "\"features\" of an action are names and values");
  }
  for (uint32_t k = 0; features && k < features->n_items; ++k) {
    STOA_TRY(add_yaml_feature(&features->items[k], arena, a, err));
  }
  return STOA_OK;
}

static stoa_status read_actions(const stoa_yaml *list, stoa_arena *arena, stoa_policy *p, stoa_error *err)
{
  if (list && list->kind != STOA_YAML_LIST) {
    return stoa_error_at(err, STOA_BAD_ARG, list->place, "\"actions\" is a list of {id: ..., features: {...}}");
  }
  for (uint32_t i = 0; list && i < list->n_items; ++i) {
    STOA_TRY(read_action(&list->items[i], arena, p, err));
  }
  return STOA_OK;
}

static stoa_status read_learner(const stoa_yaml *node, stoa_policy *p, stoa_error *err)
{
  STOA_TRY(stoa_learner_options_read(node, &p->learner, err));
  p->bandit = stoa_bandit_new(&p->learner, &p->explorer);
  return p->bandit ? STOA_OK
                   : stoa_error_set(err, STOA_NO_MEM, "no memory for a model of %g bits", p->learner.bits);
}

// Ranks send no inputs of request views.
static stoa_status find_service(const stoa_registry *registry, const char *name, stoa_error *err)
{
  const stoa_service *service;
  if (!stoa_registry_service(registry, name) && stoa_registry_is_faulty(registry, name)) {
    return STOA_OK;
  }
  STOA_TRY(stoa_registry_need_service(registry, name, &service, err));
  for (uint32_t i = 0; i < service->views.n; ++i) {
    const stoa_view *const view = service->views.items[i];
    for (uint32_t k = 0; view->kind == STOA_VIEW_REQUEST && k < view->inputs.n; ++k) {
      if (view->inputs.items[k].name) {
        return stoa_error_set(err, STOA_UNSUPPORTED,
                              "service %s needs the input \"%s\" of view %s, which no rank sends", name,
                              view->inputs.items[k].name, view->name);
      }
    }
  }
  return STOA_OK;
}

// Whom rules ask about, the service tells.
static stoa_status read_rails(const stoa_yaml *root, stoa_arena *arena, stoa_policy *p, stoa_error *err)
{
  STOA_TRY(stoa_rails_read(root, arena, &p->rails, err));
  const char *asking = p->rails.n_rules ? "rails" : NULL;
  for (uint32_t i = 0; i < p->rails.n_options; ++i) {
    asking = p->rails.options[i].segment ? "options" : asking;
  }
  return p->service || !asking
           ? STOA_OK
           : stoa_error_at(err, STOA_BAD_ARG, stoa_yaml_find(root, asking)->place,
                           "%s ask about the subject, of whom a policy without \"service\" knows nothing", asking);
}

static stoa_status read_policy(const stoa_yaml *root, const stoa_registry *registry, stoa_arena *arena, stoa_policy *p,
                               stoa_error *err)
{
  static const char *const keys[] = {"policy", "service", "actions", "rails", "default_action", "options", "kill_switch", "nothing",
                                     "explorer", "learner", "reward",  "summary",        "owner", NULL};
  static const char *const texts[] = {"policy", "service", "summary", "owner", NULL};
  STOA_TRY(stoa_yaml_known(root, keys, err));
  STOA_TRY(stoa_yaml_plain(root, texts, err));
  p->name = stoa_yaml_text(root, "policy", "");
  p->place = p->name[0] ? stoa_yaml_find(root, "policy")->place : root->place;
  if (!p->name[0]) {
    return stoa_error_at(err, STOA_BAD_ARG, root->place, "needs \"policy: NAME\"");
  }
  STOA_TRY(stoa_yaml_name(p->name, "the policy", p->place, err));
  const stoa_yaml *const service = stoa_yaml_find(root, "service");
  if (service) {
    stoa_error inner = {0};
    if (find_service(registry, service->text ? service->text : "", &inner) != STOA_OK) {
      return stoa_error_at(err, inner.status, service->place, "%s", inner.text);
    }
    p->service = service->text;
  }
  STOA_TRY(read_actions(stoa_yaml_find(root, "actions"), arena, p, err));
  STOA_TRY(read_rails(root, arena, p, err));
  STOA_TRY(stoa_explorer_read(stoa_yaml_find(root, "explorer"), &p->explorer, err));
  const stoa_yaml *const floor = stoa_yaml_find(stoa_yaml_find(root, "explorer"), "floor");
  if (floor && p->n_actions && p->explorer.floor > 1.0 / p->n_actions) {
    return stoa_error_at(err, STOA_BAD_ARG, floor->place,
                         "a floor of %g is more than an even share of %u actions; use at most %.3g", p->explorer.floor,
                         (unsigned)p->n_actions, 1.0 / p->n_actions);
  }
  if (floor && p->explorer.floor >= 1) {
    return stoa_error_at(err, STOA_BAD_ARG, floor->place, "a floor of 1 leaves no room for what is learned");
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
  p->text_hash = stoa_hash_more(STOA_HASH_SEED, text.data, text.length);
  const stoa_status status = read_policy(root, registry, arena, p, err);
  if (status != STOA_OK) {
    stoa_policy_free(p);
    return status;
  }
  *out = p;
  return STOA_OK;
}

static stoa_status read_option(const char *text, const char *name, stoa_arena *arena, const stoa_yaml **out,
                               stoa_error *err)
{
  *out = NULL;
  return text[0] ? stoa_yaml_read(stoa_slice_of(text), name, 1, arena, out, err) : STOA_OK;
}

stoa_status stoa_policy_of_options(const char *explorer, const char *learner, stoa_arena *arena, stoa_policy **out,
                                   stoa_error *err)
{
  stoa_policy *const p = STOA_NEW(arena, stoa_policy);
  const stoa_yaml *node;
  STOA_TRY(read_option(explorer, "explorer", arena, &node, err));
  STOA_TRY(stoa_explorer_read(node, &p->explorer, err));
  STOA_TRY(read_option(learner, "learner", arena, &node, err));
  STOA_TRY(read_learner(node, p, err));
  *out = p;
  return STOA_OK;
}

void stoa_policy_free(stoa_policy *policy)
{
  stoa_bandit_free(policy->bandit);
}

stoa_status stoa_features_check(const stoa_json *features, const char *name, stoa_error *err)
{
  bool good = features->kind == STOA_JSON_OBJECT || features->kind == STOA_JSON_ARRAY;
  for (uint32_t i = 0; good && features->kind == STOA_JSON_ARRAY && i < features->n_items; ++i) {
    good = features->items[i].kind == STOA_JSON_OBJECT;
  }
  return good ? STOA_OK : stoa_error_set(err, STOA_BAD_ARG, "\"%s\" must be an array of objects", name);
}

// What else an action had would be dropped without a word: "feature" for "features" leaves it without any.
static stoa_status check_action_members(const stoa_json *node, stoa_error *err)
{
  static const char *const members[] = {"features", "id"};
  return stoa_json_known(node, "an action", members, sizeof members / sizeof *members, err);
}

stoa_status stoa_action_read(const stoa_json *node, stoa_arena *arena, stoa_action *out, stoa_error *err)
{
  STOA_TRY(check_action_members(node, err));
  const stoa_json *const id = stoa_json_find(node, "id");
  const stoa_json *const features = stoa_json_find(node, "features");
  if (!id || id->kind != STOA_JSON_STRING || id->text.length == 0 || id->text.length > STOA_LONGEST_NAME) {
    return stoa_error_set(err, STOA_BAD_ARG, "each of \"actions\" needs an \"id\", a text of 1 to 256 characters");
  }
  *out = (stoa_action){.id = stoa_arena_copy(arena, id->text)};
  STOA_TRY(stoa_hashed_text(&out->features, arena, "a", "id", id->text, err));
  if (!features || features->kind == STOA_JSON_NULL) {
    return STOA_OK;
  }
  STOA_TRY(stoa_features_check(features, "features", err));
  return stoa_hashed_json(&out->features, arena, "a", features, err);
}

void stoa_policies_read(const char *dir, const stoa_registry *registry, stoa_arena *arena, stoa_policies *out,
                        stoa_faults *faults)
{
  stoa_file_names files = {0};
  stoa_error unread = {0};
  if (stoa_file_glob(dir, "personalizer/*.yaml", arena, &files, &unread) != STOA_OK) {
    stoa_faults_add(faults, &unread, false);
  }
  for (uint32_t i = 0; i < files.n; ++i) {
    stoa_error fault = {0};
    stoa_policy *policy;
    stoa_status status = stoa_policy_read(files.items[i], registry, arena, &policy, &fault);
    const stoa_policy *const other = status == STOA_OK ? stoa_policies_find(out, policy->name) : NULL;
    if (other) {
      status = stoa_error_at(&fault, STOA_EXISTS, policy->place, "there is a policy \"%s\" already, in %s",
                             policy->name, other->file);
      stoa_policy_free(policy);
    }
    if (status == STOA_OK) {
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

void stoa_policies_tell(const stoa_policies *policies, const char *dir, const struct stoa_teller *teller)
{
  for (uint32_t i = 0; i < policies->n; ++i) {
    const stoa_policy *const p = policies->items[i];
    const stoa_term policy = stoa_tell_thing(teller, STOA_NS "Policy", "policy", p->name);
    stoa_tell_file(teller, policy, dir, p->file);
    if (p->service) {
      stoa_tell(teller, policy, STOA_NS "asks", stoa_told_iri(teller, "feature-service", p->service));
    }
  }
}

static void warn_of_file(const char *file, const char *what, stoa_faults *faults)
{
  stoa_error err = {0};
  stoa_error_at(&err, STOA_CONFLICT, (stoa_place){file, 1, 1},
                "the policy %s since the start; policies are read when the server starts: restart it", what);
  stoa_faults_add(faults, &err, true);
}

static bool is_among(const char *file, const stoa_file_names *files)
{
  for (uint32_t i = 0; i < files->n; ++i) {
    if (strcmp(files->items[i], file) == 0) {
      return true;
    }
  }
  return false;
}

static void compare_file(const stoa_policies *policies, const char *file, stoa_arena *arena, stoa_faults *faults)
{
  stoa_slice text;
  stoa_error err = {0};
  uint32_t i = 0;
  while (i < policies->n && strcmp(policies->items[i]->file, file) != 0) {
    ++i;
  }
  if (i == policies->n) {
    warn_of_file(file, "was added", faults);
  } else if (stoa_file_read(file, arena, &text, &err) != STOA_OK ||
             stoa_hash_more(STOA_HASH_SEED, text.data, text.length) != policies->items[i]->text_hash) {
    warn_of_file(file, "was changed", faults);
  }
}

void stoa_policies_changes(const stoa_policies *policies, const char *dir, stoa_faults *faults)
{
  stoa_arena arena;
  stoa_file_names files = {0};
  stoa_error err = {0};
  stoa_arena_init(&arena, 0);
  if (stoa_file_glob(dir, "personalizer/*.yaml", &arena, &files, &err) != STOA_OK) {
    stoa_faults_add(faults, &err, true);
  }
  for (uint32_t i = 0; i < files.n; ++i) {
    compare_file(policies, files.items[i], &arena, faults);
  }
  for (uint32_t i = 0; err.status == STOA_OK && i < policies->n; ++i) {
    if (!is_among(policies->items[i]->file, &files)) {
      warn_of_file(policies->items[i]->file, "was removed", faults);
    }
  }
  stoa_arena_done(&arena);
}

void stoa_policies_check(const stoa_policies *policies, const stoa_registry *registry, stoa_faults *faults)
{
  for (uint32_t i = 0; i < policies->n; ++i) {
    stoa_error err = {0};
    const char *const service = policies->items[i]->service;
    if (service && find_service(registry, service, &err) != STOA_OK) {
      stoa_error named = {0};
      stoa_error_set(&named, err.status, "policy %s: %s", policies->items[i]->name, err.text);
      stoa_faults_add(faults, &named, false);
    }
  }
}
