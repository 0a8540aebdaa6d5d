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
/// all), and the row's own.  Texts lie in `arena`.
void stoa_packed_read(const stoa_packed *packed, const stoa_view *view, const bool *wanted, int64_t now_us,
                      stoa_arena *arena, stoa_term *values, stoa_view_row *row);

/// True for a recency, whose value grows with time; and that value at an instant.
bool stoa_packed_grows(const stoa_view *view, const stoa_feature *feature);
stoa_term stoa_packed_recency(const stoa_feature *feature, int64_t last_us, int64_t now_us, stoa_arena *arena);

/// For who packs values elsewhere.  IRIs of templates become their texts, which lie in `arena`; the bytes that a term's
/// text takes; and the term with its text at `*at`, which steps behind it.
void stoa_packed_settle(const stoa_term *values, uint32_t n, stoa_arena *arena, stoa_term *out);
size_t stoa_packed_text_size(stoa_term term);
stoa_term stoa_packed_text(stoa_term term, char **at);

#endif
