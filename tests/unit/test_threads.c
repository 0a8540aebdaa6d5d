// Lanes of workers and the state writer, in process: what waits, what is turned away, what is acknowledged.
#include "tests/support/unit.h"

#include "server/dispatcher.h"
#include "server/lane.h"
#include "server/server.h"
#include "server/state_writer.h"
#include "tests/support/small_project.h"
#include <sqlite3.h>
#include <time.h>
#include <unistd.h>

// How long a test waits for what does not come before it fails: however slow the machine.
enum { PATIENCE_S = 20, MANY = 2000 };

static stoa_dispatcher *maker; // of calls; it runs none
static const stoa_log silent = {0};

static int setup(void **state)
{
  stoa_limits limits;
  stoa_error err = {0};
  (void)state;
  return !open_project() || stoa_limits_read(engine, &limits, &err) != STOA_OK ||
         stoa_dispatcher_new(engine, &limits, &silent, false, &maker, &err) != STOA_OK;
}

static int teardown(void **state)
{
  (void)state;
  stoa_dispatcher_free(maker);
  return !close_project();
}

static stoa_call *make(stoa_operation_id id)
{
  return stoa_call_new(stoa_dispatcher_shared(maker), &stoa_operations[id]);
}

// ---- a gate: work stands still in front of it until it opens

static struct {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool is_open;
  int n_begun, n_ended;
} gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void shut(void)
{
  gate.is_open = false;
  gate.n_begun = gate.n_ended = 0;
}

static void open_gate(void)
{
  pthread_mutex_lock(&gate.lock);
  gate.is_open = true;
  pthread_cond_broadcast(&gate.changed);
  pthread_mutex_unlock(&gate.lock);
}

static void pass(stoa_call *call)
{
  (void)call;
  pthread_mutex_lock(&gate.lock);
  gate.n_begun++;
  pthread_cond_broadcast(&gate.changed);
  while (!gate.is_open) {
    pthread_cond_wait(&gate.changed, &gate.lock);
  }
  gate.n_ended++;
  pthread_mutex_unlock(&gate.lock);
}

static bool have_begun(int n)
{
  struct timespec until;
  int code = 0;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += PATIENCE_S;
  pthread_mutex_lock(&gate.lock);
  while (gate.n_begun < n && code == 0) {
    code = pthread_cond_timedwait(&gate.changed, &gate.lock, &until);
  }
  const bool have = gate.n_begun >= n;
  pthread_mutex_unlock(&gate.lock);
  return have;
}

static int n_begun(void)
{
  pthread_mutex_lock(&gate.lock);
  const int n = gate.n_begun;
  pthread_mutex_unlock(&gate.lock);
  return n;
}

// ---- lanes

static void a_full_lane_turns_away(void **state)
{
  stoa_lane *lane;
  stoa_call *calls[4];
  stoa_error err = {0};
  (void)state;
  shut();
  assert_int_equal(stoa_lane_new(1, false, 2, pass, &lane, &err), STOA_OK);
  for (int i = 0; i < 4; ++i) {
    calls[i] = make(STOA_OPERATION_HEALTH);
  }
  assert_true(stoa_lane_add(lane, calls[0]));
  assert_true(have_begun(1));
  assert_true(stoa_lane_add(lane, calls[1]));
  assert_true(stoa_lane_add(lane, calls[2]));
  assert_false(stoa_lane_add(lane, calls[3]));
  open_gate();
  stoa_lane_free(lane);
  assert_int_equal(gate.n_ended, 3); // what was queued when it stopped
  for (int i = 0; i < 4; ++i) {
    stoa_call_free(calls[i]);
  }
}

static void the_spare_worker_serves_while_others_stand_still(void **state)
{
  const struct timespec asleep = {0, 100000000};
  stoa_lane *lane;
  stoa_call *calls[4];
  stoa_error err = {0};
  (void)state;
  shut();
  assert_int_equal(stoa_lane_new(2, true, 8, pass, &lane, &err), STOA_OK);
  for (int i = 0; i < 4; ++i) {
    calls[i] = make(STOA_OPERATION_HEALTH);
  }
  nanosleep(&asleep, NULL); // all three wait: it is of the sleeping one that the test tells
  for (int i = 0; i < 2; ++i) {
    assert_true(stoa_lane_add(lane, calls[i]));
    assert_true(have_begun(i + 1));
  }
  assert_true(stoa_lane_add(lane, calls[2]));
  assert_true(have_begun(3));
  assert_true(stoa_lane_add(lane, calls[3]));
  assert_int_equal(n_begun(), 3); // there is one spare worker
  open_gate();
  stoa_lane_free(lane);
  assert_int_equal(gate.n_ended, 4);
  for (int i = 0; i < 4; ++i) {
    stoa_call_free(calls[i]);
  }
}

static void a_source_holds_up_two_keyed_calls_and_any_queries(void **state)
{
  static const stoa_operation_id ids[] = {STOA_OPERATION_VECTOR, STOA_OPERATION_RANK, STOA_OPERATION_QUERY};
  static const uint32_t shares[] = {2, 2, 0};
  (void)state;
  for (int i = 0; i < 3; ++i) {
    stoa_call *const call = make(ids[i]);
    stoa_dispatcher_run(maker, call, STOA_ROLE_CALLER);
    assert_int_equal(call->context.share, shares[i]);
    stoa_call_free(call);
  }
}

static void a_lane_that_stands_still_is_told(void **state)
{
  static const char *const names[] = {[STOA_LANE_KEYED] = "look-ups and ranks", [STOA_LANE_QUERIES] = "queries"};
  const struct timespec moment = {0, 10000000};
  (void)state;
  for (int i = STOA_LANE_KEYED; i <= STOA_LANE_QUERIES; ++i) {
    stoa_lane *lanes[STOA_N_LANES] = {0};
    stoa_call *const runs = make(STOA_OPERATION_HEALTH), *const waits = make(STOA_OPERATION_HEALTH);
    stoa_health *health;
    stoa_error err = {0};
    stoa_buf why = {0};
    shut();
    assert_int_equal(stoa_lane_new(1, false, 8, pass, &lanes[i], &err), STOA_OK);
    assert_true(stoa_lane_add(lanes[i], runs));
    assert_true(have_begun(1));
    waits->began_ns -= INT64_C(6000000000);
    assert_true(stoa_lane_add(lanes[i], waits));
    assert_int_equal(stoa_health_new(engine, lanes, &silent, &health, &err), STOA_OK);
    for (int k = 0; k < PATIENCE_S * 100 && stoa_health_ready(health, &why); ++k) {
      nanosleep(&moment, NULL); // it looks once a second
    }
    assert_non_null(strstr(stoa_buf_string(&why), "lanes: "));
    assert_non_null(strstr(stoa_buf_string(&why), names[i]));
    open_gate();
    stoa_health_free(health);
    stoa_lane_free(lanes[i]);
    stoa_call_free(runs);
    stoa_call_free(waits);
    stoa_buf_done(&why);
  }
}

// ---- the state writer

static stoa_call *reward_of_nothing(void)
{
  stoa_call *const call = make(STOA_OPERATION_REWARD);
  stoa_error err = {0};
  stoa_call_name(call, "NAME", stoa_slice_of("nothing"));
  call->request.value = 1;
  assert_int_equal(call->operation->run(call, &err), STOA_OK);
  return call;
}

static stoa_call *event(const char *id)
{
  stoa_call *const call = make(STOA_OPERATION_EVENT);
  stoa_error err = {0};
  char body[100];
  snprintf(body, sizeof body, "{\"id\":\"%s\",\"at\":\"2026-01-01T00:00:00Z\"}", id);
  stoa_call_name(call, "NAME", stoa_slice_of("click"));
  call->request.body = stoa_call_copy(call, stoa_slice_of(body));
  assert_int_equal(call->operation->run(call, &err), STOA_OK);
  return call;
}

static void in_the_state(const char *sql)
{
  char path[256];
  sqlite3 *db;
  snprintf(path, sizeof path, "%s/state.db", folder);
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(db);
}

static void what_is_not_on_disk_is_not_acknowledged(void **state)
{
  stoa_metrics metrics = {0};
  stoa_call *calls[] = {event("kept"), event("lost")};
  (void)state;
  in_the_state("CREATE TRIGGER full BEFORE INSERT ON event_click WHEN NEW.id = 'lost' "
               "BEGIN SELECT RAISE(ABORT, 'no event fits'); END");
  stoa_writer_commit(engine, &metrics, NULL, calls, 2);
  in_the_state("DROP TRIGGER full");
  for (int i = 0; i < 2; ++i) {
    assert_int_not_equal(calls[i]->reply.status, STOA_OK);
    assert_non_null(strstr(calls[i]->reply.err.text, "no event fits"));
    stoa_call_free(calls[i]);
  }
  assert_int_equal(metrics.commits, 1);
  assert_int_equal(metrics.commit_failures, 1);
  assert_int_equal(metrics.events, 0);
}

static void each_record_of_a_commit_has_its_own_answer(void **state)
{
  stoa_metrics metrics = {0};
  stoa_call *calls[] = {event("first"), reward_of_nothing(), event("last")};
  (void)state;
  stoa_writer_commit(engine, &metrics, NULL, calls, 3);
  assert_int_equal(calls[0]->reply.status, STOA_OK);
  assert_true(stoa_slice_is(calls[0]->reply.text, "first"));
  assert_int_equal(calls[1]->reply.status, STOA_NOT_FOUND);
  assert_int_equal(calls[2]->reply.status, STOA_OK);
  assert_true(stoa_slice_is(calls[2]->reply.text, "last"));
  assert_int_equal(metrics.events, 2);
  assert_int_equal(metrics.rewards, 0);
  assert_int_equal(metrics.commit_records, 3);
  for (int i = 0; i < 3; ++i) {
    stoa_call_free(calls[i]);
  }
}

static bool is_ready_after(stoa_health *health, stoa_call *call)
{
  stoa_metrics metrics = {0};
  stoa_buf why = {0};
  stoa_writer_commit(engine, &metrics, health, &call, 1);
  stoa_call_free(call);
  const bool ready = stoa_health_ready(health, &why);
  stoa_buf_done(&why);
  return ready;
}

static void a_commit_of_nothing_new_says_nothing_of_the_disk(void **state)
{
  stoa_lane *const none[STOA_N_LANES] = {0};
  stoa_health *health;
  stoa_error err = {0};
  (void)state;
  assert_true(is_ready_after(NULL, event("twice")));
  assert_int_equal(stoa_health_new(engine, none, &silent, &health, &err), STOA_OK);
  stoa_health_stop(health); // so that it does not look at the disk itself
  stoa_error_set(&err, STOA_IO, "the disk is full");
  stoa_health_tell(health, STOA_PART_STATE, STOA_IO, &err);
  assert_false(is_ready_after(health, reward_of_nothing()));
  assert_false(is_ready_after(health, event("twice")));
  assert_true(is_ready_after(health, event("new")));
  stoa_health_free(health);
}

static void what_is_queued_when_the_writer_stops_is_committed(void **state)
{
  static stoa_call *calls[MANY];
  stoa_metrics metrics = {0};
  stoa_writer *writer;
  stoa_error err = {0};
  (void)state;
  shut();
  assert_int_equal(stoa_writer_new(engine, &metrics, NULL, pass, &writer, &err), STOA_OK);
  for (int i = 0; i < MANY; ++i) {
    calls[i] = reward_of_nothing();
  }
  assert_true(stoa_writer_add(writer, calls[0]));
  assert_true(have_begun(1));
  for (int i = 1; i < MANY; ++i) {
    assert_true(stoa_writer_add(writer, calls[i]));
  }
  open_gate();
  stoa_writer_free(writer);
  assert_int_equal(gate.n_ended, MANY);
  assert_int_equal(metrics.commit_records, MANY);
  for (int i = 0; i < MANY; ++i) {
    assert_int_equal(calls[i]->reply.status, STOA_NOT_FOUND);
    stoa_call_free(calls[i]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(a_full_lane_turns_away),
                                     CLAIM(the_spare_worker_serves_while_others_stand_still),
                                     CLAIM(a_lane_that_stands_still_is_told),
                                     CLAIM(a_source_holds_up_two_keyed_calls_and_any_queries),
                                     CLAIM(what_is_not_on_disk_is_not_acknowledged),
                                     CLAIM(each_record_of_a_commit_has_its_own_answer),
                                     CLAIM(a_commit_of_nothing_new_says_nothing_of_the_disk),
                                     CLAIM(what_is_queued_when_the_writer_stops_is_committed)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
