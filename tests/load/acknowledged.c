// Clients that write down what they were told is kept: events, decisions and rewards, one after another over a socket
// that may vanish at any point.  What got no answer is sent again by the same id, and so is some of what did get one.
// It ends when its standard input ends, and prints a line for each thing that was acknowledged:
//   event ID          decision ID ACTION          reward ID VALUE
// An answer that is neither an acknowledgement nor "busy" is printed as "refused TEXT".
#include "tests/load/wire.h"
#include "tests/random/dice.h"
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *path;
static atomic_bool ended;

typedef struct {
  pthread_t thread;
  int number;
  wire w;
  dice d;
  stoa_buf answer, told;
} client;

// One answer, from however many servers it takes.  False: the end came first.
static bool ask(client *c, const char *const *words, int n)
{
  char kind;
  while (!ended) {
    if (c->w.fd < 0 && !wire_open(&c->w, path)) {
      usleep(3000);
    } else if (!wire_ask(&c->w, words, n, &kind, &c->answer)) {
      wire_close(&c->w);
    } else if (kind != '-') {
      return true;
    } else if (!strstr(stoa_buf_string(&c->answer), "busy") && !strstr(stoa_buf_string(&c->answer), "stops")) {
      stoa_buf_print(&c->told, "refused %s\n", stoa_buf_string(&c->answer));
      return false;
    }
  }
  return false;
}

static bool ask_some_twice(client *c, const char *const *words, int n)
{
  return ask(c, words, n) && (!dice_chance(&c->d, 10) || ask(c, words, n));
}

static void tell_decision(client *c, const char *id)
{
  static const char mark[] = "\"rewardActionId\":\"";
  const char *const at = strstr(stoa_buf_string(&c->answer), mark);
  const char *const action = at ? at + sizeof mark - 1 : "none";
  stoa_buf_print(&c->told, "decision %s %.*s\n", id, (int)strcspn(action, "\""), action);
}

static void *run(void *data)
{
  client *const c = data;
  for (int i = 0; !ended; ++i) {
    char id[32], reward[32], event[160], request[80];
    snprintf(id, sizeof id, "c%d-%d", c->number, i);
    snprintf(reward, sizeof reward, "r%d-%d", c->number, i);
    snprintf(event, sizeof event,
             "{\"id\":\"%s\",\"at\":\"2026-01-01T00:00:00Z\",\"customer\":%u,\"channel\":\"web\",\"kind\":\"viewed\"}",
             id, dice_below(&c->d, 50) + 1);
    snprintf(request, sizeof request, "{\"eventId\":\"%s\",\"contextFeatures\":[{\"n\":%u}]}", id,
             dice_below(&c->d, 9));
    const char *const value = dice_chance(&c->d, 30) ? "1" : "0";
    if (ask_some_twice(c, (const char *[]){"EVENT", "click", event}, 3)) {
      stoa_buf_print(&c->told, "event %s\n", id);
    }
    if (ask_some_twice(c, (const char *[]){"RANK", "next_offer", request}, 3)) {
      tell_decision(c, id);
      if (ask_some_twice(c, (const char *[]){"REWARD", id, value, reward}, 4)) {
        stoa_buf_print(&c->told, "reward %s %s\n", reward, value);
      }
    }
  }
  wire_close(&c->w);
  return NULL;
}

int main(int argc, char **argv)
{
  enum { MOST = 64 };
  static client clients[MOST];
  char byte;
  const int n = argc == 4 ? atoi(argv[2]) : 0;
  if (n < 1 || n > MOST) {
    fputs("usage: acknowledged SOCKET CLIENTS SEED\n", stderr);
    return 2;
  }
  path = argv[1];
  for (int i = 0; i < n; ++i) {
    clients[i].number = i;
    clients[i].w.fd = -1;
    clients[i].d.state = strtoull(argv[3], NULL, 10) * 100 + (uint64_t)i;
    pthread_create(&clients[i].thread, NULL, run, &clients[i]);
  }
  while (read(0, &byte, 1) > 0) {
  }
  ended = true;
  for (int i = 0; i < n; ++i) {
    pthread_join(clients[i].thread, NULL);
    fputs(stoa_buf_string(&clients[i].told), stdout);
    stoa_buf_done(&clients[i].told);
    stoa_buf_done(&clients[i].answer);
  }
  return 0;
}
