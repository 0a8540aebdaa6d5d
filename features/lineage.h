#ifndef STOA_FEATURES_LINEAGE_H
#define STOA_FEATURES_LINEAGE_H

#include "features/feature.h"
#include "graph/plan/lineage.h"

/// Which columns the values of a feature are made of, and all that are read for it.
void stoa_feature_lineage(const stoa_view *view, const stoa_feature *feature, stoa_arena *arena, stoa_lineage *values,
                          stoa_lineage *all);
/// All that a view reads.
void stoa_view_lineage(const stoa_view *view, stoa_arena *arena, stoa_lineage *all);
/// True when the list has the column.
bool stoa_lineage_has(const stoa_lineage *list, const stoa_lineage_column *column);

#endif
