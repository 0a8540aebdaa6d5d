// Random queries over the example bank, each answered three ways: by the optimised plan on the native graph, by
// the plain plan there (no rule at all), and by the optimised plan on the virtual graph.  All must agree.  Then the
// same query with other constants is asked of the virtual graph, whose plans are kept by shape, and plainly. Prints how
// often each operator was used and how many answers had rows.
#include "graph/base/clock.h"
#include "graph/base/hash.h"
#include "graph/plan/planner.h"
#include "graph/plan/plans.h"
#include "graph/plan/shape.h"
#include "graph/result/answer.h"
#include "graph/sparql/parser.h"
#include "personalizer/engine.h"
#include "tests/random/answers.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- the bank's schema: from a type by a property to a type; LITERAL kinds end a chain

typedef enum { CUSTOMER, HOLDING, PRODUCT, CATEGORY, HOUSEHOLD, REGION, TEXT, DATE, MONEY, FLAG } kind;

static const struct {
  kind from;
  const char *property;
  kind to;
} edges[] = {{CUSTOMER, "familyName", TEXT},
             {CUSTOMER, "incomeBand", TEXT},
             {CUSTOMER, "email", TEXT},
             {CUSTOMER, "birthDate", DATE},
             {CUSTOMER, "memberOf", HOUSEHOLD},
             {CUSTOMER, "inRegion", REGION},
             {CUSTOMER, "marketingConsent", FLAG},
             {HOLDING, "heldBy", CUSTOMER},
             {HOLDING, "product", PRODUCT},
             {HOLDING, "balance", MONEY},
             {HOLDING, "openedOn", DATE},
             {HOLDING, "closedOn", DATE},
             {PRODUCT, "term", TEXT},
             {PRODUCT, "category", CATEGORY},
             {PRODUCT, "annualFee", MONEY},
             {CATEGORY, "subCategoryOf", CATEGORY},
             {HOUSEHOLD, "formedOn", DATE},
             {REGION, "name", TEXT}};

static const char *const classes[] = {"Customer", "Holding", "Product", "ProductCategory", "Household", "Region"};

enum { N_EDGES = sizeof edges / sizeof *edges, MOST_VARS = 40 };

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
  USE_SUBSELECT,
  USE_CLOSURE,
  USE_PATH,
  USE_DISTINCT,
  USE_TOPK,
  USE_LOOKUP,
  USE_IN,
  N_USES
} use;

static const char *const use_names[] = {"join",     "optional", "union",  "filter",    "minus",   "exists",
                                        "bind",     "values",   "group",  "subselect", "closure", "path",
                                        "distinct", "top-k",    "lookup", "in"};

typedef struct {
  stoa_buf text;
  kind kinds[MOST_VARS];
  bool plain[MOST_VARS]; ///< bound in every row
  int n_vars;
  bool uses[N_USES];
} generator;

static uint64_t state, constants; // two streams: one for what is asked, one for the constants in it

static uint32_t below(uint32_t n)
{
  state += UINT64_C(0x9E3779B97F4A7C15);
  return (uint32_t)(stoa_hash_mix(state) % n);
}

static uint32_t constant_below(uint32_t n)
{
  constants += UINT64_C(0x9E3779B97F4A7C15);
  return (uint32_t)(stoa_hash_mix(constants) % n);
}

static bool chance(uint32_t percent)
{
  return below(100) < percent;
}

static int new_var(generator *g, kind k)
{
  if (g->n_vars == MOST_VARS) {
    return MOST_VARS - 1;
  }
  g->kinds[g->n_vars] = k;
  return g->n_vars++;
}

// A variable of one of the types that have properties; -1 for none.
static int pick_entity(const generator *g)
{
  int found[MOST_VARS], n = 0;
  for (int i = 0; i < g->n_vars; ++i) {
    if (g->kinds[i] <= REGION) {
      found[n++] = i;
    }
  }
  return n ? found[below((uint32_t)n)] : -1;
}

static int pick_kind(const generator *g, kind k)
{
  int found[MOST_VARS], n = 0;
  for (int i = 0; i < g->n_vars; ++i) {
    if (g->kinds[i] == k) {
      found[n++] = i;
    }
  }
  return n ? found[below((uint32_t)n)] : -1;
}

// One pattern that follows an edge of the schema from `var`, forwards or backwards.
static void pattern_from(generator *g, int var)
{
  int fitting[N_EDGES], n = 0;
  for (int i = 0; i < N_EDGES; ++i) {
    if (edges[i].from == g->kinds[var] || (edges[i].to == g->kinds[var] && edges[i].to <= REGION)) {
      fitting[n++] = i;
    }
  }
  const int e = fitting[below((uint32_t)n)];
  if (edges[e].from == g->kinds[var] && (edges[e].to != g->kinds[var] || chance(50))) {
    const int known = pick_kind(g, edges[e].to);
    const int to = known >= 0 && edges[e].to > REGION && chance(8) ? known : new_var(g, edges[e].to);
    stoa_buf_print(&g->text, "?v%d b:%s ?v%d . ", var, edges[e].property, to);
  } else {
    stoa_buf_print(&g->text, "?v%d b:%s ?v%d . ", new_var(g, edges[e].from), edges[e].property, var);
  }
}

static void basic(generator *g, int n)
{
  int var = pick_entity(g);
  if (var < 0 || chance(10)) {
    const kind k = (kind)below(6);
    var = new_var(g, k);
    stoa_buf_print(&g->text, "?v%d a b:%s . ", var, classes[k]);
  }
  g->uses[USE_JOIN] |= n > 1;
  for (int i = 0; i < n; ++i) {
    pattern_from(g, pick_entity(g));
  }
}

static void condition(generator *g)
{
  const int money = pick_kind(g, MONEY), date = pick_kind(g, DATE), text = pick_kind(g, TEXT);
  const uint32_t choice = below(6);
  if (money >= 0 && choice < 2) {
    stoa_buf_print(&g->text, "?v%d %s %u.5", money, choice ? ">" : "<=", constant_below(5000));
  } else if (date >= 0 && choice < 4) {
    const uint32_t year = 2005 + constant_below(21);
    if (choice == 2) {
      stoa_buf_print(&g->text, "?v%d > \"%u-06-01\"^^xsd:date", date, year);
    } else {
      stoa_buf_print(&g->text, "YEAR(?v%d) != %u", date, year);
    }
  } else if (text >= 0) {
    static const char *const before[] = {"STRLEN(?v", "(?v", "REGEX(?v", "UCASE(?v", "BOUND(?v", "STRSTARTS(?v"};
    static const char *const after[][2] = {{") > 4", ") > 7"},           {") != \"high\"", ") != \"low\""},
                                           {", \"[a-m]\")", ", \"e\")"}, {") < \"M\"", ") < \"h\""},
                                           {") || 1 = 1", ") || 2 = 2"}, {", \"M\")", ", \"\")"}};
    const uint32_t form = below(6);
    stoa_buf_print(&g->text, "%s%d%s", before[form], text, after[form][constant_below(2)]);
  } else {
    const uint32_t var = below((uint32_t)g->n_vars);
    stoa_buf_print(&g->text, "%s(?v%u) || %s", chance(50) ? "BOUND" : "ISIRI", var, chance(50) ? "true" : "false");
  }
}

static void group(generator *g, int depth);

static void optional(generator *g, int depth)
{
  g->uses[USE_OPTIONAL] = true;
  stoa_buf_text(&g->text, "OPTIONAL { ");
  basic(g, 1);
  if (chance(40)) {
    stoa_buf_text(&g->text, "FILTER(");
    condition(g);
    stoa_buf_text(&g->text, ") ");
  } else if (depth > 0 && chance(30)) {
    optional(g, depth - 1);
  }
  stoa_buf_text(&g->text, "} ");
}

static void either(generator *g)
{
  g->uses[USE_UNION] = true;
  for (int i = 0; i < 2; ++i) {
    stoa_buf_text(&g->text, i ? "UNION { " : "{ ");
    basic(g, 1 + (int)below(2));
    stoa_buf_text(&g->text, "} ");
  }
}

// The inner patterns have variables of their own, except the one that ties them to the outside.
static void inner_pattern(generator *g, const char *before)
{
  generator inner = {.n_vars = MOST_VARS / 2};
  const int var = pick_entity(g);
  if (var < 0) {
    return;
  }
  for (int i = 0; i < MOST_VARS; ++i) {
    inner.kinds[i] = FLAG;
  }
  inner.kinds[var] = g->kinds[var];
  stoa_buf_print(&g->text, "%s{ ", before);
  pattern_from(&inner, var);
  if (chance(30)) {
    pattern_from(&inner, pick_entity(&inner));
  }
  stoa_buf_slice(&g->text, (stoa_slice){inner.text.data, inner.text.length});
  stoa_buf_done(&inner.text);
  const int money = pick_kind(&inner, MONEY), outside = pick_kind(g, MONEY);
  if (money >= 0 && chance(50)) {
    if (outside >= 0 && chance(60)) {
      stoa_buf_print(&g->text, "FILTER(?v%d > ?v%d) ", money, outside);
    } else {
      stoa_buf_print(&g->text, "FILTER(?v%d > %u) ", money, constant_below(3000));
    }
  }
  stoa_buf_text(&g->text, "} ");
}

static void exists(generator *g)
{
  g->uses[USE_EXISTS] = true;
  inner_pattern(g, chance(50) ? "FILTER EXISTS " : "FILTER NOT EXISTS ");
}

static void minus(generator *g)
{
  g->uses[USE_MINUS] = true;
  inner_pattern(g, "MINUS ");
}

static void bind(generator *g)
{
  const int money = pick_kind(g, MONEY), text = pick_kind(g, TEXT);
  g->uses[USE_BIND] = true;
  if (money >= 0 && chance(60)) {
    stoa_buf_print(&g->text, "BIND(FLOOR(?v%d / %u) AS ?v%d) ", money, 100 + constant_below(900), new_var(g, FLAG));
  } else if (text >= 0) {
    stoa_buf_print(&g->text, "BIND(STRLEN(?v%d) AS ?v%d) ", text, new_var(g, FLAG));
  } else {
    stoa_buf_print(&g->text, "BIND(1 AS ?v%d) ", new_var(g, FLAG));
  }
}

static void values(generator *g)
{
  const int customer = pick_kind(g, CUSTOMER), text = pick_kind(g, TEXT);
  g->uses[USE_VALUES] = true;
  if (customer >= 0 && chance(70)) {
    stoa_buf_print(&g->text, "VALUES ?v%d { ", customer);
    for (uint32_t i = 0, n = 3 + below(12); i < n; ++i) {
      stoa_buf_print(&g->text, "<https://bank.example/customer/%u> ", 1 + constant_below(30));
    }
    stoa_buf_text(&g->text, "} ");
  } else {
    stoa_buf_print(&g->text, "VALUES (?v%d ?v%d) { (\"high\" 1) (\"low\" UNDEF) (UNDEF 2) (\"short\" 3) } ",
                   text >= 0 ? text : new_var(g, TEXT), new_var(g, FLAG));
  }
}

// A pattern with a constant: one that is there, one that is not, one of another template, one of another type.
static void lookup(generator *g)
{
  static const char *const bands[] = {"\"high\"", "\"low\"", "\"medium\"", "\"none such\""};
  const int customer = pick_kind(g, CUSTOMER), holding = pick_kind(g, HOLDING);
  const uint32_t form = below(4);
  g->uses[USE_LOOKUP] = true;
  if (form == 0) {
    const uint32_t id = 1 + constant_below(20);
    stoa_buf_print(&g->text, "<https://bank.example/%s/%u> b:familyName ?v%d ; b:birthDate ?v%d . ",
                   chance(90) ? "customer" : "person", id, new_var(g, TEXT), new_var(g, DATE));
  } else if (form == 1 && holding >= 0) {
    static const char *const products[] = {"product/1", "product/2", "product/x%20y", "customer/1", "product/01"};
    stoa_buf_print(&g->text, "?v%d b:product <https://bank.example/%s> . ", holding, products[constant_below(5)]);
  } else if (customer >= 0 && form == 2) {
    stoa_buf_print(&g->text, "?v%d b:incomeBand %s . ", customer, bands[constant_below(4)]);
  } else {
    stoa_buf_print(&g->text, "?v%d b:heldBy <https://bank.example/customer/%u> . ", new_var(g, HOLDING),
                   1 + constant_below(30));
  }
}

// IN and chains of ||, short or longer than a statement has parameters for, over terms of one kind or several.
static void membership(generator *g)
{
  static const char *const texts[] = {"\"high\"", "\"low\"", "\"short\"", "\"Novak\"", "\"\"", "1", "<https://e/x>"};
  static const char *const numbers[] = {"1", "2.5", "500", "1000.00", "1e3", "\"high\""};
  const int money = pick_kind(g, MONEY), text = pick_kind(g, TEXT), customer = pick_kind(g, CUSTOMER);
  const uint32_t form = below(3);
  const int var = customer >= 0 && form == 0 ? customer : money >= 0 && form == 1 ? money : text;
  const bool is_or = chance(25);
  const uint32_t n = chance(20) ? 70 + below(10) : 1 + below(6);
  if (var < 0) {
    return;
  }
  g->uses[USE_IN] = true;
  stoa_buf_text(&g->text, chance(30) ? "FILTER(!(" : "FILTER((");
  if (!is_or) {
    stoa_buf_print(&g->text, "?v%d %s (", var, chance(30) ? "NOT IN" : "IN");
  }
  for (uint32_t i = 0; i < n; ++i) {
    stoa_buf_text(&g->text, i ? is_or ? " || " : ", " : "");
    if (is_or) {
      stoa_buf_print(&g->text, "?v%d = ", var);
    }
    if (var == customer) {
      stoa_buf_print(&g->text, "<https://bank.example/%s/%u>", constant_below(9) ? "customer" : "person",
                     1 + constant_below(30));
    } else if (var == money) {
      stoa_buf_text(&g->text, numbers[constant_below(i > 3 ? 6 : 5)]);
    } else {
      stoa_buf_text(&g->text, texts[constant_below(n > 64 ? 5 : 7)]);
    }
  }
  stoa_buf_text(&g->text, is_or ? ")) " : "))) ");
}

static void sub_select(generator *g)
{
  g->uses[USE_SUBSELECT] = g->uses[USE_GROUP] = true;
  static const char *const aggregates[] = {"COUNT(*)", "SUM(?x2)", "MAX(?x3)", "COUNT(DISTINCT ?x4)"};
  static const char *const rest[] = {"", " ; b:balance ?x2", " ; b:openedOn ?x3", " OPTIONAL { ?x1 b:closedOn ?x4 }"};
  const uint32_t form = below(4);
  int customer = pick_kind(g, CUSTOMER);
  customer = customer < 0 ? new_var(g, CUSTOMER) : customer;
  stoa_buf_print(&g->text, "{ SELECT ?v%d (%s AS ?v%d) { ?x1 b:heldBy ?v%d%s } GROUP BY ?v%d %s} ", customer,
                 aggregates[form], new_var(g, FLAG), customer, rest[form], customer,
                 chance(40) ? "HAVING (COUNT(?x1) > 1) " : "");
}

static void path(generator *g)
{
  if (chance(50)) {
    const int category = pick_kind(g, CATEGORY);
    g->uses[USE_CLOSURE] = true;
    static const char *const signs[] = {"*", "+", "?"};
    const int from = category < 0 ? new_var(g, CATEGORY) : category;
    stoa_buf_print(&g->text, "?v%d b:subCategoryOf%s ?v%d . ", from, signs[below(3)], new_var(g, CATEGORY));
    return;
  }
  static const char *const paths[] = {"^b:heldBy/b:product", "(b:familyName|b:email)", "b:memberOf/^b:memberOf",
                                      "!(b:familyName|rdf:type)"};
  static const kind ends[] = {PRODUCT, TEXT, CUSTOMER, FLAG};
  const uint32_t which = below(4);
  const int customer = pick_kind(g, CUSTOMER);
  g->uses[USE_PATH] = true;
  const int from = customer < 0 ? new_var(g, CUSTOMER) : customer;
  stoa_buf_print(&g->text, "?v%d %s ?v%d . ", from, paths[which], new_var(g, ends[which]));
}

static void filter(generator *g)
{
  g->uses[USE_FILTER] = true;
  stoa_buf_text(&g->text, chance(20) ? "FILTER(!(" : "FILTER((");
  condition(g);
  if (chance(30)) {
    stoa_buf_text(&g->text, chance(50) ? ") || (" : ") && (");
    condition(g);
  }
  stoa_buf_text(&g->text, ")) ");
}

static void group(generator *g, int depth)
{
  basic(g, 1 + (int)below(2));
  for (uint32_t i = 0, n = below(3) + (depth > 0); i < n; ++i) {
    switch (below(12)) {
      case 10:
        lookup(g);
        break;
      case 11:
        membership(g);
        break;
      case 0:
        optional(g, 1);
        break;
      case 1:
        either(g);
        break;
      case 2:
        exists(g);
        break;
      case 3:
        minus(g);
        break;
      case 4:
        bind(g);
        break;
      case 5:
        values(g);
        break;
      case 6:
        sub_select(g);
        break;
      case 7:
        path(g);
        break;
      case 8:
        filter(g);
        break;
      default:
        optional(g, 0);
        basic(g, 1);
        break;
    }
  }
}

static void columns(generator *g, stoa_buf *out, const char *between)
{
  for (int i = 0; i < g->n_vars; ++i) {
    stoa_buf_print(out, "%s?v%d", i ? between : "", i);
  }
}

static void query(generator *g, stoa_buf *out)
{
  static const char prefixes[] = "PREFIX b: <https://bank.example/ontology#> PREFIX xsd: "
                                 "<http://www.w3.org/2001/XMLSchema#> PREFIX rdf: "
                                 "<http://www.w3.org/1999/02/22-rdf-syntax-ns#> ";
  group(g, 1);
  const uint32_t shape = below(10);
  stoa_buf_text(out, prefixes);
  if (shape < 2) {
    g->uses[USE_GROUP] = true;
    const int key = (int)below((uint32_t)g->n_vars), arg = (int)below((uint32_t)g->n_vars);
    const char *const aggregate = chance(50) ? "COUNT" : chance(50) ? "MIN" : "MAX";
    stoa_buf_print(out, "SELECT ?v%d (%s(%s?v%d) AS ?n) (COUNT(*) AS ?m) { ", key, aggregate,
                   chance(40) ? "DISTINCT " : "", arg);
    stoa_buf_slice(out, (stoa_slice){g->text.data, g->text.length});
    stoa_buf_print(out, "} GROUP BY ?v%d", key);
    return;
  }
  g->uses[USE_DISTINCT] = shape == 2 || shape == 3;
  g->uses[USE_TOPK] = shape == 4;
  stoa_buf_text(out, g->uses[USE_DISTINCT] ? "SELECT DISTINCT " : "SELECT ");
  columns(g, out, " ");
  stoa_buf_text(out, " { ");
  stoa_buf_slice(out, (stoa_slice){g->text.data, g->text.length});
  stoa_buf_text(out, "}");
  if (g->uses[USE_TOPK]) {
    stoa_buf_text(out, " ORDER BY ");
    columns(g, out, " ");
    stoa_buf_print(out, " LIMIT %u", 1 + below(20));
  }
}

typedef struct {
  const stoa_rewriter *native, *virtual;
  bool fault;
  uint32_t n_different, n_failed, n_limits, n_rows, uses[N_USES];
  uint32_t n_other, n_again; ///< queries with other constants, those of them that a kept plan answered
} experiment;

static void one(experiment *x, const char *text, const bool *uses)
{
  answer optimised = {0}, plain = {0}, virtual = {0};
  stoa_error err = {0};
  char why[900];
  stoa_status status = answer_ask(text, x->native, (stoa_plan_options){.fault = x->fault}, &optimised, &err);
  status = status == STOA_OK ? answer_ask(text, x->native, (stoa_plan_options){.plain = true}, &plain, &err) : status;
  status = status == STOA_OK && x->virtual ? answer_ask(text, x->virtual, (stoa_plan_options){0}, &virtual, &err)
                                           : status;
  if (status == STOA_LIMIT || status == STOA_TIMEOUT) {
    x->n_limits++;
  } else if (status != STOA_OK) {
    x->n_failed++;
    printf("# %s\n#   %s\n", stoa_error_print(&err, why, sizeof why), text);
  } else {
    const bool native_same = answer_same(&optimised, &plain),
               virtual_same = !x->virtual || answer_same(&virtual, &plain);
    x->n_different += !native_same || !virtual_same;
    x->n_rows += plain.rows.n > 0;
    for (int i = 0; i < N_USES; ++i) {
      x->uses[i] += uses[i];
    }
    if (!native_same && x->n_different < 6) {
      answer_tell("the optimised plan", text, &optimised, &plain);
    }
    if (!virtual_same && x->n_different < 6) {
      answer_tell("the virtual graph", text, &virtual, &plain);
    }
  }
  stoa_arena_done(&optimised.arena);
  stoa_arena_done(&plain.arena);
  stoa_arena_done(&virtual.arena);
}

static uint64_t hits(const experiment *x)
{
  stoa_plans_count count;
  stoa_plans_counts(x->virtual->plans, &count);
  return count.n_hits;
}

// The query is planned and kept with its constants, then asked with `other` ones.
static void again(experiment *x, const char *text, const char *other)
{
  answer first = {0}, kept = {0}, plain = {0};
  stoa_error err = {0};
  char why[900];
  const uint64_t before = hits(x);
  stoa_plans_clear(x->virtual->plans);
  stoa_status status = answer_ask_kept(text, x->virtual, false, &first, &err);
  status = status == STOA_OK ? answer_ask_kept(other, x->virtual, x->fault, &kept, &err) : status;
  status = status == STOA_OK ? answer_ask(other, x->native, (stoa_plan_options){.plain = true}, &plain, &err) : status;
  if (status != STOA_OK && status != STOA_LIMIT && status != STOA_TIMEOUT) {
    x->n_failed++;
    printf("# %s\n#   %s\n", stoa_error_print(&err, why, sizeof why), other);
  } else if (status == STOA_OK) {
    x->n_other++;
    x->n_again += hits(x) > before;
    if (!answer_same(&kept, &plain) && ++x->n_different < 6) {
      answer_tell("the kept plan", other, &kept, &plain);
    }
  }
  stoa_arena_done(&first.arena);
  stoa_arena_done(&kept.arena);
  stoa_arena_done(&plain.arena);
}

static int report(const experiment *x, uint32_t n)
{
  const uint32_t answered = n - x->n_failed - x->n_limits;
  bool covered = x->n_rows * 2 >= answered;
  printf("queries %u different %u failed %u beyond-limits %u with-rows %u\n", n, x->n_different, x->n_failed,
         x->n_limits, x->n_rows);
  for (int i = 0; i < N_USES; ++i) {
    printf("%s%s %.1f%%", i ? ", " : "operators: ", use_names[i], 100.0 * x->uses[i] / (answered ? answered : 1));
    covered &= x->uses[i] * 20 >= answered;
  }
  printf("\nother-constants %u kept-plans-used %u", x->n_other, x->n_again);
  covered &= x->n_again * 2 >= x->n_other;
  printf("\ncovered %s\n", covered ? "yes" : "no");
  return x->n_different || x->n_failed || !covered;
}

static void seed(const char *number, uint32_t query, uint64_t stream)
{
  state = strtoull(number, NULL, 10) * 1000003 + query * UINT64_C(7919);
  constants = stoa_hash_mix(state + (stream << 62));
}

int main(int argc, char **argv)
{
  if (argc < 5) {
    fputs("usage: differential PROJECT DATA.nt SEED QUERIES [fault | stale]\n", stderr);
    return 2;
  }
  stoa_engine *engine;
  stoa_files files;
  stoa_faults faults = {0};
  stoa_error err = {0};
  char why[900];
  const uint32_t n = (uint32_t)strtoul(argv[4], NULL, 10);
  if (stoa_engine_open(argv[1], STOA_ENGINE_READ, &faults, &engine, &err) != STOA_OK ||
      stoa_files_init(&files, &err) != STOA_OK || stoa_files_load(&files, argv[2], NULL, NULL, &err) != STOA_OK) {
    fprintf(stderr, "%s\n", stoa_error_print(&err, why, sizeof why));
    return 3;
  }
  stoa_files_finish(&files);
  const bool stale = argc > 5 && strcmp(argv[5], "stale") == 0, fault = argc > 5 && !stale;
  experiment x = {.native = &files.mapping.rewriter,
                  .virtual = fault ? NULL : &stoa_engine_layer(engine)->project->mapping.rewriter,
                  .fault = argc > 5};
  for (uint32_t i = 0; i < n; ++i) {
    generator g = {0}, h = {0};
    stoa_buf text = {0}, other = {0};
    seed(argv[3], i, 0);
    query(&g, &text);
    seed(argv[3], i, 1);
    query(&h, &other);
    if (!stale) {
      one(&x, stoa_buf_string(&text), g.uses);
    }
    if (!fault) {
      again(&x, stoa_buf_string(&text), stoa_buf_string(&other));
    }
    stoa_buf_done(&g.text);
    stoa_buf_done(&h.text);
    stoa_buf_done(&text);
    stoa_buf_done(&other);
  }
  const int code = report(&x, n);
  stoa_files_done(&files);
  stoa_faults_done(&faults);
  stoa_engine_close(engine);
  return code;
}
