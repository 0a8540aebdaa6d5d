// Errors and small answers of Feast's contract.
#include "server/feast.h"
#include <stdarg.h>
#include <stdio.h>

static void reply_json(stoa_call *call, int http, stoa_buf *text)
{
  call->reply.kind = STOA_REPLY_TEXT;
  call->reply.media_type = "application/json";
  call->reply.http = http;
  call->reply.text = stoa_call_copy(call, (stoa_slice){text->data, text->length});
  stoa_buf_done(text);
}

static stoa_status status_of(int http)
{
  return http == 404 ? STOA_NOT_FOUND : http == 422 ? STOA_BAD_ARG : STOA_INTERNAL;
}

stoa_status stoa_feast_refuse(stoa_call *call, int http, const char *class_name, stoa_error *err, const char *format,
                              ...)
{
  char text[sizeof err->text];
  stoa_buf inner = {0}, outer = {0};
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (class_name) {
    stoa_buf_print(&inner, "{\"module\": \"feast.errors\", \"class\": \"%s\", \"message\": ", class_name);
    stoa_buf_json(&inner, stoa_slice_of(text));
    stoa_buf_byte(&inner, '}');
  } else {
    stoa_buf_text(&inner, text);
  }
  stoa_buf_json(&outer, (stoa_slice){inner.data, inner.length});
  stoa_buf_done(&inner);
  reply_json(call, http, &outer);
  return stoa_error_set(err, status_of(http), "%s", text);
}

stoa_status stoa_feast_invalid(stoa_call *call, const char *type, const char *place, stoa_error *err,
                               const char *format, ...)
{
  char text[sizeof err->text];
  stoa_buf out = {0};
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  stoa_buf_print(&out, "{\"detail\":[{\"type\":\"%s\",\"loc\":%s,\"msg\":", type, place);
  stoa_buf_json(&out, stoa_slice_of(text));
  stoa_buf_text(&out, ",\"input\":null}]}");
  reply_json(call, 422, &out);
  return stoa_error_set(err, STOA_BAD_ARG, "%s", text);
}

stoa_status stoa_feast_known(stoa_call *call, const stoa_json *body, const char *const *known, size_t n,
                             stoa_error *err)
{
  for (uint32_t i = 0; i < body->n_items; ++i) {
    stoa_error fault = {0};
    if (stoa_name_known("the body", body->items[i].name, known, n, &fault) != STOA_OK) {
      stoa_buf place = {0};
      stoa_buf_text(&place, "[\"body\",");
      stoa_buf_json(&place, stoa_slice_of(body->items[i].name));
      stoa_buf_byte(&place, ']');
      const stoa_status status =
        stoa_feast_invalid(call, "extra_forbidden", stoa_buf_string(&place), err, "%s", fault.text);
      stoa_buf_done(&place);
      return status;
    }
  }
  return STOA_OK;
}

stoa_status stoa_feast_name(stoa_call *call, const char *what, const char *place, stoa_slice name, stoa_error *err)
{
  stoa_error fault = {0};
  return stoa_name_check(what, name, &fault) == STOA_OK
           ? STOA_OK
           : stoa_feast_invalid(call, "string_too_long", place, err, "%s", fault.text);
}

stoa_status stoa_feast_body(stoa_call *call, const stoa_json **out, stoa_error *err)
{
  stoa_error fault = {0};
  const stoa_status status = stoa_json_read(call->request.body, &call->arena, out, &fault);
  if (status != STOA_OK && status != STOA_BAD_SYNTAX) {
    *err = fault;
    return status;
  }
  if (status != STOA_OK) {
    return stoa_feast_invalid(call, "json_invalid", "[\"body\"]", err, "%s", fault.text);
  }
  return (*out)->kind == STOA_JSON_OBJECT
           ? STOA_OK
           : stoa_feast_invalid(call, "model_attributes_type", "[\"body\"]", err, "the body is a JSON object");
}

void stoa_feast_say(stoa_call *call, const char *text, const char *media_type)
{
  call->reply.kind = STOA_REPLY_TEXT;
  call->reply.media_type = media_type;
  call->reply.text = stoa_slice_of(text);
}
