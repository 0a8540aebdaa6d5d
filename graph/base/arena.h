#ifndef STOA_GRAPH_BASE_ARENA_H
#define STOA_GRAPH_BASE_ARENA_H

#include "graph/base/slice.h"
#include "graph/base/status.h"
#include <stdint.h>

/// Memory by lifetime: many small pieces, freed together.
///
/// Allocation never returns NULL, which keeps the code that builds plans and terms free of dead
/// branches.  A budget bounds an arena instead: an allocation beyond it is still served, but
/// `stoa_arena_status` turns to STOA_LIMIT, and operators ask it once per batch; so a query overruns
/// its cap by one batch at most.  When the system itself has no memory left, the process stops.
typedef struct stoa_arena_block stoa_arena_block;
typedef struct stoa_arena_defer stoa_arena_defer;

typedef struct stoa_arena {
  stoa_arena_block *blocks;
  stoa_arena_defer *defers;
  size_t n_bytes;            ///< handed out since the last reset
  size_t budget;             ///< 0: none
  size_t n_bytes_above;      ///< handed out by the arenas that charge this one
  struct stoa_arena *charge; ///< the arena whose budget counts this one's bytes too, or NULL
} stoa_arena;

/// Prepare an arena; `budget` in bytes, 0 for none.
void stoa_arena_init(stoa_arena *arena, size_t budget);
/// Run the deferred calls in reverse order and release every block.
void stoa_arena_done(stoa_arena *arena);
/// Run the deferred calls and forget every piece, keeping one block for reuse.
void stoa_arena_reset(stoa_arena *arena);
/// Where an arena stands, to come back to.
typedef struct {
  stoa_arena_block *head, *behind;
  size_t used, n_bytes;
  stoa_arena_defer *defers;
} stoa_arena_mark;

/// Note where the arena stands, and later forget every piece that was handed out since; those for which calls were
/// deferred since keep everything as it is.
stoa_arena_mark stoa_arena_note(const stoa_arena *arena);
void stoa_arena_rewind(stoa_arena *arena, const stoa_arena_mark *mark);
/// Return `n_bytes` of zeroed memory aligned for any type.
void *stoa_arena_alloc(stoa_arena *arena, size_t n_bytes);
/// Return `n_bytes` as they are, for large room that is written before it is read.
void *stoa_arena_raw(stoa_arena *arena, size_t n_bytes);
/// Return room for `n` items twice as large as before with the old ones copied over; the rest is not zeroed.
void *stoa_arena_grow(stoa_arena *arena, const void *items, uint32_t n, uint32_t *capacity, size_t item_bytes);
/// Return a terminated copy of `text`.
char *stoa_arena_copy(stoa_arena *arena, stoa_slice text);
/// Return a formatted, terminated string.
char *stoa_arena_print(stoa_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
/// Call `function(pointer)` when the arena is reset or done.
void stoa_arena_on_done(stoa_arena *arena, void (*function)(void *), void *pointer);
/// STOA_OK, or STOA_LIMIT once more than the budget was handed out, or that of the arena which this one charges.
stoa_status stoa_arena_status(const stoa_arena *arena);

/// Return the slice of a copy.
static inline stoa_slice stoa_arena_slice(stoa_arena *arena, stoa_slice text)
{
  return (stoa_slice){stoa_arena_copy(arena, text), text.length};
}

#define STOA_NEW(arena, type) ((type *)stoa_arena_alloc((arena), sizeof(type)))
#define STOA_NEWS(arena, type, n) ((type *)stoa_arena_alloc((arena), sizeof(type) * (size_t)(n)))

/// A growing array in an arena: STOA_LIST(int) has items, n and capacity.
#define STOA_LIST(type)                                                                                                \
  struct {                                                                                                             \
    type *items;                                                                                                       \
    uint32_t n, capacity;                                                                                              \
  }
#define STOA_PUSH(arena, list, value)                                                                                  \
  do {                                                                                                                 \
    if ((list)->n == (list)->capacity) {                                                                               \
      (list)->items = stoa_arena_grow((arena), (list)->items, (list)->n, &(list)->capacity, sizeof *(list)->items);    \
    }                                                                                                                  \
    (list)->items[(list)->n++] = (value);                                                                              \
  } while (0)

#endif
