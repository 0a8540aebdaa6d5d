// The whole server on a simulated clock, disk, network and threads, by one seed.  A run is a few lives of the server:
// in each, clients ask while the disk fails for a while, and the life ends by a kill, by the power, or by SIGTERM.
// After each life all that was acknowledged is there, once, and nothing that was refused; within it each request has
// its one answer, in order, connections end at their limits, the server is ready again when the disk is well, and stops
// in its time. A life is a process of its own.  The same seed makes the same run.
#include "server/server.h"
#include "tests/sim/client.h"
#include "tests/sim/disk.h"
#include "tests/sim/events.h"
#include "tests/sim/project.h"
#include "tests/sim/request.h"
#include "tests/sim/trace.h"
#include "tests/sim/turns.h"
#include "tests/sim/wire.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  LIVES = 4,
  MS = 1000000,
  EXIT_LIVED = 0,
  EXIT_NO_START = 4,
  EVERY_NTH_TWICE = 8,
  EVERY_NTH_LEARNS = 4,
  HANGS_AFTER_S = 120
};
// The server's own thread, workers, watcher and writer: what it needs before it makes a second loop.
enum { ALL_BUT_A_LOOP = 9 };
static const int64_t second = 1000000000;

// What outlives a life.
typedef struct {
  uint64_t seed, n_faults;
  int64_t now;
  trace_of_run trace;
  ledger ledger;
} run_of_lives;

static run_of_lives *run;
static char folder[] = "/tmp/stoa-sim.XXXXXX";

// ---- one life

typedef struct {
  dice dice;
  bool is_last, has_started, has_ended, rests;
  stoa_status status;
  stoa_error err;
  int64_t well_since, ready_at; ///< when the disk was well again; when readyz said so
} one_life;

static one_life life;

static void keep(void)
{
  run->now = turns_now() + second;
  run->n_faults += disk_faults();
}

static _Noreturn void end_life(int code)
{
  keep();
  _exit(code);
}

// As a kill does it: nobody in the process, a sanitizer neither, has a say.
static _Noreturn void cut_life(void)
{
  keep();
  syscall(SYS_exit_group, EXIT_LIVED);
  abort();
}

static void *serve(void *data)
{
  stoa_server_options options = {.n_loops = 1 + (int)dice_below(&life.dice, 2)};
  stoa_faults faults = {0};
  stoa_engine *engine = NULL;
  (void)data;
  life.status = stoa_engine_open(folder, STOA_ENGINE_OWN, &faults, &engine, &life.err);
  if (life.status == STOA_OK && faults.n_errors) {
    life.err = faults.items[0];
    life.status = life.err.status;
  }
  if (life.status == STOA_OK) {
    life.status = stoa_server_configure(engine, &options, &life.err);
  }
  if (life.status == STOA_OK) {
    life.has_started = true;
    life.status = stoa_server_run(engine, &options, &life.err);
  }
  trace("the server returns: %s", life.status == STOA_OK ? "well" : life.err.text);
  stoa_faults_done(&faults);
  if (engine) {
    stoa_engine_close(engine);
  }
  life.has_ended = true;
  return NULL;
}

// ---- the disk

static void power_off(void)
{
  trace("the power goes");
  disk_restart();
  cut_life();
}

static void ask_whether_ready(void *data);

static void hear_whether_ready(int status, const char *body)
{
  (void)body;
  trace("readyz says %d", status);
  if (status == 200) {
    life.ready_at = turns_now();
  } else if (life.well_since) {
    events_at(turns_now() + 200 * (int64_t)MS, ask_whether_ready, NULL);
  }
}

static void ask_whether_ready(void *data)
{
  (void)data;
  client_get("/readyz", hear_whether_ready);
}

static void fail_no_more(void *data)
{
  (void)data;
  trace("the disk is well again");
  disk_calm();
  request_disk_failed_until = turns_now();
  life.well_since = turns_now();
  ask_whether_ready(NULL);
}

static void begin_to_fail(void *data)
{
  dice *const d = &life.dice;
  (void)data;
  if (life.rests) {
    return;
  }
  const uint32_t n_writes = dice_chance(d, 50) ? 1 + dice_below(d, 300) : 0;
  trace("the disk begins to fail, the power goes after %u writes", n_writes);
  request_disk_failed_until = INT64_MAX;
  disk_begin(d, n_writes);
  events_at(turns_now() + 1 + dice_below(d, 2000) * (int64_t)MS, fail_no_more, NULL);
}

// ---- the end

static void wait_until(bool (*is_so)(void), int64_t most_ns, const char *what)
{
  const int64_t until = turns_now() + most_ns;
  while (!is_so()) {
    if (turns_now() > until) {
      wrong("%s", what);
    }
    events_run_until(turns_now() + 20 * (int64_t)MS);
    clients_check_limits();
  }
}

static bool all_answered(void)
{
  return clients_wait_for() == 0;
}

static bool is_ready(void)
{
  return !life.well_since || life.ready_at;
}

static bool has_ended(void)
{
  return life.has_ended;
}

static bool has_heard;

static long counter(const char *text, const char *name)
{
  char line[80];
  snprintf(line, sizeof line, "\n%s ", name);
  const char *const at = strstr(text, line);
  return at ? atol(at + strlen(line)) : -1;
}

static void check_counter(const char *text, const char *name, uint32_t least, uint32_t most)
{
  const long n = counter(text, name);
  if (n < (long)least || n > (long)most) {
    wrong("%s is %ld, not from %u to %u", name, n, least, most);
  }
}

static void hear_metrics(int status, const char *text)
{
  const uint32_t *const done = request_done, *const asked = request_asked;
  has_heard = true;
  if (status != 200) {
    wrong("metrics answers %d", status);
  }
  check_counter(text, "stoa_events_total", done[ASK_EVENT] + done[ASK_EXEC], asked[ASK_EVENT] + asked[ASK_EXEC]);
  check_counter(text, "stoa_ranks_total", done[ASK_RANK], asked[ASK_RANK]);
  check_counter(text, "stoa_rewards_total", done[ASK_REWARD] + done[ASK_UNNAMED],
                asked[ASK_REWARD] + asked[ASK_UNNAMED]);
  check_counter(text, "stoa_ready", 1, 1);
}

static bool have_metrics(void)
{
  return has_heard;
}

// A long answer over a narrow wire takes its time, as long as bytes go out.
static void wait_for_answers(void)
{
  const int64_t from = turns_now();
  while (!all_answered()) {
    const int64_t written = clients_written_at();
    if (turns_now() > (written > from ? written : from) + 12 * second) {
      wrong("nothing of an answer has come for 12 s");
    }
    events_run_until(turns_now() + 20 * (int64_t)MS);
    clients_check_limits();
  }
}

// All that is under way ends well before the server is asked to stop.
static void come_to_rest(void)
{
  life.rests = true;
  if (request_disk_failed_until == INT64_MAX) {
    fail_no_more(NULL);
  }
  wait_until(is_ready, 3 * second, "it is not ready 3 s after the disk is well again");
  clients_rest();
  wait_for_answers();
  client_get("/metrics", hear_metrics);
  wait_until(have_metrics, second, "metrics does not answer");
}

// A second signal waits for nobody.
static void stop(void)
{
  const int64_t late = 300 * (int64_t)MS;
  const bool hurries = dice_chance(&life.dice, 20);
  trace("SIGTERM");
  clients_expect_stop(LIMIT_STOP * second);
  uv_sim_signal(SIGTERM);
  if (hurries) {
    events_run_until(turns_now() + dice_below(&life.dice, 500) * (int64_t)MS);
    trace("SIGTERM again");
    clients_expect_stop(0);
    uv_sim_signal(SIGTERM);
  }
  wait_until(has_ended, (hurries ? 0 : LIMIT_STOP * second) + late, "it does not stop in its time");
  if (life.status != STOA_OK) {
    wrong("it ends with an error: %s", life.err.text);
  }
  if (wires_open()) {
    wrong("%d connections are open when it has ended", wires_open());
  }
}

// Learned again from the log, a model is what it was.
static void learn_again(void)
{
  stoa_faults faults = {0};
  stoa_engine *engine = NULL;
  const uint64_t before = ledger_models("state.db", true);
  life.status = stoa_engine_open(folder, STOA_ENGINE_OWN, &faults, &engine, &life.err);
  if (life.status != STOA_OK) {
    wrong("it does not open again: %s", life.err.text);
  }
  stoa_engine_close(engine);
  stoa_faults_done(&faults);
  if (ledger_models("state.db", false) != before) {
    wrong("a model is not what its log says");
  }
}

static void reload(void *data)
{
  (void)data;
  trace("SIGHUP");
  uv_sim_signal(SIGHUP);
}

static bool has_started(void)
{
  return life.has_started || life.has_ended;
}

static _Noreturn void live(int number)
{
  dice *const d = &life.dice;
  pthread_t server;
  life.dice.state = run->seed * 1000003 + (uint64_t)number * 7919;
  life.is_last = number == LIVES - 1;
  turns_begin(d, run->now);
  disk_when_off(power_off);
  request_disk_failed_until = -1;
  trace("life %d", number);
  if (!life.is_last && dice_chance(d, 15)) {
    begin_to_fail(NULL);
  } else if (dice_chance(d, 60)) {
    events_at(turns_now() + dice_below(d, 3000) * (int64_t)MS, begin_to_fail, NULL);
  }
  const bool lacks_threads = !life.is_last && dice_chance(d, 4);
  if (lacks_threads) {
    threads_make_at_most(dice_chance(d, 50) ? ALL_BUT_A_LOOP : 1 + (int)dice_below(d, ALL_BUT_A_LOOP));
  }
  pthread_create(&server, NULL, serve, NULL);
  wait_until(has_started, 60 * second, "it does not start");
  clients_start(&run->ledger, 2 + (int)dice_below(d, 6));
  if (dice_chance(d, 10)) {
    events_at(turns_now() + dice_below(d, 3000) * (int64_t)MS, reload, NULL);
  }
  const int64_t until = turns_now() + (500 + dice_below(d, 5000)) * (int64_t)MS;
  while (turns_now() < until && !life.has_ended) {
    events_run_until(turns_now() + 100 * (int64_t)MS);
    clients_check_limits();
  }
  if (life.has_ended) {
    if (request_disk_failed_until < 0 && !lacks_threads) {
      wrong("it has not started: %s", life.err.text);
    }
    if (life.status == STOA_OK) {
      wrong("it has ended by itself");
    }
    end_life(EXIT_NO_START);
  }
  if (!life.is_last && dice_chance(d, 40)) {
    trace("killed");
    cut_life();
  }
  if (life.is_last || dice_chance(d, 50)) {
    come_to_rest();
  }
  stop();
  pthread_join(server, NULL);
  if (life.is_last && run->seed % EVERY_NTH_LEARNS == 0) {
    learn_again();
  }
  end_life(EXIT_LIVED);
}

// ---- a run

// What the life has said stays in a file that nobody else sees, and is told when it goes wrong.
static void say_what_it_said(int fd)
{
  char text[4096];
  const off_t size = lseek(fd, 0, SEEK_END);
  const ssize_t n = pread(fd, text, sizeof text, size > (off_t)sizeof text ? size - (off_t)sizeof text : 0);
  fwrite(text, 1, n > 0 ? (size_t)n : 0, stderr);
}

static bool end_well(int status, int number, int said)
{
  if (WIFEXITED(status) && (WEXITSTATUS(status) == EXIT_LIVED || WEXITSTATUS(status) == EXIT_NO_START)) {
    const char *const wrong_there = ledger_differs(&run->ledger, "state.db");
    if (!wrong_there) {
      return true;
    }
    snprintf(run->trace.why, sizeof run->trace.why, "%s", wrong_there);
  } else if (!run->trace.why[0]) {
    snprintf(run->trace.why, sizeof run->trace.why, "ended by %s %d", WIFSIGNALED(status) ? "signal" : "code",
             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    if (!run->trace.prints) {
      say_what_it_said(said);
    }
  }
  printf("# seed %llu, life %d: %s\n", (unsigned long long)run->seed, number, run->trace.why);
  fflush(stdout);
  return false;
}

static bool run_life(int number)
{
  int status = 0;
  const int said = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600),
            nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    alarm(HANGS_AFTER_S);
    dup2(nothing, STDOUT_FILENO);
    if (!run->trace.prints) {
      dup2(said, STDERR_FILENO);
    }
    live(number);
  }
  const bool good = child > 0 && waitpid(child, &status, 0) == child && end_well(status, number, said);
  close(said);
  close(nothing);
  return good;
}

static bool run_seed(uint64_t seed, bool prints)
{
  *run = (run_of_lives){
    .seed = seed, .now = 1000 * second, .trace = {.hash = seed, .prints = prints}, .n_faults = run->n_faults};
  trace_begin(&run->trace);
  bool good = true;
  for (int i = 0; good && i < LIVES; ++i) {
    good = run_life(i);
  }
  project_forget(folder);
  return good;
}

static uint64_t count_kept(void)
{
  uint64_t n = 0;
  for (int i = 0; i < LEDGER_MOST; ++i) {
    const ledger *const l = &run->ledger;
    n += (l->events[i] == FATE_KEPT) + (l->decisions[i] == FATE_KEPT) + (l->rewards[i] == FATE_KEPT) +
         (l->unnamed[i] == FATE_KEPT);
  }
  return n;
}

// The same seed once more makes the same run.
static bool is_repeated(uint64_t seed)
{
  const uint64_t hash = run->trace.hash;
  if (run_seed(seed, false) && run->trace.hash == hash) {
    return true;
  }
  printf("# seed %llu: another run the second time\n", (unsigned long long)seed);
  return false;
}

static int run_all(uint64_t first, uint64_t n)
{
  uint64_t ran = 0, failed = 0, first_failed = 0, kept = 0, twice = 0, differ = 0;
  for (uint64_t seed = first; seed < first + n && !(failed && getenv("STOA_TESTS_STOP")); ++seed) {
    const bool good = run_seed(seed, false);
    ++ran;
    kept += count_kept();
    first_failed = good || failed ? first_failed : seed;
    failed += !good;
    if (good && seed % EVERY_NTH_TWICE == 0) {
      ++twice;
      differ += !is_repeated(seed);
    }
  }
  printf("%s 1 - %llu of %llu seeds hold", failed ? "not ok" : "ok", (unsigned long long)(ran - failed),
         (unsigned long long)ran);
  if (failed) {
    printf(", seed %llu does not", (unsigned long long)first_failed);
  }
  printf(" (%llu acknowledged, %llu faults)\n", (unsigned long long)kept, (unsigned long long)run->n_faults);
  printf("%s 2 - the same seed makes the same run, %llu of %llu times\n1..2\n", differ ? "not ok" : "ok",
         (unsigned long long)(twice - differ), (unsigned long long)twice);
  return failed || differ;
}

int main(int argc, char **argv)
{
  const char *const wanted = getenv("STOA_SIM_SEEDS");
  const uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
  const uint64_t n = argc > 2 ? strtoull(argv[2], NULL, 10) : wanted ? strtoull(wanted, NULL, 10) : 20;
  run = mmap(NULL, sizeof *run, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (run == MAP_FAILED || !mkdtemp(folder) || chdir(folder) != 0) {
    return 2;
  }
  project_write(".");
  disk_register();
  // One seed alone is replayed, with its trace.
  const int code = argc == 2 ? !run_seed(first, true) : run_all(first, n);
  if (argc == 2) {
    printf("# seed %llu: %s, trace %016llx\n", (unsigned long long)first, code ? run->trace.why : "holds",
           (unsigned long long)run->trace.hash);
  }
  project_remove(folder);
  munmap(run, sizeof *run);
  return code;
}
