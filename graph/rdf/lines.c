// The plain lines of N-Triples, which are nearly all lines of a bulk load (RDF 1.1 N-Triples, section 7).
#include "graph/rdf/lines.h"
#include "graph/base/utf8.h"
#include <string.h>

typedef struct {
  const char *at, *end;
  stoa_arena *arena;
} line;

// Characters that an IRI holds without an escape.
static const unsigned char iri_stops[256] = {
  [0 ... 0x20] = 1, ['<'] = 1, ['>'] = 1, ['"'] = 1, ['{'] = 1, ['}'] = 1, ['|'] = 1, ['^'] = 1, ['`'] = 1, ['\\'] = 1};

static bool is_word(char c)
{
  return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static void skip_blanks(line *l)
{
  while (l->at < l->end && (*l->at == ' ' || *l->at == '\t')) {
    l->at++;
  }
}

static bool read_iri(line *l, stoa_slice *out)
{
  const char *at = l->at + 1;
  while (at < l->end && !iri_stops[(unsigned char)*at]) {
    ++at;
  }
  if (at >= l->end || *at != '>') {
    return false;
  }
  *out = (stoa_slice){l->at + 1, (size_t)(at - l->at) - 1};
  l->at = at + 1;
  return out->length > 0 && memchr(out->data, ':', out->length) != NULL;
}

static bool read_blank(line *l, stoa_term *out)
{
  const char *at = l->at + 2;
  if (l->end - l->at < 3 || l->at[1] != ':' || !is_word(*at)) {
    return false;
  }
  while (at < l->end && (is_word(*at) || *at == '_' || *at == '-')) {
    ++at;
  }
  *out = stoa_term_blank((stoa_slice){l->at + 2, (size_t)(at - l->at) - 2});
  l->at = at;
  return at < l->end && (*at == ' ' || *at == '\t');
}

static bool read_literal(line *l, stoa_term *out)
{
  const char *at = l->at + 1;
  while (at < l->end && *at != '"' && *at != '\\') {
    ++at;
  }
  if (at >= l->end || *at != '"') {
    return false;
  }
  const stoa_slice text = {l->at + 1, (size_t)(at - l->at) - 1};
  l->at = at + 1;
  if (l->end - l->at > 2 && l->at[0] == '^' && l->at[1] == '^' && l->at[2] == '<') {
    stoa_slice type;
    l->at += 2;
    if (!read_iri(l, &type)) {
      return false;
    }
    *out = stoa_term_literal(l->arena, text, type);
    return true;
  }
  if (l->at < l->end && *l->at == '@') {
    const char *const tag = ++l->at;
    while (l->at < l->end && (is_word(*l->at) || *l->at == '-')) {
      l->at++;
    }
    *out = stoa_term_lang(l->arena, text, (stoa_slice){tag, (size_t)(l->at - tag)});
    return l->at > tag && *tag > '9' && l->at[-1] != '-';
  }
  *out = stoa_term_string(text);
  return true;
}

static bool read_term(line *l, bool literals, stoa_term *out)
{
  stoa_slice iri;
  skip_blanks(l);
  if (l->at >= l->end) {
    return false;
  }
  switch (*l->at) {
    case '<':
      if (!read_iri(l, &iri)) {
        return false;
      }
      *out = stoa_term_iri(iri);
      return true;
    case '_':
      return read_blank(l, out);
    case '"':
      return literals && read_literal(l, out);
    default:
      return false;
  }
}

static bool is_utf8(const char *at, const char *end)
{
  while (at < end) {
    uint32_t code;
    if ((unsigned char)*at < 0x80) {
      ++at;
      continue;
    }
    const size_t n = stoa_utf8_read(at, (size_t)(end - at), &code);
    if (n < 2 || code == 0xFFFD) {
      return false;
    }
    at += n;
  }
  return true;
}

bool stoa_rdf_plain_line(stoa_slice text, bool quads, stoa_arena *arena, stoa_statement *out)
{
  line l = {text.data, text.data + text.length, arena};
  out->graph = (stoa_term){0};
  if (!is_utf8(l.at, l.end) || !read_term(&l, false, &out->subject) || !read_term(&l, false, &out->predicate) ||
      out->predicate.kind != STOA_TERM_IRI || !read_term(&l, true, &out->object)) {
    return false;
  }
  skip_blanks(&l);
  if (quads && l.at < l.end && *l.at != '.' && !read_term(&l, false, &out->graph)) {
    return false;
  }
  skip_blanks(&l);
  if (l.at >= l.end || *l.at++ != '.') {
    return false;
  }
  skip_blanks(&l);
  return l.at == l.end;
}
