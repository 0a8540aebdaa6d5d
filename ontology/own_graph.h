#ifndef STOA_ONTOLOGY_OWN_GRAPH_H
#define STOA_ONTOLOGY_OWN_GRAPH_H

#include "graph/source/source.h"

/// A graph in which the engine tells of itself.  It is no part of the default graph, nor one that a variable of GRAPH
/// ranges over: patterns read it that name it.  The first of them has it made, in memory, out of what there is anyway;
/// who never asks pays nothing.  Any thread.
typedef struct stoa_own_graph stoa_own_graph;

/// `tell` adds the quads, in the graph `name`, with stoa_source_native_add; `data` must outlive the graph.
stoa_own_graph *stoa_own_graph_new(const char *name, void (*tell)(const void *data, stoa_source *graph),
                                   const void *data);
/// Release it, after the plans that read it.
void stoa_own_graph_free(stoa_own_graph *graph);
/// True when the term is its name.
bool stoa_own_graph_is(const stoa_own_graph *graph, stoa_term name);
/// The quads.
stoa_source *stoa_own_graph_source(stoa_own_graph *graph);
/// True when it tells of the IRI, as a class, a property or a thing.
bool stoa_own_graph_describes(stoa_own_graph *graph, stoa_term iri);

#endif
