#ifndef STOA_PERSONALIZER_REGCB_H
#define STOA_PERSONALIZER_REGCB_H

#include "personalizer/explorer.h"

/// RegCB (Foster, Agarwal, Dudik, Luo, Schapire, ICML 2018): what the cost of an action may yet be, as far as the labels
/// allow.  elim: even among those that may be the best; opt: the one whose cost may be least.
void stoa_regcb_elim(const stoa_explorer *explorer, const stoa_scores *scores, uint32_t k, double *out);
void stoa_regcb_opt(const stoa_explorer *explorer, const stoa_scores *scores, uint32_t k, double *out);

#endif
