#include "graph/rdf/results_reader.h"
#include "graph/base/file.h"
#include "graph/base/iri.h"
#include "graph/rdf/results_builder.h"
#include "graph/term/equality.h"
#include <strings.h>

enum { ROWS_BETWEEN_LOOKS = 256 };

stoa_status stoa_results_fault(stoa_results_builder *b, int line, const char *what)
{
  return stoa_error_at(b->err, STOA_BAD_SYNTAX, (stoa_place){b->name, line, 1}, "is no SPARQL result document: %s",
                       what);
}

uint32_t stoa_results_column(stoa_results_builder *b, stoa_slice name)
{
  const uintptr_t known = (uintptr_t)stoa_map_find(&b->columns, name);
  if (known) {
    return (uint32_t)known - 1;
  }
  const char *const copy = stoa_arena_copy(b->arena, name);
  STOA_PUSH(b->arena, &b->names, copy);
  stoa_map_add(&b->columns, b->arena, name, (void *)(uintptr_t)b->names.n);
  return b->names.n - 1;
}

// A label may be any text, and goes into outputs that cannot write each: it becomes a number.
static stoa_slice label_of(stoa_results_builder *b, stoa_slice text)
{
  const char *label = stoa_map_find(&b->labels, text);
  if (!label) {
    label = stoa_arena_print(b->arena, "b%u", b->labels.n);
    stoa_map_add(&b->labels, b->arena, text, (void *)label);
  }
  return stoa_slice_of(label);
}

static stoa_status check_iri(stoa_results_builder *b, stoa_slice iri)
{
  if (stoa_iri_is_absolute(iri) && stoa_iri_is_clean(iri)) {
    return STOA_OK;
  }
  return stoa_error_at(b->err, STOA_BAD_SYNTAX, (stoa_place){b->name, 0, 0},
                       "has <%.*s> in row %u, which is no absolute IRI", (int)(iri.length < 80 ? iri.length : 80),
                       iri.data, b->n_rows + 1);
}

static stoa_status make_literal(stoa_results_builder *b, stoa_slice text, stoa_slice language, stoa_slice datatype,
                                stoa_term *out)
{
  const stoa_slice copy = stoa_arena_slice(b->arena, text);
  if (language.length) {
    if (!stoa_language_is_tag(language)) {
      return stoa_error_at(b->err, STOA_BAD_SYNTAX, (stoa_place){b->name, 0, 0},
                           "has the language \"%.*s\" in row %u, which is no language tag",
                           (int)(language.length < 80 ? language.length : 80), language.data, b->n_rows + 1);
    }
    *out = stoa_term_lang(b->arena, copy, stoa_arena_slice(b->arena, language));
    return STOA_OK;
  }
  if (datatype.length) {
    STOA_TRY(check_iri(b, datatype));
    *out = stoa_term_literal(b->arena, copy, stoa_arena_slice(b->arena, datatype));
    return STOA_OK;
  }
  *out = stoa_term_string(copy);
  return STOA_OK;
}

stoa_status stoa_results_bind(stoa_results_builder *b, uint32_t column, stoa_binding_kind kind, stoa_slice text,
                              stoa_slice language, stoa_slice datatype)
{
  stoa_results_cell cell = {.row = b->n_rows, .column = column};
  switch (kind) {
    case STOA_BINDING_IRI:
      STOA_TRY(check_iri(b, text));
      cell.term = stoa_term_iri(stoa_arena_slice(b->arena, text));
      break;
    case STOA_BINDING_BLANK:
      cell.term = stoa_term_blank(label_of(b, text));
      break;
    case STOA_BINDING_LITERAL:
      STOA_TRY(make_literal(b, text, language, datatype, &cell.term));
      break;
  }
  STOA_PUSH(b->arena, &b->cells, cell);
  return STOA_OK;
}

stoa_status stoa_results_end_row(stoa_results_builder *b)
{
  b->n_rows++;
  if (stoa_arena_status(b->arena) != STOA_OK || b->n_rows == UINT32_MAX) {
    return stoa_error_set(b->err, STOA_LIMIT, "%s: more rows than the memory of the query holds", b->name);
  }
  return b->n_rows % ROWS_BETWEEN_LOOKS == 0 && b->context ? stoa_context_check(b->context, b->err) : STOA_OK;
}

static stoa_status finish(stoa_results_builder *b, stoa_results *out)
{
  const size_t n = (size_t)b->n_rows * b->names.n;
  if (n > SIZE_MAX / sizeof(stoa_term) / 2) {
    return stoa_error_set(b->err, STOA_LIMIT, "%s: more cells than memory holds", b->name);
  }
  stoa_term *const rows = STOA_NEWS(b->arena, stoa_term, n + 1);
  for (uint32_t i = 0; i < b->cells.n; ++i) {
    const stoa_results_cell *const cell = &b->cells.items[i];
    rows[(size_t)cell->row * b->names.n + cell->column] = cell->term;
  }
  *out = (stoa_results){.is_boolean = b->is_boolean,
                        .truth = b->truth,
                        .names = b->names.items,
                        .n_columns = b->names.n,
                        .rows = rows,
                        .n_rows = b->n_rows};
  return STOA_OK;
}

stoa_status stoa_results_parse(const char *name, stoa_results_syntax syntax, stoa_slice text,
                               const stoa_context *context, stoa_arena *arena, stoa_results *out, stoa_error *err)
{
  stoa_results_builder b = {.name = name, .context = context, .arena = arena, .err = err};
  STOA_TRY(syntax == STOA_RESULTS_JSON ? stoa_results_read_json(&b, text) : stoa_results_read_xml(&b, text));
  return finish(&b, out);
}

stoa_status stoa_results_read(const char *path, stoa_arena *arena, stoa_results *out, stoa_error *err)
{
  static const struct {
    const char *ending;
    stoa_results_syntax syntax;
  } known[] = {
    {".srx", STOA_RESULTS_XML}, {".xml", STOA_RESULTS_XML}, {".srj", STOA_RESULTS_JSON}, {".json", STOA_RESULTS_JSON}};
  const char *const dot = strrchr(path, '.');
  for (size_t i = 0; dot && i < sizeof known / sizeof *known; ++i) {
    if (strcasecmp(dot, known[i].ending) == 0) {
      stoa_slice text;
      STOA_TRY(stoa_file_read(path, arena, &text, err));
      return stoa_results_parse(path, known[i].syntax, text, NULL, arena, out, err);
    }
  }
  return stoa_error_at(err, STOA_UNSUPPORTED, (stoa_place){path, 0, 0},
                       "only result documents in XML (.srx) or JSON (.srj) can be read");
}
