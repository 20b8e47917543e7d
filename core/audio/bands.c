#include "core/audio/bands.h"

#include <math.h>
#include <stddef.h>

#define HIGHEST 16000.0 // Hz

double
df_bark(const double hz)
{
  return 26.81 * hz / (1960.0 + hz) - 0.53;
}

double
df_bark_slope(const double hz)
{
  const double d = 1960.0 + hz;
  return 26.81 * 1960.0 / (d * d);
}

/// Frequency of a place on the Bark scale.
static double
hertz(const double bark)
{
  return 1960.0 * (bark + 0.53) / (26.28 - bark);
}

void
df_bands_edges(const int rate, const int window, int* const edges)
{
  const int    bins = window / 2 + 1;
  const double unit = (double)rate / window;
  const double top  = fmin(HIGHEST, 0.5 * rate);
  const double low  = df_bark(0.0);
  const double step = (df_bark(top) - low) / DF_BANDS;

  edges[0] = 1; // the constant part is no sound
  for (int b = 0; b < DF_BANDS; ++b) {
    const int edge = (int)lround(hertz(low + step * (b + 1)) / unit) + 1;
    const int last = bins - (DF_BANDS - 1 - b); // leave a bin for the others
    const int end  = edge > edges[b] ? edge : edges[b] + 1;
    edges[b + 1]   = end < last ? end : last;
  }
}

void
df_bands_pool(const int          rate,
              const int          window,
              const int          frames,
              const float* const y,
              float* const       pooled)
{
  const int bins = window / 2 + 1;
  int       edges[DF_BANDS + 1];
  df_bands_edges(rate, window, edges);
  for (int b = 0; b < DF_BANDS; ++b) {
    double sum = 1e-38; // keeps the logarithm finite
    for (int t = 0; t < frames; ++t) {
      const float* const row = y + (size_t)t * (size_t)bins;
      for (int k = edges[b]; k < edges[b + 1]; ++k) {
        sum += (double)expf(2.0f * row[k]);
      }
    }
    const int width = edges[b + 1] - edges[b];
    pooled[b]       = (float)(0.5 * log(sum / ((double)frames * width)));
  }
}

float
df_bands_level(const float* const pooled)
{
  double sum = 0.0;
  for (int b = 0; b < DF_BANDS; ++b) {
    sum += (double)expf(2.0f * pooled[b]);
  }
  return (float)(0.5 * log(sum));
}
