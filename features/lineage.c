// From which columns of which sources a feature is made.
#include "features/lineage.h"
#include <string.h>

static void add_all(stoa_lineage *to, const stoa_lineage *from, stoa_arena *arena)
{
  for (uint32_t i = 0; i < from->n; ++i) {
    stoa_lineage_add(to, arena, from->items[i].source, from->items[i].table, from->items[i].column);
  }
}

// A request view is made of what it reads.
static void of_request(const stoa_view *view, stoa_arena *arena, stoa_lineage *values, stoa_lineage *all)
{
  for (uint32_t i = 0; i < view->inputs.n; ++i) {
    const stoa_view_input *const input = &view->inputs.items[i];
    stoa_lineage its_values = {0}, its = {0};
    if (input->view) {
      stoa_feature_lineage(input->view, &input->view->features.items[input->feature], arena, &its_values, &its);
      add_all(values, &its_values, arena);
      add_all(all, &its, arena);
    }
  }
}

bool stoa_lineage_has(const stoa_lineage *list, const stoa_lineage_column *c)
{
  for (uint32_t i = 0; i < list->n; ++i) {
    if (strcmp(list->items[i].source, c->source) == 0 && strcmp(list->items[i].table, c->table) == 0 &&
        strcmp(list->items[i].column, c->column) == 0) {
      return true;
    }
  }
  return false;
}

void stoa_view_lineage(const stoa_view *view, stoa_arena *arena, stoa_lineage *all)
{
  stoa_lineage values = {0};
  if (view->kind == STOA_VIEW_REQUEST) {
    of_request(view, arena, &values, all);
  } else {
    stoa_lineage_of_plan(view->plan_one, arena, all);
  }
}

void stoa_feature_lineage(const stoa_view *view, const stoa_feature *feature, stoa_arena *arena, stoa_lineage *values,
                          stoa_lineage *all)
{
  if (view->kind == STOA_VIEW_REQUEST) {
    of_request(view, arena, values, all);
    return;
  }
  const stoa_var vars[] = {view->kind == STOA_VIEW_QUERY ? feature->var : view->value_var, feature->distinct,
                           view->time_var};
  const int n = view->kind == STOA_VIEW_QUERY ? 1 : 3;
  for (int i = 0; i < n; ++i) {
    if (vars[i] != STOA_NO_VAR) {
      stoa_lineage_of_var(view->plan_one, vars[i], arena, values);
    }
  }
  stoa_lineage_of_plan(view->plan_one, arena, all);
}
