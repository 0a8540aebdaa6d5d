#include "features/samples.h"
#include "features/keep.h"
#include "graph/base/hash.h"
#include "graph/base/json.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

// More than this is not gathered for the next flush: what comes then is lost, and counted.
enum { MOST_GATHERED = 8 << 20 };

// Who adds a row may be a loop: it waits for the lock of what is gathered alone, never for the file.
struct stoa_samples {
  char *file;
  uint64_t threshold, most_bytes; ///< hashes below it are kept
  pthread_mutex_t file_lock;      ///< of the file; taken before the other
  pthread_mutex_t lock;           ///< of what follows
  stoa_buf gathered;
  uint64_t n_gathered, lost;
};

stoa_samples *stoa_samples_new(const char *file, double share, uint64_t most_bytes)
{
  stoa_samples *const s = calloc(1, sizeof *s);
  if (s) {
    *s = (stoa_samples){.file = strdup(file), .most_bytes = most_bytes};
    s->threshold = share >= 1 ? UINT64_MAX : (uint64_t)(share * (double)UINT64_MAX);
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->file_lock, NULL);
  }
  if (s && !s->file) {
    stoa_samples_free(s);
    return NULL;
  }
  return s;
}

// False when not all of it is in the file.  One that has grown too long makes room for a new one.
static bool write_lines(const stoa_samples *s, const stoa_buf *lines)
{
  struct stat info;
  const int fd = open(s->file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const bool whole = fd >= 0 && write(fd, lines->data, lines->length) == (ssize_t)lines->length;
  const bool full = fd >= 0 && fstat(fd, &info) == 0 && (uint64_t)info.st_size > s->most_bytes;
  if (fd >= 0) {
    close(fd);
  }
  if (full) {
    stoa_buf before = {0};
    stoa_buf_print(&before, "%s.1", s->file);
    rename(s->file, stoa_buf_string(&before));
    stoa_buf_done(&before);
  }
  return whole;
}

// Under the file's lock.
static void flush_gathered(stoa_samples *s)
{
  pthread_mutex_lock(&s->lock);
  stoa_buf lines = s->gathered;
  const uint64_t n = s->n_gathered;
  s->gathered = (stoa_buf){0};
  s->n_gathered = 0;
  pthread_mutex_unlock(&s->lock);
  if (lines.length && !write_lines(s, &lines)) {
    pthread_mutex_lock(&s->lock);
    s->lost += n;
    pthread_mutex_unlock(&s->lock);
  }
  stoa_buf_done(&lines);
}

void stoa_samples_flush(stoa_samples *s)
{
  pthread_mutex_lock(&s->file_lock);
  flush_gathered(s);
  pthread_mutex_unlock(&s->file_lock);
}

void stoa_samples_free(stoa_samples *s)
{
  if (!s) {
    return;
  }
  if (s->file) {
    stoa_samples_flush(s);
  }
  stoa_buf_done(&s->gathered);
  pthread_mutex_destroy(&s->lock);
  pthread_mutex_destroy(&s->file_lock);
  free(s->file);
  free(s);
}

bool stoa_samples_want(const stoa_samples *s, const stoa_service *service, const stoa_slice *key)
{
  uint64_t hash = stoa_hash_text(0, service->name, strlen(service->name));
  for (uint32_t i = 0; i < service->entity->n_keys; ++i) {
    hash = stoa_hash_mix(hash ^ stoa_hash_text(i, key[i].data, key[i].length));
  }
  return stoa_hash_mix(hash) <= s->threshold;
}

static void write_row(int64_t at_us, int64_t offset, const char *purpose, const stoa_service *service,
                      const stoa_slice *key, const stoa_term *values, const bool *wanted, stoa_buf *out)
{
  bool first = true;
  stoa_buf_print(out, "{\"at\":%lld,\"offset\":%lld,\"service\":", (long long)at_us, (long long)offset);
  stoa_buf_json(out, stoa_slice_of(service->name));
  if (purpose[0]) {
    stoa_buf_text(out, ",\"purpose\":");
    stoa_buf_json(out, stoa_slice_of(purpose));
  }
  stoa_buf_text(out, ",\"key\":[");
  for (uint32_t i = 0; i < service->entity->n_keys; ++i) {
    stoa_buf_text(out, i ? "," : "");
    stoa_buf_json(out, key[i]);
  }
  stoa_buf_text(out, "],\"values\":{");
  for (uint32_t i = 0; i < service->features.n; ++i) {
    if ((wanted && !wanted[i]) || !stoa_kept_is_exact(service->views.items[service->view_of.items[i]])) {
      continue;
    }
    stoa_buf_print(out, "%s\"%s\":", first ? "" : ",", service->features.items[i]->name);
    first = false;
    if (!stoa_term_is_bound(values[i])) {
      stoa_buf_text(out, "null");
      continue;
    }
    stoa_buf term = {0};
    stoa_term_write(values[i], &term);
    stoa_buf_json(out, (stoa_slice){term.data, term.length});
    stoa_buf_done(&term);
  }
  stoa_buf_text(out, "}}\n");
}

void stoa_samples_add(stoa_samples *s, int64_t at_us, int64_t offset, const char *purpose, const stoa_service *service,
                      const stoa_slice *key, const stoa_term *values, const bool *wanted)
{
  pthread_mutex_lock(&s->lock);
  const bool room = s->gathered.length < MOST_GATHERED;
  if (room) {
    write_row(at_us, offset, purpose, service, key, values, wanted, &s->gathered);
  }
  s->n_gathered += room;
  s->lost += !room;
  pthread_mutex_unlock(&s->lock);
}

// ---- erasing

static bool tells(stoa_slice line, stoa_slice text, size_t least)
{
  return text.length >= least && memmem(line.data, line.length, text.data, text.length);
}

static bool is_of(const stoa_json *key, const stoa_service *service, const stoa_erasure *erasure, stoa_arena *arena)
{
  const stoa_entity *const entity = service->entity;
  stoa_slice parts[STOA_TEMPLATE_COLUMNS];
  stoa_buf iri = {0};
  bool found = false;
  if (key->kind != STOA_JSON_ARRAY || key->n_items != entity->n_keys) {
    return false;
  }
  for (uint32_t i = 0; i < key->n_items; ++i) {
    parts[i] = key->items[i].text;
  }
  stoa_term_write_lexical(stoa_entity_term(entity, parts, arena), &iri);
  for (uint32_t i = 0; i < erasure->all.n && !found; ++i) {
    found = stoa_slice_equal(erasure->all.items[i].iri, (stoa_slice){iri.data, iri.length});
  }
  stoa_buf_done(&iri);
  return found;
}

// Of a service that is not there any more it is not known whose the key is: a row by the same text goes.
static bool is_erased(stoa_slice line, const stoa_registry *registry, const stoa_erasure *erasure, stoa_arena *arena)
{
  enum { LONG = 8 };
  const stoa_json *row;
  const stoa_service *service = NULL;
  stoa_error unread = {0};
  for (uint32_t i = 0; i < erasure->all.n; ++i) {
    if (tells(line, erasure->all.items[i].iri, 1) || tells(line, erasure->all.items[i].key, LONG)) {
      return true;
    }
  }
  if (stoa_json_read(line, arena, &row, &unread) != STOA_OK) {
    return false;
  }
  const stoa_json *const name = stoa_json_find(row, "service"), *const key = stoa_json_find(row, "key");
  if (!name || !key || name->kind != STOA_JSON_STRING) {
    return false;
  }
  if (stoa_registry_need_service(registry, stoa_arena_copy(arena, name->text), &service, &unread) == STOA_OK) {
    return is_of(key, service, erasure, arena);
  }
  return key->kind == STOA_JSON_ARRAY && key->n_items == 1 && stoa_slice_equal(key->items[0].text, erasure->who.key);
}

static bool copy_others(FILE *from, FILE *to, const stoa_registry *registry, const stoa_erasure *erasure, uint64_t *n)
{
  char *line = NULL;
  size_t size = 0;
  ssize_t length;
  stoa_arena arena;
  bool good = true;
  stoa_arena_init(&arena, 0);
  while (good && (length = getline(&line, &size, from)) > 0) {
    if (is_erased((stoa_slice){line, (size_t)length}, registry, erasure, &arena)) {
      ++*n;
    } else {
      good = fwrite(line, 1, (size_t)length, to) == (size_t)length;
    }
    stoa_arena_reset(&arena);
  }
  free(line);
  stoa_arena_done(&arena);
  return good && !ferror(from) && fflush(to) == 0 && fsync(fileno(to)) == 0;
}

// Under the file's lock.  A file is written beside its place, and takes it when it is whole.
static stoa_status erase_file(const char *file, const stoa_registry *registry, stoa_erasure *erasure, stoa_error *err)
{
  stoa_buf part = {0};
  uint64_t n = 0;
  FILE *const from = fopen(file, "r");
  if (!from) {
    return errno == ENOENT ? STOA_OK : stoa_error_set(err, STOA_IO, "cannot read the samples %s: %s", file, strerror(errno));
  }
  stoa_buf_print(&part, "%s.part", file);
  const int fd = open(stoa_buf_string(&part), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  FILE *const to = fd >= 0 ? fdopen(fd, "w") : NULL;
  bool good = to && copy_others(from, to, registry, erasure, &n);
  good = to && fclose(to) == 0 && good;
  good = good && rename(stoa_buf_string(&part), file) == 0;
  const int code = errno;
  if (!good) {
    unlink(stoa_buf_string(&part));
  }
  erasure->n_samples += good ? n : 0;
  fclose(from);
  stoa_buf_done(&part);
  return good ? STOA_OK : stoa_error_set(err, STOA_IO, "cannot write the samples %s anew: %s", file, strerror(code));
}

stoa_status stoa_samples_erase(stoa_samples *s, const stoa_registry *registry, stoa_erasure *erasure, stoa_error *err)
{
  stoa_buf before = {0};
  stoa_buf_print(&before, "%s.1", s->file);
  pthread_mutex_lock(&s->file_lock);
  flush_gathered(s);
  stoa_status status = erase_file(s->file, registry, erasure, err);
  if (status == STOA_OK) {
    status = erase_file(stoa_buf_string(&before), registry, erasure, err);
  }
  pthread_mutex_unlock(&s->file_lock);
  stoa_buf_done(&before);
  return status;
}

uint64_t stoa_samples_lost(stoa_samples *s)
{
  pthread_mutex_lock(&s->lock);
  const uint64_t lost = s->lost;
  pthread_mutex_unlock(&s->lock);
  return lost;
}
