#include "graph/base/error.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A text that was cut ends with a whole character.
static void end_well(char *text, size_t length)
{
  size_t start = length;
  while (start > 0 && length - start < 4 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) {
    --start;
  }
  const unsigned char lead = start ? (unsigned char)text[start - 1] : 0;
  const size_t needs = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  if (start && lead >= 0xC0 && length - start + 1 < needs) {
    text[start - 1] = '\0';
  }
}

static void fill(stoa_error *err, stoa_status status, const char *format, va_list args)
{
  err->status = status;
  if (vsnprintf(err->text, sizeof err->text, format, args) >= (int)sizeof err->text) {
    end_well(err->text, sizeof err->text - 1);
  }
}

stoa_status stoa_error_set(stoa_error *err, stoa_status status, const char *format, ...)
{
  if (err && err->status == STOA_OK) {
    va_list args;
    va_start(args, format);
    fill(err, status, format, args);
    va_end(args);
  }
  return status;
}

stoa_status stoa_error_at(stoa_error *err, stoa_status status, stoa_place place, const char *format, ...)
{
  if (err && err->status == STOA_OK) {
    va_list args;
    va_start(args, format);
    fill(err, status, format, args);
    va_end(args);
    snprintf(err->where, sizeof err->where, "%s", place.file ? place.file : "");
    err->line = place.line;
    err->column = place.column;
  }
  return status;
}

const char *stoa_error_print(const stoa_error *err, char *out, size_t n_bytes)
{
  const char *const kind = strncmp(err->text, "warning: ", 9) == 0 ? "" : "error: ";
  if (err->where[0] && err->line > 0) {
    snprintf(out, n_bytes, "%s:%d:%d: %s%s", err->where, err->line, err->column > 0 ? err->column : 1, kind, err->text);
  } else if (err->where[0]) {
    snprintf(out, n_bytes, "%s: %s%s", err->where, kind, err->text);
  } else {
    snprintf(out, n_bytes, "%s%s", kind, err->text);
  }
  return out;
}

void stoa_faults_add(stoa_faults *faults, const stoa_error *err, bool warning)
{
  if (faults->n_items == faults->capacity) {
    const size_t capacity = faults->capacity ? faults->capacity * 2 : 16;
    stoa_error *const items = realloc(faults->items, capacity * sizeof *items);
    if (!items) {
      faults->n_errors++;
      return;
    }
    faults->items = items;
    faults->capacity = capacity;
  }
  stoa_error *const slot = &faults->items[faults->n_items++];
  *slot = *err;
  if (warning) {
    snprintf(slot->text, sizeof slot->text, "warning: %.490s", err->text);
  } else {
    faults->n_errors++;
  }
}

void stoa_faults_done(stoa_faults *faults)
{
  free(faults->items);
  memset(faults, 0, sizeof *faults);
}
