#ifndef DF_PLUGIN_STATE_H
#define DF_PLUGIN_STATE_H

#include <lv2/state/state.h>

/// What a session keeps beside the ports: the path of a model chosen by path,
/// and the name for OSC.
///
///     <#state_version>  atom:Int     1; may be left out where a path is given
///     <#model_slot>     atom:Int     value of `model` that went with the path
///     <#model_path>     atom:Path    absent when the slot says which
///     <#osc_name>       atom:String  absent when there is none
///
/// A preset without these leaves the player's model alone, and a version to
/// come is refused, with a word in the log.

/// LV2_STATE__interface, of any instance that begins with a df_guest.  Both may
/// run beside run(), as Ardour has it with presets.
const LV2_State_Interface*
df_state_interface(void);

#endif // DF_PLUGIN_STATE_H
