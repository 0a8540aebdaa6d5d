#ifndef STOA_TESTS_SIM_REQUEST_H
#define STOA_TESTS_SIM_REQUEST_H

#include "tests/sim/answer.h"
#include "tests/sim/ledger.h"

/// What a client asks for, and what it must be answered.

typedef enum {
  ASK_EVENT,
  ASK_BAD_EVENT, ///< is refused
  ASK_RANK,
  ASK_REWARD,      ///< by an id of its own
  ASK_UNNAMED,     ///< a reward without one
  ASK_LOST_REWARD, ///< of no decision; is refused
  ASK_VECTOR,
  ASK_COUNT, ///< a query
  ASK_ROWS,  ///< one with a longer answer
  ASK_MANY,  ///< one whose answer goes to disk while nobody reads it
  ASK_TEXT,  ///< something of the connection alone
  ASK_READY,
  ASK_POLICY,
  ASK_RELOAD,
  ASK_EXEC, ///< of RESP: an event within a transaction
  ASK_WORD, ///< what is answered by OK or QUEUED
  ASK_BYE,  ///< to end the connection
  N_ASKS
} ask_kind;

typedef struct {
  ask_kind kind;
  bool is_http, is_head;
  uint32_t i, least; ///< what it is of; the least that a count must be
  bool may_be_lost;  ///< what it rewards is not known to be there
  int64_t sent_ns;
} request;

/// How often of each kind was asked and acknowledged in this life.
extern uint32_t request_asked[N_ASKS], request_done[N_ASKS];
/// The disk failed until then; INT64_MAX: it does.
extern int64_t request_disk_failed_until;

enum { REQUEST_MOST_AT_ONCE = 4 };

/// Draw one, or some that belong together; write them, and note in the ledger what was tried.  Returns how many.
int request_draw(ledger *l, bool is_http, request out[REQUEST_MOST_AT_ONCE], stoa_buf *bytes);
/// One that the connection answers itself.
request request_text(bool is_http, stoa_buf *bytes);
/// Ask the server to end the connection.
request request_bye(bool is_http, stoa_buf *bytes);
/// Write one of HTTP; NULL body: none.
void request_write_http(stoa_buf *out, const char *method, const char *target, const char *type, const char *body);
/// Write the query of ASK_MANY.
void request_write_many(stoa_buf *out);
/// Note its answer in the ledger; NULL, or what is wrong with it.
const char *request_answered(ledger *l, const request *r, answer *a);

#endif
