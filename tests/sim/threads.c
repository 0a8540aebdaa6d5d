// The threads, locks and conditions of the whole program, libraries too, under turns.h: these functions stand before
// those of the C library.  Locks are the real ones, but nobody ever blocks in one: who finds it taken gives the turn
// away.
#include "tests/sim/turns.h"
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
  pthread_t thread;
  turns_thread *turn;
  void *(*body)(void *);
  void *data;
  bool is_used;
} made;

static made all[TURNS_MOST_THREADS];
static int n_left = -1;

void threads_make_at_most(int n)
{
  n_left = n;
}

#define REAL(name) ((__typeof__(&(name)))real(#name))

static void *real(const char *name)
{
  void *const found = dlsym(RTLD_NEXT, name);
  if (!found) {
    abort();
  }
  return found;
}

static void *enter(void *data)
{
  made *const m = data;
  turns_enter(m->turn);
  void *const result = m->body(m->data);
  turns_leave(m->turn);
  return result;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *data)
{
  int i = 0;
  if (!turns_are_on()) {
    return REAL(pthread_create)(thread, attributes, body, data);
  }
  if (n_left == 0) {
    return EAGAIN;
  }
  n_left -= n_left > 0;
  while (all[i].is_used) {
    ++i;
  }
  all[i] = (made){.turn = turns_add(), .body = body, .data = data, .is_used = true};
  const int code = REAL(pthread_create)(&all[i].thread, attributes, enter, &all[i]);
  *thread = all[i].thread;
  if (code) {
    turns_drop(all[i].turn);
    all[i].is_used = false;
  }
  return code;
}

int pthread_join(pthread_t thread, void **result)
{
  for (int i = 0; turns_are_on() && i < TURNS_MOST_THREADS; ++i) {
    if (all[i].is_used && pthread_equal(all[i].thread, thread)) {
      turns_wait_for_end(all[i].turn);
      all[i].is_used = false;
    }
  }
  return REAL(pthread_join)(thread, result);
}

// ---- locks

typedef int (*lock_function)(void *lock);

static int try_until(lock_function try_lock, void *lock, int64_t until_ns)
{
  int code = try_lock(lock);
  while (code == EBUSY) {
    if (!turns_wait(lock, until_ns)) {
      return ETIMEDOUT;
    }
    code = try_lock(lock);
  }
  return code;
}

static int take(const char *name, const char *try_name, void *lock)
{
  static struct {
    const char *name;
    lock_function function;
  } known[8];
  const char *const wanted = turns_are_on() ? try_name : name;
  int i = 0;
  while (known[i].name && known[i].name != wanted) {
    ++i;
  }
  if (!known[i].name) {
    known[i].function = (lock_function)real(wanted);
    known[i].name = wanted;
  }
  if (!turns_are_on()) {
    return known[i].function(lock);
  }
  turns_yield();
  return try_until(known[i].function, lock, TURNS_NEVER);
}

static const char mutex_lock[] = "pthread_mutex_lock", mutex_try[] = "pthread_mutex_trylock",
                  read_lock[] = "pthread_rwlock_rdlock", read_try[] = "pthread_rwlock_tryrdlock",
                  write_lock[] = "pthread_rwlock_wrlock", write_try[] = "pthread_rwlock_trywrlock";

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
  return take(mutex_lock, mutex_try, mutex);
}

int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *until)
{
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  const int64_t ns = (until->tv_sec - now.tv_sec) * INT64_C(1000000000) + until->tv_nsec - now.tv_nsec;
  return turns_are_on() ? try_until((lock_function)real(mutex_try), mutex, turns_now() + ns)
                        : REAL(pthread_mutex_timedlock)(mutex, until);
}

static int unlock_mutex(pthread_mutex_t *mutex)
{
  static __typeof__(&pthread_mutex_unlock) unlock;
  unlock = unlock ? unlock : REAL(pthread_mutex_unlock);
  const int code = unlock(mutex);
  if (turns_are_on()) {
    turns_wake(mutex);
  }
  return code;
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
  const int code = unlock_mutex(mutex);
  if (turns_are_on()) {
    turns_yield();
  }
  return code;
}

int pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
  return take(read_lock, read_try, lock);
}

int pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
  return take(write_lock, write_try, lock);
}

int pthread_rwlock_unlock(pthread_rwlock_t *lock)
{
  const int code = REAL(pthread_rwlock_unlock)(lock);
  if (turns_are_on()) {
    turns_wake(lock);
  }
  return code;
}

// ---- conditions: only their addresses are used

static int wait_for(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t until_ns)
{
  if (!turns_are_on()) {
    abort();
  }
  unlock_mutex(mutex); // nobody has a turn between this and the wait
  const bool in_time = turns_wait(cond, until_ns);
  pthread_mutex_lock(mutex);
  return in_time ? 0 : ETIMEDOUT;
}

int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
  // POSIX lets a wait end for no reason: now and then it does.
  enum { SPURIOUS_PERCENT = 6, SPURIOUS_NS = 5000000 };
  const bool for_nothing = turns_are_on() && dice_chance(turns_dice(), SPURIOUS_PERCENT);
  wait_for(cond, mutex, for_nothing ? turns_now() + SPURIOUS_NS : TURNS_NEVER);
  return 0;
}

// All conditions of the product that wait for a time do so on the steady clock, which is the clock of turns.
int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until)
{
  return wait_for(cond, mutex, until->tv_sec * INT64_C(1000000000) + until->tv_nsec);
}

int pthread_cond_signal(pthread_cond_t *cond)
{
  if (turns_are_on()) {
    turns_wake_one(cond);
  }
  return 0;
}

int pthread_cond_broadcast(pthread_cond_t *cond)
{
  if (turns_are_on()) {
    turns_wake(cond);
  }
  return 0;
}
