#include "graph/rdf/writer.h"
#include "graph/base/worlds.h"
#include "graph/rdf/turtle.h"
#include "graph/term/vocab.h"
#include <raptor2.h>
#include <stdlib.h>

struct stoa_rdf_writer {
  raptor_world *world;
  raptor_serializer *serializer;
  raptor_iostream *stream;
  stoa_sink sink;
  bool failed;
  stoa_buf subject, predicate, object, tag;
  stoa_turtle *turtle; ///< instead of the serializer
};

static int write_byte(void *data, const int byte)
{
  stoa_rdf_writer *const w = data;
  const char c = (char)byte;
  w->failed |= !w->sink.write(w->sink.data, &c, 1);
  return w->failed;
}

static int write_bytes(void *data, const void *bytes, size_t size, size_t n)
{
  stoa_rdf_writer *const w = data;
  w->failed |= !w->sink.write(w->sink.data, bytes, size * n);
  return w->failed ? 0 : (int)n;
}

static const raptor_iostream_handler handler = {.version = 2, .write_byte = write_byte, .write_bytes = write_bytes};

static stoa_status open_turtle(stoa_rdf_writer *w, const stoa_prefix *prefixes, uint32_t n_prefixes,
                               stoa_rdf_writer **out, stoa_error *err)
{
  w->turtle = calloc(1, sizeof *w->turtle);
  if (!w->turtle) {
    stoa_rdf_writer_free(w, NULL);
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a writer");
  }
  stoa_turtle_init(w->turtle, w->sink, prefixes, n_prefixes);
  *out = w;
  return STOA_OK;
}

stoa_status stoa_rdf_writer_new(const char *syntax, const stoa_prefix *prefixes, uint32_t n_prefixes, stoa_sink sink,
                                stoa_rdf_writer **out, stoa_error *err)
{
  stoa_rdf_writer *const w = calloc(1, sizeof *w);
  if (!w) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a writer");
  }
  w->sink = sink;
  if (strcmp(syntax, "turtle") == 0) {
    return open_turtle(w, prefixes, n_prefixes, out, err);
  }
  stoa_worlds_enter();
  w->world = raptor_new_world();
  const bool open = w->world && raptor_world_open(w->world) == 0;
  stoa_worlds_leave();
  if (open) {
    w->serializer = raptor_new_serializer(w->world, syntax);
    w->stream = raptor_new_iostream_from_handler(w->world, w, &handler);
  }
  if (!w->serializer || !w->stream || raptor_serializer_start_to_iostream(w->serializer, NULL, w->stream) != 0) {
    stoa_rdf_writer_free(w, NULL);
    return stoa_error_set(err, STOA_UNSUPPORTED, "raptor cannot write \"%s\"", syntax);
  }
  *out = w;
  return STOA_OK;
}

static raptor_term *make_term(stoa_rdf_writer *w, stoa_term t, stoa_buf *buf)
{
  buf->length = 0;
  stoa_term_write_lexical(t, buf);
  const unsigned char *const text = (const unsigned char *)stoa_buf_string(buf);
  if (stoa_term_is_iri(t)) {
    return raptor_new_term_from_counted_uri_string(w->world, text, buf->length);
  }
  if (t.kind == STOA_TERM_BLANK) {
    return raptor_new_term_from_counted_blank(w->world, text, buf->length);
  }
  w->tag.length = 0;
  stoa_buf_slice(&w->tag, t.kind == STOA_TERM_LANG ? stoa_term_language(t) : stoa_term_datatype(t));
  const unsigned char *const tag = (const unsigned char *)stoa_buf_string(&w->tag);
  if (t.kind == STOA_TERM_LANG) {
    return raptor_new_term_from_counted_literal(w->world, text, buf->length, NULL, tag, (unsigned char)w->tag.length);
  }
  raptor_uri *const type = t.kind == STOA_TERM_STRING ? NULL : raptor_new_uri(w->world, tag);
  raptor_term *const term = raptor_new_term_from_counted_literal(w->world, text, buf->length, type, NULL, 0);
  if (type) {
    raptor_free_uri(type);
  }
  return term;
}

stoa_status stoa_rdf_writer_add(stoa_rdf_writer *w, stoa_term subject, stoa_term predicate, stoa_term object,
                                stoa_error *err)
{
  if (stoa_term_is_literal(subject) || !stoa_term_is_iri(predicate) || !stoa_term_is_bound(subject) ||
      !stoa_term_is_bound(object)) {
    return STOA_OK;
  }
  if (w->turtle) {
    return stoa_turtle_add(w->turtle, subject, predicate, object)
             ? STOA_OK
             : stoa_error_set(err, STOA_IO, "the triples could not be written");
  }
  raptor_statement s = {.world = w->world,
                        .usage = -1,
                        .subject = make_term(w, subject, &w->subject),
                        .predicate = make_term(w, predicate, &w->predicate),
                        .object = make_term(w, object, &w->object)};
  const bool bad = raptor_serializer_serialize_statement(w->serializer, &s) != 0 || w->failed;
  raptor_free_term(s.subject);
  raptor_free_term(s.predicate);
  raptor_free_term(s.object);
  return bad ? stoa_error_set(err, STOA_IO, "the triples could not be written") : STOA_OK;
}

stoa_status stoa_rdf_writer_free(stoa_rdf_writer *w, stoa_error *err)
{
  if (!w) {
    return STOA_OK;
  }
  bool bad = false;
  if (w->turtle) {
    bad = err && !stoa_turtle_end(w->turtle);
    stoa_turtle_done(w->turtle);
    free(w->turtle);
  }
  if (w->serializer) {
    bad = raptor_serializer_serialize_end(w->serializer) != 0;
    raptor_free_serializer(w->serializer);
  }
  if (w->stream) {
    raptor_free_iostream(w->stream);
  }
  bad |= w->failed;
  if (w->world) {
    stoa_worlds_enter();
    raptor_free_world(w->world);
    stoa_worlds_leave();
  }
  stoa_buf_done(&w->subject);
  stoa_buf_done(&w->predicate);
  stoa_buf_done(&w->object);
  stoa_buf_done(&w->tag);
  free(w);
  return bad ? stoa_error_set(err, STOA_IO, "the triples could not be written") : STOA_OK;
}
