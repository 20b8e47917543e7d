#ifndef DF_TESTS_HOSTS_WATCH_H
#define DF_TESTS_HOSTS_WATCH_H

#include <stdbool.h>

/// Catches a thread that allocates, locks, sleeps, or touches files or sockets.
///
/// The program's own functions of these names stand before those of the C
/// library, for the plugin too, and pass the call on.  The program must export
/// its symbols.

/// False in builds with a sanitizer, which stands in the same place: nothing is
/// ever caught there.
bool
df_watch_works(void);

/// Begin to watch the calling thread.
void
df_watch_begin(void);

/// End; the name of the first call that was caught, or NULL.
const char*
df_watch_end(void);

#endif // DF_TESTS_HOSTS_WATCH_H
