#ifndef STOA_CLI_FEATURES_H
#define STOA_CLI_FEATURES_H

#include "cli/rows.h"
#include "graph/base/zone.h"
#include "personalizer/engine.h"

/// What the verbs over features share.

/// Read an instant: an xsd:dateTime or xsd:date, also with a blank for its T; one without a zone has `zone`'s.
bool stoa_cli_instant(stoa_slice text, const stoa_zone *zone, int64_t *us);
/// Write a training set: the rows of the file `entities`, each with the features of `service` as they were at its
/// instant. `purpose`: for which they are read, "" for none; `from_event`: events of the log count from
/// their own time, whenever they came; `to` NULL: standard output.  Returns the exit code.
int stoa_cli_history(stoa_engine *engine, const stoa_service *service, const char *entities, const char *timestamps,
                     const char *purpose, bool from_event, const char *to);
/// Compute the rows of a file of samples (features/samples.h) again, as of their instants, and tell which are not as they
/// were served; `file` NULL: that of the project.  Returns the exit code: 1 when one differs.
int stoa_cli_replay(stoa_engine *engine, const char *file);
/// Which vectors are written, and how.
typedef struct {
  int64_t now_us;
  bool is_past; ///< as of then, not as of now: what came to the log later is not known
  const char *purpose; ///< "": none is stated
  uint32_t limit;      ///< of the first entities so many; 0: of none
  const stoa_slice *keys;
  uint32_t n_keys;
  const char *file; ///< a table whose head names the key's parts, or one key a line; or NULL
  stoa_rows_format format;
} stoa_getting;
/// Write them to standard output.  Returns the exit code.
int stoa_cli_get(stoa_engine *engine, const stoa_service *service, const stoa_getting *what, stoa_arena *arena);
/// List views and services; tell all that is known of a view, a feature or a service.  They return the exit code.
int stoa_cli_list(stoa_engine *engine, stoa_arena *arena);
int stoa_cli_show(stoa_engine *engine, const char *name, const char *purpose, stoa_arena *arena);
/// Compare the features with those that were applied: 1 when there are differences.  Apply them: keep their versions, and
/// profiles over the first `limit` entities.  Compare profiles with those: 1 when a feature has moved.
int stoa_cli_plan(stoa_engine *engine, stoa_arena *arena);
int stoa_cli_apply(stoa_engine *engine, uint32_t limit, stoa_arena *arena);
int stoa_cli_drift(stoa_engine *engine, stoa_arena *arena);
/// Erase what the engine holds of entities, and print a receipt for each: `format` is "table", "json", one a line, or NULL,
/// a table on a terminal.  Returns the exit code.
int stoa_cli_erase(const char *dir, const char *entity, const stoa_slice *keys, uint32_t n_keys, const char *format);
/// Print the registry's graph.  Returns the exit code.
int stoa_cli_registry(stoa_engine *engine);

#endif
