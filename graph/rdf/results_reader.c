// rasqal reads bindings; a boolean document is told from them here, because rasqal's readers know only
// bindings.  A faulty document makes rasqal 0.9.33 read freed memory (found by fuzzing), so it reads in a
// child process, which hands the terms over packed: what comes from outside cannot harm this one.
#include "graph/rdf/results_reader.h"
#include "graph/base/file.h"
#include "graph/term/packed.h"
#include "graph/term/vocab.h"
#include <errno.h>
#include <rasqal.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

typedef STOA_LIST(stoa_term) term_list;

// rasqal writes the values of the XSD types that it knows anew, and some of them wrongly (-1.02E4 as -1.02E0).  It is
// shown another name of the types, which it keeps as it is, and which is put back in every text it gives.
static const stoa_slice xsd = {STOA_XSD, sizeof STOA_XSD - 1};
static const stoa_slice marker = {"urn:x-stoa-xsd#", 15};

static stoa_slice replaced(stoa_slice text, stoa_slice from, stoa_slice to, stoa_arena *arena)
{
  const char *at = memmem(text.data, text.length, from.data, from.length);
  stoa_buf out = {0};
  if (!at) {
    return text;
  }
  for (; at; at = memmem(text.data, text.length, from.data, from.length)) {
    const size_t before = (size_t)(at - text.data);
    stoa_buf_add(&out, text.data, before);
    stoa_buf_slice(&out, to);
    text.data += before + from.length;
    text.length -= before + from.length;
  }
  stoa_buf_slice(&out, text);
  const stoa_slice copy = stoa_arena_slice(arena, (stoa_slice){out.data, out.length});
  stoa_buf_done(&out);
  return copy;
}

static stoa_term term_of(rasqal_literal *l, stoa_arena *arena)
{
  if (!l) {
    return (stoa_term){0};
  }
  size_t length = 0;
  const char *const text = (const char *)rasqal_literal_as_counted_string(l, &length, 0, NULL);
  const stoa_slice copy = replaced(stoa_arena_slice(arena, (stoa_slice){text, text ? length : 0}), marker, xsd, arena);
  switch (rasqal_literal_get_rdf_term_type(l)) {
    case RASQAL_LITERAL_URI:
      return stoa_term_iri(copy);
    case RASQAL_LITERAL_BLANK:
      return stoa_term_blank(copy);
    default:
      break;
  }
  if (l->language) {
    return stoa_term_lang(arena, copy, stoa_arena_slice(arena, stoa_slice_of(l->language)));
  }
  raptor_uri *const type = rasqal_literal_datatype(l);
  if (!type) {
    return stoa_term_string(copy);
  }
  const stoa_slice name = stoa_arena_slice(arena, stoa_slice_of((const char *)raptor_uri_as_string(type)));
  return stoa_term_literal(arena, copy, replaced(name, marker, xsd, arena));
}

static void put_text(stoa_buf *out, const char *text, size_t n)
{
  const uint32_t length = (uint32_t)n;
  stoa_buf_add(out, (const char *)&length, sizeof length);
  stoa_buf_add(out, text, n);
}

// The document as: number of columns, their names, then terms row by row; every text with its length before it.
static void put_rows(rasqal_query_results *results, stoa_buf *out)
{
  stoa_arena arena;
  stoa_buf packed = {0};
  const uint32_t n = (uint32_t)rasqal_query_results_get_bindings_count(results);
  stoa_arena_init(&arena, 0);
  stoa_buf_add(out, (const char *)&n, sizeof n);
  for (uint32_t i = 0; i < n; ++i) {
    const char *const name = (const char *)rasqal_query_results_get_binding_name(results, (int)i);
    put_text(out, name, strlen(name));
  }
  for (; !rasqal_query_results_finished(results); rasqal_query_results_next(results)) {
    for (uint32_t i = 0; i < n; ++i) {
      packed.length = 0;
      stoa_arena_reset(&arena);
      stoa_term_pack(term_of(rasqal_query_results_get_binding_value(results, (int)i), &arena), &packed);
      put_text(out, packed.data ? packed.data : "", packed.length);
    }
  }
  stoa_buf_done(&packed);
  stoa_arena_done(&arena);
}

static bool is_boolean(stoa_slice text, stoa_results *out)
{
  const char *const at = memmem(text.data, text.length, "<boolean>", 9);
  out->is_boolean = at != NULL;
  out->truth = at && memmem(at, text.length - (size_t)(at - text.data), "true", 4) != NULL;
  return out->is_boolean;
}

static void note_fault(void *data, raptor_log_message *message)
{
  *(bool *)data |= message->level >= RAPTOR_LOG_LEVEL_ERROR;
}

// In the child: read, write to the pipe, and leave without any of the parent's clean-up.
static _Noreturn void read_in_child(stoa_slice text, int to)
{
  stoa_buf out = {0};
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  text = replaced(text, xsd, marker, &arena);
  rasqal_world *const world = rasqal_new_world();
  if (!world || rasqal_world_open(world) != 0) {
    _exit(2);
  }
  raptor_world *const raptor = rasqal_world_get_raptor(world);
  bool faulty = false; // rasqal gives what it has read before a fault as if it were all
  rasqal_world_set_log_handler(world, &faulty, note_fault);
  raptor_world_set_log_handler(raptor, &faulty, note_fault);
  raptor_uri *const base = raptor_new_uri(raptor, (const unsigned char *)"http://results.example/");
  raptor_iostream *const stream = raptor_new_iostream_from_string(raptor, (void *)text.data, text.length);
  rasqal_query_results *const results = rasqal_new_query_results2(world, NULL, RASQAL_QUERY_RESULTS_BINDINGS);
  rasqal_query_results_formatter *const formatter = rasqal_new_query_results_formatter(world, "xml", NULL, NULL);
  if (!formatter || !results || rasqal_query_results_formatter_read(world, stream, formatter, results, base) != 0) {
    _exit(1);
  }
  put_rows(results, &out);
  if (faulty) {
    _exit(1);
  }
  for (size_t done = 0; done < out.length;) {
    const ssize_t n = write(to, out.data + done, out.length - done);
    if (n <= 0) {
      _exit(2);
    }
    done += (size_t)n;
  }
  _exit(0);
}

static bool collect(int from, stoa_buf *out)
{
  char bytes[65536];
  for (;;) {
    const ssize_t n = read(from, bytes, sizeof bytes);
    if (n == 0) {
      return true;
    }
    if (n < 0 && errno != EINTR) {
      return false;
    }
    if (n > 0) {
      stoa_buf_add(out, bytes, (size_t)n);
    }
  }
}

static bool get_text(stoa_slice *from, stoa_arena *arena, stoa_slice *out)
{
  uint32_t length;
  if (from->length < sizeof length) {
    return false;
  }
  memcpy(&length, from->data, sizeof length);
  if (from->length - sizeof length < length) {
    return false;
  }
  *out = stoa_arena_slice(arena, (stoa_slice){from->data + sizeof length, length});
  from->data += sizeof length + length;
  from->length -= sizeof length + length;
  return true;
}

static bool take_rows(stoa_slice from, stoa_arena *arena, stoa_results *out)
{
  term_list terms = {0};
  stoa_slice text;
  if (from.length < sizeof out->n_columns) {
    return false;
  }
  memcpy(&out->n_columns, from.data, sizeof out->n_columns);
  from = (stoa_slice){from.data + sizeof out->n_columns, from.length - sizeof out->n_columns};
  out->names = STOA_NEWS(arena, const char *, out->n_columns + 1);
  for (uint32_t i = 0; i < out->n_columns; ++i) {
    if (!get_text(&from, arena, &text)) {
      return false;
    }
    out->names[i] = text.data;
  }
  while (out->n_columns && get_text(&from, arena, &text)) {
    const stoa_term t = stoa_term_unpack(text, arena);
    STOA_PUSH(arena, &terms, t);
  }
  out->rows = terms.items;
  out->n_rows = out->n_columns ? terms.n / out->n_columns : 0;
  return from.length == 0;
}

static stoa_status read_apart(const char *path, stoa_slice text, stoa_arena *arena, stoa_results *out, stoa_error *err)
{
  int ends[2], code = 0;
  stoa_buf bytes = {0};
  if (pipe(ends) != 0) {
    return stoa_error_at(err, STOA_IO, (stoa_place){path, 0, 0}, "no pipe: %s", strerror(errno));
  }
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    read_in_child(text, ends[1]);
  }
  close(ends[1]);
  const bool whole = child > 0 && collect(ends[0], &bytes);
  close(ends[0]);
  while (child > 0 && waitpid(child, &code, 0) < 0 && errno == EINTR) {
  }
  const bool good = whole && WIFEXITED(code) && WEXITSTATUS(code) == 0 &&
                    take_rows((stoa_slice){bytes.data ? bytes.data : "", bytes.length}, arena, out);
  stoa_buf_done(&bytes);
  return good ? STOA_OK
              : stoa_error_at(err, STOA_BAD_SYNTAX, (stoa_place){path, 1, 1}, "is no SPARQL result document in XML");
}

stoa_status stoa_results_read(const char *path, stoa_arena *arena, stoa_results *out, stoa_error *err)
{
  const char *const dot = strrchr(path, '.');
  stoa_slice text;
  *out = (stoa_results){0};
  if (!dot || (strcasecmp(dot, ".srx") != 0 && strcasecmp(dot, ".xml") != 0)) {
    return stoa_error_at(err, STOA_UNSUPPORTED, (stoa_place){path, 0, 0},
                         "only result documents in XML (.srx) can be read");
  }
  STOA_TRY(stoa_file_read(path, arena, &text, err));
  return stoa_results_parse(path, text, arena, out, err);
}

stoa_status stoa_results_parse(const char *name, stoa_slice text, stoa_arena *arena, stoa_results *out, stoa_error *err)
{
  *out = (stoa_results){0};
  return is_boolean(text, out) ? STOA_OK : read_apart(name, text, arena, out, err);
}
