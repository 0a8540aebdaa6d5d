// What clients of Redis ask of a server besides data: who it is, who they are, what it can do.
#include "graph/base/file.h"
#include "server/health.h"
#include "server/loop.h"
#include "server/resp.h"
#include <ctype.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void ok(stoa_peer *peer)
{
  stoa_buf_text(&peer->out, "+OK\r\n");
}

// ---- who may

static bool take_key(stoa_peer *peer, stoa_slice key)
{
  const char *const expected = stoa_peer_key(peer);
  if (expected && !stoa_key_equal(expected, key)) {
    return false;
  }
  peer->role = STOA_ROLE_CALLER;
  return true;
}

void stoa_resp_auth(stoa_peer *peer, const stoa_resp_command *c)
{
  take_key(peer, c->args[c->n - 1]) ? ok(peer)
                                    : stoa_resp_error(&peer->out, "WRONGPASS", "invalid username-password pair");
}

static bool set_name(stoa_peer *peer, stoa_slice name)
{
  stoa_resp *const r = peer->state;
  if (name.length > STOA_MOST_NAME) {
    return false;
  }
  for (size_t i = 0; i < name.length; ++i) {
    if (name.data[i] < '!' || name.data[i] > '~') {
      return false;
    }
  }
  memcpy(r->name, name.data, name.length);
  r->name[name.length] = '\0';
  return true;
}

static void say_hello(stoa_peer *peer)
{
  stoa_resp *const r = peer->state;
  stoa_buf *const out = &peer->out;
  stoa_resp_map(out, r->protocol, 7);
  stoa_resp_text(out, "server");
  stoa_resp_text(out, "stoa");
  stoa_resp_text(out, "version");
  stoa_resp_text(out, "7.2.0");
  stoa_resp_text(out, "proto");
  stoa_resp_integer(out, r->protocol == 3 ? 3 : 2);
  stoa_resp_text(out, "id");
  stoa_resp_integer(out, (int64_t)peer->id);
  stoa_resp_text(out, "mode");
  stoa_resp_text(out, "standalone");
  stoa_resp_text(out, "role");
  stoa_resp_text(out, "master");
  stoa_resp_text(out, "modules");
  stoa_resp_array(out, 0);
}

// Nothing of HELLO is done unless all of it can be.
void stoa_resp_hello(stoa_peer *peer, const stoa_resp_command *c)
{
  stoa_resp *const r = peer->state;
  const char *name = NULL;
  size_t n_name = 0;
  if (c->n > 1 && !stoa_slice_is(c->args[1], "2") && !stoa_slice_is(c->args[1], "3")) {
    stoa_resp_error(&peer->out, "NOPROTO", "unsupported protocol version");
    return;
  }
  const stoa_slice *key = NULL;
  for (uint32_t i = 2; i < c->n;) {
    if (stoa_resp_is(c->args[i], "AUTH") && i + 2 < c->n) {
      key = &c->args[i + 2];
      i += 3;
    } else if (stoa_resp_is(c->args[i], "SETNAME") && i + 1 < c->n) {
      name = c->args[i + 1].data;
      n_name = c->args[i + 1].length;
      i += 2;
    } else {
      stoa_resp_error(&peer->out, "ERR", "syntax error in HELLO; it is HELLO [2|3 [AUTH USER KEY] [SETNAME NAME]]");
      return;
    }
  }
  if (key && !take_key(peer, *key)) {
    stoa_resp_error(&peer->out, "WRONGPASS", "invalid username-password pair");
  } else if (peer->role == STOA_ROLE_ANYONE) {
    stoa_resp_error(&peer->out, "NOAUTH", "authentication required: HELLO 2 AUTH USER KEY, or AUTH KEY before it");
  } else if (name && !set_name(peer, (stoa_slice){name, n_name})) {
    stoa_resp_error(&peer->out, "ERR", "a client's name has no blanks and at most 256 characters");
  } else {
    r->protocol = c->n > 1 ? c->args[1].data[0] - '0' : r->protocol;
    say_hello(peer);
  }
}

void stoa_resp_reset(stoa_peer *peer, const stoa_resp_command *c)
{
  stoa_resp *const r = peer->state;
  const size_t before = peer->out.length;
  stoa_resp_discard(peer, c);
  peer->out.length = before; // it answers for itself
  stoa_resp_leave_all(peer);
  r->protocol = 2;
  r->name[0] = r->purpose[0] = '\0';
  if (stoa_peer_key(peer) && peer->address.ss_family != AF_UNSPEC) {
    peer->role = STOA_ROLE_ANYONE;
  }
  stoa_buf_text(&peer->out, "+RESET\r\n");
}

// ---- CLIENT

static void describe_client(const stoa_peer *peer, stoa_buf *out)
{
  const stoa_resp *const r = peer->state;
  stoa_buf_print(out, "id=%llu name=%s db=0 resp=%d user=default\n", (unsigned long long)peer->id, r->name,
                 r->protocol == 3 ? 3 : 2);
}

static bool is_switch(const stoa_resp_command *c)
{
  return c->n == 3 && (stoa_resp_is(c->args[1], "NO-EVICT") || stoa_resp_is(c->args[1], "NO-TOUCH")) &&
         (stoa_resp_is(c->args[2], "ON") || stoa_resp_is(c->args[2], "OFF"));
}

void stoa_resp_client(stoa_peer *peer, const stoa_resp_command *c)
{
  stoa_resp *const r = peer->state;
  const stoa_slice what = c->args[1];
  const bool alone = c->n == 2;
  if (alone && stoa_resp_is(what, "ID")) {
    stoa_resp_integer(&peer->out, (int64_t)peer->id);
  } else if (alone && stoa_resp_is(what, "GETNAME")) {
    r->name[0] ? stoa_resp_text(&peer->out, r->name) : stoa_resp_null(&peer->out, r->protocol);
  } else if (stoa_resp_is(what, "SETNAME") && c->n == 3) {
    set_name(peer, c->args[2])
      ? ok(peer)
      : stoa_resp_error(&peer->out, "ERR", "a client's name has no blanks and at most 256 characters");
  } else if ((stoa_resp_is(what, "SETINFO") && c->n == 4) || is_switch(c)) {
    ok(peer);
  } else if (alone && (stoa_resp_is(what, "INFO") || stoa_resp_is(what, "LIST"))) {
    stoa_buf text = {0};
    describe_client(peer, &text);
    stoa_resp_bulk(&peer->out, (stoa_slice){text.data, text.length});
    stoa_buf_done(&text);
  } else {
    stoa_resp_error(&peer->out, "ERR",
                    "this server has CLIENT ID, GETNAME, SETNAME NAME, SETINFO KEY VALUE, INFO, LIST, NO-EVICT ON|OFF, "
                    "NO-TOUCH ON|OFF, and nothing behind them");
  }
}

// ---- COMMAND

static const stoa_operation *operations_of(const stoa_peer *peer)
{
  return stoa_dispatcher_shared(peer->loop->server->dispatcher)->operations;
}

static void lower_name(const stoa_resp_row *row, stoa_buf *out)
{
  char name[32];
  size_t n = 0;
  for (; row->name[n] && n < sizeof name; ++n) {
    name[n] = (char)tolower((unsigned char)row->name[n]);
  }
  stoa_resp_bulk(out, (stoa_slice){name, n});
}

static void set_of(stoa_buf *out, int protocol, size_t n)
{
  stoa_buf_print(out, "%c%zu\r\n", protocol == 3 ? '~' : '*', n);
}

// Name, arity (negative: at least), flags, keys, categories, tips, key specifications, subcommands.
static void write_info(stoa_buf *out, int protocol, const stoa_operation *operations, const stoa_resp_row *row)
{
  const bool is_keyed = strncmp(row->arguments, "SERVICE:KEY", 11) == 0;
  const bool writes = row->operation >= 0 && operations[row->operation].commits;
  stoa_resp_array(out, 10);
  lower_name(row, out);
  stoa_resp_integer(out, row->most == row->least ? row->least : -(int64_t)row->least);
  set_of(out, protocol, (size_t)row->is_open + 1);
  stoa_buf_text(out, writes ? "+write\r\n" : "+readonly\r\n");
  stoa_buf_text(out, row->is_open ? "+no_auth\r\n" : "");
  for (int i = 0; i < 3; ++i) {
    stoa_resp_integer(out, is_keyed);
  }
  set_of(out, protocol, 0);
  stoa_resp_array(out, 0);
  stoa_resp_array(out, 0);
  stoa_resp_array(out, 0);
}

static void write_doc(stoa_buf *out, int protocol, const stoa_operation *operations, const stoa_resp_row *row)
{
  const bool is_local = row->operation < 0;
  lower_name(row, out);
  stoa_resp_map(out, protocol, 4);
  stoa_resp_text(out, "summary");
  stoa_resp_text(out, row->summary);
  stoa_resp_text(out, "since");
  stoa_resp_text(out, "0.1.0");
  stoa_resp_text(out, "group");
  stoa_resp_text(out, is_local ? "connection" : operations[row->operation].name);
  stoa_resp_text(out, "syntax");
  stoa_resp_text(out, row->arguments);
}

static void write_docs(stoa_peer *peer, const stoa_resp_command *c)
{
  const int protocol = ((stoa_resp *)peer->state)->protocol;
  const stoa_resp_table *const table = ((stoa_resp *)peer->state)->table;
  const stoa_resp_row *const rows = table->rows;
  const uint32_t n_rows = table->n;
  uint32_t n = 0;
  for (uint32_t i = 2; i < c->n; ++i) {
    n += stoa_resp_find(table, c->args[i]) != NULL;
  }
  stoa_resp_map(&peer->out, protocol, c->n > 2 ? n : n_rows);
  for (uint32_t i = 0; c->n <= 2 && i < n_rows; ++i) {
    write_doc(&peer->out, protocol, operations_of(peer), &rows[i]);
  }
  for (uint32_t i = 2; i < c->n; ++i) {
    const stoa_resp_row *const row = stoa_resp_find(table, c->args[i]);
    if (row) {
      write_doc(&peer->out, protocol, operations_of(peer), row);
    }
  }
}

static void write_infos(stoa_peer *peer, const stoa_resp_command *c)
{
  const int protocol = ((stoa_resp *)peer->state)->protocol;
  const stoa_resp_table *const table = ((stoa_resp *)peer->state)->table;
  const stoa_resp_row *const rows = table->rows;
  const uint32_t n_rows = table->n;
  stoa_resp_array(&peer->out, c->n > 2 ? c->n - 2 : n_rows);
  for (uint32_t i = 0; c->n <= 2 && i < n_rows; ++i) {
    write_info(&peer->out, protocol, operations_of(peer), &rows[i]);
  }
  for (uint32_t i = 2; i < c->n; ++i) {
    const stoa_resp_row *const row = stoa_resp_find(table, c->args[i]);
    if (row) {
      write_info(&peer->out, protocol, operations_of(peer), row);
    } else {
      stoa_buf_text(&peer->out, protocol == 3 ? "_\r\n" : "*-1\r\n");
    }
  }
}

void stoa_resp_command_info(stoa_peer *peer, const stoa_resp_command *c)
{
  const stoa_resp_table *const table = ((stoa_resp *)peer->state)->table;
  const stoa_resp_row *const rows = table->rows;
  const uint32_t n_rows = table->n;
  if (c->n == 1 || stoa_resp_is(c->args[1], "INFO")) {
    write_infos(peer, c);
  } else if (c->n == 2 && stoa_resp_is(c->args[1], "COUNT")) {
    stoa_resp_integer(&peer->out, n_rows);
  } else if (stoa_resp_is(c->args[1], "DOCS")) {
    write_docs(peer, c);
  } else if (c->n == 2 && stoa_resp_is(c->args[1], "LIST")) {
    stoa_resp_array(&peer->out, n_rows);
    for (uint32_t i = 0; i < n_rows; ++i) {
      lower_name(&rows[i], &peer->out);
    }
  } else {
    stoa_resp_error(&peer->out, "ERR", "this server has COMMAND COUNT, DOCS [NAME...], INFO [NAME...] and LIST");
  }
}

// ---- CONFIG

typedef struct {
  const char *name, *value;
} setting;

static bool is_asked(const stoa_resp_command *c, const char *name)
{
  for (uint32_t i = 2; i < c->n; ++i) {
    char pattern[64];
    snprintf(pattern, sizeof pattern, "%.*s", (int)(c->args[i].length < 60 ? c->args[i].length : 60), c->args[i].data);
    if (fnmatch(pattern, name, FNM_CASEFOLD) == 0) {
      return true;
    }
  }
  return false;
}

// Which file the state is, whatever its name: clients on this machine compare it with theirs.
static void write_state(const stoa_engine *engine, stoa_buf *out)
{
  const char *const file = stoa_engine_state_file(engine);
  struct stat info;
  if (file && stat(file, &info) == 0) {
    stoa_buf_print(out, "%ju:%ju", (uintmax_t)info.st_dev, (uintmax_t)info.st_ino);
  }
}

void stoa_resp_config(stoa_peer *peer, const stoa_resp_command *c)
{
  const stoa_limits *const limits = &peer->loop->server->limits;
  const stoa_engine *const engine = stoa_dispatcher_shared(peer->loop->server->dispatcher)->engine;
  char timeout[24], clients[24], longest[24], dir[PATH_MAX];
  stoa_buf state = {0};
  if (!stoa_resp_is(c->args[1], "GET") || c->n < 3) {
    stoa_resp_error(&peer->out, "ERR", "this server has CONFIG GET PATTERN...; it is configured by stoa.yaml");
    return;
  }
  snprintf(timeout, sizeof timeout, "%lld", (long long)limits->idle_s);
  snprintf(clients, sizeof clients, "%lld", (long long)limits->connections);
  snprintf(longest, sizeof longest, "%d", STOA_MOST_FRAME);
  write_state(engine, &state);
  const setting settings[] = {{"appendonly", "yes"},
                              {"databases", "1"},
                              {"dir", realpath(stoa_engine_dir(engine), dir) ? dir : ""},
                              {"maxmemory", "0"},
                              {"save", ""},
                              {"timeout", timeout},
                              {"maxclients", clients},
                              {"proto-max-bulk-len", longest},
                              {"stoa-state", stoa_buf_string(&state)}};
  size_t n = 0;
  for (size_t i = 0; i < sizeof settings / sizeof *settings; ++i) {
    n += is_asked(c, settings[i].name);
  }
  stoa_resp_map(&peer->out, ((stoa_resp *)peer->state)->protocol, n);
  for (size_t i = 0; i < sizeof settings / sizeof *settings; ++i) {
    if (is_asked(c, settings[i].name)) {
      stoa_resp_text(&peer->out, settings[i].name);
      stoa_resp_text(&peer->out, settings[i].value);
    }
  }
  stoa_buf_done(&state);
}

// ---- INFO

// Those of Redis that this server has nothing of are empty.
static const char *const sections[] = {"all",        "default",      "everything", "server",   "clients",
                                       "memory",     "persistence",  "threads",    "stats",    "replication",
                                       "cpu",        "modules",      "cluster",    "keyspace", "commandstats",
                                       "errorstats", "latencystats", "sentinel"};
enum { N_SECTIONS = sizeof sections / sizeof *sections };

// The first argument that is no section, or NULL.
static const stoa_slice *unknown_section(const stoa_resp_command *c)
{
  for (uint32_t i = 1; i < c->n; ++i) {
    size_t k = 0;
    while (k < N_SECTIONS && !stoa_resp_is(c->args[i], sections[k])) {
      ++k;
    }
    if (k == N_SECTIONS) {
      return &c->args[i];
    }
  }
  return NULL;
}

static bool wants(const stoa_resp_command *c, const char *section)
{
  bool all = c->n == 1;
  for (uint32_t i = 1; i < c->n; ++i) {
    all |= stoa_resp_is(c->args[i], section) || stoa_resp_is(c->args[i], "all") ||
           stoa_resp_is(c->args[i], "everything") || stoa_resp_is(c->args[i], "default");
  }
  return all;
}

void stoa_resp_info(stoa_peer *peer, const stoa_resp_command *c)
{
  const stoa_slice *const unknown = unknown_section(c);
  if (unknown) {
    char text[48];
    snprintf(text, sizeof text, "%.*s", (int)(unknown->length < 40 ? unknown->length : 40), unknown->data);
    const char *const near = stoa_nearest(text, sections, N_SECTIONS);
    stoa_resp_error(&peer->out, "ERR", "INFO has no section '%s'%s%s%s", text, near ? "; did you mean '" : "",
                    near ? near : "", near ? "'?" : "");
    return;
  }
  stoa_buf text = {0}, why = {0};
  const stoa_shared *const shared = stoa_dispatcher_shared(peer->loop->server->dispatcher);
  const bool ready = stoa_health_ready(shared->health, &why);
  stoa_metrics *const m = stoa_peer_metrics(peer);
  if (wants(c, "server")) {
    stoa_buf_print(&text,
                   "# Server\r\nredis_version:7.2.0\r\nredis_mode:standalone\r\nstoa_version:" PACKAGE_VERSION
                   "\r\nprocess_id:%ld\r\n\r\n",
                   (long)getpid());
  }
  if (wants(c, "clients")) {
    stoa_buf_print(&text, "# Clients\r\nconnected_clients:%ld\r\nmaxclients:%lld\r\n\r\n",
                   atomic_load_explicit(&m->open_connections, memory_order_relaxed),
                   (long long)peer->loop->server->limits.connections);
  }
  if (wants(c, "persistence")) {
    stoa_buf_print(&text, "# Persistence\r\nloading:0\r\naof_enabled:1\r\naof_last_write_status:%s\r\n\r\n",
                   ready ? "ok" : "err");
  }
  if (wants(c, "replication")) {
    stoa_buf_text(&text, "# Replication\r\nrole:master\r\nconnected_slaves:0\r\n\r\n");
  }
  if (wants(c, "stats")) {
    stoa_buf_text(&text, "# Stats\r\n");
    stoa_metrics_write(shared, ready, &text);
  }
  stoa_resp_bulk(&peer->out, (stoa_slice){text.data ? text.data : "", text.length});
  stoa_buf_done(&text);
  stoa_buf_done(&why);
}
