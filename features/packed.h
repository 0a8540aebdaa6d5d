#ifndef STOA_FEATURES_PACKED_H
#define STOA_FEATURES_PACKED_H

#include "features/feature.h"

/// A view's row in one block of memory, to be kept.
typedef struct stoa_packed stoa_packed;

/// Copy a row of a view; NULL without memory.
stoa_packed *stoa_packed_new(const stoa_term *values, const stoa_view *view, const stoa_view_row *row);
void stoa_packed_free(stoa_packed *packed);
/// Bytes that it takes.
size_t stoa_packed_size(const stoa_packed *packed);
/// Copy it out as it is at an instant, to which recencies have grown: the values of the features that are wanted (NULL:
/// all), and the row's own.  Texts lie in `arena`; when the latest event of each feature was is not told again.
void stoa_packed_read(const stoa_packed *packed, const stoa_view *view, const bool *wanted, int64_t now_us,
                      stoa_arena *arena, stoa_term *values, stoa_view_row *row);

#endif
