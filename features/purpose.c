// For which purposes features may be read: what a view declares, a service states, and a request asks.
#include "features/feature.h"

static const char *allowed(const stoa_view *v, stoa_buf *out)
{
  for (uint32_t i = 0; i < v->purposes.n; ++i) {
    stoa_buf_print(out, "%s%s", i ? ", " : "", v->purposes.items[i]);
  }
  return stoa_buf_string(out);
}

static bool allows(const stoa_view *v, const char *purpose)
{
  for (uint32_t i = 0; i < v->purposes.n; ++i) {
    if (strcmp(v->purposes.items[i], purpose) == 0) {
      return true;
    }
  }
  return v->purposes.n == 0;
}

static stoa_status refuse(const stoa_view *v, const char *purpose, stoa_error *err)
{
  stoa_buf list = {0};
  const stoa_status status =
    purpose[0] ? stoa_error_set(err, STOA_DENIED, "view %s may be read for %s, not for \"%.256s\"", v->name,
                                allowed(v, &list), purpose)
               : stoa_error_set(err, STOA_DENIED, "view %s may be read for %s; the request states no purpose", v->name,
                                allowed(v, &list));
  stoa_buf_done(&list);
  return status;
}

// What it reads of other views is read for the same purpose.
stoa_status stoa_view_allow(const stoa_view *v, const char *purpose, stoa_error *err)
{
  if (!allows(v, purpose)) {
    return refuse(v, purpose, err);
  }
  for (uint32_t i = 0; i < v->inputs.n; ++i) {
    if (v->inputs.items[i].view) {
      STOA_TRY(stoa_view_allow(v->inputs.items[i].view, purpose, err));
    }
  }
  return STOA_OK;
}

stoa_status stoa_service_purpose(const stoa_service *s, stoa_context *context, stoa_error *err)
{
  if (!s->purpose) {
    return STOA_OK;
  }
  if (context->purpose[0] && strcmp(context->purpose, s->purpose) != 0) {
    return stoa_error_set(err, STOA_DENIED, "service %s is read for %s, not for \"%.256s\"", s->name, s->purpose,
                          context->purpose);
  }
  context->purpose = s->purpose;
  return STOA_OK;
}

stoa_status stoa_service_check_purpose(const stoa_service *s, stoa_place place, stoa_error *err)
{
  stoa_error fault = {0};
  for (uint32_t i = 0; s->purpose && i < s->views.n; ++i) {
    if (stoa_view_allow(s->views.items[i], s->purpose, &fault) != STOA_OK) {
      return stoa_error_at(err, STOA_DENIED, place,
                           "service %s: %s; name a purpose that all of its views have, or leave "
                           "the view out",
                           s->name, fault.text);
    }
  }
  return STOA_OK;
}
