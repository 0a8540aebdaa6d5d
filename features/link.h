#ifndef STOA_FEATURES_LINK_H
#define STOA_FEATURES_LINK_H

#include "features/feature.h"

/// Whether a record of the log can change the row of one entity alone: that which it names.

/// How triples of one kind of record can match a pattern.
typedef enum {
  STOA_TOUCH_NONE,   ///< not at all
  STOA_TOUCH_RECORD, ///< with the record itself in a variable
  STOA_TOUCH_ENTITY, ///< with the record's entity in the variable of the view's entity
  STOA_TOUCH_ANY     ///< otherwise
} stoa_touch_how;

typedef struct {
  stoa_touch_how how;
  stoa_var record; ///< of RECORD: the variable
  bool links;      ///< of RECORD: whatever matches there has the record's entity in the variable of the view's entity
} stoa_touch;

typedef struct {
  stoa_touch (*touches)(const stoa_pattern *pattern, const void *data);
  /// Of a pattern that a record can match with itself in a variable: false when another pattern, which has the same
  /// variable, never has a record there.
  bool (*may_share)(const stoa_pattern *pattern, stoa_var record, const stoa_pattern *other, const void *data);
  const void *data;
} stoa_link_kind;

/// True when in every solution of the view's query that needs a triple of the kind, also within OPTIONAL, MINUS and
/// EXISTS, the entity is the one that the record names: then no other row changes by it.
bool stoa_link_holds(const stoa_view *view, const stoa_link_kind *kind);
/// True when, besides, each row of the view's query has such a record in one variable: then one more record adds the
/// rows that have it there, and changes no other.
bool stoa_link_record(const stoa_view *view, const stoa_link_kind *kind, stoa_var *out);

#endif
