#include "core/audio/recall.h"

#include <math.h>
#include <stddef.h>

#define SHORTEST 0.4 // s
#define LONGEST 5.0  // s
#define COMPARED 2.0 // s
#define FEWEST 0.8   // s compared at least
#define PENALTY 0.01 // correlation a second of lag

/// Sum of (a - mean) . (b - mean) over rows.
static double
product(const float* const  a,
        const float* const  b,
        const double* const mean,
        const int           rows)
{
  double sum = 0.0;
  for (int t = 0; t < rows; ++t) {
    const size_t row = (size_t)t * DF_BANDS;
    float        s   = 0.0f;
    for (int c = 0; c < DF_BANDS; ++c) {
      const float m = (float)mean[c];
      s += (a[row + (size_t)c] - m) * (b[row + (size_t)c] - m);
    }
    sum += (double)s;
  }
  return sum;
}

df_recall
df_recall_find(const float* const pooled, const int n, const double rate)
{
  const df_recall none = {0, 0.0f};
  const int       low  = (int)ceil(SHORTEST * rate);
  const int       most = (int)(COMPARED * rate);
  const int       few  = (int)ceil(FEWEST * rate);
  const int       span = (int)((LONGEST + COMPARED) * rate);
  const int       rows = n < span ? n : span;
  if (low < 1 || few < 1 || rows < low + few) {
    return none;
  }

  const float* const x              = pooled + (size_t)(n - rows) * DF_BANDS;
  double             mean[DF_BANDS] = {0.0};
  for (int t = 0; t < rows; ++t) {
    for (int c = 0; c < DF_BANDS; ++c) {
      mean[c] += (double)x[(size_t)t * DF_BANDS + (size_t)c] / rows;
    }
  }

  // Sums of squares over the rows that are compared; as the lag grows by a row
  // both lose and gain one at most
  df_recall best  = none;
  double    score = 0.0;
  double    aa    = 0.0;
  double    bb    = 0.0;
  for (int lag = low; lag <= (int)(LONGEST * rate) && lag + few <= rows;
       ++lag) {
    const int          w    = rows - lag < most ? rows - lag : most;
    const float* const now  = x + (size_t)(rows - w) * DF_BANDS;
    const float* const then = now - (size_t)lag * DF_BANDS;
    const double       ab   = product(now, then, mean, w);
    if (lag == low) {
      aa = product(now, now, mean, w);
      bb = product(then, then, mean, w);
    } else {
      const float* const past = x + (size_t)(rows - lag) * DF_BANDS;
      bb -= product(past, past, mean, 1);
      if (rows - lag < most) {
        aa -= product(now - DF_BANDS, now - DF_BANDS, mean, 1);
      } else {
        bb += product(then, then, mean, 1);
      }
    }

    // Below a hundredth of a nat in rms nothing happens that could repeat
    const double still = 1e-4 * DF_BANDS * w;
    if (!(aa > still && bb > still)) {
      continue;
    }
    const double r = ab / sqrt(aa * bb);
    if (isfinite(r) && r - PENALTY * lag / rate > score) {
      score = r - PENALTY * lag / rate;
      best  = (df_recall){lag, (float)fmin(r, 1.0)};
    }
  }
  return best;
}

int
df_recall_cover(const int lag, const int ahead)
{
  if (lag < 1) {
    return 0;
  }
  const int times = (ahead + lag - 1) / lag;
  return lag * (times > 1 ? times : 1);
}
