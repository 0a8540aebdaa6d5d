#ifndef STOA_GRAPH_EXEC_MAKE_H
#define STOA_GRAPH_EXEC_MAKE_H

#include "graph/plan/sqlx.h"

/// The most columns of one binding: those of its template, and a guard.
enum { STOA_MAKE_COLUMNS = STOA_TEMPLATE_COLUMNS + 1 };

/// Make the term of a binding from the values of its columns, then its guard; unbound where one of them is
/// NULL.  Texts are borrowed from the row or lie in `arena`.  Errors: STOA_BAD_TYPE for a value that no term can hold
/// or that its datatype does not allow, with the triples map, the column and the row.
stoa_status stoa_make_term(const stoa_binding *b, const stoa_value *const *row, stoa_arena *arena, stoa_term *out,
                           stoa_error *err);
/// The same; an error tells of the column alone.
stoa_status stoa_make_plain(const stoa_binding *b, const stoa_value *const *row, stoa_arena *arena, stoa_term *out,
                            stoa_error *err);
/// The number of columns that a binding reads.
uint32_t stoa_make_width(const stoa_binding *b);

#endif
