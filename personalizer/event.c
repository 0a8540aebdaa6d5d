#include "personalizer/event.h"
#include "graph/base/file.h"
#include "graph/base/json.h"
#include "graph/base/name.h"
#include "graph/source/catalog.h"
#include "graph/term/number.h"
#include "graph/term/xsd.h"
#include <math.h>

// What a client sends, and how it is to be read.
typedef struct {
  const stoa_event_type *type;
  const stoa_zone *timezone; ///< of times without one
  stoa_arena *arena;
  stoa_error *err;
} reader;

static stoa_status bad_field(const reader *r, uint32_t i)
{
  const char *const word = r->type->words[i];
  const char *const such = strcmp(word, "dateTime") == 0 ? ", such as 2026-11-26T10:00:00Z"
                           : strcmp(word, "date") == 0   ? ", such as 2026-11-26"
                                                         : "";
  return stoa_error_set(r->err, STOA_BAD_TYPE, "field \"%s\" of event type %s must be of type %s%s", r->type->fields[i],
                        r->type->name, word, such);
}

static stoa_slice integer_text(int64_t integer, stoa_arena *arena)
{
  return stoa_slice_of(stoa_arena_print(arena, "%lld", (long long)integer));
}

// A blank for the T is taken, as databases write it.
static bool read_instant(const reader *r, stoa_slice text, stoa_instant *out)
{
  stoa_buf written = {0};
  stoa_xsd_datetime_of_sql(text, &written);
  const bool good = stoa_xsd_datetime_read((stoa_slice){written.data, written.length}, out);
  stoa_buf_done(&written);
  if (good && !out->has_zone) {
    const int32_t offset = stoa_zone_offset(r->timezone, out->us);
    *out = (stoa_instant){out->us - (int64_t)offset * 1000000, true, offset / 60};
  }
  return good;
}

static stoa_status read_time(const reader *r, uint32_t i, const stoa_json *node, stoa_value *out)
{
  stoa_instant instant;
  stoa_buf text = {0};
  if (node->kind != STOA_JSON_STRING || !read_instant(r, node->text, &instant)) {
    return bad_field(r, i);
  }
  stoa_xsd_datetime_write(instant, &text);
  *out =
    (stoa_value){.kind = STOA_VALUE_TEXT, .text = stoa_arena_slice(r->arena, (stoa_slice){text.data, text.length})};
  stoa_buf_done(&text);
  return STOA_OK;
}

static stoa_status read_date(const reader *r, uint32_t i, const stoa_json *node, stoa_value *out)
{
  stoa_instant day;
  if (node->kind != STOA_JSON_STRING || !stoa_xsd_date_read(node->text, &day)) {
    return bad_field(r, i);
  }
  *out = (stoa_value){.kind = STOA_VALUE_TEXT, .text = stoa_arena_slice(r->arena, node->text)};
  return STOA_OK;
}

static stoa_status read_decimal(const reader *r, uint32_t i, const stoa_json *node, stoa_value *out)
{
  int scale;
  double factor = 1;
  (void)stoa_sql_type_read(r->type->types[i], &scale);
  stoa_number number = {.kind = STOA_NUMBER_DOUBLE, .real = node->real};
  if (node->kind == STOA_JSON_STRING ? !stoa_number_read_decimal(node->text, &number)
                                     : node->kind != STOA_JSON_INTEGER && node->kind != STOA_JSON_REAL) {
    return bad_field(r, i);
  }
  for (int k = 0; k < scale; ++k) {
    factor *= 10;
  }
  const double value = stoa_number_real(&number), scaled = value * factor;
  if (!(fabs(scaled - nearbyint(scaled)) <= 1e-6) || !(fabs(scaled) <= 9e15)) {
    return stoa_error_set(r->err, STOA_BAD_TYPE, "field \"%s\" of event type %s does not fit %s", r->type->fields[i],
                          r->type->name, r->type->words[i]);
  }
  *out = (stoa_value){.kind = STOA_VALUE_REAL, .as.real = value};
  return STOA_OK;
}

static stoa_status read_text(const reader *r, uint32_t i, const stoa_json *node, stoa_value *out)
{
  if (node->kind != STOA_JSON_STRING && node->kind != STOA_JSON_INTEGER) {
    return bad_field(r, i);
  }
  *out = (stoa_value){.kind = STOA_VALUE_TEXT,
                      .text = node->kind == STOA_JSON_STRING ? stoa_arena_slice(r->arena, node->text)
                                                             : integer_text(node->integer, r->arena)};
  return STOA_OK;
}

static stoa_status read_integer(const reader *r, uint32_t i, const stoa_json *node, stoa_value *out)
{
  const bool is_truth = strcmp(r->type->types[i], "BOOLEAN") == 0;
  if (node->kind != (is_truth ? STOA_JSON_BOOLEAN : STOA_JSON_INTEGER)) {
    return bad_field(r, i);
  }
  *out = (stoa_value){.kind = STOA_VALUE_INTEGER, .as.integer = node->integer};
  return STOA_OK;
}

static stoa_status read_real(const reader *r, uint32_t i, const stoa_json *node, stoa_value *out)
{
  if (node->kind != STOA_JSON_INTEGER && node->kind != STOA_JSON_REAL) {
    return bad_field(r, i);
  }
  *out = (stoa_value){.kind = STOA_VALUE_REAL, .as.real = node->real};
  return STOA_OK;
}

static stoa_status read_field(const reader *r, uint32_t i, const stoa_json *node, stoa_value *out)
{
  static const struct {
    const char *sql;
    stoa_status (*read)(const reader *r, uint32_t i, const stoa_json *node, stoa_value *out);
  } readers[] = {{"TEXT", read_text},      {"INTEGER", read_integer}, {"BOOLEAN", read_integer}, {"REAL", read_real},
                 {"TIMESTAMP", read_time}, {"DATE", read_date},       {"DECIMAL", read_decimal}};
  *out = (stoa_value){.kind = STOA_VALUE_NULL};
  if (!node || node->kind == STOA_JSON_NULL) {
    return STOA_OK;
  }
  for (size_t k = 0; k < sizeof readers / sizeof *readers; ++k) {
    if (strncmp(r->type->types[i], readers[k].sql, strlen(readers[k].sql)) == 0) {
      return readers[k].read(r, i, node, out);
    }
  }
  return bad_field(r, i);
}

static stoa_status check_members(const stoa_event_type *type, const stoa_json *object, stoa_error *err)
{
  for (uint32_t m = 0; m < object->n_items; ++m) {
    const char *const name = object->items[m].name;
    uint32_t i = 0;
    while (i < type->n_fields && strcmp(type->fields[i], name) != 0) {
      ++i;
    }
    if (i == type->n_fields) {
      const char *const near = stoa_nearest(name, type->fields, type->n_fields);
      return stoa_error_set(err, STOA_BAD_ARG, "event type %s has no field \"%.100s\"%s%s%s", type->name, name,
                            near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    }
  }
  return STOA_OK;
}

// The id names the event: it is the last part of an IRI.
static stoa_status read_id(const reader *r, const stoa_value *value, stoa_slice *out)
{
  *out = value->kind == STOA_VALUE_TEXT ? value->text : integer_text(value->as.integer, r->arena);
  return out->length > 0 && out->length <= STOA_LONGEST_EVENT_ID
           ? STOA_OK
           : stoa_error_set(r->err, STOA_BAD_ARG, "field \"%s\" of event type %s is its id, of 1 to %d bytes",
                            r->type->id, r->type->name, STOA_LONGEST_EVENT_ID);
}

static stoa_status read_fields(const reader *r, const stoa_json *object, stoa_record *out)
{
  const stoa_event_type *const type = r->type;
  for (uint32_t i = 0; i < type->n_fields; ++i) {
    STOA_TRY(read_field(r, i, stoa_json_find(object, type->fields[i]), &out->values[i]));
    const bool is_id = strcmp(type->fields[i], type->id) == 0;
    if ((is_id || strcmp(type->fields[i], type->time) == 0) && out->values[i].kind == STOA_VALUE_NULL) {
      return stoa_error_set(r->err, STOA_BAD_ARG, "event type %s needs the field \"%s\"", type->name, type->fields[i]);
    }
    if (is_id) {
      STOA_TRY(read_id(r, &out->values[i], &out->id));
    }
  }
  return STOA_OK;
}

const stoa_event_type *stoa_event_type_find(const stoa_event_types *types, const char *name)
{
  for (uint32_t i = 0; i < types->n; ++i) {
    if (strcmp(types->items[i].name, name) == 0) {
      return &types->items[i];
    }
  }
  return NULL;
}

stoa_status stoa_event_of(const stoa_event_type *type, const stoa_zone *timezone, const stoa_json *object,
                          int64_t now_us, stoa_arena *arena, stoa_record *out, stoa_error *err)
{
  const reader r = {type, timezone, arena, err};
  if (object->kind != STOA_JSON_OBJECT) {
    return stoa_error_set(err, STOA_BAD_ARG, "an event is a JSON object");
  }
  STOA_TRY(check_members(type, object, err));
  *out = (stoa_record){.kind = STOA_RECORD_EVENT, .type = type, .at_us = now_us};
  out->values = STOA_NEWS(arena, stoa_value, type->n_fields);
  return read_fields(&r, object, out);
}

stoa_status stoa_event_read(const stoa_event_types *types, const stoa_zone *timezone, const char *name, stoa_slice json,
                            int64_t now_us, stoa_arena *arena, stoa_record *out, stoa_error *err)
{
  const stoa_event_type *const type = stoa_event_type_find(types, name);
  const stoa_json *object;
  if (!type) {
    return stoa_error_set(err, STOA_NOT_FOUND, "there is no event type \"%s\" under events: in stoa.yaml", name);
  }
  STOA_TRY(stoa_json_read(json, arena, &object, err));
  return stoa_event_of(type, timezone, object, now_us, arena, out, err);
}

stoa_status stoa_reward_read(stoa_slice event_id, double value, stoa_slice reward_id, int64_t now_us, stoa_record *out,
                             stoa_error *err)
{
  STOA_TRY(stoa_name_check("the event's id", event_id, err));
  if (reward_id.length) { // a reward may have none
    STOA_TRY(stoa_name_check("the reward's id", reward_id, err));
  }
  if (!(value >= -1 && value <= 1)) {
    return stoa_error_set(err, STOA_BAD_ARG, "a reward is a number from -1 to 1");
  }
  *out =
    (stoa_record){.kind = STOA_RECORD_REWARD, .event_id = event_id, .id = reward_id, .value = value, .at_us = now_us};
  return STOA_OK;
}
