#include "cli/load.h"

static stoa_status load_graph(stoa_files *files, const char *option, const char *base, stoa_error *err)
{
  const char *const equals = strchr(option, '=');
  if (!equals) {
    return stoa_error_set(err, STOA_BAD_ARG, "--graph takes IRI=FILE, found \"%s\"", option);
  }
  const char *const name = stoa_arena_copy(&files->arena, (stoa_slice){option, (size_t)(equals - option)});
  return stoa_files_load(files, equals + 1, name, base, err);
}

stoa_status stoa_cli_load(stoa_files *files, const stoa_file_names *data, const stoa_file_names *graphs,
                          const char *base, stoa_error *err)
{
  for (uint32_t i = 0; i < data->n; ++i) {
    STOA_TRY(stoa_files_load(files, data->items[i], NULL, base, err));
  }
  for (uint32_t i = 0; i < graphs->n; ++i) {
    STOA_TRY(load_graph(files, graphs->items[i], base, err));
  }
  stoa_files_finish(files);
  return STOA_OK;
}
