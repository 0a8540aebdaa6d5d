// The program: finds the verb and hands it the rest.
#include "cli/cli.h"
#include "graph/base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
  const char *name;
  int (*run)(stoa_args *);
  const char *options; ///< as stoa_args_read declares them
  const char *synopsis, *help;
} verbs[] = {
  {"init", stoa_verb_init, "", "init DIR", "make a project folder with a working example"},
  {"check", stoa_verb_check, "C: data", "check [-C DIR]",
   "check configuration, ontology, mappings, features and policies; every fault with its place"},
  {"query", stoa_verb_query, "C: base: data: graph: format: explain? check sql expect: asof: e:",
   "query [-C DIR | [--data FILE]... [--graph IRI=FILE]... [--base IRI]] [--format F] "
   "[--explain[=algebra|plan|sql|analyze]] "
   "[--check] [--sql] "
   "[--expect FILE] [--asof INSTANT] FILE.rq | FILE.sql | -e TEXT",
   "ask SPARQL, or SQL over classes and properties; formats: table json xml csv tsv, for CONSTRUCT nt ttl rdfxml"},
  {"update", stoa_verb_update, "data: graph: base: check o: e:",
   "update [--data FILE]... [--graph IRI=FILE]... [--base IRI] [--check] [-o FILE.nq] FILE.ru | -e TEXT",
   "change the graph of RDF files by SPARQL Update; N-Quads come out"},
  {"materialize", stoa_verb_materialize, "C: format: o:", "materialize [-C DIR] [--format nt|nq|ttl|rdfxml] [-o FILE]",
   "write the whole virtual graph as triples"},
  {"map", stoa_verb_map, "source: mapping: direct base: format: o:",
   "map --source URL --mapping FILE.ttl | --direct [--base IRI] [--format nq|nt|ttl|rdfxml] [-o FILE]",
   "run one R2RML mapping, or the Direct Mapping, over one database"},
  {"bootstrap", stoa_verb_bootstrap, "source: base: key: views o:", "bootstrap --source URL [--base IRI] [-o DIR]",
   "write a mapping and an ontology to start from, by a database's catalog"},
  {"features", stoa_verb_features, "C: limit#1-10000000 asof: purpose: format: entities: timestamp-column: service: known: o:",
   "features list|registry|plan|drift [-C DIR]\n"
   "       stoa features apply [-C DIR] [--limit N]\n"
   "       stoa features show [-C DIR] [--purpose WORD] VIEW|FEATURE|SERVICE\n"
   "       stoa features preview [-C DIR] [--limit N] [--asof INSTANT] [--purpose WORD] [--format jsonl|json|csv|table] "
   "SERVICE|VIEW\n"
   "       stoa features get [-C DIR] [--asof INSTANT] [--purpose WORD] [--format jsonl|json|csv|table] SERVICE|VIEW "
   "[--entities FILE] [KEY...]\n"
   "       stoa features history [-C DIR] --entities FILE.csv --timestamp-column NAME --service SERVICE|VIEW "
   "[--purpose WORD] [--known arrival|event] [-o FILE.csv]\n"
   "       stoa features replay [-C DIR] [FILE.jsonl]\n"
   "       stoa features erase [-C DIR] [--format table|json] ENTITY KEY...",
   "list feature views and services; compute feature vectors, now or as of then; training sets; erase an entity"},
  {"lineage", stoa_verb_lineage,
   "C: format: e:", "lineage [-C DIR] [--format text|ttl] IRI|FEATURE|VIEW|SERVICE|FILE.rq|FILE.sql | -e TEXT",
   "tell the source columns that a property, a class, a feature or a query reads"},
  {"rank", stoa_verb_rank, "C:", "rank [-C DIR] POLICY JSON|-", "one decision: JSON in, JSON out"},
  {"reward", stoa_verb_reward, "C:", "reward [-C DIR] EVENT-ID VALUE", "reward a decision"},
  {"policy", stoa_verb_policy, "C: label: ignore: rewards: explorer: learner: seed: against: action: reward: propensity: group: segment: tau: lambda: log: format:",
   "policy show [-C DIR] POLICY\n"
   "       stoa policy evaluate [--against uniform|first|logged|ACTION|LOG] [--segment NAME] [--format text|json]\n"
   "                            [--action COLUMN] [--reward COLUMN] [--propensity COLUMN] [--group COLUMN]\n"
   "                            [--tau W] [--lambda L] LOG.csv|LOG.dsjson\n"
   "       stoa policy simulate --label COLUMN [--ignore COLUMN,...] [--rewards ACTION=LABEL:R,...]...\n"
   "                            [--explorer OPTIONS] [--learner OPTIONS] [--seed N] [--format text|json] [--log FILE.csv] TABLE.csv",
   "show what a policy has learned; estimate what another would have earned; play a table"},
  {"serve", stoa_verb_serve, "C: http: resp: socket: loops#1-64 log:",
   "serve [-C DIR] [--http HOST:PORT] [--resp HOST:PORT] [--socket PATH] [--loops N] [--log text|json]",
   "serve everything over sockets"},
};

enum { N_VERBS = sizeof verbs / sizeof *verbs };

static int help(FILE *to)
{
  fputs("stoa: a semantic knowledge-graph feature engine with a built-in personalizer\n\n", to);
  for (int i = 0; i < N_VERBS; ++i) {
    fprintf(to, "  %-12s %s\n", verbs[i].name, verbs[i].help);
  }
  fputs("\nstoa VERB --help tells more; exit codes: 0 done, 1 the input is at fault, 2 usage, 3 the environment\n", to);
  return 0;
}

static int unknown_verb(const char *word)
{
  const char *names[N_VERBS];
  for (int i = 0; i < N_VERBS; ++i) {
    names[i] = verbs[i].name;
  }
  const char *const near = stoa_nearest(word, names, N_VERBS);
  return stoa_cli_usage("", "there is no verb \"%s\"%s%s%s", word, near ? "; did you mean \"" : "", near ? near : "",
                        near ? "\"?" : "");
}

static bool wants_help(int argc, char **argv)
{
  for (int i = 0; i < argc; ++i) {
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
      return true;
    }
  }
  return false;
}

// A descriptor that came closed would be given to the next file that is opened, such as the state, and what is printed
// would be written over it.  It is filled the other way round (input to write, outputs to read), so that its use fails.
static bool fill_descriptors(void)
{
  for (int fd = 0; fd <= 2; ++fd) {
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd) {
      return false;
    }
  }
  return true;
}

static bool is_serve(int argc, char **argv)
{
  return argc > 1 && strcmp(argv[1], "serve") == 0;
}

// A signal that would end the process, where it means nothing of the kind.  What comes before the first line of main()
// ends it as it does any program.
static void take_signals(int argc, char **argv)
{
  signal(SIGPIPE, SIG_IGN); // a peer that has gone is an error of the write
  if (is_serve(argc, argv)) {
    signal(SIGHUP, SIG_IGN); // until the loop takes it as the wish to reload: what is read now is fresh
  }
  signal(SIGXFSZ, SIG_IGN); // a file that may not grow is an error of the write
}

static int run(int argc, char **argv)
{
  if (argc < 2) {
    help(stderr);
    return 2;
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
    return help(stdout);
  }
  if (strcmp(argv[1], "--version") == 0) {
    puts(PACKAGE_STRING);
    return 0;
  }
  for (int i = 0; i < N_VERBS; ++i) {
    if (strcmp(argv[1], verbs[i].name) == 0) {
      if (wants_help(argc - 2, argv + 2)) {
        printf("usage: stoa %s\n\n%s\n", verbs[i].synopsis, verbs[i].help);
        return 0;
      }
      stoa_args args;
      const int code = stoa_args_read(&args, verbs[i].name, verbs[i].options, argc - 1, argv + 1);
      const int result = code ? code : verbs[i].run(&args);
      stoa_args_done(&args);
      return result;
    }
  }
  return unknown_verb(argv[1]);
}

int main(int argc, char **argv)
{
  take_signals(argc, argv);
  if (!fill_descriptors()) {
    return 3; // there may be nowhere to say it
  }
  const int code = run(argc, argv);
  if (is_serve(argc, argv)) {
    return code; // what it prints is told to whoever listens, and serves without
  }
  const bool written = fflush(stdout) == 0 && !ferror(stdout);
  if (stoa_cli_reader_left()) {
    signal(SIGPIPE, SIG_DFL); // the end that it makes of other programs, without a word
    raise(SIGPIPE);
  }
  if (!written && code == 0) {
    fputs("stoa: standard output cannot be written\n", stderr);
    return 3;
  }
  return code;
}
