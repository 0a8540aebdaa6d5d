#ifndef STOA_FEATURES_SERVED_TABLE_H
#define STOA_FEATURES_SERVED_TABLE_H

#include "features/served_row.h"
#include <pthread.h>
#include <stdatomic.h>

/// The rows of services by the texts of their keys (stoa_kept_key), for the files that keep rows.  A row goes as soon as
/// that of one of its views changes or is made anew; keep.c tells of both.  Locks here are taken after those of views.

enum { STOA_SERVED_PARTS = 32 };

typedef struct stoa_served_entry stoa_served_entry;

/// A part of a table, by the lowest bits of the hash.
typedef struct {
  _Alignas(64) pthread_mutex_t lock; ///< of what follows
  uint64_t changes;                  ///< of rows in this part
  stoa_served_entry **buckets;
  uint32_t n_buckets, n, hand;
  uint64_t found, made;
} stoa_served_part;

/// What the tables of all services share.
typedef struct {
  const stoa_value_forms *forms; ///< NULL: nobody writes rows, and none are kept
  uint64_t most_bytes;
  atomic_ullong bytes, n_buckets;
  atomic_uint hand;
  struct stoa_served **tables;
  uint32_t n_tables;
} stoa_served_room;

struct stoa_served {
  const stoa_service *service;
  stoa_served_room *room;
  atomic_bool is_used;     ///< a row was, or is being made
  atomic_ullong epoch;     ///< how often something has changed all rows
  atomic_uint forms;       ///< bits: in which rows are made
  atomic_ullong bytes;
  pthread_mutex_t ask_lock;
  atomic_llong asked_us, ask_us; ///< between these instants no source has to be asked whether it has changed
  stoa_served_part parts[STOA_SERVED_PARTS];
};

/// A table without rows; NULL without memory.
struct stoa_served *stoa_served_new(const stoa_service *service, stoa_served_room *room);
void stoa_served_free(struct stoa_served *served);

/// What is known before the row of a key is made; a row of which any of it has changed when it is there is not kept.
typedef struct {
  uint64_t epoch, changes;
} stoa_served_mark;
stoa_served_mark stoa_served_note(struct stoa_served *served, uint64_t hash);
/// Keep a row, which it takes.  False: something has changed meanwhile, or there is no room.
bool stoa_served_put(struct stoa_served *served, stoa_slice key, uint64_t hash, stoa_served_mark mark, stoa_served_row *row);

/// The row of a key, which the caller leaves; NULL: there is none that is the answer at this instant, in this form
/// (STOA_MOST_FORMS: in any).
stoa_served_row *stoa_served_look(struct stoa_served *served, stoa_slice key, uint64_t hash, int64_t now_us, uint32_t form);

/// The row of a key, or of all, is another one; one is forgotten with its key.
void stoa_served_change(struct stoa_served *served, stoa_slice key, uint64_t hash);
void stoa_served_change_all(struct stoa_served *served);
void stoa_served_forget(struct stoa_served *served, stoa_slice key, uint64_t hash);
/// A row of a view was made anew though nothing is known to have changed.  Rows that have the one before stand as long as
/// that would have; one that nobody asks for goes, the others are made anew too (ahead.c).
void stoa_served_renew(struct stoa_served *served, stoa_slice key, uint64_t hash);
/// Is there a row, whether or not it is the answer?
bool stoa_served_is_there(struct stoa_served *served, stoa_slice key, uint64_t hash);
/// Was the row of a key asked for since it was made, and is it still there, or gone since?
bool stoa_served_is_asked(struct stoa_served *served, stoa_slice key, uint64_t hash);

#endif
