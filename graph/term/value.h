#ifndef STOA_GRAPH_TERM_VALUE_H
#define STOA_GRAPH_TERM_VALUE_H

#include "graph/term/term.h"
#include "graph/term/xsd.h"

/// Values behind lexical forms, canonical or not.  Numbers are in number.h.

/// The instant of an xsd:dateTime (`*is_date` false) or xsd:date; false for anything else.
bool stoa_term_instant(stoa_term term, stoa_instant *out, bool *is_date);
/// The instant of a term of kind DATETIME or DATE.
static inline stoa_instant stoa_term_inline_instant(stoa_term t)
{
  return (stoa_instant){t.as.integer, (t.flags & STOA_TERM_HAS_ZONE) != 0, t.zone};
}
/// The value of an xsd:boolean; false for anything else.
bool stoa_term_boolean_value(stoa_term term, bool *out);
/// Compare two instants: -1, 0, 1, or 2 when only one has a zone and they are within 14 hours
/// (XML Schema Part 2, section 3.2.7.4).
int stoa_instant_compare(stoa_instant a, stoa_instant b);

#endif
