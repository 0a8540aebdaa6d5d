#include "graph/sparql/algebra.h"

static const char *const function_names[] = {
#define X(name, text, form, least, most, computed_by) text,
  STOA_FUNCTION_TABLE(X)
#undef X
};

static const char *const aggregate_names[] = {"COUNT", "SUM", "AVG", "MIN", "MAX", "SAMPLE", "GROUP_CONCAT"};

static const char *const node_names[] = {"Unit",     "BGP",    "Join",   "LeftJoin", "Union",   "Minus",
                                         "Filter",   "Extend", "Values", "Group",    "OrderBy", "Project",
                                         "Distinct", "Slice",  "Path",   "Service"};

stoa_function stoa_function_mirrored(stoa_function f)
{
  switch (f) {
    case STOA_FN_LT:
      return STOA_FN_GT;
    case STOA_FN_GT:
      return STOA_FN_LT;
    case STOA_FN_LE:
      return STOA_FN_GE;
    case STOA_FN_GE:
      return STOA_FN_LE;
    default:
      return f;
  }
}

const char *stoa_function_name(stoa_function function)
{
  return function_names[function];
}

bool stoa_function_is_volatile(stoa_function f)
{
  return f == STOA_FN_RAND || f == STOA_FN_UUID || f == STOA_FN_STRUUID || f == STOA_FN_BNODE;
}

const char *stoa_aggregate_name(stoa_aggregate_kind kind)
{
  return aggregate_names[kind];
}

// A variable beyond the query's is one that the planner added: it has no name.
static void print_var(const stoa_query *query, stoa_var var, stoa_buf *out)
{
  const char *const name = var < query->n_vars ? query->names[var] : "_";
  stoa_buf_print(out, "%s%s", name[0] == '_' && name[1] == ':' ? "" : "?", name);
}

static void print_slot(const stoa_query *query, const stoa_slot *slot, stoa_buf *out)
{
  if (slot->var != STOA_NO_VAR) {
    print_var(query, slot->var, out);
  } else {
    stoa_term_write(slot->term, out);
  }
}

void stoa_expr_print(const stoa_query *query, const stoa_expr *expr, stoa_buf *out)
{
  switch (expr->kind) {
    case STOA_EXPR_TERM:
      stoa_term_write(expr->term, out);
      break;
    case STOA_EXPR_VAR:
      print_var(query, expr->var, out);
      break;
    case STOA_EXPR_EXISTS:
      stoa_buf_text(out, expr->negated ? "NOT EXISTS {...}" : "EXISTS {...}");
      break;
    case STOA_EXPR_CALL:
      stoa_buf_print(out, "(%s", stoa_function_name(expr->function));
      for (uint32_t i = 0; i < expr->n_args; ++i) {
        stoa_buf_byte(out, ' ');
        stoa_expr_print(query, expr->args[i], out);
      }
      stoa_buf_byte(out, ')');
      break;
  }
}

static void print_patterns(const stoa_query *query, const stoa_node *node, int depth, stoa_buf *out)
{
  for (uint32_t i = 0; i < node->n_patterns; ++i) {
    const stoa_pattern *const p = &node->patterns[i];
    stoa_buf_print(out, "\n%*s", depth * 2 + 2, "");
    print_slot(query, &p->subject, out);
    stoa_buf_byte(out, ' ');
    print_slot(query, &p->predicate, out);
    stoa_buf_byte(out, ' ');
    print_slot(query, &p->object, out);
    if (p->graph.var != STOA_NO_VAR || stoa_term_is_bound(p->graph.term)) {
      stoa_buf_text(out, " graph ");
      print_slot(query, &p->graph, out);
    }
  }
}

static void print_detail(const stoa_query *query, const stoa_node *node, stoa_buf *out)
{
  if (node->kind == STOA_NODE_EXTEND) {
    stoa_buf_byte(out, ' ');
    print_var(query, node->var, out);
    stoa_buf_text(out, " :=");
  }
  if (node->expr) {
    stoa_buf_byte(out, ' ');
    stoa_expr_print(query, node->expr, out);
  }
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    stoa_buf_byte(out, ' ');
    print_var(query, node->vars[i], out);
  }
  if (node->kind == STOA_NODE_VALUES) {
    stoa_buf_print(out, " (%u rows)", node->n_rows);
  }
  for (uint32_t i = 0; i < node->n_aggregates; ++i) {
    const stoa_aggregate *const a = &node->aggregates[i];
    stoa_buf_print(out, " %s(%s%s", stoa_aggregate_name(a->kind), a->distinct ? "DISTINCT " : "",
                   a->of_bound ? "BOUND " : "");
    a->expr ? stoa_expr_print(query, a->expr, out) : stoa_buf_byte(out, '*');
    stoa_buf_byte(out, ')');
  }
  for (uint32_t i = 0; i < node->n_orders; ++i) {
    stoa_buf_text(out, node->orders[i].descending ? " DESC " : " ASC ");
    stoa_expr_print(query, node->orders[i].expr, out);
  }
  if (node->kind == STOA_NODE_PATH) {
    stoa_buf_byte(out, ' ');
    print_slot(query, &node->ends[0], out);
    stoa_buf_print(out, " %s ", node->many ? node->zero ? "*" : "+" : "?");
    print_slot(query, &node->ends[1], out);
  }
  if (node->kind == STOA_NODE_SERVICE) {
    stoa_buf_byte(out, ' ');
    print_slot(query, &node->ends[0], out);
  }
  if (node->kind == STOA_NODE_SLICE) {
    stoa_buf_print(out, " offset %llu", (unsigned long long)node->offset);
    if (node->limit != UINT64_MAX) {
      stoa_buf_print(out, " limit %llu", (unsigned long long)node->limit);
    }
  }
}

static void print_node(const stoa_query *query, const stoa_node *node, int depth, stoa_buf *out)
{
  stoa_buf_print(out, "%*s%s", depth * 2, "", node_names[node->kind]);
  print_detail(query, node, out);
  print_patterns(query, node, depth, out);
  stoa_buf_byte(out, '\n');
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    print_node(query, node->inputs[i], depth + 1, out);
  }
}

void stoa_algebra_print(const stoa_query *query, const stoa_node *node, stoa_buf *out)
{
  print_node(query, node, 0, out);
}

void stoa_expr_vars(const stoa_expr *expr, void (*visit)(stoa_var, void *), void *data)
{
  if (expr->kind == STOA_EXPR_VAR) {
    visit(expr->var, data);
  }
  for (uint32_t i = 0; i < expr->n_args; ++i) {
    stoa_expr_vars(expr->args[i], visit, data);
  }
}

static bool node_reads(const stoa_node *node);

static bool expr_reads(const stoa_expr *e)
{
  bool reads = e && e->kind == STOA_EXPR_EXISTS && node_reads(e->pattern);
  for (uint32_t i = 0; e && i < e->n_args && !reads; ++i) {
    reads = expr_reads(e->args[i]);
  }
  return reads;
}

static bool node_reads(const stoa_node *node)
{
  bool reads = node->n_patterns > 0 || node->kind == STOA_NODE_PATH || expr_reads(node->expr);
  for (uint32_t i = 0; i < node->n_aggregates && !reads; ++i) {
    reads = expr_reads(node->aggregates[i].expr);
  }
  for (uint32_t i = 0; i < node->n_orders && !reads; ++i) {
    reads = expr_reads(node->orders[i].expr);
  }
  for (int i = 0; i < 2 && node->inputs[i] && node->kind != STOA_NODE_SERVICE && !reads; ++i) {
    reads = node_reads(node->inputs[i]);
  }
  return reads;
}

bool stoa_query_reads(const stoa_query *query)
{
  return query->form == STOA_FORM_DESCRIBE || node_reads(query->root);
}

static void expr_patterns(const stoa_expr *e, void (*visit)(const stoa_pattern *, void *), void *data)
{
  if (e && e->kind == STOA_EXPR_EXISTS) {
    stoa_node_patterns(e->pattern, visit, data);
  }
  for (uint32_t i = 0; e && i < e->n_args; ++i) {
    expr_patterns(e->args[i], visit, data);
  }
}

void stoa_node_patterns(const stoa_node *node, void (*visit)(const stoa_pattern *, void *), void *data)
{
  for (uint32_t i = 0; i < node->n_patterns; ++i) {
    visit(&node->patterns[i], data);
  }
  expr_patterns(node->expr, visit, data);
  for (uint32_t i = 0; i < node->n_aggregates; ++i) {
    expr_patterns(node->aggregates[i].expr, visit, data);
  }
  for (uint32_t i = 0; i < node->n_orders; ++i) {
    expr_patterns(node->orders[i].expr, visit, data);
  }
  for (int i = 0; i < 2 && node->inputs[i] && node->kind != STOA_NODE_SERVICE; ++i) {
    stoa_node_patterns(node->inputs[i], visit, data);
  }
}

static bool slot_is(const stoa_slot *slot, stoa_var var)
{
  return slot->var == var;
}

static bool patterns_bind(const stoa_node *node, stoa_var var)
{
  for (uint32_t i = 0; i < node->n_patterns; ++i) {
    const stoa_pattern *const p = &node->patterns[i];
    if (slot_is(&p->subject, var) || slot_is(&p->predicate, var) || slot_is(&p->object, var) ||
        slot_is(&p->graph, var)) {
      return true;
    }
  }
  return false;
}

static bool values_bind(const stoa_node *node, stoa_var var)
{
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    for (uint32_t r = 0; node->vars[i] == var && r < node->n_rows; ++r) {
      if (!stoa_term_is_bound(node->rows[r * node->n_vars + i])) {
        return false;
      }
    }
    if (node->vars[i] == var) {
      return true;
    }
  }
  return false;
}

static bool is_listed(const stoa_node *node, stoa_var var)
{
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    if (node->vars[i] == var) {
      return true;
    }
  }
  return false;
}

bool stoa_node_binds(const stoa_node *node, stoa_var var)
{
  switch (node->kind) {
    case STOA_NODE_UNIT:
      return false;
    case STOA_NODE_BGP:
      return patterns_bind(node, var);
    case STOA_NODE_VALUES:
      return values_bind(node, var);
    case STOA_NODE_JOIN:
      return stoa_node_binds(node->inputs[0], var) || stoa_node_binds(node->inputs[1], var);
    case STOA_NODE_UNION:
      return stoa_node_binds(node->inputs[0], var) && stoa_node_binds(node->inputs[1], var);
    case STOA_NODE_GROUP:
    case STOA_NODE_PROJECT:
      return is_listed(node, var) && stoa_node_binds(node->inputs[0], var);
    case STOA_NODE_PATH:
      return slot_is(&node->ends[0], var) || slot_is(&node->ends[1], var) || slot_is(&node->graph, var);
    case STOA_NODE_SERVICE:
      return false;
    default:
      return stoa_node_binds(node->inputs[0], var);
  }
}

static void see(const stoa_slot *slot, bool *seen)
{
  if (slot->var != STOA_NO_VAR) {
    seen[slot->var] = true;
  }
}

void stoa_node_vars(const stoa_node *node, bool *seen)
{
  const bool closes = node->kind == STOA_NODE_PROJECT || node->kind == STOA_NODE_GROUP || node->kind == STOA_NODE_PATH;
  if (node->kind == STOA_NODE_PATH) {
    see(&node->ends[0], seen);
    see(&node->ends[1], seen);
    see(&node->graph, seen);
  }
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    seen[node->vars[i]] = true;
  }
  for (uint32_t i = 0; i < node->n_patterns; ++i) {
    see(&node->patterns[i].subject, seen);
    see(&node->patterns[i].predicate, seen);
    see(&node->patterns[i].object, seen);
    see(&node->patterns[i].graph, seen);
  }
  for (uint32_t i = 0; i < node->n_aggregates; ++i) {
    seen[node->aggregates[i].out] = true;
  }
  if (node->kind == STOA_NODE_EXTEND) {
    seen[node->var] = true;
  }
  const int n_inputs = closes ? 0 : node->kind == STOA_NODE_MINUS ? 1 : 2;
  for (int i = 0; i < n_inputs && node->inputs[i]; ++i) {
    stoa_node_vars(node->inputs[i], seen);
  }
}
