#include "server/call.h"
#include "server/dispatcher.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORTH_TELLING = 16384 };

stoa_call *stoa_call_new(stoa_dispatcher *dispatcher, const stoa_operation *operation)
{
  stoa_engine *const engine = stoa_dispatcher_engine(dispatcher);
  stoa_call *const call = calloc(1, sizeof *call);
  if (!call) {
    fputs("stoa: the system has no memory left\n", stderr);
    abort();
  }
  stoa_arena_init(&call->arena, STOA_MOST_REQUEST_MEMORY);
  call->operation = operation;
  call->dispatcher = dispatcher;
  call->request.name = call->request.trace = "";
  call->request.body = (stoa_slice){"", 0};
  call->began_ns = stoa_clock_steady_ns();
  stoa_context_init(&call->context, engine->clock->now_us(engine->clock));
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
  stoa_buf_done(&call->reply.warnings);
  stoa_engine_drop(stoa_dispatcher_engine(call->dispatcher), call->layer);
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

void stoa_call_name(stoa_call *call, stoa_slice name)
{
  if (name.length == 0 || name.length > STOA_MOST_NAME || memchr(name.data, '\0', name.length)) {
    stoa_call_refuse(call, STOA_BAD_ARG, "%s", stoa_limit_text(STOA_LIMIT_NAME));
    return;
  }
  call->request.name = stoa_arena_copy(&call->arena, name);
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
}

// Under the lock: wait until the reader has taken enough.  A reader has as long as the request.
static void wait_for_reader(stoa_call *call)
{
  while (call->stream.length > STOA_MOST_STREAM && !call->gone && !call->is_late) {
    pthread_mutex_unlock(&call->lock);
    call->tell(call, false);
    pthread_mutex_lock(&call->lock);
    if (call->stream.length <= STOA_MOST_STREAM || call->gone) {
      return;
    }
    if (!call->context.deadline_ns) {
      pthread_cond_wait(&call->drained, &call->lock);
      continue;
    }
    const struct timespec until = {call->context.deadline_ns / 1000000000, call->context.deadline_ns % 1000000000};
    call->is_late = pthread_cond_timedwait(&call->drained, &call->lock, &until) != 0;
  }
}

bool stoa_call_write(void *data, const char *bytes, size_t n_bytes)
{
  stoa_call *const call = data;
  pthread_mutex_lock(&call->lock);
  const bool was_little = call->stream.length < WORTH_TELLING;
  stoa_buf_add(&call->stream, bytes, n_bytes);
  const bool tell = call->streams && was_little && !call->gone && call->stream.length >= WORTH_TELLING;
  if (tell) {
    pthread_mutex_unlock(&call->lock);
    call->tell(call, false);
    pthread_mutex_lock(&call->lock);
  }
  if (call->streams) {
    wait_for_reader(call);
  }
  const bool reads = !call->gone && !call->is_late;
  pthread_mutex_unlock(&call->lock);
  return reads;
}

stoa_buf stoa_call_drain(stoa_call *call)
{
  pthread_mutex_lock(&call->lock);
  const stoa_buf bytes = call->stream;
  call->stream = (stoa_buf){0};
  pthread_cond_signal(&call->drained);
  pthread_mutex_unlock(&call->lock);
  return bytes;
}
