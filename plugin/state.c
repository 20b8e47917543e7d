#include "plugin/state.h"

#include "plugin/guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERSION 1
#define NONE INT32_MIN // a state that does not say its version

typedef struct {
  const LV2_State_Map_Path*  map;
  const LV2_State_Free_Path* free;
} paths;

static paths
find_paths(const LV2_Feature* const* const features)
{
  paths found = {NULL, NULL};
  for (int i = 0; features && features[i]; ++i) {
    const char* const uri = features[i]->URI;
    if (uri && !strcmp(uri, LV2_STATE__mapPath)) {
      found.map = (const LV2_State_Map_Path*)features[i]->data;
    } else if (uri && !strcmp(uri, LV2_STATE__freePath)) {
      found.free = (const LV2_State_Free_Path*)features[i]->data;
    }
  }
  return found;
}

static void
free_path(const paths* const found, char* const path)
{
  if (found->free) {
    found->free->free_path(found->free->handle, path);
  } else {
    free(path); // as hosts meant it before they had freePath
  }
}

static LV2_State_Status
save_path(const df_uris* const           uris,
          const LV2_State_Store_Function store,
          const LV2_State_Handle         handle,
          const paths* const             found,
          const char* const              path)
{
  char* const abstract =
    found->map ? found->map->abstract_path(found->map->handle, path) : NULL;
  const char* const      words  = abstract ? abstract : path;
  const uint32_t         flags  = LV2_STATE_IS_POD;
  const LV2_State_Status status = store(handle,
                                        uris->model_path,
                                        words,
                                        strlen(words) + 1U,
                                        uris->atom_Path,
                                        flags | LV2_STATE_IS_PORTABLE);
  if (abstract) {
    free_path(found, abstract);
  }
  return status;
}

static LV2_State_Status
save(const LV2_Handle                instance,
     const LV2_State_Store_Function  store,
     const LV2_State_Handle          handle,
     const uint32_t                  flags,
     const LV2_Feature* const* const features)
{
  df_guest* const      self  = (df_guest*)instance;
  const df_uris* const uris  = &self->uris;
  const paths          found = find_paths(features);
  (void)flags;
  if (!self->mapped) {
    return LV2_STATE_ERR_NO_FEATURE;
  }
  df_choice choice;
  df_guest_chosen(self, &choice);

  const uint32_t   plain   = LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE;
  const int32_t    version = VERSION;
  LV2_State_Status status  = store(handle,
                                  uris->state_version,
                                  &version,
                                  sizeof(version),
                                  uris->atom_Int,
                                  plain);
  if (!status && choice.path[0]) {
    status = store(handle,
                   uris->model_slot,
                   &choice.slot,
                   sizeof(choice.slot),
                   uris->atom_Int,
                   plain);
  }
  if (!status && choice.path[0]) {
    status = save_path(uris, store, handle, &found, choice.path);
  }
  char name[DF_NAME_MAX];
  df_name_get(&self->name, name);
  if (!status && name[0]) {
    status = store(handle,
                   uris->osc_name,
                   name,
                   strlen(name) + 1U,
                   uris->atom_String,
                   plain);
  }
  return status;
}

// A whole number under a key, `*out` unless there is one; false when what is
// there is no such number
static bool
get_int(const df_uris* const              uris,
        const LV2_State_Retrieve_Function retrieve,
        const LV2_State_Handle            handle,
        const LV2_URID                    key,
        int32_t* const                    out)
{
  size_t            size  = 0U;
  uint32_t          type  = 0U;
  uint32_t          flags = 0U;
  const void* const value = retrieve(handle, key, &size, &type, &flags);
  if (!value) {
    return true;
  }
  if (type != uris->atom_Int || size != sizeof(*out)) {
    return false;
  }
  memcpy(out, value, sizeof(*out));
  return true;
}

// The text under a key, or NULL
static const char*
get_text(const df_uris* const              uris,
         const LV2_State_Retrieve_Function retrieve,
         const LV2_State_Handle            handle,
         const LV2_URID                    key)
{
  size_t            size  = 0U;
  uint32_t          type  = 0U;
  uint32_t          flags = 0U;
  const char* const value =
    (const char*)retrieve(handle, key, &size, &type, &flags);
  const bool is_text = type == uris->atom_Path || type == uris->atom_String;
  return value && is_text && size > 0U && !value[size - 1U] ? value : NULL;
}

// Tell the host why it gets this answer
static LV2_State_Status
refuse(const df_guest* const  self,
       const LV2_State_Status answer,
       const df_status        status,
       const df_note* const   note)
{
  df_guest_say(self, status, note);
  return answer;
}

static LV2_State_Status
restore(const LV2_Handle                  instance,
        const LV2_State_Retrieve_Function retrieve,
        const LV2_State_Handle            handle,
        const uint32_t                    flags,
        const LV2_Feature* const* const   features)
{
  df_guest* const      self    = (df_guest*)instance;
  const df_uris* const uris    = &self->uris;
  const paths          found   = find_paths(features);
  int32_t              version = NONE;
  int32_t              slot    = 0;
  df_note              note    = {""};
  (void)flags;
  if (!self->mapped) {
    return LV2_STATE_ERR_NO_FEATURE;
  }
  const bool is_number =
    get_int(uris, retrieve, handle, uris->state_version, &version);
  const char* const saved = get_text(uris, retrieve, handle, uris->model_path);
  if (version == NONE && is_number && !saved) {
    return LV2_STATE_SUCCESS; // a preset of port values alone
  }
  if (!is_number || (version != NONE && (version < 1 || version > VERSION))) {
    char found_text[32] = "no whole number";
    if (is_number) {
      (void)snprintf(found_text, sizeof(found_text), "%d", (int)version);
    }
    return refuse(self,
                  LV2_STATE_ERR_BAD_TYPE,
                  df_note_set(&note,
                              DF_E_FORMAT,
                              "state: want version %d, found %s; what it "
                              "says of the model is not taken",
                              VERSION,
                              found_text),
                  &note);
  }
  (void)get_int(uris, retrieve, handle, uris->model_slot, &slot);
  char* const       absolute = saved && found.map
                                 ? found.map->absolute_path(found.map->handle, saved)
                                 : NULL;
  const char* const path     = absolute ? absolute : (saved ? saved : "");
  const bool        fits     = df_guest_restore(self, slot, path);
  const char* const name     = get_text(uris, retrieve, handle, uris->osc_name);
  if (name) { // else the state of one without a name, which takes none away
    (void)df_name_set(&self->name, name);
  }
  if (absolute) {
    free_path(&found, absolute);
  }
  return fits ? LV2_STATE_SUCCESS
              : refuse(self,
                       LV2_STATE_ERR_UNKNOWN,
                       df_note_set(&note,
                                   DF_E_ARG,
                                   "state: want a model path below %d bytes, "
                                   "found a longer one",
                                   DF_PATH_MAX),
                       &note);
}

const LV2_State_Interface*
df_state_interface(void)
{
  static const LV2_State_Interface interface = {save, restore};
  return &interface;
}
