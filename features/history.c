// Features as they were.  Of a window view the events of an entity are read once, and each observation of it counts
// those that lie in its own windows and were known by then (past.h).  A query view is asked once for all observations
// of the same instant, and once for all that know as much of the log where its query does not ask for the instant.  Who
// is there is decided as it is served (vectors.c).
#include "features/history_request.h"
#include "features/past.h"
#include "graph/exec/op.h"
#include "graph/result/answer.h"
#include "graph/term/equality.h"
#include <stdlib.h>

bool stoa_view_asks_when(const stoa_view *view)
{
  return view->kind == STOA_VIEW_WINDOW || view->query->asks_when || view->known_name;
}

typedef struct {
  const stoa_service *service;
  uint32_t view;  ///< of the service
  stoa_view slim; ///< the view with the features that the service has of it, in the service's order
  stoa_past past; ///< of it
  const stoa_project *project;
  const stoa_observation *observations;
  stoa_context *context;
  stoa_arena *arena; ///< of `out` and its texts; what else is made goes when its observations are done
  stoa_term *out;
  bool *known; ///< [observation]: there is such an entity
  bool *stale; ///< [observation]: its row of the view is older than its ttl
} history;

enum { ASKED_AT_ONCE = 2048 };

// What is not served need not be counted.
static void slim_view(history *h, stoa_arena *arena)
{
  h->slim = *h->service->views.items[h->view];
  h->slim.features.items = NULL;
  h->slim.features.n = h->slim.features.capacity = 0;
  for (uint32_t i = 0; i < h->service->features.n; ++i) {
    if (h->service->view_of.items[i] == h->view) {
      STOA_PUSH(arena, &h->slim.features, *h->service->features.items[i]);
    }
  }
}

// The values of an observation, in the order of the slim view's features, to their places in its row.
static void put_values(const history *h, uint32_t observation, const stoa_term *values)
{
  const uint32_t n = h->service->features.n;
  for (uint32_t i = 0; i < n; ++i) {
    if (h->service->view_of.items[i] == h->view) {
      h->out[(size_t)observation * n + i] = stoa_term_copy(*values++, h->arena);
    }
  }
}

// ---- query views

// Observations of one instant, or of any where that is all the same: neither the query nor the age of its rows asks for
// it.
static stoa_status ask_query(const history *h, const uint32_t *chosen, uint32_t n, stoa_arena *arena, stoa_error *err)
{
  const uint32_t n_features = h->slim.features.n;
  const uint32_t n_parts = h->slim.entity->n_keys;
  stoa_slice *const keys = STOA_NEWS(arena, stoa_slice, (size_t)n * n_parts + 1);
  stoa_term *const values = STOA_NEWS(arena, stoa_term, (size_t)n * n_features + 1);
  stoa_view_row *const rows = STOA_NEWS(arena, stoa_view_row, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    memcpy(keys + (size_t)i * n_parts, h->observations[chosen[i]].key, n_parts * sizeof *keys);
  }
  h->context->now_us = h->observations[chosen[0]].at_us;
  h->context->known_offset = h->observations[chosen[0]].known_offset;
  STOA_TRY(stoa_view_compute(&h->slim, keys, n, h->context, arena, values, n_features, rows, err));
  for (uint32_t i = 0; i < n; ++i) {
    h->known[chosen[i]] |= rows[i].is_there;
    h->stale[chosen[i]] = rows[i].is_stale;
    put_values(h, chosen[i], values + (size_t)i * n_features);
  }
  return STOA_OK;
}

// Are two observations asked about by one run?
static bool are_one(const history *h, const stoa_observation *a, const stoa_observation *b)
{
  const stoa_view *const v = &h->slim;
  const bool asks_when = v->kind == STOA_VIEW_WINDOW || v->query->asks_when || v->ttl_us || v->known_name;
  return (a->at_us == b->at_us || !asks_when) && (a->known_offset == b->known_offset || !h->past.reads_log);
}

static stoa_status query_history(const history *h, const uint32_t *order, uint32_t n, stoa_error *err)
{
  for (uint32_t i = 0, end; i < n; i = end) {
    const stoa_observation *const first = &h->observations[order[i]];
    for (end = i + 1; end < n && end - i < ASKED_AT_ONCE && are_one(h, first, &h->observations[order[end]]);) {
      ++end;
    }
    stoa_arena scratch;
    stoa_arena_init(&scratch, 0);
    const stoa_status status = ask_query(h, order + i, end - i, &scratch, err);
    stoa_arena_done(&scratch);
    STOA_TRY(status);
  }
  return STOA_OK;
}

// ---- window views

typedef struct {
  const history *h;
  const stoa_plan *plan;
  stoa_arrival_columns arrivals;
  stoa_window_fold *fold;
  const uint32_t *chosen; ///< observations, those of one entity beside each other
  stoa_table entities;    ///< row i: the i-th entity
  uint32_t *first;        ///< [entity]: the first of its observations among the chosen; [n entities]: the end
} window;

static uint32_t entity_of(const window *w, stoa_term term)
{
  for (uint32_t at = stoa_table_first(&w->entities, stoa_term_hash(term)); at; at = stoa_table_next(&w->entities, at)) {
    if (stoa_term_same(stoa_table_row(&w->entities, at - 1)[0], term)) {
      return at - 1;
    }
  }
  return UINT32_MAX;
}

static stoa_status take_events(const stoa_batch *batch, void *data, stoa_error *err)
{
  window *const w = data;
  const int column = stoa_plan_column(w->plan->root, w->h->slim.entity_var);
  for (uint32_t row = 0; row < batch->n_rows; ++row) {
    const uint32_t entity = entity_of(w, batch->columns[column][row]);
    stoa_window_event event;
    bool has = entity != UINT32_MAX;
    if (has) {
      STOA_TRY(stoa_window_fold_read(w->fold, batch, row, &event, &has, err));
    }
    const stoa_arrival arrival = stoa_arrival_read(&w->arrivals, batch, row);
    for (uint32_t i = has ? w->first[entity] : 0; has && i < w->first[entity + 1]; ++i) {
      const stoa_observation *const o = &w->h->observations[w->chosen[i]];
      if (stoa_arrival_is_known(&arrival, o->known_offset, o->at_us)) {
        stoa_window_fold_add(w->fold, i, &event);
      }
    }
  }
  return STOA_OK;
}

static int compare_keys(const stoa_slice *a, const stoa_slice *b, uint32_t n_parts)
{
  int order = 0;
  for (uint32_t i = 0; i < n_parts && order == 0; ++i) {
    order = stoa_slice_compare(a[i], b[i]);
  }
  return order;
}

// The entities of the chosen observations, and the first and last instant.
static void gather(window *w, uint32_t n, int64_t *from_us, int64_t *to_us, stoa_arena *arena)
{
  const history *const h = w->h;
  w->first = STOA_NEWS(arena, uint32_t, n + 1);
  *from_us = INT64_MAX, *to_us = INT64_MIN;
  uint32_t n_entities = 0;
  for (uint32_t i = 0; i < n; ++i) {
    const stoa_observation *const o = &h->observations[w->chosen[i]];
    if (i == 0 || compare_keys(o->key, h->observations[w->chosen[i - 1]].key, h->slim.entity->n_keys) != 0) {
      const stoa_term term = stoa_entity_term(h->slim.entity, o->key, arena);
      stoa_table_add(&w->entities, arena, &term, stoa_term_hash(term));
      w->first[n_entities++] = i;
    }
    *from_us = o->at_us < *from_us ? o->at_us : *from_us;
    *to_us = o->at_us > *to_us ? o->at_us : *to_us;
  }
  w->first[n_entities] = n;
}

static bool is_stale(const window *w, uint32_t observation)
{
  const int64_t latest_us = stoa_window_fold_latest(w->fold, observation), ttl_us = w->h->slim.ttl_us;
  const int64_t at_us = w->h->observations[w->chosen[observation]].at_us;
  return ttl_us && latest_us != STOA_NO_TIME && stoa_elapsed_us(latest_us, at_us) > ttl_us;
}

// As stoa_features_compute gives it: a sum that failed has no value, not even its default, nor what is older than its
// ttl.
static stoa_term window_value(const window *w, uint32_t observation, uint32_t i, stoa_arena *arena)
{
  const stoa_feature *const f = &w->h->slim.features.items[i];
  if (stoa_window_fold_failed(w->fold, observation, i)) {
    return stoa_feature_misfit(f, "", w->h->context);
  }
  if (is_stale(w, observation)) {
    return (stoa_term){0};
  }
  return stoa_feature_settle(f, stoa_window_fold_value(w->fold, observation, i), w->h->context, arena);
}

static stoa_status ask_window(const history *h, const uint32_t *chosen, uint32_t n, stoa_arena *arena, stoa_error *err)
{
  window w = {.h = h, .chosen = chosen, .entities = {.n_columns = 1}};
  int64_t from_us, to_us;
  gather(&w, n, &from_us, &to_us, arena);
  STOA_TRY(
    stoa_past_plan(&h->past, &h->slim, h->project, stoa_elapsed_us(from_us, to_us), arena, &w.plan, &w.arrivals, err));
  h->context->now_us = to_us;
  h->context->known_offset = 0;
  w.fold = stoa_window_fold_new(&h->slim, w.plan, n, h->context, arena);
  for (uint32_t i = 0; i < n; ++i) {
    stoa_window_fold_asof(w.fold, i, h->observations[chosen[i]].at_us);
  }
  const uint32_t n_entities = stoa_table_count(&w.entities);
  stoa_term *const terms = STOA_NEWS(arena, stoa_term, n_entities + 1);
  for (uint32_t i = 0; i < n_entities; ++i) {
    terms[i] = stoa_table_row(&w.entities, i)[0];
  }
  const stoa_slot_rows slot = {terms, n_entities};
  STOA_TRY(stoa_answer_each(w.plan, h->context, &slot, 1, take_events, &w, err));
  stoa_term *const values = STOA_NEWS(arena, stoa_term, h->slim.features.n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    h->known[chosen[i]] |= stoa_window_fold_latest(w.fold, i) != STOA_NO_TIME;
    h->stale[chosen[i]] = is_stale(&w, i);
    for (uint32_t f = 0; f < h->slim.features.n; ++f) {
      values[f] = window_value(&w, i, f, arena);
    }
    put_values(h, chosen[i], values);
  }
  return STOA_OK;
}

// How many of the observations are asked about at once: a count takes some hundred bytes for each of them and each
// feature, and what lies between their instants is read, too.
static uint32_t lot_of(const history *h, const uint32_t *order, uint32_t n)
{
  enum { COUNTS_AT_ONCE = 200000 };
  static const int64_t most_us = INT64_C(1000) * 366 * 86400 * 1000000;
  const uint32_t most = COUNTS_AT_ONCE / (h->slim.features.n + 1) + 1;
  int64_t from_us = INT64_MAX, to_us = INT64_MIN;
  uint32_t i = 0;
  for (; i < n && i < most; ++i) {
    const int64_t at_us = h->observations[order[i]].at_us;
    from_us = at_us < from_us ? at_us : from_us;
    to_us = at_us > to_us ? at_us : to_us;
    if (stoa_elapsed_us(from_us, to_us) > most_us) {
      break; // not at the first, which is alone
    }
  }
  return i;
}

static stoa_status window_history(const history *h, const uint32_t *order, uint32_t n, stoa_error *err)
{
  for (uint32_t i = 0, n_lot; i < n; i += n_lot) {
    stoa_arena scratch;
    stoa_arena_init(&scratch, 0);
    n_lot = lot_of(h, order + i, n - i);
    const stoa_status status = ask_window(h, order + i, n_lot, &scratch, err);
    stoa_arena_done(&scratch);
    STOA_TRY(status);
  }
  return STOA_OK;
}

// ---- who is there

// Ask about each entity once.
static stoa_status ask_known(const history *h, const stoa_known_plans *plans, const uint32_t *chosen, uint32_t n,
                             stoa_arena *arena, stoa_error *err)
{
  stoa_table entities = {.n_columns = 1};
  stoa_term *const terms = STOA_NEWS(arena, stoa_term, n + 1);
  uint32_t *const place = STOA_NEWS(arena, uint32_t, n + 1);
  bool *const found = STOA_NEWS(arena, bool, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    bool is_new;
    const stoa_term term = stoa_entity_term(h->service->entity, h->observations[chosen[i]].key, arena);
    place[i] = stoa_table_intern(&entities, arena, &term, &is_new);
    terms[place[i]] = term;
  }
  STOA_TRY(
    stoa_entity_known(h->service->entity, plans, terms, stoa_table_count(&entities), h->context, arena, found, err));
  for (uint32_t i = 0; i < n; ++i) {
    h->known[chosen[i]] = found[place[i]];
  }
  return STOA_OK;
}

// Look for those that are not known yet; `order` by instant, as of which a query that asks for it is asked.
static stoa_status look_for(const history *h, const stoa_known_plans *plans, bool asks_when, const uint32_t *order,
                            uint32_t n, stoa_error *err)
{
  stoa_context *const context = h->context;
  const bool reads_log = stoa_plan_reads_log(plans->many, h->arena);
  for (uint32_t i = 0; i < n;) {
    uint32_t chosen[ASKED_AT_ONCE], n_chosen = 0;
    for (; i < n && n_chosen < ASKED_AT_ONCE; ++i) {
      const stoa_observation *const o = &h->observations[order[i]];
      if (h->known[order[i]]) {
        continue;
      }
      if (n_chosen &&
          ((asks_when && o->at_us != context->now_us) || (reads_log && o->known_offset != context->known_offset))) {
        break;
      }
      context->now_us = n_chosen ? context->now_us : o->at_us;
      context->known_offset = n_chosen ? context->known_offset : o->known_offset;
      chosen[n_chosen++] = order[i];
    }
    stoa_arena scratch;
    stoa_arena_init(&scratch, 0);
    const stoa_status status = n_chosen ? ask_known(h, plans, chosen, n_chosen, &scratch, err) : STOA_OK;
    stoa_arena_done(&scratch);
    STOA_TRY(status);
  }
  return STOA_OK;
}

// Whoever was not there has no features, not even those that stand for none.
static void drop_rows(const history *h, uint32_t n, uint32_t n_features, stoa_term *out)
{
  for (uint32_t i = 0; i < n; ++i) {
    for (uint32_t f = 0; !h->known[i] && f < n_features; ++f) {
      out[(size_t)i * n_features + f] = (stoa_term){0};
    }
  }
}

// Who has a row in a view is there, who is of the class, and who has an event at any time.
static stoa_status drop_unknown(const history *h, const uint32_t *order, uint32_t n, stoa_error *err)
{
  STOA_TRY(look_for(h, &h->service->entity->of_class, false, order, n, err));
  for (uint32_t i = 0; i < h->service->views.n; ++i) {
    const stoa_view *const view = h->service->views.items[i];
    if (view->kind == STOA_VIEW_WINDOW) {
      STOA_TRY(look_for(h, &view->of_events, view->query->asks_when, order, n, err));
    }
  }
  drop_rows(h, n, h->service->features.n, h->out);
  return STOA_OK;
}

// ---- the order in which observations are asked about

static int by_instant(const void *a, const void *b, void *data)
{
  const stoa_observation *const all = data, *const x = &all[*(const uint32_t *)a],
                                *const y = &all[*(const uint32_t *)b];
  return x->at_us < y->at_us ? -1 : x->at_us > y->at_us;
}

typedef struct {
  const stoa_observation *all;
  uint32_t n_parts;
} keyed;

static int by_key(const void *a, const void *b, void *data)
{
  const keyed *const k = data;
  const int order = compare_keys(k->all[*(const uint32_t *)a].key, k->all[*(const uint32_t *)b].key, k->n_parts);
  return order ? order : by_instant(a, b, (void *)k->all);
}

// Of a window view the events are read once, unless it cannot be told of its rows alone what was known of them.
static stoa_status view_history(history *h, uint32_t *order, uint32_t n, stoa_error *err)
{
  const bool is_window = h->slim.kind == STOA_VIEW_WINDOW && (!h->past.reads_log || h->past.records.n);
  keyed keys = {h->observations, h->service->entity->n_keys};
  qsort_r(order, n, sizeof *order, is_window ? by_key : by_instant,
          is_window ? (void *)&keys : (void *)h->observations);
  return is_window ? window_history(h, order, n, err) : query_history(h, order, n, err);
}

// The features of a service without views of kind request; `stale` has a row of observations for each view.
static stoa_status read_views(history *h, const stoa_event_types *types, uint32_t n, bool *stale, stoa_error *err)
{
  const stoa_service *const service = h->service;
  uint32_t *const order = STOA_NEWS(h->arena, uint32_t, n + 1);
  h->out = STOA_NEWS(h->arena, stoa_term, (size_t)n * service->features.n + 1);
  h->known = STOA_NEWS(h->arena, bool, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    order[i] = i;
  }
  for (h->view = 0; h->view < service->views.n; ++h->view) {
    STOA_TRY(stoa_view_allow(service->views.items[h->view], h->context->purpose, err));
    slim_view(h, h->arena);
    h->stale = stale + (size_t)h->view * n;
    STOA_TRY(stoa_view_past(&h->slim, h->project, types, h->arena, &h->past, err));
    STOA_TRY(view_history(h, order, n, err));
  }
  qsort_r(order, n, sizeof *order, by_instant, (void *)h->observations);
  return drop_unknown(h, order, n, err);
}

static stoa_status evaluate_requests(const history *h, const stoa_service *service, uint32_t n, const bool *stale,
                                     const stoa_term **out, stoa_error *err)
{
  const stoa_history_read read = {h->service, h->out, stale};
  const uint32_t n_features = service->features.n;
  stoa_term *const all = STOA_NEWS(h->arena, stoa_term, (size_t)n * n_features + 1);
  STOA_TRY(stoa_history_requests(service, &read, h->observations, n, h->context, h->arena, all, err));
  drop_rows(h, n, n_features, all);
  *out = all;
  return STOA_OK;
}

stoa_status stoa_features_history(const stoa_service *service, const stoa_project *project,
                                  const stoa_event_types *types, const stoa_observation *observations, uint32_t n,
                                  stoa_context *context, stoa_arena *arena, const stoa_term **out, stoa_error *err)
{
  history h = {.service = stoa_history_reads(service, arena),
               .project = project,
               .observations = observations,
               .context = context,
               .arena = arena};
  bool *const stale = STOA_NEWS(arena, bool, (size_t)n * h.service->views.n + 1);
  STOA_TRY(stoa_service_purpose(service, context, err));
  STOA_TRY(read_views(&h, types, n, stale, err));
  *out = h.out;
  return h.service == service ? STOA_OK : evaluate_requests(&h, service, n, stale, out, err);
}
