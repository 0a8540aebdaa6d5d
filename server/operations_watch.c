// watch: a call that goes on, and is told when conditions of a view turn true for its entities.
#include "server/hub.h"
#include "server/operations.h"

stoa_status stoa_run_watch(stoa_call *call, stoa_error *err)
{
  const stoa_request *const r = &call->request;
  const stoa_view *view;
  const char *condition;
  STOA_TRY(stoa_hub_find(call->layer, r->name, &call->arena, &view, &condition, err));
  const stoa_entity *const entity = view->entity;
  stoa_slice *const keys = STOA_NEWS(&call->arena, stoa_slice, (size_t)r->n_keys * entity->n_keys + 1);
  for (uint32_t i = 0; i < r->n_keys; ++i) {
    STOA_TRY(stoa_entity_key(entity, r->keys[i], &call->arena, keys + (size_t)i * entity->n_keys, err));
  }
  call->reply.kind = STOA_REPLY_TURNS;
  if (r->head_only) { // there is something to watch, and nobody does
    return STOA_OK;
  }
  if (!call->shared->hub) {
    return stoa_error_set(err, STOA_UNSUPPORTED, "conditions are told by a server alone");
  }
  stoa_subscription *const s = STOA_NEW(&call->arena, stoa_subscription);
  *s = (stoa_subscription){.view = stoa_arena_copy(&call->arena, stoa_slice_of(view->name)),
                           .condition = condition ? stoa_arena_copy(&call->arena, stoa_slice_of(condition)) : NULL,
                           .keys = keys,
                           .n_keys = r->n_keys,
                           .n_parts = entity->n_keys,
                           .call = call};
  call->subscription = s;
  return STOA_OK;
}
