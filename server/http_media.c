#include "server/http_media.h"
#include <string.h>
#include <strings.h>

// 0 to 1 with at most three digits after the point, in thousands; what is no weight wants nothing.
static int weight(stoa_slice text)
{
  int value = 0, scale = 1000;
  size_t i = 0;
  if (text.length == 0 || (text.data[0] != '0' && text.data[0] != '1')) {
    return 0;
  }
  value = (text.data[i++] - '0') * scale;
  if (i < text.length && text.data[i] == '.') {
    for (++i; i < text.length && text.data[i] >= '0' && text.data[i] <= '9' && scale > 1; ++i) {
      scale /= 10;
      value += (text.data[i] - '0') * scale;
    }
  }
  return value > 1000 ? 1000 : value;
}

// How much a media range of an Accept header wants a type (RFC 9110, section 12.5.1): its q in thousands, and how
// nearly it names the type.
static int range_wants(stoa_slice range, const char *type, int *nearness)
{
  const char *const semicolon = memchr(range.data, ';', range.length);
  stoa_slice name = {range.data, semicolon ? (size_t)(semicolon - range.data) : range.length};
  while (name.length && strchr(" \t", name.data[name.length - 1])) {
    name.length--;
  }
  const size_t main_length = strcspn(type, "/") + 1;
  const bool whole = strlen(type) == name.length && strncasecmp(name.data, type, name.length) == 0;
  const bool half =
    name.length == main_length + 1 && name.data[main_length] == '*' && strncasecmp(name.data, type, main_length) == 0;
  *nearness = whole ? 3 : half ? 2 : stoa_slice_is(name, "*/*") ? 1 : 0;
  for (size_t i = name.length; i + 2 < range.length; ++i) {
    if (strchr("; \t", range.data[i]) && (range.data[i + 1] | 32) == 'q' && range.data[i + 2] == '=') {
      return weight((stoa_slice){range.data + i + 3, range.length - i - 3});
    }
  }
  return 1000;
}

static int wish_for(stoa_slice accept, const char *type)
{
  int wish = 0, nearest = 0;
  while (accept.length) {
    const char *const comma = memchr(accept.data, ',', accept.length);
    stoa_slice range = {accept.data, comma ? (size_t)(comma - accept.data) : accept.length};
    const size_t step = range.length + (comma != NULL);
    accept = (stoa_slice){accept.data + step, accept.length - step};
    while (range.length && strchr(" \t", range.data[0])) {
      range = (stoa_slice){range.data + 1, range.length - 1};
    }
    int nearness;
    const int its = range_wants(range, type, &nearness);
    if (nearness > nearest) {
      nearest = nearness;
      wish = its;
    }
  }
  return wish;
}

bool stoa_media_choose(stoa_slice accept, stoa_form form, stoa_format *out)
{
  static const struct {
    const char *type;
    stoa_format format;
  } types[] = {{"application/sparql-results+json", STOA_FORMAT_JSON},
               {"application/json", STOA_FORMAT_JSON},
               {"application/sparql-results+xml", STOA_FORMAT_XML},
               {"application/xml", STOA_FORMAT_XML},
               {"text/csv", STOA_FORMAT_CSV},
               {"text/tab-separated-values", STOA_FORMAT_TSV},
               {"application/n-triples", STOA_FORMAT_NT},
               {"text/turtle", STOA_FORMAT_TURTLE},
               {"application/rdf+xml", STOA_FORMAT_RDFXML}};
  const bool graph = form == STOA_FORM_CONSTRUCT || form == STOA_FORM_DESCRIBE;
  int most = 0;
  *out = graph ? STOA_FORMAT_NT : STOA_FORMAT_JSON;
  for (size_t i = 0; accept.length && i < sizeof types / sizeof *types; ++i) {
    const int wish = stoa_format_is_graph(types[i].format) == graph ? wish_for(accept, types[i].type) : 0;
    if (wish > most) {
      most = wish;
      *out = types[i].format;
    }
  }
  return most > 0 || !accept.length;
}
