#ifndef DF_PLUGIN_PLUGIN_H
#define DF_PLUGIN_PLUGIN_H

#include "core/engine/voice.h"
#include "plugin/bell.h"
#include "plugin/desk.h"
#include "plugin/events.h"
#include "plugin/levels.h"
#include "plugin/loader.h"
#include "plugin/messages.h"
#include "plugin/ports.h"
#include "plugin/remote.h"
#include "plugin/snapshot.h"
#include "plugin/uris.h"

#include <lv2/log/log.h>
#include <lv2/worker/worker.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/// Longest piece that is played at once, samples.
#define DF_PIECE 512

/// One instance.  Each group of fields belongs to the threads it names.
typedef struct {
  // Fixed from instantiate on
  double                     rate;
  int                        channels;
  bool                       mapped; ///< There was a urid:map
  df_uris                    uris;
  const LV2_Log_Log*         log;      ///< Or NULL
  const LV2_Worker_Schedule* schedule; ///< NULL: the loader takes its place
  df_loader*                 loader;
  char                       bundle[DF_PATH_MAX];
  df_remote*                 remote;
  df_desk*                   desk;

  // Host, between runs
  const float* in[2];
  float*       out[2];
  void*        ports[DF_PORT_COUNT];

  // Audio (restore too, which no host calls beside run)
  df_choice       choice;
  uint32_t        choice_count; ///< Goes up when a path is chosen or dropped
  int             slot;         ///< `model` as last seen, -1 before
  bool            tell;         ///< Say the path on `notify`
  df_transport    transport;
  df_rig*         rig;     ///< What sounds; NULL: the input does
  df_rig*         leaving; ///< What sounded before, while it fades
  df_rig*         spent;   ///< To be returned
  int             fade;    ///< Samples of fade left
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
  df_snapshot      saved;
} df_plugin;

#endif // DF_PLUGIN_PLUGIN_H
