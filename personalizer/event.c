#include "personalizer/event.h"
#include "graph/base/json.h"
#include "graph/source/catalog.h"
#include "graph/term/number.h"
#include "graph/term/xsd.h"
#include <math.h>

static stoa_status bad_field(const stoa_event_type *type, uint32_t i, stoa_error *err)
{
  return stoa_error_set(err, STOA_BAD_TYPE, "field \"%s\" of event type %s must be %s", type->fields[i], type->name,
                        strcmp(type->types[i], "TEXT") == 0 ? "a text" : type->types[i]);
}

static stoa_slice integer_text(const stoa_json *node, stoa_arena *arena)
{
  return stoa_slice_of(stoa_arena_print(arena, "%lld", (long long)node->integer));
}

static stoa_status read_time(const stoa_event_type *type, uint32_t i, const stoa_json *node, stoa_arena *arena,
                             stoa_value *out, stoa_error *err)
{
  stoa_instant instant;
  const bool day = strcmp(type->types[i], "DATE") == 0;
  stoa_buf text = {0};
  if (node->kind == STOA_JSON_STRING && !day) { // a blank for the T is taken, as databases write it
    stoa_xsd_datetime_of_sql(node->text, &text);
  }
  const stoa_slice kept = day ? node->text : stoa_arena_slice(arena, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
  if (node->kind != STOA_JSON_STRING ||
      !(day ? stoa_xsd_date_read(kept, &instant) : stoa_xsd_datetime_read(kept, &instant))) {
    return bad_field(type, i, err);
  }
  *out = (stoa_value){.kind = STOA_VALUE_TEXT, .text = stoa_arena_slice(arena, kept)};
  return STOA_OK;
}

static stoa_status read_decimal(const stoa_event_type *type, uint32_t i, const stoa_json *node, stoa_value *out,
                                stoa_error *err)
{
  int scale;
  double factor = 1;
  (void)stoa_sql_type_read(type->types[i], &scale);
  stoa_number number = {.kind = STOA_NUMBER_DOUBLE, .real = node->real};
  if (node->kind == STOA_JSON_STRING ? !stoa_number_read_decimal(node->text, &number)
                                     : node->kind != STOA_JSON_INTEGER && node->kind != STOA_JSON_REAL) {
    return bad_field(type, i, err);
  }
  for (int k = 0; k < scale; ++k) {
    factor *= 10;
  }
  const double value = stoa_number_real(&number), scaled = value * factor;
  if (fabs(scaled - nearbyint(scaled)) > 1e-6 || fabs(scaled) > 9e15) {
    return stoa_error_set(err, STOA_BAD_TYPE, "field \"%s\" of event type %s does not fit %s", type->fields[i],
                          type->name, type->types[i]);
  }
  *out = (stoa_value){.kind = STOA_VALUE_REAL, .as.real = value};
  return STOA_OK;
}

static stoa_status read_field(const stoa_event_type *type, uint32_t i, const stoa_json *node, stoa_arena *arena,
                              stoa_value *out, stoa_error *err)
{
  const char *const sql = type->types[i];
  *out = (stoa_value){.kind = STOA_VALUE_NULL};
  if (!node || node->kind == STOA_JSON_NULL) {
    return STOA_OK;
  }
  if (strncmp(sql, "DECIMAL", 7) == 0) {
    return read_decimal(type, i, node, out, err);
  }
  if (strcmp(sql, "TIMESTAMP") == 0 || strcmp(sql, "DATE") == 0) {
    return read_time(type, i, node, arena, out, err);
  }
  if (strcmp(sql, "TEXT") == 0 && (node->kind == STOA_JSON_STRING || node->kind == STOA_JSON_INTEGER)) {
    *out = (stoa_value){.kind = STOA_VALUE_TEXT,
                        .text = node->kind == STOA_JSON_STRING ? stoa_arena_slice(arena, node->text)
                                                               : integer_text(node, arena)};
    return STOA_OK;
  }
  if ((strcmp(sql, "INTEGER") == 0 && node->kind == STOA_JSON_INTEGER) ||
      (strcmp(sql, "BOOLEAN") == 0 && node->kind == STOA_JSON_BOOLEAN)) {
    *out = (stoa_value){.kind = STOA_VALUE_INTEGER, .as.integer = node->integer};
    return STOA_OK;
  }
  if (strcmp(sql, "REAL") == 0 && (node->kind == STOA_JSON_INTEGER || node->kind == STOA_JSON_REAL)) {
    *out = (stoa_value){.kind = STOA_VALUE_REAL, .as.real = node->real};
    return STOA_OK;
  }
  return bad_field(type, i, err);
}

static stoa_status check_members(const stoa_event_type *type, const stoa_json *object, stoa_error *err)
{
  for (uint32_t m = 0; m < object->n_items; ++m) {
    bool known = false;
    for (uint32_t i = 0; i < type->n_fields; ++i) {
      known |= strcmp(type->fields[i], object->items[m].name) == 0;
    }
    if (!known) {
      return stoa_error_set(err, STOA_BAD_ARG, "event type %s has no field \"%s\"", type->name, object->items[m].name);
    }
  }
  return STOA_OK;
}

stoa_status stoa_event_read(const stoa_event_types *types, const char *name, stoa_slice json, int64_t now_us,
                            stoa_arena *arena, stoa_record *out, stoa_error *err)
{
  const stoa_event_type *type = NULL;
  const stoa_json *object;
  for (uint32_t i = 0; i < types->n; ++i) {
    if (strcmp(types->items[i].name, name) == 0) {
      type = &types->items[i];
    }
  }
  if (!type) {
    return stoa_error_set(err, STOA_NOT_FOUND, "there is no event type \"%s\" under events: in stoa.yaml", name);
  }
  STOA_TRY(stoa_json_read(json, arena, &object, err));
  if (object->kind != STOA_JSON_OBJECT) {
    return stoa_error_set(err, STOA_BAD_ARG, "an event is a JSON object");
  }
  STOA_TRY(check_members(type, object, err));
  *out = (stoa_record){.kind = STOA_RECORD_EVENT, .type = type, .at_us = now_us};
  for (uint32_t i = 0; i < type->n_fields; ++i) {
    STOA_TRY(read_field(type, i, stoa_json_find(object, type->fields[i]), arena, &out->values[i], err));
    const bool needed = strcmp(type->fields[i], type->id) == 0 || strcmp(type->fields[i], type->time) == 0;
    if (needed && out->values[i].kind == STOA_VALUE_NULL) {
      return stoa_error_set(err, STOA_BAD_ARG, "event type %s needs the field \"%s\"", type->name, type->fields[i]);
    }
    if (strcmp(type->fields[i], type->id) == 0) {
      out->id = out->values[i].kind == STOA_VALUE_TEXT
                  ? out->values[i].text
                  : stoa_slice_of(stoa_arena_print(arena, "%lld", (long long)out->values[i].as.integer));
    }
  }
  return STOA_OK;
}

stoa_status stoa_reward_read(stoa_slice event_id, double value, stoa_slice reward_id, int64_t now_us, stoa_record *out,
                             stoa_error *err)
{
  if (event_id.length == 0 || event_id.length > 256) {
    return stoa_error_set(err, STOA_BAD_ARG, "an event id has 1 to 256 characters");
  }
  if (!(value >= -1 && value <= 1)) {
    return stoa_error_set(err, STOA_BAD_ARG, "a reward is a number from -1 to 1");
  }
  *out =
    (stoa_record){.kind = STOA_RECORD_REWARD, .event_id = event_id, .id = reward_id, .value = value, .at_us = now_us};
  return STOA_OK;
}
