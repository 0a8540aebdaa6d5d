// Read beside the owner, who may be this process or another.
#include "features/state/state.h"
#include <sqlite3.h>
#include <unistd.h>

typedef struct {
  sqlite3 *db;
  sqlite3_stmt *next; ///< the record at an offset or behind it
} log_file;

static bool record_from(const log_file *l, int64_t offset, int64_t *found, int64_t *at_us)
{
  sqlite3_reset(l->next);
  sqlite3_bind_int64(l->next, 1, offset);
  if (sqlite3_step(l->next) != SQLITE_ROW) {
    return false;
  }
  *found = sqlite3_column_int64(l->next, 0);
  *at_us = sqlite3_column_int64(l->next, 1);
  return true;
}

static int64_t last_offset(sqlite3 *db)
{
  sqlite3_stmt *st = NULL;
  int64_t last = 0;
  if (sqlite3_prepare_v2(db, "SELECT max(\"offset\") FROM log", -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
    last = sqlite3_column_int64(st, 0);
  }
  sqlite3_finalize(st);
  return last;
}

// Offsets rise with the time at which records came.
static int64_t search(const log_file *l, int64_t at_us)
{
  int64_t known = 0, high = last_offset(l->db) + 1;
  while (high - known > 1) {
    const int64_t middle = known + (high - known) / 2;
    int64_t found, came_us;
    if (record_from(l, middle, &found, &came_us) && came_us <= at_us) {
      known = found;
    } else {
      high = middle;
    }
  }
  return known;
}

stoa_status stoa_state_offset_at(const char *file, int64_t at_us, int64_t *out, stoa_error *err)
{
  log_file l = {0};
  *out = 0;
  if (!file || access(file, F_OK) != 0) {
    return STOA_OK;
  }
  const bool is_open = sqlite3_open_v2(file, &l.db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
                       sqlite3_busy_timeout(l.db, 10000) == SQLITE_OK &&
                       sqlite3_prepare_v2(l.db, "SELECT \"offset\", at FROM log WHERE \"offset\" >= ? ORDER BY \"offset\" LIMIT 1",
                                          -1, &l.next, NULL) == SQLITE_OK;
  if (is_open) {
    *out = search(&l, at_us);
  }
  const stoa_status status =
    is_open ? STOA_OK : stoa_error_set(err, STOA_IO, "cannot read the state %s: %s", file, sqlite3_errmsg(l.db));
  sqlite3_finalize(l.next);
  sqlite3_close(l.db);
  return status;
}
