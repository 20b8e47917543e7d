#include "core/audio/phase.h"

#include "core/audio/heap.h"
#include "core/base/rng.h"

#include <math.h>
#include <string.h>

#define TWO_PI 6.283185307179586476925286766559
#define GAMMA 0.25645        // of a Hann window, per window^2
#define TOLERANCE 6.9077553f // ln of 1e3: below the peak
#define LOUDEST 40.0f        // nat; keeps exp finite
#define LATER 1e3f           // taken off the keys of those that start anew
#define LEAST_SHARE 1e-4
#define MOMENTUM 0.99f
#define DRAWS UINT64_C(0x7068617365) // this room's stream of random numbers

struct df_phase {
  df_stft*    stft;
  int         window;
  int         hop;
  int         bins;
  int         most;
  float       floor;
  float*      s;       // [most+2, bins] row 0: the frame before; n+1: after
  float*      phi;     // [most+2, bins]
  char*       known;   // [most+2, bins] phi is set, or need not be
  float*      least;   // [most+2] bins below have no phase of their own
  df_heap     heap;    // each bin enters once known and at most once before
  float*      y;       // [(most-1) hop + window] sum of frames
  float*      context; // likewise: what the known frames of a fill add to it
  float*      lack;    // [window] 1 / share of a sample that has come by then
  df_complex* last;    // [most, bins] the projection before
  df_complex* frame;   // [bins]
};

df_status
df_phase_make(df_arena* const  arena,
              const int        window,
              const int        hop,
              const int        most,
              const float      floor,
              df_phase** const out)
{
  if (most < 1 || most > 4096) {
    return DF_E_ARG;
  }
  df_stft*        stft = NULL;
  const df_status made = df_stft_make(arena, window, hop, &stft);
  if (made != DF_OK) {
    return made;
  }
  const size_t bins   = (size_t)window / 2U + 1U;
  const size_t rows   = (size_t)most + 2U;
  const size_t length = ((size_t)most - 1U) * (size_t)hop + (size_t)window;
  df_phase     p      = {
             .stft    = stft,
             .window  = window,
             .hop     = hop,
             .bins    = (int)bins,
             .most    = most,
             .floor   = floor,
             .s       = DF_TAKE(arena, rows * bins, float),
             .phi     = DF_TAKE(arena, rows * bins, float),
             .known   = DF_TAKE(arena, rows * bins, char),
             .least   = DF_TAKE(arena, rows, float),
             .heap    = {DF_TAKE(arena, 2U * rows * bins, df_heap_item), 0U},
             .y       = DF_TAKE(arena, length, float),
             .context = DF_TAKE(arena, length, float),
             .lack    = DF_TAKE(arena, (size_t)window, float),
             .last    = DF_TAKE(arena, (size_t)most * bins, df_complex),
             .frame   = DF_TAKE(arena, bins, df_complex),
  };
  df_phase* const phase = DF_TAKE(arena, 1U, df_phase);
  if (!phase) {
    df_stft_free(stft);
    return df_arena_status(arena);
  }

  // Sample i of the last frame has come with weights g^2[m], m = i, i + hop,
  // ... and lacks those of m = i - hop, ...
  for (int i = 0; i < window; ++i) {
    double have = 0.0;
    double all  = 0.0;
    for (int m = i % hop; m < window; m += hop) {
      const double g = 0.5 - 0.5 * cos(TWO_PI * m / window);
      all += g * g;
      have += m >= i ? g * g : 0.0;
    }
    p.lack[i] = (float)(1.0 / fmax(have / all, LEAST_SHARE));
  }
  *phase = p;
  *out   = phase;
  return DF_OK;
}

void
df_phase_free(df_phase* const phase)
{
  if (phase) {
    df_stft_free(phase->stft);
  }
}

df_stft*
df_phase_stft(df_phase* const phase)
{
  return phase->stft;
}

/// Copy one row of log-magnitudes, made safe; returns its largest.
static float
take_row(const df_phase* const p, const float* const from, float* const to)
{
  float peak = p->floor;
  for (int k = 0; k < p->bins; ++k) {
    const float v = from[k] > p->floor ? from[k] : p->floor; // NaN: floor
    to[k]         = v < LOUDEST ? v : LOUDEST;
    peak          = to[k] > peak ? to[k] : peak;
  }
  return peak;
}

/// dphi/dk at row t between the rows first and last that hold magnitudes.
static float
along_bins(const df_phase* const p,
           const int             t,
           const int             first,
           const int             last,
           const int             k)
{
  const int    low   = t > first ? t - 1 : t;
  const int    high  = t < last ? t + 1 : t;
  const size_t bins  = (size_t)p->bins;
  const float  slope = high > low ? (p->s[(size_t)high * bins + (size_t)k] -
                                    p->s[(size_t)low * bins + (size_t)k]) /
                                     (float)(high - low)
                                  : 0.0f;
  return (float)(-GAMMA * p->window / p->hop) * slope;
}

/// dphi/dt at row t less 2 pi a k/M, which is the same for all rows.
static float
along_time(const df_phase* const p, const int t, const int k)
{
  const float* const s = p->s + (size_t)t * (size_t)p->bins;
  if (k < 1 || k > p->bins - 2) {
    return 0.0f;
  }
  return (float)(p->hop / (2.0 * GAMMA * p->window)) * (s[k + 1] - s[k - 1]);
}

/// Keep a phase small, so that its last digits stay.
static float
wrap(const float phi)
{
  return phi - (float)TWO_PI * rintf(phi * (float)(1.0 / TWO_PI));
}

/// Set a phase and let its neighbours know.
static void
settle(df_phase* const p, const int t, const int k, const float phi)
{
  const size_t at = (size_t)t * (size_t)p->bins + (size_t)k;
  p->phi[at]      = wrap(phi);
  p->known[at]    = 1;
  df_heap_push(&p->heap, p->s[at], (uint32_t)at);
}

/// Give the unknown neighbours of a known bin their phases.
static void
spread(df_phase* const p,
       const int       n,
       const int       first,
       const int       last,
       const uint32_t  at)
{
  const int         bins  = p->bins;
  const int         t     = (int)at / bins;
  const int         k     = (int)at % bins;
  const float       phi   = p->phi[at];
  const char* const known = p->known + at;
  const int   turn = (int)((int64_t)p->hop * k % p->window); // of a whole M
  const float step = (float)(TWO_PI * turn / p->window);

  if (t < n && !known[bins]) {
    const float d = along_time(p, t, k) + along_time(p, t + 1, k);
    settle(p, t + 1, k, phi + step + 0.5f * d);
  }
  if (t > 1 && !known[-bins]) {
    const float d = along_time(p, t, k) + along_time(p, t - 1, k);
    settle(p, t - 1, k, phi - step - 0.5f * d);
  }
  if (t < 1 || t > n) {
    return; // the frames around are known wholly
  }
  if (k + 1 < bins && !known[1]) {
    const float d =
      along_bins(p, t, first, last, k) + along_bins(p, t, first, last, k + 1);
    settle(p, t, k + 1, phi + 0.5f * d);
  }
  if (k > 0 && !known[-1]) {
    const float d =
      along_bins(p, t, first, last, k) + along_bins(p, t, first, last, k - 1);
    settle(p, t, k - 1, phi - 0.5f * d);
  }
}

/// Take a whole known frame as row t, its bins above the threshold as seeds.
static void
seed_row(df_phase* const p, const int t, const df_complex* const X)
{
  const size_t row = (size_t)t * (size_t)p->bins;
  for (int k = 0; k < p->bins; ++k) {
    const size_t at = row + (size_t)k;
    p->known[at]    = 1;
    if (p->s[at] > p->least[t]) {
      p->phi[at] = atan2f(X[k].im, X[k].re);
      df_heap_push(&p->heap, p->s[at], (uint32_t)at);
    }
  }
}

/// Queue all bins still unknown behind everything else; false if there are
/// none.
static bool
queue_rest(df_phase* const p, const int n)
{
  const size_t start = (size_t)p->bins;
  const size_t end   = start * (size_t)(n + 1);
  for (size_t at = start; at < end; ++at) {
    if (!p->known[at]) {
      df_heap_push(&p->heap, p->s[at] - LATER, (uint32_t)at);
    }
  }
  return p->heap.count > 0U;
}

void
df_phase_integrate(df_phase* const         phase,
                   const int               n,
                   const df_complex* const left,
                   const float* const      s,
                   const df_complex* const right,
                   const float* const      ahead,
                   const uint64_t          seed,
                   const int64_t           index,
                   df_complex* const       X)
{
  df_phase* const p     = phase;
  const int       bins  = p->bins;
  const size_t    width = (size_t)bins;
  const int       first = left ? 0 : 1;
  const int       last  = right || ahead ? n + 1 : n;
  float* const    after = p->s + (size_t)(n + 1) * width;

  // Log-magnitudes of all rows, and the threshold of each
  float before = p->floor;
  if (left) {
    df_stft_log(left, bins, p->floor, p->s);
    before = take_row(p, p->s, p->s);
  }
  p->least[0] = before - TOLERANCE;
  for (int t = 1; t <= n; ++t) {
    const size_t row  = (size_t)t * width;
    const float  peak = take_row(p, s + row - width, p->s + row);
    p->least[t]       = (peak > before ? peak : before) - TOLERANCE;
    before            = peak;
  }
  if (right) {
    df_stft_log(right, bins, p->floor, after);
    p->least[n + 1] = take_row(p, after, after) - TOLERANCE;
  } else if (ahead) {
    (void)take_row(p, ahead, after);
  }

  // Random where too soft to integrate
  for (int t = 1; t <= n; ++t) {
    df_rng rng = df_rng_make(seed, DRAWS, (uint64_t)(index + t - 1));
    for (int k = 0; k < bins; ++k) {
      const size_t at = (size_t)t * width + (size_t)k;
      p->known[at]    = !(p->s[at] > p->least[t] && p->s[at] > p->floor);
      if (p->known[at]) {
        p->phi[at] = (float)(TWO_PI * (df_rng_uniform(&rng) - 0.5));
      }
    }
  }

  p->heap.count = 0U;
  if (left) {
    seed_row(p, 0, left);
  }
  if (right) {
    seed_row(p, n + 1, right);
  }
  bool queued = false;
  for (;;) {
    if (!p->heap.count) {
      if (queued || !queue_rest(p, n)) {
        break;
      }
      queued = true;
    }
    const df_heap_item item = df_heap_pop(&p->heap);
    if (!p->known[item.at]) { // nothing reached it: starts anew
      p->phi[item.at]   = 0.0f;
      p->known[item.at] = 1;
    } else if (item.key < -LATER / 2.0f) {
      continue; // reached meanwhile
    }
    spread(p, n, first, last, item.at);
  }

  for (size_t i = 0; i < (size_t)n * width; ++i) {
    const size_t at = i + width;
    const float  a  = p->s[at] > p->floor ? expf(p->s[at]) : 0.0f;
    X[i].re         = a * cosf(p->phi[at]);
    X[i].im         = a * sinf(p->phi[at]);
  }
}

/// Set the magnitudes of n values of X.
static void
impose(const float* const a, df_complex* const X, const size_t n)
{
  for (size_t i = 0; i < n; ++i) {
    const float power = X[i].re * X[i].re + X[i].im * X[i].im;
    const bool  known = power > 1e-30f && power < 1e30f;
    const float scale = a[i] / sqrtf(known ? power : 1.0f);
    X[i].re           = known ? scale * X[i].re : a[i];
    X[i].im           = known ? scale * X[i].im : 0.0f;
  }
}

/// Add up the context and n frames into y.
static void
overlap(df_phase* const         p,
        const int               n,
        const float* const      fixed,
        const bool              open,
        const df_complex* const X)
{
  const int    start  = (n - 1) * p->hop; // of the last frame
  const size_t length = (size_t)(start + p->window);
  if (fixed) {
    memcpy(p->y, fixed, length * sizeof(float));
  } else {
    memset(p->y, 0, length * sizeof(float));
  }
  for (int t = 0; t < n; ++t) {
    df_stft_add(p->stft, X + (size_t)t * (size_t)p->bins, p->y + t * p->hop);
  }
  for (int i = 0; open && i < p->window; ++i) {
    p->y[start + i] *= p->lack[i];
  }
}

void
df_phase_refine(df_phase* const    phase,
                const int          n,
                const float* const s,
                const float* const fixed,
                const bool         open,
                const int          iterations,
                df_complex* const  X)
{
  df_phase* const p     = phase;
  const size_t    width = (size_t)p->bins;
  const size_t    count = (size_t)n * width;
  for (size_t t = 0; t < count; t += width) {
    (void)take_row(p, s + t, p->s + t);
  }
  for (size_t i = 0; i < count; ++i) {
    p->s[i] = p->s[i] > p->floor ? expf(p->s[i]) : 0.0f;
  }
  memcpy(p->last, X, count * sizeof(*X));
  for (int i = 0; i < iterations; ++i) {
    overlap(p, n, fixed, open, X);
    for (int t = 0; t < n; ++t) {
      df_complex* const to   = X + (size_t)t * width;
      df_complex* const last = p->last + (size_t)t * width;
      df_stft_analyse(p->stft, p->y + t * p->hop, p->frame);
      for (size_t k = 0; k < width; ++k) {
        const df_complex now = p->frame[k];
        to[k].re             = now.re + MOMENTUM * (now.re - last[k].re);
        to[k].im             = now.im + MOMENTUM * (now.im - last[k].im);
        last[k]              = now;
      }
    }
    impose(p->s, X, count);
  }
}

/// Add a known frame, `place` hops after the first one to fill, to the context.
static void
surround(df_phase* const p, const int n, const int place, const df_complex* X)
{
  const int64_t offset = (int64_t)place * p->hop;
  const int64_t length = (int64_t)(n - 1) * p->hop + p->window;
  if (offset <= -p->window || offset >= length) {
    return;
  }
  memset(p->y, 0, (size_t)p->window * sizeof(float));
  df_stft_add(p->stft, X, p->y);
  for (int i = 0; i < p->window; ++i) {
    if (offset + i >= 0 && offset + i < length) {
      p->context[offset + i] += p->y[i];
    }
  }
}

void
df_phase_fill(df_phase* const    phase,
              const int          before,
              const int          n,
              const int          after,
              const float* const s,
              const int          iterations,
              const uint64_t     seed,
              const int64_t      index,
              df_complex* const  X)
{
  df_phase* const   p     = phase;
  const size_t      width = (size_t)p->bins;
  df_complex* const fill  = X + (size_t)before * width;
  df_complex* const next  = fill + (size_t)n * width;
  df_phase_integrate(p,
                     n,
                     before ? fill - width : NULL,
                     s,
                     after ? next : NULL,
                     NULL,
                     seed,
                     index,
                     fill);

  memset(p->context, 0, (size_t)((n - 1) * p->hop + p->window) * sizeof(float));
  for (int t = 0; t < before; ++t) {
    surround(p, n, t - before, X + (size_t)t * width);
  }
  for (int t = 0; t < after; ++t) {
    surround(p, n, n + t, next + (size_t)t * width);
  }
  df_phase_refine(p, n, s, p->context, !after, iterations, fill);
}
