#ifndef STOA_FEATURES_KEPT_H
#define STOA_FEATURES_KEPT_H

#include "features/keep.h"
#include "features/packed.h"
#include "features/pending.h"
#include "features/reads.h"
#include "features/served_table.h"
#include <pthread.h>

/// For the files that keep rows: kept.c has the table of a view's rows, keep.c decides what of it is the answer, ahead.c
/// makes rows before they are asked for.

typedef struct stoa_kept_entry {
  struct stoa_kept_entry *next; ///< in its bucket
  uint64_t hash;
  uint64_t generation; ///< of the view, when the row was made
  uint32_t changes;    ///< how often records have changed it
  uint32_t makers;     ///< requests that make its row now
  bool used;           ///< since the hand has passed
  bool asked;          ///< since its row was made
  bool too_large;      ///< its events take too much room to be held
  bool erased;         ///< it goes once nobody makes its row
  stoa_packed *row;    ///< NULL: there is none, or it has changed
  uint64_t n_events;   ///< of window views: that its last row was made of
  stoa_hot *hot;       ///< its events, where they are held (hot.h); NULL: they are not
  int64_t made_us, until_us;
  uint32_t key_length;
  char key[];
} stoa_kept_entry;

enum { STOA_KEPT_FIRST_BUCKETS = 64 };

/// Who hears that a row may have changed: that of a key, in one text, or of everybody (NULL).  Called under the lock.
typedef struct {
  void (*changed)(const stoa_slice *key, void *data);
  void (*erased)(const stoa_slice *key, void *data); ///< nothing of it is to be remembered
  void *data;
} stoa_kept_hook;

struct stoa_kept {
  stoa_keep *keep;
  const stoa_view *view;
  stoa_reads reads;
  const struct stoa_hot_plans *plans; ///< NULL: no events are held (hot.h)
  STOA_LIST(struct stoa_served *) served; ///< rows of services that have a row of this view in them
  pthread_mutex_t lock; ///< of what follows
  stoa_kept_hook hook;
  stoa_kept_entry **buckets;
  uint32_t n_buckets, n, hand;
  uint64_t generation, bytes, found, made, folded;
  bool changed;      ///< of an erasure: some row may be another one
  bool erases;       ///< what is seen now is gone, not new
  bool untold;       ///< a source that tells nothing: rows live as long as the view's freshness
  bool was_checked;
  int64_t checked_us; ///< when the sources were asked
  char *version;      ///< what they said then
  struct stoa_watermark *watermark; ///< whose rows new ones reach can be asked (watermark.h); NULL: it cannot
  uint64_t looked_generation; ///< of the thread that makes rows ahead: when it last looked for those that are due
  int64_t looked_us;
};

struct stoa_keep {
  uint64_t serial; ///< 1, 2, ... in the process
  stoa_registry *registry;
  stoa_arena arena;
  uint64_t most_bytes; ///< of one view
  uint64_t least_events; ///< of an entity whose events are held
  STOA_LIST(stoa_kept *) views;
  stoa_served_room served;
  stoa_keep_clock clock;
  pthread_t refresher;
  bool refreshes; ///< there is a thread to be joined
  stoa_context context; ///< of what it does
};

/// One key whose row has to be made.
typedef struct {
  uint32_t at; ///< place among the keys
  stoa_slice text;
  uint64_t hash, generation;
  uint32_t changes;
  bool noted; ///< there is an entry for it
} stoa_kept_missing;

typedef STOA_LIST(stoa_kept_missing) stoa_kept_missings;

/// Under the lock: the place of a key's entry, NULL there when there is none; the entry, which is made if it is not there
/// (NULL without memory); what is done when rows go.
stoa_kept_entry **stoa_kept_place(const stoa_kept *kept, stoa_slice key, uint64_t hash);
stoa_kept_entry *stoa_kept_entry_of(stoa_kept *kept, stoa_slice key, uint64_t hash);
void stoa_kept_drop_row(stoa_kept *kept, stoa_kept_entry *entry);
void stoa_kept_drop(stoa_kept *kept, stoa_kept_entry **at);
void stoa_kept_drop_hot(stoa_kept *kept, stoa_kept_entry *entry);
void stoa_kept_make_room(stoa_kept *kept);
/// A row of an entry whose bytes are counted.
void stoa_kept_set_row(stoa_kept *kept, stoa_kept_entry *entry, stoa_packed *row);

/// All parts of a key in one text, its hash, and the parts of it again.
stoa_slice stoa_kept_key(const stoa_entity *entity, const stoa_slice *key, stoa_arena *arena);
uint64_t stoa_kept_hash(stoa_slice key);
void stoa_kept_parts(const stoa_entity *entity, stoa_slice text, stoa_slice *out);

/// Under the lock: every row may be another one; or that of a key.  `reach`: of the event that came; NULL for other
/// records and rows.
void stoa_kept_change_all(stoa_kept *kept);
void stoa_kept_change_one(stoa_kept *kept, const stoa_slice *key, const stoa_event_reach *reach, const stoa_record *record,
                          stoa_arena *arena);
/// Make rows that are missing, and keep them: out and rows are those of `keys`.
stoa_status stoa_kept_make(stoa_kept *kept, const stoa_kept_missings *list, const stoa_slice *keys, stoa_context *context,
                           stoa_arena *arena, stoa_term *out, stoa_view_row *rows, stoa_error *err);

#endif
