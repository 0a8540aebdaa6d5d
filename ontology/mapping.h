#ifndef STOA_ONTOLOGY_MAPPING_H
#define STOA_ONTOLOGY_MAPPING_H

#include "graph/plan/leaf.h"
#include "graph/redland/model.h"
#include "ontology/hierarchy.h"

struct stoa_own_graph;

/// What is said of the data that no database vouches for: columns that tell every row apart, or lead to a row of
/// `parent` (claims.h).
typedef struct {
  stoa_source *source;
  const stoa_table_info *table;
  const char *view; ///< SQL of an R2RML view, or NULL
  const stoa_column_info **columns;
  uint32_t n;
  const stoa_table_info *parent; ///< of a reference; or NULL
  const stoa_column_info **to;
  stoa_place place;
} stoa_claim;

/// R2RML mappings (W3C Recommendation 2012) as leaves, saturated with the ontology's hierarchies at
/// load, so that a query pays nothing for them.
typedef struct {
  stoa_rewriter rewriter; ///< first: `define` finds its mapping by it
  stoa_arena *arena;
  stoa_map by_predicate; ///< IRI -> stoa_leaves
  stoa_map by_class;     ///< IRI -> stoa_leaves with rdf:type
  stoa_leaves all;
  stoa_map buckets;  ///< of the lists' leaves, those that may contain each other (rewriter.c)
  stoa_leaves loose; ///< whose predicate, or whose class, is no constant
  STOA_LIST(stoa_claim) claims;
  stoa_source *native; ///< asked for every pattern too; may be NULL
  struct stoa_own_graph *own; ///< asked alone, for the patterns that name it (own_graph.h); may be NULL
  const stoa_hierarchy *hierarchy; ///< whose classes and properties are declared; NULL: none
} stoa_mapping;

/// Prepare an empty mapping.
void stoa_mapping_init(stoa_mapping *mapping, stoa_arena *arena);
/// Add the triples maps of `model`, which speak of `source`.  Every fault goes to `faults` with its
/// place and the remedy; what is right is added all the same.
void stoa_mapping_add(stoa_mapping *mapping, stoa_model *model, stoa_source *source, const stoa_catalog *catalog,
                      const char *base, stoa_hierarchy *hierarchy, stoa_faults *faults);
/// Does a mapping, the ontology or the native graph know the class (or property)?  If not, `near` is a known IRI that
/// may have been meant, in `arena`, or NULL.  It is the mapping's stoa_rewriter.knows.
bool stoa_mapping_knows(const stoa_rewriter *rewriter, bool of_class, stoa_term iri, stoa_arena *arena,
                        const char **near);
/// Add one leaf with all that follows from it by the hierarchies.
void stoa_mapping_add_leaf(stoa_mapping *mapping, const stoa_leaf *leaf, stoa_hierarchy *hierarchy);

#endif
