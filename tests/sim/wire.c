#include "tests/sim/wire.h"
#include "graph/base/buf.h"
#include "tests/sim/events.h"
#include "tests/sim/trace.h"
#include "tests/sim/turns.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_WIRES = 4096, MS = 1000000 };

struct wire {
  int number, host;
  const wire_hooks *hooks;
  void *data;
  // To the server: what was sent, how much of it has arrived, how much was taken.
  stoa_buf in;
  size_t arrived, taken;
  int64_t last_arrival; ///< nothing overtakes
  bool end_sent, end_arrived;
  // To the client: what was given and not taken yet.
  stoa_buf out;
  size_t room;
  bool server_ended, server_closed, end_told, resets, is_deaf, takes;
  bool client_left, is_broken, is_accepted, is_rough; ///< is_rough: bytes go in pieces
  int64_t ended_at, closed_at, written_at;
};

static wire *wires[MOST_WIRES];
static int n_wires;

static int64_t soon(uint32_t most_ns)
{
  return turns_now() + 1 + dice_below(turns_dice(), most_ns);
}

// ---- to the server

static void arrive(void *data)
{
  wire *const w = data;
  const size_t left = w->in.length - w->arrived;
  const size_t n =
    left && w->is_rough && dice_chance(turns_dice(), 60) ? 1 + dice_below(turns_dice(), (uint32_t)left) : left;
  w->arrived += n;
  trace("wire %d: %zu bytes arrive", w->number, n);
  if (w->arrived < w->in.length) {
    w->last_arrival = soon(5 * MS);
    events_at(w->last_arrival, arrive, w);
  }
  uv_sim_changed();
}

static void arrive_end(void *data)
{
  wire *const w = data;
  w->arrived = w->in.length;
  w->end_arrived = true;
  trace("wire %d: its end arrives", w->number);
  uv_sim_changed();
}

static int64_t after_the_last(wire *w)
{
  const int64_t at = soon(dice_chance(turns_dice(), 10) ? 20 * MS : MS / 2);
  w->last_arrival = at > w->last_arrival ? at : w->last_arrival + 1;
  return w->last_arrival;
}

void wire_send(wire *w, const char *bytes, size_t n_bytes)
{
  if (!w->is_broken && !w->end_sent && n_bytes) {
    stoa_buf_add(&w->in, bytes, n_bytes);
    events_at(after_the_last(w), arrive, w);
  }
}

void wire_end(wire *w)
{
  if (!w->end_sent) {
    w->end_sent = true;
    events_at(after_the_last(w) + (dice_chance(turns_dice(), 30) ? 20 * MS : 0), arrive_end, w);
  }
}

void wire_leave(wire *w)
{
  trace("wire %d: the client leaves", w->number);
  w->client_left = true;
  wire_end(w);
}

static void break_it(void *data)
{
  wire *const w = data;
  if (!w->is_broken) {
    trace("wire %d: broken", w->number);
    w->is_broken = true;
    uv_sim_changed();
  }
}

void wire_reset(wire *w)
{
  w->client_left = true;
  break_it(w);
}

ssize_t wire_take(wire *w, char *out, size_t n_bytes)
{
  size_t n = w->arrived - w->taken;
  if (w->is_broken) {
    return -2;
  }
  if (n == 0) {
    return w->end_arrived ? -1 : 0;
  }
  n = n < n_bytes ? n : n_bytes;
  n = w->is_rough && dice_chance(turns_dice(), 20) ? 1 + dice_below(turns_dice(), (uint32_t)n) : n;
  memcpy(out, w->in.data + w->taken, n);
  w->taken += n;
  trace("wire %d: the server reads %zu", w->number, n);
  return (ssize_t)n;
}

bool wire_can_take(const wire *w)
{
  return w->is_broken || w->arrived > w->taken || w->end_arrived;
}

bool wire_has_gone(const wire *w)
{
  return w->is_broken || w->end_arrived;
}

// ---- to the client

static void take(void *data);

static void take_soon(wire *w)
{
  if (!w->takes && !w->is_deaf && (w->out.length || (w->server_ended && !w->end_told))) {
    w->takes = true;
    events_at(soon(dice_chance(turns_dice(), 2) ? 50 * MS : MS), take, w);
  }
}

static void tell_end(wire *w, bool is_broken)
{
  if (!w->end_told) {
    w->end_told = true;
    w->hooks->ended(w->data, is_broken);
  }
}

static void take(void *data)
{
  wire *const w = data;
  w->takes = false;
  if (w->is_deaf || w->client_left) {
    w->out.length = w->client_left ? 0 : w->out.length;
    return;
  }
  if (w->out.length) {
    const size_t n =
      dice_chance(turns_dice(), 30) ? 1 + dice_below(turns_dice(), (uint32_t)w->out.length) : w->out.length;
    char *const bytes = malloc(n);
    memcpy(bytes, w->out.data, n);
    memmove(w->out.data, w->out.data + n, w->out.length - n);
    w->out.length -= n;
    trace("wire %d: the client reads %zu", w->number, n);
    uv_sim_changed();
    w->hooks->read(w->data, bytes, n);
    free(bytes);
  } else if (w->server_ended) {
    tell_end(w, w->is_broken);
  }
  take_soon(w);
}

void wire_set_deaf(wire *w, bool is_deaf)
{
  w->is_deaf = is_deaf;
  take_soon(w);
}

ssize_t wire_give(wire *w, const char *bytes, size_t n_bytes)
{
  size_t n = w->room - w->out.length;
  if (w->is_broken) {
    return -1;
  }
  if (w->client_left) { // nobody is there: the bytes go, and a reset comes back
    events_at(soon(MS), break_it, w);
    return (ssize_t)n_bytes;
  }
  n = n < n_bytes ? n : n_bytes;
  n = n > 1 && w->is_rough && dice_chance(turns_dice(), 20) ? 1 + dice_below(turns_dice(), (uint32_t)n) : n;
  stoa_buf_add(&w->out, bytes, n);
  w->written_at = turns_now();
  trace("wire %d: the server writes %zu of %zu", w->number, n, n_bytes);
  take_soon(w);
  return (ssize_t)n;
}

bool wire_has_room(const wire *w)
{
  return w->is_broken || w->out.length < w->room;
}

void wire_server_ends(wire *w)
{
  trace("wire %d: the server ends its half", w->number);
  w->server_ended = true;
  w->ended_at = turns_now();
  take_soon(w);
}

static void told_of_break(void *data)
{
  tell_end(data, true);
}

// What the client has sent and nobody read makes the close a reset, and a reset overtakes what is under way.
void wire_server_closes(wire *w)
{
  const bool resets = w->resets || w->in.length > w->taken;
  trace("wire %d: the server closes%s", w->number, resets ? ", by a reset" : "");
  w->server_ended = w->server_closed = true;
  w->closed_at = turns_now();
  w->ended_at = w->ended_at ? w->ended_at : w->closed_at;
  if (resets && !w->is_broken) {
    w->is_broken = true;
    w->out.length = dice_chance(turns_dice(), 50) ? 0 : w->out.length;
    w->out.length ? (void)take_soon(w) : events_at(soon(MS), told_of_break, w);
  } else {
    take_soon(w);
  }
}

void wire_will_reset(wire *w)
{
  w->resets = true;
}

int64_t wire_ended_at(const wire *w)
{
  return w->ended_at;
}

int64_t wire_closed_at(const wire *w)
{
  return w->closed_at;
}

int64_t wire_written_at(const wire *w)
{
  return w->written_at;
}

void wire_accepted(wire *w)
{
  w->is_accepted = true;
}

int wires_open(void)
{
  int n = 0;
  for (int i = 0; i < n_wires; ++i) {
    n += wires[i]->is_accepted && !wires[i]->server_closed;
  }
  return n;
}

int wire_host(const wire *w)
{
  return w->host;
}

int wire_descriptor(const wire *w)
{
  return WIRE_FIRST_DESCRIPTOR + w->number;
}

wire *wire_of_descriptor(int fd)
{
  const int number = fd - WIRE_FIRST_DESCRIPTOR;
  return number >= 0 && number < n_wires ? wires[number] : NULL;
}

wire *wire_connect(int port, int host, const wire_hooks *hooks, void *data)
{
  if (n_wires == MOST_WIRES) {
    wrong("more than %d connections", MOST_WIRES);
  }
  wire *const w = calloc(1, sizeof *w);
  *w = (wire){.number = n_wires, .host = host, .hooks = hooks, .data = data};
  w->is_rough = dice_chance(turns_dice(), 60);
  w->room = dice_chance(turns_dice(), 50) ? 100 + dice_below(turns_dice(), 4000) : 65536;
  wires[n_wires] = w;
  if (!uv_sim_connect(w, port)) {
    free(w);
    return NULL;
  }
  trace("wire %d: connects to %d, with room for %zu", w->number, port, w->room);
  ++n_wires;
  return w;
}
