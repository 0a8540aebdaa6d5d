#include "server/limits.h"

const char *stoa_limit_text(stoa_fixed_limit limit)
{
  static const char *const texts[] = {
#define X(name, value, told) told,
    STOA_FIXED_LIMITS(X)
#undef X
  };
  return texts[limit];
}

const char *stoa_set_limit_text(stoa_set_limit limit)
{
  static const char *const texts[] = {
#define X(name, key, least, most, usual, told) told,
    STOA_SET_LIMITS(X)
#undef X
  };
  return texts[limit];
}
