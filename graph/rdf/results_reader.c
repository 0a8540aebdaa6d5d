// rasqal reads bindings; a boolean document is told from them here, because rasqal's readers know only
// bindings.
#include "graph/rdf/results_reader.h"
#include "graph/base/file.h"
#include <rasqal.h>
#include <strings.h>

typedef STOA_LIST(stoa_term) term_list;

static stoa_term term_of(rasqal_literal *l, stoa_arena *arena)
{
  if (!l) {
    return (stoa_term){0};
  }
  size_t length = 0;
  const char *const text = (const char *)rasqal_literal_as_counted_string(l, &length, 0, NULL);
  const stoa_slice copy = stoa_arena_slice(arena, (stoa_slice){text, text ? length : 0});
  switch (rasqal_literal_get_rdf_term_type(l)) {
    case RASQAL_LITERAL_URI:
      return stoa_term_iri(copy);
    case RASQAL_LITERAL_BLANK:
      return stoa_term_blank(copy);
    default:
      break;
  }
  if (l->language) {
    return stoa_term_lang(arena, copy, stoa_arena_slice(arena, stoa_slice_of(l->language)));
  }
  raptor_uri *const type = rasqal_literal_datatype(l);
  return type ? stoa_term_literal(arena, copy,
                                  stoa_arena_slice(arena, stoa_slice_of((const char *)raptor_uri_as_string(type))))
              : stoa_term_string(copy);
}

static void take_rows(rasqal_query_results *results, stoa_arena *arena, stoa_results *out)
{
  term_list terms = {0};
  out->n_columns = (uint32_t)rasqal_query_results_get_bindings_count(results);
  out->names = STOA_NEWS(arena, const char *, out->n_columns);
  for (uint32_t i = 0; i < out->n_columns; ++i) {
    out->names[i] =
      stoa_arena_copy(arena, stoa_slice_of((const char *)rasqal_query_results_get_binding_name(results, (int)i)));
  }
  for (; !rasqal_query_results_finished(results); rasqal_query_results_next(results)) {
    for (uint32_t i = 0; i < out->n_columns; ++i) {
      const stoa_term t = term_of(rasqal_query_results_get_binding_value(results, (int)i), arena);
      STOA_PUSH(arena, &terms, t);
    }
    out->n_rows++;
  }
  out->rows = terms.items;
}

static bool is_boolean(stoa_slice text, stoa_results *out)
{
  const char *const at = memmem(text.data, text.length, "<boolean>", 9);
  out->is_boolean = at != NULL;
  out->truth = at && memmem(at, text.length - (size_t)(at - text.data), "true", 4) != NULL;
  return out->is_boolean;
}

stoa_status stoa_results_read(const char *path, stoa_arena *arena, stoa_results *out, stoa_error *err)
{
  const char *const dot = strrchr(path, '.');
  stoa_slice text;
  *out = (stoa_results){0};
  if (!dot || (strcasecmp(dot, ".srx") != 0 && strcasecmp(dot, ".xml") != 0)) {
    return stoa_error_at(err, STOA_UNSUPPORTED, (stoa_place){path, 0, 0},
                         "only result documents in XML (.srx) can be read");
  }
  STOA_TRY(stoa_file_read(path, arena, &text, err));
  if (is_boolean(text, out)) {
    return STOA_OK;
  }
  rasqal_world *const world = rasqal_new_world();
  rasqal_world_open(world);
  raptor_world *const raptor = rasqal_world_get_raptor(world);
  raptor_uri *const base = raptor_new_uri(raptor, (const unsigned char *)"http://results.example/");
  raptor_iostream *const stream = raptor_new_iostream_from_string(raptor, (void *)text.data, text.length);
  rasqal_query_results *const results = rasqal_new_query_results2(world, NULL, RASQAL_QUERY_RESULTS_BINDINGS);
  rasqal_query_results_formatter *const formatter = rasqal_new_query_results_formatter(world, "xml", NULL, NULL);
  stoa_status status = STOA_OK;
  if (!formatter || !results || rasqal_query_results_formatter_read(world, stream, formatter, results, base) != 0) {
    status = stoa_error_at(err, STOA_BAD_SYNTAX, (stoa_place){path, 1, 1}, "is no SPARQL result document in XML");
  } else {
    take_rows(results, arena, out);
  }
  if (formatter) {
    rasqal_free_query_results_formatter(formatter);
  }
  if (results) {
    rasqal_free_query_results(results);
  }
  raptor_free_iostream(stream);
  raptor_free_uri(base);
  rasqal_free_world(world);
  return status;
}
