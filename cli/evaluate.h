#ifndef STOA_CLI_EVALUATE_H
#define STOA_CLI_EVALUATE_H

#include "cli/cli.h"

/// What `stoa policy` does without a server: the words behind its name are left in `args`.
int stoa_policy_evaluate(stoa_args *args);
int stoa_policy_simulate(stoa_args *args);

#endif
