// What tells of the server and its project, and reads it anew.
#include "features/state/glance.h"
#include "personalizer/strongest.h"
#include "server/health.h"
#include "server/hub.h"
#include "server/operations.h"
#include "server/metrics.h"
#include <stdio.h>
#include <string.h>

static void reply_text(stoa_call *call, const char *media_type, stoa_buf *text)
{
  call->reply.kind = STOA_REPLY_TEXT;
  call->reply.media_type = media_type;
  call->reply.text = stoa_call_copy(call, (stoa_slice){text->data ? text->data : "", text->length});
  stoa_buf_done(text);
}

static void write_faults(stoa_buf *out, const stoa_faults *faults, stoa_status status, const stoa_error *err)
{
  char text[1024];
  stoa_buf_text(out, "\"faults\":[");
  for (size_t i = 0; i < faults->n_items; ++i) {
    stoa_buf_text(out, i ? "," : "");
    stoa_buf_json(out, stoa_slice_of(stoa_error_print(&faults->items[i], text, sizeof text)));
  }
  if (status != STOA_OK && faults->n_items == 0) {
    stoa_buf_json(out, stoa_slice_of(stoa_error_print(err, text, sizeof text)));
  }
  stoa_buf_text(out, "]}\n");
}

static void log_reload(const stoa_log *log, const stoa_faults *faults, stoa_status status, const stoa_error *err)
{
  char text[1024];
  for (size_t i = 0; i < faults->n_items; ++i) {
    const char *const told = stoa_error_print(&faults->items[i], text, sizeof text);
    stoa_log_say(log, strstr(told, "warning: ") ? STOA_LOG_WARNING : STOA_LOG_ERROR, "reload", told);
  }
  stoa_log_say(log, status == STOA_OK ? STOA_LOG_INFO : STOA_LOG_ERROR, "reload",
               status == STOA_OK ? "done" : stoa_error_print(err, text, sizeof text));
}

// Reading a project asks its sources; one that has any fault leaves the old layer where it is.
stoa_status stoa_run_reload(stoa_call *call, stoa_error *err)
{
  stoa_faults faults = {0};
  stoa_buf text = {0};
  const int64_t start = stoa_clock_steady_ns();
  const stoa_status status = stoa_engine_reload(call->shared->engine, &faults, err);
  if (call->shared->hub) {
    stoa_hub_reloaded(call->shared->hub);
  }
  stoa_buf_print(&text, "{\"reloaded\":%s,\"ms\":%lld,", status == STOA_OK ? "true" : "false",
                 (long long)(stoa_clock_steady_ns() - start) / 1000000);
  write_faults(&text, &faults, status, err);
  log_reload(call->shared->log, &faults, status, err);
  reply_text(call, "application/json", &text);
  stoa_faults_done(&faults);
  return status;
}

stoa_status stoa_run_check_project(stoa_call *call, stoa_error *err)
{
  stoa_faults faults = {0};
  stoa_buf text = {0};
  stoa_engine *other = NULL;
  const stoa_status status = stoa_engine_open(call->layer->project->dir, STOA_ENGINE_READ, &faults, &other, err);
  stoa_buf_print(&text, "{\"good\":%s,", status == STOA_OK && faults.n_errors == 0 ? "true" : "false");
  write_faults(&text, &faults, status, err);
  reply_text(call, "application/json", &text);
  if (status == STOA_OK) {
    stoa_engine_close(other);
  }
  stoa_faults_done(&faults);
  return STOA_OK;
}

static void write_ago(int64_t us, int64_t now_us, stoa_buf *out)
{
  const int64_t seconds = (now_us > us ? now_us - us : us - now_us) / 1000000;
  const char *const tail = now_us >= us ? " ago" : "";
  if (seconds < 120) {
    stoa_buf_print(out, "%s%lld s%s", *tail ? "" : "in ", (long long)seconds, tail);
  } else if (seconds < 7200) {
    stoa_buf_print(out, "%s%lld min%s", *tail ? "" : "in ", (long long)(seconds / 60), tail);
  } else {
    stoa_buf_print(out, "%s%lld h%s", *tail ? "" : "in ", (long long)(seconds / 3600), tail);
  }
}

static double mean(double sum, int64_t n)
{
  return n ? sum / (double)n : 0;
}

// What the latest decisions and labels tell, beside what the model has learned in all.
static void write_glance(const stoa_glance *g, int64_t now_us, stoa_buf *out)
{
  stoa_buf_print(out, "\nrewards: mean of the last %lld labels %.4f", (long long)g->labels.n, mean(g->labels.reward, g->labels.n));
  if (g->before.n) {
    stoa_buf_print(out, ", of the %lld before %.4f", (long long)g->before.n, mean(g->before.reward, g->before.n));
  }
  if (g->last_label_us) {
    stoa_buf_text(out, "; the last ");
    write_ago(g->last_label_us, now_us, out);
  }
  stoa_buf_print(out, "\nwaiting: %lld decisions have no label yet", (long long)g->n_waiting);
  if (g->n_waiting) {
    stoa_buf_text(out, g->next_close_us > now_us ? "; the next is closed " : "; the next was to be closed ");
    write_ago(g->next_close_us, now_us, out);
  }
  stoa_buf_print(out, "\nexploration: what was shown in the last %lld decisions had a probability of %.3f",
                 (long long)g->n_decisions, mean(g->probability, g->n_decisions));
  for (uint32_t i = 0; i < g->actions.n; ++i) {
    const stoa_glance_action *const a = &g->actions.items[i];
    stoa_buf_print(out, "\naction %s: %.1f %% of the decisions, probability %.3f, mean reward %.4f of %lld labels", a->action,
                   100 * mean((double)a->n_shown, g->n_decisions), mean(a->probability, a->n_shown),
                   mean(a->reward, a->n_labels), (long long)a->n_labels);
  }
}

// What the model goes by, of the decisions that the glance saw; and what learns and explores.
static void write_model(const stoa_policy *p, const stoa_glance *g, stoa_arena *arena, stoa_buf *out)
{
  enum { MOST = 20 };
  stoa_strongest strongest;
  stoa_policy_strongest(p, g->examples.items, g->examples.n, MOST, arena, &strongest);
  stoa_buf_text(out, "\nexplorer: ");
  stoa_explorer_write(&p->explorer, out);
  stoa_buf_text(out, "\nlearner: ");
  stoa_learner_options_write(&p->learner, out);
  stoa_buf_print(out, ", %.1f MB of weights", (double)stoa_bandit_bytes(p->bandit) / 1e6);
  for (uint32_t i = 0; i < strongest.n; ++i) {
    const stoa_strong *const s = &strongest.items[i];
    stoa_buf_print(out, "\nfeature %s: %+.4f, of mean value %.4g, in %u of the last %u decisions", s->name, s->weight,
                   s->mean_value, s->n, g->examples.n);
  }
}

stoa_status stoa_run_policy(stoa_call *call, stoa_error *err)
{
  enum { LATEST = 1000 };
  stoa_buf text = {0};
  stoa_glance glance;
  const stoa_engine *const engine = call->shared->engine;
  const stoa_policy *const p = stoa_engine_policy(engine, call->request.name);
  if (!p) {
    return stoa_error_set(err, STOA_NOT_FOUND, "there is no policy \"%s\"", call->request.name);
  }
  STOA_TRY(stoa_state_glance(stoa_engine_state_file(engine), p->name, LATEST, &call->arena, &glance, err));
  const stoa_bandit_figures f = stoa_bandit_tell(p->bandit);
  stoa_buf_print(&text,
                 "policy %s: %llu labels learned, mean reward %.4f, model at offset %lld of the log, %u actions, "
                 "service %s",
                 p->name, (unsigned long long)f.n_learned, f.n_learned ? f.reward_sum / (double)f.n_learned : 0.0,
                 (long long)f.offset, p->n_actions, p->service ? p->service : "(none)");
  write_glance(&glance, call->context.now_us, &text);
  write_model(p, &glance, &call->arena, &text);
  reply_text(call, "text/plain; charset=utf-8", &text);
  return STOA_OK;
}

stoa_status stoa_run_metrics(stoa_call *call, stoa_error *err)
{
  stoa_buf text = {0}, why = {0};
  (void)err;
  stoa_metrics_write(call->shared, stoa_health_ready(call->shared->health, &why), &text);
  stoa_buf_done(&why);
  reply_text(call, "text/plain; version=0.0.4; charset=utf-8", &text);
  return STOA_OK;
}

stoa_status stoa_run_health(stoa_call *call, stoa_error *err)
{
  (void)err;
  call->reply.kind = STOA_REPLY_TEXT;
  call->reply.media_type = "text/plain; charset=utf-8";
  call->reply.text = stoa_slice_of("ok\n");
  return STOA_OK;
}

stoa_status stoa_run_ready(stoa_call *call, stoa_error *err)
{
  stoa_buf why = {0};
  if (stoa_health_ready(call->shared->health, &why)) {
    stoa_buf_done(&why);
    return stoa_run_health(call, err);
  }
  reply_text(call, "text/plain; charset=utf-8", &why);
  return stoa_error_set(err, STOA_UNAVAILABLE, "not ready: %.*s", (int)call->reply.text.length, call->reply.text.data);
}
