#include "core/stream/timing.h"

#include <math.h>

double
df_timing_fall(const int H, const double slope)
{
  return slope > 1.0 ? fmax(H / slope, 1.0) : H;
}

double
df_timing_left(const int     H,
               const double  slope,
               const int64_t r,
               const int64_t hop,
               const double  early)
{
  const int64_t block = slope > 1.0 ? r : r / H * H;
  const double  lag   = slope > 1.0 ? 0.0 : slope * (double)(r % H);
  return (double)(block - hop) + lag + early;
}

int
df_timing_level(const int     H,
                const double  slope,
                const int     K,
                const int64_t r,
                const int64_t hop,
                const double  early)
{
  const double left  = df_timing_left(H, slope, r, hop, early);
  const double share = (left - DF_TIMING_SLACK) / df_timing_fall(H, slope);
  return share >= 1.0 ? K : share <= 0.0 ? 0 : (int)ceil(share * K);
}
