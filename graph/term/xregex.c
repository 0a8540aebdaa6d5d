// XPath's patterns are no subset of PCRE2's: "\w" is any letter, mark, number or symbol, "$" the very end, "\i" and
// "\c" are the characters of XML names, "\p{IsGreek}" a block, and "[a-z-[aeiou]]" takes one class from another, which
// is said as "none of these ahead, and one of those".  What PCRE2 knows beside ("\b", "(?=", "a++") is an error in
// XPath.  So the pattern is read by XPath's grammar and each part is written anew; nothing of the text reaches PCRE2
// unread.
#include "graph/term/xregex.h"
#include "graph/base/letters.h"
#include "graph/base/utf8.h"

enum { DEEPEST = 200, MOST_TIMES = 65535, LAST_CODE = 0x10FFFF };

typedef struct {
  const char *at, *end;
  const stoa_xregex_flags *flags;
  stoa_buf *out;
  stoa_buf closed; ///< one byte a group: 1 once its bracket is closed
  int depth;
} reader;

static bool read_alternatives(reader *r);

bool stoa_xregex_flags_read(stoa_slice text, stoa_xregex_flags *out)
{
  *out = (stoa_xregex_flags){0};
  for (size_t i = 0; i < text.length; ++i) {
    switch (text.data[i]) {
      case 's':
        out->dot_all = true;
        break;
      case 'm':
        out->multiline = true;
        break;
      case 'i':
        out->caseless = true;
        break;
      case 'x':
        out->no_blanks = true;
        break;
      case 'q':
        out->no_specials = true;
        break;
      default:
        return false;
    }
  }
  return true;
}

// ---- characters

static bool at_char(const reader *r, char c)
{
  return r->at < r->end && *r->at == c;
}

static bool take(reader *r, char c)
{
  const bool there = at_char(r, c);
  r->at += there;
  return there;
}

static bool take_code(reader *r, uint32_t *code)
{
  const size_t n = stoa_utf8_valid(r->at, (size_t)(r->end - r->at));
  if (n) {
    stoa_utf8_read(r->at, n, code);
    r->at += n;
  }
  return n > 0;
}

// A character that stands for itself, in a class or outside.
static void write_code(uint32_t code, stoa_buf *out)
{
  char utf8[4];
  const bool word = (code >= '0' && code <= '9') || ((code | 32) >= 'a' && (code | 32) <= 'z');
  if (word || code >= 0xA0) {
    stoa_buf_add(out, utf8, stoa_utf8_write(code, utf8));
  } else {
    stoa_buf_print(out, "\\x{%X}", code);
  }
}

// Surrogates are no characters, and no range may end among them.
static void write_range(uint32_t first, uint32_t last, stoa_buf *out)
{
  first = first >= 0xD800 && first <= 0xDFFF ? 0xE000 : first;
  last = last >= 0xD800 && last <= 0xDFFF ? 0xD7FF : last;
  if (first <= last) {
    stoa_buf_print(out, first < last ? "\\x{%X}-\\x{%X}" : "\\x{%X}", first, last);
  }
}

// ---- sets of characters, as ranges in order

typedef struct {
  uint32_t first, last;
} range;

// XML 1.0, rules 4 and 4a: characters that begin names, and those that go on with them.
static const range name_start[] = {{':', ':'},       {'A', 'Z'},       {'_', '_'},       {'a', 'z'},
                                   {0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x2FF},    {0x370, 0x37D},
                                   {0x37F, 0x1FFF},  {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF},
                                   {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF}};
static const range name_next[] = {
  {'-', '.'},       {'0', ':'},       {'A', 'Z'},       {'_', '_'},       {'a', 'z'},       {0xB7, 0xB7},
  {0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x37D},    {0x37F, 0x1FFF},  {0x200C, 0x200D}, {0x203F, 0x2040},
  {0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF}};
static const range blanks[] = {{'\t', '\n'}, {'\r', '\r'}, {' ', ' '}};

// The set, or all but it.
static void write_set(const range *ranges, size_t n, bool negated, stoa_buf *out)
{
  uint32_t next = 0;
  for (size_t i = 0; i < n; ++i) {
    if (!negated) {
      write_range(ranges[i].first, ranges[i].last, out);
    } else if (ranges[i].first > next) {
      write_range(next, ranges[i].first - 1, out);
    }
    next = ranges[i].last + 1;
  }
  if (negated && next <= LAST_CODE) {
    write_range(next, LAST_CODE, out);
  }
}

static bool write_block(stoa_slice name, bool negated, stoa_buf *out)
{
  range block;
  if (!stoa_letters_block(name, &block.first, &block.last)) {
    return false;
  }
  write_set(&block, 1, negated, out); // nothing, where the block is one of surrogates
  return true;
}

static bool is_category(stoa_slice name)
{
  static const char *const classes[] = {"Lultmo", "Mnce", "Ndlo", "Pcdseifo", "Zslp", "Smcko", "Ccfon"};
  for (size_t i = 0; i < sizeof classes / sizeof *classes; ++i) {
    if (name.length && name.data[0] == classes[i][0]) {
      return name.length == 1 || (name.length == 2 && memchr(classes[i] + 1, name.data[1], strlen(classes[i] + 1)));
    }
  }
  return false;
}

// \p{...}: a category, or a block behind "Is".
static bool write_property(reader *r, bool negated, stoa_buf *out)
{
  if (!take(r, '{')) {
    return false;
  }
  const char *const stop = memchr(r->at, '}', (size_t)(r->end - r->at));
  const stoa_slice name = {r->at, stop ? (size_t)(stop - r->at) : 0};
  r->at = stop ? stop + 1 : r->end;
  if (name.length > 2 && name.data[0] == 'I' && name.data[1] == 's') {
    return write_block((stoa_slice){name.data + 2, name.length - 2}, negated, out);
  }
  if (!is_category(name)) {
    return false;
  }
  stoa_buf_print(out, "\\%c{%.*s}", negated ? 'P' : 'p', (int)name.length, name.data);
  return true;
}

enum { ESCAPE_NONE, ESCAPE_CHARACTER, ESCAPE_SET };

// What follows a backslash: a character, or what stands for a set, written as the inside of a class.
static int read_escape(reader *r, uint32_t *code, stoa_buf *set)
{
  if (r->at >= r->end) {
    return ESCAPE_NONE;
  }
  const char c = *r->at++;
  const bool negated = c >= 'A' && c <= 'Z';
  *code = (unsigned char)c;
  switch (c | 32) {
    case 'd':
      stoa_buf_text(set, negated ? "\\P{Nd}" : "\\p{Nd}");
      return ESCAPE_SET;
    case 'w':
      stoa_buf_text(set, negated ? "\\p{P}\\p{Z}\\p{C}" : "\\p{L}\\p{M}\\p{N}\\p{S}");
      return ESCAPE_SET;
    case 's':
      write_set(blanks, sizeof blanks / sizeof *blanks, negated, set);
      return ESCAPE_SET;
    case 'i':
      write_set(name_start, sizeof name_start / sizeof *name_start, negated, set);
      return ESCAPE_SET;
    case 'c':
      write_set(name_next, sizeof name_next / sizeof *name_next, negated, set);
      return ESCAPE_SET;
    case 'p':
      return write_property(r, negated, set) ? ESCAPE_SET : ESCAPE_NONE;
    default:
      break;
  }
  if (c == 'n' || c == 'r' || c == 't') {
    *code = c == 'n' ? '\n' : c == 'r' ? '\r' : '\t';
    return ESCAPE_CHARACTER;
  }
  return c && strchr("\\|.-^?*+{}()[]$", c) ? ESCAPE_CHARACTER : ESCAPE_NONE;
}

// ---- classes

// What stands in [ ]: characters, which the flag i also means in the other case, and sets, which it does not.
typedef struct {
  stoa_buf characters, sets;
} members;

static void write_class(const reader *r, const members *m, bool negated, stoa_buf *out)
{
  const bool apart = r->flags->caseless && m->sets.length;
  if (m->characters.length + m->sets.length == 0) {
    stoa_buf_text(out, negated ? "[\\x{0}-\\x{10FFFF}]" : "(?!)");
    return;
  }
  if (!apart) {
    stoa_buf_text(out, negated ? "[^" : "[");
    stoa_buf_slice(out, (stoa_slice){m->characters.data, m->characters.length});
    stoa_buf_slice(out, (stoa_slice){m->sets.data, m->sets.length});
    stoa_buf_byte(out, ']');
    return;
  }
  stoa_buf_text(out, negated ? "(?:(?!" : "(?:");
  if (m->characters.length) {
    stoa_buf_print(out, "[%.*s]|", (int)m->characters.length, m->characters.data);
  }
  stoa_buf_print(out, "(?-i:[%.*s])", (int)m->sets.length, m->sets.data);
  stoa_buf_text(out, negated ? ")[\\x{0}-\\x{10FFFF}])" : ")");
}

// A character of a class, escaped or not; a set goes to `sets`.
static int read_member(reader *r, uint32_t *code, stoa_buf *sets)
{
  if (take(r, '\\')) {
    return read_escape(r, code, sets);
  }
  const bool bracket = at_char(r, '[') || at_char(r, ']');
  return !bracket && take_code(r, code) ? ESCAPE_CHARACTER : ESCAPE_NONE;
}

// A hyphen behind a character makes a range, unless the class ends there or another is taken from it.
static bool read_part(reader *r, members *m)
{
  uint32_t first, last;
  const int kind = read_member(r, &first, &m->sets);
  if (kind != ESCAPE_CHARACTER) {
    return kind == ESCAPE_SET;
  }
  const bool range = at_char(r, '-') && r->end - r->at > 1 && r->at[1] != '[' && r->at[1] != ']';
  last = first;
  if (range) {
    ++r->at;
    if (read_member(r, &last, &m->sets) != ESCAPE_CHARACTER || last < first) {
      return false;
    }
  }
  if (first == last) {
    write_code(first, &m->characters);
  } else {
    write_range(first, last, &m->characters);
  }
  return true;
}

static bool read_class(reader *r, stoa_buf *out);

static bool read_members(reader *r, members *m, bool negated, stoa_buf *out)
{
  stoa_buf own = {0}, taken = {0};
  bool any = false, good = true;
  while (good && r->at < r->end && !at_char(r, ']')) {
    const bool subtracts = any && at_char(r, '-') && r->end - r->at > 1 && r->at[1] == '[';
    if (subtracts) {
      r->at += 2;
      good = read_class(r, &taken) && at_char(r, ']');
      break;
    }
    good = read_part(r, m);
    any = true;
  }
  good = good && any && take(r, ']');
  if (good) {
    write_class(r, m, negated, &own);
    stoa_buf_print(out, taken.length ? "(?:(?!%.*s)" : "%.*s", (int)taken.length, taken.length ? taken.data : "");
    stoa_buf_slice(out, (stoa_slice){own.data, own.length});
    stoa_buf_text(out, taken.length ? ")" : "");
  }
  stoa_buf_done(&own);
  stoa_buf_done(&taken);
  return good;
}

// Behind the "[".
static bool read_class(reader *r, stoa_buf *out)
{
  members m = {{0}, {0}};
  if (++r->depth > DEEPEST) {
    return false;
  }
  const bool negated = take(r, '^');
  const bool good = read_members(r, &m, negated, out);
  stoa_buf_done(&m.characters);
  stoa_buf_done(&m.sets);
  r->depth--;
  return good;
}

// ---- atoms

// \N: the longest number of a group that was opened already; it must be closed too.
static bool read_reference(reader *r)
{
  size_t group = 0;
  do {
    group = group * 10 + (size_t)(*r->at++ - '0');
  } while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && group * 10 + (size_t)(*r->at - '0') <= r->closed.length);
  if (group > r->closed.length || !r->closed.data[group - 1]) {
    return false;
  }
  stoa_buf_print(r->out, "\\g{%zu}", group);
  return true;
}

static bool read_backslash(reader *r)
{
  if (r->at < r->end && *r->at >= '1' && *r->at <= '9') {
    return read_reference(r);
  }
  members m = {{0}, {0}};
  uint32_t code;
  const int kind = read_escape(r, &code, &m.sets);
  if (kind == ESCAPE_CHARACTER) {
    write_code(code, r->out);
  } else if (kind == ESCAPE_SET) {
    write_class(r, &m, false, r->out);
  }
  stoa_buf_done(&m.sets);
  return kind != ESCAPE_NONE;
}

static bool read_group(reader *r)
{
  const bool captures = !at_char(r, '?');
  const size_t group = r->closed.length;
  if (captures) {
    stoa_buf_byte(&r->closed, 0);
  } else if (r->end - r->at < 2 || r->at[1] != ':') {
    return false;
  } else {
    r->at += 2;
  }
  stoa_buf_text(r->out, captures ? "(" : "(?:");
  if (!read_alternatives(r) || !take(r, ')')) {
    return false;
  }
  if (captures) {
    r->closed.data[group] = 1;
  }
  stoa_buf_byte(r->out, ')');
  return true;
}

static bool read_atom(reader *r)
{
  uint32_t code;
  const char c = *r->at;
  if (strchr("\\([.^$", c) && c) {
    ++r->at;
  }
  switch (c) {
    case '\\':
      return read_backslash(r);
    case '(':
      return read_group(r);
    case '[':
      return read_class(r, r->out);
    case '.':
      stoa_buf_text(r->out, r->flags->dot_all ? "." : "[^\\n\\r]");
      return true;
    case '^':
      stoa_buf_text(r->out, "(?:^)");
      return true;
    case '$':
      stoa_buf_text(r->out, r->flags->multiline ? "(?:$)" : "(?:\\z)");
      return true;
    case '?':
    case '*':
    case '+':
    case '{':
    case '}':
    case ']':
      return false;
    default:
      break;
  }
  if (!take_code(r, &code)) {
    return false;
  }
  write_code(code, r->out);
  return true;
}

static bool read_times(reader *r, unsigned *out)
{
  const char *const start = r->at;
  *out = 0;
  while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && *out <= MOST_TIMES) {
    *out = *out * 10 + (unsigned)(*r->at++ - '0');
  }
  return r->at > start && *out <= MOST_TIMES;
}

// {n}, {n,} or {n,m}.
static bool read_quantity(reader *r)
{
  unsigned least, most;
  if (!read_times(r, &least)) {
    return false;
  }
  if (take(r, '}')) {
    stoa_buf_print(r->out, "{%u}", least);
    return true;
  }
  if (!take(r, ',')) {
    return false;
  }
  if (take(r, '}')) {
    stoa_buf_print(r->out, "{%u,}", least);
    return true;
  }
  if (!read_times(r, &most) || most < least || !take(r, '}')) {
    return false;
  }
  stoa_buf_print(r->out, "{%u,%u}", least, most);
  return true;
}

// A second "?" takes as little as will do.
static bool read_quantifier(reader *r)
{
  if (take(r, '{')) {
    if (!read_quantity(r)) {
      return false;
    }
  } else if (at_char(r, '?') || at_char(r, '*') || at_char(r, '+')) {
    stoa_buf_byte(r->out, *r->at++);
  } else {
    return true;
  }
  if (take(r, '?')) {
    stoa_buf_byte(r->out, '?');
  }
  return true;
}

static bool read_alternatives(reader *r)
{
  if (++r->depth > DEEPEST) {
    return false;
  }
  while (r->at < r->end && !at_char(r, ')')) {
    if (take(r, '|')) {
      stoa_buf_byte(r->out, '|');
    } else if (!read_atom(r) || !read_quantifier(r)) {
      return false;
    }
  }
  r->depth--;
  return true;
}

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// The flag x: white space goes before anything else is looked at, save within [ ].
static void remove_blanks(stoa_slice pattern, stoa_buf *out)
{
  int classes = 0;
  bool escaped = false;
  for (size_t i = 0; i < pattern.length; ++i) {
    const char c = pattern.data[i];
    if (is_blank(c) && classes == 0) {
      continue;
    }
    classes += escaped ? 0 : c == '[' ? 1 : c == ']' && classes ? -1 : 0;
    escaped = !escaped && c == '\\';
    stoa_buf_byte(out, c);
  }
}

static void write_literally(reader *r)
{
  uint32_t code;
  while (take_code(r, &code)) {
    write_code(code, r->out);
  }
}

bool stoa_xregex_write(stoa_slice pattern, const stoa_xregex_flags *flags, stoa_buf *out)
{
  stoa_buf solid = {0};
  if (flags->no_blanks && !flags->no_specials) {
    remove_blanks(pattern, &solid);
    pattern = (stoa_slice){solid.data ? solid.data : "", solid.length};
  }
  reader r = {.at = pattern.data, .end = pattern.data + pattern.length, .flags = flags, .out = out};
  bool good = true;
  if (flags->no_specials) {
    write_literally(&r);
  } else {
    good = read_alternatives(&r);
  }
  good = good && r.at == r.end;
  stoa_buf_done(&r.closed);
  stoa_buf_done(&solid);
  return good;
}

// ---- replacements

static bool is_digit(stoa_slice text, size_t at)
{
  return at < text.length && text.data[at] >= '0' && text.data[at] <= '9';
}

// $N: as many digits as make the number of a group there is; one digit of none stands for nothing.
static void read_group_number(stoa_slice text, int n_groups, size_t *at, stoa_xregex_piece *out)
{
  int group = text.data[(*at)++] - '0';
  while (is_digit(text, *at) && group * 10 + (text.data[*at] - '0') <= n_groups) {
    group = group * 10 + (text.data[(*at)++] - '0');
  }
  *out = group <= n_groups ? (stoa_xregex_piece){.group = group} : (stoa_xregex_piece){.text = {"", 0}, .group = -1};
}

bool stoa_xregex_piece_read(stoa_slice text, int n_groups, size_t *at, stoa_xregex_piece *out)
{
  const char *const start = text.data + *at;
  if (*start == '\\') {
    *out = (stoa_xregex_piece){.text = {start + 1, 1}, .group = -1};
    *at += 2;
    return *at <= text.length && (start[1] == '\\' || start[1] == '$');
  }
  if (*start == '$') {
    ++*at;
    if (!is_digit(text, *at)) {
      return false;
    }
    read_group_number(text, n_groups, at, out);
    return true;
  }
  while (*at < text.length && text.data[*at] != '\\' && text.data[*at] != '$') {
    ++*at;
  }
  *out = (stoa_xregex_piece){.text = {start, (size_t)(text.data + *at - start)}, .group = -1};
  return true;
}
