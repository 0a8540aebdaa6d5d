#ifndef STOA_FEATURES_PROFILE_H
#define STOA_FEATURES_PROFILE_H

#include "features/feature.h"

/// How the values of a feature lie, over a sample of entities; and how far two such have moved from each other.

enum { STOA_PROFILE_BINS = 10, STOA_PROFILE_VALUES = 20 };

typedef struct {
  uint32_t n, n_null;             ///< entities, and those without a value; n 0: there is no profile
  uint32_t n_distinct;            ///< different values
  bool is_number;                 ///< numbers, and times as seconds since 1970
  STOA_LIST(double) edges;        ///< of numbers, ascending: a bin holds what is above one and at most the next
  STOA_LIST(const char *) values; ///< of others: hashes of the most frequent
  STOA_LIST(double) shares; ///< of the values that there are: of each bin (edges + 1), of each value, and of the rest
} stoa_profile;

/// Profile the features of a view of kind query or window over its first `limit` entities: out[feature].  `like`: bins
/// and values as those have, so that the two can be compared; NULL: by the values themselves.  For those who keep a
/// project, whatever the view's purposes: no text that an entity has is kept, only hashes of the most frequent ones.
stoa_status stoa_view_profile(const stoa_view *view, const stoa_project *project, uint32_t limit,
                              const stoa_profile *const *like, stoa_context *context, stoa_arena *arena,
                              stoa_profile *out, stoa_error *err);

/// How far one has moved from the other.
typedef struct {
  double nulls;  ///< change of the share of entities without a value
  double psi;    ///< population stability index of the values
  double chance; ///< what the index may well be by chance alone, with samples of these sizes
  bool moved;    ///< `nulls` beyond STOA_DRIFT_NULLS, or `psi` beyond STOA_DRIFT_PSI and chance
} stoa_drift;
#define STOA_DRIFT_NULLS 0.05
#define STOA_DRIFT_PSI 0.2
stoa_drift stoa_profile_drift(const stoa_profile *before, const stoa_profile *now);

#endif
