// stoa bootstrap: a project folder to start from, written from a database's catalog.
#include "cli/cli.h"
#include "graph/base/file.h"
#include "ontology/bootstrap.h"
#include "ontology/mapped.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
  stoa_arena arena;
  const char *url, *dir, *base, *name; ///< name: of the source
  const char *driver, *address;        ///< of the source; a path is absolute
  stoa_bootstrap_options options;
  stoa_starter starter;
  bool has_entity;
} bootstrap;

// sqlite:data/bureau.db, postgresql:///bureau?host=... -> bureau: letters, digits and underscores.
static const char *name_of(const char *url, stoa_arena *arena)
{
  const char *const path = stoa_arena_copy(arena, (stoa_slice){url, strcspn(url, "?;")});
  const char *const slash = strrchr(path, '/'), *const colon = strrchr(path, ':');
  const char *const from = slash ? slash + 1 : colon ? colon + 1 : path;
  char *const name = stoa_arena_copy(arena, stoa_slice_of(from));
  char *const dot = strrchr(name, '.');
  if (dot && dot > name) {
    *dot = '\0';
  }
  for (char *c = name; *c; ++c) {
    *c = isalnum((unsigned char)*c) ? *c : '_';
  }
  return *name ? name : "source";
}

static stoa_status make_dir(const char *path, stoa_error *err)
{
  return mkdir(path, 0777) == 0 || errno == EEXIST
           ? STOA_OK
           : stoa_error_at(err, STOA_IO, (stoa_place){path, 0, 0}, "%s", strerror(errno));
}

// Nothing that is there is written over.
static stoa_status write_file(bootstrap *b, const char *path, const stoa_buf *text, stoa_error *err)
{
  const char *const whole = stoa_file_join(&b->arena, b->dir, path);
  FILE *const file = fopen(whole, "wx");
  if (!file) {
    return stoa_error_at(err, errno == EEXIST ? STOA_EXISTS : STOA_IO, (stoa_place){whole, 0, 0}, "%s",
                         errno == EEXIST ? "is there already; move it away, or name another folder by -o"
                                         : strerror(errno));
  }
  const bool good = fwrite(text->data, 1, text->length, file) == text->length;
  if ((fclose(file) == 0) && good) {
    printf("%s\n", whole);
    return STOA_OK;
  }
  return stoa_error_at(err, STOA_IO, (stoa_place){whole, 0, 0}, "%s", strerror(errno));
}

static stoa_status write_config(bootstrap *b, const stoa_bootstrap *project, stoa_error *err)
{
  stoa_buf text = {0}, keys = {0};
  stoa_bootstrap_keys(project, &keys);
  stoa_buf_print(&text, "project: %s\nbase: %s\nsources:\n  %s: {driver: %s, address: ", b->name, b->base, b->name,
                 b->driver);
  stoa_buf_json(&text, stoa_slice_of(b->address));
  stoa_buf_print(&text, ", mappings: [mappings/%s.ttl]%s%s}\nontology: [ontology/%s.ttl]\n", b->name,
                 keys.length ? ", " : "", stoa_buf_string(&keys), b->name);
  stoa_buf_text(&text, "listen: {http: 127.0.0.1:8080, resp: 127.0.0.1:6380, socket: run/stoa.sock}\n"
                       "state: {driver: sqlite, address: data/state.db}\n");
  const stoa_status status = write_file(b, "stoa.yaml", &text, err);
  stoa_buf_done(&keys);
  stoa_buf_done(&text);
  return status;
}

// Take the text that was written, and put it into a file of a folder.
static stoa_status put(bootstrap *b, const char *folder, const char *name, stoa_buf *text, stoa_error *err)
{
  stoa_status status = make_dir(stoa_file_join(&b->arena, b->dir, folder), err);
  if (status == STOA_OK) {
    status = write_file(b, stoa_arena_print(&b->arena, "%s/%s", folder, name), text, err);
  }
  stoa_buf_done(text);
  return status;
}

static stoa_status write_graphs(bootstrap *b, const stoa_bootstrap *project, stoa_error *err)
{
  stoa_buf ontology = {0}, mapping = {0};
  const char *const name = stoa_arena_print(&b->arena, "%s.ttl", b->name);
  stoa_bootstrap_ontology(project, &ontology);
  stoa_bootstrap_mapping(project, &mapping);
  const stoa_status status = put(b, "ontology", name, &ontology, err);
  if (status != STOA_OK) {
    stoa_buf_done(&mapping);
    return status;
  }
  return put(b, "mappings", name, &mapping, err);
}

static stoa_status write_features(bootstrap *b, const stoa_bootstrap *project, const stoa_starter *s, stoa_error *err)
{
  stoa_buf entities = {0}, view = {0}, services = {0};
  stoa_starter_entities(project, s, &entities);
  STOA_TRY(put(b, "features", "entities.yaml", &entities, err));
  stoa_starter_view(project, s, &view);
  STOA_TRY(put(b, "features", stoa_arena_print(&b->arena, "%s.rq", s->name), &view, err));
  stoa_starter_services(s, &services);
  return put(b, "features", "services.yaml", &services, err);
}

static stoa_status write_starter(bootstrap *b, const stoa_bootstrap *project, stoa_error *err)
{
  const stoa_table_info *const table = stoa_starter_table(project);
  stoa_buf query = {0};
  if (table) {
    stoa_starter_query(project, table, &query);
    STOA_TRY(put(b, "queries", "first.rq", &query, err));
  }
  b->has_entity = stoa_starter_choose(project, &b->arena, &b->starter);
  return b->has_entity ? write_features(b, project, &b->starter, err) : STOA_OK;
}

static stoa_status write_project(bootstrap *b, const stoa_bootstrap *project, stoa_error *err)
{
  STOA_TRY(make_dir(b->dir, err));
  STOA_TRY(write_config(b, project, err));
  STOA_TRY(make_dir(stoa_file_join(&b->arena, b->dir, "data"), err));
  STOA_TRY(write_graphs(b, project, err));
  return write_starter(b, project, err);
}

static void tell_notes(const stoa_bootstrap *project)
{
  for (const char *const *note = project->notes; *note; ++note) {
    fprintf(stderr, "stoa: %s\n", *note);
  }
}

static stoa_status run(bootstrap *b, stoa_error *err)
{
  stoa_mapped mapped;
  stoa_bootstrap project;
  stoa_status status = stoa_mapped_open(b->url, &mapped, err);
  char *const path = status == STOA_OK ? realpath(mapped.address, NULL) : NULL;
  b->driver = mapped.driver;
  b->address = path ? path : mapped.address;
  if (status == STOA_OK) {
    status = stoa_bootstrap_prepare(&mapped, b->base, &b->options, &project, err);
  }
  if (status == STOA_OK) {
    tell_notes(&project);
    status = write_project(b, &project, err);
  }
  if (status == STOA_OK) {
    printf("next:\n  stoa check -C %s\n  stoa query -C %s %s/queries/first.rq\n", b->dir, b->dir, b->dir);
    if (b->has_entity) {
      printf("  stoa features preview -C %s %s\n", b->dir, b->starter.name);
    }
    printf("  stoa serve -C %s\n", b->dir);
  }
  free(path);
  stoa_mapped_done(&mapped);
  return status;
}

int stoa_verb_bootstrap(stoa_args *args)
{
  bootstrap b = {.dir = "."};
  stoa_error err = {0};
  STOA_LIST(const char *) keys = {0};
  const char *key;
  stoa_arena_init(&b.arena, 0);
  while (!stoa_args_end(args)) {
    if (stoa_args_option(args, "--key", &key)) {
      STOA_PUSH(&b.arena, &keys, key);
    } else if (stoa_args_flag(args, "--views")) {
      b.options.views = true;
    } else if (!stoa_args_option(args, "--source", &b.url) && !stoa_args_option(args, "--base", &b.base) &&
               !stoa_args_option(args, "-o", &b.dir)) {
      stoa_arena_done(&b.arena);
      return stoa_cli_usage("bootstrap", "cannot take \"%s\"", stoa_args_current(args));
    }
  }
  if (!b.url) {
    stoa_arena_done(&b.arena);
    return stoa_cli_usage("bootstrap", "--source URL is needed");
  }
  b.options.keys = keys.items;
  b.options.n_keys = keys.n;
  b.name = name_of(b.url, &b.arena);
  b.base = b.base ? b.base : stoa_arena_print(&b.arena, "https://%s.example/", b.name);
  const int code = run(&b, &err) == STOA_OK ? 0 : stoa_cli_fail(&err);
  stoa_arena_done(&b.arena);
  return code;
}
