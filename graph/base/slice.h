#ifndef STOA_GRAPH_BASE_SLICE_H
#define STOA_GRAPH_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/// A borrowed run of bytes: pointer and length, no terminator promised.
typedef struct {
  const char *data;
  size_t length;
} stoa_slice;

static inline stoa_slice stoa_slice_of(const char *text)
{
  return (stoa_slice){text, text ? strlen(text) : 0};
}

static inline bool stoa_slice_equal(stoa_slice a, stoa_slice b)
{
  return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

static inline bool stoa_slice_is(stoa_slice a, const char *text)
{
  return stoa_slice_equal(a, stoa_slice_of(text));
}

static inline bool stoa_slice_starts(stoa_slice a, stoa_slice prefix)
{
  return a.length >= prefix.length && memcmp(a.data, prefix.data, prefix.length) == 0;
}

/// Order by bytes, which for UTF-8 is code-point order.  Negative, zero or positive as memcmp.
static inline int stoa_slice_compare(stoa_slice a, stoa_slice b)
{
  const size_t n = a.length < b.length ? a.length : b.length;
  const int order = n ? memcmp(a.data, b.data, n) : 0;
  return order ? order : (a.length > b.length) - (a.length < b.length);
}

#endif
