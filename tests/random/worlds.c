// Random queries over a random world (world.c), each answered over the sources and plainly over the same triples in the
// native graph.  Patterns of a handful of properties are joined at random, so that many maps meet in each variable.
//
//     worlds PROJECT DATA.nt SEED QUERIES     prints what differs and how often each operator stood in a query
#include "graph/plan/planning.h"
#include "graph/result/answer.h"
#include "graph/sparql/parser.h"
#include "personalizer/engine.h"
#include "tests/random/answers.h"
#include "tests/random/dice.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum {
  USE_JOIN,
  USE_OPTIONAL,
  USE_UNION,
  USE_FILTER,
  USE_MINUS,
  USE_EXISTS,
  USE_BIND,
  USE_VALUES,
  USE_GROUP,
  USE_LATEST,
  USE_CLOSURE,
  USE_CLASS,
  USE_CONSTANT,
  USE_DISTINCT,
  USE_ORDER,
  N_USES
} use;
static const char *const use_names[] = {"join",    "optional", "union",    "filter",   "minus",
                                        "exists",  "bind",     "values",   "group",    "latest",
                                        "closure", "class",    "constant", "distinct", "order"};

enum { MOST_VARS = 12 };

/// What stands in the data, as N-Triples writes it.
typedef struct {
  const char *term[3];
} triple;

typedef struct {
  triple *items;
  uint32_t n, capacity;
} triples;

typedef struct {
  dice d;
  stoa_buf text;
  uint32_t n_vars;
  const char
    *witness[MOST_VARS]; ///< a term that the variable can have, if the patterns are met as they were made; or NULL
  bool uses[N_USES];
  const triples *data;
} generator;

static uint32_t any_var(generator *g)
{
  return dice_below(&g->d, g->n_vars ? g->n_vars : 1);
}

static uint32_t new_var(generator *g)
{
  const uint32_t v = g->n_vars < MOST_VARS ? g->n_vars++ : MOST_VARS - 1;
  g->witness[v] = NULL;
  return v;
}

static void say(generator *g, const char *text)
{
  stoa_buf_text(&g->text, text);
}

// A text with numbers in the places of its "%u": first `a`, then `b`.
static void spell(generator *g, const char *text, uint32_t a, uint32_t b)
{
  for (uint32_t next = a; *text; ++text) {
    if (text[0] == '%' && text[1] == 'u') {
      stoa_buf_print(&g->text, "%u", next);
      next = b;
      ++text;
    } else {
      stoa_buf_byte(&g->text, *text);
    }
  }
}

static const triple *any_triple(generator *g)
{
  return g->data->n ? &g->data->items[dice_below(&g->d, g->data->n)] : NULL;
}

// A triple that has `term` at a place; NULL: none.
static const triple *triple_with(generator *g, const char *term, int place)
{
  const uint32_t from = g->data->n ? dice_below(&g->d, g->data->n) : 0;
  for (uint32_t i = 0; term && i < g->data->n; ++i) {
    const triple *const t = &g->data->items[(from + i) % g->data->n];
    if (strcmp(t->term[place], term) == 0) {
      return t;
    }
  }
  return NULL;
}

// A term of the data, or one just beside it.
static void constant(generator *g)
{
  static const char *const others[] = {"1",
                                       "2",
                                       "\"1\"",
                                       "2.0",
                                       "1.5",
                                       "\"2024-02-29\"^^xsd:date",
                                       "\"one\"@en",
                                       "\"A\"",
                                       "<http://w/s/1>",
                                       "<http://w/s/A>",
                                       "\"07\"^^xsd:integer",
                                       "1.5e0",
                                       "<http://w/s/99>"};
  const triple *const t = any_triple(g);
  g->uses[USE_CONSTANT] = true;
  const bool known = t && t->term[2][0] != '_' && dice_chance(&g->d, 75);
  say(g, known ? t->term[2] : others[dice_below(&g->d, sizeof others / sizeof *others)]);
}

// A constant that the variable can have, if one is known.
static void constant_of(generator *g, uint32_t var)
{
  if (g->witness[var] && g->witness[var][0] != '_' && dice_chance(&g->d, 70)) {
    g->uses[USE_CONSTANT] = true;
    say(g, g->witness[var]);
  } else {
    constant(g);
  }
}

// A pattern that a triple of the data meets, from a variable whose term stands in it.
static void pattern(generator *g, uint32_t var)
{
  bool backward = dice_chance(&g->d, 20);
  const triple *t = triple_with(g, g->witness[var], backward ? 2 : 0);
  const uint32_t form = dice_below(&g->d, 30);
  if (!t && g->witness[var] && dice_chance(&g->d, 90)) { // a literal begins no triple
    backward = !backward;
    t = triple_with(g, g->witness[var], backward ? 2 : 0);
  }
  if (!t && !g->witness[var]) {
    t = any_triple(g);
    g->witness[var] = t ? t->term[backward ? 2 : 0] : NULL;
  }
  if (!t || form == 0) {
    stoa_buf_print(&g->text, "?v%u w:p%u ?v%u . ", var, dice_below(&g->d, 8),
                   dice_chance(&g->d, 50) ? any_var(g) : new_var(g));
    return;
  }
  const bool of_class = strstr(t->term[1], "#type>") != NULL;
  g->uses[USE_CLASS] |= of_class;
  if (backward) {
    const uint32_t v = new_var(g);
    g->witness[v] = t->term[0];
    stoa_buf_print(&g->text, "?v%u %s ?v%u . ", v, t->term[1], var);
    return;
  }
  stoa_buf_print(&g->text, "?v%u %s ", var, t->term[1]);
  if (t->term[2][0] != '_' && (form < 4 || (of_class && form < 12))) {
    g->uses[USE_CONSTANT] = true;
    say(g, t->term[2]);
  } else {
    uint32_t v = any_var(g);
    if (!dice_chance(&g->d, 15) || v == var || !g->witness[v] || strcmp(g->witness[v], t->term[2]) != 0) {
      v = new_var(g);
      g->witness[v] = t->term[2];
    }
    stoa_buf_print(&g->text, "?v%u", v);
  }
  say(g, " . ");
}

// A pattern between two variables that stand elsewhere, whether or not they can be so.
static void pattern_between(generator *g, uint32_t a, uint32_t b)
{
  const triple *const t = triple_with(g, g->witness[a], 0);
  stoa_buf_print(&g->text, "?v%u %s ?v%u . ", a, t ? t->term[1] : "w:p1", b);
}

static void basic(generator *g, uint32_t n)
{
  g->uses[USE_JOIN] |= n > 1;
  for (uint32_t i = 0; i < n; ++i) {
    pattern(g, g->n_vars && dice_chance(&g->d, 95) ? any_var(g) : new_var(g));
  }
}

static void condition(generator *g)
{
  static const char *const signs[] = {"<", "<=", ">", ">=", "=", "!="};
  const uint32_t form = dice_below(&g->d, 10);
  uint32_t v = any_var(g);
  for (int tries = 0; form < 3 && tries < 6 && !(g->witness[v] && g->witness[v][0] == '"'); ++tries) {
    v = any_var(g); // what has an order
  }
  if (form < 3) { // its own value, or what lies beside it
    stoa_buf_print(&g->text, "?v%u %s ", v, signs[1 + dice_below(&g->d, 2) * 2 + dice_below(&g->d, 2)]);
    constant_of(g, v);
  } else if (form < 5) {
    stoa_buf_print(&g->text, "?v%u %s ", v, signs[dice_below(&g->d, 6)]);
    constant_of(g, v);
  } else if (form == 5) {
    stoa_buf_print(&g->text, "?v%u %s ?v%u", v, signs[dice_below(&g->d, 6)], any_var(g));
  } else if (form == 6) {
    stoa_buf_print(&g->text, "?v%u IN (", v);
    for (uint32_t i = 0, n = 1 + dice_below(&g->d, 4); i < n; ++i) {
      say(g, i ? ", " : "");
      constant_of(g, v);
    }
    say(g, ")");
  } else {
    static const char *const calls[] = {
      "STRLEN(?v%u) > 1", "ISIRI(?v%u)",       "LANG(?v%u) = \"en\"",  "?v%u + 1 > 2",    "CONTAINS(?v%u, \"1\")",
      "BOUND(?v%u)",      "YEAR(?v%u) = 2024", "STR(?v%u) > \"http\"", "ISLITERAL(?v%u)", "UCASE(?v%u) = \"ONE\""};
    spell(g, calls[dice_below(&g->d, 10)], v, 0);
  }
}

static void filter(generator *g)
{
  g->uses[USE_FILTER] = true;
  say(g, dice_chance(&g->d, 20) ? "FILTER(!(" : "FILTER((");
  condition(g);
  if (dice_chance(&g->d, 40)) {
    say(g, dice_chance(&g->d, 70) ? ") || (" : ") && (");
    condition(g);
  }
  say(g, ")) ");
}

static void inside(generator *g, const char *before)
{
  const bool denies = before[0] == 'M' || strstr(before, "NOT") != NULL;
  say(g, before);
  say(g, "{ ");
  const uint32_t given = any_var(g);
  basic(g, 1 + dice_below(&g->d, 2));
  if (dice_chance(&g->d, 20)) { // what the rows outside have is bound within OPTIONAL alone
    say(g, "OPTIONAL { ");
    pattern_between(g, any_var(g), given);
    say(g, "} ");
  }
  if (dice_chance(&g->d, denies ? 70 : 15)) { // what all rows have is denied of some
    filter(g);
  }
  say(g, "} ");
}

static void values(generator *g)
{
  g->uses[USE_VALUES] = true;
  const uint32_t a = any_var(g), b = any_var(g);
  const bool two = a != b && dice_chance(&g->d, 20);
  stoa_buf_print(&g->text, two ? "VALUES (?v%u ?v%u) { " : "VALUES ?v%u { ", a, b);
  for (uint32_t i = 0, n = 2 + dice_below(&g->d, 6); i < n; ++i) {
    say(g, two ? "(" : "");
    if (i == 0 && g->witness[a] && g->witness[a][0] != '_') {
      say(g, g->witness[a]);
    } else {
      constant_of(g, a);
    }
    if (two) {
      say(g, " ");
      constant_of(g, b);
      say(g, ")");
    }
    say(g, " ");
  }
  say(g, "} ");
}

// The greatest of each group, joined back to its rows.
static void latest(generator *g)
{
  const uint32_t key = any_var(g), value = new_var(g), q = dice_below(&g->d, 8);
  const triple *const t = triple_with(g, g->witness[key], 0);
  const char *const p = t ? t->term[1] : "w:p1";
  static const char *const aggregates[] = {"MAX", "MIN", "SUM", "COUNT", "AVG"};
  g->uses[USE_LATEST] = g->uses[USE_GROUP] = true;
  stoa_buf_print(&g->text, "{ SELECT ?v%u (%s(?x) AS ?v%u) { ?v%u %s ?x } GROUP BY ?v%u } ", key,
                 aggregates[dice_below(&g->d, 5)], value, key, p, key);
  if (t && dice_chance(&g->d, 40)) {
    stoa_buf_print(&g->text, "?v%u %s ?v%u . ", key, p, value);
  } else if (dice_chance(&g->d, 20)) {
    stoa_buf_print(&g->text, "?v%u w:p%u ?v%u . ", new_var(g), q, value);
  }
}

static void step(generator *g)
{
  switch (dice_below(&g->d, 10)) {
    case 0:
      g->uses[USE_OPTIONAL] = true;
      inside(g, "OPTIONAL ");
      return;
    case 1:
      g->uses[USE_UNION] = true;
      inside(g, "");
      inside(g, "UNION ");
      return;
    case 2:
      g->uses[USE_MINUS] = true;
      inside(g, "MINUS ");
      return;
    case 3:
      g->uses[USE_EXISTS] = true;
      inside(g, dice_chance(&g->d, 50) ? "FILTER EXISTS " : "FILTER NOT EXISTS ");
      return;
    case 4:
      g->uses[USE_BIND] = true;
      stoa_buf_print(&g->text, dice_chance(&g->d, 50) ? "BIND(?v%u + 1 AS ?b%u) " : "BIND(STR(?v%u) AS ?b%u) ",
                     any_var(g), (uint32_t)g->text.length);
      return;
    case 5:
      values(g);
      return;
    case 6:
      latest(g);
      return;
    case 7: {
      static const char *const paths[] = {"w:p%u+", "w:p%u*", "w:p%u?", "^w:p%u/w:p%u", "(w:p%u|w:p%u)"};
      const uint32_t from = any_var(g);
      const triple *const t = triple_with(g, g->witness[from], 0);
      const char *const p = t ? strstr(t->term[1], "http://w/p") : NULL;
      const uint32_t number = p && dice_chance(&g->d, 80) ? (uint32_t)strtoul(p + 10, NULL, 10) : dice_below(&g->d, 8);
      g->uses[USE_CLOSURE] = true;
      stoa_buf_print(&g->text, "?v%u ", from);
      spell(g, paths[dice_below(&g->d, 5)], number, dice_below(&g->d, 8));
      if (dice_chance(&g->d, 10)) {
        say(g, " <http://w/s/1> . ");
      } else {
        stoa_buf_print(&g->text, " ?v%u . ", new_var(g));
      }
      return;
    }
    default:
      filter(g);
  }
}

static void columns(generator *g, stoa_buf *out)
{
  for (uint32_t i = 0; i < g->n_vars; ++i) {
    stoa_buf_print(out, "?v%u ", i);
  }
}

// A variable that is a literal, if one is known to be.
static uint32_t literal_var(generator *g)
{
  const uint32_t from = any_var(g);
  for (uint32_t i = 0; i < g->n_vars; ++i) {
    const uint32_t v = (from + i) % g->n_vars;
    if (g->witness[v] && g->witness[v][0] != '<' && g->witness[v][0] != '_') {
      return v;
    }
  }
  return from;
}

// The extremes of a variable of few patterns, for each of another or of all: a database can say that alone.
static void extremes(generator *g, stoa_buf *out)
{
  const bool of_all = dice_chance(&g->d, 40);
  const uint32_t key = any_var(g), arg = dice_chance(&g->d, 80) ? literal_var(g) : any_var(g);
  g->uses[USE_GROUP] = true;
  stoa_buf_text(out, "SELECT ");
  if (!of_all) {
    stoa_buf_print(out, "?v%u ", key);
  }
  stoa_buf_print(out, "(MIN(?v%u) AS ?n) (MAX(?v%u) AS ?m) { ", arg, arg);
  stoa_buf_slice(out, (stoa_slice){g->text.data, g->text.length});
  if (of_all) {
    stoa_buf_text(out, "}");
  } else {
    stoa_buf_print(out, "} GROUP BY ?v%u", key);
  }
}

// Rows of few patterns in the order of the columns that are shown.
static void in_order(generator *g, stoa_buf *out)
{
  const uint32_t a = literal_var(g), b = literal_var(g);
  g->uses[USE_ORDER] = true;
  stoa_buf_print(out, a == b ? "SELECT ?v%u { " : "SELECT ?v%u ?v%u { ", a, b);
  stoa_buf_slice(out, (stoa_slice){g->text.data, g->text.length});
  stoa_buf_print(out, dice_chance(&g->d, 50) ? "} ORDER BY ?v%u " : "} ORDER BY DESC(?v%u) ", a);
  if (a != b) {
    stoa_buf_print(out, dice_chance(&g->d, 50) ? "?v%u" : "DESC(?v%u)", b);
  }
}

static void query(generator *g, stoa_buf *out)
{
  static const char *const aggregates[] = {"COUNT", "SUM", "MIN", "MAX", "AVG", "COUNT"};
  const bool narrow = dice_chance(&g->d, 25); // so that one statement can be all of it
  basic(g, narrow ? 1 + dice_below(&g->d, 2) : 1 + dice_below(&g->d, 3));
  for (uint32_t i = 0, n = narrow ? dice_chance(&g->d, 20) : 1 + dice_below(&g->d, 2); i < n; ++i) {
    step(g);
  }
  const uint32_t shape = narrow ? 4 + dice_below(&g->d, 2) : dice_below(&g->d, 10), key = any_var(g), arg = any_var(g);
  stoa_buf_text(out, "PREFIX w: <http://w/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> ");
  if (narrow) {
    (shape == 5 ? extremes : in_order)(g, out);
    return;
  }
  if (shape < 2) {
    g->uses[USE_GROUP] = true;
    stoa_buf_print(out, "SELECT ?v%u (%s(%s?v%u) AS ?n) (COUNT(*) AS ?m) { ", key, aggregates[dice_below(&g->d, 6)],
                   dice_chance(&g->d, 20) ? "DISTINCT " : "", arg);
    stoa_buf_slice(out, (stoa_slice){g->text.data, g->text.length});
    stoa_buf_print(out, "} GROUP BY ?v%u", key);
    return;
  }
  g->uses[USE_DISTINCT] = shape == 2 || shape == 3;
  g->uses[USE_ORDER] = shape == 4;
  stoa_buf_text(out, g->uses[USE_DISTINCT] ? "SELECT DISTINCT " : "SELECT ");
  columns(g, out);
  stoa_buf_text(out, "{ ");
  stoa_buf_slice(out, (stoa_slice){g->text.data, g->text.length});
  stoa_buf_text(out, "}");
  if (g->uses[USE_ORDER]) { // by all columns: the order is told, but for terms that it takes for the same
    stoa_buf_print(out, " ORDER BY %s?v%u ", dice_chance(&g->d, 50) ? "DESC(?v0) " : "", key);
    columns(g, out);
  }
}

// ---- the experiment

typedef struct {
  uint32_t n, n_different, n_failed, n_limits, n_rows, uses[N_USES];
} counts;

static void one(const stoa_rewriter *virtual, const stoa_rewriter *native, const char *text, const generator *g,
                counts *c)
{
  answer a = {.ordered = g->uses[USE_ORDER]}, b = {.ordered = g->uses[USE_ORDER], .aside = "f0"};
  stoa_error err = {0};
  char why[900];
  stoa_status status = answer_ask(text, native, (stoa_plan_options){.plain = true}, &b, &err);
  status = status == STOA_OK ? answer_ask(text, virtual, (stoa_plan_options){0}, &a, &err) : status;
  c->n++;
  if (status == STOA_LIMIT || status == STOA_TIMEOUT) {
    c->n_limits++;
  } else if (status != STOA_OK) {
    c->n_failed++;
    printf("# %s\n#   %s\n", stoa_error_print(&err, why, sizeof why), text);
  } else {
    c->n_rows += b.rows.n > 0;
    for (int i = 0; i < N_USES; ++i) {
      c->uses[i] += g->uses[i];
    }
    if (!answer_same(&a, &b) && ++c->n_different < 4) {
      answer_tell("the virtual graph", text, &a, &b);
    }
  }
  stoa_arena_done(&a.arena);
  stoa_arena_done(&b.arena);
}

static stoa_status take_triples(const stoa_batch *batch, void *data, stoa_error *err)
{
  triples *const all = data;
  (void)err;
  for (uint32_t i = 0; i < batch->n_rows; ++i) {
    triple t;
    for (int place = 0; place < 3; ++place) {
      stoa_buf text = {0};
      stoa_term_write(batch->columns[place][i], &text);
      t.term[place] = strdup(stoa_buf_string(&text));
      stoa_buf_done(&text);
    }
    if (all->n == all->capacity) {
      all->capacity = all->capacity ? all->capacity * 2 : 64;
      all->items = realloc(all->items, all->capacity * sizeof *all->items);
    }
    all->items[all->n++] = t;
  }
  return STOA_OK;
}

static stoa_status triples_of(const stoa_rewriter *native, triples *out, stoa_error *err)
{
  const stoa_query *q;
  const stoa_plan *plan;
  stoa_arena arena;
  stoa_context context;
  stoa_arena_init(&arena, 0);
  stoa_context_init(&context, 0);
  stoa_status status =
    stoa_query_read(stoa_slice_of("SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o"), "triples", NULL, &arena, &q, err);
  status = status == STOA_OK ? stoa_plan_make(q, native, &context, &arena, &plan, err) : status;
  status = status == STOA_OK ? stoa_answer_each(plan, &context, NULL, 0, take_triples, out, err) : status;
  stoa_arena_done(&arena);
  return status;
}

int main(int argc, char **argv)
{
  if (argc != 5) {
    fputs("usage: worlds PROJECT DATA.nt SEED QUERIES\n", stderr);
    return 2;
  }
  stoa_engine *engine;
  stoa_files files;
  stoa_faults faults = {0};
  stoa_error err = {0};
  char why[900];
  triples data = {0};
  counts c = {0};
  if (stoa_engine_open(argv[1], STOA_ENGINE_READ, &faults, &engine, &err) != STOA_OK ||
      stoa_files_init(&files, &err) != STOA_OK || stoa_files_load(&files, argv[2], NULL, NULL, &err) != STOA_OK) {
    fprintf(stderr, "%s\n", stoa_error_print(&err, why, sizeof why));
    return 3;
  }
  stoa_files_finish(&files);
  if (triples_of(&files.mapping.rewriter, &data, &err) != STOA_OK) {
    fprintf(stderr, "%s\n", stoa_error_print(&err, why, sizeof why));
    return 3;
  }
  for (uint32_t i = 0, n = (uint32_t)strtoul(argv[4], NULL, 10); i < n; ++i) {
    generator g = {.d = {stoa_hash_mix(strtoull(argv[3], NULL, 10) * 100003 + i)}, .data = &data};
    stoa_buf text = {0};
    query(&g, &text);
    one(&stoa_engine_layer(engine)->project->mapping.rewriter, &files.mapping.rewriter, stoa_buf_string(&text), &g, &c);
    stoa_buf_done(&g.text);
    stoa_buf_done(&text);
  }
  printf("queries %u different %u failed %u beyond-limits %u with-rows %u uses", c.n, c.n_different, c.n_failed,
         c.n_limits, c.n_rows);
  for (int i = 0; i < N_USES; ++i) {
    printf(" %s=%u", use_names[i], c.uses[i]);
  }
  printf("\n");
  for (uint32_t i = 0; i < data.n * 3; ++i) {
    free((char *)data.items[i / 3].term[i % 3]);
  }
  free(data.items);
  stoa_files_done(&files);
  stoa_faults_done(&faults);
  stoa_engine_close(engine);
  return 0;
}
