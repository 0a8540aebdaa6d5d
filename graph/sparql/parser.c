// The query as a whole: prologue, form, and the end of the text.
#include "graph/sparql/parser.h"
#include "graph/sparql/parser_internal.h"

stoa_status stoa_parser_prologue(stoa_parser *p)
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

typedef STOA_LIST(stoa_term) term_list;

stoa_status stoa_parser_dataset(stoa_parser *p, const char *word, stoa_query *query)
{
  term_list plain = {0}, named = {0};
  while (stoa_parser_is_word(p, word)) {
    stoa_term iri;
    p->counts.graphs++;
    STOA_TRY(stoa_parser_step(p));
    const bool is_named = stoa_parser_is_word(p, "NAMED");
    if (is_named) {
      STOA_TRY(stoa_parser_step(p));
    }
    STOA_TRY(stoa_parser_iri(p, &iri));
    if (is_named) {
      STOA_PUSH(p->arena, &named, iri);
    } else {
      STOA_PUSH(p->arena, &plain, iri);
    }
  }
  query->from = plain.items;
  query->n_from = plain.n;
  query->from_named = named.items;
  query->n_from_named = named.n;
  return STOA_OK;
}

static stoa_status read_where(stoa_parser *p, stoa_query *query)
{
  STOA_TRY(stoa_parser_dataset(p, "FROM", query));
  if (stoa_parser_is_word(p, "WHERE")) {
    STOA_TRY(stoa_parser_step(p));
  }
  return stoa_parser_group(p, &query->root);
}

static stoa_status read_construct(stoa_parser *p, stoa_query *query)
{
  stoa_patterns patterns = {0};
  STOA_TRY(stoa_parser_step(p));
  const bool is_short = !stoa_parser_is_sign(p, "{");
  if (!is_short) {
    p->bgp = ++p->n_bgps;
    STOA_TRY(stoa_parser_sign(p, "{"));
    STOA_TRY(stoa_parser_template(p, &patterns));
    STOA_TRY(stoa_parser_sign(p, "}"));
    p->blanks = (stoa_map){0};
  } else if (!stoa_parser_is_word(p, "WHERE") && !stoa_parser_is_word(p, "FROM")) {
    return stoa_parser_expected(p, "{ or WHERE");
  }
  STOA_TRY(read_where(p, query));
  if (is_short) {
    const stoa_node *const root = query->root;
    const bool plain = root->kind == STOA_NODE_BGP && root->patterns[0].graph.var == STOA_NO_VAR &&
                       !stoa_term_is_bound(root->patterns[0].graph.term);
    if (!plain && root->kind != STOA_NODE_UNIT) {
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
  query->form = STOA_FORM_ASK;
  STOA_TRY(read_where(p, query));
  return stoa_parser_modifiers(p, &query->root);
}

// One resource to describe: what the group tells of it, joined with its triples.
static const stoa_node *described(stoa_parser *p, const stoa_node *group, stoa_slot slot, const stoa_pattern *triple)
{
  stoa_node *const bgp = stoa_parser_node(p, STOA_NODE_BGP, NULL, NULL);
  bgp->patterns = triple;
  bgp->n_patterns = 1;
  const stoa_node *who;
  if (slot.var == STOA_NO_VAR) {
    stoa_node *const values = stoa_parser_node(p, STOA_NODE_VALUES, NULL, NULL);
    stoa_term *const row = STOA_NEW(p->arena, stoa_term);
    stoa_var *const var = STOA_NEW(p->arena, stoa_var);
    *row = slot.term;
    *var = triple->subject.var;
    values->vars = var;
    values->rows = row;
    values->n_vars = values->n_rows = 1;
    who = values;
  } else {
    stoa_node *const same = stoa_parser_node(p, STOA_NODE_EXTEND, group, NULL);
    stoa_expr *const var = STOA_NEW(p->arena, stoa_expr);
    *var = (stoa_expr){.kind = STOA_EXPR_VAR, .var = slot.var};
    same->var = triple->subject.var;
    same->expr = var;
    stoa_node *const project = stoa_parser_node(p, STOA_NODE_PROJECT, same, NULL);
    stoa_var *const vars = STOA_NEW(p->arena, stoa_var);
    *vars = triple->subject.var;
    project->vars = vars;
    project->n_vars = 1;
    who = stoa_parser_node(p, STOA_NODE_DISTINCT, project, NULL);
  }
  return stoa_parser_join(p, who, bgp);
}

typedef STOA_LIST(stoa_slot) slot_list;

static stoa_status read_described(stoa_parser *p, slot_list *list, bool *all)
{
  STOA_TRY(stoa_parser_step(p));
  *all = stoa_parser_is_sign(p, "*");
  if (*all) {
    return stoa_parser_step(p);
  }
  while (p->token.kind == STOA_TOKEN_VAR || p->token.kind == STOA_TOKEN_IRI || p->token.kind == STOA_TOKEN_NAME) {
    stoa_slot slot = {.var = STOA_NO_VAR};
    if (p->token.kind == STOA_TOKEN_VAR) {
      slot.var = stoa_parser_var(p, p->token.text);
      STOA_TRY(stoa_parser_step(p));
    } else {
      STOA_TRY(stoa_parser_iri(p, &slot.term));
    }
    STOA_PUSH(p->arena, list, slot);
  }
  return list->n ? STOA_OK : stoa_parser_expected(p, "what to describe: an IRI, a variable or *");
}

// The same for nodes that are known only when the answer is written (describe.c).
static const stoa_node *closure_of(stoa_parser *p, const stoa_pattern *triple)
{
  stoa_node *const bgp = stoa_parser_node(p, STOA_NODE_BGP, NULL, NULL);
  stoa_node *const values = stoa_parser_node(p, STOA_NODE_VALUES, NULL, NULL);
  stoa_var *const var = STOA_NEW(p->arena, stoa_var);
  *var = triple->subject.var;
  bgp->patterns = triple;
  bgp->n_patterns = 1;
  values->vars = var;
  values->n_vars = 1;
  values->slot = 1;
  values->slot_many = true;
  return stoa_parser_join(p, values, bgp);
}

// DESCRIBE gives the triples whose subject is the resource, and those of blank nodes within (section 16.4 leaves the
// choice to the engine).
static stoa_status read_describe(stoa_parser *p, stoa_query *query)
{
  slot_list list = {0};
  bool all;
  query->form = STOA_FORM_DESCRIBE;
  STOA_TRY(read_described(p, &list, &all));
  STOA_TRY(stoa_parser_dataset(p, "FROM", query));
  query->root = stoa_parser_node(p, STOA_NODE_UNIT, NULL, NULL);
  if (stoa_parser_is_word(p, "WHERE") || stoa_parser_is_sign(p, "{")) {
    STOA_TRY(read_where(p, query));
  }
  STOA_TRY(stoa_parser_modifiers(p, &query->root));
  if (all) {
    bool *const seen = STOA_NEWS(p->arena, bool, p->names.n + 1);
    stoa_node_vars(query->root, seen);
    for (stoa_var v = 0; v < p->names.n; ++v) {
      const stoa_slot slot = {.var = v};
      if (seen[v] && strncmp(p->names.items[v], "_:", 2) != 0) {
        STOA_PUSH(p->arena, &list, slot);
      }
    }
  }
  stoa_pattern *const triple = STOA_NEW(p->arena, stoa_pattern);
  *triple = (stoa_pattern){.graph = p->graph, .place = p->token.place};
  triple->subject.var = stoa_parser_fresh(p, "_:s");
  triple->predicate.var = stoa_parser_fresh(p, "_:p");
  triple->object.var = stoa_parser_fresh(p, "_:o");
  const stoa_node *const group = query->root;
  query->root = NULL;
  for (uint32_t i = 0; i < list.n; ++i) {
    const stoa_node *const one = described(p, group, list.items[i], triple);
    query->root = query->root ? stoa_parser_node(p, STOA_NODE_UNION, query->root, one) : one;
  }
  query->root = query->root ? query->root : group;
  query->closure = closure_of(p, triple);
  query->construct = triple;
  query->n_construct = list.n ? 1 : 0;
  return STOA_OK;
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
    return read_describe(p, query);
  }
  static const char *const updates[] = {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE",
                                        "COPY",   "MOVE",   "ADD",  "WITH",  NULL};
  for (size_t i = 0; updates[i]; ++i) {
    if (stoa_parser_is_word(p, updates[i])) {
      return stoa_error_at(p->err, STOA_BAD_SYNTAX, p->token.place, "%s is an update, not a query", updates[i]);
    }
  }
  return stoa_parser_expected(p, "SELECT, ASK, CONSTRUCT or DESCRIBE");
}

static void list_prefixes(const stoa_parser *p, stoa_query *query)
{
  stoa_prefix *const list = STOA_NEWS(p->arena, stoa_prefix, p->prefixes.n + 1);
  for (uint32_t i = 0; i < p->prefixes.n_slots; ++i) {
    const stoa_map_slot *const slot = &p->prefixes.slots[i];
    if (slot->value) {
      list[query->n_prefixes++] = (stoa_prefix){slot->key, *(const stoa_slice *)slot->value};
    }
  }
  query->prefixes = list;
}

static const stoa_term *graph_terms(stoa_parser *p, const stoa_slice *iris, uint32_t n)
{
  stoa_term *const terms = STOA_NEWS(p->arena, stoa_term, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    terms[i] = stoa_term_iri(stoa_arena_slice(p->arena, iris[i]));
  }
  return terms;
}

static stoa_status replace_dataset(stoa_parser *p, const stoa_dataset *dataset, stoa_query *query)
{
  if (!dataset || dataset->n_graphs + dataset->n_named == 0) {
    return STOA_OK;
  }
  p->counts.graphs += dataset->n_graphs + dataset->n_named;
  query->from = graph_terms(p, dataset->graphs, dataset->n_graphs);
  query->n_from = dataset->n_graphs;
  query->from_named = graph_terms(p, dataset->named, dataset->n_named);
  query->n_from_named = dataset->n_named;
  return stoa_parser_size(p);
}

stoa_form stoa_query_form(stoa_slice text)
{
  static const char *const words[] = {[STOA_FORM_SELECT] = "SELECT",
                                      [STOA_FORM_ASK] = "ASK",
                                      [STOA_FORM_CONSTRUCT] = "CONSTRUCT",
                                      [STOA_FORM_DESCRIBE] = "DESCRIBE"};
  stoa_parser p = {0};
  stoa_arena arena;
  stoa_form form = STOA_FORM_SELECT;
  stoa_arena_init(&arena, 0);
  stoa_lexer_init(&p.lexer, text, "", &arena);
  for (bool found = false; !found;) {
    p.token = stoa_lexer_next(&p.lexer);
    found = p.token.kind == STOA_TOKEN_END || p.token.kind == STOA_TOKEN_BAD || p.token.kind == STOA_TOKEN_SIGN;
    for (int i = STOA_FORM_SELECT; !found && i <= STOA_FORM_DESCRIBE; ++i) {
      found = stoa_parser_is_word(&p, words[i]);
      form = found ? (stoa_form)i : form;
    }
  }
  stoa_arena_done(&arena);
  return form;
}

stoa_status stoa_query_read(stoa_slice text, const char *file, const char *base, stoa_arena *arena,
                            const stoa_query **out, stoa_error *err)
{
  return stoa_query_read_on(NULL, text, file, base, arena, out, err);
}

stoa_status stoa_query_read_on(const stoa_dataset *dataset, stoa_slice text, const char *file, const char *base,
                               stoa_arena *arena, const stoa_query **out, stoa_error *err)
{
  stoa_map scope = {0};
  stoa_parser p = {.arena = arena, .err = err, .scope = &scope, .base = base, .graph = {.var = STOA_NO_VAR}};
  stoa_query *const query = STOA_NEW(arena, stoa_query);
  STOA_TRY(stoa_lexer_check(text, file, err));
  stoa_lexer_init(&p.lexer, text, stoa_arena_copy(arena, stoa_slice_of(file)), arena);
  STOA_TRY(stoa_parser_step(&p));
  STOA_TRY(stoa_parser_prologue(&p));
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
  STOA_TRY(stoa_parser_size(&p));
  STOA_TRY(replace_dataset(&p, dataset, query));
  query->root = stoa_dataset_apply(arena, query, query->root);
  query->closure = query->closure ? stoa_dataset_apply(arena, query, query->closure) : NULL;
  list_prefixes(&p, query);
  query->file = p.lexer.file;
  query->base = p.base;
  query->constants = p.constants.items;
  query->n_constants = p.constants.n;
  query->asks_when = p.asks_when;
  query->names = p.names.items;
  query->n_vars = p.names.n;
  *out = query;
  return STOA_OK;
}
