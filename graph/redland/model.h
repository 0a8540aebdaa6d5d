#ifndef STOA_GRAPH_REDLAND_MODEL_H
#define STOA_GRAPH_REDLAND_MODEL_H

#include "graph/rdf/reader.h"

/// Ontologies and mappings as librdf models.  librdf drops where a statement stood, so its place is
/// kept beside it.  The only file that knows librdf is model.c.
typedef struct stoa_model stoa_model;

typedef STOA_LIST(stoa_statement) stoa_statements;

/// Make an empty model.
stoa_model *stoa_model_new(void);
void stoa_model_free(stoa_model *model);
/// Read a file into the model.
stoa_status stoa_model_load(stoa_model *model, const char *path, const char *base, stoa_error *err);
/// Read Turtle from memory (a mapping that the engine itself generates).
stoa_status stoa_model_load_text(stoa_model *model, stoa_slice text, const char *name, const char *base,
                                 stoa_error *err);
/// Find the statements that match; an unbound term matches anything.  Terms lie in `arena`.
void stoa_model_find(stoa_model *model, stoa_term subject, stoa_term predicate, stoa_term object, stoa_arena *arena,
                     stoa_statements *out);
/// The first object of (subject, predicate); unbound when there is none.  `place` may be NULL.
stoa_term stoa_model_object(stoa_model *model, stoa_term subject, const char *predicate, stoa_arena *arena,
                            stoa_place *place);
/// Narrow a statement's place to where `token` stands in the file: the nearest occurrence at or above
/// the line, else below.  Unchanged when the file does not hold it.
stoa_place stoa_model_locate(const stoa_model *model, stoa_place place, const char *token);
/// The number of statements.
size_t stoa_model_count(const stoa_model *model);

#endif
