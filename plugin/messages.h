#ifndef DF_PLUGIN_MESSAGES_H
#define DF_PLUGIN_MESSAGES_H

#include "plugin/models.h"
#include "plugin/ports.h"
#include "plugin/rig.h"

#include <stdbool.h>

/// What the audio thread and the worker say to each other.
///
/// A message is one word, for hosts queue few bytes.  What it is about lies in
/// the plugin: one request and one spent rig at a time, which audio leaves
/// alone until the worker has answered.  So nothing is lost with a message that
/// the host drops when it closes.

typedef enum { DF_MSG_LOAD, DF_MSG_FREE, DF_MSG_OSC } df_msg_type;

typedef struct {
  df_msg_type type;
} df_msg;

/// Build a rig of this model.
typedef struct {
  bool  same;              ///< The model of the request before this
  int   slot;              ///< Without a path
  float lookahead;         ///< Milliseconds
  bool  watched;           ///< Look for dropouts
  char  path[DF_PATH_MAX]; ///< Or empty
} df_request;

/// What came of it.
typedef struct {
  df_rig*         rig; ///< NULL unless ready
  df_model_status status;
} df_answer;

#endif // DF_PLUGIN_MESSAGES_H
