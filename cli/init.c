// stoa init: a project folder that works at once, with a small database of its own.
#include "cli/cli.h"
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char config[] = "project: first-bank\n"
                             "base: https://bank.example/\n"
                             "sources:\n"
                             "  core: {driver: sqlite, address: data/core.db, mappings: [mappings/core.ttl]}\n"
                             "ontology: [ontology/*.ttl]\n"
                             "listen: {http: 127.0.0.1:8080, resp: 127.0.0.1:6380, socket: run/stoa.sock}\n"
                             "state: {driver: sqlite, address: state/stoa.db}\n";

static const char ontology[] =
  "@prefix b:    <https://bank.example/ontology#> .\n"
  "@prefix owl:  <http://www.w3.org/2002/07/owl#> .\n"
  "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n\n"
  "b:Customer a owl:Class .\n"
  "b:Account a owl:Class .\n"
  "b:SavingsAccount a owl:Class ; rdfs:subClassOf b:Account .\n"
  "b:Transaction a owl:Class .\n"
  "b:holder a owl:ObjectProperty . b:holds a owl:ObjectProperty ; owl:inverseOf b:holder .\n"
  "b:account a owl:ObjectProperty .\n"
  "b:name a owl:DatatypeProperty . b:segment a owl:DatatypeProperty . b:balance a owl:DatatypeProperty .\n"
  "b:amount a owl:DatatypeProperty . b:bookedAt a owl:DatatypeProperty . b:channel a owl:DatatypeProperty .\n";

static const char mapping[] =
  "@prefix rr:   <http://www.w3.org/ns/r2rml#> .\n"
  "@prefix b:    <https://bank.example/ontology#> .\n"
  "@prefix stoa: <https://stoa.example/ns#> .\n\n"
  "<#customer> rr:logicalTable [ rr:tableName \"customer\" ] ;\n"
  "  rr:subjectMap [ rr:template \"customer/{customer_id}\" ; rr:class b:Customer ] ;\n"
  "  rr:predicateObjectMap [ rr:predicate b:name ; rr:objectMap [ rr:column \"name\" ] ] ;\n"
  "  rr:predicateObjectMap [ rr:predicate b:segment ; rr:objectMap [ rr:column \"segment\" ] ] .\n\n"
  "<#account> rr:logicalTable [ rr:tableName \"account\" ] ;\n"
  "  rr:subjectMap [ rr:template \"account/{account_id}\" ; rr:class b:Account ] ;\n"
  "  rr:predicateObjectMap [ rr:predicate b:balance ; rr:objectMap [ rr:column \"balance\" ] ] ;\n"
  "  rr:predicateObjectMap [ rr:predicate b:holder ;\n"
  "    rr:objectMap [ rr:parentTriplesMap <#customer> ; rr:joinCondition [ rr:child \"customer_id\" ; rr:parent "
  "\"customer_id\" ] ] ] .\n\n"
  "<#savings> rr:logicalTable [ rr:sqlQuery \"SELECT account_id FROM account WHERE kind = 'savings'\" ] ; stoa:key "
  "\"account_id\" ;\n"
  "  rr:subjectMap [ rr:template \"account/{account_id}\" ; rr:class b:SavingsAccount ] .\n\n"
  "<#transaction> rr:logicalTable [ rr:tableName \"booking\" ] ;\n"
  "  rr:subjectMap [ rr:template \"booking/{booking_id}\" ; rr:class b:Transaction ] ;\n"
  "  rr:predicateObjectMap [ rr:predicate b:account ;\n"
  "    rr:objectMap [ rr:parentTriplesMap <#account> ; rr:joinCondition [ rr:child \"account_id\" ; rr:parent "
  "\"account_id\" ] ] ] ;\n"
  "  rr:predicateObjectMap [ rr:predicate b:amount ; rr:objectMap [ rr:column \"amount\" ] ] ;\n"
  "  rr:predicateObjectMap [ rr:predicate b:bookedAt ; rr:objectMap [ rr:column \"booked_at\" ] ] ;\n"
  "  rr:predicateObjectMap [ rr:predicate b:channel ; rr:objectMap [ rr:column \"channel\" ] ] .\n";

static const char entities[] =
  "prefixes: {b: \"https://bank.example/ontology#\"}\n"
  "customer: {class: b:Customer, key: [customer_id], iri: \"https://bank.example/customer/{customer_id}\"}\n";

static const char view_wealth[] = "#+ summary: What the customer has\n"
                                  "#+ feature_view:\n"
                                  "#+   name: wealth\n"
                                  "#+   kind: query\n"
                                  "#+   entity: {customer: customer_id}\n"
                                  "#+   features: {segment: string, accounts: int32, balance: \"decimal(14,2)\"}\n"
                                  "#+   default: {accounts: 0, balance: 0}\n"
                                  "PREFIX b: <https://bank.example/ontology#>\n"
                                  "SELECT ?customer ?segment (COUNT(?a) AS ?accounts) (SUM(?amount) AS ?balance)\n"
                                  "WHERE { ?customer b:segment ?segment ; b:holds ?a . ?a b:balance ?amount }\n"
                                  "GROUP BY ?customer ?segment\n";

static const char view_spending[] = "#+ summary: What the customer spends, by channel\n"
                                    "#+ feature_view:\n"
                                    "#+   name: spending\n"
                                    "#+   kind: window\n"
                                    "#+   entity: {customer: customer_id}\n"
                                    "#+   time: at\n"
                                    "#+   value: amount\n"
                                    "#+   by: {channel: [app, web, branch]}\n"
                                    "#+   windows: [30d, 90d]\n"
                                    "#+   aggregates: [count, sum]\n"
                                    "#+   default: {count: 0, sum: 0}\n"
                                    "PREFIX b: <https://bank.example/ontology#>\n"
                                    "SELECT ?customer ?at ?amount ?channel\n"
                                    "WHERE { ?t a b:Transaction ; b:account/b:holder ?customer ; b:bookedAt ?at ; "
                                    "b:amount ?amount ; b:channel ?channel }\n";

static const char services[] = "services:\n  - {name: offer, features: [\"wealth:*\", \"spending:*\"]}\n";

static const char policy[] = "policy: next_offer\n"
                             "service: offer\n"
                             "actions:\n"
                             "  - {id: savings_plan, features: {family: savings}}\n"
                             "  - {id: credit,       features: {family: credit}}\n"
                             "  - {id: nothing,      features: {family: none}}\n"
                             "explorer: {kind: squarecb, gamma: 10, exponent: 0.5, floor: 0.02}\n"
                             "reward: {wait: 0s, default: 0}\n";

static const char query[] = "# Balances by segment\n"
                            "PREFIX b: <https://bank.example/ontology#>\n"
                            "SELECT ?segment (COUNT(?a) AS ?accounts) (SUM(?amount) AS ?balance)\n"
                            "WHERE { ?c a b:Customer ; b:segment ?segment ; b:holds ?a . ?a b:balance ?amount }\n"
                            "GROUP BY ?segment ORDER BY ?segment\n";

static const char database[] =
  "BEGIN;"
  "CREATE TABLE customer(customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, segment TEXT NOT NULL);"
  "CREATE TABLE account(account_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer(customer_id), "
  "kind TEXT NOT NULL, balance DECIMAL(12,2));"
  "CREATE INDEX account_customer ON account(customer_id);"
  "CREATE TABLE booking(booking_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account(account_id), "
  "booked_at TIMESTAMP NOT NULL, amount DECIMAL(12,2) NOT NULL, channel TEXT);"
  "CREATE INDEX booking_account ON booking(account_id, booked_at);"
  "INSERT INTO customer VALUES(1,'Zo\xC3\xAB O''Hara','mass'),(2,'J\xC3\xBCrgen "
  "M\xC3\xBCller','affluent'),(3,'Ng\xE1\xBB\x8Dzi Okafor','mass'),(4,'Bj\xC3\xB6rn S\xC3\xB8rensen','business');"
  "INSERT INTO account "
  "VALUES(10,1,'current',1250.10),(11,1,'savings',8000),(20,2,'current',310.55),(21,2,'savings',99000.95),(30,3,'"
  "current',-12.30),(40,4,'current',NULL);"
  "INSERT INTO booking SELECT value, (value % 4 + 1) * 10, strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-' || (value * 7) || "
  "' hours'), (value * 37 % 5000) / 100.0,"
  " CASE value % 3 WHEN 0 THEN 'app' WHEN 1 THEN 'web' ELSE 'branch' END FROM generate_numbers;"
  "COMMIT;";

static const struct {
  const char *path, *text;
} files[] = {{"stoa.yaml", config},
             {"ontology/bank.ttl", ontology},
             {"mappings/core.ttl", mapping},
             {"features/entities.yaml", entities},
             {"features/wealth.rq", view_wealth},
             {"features/spending.rq", view_spending},
             {"features/services.yaml", services},
             {"personalizer/next_offer.yaml", policy},
             {"queries/balances.rq", query}};

static int fail(const char *path, const char *why)
{
  stoa_error err = {0};
  stoa_error_at(&err, STOA_IO, (stoa_place){path, 0, 0}, "%s", why);
  return stoa_cli_fail(&err);
}

static int write_file(const char *dir, const char *name, const char *text)
{
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  FILE *const file = fopen(path, "wx");
  if (!file) {
    return fail(path, strerror(errno));
  }
  const int bad = fputs(text, file) < 0;
  return fclose(file) != 0 || bad ? fail(path, "cannot be written") : 0;
}

static int make_database(const char *dir)
{
  char path[1024];
  sqlite3 *db;
  snprintf(path, sizeof path, "%s/data/core.db", dir);
  int code = 0;
  if (sqlite3_open(path, &db) != SQLITE_OK ||
      sqlite3_exec(db,
                   "CREATE TEMP VIEW generate_numbers AS WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + "
                   "1 FROM n WHERE value < 200) SELECT value FROM n",
                   NULL, NULL, NULL) != SQLITE_OK ||
      sqlite3_exec(db, database, NULL, NULL, NULL) != SQLITE_OK) {
    code = fail(path, sqlite3_errmsg(db));
  }
  sqlite3_close(db);
  return code;
}

int stoa_verb_init(stoa_args *args)
{
  static const char *const folders[] = {"", "ontology", "mappings", "features", "personalizer", "queries", "data"};
  const char *const dir = stoa_args_word(args);
  char path[1024];
  if (!dir || !*dir || !stoa_args_end(args) || strlen(dir) > 900) {
    return stoa_cli_usage("init", "one folder expected");
  }
  snprintf(path, sizeof path, "%s/stoa.yaml", dir);
  struct stat info;
  if (stat(path, &info) == 0) {
    stoa_error err = {0};
    stoa_error_at(&err, STOA_EXISTS, (stoa_place){path, 0, 0}, "exists already; choose another folder");
    return stoa_cli_fail(&err);
  }
  for (size_t i = 0; i < sizeof folders / sizeof *folders; ++i) {
    snprintf(path, sizeof path, "%s/%s", dir, folders[i]);
    if (mkdir(path, 0755) != 0 && errno != EEXIST) {
      return fail(path, strerror(errno));
    }
  }
  for (size_t i = 0; i < sizeof files / sizeof *files; ++i) {
    const int code = write_file(dir, files[i].path, files[i].text);
    if (code) {
      return code;
    }
  }
  const int code = make_database(dir);
  if (code == 0) {
    printf("%s is ready; next:\n  stoa check -C %s\n  stoa query -C %s %s/queries/balances.rq\n  stoa features preview "
           "-C %s offer\n  stoa serve -C %s\n",
           dir, dir, dir, dir, dir, dir);
  }
  return code;
}
