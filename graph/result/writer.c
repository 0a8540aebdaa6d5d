// One table of formats; rows are written into a buffer that goes out when it is full.
#include "graph/result/writer.h"
#include "graph/plan/plan.h"
#include "graph/result/table.h"
#include <math.h>
#include <stdlib.h>

enum { FLUSH_BYTES = 32768, TABLE_ROWS = 10000 };

struct stoa_result_writer {
  stoa_format format;
  const stoa_plan *plan;
  stoa_sink sink;
  stoa_buf buf, text;
  uint64_t n_rows;
  bool truth;
  stoa_rdf_writer *rdf;
  stoa_arena arena; ///< rows of a table, widths are known at its end
  STOA_LIST(const char *) cells;
  uint64_t n_blank; ///< of CONSTRUCT: one set of blank nodes a row
};

static const struct {
  const char *name, *media_type;
  bool graph;
} formats[] = {{"json", "application/sparql-results+json", false},
               {"xml", "application/sparql-results+xml", false},
               {"csv", "text/csv; charset=utf-8", false},
               {"tsv", "text/tab-separated-values; charset=utf-8", false},
               {"table", "text/plain; charset=utf-8", false},
               {"nt", "application/n-triples", true},
               {"rdfxml", "application/rdf+xml", true},
               {"ttl", "text/turtle", true}};

const char *stoa_format_media_type(stoa_format format)
{
  return formats[format].media_type;
}

bool stoa_format_read(const char *name, stoa_format *out)
{
  for (size_t i = 0; i < sizeof formats / sizeof *formats; ++i) {
    if (strcmp(formats[i].name, name) == 0) {
      *out = (stoa_format)i;
      return true;
    }
  }
  return false;
}

bool stoa_format_is_graph(stoa_format format)
{
  return formats[format].graph;
}

static stoa_status flush(stoa_result_writer *w, stoa_error *err)
{
  if (w->buf.length && !w->sink.write(w->sink.data, w->buf.data, w->buf.length)) {
    return stoa_error_set(err, STOA_IO, "the reader of the answer is gone");
  }
  w->buf.length = 0;
  return STOA_OK;
}

static const char *column_name(const stoa_result_writer *w, uint32_t i)
{
  return w->plan->query->names[w->plan->query->columns[i]];
}

static stoa_slice lexical(stoa_result_writer *w, stoa_term t)
{
  w->text.length = 0;
  stoa_term_write_lexical(t, &w->text);
  return (stoa_slice){w->text.data, w->text.length};
}

// ---- JSON

static void json_term(stoa_result_writer *w, stoa_term t)
{
  stoa_buf *const out = &w->buf;
  stoa_buf_text(out, stoa_term_is_iri(t)         ? "{\"type\":\"uri\",\"value\":"
                     : t.kind == STOA_TERM_BLANK ? "{\"type\":\"bnode\",\"value\":"
                                                 : "{\"type\":\"literal\",\"value\":");
  stoa_buf_json(out, lexical(w, t));
  if (t.kind == STOA_TERM_LANG) {
    stoa_buf_text(out, ",\"xml:lang\":");
    stoa_buf_json(out, stoa_term_language(t));
  } else if (t.kind > STOA_TERM_STRING) {
    stoa_buf_text(out, ",\"datatype\":");
    stoa_buf_json(out, stoa_term_datatype(t));
  }
  stoa_buf_byte(out, '}');
}

static void json_row(stoa_result_writer *w, const stoa_term *row, uint32_t n)
{
  bool any = false;
  stoa_buf_text(&w->buf, w->n_rows ? ",\n{" : "\n{");
  for (uint32_t i = 0; i < n; ++i) {
    if (stoa_term_is_bound(row[i])) {
      if (any) {
        stoa_buf_byte(&w->buf, ',');
      }
      stoa_buf_json(&w->buf, stoa_slice_of(column_name(w, i)));
      stoa_buf_byte(&w->buf, ':');
      json_term(w, row[i]);
      any = true;
    }
  }
  stoa_buf_byte(&w->buf, '}');
}

// ---- XML

static void xml_text(stoa_buf *out, stoa_slice text)
{
  for (size_t i = 0; i < text.length; ++i) {
    const char c = text.data[i];
    if (c == '<') {
      stoa_buf_text(out, "&lt;");
    } else if (c == '>') {
      stoa_buf_text(out, "&gt;");
    } else if (c == '&') {
      stoa_buf_text(out, "&amp;");
    } else if (c == '"') {
      stoa_buf_text(out, "&quot;");
    } else if (c == '\r') {
      stoa_buf_text(out, "&#xD;");
    } else if (i + 2 < text.length && memcmp(text.data + i, "\xEF\xBF", 2) == 0 && (text.data[i + 2] & 0xFE) == 0xBE) {
      stoa_buf_text(out, "\xEF\xBF\xBD"); // U+FFFE and U+FFFF are no characters of it either
      i += 2;
    } else if ((unsigned char)c >= 0x20 || c == '\n' || c == '\t') {
      stoa_buf_byte(out, c);
    } else {
      stoa_buf_text(out, "\xEF\xBF\xBD"); // XML 1.0 has no such character
    }
  }
}

static void xml_term(stoa_result_writer *w, stoa_term t)
{
  stoa_buf *const out = &w->buf;
  const char *const kind = stoa_term_is_iri(t) ? "uri" : t.kind == STOA_TERM_BLANK ? "bnode" : "literal";
  stoa_buf_print(out, "<%s", kind);
  if (t.kind == STOA_TERM_LANG) {
    stoa_buf_text(out, " xml:lang=\"");
    xml_text(out, stoa_term_language(t));
    stoa_buf_byte(out, '"');
  } else if (t.kind > STOA_TERM_STRING) {
    stoa_buf_text(out, " datatype=\"");
    xml_text(out, stoa_term_datatype(t));
    stoa_buf_byte(out, '"');
  }
  stoa_buf_byte(out, '>');
  xml_text(out, lexical(w, t));
  stoa_buf_print(out, "</%s>", kind);
}

static void xml_row(stoa_result_writer *w, const stoa_term *row, uint32_t n)
{
  stoa_buf_text(&w->buf, "  <result>");
  for (uint32_t i = 0; i < n; ++i) {
    if (stoa_term_is_bound(row[i])) {
      stoa_buf_text(&w->buf, "<binding name=\"");
      xml_text(&w->buf, stoa_slice_of(column_name(w, i)));
      stoa_buf_text(&w->buf, "\">");
      xml_term(w, row[i]);
      stoa_buf_text(&w->buf, "</binding>");
    }
  }
  stoa_buf_text(&w->buf, "</result>\n");
}

// ---- CSV and TSV

static void csv_row(stoa_result_writer *w, const stoa_term *row, uint32_t n)
{
  for (uint32_t i = 0; i < n; ++i) {
    if (i) {
      stoa_buf_byte(&w->buf, ',');
    }
    if (row[i].kind == STOA_TERM_BLANK) {
      stoa_buf_text(&w->buf, "_:");
    }
    const size_t start = w->buf.length;
    stoa_term_write_lexical(row[i], &w->buf);
    if (stoa_csv_needs_quotes((stoa_slice){w->buf.data + start, w->buf.length - start})) {
      w->buf.length = start;
      stoa_buf_csv(&w->buf, lexical(w, row[i]));
    }
  }
  stoa_buf_text(&w->buf, "\r\n");
}

static void tsv_row(stoa_result_writer *w, const stoa_term *row, uint32_t n)
{
  for (uint32_t i = 0; i < n; ++i) {
    if (i) {
      stoa_buf_byte(&w->buf, '\t');
    }
    if (row[i].kind == STOA_TERM_INTEGER || (row[i].kind == STOA_TERM_DOUBLE && isfinite(row[i].as.real))) {
      stoa_term_write_lexical(row[i], &w->buf);
    } else if (stoa_term_is_bound(row[i])) {
      const size_t start = w->buf.length;
      stoa_term_write(row[i], &w->buf);
      for (size_t k = start; k < w->buf.length; ++k) {
        if (w->buf.data[k] == '\t') { // N-Triples may leave a tab as it is, TSV may not
          stoa_buf tail = {0};
          stoa_buf_add(&tail, w->buf.data + k + 1, w->buf.length - k - 1);
          w->buf.length = k;
          stoa_buf_text(&w->buf, "\\t");
          stoa_buf_add(&w->buf, tail.data, tail.length);
          stoa_buf_done(&tail);
        }
      }
    }
  }
  stoa_buf_byte(&w->buf, '\n');
}

// ---- a table for a person: widths need all cells, so a table is kept, up to TABLE_ROWS rows

static void table_row(stoa_result_writer *w, const stoa_term *row, uint32_t n)
{
  for (uint32_t i = 0; w->n_rows < TABLE_ROWS && i < n; ++i) {
    const stoa_slice text = lexical(w, row[i]);
    const char *const cell = stoa_arena_copy(&w->arena, text);
    STOA_PUSH(&w->arena, &w->cells, cell);
  }
}

static stoa_status table_end(stoa_result_writer *w, stoa_error *err)
{
  const uint32_t n = w->plan->query->n_columns;
  const char **const names = STOA_NEWS(&w->arena, const char *, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    names[i] = column_name(w, i);
  }
  STOA_TRY(stoa_table_write(names, n, w->cells.items, n ? w->cells.n / n : 0, &w->buf, err));
  stoa_buf_print(&w->buf, "(%llu row%s%s)\n", (unsigned long long)w->n_rows, w->n_rows == 1 ? "" : "s",
                 w->n_rows > TABLE_ROWS ? "; the first 10000 shown, --format csv gives all" : "");
  return STOA_OK;
}

// ---- graphs

static stoa_term slot_term(stoa_result_writer *w, const stoa_slot *slot, const stoa_batch *batch, uint32_t row)
{
  if (slot->var == STOA_NO_VAR) {
    return slot->term;
  }
  const int column = stoa_plan_column(w->plan->root, slot->var);
  if (column >= 0) {
    return batch->columns[column][row];
  }
  const char *const name = w->plan->query->names[slot->var];
  if (name[0] != '_') {
    return (stoa_term){0};
  }
  return stoa_term_blank(
    stoa_slice_of(stoa_arena_print(&w->arena, "r%llu%s", (unsigned long long)w->n_blank, name + 2)));
}

static stoa_status graph_rows(stoa_result_writer *w, const stoa_batch *batch, stoa_error *err)
{
  const stoa_query *const query = w->plan->query;
  for (uint32_t row = 0; row < batch->n_rows; ++row) {
    stoa_arena_reset(&w->arena);
    w->n_blank++;
    for (uint32_t i = 0; i < query->n_construct; ++i) {
      const stoa_pattern *const p = &query->construct[i];
      const stoa_term s = slot_term(w, &p->subject, batch, row), pr = slot_term(w, &p->predicate, batch, row),
                      o = slot_term(w, &p->object, batch, row);
      if (stoa_term_is_bound(s) && stoa_term_is_bound(pr) && stoa_term_is_bound(o)) {
        w->n_rows++;
        STOA_TRY(stoa_rdf_writer_add(w->rdf, s, pr, o, err));
      }
    }
  }
  return STOA_OK;
}

// ---- the common frame

static void write_head(stoa_result_writer *w)
{
  const stoa_query *const query = w->plan->query;
  const bool ask = query->form == STOA_FORM_ASK;
  switch (w->format) {
    case STOA_FORMAT_JSON:
      stoa_buf_text(&w->buf, ask ? "{\"head\":{}," : "{\"head\":{\"vars\":[");
      for (uint32_t i = 0; !ask && i < query->n_columns; ++i) {
        stoa_buf_text(&w->buf, i ? "," : "");
        stoa_buf_json(&w->buf, stoa_slice_of(column_name(w, i)));
      }
      stoa_buf_text(&w->buf, ask ? "" : "]},\"results\":{\"bindings\":[");
      break;
    case STOA_FORMAT_XML:
      stoa_buf_text(&w->buf,
                    "<?xml version=\"1.0\"?>\n<sparql xmlns=\"http://www.w3.org/2005/sparql-results#\">\n <head>");
      for (uint32_t i = 0; !ask && i < query->n_columns; ++i) {
        stoa_buf_text(&w->buf, "<variable name=\"");
        xml_text(&w->buf, stoa_slice_of(column_name(w, i)));
        stoa_buf_text(&w->buf, "\"/>");
      }
      stoa_buf_text(&w->buf, ask ? "</head>\n" : "</head>\n <results>\n");
      break;
    case STOA_FORMAT_CSV:
    case STOA_FORMAT_TSV:
      for (uint32_t i = 0; !ask && i < query->n_columns; ++i) {
        stoa_buf_print(&w->buf, "%s%s", i ? (w->format == STOA_FORMAT_CSV ? "," : "\t") : "",
                       w->format == STOA_FORMAT_CSV ? "" : "?");
        stoa_buf_text(&w->buf, column_name(w, i));
      }
      stoa_buf_text(&w->buf, ask ? "" : w->format == STOA_FORMAT_CSV ? "\r\n" : "\n");
      break;
    default:
      break;
  }
}

stoa_status stoa_result_writer_new(stoa_format format, const stoa_plan *plan, stoa_sink sink, stoa_result_writer **out,
                                   stoa_error *err)
{
  const bool graph = plan->query->form == STOA_FORM_CONSTRUCT || plan->query->form == STOA_FORM_DESCRIBE;
  if (graph != stoa_format_is_graph(format)) {
    return stoa_error_set(err, STOA_BAD_ARG,
                          graph ? "CONSTRUCT gives a graph: use nt, ttl or rdfxml, not %s"
                                : "this query gives rows: use json, xml, csv, tsv or table, not %s",
                          formats[format].name);
  }
  stoa_result_writer *const w = calloc(1, sizeof *w);
  if (!w) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a writer");
  }
  w->format = format;
  w->plan = plan;
  w->sink = sink;
  stoa_arena_init(&w->arena, 0);
  if (graph) {
    const char *const syntax = format == STOA_FORMAT_RDFXML   ? "rdfxml"
                               : format == STOA_FORMAT_TURTLE ? "turtle"
                                                              : "ntriples";
    const stoa_status status =
      stoa_rdf_writer_new(syntax, plan->query->prefixes, plan->query->n_prefixes, sink, &w->rdf, err);
    if (status != STOA_OK) {
      stoa_result_writer_free(w);
      return status;
    }
  }
  write_head(w);
  *out = w;
  return STOA_OK;
}

void stoa_result_writer_follow(stoa_result_writer *w, const stoa_plan *plan)
{
  w->plan = plan;
}

static void write_row(stoa_result_writer *w, const stoa_term *row, uint32_t n)
{
  switch (w->format) {
    case STOA_FORMAT_JSON:
      json_row(w, row, n);
      break;
    case STOA_FORMAT_XML:
      xml_row(w, row, n);
      break;
    case STOA_FORMAT_CSV:
      csv_row(w, row, n);
      break;
    case STOA_FORMAT_TSV:
      tsv_row(w, row, n);
      break;
    default:
      table_row(w, row, n);
  }
  w->n_rows++;
}

stoa_status stoa_result_writer_add(stoa_result_writer *w, const stoa_batch *batch, stoa_error *err)
{
  const stoa_query *const query = w->plan->query;
  if (w->rdf) {
    return graph_rows(w, batch, err);
  }
  if (query->form == STOA_FORM_ASK) {
    w->truth = true;
    return STOA_OK;
  }
  enum { FEW = 1024 };
  stoa_term few[FEW];
  int columns_few[FEW];
  if (query->n_columns > FEW) {
    return stoa_error_set(err, STOA_TOO_LARGE, "more than %d columns", FEW);
  }
  for (uint32_t i = 0; i < query->n_columns; ++i) {
    columns_few[i] = stoa_plan_column(w->plan->root, query->columns[i]);
  }
  for (uint32_t row = 0; row < batch->n_rows; ++row) {
    for (uint32_t i = 0; i < query->n_columns; ++i) {
      few[i] = columns_few[i] < 0 ? (stoa_term){0} : batch->columns[columns_few[i]][row];
    }
    write_row(w, few, query->n_columns);
    if (w->buf.length > FLUSH_BYTES) {
      STOA_TRY(flush(w, err));
    }
  }
  return STOA_OK;
}

static stoa_status write_tail(stoa_result_writer *w, stoa_error *err)
{
  const char *const truth = w->truth ? "true" : "false";
  const bool ask = w->plan->query->form == STOA_FORM_ASK;
  switch (w->format) {
    case STOA_FORMAT_JSON:
      if (ask) {
        stoa_buf_print(&w->buf, "\"boolean\":%s}\n", truth);
      } else {
        stoa_buf_text(&w->buf, "\n]}}\n");
      }
      break;
    case STOA_FORMAT_XML:
      if (ask) {
        stoa_buf_print(&w->buf, " <boolean>%s</boolean>\n</sparql>\n", truth);
      } else {
        stoa_buf_text(&w->buf, " </results>\n</sparql>\n");
      }
      break;
    default:
      if (ask) {
        stoa_buf_print(&w->buf, "%s\n", truth);
      } else if (w->format == STOA_FORMAT_TABLE) {
        return table_end(w, err);
      }
  }
  return STOA_OK;
}

stoa_status stoa_result_writer_end(stoa_result_writer *w, stoa_error *err)
{
  if (w->rdf) {
    stoa_rdf_writer *const rdf = w->rdf;
    w->rdf = NULL;
    return stoa_rdf_writer_free(rdf, err);
  }
  STOA_TRY(write_tail(w, err));
  return flush(w, err);
}

uint64_t stoa_result_writer_count(const stoa_result_writer *writer)
{
  return writer->n_rows;
}

void stoa_result_writer_free(stoa_result_writer *w)
{
  if (w) {
    stoa_rdf_writer_free(w->rdf, NULL);
    stoa_buf_done(&w->buf);
    stoa_buf_done(&w->text);
    stoa_arena_done(&w->arena);
    free(w);
  }
}
