// Operations in process, without a socket: what a server does, asked and answered as values.
#include "tests/support/unit.h"

#include "server/dispatcher.h"
#include "server/http_routes.h"
#include "server/server.h"
#include "server/state_writer.h"
#include "server/upkeep.h"
#include "tests/support/small_project.h"
#include <sqlite3.h>
#include <unistd.h>

static stoa_dispatcher *alone, *threaded;
static const stoa_log silent = {0};

static int setup(void **state)
{
  stoa_limits limits;
  stoa_error err = {0};
  (void)state;
  return !open_project() || stoa_limits_read(engine, &limits, &err) != STOA_OK ||
         stoa_dispatcher_new(engine, &limits, &silent, false, &alone, &err) != STOA_OK;
}

static int teardown(void **state)
{
  (void)state;
  stoa_dispatcher_free(alone);
  return !close_project();
}

static stoa_call *ask(stoa_dispatcher *d, stoa_operation_id id, const char *name, const char *body)
{
  stoa_call *const call = stoa_call_new(stoa_dispatcher_shared(d), &stoa_operations[id]);
  if (name[0]) {
    stoa_call_name(call, "NAME", stoa_slice_of(name));
  }
  call->request.body = stoa_slice_of(body);
  stoa_dispatcher_run(d, call, STOA_ROLE_CALLER);
  return call;
}

static void every_row_is_whole(void **state)
{
  (void)state;
  for (int i = 0; i < STOA_N_OPERATIONS; ++i) {
    const stoa_operation *const o = &stoa_operations[i];
    assert_true(o->name[0] && o->summary[0] && o->run);
    assert_true(o->deadline_ms <= o->longest_ms);
    for (int k = 0; k < i; ++k) {
      assert_string_not_equal(o->name, stoa_operations[k].name);
    }
  }
}

static void a_query_answers_in_process(void **state)
{
  (void)state;
  stoa_call *const call = ask(alone, STOA_OPERATION_QUERY, "", "SELECT ?v { <http://x/a> <http://x/p> ?v }");
  assert_int_equal(call->reply.status, STOA_OK);
  assert_int_equal(call->reply.kind, STOA_REPLY_STREAM);
  assert_int_equal(call->reply.rows, 1);
  assert_non_null(strstr(stoa_buf_string(&call->stream), "\"one\""));
  stoa_call_free(call);
}

static void feasts_contract_is_served_in_process(void **state)
{
  (void)state;
  stoa_call *call =
    ask(alone, STOA_OPERATION_ONLINE, "", "{\"features\":[\"v:p\"],\"entities\":{\"id\":[\"a\",\"c\",\"d\",7]}}");
  assert_int_equal(call->reply.status, STOA_OK);
  assert_string_equal(stoa_buf_string(&call->stream),
                      "{\"results\":[{\"values\":[\"a\",\"c\",\"d\",7],"
                      "\"statuses\":[\"PRESENT\",\"PRESENT\",\"PRESENT\",\"PRESENT\"],"
                      "\"event_timestamps\":[\"1970-01-01T00:00:00Z\",\"1970-01-01T00:00:00Z\","
                      "\"1970-01-01T00:00:00Z\",\"1970-01-01T00:00:00Z\"]},"
                      "{\"values\":[\"one\",null,null,null],"
                      "\"statuses\":[\"PRESENT\",\"NULL_VALUE\",\"NOT_FOUND\",\"NOT_FOUND\"],"
                      "\"event_timestamps\":[\"1970-01-01T00:00:00Z\",\"1970-01-01T00:00:00Z\","
                      "\"1970-01-01T00:00:00Z\",\"1970-01-01T00:00:00Z\"]}],"
                      "\"metadata\":{\"feature_names\":[\"id\",\"p\"]}}");
  stoa_call_free(call);
  call = ask(alone, STOA_OPERATION_ONLINE, "", "{\"features\":[\"w:p\"],\"entities\":{}}");
  assert_int_equal(call->reply.status, STOA_NOT_FOUND);
  assert_int_equal(call->reply.http, 404);
  assert_non_null(strstr(call->reply.text.data, "FeatureViewNotFoundException"));
  stoa_call_free(call);
}

static void events_by_columns_are_all_kept_or_none(void **state)
{
  (void)state;
  stoa_call *call = ask(alone, STOA_OPERATION_PUSH, "",
                        "{\"push_source_name\":\"click\",\"df\":{\"id\":[\"k1\",\"k2\"],"
                        "\"at\":[\"2026-01-01T00:00:00\",\"2026-01-01T00:00:01\"]}}");
  assert_int_equal(call->reply.status, STOA_OK);
  assert_int_equal(call->n_records, 2);
  stoa_call_free(call);
  call = ask(alone, STOA_OPERATION_PUSH, "",
             "{\"push_source_name\":\"click\",\"df\":{\"id\":[\"k3\",\"k4\"],\"at\":[\"2026-01-01T00:00:00\",\"\"]}}");
  assert_int_equal(call->reply.http, 422);
  assert_int_equal(call->n_records, 0);
  stoa_call_free(call);
  call = ask(alone, STOA_OPERATION_QUERY, "",
             "SELECT (COUNT(*) AS ?n) { ?e a <http://x/Click> FILTER(STRSTARTS(STR(?e), \"http://x/click/k\")) }");
  assert_non_null(strstr(stoa_buf_string(&call->stream), "\"value\":\"2\""));
  stoa_call_free(call);
}

static void a_fault_is_a_status_with_its_place(void **state)
{
  (void)state;
  stoa_call *const call = ask(alone, STOA_OPERATION_QUERY, "", "SELECT ?v {");
  assert_int_equal(call->reply.status, STOA_BAD_SYNTAX);
  assert_int_equal(call->reply.err.line, 1);
  stoa_call_free(call);
}

static void nothing_is_computed_for_a_head(void **state)
{
  (void)state;
  stoa_call *const call = stoa_call_new(stoa_dispatcher_shared(alone), &stoa_operations[STOA_OPERATION_QUERY]);
  call->request.body = stoa_slice_of("SELECT * { ?s ?p ?o }");
  call->request.head_only = true;
  stoa_dispatcher_run(alone, call, STOA_ROLE_CALLER);
  assert_int_equal(call->reply.status, STOA_OK);
  assert_int_equal(call->stream.length, 0);
  assert_int_equal(call->context.peak_bytes, 0);
  stoa_call_free(call);
}

static void decisions_rewards_and_events_are_kept(stoa_dispatcher *d, const char *id)
{
  char body[100];
  snprintf(body, sizeof body, "{\"eventId\":\"%s\"}", id);
  stoa_call *call = ask(d, STOA_OPERATION_RANK, "p", body);
  assert_int_equal(call->reply.status, STOA_OK);
  assert_true(call->reply.made_something);
  assert_non_null(strstr(call->reply.text.data, id));
  stoa_call_free(call);
  call = stoa_call_new(stoa_dispatcher_shared(d), &stoa_operations[STOA_OPERATION_REWARD]);
  stoa_call_name(call, "NAME", stoa_slice_of(id));
  call->request.value = 1;
  stoa_dispatcher_run(d, call, STOA_ROLE_CALLER);
  assert_int_equal(call->reply.status, STOA_OK);
  assert_int_equal(call->reply.kind, STOA_REPLY_DONE);
  stoa_call_free(call);
  snprintf(body, sizeof body, "{\"id\":\"%s\",\"at\":\"2026-01-01T00:00:00Z\"}", id);
  call = ask(d, STOA_OPERATION_EVENT, "click", body);
  assert_int_equal(call->reply.status, STOA_OK);
  assert_true(stoa_slice_is(call->reply.text, id));
  stoa_call_free(call);
  call = ask(d, STOA_OPERATION_REWARD, "nothing", "");
  assert_int_equal(call->reply.status, STOA_NOT_FOUND);
  stoa_call_free(call);
}

static void decisions_are_made_without_threads(void **state)
{
  (void)state;
  decisions_rewards_and_events_are_kept(alone, "one");
}

static void and_with_them(void **state)
{
  stoa_limits limits;
  stoa_error err = {0};
  (void)state;
  assert_int_equal(stoa_limits_read(engine, &limits, &err), STOA_OK);
  assert_int_equal(stoa_dispatcher_new(engine, &limits, &silent, true, &threaded, &err), STOA_OK);
  decisions_rewards_and_events_are_kept(threaded, "two");
  stoa_call *const call = ask(threaded, STOA_OPERATION_CHECK, "", "");
  assert_int_equal(call->reply.status, STOA_OK);
  stoa_call_free(call);
  stoa_dispatcher_free(threaded);
}

static void a_role_is_asked_for(void **state)
{
  (void)state;
  stoa_call *call = stoa_call_new(stoa_dispatcher_shared(alone), &stoa_operations[STOA_OPERATION_METRICS]);
  stoa_dispatcher_run(alone, call, STOA_ROLE_ANYONE);
  assert_int_equal(call->reply.status, STOA_DENIED);
  stoa_call_free(call);
  call = stoa_call_new(stoa_dispatcher_shared(alone), &stoa_operations[STOA_OPERATION_HEALTH]);
  stoa_dispatcher_run(alone, call, STOA_ROLE_ANYONE);
  assert_int_equal(call->reply.status, STOA_OK);
  stoa_call_free(call);
}

static void what_is_late_or_left_does_not_begin(void **state)
{
  static const struct {
    stoa_operation_id id;
    const char *name, *body;
  } cases[] = {{STOA_OPERATION_QUERY, "", "ASK {}"},
               {STOA_OPERATION_EVENT, "click", "{\"id\":\"late\",\"at\":\"2026-01-01T00:00:00Z\"}"}};
  (void)state;
  for (size_t i = 0; i < 4; ++i) {
    stoa_call *const call = stoa_call_new(stoa_dispatcher_shared(alone), &stoa_operations[cases[i / 2].id]);
    call->request.name = cases[i / 2].name;
    call->request.body = stoa_slice_of(cases[i / 2].body);
    if (i % 2) {
      stoa_call_cancel(call);
    } else {
      call->request.timeout_ms = 1;
      call->began_ns -= 1000000000;
    }
    stoa_dispatcher_run(alone, call, STOA_ROLE_CALLER);
    assert_int_equal(call->reply.status, i % 2 ? STOA_CONFLICT : STOA_TIMEOUT);
    stoa_call_free(call);
  }
}

static void names_are_whole(void **state)
{
  char name[STOA_MOST_NAME + 2];
  (void)state;
  memset(name, 'a', sizeof name);
  const stoa_slice bad[] = {{"", 0}, {"p\0q", 3}, {name, STOA_MOST_NAME + 1}};
  for (size_t i = 0; i < 3; ++i) {
    stoa_call *const call = stoa_call_new(stoa_dispatcher_shared(alone), &stoa_operations[STOA_OPERATION_POLICY]);
    stoa_call_name(call, "NAME", bad[i]);
    stoa_dispatcher_run(alone, call, STOA_ROLE_CALLER);
    assert_int_equal(call->reply.status, STOA_BAD_ARG);
    assert_string_equal(call->reply.err.text, "NAME: a name has 1 to 256 bytes and no NUL");
    stoa_call_free(call);
  }
}

static void a_request_has_only_so_much_memory(void **state)
{
  (void)state;
  stoa_call *const call = stoa_call_new(stoa_dispatcher_shared(alone), &stoa_operations[STOA_OPERATION_HEALTH]);
  stoa_arena_raw(&call->arena, STOA_MOST_REQUEST_MEMORY + 1);
  stoa_dispatcher_run(alone, call, STOA_ROLE_CALLER);
  assert_int_equal(call->reply.status, STOA_TOO_LARGE);
  assert_string_equal(call->reply.err.text, stoa_limit_text(STOA_LIMIT_REQUEST_MEMORY));
  stoa_call_free(call);
}

static void what_has_no_room_is_not_spilled(void **state)
{
  stoa_spill spill;
  (void)state;
  stoa_spill_init(&spill);
  assert_false(stoa_spill_add(&spill, "", (size_t)STOA_MOST_SPILLED + 1));
  assert_true(stoa_spill_is_empty(&spill));
  assert_true(stoa_spill_add(&spill, "x", 1));
  stoa_spill_done(&spill);
}

static void what_a_spill_held_is_given_back_with_it(void **state)
{
  const uint64_t before = stoa_spill_held();
  stoa_spill whole, half;
  stoa_buf out = {0};
  (void)state;
  stoa_spill_init(&whole);
  stoa_spill_init(&half);
  assert_true(stoa_spill_add(&whole, "abcdef", 6) && stoa_spill_add(&half, "abcdef", 6));
  assert_true(stoa_spill_take(&whole, 6, &out) && stoa_spill_take(&half, 4, &out));
  assert_int_equal(stoa_spill_held(), before + 6); // what is read to its end is given back at once
  stoa_spill_done(&whole);
  stoa_spill_done(&half);
  assert_int_equal(stoa_spill_held(), before);
  stoa_buf_done(&out);
}

static void a_source_that_is_away_is_no_full_queue(void **state)
{
  static const char *const texts[] = {"source bank: cannot open bank.db", "busy: the queue is full, try again"};
  stoa_metrics metrics = {0};
  const stoa_operation_count *const count = &metrics.operations[STOA_OPERATION_VECTOR];
  (void)state;
  for (int i = 0; i < 2; ++i) {
    stoa_call *const call = stoa_call_new(stoa_dispatcher_shared(alone), &stoa_operations[STOA_OPERATION_VECTOR]);
    stoa_call_refuse(call, STOA_UNAVAILABLE, "%s", texts[i]);
    stoa_metrics_call(&metrics, call);
    stoa_call_free(call);
    assert_int_equal(count->failed, 1);
    assert_int_equal(count->busy, i);
  }
  assert_int_equal(metrics.busy, 1);
  assert_int_equal(count->done, 0);
}

static void a_field_of_an_event_is_of_its_type(void **state)
{
  static const struct {
    const char *fields;
    stoa_status status;
  } cases[] = {{"\"sum\":12.25", STOA_OK},
               {"\"sum\":12", STOA_OK},
               {"\"sum\":\"-12.25\"", STOA_OK},
               {"\"sum\":12.255", STOA_BAD_TYPE},
               {"\"sum\":\"12.255\"", STOA_BAD_TYPE},
               {"\"sum\":\"much\"", STOA_BAD_TYPE},
               {"\"sum\":1e17", STOA_BAD_TYPE},
               {"\"n\":3", STOA_OK},
               {"\"n\":3.5", STOA_BAD_TYPE},
               {"\"n\":\"3\"", STOA_BAD_TYPE},
               {"\"share\":3", STOA_OK},
               {"\"share\":0.5", STOA_OK},
               {"\"share\":\"0.5\"", STOA_BAD_TYPE},
               {"\"good\":true", STOA_OK},
               {"\"good\":1", STOA_BAD_TYPE},
               {"\"day\":\"2024-02-29\"", STOA_OK},
               {"\"day\":\"2026-02-29\"", STOA_BAD_TYPE},
               {"\"n\":null", STOA_OK},
               {"\"m\":1", STOA_BAD_ARG}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char body[200];
    snprintf(body, sizeof body, "{\"id\":\"field-%zu\",\"at\":\"2026-01-01T00:00:00Z\",%s}", i, cases[i].fields);
    stoa_call *const call = ask(alone, STOA_OPERATION_EVENT, "paid", body);
    assert_int_equal(call->reply.status, cases[i].status);
    stoa_call_free(call);
  }
}

static void every_limit_has_its_text(void **state)
{
  (void)state;
#define X(name, value, told) assert_true(STOA_MOST_##name > 0 && strcmp(stoa_limit_text(STOA_LIMIT_##name), told) == 0);
  STOA_FIXED_LIMITS(X)
#undef X
#define X(name, key, least, most, usual, told)                                                                         \
  assert_true((least) <= (usual) && (usual) <= (most) && strcmp(stoa_set_limit_text(STOA_SET_##name), told) == 0);
  STOA_SET_LIMITS(X)
#undef X
}

static void a_spill_gives_back_what_it_took(void **state)
{
  stoa_spill spill;
  stoa_buf out = {0};
  char bytes[1000];
  (void)state;
  memset(bytes, 'x', sizeof bytes);
  stoa_spill_init(&spill);
  assert_true(stoa_spill_is_empty(&spill));
  for (int i = 0; i < 100; ++i) {
    bytes[0] = (char)('a' + i % 26);
    assert_true(stoa_spill_add(&spill, bytes, sizeof bytes));
  }
  while (!stoa_spill_is_empty(&spill)) {
    assert_true(stoa_spill_take(&spill, 333, &out));
  }
  assert_int_equal(out.length, 100000);
  for (int i = 0; i < 100; ++i) {
    assert_int_equal(out.data[i * 1000], 'a' + i % 26);
  }
  assert_true(stoa_spill_add(&spill, "again", 5));
  out.length = 0;
  assert_true(stoa_spill_take(&spill, 100, &out));
  assert_string_equal(stoa_buf_string(&out), "again");
  stoa_spill_done(&spill);
  stoa_buf_done(&out);
}

static void nobody_asks_for_more_time_than_there_is(void **state)
{
  const stoa_operation *const o = &stoa_operations[STOA_OPERATION_QUERY];
  (void)state;
  const int64_t asked[] = {0, 1000, o->longest_ms * 10}, given[] = {o->deadline_ms, 1000, o->longest_ms};
  for (int i = 0; i < 3; ++i) {
    stoa_call *const call = stoa_call_new(stoa_dispatcher_shared(alone), o);
    call->request.body = stoa_slice_of("ASK {}");
    call->request.timeout_ms = asked[i];
    stoa_dispatcher_run(alone, call, STOA_ROLE_CALLER);
    assert_int_equal(call->context.deadline_ns, call->began_ns + given[i] * 1000000);
    stoa_call_free(call);
  }
}

static void a_timeout_has_its_unit(void **state)
{
  static const struct {
    const char *text;
    int64_t ms; ///< -1: it is refused
  } cases[] = {{"500", 500}, {"500ms", 500}, {"60s", 60000}, {"2m", 120000}, {"2h", -1},
               {"0", -1},    {"-1", -1},     {"1.5s", -1},   {"s", -1},      {"1000000001", -1}};
  stoa_slice part;
  const stoa_http_route *const route = stoa_http_route_find(stoa_slice_of("/sparql"), &part);
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char query[100];
    const stoa_http_message m = {.method = STOA_HTTP_GET};
    stoa_call *const call = stoa_call_new(stoa_dispatcher_shared(alone), &stoa_operations[STOA_OPERATION_QUERY]);
    snprintf(query, sizeof query, "query=ASK%%7B%%7D&timeout=%s", cases[i].text);
    assert_int_equal(route->fill(call, &m, part, stoa_slice_of(query)).status, cases[i].ms < 0 ? 400 : 0);
    assert_int_equal(call->request.timeout_ms, cases[i].ms < 0 ? 0 : cases[i].ms);
    stoa_call_free(call);
  }
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

static void models_that_cannot_be_kept_are_told(void **state)
{
  const int64_t second = 1000000000;
  stoa_lane *const none[STOA_N_LANES] = {0};
  stoa_metrics metrics = {0};
  stoa_health *health;
  stoa_error err = {0};
  stoa_buf why = {0};
  (void)state;
  assert_int_equal(stoa_health_new(engine, none, &silent, &health, &err), STOA_OK);
  stoa_upkeep upkeep = stoa_upkeep_begin(engine, &metrics, health, 0);
  in_the_state("CREATE TRIGGER full BEFORE INSERT ON model BEGIN SELECT RAISE(ABORT, 'no model fits'); END");
  stoa_upkeep_turn(&upkeep, 59 * second);
  assert_true(stoa_health_ready(health, &why)); // it was not due
  stoa_upkeep_turn(&upkeep, 60 * second);
  assert_false(stoa_health_ready(health, &why));
  assert_non_null(strstr(stoa_buf_string(&why), "models: "));
  assert_non_null(strstr(stoa_buf_string(&why), "no model fits"));
  assert_int_equal(metrics.model_failures, 1);
  in_the_state("DROP TRIGGER full");
  stoa_upkeep_turn(&upkeep, 61 * second); // tried again after a second, not a minute
  assert_true(stoa_health_ready(health, &why));
  assert_int_equal(metrics.model_failures, 1);
  assert_int_equal(metrics.label_failures, 0);
  stoa_health_free(health);
  stoa_buf_done(&why);
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(every_row_is_whole),
                                     CLAIM(a_query_answers_in_process),
                                     CLAIM(feasts_contract_is_served_in_process),
                                     CLAIM(events_by_columns_are_all_kept_or_none),
                                     CLAIM(a_fault_is_a_status_with_its_place),
                                     CLAIM(nothing_is_computed_for_a_head),
                                     CLAIM(decisions_are_made_without_threads),
                                     CLAIM(and_with_them),
                                     CLAIM(a_role_is_asked_for),
                                     CLAIM(what_is_late_or_left_does_not_begin),
                                     CLAIM(names_are_whole),
                                     CLAIM(a_request_has_only_so_much_memory),
                                     CLAIM(what_has_no_room_is_not_spilled),
                                     CLAIM(what_a_spill_held_is_given_back_with_it),
                                     CLAIM(a_source_that_is_away_is_no_full_queue),
                                     CLAIM(a_field_of_an_event_is_of_its_type),
                                     CLAIM(every_limit_has_its_text),
                                     CLAIM(a_spill_gives_back_what_it_took),
                                     CLAIM(models_that_cannot_be_kept_are_told),
                                     CLAIM(a_timeout_has_its_unit),
                                     CLAIM(nobody_asks_for_more_time_than_there_is)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
