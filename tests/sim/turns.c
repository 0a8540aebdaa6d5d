#include "tests/sim/turns.h"
#include "tests/sim/trace.h"
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

// What a turn costs at most, and after how many the run is taken for one that never ends.
enum { TURN_NS = 20000, YIELD_PERCENT = 2, MOST_TURNS = 20000000 };

struct turns_thread {
  bool is_used, has_ended, is_late;
  const void *waits_for; ///< NULL: it can go on
  int64_t until_ns;
  atomic_int has_turn;
};

static turns_thread threads[TURNS_MOST_THREADS];
static _Thread_local turns_thread *self;
static dice *drawn;
static int64_t now;
static uint64_t n_turns;
static int n_places; ///< of `threads`, that were ever used

static void sleep_until_turn(turns_thread *t)
{
  while (!atomic_load_explicit(&t->has_turn, memory_order_acquire)) {
    syscall(SYS_futex, &t->has_turn, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
  }
  atomic_store_explicit(&t->has_turn, 0, memory_order_relaxed);
}

static void give_turn(turns_thread *t)
{
  atomic_store_explicit(&t->has_turn, 1, memory_order_release);
  syscall(SYS_futex, &t->has_turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static bool is_ready(const turns_thread *t)
{
  return t->is_used && !t->has_ended && !t->waits_for;
}

static bool waits(const turns_thread *t)
{
  return t->is_used && !t->has_ended && t->waits_for;
}

static uint32_t count_ready(void)
{
  uint32_t n = 0;
  for (int i = 0; i < n_places; ++i) {
    n += is_ready(&threads[i]);
  }
  return n;
}

static void jump(void)
{
  int64_t first = TURNS_NEVER;
  for (int i = 0; i < n_places; ++i) {
    first = waits(&threads[i]) && threads[i].until_ns < first ? threads[i].until_ns : first;
  }
  if (first == TURNS_NEVER) {
    wrong("every thread waits, and none for a time");
  }
  now = first > now ? first : now;
}

static void end_waits(void)
{
  for (int i = 0; i < n_places; ++i) {
    turns_thread *const t = &threads[i];
    if (waits(t) && t->until_ns <= now) {
      t->waits_for = NULL;
      t->is_late = true;
    }
  }
}

static turns_thread *choose(void)
{
  now += dice_below(drawn, TURN_NS);
  end_waits();
  if (count_ready() == 0) {
    jump();
    end_waits();
  }
  if (++n_turns > MOST_TURNS) {
    wrong("it goes on for ever");
  }
  uint32_t nth = dice_below(drawn, count_ready());
  for (int i = 0;; ++i) {
    if (is_ready(&threads[i]) && nth-- == 0) {
      trace_number((uint64_t)i);
      return &threads[i];
    }
  }
}

static void pass(void)
{
  turns_thread *const next = choose();
  if (next != self) {
    give_turn(next);
    sleep_until_turn(self);
  }
}

void turns_begin(dice *d, int64_t now_ns)
{
  drawn = d;
  now = now_ns;
  self = &threads[0];
  self->is_used = true;
  n_places = 1;
}

bool turns_are_on(void)
{
  return self != NULL;
}

dice *turns_dice(void)
{
  return drawn;
}

int64_t turns_now(void)
{
  return now;
}

void turns_spend(int64_t ns)
{
  now += ns;
}

void turns_yield(void)
{
  if (dice_chance(drawn, YIELD_PERCENT)) {
    pass();
  }
}

bool turns_wait(const void *what, int64_t until_ns)
{
  self->waits_for = what;
  self->until_ns = until_ns;
  self->is_late = false;
  pass();
  return !self->is_late;
}

void turns_wake(const void *what)
{
  for (int i = 0; i < n_places; ++i) {
    if (waits(&threads[i]) && threads[i].waits_for == what) {
      threads[i].waits_for = NULL;
    }
  }
}

void turns_wake_one(const void *what)
{
  turns_thread *waiting[TURNS_MOST_THREADS];
  uint32_t n = 0;
  for (int i = 0; i < n_places; ++i) {
    if (waits(&threads[i]) && threads[i].waits_for == what) {
      waiting[n++] = &threads[i];
    }
  }
  if (n) {
    waiting[dice_below(drawn, n)]->waits_for = NULL;
  }
}

turns_thread *turns_add(void)
{
  for (int i = 0; i < TURNS_MOST_THREADS; ++i) {
    if (!threads[i].is_used) {
      threads[i] = (turns_thread){.is_used = true};
      n_places = i < n_places ? n_places : i + 1;
      return &threads[i];
    }
  }
  wrong("more than %d threads", TURNS_MOST_THREADS);
}

void turns_enter(turns_thread *thread)
{
  self = thread;
  sleep_until_turn(thread);
}

void turns_leave(turns_thread *thread)
{
  thread->has_ended = true;
  turns_wake(thread);
  turns_thread *const next = choose();
  self = NULL;
  give_turn(next);
}

void turns_wait_for_end(turns_thread *thread)
{
  while (!thread->has_ended) {
    turns_wait(thread, TURNS_NEVER);
  }
  thread->is_used = false;
}

void turns_drop(turns_thread *thread)
{
  thread->is_used = false;
}
