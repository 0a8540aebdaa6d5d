#include "graph/source/answered.h"

enum { MOST_QUESTIONS = 256 };

void stoa_answered_done(stoa_answered *answered)
{
  if (answered->version[0]) {
    stoa_arena_done(&answered->arena);
  }
  *answered = (stoa_answered){0};
}

static bool is_of(const stoa_answered *answered, stoa_slice version)
{
  return answered->version[0] && stoa_slice_is(version, answered->version);
}

bool stoa_answered_none(const stoa_answered *answered, stoa_slice version, stoa_slice question)
{
  return is_of(answered, version) && stoa_map_find(&answered->none, question) != NULL;
}

void stoa_answered_note(stoa_answered *answered, stoa_slice version, stoa_slice question)
{
  if (version.length == 0 || version.length >= sizeof answered->version) {
    return; // a text that long (many transactions at once) is not kept
  }
  if (!is_of(answered, version) || answered->none.n >= MOST_QUESTIONS) {
    stoa_answered_done(answered);
    stoa_arena_init(&answered->arena, 0);
    memcpy(answered->version, version.data, version.length);
  }
  stoa_map_add(&answered->none, &answered->arena, question, answered);
}
