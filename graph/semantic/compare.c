// Comparisons.  SQL brings both sides to one type; SPARQL compares a day with an instant as an error, and a text with a
// language with one without as different.
#include "graph/base/iri.h"
#include "graph/semantic/literal.h"
#include "graph/semantic/value.h"
#include "graph/term/vocab.h"

stoa_semantic_value stoa_semantic_constant(stoa_semantic_builder *b, stoa_term term, bool untyped)
{
  const stoa_slice type = stoa_term_datatype(term);
  return (stoa_semantic_value){.expr = stoa_semantic_term_expr(b, term),
                               .kinds = stoa_kind_of_term(term),
                               .whole = stoa_slice_is(type, STOA_XSD "integer"),
                               .lasts = stoa_slice_is(type, STOA_XSD "duration") ||
                                        stoa_slice_is(type, STOA_XSD "dayTimeDuration") ||
                                        stoa_slice_is(type, STOA_XSD "yearMonthDuration"),
                               .constant = true,
                               .untyped = untyped};
}

stoa_semantic_value stoa_semantic_now_value(stoa_semantic_builder *b, int64_t offset_us)
{
  return (stoa_semantic_value){
    .expr = stoa_semantic_now(b, offset_us), .kinds = STOA_KIND_DATETIME, .now = true, .offset_us = offset_us};
}

// The letters of the day in the instant's text, which is one of UTC.
static const stoa_expr *day_text(stoa_semantic_builder *b, int64_t offset_us)
{
  const stoa_expr *const text = stoa_semantic_call(b, STOA_FN_STR, stoa_semantic_now(b, offset_us), NULL, NULL);
  return stoa_semantic_call(b, STOA_FN_SUBSTR, text, stoa_semantic_term_expr(b, stoa_term_integer(1)),
                            stoa_semantic_term_expr(b, stoa_term_integer(10)));
}

stoa_semantic_value stoa_semantic_today_value(stoa_semantic_builder *b, int64_t offset_us)
{
  return (stoa_semantic_value){.expr = stoa_semantic_cast(b, STOA_XSD "date", day_text(b, offset_us)),
                               .kinds = STOA_KIND_DATE,
                               .zoneless = true,
                               .today = true,
                               .offset_us = offset_us};
}

stoa_semantic_value stoa_semantic_truth(const stoa_expr *e, bool nullable)
{
  return (stoa_semantic_value){.expr = e, .kinds = STOA_KIND_BOOLEAN, .nullable = nullable};
}

const char *stoa_semantic_kind_name(const stoa_semantic_value *v)
{
  return v->lasts                                   ? "an interval"
         : stoa_semantic_all(v, STOA_SEM_IRIS)      ? "an IRI"
         : stoa_semantic_all(v, STOA_SEM_TEXTS)     ? "a text"
         : stoa_semantic_all(v, STOA_KIND_NUMBER)   ? "a number"
         : stoa_semantic_all(v, STOA_KIND_BOOLEAN)  ? "a truth value"
         : stoa_semantic_all(v, STOA_KIND_DATE)     ? "a date"
         : stoa_semantic_all(v, STOA_KIND_DATETIME) ? "a timestamp"
                                                    : "a value of several types";
}

// ---- one type for both

static stoa_status coerce_iri(stoa_semantic_builder *b, stoa_semantic_value *v)
{
  const stoa_slice iri = stoa_iri_resolve(b->base, stoa_term_text(v->expr->term), b->arena);
  if (!stoa_iri_is_clean(iri) || !stoa_iri_is_absolute(iri)) {
    return stoa_error_at(b->err, STOA_BAD_TYPE, v->expr->place, "an IRI is meant here, and '%.*s' is none",
                         (int)(iri.length < 60 ? iri.length : 60), iri.data);
  }
  const stoa_place place = v->expr->place;
  *v = stoa_semantic_constant(b, stoa_term_iri(iri), false);
  ((stoa_expr *)v->expr)->place = place;
  return STOA_OK;
}

stoa_status stoa_semantic_coerce(stoa_semantic_builder *b, stoa_semantic_value *v, const stoa_semantic_value *like)
{
  const struct {
    bool is;
    stoa_semantic_type type;
  } types[] = {{like->lasts, STOA_SEM_INTERVAL},
               {stoa_semantic_all(like, STOA_KIND_DATE), STOA_SEM_DATE},
               {stoa_semantic_all(like, STOA_KIND_DATETIME), STOA_SEM_TIMESTAMP},
               {stoa_semantic_all(like, STOA_KIND_NUMBER) && like->whole, STOA_SEM_INTEGER},
               {stoa_semantic_all(like, STOA_KIND_NUMBER), STOA_SEM_DECIMAL},
               {stoa_semantic_all(like, STOA_KIND_BOOLEAN), STOA_SEM_BOOLEAN}};
  if (!v->untyped || like->untyped) {
    return STOA_OK;
  }
  if (stoa_semantic_all(like, STOA_SEM_IRIS)) {
    return coerce_iri(b, v);
  }
  for (size_t i = 0; i < sizeof types / sizeof *types; ++i) {
    const stoa_slice text = stoa_term_text(v->expr->term);
    const stoa_place place = v->expr->place;
    stoa_term term;
    if (!types[i].is) {
      continue;
    }
    if (!stoa_semantic_literal(types[i].type, text, NULL, b->arena, &term)) {
      return stoa_error_at(b->err, STOA_BAD_TYPE, place, "%s is meant here, such as %s, and '%.*s' is none",
                           stoa_semantic_kind_name(like), stoa_semantic_example(types[i].type),
                           (int)(text.length < 60 ? text.length : 60), text.data);
    }
    *v = stoa_semantic_constant(b, term, false);
    ((stoa_expr *)v->expr)->place = place;
    return STOA_OK;
  }
  return STOA_OK;
}

stoa_semantic_value stoa_semantic_as_text(stoa_semantic_builder *b, const stoa_semantic_value *v)
{
  stoa_semantic_value text = *v;
  if (!stoa_semantic_all(v, STOA_KIND_STRING)) {
    text = (stoa_semantic_value){.expr = stoa_semantic_call(b, STOA_FN_STR, v->expr, NULL, NULL),
                                 .kinds = STOA_KIND_STRING,
                                 .nullable = v->nullable};
  }
  return text;
}

static stoa_term without_zone(stoa_term t)
{
  return stoa_term_datetime(t.as.integer, false, 0);
}

stoa_semantic_value stoa_semantic_as_instant(stoa_semantic_builder *b, const stoa_semantic_value *v)
{
  if (!stoa_semantic_all(v, STOA_KIND_DATE)) {
    return *v;
  }
  const stoa_expr *const day =
    v->today ? day_text(b, v->offset_us) : stoa_semantic_call(b, STOA_FN_STR, v->expr, NULL, NULL);
  const stoa_expr *const rest = stoa_semantic_term_expr(b, stoa_term_string(stoa_slice_of("T00:00:00Z")));
  if (v->constant && v->expr->term.kind == STOA_TERM_DATE) {
    return stoa_semantic_constant(b, stoa_term_datetime(v->expr->term.as.integer, true, 0), false);
  }
  return (stoa_semantic_value){
    .expr = stoa_semantic_cast(b, STOA_XSD "dateTime", stoa_semantic_call(b, STOA_FN_CONCAT, day, rest, NULL)),
    .kinds = STOA_KIND_DATETIME,
    .nullable = v->nullable};
}

// ---- comparisons

static stoa_semantic_value plain(stoa_semantic_builder *b, stoa_function f, const stoa_semantic_value *x,
                                 const stoa_semantic_value *y)
{
  // What is known of both leaves no room for an error, but where one has values of several kinds.
  const stoa_kinds all = x->kinds | y->kinds;
  const bool sure = stoa_semantic_all(x, all) && (all == STOA_KIND_NUMBER || all == STOA_KIND_STRING ||
                                                  all == STOA_KIND_BOOLEAN || !(all & ~STOA_SEM_IRIS));
  return stoa_semantic_truth(stoa_semantic_call(b, f, x->expr, y->expr, NULL), x->nullable || y->nullable || !sure);
}

// A day before the one of an instant, or the same, has a text that is before that of the instant.
static stoa_semantic_value day_with_now(stoa_semantic_builder *b, stoa_function f, const stoa_semantic_value *day,
                                        const stoa_semantic_value *now)
{
  const bool by_text = f == STOA_FN_LE || f == STOA_FN_GT;
  const stoa_expr *const text = stoa_semantic_call(b, STOA_FN_STR, day->expr, NULL, NULL);
  const stoa_expr *other = NULL;
  if (by_text) {
    other = stoa_semantic_call(b, STOA_FN_STR, stoa_semantic_now(b, now->offset_us), NULL, NULL);
  } else if (now->today) {
    other = day_text(b, now->offset_us);
  }
  if (other) {
    return stoa_semantic_truth(stoa_semantic_call(b, f, text, other, NULL), day->nullable);
  }
  const stoa_semantic_value begin = stoa_semantic_as_instant(b, day);
  return plain(b, f, &begin, now);
}

static stoa_semantic_value times(stoa_semantic_builder *b, stoa_function f, const stoa_semantic_value *x,
                                 const stoa_semantic_value *y)
{
  const bool x_moves = x->now || x->today, y_moves = y->now || y->today;
  if (stoa_semantic_all(x, STOA_KIND_DATE) && !x_moves && !x->constant && y_moves) {
    return day_with_now(b, f, x, y);
  }
  if (stoa_semantic_all(y, STOA_KIND_DATE) && !y_moves && !y->constant && x_moves) {
    return day_with_now(b, stoa_function_mirrored(f), y, x);
  }
  stoa_semantic_value p = *x, q = *y;
  if (stoa_semantic_all(x, STOA_KIND_DATE) != stoa_semantic_all(y, STOA_KIND_DATE)) {
    p = stoa_semantic_as_instant(b, x);
    q = stoa_semantic_as_instant(b, y);
  }
  for (int i = 0; i < 2; ++i) {
    stoa_semantic_value *const one = i ? &p : &q;
    if (one->constant && one->expr->term.kind == STOA_TERM_DATETIME && (i ? &q : &p)->zoneless) {
      *one = stoa_semantic_constant(b, without_zone(one->expr->term), false);
    }
  }
  return plain(b, f, &p, &q);
}

// Kinds that SQL compares with each other.
static stoa_kinds family(stoa_kinds kinds)
{
  return (kinds & STOA_SEM_TEXTS ? STOA_SEM_TEXTS : 0) | (kinds & STOA_SEM_IRIS ? STOA_SEM_IRIS : 0) |
         (kinds & STOA_SEM_TIMES ? STOA_SEM_TIMES : 0) |
         (kinds & (STOA_KIND_NUMBER | STOA_KIND_BOOLEAN | STOA_KIND_OTHER));
}

static stoa_status refuse(const stoa_semantic_builder *b, const stoa_semantic_value *x, const stoa_semantic_value *y)
{
  const bool iri = stoa_semantic_all(x, STOA_SEM_IRIS) || stoa_semantic_all(y, STOA_SEM_IRIS),
             number = stoa_semantic_all(x, STOA_KIND_NUMBER) || stoa_semantic_all(y, STOA_KIND_NUMBER);
  return stoa_error_at(b->err, STOA_BAD_TYPE, b->place, "%s is compared with %s; %s", stoa_semantic_kind_name(x),
                       stoa_semantic_kind_name(y),
                       iri && number ? "an alias's .id is an IRI, and its key a property of its own"
                       : iri         ? "compare IRIs with IRIs, or CAST one AS text"
                                     : "CAST one of them");
}

stoa_status stoa_semantic_compare(stoa_semantic_builder *b, stoa_function f, const stoa_semantic_value *left,
                                  const stoa_semantic_value *right, stoa_semantic_value *out)
{
  stoa_semantic_value x = *left, y = *right;
  STOA_TRY(stoa_semantic_coerce(b, &x, &y));
  STOA_TRY(stoa_semantic_coerce(b, &y, &x));
  if (!(family(x.kinds) & family(y.kinds)) || x.lasts != y.lasts) {
    const bool lasts = x.lasts != y.lasts && ((x.kinds | y.kinds) & ~STOA_KIND_OTHER) == 0;
    return lasts ? (*out = plain(b, f, &x, &y), STOA_OK) : refuse(b, &x, &y);
  }
  if (stoa_semantic_all(&x, STOA_SEM_TIMES) && stoa_semantic_all(&y, STOA_SEM_TIMES)) {
    *out = times(b, f, &x, &y);
    return STOA_OK;
  }
  // Where one side is a text, letters are compared, whatever the language; so they are where it may be.
  const bool text = stoa_semantic_all(&x, STOA_SEM_TEXTS) || stoa_semantic_all(&y, STOA_SEM_TEXTS);
  if (text && ((x.kinds | y.kinds) & ~STOA_KIND_STRING)) {
    x = stoa_semantic_as_text(b, &x);
    y = stoa_semantic_as_text(b, &y);
  }
  *out = plain(b, f, &x, &y);
  return STOA_OK;
}
