// Features at request time: each view is one run of its plan over the keys asked for.
#include "features/gather.h"
#include "graph/exec/op.h"
#include "graph/plan/lineage.h"
#include "graph/plan/planning.h"
#include "graph/result/answer.h"
#include "graph/term/equality.h"
#include "graph/term/number.h"
#include "graph/term/vocab.h"

typedef struct {
  const stoa_view *view;
  const stoa_plan *plan;
  stoa_table keys;  ///< the entities asked for, each once; row = index of the key
  stoa_term *terms; ///< the same
  stoa_arena *arena;
  stoa_term *out;
  uint32_t stride;
  stoa_view_row *rows; ///< of each entity
  uint32_t *nulls;     ///< for each feature; or NULL
  stoa_context *context;
  bool strict; ///< a value that does not fit its feature is an error, not none
  stoa_window_fold *fold;
  stoa_gathered *gathered; ///< of a view whose rows are gathered; else NULL
  int64_t now_us;
} compute;

static uint32_t key_of(compute *c, stoa_term entity)
{
  for (uint32_t at = stoa_table_first(&c->keys, stoa_term_hash(entity)); at; at = stoa_table_next(&c->keys, at)) {
    if (stoa_term_same(stoa_table_row(&c->keys, at - 1)[0], entity)) {
      return at - 1;
    }
  }
  return UINT32_MAX;
}

static void note_misfit(compute *c, uint32_t key, const stoa_feature *f)
{
  stoa_view_row *const row = &c->rows[key];
  if (!row->misfits) {
    row->misfits = STOA_NEWS(c->arena, bool, c->view->features.n);
  }
  row->misfits[f - c->view->features.items] = true;
}

// The columns that a vector is read from.
static void write_columns(const compute *c, const stoa_feature *f, stoa_buf *out)
{
  stoa_lineage columns = {0};
  stoa_lineage_of_var(c->plan, f->var, c->arena, &columns);
  for (uint32_t i = 0; i < columns.n; ++i) {
    const stoa_lineage_column *const its = &columns.items[i];
    stoa_buf_print(out, "%s%s: %s.%s", i ? ", " : " (", its->source, its->table, its->column);
  }
  stoa_buf_text(out, columns.n ? ")" : "");
}

// What is said of a value that does not fit.
static void write_misfit(const compute *c, uint32_t key, const stoa_feature *f, stoa_term value, stoa_buf *out)
{
  if (f->type != STOA_FEATURE_LIST) {
    stoa_term_write(value, out);
  } else if (f->dimensions) {
    stoa_buf_text(out, "the vector");
  } else {
    stoa_buf_text(out, c->context->misfit_why[0] ? "the list" : "an element of the list");
  }
  stoa_buf_text(out, " of ");
  stoa_term_write(stoa_table_row(&c->keys, key)[0], out);
  if (f->dimensions) {
    write_columns(c, f, out);
  }
  stoa_buf_print(out, " %s",
                 c->context->misfit_why[0] ? c->context->misfit_why
                                           : "does not fit its declared type; declare another one");
}

// After a value was settled: whether there was one, and whether it did.  `before`: so many had not.
static stoa_status settled(compute *c, uint32_t key, const stoa_feature *f, stoa_term value, bool is_null,
                           uint64_t before, stoa_error *err)
{
  if (c->nulls) {
    c->nulls[f - c->view->features.items] += is_null;
  }
  if (c->context->n_misfits == before) {
    return STOA_OK;
  }
  note_misfit(c, key, f);
  if (!c->strict) {
    return STOA_OK;
  }
  stoa_buf text = {0};
  write_misfit(c, key, f, value, &text);
  const stoa_status status = stoa_error_at(err, STOA_BAD_TYPE, (stoa_place){c->view->file, 1, 1}, "feature %s: %s",
                                           f->name, stoa_buf_string(&text));
  stoa_buf_done(&text);
  return status;
}

// The value in the feature's type, or what stands for none.
static stoa_status settle(compute *c, uint32_t key, const stoa_feature *f, stoa_term value, stoa_term *out,
                          stoa_error *err)
{
  const uint64_t before = c->context->n_misfits;
  *out = stoa_feature_settle(f, value, c->context, c->arena);
  return settled(c, key, f, value, !stoa_term_is_bound(value), before, err);
}

static stoa_status settle_gathered(compute *c, uint32_t key, uint32_t i, stoa_error *err)
{
  const uint64_t before = c->context->n_misfits;
  bool is_null;
  c->out[(size_t)key * c->stride + i] = stoa_gathered_settle(c->gathered, key, i, c->context, &is_null);
  return settled(c, key, &c->view->features.items[i], (stoa_term){0}, is_null, before, err);
}

// Of rows that are gathered the time is that of the latest.
static stoa_status take_time(compute *c, uint32_t key, stoa_term at, stoa_error *err)
{
  int64_t us;
  if (!stoa_term_is_bound(at)) {
    return STOA_OK;
  }
  if (!stoa_feature_instant(at, c->view->timezone, &us)) {
    return stoa_error_at(err, STOA_BAD_TYPE, (stoa_place){c->view->file, 1, 1},
                         "the time of view %s is no xsd:dateTime", c->view->name);
  }
  c->rows[key].at_us = us > c->rows[key].at_us ? us : c->rows[key].at_us;
  return STOA_OK;
}

// What does not tell a number is a group of nobody.
static stoa_status take_group(compute *c, uint32_t key, stoa_term group, stoa_error *err)
{
  const stoa_number least = {.mantissa = c->view->least_group};
  stoa_number n;
  const bool is_number = stoa_number_of(group, &n);
  const int order = is_number ? stoa_number_compare(&n, &least) : STOA_NUMBER_UNORDERED;
  c->rows[key].is_small |= order < 0 || order == STOA_NUMBER_UNORDERED;
  return is_number || !c->strict || !stoa_term_is_bound(group)
           ? STOA_OK
           : stoa_error_at(err, STOA_BAD_TYPE, (stoa_place){c->view->file, 1, 1},
                           "the group of view %s (min_group) is no number", c->view->name);
}

static stoa_status refuse_row(const compute *c, uint32_t key, const char *differs, stoa_error *err)
{
  stoa_buf text = {0};
  stoa_term_write(stoa_table_row(&c->keys, key)[0], &text);
  const stoa_status status =
    stoa_error_at(err, STOA_CONFLICT, (stoa_place){c->view->file, 1, 1},
                  "view %s has more than one row for %s%s%s; group by the entity", c->view->name,
                  stoa_buf_string(&text), differs ? ", and they differ in " : "", differs ? differs : "");
  stoa_buf_done(&text);
  return status;
}

static stoa_term column_of(const compute *c, stoa_var var, const stoa_batch *batch, uint32_t row)
{
  const int column = stoa_plan_column(c->plan->root, var);
  return column < 0 ? (stoa_term){0} : batch->columns[column][row];
}

static stoa_status take_value(compute *c, uint32_t key, uint32_t i, const stoa_batch *batch, uint32_t row,
                              stoa_error *err)
{
  const stoa_feature *const f = &c->view->features.items[i];
  const stoa_term value = column_of(c, f->var, batch, row);
  const stoa_term index = c->view->index_name ? column_of(c, c->view->index_var, batch, row) : (stoa_term){0};
  if (!c->gathered) {
    return settle(c, key, f, value, &c->out[(size_t)key * c->stride + i], err);
  }
  return stoa_gathered_add(c->gathered, key, i, index, value) ? STOA_OK : refuse_row(c, key, f->name, err);
}

// A row that is not known yet is none until then; one that does not say since when always was.
static stoa_status is_known(compute *c, uint32_t key, const stoa_batch *batch, uint32_t row, bool *out, stoa_error *err)
{
  const int column = c->view->known_name ? stoa_plan_column(c->plan->root, c->view->known_var) : -1;
  const stoa_term known = column < 0 ? (stoa_term){0} : batch->columns[column][row];
  int64_t us = INT64_MIN;
  if (stoa_term_is_bound(known) && !stoa_feature_instant(known, c->view->timezone, &us)) {
    return stoa_error_at(err, STOA_BAD_TYPE, (stoa_place){c->view->file, 1, 1},
                         "when a row of view %s was known is no xsd:dateTime or xsd:date", c->view->name);
  }
  *out = us <= c->now_us;
  if (!*out && us < c->rows[key].until_us) {
    c->rows[key].until_us = us;
  }
  return STOA_OK;
}

static stoa_status take_query_row(compute *c, uint32_t key, const stoa_batch *batch, uint32_t row, stoa_error *err)
{
  bool known = false;
  STOA_TRY(is_known(c, key, batch, row, &known, err));
  if (!known) {
    return STOA_OK;
  }
  if (c->rows[key].is_there && !c->gathered) {
    return refuse_row(c, key, NULL, err);
  }
  c->rows[key].is_there = true;
  if (c->view->least_group) {
    const int group = stoa_plan_column(c->plan->root, c->view->group_var);
    STOA_TRY(take_group(c, key, group < 0 ? (stoa_term){0} : batch->columns[group][row], err));
  }
  if (c->view->time_var != STOA_NO_VAR) {
    const int at = stoa_plan_column(c->plan->root, c->view->time_var);
    STOA_TRY(take_time(c, key, at < 0 ? (stoa_term){0} : batch->columns[at][row], err));
  }
  for (uint32_t i = 0; i < c->view->features.n; ++i) {
    STOA_TRY(take_value(c, key, i, batch, row, err));
  }
  return STOA_OK;
}

static stoa_status take_batch(const stoa_batch *batch, void *data, stoa_error *err)
{
  compute *const c = data;
  const int entity = stoa_plan_column(c->plan->root, c->view->entity_var);
  for (uint32_t row = 0; row < batch->n_rows; ++row) {
    const uint32_t key = key_of(c, batch->columns[entity][row]);
    if (key == UINT32_MAX) {
      continue;
    }
    STOA_TRY(c->fold ? stoa_window_fold_take(c->fold, key, batch, row, err) : take_query_row(c, key, batch, row, err));
  }
  return STOA_OK;
}

// A sum over what is no number is no sum, and not the default of one who has none.
static stoa_status refuse_sum(compute *c, uint32_t key, const stoa_feature *f, stoa_error *err)
{
  stoa_buf text = {0};
  if (!c->strict) {
    return STOA_OK;
  }
  stoa_term_write(stoa_table_row(&c->keys, key)[0], &text);
  const stoa_status status =
    stoa_error_at(err, STOA_BAD_TYPE, (stoa_place){c->view->file, 1, 1},
                  "feature %s: an event of %s has a value that is no number", f->name, stoa_buf_string(&text));
  stoa_buf_done(&text);
  return status;
}

static stoa_status finish_window(compute *c, uint32_t key, uint32_t i, stoa_error *err)
{
  const stoa_feature *const f = &c->view->features.items[i];
  stoa_term *const slot = &c->out[(size_t)key * c->stride + i];
  if (stoa_window_fold_failed(c->fold, key, i)) {
    *slot = stoa_feature_misfit(f, "", c->context);
    note_misfit(c, key, f);
    return refuse_sum(c, key, f, err);
  }
  return settle(c, key, f, stoa_window_fold_value(c->fold, key, i), slot, err);
}

static void finish_window_row(compute *c, uint32_t key)
{
  stoa_view_row *const row = &c->rows[key];
  int64_t *const last = STOA_NEWS(c->arena, int64_t, c->view->features.n + 1);
  for (uint32_t i = 0; i < c->view->features.n; ++i) {
    last[i] = stoa_window_fold_last(c->fold, key, i);
  }
  row->at_us = stoa_window_fold_latest(c->fold, key);
  row->last_us = last;
  row->is_there = row->at_us != STOA_NO_TIME;
  row->until_us = stoa_window_fold_until(c->fold, key);
  row->n_events = stoa_window_fold_count(c->fold, key);
}

// A row that is too old is not served, nor is what stands for none; one without a time may be as old as any.
static void withhold(compute *c, uint32_t key)
{
  stoa_view_row *const row = &c->rows[key];
  row->is_stale = c->view->ttl_us && row->is_there &&
                  (row->at_us == STOA_NO_TIME || stoa_elapsed_us(row->at_us, c->now_us) > c->view->ttl_us);
  for (uint32_t i = 0; row->is_stale && i < c->view->features.n; ++i) {
    c->out[(size_t)key * c->stride + i] = (stoa_term){0};
  }
  int64_t ends_us;
  if (c->view->ttl_us && row->at_us != STOA_NO_TIME && !row->is_stale &&
      !__builtin_add_overflow(row->at_us, c->view->ttl_us + 1, &ends_us)) {
    row->until_us = ends_us < row->until_us ? ends_us : row->until_us;
  }
}

// A row about too few people is not told from one about nobody, so that no default is served in its place.
static void withhold_small(compute *c, uint32_t key)
{
  for (uint32_t i = 0; i < c->view->features.n; ++i) {
    c->out[(size_t)key * c->stride + i] = (stoa_term){0};
  }
  c->rows[key].at_us = STOA_NO_TIME;
  c->rows[key].is_stale = false;
}

static stoa_status finish(compute *c, uint32_t n_keys, stoa_error *err)
{
  for (uint32_t k = 0; k < n_keys; ++k) {
    for (uint32_t i = 0; i < c->view->features.n; ++i) {
      if (c->fold) {
        STOA_TRY(finish_window(c, k, i, err));
      } else if (c->gathered && c->rows[k].is_there) {
        STOA_TRY(settle_gathered(c, k, i, err));
      } else if (!c->rows[k].is_there) {
        stoa_term *const slot = &c->out[(size_t)k * c->stride + i];
        STOA_TRY(settle(c, k, &c->view->features.items[i], (stoa_term){0}, slot, err));
      }
    }
    if (c->fold) {
      finish_window_row(c, k);
    }
    withhold(c, k);
    c->rows[k].is_small |= c->view->least_group && !c->rows[k].is_there;
    if (c->rows[k].is_small) {
      withhold_small(c, k);
    }
  }
  return STOA_OK;
}

stoa_status stoa_view_finish(const stoa_view *view, stoa_window_fold *fold, stoa_context *context, stoa_arena *arena,
                             stoa_term *out, stoa_view_row *row, stoa_error *err)
{
  compute c = {.view = view,
               .arena = arena,
               .out = out,
               .stride = view->features.n,
               .rows = row,
               .context = context,
               .fold = fold,
               .now_us = context->now_us};
  *row = (stoa_view_row){.at_us = STOA_NO_TIME, .until_us = INT64_MAX};
  return finish(&c, 1, err);
}

// The keys as terms, each once: place[i] is where the i-th key's answer stands.
static uint32_t gather_keys(compute *c, const stoa_slice *keys, uint32_t n_keys, uint32_t *place)
{
  uint32_t n = 0;
  c->terms = STOA_NEWS(c->arena, stoa_term, n_keys + 1);
  for (uint32_t i = 0; i < n_keys; ++i) {
    const stoa_term term = stoa_entity_term(c->view->entity, keys + (size_t)i * c->view->entity->n_keys, c->arena);
    place[i] = key_of(c, term);
    if (place[i] == UINT32_MAX) {
      place[i] = n;
      c->terms[n++] = term;
      stoa_table_add(&c->keys, c->arena, &term, stoa_term_hash(term));
    }
  }
  return n;
}

// From one answer for each term to one for each key; the last first, since no answer stands behind its key.
static void spread(compute *c, const uint32_t *place, uint32_t n_keys, stoa_view_row *rows)
{
  for (uint32_t i = 0; rows && i < n_keys; ++i) {
    rows[i] = c->rows[place[i]];
  }
  for (uint32_t i = n_keys; i > 0; --i) {
    memmove(&c->out[(size_t)(i - 1) * c->stride], &c->out[(size_t)place[i - 1] * c->stride],
            c->view->features.n * sizeof *c->out);
  }
}

// A key of several parts is not sent in lists: each is a run of its own.
static stoa_status run(compute *c, uint32_t n, stoa_context *context, stoa_error *err)
{
  const bool at_once = c->view->entity->n_keys == 1 && n > 1;
  c->plan = at_once ? c->view->plan_many : c->view->plan_one;
  if (c->view->kind == STOA_VIEW_WINDOW) {
    c->fold = stoa_window_fold_new(c->view, c->plan, n, context, c->arena);
  }
  if (stoa_view_gathers(c->view)) {
    c->gathered = stoa_gathered_new(c->view, n, c->arena);
  }
  for (uint32_t i = 0; i < n; i += at_once ? n : 1) {
    const stoa_slot_rows slot = {c->terms + i, at_once ? n : 1};
    STOA_TRY(stoa_answer_each(c->plan, context, &slot, 1, take_batch, c, err));
  }
  return finish(c, n, err);
}

// `nulls`: how many keys have no value, for each feature; then a value that does not fit its feature is an error.
static stoa_status compute_view(const stoa_view *view, const stoa_slice *keys, uint32_t n_keys, uint32_t *nulls,
                                stoa_context *context, stoa_arena *arena, stoa_term *out, uint32_t stride,
                                stoa_view_row *rows, stoa_error *err)
{
  compute c = {.view = view,
               .keys = {.n_columns = 1},
               .arena = arena,
               .out = out,
               .stride = stride,
               .nulls = nulls,
               .context = context,
               .strict = nulls != NULL,
               .now_us = context->now_us};
  uint32_t *const place = STOA_NEWS(arena, uint32_t, n_keys + 1);
  const uint32_t n = gather_keys(&c, keys, n_keys, place);
  c.rows = STOA_NEWS(arena, stoa_view_row, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    c.rows[i] = (stoa_view_row){.at_us = STOA_NO_TIME, .until_us = INT64_MAX};
  }
  STOA_TRY(run(&c, n, context, err));
  spread(&c, place, n_keys, rows);
  return STOA_OK;
}

stoa_status stoa_view_compute(const stoa_view *view, const stoa_slice *keys, uint32_t n_keys, stoa_context *context,
                              stoa_arena *arena, stoa_term *out, uint32_t stride, stoa_view_row *rows, stoa_error *err)
{
  return compute_view(view, keys, n_keys, NULL, context, arena, out, stride, rows, err);
}

// ---- previews: which entities are there

typedef struct {
  const stoa_view *view;
  stoa_arena *arena;
  STOA_LIST(stoa_slice) parts;
} key_list;

static stoa_status take_keys(const stoa_batch *batch, void *data, stoa_error *err)
{
  key_list *const list = data;
  (void)err;
  for (uint32_t row = 0; row < batch->n_rows; ++row) {
    const stoa_entity *const entity = list->view->entity;
    stoa_slice values[STOA_TEMPLATE_COLUMNS];
    if (stoa_template_invert(list->view->entity->iri, stoa_term_lexical(batch->columns[0][row], list->arena), true,
                             list->arena, values)) {
      stoa_slice key[STOA_TEMPLATE_COLUMNS];
      for (uint32_t c = 0; c < entity->n_keys; ++c) {
        key[entity->place[c]] = stoa_arena_slice(list->arena, values[c]);
      }
      for (uint32_t c = 0; c < entity->n_keys; ++c) {
        STOA_PUSH(list->arena, &list->parts, key[c]);
      }
    }
  }
  return STOA_OK;
}

stoa_status stoa_view_keys(const stoa_view *view, const stoa_project *project, uint32_t limit, stoa_context *context,
                           stoa_arena *arena, stoa_slice **out, uint32_t *n_out, stoa_error *err)
{
  // SELECT ?e WHERE { ?e a CLASS } LIMIT n, put together as algebra
  static const char *const names[] = {"e"};
  static const stoa_var vars[] = {0};
  const stoa_pattern pattern = {
    .subject = {.var = 0},
    .predicate = {.var = STOA_NO_VAR, .term = stoa_term_iri(stoa_slice_of(STOA_RDF_TYPE))},
    .object = {.var = STOA_NO_VAR, .term = stoa_term_iri(stoa_slice_of(view->entity->class_iri))},
    .graph = {.var = STOA_NO_VAR}};
  const stoa_node bgp = {.kind = STOA_NODE_BGP, .patterns = &pattern, .n_patterns = 1};
  const stoa_node project_node = {.kind = STOA_NODE_PROJECT, .inputs = {&bgp}, .vars = vars, .n_vars = 1};
  const stoa_node slice = {.kind = STOA_NODE_SLICE, .inputs = {&project_node}, .limit = limit};
  const stoa_query query = {
    .form = STOA_FORM_SELECT, .names = names, .n_vars = 1, .columns = vars, .n_columns = 1, .root = &slice};
  const stoa_plan *plan;
  key_list list = {.view = view, .arena = arena};
  STOA_TRY(stoa_plan_make(&query, &project->mapping.rewriter, context, arena, &plan, err));
  STOA_TRY(stoa_answer_each(plan, context, NULL, 0, take_keys, &list, err));
  *out = list.parts.items;
  *n_out = list.parts.n / view->entity->n_keys;
  return STOA_OK;
}

stoa_status stoa_view_try(const stoa_view *view, const stoa_project *project, uint32_t limit, stoa_context *context,
                          stoa_arena *arena, stoa_view_sample *out, stoa_error *err)
{
  stoa_slice *keys;
  out->nulls = STOA_NEWS(arena, uint32_t, view->features.n + 1);
  STOA_TRY(stoa_view_keys(view, project, limit, context, arena, &keys, &out->n_keys, err));
  stoa_term *const values = STOA_NEWS(arena, stoa_term, (size_t)out->n_keys * view->features.n + 1);
  return out->n_keys && view->kind != STOA_VIEW_REQUEST
           ? compute_view(view, keys, out->n_keys, out->nulls, context, arena, values, view->features.n, NULL, err)
           : STOA_OK;
}
