#ifndef STOA_GRAPH_SOURCE_NATIVE_H
#define STOA_GRAPH_SOURCE_NATIVE_H

#include "graph/source/native_pairs.h"
#include "graph/source/source.h"
#include <pthread.h>

/// The parts of the native graph; only its files include this.

/// The number of a term, from 1; 0 is the default graph, or none.  Below STOA_ID_INLINE it counts the terms of the
/// dictionary; from there on it is the value itself (native_inline.c), and greater for greater values of a kind.
typedef uint32_t stoa_id;
enum { STOA_ID_INLINE_BIT = 31 };
#define STOA_ID_INLINE (UINT32_C(1) << STOA_ID_INLINE_BIT)
/// A term that the dictionary does not know: it matches nothing.
#define STOA_ID_MISSING UINT32_MAX

/// The number that holds the term's value, or 0 when none does: small integers, decimals of one or two places,
/// booleans, days without a zone, and whole seconds from 2000 to 2034 (UTC) or 2012 to 2029 (without a zone).
stoa_id stoa_inline_id(stoa_term term);
/// The term of such a number.
stoa_term stoa_inline_term(stoa_id id);

/// Numbers from `first` up to but without `last`.
typedef struct {
  stoa_id first, last;
} stoa_id_range;
enum { STOA_ID_RANGES = 8 };
/// The numbers that a term between `least` and `most` (unbound: no bound; else numbers, or times) may have: a
/// superset, ascending, the whole dictionary among them.  Returns how many ranges; 0: no telling.
uint32_t stoa_inline_ranges(stoa_term least, stoa_term most, stoa_id_range out[STOA_ID_RANGES]);

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
/// The term of a number.
static inline stoa_term stoa_dictionary_term(const stoa_dictionary *d, stoa_id id)
{
  return id < STOA_ID_INLINE ? d->terms[id] : stoa_inline_term(id);
}

/// The triples of one predicate in one graph in both orders: the key is the subject in `so` and the object in
/// `os`.  What comes and goes waits in `fresh` and `gone` (subject high) until it is settled.
typedef struct {
  stoa_id graph, predicate;
  stoa_pairs so, os;
  uint64_t *fresh, *gone;
  uint32_t n_fresh, fresh_capacity, n_gone, gone_capacity;
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
/// Take all triples out at once.
void stoa_partition_clear(stoa_partition *p);
/// Sort what is new, take out what goes, drop duplicates.
void stoa_partition_settle(stoa_partition *p);

/// An answer of stoa_source_native_fits, which planning asks again and again.
typedef struct {
  stoa_id predicate, object;
  const stoa_template *tmpl;
  int place;
  uint32_t version; ///< of the graph; 0: no answer
  bool fits;
} stoa_fit;
enum { STOA_FITS = 256 };

/// The dictionary in the order of texts (native_texts.c).
typedef struct {
  pthread_mutex_t lock; ///< queries sort, while they hold the graph for reading
  stoa_id *ids;         ///< terms with a text of their own, sorted by it
  stoa_id *others;      ///< literals that are values, and have a text only where it is printed
  uint32_t n, n_others;
  stoa_id known;  ///< terms below are in one or the other, blank nodes aside
  double missed;  ///< how many terms queries had to ask since there is no order
} stoa_texts;

void stoa_texts_init(stoa_texts *t);
void stoa_texts_done(stoa_texts *t);
/// The numbers of terms whose text begins with `prefix`: IRIs and literals, and with `of_str` those that are values; a
/// superset, ascending, in `arena`.  Returns how many ranges; 0: no telling, as there are too many, or the order does not
/// pay yet; `otherwise` is how many terms would have to be asked then.
uint32_t stoa_texts_ranges(stoa_texts *t, const stoa_dictionary *d, stoa_slice prefix, bool of_str, double otherwise,
                           stoa_arena *arena, stoa_id_range **out);

struct stoa_native {
  stoa_source base;
  stoa_dictionary dictionary;
  stoa_texts texts;
  stoa_partitions partitions;
  stoa_id last_subject; ///< of the last quad added: loads bring equal ones in a row
  stoa_partition *last_part;
  uint32_t version; ///< counts `finish`
  stoa_fit fits[STOA_FITS];
  pthread_mutex_t fits_lock;
  pthread_rwlock_t lock; ///< held for reading as long as a query has a connection
  stoa_connection connection;
};

/// A set of numbers: bits in pages that are made when they are needed.
enum { STOA_SEEN_BITS = 18 }; ///< of a number, told apart within a page
typedef struct {
  uint64_t *pages[(UINT64_C(1) << 32) >> STOA_SEEN_BITS];
  size_t n_bytes;
} stoa_seen;
/// True when the number was not there yet; it is then.
bool stoa_seen_add(stoa_seen *seen, stoa_id id);
void stoa_seen_done(stoa_seen *seen);

/// The cursor over basic graph patterns (native_match.c), as the class wants it.
stoa_status stoa_native_open(stoa_connection *connection, const stoa_fragment *fragment, stoa_context *context,
                             stoa_cursor **out, stoa_error *err);
void stoa_native_seed(stoa_cursor *cursor, const stoa_term *seeds);
stoa_status stoa_native_next(stoa_cursor *cursor, stoa_arena *arena, stoa_rows *out, stoa_error *err);
void stoa_native_close(stoa_cursor *cursor);

#endif
