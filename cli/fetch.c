// RDF documents from the net, for LOAD.
#include "cli/fetch.h"
#include "graph/http/client.h"
#include "graph/rdf/reader.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  MOST_BYTES = 1 << 28,
  // The ends of a child that reached the end of its document; anything else, a sanitizer's 1 as well, is a crash.
  READ_WELL = 40,
  READ_A_FAULT = 41,
};

static const char *ending_of(const char *type, const char *iri)
{
  static const char *const endings[][2] = {{"text/turtle", ".ttl"},          {"application/n-triples", ".nt"},
                                           {"application/n-quads", ".nq"},   {"application/rdf+xml", ".rdf"},
                                           {"application/trig", ".trig"},    {"text/n3", ".n3"},
                                           {"application/x-turtle", ".ttl"}, {"text/plain", NULL}};
  static const char *const known[] = {".ttl", ".nt", ".nq", ".rdf", ".trig", ".n3"};
  for (size_t i = 0; i < sizeof endings / sizeof *endings; ++i) {
    if (endings[i][1] && strncmp(type, endings[i][0], strlen(endings[i][0])) == 0) {
      return endings[i][1];
    }
  }
  const char *const dot = strrchr(iri, '.');
  for (size_t i = 0; dot && i < sizeof known / sizeof *known; ++i) {
    if (strcmp(dot, known[i]) == 0) {
      return known[i];
    }
  }
  return NULL;
}

static stoa_status write_file(const char *ending, stoa_slice body, stoa_arena *arena, const char **path,
                              stoa_error *err)
{
  const char *const folder = getenv("TMPDIR");
  char *const name = stoa_arena_print(arena, "%s/stoa-XXXXXX%s", folder ? folder : "/tmp", ending);
  const int fd = mkstemps(name, (int)strlen(ending));
  FILE *const file = fd < 0 ? NULL : fdopen(fd, "wb");
  if (!file) {
    return stoa_error_at(err, STOA_IO, (stoa_place){name, 0, 0}, "%s", strerror(errno));
  }
  const bool good = fwrite(body.data, 1, body.length, file) == body.length;
  *path = name;
  return fclose(file) == 0 && good ? STOA_OK
                                   : stoa_error_at(err, STOA_IO, (stoa_place){name, 0, 0}, "%s", strerror(errno));
}

static void ignore(const stoa_statement *statement, void *data)
{
  (void)statement, (void)data;
}

static stoa_status try_apart(const char *iri, const char *path, stoa_error *err)
{
  int code = 0;
  const pid_t child = fork();
  if (child == 0) {
    stoa_error fault = {0};
    _exit(stoa_rdf_read(path, iri, ignore, NULL, &fault) == STOA_OK ? READ_WELL : READ_A_FAULT);
  }
  while (child > 0 && waitpid(child, &code, 0) < 0 && errno == EINTR) {
  }
  // A document that can be read to its end tells its fault when it is read again.
  return child > 0 && WIFEXITED(code) && (WEXITSTATUS(code) == READ_WELL || WEXITSTATUS(code) == READ_A_FAULT)
           ? STOA_OK
           : stoa_error_set(err, STOA_BAD_SYNTAX, "<%s> holds a document that the RDF reader does not survive", iri);
}

stoa_status stoa_cli_fetch(const char *iri, stoa_context *context, stoa_arena *arena, const char **path,
                           stoa_error *err)
{
  const stoa_http_request ask = {.url = iri,
                                 .accept =
                                   "text/turtle, application/n-triples, application/n-quads, application/rdf+xml",
                                 .timeout_ms = context->service_timeout_ms,
                                 .most_bytes = MOST_BYTES,
                                 .redirects = true};
  stoa_slice body;
  const char *type;
  STOA_TRY(stoa_http_ask(&ask, context, arena, &body, &type, err));
  const char *const ending = ending_of(type, iri);
  if (!ending) {
    return stoa_error_set(err, STOA_UNSUPPORTED, "<%s> answered \"%s\", which is no RDF syntax", iri, type);
  }
  STOA_TRY(write_file(ending, body, arena, path, err));
  const stoa_status status = try_apart(iri, *path, err);
  if (status != STOA_OK) {
    unlink(*path);
  }
  return status;
}
