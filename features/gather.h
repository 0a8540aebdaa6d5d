#ifndef STOA_FEATURES_GATHER_H
#define STOA_FEATURES_GATHER_H

#include "features/feature.h"

/// Several rows of a query that make one row of an entity: each adds an element to the view's lists, or to its vector;
/// what is no list is the same in all of them.

/// True for a view whose rows are gathered.
bool stoa_view_gathers(const stoa_view *view);

typedef struct stoa_gathered stoa_gathered;
/// For so many entities; all of it lies in `arena`.
stoa_gathered *stoa_gathered_new(const stoa_view *view, uint32_t n_keys, stoa_arena *arena);
/// Add what a row of an entity has for a feature; `index`: that of a vector's element.  False: rows before it have
/// another value, and the feature is no list.
bool stoa_gathered_add(stoa_gathered *gathered, uint32_t key, uint32_t feature, stoa_term index, stoa_term value);
/// What is served of it (as stoa_feature_settle); `*is_null`: there was no value.
stoa_term stoa_gathered_settle(stoa_gathered *gathered, uint32_t key, uint32_t feature, stoa_context *context,
                               bool *is_null);

#endif
