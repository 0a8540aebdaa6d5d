#ifndef STOA_GRAPH_EXEC_OP_H
#define STOA_GRAPH_EXEC_OP_H

#include "graph/exec/run.h"
#include "graph/plan/plan.h"

/// Operators pull batches from their inputs (Graefe's iterators, a batch at a time).  `next` answers a
/// batch, or NULL in `out` at the end.
typedef struct stoa_op stoa_op;

typedef struct {
  const char *name;
  stoa_status (*open)(stoa_op *op, stoa_error *err);
  stoa_status (*next)(stoa_op *op, const stoa_batch **out, stoa_error *err);
  void (*close)(stoa_op *op);
} stoa_op_class;

struct stoa_op {
  const stoa_op_class *klass;
  const stoa_plan_node *node;
  stoa_op *inputs[2];
  stoa_run *run;
  stoa_arena scratch; ///< lives until the next call of `next`
  stoa_batch batch;   ///< the operator's own output, where it has one
  void *state;
  const stoa_slot_rows *keys; ///< terms of node->sql.bound_var that alone are wanted; or NULL
  uint64_t n_rows;            ///< given so far
  int64_t ns;                 ///< spent on them, the inputs' time included; only where the run is timed
};

struct stoa_run {
  const stoa_plan *plan;
  stoa_context *context;
  stoa_arena arena;              ///< lives as long as the run; its budget is the query's cap
  stoa_connection **connections; ///< one for each of plan->sources
  const stoa_slot_rows *slots;
  uint32_t n_slots;
  stoa_op *root;
  size_t peak_bytes;
  bool timed;        ///< operators keep their time
  stoa_run *outer;   ///< the run in which this one was opened, whose connections it uses too; or NULL
  stoa_error failed; ///< of a run inside an expression; ends the query at the next check
  uint64_t n_blanks; ///< made by BNODE()
  struct stoa_exists *exists;
  struct stoa_regexes *regexes; ///< patterns that were compiled (matches.c); of the outermost run
  uint32_t n_looks;             ///< since the context was asked
  size_t looked_bytes;          ///< held then
};

typedef struct stoa_exists stoa_exists;

/// Ask an operator that has given no row yet for those rows alone that have one of these terms for `var`; others may
/// come as well.
void stoa_op_want(stoa_op *op, stoa_var var, const stoa_slot_rows *keys);

extern const stoa_op_class stoa_op_empty, stoa_op_unit, stoa_op_values, stoa_op_union, stoa_op_project, stoa_op_slice;
extern const stoa_op_class stoa_op_sql, stoa_op_quads;
extern const stoa_op_class stoa_op_filter, stoa_op_extend;
extern const stoa_op_class stoa_op_join, stoa_op_path, stoa_op_service;
extern const stoa_op_class stoa_op_group, stoa_op_order, stoa_op_distinct;

/// Pull from an operator, or from its input `i`.
stoa_status stoa_op_next(stoa_op *op, const stoa_batch **out, stoa_error *err);
stoa_status stoa_op_pull(stoa_op *op, int i, const stoa_batch **out, stoa_error *err);
/// The connection of a node's source.
stoa_connection *stoa_op_connection(stoa_op *op);
/// The run's connection to a source; NULL when its plan has none.
stoa_connection *stoa_run_connection(const stoa_run *run, const stoa_source *source);
/// Stop when cancelled, late or above the memory cap.
stoa_status stoa_op_check(stoa_op *op, stoa_error *err);
stoa_status stoa_run_check(stoa_run *run, stoa_error *err);
/// The same within expressions, which may cost much by the row: cheap to ask at every step.  False once the query must
/// end; its error is then in `failed`, and the next check of an operator gives it.
bool stoa_run_may_go_on(stoa_run *run);
/// True when `n_bytes` more may be held; else as above.
bool stoa_run_has_room(stoa_run *run, size_t n_bytes);
/// The rows of a VALUES node: its own, or those of its slot.
stoa_slot_rows stoa_run_rows(const stoa_run *run, const stoa_node *values);

/// Open a plan within a run, on its connections and under its cap.
stoa_status stoa_run_open_inside(stoa_run *outer, const stoa_plan *plan, stoa_run **out, stoa_error *err);

/// A table of rows kept for the whole run, found by hash (joins, groups, DISTINCT) or by number.  Rows lie in chunks,
/// each twice as long as the one before, and never move.
enum { STOA_TABLE_CHUNKS = 26, STOA_TABLE_FIRST = 64 }; ///< rows of the first chunk
typedef struct {
  uint32_t n_columns;
  stoa_term *chunks[STOA_TABLE_CHUNKS];
  STOA_LIST(uint64_t) hashes;
  uint32_t *slots; ///< row + 1 of the head of each chain
  uint32_t *chain; ///< row + 1 of the next in the chain
  uint32_t n_slots, n_linked;
} stoa_table;

/// Append a copy of a row that will be asked for by number, or linked later; returns its number.
uint32_t stoa_table_append(stoa_table *table, stoa_arena *arena, const stoa_term *row);
/// Make the rows that were appended known by their hashes, which stand in `hashes` by then; `_room` first.
void stoa_table_room(stoa_table *table, stoa_arena *arena, uint32_t n_rows);
void stoa_table_link(stoa_table *table, uint32_t row);
/// Append a copy of a row with its hash.
void stoa_table_add(stoa_table *table, stoa_arena *arena, const stoa_term *row, uint64_t hash);
/// The number of rows.
uint32_t stoa_table_count(const stoa_table *table);
stoa_term *stoa_table_row(const stoa_table *table, uint32_t row);
/// First row + 1 with this hash, 0 for none; and the next one.
uint32_t stoa_table_first(const stoa_table *table, uint64_t hash);
uint32_t stoa_table_next(const stoa_table *table, uint32_t row_plus_1);
/// The hash by which `_intern` knows a row.
uint64_t stoa_table_hash(const stoa_term *row, uint32_t n_columns);
/// Return the row that equals `row` in every column, adding it when it is new.
uint32_t stoa_table_intern(stoa_table *table, stoa_arena *arena, const stoa_term *row, bool *is_new);

#endif
