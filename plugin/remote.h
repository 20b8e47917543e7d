#ifndef DF_PLUGIN_REMOTE_H
#define DF_PLUGIN_REMOTE_H

#include "core/base/attr.h"
#include "core/base/status.h"
#include "plugin/ports.h"

#include <stdbool.h>
#include <stdint.h>

/// Controls moved from elsewhere than the host, each at its sample.
///
/// A value so set holds until the host's own value of that port changes, or
/// until it is let go.  A lane of `noise` is on its way from its first change
/// to its last; another lane, a value set or let go, and the host's own moves
/// end it.  Holes that have begun end with `noise` let go, too.  One thread
/// sends, audio takes; audio never waits.
typedef struct df_remote df_remote;

/// Changes that may be on their way at once.
#define DF_REMOTE_COUNT 4096

typedef enum {
  DF_REMOTE_SET,  ///< `port` to `value`
  DF_REMOTE_LANE, ///< As SET; all that is sent at once is one lane
  DF_REMOTE_FREE, ///< `port` is the host's again
  DF_REMOTE_HOLE, ///< `noise` is 1, to `until`; below it all goes on
  DF_REMOTE_LOAD  ///< The model of slot `value`, whatever path was chosen
} df_remote_kind;

typedef struct {
  df_remote_kind kind;
  int            port; ///< Of the table
  float          value;
  int64_t        time;  ///< ns since 1970; past: at once
  int64_t        until; ///< Of a hole, as time
  uint32_t       order; ///< Set by df_remote_send, as the next
  uint32_t       first; ///< Order of the first that was sent with it
} df_remote_change;

/// @param table  Of the ports; borrowed
/// @param rate   Hz, above 0
/// @return DF_OK or DF_E_NOMEM.
DF_NODISCARD df_status
df_remote_make(const df_port_table* table, double rate, df_remote** out);

/// NULL is allowed.
void
df_remote_free(df_remote* remote);

/// Sender: pass changes on, all or none.  False: there is no room for now.
bool
df_remote_send(df_remote* remote, df_remote_change* changes, int count);

/// Sender: wait until what was sent to happen at once shows in df_remote_read,
/// two cycles later; half a second at most, for the host may stand still.
void
df_remote_settle(df_remote* remote);

/// Sender: the value of a control, in or out, as it was in the last cycle.
float
df_remote_read(const df_remote* remote, int port);

/// Audio, while nobody sends: forget all.
DF_RT void
df_remote_reset(df_remote* remote);

/// Audio: begin a cycle.  Times become samples by a smoothed clock, for a host
/// may wake now a little early, now a little late.
///
/// @param ports  [count of the table] the host's; any may be NULL
/// @param now    ns since 1970
/// @param n      Samples in this cycle
DF_RT void
df_remote_begin(df_remote* remote, void* const* ports, int64_t now, uint32_t n);

/// Audio: the sample of this cycle where the next change is due; n: none is.
DF_RT uint32_t
df_remote_next(const df_remote* remote);

/// Audio: make the changes due at this sample or before.
///
/// @return Whether there were any.
DF_RT bool
df_remote_apply(df_remote* remote, uint32_t at);

/// Audio: the ports as they count now.  [count of the table]
DF_RT void* const*
df_remote_ports(const df_remote* remote);

/// Audio: whether a model was asked for since this was called last.
DF_RT bool
df_remote_loads(df_remote* remote);

/// Audio: whether `noise` was set or given back, or a hole has begun, since
/// this was called last.
DF_RT bool
df_remote_draws(df_remote* remote);

/// Lists that are shown beside the ports.
typedef enum {
  DF_REMOTE_LEVELS, ///< Noise levels of the planned tokens, 0..1
  DF_REMOTE_TOKEN,  ///< Loudness of the newest token by bands, dB
  DF_REMOTE_LISTS
} df_remote_list;

/// Numbers in one at most.
#define DF_REMOTE_LIST 64

/// Sender: what df_remote_show_list showed last; where audio shows another
/// meanwhile, some of either.
///
/// @param values  [DF_REMOTE_LIST] written as far as needed
/// @return How many, 0 where nothing was shown.
int
df_remote_read_list(const df_remote* remote,
                    df_remote_list   list,
                    float*           values);

/// Audio: let df_remote_read_list see these, DF_REMOTE_LIST at most.
DF_RT void
df_remote_show_list(df_remote*     remote,
                    df_remote_list list,
                    const float*   values,
                    int            count);

/// Audio, in a cycle: an output's value, brought into its range, for the host
/// and for df_remote_read.
DF_RT void
df_remote_put(df_remote* remote, int port, float value);

/// Audio, in a cycle: let df_remote_read see all inputs as they count now.
DF_RT void
df_remote_show_inputs(df_remote* remote);

#endif // DF_PLUGIN_REMOTE_H
