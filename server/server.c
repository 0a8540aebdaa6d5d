// The server: loops with their listeners, the dispatcher, and an orderly end.
#include "server/server.h"
#include "server/forms.h"
#include "server/health.h"
#include "server/hub.h"
#include "server/loop.h"
#include "server/quick.h"
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MOST_LOOPS = 4, RESERVED_DESCRIPTORS = 128, LEAST_CONNECTIONS = 16 };

stoa_status stoa_limits_read(const stoa_engine *engine, stoa_limits *limits, stoa_error *err)
{
  const stoa_yaml *const yaml = stoa_yaml_find(stoa_engine_layer(engine)->project->config, "limits");
#define X(member, key, least, most, usual, told)                                                                       \
  limits->member = (usual);                                                                                            \
  if (yaml) {                                                                                                          \
    STOA_TRY(stoa_yaml_integer(yaml, key, least, most, &limits->member, err));                                         \
  }
  STOA_SET_LIMITS(X)
#undef X
  return STOA_OK;
}

// Each key that is there is one value; for a list or nothing at all, an absent one would be taken.
static stoa_status check_values(const stoa_yaml *map, const char *const *keys, stoa_error *err)
{
  STOA_TRY(stoa_yaml_known(map, keys, err));
  STOA_TRY(stoa_yaml_plain(map, keys, err));
  for (size_t i = 0; keys[i]; ++i) {
    const stoa_yaml *const value = stoa_yaml_find(map, keys[i]);
    if (value && (!value->text[0] || strcmp(value->text, "~") == 0 || strcasecmp(value->text, "null") == 0)) {
      return stoa_error_at(err, STOA_BAD_ARG, value->place, "\"%s\" is empty; give it a value, or leave it out",
                           keys[i]);
    }
  }
  return STOA_OK;
}

// An address of stoa.yaml is at fault in its place; one of the command line has none.
static stoa_status read_listener(const stoa_yaml *listen, const char *key, const stoa_server_options *o,
                                 struct sockaddr_storage *out, stoa_error *err)
{
  const char *const text = strcmp(key, "http") == 0 ? o->http : o->resp;
  const stoa_yaml *const node = stoa_yaml_find(listen, key);
  stoa_error fault = {0};
  const stoa_status status = text ? stoa_address_read(text, o->key != NULL, out, &fault) : STOA_OK;
  return status == STOA_OK            ? STOA_OK
         : node && node->text == text ? stoa_error_at(err, status, node->place, "%s", fault.text)
                                      : stoa_error_set(err, status, "%s", fault.text);
}

static stoa_status check_listeners(const stoa_yaml *listen, const stoa_server_options *o, stoa_error *err)
{
  static const char text[] = "http and resp listen at one address, %s; give resp a port of its own, such as 6380";
  struct sockaddr_storage http = {0}, resp = {0};
  STOA_TRY(read_listener(listen, "http", o, &http, err));
  STOA_TRY(read_listener(listen, "resp", o, &resp, err));
  const stoa_yaml *const node = stoa_yaml_find(listen, "resp");
  return !o->http || !o->resp || !stoa_address_meets(&http, &resp) ? STOA_OK
         : node && node->text == o->resp ? stoa_error_at(err, STOA_BAD_ARG, node->place, text, o->resp)
                                         : stoa_error_set(err, STOA_BAD_ARG, text, o->resp);
}

stoa_status stoa_server_configure(const stoa_engine *engine, stoa_server_options *o, stoa_error *err)
{
  static const char *const listen_keys[] = {"http", "resp", "socket", NULL}, *const security_keys[] = {"api_key", NULL};
  const stoa_project *const p = stoa_engine_layer(engine)->project;
  const stoa_yaml *const listen = stoa_yaml_find(p->config, "listen");
  const stoa_yaml *const security = stoa_yaml_find(p->config, "security");
  if (listen) {
    STOA_TRY(check_values(listen, listen_keys, err));
  }
  if (security) {
    STOA_TRY(check_values(security, security_keys, err));
  }
  STOA_TRY(stoa_limits_read(engine, &o->limits, err));
  o->http = o->http ? o->http : stoa_yaml_text(listen, "http", NULL);
  o->resp = o->resp ? o->resp : stoa_yaml_text(listen, "resp", NULL);
  o->key = o->key ? o->key : stoa_yaml_text(security, "api_key", NULL);
  if (!o->socket && stoa_yaml_text(listen, "socket", NULL)) {
    o->socket = stoa_engine_path((stoa_engine *)engine, stoa_yaml_text(listen, "socket", NULL));
  }
  return check_listeners(listen, o, err);
}

stoa_status stoa_server_folders(const char *dir, stoa_error *err)
{
  static const char *const parts[] = {"", "/features", "/personalizer", "/queries"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; ++i) {
    char path[1024];
    snprintf(path, sizeof path, "%s%s", dir, parts[i]);
    if (access(path, F_OK) == 0 && access(path, R_OK | X_OK) != 0) {
      return stoa_error_set(err, STOA_UNAVAILABLE, "the folder %s cannot be read: %s", path, strerror(errno));
    }
  }
  return STOA_OK;
}

// ---- descriptors

// As many connections as there are descriptors for, besides those of sources, state and loops.
static stoa_status count_descriptors(stoa_limits *limits, stoa_error *err)
{
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "cannot tell the limit on open files");
  }
  if (files.rlim_cur < files.rlim_max) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files); // where it may not be raised the old one is read again
    getrlimit(RLIMIT_NOFILE, &files);
  }
  const int64_t room = (int64_t)(files.rlim_cur > 1U << 20 ? 1U << 20 : files.rlim_cur) - RESERVED_DESCRIPTORS;
  if (room < LEAST_CONNECTIONS) {
    return stoa_error_set(err, STOA_UNAVAILABLE,
                          "the limit on open files is %lld, a server needs %d at least: raise it (ulimit -n)",
                          (long long)files.rlim_cur, RESERVED_DESCRIPTORS + LEAST_CONNECTIONS);
  }
  limits->connections = limits->connections && limits->connections < room ? limits->connections : room;
  limits->per_address = limits->per_address ? limits->per_address : (limits->connections + 1) / 2;
  return STOA_OK;
}

// ---- reload by signal: a call like any other, that nobody waits for

static void forget(stoa_call *call, bool is_final)
{
  stoa_server *const server = call->teller;
  if (is_final) {
    atomic_store(&server->reloading, false);
    stoa_call_free(call);
  }
}

static void reload(stoa_server *s)
{
  if (atomic_exchange(&s->reloading, true)) {
    return; // it reads what there is now, or is asked again
  }
  stoa_call *const call = stoa_call_new(stoa_dispatcher_shared(s->dispatcher), &stoa_operations[STOA_OPERATION_RELOAD]);
  call->tell = forget;
  call->teller = s;
  if (stoa_dispatcher_start(s->dispatcher, call, STOA_ROLE_CALLER)) {
    forget(call, true);
  }
}

// ---- life

static void wake_all(stoa_server *s)
{
  for (int i = 0; i < s->n_loops; ++i) {
    uv_async_send(&s->loops[i].wake);
  }
}

static void on_signal(uv_signal_t *signal, int number)
{
  stoa_server *const s = signal->data;
  if (number == SIGHUP) {
    reload(s);
    return;
  }
  atomic_store(&s->hurries, atomic_exchange(&s->stopping, true)); // a second signal waits for nobody
  stoa_listen_end(s);
  stoa_hub_stop(stoa_dispatcher_shared(s->dispatcher)->hub);
  wake_all(s);
}

static void watch_signals(stoa_server *s)
{
  static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
  for (int i = 0; i < 3; ++i) {
    uv_signal_init(&s->loops[0].uv, &s->signals[i]);
    s->signals[i].data = s;
    uv_signal_start(&s->signals[i], on_signal, numbers[i]);
    uv_unref((uv_handle_t *)&s->signals[i]);
  }
}

static const stoa_loop_hooks peers = {stoa_peer_told, stoa_peer_tick, stoa_peer_stop, stoa_peer_close};

static stoa_status start(stoa_server *s, const stoa_server_options *o, stoa_error *err)
{
  const long n = sysconf(_SC_NPROCESSORS_ONLN);
  s->limits = o->limits;
  STOA_TRY(count_descriptors(&s->limits, err));
  const char *const state = stoa_state_file(s->engine);
  if (state) {
    STOA_TRY(stoa_state_writable(state, err));
  }
  s->n_loops = o->n_loops ? o->n_loops : n < 1 ? 1 : n > MOST_LOOPS ? MOST_LOOPS : (int)n;
  s->loops = calloc((size_t)s->n_loops, sizeof *s->loops);
  if (!s->loops) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the loops");
  }
  for (int i = 0; i < s->n_loops; ++i) {
    STOA_TRY(stoa_loop_init(&s->loops[i], s, &peers, err));
    s->loops[i].quick = stoa_quick_new();
    if (!s->loops[i].quick) {
      return stoa_error_set(err, STOA_NO_MEM, "no memory for the loops");
    }
  }
  STOA_TRY(stoa_engine_serve(s->engine, &stoa_server_forms, err));
  STOA_TRY(stoa_admission_new(s->limits.connections, s->limits.per_address, &s->admission, err));
  STOA_TRY(stoa_dispatcher_new(s->engine, &s->limits, &o->log, true, &s->dispatcher, err));
  watch_signals(s);
  const stoa_turned_sink sink = stoa_hub_sink(stoa_dispatcher_shared(s->dispatcher)->hub);
  STOA_TRY(stoa_engine_make_ahead(s->engine, &sink, err));
  return stoa_listen(s, o, err);
}

static stoa_status run(stoa_server *s, stoa_error *err)
{
  stoa_status status = STOA_OK;
  for (int i = 1; status == STOA_OK && i < s->n_loops; ++i) {
    atomic_fetch_add(&s->n_others, 1);
    const int code = uv_thread_create(&s->loops[i].thread, stoa_loop_run, &s->loops[i]);
    s->loops[i].runs = code == 0;
    if (code) {
      status = stoa_error_set(err, STOA_UNAVAILABLE, "no thread for a loop: %s", uv_strerror(code));
      atomic_fetch_sub(&s->n_others, 1);
      atomic_store(&s->stopping, true);
      wake_all(s);
    }
  }
  if (status == STOA_OK) {
    puts("ready");
    fflush(stdout);
  }
  stoa_loop_run(&s->loops[0]);
  for (int i = 1; i < s->n_loops; ++i) {
    if (s->loops[i].runs) {
      uv_thread_join(&s->loops[i].thread);
    }
  }
  return status;
}

static void finish(stoa_server *s)
{
  if (s->dispatcher) {
    stoa_dispatcher_stop(s->dispatcher); // what still runs ends here, and tells loops, which are there yet
    stoa_engine_tell_nobody(s->engine);
  }
  for (int i = 0; i < s->n_loops && s->loops; ++i) {
    stoa_loop_done(&s->loops[i]);
    stoa_quick_free(s->loops[i].quick);
  }
  free(s->loops);
  stoa_dispatcher_free(s->dispatcher);
  stoa_admission_free(s->admission);
}

stoa_status stoa_server_run(stoa_engine *engine, const stoa_server_options *o, stoa_error *err)
{
  // What the options borrow of the project goes with its layer: a reload may come.
  char *const key = o->key ? strdup(o->key) : NULL, *const socket = o->socket ? strdup(o->socket) : NULL;
  stoa_server_options own = *o;
  stoa_server s = {.engine = engine, .key = key};
  own.key = key;
  own.socket = socket;
  // Queries take and give back blocks of up to 1 MiB: keep them instead of mapping them anew each time,
  // which costs an interrupt of every core (measured: a quarter of a feature vector's time).
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  stoa_status status = (o->key && !key) || (o->socket && !socket)
                         ? stoa_error_set(err, STOA_NO_MEM, "no memory for the server")
                         : start(&s, &own, err);
  if (status == STOA_OK) {
    status = run(&s, err);
  }
  stoa_listen_end(&s);
  finish(&s);
  free(key);
  free(socket);
  return status;
}
