// Who is told of turns, in process: calls that go on, and what they are ended by.
#include "tests/support/unit.h"

#include "server/dispatcher.h"
#include "server/hub.h"
#include "server/server.h"
#include "tests/support/small_project.h"

static stoa_dispatcher *d;
static stoa_limits limits;
static const stoa_log silent = {0};
static atomic_int n_grown, n_ended;

static void write_view(const char *watch)
{
  char text[512];
  snprintf(text, sizeof text,
           "#+ feature_view: {name: clicks, kind: query, entity: {t: id}, features: {n: integer}, default: {n: 0}, "
           "freshness: 100d%s}\nSELECT ?t (COUNT(?e) AS ?n) { ?e <http://x/on> ?t } GROUP BY ?t\n",
           watch);
  write_file("features/clicks.rq", text);
}

static stoa_status read_again(void)
{
  stoa_faults faults = {0};
  stoa_error err = {0};
  const stoa_status status = stoa_engine_reload(engine, &faults, &err);
  stoa_faults_done(&faults);
  return status;
}

static int setup(void **state)
{
  stoa_error err = {0};
  (void)state;
  if (!open_project() || stoa_limits_read(engine, &limits, &err) != STOA_OK) {
    return 1;
  }
  limits.subscribers = 3;
  write_view(", watch: {some: \"?n > 0\", many: \"?n > 9\"}");
  return read_again() != STOA_OK || stoa_dispatcher_new(engine, &limits, &silent, true, &d, &err) != STOA_OK;
}

static int teardown(void **state)
{
  (void)state;
  stoa_dispatcher_free(d);
  return !close_project();
}

static void tell(stoa_call *call, bool is_final)
{
  (void)call;
  atomic_fetch_add(is_final ? &n_ended : &n_grown, 1);
}

static stoa_call *ask(const char *name, const char *key, bool *goes_on)
{
  const stoa_slice keys[] = {stoa_slice_of(key ? key : "")};
  stoa_call *const call = stoa_call_new(stoa_dispatcher_shared(d), &stoa_operations[STOA_OPERATION_WATCH]);
  stoa_call_name(call, "NAME", stoa_slice_of(name));
  stoa_call_keys(call, keys, key != NULL, NULL, 0);
  call->tell = tell;
  *goes_on = !stoa_dispatcher_start(d, call, STOA_ROLE_CALLER);
  return call;
}

static stoa_call *subscribe(const char *name, const char *key)
{
  bool goes_on;
  stoa_call *const call = ask(name, key, &goes_on);
  assert_true(goes_on);
  assert_null(call->layer); // a reload does not wait for it
  return call;
}

static void turn(const char *condition, const char *key)
{
  const stoa_slice parts[] = {stoa_slice_of(key)};
  stoa_layer *const layer = stoa_engine_take(engine);
  const stoa_turned t = {stoa_registry_view(layer->registry, "clicks"), condition, parts, 0};
  const stoa_turned_sink sink = stoa_hub_sink(stoa_dispatcher_shared(d)->hub);
  sink.told(&t, sink.data);
  stoa_engine_drop(engine, layer);
}

static void assert_heard(stoa_call *call, const char *expected)
{
  stoa_buf bytes = stoa_call_drain(call);
  assert_string_equal(stoa_buf_string(&bytes), expected);
  stoa_buf_done(&bytes);
}

static void leave(stoa_call *call, stoa_status why)
{
  const int before = atomic_load(&n_ended);
  stoa_call_cancel(call);
  assert_int_equal(atomic_load(&n_ended), before + (why == STOA_OK));
  assert_int_equal(call->reply.err.status, why);
  stoa_call_free(call);
}

static long open_now(void)
{
  return atomic_load(&stoa_dispatcher_shared(d)->metrics->subscribers);
}

static void each_is_told_of_what_it_asked_for(void **state)
{
  (void)state;
  stoa_call *const all = subscribe("clicks", NULL), *const many = subscribe("clicks:many", NULL),
                  *const one = subscribe("clicks", "b");
  bool goes_on;
  stoa_call *const fourth = ask("clicks", NULL, &goes_on);
  assert_false(goes_on);
  assert_int_equal(fourth->reply.status, STOA_UNAVAILABLE);
  assert_string_equal(fourth->reply.err.text, stoa_set_limit_text(STOA_SET_subscribers));
  stoa_call_free(fourth);
  atomic_store(&n_grown, 0);
  turn("some", "a\"");
  turn("many", "b");
  assert_int_equal(atomic_load(&n_grown), 3); // once for each that had nothing before
  assert_heard(all, "1 some {\"view\":\"clicks\",\"condition\":\"some\",\"entity\":\"thing\",\"key\":{\"id\":\"a\\\"\"},"
                    "\"at\":\"1970-01-01T00:00:00Z\"}\n"
                    "2 many {\"view\":\"clicks\",\"condition\":\"many\",\"entity\":\"thing\",\"key\":{\"id\":\"b\"},"
                    "\"at\":\"1970-01-01T00:00:00Z\"}\n");
  assert_heard(many, "2 many {\"view\":\"clicks\",\"condition\":\"many\",\"entity\":\"thing\",\"key\":{\"id\":\"b\"},"
                     "\"at\":\"1970-01-01T00:00:00Z\"}\n");
  assert_heard(one, "2 many {\"view\":\"clicks\",\"condition\":\"many\",\"entity\":\"thing\",\"key\":{\"id\":\"b\"},"
                    "\"at\":\"1970-01-01T00:00:00Z\"}\n");
  leave(all, STOA_OK);
  turn("many", "b");
  assert_int_equal(open_now(), 2);
  leave(many, STOA_OK);
  leave(one, STOA_OK);
}

static void who_falls_behind_is_cut(void **state)
{
  (void)state;
  stoa_call *const slow = subscribe("clicks", NULL), *const quick = subscribe("clicks", NULL);
  size_t heard = 0;
  atomic_store(&n_ended, 0);
  for (int i = 0; atomic_load(&n_ended) == 0 && i < 100000; ++i) {
    turn("some", "a");
    stoa_buf bytes = stoa_call_drain(quick);
    heard += bytes.length;
    assert_true(bytes.length > 0);
    stoa_buf_done(&bytes);
  }
  assert_true(heard > STOA_MOST_BEHIND && heard < STOA_MOST_BEHIND + 1000);
  assert_int_equal(slow->reply.err.status, STOA_LIMIT);
  assert_string_equal(slow->reply.err.text, stoa_limit_text(STOA_LIMIT_BEHIND));
  assert_true(stoa_call_is_drained(slow));
  assert_int_equal(atomic_load(&stoa_dispatcher_shared(d)->metrics->subscribers_lost), 1);
  assert_int_equal(open_now(), 1);
  leave(slow, STOA_LIMIT);
  leave(quick, STOA_OK);
}

static void a_reload_ends_what_has_gone(void **state)
{
  (void)state;
  stoa_call *const all = subscribe("clicks", NULL), *const many = subscribe("clicks:many", NULL);
  write_view(", watch: {some: \"?n > 0\"}");
  assert_int_equal(read_again(), STOA_OK);
  stoa_hub_reloaded(stoa_dispatcher_shared(d)->hub);
  assert_int_equal(open_now(), 1);
  turn("some", "a");
  assert_false(stoa_call_is_drained(all));
  leave(all, STOA_OK);
  leave(many, STOA_NOT_FOUND);
}

static void what_is_none_is_refused(void **state)
{
  static const struct {
    const char *name, *said;
  } cases[] = {{"clickz", "there is no view \"clickz\" with conditions; did you mean \"clicks\"?"},
               {"v", "view \"v\" has no conditions; say them under its \"watch\""},
               {"clicks:sone", "view \"clicks\" has no condition \"sone\"; did you mean \"some\"?"},
               {"clicks:", "view \"clicks\" has no condition \"\""}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    bool goes_on;
    stoa_call *const call = ask(cases[i].name, NULL, &goes_on);
    assert_false(goes_on);
    assert_int_equal(call->reply.status, STOA_NOT_FOUND);
    assert_string_equal(call->reply.err.text, cases[i].said);
    stoa_call_free(call);
  }
}

static void at_the_end_all_are_ended(void **state)
{
  bool goes_on;
  (void)state;
  stoa_call *const one = subscribe("clicks", NULL);
  stoa_hub_stop(stoa_dispatcher_shared(d)->hub);
  stoa_call *const late = ask("clicks", NULL, &goes_on);
  assert_false(goes_on);
  assert_string_equal(late->reply.err.text, "the server stops");
  stoa_call_free(late);
  leave(one, STOA_UNAVAILABLE);
  assert_int_equal(open_now(), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_is_told_of_what_it_asked_for), cmocka_unit_test(who_falls_behind_is_cut),
    cmocka_unit_test(a_reload_ends_what_has_gone), cmocka_unit_test(what_is_none_is_refused),
    cmocka_unit_test(at_the_end_all_are_ended)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
