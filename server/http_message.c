#include "server/http_message.h"
#include "server/limits.h"
#include <http_parser.h>
#include <limits.h>
#include <strings.h>

enum { READ_HEAD, READ_BODY, READ_CHUNK_SIZE, READ_CHUNK, READ_CHUNK_END, READ_TRAILERS };
enum { MOST_CHUNK_LINE = 1024 };

static stoa_http_step bad(stoa_http_message *m, int status, const char *why)
{
  m->status = status;
  m->why = why;
  return STOA_HTTP_BAD;
}

// ---- fields, as http-parser tells them

typedef struct {
  stoa_http_message *m;
  bool in_value, is_whole;
} parse;

// What is blank before and after a value is no part of it (RFC 9110, section 5.5).
static void trim(stoa_buf *value)
{
  size_t first = 0;
  while (value->length && strchr(" \t", value->data[value->length - 1])) {
    value->length--;
  }
  while (first < value->length && strchr(" \t", value->data[first])) {
    ++first;
  }
  if (first) {
    value->length -= first;
    memmove(value->data, value->data + first, value->length);
  }
}

static void end_field(stoa_http_message *m)
{
  trim(&m->value);
  const char *const name = stoa_buf_string(&m->field);
  const stoa_slice value = {stoa_buf_string(&m->value), m->value.length};
  if (strcasecmp(name, "host") == 0) {
    m->n_hosts++;
    stoa_buf_slice(&m->host, value);
  } else if (strcasecmp(name, "accept") == 0) {
    stoa_buf_text(&m->accept, m->accept.length ? ", " : "");
    stoa_buf_slice(&m->accept, value);
  } else if (strcasecmp(name, "content-type") == 0) {
    m->n_types++;
    stoa_buf_slice(&m->content_type, value);
  } else if (strcasecmp(name, "ocp-apim-subscription-key") == 0) {
    m->n_keys++;
    stoa_buf_slice(&m->key, value);
  } else if (strcasecmp(name, "authorization") == 0 && strncasecmp(value.data, "bearer ", 7) == 0) {
    m->n_keys++;
    stoa_buf_slice(&m->key, (stoa_slice){value.data + 7, value.length - 7});
  } else if (strcasecmp(name, "origin") == 0) {
    stoa_buf_slice(&m->origin, value);
  } else if (strcasecmp(name, "sec-fetch-site") == 0) {
    stoa_buf_slice(&m->site, value);
  } else if (strcasecmp(name, "traceparent") == 0) {
    stoa_buf_slice(&m->trace, value);
  } else if (strcasecmp(name, "stoa-purpose") == 0) { // two of them are no purpose that anything may be read for
    stoa_buf_text(&m->purpose, m->purpose.length ? ", " : "");
    stoa_buf_slice(&m->purpose, value);
  } else if (strcasecmp(name, "transfer-encoding") == 0) {
    stoa_buf_text(&m->coding, m->coding.length ? "," : "");
    stoa_buf_slice(&m->coding, value);
  } else if (strcasecmp(name, "expect") == 0) {
    m->n_expects++;
    stoa_buf_slice(&m->expect, value);
  }
  m->field.length = m->value.length = 0;
}

static int on_url(http_parser *parser, const char *at, size_t n)
{
  stoa_buf_add(&((parse *)parser->data)->m->url, at, n);
  return 0;
}

static int on_field(http_parser *parser, const char *at, size_t n)
{
  parse *const p = parser->data;
  if (p->in_value) {
    end_field(p->m);
    p->in_value = false;
  }
  stoa_buf_add(&p->m->field, at, n);
  return 0;
}

static int on_value(http_parser *parser, const char *at, size_t n)
{
  parse *const p = parser->data;
  p->in_value = true;
  stoa_buf_add(&p->m->value, at, n);
  return 0;
}

static int on_head_end(http_parser *parser)
{
  parse *const p = parser->data;
  if (p->m->field.length) {
    end_field(p->m);
  }
  p->is_whole = true;
  parser->upgrade = 0; // an upgrade is an offer that nobody takes
  return 1;            // the body is read here
}

static const http_parser_settings settings = {.on_url = on_url,
                                              .on_header_field = on_field,
                                              .on_header_value = on_value,
                                              .on_headers_complete = on_head_end};

// ---- the head

// Look on through what has come of the head: lines end with CR LF and nothing else, and hold no NUL.  Tells where the
// head ends, or 0.
static stoa_http_step scan_head(stoa_http_message *m, stoa_slice in, size_t *end)
{
  for (; m->seen < in.length; ++m->seen) {
    const size_t i = m->seen;
    const char c = in.data[i];
    if (c == '\0') {
      return bad(m, 400, "a head holds no NUL");
    }
    if (c == '\n') {
      if (i == 0 || in.data[i - 1] != '\r') {
        return bad(m, 400, "lines of a head end with CR LF");
      }
      if (!m->had_line) {
        m->had_line = true;
        const char *const version = i >= 10 ? in.data + i - 9 : "";
        if (i < 10 || version[-1] != ' ' || strncmp(version, "HTTP/", 5) != 0) {
          return bad(m, 400, "the first line is METHOD TARGET HTTP/1.1");
        }
        if (strncmp(version, "HTTP/1.", 7) != 0) {
          return bad(m, 505, "this server speaks HTTP/1.1 and HTTP/1.0");
        }
      }
      if (i >= 3 && memcmp(in.data + i - 3, "\r\n\r\n", 4) == 0) {
        *end = i + 1;
        m->seen = 0;
        return STOA_HTTP_WHOLE;
      }
    } else if (i > 0 && in.data[i - 1] == '\r') {
      return bad(m, 400, "lines of a head end with CR LF");
    }
  }
  return in.length > STOA_MOST_HEAD ? bad(m, 413, stoa_limit_text(STOA_LIMIT_HEAD)) : STOA_HTTP_PARTIAL_HEAD;
}

static bool is_token(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c && strchr("!#$%&'*+-.^_`|~", c));
}

// Each field is NAME ":" VALUE; no blank before the colon, no line that goes on on the next.
static bool fields_are_good(stoa_slice head)
{
  const char *const end = head.data + head.length - 2;
  const char *at = (const char *)memchr(head.data, '\n', head.length) + 1;
  while (at < end) {
    const char *name = at;
    while (is_token(*name)) {
      ++name;
    }
    if (name == at || *name != ':') {
      return false;
    }
    at = (const char *)memchr(at, '\n', (size_t)(end - at) + 2) + 1;
  }
  return true;
}

// A Content-Length is digits, however many; http-parser calls those bad that no number of its own holds.
static bool has_digits_alone(stoa_slice head)
{
  static const char name[] = "content-length:";
  const char *const end = head.data + head.length - 2;
  for (const char *at = (const char *)memchr(head.data, '\n', head.length) + 1; at < end;) {
    const char *const next = (const char *)memchr(at, '\n', (size_t)(end - at) + 2) + 1;
    if (strncasecmp(at, name, sizeof name - 1) == 0) {
      at += sizeof name - 1;
      at += strspn(at, " \t");
      const size_t n = strspn(at, "0123456789");
      at += n;
      at += strspn(at, " \t");
      return n > 0 && *at == '\r';
    }
    at = next;
  }
  return false;
}

static stoa_http_method method_of(unsigned method)
{
  switch (method) {
    case HTTP_GET:
      return STOA_HTTP_GET;
    case HTTP_HEAD:
      return STOA_HTTP_HEAD;
    case HTTP_POST:
      return STOA_HTTP_POST;
    case HTTP_DELETE:
      return STOA_HTTP_DELETE;
    case HTTP_OPTIONS:
      return STOA_HTTP_OPTIONS;
    default:
      return STOA_HTTP_OTHER;
  }
}

// An absolute target (RFC 9112, section 3.2.2) is read as its path; its host counts, not that of the field.
static bool read_target(stoa_http_message *m)
{
  const char *const url = stoa_buf_string(&m->url);
  const size_t scheme = strncasecmp(url, "http://", 7) == 0 ? 7 : strncasecmp(url, "https://", 8) == 0 ? 8 : 0;
  if (!scheme) {
    return url[0] == '/' || (m->method == STOA_HTTP_OPTIONS && strcmp(url, "*") == 0);
  }
  const size_t path = scheme + strcspn(url + scheme, "/?");
  const bool no_path = url[path] != '/';
  m->url.length -= path;
  memmove(m->url.data, m->url.data + path, m->url.length);
  if (no_path) { // "http://host?query" and "http://host"
    stoa_buf rest = {0};
    stoa_buf_byte(&rest, '/');
    stoa_buf_add(&rest, m->url.data, m->url.length);
    stoa_buf_done(&m->url);
    m->url = rest;
  }
  return path > scheme;
}

static stoa_http_step judge_head(stoa_http_message *m)
{
  if (m->n_hosts > 1 || (m->n_hosts == 0 && m->minor >= 1)) {
    return bad(m, 400, "a request has one field Host");
  }
  if (strpbrk(stoa_buf_string(&m->host), " \t,/@?#\\")) {
    return bad(m, 400, "the field Host is a name or an address, and a port");
  }
  if (!read_target(m)) {
    return bad(m, 400, "the target is a path, such as /sparql");
  }
  if (m->n_types > 1 || m->n_keys > 1) {
    return bad(m, 400, m->n_keys > 1 ? "a request has one key" : "a request has one field Content-Type");
  }
  if (m->coding.length) {
    if (m->minor == 0) {
      return bad(m, 400, "HTTP/1.0 has no Transfer-Encoding");
    }
    if (strcasecmp(stoa_buf_string(&m->coding), "chunked") != 0) {
      return bad(m, 501, "the only Transfer-Encoding is chunked");
    }
    m->chunked = true;
  }
  if (m->n_expects && (m->n_expects > 1 || strcasecmp(stoa_buf_string(&m->expect), "100-continue") != 0)) {
    return bad(m, 417, "the only expectation is 100-continue");
  }
  m->expects = m->n_expects && m->minor >= 1;
  if (m->body_bytes > STOA_MOST_BODY) {
    return bad(m, 413, stoa_limit_text(STOA_LIMIT_BODY));
  }
  m->has_body = m->chunked || m->body_bytes > 0;
  m->left = m->body_bytes;
  m->state = m->chunked ? READ_CHUNK_SIZE : READ_BODY;
  return m->has_body ? STOA_HTTP_HEAD_ENDS : STOA_HTTP_WHOLE;
}

static stoa_http_step parse_head(stoa_http_message *m, stoa_slice head)
{
  http_parser parser;
  parse p = {m, false, false};
  if (!fields_are_good(head)) {
    return bad(m, 400, "a field is NAME: VALUE on one line, without a blank before the colon");
  }
  http_parser_init(&parser, HTTP_REQUEST);
  parser.data = &p;
  http_parser_execute(&parser, &settings, head.data, head.length);
  const enum http_errno code = HTTP_PARSER_ERRNO(&parser);
  if (!p.is_whole && code == HPE_INVALID_CONTENT_LENGTH && has_digits_alone(head)) {
    return bad(m, 413, stoa_limit_text(STOA_LIMIT_BODY));
  }
  if (!p.is_whole) {
    return code == HPE_INVALID_METHOD ? bad(m, 501, "there is no such method")
                                      : bad(m, 400, http_errno_description(code));
  }
  m->minor = parser.http_minor;
  m->method = method_of(parser.method);
  m->keep_alive = http_should_keep_alive(&parser) != 0;
  m->body_bytes = parser.content_length == ULLONG_MAX ? 0 : parser.content_length;
  return judge_head(m);
}

static stoa_http_step read_head(stoa_http_message *m, stoa_slice in, size_t *used)
{
  size_t skip = 0, end = 0;
  while (!m->had_line && in.length >= skip + 2 && memcmp(in.data + skip, "\r\n", 2) == 0) {
    skip += 2; // empty lines before a request are passed over (RFC 9112, section 2.2)
  }
  if (skip || (in.length == 1 && in.data[0] == '\r')) {
    m->seen = 0;
    *used = skip;
    return STOA_HTTP_PARTIAL_HEAD;
  }
  if (in.length && !(in.data[0] >= 'A' && in.data[0] <= 'Z')) {
    return bad(m, 400, "this is no HTTP");
  }
  const stoa_http_step step = scan_head(m, in, &end);
  if (step != STOA_HTTP_WHOLE) {
    return step;
  }
  *used = end;
  return end > STOA_MOST_HEAD ? bad(m, 413, stoa_limit_text(STOA_LIMIT_HEAD))
                              : parse_head(m, (stoa_slice){in.data, end});
}

// ---- the body

static stoa_http_step read_plain(stoa_http_message *m, stoa_slice in, size_t *used)
{
  const size_t n = in.length < m->left ? in.length : (size_t)m->left;
  stoa_buf_add(&m->body, in.data, n);
  m->left -= n;
  *used = n;
  return m->left ? STOA_HTTP_PARTIAL_BODY : STOA_HTTP_WHOLE;
}

// A line that ends with CR LF and holds no other line end and no NUL; its length goes to `*n`.
static stoa_http_step find_line(stoa_http_message *m, stoa_slice in, size_t most, size_t *n)
{
  for (size_t i = 0; i < in.length && i <= most; ++i) {
    const char c = in.data[i];
    if (c == '\r' && i + 1 == in.length) {
      return STOA_HTTP_PARTIAL_BODY;
    }
    if (c == '\r' && in.data[i + 1] == '\n') {
      *n = i;
      return STOA_HTTP_WHOLE;
    }
    if (c == '\r' || c == '\n' || c == '\0') {
      return bad(m, 400, "lines between chunks end with CR LF");
    }
  }
  return in.length > most ? bad(m, 400, "a line between chunks is too long") : STOA_HTTP_PARTIAL_BODY;
}

static int digit_of(char c)
{
  return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

static stoa_http_step read_size(stoa_http_message *m, stoa_slice in, size_t *used)
{
  size_t length = 0, i = 0;
  uint64_t size = 0;
  const stoa_http_step step = find_line(m, in, MOST_CHUNK_LINE, &length);
  if (step != STOA_HTTP_WHOLE) {
    return step;
  }
  for (; i < length && digit_of(in.data[i]) >= 0; ++i) {
    size = size * 16 + (uint64_t)digit_of(in.data[i]);
    if (size > STOA_MOST_BODY) {
      return bad(m, 413, stoa_limit_text(STOA_LIMIT_BODY));
    }
  }
  const size_t n_digits = i;
  while (i < length && (in.data[i] == ' ' || in.data[i] == '\t')) {
    ++i;
  }
  if (n_digits == 0 || (i < length && in.data[i] != ';')) {
    return bad(m, 400, "a chunk begins with its size in hexadecimal digits");
  }
  if (m->body.length + size > STOA_MOST_BODY) {
    return bad(m, 413, stoa_limit_text(STOA_LIMIT_BODY));
  }
  *used = length + 2;
  m->left = size;
  m->state = size ? READ_CHUNK : READ_TRAILERS;
  return STOA_HTTP_PARTIAL_BODY;
}

static stoa_http_step read_chunk_end(stoa_http_message *m, stoa_slice in, size_t *used)
{
  if ((in.length > 0 && in.data[0] != '\r') || (in.length > 1 && in.data[1] != '\n')) {
    return bad(m, 400, "a chunk ends with CR LF");
  }
  if (in.length >= 2) {
    *used = 2;
    m->state = READ_CHUNK_SIZE;
  }
  return STOA_HTTP_PARTIAL_BODY;
}

// Trailers are read and dropped: nothing that they say counts.
static stoa_http_step read_trailer(stoa_http_message *m, stoa_slice in, size_t *used)
{
  size_t length = 0;
  const stoa_http_step step = find_line(m, in, STOA_MOST_HEAD, &length);
  if (step != STOA_HTTP_WHOLE) {
    return step;
  }
  *used = length + 2;
  m->trailer_bytes += length + 2;
  if (m->trailer_bytes > STOA_MOST_HEAD) {
    return bad(m, 413, stoa_limit_text(STOA_LIMIT_HEAD));
  }
  return length ? STOA_HTTP_PARTIAL_BODY : STOA_HTTP_WHOLE;
}

static stoa_http_step read_one(stoa_http_message *m, stoa_slice in, size_t *used)
{
  stoa_http_step step;
  switch (m->state) {
    case READ_HEAD:
      return read_head(m, in, used);
    case READ_BODY:
      return read_plain(m, in, used);
    case READ_CHUNK_SIZE:
      return read_size(m, in, used);
    case READ_CHUNK:
      step = read_plain(m, in, used);
      m->state = step == STOA_HTTP_WHOLE ? READ_CHUNK_END : READ_CHUNK;
      return STOA_HTTP_PARTIAL_BODY;
    case READ_CHUNK_END:
      return read_chunk_end(m, in, used);
    default:
      return read_trailer(m, in, used);
  }
}

stoa_http_step stoa_http_message_read(stoa_http_message *m, stoa_slice input, size_t *used)
{
  *used = 0;
  for (;;) {
    size_t n = 0;
    const stoa_http_step step = read_one(m, (stoa_slice){input.data + *used, input.length - *used}, &n);
    *used += n;
    const bool goes_on = n > 0 && *used < input.length;
    if ((step != STOA_HTTP_PARTIAL_HEAD && step != STOA_HTTP_PARTIAL_BODY) || !goes_on) {
      return step;
    }
  }
}

void stoa_http_message_reset(stoa_http_message *m)
{
  stoa_buf *const all[] = {&m->url,   &m->host,    &m->accept, &m->content_type, &m->key,   &m->origin, &m->site,
                           &m->trace, &m->purpose, &m->coding, &m->expect,       &m->field, &m->value};
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
    all[i]->length = 0;
  }
  if (m->body.capacity > 65536) {
    stoa_buf_done(&m->body);
  }
  m->body.length = 0;
  m->n_hosts = m->n_keys = m->n_types = m->n_expects = 0;
  m->has_body = m->expects = m->chunked = m->had_line = false;
  m->body_bytes = m->left = 0;
  m->seen = m->trailer_bytes = 0;
  m->state = READ_HEAD;
}

void stoa_http_message_done(stoa_http_message *m)
{
  stoa_buf *const all[] = {&m->url,   &m->host,    &m->accept, &m->content_type, &m->key,   &m->origin, &m->site,
                           &m->trace, &m->purpose, &m->coding, &m->expect,       &m->field, &m->value,  &m->body};
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
    stoa_buf_done(all[i]);
  }
}

bool stoa_http_is_type(const stoa_http_message *m, const char *type)
{
  size_t n = 0;
  while (n < m->content_type.length && !strchr("; \t", m->content_type.data[n])) {
    ++n;
  }
  return n == strlen(type) && n && strncasecmp(m->content_type.data, type, n) == 0;
}
