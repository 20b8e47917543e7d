#ifndef DF_TESTS_HOSTS_HOST_H
#define DF_TESTS_HOSTS_HOST_H

#include "plugin/ports.h"
#include "plugin/uris.h"

#include <lv2/atom/atom.h>
#include <lv2/core/lv2.h>
#include <lv2/state/state.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A host in the test's own process, which does what real hosts were seen to
/// do, at will.  One thread.

/// Who does the plugin's background work.
typedef enum {
  DF_HOST_NONE,   ///< No worker feature
  DF_HOST_INSIDE, ///< Inside schedule_work, in the caller's thread (Ardour)
  DF_HOST_LATER,  ///< When the test calls df_host_work
  DF_HOST_THREAD  ///< Another thread (jalv)
} df_host_worker;

typedef struct {
  const char*    module; ///< Path of dforce.so
  const char*    bundle; ///< Folder handed to instantiate
  double         rate;   ///< Hz
  int            channels;
  df_host_worker worker;
  int            refuse;  ///< First so many requests of work are refused
  bool           no_map;  ///< No urid:map
  bool           no_list; ///< Features NULL
  bool           odd_end; ///< The list ends with a feature without a URI
} df_host_options;

#define DF_HOST_BLOCK 16384
#define DF_HOST_ATOMS 16384

typedef struct df_host df_host;

/// Load, instantiate, connect all ports (controls at their defaults), activate.
df_host*
df_host_make(const df_host_options* options);

/// A mono plugin that waits for its engine, so that a run is the same every
/// time; its work is done inside schedule_work.
df_host*
df_host_make_waiting(const char* module, const char* bundle, double rate);

void
df_host_free(df_host* host);

/// The value of a control port, in or out.
float*
df_host_control(df_host* host, df_port port);

/// Audio in and out, DF_HOST_BLOCK samples each.
float*
df_host_in(df_host* host, int channel);
float*
df_host_out(df_host* host, int channel);

/// Connect anything anywhere.
void
df_host_connect(df_host* host, uint32_t index, void* data);

/// Number of a port among those after the audio ports.
uint32_t
df_host_index(const df_host* host, df_port port);

/// Run n samples of what is in the buffers; atom ports are made ready before,
/// and events sent since are delivered.
void
df_host_run(df_host* host, uint32_t n);

/// Play `n` samples of in[channels][n] in blocks of `block`, into out.
void
df_host_play(df_host*            host,
             const float* const* in,
             float* const*       out,
             size_t              n,
             uint32_t            block);

/// Run silence until the model is no longer loading (30 s at most); its status.
df_model_status
df_host_settle(df_host* host);

/// Do the work that waits (DF_HOST_LATER); how many.
int
df_host_work(df_host* host);

void
df_host_deactivate(df_host* host);
void
df_host_activate(df_host* host);

/// Send in the next run.
void
df_host_send_path(df_host* host, int64_t frame, const char* path);
void
df_host_send_speed(df_host* host, int64_t frame, float speed);
void
df_host_send_levels(df_host* host, int64_t frame, const float* x, uint32_t n);
void
df_host_send_xrun(df_host* host, int64_t frame, int samples);
void
df_host_send_position(df_host* host, int64_t frame, int64_t place, float speed);
void
df_host_send_get(df_host* host, int64_t frame);

/// Room that the plugin finds in `notify`; DF_HOST_ATOMS at first.
void
df_host_set_capacity(df_host* host, uint32_t bytes);

/// The path told on `notify` in the last run, or NULL.
const char*
df_host_told(df_host* host);

/// Whether the last run said there that there is something to save.
bool
df_host_unsaved(df_host* host);

/// What the plugin has written to the log last, or nothing; read it when the
/// status of the model tells that it has.
const char*
df_host_logged(const df_host* host);

/// The calling thread is in the host's own code, called by the plugin.
bool
df_host_is_called(void);

/// Requests of work so far, and those among them made with denormal numbers on.
int
df_host_requests(const df_host* host);
int
df_host_denormal(const df_host* host);

const LV2_Descriptor*
df_host_descriptor(const df_host* host);
LV2_Handle
df_host_handle(const df_host* host);
LV2_URID_Map*
df_host_map(df_host* host);
const df_uris*
df_host_uris(const df_host* host);

#endif // DF_TESTS_HOSTS_HOST_H
