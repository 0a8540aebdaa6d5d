#include "graph/term/stored.h"
#include <stdlib.h>

// "-1.2345E-7" without its exponent.
static void write_plain(const char *text, stoa_buf *out)
{
  char digits[32];
  int n = 0, exponent = atoi(strchr(text, 'E') + 1);
  stoa_buf_text(out, *text == '-' ? "-" : "");
  for (const char *c = text; *c != 'E'; ++c) {
    if (*c >= '0' && *c <= '9') {
      digits[n++] = *c;
    }
  }
  while (n > 1 && digits[n - 1] == '0') {
    --n;
  }
  const bool small = exponent < 0;
  for (bool first = true; exponent < 0; ++exponent, first = false) {
    stoa_buf_text(out, first ? "0." : "0");
  }
  for (int i = 0; i < n; ++i) {
    stoa_buf_byte(out, digits[i]);
    if (exponent-- == 0 && i + 1 < n && !small) {
      stoa_buf_byte(out, '.');
    }
  }
  for (; exponent >= 0 && !small; --exponent) {
    stoa_buf_byte(out, '0');
  }
}

bool stoa_stored_decimal(double value, stoa_arena *arena, stoa_number *out)
{
  stoa_buf shortest = {0}, plain = {0};
  if (!isfinite(value)) {
    return false;
  }
  stoa_number_write_double(value, &shortest);
  write_plain(stoa_buf_string(&shortest), &plain);
  const stoa_slice digits = stoa_arena_slice(arena, (stoa_slice){plain.data, plain.length});
  stoa_buf_done(&shortest);
  stoa_buf_done(&plain);
  const bool good = stoa_number_read_decimal(digits, out);
  out->kind = STOA_NUMBER_DECIMAL;
  return good;
}
