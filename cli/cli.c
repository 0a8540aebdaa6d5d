#include "cli/cli.h"
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *const stoa_cli_any_endpoint[] = {"*", NULL};

bool stoa_cli_reader_left(void)
{
  struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
  return ferror(stdout) && poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP));
}

int stoa_cli_fail(const stoa_error *err)
{
  char text[800];
  if (stoa_cli_reader_left()) { // whoever reads has enough: main() ends the process as SIGPIPE does
    return stoa_status_exit(err->status);
  }
  fprintf(stderr, "%s\n", stoa_error_print(err, text, sizeof text));
  const int code = stoa_status_exit(err->status);
  return err->line > 0 && code == 2 ? 1 : code; // what a file says is input, and no wrong use of the program
}

int stoa_cli_faults(const stoa_faults *faults)
{
  char text[800];
  for (size_t i = 0; i < faults->n_items; ++i) {
    fprintf(stderr, "%s\n", stoa_error_print(&faults->items[i], text, sizeof text));
  }
  return faults->n_errors ? 1 : 0;
}

int stoa_cli_usage(const char *verb, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  fputs("stoa: ", stderr);
  vfprintf(stderr, format, args);
  fprintf(stderr, "\ntry: stoa %s%s--help\n", verb, verb[0] ? " " : "");
  va_end(args);
  return 2;
}

bool stoa_cli_write(void *data, const char *bytes, size_t n_bytes)
{
  return fwrite(bytes, 1, n_bytes, data ? data : stdout) == n_bytes;
}

bool stoa_args_option(stoa_args *args, const char *name, const char **value)
{
  if (args->at >= args->argc || args->is_word[args->at]) {
    return false;
  }
  const char *const arg = args->argv[args->at];
  const size_t n = strlen(name);
  if (strcmp(arg, name) == 0 && args->at + 1 < args->argc) {
    *value = args->argv[args->at + 1];
    args->at += 2;
    return true;
  }
  if (strncmp(arg, name, n) == 0 && arg[n] == '=' && name[1] == '-') {
    *value = arg + n + 1;
    args->at++;
    return true;
  }
  return false;
}

bool stoa_args_flag(stoa_args *args, const char *name)
{
  if (args->at < args->argc && !args->is_word[args->at] && strcmp(args->argv[args->at], name) == 0) {
    args->at++;
    return true;
  }
  return false;
}

const char *stoa_args_word(stoa_args *args)
{
  if (args->at < args->argc && args->is_word[args->at]) {
    return args->argv[args->at++];
  }
  return NULL;
}

bool stoa_args_end(const stoa_args *args)
{
  return args->at >= args->argc;
}

const char *stoa_args_current(const stoa_args *args)
{
  return args->at < args->argc ? args->argv[args->at] : "(nothing)";
}
