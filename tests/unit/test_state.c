#include "tests/support/unit.h"

#include "features/state/state.h"
#include <stdio.h>
#include <unistd.h>

static const stoa_event_types no_events;

static stoa_record decision(const char *id, int64_t at, int64_t closes)
{
  return (stoa_record){.kind = STOA_RECORD_DECISION,
                       .at_us = at,
                       .event_id = stoa_slice_of(id),
                       .policy = "p",
                       .action = "a",
                       .probability = 0.5,
                       .example = stoa_slice_of("ex"),
                       .answer = stoa_slice_of("{}"),
                       .closes_at_us = closes,
                       .entity = "customer",
                       .subject_key = stoa_slice_of("42"),
                       .subject_iri = stoa_slice_of("http://c/42")};
}

static void records_get_offsets_in_order_and_duplicates_none(void **state)
{
  stoa_state *s;
  stoa_error err = {0};
  stoa_arena arena;
  stoa_record back;
  (void)state;
  stoa_arena_init(&arena, 0);
  assert_int_equal(stoa_state_open(NULL, &no_events, &s, &err), STOA_OK);
  stoa_record records[] = {decision("e1", 1, 0), decision("e2", 2, 0), decision("e1", 3, 0)};
  assert_int_equal(stoa_state_append(s, records, 3, &err), STOA_OK);
  assert_int_equal(records[0].offset, 1);
  assert_int_equal(records[1].offset, 2);
  assert_true(records[2].is_duplicate);
  assert_int_equal(stoa_state_offset(s), 2);
  assert_true(stoa_state_decision(s, stoa_slice_of("e2"), &arena, &back));
  assert_true(stoa_slice_is(back.example, "ex") && back.probability == 0.5);
  assert_false(stoa_state_decision(s, stoa_slice_of("e3"), &arena, &back));
  stoa_state_close(s);
  stoa_arena_done(&arena);
}

static void labels_fall_due_with_their_reward_or_the_default(void **state)
{
  stoa_state *s;
  stoa_error err = {0};
  stoa_arena arena;
  stoa_records due = {0}, sum = {0}, none = {0};
  (void)state;
  stoa_arena_init(&arena, 0);
  assert_int_equal(stoa_state_open(NULL, &no_events, &s, &err), STOA_OK);
  stoa_record records[] = {decision("e1", 1, 100),
                           decision("e2", 2, 100),
                           decision("e3", 3, 200),
                           {.kind = STOA_RECORD_REWARD, .event_id = stoa_slice_of("e2"), .value = 0.5, .at_us = 5},
                           {.kind = STOA_RECORD_REWARD, .event_id = stoa_slice_of("e2"), .value = 0.25, .at_us = 6}};
  assert_int_equal(stoa_state_append(s, records, 5, &err), STOA_OK);
  assert_int_equal(stoa_state_due(s, "p", 99, -0.1, false, 10, &arena, &none, &err), STOA_OK);
  assert_int_equal(none.n, 0);
  assert_int_equal(stoa_state_due(s, "p", 150, -0.1, false, 10, &arena, &due, &err), STOA_OK);
  assert_int_equal(due.n, 2);
  assert_true(due.items[0].value == -0.1 && due.items[1].value == 0.5);
  assert_int_equal(stoa_state_due(s, "p", 150, -0.1, true, 10, &arena, &sum, &err), STOA_OK);
  assert_true(sum.items[1].value == 0.75);
  assert_int_equal(stoa_state_append(s, due.items, due.n, &err), STOA_OK);
  assert_true(stoa_state_is_closed(s, stoa_slice_of("e1")) && !stoa_state_is_closed(s, stoa_slice_of("e3")));
  none.n = 0;
  assert_int_equal(stoa_state_due(s, "p", 150, 0, false, 10, &arena, &none, &err), STOA_OK);
  assert_int_equal(none.n, 0);
  stoa_state_close(s);
  stoa_arena_done(&arena);
}

static void a_state_has_one_owner(void **state)
{
  char path[64], other[80];
  stoa_state *s, *second;
  stoa_error err = {0};
  (void)state;
  snprintf(path, sizeof path, "/tmp/stoa-state-%d.db", (int)getpid());
  assert_int_equal(stoa_state_open(path, &no_events, &s, &err), STOA_OK);
  assert_int_equal(stoa_state_open(path, &no_events, &second, &err), STOA_CONFLICT);
  stoa_state_close(s);
  err = (stoa_error){0};
  assert_int_equal(stoa_state_open(path, &no_events, &s, &err), STOA_OK);
  stoa_state_close(s);
  static const char *const endings[] = {"", ".lock", "-wal", "-shm"};
  for (int i = 0; i < 4; ++i) {
    snprintf(other, sizeof other, "%s%s", path, endings[i]);
    unlink(other);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(records_get_offsets_in_order_and_duplicates_none),
                                     CLAIM(labels_fall_due_with_their_reward_or_the_default),
                                     CLAIM(a_state_has_one_owner)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
