// Addresses are counted in a table of lists; one stays there while it has connections.
#include "server/admission.h"
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { N_LISTS = 1024 };

typedef struct counted {
  struct counted *next;
  unsigned char address[16];
  long n;
} counted;

struct stoa_admission {
  pthread_mutex_t lock;
  long n, most, most_of_address;
  counted *lists[N_LISTS];
};

// An IPv6 client owns a whole /64: it counts as one.
static bool address_of(const struct sockaddr_storage *from, unsigned char out[16])
{
  memset(out, 0, 16);
  if (from->ss_family == AF_INET) {
    memcpy(out, &((const struct sockaddr_in *)from)->sin_addr, 4);
  } else if (from->ss_family == AF_INET6) {
    const unsigned char *const bytes = ((const struct sockaddr_in6 *)from)->sin6_addr.s6_addr;
    static const unsigned char loopback[16] = {[15] = 1};
    memcpy(out, bytes, memcmp(bytes, loopback, 16) == 0 ? 16 : 8);
    out[8] |= 1;
  }
  return from->ss_family == AF_INET || from->ss_family == AF_INET6;
}

static counted **find(stoa_admission *a, const unsigned char address[16])
{
  uint32_t hash = 2166136261U;
  for (int i = 0; i < 16; ++i) {
    hash = (hash ^ address[i]) * 16777619U;
  }
  counted **at = &a->lists[hash % N_LISTS];
  while (*at && memcmp((*at)->address, address, 16) != 0) {
    at = &(*at)->next;
  }
  return at;
}

static stoa_admitted enter_address(stoa_admission *a, const unsigned char address[16])
{
  counted **const at = find(a, address);
  if (!*at) {
    *at = calloc(1, sizeof **at);
    if (!*at) {
      return STOA_TOO_MANY;
    }
    memcpy((*at)->address, address, 16);
  }
  if ((*at)->n >= a->most_of_address) {
    return STOA_TOO_MANY_OF_ADDRESS;
  }
  (*at)->n++;
  return STOA_ADMITTED;
}

stoa_admitted stoa_admission_enter(stoa_admission *a, const struct sockaddr_storage *from)
{
  unsigned char address[16];
  pthread_mutex_lock(&a->lock);
  stoa_admitted result = a->n >= a->most ? STOA_TOO_MANY : STOA_ADMITTED;
  if (result == STOA_ADMITTED && address_of(from, address)) {
    result = enter_address(a, address);
  }
  a->n += result == STOA_ADMITTED;
  pthread_mutex_unlock(&a->lock);
  return result;
}

void stoa_admission_leave(stoa_admission *a, const struct sockaddr_storage *from)
{
  unsigned char address[16];
  pthread_mutex_lock(&a->lock);
  a->n--;
  if (address_of(from, address)) {
    counted **const at = find(a, address);
    if (*at && --(*at)->n == 0) {
      counted *const gone = *at;
      *at = gone->next;
      free(gone);
    }
  }
  pthread_mutex_unlock(&a->lock);
}

stoa_status stoa_admission_new(long most, long most_of_address, stoa_admission **out, stoa_error *err)
{
  stoa_admission *const a = calloc(1, sizeof *a);
  if (!a) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory to count connections");
  }
  pthread_mutex_init(&a->lock, NULL);
  a->most = most;
  a->most_of_address = most_of_address;
  *out = a;
  return STOA_OK;
}

void stoa_admission_free(stoa_admission *a)
{
  if (!a) {
    return;
  }
  for (int i = 0; i < N_LISTS; ++i) {
    while (a->lists[i]) {
      counted *const gone = a->lists[i];
      a->lists[i] = gone->next;
      free(gone);
    }
  }
  pthread_mutex_destroy(&a->lock);
  free(a);
}
