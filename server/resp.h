#ifndef STOA_SERVER_RESP_H
#define STOA_SERVER_RESP_H

#include "server/peer.h"
#include "server/resp_frame.h"
#include "server/resp_write.h"

/// RESP on a connection, and the table of its commands.

/// What a reply of values is written as.
typedef enum {
  STOA_SHAPE_TEXT,
  STOA_SHAPE_LIST, ///< of values
  STOA_SHAPE_ONE,  ///< value
  STOA_SHAPE_MAP,  ///< of names and values
  STOA_SHAPE_NAMES,
  STOA_SHAPE_COUNT,  ///< of names
  STOA_SHAPE_TABLE,  ///< the names, then each row
  STOA_SHAPE_EXISTS, ///< how many rows have a value
  STOA_SHAPE_HAS,    ///< 1 when the value is there
  STOA_SHAPE_TYPE,
  STOA_SHAPE_LEAST, ///< the least value, -1 without one
  STOA_SHAPE_EACH   ///< each value, -1 without one
} stoa_resp_shape;

typedef struct {
  int protocol;                     ///< 2 or 3; 0 is 2
  char name[STOA_MOST_NAME + 1];    ///< that the client gave itself
  char purpose[STOA_MOST_NAME + 1]; ///< for which features are read; "": none is stated
  stoa_resp_shape shape;
  const struct stoa_resp_table *table;
  const struct stoa_resp_row *row; ///< of the command that runs
  // a transaction
  bool queues, is_spoiled;
  uint32_t n_queued;
  stoa_buf queued; ///< commands as frames
  stoa_buf replay; ///< those that EXEC runs, before anything else that came
  size_t replay_at;
  stoa_buf words; ///< of an inline command
  stoa_call *gathered; ///< EVENTs that will be started together; NULL: none are
  STOA_LIST(stoa_event_text) events; ///< its events, in its arena
  size_t need;
} stoa_resp;

typedef struct stoa_resp_row {
  const char *name;
  uint32_t least, most; ///< arguments, the name among them; most 0: any number
  bool is_open;         ///< without AUTH too
  bool is_at_once;      ///< within MULTI too
  int operation;        ///< that it calls, or -1
  void (*run)(stoa_peer *peer, const stoa_resp_command *command);
  const char *arguments, *summary;
} stoa_resp_row;

/// The table (resp_commands.c).
typedef struct stoa_resp_table {
  const stoa_resp_row *rows;
  uint32_t n;
} stoa_resp_table;
extern const stoa_resp_table stoa_resp_commands;
/// The row of a command, whatever its letters; NULL when there is none (resp_table.c).
const stoa_resp_row *stoa_resp_find(const stoa_resp_table *table, stoa_slice name);

/// Channels of turns, watch:VIEW and watch:VIEW:CONDITION (resp_subscribe.c).
void stoa_resp_subscribe(stoa_peer *peer, const stoa_resp_command *command);
void stoa_resp_unsubscribe(stoa_peer *peer, const stoa_resp_command *command);
void stoa_resp_psubscribe(stoa_peer *peer, const stoa_resp_command *command);
void stoa_resp_punsubscribe(stoa_peer *peer, const stoa_resp_command *command);
void stoa_resp_pubsub(stoa_peer *peer, const stoa_resp_command *command);
void stoa_resp_ping(stoa_peer *peer, const stoa_resp_command *command);
/// True when the connection has channels and speaks RESP2, in which messages and replies look alike: then it may ask for
/// little else.
bool stoa_resp_only_listens(const stoa_peer *peer);
bool stoa_resp_may_listener(const stoa_resp_row *row);
/// Leave all channels without a word.
void stoa_resp_leave_all(stoa_peer *peer);
bool stoa_resp_feed(stoa_peer *peer, stoa_call *call, bool is_over);

/// EVENT: gathers those of a pipeline (resp_events.c).  True while a command is one more of them.
void stoa_resp_event(stoa_peer *peer, const stoa_resp_command *command);
bool stoa_resp_joins(const stoa_peer *peer, const stoa_resp_command *command);
/// Start what is gathered: before any other command, and when nothing more has come.
void stoa_resp_start_gathered(stoa_peer *peer);
/// Write what is said of each of a call's events.
void stoa_resp_write_each(stoa_peer *peer, const stoa_call *call);

/// Keep a command of a transaction; MULTI and what ends it (resp_multi.c).
void stoa_resp_queue(stoa_peer *peer, const stoa_resp_command *command);
void stoa_resp_multi(stoa_peer *peer, const stoa_resp_command *command);
void stoa_resp_exec(stoa_peer *peer, const stoa_resp_command *command);
void stoa_resp_discard(stoa_peer *peer, const stoa_resp_command *command);
/// What tells of connections, commands and the server (resp_admin.c).
void stoa_resp_auth(stoa_peer *peer, const stoa_resp_command *command);
void stoa_resp_hello(stoa_peer *peer, const stoa_resp_command *command);
void stoa_resp_reset(stoa_peer *peer, const stoa_resp_command *command);
void stoa_resp_client(stoa_peer *peer, const stoa_resp_command *command);
void stoa_resp_command_info(stoa_peer *peer, const stoa_resp_command *command);
void stoa_resp_config(stoa_peer *peer, const stoa_resp_command *command);
void stoa_resp_info(stoa_peer *peer, const stoa_resp_command *command);

/// Read a number as JSON and SPARQL write it, and nothing else.
bool stoa_resp_number(stoa_slice text, double *out);
/// True when an argument is `word`, whatever its letters.
bool stoa_resp_is(stoa_slice argument, const char *word);

#endif
