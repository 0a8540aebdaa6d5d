#include "graph/base/yaml.h"
#include "graph/base/buf.h"
#include "graph/base/file.h"
#include "graph/base/name.h"
#include <errno.h>
#include <stdlib.h>
#include <yaml.h>

enum { DEEPEST = 32 };

typedef struct {
  yaml_document_t *document;
  const char *file;
  int first_line;
  stoa_arena *arena;
  stoa_error *err;
} reader;

static stoa_place place_of(const reader *r, yaml_mark_t mark)
{
  return (stoa_place){r->file, (int)mark.line + r->first_line, (int)mark.column + 1};
}

// Replace ${NAME}: secrets come from the environment, never from the file.
static stoa_status expand(const reader *r, const char *raw, stoa_place place, const char **out)
{
  stoa_buf text = {0};
  for (const char *at = raw; *at;) {
    const bool begins = at[0] == '$' && at[1] == '{';
    const char *const end = begins ? strchr(at, '}') : NULL;
    if (begins && !end) {
      stoa_buf_done(&text);
      return stoa_error_at(r->err, STOA_BAD_SYNTAX, place, "\"%.60s\" is not closed; write ${NAME}", at);
    }
    if (!end) {
      stoa_buf_byte(&text, *at++);
      continue;
    }
    const stoa_slice name = {at + 2, (size_t)(end - at) - 2};
    const char *const value = getenv(stoa_arena_copy(r->arena, name));
    if (!value) {
      stoa_buf_done(&text);
      return stoa_error_at(r->err, STOA_NOT_FOUND, place, "environment variable %.*s is not set", (int)name.length,
                           name.data);
    }
    stoa_buf_text(&text, value);
    at = end + 1;
  }
  *out = stoa_arena_copy(r->arena, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
  return STOA_OK;
}

static stoa_status convert(const reader *r, int index, int depth, stoa_yaml *out);

// YAML splits {sum: decimal(18,2)} at its comma, and makes a key "2)" without a value: within parentheses it is text.
static bool joins(const stoa_yaml *before, const char *key, const yaml_node_t *value)
{
  const size_t n = strlen(key);
  return before->kind == STOA_YAML_SCALAR && strchr(before->text, '(') && !strchr(before->text, ')') && n > 1 &&
         key[n - 1] == ')' && value->type == YAML_SCALAR_NODE && value->data.scalar.length == 0;
}

static stoa_status convert_pair(const reader *r, const yaml_node_pair_t *pair, int depth, stoa_yaml *items, uint32_t *n,
                                stoa_error *err)
{
  const yaml_node_t *const key = yaml_document_get_node(r->document, pair->key);
  const stoa_place place = place_of(r, key->start_mark);
  if (key->type != YAML_SCALAR_NODE) {
    return stoa_error_at(err, STOA_BAD_SYNTAX, place, "a key must be plain text");
  }
  const char *const name =
    stoa_arena_copy(r->arena, (stoa_slice){(const char *)key->data.scalar.value, key->data.scalar.length});
  if (*n > 0 && joins(&items[*n - 1], name, yaml_document_get_node(r->document, pair->value))) {
    items[*n - 1].text = stoa_arena_print(r->arena, "%s,%s", items[*n - 1].text, name);
    return STOA_OK;
  }
  for (uint32_t j = 0; j < *n; ++j) {
    if (strcmp(items[j].key, name) == 0) {
      return stoa_error_at(err, STOA_BAD_SYNTAX, place, "key \"%s\" stands twice", name);
    }
  }
  STOA_TRY(convert(r, pair->value, depth + 1, &items[*n]));
  items[*n].key = name;
  items[*n].key_place = place;
  ++*n;
  return STOA_OK;
}

static stoa_status convert_map(const reader *r, const yaml_node_t *node, int depth, stoa_yaml *out)
{
  const size_t n = (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
  stoa_yaml *const items = STOA_NEWS(r->arena, stoa_yaml, n);
  uint32_t n_items = 0;
  for (size_t i = 0; i < n; ++i) {
    STOA_TRY(convert_pair(r, &node->data.mapping.pairs.start[i], depth, items, &n_items, r->err));
  }
  out->kind = STOA_YAML_MAP;
  out->items = items;
  out->n_items = n_items;
  return STOA_OK;
}

static stoa_status convert_list(const reader *r, const yaml_node_t *node, int depth, stoa_yaml *out)
{
  const size_t n = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
  stoa_yaml *const items = STOA_NEWS(r->arena, stoa_yaml, n);
  for (size_t i = 0; i < n; ++i) {
    STOA_TRY(convert(r, node->data.sequence.items.start[i], depth + 1, &items[i]));
  }
  out->kind = STOA_YAML_LIST;
  out->items = items;
  out->n_items = (uint32_t)n;
  return STOA_OK;
}

static stoa_status convert(const reader *r, int index, int depth, stoa_yaml *out)
{
  const yaml_node_t *const node = yaml_document_get_node(r->document, index);
  out->place = place_of(r, node->start_mark);
  if (depth > DEEPEST) {
    return stoa_error_at(r->err, STOA_LIMIT, out->place, "nested deeper than %d", DEEPEST);
  }
  if (node->type == YAML_MAPPING_NODE) {
    return convert_map(r, node, depth, out);
  }
  if (node->type == YAML_SEQUENCE_NODE) {
    return convert_list(r, node, depth, out);
  }
  out->kind = STOA_YAML_SCALAR;
  return expand(r, (const char *)node->data.scalar.value, out->place, &out->text);
}

static stoa_status load(const reader *r, yaml_parser_t *parser, yaml_document_t *document)
{
  return yaml_parser_load(parser, document) ? STOA_OK
                                            : stoa_error_at(r->err, STOA_BAD_SYNTAX, place_of(r, parser->problem_mark),
                                                            "%s", parser->problem ? parser->problem : "no YAML");
}

// A file is one document: what a second one says would be read by nobody.
static stoa_status check_end(const reader *r, yaml_parser_t *parser)
{
  yaml_document_t second;
  STOA_TRY(load(r, parser, &second));
  const bool any = yaml_document_get_root_node(&second) != NULL;
  const stoa_place place = place_of(r, second.start_mark);
  yaml_document_delete(&second);
  return any ? stoa_error_at(r->err, STOA_BAD_SYNTAX, place,
                             "a second document begins here, and a file has one; take the line \"---\" out")
             : STOA_OK;
}

stoa_status stoa_yaml_read(stoa_slice text, const char *file, int first_line, stoa_arena *arena, const stoa_yaml **out,
                           stoa_error *err)
{
  yaml_parser_t parser;
  yaml_document_t document;
  reader r = {&document, file, first_line, arena, err};
  if (!yaml_parser_initialize(&parser)) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the YAML parser");
  }
  yaml_parser_set_input_string(&parser, (const unsigned char *)text.data, text.length);
  stoa_status status = load(&r, &parser, &document);
  if (status != STOA_OK) {
    yaml_parser_delete(&parser);
    return status;
  }
  stoa_yaml *const root = STOA_NEW(arena, stoa_yaml);
  root->kind = STOA_YAML_MAP;
  root->place = (stoa_place){file, first_line, 1};
  if (yaml_document_get_root_node(&document)) {
    status = convert(&r, 1, 0, root);
    status = status == STOA_OK ? check_end(&r, &parser) : status;
  }
  yaml_document_delete(&document);
  yaml_parser_delete(&parser);
  if (status == STOA_OK) {
    *out = root;
  }
  return status;
}

const stoa_yaml *stoa_yaml_find(const stoa_yaml *map, const char *key)
{
  for (uint32_t i = 0; map && map->kind == STOA_YAML_MAP && i < map->n_items; ++i) {
    if (strcmp(map->items[i].key, key) == 0) {
      return &map->items[i];
    }
  }
  return NULL;
}

const char *stoa_yaml_text(const stoa_yaml *map, const char *key, const char *otherwise)
{
  const stoa_yaml *const value = stoa_yaml_find(map, key);
  return value && value->kind == STOA_YAML_SCALAR ? value->text : otherwise;
}

stoa_status stoa_yaml_known(const stoa_yaml *map, const char *const *known, stoa_error *err)
{
  size_t n_known = 0;
  while (known[n_known]) {
    ++n_known;
  }
  if (map->kind != STOA_YAML_MAP) {
    return stoa_error_at(err, STOA_BAD_SYNTAX, map->place, "keys and values expected, such as \"%s: ...\"", known[0]);
  }
  for (uint32_t i = 0; i < map->n_items; ++i) {
    size_t j = 0;
    while (j < n_known && strcmp(map->items[i].key, known[j]) != 0) {
      ++j;
    }
    if (j == n_known) {
      const char *const near = stoa_nearest(map->items[i].key, known, n_known);
      return stoa_error_at(err, STOA_BAD_SYNTAX, map->items[i].key_place, "unknown key \"%s\"%s%s%s", map->items[i].key,
                           near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    }
  }
  return STOA_OK;
}

stoa_status stoa_yaml_plain(const stoa_yaml *map, const char *const *keys, stoa_error *err)
{
  for (size_t i = 0; keys[i]; ++i) {
    const stoa_yaml *const value = stoa_yaml_find(map, keys[i]);
    if (value && value->kind != STOA_YAML_SCALAR) {
      return stoa_error_at(err, STOA_BAD_SYNTAX, value->place, "\"%s\" is one value, and no list or map", keys[i]);
    }
  }
  return STOA_OK;
}

stoa_status stoa_yaml_name(const char *name, const char *what, stoa_place place, stoa_error *err)
{
  stoa_error fault = {0};
  const stoa_status status = stoa_name_check(what, stoa_slice_of(name), &fault);
  return status == STOA_OK ? STOA_OK : stoa_error_at(err, status, place, "%s", fault.text);
}

stoa_status stoa_yaml_number(const stoa_yaml *map, const char *key, double low, double high, double *out,
                             stoa_error *err)
{
  const stoa_yaml *const value = stoa_yaml_find(map, key);
  if (!value) {
    return STOA_OK;
  }
  char *end = NULL;
  const double number = value->kind == STOA_YAML_SCALAR ? strtod(value->text, &end) : 0;
  if (!end || end == value->text || *end || !(number >= low && number <= high)) {
    return stoa_error_at(err, STOA_BAD_ARG, value->place, "\"%s\" must be a number from %g to %g", key, low, high);
  }
  *out = number;
  return STOA_OK;
}

stoa_status stoa_yaml_integer(const stoa_yaml *map, const char *key, int64_t low, int64_t high, int64_t *out,
                              stoa_error *err)
{
  double number = (double)*out;
  STOA_TRY(stoa_yaml_number(map, key, (double)low, (double)high, &number, err));
  if (number != (double)(int64_t)number) {
    return stoa_error_at(err, STOA_BAD_ARG, stoa_yaml_find(map, key)->place, "\"%s\" must be a whole number", key);
  }
  *out = (int64_t)number;
  return STOA_OK;
}

bool stoa_yaml_span(const char *text, int64_t *out_seconds)
{
  char *end = NULL;
  errno = 0;
  const long long n = strtoll(text, &end, 10);
  if (end == text || errno || n < 0 || n > 1000000000 || !end[0] || end[1]) {
    return false;
  }
  const int64_t unit = end[0] == 's'   ? 1
                       : end[0] == 'm' ? 60
                       : end[0] == 'h' ? 3600
                       : end[0] == 'd' ? 86400
                       : end[0] == 'w' ? 604800
                                       : 0;
  *out_seconds = n * unit;
  return unit > 0;
}

stoa_slice stoa_yaml_in_comments(stoa_slice text, const char *mark, stoa_arena *arena)
{
  char *const out = stoa_arena_alloc(arena, text.length + 2);
  const stoa_slice begin = stoa_slice_of(mark);
  size_t n = 0;
  for (size_t i = 0; i < text.length;) {
    const char *const newline = memchr(text.data + i, '\n', text.length - i);
    const size_t end = newline ? (size_t)(newline - text.data) : text.length;
    if (stoa_slice_starts((stoa_slice){text.data + i, end - i}, begin)) {
      memset(out + n, ' ', begin.length);
      memcpy(out + n + begin.length, text.data + i + begin.length, end - i - begin.length);
      n += end - i;
    }
    out[n++] = '\n';
    i = end + 1;
  }
  return (stoa_slice){out, n};
}
