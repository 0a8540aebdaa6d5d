#ifndef STOA_GRAPH_TERM_STORED_H
#define STOA_GRAPH_TERM_STORED_H

#include "graph/term/number.h"

/// A decimal that a database keeps as a double (SQLite does all of them): the number with the fewest digits that is
/// kept as that double, which is the one that was written unless it had more than 15.

/// False for NaN and the infinities.  Digits that 128 bits do not hold lie in `arena`.
bool stoa_stored_decimal(double value, stoa_arena *arena, stoa_number *out);

#endif
