#ifndef STOA_TESTS_SIM_CLIENT_H
#define STOA_TESTS_SIM_CLIENT_H

#include "tests/sim/ledger.h"
#include <stdbool.h>
#include <stdint.h>

/// Clients of the simulated server: most ask and read their answers, alone or many ahead, and some leave in the middle;
/// others say nothing, a half of something, or nonsense, never read, or come in a crowd.

/// What limits: of the project says, times in seconds, and where it listens.
enum { LIMIT_IDLE = 2, LIMIT_HEAD = 1, LIMIT_BODY = 2, LIMIT_WRITE = 2, LIMIT_STOP = 1, LIMIT_PER_ADDRESS = 4 };
enum { PORT_HTTP = 8080, PORT_RESP = 6380, PORT_SOCKET = 0 };

/// Start `n` clients within the next seconds.
void clients_start(ledger *l, int n);
/// They ask for nothing more.
void clients_rest(void);
/// How many requests have no answer, of clients that wait for one.
int clients_wait_for(void);
/// When the server last wrote to one of those that wait; 0: not yet.
int64_t clients_written_at(void);
/// The server is asked to stop: connections may end, but not in the middle of an answer before `grace_ns` have passed.
void clients_expect_stop(int64_t grace_ns);
/// Hold those that a limit should have ended against the clock.
void clients_check_limits(void);

/// Ask once on a connection of its own, by HTTP GET.  `told` gets status and body: 0, when there was no answer.
void client_get(const char *target, void (*told)(int status, const char *body));

#endif
