// Expected results in the forms that the suites use.
#include "suite.h"
#include "graph/base/file.h"
#include "graph/base/json.h"
#include "graph/rdf/reader.h"
#include "graph/rdf/results_reader.h"
#include "graph/sparql/parser.h"
#include "graph/term/equality.h"
#include "graph/term/vocab.h"
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

static stoa_status read_xml(const char *path, stoa_arena *arena, table *out, stoa_error *err)
{
  stoa_results r;
  STOA_TRY(stoa_results_read(path, arena, &r, err));
  out->is_boolean = r.is_boolean;
  out->truth = r.truth;
  out->n_columns = r.n_columns;
  out->names = r.names;
  for (uint32_t i = 0; i < r.n_rows; ++i) {
    table_add(out, arena, &r.rows[(size_t)i * r.n_columns]);
  }
  return STOA_OK;
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
