#include "cli/load.h"
#include "graph/base/code.h"
#include <limits.h>
#include <unistd.h>

static stoa_status load_graph(stoa_files *files, const char *option, stoa_error *err)
{
  const char *const equals = strchr(option, '=');
  if (!equals) {
    return stoa_error_set(err, STOA_BAD_ARG, "--graph takes IRI=FILE, found \"%s\"", option);
  }
  const char *const name = stoa_arena_copy(&files->arena, (stoa_slice){option, (size_t)(equals - option)});
  return stoa_files_load(files, equals + 1, name, NULL, err);
}

stoa_status stoa_cli_load(stoa_files *files, const stoa_file_names *data, const stoa_file_names *graphs,
                          stoa_error *err)
{
  for (uint32_t i = 0; i < data->n; ++i) {
    STOA_TRY(stoa_files_load(files, data->items[i], NULL, NULL, err));
  }
  for (uint32_t i = 0; i < graphs->n; ++i) {
    STOA_TRY(load_graph(files, graphs->items[i], err));
  }
  stoa_files_finish(files);
  return STOA_OK;
}

const char *stoa_cli_base(stoa_arena *arena)
{
  char folder[PATH_MAX];
  stoa_buf iri = {0};
  if (!getcwd(folder, sizeof folder)) {
    return NULL;
  }
  stoa_buf_text(&iri, "file://");
  for (const char *at = folder; *at;) {
    const size_t n = strcspn(at, "/");
    stoa_percent_write((stoa_slice){at, n}, STOA_PERCENT_IUNRESERVED, &iri);
    at += n;
    if (*at) {
      stoa_buf_byte(&iri, *at++);
    }
  }
  stoa_buf_text(&iri, iri.data[iri.length - 1] == '/' ? "" : "/");
  const char *const copy = stoa_arena_copy(arena, (stoa_slice){iri.data, iri.length});
  stoa_buf_done(&iri);
  return copy;
}
