#ifndef STOA_PERSONALIZER_LAYER_H
#define STOA_PERSONALIZER_LAYER_H

#include "features/watch.h"
#include "features/state/state.h"
#include "personalizer/policy.h"
#include "personalizer/rail_plan.h"

/// What a reload replaces: a project with its feature views.  Immutable while anybody holds it, but for
/// the rows that are kept.
typedef struct {
  stoa_project *project;
  stoa_registry *registry;
  struct stoa_own_graph *catalog; ///< the registry as RDF, for queries that name it
  const stoa_policies *policies;  ///< told there with the services that they ask; they outlive the layer.  Or NULL
  stoa_rail_plans *rails; ///< the rules of `policies`, planned; NULL: not yet
  stoa_keep *keep; ///< rows of its views that are kept between requests; NULL: none are
  stoa_watches *watches; ///< of its views that have conditions; NULL: nobody is told
} stoa_layer;

/// The layer that is current, and older ones as long as requests hold them.  Any thread.
typedef struct stoa_layers stoa_layers;

/// Read a project folder.  `state_file` NULL: there is no state to be part of the graph; `types` are those event types
/// that it has tables for; `reach`: how much of its log.  Faults go to `faults`, all of them; a status other than STOA_OK: nothing could be opened.
stoa_status stoa_layer_open(const char *dir, const char *state_file, stoa_log_reach reach, const stoa_event_types *types,
                            stoa_faults *faults, stoa_layer **out, stoa_error *err);
/// Plan the rails of its `policies`; what is wrong with them goes to `faults`.  Before anybody else has the layer.
stoa_status stoa_layer_plan_rails(stoa_layer *layer, stoa_faults *faults, stoa_error *err);
/// Release a layer that nobody else has seen.
void stoa_layer_free(stoa_layer *layer);

/// Make `first`, which it takes, the current layer; NULL when there is no memory (then `first` stays the caller's).
stoa_layers *stoa_layers_new(stoa_layer *first);
/// Release all of them; nobody may hold one any more.
void stoa_layers_free(stoa_layers *layers);
/// The current layer, not counted: for those who know that nobody reloads.
const stoa_layer *stoa_layers_current(const stoa_layers *layers);
/// Take the layer that is current now, and give it back.  The last who gives one back waits for nothing: it is
/// released by a thread of its own, since that takes milliseconds.
stoa_layer *stoa_layers_take(stoa_layers *layers);
void stoa_layers_drop(stoa_layers *layers, stoa_layer *layer);
/// Put what `open` makes in the place of the current layer, one replacement at a time; when it fails nothing changes.
stoa_status stoa_layers_replace(stoa_layers *layers, stoa_status (*open)(void *data, stoa_layer **out, stoa_error *err),
                                void *data, stoa_error *err);

#endif
