#ifndef STOA_GRAPH_TERM_XSD_H
#define STOA_GRAPH_TERM_XSD_H

#include "graph/base/arena.h"
#include "graph/base/buf.h"
#include <stdint.h>

/// XSD dates and long decimals, done by rasqal (the only file that knows it is xsd.c).

typedef struct {
  int64_t us; ///< microseconds on the UTC time line; a value without zone is taken as UTC
  bool has_zone;
  int zone; ///< minutes east of UTC
} stoa_instant;

typedef struct {
  int year, month, day, hour, minute, second, microsecond;
} stoa_calendar;

/// Read an xsd:dateTime; a blank is accepted for the T, as databases write it.
bool stoa_xsd_datetime_read(stoa_slice lexical, stoa_instant *out);
/// Read an xsd:date.
bool stoa_xsd_date_read(stoa_slice lexical, stoa_instant *out);
/// Take an instant apart in its own zone (proleptic Gregorian calendar).
stoa_calendar stoa_xsd_calendar(stoa_instant instant);
/// Write the canonical lexical form, with the zone where there is one.
void stoa_xsd_datetime_write(stoa_instant instant, stoa_buf *out);
void stoa_xsd_date_write(stoa_instant instant, stoa_buf *out);
/// Compute `a op b` on decimals of any length.  False when there is no result.
bool stoa_xsd_decimal_apply(char op, const char *a, const char *b, stoa_arena *arena, stoa_slice *out);

#endif
