#include "plugin/uris.h"

#include <lv2/atom/atom.h>
#include <lv2/log/log.h>
#include <lv2/patch/patch.h>
#include <lv2/state/state.h>
#include <lv2/time/time.h>

#include <string.h>

void
df_uris_map(df_uris* const uris, LV2_URID_Map* const map)
{
  memset(uris, 0, sizeof(*uris));
  if (!map) {
    return;
  }
  uris->atom_Blank         = map->map(map->handle, LV2_ATOM__Blank);
  uris->atom_Double        = map->map(map->handle, LV2_ATOM__Double);
  uris->atom_Float         = map->map(map->handle, LV2_ATOM__Float);
  uris->atom_Int           = map->map(map->handle, LV2_ATOM__Int);
  uris->atom_Long          = map->map(map->handle, LV2_ATOM__Long);
  uris->atom_Object        = map->map(map->handle, LV2_ATOM__Object);
  uris->atom_Path          = map->map(map->handle, LV2_ATOM__Path);
  uris->atom_Sequence      = map->map(map->handle, LV2_ATOM__Sequence);
  uris->atom_String        = map->map(map->handle, LV2_ATOM__String);
  uris->atom_URID          = map->map(map->handle, LV2_ATOM__URID);
  uris->atom_Vector        = map->map(map->handle, LV2_ATOM__Vector);
  uris->levels             = map->map(map->handle, DF_URI_LEVELS);
  uris->log_Error          = map->map(map->handle, LV2_LOG__Error);
  uris->model_path         = map->map(map->handle, DF_URI_MODEL_PATH);
  uris->model_slot         = map->map(map->handle, DF_URI_MODEL_SLOT);
  uris->osc_name           = map->map(map->handle, DF_URI_OSC_NAME);
  uris->patch_Get          = map->map(map->handle, LV2_PATCH__Get);
  uris->patch_Set          = map->map(map->handle, LV2_PATCH__Set);
  uris->patch_property     = map->map(map->handle, LV2_PATCH__property);
  uris->patch_value        = map->map(map->handle, LV2_PATCH__value);
  uris->state_StateChanged = map->map(map->handle, LV2_STATE__StateChanged);
  uris->state_version      = map->map(map->handle, DF_URI_STATE_VERSION);
  uris->time_Position      = map->map(map->handle, LV2_TIME__Position);
  uris->time_frame         = map->map(map->handle, LV2_TIME__frame);
  uris->time_speed         = map->map(map->handle, LV2_TIME__speed);
  uris->xrun               = map->map(map->handle, DF_URI_XRUN);
}
