// Triples of the registry's graph, and the IRIs of what they speak of.
#include "features/tell.h"
#include "graph/base/code.h"
#include "graph/term/duration.h"
#include "graph/term/vocab.h"
#include "graph/term/xsd.h"

stoa_term stoa_tell_iri(const char *text)
{
  return stoa_term_iri(stoa_slice_of(text));
}

void stoa_tell(const stoa_teller *t, stoa_term subject, const char *property, stoa_term object)
{
  stoa_source_native_add(t->graph, subject, stoa_tell_iri(property), object, t->name);
}

void stoa_tell_text(const stoa_teller *t, stoa_term subject, const char *property, const char *text)
{
  if (text && text[0]) {
    stoa_tell(t, subject, property, stoa_term_string(stoa_slice_of(text)));
  }
}

stoa_term stoa_told_iri(const stoa_teller *t, const char *kind, const char *name)
{
  stoa_buf text = {0};
  stoa_buf_print(&text, "%s%s/", t->base, kind);
  stoa_percent_write(stoa_slice_of(name), STOA_PERCENT_UNRESERVED, &text);
  const char *const iri = stoa_arena_copy(t->arena, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
  return stoa_tell_iri(iri);
}

stoa_term stoa_tell_thing(const stoa_teller *t, const char *class_iri, const char *kind, const char *name)
{
  const stoa_term thing = stoa_told_iri(t, kind, name);
  stoa_tell(t, thing, STOA_RDF_TYPE, stoa_tell_iri(class_iri));
  stoa_tell_text(t, thing, STOA_DCTERMS "title", name);
  return thing;
}

void stoa_tell_file(const stoa_teller *t, stoa_term subject, const char *dir, const char *file)
{
  const size_t n = strlen(dir);
  const bool inside = strncmp(file, dir, n) == 0 && file[n] == '/';
  stoa_tell_text(t, subject, STOA_DCTERMS "source", inside ? file + n + 1 : file);
}

void stoa_tell_seconds(const stoa_teller *t, stoa_term subject, const char *property, int64_t seconds)
{
  const stoa_duration span = {STOA_DURATION_DAY_TIME, 0, seconds * 1000000};
  stoa_tell(t, subject, property, stoa_duration_term(&span, t->arena));
}

void stoa_tell_instant(const stoa_teller *t, stoa_term subject, const char *property, int64_t us)
{
  const stoa_instant instant = {us, true, 0};
  stoa_buf text = {0};
  stoa_xsd_datetime_write(instant, &text);
  stoa_tell(t, subject, property,
            stoa_term_literal(t->arena, stoa_arena_slice(t->arena, (stoa_slice){text.data, text.length}),
                              stoa_slice_of(STOA_XSD "dateTime")));
  stoa_buf_done(&text);
}
