#ifndef STOA_FEATURES_FEATURE_H
#define STOA_FEATURES_FEATURE_H

#include "graph/exec/run.h"
#include "ontology/project.h"

/// What feature files declare.  All of it is immutable and lives in the registry's arena.

/// Something that features describe: a class with a key and the template of its IRI.
typedef struct {
  const char *name;
  const char *class_iri;
  const char *key; ///< name of the (single) key column
  const stoa_template *iri;
} stoa_entity;

/// The type in which a feature is served.
typedef enum {
  STOA_FEATURE_ANY,
  STOA_FEATURE_INTEGER,
  STOA_FEATURE_DOUBLE,
  STOA_FEATURE_DECIMAL,
  STOA_FEATURE_STRING,
  STOA_FEATURE_BOOLEAN
} stoa_feature_type;

typedef enum { STOA_VIEW_QUERY, STOA_VIEW_WINDOW } stoa_view_kind;

typedef enum {
  STOA_WINDOW_COUNT,
  STOA_WINDOW_SUM,
  STOA_WINDOW_AVG,
  STOA_WINDOW_MIN,
  STOA_WINDOW_MAX,
  STOA_WINDOW_RECENCY, ///< seconds since the latest event
  STOA_WINDOW_DISTINCT,
  STOA_WINDOW_PERCENTILE ///< nearest rank
} stoa_window_kind;

/// One column of a view.
typedef struct {
  const char *name; ///< view__feature
  stoa_feature_type type;
  stoa_term fallback; ///< when there is no value; unbound: null
  stoa_var var;       ///< query views: the variable
  stoa_window_kind kind;
  int percent;       ///< of PERCENTILE
  uint32_t window;   ///< index into the view's windows
  int slot;          ///< of `by`: 0.. a listed value, n_by for the others, -1 for all
  stoa_var distinct; ///< of DISTINCT: the variable
} stoa_feature;

typedef struct {
  const char *name, *file, *summary, *owner, *freshness;
  stoa_view_kind kind;
  const stoa_entity *entity;
  stoa_var entity_var;
  STOA_LIST(stoa_feature) features;
  // window views
  const stoa_zone *timezone;            ///< of event times without one
  stoa_var time_var, value_var, by_var; ///< STOA_NO_VAR when not declared
  STOA_LIST(const char *) by_values;
  STOA_LIST(int64_t) windows; ///< seconds
  STOA_LIST(const char *) window_names;
  const stoa_query *query;
  // compiled: the same plan for one entity and for many
  const stoa_plan *plan_one, *plan_many;
  int64_t n_rows_seen;
} stoa_view;

typedef struct {
  const char *name;
  const stoa_entity *entity;
  STOA_LIST(const stoa_view *) views; ///< each once
  STOA_LIST(const stoa_feature *) features;
  STOA_LIST(uint32_t) view_of; ///< index into `views`, for each feature
} stoa_service;

/// All feature declarations of a project.
typedef struct {
  stoa_arena arena;
  const stoa_project *project;
  STOA_LIST(stoa_entity) entities;
  STOA_LIST(stoa_view *) views;
  STOA_LIST(stoa_service) services;
} stoa_registry;

/// Read features/ of a project: entities.yaml, *.rq, services.yaml.  Faults go to `faults`, all of them.
stoa_status stoa_registry_open(const stoa_project *project, stoa_faults *faults, stoa_registry **out, stoa_error *err);
void stoa_registry_free(stoa_registry *registry);
/// Find by name; NULL when there is none.
const stoa_entity *stoa_registry_entity(const stoa_registry *registry, const char *name);
const stoa_view *stoa_registry_view(const stoa_registry *registry, const char *name);
const stoa_service *stoa_registry_service(const stoa_registry *registry, const char *name);
/// Refuse an unknown service, naming the nearest.
stoa_status stoa_registry_need_service(const stoa_registry *registry, const char *name, const stoa_service **out,
                                       stoa_error *err);
/// The index of a feature in a service; -1 when it has none of that name.
int stoa_service_find(const stoa_service *service, stoa_slice name);
/// Refuse an unknown feature, naming the nearest.
stoa_status stoa_service_need(const stoa_service *service, stoa_slice name, uint32_t *out, stoa_error *err);

/// Compute the features of a service for `keys` (one of the facades): values[key][feature], row-major, in
/// `arena`.  Read at request time from the sources.  `wanted` NULL asks for all; else only the views of
/// the features marked there are read, and the others stay unbound.  A key may stand there twice: answers are place by
/// place.
stoa_status stoa_features_compute(const stoa_service *service, const stoa_slice *keys, uint32_t n_keys,
                                  const bool *wanted, stoa_context *context, stoa_arena *arena, const stoa_term **out,
                                  stoa_error *err);
/// The IRI of an entity; borrows the key.
stoa_term stoa_entity_term(const stoa_entity *entity, stoa_slice key, stoa_arena *arena);
/// Compute one view: out[key][feature of the view].
stoa_status stoa_view_compute(const stoa_view *view, const stoa_slice *keys, uint32_t n_keys, stoa_context *context,
                              stoa_arena *arena, stoa_term *out, uint32_t stride, stoa_error *err);
/// The keys of the first `limit` entities of a view's query, for previews.
stoa_status stoa_view_keys(const stoa_view *view, const stoa_project *project, uint32_t limit, stoa_context *context,
                           stoa_arena *arena, stoa_slice **out, uint32_t *n_out, stoa_error *err);
/// What a view gives for some entities.
typedef struct {
  uint32_t n_keys; ///< entities that were asked for
  uint32_t *nulls; ///< how many of them have no value, for each feature of the view
} stoa_view_sample;

/// Compute a view for the first `limit` entities of its class; a value that does not fit its feature is an error here.
stoa_status stoa_view_try(const stoa_view *view, const stoa_project *project, uint32_t limit, stoa_context *context,
                          stoa_arena *arena, stoa_view_sample *out, stoa_error *err);

/// For the files of this room: read one feature view file; compile it.
stoa_status stoa_view_read(const char *path, stoa_registry *registry, stoa_view **out, stoa_error *err);
stoa_status stoa_view_compile(stoa_view *view, stoa_registry *registry, stoa_error *err);
/// The plan of a window view for many entities that are asked about at instants from `span_us` before the context's on.
stoa_status stoa_view_plan_span(const stoa_view *view, const stoa_project *project, int64_t span_us, stoa_arena *arena,
                                const stoa_plan **out, stoa_error *err);
/// A valid number, boolean, date or time that is not written in the canonical way as the one that is; other terms as
/// they are.
stoa_term stoa_feature_canonical(stoa_term value, stoa_arena *arena);
/// Bring a value into the type of its feature.
stoa_term stoa_feature_convert(const stoa_feature *feature, stoa_term value, stoa_arena *arena);
/// Fold the rows of a window view (window.c).
typedef struct stoa_window_fold stoa_window_fold;
/// An event of a window view, read once for all the keys that it may count for.
typedef struct {
  int64_t at_us;
  int slot;
} stoa_window_event;
stoa_window_fold *stoa_window_fold_new(const stoa_view *view, const stoa_plan *plan, uint32_t n_keys,
                                       stoa_context *context, stoa_arena *arena);
/// Ask about a key as of another instant than the context's.
void stoa_window_fold_asof(stoa_window_fold *fold, uint32_t key, int64_t now_us);
/// Read the event of a row.  *out: it has a time.
stoa_status stoa_window_fold_read(const stoa_window_fold *fold, const stoa_batch *batch, uint32_t row,
                                  stoa_window_event *event, bool *out, stoa_error *err);
void stoa_window_fold_add(stoa_window_fold *fold, uint32_t key, const stoa_window_event *event, const stoa_batch *batch,
                          uint32_t row);
/// Read the event of a row, and let it count for a key.
stoa_status stoa_window_fold_take(stoa_window_fold *fold, uint32_t key, const stoa_batch *batch, uint32_t row,
                                  stoa_error *err);
/// True when a value among the events cannot be added up: what is known of the others is no value of the feature, nor
/// is its default.
bool stoa_window_fold_failed(const stoa_window_fold *fold, uint32_t key, uint32_t feature);
/// Unbound when no event counts, or when it has failed.
stoa_term stoa_window_fold_value(stoa_window_fold *fold, uint32_t key, uint32_t feature);

#endif
