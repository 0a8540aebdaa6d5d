// Arithmetic.  Of two whole numbers SQL's quotient is one too, a day minus a day is a number of days, and a day plus a
// number is a day.
#include "graph/semantic/value.h"
#include "graph/term/duration.h"
#include "graph/term/vocab.h"

static const int64_t day_us = INT64_C(86400000000);

static const stoa_expr *one_day(stoa_semantic_builder *b)
{
  const stoa_duration day = {.kind = STOA_DURATION_DAY_TIME, .us = day_us};
  return stoa_semantic_term_expr(b, stoa_term_copy(stoa_duration_term(&day, b->arena), b->arena));
}

static bool constant_span(const stoa_semantic_value *v, int64_t *us)
{
  stoa_duration d;
  if (!v->constant || !v->lasts || !stoa_duration_of(v->expr->term, &d) || d.months) {
    return false;
  }
  *us = d.us;
  return true;
}

static bool constant_days(const stoa_semantic_value *v, int64_t *us)
{
  return v->constant && v->expr->term.kind == STOA_TERM_INTEGER &&
         !__builtin_mul_overflow(v->expr->term.as.integer, day_us, us);
}

// CURRENT_TIMESTAMP - INTERVAL '90 days' is one instant to whoever asks a source.
static bool moved(stoa_semantic_builder *b, stoa_function f, const stoa_semantic_value *x, const stoa_semantic_value *y,
                  stoa_semantic_value *out)
{
  const int64_t most = INT64_C(36600) * day_us;
  int64_t us;
  const bool span = constant_span(y, &us), days = !span && x->today && constant_days(y, &us);
  const bool whole = (span || days) && us % day_us == 0;
  if ((!x->now && !x->today) || (!span && !days) || (x->today && !whole) || us > most || us < -most ||
      (f != STOA_FN_ADD && f != STOA_FN_SUBTRACT)) {
    return false;
  }
  const int64_t offset = x->offset_us + (f == STOA_FN_ADD ? us : -us);
  *out = x->now ? stoa_semantic_now_value(b, offset) : stoa_semantic_today_value(b, offset);
  return true;
}

static stoa_status refuse(const stoa_semantic_builder *b, stoa_function f, const stoa_semantic_value *x,
                          const stoa_semantic_value *y)
{
  const bool time = stoa_semantic_all(x, STOA_KIND_DATETIME) && stoa_semantic_all(y, STOA_KIND_NUMBER);
  return stoa_error_at(b->err, STOA_BAD_TYPE, b->place, "%s %s %s; %s", stoa_semantic_kind_name(x),
                       stoa_function_name(f), stoa_semantic_kind_name(y),
                       time ? "write INTERVAL '1 day', times a number" : "CAST one of them to a number, or write ||");
}

static stoa_semantic_value made(stoa_semantic_builder *b, stoa_function f, const stoa_expr *x, const stoa_expr *y,
                                stoa_kinds kinds)
{
  return (stoa_semantic_value){.expr = stoa_semantic_call(b, f, x, y, NULL), .kinds = kinds};
}

static stoa_semantic_value of_days(stoa_semantic_builder *b, stoa_function f, const stoa_semantic_value *x,
                                   const stoa_semantic_value *y)
{
  if (stoa_semantic_all(y, STOA_KIND_DATE)) { // so many days
    const stoa_expr *const span = stoa_semantic_call(b, f, x->expr, y->expr, NULL);
    const stoa_expr *const days = stoa_semantic_call(b, STOA_FN_DIVIDE, span, one_day(b), NULL);
    stoa_semantic_value v = {.expr = stoa_semantic_cast(b, STOA_XSD "integer", days), .kinds = STOA_KIND_NUMBER};
    v.whole = true;
    return v;
  }
  const stoa_expr *const span = y->lasts ? y->expr : stoa_semantic_call(b, STOA_FN_MULTIPLY, one_day(b), y->expr, NULL);
  stoa_semantic_value v = made(b, f, x->expr, span, STOA_KIND_DATE);
  v.zoneless = x->zoneless;
  return v;
}

static bool adds(stoa_function f)
{
  return f == STOA_FN_ADD || f == STOA_FN_SUBTRACT;
}

// A day and hours are an instant.
static bool has_hours(const stoa_semantic_value *v)
{
  int64_t us;
  return v->lasts && constant_span(v, &us) && us % day_us != 0;
}

static stoa_semantic_value of_numbers(stoa_semantic_builder *b, stoa_function f, const stoa_semantic_value *x,
                                      const stoa_semantic_value *y)
{
  stoa_semantic_value v = made(b, f, x->expr, y->expr, STOA_KIND_NUMBER);
  v.whole = x->whole && y->whole;
  if (f == STOA_FN_DIVIDE) {
    const bool nought = !y->constant || (y->expr->term.kind == STOA_TERM_INTEGER && y->expr->term.as.integer == 0);
    v.expr = v.whole ? stoa_semantic_cast(b, STOA_XSD "integer", v.expr) : v.expr;
    v.nullable = nought;
  }
  return v;
}

// What an interval and another interval, a number or a time give; 0: nothing.
static stoa_kinds of_interval(stoa_function f, const stoa_semantic_value *x, const stoa_semantic_value *y)
{
  if (x->lasts && y->lasts) {
    return adds(f) ? STOA_KIND_OTHER : f == STOA_FN_DIVIDE ? STOA_KIND_NUMBER : 0;
  }
  if (x->lasts && stoa_semantic_all(y, STOA_SEM_TIMES)) {
    return f == STOA_FN_ADD ? y->kinds : 0;
  }
  if (y->lasts && adds(f) && !stoa_semantic_all(x, STOA_KIND_NUMBER)) { // what may be a time is one
    return x->kinds & (STOA_SEM_TIMES);
  }
  const bool scales = x->lasts ? stoa_semantic_all(y, STOA_KIND_NUMBER) && !adds(f)
                               : stoa_semantic_all(x, STOA_KIND_NUMBER) && f == STOA_FN_MULTIPLY;
  return scales ? STOA_KIND_OTHER : 0;
}

static stoa_status apply(stoa_semantic_builder *b, stoa_function f, const stoa_semantic_value *x,
                         const stoa_semantic_value *y, stoa_semantic_value *out)
{
  const stoa_kinds number = STOA_KIND_NUMBER;
  const bool counts = stoa_semantic_all(y, number) || y->lasts;
  if (x->lasts || (y->lasts && !stoa_semantic_all(x, STOA_SEM_TIMES))) {
    const stoa_kinds kinds = of_interval(f, x, y);
    *out = made(b, f, x->expr, y->expr, kinds);
    out->lasts = kinds == STOA_KIND_OTHER;
    out->nullable = !out->lasts && !stoa_semantic_all(y, kinds); // what is no time gives none
    return kinds ? STOA_OK : refuse(b, f, x, y);
  }
  if (stoa_semantic_all(x, STOA_KIND_DATE) && adds(f) &&
      (counts || (f == STOA_FN_SUBTRACT && stoa_semantic_all(y, STOA_KIND_DATE))) && !has_hours(y)) {
    *out = of_days(b, f, x, y);
    return STOA_OK;
  }
  if (stoa_semantic_all(x, number) && f == STOA_FN_ADD && stoa_semantic_all(y, STOA_KIND_DATE)) {
    *out = of_days(b, f, y, x);
    return STOA_OK;
  }
  if (stoa_semantic_all(x, STOA_SEM_TIMES) && adds(f) &&
      (y->lasts || (f == STOA_FN_SUBTRACT && stoa_semantic_all(y, STOA_SEM_TIMES)))) {
    const stoa_semantic_value from = stoa_semantic_as_instant(b, x), to = stoa_semantic_as_instant(b, y);
    *out = made(b, f, from.expr, to.expr, y->lasts ? STOA_KIND_DATETIME : STOA_KIND_OTHER);
    out->lasts = !y->lasts;
    return STOA_OK;
  }
  if (!(x->kinds & number) || !(y->kinds & number)) {
    return refuse(b, f, x, y);
  }
  *out = of_numbers(b, f, x, y);
  out->nullable |= !stoa_semantic_all(x, number) || !stoa_semantic_all(y, number);
  return STOA_OK;
}

stoa_status stoa_semantic_compute(stoa_semantic_builder *b, stoa_function f, const stoa_semantic_value *left,
                                  const stoa_semantic_value *right, stoa_semantic_value *out)
{
  stoa_semantic_value x = *left, y = *right;
  STOA_TRY(stoa_semantic_coerce(b, &x, &y));
  STOA_TRY(stoa_semantic_coerce(b, &y, &x));
  if (moved(b, f, &x, &y, out)) {
    return STOA_OK;
  }
  STOA_TRY(apply(b, f, &x, &y, out));
  out->nullable |= x.nullable || y.nullable;
  return STOA_OK;
}
