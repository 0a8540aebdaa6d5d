// Statements: the text of a relation, and the columns of its rows.
#include "graph/plan/statement.h"

static const stoa_plan_node *sql_node(stoa_planner *p, const stoa_rel *rel)
{
  stoa_plan_node *const node = stoa_plan_node_new(p, rel->blocks.n ? STOA_PLAN_SQL : STOA_PLAN_EMPTY, NULL, NULL);
  stoa_var *vars = NULL;
  uint32_t capacity = 0;
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    for (uint32_t k = 0; k < rel->blocks.items[i]->bindings.n; ++k) {
      const stoa_var var = rel->blocks.items[i]->bindings.items[k].var;
      if (stoa_plan_column(node, var) < 0) {
        if (node->n_vars == capacity) {
          vars = stoa_arena_grow(p->arena, vars, node->n_vars, &capacity, sizeof *vars);
        }
        node->vars = vars;
        vars[node->n_vars++] = var;
      }
    }
  }
  if (rel->blocks.n == 0) {
    return node;
  }
  stoa_params params = {0};
  stoa_buf text = {0};
  stoa_rel_print(&p->rels, rel, &params, &node->sql.layout, &text);
  node->source = rel->source;
  node->sql.rel = rel;
  node->sql.text = stoa_arena_copy(p->arena, (stoa_slice){text.data, text.length});
  node->sql.params = params.items;
  node->sql.n_params = params.n;
  stoa_buf_done(&text);
  return node;
}

// A database takes so many SELECTs in one statement (500 are SQLite's limit); more alternatives are several statements.
enum { MOST_SELECTS = 400 };

static const stoa_plan_node *in_pieces(stoa_planner *p, const stoa_rel *rel)
{
  const stoa_plan_node *all = NULL;
  for (uint32_t first = 0; first == 0 || first < rel->blocks.n; first += MOST_SELECTS) {
    stoa_rel *const piece = STOA_NEW(p->arena, stoa_rel);
    const uint32_t rest = rel->blocks.n - first;
    piece->source = rel->source;
    piece->blocks.items = rel->blocks.items + first;
    piece->blocks.n = rest < MOST_SELECTS ? rest : MOST_SELECTS;
    all = stoa_plan_union(p, all, sql_node(p, piece));
  }
  return all;
}

// A UNION of SQL that compares rows must make its terms alike; else each block is read and the
// executor drops what is there twice.
const stoa_plan_node *stoa_plan_statement(stoa_planner *p, const stoa_rel *of)
{
  if (!of->set) {
    return in_pieces(p, of);
  }
  const stoa_block *open;
  stoa_rel *const rel = STOA_NEW(p->arena, stoa_rel);
  rel->source = of->source;
  if (of->blocks.n <= MOST_SELECTS && stoa_rel_open(&p->rels, of, &open) == STOA_SAID) {
    STOA_PUSH(p->arena, &rel->blocks, open);
    return sql_node(p, rel);
  }
  rel->blocks.items = of->blocks.items;
  rel->blocks.n = of->blocks.n;
  stoa_plan_node *const distinct = stoa_plan_node_new(p, STOA_PLAN_DISTINCT, in_pieces(p, rel), NULL);
  stoa_plan_merge_vars(p, distinct);
  return distinct;
}
