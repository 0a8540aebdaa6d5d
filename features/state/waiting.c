// Read beside the owner, who may be this process or another.
#include "features/state/state.h"
#include <sqlite3.h>
#include <unistd.h>

stoa_status stoa_state_waiting(const char *file, stoa_arena *arena, stoa_waiting_list *out, stoa_error *err)
{
  sqlite3 *db = NULL;
  sqlite3_stmt *st = NULL;
  int code = SQLITE_DONE;
  if (access(file, F_OK) != 0) {
    return STOA_OK; // nothing was decided yet
  }
  if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
      sqlite3_busy_timeout(db, 10000) == SQLITE_OK &&
      sqlite3_prepare_v2(db, "SELECT policy, count(*) FROM waiting GROUP BY policy ORDER BY policy", -1, &st, NULL) ==
        SQLITE_OK) { // an older state has no such table
    while ((code = sqlite3_step(st)) == SQLITE_ROW) {
      const stoa_waiting one = {stoa_arena_copy(arena, stoa_slice_of((const char *)sqlite3_column_text(st, 0))),
                                sqlite3_column_int64(st, 1)};
      STOA_PUSH(arena, out, one);
    }
  }
  const stoa_status status = code == SQLITE_DONE
                               ? STOA_OK
                               : stoa_error_set(err, STOA_IO, "cannot read the state %s: %s", file, sqlite3_errmsg(db));
  sqlite3_finalize(st);
  sqlite3_close(db);
  return status;
}
