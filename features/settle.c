// What is served of a value.
#include "features/list.h"

// One value that stands for a list: its array, or the only element.
static stoa_term settle_list(const stoa_feature *f, stoa_term value, stoa_context *context, stoa_arena *arena)
{
  stoa_elements elements = {0};
  const stoa_list_fit fit = stoa_list_add(f, value, arena, &elements);
  return stoa_list_settle(f, fit, &elements, context, arena);
}

stoa_term stoa_feature_settle(const stoa_feature *f, stoa_term value, stoa_context *context, stoa_arena *arena)
{
  if (!stoa_term_is_bound(value)) {
    return f->fallback;
  }
  if (f->type == STOA_FEATURE_LIST) {
    return settle_list(f, value, context, arena);
  }
  const stoa_term converted = stoa_feature_convert(f, value, arena);
  return stoa_term_is_bound(converted) ? stoa_term_copy(converted, arena) : stoa_feature_misfit(f, "", context);
}

// ---- defaults

static bool default_list(const stoa_feature *f, const stoa_yaml *node, stoa_arena *arena, stoa_term *out)
{
  stoa_elements elements = {0};
  bool fits = true;
  for (uint32_t i = 0; i < node->n_items && fits; ++i) {
    const char *const text = node->items[i].text;
    const stoa_term element = text ? stoa_feature_of_text(f->element, text, arena) : (stoa_term){0};
    fits = stoa_term_is_bound(element) && stoa_list_add(f, element, arena, &elements) == STOA_LIST_FITS;
  }
  *out = fits ? stoa_list_term(&elements, arena) : (stoa_term){0};
  return fits;
}

bool stoa_feature_default(const stoa_feature *f, const stoa_yaml *node, stoa_arena *arena, stoa_term *out)
{
  *out = (stoa_term){0};
  if (f->type == STOA_FEATURE_LIST) {
    return node->kind == STOA_YAML_LIST && default_list(f, node, arena, out);
  }
  if (node->text) {
    *out = stoa_feature_of_text(f->type, node->text, arena);
  }
  return stoa_term_is_bound(*out);
}
