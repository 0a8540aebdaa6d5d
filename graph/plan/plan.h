#ifndef STOA_GRAPH_PLAN_PLAN_H
#define STOA_GRAPH_PLAN_PLAN_H

#include "graph/plan/sqlx.h"

/// A plan: what the executor runs.  Nodes are constant once built and may be run by many at once.
typedef enum {
  STOA_PLAN_EMPTY, ///< no rows
  STOA_PLAN_UNIT,  ///< one row, nothing bound
  STOA_PLAN_SQL,
  STOA_PLAN_QUADS,
  STOA_PLAN_VALUES,
  STOA_PLAN_JOIN, ///< hash join
  STOA_PLAN_LEFT_JOIN,
  STOA_PLAN_UNION,
  STOA_PLAN_MINUS,
  STOA_PLAN_SEMI_JOIN, ///< EXISTS, or with `negated` NOT EXISTS
  STOA_PLAN_PATH,      ///< rows of inputs[0] extended by a closure of the steps of inputs[1]
  STOA_PLAN_SERVICE,   ///< rows of inputs[0] extended by an endpoint's answers
  STOA_PLAN_FILTER,
  STOA_PLAN_EXTEND,
  STOA_PLAN_GROUP,
  STOA_PLAN_ORDER,
  STOA_PLAN_DISTINCT,
  STOA_PLAN_SLICE,
  STOA_PLAN_PROJECT
} stoa_plan_kind;

/// What a basic graph pattern does with the rows of its input.
typedef enum { STOA_QUADS_JOIN, STOA_QUADS_LEFT, STOA_QUADS_SEMI, STOA_QUADS_ANTI } stoa_quads_how;

/// Bounds of a variable that a FILTER above gives (unbound: none).
typedef struct {
  stoa_var var;
  stoa_term least, most;
} stoa_plan_range;

typedef struct stoa_plan_node {
  stoa_plan_kind kind;
  const stoa_var *vars; ///< the columns of its batches
  uint32_t n_vars;
  const struct stoa_plan_node *inputs[2];
  const stoa_node *node; ///< the algebra it came from: aggregates, orders, rows, slice
  const stoa_expr *expr; ///< FILTER, EXTEND, LEFT_JOIN's condition
  bool negated;
  uint32_t limit; ///< ORDER: only so many rows are wanted; 0: all
  // SQL
  stoa_source *source;
  const char *sql;
  const stoa_param *params;
  uint32_t n_params;
  const stoa_rel *rel; ///< its blocks' bindings say how terms are made
  stoa_rel_layout layout;
  const struct stoa_plan_node *bound; ///< the same for given terms of bound_var (bound.c); or NULL
  // JOIN, LEFT_JOIN, MINUS, SEMI_JOIN: the left side's terms of bound_var are sent to the right when they are few
  bool sends;
  stoa_var bound_var;
  // QUADS: a basic graph pattern, for each row of inputs[0] where there is one
  const stoa_pattern *const *patterns;
  uint32_t n_patterns;
  stoa_quads_how how;
  stoa_plan_range *ranges;
  uint32_t n_ranges;
} stoa_plan_node;

typedef struct {
  const stoa_query *query;
  const stoa_rewriter *rewriter; ///< of EXISTS inside expressions
  const stoa_plan_node *root;
  stoa_source *const *sources; ///< those that a run leases a connection of, each once
  uint32_t n_sources;
  uint32_t n_fragments; ///< SQL statements and quad scans
  const stoa_shape *shape;
  const stoa_value *values; ///< for other constants than it was made for: what each use of them gives (shape.h)
} stoa_plan;

/// Plan a query over what `rewriter` defines.  The plan lives in `arena` and borrows the query.
stoa_status stoa_plan_make(const stoa_query *query, const stoa_rewriter *rewriter, const stoa_context *context,
                           stoa_arena *arena, const stoa_plan **out, stoa_error *err);
/// How to plan: the choices of tests that hold the optimised plan against a plain one.
typedef struct {
  bool plain; ///< no rule: every pattern is read whole, the executor does the rest, EXISTS row by row
  bool fault; ///< a wrong rule on purpose: OPTIONAL on a native graph drops what does not match
} stoa_plan_options;

/// As stoa_plan_make, with options.
stoa_status stoa_plan_make_with(const stoa_query *query, const stoa_rewriter *rewriter, const stoa_context *context,
                                stoa_plan_options options, stoa_arena *arena, const stoa_plan **out, stoa_error *err);
/// Print the plan as an indented tree; with `sql` the statements and their parameters.
void stoa_plan_print(const stoa_plan *plan, bool sql, stoa_buf *out);
/// Print it with the statements, and what `annotate` says of each node.
void stoa_plan_print_with(const stoa_plan *plan, void (*annotate)(const stoa_plan_node *, void *, stoa_buf *),
                          void *data, stoa_buf *out);
/// Fix what the executor reads of the query's constants when it runs `node` and what lies below (shape.h).
void stoa_shape_fix_plan(stoa_shape *shape, const stoa_plan_node *node);
/// Return the column of `var` in a node's batches, or -1.
int stoa_plan_column(const stoa_plan_node *node, stoa_var var);

/// Push VALUES of one variable down to where the variable is bound (planner's restrictions): the part
/// of planning that bgp.c and planner.c share.
typedef struct {
  stoa_rels rels;
  const stoa_rewriter *rewriter;
  const stoa_context *context;
  stoa_error *err;
  stoa_arena *arena;
  STOA_LIST(const char *) extra_names; ///< variables added by the planner
  stoa_plan_options options;
  stoa_status stopped; ///< why planning ends early; told in err
} stoa_planner;

/// A partial plan: a relation that SQL can still grow, or a finished node.
typedef struct {
  const stoa_rel *rel;
  const stoa_plan_node *node;
} stoa_piece;

typedef struct stoa_restriction {
  const stoa_node *values;
  const struct stoa_restriction *next;
} stoa_restriction;

typedef STOA_LIST(const stoa_expr *) stoa_conjuncts;

/// Plan a basic graph pattern.  Conjuncts that were applied are taken out of `filters`.
stoa_status stoa_plan_bgp(stoa_planner *p, const stoa_node *bgp, const stoa_restriction *restrictions,
                          stoa_conjuncts *filters, stoa_piece *out);
/// Finish a piece as a node.
const stoa_plan_node *stoa_piece_node(stoa_planner *p, const stoa_piece *piece);
stoa_plan_node *stoa_plan_node_new(stoa_planner *p, stoa_plan_kind kind, const stoa_plan_node *a,
                                   const stoa_plan_node *b);
/// Join two pieces: in SQL where one source holds both, else by hash.
stoa_piece stoa_piece_join(stoa_planner *p, const stoa_piece *a, const stoa_piece *b);
/// Join any number of pieces (at least one): first what SQL can join, then the connected ones.
typedef STOA_LIST(stoa_piece) stoa_pieces;
stoa_piece stoa_piece_join_all(stoa_planner *p, stoa_pieces *list);
/// Make both pieces relations of their one source, with what SQL cannot say handed back to the engine, and
/// turn p->rels.hosted on for the operator that the caller then builds; false (and off) when that is not
/// possible.  The caller turns it off again.
bool stoa_plan_host(stoa_planner *p, const stoa_piece *a, const stoa_piece *b, const stoa_rel **x, const stoa_rel **y);
/// The plain pattern scan behind a piece, when it is one and nothing else; or NULL.
const stoa_plan_node *stoa_piece_quads(const stoa_piece *piece);
/// One scan for two of one source; NULL when one of them is none.
const stoa_plan_node *stoa_quads_merged(stoa_planner *p, const stoa_plan_node *a, const stoa_plan_node *b);
/// Ask a pattern for each row of `left`, when they share a variable; NULL when they do not.
stoa_plan_node *stoa_quads_over(stoa_planner *p, const stoa_plan_node *left, const stoa_plan_node *quads,
                                stoa_quads_how how);
/// How many rows, roughly.
double stoa_rel_rows(const stoa_rel *rel);
double stoa_plan_rows(const stoa_plan_node *node);
/// Copy a plan whose statements can be asked for given terms of `var`; NULL when none of them can.
const stoa_plan_node *stoa_plan_bound(stoa_planner *p, const stoa_plan_node *node, stoa_var var);
/// Copy a finished plan whose statements give only the columns that are read above them.
const stoa_plan_node *stoa_plan_narrow(stoa_planner *p, const stoa_plan_node *root);
/// Which inputs (bit 0, bit 1) may be read for given terms of `var` alone, when the node's rows are wanted for those.
unsigned stoa_plan_open_inputs(const stoa_plan_node *node, stoa_var var);
/// Let a join send what its left side gives to the right, where that is possible.
void stoa_plan_bind_right(stoa_planner *p, stoa_plan_node *join);
/// Hand the bounds that `filters` set to a pattern scan, or to a look-up that joins.
void stoa_plan_ranges(stoa_planner *p, const stoa_conjuncts *filters, stoa_piece *piece);
/// Set the columns of a node to all of its inputs' columns.
void stoa_plan_merge_vars(stoa_planner *p, stoa_plan_node *node);
/// True when `piece` binds `var`.
bool stoa_piece_has(const stoa_piece *piece, stoa_var var);
/// True when every row of `block` is a different one, judged by keys.
bool stoa_block_unique(const stoa_block *block);
/// True when equal terms of the block come from equal columns.
bool stoa_block_exact(const stoa_block *block);
/// True when no row of `a` and of `b` can be the same.
bool stoa_blocks_disjoint(const stoa_block *a, const stoa_block *b);

#endif
