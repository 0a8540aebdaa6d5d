// What a text that does not parse was probably meant to be: the usual slips, by the token that was found and what stood
// in its place.
#include "graph/base/file.h"
#include "graph/sparql/parser_internal.h"
#include "graph/term/vocab.h"
#include <ctype.h>
#include <stdio.h>
#include <strings.h>

enum { MOST_WORD = 32 };

static bool is_any(const char *word, const char *const *list)
{
  bool found = false;
  for (; *list && !found; ++list) {
    found = strcmp(word, *list) == 0;
  }
  return found;
}

static const char *of_word(const char *word, const char *expected, stoa_arena *arena)
{
  static const char *const aggregates[] = {"COUNT", "SUM", "MIN", "MAX", "AVG", "GROUP_CONCAT", "SAMPLE", NULL};
  size_t n_words;
  const char *const *const words = stoa_lexer_keywords(&n_words);
  const char *const near = stoa_nearest(word, words, n_words);
  if (strcmp(word, "AND") == 0 || strcmp(word, "OR") == 0) {
    return word[0] == 'A' ? "write && for and" : "write || for or";
  }
  if (strstr(expected, "a variable, an expression or *") && is_any(word, aggregates)) {
    return stoa_arena_print(arena, "a computed column stands in brackets with a name: (%s(...) AS ?name)", word);
  }
  if (strncmp(expected, "a prefix", 8) == 0) {
    return "a prefix ends with a colon";
  }
  if (strcmp(expected, "an IRI") == 0) {
    return "a name has a prefix, as in ex:name, or stands in < >";
  }
  return near && strcmp(near, word) != 0 ? stoa_arena_print(arena, "did you mean %s?", near) : NULL;
}

// An IRI token would have ended with ">".
static const char *of_less_than(const stoa_parser *p)
{
  const char *const at = p->token.raw.data, *const end = p->lexer.end;
  const char *stop = at + 1;
  while (stop < end && *stop != '>' && *stop != ' ' && *stop != '\n' && !strchr("\"{}|^`\\", *stop)) {
    ++stop;
  }
  return stop < end && *stop == '>' ? NULL
                                    : "an IRI ends with \">\" and holds neither spaces nor any of \" { } | \\ ^ `";
}

const char *stoa_parser_hint(const stoa_parser *p, const char *expected)
{
  char word[MOST_WORD];
  const stoa_slice raw = p->token.raw;
  if (p->token.kind == STOA_TOKEN_WORD && raw.length < sizeof word) {
    for (size_t i = 0; i <= raw.length; ++i) {
      word[i] = i < raw.length ? (char)toupper((unsigned char)raw.data[i]) : '\0';
    }
    return of_word(word, expected, p->arena);
  }
  if (p->token.kind != STOA_TOKEN_SIGN) {
    return p->token.kind == STOA_TOKEN_VAR && strcmp(expected, "\"{\"") == 0 ? "a pattern stands in { }" : NULL;
  }
  if (raw.data[0] == '<' && strstr(expected, "an IRI")) {
    return of_less_than(p);
  }
  if (raw.data[0] == '=' && strcmp(expected, "an expression") == 0 && raw.data[-1] == '=') {
    return "SPARQL compares with one \"=\"";
  }
  if (strcmp(expected, "AS") == 0) {
    return "a computed column needs a name: (expression AS ?name)";
  }
  return raw.data[0] == '}' && strstr(expected, "the end of") ? "there is one \"}\" too many" : NULL;
}

const char *stoa_parser_known_prefix(stoa_slice prefix)
{
  static const char *const known[][2] = {{"rdf", STOA_RDF},
                                         {"rdfs", "http://www.w3.org/2000/01/rdf-schema#"},
                                         {"owl", "http://www.w3.org/2002/07/owl#"},
                                         {"xsd", STOA_XSD},
                                         {"foaf", "http://xmlns.com/foaf/0.1/"},
                                         {"skos", "http://www.w3.org/2004/02/skos/core#"},
                                         {"dc", "http://purl.org/dc/elements/1.1/"},
                                         {"dcterms", "http://purl.org/dc/terms/"},
                                         {"schema", "http://schema.org/"},
                                         {"prov", "http://www.w3.org/ns/prov#"},
                                         {"geo", "http://www.opengis.net/ont/geosparql#"}};
  for (size_t i = 0; i < sizeof known / sizeof *known; ++i) {
    if (stoa_slice_is(prefix, known[i][0])) {
      return known[i][1];
    }
  }
  return "...";
}
