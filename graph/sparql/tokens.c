// What every part of the grammar needs: stepping, expecting, names, IRIs and literals.
#include "graph/base/iri.h"
#include "graph/sparql/parser_internal.h"
#include "graph/term/equality.h"
#include "graph/term/vocab.h"
#include <ctype.h>
#include <stdio.h>
#include <strings.h>

stoa_status stoa_parser_size(stoa_parser *p)
{
  const stoa_parser_counts *const c = &p->counts;
  const struct {
    uint32_t n, most;
    const char *what;
  } limits[] = {{c->operators, STOA_QUERY_MOST_OPERATORS, "operators of graph patterns and paths"},
                {c->patterns, STOA_QUERY_MOST_PATTERNS, "triple patterns"},
                {c->variables, STOA_QUERY_MOST_VARIABLES, "variables"},
                {c->arithmetic, STOA_QUERY_MOST_ARITHMETIC, "operators + - * /"},
                {c->calls, STOA_QUERY_MOST_CALLS, "operators and functions in expressions"},
                {c->graphs, STOA_QUERY_MOST_GRAPHS, "graphs in FROM or USING"}};
  for (size_t i = 0; i < sizeof limits / sizeof *limits; ++i) {
    if (limits[i].n > limits[i].most) {
      return stoa_error_at(p->err, STOA_TOO_LARGE, p->token.place,
                           "a query may have %u %s, and here this one has more; ask in parts, and give lists of terms "
                           "as VALUES or IN",
                           limits[i].most, limits[i].what);
    }
  }
  return STOA_OK;
}

stoa_status stoa_parser_step(stoa_parser *p)
{
  STOA_TRY(stoa_parser_size(p));
  p->token = stoa_lexer_next(&p->lexer);
  if (p->token.kind == STOA_TOKEN_BAD) {
    return stoa_error_at(p->err, STOA_BAD_SYNTAX, p->token.place, "%.*s at \"%.*s\"", (int)p->token.text.length,
                         p->token.text.data, (int)(p->token.raw.length > 20 ? 20 : p->token.raw.length),
                         p->token.raw.data);
  }
  return STOA_OK;
}

stoa_status stoa_parser_expected(stoa_parser *p, const char *what)
{
  if (p->token.kind == STOA_TOKEN_END) {
    return stoa_error_at(p->err, STOA_BAD_SYNTAX, p->token.place, "%s expected, but the text ends", what);
  }
  const int length = (int)(p->token.raw.length > 40 ? 40 : p->token.raw.length);
  const char *const hint = stoa_parser_hint(p, what);
  return stoa_error_at(p->err, STOA_BAD_SYNTAX, p->token.place, "%s expected, found \"%.*s\"%s%s", what, length,
                       p->token.raw.data, hint ? "; " : "", hint ? hint : "");
}

stoa_status stoa_parser_refuse(stoa_parser *p, const char *what)
{
  return stoa_error_at(p->err, STOA_UNSUPPORTED, p->token.place, "%s is not supported yet", what);
}

bool stoa_parser_is_sign(const stoa_parser *p, const char *sign)
{
  return p->token.kind == STOA_TOKEN_SIGN && stoa_slice_is(p->token.raw, sign);
}

bool stoa_parser_is_word(const stoa_parser *p, const char *word)
{
  return p->token.kind == STOA_TOKEN_WORD && strlen(word) == p->token.raw.length &&
         strncasecmp(p->token.raw.data, word, p->token.raw.length) == 0;
}

stoa_status stoa_parser_sign(stoa_parser *p, const char *sign)
{
  if (!stoa_parser_is_sign(p, sign)) {
    char what[16];
    snprintf(what, sizeof what, "\"%s\"", sign);
    return stoa_parser_expected(p, what);
  }
  return stoa_parser_step(p);
}

stoa_status stoa_parser_word(stoa_parser *p, const char *word)
{
  return stoa_parser_is_word(p, word) ? stoa_parser_step(p) : stoa_parser_expected(p, word);
}

static stoa_status undeclared(stoa_parser *p)
{
  const stoa_slice name = p->token.text;
  if (stoa_slice_is(name, "http") || stoa_slice_is(name, "https") || stoa_slice_is(name, "urn")) {
    return stoa_error_at(p->err, STOA_BAD_SYNTAX, p->token.place, "an IRI stands in < >, as in <%.*s:...>",
                         (int)name.length, name.data);
  }
  return stoa_error_at(p->err, STOA_BAD_SYNTAX, p->token.place,
                       "prefix \"%.*s:\" is not declared; add a line \"PREFIX %.*s: <%s>\"", (int)name.length,
                       name.data, (int)name.length, name.data, stoa_parser_known_prefix(name));
}

uint32_t stoa_parser_constant(stoa_parser *p, stoa_term term)
{
  const uint32_t number = p->constant;
  uint32_t same = 0;
  if (number == 0 || number > STOA_MOST_CONSTANTS) {
    return 0;
  }
  while (p->constants.n < number) {
    STOA_PUSH(p->arena, &p->constants, (stoa_constant){0});
  }
  for (uint32_t i = 0; i + 1 < number && !same; ++i) {
    const stoa_constant *const other = &p->constants.items[i];
    same = stoa_term_is_bound(other->term) && !other->same && stoa_term_same(other->term, term) ? i + 1 : 0;
  }
  p->constants.items[number - 1] = (stoa_constant){term, same};
  return same ? same : number;
}

stoa_status stoa_parser_iri(stoa_parser *p, stoa_term *out)
{
  p->constant = p->token.kind == STOA_TOKEN_IRI ? p->token.constant : 0;
  if (p->token.kind == STOA_TOKEN_IRI) {
    *out = stoa_term_iri(stoa_iri_resolve(p->base, stoa_arena_slice(p->arena, p->token.text), p->arena));
    return stoa_parser_step(p);
  }
  if (p->token.kind != STOA_TOKEN_NAME) {
    return stoa_parser_expected(p, "an IRI");
  }
  const stoa_slice *const space = stoa_map_find(&p->prefixes, p->token.text);
  if (!space) {
    return undeclared(p);
  }
  *out = stoa_term_iri(stoa_slice_of(stoa_arena_print(p->arena, "%.*s%.*s", (int)space->length, space->data,
                                                      (int)p->token.more.length, p->token.more.data)));
  return stoa_parser_step(p);
}

bool stoa_parser_at_literal(const stoa_parser *p)
{
  switch (p->token.kind) {
    case STOA_TOKEN_STRING:
    case STOA_TOKEN_INTEGER:
    case STOA_TOKEN_DECIMAL:
    case STOA_TOKEN_DOUBLE:
      return true;
    case STOA_TOKEN_WORD:
      return stoa_parser_is_word(p, "true") || stoa_parser_is_word(p, "false");
    default:
      return false;
  }
}

static stoa_status read_number(stoa_parser *p, stoa_term *out)
{
  const stoa_token_kind kind = p->token.kind;
  const char *const type = kind == STOA_TOKEN_INTEGER   ? STOA_XSD "integer"
                           : kind == STOA_TOKEN_DECIMAL ? STOA_XSD "decimal"
                                                        : STOA_XSD "double";
  *out = stoa_term_literal(p->arena, stoa_arena_slice(p->arena, p->token.raw), stoa_slice_of(type));
  return stoa_parser_step(p);
}

static stoa_status read_string(stoa_parser *p, stoa_term *out)
{
  const stoa_slice text = stoa_arena_slice(p->arena, p->token.text);
  STOA_TRY(stoa_parser_step(p));
  if (p->token.kind == STOA_TOKEN_LANG) {
    *out = stoa_term_lang(p->arena, text, stoa_arena_slice(p->arena, p->token.text));
    return stoa_parser_step(p);
  }
  if (stoa_parser_is_sign(p, "^^")) {
    stoa_term type;
    STOA_TRY(stoa_parser_step(p));
    STOA_TRY(stoa_parser_iri(p, &type));
    *out = stoa_term_literal(p->arena, text, stoa_term_text(type));
    return STOA_OK;
  }
  *out = stoa_term_string(text);
  return STOA_OK;
}

static stoa_status read_literal(stoa_parser *p, stoa_term *out)
{
  if (p->token.kind == STOA_TOKEN_STRING) {
    return read_string(p, out);
  }
  if (p->token.kind == STOA_TOKEN_WORD) {
    *out = stoa_term_boolean(stoa_parser_is_word(p, "true"));
    return stoa_parser_step(p);
  }
  return read_number(p, out);
}

stoa_status stoa_parser_literal(stoa_parser *p, stoa_term *out)
{
  const uint32_t constant = p->token.constant;
  const stoa_status status = read_literal(p, out);
  p->constant = constant;
  return status;
}

static stoa_var name_add(stoa_parser *p, const char *name)
{
  STOA_PUSH(p->arena, &p->names, name);
  return p->names.n - 1;
}

stoa_var stoa_parser_var(stoa_parser *p, stoa_slice name)
{
  const uintptr_t known = (uintptr_t)stoa_map_find(p->scope, name);
  if (known) {
    return (stoa_var)(known - 1);
  }
  p->counts.variables++;
  const stoa_var var = name_add(p, stoa_arena_copy(p->arena, name));
  stoa_map_add(p->scope, p->arena, name, (void *)(uintptr_t)(var + 1));
  return var;
}

stoa_var stoa_parser_fresh(stoa_parser *p, const char *prefix)
{
  return name_add(p, stoa_arena_print(p->arena, "%s%u", prefix, p->names.n));
}

stoa_node *stoa_parser_node(stoa_parser *p, stoa_node_kind kind, const stoa_node *a, const stoa_node *b)
{
  stoa_node *const node = STOA_NEW(p->arena, stoa_node);
  p->counts.operators++;
  node->kind = kind;
  node->place = p->token.place;
  node->inputs[0] = a;
  node->inputs[1] = b;
  node->limit = UINT64_MAX;
  return node;
}

const stoa_node *stoa_parser_join(stoa_parser *p, const stoa_node *a, const stoa_node *b)
{
  if (!a || a->kind == STOA_NODE_UNIT) {
    return b;
  }
  if (!b || b->kind == STOA_NODE_UNIT) {
    return a;
  }
  return stoa_parser_node(p, STOA_NODE_JOIN, a, b);
}

stoa_expr *stoa_parser_call(stoa_parser *p, stoa_function function, stoa_place place, const stoa_expr *a,
                            const stoa_expr *b)
{
  stoa_expr *const e = STOA_NEW(p->arena, stoa_expr);
  p->counts.calls++;
  p->asks_when |= function == STOA_FN_NOW;
  p->counts.arithmetic += function >= STOA_FN_ADD && function <= STOA_FN_DIVIDE;
  e->kind = STOA_EXPR_CALL;
  e->place = place;
  e->function = function;
  e->args = STOA_NEWS(p->arena, const stoa_expr *, 2);
  e->args[0] = a;
  e->args[1] = b;
  e->n_args = b ? 2 : a ? 1 : 0;
  return e;
}
