// The instants of the log are held sparsely: one for each block of records, the latest up to its end.  Within a block
// the table is asked.
#include "features/state/arrivals.h"
#include "graph/base/assert.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>

enum { MOST_BLOCKS = 1 << 20 };

typedef struct {
  int64_t last_us; ///< the latest instant up to the block's end
  int64_t end;     ///< its last offset
} block;

struct stoa_arrivals {
  sqlite3 *db;
  sqlite3_stmt *within; ///< the first offset of a block that is later than an instant
  pthread_mutex_t lock; ///< of the statement
  block *blocks;
  uint32_t n_blocks, n_records; ///< records: so many make a block
  int64_t first_us;
};

static stoa_status failed(const stoa_arrivals *a, const char *file, stoa_error *err)
{
  return stoa_error_set(err, STOA_IO, "cannot read the log of the state %s: %s", file,
                        a->db ? sqlite3_errmsg(a->db) : "no memory");
}

// All blocks, in one pass.
static bool read_blocks(stoa_arrivals *a, sqlite3_stmt *all, int64_t n_all)
{
  uint32_t n = 0, capacity;
  int64_t last_us = INT64_MIN;
  int code;
  a->n_records = (uint32_t)(n_all / MOST_BLOCKS + 1);
  capacity = (uint32_t)(n_all / a->n_records + 2);
  a->blocks = malloc(capacity * sizeof *a->blocks);
  while (a->blocks && (code = sqlite3_step(all)) == SQLITE_ROW) {
    const int64_t at_us = sqlite3_column_int64(all, 1);
    last_us = at_us > last_us ? at_us : last_us;
    a->first_us = a->n_blocks == 0 ? at_us : a->first_us;
    a->n_blocks += n == 0;
    STOA_ASSERT(a->n_blocks <= capacity); // offsets are counted from 1
    a->blocks[a->n_blocks - 1] = (block){last_us, sqlite3_column_int64(all, 0)};
    n = n + 1 == a->n_records ? 0 : n + 1;
  }
  return a->blocks && code == SQLITE_DONE;
}

static bool count_records(sqlite3 *db, int64_t *out)
{
  sqlite3_stmt *st = NULL;
  const bool good = sqlite3_prepare_v2(db, "SELECT max(\"offset\") FROM log", -1, &st, NULL) == SQLITE_OK &&
                    sqlite3_step(st) == SQLITE_ROW;
  *out = good ? sqlite3_column_int64(st, 0) : 0;
  sqlite3_finalize(st);
  return good;
}

static bool read_log(stoa_arrivals *a, const char *file)
{
  sqlite3_stmt *all = NULL;
  int64_t n;
  const bool opened =
    sqlite3_open_v2(file, &a->db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
    sqlite3_busy_timeout(a->db, 10000) == SQLITE_OK && count_records(a->db, &n) &&
    sqlite3_prepare_v2(a->db, "SELECT \"offset\", at FROM log WHERE \"offset\" <= ? ORDER BY \"offset\"", -1, &all,
                       NULL) == SQLITE_OK &&
    sqlite3_prepare_v2(a->db, "SELECT min(\"offset\") FROM log WHERE \"offset\" > ? AND \"offset\" <= ? AND at > ?", -1,
                       &a->within, NULL) == SQLITE_OK &&
    sqlite3_bind_int64(all, 1, n) == SQLITE_OK;
  const bool good = opened && read_blocks(a, all, n);
  sqlite3_finalize(all);
  return good;
}

stoa_status stoa_arrivals_open(const char *file, stoa_arrivals **out, stoa_error *err)
{
  stoa_arrivals *const a = calloc(1, sizeof *a);
  if (!a) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the instants of the log");
  }
  a->first_us = INT64_MAX;
  pthread_mutex_init(&a->lock, NULL);
  if (!read_log(a, file)) {
    const stoa_status status = failed(a, file, err);
    stoa_arrivals_close(a);
    return status;
  }
  *out = a;
  return STOA_OK;
}

void stoa_arrivals_close(stoa_arrivals *a)
{
  if (a) {
    sqlite3_finalize(a->within);
    sqlite3_close(a->db);
    pthread_mutex_destroy(&a->lock);
    free(a->blocks);
    free(a);
  }
}

int64_t stoa_arrivals_first(const stoa_arrivals *a)
{
  return a->first_us;
}

// The first record of a block that came later than an instant: there is one.
static stoa_status look_within(stoa_arrivals *a, int64_t begin, int64_t end, int64_t at_us, int64_t *out,
                               stoa_error *err)
{
  pthread_mutex_lock(&a->lock);
  sqlite3_bind_int64(a->within, 1, begin);
  sqlite3_bind_int64(a->within, 2, end);
  sqlite3_bind_int64(a->within, 3, at_us);
  const bool good = sqlite3_step(a->within) == SQLITE_ROW;
  *out = good ? sqlite3_column_int64(a->within, 0) - 1 : 0;
  const stoa_status status = good ? STOA_OK : failed(a, "database", err);
  sqlite3_reset(a->within);
  pthread_mutex_unlock(&a->lock);
  return status;
}

stoa_status stoa_arrivals_offset(stoa_arrivals *a, int64_t at_us, int64_t *out, stoa_error *err)
{
  uint32_t low = 0, high = a->n_blocks; // the first block that ends later than the instant
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (a->blocks[middle].last_us > at_us) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  const int64_t before = low ? a->blocks[low - 1].end : 0;
  *out = before;
  return low == a->n_blocks || a->n_records == 1 ? STOA_OK
                                                 : look_within(a, before, a->blocks[low].end, at_us, out, err);
}
