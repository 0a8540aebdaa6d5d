// Options by getopt_long.  A verb declares its own in a line, such as "C: http: views explain? loops#1-64": with a
// value, none, perhaps one, a number.  What comes out is plain: each option by its full name, its value behind it, in
// order.
#include "cli/cli.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_OPTIONS = 24 };

typedef struct {
  char names[MOST_OPTIONS][24];
  char kinds[MOST_OPTIONS]; ///< ':', '?', '#' or 0
  long least[MOST_OPTIONS], most[MOST_OPTIONS];
  int n;
  char letters[2 * MOST_OPTIONS + 4];
  struct option longs[MOST_OPTIONS + 1];
} declared;

static void declare(declared *d, const char *text)
{
  size_t n_letters = 2, n_longs = 0;
  memcpy(d->letters, "-:", 3); // words are told in their place; a missing value is told apart
  for (const char *at = text; *at; at += strspn(at, " ")) {
    const size_t length = strcspn(at, " ");
    const size_t n = strcspn(at, " :?#");
    char *const name = d->names[d->n];
    snprintf(name, sizeof d->names[0], "%.*s", (int)n, at);
    d->kinds[d->n] = n < length ? at[n] : '\0';
    if (d->kinds[d->n] == '#') {
      sscanf(at + n, "#%ld-%ld", &d->least[d->n], &d->most[d->n]);
    }
    const int has = d->kinds[d->n] == '\0'  ? no_argument
                    : d->kinds[d->n] == '?' ? optional_argument
                                            : required_argument;
    if (n == 1) {
      d->letters[n_letters++] = name[0];
      d->letters[n_letters] = '\0';
      if (has == required_argument) {
        d->letters[n_letters++] = ':';
        d->letters[n_letters] = '\0';
      }
    } else {
      d->longs[n_longs++] = (struct option){name, has, NULL, 256 + d->n};
    }
    d->n++;
    at += length;
  }
}

static int index_of(const declared *d, int code)
{
  for (int i = 0; i < d->n; ++i) {
    if (code == 256 + i || (d->names[i][0] == code && !d->names[i][1])) {
      return i;
    }
  }
  return -1;
}

static void add(stoa_args *args, char *token, bool is_word)
{
  args->is_word[args->argc] = is_word;
  args->argv[args->argc++] = token;
}

static char *printed(const char *before, const char *name, const char *after)
{
  const size_t n = strlen(before) + strlen(name) + strlen(after) + 1;
  char *const text = malloc(n);
  if (text) {
    snprintf(text, n, "%s%s%s", before, name, after);
  }
  return text;
}

static bool is_number(const char *text, long least, long most)
{
  char *end;
  const long n = strtol(text, &end, 10);
  return text[0] >= '0' && text[0] <= '9' && *end == '\0' && n >= least && n <= most;
}

static int add_option(stoa_args *args, const declared *d, int i, const char *verb)
{
  if (d->kinds[i] == '#' && !is_number(optarg, d->least[i], d->most[i])) {
    return stoa_cli_usage(verb, "--%s takes a number from %ld to %ld, not \"%s\"", d->names[i], d->least[i], d->most[i],
                          optarg);
  }
  const char *const dashes = d->names[i][1] ? "--" : "-";
  char *name = printed(dashes, d->names[i], "");
  if (d->kinds[i] == '?' && optarg) {
    char *const whole = printed(name, "=", optarg);
    free(name);
    name = whole;
  }
  args->made[args->n_made++] = name;
  add(args, name, false);
  if (optarg && d->kinds[i] != '?') {
    add(args, optarg, false);
  }
  return 0;
}

// A reward may be negative: no option is a number.
static bool is_negative(const char *text)
{
  return text[0] == '-' && ((text[1] >= '0' && text[1] <= '9') || text[1] == '.');
}

static int read_all(stoa_args *args, const declared *d, int argc, char **argv, const char *verb)
{
  opterr = 0;
  optind = 1;
  for (;;) {
    if (optind < argc && is_negative(argv[optind])) {
      add(args, argv[optind++], true);
      continue;
    }
    const int at = optind;
    const int code = getopt_long(argc, argv, d->letters, d->longs, NULL);
    if (code == -1) {
      break;
    }
    const int i = index_of(d, code);
    if (code == 1) {
      add(args, optarg, true);
    } else if (i >= 0) {
      const int failed = add_option(args, d, i, verb);
      if (failed) {
        return failed;
      }
    } else {
      const char *const given = argv[at < argc ? at : argc - 1];
      return code == ':' ? stoa_cli_usage(verb, "option %s needs a value", given)
                         : stoa_cli_usage(verb, "cannot take \"%s\"", given);
    }
  }
  while (optind < argc) { // behind "--"
    add(args, argv[optind++], true);
  }
  return 0;
}

int stoa_args_read(stoa_args *args, const char *verb, const char *options, int argc, char **argv)
{
  declared d = {0};
  declare(&d, options);
  *args = (stoa_args){.argv = calloc((size_t)argc * 2 + 1, sizeof *args->argv),
                      .is_word = calloc((size_t)argc * 2 + 1, sizeof *args->is_word),
                      .made = calloc((size_t)argc + 1, sizeof *args->made)};
  if (!args->argv || !args->is_word || !args->made) {
    fputs("stoa: the system has no memory left\n", stderr);
    return 3;
  }
  return read_all(args, &d, argc, argv, verb);
}

void stoa_args_done(stoa_args *args)
{
  for (int i = 0; i < args->n_made; ++i) {
    free(args->made[i]);
  }
  free(args->made);
  free(args->argv);
  free(args->is_word);
}
