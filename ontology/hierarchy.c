#include "ontology/hierarchy.h"
#include "graph/base/file.h"
#include "graph/term/vocab.h"

static void add_edge(stoa_hierarchy *h, stoa_map *map, const char *from, const char *to)
{
  stoa_iris *list = stoa_map_find(map, stoa_slice_of(from));
  if (!list) {
    list = STOA_NEW(h->arena, stoa_iris);
    stoa_map_add(map, h->arena, stoa_slice_of(from), list);
  }
  for (uint32_t i = 0; i < list->n; ++i) {
    if (strcmp(list->items[i], to) == 0) {
      return;
    }
  }
  STOA_PUSH(h->arena, list, to);
}

static void read_edges(stoa_hierarchy *h, stoa_model *model, const char *property, stoa_map *map, bool both)
{
  stoa_statements found = {0};
  stoa_model_find(model, (stoa_term){0}, stoa_term_iri(stoa_slice_of(property)), (stoa_term){0}, h->arena, &found);
  for (uint32_t i = 0; i < found.n; ++i) {
    if (stoa_term_is_iri(found.items[i].subject) && stoa_term_is_iri(found.items[i].object)) {
      const char *const a = found.items[i].subject.as.text, *const b = found.items[i].object.as.text;
      add_edge(h, map, a, b);
      if (both) {
        add_edge(h, map, b, a);
      }
    }
  }
}

static void add_name(stoa_map *map, const char *iri, stoa_arena *arena)
{
  const stoa_slice key = stoa_slice_of(iri);
  if (!stoa_map_find(map, key)) {
    stoa_map_add(map, arena, key, (void *)iri);
  }
}

static void declare(stoa_hierarchy *h, bool is_class, const char *iri)
{
  add_name(&h->declared, iri, h->arena);
  add_name(is_class ? &h->declared_classes : &h->declared_properties, iri, h->arena);
}

// Vocabularies on the Web say what a name is in many ways: OWL 2 has more kinds of properties than two (RDF-Based
// Semantics, section 5), and whatever stands in a hierarchy is a class or a property (RDF Schema, section 2).
static void read_declared(stoa_hierarchy *h, stoa_model *model)
{
  static const char *const kinds[] = {
    STOA_OWL "Class", STOA_RDFS "Class", STOA_RDFS "Datatype", STOA_OWL "DeprecatedClass",
    // from here on properties
    STOA_RDF "Property", STOA_OWL "ObjectProperty", STOA_OWL "DatatypeProperty", STOA_OWL "AnnotationProperty",
    STOA_OWL "OntologyProperty", STOA_OWL "DeprecatedProperty", STOA_OWL "FunctionalProperty",
    STOA_OWL "InverseFunctionalProperty", STOA_OWL "SymmetricProperty", STOA_OWL "AsymmetricProperty",
    STOA_OWL "TransitiveProperty", STOA_OWL "ReflexiveProperty", STOA_OWL "IrreflexiveProperty",
    STOA_RDFS "ContainerMembershipProperty", NULL};
  enum { N_CLASSES = 4 };
  for (size_t k = 0; kinds[k]; ++k) {
    stoa_statements found = {0};
    stoa_model_find(model, (stoa_term){0}, stoa_term_iri(stoa_slice_of(STOA_RDF_TYPE)),
                    stoa_term_iri(stoa_slice_of(kinds[k])), h->arena, &found);
    for (uint32_t i = 0; i < found.n; ++i) {
      if (stoa_term_is_iri(found.items[i].subject)) {
        declare(h, k < N_CLASSES, found.items[i].subject.as.text);
      }
    }
  }
}

static void declare_edges(stoa_hierarchy *h, const stoa_map *edges, bool from_class, bool to_class)
{
  for (uint32_t i = 0; i < edges->n_slots; ++i) {
    const stoa_iris *const to = edges->slots[i].value;
    if (to) {
      declare(h, from_class, stoa_arena_copy(h->arena, edges->slots[i].key));
    }
    for (uint32_t k = 0; to && k < to->n; ++k) {
      declare(h, to_class, to->items[k]);
    }
  }
}

void stoa_hierarchy_read(stoa_hierarchy *h, stoa_model *model, stoa_arena *arena)
{
  *h = (stoa_hierarchy){.arena = arena};
  read_edges(h, model, STOA_RDFS "subClassOf", &h->above_class, false);
  read_edges(h, model, STOA_OWL "equivalentClass", &h->above_class, true);
  read_edges(h, model, STOA_RDFS "subPropertyOf", &h->above_property, false);
  read_edges(h, model, STOA_OWL "equivalentProperty", &h->above_property, true);
  read_edges(h, model, STOA_OWL "inverseOf", &h->inverse, true);
  read_edges(h, model, STOA_RDFS "domain", &h->domain, false);
  read_edges(h, model, STOA_RDFS "range", &h->range, false);
  read_declared(h, model);
  declare_edges(h, &h->above_class, true, true);
  declare_edges(h, &h->above_property, false, false);
  declare_edges(h, &h->inverse, false, false);
  declare_edges(h, &h->domain, false, true);
  declare_edges(h, &h->range, false, true);
}

static void climb(const stoa_map *edges, const char *iri, stoa_iris *out, stoa_arena *arena)
{
  for (uint32_t i = 0; i < out->n; ++i) {
    if (strcmp(out->items[i], iri) == 0) {
      return;
    }
  }
  STOA_PUSH(arena, out, iri);
  const stoa_iris *const up = stoa_map_find(edges, stoa_slice_of(iri));
  for (uint32_t i = 0; up && i < up->n; ++i) {
    climb(edges, up->items[i], out, arena);
  }
}

// Climbed once for each name: bulk data asks for the same ones again and again.
static const stoa_iris *above(stoa_hierarchy *h, const stoa_map *edges, stoa_map *known, const char *iri)
{
  stoa_iris *out = stoa_map_find(known, stoa_slice_of(iri));
  if (!out) {
    out = STOA_NEW(h->arena, stoa_iris);
    climb(edges, stoa_arena_copy(h->arena, stoa_slice_of(iri)), out, h->arena);
    stoa_map_add(known, h->arena, stoa_slice_of(iri), out);
  }
  return out;
}

const stoa_iris *stoa_hierarchy_classes(stoa_hierarchy *h, const char *iri)
{
  return above(h, &h->above_class, &h->classes, iri);
}

const stoa_iris *stoa_hierarchy_properties(stoa_hierarchy *h, const char *iri)
{
  return above(h, &h->above_property, &h->properties, iri);
}

const stoa_iris *stoa_hierarchy_inverses(const stoa_hierarchy *h, const char *iri)
{
  return stoa_map_find(&h->inverse, stoa_slice_of(iri));
}

const stoa_iris *stoa_hierarchy_domain(const stoa_hierarchy *h, const char *iri)
{
  return stoa_map_find(&h->domain, stoa_slice_of(iri));
}

const stoa_iris *stoa_hierarchy_range(const stoa_hierarchy *h, const char *iri)
{
  return stoa_map_find(&h->range, stoa_slice_of(iri));
}

bool stoa_hierarchy_knows(const stoa_hierarchy *h, const char *iri)
{
  return h->declared.n == 0 || stoa_map_find(&h->declared, stoa_slice_of(iri)) != NULL;
}

const char *stoa_hierarchy_nearest(const stoa_hierarchy *h, bool of_class, const char *iri, stoa_arena *arena)
{
  const stoa_map *const map = of_class ? &h->declared_classes : &h->declared_properties;
  const char **const names = STOA_NEWS(arena, const char *, map->n + 1);
  size_t n = 0;
  const char *const cut = strrchr(iri, '#') ? strrchr(iri, '#') : strrchr(iri, '/');
  const size_t space = cut ? (size_t)(cut - iri) + 1 : 0;
  // Only names of the same namespace are compared, by their local part.
  for (uint32_t i = 0; i < map->n_slots; ++i) {
    const char *const name = map->slots[i].value;
    if (name && strncmp(name, iri, space) == 0) {
      names[n++] = name + space;
    }
  }
  const char *const near = stoa_nearest(iri + space, names, n);
  return near ? near - space : NULL;
}
