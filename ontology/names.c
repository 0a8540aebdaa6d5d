#include "ontology/names.h"
#include <ctype.h>
#include <string.h>

static bool is_letter(unsigned char c)
{
  return isalnum(c) || c >= 0x80;
}

static bool has_small_letters(const char *name)
{
  for (; *name; ++name) {
    if (islower((unsigned char)*name)) {
      return true;
    }
  }
  return false;
}

// Capitals that a name begins with, but for the one that begins its next word: ID of IDNumber, URL of URL.
static size_t leading_capitals(const char *name)
{
  size_t n = 0;
  while (isupper((unsigned char)name[n])) {
    ++n;
  }
  return n > 1 && islower((unsigned char)name[n]) ? n - 1 : n;
}

// Letters beyond ASCII stay; a name that begins with a digit gets an underscore before it, and one in capitals alone is
// read as if it were in small letters.
static void write_camel(const char *name, bool capital, stoa_buf *out)
{
  const bool shouts = !has_small_letters(name);
  const size_t n_small = capital ? 0 : leading_capitals(name);
  bool upper = capital, begun = false;
  for (size_t i = 0; name[i]; ++i) {
    const unsigned char c = (unsigned char)name[i];
    if (!is_letter(c)) {
      upper = begun;
      continue;
    }
    if (!begun && isdigit(c)) {
      stoa_buf_byte(out, '_');
    }
    const bool small = !upper && (shouts || i < n_small);
    stoa_buf_byte(out, (char)(c >= 0x80 ? c : upper ? toupper(c) : small ? tolower(c) : c));
    begun = true;
    upper = false;
  }
  if (!begun) {
    stoa_buf_byte(out, '_');
  }
}

void stoa_name_property(const char *column, stoa_buf *out)
{
  write_camel(column, false, out);
}

void stoa_name_class(const char *table, stoa_buf *out)
{
  write_camel(table, true, out);
}

static bool ends_with(const char *name, size_t n, const char *end)
{
  const size_t m = strlen(end);
  if (n <= m) {
    return false;
  }
  for (size_t i = 0; i < m; ++i) {
    if (tolower((unsigned char)name[n - m + i]) != end[i]) {
      return false;
    }
  }
  return true;
}

// What a name of a key ends with: _id in any letters; Id or ID behind a small one.
static size_t without_end(const char *name)
{
  static const char *const ends[] = {"_id", "_no", "_key", "_nr", "_fk", " id", "-id", NULL};
  const size_t n = strlen(name);
  for (size_t i = 0; ends[i]; ++i) {
    if (ends_with(name, n, ends[i])) {
      return n - strlen(ends[i]);
    }
  }
  const bool camel = n > 2 && name[n - 2] == 'I' && islower((unsigned char)name[n - 3]) && ends_with(name, n, "id");
  return camel ? n - 2 : n;
}

void stoa_name_reference(const stoa_foreign_key *key, stoa_buf *out)
{
  char name[256];
  const char *const from = key->n == 1 ? key->from[0] : key->table;
  const size_t whole = key->n == 1 ? without_end(from) : strlen(from);
  const size_t n = whole < sizeof name ? whole : sizeof name - 1;
  memcpy(name, from, n);
  name[n] = '\0';
  write_camel(name, false, out);
}
