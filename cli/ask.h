#ifndef STOA_CLI_ASK_H
#define STOA_CLI_ASK_H

#include "server/dispatcher.h"

/// Verbs that are operations of the server's table.  The state has one owner: while a server runs they are sent to its
/// Unix socket as the commands of the same operations; else they run here, by the same functions.

/// What is asked, in the words of the command line.
typedef struct {
  stoa_operation_id operation;
  const char *command;     ///< that a server knows it by
  const char *what, *name; ///< what the name is of
  stoa_slice argument;     ///< a body, or the text of a value; empty: none
  double value;
  const stoa_slice *keys; ///< of an entity, instead of an argument
  uint32_t n_keys;
  int silent_seconds; ///< for how long a server may give no byte: longer than the operation's deadline
} stoa_cli_asked;

/// Ask, and take the reply's text in `out`.  Returns the exit code; errors are printed.
int stoa_cli_ask(const char *dir, const stoa_cli_asked *asked, stoa_buf *out);

#endif
