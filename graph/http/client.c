#include "graph/http/client.h"
#include "graph/base/buf.h"
#include "graph/base/clock.h"
#include <curl/curl.h>
#include <pthread.h>
#include <string.h>

typedef struct {
  const stoa_http_request *request;
  stoa_context *context;
  stoa_buf body;
  bool too_long;
  stoa_error stopped; ///< why the context ended the transfer
} transfer;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void begin(void)
{
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t take(char *bytes, size_t size, size_t n, void *data)
{
  transfer *const t = data;
  t->too_long = t->body.length + size * n > t->request->most_bytes;
  if (t->too_long) {
    return 0;
  }
  stoa_buf_add(&t->body, bytes, size * n);
  return size * n;
}

// libcurl asks at least once a second, and whenever bytes move.
static int go_on(void *data, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
  transfer *const t = data;
  (void)down_all, (void)down, (void)up_all, (void)up;
  return stoa_context_check(t->context, &t->stopped) != STOA_OK;
}

static long time_left(const stoa_http_request *request, const stoa_context *context)
{
  int64_t ms = request->timeout_ms;
  if (context->deadline_ns) {
    const int64_t left = (context->deadline_ns - stoa_clock_steady_ns()) / 1000000;
    ms = left < ms ? left : ms;
  }
  return ms < 1 ? 1 : (long)ms;
}

static struct curl_slist *headers_of(const stoa_http_request *request)
{
  char line[256];
  snprintf(line, sizeof line, "Accept: %s", request->accept);
  struct curl_slist *list = curl_slist_append(NULL, line);
  if (request->body.data) {
    snprintf(line, sizeof line, "Content-Type: %s", request->content_type);
    list = curl_slist_append(list, line);
  }
  return curl_slist_append(list, "Expect:"); // no wait for a 100
}

static void set_options(CURL *curl, transfer *t, struct curl_slist *headers, char *message)
{
  const stoa_http_request *const r = t->request;
  curl_easy_setopt(curl, CURLOPT_URL, r->url);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, r->redirects ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 3L);
  curl_easy_setopt(curl, CURLOPT_POSTREDIR, CURL_REDIR_POST_ALL);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, time_left(r, t->context));
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "stoa");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  if (r->body.data) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, r->body.data);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.length);
  }
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, go_on);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

static stoa_status outcome(const transfer *t, CURLcode code, long status, const char *message, stoa_error *err)
{
  if (t->stopped.status != STOA_OK) {
    *err = t->stopped;
    return err->status;
  }
  if (t->too_long) {
    return stoa_error_set(err, STOA_LIMIT, "<%s> answered more than %zu MiB", t->request->url,
                          t->request->most_bytes >> 20);
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return stoa_error_set(err, STOA_TIMEOUT, "<%s> did not answer in time: %s", t->request->url, message);
  }
  if (code != CURLE_OK) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "<%s> cannot be asked: %s", t->request->url,
                          *message ? message : curl_easy_strerror(code));
  }
  if (status != 200) {
    const int shown = t->body.length < 200 ? (int)t->body.length : 200;
    return stoa_error_set(err, STOA_UNAVAILABLE, "<%s> answered %ld: %.*s", t->request->url, status, shown,
                          t->body.data ? t->body.data : "");
  }
  return STOA_OK;
}

stoa_status stoa_http_ask(const stoa_http_request *request, stoa_context *context, stoa_arena *arena, stoa_slice *body,
                          const char **media_type, stoa_error *err)
{
  transfer t = {.request = request, .context = context};
  char message[CURL_ERROR_SIZE] = "";
  long status = 0;
  const char *type = NULL;
  STOA_TRY(stoa_context_check(context, err));
  pthread_once(&once, begin);
  CURL *const curl = curl_easy_init();
  if (!curl) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a request");
  }
  struct curl_slist *const headers = headers_of(request);
  set_options(curl, &t, headers, message);
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
  const stoa_status result = outcome(&t, code, status, message, err);
  if (result == STOA_OK) {
    *body = stoa_arena_slice(arena, (stoa_slice){t.body.data ? t.body.data : "", t.body.length});
    *media_type = stoa_arena_copy(arena, stoa_slice_of(type ? type : ""));
  }
  stoa_buf_done(&t.body);
  curl_slist_free_all(headers);
  curl_easy_cleanup(curl);
  return result;
}
