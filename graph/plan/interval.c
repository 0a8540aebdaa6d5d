#include "graph/plan/interval.h"
#include <math.h>
#include <stdlib.h>

// The column of a side of a comparison, as the value that quantiles tell of.
static bool column_of(const stoa_sx *sx, const stoa_sx **out)
{
  const bool as_time = stoa_sx_is(sx, STOA_OP_TIME) || stoa_sx_is(sx, STOA_OP_TEXT_TIME) ||
                       stoa_sx_is(sx, STOA_OP_TIME_NEAR_ZONE) || stoa_sx_is(sx, STOA_OP_TIME_NEAR_NO_ZONE);
  *out = as_time ? sx->args[0] : sx;
  return (*out)->kind == STOA_SX_COLUMN && (*out)->info->n_quantiles;
}

static bool number_of(const stoa_value *value, double *out)
{
  char digits[64];
  switch (value->kind) {
    case STOA_VALUE_INTEGER:
      *out = (double)value->as.integer;
      return true;
    case STOA_VALUE_REAL:
      *out = value->as.real;
      return true;
    case STOA_VALUE_DECIMAL:
      if (value->text.length >= sizeof digits) {
        return false;
      }
      memcpy(digits, value->text.data, value->text.length);
      digits[value->text.length] = '\0';
      *out = strtod(digits, NULL);
      return true;
    default:
      return false;
  }
}

static bool value_of(const stoa_sx *sx, double *out)
{
  const stoa_sx *const param = stoa_sx_is(sx, STOA_OP_INSTANT) ? sx->args[0] : sx;
  if (param->kind != STOA_SX_PARAM) {
    return false;
  }
  if (param->param.kind == STOA_PARAM_NOW) {
    *out = (double)(param->param.planned_us + param->param.offset_us);
    return param->param.planned_us != 0;
  }
  return param->param.kind == STOA_PARAM_VALUE && number_of(&param->param.value, out);
}

static stoa_sql_op mirrored(stoa_sql_op op)
{
  switch (op) {
    case STOA_OP_LT:
      return STOA_OP_GT;
    case STOA_OP_GT:
      return STOA_OP_LT;
    case STOA_OP_LE:
      return STOA_OP_GE;
    case STOA_OP_GE:
      return STOA_OP_LE;
    default:
      return STOA_OP_NONE;
  }
}

// `column op value`.
static bool range_of(stoa_sql_op op, double value, stoa_value_range *out)
{
  enum { HOURS_BEFORE = 14, HOURS_AFTER = 15 }; // as the bounds beside an instant are said
  const double hour_us = 3.6e9;
  *out = (stoa_value_range){.least = -INFINITY, .most = INFINITY};
  switch (op) {
    case STOA_OP_GT:
    case STOA_OP_GE:
      out->least = value;
      out->above = op == STOA_OP_GT;
      return true;
    case STOA_OP_LT:
    case STOA_OP_LE:
      out->most = value;
      out->below = op == STOA_OP_LT;
      return true;
    case STOA_OP_FROM_NEAR:
      out->least = value - HOURS_BEFORE * hour_us;
      return true;
    case STOA_OP_TO_NEAR:
      out->most = value + HOURS_AFTER * hour_us;
      return true;
    default:
      return false;
  }
}

// The guard of a number (it is no NaN, say) holds for nearly all.
static bool is_guard(const stoa_sx *sx)
{
  return stoa_sx_is(sx, STOA_OP_BELOW) || stoa_sx_is(sx, STOA_OP_ABOVE);
}

bool stoa_interval_of(const stoa_sx *sx, stoa_interval *out)
{
  double value;
  if (sx->kind != STOA_SX_CALL || sx->n_args != 2) {
    return false;
  }
  if (sx->op == STOA_OP_AND && is_guard(sx->args[1])) {
    return stoa_interval_of(sx->args[0], out);
  }
  if (column_of(sx->args[0], &out->column) && value_of(sx->args[1], &value)) {
    return range_of(sx->op, value, &out->range);
  }
  return column_of(sx->args[1], &out->column) && value_of(sx->args[0], &value) &&
         range_of(mirrored(sx->op), value, &out->range);
}

void stoa_interval_meet(stoa_interval *a, const stoa_interval *b)
{
  stoa_value_range *const x = &a->range;
  const stoa_value_range *const y = &b->range;
  if (y->least > x->least || (y->least == x->least && y->above)) {
    x->least = y->least;
    x->above = y->above;
  }
  if (y->most < x->most || (y->most == x->most && y->below)) {
    x->most = y->most;
    x->below = y->below;
  }
}

double stoa_interval_share(const stoa_interval *interval)
{
  const double least = 1e-4, share = stoa_quantiles_share(interval->column->info, &interval->range);
  return share > least ? share : least;
}
