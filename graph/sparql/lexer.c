#include "graph/sparql/lexer.h"
#include "graph/base/code.h"
#include "graph/base/utf8.h"
#include "graph/sparql/algebra.h"
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

// Read n hexadecimal digits; UINT32_MAX when there are fewer.
static uint32_t read_hex(const char *at, const char *end, int n)
{
  uint32_t code = 0;
  for (int i = 0; i < n; ++i) {
    if (at + i >= end || stoa_hex_value(at[i]) < 0) {
      return UINT32_MAX;
    }
    code = code << 4 | (uint32_t)stoa_hex_value(at[i]);
  }
  return code;
}

static stoa_slice decode_escapes(stoa_slice text, stoa_arena *arena)
{
  if (!memmem(text.data, text.length, "\\u", 2) && !memmem(text.data, text.length, "\\U", 2)) {
    return text;
  }
  char *const out = stoa_arena_alloc(arena, text.length + 1);
  const char *const end = text.data + text.length;
  size_t n = 0;
  for (const char *at = text.data; at < end;) {
    const bool mark = *at == '\\' && at + 1 < end;
    const int digits = mark && at[1] == 'u' ? 4 : mark && at[1] == 'U' ? 8 : 0;
    char utf8[4];
    const uint32_t code = digits ? read_hex(at + 2, end, digits) : UINT32_MAX;
    const size_t n_bytes = code != UINT32_MAX ? stoa_utf8_write(code, utf8) : 0;
    if (n_bytes) {
      memcpy(out + n, utf8, n_bytes);
      n += n_bytes;
      at += 2 + digits;
    } else {
      const int step = mark ? 2 : 1;
      memcpy(out + n, at, (size_t)step);
      n += (size_t)step;
      at += step;
    }
  }
  return (stoa_slice){out, n};
}

stoa_status stoa_lexer_check(stoa_slice text, const char *file, stoa_error *err)
{
  int line = 1, column = 1;
  for (size_t i = 0; i < text.length; ++column) {
    const size_t n = stoa_utf8_valid(text.data + i, text.length - i);
    if (n == 0) {
      return stoa_error_at(err, STOA_BAD_SYNTAX, (stoa_place){file, line, column}, "byte 0x%02X is no UTF-8 here",
                           (unsigned char)text.data[i]);
    }
    if (text.data[i] == '\n') {
      ++line;
      column = 0;
    }
    i += n;
  }
  return STOA_OK;
}

void stoa_lexer_init(stoa_lexer *lexer, stoa_slice text, const char *file, stoa_arena *arena)
{
  const stoa_slice decoded = decode_escapes(text, arena);
  *lexer = (stoa_lexer){.at = decoded.data,
                        .end = decoded.data + decoded.length,
                        .counted = decoded.data,
                        .line = 1,
                        .column = 1,
                        .file = file,
                        .arena = arena};
}

static void new_line(stoa_lexer *lx, const char *start)
{
  lx->line++;
  lx->column = 1;
  lx->counted = start;
}

static void skip_blanks(stoa_lexer *lx)
{
  while (lx->at < lx->end) {
    if (*lx->at == '#') {
      while (lx->at < lx->end && *lx->at != '\n') {
        lx->at++;
      }
    } else if (*lx->at == '\n') {
      lx->at++;
      new_line(lx, lx->at);
    } else if (*lx->at == ' ' || *lx->at == '\t' || *lx->at == '\r') {
      lx->at++;
    } else {
      return;
    }
  }
}

static bool name_char(const char *at)
{
  return isalnum((unsigned char)*at) || *at == '_' || (unsigned char)*at >= 0x80;
}

static stoa_token finish(stoa_lexer *lx, stoa_token t, stoa_token_kind kind, const char *start)
{
  t.kind = kind;
  t.constant = stoa_token_is_constant(kind) ? ++lx->n_constants : 0;
  t.raw = (stoa_slice){start, (size_t)(lx->at - start)};
  if (!t.text.data) {
    t.text = t.raw;
  }
  return t;
}

static stoa_token bad(stoa_lexer *lx, stoa_token t, const char *start, const char *text)
{
  t.text = stoa_slice_of(text);
  if (lx->at < lx->end) {
    lx->at++;
  }
  return finish(lx, t, STOA_TOKEN_BAD, start);
}

static bool read_iri(stoa_lexer *lx, stoa_token *t)
{
  for (const char *at = lx->at + 1; at < lx->end; ++at) {
    if (*at == '>') {
      t->text = (stoa_slice){lx->at + 1, (size_t)(at - lx->at) - 1};
      lx->at = at + 1;
      return true;
    }
    if ((unsigned char)*at <= 0x20 || memchr("<\"{}|^`\\", *at, 8)) {
      return false;
    }
  }
  return false;
}

static char escaped(char c)
{
  static const char from[] = "tbnrf\\\"'", to[] = "\t\b\n\r\f\\\"'";
  const char *const which = c ? strchr(from, c) : NULL;
  return which ? to[which - from] : '\0';
}

// A string's text between its quotes, in place when it has no escapes: a text of many strings must not cost its square.
static stoa_slice unescape(stoa_slice raw, stoa_arena *arena)
{
  if (!memchr(raw.data, '\\', raw.length)) {
    return raw;
  }
  char *const out = stoa_arena_raw(arena, raw.length);
  size_t n = 0;
  for (size_t i = 0; i < raw.length; ++i) {
    out[n++] = raw.data[i] == '\\' ? escaped(raw.data[++i]) : raw.data[i];
  }
  return (stoa_slice){out, n};
}

static stoa_token read_string(stoa_lexer *lx, stoa_token t)
{
  const char *const start = lx->at;
  const char quote = *lx->at;
  const bool is_long = lx->end - lx->at >= 3 && lx->at[1] == quote && lx->at[2] == quote;
  const size_t marks = is_long ? 3 : 1;
  lx->at += marks;
  const char *const text = lx->at;
  while (lx->at < lx->end) {
    if (*lx->at == quote && (!is_long || (lx->end - lx->at >= 3 && lx->at[1] == quote && lx->at[2] == quote))) {
      t.text = unescape((stoa_slice){text, (size_t)(lx->at - text)}, lx->arena);
      lx->at += marks;
      return finish(lx, t, STOA_TOKEN_STRING, start);
    }
    if (*lx->at == '\\' && (lx->end - lx->at < 2 || !escaped(lx->at[1]))) {
      return bad(lx, t, start, "unknown escape in a string; write \\\\ for a backslash");
    }
    if (*lx->at == '\n') {
      if (!is_long) {
        break;
      }
      new_line(lx, lx->at + 1);
    }
    lx->at += *lx->at == '\\' ? 2 : 1;
  }
  return bad(lx, t, start, "string without closing quote");
}

// A sign belongs to the digits right behind it (rules 149 to 154).
static stoa_token read_number(stoa_lexer *lx, stoa_token t)
{
  const char *const start = lx->at;
  stoa_token_kind kind = STOA_TOKEN_INTEGER;
  lx->at += *lx->at == '+' || *lx->at == '-';
  while (lx->at < lx->end && isdigit((unsigned char)*lx->at)) {
    lx->at++;
  }
  if (lx->at + 1 < lx->end && *lx->at == '.' && isdigit((unsigned char)lx->at[1])) {
    kind = STOA_TOKEN_DECIMAL;
    for (lx->at++; lx->at < lx->end && isdigit((unsigned char)*lx->at);) {
      lx->at++;
    }
  } else if (lx->at + 1 < lx->end && *lx->at == '.' && (lx->at[1] | 32) == 'e') {
    lx->at++;
  }
  if (lx->at < lx->end && (*lx->at | 32) == 'e') {
    const char *at = lx->at + 1;
    at += at < lx->end && (*at == '+' || *at == '-');
    if (at < lx->end && isdigit((unsigned char)*at)) {
      while (at < lx->end && isdigit((unsigned char)*at)) {
        ++at;
      }
      lx->at = at;
      kind = STOA_TOKEN_DOUBLE;
    }
  }
  return finish(lx, t, kind, start);
}

static bool local_escape(const char *at, const char *end)
{
  return *at == '\\' && at + 1 < end && memchr("_~.-!$&'()*+,;=/?#@%", at[1], 20);
}

static stoa_slice without_escapes(stoa_slice raw, stoa_arena *arena)
{
  if (!memchr(raw.data, '\\', raw.length)) {
    return raw;
  }
  char *const out = stoa_arena_raw(arena, raw.length);
  size_t n = 0;
  for (size_t i = 0; i < raw.length; ++i) {
    i += raw.data[i] == '\\';
    out[n++] = raw.data[i];
  }
  return (stoa_slice){out, n};
}

// The local part of a prefixed name: escapes taken out, a dot at its end left to the triple.
static stoa_slice read_local(stoa_lexer *lx)
{
  const char *const start = lx->at;
  const char *at = start, *solid = start;
  while (at < lx->end) {
    if (local_escape(at, lx->end)) {
      at += 2;
    } else if (*at == '%' && lx->end - at >= 3 && stoa_hex_value(at[1]) >= 0 && stoa_hex_value(at[2]) >= 0) {
      at += 3;
    } else if (*at == '.') {
      ++at;
      continue;
    } else if (name_char(at) || *at == ':' || (*at == '-' && at > start)) {
      ++at;
    } else {
      break;
    }
    solid = at;
  }
  lx->at = solid;
  return without_escapes((stoa_slice){start, (size_t)(solid - start)}, lx->arena);
}

// Every word of the grammar, in any case of letters.
static const char *const keywords[] = {"SELECT",
                                       "ASK",
                                       "CONSTRUCT",
                                       "DESCRIBE",
                                       "WHERE",
                                       "PREFIX",
                                       "BASE",
                                       "FROM",
                                       "NAMED",
                                       "GRAPH",
                                       "UNION",
                                       "MINUS",
                                       "OPTIONAL",
                                       "FILTER",
                                       "BIND",
                                       "VALUES",
                                       "UNDEF",
                                       "SERVICE",
                                       "SILENT",
                                       "DISTINCT",
                                       "GROUP",
                                       "BY",
                                       "REDUCED",
                                       "HAVING",
                                       "ORDER",
                                       "ASC",
                                       "DESC",
                                       "LIMIT",
                                       "OFFSET",
                                       "AS",
                                       "EXISTS",
                                       "NOT",
                                       "TRUE",
                                       "FALSE",
                                       "SEPARATOR",
                                       "COUNT",
                                       "SUM",
                                       "MIN",
                                       "MAX",
                                       "AVG",
                                       "SAMPLE",
                                       "INSERT",
                                       "DELETE",
                                       "DATA",
                                       "WITH",
                                       "USING",
                                       "LOAD",
                                       "GROUP_CONCAT",
                                       "INTO",
                                       "CLEAR",
                                       "DROP",
                                       "CREATE",
                                       "ADD",
                                       "MOVE",
                                       "COPY",
                                       "TO",
                                       "DEFAULT",
                                       "ALL",
#define X(name, text, form, least, most, computed_by) text,
                                       STOA_FUNCTION_TABLE(X)
#undef X
};

const char *const *stoa_lexer_keywords(size_t *n)
{
  *n = sizeof keywords / sizeof *keywords;
  return keywords;
}

// The longest keyword that `text` begins with.
static size_t keyword_length(stoa_slice text)
{
  size_t longest = 0;
  for (size_t i = 0; i < sizeof keywords / sizeof *keywords; ++i) {
    const size_t n = strlen(keywords[i]);
    longest = n > longest && n <= text.length && strncasecmp(text.data, keywords[i], n) == 0 ? n : longest;
  }
  return longest;
}

// White space stands between terminals only where they would be taken for one (section 19.4), and no terminal covers
// SELECTDISTINCT or LIMIT10OFFSET5: such a run is cut into the longest keywords, with numbers among them.  The length
// of the first; 0 where the run is not made of them, for a misspelt word is to be told whole.
static size_t first_word(stoa_slice run)
{
  size_t first = 0;
  for (size_t at = 0; at < run.length;) {
    const stoa_slice rest = {run.data + at, run.length - at};
    const size_t n = at && isdigit((unsigned char)*rest.data) ? 1 : keyword_length(rest);
    if (n == 0) {
      return 0;
    }
    first = at ? first : n;
    at += n;
  }
  return first;
}

static stoa_token read_word(stoa_lexer *lx, stoa_token t)
{
  const char *const start = lx->at;
  const char *at = lx->at;
  while (at < lx->end &&
         (name_char(at) || *at == '-' || (*at == '.' && at + 1 < lx->end && (name_char(at + 1) || at[1] == ':')))) {
    ++at;
  }
  if (at < lx->end && *at == ':') {
    t.text = (stoa_slice){start, (size_t)(at - start)};
    lx->at = at + 1;
    t.more = read_local(lx);
    return finish(lx, t, STOA_TOKEN_NAME, start);
  }
  while (lx->at < lx->end && name_char(lx->at)) {
    lx->at++;
  }
  const size_t first = first_word((stoa_slice){start, (size_t)(lx->at - start)});
  lx->at = first ? start + first : lx->at;
  return finish(lx, t, STOA_TOKEN_WORD, start);
}

// Rule 145: letters, then letters and digits between hyphens.
static const char *language_end(const char *at, const char *end)
{
  const char *const start = at, *solid = at;
  for (bool first = true; at < end; ++at) {
    const unsigned char c = (unsigned char)*at;
    if (c == '-' && at > start && solid == at) {
      first = false;
    } else if (c < 0x80 && (first ? isalpha(c) : isalnum(c))) {
      solid = at + 1;
    } else {
      break;
    }
  }
  return solid;
}

static stoa_token read_language(stoa_lexer *lx, stoa_token t)
{
  const char *const start = lx->at++;
  const char *const end = language_end(lx->at, lx->end);
  t.text = (stoa_slice){lx->at, (size_t)(end - lx->at)};
  lx->at = end;
  return t.text.length ? finish(lx, t, STOA_TOKEN_LANG, start) : bad(lx, t, start, "a language tag is missing");
}

static stoa_token read_tagged(stoa_lexer *lx, stoa_token t, stoa_token_kind kind, size_t skip)
{
  const char *const start = lx->at;
  lx->at += skip;
  const char *const name = lx->at;
  const char *solid = name;
  while (lx->at < lx->end && (name_char(lx->at) || (kind == STOA_TOKEN_BLANK && (*lx->at == '-' || *lx->at == '.')))) {
    solid = *lx->at == '.' ? solid : lx->at + 1;
    lx->at++;
  }
  lx->at = solid;
  t.text = (stoa_slice){name, (size_t)(solid - name)};
  if (t.text.length == 0) {
    t.text = (stoa_slice){NULL, 0};
    return finish(lx, t, STOA_TOKEN_SIGN, start);
  }
  return finish(lx, t, kind, start);
}

static stoa_token read_sign(stoa_lexer *lx, stoa_token t)
{
  static const char *const pairs[] = {"||", "&&", "!=", "<=", ">=", "^^", NULL};
  const char *const start = lx->at;
  for (size_t i = 0; pairs[i]; ++i) {
    if (lx->end - lx->at >= 2 && memcmp(lx->at, pairs[i], 2) == 0) {
      lx->at += 2;
      return finish(lx, t, STOA_TOKEN_SIGN, start);
    }
  }
  if (!memchr("{}()[].,;*/|^+-=<>!?", *lx->at, 20)) {
    return bad(lx, t, start, "unexpected character");
  }
  lx->at++;
  return finish(lx, t, STOA_TOKEN_SIGN, start);
}

static bool starts_number(const char *at, const char *end)
{
  at += *at == '+' || *at == '-';
  at += at < end && *at == '.';
  return at < end && isdigit((unsigned char)*at);
}

stoa_token stoa_lexer_next(stoa_lexer *lx)
{
  skip_blanks(lx);
  lx->column += (int)stoa_utf8_count(lx->counted, (size_t)(lx->at - lx->counted));
  lx->counted = lx->at;
  stoa_token t = {.place = {lx->file, lx->line, lx->column}};
  const char *const start = lx->at;
  if (lx->at >= lx->end) {
    return finish(lx, t, STOA_TOKEN_END, start);
  }
  const char c = *lx->at;
  const char next = lx->at + 1 < lx->end ? lx->at[1] : '\0';
  if (c == '<' && read_iri(lx, &t)) {
    return finish(lx, t, STOA_TOKEN_IRI, start);
  }
  if (c == '"' || c == '\'') {
    return read_string(lx, t);
  }
  if (starts_number(lx->at, lx->end)) {
    return read_number(lx, t);
  }
  if (c == '?' || c == '$') {
    return read_tagged(lx, t, STOA_TOKEN_VAR, 1);
  }
  if (c == '@') {
    return read_language(lx, t);
  }
  if (c == '_' && next == ':') {
    return read_tagged(lx, t, STOA_TOKEN_BLANK, 2);
  }
  if (isalpha((unsigned char)c) || (unsigned char)c >= 0x80 || c == ':') {
    return read_word(lx, t);
  }
  return read_sign(lx, t);
}
