#include "graph/base/iri.h"
#include "graph/base/utf8.h"
#include <ctype.h>
#include <string.h>

bool stoa_iri_is_absolute(stoa_slice iri)
{
  size_t i = 0;
  while (i < iri.length && (isalnum((unsigned char)iri.data[i]) || memchr("+-.", iri.data[i], 3))) {
    ++i;
  }
  return i > 0 && i < iri.length && iri.data[i] == ':' && isalpha((unsigned char)iri.data[0]);
}

bool stoa_iri_is_clean(stoa_slice iri)
{
  for (size_t i = 0; i < iri.length;) {
    const unsigned char c = (unsigned char)iri.data[i];
    const size_t n = c < 0x80 ? 1 : stoa_utf8_valid(iri.data + i, iri.length - i);
    if (n == 0 || c <= 0x20 || memchr("<>\"{}|^`\\", c, 9)) {
      return false;
    }
    i += n;
  }
  return true;
}

typedef struct {
  size_t authority, path, query, fragment, end; ///< where each part begins
} parts;

static parts parts_of(const char *base)
{
  parts p = {.end = strlen(base)};
  const char *const colon = strchr(base, ':');
  p.authority = colon ? (size_t)(colon - base) + 1 : 0;
  p.path = p.authority;
  if (strncmp(base + p.authority, "//", 2) == 0) {
    p.path += 2 + strcspn(base + p.authority + 2, "/?#");
  }
  p.query = p.path + strcspn(base + p.path, "?#");
  p.fragment = p.query + strcspn(base + p.query, "#");
  return p;
}

// Section 5.2.4: "." and ".." leave the path, from `first` on.
static size_t remove_dots(char *path, size_t n)
{
  size_t out = 0;
  for (size_t i = 0; i < n;) {
    const size_t left = n - i;
    if (path[i] == '/' && left >= 2 && path[i + 1] == '.' && (left == 2 || path[i + 2] == '/')) {
      i += left == 2 ? 1 : 2;
      path[i] = '/';
      if (left == 2) {
        path[out++] = '/';
        break;
      }
    } else if (path[i] == '/' && left >= 3 && path[i + 1] == '.' && path[i + 2] == '.' &&
               (left == 3 || path[i + 3] == '/')) {
      while (out > 0 && path[--out] != '/') {
      }
      if (left == 3) {
        path[out++] = '/';
        break;
      }
      i += 3;
    } else {
      do {
        path[out++] = path[i++];
      } while (i < n && path[i] != '/');
    }
  }
  return out;
}

static stoa_slice joined(const char *base, const parts *p, size_t keep, stoa_slice iri, stoa_arena *arena)
{
  char *const text = stoa_arena_print(arena, "%.*s%s%.*s", (int)keep, base,
                                      keep == p->path && p->path > p->authority && iri.data[0] != '/' ? "/" : "",
                                      (int)iri.length, iri.data);
  const size_t start = p->path, length = strlen(text);
  const size_t path = strcspn(text + start, "?#");
  const size_t kept = remove_dots(text + start, path);
  memmove(text + start + kept, text + start + path, length - start - path + 1);
  return stoa_slice_of(text);
}

stoa_slice stoa_iri_resolve(const char *base, stoa_slice iri, stoa_arena *arena)
{
  if (!base || stoa_iri_is_absolute(iri)) {
    return iri;
  }
  const parts p = parts_of(base);
  if (iri.length == 0) {
    return stoa_arena_slice(arena, (stoa_slice){base, p.fragment});
  }
  if (iri.data[0] == '#' || iri.data[0] == '?') {
    const size_t keep = iri.data[0] == '#' ? p.fragment : p.query;
    return stoa_slice_of(stoa_arena_print(arena, "%.*s%.*s", (int)keep, base, (int)iri.length, iri.data));
  }
  if (iri.length >= 2 && iri.data[0] == '/' && iri.data[1] == '/') {
    return stoa_slice_of(stoa_arena_print(arena, "%.*s%.*s", (int)p.authority, base, (int)iri.length, iri.data));
  }
  if (iri.data[0] == '/') {
    return joined(base, &p, p.path, iri, arena);
  }
  size_t keep = p.query;
  while (keep > p.path && base[keep - 1] != '/') {
    --keep;
  }
  return joined(base, &p, keep, iri, arena);
}
