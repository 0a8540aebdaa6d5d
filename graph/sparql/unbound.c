#include "graph/sparql/unbound.h"
#include "graph/base/arena.h"
#include "graph/base/file.h"
#include <string.h>

typedef struct {
  const stoa_query *query;
  stoa_faults *faults;
  stoa_arena arena;
} checker;

// Names of what the pattern binds; those that are made up have no place in a message.
static const char *nearest(checker *c, const char *name, const bool *bound)
{
  const char **const names = STOA_NEWS(&c->arena, const char *, c->query->n_vars + 1);
  size_t n = 0;
  for (uint32_t i = 0; i < c->query->n_vars; ++i) {
    if (bound[i] && c->query->names[i][0] != '_') {
      names[n++] = c->query->names[i];
    }
  }
  return stoa_nearest(name, names, n);
}

static void check_selection(checker *c, const stoa_node *project)
{
  bool *const bound = STOA_NEWS(&c->arena, bool, c->query->n_vars + 1);
  stoa_node_vars(project->inputs[0], bound);
  for (uint32_t i = 0; i < project->n_places; ++i) {
    const char *const name = c->query->names[project->vars[i]];
    if (bound[project->vars[i]] || name[0] == '_') { // such as the instant of the request
      continue;
    }
    stoa_error err = {0};
    const char *const near = nearest(c, name, bound);
    stoa_error_at(&err, STOA_BAD_ARG, project->places[i],
                  "?%s is selected and nothing binds it: it never has a value%s%s%s", name,
                  near ? "; did you mean ?" : "", near ? near : "", near ? "?" : "");
    stoa_faults_add(c->faults, &err, true);
  }
}

static void check_node(checker *c, const stoa_node *node)
{
  if (node->kind == STOA_NODE_PROJECT && node->n_places) {
    check_selection(c, node);
  }
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    check_node(c, node->inputs[i]);
  }
}

void stoa_unbound_check(const stoa_query *query, stoa_faults *faults)
{
  checker c = {.query = query, .faults = faults};
  stoa_arena_init(&c.arena, 0);
  check_node(&c, query->root);
  stoa_arena_done(&c.arena);
}
