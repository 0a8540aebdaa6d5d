// Nearly every event is known when it happens, and who asks about many instants at once reads its events once: beside
// each row stands when its events came, and each observation counts those that had come by then.  That is right where
// each row of the view has its events in variables, and one more event adds rows and changes none (link.h).
#include "features/past.h"
#include "graph/exec/op.h"
#include "graph/plan/planning.h"
#include "graph/term/value.h"

static void add_record(stoa_past *p, stoa_var record, stoa_arena *arena)
{
  for (uint32_t i = 0; i < p->records.n; ++i) {
    if (p->records.items[i] == record) {
      return;
    }
  }
  STOA_PUSH(arena, &p->records, record);
}

stoa_status stoa_view_past(const stoa_view *view, const stoa_project *project, const stoa_event_types *types,
                           stoa_arena *arena, stoa_past *out, stoa_error *err)
{
  stoa_reads reads;
  STOA_TRY(stoa_view_reads(view, project, types, arena, &reads, err));
  bool by_rows = view->kind == STOA_VIEW_WINDOW && !reads.rewards && reads.decisions == STOA_REACH_NONE;
  *out = (stoa_past){.reads_log = reads.events.n || reads.rewards || reads.decisions != STOA_REACH_NONE};
  for (uint32_t i = 0; i < reads.events.n; ++i) {
    const stoa_event_reach *const reach = &reads.events.items[i];
    out->says_when |= reach->type->known != NULL;
    out->silent = reach->type->known ? out->silent : reach->type->name;
    by_rows = by_rows && reach->record != STOA_NO_VAR;
    if (by_rows) {
      add_record(out, reach->record, arena);
    }
  }
  out->records.n = by_rows ? out->records.n : 0;
  return STOA_OK;
}

// ---- the plan: the view's query, and OPTIONAL { GRAPH stoa:log { ?record stoa:logOffset ?offset } } for each record

static const stoa_node *with_arrival(const stoa_node *body, stoa_var record, const char *property, stoa_var var,
                                     stoa_arena *arena)
{
  stoa_pattern *const pattern = STOA_NEW(arena, stoa_pattern);
  stoa_node *const bgp = STOA_NEW(arena, stoa_node), *const join = STOA_NEW(arena, stoa_node);
  *pattern = (stoa_pattern){.subject = {.var = record},
                            .predicate = {.var = STOA_NO_VAR, .term = stoa_term_iri(stoa_slice_of(property))},
                            .object = {.var = var},
                            .graph = {.var = STOA_NO_VAR, .term = stoa_term_iri(stoa_slice_of(STOA_LOG_GRAPH))}};
  *bgp = (stoa_node){.kind = STOA_NODE_BGP, .patterns = pattern, .n_patterns = 1, .limit = UINT64_MAX};
  *join = (stoa_node){.kind = STOA_NODE_LEFT_JOIN, .inputs = {body, bgp}, .limit = UINT64_MAX};
  return join;
}

// The query with two variables more for each record, from n_vars on.
static stoa_query *with_arrivals(const stoa_past *p, const stoa_query *query, stoa_arena *arena)
{
  const stoa_node *const root = query->root;
  const uint32_t n_more = 2 * p->records.n;
  stoa_query *const out = STOA_NEW(arena, stoa_query);
  stoa_node *const project = STOA_NEW(arena, stoa_node);
  stoa_var *const vars = STOA_NEWS(arena, stoa_var, root->n_vars + n_more);
  const char **const names = STOA_NEWS(arena, const char *, query->n_vars + n_more);
  const stoa_node *body = root->inputs[0];
  memcpy(vars, root->vars, root->n_vars * sizeof *vars);
  memcpy(names, query->names, query->n_vars * sizeof *names);
  for (uint32_t i = 0; i < n_more; ++i) {
    const stoa_var var = query->n_vars + i;
    names[var] = stoa_arena_print(arena, "_:arrival%u", i);
    vars[root->n_vars + i] = var;
    if (i % 2 == 0 || p->says_when) {
      body = with_arrival(body, p->records.items[i / 2], i % 2 ? STOA_LOG_KNOWN : STOA_LOG_OFFSET, var, arena);
    }
  }
  *project = *root;
  project->inputs[0] = body;
  project->vars = vars;
  project->n_vars = root->n_vars + n_more;
  *out = *query;
  out->names = names;
  out->n_vars = query->n_vars + n_more;
  out->columns = vars;
  out->n_columns = project->n_vars;
  out->root = project;
  return out;
}

stoa_status stoa_past_plan(const stoa_past *p, const stoa_view *view, const stoa_project *project, int64_t span_us,
                           stoa_arena *arena, const stoa_plan **out, stoa_arrival_columns *columns, stoa_error *err)
{
  const uint32_t n = 2 * p->records.n;
  int *const at = STOA_NEWS(arena, int, n + 1);
  stoa_view *const its = STOA_NEW(arena, stoa_view);
  *its = *view;
  its->query = n ? with_arrivals(p, view->query, arena) : view->query;
  STOA_TRY(stoa_view_plan_span(its, project, span_us, arena, out, err));
  for (uint32_t i = 0; i < n; ++i) {
    at[i] = stoa_plan_column((*out)->root, view->query->n_vars + i);
  }
  *columns = (stoa_arrival_columns){n, at};
  return STOA_OK;
}

// ---- rows

static stoa_term column_of(const stoa_batch *batch, int column, uint32_t row)
{
  return column < 0 ? (stoa_term){0} : batch->columns[column][row];
}

// What says when it was known was known then, whenever it came.
stoa_arrival stoa_arrival_read(const stoa_arrival_columns *columns, const stoa_batch *batch, uint32_t row)
{
  stoa_arrival a = {INT64_MIN, INT64_MIN};
  for (uint32_t i = 0; i < columns->n; i += 2) {
    const stoa_term offset = column_of(batch, columns->columns[i], row);
    stoa_instant known;
    bool is_date;
    if (stoa_term_instant(column_of(batch, columns->columns[i + 1], row), &known, &is_date)) {
      a.known_us = known.us > a.known_us ? known.us : a.known_us;
    } else if (offset.kind == STOA_TERM_INTEGER) {
      a.offset = offset.as.integer > a.offset ? offset.as.integer : a.offset;
    }
  }
  return a;
}
