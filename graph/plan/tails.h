#ifndef STOA_GRAPH_PLAN_TAILS_H
#define STOA_GRAPH_PLAN_TAILS_H

#include "graph/plan/group.h"
#include "graph/plan/piece.h"

/// OPTIONAL, MINUS, EXISTS and BIND over what is joined already: in SQL where one source holds both sides, by look-ups
/// in a native graph, or by the executor.  `right` is the tail's own group as a piece.

stoa_piece stoa_tail_optional(stoa_planner *p, const stoa_tail *tail, const stoa_piece *left, const stoa_piece *right);
stoa_piece stoa_tail_minus(stoa_planner *p, const stoa_tail *tail, const stoa_piece *left, const stoa_piece *right);
stoa_piece stoa_tail_exists(stoa_planner *p, const stoa_tail *tail, const stoa_piece *left, const stoa_piece *right);
stoa_piece stoa_tail_extend(stoa_planner *p, const stoa_tail *tail, const stoa_piece *left);
/// The tail over `left` as one relation, when that can be; false: not in SQL.
bool stoa_tail_in_sql(stoa_planner *p, const stoa_tail *tail, const stoa_piece *left, const stoa_piece *right,
                      stoa_piece *out);
/// Does the expression give another value at each call? (RAND, UUID, BNODE)
bool stoa_expr_is_volatile(const stoa_expr *e);

#endif
