#ifndef STOA_PERSONALIZER_THOMPSON_H
#define STOA_PERSONALIZER_THOMPSON_H

#include "personalizer/explorer.h"

/// Thompson sampling of a linear model with a diagonal covariance (Agrawal and Goyal, ICML 2013): an action is shown as
/// often as its cost, drawn from what is known of it, is the least.  That probability is computed, not drawn, so that
/// propensities are true.
void stoa_thompson(const stoa_explorer *explorer, const stoa_scores *scores, uint32_t k, double *out);

#endif
