#ifndef STOA_GRAPH_SOURCE_NATIVE_H
#define STOA_GRAPH_SOURCE_NATIVE_H

#include "graph/source/source.h"
#include <pthread.h>

/// The parts of the native graph; only its files include this.

/// The number of a term in the dictionary, from 1; 0 is the default graph, or none.
typedef uint32_t stoa_id;
/// A term that the dictionary does not know: it matches nothing.
#define STOA_ID_MISSING UINT32_MAX

typedef struct {
  stoa_arena arena;
  stoa_term *terms; ///< terms[id]; terms[0] is unbound
  uint32_t n, capacity;
  uint64_t *slots; ///< open addressing: the hash's high half, and the number
  uint32_t n_slots;
} stoa_dictionary;

void stoa_dictionary_init(stoa_dictionary *d);
void stoa_dictionary_done(stoa_dictionary *d);
/// The number of a term, STOA_ID_MISSING when it has none; 0 for an unbound one.
stoa_id stoa_dictionary_find(const stoa_dictionary *d, stoa_term term);
/// The number of a term, which is copied when it is new.
stoa_id stoa_dictionary_add(stoa_dictionary *d, stoa_term term);

/// The triples of one predicate in one graph, as sorted pairs in both orders: the high half is the subject
/// in `so` and the object in `os`.
typedef struct {
  stoa_id graph, predicate;
  uint64_t *so, *os;
  uint32_t n, capacity, n_sorted; ///< of so; os is complete when nothing is dirty
  uint64_t *gone;                 ///< pairs (subject high) to be taken out
  uint32_t n_gone, gone_capacity;
  uint32_t n_subjects, n_objects; ///< distinct ones
} stoa_partition;

typedef struct {
  stoa_partition **items;
  uint32_t n, capacity;
  uint32_t *slots; ///< by graph and predicate: number + 1
  uint32_t n_slots;
} stoa_partitions;

/// The partition of a predicate in a graph, or NULL; `_add` makes it.
stoa_partition *stoa_partitions_find(const stoa_partitions *all, stoa_id graph, stoa_id predicate);
stoa_partition *stoa_partitions_add(stoa_partitions *all, stoa_id graph, stoa_id predicate);
void stoa_partitions_done(stoa_partitions *all);
/// Note a triple to come or to go; counts once `stoa_partition_settle` has run.
void stoa_partition_insert(stoa_partition *p, stoa_id subject, stoa_id object);
void stoa_partition_remove(stoa_partition *p, stoa_id subject, stoa_id object);
/// Sort what is new, take out what goes, drop duplicates.
void stoa_partition_settle(stoa_partition *p);
/// The pairs of `pairs` whose high half is `key`: [*first, *last).
void stoa_pairs_range(const uint64_t *pairs, uint32_t n, stoa_id key, uint32_t *first, uint32_t *last);
bool stoa_pairs_have(const uint64_t *pairs, uint32_t n, uint64_t pair);

struct stoa_native {
  stoa_source base;
  stoa_dictionary dictionary;
  stoa_partitions partitions;
  stoa_id last_subject; ///< of the last quad added: loads bring equal ones in a row
  stoa_partition *last_part;
  pthread_rwlock_t lock; ///< held for reading as long as a query has a connection
  stoa_connection connection;
};

/// The cursor over basic graph patterns (native_match.c), as the class wants it.
stoa_status stoa_native_open(stoa_connection *connection, const stoa_fragment *fragment, stoa_context *context,
                             stoa_cursor **out, stoa_error *err);
void stoa_native_seed(stoa_cursor *cursor, const stoa_term *seeds);
stoa_status stoa_native_next(stoa_cursor *cursor, stoa_arena *arena, stoa_rows *out, stoa_error *err);
void stoa_native_close(stoa_cursor *cursor);

#endif
