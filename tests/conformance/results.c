// Expected results in the forms that the suites use.
#include "suite.h"
#include "graph/base/file.h"
#include "graph/base/json.h"
#include "graph/base/utf8.h"
#include "graph/rdf/reader.h"
#include "graph/sparql/parser.h"
#include "graph/term/equality.h"
#include "graph/term/vocab.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RS "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"

typedef struct {
  stoa_arena *arena;
  triples *out;
} reading;

static void take(const stoa_statement *st, void *data)
{
  reading *const r = data;
  const triple t = {stoa_term_copy(st->subject, r->arena), stoa_term_copy(st->predicate, r->arena),
                    stoa_term_copy(st->object, r->arena)};
  STOA_PUSH(r->arena, r->out, t);
}

stoa_status read_triples(const char *path, const char *base, stoa_arena *arena, triples *out, stoa_error *err)
{
  reading r = {arena, out};
  return stoa_rdf_read(path, base, take, &r, err);
}

stoa_term object_of(const triples *g, stoa_term s, const char *p)
{
  const stoa_term property = stoa_term_iri(stoa_slice_of(p));
  for (uint32_t i = 0; i < g->n; ++i) {
    if (stoa_term_same(g->items[i].s, s) && stoa_term_same(g->items[i].p, property)) {
      return g->items[i].o;
    }
  }
  return (stoa_term){0};
}

const char *text_of(stoa_term t, stoa_arena *arena)
{
  return stoa_arena_copy(arena, stoa_term_lexical(t, arena));
}

static bool ends(const char *path, const char *suffix)
{
  const size_t n = strlen(path), k = strlen(suffix);
  return n >= k && strcmp(path + n - k, suffix) == 0;
}

// SPARQL Query Results XML.  rasqal's reader is not used here: it writes typed literals anew (-1.02E4 as
// -1.02E0, +00:00 as -00:00, "0"^^xsd:boolean as false), and an expected result must be read as it stands.
typedef struct {
  const char *at;
  stoa_arena *arena;
  char name[64];         ///< of the element
  stoa_slice attributes; ///< as written
} xml;

static bool next_tag(xml *x)
{
  for (x->at = strchr(x->at, '<'); x->at; x->at = strchr(x->at, '<')) {
    if (strncmp(x->at, "<!--", 4) == 0) {
      x->at = strstr(x->at, "-->");
      if (!x->at) {
        return false;
      }
      continue;
    }
    const char *const start = x->at + 1;
    const size_t n = strcspn(start, " \t\r\n>");
    const char *const end = strchr(start, '>');
    if (!end || n >= sizeof x->name) {
      return false;
    }
    snprintf(x->name, sizeof x->name, "%.*s", (int)n, start);
    x->attributes = (stoa_slice){start + n, (size_t)(end - start) - n};
    x->at = end + 1;
    return true;
  }
  return false;
}

static stoa_slice decoded(xml *x, stoa_slice raw)
{
  static const struct {
    const char *name, *text;
  } entities[] = {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}, {"&quot;", "\""}, {"&apos;", "'"}};
  char *const out = stoa_arena_alloc(x->arena, raw.length + 1);
  size_t n = 0;
  for (size_t i = 0; i < raw.length;) {
    size_t k = 0;
    while (k < 5 && strncmp(raw.data + i, entities[k].name, strlen(entities[k].name)) != 0) {
      ++k;
    }
    if (k < 5) {
      out[n++] = entities[k].text[0];
      i += strlen(entities[k].name);
    } else if (raw.data[i] == '&' && raw.data[i + 1] == '#') {
      const bool hex = raw.data[i + 2] == 'x';
      n += stoa_utf8_write((uint32_t)strtoul(raw.data + i + (hex ? 3 : 2), NULL, hex ? 16 : 10), out + n);
      i += strcspn(raw.data + i, ";") + 1;
    } else {
      out[n++] = raw.data[i++];
    }
  }
  return (stoa_slice){out, n};
}

static stoa_slice attribute(xml *x, const char *name)
{
  const char *const found = memmem(x->attributes.data, x->attributes.length, name, strlen(name));
  if (!found) {
    return (stoa_slice){NULL, 0};
  }
  const char *const start = found + strcspn(found, "\"'") + 1;
  const char *const end = strchr(start, start[-1]);
  return decoded(x, (stoa_slice){start, (size_t)(end - start)});
}

static stoa_slice text_after(xml *x)
{
  const bool empty = x->attributes.length && x->attributes.data[x->attributes.length - 1] == '/';
  const size_t n = empty ? 0 : strcspn(x->at, "<");
  return decoded(x, (stoa_slice){x->at, n});
}

static stoa_term xml_term(xml *x)
{
  const stoa_slice datatype = attribute(x, "datatype"), language = attribute(x, "xml:lang");
  const stoa_slice text = text_after(x);
  if (strcmp(x->name, "uri") == 0) {
    return stoa_term_iri(text);
  }
  if (strcmp(x->name, "bnode") == 0) {
    return stoa_term_blank(text);
  }
  return language.data   ? stoa_term_lang(x->arena, text, language)
         : datatype.data ? stoa_term_literal(x->arena, text, datatype)
                         : stoa_term_string(text);
}

static stoa_status read_xml(const char *path, stoa_arena *arena, table *out, stoa_error *err)
{
  stoa_slice file;
  STOA_LIST(const char *) names = {0};
  stoa_term row[64] = {{0}};
  uint32_t column = 0;
  STOA_TRY(stoa_file_read(path, arena, &file, err));
  xml x = {.at = file.data, .arena = arena};
  while (next_tag(&x)) {
    const bool is_value = strcmp(x.name, "uri") == 0 || strcmp(x.name, "literal") == 0 ||
                          strcmp(x.name, "literal/") == 0 || strcmp(x.name, "bnode") == 0;
    if (strcmp(x.name, "variable") == 0) {
      const char *const name = stoa_arena_copy(arena, attribute(&x, "name"));
      STOA_PUSH(arena, &names, name);
      out->names = names.items;
      out->n_columns = names.n;
    } else if (strcmp(x.name, "boolean") == 0) {
      out->is_boolean = true;
      out->truth = stoa_slice_is(text_after(&x), "true");
    } else if (strcmp(x.name, "binding") == 0) {
      column = 0;
      const char *const name = stoa_arena_copy(arena, attribute(&x, "name"));
      while (column < names.n && strcmp(names.items[column], name) != 0) {
        ++column;
      }
    } else if (is_value && column < names.n) {
      row[column] = xml_term(&x);
    } else if (strcmp(x.name, "/result") == 0 || strcmp(x.name, "result/") == 0) {
      table_add(out, arena, row);
      memset(row, 0, sizeof row);
    }
  }
  return names.n > 64 ? stoa_error_set(err, STOA_LIMIT, "%s has more than 64 columns", path) : STOA_OK;
}

static uint32_t column_of(const table *t, const char *name)
{
  uint32_t i = 0;
  while (i < t->n_columns && strcmp(t->names[i], name) != 0) {
    ++i;
  }
  return i;
}

static void read_rdf_solution(const triples *g, stoa_term solution, stoa_arena *arena, table *out)
{
  stoa_term *const row = STOA_NEWS(arena, stoa_term, out->n_columns + 1);
  const stoa_term binding = stoa_term_iri(stoa_slice_of(RS "binding"));
  for (uint32_t i = 0; i < g->n; ++i) {
    if (stoa_term_same(g->items[i].s, solution) && stoa_term_same(g->items[i].p, binding)) {
      const char *const name = text_of(object_of(g, g->items[i].o, RS "variable"), arena);
      row[column_of(out, name)] = object_of(g, g->items[i].o, RS "value");
    }
  }
  table_add(out, arena, row);
}

typedef struct {
  stoa_term solution;
  long index;
} indexed;

static int by_index(const void *a, const void *b)
{
  const long x = ((const indexed *)a)->index, y = ((const indexed *)b)->index;
  return x < y ? -1 : x > y;
}

static stoa_status read_rdf(const char *path, const char *base, stoa_arena *arena, table *out, stoa_error *err)
{
  triples g = {0};
  STOA_LIST(const char *) names = {0};
  STOA_LIST(indexed) solutions = {0};
  STOA_TRY(read_triples(path, base, arena, &g, err));
  const stoa_term variable = stoa_term_iri(stoa_slice_of(RS "resultVariable"));
  const stoa_term solution = stoa_term_iri(stoa_slice_of(RS "solution"));
  const stoa_term boolean = stoa_term_iri(stoa_slice_of(RS "boolean"));
  for (uint32_t i = 0; i < g.n; ++i) {
    if (stoa_term_same(g.items[i].p, boolean)) {
      out->is_boolean = true;
      out->truth = strcmp(text_of(g.items[i].o, arena), "true") == 0;
    } else if (stoa_term_same(g.items[i].p, variable)) {
      const char *const name = text_of(g.items[i].o, arena);
      STOA_PUSH(arena, &names, name);
    } else if (stoa_term_same(g.items[i].p, solution)) {
      const stoa_term index = object_of(&g, g.items[i].o, RS "index");
      const indexed one = {g.items[i].o, stoa_term_is_bound(index) ? atol(text_of(index, arena)) : 0};
      out->ordered |= stoa_term_is_bound(index);
      STOA_PUSH(arena, &solutions, one);
    }
  }
  out->names = names.items;
  out->n_columns = names.n;
  if (out->ordered) {
    qsort(solutions.items, solutions.n, sizeof *solutions.items, by_index);
  }
  for (uint32_t i = 0; i < solutions.n; ++i) {
    read_rdf_solution(&g, solutions.items[i].solution, arena, out);
  }
  return STOA_OK;
}

static stoa_slice member(const stoa_json *value, const char *name)
{
  const stoa_json *const found = stoa_json_find(value, name);
  return found ? found->text : (stoa_slice){NULL, 0};
}

static stoa_term json_term(const stoa_json *value, stoa_arena *arena)
{
  const stoa_slice type = member(value, "type"), text = member(value, "value");
  const stoa_slice tag = member(value, "xml:lang"), datatype = member(value, "datatype");
  if (stoa_slice_is(type, "uri")) {
    return stoa_term_iri(text);
  }
  if (stoa_slice_is(type, "bnode")) {
    return stoa_term_blank(text);
  }
  if (tag.data) {
    return stoa_term_lang(arena, text, tag);
  }
  return datatype.data ? stoa_term_literal(arena, text, datatype) : stoa_term_string(text);
}

static stoa_status read_json(const char *path, stoa_arena *arena, table *out, stoa_error *err)
{
  stoa_slice text;
  const stoa_json *root;
  STOA_TRY(stoa_file_read(path, arena, &text, err));
  STOA_TRY(stoa_json_read(text, arena, &root, err));
  const stoa_json *const boolean = stoa_json_find(root, "boolean");
  if (boolean) {
    out->is_boolean = true;
    out->truth = boolean->integer != 0;
    return STOA_OK;
  }
  const stoa_json *const vars = stoa_json_find(stoa_json_find(root, "head"), "vars");
  const stoa_json *const rows = stoa_json_find(stoa_json_find(root, "results"), "bindings");
  out->n_columns = vars->n_items;
  out->names = STOA_NEWS(arena, const char *, out->n_columns + 1);
  for (uint32_t i = 0; i < out->n_columns; ++i) {
    out->names[i] = stoa_arena_copy(arena, vars->items[i].text);
  }
  stoa_term *const row = STOA_NEWS(arena, stoa_term, out->n_columns + 1);
  for (uint32_t r = 0; r < rows->n_items; ++r) {
    for (uint32_t i = 0; i < out->n_columns; ++i) {
      const stoa_json *const value = stoa_json_find(&rows->items[r], out->names[i]);
      row[i] = value ? json_term(value, arena) : (stoa_term){0};
    }
    table_add(out, arena, row);
  }
  return STOA_OK;
}

// A TSV field is a term in Turtle: it is read as the only row of a VALUES.
static stoa_term tsv_term(stoa_slice field, stoa_arena *arena)
{
  const stoa_query *query;
  stoa_error err = {0};
  if (field.length == 0) {
    return (stoa_term){0};
  }
  if (stoa_slice_starts(field, stoa_slice_of("_:"))) {
    return stoa_term_blank((stoa_slice){field.data + 2, field.length - 2});
  }
  const char *const text = stoa_arena_print(arena, "SELECT * { VALUES ?x { %.*s } }", (int)field.length, field.data);
  if (stoa_query_read(stoa_slice_of(text), "tsv", NULL, arena, &query, &err) != STOA_OK) {
    return (stoa_term){0};
  }
  const stoa_node *node = query->root;
  while (node->kind != STOA_NODE_VALUES) {
    node = node->inputs[0];
  }
  return node->rows[0];
}

static bool next_field(const char **at, char separator, stoa_buf *out)
{
  out->length = 0;
  if (separator == ',' && **at == '"') {
    for (++*at; **at && (**at != '"' || (*at)[1] == '"'); ++*at) {
      *at += **at == '"';
      stoa_buf_byte(out, **at);
    }
    *at += **at == '"';
  } else {
    while (**at && **at != separator && **at != '\n' && **at != '\r') {
      stoa_buf_byte(out, *(*at)++);
    }
  }
  if (**at == separator) {
    ++*at;
    return true;
  }
  return false;
}

static stoa_status read_rows(const char *path, char separator, stoa_arena *arena, table *out, stoa_error *err)
{
  stoa_slice text;
  stoa_buf field = {0};
  STOA_LIST(const char *) names = {0};
  STOA_TRY(stoa_file_read(path, arena, &text, err));
  const char *at = text.data;
  for (bool more = true; more;) {
    more = next_field(&at, separator, &field);
    const char *const name = stoa_buf_string(&field);
    const char *const copy = stoa_arena_copy(arena, stoa_slice_of(*name == '?' ? name + 1 : name));
    STOA_PUSH(arena, &names, copy);
  }
  out->names = names.items;
  out->n_columns = names.n;
  at += strspn(at, "\r");
  at += *at == '\n';
  stoa_term *const row = STOA_NEWS(arena, stoa_term, out->n_columns + 1);
  while (*at) {
    for (uint32_t i = 0; i < out->n_columns; ++i) {
      next_field(&at, separator, &field);
      const stoa_slice value = stoa_arena_slice(arena, (stoa_slice){stoa_buf_string(&field), field.length});
      row[i] = separator == '\t' ? tsv_term(value, arena) : stoa_term_string(value);
    }
    table_add(out, arena, row);
    at += strspn(at, "\r");
    at += *at == '\n';
  }
  stoa_buf_done(&field);
  return STOA_OK;
}

stoa_status read_results(const char *path, const char *base, stoa_arena *arena, table *out, stoa_error *err)
{
  if (ends(path, ".srx")) {
    return read_xml(path, arena, out, err);
  }
  if (ends(path, ".srj")) {
    return read_json(path, arena, out, err);
  }
  if (ends(path, ".csv") || ends(path, ".tsv")) {
    return read_rows(path, ends(path, ".csv") ? ',' : '\t', arena, out, err);
  }
  return read_rdf(path, base, arena, out, err);
}
