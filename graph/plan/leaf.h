#ifndef STOA_GRAPH_PLAN_LEAF_H
#define STOA_GRAPH_PLAN_LEAF_H

#include "graph/sparql/algebra.h"
#include "graph/source/source.h"

/// What the rewriter answers: a quad pattern stands for a union of leaves.  A leaf is a table or a
/// view (two, for a join of triples maps) with one term constructor for each place of the quad.

typedef enum {
  STOA_CTOR_CONSTANT,
  STOA_CTOR_COLUMN,
  STOA_CTOR_TEMPLATE,
  STOA_CTOR_PACKED ///< a column that holds any term, packed (packed.h); never in a mapping
} stoa_ctor_kind;

struct stoa_home;

/// How a term is made from a row.
typedef struct {
  stoa_ctor_kind kind;
  stoa_term_kind makes; ///< STOA_TERM_IRI, STOA_TERM_BLANK, or STOA_TERM_TYPED for any literal
  stoa_term constant;
  const stoa_template *tmpl;
  stoa_slice datatype; ///< of a literal; empty: natural mapping of the column's type
  stoa_slice language;
  const char *base; ///< put before relative IRIs of a COLUMN
  uint32_t table;   ///< index into the leaf's tables
  const stoa_column_info *columns[STOA_TEMPLATE_COLUMNS];
  uint32_t n_columns;
  char apart; ///< of a TEMPLATE: a letter that no value of its columns has (apart.h); 0: values may have any
  stoa_place place;             ///< in the mapping
  const struct stoa_home *home; ///< the triples map that it stands in; NULL: it is none of a mapping
} stoa_ctor;

typedef struct {
  const char *table; ///< catalog name, or NULL
  const char *view;  ///< SQL text of an R2RML view, or NULL
  const stoa_table_info *info;
  const stoa_table_info *base; ///< of a view that picks rows of one table: that table; or NULL
} stoa_leaf_table;

/// A triples map, for the one who asks where a term that cannot be made comes from.
typedef struct stoa_home {
  const char *name; ///< of the triples map
  stoa_source *source;
  stoa_leaf_table table;
} stoa_home;

typedef struct {
  const stoa_column_info *child, *parent; ///< of tables[0] and tables[1]
} stoa_leaf_join;

typedef struct stoa_leaf {
  stoa_source *source;
  bool native; ///< a quad scan: the pattern itself is asked
  stoa_leaf_table tables[2];
  uint32_t n_tables;
  const stoa_leaf_join *joins;
  uint32_t n_joins;
  stoa_ctor subject, predicate, object, graph; ///< graph.constant unbound: the default graph
  stoa_ctor witness; ///< of a class that a property's domain or range tells: the other end, which must be there too
  const char *triples_map; ///< its IRI, for lineage and explain
} stoa_leaf;

typedef STOA_LIST(const stoa_leaf *) stoa_leaves;

/// The one way from a pattern to data; filled by the ontology's room.  Hierarchies, consent, roles and
/// as-of cuts happen inside `define`; no query goes around it.
typedef struct stoa_rewriter {
  stoa_status (*define)(const struct stoa_rewriter *rewriter, const stoa_pattern *pattern, const stoa_context *context,
                        stoa_arena *arena, stoa_leaves *out, stoa_error *err);
  /// Does anything at all define the class (or property) `iri`?  If not, `near` is one that may have been meant, or
  /// NULL.  May be NULL: nobody is warned.
  bool (*knows)(const struct stoa_rewriter *rewriter, bool of_class, stoa_term iri, stoa_arena *arena,
                const char **near);
  struct stoa_plans *plans; ///< where plans over it are kept (plans.h), or NULL
} stoa_rewriter;

#endif
