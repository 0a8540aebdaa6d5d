#include "server/upkeep.h"
#include "features/samples.h"

static const int64_t second_ns = 1000000000, save_every_ns = 60 * second_ns;

stoa_upkeep stoa_upkeep_begin(stoa_engine *engine, stoa_metrics *metrics, stoa_health *health, int64_t now_ns)
{
  return (stoa_upkeep){engine, metrics, health, now_ns, now_ns + save_every_ns};
}

static void each_second(stoa_upkeep *u, int64_t now_ns)
{
  stoa_error err = {0};
  const stoa_status status = stoa_engine_close_labels(u->engine, stoa_engine_now(u->engine), &err);
  stoa_metrics_add(&u->metrics->label_failures, status != STOA_OK);
  stoa_health_tell(u->health, STOA_PART_LABELS, status, &err);
  if (stoa_engine_samples(u->engine)) {
    stoa_samples_flush(stoa_engine_samples(u->engine));
  }
  u->close_ns = now_ns + second_ns;
}

static void save_models(stoa_upkeep *u, int64_t now_ns)
{
  stoa_error err = {0};
  const stoa_status status = stoa_engine_save_models(u->engine, &err);
  stoa_metrics_add(&u->metrics->model_failures, status != STOA_OK);
  stoa_health_tell(u->health, STOA_PART_MODELS, status, &err);
  u->save_ns = now_ns + (status == STOA_OK ? save_every_ns : second_ns);
}

// What an erasure left because the state was being read.  It goes when the models are kept, which it does not hold up.
static void wipe(stoa_upkeep *u)
{
  stoa_error err = {0};
  stoa_metrics_add(&u->metrics->wipe_failures, stoa_engine_wipe(u->engine, &err) != STOA_OK);
}

void stoa_upkeep_turn(stoa_upkeep *u, int64_t now_ns)
{
  if (now_ns >= u->close_ns) {
    each_second(u, now_ns);
  }
  if (now_ns >= u->save_ns) {
    save_models(u, now_ns);
    wipe(u);
  }
}
