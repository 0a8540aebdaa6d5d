#ifndef STOA_ONTOLOGY_ADVICE_H
#define STOA_ONTOLOGY_ADVICE_H

#include "ontology/project.h"

/// What is no fault of a mapping and yet seldom meant: warnings for `stoa check`, each with its place and the remedy.
///   - a template from whose text its columns cannot be told: look-ups by its IRIs read all rows;
///   - templates of two triples maps that can make the same IRI;
///   - a join of large tables on columns that no index begins with;
///   - a triples map whose subjects have no class;
///   - a datatype that the column's type does not fit.
void stoa_project_advise(const stoa_project *project, stoa_faults *faults);

#endif
