#ifndef STOA_FEATURES_STATE_STATE_H
#define STOA_FEATURES_STATE_STATE_H

#include "graph/base/yaml.h"
#include "graph/source/source.h"

/// The state log: the truth of the engine.  Events, decisions, rewards and closed labels are appended
/// in one order; a model is a function of the configuration and a prefix of this log.  Stores:
/// SQLite in a file (one owner, by a lock file), and SQLite in memory for simulations and tests.
///
/// Schema (docs/state.md): log(offset, kind, at), event_TYPE(...), decision, reward, label, model,
/// subject (the one erasable table: entity key -> random id).
typedef struct stoa_state stoa_state;

typedef enum { STOA_RECORD_EVENT, STOA_RECORD_DECISION, STOA_RECORD_REWARD, STOA_RECORD_LABEL } stoa_record_kind;

enum { STOA_EVENT_FIELDS = 32 };

/// A type of event, declared in stoa.yaml.
typedef struct {
  const char *name, *table;
  stoa_place place; ///< of the declaration
  const char *class_iri;
  const char *subject;   ///< template of the event's IRI, "{id}" within
  const char *id, *time; ///< names of the fields that hold the event's id and its time
  uint32_t n_fields;
  const char *fields[STOA_EVENT_FIELDS];
  stoa_place places[STOA_EVENT_FIELDS];
  const char *properties[STOA_EVENT_FIELDS]; ///< IRIs
  const char *words[STOA_EVENT_FIELDS];      ///< types as they are declared: string, integer, dateTime, ...
  const char *types[STOA_EVENT_FIELDS];      ///< SQL types of the columns
  const char *iris[STOA_EVENT_FIELDS];       ///< template when the field stands for an IRI; else NULL
  const char *datatypes[STOA_EVENT_FIELDS];  ///< XSD datatype when the column's type does not tell it
} stoa_event_type;

typedef STOA_LIST(stoa_event_type) stoa_event_types;

/// One record.  `offset` and `is_duplicate` are set by append.
typedef struct {
  stoa_record_kind kind;
  int64_t offset, at_us;
  bool is_duplicate;
  stoa_slice id;       ///< of the event; of the decision's event; of a reward (may be empty)
  stoa_slice event_id; ///< of reward and label: the decision
  // event
  const stoa_event_type *type;
  stoa_value values[STOA_EVENT_FIELDS];
  // decision
  const char *policy, *action;
  const char *entity;                  ///< entity of the subject; NULL for none
  stoa_slice subject_key, subject_iri; ///< kept in the subject table alone; the log holds a random id
  double probability;
  int64_t seed, model_offset;
  stoa_slice example;   ///< the encoded example
  stoa_slice answer;    ///< the answer that was given, JSON
  int64_t closes_at_us; ///< when the label closes; 0: at the first reward
  uint32_t chosen;
  bool is_active;
  // reward, label
  double value;
} stoa_record;

/// Read `events:` of the configuration.
stoa_status stoa_event_types_read(const stoa_yaml *config, const char *base, stoa_arena *arena, stoa_event_types *out,
                                  stoa_error *err);
/// Write the R2RML mapping of the state database in Turtle: decisions, rewards and the events.
const char *stoa_state_mapping(const stoa_event_types *types, stoa_arena *arena);

/// Tell which of the event types, and which of their fields, a state database has tables and columns for; `all`: it has
/// all of them.  A field that the state has and the declaration has not, or has in another type, is refused with its
/// place: STOA_CONFLICT.
stoa_status stoa_state_present(const char *file, const stoa_event_types *types, stoa_arena *arena,
                               stoa_event_types *out, bool *all, stoa_error *err);

/// Open (and create) the state in `file`; NULL keeps it in memory.  STOA_CONFLICT: another process owns
/// it.
stoa_status stoa_state_open(const char *file, const stoa_event_types *types, stoa_state **out, stoa_error *err);
void stoa_state_close(stoa_state *state);
/// Append records in order, in one transaction, durable when it returns.
stoa_status stoa_state_append(stoa_state *state, stoa_record *records, size_t n, stoa_error *err);
/// Find a decision by its event id; false when there is none.
bool stoa_state_decision(stoa_state *state, stoa_slice event_id, stoa_arena *arena, stoa_record *out);
/// True when the label of an event is closed.
bool stoa_state_is_closed(stoa_state *state, stoa_slice event_id);
/// Call `apply` for every closed label of a policy after `offset`, in log order, with its decision.
stoa_status stoa_state_replay(stoa_state *state, const char *policy, int64_t offset,
                              void (*apply)(const stoa_record *decision, const stoa_record *label, void *data),
                              void *data, stoa_error *err);
/// Decisions whose wait time is over and whose label is open, at most `limit`: event ids with the reward
/// that their rewards make (earliest), or `fallback` without one.
typedef STOA_LIST(stoa_record) stoa_records;
stoa_status stoa_state_due(stoa_state *state, const char *policy, int64_t now_us, double fallback, bool sum,
                           uint32_t limit, stoa_arena *arena, stoa_records *out, stoa_error *err);
/// Keep and find model snapshots.
stoa_status stoa_state_put_model(stoa_state *state, const char *policy, int64_t offset, stoa_slice bytes,
                                 stoa_error *err);
bool stoa_state_get_model(stoa_state *state, const char *policy, stoa_arena *arena, int64_t *offset, stoa_slice *bytes);
/// The last offset of the log.
int64_t stoa_state_offset(const stoa_state *state);

#endif
