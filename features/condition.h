#ifndef STOA_FEATURES_CONDITION_H
#define STOA_FEATURES_CONDITION_H

#include "features/feature.h"

/// `watch: {NAME: "EXPRESSION", ...}` of a view: conditions over the features of its own row, in SPARQL's words with the
/// names of features (without the view's) as variables and the prefixes of the view's query.

/// Read and compile the conditions of a view that is compiled; `node` NULL: there are none.  Errors have the place of the
/// condition.
stoa_status stoa_conditions_read(stoa_view *view, stoa_registry *registry, const stoa_yaml *node, stoa_error *err);
/// Evaluate them for rows as stoa_kept_rows gives them: out[row * n_conditions + condition].  An error, and what is not
/// bound, is not true.
stoa_status stoa_conditions_hold(const stoa_view *view, const stoa_term *values, uint32_t n_rows, stoa_context *context,
                                 stoa_arena *arena, bool *out, stoa_error *err);

/// True when one of them reads a feature of the view.
bool stoa_conditions_ask(const stoa_view *view, uint32_t feature);

#endif
