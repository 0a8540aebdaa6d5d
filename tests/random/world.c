// A random world: tables with random keys, NULLs and equal values, over one or several databases, and a random mapping of
// them.  Domains are small, so that terms of different maps meet, rows of two sources tell the same triple, and constants
// lie at the borders of what is there.
//
//     world FOLDER SEED PG     writes FOLDER/{stoa.yaml, NAME.ttl, NAME.sql, NAME/*.csv} and names the sources with
//                              their drivers on standard output; PG: what libpq connects to, or "-"
#include "graph/base/buf.h"
#include "tests/random/dice.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_TABLES = 4, N_PREDICATES = 8, PER_TABLE = N_PREDICATES / N_TABLES, MOST_ROWS = 30 };

typedef enum { SQLITE, POSTGRES, CSV, N_DRIVERS } driver;
static const char *const driver_names[] = {"sqlite", "postgres", "csv"};

/// What the rows of a table differ in.
typedef enum { KEY_NONE, KEY_K, KEY_K_D, KEY_CODE, N_KEYS } key;

typedef struct {
  int source;
  key key;
  uint32_t n_rows;
  int like; ///< the table whose rows it repeats, so that two sources tell the same; -1: none
  int subject;
} table;

typedef struct {
  dice d;
  int n_sources;
  bool apart; ///< each property is told by one map alone, so that one SELECT answers a pattern
  driver drivers[2];
  table tables[N_TABLES];
  const char *folder, *pg;
} world;

// ---- rows

static const char *const codes[] = {"A", "B", "Ax1", "x", "A-1", "b", "1", "12", "\xC3\x9F", "A b"};
static const char *const texts[] = {"one", "two", "1", "02", "Two", "a/b", "\xC5\xBDiga", "x%20y", ""};
static const char *const numbers[] = {"1", "2", "3", "07", "12", "-4"};
static const int integers[] = {-10, -2, -1, 0, 1, 2, 3, 4, 7, 9, 10, 12, 100}; // as texts they have another order
static const char *const days[] = {"2024-01-31", "2024-02-29", "2023-12-31", "2024-02-01", "1999-06-15"};
static const char *const cents[] = {"0.50", "1.00", "1.50", "12.25", "-3.00", "2.00"};

// k, code, d, n, m, t, z (numbers as texts), r (a k of some table)
static const char *const names[] = {"k", "code", "d", "n", "m", "t", "z", "r"};
static const char *const types[] = {"INTEGER", "VARCHAR(20)", "DATE", "INTEGER", "DECIMAL(8,2)", "VARCHAR(20)",
                                    "VARCHAR(20)", "INTEGER"};
static const bool quoted[] = {false, true, true, false, false, true, true, false};
enum { N_COLUMNS = 8 };

static void cell(world *w, dice *d, key k, uint32_t row, int column, stoa_buf *out)
{
  (void)w;
  const bool in_key = (k == KEY_K && column == 0) || (k == KEY_K_D && (column == 0 || column == 2)) ||
                      (k == KEY_CODE && column == 1);
  if (!in_key && dice_chance(d, column == 0 ? 4 : 12)) {
    return; // NULL
  }
  switch (column) {
    case 0:
      stoa_buf_print(out, "%u", k == KEY_K ? row + 1 : k == KEY_K_D ? row / 3 + 1 : 1 + dice_below(d, 8));
      return;
    case 1:
      if (k == KEY_CODE) {
        stoa_buf_print(out, "%s%s", codes[row % 10], row < 10 ? "" : row < 20 ? "y" : "z");
      } else {
        stoa_buf_text(out, codes[dice_below(d, 10)]);
      }
      return;
    case 2:
      stoa_buf_text(out, days[k == KEY_K_D ? row % 3 : dice_below(d, 5)]);
      return;
    case 3:
      stoa_buf_print(out, "%d", integers[dice_below(d, sizeof integers / sizeof *integers)]);
      return;
    case 4:
      stoa_buf_text(out, cents[dice_below(d, 6)]);
      return;
    case 5:
      stoa_buf_text(out, texts[dice_below(d, 8 + (w->drivers[0] != CSV && w->drivers[1] != CSV))]);
      return;
    case 6:
      stoa_buf_text(out, numbers[dice_below(d, 6)]);
      return;
    default:
      stoa_buf_print(out, "%u", 1 + dice_below(d, 10));
  }
}

static void quote(const stoa_buf *text, bool as_text, stoa_buf *out)
{
  if (!text->length) {
    stoa_buf_text(out, "NULL");
    return;
  }
  stoa_buf_text(out, as_text ? "'" : "");
  stoa_buf_slice(out, (stoa_slice){text->data, text->length});
  stoa_buf_text(out, as_text ? "'" : "");
}

static void write_rows(world *w, int t, bool csv, stoa_buf *out)
{
  const table *const of = &w->tables[t];
  dice d = {stoa_hash_mix(w->d.state + (uint64_t)(of->like >= 0 ? of->like : t) * 77)};
  for (uint32_t row = 0; row < of->n_rows; ++row) {
    stoa_buf_text(out, csv ? "" : row ? ", (" : "INSERT INTO ");
    if (!csv && row == 0) {
      stoa_buf_print(out, "t%d VALUES (", t);
    }
    for (int c = 0; c < N_COLUMNS; ++c) {
      stoa_buf text = {0};
      cell(w, &d, of->key, row, c, &text);
      stoa_buf_text(out, c ? "," : "");
      if (csv) {
        stoa_buf_slice(out, (stoa_slice){text.data ? text.data : "", text.length});
      } else {
        quote(&text, quoted[c], out);
      }
      stoa_buf_done(&text);
    }
    stoa_buf_text(out, csv ? "\n" : ")");
  }
  stoa_buf_text(out, csv ? "" : ";\n");
}

static void write_table(world *w, int t, stoa_buf *out)
{
  static const char *const keys[] = {"", ", PRIMARY KEY (k)", ", PRIMARY KEY (k, d)", ", UNIQUE (code)"};
  const key k = w->tables[t].key;
  stoa_buf_print(out, "CREATE TABLE t%d (", t);
  for (int c = 0; c < N_COLUMNS; ++c) {
    const bool in_key = (c == 0 && (k == KEY_K || k == KEY_K_D)) || (c == 2 && k == KEY_K_D) || (c == 1 && k == KEY_CODE);
    stoa_buf_print(out, "%s%s %s%s", c ? ", " : "", names[c], types[c], in_key ? " NOT NULL" : "");
  }
  stoa_buf_print(out, "%s);\n", keys[k]);
  write_rows(w, t, false, out);
  if (dice_chance(&w->d, 40)) {
    stoa_buf_print(out, "CREATE INDEX t%d_n ON t%d(n);\n", t, t);
  }
}

// ---- mapping

static const char *const subjects[] = {
  "rr:template \"http://w/s/{k}\"",
  "rr:template \"http://w/s/{k}/{d}\"",
  "rr:template \"http://w/s/{code}\"",
  "rr:template \"http://w/s/{code}-{k}\"",
  "rr:template \"http://w/s/{k}-{n}\"",
  "rr:template \"{k}x{d}\" ; rr:termType rr:BlankNode",
  "rr:template \"{code}x{k}\" ; rr:termType rr:BlankNode",
  "rr:template \"{code}x{t}\" ; rr:termType rr:BlankNode",
  "rr:template \"http://w/{code}\"",
  "rr:constant w:thing",
};
enum { N_SUBJECTS = sizeof subjects / sizeof *subjects };

// `typed`: the source tells no types of its own, so that a natural literal is a text.
static void object(world *w, bool typed, stoa_buf *out)
{
  static const char *const objects[] = {
    "rr:column \"n\"",
    "rr:column \"n\" ; rr:datatype xsd:string",
    "rr:column \"n\" ; rr:datatype xsd:decimal",
    "rr:column \"n\" ; rr:datatype xsd:integer",
    "rr:column \"z\" ; rr:datatype xsd:integer",
    "rr:column \"z\" ; rr:datatype xsd:decimal",
    "rr:column \"z\"",
    "rr:column \"m\"",
    "rr:column \"m\" ; rr:datatype xsd:string",
    "rr:column \"m\" ; rr:datatype xsd:double",
    "rr:column \"t\"",
    "rr:column \"t\" ; rr:language \"en\"",
    "rr:column \"d\"",
    "rr:column \"d\" ; rr:datatype xsd:date",
    "rr:column \"d\" ; rr:datatype xsd:string",
    "rr:template \"http://w/s/{r}\"",
    "rr:template \"http://w/s/{code}\"",
    "rr:template \"http://w/s/{r}/{d}\"",
    "rr:template \"{k}x{d}\" ; rr:termType rr:BlankNode",
    "rr:template \"{code}-{n}\" ; rr:termType rr:Literal",
    "rr:constant 2",
  };
  (void)typed;
  stoa_buf_text(out, objects[dice_below(&w->d, sizeof objects / sizeof *objects)]);
}

static void write_map(world *w, int t, stoa_buf *out)
{
  const bool typed = w->drivers[w->tables[t].source] == CSV;
  stoa_buf_print(out, "<#m%d> rr:logicalTable [ rr:tableName \"t%d\" ] ; rr:subjectMap [ %s", t, t,
                 subjects[w->tables[t].subject]);
  if (dice_chance(&w->d, 60)) {
    stoa_buf_print(out, " ; rr:class w:C%u", dice_below(&w->d, 3));
  }
  stoa_buf_text(out, " ]");
  for (uint32_t i = 0, n = w->apart ? PER_TABLE : 3 + dice_below(&w->d, 4); i < n; ++i) {
    stoa_buf_text(out, " ;\n  rr:predicateObjectMap [ ");
    if (w->apart) {
      stoa_buf_print(out, "rr:predicate w:p%u", (uint32_t)t * PER_TABLE + i);
    } else if (dice_chance(&w->d, 12)) {
      stoa_buf_text(out, "rr:predicateMap [ rr:template \"http://w/p{n}\" ]");
    } else {
      stoa_buf_print(out, "rr:predicate w:p%u", dice_below(&w->d, N_PREDICATES));
    }
    stoa_buf_text(out, " ; rr:objectMap [ ");
    object(w, typed, out);
    stoa_buf_text(out, " ] ]");
  }
  if (!w->apart && dice_chance(&w->d, 25)) {
    stoa_buf_text(out, " ;\n  rr:predicateObjectMap [ rr:predicate rdf:type ; rr:objectMap [ rr:template \"http://w/C{n}\" ] ]");
  }
  const int parent = (int)dice_below(&w->d, N_TABLES);
  if (!w->apart && dice_chance(&w->d, 25) && w->tables[parent].source == w->tables[t].source) {
    stoa_buf_print(out,
                   " ;\n  rr:predicateObjectMap [ rr:predicate w:p%u ; rr:objectMap [ rr:parentTriplesMap <#m%d> ; "
                   "rr:joinCondition [ rr:child \"r\" ; rr:parent \"k\" ] ] ]",
                   dice_below(&w->d, N_PREDICATES), parent);
  }
  stoa_buf_text(out, " .\n");
}

// ---- files

static bool write_file(const world *w, const char *name, const stoa_buf *text)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", w->folder, name);
  FILE *const file = fopen(path, "w");
  const bool good = file && fwrite(text->data, 1, text->length, file) == text->length;
  return file && fclose(file) == 0 && good;
}

static bool write_csv(world *w, int t)
{
  stoa_buf text = {0};
  char name[64];
  for (int c = 0; c < N_COLUMNS; ++c) {
    stoa_buf_print(&text, "%s%s", c ? "," : "", names[c]);
  }
  stoa_buf_byte(&text, '\n');
  write_rows(w, t, true, &text);
  snprintf(name, sizeof name, "s%d/t%d.csv", w->tables[t].source, t);
  const bool good = write_file(w, name, &text);
  stoa_buf_done(&text);
  return good;
}

static bool write_source(world *w, int s, stoa_buf *yaml)
{
  static const char *const header = "@prefix rr: <http://www.w3.org/ns/r2rml#> .\n@prefix w: <http://w/> .\n"
                                    "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
                                    "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n";
  stoa_buf sql = {0}, map = {0};
  char name[64];
  bool good = true;
  stoa_buf_text(&map, header);
  for (int t = 0; t < N_TABLES; ++t) {
    if (w->tables[t].source == s) {
      good &= w->drivers[s] != CSV || write_csv(w, t);
      write_table(w, t, &sql);
      write_map(w, t, &map);
    }
  }
  snprintf(name, sizeof name, "s%d.ttl", s);
  good &= write_file(w, name, &map);
  snprintf(name, sizeof name, "s%d.sql", s);
  good &= write_file(w, name, &sql);
  stoa_buf_print(yaml, "  s%d: {driver: %s, ", s, driver_names[w->drivers[s]]);
  if (w->drivers[s] == POSTGRES) {
    stoa_buf_print(yaml, "address: \"%s options='-c search_path=s%d'\", mappings: [s%d.ttl]}\n", w->pg, s, s);
  } else {
    stoa_buf_print(yaml, "address: s%d%s, mappings: [s%d.ttl]}\n", s, w->drivers[s] == CSV ? "" : ".db", s);
  }
  printf("s%d %s\n", s, driver_names[w->drivers[s]]);
  stoa_buf_done(&sql);
  stoa_buf_done(&map);
  return good;
}

static void roll(world *w)
{
  w->n_sources = 1 + (int)dice_below(&w->d, 2);
  w->apart = dice_chance(&w->d, 30);
  for (int s = 0; s < w->n_sources; ++s) {
    const uint32_t choice = dice_below(&w->d, 10);
    w->drivers[s] = choice < 5 ? SQLITE : choice < 8 && strcmp(w->pg, "-") != 0 ? POSTGRES : choice < 8 ? SQLITE : CSV;
  }
  w->drivers[1] = w->n_sources == 2 ? w->drivers[1] : w->drivers[0];
  for (int t = 0; t < N_TABLES; ++t) {
    table *const of = &w->tables[t];
    of->source = t < w->n_sources ? t : (int)dice_below(&w->d, (uint32_t)w->n_sources);
    of->key = w->drivers[of->source] == CSV ? KEY_NONE : (key)dice_below(&w->d, N_KEYS);
    of->n_rows = 5 + dice_below(&w->d, MOST_ROWS - 5);
    of->like = -1;
    of->subject = (int)dice_below(&w->d, N_SUBJECTS);
    const int other = t ? (int)dice_below(&w->d, (uint32_t)t) : 0;
    if (t && dice_chance(&w->d, 40) && w->drivers[of->source] != CSV) { // the same rows, perhaps in the other source
      of->like = w->tables[other].like >= 0 ? w->tables[other].like : other;
      of->key = w->tables[other].key;
      of->n_rows = w->tables[other].n_rows;
      of->subject = w->tables[other].subject;
    }
  }
}

int main(int argc, char **argv)
{
  if (argc != 4) {
    fputs("usage: world FOLDER SEED PG\n", stderr);
    return 2;
  }
  world w = {.folder = argv[1], .pg = argv[3], .d = {stoa_hash_mix(strtoull(argv[2], NULL, 10) + 1)}};
  stoa_buf yaml = {0};
  bool good = true;
  roll(&w);
  stoa_buf_text(&yaml, "project: world\nbase: http://w/\nsources:\n");
  for (int s = 0; s < w.n_sources; ++s) {
    good &= write_source(&w, s, &yaml);
  }
  stoa_buf_text(&yaml, "state: {driver: sqlite, address: state.db}\n");
  good &= write_file(&w, "stoa.yaml", &yaml);
  stoa_buf_done(&yaml);
  return good ? 0 : 3;
}
