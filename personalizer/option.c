#include "personalizer/option.h"
#include "graph/base/file.h"
#include <math.h>
#include <string.h>

static double *number_at(const stoa_option *option, void *out)
{
  return (double *)(void *)((char *)out + option->at);
}

void stoa_options_init(const stoa_option *table, void *out)
{
  for (const stoa_option *o = table; o->name; ++o) {
    *number_at(o, out) = o->initial;
  }
}

static const stoa_option *find(const stoa_option *table, const char *name)
{
  while (table->name && strcmp(table->name, name) != 0) {
    ++table;
  }
  return table->name ? table : NULL;
}

static bool is_among(const char *const *names, const char *name)
{
  while (*names && strcmp(*names, name) != 0) {
    ++names;
  }
  return *names;
}

static stoa_status refuse(const stoa_option *table, const stoa_yaml *item, const char *what, const char *const *others,
                          stoa_error *err)
{
  enum { MOST = 64 };
  const char *all[MOST];
  stoa_buf names = {0};
  size_t n = 0;
  for (const char *const *o = others; *o && n < MOST; ++o) {
    all[n++] = *o;
  }
  for (const stoa_option *o = table; o->name && n < MOST; ++o) {
    all[n++] = o->name;
  }
  for (size_t i = 0; i < n; ++i) {
    stoa_buf_print(&names, "%s%s", i ? ", " : "", all[i]);
  }
  const char *const near = stoa_nearest(item->key, all, n);
  const stoa_status status = near ? stoa_error_at(err, STOA_BAD_SYNTAX, item->key_place,
                                                  "unknown key \"%s\"; did you mean \"%s\"?", item->key, near)
                                  : stoa_error_at(err, STOA_BAD_SYNTAX, item->key_place, "unknown key \"%s\"; %s has %s",
                                                  item->key, what, stoa_buf_string(&names));
  stoa_buf_done(&names);
  return status;
}

static stoa_status read_one(const stoa_option *o, const stoa_yaml *node, void *out, stoa_error *err)
{
  double *const number = number_at(o, out);
  STOA_TRY(stoa_yaml_number(node, o->name, o->low, o->high, number, err));
  return !o->is_whole || floor(*number) == *number
           ? STOA_OK
           : stoa_error_at(err, STOA_BAD_ARG, stoa_yaml_find(node, o->name)->place, "\"%s\" is a whole number", o->name);
}

stoa_status stoa_options_read(const stoa_option *table, const stoa_yaml *node, const char *what,
                              const char *const *others, void *out, stoa_error *err)
{
  if (node->kind != STOA_YAML_MAP) {
    return stoa_error_at(err, STOA_BAD_SYNTAX, node->place, "keys and values expected, such as \"%s: ...\"", others[0]);
  }
  for (uint32_t i = 0; i < node->n_items; ++i) {
    const stoa_option *const o = find(table, node->items[i].key);
    if (o) {
      STOA_TRY(read_one(o, node, out, err));
    } else if (!is_among(others, node->items[i].key)) {
      return refuse(table, &node->items[i], what, others, err);
    }
  }
  return STOA_OK;
}

void stoa_options_write(const stoa_option *table, const void *from, stoa_buf *out)
{
  for (const stoa_option *o = table; o->name; ++o) {
    double number;
    memcpy(&number, (const char *)from + o->at, sizeof number);
    stoa_buf_print(out, ", %s: ", o->name);
    stoa_buf_number(out, number);
  }
}
