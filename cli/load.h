#ifndef STOA_CLI_LOAD_H
#define STOA_CLI_LOAD_H

#include "graph/base/file.h"
#include "ontology/project.h"

/// Load what --data FILE and --graph IRI=FILE name, and index it.
stoa_status stoa_cli_load(stoa_files *files, const stoa_file_names *data, const stoa_file_names *graphs,
                          stoa_error *err);
/// The base of relative IRIs where none is given: the working folder, as a file: IRI.
const char *stoa_cli_base(stoa_arena *arena);

#endif
