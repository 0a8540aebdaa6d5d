#include "graph/plan/apart.h"
#include "graph/base/assert.h"
#include "graph/base/hash.h"
#include "graph/plan/makes.h"
#include "graph/plan/rel.h"
#include "graph/plan/statement.h"
#include "graph/term/equality.h"
#include <ctype.h>

typedef struct {
  stoa_planner *p;
  stoa_apart *apart;
  uint32_t n_patterns;
  bool inexact; ///< nothing but a letter tells the values of some
  bool wins;    ///< they are compared with others
} finder;

static void add_value(const finder *f, stoa_apart_value value)
{
  for (uint32_t i = 0; i < f->apart->values.n; ++i) {
    const stoa_apart_value *const other = &f->apart->values.items[i];
    if (other->source == value.source && other->column == value.column && other->table.table == value.table.table &&
        other->table.view == value.table.view && other->letter == value.letter) {
      return;
    }
  }
  STOA_PUSH(f->p->arena, &f->apart->values, value);
}

static bool assume(finder *f, const stoa_leaf *leaf, stoa_ctor *ctor)
{
  const bool exact = stoa_ctor_exact(ctor);
  const char letter = stoa_ctor_letter(ctor);
  if (!letter) {
    return false;
  }
  for (uint32_t i = 0; i < ctor->n_columns; ++i) {
    // A database that does not hold values to the types of their columns may have any text in each.
    if (ctor->columns[i]->type == STOA_SQL_TEXT || ctor->columns[i]->type == STOA_SQL_CHAR ||
        !leaf->source->dialect->one_writing) {
      add_value(f, (stoa_apart_value){leaf->source, leaf->tables[ctor->table], ctor->columns[i], letter});
    }
  }
  ctor->apart = letter;
  f->inexact |= !exact;
  return true;
}

static bool is_assumed(const stoa_apart *apart, const stoa_leaf *leaf)
{
  bool found = false;
  for (uint32_t i = 0; i < apart->leaves.n; ++i) {
    found |= apart->leaves.items[i].leaf == leaf;
  }
  return found;
}

static bool add_leaf(finder *f, const stoa_leaf *leaf)
{
  if (leaf->native || is_assumed(f->apart, leaf)) {
    return !leaf->native;
  }
  stoa_rels_speak(&f->p->rels, leaf->source);
  if (!stoa_sql_op_said(STOA_OP_CONTAINS, f->p->rels.dialect)) {
    return false;
  }
  stoa_leaf *const copy = STOA_NEW(f->p->arena, stoa_leaf);
  *copy = *leaf;
  const bool subject = assume(f, leaf, &copy->subject), object = assume(f, leaf, &copy->object);
  if (subject || object) {
    STOA_PUSH(f->p->arena, &f->apart->leaves, ((stoa_apart_leaf){leaf, copy}));
  }
  return subject || object;
}

// Are all values of the column known to the sample, as far as a sample can know, and this is none of them?
static bool is_unheard_of(const stoa_column_info *column, const stoa_value *value)
{
  if (value->kind != STOA_VALUE_TEXT || column->n_common == 0 || column->n_distinct > column->n_common) {
    return false;
  }
  const uint64_t hash = stoa_hash_text(0, value->text.data, value->text.length);
  for (uint32_t i = 0; i < column->n_common; ++i) {
    if (column->common[i].hash == hash) {
      return false;
    }
  }
  return true;
}

// One of a triples map's own tables, whose source tells when it changes: else the question would be asked each time.
static bool may_ask_of(const stoa_leaf *leaf)
{
  return !leaf->native && leaf->n_tables == 1 && leaf->tables[0].table && leaf->tables[0].info &&
         leaf->tables[0].info->stored &&
         leaf->predicate.kind != STOA_CTOR_CONSTANT && leaf->predicate.n_columns == 1 &&
         !leaf->source->klass->scans && leaf->source->dialect->version;
}

static void add_absent(finder *f, const stoa_leaf *leaf, const stoa_pattern *pattern)
{
  stoa_value values[STOA_TEMPLATE_COLUMNS];
  if (pattern->predicate.var != STOA_NO_VAR || pattern->predicate.constant || !may_ask_of(leaf) ||
      stoa_ctor_invert(&leaf->predicate, pattern->predicate.term, f->p->arena, values) != STOA_SAID ||
      !is_unheard_of(leaf->predicate.columns[0], &values[0])) {
    return;
  }
  const stoa_apart_absent absent = {leaf, pattern->predicate.term, values[0]};
  STOA_PUSH(f->p->arena, &f->apart->absents, absent);
}

static void look_at(finder *f, const stoa_group *g)
{
  for (uint32_t i = 0; i < g->members.n; ++i) {
    const stoa_member *const m = &g->members.items[i];
    bool any = false;
    for (uint32_t k = 0; k < m->leaves.n; ++k) {
      any |= add_leaf(f, m->leaves.items[k]);
    }
    for (uint32_t k = 0; k < m->leaves.n && m->leaves.n > 1; ++k) {
      add_absent(f, m->leaves.items[k], m->pattern);
    }
    f->n_patterns += m->kind == STOA_MEMBER_PATTERN;
    f->wins |= any && (m->leaves.n > 1 || m->pattern->subject.var == STOA_NO_VAR || m->pattern->object.var == STOA_NO_VAR);
    for (uint32_t k = 0; k < m->parts.n; ++k) {
      look_at(f, m->parts.items[k]);
    }
  }
  for (uint32_t i = 0; i < g->tails.n; ++i) {
    if (g->tails.items[i].group) {
      look_at(f, g->tails.items[i].group);
    }
  }
}

// Is a great table read whole to find that it has no such row?
static bool is_dear(const stoa_apart *apart)
{
  enum { FEW_ROWS = 1000 };
  bool dear = false;
  for (uint32_t i = 0; i < apart->absents.n; ++i) {
    const stoa_leaf *const leaf = apart->absents.items[i].leaf;
    const stoa_table_info *const info = leaf->tables[0].info;
    const stoa_column_set bit = stoa_table_bit(info, leaf->predicate.columns[0]->name);
    dear |= info->rows > FEW_ROWS && !(info->leading & bit);
  }
  return dear;
}

const stoa_apart *stoa_apart_find(stoa_planner *p, const stoa_group *group)
{
  finder f = {.p = p, .apart = STOA_NEW(p->arena, stoa_apart)};
  look_at(&f, group);
  const bool letters = f.inexact && (f.wins || f.n_patterns > 1);
  if (!letters) {
    f.apart->leaves.n = f.apart->values.n = 0;
  }
  f.apart->patient = !letters && is_dear(f.apart);
  return letters || f.apart->absents.n ? f.apart : NULL;
}

bool stoa_apart_is_absent(const stoa_planner *p, const stoa_leaf *leaf, const stoa_pattern *pattern)
{
  bool absent = false;
  for (uint32_t i = 0; p->apart && i < p->apart->absents.n && !absent; ++i) {
    const stoa_apart_absent *const one = &p->apart->absents.items[i];
    absent = one->leaf == leaf && pattern->predicate.var == STOA_NO_VAR && !pattern->predicate.constant &&
             stoa_term_same(one->predicate, pattern->predicate.term);
  }
  return absent;
}

const stoa_leaf *stoa_apart_assumed(const stoa_planner *p, const stoa_leaf *leaf)
{
  for (uint32_t i = 0; p->apart && i < p->apart->leaves.n; ++i) {
    if (p->apart->leaves.items[i].leaf == leaf) {
      return p->apart->leaves.items[i].assumed;
    }
  }
  return leaf;
}

// One row will do.
static const stoa_plan_node *check_value(stoa_planner *p, const stoa_apart_value *v)
{
  stoa_rel *const rel = stoa_rel_new(&p->rels, v->source);
  stoa_block *const block = stoa_block_new(&p->rels);
  const stoa_from from = {.table = v->table, .alias = p->rels.n_aliases++};
  const stoa_param letter = {.type = STOA_SQL_TEXT,
                             .value = {.kind = STOA_VALUE_TEXT,
                                       .text = stoa_slice_of(stoa_arena_print(p->arena, "%c", v->letter))}};
  STOA_PUSH(p->arena, &block->from, from);
  stoa_block_add(&p->rels, &block->where,
                 stoa_sx_call(&p->rels, STOA_OP_CONTAINS, stoa_sx_column(&p->rels, from.alias, v->column),
                              stoa_sx_param(&p->rels, letter)));
  block->limit = 1;
  STOA_PUSH(p->arena, &rel->blocks, block);
  return stoa_plan_statement(p, rel);
}

static bool is_asked_with(const stoa_apart_absent *a, const stoa_apart_absent *b)
{
  return a->leaf->source == b->leaf->source && a->leaf->tables[0].table == b->leaf->tables[0].table &&
         a->leaf->predicate.columns[0] == b->leaf->predicate.columns[0];
}

// All predicates that a table is asked for at once; NULL: an earlier one has asked for them.
static const stoa_plan_node *check_absents(stoa_planner *p, const stoa_apart *apart, uint32_t first)
{
  const stoa_apart_absent *const a = &apart->absents.items[first];
  for (uint32_t i = 0; i < first; ++i) {
    if (is_asked_with(&apart->absents.items[i], a)) {
      return NULL;
    }
  }
  stoa_rel *const rel = stoa_rel_new(&p->rels, a->leaf->source);
  stoa_block *const block = stoa_block_new(&p->rels);
  const stoa_from from = {.table = a->leaf->tables[0], .alias = p->rels.n_aliases++};
  const stoa_sx *const column = stoa_sx_column(&p->rels, from.alias, a->leaf->predicate.columns[0]), *any = NULL;
  for (uint32_t i = first; i < apart->absents.n; ++i) {
    if (is_asked_with(&apart->absents.items[i], a)) {
      const stoa_param value = {.type = STOA_SQL_TEXT, .value = apart->absents.items[i].value};
      const stoa_sx *const one = stoa_sx_equals_param(&p->rels, column, value);
      any = any ? stoa_sx_call(&p->rels, STOA_OP_OR, any, one) : one;
    }
  }
  STOA_PUSH(p->arena, &block->from, from);
  stoa_block_add(&p->rels, &block->where, any);
  block->limit = 1;
  STOA_PUSH(p->arena, &rel->blocks, block);
  return stoa_plan_statement(p, rel);
}

const stoa_plan_node *stoa_apart_check(stoa_planner *p, const stoa_apart *apart)
{
  const stoa_plan_node *all = NULL;
  for (uint32_t i = 0; i < apart->absents.n; ++i) {
    const stoa_plan_node *const one = check_absents(p, apart, i);
    all = one ? stoa_plan_union(p, all, one) : all;
  }
  for (uint32_t i = 0; i < apart->values.n; ++i) {
    all = stoa_plan_union(p, all, check_value(p, &apart->values.items[i]));
  }
  STOA_ASSERT(all);
  return all;
}

// ---- what was won

static bool ends_name(char c)
{
  return !isalnum((unsigned char)c) && c != '_';
}

// The next piece of a statement: a table's alias ("t12") as its letter alone, whatever its number, else one byte.
static char next_piece(const char **at, char before)
{
  const char c = **at;
  const bool alias = c && strchr("tkh", c) && ends_name(before) && isdigit((unsigned char)(*at)[1]);
  ++*at;
  while (alias && isdigit((unsigned char)**at)) {
    ++*at;
  }
  return c;
}

// Plans of one query number the tables of their statements each in its own way.
static bool is_same_text(const char *a, const char *b)
{
  char x = ' ', y = ' ';
  do {
    x = next_piece(&a, x);
    y = next_piece(&b, y);
  } while (x == y && x);
  return x == y;
}

bool stoa_apart_is_same(const stoa_plan_node *a, const stoa_plan_node *b)
{
  while (a->kind == STOA_PLAN_PROJECT) {
    a = a->inputs[0];
  }
  while (b->kind == STOA_PLAN_PROJECT) {
    b = b->inputs[0];
  }
  if (a->kind != b->kind || a->source != b->source ||
      (a->kind == STOA_PLAN_SQL && !is_same_text(a->sql.text, b->sql.text))) {
    return false;
  }
  for (int i = 0; i < 2; ++i) {
    if (!a->inputs[i] != !b->inputs[i] || (a->inputs[i] && !stoa_apart_is_same(a->inputs[i], b->inputs[i]))) {
      return false;
    }
  }
  return true;
}
