#ifndef STOA_FEATURES_LIST_H
#define STOA_FEATURES_LIST_H

#include "features/feature.h"
#include "graph/base/json.h"

/// Features that are lists: a literal of rdf:JSON (JSON-LD 1.1, section 10.2) whose text is an array, written in one
/// way alone, so that two lists are the same term when their elements are the same.  Numbers stand as digits, doubles
/// with a point or an exponent, times and bytes as texts; there is no null, and no list within.

enum { STOA_MOST_ELEMENTS = 10000 };

typedef STOA_LIST(stoa_term) stoa_elements;

typedef enum {
  STOA_LIST_FITS,
  STOA_LIST_MISFIT, ///< an element is no value of its type
  STOA_LIST_LONG    ///< more than STOA_MOST_ELEMENTS
} stoa_list_fit;

/// True for a literal of rdf:JSON.
bool stoa_list_is(stoa_term value);
/// Add the elements that a value stands for, in the type that they have in the feature: of an array of rdf:JSON those
/// of the array, of none none, of any other value itself.  What they are made of is copied.
stoa_list_fit stoa_list_add(const stoa_feature *feature, stoa_term value, stoa_arena *arena, stoa_elements *out);
/// The list of elements that were added.
stoa_term stoa_list_term(const stoa_elements *elements, stoa_arena *arena);
/// The same, as it is served; none when they do not fit, which the context counts.
stoa_term stoa_list_settle(const stoa_feature *feature, stoa_list_fit fit, const stoa_elements *elements,
                           stoa_context *context, stoa_arena *arena);
/// The elements of a list as it is served.  False: it is none.
bool stoa_list_read(stoa_term list, stoa_arena *arena, const stoa_json **out);

#endif
