// SPARQL Query Results XML Format, pulled node by node from libxml2's reader (the only file that knows it is this one).
#include "graph/base/worlds.h"
#include "graph/rdf/results_builder.h"
#include <libxml/xmlreader.h>
#include <limits.h>
#include <stdio.h>

enum { DEEPEST = 8 };

typedef enum {
  PLACE_OTHER, ///< an element that says nothing to us, such as link
  PLACE_SPARQL,
  PLACE_HEAD,
  PLACE_VARIABLE,
  PLACE_BOOLEAN,
  PLACE_RESULTS,
  PLACE_RESULT,
  PLACE_BINDING,
  PLACE_IRI,
  PLACE_LITERAL,
  PLACE_BLANK
} place;

// Where each element may stand.
static const struct {
  const char *name;
  place within, is;
} elements[] = {{"head", PLACE_SPARQL, PLACE_HEAD},        {"variable", PLACE_HEAD, PLACE_VARIABLE},
                {"link", PLACE_HEAD, PLACE_OTHER},         {"boolean", PLACE_SPARQL, PLACE_BOOLEAN},
                {"results", PLACE_SPARQL, PLACE_RESULTS},  {"result", PLACE_RESULTS, PLACE_RESULT},
                {"binding", PLACE_RESULT, PLACE_BINDING},  {"uri", PLACE_BINDING, PLACE_IRI},
                {"literal", PLACE_BINDING, PLACE_LITERAL}, {"bnode", PLACE_BINDING, PLACE_BLANK}};

typedef struct {
  stoa_results_builder *b;
  xmlTextReader *xml;
  place open[DEEPEST];
  int depth;
  bool answers, bound; ///< an answer was there; the binding has its term
  uint32_t column;
  stoa_buf text, language, datatype;
  int line; ///< of the first fault that libxml2 told
  char why[160];
} reader;

static void note_fault(void *data, xmlErrorPtr error)
{
  reader *const r = data;
  if (!r->why[0] && error->message) {
    snprintf(r->why, sizeof r->why, "%.*s", (int)strcspn(error->message, "\n"), error->message);
    r->line = error->line;
  }
}

static stoa_status fault(reader *r, const char *what)
{
  return stoa_results_fault(r->b, xmlTextReaderGetParserLineNumber(r->xml), what);
}

static void take_attribute(reader *r, const char *name, stoa_buf *out)
{
  xmlChar *const value = xmlTextReaderGetAttribute(r->xml, (const xmlChar *)name);
  out->length = 0;
  if (value) {
    stoa_buf_text(out, (const char *)value);
    xmlFree(value);
  }
}

static stoa_slice slice_of(const stoa_buf *buf)
{
  return (stoa_slice){buf->data ? buf->data : "", buf->length};
}

static stoa_status place_of(reader *r, place *out)
{
  const char *const name = (const char *)xmlTextReaderConstLocalName(r->xml);
  const char *const space = (const char *)xmlTextReaderConstNamespaceUri(r->xml);
  if (!space || strcmp(space, "http://www.w3.org/2005/sparql-results#") != 0) {
    return fault(r, "an element that is not of sparql-results#");
  }
  if (r->depth == 0 && strcmp(name, "sparql") == 0) {
    *out = PLACE_SPARQL;
    return STOA_OK;
  }
  for (size_t i = 0; r->depth && i < sizeof elements / sizeof *elements; ++i) {
    if (elements[i].within == r->open[r->depth - 1] && strcmp(elements[i].name, name) == 0) {
      *out = elements[i].is;
      return STOA_OK;
    }
  }
  return fault(r, "an element that may not stand there");
}

static stoa_status begin_binding(reader *r)
{
  take_attribute(r, "name", &r->text);
  if (r->text.length == 0) {
    return fault(r, "a variable or binding has no name");
  }
  r->column = stoa_results_column(r->b, slice_of(&r->text));
  r->bound = false;
  return STOA_OK;
}

static stoa_status begin_term(reader *r)
{
  if (r->bound) {
    return fault(r, "a binding has two terms");
  }
  r->bound = true;
  take_attribute(r, "xml:lang", &r->language);
  take_attribute(r, "datatype", &r->datatype);
  r->text.length = 0;
  return STOA_OK;
}

static stoa_status begin(reader *r)
{
  place at = PLACE_OTHER;
  STOA_TRY(place_of(r, &at));
  if (r->depth == DEEPEST) {
    return fault(r, "elements nested deeper than any of a result document");
  }
  r->open[r->depth++] = at;
  switch (at) {
    case PLACE_BOOLEAN:
    case PLACE_RESULTS:
      if (r->answers) {
        return fault(r, "two answers in one document");
      }
      r->answers = true;
      r->text.length = 0;
      return STOA_OK;
    case PLACE_VARIABLE:
    case PLACE_BINDING:
      return begin_binding(r);
    case PLACE_IRI:
    case PLACE_LITERAL:
    case PLACE_BLANK:
      return begin_term(r);
    default:
      return STOA_OK;
  }
}

static stoa_status end_boolean(reader *r)
{
  stoa_slice x = slice_of(&r->text);
  while (x.length && memchr(" \t\r\n", x.data[0], 4)) {
    x = (stoa_slice){x.data + 1, x.length - 1};
  }
  while (x.length && memchr(" \t\r\n", x.data[x.length - 1], 4)) {
    x.length--;
  }
  r->b->is_boolean = true;
  r->b->truth = stoa_slice_is(x, "true") || stoa_slice_is(x, "1");
  const bool no = stoa_slice_is(x, "false") || stoa_slice_is(x, "0");
  return r->b->truth || no ? STOA_OK : fault(r, "the boolean is neither true nor false");
}

static stoa_status end(reader *r)
{
  const stoa_slice none = {"", 0};
  switch (r->open[--r->depth]) {
    case PLACE_IRI:
      return stoa_results_bind(r->b, r->column, STOA_BINDING_IRI, slice_of(&r->text), none, none);
    case PLACE_BLANK:
      return stoa_results_bind(r->b, r->column, STOA_BINDING_BLANK, slice_of(&r->text), none, none);
    case PLACE_LITERAL:
      return stoa_results_bind(r->b, r->column, STOA_BINDING_LITERAL, slice_of(&r->text), slice_of(&r->language),
                               slice_of(&r->datatype));
    case PLACE_BINDING:
      return r->bound ? STOA_OK : fault(r, "a binding has no term");
    case PLACE_RESULT:
      return stoa_results_end_row(r->b);
    case PLACE_BOOLEAN:
      return end_boolean(r);
    default:
      return STOA_OK;
  }
}

static bool takes_text(const reader *r)
{
  const place at = r->depth ? r->open[r->depth - 1] : PLACE_OTHER;
  return at == PLACE_IRI || at == PLACE_LITERAL || at == PLACE_BLANK || at == PLACE_BOOLEAN;
}

static stoa_status take_node(reader *r)
{
  switch (xmlTextReaderNodeType(r->xml)) {
    case XML_READER_TYPE_ELEMENT: {
      const bool is_empty = xmlTextReaderIsEmptyElement(r->xml) == 1;
      STOA_TRY(begin(r));
      return is_empty ? end(r) : STOA_OK;
    }
    case XML_READER_TYPE_END_ELEMENT:
      return end(r);
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
      if (!takes_text(r)) {
        return fault(r, "text between elements");
      }
      stoa_buf_text(&r->text, (const char *)xmlTextReaderConstValue(r->xml));
      return STOA_OK;
    case XML_READER_TYPE_WHITESPACE:
    case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
      if (takes_text(r)) {
        stoa_buf_text(&r->text, (const char *)xmlTextReaderConstValue(r->xml));
      }
      return STOA_OK;
    case XML_READER_TYPE_DOCUMENT_TYPE:
    case XML_READER_TYPE_ENTITY_REFERENCE:
      return fault(r, "a document type or entity");
    default:
      return STOA_OK;
  }
}

static stoa_status read_nodes(reader *r)
{
  for (;;) {
    const int more = xmlTextReaderRead(r->xml);
    if (more < 0) {
      return stoa_results_fault(r->b, r->line, r->why[0] ? r->why : "no well-formed XML");
    }
    if (more == 0) {
      return r->answers ? STOA_OK : fault(r, "neither results nor a boolean");
    }
    STOA_TRY(take_node(r));
  }
}

// True when the document is in an encoding that has ASCII's signs, and no document type stands before its first
// element.
static bool is_plain(stoa_slice text)
{
  const size_t mark = text.length >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
  const char *at = text.data + mark;
  const char *const stop = text.data + text.length;
  while (at && stop - at > 2 && *at == '<' && (at[1] == '?' || at[1] == '!')) {
    const bool comment = stop - at > 4 && memcmp(at, "<!--", 4) == 0;
    if (at[1] == '!' && !comment) {
      return false;
    }
    at = memmem(at, (size_t)(stop - at), comment ? "-->" : "?>", comment ? 3 : 2);
    at = at ? memchr(at, '<', (size_t)(stop - at)) : NULL;
  }
  return at && stop - at > 1 && *at == '<' && at[1];
}

// Entities, which could make much of little, are refused with their declarations.  Without any, texts may be long, for
// the whole document is here already; and nothing else is fetched.
static stoa_status read_document(stoa_results_builder *b, stoa_slice text)
{
  reader r = {.b = b};
  xmlInitParser(); // again, for raptor may have ended it
  r.xml = xmlReaderForMemory(text.data ? text.data : "", (int)text.length, NULL, NULL,
                             XML_PARSE_NONET | (is_plain(text) ? XML_PARSE_HUGE : 0));
  if (!r.xml) {
    return stoa_results_fault(b, 1, "no XML");
  }
  xmlTextReaderSetStructuredErrorHandler(r.xml, note_fault, &r);
  const stoa_status status = read_nodes(&r);
  xmlFreeTextReader(r.xml);
  stoa_buf_done(&r.text);
  stoa_buf_done(&r.language);
  stoa_buf_done(&r.datatype);
  return status;
}

// Not while RDF is being loaded (worlds.h), for which the request waits no longer than it may.
stoa_status stoa_results_read_xml(stoa_results_builder *b, stoa_slice text)
{
  if (text.length > INT_MAX) {
    return stoa_error_set(b->err, STOA_LIMIT, "%s: a result document of more than 2 GiB", b->name);
  }
  while (!stoa_worlds_enter_soon()) {
    if (b->context) {
      STOA_TRY(stoa_context_check(b->context, b->err));
    }
  }
  const stoa_status status = read_document(b, text);
  stoa_worlds_leave();
  return status;
}
