#include "graph/semantic/scope.h"
#include "graph/base/file.h"
#include <stdlib.h>
#include <strings.h>

// The grammar keeps so many bytes of a name.
enum { LONGEST_NAME = 63 };

// ---- prefixes

static stoa_status space_of(stoa_semantic_builder *b, const char *prefix, stoa_place place, const char **out)
{
  enum { MOST = 64 };
  const char *names[MOST];
  *out = stoa_yaml_text(b->prefixes, prefix, NULL);
  if (*out) {
    return STOA_OK;
  }
  uint32_t n = 0;
  for (uint32_t i = 0; b->prefixes && i < b->prefixes->n_items && n < MOST; ++i) {
    names[n++] = b->prefixes->items[i].key;
  }
  const char *const near = stoa_nearest(prefix, names, n);
  return stoa_error_at(b->err, STOA_NOT_FOUND, place, "the prefix \"%s\" is not declared; %s%s%s", prefix,
                       near ? "did you mean \"" : "add a line --+ prefixes: {", near ? near : prefix,
                       near ? "\"?" : ": \"https://...#\"}");
}

static stoa_status check_length(const stoa_semantic_builder *b, const char *name, stoa_place place)
{
  return strlen(name) < LONGEST_NAME
           ? STOA_OK
           : stoa_error_at(b->err, STOA_TOO_LARGE, place,
                           "a name in SQL has at most %d bytes; ask for \"%s...\" in SPARQL", LONGEST_NAME - 1, name);
}

// "b:score" is a name with its prefix; the namespace of a name without one is any.
static stoa_status split(stoa_semantic_builder *b, const char *name, stoa_place place, const char **space,
                         const char **local)
{
  const char *const colon = strchr(name, ':');
  *space = NULL;
  *local = colon ? colon + 1 : name;
  return colon ? space_of(b, stoa_arena_copy(b->arena, (stoa_slice){name, (size_t)(colon - name)}), place, space)
               : STOA_OK;
}

// ---- tables

bool stoa_semantic_has_table(const stoa_semantic_from *f, const stoa_semantic_table *t)
{
  return f->kind == STOA_SEM_FROM_TABLE ? f->table == t
                                        : stoa_semantic_has_table(f->left, t) || stoa_semantic_has_table(f->right, t);
}

// An ON speaks of what it joins.
static bool is_visible(const stoa_semantic_select *s, const stoa_semantic_table *t)
{
  return !s->visible || stoa_semantic_has_table(s->visible, t);
}

static stoa_semantic_column *add_column(stoa_semantic_builder *b, stoa_semantic_table *t, const char *name,
                                        stoa_place place)
{
  stoa_semantic_column *const column = STOA_NEW(b->arena, stoa_semantic_column);
  column->name = name;
  column->place = place;
  column->table = t;
  column->var = STOA_NO_VAR;
  STOA_PUSH(b->arena, &t->columns, column);
  return column;
}

static stoa_status add_class(stoa_semantic_builder *b, stoa_semantic_from *f)
{
  stoa_semantic_table *const t = f->table;
  const char *space, *local;
  STOA_TRY(check_length(b, f->name, f->place));
  STOA_TRY(split(b, f->name, f->place, &space, &local));
  if (f->space) {
    STOA_TRY(space_of(b, f->space, f->place, &space));
  }
  STOA_TRY(b->names->class_of(b->names, space, local, f->place, b->arena, &t->klass, b->err));
  stoa_semantic_column *const id = add_column(b, t, "id", f->place);
  id->var = stoa_semantic_var(b, stoa_arena_print(b->arena, ".%s", t->alias));
  id->property = (stoa_semantic_property){.local = "id", .kinds = STOA_KIND_IRI | STOA_KIND_BLANK, .always = true};
  return STOA_OK;
}

static stoa_status add_tables(stoa_semantic_builder *b, stoa_semantic_select *s, stoa_semantic_from *f)
{
  if (f->kind == STOA_SEM_FROM_JOIN) {
    STOA_TRY(add_tables(b, s, f->left));
    return add_tables(b, s, f->right);
  }
  for (uint32_t i = 0; i < s->tables.n; ++i) {
    if (strcmp(s->tables.items[i]->alias, f->alias) == 0) {
      return stoa_error_at(b->err, STOA_EXISTS, f->place, "\"%s\" stands twice in FROM; give one an alias", f->alias);
    }
  }
  f->table = STOA_NEW(b->arena, stoa_semantic_table);
  *f->table = (stoa_semantic_table){.alias = f->alias, .place = f->place, .select = f->select, .marker = STOA_NO_VAR};
  STOA_PUSH(b->arena, &s->tables, f->table);
  return f->select ? stoa_semantic_resolve(b, f->select, NULL) : add_class(b, f);
}

// ---- columns

// The column of a sub-select, by the letters of its name, or without regard to their case where one fits so.
static const stoa_semantic_item *find_item(const stoa_semantic_select *s, const char *name, uint32_t *out)
{
  const stoa_semantic_item *found = NULL;
  for (uint32_t i = 0; i < s->items.n; ++i) {
    const stoa_semantic_item *const item = &s->items.items[i];
    if (item->name && (strcmp(item->name, name) == 0 || (!found && strcasecmp(item->name, name) == 0))) {
      found = item;
      *out = i;
    }
  }
  return found;
}

static stoa_status refuse_item(stoa_semantic_builder *b, const stoa_semantic_table *t, const char *name,
                               stoa_place place, stoa_error *err)
{
  const char **const names = STOA_NEWS(b->arena, const char *, t->select->items.n + 1);
  uint32_t n = 0;
  for (uint32_t i = 0; i < t->select->items.n; ++i) {
    if (t->select->items.items[i].name) {
      names[n++] = t->select->items.items[i].name;
    }
  }
  const char *const near = stoa_nearest(name, names, n);
  return stoa_error_at(err, STOA_NOT_FOUND, place, "the sub-select %s has no column \"%s\"%s%s%s", t->alias, name,
                       near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static stoa_status column_of_select(stoa_semantic_builder *b, stoa_semantic_table *t, const char *name,
                                    stoa_place place, stoa_semantic_column **out, stoa_error *err)
{
  uint32_t item = 0;
  const stoa_semantic_item *const found = find_item(t->select, name, &item);
  if (!found) {
    return refuse_item(b, t, name, place, err);
  }
  for (uint32_t i = 0; i < t->columns.n; ++i) {
    if (t->columns.items[i]->item == item) {
      *out = t->columns.items[i];
      return STOA_OK;
    }
  }
  *out = add_column(b, t, found->name, place);
  (*out)->item = item;
  return STOA_OK;
}

static stoa_status column_of_class(stoa_semantic_builder *b, stoa_semantic_table *t, const char *name, stoa_place place,
                                   stoa_semantic_column **out, stoa_error *err)
{
  const char *space, *local;
  stoa_semantic_property property;
  if (strcasecmp(name, "id") == 0) {
    *out = t->columns.items[0];
    return STOA_OK;
  }
  STOA_TRY(split(b, name, place, &space, &local));
  STOA_TRY(b->names->property_of(b->names, &t->klass, space, local, place, b->arena, &property, err));
  for (uint32_t i = 1; i < t->columns.n; ++i) {
    if (strcmp(t->columns.items[i]->property.iri, property.iri) == 0) {
      *out = t->columns.items[i];
      return STOA_OK;
    }
  }
  *out = add_column(b, t, property.local, place);
  (*out)->property = property;
  (*out)->var = stoa_semantic_var(b, stoa_arena_print(b->arena, ".%s.%s", t->alias, property.local));
  return STOA_OK;
}

static stoa_status column_of(stoa_semantic_builder *b, stoa_semantic_table *t, const char *name, stoa_place place,
                             stoa_semantic_column **out, stoa_error *err)
{
  return t->select ? column_of_select(b, t, name, place, out, err) : column_of_class(b, t, name, place, out, err);
}

static stoa_status find_table(stoa_semantic_builder *b, stoa_semantic_select *s, const stoa_semantic_expr *e,
                              stoa_semantic_table **out)
{
  enum { MOST = 256 };
  const char *names[MOST];
  uint32_t n = 0;
  for (stoa_semantic_select *at = s; at; at = at->outer) {
    for (uint32_t i = 0; i < at->tables.n; ++i) {
      if (!is_visible(at, at->tables.items[i])) {
        continue;
      }
      if (strcmp(at->tables.items[i]->alias, e->qualifier) == 0) {
        *out = at->tables.items[i];
        s->correlated |= at != s;
        return STOA_OK;
      }
      if (n < MOST) {
        names[n++] = at->tables.items[i]->alias;
      }
    }
  }
  const char *const near = stoa_nearest(e->qualifier, names, n);
  return stoa_error_at(b->err, STOA_NOT_FOUND, e->place, "there is no \"%s\" in FROM%s%s%s%s", e->qualifier,
                       s->visible ? " before this ON" : "",
                       near         ? "; did you mean "
                       : s->visible ? ": ON speaks of what it joins"
                                    : ": it must stand in the FROM of the same SELECT, or around an EXISTS",
                       near ? near : "", near ? "?" : "");
}

// A name without an alias is that of the one table that has it.
static stoa_status find_anywhere(stoa_semantic_builder *b, stoa_semantic_select *s, stoa_semantic_expr *e)
{
  stoa_error unknown = {0};
  for (stoa_semantic_select *at = s; at; at = at->outer) {
    const stoa_semantic_table *first = NULL;
    for (uint32_t i = 0; i < at->tables.n; ++i) {
      stoa_semantic_column *column;
      stoa_error fault = {0};
      if (!is_visible(at, at->tables.items[i])) {
        continue;
      }
      if (column_of(b, at->tables.items[i], e->name, e->place, &column, &fault) != STOA_OK) {
        unknown = unknown.status == STOA_OK || at->tables.n == 1 ? fault : unknown;
        continue;
      }
      if (first) {
        return stoa_error_at(b->err, STOA_CONFLICT, e->place, "\"%s\" may be %s.%s or %s.%s; say which", e->name,
                             first->alias, e->name, at->tables.items[i]->alias, e->name);
      }
      first = at->tables.items[i];
      e->column = column;
      s->correlated |= at != s;
    }
    if (first) {
      return STOA_OK;
    }
  }
  for (stoa_semantic_select *at = s; at; at = at->outer) {
    for (uint32_t i = 0; i < at->tables.n; ++i) {
      if (strcmp(at->tables.items[i]->alias, e->name) == 0) {
        return stoa_error_at(b->err, STOA_BAD_SYNTAX, e->place, "\"%s\" is a table; its IRI is %s.id", e->name,
                             e->name);
      }
    }
  }
  if (unknown.status == STOA_OK) {
    return stoa_error_at(b->err, STOA_NOT_FOUND, e->place, "there is no column \"%s\": nothing stands in FROM",
                         e->name);
  }
  *b->err = unknown;
  return unknown.status;
}

static stoa_status resolve_column(stoa_semantic_builder *b, stoa_semantic_select *s, stoa_semantic_expr *e)
{
  stoa_semantic_table *t;
  STOA_TRY(check_length(b, e->name, e->place));
  if (!e->qualifier) {
    return find_anywhere(b, s, e);
  }
  STOA_TRY(find_table(b, s, e, &t));
  return column_of(b, t, e->name, e->place, &e->column, b->err);
}

static stoa_status resolve_expr(stoa_semantic_builder *b, stoa_semantic_select *s, stoa_semantic_expr *e)
{
  if (e->kind == STOA_SEM_COLUMN) {
    return resolve_column(b, s, e);
  }
  for (uint32_t i = 0; i < e->n_args; ++i) {
    STOA_TRY(resolve_expr(b, s, e->args[i]));
  }
  if (e->condition) {
    STOA_TRY(resolve_expr(b, s, e->condition));
  }
  if (e->select) {
    STOA_TRY(stoa_semantic_resolve(b, e->select, s));
    s->correlated |= s->outer && e->select->correlated; // it may speak of what is beyond this one
  }
  return STOA_OK;
}

static stoa_status resolve_on(stoa_semantic_builder *b, stoa_semantic_select *s, stoa_semantic_from *f)
{
  if (f->kind != STOA_SEM_FROM_JOIN) {
    return STOA_OK;
  }
  STOA_TRY(resolve_on(b, s, f->left));
  STOA_TRY(resolve_on(b, s, f->right));
  s->visible = f;
  const stoa_status status = f->on ? resolve_expr(b, s, f->on) : STOA_OK;
  s->visible = NULL;
  return status;
}

// ---- what a SELECT gives

static const char *default_name(const stoa_semantic_expr *e)
{
  switch (e->kind) {
    case STOA_SEM_COLUMN:
      return e->column->name;
    case STOA_SEM_CAST:
      return default_name(e->args[0]);
    case STOA_SEM_CALL:
      return e->name;
    case STOA_SEM_AGGREGATE: {
      static const char *const names[] = {"count", "sum", "avg", "min", "max"};
      return names[e->aggregate];
    }
    case STOA_SEM_CASE:
      return "case";
    case STOA_SEM_COALESCE:
      return "coalesce";
    default:
      return NULL;
  }
}

static stoa_status resolve_items(stoa_semantic_builder *b, stoa_semantic_select *s)
{
  for (uint32_t i = 0; i < s->items.n; ++i) {
    stoa_semantic_item *const item = &s->items.items[i];
    STOA_TRY(resolve_expr(b, s, item->expr));
    item->name = item->name ? item->name : default_name(item->expr);
  }
  return STOA_OK;
}

// A number in GROUP BY or ORDER BY is the place of a column that is selected.
static stoa_status by_number(stoa_semantic_builder *b, const stoa_semantic_select *s, stoa_semantic_expr *e)
{
  const int64_t n = e->term.as.integer;
  if (n < 1 || n > s->items.n) {
    return stoa_error_at(b->err, STOA_BAD_ARG, e->place, "there is no column %lld; %u are selected", (long long)n,
                         s->items.n);
  }
  e->kind = STOA_SEM_COLUMN;
  e->output = (uint32_t)n - 1;
  return STOA_OK;
}

// `first`: a name is that of a selected column before it is one of FROM's.
static stoa_status resolve_by(stoa_semantic_builder *b, stoa_semantic_select *s, stoa_semantic_expr *e, bool first)
{
  uint32_t item = 0;
  stoa_error unknown = {0}, *const err = b->err;
  if (e->kind == STOA_SEM_TERM && e->term.kind == STOA_TERM_INTEGER) {
    return by_number(b, s, e);
  }
  const bool named = e->kind == STOA_SEM_COLUMN && !e->qualifier && find_item(s, e->name, &item);
  if (named && !first) {
    b->err = &unknown;
    const stoa_status status = resolve_expr(b, s, e);
    b->err = err;
    if (status == STOA_OK) {
      return STOA_OK;
    }
  }
  if (named) {
    e->column = NULL;
    e->output = item;
    return STOA_OK;
  }
  return resolve_expr(b, s, e);
}

static stoa_status resolve_orders(stoa_semantic_builder *b, stoa_semantic_select *s)
{
  for (uint32_t i = 0; i < s->orders.n; ++i) {
    stoa_semantic_expr *const e = s->orders.items[i].expr;
    STOA_TRY(resolve_by(b, s, e, true));
    if ((s->sides[0] || s->distinct) && (e->kind != STOA_SEM_COLUMN || e->column)) {
      return stoa_error_at(b->err, STOA_BAD_SYNTAX, e->place,
                           "with %s ORDER BY takes columns that are selected, by their names",
                           s->distinct ? "DISTINCT" : "UNION");
    }
  }
  return STOA_OK;
}

static stoa_status resolve_union(stoa_semantic_builder *b, stoa_semantic_select *s, stoa_semantic_select *outer)
{
  for (int i = 0; i < 2; ++i) {
    STOA_TRY(stoa_semantic_resolve(b, s->sides[i], outer));
    s->correlated |= s->sides[i]->correlated;
  }
  if (s->sides[0]->items.n != s->sides[1]->items.n) {
    return stoa_error_at(b->err, STOA_BAD_SYNTAX, s->sides[1]->place, "UNION of %u columns with %u; it needs as many",
                         s->sides[0]->items.n, s->sides[1]->items.n);
  }
  for (uint32_t i = 0; i < s->sides[0]->items.n; ++i) {
    STOA_PUSH(b->arena, &s->items, s->sides[0]->items.items[i]);
  }
  return resolve_orders(b, s);
}

stoa_status stoa_semantic_resolve(stoa_semantic_builder *b, stoa_semantic_select *s, stoa_semantic_select *outer)
{
  s->outer = outer;
  if (s->sides[0]) {
    return resolve_union(b, s, outer);
  }
  if (s->from) {
    STOA_TRY(add_tables(b, s, s->from));
    STOA_TRY(resolve_on(b, s, s->from));
  }
  if (s->where) {
    STOA_TRY(resolve_expr(b, s, s->where));
  }
  STOA_TRY(resolve_items(b, s));
  for (uint32_t i = 0; i < s->group.n; ++i) {
    STOA_TRY(resolve_by(b, s, s->group.items[i], false));
  }
  if (s->having) {
    STOA_TRY(resolve_expr(b, s, s->having));
  }
  return resolve_orders(b, s);
}
