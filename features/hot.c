// The lock of a view's rows is over what appends note: which events came since.  A lock of their own is over the events
// that are held, so that a slow source keeps up those alone who ask for the same entity.
#include "features/hot.h"
#include "graph/base/assert.h"
#include "graph/base/hash.h"
#include "graph/exec/op.h"
#include "graph/result/answer.h"
#include <stdlib.h>
#include <time.h>

enum { MOST_PENDING = 1024, SHARE_OF_ROOM = 4 };

// The plan looks so far ahead for events to come (compile.c).
static const int64_t AHEAD_US = INT64_C(12) * 3600 * 1000000;

struct stoa_hot_plans {
  stoa_var record;
  const stoa_plan *all, *given;
  int64_t longest_us;
};

// ---- plans

stoa_status stoa_hot_plans_new(const stoa_view *view, const stoa_reads *reads, const stoa_project *project,
                               stoa_arena *arena, const stoa_hot_plans **out, stoa_error *err)
{
  stoa_hot_plans *const p = STOA_NEW(arena, stoa_hot_plans);
  p->record = STOA_NO_VAR;
  *out = NULL;
  for (uint32_t i = 0; i < reads->events.n && p->record == STOA_NO_VAR; ++i) {
    p->record = reads->events.items[i].record;
  }
  if (view->kind != STOA_VIEW_WINDOW || view->known_name || reads->time || reads->untold || p->record == STOA_NO_VAR) {
    return STOA_OK;
  }
  for (uint32_t i = 0; i < view->windows.n; ++i) {
    const int64_t us = view->windows.items[i] * 1000000;
    p->longest_us = us > p->longest_us ? us : p->longest_us;
  }
  STOA_TRY(stoa_view_plan_records(view, project, p->record, false, arena, &p->all, err));
  STOA_TRY(stoa_view_plan_records(view, project, p->record, true, arena, &p->given, err));
  *out = p;
  return STOA_OK;
}

// ---- what appends note

void stoa_hot_note(stoa_kept *k, stoa_kept_entry *e, const stoa_event_reach *reach, const stoa_record *event,
                   stoa_arena *arena)
{
  stoa_slice iri;
  if (!e->hot) {
    return;
  }
  if (reach->record != k->plans->record || e->hot->pending.n == MOST_PENDING ||
      !stoa_event_iri(&reach->own, event, arena, &iri) || !stoa_pendings_push(&e->hot->pending, iri, e->hot->reads_all)) {
    stoa_kept_drop_hot(k, e);
  }
}

// ---- reading events

typedef struct {
  stoa_hot *hot;
  const stoa_kept *kept;
  stoa_window_fold *reader;
  int record; ///< its column
  stoa_context *context;
} reading;

static uint64_t hash_of(stoa_slice iri)
{
  return stoa_hash_mix(stoa_hash_text(0, iri.data, iri.length));
}

static stoa_status no_room(const stoa_kept *k, stoa_error *err)
{
  return stoa_error_set(err, STOA_LIMIT, "no room to hold the events of view %s", k->view->name);
}

static stoa_status take_events(const stoa_batch *batch, void *data, stoa_error *err)
{
  const reading *const r = data;
  stoa_buf iri = {0};
  stoa_status status = STOA_OK;
  for (uint32_t row = 0; row < batch->n_rows && status == STOA_OK; ++row) {
    stoa_window_event event;
    bool has;
    status = stoa_window_fold_read(r->reader, batch, row, &event, &has, err);
    if (status == STOA_OK && has) {
      iri.length = 0;
      stoa_term_write_lexical(batch->columns[r->record][row], &iri);
      const bool added = stoa_held_add(r->hot->held, &event, hash_of((stoa_slice){iri.data, iri.length}));
      status = added ? STOA_OK : no_room(r->kept, err);
    }
  }
  if (status == STOA_OK && stoa_held_bytes(r->hot->held) > r->kept->keep->most_bytes / SHARE_OF_ROOM) {
    status = no_room(r->kept, err);
  }
  stoa_buf_done(&iri);
  return status;
}

static stoa_status read_events(stoa_kept *k, stoa_hot *hot, const stoa_plan *plan, const stoa_slot_rows *slots,
                               uint32_t n_slots, stoa_context *context, stoa_arena *arena, stoa_error *err)
{
  reading r = {.hot = hot, .kept = k, .reader = stoa_window_fold_new(k->view, plan, 1, context, arena), .context = context};
  r.record = stoa_plan_column(plan->root, k->plans->record);
  STOA_ASSERT(r.record >= 0);
  return stoa_answer_each(plan, context, slots, n_slots, take_events, &r, err);
}

static void set_reading(stoa_kept *k, stoa_hot *hot, bool reads_all)
{
  pthread_mutex_lock(&k->lock);
  hot->reads_all = reads_all;
  if (reads_all) { // they are committed, so they are read
    stoa_pendings_done(&hot->pending);
  }
  pthread_mutex_unlock(&k->lock);
}

static stoa_status read_all(stoa_kept *k, stoa_hot *hot, const stoa_term *entity, stoa_context *context,
                            stoa_arena *arena, stoa_error *err)
{
  const stoa_slot_rows slot = {entity, 1};
  stoa_held_free(hot->held);
  hot->held = stoa_held_new(k->view);
  hot->read_us = context->now_us;
  if (!hot->held) {
    return no_room(k, err);
  }
  set_reading(k, hot, true);
  const stoa_status status = read_events(k, hot, k->plans->all, &slot, 1, context, arena, err);
  set_reading(k, hot, false);
  return status;
}

// Of the events that came since: those that are not held yet.
static stoa_status read_pending(stoa_kept *k, stoa_hot *hot, const stoa_term *entity, stoa_context *context,
                                stoa_arena *arena, stoa_error *err)
{
  pthread_mutex_lock(&k->lock);
  stoa_pendings new = hot->pending;
  hot->pending = (stoa_pendings){0};
  pthread_mutex_unlock(&k->lock);
  stoa_status status = STOA_OK;
  for (uint32_t i = 0; i < new.n && status == STOA_OK; ++i) {
    const stoa_slice iri = stoa_slice_of(new.items[i].iri);
    const stoa_term record = stoa_term_iri(iri);
    const stoa_slot_rows slots[] = {{entity, 1}, {&record, 1}}; // one by one: databases look up one id by its key
    if (!new.items[i].perhaps || !stoa_held_has(hot->held, hash_of(iri))) {
      status = read_events(k, hot, k->plans->given, slots, 2, context, arena, err);
    }
  }
  stoa_pendings_done(&new);
  return status;
}

// Under the own lock: all events are held that a row as of this instant needs.
static stoa_status bring_up(stoa_kept *k, stoa_hot *hot, const stoa_slice *key, stoa_context *context, stoa_arena *arena,
                            stoa_error *err)
{
  const stoa_term entity = stoa_entity_term(k->view->entity, key, arena);
  const int64_t age_us = stoa_elapsed_us(hot->read_us, context->now_us);
  if (!hot->held || age_us < 0 || age_us >= AHEAD_US) {
    STOA_TRY(read_all(k, hot, &entity, context, arena, err));
  }
  return read_pending(k, hot, &entity, context, arena, err);
}

// ---- making a row

// Wait for one who reads the same events, no longer than the request may.
static bool lock_within(pthread_mutex_t *lock, stoa_context *context)
{
  while (pthread_mutex_trylock(lock) != 0) {
    if (stoa_context_check(context, NULL) != STOA_OK) {
      return false;
    }
    nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
  }
  return true;
}

// Under the lock: the events of an entry that are held, or are to be; NULL: its row is computed.
static stoa_hot *enter(stoa_kept *k, stoa_kept_entry *e)
{
  if (e->hot && e->hot->generation != k->generation) {
    stoa_kept_drop_hot(k, e);
  }
  if (!e->hot && !e->too_large && e->n_events >= k->keep->least_events) {
    e->hot = stoa_hot_new(k->generation);
  }
  if (e->hot) {
    e->hot->n_users++;
  }
  return e->hot;
}

static stoa_status make_row(stoa_kept *k, stoa_hot *hot, const stoa_slice *key, stoa_context *context,
                            stoa_arena *arena, stoa_term *out, stoa_view_row *row, stoa_error *err)
{
  STOA_TRY(bring_up(k, hot, key, context, arena, err));
  stoa_held_forget(hot->held, context->now_us - k->plans->longest_us);
  stoa_window_fold *const fold = stoa_window_fold_new(k->view, k->plans->all, 1, context, arena);
  stoa_held_fold(hot->held, fold);
  STOA_TRY(stoa_view_finish(k->view, fold, context, arena, out, row, err));
  row->n_events = stoa_held_count(hot->held);
  return stoa_arena_status(arena);
}

// Under the lock: count what is held now, or let go of what could not be brought up.
static void settle(stoa_kept *k, const stoa_kept_missing *m, stoa_hot *hot, stoa_status status, size_t bytes)
{
  stoa_kept_entry *const e = *stoa_kept_place(k, m->text, m->hash);
  k->folded += status == STOA_OK;
  if (e && e->hot == hot && status == STOA_OK) {
    k->bytes += bytes - hot->bytes;
    hot->bytes = bytes;
  } else if (e && e->hot == hot) {
    e->too_large = status == STOA_LIMIT;
    stoa_kept_drop_hot(k, e);
  }
  stoa_hot_leave(hot);
}

bool stoa_hot_make(stoa_kept *k, const stoa_kept_missing *m, const stoa_slice *key, stoa_context *context,
                   stoa_arena *arena, stoa_term *out, stoa_view_row *row)
{
  if (!k->plans || !m->noted) {
    return false;
  }
  pthread_mutex_lock(&k->lock);
  stoa_kept_entry *const e = *stoa_kept_place(k, m->text, m->hash);
  stoa_hot *const hot = e ? enter(k, e) : NULL;
  pthread_mutex_unlock(&k->lock);
  if (!hot) {
    return false;
  }
  stoa_error ignored = {0}; // the row is computed then, and tells its fault
  stoa_status status = STOA_TIMEOUT;
  size_t bytes = 0;
  if (lock_within(&hot->lock, context)) {
    status = make_row(k, hot, key, context, arena, out, row, &ignored);
    bytes = hot->held ? stoa_held_bytes(hot->held) : 0;
    pthread_mutex_unlock(&hot->lock);
  }
  pthread_mutex_lock(&k->lock);
  settle(k, m, hot, status, bytes);
  pthread_mutex_unlock(&k->lock);
  return status == STOA_OK;
}
