#ifndef DF_TESTS_HOSTS_SERIES_HOST_H
#define DF_TESTS_HOSTS_SERIES_HOST_H

#include "core/base/rng.h"
#include "plugin/series_ports.h"
#include "plugin/uris.h"
#include "tests/check.h"
#include "tests/plugin/map.h"

#include <lv2/core/lv2.h>

#include <dlfcn.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/// The least host for `urn:dforce:series`.  One thread.

#define DF_SERIES_BLOCK 1024

typedef struct {
  void*                 library;
  const LV2_Descriptor* descriptor;
  LV2_Handle            handle;
  df_test_map           words;
  LV2_URID_Map          map;
  float                 in[DF_CV][DF_SERIES_BLOCK];
  float                 out[DF_CV][DF_SERIES_BLOCK];
  float                 control[DF_SERIES_COUNT];
} df_series_host;

/// Load, instantiate, connect all but the atoms, activate.
///
/// @param mapped  With urid:map; else without any feature
static inline df_series_host*
df_series_host_make(const char* const module,
                    const char* const bundle,
                    const double      rate,
                    const bool        mapped)
{
  df_series_host* const h = (df_series_host*)calloc(1U, sizeof(*h));
  CHECK(h);
  h->map                                 = df_test_map_feature(&h->words);
  const LV2_Feature        feature       = {LV2_URID__map, &h->map};
  const LV2_Feature* const list[2]       = {&feature, NULL};
  const LV2_Descriptor* (*get)(uint32_t) = NULL;
  h->library                             = dlopen(module, RTLD_NOW);
  CHECK(h->library);
  void* const symbol = dlsym(h->library, "lv2_descriptor");
  CHECK(symbol);
  memcpy(&get, &symbol, sizeof(get));
  for (uint32_t i = 0U; (h->descriptor = get(i)); ++i) {
    if (!strcmp(h->descriptor->URI, DF_URI_SERIES)) {
      break;
    }
  }
  CHECK(h->descriptor);
  h->handle = h->descriptor->instantiate(
    h->descriptor, rate, bundle, mapped ? list : NULL);
  CHECK(h->handle);
  for (uint32_t c = 0U; c < DF_CV; ++c) {
    h->descriptor->connect_port(h->handle, c, h->in[c]);
    h->descriptor->connect_port(h->handle, DF_CV + c, h->out[c]);
  }
  for (uint32_t i = 0U; i < (uint32_t)DF_SERIES_COUNT; ++i) {
    const df_port_info* const about = df_series_about((df_series_port)i);
    h->control[i]                   = about->initial;
    if (about->kind != DF_PORT_ATOM) {
      h->descriptor->connect_port(h->handle, 2U * DF_CV + i, &h->control[i]);
    }
  }
  h->descriptor->activate(h->handle);
  return h;
}

static inline void
df_series_host_free(df_series_host* const h)
{
  h->descriptor->cleanup(h->handle);
  CHECK(!dlclose(h->library));
  free(h);
}

/// Run nothing until the model is no longer loading (30 s at most); its status.
static inline df_model_status
df_series_host_settle(df_series_host* const h)
{
  for (int i = 0; i < 30000; ++i) {
    h->descriptor->run(h->handle, 0U);
    const df_model_status status =
      (df_model_status)h->control[DF_SERIES_MODEL_STATUS];
    if (status != DF_MODEL_LOADING) {
      return status;
    }
    (void)usleep(1000U);
  }
  return DF_MODEL_LOADING;
}

/// Row t (0, 1, ... in turn) of the law of presets/series/lfo.py, with phases
/// and drift of its own.
static inline void
df_series_law(const int t, float* const row)
{
  static const int periods[DF_CV] = {16, 20, 24, 28, 32, 36, 40, 44};
  static float     drift[DF_CV];
  float            steps[2 * DF_CV];
  df_rng           rng = df_rng_make(77U, 1U, (uint64_t)t);
  df_rng_normal(&rng, steps, 2U * DF_CV);
  for (int d = 0; d < DF_CV; ++d) {
    drift[d] = (t ? drift[d] : 0.0f) + 0.02f * steps[d];
    row[d]   = (float)sin(2.0 * 3.14159265358979 * t / periods[d] + d) +
             drift[d] + 0.02f * steps[DF_CV + d];
  }
}

#endif // DF_TESTS_HOSTS_SERIES_HOST_H
