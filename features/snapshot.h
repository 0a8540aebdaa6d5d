#ifndef STOA_FEATURES_SNAPSHOT_H
#define STOA_FEATURES_SNAPSHOT_H

#include "features/profile.h"
#include "features/version.h"

/// What a project's features are at one time, as it is kept in a file and compared with a later time.

typedef struct {
  const char *name, *type, *fallback; ///< fallback: NULL for none
  stoa_profile profile;
} stoa_feature_note;

typedef struct {
  const char *name;
  stoa_version version;
  STOA_LIST(stoa_feature_note) features;
} stoa_view_note;

typedef struct {
  const char *name, *purpose; ///< purpose: "" for none
  STOA_LIST(const char *) features;
} stoa_service_note;

typedef struct {
  STOA_LIST(stoa_view_note) views;
  STOA_LIST(stoa_service_note) services;
  const char *applied; ///< when, as an xsd:dateTime
} stoa_snapshot;

/// Take note of a registry, without profiles.
stoa_status stoa_snapshot_take(const stoa_registry *registry, stoa_arena *arena, stoa_snapshot *out, stoa_error *err);
/// Write it as JSON; read it from there.  Errors of what was written by hand name the file.
void stoa_snapshot_write(const stoa_snapshot *snapshot, stoa_buf *out);
stoa_status stoa_snapshot_read(stoa_slice text, const char *file, stoa_arena *arena, stoa_snapshot *out,
                               stoa_error *err);
/// By name; NULL when there is none.
stoa_view_note *stoa_snapshot_view(const stoa_snapshot *snapshot, const char *name);
stoa_feature_note *stoa_snapshot_feature(const stoa_view_note *view, const char *name);
stoa_service_note *stoa_snapshot_service(const stoa_snapshot *snapshot, const char *name);

#endif
