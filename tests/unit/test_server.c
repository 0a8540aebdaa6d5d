#include "tests/support/unit.h"

#include "server/admission.h"
#include "server/http_form.h"
#include "server/http_media.h"
#include "server/http_message.h"
#include "server/http_routes.h"
#include "server/limits.h"
#include "server/log.h"
#include "server/peer.h"
#include "server/resp_frame.h"
#include "server/resp_write.h"
#include <stdio.h>

static void only_loopback_is_open_without_a_key(void **state)
{
  static const struct {
    const char *text;
    bool has_key;
    stoa_status status;
  } cases[] = {
    {"127.0.0.1:80", false, STOA_OK},     {"127.9.9.9:0", false, STOA_OK},    {"[::1]:8080", false, STOA_OK},
    {"localhost:1", false, STOA_OK},      {"0.0.0.0:80", false, STOA_DENIED}, {"10.0.0.1:80", false, STOA_DENIED},
    {"[::]:80", false, STOA_DENIED},      {"0.0.0.0:80", true, STOA_OK},      {"127.0.0.1", false, STOA_BAD_ARG},
    {"127.0.0.1:x", false, STOA_BAD_ARG}, {":70000", false, STOA_BAD_ARG},    {"bank:80", false, STOA_BAD_ARG}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    struct sockaddr_storage address = {0};
    stoa_error err = {0};
    assert_int_equal(stoa_address_read(cases[i].text, cases[i].has_key, &address, &err), cases[i].status);
  }
}

static void a_key_equals_itself_alone(void **state)
{
  (void)state;
  assert_true(stoa_key_equal("geheim", stoa_slice_of("geheim")));
  assert_false(stoa_key_equal("geheim", stoa_slice_of("geheimgeheim")));
  assert_false(stoa_key_equal("geheim", stoa_slice_of("gehei")));
  assert_false(stoa_key_equal("geheim", stoa_slice_of("")));
  assert_false(stoa_key_equal("geheim", stoa_slice_of("Geheim")));
}

static void resp_replies_are_framed_by_length(void **state)
{
  stoa_buf out = {0};
  (void)state;
  stoa_resp_bulk(&out, (stoa_slice){"a\r\nb", 4});
  stoa_resp_bulk(&out, (stoa_slice){"", 0});
  assert_string_equal(stoa_buf_string(&out), "$4\r\na\r\nb\r\n$0\r\n\r\n");
  stoa_buf_done(&out);
}

static stoa_http_step read_all(stoa_http_message *m, const char *text)
{
  stoa_slice in = stoa_slice_of(text);
  stoa_http_step step = STOA_HTTP_PARTIAL_HEAD;
  size_t used = 1;
  while (used && in.length && step != STOA_HTTP_WHOLE && step != STOA_HTTP_BAD) {
    step = stoa_http_message_read(m, in, &used);
    in = (stoa_slice){in.data + used, in.length - used};
  }
  return step;
}

static void nothing_of_a_message_is_in_the_next(void **state)
{
  stoa_http_message m = {0};
  (void)state;
  assert_int_equal(read_all(&m, "POST /a HTTP/1.1\r\nHost: x\r\nOrigin: o\r\nAccept: text/csv\r\n"
                                "Ocp-Apim-Subscription-Key: k\r\nContent-Length: 2\r\n\r\nab"),
                   STOA_HTTP_WHOLE);
  assert_int_equal(m.key.length, 1);
  stoa_http_message_reset(&m);
  assert_int_equal(read_all(&m, "GET /b HTTP/1.1\r\nHost: y\r\n\r\n"), STOA_HTTP_WHOLE);
  assert_string_equal(stoa_buf_string(&m.url), "/b");
  assert_int_equal(m.key.length + m.origin.length + m.accept.length + m.body.length, 0);
  assert_int_equal(m.n_keys, 0);
  stoa_http_message_done(&m);
}

static void trailers_have_a_limit(void **state)
{
  stoa_http_message m = {0};
  stoa_buf text = {0};
  (void)state;
  stoa_buf_text(&text, "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n");
  for (int i = 0; i < 1 + STOA_MOST_HEAD / 10; ++i) {
    stoa_buf_text(&text, "X: trail\r\n");
  }
  assert_int_equal(read_all(&m, stoa_buf_string(&text)), STOA_HTTP_BAD);
  assert_int_equal(m.status, 413);
  stoa_http_message_done(&m);
  stoa_buf_done(&text);
}

static struct sockaddr_storage address_of(const char *text)
{
  struct sockaddr_storage out = {0};
  if (strchr(text, ':')) {
    uv_ip6_addr(text, 1, (struct sockaddr_in6 *)&out);
  } else {
    uv_ip4_addr(text, 1, (struct sockaddr_in *)&out);
  }
  return out;
}

static void an_address_has_only_so_many_connections(void **state)
{
  const struct sockaddr_storage a = address_of("10.0.0.1"), b = address_of("10.0.0.2"), c = address_of("2001:db8::1"),
                                same_net = address_of("2001:db8::f:2"), other_net = address_of("2001:db8:0:1::1");
  stoa_admission *admission;
  stoa_error err = {0};
  (void)state;
  assert_int_equal(stoa_admission_new(4, 1, &admission, &err), STOA_OK);
  assert_int_equal(stoa_admission_enter(admission, &a), STOA_ADMITTED);
  assert_int_equal(stoa_admission_enter(admission, &a), STOA_TOO_MANY_OF_ADDRESS);
  assert_int_equal(stoa_admission_enter(admission, &b), STOA_ADMITTED);
  assert_int_equal(stoa_admission_enter(admission, &c), STOA_ADMITTED);
  assert_int_equal(stoa_admission_enter(admission, &same_net), STOA_TOO_MANY_OF_ADDRESS);
  assert_int_equal(stoa_admission_enter(admission, &other_net), STOA_ADMITTED);
  stoa_admission_leave(admission, &a);
  assert_int_equal(stoa_admission_enter(admission, &a), STOA_ADMITTED);
  stoa_admission_leave(admission, &b);
  assert_int_equal(stoa_admission_enter(admission, &same_net), STOA_TOO_MANY_OF_ADDRESS);
  assert_int_equal(stoa_admission_enter(admission, &b), STOA_ADMITTED);
  const struct sockaddr_storage d = address_of("10.0.0.4");
  assert_int_equal(stoa_admission_enter(admission, &d), STOA_TOO_MANY);
  stoa_admission_free(admission);
}

static void addresses_of_two_families_are_two(void **state)
{
  const struct sockaddr_storage four = address_of("1.2.3.4"), six = address_of("102:304::1");
  stoa_admission *admission;
  stoa_error err = {0};
  (void)state;
  assert_int_equal(stoa_admission_new(4, 1, &admission, &err), STOA_OK);
  assert_int_equal(stoa_admission_enter(admission, &four), STOA_ADMITTED);
  assert_int_equal(stoa_admission_enter(admission, &six), STOA_ADMITTED);
  stoa_admission_free(admission);
}

static void a_form_gives_back_what_was_escaped(void **state)
{
  static const struct {
    const char *text, *form, *path;
  } cases[] = {
    {"a+b", "a b", "a+b"},   {"a%2Bb", "a+b", "a+b"},    {"%41%e4", "A\xe4", "A\xe4"},
    {"a%20b", "a b", "a b"}, {"100%25", "100%", "100%"}, {"", "", ""},
  };
  stoa_buf out = {0};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    stoa_form_decode(stoa_slice_of(cases[i].text), true, &out);
    assert_string_equal(stoa_buf_string(&out), cases[i].form);
    stoa_form_decode(stoa_slice_of(cases[i].text), false, &out);
    assert_string_equal(stoa_buf_string(&out), cases[i].path);
  }
  assert_int_equal(stoa_form_find(stoa_slice_of("q=1&query=a%2Bb&xquery=2&query=c+d&query"), "query", &out), 2);
  assert_string_equal(stoa_buf_string(&out), "c d");
  stoa_buf_done(&out);
}

static void a_page_of_another_origin_may_not_act(void **state)
{
  static const struct {
    const char *origin;
    int status;
  } cases[] = {{"Origin: http://bank.example:80\r\n", 0},
               {"Origin: http://BANK.example:80\r\n", 0},
               {"", 0},
               {"Origin: http://bank.example:8080\r\n", 403},
               {"Origin: http://bank.example:80.evil.example\r\n", 403},
               {"Origin: http://bank.example\r\n", 403},
               {"Origin: http://evil.example\r\n", 403},
               {"Origin: null\r\n", 403},
               {"Sec-Fetch-Site: cross-site\r\n", 403},
               {"Sec-Fetch-Site: none\r\n", 0}};
  stoa_slice part;
  const stoa_http_route *const route = stoa_http_route_find(stoa_slice_of("/reload"), &part);
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char text[200];
    stoa_http_message m = {0};
    snprintf(text, sizeof text,
             "POST /reload HTTP/1.1\r\nHost: bank.example:80\r\n%sContent-Type: application/x-www-form-urlencoded\r\n"
             "Content-Length: 0\r\n\r\n",
             cases[i].origin);
    assert_int_equal(read_all(&m, text), STOA_HTTP_WHOLE);
    assert_int_equal(stoa_http_route_allows(route, &m, false).status, cases[i].status);
    stoa_http_message_done(&m);
  }
}

static void a_line_of_the_log_stays_one(void **state)
{
  static const char *const values[] = {"a\nb", "a b\nc", "a\rb\x7f"};
  static const char *const plain[] = {" info e: a\\nb name=a\\nb", " info e: a b\\nc name=\"a b\\nc\"",
                                      " info e: a\\x0db\\x7f name=a\\x0db\\x7f"};
  (void)state;
  for (int json = 0; json < 2; ++json) {
    const stoa_log log = {.json = json};
    for (size_t i = 0; i < sizeof values / sizeof *values; ++i) {
      stoa_log_line line = stoa_log_begin(&log, STOA_LOG_INFO, "e", values[i]);
      stoa_log_text(&line, "name", values[i]);
      const char *const text = stoa_buf_string(&line.text);
      assert_null(strpbrk(text, "\r\n"));
      if (!json) {
        assert_string_equal(strchr(text, ' '), plain[i]);
      }
      stoa_buf_done(&line.text);
    }
  }
}

static void the_nearest_range_tells_how_much_a_type_is_wanted(void **state)
{
  stoa_format format;
  (void)state;
  assert_true(stoa_media_choose(stoa_slice_of("text/csv;q=0.1, text/*;q=0.9, application/json;q=0.5"), STOA_FORM_SELECT,
                                &format));
  assert_int_equal(format, STOA_FORMAT_TSV);
  assert_true(stoa_media_choose(stoa_slice_of("text/*;q=0.2, text/csv;q=0.4, application/json;q=0.3"), STOA_FORM_SELECT,
                                &format));
  assert_int_equal(format, STOA_FORMAT_CSV);
  assert_true(stoa_media_choose(stoa_slice_of("application/sparql-results+json;q=0, application/json;q=0, "
                                              "application/*;q=0.9, text/csv;q=0.5, application/xml;q=0.1, "
                                              "application/sparql-results+xml;q=0.1"),
                                STOA_FORM_SELECT, &format));
  assert_int_equal(format, STOA_FORMAT_CSV);
  assert_false(stoa_media_choose(stoa_slice_of("image/png, */*;q=0"), STOA_FORM_SELECT, &format));
}

static void an_argument_ends_with_cr_lf(void **state)
{
  static stoa_resp_command c;
  stoa_buf words = {0};
  size_t used;
  (void)state;
  c.words = &words;
  assert_int_equal(stoa_resp_read_frame(stoa_slice_of("*1\r\n$4\r\nPING\r\n"), &c, &used), STOA_FRAME_WHOLE);
  assert_int_equal(stoa_resp_read_frame(stoa_slice_of("*1\r\n$4\r\nPING\rX"), &c, &used), STOA_FRAME_BAD);
  assert_int_equal(stoa_resp_read_frame(stoa_slice_of("*1\r\n$4\r\nPINGX\n"), &c, &used), STOA_FRAME_BAD);
  stoa_buf_done(&words);
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(only_loopback_is_open_without_a_key),
                                     CLAIM(a_key_equals_itself_alone),
                                     CLAIM(resp_replies_are_framed_by_length),
                                     CLAIM(nothing_of_a_message_is_in_the_next),
                                     CLAIM(trailers_have_a_limit),
                                     CLAIM(an_argument_ends_with_cr_lf),
                                     CLAIM(an_address_has_only_so_many_connections),
                                     CLAIM(addresses_of_two_families_are_two),
                                     CLAIM(a_form_gives_back_what_was_escaped),
                                     CLAIM(a_page_of_another_origin_may_not_act),
                                     CLAIM(a_line_of_the_log_stays_one),
                                     CLAIM(the_nearest_range_tells_how_much_a_type_is_wanted)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
