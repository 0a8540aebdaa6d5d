#ifndef STOA_FEATURES_PACKED_H
#define STOA_FEATURES_PACKED_H

#include "features/feature.h"

/// A view's row in one block of memory, to be kept.
typedef struct stoa_packed stoa_packed;

/// Copy a row of `n` values; NULL without memory.
stoa_packed *stoa_packed_new(const stoa_term *values, uint32_t n, const stoa_view_row *row);
void stoa_packed_free(stoa_packed *packed);
/// Bytes that it takes.
size_t stoa_packed_size(const stoa_packed *packed);
/// Copy it out: values[n], and the row's own; texts lie in `arena`.
void stoa_packed_read(const stoa_packed *packed, stoa_arena *arena, stoa_term *values, stoa_view_row *row);

#endif
