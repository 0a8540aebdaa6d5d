#ifndef STOA_FEATURES_RECEIPT_H
#define STOA_FEATURES_RECEIPT_H

#include "features/feature.h"
#include "features/state/erasure.h"

/// An erasure, from the entity that is named to the receipt for who asked: what is to be erased from the log, and which
/// sources, that are only read, hold the entity still.

/// A table of a source of which a row makes the entity's IRI.
typedef struct {
  const char *source, *table;                                    ///< table: a name, or the text of an R2RML view
  STOA_LIST(const char *) columns;                               ///< of the key
  STOA_LIST(const char *) views;                                 ///< of features that read the table
  enum { STOA_HOLDS_NOT, STOA_HOLDS, STOA_HOLDS_UNKNOWN } holds; ///< UNKNOWN: the source could not be asked
} stoa_holding;

typedef struct {
  stoa_arena arena; ///< of the erasure
  stoa_erasure erasure;
  const stoa_entity *entity;
  const char *salt; ///< of the erasure's hash: sha256(salt + entity's name + "|" + key)
  STOA_LIST(stoa_holding) held;
  const stoa_event_types *types;
} stoa_receipt;

/// Prepare the erasure of the entity with this key.  It lives in `arena`, with an arena of its own; what it names is
/// borrowed from the registry and the types.
/// Errors: a key that is none of the entity's; STOA_UNSUPPORTED: it cannot be told which events of a type name it.
stoa_status stoa_receipt_new(const stoa_registry *registry, const stoa_event_types *types, const stoa_entity *entity,
                             stoa_slice key, stoa_context *context, stoa_arena *arena, stoa_receipt **out,
                             stoa_error *err);
/// Write it as JSON, on one line, once its erasure was appended; `state_file` NULL: the state is in memory.
void stoa_receipt_write(const stoa_receipt *receipt, const char *state_file, stoa_buf *out);
/// Tell of each `same_as` of an entity that no such event is declared, or that the event does not name both.
void stoa_same_as_check(const stoa_registry *registry, const stoa_event_types *types, stoa_faults *faults);

#endif
