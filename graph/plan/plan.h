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

/// Bounds of a variable that a FILTER above gives (unbound: none).
typedef struct {
  stoa_var var;
  stoa_term least, most;
  stoa_slice prefix; ///< what its text begins with
  bool of_str;       ///< the text is what STR gives; else that of a string
} stoa_plan_range;

/// The kinds (STOA_IS_...) that the terms of a variable of a scan must have.
typedef struct {
  stoa_var var;
  uint8_t kinds;
} stoa_plan_kinds;

/// A statement of SQL.
typedef struct {
  const char *text;
  const stoa_param *params;
  uint32_t n_params;
  const stoa_rel *rel; ///< its blocks' bindings say how terms are made
  stoa_rel_layout layout;
  const struct stoa_plan_node *bound; ///< the statement for given terms of bound_var (bound.c); or NULL
  stoa_var bound_var;
} stoa_plan_sql;

/// A basic graph pattern in the native graph: read, or asked for each row of inputs[0] where there is one.
typedef struct {
  const stoa_pattern *const *patterns;
  uint32_t n_patterns;
  stoa_quads_how how; ///< of one with an input
  stoa_plan_range *ranges;
  uint32_t n_ranges;
  const stoa_plan_kinds *kinds;
  uint32_t n_kinds;
  bool keyed; ///< of one without input: it may be asked for given terms of key_var alone (bound.c)
  stoa_var key_var;
  bool weighted;     ///< its columns are not all that it matches: rows have weights (stoa_batch.weights)
  bool counts_terms; ///< of `weighted` without columns: the terms of `counted` are counted, not matches
  stoa_var counted;
} stoa_plan_quads;

/// How the two sides of a join meet; and of a PATH, that `var` of its steps is sent the nodes that were reached.
typedef struct {
  bool negated; ///< of SEMI_JOIN: NOT EXISTS
  bool sends;   ///< the left side's terms of `var` are sent to the right side when they are few
  stoa_var var;
  double most_sent; ///< so many of them cost less than reading the right side without them (cost.h)
} stoa_plan_join;

typedef struct stoa_plan_node {
  stoa_plan_kind kind;
  const stoa_var *vars; ///< the columns of its batches
  uint32_t n_vars;
  const struct stoa_plan_node *inputs[2];
  stoa_source *source;   ///< of SQL and QUADS; NULL of all that the executor does by itself
  const stoa_node *node; ///< the algebra it came from: aggregates, orders, rows, slice
  const stoa_expr *expr; ///< FILTER, EXTEND, the condition of LEFT_JOIN and of a QUADS like it
  double rows;           ///< how many are expected (cost.h)
  union {
    stoa_plan_sql sql;     ///< SQL
    stoa_plan_quads quads; ///< QUADS
    stoa_plan_join join;   ///< JOIN, LEFT_JOIN, MINUS, SEMI_JOIN
    uint32_t limit;        ///< ORDER: only so many rows are wanted; 0: all
  };
} stoa_plan_node;

typedef struct stoa_plan {
  const stoa_query *query;
  const stoa_rewriter *rewriter; ///< of EXISTS inside expressions
  const stoa_plan_node *root;
  const stoa_plan_node *check;  ///< `root` is right when this has no row, else `unless` is (apart.h); or NULL
  const stoa_plan_node *unless; ///< with the columns of `root`
  bool patient;                 ///< the check is worth its cost only where its answer can be used again
  stoa_source *const *sources; ///< those that a run leases a connection of, each once
  uint32_t n_sources;
  uint32_t n_fragments; ///< SQL statements and quad scans
  const char *const *notes; ///< why alternatives were left out, each a line
  uint32_t n_notes;
  const char *const *warnings; ///< what the query names and nothing knows, each a line; answers stay what they are
  uint32_t n_warnings;
  const struct stoa_shape *shape; ///< what holds of the query's constants (shape.h)
  const stoa_value *values; ///< for other constants than it was made for: what each use of them gives (shape.h)
} stoa_plan;

/// True for the kinds of which `join` tells more.
bool stoa_plan_is_join(const stoa_plan_node *node);
/// Return the column of `var` in a node's batches, or -1.
int stoa_plan_column(const stoa_plan_node *node, stoa_var var);
/// The lowest node of a chain of look-ups that a native graph goes through by itself, from number to number; a scan, and
/// what needs the executor, is its own.
const stoa_plan_node *stoa_plan_quads_bottom(const stoa_plan_node *node);
/// Which inputs (bit 0, bit 1) may be read for given terms of `var` alone, when the node's rows are wanted for those.
unsigned stoa_plan_open_inputs(const stoa_plan_node *node, stoa_var var);

#endif
