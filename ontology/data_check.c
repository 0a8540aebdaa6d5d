#include "ontology/data_check.h"
#include "graph/exec/fault.h"
#include "graph/plan/makes.h"

typedef struct {
  const stoa_home *home;
  STOA_LIST(const stoa_ctor *) ctors;
} home_check;

typedef struct {
  stoa_arena arena;
  stoa_map homes; ///< address -> home_check
  STOA_LIST(home_check *) order;
} collector;

// A leaf is copied for each class and property that it stands for, and its constructors with it.
static bool is_known(const home_check *check, const stoa_ctor *c)
{
  for (uint32_t i = 0; i < check->ctors.n; ++i) {
    const stoa_ctor *const other = check->ctors.items[i];
    bool same = other->kind == c->kind && other->makes == c->makes && other->tmpl == c->tmpl &&
                stoa_slice_equal(other->datatype, c->datatype) && stoa_slice_equal(other->language, c->language);
    for (uint32_t k = 0; same && k < c->n_columns; ++k) {
      same = other->columns[k] == c->columns[k];
    }
    if (same) {
      return true;
    }
  }
  return false;
}

// Parents of joins are checked where they are subjects.
static void collect(collector *all, const stoa_ctor *c)
{
  if (!c->home || c->n_columns == 0 || c->table != 0) {
    return;
  }
  const stoa_slice key = {(const char *)&c->home, sizeof c->home};
  home_check *check = stoa_map_find(&all->homes, key);
  if (!check) {
    check = STOA_NEW(&all->arena, home_check);
    check->home = c->home;
    stoa_map_add(&all->homes, &all->arena, key, check);
    STOA_PUSH(&all->arena, &all->order, check);
  }
  if (!is_known(check, c)) {
    STOA_PUSH(&all->arena, &check->ctors, c);
  }
}

static void check_home(const home_check *check, stoa_arena *arena, stoa_faults *faults)
{
  stoa_error *const errs = STOA_NEWS(arena, stoa_error, check->ctors.n + 1);
  stoa_error err = {0};
  stoa_context context;
  stoa_context_init(&context, 0);
  if (stoa_fault_find(check->ctors.items, check->ctors.n, &context, errs, &err) != STOA_OK) {
    stoa_faults_add(faults, &err, false);
  }
  for (uint32_t i = 0; i < check->ctors.n; ++i) {
    if (errs[i].status != STOA_OK) {
      stoa_faults_add(faults, &errs[i], false);
    }
  }
}

void stoa_data_check(const stoa_mapping *mapping, stoa_faults *faults)
{
  collector all = {.homes = {0}};
  stoa_arena_init(&all.arena, 0);
  for (uint32_t i = 0; i < mapping->all.n; ++i) {
    const stoa_leaf *const leaf = mapping->all.items[i];
    collect(&all, &leaf->subject);
    collect(&all, &leaf->predicate);
    collect(&all, &leaf->object);
    collect(&all, &leaf->graph);
  }
  for (uint32_t i = 0; i < all.order.n; ++i) {
    check_home(all.order.items[i], &all.arena, faults);
  }
  stoa_arena_done(&all.arena);
}
