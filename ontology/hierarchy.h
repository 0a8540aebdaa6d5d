#ifndef STOA_ONTOLOGY_HIERARCHY_H
#define STOA_ONTOLOGY_HIERARCHY_H

#include "graph/redland/model.h"
#include "graph/base/map.h"

/// The hierarchies of an ontology: for each class and property everything above it, the term itself
/// included (rdfs:subClassOf, rdfs:subPropertyOf, owl:equivalentClass, owl:equivalentProperty), the
/// inverses of properties (owl:inverseOf), and the classes of their subjects and objects (rdfs:domain, rdfs:range).
typedef STOA_LIST(const char *) stoa_iris;

typedef struct {
  stoa_arena *arena;
  stoa_map above_class, above_property; ///< IRI -> stoa_iris: what it is declared to be under
  stoa_map classes, properties;         ///< IRI -> stoa_iris: everything above, as far as it was asked for
  stoa_map inverse;                     ///< IRI -> stoa_iris
  stoa_map domain, range;               ///< IRI of a property -> stoa_iris
  stoa_map declared;                    ///< IRI of every declared class and property
  stoa_map declared_classes, declared_properties; ///< which of them are which
} stoa_hierarchy;

/// Read the hierarchies; cycles make terms equivalent.
void stoa_hierarchy_read(stoa_hierarchy *hierarchy, stoa_model *model, stoa_arena *arena);
/// Everything above a class (or property), itself first.
const stoa_iris *stoa_hierarchy_classes(stoa_hierarchy *hierarchy, const char *iri);
const stoa_iris *stoa_hierarchy_properties(stoa_hierarchy *hierarchy, const char *iri);
/// The inverses of a property; NULL when there are none.
const stoa_iris *stoa_hierarchy_inverses(const stoa_hierarchy *hierarchy, const char *iri);
/// The classes that a property's subjects (objects) are in; NULL when there are none.
const stoa_iris *stoa_hierarchy_domain(const stoa_hierarchy *hierarchy, const char *iri);
const stoa_iris *stoa_hierarchy_range(const stoa_hierarchy *hierarchy, const char *iri);
/// True when the ontology declares the class or property, or no ontology is there to ask.
bool stoa_hierarchy_knows(const stoa_hierarchy *hierarchy, const char *iri);
/// The declared class, or else property, whose IRI is nearest to `iri`; or NULL.
const char *stoa_hierarchy_nearest(const stoa_hierarchy *hierarchy, bool of_class, const char *iri, stoa_arena *arena);

#endif
