#include "server/loop.h"

// Connections are looked at so often; where there are many, most ticks pass over them.
enum { TICK_MS = 50, MANY_TICKS = 5, MANY = 2000 };

void stoa_loop_tell(stoa_call *call, bool is_final)
{
  stoa_loop *const loop = call->loop;
  pthread_mutex_lock(&loop->lock);
  call->is_final |= is_final;
  const bool list = !call->is_listed;
  if (list) {
    call->is_listed = true;
    call->next_told = NULL;
    if (loop->last_told) {
      loop->last_told->next_told = call;
    } else {
      loop->first_told = call;
    }
    loop->last_told = call;
  }
  pthread_mutex_unlock(&loop->lock);
  if (list) {
    uv_async_send(&loop->wake);
  }
}

bool stoa_loop_has_listed(stoa_call *call)
{
  stoa_loop *const loop = call->loop;
  pthread_mutex_lock(&loop->lock);
  const bool is_listed = call->is_listed;
  pthread_mutex_unlock(&loop->lock);
  return is_listed;
}

// The server stops: no more connections, and those that are idle end.
static void wind_down(stoa_loop *loop)
{
  uv_handle_t *const listeners[] = {(uv_handle_t *)&loop->http, (uv_handle_t *)&loop->resp, (uv_handle_t *)&loop->pipe};
  const bool has[] = {loop->has_http, loop->has_resp, loop->has_pipe};
  for (int i = 0; i < 3; ++i) {
    if (has[i] && !uv_is_closing(listeners[i])) {
      uv_close(listeners[i], NULL);
    }
  }
  if (!loop->stop_ms) {
    loop->stop_ms = uv_now(&loop->uv) + (uint64_t)loop->server->limits.stop_s * 1000;
  }
  const bool cut = atomic_load(&loop->server->hurries) || uv_now(&loop->uv) >= loop->stop_ms;
  for (stoa_peer *peer = loop->peers, *next; peer; peer = next) {
    next = peer->next;
    cut ? loop->hooks->close(peer) : loop->hooks->stop(peer);
  }
  const bool is_first = loop == loop->server->loops;
  if (!loop->peers && !(is_first && atomic_load(&loop->server->n_others))) { // nothing is left to wait for
    uv_unref((uv_handle_t *)&loop->wake);
    uv_unref((uv_handle_t *)&loop->tick);
  }
}

static void take_told(stoa_loop *loop)
{
  pthread_mutex_lock(&loop->lock);
  stoa_call *call = loop->first_told;
  loop->first_told = loop->last_told = NULL;
  while (call) {
    stoa_call *const next = call->next_told;
    const bool is_final = call->is_final;
    call->is_listed = false;
    pthread_mutex_unlock(&loop->lock);
    loop->hooks->told(call, is_final);
    pthread_mutex_lock(&loop->lock);
    call = next;
  }
  pthread_mutex_unlock(&loop->lock);
}

static void on_wake(uv_async_t *wake)
{
  stoa_loop *const loop = wake->data;
  take_told(loop);
  if (atomic_load(&loop->server->stopping)) {
    wind_down(loop);
  }
}

static void on_tick(uv_timer_t *timer)
{
  stoa_loop *const loop = timer->data;
  const uint64_t now = uv_now(&loop->uv);
  const bool many = loop->n_peers > MANY;
  if (many && ++loop->n_ticks % MANY_TICKS) {
    return;
  }
  for (stoa_peer *peer = loop->peers, *next; peer; peer = next) {
    next = peer->next;
    loop->hooks->tick(peer, now);
  }
  if (atomic_load(&loop->server->stopping)) {
    wind_down(loop);
  } else if (!loop->peers) {
    uv_timer_stop(&loop->tick);
    loop->ticks = false;
  }
}

void stoa_loop_add(stoa_loop *loop, stoa_peer *peer)
{
  loop->n_peers++;
  peer->next = loop->peers;
  if (loop->peers) {
    loop->peers->previous = peer;
  }
  loop->peers = peer;
  if (!loop->ticks) {
    loop->ticks = uv_timer_start(&loop->tick, on_tick, TICK_MS, TICK_MS) == 0;
  }
}

void stoa_loop_remove(stoa_loop *loop, stoa_peer *peer)
{
  loop->n_peers--;
  if (peer->previous) {
    peer->previous->next = peer->next;
  } else {
    loop->peers = peer->next;
  }
  if (peer->next) {
    peer->next->previous = peer->previous;
  }
}

stoa_status stoa_loop_init(stoa_loop *loop, stoa_server *server, const stoa_loop_hooks *hooks, stoa_error *err)
{
  int code = uv_loop_init(&loop->uv);
  if (code) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "cannot start a loop: %s; raise the limit on open files (ulimit -n)",
                          uv_strerror(code));
  }
  code = uv_async_init(&loop->uv, &loop->wake, on_wake);
  if (code) {
    uv_loop_close(&loop->uv);
    return stoa_error_set(err, STOA_UNAVAILABLE, "cannot start a loop: %s; raise the limit on open files (ulimit -n)",
                          uv_strerror(code));
  }
  uv_timer_init(&loop->uv, &loop->tick);
  loop->server = server;
  loop->hooks = hooks;
  loop->wake.data = loop->tick.data = loop;
  pthread_mutex_init(&loop->lock, NULL);
  loop->has_uv = true;
  return STOA_OK;
}

void stoa_loop_run(void *data)
{
  stoa_loop *const loop = data;
  while (uv_run(&loop->uv, UV_RUN_ONCE)) {
    if (atomic_load(&loop->server->stopping)) {
      wind_down(loop);
    }
  }
  if (loop != loop->server->loops) {
    atomic_fetch_sub(&loop->server->n_others, 1);
    uv_async_send(&loop->server->loops->wake);
  }
}

static void close_handle(uv_handle_t *handle, void *data)
{
  (void)data;
  if (!uv_is_closing(handle)) {
    uv_close(handle, NULL);
  }
}

void stoa_loop_done(stoa_loop *loop)
{
  if (!loop->has_uv) {
    return;
  }
  take_told(loop); // calls whose connections are gone
  uv_walk(&loop->uv, close_handle, NULL);
  uv_run(&loop->uv, UV_RUN_DEFAULT);
  uv_loop_close(&loop->uv);
  pthread_mutex_destroy(&loop->lock);
}
