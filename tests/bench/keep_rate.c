// Rows that are kept, in one process: how many bytes an entity takes, and how many events a second they hear of.
//
//   keep_rate ENTITIES [EVENTS [HOT]]
//
// A project of that many customers, a window view of 12 features over events of the log, and a query view over a source.
// All rows are made; then EVENTS records (1,000,000) of random customers are told to them, in commits of 100.  At last one
// customer gets HOT events (200,000), and its row is read after each of some more: with its events held, and without.
#include "features/keep.h"
#include "graph/base/clock.h"
#include "personalizer/engine.h"
#include "tests/random/dice.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { AT_ONCE = 1000, COMMIT = 100 };

static char folder[] = "/tmp/stoa-rate.XXXXXX";

static void write_file(const char *name, const char *text)
{
  char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *const file = fopen(path, "w");
  if (!file) {
    perror(path);
    exit(2);
  }
  fputs(text, file);
  fclose(file);
}

static void make_customers(unsigned n)
{
  char path[256], sql[400];
  sqlite3 *db;
  snprintf(path, sizeof path, "%s/bank.db", folder);
  snprintf(sql, sizeof sql,
           "CREATE TABLE customer(id TEXT PRIMARY KEY, name TEXT); WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c "
           "WHERE i < %u) INSERT INTO customer SELECT 'c' || i, 'customer number ' || i FROM c",
           n - 1);
  if (sqlite3_open(path, &db) != SQLITE_OK || sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
    exit(2);
  }
  sqlite3_close(db);
}

static void make_project(unsigned n)
{
  char path[256];
  if (!mkdtemp(folder)) {
    exit(2);
  }
  snprintf(path, sizeof path, "%s/features", folder);
  mkdir(path, 0700);
  make_customers(n);
  write_file("features/entities.yaml", "customer: {class: 'http://x/Customer', key: id, iri: 'http://x/customer/{id}'}\n");
  write_file("features/paid.rq",
             "#+ feature_view: {name: paid, kind: window, entity: {c: id}, time: at, value: v, windows: [7d, 30d, 90d], aggregates: "
             "[count, sum, avg, recency], default: {count: 0}, freshness: 100d}\n"
             "SELECT ?c ?at ?v { ?t a <http://x/Pay> ; <http://x/by> ?c ; <http://x/at> ?at ; <http://x/sum> ?v }\n");
  write_file("features/named.rq", "#+ feature_view: {name: named, kind: query, entity: {c: id}, features: {name: string}, freshness: 100d}\n"
                                  "SELECT ?c ?name { ?c <http://x/name> ?name }\n");
  write_file("map.ttl", "@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix x: <http://x/> .\n"
                        "<#c> rr:logicalTable [ rr:tableName \"customer\" ] ; rr:subjectMap [ rr:template \"http://x/customer/{id}\" ; "
                        "rr:class x:Customer ] ; rr:predicateObjectMap [ rr:predicate x:name ; rr:objectMap [ rr:column \"name\" ] ] .\n");
  write_file("stoa.yaml",
             "project: p\nbase: http://x/\nsources: {bank: {driver: sqlite, address: bank.db, mappings: [map.ttl]}}\n"
             "state: {driver: sqlite, address: state.db}\nlimits: {kept_rows: 65536}\nevents:\n"
             "  pay: {class: 'http://x/Pay', subject: 'http://x/pay/{id}', id: id, time: at, fields: {id: {type: string}, at: {type: "
             "dateTime, property: 'http://x/at'}, by: {type: string, property: 'http://x/by', iri: 'http://x/customer/{by}'}, sum: "
             "{type: 'decimal(10,2)', property: 'http://x/sum'}}}\n");
}

static void check(stoa_status status, const stoa_error *err)
{
  if (status != STOA_OK) {
    fprintf(stderr, "%s\n", err->text);
    exit(2);
  }
}

static void make_rows(stoa_engine *engine, const stoa_view *view, unsigned n)
{
  const int64_t start = stoa_clock_steady_ns();
  for (unsigned i = 0; i < n; i += AT_ONCE) {
    const unsigned some = n - i < AT_ONCE ? n - i : AT_ONCE;
    stoa_arena arena;
    stoa_context context;
    stoa_error err = {0};
    stoa_arena_init(&arena, 0);
    stoa_context_init(&context, stoa_engine_now(engine));
    stoa_slice *const keys = STOA_NEWS(&arena, stoa_slice, some);
    for (unsigned k = 0; k < some; ++k) {
      keys[k] = stoa_slice_of(stoa_arena_print(&arena, "c%u", i + k));
    }
    check(stoa_kept_rows(view, keys, some, NULL, &context, &arena, STOA_NEWS(&arena, stoa_term, (size_t)some * view->features.n),
                         STOA_NEWS(&arena, stoa_view_row, some), &err),
          &err);
    stoa_arena_done(&arena);
  }
  const double seconds = (double)(stoa_clock_steady_ns() - start) / 1e9;
  const stoa_kept_size size = stoa_kept_measure(view);
  printf("view %s, %u features: %llu rows made in %.2f s, %.0f bytes each\n", view->name, view->features.n, (unsigned long long)size.rows,
         seconds, (double)size.bytes / (double)size.rows);
}

static void tell_events(stoa_engine *engine, stoa_keep *keep, unsigned n, long n_events)
{
  static stoa_record records[COMMIT];
  static stoa_value values[COMMIT][STOA_EVENT_FIELDS];
  dice d = {5};
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  char (*const names)[16] = malloc((size_t)n * sizeof *names);
  for (unsigned i = 0; i < n; ++i) {
    snprintf(names[i], sizeof names[i], "c%u", i);
  }
  const stoa_event_type *const type = stoa_engine_event_type(engine, "pay");
  const int64_t start = stoa_clock_steady_ns();
  for (long i = 0; i < n_events; i += COMMIT) {
    for (int k = 0; k < COMMIT; ++k) {
      records[k] = (stoa_record){.kind = STOA_RECORD_EVENT, .type = type, .values = values[k]};
      records[k].values[2] = (stoa_value){.kind = STOA_VALUE_TEXT, .text = stoa_slice_of(names[dice_below(&d, n)])};
    }
    stoa_keep_appended(keep, records, COMMIT);
  }
  const double seconds = (double)(stoa_clock_steady_ns() - start) / 1e9;
  printf("events told to the rows: %.0f a second, one thread\n", (double)n_events / seconds);
  free(names);
  stoa_arena_done(&arena);
}

// Pay events of one customer, a minute apart, the last of them an hour ago.
static void commit_hot(stoa_engine *engine, long from, long n, int64_t now_us)
{
  for (long i = from; i < from + n; i += AT_ONCE) {
    static stoa_record records[AT_ONCE];
    static stoa_status statuses[AT_ONCE];
    const long some = from + n - i < AT_ONCE ? from + n - i : AT_ONCE;
    stoa_arena arena;
    stoa_error err = {0};
    stoa_arena_init(&arena, 0);
    for (long k = 0; k < some; ++k) {
      char at[64];
      const time_t when = (time_t)(now_us / 1000000 - 3600 - (i + k) % (60 * 24 * 80) * 60);
      struct tm tm;
      strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&when, &tm));
      const char *const json = stoa_arena_print(&arena, "{\"id\": \"h%ld\", \"at\": \"%s\", \"by\": \"c0\", \"sum\": %ld.%02ld}",
                                                i + k, at, (i + k) % 97, (i + k) % 100);
      check(stoa_event_prepare(engine, "pay", stoa_slice_of(json), now_us, &arena, &records[k], &err), &err);
    }
    check(stoa_engine_commit(engine, records, statuses, (size_t)some, &arena, &err), &err);
    stoa_arena_done(&arena);
  }
}

static void read_hot(stoa_engine *engine, const stoa_view *view, const char *what, long from)
{
  enum { READS = 50 };
  int64_t ns = 0, most_ns = 0;
  for (long i = -2; i < READS; ++i) { // the first two warm up: how many events there are, and reading them
    stoa_arena arena;
    stoa_context context;
    stoa_error err = {0};
    const stoa_slice key = stoa_slice_of("c0");
    commit_hot(engine, from + i + 2, 1, stoa_engine_now(engine));
    stoa_arena_init(&arena, 0);
    stoa_context_init(&context, stoa_engine_now(engine));
    const int64_t start = stoa_clock_steady_ns();
    check(stoa_kept_rows(view, &key, 1, NULL, &context, &arena, STOA_NEWS(&arena, stoa_term, view->features.n),
                         STOA_NEW(&arena, stoa_view_row), &err),
          &err);
    const int64_t took = stoa_clock_steady_ns() - start;
    ns += i >= 0 ? took : 0;
    most_ns = i >= 0 && took > most_ns ? took : most_ns;
    stoa_arena_done(&arena);
  }
  const stoa_kept_size size = stoa_kept_measure(view);
  printf("row after one more event, %s: mean %.3f ms, most %.3f ms (%llu of the rows from held events, %.1f MB kept of the view)\n",
         what, (double)ns / READS / 1e6, (double)most_ns / 1e6, (unsigned long long)size.folded, (double)size.bytes / 1e6);
}

static void measure_hot(stoa_engine *engine, const stoa_layer *layer, long n)
{
  const stoa_view *const view = stoa_registry_view(layer->registry, "paid");
  commit_hot(engine, 0, n, stoa_engine_now(engine));
  printf("-- a customer with %ld events\n", n);
  stoa_keep_hold(layer->keep, UINT64_MAX);
  read_hot(engine, view, "all read again", n);
  stoa_keep_hold(layer->keep, 256);
  read_hot(engine, view, "events held", n + 1000);
}

int main(int argc, char **argv)
{
  const unsigned n = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 10000;
  const long n_events = argc > 2 ? atol(argv[2]) : 1000000;
  stoa_engine *engine;
  stoa_faults faults = {0};
  stoa_error err = {0};
  char command[300];
  make_project(n);
  check(stoa_engine_open(folder, STOA_ENGINE_OWN, &faults, &engine, &err), &err);
  const stoa_layer *const layer = stoa_engine_layer(engine);
  if (faults.n_errors) {
    fprintf(stderr, "%s\n", faults.items[0].text);
    return 2;
  }
  for (uint32_t i = 0; i < layer->registry->views.n; ++i) {
    make_rows(engine, layer->registry->views.items[i], n);
  }
  tell_events(engine, layer->keep, n, n_events);
  measure_hot(engine, layer, argc > 3 ? atol(argv[3]) : 200000);
  stoa_faults_done(&faults);
  stoa_engine_close(engine);
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return system(command) != 0;
}
