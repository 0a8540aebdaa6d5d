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

/// Operators and functions of expressions: enum, name in SPARQL, least and most arguments.
#define STOA_FUNCTION_TABLE(X)                                                                                         \
  X(OR, "||", 2, 2)                                                                                                    \
  X(AND, "&&", 2, 2)                                                                                                   \
  X(NOT, "!", 1, 1)                                                                                                    \
  X(EQ, "=", 2, 2)                                                                                                     \
  X(NE, "!=", 2, 2)                                                                                                    \
  X(LT, "<", 2, 2)                                                                                                     \
  X(GT, ">", 2, 2)                                                                                                     \
  X(LE, "<=", 2, 2)                                                                                                    \
  X(GE, ">=", 2, 2)                                                                                                    \
  X(IN, "IN", 1, UINT32_MAX)                                                                                           \
  X(NOT_IN, "NOT IN", 1, UINT32_MAX)                                                                                   \
  X(ADD, "+", 2, 2)                                                                                                    \
  X(SUBTRACT, "-", 2, 2)                                                                                               \
  X(MULTIPLY, "*", 2, 2)                                                                                               \
  X(DIVIDE, "/", 2, 2)                                                                                                 \
  X(NEGATE, "unary -", 1, 1)                                                                                           \
  X(BOUND, "BOUND", 1, 1)                                                                                              \
  X(IF, "IF", 3, 3)                                                                                                    \
  X(COALESCE, "COALESCE", 0, 255)                                                                                      \
  X(STR, "STR", 1, 1)                                                                                                  \
  X(LANG, "LANG", 1, 1)                                                                                                \
  X(LANGMATCHES, "LANGMATCHES", 2, 2)                                                                                  \
  X(DATATYPE, "DATATYPE", 1, 1)                                                                                        \
  X(IRI, "IRI", 1, 1)                                                                                                  \
  X(URI, "URI", 1, 1)                                                                                                  \
  X(ISIRI, "ISIRI", 1, 1)                                                                                              \
  X(ISURI, "ISURI", 1, 1)                                                                                              \
  X(ISBLANK, "ISBLANK", 1, 1)                                                                                          \
  X(ISLITERAL, "ISLITERAL", 1, 1)                                                                                      \
  X(ISNUMERIC, "ISNUMERIC", 1, 1)                                                                                      \
  X(SAMETERM, "SAMETERM", 2, 2)                                                                                        \
  X(STRLEN, "STRLEN", 1, 1)                                                                                            \
  X(SUBSTR, "SUBSTR", 2, 3)                                                                                            \
  X(UCASE, "UCASE", 1, 1)                                                                                              \
  X(LCASE, "LCASE", 1, 1)                                                                                              \
  X(STRSTARTS, "STRSTARTS", 2, 2)                                                                                      \
  X(STRENDS, "STRENDS", 2, 2)                                                                                          \
  X(CONTAINS, "CONTAINS", 2, 2)                                                                                        \
  X(STRBEFORE, "STRBEFORE", 2, 2)                                                                                      \
  X(STRAFTER, "STRAFTER", 2, 2)                                                                                        \
  X(CONCAT, "CONCAT", 0, 255)                                                                                          \
  X(ENCODE_FOR_URI, "ENCODE_FOR_URI", 1, 1)                                                                            \
  X(REGEX, "REGEX", 2, 3)                                                                                              \
  X(REPLACE, "REPLACE", 3, 4)                                                                                          \
  X(ABS, "ABS", 1, 1)                                                                                                  \
  X(CEIL, "CEIL", 1, 1)                                                                                                \
  X(FLOOR, "FLOOR", 1, 1)                                                                                              \
  X(ROUND, "ROUND", 1, 1)                                                                                              \
  X(YEAR, "YEAR", 1, 1)                                                                                                \
  X(MONTH, "MONTH", 1, 1)                                                                                              \
  X(DAY, "DAY", 1, 1)                                                                                                  \
  X(HOURS, "HOURS", 1, 1)                                                                                              \
  X(MINUTES, "MINUTES", 1, 1)                                                                                          \
  X(SECONDS, "SECONDS", 1, 1)                                                                                          \
  X(TIMEZONE, "TIMEZONE", 1, 1)                                                                                        \
  X(TZ, "TZ", 1, 1)                                                                                                    \
  X(NOW, "NOW", 0, 0)                                                                                                  \
  X(STRDT, "STRDT", 2, 2)                                                                                              \
  X(STRLANG, "STRLANG", 2, 2)                                                                                          \
  X(MD5, "MD5", 1, 1)                                                                                                  \
  X(SHA1, "SHA1", 1, 1)                                                                                                \
  X(SHA256, "SHA256", 1, 1)                                                                                            \
  X(SHA384, "SHA384", 1, 1)                                                                                            \
  X(SHA512, "SHA512", 1, 1)                                                                                            \
  X(RAND, "RAND", 0, 0)                                                                                                \
  X(UUID, "UUID", 0, 0)                                                                                                \
  X(STRUUID, "STRUUID", 0, 0)                                                                                          \
  X(BNODE, "BNODE", 0, 1)                                                                                              \
  X(CAST, "cast", 1, 1)                                                                                                \
  X(EXTENSION, "function", 0, 255)

typedef enum {
#define X(name, text, least, most) STOA_FN_##name,
  STOA_FUNCTION_TABLE(X)
#undef X
} stoa_function;

/// True for functions that may give another value each time: RAND, UUID, STRUUID and BNODE.
static inline bool stoa_function_is_volatile(stoa_function f)
{
  return f >= STOA_FN_RAND && f <= STOA_FN_BNODE;
}
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
} stoa_expr;

/// One aggregate of a group; `expr` NULL is COUNT(*).
typedef struct {
  stoa_aggregate_kind kind;
  bool distinct;
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
  const stoa_term *from, *from_named; ///< the dataset of FROM and FROM NAMED; already worked into `root`
  uint32_t n_from, n_from_named;
  const stoa_prefix *prefixes; ///< of the prologue
  uint32_t n_prefixes;
  const char *base;               ///< after the prologue
  const stoa_constant *constants; ///< by number, from 1
  uint32_t n_constants;
} stoa_query;

/// Print the algebra as an indented tree (--explain=algebra).
void stoa_algebra_print(const stoa_query *query, const stoa_node *node, stoa_buf *out);
/// Print an expression in SPARQL's words.
void stoa_expr_print(const stoa_query *query, const stoa_expr *expr, stoa_buf *out);
/// Call `visit` for every variable that `expr` reads (not inside EXISTS).
void stoa_expr_vars(const stoa_expr *expr, void (*visit)(stoa_var, void *), void *data);
/// True when `node` certainly binds `var` in every row.
bool stoa_node_binds(const stoa_node *node, stoa_var var);
/// Mark in `seen` (n_vars flags) every variable that `node` may bind.
void stoa_node_vars(const stoa_node *node, bool *seen);

#endif
