// Prometheus' text format: each family once, with its help and type, then its samples; label values are escaped.
#include "server/metrics.h"
#include "features/served.h"
#include "graph/plan/plans.h"

static unsigned long value_of(const atomic_ulong *counter)
{
  return atomic_load_explicit((atomic_ulong *)counter, memory_order_relaxed);
}

static void family(stoa_buf *out, const char *name, const char *type, const char *help)
{
  stoa_buf_print(out, "# HELP stoa_%s %s\n# TYPE stoa_%s %s\n", name, help, name, type);
}

static void counter(stoa_buf *out, const char *name, const char *help, const atomic_ulong *value)
{
  family(out, name, "counter", help);
  stoa_buf_print(out, "stoa_%s %lu\n", name, value_of(value));
}

static void gauge(stoa_buf *out, const char *name, const char *help, unsigned long value)
{
  family(out, name, "gauge", help);
  stoa_buf_print(out, "stoa_%s %lu\n", name, value);
}

// A sample's name with one label, up to the blank before its value.
static void labelled(stoa_buf *out, const char *name, const char *label, const char *text)
{
  stoa_buf_print(out, "stoa_%s{%s=\"", name, label);
  for (const char *at = text; *at; ++at) {
    switch (*at) {
      case '\\':
        stoa_buf_text(out, "\\\\");
        break;
      case '"':
        stoa_buf_text(out, "\\\"");
        break;
      case '\n':
        stoa_buf_text(out, "\\n");
        break;
      default:
        stoa_buf_byte(out, *at);
    }
  }
  stoa_buf_text(out, "\"} ");
}

// Of the layer that is current: a reload begins anew.
static void write_plans(stoa_engine *engine, stoa_buf *out)
{
  stoa_plans_count count = {0};
  stoa_layer *const layer = stoa_engine_take(engine);
  stoa_plans_counts(layer->project->mapping.rewriter.plans, &count);
  stoa_engine_drop(engine, layer);
  gauge(out, "plans_kept", "query plans kept by shape", count.n_plans);
  family(out, "plans_reused_total", "counter", "queries that found their plan kept");
  stoa_buf_print(out, "stoa_plans_reused_total %llu\n", (unsigned long long)count.n_hits);
}

typedef struct {
  const char *name, *type, *help;
  uint64_t (*of)(const stoa_kept_size *size);
} kept_family;

static uint64_t kept_rows(const stoa_kept_size *s)
{
  return s->rows;
}

static uint64_t kept_bytes(const stoa_kept_size *s)
{
  return s->bytes;
}

static uint64_t rows_found(const stoa_kept_size *s)
{
  return s->found;
}

static uint64_t rows_made(const stoa_kept_size *s)
{
  return s->made;
}

static uint64_t rows_folded(const stoa_kept_size *s)
{
  return s->folded;
}

// Of the layer that is current, of each view that keeps rows: a reload begins anew.
static void write_kept(stoa_engine *engine, stoa_buf *out)
{
  static const kept_family families[] = {
    {"feature_rows_kept", "gauge", "rows of a view that are kept between requests", kept_rows},
    {"feature_rows_bytes", "gauge", "memory of the rows that are kept", kept_bytes},
    {"feature_rows_found_total", "counter", "rows served as they were kept", rows_found},
    {"feature_rows_made_total", "counter", "rows made anew", rows_made},
    {"feature_rows_folded_total", "counter", "rows made anew of events that are held", rows_folded}};
  stoa_layer *const layer = stoa_engine_take(engine);
  for (size_t k = 0; k < sizeof families / sizeof *families; ++k) {
    family(out, families[k].name, families[k].type, families[k].help);
    for (uint32_t i = 0; i < layer->registry->views.n; ++i) {
      const stoa_view *const view = layer->registry->views.items[i];
      const stoa_kept_size size = stoa_kept_measure(view);
      if (view->kept) {
        labelled(out, families[k].name, "view", view->name);
        stoa_buf_print(out, "%llu\n", (unsigned long long)families[k].of(&size));
      }
    }
  }
  stoa_engine_drop(engine, layer);
}

// Of the services whose rows somebody has asked for, views asked for by their own names among them.
static void write_served(stoa_engine *engine, stoa_buf *out)
{
  static const kept_family families[] = {
    {"service_rows_kept", "gauge", "rows of a service that are kept as texts between requests", kept_rows},
    {"service_rows_bytes", "gauge", "memory of the rows of services that are kept", kept_bytes},
    {"service_rows_found_total", "counter", "rows of a service that were served as they were kept", rows_found},
    {"service_rows_made_total", "counter", "rows of a service that were gathered from those of its views", rows_made}};
  stoa_layer *const layer = stoa_engine_take(engine);
  const stoa_registry *const r = layer->registry;
  for (size_t k = 0; k < sizeof families / sizeof *families; ++k) {
    family(out, families[k].name, families[k].type, families[k].help);
    for (uint32_t i = 0; i < r->services.n + r->of_views.n; ++i) {
      const stoa_service *const s = i < r->services.n ? &r->services.items[i] : &r->of_views.items[i - r->services.n];
      const stoa_kept_size size = stoa_served_measure(s);
      if (size.made) {
        labelled(out, families[k].name, "service", s->name);
        stoa_buf_print(out, "%llu\n", (unsigned long long)families[k].of(&size));
      }
    }
  }
  stoa_engine_drop(engine, layer);
}

typedef struct {
  const char *name, *type, *help;
  double (*of)(const stoa_bandit_figures *figures);
} policy_family;

static double n_learned(const stoa_bandit_figures *f)
{
  return (double)f->n_learned;
}

static double n_refused(const stoa_bandit_figures *f)
{
  return (double)f->n_refused;
}

static double n_unknown(const stoa_bandit_figures *f)
{
  return (double)f->n_unknown;
}

static double rewards(const stoa_bandit_figures *f)
{
  return f->reward_sum;
}

static double offset(const stoa_bandit_figures *f)
{
  return (double)f->offset;
}

static void write_policies(const stoa_engine *engine, stoa_buf *out)
{
  static const policy_family families[] = {
    {"policy_labels_learned_total", "counter", "labels that a policy has learned", n_learned},
    {"policy_labels_refused_total", "counter", "labels that would have made a model infinite", n_refused},
    {"policy_unknown_exclusions_total", "counter", "excluded ids that no action had", n_unknown},
    {"policy_rewards", "gauge", "sum of the rewards of the labels learned", rewards},
    {"policy_model_offset", "gauge", "the record of the log up to which a policy has learned", offset}};
  const stoa_policies *const policies = stoa_engine_policies(engine);
  for (size_t k = 0; k < sizeof families / sizeof *families; ++k) {
    family(out, families[k].name, families[k].type, families[k].help);
    for (uint32_t i = 0; i < policies->n; ++i) {
      const stoa_bandit_figures figures = stoa_bandit_tell(policies->items[i]->bandit);
      labelled(out, families[k].name, "policy", policies->items[i]->name);
      stoa_buf_print(out, "%.17g\n", families[k].of(&figures));
    }
  }
}

static void write_operations(const stoa_metrics *m, const stoa_operation *operations, stoa_buf *out)
{
  static const char *const ends[] = {"done", "failed", "busy"};
  family(out, "operation_calls_total", "counter", "calls of an operation, by how they ended");
  for (int i = 0; i < STOA_N_OPERATIONS; ++i) {
    const stoa_operation_count *const c = &m->operations[i];
    const unsigned long values[] = {value_of(&c->done), value_of(&c->failed), value_of(&c->busy)};
    for (int k = 0; k < 3; ++k) {
      stoa_buf_print(out, "stoa_operation_calls_total{operation=\"%s\",end=\"%s\"} %lu\n", operations[i].name, ends[k],
                     values[k]);
    }
  }
  family(out, "operation_seconds_total", "counter", "time from the start of calls to their end");
  for (int i = 0; i < STOA_N_OPERATIONS; ++i) {
    stoa_buf_print(out, "stoa_operation_seconds_total{operation=\"%s\"} %.6f\n", operations[i].name,
                   (double)value_of(&m->operations[i].nanoseconds) / 1e9);
  }
}

static void write_failures(const stoa_metrics *m, stoa_buf *out)
{
  static const char *const names[] = {"commit", "labels", "models", "wipe"};
  const atomic_ulong *const counters[] = {&m->commit_failures, &m->label_failures, &m->model_failures,
                                          &m->wipe_failures};
  family(out, "state_failures_total", "counter",
         "commits, closings of labels, savings of models and wipings after an erasure that failed");
  for (int i = 0; i < 4; ++i) {
    labelled(out, "state_failures_total", "of", names[i]);
    stoa_buf_print(out, "%lu\n", value_of(counters[i]));
  }
}

void stoa_metrics_write(const stoa_shared *shared, bool ready, stoa_buf *out)
{
  const stoa_metrics *const m = shared->metrics;
  gauge(out, "ready", "1 when the server can serve, as readyz says", ready);
  counter(out, "connections_total", "connections accepted", &m->connections);
  counter(out, "connections_refused_total", "connections refused for their number", &m->connections_refused);
  counter(out, "connections_timed_out_total", "connections ended by a limit on their time", &m->connections_timed_out);
  gauge(out, "connections_open", "connections that are open",
        (unsigned long)atomic_load_explicit((atomic_long *)&m->open_connections, memory_order_relaxed));
  counter(out, "http_requests_total", "HTTP requests", &m->http_requests);
  counter(out, "resp_commands_total", "RESP commands", &m->resp_commands);
  counter(out, "queries_total", "SPARQL queries", &m->queries);
  counter(out, "feature_vectors_total", "feature vectors computed", &m->vectors);
  counter(out, "feature_misfits_total", "values of features that do not fit their declared types", &m->misfits);
  counter(out, "ranks_total", "decisions acknowledged", &m->ranks);
  counter(out, "rewards_total", "rewards acknowledged", &m->rewards);
  counter(out, "events_total", "events acknowledged", &m->events);
  counter(out, "erasures_total", "erasures acknowledged", &m->erasures);
  counter(out, "errors_total", "requests answered with an error", &m->errors);
  counter(out, "busy_total", "requests turned away because a queue was full", &m->busy);
  counter(out, "cancelled_total", "requests cancelled because their client had gone", &m->cancelled);
  counter(out, "commits_total", "commits of the state log", &m->commits);
  counter(out, "commit_records_total", "records in those commits", &m->commit_records);
  gauge(out, "subscribers_open", "who is told of conditions now",
        (unsigned long)atomic_load_explicit((atomic_long *)&m->subscribers, memory_order_relaxed));
  counter(out, "subscribers_lost_total", "subscribers that fell behind and were cut", &m->subscribers_lost);
  counter(out, "turns_total", "conditions that turned true", &m->turns);
  counter(out, "turns_told_total", "the same, once for each subscriber that was told", &m->turns_told);
  write_failures(m, out);
  gauge(out, "spilled_bytes", "bytes of answers that wait on disk for their readers", stoa_spill_held());
  gauge(out, "query_peak_bytes", "the most memory that one query held", value_of(&m->query_peak_bytes));
  write_operations(m, shared->operations, out);
  write_plans(shared->engine, out);
  write_kept(shared->engine, out);
  write_served(shared->engine, out);
  write_policies(shared->engine, out);
}

// Of several events that were answered each by itself.
static uint32_t failed_of(const stoa_call *call)
{
  uint32_t n = 0;
  for (uint32_t i = 0; call->reply.status == STOA_OK && i < call->request.n_events; ++i) {
    n += call->reply.each[i].err != NULL;
  }
  return n;
}

void stoa_metrics_call(stoa_metrics *m, const stoa_call *call)
{
  stoa_operation_count *const count = &m->operations[call->operation - call->shared->operations];
  const bool busy = call->reply.status == STOA_UNAVAILABLE && strncmp(call->reply.err.text, "busy", 4) == 0;
  const uint32_t n = call->request.n_events ? call->request.n_events : 1, n_failed = failed_of(call);
  stoa_metrics_add(busy ? &count->busy : call->reply.status == STOA_OK ? &count->done : &count->failed, n - n_failed);
  stoa_metrics_add(&count->failed, n_failed);
  stoa_metrics_add(&count->nanoseconds, (unsigned long)(stoa_clock_steady_ns() - call->began_ns));
  if (busy) {
    stoa_metrics_add(&m->busy, 1);
  }
  if (stoa_call_is_left(call)) {
    stoa_metrics_add(&m->cancelled, 1);
  }
}
