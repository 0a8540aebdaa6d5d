#ifndef STOA_PERSONALIZER_EXPLORER_H
#define STOA_PERSONALIZER_EXPLORER_H

#include "personalizer/option.h"
#include "personalizer/scores.h"

/// From what a model thinks to probabilities.  Each kind is a row of the table in explorer.c.
typedef enum {
  STOA_EXPLORER_SQUARECB,
  STOA_EXPLORER_EPSILON,
  STOA_EXPLORER_FASTCB,
  STOA_EXPLORER_REGCB_ELIM,
  STOA_EXPLORER_REGCB_OPT,
  STOA_EXPLORER_SOFTMAX,
  STOA_EXPLORER_THOMPSON,
  STOA_EXPLORER_BAG,
  STOA_EXPLORER_COVER,
  STOA_EXPLORER_COVER_NU,
  STOA_N_EXPLORERS
} stoa_explorer_kind;

typedef struct {
  stoa_explorer_kind kind;
  double gamma, exponent; ///< SquareCB, FastCB: gamma * t^exponent
  double epsilon;         ///< epsilon-greedy, Cover
  double c0;              ///< RegCB: how far it trusts what little it knows
  double lambda;          ///< softmax: how sharply it turns to the best
  double alpha;           ///< Thompson: how wide it draws
  double models;          ///< of bag and Cover; whole
  double psi;             ///< Cover: how much its models differ
  double floor;           ///< share that is spread evenly, so that every propensity stays positive
} stoa_explorer;

/// A way of exploring.
typedef struct {
  const char *name;
  const stoa_option *options;
  unsigned wanted; ///< stoa_scores_wanted, of which there may be several
  /// Put into `out` the probabilities of the k actions that are not excluded, of which `best` is the first best one
  /// and n_ties are as good; `out` is 0 before.  They sum to 1.
  void (*explore)(const stoa_explorer *explorer, const stoa_scores *scores, uint32_t k, double *out);
} stoa_explorer_class;

const stoa_explorer_class *stoa_explorer_class_of(stoa_explorer_kind kind);
/// Read `explorer:` of a policy file (NULL: nothing was said).
stoa_status stoa_explorer_read(const stoa_yaml *node, stoa_explorer *out, stoa_error *err);
/// Tell it as a policy file would.
void stoa_explorer_write(const stoa_explorer *explorer, stoa_buf *out);

/// Put into `out` the probabilities of the actions.  Excluded actions get 0; the others sum to 1.
/// False when every action is excluded.
bool stoa_explorer_probabilities(const stoa_explorer *explorer, const stoa_scores *scores, double *out);
/// Draw an index by `probabilities` from a seed: the same seed draws the same.
uint32_t stoa_explorer_draw(const double *probabilities, uint32_t n, uint64_t seed);
/// The seed that an event id stands for.
uint64_t stoa_explorer_seed(const char *event_id, uint64_t n_bytes);

#endif
