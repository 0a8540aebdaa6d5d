// Functions of terms: SPARQL 1.1, section 17.4.2.
#include "graph/base/iri.h"
#include "graph/exec/function.h"
#include "graph/term/equality.h"
#include "graph/term/number.h"
#include "graph/term/vocab.h"
#include <strings.h>

static const stoa_term failure = {0};

stoa_term stoa_function_str(const stoa_call *call)
{
  const stoa_term a = call->args[0];
  return a.kind == STOA_TERM_BLANK ? failure : stoa_term_string(stoa_term_lexical(a, call->arena));
}

stoa_term stoa_function_lang(const stoa_call *call)
{
  return stoa_term_is_literal(call->args[0]) ? stoa_term_string(stoa_term_language(call->args[0])) : failure;
}

// Basic filtering of RFC 4647, section 3.3.1.
stoa_term stoa_function_lang_matches(const stoa_call *call)
{
  if (call->args[0].kind != STOA_TERM_STRING || call->args[1].kind != STOA_TERM_STRING) {
    return failure;
  }
  const stoa_slice tag = stoa_term_text(call->args[0]), range = stoa_term_text(call->args[1]);
  if (stoa_slice_is(range, "*")) {
    return stoa_term_boolean(tag.length > 0);
  }
  const bool prefix = tag.length >= range.length && strncasecmp(tag.data, range.data, range.length) == 0;
  return stoa_term_boolean(prefix && (tag.length == range.length || tag.data[range.length] == '-'));
}

stoa_term stoa_function_datatype(const stoa_call *call)
{
  return stoa_term_is_literal(call->args[0]) ? stoa_term_iri(stoa_term_datatype(call->args[0])) : failure;
}

// A relative IRI is resolved against the BASE of the query, which the parser leaves in the call; what is then no
// absolute IRI is an error.
stoa_term stoa_function_iri(const stoa_call *call)
{
  const stoa_term a = call->args[0], base = call->expr->term;
  if (stoa_term_is_iri(a) || a.kind != STOA_TERM_STRING) {
    return stoa_term_is_iri(a) ? a : failure;
  }
  if (!stoa_iri_is_clean(stoa_term_text(a))) {
    return failure;
  }
  const stoa_slice iri = stoa_iri_resolve(stoa_term_is_iri(base) ? base.as.text : NULL, stoa_term_text(a), call->arena);
  return stoa_iri_is_absolute(iri) ? stoa_term_iri(iri) : failure;
}

stoa_term stoa_function_is_iri(const stoa_call *call)
{
  return stoa_term_boolean(stoa_term_is_iri(call->args[0]));
}

stoa_term stoa_function_is_blank(const stoa_call *call)
{
  return stoa_term_boolean(call->args[0].kind == STOA_TERM_BLANK);
}

stoa_term stoa_function_is_literal(const stoa_call *call)
{
  return stoa_term_boolean(stoa_term_is_literal(call->args[0]));
}

stoa_term stoa_function_is_numeric(const stoa_call *call)
{
  stoa_number number;
  return stoa_term_boolean(stoa_number_of(call->args[0], &number));
}

stoa_term stoa_function_same_term(const stoa_call *call)
{
  return stoa_term_boolean(stoa_term_same(call->args[0], call->args[1]));
}

// A datatype is an IRI as any other; rdf:langString is of texts with a language alone.
stoa_term stoa_function_strdt(const stoa_call *call)
{
  const stoa_term text = call->args[0], type = call->args[1];
  if (text.kind != STOA_TERM_STRING || !stoa_term_is_iri(type)) {
    return failure;
  }
  const stoa_slice iri = stoa_term_lexical(type, call->arena);
  return stoa_iri_is_absolute(iri) && stoa_iri_is_clean(iri) && !stoa_slice_is(iri, STOA_RDF_LANGSTRING)
           ? stoa_term_literal(call->arena, stoa_term_text(text), iri)
           : failure;
}

stoa_term stoa_function_strlang(const stoa_call *call)
{
  const stoa_term text = call->args[0], tag = call->args[1];
  return text.kind == STOA_TERM_STRING && tag.kind == STOA_TERM_STRING && stoa_language_is_tag(stoa_term_text(tag))
           ? stoa_term_lang(call->arena, stoa_term_text(text), stoa_term_text(tag))
           : failure;
}
