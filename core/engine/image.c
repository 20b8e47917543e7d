#include "core/engine/image.h"

#include <math.h>
#include <string.h>

// Lowest cut in Hz; each is an octave above the one before
#define LOWEST 180.0

// Seconds over which the picture is followed
#define SPAN 0.5

// Most that a side is louder than what the engine heard: sides of opposite sign
// leave nothing in the middle
#define MOST 4.0f

// Seconds over which it is followed what is the louder
#define TURN 0.1

// By so much, in power, the middle or the difference must be the louder to be
// what the engine hears from now on: 6 dB
#define LOUDER 4.0f

// Mean square below which a band is silent, and stays in the middle
#define SILENT 1e-12f

enum { LL, RR, MM, LM, RM };

df_image
df_image_make(const double rate)
{
  df_image image;
  memset(&image, 0, sizeof(image));
  for (int b = 0; b < DF_IMAGE_BANDS; ++b) {
    const double angle  = 6.283185307179586 * LOWEST * (double)(1 << b) / rate;
    image.cut[b]        = (float)(1.0 - exp(-angle));
    image.gain[0][0][b] = 1.0f;
    image.gain[0][1][b] = 1.0f;
    image.gain[1][0][b] = 1.0f;
    image.gain[1][1][b] = -1.0f;
  }
  return image;
}

// Part a sample by the filters of one state
static void
part(const df_image* const image,
     float* const          low,
     const float           x,
     float* const          bands)
{
  float rest = x;
  for (int b = 0; b + 1 < DF_IMAGE_BANDS; ++b) {
    low[b] += image->cut[b] * (rest - low[b]);
    bands[b] = low[b];
    rest -= low[b];
  }
  bands[DF_IMAGE_BANDS - 1] = rest;
}

void
df_image_hear(df_image* const image, const float left, const float right)
{
  float l[DF_IMAGE_BANDS];
  float r[DF_IMAGE_BANDS];
  part(image, image->low[0], left, l);
  part(image, image->low[1], right, r);
  for (int b = 0; b < DF_IMAGE_BANDS; ++b) {
    const float m = 0.5f * (l[b] + r[b]);
    image->sum[LL][b] += l[b] * l[b];
    image->sum[RR][b] += r[b] * r[b];
    image->sum[MM][b] += m * m;
    image->sum[LM][b] += l[b] * m;
    image->sum[RM][b] += r[b] * m;
  }
}

// Level and sign of a side: its power, its product with what the engine heard,
// and the power of that
static float
gain(const float side, const float product, const float heard)
{
  return copysignf(fminf(sqrtf(side / heard), MOST), product);
}

void
df_image_step(df_image* const image, const double seconds)
{
  const float keep       = (float)exp(-seconds / SPAN);
  const float hold       = (float)exp(-seconds / TURN);
  float       middle     = 0.0f;
  float       difference = 0.0f;
  for (int b = 0; b < DF_IMAGE_BANDS; ++b) {
    const float sides = 0.5f * (image->sum[LL][b] + image->sum[RR][b]);
    float       mean[5];
    middle += image->sum[MM][b];
    difference += sides - image->sum[MM][b];
    for (int k = 0; k < 5; ++k) {
      image->mean[k][b] = keep * image->mean[k][b] + image->sum[k][b];
      mean[k]           = image->mean[k][b];
    }
    const bool heard     = mean[MM] > SILENT;
    image->gain[0][0][b] = heard ? gain(mean[LL], mean[LM], mean[MM]) : 1.0f;
    image->gain[0][1][b] = heard ? gain(mean[RR], mean[RM], mean[MM]) : 1.0f;
    // With D = (L - R) / 2: DD = (LL + RR) / 2 - MM, LD = LL - LM, RD = RM - RR
    const float dd       = 0.5f * (mean[LL] + mean[RR]) - mean[MM];
    const float ld       = mean[LL] - mean[LM];
    const float rd       = mean[RM] - mean[RR];
    const bool  apart    = dd > SILENT;
    image->gain[1][0][b] = apart ? gain(mean[LL], ld, dd) : 1.0f;
    image->gain[1][1][b] = apart ? gain(mean[RR], rd, dd) : -1.0f;
  }
  image->loud[0] = hold * image->loud[0] + middle;
  image->loud[1] = hold * image->loud[1] + difference;
  if (image->loud[!image->opposed] > LOUDER * image->loud[image->opposed]) {
    image->opposed = !image->opposed;
  }
  memset(image->sum, 0, sizeof(image->sum));
}

void
df_image_place(df_image* const image,
               const float     share,
               const float     x,
               float* const    y)
{
  float bands[DF_IMAGE_BANDS];
  part(image, image->low[2], x, bands);
  y[0] = 0.0f;
  y[1] = 0.0f;
  for (int b = 0; b < DF_IMAGE_BANDS; ++b) {
    for (int c = 0; c < 2; ++c) {
      const float middle     = image->gain[0][c][b];
      const float difference = image->gain[1][c][b];
      y[c] += (middle + share * (difference - middle)) * bands[b];
    }
  }
}
