#ifndef STOA_FEATURES_TELL_H
#define STOA_FEATURES_TELL_H

#include "graph/source/source.h"

/// How what is declared becomes triples of the graph STOA_REGISTRY.

/// Who tells, and where.
typedef struct stoa_teller {
  stoa_source *graph;
  stoa_term name;
  const char *base; ///< of the IRIs of things
  stoa_arena *arena;
} stoa_teller;

void stoa_tell(const stoa_teller *t, stoa_term subject, const char *property, stoa_term object);
/// Nothing for NULL or an empty text.
void stoa_tell_text(const stoa_teller *t, stoa_term subject, const char *property, const char *text);
/// The IRI of a thing, BASE KIND/NAME, the name percent-encoded; with its class and title told.
stoa_term stoa_tell_thing(const stoa_teller *t, const char *class_iri, const char *kind, const char *name);
/// The IRI alone.
stoa_term stoa_told_iri(const stoa_teller *t, const char *kind, const char *name);
/// The file that declares a thing, as the project folder has it.
void stoa_tell_file(const stoa_teller *t, stoa_term subject, const char *dir, const char *file);

/// How long something is, as xsd:dayTimeDuration; when something was, as xsd:dateTime.
void stoa_tell_seconds(const stoa_teller *t, stoa_term subject, const char *property, int64_t seconds);
void stoa_tell_instant(const stoa_teller *t, stoa_term subject, const char *property, int64_t us);
/// An IRI that is written out.
stoa_term stoa_tell_iri(const char *text);

#endif
