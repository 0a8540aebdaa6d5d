#ifndef STOA_FEATURES_ADVICE_H
#define STOA_FEATURES_ADVICE_H

#include "features/feature.h"

/// What is no fault of a feature view and yet seldom meant: warnings for `stoa check`, each with its place and the remedy.
///   - a SUM, AVG, MIN or MAX of a variable that an OPTIONAL may leave unbound: then the whole is an error, and no value;
///   - aggregates of what two OPTIONALs bind: the rows of one stand beside each of the other, and are counted as often.
void stoa_views_advise(const stoa_registry *registry, stoa_faults *faults);

#endif
