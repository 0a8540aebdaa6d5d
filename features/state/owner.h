#ifndef STOA_FEATURES_STATE_OWNER_H
#define STOA_FEATURES_STATE_OWNER_H

#include "graph/base/error.h"

/// Who owns a file: one at a time, by whatever names it is reached.  The lock is on the file itself (its inode), so
/// that links and mounts make no second owner.
typedef struct stoa_owner stoa_owner;

/// Own `file`, which is made when it is not there.  STOA_CONFLICT: another one owns it, in this process or another.
stoa_status stoa_owner_take(const char *file, stoa_owner **out, stoa_error *err);
/// Watch the file's write-ahead log too, as it is now, if it is there; no other thread may look yet.
void stoa_owner_watch_log(stoa_owner *owner);
/// STOA_IO when the file that is owned, or its log, is no longer the one of its name: removed, or another in its place.
/// What is written to it then has no name and is lost, and so it stays an error, whatever comes by that name later.
/// NULL owner: STOA_OK.  Any thread.
stoa_status stoa_owner_check(stoa_owner *owner, stoa_error *err);
/// Give it up, after all else that this process has open of the file is closed: POSIX locks, which SQLite takes, end
/// when any descriptor of their file is closed.
void stoa_owner_drop(stoa_owner *owner);

#endif
