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

static stoa_status write_config(bootstrap *b, stoa_error *err)
{
  stoa_buf text = {0};
  stoa_buf_print(&text, "project: %s\nbase: %s\nsources:\n  %s: {driver: %s, address: ", b->name, b->base, b->name,
                 b->driver);
  stoa_buf_json(&text, stoa_slice_of(b->address));
  stoa_buf_print(&text, ", mappings: [mappings/%s.ttl]}\nontology: [ontology/%s.ttl]\n", b->name, b->name);
  stoa_buf_text(&text, "state: {driver: sqlite, address: data/state.db}\n");
  const stoa_status status = write_file(b, "stoa.yaml", &text, err);
  stoa_buf_done(&text);
  return status;
}

static stoa_status write_graph(bootstrap *b, const char *folder, const stoa_catalog *catalog,
                               void (*write)(const stoa_catalog *, const char *, stoa_buf *), stoa_error *err)
{
  stoa_buf text = {0};
  write(catalog, stoa_arena_print(&b->arena, "%sontology#", b->base), &text);
  stoa_status status = make_dir(stoa_file_join(&b->arena, b->dir, folder), err);
  if (status == STOA_OK) {
    status = write_file(b, stoa_arena_print(&b->arena, "%s/%s.ttl", folder, b->name), &text, err);
  }
  stoa_buf_done(&text);
  return status;
}

static stoa_status run(bootstrap *b, stoa_error *err)
{
  stoa_mapped mapped;
  stoa_status status = stoa_mapped_open(b->url, &mapped, err);
  char *const path = status == STOA_OK ? realpath(mapped.address, NULL) : NULL;
  b->driver = mapped.driver;
  b->address = path ? path : mapped.address;
  if (status == STOA_OK && (status = make_dir(b->dir, err)) == STOA_OK && (status = write_config(b, err)) == STOA_OK &&
      (status = write_graph(b, "ontology", mapped.catalog, stoa_bootstrap_ontology, err)) == STOA_OK) {
    status = write_graph(b, "mappings", mapped.catalog, stoa_bootstrap_mapping, err);
  }
  free(path);
  stoa_mapped_done(&mapped);
  return status;
}

int stoa_verb_bootstrap(stoa_args *args)
{
  bootstrap b = {.dir = "."};
  stoa_error err = {0};
  while (!stoa_args_end(args)) {
    if (!stoa_args_option(args, "--source", &b.url) && !stoa_args_option(args, "--base", &b.base) &&
        !stoa_args_option(args, "-o", &b.dir)) {
      return stoa_cli_usage("bootstrap", "cannot take \"%s\"", stoa_args_current(args));
    }
  }
  if (!b.url) {
    return stoa_cli_usage("bootstrap", "--source URL is needed");
  }
  stoa_arena_init(&b.arena, 0);
  b.name = name_of(b.url, &b.arena);
  b.base = b.base ? b.base : stoa_arena_print(&b.arena, "https://%s.example/", b.name);
  const int code = run(&b, &err) == STOA_OK ? 0 : stoa_cli_fail(&err);
  if (code == 0) {
    printf("next: stoa check -C %s\n", b.dir);
  }
  stoa_arena_done(&b.arena);
  return code;
}
