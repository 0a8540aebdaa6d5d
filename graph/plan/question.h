#ifndef STOA_GRAPH_PLAN_QUESTION_H
#define STOA_GRAPH_PLAN_QUESTION_H

#include "graph/base/slice.h"

/// A text to be planned.
typedef struct {
  stoa_slice text;
  const char *file; ///< for messages
  const char *base; ///< for relative IRIs, or NULL
} stoa_question;

#endif
