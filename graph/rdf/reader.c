#include "graph/rdf/reader.h"
#include "graph/base/iri.h"
#include "graph/base/worlds.h"
#include "graph/rdf/lines.h"
#include "graph/base/file.h"
#include "graph/term/equality.h"
#include "graph/term/vocab.h"
#include <raptor2.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

typedef struct {
  const char *path;
  raptor_parser *parser;
  stoa_statement_handler handler;
  void *data;
  stoa_error *err;
  stoa_status status;
  stoa_arena arena; ///< of one statement
  int line;         ///< of line-wise reading; 0: raptor's locator knows
  bool xml;
} reader;

static void on_log(void *data, raptor_log_message *message)
{
  reader *const r = data;
  if (message->level < RAPTOR_LOG_LEVEL_ERROR || r->status != STOA_OK) {
    return;
  }
  const raptor_locator *const at = message->locator;
  const stoa_place place = {r->path,
                            r->line              ? r->line
                            : at && at->line > 0 ? at->line
                                                 : 1,
                            at && at->column > 0 ? at->column : 1};
  r->status = stoa_error_at(r->err, STOA_BAD_SYNTAX, place, "%s", message->text);
}

// raptor's RDF/XML parser makes tags small: they get the usual capitals back.
static stoa_slice spelt(stoa_slice tag, stoa_arena *arena)
{
  char *const copy = stoa_arena_copy(arena, tag);
  stoa_language_spell(copy, tag.length);
  return (stoa_slice){copy, tag.length};
}

static stoa_term term_of(const raptor_term *t, bool xml, stoa_arena *arena)
{
  if (!t) {
    return (stoa_term){0};
  }
  if (t->type == RAPTOR_TERM_TYPE_URI) {
    size_t length;
    const char *const text = (const char *)raptor_uri_as_counted_string(t->value.uri, &length);
    return stoa_term_iri((stoa_slice){text, length});
  }
  if (t->type == RAPTOR_TERM_TYPE_BLANK) {
    return stoa_term_blank((stoa_slice){(const char *)t->value.blank.string, t->value.blank.string_len});
  }
  const stoa_slice text = {(const char *)t->value.literal.string, t->value.literal.string_len};
  if (t->value.literal.language) {
    const stoa_slice tag = {(const char *)t->value.literal.language, t->value.literal.language_len};
    return stoa_term_lang(arena, text, xml ? spelt(tag, arena) : tag);
  }
  if (t->value.literal.datatype) {
    size_t length;
    const char *const type = (const char *)raptor_uri_as_counted_string(t->value.literal.datatype, &length);
    return stoa_term_literal(arena, text, (stoa_slice){type, length});
  }
  return stoa_term_string(text);
}

// raptor takes any text of an attribute of RDF/XML for an IRI, and no other syntax could write it again.
static void check_iris(reader *r, const stoa_statement *s)
{
  const stoa_slice iris[] = {stoa_term_is_iri(s->subject) ? stoa_term_text(s->subject) : (stoa_slice){"", 0},
                             stoa_term_text(s->predicate),
                             stoa_term_is_iri(s->object)       ? stoa_term_text(s->object)
                             : stoa_term_is_literal(s->object) ? stoa_term_datatype(s->object)
                                                               : (stoa_slice){"", 0}};
  for (size_t i = 0; i < sizeof iris / sizeof *iris && r->status == STOA_OK; ++i) {
    if (!stoa_iri_is_clean(iris[i])) {
      r->status = stoa_error_at(r->err, STOA_BAD_SYNTAX, s->place,
                                "<%.*s> is no IRI: neither blanks nor any of < > \" { } | \\ ^ ` may stand in one",
                                (int)(iris[i].length < 80 ? iris[i].length : 80), iris[i].data);
    }
  }
}

static void on_statement(void *data, raptor_statement *s)
{
  reader *const r = data;
  const raptor_locator *const at = raptor_parser_get_locator(r->parser);
  stoa_arena_reset(&r->arena);
  const stoa_statement statement = {.subject = term_of(s->subject, r->xml, &r->arena),
                                    .predicate = term_of(s->predicate, r->xml, &r->arena),
                                    .object = term_of(s->object, r->xml, &r->arena),
                                    .graph = term_of(s->graph, r->xml, &r->arena),
                                    .place = {r->path,
                                              r->line ? r->line
                                              : at    ? at->line
                                                      : 0,
                                              at ? at->column : 0}};
  if (r->xml) {
    check_iris(r, &statement);
  }
  if (r->status == STOA_OK) {
    r->handler(&statement, r->data);
  }
}

static const char *parser_name(const char *path)
{
  static const struct {
    const char *ending, *name;
  } names[] = {{".ttl", "turtle"}, {".n3", "turtle"},  {".nt", "ntriples"}, {".nq", "nquads"},
               {".trig", "trig"},  {".rdf", "rdfxml"}, {".owl", "rdfxml"},  {".xml", "rdfxml"}};
  const char *const dot = strrchr(path, '.');
  for (size_t i = 0; dot && i < sizeof names / sizeof *names; ++i) {
    if (strcasecmp(dot, names[i].ending) == 0) {
      return names[i].name;
    }
  }
  return NULL;
}

// N-Triples and N-Quads line by line: plain lines are read here, five times as fast as raptor does; raptor
// reads every other line, and tells what is wrong with it.
static stoa_status parse_lines(reader *r, raptor_world *world, bool quads)
{
  stoa_slice text;
  raptor_uri *const base = raptor_new_uri(world, (const unsigned char *)"http://lines.invalid/");
  STOA_TRY(stoa_file_map(r->path, &text, r->err));
  raptor_parser_parse_start(r->parser, base);
  const char *at = text.data, *const end = text.data + text.length;
  while (at < end && r->status == STOA_OK) {
    const char *const newline = memchr(at, '\n', (size_t)(end - at));
    const char *const stop = newline ? newline : end;
    const size_t n = (size_t)(stop - at) - (stop > at && stop[-1] == '\r');
    stoa_statement st = {.place = {r->path, ++r->line, 1}};
    stoa_arena_reset(&r->arena);
    if (stoa_rdf_plain_line((stoa_slice){at, n}, quads, &r->arena, &st)) {
      r->handler(&st, r->data);
    } else if (n > 0 &&
               (raptor_parser_parse_chunk(r->parser, (const unsigned char *)at, n, 0) != 0 ||
                raptor_parser_parse_chunk(r->parser, (const unsigned char *)"\n", 1, 0) != 0) &&
               r->status == STOA_OK) {
      r->status = stoa_error_at(r->err, STOA_BAD_SYNTAX, (stoa_place){r->path, r->line, 1}, "cannot be read");
    }
    at = stop + 1;
  }
  if (r->status == STOA_OK) {
    raptor_parser_parse_chunk(r->parser, NULL, 0, 1);
  }
  raptor_free_uri(base);
  stoa_file_unmap(text);
  return r->status;
}

static stoa_status parse_file(reader *r, raptor_world *world, const char *base)
{
  unsigned char *const path = raptor_uri_filename_to_uri_string(r->path);
  raptor_uri *const file = raptor_new_uri(world, path);
  raptor_uri *const base_uri = raptor_new_uri(world, base ? (const unsigned char *)base : path);
  if (raptor_parser_parse_file(r->parser, file, base_uri) != 0 && r->status == STOA_OK) {
    r->status = stoa_error_at(r->err, STOA_BAD_SYNTAX, (stoa_place){r->path, 1, 1}, "cannot be read");
  }
  raptor_free_uri(base_uri);
  raptor_free_uri(file);
  raptor_free_memory(path);
  return r->status;
}

static stoa_status parse_text(reader *r, raptor_world *world, const char *base, stoa_slice text)
{
  raptor_uri *const base_uri = raptor_new_uri(world, (const unsigned char *)base);
  const bool bad = raptor_parser_parse_start(r->parser, base_uri) != 0 ||
                   raptor_parser_parse_chunk(r->parser, (const unsigned char *)text.data, text.length, 1) != 0;
  if (bad && r->status == STOA_OK) {
    r->status = stoa_error_at(r->err, STOA_BAD_SYNTAX, (stoa_place){r->path, 1, 1}, "cannot be read");
  }
  raptor_free_uri(base_uri);
  return r->status;
}

static stoa_status read_in_world(reader *r, const char *syntax, const char *base, const stoa_slice *text)
{
  raptor_world *const world = raptor_new_world();
  if (!world || raptor_world_open(world) != 0) {
    return stoa_error_set(r->err, STOA_NO_MEM, "raptor cannot start");
  }
  stoa_arena_init(&r->arena, 0);
  raptor_world_set_log_handler(world, r, on_log);
  r->xml = strcmp(syntax, "rdfxml") == 0;
  r->parser = raptor_new_parser(world, syntax);
  if (r->parser) {
    raptor_parser_set_option(r->parser, RAPTOR_OPTION_NO_NET, NULL, 1);
    raptor_parser_set_statement_handler(r->parser, r, on_statement);
    const bool triples = !text && strcmp(syntax, "ntriples") == 0, quads = !text && strcmp(syntax, "nquads") == 0;
    r->status = text               ? parse_text(r, world, base, *text)
                : triples || quads ? parse_lines(r, world, quads)
                                   : parse_file(r, world, base);
    raptor_free_parser(r->parser);
  } else {
    r->status = stoa_error_set(r->err, STOA_INTERNAL, "no raptor parser \"%s\"", syntax);
  }
  raptor_free_world(world);
  stoa_arena_done(&r->arena);
  return r->status;
}

static stoa_status read_with(reader *r, const char *syntax, const char *base, const stoa_slice *text)
{
  stoa_worlds_enter();
  const stoa_status status = read_in_world(r, syntax, base, text);
  stoa_worlds_leave();
  return status;
}

stoa_status stoa_rdf_read(const char *path, const char *base, stoa_statement_handler handler, void *data,
                          stoa_error *err)
{
  const stoa_place place = {path, 0, 0};
  const char *const name = parser_name(path);
  if (access(path, R_OK) != 0) {
    return stoa_error_at(err, STOA_NOT_FOUND, place, "no such file");
  }
  if (!name) {
    return stoa_error_at(err, STOA_UNSUPPORTED, place,
                         "the ending tells no RDF syntax; use .ttl, .nt, .nq, .trig or .rdf");
  }
  reader r = {.path = path, .handler = handler, .data = data, .err = err};
  return read_with(&r, name, base, NULL);
}

stoa_status stoa_rdf_read_text(stoa_slice text, const char *name, const char *base, stoa_statement_handler handler,
                               void *data, stoa_error *err)
{
  reader r = {.path = name, .handler = handler, .data = data, .err = err};
  return read_with(&r, "turtle", base, &text);
}
