#ifndef STOA_GRAPH_SPARQL_PARSER_INTERNAL_H
#define STOA_GRAPH_SPARQL_PARSER_INTERNAL_H

#include "graph/base/map.h"
#include "graph/sparql/lexer.h"
#include "graph/sparql/parser.h"

typedef STOA_LIST(stoa_pattern) stoa_patterns;
typedef STOA_LIST(stoa_aggregate) stoa_aggregates;
typedef STOA_LIST(const char *) stoa_names;
typedef STOA_LIST(const stoa_expr *) stoa_exprs;

/// A blank node label and where it stands.
typedef struct {
  stoa_var var;
  uint32_t bgp;
} stoa_blank_label;

/// How much of the query is read already: parser.h tells the limits.
typedef struct {
  uint32_t operators, patterns, variables, arithmetic, calls, graphs;
} stoa_parser_counts;

/// The state of one parse, shared by the files that hold a part of the grammar each.
typedef struct {
  stoa_lexer lexer;
  stoa_token token;
  stoa_arena *arena;
  stoa_error *err;
  stoa_map prefixes;    ///< prefix -> stoa_slice
  stoa_map *scope;      ///< variable name -> number + 1; a sub-select has its own
  stoa_map blanks;      ///< blank node label -> stoa_blank_label
  uint32_t bgp, n_bgps; ///< the basic graph pattern that is being read: labels do not leave it (section 19.6)
  stoa_names names;
  const char *base;
  uint32_t constant; ///< number of the token that the last IRI or literal was made of, if of one alone
  STOA_LIST(stoa_constant) constants;
  stoa_slot graph;             ///< the graph that patterns are asked of
  stoa_aggregates *aggregates; ///< where aggregates may stand: what collects them; else NULL
  bool inside_aggregate;
  bool asks_when;              ///< the instant of the request was read somewhere
  bool no_vars, no_blanks;     ///< of DATA and DELETE: variables or blank nodes are faults
  const stoa_expr *own_filter; ///< what stoa_parser_group found: the filters of the group itself
  const stoa_node *unfiltered; ///< and the group without them
  int depth;
  stoa_parser_counts counts;
} stoa_parser;

enum { STOA_PARSER_DEEPEST = 200 };

/// Refuse what is too large to be planned in bounded time (parser.h tells the limits).
stoa_status stoa_parser_size(stoa_parser *p);
/// Read the next token, unless what is read already is too large.
stoa_status stoa_parser_step(stoa_parser *p);
/// Fail at the current token, saying what was expected.
stoa_status stoa_parser_expected(stoa_parser *p, const char *what);
/// True when the current token is the punctuation `sign` / the keyword `word` (any case).
bool stoa_parser_is_sign(const stoa_parser *p, const char *sign);
bool stoa_parser_is_word(const stoa_parser *p, const char *word);
/// Step over a token that must be there.
stoa_status stoa_parser_sign(stoa_parser *p, const char *sign);
stoa_status stoa_parser_word(stoa_parser *p, const char *word);
/// Refuse a feature of the language by name, at the current token.
stoa_status stoa_parser_refuse(stoa_parser *p, const char *what);
/// Resolve the current IRI or prefixed name and step over it.
stoa_status stoa_parser_iri(stoa_parser *p, stoa_term *out);
/// Read a literal (string, number, boolean) and step over it.
stoa_status stoa_parser_literal(stoa_parser *p, stoa_term *out);
/// Note that the term which was just read may be another one in a later text of the same shape; returns its number.
uint32_t stoa_parser_constant(stoa_parser *p, stoa_term term);
/// True when a literal begins here (signs included).
bool stoa_parser_at_literal(const stoa_parser *p);
/// Return what the current token was probably meant to be where `expected` should stand, or NULL.
const char *stoa_parser_hint(const stoa_parser *p, const char *expected);
/// Return the namespace that everybody means by a prefix, or "...".
const char *stoa_parser_known_prefix(stoa_slice prefix);
/// Return the variable of a name in the current scope.
stoa_var stoa_parser_var(stoa_parser *p, stoa_slice name);
/// Return a variable that no text can name.
stoa_var stoa_parser_fresh(stoa_parser *p, const char *prefix);
/// Make a node.
stoa_node *stoa_parser_node(stoa_parser *p, stoa_node_kind kind, const stoa_node *a, const stoa_node *b);
/// Join, leaving out units.
const stoa_node *stoa_parser_join(stoa_parser *p, const stoa_node *a, const stoa_node *b);

/// The rooms of the grammar.
stoa_status stoa_parser_expression(stoa_parser *p, const stoa_expr **out);
stoa_status stoa_parser_variable(stoa_parser *p, const stoa_expr **out);
stoa_status stoa_parser_bracketed(stoa_parser *p, const stoa_expr **out);
stoa_status stoa_parser_constraint(stoa_parser *p, const stoa_expr **out);
stoa_status stoa_parser_group(stoa_parser *p, const stoa_node **out);
stoa_status stoa_parser_triples(stoa_parser *p, stoa_patterns *patterns, const stoa_node **others, bool plain);
stoa_status stoa_parser_select(stoa_parser *p, bool inner, stoa_query *query, const stoa_node **out);
stoa_status stoa_parser_modifiers(stoa_parser *p, const stoa_node **node);
stoa_status stoa_parser_prologue(stoa_parser *p);
/// Read FROM and FROM NAMED, or USING and USING NAMED, into `query`.
stoa_status stoa_parser_dataset(stoa_parser *p, const char *word, stoa_query *query);
/// Read a block of triples up to "}" as patterns (templates and data).
stoa_status stoa_parser_template(stoa_parser *p, stoa_patterns *patterns);
/// The named graphs as a node that binds the variable of `graph`.
const stoa_node *stoa_parser_graph_names(stoa_parser *p, stoa_slot graph);
/// Work a dataset into the patterns below `node`.
const stoa_node *stoa_dataset_apply(stoa_arena *arena, const stoa_query *query, const stoa_node *node);
stoa_status stoa_parser_values(stoa_parser *p, const stoa_node **out);
/// Join the parts of a chain of && or ||.
const stoa_expr *stoa_parser_chain(stoa_parser *p, stoa_function f, const stoa_expr *const *parts, uint32_t n);
/// Make a call node.
stoa_expr *stoa_parser_call(stoa_parser *p, stoa_function function, stoa_place place, const stoa_expr *a,
                            const stoa_expr *b);

#endif
