#include "graph/plan/plans.h"
#include "graph/base/hash.h"
#include "graph/base/iri.h"
#include "graph/plan/planning.h"
#include "graph/plan/shape.h"
#include "graph/sparql/lexer.h"
#include "graph/sparql/parser.h"
#include "graph/term/vocab.h"
#include <pthread.h>
#include <stdlib.h>
#include <strings.h>

/// A text cut into its shape and its constants.
typedef struct {
  char *key; ///< tokens with a blank after each; for a constant a byte that tells its kind
  size_t n_key;
  uint64_t hash;
  STOA_LIST(stoa_token) constants;
} cut_text;

typedef struct stoa_planned {
  stoa_arena arena;
  cut_text cut;
  const char *base;
  const stoa_plan *plan;
  uint32_t n_users;  ///< leases, and one for being kept
  uint64_t last_use; ///< by the count of uses
  size_t n_bytes;
} planned;

struct stoa_plans {
  pthread_mutex_t lock;
  planned *kept[STOA_PLANS_MOST];
  uint32_t n_kept;
  size_t n_bytes;
  uint64_t n_uses, n_hits;
};

stoa_plans *stoa_plans_new(void)
{
  stoa_plans *const plans = calloc(1, sizeof *plans);
  if (plans) {
    pthread_mutex_init(&plans->lock, NULL);
  }
  return plans;
}

static void planned_free(planned *one)
{
  stoa_arena_done(&one->arena);
  free(one);
}

// Under the lock: one user less.
static void let_go(planned *one)
{
  if (--one->n_users == 0) {
    planned_free(one);
  }
}

static void drop(stoa_plans *plans, uint32_t i)
{
  plans->n_bytes -= plans->kept[i]->n_bytes;
  let_go(plans->kept[i]);
  plans->kept[i] = plans->kept[--plans->n_kept];
}

void stoa_plans_clear(stoa_plans *plans)
{
  if (!plans) {
    return;
  }
  pthread_mutex_lock(&plans->lock);
  while (plans->n_kept) {
    drop(plans, plans->n_kept - 1);
  }
  pthread_mutex_unlock(&plans->lock);
}

void stoa_plans_free(stoa_plans *plans)
{
  if (plans) {
    stoa_plans_clear(plans);
    pthread_mutex_destroy(&plans->lock);
    free(plans);
  }
}

void stoa_plans_counts(stoa_plans *plans, stoa_plans_count *out)
{
  pthread_mutex_lock(&plans->lock);
  *out = (stoa_plans_count){plans->n_hits, plans->n_uses - plans->n_hits, plans->n_kept, plans->n_bytes};
  pthread_mutex_unlock(&plans->lock);
}

// ---- cutting

static bool is_service(const stoa_token *token)
{
  return token->kind == STOA_TOKEN_WORD && token->raw.length == 7 && strncasecmp(token->raw.data, "SERVICE", 7) == 0;
}

// False for what is not kept: a text with a fault, too long, or with SERVICE, whose messages tell places.
static bool cut(const stoa_question *question, stoa_arena *arena, cut_text *out)
{
  stoa_lexer lexer;
  stoa_error fault = {0};
  if (question->text.length > STOA_PLANS_LONGEST_TEXT || stoa_lexer_check(question->text, "", &fault) != STOA_OK) {
    return false;
  }
  stoa_lexer_init(&lexer, question->text, "", arena);
  out->key = stoa_arena_raw(arena, 2 * question->text.length + 2);
  for (stoa_token t = stoa_lexer_next(&lexer); t.kind != STOA_TOKEN_END; t = stoa_lexer_next(&lexer)) {
    if (t.kind == STOA_TOKEN_BAD || is_service(&t)) {
      return false;
    }
    if (t.constant) {
      out->key[out->n_key++] = (char)(t.kind + 1);
      STOA_PUSH(arena, &out->constants, t);
    } else {
      memcpy(out->key + out->n_key, t.raw.data, t.raw.length);
      out->n_key += t.raw.length;
      out->key[out->n_key++] = ' ';
    }
  }
  out->hash = stoa_hash_text(0, out->key, out->n_key);
  return true;
}

static bool is_fixed(const planned *one, uint32_t i)
{
  return i >= STOA_MOST_CONSTANTS || one->plan->shape->fixed >> i & 1;
}

// The same shape, the same base, and the same texts for what is fixed.
static bool fits(const planned *one, const cut_text *text, const char *base)
{
  if (one->cut.hash != text->hash || one->cut.n_key != text->n_key ||
      memcmp(one->cut.key, text->key, text->n_key) != 0 || (one->base != NULL) != (base != NULL) ||
      (base && strcmp(one->base, base) != 0)) {
    return false;
  }
  for (uint32_t i = 0; i < text->constants.n; ++i) {
    if (is_fixed(one, i) && !stoa_slice_equal(one->cut.constants.items[i].raw, text->constants.items[i].raw)) {
      return false;
    }
  }
  return true;
}

// ---- using a plan again

static stoa_term term_of(const stoa_token *token, const stoa_query *query, stoa_term like, stoa_arena *arena)
{
  switch (token->kind) {
    case STOA_TOKEN_IRI:
      return stoa_term_iri(stoa_iri_resolve(query->base, token->text, arena));
    case STOA_TOKEN_STRING:
      return like.kind == STOA_TERM_STRING ? stoa_term_string(token->text)
             : like.kind == STOA_TERM_LANG ? stoa_term_lang(arena, token->text, stoa_term_language(like))
                                           : stoa_term_literal(arena, token->text, stoa_term_datatype(like));
    case STOA_TOKEN_INTEGER:
      return stoa_term_literal(arena, token->raw, stoa_slice_of(STOA_XSD "integer"));
    case STOA_TOKEN_DECIMAL:
      return stoa_term_literal(arena, token->raw, stoa_slice_of(STOA_XSD "decimal"));
    default:
      return stoa_term_literal(arena, token->raw, stoa_slice_of(STOA_XSD "double"));
  }
}

static bool bind(const planned *one, const cut_text *text, stoa_arena *arena, stoa_plan *out)
{
  const stoa_query *const query = one->plan->query;
  stoa_term terms[STOA_MOST_CONSTANTS];
  for (uint32_t i = 0; i < query->n_constants; ++i) {
    const stoa_term like = query->constants[i].term;
    terms[i] = is_fixed(one, i) ? like : term_of(&text->constants.items[i], query, like, arena);
  }
  *out = *one->plan;
  out->values = stoa_shape_bind(one->plan->shape, query, terms, arena);
  return out->values != NULL;
}

static bool find(stoa_plans *plans, const cut_text *text, const char *base, stoa_arena *arena, stoa_lease *out)
{
  bool found = false;
  pthread_mutex_lock(&plans->lock);
  plans->n_uses++;
  for (uint32_t i = 0; i < plans->n_kept && !found; ++i) {
    planned *const one = plans->kept[i];
    if (fits(one, text, base) && bind(one, text, arena, &out->plan)) {
      one->n_users++;
      one->last_use = plans->n_uses;
      out->planned = one;
      plans->n_hits++;
      found = true;
    }
  }
  pthread_mutex_unlock(&plans->lock);
  return found;
}

// ---- making one

static void keep(stoa_plans *plans, planned *one)
{
  one->n_bytes = one->arena.n_bytes;
  if (one->n_bytes > STOA_PLANS_MOST_BYTES / 8) {
    return;
  }
  pthread_mutex_lock(&plans->lock);
  while (plans->n_kept == STOA_PLANS_MOST || plans->n_bytes + one->n_bytes > STOA_PLANS_MOST_BYTES) {
    uint32_t oldest = 0;
    for (uint32_t i = 1; i < plans->n_kept; ++i) {
      oldest = plans->kept[i]->last_use < plans->kept[oldest]->last_use ? i : oldest;
    }
    drop(plans, oldest);
  }
  one->n_users++;
  one->last_use = plans->n_uses;
  plans->n_bytes += one->n_bytes;
  plans->kept[plans->n_kept++] = one;
  pthread_mutex_unlock(&plans->lock);
}

static stoa_status plan(const stoa_question *q, const stoa_rewriter *rewriter, const stoa_context *context,
                        stoa_arena *arena, const stoa_plan **out, stoa_error *err)
{
  const stoa_query *query;
  STOA_TRY(stoa_query_read_on(context->dataset, q->text, q->file, q->base, arena, &query, err));
  return stoa_plan_make(query, rewriter, context, arena, out, err);
}

// A plan that outlives its question: text and base are its own.
static stoa_status make_kept(const stoa_question *q, const stoa_rewriter *rewriter, const stoa_context *context,
                             stoa_lease *out, stoa_error *err)
{
  planned *const one = calloc(1, sizeof *one);
  if (!one) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a plan");
  }
  stoa_arena_init(&one->arena, context->memory_bytes);
  stoa_question own = *q;
  own.text = stoa_arena_slice(&one->arena, q->text);
  own.file = stoa_arena_copy(&one->arena, stoa_slice_of(q->file));
  own.base = q->base ? stoa_arena_copy(&one->arena, stoa_slice_of(q->base)) : NULL;
  one->base = own.base;
  one->n_users = 1;
  const stoa_status status = plan(&own, rewriter, context, &one->arena, &one->plan, err);
  if (status != STOA_OK) {
    planned_free(one);
    return status;
  }
  if (cut(&own, &one->arena, &one->cut)) {
    keep(rewriter->plans, one);
  }
  *out = (stoa_lease){*one->plan, one};
  return STOA_OK;
}

stoa_status stoa_plans_lease(const stoa_question *question, const stoa_rewriter *rewriter, const stoa_context *context,
                             stoa_arena *arena, stoa_lease *out, stoa_error *err)
{
  cut_text text = {0};
  *out = (stoa_lease){0};
  if (rewriter->plans && !context->dataset && cut(question, arena, &text)) {
    return find(rewriter->plans, &text, question->base, arena, out) ? STOA_OK
                                                                    : make_kept(question, rewriter, context, out, err);
  }
  const stoa_plan *made = NULL;
  STOA_TRY(plan(question, rewriter, context, arena, &made, err));
  out->plan = *made;
  return STOA_OK;
}

void stoa_plans_give_back(const stoa_rewriter *rewriter, stoa_lease *lease)
{
  if (lease->planned) {
    pthread_mutex_lock(&rewriter->plans->lock);
    let_go(lease->planned);
    pthread_mutex_unlock(&rewriter->plans->lock);
  }
  *lease = (stoa_lease){0};
}
