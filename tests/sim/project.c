#include "tests/sim/project.h"
#include "tests/sim/client.h"
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CUSTOMERS = 20 };

static void put(const char *folder, const char *name, const char *format, ...)
{
  char path[300];
  va_list args;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *const file = fopen(path, "w");
  va_start(args, format);
  if (!file || vfprintf(file, format, args) < 0 || fclose(file) != 0) {
    perror(path);
    exit(2);
  }
  va_end(args);
}

static void put_customers(const char *folder)
{
  char text[CUSTOMERS * 80] = "";
  size_t n = 0;
  for (int i = 1; i <= CUSTOMERS; ++i) {
    n += (size_t)snprintf(text + n, sizeof text - n,
                          "<https://sim.example/customer/%d> a <https://sim.example/Customer> .\n", i);
  }
  put(folder, "customers.ttl", "%s", text);
}

void project_write(const char *folder)
{
  char path[300];
  snprintf(path, sizeof path, "%s/features", folder);
  mkdir(path, 0700);
  snprintf(path, sizeof path, "%s/personalizer", folder);
  mkdir(path, 0700);
  put_customers(folder);
  put(folder, "stoa.yaml",
      "project: simulated\nbase: https://sim.example/\ndata: [customers.ttl]\nstate: {driver: sqlite, address: "
      "state.db}\n"
      "listen: {http: '127.0.0.1:%d', resp: '127.0.0.1:%d', socket: sim.sock}\n"
      "limits: {idle_timeout: %d, head_timeout: %d, body_timeout: %d, write_timeout: %d, stop_timeout: %d, "
      "connections_per_address: %d}\n"
      "events:\n  click:\n    class: https://sim.example/Click\n    subject: 'https://sim.example/click/{id}'\n    id: "
      "id\n"
      "    time: at\n    fields:\n      id: {type: string, property: 'https://sim.example/id'}\n"
      "      at: {type: dateTime, property: 'https://sim.example/at'}\n"
      "      customer: {type: integer, property: 'https://sim.example/by', iri: "
      "'https://sim.example/customer/{customer}'}\n",
      PORT_HTTP, PORT_RESP, LIMIT_IDLE, LIMIT_HEAD, LIMIT_BODY, LIMIT_WRITE, LIMIT_STOP, LIMIT_PER_ADDRESS);
  put(folder, "features/entities.yaml",
      "customer: {class: 'https://sim.example/Customer', key: [customer_id], iri: "
      "'https://sim.example/customer/{customer_id}'}\n");
  put(folder, "features/clicks.rq",
      "#+ feature_view:\n#+   name: clicks\n#+   kind: window\n#+   entity: {customer: customer_id}\n#+   time: at\n"
      "#+   windows: [7d]\n#+   aggregates: [count]\n#+   default: {count: 0}\nPREFIX s: <https://sim.example/>\n"
      "SELECT ?customer ?at WHERE { ?e a s:Click ; s:by ?customer ; s:at ?at }\n");
  put(folder, "features/services.yaml", "services:\n  - {name: seen, features: ['clicks:*']}\n");
  put(folder, "personalizer/offers.yaml",
      "policy: offers\nservice: seen\nactions: [{id: a}, {id: b}, {id: c}]\nlearner: {bits: 8}\n");
  put(folder, "personalizer/later.yaml",
      "policy: later\nactions: [{id: a}, {id: b}]\nlearner: {bits: 8}\nreward: {wait: 2s, default: 0}\n");
}

void project_forget(const char *folder)
{
  static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
  for (size_t i = 0; i < sizeof endings / sizeof *endings; ++i) {
    char path[300];
    snprintf(path, sizeof path, "%s/state.db%s", folder, endings[i]);
    unlink(path);
  }
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
  (void)info;
  (void)kind;
  (void)where;
  return remove(path);
}

void project_remove(const char *folder)
{
  nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
