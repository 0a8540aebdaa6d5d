#ifndef STOA_TESTS_SUPPORT_SMALL_PROJECT_H
#define STOA_TESTS_SUPPORT_SMALL_PROJECT_H

#include "personalizer/engine.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/// A project of three triples, two feature views, three types of events and one policy, in a folder of its own; its engine owns the state.
static char folder[] = "/tmp/stoa-project.XXXXXX";
static stoa_engine *engine;

static void write_file(const char *name, const char *text)
{
  char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *const file = fopen(path, "w");
  fputs(text, file);
  fclose(file);
}

static inline bool open_project(void)
{
  stoa_faults faults = {0};
  stoa_error err = {0};
  char path[256];
  if (!mkdtemp(folder)) {
    return false;
  }
  snprintf(path, sizeof path, "%s/personalizer", folder);
  mkdir(path, 0700);
  snprintf(path, sizeof path, "%s/features", folder);
  mkdir(path, 0700);
  write_file("features/entities.yaml", "thing: {class: 'http://x/Thing', key: id, iri: 'http://x/{id}'}\n");
  write_file("features/v.rq", "#+ feature_view: {name: v, kind: query, entity: {t: id}, features: {p: string}}\n"
                              "SELECT ?t ?p { ?t <http://x/p> ?p }\n");
  write_file("features/clicks.rq", "#+ feature_view: {name: clicks, kind: query, entity: {t: id}, features: {n: integer}, "
                                   "default: {n: 0}, freshness: 100d, watch: {some: '?n > 0'}}\n"
                                   "SELECT ?t (COUNT(?e) AS ?n) { ?e <http://x/on> ?t } GROUP BY ?t\n");
  write_file("d.nt", "<http://x/a> <http://x/p> \"one\" .\n<http://x/b> <http://x/p> \"two\" .\n"
                     "<http://x/c> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://x/Thing> .\n");
  write_file("stoa.yaml", "project: p\nbase: http://x/\ndata: [d.nt]\nstate: {driver: sqlite, address: state.db}\n"
                          "events: {click: {class: 'http://x/Click', subject: 'http://x/click/{id}', id: id, time: at, "
                          "fields: {id: {type: string}, at: {type: dateTime}}}, "
                          "tap: {class: 'http://x/Tap', subject: 'http://x/tap/{id}', id: id, time: at, fields: {id: {type: "
                          "string}, at: {type: dateTime}, on: {type: string, property: 'http://x/on', iri: 'http://x/{on}'}}}, "
                          "paid: {class: 'http://x/Paid', subject: 'http://x/paid/{id}', id: id, time: at, "
                          "fields: {id: {type: string}, at: {type: dateTime}, sum: {type: 'decimal(8,2)'}, n: {type: "
                          "integer}, share: {type: double}, good: {type: boolean}, day: {type: date}}}}\n");
  write_file("personalizer/p.yaml", "policy: p\nactions: [{id: x}, {id: y}]\n");
  if (stoa_engine_open(folder, STOA_ENGINE_OWN, &faults, &engine, &err) != STOA_OK || faults.n_errors) {
    fprintf(stderr, "%s%s\n", err.text, faults.n_items ? faults.items[0].text : "");
    return false;
  }
  stoa_faults_done(&faults);
  return true;
}

static bool close_project(void)
{
  char command[300];
  stoa_engine_close(engine);
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return system(command) == 0;
}

#endif
