#include "core/engine/carry.h"

#include "core/audio/bridge.h"
#include "core/tensor/kernels.h"

#include <math.h>
#include <string.h>

// The predictor fitted on the spot
#define SHORT_ORDER 32
#define SHORT_CONTEXT 1024

// Seconds, but no more samples, that the long one has to predict well
#define TEST 0.005
#define TEST_MOST 512

// Error of the prediction against the sound, in power: 6 dB
#define POOR 0.25f

// The difference of two lines is looked at where it is louder than their sum by
// this, in power: 6 dB
#define OPPOSED 4.0f

// Seconds until either has died away; the second half of it fades
#define LONG_LIFE 0.1
#define SHORT_LIFE 0.02

// Poles of the short one are drawn in by this: rounded coefficients of a dull
// sound may else lie outside the unit circle
#define DAMPING 0.99f

// A carried sample stays within this many times the peak before the loss
#define HEADROOM 1.5f

// A predictor, its coefficients in the order of time: oldest sample first
typedef struct {
  float a[DF_CARRY_ORDER];
  int   order;
} predictor;

struct df_carry {
  const df_kernels* kernels;
  df_bridge*        bridge;
  double            rate;
  int               test;  // Samples
  bool              trust; // In the long one
  float             limit; // Of a carried sample
  predictor         far;
  predictor         near;
  float             fitted[SHORT_ORDER];
  float mid[DF_CARRY_PAST]; // Mean of the lines, or half their difference
};

df_status
df_carry_make(df_arena* const arena, const double rate, df_carry** const out)
{
  df_bridge*      bridge = NULL;
  df_carry* const self   = DF_TAKE(arena, 1U, df_carry);
  const df_status status =
    df_bridge_make(arena, SHORT_CONTEXT, SHORT_ORDER, 0, &bridge);
  if (status || !self) {
    return status ? status : df_arena_status(arena);
  }
  const double test = TEST * rate;
  self->kernels     = df_kernels_best();
  self->bridge      = bridge;
  self->rate        = rate;
  self->test        = test < TEST_MOST ? (int)test : TEST_MOST;
  df_carry_reset(self);
  *out = self;
  return DF_OK;
}

static void
tell(predictor* const p, const float* const a, const int order)
{
  p->order = order;
  for (int k = 0; k < order; ++k) {
    p->a[k] = a[order - 1 - k];
  }
}

void
df_carry_reset(df_carry* const self)
{
  self->trust      = false;
  self->limit      = 0.0f;
  self->far.order  = 0;
  self->near.order = 0;
}

void
df_carry_tell(df_carry* const self, const float* const a, const int order)
{
  tell(&self->far, a, order);
}

static float
predict(const df_carry* const self, const predictor* const p, const float* line)
{
  const float y =
    p->order ? self->kernels->dot(p->a, line - p->order, (size_t)p->order)
             : 0.0f;
  return fminf(fmaxf(y, -self->limit), self->limit);
}

// Whether the long predictor would have found the newest samples
static bool
is_good(df_carry* const self)
{
  float        truth[TEST_MOST];
  float* const end   = self->mid + DF_CARRY_PAST;
  float* const begin = end - self->test;
  float        sound = 0.0f;
  float        error = 0.0f;
  memcpy(truth, begin, (size_t)self->test * sizeof(float));
  for (int i = 0; i < self->test; ++i) {
    begin[i]      = predict(self, &self->far, begin + i);
    const float d = begin[i] - truth[i];
    sound += truth[i] * truth[i];
    error += d * d;
  }
  return error <= POOR * sound;
}

void
df_carry_begin(df_carry* const           self,
               const float* const* const lines,
               const int                 channels)
{
  const float* const a    = lines[0] - DF_CARRY_PAST;
  const float* const b    = lines[channels - 1] - DF_CARRY_PAST;
  float              peak = 0.0f;
  float              sum  = 0.0f;
  float              side = 0.0f;
  for (int i = 0; i < DF_CARRY_PAST; ++i) {
    sum += (a[i] + b[i]) * (a[i] + b[i]);
    side += (a[i] - b[i]) * (a[i] - b[i]);
    peak = fmaxf(peak, fmaxf(fabsf(a[i]), fabsf(b[i])));
  }
  const float sign = side > OPPOSED * sum ? -1.0f : 1.0f;
  for (int i = 0; i < DF_CARRY_PAST; ++i) {
    self->mid[i] = 0.5f * (a[i] + sign * b[i]);
  }
  self->limit = HEADROOM * peak;
  const int order =
    df_bridge_fit(self->bridge, self->mid, DF_CARRY_PAST, self->fitted);
  float damping = 1.0f;
  for (int k = 0; k < order; ++k) {
    damping *= DAMPING;
    self->fitted[k] *= damping;
  }
  tell(&self->near, self->fitted, order);
  self->trust = is_good(self);
}

bool
df_carry_good(const df_carry* const self)
{
  return self->trust;
}

// Share of the carried sound that is left at an age
static float
fade(const double age, const double life)
{
  return age < 0.5 * life ? 1.0f : (float)(2.0 - 2.0 * age / life);
}

float
df_carry_next(const df_carry* const self,
              const float* const    line,
              const int64_t         age)
{
  const double life = (self->trust ? LONG_LIFE : SHORT_LIFE) * self->rate;
  if ((double)age >= life) {
    return 0.0f;
  }
  const predictor* const p    = self->trust ? &self->far : &self->near;
  const float            left = fade((double)age, life);
  if (left >= 1.0f) {
    return predict(self, p, line);
  }
  // Predicted from the sound as it were without its fade: a predictor of faded
  // sound, all its coefficients smaller, may not be stable
  float past[DF_CARRY_ORDER];
  for (int i = 0; i < p->order; ++i) {
    const int back = p->order - i;
    past[i]        = line[-back] * left / fade((double)(age - back), life);
  }
  return predict(self, p, past + p->order);
}
