// FROM and WHERE.
//
// A class is a pattern of rdf:type, a property that must have a value one more, any other property an OPTIONAL behind
// them.  What a join or a WHERE makes equal becomes one variable, where equal values are the same term and both are
// there for certain; what else they say are filters.  Filters and OPTIONALs wait until the group ends, as SPARQL's do.
#include "graph/semantic/compile.h"
#include "graph/semantic/nulls.h"
#include "graph/term/vocab.h"

typedef struct {
  const stoa_node *node;            ///< NULL: one row that binds nothing
  STOA_LIST(stoa_pattern) patterns; ///< not yet joined to `node`
  STOA_LIST(stoa_semantic_column *) optionals;
  STOA_LIST(const stoa_expr *) filters;
} part;

// ---- patterns

static stoa_pattern pattern(stoa_semantic_builder *b, stoa_var subject, const char *predicate, stoa_slot object,
                            stoa_place place)
{
  const stoa_slot none = {.var = STOA_NO_VAR};
  stoa_pattern p = {.graph = none, .predicate = none, .object = object, .place = place};
  b->n_patterns++;
  p.subject.var = subject;
  p.predicate.term = stoa_term_iri(stoa_slice_of(predicate));
  return p;
}

static stoa_pattern property_pattern(stoa_semantic_builder *b, const stoa_semantic_column *column)
{
  const stoa_semantic_table *const t = column->table;
  return pattern(b, t->columns.items[0]->var, column->property.iri, (stoa_slot){.var = column->var}, column->place);
}

static const stoa_node *bgp(stoa_semantic_builder *b, const stoa_pattern *patterns, uint32_t n)
{
  stoa_node *const node = stoa_semantic_op(b, STOA_NODE_BGP, NULL, NULL);
  node->patterns = patterns;
  node->n_patterns = n;
  node->place = patterns[0].place;
  return node;
}

static void flush_patterns(stoa_semantic_builder *b, part *p)
{
  if (p->patterns.n) {
    p->node = stoa_semantic_join(b, p->node, bgp(b, p->patterns.items, p->patterns.n));
    p->patterns.items = NULL;
    p->patterns.n = p->patterns.capacity = 0;
  }
}

static void flush_optionals(stoa_semantic_builder *b, part *p)
{
  flush_patterns(b, p);
  for (uint32_t i = 0; i < p->optionals.n; ++i) {
    stoa_pattern *const one = STOA_NEW(b->arena, stoa_pattern);
    *one = property_pattern(b, p->optionals.items[i]);
    p->node = stoa_semantic_op(b, STOA_NODE_LEFT_JOIN, p->node, bgp(b, one, 1));
  }
  p->optionals.n = 0;
}

static const stoa_expr *filters_of(stoa_semantic_builder *b, const part *p)
{
  return p->filters.n ? stoa_semantic_chain(b, STOA_FN_AND, p->filters.items, p->filters.n) : NULL;
}

static const stoa_node *finish(stoa_semantic_builder *b, part *p)
{
  flush_optionals(b, p);
  const stoa_expr *const filter = filters_of(b, p);
  const stoa_node *const node = p->node || !filter ? p->node : stoa_semantic_op(b, STOA_NODE_UNIT, NULL, NULL);
  return filter ? stoa_semantic_filter(b, node, filter) : node;
}

// ---- tables

static void add_class(stoa_semantic_builder *b, const stoa_semantic_table *t, part *p)
{
  const stoa_slot klass = {.var = STOA_NO_VAR, .term = stoa_term_iri(stoa_slice_of(t->klass.iri))};
  STOA_PUSH(b->arena, &p->patterns, pattern(b, t->columns.items[0]->var, STOA_RDF_TYPE, klass, t->place));
  for (uint32_t i = 1; i < t->columns.n; ++i) {
    stoa_semantic_column *const column = t->columns.items[i];
    if (column->required || column->property.always) {
      STOA_PUSH(b->arena, &p->patterns, property_pattern(b, column));
    } else {
      STOA_PUSH(b->arena, &p->optionals, column);
    }
  }
}

// A column of a sub-select that must have a value is asked for one, within where it can be.
static stoa_status add_select(stoa_semantic_compiler *c, stoa_semantic_table *t, part *p)
{
  stoa_semantic_builder *const b = c->build;
  const stoa_node *rows;
  for (uint32_t i = 0; i < t->columns.n; ++i) {
    if (t->columns.items[i]->required) {
      stoa_semantic_require_item(t->select, t->columns.items[i]->item);
    }
  }
  STOA_TRY(c->rows(c, t->select, &rows));
  b->place = t->place;
  for (uint32_t i = 0; i < t->columns.n; ++i) {
    stoa_semantic_column *const column = t->columns.items[i];
    const stoa_semantic_item *const item = &t->select->items.items[column->item];
    column->property = item->property;
    column->lasts = item->lasts;
    column->var = item->var;
    if (column->required && !column->property.always) {
      const stoa_expr *const var = stoa_semantic_var_expr(b, item->var);
      rows = stoa_semantic_filter(b, rows, stoa_semantic_call(b, STOA_FN_BOUND, var, NULL, NULL));
    }
  }
  flush_patterns(b, p);
  p->node = stoa_semantic_join(b, p->node, rows);
  return STOA_OK;
}

// ---- conditions

// Equal values of such columns are the same term.
static bool same_terms(const stoa_semantic_column *x, const stoa_semantic_column *y)
{
  const stoa_kinds a = x->property.kinds, b = y->property.kinds;
  return a && b && (!(a & ~STOA_SEM_IRIS) || !(b & ~STOA_SEM_IRIS) || (a == STOA_KIND_STRING && b == STOA_KIND_STRING));
}

static bool comparable(const stoa_semantic_column *x, const stoa_semantic_column *y)
{
  return x->property.kinds & y->property.kinds;
}

// EXISTS has the values of the rows around put in place of their variables, wherever these stand (SPARQL 1.1, section
// 18.6): within a sub-select that must be in a pattern, and in nothing that depends on other rows.
static bool may_be_given(const stoa_semantic_select *s, uint32_t item)
{
  if (s->limit != UINT64_MAX || s->offset) {
    return false;
  }
  if (s->sides[0]) {
    return may_be_given(s->sides[0], item) && may_be_given(s->sides[1], item);
  }
  const stoa_semantic_expr *const e = s->items.items[item].expr;
  const stoa_semantic_column *const column = e->kind == STOA_SEM_COLUMN ? e->column : NULL;
  return column && stoa_semantic_certain(column) &&
         (!column->table->select || may_be_given(column->table->select, column->item));
}

/// Two variables that are to become one, and what else is one with either.
typedef struct {
  const stoa_semantic_builder *build;
  stoa_var roots[2];
  bool fixed[2]; ///< one of a row that is given: around an EXISTS, or of the near side of an outer join
  bool around;   ///< one of the row around an EXISTS is among them
  bool opaque;   ///< so is one of a sub-select that must not be given a value
} mixture;

static void note_column(mixture *m, const stoa_semantic_column *column, bool fixed, bool around, bool opaque)
{
  for (int i = 0; i < 2 && column->var != STOA_NO_VAR; ++i) {
    if (stoa_semantic_root(m->build, column->var) == m->roots[i]) {
      m->fixed[i] |= fixed || around;
      m->around |= around;
      m->opaque |= opaque;
    }
  }
}

// What a condition says of two columns of a given row is a filter of rows, and makes them no one variable.
static bool may_mix(const stoa_semantic_compiler *c, stoa_var x, stoa_var y, const stoa_semantic_from *far)
{
  mixture m = {
    c->build, {stoa_semantic_root(c->build, x), stoa_semantic_root(c->build, y)}, {false, false}, false, false};
  for (const stoa_semantic_select *s = c->select; s; s = s->outer) {
    for (uint32_t i = 0; i < s->tables.n; ++i) {
      const stoa_semantic_table *const t = s->tables.items[i];
      const bool own = s == c->select, fixed = own && far && !stoa_semantic_has_table(far, t);
      for (uint32_t k = 0; k < t->columns.n; ++k) {
        const stoa_semantic_column *const column = t->columns.items[k];
        note_column(&m, column, fixed, !own, own && t->select && !may_be_given(t->select, column->item));
      }
    }
  }
  return m.roots[0] == m.roots[1] || (!(m.fixed[0] && m.fixed[1]) && !(m.around && m.opaque));
}

// x = y makes their variables one.  `far`: the far side of an outer join, whose condition says nothing of the near side
// alone; or NULL.
static bool unites(const stoa_semantic_compiler *c, const stoa_semantic_expr *e, const stoa_semantic_from *far)
{
  const bool equates = e->kind == STOA_SEM_COMPARE && e->function == STOA_FN_EQ;
  const stoa_semantic_column *const x = equates ? e->args[0]->column : NULL, *const y =
                                                                               equates ? e->args[1]->column : NULL;
  const bool concerns =
    x && y && (!far || stoa_semantic_has_table(far, x->table) || stoa_semantic_has_table(far, y->table));
  return concerns && !x->guarded && !y->guarded && stoa_semantic_certain(x) && stoa_semantic_certain(y) &&
         same_terms(x, y) && comparable(x, y) && may_mix(c, x->var, y->var, far) &&
         stoa_semantic_unify(c->build, x->var, y->var);
}

static bool is_true(const stoa_expr *e)
{
  return e->kind == STOA_EXPR_TERM && e->term.kind == STOA_TERM_BOOLEAN && e->term.as.integer;
}

static stoa_status take_condition(stoa_semantic_compiler *c, const stoa_semantic_expr *e, const stoa_semantic_from *far,
                                  part *p)
{
  stoa_semantic_value v;
  if (e->kind == STOA_SEM_AND) {
    for (uint32_t i = 0; i < e->n_args; ++i) {
      STOA_TRY(take_condition(c, e->args[i], far, p));
    }
    return STOA_OK;
  }
  if (unites(c, e, far)) {
    return STOA_OK;
  }
  c->positive = true;
  const stoa_status status = stoa_semantic_condition(c, e, &v);
  c->positive = false;
  STOA_TRY(status);
  if (!is_true(v.expr)) {
    STOA_PUSH(c->build->arena, &p->filters, v.expr);
  }
  return STOA_OK;
}

// ---- joins

static void append(stoa_semantic_builder *b, part *to, part *from)
{
  for (uint32_t i = 0; i < from->patterns.n; ++i) {
    STOA_PUSH(b->arena, &to->patterns, from->patterns.items[i]);
  }
  for (uint32_t i = 0; i < from->optionals.n; ++i) {
    STOA_PUSH(b->arena, &to->optionals, from->optionals.items[i]);
  }
  for (uint32_t i = 0; i < from->filters.n; ++i) {
    STOA_PUSH(b->arena, &to->filters, from->filters.items[i]);
  }
  to->node = stoa_semantic_join(b, to->node, from->node);
}

static bool speaks_of(const stoa_semantic_expr *e, const stoa_semantic_column *column)
{
  bool speaks = e->select || (e->kind == STOA_SEM_COLUMN && e->column == column);
  for (uint32_t i = 0; i < e->n_args && !speaks; ++i) {
    speaks = speaks_of(e->args[i], column);
  }
  return speaks;
}

static bool needs_optionals(const part *p, const stoa_semantic_expr *on)
{
  bool needs = false;
  for (uint32_t i = 0; i < p->optionals.n && on && !needs; ++i) {
    needs = speaks_of(on, p->optionals.items[i]);
  }
  return needs;
}

static void each_table(stoa_semantic_from *f, void (*visit)(stoa_semantic_table *, void *), void *data)
{
  if (f->kind == STOA_SEM_FROM_TABLE) {
    visit(f->table, data);
  } else {
    each_table(f->left, visit, data);
    each_table(f->right, visit, data);
  }
}

/// Which variables the near side of an outer join has a value for.
typedef struct {
  stoa_semantic_builder *build;
  stoa_node *join;
  bool *near; ///< by the variable that stands for them
} sides;

static void note_near(stoa_semantic_table *t, void *data)
{
  const sides *const s = data;
  for (uint32_t i = 0; i < t->columns.n; ++i) {
    if (t->columns.items[i]->var != STOA_NO_VAR) { // one around that is not compiled yet
      s->near[stoa_semantic_root(s->build, t->columns.items[i]->var)] = true;
    }
  }
}

// What is one variable with a column of the near side has its value, also where there is no row of the far side.
static void guard_far(stoa_semantic_table *t, void *data)
{
  const sides *const s = data;
  t->outer = t->outer ? t->outer : s->join;
  for (uint32_t i = 0; i < t->columns.n; ++i) {
    stoa_semantic_column *const column = t->columns.items[i];
    column->guarded = column->guarded || s->near[stoa_semantic_root(s->build, column->var)];
  }
}

// ---- an outer join by a property that may be NULL:
// a LEFT JOIN b ON b.id = a.x  is  OPTIONAL { ?a x ?b OPTIONAL { ?b ... } },
// as if ?a x ?b were a table of its own between the two.  Nothing else of the near side may stand in the condition.

static bool is_pending(const part *p, const stoa_semantic_column *column)
{
  bool pending = false;
  for (uint32_t i = 0; i < p->optionals.n && !pending; ++i) {
    pending = p->optionals.items[i] == column;
  }
  return pending && !column->table->outer;
}

// The property that a condition equates with a column of the far side.
static stoa_semantic_column *find_link(const stoa_semantic_expr *e, const stoa_semantic_from *far, const part *p)
{
  stoa_semantic_column *link = NULL;
  for (uint32_t i = 0; e->kind == STOA_SEM_AND && i < e->n_args && !link; ++i) {
    link = find_link(e->args[i], far, p);
  }
  for (int i = 0; e->kind == STOA_SEM_COMPARE && e->function == STOA_FN_EQ && i < 2 && !link; ++i) {
    stoa_semantic_column *const x = e->args[i]->column, *const y = e->args[1 - i]->column;
    const bool fits = x && y && is_pending(p, x) && stoa_semantic_has_table(far, y->table) && stoa_semantic_certain(y);
    link = fits && same_terms(x, y) ? x : NULL;
  }
  return link;
}

static bool speaks_beyond(const stoa_semantic_expr *e, const stoa_semantic_from *far, const stoa_semantic_column *link)
{
  bool beyond = e->select || (e->column && e->column != link && !stoa_semantic_has_table(far, e->column->table));
  for (uint32_t i = 0; i < e->n_args && !beyond; ++i) {
    beyond = speaks_beyond(e->args[i], far, link);
  }
  return beyond;
}

static void take_out(part *p, const stoa_semantic_column *column)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < p->optionals.n; ++i) {
    if (p->optionals.items[i] != column) {
      p->optionals.items[kept++] = p->optionals.items[i];
    }
  }
  p->optionals.n = kept;
}

static stoa_status add_from(stoa_semantic_compiler *c, stoa_semantic_from *f, part *p);

// LEFT JOIN of what `near` has with the far side, whose filters are its condition.
static stoa_node *outer_join(stoa_semantic_builder *b, part *near, part *far)
{
  flush_patterns(b, near);
  flush_optionals(b, far);
  stoa_node *const join = stoa_semantic_op(b, STOA_NODE_LEFT_JOIN, near->node, far->node);
  join->expr = filters_of(b, far);
  near->node = join;
  return join;
}

static stoa_status add_outer(stoa_semantic_compiler *c, stoa_semantic_from *f, part *p)
{
  stoa_semantic_builder *const b = c->build;
  part far = {0}, middle = {0};
  STOA_TRY(add_from(c, f->left, p));
  STOA_TRY(add_from(c, f->right, &far));
  stoa_semantic_column *link = find_link(f->on, f->right, p);
  link = link && !speaks_beyond(f->on, f->right, link) ? link : NULL;
  if (link) {
    take_out(p, link);
    STOA_PUSH(b->arena, &middle.patterns, property_pattern(b, link));
    link->required = true; // within
  }
  STOA_TRY(take_condition(c, f->on, f->right, &far));
  if (needs_optionals(p, f->on)) {
    flush_optionals(b, p);
  }
  b->place = f->place;
  stoa_node *const join = outer_join(b, link ? &middle : p, &far);
  if (link) {
    link->required = false;
    outer_join(b, p, &middle);
  }
  sides s = {b, join, STOA_NEWS(b->arena, bool, b->vars.n + 1)};
  each_table(f->left, note_near, &s);
  for (const stoa_semantic_select *around = c->select->outer; around; around = around->outer) {
    for (uint32_t i = 0; i < around->tables.n; ++i) {
      note_near(around->tables.items[i], &s);
    }
  }
  each_table(f->right, guard_far, &s);
  return STOA_OK;
}

static stoa_status add_from(stoa_semantic_compiler *c, stoa_semantic_from *f, part *p)
{
  c->build->place = f->place;
  if (f->kind == STOA_SEM_FROM_TABLE) {
    if (f->table->select) {
      return add_select(c, f->table, p);
    }
    add_class(c->build, f->table, p);
    return STOA_OK;
  }
  if (f->outer) {
    return add_outer(c, f, p);
  }
  part right = {0};
  STOA_TRY(add_from(c, f->left, p));
  STOA_TRY(add_from(c, f->right, &right));
  append(c->build, p, &right);
  return f->on ? take_condition(c, f->on, NULL, p) : STOA_OK;
}

static stoa_status add_body(stoa_semantic_compiler *c, stoa_semantic_select *s, part *p)
{
  stoa_semantic_group *const group = c->group;
  const stoa_semantic_select *const select = c->select;
  c->group = NULL;
  c->select = s;
  stoa_semantic_require(s);
  STOA_TRY(s->from ? add_from(c, s->from, p) : STOA_OK);
  STOA_TRY(s->where ? take_condition(c, s->where, NULL, p) : STOA_OK);
  c->group = group;
  c->select = select;
  return stoa_semantic_size(c->build);
}

stoa_status stoa_semantic_pattern(stoa_semantic_compiler *c, stoa_semantic_select *s, const stoa_node **out)
{
  part p = {0};
  STOA_TRY(add_body(c, s, &p));
  *out = finish(c->build, &p);
  return STOA_OK;
}

// ---- EXISTS

static bool is_plain(const stoa_semantic_select *s)
{
  bool plain = !s->sides[0] && !s->grouped && !s->having && s->limit == UINT64_MAX && s->offset == 0;
  for (uint32_t i = 0; i < s->items.n && plain; ++i) {
    plain = !stoa_semantic_aggregates(s->items.items[i].expr);
  }
  return plain;
}

// value = the column of the sub-select.
static stoa_status match(stoa_semantic_compiler *c, stoa_semantic_expr *value, const stoa_semantic_value *item,
                         stoa_semantic_column *of, part *p, bool *sure)
{
  stoa_semantic_value v, is;
  if (value->kind == STOA_SEM_COLUMN && of) {
    stoa_semantic_expr column = {.kind = STOA_SEM_COLUMN, .place = value->place, .column = of};
    stoa_semantic_expr *args[] = {&column, value};
    const stoa_semantic_expr equal = {.kind = STOA_SEM_COMPARE, .function = STOA_FN_EQ, .args = args, .n_args = 2};
    if (unites(c, &equal, NULL)) {
      return STOA_OK;
    }
  }
  STOA_TRY(stoa_semantic_expression(c, value, &v));
  c->build->place = value->place;
  STOA_TRY(stoa_semantic_compare(c->build, STOA_FN_EQ, item, &v, &is));
  *sure = !is.nullable;
  STOA_PUSH(c->build->arena, &p->filters, is.expr);
  return STOA_OK;
}

static stoa_status match_plain(stoa_semantic_compiler *c, stoa_semantic_select *s, stoa_semantic_expr *value, part *p,
                               bool *sure)
{
  stoa_semantic_value item;
  STOA_TRY(add_body(c, s, p));
  if (!value) {
    return STOA_OK;
  }
  const stoa_semantic_expr *const e = s->items.items[0].expr;
  STOA_TRY(stoa_semantic_expression(c, e, &item));
  return match(c, value, &item, e->kind == STOA_SEM_COLUMN ? e->column : NULL, p, sure);
}

static stoa_status match_rows(stoa_semantic_compiler *c, stoa_semantic_select *s, stoa_semantic_expr *value, part *p,
                              bool *sure)
{
  if (s->correlated) {
    return stoa_error_at(
      c->build->err, STOA_UNSUPPORTED, s->place,
      "a sub-select of EXISTS or IN that groups, ends at a LIMIT or is a UNION cannot speak of what is "
      "around it in semantic SQL; join it, in FROM");
  }
  STOA_TRY(c->rows(c, s, &p->node));
  if (!value) {
    return STOA_OK;
  }
  const stoa_semantic_item *const first = &s->items.items[0];
  stoa_semantic_table table = {.alias = "", .marker = STOA_NO_VAR};
  stoa_semantic_column column = {.name = first->name, .table = &table, .property = first->property, .var = first->var};
  const stoa_semantic_value item = {.expr = stoa_semantic_var_expr(c->build, first->var),
                                    .kinds = first->property.kinds,
                                    .whole = first->property.whole,
                                    .zoneless = first->property.zoneless,
                                    .lasts = first->lasts,
                                    .nullable = !first->property.always};
  return match(c, value, &item, may_be_given(s, 0) ? &column : NULL, p, sure);
}

stoa_status stoa_semantic_matches(stoa_semantic_compiler *c, stoa_semantic_select *s, stoa_semantic_expr *value,
                                  const stoa_node **out, bool *sure)
{
  stoa_semantic_builder *const b = c->build;
  part p = {0};
  if (value && s->items.n != 1) {
    return stoa_error_at(b->err, STOA_BAD_SYNTAX, s->place, "a sub-select of IN gives one column, and this one %u",
                         s->items.n);
  }
  STOA_TRY(is_plain(s) ? match_plain(c, s, value, &p, sure) : match_rows(c, s, value, &p, sure));
  *out = finish(b, &p);
  *out = *out ? *out : stoa_semantic_op(b, STOA_NODE_UNIT, NULL, NULL);
  return STOA_OK;
}
