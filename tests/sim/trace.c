#include "tests/sim/trace.h"
#include "tests/sim/turns.h"
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static trace_of_run *to;

void trace_begin(trace_of_run *run)
{
  to = run;
}

void trace_number(uint64_t n)
{
  to->hash = (to->hash ^ n) * UINT64_C(1099511628211);
}

static void add(const char *text)
{
  for (const char *at = text; *at; ++at) {
    trace_number((unsigned char)*at);
  }
  trace_number((uint64_t)turns_now());
  if (to->prints) {
    dprintf(STDERR_FILENO, "%11.6f %s\n", (double)turns_now() / 1e9, text);
  }
}

void trace(const char *format, ...)
{
  char text[400];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  add(text);
}

_Noreturn void wrong(const char *format, ...)
{
  va_list args;
  va_start(args, format);
  vsnprintf(to->why, sizeof to->why, format, args);
  va_end(args);
  add(to->why);
  _exit(TRACE_EXIT_WRONG);
}
