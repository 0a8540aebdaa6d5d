// SQL text from blocks.  Constants are never printed: each becomes a "?" and a parameter.
#include "graph/plan/sqlx.h"

typedef struct {
  stoa_rels *r;
  stoa_params *params;
  stoa_buf *out;
} printer;

static void print_rel(const printer *p, const stoa_rel *rel, bool tagged, bool named);

// Identifiers come from the catalog and are quoted all the same.
static void print_name(const printer *p, const char *name)
{
  stoa_buf_byte(p->out, '"');
  for (const char *c = name; *c; ++c) {
    if (*c == '"') {
      stoa_buf_byte(p->out, '"');
    }
    stoa_buf_byte(p->out, *c);
  }
  stoa_buf_byte(p->out, '"');
}

static void print_sx(const printer *p, const stoa_sx *sx)
{
  if (sx->kind == STOA_SX_COLUMN) {
    stoa_buf_print(p->out, "t%u.", sx->alias);
    print_name(p, sx->info->name);
    return;
  }
  if (sx->kind == STOA_SX_PARAM) {
    STOA_PUSH(p->r->arena, p->params, sx->param);
    stoa_buf_byte(p->out, '?');
    return;
  }
  for (const char *c = sx->text; *c; ++c) {
    if (*c == '%' && c[1] == '*') {
      for (uint32_t i = 0; i < sx->n_args; ++i) {
        stoa_buf_text(p->out, i ? ", " : "");
        print_sx(p, sx->args[i]);
      }
      ++c;
    } else if (*c == '%' && c[1] >= '0' && c[1] <= '3') {
      print_sx(p, sx->args[c[1] - '0']);
      ++c;
    } else {
      stoa_buf_byte(p->out, *c);
    }
  }
}

static void print_list(const printer *p, const stoa_sx_list *list, const char *between)
{
  for (uint32_t i = 0; i < list->n; ++i) {
    if (i) {
      stoa_buf_text(p->out, between);
    }
    print_sx(p, list->items[i]);
  }
}

static void print_table(const printer *p, const stoa_from *from)
{
  if (from->sub) {
    stoa_buf_byte(p->out, '(');
    print_rel(p, from->sub, false, true);
    stoa_buf_byte(p->out, ')');
  } else if (from->rows) {
    STOA_PUSH(p->r->arena, p->params, ((stoa_param){.kind = STOA_PARAM_ROWS, .values = from->rows}));
    stoa_buf_text(p->out, "json_each(?)");
  } else if (from->table.view) {
    stoa_buf_print(p->out, "(%s)", from->table.view);
  } else {
    print_name(p, from->table.table);
  }
  stoa_buf_print(p->out, " AS t%u", from->alias);
}

// Inner tables first, then the left joins in order: their conditions may speak of all before them.
static void print_from(const printer *p, const stoa_block *block)
{
  bool any = false;
  for (uint32_t i = 0; i < block->from.n; ++i) {
    if (block->from.items[i].kind == STOA_FROM_INNER) {
      stoa_buf_text(p->out, any ? " JOIN " : " FROM ");
      print_table(p, &block->from.items[i]);
      any = true;
    }
  }
  for (uint32_t i = 0; i < block->from.n; ++i) {
    const stoa_from *const from = &block->from.items[i];
    if (from->kind != STOA_FROM_LEFT) {
      continue;
    }
    stoa_buf_text(p->out, any ? " LEFT JOIN " : " FROM (SELECT 1) AS one LEFT JOIN ");
    print_table(p, from);
    stoa_buf_text(p->out, " ON ");
    if (from->on.n) {
      print_list(p, &from->on, " AND ");
    } else {
      stoa_buf_text(p->out, "1");
    }
    any = true;
  }
}

static void print_order(const printer *p, const stoa_block *block)
{
  for (uint32_t i = 0; i < block->order.n; ++i) {
    stoa_buf_text(p->out, i ? ", " : " ORDER BY ");
    print_sx(p, block->order.items[i].sx);
    stoa_buf_text(p->out, block->order.items[i].descending ? " DESC" : "");
  }
  if (block->limit != UINT64_MAX || block->offset) {
    stoa_buf_print(p->out, " LIMIT %lld OFFSET %llu", block->limit > INT64_MAX ? -1 : (long long)block->limit,
                   (unsigned long long)block->offset);
  }
}

// tag >= 0: the block's number is the first column; `width` columns are filled up with NULL.
static void print_block(const printer *p, const stoa_block *block, int tag, uint32_t width, bool named)
{
  stoa_sx_list columns = {0};
  stoa_block_columns(p->r, block, &columns);
  stoa_buf_text(p->out, block->distinct ? "SELECT DISTINCT " : "SELECT ");
  if (tag >= 0) {
    stoa_buf_print(p->out, "%d", tag);
  }
  for (uint32_t i = 0; i < width; ++i) {
    if (i || tag >= 0) {
      stoa_buf_text(p->out, ", ");
    }
    if (i < columns.n) {
      print_sx(p, columns.items[i]);
    } else {
      stoa_buf_text(p->out, "NULL");
    }
    if (named) {
      stoa_buf_print(p->out, " AS c%u", i);
    }
  }
  if (width == 0 && tag < 0) {
    stoa_buf_text(p->out, "1");
  }
  print_from(p, block);
  if (block->where.n) {
    stoa_buf_text(p->out, " WHERE ");
    print_list(p, &block->where, " AND ");
  }
  if (block->group.n) {
    stoa_buf_text(p->out, " GROUP BY ");
    print_list(p, &block->group, ", ");
  }
  print_order(p, block);
}

static void print_rel(const printer *p, const stoa_rel *rel, bool tagged, bool named)
{
  uint32_t width = 0;
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    stoa_sx_list columns = {0};
    stoa_block_columns(p->r, rel->blocks.items[i], &columns);
    width = columns.n > width ? columns.n : width;
  }
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    const stoa_block *const block = rel->blocks.items[i];
    const bool wrap = rel->blocks.n > 1 && (block->order.n || block->limit != UINT64_MAX || block->offset);
    if (i) {
      stoa_buf_text(p->out, rel->set ? " UNION " : " UNION ALL ");
    }
    if (wrap) {
      stoa_buf_text(p->out, "SELECT * FROM (");
    }
    print_block(p, block, tagged ? (int)i : -1, width, named);
    if (wrap) {
      stoa_buf_byte(p->out, ')');
    }
  }
}

void stoa_rel_print(stoa_rels *r, const stoa_rel *rel, bool tagged, stoa_params *params, stoa_buf *out)
{
  const printer p = {r, params, out};
  print_rel(&p, rel, tagged, false);
}
