#ifndef STOA_FEATURES_READS_H
#define STOA_FEATURES_READS_H

#include "features/feature.h"
#include "features/state/state.h"

/// What the rows of a view depend on, so that they can be kept until one of it changes.

/// Whose rows a record of the log can change.
typedef enum {
  STOA_REACH_NONE,
  STOA_REACH_ONE, ///< of the entities that the record itself names
  STOA_REACH_ALL  ///< anybody's
} stoa_reach;

/// How a record names an entity: by an IRI that is made from its fields.
typedef struct {
  const stoa_template *iri;
  uint32_t fields[STOA_TEMPLATE_COLUMNS]; ///< of the event type, for each column of the template
} stoa_naming;

/// Of one type of event.
typedef struct {
  const stoa_event_type *type;
  stoa_reach reach;
  STOA_LIST(stoa_naming) namings; ///< of ONE
  stoa_var record;                ///< each of its events adds the rows that have it here, and changes no other;
                                  ///< STOA_NO_VAR: it may do more
  stoa_naming own;                ///< where there is such a variable: how an event names itself
} stoa_event_reach;

typedef struct {
  bool time;   ///< the instant of the request, in ways that the view's windows do not tell
  bool untold; ///< what nobody tells of: endpoints, functions that may give another value each time
  bool rewards;         ///< the rewards in the log
  stoa_reach decisions; ///< ONE: each names its subject
  STOA_LIST(stoa_event_reach) events; ///< those that reach it
  STOA_LIST(stoa_source *) sources;   ///< other than the state, and the files of `data:`, which a reload alone changes
} stoa_reads;

/// Tell it of a view of kind query or window.  The lists lie in `arena`; types and templates are borrowed.
stoa_status stoa_view_reads(const stoa_view *view, const stoa_project *project, const stoa_event_types *types,
                            stoa_arena *arena, stoa_reads *out, stoa_error *err);
/// The source of a name that has to be asked for its changes; NULL: it is none, the log, or what is loaded.
stoa_source *stoa_reads_source(const stoa_project *project, const char *name);
/// True when a plan reads the engine's log.
bool stoa_plan_reads_log(const stoa_plan *plan, stoa_arena *arena);
/// The keys of the entities that an event names, n_keys parts each; *all: it cannot be told, and may be anybody.
typedef STOA_LIST(const stoa_slice *) stoa_entity_keys;
void stoa_event_entities(const stoa_entity *entity, const stoa_event_reach *reach, const stoa_record *event,
                         stoa_arena *arena, stoa_entity_keys *out, bool *all);
/// The IRI of an event by its naming; false where it cannot be told here.
bool stoa_event_iri(const stoa_naming *own, const stoa_record *event, stoa_arena *arena, stoa_slice *out);
/// The key that an IRI is made from; false: no key makes it.
bool stoa_iri_entity(const stoa_entity *entity, stoa_slice iri, stoa_arena *arena, const stoa_slice **out);

#endif
