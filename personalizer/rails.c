#include "personalizer/rails.h"
#include "graph/base/file.h"
#include "graph/base/name.h"
#include <string.h>

static const char *const step_names[] = {"eligibility", "applicability", "suitability", "options", "policy"};

const stoa_rail stoa_rail_unknown = {.step = STOA_RAIL_POLICY, .name = "unknown", .reason = "UNKNOWN_ACTION"};
const stoa_rail stoa_rail_killed = {.step = STOA_RAIL_POLICY, .name = "kill_switch", .reason = "KILL_SWITCH"};

const char *stoa_rail_step_name(stoa_rail_step step)
{
  return step_names[step];
}

stoa_status stoa_rails_add_action(stoa_rails *rails, const stoa_yaml *node, const char *id, stoa_error *err)
{
  static const char *const texts[] = {"group", "channel", NULL};
  STOA_TRY(stoa_yaml_plain(node, texts, err));
  for (uint32_t i = 0; texts[i]; ++i) {
    const stoa_yaml *const word = stoa_yaml_find(node, texts[i]);
    if (word) {
      STOA_TRY(stoa_yaml_name(word->text, texts[i], word->place, err));
    }
  }
  rails->actions[rails->n_actions++] =
    (stoa_railed){id, stoa_yaml_text(node, "group", NULL), stoa_yaml_text(node, "channel", NULL)};
  return STOA_OK;
}

// ---- what a rule is for

typedef enum { OF_ID, OF_GROUP, OF_CHANNEL } part;

static const char *part_of(const stoa_railed *action, part which)
{
  return which == OF_ID ? action->id : which == OF_GROUP ? action->group : action->channel;
}

// A name that no action has makes a rule for nothing, which takes nothing away.
static stoa_status check_word(const stoa_rails *rails, part which, const char *word, stoa_place place, stoa_error *err)
{
  static const char *const whats[] = {"no action", "no action of group", "no action of channel"};
  const char *words[STOA_MOST_ACTIONS];
  uint32_t n = 0;
  for (uint32_t i = 0; i < rails->n_actions; ++i) {
    const char *const own = part_of(&rails->actions[i], which);
    if (own && strcmp(own, word) == 0) {
      return STOA_OK;
    }
    if (own) {
      words[n++] = own;
    }
  }
  if (rails->n_actions == 0 && which == OF_ID) { // each request brings its own
    return STOA_OK;
  }
  const char *const near = stoa_nearest(word, words, n);
  return stoa_error_at(err, STOA_NOT_FOUND, place, "the policy has %s \"%.100s\"%s%s%s", whats[which], word,
                       near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static stoa_status read_ids(const stoa_yaml *node, const stoa_rails *rails, stoa_arena *arena, stoa_rail *out,
                            stoa_error *err)
{
  if (node->kind != STOA_YAML_LIST || node->n_items == 0 || node->n_items > STOA_MOST_ACTIONS) {
    return stoa_error_at(err, STOA_BAD_ARG, node->place, "\"%s\" is a list of 1 to %d ids of actions", node->key,
                         STOA_MOST_ACTIONS);
  }
  const char **const ids = STOA_NEWS(arena, const char *, node->n_items);
  for (uint32_t i = 0; i < node->n_items; ++i) {
    const stoa_yaml *const item = &node->items[i];
    if (item->kind != STOA_YAML_SCALAR) {
      return stoa_error_at(err, STOA_BAD_ARG, item->place, "an action of \"%s\" is the id of one", node->key);
    }
    STOA_TRY(check_word(rails, OF_ID, item->text, item->place, err));
    ids[i] = item->text;
  }
  out->actions = ids;
  out->n_actions = node->n_items;
  return STOA_OK;
}

static bool is_all(const stoa_yaml *node)
{
  return node->kind == STOA_YAML_SCALAR && strcmp(node->text, "all") == 0;
}

static stoa_status read_word(const stoa_yaml *node, const char *key, part which, const stoa_rails *rails,
                             const char **out, stoa_error *err)
{
  const stoa_yaml *const word = stoa_yaml_find(node, key);
  *out = word ? word->text : NULL;
  return word ? check_word(rails, which, word->text, word->place, err) : STOA_OK;
}

// ---- rules

static stoa_status need_text(const stoa_yaml *node, const char *key, const char **out, stoa_error *err)
{
  *out = stoa_yaml_text(node, key, "");
  return (*out)[0] ? STOA_OK
                   : stoa_error_at(err, STOA_BAD_ARG, node->place,
                                   "a rail needs \"%s\"; it is {name: ..., actions: ..., holds: \"ASK {...}\", reason: "
                                   "CODE}",
                                   key);
}

static bool is_code(const char *text)
{
  return strlen(text) <= STOA_LONGEST_NAME &&
         strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == strlen(text);
}

static stoa_status read_rule(const stoa_yaml *node, stoa_rail_step step, const stoa_rails *rails, stoa_arena *arena,
                             stoa_rail *out, stoa_error *err)
{
  static const char *const rail_keys[] = {"name", "actions", "group", "channel", "holds", "reason", NULL};
  static const char *const texts[] = {"name", "group", "channel", "holds", "reason", NULL};
  STOA_TRY(stoa_yaml_known(node, rail_keys, err));
  STOA_TRY(stoa_yaml_plain(node, texts, err));
  *out = (stoa_rail){.step = step};
  STOA_TRY(need_text(node, "name", &out->name, err));
  STOA_TRY(need_text(node, "holds", &out->text, err));
  STOA_TRY(need_text(node, "reason", &out->reason, err));
  out->place = stoa_yaml_find(node, "holds")->place;
  STOA_TRY(stoa_yaml_name(out->name, "the rail", stoa_yaml_find(node, "name")->place, err));
  if (!is_code(out->reason)) {
    return stoa_error_at(err, STOA_BAD_ARG, stoa_yaml_find(node, "reason")->place,
                         "a reason is a code of letters, digits, _, - and ., such as UNDER_AGE");
  }
  for (uint32_t i = 0; i < rails->n_rules; ++i) {
    if (strcmp(rails->rules[i].name, out->name) == 0) {
      return stoa_error_at(err, STOA_EXISTS, stoa_yaml_find(node, "name")->place, "there is a rail \"%s\" already",
                           out->name);
    }
  }
  const stoa_yaml *const ids = stoa_yaml_find(node, "actions");
  if (ids && !is_all(ids)) {
    STOA_TRY(read_ids(ids, rails, arena, out, err));
  }
  STOA_TRY(read_word(node, "group", OF_GROUP, rails, &out->group, err));
  STOA_TRY(read_word(node, "channel", OF_CHANNEL, rails, &out->channel, err));
  return ids || out->group || out->channel
           ? STOA_OK
           : stoa_error_at(err, STOA_BAD_ARG, node->place, "rail \"%s\" is for no action; say actions: all, or which",
                           out->name);
}

static stoa_status read_step(const stoa_yaml *list, stoa_rail_step step, stoa_rails *rails, stoa_rail *rules,
                             stoa_arena *arena, stoa_error *err)
{
  if (list && list->kind != STOA_YAML_LIST) {
    return stoa_error_at(err, STOA_BAD_ARG, list->place, "\"%s\" is a list of rails", step_names[step]);
  }
  for (uint32_t i = 0; list && i < list->n_items; ++i) {
    if (rails->n_rules == STOA_MOST_RAILS) {
      return stoa_error_at(err, STOA_TOO_LARGE, list->items[i].place, "a policy has at most %d rails", STOA_MOST_RAILS);
    }
    STOA_TRY(read_rule(&list->items[i], step, rails, arena, &rules[rails->n_rules], err));
    rails->n_rules++;
  }
  return STOA_OK;
}

static stoa_status read_rules(const stoa_yaml *node, stoa_arena *arena, stoa_rails *out, stoa_error *err)
{
  static const char *const step_keys[] = {"eligibility", "applicability", "suitability", NULL};
  if (node->kind != STOA_YAML_MAP) {
    return stoa_error_at(err, STOA_BAD_ARG, node->place,
                         "\"rails\" is {eligibility: [...], applicability: [...], suitability: [...]}");
  }
  STOA_TRY(stoa_yaml_known(node, step_keys, err));
  stoa_rail *const rules = STOA_NEWS(arena, stoa_rail, STOA_MOST_RAILS);
  out->rules = rules;
  for (int step = 0; step < STOA_N_RAIL_STEPS; ++step) {
    STOA_TRY(read_step(stoa_yaml_find(node, step_names[step]), (stoa_rail_step)step, out, rules, arena, err));
  }
  return STOA_OK;
}

// ---- options

static stoa_status read_entry(const stoa_yaml *node, const stoa_rails *rails, stoa_arena *arena,
                              stoa_options_entry *out, stoa_error *err)
{
  static const char *const option_keys[] = {"name", "segment", "channel", "allowed", "excluded", "pinned", NULL};
  static const char *const texts[] = {"name", "segment", "channel", NULL};
  static const char *const lists[STOA_N_OPTION_LISTS] = {"allowed", "excluded", "pinned"};
  static const char *const reasons[STOA_N_OPTION_LISTS] = {"NOT_ALLOWED", "EXCLUDED", "NOT_PINNED"};
  uint32_t n = 0;
  STOA_TRY(stoa_yaml_known(node, option_keys, err));
  STOA_TRY(stoa_yaml_plain(node, texts, err));
  const stoa_yaml *const name = stoa_yaml_find(node, "name"), *const segment = stoa_yaml_find(node, "segment");
  STOA_TRY(stoa_yaml_name(name ? name->text : "", "an entry of options", name ? name->place : node->place, err));
  *out = (stoa_options_entry){.channel = stoa_yaml_text(node, "channel", NULL),
                              .segment = segment ? segment->text : NULL,
                              .place = segment ? segment->place : node->place};
  for (int i = 0; i < STOA_N_OPTION_LISTS; ++i) {
    const stoa_yaml *const list = stoa_yaml_find(node, lists[i]);
    out->lists[i] = (stoa_rail){.step = STOA_RAIL_OPTIONS, .name = name->text, .reason = reasons[i]};
    if (list) {
      STOA_TRY(read_ids(list, rails, arena, &out->lists[i], err));
      ++n;
    }
  }
  return n ? STOA_OK
           : stoa_error_at(err, STOA_BAD_ARG, node->place,
                           "an entry of options needs \"allowed\", \"excluded\" or \"pinned\", lists of actions");
}

static stoa_status read_options(const stoa_yaml *list, stoa_arena *arena, stoa_rails *out, stoa_error *err)
{
  if (!list) {
    return STOA_OK;
  }
  if (list->kind != STOA_YAML_LIST || list->n_items > STOA_MOST_OPTIONS) {
    return stoa_error_at(err, STOA_BAD_ARG, list->place,
                         "\"options\" is a list of at most %d {name: ..., segment: ..., channel: ..., allowed: [...]}",
                         STOA_MOST_OPTIONS);
  }
  stoa_options_entry *const entries = STOA_NEWS(arena, stoa_options_entry, list->n_items + 1);
  for (uint32_t i = 0; i < list->n_items; ++i) {
    STOA_TRY(read_entry(&list->items[i], out, arena, &entries[i], err));
  }
  out->options = entries;
  out->n_options = list->n_items;
  return STOA_OK;
}

// ---- all of it

static stoa_status read_action(const stoa_yaml *root, const char *key, const stoa_rails *rails, const char **out,
                               stoa_error *err)
{
  const stoa_yaml *const node = stoa_yaml_find(root, key);
  *out = node ? node->text : NULL;
  return node ? check_word(rails, OF_ID, node->text, node->place, err) : STOA_OK;
}

static stoa_status read_switch(const stoa_yaml *node, bool *out, stoa_error *err)
{
  *out = node && strcmp(node->text, "true") == 0;
  return !node || *out || strcmp(node->text, "false") == 0
           ? STOA_OK
           : stoa_error_at(err, STOA_BAD_ARG, node->place, "\"%s\" is true or false", node->key);
}

stoa_status stoa_rails_read(const stoa_yaml *root, stoa_arena *arena, stoa_rails *out, stoa_error *err)
{
  static const char *const texts[] = {"default_action", "kill_switch", "nothing", NULL};
  const stoa_yaml *const rules = stoa_yaml_find(root, "rails");
  STOA_TRY(stoa_yaml_plain(root, texts, err));
  STOA_TRY(read_action(root, "default_action", out, &out->default_action, err));
  STOA_TRY(read_action(root, "nothing", out, &out->nothing, err));
  STOA_TRY(read_switch(stoa_yaml_find(root, "kill_switch"), &out->kill_switch, err));
  STOA_TRY(read_options(stoa_yaml_find(root, "options"), arena, out, err));
  return rules ? read_rules(rules, arena, out, err) : STOA_OK;
}

bool stoa_rails_any(const stoa_rails *rails)
{
  return rails->n_rules || rails->n_options || rails->kill_switch;
}

// ---- which actions

static const stoa_railed *find(const stoa_rails *rails, const char *id)
{
  for (uint32_t i = 0; i < rails->n_actions; ++i) {
    if (strcmp(rails->actions[i].id, id) == 0) {
      return &rails->actions[i];
    }
  }
  return NULL;
}

static bool is_word(const char *wanted, const char *own)
{
  return !wanted || (own && strcmp(wanted, own) == 0);
}

bool stoa_rail_is_for(const stoa_rails *rails, const stoa_rail *rule, const char *id)
{
  const stoa_railed *const known = find(rails, id);
  if (rule == &stoa_rail_unknown) {
    return !known && rails->n_actions;
  }
  if (rails->nothing && strcmp(rails->nothing, id) == 0) {
    return false;
  }
  bool is_named = !rule->actions;
  for (uint32_t i = 0; i < rule->n_actions && !is_named; ++i) {
    is_named = strcmp(rule->actions[i], id) == 0;
  }
  return is_named && is_word(rule->group, known ? known->group : NULL) &&
         is_word(rule->channel, known ? known->channel : NULL);
}
