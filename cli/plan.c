// stoa features plan | apply | drift: the features as they are declared and mapped now, beside those that were applied.
#include "cli/cli.h"
#include "cli/features.h"
#include "cli/forward.h"
#include "cli/output.h"
#include "features/snapshot.h"
#include "graph/base/file.h"
#include "graph/term/xsd.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  stoa_engine *engine;
  stoa_arena *arena;
  const char *path; ///< of what was applied
  bool applied;     ///< something was
  stoa_snapshot before, now;
  uint32_t n_changes;
} plan;

static const stoa_registry *registry_of(const plan *p)
{
  return stoa_engine_layer(p->engine)->registry;
}

// Beside the state: it belongs to one place where the project runs, as the state does.
static const char *applied_path(const plan *p)
{
  const char *const state = stoa_engine_state_file(p->engine), *const slash = state ? strrchr(state, '/') : NULL;
  return slash ? stoa_arena_print(p->arena, "%.*s/features.json", (int)(slash - state), state)
               : stoa_file_join(p->arena, stoa_engine_dir(p->engine), "state/features.json");
}

static stoa_status load(plan *p, stoa_error *err)
{
  stoa_slice text;
  p->path = applied_path(p);
  p->applied = access(p->path, F_OK) == 0;
  if (p->applied) {
    STOA_TRY(stoa_file_read(p->path, p->arena, &text, err));
    STOA_TRY(stoa_snapshot_read(text, p->path, p->arena, &p->before, err));
  }
  return stoa_snapshot_take(registry_of(p), p->arena, &p->now, err);
}

// ---- differences of views

static void add_word(stoa_buf *out, const char *word)
{
  stoa_buf_print(out, "%s%s", out->length ? ", " : "", word);
}

static bool has_map(const stoa_version *v, uint64_t map)
{
  for (uint32_t i = 0; i < v->maps.n; ++i) {
    if (v->maps.items[i] == map) {
      return true;
    }
  }
  return false;
}

static bool has_all_maps(const stoa_version *v, const stoa_version *of)
{
  for (uint32_t i = 0; i < of->maps.n; ++i) {
    if (!has_map(v, of->maps.items[i])) {
      return false;
    }
  }
  return true;
}

// What the ontology adds or takes away leaves the other mappings as they are.
static bool has_other_mapping(const stoa_version *before, const stoa_version *now)
{
  const bool more = has_all_maps(now, before), fewer = has_all_maps(before, now);
  return before->ontology == now->ontology ? !more || !fewer : !more && !fewer;
}

static const char *declared_text(const stoa_version *v, const char *key)
{
  for (uint32_t i = 0; i < v->declared.n; ++i) {
    if (strcmp(v->declared.items[i].key, key) == 0) {
      return v->declared.items[i].text;
    }
  }
  return NULL;
}

// One key of the declaration, as it was and as it is.
static void compare_key(const stoa_version *before, const stoa_version *now, const char *key, stoa_buf *words,
                        stoa_buf *lines)
{
  const char *const a = declared_text(before, key), *const b = declared_text(now, key);
  if (!a || !b || strcmp(a, b) != 0) {
    add_word(words, key);
    stoa_buf_print(lines, "    %s: %s -> %s\n", key, a ? a : "(none)", b ? b : "(none)");
  }
}

static void compare_declared(const stoa_version *before, const stoa_version *now, stoa_buf *words, stoa_buf *lines)
{
  for (uint32_t i = 0; i < now->declared.n; ++i) {
    compare_key(before, now, now->declared.items[i].key, words, lines);
  }
  for (uint32_t i = 0; i < before->declared.n; ++i) {
    if (!declared_text(now, before->declared.items[i].key)) {
      compare_key(before, now, before->declared.items[i].key, words, lines);
    }
  }
}

static void compare_features(const stoa_view_note *before, const stoa_view_note *now, stoa_buf *lines)
{
  for (uint32_t i = 0; i < now->features.n; ++i) {
    const stoa_feature_note *const b = &now->features.items[i], *const a = stoa_snapshot_feature(before, b->name);
    const char *const was = a && a->fallback ? a->fallback : "(none)", *const is = b->fallback ? b->fallback : "(none)";
    if (!a) {
      stoa_buf_print(lines, "    + feature %s: %s\n", b->name, b->type);
      continue;
    }
    if (strcmp(a->type, b->type) != 0) {
      stoa_buf_print(lines, "    ~ feature %s: type %s -> %s\n", b->name, a->type, b->type);
    }
    if (strcmp(was, is) != 0) {
      stoa_buf_print(lines, "    ~ feature %s: default %s -> %s\n", b->name, was, is);
    }
  }
  for (uint32_t i = 0; i < before->features.n; ++i) {
    if (!stoa_snapshot_feature(now, before->features.items[i].name)) {
      stoa_buf_print(lines, "    - feature %s\n", before->features.items[i].name);
    }
  }
}

// ---- who is affected

static bool serves(const stoa_service_note *s, const char *view)
{
  const size_t n = strlen(view);
  for (uint32_t i = 0; i < s->features.n; ++i) {
    if (strncmp(s->features.items[i], view, n) == 0 && strncmp(s->features.items[i] + n, "__", 2) == 0) {
      return true;
    }
  }
  return false;
}

static bool reads_service(const plan *p, const stoa_policy *policy, const char *view)
{
  const stoa_service_note *const s = policy->service ? stoa_snapshot_service(&p->now, policy->service) : NULL;
  return policy->service && (s ? serves(s, view) : strcmp(policy->service, view) == 0);
}

static void tell_affected(const plan *p, const char *view)
{
  stoa_buf services = {0}, policies = {0};
  const stoa_policies *const all = stoa_engine_policies(p->engine);
  for (uint32_t i = 0; i < p->now.services.n; ++i) {
    if (serves(&p->now.services.items[i], view)) {
      add_word(&services, p->now.services.items[i].name);
    }
  }
  for (uint32_t i = 0; i < all->n; ++i) {
    if (reads_service(p, all->items[i], view)) {
      add_word(&policies, all->items[i]->name);
    }
  }
  if (services.length) {
    printf("    services: %s\n", stoa_buf_string(&services));
  }
  if (policies.length) {
    printf("    policies: %s\n", stoa_buf_string(&policies));
  }
  stoa_buf_done(&services);
  stoa_buf_done(&policies);
}

static void compare_view(plan *p, const stoa_view_note *before, const stoa_view_note *now)
{
  stoa_buf words = {0}, lines = {0};
  char a[STOA_VERSION_DIGITS + 1], b[STOA_VERSION_DIGITS + 1];
  const char *const kind = declared_text(&now->version, "kind");
  const bool of_request = kind && strcmp(kind, "request") == 0;
  if (before->version.query != now->version.query) {
    add_word(&words, "query");
  }
  if (has_other_mapping(&before->version, &now->version)) {
    add_word(&words, of_request ? "what it reads" : "mapping");
  }
  if (before->version.ontology != now->version.ontology) {
    add_word(&words, "ontology");
  }
  compare_declared(&before->version, &now->version, &words, &lines);
  compare_features(before, now, &lines);
  if (words.length) {
    stoa_version_write(before->version.all, a);
    stoa_version_write(now->version.all, b);
    printf("~ view %s %s -> %s: %s\n%s", now->name, a, b, stoa_buf_string(&words), stoa_buf_string(&lines));
    tell_affected(p, now->name);
    p->n_changes++;
  }
  stoa_buf_done(&words);
  stoa_buf_done(&lines);
}

static void compare_views(plan *p)
{
  for (uint32_t i = 0; i < p->now.views.n; ++i) {
    const stoa_view_note *const now = &p->now.views.items[i], *const before = stoa_snapshot_view(&p->before, now->name);
    char version[STOA_VERSION_DIGITS + 1];
    if (before) {
      compare_view(p, before, now);
      continue;
    }
    stoa_version_write(now->version.all, version);
    printf("+ view %s %s: %u features\n", now->name, version, now->features.n);
    tell_affected(p, now->name);
    p->n_changes++;
  }
  for (uint32_t i = 0; i < p->before.views.n; ++i) {
    if (!stoa_snapshot_view(&p->now, p->before.views.items[i].name)) {
      printf("- view %s: %u features\n", p->before.views.items[i].name, p->before.views.items[i].features.n);
      p->n_changes++;
    }
  }
}

// ---- differences of services

static bool has_feature(const stoa_service_note *s, const char *name)
{
  for (uint32_t i = 0; i < s->features.n; ++i) {
    if (strcmp(s->features.items[i], name) == 0) {
      return true;
    }
  }
  return false;
}

static void compare_lists(const stoa_service_note *a, const stoa_service_note *b, char sign, stoa_buf *lines)
{
  for (uint32_t i = 0; i < a->features.n; ++i) {
    if (!has_feature(b, a->features.items[i])) {
      stoa_buf_print(lines, "    %c feature %s\n", sign, a->features.items[i]);
    }
  }
}

static bool same_order(const stoa_service_note *a, const stoa_service_note *b)
{
  bool same = a->features.n == b->features.n;
  for (uint32_t i = 0; same && i < a->features.n; ++i) {
    same = strcmp(a->features.items[i], b->features.items[i]) == 0;
  }
  return same;
}

static void tell_policies(const plan *p, const char *service)
{
  const stoa_policies *const all = stoa_engine_policies(p->engine);
  for (uint32_t i = 0; i < all->n; ++i) {
    if (all->items[i]->service && strcmp(all->items[i]->service, service) == 0) {
      printf("    policies: %s\n", all->items[i]->name);
    }
  }
}

static void compare_service(plan *p, const stoa_service_note *before, const stoa_service_note *now)
{
  stoa_buf lines = {0};
  if (strcmp(before->purpose, now->purpose) != 0) {
    stoa_buf_print(&lines, "    purpose: %s -> %s\n", before->purpose[0] ? before->purpose : "(none)",
                   now->purpose[0] ? now->purpose : "(none)");
  }
  compare_lists(now, before, '+', &lines);
  compare_lists(before, now, '-', &lines);
  if (!lines.length && !same_order(before, now)) {
    stoa_buf_text(&lines, "    features in another order\n");
  }
  if (lines.length) {
    printf("~ service %s\n%s", now->name, stoa_buf_string(&lines));
    tell_policies(p, now->name);
    p->n_changes++;
  }
  stoa_buf_done(&lines);
}

static void compare_services(plan *p)
{
  for (uint32_t i = 0; i < p->now.services.n; ++i) {
    const stoa_service_note *const now = &p->now.services.items[i];
    const stoa_service_note *const before = stoa_snapshot_service(&p->before, now->name);
    if (before) {
      compare_service(p, before, now);
    } else {
      printf("+ service %s: %u features\n", now->name, now->features.n);
      tell_policies(p, now->name);
      p->n_changes++;
    }
  }
  for (uint32_t i = 0; i < p->before.services.n; ++i) {
    if (!stoa_snapshot_service(&p->now, p->before.services.items[i].name)) {
      printf("- service %s\n", p->before.services.items[i].name);
      p->n_changes++;
    }
  }
}

int stoa_cli_plan(stoa_engine *engine, stoa_arena *arena)
{
  plan p = {.engine = engine, .arena = arena};
  stoa_error err = {0};
  if (load(&p, &err) != STOA_OK) {
    return stoa_cli_fail(&err);
  }
  compare_views(&p);
  compare_services(&p);
  if (p.n_changes == 0) {
    printf("no changes\n");
  }
  return p.n_changes > 0;
}

// ---- apply

static stoa_status profile_views(plan *p, uint32_t limit, stoa_error *err)
{
  for (uint32_t i = 0; i < p->now.views.n; ++i) {
    const stoa_view *const view = stoa_registry_view(registry_of(p), p->now.views.items[i].name);
    stoa_profile *const profiles = STOA_NEWS(p->arena, stoa_profile, view->features.n + 1);
    stoa_context context;
    if (view->kind == STOA_VIEW_REQUEST) {
      continue; // its inputs come with requests
    }
    stoa_context_init(&context, stoa_engine_now(p->engine));
    stoa_engine_limit(p->engine, &context);
    STOA_TRY(stoa_view_profile(view, registry_of(p)->project, limit, NULL, &context, p->arena, profiles, err));
    for (uint32_t f = 0; f < view->features.n; ++f) {
      p->now.views.items[i].features.items[f].profile = profiles[f];
    }
  }
  return STOA_OK;
}

static stoa_status store(const plan *p, stoa_error *err)
{
  stoa_output out;
  stoa_buf text = {0};
  const char *const slash = strrchr(p->path, '/');
  const char *const folder = stoa_arena_copy(p->arena, (stoa_slice){p->path, (size_t)(slash - p->path)});
  if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
    return stoa_error_set(err, STOA_IO, "%s: %s", folder, strerror(errno));
  }
  STOA_TRY(stoa_output_open(p->path, &out, err));
  stoa_snapshot_write(&p->now, &text);
  const bool whole = fwrite(text.data, 1, text.length, out.file) == text.length;
  stoa_buf_done(&text);
  const stoa_status closed = stoa_output_close(&out, whole, err);
  return whole ? closed : stoa_error_set(err, STOA_IO, "%s cannot be written: %s", p->path, strerror(errno));
}

// A running server reads the project again, and from then on makes the rows that are to be there ahead.
static stoa_status reload(const plan *p, stoa_error *err)
{
  const stoa_slice command[] = {stoa_slice_of("RELOAD")};
  stoa_buf answer = {0};
  stoa_error why = {0};
  const stoa_status status = stoa_forward_text(stoa_engine_dir(p->engine), command, 1, &answer, &why);
  stoa_buf_done(&answer);
  if (status == STOA_UNAVAILABLE) {
    printf("no server runs: what is kept is made when one does\n");
    return STOA_OK;
  }
  if (status == STOA_OK) {
    printf("the server has read them\n");
    return STOA_OK;
  }
  return stoa_error_set(err, status, "they are applied, but the server has not read them: %s", why.text);
}

static void note_instant(plan *p)
{
  const stoa_instant now = {stoa_engine_now(p->engine), true, 0};
  stoa_buf text = {0};
  stoa_xsd_datetime_write(now, &text);
  p->now.applied = stoa_arena_copy(p->arena, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
}

int stoa_cli_apply(stoa_engine *engine, uint32_t limit, stoa_arena *arena)
{
  plan p = {.engine = engine, .arena = arena};
  stoa_error err = {0};
  stoa_status status = load(&p, &err);
  if (status == STOA_OK) {
    compare_views(&p);
    compare_services(&p);
    note_instant(&p);
    status = profile_views(&p, limit, &err);
  }
  status = status == STOA_OK ? store(&p, &err) : status;
  if (status == STOA_OK) {
    printf("%u views and %u services applied, %u changed\n", p.now.views.n, p.now.services.n, p.n_changes);
    status = reload(&p, &err);
  }
  return status == STOA_OK ? 0 : stoa_cli_fail(&err);
}

// ---- drift

static void tell_drift(const stoa_feature_note *f, const stoa_profile *now, const stoa_drift *d)
{
  printf("%s: no value for %.1f%% (%.1f%%), different values %u (%u), stability index %.3f\n", f->name,
         now->n ? 100.0 * now->n_null / now->n : 0, 100.0 * f->profile.n_null / f->profile.n, now->n_distinct,
         f->profile.n_distinct, d->psi);
}

// Entities that come first, as many as were looked at.
static stoa_status drift_view(const plan *p, const stoa_view *view, const stoa_view_note *before, uint32_t *n_compared,
                              uint32_t *n_moved, stoa_error *err)
{
  const uint32_t n = view->features.n;
  const stoa_profile **const like = STOA_NEWS(p->arena, const stoa_profile *, n + 1);
  stoa_profile *const now = STOA_NEWS(p->arena, stoa_profile, n + 1);
  uint32_t limit = 0;
  stoa_context context;
  for (uint32_t i = 0; i < n; ++i) {
    const stoa_feature_note *const f = stoa_snapshot_feature(before, view->features.items[i].name);
    like[i] = f && f->profile.n ? &f->profile : NULL;
    limit = like[i] && like[i]->n > limit ? like[i]->n : limit;
  }
  if (limit == 0) {
    return STOA_OK;
  }
  stoa_context_init(&context, stoa_engine_now(p->engine));
  stoa_engine_limit(p->engine, &context);
  STOA_TRY(stoa_view_profile(view, registry_of(p)->project, limit, like, &context, p->arena, now, err));
  for (uint32_t i = 0; i < n; ++i) {
    const stoa_drift d = like[i] ? stoa_profile_drift(like[i], &now[i]) : (stoa_drift){0};
    *n_compared += like[i] != NULL;
    *n_moved += d.moved;
    if (d.moved) {
      tell_drift(stoa_snapshot_feature(before, view->features.items[i].name), &now[i], &d);
    }
  }
  return STOA_OK;
}

int stoa_cli_drift(stoa_engine *engine, stoa_arena *arena)
{
  plan p = {.engine = engine, .arena = arena};
  stoa_error err = {0};
  uint32_t n_compared = 0, n_moved = 0;
  if (load(&p, &err) != STOA_OK) {
    return stoa_cli_fail(&err);
  }
  if (!p.applied) {
    stoa_error_set(&err, STOA_NOT_FOUND, "nothing was applied yet (%s): stoa features apply", p.path);
    return stoa_cli_fail(&err);
  }
  for (uint32_t i = 0; i < registry_of(&p)->views.n; ++i) {
    const stoa_view *const view = registry_of(&p)->views.items[i];
    const stoa_view_note *const before = stoa_snapshot_view(&p.before, view->name);
    if (before && drift_view(&p, view, before, &n_compared, &n_moved, &err) != STOA_OK) {
      return stoa_cli_fail(&err);
    }
  }
  printf("%u of %u features moved since %s\n", n_moved, n_compared, p.before.applied);
  return n_moved > 0;
}
