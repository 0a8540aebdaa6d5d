#include "cli/cli.h"
#include "graph/source/source.h"
#include "server/server.h"
#include <stdlib.h>
#include <string.h>

int stoa_verb_serve(stoa_args *args)
{
  const char *dir = ".", *loops = NULL, *log = NULL;
  stoa_server_options options = {0};
  stoa_error err = {0};
  stoa_faults faults = {0};
  stoa_engine *engine;
  while (!stoa_args_end(args)) {
    if (!stoa_args_option(args, "-C", &dir) && !stoa_args_option(args, "--http", &options.http) &&
        !stoa_args_option(args, "--resp", &options.resp) && !stoa_args_option(args, "--socket", &options.socket) &&
        !stoa_args_option(args, "--loops", &loops) && !stoa_args_option(args, "--log", &log)) {
      return stoa_cli_usage("serve", "cannot take \"%s\"", stoa_args_current(args));
    }
  }
  if (log && strcmp(log, "text") != 0 && strcmp(log, "json") != 0) {
    return stoa_cli_usage("serve", "--log takes one of text, json");
  }
  if (options.socket && !options.socket[0]) {
    return stoa_cli_usage("serve", "--socket takes a path");
  }
  options.n_loops = loops ? atoi(loops) : 0; // a number, as main.c has declared it
  options.log = (stoa_log){.json = log && strcmp(log, "json") == 0, .requests = log != NULL};
  if (stoa_server_folders(dir, &err) != STOA_OK) {
    return stoa_cli_fail(&err);
  }
  stoa_source_sqlite_alone();
  if (stoa_engine_open(dir, STOA_ENGINE_OWN, &faults, &engine, &err) != STOA_OK) {
    stoa_cli_faults(&faults);
    stoa_faults_done(&faults);
    return stoa_cli_fail(&err);
  }
  int code = stoa_cli_faults(&faults);
  stoa_faults_done(&faults);
  if (code == 0 && (stoa_server_configure(engine, &options, &err) != STOA_OK ||
                    stoa_server_run(engine, &options, &err) != STOA_OK)) {
    code = stoa_cli_fail(&err);
  }
  stoa_engine_close(engine);
  return code;
}
