#ifndef STOA_SERVER_ADMISSION_H
#define STOA_SERVER_ADMISSION_H

#include "graph/base/error.h"
#include <sys/socket.h>

/// How many connections there are, in all and from each address.  Any thread.
typedef struct stoa_admission stoa_admission;

typedef enum { STOA_ADMITTED, STOA_TOO_MANY, STOA_TOO_MANY_OF_ADDRESS } stoa_admitted;

stoa_status stoa_admission_new(long most, long most_of_address, stoa_admission **out, stoa_error *err);
void stoa_admission_free(stoa_admission *admission);
/// Count a connection in; `address` of family AF_UNSPEC is of no address.
stoa_admitted stoa_admission_enter(stoa_admission *admission, const struct sockaddr_storage *address);
/// Count out one that was admitted.
void stoa_admission_leave(stoa_admission *admission, const struct sockaddr_storage *address);

#endif
