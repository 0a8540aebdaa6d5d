#include "server/metrics.h"
#include "graph/plan/plans.h"

static void counter(stoa_buf *out, const char *name, const char *help, const atomic_ulong *value)
{
  stoa_buf_print(out, "# HELP stoa_%s %s\n# TYPE stoa_%s counter\nstoa_%s %lu\n", name, help, name, name,
                 atomic_load_explicit((atomic_ulong *)value, memory_order_relaxed));
}

// Of the layer that is current: a reload begins anew.
static void write_plans(stoa_engine *engine, stoa_buf *out)
{
  stoa_plans_count count = {0};
  stoa_layer *const layer = stoa_engine_take(engine);
  stoa_plans_counts(layer->project->mapping.rewriter.plans, &count);
  stoa_engine_drop(engine, layer);
  stoa_buf_print(out,
                 "# HELP stoa_plans_kept query plans kept by shape\n# TYPE stoa_plans_kept gauge\nstoa_plans_kept %u\n"
                 "# HELP stoa_plans_reused_total queries that found their plan kept\n# TYPE stoa_plans_reused_total "
                 "counter\nstoa_plans_reused_total %llu\n",
                 count.n_plans, (unsigned long long)count.n_hits);
}

void stoa_metrics_write(const stoa_metrics *m, stoa_engine *engine, stoa_buf *out)
{
  counter(out, "connections_total", "connections accepted", &m->connections);
  counter(out, "http_requests_total", "HTTP requests", &m->http_requests);
  counter(out, "resp_commands_total", "RESP commands", &m->resp_commands);
  counter(out, "queries_total", "SPARQL queries", &m->queries);
  counter(out, "feature_vectors_total", "feature vectors computed", &m->vectors);
  counter(out, "ranks_total", "decisions acknowledged", &m->ranks);
  counter(out, "rewards_total", "rewards acknowledged", &m->rewards);
  counter(out, "events_total", "events acknowledged", &m->events);
  counter(out, "errors_total", "requests answered with an error", &m->errors);
  counter(out, "busy_total", "requests turned away because a queue was full", &m->busy);
  counter(out, "commits_total", "commits of the state log", &m->commits);
  counter(out, "commit_records_total", "records in those commits", &m->commit_records);
  stoa_buf_print(
    out,
    "# HELP stoa_query_peak_bytes the most memory that one query held\n# TYPE stoa_query_peak_bytes gauge\n"
    "stoa_query_peak_bytes %lu\n",
    atomic_load_explicit((atomic_ulong *)&m->query_peak_bytes, memory_order_relaxed));
  write_plans(engine, out);
  const stoa_policies *const policies = stoa_engine_policies(engine);
  for (uint32_t i = 0; i < policies->n; ++i) {
    const char *const name = policies->items[i]->name;
    const stoa_bandit_figures figures = stoa_bandit_tell(policies->items[i]->bandit);
    stoa_buf_print(out,
                   "stoa_policy_labels_learned{policy=\"%s\"} %llu\nstoa_policy_reward_sum{policy=\"%s\"} "
                   "%g\nstoa_policy_model_offset{policy=\"%s\"} %lld\nstoa_policy_labels_refused{policy=\"%s\"} "
                   "%llu\nstoa_policy_unknown_exclusions{policy=\"%s\"} %llu\n",
                   name, (unsigned long long)figures.n_learned, name, figures.reward_sum, name,
                   (long long)figures.offset, name, (unsigned long long)figures.n_refused, name,
                   (unsigned long long)figures.n_unknown);
  }
}
