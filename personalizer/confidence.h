#ifndef STOA_PERSONALIZER_CONFIDENCE_H
#define STOA_PERSONALIZER_CONFIDENCE_H

#include <stdint.h>

/// An anytime-valid interval for a mean: with probability 1 - alpha it holds the mean at all times at once, however
/// often it is looked at.  The predictable plug-in empirical Bernstein confidence sequence (Waudby-Smith and Ramdas,
/// JRSS B 2024, theorem 2) for observations between two bounds, each looked at with alpha/2.
typedef struct {
  double low, high, alpha; ///< bounds of the observations
  double t, sum, squares;  ///< of what was seen, brought to 0..1
  double weights, weighted, psi;
  double least, most;      ///< the intersection of the intervals until now
} stoa_confidence;

/// `low` < `high`; 0 < alpha < 1.
void stoa_confidence_begin(stoa_confidence *c, double low, double high, double alpha);
/// One more observation, within the bounds.
void stoa_confidence_add(stoa_confidence *c, double x);
/// The interval; the bounds before anything was seen.
void stoa_confidence_tell(const stoa_confidence *c, double *least, double *most);

#endif
