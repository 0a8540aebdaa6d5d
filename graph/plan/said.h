#ifndef STOA_GRAPH_PLAN_SAID_H
#define STOA_GRAPH_PLAN_SAID_H

/// How it ends when something of SPARQL is to be said in SQL, by comparing or computing columns instead of terms.
///
/// Who asks for a relation, or for conditions, gets it in the last parameter, which stays untouched where it cannot be
/// said.  The three other outcomes are all right answers: a caller that makes no difference between them takes what it
/// is given, which for NEVER is a relation without blocks.
typedef enum {
  STOA_CANNOT_SAY,    ///< SQL's answer could differ from SPARQL's: the executor does it, by comparing terms
  STOA_SAID,          ///< what is said holds for just the rows for which it is asked
  STOA_SAID_NEVER,    ///< it is known when planning that no row is an answer
  STOA_SAID_UNCHANGED ///< nothing need be said: the rows that are there are the answer
} stoa_said;

#endif
