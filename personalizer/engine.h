#ifndef STOA_PERSONALIZER_ENGINE_H
#define STOA_PERSONALIZER_ENGINE_H

#include "features/receipt.h"
#include "graph/base/clock.h"
#include "graph/result/answer.h"
#include "personalizer/decision.h"

/// The engine as programs embed it, and as the server and the command line drive it: queries, feature
/// vectors, decisions and rewards over one project folder.  No sockets.  One of the five facades; what it
/// does lies in layer.h, decision.h, event.h, commit.h, labels.h and models.h, none of which knows it.
///
/// Threads: all may be called by many, but for `commit`, `close_labels`, `save_models`, `wipe`: by one at a time.
typedef struct stoa_engine stoa_engine;

typedef enum {
  STOA_ENGINE_READ,  ///< queries and features; the state is read if it is there
  STOA_ENGINE_REPLAY, ///< reads as at a request's known_offset (stoa_context) of the state's log
  STOA_ENGINE_PAST,  ///< reads as at an instant of the past (stoa_engine_known): what came to the log later is not there
  STOA_ENGINE_OWN,   ///< takes the state's lock: decisions and rewards too
  STOA_ENGINE_MEMORY ///< the state is kept in memory (simulations)
} stoa_engine_mode;

/// Open a project folder.  All faults of ontology, mappings, features and policies go to `faults`; with
/// an error among them the engine is still returned, for `check`.
stoa_status stoa_engine_open(const char *dir, stoa_engine_mode mode, stoa_faults *faults, stoa_engine **out,
                             stoa_error *err);
/// Keep the models and release everything.
void stoa_engine_close(stoa_engine *engine);

/// Microseconds since 1970 by the engine's clock; tests give it another one, which must outlive it.
int64_t stoa_engine_now(const stoa_engine *engine);
void stoa_engine_set_clock(stoa_engine *engine, const stoa_clock *clock);
/// A path as stoa.yaml has it, relative to the project folder, as a program opens it.  It lives as long as the engine;
/// ask before others use it.
const char *stoa_engine_path(stoa_engine *engine, const char *path);
/// The project folder as it was opened; the file of the state, NULL in memory.  They live as long as the engine.
const char *stoa_engine_dir(const stoa_engine *engine);
const char *stoa_engine_state_file(const stoa_engine *engine);
/// The policies, which live as long as the engine; the one of that name, or NULL.
const stoa_policies *stoa_engine_policies(const stoa_engine *engine);
const stoa_policy *stoa_engine_policy(const stoa_engine *engine, const char *name);
/// Give a request the project's limits.
void stoa_engine_limit(const stoa_engine *engine, stoa_context *context);

/// The layer that is current, for programs that never reload; others take it, and give it back.  Any thread.
const stoa_layer *stoa_engine_layer(const stoa_engine *engine);
stoa_layer *stoa_engine_take(stoa_engine *engine);
void stoa_engine_drop(stoa_engine *engine, stoa_layer *layer);
/// Read the project folder again: ontology, mappings, data, feature views.  Requests that begin after this run on the
/// new layer, those under way end on the old one.  When there is any fault the old layer stays: STOA_BAD_MAPPING, all
/// faults in `faults`.  Policies, listeners, events and limits are not read again.
stoa_status stoa_engine_reload(stoa_engine *engine, stoa_faults *faults, stoa_error *err);

/// Keep rows of services as texts in these forms (features/served.h), also after a reload: before anything is asked, and
/// before stoa_engine_make_ahead.
stoa_status stoa_engine_serve(stoa_engine *engine, const stoa_value_forms *forms, stoa_error *err);
/// From here on rows of features that may be kept are made before they are asked for (features/keep.h), in a thread of
/// its own, and `sink` is told, by another, when a condition turns true (features/watch.h); also after a reload.  For
/// programs that go on: a server.
stoa_status stoa_engine_make_ahead(stoa_engine *engine, const stoa_turned_sink *sink, stoa_error *err);
/// From here on the sink is told nothing any more; once nobody reloads.
void stoa_engine_tell_nobody(stoa_engine *engine);

/// Answer a SPARQL query into `sink`.
stoa_status stoa_engine_query(stoa_engine *engine, const char *text, stoa_context *context, stoa_format format,
                              stoa_sink sink, stoa_error *err);
/// Rank: read the request (the Personalizer's JSON, with "subject" and "purpose" besides), compute the
/// context features, score, draw.  The decision lives in `arena`; it counts only once it is committed.
stoa_status stoa_rank_prepare(stoa_engine *engine, const char *policy, stoa_slice json, stoa_context *context,
                              stoa_arena *arena, stoa_decision *out, stoa_error *err);
/// Read a reward {"value": v} for an event.
stoa_status stoa_reward_prepare(stoa_slice event_id, double value, stoa_slice reward_id, int64_t now_us,
                                stoa_record *out, stoa_error *err);
/// Read an event of a declared type.
stoa_status stoa_event_prepare(const stoa_engine *engine, const char *type, stoa_slice json, int64_t now_us,
                               stoa_arena *arena, stoa_record *out, stoa_error *err);
/// Prepare the erasure of an entity by its name and key; `entity` NULL: the project has but one.  What it will erase is
/// found when `record` is committed; then stoa_receipt_write tells it.
stoa_status stoa_erase_prepare(stoa_engine *engine, const char *entity, stoa_slice key, stoa_context *context,
                               stoa_arena *arena, stoa_receipt **out, stoa_record *record, stoa_error *err);
/// Wipe what erasures left in the state's files because somebody read them (features/state/state.h).
stoa_status stoa_engine_wipe(stoa_engine *engine, stoa_error *err);
/// The declared types of events; the one of that name, or NULL.
const stoa_event_types *stoa_engine_event_types(const stoa_engine *engine);
const stoa_event_type *stoa_engine_event_type(const stoa_engine *engine, const char *name);
/// Append records, durable when it returns, and learn what they close.  One status a record; those that are not STOA_OK
/// were refused and appended nothing (`stoa_engine_refusal` says why): a reward of an unknown event, one by the id of
/// another reward, a decision by the event id of another policy's.  A decision that was made before gets the earlier
/// answer.  Texts that are set lie in `arena`.
stoa_status stoa_engine_commit(stoa_engine *engine, stoa_record *records, stoa_status *statuses, size_t n,
                               stoa_arena *arena, stoa_error *err);
/// Up to which offset of the log everybody has been told; `turn` -1: records are being appended.  What is computed between
/// two that are equal is as of that offset.  Any thread.
typedef struct {
  int64_t turn, offset;
} stoa_stand;
stoa_stand stoa_engine_stand(const stoa_engine *engine);
/// In ENGINE_PAST: the known_offset that a request about an instant has; 0 where there is no log.  Any thread.
stoa_status stoa_engine_known(const stoa_engine *engine, int64_t at_us, int64_t *out, stoa_error *err);
/// When the first record of the log came; INT64_MAX: there is none.
int64_t stoa_engine_log_begin(const stoa_engine *engine);
/// Where rows that are served are sampled (features/samples.h), or NULL; its file, also when it is only read.
struct stoa_samples *stoa_engine_samples(const stoa_engine *engine);
const char *stoa_engine_samples_file(const stoa_engine *engine);
/// Say why a record was refused.  Returns `status`.
stoa_status stoa_engine_refusal(const stoa_record *record, stoa_status status, stoa_error *err);
/// Close the labels whose wait time is over, and learn them.  Call it about once a second.
stoa_status stoa_engine_close_labels(stoa_engine *engine, int64_t now_us, stoa_error *err);
/// STOA_IO once the state's file was removed or replaced (features/state/state.h).  Any thread.
stoa_status stoa_engine_check_state(const stoa_engine *engine, stoa_error *err);
/// Keep the models in the state.
stoa_status stoa_engine_save_models(stoa_engine *engine, stoa_error *err);

/// Rank and commit in one call; returns the answer as JSON in `arena`.
stoa_status stoa_engine_rank(stoa_engine *engine, const char *policy, stoa_slice json, stoa_arena *arena,
                             stoa_slice *answer, stoa_error *err);
/// Reward and commit in one call.
stoa_status stoa_engine_reward(stoa_engine *engine, const char *event_id, double value, stoa_error *err);

#endif
