#ifndef STOA_FEATURES_CATALOG_H
#define STOA_FEATURES_CATALOG_H

#include "features/feature.h"
#include "features/tell.h"

/// Tell the vocabulary, and all that a registry holds: entities, views, features with the columns that they are made
/// of, services.  ontology/vocab/registry.ttl has the words.
void stoa_catalog_tell(const stoa_registry *registry, const stoa_teller *teller);

#endif
