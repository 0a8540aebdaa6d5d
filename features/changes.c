// What a change does to rows that are kept: of one key, or of all.
#include "features/hot.h"

void stoa_kept_change_all(stoa_kept *k)
{
  k->generation++;
  k->changed = true;
  for (uint32_t i = 0; i < k->served.n; ++i) {
    stoa_served_change_all(k->served.items[i]);
  }
  if (k->hook.changed) {
    k->hook.changed(NULL, k->hook.data);
  }
}

void stoa_kept_change_one(stoa_kept *k, const stoa_slice *key, const stoa_event_reach *reach, const stoa_record *record,
                          stoa_arena *arena)
{
  const stoa_slice text = stoa_kept_key(k->view->entity, key, arena);
  const uint64_t hash = stoa_kept_hash(text);
  stoa_kept_entry *const e = *stoa_kept_place(k, text, hash);
  if (k->hook.changed) {
    k->hook.changed(&text, k->hook.data);
  }
  for (uint32_t i = 0; i < k->served.n; ++i) {
    stoa_served_change(k->served.items[i], text, hash);
  }
  if (e) {
    k->changed = true;
    e->changes++;
    stoa_kept_drop_row(k, e);
    if (reach && !k->erases) {
      stoa_hot_note(k, e, reach, record, arena);
    } else {
      stoa_kept_drop_hot(k, e);
    }
  }
}
