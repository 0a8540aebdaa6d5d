#ifndef STOA_TESTS_SIM_WIRE_H
#define STOA_TESTS_SIM_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// A simulated connection.  What the client sends arrives later and in pieces; what the server sends finds room in a
/// buffer of some size, which the client empties when it likes.  Both sides can end their half, close, or break the
/// connection. A wire lives as long as the process.
typedef struct wire wire;

/// Who is told of what happens; of the client on the thread of events.h.
typedef struct {
  void (*read)(void *data, const char *bytes, size_t n_bytes); ///< bytes have come
  void (*ended)(void *data, bool is_broken);                   ///< the server has ended its half, or broken it all
} wire_hooks;

enum { WIRE_FIRST_DESCRIPTOR = 1 << 20 };

// ---- the client's side

/// Connect to a port of the server, 0 for its Unix socket, from an address 10.0.0.`host`; NULL: nobody listens.
wire *wire_connect(int port, int host, const wire_hooks *hooks, void *data);
/// The client takes nothing from here on, or takes again.
void wire_set_deaf(wire *w, bool is_deaf);
void wire_send(wire *w, const char *bytes, size_t n_bytes);
/// End the client's half: nothing more is sent.
void wire_end(wire *w);
/// Close it as a program that exits does; what comes from then on is answered by a reset.
void wire_leave(wire *w);
/// Break it at once.
void wire_reset(wire *w);
/// When the server ended its half, closed it, and last wrote to it; 0: not yet.
int64_t wire_ended_at(const wire *w);
int64_t wire_closed_at(const wire *w);
int64_t wire_written_at(const wire *w);
/// How many connections the server has taken and not closed.
int wires_open(void);

// ---- the server's side

void wire_accepted(wire *w);
/// Bytes that have come; 0: none now; -1: the client has ended; -2: it is broken.
ssize_t wire_take(wire *w, char *out, size_t n_bytes);
/// How many bytes found room; -1: it is broken.
ssize_t wire_give(wire *w, const char *bytes, size_t n_bytes);
void wire_server_ends(wire *w);
void wire_server_closes(wire *w);
bool wire_can_take(const wire *w);
bool wire_has_room(const wire *w);
/// The client has ended its half, whether that was read or not, or broken it.
bool wire_has_gone(const wire *w);
/// A close from here on resets (SO_LINGER).
void wire_will_reset(wire *w);
int wire_host(const wire *w);
int wire_descriptor(const wire *w);
wire *wire_of_descriptor(int fd);

// ---- what uv.c offers to connections

/// Set by uv.c: give a wire to a listener; false: there is none.
bool uv_sim_connect(wire *w, int port);
/// Something has changed for the server.
void uv_sim_changed(void);
/// A signal comes.
void uv_sim_signal(int number);

#endif
