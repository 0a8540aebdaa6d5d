// --explain=plan and --explain=sql: the plan as a tree with the statements that the sources will run.
#include "graph/plan/explain.h"

static const char *const kind_names[] = {"Empty", "Unit",  "SQL",      "Quads", "Values",  "HashJoin", "LeftJoin",
                                         "Union", "Minus", "SemiJoin", "Path",  "Service", "Filter",   "Extend",
                                         "Group", "Sort",  "Distinct", "Slice", "Project"};

typedef struct {
  const stoa_plan *plan;
  bool sql;
  stoa_buf *out;
  void (*annotate)(const stoa_plan_node *node, void *data, stoa_buf *out); ///< or NULL
  void *data;
} printer;

static void print_vars(const printer *p, const stoa_plan_node *node)
{
  stoa_buf_text(p->out, " [");
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    const stoa_var v = node->vars[i];
    stoa_buf_print(p->out, "%s?%s", i ? " " : "", v < p->plan->query->n_vars ? p->plan->query->names[v] : "_");
  }
  stoa_buf_byte(p->out, ']');
}

// What the statement hands back.
static void print_hosted(const printer *p, const stoa_hosted *h)
{
  if (h->kind == STOA_HOSTED_CELL) {
    stoa_buf_print(p->out, "column %u of VALUES", h->column + 1);
  } else if (h->kind == STOA_HOSTED_FOLD) {
    stoa_buf_text(p->out, stoa_aggregate_name(h->aggregate->kind));
  } else {
    stoa_expr_print(p->plan->query, h->expr, p->out);
  }
}

static void print_param(const printer *p, const stoa_param *param)
{
  if (param->kind == STOA_PARAM_NOW) {
    stoa_buf_print(p->out, "now%+llds", (long long)(param->offset_us / 1000000));
  } else if (param->kind == STOA_PARAM_SLOT) {
    stoa_buf_print(p->out, "slot %u%s", param->slot, param->many ? " (rows)" : "");
  } else if (param->kind == STOA_PARAM_KEYS) {
    stoa_buf_text(p->out, "terms of the left side");
  } else if (param->kind == STOA_PARAM_ROWS) {
    stoa_buf_text(p->out, "row numbers");
  } else if (param->kind == STOA_PARAM_HOSTED) {
    print_hosted(p, param->hosted);
  } else if (param->value.kind == STOA_VALUE_INTEGER) {
    stoa_buf_print(p->out, "%lld", (long long)param->value.as.integer);
  } else if (param->value.kind == STOA_VALUE_REAL) {
    stoa_buf_number(p->out, param->value.as.real);
  } else {
    stoa_buf_json(p->out, param->value.text);
  }
}

// Does a clause of SQL begin here?
static bool begins_clause(const char *text)
{
  static const char *const clauses[] = {" FROM ", " WHERE ", " GROUP BY ", " ORDER BY ", " UNION ALL ", " UNION ",
                                        " LEFT JOIN ", " HAVING "};
  for (size_t i = 0; i < sizeof clauses / sizeof *clauses; ++i) {
    if (strncmp(text, clauses[i], strlen(clauses[i])) == 0) {
      return true;
    }
  }
  return false;
}

// A statement over several lines: each clause that stands in no brackets begins one, and so does what stands before the
// statement.  Texts within quotes are left alone.
static void print_statement(const printer *p, const char *sql, int indent)
{
  int open = 0;
  char quote = 0;
  stoa_buf_print(p->out, "\n%*s", indent, "");
  for (const char *c = sql; *c; ++c) {
    quote = quote ? (*c == quote ? 0 : quote) : *c == '"' || *c == '\'' ? *c : 0;
    open += quote ? 0 : (*c == '(') - (*c == ')');
    const bool after_with = !quote && open == 0 && *c == ' ' && c > sql && c[-1] == ')' && strncmp(c, " SELECT ", 8) == 0;
    if (!quote && open == 0 && (after_with || begins_clause(c))) {
      stoa_buf_print(p->out, "\n%*s", indent + (after_with ? 0 : 2), "");
    } else {
      stoa_buf_byte(p->out, *c);
    }
  }
}

static void print_sql(const printer *p, const stoa_plan_node *node, int depth)
{
  print_statement(p, node->sql.text, depth * 2 + 2);
  for (uint32_t i = 0; i < node->sql.n_params; ++i) {
    stoa_buf_print(p->out, i ? ", " : "\n%*s-- parameters: ", depth * 2 + 2, "");
    print_param(p, &node->sql.params[i]);
  }
}

static const char *name_of(const printer *p, stoa_var var)
{
  return var < p->plan->query->n_vars ? p->plan->query->names[var] : "?";
}

// The operator, where it runs, and how it meets its inputs.
static void print_operator(const printer *p, const stoa_plan_node *node, int depth)
{
  const bool joins = stoa_plan_is_join(node);
  const char *const anti = joins && node->join.negated ? "Anti" : "";
  stoa_buf_print(p->out, "%*s%s%s", depth * 2, "", anti, kind_names[node->kind]);
  if (node->kind == STOA_PLAN_ORDER && node->limit) {
    stoa_buf_print(p->out, " first %u", node->limit);
  }
  static const char *const hows[] = {"", "Left", "Semi", "Anti"};
  if (node->kind == STOA_PLAN_QUADS && node->inputs[0]) {
    stoa_buf_print(p->out, "%sLookup", hows[node->quads.how]);
  }
  if (node->source) {
    stoa_buf_print(p->out, " on %s", node->source->name);
  }
  if (joins && node->join.sends) {
    stoa_buf_print(p->out, " sending ?%s", name_of(p, node->join.var));
  }
}

static void print_expr(const printer *p, const stoa_plan_node *node)
{
  if (node->expr) {
    stoa_buf_byte(p->out, ' ');
    // Expressions of the planner's own speak of variables that the query does not name.
    if (node->kind != STOA_PLAN_FILTER || node->node) {
      stoa_expr_print(p->plan->query, node->expr, p->out);
    } else {
      stoa_buf_text(p->out, "(constant of the pattern)");
    }
  }
}

static void print_node(const printer *p, const stoa_plan_node *node, int depth)
{
  print_operator(p, node, depth);
  print_expr(p, node);
  print_vars(p, node);
  for (uint32_t i = 0; node->kind == STOA_PLAN_QUADS && i < node->quads.n_ranges; ++i) {
    stoa_buf_print(p->out, " by %s of ?%s", node->quads.ranges[i].prefix.length ? "beginning" : "value", p->plan->query->names[node->quads.ranges[i].var]);
  }
  for (uint32_t i = 0; node->kind == STOA_PLAN_QUADS && i < node->quads.n_kinds; ++i) {
    stoa_buf_print(p->out, " of kind of ?%s", p->plan->query->names[node->quads.kinds[i].var]);
  }
  if (node->kind == STOA_PLAN_QUADS && node->quads.keyed) {
    stoa_buf_print(p->out, " or for few of ?%s", name_of(p, node->quads.key_var));
  }
  if (p->annotate) {
    p->annotate(node, p->data, p->out);
  }
  if (p->annotate || !p->sql) {
    stoa_buf_print(p->out, p->annotate ? ", about %.0f expected" : "  -- about %.0f rows", node->rows);
  }
  if (p->sql && node->kind == STOA_PLAN_SQL) {
    print_sql(p, node, depth);
  }
  if (p->sql && node->kind == STOA_PLAN_SQL && node->sql.bound) {
    stoa_buf_print(p->out, "\n%*sor for few of ?%s:", depth * 2 + 2, "", name_of(p, node->sql.bound_var));
    print_sql(p, node->sql.bound, depth);
  }
  stoa_buf_byte(p->out, '\n');
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    print_node(p, node->inputs[i], depth + 1);
  }
}

void stoa_plan_print(const stoa_plan *plan, bool sql, stoa_buf *out)
{
  const printer p = {.plan = plan, .sql = sql, .out = out};
  print_node(&p, plan->root, 0);
  if (plan->check) {
    stoa_buf_text(out, "-- unless a value has a letter that tells it from the next in its template, or a row a predicate "
                       "that no sample shows:\n");
    print_node(&p, plan->check, 0);
    stoa_buf_text(out, "-- for then:\n");
    print_node(&p, plan->unless, 0);
  }
  for (uint32_t i = 0; i < plan->n_notes && !sql; ++i) {
    stoa_buf_print(out, "-- %s\n", plan->notes[i]);
  }
}

void stoa_plan_print_with(const stoa_plan *plan, void (*annotate)(const stoa_plan_node *, void *, stoa_buf *),
                          void *data, stoa_buf *out)
{
  const printer p = {plan, true, out, annotate, data};
  print_node(&p, plan->root, 0);
}
