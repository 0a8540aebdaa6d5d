#include "graph/rdf/turtle.h"
#include "graph/term/vocab.h"
#include <ctype.h>
#include <string.h>

enum { FLUSH_BYTES = 65536 };

static void flush(stoa_turtle *t)
{
  if (t->out.length && !t->failed) {
    t->failed = !t->sink.write(t->sink.data, t->out.data, t->out.length);
  }
  t->out.length = 0;
}

void stoa_turtle_init(stoa_turtle *t, stoa_sink sink, const stoa_prefix *prefixes, uint32_t n_prefixes)
{
  *t = (stoa_turtle){.sink = sink, .prefixes = prefixes, .n_prefixes = n_prefixes};
  for (uint32_t i = 0; i < n_prefixes; ++i) {
    stoa_buf_print(&t->out, "@prefix %.*s: ", (int)prefixes[i].name.length, prefixes[i].name.data);
    stoa_term_write(stoa_term_iri(prefixes[i].iri), &t->out);
    stoa_buf_text(&t->out, " .\n");
  }
  if (n_prefixes) {
    stoa_buf_byte(&t->out, '\n');
  }
}

// Local names that need no escapes, with a letter first: every reader takes them.
static bool is_local(stoa_slice name)
{
  bool good = name.length == 0 || isalpha((unsigned char)name.data[0]) || name.data[0] == '_';
  for (size_t i = 0; i < name.length && good; ++i) {
    const unsigned char c = (unsigned char)name.data[i];
    good = c < 0x80 && (isalnum(c) || c == '_' || c == '-');
  }
  return good;
}

// The longest namespace that leaves a plain local name.
static void write_iri(const stoa_turtle *t, stoa_term iri, stoa_buf *out)
{
  const size_t start = out->length;
  const stoa_prefix *best = NULL;
  stoa_term_write_lexical(iri, out);
  const stoa_slice text = {out->data + start, out->length - start};
  for (uint32_t i = 0; i < t->n_prefixes; ++i) {
    const stoa_slice space = t->prefixes[i].iri;
    if (stoa_slice_starts(text, space) && (!best || space.length > best->iri.length) &&
        is_local((stoa_slice){text.data + space.length, text.length - space.length})) {
      best = &t->prefixes[i];
    }
  }
  if (!best) {
    out->length = start;
    stoa_term_write(iri, out);
    return;
  }
  stoa_buf local = {0};
  stoa_buf_add(&local, text.data + best->iri.length, text.length - best->iri.length);
  out->length = start;
  stoa_buf_slice(out, best->name);
  stoa_buf_byte(out, ':');
  stoa_buf_slice(out, (stoa_slice){local.data ? local.data : "", local.length});
  stoa_buf_done(&local);
}

// Turtle 1.1, rules 19 to 21: which numbers may stand without quotes and mean the same literal.
static bool is_bare(stoa_term t, stoa_slice text)
{
  size_t digits = 0, points = 0, exponents = 0, after = 0;
  if (t.kind == STOA_TERM_BOOLEAN) {
    return true;
  }
  for (size_t i = 0; i < text.length; ++i) {
    const char c = text.data[i];
    if (isdigit((unsigned char)c)) {
      ++digits;
      after += points || exponents;
    } else if (c == '.' && !points && !exponents) {
      ++points;
    } else if ((c == 'E' || c == 'e') && !exponents && digits) {
      ++exponents;
      after = 0;
    } else if ((c != '-' && c != '+') || (i > 0 && text.data[i - 1] != 'E' && text.data[i - 1] != 'e')) {
      return false;
    }
  }
  return t.kind == STOA_TERM_INTEGER   ? digits && !points && !exponents
         : t.kind == STOA_TERM_DECIMAL ? points && after && !exponents
                                       : exponents && after;
}

static void write_term(const stoa_turtle *t, stoa_term term, stoa_buf *out)
{
  const size_t start = out->length;
  if (stoa_term_is_iri(term)) {
    write_iri(t, term, out);
    return;
  }
  if (term.kind == STOA_TERM_BOOLEAN || term.kind == STOA_TERM_INTEGER || term.kind == STOA_TERM_DECIMAL ||
      term.kind == STOA_TERM_DOUBLE) {
    stoa_term_write_lexical(term, out);
    if (is_bare(term, (stoa_slice){out->data + start, out->length - start})) {
      return;
    }
    out->length = start;
  }
  if (!stoa_term_is_literal(term) || term.kind == STOA_TERM_STRING || term.kind == STOA_TERM_LANG) {
    stoa_term_write(term, out);
    return;
  }
  const stoa_slice type = stoa_term_datatype(term);
  stoa_term_write(term, out);
  out->length -= type.length + 2; // "<" type ">"
  write_iri(t, stoa_term_iri(type), out);
}

static bool is_same(const stoa_buf *last, const stoa_buf *now)
{
  return last->length == now->length && memcmp(last->data, now->data, now->length) == 0;
}

static void keep(stoa_buf *last, const stoa_buf *now)
{
  last->length = 0;
  stoa_buf_add(last, now->data, now->length);
}

bool stoa_turtle_add(stoa_turtle *t, stoa_term subject, stoa_term predicate, stoa_term object)
{
  static const char type[] = STOA_RDF_TYPE;
  t->term.length = 0;
  write_term(t, subject, &t->term);
  const bool same_subject = t->begun && is_same(&t->subject, &t->term);
  if (!same_subject) {
    keep(&t->subject, &t->term);
    stoa_buf_text(&t->out, t->begun ? " .\n" : "");
    stoa_buf_slice(&t->out, (stoa_slice){t->term.data, t->term.length});
  }
  t->term.length = 0;
  stoa_term_write_lexical(predicate, &t->term);
  const bool is_type = t->term.length == sizeof type - 1 && memcmp(t->term.data, type, sizeof type - 1) == 0;
  t->term.length = 0;
  if (is_type) {
    stoa_buf_byte(&t->term, 'a');
  } else {
    write_term(t, predicate, &t->term);
  }
  const bool same_predicate = same_subject && is_same(&t->predicate, &t->term);
  if (!same_predicate) {
    keep(&t->predicate, &t->term);
    stoa_buf_text(&t->out, same_subject ? " ;\n  " : " ");
    stoa_buf_slice(&t->out, (stoa_slice){t->term.data, t->term.length});
  }
  stoa_buf_text(&t->out, same_predicate ? " , " : " ");
  write_term(t, object, &t->out);
  t->begun = true;
  if (t->out.length > FLUSH_BYTES) {
    flush(t);
  }
  return !t->failed;
}

bool stoa_turtle_end(stoa_turtle *t)
{
  stoa_buf_text(&t->out, t->begun ? " .\n" : "");
  flush(t);
  return !t->failed;
}

void stoa_turtle_done(stoa_turtle *t)
{
  stoa_buf_done(&t->out);
  stoa_buf_done(&t->subject);
  stoa_buf_done(&t->predicate);
  stoa_buf_done(&t->term);
}
