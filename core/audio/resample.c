#include "core/audio/resample.h"

#include <samplerate.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct df_resample {
  SRC_STATE* state; // NULL for equal rates
  double     ratio;
};

df_status
df_resample_make(const double from, const double to, df_resample** const out)
{
  const double ratio = to / from;
  if (!(from > 0.0 && to > 0.0 && ratio >= 1.0 / 256.0 && ratio <= 256.0)) {
    return DF_E_ARG;
  }
  df_resample* const r = (df_resample*)calloc(1U, sizeof(*r));
  if (!r) {
    return DF_E_NOMEM;
  }
  int error = 0;
  r->ratio  = ratio;
  if (from < to || from > to) {
    r->state = src_new(SRC_SINC_MEDIUM_QUALITY, 1, &error);
    if (!r->state) {
      free(r);
      return DF_E_NOMEM;
    }
    (void)src_set_ratio(r->state, ratio);
  }
  *out = r;
  return DF_OK;
}

void
df_resample_free(df_resample* const resample)
{
  if (resample) {
    if (resample->state) {
      (void)src_delete(resample->state);
    }
    free(resample);
  }
}

void
df_resample_reset(df_resample* const resample)
{
  if (resample->state) {
    (void)src_reset(resample->state);
    (void)src_set_ratio(resample->state, resample->ratio);
  }
}

int
df_resample_process(df_resample* const resample,
                    const float* const x,
                    const int          n,
                    int* const         used,
                    float* const       y,
                    const int          room,
                    const bool         last)
{
  if (!resample->state) {
    const int count = n < room ? n : room;
    memcpy(y, x, sizeof(*y) * (size_t)count);
    *used = count;
    return count;
  }
  SRC_DATA data = {.data_in       = x,
                   .data_out      = y,
                   .input_frames  = n,
                   .output_frames = room,
                   .end_of_input  = last,
                   .src_ratio     = resample->ratio};
  if (src_process(resample->state, &data)) {
    *used = n;
    return 0;
  }
  *used = (int)data.input_frames_used;
  return (int)data.output_frames_gen;
}
