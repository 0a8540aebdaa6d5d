#ifndef STOA_FEATURES_STATE_ERASURE_H
#define STOA_FEATURES_STATE_ERASURE_H

#include "features/state/state.h"
#include "graph/term/template.h"

struct sqlite3;

/// Erasing an entity from the log: the events that name it, and whose its decisions were.

/// How events of a type name something: by an IRI that is made of their fields.
typedef struct {
  const stoa_event_type *type;
  const stoa_template *iri;
  uint32_t fields[STOA_TEMPLATE_COLUMNS]; ///< of the type, for each column of the template
} stoa_event_naming;

/// Who is somebody else as well: what an event of `type` names by `iri`, together with one of `as`, is that one.
typedef struct {
  const char *entity, *as;  ///< names of entities, such as visitor and customer
  const stoa_template *iri; ///< of `entity`
  const stoa_event_type *type;
} stoa_identity;

typedef struct {
  const char *entity;
  stoa_slice key; ///< in one text; empty: it is known by its IRI alone
  stoa_slice iri;
} stoa_erased;

enum { STOA_MOST_GONE = 4096 };

/// One erasure.  What is asked is set before it is appended, the rest by those who do it; all of it lies in `arena`.
typedef struct stoa_erasure {
  // what is asked
  stoa_arena *arena;
  stoa_erased who;
  const char *hash; ///< of the key, with a salt that the log does not get
  const stoa_event_naming *namings;
  const stoa_identity *identities;
  uint32_t n_namings, n_identities;
  // what was done
  int64_t at_us, offset;
  STOA_LIST(stoa_erased) all; ///< the one that is asked for, and then who else it is
  uint64_t *n_events;         ///< of each declared type, in their order
  uint64_t n_decisions, n_rewards;
  STOA_LIST(const char *) unread; ///< tables of event types that are declared no more: nobody knows whom they name
  stoa_records
    gone;         ///< what readers of the log knew of it: the first STOA_MOST_GONE events, and whose the decisions were
  bool more_gone; ///< there were more
  bool is_wiped;  ///< no file of the state has any bytes of it
  uint64_t n_samples; ///< rows that were sampled (features/samples.h), and are not any more
  uint64_t n_kept;               ///< rows of features that were kept (features/keep.h), and are not any more
  STOA_LIST(const char *) views; ///< whose kept rows are made anew
} stoa_erasure;

/// For sqlite_state.c: erase, within its transaction.  False: the database fails.
bool stoa_erasure_rows(struct sqlite3 *db, const stoa_event_types *types, stoa_erasure *erasure);
/// Write a database in a file anew.
stoa_status stoa_erasure_wipe(struct sqlite3 *db, stoa_error *err);

#endif
