#ifndef STOA_CLI_LOAD_H
#define STOA_CLI_LOAD_H

#include "graph/base/file.h"
#include "ontology/project.h"

/// Load what --data FILE and --graph IRI=FILE name, and index it.
stoa_status stoa_cli_load(stoa_files *files, const stoa_file_names *data, const stoa_file_names *graphs,
                          const char *base, stoa_error *err);

#endif
