#ifndef STOA_GRAPH_SOURCE_NATIVE_MATCH_H
#define STOA_GRAPH_SOURCE_NATIVE_MATCH_H

#include "graph/source/native.h"

/// The parts of the cursor over basic graph patterns: a level is one pattern (native_level.c), a stage is patterns that
/// are joined in some order (native_order.c), a cursor goes through stages (native_match.c).

enum { PLACE_S, PLACE_P, PLACE_O, PLACE_G, N_PLACES };

/// What a cursor knows while it goes through matches.
typedef struct {
  const stoa_native *graph;
  stoa_id *ids; ///< of variables; 0 is not bound
} stoa_bindings;

/// One pattern.  Its matches are given one by one, or many at once where nothing asks for what they differ in.
typedef struct {
  int var[N_PLACES];     ///< number of the variable, or -1
  stoa_id id[N_PLACES];  ///< of a constant
  bool needed[N_PLACES]; ///< something else reads the variable; the others are counted, not bound
  uint8_t kinds[N_PLACES]; ///< STOA_IS_...; 0: any
  const stoa_id_range *ranges;
  uint32_t n_ranges; ///< of the numbers at the place `ranged`, ascending; 0: any
  int ranged;        ///< PLACE_S or PLACE_O
  // The iteration
  uint32_t part_at, part_end;
  const stoa_partition *part;
  const stoa_pairs *pairs;
  uint32_t at, end;  ///< ranks in `pairs`
  uint32_t range_at; ///< the range to go through next; n_ranges: none
  bool by_object;
  bool runs;     ///< pairs of one key are one step
  bool all_once; ///< what is left of the range is one step
  bool whole;    ///< one pair decides: subject and object are known
  uint8_t set;   ///< places whose variable this level has bound
  // The last look-up, and the ranks that it found
  const stoa_pairs *sought;
  uint64_t sought_pair;
  uint32_t found, found_end;
} stoa_level;

/// Begin with the matches for what is bound.
void stoa_level_open(stoa_level *l, const stoa_bindings *b);
/// Bind the next match; returns how many it stands for, 0 at the end.  What the last one bound is unbound first.
uint64_t stoa_level_next(stoa_level *l, const stoa_bindings *b);
/// Unbind what the last match bound.
void stoa_level_unbind(stoa_level *l, const stoa_bindings *b);

/// How many terms a subject or object of the pattern may be, at most.
double stoa_level_terms(const stoa_level *l, const stoa_native *graph, int place);
/// Put levels in the order in which they are joined; `bound` are the variables that are bound before, and then after.
void stoa_levels_order(stoa_level *levels, uint32_t n, const stoa_native *graph, uint32_t n_vars, bool *bound,
                       stoa_arena *arena);

#endif
