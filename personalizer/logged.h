#ifndef STOA_PERSONALIZER_LOGGED_H
#define STOA_PERSONALIZER_LOGGED_H

#include "graph/base/arena.h"
#include "graph/base/error.h"
#include "personalizer/offpolicy.h"

/// Logs of decisions, read from files: tables (CSV), such as the Open Bandit Dataset's, and dsjson lines, as
/// VW-based services write them.

typedef STOA_LIST(const char *) stoa_names;

typedef struct {
  stoa_names actions, groups, segments; ///< by their numbers
  STOA_LIST(stoa_logged) events;        ///< pi is not set
  STOA_LIST(uint32_t) segment_of;       ///< of each event
  STOA_LIST(const double *) logged;     ///< of each event: what the policy that wrote it gave its actions; NULL: of the
                                        ///< shown one alone is known
  bool has_first; ///< the first action of each event is the baseline
  uint32_t n_skipped; ///< lines of dsjson that are no decisions with a label
} stoa_log;

/// Columns of a table; NULL: the names of the Open Bandit Dataset (item_id, click, propensity_score, and position where
/// there is such a column), or action, reward, propensity.
typedef struct {
  const char *action, *reward, *propensity, *group, *segment;
} stoa_log_columns;

/// Read a log whole into `arena`; a name that ends in .csv is a table.  Errors have the file and line: a propensity
/// that is not above 0 and at most 1, a reward that is no finite number, a column that is not there.
stoa_status stoa_log_read(const char *path, const stoa_log_columns *columns, stoa_arena *arena, stoa_log *out,
                          stoa_error *err);

#endif
