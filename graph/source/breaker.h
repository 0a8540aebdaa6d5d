#ifndef STOA_GRAPH_SOURCE_BREAKER_H
#define STOA_GRAPH_SOURCE_BREAKER_H

/// The breaker of a source: open while the source cannot be reached or stands still, half open while one request tries
/// it. A program may be told of each change; any thread tells it, holding no lock of the source.
typedef enum { STOA_BREAKER_CLOSED, STOA_BREAKER_HALF_OPEN, STOA_BREAKER_OPEN } stoa_breaker_state;

/// `why` is "" unless the breaker opens.
typedef void stoa_breaker_watcher(const char *source, stoa_breaker_state state, const char *why, void *data);

/// Tell `told` from now on, and nobody else; NULL: nobody.  One in a process.
void stoa_breaker_watch(stoa_breaker_watcher *told, void *data);
void stoa_breaker_tell(const char *source, stoa_breaker_state state, const char *why);

#endif
