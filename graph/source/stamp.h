#ifndef STOA_GRAPH_SOURCE_STAMP_H
#define STOA_GRAPH_SOURCE_STAMP_H

#include "graph/base/buf.h"
#include <stdbool.h>

/// Whether files are those of before, by their inodes, sizes and times.  Texts that are equal mean that nothing was
/// written in between; a file that was written only now gets a text that is equal to none, for the next write may have
/// the same time.

/// Append the stamp of a file; one that is not there has a stamp too.
void stoa_stamp_file(const char *path, stoa_buf *out);
/// Append those of a database of SQLite: its file, and its journals.
void stoa_stamp_sqlite(const char *path, stoa_buf *out);
/// Append those of a folder and of the files in it.  False: it cannot be read.
bool stoa_stamp_folder(const char *path, stoa_buf *out);

#endif
