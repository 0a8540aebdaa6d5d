#ifndef STOA_GRAPH_BASE_JSON_PLAIN_H
#define STOA_GRAPH_BASE_JSON_PLAIN_H

#include "graph/base/json.h"

/// For json.c: parse a text that is plain, as most are: strings of ASCII without escapes, integers of up to 18 digits, no
/// fractions, objects of few members.  False for any other text, legal or not: then nothing is said of it.
bool stoa_json_read_plain(stoa_slice text, stoa_arena *arena, const stoa_json **out);

#endif
