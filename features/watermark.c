#include "features/watermark.h"
#include "graph/plan/lineage.h"
#include "graph/result/answer.h"
#include "graph/term/compare.h"
#include <stdlib.h>

// ---- the source

static stoa_status find_source(const stoa_view *v, const stoa_project *project, stoa_arena *arena, stoa_source **out,
                               stoa_error *err)
{
  const stoa_plan *plan;
  stoa_lineage columns = {0};
  STOA_TRY(stoa_view_plan_since(v, project, (stoa_term){0}, arena, &plan, err));
  stoa_lineage_of_var(plan, v->watermark_var, arena, &columns);
  for (uint32_t i = 1; i < columns.n; ++i) {
    if (strcmp(columns.items[i].source, columns.items[0].source) != 0) {
      return stoa_error_at(err, STOA_BAD_ARG, v->watermark_place, "?%s is read from source \"%s\" and from \"%s\"; the rows of "
                           "one can be followed, not of both", v->watermark_name, columns.items[0].source,
                           columns.items[i].source);
    }
  }
  *out = columns.n ? stoa_reads_source(project, columns.items[0].source) : NULL;
  return *out ? STOA_OK
              : stoa_error_at(err, STOA_BAD_ARG, v->watermark_place,
                              "?%s is a column of no source that has to be asked for its changes; of events in the log and of "
                              "files that are loaded nothing need be declared",
                              v->watermark_name);
}

stoa_status stoa_watermark_check(const stoa_view *view, const stoa_project *project, stoa_error *err)
{
  stoa_arena scratch;
  stoa_source *source;
  if (!view->watermark_name) {
    return STOA_OK;
  }
  stoa_arena_init(&scratch, 0);
  const stoa_status status = find_source(view, project, &scratch, &source, err);
  stoa_arena_done(&scratch);
  return status;
}

stoa_status stoa_watermark_new(const stoa_view *view, const stoa_project *project, stoa_watermark **out, stoa_error *err)
{
  stoa_arena scratch;
  *out = NULL;
  if (!view->watermark_name) {
    return STOA_OK;
  }
  stoa_watermark *const w = calloc(1, sizeof *w);
  if (!w) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the watermark of view %s", view->name);
  }
  w->view = view;
  w->project = project;
  stoa_arena_init(&w->arena, 0);
  stoa_arena_init(&scratch, 0);
  const stoa_status status = find_source(view, project, &scratch, &w->source, err);
  stoa_arena_done(&scratch);
  if (status != STOA_OK) {
    stoa_watermark_free(w);
    return status;
  }
  *out = w;
  return STOA_OK;
}

void stoa_watermark_free(stoa_watermark *w)
{
  if (w) {
    stoa_arena_done(&w->arena);
    free(w);
  }
}

// ---- asking

typedef struct {
  const stoa_view *view;
  const stoa_plan *plan;
  stoa_arena *arena;
  bool tells_keys;
  stoa_key_list *keys;
  bool *all;
  stoa_term newest;
} asked;

static bool is_greater(stoa_term a, stoa_term b)
{
  return stoa_term_is_bound(a) && (!stoa_term_is_bound(b) || stoa_term_compare(STOA_COMPARE_GT, a, b) == 1);
}

static stoa_slice iri_text(stoa_term iri, stoa_arena *arena)
{
  stoa_buf text = {0};
  stoa_term_write_lexical(iri, &text);
  const stoa_slice copy = stoa_arena_slice(arena, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
  return copy;
}

static stoa_status take(const stoa_batch *batch, void *data, stoa_error *err)
{
  asked *const a = data;
  const int mark = stoa_plan_column(a->plan->root, a->view->watermark_var),
            entity = stoa_plan_column(a->plan->root, a->view->entity_var);
  (void)err;
  for (uint32_t row = 0; row < batch->n_rows; ++row) {
    const stoa_slice *key;
    if (mark >= 0 && is_greater(batch->columns[mark][row], a->newest)) {
      a->newest = stoa_term_copy(batch->columns[mark][row], a->arena);
    }
    if (!a->tells_keys) {
      continue;
    }
    const stoa_term term = entity < 0 ? (stoa_term){0} : batch->columns[entity][row];
    if (stoa_term_is_iri(term) && stoa_iri_entity(a->view->entity, iri_text(term, a->arena), a->arena, &key)) {
      STOA_PUSH(a->arena, a->keys, key);
    } else {
      *a->all = true;
    }
  }
  return STOA_OK;
}

stoa_status stoa_watermark_ask(const stoa_watermark *w, stoa_term last, stoa_context *context, stoa_arena *arena,
                               stoa_key_list *keys, bool *all, stoa_term *newest, stoa_error *err)
{
  asked a = {.view = w->view, .arena = arena, .tells_keys = stoa_term_is_bound(last), .keys = keys, .all = all, .newest = last};
  STOA_TRY(stoa_view_plan_since(w->view, w->project, last, arena, &a.plan, err));
  STOA_TRY(stoa_answer_each(a.plan, context, NULL, 0, take, &a, err));
  *newest = a.newest;
  return STOA_OK;
}

void stoa_watermark_set(stoa_watermark *w, stoa_term newest)
{
  if (is_greater(newest, w->last)) {
    stoa_arena before = w->arena;
    stoa_arena_init(&w->arena, 0);
    w->last = stoa_term_copy(newest, &w->arena);
    stoa_arena_done(&before);
  }
}
