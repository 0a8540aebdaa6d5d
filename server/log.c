#include "server/log.h"
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const char *const levels[] = {"info", "warning", "error"};

static void write_time(stoa_buf *out)
{
  struct timespec now;
  struct tm utc;
  char text[32];
  clock_gettime(CLOCK_REALTIME, &now);
  gmtime_r(&now.tv_sec, &utc);
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  stoa_buf_print(out, "%s.%03ldZ", text, now.tv_nsec / 1000000);
}

// One line stays one line, whatever a client has sent.
static void write_plain(stoa_buf *out, const char *text)
{
  for (const char *at = text; *at; ++at) {
    const unsigned char c = (unsigned char)*at;
    if (c == '\n') {
      stoa_buf_text(out, "\\n");
    } else if (c < ' ' || c == 127) {
      stoa_buf_print(out, "\\x%02x", c);
    } else {
      stoa_buf_byte(out, *at);
    }
  }
}

stoa_log_line stoa_log_begin(const stoa_log *log, stoa_log_level level, const char *event, const char *message)
{
  stoa_log_line line = {.log = log};
  stoa_buf_text(&line.text, log->json ? "{\"time\":\"" : "");
  write_time(&line.text);
  if (log->json) {
    stoa_buf_print(&line.text, "\",\"level\":\"%s\",\"event\":\"%s\"", levels[level], event);
    if (message) {
      stoa_log_text(&line, "message", message);
    }
  } else {
    stoa_buf_print(&line.text, " %s %s%s", levels[level], event, message ? ": " : "");
    write_plain(&line.text, message ? message : "");
  }
  return line;
}

static void begin_field(stoa_log_line *line, const char *key)
{
  stoa_buf_print(&line->text, line->log->json ? ",\"%s\":" : " %s=", key);
}

void stoa_log_text(stoa_log_line *line, const char *key, const char *text)
{
  begin_field(line, key);
  if (line->log->json || strpbrk(text, " =\"")) {
    stoa_buf_json(&line->text, stoa_slice_of(text));
  } else {
    write_plain(&line->text, text);
  }
}

void stoa_log_integer(stoa_log_line *line, const char *key, int64_t value)
{
  begin_field(line, key);
  stoa_buf_integer(&line->text, value);
}

void stoa_log_ms(stoa_log_line *line, const char *key, int64_t ns)
{
  begin_field(line, key);
  stoa_buf_print(&line->text, "%.3f", (double)ns / 1e6);
}

void stoa_log_end(stoa_log_line *line)
{
  stoa_buf_text(&line->text, line->log->json ? "}\n" : "\n");
  const ssize_t n = write(STDERR_FILENO, line->text.data, line->text.length);
  (void)n; // there is nobody to tell
  stoa_buf_done(&line->text);
}

void stoa_log_say(const stoa_log *log, stoa_log_level level, const char *event, const char *message)
{
  stoa_log_line line = stoa_log_begin(log, level, event, message);
  stoa_log_end(&line);
}
