#ifndef STOA_ONTOLOGY_PROJECT_H
#define STOA_ONTOLOGY_PROJECT_H

#include "graph/base/yaml.h"
#include "graph/base/zone.h"
#include "ontology/mapping.h"

/// A project folder read once: configuration, sources with their catalogs, ontology, saturated mapping.
/// Immutable after `open`; counted by the snapshots that hold it.  One of the five facades.
typedef struct {
  const char *name;
  stoa_source *source;
  const stoa_catalog *catalog;
} stoa_project_source;

typedef struct stoa_project {
  stoa_arena arena;
  const char *dir, *file; ///< file: DIR/stoa.yaml
  const char *name, *base;
  stoa_zone timezone; ///< of times that are written without one, where an instant is needed
  const stoa_yaml *config;
  STOA_LIST(stoa_project_source) sources;
  stoa_model *ontology;
  stoa_hierarchy hierarchy;
  stoa_mapping mapping;
  stoa_source *native; ///< the files of `data:`; NULL when there are none
} stoa_project;

/// A source that the engine itself brings along: its state database.
typedef struct {
  const char *name, *file;
  const char *mapping; ///< R2RML in Turtle
} stoa_own_source;

/// Read DIR/stoa.yaml alone: configuration without sources, to learn where the state lies.
stoa_status stoa_project_config(const char *dir, stoa_arena *arena, const stoa_yaml **out, stoa_error *err);
/// Read `timezone:` of the configuration (zone.h); UTC when it is not there.
stoa_status stoa_project_timezone(const stoa_yaml *config, stoa_arena *arena, stoa_zone *out, stoa_error *err);
/// Open a project.  Faults of ontology and mappings go to `faults`, all of them; with any error there
/// the project is still returned, for `check`.  A status other than STOA_OK: nothing could be opened.
stoa_status stoa_project_open(const char *dir, const stoa_own_source *own, stoa_faults *faults, stoa_project **out,
                              stoa_error *err);
void stoa_project_free(stoa_project *project);

/// A graph of RDF files alone (--data, --graph), with the rewriter that asks it.
typedef struct {
  stoa_arena arena;
  stoa_mapping mapping;
  stoa_source *native;
} stoa_files;

stoa_status stoa_files_init(stoa_files *files, stoa_error *err);
/// Load a file into the default graph, or into the graph `name`.
stoa_status stoa_files_load(stoa_files *files, const char *path, const char *graph, const char *base, stoa_error *err);
/// Drop duplicates; call once after loading.
void stoa_files_finish(stoa_files *files);
void stoa_files_done(stoa_files *files);

#endif
