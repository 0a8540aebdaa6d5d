// Which classes and properties are known at all: to a mapping, to the ontology, or to the native graph.
#include "graph/base/file.h"
#include "graph/term/vocab.h"
#include "ontology/mapping.h"

// Where the local part of an IRI begins.
static size_t local_at(stoa_slice iri)
{
  size_t at = iri.length;
  while (at && iri.data[at - 1] != '#' && iri.data[at - 1] != '/') {
    --at;
  }
  return at;
}

static bool is_defined(const stoa_mapping *m, bool of_class, stoa_term iri)
{
  const stoa_map *const map = of_class ? &m->by_class : &m->by_predicate;
  const stoa_term any = {0}, type = stoa_term_iri(stoa_slice_of(STOA_RDF_TYPE));
  return stoa_map_find(map, stoa_term_text(iri)) ||
         (m->hierarchy && stoa_map_find(&m->hierarchy->declared, stoa_term_text(iri))) ||
         (m->native && stoa_source_native_matches(m->native, any, of_class ? type : iri, of_class ? iri : any));
}

typedef struct {
  stoa_arena *arena;
  stoa_slice iri;
  size_t local; ///< of `iri`
  STOA_LIST(const char *) names; ///< local parts of the same namespace
  const char *elsewhere; ///< an IRI of another namespace with the same local part
} search;

static void look_at(search *s, const stoa_map *map)
{
  for (uint32_t i = 0; i < map->n_slots; ++i) {
    const stoa_slice name = map->slots[i].key;
    const size_t at = map->slots[i].value ? local_at(name) : 0;
    if (!map->slots[i].value) {
      continue;
    }
    if (at == s->local && memcmp(name.data, s->iri.data, at) == 0) {
      STOA_PUSH(s->arena, &s->names, stoa_arena_copy(s->arena, (stoa_slice){name.data + at, name.length - at}));
    } else if (name.length - at == s->iri.length - s->local && name.length > at &&
               memcmp(name.data + at, s->iri.data + s->local, name.length - at) == 0) {
      s->elsewhere = stoa_arena_copy(s->arena, name);
    }
  }
}

// A name of the same namespace that is spelt nearly so, or the same name in another namespace.
static const char *nearest(const stoa_mapping *m, bool of_class, stoa_slice iri, stoa_arena *arena)
{
  search s = {.arena = arena, .iri = iri, .local = local_at(iri)};
  look_at(&s, of_class ? &m->by_class : &m->by_predicate);
  if (m->hierarchy) {
    look_at(&s, of_class ? &m->hierarchy->declared_classes : &m->hierarchy->declared_properties);
  }
  const char *const local = stoa_arena_copy(arena, (stoa_slice){iri.data + s.local, iri.length - s.local});
  const char *const near = stoa_nearest(local, s.names.items, s.names.n);
  return near ? stoa_arena_print(arena, "%.*s%s", (int)s.local, iri.data, near) : s.elsewhere;
}

bool stoa_mapping_knows(const stoa_rewriter *rewriter, bool of_class, stoa_term iri, stoa_arena *arena,
                        const char **near)
{
  const stoa_mapping *const m = (const stoa_mapping *)rewriter;
  *near = NULL;
  if (is_defined(m, of_class, iri)) {
    return true;
  }
  *near = nearest(m, of_class, stoa_term_text(iri), arena);
  return false;
}
