// Expressions of the parse tree.
#include "graph/semantic/literal.h"
#include "graph/semantic/read.h"
#include "graph/sparql/parser.h"
#include "graph/term/vocab.h"

stoa_status stoa_semantic_refuse(const stoa_semantic_reader *r, const stoa_json *at, const char *what,
                                 const char *remedy)
{
  return stoa_error_at(r->text.err, STOA_UNSUPPORTED, stoa_semantic_place_of(&r->text, at),
                       "%s is not supported in semantic SQL; %s", what, remedy);
}

// What the members of a parse tree are to those who write SQL.
static const struct {
  const char *member, *what, *remedy;
} refusals[] = {
  {"intoClause", "SELECT INTO", "a SELECT only reads"},
  {"windowClause", "WINDOW", "group in a sub-select of FROM and join it"},
  {"over", "a window function (OVER)", "group in a sub-select of FROM and join it"},
  {"valuesLists", "VALUES", "write IN (...), or CASE"},
  {"lockingClause", "FOR UPDATE", "a SELECT only reads"},
  {"groupDistinct", "GROUP BY DISTINCT", "write GROUP BY"},
  {"lateral", "LATERAL", "group by what it is joined by, and join it with ON"},
  {"usingClause", "USING", "write ON a.x = b.x"},
  {"isNatural", "NATURAL JOIN", "write ON a.x = b.x"},
  {"catalogname", "a name of three parts", "write prefix.Class, or Class"},
  {"agg_order", "ORDER BY within an aggregate", "leave it out"},
  {"agg_within_group", "WITHIN GROUP", "take MIN, MAX or AVG"},
  {"func_variadic", "VARIADIC", "write the arguments one by one"},
  {"arrayBounds", "an array", "write IN (...)"},
  {"indirection", "a part of a value", "name a column"},
  {"tablesample", "TABLESAMPLE", "write LIMIT"},
  {"colnames", "names of columns behind an alias", "name them in the sub-select, with AS"},
  {"aliascolnames", "names of columns behind WITH", "name them in its SELECT, with AS"},
  {"recursive", "WITH RECURSIVE", "ask in SPARQL, whose paths follow a property any number of times"},
};

stoa_status stoa_semantic_only(const stoa_semantic_reader *r, const stoa_json *node, const char *const *known)
{
  for (uint32_t i = 0; i < node->n_items; ++i) {
    const stoa_json *const member = &node->items[i];
    uint32_t k = 0;
    while (known[k] && !stoa_semantic_named(member, known[k])) {
      ++k;
    }
    if (known[k] || (member->kind == STOA_JSON_INTEGER && member->integer < 0)) { // -1: nothing
      continue;
    }
    for (size_t n = 0; n < sizeof refusals / sizeof *refusals; ++n) {
      if (stoa_semantic_named(member, refusals[n].member)) {
        return stoa_semantic_refuse(r, node, refusals[n].what, refusals[n].remedy);
      }
    }
    return stoa_semantic_refuse(r, node, stoa_arena_print(r->text.arena, "\"%s\"", member->name), "ask in SPARQL");
  }
  return STOA_OK;
}

static stoa_status count_part(stoa_semantic_reader *r, stoa_place place)
{
  return ++r->n_parts <= STOA_QUERY_MOST_CALLS
           ? STOA_OK
           : stoa_error_at(r->text.err, STOA_TOO_LARGE, place,
                           "a query may have %d operators, functions and columns, and here this one has more, WITH "
                           "counted wherever it is named; ask in parts",
                           STOA_QUERY_MOST_CALLS);
}

stoa_status stoa_semantic_new(stoa_semantic_reader *r, stoa_semantic_kind kind, const stoa_json *at,
                              stoa_semantic_expr **out)
{
  stoa_semantic_expr *const e = STOA_NEW(r->text.arena, stoa_semantic_expr);
  e->kind = kind;
  e->place = stoa_semantic_place_of(&r->text, at);
  *out = e;
  return count_part(r, e->place);
}

static stoa_status with_args(stoa_semantic_reader *r, stoa_semantic_kind kind, const stoa_json *at,
                             stoa_semantic_expr *a, stoa_semantic_expr *b, stoa_semantic_expr **out)
{
  STOA_TRY(stoa_semantic_new(r, kind, at, out));
  (*out)->args = STOA_NEWS(r->text.arena, stoa_semantic_expr *, 2);
  (*out)->args[0] = a;
  (*out)->args[1] = b;
  (*out)->n_args = b ? 2 : 1;
  return STOA_OK;
}

stoa_status stoa_semantic_both(stoa_semantic_reader *r, stoa_semantic_expr *a, stoa_semantic_expr *b,
                               stoa_semantic_expr **out)
{
  if (!a || !b) {
    *out = a ? a : b;
    return STOA_OK;
  }
  stoa_semantic_expr *const e = STOA_NEW(r->text.arena, stoa_semantic_expr);
  *e = (stoa_semantic_expr){.kind = STOA_SEM_AND, .place = a->place, .n_args = 2};
  e->args = STOA_NEWS(r->text.arena, stoa_semantic_expr *, 2);
  e->args[0] = a;
  e->args[1] = b;
  *out = e;
  return STOA_OK;
}

// The nodes of a list as arguments behind those that are there.
static stoa_status read_args(stoa_semantic_reader *r, const stoa_json *list, stoa_semantic_expr *e)
{
  const uint32_t n = list ? list->n_items : 0;
  stoa_semantic_expr **const args = STOA_NEWS(r->text.arena, stoa_semantic_expr *, e->n_args + n + 1);
  for (uint32_t i = 0; i < e->n_args; ++i) {
    args[i] = e->args[i];
  }
  for (uint32_t i = 0; i < n; ++i) {
    STOA_TRY(stoa_semantic_read_expr(r, &list->items[i], &args[e->n_args + i]));
  }
  e->args = args;
  e->n_args += n;
  return STOA_OK;
}

static stoa_status read_column(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_expr **out)
{
  static const char *const known[] = {"fields", "location", NULL};
  const stoa_json *const fields = stoa_json_find(node, "fields");
  STOA_TRY(stoa_semantic_only(r, node, known));
  STOA_TRY(stoa_semantic_new(r, STOA_SEM_COLUMN, node, out));
  const uint32_t n = fields ? fields->n_items : 0;
  for (uint32_t i = 0; i < n; ++i) {
    if (!stoa_semantic_string(&r->text, &fields->items[i])) {
      return stoa_semantic_refuse(r, node, "* for columns", "a class has no closed list of them: name those you want");
    }
  }
  if (n == 0 || n > 2) {
    return stoa_semantic_refuse(r, node, "a column's name of three parts", "write alias.property");
  }
  (*out)->qualifier = n == 2 ? stoa_semantic_string(&r->text, &fields->items[0]) : NULL;
  (*out)->name = stoa_semantic_string(&r->text, &fields->items[n - 1]);
  return STOA_OK;
}

// ---- constants

static stoa_term float_term(stoa_semantic_reader *r, const char *text)
{
  const char *const digits = text[0] == '+' ? text + 1 : text;
  const char *const type = strpbrk(digits, "eE") ? "double" : strchr(digits, '.') ? "decimal" : "integer";
  return stoa_term_literal(r->text.arena, stoa_slice_of(digits),
                           stoa_slice_of(stoa_arena_print(r->text.arena, STOA_XSD "%s", type)));
}

static stoa_status read_constant(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_expr **out)
{
  const stoa_json *const whole = stoa_json_find(node, "ival"), *const number = stoa_json_find(node, "fval");
  const stoa_json *const text = stoa_json_find(node, "sval"), *const truth = stoa_json_find(node, "boolval");
  STOA_TRY(stoa_semantic_new(r, stoa_semantic_flag(node, "isnull") ? STOA_SEM_NULL : STOA_SEM_TERM, node, out));
  stoa_semantic_expr *const e = *out;
  if (whole) {
    int64_t n;
    if (!stoa_semantic_integer(&r->text, node, &n)) {
      return stoa_semantic_refuse(r, node, "a comment between a sign and its number", "write it elsewhere");
    }
    e->term = stoa_term_integer(n);
  } else if (number) {
    e->term = float_term(r, stoa_semantic_member(&r->text, number, "fval"));
  } else if (truth) {
    e->term = stoa_term_boolean(stoa_semantic_flag(truth, "boolval"));
  } else if (text) {
    const char *const value = stoa_semantic_member(&r->text, text, "sval");
    e->term = stoa_term_string(stoa_slice_of(value ? value : ""));
    e->untyped = true;
  } else if (e->kind != STOA_SEM_NULL) {
    return stoa_semantic_refuse(r, node, "a bit string", "write a number or a text");
  }
  return STOA_OK;
}

// ---- casts

static const struct {
  const char *name;
  stoa_semantic_type type;
} types[] = {{"text", STOA_SEM_TEXT},
             {"varchar", STOA_SEM_TEXT},
             {"bpchar", STOA_SEM_TEXT},
             {"int2", STOA_SEM_INTEGER},
             {"int4", STOA_SEM_INTEGER},
             {"int8", STOA_SEM_INTEGER},
             {"numeric", STOA_SEM_DECIMAL},
             {"float4", STOA_SEM_DOUBLE},
             {"float8", STOA_SEM_DOUBLE},
             {"bool", STOA_SEM_BOOLEAN},
             {"date", STOA_SEM_DATE},
             {"timestamp", STOA_SEM_TIMESTAMP},
             {"timestamptz", STOA_SEM_TIMESTAMP},
             {"interval", STOA_SEM_INTERVAL}};

// INTERVAL '90' DAY has its unit as bits of PostgreSQL's: INTERVAL_MASK of datetime.h.
static stoa_status read_unit(stoa_semantic_reader *r, const stoa_json *name, stoa_semantic_expr *e)
{
  static const struct {
    int bit;
    const char *unit;
  } units[] = {{1 << 2, "year"},  {1 << 1, "month"},   {1 << 3, "day"},
               {1 << 10, "hour"}, {1 << 11, "minute"}, {1 << 12, "second"}};
  const stoa_json *const modifiers = stoa_json_find(name, "typmods");
  const stoa_json *const constant = modifiers ? stoa_semantic_node(&modifiers->items[0]) : NULL;
  const stoa_json *const bits = stoa_json_find(stoa_json_find(constant, "ival"), "ival");
  for (size_t i = 0; bits && i < sizeof units / sizeof *units; ++i) {
    e->unit = bits->integer == units[i].bit ? units[i].unit : e->unit;
  }
  return !modifiers || (e->unit && modifiers->n_items == 1)
           ? STOA_OK
           : stoa_semantic_refuse(r, name, "an interval of two units, or with a precision", "write INTERVAL '90 days'");
}

static stoa_status read_type(stoa_semantic_reader *r, const stoa_json *name, stoa_semantic_expr *e)
{
  static const char *const known[] = {"names", "typmods", "typemod", "location", NULL};
  const stoa_json *const names = stoa_json_find(name, "names");
  const char *const word =
    names && names->n_items ? stoa_semantic_string(&r->text, &names->items[names->n_items - 1]) : NULL;
  STOA_TRY(stoa_semantic_only(r, name, known));
  for (size_t i = 0; word && i < sizeof types / sizeof *types; ++i) {
    if (strcmp(types[i].name, word) != 0) {
      continue;
    }
    e->type = types[i].type;
    if (e->type == STOA_SEM_INTERVAL) {
      return read_unit(r, name, e);
    }
    return !stoa_json_find(name, "typmods") || e->type == STOA_SEM_TEXT
             ? STOA_OK
             : stoa_semantic_refuse(r, name, "a type with a length or a precision", "write ROUND(x) for fewer digits");
  }
  return stoa_semantic_refuse(r, name, stoa_arena_print(r->text.arena, "type %s", word ? word : "of that name"),
                              "use text, integer, bigint, numeric, double precision, boolean, date, timestamp or "
                              "interval");
}

// DATE '2026-11-27' is a constant.
static stoa_status fold_cast(stoa_semantic_reader *r, stoa_semantic_expr *e)
{
  const stoa_semantic_expr *const text = e->args[0];
  if (text->kind != STOA_SEM_TERM || !text->untyped) {
    return e->type != STOA_SEM_INTERVAL
             ? STOA_OK
             : stoa_error_at(
                 r->text.err, STOA_UNSUPPORTED, e->place,
                 "an interval is a constant in semantic SQL, such as INTERVAL '90 days'; write n * INTERVAL "
                 "'1 day' for a number of days");
  }
  if (!stoa_semantic_literal(e->type, stoa_term_text(text->term), e->unit, r->text.arena, &e->term)) {
    return stoa_error_at(
      r->text.err, STOA_BAD_TYPE, text->place, "'%.*s' is no value of that type, which looks like %s",
      (int)(text->term.length < 60 ? text->term.length : 60), text->term.as.text, stoa_semantic_example(e->type));
  }
  e->kind = STOA_SEM_TERM;
  e->n_args = 0;
  return STOA_OK;
}

static stoa_status read_cast(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_expr **out)
{
  static const char *const known[] = {"arg", "typeName", "location", NULL};
  stoa_semantic_expr *inner;
  STOA_TRY(stoa_semantic_only(r, node, known));
  STOA_TRY(stoa_semantic_read_expr(r, stoa_json_find(node, "arg"), &inner));
  STOA_TRY(with_args(r, STOA_SEM_CAST, node, inner, NULL, out));
  STOA_TRY(read_type(r, stoa_json_find(node, "typeName"), *out));
  return fold_cast(r, *out);
}

// ---- operators

static stoa_status negate(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_expr *e,
                          stoa_semantic_expr **out)
{
  switch (e->kind) {
    case STOA_SEM_IN:
    case STOA_SEM_LIKE:
    case STOA_SEM_IS_NULL:
    case STOA_SEM_IS_TRUE:
    case STOA_SEM_IS_FALSE:
    case STOA_SEM_EXISTS:
    case STOA_SEM_IN_SELECT:
      e->negated = !e->negated;
      *out = e;
      return STOA_OK;
    default:
      return with_args(r, STOA_SEM_NOT, node, e, NULL, out);
  }
}

static stoa_status compared(stoa_semantic_reader *r, const stoa_json *node, stoa_function f, stoa_semantic_expr *a,
                            stoa_semantic_expr *b, stoa_semantic_expr **out)
{
  STOA_TRY(with_args(r, STOA_SEM_COMPARE, node, a, b, out));
  (*out)->function = f;
  return STOA_OK;
}

static const struct {
  const char *name;
  stoa_semantic_kind kind;
  stoa_function function;
} operators[] = {{"=", STOA_SEM_COMPARE, STOA_FN_EQ},       {"<>", STOA_SEM_COMPARE, STOA_FN_NE},
                 {"<", STOA_SEM_COMPARE, STOA_FN_LT},       {">", STOA_SEM_COMPARE, STOA_FN_GT},
                 {"<=", STOA_SEM_COMPARE, STOA_FN_LE},      {">=", STOA_SEM_COMPARE, STOA_FN_GE},
                 {"+", STOA_SEM_COMPUTE, STOA_FN_ADD},      {"-", STOA_SEM_COMPUTE, STOA_FN_SUBTRACT},
                 {"*", STOA_SEM_COMPUTE, STOA_FN_MULTIPLY}, {"/", STOA_SEM_COMPUTE, STOA_FN_DIVIDE},
                 {"||", STOA_SEM_JOIN_TEXT, STOA_FN_CONCAT}};

static const char *operator_of(const stoa_semantic_reader *r, const stoa_json *node)
{
  const stoa_json *const name = stoa_json_find(node, "name");
  const char *const text = name && name->n_items == 1 ? stoa_semantic_string(&r->text, &name->items[0]) : NULL;
  return text ? text : "";
}

static stoa_status read_unary(stoa_semantic_reader *r, const stoa_json *node, const char *name,
                              stoa_semantic_expr *right, stoa_semantic_expr **out)
{
  if (strcmp(name, "+") == 0) {
    *out = right;
    return STOA_OK;
  }
  return strcmp(name, "-") == 0 ? with_args(r, STOA_SEM_NEGATE, node, right, NULL, out)
                                : stoa_semantic_refuse(r, node, stoa_arena_print(r->text.arena, "operator %s", name),
                                                       "use + - * / || and comparisons");
}

static stoa_status read_operator(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_expr **out)
{
  const char *const name = operator_of(r, node);
  const stoa_json *const left = stoa_json_find(node, "lexpr");
  stoa_semantic_expr *a = NULL, *b;
  if (left) {
    STOA_TRY(stoa_semantic_read_expr(r, left, &a));
  }
  STOA_TRY(stoa_semantic_read_expr(r, stoa_json_find(node, "rexpr"), &b));
  if (!a) {
    return read_unary(r, node, name, b, out);
  }
  for (size_t i = 0; i < sizeof operators / sizeof *operators; ++i) {
    if (strcmp(operators[i].name, name) == 0) {
      STOA_TRY(with_args(r, operators[i].kind, node, a, b, out));
      (*out)->function = operators[i].function;
      return STOA_OK;
    }
  }
  return stoa_semantic_refuse(r, node, stoa_arena_print(r->text.arena, "operator %s", name[0] ? name : "of that name"),
                              strchr(name, '~') ? "write LIKE or ILIKE" : "use + - * / || and comparisons");
}

static stoa_status read_between(stoa_semantic_reader *r, const stoa_json *node, bool negated, stoa_semantic_expr **out)
{
  const stoa_json *const list = stoa_json_find(stoa_semantic_node(stoa_json_find(node, "rexpr")), "items");
  stoa_semantic_expr *value[2], *low, *high, *both;
  if (!list || list->n_items != 2) {
    return stoa_semantic_refuse(r, node, "this BETWEEN", "write BETWEEN a AND b");
  }
  for (int i = 0; i < 2; ++i) { // each comparison has an expression of its own
    STOA_TRY(stoa_semantic_read_expr(r, stoa_json_find(node, "lexpr"), &value[i]));
  }
  STOA_TRY(stoa_semantic_read_expr(r, &list->items[0], &low));
  STOA_TRY(stoa_semantic_read_expr(r, &list->items[1], &high));
  STOA_TRY(compared(r, node, STOA_FN_GE, value[0], low, &low));
  STOA_TRY(compared(r, node, STOA_FN_LE, value[1], high, &high));
  STOA_TRY(stoa_semantic_both(r, low, high, &both));
  *out = both;
  return negated ? negate(r, node, both, out) : STOA_OK;
}

static stoa_status read_in(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_expr **out)
{
  stoa_semantic_expr *value;
  STOA_TRY(stoa_semantic_read_expr(r, stoa_json_find(node, "lexpr"), &value));
  STOA_TRY(with_args(r, STOA_SEM_IN, node, value, NULL, out));
  (*out)->negated = strcmp(operator_of(r, node), "<>") == 0;
  return read_args(r, stoa_json_find(stoa_semantic_node(stoa_json_find(node, "rexpr")), "items"), *out);
}

static stoa_status read_like(stoa_semantic_reader *r, const stoa_json *node, bool any_case, stoa_semantic_expr **out)
{
  stoa_semantic_expr *text, *like;
  STOA_TRY(stoa_semantic_read_expr(r, stoa_json_find(node, "lexpr"), &text));
  STOA_TRY(stoa_semantic_read_expr(r, stoa_json_find(node, "rexpr"), &like));
  STOA_TRY(with_args(r, STOA_SEM_LIKE, node, text, like, out));
  (*out)->negated = operator_of(r, node)[0] == '!';
  (*out)->any_case = any_case;
  return like->kind == STOA_SEM_TERM && like->untyped
           ? STOA_OK
           : stoa_semantic_refuse(r, node, "LIKE with a pattern that is no constant, or with ESCAPE",
                                  "write the pattern as a text; a backslash escapes % and _");
}

static stoa_status read_a_expr(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_expr **out)
{
  static const char *const known[] = {"kind", "name", "lexpr", "rexpr", "location", NULL};
  const char *const kind = stoa_semantic_member(&r->text, node, "kind");
  STOA_TRY(stoa_semantic_only(r, node, known));
  if (!kind || strcmp(kind, "AEXPR_OP") == 0) {
    return read_operator(r, node, out);
  }
  if (strcmp(kind, "AEXPR_IN") == 0) {
    return read_in(r, node, out);
  }
  if (strcmp(kind, "AEXPR_LIKE") == 0 || strcmp(kind, "AEXPR_ILIKE") == 0) {
    return read_like(r, node, strcmp(kind, "AEXPR_ILIKE") == 0, out);
  }
  if (strcmp(kind, "AEXPR_BETWEEN") == 0 || strcmp(kind, "AEXPR_NOT_BETWEEN") == 0) {
    return read_between(r, node, strcmp(kind, "AEXPR_NOT_BETWEEN") == 0, out);
  }
  if (strcmp(kind, "AEXPR_NULLIF") == 0) {
    stoa_semantic_expr *a, *b;
    STOA_TRY(stoa_semantic_read_expr(r, stoa_json_find(node, "lexpr"), &a));
    STOA_TRY(stoa_semantic_read_expr(r, stoa_json_find(node, "rexpr"), &b));
    return with_args(r, STOA_SEM_NULLIF, node, a, b, out);
  }
  const bool distinct = strstr(kind, "DISTINCT") != NULL, many = strstr(kind, "OP_A") != NULL;
  return stoa_semantic_refuse(r, node,
                              distinct ? "IS DISTINCT FROM"
                              : many   ? "ANY or ALL"
                                       : "SIMILAR TO or BETWEEN SYMMETRIC",
                              distinct ? "compare, and say what NULL means by IS NULL"
                              : many   ? "write IN (...) or NOT IN (...)"
                                       : "write LIKE, or two comparisons");
}

static stoa_status read_bool(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_expr **out)
{
  static const char *const known[] = {"boolop", "args", "location", NULL};
  const char *const op = stoa_semantic_member(&r->text, node, "boolop");
  const stoa_json *const args = stoa_json_find(node, "args");
  STOA_TRY(stoa_semantic_only(r, node, known));
  if (op && strcmp(op, "NOT_EXPR") == 0) {
    stoa_semantic_expr *inner;
    STOA_TRY(stoa_semantic_read_expr(r, &args->items[0], &inner));
    return negate(r, node, inner, out);
  }
  STOA_TRY(stoa_semantic_new(r, op && strcmp(op, "OR_EXPR") == 0 ? STOA_SEM_OR : STOA_SEM_AND, node, out));
  return read_args(r, args, *out);
}

static stoa_status read_test(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_expr **out)
{
  static const char *const known[] = {"arg", "nulltesttype", "booltesttype", "location", NULL};
  const char *const null = stoa_semantic_member(&r->text, node, "nulltesttype");
  const char *const test = stoa_semantic_member(&r->text, node, "booltesttype");
  stoa_semantic_expr *inner;
  STOA_TRY(stoa_semantic_only(r, node, known));
  STOA_TRY(stoa_semantic_read_expr(r, stoa_json_find(node, "arg"), &inner));
  const char *const word = null ? null : test ? test : "";
  const stoa_semantic_kind kind = null || strstr(word, "UNKNOWN") ? STOA_SEM_IS_NULL
                                  : strstr(word, "TRUE")          ? STOA_SEM_IS_TRUE
                                                                  : STOA_SEM_IS_FALSE;
  STOA_TRY(with_args(r, kind, node, inner, NULL, out));
  (*out)->negated = strstr(word, "NOT_") != NULL;
  return STOA_OK;
}

// CASE x WHEN v is CASE WHEN x = v.
static stoa_status read_case(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_expr **out)
{
  static const char *const known[] = {"arg", "args", "defresult", "location", NULL};
  static const char *const known_when[] = {"expr", "result", "location", NULL};
  const stoa_json *const whens = stoa_json_find(node, "args"), *const of = stoa_json_find(node, "arg");
  const stoa_json *const otherwise = stoa_json_find(node, "defresult");
  stoa_semantic_exprs args = {0};
  stoa_semantic_expr *value, *when, *result;
  STOA_TRY(stoa_semantic_only(r, node, known));
  STOA_TRY(stoa_semantic_new(r, STOA_SEM_CASE, node, out));
  for (uint32_t i = 0; whens && i < whens->n_items; ++i) {
    const stoa_json *const one = stoa_semantic_node(&whens->items[i]);
    STOA_TRY(stoa_semantic_only(r, one, known_when));
    STOA_TRY(stoa_semantic_read_expr(r, stoa_json_find(one, "expr"), &when));
    if (of) {
      STOA_TRY(stoa_semantic_read_expr(r, of, &value));
      STOA_TRY(compared(r, one, STOA_FN_EQ, value, when, &when));
    }
    STOA_TRY(stoa_semantic_read_expr(r, stoa_json_find(one, "result"), &result));
    STOA_PUSH(r->text.arena, &args, when);
    STOA_PUSH(r->text.arena, &args, result);
  }
  if (otherwise) {
    STOA_TRY(stoa_semantic_read_expr(r, otherwise, &result));
  } else {
    STOA_TRY(stoa_semantic_new(r, STOA_SEM_NULL, node, &result));
  }
  STOA_PUSH(r->text.arena, &args, result);
  (*out)->args = args.items;
  (*out)->n_args = args.n;
  return STOA_OK;
}

static stoa_status read_coalesce(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_expr **out)
{
  static const char *const known[] = {"args", "location", NULL};
  STOA_TRY(stoa_semantic_only(r, node, known));
  STOA_TRY(stoa_semantic_new(r, STOA_SEM_COALESCE, node, out));
  return read_args(r, stoa_json_find(node, "args"), *out);
}

// ---- functions

static const struct {
  const char *name;
  stoa_aggregate_kind kind;
} aggregates[] = {{"count", STOA_AGG_COUNT},
                  {"sum", STOA_AGG_SUM},
                  {"avg", STOA_AGG_AVG},
                  {"min", STOA_AGG_MIN},
                  {"max", STOA_AGG_MAX}};

static stoa_status read_aggregate(stoa_semantic_reader *r, const stoa_json *node, stoa_aggregate_kind kind,
                                  stoa_semantic_expr **out)
{
  static const char *const known[] = {"funcname",     "args",       "agg_filter", "agg_star",
                                      "agg_distinct", "funcformat", "location",   NULL};
  const stoa_json *const filter = stoa_json_find(node, "agg_filter");
  const bool star = stoa_semantic_flag(node, "agg_star");
  STOA_TRY(stoa_semantic_only(r, node, known));
  STOA_TRY(stoa_semantic_new(r, STOA_SEM_AGGREGATE, node, out));
  stoa_semantic_expr *const e = *out;
  e->aggregate = kind;
  e->distinct = stoa_semantic_flag(node, "agg_distinct");
  STOA_TRY(read_args(r, stoa_json_find(node, "args"), e));
  if (filter) {
    STOA_TRY(stoa_semantic_read_expr(r, filter, &e->condition));
  }
  if (e->n_args != (star ? 0 : 1) || (star && kind != STOA_AGG_COUNT)) {
    return stoa_error_at(r->text.err, STOA_BAD_SYNTAX, e->place, "%s takes one argument%s", stoa_aggregate_name(kind),
                         kind == STOA_AGG_COUNT ? ", or *" : "");
  }
  return STOA_OK;
}

static stoa_status read_call(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_expr **out)
{
  static const char *const known[] = {"funcname", "args", "funcformat", "location", NULL};
  const stoa_json *const names = stoa_json_find(node, "funcname");
  const char *const name =
    names && names->n_items ? stoa_semantic_string(&r->text, &names->items[names->n_items - 1]) : NULL;
  for (size_t i = 0; name && i < sizeof aggregates / sizeof *aggregates; ++i) {
    if (strcmp(aggregates[i].name, name) == 0) {
      return read_aggregate(r, node, aggregates[i].kind, out);
    }
  }
  STOA_TRY(stoa_semantic_only(r, node, known));
  const bool now = name && (strcmp(name, "now") == 0 || strcmp(name, "transaction_timestamp") == 0 ||
                            strcmp(name, "statement_timestamp") == 0);
  STOA_TRY(stoa_semantic_new(r, now ? STOA_SEM_NOW : STOA_SEM_CALL, node, out));
  (*out)->name = name ? name : "";
  return read_args(r, stoa_json_find(node, "args"), *out);
}

static stoa_status read_value_function(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_expr **out)
{
  const char *const op = stoa_semantic_member(&r->text, node, "op");
  const bool now = op && strcmp(op, "SVFOP_CURRENT_TIMESTAMP") == 0;
  if (!now && (!op || strcmp(op, "SVFOP_CURRENT_DATE") != 0)) {
    return stoa_semantic_refuse(r, node, "this value of the session", "use CURRENT_TIMESTAMP or CURRENT_DATE");
  }
  return stoa_semantic_new(r, now ? STOA_SEM_NOW : STOA_SEM_TODAY, node, out);
}

static stoa_status read_sublink(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_expr **out)
{
  const char *const kind = stoa_semantic_member(&r->text, node, "subLinkType");
  const stoa_json *const test = stoa_json_find(node, "testexpr");
  const bool exists = kind && strcmp(kind, "EXISTS_SUBLINK") == 0;
  if (!exists && (!kind || strcmp(kind, "ANY_SUBLINK") != 0 || stoa_json_find(node, "operName"))) {
    return stoa_semantic_refuse(r, node, "a sub-select as a value",
                                "join it: LEFT JOIN (SELECT h.heldBy AS customer, COUNT(*) AS n FROM ... GROUP BY "
                                "h.heldBy) s ON s.customer = c.id");
  }
  STOA_TRY(stoa_semantic_new(r, exists ? STOA_SEM_EXISTS : STOA_SEM_IN_SELECT, node, out));
  if (test) {
    (*out)->args = STOA_NEWS(r->text.arena, stoa_semantic_expr *, 1);
    (*out)->n_args = 1;
    STOA_TRY(stoa_semantic_read_expr(r, test, &(*out)->args[0]));
  }
  return r->select(r, stoa_semantic_node(stoa_json_find(node, "subselect")), &(*out)->select);
}

static stoa_status refuse_parameter(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_expr **out)
{
  (void)out;
  return stoa_semantic_refuse(r, node, "a parameter", "the instant asked about is CURRENT_TIMESTAMP");
}

stoa_status stoa_semantic_read_expr(stoa_semantic_reader *r, const stoa_json *any, stoa_semantic_expr **out)
{
  static const struct {
    const char *name;
    stoa_status (*read)(stoa_semantic_reader *, const stoa_json *, stoa_semantic_expr **);
  } readers[] = {{"ColumnRef", read_column},
                 {"A_Const", read_constant},
                 {"TypeCast", read_cast},
                 {"A_Expr", read_a_expr},
                 {"BoolExpr", read_bool},
                 {"NullTest", read_test},
                 {"BooleanTest", read_test},
                 {"CaseExpr", read_case},
                 {"CoalesceExpr", read_coalesce},
                 {"FuncCall", read_call},
                 {"SQLValueFunction", read_value_function},
                 {"SubLink", read_sublink},
                 {"ParamRef", refuse_parameter}};
  const stoa_json *const node = stoa_semantic_node(any);
  for (size_t i = 0; node && i < sizeof readers / sizeof *readers; ++i) {
    if (stoa_semantic_named(node, readers[i].name)) {
      return readers[i].read(r, node, out);
    }
  }
  const char *const kind = node ? node->name : "this";
  return stoa_semantic_refuse(
    r, any, stoa_arena_print(r->text.arena, "%s", strcmp(kind, "MinMaxExpr") == 0 ? "GREATEST or LEAST" : kind),
    "write CASE, or ask in SPARQL");
}
