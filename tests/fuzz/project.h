#ifndef STOA_TESTS_FUZZ_PROJECT_H
#define STOA_TESTS_FUZZ_PROJECT_H

#include "personalizer/engine.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/// A small project in a folder of its own, of which fuzz targets replace a file: configuration, a source with a
/// mapping, a feature view with its service, a policy.

/// What each file says when nothing replaces it.
static const char *const fuzz_files[][2] = {
  {"stoa.yaml",
   "project: p\nbase: http://x/\nontology: [o.ttl]\ndata: [d.nt]\n"
   "sources:\n  t: {driver: sqlite, address: t.db, mappings: [m.ttl]}\n"
   "state: {driver: sqlite, address: state.db}\nlimits: {idle_timeout: 3}\n"
   "events: {click: {class: 'http://x/Click', subject: 'http://x/click/{id}', id: id, time: at, fields: {"
   "id: {type: string}, at: {type: dateTime}, n: {type: integer}, d: {type: 'decimal(9,2)'}, b: {type: boolean}}"
   "}}\n"},
  {"o.ttl",
   "@prefix owl: <http://www.w3.org/2002/07/owl#> . <http://x/C> a owl:Class . <http://x/Click> a owl:Class .\n"
   "<http://x/v> a owl:DatatypeProperty . <http://x/p> a owl:DatatypeProperty .\n"},
  {"d.nt", "<http://x/a> <http://x/p> \"one\" .\n"},
  {"m.ttl", "@prefix rr: <http://www.w3.org/ns/r2rml#> .\n<#m> rr:logicalTable [ rr:tableName \"t\" ] ;\n"
            "  rr:subjectMap [ rr:template \"http://x/{id}\" ; rr:class <http://x/C> ] ;\n"
            "  rr:predicateObjectMap [ rr:predicate <http://x/v> ; rr:objectMap [ rr:column \"v\" ] ] .\n"},
  {"features/v.rq",
   "#+ feature_view:\n#+   name: v\n#+   kind: query\n#+   entity: {thing: id}\n#+   features: {n: int32}\n"
   "SELECT ?thing (COUNT(?x) AS ?n) { ?thing <http://x/v> ?x } GROUP BY ?thing\n"},
  {"features/entities.yaml", "thing: {class: 'http://x/C', key: [id], iri: 'http://x/{id}'}\n"},
  {"features/services.yaml", "services: [{name: s, features: ['v:*']}]\n"},
  {"personalizer/p.yaml", "policy: p\nactions: [{id: x}, {id: y, features: {a: 1}}]\n"
                          "explorer: {kind: epsilon, epsilon: 0.2}\nlearner: {bits: 10, rate: 0.5}\n"},
  {"features/q.rq", "#+ feature_view: {name: q, kind: request, entity: {thing: id}, inputs: {x: double}, reads: {n: "
                    "'v:n'}, features: {y: "
                    "double}}\nSELECT (?x / ?n AS ?y) {}\n"},
  {"features/click.rq", "#+ feature_view: {name: click, kind: query, entity: {thing: id}, features: {n: int32}}\n"
                        "SELECT ?thing (COUNT(?x) AS ?n) { ?thing <http://x/v> ?x } GROUP BY ?thing\n"}};

enum { FUZZ_N_FILES = sizeof fuzz_files / sizeof *fuzz_files };

static char fuzz_dir[64] = "/tmp/stoa-fuzz.XXXXXX";

static inline void fuzz_write(const char *name, const char *text, size_t n)
{
  char path[128];
  snprintf(path, sizeof path, "%s/%s", fuzz_dir, name);
  FILE *const f = fopen(path, "w");
  if (!f || (n && fwrite(text, n, 1, f) != 1) || fclose(f) != 0) {
    abort();
  }
}

static inline void fuzz_remove(void)
{
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", fuzz_dir);
  (void)!system(command);
}

static inline void fuzz_project(void)
{
  char path[128], command[256];
  if (!mkdtemp(fuzz_dir)) {
    abort();
  }
  atexit(fuzz_remove);
  snprintf(path, sizeof path, "%s/features", fuzz_dir);
  mkdir(path, 0700);
  snprintf(path, sizeof path, "%s/personalizer", fuzz_dir);
  mkdir(path, 0700);
  for (int i = 0; i < FUZZ_N_FILES; ++i) {
    fuzz_write(fuzz_files[i][0], fuzz_files[i][1], strlen(fuzz_files[i][1]));
  }
  snprintf(command, sizeof command,
           "sqlite3 %s/t.db 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 2), (3, 4)'",
           fuzz_dir);
  if (system(command) != 0) {
    abort();
  }
}

/// Open it, nothing of it kept; NULL when the engine cannot be.
static inline stoa_engine *fuzz_open(bool must_be_good)
{
  stoa_faults faults = {0};
  stoa_error err = {0};
  stoa_engine *engine = NULL;
  const stoa_status status = stoa_engine_open(fuzz_dir, STOA_ENGINE_MEMORY, &faults, &engine, &err);
  if (must_be_good && (status != STOA_OK || faults.n_errors)) {
    fprintf(stderr, "%s %s\n", err.text, faults.n_items ? faults.items[0].text : "");
    abort();
  }
  stoa_faults_done(&faults);
  return status == STOA_OK ? engine : NULL;
}

#endif
