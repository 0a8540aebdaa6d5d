// A pipeline of commands is one run: it has one instant, one layer, and is counted at its end.  Which service and features a
// command names is found once, and known again by the same bytes.
#include "server/quick.h"
#include "server/forms.h"
#include "server/loop.h"
#include "server/sampling.h"
#include <stdlib.h>

enum { MEMOS = 8, MOST_TEXT = 16384, MOST_KEYS = 256, MOST_MADE = 16 };

// What a name and fields stand for, as long as the rows that are kept are the same.
typedef struct {
  stoa_buf text;      ///< the name, then the fields as they came
  size_t name_length; ///< of the text
  uint32_t n_fields;
  size_t first_length; ///< of the first field, with which the others are told from their bytes
  char purpose[STOA_MOST_NAME + 1]; ///< that the connection states
  const stoa_service *service;      ///< NULL: it is left to a call
  const char *effective;            ///< the purpose that counts
  uint32_t n, *columns;
  bool is_all; ///< the columns are the service's in their order
  bool *wanted;
  stoa_buf names; ///< as an array of RESP; empty: nobody has asked
} memo;

struct stoa_quick {
  stoa_layer *layer; ///< of the run; NULL: there is none
  int64_t now_us, began_ns;
  uint64_t n_calls, n_rows;
  uint64_t serial; ///< of the keep that the memos are about
  memo memos[MEMOS];
  uint32_t last, next;
};

static void forget(memo *m)
{
  stoa_buf_done(&m->text);
  stoa_buf_done(&m->names);
  free(m->columns);
  free(m->wanted);
  *m = (memo){0};
}

stoa_quick *stoa_quick_new(void)
{
  return calloc(1, sizeof(stoa_quick));
}

void stoa_quick_free(stoa_quick *q)
{
  for (uint32_t i = 0; q && i < MEMOS; ++i) {
    forget(&q->memos[i]);
  }
  free(q);
}

// ---- a run

static const stoa_shared *shared_of(const stoa_peer *peer)
{
  return stoa_dispatcher_shared(peer->loop->server->dispatcher);
}

static bool begin(stoa_peer *peer)
{
  stoa_quick *const q = peer->loop->quick;
  const stoa_shared *const shared = shared_of(peer);
  if (!q || q->layer || shared->log->requests) {
    return q && q->layer;
  }
  stoa_layer *const layer = stoa_engine_take(shared->engine);
  if (!layer->keep) {
    stoa_engine_drop(shared->engine, layer);
    return false;
  }
  const uint64_t serial = stoa_keep_serial(layer->keep);
  for (uint32_t i = 0; serial != q->serial && i < MEMOS; ++i) {
    forget(&q->memos[i]);
  }
  q->serial = serial;
  q->layer = layer;
  q->now_us = stoa_engine_now(shared->engine);
  q->began_ns = stoa_clock_steady_ns();
  return true;
}

void stoa_quick_end(stoa_peer *peer)
{
  stoa_quick *const q = peer->loop->quick;
  const stoa_shared *const shared = shared_of(peer);
  if (!q || !q->layer) {
    return;
  }
  stoa_engine_drop(shared->engine, q->layer);
  if (q->n_calls) {
    stoa_operation_count *const count = &shared->metrics->operations[STOA_OPERATION_VECTOR];
    stoa_metrics_add(&count->done, q->n_calls);
    stoa_metrics_add(&count->nanoseconds, (unsigned long)(stoa_clock_steady_ns() - q->began_ns));
    stoa_metrics_add(&shared->metrics->vectors, q->n_rows);
  }
  q->layer = NULL;
  q->n_calls = q->n_rows = 0;
}

// ---- what is asked for

// The fields as they stand in the frame, with the lengths between them.  An inline command has none.
static bool fields_of(const stoa_resp_command *c, uint32_t first, stoa_slice *out)
{
  *out = (stoa_slice){"", 0};
  if (first >= c->n) {
    return true;
  }
  const stoa_slice a = c->args[first], z = c->args[c->n - 1];
  const char *const words = c->words->data;
  *out = (stoa_slice){a.data, (size_t)(z.data + z.length - a.data)};
  return !words || a.data < words || a.data >= words + c->words->length;
}

static bool is_it(const memo *m, stoa_slice name, stoa_slice fields, const stoa_resp_command *c, uint32_t first,
                  const char *purpose)
{
  const uint32_t n = first < c->n ? c->n - first : 0;
  return m->name_length == name.length && m->n_fields == n && m->text.length == name.length + fields.length &&
         (!n || m->first_length == c->args[first].length) && name.length &&
         memcmp(m->text.data, name.data, name.length) == 0 &&
         memcmp(m->text.data + name.length, fields.data, fields.length) == 0 && strcmp(m->purpose, purpose) == 0;
}

static bool find_columns(memo *m, const stoa_service *service, const stoa_resp_command *c, uint32_t first)
{
  m->n = m->n_fields ? m->n_fields : service->features.n;
  m->columns = calloc(m->n + 1, sizeof *m->columns);
  m->wanted = calloc(service->features.n + 1, sizeof *m->wanted);
  m->is_all = m->n == service->features.n;
  for (uint32_t i = 0; m->columns && m->wanted && i < m->n; ++i) {
    const int found = m->n_fields ? stoa_service_find(service, c->args[first + i]) : (int)i;
    if (found < 0) {
      return false;
    }
    m->columns[i] = (uint32_t)found;
    m->wanted[found] = true;
    m->is_all &= m->columns[i] == i;
  }
  return m->columns && m->wanted;
}

static bool is_allowed(memo *m, const stoa_service *service)
{
  stoa_context context;
  stoa_error refused = {0};
  stoa_context_init(&context, 0);
  context.purpose = m->purpose;
  bool allowed = stoa_service_purpose(service, &context, &refused) == STOA_OK;
  for (uint32_t i = 0; i < m->n && allowed; ++i) {
    const stoa_view *const view = service->views.items[service->view_of.items[m->columns[i]]];
    allowed = stoa_view_allow(view, context.purpose, &refused) == STOA_OK;
  }
  m->effective = context.purpose;
  return allowed;
}

static void learn(memo *m, const stoa_layer *layer, stoa_slice name, stoa_slice fields, const stoa_resp_command *c,
                  uint32_t first, const char *purpose)
{
  const stoa_service *service = NULL;
  stoa_error unknown = {0};
  forget(m);
  stoa_buf_slice(&m->text, name);
  if (memchr(name.data, '\0', name.length) ||
      stoa_registry_need_service(layer->registry, stoa_buf_string(&m->text), &service, &unknown) != STOA_OK) {
    service = NULL;
  }
  stoa_buf_slice(&m->text, fields);
  m->name_length = name.length;
  m->n_fields = first < c->n ? c->n - first : 0;
  m->first_length = m->n_fields ? c->args[first].length : 0;
  strcpy(m->purpose, purpose); // as long as the connection's
  if (service && service->served && find_columns(m, service, c, first) && is_allowed(m, service)) {
    m->service = service;
  }
}

// NULL: it is left to a call.
static memo *find_memo(stoa_peer *peer, stoa_slice name, const stoa_resp_command *c, uint32_t first)
{
  stoa_quick *const q = peer->loop->quick;
  const char *const purpose = ((const stoa_resp *)peer->state)->purpose;
  stoa_slice fields;
  if (!fields_of(c, first, &fields) || name.length == 0 || name.length > STOA_MOST_NAME || fields.length > MOST_TEXT ||
      !begin(peer)) {
    return NULL;
  }
  for (uint32_t i = 0; i < MEMOS; ++i) {
    memo *const m = &q->memos[(q->last + i) % MEMOS];
    if (is_it(m, name, fields, c, first, purpose)) {
      q->last = (uint32_t)(m - q->memos);
      return m->service ? m : NULL;
    }
  }
  q->last = q->next++ % MEMOS;
  learn(&q->memos[q->last], q->layer, name, fields, c, first, purpose);
  return q->memos[q->last].service ? &q->memos[q->last] : NULL;
}

// ---- rows

// One command's.
typedef struct {
  stoa_peer *peer;
  stoa_quick *quick;
  const memo *memo;
  uint32_t form, n_made;
  stoa_arena arena; ///< of keys with several parts, and of rows that are made
} asked;

// Made of the rows of its views, if these are there.
static stoa_served_row *make_row(asked *a, const stoa_slice *key)
{
  const stoa_service *const service = a->memo->service;
  stoa_context context;
  if (a->n_made++ == MOST_MADE) {
    return NULL;
  }
  stoa_context_init(&context, a->quick->now_us);
  context.at_once = true;
  stoa_served_make(service, key, 1, a->form, &context, &a->arena);
  return stoa_served_find(service, key, a->quick->now_us, a->form, &a->arena);
}

static stoa_served_row *find_row(asked *a, stoa_slice text, stoa_slice *key)
{
  const stoa_service *const service = a->memo->service;
  stoa_error refused = {0};
  if (stoa_entity_key(service->entity, text, &a->arena, key, &refused) != STOA_OK) {
    return NULL;
  }
  stoa_served_row *const row = stoa_served_find(service, key, a->quick->now_us, a->form, &a->arena);
  return row ? row : make_row(a, key);
}

static void write_name(stoa_buf *out, const memo *m, uint32_t i)
{
  stoa_resp_text(out, m->service->features.items[m->columns[i]]->name);
}

static void write_row(const asked *a, const stoa_served_row *row, stoa_resp_shape shape, stoa_buf *out)
{
  const memo *const m = a->memo;
  const stoa_value_forms *const forms = &stoa_server_forms;
  const int64_t now_us = a->quick->now_us;
  if (shape == STOA_SHAPE_MAP) {
    stoa_resp_map(out, a->form == STOA_FORM_RESP3 ? 3 : 2, m->n);
  } else if (shape != STOA_SHAPE_ONE) {
    stoa_resp_array(out, m->n);
  }
  if (m->is_all && shape != STOA_SHAPE_MAP) {
    stoa_served_row_write(row, m->service, forms, a->form, now_us, out);
    return;
  }
  for (uint32_t i = 0; i < m->n; ++i) {
    if (shape == STOA_SHAPE_MAP) {
      write_name(out, m, i);
    }
    stoa_served_row_write_one(row, m->service, forms, a->form, m->columns[i], now_us, out);
  }
}

// False: the row is not there.
static bool answer_key(asked *a, stoa_slice text, stoa_resp_shape shape)
{
  stoa_slice key[STOA_TEMPLATE_COLUMNS];
  const stoa_engine *const engine = shared_of(a->peer)->engine;
  const stoa_sampling sampling = stoa_sampling_begin(engine);
  stoa_served_row *const row = find_row(a, text, key);
  if (!row) {
    return false;
  }
  write_row(a, row, shape, &a->peer->out);
  if (stoa_sampling_holds(&sampling, engine)) {
    stoa_sampling_served(&sampling, a->quick->now_us, a->memo->effective, a->memo->service, key, row,
                         a->memo->n_fields ? a->memo->wanted : NULL, &a->arena);
  }
  stoa_served_row_leave(row);
  return true;
}

static bool answer(stoa_peer *peer, memo *m, stoa_resp_shape shape, const stoa_slice *keys, uint32_t n)
{
  stoa_quick *const q = peer->loop->quick;
  const size_t before = peer->out.length;
  const bool is_resp3 = ((const stoa_resp *)peer->state)->protocol == 3;
  asked a = {.peer = peer, .quick = q, .memo = m, .form = is_resp3 ? STOA_FORM_RESP3 : STOA_FORM_RESP2};
  bool good = stoa_served_may(m->service, q->now_us);
  if (good && shape == STOA_SHAPE_TABLE) {
    stoa_resp_array(&peer->out, (size_t)n + 1);
    stoa_buf_slice(&peer->out, (stoa_slice){m->names.data, m->names.length});
  }
  stoa_arena_init(&a.arena, 0);
  for (uint32_t i = 0; i < n && good; ++i) {
    good = answer_key(&a, keys[i], shape);
  }
  stoa_arena_done(&a.arena);
  if (!good) {
    peer->out.length = before;
    return false;
  }
  q->n_calls++;
  q->n_rows += n;
  return true;
}

bool stoa_quick_hash(stoa_peer *peer, const stoa_resp_command *c, stoa_resp_shape shape, stoa_slice service,
                     stoa_slice key, uint32_t first_field)
{
  if (shape != STOA_SHAPE_LIST && shape != STOA_SHAPE_ONE && shape != STOA_SHAPE_MAP) {
    return false;
  }
  memo *const m = find_memo(peer, service, c, first_field);
  return m && answer(peer, m, shape, &key, 1);
}

bool stoa_quick_table(stoa_peer *peer, const stoa_resp_command *c)
{
  if (c->n - 2 > MOST_KEYS) {
    return false;
  }
  memo *const m = find_memo(peer, c->args[1], c, c->n);
  if (m && !m->names.length) {
    stoa_resp_array(&m->names, m->n);
    for (uint32_t i = 0; i < m->n; ++i) {
      write_name(&m->names, m, i);
    }
  }
  return m && answer(peer, m, STOA_SHAPE_TABLE, c->args + 2, c->n - 2);
}
