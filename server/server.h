#ifndef STOA_SERVER_SERVER_H
#define STOA_SERVER_SERVER_H

#include "personalizer/engine.h"
#include "server/limits.h"
#include "server/log.h"

/// Everything over sockets.  Addresses are HOST:PORT; port 0 takes a free one; NULL leaves a listener
/// out.  `key` NULL: no authentication, and then only loopback listeners are allowed.
typedef struct {
  const char *http, *resp, *socket;
  const char *key;
  int n_loops; ///< 0: one for each core, at most 4
  stoa_limits limits;
  stoa_log log;
} stoa_server_options;

/// Read listen:, security: and limits: of the configuration; what is set already stays.
stoa_status stoa_server_configure(const stoa_engine *engine, stoa_server_options *options, stoa_error *err);
/// Refuse a project folder of which a part is there and cannot be read: it would be served without.
stoa_status stoa_server_folders(const char *dir, stoa_error *err);
/// Read limits: alone.
stoa_status stoa_limits_read(const stoa_engine *engine, stoa_limits *limits, stoa_error *err);
/// Serve until SIGTERM or SIGINT; running requests are finished, for limits.stop_s at most.  Prints each address once
/// it listens.
stoa_status stoa_server_run(stoa_engine *engine, const stoa_server_options *options, stoa_error *err);

/// Read an address HOST:PORT; refuse a host that is not loopback unless `has_key`.
struct sockaddr_storage;
stoa_status stoa_address_read(const char *text, bool has_key, struct sockaddr_storage *out, stoa_error *err);
/// True when one listener takes what the other should: the same port, and the same host or one that is any.
bool stoa_address_meets(const struct sockaddr_storage *a, const struct sockaddr_storage *b);
/// True when two secrets are equal; takes the same time whatever they are.
bool stoa_key_equal(const char *expected, stoa_slice given);

#endif
