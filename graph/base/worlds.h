#ifndef STOA_GRAPH_BASE_WORLDS_H
#define STOA_GRAPH_BASE_WORLDS_H

#include <stdbool.h>

/// raptor and librdf begin and end libxml2 for the whole process with each of their worlds, and libxml2 does not
/// bear that while another thread does the same or parses XML.  So worlds are made, freed and parsed with under one
/// lock, and so is XML without them; a thread may enter again.
void stoa_worlds_enter(void);
/// Enter if that is possible within a moment; false when another thread is still inside.
bool stoa_worlds_enter_soon(void);
void stoa_worlds_leave(void);

#endif
