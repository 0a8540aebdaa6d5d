#ifndef STOA_GRAPH_SPARQL_ALGEBRA_H
#define STOA_GRAPH_SPARQL_ALGEBRA_H

#include "graph/base/arena.h"
#include "graph/base/error.h"
#include "graph/rdf/writer.h"
#include "graph/term/term.h"

/// The algebra of SPARQL 1.1 (section 18), which the parser builds and the planner reads.  Nodes are
/// immutable once built and live in the arena of the query's text.

typedef uint32_t stoa_var; ///< index into stoa_query.names
#define STOA_NO_VAR UINT32_MAX

/// A place of a triple pattern: a variable, or a term.
typedef struct {
  stoa_var var;      ///< STOA_NO_VAR: `term` counts
  uint32_t constant; ///< of a term: which of the query's constants it is, from 1; 0: none of them
  stoa_term term;
} stoa_slot;

typedef struct {
  stoa_slot subject, predicate, object, graph; ///< graph: unbound term is the default graph
  stoa_place place;
} stoa_pattern;

/// Operators and functions of expressions: enum, name in SPARQL, how it is written (CALL: the name and a list of
/// arguments; FORM: another form of the grammar), least and most arguments, and what computes it
/// (graph/exec/function.h: stoa_function_...; `lazy`: eval.c, which decides which arguments to look at).
#define STOA_FUNCTION_TABLE(X)                                                                                         \
  X(OR, "||", FORM, 2, 2, lazy)                                                                                        \
  X(AND, "&&", FORM, 2, 2, lazy)                                                                                       \
  X(NOT, "!", FORM, 1, 1, lazy)                                                                                        \
  X(EQ, "=", FORM, 2, 2, equal)                                                                                        \
  X(NE, "!=", FORM, 2, 2, unequal)                                                                                     \
  X(LT, "<", FORM, 2, 2, less)                                                                                         \
  X(GT, ">", FORM, 2, 2, greater)                                                                                      \
  X(LE, "<=", FORM, 2, 2, at_most)                                                                                     \
  X(GE, ">=", FORM, 2, 2, at_least)                                                                                    \
  X(IN, "IN", FORM, 1, UINT32_MAX, lazy)                                                                               \
  X(NOT_IN, "NOT IN", FORM, 1, UINT32_MAX, lazy)                                                                       \
  X(ADD, "+", FORM, 2, 2, add)                                                                                         \
  X(SUBTRACT, "-", FORM, 2, 2, subtract)                                                                               \
  X(MULTIPLY, "*", FORM, 2, 2, multiply)                                                                               \
  X(DIVIDE, "/", FORM, 2, 2, divide)                                                                                   \
  X(NEGATE, "unary -", FORM, 1, 1, negate)                                                                             \
  X(BOUND, "BOUND", CALL, 1, 1, lazy)                                                                                  \
  X(IF, "IF", CALL, 3, 3, lazy)                                                                                        \
  X(COALESCE, "COALESCE", CALL, 0, 255, lazy)                                                                          \
  X(STR, "STR", CALL, 1, 1, str)                                                                                       \
  X(LANG, "LANG", CALL, 1, 1, lang)                                                                                    \
  X(LANGMATCHES, "LANGMATCHES", CALL, 2, 2, lang_matches)                                                              \
  X(DATATYPE, "DATATYPE", CALL, 1, 1, datatype)                                                                        \
  X(IRI, "IRI", CALL, 1, 1, iri)                                                                                       \
  X(URI, "URI", CALL, 1, 1, iri)                                                                                       \
  X(ISIRI, "ISIRI", CALL, 1, 1, is_iri)                                                                                \
  X(ISURI, "ISURI", CALL, 1, 1, is_iri)                                                                                \
  X(ISBLANK, "ISBLANK", CALL, 1, 1, is_blank)                                                                          \
  X(ISLITERAL, "ISLITERAL", CALL, 1, 1, is_literal)                                                                    \
  X(ISNUMERIC, "ISNUMERIC", CALL, 1, 1, is_numeric)                                                                    \
  X(SAMETERM, "SAMETERM", CALL, 2, 2, same_term)                                                                       \
  X(STRLEN, "STRLEN", CALL, 1, 1, strlen)                                                                              \
  X(SUBSTR, "SUBSTR", CALL, 2, 3, substr)                                                                              \
  X(UCASE, "UCASE", CALL, 1, 1, ucase)                                                                                 \
  X(LCASE, "LCASE", CALL, 1, 1, lcase)                                                                                 \
  X(STRSTARTS, "STRSTARTS", CALL, 2, 2, strstarts)                                                                     \
  X(STRENDS, "STRENDS", CALL, 2, 2, strends)                                                                           \
  X(CONTAINS, "CONTAINS", CALL, 2, 2, contains)                                                                        \
  X(STRBEFORE, "STRBEFORE", CALL, 2, 2, strbefore)                                                                     \
  X(STRAFTER, "STRAFTER", CALL, 2, 2, strafter)                                                                        \
  X(CONCAT, "CONCAT", CALL, 0, 255, concat)                                                                            \
  X(ENCODE_FOR_URI, "ENCODE_FOR_URI", CALL, 1, 1, encode_for_uri)                                                      \
  X(REGEX, "REGEX", CALL, 2, 3, regex)                                                                                 \
  X(REPLACE, "REPLACE", CALL, 3, 4, replace)                                                                           \
  X(ABS, "ABS", CALL, 1, 1, abs)                                                                                       \
  X(CEIL, "CEIL", CALL, 1, 1, ceil)                                                                                    \
  X(FLOOR, "FLOOR", CALL, 1, 1, floor)                                                                                 \
  X(ROUND, "ROUND", CALL, 1, 1, round)                                                                                 \
  X(YEAR, "YEAR", CALL, 1, 1, year)                                                                                    \
  X(MONTH, "MONTH", CALL, 1, 1, month)                                                                                 \
  X(DAY, "DAY", CALL, 1, 1, day)                                                                                       \
  X(HOURS, "HOURS", CALL, 1, 1, hours)                                                                                 \
  X(MINUTES, "MINUTES", CALL, 1, 1, minutes)                                                                           \
  X(SECONDS, "SECONDS", CALL, 1, 1, seconds)                                                                           \
  X(TIMEZONE, "TIMEZONE", CALL, 1, 1, timezone)                                                                        \
  X(TZ, "TZ", CALL, 1, 1, tz)                                                                                          \
  X(NOW, "NOW", CALL, 0, 0, now)                                                                                       \
  X(STRDT, "STRDT", CALL, 2, 2, strdt)                                                                                 \
  X(STRLANG, "STRLANG", CALL, 2, 2, strlang)                                                                           \
  X(MD5, "MD5", CALL, 1, 1, md5)                                                                                       \
  X(SHA1, "SHA1", CALL, 1, 1, sha1)                                                                                    \
  X(SHA256, "SHA256", CALL, 1, 1, sha256)                                                                              \
  X(SHA384, "SHA384", CALL, 1, 1, sha384)                                                                              \
  X(SHA512, "SHA512", CALL, 1, 1, sha512)                                                                              \
  X(RAND, "RAND", CALL, 0, 0, rand)                                                                                    \
  X(UUID, "UUID", CALL, 0, 0, uuid)                                                                                    \
  X(STRUUID, "STRUUID", CALL, 0, 0, struuid)                                                                           \
  X(BNODE, "BNODE", CALL, 0, 1, bnode)                                                                                 \
  X(CAST, "cast", FORM, 1, 1, cast)                                                                                    \
  X(EXTENSION, "function", FORM, 0, 255, unknown)

typedef enum {
#define X(name, text, form, least, most, computed_by) STOA_FN_##name,
  STOA_FUNCTION_TABLE(X)
#undef X
} stoa_function;

/// True for functions that may give another value each time: RAND, UUID, STRUUID and BNODE.
bool stoa_function_is_volatile(stoa_function function);
/// What a comparison is with its sides changed: < for >; other functions as they are.
stoa_function stoa_function_mirrored(stoa_function function);
/// Return the name of a function as messages write it.
const char *stoa_function_name(stoa_function function);

typedef enum {
  STOA_AGG_COUNT,
  STOA_AGG_SUM,
  STOA_AGG_AVG,
  STOA_AGG_MIN,
  STOA_AGG_MAX,
  STOA_AGG_SAMPLE,
  STOA_AGG_GROUP_CONCAT
} stoa_aggregate_kind;

/// Return the name of an aggregate as SPARQL writes it.
const char *stoa_aggregate_name(stoa_aggregate_kind kind);

typedef enum { STOA_EXPR_TERM, STOA_EXPR_VAR, STOA_EXPR_CALL, STOA_EXPR_EXISTS } stoa_expr_kind;

typedef struct stoa_expr {
  stoa_expr_kind kind;
  stoa_place place;
  stoa_term term;         ///< of TERM; of a CAST call: the target datatype; of IRI: the base; of EXTENSION: its name
  uint32_t constant;      ///< of TERM: which of the query's constants it is, from 1; 0: none of them
  stoa_var var;           ///< of VAR
  stoa_function function; ///< of CALL
  const struct stoa_expr **args;
  uint32_t n_args;
  const stoa_term *sorted; ///< of a long IN of IRIs and plain texts alone: n_args - 1 terms in stoa_term_order's order
  const struct stoa_node *pattern; ///< of EXISTS
  bool negated;                    ///< of EXISTS: NOT EXISTS
  bool any_zone;                   ///< of NOW: a bound so far off that it holds for times without a zone too
} stoa_expr;

/// One aggregate of a group; `expr` NULL is COUNT(*).
typedef struct {
  stoa_aggregate_kind kind;
  bool distinct;
  bool of_bound; ///< as SQL has it: what is unbound is left out, and without any value there is none, nor a 0
  const stoa_expr *expr;
  stoa_slice separator;
  stoa_var out;
  stoa_place place;
} stoa_aggregate;

typedef struct {
  const stoa_expr *expr;
  bool descending;
} stoa_order;

typedef enum {
  STOA_NODE_UNIT, ///< one row, nothing bound
  STOA_NODE_BGP,
  STOA_NODE_JOIN,
  STOA_NODE_LEFT_JOIN,
  STOA_NODE_UNION,
  STOA_NODE_MINUS,
  STOA_NODE_FILTER,
  STOA_NODE_EXTEND,
  STOA_NODE_VALUES,
  STOA_NODE_GROUP,
  STOA_NODE_ORDER,
  STOA_NODE_PROJECT,
  STOA_NODE_DISTINCT,
  STOA_NODE_SLICE,
  STOA_NODE_PATH, ///< closure of the step in inputs[0]; section 18.2.2.3's ZeroOrOne, ZeroOrMore, OneOrMore
  STOA_NODE_SERVICE
} stoa_node_kind;

typedef struct stoa_node {
  stoa_node_kind kind;
  stoa_place place;
  const struct stoa_node *inputs[2];
  const stoa_expr *expr;        ///< FILTER, EXTEND; LEFT_JOIN's condition or NULL
  stoa_var var;                 ///< EXTEND
  const stoa_pattern *patterns; ///< BGP
  uint32_t n_patterns;
  const stoa_var *vars; ///< VALUES, PROJECT, keys of GROUP
  uint32_t n_vars;
  const stoa_place *places; ///< PROJECT: where the text selects its first n_places variables
  uint32_t n_places;
  const stoa_term *rows; ///< VALUES: n_rows x n_vars
  uint32_t n_rows;
  uint32_t slot;                    ///< VALUES: not 0: the rows are given when the query is opened, in this slot
  bool slot_many;                   ///< of a slot: more than one row may be given
  const stoa_aggregate *aggregates; ///< GROUP
  uint32_t n_aggregates;
  const stoa_order *orders; ///< ORDER
  uint32_t n_orders;
  uint64_t offset, limit; ///< SLICE; limit UINT64_MAX for none
  stoa_slot ends[2];      ///< PATH: subject and object; SERVICE: ends[0] is the endpoint
  stoa_var step[2];       ///< PATH: the variables of one step; inputs[1] binds the subject to every node
  stoa_slot graph;        ///< PATH: where it is followed
  bool zero, many;        ///< PATH: no step will do; more than one will
  bool silent;            ///< SERVICE
  stoa_slice prologue;    ///< SERVICE: BASE and PREFIX lines
  stoa_slice text;        ///< SERVICE: its pattern as it was written, with its braces
} stoa_node;

/// So many constants of a text can be others in a later one; those after them stay.
enum { STOA_MOST_CONSTANTS = 64 };

/// A constant of the text in whose place a later text of the same shape may have another.  Unbound: it stands where a
/// term decides what the query means (a namespace, a property, a LIMIT), and stays as it is.
typedef struct {
  stoa_term term;
  uint32_t same; ///< an earlier constant that is the same term, or 0
} stoa_constant;

typedef enum { STOA_FORM_SELECT, STOA_FORM_ASK, STOA_FORM_CONSTRUCT, STOA_FORM_DESCRIBE } stoa_form;

typedef struct {
  stoa_form form;
  const char *file;
  const char *const *names; ///< of variables, without "?"; blank nodes start with "_:"
  uint32_t n_vars;
  const stoa_var *columns; ///< what SELECT gives, in order
  uint32_t n_columns;
  const stoa_node *root;
  const stoa_pattern *construct; ///< CONSTRUCT's template, and DESCRIBE's
  uint32_t n_construct;
  const stoa_node *closure;           ///< of DESCRIBE: the triples of the nodes that slot 1 gives
  const stoa_term *from, *from_named; ///< the dataset of FROM and FROM NAMED; already worked into `root`
  uint32_t n_from, n_from_named;
  const stoa_prefix *prefixes; ///< of the prologue
  uint32_t n_prefixes;
  const char *base;               ///< after the prologue
  const stoa_constant *constants; ///< by number, from 1
  uint32_t n_constants;
  bool asks_when; ///< its answer may depend on the instant of the request
} stoa_query;

/// Print the algebra as an indented tree (--explain=algebra).
void stoa_algebra_print(const stoa_query *query, const stoa_node *node, stoa_buf *out);
/// Print an expression in SPARQL's words.
void stoa_expr_print(const stoa_query *query, const stoa_expr *expr, stoa_buf *out);
/// Call `visit` for every variable that `expr` reads (not inside EXISTS).
void stoa_expr_vars(const stoa_expr *expr, void (*visit)(stoa_var, void *), void *data);
/// True when the answer depends on data: on triples of the default graph or another one; not on what a SERVICE tells.
bool stoa_query_reads(const stoa_query *query);
/// Call `visit` for every triple pattern that is asked of data: those of EXISTS too, not those of a SERVICE.
void stoa_node_patterns(const stoa_node *node, void (*visit)(const stoa_pattern *, void *), void *data);
/// True when `node` certainly binds `var` in every row.
bool stoa_node_binds(const stoa_node *node, stoa_var var);
/// Mark in `seen` (n_vars flags) every variable that `node` may bind.
void stoa_node_vars(const stoa_node *node, bool *seen);

#endif
