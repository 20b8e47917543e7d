#ifndef DF_TESTS_PLUGIN_UNSAVED_H
#define DF_TESTS_PLUGIN_UNSAVED_H

#include "plugin/uris.h"

#include <lv2/atom/atom.h>
#include <lv2/atom/util.h>

#include <stdbool.h>

/// Whether a sequence says state:StateChanged.
static inline bool
df_says_unsaved(const df_uris* const           uris,
                const LV2_Atom_Sequence* const sequence)
{
  bool found = false;
  LV2_ATOM_SEQUENCE_FOREACH(sequence, event)
  {
    const LV2_Atom_Object* const object =
      (const LV2_Atom_Object*)(const void*)&event->body;
    found |= event->body.type == uris->atom_Object &&
             object->body.otype == uris->state_StateChanged;
  }
  return found;
}

#endif // DF_TESTS_PLUGIN_UNSAVED_H
