// The query as a whole: prologue, form, and the end of the text.
#include "graph/sparql/parser.h"
#include "graph/sparql/parser_internal.h"

static stoa_status read_prologue(stoa_parser *p)
{
  for (;;) {
    if (stoa_parser_is_word(p, "BASE")) {
      STOA_TRY(stoa_parser_step(p));
      if (p->token.kind != STOA_TOKEN_IRI) {
        return stoa_parser_expected(p, "an IRI in < >");
      }
      stoa_term base;
      STOA_TRY(stoa_parser_iri(p, &base));
      p->base = stoa_arena_copy(p->arena, stoa_term_text(base));
    } else if (stoa_parser_is_word(p, "PREFIX")) {
      STOA_TRY(stoa_parser_step(p));
      if (p->token.kind != STOA_TOKEN_NAME || p->token.more.length) {
        return stoa_parser_expected(p, "a prefix such as ex:");
      }
      const stoa_slice prefix = p->token.text;
      STOA_TRY(stoa_parser_step(p));
      if (p->token.kind != STOA_TOKEN_IRI) {
        return stoa_parser_expected(p, "an IRI in < >");
      }
      stoa_term space;
      STOA_TRY(stoa_parser_iri(p, &space));
      stoa_slice *const value = STOA_NEW(p->arena, stoa_slice);
      *value = stoa_term_text(space);
      stoa_map_add(&p->prefixes, p->arena, prefix, value);
    } else {
      return STOA_OK;
    }
  }
}

static stoa_status read_construct(stoa_parser *p, stoa_query *query)
{
  stoa_patterns patterns = {0};
  const stoa_node *others = NULL;
  STOA_TRY(stoa_parser_step(p));
  const bool is_short = stoa_parser_is_word(p, "WHERE");
  if (!is_short) {
    STOA_TRY(stoa_parser_sign(p, "{"));
    while (!stoa_parser_is_sign(p, "}")) {
      STOA_TRY(stoa_parser_triples(p, &patterns, &others, true));
      if (!stoa_parser_is_sign(p, ".")) {
        break;
      }
      STOA_TRY(stoa_parser_step(p));
    }
    STOA_TRY(stoa_parser_sign(p, "}"));
    p->blanks = (stoa_map){0};
  }
  if (stoa_parser_is_word(p, "FROM")) {
    return stoa_parser_refuse(p, "FROM");
  }
  if (stoa_parser_is_word(p, "WHERE")) {
    STOA_TRY(stoa_parser_step(p));
  }
  STOA_TRY(stoa_parser_group(p, &query->root));
  if (is_short) {
    if (query->root->kind != STOA_NODE_BGP) {
      return stoa_error_at(p->err, STOA_BAD_SYNTAX, query->root->place,
                           "CONSTRUCT WHERE takes plain triples; write CONSTRUCT { ... } WHERE { ... }");
    }
    query->construct = query->root->patterns;
    query->n_construct = query->root->n_patterns;
  } else {
    query->construct = patterns.items;
    query->n_construct = patterns.n;
  }
  query->form = STOA_FORM_CONSTRUCT;
  return stoa_parser_modifiers(p, &query->root);
}

static stoa_status read_ask(stoa_parser *p, stoa_query *query)
{
  STOA_TRY(stoa_parser_step(p));
  if (stoa_parser_is_word(p, "FROM")) {
    return stoa_parser_refuse(p, "FROM");
  }
  if (stoa_parser_is_word(p, "WHERE")) {
    STOA_TRY(stoa_parser_step(p));
  }
  query->form = STOA_FORM_ASK;
  STOA_TRY(stoa_parser_group(p, &query->root));
  return stoa_parser_modifiers(p, &query->root);
}

static stoa_status read_form(stoa_parser *p, stoa_query *query)
{
  if (stoa_parser_is_word(p, "SELECT")) {
    return stoa_parser_select(p, false, query, &query->root);
  }
  if (stoa_parser_is_word(p, "ASK")) {
    return read_ask(p, query);
  }
  if (stoa_parser_is_word(p, "CONSTRUCT")) {
    return read_construct(p, query);
  }
  if (stoa_parser_is_word(p, "DESCRIBE")) {
    return stoa_parser_refuse(p, "DESCRIBE");
  }
  static const char *const updates[] = {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE",
                                        "COPY",   "MOVE",   "ADD",  "WITH",  NULL};
  for (size_t i = 0; updates[i]; ++i) {
    if (stoa_parser_is_word(p, updates[i])) {
      return stoa_error_at(p->err, STOA_BAD_SYNTAX, p->token.place, "%s is an update, not a query", updates[i]);
    }
  }
  return stoa_parser_expected(p, "SELECT, ASK or CONSTRUCT");
}

stoa_status stoa_query_read(stoa_slice text, const char *file, const char *base, stoa_arena *arena,
                            const stoa_query **out, stoa_error *err)
{
  stoa_map scope = {0};
  stoa_parser p = {.arena = arena, .err = err, .scope = &scope, .base = base, .graph = {.var = STOA_NO_VAR}};
  stoa_query *const query = STOA_NEW(arena, stoa_query);
  stoa_lexer_init(&p.lexer, text, stoa_arena_copy(arena, stoa_slice_of(file)), arena);
  STOA_TRY(stoa_parser_step(&p));
  STOA_TRY(read_prologue(&p));
  STOA_TRY(read_form(&p, query));
  if (stoa_parser_is_word(&p, "VALUES")) {
    const stoa_node *values;
    STOA_TRY(stoa_parser_step(&p));
    STOA_TRY(stoa_parser_values(&p, &values));
    query->root = stoa_parser_join(&p, query->root, values);
  }
  if (p.token.kind != STOA_TOKEN_END) {
    return stoa_parser_expected(&p, "the end of the query");
  }
  query->file = p.lexer.file;
  query->names = p.names.items;
  query->n_vars = p.names.n;
  *out = query;
  return STOA_OK;
}
