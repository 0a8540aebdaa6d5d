// PostgreSQL's own grammar, by libpg_query: text -> its parse tree as JSON -> stoa_json.
//
// What its JSON does not tell: members that are 0, false or NULL are left out, and so are negative whole numbers
// (stoa_semantic_integer reads those in the text).  Places are bytes of the text, those of errors letters from 1.
#include "graph/semantic/tree.h"
#include "graph/base/utf8.h"
#include "graph/semantic/semantic.h"
#include "graph/sparql/lexer.h"
#include <ctype.h>
#include <pg_query.h>

stoa_place stoa_semantic_place(const stoa_semantic_text *t, int64_t at)
{
  stoa_place place = {t->file, 1, 1};
  const size_t end = at < 0 ? 0 : (uint64_t)at < t->text.length ? (size_t)at : t->text.length;
  for (size_t i = 0; i < end; ++place.column) {
    const bool ends = t->text.data[i] == '\n';
    uint32_t code;
    i += stoa_utf8_read(t->text.data + i, t->text.length - i, &code);
    if (ends) {
      place.line++;
      place.column = 0;
    }
  }
  return place;
}

// A letter, counted from 1, as its byte.
static int64_t byte_of(const stoa_semantic_text *t, int letter)
{
  size_t at = 0;
  for (int i = 1; i < letter && at < t->text.length; ++i) {
    uint32_t code;
    at += stoa_utf8_read(t->text.data + at, t->text.length - at, &code);
  }
  return (int64_t)at;
}

static bool tells_place(const stoa_json *node, int64_t *at)
{
  const stoa_json *const own = stoa_json_find(node, "location");
  bool found = own && own->kind == STOA_JSON_INTEGER && own->integer >= 0;
  if (found) {
    *at = own->integer;
  }
  for (uint32_t i = 0; i < node->n_items && !found; ++i) {
    found = tells_place(&node->items[i], at);
  }
  return found;
}

stoa_place stoa_semantic_place_of(const stoa_semantic_text *t, const stoa_json *node)
{
  int64_t at = 0;
  tells_place(node, &at);
  return stoa_semantic_place(t, at);
}

bool stoa_semantic_named(const stoa_json *node, const char *name)
{
  return node && node->name && strcmp(node->name, name) == 0;
}

const stoa_json *stoa_semantic_node(const stoa_json *node)
{
  return node && node->kind == STOA_JSON_OBJECT && node->n_items == 1 ? &node->items[0] : NULL;
}

const char *stoa_semantic_member(const stoa_semantic_text *t, const stoa_json *node, const char *name)
{
  const stoa_json *const member = stoa_json_find(node, name);
  return member && member->kind == STOA_JSON_STRING ? stoa_arena_copy(t->arena, member->text) : NULL;
}

const char *stoa_semantic_string(const stoa_semantic_text *t, const stoa_json *node)
{
  const stoa_json *const inner = stoa_semantic_node(node);
  return stoa_semantic_named(inner, "String") ? stoa_semantic_member(t, inner, "sval") : NULL;
}

bool stoa_semantic_flag(const stoa_json *node, const char *name)
{
  const stoa_json *const member = stoa_json_find(node, name);
  return member && member->kind == STOA_JSON_BOOLEAN && member->integer;
}

bool stoa_semantic_integer(const stoa_semantic_text *t, const stoa_json *constant, int64_t *out)
{
  const stoa_json *const number = stoa_json_find(stoa_json_find(constant, "ival"), "ival");
  const stoa_json *const at = stoa_json_find(constant, "location");
  const char *digit = t->text.data + (at && at->integer > 0 ? at->integer : 0), *const end =
                                                                                  t->text.data + t->text.length;
  int64_t n = 0;
  *out = number ? number->integer : 0;
  if (number || !at || digit >= end || *digit != '-') {
    return true;
  }
  do {
    ++digit;
  } while (digit < end && isspace((unsigned char)*digit));
  if (digit == end || !isdigit((unsigned char)*digit)) {
    return false;
  }
  for (; digit < end && isdigit((unsigned char)*digit) && n <= INT32_MAX; ++digit) {
    n = n * 10 + (*digit - '0');
  }
  *out = -n;
  return true;
}

// Where the first word stands behind blanks and comments, for statements, which tell where their blanks begin.
static int64_t first_word(const stoa_semantic_text *t, int64_t from)
{
  const char *const text = t->text.data;
  size_t i = (size_t)from;
  while (i < t->text.length) {
    if (strchr(" \t\r\n\f", text[i])) {
      ++i;
    } else if (i + 1 < t->text.length && text[i] == '-' && text[i + 1] == '-') {
      const char *const line = memchr(text + i, '\n', t->text.length - i);
      i = line ? (size_t)(line - text) : t->text.length;
    } else {
      break;
    }
  }
  return (int64_t)i;
}

static stoa_status refuse_syntax(const stoa_semantic_text *t, const PgQueryError *error)
{
  const int64_t at = error->cursorpos > 0 ? byte_of(t, error->cursorpos) : 0;
  const char next = (uint64_t)at < t->text.length ? t->text.data[at] : '\0';
  const char *const hint = strstr(error->message, "memory exhausted") ? "; it nests too deeply"
                           : next == ':' ? "; there are no parameters: the instant asked about is CURRENT_TIMESTAMP"
                           : next == '?' ? "; this is read as SQL, which has no ?variables"
                           : next == '{' ? "; this is read as SQL, and looks like SPARQL"
                                         : "";
  return stoa_error_at(t->err, STOA_BAD_SYNTAX, stoa_semantic_place(t, at), "%s%s", error->message, hint);
}

static stoa_status check_text(const stoa_semantic_text *t)
{
  const char *const nul = memchr(t->text.data ? t->text.data : "", '\0', t->text.length);
  STOA_TRY(stoa_lexer_check(t->text, t->file, t->err));
  if (nul) {
    return stoa_error_at(t->err, STOA_BAD_SYNTAX, stoa_semantic_place(t, nul - t->text.data), "a byte 0 in the text");
  }
  return t->text.length <= STOA_SEMANTIC_LONGEST
           ? STOA_OK
           : stoa_error_at(t->err, STOA_TOO_LARGE, (stoa_place){t->file, 1, 1},
                           "semantic SQL may be %d bytes long, and this is %zu; ask in parts, or in SPARQL",
                           STOA_SEMANTIC_LONGEST, t->text.length);
}

static stoa_status only_select(const stoa_semantic_text *t, const stoa_json *tree, const stoa_json **out)
{
  const stoa_json *const statements = stoa_json_find(tree, "stmts");
  if (!statements || statements->n_items == 0) {
    return stoa_error_at(t->err, STOA_BAD_SYNTAX, (stoa_place){t->file, 1, 1},
                         "a SELECT is expected, and there is none");
  }
  const stoa_json *const last = &statements->items[statements->n_items - 1];
  const stoa_json *const start = stoa_json_find(last, "stmt_location");
  const stoa_place place = stoa_semantic_place(t, first_word(t, start ? start->integer : 0));
  if (statements->n_items > 1) {
    return stoa_error_at(t->err, STOA_BAD_SYNTAX, place, "a second statement; a text is one SELECT");
  }
  const stoa_json *const statement = stoa_semantic_node(stoa_json_find(last, "stmt"));
  if (!stoa_semantic_named(statement, "SelectStmt")) {
    const char *const kind = statement ? statement->name : "";
    const size_t n = strlen(kind), end = n > 4 && strcmp(kind + n - 4, "Stmt") == 0 ? n - 4 : n;
    return stoa_error_at(t->err, STOA_BAD_SYNTAX, place, "a SELECT is expected, and this is a statement of %.*s",
                         (int)end, kind);
  }
  *out = statement;
  return STOA_OK;
}

static stoa_status read_tree(const stoa_semantic_text *t, const char *json, const stoa_json **out)
{
  stoa_error unread = {0};
  if (stoa_json_read_deep(stoa_slice_of(json), STOA_SEMANTIC_DEEPEST, t->arena, out, &unread) == STOA_OK) {
    return STOA_OK;
  }
  return stoa_error_at(t->err, STOA_TOO_LARGE, (stoa_place){t->file, 1, 1},
                       "the SELECT nests too deeply: brackets, operators and sub-selects may stand in each other some "
                       "%d times",
                       STOA_SEMANTIC_DEEPEST / 2);
}

stoa_status stoa_semantic_parse(const stoa_semantic_text *t, const stoa_json **out)
{
  const stoa_json *tree = NULL;
  STOA_TRY(check_text(t));
  const PgQueryParseResult parsed = pg_query_parse(stoa_arena_copy(t->arena, t->text));
  stoa_status status = parsed.error ? refuse_syntax(t, parsed.error) : read_tree(t, parsed.parse_tree, &tree);
  pg_query_free_parse_result(parsed);
  return status == STOA_OK ? only_select(t, tree, out) : status;
}
