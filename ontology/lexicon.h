#ifndef STOA_ONTOLOGY_LEXICON_H
#define STOA_ONTOLOGY_LEXICON_H

#include "graph/semantic/names.h"
#include "ontology/mapping.h"

/// What semantic SQL may name: the classes and properties of a mapping, its ontology and its native graph, by the local
/// parts of their IRIs (behind the last # or /).
typedef struct {
  stoa_semantic_names names; ///< first: the lexicon is found by it
  const stoa_mapping *mapping;
} stoa_lexicon;

/// The lexicon of a mapping, which it borrows.
stoa_lexicon stoa_lexicon_of(const stoa_mapping *mapping);

/// Read a query over a mapping: semantic SQL where `sql` says so, or the name of the file (*.sql), and else SPARQL.
stoa_status stoa_lexicon_read(const stoa_mapping *mapping, bool sql, stoa_slice text, const char *file,
                              const char *base, stoa_arena *arena, const stoa_query **out, stoa_error *err);

#endif
