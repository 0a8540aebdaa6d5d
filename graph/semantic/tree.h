#ifndef STOA_GRAPH_SEMANTIC_TREE_H
#define STOA_GRAPH_SEMANTIC_TREE_H

#include "graph/base/json.h"

/// The parse tree of a text in PostgreSQL's grammar.  Its parser is libpg_query; tree.c alone knows it.

/// A text and the places in it.
typedef struct {
  stoa_slice text;
  const char *file;
  stoa_arena *arena;
  stoa_error *err;
} stoa_semantic_text;

/// Parse a text of one statement; *out is the SELECT.  STOA_BAD_SYNTAX where PostgreSQL would not read it.
stoa_status stoa_semantic_parse(const stoa_semantic_text *text, const stoa_json **out);
/// The place of a byte of the text.
stoa_place stoa_semantic_place(const stoa_semantic_text *text, int64_t at);
/// The place of a node: of its member `location`, or the first place that is told below it.
stoa_place stoa_semantic_place_of(const stoa_semantic_text *text, const stoa_json *node);
/// The one member of a node that is told by its kind, {"ColumnRef": {...}}: the member's name is the kind.  NULL:
/// `node` is none.
const stoa_json *stoa_semantic_node(const stoa_json *node);
/// The text of a String node, or NULL.
const char *stoa_semantic_string(const stoa_semantic_text *text, const stoa_json *node);
/// The text of a member, or NULL.
const char *stoa_semantic_member(const stoa_semantic_text *text, const stoa_json *node, const char *name);
/// The whole number of an A_Const.  False where the text has it in an unusual way.
bool stoa_semantic_integer(const stoa_semantic_text *text, const stoa_json *constant, int64_t *out);
/// True when a member is there and true.
bool stoa_semantic_flag(const stoa_json *node, const char *name);
/// True when the name of a node or a member is `name`.
bool stoa_semantic_named(const stoa_json *node, const char *name);

#endif
