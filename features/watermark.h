#ifndef STOA_FEATURES_WATERMARK_H
#define STOA_FEATURES_WATERMARK_H

#include "features/feature.h"
#include "features/reads.h"

/// `watermark:` of a window view: each row that comes to its source has as much or more in one variable as those before
/// it, and rows are changed or removed never.  When the source has changed, whose rows are new is asked, and all others
/// stand.

typedef struct stoa_watermark {
  const stoa_view *view;
  const stoa_project *project;
  stoa_source *source; ///< in which the variable's column is
  bool is_asked;       ///< `last` is of a time since when changes are told
  stoa_arena arena;    ///< of `last`
  stoa_term last;      ///< the greatest value that was seen; unbound: there was no row
} stoa_watermark;

/// STOA_BAD_ARG, with the place: the variable is a column of no source that has to be asked for its changes, or of several.
stoa_status stoa_watermark_check(const stoa_view *view, const stoa_project *project, stoa_error *err);
/// The watermark of a view that is compiled; *out is NULL where none is declared.
stoa_status stoa_watermark_new(const stoa_view *view, const stoa_project *project, stoa_watermark **out, stoa_error *err);
void stoa_watermark_free(stoa_watermark *watermark);

/// Whose rows have a value of `last` or more, as keys of the view's entity (*all: of one it cannot be told), and the
/// greatest value that there is; `last` unbound: nobody's is told, and the greatest is.
typedef STOA_LIST(const stoa_slice *) stoa_key_list;
stoa_status stoa_watermark_ask(const stoa_watermark *watermark, stoa_term last, stoa_context *context, stoa_arena *arena,
                               stoa_key_list *keys, bool *all, stoa_term *newest, stoa_error *err);
/// Remember a value, if it is greater than the one before.
void stoa_watermark_set(stoa_watermark *watermark, stoa_term newest);

#endif
