// Each entity is followed with the conditions that held when it was looked at last, and is looked at again when a record
// names it, when everybody may have changed, and when time may change its row (followed.h).  What is noted by other threads
// waits in a set of its own, so that they wait for nobody; it is taken before each few entities that are looked at, so that
// what has just happened is told while millions are looked at for the first time.
#include "features/watch.h"
#include "features/condition.h"
#include "features/followed.h"
#include "features/polled.h"
#include <stdlib.h>
#include <time.h>

enum { AT_ONCE = 256, SECOND_US = 1000000, TICK_MS = 100 };

typedef struct {
  const stoa_view *view;
  stoa_watches *all;
  uint64_t every;     ///< a bit for each of its conditions
  bool *is_recency;   ///< [feature]: how long ago something was, which a condition asks for
  stoa_follow follow;
  uint32_t round;     ///< how often the class was asked who is there; 0: not yet
  bool asks_class;    ///< it is to be asked again
  int64_t class_us;   ///< when it was asked last
  pthread_mutex_t lock; ///< of what follows
  stoa_arena noted_arena;
  stoa_map noted; ///< the keys that records have named
  bool all_noted;
} watch;

struct stoa_watches {
  stoa_keep *keep;
  stoa_turned_sink sink;
  stoa_arena arena;
  STOA_LIST(watch *) all;
  stoa_context context;
  pthread_t thread;
  bool runs, hears;
  pthread_mutex_t lock; ///< of what follows
  pthread_cond_t noted;
  bool is_noted;
};

static void failed(const watch *w, const stoa_error *err)
{
  const stoa_turned_sink *const sink = &w->all->sink;
  if (sink->failed && !stoa_context_is_cancelled(&w->all->context)) {
    sink->failed(w->view, err, sink->data);
  }
}

// ---- what is noted, by any thread

static void wake(stoa_watches *all)
{
  pthread_mutex_lock(&all->lock);
  all->is_noted = true;
  pthread_cond_signal(&all->noted);
  pthread_mutex_unlock(&all->lock);
}

// What is noted of a key, by their places; renewed: erased, and changed after that.
static char changed, erased, renewed;

static void note_as(watch *w, const stoa_slice *key, char *what)
{
  pthread_mutex_lock(&w->lock);
  if (key) {
    const char *const before = stoa_map_find(&w->noted, *key);
    const bool renews = what == &changed && (before == &erased || before == &renewed);
    stoa_map_add(&w->noted, &w->noted_arena, *key, renews ? &renewed : what);
  } else {
    w->all_noted = true;
  }
  pthread_mutex_unlock(&w->lock);
  wake(w->all);
}

static void note(const stoa_slice *key, void *data)
{
  note_as(data, key, &changed);
}

static void note_erased(const stoa_slice *key, void *data)
{
  note_as(data, key, &erased);
}

// ---- who is followed

static stoa_followed *follow(watch *w, stoa_slice key)
{
  stoa_followed *const there = stoa_follow_find(&w->follow, key);
  if (there) {
    return there;
  }
  stoa_error err = {0};
  stoa_followed *const fresh = w->follow.n < STOA_MOST_FOLLOWED ? stoa_follow_add(&w->follow, key) : NULL;
  if (!fresh) {
    stoa_error_set(&err, STOA_LIMIT, "of view %s at most %d entities are followed; others are told of no conditions",
                   w->view->name, STOA_MOST_FOLLOWED);
    failed(w, &err);
  }
  return fresh;
}

static void look_first(stoa_follow *all, stoa_followed *one, void *data)
{
  (void)data;
  if (one->look_us != STOA_LOOK_NOW) {
    stoa_follow_at(all, one, STOA_LOOK_FIRST);
  }
}

// Before it is known who there is nobody can be told to be new.  Nothing is known of who was erased: who is there all the
// same, by the class, is looked at as for the first time, so that nothing is told again; others are followed no more.
static void take_one(watch *w, stoa_slice key, const char *what)
{
  const uint32_t before = w->follow.n;
  stoa_followed *const one = what == &erased ? stoa_follow_find(&w->follow, key) : follow(w, key);
  if (!one) {
    return;
  }
  const bool is_new = what == &renewed || w->follow.n > before;
  one->holds = what == &changed ? one->holds : 0;
  one->known = what == &erased ? 0 : is_new && w->round ? w->every : one->known;
  stoa_follow_at(&w->follow, one, STOA_LOOK_NOW);
}

static void take_noted(watch *w)
{
  pthread_mutex_lock(&w->lock);
  stoa_map noted = w->noted;
  stoa_arena arena = w->noted_arena;
  const bool all = w->all_noted;
  w->noted = (stoa_map){0};
  stoa_arena_init(&w->noted_arena, 0);
  w->all_noted = false;
  pthread_mutex_unlock(&w->lock);
  for (uint32_t i = 0; i < noted.n_slots; ++i) {
    if (noted.slots[i].value) {
      take_one(w, noted.slots[i].key, noted.slots[i].value);
    }
  }
  stoa_arena_done(&arena);
  if (all) {
    stoa_follow_each(&w->follow, look_first, NULL);
    w->asks_class = true;
  }
}

// Who has left the class is looked at once more.
static void see_who_left(stoa_follow *all, stoa_followed *one, void *data)
{
  const watch *const w = data;
  if (one->round && one->round != w->round) {
    one->round = 0;
    look_first(all, one, NULL);
  }
}

static void take_class(watch *w, const stoa_slice *keys, uint32_t n, stoa_arena *arena)
{
  const stoa_entity *const entity = w->view->entity;
  const bool first = w->round == 0;
  w->round++;
  for (uint32_t i = 0; i < n; ++i) {
    const uint32_t before = w->follow.n;
    stoa_followed *const one = follow(w, stoa_kept_key(entity, keys + (size_t)i * entity->n_keys, arena));
    if (!one) {
      break;
    }
    one->round = w->round;
    if (w->follow.n > before) {
      one->known = first ? 0 : w->every;
      look_first(&w->follow, one, NULL);
    }
  }
  stoa_follow_each(&w->follow, see_who_left, w);
}

// What tells nothing when it changes is asked as often as rows may be old; in any case not all the time.
static bool is_to_ask_class(watch *w, int64_t now_us)
{
  stoa_kept *const k = w->view->kept;
  const int64_t pause_us = w->view->fresh_us > SECOND_US ? w->view->fresh_us : SECOND_US;
  const int64_t since_us = stoa_elapsed_us(w->class_us, now_us);
  pthread_mutex_lock(&k->lock);
  const bool untold = k->untold;
  pthread_mutex_unlock(&k->lock);
  return (w->asks_class || untold) && (since_us < 0 || since_us >= (w->round ? pause_us : SECOND_US));
}

static void ask_class(watch *w, stoa_context *context)
{
  stoa_arena arena;
  stoa_slice *keys;
  stoa_error err = {0};
  uint32_t n = 0;
  if (!is_to_ask_class(w, context->now_us)) {
    return;
  }
  stoa_arena_init(&arena, 0);
  w->class_us = context->now_us;
  if (stoa_view_keys(w->view, w->all->keep->registry->project, STOA_MOST_FOLLOWED + 1, context, &arena, &keys, &n,
                     &err) == STOA_OK) {
    w->asks_class = false;
    take_class(w, keys, n, &arena);
  } else {
    failed(w, &err);
  }
  stoa_arena_done(&arena);
}

// ---- looking

// A recency that somebody asks for, and that there is, grows with each second.
static bool is_by_the_second(const watch *w, const stoa_term *values)
{
  bool is = false;
  for (uint32_t i = 0; w->is_recency && i < w->view->features.n; ++i) {
    is |= w->is_recency[i] && stoa_term_is_bound(values[i]);
  }
  return is;
}

static int64_t look_again_us(const watch *w, const stoa_view_row *row, bool by_the_second, bool untold, int64_t now_us)
{
  const int64_t second_us = by_the_second ? now_us + SECOND_US : INT64_MAX;
  const int64_t fresh_us = untold ? now_us + w->view->fresh_us + 1 : INT64_MAX; // until then it may be as it was
  int64_t until_us = row->until_us < second_us ? row->until_us : second_us;
  until_us = fresh_us < until_us ? fresh_us : until_us;
  return until_us > now_us ? until_us : now_us + 1;
}

/// A few entities that are looked at together.
typedef struct {
  watch *watch;
  uint32_t n;
  stoa_followed *who[AT_ONCE];
  stoa_slice *keys;
  stoa_view_row *rows;
  uint64_t holds[AT_ONCE];
  bool by_the_second[AT_ONCE];
} few;

// Who has no row and is not of the class may be there all the same by an event of any time; else no condition holds.
static stoa_status pass_over_absent(few *f, stoa_context *context, stoa_arena *arena, stoa_error *err)
{
  const stoa_view *const view = f->watch->view;
  const stoa_known_plans *const plans[] = {&view->entity->of_class,
                                           view->kind == STOA_VIEW_WINDOW ? &view->of_events : NULL};
  for (int p = 0; p < 2 && plans[p]; ++p) {
    stoa_term *const terms = STOA_NEWS(arena, stoa_term, AT_ONCE);
    uint32_t which[AT_ONCE], n = 0;
    bool known[AT_ONCE];
    for (uint32_t i = 0; i < f->n; ++i) {
      if (f->holds[i] && !f->rows[i].is_there && !f->who[i]->round) {
        which[n] = i;
        terms[n++] = stoa_entity_term(view->entity, f->keys + (size_t)i * view->entity->n_keys, arena);
      }
    }
    if (n) {
      STOA_TRY(stoa_entity_known(view->entity, plans[p], terms, n, context, arena, known, err));
    }
    for (uint32_t i = 0; i < n; ++i) {
      const bool may_be_known = p == 0 && plans[1];
      f->rows[which[i]].is_there = known[i];
      f->holds[which[i]] = known[i] || may_be_known ? f->holds[which[i]] : 0;
    }
  }
  return STOA_OK;
}

static stoa_status make_rows(few *f, stoa_context *context, stoa_arena *arena, stoa_error *err)
{
  const stoa_view *const view = f->watch->view;
  const uint32_t n_conditions = view->watched.n;
  stoa_term *const values = STOA_NEWS(arena, stoa_term, (size_t)f->n * view->features.n + 1);
  bool *const holds = STOA_NEWS(arena, bool, (size_t)f->n * n_conditions);
  f->keys = STOA_NEWS(arena, stoa_slice, (size_t)f->n * view->entity->n_keys);
  f->rows = STOA_NEWS(arena, stoa_view_row, f->n);
  for (uint32_t i = 0; i < f->n; ++i) {
    const stoa_slice key = {f->who[i]->key, f->who[i]->key_length};
    stoa_kept_parts(view->entity, key, f->keys + (size_t)i * view->entity->n_keys);
  }
  STOA_TRY(stoa_kept_rows(view, f->keys, f->n, NULL, context, arena, values, f->rows, err));
  STOA_TRY(stoa_conditions_hold(view, values, f->n, context, arena, holds, err));
  for (uint32_t i = 0; i < f->n; ++i) {
    f->by_the_second[i] = is_by_the_second(f->watch, values + (size_t)i * view->features.n);
    f->holds[i] = 0;
    for (uint32_t k = 0; k < n_conditions; ++k) {
      f->holds[i] |= (uint64_t)holds[(size_t)i * n_conditions + k] << k;
    }
  }
  return pass_over_absent(f, context, arena, err);
}

static void tell(const few *f, uint32_t which, int64_t now_us)
{
  const stoa_view *const view = f->watch->view;
  const stoa_turned_sink *const sink = &f->watch->all->sink;
  const stoa_followed *const one = f->who[which];
  const uint64_t turned = f->holds[which] & ~one->holds & one->known;
  for (uint32_t i = 0; i < view->watched.n; ++i) {
    if (turned & UINT64_C(1) << i) {
      const stoa_turned t = {view, view->watched.items[i].name, f->keys + (size_t)which * view->entity->n_keys, now_us};
      sink->told(&t, sink->data);
    }
  }
}

// Who is not of the class, and has no row and no condition, is as one who was never followed.
static void settle(const few *f, uint32_t i, bool untold, int64_t now_us)
{
  watch *const w = f->watch;
  stoa_followed *const one = f->who[i];
  if (!one->round && !f->rows[i].is_there && !f->holds[i] && w->round) {
    stoa_follow_remove(&w->follow, one);
    return;
  }
  one->holds = f->holds[i];
  one->known = w->every;
  stoa_follow_at(&w->follow, one, look_again_us(w, &f->rows[i], f->by_the_second[i], untold, now_us));
}

// Rows that cannot be made hold up no others: they are tried again after a second.
static void look_at(few *f, stoa_context *context)
{
  stoa_arena arena;
  stoa_error err = {0};
  stoa_kept *const k = f->watch->view->kept;
  stoa_arena_init(&arena, 0);
  const bool good = make_rows(f, context, &arena, &err) == STOA_OK;
  pthread_mutex_lock(&k->lock);
  const bool untold = k->untold;
  pthread_mutex_unlock(&k->lock);
  for (uint32_t i = 0; i < f->n; ++i) {
    if (good) {
      tell(f, i, context->now_us);
      settle(f, i, untold, context->now_us);
    } else {
      stoa_follow_at(&f->watch->follow, f->who[i], context->now_us + SECOND_US);
    }
  }
  if (!good) {
    failed(f->watch, &err);
  }
  stoa_arena_done(&arena);
}

// True when there may be more to look at.
static bool look_at_few(watch *w, stoa_context *context)
{
  few f = {.watch = w};
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  stoa_kept_ask_sources(w->view->kept, 0, context, &arena);
  stoa_arena_done(&arena);
  take_noted(w);
  ask_class(w, context);
  while (f.n < AT_ONCE) {
    stoa_followed *const one = stoa_follow_next(&w->follow, context->now_us);
    if (!one) {
      break;
    }
    f.who[f.n++] = one;
  }
  if (f.n) {
    look_at(&f, context);
  }
  return f.n == AT_ONCE;
}

// Views take turns, so that none waits for all the entities of another.
void stoa_watches_look(stoa_watches *all)
{
  for (bool more = true; more;) {
    more = false;
    for (uint32_t i = 0; i < all->all.n && !stoa_context_is_cancelled(&all->context); ++i) {
      all->context.now_us = all->keep->clock.now_us(all->keep->clock.data);
      more |= look_at_few(all->all.items[i], &all->context);
    }
  }
}

// ---- the thread

static void wait_for_more(stoa_watches *all)
{
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_nsec += TICK_MS * 1000000L;
  until.tv_sec += until.tv_nsec / 1000000000;
  until.tv_nsec %= 1000000000;
  pthread_mutex_lock(&all->lock);
  while (!all->is_noted && pthread_cond_timedwait(&all->noted, &all->lock, &until) == 0) {
  }
  all->is_noted = false;
  pthread_mutex_unlock(&all->lock);
}

static void *run(void *data)
{
  stoa_watches *const all = data;
  while (!stoa_context_is_cancelled(&all->context)) {
    stoa_watches_look(all);
    wait_for_more(all);
  }
  return NULL;
}

stoa_status stoa_watches_start(stoa_watches *all, stoa_error *err)
{
  const int code = pthread_create(&all->thread, NULL, run, all);
  all->runs = code == 0;
  return code ? stoa_error_set(err, STOA_UNAVAILABLE, "no thread for the conditions of feature views: %s", strerror(code))
              : STOA_OK;
}

// ---- what was followed before

typedef struct {
  watch *watch;
  uint8_t bit[STOA_MOST_CONDITIONS]; ///< of the condition that was there before; STOA_MOST_CONDITIONS: none was
} carried;

static uint64_t carry_bits(const carried *c, uint64_t bits)
{
  uint64_t out = 0;
  for (uint32_t i = 0; i < c->watch->view->watched.n; ++i) {
    if (c->bit[i] < STOA_MOST_CONDITIONS && bits & UINT64_C(1) << c->bit[i]) {
      out |= UINT64_C(1) << i;
    }
  }
  return out;
}

static void carry(stoa_follow *from, stoa_followed *one, void *data)
{
  const carried *const c = data;
  stoa_followed *const mine = follow(c->watch, (stoa_slice){one->key, one->key_length});
  (void)from;
  if (mine) {
    mine->holds = carry_bits(c, one->holds);
    mine->known = carry_bits(c, one->known);
    mine->round = one->round ? c->watch->round : 0;
    stoa_follow_at(&c->watch->follow, mine, STOA_LOOK_FIRST);
  }
}

static bool same_entities(const stoa_entity *a, const stoa_entity *b)
{
  bool same = a->n_keys == b->n_keys && strcmp(a->class_iri, b->class_iri) == 0 &&
              strcmp(a->iri->pattern, b->iri->pattern) == 0;
  for (uint32_t i = 0; i < a->n_keys && same; ++i) {
    same = strcmp(a->keys[i], b->keys[i]) == 0;
  }
  return same;
}

static void carry_on(watch *w, const watch *before)
{
  carried c = {.watch = w};
  if (strcmp(before->view->name, w->view->name) != 0 || !same_entities(before->view->entity, w->view->entity)) {
    return;
  }
  for (uint32_t i = 0; i < w->view->watched.n; ++i) {
    const stoa_watched *const mine = &w->view->watched.items[i];
    c.bit[i] = STOA_MOST_CONDITIONS;
    for (uint32_t k = 0; k < before->view->watched.n; ++k) {
      const stoa_watched *const its = &before->view->watched.items[k];
      if (strcmp(mine->name, its->name) == 0 && strcmp(mine->text, its->text) == 0) {
        c.bit[i] = (uint8_t)k;
      }
    }
  }
  w->round = before->round;
  stoa_follow_each((stoa_follow *)&before->follow, carry, &c);
}

// ---- life

static void set_hook(stoa_kept *k, stoa_kept_hook hook)
{
  pthread_mutex_lock(&k->lock);
  k->hook = hook;
  pthread_mutex_unlock(&k->lock);
}

static watch *watch_new(stoa_watches *all, const stoa_view *view)
{
  watch *const w = calloc(1, sizeof *w);
  if (!w) {
    return NULL;
  }
  const uint32_t n = view->watched.n;
  *w = (watch){.view = view, .all = all, .asks_class = true, .class_us = INT64_MIN};
  w->every = n < STOA_MOST_CONDITIONS ? (UINT64_C(1) << n) - 1 : UINT64_MAX;
  for (uint32_t i = 0; i < view->features.n && view->kind == STOA_VIEW_WINDOW; ++i) {
    if (view->features.items[i].kind == STOA_WINDOW_RECENCY && stoa_conditions_ask(view, i)) {
      w->is_recency = w->is_recency ? w->is_recency : STOA_NEWS(&all->arena, bool, view->features.n);
      w->is_recency[i] = true;
    }
  }
  stoa_arena_init(&w->noted_arena, 0);
  pthread_mutex_init(&w->lock, NULL);
  return w;
}

// What is noted in `before` and was not looked at any more is looked at now, with all the others.
static void begin(stoa_watches *all, const stoa_watches *before)
{
  for (uint32_t i = 0; i < all->all.n; ++i) {
    watch *const w = all->all.items[i];
    for (uint32_t k = 0; before && k < before->all.n; ++k) {
      carry_on(w, before->all.items[k]);
    }
    set_hook(w->view->kept, (stoa_kept_hook){note, note_erased, w});
  }
  all->hears = true;
}

stoa_status stoa_watches_new(stoa_keep *keep, const stoa_turned_sink *sink, const stoa_watches *before,
                             stoa_watches **out, stoa_error *err)
{
  stoa_watches *const all = calloc(1, sizeof *all);
  pthread_condattr_t steady;
  bool good = true;
  *out = NULL;
  if (!all) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the conditions of feature views");
  }
  *all = (stoa_watches){.keep = keep, .sink = *sink};
  stoa_arena_init(&all->arena, 0);
  stoa_context_init(&all->context, 0);
  pthread_condattr_init(&steady);
  pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
  pthread_mutex_init(&all->lock, NULL);
  pthread_cond_init(&all->noted, &steady);
  pthread_condattr_destroy(&steady);
  for (uint32_t i = 0; i < keep->views.n && good; ++i) {
    const stoa_view *const view = keep->views.items[i]->view;
    watch *const w = view->watched.n ? watch_new(all, view) : NULL;
    good = w || !view->watched.n;
    if (w) {
      STOA_PUSH(&all->arena, &all->all, w);
    }
  }
  if (!good || !all->all.n) {
    stoa_watches_free(all);
    return good ? STOA_OK : stoa_error_set(err, STOA_NO_MEM, "no memory for the conditions of feature views");
  }
  begin(all, before);
  *out = all;
  return STOA_OK;
}

void stoa_watches_end(stoa_watches *all)
{
  if (all->runs) {
    stoa_context_cancel(&all->context);
    wake(all);
    pthread_join(all->thread, NULL);
    all->runs = false;
  }
  for (uint32_t i = 0; i < all->all.n && all->hears; ++i) {
    set_hook(all->all.items[i]->view->kept, (stoa_kept_hook){0});
  }
  all->hears = false;
}

void stoa_watches_free(stoa_watches *all)
{
  if (!all) {
    return;
  }
  stoa_watches_end(all);
  for (uint32_t i = 0; i < all->all.n; ++i) {
    watch *const w = all->all.items[i];
    stoa_follow_done(&w->follow);
    stoa_arena_done(&w->noted_arena);
    pthread_mutex_destroy(&w->lock);
    free(w);
  }
  pthread_mutex_destroy(&all->lock);
  pthread_cond_destroy(&all->noted);
  stoa_arena_done(&all->arena);
  free(all);
}
