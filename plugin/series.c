#include "plugin/series.h"

#include "plugin/state.h"

#include <stdlib.h>
#include <string.h>

static LV2_Handle
instantiate(const LV2_Descriptor* const     descriptor,
            const double                    rate,
            const char* const               bundle,
            const LV2_Feature* const* const features)
{
  (void)descriptor;
  df_series* const self = (df_series*)calloc(1U, sizeof(df_series));
  if (!self) {
    return NULL;
  }
  df_guest_begin(&self->guest, rate, bundle, features);
  const df_desk_config desk = {.rate       = rate,
                               .ports      = df_series_table(),
                               .bundle     = self->guest.bundle,
                               .models     = DF_MODELS_SERIES,
                               .name       = &self->guest.name,
                               .more       = df_series_methods(),
                               .more_count = DF_SERIES_METHODS,
                               .owner      = self};
  if (df_desk_make(&desk, &self->desk)) {
    free(self);
    return NULL;
  }
  self->remote = df_desk_remote(self->desk);
  if (df_forecaster_make(&self->guest, &self->forecaster)) {
    self->forecaster = NULL; // no thread: the inputs still pass
  }
  df_series_reset(self);
  return self;
}

static void
connect_port(const LV2_Handle instance, const uint32_t index, void* const data)
{
  df_series* const self = (df_series*)instance;
  if (index < DF_CV) {
    self->in[index] = (const float*)data;
  } else if (index < 2U * DF_CV) {
    self->out[index - DF_CV] = (float*)data;
  } else if (index - 2U * DF_CV < (uint32_t)DF_SERIES_COUNT) {
    self->ports[index - 2U * DF_CV] = data;
  }
}

static void
activate(const LV2_Handle instance)
{
  df_series* const self = (df_series*)instance;
  self->transport       = (df_transport){0.0f, false, 0};
  self->late            = 0U;
  self->asked_port      = 0;
  df_remote_reset(self->remote);
  df_desk_activate(self->desk, true);
  df_series_reset(self);
}

static void
run(const LV2_Handle instance, const uint32_t n)
{
  df_series_run((df_series*)instance, n);
}

static void
deactivate(const LV2_Handle instance)
{
  df_desk_activate(((df_series*)instance)->desk, false);
}

static void
cleanup(const LV2_Handle instance)
{
  df_series* const self = (df_series*)instance;
  df_desk_activate(self->desk, false); // the thread may still be at it
  df_forecaster_free(self->forecaster);
  df_desk_free(self->desk);
  free(self);
}

static const void*
extension_data(const char* const uri)
{
  return strcmp(uri, LV2_STATE__interface) ? NULL : df_state_interface();
}

const LV2_Descriptor*
df_series_descriptor(void)
{
  static const LV2_Descriptor descriptor = {DF_URI_SERIES,
                                            instantiate,
                                            connect_port,
                                            activate,
                                            run,
                                            deactivate,
                                            cleanup,
                                            extension_data};
  return &descriptor;
}
