#include "tests/sim/request.h"
#include "tests/sim/turns.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_ROWS = 20 * 20, MANY_ROWS = 20 * LIST_ROWS, RETRY_PERCENT = 20 };
// That the disk is well again is noticed by a watcher that looks each second.
static const int64_t ready_again_ns = INT64_C(3000000000);

uint32_t request_asked[N_ASKS], request_done[N_ASKS];
int64_t request_disk_failed_until;

// How often each is asked, of a hundred and a few.
static const uint8_t weights[N_ASKS] = {
  [ASK_EVENT] = 30,      [ASK_BAD_EVENT] = 4, [ASK_RANK] = 15,  [ASK_REWARD] = 10, [ASK_UNNAMED] = 6,
  [ASK_LOST_REWARD] = 3, [ASK_VECTOR] = 8,    [ASK_COUNT] = 5,  [ASK_ROWS] = 3,    [ASK_TEXT] = 12,
  [ASK_READY] = 3,       [ASK_POLICY] = 2,    [ASK_RELOAD] = 1, [ASK_EXEC] = 3,    [ASK_MANY] = 2};

// ---- as bytes

static void write_resp(stoa_buf *out, int n, ...)
{
  va_list args;
  va_start(args, n);
  stoa_buf_print(out, "*%d\r\n", n);
  for (int i = 0; i < n; ++i) {
    const char *const word = va_arg(args, const char *);
    stoa_buf_print(out, "$%zu\r\n%s\r\n", strlen(word), word);
  }
  va_end(args);
}

void request_write_http(stoa_buf *out, const char *method, const char *target, const char *type, const char *body)
{
  stoa_buf_print(out, "%s %s HTTP/1.1\r\nHost: sim\r\n", method, target);
  if (type) {
    stoa_buf_print(out, "Content-Type: %s\r\nAccept: text/csv\r\n", type);
  }
  // Now and then in chunks.
  if (body && dice_chance(turns_dice(), 15) && body[0]) {
    const size_t half = 1 + dice_below(turns_dice(), (uint32_t)strlen(body)), rest = strlen(body) - half;
    stoa_buf_print(out, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n%.*s\r\n", half, (int)half, body);
    if (rest) {
      stoa_buf_print(out, "%zx\r\n%s\r\n", rest, body + half);
    }
    stoa_buf_text(out, "0\r\n\r\n");
  } else if (body) {
    stoa_buf_print(out, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
  } else {
    stoa_buf_text(out, "\r\n");
  }
}

static void write_event(const request *r, stoa_buf *out)
{
  char body[200];
  const bool is_bad = r->kind == ASK_BAD_EVENT;
  snprintf(body, sizeof body, "{\"id\":\"%c%u\",\"at\":\"2026-01-01T00:%02u:%02u%s\",\"customer\":%u}",
           is_bad ? 'x' : 'e', r->i, r->i / 60 % 10, r->i % 60, is_bad ? " or so" : "Z", ledger_customer(r->i));
  r->is_http ? request_write_http(out, "POST", "/events/click", "application/json", body)
             : write_resp(out, 3, "EVENT", "click", body);
}

static void write_rank(const request *r, stoa_buf *out)
{
  char body[200], target[80];
  const char *const policy = ledger_policy(r->i);
  snprintf(body, sizeof body, "{\"eventId\":\"d%u\"%s%u%s}", r->i,
           r->i % 4 ? ",\"subject\":\"" : ",\"contextFeatures\":[{\"a\":", ledger_customer(r->i),
           r->i % 4 ? "\"" : "}]");
  snprintf(target, sizeof target, "/personalizer/v1.0/rank?policy=%s", policy);
  r->is_http ? request_write_http(out, "POST", target, "application/json", body)
             : write_resp(out, 3, "RANK", policy, body);
}

static void write_reward(const request *r, stoa_buf *out)
{
  char id[16], name[16], value[16], body[40], target[80];
  snprintf(id, sizeof id, "%c%u", r->kind == ASK_LOST_REWARD ? 'u' : 'd', r->i);
  snprintf(name, sizeof name, "r%u", r->i);
  snprintf(value, sizeof value, "%s0.%03u", r->kind == ASK_UNNAMED ? "-" : "", r->i);
  snprintf(body, sizeof body, "{\"value\":%s}", value);
  snprintf(target, sizeof target, "/personalizer/v1.0/events/%s/reward", id);
  if (r->is_http) {
    request_write_http(out, "POST", target, "application/json", body);
  } else {
    write_resp(out, r->kind == ASK_REWARD ? 4 : 3, "REWARD", id, value, name);
  }
}

static void write_vector(const request *r, stoa_buf *out)
{
  char key[40];
  snprintf(key, sizeof key, r->is_http ? "/features/seen?key=%u" : "seen:%u", r->i);
  r->is_http ? request_write_http(out, "GET", key, NULL, NULL) : write_resp(out, 3, "HMGET", key, "clicks__count_7d");
}

static void write_text(const request *r, stoa_buf *out)
{
  char text[40];
  snprintf(text, sizeof text, "text %u", r->i);
  r->is_http ? request_write_http(out, r->is_head ? "HEAD" : "GET", "/healthz", NULL, NULL)
             : write_resp(out, 2, "ECHO", text);
}

static void write_request(const request *r, stoa_buf *out)
{
  static const char query_type[] = "application/sparql-query";
  switch (r->kind) {
    case ASK_EVENT:
    case ASK_BAD_EVENT:
      write_event(r, out);
      break;
    case ASK_RANK:
      write_rank(r, out);
      break;
    case ASK_REWARD:
    case ASK_UNNAMED:
    case ASK_LOST_REWARD:
      write_reward(r, out);
      break;
    case ASK_VECTOR:
      write_vector(r, out);
      break;
    case ASK_COUNT:
      request_write_http(out, "POST", "/sparql", query_type,
                         "SELECT (COUNT(*) AS ?n) { ?e a <https://sim.example/Click> }");
      break;
    case ASK_ROWS:
      request_write_http(out, "POST", "/sparql", query_type,
                         "SELECT ?a ?b { ?a a <https://sim.example/Customer> . ?b a <https://sim.example/Customer> }");
      break;
    case ASK_MANY:
      request_write_many(out);
      break;
    case ASK_READY:
      request_write_http(out, "GET", "/readyz", NULL, NULL);
      break;
    case ASK_POLICY:
      r->is_http ? request_write_http(out, "GET", "/policies/offers", NULL, NULL)
                 : write_resp(out, 2, "POLICY.SHOW", "offers");
      break;
    case ASK_RELOAD:
      r->is_http ? request_write_http(out, "POST", "/reload", "application/json", "") : write_resp(out, 1, "RELOAD");
      break;
    default:
      write_text(r, out);
  }
}

void request_write_many(stoa_buf *out)
{
  request_write_http(
    out, "POST", "/sparql", "application/sparql-query",
    "PREFIX s: <https://sim.example/> SELECT ?a ?b ?c { ?a a s:Customer . ?b a s:Customer . ?c a s:Customer }");
}

// ---- drawing

static ask_kind draw_kind(void)
{
  uint32_t sum = 0;
  for (int i = 0; i < N_ASKS; ++i) {
    sum += weights[i];
  }
  uint32_t at = dice_below(turns_dice(), sum);
  int kind = 0;
  while (at >= weights[kind]) {
    at -= weights[kind++];
  }
  return (ask_kind)kind;
}

// A new one, or one that was asked for before.
static uint32_t draw_of(uint32_t *n)
{
  const bool is_new = *n == 0 || !dice_chance(turns_dice(), RETRY_PERCENT);
  return is_new && *n < LEDGER_MOST ? (*n)++ : dice_below(turns_dice(), *n);
}

static void note_try(fate *f)
{
  *f = *f == FATE_KEPT ? FATE_KEPT : FATE_TRIED;
}

static void draw_reward(ledger *l, request *r)
{
  if (l->n_decisions == 0) {
    r->kind = ASK_LOST_REWARD;
    return;
  }
  r->i = dice_below(turns_dice(), l->n_decisions);
  r->kind = r->is_http || (r->kind == ASK_UNNAMED && l->unnamed[r->i] == FATE_NEVER) ? ASK_UNNAMED : ASK_REWARD;
  if (r->kind == ASK_UNNAMED && l->unnamed[r->i] != FATE_NEVER) {
    r->kind = ASK_TEXT; // the same again would be another reward
    return;
  }
  r->may_be_lost = l->decisions[r->i] != FATE_KEPT;
  note_try(r->kind == ASK_REWARD ? &l->rewards[r->i] : &l->unnamed[r->i]);
}

static request draw_one(ledger *l, bool is_http, ask_kind kind)
{
  request r = {.kind = kind, .is_http = is_http, .sent_ns = turns_now(), .i = dice_below(turns_dice(), 1000)};
  if (kind == ASK_EVENT || kind == ASK_EXEC) {
    r.i = draw_of(&l->n_events);
    note_try(&l->events[r.i]);
  } else if (kind == ASK_RANK) {
    r.i = draw_of(&l->n_decisions);
    note_try(&l->decisions[r.i]);
  } else if (kind == ASK_REWARD || kind == ASK_UNNAMED) {
    draw_reward(l, &r);
  } else if (kind == ASK_VECTOR) {
    r.i = 1 + r.i % LEDGER_CUSTOMERS;
    r.least = ledger_events(l, r.i, false);
  } else if (kind == ASK_COUNT) {
    r.least = ledger_events(l, 0, false);
  }
  r.is_head = is_http && r.kind == ASK_TEXT && dice_chance(turns_dice(), 40);
  request_asked[r.kind]++;
  return r;
}

static int draw_transaction(ledger *l, request *out, stoa_buf *bytes)
{
  const request r = draw_one(l, false, ASK_EXEC), word = {.kind = ASK_WORD, .sent_ns = turns_now()};
  write_resp(bytes, 1, "MULTI");
  write_resp(bytes, 2, "ECHO", "a");
  write_event(&r, bytes);
  write_resp(bytes, 1, "EXEC");
  out[0] = out[1] = out[2] = word;
  out[3] = r;
  return 4;
}

int request_draw(ledger *l, bool is_http, request out[REQUEST_MOST_AT_ONCE], stoa_buf *bytes)
{
  ask_kind kind = draw_kind();
  if (is_http ? kind == ASK_EXEC : kind == ASK_COUNT || kind == ASK_ROWS || kind == ASK_MANY || kind == ASK_READY) {
    kind = ASK_TEXT;
  }
  if (kind == ASK_EXEC) {
    return draw_transaction(l, out, bytes);
  }
  out[0] = draw_one(l, is_http, kind);
  write_request(&out[0], bytes);
  return 1;
}

request request_text(bool is_http, stoa_buf *bytes)
{
  const request r = draw_one(NULL, is_http, ASK_TEXT);
  write_request(&r, bytes);
  return r;
}

request request_bye(bool is_http, stoa_buf *bytes)
{
  if (is_http) {
    stoa_buf_text(bytes, "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  } else {
    write_resp(bytes, 1, "QUIT");
  }
  return (request){.kind = ASK_BYE, .is_http = is_http, .sent_ns = turns_now()};
}

// ---- answers

static const char *check_count(const ledger *l, const request *r, const char *digits)
{
  static char told[100];
  const uint32_t n = (uint32_t)strtoul(digits, NULL, 10),
                 most = ledger_events(l, r->kind == ASK_VECTOR ? r->i : 0, true);
  if (digits[0] >= '0' && digits[0] <= '9' && n >= r->least && n <= most) {
    return NULL;
  }
  snprintf(told, sizeof told, "a count of \"%.20s\", not from %u to %u", digits, r->least, most);
  return told;
}

static const char *behind(const char *text, const char *mark)
{
  const char *const at = strstr(text, mark);
  return at ? at + strlen(mark) : "";
}

static const char *check_rank(ledger *l, const request *r, const char *body)
{
  static char told[200];
  char id[20], action[4] = "";
  snprintf(id, sizeof id, "\"d%u\"", r->i);
  snprintf(action, sizeof action, "%.1s", behind(body, "\"rewardActionId\":\""));
  if (strncmp(behind(body, "\"eventId\":"), id, strlen(id)) != 0 || !action[0]) {
    snprintf(told, sizeof told, "the decision of %s is answered by %.100s", id, body);
    return told;
  }
  if (l->decisions[r->i] == FATE_KEPT && strcmp(l->actions[r->i], action) != 0) {
    snprintf(told, sizeof told, "the decision of %s was %s and is %s", id, l->actions[r->i], action);
    return told;
  }
  l->decisions[r->i] = FATE_KEPT;
  memcpy(l->actions[r->i], action, sizeof action);
  return NULL;
}

static const char *check_event(ledger *l, const request *r, const char *body)
{
  char id[20];
  snprintf(id, sizeof id, "e%u", r->i);
  if (!r->is_http && strcmp(body, id) != 0) {
    return "an event is acknowledged by the id of another";
  }
  l->events[r->i] = FATE_KEPT;
  return NULL;
}

static const char *check_rows(const char *body, uint32_t n_rows)
{
  uint32_t n = 0;
  for (const char *at = body; (at = strchr(at, '\n')); ++at) {
    ++n;
  }
  return n == n_rows + 1 ? NULL : "rows are missing from an answer that is whole";
}

static const char *check_text(const request *r, const char *body)
{
  char text[40];
  snprintf(text, sizeof text, r->is_http ? "ok\n" : "text %u", r->i);
  return r->is_head || strcmp(body, text) == 0 ? NULL : "the answer of another request";
}

static const char *check(ledger *l, const request *r, const char *body)
{
  switch (r->kind) {
    case ASK_EVENT:
    case ASK_EXEC: // of an array the last is looked at
      return check_event(l, r, body);
    case ASK_RANK:
      return check_rank(l, r, body);
    case ASK_REWARD:
      l->rewards[r->i] = FATE_KEPT;
      return NULL;
    case ASK_UNNAMED:
      l->unnamed[r->i] = FATE_KEPT;
      return NULL;
    case ASK_VECTOR:
      return check_count(l, r, r->is_http ? behind(body, "\"rows\":[[") : body);
    case ASK_COUNT:
      return check_count(l, r, behind(body, "\n"));
    case ASK_ROWS:
      return check_rows(body, LIST_ROWS);
    case ASK_MANY:
      return check_rows(body, MANY_ROWS);
    case ASK_TEXT:
      return check_text(r, body);
    case ASK_WORD:
      return strcmp(body, "OK") == 0 || strcmp(body, "QUEUED") == 0 ? NULL : "the answer of another request";
    case ASK_BYE:
      return strcmp(body, r->is_http ? "ok\n" : "OK") == 0 ? NULL : "the answer of another request";
    case ASK_READY:
      return strcmp(body, "ok\n") == 0 ? NULL : "the answer of another request";
    case ASK_POLICY:
      return strncmp(body, "policy offers:", 14) == 0 ? NULL : "the answer of another request";
    case ASK_RELOAD:
      return strncmp(body, "{\"reloaded\":true,", 17) == 0 ? NULL : "a reload that is none";
    default:
      return "a request that must be refused is not";
  }
}

// What fails must have a reason.
static const char *check_failure(const request *r, const char *body)
{
  static char told[300];
  const bool is_refused = r->kind == ASK_BAD_EVENT || r->kind == ASK_LOST_REWARD;
  const int64_t noticed_ns = r->kind == ASK_READY ? ready_again_ns : 0;
  if (is_refused || r->may_be_lost ||
      (request_disk_failed_until >= 0 &&
       (request_disk_failed_until == INT64_MAX || request_disk_failed_until + noticed_ns >= r->sent_ns))) {
    return NULL;
  }
  snprintf(told, sizeof told, "a request of kind %d fails without a reason: %.200s", (int)r->kind, body);
  return told;
}

const char *request_answered(ledger *l, const request *r, answer *a)
{
  const char *const body = stoa_buf_string(&a->body);
  if (!a->is_good) {
    return check_failure(r, body);
  }
  request_done[r->kind]++;
  return check(l, r, body);
}
