// A small reader of SQL: it tells the simple queries from the others, and must never take another one for simple.
#include "ontology/view.h"
#include <string.h>
#include <strings.h>

typedef struct {
  const char *at;
  char word[128]; ///< the token: a name without its quotes, or one character
  bool is_name, quoted;
} scanner;

static bool is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool next(scanner *s)
{
  size_t n = 0;
  s->at += strspn(s->at, " \t\r\n");
  s->is_name = s->quoted = false;
  if (*s->at == '"') {
    s->is_name = s->quoted = true;
    for (++s->at; *s->at && *s->at != '"' && n + 1 < sizeof s->word; ++s->at) {
      s->word[n++] = *s->at;
    }
    s->at += *s->at == '"';
  } else if (is_letter(*s->at)) {
    s->is_name = true;
    for (; (is_letter(*s->at) || (*s->at >= '0' && *s->at <= '9')) && n + 1 < sizeof s->word; ++s->at) {
      s->word[n++] = *s->at;
    }
  } else if (*s->at) {
    s->word[n++] = *s->at++;
  }
  s->word[n] = '\0';
  return n > 0;
}

static bool is_word(const scanner *s, const char *word)
{
  return s->is_name && !s->quoted && strcasecmp(s->word, word) == 0;
}

static void skip_text(scanner *s)
{
  for (++s->at; *s->at && s->at[-1] != '\''; ++s->at) {
  }
}

// The rest of a WHERE: nothing that makes rows of others, or fewer by their number.
static bool only_picks(scanner *s)
{
  static const char *const others[] = {"group", "having", "union",  "except", "intersect", "order",
                                       "limit", "fetch",  "offset", "window", "for",       NULL};
  while (s->at[strspn(s->at, " \t\r\n")] == '\'' ? (s->at += strspn(s->at, " \t\r\n"), skip_text(s), true) : next(s)) {
    for (size_t i = 0; others[i]; ++i) {
      if (is_word(s, others[i])) {
        return false;
      }
    }
    if (strcmp(s->word, ";") == 0 || (strcmp(s->word, "-") == 0 && *s->at == '-') ||
        (strcmp(s->word, "/") == 0 && *s->at == '*')) {
      return false;
    }
  }
  return true;
}

const stoa_table_info *stoa_view_base(const char *sql, const stoa_catalog *catalog, stoa_arena *arena)
{
  scanner s = {.at = sql};
  STOA_LIST(const char *) columns = {0};
  if (!next(&s) || !is_word(&s, "select")) {
    return NULL;
  }
  do {
    if (!next(&s) || !s.is_name || is_word(&s, "distinct") || is_word(&s, "all")) {
      return NULL;
    }
    STOA_PUSH(arena, &columns, stoa_arena_copy(arena, stoa_slice_of(s.word)));
  } while (next(&s) && strcmp(s.word, ",") == 0);
  if (!is_word(&s, "from") || !next(&s) || !s.is_name) {
    return NULL;
  }
  const stoa_table_info *const table = stoa_catalog_find(catalog, s.word);
  for (uint32_t i = 0; table && i < columns.n; ++i) {
    if (!stoa_table_find(table, columns.items[i])) {
      return NULL;
    }
  }
  const bool more = next(&s);
  return table && (!more || (is_word(&s, "where") && only_picks(&s))) ? table : NULL;
}

void stoa_view_inherit(stoa_table_info *view, const stoa_table_info *base, stoa_arena *arena)
{
  stoa_column_info *const columns = STOA_NEWS(arena, stoa_column_info, view->n_columns + 1);
  STOA_LIST(stoa_column_set) keys = {0};
  for (uint32_t i = 0; i < view->n_columns; ++i) {
    const stoa_column_info *const from = stoa_table_find(base, view->columns[i].name);
    columns[i] = view->columns[i];
    if (from) {
      columns[i].not_null |= from->not_null;
      columns[i].read = columns[i].type == from->type ? from->read : columns[i].read;
      columns[i].n_distinct = from->n_distinct;
      columns[i].null_fraction = from->null_fraction;
      columns[i].quantiles = columns[i].type == from->type ? from->quantiles : NULL;
      columns[i].n_quantiles = columns[i].type == from->type ? from->n_quantiles : 0;
    }
  }
  view->columns = columns;
  for (uint32_t k = 0; k < base->n_keys; ++k) {
    stoa_column_set set = 0;
    bool broken = false;
    for (uint32_t c = 0; c < base->n_columns; ++c) {
      if (base->keys[k] & stoa_table_bit(base, base->columns[c].name)) {
        stoa_key_add(view, base->columns[c].name, &set, &broken);
      }
    }
    if (set) {
      STOA_PUSH(arena, &keys, set);
    }
  }
  for (uint32_t k = 0; k < view->n_keys; ++k) {
    STOA_PUSH(arena, &keys, view->keys[k]);
  }
  view->keys = keys.items;
  view->n_keys = keys.n;
  view->rows = base->rows;
}
