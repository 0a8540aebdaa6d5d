#ifndef STOA_TESTS_SIM_TURNS_H
#define STOA_TESTS_SIM_TURNS_H

#include "tests/random/dice.h"

/// Threads that take turns on a simulated clock.  One thread runs at a time; whenever it waits, and now and then when
/// it takes a lock, the dice choose who goes on.  When all wait, the clock jumps to the first time that one waits for;
/// so the same dice make the same run.  threads.c puts the threads, locks and conditions of the whole program under
/// this, clock.c its clocks.

enum { TURNS_MOST_THREADS = 64 };
#define TURNS_NEVER INT64_MAX

/// From here on; the thread that calls is the first.  `dice` are drawn from by everything that is simulated.
void turns_begin(dice *d, int64_t now_ns);
/// False before, and on threads that are none of them.
bool turns_are_on(void);
/// The dice of the run.
dice *turns_dice(void);
/// Nanoseconds of the simulated clock.
int64_t turns_now(void);
/// Let `ns` pass while this thread goes on.
void turns_spend(int64_t ns);

/// Perhaps let another thread go on.
void turns_yield(void);
/// Wait until somebody wakes `what`, or until a time; false: the time came.
bool turns_wait(const void *what, int64_t until_ns);
/// Let those go on who wait for `what`: all, or one that the dice choose.
void turns_wake(const void *what);
void turns_wake_one(const void *what);

/// The system makes so many threads more, and then none; -1: as many as are asked for.
void threads_make_at_most(int n);

/// A place for a thread that is to be made; on the thread itself: wait for the first turn; at its end: give the turn
/// away.
typedef struct turns_thread turns_thread;
turns_thread *turns_add(void);
void turns_enter(turns_thread *thread);
void turns_leave(turns_thread *thread);
/// Wait for its end, and give its place to others.
void turns_wait_for_end(turns_thread *thread);
/// It was never made.
void turns_drop(turns_thread *thread);

#endif
