#include "plugin/dsp.h"
#include "plugin/plugin.h"
#include "plugin/series.h"
#include "plugin/state.h"
#include "plugin/worker.h"

#include <lv2/core/lv2.h>

#include <stdlib.h>
#include <string.h>

static LV2_Handle
instantiate(const LV2_Descriptor* const     descriptor,
            const double                    rate,
            const char* const               bundle,
            const LV2_Feature* const* const features)
{
  df_plugin* const self = (df_plugin*)calloc(1U, sizeof(df_plugin));
  if (!self || !df_bell_make(&self->news)) {
    free(self);
    return NULL;
  }
  const df_desk_config desk = {.rate   = rate,
                               .ports  = df_port_audio_table(),
                               .bundle = self->guest.bundle,
                               .models = DF_MODELS_AUDIO,
                               .name   = &self->guest.name};
  if (df_desk_make(&desk, &self->desk)) {
    df_bell_free(&self->news);
    free(self);
    return NULL;
  }
  self->remote = df_desk_remote(self->desk);
  // A rate nobody can mean passes sound; its models are refused
  df_guest_begin(&self->guest, rate, bundle, features);
  self->channels = strcmp(descriptor->URI, DF_URI_MONO) ? 2 : 1;
  self->status   = DF_MODEL_LOADING;
  if (!self->guest.schedule &&
      df_loader_make(df_worker_do, self, &self->loader)) {
    self->status = DF_MODEL_REFUSED; // no memory or thread: sound still passes
  }
  return self;
}

static void
connect_port(const LV2_Handle instance, const uint32_t index, void* const data)
{
  df_plugin* const self     = (df_plugin*)instance;
  const uint32_t   channels = (uint32_t)self->channels;
  if (index < channels) {
    self->in[index] = (const float*)data;
  } else if (index < 2U * channels) {
    self->out[index - channels] = (float*)data;
  } else if (index - 2U * channels < (uint32_t)DF_PORT_COUNT) {
    self->ports[index - 2U * channels] = data;
  }
}

static void
activate(const LV2_Handle instance)
{
  df_plugin* const self = (df_plugin*)instance;
  self->transport       = (df_transport){0.0f, false, 0};
  self->asked_port      = 0;
  df_remote_reset(self->remote);
  df_levels_end(&self->levels);
  df_desk_activate(self->desk, true);
  df_dsp_reset(self);
}

static void
run(const LV2_Handle instance, const uint32_t n)
{
  df_dsp_run((df_plugin*)instance, n);
}

static void
deactivate(const LV2_Handle instance)
{
  df_desk_activate(((df_plugin*)instance)->desk, false);
}

static void
cleanup(const LV2_Handle instance)
{
  df_plugin* const self = (df_plugin*)instance;
  df_loader_free(self->loader);
  df_desk_free(self->desk);
  if (atomic_load(&self->answered)) {
    df_rig_free(self->answer.rig);
  }
  df_rig_free(self->rig);
  df_rig_free(self->leaving);
  df_rig_free(self->spent);
  df_rig_free(atomic_load(&self->returned));
  df_loaded_drop(self->loaded);
  df_bell_free(&self->news);
  free(self);
}

static const void*
extension_data(const char* const uri)
{
  if (!strcmp(uri, LV2_STATE__interface)) {
    return df_state_interface();
  }
  return strcmp(uri, LV2_WORKER__interface) ? NULL : df_worker_interface();
}

LV2_SYMBOL_EXPORT
const LV2_Descriptor*
lv2_descriptor(const uint32_t index)
{
  static const LV2_Descriptor descriptors[] = {
    {DF_URI_STEREO,
     instantiate,
     connect_port,
     activate,
     run,
     deactivate,
     cleanup,
     extension_data},
    {DF_URI_MONO,
     instantiate,
     connect_port,
     activate,
     run,
     deactivate,
     cleanup,
     extension_data},
  };
  if (index == 2U) {
    return df_series_descriptor();
  }
  return index < 2U ? &descriptors[index] : NULL;
}
