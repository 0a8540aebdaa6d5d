#include "server/health.h"
#include "graph/source/breaker.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROBE_BYTES = 65536, SOURCES_EVERY = 5, SOURCE_TIMEOUT_MS = 1000 };
static const int64_t lane_stands_still_ns = 5000000000;
static const char *const part_names[STOA_N_PARTS] = {"state", "labels", "models", "sources", "lanes"};

struct stoa_health {
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t stopped;
  bool stops;
  stoa_engine *engine;
  const char *state_file;
  stoa_lane *lanes[STOA_N_LANES];
  const stoa_log *log;
  bool is_down[STOA_N_PARTS];
  char why[STOA_N_PARTS][400];
};

static void set(stoa_health *h, int part, bool is_down, const char *why)
{
  pthread_mutex_lock(&h->lock);
  const bool changed = h->is_down[part] != is_down;
  h->is_down[part] = is_down;
  snprintf(h->why[part], sizeof h->why[part], "%s", why);
  pthread_mutex_unlock(&h->lock);
  if (changed) {
    stoa_log_line line = stoa_log_begin(h->log, is_down ? STOA_LOG_ERROR : STOA_LOG_INFO,
                                        is_down ? "not ready" : "ready again", is_down ? why : NULL);
    stoa_log_text(&line, "part", part_names[part]);
    stoa_log_end(&line);
  }
}

void stoa_health_tell(stoa_health *h, stoa_health_part part, stoa_status status, const stoa_error *err)
{
  char text[800];
  if (h) {
    set(h, part, status != STOA_OK, status == STOA_OK ? "" : stoa_error_print(err, text, sizeof text));
  }
}

bool stoa_health_ready(stoa_health *h, stoa_buf *why)
{
  bool ready = true;
  if (!h) {
    return true;
  }
  pthread_mutex_lock(&h->lock);
  for (int i = 0; i < STOA_N_PARTS; ++i) {
    if (h->is_down[i]) {
      ready = false;
      stoa_buf_print(why, "%s: %s\n", part_names[i], h->why[i]);
    }
  }
  pthread_mutex_unlock(&h->lock);
  return ready;
}

// ---- the state

const char *stoa_state_file(stoa_engine *engine)
{
  const stoa_yaml *const state = stoa_yaml_find(stoa_engine_layer(engine)->project->config, "state");
  const char *const address = stoa_yaml_text(state, "address", NULL);
  return address ? stoa_engine_path(engine, address) : NULL;
}

static const char *folder_of(const char *file, char *out, size_t n_bytes)
{
  const char *const slash = strrchr(file, '/');
  snprintf(out, n_bytes, "%.*s", slash ? (int)(slash - file) : 1, slash ? file : ".");
  return out;
}

// A file without a name in the state's folder, written to the disk: what a commit would need.
static stoa_status try_disk(const char *file, stoa_error *err)
{
  static const char bytes[PROBE_BYTES];
  char folder[1024];
  const int fd = open(folder_of(file, folder, sizeof folder), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) { // some file systems know no file without a name
    return errno == EOPNOTSUPP || errno == EISDIR
             ? STOA_OK
             : stoa_error_set(err, STOA_IO, "the state's folder %s cannot be written: %s", folder, strerror(errno));
  }
  const bool good = write(fd, bytes, sizeof bytes) == (ssize_t)sizeof bytes && fdatasync(fd) == 0;
  const int code = errno;
  close(fd);
  return good ? STOA_OK
              : stoa_error_set(err, STOA_IO, "the disk of the state, %s, takes no more: %s", folder, strerror(code));
}

// A file, or its write-ahead log, that has come to the limit on file sizes: the disk would take more.
static stoa_status try_size(const char *file, stoa_error *err)
{
  static const char *const ends[] = {"", "-wal"};
  struct rlimit most;
  if (getrlimit(RLIMIT_FSIZE, &most) != 0 || most.rlim_cur == RLIM_INFINITY) {
    return STOA_OK;
  }
  for (size_t i = 0; i < sizeof ends / sizeof *ends; ++i) {
    char path[1024];
    struct stat info;
    snprintf(path, sizeof path, "%s%s", file, ends[i]);
    if (stat(path, &info) == 0 && (rlim_t)info.st_size + PROBE_BYTES > most.rlim_cur) {
      return stoa_error_set(err, STOA_IO,
                            "the state %s may not grow: the limit on file sizes is %llu bytes (ulimit -f)", file,
                            (unsigned long long)most.rlim_cur);
    }
  }
  return STOA_OK;
}

stoa_status stoa_state_writable(const char *file, stoa_error *err)
{
  char folder[1024];
  if (access(file, W_OK) != 0 && errno != ENOENT) {
    return stoa_error_set(err, STOA_IO, "the state %s cannot be written: %s; let the server's user write it", file,
                          strerror(errno));
  }
  if (access(folder_of(file, folder, sizeof folder), W_OK | X_OK) != 0) {
    return stoa_error_set(err, STOA_IO, "the state's folder %s cannot be written: %s; let the server's user write it",
                          folder, strerror(errno));
  }
  STOA_TRY(try_size(file, err));
  return try_disk(file, err);
}

// ---- breakers

static void tell_breaker(const char *source, stoa_breaker_state state, const char *why, void *data)
{
  static const char *const names[] = {"closed", "half open", "opened"};
  const stoa_health *const h = data;
  stoa_log_line line = stoa_log_begin(h->log, state == STOA_BREAKER_OPEN ? STOA_LOG_WARNING : STOA_LOG_INFO, "breaker",
                                      why[0] ? why : NULL);
  stoa_log_text(&line, "source", source);
  stoa_log_text(&line, "state", names[state]);
  stoa_log_end(&line);
}

// A state that has lost its file is told though nobody writes; one that could not be written is tried again.
static void watch_state(stoa_health *h)
{
  stoa_error err = {0};
  const stoa_status status = stoa_engine_check_state(h->engine, &err);
  if (status != STOA_OK) {
    stoa_health_tell(h, STOA_PART_STATE, status, &err);
    return;
  }
  pthread_mutex_lock(&h->lock);
  const bool is_down = h->is_down[STOA_PART_STATE];
  pthread_mutex_unlock(&h->lock);
  if (is_down && h->state_file) {
    stoa_health_tell(h, STOA_PART_STATE, stoa_state_writable(h->state_file, &err), &err);
  }
}

// ---- sources and lanes

static void watch_sources(stoa_health *h)
{
  stoa_buf why = {0};
  stoa_layer *const layer = stoa_engine_take(h->engine);
  for (uint32_t i = 0; i < layer->project->sources.n; ++i) {
    stoa_source *const source = layer->project->sources.items[i].source;
    stoa_context context;
    stoa_connection *connection;
    stoa_error err = {0};
    stoa_context_init(&context, 0);
    context.deadline_ns = stoa_clock_steady_ns() + (int64_t)SOURCE_TIMEOUT_MS * 1000000;
    if (!source || !source->klass->lease) {
      continue;
    }
    if (source->klass->lease(source, &context, &connection, &err) == STOA_OK) {
      source->klass->give_back(connection);
    } else if (err.status != STOA_TIMEOUT || !strstr(err.text, "deadline")) {
      stoa_buf_print(&why, "%s%s", why.length ? "; " : "", err.text);
    }
  }
  stoa_engine_drop(h->engine, layer);
  set(h, STOA_PART_SOURCES, why.length > 0, stoa_buf_string(&why));
  stoa_buf_done(&why);
}

static void watch_lanes(stoa_health *h)
{
  static const char *const names[STOA_N_LANES] = {"", "look-ups and ranks", "queries", "reloads and checks"};
  const char *stuck = NULL;
  for (int i = STOA_LANE_KEYED; i <= STOA_LANE_QUERIES; ++i) {
    if (h->lanes[i] && stoa_lane_waits_ns(h->lanes[i]) > lane_stands_still_ns) {
      stuck = names[i];
    }
  }
  char why[100] = "";
  if (stuck) {
    snprintf(why, sizeof why, "%s have waited for a worker for more than 5 seconds", stuck);
  }
  set(h, STOA_PART_LANES, stuck != NULL, why);
}

static void *watch(void *data)
{
  stoa_health *const h = data;
  unsigned n = 0;
  pthread_mutex_lock(&h->lock);
  while (!h->stops) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 1;
    pthread_cond_timedwait(&h->stopped, &h->lock, &until);
    if (h->stops) {
      break;
    }
    pthread_mutex_unlock(&h->lock);
    watch_state(h);
    watch_lanes(h);
    if (++n % SOURCES_EVERY == 0 || h->is_down[STOA_PART_SOURCES]) {
      watch_sources(h);
    }
    pthread_mutex_lock(&h->lock);
  }
  pthread_mutex_unlock(&h->lock);
  return NULL;
}

stoa_status stoa_health_new(stoa_engine *engine, stoa_lane *const lanes[STOA_N_LANES], const stoa_log *log,
                            stoa_health **out, stoa_error *err)
{
  stoa_health *const h = calloc(1, sizeof *h);
  if (!h) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the watcher");
  }
  h->engine = engine;
  h->state_file = stoa_state_file(engine);
  h->log = log;
  memcpy(h->lanes, lanes, sizeof h->lanes);
  pthread_condattr_t steady;
  pthread_condattr_init(&steady);
  pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
  pthread_mutex_init(&h->lock, NULL);
  pthread_cond_init(&h->stopped, &steady);
  pthread_condattr_destroy(&steady);
  const int code = pthread_create(&h->thread, NULL, watch, h);
  if (code) {
    free(h);
    return stoa_error_set(err, STOA_UNAVAILABLE, "no thread for the watcher: %s", strerror(code));
  }
  stoa_breaker_watch(tell_breaker, h);
  *out = h;
  return STOA_OK;
}

void stoa_health_stop(stoa_health *h)
{
  if (!h || h->stops) {
    return;
  }
  stoa_breaker_watch(NULL, NULL);
  pthread_mutex_lock(&h->lock);
  h->stops = true;
  pthread_cond_signal(&h->stopped);
  pthread_mutex_unlock(&h->lock);
  pthread_join(h->thread, NULL);
}

void stoa_health_free(stoa_health *h)
{
  if (!h) {
    return;
  }
  stoa_health_stop(h);
  pthread_mutex_destroy(&h->lock);
  pthread_cond_destroy(&h->stopped);
  free(h);
}
