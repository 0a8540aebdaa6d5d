#ifndef STOA_FEATURES_FEATURE_H
#define STOA_FEATURES_FEATURE_H

#include "graph/exec/run.h"
#include "ontology/project.h"

/// What feature files declare.  All of it is immutable and lives in the registry's arena.

/// What a part of a key must be.
typedef enum { STOA_KEY_ANY, STOA_KEY_STRING, STOA_KEY_INT32, STOA_KEY_INT64 } stoa_key_type;

/// Which of the entities in slot 1 there are: for one, and for many.
typedef struct {
  const stoa_plan *one, *many;
} stoa_known_plans;

/// Something that features describe: a class with a key, of one part or several, and the template of its IRI.
typedef struct {
  const char *entity, *event; ///< names of the other entity, and of the type of events that names both
  stoa_place place;
} stoa_same_as;

typedef struct {
  const char *name;
  const char *class_iri;
  uint32_t n_keys; ///< parts of the key
  const char *keys[STOA_TEMPLATE_COLUMNS];
  stoa_key_type types[STOA_TEMPLATE_COLUMNS];
  uint32_t place[STOA_TEMPLATE_COLUMNS]; ///< of the template's columns: the part that stands there
  const stoa_template *iri;
  stoa_known_plans of_class; ///< which of the entities asked for the class has
  STOA_LIST(stoa_same_as) same_as; ///< whose erasure takes it along (receipt.h)
} stoa_entity;

/// The type in which a feature is served.
typedef enum {
  STOA_FEATURE_ANY,
  STOA_FEATURE_INTEGER,
  STOA_FEATURE_DOUBLE,
  STOA_FEATURE_DECIMAL,
  STOA_FEATURE_STRING,
  STOA_FEATURE_BOOLEAN,
  STOA_FEATURE_FLOAT, ///< rounded to 32 bits
  STOA_FEATURE_TIMESTAMP,
  STOA_FEATURE_BYTES, ///< xsd:base64Binary
  STOA_FEATURE_LIST   ///< of any of the others (list.h)
} stoa_feature_type;

typedef enum { STOA_VIEW_QUERY, STOA_VIEW_WINDOW, STOA_VIEW_REQUEST } stoa_view_kind; ///< embeddings are queries

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
  const char *word;   ///< the type as it is declared; NULL where none is
  int scale;          ///< of decimal(p,s); else 0
  stoa_feature_type element; ///< of LIST: the type of its elements
  uint32_t dimensions;       ///< of an embedding, a LIST: how many elements it has; 0: any number
  stoa_term fallback; ///< when there is no value; unbound: null
  stoa_var var;       ///< query views: the variable
  stoa_window_kind kind;
  int percent;       ///< of PERCENTILE
  uint32_t window;   ///< index into the view's windows
  int slot;          ///< of `by`: 0.. a listed value, n_by for the others, -1 for all
  stoa_var distinct; ///< of DISTINCT: the variable
} stoa_feature;

/// What a view of kind request reads: an input that comes with the request, or a feature of another view.
typedef struct stoa_view stoa_view;
typedef struct {
  stoa_var var;
  const char *name;      ///< of an input; NULL for a feature
  stoa_feature input;    ///< its type
  const char *reference; ///< "view:feature"
  stoa_place place;      ///< of the declaration
  const stoa_view *view; ///< once all views are read
  uint32_t feature;      ///< of that view
} stoa_view_input;

typedef struct {
  const char *key, *value;
} stoa_tag;

/// A condition over the features of a row, of which is told when it turns true (condition.h, watch.h).
typedef struct {
  const char *name, *text;
} stoa_watched;
typedef struct stoa_conditions stoa_conditions;

struct stoa_view {
  const char *name, *file, *summary, *description, *owner, *freshness;
  int64_t fresh_us; ///< `freshness`: how old a row may be when it is served; 0: as of the request
  const stoa_yaml *header; ///< what stands under feature_view
  const char *time_name; ///< of the time's variable; NULL where none is declared
  stoa_place time_place; ///< of its declaration
  const char *known_name; ///< of the variable that says from when on the row, or the event, was known; NULL: always
  stoa_place known_place;
  stoa_var known_var;
  const char *watermark_name; ///< of the variable in which rows that come to the source later have more; NULL: none
  stoa_place watermark_place;
  stoa_var watermark_var;
  int64_t changed_us;    ///< when its file was written
  STOA_LIST(stoa_tag) tags;
  STOA_LIST(const char *) purposes; ///< for which it may be read; none: not declared
  stoa_view_kind kind;
  const stoa_entity *entity;
  stoa_var entity_var;
  STOA_LIST(stoa_feature) features;
  int64_t ttl_us; ///< a row whose time is older is not served; 0: none
  const char *late;     ///< of window views: how late an event may come and still counts; NULL: not declared
  stoa_var group_var;   ///< of query views: counts whom the row is about; see least_group
  uint32_t least_group; ///< a row about fewer is not served; 0: any is
  bool is_embedding;    ///< a query view whose feature is a vector
  const char *index_name; ///< of embeddings whose rows hold an element each: the variable of its index; NULL: none
  stoa_var index_var;
  // window views
  const stoa_zone *timezone;            ///< of event times without one
  stoa_var time_var, value_var, by_var; ///< STOA_NO_VAR when not declared; query views may have a time too
  STOA_LIST(const char *) by_values;
  STOA_LIST(int64_t) windows; ///< seconds
  STOA_LIST(const char *) window_names;
  // request views
  STOA_LIST(stoa_view_input) inputs;
  stoa_var row_var; ///< tells which row a result belongs to
  const stoa_query *query;
  // compiled: the same plan for one entity and for many
  const stoa_plan *plan_one, *plan_many;
  stoa_known_plans of_events; ///< of window views: which have an event at any time
  STOA_LIST(stoa_watched) watched;
  stoa_conditions *conditions; ///< the same, compiled
  struct stoa_kept *kept;     ///< rows that are kept between requests (keep.h); NULL: none are
};

typedef struct {
  const char *name, *owner;
  const char *purpose; ///< for which reads through it are; NULL: the request says
  bool precompute; ///< its rows are made before they are asked for (keep.h)
  const stoa_entity *entity;
  STOA_LIST(const stoa_view *) views; ///< each once
  STOA_LIST(const stoa_feature *) features;
  STOA_LIST(uint32_t) view_of; ///< index into `views`, for each feature
  struct stoa_served *served; ///< rows that are kept between requests (served.h); NULL: none are
} stoa_service;

/// All feature declarations of a project.
typedef struct {
  stoa_arena arena;
  const stoa_project *project;
  STOA_LIST(stoa_entity) entities;
  STOA_LIST(stoa_view *) views;
  STOA_LIST(stoa_service) services;
  STOA_LIST(stoa_service) of_views; ///< each view as a service of its own features
  int64_t changed_us;               ///< when the newest of its files was written
  STOA_LIST(const char *) faulty;   ///< views and services that are not there for a fault of their own
} stoa_registry;

/// Read features/ of a project: entities.yaml, *.rq, *.sql, services.yaml.  Faults go to `faults`, all of them.
stoa_status stoa_registry_open(const stoa_project *project, stoa_faults *faults, stoa_registry **out, stoa_error *err);
void stoa_registry_free(stoa_registry *registry);
/// Find by name; NULL when there is none.
const stoa_entity *stoa_registry_entity(const stoa_registry *registry, const char *name);
/// Find an entity; refuse an unknown one, naming the nearest.
stoa_status stoa_registry_need_entity(const stoa_registry *registry, const char *name, const stoa_entity **out,
                                      stoa_error *err);
const stoa_view *stoa_registry_view(const stoa_registry *registry, const char *name);
const stoa_service *stoa_registry_service(const stoa_registry *registry, const char *name);
/// True for a view or service that is not there because of a fault that was told: that others name it is no second one.
bool stoa_registry_is_faulty(const stoa_registry *registry, const char *name);
/// Find a service, or a view as a service of its own features; refuse what is neither, naming the nearest.
stoa_status stoa_registry_need_service(const stoa_registry *registry, const char *name, const stoa_service **out,
                                       stoa_error *err);
/// The index of a feature in a service; -1 when it has none of that name.
int stoa_service_find(const stoa_service *service, stoa_slice name);
/// Refuse an unknown feature, naming the nearest.
stoa_status stoa_service_need(const stoa_service *service, stoa_slice name, uint32_t *out, stoa_error *err);

/// The kind of a view as it is declared.
const char *stoa_view_kind_name(const stoa_view *view);
/// Refuse a purpose (STOA_DENIED; "": none is stated) for which the view, or one that it reads, may not be read.
stoa_status stoa_view_allow(const stoa_view *view, const char *purpose, stoa_error *err);
/// A request that states no purpose has the service's from here on; one that states another is refused.
stoa_status stoa_service_purpose(const stoa_service *service, stoa_context *context, stoa_error *err);
/// Refuse a service one of whose views does not allow its purpose.
stoa_status stoa_service_check_purpose(const stoa_service *service, stoa_place place, stoa_error *err);

/// Keys of an entity stand one after another, each with all its parts: keys[row * n_keys + part].

/// Refuse a part of a key that is not of its declared type.
stoa_status stoa_entity_check(const stoa_entity *entity, uint32_t part, stoa_slice key, stoa_error *err);
/// Read a key from one text, as RESP, the command line and ranks have it: that of a single part is the text; several
/// are parted by ":", and ":" and "%" within them percent-encoded.  `out`: n_keys parts.
stoa_status stoa_entity_key(const stoa_entity *entity, stoa_slice text, stoa_arena *arena, stoa_slice *out,
                            stoa_error *err);
/// The IRI of an entity.
stoa_term stoa_entity_term(const stoa_entity *entity, const stoa_slice *key, stoa_arena *arena);
/// Mark in `known` which of the entities such plans find; those of its class ask every source that tells of it.
stoa_status stoa_entity_known(const stoa_entity *entity, const stoa_known_plans *plans, const stoa_term *terms,
                              uint32_t n, stoa_context *context, stoa_arena *arena, bool *known, stoa_error *err);
/// Say that there is no such entity.
const char *stoa_entity_absence(const stoa_entity *entity, const stoa_slice *key, stoa_arena *arena);

/// How protocols write values, for rows that are kept as texts (served_row.h).
typedef struct stoa_value_forms stoa_value_forms;

#define STOA_NO_TIME INT64_MIN

/// What is known of an entity's row of a view.
typedef struct {
  bool is_there; ///< a query view has a row, a window view an event in its windows
  bool is_stale; ///< older than the view's ttl: its values are not served
  bool *misfits; ///< [feature]: its value could not be served as it is declared; NULL: all could
  bool is_small; ///< about fewer than the view's min_group, or nobody: neither its values nor its time is served
  int64_t at_us;    ///< its time, that of the latest event; STOA_NO_TIME where none is declared
  int64_t until_us; ///< before this instant time alone changes nothing of it but recencies; queries that ask for the
                    ///< instant apart
  const int64_t *last_us; ///< of window views: for each feature, when its latest event was
  uint64_t n_events;      ///< of window views: that were read for it
  int64_t made_us, stands_us; ///< of rows that are kept (keep.h): when it was made, and before which instant it is served
                              ///< again; others do not stand
} stoa_view_row;

/// Rows of a view that are kept between requests (keep.h).
typedef struct stoa_kept stoa_kept;
/// The events of a window view, being folded (below).
typedef struct stoa_window_fold stoa_window_fold;

/// A view's values for the keys asked for: values[key * n_features + feature], rows[key].
typedef struct {
  const stoa_view *view;
  const stoa_term *values;
  const stoa_view_row *rows;
} stoa_view_values;

/// Views asked for the same rows of a request, each computed once, at request time from the sources (one of the
/// facades).  A key may stand in several rows: answers are row by row.  All of it lives in the arena.
typedef struct stoa_vectors stoa_vectors;
stoa_vectors *stoa_vectors_new(uint32_t n_rows, stoa_context *context, stoa_arena *arena);
/// The keys of an entity, which are borrowed.
void stoa_vectors_keys(stoa_vectors *vectors, const stoa_entity *entity, const stoa_slice *keys);
/// The values of an input that comes with the request, one for each row, which are borrowed.
void stoa_vectors_input(stoa_vectors *vectors, const char *name, const stoa_term *values);
/// A feature of a view will be read; say it of all before the view is computed.
void stoa_vectors_want(stoa_vectors *vectors, const stoa_view *view, uint32_t feature);
/// What was added: the keys of an entity, and the marks of a view's features; NULL: none.
const stoa_slice *stoa_vectors_keys_of(const stoa_vectors *vectors, const stoa_entity *entity);
const bool *stoa_vectors_wanted(const stoa_vectors *vectors, const stoa_view *view);
/// Compute a view of which something is wanted; the values of other features may be there or not.  STOA_BAD_ARG: the
/// request has no keys of its entity, or lacks an input.
stoa_status stoa_vectors_view(stoa_vectors *vectors, const stoa_view *view, const stoa_view_values **out,
                              stoa_error *err);
/// Which rows' entities there are.  Whoever has a row in a view that was computed is there; for the others alone the
/// class is asked, and then the window views, for an event at any time.
stoa_status stoa_vectors_known(stoa_vectors *vectors, const stoa_entity *entity, const bool **out, stoa_error *err);

/// Compute the features of a service for `keys`: values[key][feature], row-major, in `arena`.  `wanted` NULL asks for
/// all; else only the views of the features marked there are read, and the others stay unbound.
stoa_status stoa_features_compute(const stoa_service *service, const stoa_slice *keys, uint32_t n_keys,
                                  const bool *wanted, stoa_context *context, stoa_arena *arena, const stoa_term **out,
                                  stoa_error *err);
/// The same, and which of the keys there are: known[key].
stoa_status stoa_features_find(const stoa_service *service, const stoa_slice *keys, uint32_t n_keys, const bool *wanted,
                               stoa_context *context, stoa_arena *arena, const stoa_term **out, const bool **known,
                               stoa_error *err);
/// Compute one view of kind query or window: out[key][feature of the view]; `rows` may be NULL.
stoa_status stoa_view_compute(const stoa_view *view, const stoa_slice *keys, uint32_t n_keys, stoa_context *context,
                              stoa_arena *arena, stoa_term *out, uint32_t stride, stoa_view_row *rows, stoa_error *err);
/// The row of one entity whose events were folded, of key 0.
stoa_status stoa_view_finish(const stoa_view *view, stoa_window_fold *fold, stoa_context *context, stoa_arena *arena,
                             stoa_term *out, stoa_view_row *row, stoa_error *err);
/// The keys of the first `limit` entities of a view's query, for previews.
stoa_status stoa_view_keys(const stoa_view *view, const stoa_project *project, uint32_t limit, stoa_context *context,
                           stoa_arena *arena, stoa_slice **out, uint32_t *n_out, stoa_error *err);
/// What a view gives for some entities.
typedef struct {
  uint32_t n_keys; ///< entities that were asked for
  uint32_t *nulls; ///< how many of them have no value, for each feature of the view
} stoa_view_sample;

/// Compute a view of kind query or window for the first `limit` entities of its class; a value that does not fit its
/// feature is an error here.
stoa_status stoa_view_try(const stoa_view *view, const stoa_project *project, uint32_t limit, stoa_context *context,
                          stoa_arena *arena, stoa_view_sample *out, stoa_error *err);

/// For the files of this room: read features/entities.yaml.
stoa_status stoa_entities_read(stoa_registry *registry, const stoa_yaml *root, stoa_error *err);
/// Read one feature view file; compile it.
stoa_status stoa_view_read(const char *path, stoa_registry *registry, stoa_view **out, stoa_error *err);
stoa_status stoa_view_compile(stoa_view *view, stoa_registry *registry, stoa_error *err);
/// The plan of a window view for many entities that are asked about at instants from `span_us` before the context's on.
stoa_status stoa_view_plan_span(const stoa_view *view, const stoa_project *project, int64_t span_us, stoa_arena *arena,
                                const stoa_plan **out, stoa_error *err);
/// The plan of whose rows of a window view have `last` or more as their watermark, and how much (`entity_var`,
/// `watermark_var`); `last` unbound: of the row that has most.
stoa_status stoa_view_plan_since(const stoa_view *view, const stoa_project *project, stoa_term last, stoa_arena *arena,
                                 const stoa_plan **out, stoa_error *err);
/// The plan of a window view for one entity (slot 1) that tells the record of each row besides; `given`: for the record
/// in slot 2 alone.
stoa_status stoa_view_plan_records(const stoa_view *view, const stoa_project *project, stoa_var record, bool given,
                                   stoa_arena *arena, const stoa_plan **out, stoa_error *err);
/// Compile a view of kind request: expressions over its inputs, row by row.
stoa_status stoa_request_compile(stoa_view *view, stoa_registry *registry, stoa_error *err);
/// Find what a request view reads, once all views are read.
stoa_status stoa_request_resolve(stoa_view *view, const stoa_registry *registry, stoa_error *err);
/// Compute its features; inputs[input * n_rows + row], terms: the entities.  Misfits are noted in `rows`.
stoa_status stoa_request_compute(const stoa_view *view, const stoa_term *entities, const stoa_term *const *inputs,
                                 uint32_t n_rows, stoa_context *context, stoa_arena *arena, stoa_term *out,
                                 stoa_view_row *rows, stoa_error *err);
/// A valid number, boolean, date or time that is not written in the canonical way as the one that is; other terms as
/// they are.
stoa_term stoa_feature_canonical(stoa_term value, stoa_arena *arena);
/// Find a type by its name, list(TYPE) too: sets type, element, word and scale; false with the nearest name, or NULL.
bool stoa_feature_type_read(const char *word, stoa_feature *out, const char **nearest);
/// The value that a text stands for; unbound for none.
stoa_term stoa_feature_of_text(stoa_feature_type type, const char *text, stoa_arena *arena);
/// The value that one of JSON stands for: a number, a boolean or a text; unbound for none.
struct stoa_json;
stoa_term stoa_feature_of_json(const stoa_feature *feature, const struct stoa_json *cell, stoa_arena *arena);
/// The bytes of an xsd:base64Binary or xsd:hexBinary; false for what is neither.
bool stoa_feature_bytes(stoa_term value, stoa_arena *arena, stoa_slice *out);
/// The name of a type where none is declared.
const char *stoa_feature_type_name(stoa_feature_type type);
/// Bring a value into the type of its feature, which is no list.
stoa_term stoa_feature_convert(const stoa_feature *feature, stoa_term value, stoa_arena *arena);
/// What is declared to stand for none: a text, or of a list a list of texts.  False: it is no value of the type.
bool stoa_feature_default(const stoa_feature *feature, const stoa_yaml *node, stoa_arena *arena, stoa_term *out);
/// What is served of a value: in its feature's type, copied; of none, what stands for none; of one that does not fit,
/// none, and not what stands for none, and the context counts it.
stoa_term stoa_feature_settle(const stoa_feature *feature, stoa_term value, stoa_context *context, stoa_arena *arena);
/// Count a value that cannot be served as it is declared, and `why` ("": its type); returns none.
stoa_term stoa_feature_misfit(const stoa_feature *feature, const char *why, stoa_context *context);
/// Say of what a context has counted that there is some, into `out`.
const char *stoa_misfits_print(const stoa_context *context, char *out, size_t n_bytes);
/// Fold the rows of a window view (window.c).
/// An event of a window view, read once for all the keys that it may count for.
typedef struct {
  int64_t at_us;
  int64_t known_us;       ///< from when on it counts; INT64_MIN: always
  int slot;               ///< of `by`: a listed value, or n_by for the others
  stoa_term value;        ///< unbound: none
  const stoa_term *marks; ///< [feature]: of DISTINCT, the term that is counted
} stoa_window_event;
stoa_window_fold *stoa_window_fold_new(const stoa_view *view, const stoa_plan *plan, uint32_t n_keys,
                                       stoa_context *context, stoa_arena *arena);
/// Ask about a key as of another instant than the context's.
void stoa_window_fold_asof(stoa_window_fold *fold, uint32_t key, int64_t now_us);
/// Read the event of a row, whose terms are borrowed until the next is read.  *out: it has a time.
stoa_status stoa_window_fold_read(stoa_window_fold *fold, const stoa_batch *batch, uint32_t row,
                                  stoa_window_event *event, bool *out, stoa_error *err);
void stoa_window_fold_add(stoa_window_fold *fold, uint32_t key, const stoa_window_event *event);
/// Read the event of a row, and let it count for a key.
stoa_status stoa_window_fold_take(stoa_window_fold *fold, uint32_t key, const stoa_batch *batch, uint32_t row,
                                  stoa_error *err);
/// For who folds the events of a key elsewhere (held.h): the instant that is asked about, the arena and the cell of a
/// feature; and what stoa_window_fold_latest and stoa_window_fold_until tell.
typedef struct stoa_cell stoa_cell;
int64_t stoa_window_fold_now(const stoa_window_fold *fold, uint32_t key);
stoa_arena *stoa_window_fold_arena(const stoa_window_fold *fold);
stoa_cell *stoa_window_fold_cell(stoa_window_fold *fold, uint32_t key, uint32_t feature);
void stoa_window_fold_set(stoa_window_fold *fold, uint32_t key, int64_t latest_us, int64_t until_us);
/// True when a value among the events cannot be added up: what is known of the others is no value of the feature, nor
/// is its default.
bool stoa_window_fold_failed(const stoa_window_fold *fold, uint32_t key, uint32_t feature);
/// Unbound when no event counts, or when it has failed.
stoa_term stoa_window_fold_value(stoa_window_fold *fold, uint32_t key, uint32_t feature);
/// When the latest event within the view's windows was, whichever of its features are folded; STOA_NO_TIME without any.
int64_t stoa_window_fold_latest(const stoa_window_fold *fold, uint32_t key);
uint64_t stoa_window_fold_count(const stoa_window_fold *fold, uint32_t key);
/// Before which instant the values of a key stay as they are, but for recencies, if no event is added; INT64_MAX: for
/// ever, as far as the events that were added tell.
int64_t stoa_window_fold_until(const stoa_window_fold *fold, uint32_t key);
/// When the latest event of one feature was; STOA_NO_TIME without any.
int64_t stoa_window_fold_last(const stoa_window_fold *fold, uint32_t key, uint32_t feature);
/// From one instant to another; what 64 bits cannot hold is as far as they can.
static inline int64_t stoa_elapsed_us(int64_t from_us, int64_t to_us)
{
  int64_t us;
  return !__builtin_sub_overflow(to_us, from_us, &us) ? us : to_us > from_us ? INT64_MAX : INT64_MIN;
}
/// The instant of a time; one without a zone is of `timezone`.  False for what is no time.
bool stoa_feature_instant(stoa_term at, const stoa_zone *timezone, int64_t *us);

#endif
