#ifndef STOA_CLI_CLI_H
#define STOA_CLI_CLI_H

#include "graph/base/error.h"
#include <stdbool.h>

/// What the verbs of the program share.

/// True when what was written to standard output had no reader any more, as behind `stoa ... | head`.
bool stoa_cli_reader_left(void);
/// Print an error as FILE:LINE:COL: error: ... and return its exit code; nothing is printed when the reader of the
/// output left.
int stoa_cli_fail(const stoa_error *err);
/// Print every fault; return the exit code (1 when one is no mere warning).
int stoa_cli_faults(const stoa_faults *faults);
/// Say what is wrong with the call and return 2.
int stoa_cli_usage(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));
/// Write bytes to standard output; a stoa_sink's function.
bool stoa_cli_write(void *data, const char *bytes, size_t n_bytes);

/// The endpoints that SERVICE may ask from a terminal: any.
extern const char *const stoa_cli_any_endpoint[];

/// A verb's arguments, and where it is among them.
typedef struct {
  int argc;
  char **argv;
  bool *is_word; ///< no option, and no value of one
  int at;
  char **made; ///< texts that were made for it
  int n_made;
} stoa_args;

/// Read the arguments of a verb (`argv[0]` is the verb) by its declaration of options (options.c).  Returns 0, or the
/// exit code once the fault is told.
int stoa_args_read(stoa_args *args, const char *verb, const char *options, int argc, char **argv);
void stoa_args_done(stoa_args *args);

/// True when the next argument is the option `name`, as NAME VALUE or NAME=VALUE; then `value` is set.
bool stoa_args_option(stoa_args *args, const char *name, const char **value);
/// True when the next argument is the flag `name`; steps over it.
bool stoa_args_flag(stoa_args *args, const char *name);
/// The next argument that is no option, or NULL; steps over it.
const char *stoa_args_word(stoa_args *args);
/// True when nothing is left.
bool stoa_args_end(const stoa_args *args);
/// The current argument, for messages.
const char *stoa_args_current(const stoa_args *args);

/// One function a verb: takes what follows the verb, returns the exit code.
int stoa_verb_init(stoa_args *args);
int stoa_verb_check(stoa_args *args);
int stoa_verb_query(stoa_args *args);
int stoa_verb_update(stoa_args *args);
int stoa_verb_materialize(stoa_args *args);
int stoa_verb_map(stoa_args *args);
int stoa_verb_bootstrap(stoa_args *args);
int stoa_verb_features(stoa_args *args);
int stoa_verb_lineage(stoa_args *args);
int stoa_verb_rank(stoa_args *args);
int stoa_verb_reward(stoa_args *args);
int stoa_verb_policy(stoa_args *args);
int stoa_verb_serve(stoa_args *args);

#endif
