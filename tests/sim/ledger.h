#ifndef STOA_TESTS_SIM_LEDGER_H
#define STOA_TESTS_SIM_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What clients have asked the server to keep, and what it has acknowledged; held against the state's database.

enum { LEDGER_MOST = 900, LEDGER_CUSTOMERS = 4 };

/// TRIED: asked for, and there was no answer, or one that the server could not keep it: it may be there.
typedef enum { FATE_NEVER, FATE_TRIED, FATE_KEPT } fate;

typedef struct {
  uint32_t n_events, n_decisions;
  fate events[LEDGER_MOST];     ///< "e1" of customer ledger_customer(1)
  fate decisions[LEDGER_MOST];  ///< "d1" of ledger_policy(1)
  fate rewards[LEDGER_MOST];    ///< "r1" of "d1", whose value is .001
  fate unnamed[LEDGER_MOST];    ///< of "d1", by no id, of -.001: asked for once
  char actions[LEDGER_MOST][4]; ///< that were acknowledged
} ledger;

uint32_t ledger_customer(uint32_t event);
const char *ledger_policy(uint32_t decision);
/// How many events of a customer (0: of all) are kept; with those that may be.
uint32_t ledger_events(const ledger *l, uint32_t customer, bool with_tried);
/// Hold it against the database: NULL, or what is wrong, which lives until the next call.
const char *ledger_differs(const ledger *l, const char *state_file);
/// The bytes of all kept models, hashed; afterwards they may be forgotten.
uint64_t ledger_models(const char *state_file, bool forgets);

#endif
