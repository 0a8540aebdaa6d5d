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

static uint16_t port_of(const struct sockaddr_storage *a)
{
  return a->ss_family == AF_INET ? ((const struct sockaddr_in *)a)->sin_port
                                 : ((const struct sockaddr_in6 *)a)->sin6_port;
}

static bool is_any(const struct sockaddr_storage *a)
{
  return a->ss_family == AF_INET ? ((const struct sockaddr_in *)a)->sin_addr.s_addr == 0
                                 : IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)a)->sin6_addr);
}

static bool is_same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
  return a->ss_family == AF_INET
           ? ((const struct sockaddr_in *)a)->sin_addr.s_addr == ((const struct sockaddr_in *)b)->sin_addr.s_addr
           : IN6_ARE_ADDR_EQUAL(&((const struct sockaddr_in6 *)a)->sin6_addr,
                                &((const struct sockaddr_in6 *)b)->sin6_addr);
}

bool stoa_address_meets(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
  if (port_of(a) == 0 || port_of(a) != port_of(b)) { // port 0 is a free one
    return false;
  }
  return is_any(a) || is_any(b) || (a->ss_family == b->ss_family && is_same_host(a, b));
}

// Digits alone; -1 for anything else.
static long read_port(const char *text)
{
  const size_t n = strspn(text, "0123456789");
  const long port = n > 0 && n < 8 && !text[n] ? strtol(text, NULL, 10) : -1;
  return port <= 65535 ? port : -1;
}

stoa_status stoa_address_read(const char *text, bool has_key, struct sockaddr_storage *out, stoa_error *err)
{
  char host[128];
  const char *const colon = strrchr(text, ':');
  if (!colon || colon == text || (size_t)(colon - text) >= sizeof host) {
    return stoa_error_set(err, STOA_BAD_ARG, "\"%s\" is no address; write HOST:PORT such as 127.0.0.1:8080", text);
  }
  const long port = read_port(colon + 1);
  if (port < 0) {
    return stoa_error_set(err, STOA_BAD_ARG,
                          "\"%s\" has no port; write HOST:PORT such as 127.0.0.1:8080, with a port of "
                          "at most 65535",
                          text);
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
