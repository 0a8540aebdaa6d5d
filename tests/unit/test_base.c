#include "tests/support/unit.h"

#include "graph/base/zone.h"
#include <unistd.h>

#include "graph/base/code.h"
#include "graph/base/arena.h"
#include "graph/base/buf.h"
#include "graph/base/context.h"
#include "graph/base/error.h"
#include "graph/base/file.h"
#include "graph/base/json.h"
#include "graph/base/json_plain.h"
#include "graph/base/map.h"
#include "graph/base/utf8.h"
#include "graph/base/yaml.h"
#include "tests/random/dice.h"
#include <math.h>
#include <stdlib.h>

static int n_deferred;

static void count_deferred(void *data)
{
  (void)data;
  n_deferred++;
}

static void an_arena_gives_zeroed_aligned_pieces_and_counts_them(void **state)
{
  stoa_arena arena, above;
  (void)state;
  stoa_arena_init(&arena, 100000);
  stoa_arena_init(&above, 0);
  above.charge = &arena;
  for (size_t n = 1; n < 3000; n = n * 3 + 1) {
    const char *const piece = stoa_arena_alloc(&arena, n);
    assert_int_equal((uintptr_t)piece % 16, 0);
    for (size_t i = 0; i < n; ++i) {
      assert_int_equal(piece[i], 0);
    }
  }
  assert_int_equal(stoa_arena_status(&arena), STOA_OK);
  stoa_arena_alloc(&above, 200000);
  assert_int_equal(stoa_arena_status(&arena), STOA_LIMIT);
  stoa_arena_reset(&above);
  assert_int_equal(stoa_arena_status(&arena), STOA_OK);
  n_deferred = 0;
  stoa_arena_on_done(&arena, count_deferred, NULL);
  stoa_arena_on_done(&arena, count_deferred, NULL);
  stoa_arena_done(&above);
  stoa_arena_done(&arena);
  assert_int_equal(n_deferred, 2);
}

static void a_map_finds_what_was_added_and_nothing_else(void **state)
{
  stoa_arena arena;
  stoa_map map = {0};
  static int values[2000];
  (void)state;
  stoa_arena_init(&arena, 0);
  for (int i = 0; i < 2000; ++i) {
    stoa_map_add(&map, &arena, stoa_slice_of(stoa_arena_print(&arena, "key %d", i)), &values[i]);
  }
  for (int i = 0; i < 2000; ++i) {
    assert_ptr_equal(stoa_map_find(&map, stoa_slice_of(stoa_arena_print(&arena, "key %d", i))), &values[i]);
  }
  assert_null(stoa_map_find(&map, stoa_slice_of("key 2000")));
  assert_int_equal(map.n, 2000);
  stoa_arena_done(&arena);
}

static void json_strings_are_escaped_and_broken_utf8_is_replaced(void **state)
{
  stoa_buf buf = {0};
  (void)state;
  stoa_buf_json(&buf, (stoa_slice){"a\"\\\n\x01\xC3\xA9\xFF", 8});
  assert_string_equal(stoa_buf_string(&buf), "\"a\\\"\\\\\\n\\u0001\xC3\xA9\xEF\xBF\xBD\"");
  buf.length = 0;
  stoa_buf_number(&buf, 0.1);
  stoa_buf_byte(&buf, ' ');
  stoa_buf_number(&buf, NAN);
  assert_string_equal(stoa_buf_string(&buf), "0.1 null");
  stoa_buf_done(&buf);
}

static void the_first_error_wins_and_prints_its_place(void **state)
{
  stoa_error err = {0};
  char text[800];
  (void)state;
  assert_int_equal(stoa_error_at(&err, STOA_BAD_MAPPING, (stoa_place){"m.ttl", 3, 7}, "no column %s", "x"),
                   STOA_BAD_MAPPING);
  stoa_error_set(&err, STOA_IO, "later");
  assert_string_equal(stoa_error_print(&err, text, sizeof text), "m.ttl:3:7: error: no column x");
  assert_int_equal(stoa_status_exit(err.status), 1);
  assert_int_equal(stoa_status_exit(STOA_UNAVAILABLE), 3);
  assert_int_equal(stoa_status_http(STOA_NOT_FOUND), 404);
}

static void json_is_read_with_places_and_limits(void **state)
{
  stoa_arena arena;
  stoa_error err = {0};
  const stoa_json *json;
  (void)state;
  stoa_arena_init(&arena, 0);
  assert_int_equal(stoa_json_read(stoa_slice_of("{\"a\":[1,2.5,\"x\",true,null]}"), &arena, &json, &err), STOA_OK);
  const stoa_json *const a = stoa_json_find(json, "a");
  assert_int_equal(a->n_items, 5);
  assert_int_equal(a->items[0].integer, 1);
  assert_true(a->items[1].real == 2.5);
  assert_true(stoa_slice_is(a->items[2].text, "x"));
  assert_null(stoa_json_find(json, "b"));
  assert_int_equal(stoa_json_read(stoa_slice_of("{\"a\":1,\"a\":2}"), &arena, &json, &err), STOA_BAD_SYNTAX);
  err = (stoa_error){0};
  assert_int_equal(stoa_json_read(stoa_slice_of("{\"a\":"), &arena, &json, &err), STOA_BAD_SYNTAX);
  assert_int_equal(err.line, 1);
  char deep[400];
  memset(deep, '[', 100);
  memset(deep + 100, ']', 100);
  err = (stoa_error){0};
  assert_int_equal(stoa_json_read((stoa_slice){deep, 200}, &arena, &json, &err), STOA_TOO_LARGE);
  stoa_arena_done(&arena);
}

static void yaml_keeps_places_and_takes_secrets_from_the_environment(void **state)
{
  static const char *const known[] = {"name", "list", NULL};
  stoa_arena arena;
  stoa_error err = {0};
  const stoa_yaml *yaml;
  (void)state;
  stoa_arena_init(&arena, 0);
  setenv("STOA_UNIT", "geheim", 1);
  assert_int_equal(
    stoa_yaml_read(stoa_slice_of("name: ${STOA_UNIT}\nlist: [a, b]\n"), "f.yaml", 1, &arena, &yaml, &err), STOA_OK);
  assert_string_equal(stoa_yaml_text(yaml, "name", ""), "geheim");
  assert_int_equal(stoa_yaml_find(yaml, "list")->n_items, 2);
  assert_int_equal(stoa_yaml_find(yaml, "list")->items[1].place.line, 2);
  assert_int_equal(stoa_yaml_known(yaml, known, &err), STOA_OK);
  assert_int_equal(stoa_yaml_read(stoa_slice_of("nmae: x\n"), "f.yaml", 1, &arena, &yaml, &err), STOA_OK);
  assert_int_equal(stoa_yaml_known(yaml, known, &err), STOA_BAD_SYNTAX);
  assert_non_null(strstr(err.text, "did you mean \"name\""));
  err = (stoa_error){0};
  assert_int_equal(stoa_yaml_read(stoa_slice_of("a: 1\na: 2\n"), "f.yaml", 1, &arena, &yaml, &err), STOA_BAD_SYNTAX);
  assert_int_equal(err.line, 2);
  err = (stoa_error){0};
  assert_int_equal(stoa_yaml_read(stoa_slice_of("a: ${STOA_NOT_SET}\n"), "f.yaml", 1, &arena, &yaml, &err),
                   STOA_NOT_FOUND);
  int64_t seconds;
  assert_true(stoa_yaml_span("7d", &seconds) && seconds == 604800);
  assert_false(stoa_yaml_span("7", &seconds));
  assert_false(stoa_yaml_span("-7d", &seconds));
  stoa_arena_done(&arena);
}

static void utf8_is_validated_as_rfc_3629_says(void **state)
{
  char out[4];
  uint32_t code;
  (void)state;
  assert_int_equal(stoa_utf8_valid("\xC3\xA9", 2), 2);
  assert_int_equal(stoa_utf8_valid("\xC0\x80", 2), 0);
  assert_int_equal(stoa_utf8_valid("\xED\xA0\x80", 3), 0);
  assert_int_equal(stoa_utf8_valid("\xF4\x90\x80\x80", 4), 0);
  assert_int_equal(stoa_utf8_write(0x1F600, out), 4);
  assert_int_equal(stoa_utf8_read(out, 4, &code), 4);
  assert_int_equal(code, 0x1F600);
  assert_int_equal(stoa_utf8_write(0xD800, out), 0);
}

static void the_nearest_name_is_found_within_a_third(void **state)
{
  static const char *const names[] = {"customer", "account", "txn"};
  (void)state;
  assert_string_equal(stoa_nearest("custmer", names, 3), "customer");
  assert_null(stoa_nearest("zebra", names, 3));
}

static void a_cancelled_or_late_request_stops(void **state)
{
  stoa_context context;
  stoa_error err = {0};
  (void)state;
  stoa_context_init(&context, 0);
  assert_int_equal(stoa_context_check(&context, &err), STOA_OK);
  context.deadline_ns = 1;
  assert_int_equal(stoa_context_check(&context, &err), STOA_TIMEOUT);
  stoa_context_cancel(&context);
  assert_int_equal(stoa_context_check(&context, NULL), STOA_CONFLICT);
}

static void an_arena_comes_back_to_where_it_stood(void **state)
{
  stoa_arena arena, above;
  (void)state;
  stoa_arena_init(&above, 1 << 20);
  stoa_arena_init(&arena, 0);
  arena.charge = &above;
  const stoa_arena_mark start = stoa_arena_note(&arena);
  for (int round = 0; round < 3; ++round) {
    stoa_arena_copy(&arena, stoa_slice_of("first"));
    stoa_arena_rewind(&arena, &start);
    assert_int_equal(arena.n_bytes, 0);
  }
  const char *const kept = stoa_arena_copy(&arena, stoa_slice_of("kept"));
  const stoa_arena_mark mark = stoa_arena_note(&arena);
  const size_t held = above.n_bytes_above;
  for (size_t size = 1; size < 4000000; size *= 3) { // within the block, in blocks of their own, in later ones
    for (int i = 0; i < 20; ++i) {
      memset(stoa_arena_raw(&arena, size), 'x', size);
    }
    assert_int_equal(stoa_arena_status(&arena), above.n_bytes_above > above.budget ? STOA_LIMIT : STOA_OK);
    stoa_arena_rewind(&arena, &mark);
    assert_int_equal(above.n_bytes_above, held);
    assert_string_equal(kept, "kept");
  }
  stoa_arena_done(&arena);
}

static void codes_are_read_back_as_what_was_written(void **state)
{
  char bytes[256], room[1024];
  stoa_buf out = {0};
  stoa_arena arena;
  stoa_slice back;
  (void)state;
  for (int i = 0; i < 256; ++i) {
    bytes[i] = (char)i;
  }
  const stoa_slice all = {bytes, sizeof bytes};
  stoa_arena_init(&arena, 0);
  for (int keep = STOA_PERCENT_UNRESERVED; keep <= STOA_PERCENT_FORM; ++keep) {
    out.length = 0;
    stoa_percent_write(all, (stoa_percent_keep)keep, &out);
    assert_int_equal(stoa_percent_read((stoa_slice){out.data, out.length}, true, room), sizeof bytes);
    assert_memory_equal(room, bytes, sizeof bytes);
  }
  for (size_t n = 0; n <= sizeof bytes; n = n * 3 + 1) {
    out.length = 0;
    stoa_base64_write((stoa_slice){bytes, n}, &out);
    assert_int_equal(out.length, (n + 2) / 3 * 4);
    assert_true(stoa_base64_read((stoa_slice){out.data, out.length}, &arena, &back));
    assert_true(stoa_slice_equal(back, (stoa_slice){bytes, n}));
    assert_true(stoa_hex_read(stoa_hex_write((stoa_slice){bytes, n}, STOA_HEX_SMALL, &arena), &arena, &back));
    assert_true(stoa_slice_equal(back, (stoa_slice){bytes, n}));
  }
  assert_true(stoa_base64_read(stoa_slice_of(" AAFo\naQ =="), &arena, &back) && back.length == 4);
  static const char *const none[] = {"A", "AA", "AA=", "A===", "=AAA", "AA=A", "AA==AAAA", "A*AA", "AAAA===="};
  for (size_t i = 0; i < sizeof none / sizeof *none; ++i) {
    assert_false(stoa_base64_read(stoa_slice_of(none[i]), &arena, &back));
  }
  assert_false(stoa_hex_read(stoa_slice_of("0"), &arena, &back) || stoa_hex_read(stoa_slice_of("0g"), &arena, &back));
  out.length = 0;
  stoa_label_write(all, &out);
  assert_true(stoa_label_read((stoa_slice){out.data, out.length}, &arena, &back) && stoa_slice_equal(back, all));
  assert_true(stoa_label_read(stoa_slice_of("_"), &arena, &back) && back.length == 0);
  assert_false(stoa_label_read(stoa_slice_of("a_4"), &arena, &back));
  assert_false(stoa_label_read(stoa_slice_of("a_4g"), &arena, &back));
  assert_int_equal(stoa_percent_read(stoa_slice_of("%4a%4A%%4"), true, room), 7);
  assert_memory_equal(room, "%4aJ%%4", 7);
  stoa_arena_done(&arena);
  stoa_buf_done(&out);
}

static void a_text_that_is_cut_ends_with_a_whole_character(void **state)
{
  static const char *const letters[] = {"x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
  (void)state;
  for (size_t i = 0; i < 4; ++i) {
    for (int shift = 0; shift < 4; ++shift) {
      char text[2048] = "";
      const size_t n = strlen(letters[i]);
      memset(text, 'a', (size_t)shift);
      for (size_t at = (size_t)shift; at + n < sizeof text; at += n) {
        memcpy(text + at, letters[i], n + 1);
      }
      stoa_error err = {0};
      stoa_error_set(&err, STOA_BAD_ARG, "%s", text);
      const size_t length = strlen(err.text);
      assert_true(length > sizeof err.text - 5);
      assert_int_equal((length - (size_t)shift) % n, 0);
    }
  }
}

// Local time -> offset in minutes; what GNU date says of the same.
static void a_zone_knows_its_summers(void **state)
{
  static const struct {
    const char *zone;
    int64_t local; ///< seconds, as if UTC
    int minutes;
  } cases[] = {
    {"UTC", 0, 0},
    {"Z", 1700000000, 0},
    {"+05:45", 1700000000, 345},
    {"-11:30", 1700000000, -690},
    {"Europe/Prague", 1704067200, 60},  // 2024-01-01 00:00
    {"Europe/Prague", 1719792000, 120}, // 2024-07-01 00:00
    {"Europe/Prague", 1711850399, 60},  // 2024-03-31 01:59:59
    {"Europe/Prague", 1711852200, 60},  // 2024-03-31 02:30, which clocks leave out
    {"Europe/Prague", 1711854000, 120}, // 2024-03-31 03:00
    {"Europe/Prague", 1729996200, 120}, // 2024-10-27 02:30, which they show twice
    {"Europe/Prague", 1729998000, 60},  // 2024-10-27 03:00
    {"Europe/Prague", 4097520000, 120}, // 2099-11-05 is past the table: by the rule
    {"America/New_York", 1720000000, -240},
    {"America/New_York", 1733000000, -300},
    {"Asia/Kathmandu", 1720000000, 345},
    {"Australia/Sydney", 1704067200, 660}, // summer in January
    {"Australia/Sydney", 4086374400, 600}, // 2099-06-29, by the rule
    {"Europe/Dublin", 1720000000, 60},     // whose winter is the one that is moved
    {"Europe/Dublin", 1704067200, 0},
    {"Africa/Lagos", 1720000000, 60},
  };
  stoa_zone zone;
  stoa_arena arena;
  stoa_error err = {0};
  (void)state;
  if (access("/usr/share/zoneinfo/Europe/Prague", R_OK) != 0) {
    return; // no database here: offsets are tested end to end
  }
  stoa_arena_init(&arena, 0);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    assert_int_equal(stoa_zone_read(cases[i].zone, &arena, &zone, &err), STOA_OK);
    const int64_t us = cases[i].local * 1000000;
    if (cases[i].local != 4097520000) {
      assert_int_equal(stoa_zone_offset(&zone, us), cases[i].minutes * 60);
    } else {
      assert_int_equal(stoa_zone_offset(&zone, us), 3600); // winter by then
      assert_int_equal(stoa_zone_offset(&zone, us - INT64_C(120) * 86400 * 1000000), 7200);
    }
  }
  static const char *const none[] = {
    "",       "+1:00", "+15:00", "+14:01", "+01:00x", "Europe/Nowhere", "../../etc/passwd", "Europe/../../x",
    "Europe", "+0100", "01:00"};
  for (size_t i = 0; i < sizeof none / sizeof *none; ++i) {
    err = (stoa_error){0};
    assert_int_equal(stoa_zone_read(none[i], &arena, &zone, &err), STOA_BAD_ARG);
  }
  stoa_arena_done(&arena);
}

// ---- plain JSON, which is read without jansson, beside jansson's reading of the same bytes

static void write_any_json(dice *d, int depth, stoa_buf *out)
{
  static const char *const words[] = {"null", "true", "false", "0", "-1", "7", "123456789012345678", "-9007199254740993", "1.5",
                                      "1e3", "-0", "00", "9223372036854775807", "\"\"", "\"x\"", "\"a b\"", "\"\\n\"", "\"\\u0041\"",
                                      "\"\xC3\xA9\"", "\"\x7f\"", "\"\xFF\"", "tru", "-", "[", "{\"a\":1,\"a\":2}"};
  static const char *const names[] = {"a", "b", "id", "at", "customer", "\\t", "\xC3\xA9"};
  static const char *const blanks[] = {"", "", "", " ", "\n", "\t ", "\r\n"};
  const uint32_t n = dice_below(d, 4), kind = dice_below(d, depth > 3 ? 2 : 6);
  stoa_buf_text(out, blanks[dice_below(d, 7)]);
  if (kind < 3) {
    stoa_buf_text(out, words[dice_below(d, dice_chance(d, 60) ? 8 : sizeof words / sizeof *words)]);
  } else {
    stoa_buf_text(out, kind == 3 ? "[" : "{");
    for (uint32_t i = 0; i < n; ++i) {
      stoa_buf_print(out, "%s%s", i ? "," : "", blanks[dice_below(d, 7)]);
      if (kind != 3) {
        stoa_buf_print(out, "\"%s%s\"%s:", names[dice_below(d, dice_chance(d, 90) ? 5 : 7)], dice_chance(d, 70) ? names[i] : "",
                       blanks[dice_below(d, 7)]);
      }
      write_any_json(d, depth + 1, out);
    }
    stoa_buf_print(out, "%s%s", blanks[dice_below(d, 7)], kind == 3 ? "]" : "}");
  }
  stoa_buf_text(out, blanks[dice_below(d, 7)]);
}

static bool same_json(const stoa_json *a, const stoa_json *b)
{
  bool same = a->kind == b->kind && a->integer == b->integer && a->real == b->real && a->n_items == b->n_items &&
              !a->name == !b->name && (!a->name || strcmp(a->name, b->name) == 0) && stoa_slice_equal(a->text, b->text);
  for (uint32_t i = 0; i < a->n_items && same; ++i) {
    same = same_json(&a->items[i], &b->items[i]);
  }
  return same;
}

static void plain_json_is_what_jansson_reads(void **state)
{
  dice d = {17};
  long n_read = 0, n_plain = 0;
  (void)state;
  for (int i = 0; i < 20000; ++i) {
    stoa_buf text = {0};
    stoa_arena arena;
    const stoa_json *own, *plain, *theirs;
    stoa_error err = {0};
    size_t at = 0;
    stoa_arena_init(&arena, 0);
    write_any_json(&d, 0, &text);
    if (dice_chance(&d, 30) && text.length) { // one byte is another one
      text.data[dice_below(&d, (uint32_t)text.length)] = "{}[],:\"\\1- x\n"[dice_below(&d, 13)];
    }
    const stoa_slice all = {stoa_buf_string(&text), text.length};
    bool good = stoa_json_next(all, &at, &arena, &theirs, &err) == STOA_OK; // by jansson alone
    good = good && strspn(all.data + at, " \t\r\n") == text.length - at;
    assert_int_equal(stoa_json_read(all, &arena, &own, &err) == STOA_OK, good);
    assert_true(!good || same_json(own, theirs));
    const bool is_plain = stoa_json_read_plain(all, &arena, &plain);
    assert_true(!is_plain || (good && same_json(plain, theirs)));
    n_read += good;
    n_plain += is_plain;
    stoa_arena_done(&arena);
    stoa_buf_done(&text);
  }
  print_message("# %ld of 20000 texts are JSON, %ld of them plain\n", n_read, n_plain);
  assert_true(n_read > 5000 && n_plain > 3000 && n_plain < n_read);
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(a_zone_knows_its_summers),
                                     CLAIM(a_text_that_is_cut_ends_with_a_whole_character),
                                     CLAIM(an_arena_comes_back_to_where_it_stood),
                                     CLAIM(codes_are_read_back_as_what_was_written),
                                     CLAIM(an_arena_gives_zeroed_aligned_pieces_and_counts_them),
                                     CLAIM(a_map_finds_what_was_added_and_nothing_else),
                                     CLAIM(json_strings_are_escaped_and_broken_utf8_is_replaced),
                                     CLAIM(the_first_error_wins_and_prints_its_place),
                                     CLAIM(json_is_read_with_places_and_limits),
                                     CLAIM(plain_json_is_what_jansson_reads),
                                     CLAIM(yaml_keeps_places_and_takes_secrets_from_the_environment),
                                     CLAIM(utf8_is_validated_as_rfc_3629_says),
                                     CLAIM(the_nearest_name_is_found_within_a_third),
                                     CLAIM(a_cancelled_or_late_request_stops)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
