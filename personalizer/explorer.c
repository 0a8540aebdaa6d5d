#include "personalizer/explorer.h"
#include "graph/base/assert.h"
#include "graph/base/hash.h"
#include "personalizer/regcb.h"
#include "personalizer/thompson.h"
#include <math.h>

// What is left over goes to the best, in equal parts where several are.
static void give_rest(const stoa_scores *s, double *out)
{
  uint32_t n_ties;
  double rest = 1;
  const uint32_t best = stoa_scores_best(s->costs, s->excluded, s->n, &n_ties);
  for (uint32_t i = 0; i < s->n; ++i) {
    rest -= out[i];
  }
  for (uint32_t i = 0; i < s->n; ++i) {
    out[i] += !s->excluded[i] && s->costs[i] == s->costs[best] ? rest / n_ties : 0;
  }
}

static double least_of(const stoa_scores *s)
{
  uint32_t n_ties;
  return s->costs[stoa_scores_best(s->costs, s->excluded, s->n, &n_ties)];
}

static double gamma_of(const stoa_explorer *e, const stoa_scores *s)
{
  return e->gamma * pow((double)s->n_learned + 1, e->exponent);
}

// Foster and Rakhlin, ICML 2020: 1 / (K + gamma (f - f_min)).
static void squarecb(const stoa_explorer *e, const stoa_scores *s, uint32_t k, double *out)
{
  const double gamma = gamma_of(e, s), least = least_of(s);
  for (uint32_t i = 0; i < s->n; ++i) {
    out[i] = !s->excluded[i] && s->costs[i] > least ? 1 / ((double)k + gamma * (s->costs[i] - least)) : 0;
  }
  give_rest(s, out);
}

// Foster and Krishnamurthy, NeurIPS 2021, for costs within [0, 1]: f_min / (K f_min + gamma (f - f_min)).
static void fastcb(const stoa_explorer *e, const stoa_scores *s, uint32_t k, double *out)
{
  const double gamma = gamma_of(e, s), least = least_of(s);
  const double range = s->high > s->low ? s->high - s->low : 1, of_least = (least - s->low) / range;
  for (uint32_t i = 0; i < s->n; ++i) {
    const double more = (s->costs[i] - least) / range;
    out[i] = !s->excluded[i] && more > 0 && of_least > 0 ? of_least / ((double)k * of_least + gamma * more) : 0;
  }
  give_rest(s, out);
}

// Ties share the greedy part.
static void epsilon(const stoa_explorer *e, const stoa_scores *s, uint32_t k, double *out)
{
  for (uint32_t i = 0; i < s->n; ++i) {
    out[i] = s->excluded[i] ? 0 : e->epsilon / k;
  }
  give_rest(s, out);
}

static void softmax(const stoa_explorer *e, const stoa_scores *s, uint32_t k, double *out)
{
  const double least = least_of(s);
  double sum = 0;
  (void)k;
  for (uint32_t i = 0; i < s->n; ++i) {
    out[i] = s->excluded[i] ? 0 : exp(-e->lambda * (s->costs[i] - least));
    sum += out[i];
  }
  for (uint32_t i = 0; i < s->n; ++i) {
    out[i] /= sum;
  }
}

static void bag(const stoa_explorer *e, const stoa_scores *s, uint32_t k, double *out)
{
  (void)e;
  (void)k;
  memcpy(out, s->votes, s->n * sizeof *out);
}

// Agarwal et al., ICML 2014, in its online form: what its models vote, but for a share that shrinks with the labels.
static void cover(const stoa_explorer *e, const stoa_scores *s, uint32_t k, double *out)
{
  const double least = e->epsilon * fmin(1, sqrt((double)k / ((double)s->n_learned + 1)));
  for (uint32_t i = 0; i < s->n; ++i) {
    out[i] = s->excluded[i] ? 0 : (1 - least) * s->votes[i] + least / k;
  }
}

#define AT(field) offsetof(stoa_explorer, field)
#define FLOOR {"floor", AT(floor), 0, 1, 0.002, false}

static const stoa_option of_squarecb[] = {{"gamma", AT(gamma), 0, 1e6, 10, false},
                                          {"exponent", AT(exponent), 0, 1, 0.5, false},
                                          FLOOR,
                                          STOA_NO_OPTION};
static const stoa_option of_epsilon[] = {{"epsilon", AT(epsilon), 0, 1, 0.1, false}, FLOOR, STOA_NO_OPTION};
static const stoa_option of_regcb[] = {{"c0", AT(c0), 0, 1e6, 0.1, false}, FLOOR, STOA_NO_OPTION};
static const stoa_option of_softmax[] = {{"lambda", AT(lambda), 0, 1e6, 20, false}, FLOOR, STOA_NO_OPTION};
static const stoa_option of_thompson[] = {{"alpha", AT(alpha), 0, 1e6, 0.3, false}, FLOOR, STOA_NO_OPTION};
static const stoa_option of_bag[] = {{"models", AT(models), 2, 16, 5, true}, FLOOR, STOA_NO_OPTION};
static const stoa_option of_cover[] = {{"models", AT(models), 2, 16, 3, true},
                                       {"epsilon", AT(epsilon), 0, 1, 0.05, false},
                                       {"psi", AT(psi), 0, 1e6, 1, false},
                                       FLOOR,
                                       STOA_NO_OPTION};

static const stoa_explorer_class classes[STOA_N_EXPLORERS] = {
  [STOA_EXPLORER_SQUARECB] = {"squarecb", of_squarecb, STOA_SCORES_COSTS, squarecb},
  [STOA_EXPLORER_EPSILON] = {"epsilon", of_epsilon, STOA_SCORES_COSTS, epsilon},
  [STOA_EXPLORER_FASTCB] = {"fastcb", of_squarecb, STOA_SCORES_COSTS, fastcb},
  [STOA_EXPLORER_REGCB_ELIM] = {"regcb-elim", of_regcb, STOA_SCORES_DEVIATIONS, stoa_regcb_elim},
  [STOA_EXPLORER_REGCB_OPT] = {"regcb-opt", of_regcb, STOA_SCORES_DEVIATIONS, stoa_regcb_opt},
  [STOA_EXPLORER_SOFTMAX] = {"softmax", of_softmax, STOA_SCORES_COSTS, softmax},
  [STOA_EXPLORER_THOMPSON] = {"thompson", of_thompson, STOA_SCORES_DEVIATIONS, stoa_thompson},
  [STOA_EXPLORER_BAG] = {"bag", of_bag, STOA_SCORES_VOTES, bag},
  [STOA_EXPLORER_COVER] = {"cover", of_cover, STOA_SCORES_VOTES, cover},
  [STOA_EXPLORER_COVER_NU] = {"cover-nu", of_cover, STOA_SCORES_VOTES, bag},
};

/// What is not told to be another (docs/bench.md has the figures).
static const stoa_explorer_kind usual = STOA_EXPLORER_REGCB_OPT;

const stoa_explorer_class *stoa_explorer_class_of(stoa_explorer_kind kind)
{
  return &classes[kind];
}

// ---- options

static stoa_status read_kind(const stoa_yaml *node, stoa_explorer *out, stoa_error *err)
{
  const char *const kind = stoa_yaml_text(node, "kind", classes[usual].name);
  stoa_buf names = {0};
  for (int k = 0; k < STOA_N_EXPLORERS; ++k) {
    if (strcmp(kind, classes[k].name) == 0) {
      out->kind = (stoa_explorer_kind)k;
      stoa_buf_done(&names);
      return STOA_OK;
    }
    stoa_buf_print(&names, "%s%s", k ? ", " : "", classes[k].name);
  }
  const stoa_status status = stoa_error_at(err, STOA_BAD_ARG, stoa_yaml_find(node, "kind")->place,
                                           "unknown explorer \"%s\"; use one of %s", kind, stoa_buf_string(&names));
  stoa_buf_done(&names);
  return status;
}

stoa_status stoa_explorer_read(const stoa_yaml *node, stoa_explorer *out, stoa_error *err)
{
  static const char *const others[] = {"kind", NULL};
  *out = (stoa_explorer){.kind = usual};
  if (node && node->kind == STOA_YAML_MAP) {
    STOA_TRY(stoa_yaml_plain(node, others, err));
    STOA_TRY(read_kind(node, out, err));
  }
  stoa_options_init(classes[out->kind].options, out);
  return node ? stoa_options_read(classes[out->kind].options, node, classes[out->kind].name, others, out, err)
              : STOA_OK;
}

void stoa_explorer_write(const stoa_explorer *e, stoa_buf *out)
{
  stoa_buf_print(out, "{kind: %s", classes[e->kind].name);
  stoa_options_write(classes[e->kind].options, e, out);
  stoa_buf_byte(out, '}');
}

// ---- probabilities

bool stoa_explorer_probabilities(const stoa_explorer *e, const stoa_scores *s, double *out)
{
  uint32_t k = 0;
  double sum = 0;
  for (uint32_t i = 0; i < s->n; ++i) {
    out[i] = 0;
    k += !s->excluded[i];
  }
  if (k == 0) {
    return false;
  }
  classes[e->kind].explore(e, s, k, out);
  for (uint32_t i = 0; i < s->n; ++i) {
    out[i] = s->excluded[i] ? 0 : (1 - e->floor) * out[i] + e->floor / k;
    sum += out[i];
  }
  STOA_ASSERT(sum > 1 - 1e-9 && sum < 1 + 1e-9);
  return true;
}

uint64_t stoa_explorer_seed(const char *event_id, uint64_t n_bytes)
{
  return stoa_hash_mix(stoa_hash_more(STOA_HASH_SEED, event_id, n_bytes));
}

uint32_t stoa_explorer_draw(const double *probabilities, uint32_t n, uint64_t seed)
{
  const double u = (double)(stoa_hash_mix(seed ^ UINT64_C(0x5851F42D4C957F2D)) >> 11) * 0x1p-53;
  double sum = 0;
  uint32_t last = 0;
  for (uint32_t i = 0; i < n; ++i) {
    if (probabilities[i] > 0) {
      sum += probabilities[i];
      last = i;
      if (u < sum) {
        return i;
      }
    }
  }
  return last;
}
