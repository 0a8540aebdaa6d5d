#ifndef STOA_GRAPH_BASE_FILE_H
#define STOA_GRAPH_BASE_FILE_H

#include "graph/base/arena.h"
#include "graph/base/error.h"

/// Read a whole file (at most 64 MiB) into the arena, terminated.
stoa_status stoa_file_read(const char *path, stoa_arena *arena, stoa_slice *out, stoa_error *err);
/// When a file was written, in microseconds since 1970; 0 when it is not there.
int64_t stoa_file_changed(const char *path);
/// Read a file of any size into memory of its own; `stoa_file_unmap` lets it go.
stoa_status stoa_file_map(const char *path, stoa_slice *out, stoa_error *err);
void stoa_file_unmap(stoa_slice mapped);
/// Return `path` when it is absolute, else DIR/PATH.
const char *stoa_file_join(stoa_arena *arena, const char *dir, const char *path);
typedef STOA_LIST(const char *) stoa_file_names;
/// Add the files that match a shell pattern (`ontology/*.ttl` below `dir`), sorted by name.  No match is no failure; a
/// folder that cannot be read is one.
stoa_status stoa_file_glob(const char *dir, const char *pattern, stoa_arena *arena, stoa_file_names *out,
                           stoa_error *err);
/// Return the candidate nearest to `name` (edit distance at most a third of it), or NULL.
const char *stoa_nearest(const char *name, const char *const *candidates, size_t n);

#endif
