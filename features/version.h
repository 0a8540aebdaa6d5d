#ifndef STOA_FEATURES_VERSION_H
#define STOA_FEATURES_VERSION_H

#include "features/feature.h"

/// What a view's values are a function of, beside the data: so that a change of it is a change of the features.

/// A key of the declaration and what it says, in one writing: "windows" and "[7d, 30d]".
typedef struct {
  const char *key, *text;
} stoa_declared;

typedef struct {
  uint64_t query; ///< of its tokens: blanks, comments and the header apart
  STOA_LIST(uint64_t)
  maps;              ///< what each of its patterns is mapped to, sorted, each once; of a request view what it reads
  uint64_t ontology; ///< the axioms about the classes and properties that it names
  STOA_LIST(stoa_declared)
  declared; ///< the header but name, summary, owner and tags; the entity; the project's time zone
  uint64_t all;
} stoa_version;

/// Tell the version of a view; all of it lives in `arena`.
stoa_status stoa_view_version(const stoa_view *view, const stoa_project *project, stoa_arena *arena, stoa_version *out,
                              stoa_error *err);
/// A version as people read it: 12 hexadecimal digits.
enum { STOA_VERSION_DIGITS = 12 };
void stoa_version_write(uint64_t version, char out[STOA_VERSION_DIGITS + 1]);

#endif
