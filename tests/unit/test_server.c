#include "tests/support/unit.h"

#include "server/peer.h"
#include "server/resp_write.h"

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

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(only_loopback_is_open_without_a_key), CLAIM(a_key_equals_itself_alone),
                                     CLAIM(resp_replies_are_framed_by_length)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
