#include "features/list.h"
#include "graph/term/vocab.h"
#include <math.h>
#include <stdio.h>

bool stoa_list_is(stoa_term value)
{
  return value.kind == STOA_TERM_TYPED && stoa_slice_is(value.as.literal->tag, STOA_RDF_JSON);
}

bool stoa_list_read(stoa_term list, stoa_arena *arena, const stoa_json **out)
{
  stoa_error unread = {0};
  return stoa_list_is(list) && stoa_json_read(list.as.literal->text, arena, out, &unread) == STOA_OK &&
         (*out)->kind == STOA_JSON_ARRAY;
}

// ---- elements

static stoa_list_fit add_element(stoa_term element, stoa_arena *arena, stoa_elements *out)
{
  if (!stoa_term_is_bound(element) || (element.kind == STOA_TERM_DOUBLE && !isfinite(element.as.real))) {
    return STOA_LIST_MISFIT;
  }
  if (out->n == STOA_MOST_ELEMENTS) {
    return STOA_LIST_LONG;
  }
  STOA_PUSH(arena, out, element);
  return STOA_LIST_FITS;
}

static stoa_list_fit add_array(const stoa_feature *of_element, stoa_term value, stoa_arena *arena, stoa_elements *out)
{
  const stoa_json *array;
  stoa_list_fit fit = STOA_LIST_FITS;
  if (!stoa_list_read(value, arena, &array)) {
    return STOA_LIST_MISFIT;
  }
  for (uint32_t i = 0; i < array->n_items && fit == STOA_LIST_FITS; ++i) {
    fit = add_element(stoa_feature_of_json(of_element, &array->items[i], arena), arena, out);
  }
  return fit;
}

stoa_list_fit stoa_list_add(const stoa_feature *feature, stoa_term value, stoa_arena *arena, stoa_elements *out)
{
  const stoa_feature of_element = {.type = feature->element, .scale = feature->scale};
  if (!stoa_term_is_bound(value)) {
    return STOA_LIST_FITS;
  }
  return stoa_list_is(value)
           ? add_array(&of_element, value, arena, out)
           : add_element(stoa_term_copy(stoa_feature_convert(&of_element, value, arena), arena), arena, out);
}

// ---- text

// With a point or an exponent, by which readers of JSON tell a double from an integer.
static void write_double(double value, stoa_buf *out)
{
  const size_t begin = out->length;
  stoa_buf_number(out, value);
  const bool is_plain = strcspn(stoa_buf_string(out) + begin, ".e") == out->length - begin;
  stoa_buf_text(out, is_plain ? ".0" : "");
}

static void write_element(stoa_term element, stoa_buf *out)
{
  const bool is_exact = stoa_slice_is(stoa_term_datatype(element), STOA_XSD "integer") ||
                        stoa_slice_is(stoa_term_datatype(element), STOA_XSD "decimal");
  if (element.kind == STOA_TERM_DOUBLE) {
    write_double(element.as.real, out);
  } else if (is_exact || element.kind == STOA_TERM_BOOLEAN) {
    stoa_term_write_lexical(element, out);
  } else {
    stoa_buf text = {0};
    stoa_term_write_lexical(element, &text);
    stoa_buf_json(out, (stoa_slice){text.data ? text.data : "", text.length});
    stoa_buf_done(&text);
  }
}

stoa_term stoa_list_term(const stoa_elements *elements, stoa_arena *arena)
{
  stoa_buf text = {0};
  stoa_buf_byte(&text, '[');
  for (uint32_t i = 0; i < elements->n; ++i) {
    stoa_buf_text(&text, i ? "," : "");
    write_element(elements->items[i], &text);
  }
  stoa_buf_byte(&text, ']');
  const stoa_slice copy = stoa_arena_slice(arena, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
  return stoa_term_literal(arena, copy, stoa_slice_of(STOA_RDF_JSON));
}

stoa_term stoa_list_settle(const stoa_feature *f, stoa_list_fit fit, const stoa_elements *elements,
                           stoa_context *context, stoa_arena *arena)
{
  char why[sizeof context->misfit_why] = "";
  if (fit == STOA_LIST_FITS) {
    return stoa_list_term(elements, arena);
  }
  if (fit == STOA_LIST_LONG) {
    snprintf(why, sizeof why, "has more than %d elements", STOA_MOST_ELEMENTS);
  }
  return stoa_feature_misfit(f, why, context);
}
