#include "graph/base/name.h"
#include "graph/base/file.h"

stoa_status stoa_name_check(const char *what, stoa_slice name, stoa_error *err)
{
  return name.length > 0 && name.length <= STOA_LONGEST_NAME && !memchr(name.data, '\0', name.length)
           ? STOA_OK
           : stoa_error_set(err, STOA_BAD_ARG, "%s: a name has 1 to %d bytes and no NUL", what, STOA_LONGEST_NAME);
}

stoa_status stoa_key_check(const char *what, stoa_slice key, stoa_error *err)
{
  return key.length <= STOA_LONGEST_KEY
           ? STOA_OK
           : stoa_error_set(err, STOA_BAD_ARG, "%s: a key has at most %d bytes", what, STOA_LONGEST_KEY);
}

stoa_status stoa_name_known(const char *what, const char *word, const char *const *known, size_t n, stoa_error *err)
{
  for (size_t i = 0; i < n; ++i) {
    if (strcmp(known[i], word) == 0) {
      return STOA_OK;
    }
  }
  const char *const near = stoa_nearest(word, known, n);
  return stoa_error_set(err, STOA_BAD_ARG, "%s has no \"%.100s\"%s%s%s", what, word, near ? "; did you mean \"" : "",
                        near ? near : "", near ? "\"?" : "");
}
