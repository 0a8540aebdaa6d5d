// stoa features registry: what is declared of features, as Turtle.
#include "cli/cli.h"
#include "cli/features.h"
#include "graph/term/vocab.h"
#include <stdio.h>

static bool print(void *data, const char *bytes, size_t n_bytes)
{
  return fwrite(bytes, 1, n_bytes, data) == n_bytes;
}

int stoa_cli_registry(stoa_engine *engine)
{
  static const char text[] =
    "PREFIX stoa: <" STOA_NS "> PREFIX dcterms: <" STOA_DCTERMS "> PREFIX prov: <" STOA_PROV "> PREFIX xsd: <" STOA_XSD
    "> PREFIX rdf: <" STOA_RDF "> PREFIX rdfs: <" STOA_RDFS ">\n"
    "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <" STOA_REGISTRY "> { ?s ?p ?o } } ORDER BY ?s ?p ?o";
  const stoa_sink sink = {print, stdout};
  stoa_context context;
  stoa_error err = {0};
  stoa_context_init(&context, stoa_engine_now(engine));
  return stoa_engine_query(engine, text, &context, STOA_FORMAT_TURTLE, sink, &err) == STOA_OK ? 0 : stoa_cli_fail(&err);
}
