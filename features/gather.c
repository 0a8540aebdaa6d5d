#include "features/gather.h"
#include "features/list.h"
#include "features/vector.h"
#include "graph/term/equality.h"

// Of one feature of an entity.
typedef struct {
  bool has_row, has_value; ///< in any row
  stoa_term value;         ///< of what is no list: that of all rows
  stoa_elements elements;  ///< of a list
  stoa_list_fit fit;       ///< of the first element that is at fault
  stoa_vector_rows *rows;  ///< of a vector
} cell;

struct stoa_gathered {
  const stoa_view *view;
  stoa_arena *arena;
  stoa_vector_form form; ///< of vectors
  cell *cells;           ///< [key][feature]
};

bool stoa_view_gathers(const stoa_view *view)
{
  bool gathers = false;
  for (uint32_t i = 0; i < view->features.n; ++i) {
    gathers |= view->kind == STOA_VIEW_QUERY && view->features.items[i].type == STOA_FEATURE_LIST;
  }
  return gathers;
}

static stoa_vector_form form_of(const stoa_view *view)
{
  const stoa_node *node = view->query->root;
  while (node->kind == STOA_NODE_DISTINCT || node->kind == STOA_NODE_PROJECT) {
    node = node->inputs[0];
  }
  return view->index_name                ? STOA_VECTOR_INDEXED
         : node->kind == STOA_NODE_ORDER ? STOA_VECTOR_ORDERED
                                         : STOA_VECTOR_ALONE;
}

stoa_gathered *stoa_gathered_new(const stoa_view *view, uint32_t n_keys, stoa_arena *arena)
{
  stoa_gathered *const g = STOA_NEW(arena, stoa_gathered);
  *g = (stoa_gathered){view, arena, form_of(view), STOA_NEWS(arena, cell, (size_t)n_keys * view->features.n + 1)};
  return g;
}

bool stoa_gathered_add(stoa_gathered *g, uint32_t key, uint32_t feature, stoa_term index, stoa_term value)
{
  const stoa_feature *const f = &g->view->features.items[feature];
  cell *const c = &g->cells[(size_t)key * g->view->features.n + feature];
  const bool is_first = !c->has_row;
  c->has_row = true;
  c->has_value |= stoa_term_is_bound(value) || (f->dimensions && stoa_term_is_bound(index));
  if (f->dimensions) {
    c->rows = c->rows ? c->rows : stoa_vector_rows_new(f, g->form, g->arena);
    stoa_vector_rows_add(c->rows, index, value);
  } else if (f->type == STOA_FEATURE_LIST) {
    c->fit = c->fit == STOA_LIST_FITS ? stoa_list_add(f, value, g->arena, &c->elements) : c->fit;
  } else if (is_first) {
    c->value = stoa_term_copy(stoa_feature_canonical(value, g->arena), g->arena);
  } else {
    return stoa_term_same(c->value, stoa_feature_canonical(value, g->arena));
  }
  return true;
}

static stoa_term settle_vector(const cell *c, const stoa_feature *f, stoa_context *context)
{
  char why[STOA_VECTOR_WHY];
  stoa_term vector;
  return stoa_vector_rows_term(c->rows, &vector, why) ? vector : stoa_feature_misfit(f, why, context);
}

stoa_term stoa_gathered_settle(stoa_gathered *g, uint32_t key, uint32_t feature, stoa_context *context, bool *is_null)
{
  const stoa_feature *const f = &g->view->features.items[feature];
  const cell *const c = &g->cells[(size_t)key * g->view->features.n + feature];
  *is_null = !c->has_value;
  return !c->has_value                  ? f->fallback
         : f->dimensions                ? settle_vector(c, f, context)
         : f->type == STOA_FEATURE_LIST ? stoa_list_settle(f, c->fit, &c->elements, context, g->arena)
                                        : stoa_feature_settle(f, c->value, context, g->arena);
}
