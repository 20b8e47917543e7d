#ifndef DF_PLUGIN_STATE_H
#define DF_PLUGIN_STATE_H

#include <lv2/state/state.h>

/// What a session keeps beside the ports: the path of a model chosen by path.
///
///     <#state_version>  atom:Int   1; without it nothing is restored
///     <#model_slot>     atom:Int   value of `model` that went with the path
///     <#model_path>     atom:Path  absent when the slot says which
///
/// A preset without these leaves the player's model alone.

/// LV2_STATE__interface, of any instance that begins with a df_guest.  Save may
/// run beside run(); restore may not.
const LV2_State_Interface*
df_state_interface(void);

#endif // DF_PLUGIN_STATE_H
