#ifndef STOA_GRAPH_TERM_EQUALITY_H
#define STOA_GRAPH_TERM_EQUALITY_H

#include "graph/term/term.h"

/// Equality and hash of terms, defined in this one place: joins, DISTINCT and groups agree because
/// they all ask here.  An IRI made by a template equals the same IRI given as bytes.

/// RDF term equality (SPARQL's sameTerm).
bool stoa_term_same(stoa_term a, stoa_term b);
/// A hash that is equal for terms that are the same.
uint64_t stoa_term_hash(stoa_term term);
/// Order for ORDER BY (SPARQL 1.1, section 15.1): unbound, blank nodes, IRIs, literals; numbers and
/// dates by value, strings by code point; total, so that results are stable.
int stoa_term_order(stoa_term a, stoa_term b);
/// The same of two places that hold terms, for qsort and bsearch.
int stoa_term_order_at(const void *a, const void *b);

/// True for equal language tags; letter case does not count.
bool stoa_language_equal(stoa_slice a, stoa_slice b);
/// True for what may be a language tag (BCP 47, section 2.1): letters, then letters and digits, at most eight between
/// hyphens.
bool stoa_language_is_tag(stoa_slice tag);
/// Give a tag in small letters the capitals that RFC 5646 (section 2.1.1) recommends: en-GB, zh-Hant-TW.
void stoa_language_spell(char *tag, size_t n);

#endif
