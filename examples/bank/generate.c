// The example bank: four databases, made from a seed.  Skewed (a few customers do most), seasonal (more
// in December, less at night), with NULLs, Unicode names and apostrophes; money is exact: every amount
// is a whole number of cents.  The same seed, number of customers and last day give the same bytes.
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

typedef struct {
  uint64_t random;
  int n_customers;
  int64_t until; ///< seconds since 1970
  const char *dir;
} bank;

static uint64_t next(bank *b)
{
  uint64_t x = b->random += UINT64_C(0x9E3779B97F4A7C15); // splitmix64
  x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
  return x ^ (x >> 31);
}

static int below(bank *b, int n)
{
  return (int)(next(b) % (uint64_t)n);
}

// Small numbers are far more likely than large ones: below(below(n)).
static int skewed(bank *b, int n)
{
  return below(b, below(b, n) + 1);
}

static void stop(sqlite3 *db, const char *what)
{
  fprintf(stderr, "generate: %s: %s\n", what, db ? sqlite3_errmsg(db) : "failed");
  exit(1);
}

static sqlite3 *create(const bank *b, const char *name, const char *schema)
{
  char path[512];
  sqlite3 *db;
  snprintf(path, sizeof path, "%s/%s.db", b->dir, name);
  remove(path);
  if (sqlite3_open(path, &db) != SQLITE_OK ||
      sqlite3_exec(db, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL, NULL, NULL) != SQLITE_OK ||
      sqlite3_exec(db, schema, NULL, NULL, NULL) != SQLITE_OK ||
      sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK) {
    stop(db, path);
  }
  return db;
}

static void finish(sqlite3 *db)
{
  if (sqlite3_exec(db, "COMMIT; ANALYZE; PRAGMA journal_mode=WAL", NULL, NULL, NULL) != SQLITE_OK) {
    stop(db, "commit");
  }
  sqlite3_close(db);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
  sqlite3_stmt *statement;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
    stop(db, sql);
  }
  return statement;
}

static void add(sqlite3_stmt *statement)
{
  if (sqlite3_step(statement) != SQLITE_DONE) {
    stop(sqlite3_db_handle(statement), "insert");
  }
  sqlite3_reset(statement);
}

static void bind_text(sqlite3_stmt *s, int at, const char *text)
{
  sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
}

static void bind_cents(sqlite3_stmt *s, int at, int64_t cents)
{
  char text[32];
  const int64_t size = cents < 0 ? -cents : cents;
  snprintf(text, sizeof text, "%s%lld.%02lld", cents < 0 ? "-" : "", (long long)(size / 100), (long long)(size % 100));
  bind_text(s, at, text); // a DECIMAL column turns it into the nearest number
}

static void bind_day(sqlite3_stmt *s, int at, int64_t seconds)
{
  char text[16];
  struct tm day;
  const time_t t = (time_t)seconds;
  gmtime_r(&t, &day);
  strftime(text, sizeof text, "%Y-%m-%d", &day);
  bind_text(s, at, text);
}

static void bind_time(sqlite3_stmt *s, int at, int64_t seconds)
{
  char text[32];
  struct tm day;
  const time_t t = (time_t)seconds;
  gmtime_r(&t, &day);
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &day);
  bind_text(s, at, text);
}

static const char *const first_names[] = {"Anna",  "Zoë",   "Jürgen", "Siân",  "José",   "Ayşe", "Łukasz", "Mei",
                                          "Ngozi", "Björn", "Élodie", "Дарья", "Θάλεια", "明",   "Oisín",  "Márta"};
static const char *const last_names[] = {"O'Hara",   "Smith",       "Müller",         "D'Angelo", "Nguyễn", "Kowalski",
                                         "Žižek",    "van 't Hoff", "Ó Súilleabháin", "Sørensen", "García", "Иванова",
                                         "Παπαδάκη", "王",          "Okafor",         "Fehér"};
static const char *const income_bands[] = {"low", "middle", "high"};
static const char *const channels[] = {"email", "adviser",       "livechat", "virtualagent", "branch",
                                       "web",   "contactcentre", "mobile",   "sms"};
static const char *const txn_channels[] = {"app", "web", "branch", "call"};
static const char *const merchants[] = {"Grocer's", "Fuel & Go", "Bücherei", "Café Noir", "Rail",   "Cinema",
                                        "Pharmacy", "Hardware",  "Airline",  "Bakery",    "Garage", "Florist"};

static const struct {
  int id;
  const char *name;
  int parent;
} categories[] = {{1, "Financing", 0}, {2, "Guarantees", 1}, {3, "Credits", 1}, {4, "Leases", 1},
                  {5, "Deposits", 0},  {6, "Savings", 5},    {7, "Accounts", 0}};

static const struct {
  int id;
  const char *name;
  int category;
  const char *term;
  int fee_cents, rate_thousandths;
} products[] = {{1, "Bank guarantee", 2, "long", 5000, 1250}, {2, "Rent guarantee", 2, "short", 1900, 1900},
                {3, "Instant credit", 3, "short", 0, 8900},   {4, "Home credit", 3, "long", 12000, 3450},
                {5, "Car lease", 4, "short", 2500, 4900},     {6, "Equipment lease", 4, "long", 9900, 4100},
                {7, "Savings plan", 6, "long", 0, 2100},      {8, "Day savings", 6, "short", 0, 1100},
                {9, "Current account", 7, "long", 590, 0}};

enum { N_PRODUCTS = 9, DAY = 86400 };

static int household_of(int customer)
{
  return (customer + 2) / 3;
}

static const char product_schema[] =
  "CREATE TABLE region(region_id INTEGER PRIMARY KEY, name TEXT NOT NULL, unemployment DECIMAL(4,2));"
  "CREATE TABLE household(household_id INTEGER PRIMARY KEY, formed_on DATE NOT NULL);"
  "CREATE TABLE customer(customer_id INTEGER PRIMARY KEY, given_name TEXT NOT NULL, family_name TEXT NOT NULL, email "
  "TEXT, birth_date DATE, since DATE NOT NULL,"
  " region_id INTEGER NOT NULL REFERENCES region(region_id), household_id INTEGER NOT NULL REFERENCES "
  "household(household_id), income_band TEXT, marketing BOOLEAN NOT NULL);"
  "CREATE INDEX customer_household ON customer(household_id);"
  "CREATE TABLE category(category_id INTEGER PRIMARY KEY, name TEXT NOT NULL, parent_id INTEGER REFERENCES "
  "category(category_id));"
  "CREATE TABLE product(product_id INTEGER PRIMARY KEY, name TEXT NOT NULL, category_id INTEGER NOT NULL REFERENCES "
  "category(category_id), term TEXT NOT NULL,"
  " annual_fee DECIMAL(8,2) NOT NULL, rate DECIMAL(6,3) NOT NULL);"
  "CREATE TABLE holding(holding_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES "
  "customer(customer_id), product_id INTEGER NOT NULL REFERENCES product(product_id),"
  " opened_on DATE NOT NULL, closed_on DATE, balance DECIMAL(14,2) NOT NULL);"
  "CREATE INDEX holding_customer ON holding(customer_id); CREATE INDEX holding_product ON holding(product_id);"
  "CREATE TABLE employer(employer_id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
  "CREATE TABLE employment(customer_id INTEGER PRIMARY KEY REFERENCES customer(customer_id), employer_id INTEGER NOT "
  "NULL REFERENCES employer(employer_id));"
  "CREATE INDEX employment_employer ON employment(employer_id);"
  "CREATE TABLE co_borrower(holding_id INTEGER NOT NULL REFERENCES holding(holding_id), customer_id INTEGER NOT NULL "
  "REFERENCES customer(customer_id), PRIMARY KEY(holding_id, customer_id));"
  "CREATE INDEX co_borrower_customer ON co_borrower(customer_id);";

static void add_catalogue(sqlite3 *db)
{
  sqlite3_stmt *s = prepare(db, "INSERT INTO region VALUES(?,?,?)");
  static const char *const regions[] = {"North", "Südland", "Île-de-l'Est", "West", "Côte d'Or"};
  for (int i = 0; i < 5; ++i) {
    sqlite3_bind_int(s, 1, i + 1);
    bind_text(s, 2, regions[i]);
    i == 3 ? sqlite3_bind_null(s, 3) : bind_cents(s, 3, 250 + 170 * i);
    add(s);
  }
  sqlite3_finalize(s);
  s = prepare(db, "INSERT INTO category VALUES(?,?,?)");
  for (int i = 0; i < 7; ++i) {
    sqlite3_bind_int(s, 1, categories[i].id);
    bind_text(s, 2, categories[i].name);
    categories[i].parent ? sqlite3_bind_int(s, 3, categories[i].parent) : sqlite3_bind_null(s, 3);
    add(s);
  }
  sqlite3_finalize(s);
  s = prepare(db, "INSERT INTO product VALUES(?,?,?,?,?,?)");
  for (int i = 0; i < N_PRODUCTS; ++i) {
    char rate[16];
    snprintf(rate, sizeof rate, "%d.%03d", products[i].rate_thousandths / 1000, products[i].rate_thousandths % 1000);
    sqlite3_bind_int(s, 1, products[i].id);
    bind_text(s, 2, products[i].name);
    sqlite3_bind_int(s, 3, products[i].category);
    bind_text(s, 4, products[i].term);
    bind_cents(s, 5, products[i].fee_cents);
    bind_text(s, 6, rate);
    add(s);
  }
  sqlite3_finalize(s);
}

static void add_households(bank *b, sqlite3 *db)
{
  sqlite3_stmt *const s = prepare(db, "INSERT INTO household VALUES(?,?)");
  for (int i = 1; i <= household_of(b->n_customers); ++i) {
    sqlite3_bind_int(s, 1, i);
    bind_day(s, 2, b->until - (int64_t)(200 + below(b, 7000)) * DAY);
    add(s);
  }
  sqlite3_finalize(s);
}

static void add_customers(bank *b, sqlite3 *db)
{
  sqlite3_stmt *const s = prepare(db, "INSERT INTO customer VALUES(?,?,?,?,?,?,?,?,?,?)");
  for (int i = 1; i <= b->n_customers; ++i) {
    sqlite3_bind_int(s, 1, i);
    bind_text(s, 2, first_names[below(b, 16)]);
    bind_text(s, 3, last_names[below(b, 16)]);
    char email[64];
    snprintf(email, sizeof email, "c%d@mail.example", i);
    below(b, 8) ? bind_text(s, 4, email) : sqlite3_bind_null(s, 4);
    below(b, 20) ? bind_day(s, 5, b->until - (int64_t)(6700 + below(b, 22000)) * DAY) : sqlite3_bind_null(s, 5);
    bind_day(s, 6, b->until - (int64_t)(30 + skewed(b, 9000)) * DAY);
    sqlite3_bind_int(s, 7, 1 + skewed(b, 5));
    sqlite3_bind_int(s, 8, household_of(i));
    below(b, 25) ? bind_text(s, 9, income_bands[below(b, 3)]) : sqlite3_bind_null(s, 9);
    sqlite3_bind_int(s, 10, below(b, 5) != 0);
    add(s);
  }
  sqlite3_finalize(s);
}

static void add_holdings(bank *b, sqlite3 *db)
{
  sqlite3_stmt *const s = prepare(db, "INSERT INTO holding VALUES(?,?,?,?,?,?)");
  int id = 0;
  for (int i = 1; i <= b->n_customers; ++i) {
    const int n = 1 + skewed(b, 4);
    for (int k = 0; k < n; ++k) {
      const int64_t opened = b->until - (int64_t)(10 + below(b, 3000)) * DAY;
      sqlite3_bind_int(s, 1, ++id);
      sqlite3_bind_int(s, 2, i);
      sqlite3_bind_int(s, 3, k == 0 ? 9 : 1 + below(b, 8));
      bind_day(s, 4, opened);
      below(b, 6) ? sqlite3_bind_null(s, 5) : bind_day(s, 5, opened + (int64_t)below(b, 10) * DAY);
      bind_cents(s, 6, (int64_t)skewed(b, 2000000) - 20000);
      add(s);
    }
  }
  sqlite3_finalize(s);
}

static int employers_of(const bank *b)
{
  return 1 + b->n_customers / 12;
}

// Some of the credits have a second borrower.
static void add_co_borrowers(bank *b, sqlite3 *db)
{
  sqlite3_stmt *const credits = prepare(db, "SELECT holding_id, customer_id FROM holding WHERE product_id IN (3, 4)");
  sqlite3_stmt *const s = prepare(db, "INSERT INTO co_borrower VALUES(?,?)");
  while (sqlite3_step(credits) == SQLITE_ROW) {
    const int other = 1 + below(b, b->n_customers);
    if (below(b, 3) == 0 && other != sqlite3_column_int(credits, 1)) {
      sqlite3_bind_int(s, 1, sqlite3_column_int(credits, 0));
      sqlite3_bind_int(s, 2, other);
      add(s);
    }
  }
  sqlite3_finalize(credits);
  sqlite3_finalize(s);
}

// Who works where, and who borrows with whom: drawn aside, so that the other tables stay as they are.
static void add_ties(const bank *of, sqlite3 *db)
{
  bank aside = *of, *const b = &aside;
  b->random ^= UINT64_C(0x5DEECE66D);
  sqlite3_stmt *s = prepare(db, "INSERT INTO employer VALUES(?,?)");
  for (int i = 1; i <= employers_of(b); ++i) {
    char name[64];
    snprintf(name, sizeof name, "%s & %s", last_names[below(b, 16)], last_names[below(b, 16)]);
    sqlite3_bind_int(s, 1, i);
    bind_text(s, 2, name);
    add(s);
  }
  sqlite3_finalize(s);
  s = prepare(db, "INSERT INTO employment VALUES(?,?)");
  for (int i = 1; i <= b->n_customers; ++i) {
    if (below(b, 4)) {
      sqlite3_bind_int(s, 1, i);
      sqlite3_bind_int(s, 2, 1 + skewed(b, employers_of(b)));
      add(s);
    }
  }
  sqlite3_finalize(s);
  add_co_borrowers(b, db);
}

static void make_products(bank *b)
{
  sqlite3 *const db = create(b, "product", product_schema);
  add_catalogue(db);
  add_households(b, db);
  add_customers(b, db);
  add_holdings(b, db);
  add_ties(b, db);
  finish(db);
}

static void make_bureau(bank *b)
{
  sqlite3 *const db =
    create(b, "bureau",
           "CREATE TABLE report(report_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, pulled_on DATE NOT NULL, "
           "score INTEGER, utilisation DECIMAL(5,2),"
           " delinquencies INTEGER NOT NULL, inquiries6m INTEGER NOT NULL, UNIQUE(customer_id, pulled_on));");
  sqlite3_stmt *const s = prepare(db, "INSERT INTO report VALUES(?,?,?,?,?,?,?)");
  int id = 0;
  for (int i = 1; i <= b->n_customers; ++i) {
    int score = 480 + below(b, 370);
    if (below(b, 30) == 0) {
      continue; // the bureau does not know everybody
    }
    for (int k = 0; k < 1 + below(b, 4); ++k) {
      sqlite3_bind_int(s, 1, ++id);
      sqlite3_bind_int(s, 2, i);
      bind_day(s, 3, b->until - (int64_t)(5 + 95 * k + below(b, 80)) * DAY);
      below(b, 40) ? sqlite3_bind_int(s, 4, score) : sqlite3_bind_null(s, 4);
      bind_cents(s, 5, below(b, 10000));
      sqlite3_bind_int(s, 6, skewed(b, 4));
      sqlite3_bind_int(s, 7, skewed(b, 6));
      add(s);
      score += below(b, 41) - 20;
    }
  }
  sqlite3_finalize(s);
  finish(db);
}

// Evenings and December are busy, nights are not.
static int64_t some_time(bank *b, int days)
{
  for (;;) {
    const int64_t at = b->until - (int64_t)skewed(b, days) * DAY - below(b, DAY);
    struct tm day;
    const time_t t = (time_t)at;
    gmtime_r(&t, &day);
    const int weight = (day.tm_hour < 6 ? 1 : day.tm_hour > 16 ? 8 : 5) + (day.tm_mon == 11 ? 3 : 0);
    if (below(b, 12) < weight) {
      return at;
    }
  }
}

static void make_transactions(bank *b)
{
  sqlite3 *const db =
    create(b, "transaction",
           "CREATE TABLE account(account_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, kind TEXT NOT NULL);"
           "CREATE INDEX account_customer ON account(customer_id);"
           "CREATE TABLE card_txn(txn_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES "
           "account(account_id), booked_at TIMESTAMP NOT NULL,"
           " amount DECIMAL(12,2) NOT NULL, channel TEXT, merchant TEXT);"
           "CREATE INDEX card_txn_account ON card_txn(account_id, booked_at);"
           "CREATE TABLE transfer(transfer_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES "
           "account(account_id), booked_at TIMESTAMP NOT NULL,"
           " amount DECIMAL(12,2) NOT NULL, direction TEXT NOT NULL);"
           "CREATE INDEX transfer_account ON transfer(account_id, booked_at);");
  sqlite3_stmt *const a = prepare(db, "INSERT INTO account VALUES(?,?,?)");
  sqlite3_stmt *const c = prepare(db, "INSERT INTO card_txn VALUES(?,?,?,?,?,?)");
  sqlite3_stmt *const t = prepare(db, "INSERT INTO transfer VALUES(?,?,?,?,?)");
  int txn = 0, transfer = 0;
  for (int i = 1; i <= b->n_customers; ++i) {
    const int accounts = 1 + (below(b, 5) == 0);
    for (int k = 0; k < accounts; ++k) {
      const int account = 100000 + i * 2 + k;
      sqlite3_bind_int(a, 1, account);
      sqlite3_bind_int(a, 2, i);
      bind_text(a, 3, k ? "savings" : "current");
      add(a);
      for (int n = 2 + skewed(b, 60); n > 0; --n) {
        sqlite3_bind_int(c, 1, ++txn);
        sqlite3_bind_int(c, 2, account);
        bind_time(c, 3, some_time(b, 120));
        bind_cents(c, 4, 50 + skewed(b, 30000));
        below(b, 30) ? bind_text(c, 5, txn_channels[skewed(b, 4)]) : bind_text(c, 5, "kiosk");
        below(b, 10) ? bind_text(c, 6, merchants[skewed(b, 12)]) : sqlite3_bind_null(c, 6);
        add(c);
      }
      for (int n = 1 + below(b, 4); n > 0; --n) {
        sqlite3_bind_int(t, 1, ++transfer);
        sqlite3_bind_int(t, 2, account);
        bind_time(t, 3, some_time(b, 120));
        bind_cents(t, 4, 100 + below(b, 400000));
        bind_text(t, 5, below(b, 3) ? "in" : "out");
        add(t);
      }
    }
  }
  sqlite3_finalize(a);
  sqlite3_finalize(c);
  sqlite3_finalize(t);
  finish(db);
}

static void make_engagement(bank *b)
{
  static const char *const kinds[] = {"viewed", "clicked", "called", "visited", "complained"};
  sqlite3 *const db = create(b, "engagement",
                             "CREATE TABLE event(event_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, "
                             "occurred_at TIMESTAMP NOT NULL, channel TEXT NOT NULL, kind TEXT NOT NULL,"
                             " product_id INTEGER, duration_s INTEGER);"
                             "CREATE INDEX event_customer ON event(customer_id, occurred_at);"
                             "CREATE TABLE offer(offer_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, "
                             "product_id INTEGER NOT NULL, presented_at TIMESTAMP NOT NULL, channel TEXT NOT NULL,"
                             " response TEXT);"
                             "CREATE INDEX offer_customer ON offer(customer_id, presented_at);");
  sqlite3_stmt *const e = prepare(db, "INSERT INTO event VALUES(?,?,?,?,?,?,?)");
  sqlite3_stmt *const o = prepare(db, "INSERT INTO offer VALUES(?,?,?,?,?,?)");
  int event = 0, offer = 0;
  for (int i = 1; i <= b->n_customers; ++i) {
    for (int n = 1 + skewed(b, 30); n > 0; --n) {
      sqlite3_bind_int(e, 1, ++event);
      sqlite3_bind_int(e, 2, i);
      bind_time(e, 3, some_time(b, 90));
      bind_text(e, 4, channels[below(b, 9)]);
      bind_text(e, 5, kinds[skewed(b, 5)]);
      below(b, 3) ? sqlite3_bind_int(e, 6, 1 + below(b, N_PRODUCTS)) : sqlite3_bind_null(e, 6);
      below(b, 4) ? sqlite3_bind_int(e, 7, skewed(b, 900)) : sqlite3_bind_null(e, 7);
      add(e);
    }
    for (int n = skewed(b, 5); n > 0; --n) {
      sqlite3_bind_int(o, 1, ++offer);
      sqlite3_bind_int(o, 2, i);
      sqlite3_bind_int(o, 3, 1 + below(b, 6));
      bind_time(o, 4, some_time(b, 90));
      bind_text(o, 5, channels[below(b, 9)]);
      below(b, 3) ? bind_text(o, 6, below(b, 6) ? "ignored" : "accepted") : sqlite3_bind_null(o, 6);
      add(o);
    }
  }
  sqlite3_finalize(e);
  sqlite3_finalize(o);
  finish(db);
}

int main(int argc, char **argv)
{
  if (argc < 2) {
    fputs("usage: generate DIR [CUSTOMERS [SEED [UNTIL]]]   (UNTIL: last day as YYYY-MM-DD, default today)\n", stderr);
    return 2;
  }
  bank b = {.dir = argv[1],
            .n_customers = argc > 2 ? atoi(argv[2]) : 1000,
            .random = argc > 3 ? strtoull(argv[3], NULL, 10) : 1};
  b.until = (int64_t)(time(NULL) / DAY) * DAY + DAY / 2;
  struct tm day = {0};
  if (argc > 4 && strptime(argv[4], "%Y-%m-%d", &day)) {
    b.until = (int64_t)timegm(&day) + DAY / 2;
  }
  if (b.n_customers < 1 || b.n_customers > 10000000) {
    fputs("generate: the number of customers is 1 to 10000000\n", stderr);
    return 2;
  }
  mkdir(b.dir, 0755);
  make_products(&b);
  make_bureau(&b);
  make_transactions(&b);
  make_engagement(&b);
  printf("%d customers in %s/{product,bureau,transaction,engagement}.db\n", b.n_customers, b.dir);
  return 0;
}
