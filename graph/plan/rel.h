#ifndef STOA_GRAPH_PLAN_REL_H
#define STOA_GRAPH_PLAN_REL_H

#include "graph/plan/shape.h"

/// What the files that build relations share.  Blocks are never changed once they stand in a relation:
/// a rule works on a copy.

/// From now on SQL is said as the source says it.
void stoa_rels_speak(stoa_rels *r, const stoa_source *source);
/// Make a relation without blocks, and an empty block.
stoa_rel *stoa_rel_new(stoa_rels *r, stoa_source *source);
stoa_block *stoa_block_new(stoa_rels *r);
/// Return a relation of one block.
/// The table, or what stands for one, that has the alias in the block; or NULL.
const stoa_from *stoa_block_from(const stoa_block *block, uint32_t alias);
stoa_rel *stoa_rel_of_block(stoa_rels *r, stoa_source *source, const stoa_block *block);
/// Copy a block; `fresh` also gives it aliases of its own, so that one relation may stand in a join twice.
stoa_block *stoa_block_copy(stoa_rels *r, const stoa_block *a);
stoa_block *stoa_block_fresh(stoa_rels *r, const stoa_block *a);
/// True when an expression, or a relation, nests deeper than `levels`, of which a subquery counts as two: beyond
/// STOA_SX_DEEPEST the executor does the rest, for SQLite's parser has a stack of a hundred symbols.
enum { STOA_SX_DEEPEST = 26 };
bool stoa_sx_deeper(const stoa_sx *sx, int levels);
bool stoa_rel_deeper(const stoa_rel *rel, int levels);
/// Copy an expression with one alias instead of another; change a list or a block so.
const stoa_sx *stoa_sx_renamed(stoa_rels *r, const stoa_sx *sx, uint32_t from, uint32_t to);
void stoa_sx_rename_list(stoa_rels *r, stoa_sx_list *list, uint32_t from, uint32_t to);
void stoa_block_rename(stoa_rels *r, stoa_block *block, uint32_t from, uint32_t to);
/// True when an expression, or a condition of a block, reads a column of `alias`.
bool stoa_sx_mentions(const stoa_sx *sx, uint32_t alias);
/// True when an expression reads columns of `alias` and of no other.
bool stoa_sx_reads_only(const stoa_sx *sx, uint32_t alias);
bool stoa_block_mentions(const stoa_block *block, uint32_t alias);
/// Take a table out; nothing may read it any more.
void stoa_block_drop_from(stoa_block *block, uint32_t alias);
/// True when both are the same table or view, of which the catalog tells something; for two places of FROM, too.
bool stoa_table_same(const stoa_leaf_table *a, const stoa_leaf_table *b);
bool stoa_from_same_table(const stoa_from *a, const stoa_from *b);
/// True when some key of the table lies in `set`.
bool stoa_table_covers_key(const stoa_table_info *info, stoa_column_set set);
/// Add a condition that is not there yet.
void stoa_block_add(stoa_rels *r, stoa_sx_list *list, const stoa_sx *sx);
/// Rule 10: two rows of one table that agree on a key are one row.
void stoa_block_merge_self_joins(stoa_rels *r, stoa_block *block);
/// Rule 13: drop a table that is joined by a declared foreign key and of which no more than that key is read.
void stoa_block_drop_parents(stoa_rels *r, stoa_block *block);
/// Rule 19: drop the right sides of left joins of which nothing is read, where they match one row at most or the block
/// is DISTINCT.
void stoa_block_drop_optionals(stoa_rels *r, stoa_block *block);
/// Rule 11: of a DISTINCT block, drop a table whose every condition another row of it in the block meets already.
void stoa_block_drop_repeats(stoa_rels *r, stoa_block *block);
/// Join two DISTINCT blocks over one table without a key, of which one tells nothing that the other's shared terms do
/// not: a row of the other is a row of it too, so the table is read once.  NULL: they are not such blocks.
const stoa_block *stoa_block_join_sets(stoa_rels *r, const stoa_block *a, const stoa_block *b);
/// Rule 14: true when every row of `x` has a row of `u`, of which `x` binds all variables: joining `u`, which must be a
/// set, would change nothing.
bool stoa_rel_implied(stoa_rels *r, const stoa_rel *u, const stoa_rel *x);
/// Where `inner`, an EXISTS whose conditions speak of `block`, asks for the row of `block` itself: its conditions as
/// one. UNCHANGED: none is left, for the row is there.  CANNOT_SAY: it may ask for another row.
stoa_said stoa_block_self_exists(stoa_rels *r, const stoa_block *block, const stoa_block *inner, const stoa_sx **out);
/// Rows of a table for some values of a column, which stand before the statement for all the places that ask for one of
/// them; or (column NULL) those for which all of `values` hold, conditions on a table of alias 0.
typedef struct {
  stoa_leaf_table table;
  const stoa_column_info *column;
  stoa_sx_list values;
  STOA_LIST(const stoa_from *) places;
  double rows; ///< for the values of a column, about
} stoa_kept;
typedef STOA_LIST(stoa_kept) stoa_kept_list;
/// The tables that a relation asks in several places for values that no index finds.
void stoa_rel_kept(stoa_rels *r, const stoa_rel *rel, stoa_kept_list *out);
/// Are only some groups of `from` wanted, those of few rows of the other tables?  The equations that say which: a
/// LATERAL subquery is to ask them.
bool stoa_block_wants_groups(stoa_rels *r, const stoa_block *block, const stoa_from *from, stoa_sx_list *out);
/// The same as a condition on what is grouped: `key` of `block` is a `column` of `others`.  For a subquery and one of the
/// equations.
typedef struct {
  const stoa_block *block, *others;
  const stoa_sx *key, *column;
} stoa_wanted_groups;
void stoa_block_wanted_groups(stoa_rels *r, const stoa_block *block, const stoa_from *from, const stoa_sx *by,
                              stoa_wanted_groups *out);
/// Are rows of another table of the block found by an index for those of this one?
bool stoa_block_finds_by(const stoa_block *block, uint32_t alias);
/// Rule 32: the subqueries and recursions of a relation that stand in it more than once, each after those that it reads.
typedef struct {
  const stoa_rel *rel;
  const stoa_closure *closure; ///< or this
} stoa_rel_shared_one;
typedef STOA_LIST(stoa_rel_shared_one) stoa_rel_shared_list;
void stoa_rel_shared(stoa_rels *r, const stoa_rel *rel, stoa_rel_shared_list *out);
/// Rules 15 and 16: where the right side of a left join is the row of `block` itself, being of one table and agreeing
/// on a key: its conditions as one, with the columns of `bindings` made those of that row.  UNCHANGED: none is left.
/// CANNOT_SAY: it may be another row.
stoa_said stoa_block_self(stoa_rels *r, const stoa_block *block, const stoa_from *from, stoa_binding *bindings,
                          uint32_t n, const stoa_sx **out);
/// Return the condition that the term of a binding, which is certainly bound, is one of `terms`, given as one
/// parameter.
stoa_said stoa_sx_among(stoa_rels *r, const stoa_binding *b, const stoa_term *terms, uint32_t n, const stoa_sx **out);
/// A column that SQL computes, as a literal of the datatype.
stoa_binding stoa_binding_computed(stoa_rels *r, stoa_var var, const stoa_sx *sx, stoa_sql_type type,
                                   const char *datatype, bool nullable);
/// The value of an expression over a block as a computed column.  Nullable: where it is an error.
stoa_said stoa_binding_of(stoa_rels *r, const stoa_block *block, const stoa_expr *expr, stoa_var var,
                          stoa_binding *out);
/// Return `column = param`.
const stoa_sx *stoa_sx_equals_param(stoa_rels *r, const stoa_sx *column, stoa_param param);
/// Return `a = b`, where a text and a number stand for the same part of a template.
const stoa_sx *stoa_sx_equals_column(stoa_rels *r, const stoa_sx *a, const stoa_sx *b);
/// Return the condition that the binding is bound.
const stoa_sx *stoa_sx_bound(stoa_rels *r, const stoa_binding *binding);
/// True when both make the same term from the same columns, and are unbound in the same way.
bool stoa_binding_alike(const stoa_binding *a, const stoa_binding *b);
/// False for a template from whose text its columns cannot be told.
bool stoa_binding_exact(const stoa_binding *binding);
/// True when equal terms of the block come from equal columns.
bool stoa_block_exact(const stoa_block *block);
/// Give each column of each block its place; `tagged`: after one that tells the block; `typed`: of one type each.
void stoa_rel_lay_out(stoa_rels *r, const stoa_rel *rel, bool tagged, bool typed, stoa_rel_layout *out);
/// True when a condition on the terms of a block may be asked of its tables: it is open, or DISTINCT and no more.
bool stoa_block_takes_conditions(const stoa_block *block);
/// The column or parameter of an expression that is a text, with a language or without.
stoa_said stoa_sx_text(stoa_rels *r, const stoa_block *block, const stoa_expr *expr, const stoa_sx **out);
/// Return `a` compared with `b` by one of = != < > <= >=: it is true, false or NULL for just the rows for which
/// SPARQL's comparison is true, false or an error.
stoa_said stoa_sx_compare(stoa_rels *r, const stoa_block *block, stoa_function f, const stoa_expr *a,
                          const stoa_expr *b, const stoa_sx **out);
/// Return what holds wherever a comparison of times does, of which only one has a zone: it is true beyond the 14 hours
/// that zones may be off, and often an error within.
stoa_said stoa_sx_widened(stoa_rels *r, const stoa_block *block, const stoa_expr *expr, const stoa_sx **out);
/// Return that one of conditions holds, of which there is one at least: equations of one column as a list.  Uses up
/// `conditions`.
const stoa_sx *stoa_sx_any(stoa_rels *r, const stoa_sx **conditions, uint32_t n);
/// Add what holds wherever a comparison of a stored instant does, and lets an index find the rows.  Only for where the
/// comparison must hold: denied, a row that it has no value for would pass.
void stoa_sx_near(stoa_rels *r, const stoa_block *block, const stoa_expr *expr, stoa_sx_list *out);
/// The rows of `a` as open blocks.  UNCHANGED: they are open.
stoa_said stoa_rel_opened(stoa_rels *r, const stoa_rel *a, const stoa_rel **out);
/// The same rows, each block's as a table of its own, which is read once for all that is joined to it.
stoa_said stoa_rel_apart(stoa_rels *r, const stoa_rel *a, const stoa_rel **out);
/// Hand a relation over: NEVER when it has no block.
stoa_said stoa_rel_said(const stoa_rel *rel, const stoa_rel **out);

#endif
