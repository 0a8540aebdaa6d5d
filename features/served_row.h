#ifndef STOA_FEATURES_SERVED_ROW_H
#define STOA_FEATURES_SERVED_ROW_H

#include "features/feature.h"

/// The row of a service for one entity in one block: the values of all its views as terms, and as the texts that protocols
/// write, so that an answer is a copy of bytes.

/// How a protocol writes a value, an unbound one too.  False: it has no text for such a value, and has written the one of
/// none.
typedef bool (*stoa_value_form)(stoa_term value, const stoa_feature *feature, stoa_buf *out);

enum { STOA_MOST_FORMS = 4 };

/// The forms that rows are kept in.
struct stoa_value_forms {
  stoa_value_form forms[STOA_MOST_FORMS];
  uint32_t n;
  uint32_t first; ///< bits of those in which rows are made ahead
};

/// What is known of one view's row.
typedef struct {
  int64_t at_us; ///< its time; STOA_NO_TIME where there is none
  bool is_there, is_stale, is_small;
} stoa_served_view;

typedef struct stoa_served_row stoa_served_row;

/// Make the row of one entity, in the forms whose bits are set: views[i] are the values of the service's i-th view, `row`
/// the place of the entity among them.  NULL when it is not to be kept: a value did not fit, no view has a row, time alone
/// changes it at once, its texts are too long for a row, or there is no memory.
stoa_served_row *stoa_served_row_new(const stoa_service *service, const stoa_view_values *views, uint32_t row,
                                     const stoa_value_forms *forms, uint32_t which);
/// Held by so many; it goes with the last.  A new one is held by who made it.
void stoa_served_row_hold(stoa_served_row *row);
void stoa_served_row_leave(stoa_served_row *row);
/// Bytes that it takes.
size_t stoa_served_row_size(const stoa_served_row *row);
/// From when until before when it is the answer, as far as time goes, and the forms that it has, as bits.
typedef struct {
  int64_t from_us, until_us;
  uint32_t forms;
} stoa_served_term;
stoa_served_term stoa_served_row_term(const stoa_served_row *row);

/// Append the values of all features, or of one, as they are at an instant to which recencies have grown.
void stoa_served_row_write(const stoa_served_row *row, const stoa_service *service, const stoa_value_forms *forms,
                           uint32_t form, int64_t now_us, stoa_buf *out);
void stoa_served_row_write_one(const stoa_served_row *row, const stoa_service *service, const stoa_value_forms *forms,
                               uint32_t form, uint32_t column, int64_t now_us, stoa_buf *out);
/// A value as the row has it.
typedef enum {
  STOA_CELL_NONE,
  STOA_CELL_TEXT,  ///< `text`
  STOA_CELL_GROWS, ///< a recency, which stoa_served_row_write_one writes
  STOA_CELL_LACKS  ///< a value for which the form has no text
} stoa_cell_kind;

typedef struct {
  stoa_cell_kind kind;
  stoa_slice text; ///< also where there is no value: what the form writes then; it lives as long as the row
} stoa_served_cell;
stoa_served_cell stoa_served_row_cell(const stoa_served_row *row, const stoa_service *service, uint32_t form, uint32_t column);
/// The same values as terms: out[feature of the service]; texts lie in `arena`.
void stoa_served_row_values(const stoa_served_row *row, const stoa_service *service, int64_t now_us, stoa_arena *arena,
                            stoa_term *out);
/// One for each view of the service; it lives as long as the row.
const stoa_served_view *stoa_served_row_views(const stoa_served_row *row);

#endif
