#ifndef STOA_GRAPH_SEMANTIC_VALUE_H
#define STOA_GRAPH_SEMANTIC_VALUE_H

#include "graph/semantic/build.h"

/// Expressions of the algebra with what is known of their values, and what SQL does with two of them where SPARQL does
/// otherwise.

typedef struct {
  const stoa_expr *expr;
  stoa_kinds kinds;
  bool whole;    ///< its numbers are xsd:integer
  bool zoneless; ///< its times have no zone
  bool lasts;    ///< it is a duration
  bool nullable; ///< it may be NULL, or an error, which is the same here
  bool constant;
  bool untyped; ///< a constant text that takes the type of what it meets
  bool now, today;
  int64_t offset_us; ///< of now and today
} stoa_semantic_value;

/// Kinds that go together.
#define STOA_SEM_IRIS ((stoa_kinds)(STOA_KIND_IRI | STOA_KIND_BLANK))
#define STOA_SEM_TEXTS ((stoa_kinds)(STOA_KIND_STRING | STOA_KIND_LANG))
#define STOA_SEM_TIMES ((stoa_kinds)(STOA_KIND_DATE | STOA_KIND_DATETIME))

/// True when a value, if there is one, is of these kinds.
static inline bool stoa_semantic_all(const stoa_semantic_value *v, stoa_kinds kinds)
{
  return v->kinds && !(v->kinds & ~kinds);
}

/// A constant.
stoa_semantic_value stoa_semantic_constant(stoa_semantic_builder *b, stoa_term term, bool untyped);
/// CURRENT_TIMESTAMP and CURRENT_DATE, so many microseconds later.
stoa_semantic_value stoa_semantic_now_value(stoa_semantic_builder *b, int64_t offset_us);
stoa_semantic_value stoa_semantic_today_value(stoa_semantic_builder *b, int64_t offset_us);
/// What a value is, for messages: "a number".
const char *stoa_semantic_kind_name(const stoa_semantic_value *v);

/// Give a constant text without a type that of `like`.  STOA_BAD_TYPE where it is no value of that.
stoa_status stoa_semantic_coerce(stoa_semantic_builder *b, stoa_semantic_value *v, const stoa_semantic_value *like);
/// The value as a text without a language.
stoa_semantic_value stoa_semantic_as_text(stoa_semantic_builder *b, const stoa_semantic_value *v);
/// A day as the instant at which it begins, in UTC; an instant as it is.
stoa_semantic_value stoa_semantic_as_instant(stoa_semantic_builder *b, const stoa_semantic_value *v);
/// x f y.  STOA_BAD_TYPE where SQL would not compare them.
stoa_status stoa_semantic_compare(stoa_semantic_builder *b, stoa_function f, const stoa_semantic_value *x,
                                  const stoa_semantic_value *y, stoa_semantic_value *out);
/// x f y for + - * /.
stoa_status stoa_semantic_compute(stoa_semantic_builder *b, stoa_function f, const stoa_semantic_value *x,
                                  const stoa_semantic_value *y, stoa_semantic_value *out);
/// A truth made of others.
stoa_semantic_value stoa_semantic_truth(const stoa_expr *e, bool nullable);

#endif
