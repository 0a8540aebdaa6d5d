#ifndef STOA_GRAPH_SOURCE_ANSWERED_H
#define STOA_GRAPH_SOURCE_ANSWERED_H

#include "graph/base/arena.h"
#include "graph/base/map.h"

/// Questions that a connection has answered with "no row", and will answer so again while nothing changes in what it
/// reads: a query whose plan depends on such a question (plan/apart.h) need not ask it each time.  Belongs to one
/// connection, as the text that tells whether something changed does (stoa_dialect.version).
typedef struct {
  stoa_arena arena;
  stoa_map none;
  char version[256]; ///< of what was read; empty: nothing is known
} stoa_answered;

/// Release what is known.
void stoa_answered_done(stoa_answered *answered);
/// Was there no row for the question at this version?
bool stoa_answered_none(const stoa_answered *answered, stoa_slice version, stoa_slice question);
/// Note that there was none.  What is known of another version is forgotten.
void stoa_answered_note(stoa_answered *answered, stoa_slice version, stoa_slice question);

#endif
