#ifndef STOA_GRAPH_TERM_XSD_H
#define STOA_GRAPH_TERM_XSD_H

#include "graph/base/arena.h"
#include "graph/base/buf.h"
#include <stdint.h>

/// Dates and times of XML Schema.

typedef struct {
  int64_t us; ///< microseconds on the UTC time line; a value without zone is taken as UTC
  bool has_zone;
  int zone; ///< minutes east of UTC
} stoa_instant;

typedef struct {
  int year, month, day, hour, minute, second, microsecond;
} stoa_calendar;

/// Read an xsd:dateTime.  False for what is none, or so far away that microseconds of 64 bits do not hold it.
bool stoa_xsd_datetime_read(stoa_slice lexical, stoa_instant *out);
/// Read an xsd:date.
bool stoa_xsd_date_read(stoa_slice lexical, stoa_instant *out);
/// Take an instant apart in its own zone (proleptic Gregorian calendar).
stoa_calendar stoa_xsd_calendar(stoa_instant instant);
/// Write the canonical lexical form, with the zone where there is one.
void stoa_xsd_datetime_write(stoa_instant instant, stoa_buf *out);
void stoa_xsd_date_write(stoa_instant instant, stoa_buf *out);
/// Days from 1970-01-01 to a day; one that its month does not have is the last of the month.
int64_t stoa_xsd_days(int64_t year, int month, int day);
/// Append a timestamp as databases write it (a blank for the T and before the zone, a zone without its minutes) as an
/// xsd:dateTime; what is no timestamp stays as it is.
void stoa_xsd_datetime_of_sql(stoa_slice text, stoa_buf *out);

#endif
