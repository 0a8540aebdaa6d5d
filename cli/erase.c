// stoa features erase: the receipt of the operation, as it is or for a person to read.
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/features.h"
#include "graph/base/json.h"
#include <stdio.h>
#include <unistd.h>

static void print_value(const stoa_json *v);

static void print_items(const stoa_json *v)
{
  for (uint32_t i = 0; i < v->n_items; ++i) {
    fputs(i ? ", " : "", stdout);
    if (v->kind == STOA_JSON_OBJECT) {
      printf("%s ", v->items[i].name);
    }
    print_value(&v->items[i]);
  }
  fputs(v->n_items ? "" : "none", stdout);
}

static void print_value(const stoa_json *v)
{
  switch (v->kind) {
    case STOA_JSON_STRING:
      printf("%.*s", (int)v->text.length, v->text.data);
      break;
    case STOA_JSON_INTEGER:
      printf("%lld", (long long)v->integer);
      break;
    case STOA_JSON_BOOLEAN:
      fputs(v->integer ? "yes" : "no", stdout);
      break;
    case STOA_JSON_OBJECT:
    case STOA_JSON_ARRAY:
      print_items(v);
      break;
    default:
      fputs("not known", stdout);
  }
}

// One item of a list of objects a line.
static void print_member(const stoa_json *m)
{
  const bool lines = m->kind == STOA_JSON_ARRAY && m->n_items && m->items[0].kind == STOA_JSON_OBJECT;
  for (uint32_t i = 0; lines && i < m->n_items; ++i) {
    printf("%-12s  ", i ? "" : m->name);
    print_value(&m->items[i]);
    putchar('\n');
  }
  if (!lines) {
    printf("%-12s  ", m->name);
    print_value(m);
    putchar('\n');
  }
}

static int print_table(stoa_slice text)
{
  stoa_arena arena;
  stoa_error err = {0};
  stoa_status status = STOA_OK;
  stoa_arena_init(&arena, 0);
  for (const char *end; status == STOA_OK && text.length && (end = memchr(text.data, '\n', text.length));) {
    const size_t n = (size_t)(end - text.data);
    const stoa_json *receipt;
    status = stoa_json_read((stoa_slice){text.data, n}, &arena, &receipt, &err);
    for (uint32_t i = 0; status == STOA_OK && i < receipt->n_items; ++i) {
      print_member(&receipt->items[i]);
    }
    text = (stoa_slice){end + 1, text.length - n - 1};
    fputs(text.length ? "\n" : "", stdout);
  }
  stoa_arena_done(&arena);
  return status == STOA_OK ? 0 : stoa_cli_fail(&err);
}

int stoa_cli_erase(const char *dir, const char *entity, const stoa_slice *keys, uint32_t n_keys, const char *format)
{
  enum { SILENT_SECONDS = 900 }; // a large state is written anew
  const stoa_cli_asked asked = {.operation = STOA_OPERATION_ERASE,
                                .command = "ERASE",
                                .what = "ENTITY",
                                .name = entity,
                                .keys = keys,
                                .n_keys = n_keys,
                                .silent_seconds = SILENT_SECONDS};
  stoa_buf reply = {0};
  const char *const how = format ? format : isatty(STDOUT_FILENO) ? "table" : "json";
  if (strcmp(how, "table") != 0 && strcmp(how, "json") != 0) {
    return stoa_cli_usage("features", "--format of erase is table or json, not \"%s\"", how);
  }
  if (n_keys > STOA_MOST_ARGUMENTS) {
    return stoa_cli_usage("features", "erase takes at most %d keys at once", STOA_MOST_ARGUMENTS);
  }
  int code = stoa_cli_ask(dir, &asked, &reply);
  const stoa_slice text = {reply.data ? reply.data : "", reply.length};
  if (code == 0 && strcmp(how, "table") == 0) {
    code = print_table(text);
  } else if (code == 0) {
    fwrite(text.data, 1, text.length, stdout);
  }
  stoa_buf_done(&reply);
  return code;
}
