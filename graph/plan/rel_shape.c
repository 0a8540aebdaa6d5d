// The shape of relations: wrapping what is grouped or sliced, and restricting to given terms.
//
// A block that has GROUP BY, DISTINCT, ORDER BY or LIMIT is finished: a condition or a table added to it would come
// before these, where SPARQL has it after.  So it becomes a subquery in FROM of a new block, whose columns are its
// columns.  A union of several blocks can become one subquery only when all of them make each variable's term alike,
// for the rows of a UNION ALL do not tell where they came from.
#include "graph/plan/rel.h"

// ---- wrapping

// May SQL drop equal rows for equal terms?
static bool all_exact(const stoa_rel *rel)
{
  bool exact = true;
  for (uint32_t i = 0; i < rel->blocks.n && exact; ++i) {
    exact = stoa_block_exact(rel->blocks.items[i]);
  }
  return exact;
}

// False where texts that are "=" may be of different letters.
static bool texts_tell(const stoa_rel *rel)
{
  if (!rel->source || !stoa_sql_op_said(STOA_OP_SAME_TEXT, rel->source->dialect)) {
    return true;
  }
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    for (uint32_t k = 0; k < rel->blocks.items[i]->bindings.n; ++k) {
      const stoa_binding *const b = &rel->blocks.items[i]->bindings.items[k];
      for (uint32_t c = 0; c < b->ctor->n_columns; ++c) {
        if (b->columns[c]->info && b->columns[c]->info->type == STOA_SQL_TEXT) {
          return false;
        }
      }
    }
  }
  return true;
}

// Every block binds the same variables in the same order by term maps that are alike, so that one row of the union can
// be read without knowing its block.
static bool uniform(const stoa_rel *rel)
{
  const stoa_block *const first = rel->blocks.items[0];
  for (uint32_t i = 1; i < rel->blocks.n; ++i) {
    const stoa_block *const block = rel->blocks.items[i];
    if (block->bindings.n != first->bindings.n) {
      return false;
    }
    for (uint32_t k = 0; k < first->bindings.n; ++k) {
      if (first->bindings.items[k].var != block->bindings.items[k].var ||
          !stoa_binding_alike(&first->bindings.items[k], &block->bindings.items[k])) {
        return false;
      }
    }
  }
  return true;
}

// Put the bindings of all blocks into the order of the first.
static stoa_said ordered(stoa_rels *r, const stoa_rel *a, const stoa_rel **out)
{
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  rel->set = a->set;
  for (uint32_t i = 0; i < a->blocks.n; ++i) {
    if (a->blocks.items[i]->bindings.n != a->blocks.items[0]->bindings.n) {
      return STOA_CANNOT_SAY;
    }
    stoa_block *const block = stoa_block_copy(r, a->blocks.items[i]);
    block->bindings.n = 0;
    for (uint32_t k = 0; k < a->blocks.items[0]->bindings.n; ++k) {
      const stoa_binding *const b = stoa_block_find(a->blocks.items[i], a->blocks.items[0]->bindings.items[k].var);
      if (!b) {
        return STOA_CANNOT_SAY;
      }
      STOA_PUSH(r->arena, &block->bindings, *b);
    }
    STOA_PUSH(r->arena, &rel->blocks, block);
  }
  *out = rel;
  return STOA_SAID;
}

// A column of a subquery as the block around it sees it.
static const stoa_column_info *outer_column(stoa_rels *r, const stoa_sx *sx, uint32_t number)
{
  stoa_column_info *const info = STOA_NEW(r->arena, stoa_column_info);
  if (sx->info) {
    *info = *sx->info;
  } else {
    info->type = STOA_SQL_INTEGER;
  }
  info->name = stoa_arena_print(r->arena, "c%u", number);
  info->not_null = false;
  return info;
}

enum { MOST_SELECTS = 400 }; // of one statement; SQLite takes 500

// The rows of a subquery are those of the relation, and so are its terms, which are made from the same columns.
stoa_said stoa_rel_open(stoa_rels *r, const stoa_rel *a, const stoa_block **out)
{
  if (a->blocks.n == 0 || a->blocks.n > MOST_SELECTS || stoa_rel_deeper(a, STOA_SX_DEEPEST - 2)) {
    return STOA_CANNOT_SAY;
  }
  const stoa_rel *sub;
  if (ordered(r, a, &sub) == STOA_CANNOT_SAY || !uniform(sub) || (a->set && !(all_exact(a) && texts_tell(a)))) {
    if (!r->hosted) {
      return STOA_CANNOT_SAY;
    }
    sub = stoa_hosted_uniform(r, a);
  }
  stoa_block *const block = stoa_block_new(r);
  const stoa_block *const first = sub->blocks.items[0];
  const stoa_from from = {.kind = STOA_FROM_SUB, .sub = sub, .alias = r->n_aliases++};
  uint32_t n = 0;
  STOA_PUSH(r->arena, &block->from, from);
  for (uint32_t i = 0; i < first->bindings.n; ++i) {
    stoa_binding b = first->bindings.items[i];
    stoa_ctor *const ctor = STOA_NEW(r->arena, stoa_ctor);
    *ctor = *b.ctor;
    for (uint32_t k = 0; k < ctor->n_columns; ++k) {
      ctor->columns[k] = outer_column(r, b.columns[k], n++);
      b.columns[k] = stoa_sx_column(r, from.alias, ctor->columns[k]);
    }
    if (b.guard) {
      b.guard = stoa_sx_column(r, from.alias, outer_column(r, b.guard, n++));
    }
    for (uint32_t j = 0; j < sub->blocks.n; ++j) {
      b.nullable |= sub->blocks.items[j]->bindings.items[i].nullable;
    }
    b.ctor = ctor;
    STOA_PUSH(r->arena, &block->bindings, b);
  }
  *out = block;
  return STOA_SAID;
}

// Blocks that are closed are wrapped one by one, so that each alternative stays what it is; a set is one subquery.
stoa_said stoa_rel_apart(stoa_rels *r, const stoa_rel *a, const stoa_rel **out)
{
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  const stoa_rel *open;
  if (stoa_rel_opened(r, a, &open) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  for (uint32_t i = 0; i < open->blocks.n; ++i) {
    stoa_block *const block = stoa_block_copy(r, open->blocks.items[i]);
    block->closed = true;
    block->limit = INT64_MAX; // a slice of all rows: a database does not look through it
    STOA_PUSH(r->arena, &rel->blocks, block);
  }
  return stoa_rel_opened(r, rel, out);
}

stoa_said stoa_rel_opened(stoa_rels *r, const stoa_rel *a, const stoa_rel **out)
{
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  bool changed = false;
  if (a->set) {
    const stoa_block *block;
    return stoa_rel_open(r, a, &block) == STOA_SAID ? stoa_rel_said(stoa_rel_of_block(r, a->source, block), out)
                                                    : STOA_CANNOT_SAY;
  }
  for (uint32_t i = 0; i < a->blocks.n; ++i) {
    const stoa_block *block = a->blocks.items[i];
    if (block->closed) {
      if (stoa_rel_open(r, stoa_rel_of_block(r, a->source, block), &block) == STOA_CANNOT_SAY) {
        return STOA_CANNOT_SAY;
      }
      changed = true;
    }
    STOA_PUSH(r->arena, &rel->blocks, block);
  }
  *out = changed ? rel : a;
  return changed ? STOA_SAID : STOA_SAID_UNCHANGED;
}

// ---- restricting to given terms

static stoa_param slot_param(const stoa_node *values, const stoa_ctor *ctor, uint32_t part, bool many)
{
  return (stoa_param){.kind = STOA_PARAM_SLOT, .slot = values->slot, .part = part, .many = many, .ctor = ctor};
}

static void json_value(const stoa_value *v, stoa_buf *out)
{
  if (v->kind == STOA_VALUE_INTEGER) {
    stoa_buf_print(out, "%lld", (long long)v->as.integer);
  } else if (v->kind == STOA_VALUE_REAL) {
    stoa_buf_number(out, v->as.real);
  } else {
    stoa_buf_json(out, v->text);
  }
}

// Terms as one JSON array: the statement's text does not depend on their number.
static stoa_said list_param(stoa_rels *r, const stoa_ctor *ctor, const stoa_term *terms, uint32_t n, stoa_param *out)
{
  stoa_buf json = {0};
  stoa_buf_byte(&json, '[');
  stoa_said all = STOA_SAID;
  for (uint32_t i = 0; i < n; ++i) {
    stoa_value parts[STOA_TEMPLATE_COLUMNS];
    const stoa_said one = stoa_ctor_invert(ctor, terms[i], r->arena, parts);
    if (one == STOA_CANNOT_SAY) {
      all = one;
    } else if (one == STOA_SAID) {
      if (json.length > 1) {
        stoa_buf_byte(&json, ',');
      }
      json_value(&parts[0], &json);
    }
  }
  stoa_buf_byte(&json, ']');
  *out = (stoa_param){
    .kind = STOA_PARAM_VALUE,
    .value = {.kind = STOA_VALUE_TEXT, .text = stoa_arena_slice(r->arena, (stoa_slice){json.data, json.length})}};
  stoa_buf_done(&json);
  return all;
}

static stoa_sql_op in_list(stoa_sql_type type)
{
  return type == STOA_SQL_INTEGER ? STOA_OP_IN_INTEGERS : STOA_OP_IN_TEXTS;
}

static bool says_list(const stoa_rels *r, const stoa_binding *b)
{
  return stoa_sql_op_said(in_list(b->columns[0]->info->type), r->dialect);
}

// Only columns whose values JSON writes exactly can be looked for in a list.
static bool may_restrict(const stoa_binding *b)
{
  if (b->nullable || b->ctor->kind == STOA_CTOR_CONSTANT) {
    return false;
  }
  for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
    const stoa_sql_type type = b->columns[k]->info->type;
    if (type != STOA_SQL_INTEGER && type != STOA_SQL_TEXT) {
      return false;
    }
  }
  return true;
}

// A term is one of a list when its column is one of the values that would make them; a term of the list that the term
// map never makes is no row's.
stoa_said stoa_sx_among(stoa_rels *r, const stoa_binding *b, const stoa_term *terms, uint32_t n, const stoa_sx **out)
{
  stoa_param param;
  if (!may_restrict(b) || b->ctor->n_columns != 1 || !says_list(r, b) ||
      list_param(r, b->ctor, terms, n, &param) != STOA_SAID) {
    return STOA_CANNOT_SAY;
  }
  *out = stoa_sx_call(r, in_list(b->columns[0]->info->type), b->columns[0], stoa_sx_param(r, param));
  return STOA_SAID;
}

// VALUES joins the rows with its terms: here only the restriction, for the rows of VALUES are joined above.
static stoa_said restrict_block(stoa_rels *r, stoa_block *block, const stoa_node *values)
{
  const stoa_binding *const b = stoa_block_find(block, values->vars[0]);
  if (!b || !may_restrict(b)) {
    return STOA_CANNOT_SAY;
  }
  if (values->slot) {
    const bool many = values->slot_many;
    if (many && b->ctor->n_columns != 1) {
      return STOA_CANNOT_SAY;
    }
    for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
      if (!stoa_ctor_inverts(b->ctor, k) || (many && !says_list(r, b))) {
        return STOA_CANNOT_SAY;
      }
      const stoa_sx *const param = stoa_sx_param(r, slot_param(values, b->ctor, k, many));
      const stoa_sql_op op = many ? in_list(b->columns[k]->info->type) : STOA_OP_EQ;
      stoa_block_add(r, &block->where, stoa_sx_call(r, op, b->columns[k], param));
    }
    return STOA_SAID;
  }
  const stoa_sx *among;
  if (stoa_sx_among(r, b, values->rows, values->n_rows, &among) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  stoa_block_add(r, &block->where, among);
  return STOA_SAID;
}

stoa_said stoa_rel_restrict(stoa_rels *r, const stoa_rel *a, const stoa_node *values, const stoa_rel **out)
{
  const stoa_rel *x;
  stoa_rels_speak(r, a->source);
  if (stoa_rel_opened(r, a, &x) == STOA_CANNOT_SAY || values->n_vars != 1) {
    return STOA_CANNOT_SAY;
  }
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  for (uint32_t i = 0; i < x->blocks.n; ++i) {
    stoa_block *const block = stoa_block_copy(r, x->blocks.items[i]);
    if (restrict_block(r, block, values) == STOA_CANNOT_SAY) {
      return STOA_CANNOT_SAY;
    }
    STOA_PUSH(r->arena, &rel->blocks, block);
  }
  return stoa_rel_said(rel, out);
}

// A template of several columns is restricted column by column: rows that mix the values of several keys may come too,
// and the join above compares whole terms.
static bool restrict_to_keys(stoa_rels *r, stoa_block *block, stoa_var var)
{
  const stoa_binding *const b = stoa_block_find(block, var);
  bool any = false;
  if (!b || b->nullable || !stoa_binding_exact(b)) {
    return false;
  }
  for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
    const stoa_sql_type type = b->columns[k]->info->type;
    const stoa_sql_op list = in_list(type);
    const bool said = (type == STOA_SQL_INTEGER || type == STOA_SQL_TEXT) && stoa_sql_op_said(list, r->dialect);
    if (said && stoa_ctor_inverts(b->ctor, k)) {
      const stoa_param param = {.kind = STOA_PARAM_KEYS, .part = k, .ctor = b->ctor};
      stoa_block_add(r, &block->where, stoa_sx_call(r, list, b->columns[k], stoa_sx_param(r, param)));
      any = true;
    }
  }
  return any;
}

stoa_said stoa_rel_restrict_keys(stoa_rels *r, const stoa_rel *a, stoa_var var, const stoa_rel **out)
{
  const stoa_rel *x;
  stoa_rels_speak(r, a->source);
  if (stoa_rel_opened(r, a, &x) == STOA_CANNOT_SAY || x->blocks.n == 0) {
    return STOA_CANNOT_SAY;
  }
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  for (uint32_t i = 0; i < x->blocks.n; ++i) {
    stoa_block *const block = stoa_block_copy(r, x->blocks.items[i]);
    if (!restrict_to_keys(r, block, var)) {
      return STOA_CANNOT_SAY;
    }
    STOA_PUSH(r->arena, &rel->blocks, block);
  }
  return stoa_rel_said(rel, out);
}
