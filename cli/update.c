// stoa update: SPARQL Update on the native graph of RDF files; what comes out is N-Quads.
#include "cli/cli.h"
#include "cli/fetch.h"
#include "cli/load.h"
#include "graph/base/clock.h"
#include "graph/base/code.h"
#include "graph/update/update.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct {
  const char *base, *text, *file, *out;
  stoa_file_names data, graphs;
  bool check_only;
} options;

static bool read_option(stoa_args *args, options *o, stoa_arena *arena)
{
  const char *value;
  if (stoa_args_option(args, "--base", &o->base) || stoa_args_option(args, "-e", &o->text) ||
      stoa_args_option(args, "-o", &o->out)) {
    return true;
  }
  if (stoa_args_option(args, "--data", &value)) {
    STOA_PUSH(arena, &o->data, value);
    return true;
  }
  if (stoa_args_option(args, "--graph", &value)) {
    STOA_PUSH(arena, &o->graphs, value);
    return true;
  }
  if (stoa_args_flag(args, "--check")) {
    o->check_only = true;
    return true;
  }
  if (!o->file && !o->text) {
    o->file = stoa_args_word(args);
    return o->file != NULL;
  }
  return false;
}

typedef struct {
  stoa_files *files;
  stoa_context *context;
} loading;

static bool is_remote(const char *iri)
{
  return strncmp(iri, "http://", 7) == 0 || strncmp(iri, "https://", 8) == 0;
}

static const char *decoded(const char *path, stoa_arena *arena)
{
  char *const copy = stoa_arena_copy(arena, stoa_slice_of(path));
  copy[stoa_percent_read(stoa_slice_of(copy), false, copy)] = '\0';
  return copy;
}

// LOAD reads files, and documents over HTTP.
static stoa_status load_document(void *data, stoa_term document, stoa_term graph, stoa_error *err)
{
  const loading *const l = data;
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  const char *const iri = stoa_arena_copy(&arena, stoa_term_text(document));
  const char *const name = stoa_term_is_bound(graph) ? stoa_arena_copy(&arena, stoa_term_text(graph)) : NULL;
  const bool remote = is_remote(iri);
  const char *path = strncmp(iri, "file://", 7) == 0 ? decoded(iri + 7, &arena) : strstr(iri, "://") ? NULL : iri;
  stoa_status status = remote ? stoa_cli_fetch(iri, l->context, &arena, &path, err) : STOA_OK;
  if (status == STOA_OK) {
    status = path ? stoa_files_load(l->files, path, name, remote ? iri : NULL, err)
                  : stoa_error_set(err, STOA_UNSUPPORTED, "LOAD <%s>: files, http and https are loaded", iri);
    if (remote) {
      unlink(path);
    }
  }
  stoa_files_finish(l->files);
  stoa_arena_done(&arena);
  return status;
}

static void write_quad(const stoa_rows *rows, uint32_t row, stoa_buf *out)
{
  for (uint32_t i = 0; i < rows->n_columns; ++i) {
    stoa_term_write(rows->terms[i][row], out);
    stoa_buf_byte(out, ' ');
  }
  stoa_buf_text(out, ".\n");
}

static stoa_status write_graphs(stoa_files *files, bool named, stoa_context *context, FILE *to, stoa_error *err)
{
  stoa_source *const g = files->native;
  const stoa_fragment_pattern all = {.vars = {0, 1, 2, named ? 3 : -1}};
  const stoa_fragment fragment = {.patterns = &all, .n_patterns = 1, .n_vars = named ? 4 : 3};
  stoa_connection *connection;
  stoa_cursor *cursor;
  stoa_rows rows = {.n_rows = 1};
  stoa_buf text = {0};
  STOA_TRY(g->klass->lease(g, context, &connection, err));
  stoa_status status = g->klass->open(connection, &fragment, context, &cursor, err);
  while (status == STOA_OK && rows.n_rows) {
    status = g->klass->next(cursor, &files->arena, &rows, err);
    text.length = 0;
    for (uint32_t i = 0; status == STOA_OK && i < rows.n_rows; ++i) {
      write_quad(&rows, i, &text);
    }
    if (status == STOA_OK && fwrite(text.data ? text.data : "", 1, text.length, to) != text.length) {
      status = stoa_error_set(err, STOA_IO, "the quads cannot be written: %s", strerror(errno));
    }
  }
  g->klass->close(cursor);
  g->klass->give_back(connection);
  stoa_buf_done(&text);
  return status;
}

static stoa_status write_all(stoa_files *files, stoa_context *context, FILE *to, stoa_error *err)
{
  STOA_TRY(write_graphs(files, false, context, to, err));
  STOA_TRY(write_graphs(files, true, context, to, err));
  return fflush(to) == 0 ? STOA_OK : stoa_error_set(err, STOA_IO, "the quads cannot be written: %s", strerror(errno));
}

// The new file takes the place of the old one only when it is whole and on disk.
static stoa_status replace_file(stoa_files *files, const char *path, stoa_context *context, stoa_error *err)
{
  const char *const draft = stoa_arena_print(&files->arena, "%s.draft", path);
  FILE *const to = fopen(draft, "w");
  if (!to) {
    return stoa_error_at(err, STOA_IO, (stoa_place){draft, 0, 0}, "%s", strerror(errno));
  }
  stoa_status status = write_all(files, context, to, err);
  if (status == STOA_OK && fsync(fileno(to)) != 0) {
    status = stoa_error_at(err, STOA_IO, (stoa_place){draft, 0, 0}, "%s", strerror(errno));
  }
  fclose(to);
  if (status == STOA_OK && rename(draft, path) != 0) {
    status = stoa_error_at(err, STOA_IO, (stoa_place){path, 0, 0}, "%s", strerror(errno));
  }
  if (status != STOA_OK) {
    unlink(draft);
    return status;
  }
  const char *const slash = strrchr(path, '/');
  const char *const dir = slash ? stoa_arena_print(&files->arena, "%.*s", (int)(slash - path) + 1, path) : ".";
  const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    fsync(fd);
    close(fd);
  }
  return STOA_OK;
}

static stoa_status run(const options *o, const stoa_update *update, stoa_files *files, stoa_error *err)
{
  stoa_context context;
  stoa_update_counts counts;
  loading load = {files, &context};
  const stoa_update_target target = {files->native, &files->mapping.rewriter, load_document, &load, NULL};
  stoa_context_init(&context, stoa_clock_system.now_us(&stoa_clock_system));
  context.endpoints = stoa_cli_any_endpoint;
  STOA_TRY(stoa_cli_load(files, &o->data, &o->graphs, err));
  STOA_TRY(stoa_update_apply(update, &target, &context, &counts, err));
  if (!o->out) {
    return write_all(files, &context, stdout, err);
  }
  STOA_TRY(replace_file(files, o->out, &context, err));
  printf("%llu quads asked to go, %llu to come; %s holds %llu\n", (unsigned long long)counts.n_deleted,
         (unsigned long long)counts.n_inserted, o->out, (unsigned long long)stoa_source_native_count(files->native));
  return STOA_OK;
}

static int update_files(const options *o, stoa_slice text, stoa_arena *arena, stoa_error *err)
{
  stoa_files files;
  const stoa_update *update;
  if (stoa_update_read(text, o->file ? o->file : "-e", o->base, arena, &update, err) != STOA_OK) {
    return stoa_cli_fail(err);
  }
  if (o->check_only) {
    return 0;
  }
  stoa_status status = stoa_files_init(&files, err);
  if (status == STOA_OK) {
    status = run(o, update, &files, err);
    stoa_files_done(&files);
  }
  return status == STOA_OK ? 0 : stoa_cli_fail(err);
}

int stoa_verb_update(stoa_args *args)
{
  stoa_arena arena;
  stoa_error err = {0};
  options o = {0};
  stoa_slice text = {"", 0};
  stoa_arena_init(&arena, 0);
  int code = 0;
  while (code == 0 && !stoa_args_end(args)) {
    if (!read_option(args, &o, &arena)) {
      code = stoa_cli_usage("update", "cannot take \"%s\"", stoa_args_current(args));
    }
  }
  if (code == 0 && !o.text && !o.file) {
    code = stoa_cli_usage("update", "a file or -e TEXT is missing");
  } else if (code == 0 && o.text) {
    text = stoa_slice_of(o.text);
  } else if (code == 0 && stoa_file_read(o.file, &arena, &text, &err) != STOA_OK) {
    code = stoa_cli_fail(&err);
  }
  o.base = o.base ? o.base : stoa_cli_base(&arena);
  code = code == 0 ? update_files(&o, text, &arena, &err) : code;
  stoa_arena_done(&arena);
  return code;
}
