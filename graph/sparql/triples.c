// Triples with property lists, blank nodes, collections and property paths (rules 52 to 107).
// Sequences, inverses, alternatives and negated sets are turned into patterns, filters and unions, closures
// into path nodes over one step (section 18.2.2.3).
#include "graph/sparql/parser_internal.h"
#include "graph/term/vocab.h"

typedef enum { PATH_LINK, PATH_INVERSE, PATH_SEQUENCE, PATH_ALTERNATIVE, PATH_NEGATED, PATH_CLOSURE } path_kind;

typedef STOA_LIST(stoa_term) term_list;

typedef struct path {
  path_kind kind;
  stoa_slot link;
  const struct path *a, *b;
  term_list forward, backward; ///< of NEGATED
  bool zero, many;             ///< of CLOSURE
} path;

typedef struct {
  stoa_patterns *patterns;
  const stoa_node **others;
  bool plain; ///< a template of CONSTRUCT: no paths
} sink;

static stoa_status read_node(stoa_parser *p, sink *to, stoa_slot *out, bool *has_list);
static stoa_status read_properties(stoa_parser *p, sink *to, stoa_slot subject);
static stoa_status read_path(stoa_parser *p, const path **out);

static stoa_slot var_slot(stoa_var var)
{
  return (stoa_slot){.var = var};
}

static stoa_slot iri_slot(const char *iri)
{
  return (stoa_slot){.var = STOA_NO_VAR, .term = stoa_term_iri(stoa_slice_of(iri))};
}

static void add_pattern(stoa_parser *p, sink *to, stoa_slot s, stoa_slot pr, stoa_slot o)
{
  const stoa_pattern pattern = {s, pr, o, p->graph, p->token.place};
  p->counts.patterns += !to->plain;
  STOA_PUSH(p->arena, to->patterns, pattern);
}

static path *path_new(stoa_parser *p, path_kind kind, const path *a, const path *b)
{
  path *const node = STOA_NEW(p->arena, path);
  p->counts.operators += kind != PATH_LINK;
  *node = (path){.kind = kind, .a = a, .b = b};
  return node;
}

static stoa_status read_negated_one(stoa_parser *p, path *set)
{
  const bool inverse = stoa_parser_is_sign(p, "^");
  stoa_term iri = stoa_term_iri(stoa_slice_of(STOA_RDF_TYPE));
  if (inverse) {
    STOA_TRY(stoa_parser_step(p));
  }
  if (stoa_slice_is(p->token.raw, "a") && p->token.kind == STOA_TOKEN_WORD) {
    STOA_TRY(stoa_parser_step(p));
  } else {
    STOA_TRY(stoa_parser_iri(p, &iri));
  }
  if (inverse) {
    STOA_PUSH(p->arena, &set->backward, iri);
  } else {
    STOA_PUSH(p->arena, &set->forward, iri);
  }
  return STOA_OK;
}

static stoa_status read_negated(stoa_parser *p, const path **out)
{
  path *const set = path_new(p, PATH_NEGATED, NULL, NULL);
  *out = set;
  STOA_TRY(stoa_parser_sign(p, "!"));
  if (!stoa_parser_is_sign(p, "(")) {
    return read_negated_one(p, set);
  }
  STOA_TRY(stoa_parser_step(p));
  while (!stoa_parser_is_sign(p, ")")) {
    if (set->forward.n + set->backward.n) {
      STOA_TRY(stoa_parser_sign(p, "|"));
    }
    STOA_TRY(read_negated_one(p, set));
  }
  return stoa_parser_step(p);
}

static stoa_status read_path_primary(stoa_parser *p, const path **out)
{
  if (stoa_parser_is_sign(p, "(")) {
    STOA_TRY(stoa_parser_step(p));
    STOA_TRY(read_path(p, out));
    return stoa_parser_sign(p, ")");
  }
  if (stoa_parser_is_sign(p, "!")) {
    return read_negated(p, out);
  }
  path *const link = path_new(p, PATH_LINK, NULL, NULL);
  *out = link;
  if (p->token.kind == STOA_TOKEN_WORD && stoa_slice_is(p->token.raw, "a")) {
    link->link = iri_slot(STOA_RDF_TYPE);
    return stoa_parser_step(p);
  }
  link->link.var = STOA_NO_VAR;
  return stoa_parser_iri(p, &link->link.term);
}

static stoa_status read_path_element(stoa_parser *p, const path **out)
{
  const bool inverse = stoa_parser_is_sign(p, "^");
  const path *inner;
  if (inverse) {
    STOA_TRY(stoa_parser_step(p));
  }
  STOA_TRY(read_path_primary(p, &inner));
  const bool star = stoa_parser_is_sign(p, "*"), plus = stoa_parser_is_sign(p, "+");
  if (star || plus || stoa_parser_is_sign(p, "?")) {
    path *const closure = path_new(p, PATH_CLOSURE, inner, NULL);
    closure->zero = !plus;
    closure->many = star || plus;
    inner = closure;
    STOA_TRY(stoa_parser_step(p));
  }
  *out = inverse ? path_new(p, PATH_INVERSE, inner, NULL) : inner;
  return STOA_OK;
}

static stoa_status read_path_sequence(stoa_parser *p, const path **out)
{
  const path *left, *right;
  STOA_TRY(read_path_element(p, &left));
  while (stoa_parser_is_sign(p, "/")) {
    STOA_TRY(stoa_parser_step(p));
    STOA_TRY(read_path_element(p, &right));
    left = path_new(p, PATH_SEQUENCE, left, right);
  }
  *out = left;
  return STOA_OK;
}

static stoa_status read_path(stoa_parser *p, const path **out)
{
  const path *left, *right;
  if (++p->depth > STOA_PARSER_DEEPEST) {
    return stoa_parser_refuse(p, "nesting this deep");
  }
  STOA_TRY(read_path_sequence(p, &left));
  while (stoa_parser_is_sign(p, "|")) {
    STOA_TRY(stoa_parser_step(p));
    STOA_TRY(read_path_sequence(p, &right));
    left = path_new(p, PATH_ALTERNATIVE, left, right);
  }
  p->depth--;
  *out = left;
  return STOA_OK;
}

static const stoa_node *bgp_of(stoa_parser *p, const stoa_patterns *patterns)
{
  stoa_node *const node = stoa_parser_node(p, STOA_NODE_BGP, NULL, NULL);
  node->patterns = patterns->items;
  node->n_patterns = patterns->n;
  return node;
}

static void add_path(stoa_parser *p, sink *to, stoa_slot s, const path *how, stoa_slot o);

static const stoa_node *path_node(stoa_parser *p, stoa_slot s, const path *how, stoa_slot o)
{
  stoa_patterns patterns = {0};
  const stoa_node *others = NULL;
  sink inner = {&patterns, &others, false};
  add_path(p, &inner, s, how, o);
  return stoa_parser_join(p, patterns.n ? bgp_of(p, &patterns) : NULL, others);
}

static const stoa_expr *none_of(stoa_parser *p, stoa_var var, const term_list *terms)
{
  stoa_expr *const e = stoa_parser_call(p, STOA_FN_NOT_IN, p->token.place, NULL, NULL);
  e->args = STOA_NEWS(p->arena, const stoa_expr *, terms->n + 1);
  e->n_args = terms->n + 1;
  for (uint32_t i = 0; i <= terms->n; ++i) {
    stoa_expr *const one = STOA_NEW(p->arena, stoa_expr);
    *one = i ? (stoa_expr){.kind = STOA_EXPR_TERM, .term = terms->items[i - 1]}
             : (stoa_expr){.kind = STOA_EXPR_VAR, .var = var};
    e->args[i] = one;
  }
  return e;
}

static const stoa_node *negated_node(stoa_parser *p, stoa_slot s, const term_list *terms, stoa_slot o)
{
  stoa_patterns patterns = {0};
  sink to = {&patterns, NULL, false};
  const stoa_slot verb = var_slot(stoa_parser_fresh(p, "_:p"));
  add_pattern(p, &to, s, verb, o);
  stoa_node *const filter = stoa_parser_node(p, STOA_NODE_FILTER, bgp_of(p, &patterns), NULL);
  filter->expr = none_of(p, verb.var, terms);
  return filter;
}

static const stoa_node *negated_set(stoa_parser *p, stoa_slot s, const path *how, stoa_slot o)
{
  const bool forward = how->forward.n || !how->backward.n;
  const stoa_node *const a = forward ? negated_node(p, s, &how->forward, o) : NULL;
  const stoa_node *const b = how->backward.n ? negated_node(p, o, &how->backward, s) : NULL;
  return a && b ? stoa_parser_node(p, STOA_NODE_UNION, a, b) : a ? a : b;
}

// Every subject and object of the graph: where a path without steps may begin and end.
static const stoa_node *all_nodes(stoa_parser *p, stoa_var node)
{
  const stoa_node *sides[2];
  for (int i = 0; i < 2; ++i) {
    stoa_patterns patterns = {0};
    sink to = {&patterns, NULL, false};
    const stoa_slot other = var_slot(stoa_parser_fresh(p, "_:n"));
    add_pattern(p, &to, i ? other : var_slot(node), var_slot(stoa_parser_fresh(p, "_:p")), i ? var_slot(node) : other);
    sides[i] = bgp_of(p, &patterns);
  }
  stoa_var *const vars = STOA_NEWS(p->arena, stoa_var, 2);
  stoa_node *const project =
    stoa_parser_node(p, STOA_NODE_PROJECT, stoa_parser_node(p, STOA_NODE_UNION, sides[0], sides[1]), NULL);
  vars[0] = node;
  vars[1] = p->graph.var;
  project->vars = vars;
  project->n_vars = p->graph.var == STOA_NO_VAR ? 1 : 2;
  return stoa_parser_node(p, STOA_NODE_DISTINCT, project, NULL);
}

static const stoa_node *closure_node(stoa_parser *p, stoa_slot s, const path *how, stoa_slot o)
{
  stoa_node *const node = stoa_parser_node(p, STOA_NODE_PATH, NULL, NULL);
  node->step[0] = stoa_parser_fresh(p, "_:f");
  node->step[1] = stoa_parser_fresh(p, "_:t");
  node->ends[0] = s;
  node->ends[1] = o;
  node->graph = p->graph;
  node->zero = how->zero;
  node->many = how->many;
  node->inputs[0] = path_node(p, var_slot(node->step[0]), how->a, var_slot(node->step[1]));
  node->inputs[1] = how->zero && s.var != STOA_NO_VAR && o.var != STOA_NO_VAR ? all_nodes(p, s.var) : NULL;
  return node;
}

static void add_path(stoa_parser *p, sink *to, stoa_slot s, const path *how, stoa_slot o)
{
  switch (how->kind) {
    case PATH_LINK:
      add_pattern(p, to, s, how->link, o);
      break;
    case PATH_INVERSE:
      add_path(p, to, o, how->a, s);
      break;
    case PATH_SEQUENCE: {
      const stoa_slot middle = var_slot(stoa_parser_fresh(p, "_:p"));
      add_path(p, to, s, how->a, middle);
      add_path(p, to, middle, how->b, o);
      break;
    }
    case PATH_NEGATED:
      *to->others = stoa_parser_join(p, *to->others, negated_set(p, s, how, o));
      break;
    case PATH_CLOSURE:
      *to->others = stoa_parser_join(p, *to->others, closure_node(p, s, how, o));
      break;
    case PATH_ALTERNATIVE:
      *to->others = stoa_parser_join(
        p, *to->others, stoa_parser_node(p, STOA_NODE_UNION, path_node(p, s, how->a, o), path_node(p, s, how->b, o)));
      break;
  }
}

static stoa_status read_collection(stoa_parser *p, sink *to, stoa_slot *out, bool *has_list)
{
  const stoa_slot first = iri_slot(STOA_RDF "first"), rest = iri_slot(STOA_RDF "rest");
  stoa_slot cell = iri_slot(STOA_RDF "nil");
  bool any = false;
  STOA_TRY(stoa_parser_sign(p, "("));
  while (!stoa_parser_is_sign(p, ")")) {
    stoa_slot item;
    bool inner;
    const stoa_slot next = var_slot(stoa_parser_fresh(p, "_:l"));
    if (any) {
      add_pattern(p, to, cell, rest, next);
    } else {
      *out = next;
    }
    cell = next;
    any = true;
    STOA_TRY(read_node(p, to, &item, &inner));
    add_pattern(p, to, cell, first, item);
  }
  if (any) {
    add_pattern(p, to, cell, rest, iri_slot(STOA_RDF "nil"));
  } else {
    *out = cell;
  }
  *has_list = any;
  return stoa_parser_step(p);
}

static stoa_status read_blank(stoa_parser *p, stoa_slot *out)
{
  const stoa_slice label = p->token.text;
  stoa_blank_label *known = stoa_map_find(&p->blanks, label);
  if (p->no_blanks) {
    return stoa_error_at(p->err, STOA_BAD_SYNTAX, p->token.place, "blank nodes cannot stand here; use a variable");
  }
  if (!known) {
    known = STOA_NEW(p->arena, stoa_blank_label);
    known->var = stoa_parser_fresh(p, "_:b");
    known->bgp = p->bgp;
    stoa_map_add(&p->blanks, p->arena, label, known);
  }
  if (known->bgp != p->bgp) {
    return stoa_error_at(p->err, STOA_BAD_SYNTAX, p->token.place,
                         "blank node label _:%.*s is used in another graph pattern too; use a variable",
                         (int)label.length, label.data);
  }
  *out = var_slot(known->var);
  return stoa_parser_step(p);
}

static stoa_status read_anonymous(stoa_parser *p, sink *to, stoa_slot *out, bool *has_list)
{
  if (p->no_blanks) {
    return stoa_error_at(p->err, STOA_BAD_SYNTAX, p->token.place, "blank nodes cannot stand here; use a variable");
  }
  STOA_TRY(stoa_parser_sign(p, "["));
  *out = var_slot(stoa_parser_fresh(p, "_:a"));
  *has_list = !stoa_parser_is_sign(p, "]");
  if (*has_list) {
    STOA_TRY(read_properties(p, to, *out));
  }
  return stoa_parser_sign(p, "]");
}

static stoa_status read_node(stoa_parser *p, sink *to, stoa_slot *out, bool *has_list)
{
  *has_list = false;
  if (++p->depth > STOA_PARSER_DEEPEST) {
    return stoa_parser_refuse(p, "nesting this deep");
  }
  stoa_status status;
  if (p->token.kind == STOA_TOKEN_VAR && p->no_vars) {
    status = stoa_error_at(p->err, STOA_BAD_SYNTAX, p->token.place, "variables cannot stand in DATA");
  } else if (p->token.kind == STOA_TOKEN_VAR) {
    if (stoa_slice_starts(p->token.text, stoa_slice_of("_asof_")) ||
        stoa_slice_starts(p->token.text, stoa_slice_of("_from_"))) {
      status = stoa_parser_refuse(p, "a time parameter in a triple pattern; use it in a FILTER, since it");
    } else {
      *out = var_slot(stoa_parser_var(p, p->token.text));
      status = stoa_parser_step(p);
    }
  } else if (p->token.kind == STOA_TOKEN_BLANK) {
    status = read_blank(p, out);
  } else if (stoa_parser_is_sign(p, "[")) {
    status = read_anonymous(p, to, out, has_list);
  } else if (stoa_parser_is_sign(p, "(")) {
    status = read_collection(p, to, out, has_list);
  } else if (!stoa_parser_at_literal(p) && p->token.kind != STOA_TOKEN_IRI && p->token.kind != STOA_TOKEN_NAME) {
    status = stoa_parser_expected(p, "a term or a variable (an IRI, a literal, ?name, [ ], ( ))");
  } else {
    out->var = STOA_NO_VAR;
    status = stoa_parser_at_literal(p) ? stoa_parser_literal(p, &out->term) : stoa_parser_iri(p, &out->term);
    out->constant = status == STOA_OK ? stoa_parser_constant(p, out->term) : 0;
  }
  p->depth--;
  return status;
}

static stoa_status read_objects(stoa_parser *p, sink *to, stoa_slot subject, stoa_slot verb, const path *how)
{
  for (;;) {
    stoa_slot object;
    bool has_list;
    STOA_TRY(read_node(p, to, &object, &has_list));
    if (how) {
      add_path(p, to, subject, how, object);
    } else {
      add_pattern(p, to, subject, verb, object);
    }
    if (!stoa_parser_is_sign(p, ",")) {
      return STOA_OK;
    }
    STOA_TRY(stoa_parser_step(p));
  }
}

// After a ';' the list may end.
static bool ends_list(const stoa_parser *p)
{
  return stoa_parser_is_sign(p, ".") || stoa_parser_is_sign(p, "}") || stoa_parser_is_sign(p, "]") ||
         p->token.kind == STOA_TOKEN_END || (p->token.kind == STOA_TOKEN_WORD && !stoa_slice_is(p->token.raw, "a"));
}

static stoa_status read_properties(stoa_parser *p, sink *to, stoa_slot subject)
{
  for (;;) {
    const path *how = NULL;
    stoa_slot verb = {.var = STOA_NO_VAR};
    if (p->token.kind == STOA_TOKEN_VAR && p->no_vars) {
      return stoa_error_at(p->err, STOA_BAD_SYNTAX, p->token.place, "variables cannot stand in DATA");
    }
    if (p->token.kind == STOA_TOKEN_VAR) {
      verb = var_slot(stoa_parser_var(p, p->token.text));
      STOA_TRY(stoa_parser_step(p));
    } else if (p->token.kind == STOA_TOKEN_STRING || p->token.kind == STOA_TOKEN_END || stoa_parser_is_sign(p, "}")) {
      return stoa_parser_expected(p, "a property (an IRI, a path or a variable)");
    } else {
      STOA_TRY(read_path(p, &how));
      if (to->plain && how->kind != PATH_LINK) {
        return stoa_parser_expected(p, "a plain property in a template");
      }
    }
    STOA_TRY(read_objects(p, to, subject, verb, how));
    if (!stoa_parser_is_sign(p, ";")) {
      return STOA_OK;
    }
    while (stoa_parser_is_sign(p, ";")) {
      STOA_TRY(stoa_parser_step(p));
    }
    if (ends_list(p)) {
      return STOA_OK;
    }
  }
}

stoa_status stoa_parser_template(stoa_parser *p, stoa_patterns *patterns)
{
  const stoa_node *others = NULL;
  while (!stoa_parser_is_sign(p, "}") && p->token.kind != STOA_TOKEN_WORD) {
    STOA_TRY(stoa_parser_triples(p, patterns, &others, true));
    if (!stoa_parser_is_sign(p, ".")) {
      break;
    }
    STOA_TRY(stoa_parser_step(p));
  }
  return STOA_OK;
}

stoa_status stoa_parser_triples(stoa_parser *p, stoa_patterns *patterns, const stoa_node **others, bool plain)
{
  sink to = {patterns, others, plain};
  stoa_slot subject;
  bool has_list;
  STOA_TRY(read_node(p, &to, &subject, &has_list));
  if (has_list && (stoa_parser_is_sign(p, ".") || stoa_parser_is_sign(p, "}"))) {
    return STOA_OK;
  }
  return read_properties(p, &to, subject);
}
