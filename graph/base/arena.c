// Blocks of doubling size up to 1 MiB; a piece larger than a quarter block gets a block of its own,
// put behind the current one so that the current one keeps filling.
#include "graph/base/arena.h"
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20 };

struct stoa_arena_block {
  stoa_arena_block *next;
  size_t size, used;
  alignas(max_align_t) char bytes[];
};

struct stoa_arena_defer {
  stoa_arena_defer *next;
  void (*function)(void *);
  void *pointer;
};

static stoa_arena_block *block_new(size_t size)
{
  stoa_arena_block *const block = malloc(sizeof *block + size);
  if (!block) {
    fputs("stoa: the system has no memory left\n", stderr);
    abort();
  }
  block->next = NULL;
  block->size = size;
  block->used = 0;
  ASAN_POISON_MEMORY_REGION(block->bytes, size);
  return block;
}

void stoa_arena_init(stoa_arena *arena, size_t budget)
{
  *arena = (stoa_arena){.budget = budget};
}

static void run_defers(stoa_arena *arena)
{
  while (arena->defers) {
    stoa_arena_defer *const defer = arena->defers;
    arena->defers = defer->next;
    defer->function(defer->pointer);
  }
}

static void uncharge(stoa_arena *arena)
{
  if (arena->charge) {
    arena->charge->n_bytes_above -= arena->n_bytes;
  }
  arena->n_bytes = 0;
}

static void free_blocks(stoa_arena_block *block)
{
  while (block) {
    stoa_arena_block *const next = block->next;
    ASAN_UNPOISON_MEMORY_REGION(block->bytes, block->size);
    free(block);
    block = next;
  }
}

void stoa_arena_done(stoa_arena *arena)
{
  run_defers(arena);
  free_blocks(arena->blocks);
  arena->blocks = NULL;
  uncharge(arena);
}

void stoa_arena_reset(stoa_arena *arena)
{
  run_defers(arena);
  if (arena->blocks) {
    free_blocks(arena->blocks->next);
    arena->blocks->next = NULL;
    arena->blocks->used = 0;
    ASAN_POISON_MEMORY_REGION(arena->blocks->bytes, arena->blocks->size);
  }
  uncharge(arena);
}

stoa_arena_mark stoa_arena_note(const stoa_arena *arena)
{
  stoa_arena_block *const head = arena->blocks;
  return (stoa_arena_mark){head, head ? head->next : NULL, head ? head->used : 0, arena->n_bytes, arena->defers};
}

// Newer blocks stand before the head of then, larger pieces right behind it.
static void free_until(stoa_arena_block **from, const stoa_arena_block *stop)
{
  while (*from != stop) {
    stoa_arena_block *const block = *from;
    *from = block->next;
    ASAN_UNPOISON_MEMORY_REGION(block->bytes, block->size);
    free(block);
  }
}

void stoa_arena_rewind(stoa_arena *arena, const stoa_arena_mark *mark)
{
  if (arena->defers != mark->defers || arena->n_bytes == mark->n_bytes) {
    return;
  }
  if (arena->charge) {
    arena->charge->n_bytes_above -= arena->n_bytes - mark->n_bytes;
  }
  arena->n_bytes = mark->n_bytes;
  if (!mark->head) { // the first block stays, empty
    stoa_arena_block *const first = arena->blocks;
    free_until(&first->next, NULL);
    first->used = 0;
    ASAN_POISON_MEMORY_REGION(first->bytes, first->size);
    return;
  }
  free_until(&arena->blocks, mark->head);
  free_until(&mark->head->next, mark->behind);
  mark->head->used = mark->used;
  ASAN_POISON_MEMORY_REGION(mark->head->bytes + mark->used, mark->head->size - mark->used);
}

static stoa_arena_block *block_for(stoa_arena *arena, size_t n_bytes)
{
  stoa_arena_block *const current = arena->blocks;
  if (current && current->size - current->used >= n_bytes) {
    return current;
  }
  const size_t last = current ? current->size : FIRST_BLOCK / 2;
  const size_t size = last < LARGEST_BLOCK ? last * 2 : LARGEST_BLOCK;
  if (current && n_bytes > size / 4) {
    stoa_arena_block *const own = block_new(n_bytes);
    own->next = current->next;
    current->next = own;
    return own;
  }
  stoa_arena_block *const fresh = block_new(n_bytes > size ? n_bytes : size);
  fresh->next = current;
  arena->blocks = fresh;
  return fresh;
}

void *stoa_arena_raw(stoa_arena *arena, size_t n_bytes)
{
  const size_t mask = alignof(max_align_t) - 1;
  if (n_bytes > SIZE_MAX / 2) {
    fputs("stoa: allocation size out of range\n", stderr);
    abort();
  }
  const size_t rounded = (n_bytes + mask) & ~mask;
  stoa_arena_block *const block = block_for(arena, rounded);
  char *const bytes = block->bytes + block->used;
  ASAN_UNPOISON_MEMORY_REGION(bytes, rounded);
  block->used += rounded;
  arena->n_bytes += rounded;
  if (arena->charge) {
    arena->charge->n_bytes_above += rounded;
  }
  return bytes;
}

void *stoa_arena_alloc(stoa_arena *arena, size_t n_bytes)
{
  return memset(stoa_arena_raw(arena, n_bytes), 0, n_bytes);
}

void *stoa_arena_grow(stoa_arena *arena, const void *items, uint32_t n, uint32_t *capacity, size_t item_bytes)
{
  const uint32_t wider = *capacity ? *capacity * 2 : 8;
  void *const fresh = stoa_arena_raw(arena, item_bytes * wider);
  if (n) {
    memcpy(fresh, items, n * item_bytes);
  }
  *capacity = wider;
  return fresh;
}

char *stoa_arena_copy(stoa_arena *arena, stoa_slice text)
{
  char *const copy = stoa_arena_raw(arena, text.length + 1);
  if (text.length) {
    memcpy(copy, text.data, text.length);
  }
  copy[text.length] = '\0';
  return copy;
}

char *stoa_arena_print(stoa_arena *arena, const char *format, ...)
{
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  const int length = vsnprintf(NULL, 0, format, args);
  va_end(args);
  char *const text = stoa_arena_alloc(arena, (size_t)(length > 0 ? length : 0) + 1);
  vsnprintf(text, (size_t)(length > 0 ? length : 0) + 1, format, again);
  va_end(again);
  return text;
}

void stoa_arena_on_done(stoa_arena *arena, void (*function)(void *), void *pointer)
{
  stoa_arena_defer *const defer = STOA_NEW(arena, stoa_arena_defer);
  *defer = (stoa_arena_defer){arena->defers, function, pointer};
  arena->defers = defer;
}

stoa_status stoa_arena_status(const stoa_arena *arena)
{
  const bool over = arena->budget && arena->n_bytes + arena->n_bytes_above > arena->budget;
  return over ? STOA_LIMIT : arena->charge ? stoa_arena_status(arena->charge) : STOA_OK;
}
