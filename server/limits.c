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
