#ifndef STOA_SERVER_HTTP_H
#define STOA_SERVER_HTTP_H

#include "server/http_routes.h"
#include "server/loop.h"

/// HTTP on a connection: what http.c, which takes requests, and http_reply.c, which writes answers, share.
typedef struct {
  stoa_http_message message; ///< that comes
  // of the answer under way
  bool keep_alive, head_only, chunked;
  const char *fault; ///< of its route (http_routes.h)
} stoa_http;

/// Write a head up to its own fields: status, date, type, and what becomes of the connection.
void stoa_http_write_head(stoa_peer *peer, int status, const char *type);
/// End a head, and write the body where there is to be one.
void stoa_http_write_body(stoa_peer *peer, int status, stoa_slice body);
/// An error as a whole answer; `heads` are more header lines, each ended by CR LF.
void stoa_http_write_error(stoa_peer *peer, int status, const char *code, const char *text, const char *heads);
void stoa_http_write_date(stoa_buf *out);
/// A stoa_protocol's functions.
void stoa_http_stream(stoa_peer *peer, stoa_call *call);
void stoa_http_reply(stoa_peer *peer, stoa_call *call);
void stoa_http_beat(stoa_peer *peer);

#endif
