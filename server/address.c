#include "server/server.h"
#include <arpa/inet.h>
#include <uv.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_loopback(const struct sockaddr_storage *a)
{
  if (a->ss_family == AF_INET) {
    return (ntohl(((const struct sockaddr_in *)a)->sin_addr.s_addr) >> 24) == 127;
  }
  return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)a)->sin6_addr);
}

stoa_status stoa_address_read(const char *text, bool has_key, struct sockaddr_storage *out, stoa_error *err)
{
  char host[128];
  const char *const colon = strrchr(text, ':');
  char *end;
  const long port = colon ? strtol(colon + 1, &end, 10) : -1;
  if (!colon || end == colon + 1 || *end || port < 0 || port > 65535 || (size_t)(colon - text) >= sizeof host) {
    return stoa_error_set(err, STOA_BAD_ARG, "\"%s\" is no address; write HOST:PORT such as 127.0.0.1:8080", text);
  }
  const bool brackets = text[0] == '[' && colon > text && colon[-1] == ']';
  snprintf(host, sizeof host, "%.*s", (int)(colon - text) - 2 * brackets, text + brackets);
  const char *const name = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
  if (uv_ip4_addr(name, (int)port, (struct sockaddr_in *)out) != 0 &&
      uv_ip6_addr(name, (int)port, (struct sockaddr_in6 *)out) != 0) {
    return stoa_error_set(err, STOA_BAD_ARG, "\"%s\" is no IP address", host);
  }
  if (!has_key && !is_loopback(out)) {
    return stoa_error_set(err, STOA_DENIED,
                          "%s is not a loopback address: set security: api_key in stoa.yaml before listening there",
                          text);
  }
  return STOA_OK;
}

bool stoa_key_equal(const char *expected, stoa_slice given)
{
  const size_t n = strlen(expected);
  unsigned char different = n != given.length;
  for (size_t i = 0; i < given.length; ++i) {
    different |= (unsigned char)(given.data[i] ^ expected[n ? i % n : 0]);
  }
  return !different;
}
