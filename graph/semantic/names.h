#ifndef STOA_GRAPH_SEMANTIC_NAMES_H
#define STOA_GRAPH_SEMANTIC_NAMES_H

#include "graph/plan/makes.h"

/// What the names of semantic SQL stand for: its tables are classes, its columns properties.  The compiler asks, the
/// ontology's room answers (ontology/lexicon.h).

/// What a property gives for those of a class, as far as the mappings tell.
typedef struct {
  const char *iri, *local; ///< local: as the ontology spells it
  stoa_kinds kinds;        ///< of its values
  bool whole;              ///< all of its numbers are xsd:integer
  bool zoneless;           ///< its times are known to have no zone
  bool always;             ///< whatever is of the class has a value
} stoa_semantic_property;

typedef struct stoa_semantic_class {
  const char *iri, *local;
} stoa_semantic_class;

/// Names are matched without regard to the case of letters where only one fits so, for SQL folds what stands in no
/// quotes.  `space`: the namespace that the name is of, or NULL for any.  What is not known is refused, at `place`,
/// with the name that may have been meant.  Results live in `arena`.
typedef struct stoa_semantic_names {
  stoa_status (*class_of)(const struct stoa_semantic_names *names, const char *space, const char *name,
                          stoa_place place, stoa_arena *arena, stoa_semantic_class *out, stoa_error *err);
  stoa_status (*property_of)(const struct stoa_semantic_names *names, const stoa_semantic_class *klass,
                             const char *space, const char *name, stoa_place place, stoa_arena *arena,
                             stoa_semantic_property *out, stoa_error *err);
} stoa_semantic_names;

#endif
