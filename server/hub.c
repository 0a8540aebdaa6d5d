#include "server/hub.h"
#include "graph/base/file.h"
#include "graph/term/xsd.h"
#include <stdio.h>
#include <stdlib.h>

struct stoa_hub {
  const stoa_shared *shared;
  void (*end)(stoa_call *call);
  atomic_llong told_ns; ///< when the log told of a failure last; 0: never
  pthread_mutex_t lock; ///< of what follows
  stoa_subscription *all;
  int64_t n;
  uint64_t n_turns;
  bool stops;
};

// ---- what can be watched

static stoa_status refuse_view(const stoa_registry *r, const char *name, stoa_arena *arena, stoa_error *err)
{
  const char **const names = STOA_NEWS(arena, const char *, r->views.n + 1);
  const stoa_view *const view = stoa_registry_view(r, name);
  uint32_t n = 0;
  for (uint32_t i = 0; i < r->views.n; ++i) {
    if (r->views.items[i]->watched.n) {
      names[n++] = r->views.items[i]->name;
    }
  }
  const char *const near = stoa_nearest(name, names, n);
  return stoa_error_set(err, STOA_NOT_FOUND, view ? "view \"%s\" has no conditions; say them under its \"watch\"%s%s%s"
                                                  : "there is no view \"%s\" with conditions%s%s%s",
                        name, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static stoa_status refuse_condition(const stoa_view *view, const char *name, stoa_arena *arena, stoa_error *err)
{
  const char **const names = STOA_NEWS(arena, const char *, view->watched.n + 1);
  for (uint32_t i = 0; i < view->watched.n; ++i) {
    names[i] = view->watched.items[i].name;
  }
  const char *const near = stoa_nearest(name, names, view->watched.n);
  return stoa_error_set(err, STOA_NOT_FOUND, "view \"%s\" has no condition \"%s\"%s%s%s", view->name, name,
                        near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

stoa_status stoa_hub_find(const stoa_layer *layer, const char *name, stoa_arena *arena, const stoa_view **view,
                          const char **condition, stoa_error *err)
{
  const size_t length = strcspn(name, ":");
  const char *const its_view = stoa_arena_copy(arena, (stoa_slice){name, length});
  *view = stoa_registry_view(layer->registry, its_view);
  *condition = NULL;
  if (!*view || !(*view)->watched.n) {
    return refuse_view(layer->registry, its_view, arena, err);
  }
  for (uint32_t i = 0; name[length] && i < (*view)->watched.n && !*condition; ++i) {
    const char *const known = (*view)->watched.items[i].name;
    *condition = strcmp(known, name + length + 1) == 0 ? known : NULL;
  }
  return name[length] && !*condition ? refuse_condition(*view, name + length + 1, arena, err) : STOA_OK;
}

// ---- under the lock

static void link_in(stoa_hub *h, stoa_subscription *s)
{
  s->next = h->all;
  s->previous = NULL;
  if (h->all) {
    h->all->previous = s;
  }
  h->all = s;
  h->n++;
  s->is_in = true;
  atomic_fetch_add_explicit(&h->shared->metrics->subscribers, 1, memory_order_relaxed);
}

// Whoever takes it out ends it; `over`: those that are to be ended without the lock.
static void take_out(stoa_hub *h, stoa_subscription *s, stoa_subscription **over)
{
  *(s->previous ? &s->previous->next : &h->all) = s->next;
  if (s->next) {
    s->next->previous = s->previous;
  }
  h->n--;
  s->is_in = false;
  s->next = *over;
  *over = s;
  atomic_fetch_sub_explicit(&h->shared->metrics->subscribers, 1, memory_order_relaxed);
}

static void end_all(stoa_hub *h, stoa_subscription *over)
{
  while (over) {
    stoa_subscription *const next = over->next; // it goes with its call
    h->end(over->call);
    over = next;
  }
}

// ---- coming and going

static void leave(stoa_call *call)
{
  stoa_hub *const h = call->shared->hub;
  stoa_subscription *over = NULL;
  pthread_mutex_lock(&h->lock);
  if (call->subscription->is_in) {
    take_out(h, call->subscription, &over);
  }
  pthread_mutex_unlock(&h->lock);
  end_all(h, over);
}

// It is asked of the layer that is current while nobody is told of another one: a reload before it is seen here, and one
// after it sees this subscription.
static stoa_status add(stoa_hub *h, stoa_call *call, stoa_error *err)
{
  const stoa_view *view;
  const char *condition;
  if (h->stops) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "%s", stoa_set_limit_text(STOA_SET_stop_s));
  }
  if (h->n >= h->shared->limits->subscribers) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "%s", stoa_set_limit_text(STOA_SET_subscribers));
  }
  stoa_layer *const layer = stoa_engine_take(h->shared->engine);
  const stoa_status status = stoa_hub_find(layer, call->request.name, &call->arena, &view, &condition, err);
  stoa_engine_drop(h->shared->engine, layer);
  if (status == STOA_OK) {
    link_in(h, call->subscription);
    call->tell(call, false); // that it has begun
  }
  return status;
}

stoa_status stoa_hub_add(stoa_hub *h, stoa_call *call, stoa_error *err)
{
  stoa_layer *const layer = call->layer;
  call->layer = NULL; // it goes on for days, and would hold it
  call->leave = leave;
  pthread_mutex_lock(&h->lock);
  const stoa_status status = add(h, call, err);
  pthread_mutex_unlock(&h->lock);
  stoa_engine_drop(call->shared->engine, layer);
  return status;
}

void stoa_hub_reloaded(stoa_hub *h)
{
  stoa_subscription *over = NULL;
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  pthread_mutex_lock(&h->lock);
  stoa_layer *const layer = stoa_engine_take(h->shared->engine);
  for (stoa_subscription *s = h->all, *next; s; s = next) {
    const stoa_view *view;
    const char *condition;
    stoa_error gone = {0};
    next = s->next;
    if (stoa_hub_find(layer, s->call->request.name, &arena, &view, &condition, &gone) != STOA_OK) {
      stoa_error_set(&s->call->reply.err, STOA_NOT_FOUND, "the project was read again: %s", gone.text);
      take_out(h, s, &over);
    } else if (s->n_keys && s->n_parts != view->entity->n_keys) {
      stoa_error_set(&s->call->reply.err, STOA_NOT_FOUND, "the project was read again: keys of %s have other parts",
                     view->entity->name);
      take_out(h, s, &over);
    }
  }
  stoa_engine_drop(h->shared->engine, layer);
  pthread_mutex_unlock(&h->lock);
  stoa_arena_done(&arena);
  end_all(h, over);
}

void stoa_hub_stop(stoa_hub *h)
{
  stoa_subscription *over = NULL;
  pthread_mutex_lock(&h->lock);
  h->stops = true;
  while (h->all) {
    stoa_error_set(&h->all->call->reply.err, STOA_UNAVAILABLE, "%s", stoa_set_limit_text(STOA_SET_stop_s));
    take_out(h, h->all, &over);
  }
  pthread_mutex_unlock(&h->lock);
  end_all(h, over);
}

void stoa_hub_names(stoa_hub *h, void (*tell)(const char *name, uint64_t n_subscribers, void *data), void *data)
{
  stoa_arena arena;
  stoa_map counts = {0};
  stoa_arena_init(&arena, 0);
  pthread_mutex_lock(&h->lock);
  for (const stoa_subscription *s = h->all; s; s = s->next) {
    const stoa_slice name = stoa_slice_of(s->call->request.name);
    uint64_t *const known = stoa_map_find(&counts, name), *const count = known ? known : STOA_NEW(&arena, uint64_t);
    ++*count;
    if (!known) {
      stoa_map_add(&counts, &arena, name, count);
    }
  }
  pthread_mutex_unlock(&h->lock);
  for (uint32_t i = 0; i < counts.n_slots; ++i) {
    if (counts.slots[i].value) {
      tell(counts.slots[i].key.data, *(const uint64_t *)counts.slots[i].value, data);
    }
  }
  stoa_arena_done(&arena);
}

// ---- turns

static bool matches(const stoa_subscription *s, const stoa_turned *t)
{
  const uint32_t n_parts = t->view->entity->n_keys;
  if (strcmp(s->view, t->view->name) != 0 || (s->condition && strcmp(s->condition, t->condition) != 0)) {
    return false;
  }
  bool is = s->n_keys == 0;
  for (uint32_t k = 0; k < s->n_keys && !is && s->n_parts == n_parts; ++k) {
    is = true;
    for (uint32_t i = 0; i < n_parts && is; ++i) {
      is = stoa_slice_equal(s->keys[(size_t)k * n_parts + i], t->key[i]);
    }
  }
  return is;
}

// Parts that are declared to be integers, and are, are numbers of JSON.
static void write_key(const stoa_turned *t, stoa_buf *out)
{
  const stoa_entity *const entity = t->view->entity;
  for (uint32_t i = 0; i < entity->n_keys; ++i) {
    stoa_error ignored = {0};
    const bool typed = entity->types[i] == STOA_KEY_INT32 || entity->types[i] == STOA_KEY_INT64;
    stoa_buf_text(out, i ? "," : "");
    stoa_buf_json(out, stoa_slice_of(entity->keys[i]));
    stoa_buf_byte(out, ':');
    if (typed && stoa_entity_check(entity, i, t->key[i], &ignored) == STOA_OK) {
      stoa_buf_slice(out, t->key[i]);
    } else {
      stoa_buf_json(out, t->key[i]);
    }
  }
}

static void write_turn(const stoa_turned *t, stoa_buf *out)
{
  stoa_buf_print(out, " %s {\"view\":", t->condition);
  stoa_buf_json(out, stoa_slice_of(t->view->name));
  stoa_buf_text(out, ",\"condition\":");
  stoa_buf_json(out, stoa_slice_of(t->condition));
  stoa_buf_text(out, ",\"entity\":");
  stoa_buf_json(out, stoa_slice_of(t->view->entity->name));
  stoa_buf_text(out, ",\"key\":{");
  write_key(t, out);
  stoa_buf_text(out, "},\"at\":\"");
  stoa_xsd_datetime_write((stoa_instant){t->at_us, true, 0}, out);
  stoa_buf_text(out, "\"}\n");
}

static void give(stoa_hub *h, stoa_subscription *s, stoa_slice line, stoa_subscription **over)
{
  bool tells;
  if (!stoa_call_offer(s->call, line.data, line.length, STOA_MOST_BEHIND, &tells)) {
    stoa_metrics_add(&h->shared->metrics->subscribers_lost, 1);
    stoa_error_set(&s->call->reply.err, STOA_LIMIT, "%s", stoa_limit_text(STOA_LIMIT_BEHIND));
    take_out(h, s, over);
    return;
  }
  stoa_metrics_add(&h->shared->metrics->turns_told, 1);
  if (tells) {
    s->call->tell(s->call, false);
  }
}

static void told(const stoa_turned *t, void *data)
{
  stoa_hub *const h = data;
  stoa_subscription *over = NULL;
  stoa_buf turn = {0}, line = {0};
  write_turn(t, &turn);
  stoa_metrics_add(&h->shared->metrics->turns, 1);
  pthread_mutex_lock(&h->lock);
  stoa_buf_print(&line, "%llu", (unsigned long long)++h->n_turns);
  stoa_buf_add(&line, turn.data, turn.length);
  for (stoa_subscription *s = h->all, *next; s; s = next) {
    next = s->next;
    if (matches(s, t)) {
      give(h, s, (stoa_slice){line.data, line.length}, &over);
    }
  }
  pthread_mutex_unlock(&h->lock);
  end_all(h, over);
  stoa_buf_done(&turn);
  stoa_buf_done(&line);
}

// What goes on failing is told once a minute.
static void failed(const stoa_view *view, const stoa_error *err, void *data)
{
  enum { PAUSE_S = 60 };
  stoa_hub *const h = data;
  char text[1024], fault[800];
  const long long now_ns = stoa_clock_steady_ns(), told_ns = atomic_load(&h->told_ns);
  if (told_ns && now_ns - told_ns < PAUSE_S * 1000000000LL) {
    return;
  }
  atomic_store(&h->told_ns, now_ns);
  snprintf(text, sizeof text, "the conditions of view %s cannot be looked at now: %s", view->name,
           stoa_error_print(err, fault, sizeof fault));
  stoa_log_say(h->shared->log, STOA_LOG_WARNING, "watch", text);
}

stoa_turned_sink stoa_hub_sink(stoa_hub *h)
{
  return (stoa_turned_sink){told, failed, h};
}

// ---- life

stoa_status stoa_hub_new(const stoa_shared *shared, void (*end)(stoa_call *call), stoa_hub **out, stoa_error *err)
{
  stoa_hub *const h = calloc(1, sizeof *h);
  if (!h) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for subscribers");
  }
  h->shared = shared;
  h->end = end;
  pthread_mutex_init(&h->lock, NULL);
  *out = h;
  return STOA_OK;
}

void stoa_hub_free(stoa_hub *h)
{
  if (h) {
    pthread_mutex_destroy(&h->lock);
    free(h);
  }
}
