#ifndef STOA_SERVER_HTTP_ROUTES_H
#define STOA_SERVER_HTTP_ROUTES_H

#include "server/http_message.h"
#include "server/operations.h"

/// From an HTTP request to a call: one table of routes.

/// Why a request makes no call, where HTTP has a status of its own for it; `status` 0: it does.
typedef struct {
  int status;
  const char *code, *why;
} stoa_http_refusal;

enum { STOA_ROUTE_GET = 1, STOA_ROUTE_POST = 2, STOA_ROUTE_DELETE = 4 };

/// What a route takes besides its path.
typedef struct {
  const char *const *parameters; ///< of the query string, ending with NULL
  bool form;                     ///< they may stand in a form, too
  bool others;                   ///< others are passed over, as the contract that it serves has it
} stoa_http_takes;

typedef struct {
  const char *path; ///< "{}" stands for one part of it, "{}/{}" at its end for two; the Personalizer's have VERSION
  unsigned methods;
  stoa_operation_id operation;
  const stoa_http_takes *takes;
  bool acts; ///< it changes something: pages of other origins may not ask for it
  /// Fill the request; `part` is what stands for "{}", or "{}/{}".
  stoa_http_refusal (*fill)(stoa_call *call, const stoa_http_message *message, stoa_slice part, stoa_slice query);
  const char *fault; ///< its code for what is wrong with a request, in the Personalizer's API; NULL: it is none of that
} stoa_http_route;

/// The path and the query of a message.
void stoa_http_target(const stoa_http_message *message, stoa_slice *path, stoa_slice *query);
/// Find a route by its path; NULL when there is none.  `*part` lies in the path.
const stoa_http_route *stoa_http_route_find(stoa_slice path, stoa_slice *part);
/// Refuse the call when the request has a parameter that the route does not know.
void stoa_http_route_check(const stoa_http_route *route, stoa_call *call, const stoa_http_message *message,
                           stoa_slice query);
/// Whether the route may be asked for so, by this method, and, where it acts, by whoever has no key from a page of
/// another origin.
stoa_http_refusal stoa_http_route_allows(const stoa_http_route *route, const stoa_http_message *message, bool has_key);

#endif
