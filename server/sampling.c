#include "server/sampling.h"
#include "features/samples.h"

stoa_sampling stoa_sampling_begin(const stoa_engine *engine)
{
  stoa_samples *const samples = stoa_engine_samples(engine);
  return (stoa_sampling){samples, samples ? stoa_engine_stand(engine) : (stoa_stand){0}};
}

bool stoa_sampling_holds(const stoa_sampling *s, const stoa_engine *engine)
{
  if (!s->samples || s->before.turn < 0) {
    return false;
  }
  const stoa_stand after = stoa_engine_stand(engine);
  return s->before.turn == after.turn && s->before.offset == after.offset;
}

void stoa_sampling_rows(const stoa_sampling *s, const stoa_context *context, const stoa_service *service,
                        const stoa_slice *keys, uint32_t n_keys, const stoa_term *values, const bool *known,
                        const bool *wanted)
{
  for (uint32_t i = 0; i < n_keys; ++i) {
    const stoa_slice *const key = keys + (size_t)i * service->entity->n_keys;
    if (known[i] && stoa_samples_want(s->samples, service, key)) {
      stoa_samples_add(s->samples, context->now_us, s->before.offset, context->purpose, service, key,
                       values + (size_t)i * service->features.n, wanted);
    }
  }
}

void stoa_sampling_served(const stoa_sampling *s, int64_t now_us, const char *purpose, const stoa_service *service,
                          const stoa_slice *key, const stoa_served_row *row, const bool *wanted, stoa_arena *arena)
{
  if (!stoa_samples_want(s->samples, service, key)) {
    return;
  }
  stoa_term *const values = STOA_NEWS(arena, stoa_term, service->features.n + 1);
  stoa_served_row_values(row, service, now_us, arena, values);
  stoa_samples_add(s->samples, now_us, s->before.offset, purpose, service, key, values, wanted);
}
