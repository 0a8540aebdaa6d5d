#ifndef STOA_FEATURES_STATE_STATE_H
#define STOA_FEATURES_STATE_STATE_H

#include "graph/base/yaml.h"
#include "graph/source/source.h"
#include "ontology/hierarchy.h"

/// The state log: the truth of the engine.  Events, decisions, rewards, closed labels and options of learners are
/// appended in one order; a model is a function of the configuration and a prefix of this log.  Stores:
/// SQLite in a file (one owner, owner.h), and SQLite in memory for simulations and tests.
///
/// Schema (docs/state.md): log(offset, kind, at), event_TYPE(...), decision, reward, label, options, model, waiting
/// (decisions whose label is open), subject (whose a random id is: entity key -> random id), erasure.  An entity can be
/// erased from all of it (erasure.h).
typedef struct stoa_state stoa_state;

typedef enum {
  STOA_RECORD_EVENT,
  STOA_RECORD_DECISION,
  STOA_RECORD_REWARD,
  STOA_RECORD_LABEL,
  STOA_RECORD_OPTIONS, ///< of a policy's learner, from here on
  STOA_RECORD_ERASURE, ///< an entity was erased
  STOA_RECORD_ERASED   ///< what is left of an event that was erased: its offset, and when it came; never appended
} stoa_record_kind;

enum { STOA_EVENT_FIELDS = 32 };

/// A type of event, declared in stoa.yaml.
typedef struct {
  const char *name, *table;
  stoa_place place; ///< of the declaration
  const char *class_iri;
  stoa_place class_place;
  const char *subject;   ///< template of the event's IRI, "{id}" within
  const char *id, *time; ///< names of the fields that hold the event's id and its time
  const char *known;     ///< of the field that says when it was known; NULL: when it came to the log
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
  stoa_value *values; ///< of its fields; the record's maker owns them
  // decision
  const char *policy, *action;
  const char *entity;                  ///< entity of the subject; NULL for none
  stoa_slice subject_key, subject_iri; ///< kept in the subject table alone; the log holds a random id
  double probability;
  int64_t seed, model_offset;
  stoa_slice example;   ///< the encoded example
  stoa_slice answer;    ///< the answer that was given, JSON
  stoa_slice rails;     ///< which actions rails took away, and why, JSON; empty: there are none
  int64_t closes_at_us; ///< when the label closes; 0: at the first reward
  uint32_t chosen;
  // reward, label
  double value;
  bool is_late; ///< the reward came after its label: it is kept, and counts for nothing
  // options
  uint32_t bits;
  double rate;
  // erasure
  struct stoa_erasure *erasure; ///< what is erased, and where what was done is told (erasure.h)
} stoa_record;

/// Read `events:` of the configuration.
stoa_status stoa_event_types_read(const stoa_yaml *config, const char *base, stoa_arena *arena, stoa_event_types *out,
                                  stoa_error *err);
/// Tell each class and property of the event types that is no IRI, or that an ontology which declares any does not
/// have: the state's mapping would make events that no query finds.
void stoa_event_types_check(const stoa_event_types *types, const stoa_hierarchy *hierarchy, stoa_faults *faults);
/// How much of the log is part of the graph.
typedef enum {
  STOA_LOG_WHOLE,
  STOA_LOG_REPLAY, ///< up to the request's offset (stoa_context.known_offset); slower
  STOA_LOG_PAST    ///< the same, but events that say when they were known by that instant; slower
} stoa_log_reach;

/// In LOG_PAST, of each event in the graph STOA_LOG_GRAPH: its offset, and the instant that it says.
#define STOA_LOG_GRAPH "https://stoa.example/ns#log"
#define STOA_LOG_OFFSET "https://stoa.example/ns#logOffset"
#define STOA_LOG_KNOWN "https://stoa.example/ns#knownAt"

/// Write the R2RML mapping of the state database in Turtle: decisions, rewards and the events.
const char *stoa_state_mapping(const stoa_event_types *types, stoa_log_reach reach, stoa_arena *arena);
/// True for a table of such a mapping, by its name or by the text of its R2RML view, that has the rows of `table`.
bool stoa_state_is_table(const char *text, const char *table);

/// Tell which of the event types, and which of their fields, a state database has tables and columns for; `all`: it has
/// all of them.  A field that the state has and the declaration has not, or has in another type, is refused with its
/// place: STOA_BAD_MAPPING.
stoa_status stoa_state_present(const char *file, const stoa_event_types *types, stoa_arena *arena,
                               stoa_event_types *out, bool *all, stoa_error *err);

/// Open (and create) the state in `file`; NULL keeps it in memory.  STOA_CONFLICT: another process owns
/// it, and nothing else is.
stoa_status stoa_state_open(const char *file, const stoa_event_types *types, stoa_state **out, stoa_error *err);
void stoa_state_close(stoa_state *state);
/// STOA_IO once the file of the state is no longer the one of its name: nothing more is acknowledged until it is opened
/// anew.  Any thread.
stoa_status stoa_state_check(const stoa_state *state, stoa_error *err);
/// Append records in order, in one transaction, durable when it returns.  An erasure erases what the log holds when its
/// turn comes, records before it in the same append included; what cannot be wiped from the files then waits for
/// stoa_state_wipe.  When offsets are taken that this process has
/// not given, nothing is appended: STOA_INTERNAL.  STOA_IO as stoa_state_check tells it.
stoa_status stoa_state_append(stoa_state *state, stoa_record *records, size_t n, stoa_error *err);

/// Write the files anew after an erasure, so that no bytes of it are left in pages that are free, or in the write-ahead
/// log.  An append with an erasure does it; while somebody reads the state it cannot: STOA_UNAVAILABLE.  Then it is to
/// be called again; so it is when the state is opened.  Does nothing when nothing is left.
stoa_status stoa_state_wipe(stoa_state *state, stoa_error *err);

/// Look-ups: STOA_NOT_FOUND, which sets no error, when there is none; anything else but STOA_OK is a failure.
/// A decision by its event id.
stoa_status stoa_state_decision(stoa_state *state, stoa_slice event_id, stoa_arena *arena, stoa_record *out,
                                stoa_error *err);
/// A reward by its own id.
stoa_status stoa_state_reward(stoa_state *state, stoa_slice reward_id, stoa_arena *arena, stoa_record *out,
                              stoa_error *err);
/// STOA_OK when the label of an event is closed.
stoa_status stoa_state_is_closed(stoa_state *state, stoa_slice event_id, stoa_error *err);
/// Call `apply` for every closed label of a policy with an offset above `after` and below `before`, in log order, with
/// its decision, which has no example when it was about an entity that was erased.
stoa_status stoa_state_replay(stoa_state *state, const char *policy, int64_t after, int64_t before,
                              void (*apply)(const stoa_record *decision, const stoa_record *label, void *data),
                              void *data, stoa_error *err);

typedef STOA_LIST(stoa_record) stoa_records;
/// Decisions whose wait time is over and whose label is open, at most `limit`, those first that closed first: labels
/// with the reward that came in time (the earliest, or their sum), or `fallback` without one.
stoa_status stoa_state_due(stoa_state *state, const char *policy, int64_t now_us, double fallback, bool sum,
                           uint32_t limit, stoa_arena *arena, stoa_records *out, stoa_error *err);
/// How many labels of a policy are open and wait for their time.
typedef struct {
  const char *policy;
  int64_t n;
} stoa_waiting;
typedef STOA_LIST(stoa_waiting) stoa_waiting_list;
/// Read that of each policy from a state's file, whoever owns it; none when there is no file.
stoa_status stoa_state_waiting(const char *file, stoa_arena *arena, stoa_waiting_list *out, stoa_error *err);
/// All options that a policy's learner has had, in log order.
stoa_status stoa_state_options(stoa_state *state, const char *policy, stoa_arena *arena, stoa_records *out,
                               stoa_error *err);
/// Keep and find model snapshots.
stoa_status stoa_state_put_model(stoa_state *state, const char *policy, int64_t offset, stoa_slice bytes,
                                 stoa_error *err);
stoa_status stoa_state_get_model(stoa_state *state, const char *policy, stoa_arena *arena, int64_t *offset,
                                 stoa_slice *bytes, stoa_error *err);
/// The last offset of the log.
int64_t stoa_state_offset(const stoa_state *state);

#endif
