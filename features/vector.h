#ifndef STOA_FEATURES_VECTOR_H
#define STOA_FEATURES_VECTOR_H

#include "features/feature.h"

/// Vectors of embeddings: lists of as many finite numbers as are declared (stoa_feature.dimensions), of 32 or 64 bits.

enum { STOA_MOST_DIMENSIONS = 16384, STOA_VECTOR_WHY = 96 };

/// The vector that one value holds: an array of JSON or of PostgreSQL ("{1,2}"), whatever its datatype, or the bytes of
/// floats or doubles, the least significant first, as xsd:hexBinary (of a BLOB) or xsd:base64Binary.  False: `why` it
/// is none, such as "has 3 elements, not 4".
bool stoa_vector_of(const stoa_feature *feature, stoa_term value, stoa_arena *arena, stoa_term *out,
                    char why[STOA_VECTOR_WHY]);

/// A vector that is read from the rows of an entity: one that holds all of it, or one for each element.
typedef struct stoa_vector_rows stoa_vector_rows;

typedef enum {
  STOA_VECTOR_INDEXED, ///< a row for each element, with its index from 0 or from 1 on
  STOA_VECTOR_ORDERED, ///< ... in the order of the rows; or one row
  STOA_VECTOR_ALONE    ///< one row
} stoa_vector_form;

stoa_vector_rows *stoa_vector_rows_new(const stoa_feature *feature, stoa_vector_form form, stoa_arena *arena);
/// Add a row; one without a value, and without an index, adds nothing.
void stoa_vector_rows_add(stoa_vector_rows *rows, stoa_term index, stoa_term value);
/// The vector.  False: `why` it is none.
bool stoa_vector_rows_term(const stoa_vector_rows *rows, stoa_term *out, char why[STOA_VECTOR_WHY]);

#endif
