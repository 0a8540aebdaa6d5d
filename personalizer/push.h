#ifndef STOA_PERSONALIZER_PUSH_H
#define STOA_PERSONALIZER_PUSH_H

#include "features/state/state.h"
#include "graph/base/json.h"

/// Columns of events, as data frames are sent: {"customer_id": ["C1", "C2"], "amount": [1, 2], ...}.

/// How many rows the columns have; STOA_BAD_ARG when they are no lists of one length.
stoa_status stoa_push_rows(const stoa_json *columns, uint32_t *out, stoa_error *err);
/// Read them as events of a type; what the records hold lies in `arena`.  A column `event_timestamp` is the event's
/// time where the type has no field of that name, a column `created` is passed over where it has none: the log keeps
/// its own.  Times without a zone are UTC.  An event without its id is named by what it says: the same rows sent again
/// are the same events, and a row that stands twice among them is two.
stoa_status stoa_push_read(const stoa_event_type *type, const stoa_json *columns, int64_t now_us, stoa_arena *arena,
                           stoa_record **out, uint32_t *n_out, stoa_error *err);

#endif
