#ifndef STOA_GRAPH_SPARQL_LEXER_H
#define STOA_GRAPH_SPARQL_LEXER_H

#include "graph/base/arena.h"
#include "graph/base/error.h"

typedef enum {
  STOA_TOKEN_END,
  STOA_TOKEN_IRI,   ///< text: without < >
  STOA_TOKEN_NAME,  ///< prefix:local; text: prefix, more: local (escapes taken out)
  STOA_TOKEN_BLANK, ///< _:label; text: label
  STOA_TOKEN_VAR,   ///< ?x or $x; text: x
  STOA_TOKEN_LANG,  ///< @en; text: en
  STOA_TOKEN_INTEGER,
  STOA_TOKEN_DECIMAL,
  STOA_TOKEN_DOUBLE,
  STOA_TOKEN_STRING, ///< text: the value
  STOA_TOKEN_WORD,   ///< a keyword
  STOA_TOKEN_SIGN,   ///< punctuation, one or two characters
  STOA_TOKEN_BAD     ///< text: what is wrong
} stoa_token_kind;

typedef struct {
  stoa_token_kind kind;
  stoa_slice text, more, raw; ///< raw: as written
  stoa_place place;
  uint32_t constant; ///< of IRIs in < >, strings and numbers: which of the text's constants it is, from 1
} stoa_token;

typedef struct {
  const char *at, *end;
  const char *counted; ///< up to here `column` counts code points of the line
  int line, column;
  uint32_t n_constants;
  const char *file;
  stoa_arena *arena;
} stoa_lexer;

/// True for tokens that stand for a term by themselves: IRIs in < >, strings and numbers.
static inline bool stoa_token_is_constant(stoa_token_kind kind)
{
  return kind == STOA_TOKEN_IRI || kind == STOA_TOKEN_STRING ||
         (kind >= STOA_TOKEN_INTEGER && kind <= STOA_TOKEN_DOUBLE);
}
/// Start at the beginning of `text`, whose code-point escapes (section 19.2) are decoded here, once.
/// Refuse a text that is no UTF-8, with the place of the first byte that is none: STOA_BAD_SYNTAX.
stoa_status stoa_lexer_check(stoa_slice text, const char *file, stoa_error *err);
void stoa_lexer_init(stoa_lexer *lexer, stoa_slice text, const char *file, stoa_arena *arena);
/// Return every word of the grammar, functions included, in capitals.
const char *const *stoa_lexer_keywords(size_t *n);
/// Return the next token.
stoa_token stoa_lexer_next(stoa_lexer *lexer);

#endif
