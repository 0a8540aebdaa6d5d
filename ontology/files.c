// RDF files as the native graph.
#include "ontology/project.h"

stoa_status stoa_files_init(stoa_files *files, stoa_error *err)
{
  stoa_arena_init(&files->arena, 0);
  stoa_mapping_init(&files->mapping, &files->arena);
  files->native = stoa_source_native_new("data");
  files->mapping.native = files->native;
  return files->native ? STOA_OK : stoa_error_set(err, STOA_NO_MEM, "no memory for a graph");
}

typedef struct {
  stoa_source *native;
  stoa_term graph;
  stoa_arena arena;
  uint32_t file_number;
} load;

static stoa_term own_blank(load *l, stoa_term t)
{
  if (t.kind != STOA_TERM_BLANK) {
    return t;
  }
  return stoa_term_blank(
    stoa_slice_of(stoa_arena_print(&l->arena, "f%u%.*s", l->file_number, (int)t.length, t.as.text)));
}

static void take(const stoa_statement *st, void *data)
{
  load *const l = data;
  stoa_arena_reset(&l->arena);
  stoa_source_native_add(l->native, own_blank(l, st->subject), st->predicate, own_blank(l, st->object),
                         stoa_term_is_bound(l->graph) ? l->graph : st->graph);
}

stoa_status stoa_files_load(stoa_files *files, const char *path, const char *graph, const char *base, stoa_error *err)
{
  load l = {.native = files->native, .file_number = (uint32_t)stoa_source_native_count(files->native)};
  if (graph) {
    l.graph = stoa_term_iri(stoa_slice_of(graph));
  }
  stoa_arena_init(&l.arena, 0);
  const stoa_status status = stoa_rdf_read(path, base, take, &l, err);
  stoa_arena_done(&l.arena);
  return status;
}

void stoa_files_finish(stoa_files *files)
{
  stoa_source_native_finish(files->native);
}

void stoa_files_done(stoa_files *files)
{
  stoa_source_free(files->native);
  stoa_arena_done(&files->arena);
}
