#include "server/http_loop.h"
#include <string.h>

// v1.0 is what the npm package of v1.0-preview asks for, too.
static const char *const versions[] = {"v1.0", "v1.1-preview.3"};

static bool skip(stoa_slice *path, const char *text)
{
  const size_t n = strlen(text);
  if (path->length < n || memcmp(path->data, text, n) != 0) {
    return false;
  }
  *path = (stoa_slice){path->data + n, path->length - n};
  return true;
}

// An endpoint may end with a slash: then there are two before "personalizer".
static bool skip_loop(stoa_slice *path, stoa_slice *loop)
{
  if (!skip(path, "/loops/")) {
    return true;
  }
  const char *const slash = memchr(path->data, '/', path->length);
  if (!slash || slash == path->data) {
    return false;
  }
  const size_t n = (size_t)(slash - path->data);
  *loop = (stoa_slice){path->data, n};
  *path = (stoa_slice){slash, path->length - n};
  if (path->length > 1 && path->data[1] == '/') {
    *path = (stoa_slice){path->data + 1, path->length - 1};
  }
  return true;
}

bool stoa_http_loop_read(stoa_slice path, stoa_http_loop *out)
{
  *out = (stoa_http_loop){{"", 0}, {"", 0}};
  if (!skip_loop(&path, &out->loop) || !skip(&path, "/personalizer/")) {
    return false;
  }
  for (size_t i = 0; i < sizeof versions / sizeof *versions; ++i) {
    stoa_slice rest = path;
    if (skip(&rest, versions[i])) { // what stands behind is none of a route unless it begins with a slash
      out->rest = rest;
      return true;
    }
  }
  return false;
}
