#ifndef STOA_GRAPH_PLAN_PIECE_H
#define STOA_GRAPH_PLAN_PIECE_H

#include "graph/plan/planner.h"

/// A partial plan: a relation that SQL can still grow, or a finished node.
typedef struct {
  const stoa_rel *rel;
  const stoa_plan_node *node;
} stoa_piece;

typedef STOA_LIST(stoa_piece) stoa_pieces;

/// VALUES of one variable, or a slot, that restrict what is read: where the variable is bound, only these terms matter.
typedef struct stoa_restriction {
  const stoa_node *values;
  const struct stoa_restriction *next;
} stoa_restriction;

/// Finish a piece as a node.
const stoa_plan_node *stoa_piece_node(stoa_planner *p, const stoa_piece *piece);
/// True when `piece` binds `var` in every block; when both share a variable; when it certainly has no rows.
bool stoa_piece_has(const stoa_piece *piece, stoa_var var);
bool stoa_piece_shares(const stoa_piece *a, const stoa_piece *b);
bool stoa_piece_is_empty(const stoa_piece *piece);
/// How many rows, roughly.
double stoa_piece_rows(const stoa_piece *piece);
/// Restrict a piece as far as SQL can say it.
stoa_piece stoa_piece_restricted(stoa_planner *p, stoa_piece piece, const stoa_restriction *restrictions);
/// An operator of the executor over a piece.
stoa_plan_node *stoa_piece_over(stoa_planner *p, stoa_plan_kind kind, const stoa_node *node, const stoa_piece *input);
/// Ask a condition of a piece: in SQL, or by the executor.
stoa_piece stoa_piece_filtered(stoa_planner *p, const stoa_piece *piece, const stoa_expr *condition);
/// Join two pieces: in SQL where one source holds both, else by look-up or by hash.
stoa_piece stoa_piece_join(stoa_planner *p, const stoa_piece *a, const stoa_piece *b);
/// Two pieces of one source by an operator of relations.
stoa_said stoa_piece_in_sql(stoa_planner *p, stoa_plan_kind kind, const stoa_piece *a, const stoa_piece *b,
                            const stoa_expr *condition, const stoa_rel **out);
/// EXISTS (or with `negated` NOT EXISTS) in SQL: the rows of `a` that have a compatible one in `b`.
stoa_said stoa_piece_semi_join(stoa_planner *p, const stoa_piece *a, const stoa_piece *b, bool negated,
                               const stoa_rel **out);

#endif
