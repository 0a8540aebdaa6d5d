#ifndef STOA_GRAPH_TERM_VOCAB_H
#define STOA_GRAPH_TERM_VOCAB_H

/// IRIs that the engine itself speaks of.
#define STOA_XSD "http://www.w3.org/2001/XMLSchema#"
#define STOA_RDF "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#define STOA_RDFS "http://www.w3.org/2000/01/rdf-schema#"
#define STOA_OWL "http://www.w3.org/2002/07/owl#"
#define STOA_RR "http://www.w3.org/ns/r2rml#"
#define STOA_DCTERMS "http://purl.org/dc/terms/"
#define STOA_PROV "http://www.w3.org/ns/prov#"
#define STOA_NS "https://stoa.example/ns#"
/// The graph in which an engine tells what is declared of features: only patterns that name it read it.
#define STOA_REGISTRY STOA_NS "registry"
#define STOA_RDF_TYPE STOA_RDF "type"
#define STOA_RDF_LANGSTRING STOA_RDF "langString"
#define STOA_RDF_JSON STOA_RDF "JSON"

#endif
