#ifndef STOA_PERSONALIZER_OFFPOLICY_H
#define STOA_PERSONALIZER_OFFPOLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Off-policy evaluation: what another policy would have earned, from a log of decisions whose propensities are known.
/// With w = pi/p of the action that was shown, r its reward and f a model of rewards:
///  IPS    mean(w r)                                   Horvitz and Thompson 1952
///  SNIPS  sum(w r) / sum(w)                           Swaminathan and Joachims 2015
///  DM     mean(sum_a pi_a f_a)
///  DR     DM + mean(w (r - f))                        Dudik, Langford, Li 2011
///  SWITCH DM + mean(w (r - f) where w <= tau)         Wang, Agarwal, Dudik 2017
///  DRos   DM + mean(lambda w / (w^2 + lambda) (r-f))  Su, Dimakopoulou, Krishnamurthy, Dudik 2020
///  MRDR   DR, with the model that is fitted to make its variance least, weights w^2 (1 - p)
///                                                     Farajtabar, Chow, Ghavamzadeh 2018
/// The effective sample size is sum(w)^2 / sum(w^2).

/// A decision: its actions, what the policy that is evaluated would have done, and what was shown.
typedef struct {
  uint32_t n;              ///< actions, at least one
  const uint32_t *actions; ///< their numbers, below stoa_logged_table's
  const double *pi;        ///< what the other policy gives them, sum at most 1
  uint32_t shown;          ///< index among them
  double propensity;       ///< of that one, above 0
  double reward;
  uint32_t group;          ///< rewards are modelled by group and action (such as the place on a page)
} stoa_logged;

typedef struct {
  const stoa_logged *items;
  size_t n;
  uint32_t n_actions, n_groups; ///< numbers of actions and groups are below
} stoa_logged_table;

typedef enum {
  STOA_OFFPOLICY_IPS,
  STOA_OFFPOLICY_SNIPS,
  STOA_OFFPOLICY_DM,
  STOA_OFFPOLICY_DR,
  STOA_OFFPOLICY_SWITCH,
  STOA_OFFPOLICY_DROS,
  STOA_OFFPOLICY_MRDR,
  STOA_OFFPOLICY_KINDS
} stoa_offpolicy_kind;

extern const char *const stoa_offpolicy_names[STOA_OFFPOLICY_KINDS];

typedef struct {
  double tau;    ///< of SWITCH
  double lambda; ///< of DRos
} stoa_offpolicy_options;

typedef struct {
  double value[STOA_OFFPOLICY_KINDS];
  double error[STOA_OFFPOLICY_KINDS]; ///< standard error, by the variance of what is averaged
  double logged;         ///< mean reward of the log itself
  double effective;      ///< effective sample size
  double greatest;       ///< w
  double mean_weight;    ///< 1 as far as the log tries all that the policy does
  size_t n;
} stoa_offpolicy;

/// The model of rewards f: the mean of a group and action, drawn to the mean of all by one observation, each half of the
/// log (even and odd) modelled by the other one (cross-fitting), so that no event tells of itself.  False without
/// memory.  `weighted`: with the weights of MRDR.
typedef struct stoa_reward_model stoa_reward_model;
stoa_reward_model *stoa_reward_model_new(const stoa_logged_table *table, bool weighted);
void stoa_reward_model_free(stoa_reward_model *model);
/// f of the i-th event for an action.
double stoa_reward_model_of(const stoa_reward_model *model, size_t event, uint32_t group, uint32_t action);

/// Estimate over those of the events for which `keep` is true (NULL: all); `plain` and `weighted` are models of all.
void stoa_offpolicy_estimate(const stoa_logged_table *table, const bool *keep, const stoa_reward_model *plain,
                             const stoa_reward_model *weighted, const stoa_offpolicy_options *options,
                             stoa_offpolicy *out);

#endif
