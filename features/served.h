#ifndef STOA_FEATURES_SERVED_H
#define STOA_FEATURES_SERVED_H

#include "features/keep.h"
#include "features/served_row.h"

/// Rows of services that are kept between requests: the rows of a service's views gathered once, until one of them is no
/// longer the answer.  Only of services all of whose views keep their rows (keep.h), and only of entities that are there.
/// All of it may be called by any thread.

/// True when nothing has to be asked of a source before rows of a service are taken at this instant.
bool stoa_served_may(const stoa_service *service, int64_t now_us);
/// The row of a key (n_keys parts), as a protocol's form; NULL when none is kept that is the answer at this instant.  The
/// caller leaves it (stoa_served_row_leave).  `arena`: for keys of several parts.
stoa_served_row *stoa_served_find(const stoa_service *service, const stoa_slice *key, int64_t now_us, uint32_t form,
                                  stoa_arena *arena);
/// Make and keep the rows of keys, as far as that goes, in this form and those that were asked for before
/// (STOA_MOST_FORMS: in those alone).
void stoa_served_make(const stoa_service *service, const stoa_slice *keys, uint32_t n_keys, uint32_t form,
                      stoa_context *context, stoa_arena *arena);
/// The values of a service as stoa_features_find gives them, from rows that are kept and computed.
stoa_status stoa_served_values(const stoa_service *service, const stoa_slice *keys, uint32_t n_keys, const bool *wanted,
                               stoa_context *context, stoa_arena *arena, const stoa_term **out, const bool **known,
                               stoa_error *err);
/// True while rows may be made that nobody has asked for yet.
bool stoa_served_has_room(const stoa_service *service);
/// The forms that rows are kept in.
const stoa_value_forms *stoa_served_forms(const stoa_service *service);
/// What is kept of a service now; `folded` is zero.
stoa_kept_size stoa_served_measure(const stoa_service *service);

#endif
