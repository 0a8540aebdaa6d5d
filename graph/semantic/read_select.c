// SELECT of the parse tree.
#include "graph/semantic/read.h"
#include "graph/semantic/semantic.h"

enum { DEEPEST_SELECT = 60 };

static stoa_status new_from(stoa_semantic_reader *r, stoa_semantic_from_kind kind, const stoa_json *at,
                            stoa_semantic_from **out)
{
  stoa_semantic_from *const f = STOA_NEW(r->text.arena, stoa_semantic_from);
  f->kind = kind;
  f->place = stoa_semantic_place_of(&r->text, at);
  *out = f;
  return STOA_OK;
}

static stoa_status read_alias(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_from *f)
{
  static const char *const known[] = {"aliasname", NULL};
  const stoa_json *const alias = stoa_json_find(node, "alias");
  if (alias) {
    STOA_TRY(stoa_semantic_only(r, alias, known));
    f->alias = stoa_semantic_member(&r->text, alias, "aliasname");
  }
  return STOA_OK;
}

// A name of WITH is read where it is spoken of, and may speak of those before it.
static stoa_status read_named(stoa_semantic_reader *r, const stoa_semantic_with *with, stoa_semantic_select **out)
{
  const stoa_semantic_with *const withs = r->withs;
  r->withs = with->before;
  const stoa_status status = r->select(r, with->select, out);
  r->withs = withs;
  return status;
}

static stoa_status read_table(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_from **out)
{
  static const char *const known[] = {"schemaname", "relname", "inh", "relpersistence", "alias", "location", NULL};
  STOA_TRY(stoa_semantic_only(r, node, known));
  STOA_TRY(new_from(r, STOA_SEM_FROM_TABLE, node, out));
  stoa_semantic_from *const f = *out;
  f->space = stoa_semantic_member(&r->text, node, "schemaname");
  f->name = stoa_semantic_member(&r->text, node, "relname");
  f->alias = f->name;
  STOA_TRY(read_alias(r, node, f));
  for (const stoa_semantic_with *with = r->withs; with && !f->space && !f->select; with = with->before) {
    if (strcmp(with->name, f->name) == 0) {
      STOA_TRY(read_named(r, with, &f->select));
    }
  }
  return STOA_OK;
}

static stoa_status read_subselect(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_from **out)
{
  static const char *const known[] = {"subquery", "alias", NULL};
  STOA_TRY(stoa_semantic_only(r, node, known));
  STOA_TRY(new_from(r, STOA_SEM_FROM_TABLE, node, out));
  STOA_TRY(read_alias(r, node, *out));
  return r->select(r, stoa_semantic_node(stoa_json_find(node, "subquery")), &(*out)->select);
}

static stoa_status read_from(stoa_semantic_reader *r, const stoa_json *any, stoa_semantic_from **out);

static stoa_status read_join(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_from **out)
{
  static const char *const known[] = {"jointype", "larg", "rarg", "quals", NULL};
  const char *const type = stoa_semantic_member(&r->text, node, "jointype");
  const stoa_json *const on = stoa_json_find(node, "quals");
  stoa_semantic_from *left, *right;
  STOA_TRY(stoa_semantic_only(r, node, known));
  STOA_TRY(read_from(r, stoa_json_find(node, "larg"), &left));
  STOA_TRY(read_from(r, stoa_json_find(node, "rarg"), &right));
  STOA_TRY(new_from(r, STOA_SEM_FROM_JOIN, node, out));
  stoa_semantic_from *const f = *out;
  const bool swapped = type && strcmp(type, "JOIN_RIGHT") == 0;
  f->outer = swapped || (type && strcmp(type, "JOIN_LEFT") == 0);
  f->left = swapped ? right : left;
  f->right = swapped ? left : right;
  f->place = right->place;
  if (!f->outer && type && strcmp(type, "JOIN_INNER") != 0) {
    return stoa_semantic_refuse(r, node, "FULL JOIN", "write two LEFT JOINs with UNION ALL between them");
  }
  return on ? stoa_semantic_read_expr(r, on, &f->on) : STOA_OK;
}

static stoa_status read_from(stoa_semantic_reader *r, const stoa_json *any, stoa_semantic_from **out)
{
  const stoa_json *const node = stoa_semantic_node(any);
  if (stoa_semantic_named(node, "RangeVar")) {
    return read_table(r, node, out);
  }
  if (stoa_semantic_named(node, "RangeSubselect")) {
    return read_subselect(r, node, out);
  }
  if (stoa_semantic_named(node, "JoinExpr")) {
    return read_join(r, node, out);
  }
  return stoa_semantic_refuse(r, any, "this in FROM", "name a class, or a sub-select in brackets");
}

// FROM a, b joins without a condition of its own.
static stoa_status read_from_list(stoa_semantic_reader *r, const stoa_json *list, stoa_semantic_from **out)
{
  *out = NULL;
  for (uint32_t i = 0; list && i < list->n_items; ++i) {
    stoa_semantic_from *one, *join;
    STOA_TRY(read_from(r, &list->items[i], &one));
    if (!*out) {
      *out = one;
      continue;
    }
    STOA_TRY(new_from(r, STOA_SEM_FROM_JOIN, &list->items[i], &join));
    join->left = *out;
    join->right = one;
    *out = join;
  }
  return STOA_OK;
}

static stoa_status read_items(stoa_semantic_reader *r, const stoa_json *list, stoa_semantic_select *s)
{
  static const char *const known[] = {"name", "val", "location", NULL};
  for (uint32_t i = 0; list && i < list->n_items; ++i) {
    const stoa_json *const node = stoa_semantic_node(&list->items[i]);
    stoa_semantic_item item = {.place = stoa_semantic_place_of(&r->text, &list->items[i])};
    STOA_TRY(stoa_semantic_only(r, node, known));
    item.name = stoa_semantic_member(&r->text, node, "name");
    STOA_TRY(stoa_semantic_read_expr(r, stoa_json_find(node, "val"), &item.expr));
    item.place = item.expr->place;
    STOA_PUSH(r->text.arena, &s->items, item);
  }
  return s->items.n ? STOA_OK : stoa_error_at(r->text.err, STOA_BAD_SYNTAX, s->place, "a SELECT needs a column");
}

static stoa_status read_group(stoa_semantic_reader *r, const stoa_json *list, stoa_semantic_select *s)
{
  s->grouped = list != NULL;
  for (uint32_t i = 0; list && i < list->n_items; ++i) {
    stoa_semantic_expr *key;
    if (stoa_semantic_named(stoa_semantic_node(&list->items[i]), "GroupingSet")) {
      return stoa_semantic_refuse(r, &list->items[i], "ROLLUP, CUBE or GROUPING SETS",
                                  "write a SELECT for each and UNION ALL between them");
    }
    STOA_TRY(stoa_semantic_read_expr(r, &list->items[i], &key));
    STOA_PUSH(r->text.arena, &s->group, key);
  }
  return STOA_OK;
}

// NULLs come last, and first in descending order, unless NULLS says so.
static stoa_status read_order(stoa_semantic_reader *r, const stoa_json *list, stoa_semantic_select *s)
{
  static const char *const known[] = {"node", "sortby_dir", "sortby_nulls", "location", NULL};
  for (uint32_t i = 0; list && i < list->n_items; ++i) {
    const stoa_json *const node = stoa_semantic_node(&list->items[i]);
    stoa_semantic_order order = {0};
    STOA_TRY(stoa_semantic_only(r, node, known));
    const char *const direction = stoa_semantic_member(&r->text, node, "sortby_dir");
    const char *const nulls = stoa_semantic_member(&r->text, node, "sortby_nulls");
    if (direction && strcmp(direction, "SORTBY_USING") == 0) {
      return stoa_semantic_refuse(r, node, "ORDER BY ... USING", "write ASC or DESC");
    }
    order.descending = direction && strcmp(direction, "SORTBY_DESC") == 0;
    order.nulls_first = nulls && strcmp(nulls, "SORTBY_NULLS_FIRST") == 0  ? true
                        : nulls && strcmp(nulls, "SORTBY_NULLS_LAST") == 0 ? false
                                                                           : order.descending;
    STOA_TRY(stoa_semantic_read_expr(r, stoa_json_find(node, "node"), &order.expr));
    STOA_PUSH(r->text.arena, &s->orders, order);
  }
  return STOA_OK;
}

// LIMIT ALL is a NULL in the tree.
static stoa_status read_count(stoa_semantic_reader *r, const stoa_json *node, uint64_t *out)
{
  stoa_semantic_expr *e;
  if (!node) {
    return STOA_OK;
  }
  STOA_TRY(stoa_semantic_read_expr(r, node, &e));
  if (e->kind == STOA_SEM_NULL) {
    return STOA_OK;
  }
  if (e->kind != STOA_SEM_TERM || e->term.kind != STOA_TERM_INTEGER || e->term.as.integer < 0) {
    return stoa_error_at(r->text.err, STOA_BAD_SYNTAX, e->place, "LIMIT and OFFSET take a whole number, 0 or more");
  }
  *out = (uint64_t)e->term.as.integer;
  return STOA_OK;
}

static stoa_status read_with(stoa_semantic_reader *r, const stoa_json *with)
{
  static const char *const known[] = {"ctes", "location", NULL};
  static const char *const known_one[] = {"ctename", "ctematerialized", "ctequery", "location", NULL};
  const stoa_json *const list = stoa_json_find(with, "ctes");
  STOA_TRY(stoa_semantic_only(r, with, known));
  for (uint32_t i = 0; list && i < list->n_items; ++i) {
    const stoa_json *const one = stoa_semantic_node(&list->items[i]);
    const stoa_json *const select = stoa_semantic_node(stoa_json_find(one, "ctequery"));
    stoa_semantic_select *read;
    STOA_TRY(stoa_semantic_only(r, one, known_one));
    if (!stoa_semantic_named(select, "SelectStmt")) {
      return stoa_semantic_refuse(r, one, "WITH of anything but a SELECT", "a SELECT only reads");
    }
    STOA_TRY(r->select(r, select, &read)); // one that nobody names has to be right as well
    stoa_semantic_with *const named = STOA_NEW(r->text.arena, stoa_semantic_with);
    *named = (stoa_semantic_with){stoa_semantic_member(&r->text, one, "ctename"), select, r->withs};
    r->withs = named;
  }
  return STOA_OK;
}

static stoa_status read_sides(stoa_semantic_reader *r, const stoa_json *node, const char *op, stoa_semantic_select *s)
{
  if (strcmp(op, "SETOP_UNION") != 0) {
    return stoa_semantic_refuse(r, node, strstr(op, "EXCEPT") ? "EXCEPT" : "INTERSECT",
                                strstr(op, "EXCEPT") ? "write NOT EXISTS (...)" : "write EXISTS (...)");
  }
  s->all = stoa_semantic_flag(node, "all");
  STOA_TRY(r->select(r, stoa_json_find(node, "larg"), &s->sides[0]));
  return r->select(r, stoa_json_find(node, "rarg"), &s->sides[1]);
}

// DISTINCT without ON is a list of one empty node.
static stoa_status read_distinct(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_select *s)
{
  const stoa_json *const list = stoa_json_find(node, "distinctClause");
  s->distinct = list != NULL;
  return list && list->n_items && list->items[0].n_items
           ? stoa_semantic_refuse(r, list, "DISTINCT ON", "take MIN or MAX in a sub-select with GROUP BY, and join it")
           : STOA_OK;
}

static stoa_status read_body(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_select *s)
{
  const stoa_json *const where = stoa_json_find(node, "whereClause"), *const having =
                                                                        stoa_json_find(node, "havingClause");
  STOA_TRY(read_distinct(r, node, s));
  STOA_TRY(read_from_list(r, stoa_json_find(node, "fromClause"), &s->from));
  STOA_TRY(read_items(r, stoa_json_find(node, "targetList"), s));
  if (where) {
    STOA_TRY(stoa_semantic_read_expr(r, where, &s->where));
  }
  STOA_TRY(read_group(r, stoa_json_find(node, "groupClause"), s));
  return having ? stoa_semantic_read_expr(r, having, &s->having) : STOA_OK;
}

static stoa_status read_parts(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_select *s)
{
  static const char *const known[] = {
    "distinctClause", "targetList", "fromClause",  "whereClause", "groupClause", "havingClause", "sortClause",
    "limitOffset",    "limitCount", "limitOption", "withClause",  "op",          "all",          "larg",
    "rarg",           NULL};
  const stoa_json *const with = stoa_json_find(node, "withClause");
  const char *const op = stoa_semantic_member(&r->text, node, "op"), *const option = stoa_semantic_member(
                                                                       &r->text, node, "limitOption");
  STOA_TRY(stoa_semantic_only(r, node, known));
  if (with) {
    STOA_TRY(read_with(r, with));
  }
  if (option && strcmp(option, "LIMIT_OPTION_WITH_TIES") == 0) {
    return stoa_semantic_refuse(r, node, "WITH TIES", "write LIMIT");
  }
  STOA_TRY(op && strcmp(op, "SETOP_NONE") != 0 ? read_sides(r, node, op, s) : read_body(r, node, s));
  STOA_TRY(read_order(r, stoa_json_find(node, "sortClause"), s));
  STOA_TRY(read_count(r, stoa_json_find(node, "limitOffset"), &s->offset));
  return read_count(r, stoa_json_find(node, "limitCount"), &s->limit);
}

static stoa_status read_select(stoa_semantic_reader *r, const stoa_json *node, stoa_semantic_select **out)
{
  stoa_semantic_select *const s = STOA_NEW(r->text.arena, stoa_semantic_select);
  const stoa_semantic_with *const withs = r->withs;
  s->place = stoa_semantic_place_of(&r->text, node);
  s->limit = UINT64_MAX;
  if (++r->n_nested > DEEPEST_SELECT) {
    return stoa_error_at(r->text.err, STOA_TOO_LARGE, s->place, "SELECTs nest deeper than %d; ask in parts",
                         DEEPEST_SELECT);
  }
  STOA_TRY(read_parts(r, node, s));
  r->n_nested--;
  r->withs = withs;
  *out = s;
  return STOA_OK;
}

stoa_status stoa_semantic_read_select(stoa_semantic_reader *r, const stoa_json *select, stoa_semantic_select **out)
{
  r->select = read_select;
  return read_select(r, select, out);
}
