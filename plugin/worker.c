#include "plugin/worker.h"

#include "core/base/status.h"
#include "plugin/guest.h"
#include "plugin/rig.h"

#include <stdint.h>
#include <string.h>

// Find and load the model asked for, unless it is the one in hand
static df_status
find_model(df_plugin* const self, char* const path, df_note* const note)
{
  const df_request* const request = &self->request;
  path[0]                         = '\0';
  if (request->same && self->loaded) {
    return DF_OK;
  }
  df_loaded_drop(self->loaded);
  self->loaded       = NULL;
  const df_status st = df_guest_find(
    &self->guest, DF_MODELS_AUDIO, request->path, request->slot, path, note);
  return st ? st : df_loaded_make(path, &self->loaded, note);
}

static void
load(df_plugin* const self)
{
  char      path[DF_PATH_MAX];
  df_note   note = {""};
  df_rig*   rig  = NULL;
  df_status st   = find_model(self, path, &note);
  if (!st) {
    st = df_rig_make(self->loaded,
                     self->guest.rate,
                     self->channels,
                     self->request.lookahead,
                     self->request.watched,
                     &rig,
                     &note);
  }
  if (st) {
    df_guest_say(&self->guest, st, &note);
  }
  self->answer.rig    = rig;
  self->answer.status = df_guest_status(st, path);
  atomic_store(&self->answered, true);
  df_bell_ring(&self->news);
}

static void
turn_desk(df_plugin* const self)
{
  df_note         note = {""};
  const df_status st   = df_desk_turn(self->desk, &note);
  if (st) {
    df_guest_say(&self->guest, st, &note);
  }
}

void
df_worker_do(void* const handle, const df_msg* const message)
{
  df_plugin* const self = (df_plugin*)handle;
  switch (message->type) {
  case DF_MSG_LOAD:
    load(self);
    break;
  case DF_MSG_FREE:
    df_rig_free(atomic_load(&self->returned));
    atomic_store(&self->returned, NULL);
    break;
  case DF_MSG_OSC:
    turn_desk(self);
    break;
  }
}

static LV2_Worker_Status
work(const LV2_Handle                  instance,
     const LV2_Worker_Respond_Function respond,
     const LV2_Worker_Respond_Handle   handle,
     const uint32_t                    size,
     const void* const                 data)
{
  (void)respond;
  (void)handle;
  df_msg message;
  if (size != sizeof(message)) {
    return LV2_WORKER_ERR_UNKNOWN;
  }
  memcpy(&message, data, sizeof(message));
  df_worker_do(instance, &message);
  return LV2_WORKER_SUCCESS;
}

static LV2_Worker_Status
work_response(const LV2_Handle  instance,
              const uint32_t    size,
              const void* const body)
{
  (void)instance;
  (void)size;
  (void)body;
  return LV2_WORKER_SUCCESS; // nothing is ever sent this way
}

const LV2_Worker_Interface*
df_worker_interface(void)
{
  static const LV2_Worker_Interface interface = {work, work_response, NULL};
  return &interface;
}

bool
df_worker_send(df_plugin* const self, const df_msg* const message)
{
  if (self->guest.schedule) {
    return !self->guest.schedule->schedule_work(
      self->guest.schedule->handle, sizeof(*message), message);
  }
  return self->loader && df_loader_send(self->loader, message);
}

bool
df_worker_answered(void* const handle)
{
  df_plugin* const self = (df_plugin*)handle;
  return atomic_load(&self->answered);
}
