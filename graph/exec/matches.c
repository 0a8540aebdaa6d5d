// REGEX and REPLACE: SPARQL 1.1, sections 17.4.3.14 and 15, which are XPath's fn:matches and fn:replace.  Patterns are
// said in PCRE2's words by xregex.c, compiled once a query, and kept with it.
//
// PCRE2 goes back and tries again, and some patterns on some texts for as long as the stars shine.  So a match first
// gets a number of steps that any honest one is done within.  One that is not is begun anew in a copy of the pattern
// that calls back at every step, and goes on for as long as the query may: it gives an answer, or the query ends with
// an error.  It never counts as no match.
#include "graph/exec/function.h"
#include "graph/term/xregex.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

enum { FEW_STEPS = 200000, MOST_STEPS = 400000000, MOST_HEAP_KIB = 65536, CALLS_BETWEEN_LOOKS = 4096, KEPT = 32 };

typedef struct {
  stoa_slice pattern, flags; ///< as they were given; the key
  stoa_xregex_flags how;
  bool good;
  pcre2_code *code, *slow; ///< slow: with callouts, made when it is needed
  pcre2_match_data *data;
  pcre2_match_context *limits;
  int n_groups;
  int matches_nothing; ///< whether the empty text has a match: -1 not known yet
} regex;

/// The patterns of a query: the youngest take the places of the oldest.
struct stoa_regexes {
  regex *kept[KEPT];
  uint32_t n;
};

typedef struct {
  const stoa_call *call;
  uint32_t n_calls;
} watch;

static const stoa_term failure = {0};

static void regex_free(regex *r)
{
  if (r) {
    pcre2_match_data_free(r->data);
    pcre2_match_context_free(r->limits);
    pcre2_code_free(r->slow);
    pcre2_code_free(r->code);
    free((char *)r->pattern.data);
    free((char *)r->flags.data);
    free(r);
  }
}

static void regexes_free(void *data)
{
  struct stoa_regexes *const all = data;
  for (size_t i = 0; i < KEPT; ++i) {
    regex_free(all->kept[i]);
  }
}

static struct stoa_regexes *regexes_of(stoa_run *run)
{
  while (run->outer) {
    run = run->outer; // an EXISTS is run anew for each row, its patterns stay
  }
  if (!run->regexes) {
    run->regexes = STOA_NEW(&run->arena, struct stoa_regexes);
    stoa_arena_on_done(&run->arena, regexes_free, run->regexes);
  }
  return run->regexes;
}

static pcre2_code *compile(stoa_slice translated, const stoa_xregex_flags *how, uint32_t more)
{
  int error;
  PCRE2_SIZE at;
  pcre2_compile_context *const context = pcre2_compile_context_create(NULL);
  const uint32_t options = PCRE2_UTF | PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C | more |
                           (how->caseless ? PCRE2_CASELESS : 0) | (how->dot_all ? PCRE2_DOTALL : 0) |
                           (how->multiline ? PCRE2_MULTILINE : 0);
  pcre2_set_newline(context, PCRE2_NEWLINE_LF);
  pcre2_code *const code = pcre2_compile((PCRE2_SPTR)translated.data, translated.length, options, &error, &at, context);
  pcre2_compile_context_free(context);
  return code;
}

static pcre2_code *compiled(const regex *r, uint32_t more)
{
  stoa_buf translated = {0};
  stoa_buf_reserve(&translated, r->pattern.length);
  const bool good = stoa_xregex_write(r->pattern, &r->how, &translated);
  pcre2_code *const code = good ? compile((stoa_slice){translated.data, translated.length}, &r->how, more) : NULL;
  stoa_buf_done(&translated);
  return code;
}

// Look now and then whether the query may go on.
static int call_back(pcre2_callout_block *block, void *data)
{
  watch *const w = data;
  (void)block;
  return ++w->n_calls % CALLS_BETWEEN_LOOKS == 0 && !stoa_run_may_go_on(w->call->run) ? PCRE2_ERROR_CALLOUT : 0;
}

static stoa_slice kept_copy(stoa_slice text)
{
  char *const copy = malloc(text.length + 1);
  if (!copy) {
    abort();
  }
  memcpy(copy, text.data ? text.data : "", text.length);
  copy[text.length] = '\0';
  return (stoa_slice){copy, text.length};
}

static regex *regex_new(stoa_slice pattern, stoa_slice flags)
{
  regex *const r = calloc(1, sizeof *r);
  if (!r) {
    abort();
  }
  r->pattern = kept_copy(pattern);
  r->flags = kept_copy(flags);
  r->matches_nothing = -1;
  r->code = stoa_xregex_flags_read(flags, &r->how) ? compiled(r, 0) : NULL;
  r->good = r->code != NULL;
  if (r->good) {
    uint32_t n_groups = 0;
    pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &n_groups);
    r->n_groups = (int)n_groups;
    r->data = pcre2_match_data_create_from_pattern(r->code, NULL);
    r->limits = pcre2_match_context_create(NULL);
    pcre2_set_heap_limit(r->limits, MOST_HEAP_KIB);
  }
  return r;
}

// The pattern of a call, compiled; NULL where it or its flags are none.
static regex *regex_of(const stoa_call *call, uint32_t flags_at)
{
  const stoa_term pattern = call->args[1];
  const bool flagged = call->n_args > flags_at;
  if (!stoa_term_is_text(pattern) || (flagged && !stoa_term_is_text(call->args[flags_at]))) {
    return NULL;
  }
  const stoa_slice text = stoa_text_of(pattern);
  const stoa_slice flags = flagged ? stoa_text_of(call->args[flags_at]) : (stoa_slice){"", 0};
  struct stoa_regexes *const all = regexes_of(call->run);
  for (size_t i = 0; i < KEPT; ++i) {
    regex *const r = all->kept[i];
    if (r && stoa_slice_equal(r->pattern, text) && stoa_slice_equal(r->flags, flags)) {
      return r->good ? r : NULL;
    }
  }
  regex **const place = &all->kept[all->n++ % KEPT];
  regex_free(*place);
  *place = regex_new(text, flags);
  return (*place)->good ? *place : NULL;
}

static void too_dear(const stoa_call *call, const regex *r, size_t length)
{
  if (call->run->failed.status == STOA_OK) {
    const int shown = r->pattern.length < 80 ? (int)r->pattern.length : 80;
    stoa_error_at(
      &call->run->failed, STOA_LIMIT, call->expr->place,
      "the pattern \"%.*s\" takes more than %d steps on a text of %zu bytes; say it with fewer ways to match", shown,
      r->pattern.data, MOST_STEPS, length);
  }
}

// Once more, with an eye on the clock.
static int match_slowly(const stoa_call *call, regex *r, stoa_slice text, size_t from, uint32_t options)
{
  watch w = {call, 0};
  r->slow = r->slow ? r->slow : compiled(r, PCRE2_AUTO_CALLOUT);
  pcre2_set_match_limit(r->limits, MOST_STEPS);
  pcre2_set_callout(r->limits, call_back, &w);
  const int found = pcre2_match(r->slow, (PCRE2_SPTR)text.data, text.length, from, options, r->data, r->limits);
  pcre2_set_callout(r->limits, NULL, NULL);
  if (found == PCRE2_ERROR_MATCHLIMIT || found == PCRE2_ERROR_HEAPLIMIT) {
    too_dear(call, r, text.length);
  }
  return found;
}

// The number of groups that have matched, PCRE2_ERROR_NOMATCH, or another error.
static int match(const stoa_call *call, regex *r, stoa_slice text, size_t from, uint32_t options)
{
  const stoa_slice x = {text.data ? text.data : "", text.length};
  pcre2_set_match_limit(r->limits, FEW_STEPS);
  const int found = pcre2_match(r->code, (PCRE2_SPTR)x.data, x.length, from, options, r->data, r->limits);
  return found == PCRE2_ERROR_MATCHLIMIT  ? match_slowly(call, r, x, from, options)
         : found == PCRE2_ERROR_HEAPLIMIT ? (too_dear(call, r, x.length), found)
                                          : found;
}

stoa_term stoa_function_regex(const stoa_call *call)
{
  regex *const r = stoa_term_is_text(call->args[0]) ? regex_of(call, 2) : NULL;
  const int found = r ? match(call, r, stoa_text_of(call->args[0]), 0, 0) : PCRE2_ERROR_INTERNAL;
  return found >= 0 || found == PCRE2_ERROR_NOMATCH ? stoa_term_boolean(found >= 0) : failure;
}

// ---- REPLACE

// What stands for one match; false for a replacement that is none.
static bool write_replacement(const regex *r, stoa_slice text, stoa_slice with, stoa_buf *out)
{
  const PCRE2_SIZE *const ends = pcre2_get_ovector_pointer(r->data);
  const uint32_t n_ends = pcre2_get_ovector_count(r->data);
  if (r->how.no_specials) {
    stoa_buf_slice(out, with);
    return true;
  }
  for (size_t at = 0; at < with.length;) {
    stoa_xregex_piece piece;
    if (!stoa_xregex_piece_read(with, r->n_groups, &at, &piece)) {
      return false;
    }
    const uint32_t group = (uint32_t)piece.group;
    if (piece.group < 0) {
      stoa_buf_slice(out, piece.text);
    } else if (group < n_ends && ends[group * 2] != PCRE2_UNSET) {
      stoa_buf_add(out, text.data + ends[group * 2], ends[group * 2 + 1] - ends[group * 2]);
    }
  }
  return true;
}

// Every match in turn.  No pattern here has a match of nothing (err:FORX0003), so each goes on behind the last.
static bool replace_all(const stoa_call *call, regex *r, stoa_slice text, stoa_slice with, stoa_buf *out)
{
  size_t done = 0;
  uint32_t options = 0;
  for (;;) {
    const int found = match(call, r, text, done, options);
    if (found == PCRE2_ERROR_NOMATCH) {
      break;
    }
    const PCRE2_SIZE *const ends = found >= 0 ? pcre2_get_ovector_pointer(r->data) : NULL;
    if (!ends || ends[1] <= done) {
      return false;
    }
    stoa_buf_add(out, text.data + done, ends[0] - done);
    if (!write_replacement(r, text, with, out) || !stoa_run_has_room(call->run, out->length) ||
        !stoa_run_may_go_on(call->run)) {
      return false;
    }
    done = ends[1];
    options = PCRE2_NO_UTF_CHECK;
  }
  stoa_buf_add(out, text.data + done, text.length - done);
  return true;
}

static bool matches_nothing(const stoa_call *call, regex *r)
{
  if (r->matches_nothing < 0) {
    r->matches_nothing = match(call, r, (stoa_slice){"", 0}, 0, 0) >= 0;
  }
  return r->matches_nothing;
}

// A replacement is read even where nothing is to be replaced, so that a fault in it never hides.
static bool is_replacement(const regex *r, stoa_slice with)
{
  bool good = true;
  for (size_t at = 0; good && !r->how.no_specials && at < with.length;) {
    stoa_xregex_piece piece;
    good = stoa_xregex_piece_read(with, r->n_groups, &at, &piece);
  }
  return good;
}

stoa_term stoa_function_replace(const stoa_call *call)
{
  const stoa_term a = call->args[0], b = call->args[2];
  regex *const r = stoa_term_is_text(a) && stoa_term_is_text(b) ? regex_of(call, 3) : NULL;
  if (!r || !is_replacement(r, stoa_text_of(b)) || matches_nothing(call, r)) {
    return failure;
  }
  stoa_buf out = {0};
  stoa_slice result;
  const stoa_slice text = stoa_text_of(a);
  if (!replace_all(call, r, (stoa_slice){text.data ? text.data : "", text.length}, stoa_text_of(b), &out)) {
    stoa_buf_done(&out);
    return failure;
  }
  return stoa_call_take(call, &out, &result) ? stoa_text_like(call, a, result) : failure;
}
