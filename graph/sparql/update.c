// SPARQL 1.1 Update, rules 29 to 52 of the grammar.
#include "graph/sparql/update.h"
#include "graph/sparql/parser_internal.h"

typedef STOA_LIST(stoa_update_operation) operations;

static const stoa_slot default_graph = {.var = STOA_NO_VAR};

static stoa_status read_quads_of_graph(stoa_parser *p, stoa_patterns *out)
{
  const stoa_slot outer = p->graph;
  STOA_TRY(stoa_parser_step(p));
  p->graph = default_graph;
  if (p->token.kind == STOA_TOKEN_VAR && !p->no_vars) {
    p->graph.var = stoa_parser_var(p, p->token.text);
    STOA_TRY(stoa_parser_step(p));
  } else {
    STOA_TRY(stoa_parser_iri(p, &p->graph.term));
  }
  STOA_TRY(stoa_parser_sign(p, "{"));
  STOA_TRY(stoa_parser_template(p, out));
  STOA_TRY(stoa_parser_sign(p, "}"));
  p->graph = outer;
  return STOA_OK;
}

// Quads: triples, and blocks of GRAPH.
static stoa_status read_quads(stoa_parser *p, stoa_patterns *out)
{
  STOA_TRY(stoa_parser_sign(p, "{"));
  while (!stoa_parser_is_sign(p, "}")) {
    if (stoa_parser_is_word(p, "GRAPH")) {
      STOA_TRY(read_quads_of_graph(p, out));
      if (stoa_parser_is_sign(p, ".")) {
        STOA_TRY(stoa_parser_step(p));
      }
    } else {
      const uint32_t before = out->n;
      STOA_TRY(stoa_parser_template(p, out));
      if (out->n == before || (!stoa_parser_is_sign(p, "}") && !stoa_parser_is_word(p, "GRAPH"))) {
        return stoa_parser_expected(p, "triples, GRAPH or \"}\"");
      }
    }
  }
  return stoa_parser_step(p);
}

static stoa_query *query_new(stoa_parser *p, const stoa_node *root)
{
  stoa_query *const query = STOA_NEW(p->arena, stoa_query);
  query->root = root;
  query->file = p->lexer.file;
  return query;
}

static stoa_status read_data(stoa_parser *p, bool insert, stoa_update_operation *op)
{
  stoa_patterns quads = {0};
  STOA_TRY(stoa_parser_step(p));
  p->no_vars = true;
  p->no_blanks = !insert;
  const stoa_status status = read_quads(p, &quads);
  p->no_vars = p->no_blanks = false;
  STOA_TRY(status);
  op->where = query_new(p, stoa_parser_node(p, STOA_NODE_UNIT, NULL, NULL));
  if (insert) {
    op->inserts = quads.items;
    op->n_inserts = quads.n;
  } else {
    op->deletes = quads.items;
    op->n_deletes = quads.n;
  }
  return STOA_OK;
}

static stoa_status read_template(stoa_parser *p, bool insert, stoa_update_operation *op)
{
  stoa_patterns quads = {0};
  const stoa_map labels = p->blanks; // a template's labels make new nodes for each solution, and stay in it
  p->no_blanks = !insert;
  p->blanks = (stoa_map){0};
  const stoa_status status = read_quads(p, &quads);
  p->blanks = labels;
  p->no_blanks = false;
  STOA_TRY(status);
  if (insert) {
    op->inserts = quads.items;
    op->n_inserts = quads.n;
  } else {
    op->deletes = quads.items;
    op->n_deletes = quads.n;
  }
  return STOA_OK;
}

// DELETE WHERE: the pattern is its own template.
static stoa_status read_delete_where(stoa_parser *p, stoa_update_operation *op)
{
  STOA_TRY(stoa_parser_step(p));
  STOA_TRY(read_template(p, false, op));
  p->counts.patterns += op->n_deletes;
  STOA_TRY(stoa_parser_size(p));
  stoa_node *const bgp = stoa_parser_node(p, op->n_deletes ? STOA_NODE_BGP : STOA_NODE_UNIT, NULL, NULL);
  bgp->patterns = op->deletes;
  bgp->n_patterns = op->n_deletes;
  op->where = query_new(p, bgp);
  return STOA_OK;
}

static stoa_status read_modify(stoa_parser *p, stoa_update_operation *op)
{
  bool any = false;
  for (int insert = 0; insert < 2; ++insert) {
    if (stoa_parser_is_word(p, insert ? "INSERT" : "DELETE")) {
      STOA_TRY(stoa_parser_step(p));
      STOA_TRY(read_template(p, insert, op));
      any = true;
    }
  }
  if (!any) {
    return stoa_parser_expected(p, "DELETE or INSERT");
  }
  stoa_query *const query = query_new(p, NULL);
  STOA_TRY(stoa_parser_dataset(p, "USING", query));
  STOA_TRY(stoa_parser_word(p, "WHERE"));
  const stoa_slot with = p->graph;
  const stoa_map labels = p->blanks; // the pattern's labels are variables, the template's are new nodes
  p->blanks = (stoa_map){0};
  p->graph = query->n_from + query->n_from_named ? default_graph : with;
  STOA_TRY(stoa_parser_group(p, &query->root));
  p->blanks = labels;
  p->graph = with;
  query->root = stoa_dataset_apply(p->arena, query, query->root);
  op->where = query;
  return STOA_OK;
}

static stoa_status read_change(stoa_parser *p, stoa_update_operation *op)
{
  const bool insert = stoa_parser_is_word(p, "INSERT");
  const stoa_lexer lexer = p->lexer;
  const stoa_token token = p->token;
  STOA_TRY(stoa_parser_step(p));
  if (stoa_parser_is_word(p, "DATA")) {
    return read_data(p, insert, op);
  }
  if (!insert && stoa_parser_is_word(p, "WHERE")) {
    return read_delete_where(p, op);
  }
  p->lexer = lexer;
  p->token = token;
  return read_modify(p, op);
}

static stoa_status read_with(stoa_parser *p, stoa_update_operation *op)
{
  STOA_TRY(stoa_parser_step(p));
  STOA_TRY(stoa_parser_iri(p, &p->graph.term));
  const stoa_status status = read_modify(p, op);
  p->graph = default_graph;
  return status;
}

static stoa_status read_silent(stoa_parser *p, stoa_update_operation *op)
{
  STOA_TRY(stoa_parser_step(p));
  op->silent = stoa_parser_is_word(p, "SILENT");
  return op->silent ? stoa_parser_step(p) : STOA_OK;
}

static stoa_status read_graph_ref(stoa_parser *p, stoa_graphs *out)
{
  STOA_TRY(stoa_parser_word(p, "GRAPH"));
  out->kind = STOA_GRAPHS_ONE;
  return stoa_parser_iri(p, &out->iri);
}

static stoa_status read_load(stoa_parser *p, stoa_update_operation *op)
{
  op->kind = STOA_UPDATE_LOAD;
  op->to.kind = STOA_GRAPHS_DEFAULT;
  STOA_TRY(read_silent(p, op));
  STOA_TRY(stoa_parser_iri(p, &op->document));
  if (stoa_parser_is_word(p, "INTO")) {
    STOA_TRY(stoa_parser_step(p));
    return read_graph_ref(p, &op->to);
  }
  return STOA_OK;
}

static stoa_status read_clear(stoa_parser *p, stoa_update_operation *op)
{
  static const struct {
    const char *word;
    stoa_graphs_kind kind;
  } words[] = {{"DEFAULT", STOA_GRAPHS_DEFAULT}, {"NAMED", STOA_GRAPHS_NAMED}, {"ALL", STOA_GRAPHS_ALL}};
  op->kind = STOA_UPDATE_CLEAR;
  STOA_TRY(read_silent(p, op));
  for (int i = 0; i < 3; ++i) {
    if (stoa_parser_is_word(p, words[i].word)) {
      op->to.kind = words[i].kind;
      return stoa_parser_step(p);
    }
  }
  return read_graph_ref(p, &op->to);
}

static stoa_status read_create(stoa_parser *p, stoa_update_operation *op)
{
  op->kind = STOA_UPDATE_CREATE;
  STOA_TRY(read_silent(p, op));
  return read_graph_ref(p, &op->to);
}

static stoa_status read_graph_or_default(stoa_parser *p, stoa_graphs *out)
{
  if (stoa_parser_is_word(p, "DEFAULT")) {
    out->kind = STOA_GRAPHS_DEFAULT;
    return stoa_parser_step(p);
  }
  if (stoa_parser_is_word(p, "GRAPH")) {
    STOA_TRY(stoa_parser_step(p));
  }
  out->kind = STOA_GRAPHS_ONE;
  return stoa_parser_iri(p, &out->iri);
}

static stoa_status read_transfer(stoa_parser *p, stoa_update_operation *op)
{
  op->kind = stoa_parser_is_word(p, "COPY")   ? STOA_UPDATE_COPY
             : stoa_parser_is_word(p, "MOVE") ? STOA_UPDATE_MOVE
                                              : STOA_UPDATE_ADD;
  STOA_TRY(read_silent(p, op));
  STOA_TRY(read_graph_or_default(p, &op->from));
  STOA_TRY(stoa_parser_word(p, "TO"));
  return read_graph_or_default(p, &op->to);
}

static stoa_status read_operation(stoa_parser *p, stoa_update_operation *op)
{
  static const struct {
    const char *word;
    stoa_status (*read)(stoa_parser *, stoa_update_operation *);
  } words[] = {{"INSERT", read_change}, {"DELETE", read_change}, {"WITH", read_with},     {"LOAD", read_load},
               {"CLEAR", read_clear},   {"DROP", read_clear},    {"CREATE", read_create}, {"COPY", read_transfer},
               {"MOVE", read_transfer}, {"ADD", read_transfer}};
  for (size_t i = 0; i < sizeof words / sizeof *words; ++i) {
    if (stoa_parser_is_word(p, words[i].word)) {
      op->place = p->token.place;
      return words[i].read(p, op);
    }
  }
  return stoa_parser_expected(p, "INSERT, DELETE, WITH, LOAD, CLEAR, DROP, CREATE, COPY, MOVE or ADD");
}

static void finish_query(stoa_parser *p, const stoa_update_operation *op)
{
  if (op->where) {
    stoa_query *const query = (stoa_query *)op->where;
    query->names = p->names.items;
    query->n_vars = p->names.n;
  }
}

stoa_status stoa_update_read(stoa_slice text, const char *file, const char *base, stoa_arena *arena,
                             const stoa_update **out, stoa_error *err)
{
  stoa_map scope = {0};
  operations list = {0};
  stoa_parser p = {.arena = arena, .err = err, .scope = &scope, .base = base, .graph = default_graph};
  stoa_update *const update = STOA_NEW(arena, stoa_update);
  STOA_TRY(stoa_lexer_check(text, file, err));
  stoa_lexer_init(&p.lexer, text, stoa_arena_copy(arena, stoa_slice_of(file)), arena);
  STOA_TRY(stoa_parser_step(&p));
  for (;;) {
    STOA_TRY(stoa_parser_prologue(&p));
    if (p.token.kind == STOA_TOKEN_END) {
      break;
    }
    stoa_update_operation op = {0};
    p.counts = (stoa_parser_counts){0};
    p.bgp = ++p.n_bgps; // a label of one operation may not stand in another (section 19.6)
    STOA_TRY(read_operation(&p, &op));
    STOA_PUSH(arena, &list, op);
    if (p.token.kind == STOA_TOKEN_END) {
      break;
    }
    STOA_TRY(stoa_parser_sign(&p, ";"));
  }
  for (uint32_t i = 0; i < list.n; ++i) {
    finish_query(&p, &list.items[i]);
  }
  update->operations = list.items;
  update->n_operations = list.n;
  *out = update;
  return STOA_OK;
}
