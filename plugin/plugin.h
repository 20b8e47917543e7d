#ifndef DF_PLUGIN_PLUGIN_H
#define DF_PLUGIN_PLUGIN_H

#include "core/engine/voice.h"
#include "plugin/bell.h"
#include "plugin/desk.h"
#include "plugin/events.h"
#include "plugin/guest.h"
#include "plugin/levels.h"
#include "plugin/loader.h"
#include "plugin/messages.h"
#include "plugin/ports.h"
#include "plugin/remote.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/// Longest piece that is played at once, samples.
#define DF_PIECE 512

/// One instance.  Each group of fields belongs to the threads it names.
typedef struct {
  df_guest guest; ///< Without a schedule the loader takes its place

  // Fixed from instantiate on
  int        channels;
  df_loader* loader;
  df_remote* remote;
  df_desk*   desk;

  // Host, between runs
  const float* in[2];
  float*       out[2];
  void*        ports[DF_PORT_COUNT];

  // Audio
  df_transport    transport;
  struct timespec until;   ///< How long this cycle may wait, offline
  df_rig*         rig;     ///< What sounds; NULL: the input does
  df_rig*         leaving; ///< What sounded before, while it fades
  df_rig*         spent;   ///< To be returned
  int             fade;    ///< Samples of fade left
  int             listen;  ///< Samples for which the rig hears what leaves
  uint32_t        answers; ///< Of the engine, as last shown
  bool            played;  ///< Something has sounded since activate
  df_model_status status;
  bool            asking; ///< A request is with the worker
  bool            asked;  ///< There has been a request, for what follows
  uint32_t        asked_count;
  int             asked_slot;
  int             asked_port;            ///< `osc_port` as the worker was told
  df_levels       levels;                ///< Sent ahead
  float           mixed[3][2][DF_PIECE]; ///< Input, rig, leaving rig
  float           lane[DF_PIECE];        ///< Noise levels of the piece

  // Handed over: audio's until asked, the worker's until answered
  df_request request;
  df_answer  answer;

  // Worker
  df_loaded* loaded; ///< Model of the last good request

  // Shared
  atomic_bool      answered;
  _Atomic(df_rig*) returned; ///< To be freed by the worker, then NULL
  df_bell          news;     ///< Rings when answered
} df_plugin;

#endif // DF_PLUGIN_PLUGIN_H
