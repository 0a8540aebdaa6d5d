#ifndef STOA_GRAPH_PLAN_GROUP_H
#define STOA_GRAPH_PLAN_GROUP_H

#include "graph/plan/planner.h"

/// The normal form of a query: join groups.  What the text joins, in however many braces, stands side by side in one
/// group, so that pruning and order see all of it; the order of the text is kept only where it means something.
///
/// A group's rows are those of its members joined, then its tails one after the other (OPTIONAL, MINUS, EXISTS, BIND),
/// then the conditions that none of its parts has asked before.

struct stoa_group;
typedef STOA_LIST(struct stoa_group *) stoa_groups;

typedef enum {
  STOA_MEMBER_PATTERN, ///< a triple pattern with its alternatives
  STOA_MEMBER_UNION,   ///< of `parts`
  STOA_MEMBER_GROUP,   ///< parts[0], whose own tails or conditions must stay its own
  STOA_MEMBER_SELECT,  ///< operators from `node` down to `bottom`, over parts[0]
  STOA_MEMBER_VALUES,
  STOA_MEMBER_PATH, ///< parts[0]: one step; parts[1], where it is: every node
  STOA_MEMBER_SERVICE
} stoa_member_kind;

typedef struct {
  stoa_member_kind kind;
  const stoa_node *node;
  const stoa_node *bottom;     ///< of SELECT: the node whose group parts[0] is
  const stoa_pattern *pattern; ///< of PATTERN
  stoa_leaves leaves;          ///< of PATTERN: its alternatives
  stoa_groups parts;
} stoa_member;

typedef enum { STOA_TAIL_OPTIONAL, STOA_TAIL_MINUS, STOA_TAIL_EXISTS, STOA_TAIL_EXTEND } stoa_tail_kind;

typedef struct {
  stoa_tail_kind kind;
  const stoa_node *node;
  const stoa_expr *expr; ///< OPTIONAL's condition or NULL; EXTEND's value
  bool negated;          ///< of EXISTS
  struct stoa_group *group;
  bool dropped; ///< it changes nothing
} stoa_tail;

/// A condition holds of the rows after so many tails; where the members bind all that it reads, of any rows before too.
typedef struct {
  const stoa_expr *expr;
  uint32_t after;
} stoa_condition;

typedef struct stoa_group {
  const stoa_node *node; ///< algebra that says the same, for what it binds
  STOA_LIST(stoa_member) members;
  STOA_LIST(stoa_tail) tails;
  STOA_LIST(stoa_condition) conditions;
  bool empty; ///< it has no rows
} stoa_group;

/// Return the normal form of `node`.  Groups live in the planner's arena; they borrow the algebra.
stoa_group *stoa_group_new(stoa_planner *p, const stoa_node *node);
/// A copy that can be pruned by itself.
stoa_group *stoa_group_copy(stoa_planner *p, const stoa_group *group);
/// True when the members alone bind `var` in every row; when the group does.
bool stoa_member_binds(const stoa_member *member, stoa_var var);
bool stoa_members_bind(const stoa_group *group, stoa_var var);
bool stoa_group_binds(const stoa_group *group, stoa_var var);
/// Mark in `seen` every variable that the group may bind; with `reads` those too that its expressions read.
void stoa_group_vars(const stoa_group *group, bool *seen);
/// Mark in `seen` what an expression reads, EXISTS with all that its pattern speaks of.
void stoa_expr_reads(const stoa_expr *expr, bool *seen);
/// The same of all expressions in `node`.
void stoa_node_reads(const stoa_node *node, bool *seen);
/// Is what the group binds `end` to certainly a node of the graph, as it stands in a pattern there?
bool stoa_group_has_node(const stoa_group *group, stoa_slot end, const stoa_slot *graph);
/// The join of two nodes.
const stoa_node *stoa_join_node(stoa_planner *p, const stoa_node *a, const stoa_node *b);
/// The first operator below `node` that is no modifier of a sub-select.
const stoa_node *stoa_select_bottom(const stoa_node *node);

#endif
