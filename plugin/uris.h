#ifndef DF_PLUGIN_URIS_H
#define DF_PLUGIN_URIS_H

#include <lv2/urid/urid.h>

#define DF_URI_STEREO "urn:dforce:audio"
#define DF_URI_MONO "urn:dforce:audio-mono"
#define DF_URI_SERIES "urn:dforce:series"
#define DF_URI_MODEL_PATH DF_URI_STEREO "#model_path"
#define DF_URI_MODEL_SLOT DF_URI_STEREO "#model_slot"
#define DF_URI_OSC_NAME DF_URI_STEREO "#osc_name"
#define DF_URI_LEVELS DF_URI_STEREO "#levels"
#define DF_URI_XRUN DF_URI_STEREO "#xrun"
#define DF_URI_STATE_VERSION DF_URI_STEREO "#state_version"

/// The words of LV2 that are understood, as numbers; all 0 without a map.
typedef struct {
  LV2_URID atom_Blank;
  LV2_URID atom_Double;
  LV2_URID atom_Float;
  LV2_URID atom_Int;
  LV2_URID atom_Long;
  LV2_URID atom_Object;
  LV2_URID atom_Path;
  LV2_URID atom_Sequence;
  LV2_URID atom_String;
  LV2_URID atom_URID;
  LV2_URID atom_Vector;
  LV2_URID levels;
  LV2_URID log_Error;
  LV2_URID model_path;
  LV2_URID model_slot;
  LV2_URID osc_name;
  LV2_URID patch_Get;
  LV2_URID patch_Set;
  LV2_URID patch_property;
  LV2_URID patch_value;
  LV2_URID state_StateChanged;
  LV2_URID state_version;
  LV2_URID time_Position;
  LV2_URID time_frame;
  LV2_URID time_speed;
  LV2_URID xrun;
} df_uris;

/// Map all words.  Not for audio.
///
/// @param map  NULL leaves all 0.
void
df_uris_map(df_uris* uris, LV2_URID_Map* map);

#endif // DF_PLUGIN_URIS_H
