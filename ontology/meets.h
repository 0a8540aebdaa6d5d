#ifndef STOA_ONTOLOGY_MEETS_H
#define STOA_ONTOLOGY_MEETS_H

#include "ontology/project.h"

/// Do templates meet in the data?  Two triples maps may make IRIs by the same template and never the same one: keys
/// that are padded in one source and not in the other, or numbered otherwise.  Then joins find nothing, without a word.

/// Warn of each term map that makes IRIs as some subject does, when of the first hundreds that it points to none is a
/// subject.  It reads the data.
void stoa_meets_check(const stoa_project *project, stoa_faults *faults);

#endif
