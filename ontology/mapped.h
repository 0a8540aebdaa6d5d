#ifndef STOA_ONTOLOGY_MAPPED_H
#define STOA_ONTOLOGY_MAPPED_H

#include "ontology/mapping.h"

/// One R2RML mapping over one database, without a project or an ontology: what `stoa map` runs.
typedef struct {
  stoa_arena arena;
  const char *driver, *address; ///< as stoa.yaml names them
  stoa_source *source;
  const stoa_catalog *catalog;
  stoa_hierarchy hierarchy;
  stoa_mapping mapping;
} stoa_mapped;

/// Open the source `url` (sqlite:FILE, postgresql://..., odbc:CONNECTION, csv:FOLDER).  The result is to be freed
/// whatever the status.
stoa_status stoa_mapped_open(const char *url, stoa_mapped *out, stoa_error *err);
/// Read a mapping; its faults go to `faults`.  `base` is put before relative IRIs that rows make.
stoa_status stoa_mapped_read(stoa_mapped *mapped, const char *file, const char *base, stoa_faults *faults,
                             stoa_error *err);
/// Use the Direct Mapping of the database instead.
stoa_status stoa_mapped_direct(stoa_mapped *mapped, const char *base, stoa_faults *faults, stoa_error *err);
void stoa_mapped_done(stoa_mapped *mapped);

#endif
