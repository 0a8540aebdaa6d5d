// The answer of POST /get-online-features: a column for each key and feature, with the status and the time of each
// value, written as they come.
#include "features/lineage.h"
#include "features/list.h"
#include "graph/term/xsd.h"
#include "server/feast.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef enum { PRESENT, NULL_VALUE, NOT_FOUND, OUTSIDE_MAX_AGE, INVALID } value_status;

static const char *const status_names[] = {"PRESENT", "NULL_VALUE", "NOT_FOUND", "OUTSIDE_MAX_AGE", "INVALID"};

// ---- values

void stoa_feast_time(int64_t us, stoa_buf *out)
{
  const stoa_calendar c = stoa_xsd_calendar((stoa_instant){.us = us, .has_zone = true});
  if (us == STOA_NO_TIME || c.year < 1 || c.year > 9999) {
    stoa_buf_text(out, "\"1970-01-01T00:00:00Z\"");
    return;
  }
  stoa_buf_print(out, "\"%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
  if (c.microsecond % 1000) {
    stoa_buf_print(out, ".%06d", c.microsecond);
  } else if (c.microsecond) {
    stoa_buf_print(out, ".%03d", c.microsecond / 1000);
  }
  stoa_buf_text(out, "Z\"");
}

// The shortest digits that read back equal, in the layout that Python's JSON gives them: 3.0, 1e+22, 1e-05.
static void write_double(double value, stoa_buf *out)
{
  char text[40], digits[24];
  if (fabs(value) < 1e15 && value == floor(value) && !(value == 0 && signbit(value))) {
    stoa_buf_integer(out, (int64_t)value);
    stoa_buf_text(out, ".0");
    return;
  }
  for (int precision = 14; precision <= 16; ++precision) {
    snprintf(text, sizeof text, "%.*e", precision, value);
    if (strtod(text, NULL) == value) {
      break;
    }
  }
  const char *const e = strchr(text, 'e');
  const int exponent = atoi(e + 1);
  int n = 0;
  for (const char *at = text; at < e; ++at) {
    if (*at >= '0' && *at <= '9') {
      digits[n++] = *at;
    }
  }
  while (n > 1 && digits[n - 1] == '0') {
    --n;
  }
  stoa_buf_text(out, value < 0 || signbit(value) ? "-" : "");
  if (exponent < -4 || exponent >= 16) {
    stoa_buf_print(out, "%c%s%.*se%+03d", digits[0], n > 1 ? "." : "", n - 1, digits + 1, exponent);
  } else if (exponent < 0) {
    stoa_buf_print(out, "0.%.*s%.*s", -exponent - 1, "0000", n, digits);
  } else {
    for (int i = 0; i < n || i <= exponent; ++i) {
      stoa_buf_text(out, i == exponent + 1 ? "." : "");
      stoa_buf_byte(out, i < n ? digits[i] : '0');
    }
    stoa_buf_text(out, n <= exponent + 1 ? ".0" : "");
  }
}

// decimal(p,s) has s digits of fraction at least, as money is written.
static void write_decimal(stoa_term value, int scale, stoa_buf *out)
{
  stoa_buf text = {0};
  stoa_term_write_lexical(value, &text);
  const char *const point = memchr(text.data, '.', text.length);
  const int n = point ? (int)(text.data + text.length - point - 1) : 0;
  stoa_buf_byte(out, '"');
  stoa_buf_slice(out, (stoa_slice){text.data, text.length});
  stoa_buf_text(out, !point && scale ? "." : "");
  for (int i = n; i < scale; ++i) {
    stoa_buf_byte(out, '0');
  }
  stoa_buf_byte(out, '"');
  stoa_buf_done(&text);
}

static int64_t seconds_of(int64_t us)
{
  return us / 1000000 - (us % 1000000 < 0);
}

static void write_value(stoa_term value, const stoa_feature *feature, stoa_arena *arena, stoa_buf *out);

// As it is kept, but of times and decimals, which stand there as dateTimes and as numbers.  Neither has a comma within.
static void write_list(stoa_term list, const stoa_feature *feature, stoa_arena *arena, stoa_buf *out)
{
  const stoa_feature of_element = {.type = feature->element, .scale = feature->scale};
  stoa_slice rest = stoa_term_lexical(list, arena);
  if (of_element.type != STOA_FEATURE_TIMESTAMP && of_element.type != STOA_FEATURE_DECIMAL) {
    stoa_buf_slice(out, rest);
    return;
  }
  stoa_buf_byte(out, '[');
  rest = (stoa_slice){rest.data + 1, rest.length - 2};
  for (bool first = true; rest.length; first = false) {
    const size_t quote = rest.data[0] == '"';
    const char *const comma = memchr(rest.data, ',', rest.length);
    const size_t length = comma ? (size_t)(comma - rest.data) : rest.length;
    const char *const text = stoa_arena_copy(arena, (stoa_slice){rest.data + quote, length - 2 * quote});
    stoa_buf_text(out, first ? "" : ",");
    write_value(stoa_feature_of_text(of_element.type, text, arena), &of_element, arena, out);
    rest = comma ? (stoa_slice){comma + 1, rest.length - length - 1} : (stoa_slice){0};
  }
  stoa_buf_byte(out, ']');
}

static void write_value(stoa_term value, const stoa_feature *feature, stoa_arena *arena, stoa_buf *out)
{
  if (feature->type == STOA_FEATURE_LIST && stoa_term_is_bound(value)) {
    write_list(value, feature, arena, out);
  } else if (value.kind == STOA_TERM_DOUBLE) {
    write_double(value.as.real, out);
  } else if (value.kind == STOA_TERM_DECIMAL || (feature->type == STOA_FEATURE_DECIMAL && stoa_term_is_bound(value))) {
    write_decimal(value, feature->scale, out);
  } else if (value.kind == STOA_TERM_DATETIME ||
             (value.kind == STOA_TERM_DATE && feature->type == STOA_FEATURE_TIMESTAMP)) {
    stoa_buf_integer(out, seconds_of(value.as.integer));
  } else {
    stoa_value_json(value, out);
  }
}

// ---- columns

// What is to be said of one view's rows.
typedef struct {
  stoa_call *call;
  const stoa_feast_request *request;
  const stoa_view_values *values;
  const stoa_feature *feature;
  uint32_t column; ///< of the view
  const bool *known;
} column;

static stoa_term value_of(const column *c, uint32_t row)
{
  return c->values->values[(size_t)row * c->values->view->features.n + c->column];
}

static value_status status_of(const column *c, uint32_t row)
{
  const stoa_view_row *const its = &c->values->rows[row];
  const int64_t most = c->request->max_age_us;
  const stoa_term value = value_of(c, row);
  if (!c->known[row]) {
    return NOT_FOUND;
  }
  if (its->is_stale || (most >= 0 && its->at_us != STOA_NO_TIME && c->call->context.now_us - its->at_us > most)) {
    return OUTSIDE_MAX_AGE;
  }
  if (!stoa_term_is_bound(value)) {
    return its->misfits && its->misfits[c->column] ? INVALID : NULL_VALUE;
  }
  return value.kind == STOA_TERM_DOUBLE && !isfinite(value.as.real) ? INVALID : PRESENT; // JSON has no such number
}

static void write_statuses(const value_status *statuses, uint32_t n, stoa_buf *out)
{
  stoa_buf_text(out, "],\"statuses\":[");
  for (uint32_t i = 0; i < n; ++i) {
    stoa_buf_text(out, i ? ",\"" : "\"");
    stoa_buf_text(out, status_names[statuses ? statuses[i] : PRESENT]);
    stoa_buf_byte(out, '"');
  }
  stoa_buf_byte(out, ']');
}

static void write_ages(const column *c, stoa_buf *out)
{
  stoa_buf_text(out, ",\"ages\":[");
  for (uint32_t row = 0; row < c->request->n_rows; ++row) {
    const int64_t at = c->values->rows[row].at_us;
    stoa_buf_text(out, row ? "," : "");
    if (at == STOA_NO_TIME || !c->known[row]) {
      stoa_buf_text(out, "null");
    } else {
      write_double((double)(c->call->context.now_us - at) / 1e6, out);
    }
  }
  stoa_buf_byte(out, ']');
}

// Why a row has no values although there may be one.
static void write_withheld(const column *c, stoa_buf *out)
{
  stoa_buf_text(out, ",\"withheld\":[");
  for (uint32_t row = 0; row < c->request->n_rows; ++row) {
    stoa_buf_text(out, row ? "," : "");
    stoa_buf_text(out, c->known[row] && c->values->rows[row].is_small ? "\"min_group\"" : "null");
  }
  stoa_buf_byte(out, ']');
}

static void write_column(const column *c, stoa_arena *arena, stoa_buf *out)
{
  const uint32_t n = c->request->n_rows;
  value_status *const statuses = STOA_NEWS(arena, value_status, n + 1);
  stoa_buf_text(out, "{\"values\":[");
  for (uint32_t row = 0; row < n; ++row) {
    statuses[row] = status_of(c, row);
    stoa_buf_text(out, row ? "," : "");
    write_value(statuses[row] == PRESENT ? value_of(c, row) : (stoa_term){0}, c->feature, arena, out);
  }
  write_statuses(statuses, n, out);
  if (n) {
    stoa_buf_text(out, ",\"event_timestamps\":[");
    for (uint32_t row = 0; row < n; ++row) {
      stoa_buf_text(out, row ? "," : "");
      stoa_feast_time(c->known[row] ? c->values->rows[row].at_us : STOA_NO_TIME, out);
    }
    stoa_buf_byte(out, ']');
  }
  if (c->request->explain) {
    write_ages(c, out);
  }
  if (c->request->explain && c->values->view->least_group) {
    write_withheld(c, out);
  }
  stoa_buf_byte(out, '}');
}

static stoa_status write_feature(stoa_call *call, const stoa_feast_request *r, const stoa_feast_column *asked,
                                 stoa_buf *out, stoa_error *err)
{
  column c = {
    .call = call, .request = r, .feature = &asked->view->features.items[asked->feature], .column = asked->feature};
  STOA_TRY(stoa_vectors_view(r->vectors, asked->view, &c.values, err));
  STOA_TRY(stoa_vectors_known(r->vectors, asked->view->entity, &c.known, err));
  write_column(&c, &call->arena, out);
  return out->length <= STOA_MOST_REQUEST_MEMORY // the same list may stand in many rows
           ? STOA_OK
           : stoa_error_set(err, STOA_LIMIT, "%s", stoa_limit_text(STOA_LIMIT_REQUEST_MEMORY));
}

// A key comes back in its declared type.
static void write_key(const stoa_feast_key *key, uint32_t n, bool explain, stoa_buf *out)
{
  stoa_buf_text(out, "{\"values\":[");
  for (uint32_t i = 0; i < n; ++i) {
    const stoa_json *const cell = &key->cells[i];
    const bool number = key->type == STOA_KEY_INT32 || key->type == STOA_KEY_INT64 ||
                        (key->type == STOA_KEY_ANY && cell->kind == STOA_JSON_INTEGER);
    stoa_buf_text(out, i ? "," : "");
    if (cell->kind == STOA_JSON_STRING) {
      number ? stoa_buf_slice(out, cell->text) : stoa_buf_json(out, cell->text);
    } else {
      stoa_buf_text(out, number ? "" : "\"");
      stoa_buf_integer(out, cell->integer);
      stoa_buf_text(out, number ? "" : "\"");
    }
  }
  write_statuses(NULL, n, out);
  for (uint32_t i = 0; i < n; ++i) {
    stoa_buf_text(out, i ? "," : ",\"event_timestamps\":[");
    stoa_feast_time(STOA_NO_TIME, out);
  }
  stoa_buf_text(out, n ? "]" : "");
  for (uint32_t i = 0; explain && i < n; ++i) {
    stoa_buf_text(out, i ? ",null" : ",\"ages\":[null");
  }
  stoa_buf_text(out, explain && n ? "]}" : "}");
}

static const char *name_of(const stoa_feast_request *r, const stoa_feast_column *c)
{
  const stoa_feature *const f = &c->view->features.items[c->feature];
  return r->full_names ? f->name : stoa_feast_short_name(c->view, f);
}

static void write_names(const stoa_feast_request *r, stoa_buf *out)
{
  stoa_buf_text(out, "],\"metadata\":{\"feature_names\":[");
  for (uint32_t i = 0; i < r->keys.n; ++i) {
    stoa_buf_text(out, i ? "," : "");
    stoa_buf_json(out, stoa_slice_of(r->keys.items[i].name));
  }
  for (uint32_t i = 0; i < r->columns.n; ++i) {
    stoa_buf_text(out, i || r->keys.n ? "," : "");
    stoa_buf_json(out, stoa_slice_of(name_of(r, &r->columns.items[i])));
  }
  stoa_buf_text(out, "]}");
}

// ---- explain: which columns of which sources each feature is made of

static void write_source(const stoa_lineage *values, const stoa_lineage_column *c, stoa_buf *out)
{
  stoa_buf_text(out, "{\"source\":");
  stoa_buf_json(out, stoa_slice_of(c->source));
  stoa_buf_text(out, ",\"table\":");
  stoa_buf_json(out, stoa_slice_of(c->table));
  stoa_buf_text(out, ",\"column\":");
  stoa_buf_json(out, stoa_slice_of(c->column));
  stoa_buf_print(out, ",\"role\":\"%s\"}", stoa_lineage_has(values, c) ? "value" : "read");
}

static void write_lineage(const stoa_call *call, const stoa_feast_request *r, stoa_arena *arena, stoa_buf *out)
{
  static const char *const kinds[] = {"query", "window", "request"};
  const size_t folder = strlen(call->layer->project->dir) + 1;
  stoa_buf_text(out, ",\"lineage\":[");
  for (uint32_t i = 0; i < r->columns.n; ++i) {
    const stoa_view *const view = r->columns.items[i].view;
    const stoa_feature *const f = &view->features.items[r->columns.items[i].feature];
    stoa_lineage values = {0}, all = {0};
    stoa_feature_lineage(view, f, arena, &values, &all);
    stoa_buf_text(out, i ? ",{\"feature\":" : "{\"feature\":");
    stoa_buf_json(out, stoa_slice_of(stoa_arena_print(arena, "%s:%s", view->name, stoa_feast_short_name(view, f))));
    stoa_buf_print(out, ",\"kind\":\"%s\",\"file\":", kinds[view->kind]);
    stoa_buf_json(out, stoa_slice_of(strlen(view->file) > folder ? view->file + folder : view->file));
    stoa_buf_text(out, ",\"sources\":[");
    for (uint32_t k = 0; k < all.n; ++k) {
      stoa_buf_text(out, k ? "," : "");
      write_source(&values, &all.items[k], out);
    }
    stoa_buf_text(out, "]}");
  }
  stoa_buf_byte(out, ']');
}

stoa_status stoa_feast_write(stoa_call *call, const stoa_feast_request *r, stoa_error *err)
{
  stoa_buf *const out = &call->stream;
  const stoa_view_values *ignored;
  for (uint32_t i = 0; i < r->columns.n; ++i) {
    stoa_vectors_want(r->vectors, r->columns.items[i].view, r->columns.items[i].feature);
  }
  for (uint32_t i = 0; i < r->columns.n; ++i) { // all of them tell who is there
    STOA_TRY(stoa_vectors_view(r->vectors, r->columns.items[i].view, &ignored, err));
  }
  stoa_buf_text(out, "{\"results\":[");
  for (uint32_t i = 0; i < r->keys.n; ++i) {
    stoa_buf_text(out, i ? "," : "");
    write_key(&r->keys.items[i], r->n_rows, r->explain, out);
  }
  for (uint32_t i = 0; i < r->columns.n; ++i) {
    stoa_buf_text(out, i || r->keys.n ? "," : "");
    STOA_TRY(write_feature(call, r, &r->columns.items[i], out, err));
  }
  write_names(r, out);
  if (r->explain) {
    write_lineage(call, r, &call->arena, out);
  }
  stoa_buf_byte(out, '}');
  call->reply.kind = STOA_REPLY_STREAM;
  call->reply.media_type = "application/json";
  return STOA_OK;
}
