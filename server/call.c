#include "server/call.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORTH_TELLING = 16384, PATIENCE_MS = 100, READER_PATIENCE_MS = 2000 };

static atomic_ullong last_id;

stoa_call *stoa_call_new(const stoa_shared *shared, const stoa_operation *operation)
{
  stoa_engine *const engine = shared->engine;
  stoa_call *const call = calloc(1, sizeof *call);
  if (!call) {
    fputs("stoa: the system has no memory left\n", stderr);
    abort();
  }
  stoa_arena_init(&call->arena, STOA_MOST_REQUEST_MEMORY);
  stoa_spill_init(&call->spill);
  call->operation = operation;
  call->shared = shared;
  call->request.name = call->request.trace = "";
  call->request.body = (stoa_slice){"", 0};
  call->began_ns = stoa_clock_steady_ns();
  call->id = atomic_fetch_add_explicit(&last_id, 1, memory_order_relaxed) + 1;
  call->protocol = "process";
  call->route = operation->name;
  stoa_context_init(&call->context, stoa_engine_now(engine));
  stoa_engine_limit(engine, &call->context);
  call->layer = stoa_engine_take(engine);
  pthread_condattr_t steady;
  pthread_condattr_init(&steady);
  pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
  pthread_mutex_init(&call->lock, NULL);
  pthread_cond_init(&call->drained, &steady);
  pthread_condattr_destroy(&steady);
  return call;
}

void stoa_call_free(stoa_call *call)
{
  stoa_arena_done(&call->arena);
  stoa_buf_done(&call->stream);
  stoa_spill_done(&call->spill);
  stoa_buf_done(&call->reply.warnings);
  if (call->layer) {
    stoa_engine_drop(call->shared->engine, call->layer);
  }
  pthread_mutex_destroy(&call->lock);
  pthread_cond_destroy(&call->drained);
  free(call);
}

void stoa_call_refuse(stoa_call *call, stoa_status status, const char *format, ...)
{
  char text[sizeof call->reply.err.text];
  va_list args;
  if (call->reply.status != STOA_OK) {
    return;
  }
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  call->reply.status = stoa_error_set(&call->reply.err, status, "%s", text);
}

stoa_slice stoa_call_copy(stoa_call *call, stoa_slice text)
{
  return stoa_arena_slice(&call->arena, text);
}

static bool is_name(stoa_call *call, const char *what, stoa_slice name)
{
  stoa_error fault = {0};
  const stoa_status status = stoa_name_check(what, name, &fault);
  if (status != STOA_OK) {
    stoa_call_refuse(call, status, "%s", fault.text);
  }
  return status == STOA_OK;
}

void stoa_call_name(stoa_call *call, const char *what, stoa_slice name)
{
  if (is_name(call, what, name)) {
    call->request.name = stoa_arena_copy(&call->arena, name);
  }
}

void stoa_call_id(stoa_call *call, const char *what, stoa_slice id)
{
  if (is_name(call, what, id)) {
    call->request.id = stoa_arena_slice(&call->arena, id);
  }
}

void stoa_call_purpose(stoa_call *call, stoa_slice purpose)
{
  if (purpose.length && is_name(call, "purpose", purpose)) {
    call->context.purpose = stoa_arena_copy(&call->arena, purpose);
  }
}

static const stoa_slice *copied(stoa_arena *arena, const stoa_slice *from, uint32_t n)
{
  stoa_slice *const own = STOA_NEWS(arena, stoa_slice, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    own[i] = stoa_arena_slice(arena, from[i]);
  }
  return own;
}

void stoa_call_keys(stoa_call *call, const stoa_slice *keys, uint32_t n_keys, const stoa_slice *fields,
                    uint32_t n_fields)
{
  for (uint32_t i = 0; i < n_fields; ++i) {
    is_name(call, "a feature", fields[i]);
  }
  call->request.keys = copied(&call->arena, keys, n_keys);
  call->request.n_keys = n_keys;
  call->request.fields = copied(&call->arena, fields, n_fields);
  call->request.n_fields = n_fields;
}

void stoa_call_cancel(stoa_call *call)
{
  stoa_context_cancel(&call->context);
  pthread_mutex_lock(&call->lock);
  call->gone = true;
  pthread_cond_signal(&call->drained);
  pthread_mutex_unlock(&call->lock);
  if (call->leave) {
    call->leave(call);
  }
}

bool stoa_call_is_left(const stoa_call *call)
{
  return atomic_load(&((stoa_call *)call)->context.cancelled);
}

// Under the lock: wait until the reader takes something; false when `until_ns` passed before.
static bool reader_takes(stoa_call *call, int64_t until_ns)
{
  const struct timespec until = {until_ns / 1000000000, until_ns % 1000000000};
  return pthread_cond_timedwait(&call->drained, &call->lock, &until) == 0;
}

static bool is_long(const stoa_call *call)
{
  return call->stream.length > STOA_MOST_STREAM && !call->gone;
}

// Under the lock, where the disk has no room: what it holds and the stream come before what is written next, so that it
// waits for them, before the deadline, and for a reader who takes something now and then.
static bool reader_takes_all(stoa_call *call)
{
  while (!call->gone && (is_long(call) || !stoa_spill_is_empty(&call->spill))) {
    const int64_t until_ns = stoa_clock_steady_ns() + (int64_t)READER_PATIENCE_MS * 1000000, deadline_ns = call->context.deadline_ns;
    if (!reader_takes(call, deadline_ns && deadline_ns < until_ns ? deadline_ns : until_ns)) {
      return false;
    }
  }
  return true;
}

static void tell_more(stoa_call *call)
{
  pthread_mutex_unlock(&call->lock);
  call->tell(call, false);
  pthread_mutex_lock(&call->lock);
}

// Under the lock: add bytes for a reader who may be slow.
static void add_streamed(stoa_call *call, const char *bytes, size_t n_bytes)
{
  const bool waits = call->stream.length > STOA_MOST_STREAM;
  if (waits && stoa_spill_is_empty(&call->spill)) {
    tell_more(call);
    const int64_t until_ns = stoa_clock_steady_ns() + (int64_t)PATIENCE_MS * 1000000;
    while (is_long(call) && reader_takes(call, until_ns)) {
    }
  }
  const bool is_short = call->stream.length <= STOA_MOST_STREAM && stoa_spill_is_empty(&call->spill);
  if (!is_short && !call->gone) {
    const bool first = stoa_spill_is_empty(&call->spill);
    if (stoa_spill_add(&call->spill, bytes, n_bytes)) {
      first ? tell_more(call) : (void)0;
      return;
    }
    call->is_late |= !reader_takes_all(call);
  }
  const bool was_little = call->stream.length < WORTH_TELLING;
  stoa_buf_add(&call->stream, bytes, n_bytes);
  if (was_little && !call->gone && call->stream.length >= WORTH_TELLING) {
    tell_more(call);
  }
}

bool stoa_call_write(void *data, const char *bytes, size_t n_bytes)
{
  stoa_call *const call = data;
  pthread_mutex_lock(&call->lock);
  if (call->streams) {
    add_streamed(call, bytes, n_bytes);
  } else {
    stoa_buf_add(&call->stream, bytes, n_bytes);
  }
  const bool reads = !call->gone && !call->is_late;
  pthread_mutex_unlock(&call->lock);
  return reads;
}

bool stoa_call_offer(stoa_call *call, const char *bytes, size_t n_bytes, size_t most, bool *tells)
{
  pthread_mutex_lock(&call->lock);
  const bool takes = call->stream.length + n_bytes <= most;
  *tells = call->stream.length == 0;
  takes ? stoa_buf_add(&call->stream, bytes, n_bytes) : stoa_buf_done(&call->stream);
  pthread_mutex_unlock(&call->lock);
  return takes;
}

stoa_buf stoa_call_drain(stoa_call *call)
{
  pthread_mutex_lock(&call->lock);
  stoa_buf bytes = call->stream;
  call->stream = (stoa_buf){0};
  if (bytes.length == 0 && !stoa_spill_is_empty(&call->spill) &&
      !stoa_spill_take(&call->spill, STOA_MOST_STREAM, &bytes)) {
    call->gone = true; // what the disk has lost cannot be sent: the answer is cut
    bytes.length = 0;
  }
  pthread_cond_signal(&call->drained);
  pthread_mutex_unlock(&call->lock);
  return bytes;
}

bool stoa_call_is_drained(stoa_call *call)
{
  pthread_mutex_lock(&call->lock);
  const bool is_drained = call->stream.length == 0 && stoa_spill_is_empty(&call->spill);
  pthread_mutex_unlock(&call->lock);
  return is_drained;
}
