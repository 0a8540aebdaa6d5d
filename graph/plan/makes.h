#ifndef STOA_GRAPH_PLAN_MAKES_H
#define STOA_GRAPH_PLAN_MAKES_H

#include "graph/plan/leaf.h"
#include "graph/plan/said.h"
#include "graph/term/number.h"

/// What a term map can make: the one place that knows.  Unification, pruning, comparison in SQL, keys that are sent to
/// another source, MIN, MAX and ORDER BY in SQL all ask here.  Who gets no exact answer takes the slow right way: the
/// executor, which compares terms.

/// Kinds of terms, as a set: what a FILTER may want of a variable, and what a term map may give it.
typedef enum {
  STOA_KIND_IRI = 1,
  STOA_KIND_BLANK = 2,
  STOA_KIND_STRING = 4,
  STOA_KIND_LANG = 8,
  STOA_KIND_NUMBER = 16, ///< of a numeric datatype, whatever its text
  STOA_KIND_BOOLEAN = 32,
  STOA_KIND_DATETIME = 64,
  STOA_KIND_DATE = 128,
  STOA_KIND_OTHER = 256, ///< literals of any other datatype
  STOA_KIND_LITERAL = 508,
  STOA_KIND_ANY = 511
} stoa_kinds;

/// The kind of a term; of the literals of a datatype, or with a language; of all that a constructor can make.
stoa_kinds stoa_kind_of_term(stoa_term term);
stoa_kinds stoa_kind_of_datatype(stoa_slice datatype);
stoa_kinds stoa_ctor_kinds(const stoa_ctor *ctor);

/// The datatype of the literals that a constructor makes: its own, or that of the column's type (R2RML section 10.2).
/// Empty: it makes none, or the values tell.
stoa_slice stoa_ctor_datatype(const stoa_ctor *ctor);
/// True when no two rows of column values make the same term, so that comparing columns is comparing terms.
bool stoa_ctor_exact(const stoa_ctor *ctor);
/// A letter that tells the values of the constructor's template, if only none of the texts among them has it: it stands
/// between any two of them.  0: there is none, or the template is exact.
char stoa_ctor_letter(const stoa_ctor *ctor);
/// True for constructors that make the same term from the same column values.
bool stoa_ctor_alike(const stoa_ctor *a, const stoa_ctor *b);
/// False when no term can be made by both.
bool stoa_ctors_meet(const stoa_ctor *a, const stoa_ctor *b);

/// How the columns of two constructors, in order, are compared when the terms are: SAID by `=` of SQL, or of the text
/// of an integer beside a text; NEVER where no term is made by both.  `x` and `y` are the columns as they stand in the
/// statement.  `one_writing`: the database writes each date, time and boolean in one way.
stoa_said stoa_ctors_compare(const stoa_ctor *a, const stoa_ctor *b, const stoa_column_info *const *x,
                             const stoa_column_info *const *y, bool one_writing);
/// Take a term apart into the constructor's column values.  SAID: comparing the columns with `out` says the same as
/// comparing terms; NEVER: the constructor makes no such term.  (UNCHANGED is no answer of these.)
stoa_said stoa_ctor_invert(const stoa_ctor *ctor, stoa_term term, stoa_arena *arena, stoa_value *out);
/// The same for one of the columns alone, which may be told where others are not.
stoa_said stoa_ctor_invert_part(const stoa_ctor *ctor, stoa_term term, uint32_t part, stoa_arena *arena,
                                stoa_value *out);
/// True when stoa_ctor_invert_part says something of every term that the constructor can make: its terms may be sent as
/// keys.
bool stoa_ctor_inverts(const stoa_ctor *ctor, uint32_t part);
/// True when the order of the column (texts by code point) is the order of the terms, as ORDER BY, MIN and MAX have it.
bool stoa_ctor_ordered(const stoa_ctor *ctor, const stoa_column_info *column, bool one_writing);

/// A number as an exact value of SQL.
stoa_value stoa_value_decimal(const stoa_number *number, stoa_arena *arena);

#endif
